"""What two states of a process or of the installation differ in, as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from automation.core.model import Process
from automation.core.words import visible

T = TypeVar("T")
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, said in a sentence of plain text; what people typed stands in it as it is, not yet escaped.

    ``place`` is the path of keys in the new schema. ``is_rule``: it gates, signs or limits, so that it needs a version
    of its own. ``is_setup``: `handover bootstrap` must follow. ``lines`` are changed lines of a text, "- " or "+ "
    before each. ``kind`` names what changed in the dialect, which all processes and versions share.
    """

    said: str
    place: Place = ()
    is_rule: bool = False
    is_setup: bool = False
    lines: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What must not be merged like that: the file, the path of keys or the line in it, and what to write instead."""

    path: str
    message: str
    place: Place = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing of a process before and after: ``name`` is the code, the key or the title that both know it by."""

    old: Process
    new: Process
    name: str
    before: Any
    after: Any


def one_line(words: object) -> str:
    """Put words on one line; what cannot be seen becomes a blank."""
    return " ".join(visible(str(words)).split())


def quoted(words: object) -> str:
    """Put words into quotes, on one line."""
    return f"“{one_line(words)}”"


def told_apart(before: str, after: str) -> str:
    """Put two texts side by side; where they look alike, say that they differ by letters that cannot be seen."""
    said = f"{quoted(before)} → {quoted(after)}"
    if one_line(before) != one_line(after):
        return said
    unseen = dict.fromkeys(each for each in (*after, *before) if not each.isprintable())
    codes = [f"U+{ord(each):04X}" for each in unseen if (before.count(each) != after.count(each))]
    return f"{said} ({f'a letter that cannot be seen: {listed(codes)}' if codes else 'other blanks'})"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Join words as in "A, B and C"."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def gained(before: Iterable[T] | None, after: Iterable[T] | None) -> list[T]:
    """Return what stands in *after* alone, of two collections that may be None."""
    known = list(before or ())
    return [each for each in after or () if each not in known]
