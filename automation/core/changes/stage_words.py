"""Say in plain words what becomes of a stage, and of a process as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from automation.core.changes.model import Pair, gained, listed, quoted
from automation.core.model import Process
from automation.core.pages.demands import Demands, Rule, read_demands
from automation.core.role_names import role_names


def say_stage(pair: Pair, aspect: str) -> str:
    """Say what changes in one aspect of a stage, by the names of `read_rules`."""
    sayer = _OF_STAGES.get(aspect)
    title = quoted(pair.new.schema["properties"][pair.name]["title"])
    return sayer(title, pair) if sayer is not None else f"A rule of {title} changes."


def say_process(pair: Pair, aspect: str) -> str:
    """Say what changes for a process as a whole."""
    if aspect == "weeks":
        before, after = (_weeks_of_all(each) for each in (pair.before, pair.after))
        return f"The whole process may take {after} instead of {before}."
    if aspect == "activity named in":
        return "The issue names its activity in another line."
    return _stages(pair)


def say_conditions(old: Process, new: Process) -> tuple[str, ...]:
    """Say which lines and boxes are needed under other conditions, and what else is checked.

    Returns:
        One sentence a difference; () where none of them has words.
    """
    before, after = read_demands(old), read_demands(new)
    names = [name for name in (*new.fields, *new.items) if name in old.fields or name in old.items]
    said = [_need(new, name, before, after) for name in names if before.when(name) != after.when(name)]
    checks = _checks(before), _checks(after)
    said += [f"Checked from now on: {each}." for each in gained(*checks)]
    said += [f"No longer checked: {each}." for each in gained(*reversed(checks))]
    return tuple(each for each in said if each)


def _need(process: Process, name: str, before: Demands, after: Demands) -> str:
    if name in before.always or name in after.always:
        return ""
    subject = f"Box {name}" if name in process.items else f"The line {quoted(process.fields[name].title)}"
    if not after.when(name):
        return f"{subject} is no longer needed when {listed(before.when(name), 'or')}."
    until_now = f"; until now when {listed(before.when(name), 'or')}" if before.when(name) else ""
    return f"{subject} is needed when {listed(after.when(name), 'or')}{until_now}."


def _checks(demands: Demands) -> list[str]:
    rules: list[Rule] = [rule for found in demands.rules.values() for rule in found]
    return [f"when {each.when}, {each.says}" if each.when else each.says for each in rules]


def _stages(pair: Pair) -> str:
    come, gone = gained(pair.before, pair.after), gained(pair.after, pair.before)
    said = [f"new: {listed([_title(pair.new, each) for each in come])}"] if come else []
    said += [f"no longer there: {listed([_title(pair.old, each) for each in gone])}"] if gone else []
    order = ", ".join(_title(pair.new, each) for each in pair.after)
    return (
        f"The stages change ({'; '.join(said)}). In order: {order}."
        if said
        else f"The stages have another order: {order}."
    )


def _title(process: Process, key: str) -> str:
    return quoted(process.schema["properties"][key]["title"])


def _who(process: Process, roles: Any) -> str:
    return listed(role_names(process, roles or ()), "and")


def _responsible(title: str, pair: Pair) -> str:
    return f"{title} is now the work of {_who(pair.new, pair.after)} instead of {_who(pair.old, pair.before)}."


def _accountable(title: str, pair: Pair) -> str:
    return f"{_who(pair.new, pair.after)} now answers for {title} instead of {_who(pair.old, pair.before)}."


def _sends_back(title: str, pair: Pair) -> str:
    if pair.after is None:
        return f"A handover in {title} can no longer be sent back."
    return f"A handover in {title} can be sent back to {_title(pair.new, pair.after)}."


def _due(title: str, pair: Pair) -> str:
    before, after = (json.loads(each) if each else {} for each in (pair.before, pair.after))
    days = before.get("working_days"), after.get("working_days")
    said = []
    if days[0] != days[1]:
        said.append(_days(title, *days))
    if before.get("calendar_of") != after.get("calendar_of") and days[1]:
        whose = _who(pair.new, [after["calendar_of"]]) if "calendar_of" in after else "whoever does the work"
        said.append(f"The working days of {title} are counted in the calendar of {whose}.")
    return " ".join(said) or f"The limit of {title} changes."


def _days(title: str, before: int | None, after: int | None) -> str:
    if after is None:
        return f"{title} has no limit of {before} working days any more."
    if before is None:
        return f"{title} may take {after} working days; until now it had no such limit."
    return f"{title} may take {after} instead of {before} working days."


def _weeks(title: str, pair: Pair) -> str:
    before, after = (
        (f"weeks {each[0]} to {each[1]}" if each[0] != each[1] else f"week {each[0]}")
        if each
        else "no week in particular"
        for each in (pair.before, pair.after)
    )
    return f"{title} belongs in {after} of the process instead of {before}."


def _weeks_of_all(about: str | None) -> str:
    weeks = json.loads(about) if about else None
    return f"{weeks['min']} to {weeks['max']} weeks" if weeks else "any time"


def _follows(title: str, pair: Pair) -> str:
    if pair.after:
        return f"Who works in {title} follows from the activity that the issue names."
    return f"Who works in {title} no longer follows from the activity that the issue names."


def _answer(title: str, pair: Pair) -> str:
    before, after = (f"box {each}" if each else "no box" for each in (pair.before, pair.after))
    return f"A handover that was sent back to {title} is answered by {after} instead of {before}."


_OF_STAGES: Mapping[str, Callable[[str, Pair], str]] = {
    "responsible": _responsible,
    "accountable": _accountable,
    "sends back to": _sends_back,
    "follows activity": _follows,
    "due": _due,
    "weeks": _weeks,
    "answer to a return": _answer,
}
