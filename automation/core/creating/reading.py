"""One row of a file -> the values that its issue will hold, the people chosen, and what is wrong by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from automation.core.creating.cells import CellError, read_cell
from automation.core.creating.columns import ACCOUNT_LINK, CUSTOMER, ESCALATION, RENEWAL, columns_of, starters
from automation.core.creating.model import Complaint, Record, Value
from automation.core.creating.people import choose_receiver, facing, narrowed_role, read_holders, read_territory
from automation.core.creating.stock import Stock
from automation.core.model import Field, Finding, Process
from automation.core.people import TERRITORY, Directory
from automation.core.words import quote

# How the columns are read that the process has no field for.
_EXTRAS = {
    ACCOUNT_LINK: Field(ACCOUNT_LINK, "", "", "link"),
    RENEWAL: Field(RENEWAL, "", "", "date"),
    ESCALATION: Field(ESCALATION, "", "", "text"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """By what rows are judged: who is there, what is there, the moment, and what leaves an account out.

    ``explain`` says a finding in words.
    """

    directory: Directory
    stock: Stock
    now: datetime
    explain: Callable[[Finding], str]
    renewal_days: int = 60
    has_exclusions: bool = True


@dataclass(slots=True)
class Reading:
    """A row while it is read. ``values`` go into the issue, ``extras`` only decide; both by key.

    ``wrong`` are the keys of the columns that are complained about, ``remarks`` what to know of the people chosen.
    """

    process: Process
    record: Record
    values: dict[str, Value] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    complaints: list[Complaint] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def text(self, key: str) -> str:
        """Return the text in a column, "" where there is none or people stand there."""
        value = self.values.get(key, self.extras.get(key, ""))
        return value if isinstance(value, str) else ""

    def people(self, each: Field) -> tuple[str, ...]:
        """Return who is named in a role field."""
        value = self.values.get(each.key, ())
        return value if isinstance(value, tuple) else ()

    def complain(self, key: str, message: str) -> None:
        """Add what is wrong in the column of *key*, "" for the row as a whole."""
        title = next((column.title for column in columns_of(self.process) if column.key == key), "")
        self.wrong.add(key)
        self.complaints.append(Complaint(self.record.row, title, message))


def read_row(process: Process, record: Record, rules: Rules) -> Reading:
    """Read the cells of a row, choose who receives it where the row leaves that to the territory, and judge it."""
    reading = Reading(process, record)
    for key, cell in record.cells.items():
        try:
            _read_cell(reading, key, cell, rules.directory)
        except CellError as error:
            reading.complain(key, str(error))
    roles = roles_of(process)
    for each in roles:
        _judge_people(reading, each, rules.directory)
    for each in roles:
        _judge_sides(reading, each)
    for each in roles:
        _choose(reading, each, rules)
    for needed in (process.fields.get(CUSTOMER), *starters(process)):
        if needed is not None and needed.key not in {*reading.values, *reading.wrong}:
            reading.complain(needed.key, "is blank; every new handover needs it.")
    return reading


def roles_of(process: Process) -> tuple[Field, ...]:
    """Return the fields that name people."""
    return tuple(each for each in process.fields.values() if each.role)


def _read_cell(reading: Reading, key: str, cell: str, directory: Directory) -> None:
    found = reading.process.fields.get(key)
    value = read_cell(found or _EXTRAS[key], cell)
    if value is None:
        return
    if key == TERRITORY and isinstance(value, str):
        value = read_territory(value, directory)
    if found is not None:
        reading.values[key] = value
    elif isinstance(value, str):
        reading.extras[key] = value


def _judge_people(reading: Reading, each: Field, directory: Directory) -> None:
    territory = reading.text(TERRITORY) or None
    if each.key in reading.values:
        try:
            reading.values[each.key] = read_holders(each, reading.people(each), territory, directory)
        except CellError as error:
            reading.complain(each.key, str(error))


def _judge_sides(reading: Reading, each: Field) -> None:
    for key in each.not_same_as:
        other = reading.process.fields[key]
        named = {name.casefold() for name in reading.people(other)}
        for name in reading.people(each):
            if name.casefold() in named and not {key, each.key} & reading.wrong:
                reading.complain(each.key, f"{quote(name)} stands on both sides, as {other.title} too.")


def _choose(reading: Reading, each: Field, rules: Rules) -> None:
    """Choose who receives the row where it names nobody and the territory decides."""
    territory = reading.text(TERRITORY)
    if each.key in {*reading.values, *reading.wrong} or not narrowed_role(each, territory, rules.directory):
        return
    others = facing(reading.process, each)
    if {other.key for other in others} & reading.wrong:
        return
    barred = {name.casefold() for other in others for name in reading.people(other)}
    try:
        chosen = choose_receiver(each, territory, barred, rules.directory, rules.stock, rules.now)
        reading.values[each.key] = (chosen.username,)
        reading.remarks += [chosen.remark] if chosen.remark else []
    except CellError as error:
        reading.complain(each.key, str(error))
