"""Say in plain words what a change of .gitlab/handover.yml means: who may act where, who is away, what the bot does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from automation.core.changes.model import Change, gained, listed, quoted
from automation.core.configuration import Configuration
from automation.core.model import Process
from automation.core.role_names import role_name
from automation.core.workdays import Absence, Calendar

Namer = Callable[[str], str]


def compare_configurations(old: Configuration, new: Configuration, processes: Iterable[Process]) -> tuple[Change, ...]:
    """Say what changes for people; roles are called as the lines of *processes* call them."""
    known = tuple(processes)

    def name(role: str) -> str:
        named = (each for each in known if any(field.role == role for field in each.fields.values()))
        return role_name(next(named, None), role)

    found = (
        *_roles(old, new, name),
        *_territories(old, new, name),
        *_absences(old, new),
        *_calendars(old, new),
        *_operations(old, new),
    )
    return (*(Change(said) for said in found), *_settings(old, new))


def _roles(old: Configuration, new: Configuration, name: Namer) -> Iterator[str]:
    for role in dict.fromkeys((*new.roles, *old.roles)):
        before, after = old.roles.get(role), new.roles.get(role)
        was, now = _holders(before), _holders(after)
        for who in gained(was, now):
            yield f"{who} may now act as {name(role)}."
        for who in gained(now, was):
            yield f"{who} may no longer act as {name(role)}."


def _holders(found: Any) -> list[str]:
    return [*found.users, *(f"Every member of the group {group}" for group in found.groups)] if found else []


def _territories(old: Configuration, new: Configuration, name: Namer) -> Iterator[str]:
    for territory in dict.fromkeys((*new.territories, *old.territories)):
        before, after = old.territories.get(territory, {}), new.territories.get(territory, {})
        for role in dict.fromkeys((*after, *before)):
            if role not in before:
                yield f"In {territory} only {listed(after[role])} may act as {name(role)}."
            elif role not in after:
                yield f"In {territory} whoever has the role may act as {name(role)}, not {listed(before[role])} alone."
            else:
                yield from (
                    f"{who} may now act as {name(role)} in {territory}." for who in gained(before[role], after[role])
                )
                yield from (
                    f"{who} may no longer act as {name(role)} in {territory}."
                    for who in gained(after[role], before[role])
                )


def _absences(old: Configuration, new: Configuration) -> Iterator[str]:
    before, after = old.calendars.away, new.calendars.away
    for person in dict.fromkeys((*after, *before)):
        was, now = before.get(person, ()), after.get(person, ())
        for each in gained(was, now):
            stands_in = f"; {each.deputy} stands in" if each.deputy else ", and nobody stands in"
            yield f"{person} is away {_span(each)}{stands_in}."
        gone = [each for each in gained(now, was) if all(_span(each) != _span(other) for other in now)]
        yield from (f"{person} is no longer away {_span(each)}." for each in gone)


def _span(absence: Absence) -> str:
    return f"from {absence.first} to {absence.last}"


def _calendars(old: Configuration, new: Configuration) -> Iterator[str]:
    before, after = old.calendars, new.calendars
    if before.default != after.default:
        yield f"Working days are those of {_place(after.default)}, for everybody who has no calendar of their own."
    for person in dict.fromkeys((*after.own, *before.own)):
        was, now = before.own.get(person, before.default), after.own.get(person, after.default)
        if was != now and (was, now) != (before.default, after.default):
            yield f"The working days of {person} are those of {_place(now)} instead of {_place(was)}."


def _place(calendar: Calendar) -> str:
    region = f"-{calendar.region}" if calendar.region else ""
    return f"{calendar.country}{region} in the time zone {calendar.time_zone}"


def _operations(old: Configuration, new: Configuration) -> Iterator[str]:
    for who in gained(old.operations, new.operations):
        yield f"{who} is told when the automation needs help."
    for who in gained(new.operations, old.operations):
        yield f"{who} is no longer told when the automation needs help."


# --- what the bot does ------------------------------------------------------------------------------------------------


def _settings(old: Configuration, new: Configuration) -> Iterator[Change]:
    for say, is_setup, of in _SETTINGS:
        before, after = of(old), of(new)
        if before != after:
            yield Change(say(before, after), is_setup=is_setup)
    for person in sorted({*old.addresses, *new.addresses}):
        if old.addresses.get(person) != new.addresses.get(person):
            yield Change(f"Letters take another mail address for {person}.")


def _switch(yes: str, no: str) -> Callable[[Any, Any], str]:
    return lambda _, after: yes if after else no


def _hours(hours: Any) -> str:
    return f"from {hours[0]:%H:%M} to {hours[1]:%H:%M}" if hours else "there were no quiet hours"


def _quiet(hours: Any) -> str:
    return f"Nobody is pinged {_hours(hours)}" if hours else "There are no quiet hours any more"


def _cron(found: tuple[str, str]) -> str:
    return f"{quoted(found[0])} ({found[1]})"


def _links(before: Any, after: Any) -> str:
    more, less = gained(before, after), gained(after, before)
    said = [f"may link to {listed(more)} as well"] if more else []
    said += [f"may no longer link to {listed(less, 'or')}"] if less else []
    return f"Letters {listed(said) or 'may link to the same hosts'}."


def _drafts(_: Any, after: str) -> str:
    where = {"internal": "as internal notes", "comment": "as comments that every member reads"}
    return f"Drafts of letters are posted {where[after]}." if after in where else "Drafts of letters are not posted."


_SETTINGS: tuple[tuple[Callable[[Any, Any], str], bool, Callable[[Configuration], Any]], ...] = (
    (
        lambda before, after: f"Triage runs by the schedule {_cron(after)} instead of {_cron(before)}.",
        True,
        lambda each: (each.schedule.cron, each.schedule.time_zone),
    ),
    (
        _switch(
            "Triage runs at once when somebody ticks or comments.", "Triage no longer runs at once, but by schedule."
        ),
        True,
        lambda each: each.schedule.at_once,
    ),
    (
        lambda before, after: f"{_quiet(after)}; until now {_hours(before)}.",
        False,
        lambda each: each.quiet_hours,
    ),
    (
        _switch("The bot closes a handover when all is done.", "The bot no longer closes handovers."),
        False,
        lambda each: each.may_close,
    ),
    (
        _switch("The bot assigns the issue to whoever must act.", "The bot no longer assigns the issue."),
        False,
        lambda each: each.may_assign,
    ),
    (
        _switch("The bot sets the due date.", "The bot no longer sets the due date."),
        False,
        lambda each: each.may_set_due_date,
    ),
    (
        lambda before, after: (
            f"A run stops when it would move back more than {after:.0%} of the handovers; until now {before:.0%}."
        ),
        False,
        lambda each: each.moved_back_share,
    ),
    (
        lambda before, after: f"The bot writes at most {after} comments to an issue a day instead of {before}.",
        False,
        lambda each: each.comments_per_issue_and_day,
    ),
    (
        lambda before, after: f"The bot pings a person at most {after} times a day instead of {before}.",
        False,
        lambda each: each.pings_per_person_and_day,
    ),
    (_links, False, lambda each: each.letters.allowed_links),
    (_drafts, False, lambda each: each.letters.draft),
    (
        lambda _, after: f"Letters are filed in Gainsight {'by another address' if after else 'no longer'}.",
        False,
        lambda each: each.letters.gainsight_bcc,
    ),
)
