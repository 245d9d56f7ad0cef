"""Judge the text of a letter: what it must say and must not, what was not filled in, where it links to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from automation.core.letters.links import find_links, object_to
from automation.core.letters.model import Letter, Rendered, Rule
from automation.core.letters.phrase_grammar import compile_phrase
from automation.core.letters.phrases import find_saying, find_sayings
from automation.core.letters.placeholders import find_placeholders
from automation.core.letters.sentences import clean_text
from automation.core.letters.values import Values
from automation.core.markdown import parse_blocks
from automation.core.words import quote

# More sentences than these against one rule, or more placeholders, would only hide the others.
_MOST_OF_A_KIND = 5

# A customer is called by a name as long as it looks like one: no remarks in brackets, no figures.
_MOST_WORDS_OF_A_NAME = 6
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{0,60}[)\]]\s*$")
_NO_PART_OF_A_NAME = re.compile(
    r"[()\[\]{}<>:;|$€£%]|(?<!\S)[0-9][0-9.,']*(?:k|m|mn|bn|thousand|million|billion)?(?!\S)", re.IGNORECASE
)
# The word that stands for a name while banned words are looked for: no word of any language, but one all the same.
_STAND_IN = re.compile(r"Zqv([0-9]+)x*")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a letter. ``message`` says it and what to do; ``said`` is the sentence, placeholder or link.

    ``said`` is "" for what is missing, and the first such sentence for what is banned. ``source`` is that of the rule.
    """

    kind: Literal["missing", "banned", "placeholder", "link"]
    message: str
    said: str = ""
    source: tuple[str, ...] = ()


def judge_rendered(letter: Letter, rendered: Rendered, values: Values, hosts: Collection[str]) -> tuple[Complaint, ...]:
    """Return what a filled-in letter says wrongly or does not say, and where it links to that is not among *hosts*."""
    said = f"{rendered.subject}\n\n{rendered.text}"
    return (
        *judge_text(said, letter.must_say, letter.must_not_say, values.spoken(), values.facts, names_said(values)),
        *judge_links(find_addresses(rendered), hosts),
    )


def find_addresses(rendered: Rendered) -> tuple[str, ...]:
    """Return every address that a letter links to, and those typed in it that a mail program makes links of."""
    spans = (span for block in parse_blocks(rendered.markdown) for line in block.lines for span in line)
    written = [span.url for span in spans if span.kind == "link"]
    return tuple(dict.fromkeys((*written, *find_links(f"{rendered.subject}\n{rendered.text}"))))


def names_said(values: Values) -> tuple[str, ...]:
    """Return the names among *values*, each once: people's, full and first, and the customer's if it looks like one."""
    spoken = values.spoken()
    customer = values.facts.get("customer")
    customers = [customer] if isinstance(customer, str) and _looks_like_name(customer) else []
    people = [
        name
        for role, person in values.people.items()
        # What stands in brackets after a name, "(he/him)", is never printed.
        if all(_looks_like_name(_IN_BRACKETS.sub("", name)) for name in person.names)
        for name in spoken[role]
    ]
    return tuple(dict.fromkeys((*people, *customers)))


def _looks_like_name(text: str) -> bool:
    """Tell whether *text* is a name and nothing more: few words, all with a capital, and nothing left to fill in."""
    words = [each.strip("\"'“”‘’") for each in text.split()]
    is_short = 0 < len(words) <= _MOST_WORDS_OF_A_NAME and not any(each[:1].islower() for each in words)
    return (
        is_short
        and "-" not in words
        and not _NO_PART_OF_A_NAME.search(text)
        and not find_placeholders(text.removeprefix("TBC "))
    )


def judge_text(
    text: str,
    must_say: Iterable[Rule],
    must_not_say: Iterable[Rule],
    values: Mapping[str, tuple[str, ...]],
    facts: Mapping[str, Any],
    names: Collection[str] = (),
) -> tuple[Complaint, ...]:
    """Judge plain *text*: first what is missing, then what must not be there, then what is not filled in.

    *values* are for each name of the issue the texts that may stand for it, *facts* the fields by key, for
    ``Rule.when``. *names* are texts that only name somebody (`names_said`): the words in them are neither banned nor
    left to fill in, nor do they say what must be said, wherever they stand whole. The phrases of the rules must be
    readable (`compile_phrase`).
    """
    hidden = _HiddenNames.among(names)
    seen = hidden.hide(text)
    neutral = {key: tuple(map(hidden.hide, each)) for key, each in values.items()}
    complaints = [
        each for rule in must_say if applies(rule.when, facts) for each in _judge_missing(seen, rule, neutral, values)
    ]
    for rule in must_not_say:
        complaints += _judge_banned(seen, rule, neutral, hidden) if applies(rule.when, facts) else ()
    for said in map(hidden.show, find_placeholders(seen)[:_MOST_OF_A_KIND]):
        message = f"It still says {quote(said)}, which nobody filled in: write what belongs there, or take it out."
        complaints.append(Complaint("placeholder", message, said))
    return tuple(complaints)


