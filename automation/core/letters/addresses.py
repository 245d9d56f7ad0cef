"""Addresses of mail: which are valid, and who is meant by what people type in an issue or a mail's header holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from automation.core.letters.markup import one_line
from automation.core.letters.model import CUSTOMER, Address

_LONGEST = 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]")

# A quoted text (one without an end takes the rest), words in angle brackets, a separator, or a word.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|$)|“[^“”]*”|<[^<>]*>|[,;\n]|[^\s,;"<>]+|["<>]', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*\)")
_SEPARATORS = frozenset({",", ";", "\n"})
_CONJUNCTIONS = frozenset({"and", "&"})
_AROUND_ADDRESS = "()[]{}.:'*_`|\\"
_AROUND_NAME = " -–—:•*|"


def is_address(text: str) -> bool:
    """Tell whether *text* is one address that a mail can be sent to: `local@domain.tld`, of at most 254 characters.

    The domain may be written in any script. Quoted local parts, hosts without a dot and numbers of hosts are refused.
    """
    return ascii_address(text) is not None


def ascii_address(text: str) -> str | None:
    """Write the address *text* as headers need it, an international domain in its ASCII form; None if it is none."""
    local, at, domain = text.partition("@")
    if not at or len(text) > _LONGEST or len(local) > 64 or _LOCAL.fullmatch(local) is None:
        return None
    # Readers would decode this as the name of somebody: "=?utf-8?q?ada=40acme.example?=@acme.example".
    if "=?" in local:
        return None
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    address = f"{local}@{domain}"
    return address if _DOMAIN.fullmatch(domain) is not None and len(address) <= _LONGEST else None


def parse_contacts(value: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Read the people that somebody typed in an issue: `Ada Lind <ada@acme.example>, Bo Falk bo@acme.example and ...`.

    Commas, semicolons, line breaks, "and" and "&" separate; a name with a comma stands in quotes.

    Returns:
        Each address once, as the customer's, with the name "" where none was given; and the pieces, in one line, that
        hold no valid address.
    """
    value = _LINK.sub(r"\1", value)
    # A quotation mark without its partner is an inch, or a slip.
    if value.count('"') % 2:
        value = value.replace('"', " ")
    found: dict[str, Address] = {}
    unread: list[str] = []
    for piece in _pieces(value, _SEPARATORS | _CONJUNCTIONS):
        people, rest = _people(piece)
        if rest:
            unread.append(rest)
        for name, email in people:
            found.setdefault(email.lower(), Address(one_line(_bare(name)), email, CUSTOMER))
    return tuple(found.values()), tuple(unread)


def parse_mailboxes(header: str) -> tuple[Address, ...]:
    """Read the people in a header of a mail; what is no valid address is left out. Names stay encoded."""
    pieces = _pieces(header, _SEPARATORS)
    return tuple(Address(name, email) for piece in pieces for name, email in _people(piece)[0])


def _pieces(value: str, separators: frozenset[str]) -> Iterator[list[str]]:
    piece: list[str] = []
    for token in _TOKEN.findall(value):
        if token.lower() in separators:
            yield piece
            piece = []
        else:
            piece.append(token)
    yield piece


def _people(tokens: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Find the people in a piece: each address with the words before it; and what it says of nobody, in one line."""
    people: list[tuple[str, str]] = []
    words: list[str] = []
    strange: list[str] = []
    for token in tokens:
        email = _email(token)
        if email:
            people.append((_name(words), email))
            words = []
        elif "@" in token and not token.startswith(('"', "“")):
            strange.append(token)
        else:
            words.append(token)
    if not people:
        return [], one_line(" ".join(tokens))
    if words and not people[-1][0]:
        people[-1] = (_bare(_name(words)), people[-1][1])
    return people, one_line(" ".join(strange))


def _email(token: str) -> str:
    text = token[1:-1].strip() if token.startswith("<") and token.endswith(">") else token.strip(_AROUND_ADDRESS)
    text = text.removeprefix("mailto:")
    return text if is_address(text) else ""


def _name(words: list[str]) -> str:
    return " ".join(_unquoted(word) for word in words if word not in {"<", ">"})


def _bare(name: str) -> str:
    """Take a bullet, a colon or brackets off a name."""
    name = name.strip(_AROUND_NAME)
    return name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name


def _unquoted(word: str) -> str:
    if word.startswith('"'):
        return _QUOTED_PAIR.sub(r"\1", word[1:].removesuffix('"'))
    return word[1:-1] if word.startswith("“") else word
