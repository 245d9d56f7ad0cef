"""What was typed on a field line -> the value that the schema judges."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automation.core.model import Field

_USERNAME = re.compile(r"@([A-Za-z0-9_][A-Za-z0-9_.-]*)")
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NOTHING = frozenset({"n/a", "na", "none", "not applicable", "nobody", "no one", "-", "–", "—"})
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ ,.'\u00a0\u202f][0-9]{3})+")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line ``**Label:** value``. ``value`` is None where only hints stand; ``url`` is that of a lone link."""

    line: int
    label: str
    value: str | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class NumberedList:
    """The top-level numbered list under a heading, blank numbers dropped."""

    line: int
    heading: str
    values: tuple[str, ...]


def read_value(field: Field, place: Fact | NumberedList) -> Any:
    """Turn what was typed into the value that the schema judges; None is blank."""
    if isinstance(place, NumberedList):
        return list(place.values) or None
    if place.value is None or _says_nothing(field, place.value):
        return None
    return _READERS.get(field.kind, _read_text)(field, place)


def _says_nothing(field: Field, text: str) -> bool:
    """Tell whether somebody wrote that there is nothing to write, where only a person, a day or a number could stand.

    A line that is needed is blank then, and named as such.
    """
    said = text.strip().rstrip(".").casefold()
    is_choice = said in (choice.casefold() for choice in field.choices)
    return field.kind in ("role", "date", "integer", "choice") and said in _NOTHING and not is_choice


def _read_text(_field: Field, fact: Fact) -> Any:
    return fact.value


def _read_link(_field: Field, fact: Fact) -> Any:
    return fact.url or fact.value


def _read_list(_field: Field, fact: Fact) -> Any:
    return [fact.value]


def _read_integer(_field: Field, fact: Fact) -> Any:
    text = fact.value or ""
    if _INTEGER.fullmatch(text):
        return int(text)
    return int(re.sub(r"\D", "", text)) if _GROUPED.fullmatch(text) else text


def _read_choice(field: Field, fact: Fact) -> Any:
    chosen = (fact.value or "").rstrip(".").casefold()
    return next((choice for choice in field.choices if choice.casefold() == chosen), fact.value)


def _read_role(_field: Field, fact: Fact) -> Any:
    """Return the usernames: those with an @, or else what stands between commas; a full name is no username."""
    text = fact.value or ""
    named = [name.rstrip(".") for name in _USERNAME.findall(text)]
    typed = (part.strip() for part in re.split(r"[,;/&]|\band\b", text))
    return list(dict.fromkeys(named or (part for part in typed if part)))


_READERS: Mapping[str, Callable[[Field, Fact], Any]] = {
    "link": _read_link,
    "list": _read_list,
    "integer": _read_integer,
    "choice": _read_choice,
    "role": _read_role,
}
