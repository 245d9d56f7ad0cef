"""When a schedule is due and when it counts as dead: tables of crons, zones, weekends and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.installation import Schedule
from automation.core.model import User
from automation.core.schedules import (
    Timetable,
    find_triage_schedule,
    is_same_zone,
    judge_pulse,
    parse_timetable,
    parse_zone,
)

HOURLY = "7 * * * *"
WORKING = "7 8-18 * * 1-5"


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_schedule(cron=HOURLY, zone="UTC", id=1, description="Handover triage", ref="main", **options):
    known = {"is_active": True, "owner": User(2, "olga"), "created_at": moment("2026-11-02T09:00"), **options}
    return Schedule(id=id, description=description, ref=ref, cron=cron, time_zone=zone, **known)


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("UTC", "UTC"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("Mexico City", "America/Mexico_City"),
        ("Samoa", "Pacific/Apia"),
        ("St. Petersburg", "Europe/Moscow"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("", None),
        ("Europe", None),
        ("../../etc/passwd", None),
        ("Atlantis", None),
    ],
)
def test_zones_are_read_as_gitlab_names_them(name, zone):
    found = parse_zone(name)
    assert (found.key if found else None) == zone


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("UTC", "Etc/UTC", True),
        ("Berlin", "Europe/Berlin", True),
        ("Berlin", "UTC", False),
        ("Atlantis", "Atlantis", True),
        ("Atlantis", "UTC", False),
        ("Atlantis", "Lemuria", False),
    ],
)
def test_two_names_of_one_zone_are_the_same(one, other, same):
    assert is_same_zone(one, other) is is_same_zone(other, one) is same


@pytest.mark.parametrize(
    ("cron", "zone", "trouble"),
    [
        ("60 * * * *", "UTC", "cron"),
        ("* * * *", "UTC", "cron"),
        ("", "UTC", "cron"),
        ("0 0 30 2 *", "UTC", "cron"),
        ("every hour", "Atlantis", "cron"),
        (HOURLY, "Atlantis", "zone"),
    ],
)
def test_what_cannot_be_read_is_told_apart(cron, zone, trouble):
    assert parse_timetable(cron, zone) == trouble


# --- due --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        (HOURLY, "UTC", "2026-11-02T09:06", "2026-11-02T09:07"),
        (HOURLY, "UTC", "2026-11-02T09:07", "2026-11-02T10:07"),
        ("@hourly", "UTC", "2026-11-02T09:07", "2026-11-02T10:00"),
        ("0 9 * * MON", "Europe/Berlin", "2026-11-03T00:00", "2026-11-09T08:00"),
        ("0 9 * * 7", "UTC", "2026-11-02T00:00", "2026-11-08T09:00"),
        ("0 0 29 2 *", "UTC", "2026-11-02T00:00", "2028-02-29T00:00"),
        # In the night of 29 March 2026 Berlin has no 02:30, in that of 25 October it has two.
        ("30 2 * * *", "Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("30 2 * * *", "Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("30 2 * * *", "Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
        (HOURLY, "Berlin", "2026-10-25T00:07", "2026-10-25T01:07"),
    ],
)
def test_next_due_is_reckoned_in_the_zone_of_the_schedule(cron, zone, after, due):
    assert parse_timetable(cron, zone).next_due(moment(after)) == moment(due)


@pytest.mark.parametrize(
    ("at", "due"),
    [("09:06", "08:07"), ("09:07", "09:07"), ("09:07:30", "09:07"), ("09:07:00.5", "09:07"), ("09:06:59.9", "08:07")],
)
def test_last_due_is_the_moment_itself_or_before(at, due):
    found = parse_timetable(HOURLY, "UTC").last_due(moment(f"2026-11-02T{at}"))
    assert found == moment(f"2026-11-02T{due}")


@given(
    st.sampled_from([HOURLY, WORKING, "*/5 * * * *", "0 6 1 * *", "30 2 * * *", "0 0 * * 1,3"]),
    st.sampled_from(["UTC", "Berlin", "Eastern Time (US & Canada)", "Asia/Kolkata"]),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
)
def test_a_success_is_never_dead_before_the_second_run_after_it_is_due(cron, zone, at):
    timetable, last = parse_timetable(cron, zone), at.replace(tzinfo=UTC)
    assert isinstance(timetable, Timetable)
    first = timetable.last_due(last)
    assert first <= last < timetable.next_due(first) + timedelta(seconds=1)
    second = timetable.next_due(timetable.next_due(first))
    assert timetable.dies_at(last) >= second + (last - first)


# --- dead -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cron", "zone", "last", "alive", "dead"),
    [
        # Twice the interval after the success, to the minute.
        (HOURLY, "UTC", "2026-11-02T09:10", "2026-11-02T11:10", "2026-11-02T11:11"),
        ("0 6 * * *", "UTC", "2026-11-02T06:05", "2026-11-04T06:05", "2026-11-04T06:06"),
        # Friday's last run: all the weekend, and until the second run of Monday should have ended.
        (WORKING, "UTC", "2026-11-06T18:10", "2026-11-09T09:10", "2026-11-09T09:11"),
        # Thursday's last run, but none on Friday morning.
        (WORKING, "UTC", "2026-11-05T18:10", "2026-11-06T09:10", "2026-11-06T09:11"),
        # The clock went back: two hours are two hours.
        (HOURLY, "Berlin", "2026-10-25T00:10", "2026-10-25T02:10", "2026-10-25T02:11"),
        # A night with a missing hour.
        ("30 2 * * *", "Berlin", "2026-03-28T01:31", "2026-03-30T00:31", "2026-03-30T00:32"),
        # A server looks every ten minutes only.
        ("*/5 * * * *", "UTC", "2026-11-02T09:05", "2026-11-02T09:35", "2026-11-02T09:36"),
        # A run that was started by hand belongs to the due moment before it.
        ("0 6 * * *", "UTC", "2026-11-02T15:00", "2026-11-04T15:00", "2026-11-04T15:01"),
    ],
)
def test_a_schedule_is_dead_after_twice_its_interval(cron, zone, last, alive, dead):
    assert not judge_pulse(cron, zone, moment(last), moment(alive)).is_dead
    assert judge_pulse(cron, zone, moment(last), moment(dead)).is_dead


@pytest.mark.parametrize(("cron", "zone", "trouble"), [("x", "UTC", "cron"), (HOURLY, "Atlantis", "zone")])
def test_what_cannot_be_read_is_never_called_dead(cron, zone, trouble):
    pulse = judge_pulse(cron, zone, moment("2020-01-01T00:00"), moment("2026-11-02T00:00"))
    assert (pulse.is_dead, pulse.dies_at, pulse.trouble) == (False, None, trouble)


# --- which ------------------------------------------------------------------------------------------------------------

OURS = make_schedule()
OFF = make_schedule(id=2, is_active=False)
NIGHTLY = make_schedule(id=3, description="Nightly")
SPELT = make_schedule(id=4, description=" handover TRIAGE")


@pytest.mark.parametrize(
    ("schedules", "found"),
    [
        ([], None),
        ([NIGHTLY, OURS], OURS),
        ([OFF, OURS], OURS),
        ([OFF, NIGHTLY], OFF),
        ([SPELT, OURS], OURS),
        ([SPELT], SPELT),
        # A schedule of another name is not taken for ours, as bootstrap does not either.
        ([NIGHTLY], None),
    ],
)
def test_the_schedule_of_triage_is_known_by_its_name(schedules, found):
    assert find_triage_schedule(schedules) is found
