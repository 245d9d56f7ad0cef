"""Nobody is woken: what is new at night waits for the morning of those who read it, and is told once then."""

from datetime import UTC, datetime, time

import pytest

from automation.core.quiet import QuietHours
from automation.core.workdays import Calendar, Calendars
from tests.builders import START, Tale

# Everybody is called as the town where they live. In November, from 8 to 18 o'clock is in UTC:
# New York 13 to 23, Berlin 7 to 17, Mumbai 2:30 to 12:30, Tokyo 23 to 9, Auckland 19 to 5.
CALENDARS = Calendars(
    Calendar("US", "", "America/New_York"),
    {
        "berlin": Calendar("DE", "", "Europe/Berlin"),
        "mumbai": Calendar("IN", "", "Asia/Kolkata"),
        "tokyo": Calendar("JP", "", "Asia/Tokyo"),
        "auckland": Calendar("NZ", "", "Pacific/Auckland"),
    },
)
NIGHT = QuietHours(time(18), time(8), CALENDARS)
NOON = QuietHours(time(12), time(14), CALENDARS)
NEVER = QuietHours(time(8), time(8), CALENDARS)


def at(clock, day=3):
    return datetime(2026, 11, day, *map(int, clock.split(":")), tzinfo=UTC)


# --- the table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "clock", "is_quiet"),
    [
        pytest.param(NIGHT, "06:59:59", True, id="a second before the morning"),
        pytest.param(NIGHT, "07:00", False, id="the first moment of the morning"),
        pytest.param(NIGHT, "16:59:59", False, id="the last second of the day"),
        pytest.param(NIGHT, "17:00", True, id="the first moment of the evening"),
        pytest.param(NIGHT, "22:59:59", True, id="a second before midnight"),
        pytest.param(NIGHT, "23:00", True, id="midnight"),
        pytest.param(NIGHT, "00:30", True, id="after midnight"),
        pytest.param(NOON, "10:59:59", False, id="before noon"),
        pytest.param(NOON, "11:00", True, id="noon"),
        pytest.param(NOON, "12:59:59", True, id="the last second of the break"),
        pytest.param(NOON, "13:00", False, id="after the break"),
        pytest.param(NOON, "23:30", False, id="at night, which is not quiet here"),
        pytest.param(NEVER, "07:00", False, id="hours that end when they begin"),
        pytest.param(NEVER, "23:00", False, id="hours that end when they begin, at night"),
    ],
)
def test_when_it_is_quiet_in_berlin(hours, clock, is_quiet):
    assert hours.is_quiet("berlin", at(clock)) is is_quiet
    assert hours.may_speak(["berlin"], [], at(clock)) is not is_quiet


@pytest.mark.parametrize(
    ("addressed", "informed", "awake", "asleep"),
    [
        pytest.param(["berlin"], ["stranger"], ["13:00", "16:59"], ["08:00", "12:59", "17:00", "20:00"], id="both"),
        pytest.param(["stranger"], ["berlin"], ["13:00", "16:59"], ["08:00", "12:59", "17:00", "20:00"], id="or so"),
        pytest.param(["berlin", "mumbai"], [], ["07:00", "12:29"], ["06:59", "12:30", "03:00"], id="half an hour off"),
        pytest.param(["berlin"], ["auckland"], ["07:00", "16:59"], ["19:00", "04:00"], id="who must act decides"),
        pytest.param(["auckland"], ["berlin"], ["19:00", "04:59"], ["07:00", "16:00"], id="the other way round"),
        pytest.param(["berlin", "auckland"], [], ["07:00", "16:59"], ["19:00", "04:00"], id="the first decides"),
        pytest.param(["auckland", "berlin"], [], ["19:00", "04:59"], ["07:00", "16:00"], id="the first is another"),
        pytest.param(
            ["berlin", "tokyo"], ["stranger"], ["07:00", "08:59"], ["13:00", "23:30"], id="both who must act decide"
        ),
        pytest.param(["berlin", "Berlin"], [], ["12:00"], ["18:00"], id="one person twice"),
        pytest.param([], ["berlin"], ["12:00"], ["18:00"], id="nobody must act"),
        pytest.param([], [], ["12:00", "00:00"], [], id="nobody at all"),
        pytest.param([], ["berlin", "auckland"], ["00:00", "07:00", "18:00"], [], id="only informed, no common hour"),
    ],
)
def test_when_may_be_spoken_to_several(addressed, informed, awake, asleep):
    assert [NIGHT.may_speak(addressed, informed, at(clock)) for clock in awake] == [True] * len(awake)
    assert [NIGHT.may_speak(addressed, informed, at(clock)) for clock in asleep] == [False] * len(asleep)


def test_a_zone_that_changes_its_clocks_is_followed():
    """In July 6:30 UTC is 8:30 in Berlin, in November 7:30."""
    assert NIGHT.may_speak(["berlin"], [], datetime(2026, 7, 1, 6, 30, tzinfo=UTC))
    assert not NIGHT.may_speak(["berlin"], [], datetime(2026, 11, 3, 6, 30, tzinfo=UTC))


