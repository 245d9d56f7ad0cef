"""The schedule that triage runs by, and whether it still does: it is what dies silently (field study, C35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from automation.core.bootstrap.schedule import GROUP_VARIABLE
from automation.core.configuration import ScheduleSettings
from automation.core.doctor.check import Check, at, broken, fine, hidden, listing
from automation.core.doctor.project import LEFT_OVER, matching_branches
from automation.core.doctor.tokens import name_role
from automation.core.installation import PastRun, ProjectFacts, ProtectedBranch, Schedule, Seen, Unseen
from automation.core.model import Member
from automation.core.people import is_token_account
from automation.core.schedules import TRIAGE_SCHEDULE, branch_of, is_same_zone, judge_pulse, parse_timetable
from automation.core.words import quote

_PAGE = "Build › Pipeline schedules"
_DEVELOPER = 30
# A server looks for due schedules every ten minutes; later than this it does not come any more.
_LATE = timedelta(hours=1)
_BAD = ("failed", "canceled", "skipped")


def judge_schedule(
    schedule: Seen[Schedule | None],
    settings: ScheduleSettings,
    facts: ProjectFacts,
    members: Seen[Sequence[Member]],
    branches: Seen[tuple[ProtectedBranch, ...]],
    now: datetime,
    group: str = "",
) -> tuple[Check, ...]:
    """Judge the schedule of triage: there, active, as configured, and owned by somebody who can run it and stays.

    *schedule* is None where the project has none; *group* is "" where the handovers are in the project itself.
    """
    if isinstance(schedule, Unseen):
        return (hidden("schedule", "Schedule", "The pipeline schedules", schedule),)
    if schedule is None:
        told = f"There is no schedule {quote(TRIAGE_SCHEDULE)}: nobody judges a handover by the clock."
        return (broken("schedule", "Schedule", told, "handover bootstrap --apply"),)
    return (
        _judge_active(schedule),
        *_judge_place(schedule, facts.default_branch),
        _judge_cron(schedule, settings),
        _judge_owner(schedule, members, _least_level(facts.default_branch, branches)),
        *_judge_next(schedule, now),
        *_judge_left_over(schedule),
        *_judge_group(schedule, group),
    )


def _where(schedule: Schedule) -> str:
    return f"{_PAGE} › {quote(schedule.description)}"


def _judge_active(schedule: Schedule) -> Check:
    if schedule.is_active:
        return fine("schedule-active", "Schedule", f"The schedule {quote(schedule.description)} is active.")
    told = f"The schedule {quote(schedule.description)} is switched off."
    repair = f"{_where(schedule)} › Edit: tick Activated (if you may not edit it, Take ownership first)."
    return broken("schedule-active", "Schedule", told, repair)


def _judge_place(schedule: Schedule, branch: str) -> Iterator[Check]:
    if branch and branch_of(schedule) != branch:
        told = f"The schedule runs on {quote(branch_of(schedule))}; triage runs on the default branch, {quote(branch)}."
        yield broken("schedule-branch", "Schedule", told, f"{_where(schedule)} › Edit › Target branch: {branch}.")


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


def _judge_owner(schedule: Schedule, members: Seen[Sequence[Member]], least: int) -> Check:
    """Judge the owner: GitLab runs a schedule with the rights of that account, and stops when it is gone."""
    owner = schedule.owner
    take = f"{_where(schedule)} › Take ownership: as a person or service account that stays and may merge there."
    if owner is None:
        return broken("schedule-owner", "Schedule", "The schedule has no owner: GitLab does not run it.", take)
    name = f"@{owner.username}"
    if is_token_account(owner.username):
        told = f"The schedule belongs to {name}, the account of an access token: it stops when that expires."
        return broken("schedule-owner", "Schedule", told, take)
    if isinstance(members, Unseen):
        return hidden("schedule-owner", "Schedule", f"Whether its owner {name} may run it", members)
    member = next((each for each in members if each.username.casefold() == owner.username.casefold()), None)
    if member is None:
        return broken("schedule-owner", "Schedule", f"Its owner {name} is no member of the project any more.", take)
    if not member.is_active:
        return broken("schedule-owner", "Schedule", f"Its owner {name} is blocked: GitLab does not run it.", take)
    role = name_role(member.access_level)
    if member.access_level < least:
        told = f"Its owner {name} has the role {role}; pipelines of that branch need {name_role(least)}."
        return broken("schedule-owner", "Schedule", told, take)
    return fine("schedule-owner", "Schedule", f"It belongs to {name}, role {role}, a member who may run it.")


def _least_level(branch: str, branches: Seen[tuple[ProtectedBranch, ...]]) -> int:
    """Return the least role that may start pipelines of the branch: who may push or merge there, else Developer."""
    found = () if isinstance(branches, Unseen) else matching_branches(branches, branch)
    levels = [level for each in found for level in (each.pushers, each.mergers) if level]
    return max(_DEVELOPER, min(levels, default=_DEVELOPER))


def _judge_next(schedule: Schedule, now: datetime) -> Iterator[Check]:
    if schedule.next_run_at is None or not schedule.is_active:
        return
    told = f"The next run is due on {at(schedule.next_run_at)}."
    if schedule.next_run_at + _LATE >= now:
        yield fine("schedule-next-run", "Schedule", told)
        return
    told = f"A run was due on {at(schedule.next_run_at)}, and GitLab did not start it."
    repair = f"{_where(schedule)} › ▶ shows why: an owner who is blocked, or a .gitlab-ci.yml that is invalid."
    yield broken("schedule-next-run", "Schedule", told, repair)


def _judge_left_over(schedule: Schedule) -> Iterator[Check]:
    for key in schedule.variables or ():
        if key in LEFT_OVER:
            told = f"{key} was left in the schedule's variables: {LEFT_OVER[key]}."
            yield broken("schedule-variables", "Schedule", told, f"{_where(schedule)} › Edit: delete {key}.")


def _judge_group(schedule: Schedule, group: str) -> Iterator[Check]:
    if not group or schedule.variables is None:
        return
    found = schedule.variables.get(GROUP_VARIABLE, "")
    if found != group:
        told = (
            f"The schedule's variable {GROUP_VARIABLE} is {quote(found) if found else 'missing'}, not {quote(group)}."
        )
        yield broken("schedule-variables", "Schedule", told, f"handover bootstrap --apply --group {group}")


# --- does it live? ----------------------------------------------------------------------------------------------------


def judge_runs(schedule: Seen[Schedule | None], runs: Seen[tuple[PastRun, ...]], now: datetime) -> tuple[Check, ...]:
    """Judge the last run and the last success of triage; *runs* are the newest first, back to the last success."""
    if isinstance(schedule, Unseen):
        return (hidden("triage-last-success", "Triage", "When triage last succeeded", schedule),)
    if isinstance(runs, Unseen):
        return (hidden("triage-last-success", "Triage", "When triage last succeeded", runs),)
    if schedule is None:
        return ()
    return (*_judge_last_run(runs), _judge_last_success(schedule, runs, now))


def _judge_last_run(runs: tuple[PastRun, ...]) -> Iterator[Check]:
    if runs and runs[0].ended_at is None:
        told = f"The last run, of {at(runs[0].created_at)}, is {quote(runs[0].status)}."
        if runs[0].status in _BAD:
            repair = f"Look why: {runs[0].web_url or 'Build › Pipelines'}"
            yield broken("triage-last-run", "Triage", told, repair)
        else:
            yield fine("triage-last-run", "Triage", told)


def _judge_last_success(schedule: Schedule, runs: tuple[PastRun, ...], now: datetime) -> Check:
    last = max((each.ended_at for each in runs if each.ended_at is not None), default=None)
    pulse = judge_pulse(schedule, last, now)
    since = f"Triage last succeeded on {at(last)}" if last else "Triage has never succeeded by this schedule"
    if pulse.trouble is not None:
        told = f"{since}; when it is due cannot be made out from {quote(f'{schedule.cron} {schedule.time_zone}')}."
        return Check("triage-last-success", "Triage", "hidden", told, needs="a cron and a time zone that can be read")
    if pulse.is_dead:
        told = f"{since}: more than twice its interval ago." if last else f"{since}, made on {at(schedule.created_at)}."
        return broken("triage-last-success", "Triage", told, _revive(schedule, runs))
    if last is None:
        first = f" Its first run is due on {at(schedule.next_run_at)}." if schedule.next_run_at else ""
        return fine("triage-last-success", "Triage", f"Triage has not run yet.{first}")
    return fine("triage-last-success", "Triage", f"{since}.")


def _revive(schedule: Schedule, runs: tuple[PastRun, ...]) -> str:
    if not schedule.is_active:
        return f"{_where(schedule)} › Edit: tick Activated."
    if runs and runs[0].status in _BAD:
        return f"Look why the runs fail: {runs[0].web_url or 'Build › Pipelines'}"
    return f"{_where(schedule)} › ▶, and look at the pipeline that it starts, or at why it starts none."


def say_dead(schedule: Schedule | None, last: datetime | None) -> str:
    """Say that the schedule died, the same words until it lives again: for the issue that calls operations."""
    if schedule is None:
        told = f'There is no pipeline schedule "{TRIAGE_SCHEDULE}" any more.'
        repair = "handover bootstrap --apply makes it."
    else:
        since = f"last succeeded on {at(last)}" if last else f"has never succeeded since {at(schedule.created_at)}"
        told = f'The pipeline schedule "{listing([schedule.description])}" {since}.'
        repair = f"{_PAGE}: is it active, is its owner still there, does ▶ start a pipeline? handover doctor says more."
    lost = "Limits and reminders are told by the scheduled run only: until it works, nobody is warned."
    return f"{told}\n{lost}\n{repair}"
