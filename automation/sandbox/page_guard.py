"""Who may talk to the web page: only a browser on this machine, and only this page itself may post."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote, urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_COOKIE = "handover_sandbox_person"


def judge_request(method: str, headers: Mapping[str, str]) -> str | None:
    """Return why a request is refused, None when it may pass.

    The name in Host keeps out pages whose own name was pointed at this machine; Origin those that post from elsewhere.
    """
    host = headers.get("host", "")
    if _read_hostname(host) not in _LOOPBACK:
        return "The sandbox's page answers on this machine only."
    if method in ("GET", "HEAD"):
        return None
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "Only the sandbox's own page may change something here."
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return "Only the sandbox's own page may change something here."
    return None


def read_person(headers: Mapping[str, str]) -> str | None:
    """Return the username that the page's cookie names."""
    try:
        cookie = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    return unquote(cookie[_COOKIE].value) if _COOKIE in cookie else None


def write_person(username: str) -> str:
    """Write the cookie that names the person to act as."""
    return f"{_COOKIE}={quote(username, safe='')}; Path=/; HttpOnly; SameSite=Strict"


def read_way_back(path: str) -> str:
    """Return *path* if it leads to a page of ours, else the first page."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return quote(path, safe="/?=&%-_.~") if is_ours else "/"


def _read_hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
