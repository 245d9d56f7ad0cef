"""The rules of a process without its words, as a flat table: two processes have the same rules if the tables are equal.

A key is what a rule is about, its name, and the aspect: ("box", "2.4", "signers") -> ("cse_territory_owner",).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from automation.core.model import Item, Process, Stage
from automation.core.process import ITEM_CODE
from automation.core.words import plain_words

Key = tuple[str, str, str]
Rules = Mapping[Key, Any]

_NOTHING = "{}"
# What explains and binds nobody. Anything else in a schema is taken for a rule, known here or not.
_WORDS = frozenset({"$comment", "title", "description", "x-hint", "x-source", "x-since", "x-previously"})
_ASPECTS_OF_BOXES = {
    "x-signed-by": "signers",
    "x-signs-for": "signs for",
    "x-needs": "needs",
    "x-after": "after",
    "x-silent": "silent",
    "x-forbids": "forbids",
}
_ASPECTS_OF_FIELDS = {
    "x-role": "role",
    "x-held-by": "held by",
    "x-not-same-as": "others",
    "x-any-holder": "any holder",
    "x-not-before": "not before",
    "x-forbids": "forbids",
}
_ASPECTS_OF_STAGES = ("responsible", "accountable", "sends_back_to", "follows_activity", "due", "weeks")
_KNOWN_OF_STAGES = frozenset({*_ASPECTS_OF_STAGES, "label", "consulted", "informed", "informed_when", "x-previously"})
# Where an aspect stands in the schema, below what it is an aspect of.
KEYWORDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{("box", aspect): (keyword,) for keyword, aspect in _ASPECTS_OF_BOXES.items()},
    **{("line", aspect): (keyword,) for keyword, aspect in _ASPECTS_OF_FIELDS.items()},
    **{("stage", aspect.replace("_", " ")): (aspect,) for aspect in _ASPECTS_OF_STAGES},
    ("box", "words"): ("title",),
    ("line", "title"): ("title",),
    ("process", "weeks"): ("weeks",),
}


def read_rules(process: Process) -> Rules:
    """Read all that gates, signs or limits in a process. What is only recommended has no rules.

    Conditions that ask for nothing, and keywords that are not there, have no key.
    """
    return {key: value for key, value in _read(process) if value is not None and value != _NOTHING}


def _read(process: Process) -> Iterator[tuple[Key, Any]]:
    about = process.schema["x-process"]
    yield ("process", "", "stages"), tuple(stage.key for stage in process.stages)
    yield ("process", "", "weeks"), _plain(about.get("weeks"))
    yield ("process", "", "conditions"), _conditions(process.schema)
    if any(stage.follows_activity for stage in process.stages):
        yield from _read_activities(process)
    for key, section in process.schema["properties"].items():
        if "x-advisory" not in section:
            yield ("part", key, "conditions"), _conditions(section)
            if "x-stage" not in section:
                yield ("part", key, "gate"), process.stages[process.stage_of(key)].key
    for stage in process.stages:
        yield from _read_stage(process, stage)
    for section, name, element in _elements(process):
        if ITEM_CODE.fullmatch(name):
            yield from _read_box(process.items[name], element, name in _required(process, section))
        elif "x-advisory" not in element:
            yield from _read_field(section, name, element, name in _required(process, section))
    yield from _read_kinds(process)


def _read_activities(process: Process) -> Iterator[tuple[Key, Any]]:
    """Read who works and who signs, where an issue names its activity: then the table decides that."""
    table = process.activities
    for row in table.rows if table is not None else ():
        who = {letter: sorted(row.roles(letter)) for letter in "RACI"}
        yield ("activity", row.title, "roles"), _plain({"boxes": sorted(row.boxes), "stage": row.stage, **who})
    yield ("process", "", "activity named in"), table.chosen_by if table is not None else ""


def _read_stage(process: Process, stage: Stage) -> Iterator[tuple[Key, Any]]:
    about = process.schema["properties"][stage.key]["x-stage"]
    for aspect in _ASPECTS_OF_STAGES:
        yield ("stage", stage.key, aspect.replace("_", " ")), _plain(about.get(aspect))
    yield (
        ("stage", stage.key, "more"),
        _plain({key: each for key, each in about.items() if key not in _KNOWN_OF_STAGES}),
    )
    if any(other.sends_back_to == stage.key for other in process.stages):
        boxes = [each.code for each in process.items.values() if each.section == stage.key and not each.is_forbidden]
        yield ("stage", stage.key, "answer to a return"), boxes[-1] if boxes else ""


def _read_box(item: Item, about: Mapping[str, Any], is_required: bool) -> Iterator[tuple[Key, Any]]:
    """Read a box. Of one that is only recommended, who signs it is a rule, for people are told of that."""
    if item.is_advisory and not item.signed_by:
        return
    yield ("box", item.code, "part"), item.section
    yield ("box", item.code, "kind"), "advice" if item.is_advisory else about.get("x-kind", "")
    yield ("box", item.code, "required"), is_required
    for keyword, aspect in _ASPECTS_OF_BOXES.items():
        yield ("box", item.code, aspect), _plain(about.get(keyword))
    if item.signed_by:
        yield ("box", item.code, "words"), plain_words(item.title)
    known = {*_ASPECTS_OF_BOXES, *_WORDS, "x-kind", "x-advisory"}
    yield (
        ("box", item.code, "more"),
        _plain({key: each for key, each in about.items() if key[:2] == "x-" and key not in known}),
    )


def _read_field(section: str, key: str, about: Mapping[str, Any], is_required: bool) -> Iterator[tuple[Key, Any]]:
    """Read a line. Its title is a rule: by it the lines of the handovers under way are known."""
    yield ("line", key, "part"), section
    yield ("line", key, "title"), " ".join(about["title"].split()).casefold()
    yield ("line", key, "required"), is_required
    for keyword, aspect in _ASPECTS_OF_FIELDS.items():
        yield ("line", key, aspect), _plain(about.get(keyword))
    left = {name: each for name, each in about.items() if name not in _ASPECTS_OF_FIELDS}
    yield ("line", key, "values"), about["x-kind"] if "x-kind" in about else canonical(left)


def _read_kinds(process: Process) -> Iterator[tuple[Key, Any]]:
    """Read what the dialect says of the kinds of boxes and lines that are used: changed there, it changes here."""
    for _, _, about in _elements(process):
        if "x-kind" in about and "x-advisory" not in about:
            own = {key: each for key, each in about.items() if not key.startswith("x-")}
            yield ("kind", about["x-kind"], "meaning"), canonical(own)


def _elements(process: Process) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for section, about in process.schema["properties"].items():
        for name, element in about.get("properties", {}).items():
            yield section, name, element


def _required(process: Process, section: str) -> frozenset[str]:
    return frozenset(process.schema["properties"][section].get("required", ()))


def _conditions(schema: Mapping[str, Any]) -> str:
    """Write down what a schema asks for under a condition, so that equal conditions are equal texts."""
    known = {"$schema", "type", "properties", "required"}
    return canonical({key: each for key, each in schema.items() if key not in known and not key.startswith("x-")})


def canonical(schema: Any) -> str:
    """Write down a schema without its words, so that schemas that ask for the same are equal texts."""
    return json.dumps(_without_words(schema), sort_keys=True, ensure_ascii=False)


def _without_words(schema: Any) -> Any:
    """Take the words out of a schema, and the order out of lists that have none."""
    if isinstance(schema, list):
        return sorted((_without_words(each) for each in schema), key=canonical)
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = {}
    for key, each in schema.items():
        if key == "properties":
            found[key] = {name: _without_words(about) for name, about in each.items()}
        elif key not in _WORDS and key != "x-kind":
            found[key] = _without_words(each)
    return found


def _plain(value: Any) -> Any:
    """Turn what a schema says into a value that can be compared; lists of names have no order, spans have one."""
    if isinstance(value, list):
        return tuple(value) if all(isinstance(each, int) for each in value) else tuple(sorted(value, key=str))
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return value
