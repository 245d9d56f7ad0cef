"""The schedule that triage runs by: is it there, as configured, and owned by somebody who can run it and stays?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from automation.core.bootstrap.schedule import GROUP_VARIABLE
from automation.core.configuration import ScheduleSettings
from automation.core.doctor.check import Check, at, broken, fine, hidden, listing
from automation.core.doctor.owner import judge_owner, least_level
from automation.core.doctor.variables import LEFT_OVER
from automation.core.installation import ProjectFacts, ProtectedBranch, Schedule, Seen, Unseen
from automation.core.model import Member
from automation.core.schedules import (
    TRIAGE_SCHEDULE,
    branch_of,
    find_triage_schedule,
    is_same_zone,
    is_triage_schedule,
    parse_timetable,
)
from automation.core.words import quote

PAGE = "Build › Pipeline schedules"
# A server looks for due schedules every ten minutes; later than this it does not come any more.
_LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Around:
    """What a schedule is judged against. ``members`` are those of the project.

    ``group`` is "" where the handovers are in the project itself.
    """

    settings: ScheduleSettings
    facts: ProjectFacts
    members: Seen[Sequence[Member]]
    branches: Seen[tuple[ProtectedBranch, ...]]
    group: str = ""


def judge_schedule(schedules: Seen[tuple[Schedule, ...]], around: Around, now: datetime) -> tuple[Check, ...]:
    """Judge the schedule of triage: there once, active, as configured, and owned by somebody who may run it."""
    if isinstance(schedules, Unseen):
        return (hidden("schedule", "Schedule", "The pipeline schedules", schedules),)
    schedule = find_triage_schedule(schedules)
    if schedule is None:
        return (_judge_missing(schedules, around.group),)
    branch = around.facts.default_branch
    take = f"{where(schedule)} › Take ownership: as a person or service account that stays and may merge there."
    least = least_level(branch, around.branches)
    return (
        *_judge_number(schedules),
        _judge_active(schedule),
        *_judge_place(schedule, branch),
        _judge_cron(schedule, around.settings),
        judge_owner("schedule-owner", "Schedule", "the schedule", schedule.owner, around.members, least, take),
        *_judge_next(schedule, now),
        *_judge_left_over(schedule),
        *_judge_group(schedule, around.group),
    )


def where(schedule: Schedule) -> str:
    """Say where a person finds the schedule."""
    return f"{PAGE} › {quote(schedule.description)}"


def _judge_missing(schedules: tuple[Schedule, ...], group: str) -> Check:
    told = f"There is no schedule {quote(TRIAGE_SCHEDULE)}: nobody judges a handover by the clock."
    repair = f"handover bootstrap --apply{f' --group {group}' if group else ''}"
    if schedules:
        told = f"{told} There are: {listing(quote(each.description) for each in schedules)}."
        repair = f"If one of them runs triage, call it {quote(TRIAGE_SCHEDULE)}; else {repair}"
    return broken("schedule", "Schedule", told, repair)


def _judge_number(schedules: tuple[Schedule, ...]) -> Iterator[Check]:
    active = [each for each in schedules if is_triage_schedule(each) and each.is_active]
    if len(active) > 1:
        told = f"{len(active)} active schedules are called {quote(TRIAGE_SCHEDULE)}: each does the work again."
        yield broken("schedule-twice", "Schedule", told, f"{PAGE}: delete all but one.")


def _judge_active(schedule: Schedule) -> Check:
    if schedule.is_active:
        return fine("schedule-active", "Schedule", f"The schedule {quote(schedule.description)} is active.")
    told = f"The schedule {quote(schedule.description)} is switched off."
    repair = f"{where(schedule)} › Edit: tick Activated (if you may not edit it, Take ownership first)."
    return broken("schedule-active", "Schedule", told, repair)


def _judge_place(schedule: Schedule, branch: str) -> Iterator[Check]:
    if branch and branch_of(schedule) != branch:
        told = f"The schedule runs on {quote(branch_of(schedule))}; triage runs on the default branch, {quote(branch)}."
        yield broken("schedule-branch", "Schedule", told, f"{where(schedule)} › Edit › Target branch: {branch}.")


def _judge_cron(schedule: Schedule, settings: ScheduleSettings) -> Check:
    written = f"{quote(schedule.cron)} in the time zone {quote(schedule.time_zone)}"
    wanted = f"{quote(settings.cron)} in {quote(settings.time_zone)}"
    repair = "handover bootstrap --apply sets it; or write under `schedule` in .gitlab/handover.yml what is right."
    if schedule.cron.split() != settings.cron.split() or not is_same_zone(schedule.time_zone, settings.time_zone):
        told = f"The schedule runs at {written}; .gitlab/handover.yml says {wanted}."
        return broken("schedule-cron", "Schedule", told, repair)
    trouble = parse_timetable(schedule.cron, schedule.time_zone)
    if trouble == "cron":
        repair = "Write another `cron` under `schedule` in .gitlab/handover.yml, then handover bootstrap --apply."
        return broken("schedule-cron", "Schedule", f"When {written} is due cannot be made out.", repair)
    return fine("schedule-cron", "Schedule", f"It runs at {written}, as configured.")


def _judge_next(schedule: Schedule, now: datetime) -> Iterator[Check]:
    if not schedule.is_active:
        return
    if schedule.next_run_at is None:
        told = "GitLab has planned no next run of the schedule."
        yield broken("schedule-next-run", "Schedule", told, f"{where(schedule)} › Edit › Save changes plans it anew.")
    elif schedule.next_run_at + _LATE < now:
        told = f"A run was due on {at(schedule.next_run_at)}, and GitLab did not start it."
        repair = f"{where(schedule)} › ▶ shows why: an owner who is blocked, or a .gitlab-ci.yml that is invalid."
        yield broken("schedule-next-run", "Schedule", told, repair)
    elif schedule.next_run_at < now:
        told = f"A run is due since {at(schedule.next_run_at)}; GitLab starts it within the hour."
        yield fine("schedule-next-run", "Schedule", told)
    else:
        yield fine("schedule-next-run", "Schedule", f"The next run is due on {at(schedule.next_run_at)}.")


def _judge_left_over(schedule: Schedule) -> Iterator[Check]:
    for key in schedule.variables or ():
        if key in LEFT_OVER:
            told = f"{key} was left in the schedule's variables: {LEFT_OVER[key]}."
            yield broken("schedule-variables", "Schedule", told, f"{where(schedule)} › Edit: delete {key}.")


def _judge_group(schedule: Schedule, group: str) -> Iterator[Check]:
    if schedule.variables is None:
        return
    found = schedule.variables.get(GROUP_VARIABLE, "")
    if not group and found:
        told = f"This schedule judges the group {quote(found)}, and you look at this project alone."
        repair = f"Add --group {found} here; or, if that is wrong, {where(schedule)} › Edit: delete {GROUP_VARIABLE}."
        yield broken("schedule-variables", "Schedule", told, repair)
    elif found != group:
        told = (
            f"The schedule's variable {GROUP_VARIABLE} is {quote(found) if found else 'missing'}, not {quote(group)}."
        )
        yield broken("schedule-variables", "Schedule", told, f"handover bootstrap --apply --group {group}")
