"""Read a file of accounts: bytes -> rows with the numbers that a spreadsheet shows, or what is wrong with the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from automation.core.creating.cells import LONGEST
from automation.core.creating.columns import HEADER, fold, judge_header, names_of
from automation.core.creating.model import Column, Complaint, Record, Table

MOST_ROWS = 2_000
_DELIMITERS = (",", ";", "\t")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# The first line with which a spreadsheet is told the delimiter; it shows no row for it.
_DIRECTIVE = re.compile(r"(?P<quote>\"?)sep=(?P<sign>[^\s\w\"]|\t)(?P=quote)(?:\r\n|\r|\n)?", re.IGNORECASE)
_SAVE_AS = "In the spreadsheet, save it as “CSV UTF-8” and give that file."


class TableError(Exception):
    """The file cannot be read as a table at all; ``complaints`` say why."""

    def __init__(self, *complaints: Complaint) -> None:
        super().__init__("; ".join(map(str, complaints)))
        self.complaints = complaints


def parse_table(content: bytes, columns: Sequence[Column]) -> Table:
    """Read the rows of a CSV file. Empty rows are left out, and counted.

    UTF-8 with or without byte order mark; comma, semicolon or tab, whichever makes known columns of the header.

    Raises:
        TableError: the bytes are no such text, a quotation mark is wrong, the header is wrong, or there are too many
            rows.
    """
    lines = _LINE.findall(_decode(content))
    directive = _DIRECTIVE.fullmatch(lines[0]) if lines else None
    lines = lines[1:] if directive else lines
    delimiter = directive["sign"] if directive else _find_delimiter(lines, columns)
    rows = _read_rows(lines, delimiter)
    header = next((number for number in rows), 0)
    if not header:
        raise TableError(Complaint(0, "", "the file is empty; its first row must name the columns."))
    headings = rows.pop(header)
    if len(rows) > MOST_ROWS:
        message = f"the file has {len(rows):,} rows; at most {MOST_ROWS:,} are taken at once. Is it the right file?"
        raise TableError(Complaint(0, "", message))
    if not rows:
        raise TableError(Complaint(0, "", "the file names columns, but no account stands below them."))
    return _build_table(header, headings, rows, columns)


def _build_table(header: int, headings: Sequence[str], rows: dict[int, list[str]], columns: Sequence[Column]) -> Table:
    filled = frozenset(place for cells in rows.values() for place, cell in enumerate(cells) if cell.strip())
    found, complaints = judge_header(headings, columns, filled, header)
    for row, cells in rows.items():
        if any(cell.strip() for cell in cells[len(headings) :]):
            message = f"has {len(cells)} cells, and the header {len(headings)}: is a comma or semicolon not in quotes?"
            complaints += (Complaint(row, "", message),)
    if complaints:
        raise TableError(*complaints)
    records = (
        Record(row, {column.key: cells[place] for place, column in found.items() if _has(cells, place)})
        for row, cells in rows.items()
    )
    return Table(tuple(column.key for column in found.values()), tuple(records))


def _has(cells: Sequence[str], place: int) -> bool:
    return place < len(cells) and bool(cells[place].strip())


def _decode(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TableError(Complaint(0, "", f"this is a workbook of a spreadsheet program, not CSV. {_SAVE_AS}"))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError(Complaint(0, "", f"this is UTF-16, not UTF-8. {_SAVE_AS}"))
    if (place := content.find(b"\0")) >= 0:
        message = (
            f"line {_line_of(content, place)} holds a NUL byte: this is no text in UTF-8, perhaps UTF-16. {_SAVE_AS}"
        )
        raise TableError(Complaint(0, "", message))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start)
        message = f"line {line} is not UTF-8, perhaps it is Latin-1 (Windows-1252). {_SAVE_AS}"
        raise TableError(Complaint(0, "", message)) from None


def _line_of(content: bytes, place: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", content[:place])) + 1


def _find_delimiter(lines: Sequence[str], columns: Sequence[Column]) -> str:
    """Return the delimiter that makes most known columns of the first row, else that which cuts it most often."""
    known = names_of(columns)

    def score(delimiter: str) -> tuple[int, int]:
        try:
            cells: list[str] = next((row for row in csv.reader(lines, delimiter=delimiter) if any(row)), [])
        except csv.Error:
            return 0, 0
        return sum(fold(cell) in known for cell in cells), len(cells)

    return max(_DELIMITERS, key=score)


def _read_rows(lines: Sequence[str], delimiter: str) -> dict[int, list[str]]:
    """Return the rows that are not empty, by their number."""
    rows: dict[int, list[str]] = {}
    number = HEADER - 1
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), HEADER):
            if any(cell.strip() for cell in cells):
                rows[number] = cells
    except csv.Error as error:
        message = 'a quotation mark is wrong here: a cell in quotes ends with one, and " inside of it is written "".'
        if "limit" in str(error):
            message = (
                f"a cell has more than {csv.field_size_limit():,} letters: is a quotation mark missing? At most"
                f" {LONGEST:,} fit."
            )
        raise TableError(Complaint(number + 1, "", message)) from None
    return rows
