"""Build the mail of a letter as a draft that a mail program opens, ready to be sent."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime

from automation.core.letters.addresses import ascii_address
from automation.core.letters.markup import one_line
from automation.core.letters.model import Address, Envelope

# RFC 2047 allows lines with encoded words 76 characters, and 75 to a word. Those of a subject fit beside its name.
_LINE = 76
_LONGEST_WORD = 75
_LONGEST_IN_SUBJECT = _LINE - len("Subject: ")
# The characters that stand for themselves in an encoded word within a name, as numbers.
_UNENCODED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_PRINTABLE = re.compile(r"[ -~]*")
_LONGEST_PLAIN = 64
_QUOTED = re.compile(r'["\\]')
_LINE_BREAK = re.compile(r"\r\n?|\n")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def build_mail(subject: str, text: str, html: str, envelope: Envelope, date: datetime) -> bytes:
    """Build the draft of a mail in two alternatives, UTF-8 in ASCII bytes with CRLF; the same for the same arguments.

    Headers without anybody to name are left out, and so is whoever's address nobody knows.

    The headers are written here and not by Python's `email`, which in 3.11 loses the quotes of a name with a comma when
    it folds the header, makes a second recipient of a name such as "=?utf-8?q?a=2C_b=40c=2Eexample?=", writes encoded
    words longer than RFC 2047 allows, and fails on unpaired surrogates.

    Raises:
        ValueError: an address is not valid, or *date* has no time zone.
    """
    if date.tzinfo is None:
        raise ValueError(f"the date of a mail needs its time zone: {date.isoformat()}")
    people = {
        "From": (envelope.sender,) if envelope.sender else (),
        "To": envelope.to,
        "Cc": envelope.cc,
        "Bcc": envelope.bcc,
    }
    parts = (("plain", _quoted_printable(text)), ("html", _quoted_printable(html)))
    # "=_" cannot stand in quoted-printable text, so that no text can hold the boundary.
    boundary = "=_" + hashlib.sha256("\0".join(part for _, part in parts).encode()).hexdigest()[:32]
    lines = [
        "X-Unsent: 1",
        *(_folded(name, _mailboxes(each)) for name, each in people.items() if any(one.email for one in each)),
        _folded("Subject", _words(one_line(subject))),
        f"Date: {format_datetime(date)}",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
        f' boundary="{boundary}"',
        "",
    ]
    for subtype, part in parts:
        lines += [
            f"--{boundary}",
            f"Content-Type: text/{subtype}; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            part,
        ]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")


def _folded(name: str, tokens: Iterable[str]) -> str:
    """Write a header whose lines break between the tokens only, at 76 characters where none is longer."""
    line = f"{name}:"
    lines: list[str] = []
    for token in tokens:
        is_too_long = len(line) + 1 + len(token) > _LINE
        # The first one stays beside its name, as some read a blank before it otherwise, unless it fits below only.
        if is_too_long and (line != f"{name}:" or len(token) < _LINE):
            lines.append(line)
            line = ""
        line += f" {token}"
    return "\r\n".join([*lines, line])


def _mailboxes(people: Iterable[Address]) -> Iterator[str]:
    known = [person for person in people if person.email]
    for place, person in enumerate(known, start=1):
        email = ascii_address(person.email)
        if email is None:
            raise ValueError(f"this is no address for a mail: {one_line(person.email)[:300]!r}")
        name = one_line(person.name)
        comma = "," if place < len(known) else ""
        yield from (_phrase(name) if name else ())
        yield f"<{email}>{comma}" if name else f"{email}{comma}"


def _phrase(name: str) -> tuple[str, ...]:
    written = name if _PLAIN_NAME.fullmatch(name) else '"' + _QUOTED.sub(r"\\\g<0>", name) + '"'
    is_short = len(written) <= _LONGEST_PLAIN
    return (written,) if is_short and _is_plain(name) else tuple(_encoded(name, _LONGEST_WORD))


def _words(subject: str) -> tuple[str, ...]:
    words = tuple(subject.split())
    is_short = all(len(word) <= _LONGEST_PLAIN for word in words)
    return words if is_short and _is_plain(subject) else tuple(_encoded(subject, _LONGEST_IN_SUBJECT))


def _is_plain(text: str) -> bool:
    """Tell whether *text* can stand in a header as it is; what looks like an encoded word would be decoded."""
    return _PRINTABLE.fullmatch(text) is not None and "=?" not in text


def _encoded(text: str, longest: int) -> Iterator[str]:
    """Yield *text* as encoded words of at most *longest* characters, each as long as it can be and end at a blank.

    Python's `email` reads a blank between two of them in a name, where none should be: it does no harm beside another.
    """
    while text:
        size = 1
        while size < len(text) and len(_encoded_word(text[: size + 1])) <= longest:
            size += 1
        if size < len(text):
            size = text.rfind(" ", 0, size) + 1 or size
        yield _encoded_word(text[:size])
        text = text[size:]


def _encoded_word(text: str) -> str:
    """Write *text* in the shorter of the two encodings."""
    content = text.encode()
    in_base64 = base64.b64encode(content).decode()
    quoted = "".join(chr(each) if each in _UNENCODED else "_" if each == 0x20 else f"={each:02X}" for each in content)
    return f"=?utf-8?q?{quoted}?=" if len(quoted) < len(in_base64) else f"=?utf-8?b?{in_base64}?="


def _quoted_printable(text: str) -> str:
    """Encode a body, without blanks at the end of a line, for which b2a_qp takes more than the 76 characters allowed.

    It takes its line breaks from the first one of the text, so it gets them all alike.
    """
    plain = _UNSENDABLE.sub(" ", _LINE_BREAK.sub("\n", text))
    lines = "\n".join(line.rstrip(" \t") for line in plain.split("\n"))
    return binascii.b2a_qp(lines.rstrip("\n").encode(), istext=True).decode("ascii").replace("\n", "\r\n")
