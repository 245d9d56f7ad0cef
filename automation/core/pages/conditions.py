"""Say the conditions of a schema in words: {"properties": {"health": {"const": "Red"}}} -> "Health is Red"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automation.core.model import Field, Process

# Keywords that restrict nothing beyond what the field itself says.
_SILENT = frozenset({"$comment", "x-hint", "x-source", "x-kind", "title", "description", "type"})
_KINDS = {
    "date": ("a date", "no date"),
    "date-or-never": ("a date or never", "neither a date nor never"),
    "link": ("a link", "no link"),
    "link-or-none": ("a link or none", "neither a link nor none"),
}
_STATES = {
    "done": ("is ticked", "is not ticked"),
    "waived": ("is waived", "is not waived"),
    "open": ("is open", "is not open"),
    "not-applicable": ("is not applicable", "is applicable"),
}
_PATTERNS = {
    r"\S": ("is filled in", "is blank"),
    ".": ("is filled in", "is blank"),
    "^https?://": ("is a link", "is no link"),
}
_ONE_WORD = r"[^\\\[\](){}.*+?|^$]+"
_LITERAL = re.compile(rf"(\^?)(?:\(({_ONE_WORD}(?:\|{_ONE_WORD})*)\)|({_ONE_WORD}))(\$?)")
_EITHER_CASE = re.compile(r"\[([A-Z])([a-z])\]")


class UnsayableError(Exception):
    """This part of a schema has no words here."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about one line or box: how it is said, and how its contrary is."""

    said: str
    denied: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Several statements of which all must hold, or any; without any part it always holds."""

    parts: tuple[Condition, ...]
    is_any: bool = False


Condition = Fact | Joined


def say(condition: Condition) -> str:
    """Say a condition as one sentence without its full stop; "" for one that always holds."""
    if isinstance(condition, Fact):
        return condition.said
    # What is joined in the other way stands last, so that nobody reads it with the wrong neighbour.
    parts = sorted(condition.parts, key=lambda part: isinstance(part, Joined))
    is_nested = any(isinstance(part, Joined) for part in parts)
    if condition.is_any:
        return (", or " if is_nested else " or ").join(dict.fromkeys(say(part) for part in parts))
    said = (f"either {say(part)}" if isinstance(part, Joined) else say(part) for part in parts)
    return " and ".join(dict.fromkeys(said))


def named(words: Any) -> str:
    """Name a line or a value, in quotes where it is more than one word."""
    return f"“{words}”" if " " in str(words) else str(words)


def listed(words: Sequence[str], last: str = "or") -> str:
    """Join words as in "A, B or C"."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def deny(condition: Condition) -> Condition:
    """Return the contrary of a condition.

    Raises:
        UnsayableError: it always holds, so that its contrary never does.
    """
    if isinstance(condition, Fact):
        return Fact(condition.denied, condition.said)
    if not condition.parts:
        raise UnsayableError
    return _join([deny(part) for part in condition.parts], is_any=not condition.is_any)


def both(*conditions: Condition) -> Condition:
    """Return what holds where all of *conditions* do."""
    return _join(conditions)


def parse_condition(schema: Mapping[str, Any], process: Process) -> Condition:
    """Read a condition at the top of a schema, or of one of its sections.

    Names are unique in a process, so that a name alone tells what is meant.

    Raises:
        UnsayableError: it uses something that has no words here.
    """
    required, properties = schema.get("required", ()), schema.get("properties", {})
    parts = [_about(name, about, process, is_required=name in required) for name, about in properties.items()]
    parts += [_filled(process.fields[name]) for name in required if name in process.fields and name not in properties]
    parts += list(_nested(schema, lambda each: parse_condition(each, process)))
    if set(schema) - _SILENT - {"required", "properties", "not", "anyOf", "allOf"}:
        raise UnsayableError
    return _join(parts)


def _nested(schema: Mapping[str, Any], parse: Any) -> Iterator[Condition]:
    if "not" in schema:
        yield deny(parse(schema["not"]))
    for key in ("anyOf", "allOf"):
        if key in schema:
            yield _join([parse(each) for each in schema[key]], is_any=key == "anyOf")


def _join(parts: Sequence[Condition], *, is_any: bool = False) -> Condition:
    """Join conditions; one alone stays itself, and what is joined in the same way becomes one."""
    if is_any and Joined(()) in parts:
        return Joined(())
    flat: list[Condition] = []
    for part in parts:
        flat += part.parts if isinstance(part, Joined) and (part.is_any is is_any or not part.parts) else (part,)
    return flat[0] if len(flat) == 1 else Joined(tuple(flat), is_any)


# --- statements about one thing ---------------------------------------------------------------------------------------


