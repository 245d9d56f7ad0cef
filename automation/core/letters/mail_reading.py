"""Read a mail that was sent, from the file in which a mail program saved it."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from automation.core.letters.addresses import parse_mailboxes
from automation.core.letters.links import find_links
from automation.core.letters.markup import one_line
from automation.core.letters.model import Address
from automation.core.letters.seen import seen_in_html, seen_in_text

_LARGEST_BYTES = 25 * 1024 * 1024
_LARGEST_TEXT_BYTES = 1024 * 1024
_LARGEST_HEADERS_BYTES = 1024 * 1024
_LONGEST_HEADER = 20_000
_LONGEST_TYPE = 2_000
_DEEPEST = 30
_MOST_PARTS = 500

_OUTLOOK_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_FOLD = re.compile(r"\n(?=[ \t])")
# Python decodes these too; they are no character sets, and slow or dangerous.
_NO_CHARSET = re.compile(r"idna|punycode|undefined|.*escape|utf.?7")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


class MailError(ValueError):
    """The file holds no mail that can be read; the message is a sentence that says why, and what to do."""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail as its reader sees it.

    ``texts`` are its alternatives, the plain text and then the HTML as text: a paragraph a line, without earlier mails
    that it quotes. ``links`` lists, each once, where the links of the HTML lead and the web addresses in the texts.
    ``has_bcc`` says that there was such a header at all: most programs drop it from what they keep. ``date`` is aware.
    """

    subject: str
    sender: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    date: datetime | None
    texts: tuple[str, ...]
    links: tuple[str, ...]
    has_bcc: bool
    is_draft: bool


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    headers: dict[str, list[str]]
    content_type: Message
    body: bytes


def read_mail(content: bytes) -> SentMail:
    """Read the mail in a file. Attachments and forwarded mails are left out; damage is read over.

    Raises:
        MailError: this is no mail, or none with a text that can be read.
    """
    _check_is_mail(content)
    content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    whole = _part(content)
    headers = whole.headers
    if not headers.keys() & {"from", "to", "subject", "date"}:
        raise MailError("This file is no mail: it has neither From, To, Subject nor Date.")
    plain: list[str] = []
    rich: list[str] = []
    links: list[str] = []
    for part in _text_parts(whole):
        text = _text(part)
        if part.kind == "text/html":
            seen, targets = seen_in_html(text)
            rich.append(seen)
            links += targets
        else:
            plain.append(seen_in_text(text, str(part.content_type.get_param("format")).lower() == "flowed"))
    texts = tuple("\n".join(each) for each in (plain, rich) if each)
    if not texts:
        raise MailError("The mail has no text that can be read: it may be encrypted, or be an attachment alone.")
    links += [link for text in texts for link in find_links(text)]
    return SentMail(
        subject=_decoded(" ".join(headers.get("subject", [])[:1])),
        sender=_people(headers, "from"),
        to=_people(headers, "to"),
        cc=_people(headers, "cc"),
        bcc=_people(headers, "bcc"),
        date=_date(" ".join(headers.get("date", [])[:1])),
        texts=texts,
        links=tuple(dict.fromkeys(links)),
        has_bcc="bcc" in headers,
        is_draft="".join(headers.get("x-unsent", [])).strip() == "1",
    )


def _check_is_mail(content: bytes) -> None:
    if not content.strip():
        raise MailError("The file is empty.")
    if content.startswith(_OUTLOOK_MAGIC[:4]):
        raise MailError("This is a message in Outlook's own format (.msg). Save it as .eml and check that file.")
    if len(content) > _LARGEST_BYTES:
        raise MailError("The file is larger than 25 MB, which no letter is. Save the mail without its attachments.")
    if content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise MailError("This is a web page and no mail. Save the mail as .eml, not as HTML.")


