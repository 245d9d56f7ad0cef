"""Working days: when does a limit end, in whose calendar, and who acts while somebody is away?

The rule, as a manager would say it:

    A limit of n working days ends at midnight (24:00) at the end of the n-th working day after the day of the event
    that started it, where the person lives who must act. The day of the event itself never counts, however early in
    the day it was.

Working days are those that are neither weekend nor public holiday in that person's country and region; the library
``holidays`` knows them, substitute days and working Saturdays included. Three things make a day not count:

* The person is away and has a deputy: then the deputy must act, and the day counts when it is a working day of the
  deputy, in the deputy's calendar.
* The person is away without a deputy (or the deputy is away too, or two stand in for each other): the day does not
  count. That holds for ten working days in one limit; from the eleventh on they count, so that nothing waits for ever.
* The handover was on hold on that day, be it for an hour.

Limits in weeks count every day of the week, but for those on hold. (Requirements S0-5, S0-29, H9, H11.)
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from holidays import HolidayBase

MOST_DAYS_AWAY = 10
_DAY = timedelta(days=1)
_INSTANT = timedelta(seconds=1)
_WARNED_SHARE = 5
_LATER_STEPS = 2
_CODE_LENGTH = 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where somebody works: a country (``DE``), a region of it (``BY``, "" for none) and a time zone."""

    country: str = "US"
    region: str = ""
    time_zone: str = "America/New_York"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def is_working_day(self, day: date) -> bool:
        """Tell whether people work on *day*: no weekend and no public holiday."""
        return _is_working_day(self.country, self.region, day)

    def __str__(self) -> str:
        return f"{'-'.join(filter(None, (self.country, self.region)))}, {self.time_zone}"


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, the first and the last included. ``deputy`` is who acts meanwhile, "" where nobody does."""

    first: date
    last: date
    deputy: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time during which the clock stands still; ``ends_at`` is the first moment after it."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Calendars:
    """Everybody's calendar and absences, by case-folded username. Who has no entry lives by ``default``."""

    default: Calendar = field(default_factory=Calendar)
    own: Mapping[str, Calendar] = field(default_factory=dict)
    away: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)

    def of(self, person: str) -> Calendar:
        """Return the calendar of *person*, the default one for "" and for strangers."""
        return self.own.get(person.casefold(), self.default)

    def day_of(self, person: str, moment: datetime) -> date:
        """Return the date where *person* lives."""
        return moment.astimezone(self.of(person).zone).date()

    def absence(self, person: str, day: date) -> Absence | None:
        """Return why *person* is away on *day*, None when at work. An absence with a deputy comes first."""
        found = [each for each in self.away.get(person.casefold(), ()) if each.first <= day <= each.last]
        return max(found, key=lambda each: bool(each.deputy), default=None)

    def who_acts(self, person: str, day: date) -> str:
        """Return who acts for *person* on *day*: the person, a deputy, or "" when both are away or form a circle."""
        seen: set[str] = set()
        while person and person.casefold() not in seen:
            seen.add(person.casefold())
            absence = self.absence(person, day)
            if absence is None:
                return person
            person = absence.deputy
        return ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a limit.

    ``due_at`` is its last moment (23:59:59) where ``person`` lives, who must act then. From ``warn_from`` on the last
    fifth of its days runs, at least the last day. ``later`` are the ends of the next two working days.
    """

    due_at: datetime
    warn_from: datetime
    later: tuple[datetime, ...]
    person: str
    calendar: Calendar


def working_deadline(
    started_at: datetime, days: int, person: str, calendars: Calendars, pauses: Sequence[Pause] = ()
) -> Deadline:
    """Return the end of a limit of *days* working days for *person*, "" for nobody in particular."""
    working = _working(_days(started_at, person, calendars), person, pauses)
    counted = list(islice(working, days + _LATER_STEPS))
    return _deadline(counted, days)


def week_deadline(
    started_at: datetime, days: int, person: str, calendars: Calendars, pauses: Sequence[Pause] = ()
) -> Deadline:
    """Return the end of a limit of *days* days of the week, Sundays included; later steps are working days."""
    all_days = _days(started_at, person, calendars)
    plain = (each for each in all_days if not _is_paused(each, pauses))
    counted = list(islice(plain, days))
    return _deadline([*counted, *islice(_working(all_days, person, pauses), _LATER_STEPS)], days)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of *day* in *zone*, in UTC; where clocks change at midnight, the moment of the change."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def months_before(day: date, months: int) -> date:
    """Return the same day so many calendar months earlier, or the last one of that month where it is shorter (H13)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# --- counting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Day:
    date: date
    person: str
    calendar: Calendar


