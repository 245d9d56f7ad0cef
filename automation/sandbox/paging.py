"""Pages of a list, by offset or keyset, with GitLab's headers (gitlab-facts 8)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from automation.sandbox.call import Call
from automation.sandbox.refusals import refuse_parameter

_T = TypeVar("_T")

_MAX_PER_PAGE = 100
_MAX_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """One page: the records to render, and the headers that say where it stands."""

    items: Sequence[_T]
    headers: Mapping[str, str]


def cut_page(call: Call, items: Sequence[_T]) -> Page[_T]:
    """Cut the page that *call* asks for; one past the end is empty."""
    page, per_page = _read_number(call, "page", 1), _read_per_page(call)
    pages = max(1, -(-len(items) // per_page))
    headers = {
        "X-Per-Page": str(per_page),
        "X-Page": str(page),
        "X-Next-Page": str(page + 1) if page < pages else "",
        "X-Prev-Page": str(page - 1) if page > 1 else "",
    }
    targets = {"prev": page - 1 if page > 1 else 0, "next": page + 1 if page < pages else 0, "first": 1}
    if not call.omits_totals and len(items) <= _MAX_COUNTED:
        headers |= {"X-Total": str(len(items)), "X-Total-Pages": str(pages)}
        targets["last"] = pages
    links = [_link(call, {"page": str(to), "per_page": str(per_page)}, rel) for rel, to in targets.items() if to]
    headers["Link"] = ", ".join(links)
    return Page(items[(page - 1) * per_page : page * per_page], headers)


def cut_keyset_page(call: Call, items: Sequence[_T], key: Callable[[_T], tuple[str, int]], is_asc: bool) -> Page[_T]:
    """Cut the page after the record that the cursor names; *items* are sorted by value, then by id downwards."""
    per_page, cursor = _read_per_page(call), call.text("cursor")
    if cursor:
        value, number = _read_cursor(cursor)
        items = [
            item for item in items if (key(item)[0] > value if is_asc else key(item)[0] < value)
            or (key(item)[0] == value and key(item)[1] < number)
        ]  # fmt: skip
    headers = {"X-Per-Page": str(per_page)}
    if len(items) > per_page:
        packed = base64.urlsafe_b64encode(json.dumps(key(items[per_page - 1])).encode()).decode()
        headers["Link"] = _link(call, {"cursor": packed, "per_page": str(per_page)}, "next")
    return Page(items[:per_page], headers)


def _read_per_page(call: Call) -> int:
    return min(_read_number(call, "per_page", 20), _MAX_PER_PAGE)


def _read_number(call: Call, name: str, default: int) -> int:
    value = call.number(name)
    if value is None:
        return default
    if value < 1:
        raise refuse_parameter(f"{name} does not have a valid value")
    return value


def _read_cursor(cursor: str) -> tuple[str, int]:
    try:
        value, number = json.loads(base64.urlsafe_b64decode(cursor))
        return str(value), int(number)
    except ValueError as error:
        raise refuse_parameter("cursor is invalid") from error


def _link(call: Call, changes: Mapping[str, str], rel: str) -> str:
    """Write one link: it carries all parameters of the request, and the server's external address."""
    kept = [(name, value) for name, value in parse_qsl(call.query, keep_blank_values=True) if name not in changes]
    return f'<{call.renderer.url}{call.path}?{urlencode([*kept, *changes.items()])}>; rel="{rel}"'
