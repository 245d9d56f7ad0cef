"""When a pipeline schedule is due, and whether it has died: cron arithmetic in the schedule's own time zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from automation.core.installation import Schedule

TRIAGE_SCHEDULE = "Handover triage"
# By default a server looks for due schedules every ten minutes, whatever their cron says.
_LEAST_SPAN = timedelta(minutes=30)
_SECOND = timedelta(seconds=1)
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# What GitLab calls them, where that is not the city of a zone (ActiveSupport::TimeZone).
_NAMED_ZONES = {
    "Abu Dhabi": "Asia/Muscat",
    "Alaska": "America/Juneau",
    "American Samoa": "Pacific/Pago_Pago",
    "Arizona": "America/Phoenix",
    "Astana": "Asia/Almaty",
    "Atlantic Time (Canada)": "America/Halifax",
    "Beijing": "Asia/Shanghai",
    "Bern": "Europe/Zurich",
    "Brasilia": "America/Sao_Paulo",
    "Cape Verde Is.": "Atlantic/Cape_Verde",
    "Central America": "America/Guatemala",
    "Central Time (US & Canada)": "America/Chicago",
    "Chatham Is.": "Pacific/Chatham",
    "Chennai": "Asia/Kolkata",
    "Eastern Time (US & Canada)": "America/New_York",
    "Edinburgh": "Europe/London",
    "Ekaterinburg": "Asia/Yekaterinburg",
    "Georgetown": "America/Guyana",
    "Greenland": "America/Nuuk",
    "Guadalajara": "America/Mexico_City",
    "Hanoi": "Asia/Bangkok",
    "Hawaii": "Pacific/Honolulu",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "International Date Line West": "Etc/GMT+12",
    "Islamabad": "Asia/Karachi",
    "Marshall Is.": "Pacific/Majuro",
    "Mid-Atlantic": "Atlantic/South_Georgia",
    "Midway Island": "Pacific/Midway",
    "Mountain Time (US & Canada)": "America/Denver",
    "Mumbai": "Asia/Kolkata",
    "New Caledonia": "Pacific/Noumea",
    "New Delhi": "Asia/Kolkata",
    "Newfoundland": "America/St_Johns",
    "Nuku'alofa": "Pacific/Tongatapu",
    "Osaka": "Asia/Tokyo",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Pretoria": "Africa/Johannesburg",
    "Quito": "America/Lima",
    "Samoa": "Pacific/Apia",
    "Sapporo": "Asia/Tokyo",
    "Saskatchewan": "America/Regina",
    "Solomon Is.": "Pacific/Guadalcanal",
    "Sri Jayawardenepura": "Asia/Colombo",
    "St. Petersburg": "Europe/Moscow",
    "Tokelau Is.": "Pacific/Fakaofo",
    "Wellington": "Pacific/Auckland",
    "West Central Africa": "Africa/Algiers",
}
_ALIASES = {"Etc/UTC": "UTC", "Etc/GMT": "UTC", "GMT": "UTC"}

Trouble: TypeAlias = Literal["cron", "zone"]


@dataclass(frozen=True, slots=True)
class Timetable:
    """A cron that can be read, in its time zone. All moments that it returns are in UTC."""

    cron: str
    zone: ZoneInfo

    def last_due(self, at: datetime) -> datetime | None:
        """Return the last due moment at or before *at*, None when there was none in fifty years."""
        local = at.astimezone(self.zone).replace(microsecond=0)
        return _in_utc(next(CronSim(self.cron, (local.astimezone(UTC) + _SECOND).astimezone(self.zone), True), None))

    def next_due(self, after: datetime) -> datetime | None:
        """Return the first due moment after *after*, None when there is none in fifty years."""
        return _in_utc(next(CronSim(self.cron, after.astimezone(self.zone)), None))

    def dies_at(self, last: datetime) -> datetime | None:
        """Return the moment from which a schedule is dead that last succeeded at *last*, None when it is never due.

        That success belongs to the due moment before it; it may miss one, but not a second. So the span is twice the
        interval, as the cron has it then: an hourly one has two hours, one of working hours all the weekend.
        """
        first = self.last_due(last)
        second = self.next_due(first) if first is not None else None
        third = self.next_due(second) if second is not None else None
        return last + max(third - first, _LEAST_SPAN) if first is not None and third is not None else None


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether a schedule lives. ``dies_at`` is when it counts, or counted, as dead: None where that cannot be told.

    ``trouble`` says what of its cron cannot be read.
    """

    dies_at: datetime | None
    is_dead: bool
    trouble: Trouble | None = None


def judge_pulse(cron: str, time_zone: str, last: datetime, now: datetime) -> Pulse:
    """Judge a schedule by its last success; one that never had any by the day it was made (facts, section 11.2)."""
    timetable = parse_timetable(cron, time_zone)
    if not isinstance(timetable, Timetable):
        return Pulse(None, False, timetable)
    dies_at = timetable.dies_at(last)
    return Pulse(dies_at, dies_at is not None and now > dies_at)


def find_triage_schedule(schedules: Iterable[Schedule]) -> Schedule | None:
    """Return the schedule of triage as bootstrap knows it, by its name; of several the active one, then the oldest."""
    ours = [each for each in schedules if is_triage_schedule(each)]
    return min(ours, key=lambda each: (not each.is_active, each.id), default=None)


def is_triage_schedule(schedule: Schedule) -> bool:
    """Tell whether a schedule goes by the name that bootstrap gives."""
    return schedule.description.strip().casefold() == TRIAGE_SCHEDULE.casefold()


def branch_of(schedule: Schedule) -> str:
    """Return the branch that a schedule runs on, without what newer servers write before its name."""
    return schedule.ref.removeprefix("refs/heads/")


def parse_timetable(cron: str, time_zone: str) -> Timetable | Trouble:
    """Read a cron and the name of its time zone as GitLab takes them, or tell which of them cannot be read."""
    zone = parse_zone(time_zone)
    written = _MACROS.get(cron.strip().lower(), cron)
    try:
        CronSim(written, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError:
        return "cron"
    return Timetable(written, zone) if zone is not None else "zone"


def parse_zone(name: str) -> ZoneInfo | None:
    """Return the time zone: GitLab takes names of the tz database, and names such as "Berlin"; None for others."""
    known = _NAMED_ZONES.get(name, name)
    if known not in _zones():
        known = _zones_by_city().get(name, "")
    return ZoneInfo(known) if known else None


def is_same_zone(one: str, other: str) -> bool:
    """Tell whether two names mean the same time zone: servers may answer "UTC" to "Etc/UTC"."""
    found = [parse_zone(each) for each in (one, other)]
    names = [_ALIASES.get(zone.key, zone.key) if zone else None for zone in found]
    return one == other or (names[0] is not None and names[0] == names[1])


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def _zones_by_city() -> dict[str, str]:
    """Return the zones by the last part of their name; where two end alike, the first by name."""
    return {zone.rsplit("/", 1)[1].replace("_", " "): zone for zone in sorted(_zones(), reverse=True) if "/" in zone}


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None
