"""Judge the text of a letter: what it must say and must not, what was not filled in, where it links to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from automation.core.letters.links import find_links, object_to
from automation.core.letters.model import Letter, Rendered, Rule
from automation.core.letters.phrase_grammar import compile_phrase
from automation.core.letters.phrases import find_saying, find_sayings
from automation.core.letters.placeholders import find_placeholders
from automation.core.letters.values import Values
from automation.core.markdown import parse_blocks
from automation.core.words import quote

# More sentences than these against one rule, or more placeholders, would only hide the others.
_MOST_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a letter. ``message`` says it and what to do; ``said`` is the sentence, placeholder or link.

    ``said`` is "" for what is missing. ``source`` is that of the rule.
    """

    kind: Literal["missing", "banned", "placeholder", "link"]
    message: str
    said: str = ""
    source: tuple[str, ...] = ()


def judge_rendered(letter: Letter, rendered: Rendered, values: Values, hosts: Collection[str]) -> tuple[Complaint, ...]:
    """Return what a filled-in letter says wrongly or does not say, and where it links to that is not among *hosts*."""
    said = f"{rendered.subject}\n\n{rendered.text}"
    return (
        *judge_text(said, letter.must_say, letter.must_not_say, values.spoken(), values.facts),
        *judge_links(find_addresses(rendered), hosts),
    )


def find_addresses(rendered: Rendered) -> tuple[str, ...]:
    """Return every address that a letter links to, and those typed in it that a mail program makes links of."""
    spans = (span for block in parse_blocks(rendered.markdown) for line in block.lines for span in line)
    written = [span.url for span in spans if span.url]
    return tuple(dict.fromkeys((*written, *find_links(f"{rendered.subject}\n{rendered.text}"))))


def judge_text(
    text: str,
    must_say: Iterable[Rule],
    must_not_say: Iterable[Rule],
    values: Mapping[str, tuple[str, ...]],
    facts: Mapping[str, Any],
) -> tuple[Complaint, ...]:
    """Judge plain *text*: first what is missing, then what must not be there, then what is not filled in.

    *values* are for each name of the issue the texts that may stand for it, *facts* the fields by key, for
    ``Rule.when``. The phrases of the rules must be readable (`compile_phrase`).
    """
    complaints = [each for rule in must_say if _applies(rule, facts) for each in _judge_missing(text, rule, values)]
    complaints += [each for rule in must_not_say if _applies(rule, facts) for each in _judge_banned(text, rule, values)]
    for said in find_placeholders(text)[:_MOST_OF_A_KIND]:
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


def _applies(rule: Rule, facts: Mapping[str, Any]) -> bool:
    return all(_has_one_of(facts.get(key), wanted) for key, wanted in rule.when.items())


def _has_one_of(value: Any, wanted: Collection[str]) -> bool:
    values = value if isinstance(value, (list, tuple)) else (value,)
    return any(each is not None and str(each) in wanted for each in values)


def _judge_missing(text: str, rule: Rule, values: Mapping[str, tuple[str, ...]]) -> Iterator[Complaint]:
    phrases = [compile_phrase(each) for each in rule.phrases]
    if any(find_saying(text, phrase, values) for phrase in phrases):
        return
    example = next(filter(None, (phrase.example(values) for phrase in phrases)), "")
    how = f", for example with {quote(example)}, in one sentence" if example else ""
    yield Complaint("missing", f"It does not say this: {rule.title.rstrip('.')}. Write it{how}.", source=rule.source)


def _judge_banned(text: str, rule: Rule, values: Mapping[str, tuple[str, ...]]) -> Iterator[Complaint]:
    found: dict[str, list[str]] = {}
    for phrase in rule.phrases:
        for saying in islice(find_sayings(text, compile_phrase(phrase), values), _MOST_OF_A_KIND):
            found.setdefault(saying.sentence, []).extend(saying.words)
    for sentence, words in islice(found.items(), _MOST_OF_A_KIND):
        named = " and ".join(map(quote, islice(dict.fromkeys(words), _MOST_OF_A_KIND)))
        message = (
            f"It must not say this: {rule.title.rstrip('.')}. Take {named} out, or say it otherwise, where it says "
            f"{quote(sentence)}."
        )
        yield Complaint("banned", message, sentence, rule.source)
