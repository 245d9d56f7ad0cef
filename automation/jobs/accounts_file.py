"""Which handovers somebody asks for: the rows of a file, values for all of them, or one on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from automation.core.creating.cells import tidy
from automation.core.creating.columns import (
    ACCOUNT_LINK,
    CUSTOMER,
    ESCALATION,
    ESCALATIONS,
    HEADER,
    RENEWAL,
    columns_of,
    fold,
    names_of,
    starters,
    suggest,
)
from automation.core.creating.model import NO_ROW, Column, Complaint, Record
from automation.core.creating.plan import judge_columns
from automation.core.creating.table import TableError, parse_table
from automation.core.model import Field, Process
from automation.core.words import quote
from automation.edge.accounts import read_accounts
from automation.errors import UsageError

# What decides whether a handover is made: looked at in every process, in whatever stage it asks for it.
_DECIDING = frozenset({ACCOUNT_LINK, RENEWAL, ESCALATION, ESCALATIONS})
Territories = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for. With complaints about the file as a whole there are no records. ``name`` is the file's."""

    name: str
    records: tuple[Record, ...]
    complaints: tuple[Complaint, ...] = ()


def load_wanted(process: Process, path: Path | None, given: Sequence[str], territories: Territories) -> Wanted:
    """Read the rows of the file at *path*, and *given* values "Field=value" for what they leave blank.

    Without a file, *given* is the one handover.

    Raises:
        UsageError: neither is there, or a value names no field.
        RepositoryError: the file cannot be read.
    """
    values = parse_given(process, given)
    if path is None and not values:
        raise UsageError(f"Give --from accounts.csv or --set Customer=….\n{describe_columns(process)}")
    if path is None:
        complaints = judge_columns(process, values, territories, NO_ROW)
        return Wanted("", (Record(NO_ROW, values),), complaints)
    name = "standard input" if str(path) == "-" else tidy(path.name)
    try:
        table = parse_table(read_accounts(path), columns_of(process))
    except TableError as error:
        return Wanted(name, (), error.complaints)
    complaints = judge_columns(process, (*table.columns, *values), territories, HEADER)
    records = tuple(replace(each, cells={**values, **each.cells}) for each in table.records)
    return Wanted(name, () if complaints else records, complaints)


def parse_given(process: Process, given: Sequence[str]) -> dict[str, str]:
    """Read "Field=value" by label or key of the field; given again, a list gets one more entry.

    Raises:
        UsageError: there is no such field, or one is given twice.
    """
    known = names_of(columns_of(process))
    values: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        column = known.get(fold(name))
        if not sign:
            raise UsageError(f"--set {quote(each)} lacks its value; write --set {quote('Customer=Acme')}.")
        if column is None:
            raise UsageError(f"--set: there is no field {quote(name)}{suggest(name, known)}")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise UsageError(f"--set {column.title} holds bytes that are no text in the encoding of this terminal.")
        if column.key in values and not _is_list(process, column):
            raise UsageError(f"--set gives {column.title} twice; leave one out.")
        values[column.key] = f"{values[column.key]}\n{value}" if column.key in values else value
    return values


def _is_list(process: Process, column: Column) -> bool:
    return not column.is_extra and process.fields[column.key].kind == "list"


def describe_columns(process: Process) -> str:
    """Say which columns a file may have: those that it needs, those of the first stage, and where all are shown."""
    needed = [each.title for each in (process.fields.get(CUSTOMER), *starters(process)) if each is not None]
    others = [column.title for column in offered(process) if column.title not in needed]
    return (
        f"A file has one row an account, and in its first row the columns.\nNeeded: {'; '.join(needed)}."
        f"\nAlso: {'; '.join(others)}.\nAn empty file with them: handover create {process.id} --columns"
    )


def build_header(process: Process) -> str:
    """Build the first row of an empty file: what is needed, then whatever belongs to the beginning of a handover."""
    needed = [each.key for each in (process.fields.get(CUSTOMER), *starters(process)) if each is not None]
    order = {key: place for place, key in enumerate(needed)}
    columns = sorted(offered(process), key=lambda column: order.get(column.key, len(order)))
    return ",".join(f'"{each.title}"' if set(each.title) & set(',;"\t') else each.title for each in columns)


def offered(process: Process) -> tuple[Column, ...]:
    """Return the columns that make sense before a handover begins: the first stage's, and what only decides."""
    return tuple(
        column
        for column in columns_of(process)
        if column.key in _DECIDING or _is_of_beginning(process, process.fields[column.key])
    )


def _is_of_beginning(process: Process, field: Field) -> bool:
    return field.section in process.stages[0].sections and not field.is_advisory
