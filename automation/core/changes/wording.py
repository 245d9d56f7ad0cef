"""Do two wordings of a box say the same? Judged by their words alone, in doubt with no: there is a way out for that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from automation.core.words import plain_words

_WORD = re.compile(r"[^\W_]+")
# Words that say little. In one text, so that they can be read.
_FILLING = frozenset(
    _WORD.findall(
        "a all also an and any are as at be been by each every for from has have i in is it its my of on or our that"
        " the their they this to up was we were will with you your"
    )
)
# What is done stands behind one of these: is sent, have read, I confirm.
_BEFORE_VERBS = frozenset(_WORD.findall("am are be been had has have i is was we were"))
_DENYING = frozenset(_WORD.findall("cannot don isn never no nobody none nor not nothing without"))
_NUMBERS = frozenset(_WORD.findall("one two three four five six seven eight nine ten eleven twelve half twice"))
_OPPOSITES = (
    ("accepted", "declined"),
    ("accepted", "refused"),
    ("added", "removed"),
    ("after", "before"),
    ("approved", "rejected"),
    ("approved", "refused"),
    ("closed", "open"),
    ("disabled", "enabled"),
    ("end", "start"),
    ("ended", "started"),
    ("external", "internal"),
    ("first", "last"),
    ("least", "most"),
    ("less", "more"),
    ("new", "old"),
    ("off", "on"),
    ("post", "pre"),
    ("received", "sent"),
    ("with", "without"),
)
_OPPOSED = frozenset(frozenset(pair) for pair in _OPPOSITES)
# Of the words that say something, so many must stay where others are replaced, where words are only added, and where
# some are only left out.
_LEAST_KEPT = 0.7
_LEAST_KEPT_OF_A_LONGER_ONE = 0.3
_LEAST_KEPT_OF_A_SHORTER_ONE = 0.5
_LEAST_ALIKE = 0.75


def is_same_meaning(old: str, new: str) -> bool:
    """Tell whether *new* words a box as *old* did: mistakes of typing mended, words added, left out or turned round.

    Another number, a denial that comes or goes, a word that turns into its opposite, another deed (sent, drafted) are
    another meaning. So is a text of which much is replaced.
    """
    before, after = _words(old), _words(new)
    if before == after:
        return True
    if any(_only(before, kind) != _only(after, kind) for kind in (_DENYING, _NUMBERS)) or _figures(old) != _figures(
        new
    ):
        return False
    gone, come = _without(before, after), _without(after, before)
    if any(frozenset((one, other)) in _OPPOSED for one in gone for other in come):
        return False
    if _deeds(before) & set(gone) and _deeds(after) & set(come):
        return False
    if _short_names(old) & set(gone) and _short_names(new) & set(come):
        return False
    return _is_enough_kept(*([each for each in words if each not in _FILLING] for words in (before, after)))


def is_worded_as(former: str, words: str) -> bool:
    """Tell whether two texts have the same words in the same order, whatever their capitals, marks and Markdown."""
    return _words(former) == _words(words)


def _is_enough_kept(before: Sequence[str], after: Sequence[str]) -> bool:
    gone, come = _without(before, after), _without(after, before)
    longer, kept = max(len(before), len(after)), len(before) - len(gone)
    if not (gone and come):
        return kept > 0 and kept >= (_LEAST_KEPT_OF_A_SHORTER_ONE if gone else _LEAST_KEPT_OF_A_LONGER_ONE) * longer
    return kept >= _LEAST_KEPT * longer


def _words(text: str) -> list[str]:
    return _WORD.findall(plain_words(text).casefold())


def _short_names(text: str) -> set[str]:
    """Return words in capitals, such as CSM: where one takes the place of another, somebody else is meant."""
    return {each.casefold() for each in _WORD.findall(plain_words(text)) if len(each) > 1 and each.isupper()}


def _deeds(words: Sequence[str]) -> set[str]:
    """Return the words behind "is", "have", "I" and their like: most often what is done."""
    return {word for behind, word in pairwise(words) if behind in _BEFORE_VERBS} - _BEFORE_VERBS


def _figures(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", plain_words(text)))


def _only(words: Sequence[str], kind: frozenset[str]) -> list[str]:
    return sorted(each for each in words if each in kind)


def _without(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return those of *words* that have no like among *others*, each of which stands for one word only."""
    left, lacking = list(others), []
    for word in words:
        like = word if word in left else next((each for each in left if _alike(word, each)), None)
        if like is None:
            lacking.append(word)
        else:
            left.remove(like)
    return lacking


def _alike(one: str, other: str) -> bool:
    """Tell whether two words differ by their ending or a slip of the keys: closed and closes, approve and approval."""
    return (
        min(len(one), len(other)) >= 4
        and one[:3] == other[:3]
        and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _LEAST_ALIKE
    )
