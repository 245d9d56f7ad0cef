"""When may somebody be spoken to? Quiet hours in the reader's own zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from automation.core.workdays import Calendars

_STEP = timedelta(minutes=30)
_STEPS_OF_A_DAY = 48


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No pings from ``starts`` to ``ends``, local time of each reader; over midnight where it starts later."""

    starts: time
    ends: time
    calendars: Calendars

    def is_quiet(self, person: str, moment: datetime) -> bool:
        """Tell whether it is a quiet hour where *person* lives."""
        clock = moment.astimezone(self.calendars.of(person).zone).time()
        if self.starts <= self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends

    def may_speak(self, addressed: Sequence[str], informed: Sequence[str], moment: datetime) -> bool:
        """Tell whether a comment for these people may be posted now.

        Everybody in it must be awake. Where no hour of the day suits all of them, those decide who must act; where
        none suits even these, the first of them does: nobody waits for ever because others live on the other side of
        the earth.
        """
        for readers in ((*addressed, *informed), tuple(addressed), tuple(addressed[:1])):
            if self._is_common_hour(readers, moment):
                return not any(self.is_quiet(person, moment) for person in readers)
        return True

    def _is_common_hour(self, readers: Sequence[str], moment: datetime) -> bool:
        """Tell whether within a day from now there is a moment at which nobody's hours are quiet."""
        zones = {self.calendars.of(person).time_zone: person for person in readers}
        return any(
            not any(self.is_quiet(person, moment + number * _STEP) for person in zones.values())
            for number in range(_STEPS_OF_A_DAY)
        )
