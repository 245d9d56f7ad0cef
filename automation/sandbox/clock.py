"""Clocks for a world that can travel in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def read_clock() -> datetime:
    """Read the machine's clock, in UTC."""
    return datetime.now(UTC)


class TravellingClock:
    """A clock that stands still until it is told to move; call it to read it."""

    def __init__(self, start: datetime) -> None:
        self._at = start

    def __call__(self) -> datetime:
        """Return the moment it is."""
        return self._at

    def advance(self, **amount: float) -> datetime:
        """Move on by `timedelta(**amount)`, as in `advance(days=3, hours=2)`."""
        self._at += timedelta(**amount)
        return self._at

    def set(self, moment: datetime) -> None:
        """Go to *moment*, forwards or backwards."""
        self._at = moment
