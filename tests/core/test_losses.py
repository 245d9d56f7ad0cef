"""What an older page takes away when it is saved: told once, to whom it belonged; nobody is suspected without cause."""

import re

import pytest

from tests.builders import SMALL_TEXT, Tale, found, get_finding, with_value


def seen(*codes, by="carol", **options):
    """A tale whose boxes *codes* are ticked by *by* and seen by a run."""
    story = Tale(**{"comments_per_day": 50, **options}).run()
    for code in codes:
        story.tick(code, by)
    return story.run()


def mark(text, code, symbol):
    changed, count = re.subn(rf"(?m)^- \[.\] {re.escape(code)} ", f"- [{symbol}] {code} ", text)
    assert count == 1
    return changed


def save_stale(story, page, by, *ticks):
    """Tick boxes on the page as it was when it was loaded: GitLab's page sends the whole text."""
    for code in ticks:
        page = mark(page, code, "x")
    return story.save(page, by)


def lost(story):
    return {name for code, name in found(story.judge()) if code == "tick-lost"}


def told(story):
    return [key.split(":")[1] for key in story.told if key.startswith("tick-lost:")]


# --- a stale page takes ticks away ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_tick_that_a_stale_page_took_away_is_lost(is_seen):
    """The tick and its end may both lie between two runs: GitLab wrote a note for each."""
    story = Tale().run()
    page = story.text
    story.tick("1.1", "carol")
    story = story.run() if is_seen else story
    assert lost(save_stale(story, page, "ben", "1.2")) == {"1.1"}


def test_a_tick_is_lost_before_any_run_has_seen_the_issue():
    story = Tale()
    page = story.text
    assert lost(save_stale(story.tick("1.1", "carol"), page, "ben", "1.2")) == {"1.1"}


def test_several_ticks_are_lost_in_one_save():
    story = Tale().run()
    page = story.text
    story.tick("1.1", "carol").tick("1.10", "dave")
    save_stale(story, page, "ben", "1.2", "4.1")
    assert lost(story) == {"1.1", "1.10"}


def test_who_had_ticked_is_told_and_who_saved_is_named():
    story = Tale().run()
    page = story.text
    save_stale(story.tick("1.1", "dave"), page, "ben", "1.2")
    finding = get_finding(story.judge(), "tick-lost", "1.1")
    assert (finding.people, finding.facts["by"]) == (("dave",), "`ben`")
    story.run()
    assert re.findall(r"@(\w+)", story.pings[-1].split("\n", 1)[1]) == ["dave"]
    assert "1.1" in story.pings[-1]
    assert "`ben`" in story.pings[-1]


def test_a_lost_signature_is_told_to_the_signer():
    story = seen("1.1", "1.2", "1.10")
    page = story.text
    save_stale(story.tick("2.1", "ben").run(), page, "carol", "3.1").run()
    assert lost(story) == {"2.1"}
    assert get_finding(story.judge(), "tick-lost").people == ("ben",)
    assert story.stage_labels == {"small::review"}


def test_it_does_not_stand_in_the_status_comment():
    story = Tale().run()
    page = story.text
    save_stale(story.tick("1.1", "carol"), page, "ben", "1.2").run()
    assert "older page" in story.pings[-1]
    assert "older page" not in story.status


# --- ticks vanish without any note ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_tick_that_vanished_silently_is_lost(is_seen):
    story = Tale().run().tick("1.1", "carol")
    story = story.run() if is_seen else story
    assert lost(story.silently("1.1", " ", "eve")) == {"1.1"}
    assert get_finding(story.judge(), "tick-lost").facts["by"] == "`eve`"


def test_a_tick_that_vanished_behind_another_tick_is_lost():
    """One save takes a tick away, rewords the line and ticks another box: GitLab tells of the other box only."""
    story = seen("1.1")
    story.behind_tick("1.2", lambda text: text.replace("- [x] 1.1 Plans are", "- [ ] 1.1 All plans are"), "ben")
    assert lost(story) == {"1.1"}