def _days(started_at: datetime, person: str, calendars: Calendars) -> Iterator[_Day]:
    """Yield the days that begin after the event, each with who acts on it ("" for nobody) and that one's calendar.

    Which day the event itself belongs to depends on where the person lives who acts on that day.
    """
    day = first = calendars.day_of(person, started_at) - _DAY
    actor, own, is_ever_away = person, calendars.of(person), person.casefold() in calendars.away
    while day < date.max:
        if is_ever_away:
            actor = calendars.who_acts(person, day)
            own = calendars.of(actor or person)
        if day > first + 2 * _DAY or day_begins(day, own.zone) > started_at:
            yield _Day(day, actor, own)
        day += _DAY


def _working(days: Iterable[_Day], person: str, pauses: Sequence[Pause]) -> Iterator[_Day]:
    """Yield the working days among *days*, less those on hold and the first ten on which nobody acts for *person*."""
    uncounted = 0
    for each in days:
        if not each.calendar.is_working_day(each.date) or _is_paused(each, pauses):
            continue
        if person and not each.person and uncounted < MOST_DAYS_AWAY:
            uncounted += 1
            continue
        yield each


def _is_paused(day: _Day, pauses: Sequence[Pause]) -> bool:
    if not pauses:
        return False
    begins_at, ends_at = (day_begins(each, day.calendar.zone) for each in (day.date, day.date + _DAY))
    return any(pause.starts_at < ends_at and begins_at < pause.ends_at for pause in pauses)


def _deadline(counted: Sequence[_Day], days: int) -> Deadline:
    last = counted[days - 1]
    warned = counted[days - max(1, days // _WARNED_SHARE)]
    return Deadline(
        due_at=_last_moment(last),
        warn_from=day_begins(warned.date, warned.calendar.zone),
        later=tuple(_last_moment(each) for each in counted[days:]),
        person=last.person,
        calendar=last.calendar,
    )


def _last_moment(day: _Day) -> datetime:
    zone = day.calendar.zone
    return (day_begins(day.date + _DAY, zone) - _INSTANT).astimezone(zone)


@lru_cache(maxsize=65_536)
def _is_working_day(country: str, region: str, day: date) -> bool:
    return _holidays(country, region).is_working_day(day)


@lru_cache(maxsize=512)
def _holidays(country: str, region: str) -> HolidayBase:
    from holidays import country_holidays  # noqa: PLC0415 - the import is slow, and most commands need no calendar

    return country_holidays(country, subdiv=region or None)


# --- names ------------------------------------------------------------------------------------------------------------


def judge_calendar(found: Calendar) -> Iterator[tuple[str, str]]:
    """Yield key and message for every name in a calendar that nobody knows, with the nearest ones that exist."""
    from holidays import list_supported_countries  # noqa: PLC0415 - as above

    countries = {name: regions for name, regions in list_supported_countries().items() if len(name) == _CODE_LENGTH}
    if found.country not in countries:
        yield "country", f"there is no country `{found.country}`{_nearest(found.country, countries) or '.'}"
    elif found.region and found.region not in countries[found.country]:
        wanted = _nearest(found.region, countries[found.country])
        yield "region", f"`{found.country}` has no region `{found.region}`{wanted or '; leave it out.'}"
    zones = available_timezones()
    if found.time_zone not in zones:
        yield "time_zone", f"there is no time zone `{found.time_zone}`{_nearest(found.time_zone, zones) or '.'}"


def _nearest(name: str, known: Sequence[str] | Mapping[str, object] | set[str]) -> str:
    """Return the end of a sentence that names what is spelled most alike, capitals aside."""
    by_fold = {each.casefold(): each for each in sorted(known)}
    near = get_close_matches(name.casefold(), list(by_fold), n=3, cutoff=0.4)
    return f"; did you mean {' or '.join(f'`{by_fold[each]}`' for each in near)}?" if near else ""
