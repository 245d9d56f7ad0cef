"""The sandbox as a running HTTP server on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Self

from automation.sandbox.api import PREFIX, answer
from automation.sandbox.faults import Fault, OnRequest, RequestInfo, Throttle, build_fault_reply
from automation.sandbox.page import Page
from automation.sandbox.wire import Received, Reply, Server
from automation.sandbox.world import World

# How soon the server notices that it shall stop: hundreds of tests wait for it.
_POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One line of the request log; *status* is what the server decided, even when the answer was lost on purpose.

    It is None for a request that was thrown away before anything was done.
    """

    method: str
    path: str
    query: str
    user: str | None
    status: int | None


class Sandbox:
    """A GitLab-compatible server in memory: start it, point python-gitlab at `url`, stop it.

    Use it as a context manager, or call `start` and `stop`. `requests` logs API requests, not those of the web page.

    Args:
        world: what it serves; empty when left out.
        port: 0 takes any free one. It listens on 127.0.0.1 only.
        external_url: the address written into links, where it differs from the real one.
        on_request: called before each API request; the fault it returns happens.
        omits_totals: leave out X-Total and its kin, as GitLab does for long lists.
        requests_per_minute: limit of each user; none when left out.
        boards: stage labels in order for each board of the web page, by the board's title.
        run_triage: what the page's button "Run triage" calls; its text is shown. No button when left out.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        port: int = 0,
        external_url: str | None = None,
        on_request: OnRequest | None = None,
        omits_totals: bool = False,
        requests_per_minute: int | None = None,
        boards: Mapping[str, Sequence[str]] | None = None,
        run_triage: Callable[[], str] | None = None,
    ) -> None:
        self.world = world or World()
        self.requests: list[LoggedRequest] = []
        self.on_request = on_request
        self.omits_totals = omits_totals
        self.boards = {title: tuple(labels) for title, labels in (boards or {}).items()}
        self._throttle = Throttle(requests_per_minute) if requests_per_minute else None
        self._page = Page(self.world, self.boards, run_triage)
        self._numbers = count(1)
        self._server = Server(port, self._respond)
        self.url = (external_url or f"http://127.0.0.1:{self.port}").rstrip("/")
        self._thread: threading.Thread | None = None

    @property
    def run_triage(self) -> Callable[[], str] | None:
        """What the button "Run triage" calls; it may be set later, when the server's address is known."""
        return self._page.run_triage

    @run_triage.setter
    def run_triage(self, run_triage: Callable[[], str] | None) -> None:
        self._page.run_triage = run_triage

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self._server.server_address[1])

    def start(self) -> Self:
        """Serve in the background."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True, name="sandbox"
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every connection."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.close_connections()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _respond(self, received: Received) -> Reply | None:
        if received.path.startswith(PREFIX + "/"):
            return self._respond_api(received)
        return self._page.respond(received)

    def _respond_api(self, received: Received) -> Reply | None:
        user = self._name_user(received)
        fault = self._ask_for_fault(received, user)
        refusal = build_fault_reply(fault) if fault else None
        if refusal is None and self._throttle:
            refusal = self._throttle.check(user or "")
        if fault and fault.kind == "reset-before":
            self._log(received, user, None)
            return None
        reply = refusal or self._answer(received)
        self._log(received, user, reply.status)
        return _spoil(reply, fault)

    def _answer(self, received: Received) -> Reply:
        given = answer(self.world, received, self.url, self.omits_totals)
        body = given.body if isinstance(given.body, bytes) else _write_json(given.body)
        return Reply(given.status, {"Content-Type": "application/json", **given.headers}, body)

    def _ask_for_fault(self, received: Received, user: str | None) -> Fault | None:
        number = next(self._numbers)
        if self.on_request is None:
            return None
        info = RequestInfo(number, received.method, received.path, received.query, user, received.body)
        return self.on_request(info)

    def _name_user(self, received: Received) -> str | None:
        value = received.headers.get("private-token") or received.headers.get("authorization", "").partition(" ")[2]
        with self.world.lock:
            token = self.world.tokens.get(value)
            return self.world.users[token.user_id].username if token else None

    def _log(self, received: Received, user: str | None, status: int | None) -> None:
        self.requests.append(LoggedRequest(received.method, received.path, received.query, user, status))


def _write_json(body: object) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def _spoil(reply: Reply, fault: Fault | None) -> Reply | None:
    """Do to a finished answer what *fault* says; None loses it."""
    if fault is None:
        return reply
    if fault.kind == "reset-after":
        return None
    if fault.kind == "truncated":
        return Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])
    if fault.kind == "slow":
        time.sleep(fault.seconds)
    return reply
