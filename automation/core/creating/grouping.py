"""Complaints that say the same of many rows, told once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from automation.core.creating.model import Complaint

_MOST_VALUES = 8
# What is quoted of a cell.
_SPAN = re.compile(r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)")


@dataclass(frozen=True, slots=True)
class Group:
    """What is wrong in one column of several rows. ``rows`` rise; they are empty where the file as a whole is meant."""

    rows: tuple[int, ...]
    column: str
    message: str


def group_complaints(complaints: Iterable[Complaint]) -> tuple[Group, ...]:
    """Gather complaints that differ only in the row, or in the value that they begin with; the first decides the order.

    Where the values differ, the message is that of the first, and the others are named after it.
    """
    alike: dict[tuple[str, str], list[Complaint]] = {}
    for each in complaints:
        alike.setdefault((each.column, _SPAN.sub("", each.message, count=1)), []).append(each)
    return tuple(_group(column, each) for (column, _), each in alike.items())


def _group(column: str, alike: Sequence[Complaint]) -> Group:
    message = alike[0].message
    values = list(dict.fromkeys(match[0] for each in alike if (match := _SPAN.search(each.message))))
    if len(values) > 1:
        more = ", …" if len(values) > _MOST_VALUES else ""
        message = f"{message} The same of {', '.join(values[1:_MOST_VALUES])}{more}."
    return Group(tuple(sorted({each.row for each in alike if each.row})), column, message)


def say_rows(rows: Sequence[int]) -> str:
    """Name rows, those that follow each other as one: (2, 3, 4, 7) -> "rows 2–4, 7"."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    said = ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"row{'s' if len(rows) > 1 else ''} {said}" if rows else ""
