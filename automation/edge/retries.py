"""When to ask again: urllib3's Retry with the rules of GitLab's two kinds of 429 and of writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from urllib3.util.retry import Retry

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

_LONGEST_WAIT_SECONDS = 120.0
_LONGEST_BACKOFF_SECONDS = 20
# A shorter wait is told to nobody.
_NOTABLE_SECONDS = 5.0
_SERVER_FAULTS = frozenset({500, 502, 503, 504, *range(520, 531)})
_MOST_SERVER_FAULTS = 4


class Patience(Retry):
    """Wait as GitLab asks (``Retry-After``), else longer each time: about 100 s in all, enough for a limit by minute.

    *on_wait* is told the seconds before each wait that somebody would notice. Without *posts_wait*, a POST that
    GitLab's limit refuses is refused at once: whoever makes hundreds does better to wait out the minute than to ask
    again.

    A 429 was never carried out, so any request may be sent again; after a server's fault only those that do no harm
    when done twice.
    """

    def __init__(self, on_wait: Callable[[float], None] | None = None, posts_wait: bool = True, **options: Any) -> None:
        self._on_wait = on_wait
        self._posts_wait = posts_wait
        super().__init__(
            **{
                "total": 12,
                "connect": 4,
                "read": 4,
                "redirect": False,
                "backoff_factor": 0.1,
                "backoff_max": _LONGEST_BACKOFF_SECONDS,
                "allowed_methods": frozenset({"GET", "PUT", "DELETE"}),
                "raise_on_status": False,
                **options,
            }
        )

    def new(self, **options: Any) -> Patience:
        return super().new(**{"on_wait": self._on_wait, "posts_wait": self._posts_wait, **options})

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        asked = None if response is None else self.get_retry_after(response)
        seconds = asked or self.get_backoff_time()
        if self._on_wait is not None and seconds >= _NOTABLE_SECONDS:
            self._on_wait(seconds)
        super().sleep(response)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if status_code == 429:
            return bool(self.total) and (self._posts_wait or method.upper() != "POST")
        faults = sum(1 for each in self.history if each.status in _SERVER_FAULTS)
        return self._is_method_retryable(method) and status_code in _SERVER_FAULTS and faults < _MOST_SERVER_FAULTS

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        seconds = super().get_retry_after(response)
        return None if seconds is None else min(seconds, _LONGEST_WAIT_SECONDS)
