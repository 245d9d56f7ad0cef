"""The draft of a letter: the file to open, and the one comment that offers it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from automation.core.comments import Words, mention, tidy
from automation.core.judged import Judged
from automation.core.letters.envelope import name_of, say_address
from automation.core.letters.mail import build_mail
from automation.core.letters.markup import one_line
from automation.core.letters.model import Address, Envelope, LetterState
from automation.core.letters.readiness import date_of
from automation.core.letters.values import say_date
from automation.core.memory import Seal, ping_marker
from automation.core.model import UPLOAD, OfferLetter
from automation.core.words import code_span


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as a file: its name, its bytes, and their SHA-256 in hexadecimal."""

    file: str
    content: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def build_draft(state: LetterState, envelope: Envelope, iid: int) -> Draft:
    """Build the file of a letter that can be filled in.

    The same letter of the same handover gives the same bytes: its date is the moment when it became ready.
    """
    assert state.rendered is not None and state.ready_at is not None
    rendered = state.rendered
    content = build_mail(rendered.subject, rendered.text, rendered.html, envelope, state.ready_at)
    return Draft(f"{state.letter.name}-{iid}.eml", content)


def offer_letter(
    state: LetterState,
    envelope: Envelope,
    judged: Judged,
    words: Words,
    seal: Seal,
    *,
    is_internal: bool,
    is_again: bool = False,
) -> OfferLetter:
    """Build the comment that offers a letter to whoever sends it; *is_again*: other facts made another one before."""
    assert state.rendered is not None
    letter, process = state.letter, judged.process
    draft = build_draft(state, envelope, judged.issue.iid)
    people = judged.cast.people(letter.sender)[:5] or (judged.issue.author.username,)
    agreed = date_of(judged, letter.agreed_on)
    text = words.letter.render(
        mentions=", ".join(mention(name) for name in people),
        title=letter.title,
        is_again=is_again,
        agreed_on=say_date(agreed.isoformat()) if agreed else "",
        file=draft.file,
        address=UPLOAD,
        sender=_as_code(envelope.sender.name) if envelope.sender else "",
        sent_on=process.fields[letter.sent_on].title if letter.sent_on else "",
        boxes=" and ".join(letter.ticks),
        unknown=", ".join(_as_code(name_of(each)) for each in envelope.unknown),
        subject=_as_code(state.rendered.subject),
        to=_say_all(envelope.to),
        cc=_say_all(envelope.cc),
        bcc=_say_all(envelope.bcc),
        text=_as_quote(state.rendered.shown),
        version=f"{letter.name}, version {letter.version}",
        digest=code_span(draft.digest),
    )
    body = f"{ping_marker((state.key,), seal)}\n\n{tidy(text)}"
    return OfferLetter((state.key,), body, people, draft.file, draft.content, is_internal)


def _as_code(text: str) -> str:
    """Write what people typed as code, to be copied: nothing in it does anything, and no letter of it is lost."""
    return code_span(one_line(text))


def _say_all(addresses: Iterable[Address]) -> str:
    known = ", ".join(say_address(each) for each in addresses if each.email)
    return _as_code(known) if known else ""


def _as_quote(markdown: str) -> str:
    """Set a text off from the rest of the comment, its headings made bold lines."""
    text = re.sub(r"(?m)^#{1,6} +(.*)$", r"**\1**", markdown.strip())
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
