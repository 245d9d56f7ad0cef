"""What the source documents require, row by row, and which rows nothing has to carry out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HARD_KINDS = frozenset(
    {"ITEM", "STEP", "GATE", "FIELD", "LINK", "TIME", "ROLE", "COND", "BAN", "RULE", "SYS", "LETTER"}
)
# Definitions, outcomes and recommendations: notes and advice carry them, nothing fails without.
SOFT_KINDS = frozenset({"DEF", "OUT", "OPT"})
# Rows that stop or accuse somebody: a note that only tells of them does not carry them out.
STRICT_KINDS = frozenset({"GATE", "BAN", "TIME"})


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement: its code (S0-19), its kind (ITEM), the lines of the source (43), what it says in our words."""

    code: str
    document: str
    kind: str
    lines: str
    text: str

    @property
    def is_hard(self) -> bool:
        """Must something carry it out?"""
        return self.kind in HARD_KINDS


@dataclass(frozen=True, slots=True)
class Requirements:
    """All rows by code, in the order of the sources; ``documents`` gives the title of each source by its code (S0)."""

    documents: Mapping[str, str]
    rows: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row that nothing carries out, and why. ``place`` is the path of keys in coverage-exclusions.yml."""

    row: str
    reason: str
    place: tuple[str | int, ...] = ()


def build_requirements(content: Mapping[str, Any]) -> Requirements:
    """Build the rows from what schemas/requirements.yml says."""
    rows = (
        Row(code, document, each["kind"], str(each["line"]), each["text"])
        for document, about in content.items()
        for code, each in about["rows"].items()
    )
    return Requirements({key: about["title"] for key, about in content.items()}, {row.code: row for row in rows})


def build_exclusions(content: Sequence[Mapping[str, Any]]) -> tuple[Exclusion, ...]:
    """Build the exclusions from what schemas/coverage-exclusions.yml says: groups of rows with one reason each."""
    return tuple(
        Exclusion(code, group["reason"], (number, "rows", place))
        for number, group in enumerate(content)
        for place, code in enumerate(group["rows"])
    )
