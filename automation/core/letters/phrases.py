"""Find out whether a text says something, whatever the exact words: phrases, and how they are matched.

How to write a phrase. ``{ae} ... contact*|reach|turn to`` has two parts, separated by `` ... ``. A part names words
that will do, separated by ``|``; each is one word or several that follow one another. ``*`` at the end of a word stands
for any ending (``contact*``: contact, contacts, contacted). ``{ae}`` stands for what the issue says in that field or
role, the first name of a person included; a day may be written in any way. ``<date>`` stands for any date (30 November,
2026-11-30, Nov 3rd), ``<money>`` for an amount ($500, EUR 12k, 300 euros).

What counts as saying it. All parts stand in one sentence, in this order, with at most 10 words between neighbours.
Capitals, punctuation, emphasis, kinds of apostrophes, dashes and blanks do not matter: "Self-Service" is "self
service", "don't" is "do not", "cannot" is "can not", "we'll" is "we will", "GitLab's" is "GitLab". A name is nobody
else's: "Alex's manager" is not Alex. An address on the web is one word, to be written in full
(``https://docs.gitlab.com*``).

Where a sentence ends. At the end of a line, at a bullet, and at ``.``, ``!``, ``?`` or ``;`` before a blank. Not after
an abbreviation or an initial ("e.g.", "Inc.", "J. Doe"), not inside a name of the issue ("Yahoo! Inc."), and not where
a mail program broke a long line. A colon ends no sentence. Each item of a list is a sentence of its own.

What is negated does not count. Not, never, no, nobody, none, nothing, neither, nor, without, instead of and rather than
negate what follows them up to a comma, colon, bracket, dash, "but" or the like: among the matched words, or up to 3
words before them. "Pooled, not dedicated" says pooled and does not say dedicated. "Is not" directly after the words
negates them as well ("a dedicated CSE is not part of it"). "Not only", "not just", "no doubt", "do not hesitate" and
the like negate nothing. A phrase with a negation among its own words (``cse* ... not|never ... join``) looks for just
that, and what it negates must follow without a comma or "but" in between.

What is not understood: grammar ("Bob, who works with Alex, is your contact" says Alex ... contact), questions, irony,
conditions, words for the same thing that the phrase does not list, spelling mistakes, letters of another script that
look alike, and whatever takes two sentences.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from automation.core.letters.figures import DATE, MONEY, means_day
from automation.core.letters.negation import is_denied_after
from automation.core.letters.phrase_grammar import Alternative, Element, Phrase
from automation.core.letters.sentences import Sentence, Text, fold_words, has_mark, read_sentence, read_text

_WORDS_BETWEEN = 10
_WORDS_BEFORE = 3
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Names that are words too count as the name only when written with a capital.
_ALSO_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "april art august bill chance chase christian dawn day drew faith frank gene grace grant guy hope jack joy "
        "june king lance long love mark max may miles page pat penny price ray rich rob rose ruby skip sue summer "
        "sunny victor wade will young",
    )
)


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence that says what a phrase looks for, and the words in it that do, once or more, in order."""

    sentence: str
    words: tuple[str, ...]


def find_saying(text: str, phrase: Phrase, values: Mapping[str, tuple[str, ...]]) -> str:
    """Return the first sentence of the plain *text* that says *phrase*, "" when none does.

    *values* gives for each name the texts that may stand for it; a name without values matches nothing.
    """
    return next((saying.sentence for saying in find_sayings(text, phrase, values)), "")


def find_sayings(text: str, phrase: Phrase, values: Mapping[str, tuple[str, ...]]) -> Iterator[Saying]:
    """Yield every sentence of the plain *text* that says *phrase*, in order; *values* as for `find_saying`."""
    read = read_text(text, frozenset(value for each in values.values() for value in each if has_mark(value)))
    for number in sorted(_candidates(read, phrase, values)):
        sentence = read_sentence(read, number)
        if found := _search(sentence, phrase, values):
            words = (sentence.text[sentence.spans[start][0] : sentence.spans[end - 1][1]] for start, end in found)
            yield Saying(_on_one_line(sentence.text), tuple(map(_on_one_line, words)))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


# --- matching ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """Where an alternative stands in a sentence, as places of words; ``negates`` is that of the alternative."""

    start: int
    end: int
    negates: bool


def _candidates(text: Text, phrase: Phrase, values: Mapping[str, tuple[str, ...]]) -> Collection[int]:
    """Return the numbers of the sentences that have a first word of each part: few texts need a closer look."""
    numbers: Collection[int] = range(len(text.bounds))
    for part in phrase.parts:
        kinds = [_first_words(text.index, alternative.elements[0], values) for alternative in part]
        if all(words is not None for words in kinds):
            having = {number for words in kinds for word in words or () for number in text.index.get(word, ())}
            numbers = having.intersection(numbers)
    return numbers


def _first_words(
    known: Iterable[str], element: Element, values: Mapping[str, tuple[str, ...]]
) -> Collection[str] | None:
    """Return the words that *element* may begin with, of those *known* where it is a stem; None for any word.

    Any word may begin a name whose value is a day, as a day may be written in many ways.
    """
    if element.kind == "stem":
        return [word for word in known if word.startswith(element.text)]
    if element.kind == "name":
        if _days(element, values):
            return None
        return {word for value in values.get(element.text, ()) for word in fold_words(value)[0][:1]}
    return [element.text] if element.kind == "word" else None


