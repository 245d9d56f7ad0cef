"""All letters, ready to be filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from automation.core.letters.markup import escape, escape_for_gitlab, one_line, to_html, to_text
from automation.core.letters.model import Letter, Rendered
from automation.core.letters.templates import Names, find_names, includes_others
from automation.core.letters.values import Blank, Values, person_names, say_date
from automation.core.model import Process

_MOST_CHARACTERS = 200_000
_MOST_IN_SUBJECT = 200
_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")


class MissingValuesError(Exception):
    """The letter prints facts that are blank in the issue; ``names`` are their keys or roles."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class LengthyLetterError(Exception):
    """What people typed makes the letter so long that nobody would read it."""


@dataclass(frozen=True)
class Book:
    """The letters by name. ``versions`` are those of its process that a letter fits, where it does not fit all."""

    letters: Mapping[str, Letter] = field(default_factory=dict)
    versions: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def of_process(self, process: str) -> tuple[Letter, ...]:
        """Return the letters of a process, in the order of their names."""
        return tuple(self.letters[name] for name in sorted(self.letters) if self.letters[name].process == process)

    def fitting(self, process: Process) -> tuple[Letter, ...]:
        """Return the letters that fit a process in just this version."""
        found = self.of_process(process.id)
        return tuple(each for each in found if process.version in self.versions.get(each.name, {process.version}))

    def includable(self, letter: Letter) -> dict[str, str]:
        """Return the texts that a letter may include: those of its process that include nothing themselves."""
        others = (each for each in self.of_process(letter.process) if each.name != letter.name)
        return {each.name: each.body for each in others if not includes_others(each.body)}

    def names_in(self, letter: Letter) -> frozenset[str]:
        """Return every field and role that a letter without flaws speaks of."""
        return self._names[letter.name]

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        return {
            name: find_names(each.body, self.includable(each)) | find_names(each.subject, {})
            for name, each in self.letters.items()
        }

    def fill_in(self, letter: Letter, values: Values) -> Rendered:
        """Fill a letter in.

        Raises:
            MissingValuesError: it prints facts that are blank.
            LengthyLetterError: it becomes longer than anybody would read.
        """
        missing: list[str] = []
        context = values.context(missing)
        subject = " ".join(self._plain.get_template(_subject_of(letter.name)).render(context).split())
        markdown = self._render(self._escaping, letter, context)
        shown = self._render(self._guarding, letter, context)
        if missing:
            raise MissingValuesError(tuple(dict.fromkeys(missing)))
        return Rendered(subject, markdown, shown, to_text(markdown), to_html(markdown, subject))

    def _render(self, environment: jinja2.Environment, letter: Letter, context: Mapping[str, Any]) -> str:
        text = _GAP.sub("\n\n", environment.get_template(letter.name).render(context)).strip()
        if len(text) > _MOST_CHARACTERS:
            raise LengthyLetterError
        return f"{text}\n"

    @cached_property
    def _plain(self) -> jinja2.Environment:
        return self._environment(lambda value: one_line(value)[:_MOST_IN_SUBJECT])

    @cached_property
    def _escaping(self) -> jinja2.Environment:
        return self._environment(escape)

    @cached_property
    def _guarding(self) -> jinja2.Environment:
        return self._environment(escape_for_gitlab)

    def _environment(self, quote: Any) -> jinja2.Environment:
        environment = ImmutableSandboxedEnvironment(
            loader=jinja2.DictLoader(
                {name: letter.body for name, letter in self.letters.items()}
                | {_subject_of(name): letter.subject for name, letter in self.letters.items()}
            ),
            undefined=jinja2.StrictUndefined,
            finalize=lambda value: value.note() if isinstance(value, Blank) else quote(str(value)),
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
        )
        environment.filters = {"date": _date, "join": _join, "lower": _lower}
        return environment


def _subject_of(name: str) -> str:
    """Return the name of the template of a subject; no file can be called so."""
    return f"subject of {name}"


def names_for(process: Process) -> Names:
    """Return what a letter of the process may name."""
    roles = person_names(process)
    lists = {each.key for each in process.fields.values() if each.kind == "list"}
    values = {key for key in process.fields if key not in lists and key not in roles}
    dates = {each.key for each in process.fields.values() if each.kind == "date"}
    choices = {each.key: each.choices for each in process.fields.values() if each.choices and each.key in values}
    return Names(values, lists, frozenset(roles), dates, choices)


def _date(value: Any) -> Any:
    return value if isinstance(value, Blank) else say_date(str(value))


def _join(value: Any, between: str) -> Any:
    if isinstance(value, Blank):
        return value
    each: Iterable[Any] = value if isinstance(value, tuple) else (value,)
    return between.join(map(str, each))


def _lower(value: Any) -> Any:
    return value if isinstance(value, Blank) else str(value).lower()
