"""Find addresses in plain text, and judge whether a letter may link to them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from automation.core.words import quote

_CLOSING = {")": "(", "]": "[", "}": "{"}
_MAIL = "mailto:"
_PORT = 443
# Without a scheme, only what mail programs make a link of: "www.", and a host in small letters with a path.
_ENDINGS = (
    "com|org|net|io|dev|co|ai|app|ly|gl|gg|gd|me|eu|uk|de|fr|nl|ch|at|us|tv|info|biz|cloud|tech|link|page|site|online|"
    "xyz|edu|gov"
)
_ADDRESS = re.compile(
    rf"""(?<![^\W_])(?:
        (?i:[a-z][a-z0-9+.-]{{0,20}}:[/\\]++|www\.|mailto:|javascript:|vbscript:|data:(?=\w+/))[^\s<>"]{{1,2000}}
      | (?<![@.-])(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,6}}(?:{_ENDINGS})/[^\s<>"]{{1,2000}}
    )""",
    re.VERBOSE,
)
_MAIL_HEADER = re.compile(r"\?|%0[ad]", re.IGNORECASE)
_NUMERIC_HOST = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+))*\.?")


def find_links(text: str) -> tuple[str, ...]:
    """Return the addresses in plain *text*, in order, each once, without the marks that follow them.

    A host alone is prose: "GitLab.com", "Node.js".
    """
    return tuple(dict.fromkeys(filter(None, (_without_marks(found.group()) for found in _ADDRESS.finditer(text)))))


def _without_marks(address: str) -> str:
    """Take the punctuation and the closing brackets off that belong to the sentence around *address*."""
    surplus = {closing: address.count(closing) - address.count(opening) for closing, opening in _CLOSING.items()}
    end = len(address)
    while end and (address[end - 1] in ".,;:!?'*_`’”»…" or surplus.get(address[end - 1], 0) > 0):
        if address[end - 1] in surplus:
            surplus[address[end - 1]] -= 1
        end -= 1
    return address[:end]


def object_to(link: str, allowed_hosts: Collection[str]) -> str:
    """Return in one sentence what speaks against *link* in a letter, "" where nothing does."""
    if not link:
        return "A link has words but no address: write where it leads, such as `https://docs.gitlab.com/`."
    if "\\" in link or any(each.isspace() or unicodedata.category(each)[0] == "C" for each in link):
        return f"The link {quote(link)} has a blank, a backslash or an invisible character in it: type it again."
    if link.casefold().startswith(_MAIL):
        return _object_to_mail(link)
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return f"The link {quote(link)} cannot be read as an address: copy it again from the page."
    return _object_to_parts(link, parts, port, allowed_hosts)


def _object_to_mail(link: str) -> str:
    if _MAIL_HEADER.search(link):
        return (
            f"The mail address {quote(link)} brings recipients or words of its own: leave nothing but the address after"
            " `mailto:`."
        )
    return ""


def _object_to_parts(link: str, parts: SplitResult, port: int | None, allowed_hosts: Collection[str]) -> str:
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http", ""):
        return f"The link {quote(link)} begins with `{parts.scheme}:`: a letter links to pages only, with `https://`."
    if parts.scheme != "https" or not link[len("https") :].startswith("://") or not host:
        return f"The link {quote(link)} does not begin with `https://` and a host: write the whole address, with https."
    if "@" in parts.netloc:
        return f"The link {quote(link)} has an `@` before its path, so that it leads elsewhere than it seems."
    if not host.isascii() or any(label.startswith("xn--") for label in host.split(".")):
        return f"The link {quote(link)} has a host with letters that look like others: link to another page."
    if ":" in host or _NUMERIC_HOST.fullmatch(host):
        return f"The link {quote(link)} leads to a number instead of a host: write the name of the host."
    if port not in (None, _PORT):
        return f"The link {quote(link)} names the port {port}: write it without."
    if host not in {each.casefold() for each in allowed_hosts}:
        return (
            f"The link {quote(link)} leads to {quote(host)}, where letters may not link to: take another page, or add "
            "the host to `allowed_links` under `letters` in `.gitlab/handover.yml`."
        )
    return ""
