"""Say in plain words what becomes of a line that people fill in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from automation.core.changes.model import Pair, gained, listed, quoted
from automation.core.model import Field, Process
from automation.core.role_names import role_name

_KINDS = {
    "date": "a date",
    "date-or-never": "a date, or the word never",
    "link": "a link",
    "link-or-none": "a link, or the word none",
}
_SPANS = {
    "integer": ("minimum", "maximum", ""),
    "string": ("minLength", "maxLength", " characters"),
    "array": ("minItems", "maxItems", " entries"),
}
_TYPES = {"integer": "a number", "string": "a text", "array": "a list"}


def say_line(pair: Pair, aspect: str) -> str:
    """Say what changes in one aspect of a line, by the names of `read_rules`."""
    sayer = _SAYERS.get(aspect)
    return f"The line {_title(pair)} {sayer(pair) if sayer is not None else 'has another rule'}."


def say_new_line(process: Process, key: str, *, is_required: bool) -> str:
    """Say what a line that was not there before asks for."""
    field = process.fields[key]
    need = "must be filled in" if is_required else "may stay blank"
    banned = [quoted(each) for each in field.forbidden_values]
    ban = f"; it must not say {listed(banned, 'or')}" if banned else ""
    return f"The line {quoted(field.title)} is new, and {need}: {_describe(process, field)}{ban}."


def _title(pair: Pair) -> str:
    return quoted(pair.old.fields[pair.name].title)


def _section(pair: Pair) -> str:
    parts = [
        process.schema["properties"][process.fields[pair.name].section]["title"] for process in (pair.old, pair.new)
    ]
    return f"moves from {quoted(parts[0])} to {quoted(parts[1])}"


def _renamed(pair: Pair) -> str:
    return f"is now called {quoted(pair.new.fields[pair.name].title)}; handovers under way have it by its old name"


def _required(pair: Pair) -> str:
    return "becomes required" if pair.after else "is no longer required"


def _role(pair: Pair) -> str:
    before, after = (role_name(None, each) if each else "nobody in particular" for each in (pair.before, pair.after))
    return f"names {after} instead of {before}"


def _held_by(pair: Pair) -> str:
    field = pair.new.fields[pair.name]
    return f"may name whoever holds the role {role_name(None, field.held_by or field.role)}"


def _others(pair: Pair) -> str:
    more = [quoted(pair.new.fields[each].title) for each in gained(pair.before, pair.after) if each in pair.new.fields]
    less = [quoted(pair.old.fields[each].title) for each in gained(pair.after, pair.before) if each in pair.old.fields]
    said = [f"must name somebody else than {listed(more, 'and')}"] if more else []
    said += [f"may name the same person as {listed(less, 'or')}"] if less else []
    return listed(said) or "must name other people"


def _any_holder(pair: Pair) -> str:
    return "may stay blank: any holder of the role may sign" if pair.after else "decides who may sign, nobody else may"


def _not_before(pair: Pair) -> str:
    more = [_name(pair.new, each) for each in gained(pair.before, pair.after)]
    less = [_name(pair.old, each) for each in gained(pair.after, pair.before)]
    said = [f"must not lie before {listed(more)}"] if more else []
    said += [f"may lie before {listed(less, 'or')}"] if less else []
    return listed(said)


def _forbidden(pair: Pair) -> str:
    more, less = gained(pair.before, pair.after), gained(pair.after, pair.before)
    said = [f"must not say {listed([quoted(each) for each in more], 'or')}"] if more else []
    said += [f"may say {listed([quoted(each) for each in less], 'or')}"] if less else []
    return listed(said)


def _values(pair: Pair) -> str:
    before, after = pair.old.fields[pair.name], pair.new.fields[pair.name]
    come, gone = gained(before.choices, after.choices), gained(after.choices, before.choices)
    if before.choices and after.choices and (come or gone):
        said = [f"may also say {listed([quoted(each) for each in come], 'or')}"] if come else []
        said += [f"may no longer say {listed([quoted(each) for each in gone], 'or')}"] if gone else []
        return listed(said)
    was, becomes = _describe(pair.old, before), _describe(pair.new, after)
    return f"must be {becomes} instead of {was}" if was != becomes else "is held to another length or form"


def _describe(process: Process, field: Field) -> str:
    """Describe what a line takes: "a number from 30 to 60"."""
    about: Mapping[str, Any] = process.schema["properties"][field.section]["properties"][field.key]
    if field.role:
        return f"a {role_name(None, field.role)}"
    if about.get("x-kind") in _KINDS:
        return _KINDS[about["x-kind"]]
    if "enum" in about:
        return listed([quoted(each) for each in about["enum"]], "or")
    least, most, unit = _SPANS.get(about.get("type", ""), ("", "", ""))
    span = _span(about.get(least), about.get(most), unit)
    pattern = f" of a fixed form ({json.dumps(about['pattern'], ensure_ascii=False)})" if "pattern" in about else ""
    return f"{_TYPES.get(about.get('type', ''), 'a text')}{span}{pattern}"


def _span(least: int | None, most: int | None, unit: str) -> str:
    if most is None:
        return f" of at least {least}{unit}" if least is not None and (least > 1 or not unit) else ""
    if least == most:
        return f" of {most}{unit}"
    return f" of {least or 0} to {most}{unit}"


def _name(process: Process, name: str) -> str:
    return (
        f"box {name}"
        if name in process.items
        else quoted(process.fields[name].title if name in process.fields else name)
    )


_SAYERS: Mapping[str, Callable[[Pair], str]] = {
    "part": _section,
    "title": _renamed,
    "required": _required,
    "role": _role,
    "held by": _held_by,
    "others": _others,
    "any holder": _any_holder,
    "not before": _not_before,
    "forbids": _forbidden,
    "values": _values,
}
