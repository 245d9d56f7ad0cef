"""Make a thing at most once: after an answer that was lost we look before we go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from automation.core.installation import Seen, Unseen
from automation.errors import RefusedError, UncertainError

_T = TypeVar("_T")


def once(make: Callable[[], _T], look: Callable[[], _T | None]) -> _T:
    """Make a thing; where GitLab's answer was lost, or it has one already, find it instead."""
    try:
        return make()
    except (UncertainError, RefusedError):
        found = look()
        if found is None:
            raise
        return found


def shown(found: Seen[tuple[_T, ...]]) -> tuple[_T, ...]:
    return () if isinstance(found, Unseen) else found
