"""Read plain text as sentences of words. Where a sentence ends, and what a word is, is told in phrases.py."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from automation.core.letters.negation import find_negations, number_clauses

_ABBREVIATIONS = frozenset(
    re.findall(
        "[a-z]+",
        "mr mrs ms mx dr prof st sr jr nr vs ca approx resp fig ext tel dept est incl excl cf etc inc ltd corp co llc "
        "plc gmbh bros jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun",
    )
)
# A capital after an abbreviation begins a sentence only with one of these: "Acme Inc. Germany", "Acme Inc. We".
_OPENERS = frozenset(
    re.findall(
        "[a-z]+",
        "a after all also an and any as at because before both but each every feel for from he how however i if in it "
        "no not on once or our please she since so thank thanks that the then there these they this those to until we "
        "what when where with you your",
    )
)
_WITHOUT_APOSTROPHE = re.compile(r"(?:do|does|did|is|are|was|were|could|should|would|have|has|had)nt")
_IRREGULAR = {
    "won't": ("will", "not"),
    "wont": ("will", "not"),
    "can't": ("can", "not"),
    "cant": ("can", "not"),
    "cannot": ("can", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
    "let's": ("let", "us"),
    "i'm": ("i", "am"),
}
_CONTRACTIONS = {"'ll": "will", "'re": "are", "'ve": "have", "'d": "would"}
_BEFORE_IS = frozenset(("it", "that", "there", "here", "what", "who", "where", "how", "he", "she", "everything"))
# After any other word, 's is "is" before these: nobody owns a "the".
_AFTER_IS = frozenset(("a", "an", "the", "your", "our", "my", "not", "going", "been", "now", "here", "there"))

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′´`＇", "'"))
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Characters that show nothing, beyond those of the categories Cc and Cf.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_BULLET = re.compile(r"\s*(?:[-*+>•▪●‣◦]|\(?(?:[0-9]{1,3}|[a-z])[.)])\s", re.IGNORECASE)
_WRAPPED = range(50, 100)
_TOKEN = re.compile(
    r"""(?P<address>(?<![^\W_])(?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)\]}'*_])
      | (?P<word>[^\W_]+(?:'[^\W_]+)*)
      | (?P<line>\n|[•▪●‣◦])
      | (?P<end>[.!?;]+["'”“»)\]}*_]*)
      | (?P<clause>[,:()\[\]—―]|--+|(?<=\s)[-–‒−](?=\s))""",
    re.IGNORECASE | re.VERBOSE,
)
_NEXT_WORD = re.compile(r"[ \t]{0,5}[\"'(]{0,2}([^\W_]{1,12})(?![^\W_])")
_MARK = re.compile(r"[.!?;,:]")
# What stands between two words: nothing, the mark of a clause, the end of a sentence, the end of a line.
_NOTHING, _CLAUSE, _END, _LINE = range(4)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word as written, at ``start`` to ``end`` of the text: two words where it is contracted.

    ``gap`` is the strongest mark since the token before; where that ends a sentence, ``broken_at`` is the place.
    """

    words: tuple[str, ...]
    is_possessive: bool
    start: int
    end: int
    gap: int
    broken_at: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its ``words``, folded; for each word its place in ``text`` and the number of its clause.

    ``possessive`` are the places of words with 's, ``negations`` of words that negate what follows, ``idle`` of those
    that only seem to. ``places`` says where each word stands.
    """

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    clauses: tuple[int, ...]
    possessive: frozenset[int]
    negations: frozenset[int]
    idle: frozenset[int]
    places: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text as sentences in order, each as (start, end, first token, token after the last).

    ``index`` gives for each word the numbers of the sentences that have it.
    """

    text: str
    tokens: Sequence[_Token]
    gaps: Sequence[int]
    bounds: Sequence[tuple[int, int, int, int]]
    index: Mapping[str, Sequence[int]]


def clean_text(text: str) -> str:
    """Return *text* with the plain forms of its characters, one kind of line end and nothing that cannot be seen."""
    text = unicodedata.normalize("NFKC", _LINE_ENDS.sub("\n", text.translate(_APOSTROPHES)))
    text = "".join(each for each in text if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cf"))
    return _INVISIBLE.sub("", text)


@lru_cache(maxsize=512)
def fold_words(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a short text as sentences have them, and whether the last has 's ("Macy's")."""
    tokens = _tokens(clean_text(text))
    return tuple(word for token in tokens for word in token.words), bool(tokens) and tokens[-1].is_possessive


def has_mark(value: str) -> bool:
    """Tell whether a value of an issue has a mark inside that could be taken for the end of a sentence or clause."""
    return _MARK.search(value) is not None


@lru_cache(maxsize=1)
def read_text(text: str, protected: frozenset[str]) -> Text:
    """Split plain *text* into sentences; the marks inside the *protected* values end none."""
    text = _unwrap(clean_text(text))
    tokens = _tokens(text)
    gaps = [token.gap for token in tokens]
    _protect(text, tokens, gaps, protected)
    bounds: list[tuple[int, int, int, int]] = []
    index: dict[str, list[int]] = {}
    first = 0
    for place, token in enumerate(tokens):
        if place and gaps[place] >= _END:
            bounds.append((tokens[first].start, token.broken_at, first, place))
            first = place
        for word in token.words:
            index.setdefault(word, []).append(len(bounds))
    if tokens:
        bounds.append((tokens[first].start, len(text), first, len(tokens)))
    return Text(text, tokens, gaps, bounds, index)


def _unwrap(text: str) -> str:
    """Join the lines that a mail program broke: long ones, without an end mark, directly followed by more prose."""
    pieces = []
    goes_on = False
    for line in text.split("\n"):
        pieces += [" " if goes_on and line.strip() and not _BULLET.match(line) else "\n", line]
        seen = line.rstrip()
        goes_on = len(seen) in _WRAPPED and seen[-1] not in ".!?;:"
    return "".join(pieces[1:])


def _tokens(text: str) -> list[_Token]:
    """Return the words of cleaned *text*, each with what precedes it."""
    tokens: list[_Token] = []
    gap, broken_at = _NOTHING, 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind in ("word", "address"):
            word = match.group().casefold()
            words, is_possessive = _spoken(word) if kind == "word" else ((word.rstrip("/"),), False)
            if tokens and tokens[-1].is_possessive and gap == _NOTHING and words[0] in _AFTER_IS:
                tokens[-1] = replace(tokens[-1], words=(*tokens[-1].words, "is"), is_possessive=False)
            tokens.append(_Token(words, is_possessive, *match.span(), gap, broken_at))
            gap = _NOTHING
        elif kind == "clause":
            gap = max(gap, _CLAUSE)
        elif kind == "line" or _ends_sentence(text, tokens, match):
            broken_at = broken_at if gap >= _END else match.start() if kind == "line" else match.end()
            gap = _LINE if kind == "line" else max(gap, _END)
    return tokens


def _spoken(word: str) -> tuple[tuple[str, ...], bool]:
    """Return the words that *word* is made of, and whether it is a possessive."""
    if word in _IRREGULAR:
        return _IRREGULAR[word], False
    if _WITHOUT_APOSTROPHE.fullmatch(word):
        return (word[:-2], "not"), False
    if word.endswith("n't") and len(word) > 3:
        return (word[:-3], "not"), False
    stem, mark, ending = word.rpartition("'")
    if mark + ending in _CONTRACTIONS:
        return (stem, _CONTRACTIONS[mark + ending]), False
    if mark and ending == "s":
        return ((stem, "is"), False) if stem in _BEFORE_IS else ((stem,), True)
    return (word,), False


def _ends_sentence(text: str, tokens: Sequence[_Token], mark: re.Match[str]) -> bool:
    """Tell whether *mark* ends a sentence: a blank follows, and it is no full stop of an abbreviation or initial."""
    if text[mark.end() : mark.end() + 1].strip():
        return False
    if not tokens or tokens[-1].end != mark.start() or not mark.group().startswith(".") or ".." in mark.group():
        return True
    word = text[tokens[-1].start : tokens[-1].end].casefold()
    if word == "no":
        return not text[mark.end() : mark.end() + 2].strip()[:1].isdigit()
    is_initial = len(word) == 1 and word.isalpha()
    return not (is_initial or word in _ABBREVIATIONS) or _opens(text, mark.end())


def _opens(text: str, place: int) -> bool:
    """Tell whether the word at *place* begins a sentence: a capital, and a word that sentences begin with."""
    match = _NEXT_WORD.match(text, place)
    return match is not None and match.group(1)[0].isupper() and match.group(1).casefold() in _OPENERS


def _protect(text: str, tokens: Sequence[_Token], gaps: list[int], values: Iterable[str]) -> None:
    """Take the marks that belong to *values* out of *gaps*."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place, token in enumerate(tokens):
        places.setdefault(token.words, []).append(place)
    for value in values:
        wanted = [token.words for token in _tokens(clean_text(value))]
        for first in places.get(wanted[0], ()) if wanted else ():
            end = first + len(wanted)
            if [token.words for token in tokens[first:end]] != wanted:
                continue
            gaps[first + 1 : end] = [gap if gap == _LINE else _NOTHING for gap in gaps[first + 1 : end]]
            if end < len(tokens) and gaps[end] == _END and has_mark(value.rstrip()[-1]):
                gaps[end] = _END if _opens(text, tokens[end].start) else _NOTHING


@lru_cache(maxsize=64)
def read_sentence(text: Text, number: int) -> Sentence:
    """Return sentence *number* of *text*. Only those that may say something are looked at so closely."""
    start, end, first, last = text.bounds[number]
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    breaks: list[bool] = []
    possessive: set[int] = set()
    places: dict[str, list[int]] = {}
    for token, gap in zip(text.tokens[first:last], text.gaps[first:last], strict=True):
        for word in token.words:
            places.setdefault(word, []).append(len(words))
            words.append(word)
            spans.append((token.start - start, token.end - start))
        breaks += [gap >= _CLAUSE, *[False] * (len(token.words) - 1)]
        if token.is_possessive:
            possessive.add(len(words) - 1)
    negations, idle = find_negations(words)
    return Sentence(
        text=text.text[start:end],
        words=tuple(words),
        spans=tuple(spans),
        clauses=number_clauses(words, breaks),
        possessive=frozenset(possessive),
        negations=negations,
        idle=idle,
        places=places,
    )
