"""Which account a handover is about: its link in Salesforce, else the name of the customer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlsplit

Thing = TypeVar("Thing")

# The id of an account: 15 characters, or 18 with a checksum. It is the same on each of Salesforce's hosts and pages.
_ACCOUNT_ID = re.compile(r"(001[A-Za-z0-9]{12})(?:[A-Za-z0-9]{3})?")


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
    """Reduce a link to what names the account: without scheme, query, fragment and closing slash."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    ids = [match[1] for each in parts.path.split("/") if (match := _ACCOUNT_ID.fullmatch(each))]
    return ids[-1] if ids else parts.netloc.casefold() + re.sub(r"/+", "/", parts.path).rstrip("/")


def name_key(name: str) -> str:
    """Reduce a name to what counts: without case, extra blanks, and the several ways to encode a letter."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(slots=True)
class AccountIndex(Generic[Thing]):
    """Things by account. Two are of one account when their links agree, or their names where a link is not known."""

    _by_link: dict[str, Thing] = field(default_factory=dict)
    _by_name: dict[str, list[tuple[bool, Thing]]] = field(default_factory=dict)

    def add(self, account: Account, thing: Thing) -> None:
        """Add *thing*; of several of one account, the first is found."""
        if account.link:
            self._by_link.setdefault(account.link, thing)
        if account.name:
            self._by_name.setdefault(account.name, []).append((bool(account.link), thing))

    def find(self, account: Account) -> Thing | None:
        """Return what is there for *account*, None for nothing."""
        if account.link and account.link in self._by_link:
            return self._by_link[account.link]
        same: Iterable[tuple[bool, Thing]] = self._by_name.get(account.name, ()) if account.name else ()
        return next((thing for has_link, thing in same if not (has_link and account.link)), None)
