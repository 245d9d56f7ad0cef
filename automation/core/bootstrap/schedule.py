"""The pipeline schedule that runs triage: made, repaired where it is ours, reported where it is another person's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from automation.core.bootstrap.steps import (
    Change,
    ChangeSchedule,
    Home,
    MakeSchedule,
    Plan,
    Remark,
    SetScheduleVariable,
    Step,
)
from automation.core.configuration import ScheduleSettings
from automation.core.installation import ProjectFacts, Schedule, Unseen
from automation.core.model import User
from automation.core.people import is_token_account
from automation.core.schedules import TRIAGE_SCHEDULE, branch_of, is_same_zone
from automation.core.words import quote

GROUP_VARIABLE = "HANDOVER_GROUP"
_KEY = "schedule"
_WHAT = f"schedule {TRIAGE_SCHEDULE}"
_WHERE = "Build › Pipeline schedules"


@dataclass(frozen=True, slots=True)
class WantedSchedule:
    """``variables`` are those that it must have; others stay as they are."""

    ref: str
    settings: ScheduleSettings
    variables: Mapping[str, str]


def plan_schedule(home: Home, settings: ScheduleSettings, group: str, me: User) -> Plan:
    """Plan the schedule of *home*, which has a default branch; *group* is "" where the project itself is judged.

    Only its owner can change a schedule, and it runs with the owner's rights (facts, section 11.2).
    """
    if isinstance(home.schedules, Unseen):
        message = _unseen(home.facts, home.schedules)
        return Plan(remarks=(Remark(home.place, message, is_gap=True),))
    wanted = WantedSchedule(home.facts.default_branch, settings, {GROUP_VARIABLE: group} if group else {})
    ours = [each for each in home.schedules if _has_our_name(each)]
    ours.sort(key=lambda each: (not each.is_active, each.id))
    found = ours[0] if ours else _renamed(home.schedules, wanted, me)
    remarks = [Remark(home.place, message) for message in _remarks(home, wanted, found, len(ours), me)]
    return Plan(tuple(_steps(home, wanted, found, me)), tuple(remarks))


def _unseen(facts: ProjectFacts, schedules: Unseen) -> str:
    if not facts.has_pipelines:
        return (
            "CI/CD is switched off in the project, so there is no schedule: switch it on under Settings › General ›"
            " Visibility, project features, permissions, then run this again."
        )
    return f"The pipeline schedules cannot be seen with this token: that needs the role {schedules.needs}."


def _renamed(schedules: Iterable[Schedule], wanted: WantedSchedule, me: User) -> Schedule | None:
    """Return the one schedule that is ours in all but its description, None where there is none or several."""
    alike = [each for each in schedules if _is_mine(each, me) and not any(_changes(wanted, each, but_name=True))]
    return alike[0] if len(alike) == 1 else None


def _steps(home: Home, wanted: WantedSchedule, found: Schedule | None, me: User) -> Iterator[Step]:
    if found is None:
        made = MakeSchedule(TRIAGE_SCHEDULE, wanted.ref, wanted.settings.cron, wanted.settings.time_zone)
        yield Step(_KEY, home.place, _WHAT, made, True, tuple(_content(wanted)))
    elif not _is_mine(found, me):
        return
    elif changes := tuple(_changes(wanted, found)):
        work = ChangeSchedule(found.id, {each.name: each.after for each in changes})
        yield Step(f"change of {_KEY}", home.place, _WHAT, work, False, changes)
    if home.facts.variables_role == "no_one_allowed":
        return
    for change in _variable_changes(wanted, found):
        value = str(change.after)
        variable = SetScheduleVariable(found.id if found else 0, change.name, value, change.before is None)
        what = f"variable {change.name}"
        key = f"{_KEY} {what}"
        yield Step(key, home.place, what, variable, change.before is None, (change,), (_KEY,), _WHAT)


def _content(wanted: WantedSchedule) -> Iterator[Change]:
    yield Change("ref", None, wanted.ref)
    yield Change("cron", None, wanted.settings.cron)
    yield Change("cron_timezone", None, wanted.settings.time_zone)


def _changes(wanted: WantedSchedule, found: Schedule, but_name: bool = False) -> Iterator[Change]:
    if not but_name and not _has_our_name(found):
        yield Change("description", found.description, TRIAGE_SCHEDULE)
    if branch_of(found) != wanted.ref:
        yield Change("ref", branch_of(found), wanted.ref)
    if found.cron.split() != wanted.settings.cron.split():
        yield Change("cron", found.cron, wanted.settings.cron)
    if not is_same_zone(found.time_zone, wanted.settings.time_zone):
        yield Change("cron_timezone", found.time_zone, wanted.settings.time_zone)
    if not found.is_active:
        yield Change("active", False, True)


def _variable_changes(wanted: WantedSchedule, found: Schedule | None) -> Iterator[Change]:
    """Yield the variables that are missing or differ; where they cannot be seen, nothing is known of them."""
    there = {} if found is None else found.variables
    if there is not None:
        for key, value in wanted.variables.items():
            if there.get(key) != value:
                yield Change(key, there.get(key), value)


def _is_mine(found: Schedule, me: User) -> bool:
    return found.owner is not None and found.owner.id == me.id


def _has_our_name(found: Schedule) -> bool:
    return found.description.strip().casefold() == TRIAGE_SCHEDULE.casefold()


# --- what is left to people -------------------------------------------------------------------------------------------


def _remarks(home: Home, wanted: WantedSchedule, found: Schedule | None, count: int, me: User) -> Iterator[str]:
    if count > 1:
        yield f"{count} schedules are called {quote(TRIAGE_SCHEDULE)}: delete all but one, under {_WHERE}."
    yield from _running_beside(home, wanted, found)
    if found is not None and not _is_mine(found, me):
        yield from _not_mine(wanted, found)
    if wanted.variables and home.facts.variables_role == "no_one_allowed" and any(_variable_changes(wanted, found)):
        yield (
            f"The project lets nobody give variables to a schedule, and {GROUP_VARIABLE} must be in it: set Settings ›"
            " CI/CD › Variables › Minimum role to use pipeline variables to Maintainer, then run this again."
        )
    if found is not None:
        yield from _group_variable(wanted, found)


def _running_beside(home: Home, wanted: WantedSchedule, found: Schedule | None) -> Iterator[str]:
    """Name the other schedules on the default branch: whatever it is there for, each runs triage."""
    schedules = () if isinstance(home.schedules, Unseen) else home.schedules
    for each in schedules:
        if each != found and each.is_active and branch_of(each) == wanted.ref and not _has_our_name(each):
            yield (
                f"The schedule {quote(each.description)} runs on {quote(wanted.ref)} too, and every schedule there runs"
                f" triage. If it does nothing else, delete it under {_WHERE}; {quote(TRIAGE_SCHEDULE)} is enough."
            )


def _group_variable(wanted: WantedSchedule, found: Schedule) -> Iterator[str]:
    there = found.variables
    if wanted.variables and there is None:
        yield (
            f"Whether {GROUP_VARIABLE} of the schedule is {quote(wanted.variables[GROUP_VARIABLE])} cannot be seen with"
            " this token: its owner sees it."
        )
    if not wanted.variables and there is not None and there.get(GROUP_VARIABLE):
        group = quote(there[GROUP_VARIABLE])
        yield (
            f"The schedule has the variable {GROUP_VARIABLE} = {group}, so it judges the handovers of that group, not"
            f" those of this project. Take the variable away under {_WHERE} › Edit; or, if the group is right, run this"
            " with --group."
        )


def _not_mine(wanted: WantedSchedule, found: Schedule) -> Iterator[str]:
    owner = quote(f"@{found.owner.username}") if found.owner else "nobody any more"
    take = f"press Take ownership under {_WHERE}"
    differing = [_in_words(each) for each in (*_changes(wanted, found), *_variable_changes(wanted, found))]
    if differing:
        told = f"The schedule belongs to {owner} and differs: {'; '.join(differing)}. To have it repaired, {take}"
        yield f"{told}, then run this again."
    elif found.owner is None:
        yield f"The schedule belongs to {owner}, so it does not run: {take}, then run this again."
    elif not is_token_account(found.owner.username):
        yield f"The schedule belongs to {owner} and is as it should be. To change it later, {take}."
    if found.owner is not None and is_token_account(found.owner.username):
        told = f"The schedule belongs to {owner}, the account of a token: it stops with the token. To keep it, {take}"
        yield f"{told}, then run this again."


def _in_words(change: Change) -> str:
    if change.name == "active":
        return "it is not active"
    now = "missing" if change.before is None else quote(change.before)
    return f"{change.name} is {now}, and should be {quote(change.after)}"
