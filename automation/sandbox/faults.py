"""Faults on purpose: what a test can make go wrong with a request, and a server's request limit (gitlab-facts 9)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from automation.sandbox.wire import Reply

FaultKind = Literal[
    "429-rack",
    "429-application",
    "500",
    "502",
    "503",
    "409-lock",
    "reset-before",
    "reset-after",
    "truncated",
    "slow",
]


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A request about to be answered; *number* counts all API requests from 1, *user* is a username or None."""

    number: int
    method: str
    path: str
    query: str
    user: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong.

    - `reset-before`: the connection is reset, nothing was done;
    - `reset-after`: the request is carried out, its answer lost;
    - `truncated`: carried out, the answer's JSON cut in half;
    - `slow`: carried out and answered after *seconds*;
    - the others answer with that status and do nothing. *retry_after* None leaves the header out (not for `429-rack`).
    """

    kind: FaultKind
    retry_after: int | None = None
    seconds: float = 0.0


_BAD_GATEWAY = b"<!DOCTYPE html>\n<html><head><title>502</title></head><body><h1>502 Bad Gateway</h1></body></html>"

OnRequest = Callable[[RequestInfo], Fault | None]


def build_fault_reply(fault: Fault) -> Reply | None:
    """Build the answer that stands for the real one, None when the request is carried out."""
    if fault.kind == "429-rack":
        return build_throttled(1, fault.retry_after or 0)
    if fault.kind == "429-application":
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        text = "This endpoint has been requested too many times. Try again later."
        return _build_json(429, {"message": {"error": text}}, headers)
    if fault.kind == "409-lock":
        return _build_json(409, {"message": "409 Conflict: Resource lock"})
    if fault.kind == "500":
        return _build_json(500, {"message": "500 Internal Server Error"})
    if fault.kind == "503":
        return _build_json(503, {"message": "503 Service Unavailable"})
    if fault.kind == "502":
        return Reply(502, {"Content-Type": "text/html; charset=utf-8"}, _BAD_GATEWAY)
    return None


def build_throttled(limit: int, retry_after: int) -> Reply:
    """Build the 429 of GitLab's outer throttle: plain text, with RateLimit headers."""
    headers = {
        "Content-Type": "text/plain",
        "RateLimit-Name": "throttle_authenticated_api",
        "RateLimit-Limit": str(limit),
        "RateLimit-Observed": str(limit + 1),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(int(time.time()) + retry_after),
        "Retry-After": str(retry_after),
    }
    return Reply(429, headers, b"Retry later\n")


class Throttle:
    """A limit of requests a minute and user, counted in fixed windows as GitLab does."""

    def __init__(self, per_minute: int, read_seconds: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._read_seconds = read_seconds
        self._counts: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def check(self, user: str) -> Reply | None:
        """Count one request of *user*; return the refusal when it is one too many."""
        seconds = self._read_seconds()
        window = int(seconds // 60)
        with self._lock:
            count = self._counts.get((user, window), 0) + 1
            self._counts = {key: value for key, value in self._counts.items() if key[1] == window}
            self._counts[user, window] = count
        return build_throttled(self._limit, int((window + 1) * 60 - seconds) + 1) if count > self._limit else None


def _build_json(status: int, body: object, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body).encode())