def _about(name: str, schema: Mapping[str, Any], process: Process, *, is_required: bool) -> Condition:
    if name in process.items:
        return _box(name, schema)
    field = process.fields.get(name)
    if field is None:
        return parse_condition(schema, process)
    value = _value(named(field.title), schema)
    section = process.schema["properties"][field.section]
    is_never_blank = is_required or name in section.get("required", ())
    if not is_never_blank and set(schema) - _SILENT - {"not"}:
        return _join([value, deny(_filled(field))], is_any=True)
    return _filled(field) if is_required and value == Joined(()) else value


def _filled(field: Field) -> Fact:
    return Fact(f"{named(field.title)} is filled in", f"{named(field.title)} is blank")


def _box(code: str, schema: Mapping[str, Any]) -> Condition:
    """Read a statement about a box: by one of the dialect's definitions, or by its state."""
    if set(schema) - _SILENT - {"properties", "required", "if", "then", "not"}:
        raise UnsayableError
    if "not" in schema:
        return deny(_box(code, schema["not"]))
    parts = schema.get("properties", {})
    state = parts.get("state", {})
    states = state.get("enum", [state["const"]] if "const" in state else [])
    if set(parts) - {"state"} or set(state) - {"enum", "const"} or set(states) - set(_STATES):
        raise UnsayableError
    if set(states) == set(_STATES):
        return Joined(())
    found = [_STATES[each] for each in states if each != "waived" or "done" not in states]
    return _join([Fact(f"box {code} {said}", f"box {code} {denied}") for said, denied in found], is_any=True)


def _value(title: str, schema: Mapping[str, Any]) -> Condition:
    """Read a statement about the value of a field."""
    if schema.get("x-kind") in _KINDS:
        said, denied = _KINDS[schema["x-kind"]]
        return Fact(f"{title} is {said}", f"{title} is {denied}")
    parts = list(_nested(schema, lambda each: _value(title, each)))
    rest = {key: value for key, value in schema.items() if key not in _SILENT | {"not", "anyOf", "allOf"}}
    if {"minimum", "maximum"} <= set(rest):
        span = f"between {rest.pop('minimum')} and {rest.pop('maximum')}"
        parts.append(Fact(f"{title} is {span}", f"{title} is not {span}"))
    return _join([*parts, *(_keyword(title, key, value) for key, value in rest.items())])


def _keyword(title: str, key: str, value: Any) -> Fact:
    if key in ("const", "enum"):
        return _one_of(title, [value] if key == "const" else value)
    if key == "pattern":
        return _pattern(title, value)
    if key == "contains" and set(value) - _SILENT <= {"const", "enum"}:
        names = listed([named(each) for each in value.get("enum", [value.get("const")])])
        return Fact(f"{title} names {names}", f"{title} does not name {names}")
    if key in ("minLength", "minItems") and value == 1:
        return Fact(f"{title} is filled in", f"{title} is blank")
    more, less = {
        "minimum": (f"is {value} or more", f"is less than {value}"),
        "maximum": (f"is {value} or less", f"is more than {value}"),
        "minItems": (f"has at least {value} entries", f"has fewer than {value} entries"),
        "maxItems": (f"has at most {value} entries", f"has more than {value} entries"),
        "minLength": (f"has at least {value} letters", f"has fewer than {value} letters"),
        "maxLength": (f"has at most {value} letters", f"has more than {value} letters"),
    }.get(key, ("", ""))
    if not more:
        raise UnsayableError
    return Fact(f"{title} {more}", f"{title} {less}")


def _one_of(title: str, values: Sequence[Any]) -> Fact:
    words = [named(each) for each in values]
    denied = f"not {words[0]}" if len(words) == 1 else f"neither {' nor '.join(words)}"
    return Fact(f"{title} is {listed(words)}", f"{title} is {denied}")


def _pattern(title: str, pattern: str) -> Fact:
    """Read a pattern that is but words, each in whatever case, at the beginning, at the end or anywhere."""
    if pattern in _PATTERNS:
        said, denied = _PATTERNS[pattern]
        return Fact(f"{title} {said}", f"{title} {denied}")
    match = _LITERAL.fullmatch(_EITHER_CASE.sub(_lower, pattern))
    if match is None:
        raise UnsayableError
    words = (match[2] or match[3]).split("|")
    if match[1] and match[4]:
        return _one_of(title, words)
    said = listed([named(each) for each in words])
    verb, more = ("begin", " with") if match[1] else ("end", " with") if match[4] else ("contain", "")
    return Fact(f"{title} {verb}s{more} {said}", f"{title} does not {verb}{more} {said}")


def _lower(match: re.Match[str]) -> str:
    return match[2] if match[1].lower() == match[2] else match[0]
