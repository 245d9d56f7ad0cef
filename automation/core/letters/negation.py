"""Which words of a sentence negate what follows them, and where that ends. What counts is told in phrases.py."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _idioms(words: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(idiom.split()) for idiom in words.split("|"))


NEGATIONS = _listed("not never no nobody none nothing neither nor without non")
_NEGATING_PAIRS = _idioms("instead of|rather than|no longer")
_NEGATING_NOTHING = _idioms(
    "not only|not just|not merely|not simply|not always|not necessarily|not all|not every|not least|not to mention|"
    "not hesitate|never hesitate|not forget|never forget|not worry|not be afraid|not be shy|no doubt|no matter|"
    "no later|no problem|no worries|no question|no other than|none other|nothing but|without delay|"
    "without hesitation|without hesitating|without doubt|without exception|without further"
)
_LONGEST_IDIOM = max(map(len, _NEGATING_NOTHING))
_CLAUSE_WORDS = _listed("but however whereas while although though because unless until instead")
_SUBJECTS = _listed("you we they i he she it please your our")
# Between two commas, these interrupt a clause without ending it.
_ASIDES = _idioms(
    "however|of course|as a rule|therefore|though|in general|generally|usually|normally|as before|from now on|"
    "as you know|unfortunately|by default|going forward|please|too|also|either"
)
_LONGEST_ASIDE = max(map(len, _ASIDES))
_AUXILIARIES = _listed("is are was were be will would can could do does did has have had may might must shall should")
_RELATING = _listed("who whom whose which that if when where as and or you we they i he she it")


def has_negation(words: Sequence[str]) -> bool:
    """Tell whether a negation is among *words*."""
    return not NEGATIONS.isdisjoint(words) or any(pair in _NEGATING_PAIRS for pair in pairwise(words))


def find_negations(words: Sequence[str]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the places of *words* that negate what follows them, and of those that only seem to ("not only")."""
    negations: set[int] = set()
    idle: set[int] = set()
    for place, word in enumerate(words):
        if tuple(words[place : place + 2]) in _NEGATING_PAIRS:
            negations.update((place, place + 1))
        elif word in NEGATIONS:
            beginnings = (tuple(words[place : place + length]) for length in range(2, _LONGEST_IDIOM + 1))
            is_idle = any(each in _NEGATING_NOTHING for each in beginnings) or words[max(place - 1, 0)] == "or"
            (idle if is_idle else negations).add(place)
    return frozenset(negations), frozenset(idle)


def number_clauses(words: Sequence[str], breaks: Sequence[bool]) -> tuple[int, ...]:
    """Return for each of *words* the number of its clause; *breaks* tells before which words a mark stands.

    A clause ends at a mark, at "but" and the like, and at "and you"; "of course" between commas ends none.
    """
    marks = list(breaks)
    asides: set[int] = set()
    for place in range(len(words)):
        for end in range(place + 1, place + _LONGEST_ASIDE + 1) if marks[place] else ():
            if end < len(words) and marks[end] and tuple(words[place:end]) in _ASIDES:
                marks[place] = marks[end] = False
                asides.update(range(place, end))
    numbers = []
    number = 0
    for place, word in enumerate(words):
        pair = (word, words[place + 1] if place + 1 < len(words) else "")
        is_clause_word = word in _CLAUSE_WORDS and place not in asides and pair not in _NEGATING_PAIRS
        number += marks[place] or is_clause_word or (word == "and" and pair[1] in _SUBJECTS)
        numbers.append(number)
    return tuple(numbers)


def is_denied_after(words: Sequence[str], negations: frozenset[int], end: int) -> bool:
    """Tell whether what stands before *end* is denied at once: "a dedicated CSE is not", "your CSM will not"."""
    for place in (end - 1, end, end + 1):
        if place == end + 1 and words[end : end + 1] and words[end] in _RELATING:
            return False
        if words[place : place + 1] and words[place] in _AUXILIARIES and place + 1 in negations:
            return words[place + 1] in ("not", "never", "no")
    return False
