"""One line of the doctor: what was found, and the exact thing to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

from automation.core.bootstrap.credentials import WARNING_DAYS
from automation.core.installation import Unseen

State: TypeAlias = Literal["fine", "repair", "hidden"]
Group: TypeAlias = Literal[
    "Token",
    "Project",
    "People",
    "Labels and boards",
    "Schedule",
    "Triage",
    "Repository",
    "Variables",
    "Server",
]
GROUPS: tuple[Group, ...] = get_args(Group)
# What is needed to see what the server failed to tell.
ANOTHER_TRY = "another try"
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``repair`` is "" unless something is to be done, ``needs`` unless it is hidden."""

    name: str
    group: Group
    state: State
    says: str
    repair: str = ""
    needs: str = ""

    @property
    def is_unread(self) -> bool:
        """Tell whether the server failed to tell it: no other token would see it."""
        return self.state == "hidden" and self.needs == ANOTHER_TRY


def fine(name: str, group: Group, says: str) -> Check:
    """Return the line of something that is as it should be."""
    return Check(name, group, "fine", says)


def broken(name: str, group: Group, says: str, repair: str) -> Check:
    """Return the line of something to be repaired, with the exact thing to do."""
    return Check(name, group, "repair", says, repair)


def hidden(name: str, group: Group, what: str, unseen: Unseen) -> Check:
    """Return the line of something that this token is not shown, or that the server failed to tell."""
    if unseen.why:
        return Check(name, group, "hidden", f"{what} could not be read: {unseen.why}", needs=unseen.needs)
    return Check(name, group, "hidden", f"{what} cannot be seen with this token.", needs=unseen.needs)


def judge_expiry(name: str, group: Group, what: str, expires_on: date | None, today: date, repair: str) -> Check:
    """Judge the days that a token has left. *expires_on* is the first day on which it no longer works."""
    if expires_on is None:
        return fine(name, group, f"{what} has no end.")
    days = (expires_on - today).days
    if days <= 0:
        return broken(name, group, f"{what} expired on {expires_on}.", repair)
    told = f"{what} expires on {expires_on}, in {count(days, 'day')}."
    return broken(name, group, told, repair) if days <= WARNING_DAYS else fine(name, group, told)


def count(number: int, noun: str) -> str:
    """Write a number with its noun: "1 day", "2 days"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listing(names: Iterable[str], most: int = _MOST_NAMES) -> str:
    """Write the names of things one after the other, at most so many of them."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return f"{', '.join(found[:most])}{more}"


def at(moment: datetime) -> str:
    """Write a moment in UTC to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
