"""The sandbox's web page: boards, issues, boxes to tick as a chosen sample person. It needs no JavaScript."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from automation.sandbox import page_views, rights
from automation.sandbox.model import Issue, Project, User
from automation.sandbox.page_views import Boards
from automation.sandbox.refusals import RefusedError
from automation.sandbox.wire import Received, Reply
from automation.sandbox.world import World

_HERE = Path(__file__).parent
_PAGES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_ISSUE = re.compile(r"/(?P<project>.+)/-/issues/(?P<iid>[0-9]{1,9})(?:/(?P<act>[a-z]+))?")
_NEW = re.compile(r"/(?P<project>.+)/-/issues/new")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_COOKIE = "handover_sandbox_person"
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message above the page; *is_output* shows it as a program's text."""

    text: str
    is_error: bool = False
    is_output: bool = False


def board_page(world: World, boards: Boards) -> str:
    """Return one HTML page that needs nothing else: the boards with their cards, for everybody to read."""
    with world.lock:
        issues = page_views.list_visible(world, None)
        shown = {title: page_views.build_columns(world, boards, title, issues) for title in boards}
    # A board that nothing stands on says nothing, unless all are so.
    staged = {title: columns for title, columns in shown.items() if any(column.cards for column in columns[1:])}
    return _PAGES.get_template("board_file.html.j2").render(
        boards=staged or shown, style=(_HERE / "style.css").read_text(encoding="utf-8"), written_at=world.read_now()
    )
