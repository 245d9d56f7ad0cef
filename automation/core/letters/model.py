"""What a letter is: its front matter as values, what it is filled with, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from automation.core.letters.values import Values
from automation.core.model import Finding

# The recipient who stands in no role of the directory, and the field that names the people and their addresses.
CUSTOMER = "customer"
CONTACTS = "customer_contacts"
# The recipient that files the mail.
GAINSIGHT = "gainsight"


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that a letter must say, or must not.

    ``phrases`` are alternatives, each written as `core/letters/phrases.py` tells. ``when`` limits the rule to handovers
    in which these fields, by key, have one of these values. ``source`` are rows of requirements.yml.
    """

    title: str
    phrases: tuple[str, ...]
    source: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as its file gives it; ``name`` is that of the file, ``body`` its Jinja2 text, from line ``first_line``.

    It belongs to ``stage`` of ``process``. ``signed`` are the boxes that must be done, and proven where they need a
    signer, before it may go out, ``ticks`` those to tick once it is sent; ``when`` limits it like a rule. ``agreed_on``
    is the key of the date that was agreed for it, ``sent_on`` that of the date when it was sent, "" without one.
    ``sender``, ``to``, ``cc`` and ``bcc`` are roles of the process; ``to`` may be the customer, ``bcc`` Gainsight.
    """

    name: str
    title: str
    version: int
    process: str
    stage: str
    audience: Literal["customer", "csm"]
    subject: str
    body: str
    first_line: int
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    agreed_on: str = ""
    sent_on: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    must_say: tuple[Rule, ...] = ()
    must_not_say: tuple[Rule, ...] = ()

    @property
    def path(self) -> str:
        return f"letters/{self.name}.md.j2"


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody in a header of a mail: the name as people write it, and the address, "" where nobody knows it.

    ``role`` is what put them there.
    """

    name: str
    email: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a letter comes from and goes to. ``sender`` is None where nobody holds that role."""

    sender: Address | None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()

    @property
    def unknown(self) -> tuple[Address, ...]:
        """Those whose address nobody knows, each once."""
        return tuple(dict.fromkeys(each for each in (*self.to, *self.cc, *self.bcc) if not each.email))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter filled in: its subject in one line, its text as Markdown, plain text and HTML.

    ``markdown`` is safe where it stands: whatever people typed in the issue is escaped in it. ``shown`` is the same for
    a comment of GitLab, where such text must mention nobody and refer to nothing either.
    """

    subject: str
    markdown: str
    shown: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class LetterState:
    """How far a letter is in one handover.

    ``waits`` are what must come first, each as a finding; it is ready when there are none, and ``rendered`` is then the
    text. ``open_boxes`` are those among them that must be done and signed. ``cause`` is the note by which it became
    ready (0: none is known) and ``ready_at`` its moment. ``values`` are what it was filled in with,
    ``facts`` a digest of those that it speaks of and of the people at the customer. ``again`` is the comment that
    offered it with other facts before, 0 where none did: a fact that changes back makes another draft, too.
    """

    letter: Letter
    values: Values
    waits: tuple[Finding, ...] = ()
    open_boxes: tuple[str, ...] = ()
    rendered: Rendered | None = None
    cause: int = 0
    ready_at: datetime | None = None
    facts: str = ""
    again: int = 0

    @property
    def is_ready(self) -> bool:
        return not self.waits and self.rendered is not None

    @property
    def key(self) -> str:
        """The key of the one comment that offers it: another signature or another fact makes another letter."""
        again = f".{self.again}" if self.again else ""
        return f"{self.start}{self.facts[:10]}{again}:{self.cause}"

    @property
    def start(self) -> str:
        """What the keys of all comments that offer this letter begin with."""
        return f"letter:{self.letter.name}:"
