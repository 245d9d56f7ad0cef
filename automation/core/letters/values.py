"""What a letter is filled in with: the facts of an issue and the people in its roles, or made-up ones to try it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, product
from math import prod
from typing import Any

from automation.core.model import Document, Field, Process

_MOST_ITEMS = 100
_MOST_SAMPLES = 64

_IN_BRACKETS = re.compile(r"\s+(?:\([^()]*\)|\[[^\[\]]*\])\s*$")
_TITLES = frozenset(("dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "herr", "frau"))
# Chinese, Japanese and Korean, where the family name comes first.
_FAMILY_FIRST = re.compile(
    "[\u1100-\u11ff\u3040-\u30ff\u3105-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U000323af]"
)
_SAMPLE_PEOPLE = ("Ada Lind", "Bo Falk", "Cem Aydin", "Dia Roy", "Eva Maas", "Finn Berg", "Gia Conti", "Hal Quist")


_Fact = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever holds a role, several joined by "and". What stands in brackets after a name, "(she/her)", is not said."""

    names: tuple[str, ...]

    @property
    def first_name(self) -> str:
        return _joined(map(_first_name, self.names))

    def __str__(self) -> str:
        return _joined(map(_full_name, self.names))


@dataclass(slots=True)
class Blank:
    """A fact that is not there. Asked for in a condition it is false; printed, it is noted as missing."""

    key: str
    missing: list[str]

    @property
    def first_name(self) -> Blank:
        return self

    def note(self) -> str:
        self.missing.append(self.key)
        return ""

    def __bool__(self) -> bool:
        return False

    def __contains__(self, _: object) -> bool:
        return False

    def __iter__(self) -> Iterator[str]:
        self.note()
        return iter(())


@dataclass(frozen=True, slots=True)
class Values:
    """What a letter may be filled in with, by name; what stands in ``names`` only is blank in this issue.

    ``facts`` are the values of fields by key, texts or lists of texts, ``people`` those of roles.
    """

    names: frozenset[str]
    facts: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)

    def context(self, missing: list[str]) -> dict[str, Any]:
        """Return what Jinja2 is given. The names of blank facts that the letter prints come into *missing*."""
        return {name: Blank(name, missing) for name in self.names} | dict(self.facts) | dict(self.people)

    def spoken(self) -> dict[str, tuple[str, ...]]:
        """Return how the values may stand in a text: dates in words too, people by their first names too."""
        found: dict[str, tuple[str, ...]] = {}
        for key, value in self.facts.items():
            if isinstance(value, tuple):
                found[key] = value
            else:
                found[key] = tuple(dict.fromkeys((value, say_date(value))))
        for role, person in self.people.items():
            full_names, first_names = map(_full_name, person.names), map(_first_name, person.names)
            ways = (str(person), *full_names, *person.names, person.first_name, *first_names)
            found[role] = tuple(dict.fromkeys(ways))
        return found


def issue_values(process: Process, document: Document, people: Mapping[str, tuple[str, ...]]) -> Values:
    """Gather the values of an issue. *people* are the full names of those named for each role."""
    facts: dict[str, str | tuple[str, ...]] = {}
    for each in process.fields.values():
        value = document.value_of(each)
        if value is not None and not each.role:
            facts[each.key] = tuple(map(str, value[:_MOST_ITEMS])) if isinstance(value, list) else str(value)
    persons = {role: Person(names) for role, names in people.items() if names}
    keyed = {each.key: persons[each.role] for each in process.fields.values() if each.role in persons}
    return Values(known_names(process), facts, {**keyed, **persons})


def known_names(process: Process) -> frozenset[str]:
    """Return everything that a letter of the process may name."""
    return frozenset((*process.fields, *person_names(process)))


def person_names(process: Process) -> tuple[str, ...]:
    """Return the names under which a letter may speak of a person: roles, and the keys of their fields."""
    found = [name for each in process.fields.values() if each.role for name in (each.key, each.role)]
    return tuple(dict.fromkeys(found))


def sample_values(process: Process, used: Iterable[str], only: Mapping[str, tuple[str, ...]]) -> Iterator[Values]:
    """Yield made-up values to try a letter with: all choices of the facts that it uses, then each fact blank in turn.

    *only* gives for some facts, by key, the values for which the letter is meant. Of choices that have very many
    combinations, each stands at least once.
    """
    wanted = sorted((set(used) | set(only)) & set(process.fields))
    options = {key: only.get(key) or _sample_options(process.fields[key]) for key in wanted}
    options = {key: each for key, each in options.items() if each}
    names = known_names(process)
    people = {role: Person((name,)) for role, name in zip(person_names(process), cycle(_SAMPLE_PEOPLE), strict=False)}
    for facts in _combinations(options):
        yield Values(names, facts, people)
    first = {key: each[0] for key, each in options.items()}
    for key in (each for each in options if each not in only):
        yield Values(names, {each: value for each, value in first.items() if each != key}, people)


def _combinations(options: Mapping[str, tuple[_Fact, ...]]) -> Iterator[dict[str, _Fact]]:
    """Yield all combinations of options; where they are too many, the first, and each other option with it."""
    first = {key: each[0] for key, each in options.items()}
    if prod(map(len, options.values())) <= _MOST_SAMPLES:
        yield from (dict(zip(options, chosen, strict=True)) for chosen in product(*options.values()))
        return
    yield first
    for key, each in options.items():
        yield from ({**first, key: value} for value in each[1:])


def _sample_options(wanted: Field) -> tuple[_Fact, ...]:
    if wanted.role:
        return ()
    if wanted.choices:
        return wanted.choices
    samples: dict[str, _Fact] = {
        "integer": "45",
        "date": "2026-11-30",
        "link": "https://docs.gitlab.com/",
        "list": ("One thing", "Another thing"),
    }
    return (samples.get(wanted.kind, f"Sample {wanted.title.casefold()}"),)


def say_date(value: str) -> str:
    """Return an ISO date as people write it, 30 November 2026; anything else as it is."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day.day} {day:%B} {day.year}"


def _joined(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _full_name(name: str) -> str:
    return _IN_BRACKETS.sub("", name)


def _first_name(name: str) -> str:
    """Return the first of several names; the full name where nobody can tell that it is the given one."""
    full = _full_name(name)
    words = full.split()
    if len(words) < 2 or "," in full or _FAMILY_FIRST.search(full):
        return full
    first = words[0]
    is_name = len(first) > 1 and first[0].isalpha() and "." not in first and first.casefold() not in _TITLES
    return first if is_name else full
