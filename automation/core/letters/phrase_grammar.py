"""Read a phrase as it stands in a rule of a letter. What it means is told in phrases.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from automation.core.letters.negation import NEGATIONS, has_negation
from automation.core.letters.sentences import fold_words
from automation.core.words import quote

_MOST_PARTS = 20
_LONGEST_PHRASE = 500
_SHORTEST_STEM = 2
_PARTS = re.compile(r"\.\.\.|…")
_BETWEEN_ALTERNATIVES = re.compile(r"[,()]")
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class PhraseError(ValueError):
    """A phrase that cannot be understood; the message is one sentence for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Element:
    """A word of a phrase: as it is, a stem with any ending, a name of the issue, a date or an amount."""

    kind: Literal["word", "stem", "name", "date", "money"]
    text: str


_FIGURES = {"<date>": Element("date", "30 November 2026"), "<money>": Element("money", "$500")}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Words that follow one another; ``negates`` when a negation is among them, ``is_bare`` when it is the last."""

    elements: tuple[Element, ...]
    negates: bool
    is_bare: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that was understood. ``names`` are the fields and roles in ``{...}`` that it uses, each once."""

    text: str
    parts: tuple[tuple[Alternative, ...], ...]
    names: tuple[str, ...]

    def example(self, values: Mapping[str, tuple[str, ...]]) -> str:
        """Word the phrase: "Alex Rivera ... main ... contact"; "" where it uses a name without a value."""
        parts = [next(filter(None, (_worded(each, values) for each in part)), "") for part in self.parts]
        return " ... ".join(parts) if all(parts) else ""


def _worded(alternative: Alternative, values: Mapping[str, tuple[str, ...]]) -> str:
    words = [
        next(iter(values.get(element.text, ())), "") if element.kind == "name" else element.text
        for element in alternative.elements
    ]
    return " ".join(words) if all(words) else ""


@lru_cache(maxsize=2_048)
def compile_phrase(text: str) -> Phrase:
    """Read a phrase.

    Raises:
        PhraseError: nobody could tell what it should match; the message says what to write.
    """
    written = _PARTS.split(text)
    if len(text) > _LONGEST_PHRASE or len(written) > _MOST_PARTS:
        raise PhraseError(
            f"The phrase {quote(text)} is too long: make two of it, each of at most {_LONGEST_PHRASE} characters and "
            f"{_MOST_PARTS} parts."
        )
    parts = tuple(tuple(_parse_alternative(each, text) for each in part.split("|")) for part in written)
    elements = (element for part in parts for alternative in part for element in alternative.elements)
    return Phrase(text, parts, tuple(dict.fromkeys(each.text for each in elements if each.kind == "name")))


def _parse_alternative(written: str, phrase: str) -> Alternative:
    if not written.strip():
        raise PhraseError(
            f"The phrase {quote(phrase)} has an empty part: write words on both sides of every `...` and `|`."
        )
    elements = tuple(element for word in written.split() for element in _parse_word(word, phrase))
    words = [element.text for element in elements if element.kind == "word"]
    is_bare = elements[-1].kind == "word" and elements[-1].text in NEGATIONS
    return Alternative(elements, has_negation(words), is_bare)


def _parse_word(written: str, phrase: str) -> list[Element]:
    if written in _FIGURES:
        return [_FIGURES[written]]
    if name := _NAME.fullmatch(written):
        return [Element("name", name.group(1))]
    if "{" in written or "}" in written:
        raise PhraseError(
            f"The phrase {quote(phrase)} has {quote(written)}, which is no name: in braces stands the key of a field "
            "or role and nothing else, such as `{ae}`, with blanks around."
        )
    if "<" in written or ">" in written:
        raise PhraseError(
            f"The phrase {quote(phrase)} has {quote(written)}, which is unknown: only `<date>` and `<money>` may stand "
            "in angle brackets."
        )
    if _BETWEEN_ALTERNATIVES.search(written):
        raise PhraseError(
            f"The phrase {quote(phrase)} has {quote(written)}, whose marks mean nothing here: write `|` between "
            "alternatives, and words without commas and brackets."
        )
    stem = written.removesuffix("*")
    words, _ = fold_words(stem)
    if not words or "*" in stem or (stem != written and len(words[-1]) < _SHORTEST_STEM):
        raise PhraseError(
            f"The phrase {quote(phrase)} has {quote(written)}, which is no word: `*` stands at the end of a word only, "
            f"after at least {_SHORTEST_STEM} letters."
        )
    elements = [Element("word", word) for word in words]
    return elements if stem == written else [*elements[:-1], Element("stem", words[-1])]
