"""Who is named in a row, and who receives it: the owner of its territory with the fewest open handovers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from automation.core.creating.accounts import name_key
from automation.core.creating.cells import CellError, nearest
from automation.core.creating.columns import starters
from automation.core.creating.stock import Stock
from automation.core.model import Field, Process
from automation.core.people import TERRITORY, Directory
from automation.core.words import quote


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen for a role field, and what to say about it ("" for nothing)."""

    username: str
    remark: str = ""


def read_territory(name: str, directory: Directory) -> str:
    """Return the territory as the configuration spells it.

    Raises:
        CellError: territories are configured, and this is none of them.
    """
    known = directory.territory_names
    spelled = {name_key(each): each for each in known}
    if known and name_key(name) not in spelled:
        raise CellError(f"{quote(name)} is no territory of .gitlab/handover.yml; {nearest(name, known)}")
    return spelled.get(name_key(name), name)


def _some(holders: Mapping[str, str]) -> str:
    return quote(next(iter(holders.values()), "ben"))


def read_holders(field: Field, names: Iterable[str], territory: str | None, directory: Directory) -> tuple[str, ...]:
    """Return the people of a role field as the role directory spells them.

    Raises:
        CellError: somebody holds no such role, or not in this territory, or cannot act in the project.
    """
    names = tuple(names)
    holders, anywhere = directory.holders_for(field, territory), directory.holders_for(field, None)
    found = []
    for name in names:
        person = name.casefold()
        if person not in holders:
            raise CellError(_stranger(name, names, holders, anywhere, territory, directory))
        if not directory.is_able(person):
            raise CellError(
                f"{quote(name)} is no active member of the project with the role Planner, Reporter or above;"
                " add this person there first."
            )
        found.append(holders[person])
    return tuple(found)


def _stranger(
    name: str,
    names: tuple[str, ...],
    holders: Mapping[str, str],
    anywhere: Mapping[str, str],
    territory: str | None,
    directory: Directory,
) -> str:
    if name.casefold() in anywhere:
        there = ", ".join(map(quote, holders.values())) or "nobody"
        return f"{quote(name)} holds this role, but not in {quote(territory)}: there it is {there}."
    full = " ".join(names).casefold()
    for member in directory.members.values():
        if member.name.casefold() == full and member.username.casefold() in holders:
            return f"{quote(' '.join(names))} is a name; write the username, {quote(member.username)}."
    if len(names) > 1 and not any(each.casefold() in holders for each in names):
        return f"{quote(' '.join(names))} names nobody with this role; write usernames, such as {_some(holders)}."
    if not holders:
        return f"{quote(name)} holds no such role: nobody does yet in .gitlab/handover.yml; add people there."
    return f"{quote(name)} holds no such role; {nearest(name, tuple(holders.values()))}"


def facing(process: Process, field: Field) -> tuple[Field, ...]:
    """Return the role fields on the other side of *field*: nobody may stand in both."""
    return tuple(
        other
        for other in process.fields.values()
        if other.role and (other.key in field.not_same_as or field.key in other.not_same_as)
    )


def narrowed_role(field: Field, territory: str | None, directory: Directory) -> str:
    """Return the role of the directory that fills *field* and that the territory narrows, "" where it does not.

    Whom any holder may stand for is named later, by whoever takes it.
    """
    if not field.role or field.may_be_any_holder or not territory:
        return ""
    role = field.held_by if field.held_by and field.role not in directory.roles else field.role
    return role if role in directory.territories.get(territory.casefold(), {}) else ""


def choose_receiver(
    field: Field, territory: str, barred: Iterable[str], directory: Directory, stock: Stock, now: datetime
) -> Choice:
    """Choose the owner of *territory* with the fewest open handovers, of equals the first in the configuration.

    Who is away now is only chosen when all are; *barred* (case-folded) are those on the other side.

    Raises:
        CellError: nobody of the territory can receive it.
    """
    role, holders = narrowed_role(field, territory, directory), directory.holders_for(field, territory)
    order = directory.territories[territory.casefold()][role]
    barred = set(barred)
    able = [holders[key] for key in order if key in holders and key not in barred and directory.is_able(key)]
    if not able:
        why = "; ".join(_why_not(holders.get(key, order[key]), key in holders, key in barred) for key in order)
        raise CellError(
            f"nobody of {quote(territory)} can receive it ({why or 'nobody is named there'}); name a person, or mend"
            " .gitlab/handover.yml."
        )
    present = [name for name in able if not say_away(name, directory, now)]
    chosen = min(present or able, key=lambda name: stock.load_of(field.role, name))
    skipped = [name for name in able if name not in present] if present else [chosen]
    return Choice(chosen, ", ".join(say_away(name, directory, now) for name in skipped))


def _why_not(name: str, is_holder: bool, is_barred: bool) -> str:
    if not is_holder:
        return f"{quote(name)} does not hold the role"
    if is_barred:
        return f"{quote(name)} stands on the other side of this row"
    return f"{quote(name)} is no active member of the project with the role Planner, Reporter or above"


def say_away(name: str, directory: Directory, now: datetime) -> str:
    """Say that a person is away now, and until when; "" who is there."""
    calendars = directory.calendars
    absence = calendars.absence(name, calendars.day_of(name, now))
    return f"{name} is away until {absence.last.isoformat()}" if absence else ""


def receiving_field(process: Process, directory: Directory) -> Field | None:
    """Return the field that names the receiver: of the role that territories narrow, else of the other side.

    A process without two sides is received by whoever begins.
    """
    named = [each for each in process.fields.values() if each.role and not each.may_be_any_holder]
    if TERRITORY in process.fields:
        for territory in directory.territory_names:
            for each in named:
                if narrowed_role(each, territory, directory):
                    return each
    other_side = [each for each in named if each.not_same_as and not each.held_by]
    return next(iter((*other_side, *starters(process))), None)
