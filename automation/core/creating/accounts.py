"""Which account a handover is about: its link in Salesforce, else the name of the customer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

Thing = TypeVar("Thing")

# The id of an account: 15 characters, or 18 with a checksum. It is the same on each of Salesforce's hosts and pages.
_ACCOUNT_ID = re.compile(r"(?<![A-Za-z0-9])(001[A-Za-z0-9]{12})(?:[A-Za-z0-9]{3})?(?![A-Za-z0-9])")
# What spreadsheets and word processors type in place of ' " and -, by themselves.
_TYPED = str.maketrans(
    {**dict.fromkeys("‘’‚‛‹›`´ʹʼ′＇", "'"), **dict.fromkeys("“”„‟«»″〃＂", '"'), **dict.fromkeys("\u2212\u2043", "-")}
)


@dataclass(frozen=True, slots=True)
class Account:
    """What tells accounts apart. ``link`` and ``name`` are normalised, "" where they are not known."""

    link: str
    name: str


def build_account(link: object, name: object) -> Account:
    """Normalise what identifies an account; anything that is no text counts as unknown."""
    return Account(
        link_key(link) if isinstance(link, str) else "",
        name_key(name) if isinstance(name, str) else "",
    )


def link_key(link: str) -> str:
    """Reduce a link to what names the account: its id in Salesforce, wherever that stands, else the address.

    The address is without scheme and closing slash, and without a fragment that only leads to a place on the page.
    """
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    query = parse_qsl(parts.query)
    named = [value for key, value in query if key.casefold() == "id"]
    for place in (parts.path, *named, unquote(parts.fragment), *(value for _, value in query)):
        if ids := _ACCOUNT_ID.findall(place):
            return str(ids[-1])
    address = parts.netloc.casefold() + re.sub(r"/+", "/", parts.path).rstrip("/")
    route = parts.fragment.rstrip("/") if parts.fragment.startswith(("/", "!/")) else ""
    return address + (f"?{parts.query}" if parts.query else "") + (f"#{route}" if route else "")


def name_key(name: str) -> str:
    """Reduce a name to what counts, as people see it.

    Case, extra blanks, the several ways to encode a letter, to write a quotation mark or a dash, and letters that
    nobody sees tell no two names apart.
    """
    seen = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.translate(_TYPED)).casefold())
    kinds = ((letter, unicodedata.category(letter)) for letter in seen)
    return " ".join("".join("-" if kind == "Pd" else letter for letter, kind in kinds if kind != "Cf").split())


@dataclass(slots=True)
class AccountIndex(Generic[Thing]):
    """Things by account. Two are of one account when their links agree, or their names where a link is not known."""

    _by_link: dict[str, Thing] = field(default_factory=dict)
    _by_name: dict[str, list[tuple[bool, Thing]]] = field(default_factory=dict)
    _by_letters: dict[str, list[tuple[bool, Thing]]] = field(default_factory=dict)

    def add(self, account: Account, thing: Thing) -> None:
        """Add *thing*; of several of one account, the first is found."""
        if account.link:
            self._by_link.setdefault(account.link, thing)
        if account.name:
            self._by_name.setdefault(account.name, []).append((bool(account.link), thing))
            self._by_letters.setdefault(_letters(account.name), []).append((bool(account.link), thing))

    def find(self, account: Account) -> Thing | None:
        """Return what is there for *account*, None for nothing."""
        if account.link and account.link in self._by_link:
            return self._by_link[account.link]
        return _first(self._by_name.get(account.name, ()), account)

    def find_alike(self, account: Account) -> Thing | None:
        """Return what is there under a name of the same letters and digits: a person must judge it."""
        letters = _letters(account.name)
        return _first(self._by_letters.get(letters, ()) if letters else (), account)


def _first(found: Iterable[tuple[bool, Thing]], account: Account) -> Thing | None:
    """Return the first of the same name that is not surely another account, as its link tells."""
    return next((thing for has_link, thing in found if not (has_link and account.link)), None)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name)
