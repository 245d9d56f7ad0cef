"""Ask whether the addresses that letters link to still lead somewhere. Only `handover check --online` does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, urljoin, urlsplit

import requests
from urllib3.exceptions import NameResolutionError

_AT_ONCE = 4
_MOST_REDIRECTS = 5
_LONGEST_SHOWN = 200
# Answers to HEAD that say nothing of the page: many servers know GET only.
_HEAD_REFUSED = frozenset({403, 404, 405, 501})
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_GONE = frozenset({404, 410})
# The page is there, but not for everybody, or not so soon again.
_GUARDED = frozenset({401, 403, 429})
# The first that fits counts.
_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "The server speaks no TLS, or its certificate is not valid."),
    (requests.exceptions.ProxyError, "The proxy of this network does not let us through to it."),
    (requests.exceptions.Timeout, "The server gives no answer in time."),
    (requests.exceptions.ConnectionError, "The server cannot be reached, or hangs up."),
    (Exception, "This is no address that a browser could open."),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds: for a connection, for the next bytes of an answer, for an address in all.

    ``pause`` is the wait before a server that fails is asked a second time.
    """

    connect: float = 5.0
    read: float = 10.0
    whole: float = 30.0
    pause: float = 2.0


def ask_links(addresses: Iterable[str], limits: Limits = Limits()) -> dict[str, str]:
    """Ask every address once and return what is wrong with it: one sentence for a person, "" where it is fine.

    Pages that want a password, or fewer requests, are fine. A redirect to another host is not followed, since nobody
    has checked that host: for good, it is told; for now, the page is fine. Nothing of ours is sent but our name.
    """
    each = list(dict.fromkeys(addresses))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(each, pool.map(lambda address: _ask_in_time(address, limits), each), strict=True))


def _ask_in_time(address: str, limits: Limits) -> str:
    """Ask, and give up when the whole takes too long: a server that sends byte by byte outlasts the limit of each read.

    What is given up is left to a thread that keeps nobody from ending the program.
    """
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(_ask(address, limits)), daemon=True)
    thread.start()
    thread.join(limits.whole)
    return "The server does not come to the end of its answer." if thread.is_alive() else said[0]


def _ask(address: str, limits: Limits) -> str:
    with _PlainSession() as session:
        try:
            return _follow(session, address, limits)
        except (requests.RequestException, ValueError) as error:
            return _explain(error)


class _PlainSession(requests.Session):
    """A session that keeps and sends nothing of ours, and leaves redirects to us."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["User-Agent"] = "handover"
        # Without this, passwords of ~/.netrc and of the address itself would be sent.
        self.auth = _add_nothing
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find none: requests would read, and stumble over, targets that it is not to follow."""


def _add_nothing(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _follow(session: requests.Session, address: str, limits: Limits) -> str:
    """Follow redirects within the host and judge where they end."""
    here, is_for_good = address, True
    for _ in range(_MOST_REDIRECTS + 1):
        status, location = _ask_page(session, here, limits)
        if status not in _REDIRECTS:
            return _judge(status)
        there = urljoin(here, location)
        is_for_good = is_for_good and status in _PERMANENT
        if not location or urlsplit(there).scheme not in ("http", "https"):
            return f"It redirects to nothing that a browser could open (HTTP {status})."
        if urlsplit(there).hostname != urlsplit(here).hostname:
            return f"It has moved for good to {_show(there)}: write that address." if is_for_good else ""
        here = there
    return f"It redirects more than {_MOST_REDIRECTS} times and leads nowhere."


def _ask_page(session: requests.Session, address: str, limits: Limits) -> tuple[int, str]:
    """Return the status of a page and where it redirects to."""
    answer = _send(session, "HEAD", address, limits)
    if answer[0] in _HEAD_REFUSED:
        answer = _send(session, "GET", address, limits)
    if answer[0] >= 500:
        time.sleep(limits.pause)
        answer = _send(session, "GET", address, limits)
    return answer


def _send(session: requests.Session, verb: str, address: str, limits: Limits) -> tuple[int, str]:
    """Send one request. The body of the answer is not read: it may have no end."""
    timeout = (limits.connect, limits.read)
    with session.request(verb, address, timeout=timeout, stream=True, allow_redirects=False) as response:
        # Headers are read as Latin-1, whatever they are.
        location = response.headers.get("Location", "").encode("latin-1", "replace").decode("utf-8", "replace")
        return response.status_code, location


def _judge(status: int) -> str:
    if status < 400 or status in _GUARDED:
        return ""
    if status in _GONE:
        return f"The page is gone (HTTP {status})."
    if status >= 500:
        return f"The server fails, twice (HTTP {status})."
    return f"The server refuses the page (HTTP {status})."


def _explain(error: Exception) -> str:
    if isinstance(getattr(error.args[0], "reason", None) if error.args else None, NameResolutionError):
        return "No host of this name is known (DNS)."
    return next(sentence for kind, sentence in _FAILURES if isinstance(error, kind))


def _show(address: str) -> str:
    """Write an address that a server named so that it can stand in a line of ours."""
    return quote(address, safe="%/:=&?~#+!$,;@[]*'")[:_LONGEST_SHOWN]