def test_a_tick_that_was_there_from_the_beginning_is_told_to_whoever_is_responsible():
    story = Tale(text=mark(SMALL_TEXT, "1.1", "x")).run().silently("1.1", " ", "eve")
    finding = get_finding(story.judge(), "tick-lost", "1.1")
    assert (finding.people, finding.roles) == ((), ("csm",))
    assert "@carol" in story.run().pings[-1]


# --- facts ------------------------------------------------------------------------------------------------------------


def blank(label):
    return lambda text: with_value(text, label, "")


@pytest.mark.parametrize(("label", "key"), [("Seats", "seats"), ("Customer", "customer"), ("Document", "document")])
def test_a_fact_that_went_blank_behind_a_tick_is_lost(label, key):
    story = Tale().run().behind_tick("1.1", blank(label), "carol")
    assert lost(story) == {key}
    assert lost(story.run().wait(days=1).run()) == {key}


def test_facts_of_a_list_are_lost_too():
    full = SMALL_TEXT.replace("1.\n2.\n3.\n", "1. One\n2. Two\n3.\n")
    story = Tale(text=full).run()
    story.behind_tick("1.1", lambda text: text.replace("1. One\n2. Two\n", "1.\n2.\n"), "carol")
    assert lost(story) == {"top"}


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda story: story.write("Seats", "", "carol"), id="blanked in the editor"),
        pytest.param(lambda story: story.write("Seats", "", "eve"), id="blanked in the editor by another"),
        pytest.param(lambda story: story.tick("1.1", "carol").write("Seats", "", "carol"), id="after a tick"),
        pytest.param(lambda story: story.behind_tick("1.1", lambda text: text, "carol"), id="nothing but a tick"),
        pytest.param(
            lambda story: story.behind_tick("1.1", lambda text: with_value(text, "Seats", "90"), "carol"),
            id="another value",
        ),
        pytest.param(
            lambda story: story.behind_tick("1.1", lambda text: text.replace("- **Seats:** 250\n", ""), "carol"),
            id="the whole line is gone",
        ),
        pytest.param(lambda story: story.behind_tick("1.1", blank("Territory"), "carol"), id="blank before"),
    ],
)
def test_a_fact_is_not_lost_when(act):
    assert lost(act(Tale().run())) == set()


# --- nobody is suspected ----------------------------------------------------------------------------------------------


def both_in_one_save(story, by):
    """Open one box and tick another in one save of the editor, on purpose."""
    return story.save(mark(mark(story.text, "1.1", " "), "1.2", "x"), by)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda story: story.untick("1.1", "carol"), id="an honest untick"),
        pytest.param(lambda story: story.untick("1.1", "ben"), id="an honest untick by another"),
        pytest.param(lambda story: story.untick("1.1", "carol").tick("1.2", "carol"), id="a correction"),
        pytest.param(lambda story: story.untick("1.1", "ben").tick("1.2", "ben"), id="a correction by another"),
        pytest.param(lambda story: story.untick("1.1", "ben").tick("1.2", "eve"), id="by two others"),
        pytest.param(lambda story: both_in_one_save(story, "carol"), id="an own correction in one save"),
        pytest.param(lambda story: story.silently("1.1", " ", "carol"), id="an own edit"),
        pytest.param(
            lambda story: story.save(mark(mark(story.text, "1.1", " "), "1.10", " "), "ben"),
            id="several unticks by another in one save",
        ),
        pytest.param(lambda story: story.retick("1.1", "carol"), id="unticked and ticked again"),
        pytest.param(lambda story: story.retick("1.1", "ben"), id="unticked and ticked again by another"),
        pytest.param(lambda story: story.drop("1.1", "ben"), id="the line is gone"),
        pytest.param(
            lambda story: story.edit(lambda text: text + "- [ ] 1.1 Plans are closed\n", "ben"), id="the line is double"
        ),
        pytest.param(
            lambda story: story.edit(
                lambda text: text.replace("- [x] 1.1 Plans are closed", "- [~] 1.1 Plans are closed - none"), "ben"
            ),
            id="not applicable",
        ),
        pytest.param(lambda story: story.write("Seats", "9", "ben").tick("1.2", "ben"), id="others work on"),
        pytest.param(lambda story: story.close(), id="closed"),
    ],
)
@pytest.mark.parametrize("is_seen", [True, False])
def test_no_tick_is_lost_when(act, is_seen):
    story = Tale().run().tick("1.1", "carol").tick("1.10", "carol")
    story = act(story.run() if is_seen else story)
    assert lost(story) == set()
    assert told(story.run().run()) == []


