"""Who does what, and who must sign what: the table of activities and roles of a process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from automation.core.model import Process, Stage
from automation.core.pages.demands import Demands, read_demands
from automation.core.role_names import role_name, signer_names

NOTHING = "-"
LETTERS: Mapping[str, str] = {
    "DRI": "directly responsible",
    "R": "responsible",
    "A": "accountable",
    "C": "consulted",
    "I": "informed",
    "( )": "it depends",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One activity: the heading over it ("": none), its title, and one cell for each role."""

    group: str
    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A box that only some roles may tick, and the conditions under which it is asked for (none: always).

    ``follows_activity``: of the signers only those who are responsible for the activity that the issue names.
    """

    code: str
    title: str
    signers: tuple[str, ...]
    when: tuple[str, ...] = ()
    is_advisory: bool = False
    follows_activity: bool = False


@dataclass(frozen=True, slots=True)
class Roles:
    """Who does what in a process. ``roles`` are the columns, ``names`` the same as readers know them.

    ``legend`` says what the letters in the cells mean, as far as they are used.
    """

    id: str
    process: str
    version: int
    title: str
    roles: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    legend: Mapping[str, str]
    signatures: tuple[Signature, ...]


def build_roles(process: Process) -> Roles:
    """Build the table of *process*: that of its schema, else one with a row for each stage."""
    if process.activities is not None:
        title, roles = process.activities.title, process.activities.roles
        rows = tuple(
            Row(each.group, each.title, tuple(each.cells.get(role, NOTHING) for role in roles))
            for each in process.activities.rows
        )
    else:
        title, roles = "", _roles(process)
        rows = tuple(Row("", each.title, tuple(_cell(each, role) for role in roles)) for each in process.stages)
    return Roles(
        id=process.id,
        process=process.title,
        version=process.version,
        title=title,
        roles=roles,
        names=tuple(role_name(process, role) for role in roles),
        rows=rows,
        legend=_legend(cell for row in rows for cell in row.cells),
        signatures=tuple(_signatures(process, read_demands(process))),
    )


def _roles(process: Process) -> tuple[str, ...]:
    """Return the roles that take part in a stage: those with a field in the order of the fields, then the others."""
    taking_part = {
        role: None
        for stage in process.stages
        for role in (*stage.responsible, *stage.accountable, *stage.consulted, *stage.informed)
    }
    named = (field.role for field in process.fields.values() if field.role in taking_part)
    return tuple(dict.fromkeys((*named, *taking_part)))


def _cell(stage: Stage, role: str) -> str:
    held = {"R": stage.responsible, "A": stage.accountable, "C": stage.consulted, "I": stage.informed}
    letters = [letter for letter, roles in held.items() if role in roles]
    return ",".join(letters).replace("R,A", "R/A") or NOTHING


def _legend(cells: Iterable[str]) -> dict[str, str]:
    text = " ".join(cells)
    used = {*re.findall("DRI|[RACI]", text), *(["( )"] if "(" in text else [])}
    return {letter: said for letter, said in LETTERS.items() if letter in used}


def _signatures(process: Process, demands: Demands) -> Iterable[Signature]:
    for item in process.items.values():
        if item.signed_by:
            signers = signer_names(process, item.signed_by)
            when = demands.when(item.code)
            stage = process.stages[process.stage_of(item.section)]
            yield Signature(item.code, item.title, signers, when, item.is_advisory, stage.follows_activity)
