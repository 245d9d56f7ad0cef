"""Hold a mail that was really sent against its letter: does it say what it must, and did it go to whom it must?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from automation.core.judged import Judged
from automation.core.letters.addresses import ascii_address
from automation.core.letters.envelope import name_of, say_address
from automation.core.letters.lint import judge_links, judge_text, names_said
from automation.core.letters.mail_reading import SentMail
from automation.core.letters.model import CUSTOMER, GAINSIGHT, Address, Envelope, LetterState
from automation.core.letters.readiness import date_of
from automation.core.letters.values import say_date


@dataclass(frozen=True, slots=True)
class SentVerdict:
    """What is wrong with a mail, and what is worth a look, each in one sentence."""

    complaints: tuple[str, ...]
    remarks: tuple[str, ...]


def judge_sent(
    mail: SentMail, state: LetterState, envelope: Envelope, judged: Judged, hosts: Iterable[str], zone: ZoneInfo
) -> SentVerdict:
    """Judge a mail that was sent. *hosts* are those that letters may link to, *zone* is that of the sender."""
    complaints = (*_words(mail, state), *_recipients(mail, envelope), *_dates(mail, state, judged, zone))
    return SentVerdict(tuple(dict.fromkeys(complaints)), tuple(dict.fromkeys(_remarks(mail, envelope, hosts))))


def _words(mail: SentMail, state: LetterState) -> Iterator[str]:
    """Yield what the words lack or should not have; every form of the mail must be right, as any may be read."""
    if not any(text.strip() for text in mail.texts):
        yield "The mail has no text."
        return
    letter, values = state.letter, state.values
    for text in mail.texts:
        said = f"{mail.subject}\n\n{text}"
        for each in judge_text(
            said, letter.must_say, letter.must_not_say, values.spoken(), values.facts, names_said(values)
        ):
            yield each.message


def _recipients(mail: SentMail, envelope: Envelope) -> Iterator[str]:
    seen = (*mail.to, *mail.cc)
    yield from _sender(mail, envelope)
    if not mail.to:
        yield "The mail goes to nobody: its line To is empty."
    for each in envelope.to:
        if each.role != CUSTOMER or each.email:
            yield from _missing(each, seen, "To")
    customers = [each for each in envelope.to if each.role == CUSTOMER]
    # Whose address nobody knows may well be in To.
    is_known = all(each.email for each in customers)
    if (
        is_known
        and any(_is_in(each, mail.cc) for each in customers)
        and not any(_is_in(each, mail.to) for each in customers)
    ):
        yield "Nobody of the customer is in To, only in Cc."
    for each in envelope.cc:
        yield from _missing(each, seen, "Cc")
    for each in envelope.bcc:
        if each.email and _is_in(each, seen):
            yield f"{_named(each)} stands where the customer sees it; it belongs into Bcc."
        elif not mail.has_bcc:
            yield f"{_named(each)} cannot be seen, as the file shows no Bcc: take the copy in your Sent folder."
        else:
            yield from _missing(each, mail.bcc, "Bcc")


def _sender(mail: SentMail, envelope: Envelope) -> Iterator[str]:
    senders = {_key(each): each for each in mail.sender}
    wanted = envelope.sender
    if not senders:
        yield "The mail does not say whom it comes from: its line From is empty."
    elif len(senders) > 1:
        yield f"The mail comes from more than one: {', '.join(map(say_address, senders.values()))}."
    elif wanted is not None and wanted.email and not _is_in(wanted, mail.sender):
        yield f"The mail comes from {say_address(mail.sender[0])}, and should come from {say_address(wanted)}."


def _missing(wanted: Address, found: Iterable[Address], line: str) -> Iterator[str]:
    if _is_in(wanted, found):
        return
    if wanted.email or wanted.role == CUSTOMER:
        yield f"{_named(wanted)} is not in {line}."
    elif wanted.role == GAINSIGHT:
        yield "No address of Gainsight is known: set letters.gainsight_bcc in .gitlab/handover.yml."
    else:
        yield (
            f"{wanted.name} cannot be found in {line}, as nobody knows the address: add it to people in"
            " .gitlab/handover.yml."
        )


def _is_in(wanted: Address, found: Iterable[Address]) -> bool:
    """Tell whether somebody is among the recipients: by address, by name only where no address is known."""
    if wanted.email:
        return any(_key(each) == _key(wanted) for each in found)
    return bool(wanted.name) and any(each.name.casefold() == wanted.name.casefold() for each in found)


def _key(address: Address) -> str:
    """Write an address as it is compared: an international domain in its ASCII form."""
    return (ascii_address(address.email) or address.email).casefold()


def _named(address: Address) -> str:
    return say_address(address) if address.email and address.name else address.email or name_of(address)


def _dates(mail: SentMail, state: LetterState, judged: Judged, zone: ZoneInfo) -> Iterator[str]:
    try:
        sent = mail.date.astimezone(zone).date() if mail.date is not None else None
    except OverflowError:
        # The last hours of the year 9999, for example, are none in a zone where the next year has begun.
        sent = None
    if mail.date is None or sent is None:
        yield "The mail has no sound date."
        return
    agreed, written = (date_of(judged, key) for key in (state.letter.agreed_on, state.letter.sent_on))
    if agreed is not None and sent < agreed:
        yield f"The mail was sent on {_said(sent)}, and {_said(agreed)} was agreed."
    if written is not None and written != sent:
        label = judged.process.fields[state.letter.sent_on].title
        yield f"The mail was sent on {_said(sent)}, and the issue says {_said(written)} in {label}."
    if state.letter.signed and state.ready_at is not None and not state.open_boxes and mail.date < state.ready_at:
        yield f"The mail was sent before {' and '.join(state.letter.signed)} was signed."
    for code in state.open_boxes:
        yield f"The mail was sent although {code} is not done and signed."


def _said(day: date) -> str:
    return say_date(day.isoformat())


def _remarks(mail: SentMail, envelope: Envelope, hosts: Iterable[str]) -> Iterator[str]:
    if mail.is_draft:
        yield "The file is still a draft."
    sender = (envelope.sender,) if envelope.sender else ()
    known = (*sender, *envelope.to, *envelope.cc, *envelope.bcc)
    for found in (*mail.to, *mail.cc, *mail.bcc):
        if not any(_is_in(each, (found,)) for each in known):
            yield f"Also sent to {say_address(found)}, whom the letter does not name."
    for each in judge_links(mail.links, tuple(hosts)):
        yield each.message
