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
ESCALATIONS = "escalations"
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
    unknown: dict[int, str] = {}
    complaints = []
    for place, heading in enumerate(headings):
        column = known.get(fold(heading))
        if not fold(heading):
            if place in filled:
                complaints.append(Complaint(row, "", f"column {letter(place)} has no name; give it one."))
        elif column is None:
            unknown[place] = heading
        elif column in found.values():
            first = next(number for number, each in found.items() if each == column)
            message = f"the column {column.title} stands twice, as {letter(first)} and {letter(place)}; leave one out."
            complaints.append(Complaint(row, "", message))
        else:
            found[place] = column
    if unknown:
        complaints.append(Complaint(row, "", _unknown(unknown, known)))
    return found, tuple(complaints)


def _unknown(unknown: Mapping[int, str], known: Mapping[str, Column]) -> str:
    """Say in one sentence which columns of the file mean nothing here: an export may have dozens."""
    if len(unknown) == 1:
        heading = next(iter(unknown.values()))
        return f"there is no column {quote(heading)}{suggest(heading, known)}"
    named = []
    for place, heading in unknown.items():
        meant = nearest_column(heading, known)
        named.append(f"{quote(heading)} ({letter(place)}{f', perhaps {meant.title}' if meant else ''})")
    return (
        f"{len(unknown)} columns mean nothing to this process: {'; '.join(named)}. Rename those that are meant, and"
        " delete the others from the file; `--columns` shows what can be taken."
    )


def suggest(name: str, known: Mapping[str, Column]) -> str:
    """Return the question for the nearest column, or where all of them are shown; it ends the sentence."""
    meant = nearest_column(name, known)
    return f"; did you mean {meant.title}?" if meant else "; delete it, `--columns` shows those of this process."


def nearest_column(name: str, known: Mapping[str, Column]) -> Column | None:
    """Return the column that somebody surely meant by *name*."""
    near = difflib.get_close_matches(fold(name), known, n=1, cutoff=0.75)
    return known[near[0]] if near else None


def letter(place: int) -> str:
    """Return the letters by which a spreadsheet calls a column: 0 -> A, 26 -> AA."""
    letters = ""
    while place >= 0:
        letters = chr(ord("A") + place % 26) + letters
        place = place // 26 - 1
    return letters
