"""What a process asks for, and when: the required and the conditional parts of its schema, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automation.core.model import Item, Process, Stage
from automation.core.pages.conditions import Condition, Joined, UnsayableError, both, deny, parse_condition, say

UNSAID = "a condition of the schema holds"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule beyond "this line is needed when": ``when`` it holds ("": always), what it ``says``, and why."""

    when: str
    says: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Demands:
    """``always`` are the codes and keys that are needed in any case, ``sometimes`` the others with their conditions.

    A condition that cannot be said is None. ``rules`` is what else is checked, by section, "" for what is across them.
    """

    always: frozenset[str]
    sometimes: Mapping[str, tuple[Condition | None, ...]]
    rules: Mapping[str, tuple[Rule, ...]]

    def when(self, name: str) -> tuple[str, ...]:
        """Return the conditions under which a box or a line is needed, in words; () where it always or never is."""
        return _in_words(self.sometimes.get(name, ()))

    def of_stage(self, process: Process, stage: Stage) -> tuple[str, ...]:
        """Return the conditions under which a stage asks for anything, in words; () where it always does."""
        names = [each for each in (*process.fields, *process.items) if _section(process, each) in stage.sections]
        if not self.always.isdisjoint(names):
            return ()
        return _in_words(tuple(when for name in names for when in self.sometimes.get(name, ())))


def _in_words(conditions: Sequence[Condition | None]) -> tuple[str, ...]:
    """Say conditions of which any is enough; one that only adds to another goes without saying."""
    known = [each for each in conditions if each is not None]
    widest = [each for each in known if not any(_parts(other) < _parts(each) for other in known)]
    return tuple(dict.fromkeys([*map(say, widest), *([UNSAID] if None in conditions else [])]))


def _parts(condition: Condition) -> frozenset[Condition]:
    return frozenset(condition.parts if isinstance(condition, Joined) and not condition.is_any else (condition,))


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of the schema of a section ("": of all), and when it holds, None where that cannot be said."""

    section: str
    when: Condition | None
    schema: Mapping[str, Any]


def read_demands(process: Process) -> Demands:
    """Read what each section of *process* asks for, from all places where its schema says so."""
    always: set[str] = set()
    sometimes: dict[str, list[Condition | None]] = {}
    rules: dict[str, list[Rule]] = {}
    for clause in _clauses(process):
        for name in _needed(process, clause.schema):
            if clause.when == Joined(()):
                always.add(name)
            else:
                sometimes.setdefault(name, []).append(clause.when)
        if clause.schema is not process.schema["properties"].get(clause.section):
            rules.setdefault(clause.section, []).extend(_rules(process, clause))
    return Demands(
        always=frozenset(always),
        sometimes={name: tuple(found) for name, found in sometimes.items() if name not in always},
        rules={section: tuple(dict.fromkeys(found)) for section, found in rules.items()},
    )


def _clauses(process: Process) -> Iterator[_Clause]:
    sections: Mapping[str, Any] = process.schema["properties"]
    for section, schema in sections.items():
        yield from _spread(process, section, Joined(()), schema)
    for when, schema in _branches(process, Joined(()), process.schema):
        if schema is not process.schema:
            yield _Clause("", when, {key: schema[key] for key in ("not", "anyOf", "x-hint") if key in schema})
            for section, part in schema.get("properties", {}).items():
                yield from _spread(process, section, when, part)


def _spread(process: Process, section: str, when: Condition | None, schema: Mapping[str, Any]) -> Iterator[_Clause]:
    for condition, part in _branches(process, when, schema):
        yield _Clause(section, condition, part)


def _branches(
    process: Process, when: Condition | None, schema: Mapping[str, Any]
) -> Iterator[tuple[Condition | None, Mapping[str, Any]]]:
    """Yield *schema* and all that hangs on its conditions, each with the condition under which it holds."""
    yield when, schema
    for each in schema.get("allOf", ()):
        yield from _branches(process, when, each)
    for key in ("then", "else"):
        if key in schema:
            yield from _branches(process, _narrowed(process, when, schema["if"], is_met=key == "then"), schema[key])


def _narrowed(process: Process, when: Condition | None, test: Mapping[str, Any], *, is_met: bool) -> Condition | None:
    try:
        met = parse_condition(test, process)
        return None if when is None else both(when, met if is_met else deny(met))
    except UnsayableError:
        return None


def _needed(process: Process, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what *schema* itself requires: fields, and boxes that it, or the section, does not leave open."""
    for name in schema.get("required", ()):
        item = process.items.get(name)
        own = process.schema["properties"][item.section]["properties"][name] if item is not None else {}
        if name in process.fields or _is_asked(own) or _is_asked(schema.get("properties", {}).get(name, {})):
            yield name


def _is_asked(about: Mapping[str, Any]) -> bool:
    """Tell whether a part of a schema wants a box to be ticked, or marked as not applicable."""
    return about.get("x-kind") in ("done", "done-or-not-applicable")


def may_be_left_out(process: Process, item: Item) -> bool:
    """Tell whether a box may be marked as not applicable, wherever the schema asks for it."""
    return "done-or-not-applicable" in _kinds(process.schema, item.code)


def _kinds(value: Any, code: str) -> set[str]:
    """Return which of the dialect's definitions a schema gives to a box, at any place."""
    if isinstance(value, list):
        return {kind for each in value for kind in _kinds(each, code)}
    if not isinstance(value, Mapping):
        return set()
    about = value.get(code)
    own = {str(about.get("x-kind", ""))} if isinstance(about, Mapping) else set()
    return own | {kind for each in value.values() for kind in _kinds(each, code)}


def _rules(process: Process, clause: _Clause) -> Iterator[Rule]:
    """Yield what a clause says beyond which lines it needs; where it cannot be said, its hint says it."""
    properties = {name: about for name, about in clause.schema.get("properties", {}).items() if not _is_asked(about)}
    rest = {key: about for key, about in clause.schema.items() if key in ("not", "anyOf")}
    rest |= {"properties": properties, "required": list(properties)} if properties else {}
    if not rest:
        return
    hint = " ".join(str(each["x-hint"]) for each in (clause.schema, *properties.values()) if "x-hint" in each)
    try:
        says = say(parse_condition(rest, process))
    except UnsayableError:
        says, hint = hint or "more is checked", ""
    yield Rule(UNSAID if clause.when is None else say(clause.when), says, hint)


def _section(process: Process, name: str) -> str:
    return process.items[name].section if name in process.items else process.fields[name].section
