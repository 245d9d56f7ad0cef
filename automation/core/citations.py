"""Who carries out which row of the source documents: elements of schemas, letters, and the program itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Place = tuple[str | int, ...]

# What the program does in every process, whatever its schema says: the rule in a user's words, the rows it carries out.
PROGRAM_RULES: Mapping[str, tuple[str, ...]] = {
    "a stage opens only when every gate before it is passed; what is ticked earlier is called a skipped gate": (
        "S0-6",
        "S0-11",
        "S0-33",
    ),
    "a card that is moved by hand goes back to the stage that is true": ("S0-6",),
    "an issue that is closed before its last gate is called closed too early": ("S0-60",),
    "who is responsible is called to act, who is accountable when it is late, who is informed is told": ("S0-69",),
    "everything is read from the issue and kept there, in the sight of all": ("S0-117",),
}
_PROGRAM = "automation/core/citations.py"

# What keys are called where their own name says little.
_SPOKEN = {"x-notes": "notes", "x-activities": "activities", "allOf": "conditions", "anyOf": "conditions"}


@dataclass(frozen=True, slots=True)
class Citation:
    """An element that carries out a row. ``element`` names it in words; ``place`` is its path of keys in ``path``.

    ``is_note``: it only tells of the row.
    """

    row: str
    element: str
    path: str
    place: Place = ()
    is_note: bool = False


def find_citations(path: str, schema: Mapping[str, Any], key: str = "x-source") -> Iterator[Citation]:
    """Yield what the elements of a schema cite, in conditions, notes and activities too, in their order.

    *key* is where they do: in the heads of letters and their rules it is "source".
    """
    for place, rows in _sources(schema, (), key):
        element = " > ".join((path, *_say_place(schema, place)))
        for number, row in enumerate(rows):
            yield Citation(row, element, path, (*place, key, number), is_note=place[:1] == ("x-notes",))


def program_citations() -> Iterator[Citation]:
    """Yield what the program carries out by itself."""
    for rule, rows in PROGRAM_RULES.items():
        yield from (Citation(row, f"the program: {rule}", _PROGRAM) for row in rows)


def _sources(value: Any, place: Place, wanted: str) -> Iterator[tuple[Place, list[str]]]:
    if isinstance(value, Mapping):
        if isinstance(value.get(wanted), list):
            yield place, value[wanted]
        for key, each in value.items():
            yield from _sources(each, (*place, key), wanted)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _sources(each, (*place, number), wanted)


def _say_place(schema: Any, place: Place) -> Iterator[str]:
    """Say a path of keys as people do: names of stages and boxes, titles of activities, the number of a note."""
    value, is_name = schema, False
    for key in place:
        value = value[key]
        if isinstance(key, int):
            yield str(value.get("title", key + 1))
        elif is_name:
            yield key
        elif key not in ("properties", "rows"):
            yield _SPOKEN.get(key, key)
        is_name = key == "properties" and not is_name
