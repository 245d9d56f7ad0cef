"""Four things that must not be taken for each other: a gate skipped, a box out of order, a date too early, time over.

All of them are judged by when things happened, never by when a run looked. The story begins on Monday, 2 November 2026.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from automation.core.workdays import Calendar, Calendars
from tests.builders import Tale, found, get_finding, make_directory, with_value

ORDER = ("gate-skipped", "out-of-order", "too-early", "overdue")
BEFORE = ("pre-handover", "review", "manager-actions", "handover-call")


def telling(sent_on="2026-11-20", **options):
    """All is done on the first day up to telling the customer; the letter was sent on the day *sent_on*."""
    story = Tale.of_the_real_process(comments_per_day=50, **options)
    story.text = with_value(story.text, "Letter sent on", sent_on)
    for stage in BEFORE:
        story.finish(stage)
    return story.run()


def order(story):
    """Return what is said of order and time: (code, box or field or stage)."""
    those = (each for each in story.judge().findings if each.code in ORDER)
    return {(each.code, each.item or each.field or each.about) for each in those}


def on(story, day, hour=12):
    story.now = datetime(2026, 11, day, hour, tzinfo=UTC)
    return story


def told(story, code):
    return [key for key in story.told if key.startswith(f"{code}:")]


def flags(story):
    return {label for label in story.labels if label in ("gate-missed", "limit-missed")}


# --- four different findings ------------------------------------------------------------------------------------------


def skipped():
    return telling().tick("6.2", "carol")


def disordered():
    return telling().tick("5.3", "carol")


def early():
    return telling("2026-11-19").tick("5.2", "alex").tick("5.3", "carol")


def overdue():
    return on(telling("2026-11-27"), 27)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (telling, set()),
        (skipped, {("gate-skipped", "6.2")}),
        (disordered, {("out-of-order", "5.3")}),
        (early, {("too-early", "letter_sent_on")}),
        (overdue, {("overdue", "customer-communication")}),
    ],
)
def test_each_has_a_name_of_its_own(story, expected):
    assert order(story()) == expected


def test_all_four_may_be_the_case_at_once_each_told_once():
    story = on(telling("2026-11-01"), 27).tick("5.3", "carol").tick("6.2", "carol")
    everything = {
        ("gate-skipped", "6.2"),
        ("out-of-order", "5.3"),
        ("too-early", "letter_sent_on"),
        ("overdue", "customer-communication"),
    }
    assert order(story) == everything
    story.run().run().wait(hours=2).run()
    assert [len(told(story, code)) for code in ("gate-skipped", "out-of-order", "too-early")] == [1, 1, 1]
    assert "overdue:customer-communication" in {key.rsplit(":", 1)[0] for key in story.told}
    assert len(story.pings) == 2


@pytest.mark.parametrize("story", [skipped, disordered, early])
def test_order_sets_the_flag_of_gates_and_time_that_of_limits(story):
    assert flags(story().run()) == {"gate-missed"}
    assert flags(overdue().run()) == {"limit-missed"}


def test_a_tick_that_skipped_a_gate_is_not_told_to_be_out_of_order_too():
    """5.3 must follow 5.2, but the handover is still at its very first stage."""
    story = Tale.of_the_real_process().tick("5.3", "carol")
    assert order(story) == {("gate-skipped", "5.3")}


def test_the_box_that_must_come_first_is_named_with_who_must_act():
    finding = get_finding(disordered().judge(), "out-of-order")
    assert finding.facts["earlier"].startswith("5.2 As the AE, I agree")
    assert finding.roles == ("ae",)


def test_a_recommended_box_out_of_order_alarms_nobody():
    story = Tale.of_the_real_process().tick("7.1", "dana")
    assert get_finding(story.judge(), "out-of-order", "7.1").is_alarm is False
    assert story.run().pings == []
    assert flags(story) == set()


# --- by event time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda story: story.tick("5.2", "alex"), id="ticked"),
        pytest.param(lambda story: story.say("sign off 5.2", "alex"), id="signed off by comment"),
    ],
)
def test_what_came_in_order_before_the_run_is_in_order(act):
    story = act(telling()).tick("5.3", "carol")
    assert (order(story), dict(story.judge().memory.disordered)) == (set(), {})


def test_a_gate_passed_before_the_run_was_passed_when_it_was():
    story = telling().tick("5.2", "alex").tick("5.3", "carol").tick("5.1", "carol").tick("5.4", "carol")
    story.tick("6.2", "carol")
    assert order(story) == set()
    assert story.judge().memory.skipped == {}


def test_a_gate_skipped_and_made_up_for_before_the_run_is_a_fact_of_the_story_only():
    story = telling().tick("6.2", "carol").tick("5.2", "alex").tick("5.3", "carol").tick("5.1", "carol")
    story.tick("5.4", "carol")
    assert order(story) == set()
    assert list(story.judge().memory.skipped) == ["6.2"]


def test_out_of_order_and_made_up_for_before_the_run_is_a_fact_of_the_story_only():
    story = telling().tick("5.3", "carol").tick("5.2", "alex")
    assert order(story) == set()
    assert list(story.judge().memory.disordered) == ["5.3"]


def with_equal_times(story):
    """Let the last two notes have come in the same instant."""
    at = story.notes[-1].created_at
    story.notes[-2] = replace(story.notes[-2], created_at=at, updated_at=at)
    return story


@pytest.mark.parametrize("is_shuffled", [False, True])
@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        ((("5.2", "alex"), ("5.3", "carol")), []),
        ((("5.3", "carol"), ("5.2", "alex")), ["5.3"]),
    ],
)
def test_of_two_ticks_at_the_same_instant_the_lower_note_came_first(ticks, expected, is_shuffled):
    story = telling()
    for code, by in ticks:
        story.tick(code, by)
    with_equal_times(story)
    if is_shuffled:
        story.notes = story.notes[:-2] + story.notes[-2:][::-1]
    assert list(story.judge().memory.disordered) == expected


@pytest.mark.parametrize("is_last_first", [False, True])
def test_at_the_same_instant_the_note_that_passed_the_gate_decides_too(is_last_first):
    story = telling().tick("5.2", "alex").tick("5.3", "carol").tick("5.1", "carol")
    ticks = ["6.2", "5.4"] if is_last_first else ["5.4", "6.2"]
    for code in ticks:
        story.tick(code, "carol")
    with_equal_times(story)
    assert list(story.judge().memory.skipped) == (["6.2"] if is_last_first else [])


# --- each disappears when it is put right -----------------------------------------------------------------------------


def test_a_skipped_gate_is_over_when_the_gate_is_passed():
    story = skipped().run()
    story.tick("5.2", "alex").tick("5.3", "carol").tick("5.1", "carol").run()
    assert order(story) == {("gate-skipped", "6.2")}
    story.tick("5.4", "carol").run()
    assert (order(story), flags(story), story.judge().stage) == (set(), set(), "completion")


def test_a_skipped_gate_is_over_when_the_box_is_unticked_and_in_order_it_accuses_nobody():
    story = skipped().run().untick("6.2", "carol").run()
    assert (order(story), flags(story)) == (set(), set())
    story.finish("customer-communication").tick("6.2", "carol").run()
    assert (order(story), list(story.judge().memory.skipped)) == (set(), [])


def test_out_of_order_is_over_when_the_other_box_counts():
    story = disordered().run()
    assert order(story.tick("5.2", "carol").run()) == {("out-of-order", "5.3")}
    assert order(story.retick("5.2", "alex").run()) == set()
    assert flags(story) == set()


def test_out_of_order_is_over_when_the_box_is_unticked_and_in_order_it_accuses_nobody():
    story = disordered().run().untick("5.3", "carol").run()
    assert order(story) == set()
    story.tick("5.2", "alex").tick("5.3", "carol").run()
    assert (order(story), list(story.judge().memory.disordered)) == (set(), [])


@pytest.mark.parametrize("date", ["2026-11-20", "2026-11-25"])
def test_too_early_is_over_when_the_date_is_corrected(date):
    story = early().run().write("Letter sent on", date, "carol").run()
    assert (order(story), flags(story)) == (set(), set())


def test_too_early_is_over_when_the_box_is_unticked():
    assert order(early().run().untick("5.3", "carol").run()) == set()


def test_overdue_is_over_when_the_stage_is():
    story = overdue().run().finish("customer-communication").run()
    assert order(story) == set()


def test_what_comes_again_is_told_again():
    story = disordered().run().untick("5.3", "carol").run().tick("5.3", "carol").run()
    assert len(told(story, "out-of-order")) == 2


# --- dates that are too early -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agreed", "planned", "sent", "words"),
    [
        pytest.param(10, "2026-11-10", "2026-11-10", "", id="all on one day"),
        pytest.param(10, "2026-11-12", "2026-11-12", "", id="as agreed"),
        pytest.param(10, "2026-11-12", "2026-11-16", "", id="later than planned"),
        pytest.param(10, "2026-11-09", "2026-11-09", "too-early.box", id="the day before the agreement"),
        pytest.param(10, "2026-11-12", "2026-11-11", "too-early.date", id="agreed, but the day before the plan"),
        pytest.param(10, "2026-10-30", "2026-10-30", "too-early.gate", id="before the stage began"),
    ],
)
def test_when_the_letter_is_too_early(agreed, planned, sent, words):
    story = telling(sent)
    story.text = with_value(story.text, "Letter planned for", planned)
    on(story, agreed).tick("5.2", "alex").tick("5.3", "carol")
    findings = [each.words for each in story.judge().findings if each.code == "too-early"]
    assert findings == ([words] if words else [])


def test_a_date_is_only_a_plan_until_its_box_is_ticked():
    story = telling("2026-11-01").tick("5.2", "alex")
    assert order(story) == set()
    assert order(story.tick("5.3", "carol")) == {("too-early", "letter_sent_on")}


def test_a_date_is_only_a_plan_until_its_stage_is_reached():
    story = Tale.of_the_real_process()
    story.text = with_value(story.text, "Letter sent on", "2026-11-01")
    assert order(story.tick("5.3", "carol")) == {("gate-skipped", "5.3")}


def test_too_early_says_since_when_it_would_have_been_in_time():
    story = on(telling("2026-11-09"), 10).write("Letter planned for", "2026-11-09", "carol")
    finding = get_finding(story.tick("5.2", "alex").tick("5.3", "carol").judge(), "too-early")
    assert (finding.facts["value"], finding.facts["since"]) == ("2026-11-09", "2026-11-10")


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [("Pacific/Auckland", 10, 20), ("America/New_York", 10, 20), ("Pacific/Honolulu", 11, 6)],
)
def test_the_day_of_an_agreement_is_the_earliest_that_it_was_for_anybody(zone, day, hour):
    """It is the 10th in New York while it is the 11th in Auckland, and in Honolulu while it is the 11th in New York."""
    calendars = Calendars(own={"alex": Calendar("US", "", zone)})
    story = telling("2026-11-10", directory=make_directory(calendars=calendars))
    story.text = with_value(story.text, "Letter planned for", "2026-11-10")
    assert order(on(story, day, hour).tick("5.2", "alex").tick("5.3", "carol")) == set()


def test_what_was_late_enough_stays_so_when_the_plan_changes_afterwards():
    story = on(telling(), 20).tick("5.2", "alex").tick("5.3", "carol").run()
    assert order(story.write("Letter planned for", "2026-11-25", "carol").run()) == set()


def test_what_counts_is_when_the_stage_began_for_the_first_time():
    """On the 9th a box of the stage before is unticked and ticked again: the letter of the 5th was not too early."""
    story = telling("2026-11-05").write("Letter planned for", "2026-11-05", "carol")
    on(story, 5).tick("5.2", "alex").tick("5.3", "carol")
    assert order(on(story, 9).retick("4.1", "carol")) == set()


def test_too_early_stops_nothing():
    story = early().tick("5.1", "carol").tick("5.4", "carol").run()
    assert story.stage_labels == {"csm-to-cse-plus::completion"}
    story.finish("completion").run()
    assert story.stage_labels == {"csm-to-cse-plus::complete"}


def test_out_of_order_stops_nothing():
    story = disordered().run().tick("5.2", "alex").tick("5.1", "carol").tick("5.4", "carol").run()
    assert story.stage_labels == {"csm-to-cse-plus::completion"}


# --- an agreement that had to be given anew ---------------------------------------------------------------------------


def agreed_sent_and_changed(*, is_seen):
    """Agreed on the 4th, sent on the 5th; on the 9th the CSM moves the handover date, so that the AE must sign anew."""
    story = telling("2026-11-05")
    story.text = with_value(story.text, "Letter planned for", "2026-11-05")
    on(story, 4).tick("5.2", "alex").run()
    on(story, 5).tick("5.3", "carol")
    story = story.run() if is_seen else story
    return on(story, 9).write("Handover date", "2026-12-08", "carol").run()


@pytest.mark.parametrize("is_seen", [True, False])
def test_an_agreement_that_must_be_given_anew_accuses_nobody(is_seen):
    story = agreed_sent_and_changed(is_seen=is_seen)
    assert ("sign-off-stale", "5.2") in found(story.judge())
    assert order(story) == set()


@pytest.mark.parametrize("is_seen", [True, False])
def test_an_agreement_given_anew_accuses_nobody(is_seen):
    story = on(agreed_sent_and_changed(is_seen=is_seen), 11).retick("5.2", "alex")
    assert order(story) == set()
    assert order(story.run().wait(days=1).run()) == set()
    assert [told(story, code) for code in ("too-early", "out-of-order")] == [[], []]


def test_an_agreement_given_anew_accuses_nobody_though_the_memory_is_lost():
    story = on(agreed_sent_and_changed(is_seen=True), 11).retick("5.2", "alex").run()
    story.notes = [note for note in story.notes if not note.body.startswith("<!-- handover:status")]
    assert order(story.run()) == set()


def test_what_was_too_early_stays_so_when_the_agreement_is_given_anew():
    story = telling("2026-11-05")
    story.text = with_value(story.text, "Letter planned for", "2026-11-05")
    on(story, 10).tick("5.2", "alex").tick("5.3", "carol").run()
    story.write("Handover date", "2026-12-08", "carol").run().retick("5.2", "alex").run()
    assert order(story) == {("too-early", "letter_sent_on")}
    assert len(told(story, "too-early")) == 1


def test_a_box_ticked_while_the_agreement_is_stale_is_out_of_order():
    story = telling("2026-11-20").tick("5.2", "alex").run()
    story.write("Handover date", "2026-12-08", "carol").run().tick("5.3", "carol").run()
    assert order(story) == {("out-of-order", "5.3")}
    assert order(story.wait(minutes=5).retick("5.2", "alex").run()) == set()


def test_times_run_on_without_anybody_but_order_does_not():
    """A month of silence makes things overdue, and nothing else."""
    story = telling().tick("5.2", "alex").tick("5.3", "carol").run().wait(days=10)
    assert order(story) == set()
    assert {code for code, _ in order(story.wait(days=20))} == {"overdue"}
    assert story.now - story.created_at > timedelta(days=30)