@pytest.mark.parametrize("code", ["3.3", "4.1"])
def test_a_box_that_gates_nothing_cannot_be_lost(code):
    story = Tale().run()
    page = story.text
    save_stale(story.tick(code, "carol").run(), page, "ben", "1.2")
    assert lost(story) == set()


def test_whoever_ticked_last_counts_not_whoever_ticked_once():
    """Carol ticked first, Ben unticked and ticked anew: what Ben opens again in the editor is his own."""
    story = Tale().run().tick("1.1", "carol").retick("1.1", "ben").run()
    assert lost(both_in_one_save(story, "ben")) == set()


def test_whoever_meets_an_issue_for_the_first_time_suspects_nobody_of_silent_changes():
    story = Tale().tick("1.1", "carol").silently("1.1", " ", "eve")
    assert lost(story) == set()


# --- told once, gone when repaired ------------------------------------------------------------------------------------


def stale_save():
    story = Tale(comments_per_day=50).run()
    page = story.text
    return save_stale(story.tick("1.1", "carol"), page, "ben", "1.2")


def silent_save():
    return seen("1.1").silently("1.1", " ", "eve")


stories = pytest.mark.parametrize("story", [stale_save, silent_save])


@stories
def test_it_is_told_once_whatever_people_do_then(story):
    story = story().run()
    assert (told(story), story.plan()) == (["1.1"], ())
    story.write("Seats", "9", "eve").run().tick("4.1", "dana").run().wait(days=2).run()
    assert (told(story), lost(story)) == (["1.1"], {"1.1"})


@stories
def test_it_is_gone_when_the_box_is_ticked_again_and_its_end_later_is_no_loss(story):
    story = story().run().tick("1.1", "carol").run()
    assert lost(story) == set()
    story.untick("1.1", "carol").run()
    assert (lost(story), told(story)) == (set(), ["1.1"])


@stories
def test_lost_again_it_is_told_again(story):
    story = story().run()
    page = story.text
    save_stale(story.tick("1.1", "carol").run(), page, "ben", "1.10").run()
    assert told(story) == ["1.1", "1.1"]


@stories
def test_repaired_before_the_run_it_is_not_told(story):
    assert told(story().tick("1.1", "carol").run()) == []


@pytest.mark.parametrize("number", [0, 1, 2, 3])
@stories
def test_killed_after_any_write_it_is_told_once(story, number):
    story = story().run(only=number).run().run()
    assert (told(story), story.plan()) == (["1.1"], ())


def test_a_lost_fact_is_told_once_and_gone_when_filled_in():
    story = Tale().run().behind_tick("1.1", blank("Seats"), "ben").run().wait(days=1).run()
    assert told(story) == ["seats"]
    story.write("Seats", "250", "carol").run().write("Seats", "", "carol").run()
    assert (lost(story), told(story)) == (set(), ["seats"])


def test_a_lost_tick_is_told_once_though_the_status_comment_is_lost():
    story = stale_save().run()
    story.notes = [note for note in story.notes if not note.body.startswith("<!-- handover:status")]
    assert told(story.run().run()) == ["1.1"]


def test_what_was_lost_stops_the_gate_like_any_open_box_and_no_more():
    story = stale_save().run()
    assert {label for label in story.labels if label == "gate-missed"} == set()
    story.tick("1.1", "carol").tick("1.10", "carol").run()
    assert story.stage_labels == {"small::review"}
