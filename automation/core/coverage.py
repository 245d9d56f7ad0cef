"""Is every row of the source documents carried out by something, or excluded with a reason, and never both?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from automation.core.citations import Citation, Place
from automation.core.requirements import STRICT_KINDS, Exclusion, Requirements, Row

REQUIREMENTS = "schemas/requirements.yml"
EXCLUSIONS = "schemas/coverage-exclusions.yml"


@dataclass(frozen=True, slots=True)
class Covered:
    """A row with the elements that carry it out, in words, and the reason why none has to ("" without one)."""

    row: Row
    by: tuple[str, ...]
    excluded: str = ""

    @property
    def is_missing(self) -> bool:
        """Must something carry it out, and nothing does?"""
        return self.row.is_hard and not self.by and not self.excluded


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with the coverage, and in which place of which file."""

    message: str
    path: str
    place: Place = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every row in the order of the sources, the titles of those by their codes, and all that is wrong."""

    documents: Mapping[str, str]
    rows: tuple[Covered, ...]
    mistakes: tuple[Mistake, ...]


def judge_coverage(
    requirements: Requirements, citations: Iterable[Citation], exclusions: Iterable[Exclusion]
) -> Coverage:
    """Judge which rows are carried out by what. A note carries out no gate, ban or limit: it only tells of it."""
    citations, exclusions = tuple(citations), tuple(exclusions)
    reasons = {each.row: each.reason for each in exclusions}
    by: dict[str, dict[str, None]] = {code: {} for code in requirements.rows}
    for each in citations:
        row = requirements.rows.get(each.row)
        if row is not None and not (each.is_note and row.kind in STRICT_KINDS):
            by[row.code][each.element] = None
    rows = tuple(Covered(row, tuple(by[code]), reasons.get(code, "")) for code, row in requirements.rows.items())
    mistakes = (
        *judge_citations(requirements, citations),
        *_judge_exclusions(requirements, exclusions, by),
        *(_missing(each.row) for each in rows if each.is_missing),
    )
    return Coverage(requirements.documents, rows, mistakes)


def judge_citations(requirements: Requirements, citations: Iterable[Citation]) -> Iterator[Mistake]:
    """Find citations of rows that do not exist."""
    for each in citations:
        if each.row not in requirements.rows:
            yield Mistake(f"there is no row {each.row} in {REQUIREMENTS}.", each.path, each.place)


def _judge_exclusions(
    requirements: Requirements, exclusions: Iterable[Exclusion], by: Mapping[str, Iterable[str]]
) -> Iterator[Mistake]:
    seen: set[str] = set()
    for each in exclusions:
        if each.row not in requirements.rows:
            yield Mistake(f"there is no row {each.row} in {REQUIREMENTS}.", EXCLUSIONS, each.place)
        elif each.row in seen:
            yield Mistake(f"{each.row} stands here twice; keep one reason.", EXCLUSIONS, each.place)
        elif elements := list(by[each.row]):
            message = f"{each.row} is carried out by {elements[0]}; delete it here."
            yield Mistake(message, EXCLUSIONS, each.place)
        seen.add(each.row)


def _missing(row: Row) -> Mistake:
    message = f"nothing carries out {row.code} ({row.kind}): cite it where it is done, or exclude it in {EXCLUSIONS}."
    return Mistake(message, REQUIREMENTS, (row.document, "rows", row.code))
