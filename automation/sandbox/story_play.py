"""Play stories side by side over working days: people act, then the triage runs, and so on to the end."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from automation.sandbox.clock import TravellingClock, read_clock
from automation.sandbox.story import Story
from automation.sandbox.story_values import Moment, Row


class StoryClock(TravellingClock):
    """Goes where the stories are, until it is let go: then it runs on from *now*."""

    def __init__(self, start: datetime, now: datetime) -> None:
        super().__init__(start)
        self._ahead = now - read_clock()
        self._is_free = False

    def __call__(self) -> datetime:
        """Return the moment it is."""
        return read_clock() + self._ahead if self._is_free else super().__call__()

    def let_go(self) -> None:
        """Run from now on."""
        self._is_free = True


class Play:
    """Plays stories side by side. *run* is one triage, returning its rows; *days* are the working days to play on."""

    def __init__(self, clock: TravellingClock, days: Sequence[date], run: Callable[[], list[Row]]) -> None:
        self._clock = clock
        self._days = days
        self._run = run

    def perform(self, stories: Sequence[Story]) -> Iterator[datetime]:
        """Play *stories* to their ends; yield the time after each run of the triage.

        Raises:
            StoryError: a story did not come true.
        """
        waiting = [(moment, place) for place, story in enumerate(stories) if (moment := story.starts_at) is not None]
        heapq.heapify(waiting)
        while waiting:
            moment = waiting[0][0]
            self._clock.set(max(self._clock(), self._at(moment)))
            acting = []
            while waiting and waiting[0][0] == moment:
                acting.append(heapq.heappop(waiting)[1])
            for place in acting:
                following = stories[place].go_on()
                if following is not None:
                    heapq.heappush(waiting, (following, place))
            self._clock.advance(minutes=5)
            rows = {row["iid"]: row for row in self._run()}
            for story in stories:
                story.hear(rows.get(story.iid))
            yield self._clock()

    def _at(self, moment: Moment) -> datetime:
        return datetime.combine(self._days[moment.day - 1], time(moment.hour, moment.minute), UTC)


def list_working_days(before: date, count: int) -> list[date]:
    """Return the last *count* days before *before* that are no weekend, oldest first."""
    days = (before - timedelta(days=number) for number in range(1, 2 * count + 7))
    return sorted([day for day in days if day.weekday() < 5][:count])
