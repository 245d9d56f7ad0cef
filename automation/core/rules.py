"""Can the rules of a schema be carried out? Names that lead nowhere would quietly switch off a gate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from automation.core.model import Process
from automation.core.validity import is_conditional

_SUBSCHEMAS = ("if", "then", "else", "not")
_LISTS_OF_SUBSCHEMAS = ("allOf", "anyOf", "oneOf")
Place = tuple[str, ...]
Found = tuple[Place, str]


def judge_rules(process: Process) -> Iterator[Found]:
    """Find rules about nothing, and boxes without a rule; each with its place in the schema and what to write."""
    stages = [stage.key for stage in process.stages]
    for key, section in process.schema["properties"].items():
        place = ("properties", key)
        gate = section.get("x-gate")
        if gate is not None and gate not in stages:
            yield (*place, "x-gate"), f"there is no stage `{gate}`; write one of: {', '.join(stages)}."
        yield from _judge_section(place, section, set(section.get("properties", {})))
        yield from _judge_required(process, place, key, _required(section) | _required_from_root(process, key))
    for where, condition in _conditions(process.schema):
        yield from _judge_across((where,), condition, process.schema["properties"])
    yield from _judge_conditional(process)
    yield from _judge_patterns((), process.schema)
    roles = {field.role for field in process.fields.values()}
    for key in stages:
        calendar = process.schema["properties"][key]["x-stage"].get("due", {}).get("calendar_of")
        if calendar is not None and calendar not in roles:
            yield ("properties", key, "x-stage", "due"), f"the role `{calendar}` has no field with `x-role`."


def _judge_conditional(process: Process) -> Iterator[Found]:
    """Find boxes that no condition ever makes done, and returns that only a conditional box could answer."""
    asked = _boxes_made_done(process.schema)
    for code, item in process.items.items():
        place = ("properties", item.section, "properties", code)
        if is_conditional(process, item) and code not in asked:
            message = (
                f"nothing ever asks for the box {code}: make it `done` here or, with `required`, under a condition."
            )
            yield place, message
    for stage in process.stages:
        boxes = [
            each for each in process.items.values() if each.section == stage.sends_back_to and not each.is_forbidden
        ]
        if boxes and is_conditional(process, boxes[-1]):
            place = ("properties", stage.key, "x-stage", "sends_back_to")
            yield place, f"the last box of `{stage.sends_back_to}` answers a return, so it cannot be a conditional one."


def _boxes_made_done(schema: Any) -> set[str]:
    """Return the boxes that some condition makes done and requires at the same time."""
    if isinstance(schema, list):
        return {code for each in schema for code in _boxes_made_done(each)}
    if not isinstance(schema, Mapping):
        return set()
    parts = schema.get("properties", {})
    here = {
        code
        for code in schema.get("required", ())
        if isinstance(parts.get(code), Mapping) and parts[code].get("x-kind") in ("done", "done-or-not-applicable")
    }
    return here | {code for each in schema.values() for code in _boxes_made_done(each)}


def _judge_required(process: Process, place: Place, section: str, required: set[str]) -> Iterator[Found]:
    for code, item in process.items.items():
        if item.section != section or item.is_advisory:
            continue
        if item.is_forbidden and code in required:
            yield (*place, "required"), f"the box {code} records what is banned, so it cannot be required."
        elif not item.is_forbidden and code not in required:
            yield (*place, "required"), f"the box {code} gates nothing: add it to `required`, or make it advisory."


def _judge_section(place: Place, schema: Mapping[str, Any], known: set[str]) -> Iterator[Found]:
    """Find names in the conditions of a section that the section does not have."""
    for where, sub in _conditions(schema):
        for name in sorted(_names(sub) - known):
            yield (*place, where), f"`{name}` is not defined in this section."


def _judge_across(place: Place, condition: Mapping[str, Any], sections: Mapping[str, Any]) -> Iterator[Found]:
    """Find names in a condition at the top of the schema, which speaks of sections and of what is in them."""
    for key in sorted({*condition.get("properties", ()), *condition.get("required", ())} - set(sections)):
        yield place, f"there is no section `{key}`."
    for key, part in condition.get("properties", {}).items():
        for name in sorted(_names(part) - set(sections.get(key, {}).get("properties", ()))) if key in sections else ():
            yield (*place, "properties", key), f"`{name}` is not defined in the section `{key}`."
    for where, deeper in _conditions(condition):
        yield from _judge_across((*place, where), deeper, sections)


def _conditions(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key in _SUBSCHEMAS:
        if isinstance(schema.get(key), Mapping):
            yield key, schema[key]
    for key in _LISTS_OF_SUBSCHEMAS:
        yield from ((key, each) for each in schema.get(key, ()) if isinstance(each, Mapping))


def _names(schema: Mapping[str, Any]) -> set[str]:
    """Return every name that a condition speaks of, at its own level."""
    names = {*schema.get("properties", ()), *schema.get("required", ())}
    for _, sub in _conditions(schema):
        names |= _names(sub)
    return names


def _required(schema: Mapping[str, Any]) -> set[str]:
    """Return every name that a schema may require, under whatever condition."""
    names = set(schema.get("required", ()))
    for _, sub in _conditions(schema):
        names |= _required(sub)
    return names


def _required_from_root(process: Process, section: str) -> set[str]:
    names: set[str] = set()
    waiting = [condition for _, condition in _conditions(process.schema)]
    while waiting:
        condition = waiting.pop()
        names |= _required(condition.get("properties", {}).get(section, {}))
        waiting += [deeper for _, deeper in _conditions(condition)]
    return names


def _judge_patterns(place: Place, value: Any) -> Iterator[Found]:
    if isinstance(value, Mapping):
        pattern = value.get("pattern")
        if isinstance(pattern, str):
            try:
                re.compile(pattern)
            except re.error as error:
                yield (*place, "pattern"), f"the pattern of {'.'.join(place)} cannot be read: {error}."
        for key, each in value.items():
            yield from _judge_patterns((*place, key), each)
