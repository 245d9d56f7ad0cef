"""Which columns a file of accounts may have, and which column a heading means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from automation.core.creating.model import Column, Complaint
from automation.core.model import Field, Process
from automation.core.words import quote

CUSTOMER = "customer"
ACCOUNT_LINK = "salesforce_account"
RENEWAL = "next_renewal"
ESCALATION = "open_escalation"
# What decides whether a handover is made, also where the process itself does not ask for it.
_EXTRAS = {ACCOUNT_LINK: "Salesforce account", RENEWAL: "Next renewal", ESCALATION: "Open escalation"}
HEADER = 1


def columns_of(process: Process) -> tuple[Column, ...]:
    """Return every column that a file for *process* may have: its fields in order, then what only decides."""
    fields = [Column(field.key, field.title) for field in process.fields.values()]
    taken = {fold(name) for column in fields for name in (column.key, column.title)}
    extras = [Column(key, title, is_extra=True) for key, title in _EXTRAS.items() if not {key, fold(title)} & taken]
    return (*fields, *extras)


def starters(process: Process) -> tuple[Field, ...]:
    """Return the fields of the people without whom nobody would begin: responsible for the first stage, and required.

    Where the schema requires none of them at once, it is the first.
    """
    first = process.stages[0]
    found = [each for each in process.fields.values() if each.role in first.responsible]
    required = [each for each in found if each.key in process.schema["properties"][each.section].get("required", ())]
    return tuple(required or found[:1])


def names_of(columns: Iterable[Column]) -> dict[str, Column]:
    """Return the columns by each of their names, folded: key and title."""
    columns = tuple(columns)
    return {fold(name): column for column in columns for name in (column.key, column.title)}


def fold(heading: str) -> str:
    """Reduce a heading to what counts: without its case, extra blanks and a colon at the end."""
    return " ".join(heading.split()).rstrip(": ").casefold()


def judge_header(
    headings: Sequence[str], columns: Sequence[Column], filled: frozenset[int], row: int = HEADER
) -> tuple[dict[int, Column], tuple[Complaint, ...]]:
    """Find which column stands where (place -> column), and what is wrong with the header.

    *filled* are the places that hold something in some row: a column without name and content does not matter. *row* is
    that of the header.
    """
    known = names_of(columns)
    found: dict[int, Column] = {}
    complaints = []
    for place, heading in enumerate(headings):
        column = known.get(fold(heading))
        if not fold(heading):
            if place in filled:
                complaints.append(Complaint(row, "", f"column {letter(place)} has no name; give it one."))
        elif column is None:
            complaints.append(Complaint(row, "", f"there is no column {quote(heading)}{suggest(heading, known)}."))
        elif column in found.values():
            first = next(number for number, each in found.items() if each == column)
            message = f"the column {column.title} stands twice, as {letter(first)} and {letter(place)}; leave one out."
            complaints.append(Complaint(row, "", message))
        else:
            found[place] = column
    return found, tuple(complaints)


def suggest(name: str, known: Mapping[str, Column]) -> str:
    """Return the question for the nearest column, or where all of them are shown."""
    near = difflib.get_close_matches(fold(name), known, n=1)
    return f"; did you mean {known[near[0]].title}" + "?" if near else "; `--columns` shows those of this process"


def letter(place: int) -> str:
    """Return the letters by which a spreadsheet calls a column: 0 -> A, 26 -> AA."""
    letters = ""
    while place >= 0:
        letters = chr(ord("A") + place % 26) + letters
        place = place // 26 - 1
    return letters