def judge_links(links: Iterable[str], allowed_hosts: Collection[str]) -> tuple[Complaint, ...]:
    """Judge the addresses that a letter links to, each once: https only, to exactly one of *allowed_hosts*.

    An address for mail is fine as long as it brings no recipients, subject or text of its own.
    """
    return tuple(
        Complaint("link", message, link) for link in dict.fromkeys(links) if (message := object_to(link, allowed_hosts))
    )


def applies(when: Mapping[str, tuple[str, ...]], facts: Mapping[str, Any]) -> bool:
    """Tell whether a rule or a letter is meant for a handover with these facts, by key."""
    return all(_has_one_of(facts.get(key), wanted) for key, wanted in when.items())


def _has_one_of(value: Any, wanted: Collection[str]) -> bool:
    values = value if isinstance(value, (list, tuple)) else (value,)
    return any(each is not None and str(each) in wanted for each in values)


def _judge_missing(
    text: str, rule: Rule, neutral: Mapping[str, tuple[str, ...]], values: Mapping[str, tuple[str, ...]]
) -> Iterator[Complaint]:
    """Yield a complaint where *text*, its names hidden like those in *neutral*, does not say what *rule* wants."""
    phrases = [compile_phrase(each) for each in rule.phrases]
    if any(find_saying(text, phrase, neutral) for phrase in phrases):
        return
    example = next(filter(None, (phrase.example(values) for phrase in phrases)), "")
    how = f", for example with {quote(example)}, in one sentence" if example else ""
    yield Complaint("missing", f"It does not say this: {rule.title.rstrip('.')}. Write it{how}.", source=rule.source)


def _judge_banned(
    text: str, rule: Rule, values: Mapping[str, tuple[str, ...]], hidden: _HiddenNames
) -> Iterator[Complaint]:
    """Yield one complaint where *text* breaks *rule*, however often; what it quotes has the names in it again."""
    words: dict[str, None] = {}
    sentences: dict[str, None] = {}
    for phrase in rule.phrases:
        for saying in islice(find_sayings(text, compile_phrase(phrase), values), _MOST_OF_A_KIND):
            words |= dict.fromkeys(map(hidden.show, saying.words))
            sentences[hidden.show(saying.sentence)] = None
    if not sentences:
        return
    message = (
        f"It must not say this: {rule.title.rstrip('.')}. Take {_enumerate(words)} out, or say it otherwise, where it "
        f"says {_enumerate(sentences)}."
    )
    yield Complaint("banned", message, next(iter(sentences)), rule.source)


def _enumerate(texts: Iterable[str]) -> str:
    return " and ".join(map(quote, islice(texts, _MOST_OF_A_KIND)))


@dataclass(frozen=True, slots=True)
class _HiddenNames:
    """Names, of which each gives way to a word of its own, as long as the name, so that no line looks shorter.

    ``form`` finds them in cleaned text, None where there are none.
    """

    names: tuple[str, ...]
    form: re.Pattern[str] | None

    @classmethod
    def among(cls, texts: Iterable[str]) -> _HiddenNames:
        # The mark at the end of a name ("Inc.") stays, as it may end a sentence as well.
        written = [" ".join(clean_text(each).split()).rstrip(".,!? ") for each in texts]
        wanted = dict.fromkeys((*written, *(each.upper() for each in written)))
        names = tuple(sorted(filter(None, wanted), key=len, reverse=True))
        found = "|".join(re.escape(name).replace("\\ ", r"\s+") for name in names)
        return cls(names, re.compile(rf"(?<!\w)(?:{found})(?!\w)") if names else None)

    def hide(self, text: str) -> str:
        return self.form.sub(self._stand_in, clean_text(text)) if self.form else text

    def show(self, text: str) -> str:
        return _STAND_IN.sub(self._name, text)

    def _stand_in(self, match: re.Match[str]) -> str:
        name = " ".join(match.group().split())
        return f"Zqv{self.names.index(name)}".ljust(len(name), "x")

    def _name(self, match: re.Match[str]) -> str:
        number = int(match.group(1))
        return self.names[number] if number < len(self.names) else match.group()