def _search(sentence: Sentence, phrase: Phrase, values: Mapping[str, tuple[str, ...]]) -> list[tuple[int, int]]:
    """Return where *sentence* says *phrase*, as (first word, word after the last), in order, none within another."""
    parts = []
    for part in phrase.parts:
        spans = [span for alternative in part for span in _spans(sentence, alternative, values)]
        if not spans:
            return []
        parts.append(spans)
    found = _affirmed(sentence, parts)
    if any(span.negates for spans in parts for span in spans):
        found |= _negated(sentence, parts)
    apart: list[tuple[int, int]] = []
    for end, start in sorted(found.items()):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def _affirmed(sentence: Sentence, parts: Sequence[Sequence[_Span]]) -> dict[int, int]:
    """Return where the parts stand in their order and nothing negates them, as end -> start."""
    reached = {
        span.end: span.start
        for span in parts[0]
        if not span.negates and not _is_negated(sentence, span.start - _WORDS_BEFORE, span.start)
    }
    for part in parts[1:]:
        ahead: dict[int, int] = {}
        for span in part:
            for end in () if span.negates else _ends_before(span, reached):
                if not _is_negated(sentence, end, span.start):
                    ahead[span.end] = max(ahead.get(span.end, 0), reached[end])
        reached = ahead
    return {
        end: start for end, start in reached.items() if not is_denied_after(sentence.words, sentence.negations, end)
    }


def _negated(sentence: Sentence, parts: Sequence[Sequence[_Span]]) -> dict[int, int]:
    """Return where the parts stand in their order with a negation of the phrase's own, as end -> start."""
    before: dict[int, int] = {}
    negated: dict[int, int] = {}
    for number, part in enumerate(parts):
        plain_ahead: dict[int, int] = {}
        negated_ahead: dict[int, int] = {}
        for span in part:
            starts = [before[end] for end in _ends_before(span, before)] if number else [span.start]
            since = [
                negated[end]
                for end in _ends_before(span, negated)
                if sentence.clauses[end - 1] == sentence.clauses[span.start]
            ]
            if span.negates:
                since += starts
            elif starts:
                plain_ahead[span.end] = max(plain_ahead.get(span.end, 0), *starts)
            if since:
                negated_ahead[span.end] = max(negated_ahead.get(span.end, 0), *since)
        before, negated = plain_ahead, negated_ahead
    return negated


def _ends_before(span: _Span, reached: Collection[int]) -> Iterator[int]:
    """Yield the places in *reached* that *span* may follow."""
    return (end for end in range(max(span.start - _WORDS_BETWEEN, 0), span.start + 1) if end in reached)


def _is_negated(sentence: Sentence, first: int, place: int) -> bool:
    """Tell whether a negation at *first* or later reaches the word at *place*."""
    return any(
        index in sentence.negations and sentence.clauses[index] == sentence.clauses[place]
        for index in range(max(first, 0), place)
    )


def _spans(sentence: Sentence, alternative: Alternative, values: Mapping[str, tuple[str, ...]]) -> Iterator[_Span]:
    first, *rest = alternative.elements
    for start, end in _places(sentence, first, values):
        ends = {end}
        for element in rest:
            ends = {after for place in ends for after in _ends(sentence, element, place, values)}
        # "Not only" is no "not".
        yield from (
            _Span(start, last, alternative.negates)
            for last in ends
            if not (alternative.is_bare and last - 1 in sentence.idle)
        )


def _places(sentence: Sentence, element: Element, values: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Yield where *element* stands in *sentence*, as (first word, word after the last)."""
    words = _first_words(sentence.places, element, values)
    if words is None:
        yield from _figures(sentence, MONEY if element.kind == "money" else DATE, _days(element, values))
        return
    for word in words:
        for place in sentence.places.get(word, ()):
            yield from ((place, end) for end in _ends(sentence, element, place, values))


def _ends(sentence: Sentence, element: Element, place: int, values: Mapping[str, tuple[str, ...]]) -> Collection[int]:
    """Return the places after *element* where it stands at *place*, none where it does not."""
    word = sentence.words[place] if place < len(sentence.words) else ""
    if element.kind == "word":
        return (place + 1,) if word == element.text else ()
    if element.kind == "stem":
        return (place + 1,) if word.startswith(element.text) else ()
    if element.kind == "name" and not _days(element, values):
        return {end for value in values.get(element.text, ()) if (end := _value_end(sentence, value, place))}
    return [end for start, end in _places(sentence, element, values) if start == place]


def _value_end(sentence: Sentence, value: str, place: int) -> int:
    """Return the place after *value* where it stands at *place*, 0 where it does not."""
    words, is_possessive = fold_words(value)
    end = place + len(words)
    if not words or sentence.words[place:end] != words or (end - 1 in sentence.possessive) != is_possessive:
        return 0
    is_small = sentence.text[sentence.spans[place][0]].islower()
    return 0 if is_small and len(words) == 1 and words[0] in _ALSO_WORDS else end


def _figures(sentence: Sentence, form: re.Pattern[str], days: Collection[date]) -> Iterator[tuple[int, int]]:
    """Yield where *form* stands in *sentence*; of dates only those that mean one of *days*, where there are any."""
    starts = [start for start, _ in sentence.spans]
    for match in form.finditer(sentence.text):
        if not days or any(means_day(match.group(), day) for day in days):
            yield bisect_left(starts, match.start()), bisect_left(starts, match.end())


def _days(element: Element, values: Mapping[str, tuple[str, ...]]) -> Collection[date]:
    """Return the days that a name stands for: those of its values that are dates as an issue has them."""
    texts = values.get(element.text, ()) if element.kind == "name" else ()
    return [day for text in texts if (day := _read_day(text)) is not None]


@lru_cache(maxsize=512)
def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