@pytest.mark.parametrize("hour", range(0, 24, 4))
def test_within_a_day_everybody_can_be_reached(hour):
    """Whoever reads: there is a full hour among the next twenty-four at which they may be spoken to."""
    for addressed in (["berlin"], ["auckland", "berlin"], ["stranger", "tokyo"]):
        for informed in ([], ["mumbai"], ["auckland", "stranger"]):
            hours = [at(f"{(hour + number) % 24:02}:00", 3 + (hour + number) // 24) for number in range(24)]
            assert any(NIGHT.may_speak(addressed, informed, each) for each in hours)


# --- in the life of a handover ----------------------------------------------------------------------------------------

BEN_IN_BERLIN = Calendars(own={"ben": Calendar("DE", "", "Europe/Berlin")})


def tale(**options):
    """It begins at 9:00 UTC: four in the morning in New York, where all live but Ben, if so wanted."""
    return Tale(**{"quiet_hours": QuietHours(time(18), time(8), Calendars()), "comments_per_day": 50, **options})


def with_ben_in_berlin():
    return tale(quiet_hours=QuietHours(time(18), time(8), BEN_IN_BERLIN))


def on(story, clock, day=2):
    story.now = at(clock, day)
    return story


def told(story):
    return [key.rsplit(":", 1)[0] for key in story.told]


def test_at_night_nothing_is_said_and_all_the_rest_is_done():
    story = tale().finish("ready").run()
    assert story.pings == []
    assert story.stage_labels == {"small::review"}
    assert "**Review**" in story.status
    assert story.plan() == ()
    assert on(story, "12:59").plan() == ()


def test_in_the_morning_it_is_said_once():
    story = on(tale().finish("ready").run(), "13:00").run()
    assert told(story) == ["turn:review"]
    assert (story.plan(), on(story, "15:00").plan()) == ((), ())
    assert told(on(story, "13:30", 3).run()) == ["turn:review"]


def test_what_gathers_overnight_stands_in_one_comment():
    story = on(tale().finish("ready").run(), "14:00").run()
    on(story, "04:00", 3).tick("2.1", "eve").run().wait(hours=2).drop("1.1", "eve").run()
    on(story, "13:00", 3).run()
    assert len(story.pings) == 2
    assert set(told(story)[1:]) == {"signer-wrong:2.1", "item-missing:1.1"}


def test_what_was_put_right_overnight_is_never_said():
    story = tale().finish("ready").run().drop("1.1", "eve").run()
    story.edit(lambda text: text.replace("## Ready\n", "## Ready\n\n- [x] 1.1 Plans are closed\n"), "carol").run()
    assert told(on(story, "13:00").run()) == ["turn:review"]


def test_who_is_awake_is_told_and_who_sleeps_is_told_later():
    """At 10:00 UTC Ben is at work, and Carol, whose box was deleted, sleeps."""
    story = with_ben_in_berlin().finish("ready").run()
    on(story, "14:00").run()
    on(story, "10:00", 3).tick("2.1", "eve").drop("1.1", "eve").run()
    assert told(story)[1:] == ["signer-wrong:2.1"]
    assert "@carol" not in story.pings[-1]
    on(story, "14:00", 3).run()
    assert told(story)[2:] == ["item-missing:1.1"]
    assert "@carol" in story.pings[-1]


def test_a_turn_waits_until_those_who_are_informed_are_awake_too():
    """Carol, Mia and Alex are told beside Ben: at 14:00 UTC all are at work, at 10:00 only he."""
    story = with_ben_in_berlin()
    story.text = story.text.replace("- **CSE:** _optional_", "- **CSE:** @dana")
    story.finish("ready").finish("review").run()
    assert on(story, "10:00").run().pings == []
    assert told(on(story, "14:00").run()) == ["turn:finish"]


def test_a_moved_card_is_put_back_at_once_and_told_in_the_morning():
    story = on(tale().finish("ready").run(), "14:00").run()
    on(story, "04:00", 3).move_card("small::finish", "eve").run()
    assert story.stage_labels == {"small::review"}
    assert told(story) == ["turn:review"]
    assert told(on(story, "13:00", 3).run().run()) == ["turn:review", "label-moved"]


def test_a_lost_tick_is_told_in_the_morning():
    story = tale().run()
    page = story.text
    story.tick("1.1", "carol").run().save(page.replace("[ ] 1.2", "[x] 1.2"), "ben").run()
    assert told(story) == []
    assert told(on(story, "13:00").run().run()) == ["tick-lost:1.1"]


def test_a_command_given_at_night_counts_at_once_and_is_answered_in_the_morning():
    story = tale().run().say("hold until 2026-11-20: a fair", "carol").run()
    assert (story.pings, "On hold" in story.status) == ([], True)
    assert told(on(story, "13:00").run()) == ["answer:hold"]


def test_a_complete_handover_is_closed_at_night_where_we_may():
    story = tale(may_close=True).finish("ready").finish("review").finish("finish").run()
    assert (story.state, story.pings) == ("closed", [])


def test_where_people_close_they_are_asked_in_the_morning():
    story = tale().finish("ready").finish("review").finish("finish").run()
    assert (story.state, story.pings) == ("opened", [])
    assert told(on(story, "13:00").run()) == ["close"]


def test_an_issue_of_yesterday_seen_at_night_is_told_of_although_it_is_older_by_the_morning():
    story = tale(created_at=at("11:00", 1), now=START).finish("ready").run()
    assert told(on(story, "13:00").run()) == ["turn:review"]


def test_an_old_issue_first_seen_at_night_pings_nobody_in_the_morning():
    story = tale(created_at=at("11:00", 1).replace(month=9)).finish("ready").run()
    assert on(story, "13:00").plan() == ()


def test_without_quiet_hours_the_night_is_a_day():
    assert told(tale(quiet_hours=None).finish("ready").run()) == ["turn:review"]


def test_past_the_ceiling_and_at_night_it_is_said_once_when_both_are_over():
    story = on(tale(comments_per_day=1).finish("ready").run(), "13:00").run().tick("2.1", "eve").run()
    assert told(on(story, "04:00", 3).run()) == ["turn:review"]
    assert told(on(story, "13:00", 3).run().run()) == ["turn:review", "signer-wrong:2.1"]
