"""The values of `handover create`: columns, rows of a file, what is wrong with them, and what is to be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# What one field holds in the issue: the text of its line, or the entries of its numbered list.
Value = str | tuple[str, ...]
State = Literal["create", "exists", "excluded", "problem", "created", "failed", "uncertain"]
# The only row of a handover that is given on the command line.
NO_ROW = 0


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong in a cell. ``row`` as a spreadsheet shows it (header 1, `NO_ROW` without a file).

    ``column`` is the name of the column, "" where the whole row is meant.
    """

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.column}: {self.message}" if self.column else self.message


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have. ``is_extra``: it is looked at, but the process has no such field to write to."""

    key: str
    title: str
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it stands in the file: the text of its filled cells by the key of the column."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be read: its columns in order, and its rows but the empty ones."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who receives a handover, and how many that person has open: those there already and those of the rows above."""

    username: str
    open: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a row. ``text`` is that of the new issue, "" where none is made.

    ``reasons`` say why not, and whatever a reader of the plan should know. ``iid`` and ``web_url`` are those of the
    issue that is there already, or that was made; 0 and "" without one.
    """

    row: int
    customer: str
    title: str
    state: State
    text: str = ""
    receivers: tuple[Receiver, ...] = ()
    reasons: tuple[str, ...] = ()
    iid: int = 0
    web_url: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be made of a file, in its order. With a complaint nothing at all is made.

    ``receiver`` is the title of the field that names who receives a handover, "" without one. ``obstacles`` say why the
    token can create nothing at all here, ``remarks`` what else to know of the whole. ``newest`` is when the newest
    issue was made that was looked at, by the server's clock.
    """

    rows: tuple[Planned, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    receiver: str = ""
    obstacles: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    newest: datetime | None = None
