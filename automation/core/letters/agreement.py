"""Does a letter agree with its process, and does it say what it must whatever it is filled in with?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from automation.core.agreement import Disagreement
from automation.core.letters.book import Book, LengthyLetterError, MissingValuesError, names_for
from automation.core.letters.lint import find_addresses, judge_rendered
from automation.core.letters.model import CONTACTS, CUSTOMER, GAINSIGHT, Letter, Rendered
from automation.core.letters.phrase_grammar import PhraseError, compile_phrase
from automation.core.letters.templates import find_flaws
from automation.core.letters.values import Values, sample_values
from automation.core.model import Process

Place = tuple[str | int, ...]


def judge_letter(book: Book, letter: Letter, process: Process) -> Iterator[Disagreement]:
    """Find what a letter names and its process does not have, and what a letter cannot hold."""
    yield from _judge_head(letter, process)
    names = names_for(process)
    for each in find_flaws(letter.subject, names, {}):
        yield Disagreement(f"subject: {each.message}", ("subject",))
    for each in find_flaws(letter.body, names, book.includable(letter)):
        yield Disagreement(each.message, line=letter.first_line + each.line - 1)


def judge_words(book: Book, letter: Letter, process: Process, hosts: Collection[str]) -> Iterator[Disagreement]:
    """Fill a letter without flaws in with made-up facts, all choices in turn, and find what it says wrongly.

    *hosts* are those that it may link to.
    """
    found: dict[str, Disagreement] = {}
    is_filled_in = False
    for values, rendered in _samples(book, letter, process):
        is_filled_in = True
        for each in judge_rendered(letter, rendered, values, hosts):
            found.setdefault(each.message, Disagreement(each.message, line=_line_of(letter, each.said)))
    yield from found.values()
    if not is_filled_in:
        yield Disagreement("filled in with made-up facts, the letter still prints a blank one.", line=letter.first_line)


def find_links(book: Book, letter: Letter, process: Process) -> dict[str, int]:
    """Return every address that a letter without flaws links to, with its line in the file (0: in what it includes)."""
    links = dict.fromkeys(link for _, each in _samples(book, letter, process) for link in find_addresses(each))
    return {link: _line_of(letter, link) for link in links}


def _samples(book: Book, letter: Letter, process: Process) -> Iterator[tuple[Values, Rendered]]:
    ruled = {key for rule in (*letter.must_say, *letter.must_not_say) for key in rule.when}
    for values in sample_values(process, book.names_in(letter) | ruled, letter.when):
        try:
            yield values, book.fill_in(letter, values)
        except (MissingValuesError, LengthyLetterError):
            continue


def _line_of(letter: Letter, text: str) -> int:
    """Return the line of the file in which *text*, or most of its words, stand; that of the body where none does."""
    lines = letter.body.split("\n")
    wanted = set(text.casefold().split())
    shares = [len(wanted & set(each.casefold().split())) if text not in each else len(wanted) + 1 for each in lines]
    best = max(range(len(lines)), key=shares.__getitem__)
    return letter.first_line + (best if wanted and shares[best] else 0)


def _judge_head(letter: Letter, process: Process) -> Iterator[Disagreement]:
    roles = {each.role for each in process.fields.values() if each.role}
    stages = [each.key for each in process.stages]
    if letter.stage not in stages:
        yield Disagreement(
            f"stage: {process.id} has no stage `{letter.stage}`; it has {', '.join(stages)}.", ("stage",)
        )
    known = ", ".join(sorted(roles))
    recipients: Mapping[str, tuple[tuple[str, ...], str]] = {
        "from": ((letter.sender,), ""),
        "to": (letter.to, CUSTOMER),
        "cc": (letter.cc, ""),
        "bcc": (letter.bcc, GAINSIGHT),
    }
    for key, (named, other) in recipients.items():
        for each in named:
            if each not in roles and (not other or each != other):
                more = f", and {other}" if other else ""
                yield Disagreement(f"{key}: {process.id} has no role `{each}`; it has {known}{more}.", (key,))
    if CUSTOMER in letter.to and CONTACTS not in process.fields:
        message = f"to: {process.id} has no field `{CONTACTS}`, so that nobody could say who the customer is."
        yield Disagreement(message, ("to",))
    for key, codes in (("signed", letter.signed), ("ticks", letter.ticks)):
        for number, code in enumerate(codes):
            if code not in process.items:
                yield Disagreement(f"{key}: {process.id} has no box {code}.", (key, number))
            elif process.items[code].is_forbidden or process.items[code].is_advisory:
                yield Disagreement(f"{key}: nobody has to tick {code}.", (key, number))
            elif (
                key == "signed"
                and letter.stage in stages
                and process.stage_of(process.items[code].section) > stages.index(letter.stage)
            ):
                yield Disagreement(f"signed: {code} belongs to a later stage than the letter.", (key, number))
    yield from _judge_dates(letter, process)
    for key in ("must_say", "must_not_say"):
        for number, rule in enumerate(letter.must_say if key == "must_say" else letter.must_not_say):
            yield from _judge_rule(key, number, rule.phrases, process)
            yield from _judge_when(rule.when, process, (key, number))
    yield from _judge_when(letter.when, process, ("when",))


def _judge_dates(letter: Letter, process: Process) -> Iterator[Disagreement]:
    for key, name in (("agreed_on", letter.agreed_on), ("sent_on", letter.sent_on)):
        if name and (name not in process.fields or process.fields[name].kind != "date"):
            dates = ", ".join(each.key for each in process.fields.values() if each.kind == "date")
            yield Disagreement(f"{key}: {process.id} has no date `{name}`; it has {dates}.", (key,))
            return
    sent = process.fields.get(letter.sent_on)
    if sent is not None and letter.agreed_on and letter.agreed_on not in sent.not_before:
        message = (
            f"sent_on: nothing compares `{letter.sent_on}` with `{letter.agreed_on}`; add `{letter.agreed_on}` to its"
            f" x-not-before in schemas/{process.id}.schema.json."
        )
        yield Disagreement(message, ("sent_on",))


def _judge_rule(key: str, number: int, phrases: Iterable[str], process: Process) -> Iterator[Disagreement]:
    names = names_for(process)
    for place, phrase in enumerate(phrases):
        try:
            unknown = [each for each in compile_phrase(phrase).names if each not in names]
        except PhraseError as error:
            yield Disagreement(f"{key}: {error}", (key, number, "phrases", place))
            continue
        if unknown:
            message = f"{key}: there is no field or role `{unknown[0]}` in {process.id}."
            yield Disagreement(message, (key, number, "phrases", place))


def _judge_when(when: Mapping[str, tuple[str, ...]], process: Process, place: Place) -> Iterator[Disagreement]:
    for key, wanted in when.items():
        choices = process.fields[key].choices if key in process.fields else ()
        if not choices:
            yield Disagreement(f"{process.id} has no choice `{key}`.", (*place, "when", key))
        for each in wanted:
            if choices and each not in choices:
                yield Disagreement(
                    f"`{key}` has no choice {each!r}; it has {', '.join(choices)}.", (*place, "when", key)
                )
