"""Turn a process schema (a dict that the dialect has accepted) into a Process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from automation.core.model import Activities, Activity, Field, Item, Process, Stage

ITEM_CODE = re.compile(r"[0-9]+\.[0-9]+[a-z]?")
# What of a section asks for something, apart from its boxes and lines.
_ASKING = frozenset({"required", "if", "then", "else", "allOf"})
_REF = re.compile(r"dialect\.schema\.json#/\$defs/(?P<name>[a-z-]+)")


def build_process(schema: Mapping[str, Any], dialect: Mapping[str, Any]) -> Process:
    """Build the process of *schema*.

    The order of the properties with ``x-stage`` is the order of the stages; a section without one belongs to the gate
    that its ``x-gate`` names, else to the first (design, section 4). Every ``$ref`` to the dialect is replaced by what
    it points to.
    """
    inlined = _inline(schema, dialect["$defs"])
    sections: Mapping[str, Any] = inlined["properties"]
    stage_keys = [key for key, section in sections.items() if "x-stage" in section]
    gate_of = {key: section.get("x-gate", stage_keys[0]) for key, section in sections.items() if key not in stage_keys}
    stages = tuple(
        _stage(key, sections[key], (*(name for name, gate in gate_of.items() if gate == key), key))
        for key in stage_keys
    )
    about = inlined["x-process"]
    return Process(
        id=about["id"],
        version=about["version"],
        title=inlined["title"],
        template=about["template"],
        stages=stages,
        items={item.code: item for item in _items(sections)},
        fields={field.key: field for field in _fields(sections)},
        schema=inlined,
        weeks=(about["weeks"]["min"], about["weeks"]["max"]) if "weeks" in about else None,
        activities=_activities(inlined["x-activities"]) if "x-activities" in inlined else None,
        validator=Draft202012Validator(_without_advice(inlined), format_checker=FormatChecker(["date"])),
    )


def _inline(value: Any, definitions: Mapping[str, Any]) -> Any:
    """Replace every reference to the dialect: validating is twice as fast without them."""
    if isinstance(value, list):
        return [_inline(each, definitions) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: _inline(each, definitions) for key, each in value.items() if key != "$ref"}
    if "$ref" in value:
        name = _reference(value)
        found = {**_inline(definitions[name], definitions), **found, "x-kind": name}
    if "x-role" in found:
        found |= {"type": "array", "items": {"type": "string"}, "minItems": 1}
    return found


def _without_advice(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what never gates: boxes and lines that are recommended, and all that advice asks for."""
    sections = {
        key: {
            **{name: each for name, each in section.items() if "x-advisory" not in section or name not in _ASKING},
            "properties": {
                name: about for name, about in section.get("properties", {}).items() if not about.get("x-advisory")
            },
        }
        for key, section in schema["properties"].items()
    }
    return {**schema, "properties": sections}


def _reference(value: Mapping[str, Any]) -> str:
    match = _REF.fullmatch(value["$ref"])
    return match["name"] if match else ""


def _stage(key: str, section: Mapping[str, Any], sections: tuple[str, ...]) -> Stage:
    about = section["x-stage"]
    due = about.get("due", {})
    return Stage(
        key=key,
        title=section["title"],
        label=about["label"],
        responsible=tuple(about["responsible"]),
        accountable=tuple(about["accountable"]),
        consulted=tuple(about.get("consulted", ())),
        informed=tuple(about.get("informed", ())),
        sections=sections,
        sends_back_to=about.get("sends_back_to", ""),
        working_days=due.get("working_days", 0),
        calendar_of=due.get("calendar_of", ""),
        weeks=tuple(about["weeks"]) if "weeks" in about else None,
        former_labels=tuple(section.get("x-previously", about.get("x-previously", ()))),
        source=tuple(section.get("x-source", ())),
        is_told_when_finished=about.get("informed_when") == "finished",
        follows_activity=bool(about.get("follows_activity", False)),
    )


def _activities(about: Mapping[str, Any]) -> Activities:
    rows = (
        Activity(
            title=row["title"],
            cells=row["cells"],
            group=row.get("group", ""),
            stage=row.get("stage", ""),
            boxes=tuple(row.get("boxes", ())),
            source=tuple(row.get("x-source", ())),
        )
        for row in about["rows"]
    )
    return Activities(about["title"], tuple(about["roles"]), tuple(rows), about.get("chosen_by", ""))


def _items(sections: Mapping[str, Any]) -> Iterator[Item]:
    for key, section in sections.items():
        for code, about in section.get("properties", {}).items():
            if ITEM_CODE.fullmatch(code):
                yield Item(
                    code=code,
                    title=about["title"],
                    section=key,
                    signed_by=tuple(about.get("x-signed-by", ())),
                    signs_for=tuple(about.get("x-signs-for", ())),
                    needs=tuple(about.get("x-needs", ())),
                    after=tuple(about.get("x-after", ())),
                    silent=_silent(about),
                    is_forbidden=bool(about.get("x-forbids", False)),
                    is_advisory=bool(about.get("x-advisory", False)),
                    source=tuple(about.get("x-source", ())),
                    hint=about.get("x-hint", ""),
                )


def _silent(about: Mapping[str, Any]) -> tuple[str, int] | None:
    silent = about.get("x-silent")
    return (silent["field"], silent["months"]) if silent else None


def _fields(sections: Mapping[str, Any]) -> Iterator[Field]:
    for key, section in sections.items():
        for name, about in section.get("properties", {}).items():
            if not ITEM_CODE.fullmatch(name):
                yield Field(
                    key=name,
                    title=about["title"],
                    section=key,
                    kind=_kind(about),
                    role=about.get("x-role", ""),
                    held_by=about.get("x-held-by", ""),
                    not_same_as=tuple(about.get("x-not-same-as", ())),
                    may_be_any_holder=bool(about.get("x-any-holder", False)),
                    forbidden_values=tuple(about.get("x-forbids", ())),
                    choices=tuple(each for each in about.get("enum", ()) if isinstance(each, str)),
                    not_before=tuple(about.get("x-not-before", ())),
                    is_advisory=bool(about.get("x-advisory", False)),
                    source=tuple(about.get("x-source", ())),
                    hint=about.get("x-hint", ""),
                )


def _kind(about: Mapping[str, Any]) -> Any:
    if "x-role" in about:
        return "role"
    if about.get("x-kind", "").startswith("link"):
        return "link"
    if about.get("format") == "date":
        return "date"
    if "enum" in about:
        return "choice"
    return {"integer": "integer", "array": "list"}.get(about.get("type", ""), "text")