def _part(content: bytes) -> _Part:
    """Split a part, with line feeds only, into its headers, by their names in lower case, and its body."""
    if content.startswith(b"\n"):
        head, body = b"", content[1:]
    else:
        head, _, body = content.partition(b"\n\n")
    if len(head) > _LARGEST_HEADERS_BYTES:
        raise MailError("This file is no mail: its headers are larger than 1 MB.")
    headers: dict[str, list[str]] = {}
    for line in _FOLD.sub("", _as_text(head, "utf-8")).split("\n"):
        match = _FIELD.fullmatch(line)
        if match:
            headers.setdefault(match[1].lower(), []).append(match[2].strip()[:_LONGEST_HEADER])
    content_type = Message()
    for name in ("content-type", "content-disposition"):
        for header in headers.get(name, [])[:1]:
            content_type[name] = one_line(header)[:_LONGEST_TYPE]
    return _Part(content_type.get_content_type(), headers, content_type, body)


def _text_parts(whole: _Part) -> Iterator[_Part]:
    """Yield the parts that are text for the reader, in their order."""
    stack = [(whole, 0)]
    seen = 0
    while stack:
        part, depth = stack.pop()
        seen += 1
        if depth > _DEEPEST or seen > _MOST_PARTS:
            raise MailError("The mail has more parts, or deeper ones, than a letter can have.")
        if part.kind.startswith("multipart/"):
            stack.extend((_part(each), depth + 1) for each in reversed(_split(part)))
        elif part.kind in {"text/plain", "text/html"} and not _is_attachment(part):
            yield part


def _split(part: _Part) -> list[bytes]:
    boundary = (part.content_type.get_boundary() or "").encode("utf-8", "replace")
    body = b"\n" + part.body
    delimiters = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\n|\Z)")
    parts: list[bytes] = []
    start = None
    for match in delimiters.finditer(body) if boundary else ():
        if start is not None:
            parts.append(body[start : match.start()])
        start = None if match[1] else match.end() + 1
        if match[1] or len(parts) > _MOST_PARTS:
            break
    if start is not None:
        parts.append(body[start:])
    return parts


def _is_attachment(part: _Part) -> bool:
    return part.content_type.get_content_disposition() == "attachment" or part.content_type.get_filename() is not None


def _text(part: _Part) -> str:
    encoding = "".join(part.headers.get("content-transfer-encoding", [])[:1]).lower()
    body = part.body
    if encoding == "quoted-printable":
        body = binascii.a2b_qp(body)
    elif encoding == "base64":
        body = _from_base64(body)
    if len(body) > _LARGEST_TEXT_BYTES:
        raise MailError("The text of the mail is larger than 1 MB, which no letter is.")
    return _as_text(body, part.content_type.get_content_charset() or "utf-8")


def _from_base64(body: bytes) -> bytes:
    letters = _NO_BASE64.sub(b"", body)
    # A lone letter at the end holds no whole byte.
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _as_text(content: bytes, charset: str) -> str:
    """Decode *content*; where that fails, as what it most likely is, with marks in place of what is none."""
    try:
        if not _NO_CHARSET.match(charset.lower()):
            return content.decode(charset)
    except (LookupError, UnicodeError, ValueError):
        charset = "utf-8"
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _decoded(header: str) -> str:
    """Decode the encoded words of a header, as one line; where they are damaged it stays as it is."""
    try:
        parts = decode_header(header)
    except (HeaderParseError, ValueError):
        return one_line(header)
    return one_line(
        "".join(each if isinstance(each, str) else _as_text(each, charset or "utf-8") for each, charset in parts)
    )


def _people(headers: dict[str, list[str]], name: str) -> tuple[Address, ...]:
    found = (person for header in headers.get(name, []) for person in parse_mailboxes(header))
    return tuple(Address(_decoded(person.name), person.email) for person in found)


def _date(header: str) -> datetime | None:
    """Read a date; one that does not say its zone ("-0000") is in UTC."""
    try:
        date = parsedate_to_datetime(header[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
