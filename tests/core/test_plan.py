"""What is written: nothing twice, nothing lost, whatever stops a run in the middle (design, decisions 8 and 12)."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from automation.core.model import DeleteNote, PostPing, UpdateIssue, WriteStatus
from automation.core.plan import Reopening
from tests.builders import ROLES, SMALL_TEXT, START, Tale, make_directory, make_seal, real_process


def kinds(actions):
    return [type(action).__name__ for action in actions]


def quiet(**options):
    """A tale whose first stage is done, seen by a run; no ceiling is in the way."""
    return Tale(**{"comments_per_day": 50, **options}).finish("ready").run()


# --- stories with something to tell -----------------------------------------------------------------------------------


def learned():
    """A gate is passed by a change of the configuration: no note explains it."""
    tale = Tale(comments_per_day=50, text=SMALL_TEXT.replace("@ben", "@eve")).finish("ready").run()
    tale.directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "eve")})
    return tale


STORIES = {
    "a blank issue": Tale,
    "a blank issue of the real process": Tale.of_the_real_process,
    "the first stage is done": lambda: Tale().finish("ready"),
    "everything at once": lambda: Tale().finish("ready").finish("review").finish("finish"),
    "approval": lambda: quiet().tick("2.1", "ben"),
    "a wrong signer": lambda: quiet().tick("2.1", "eve"),
    "an early sign-off": lambda: Tale().run().tick("2.1", "ben"),
    "no proof": lambda: quiet().silently("2.1", "x", "ben"),
    "other words": lambda: quiet().tick("2.1", "ben").run().replace("Approved for", "Approved with", "eve"),
    "a skipped gate": lambda: quiet().tick("3.1", "carol").tick("3.2", "dana"),
    "a stale sign-off": lambda: quiet().tick("2.1", "ben").run().write("Customer", "Globex", "carol"),
    "a box deleted": lambda: quiet().drop("1.1", "carol"),
    "a box twice": lambda: quiet().edit(lambda text: text + "- [x] 1.1 again\n", "carol"),
    "a fact twice": lambda: quiet().edit(lambda text: text + "- **Seats:** 1\n", "carol"),
    "facts wrong": lambda: quiet().write("Seats", "many", "carol").write("Renewal", "soon", "carol"),
    "a person unknown": lambda: quiet().write("Owner", "@eve", "carol"),
    "sent back": lambda: quiet().tick("2.1", "ben").run().say("send back: the seats are wrong", "ben"),
    "sent back and answered": lambda: quiet().say("send back: x", "ben").run().retick("1.10", "carol"),
    "sent back and answered at once": lambda: quiet().say("send back: x", "ben").retick("1.10", "carol"),
    "a command of a wrong person": lambda: quiet().say("send back: x", "eve"),
    "two wrong commands": lambda: quiet().say("send back: x", "eve").say("send back", "ben"),
    "closed early": lambda: quiet().close(),
    "complete": lambda: quiet().tick("2.1", "ben").run().finish("finish"),
    "complete, and we may close": lambda: quiet(may_close=True).tick("2.1", "ben").run().finish("finish"),
    "the card moved": lambda: quiet().move_card("small::finish", "eve"),
    "the card moved and a box ticked": lambda: quiet().move_card("small::finish", "eve").tick("2.1", "ben"),
    "the process line gone": lambda: quiet().edit(
        lambda text: text.replace("**Process:** `small` version 1", ""), "eve"
    ),
    "the process line doubled": lambda: quiet().edit(lambda text: text + "\n**Process:** `small` version 1\n", "eve"),
    "forbidden": lambda: quiet().tick("3.3", "dana"),
    "many things at once": lambda: (
        quiet().tick("2.1", "eve").drop("1.1", "eve").write("Seats", "x", "eve").say("send back", "eve")
    ),
    "first seen when old": lambda: Tale(created_at=START - timedelta(days=9)).finish("ready").tick("2.1", "eve"),
    "the directory learns of the owner": learned,
    "without a key": lambda: Tale(seal=make_seal("")).finish("ready").tick("2.1", "eve"),
}


stories = pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in STORIES.items()])


@stories
def test_a_second_run_writes_nothing(story):
    tale = story().run()
    assert tale.plan() == ()
    assert tale.wait(days=3).plan() == ()


@stories
def test_a_second_run_writes_nothing_though_people_talk(story):
    tale = story().run().say("Thank you all!", "eve")
    assert tale.plan() == ()


@stories
def test_the_order_of_writes_is_ping_labels_status(story):
    order = [PostPing, UpdateIssue, WriteStatus, DeleteNote]
    planned = [order.index(type(action)) for action in story().plan()]
    assert planned == sorted(planned)
    assert len(set(planned)) == len(planned)


def ending(tale):
    """What an issue shows in the end: labels, status comment, how often each thing was told."""
    return tale.stage_labels, set(tale.labels), tale.status, Counter(tale.told), tale.state


@stories
def test_killed_after_any_write_the_next_run_ends_the_same(story):
    tale = story()
    whole = tale.copy().run().run()
    for number in range(len(tale.plan()) + 1):
        killed = tale.copy().run(only=number).run().run()
        assert ending(killed) == ending(whole), f"killed after {number} writes"
        assert killed.plan() == ()


@stories
def test_killed_again_and_again_nothing_is_told_twice(story):
    tale = story()
    for _ in range(8):
        tale.run(only=1)
    assert tale.plan() == ()
    assert [key for key, count in Counter(tale.told).items() if count > 1] == []


def subjects(tale):
    return Counter(key.rsplit(":", 1)[0] for key in tale.told)


@stories
def test_killed_after_the_ping_and_changed_by_people_nothing_is_told_twice(story):
    """What people do between the killed run and the next one is new; what was told is not told again."""
    tale = story()
    whole = tale.copy().run().tick("4.1", "dana").run().run()
    killed = tale.copy().run(only=1).tick("4.1", "dana").run().run()
    assert subjects(killed) == subjects(whole)


@stories
def test_when_the_status_comment_is_lost_nothing_is_told_twice(story):
    tale = story().run()
    tale.notes = [note for note in tale.notes if not note.body.startswith("<!-- handover:status")]
    before = Counter(tale.told)
    tale.run()
    # Nobody knows any more that a gate which is shut now was open when a later box was ticked.
    assert all(key.startswith("gate-skipped:") for key in Counter(tale.told) - before)
    assert not before - Counter(tale.told)
    assert tale.plan() == ()


# --- who is told, and when --------------------------------------------------------------------------------------------


def test_a_blank_issue_is_greeted_by_its_status_comment_alone():
    assert kinds(Tale().plan()) == ["UpdateIssue", "WriteStatus"]


@pytest.mark.parametrize("age", [timedelta(days=1, minutes=5), timedelta(days=400)])
def test_an_old_issue_that_is_first_seen_pings_nobody_then_or_later(age):
    tale = Tale(created_at=START - age).finish("ready").tick("2.1", "eve").run()
    assert (tale.pings, "2.1" in tale.status) == ([], True)
    assert tale.wait(days=2).plan() == ()


def test_an_old_issue_pings_for_what_is_new_after_it_was_seen():
    tale = Tale(created_at=START - timedelta(days=9)).finish("ready").run().tick("2.1", "eve").run()
    assert list(subjects(tale)) == ["signer-wrong:2.1"]


def test_an_issue_of_today_pings_at_once():
    tale = Tale(created_at=START - timedelta(hours=20)).finish("ready").run()
    assert [key.split(":")[0] for key in tale.told] == ["turn"]


def test_a_turn_is_told_once_and_keyed_by_the_note_that_passed_the_gate():
    tale = quiet()
    assert tale.told == ["turn:review:103"]


def test_a_turn_after_rework_is_a_new_one():
    tale = quiet().tick("2.1", "ben").run().untick("1.1", "carol").run().tick("1.1", "carol").run()
    turns = [key for key in tale.told if key.startswith("turn:review")]
    assert len(turns) == len(set(turns)) == 2


def test_the_same_trouble_again_is_told_again():
    tale = quiet().drop("1.1", "carol").run()
    tale.edit(lambda text: text.replace("## Ready\n", "## Ready\n\n- [x] 1.1 Plans are closed\n"), "carol").run()
    tale.drop("1.1", "carol").run()
    assert [key.split(":")[0] for key in tale.told].count("item-missing") == 2


def test_the_same_trouble_that_goes_on_is_told_once_whatever_else_happens():
    tale = (
        quiet().drop("1.1", "carol").run().write("Seats", "9", "eve").run().tick("4.1", "eve").run().wait(days=1).run()
    )
    assert [key.split(":")[0] for key in tale.told].count("item-missing") == 1


def test_everything_new_stands_in_one_ping():
    tale = quiet().tick("2.1", "eve").drop("1.1", "eve").write("Seats", "x", "eve")
    before = len(tale.pings)
    tale.run()
    assert len(tale.pings) == before + 1
    assert {key.split(":")[0] for key in tale.told} >= {"signer-wrong", "item-missing", "field-invalid"}


def test_work_that_is_still_to_do_is_never_a_ping():
    tale = Tale().run().tick("1.1", "carol").run().untick("1.1", "carol").run()
    assert tale.pings == []


# --- the ceiling ------------------------------------------------------------------------------------------------------


def test_past_the_ceiling_news_wait_for_the_next_day_and_come_in_one():
    tale = quiet(comments_per_day=1).tick("2.1", "eve").run().write("Seats", "x", "eve").run()
    assert len(tale.pings) == 1
    tale.wait(days=1).run()
    assert len(tale.pings) == 2
    assert {key.split(":")[0] for key in tale.told[1:]} >= {"signer-wrong", "field-invalid"}


def test_past_the_ceiling_the_status_comment_tells_all_the_same():
    tale = quiet(comments_per_day=1).tick("2.1", "eve").run()
    assert "`eve`" in tale.status


def test_what_was_repaired_while_it_waited_is_not_told():
    tale = quiet(comments_per_day=1).tick("2.1", "eve").run().untick("2.1", "eve").run().wait(days=1).run()
    assert tale.told == ["turn:review:103"]


def test_a_run_past_the_ceiling_writes_nothing_a_second_time():
    tale = quiet(comments_per_day=1).tick("2.1", "eve").run()
    assert tale.plan() == ()


def test_a_moved_card_past_the_ceiling_is_told_the_next_day():
    tale = quiet(comments_per_day=1).move_card("small::finish", "eve").run()
    tale.wait(days=1).run()
    assert [key.split(":")[0] for key in tale.told] == ["turn", "label-moved"]


# --- second run, harder -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("label", "value"), [("Customer", ""), ("Seats", "many"), ("Territory", "Nowhere")])
def test_a_fact_that_vanishes_after_approval_is_told_once(label, value):
    tale = quiet().tick("2.1", "ben").run().write(label, value, "carol").run()
    before = len(tale.pings)
    tale.run().run()
    assert len(tale.pings) == before


@pytest.mark.parametrize("done", [["review"], ["review", "finish"]])
def test_a_second_run_writes_nothing_when_somebody_has_left_and_an_early_gate_shuts(done):
    tale = quiet()
    for stage in done:
        tale.finish(stage).run()
    tale.directory = make_directory(without=["ben"])
    tale.run().untick("1.2", "carol").run()
    assert tale.plan() == ()


def test_a_hundred_runs_write_nothing():
    tale = quiet().tick("2.1", "eve").run()
    for _ in range(20):
        assert tale.wait(hours=5).plan() == ()


# --- status comment ---------------------------------------------------------------------------------------------------


def test_a_second_status_comment_of_ours_is_deleted():
    tale = quiet()
    status = next(note for note in tale.notes if note.body.startswith("<!-- handover:status"))
    tale.notes.append(replace(status, id=900))
    assert kinds(tale.plan()) == ["DeleteNote"]
    assert tale.plan()[0].note_id == 900


def test_a_status_comment_that_somebody_edited_is_written_anew():
    tale = quiet()
    place = next(place for place, note in enumerate(tale.notes) if note.body.startswith("<!-- handover:status"))
    tale.notes[place] = replace(tale.notes[place], body=tale.notes[place].body + "\n\n@all hacked")
    assert kinds(tale.plan()) == ["WriteStatus"]
    assert "hacked" not in tale.run().status


def test_a_status_comment_whose_state_was_altered_is_written_anew_and_pings_nobody_again():
    tale = quiet()
    place = next(place for place, note in enumerate(tale.notes) if note.body.startswith("<!-- handover:status"))
    tale.notes[place] = replace(tale.notes[place], body=tale.notes[place].body.replace("state=", "state=x", 1))
    assert kinds(tale.plan()) == ["WriteStatus"]
    assert tale.run().plan() == ()


def test_the_status_comment_of_another_account_is_left_alone():
    """After a change of token: the old one speaks, but we cannot edit it."""
    tale = quiet()
    tale.seal = make_seal(bot=replace(tale.notes[0].author, id=77))
    assert kinds(tale.plan()) == ["WriteStatus"]
    assert tale.plan()[0].note_id == 0
    assert tale.run().plan() == ()
    assert tale.told == ["turn:review:103"]


def test_gitlab_may_store_the_comment_with_other_line_ends():
    tale = quiet()
    tale.notes = [replace(note, body=note.body.replace("\n", "\r\n") + "\r\n") for note in tale.notes]
    assert tale.plan() == ()


# --- the end ----------------------------------------------------------------------------------------------------------


def complete(**options):
    return quiet(**options).tick("2.1", "ben").run().finish("finish")


def test_a_complete_open_handover_is_asked_to_be_closed_once():
    tale = complete().run()
    assert [key.split(":")[0] for key in tale.told][-1] == "close"
    assert tale.wait(days=5).plan() == ()


def test_where_we_may_close_we_close_and_ask_nobody():
    tale = complete(may_close=True).run()
    assert tale.state == "closed"
    assert [key for key in tale.told if key.startswith("close")] == []


def test_where_we_close_the_status_comment_does_not_ask_people_to():
    """A closed complete handover is never listed again: what stands there then stands for ever."""
    assert "close this issue" not in complete(may_close=True).run().status


def test_a_complete_handover_that_people_closed_is_left_in_peace():
    tale = complete().run().close()
    tale.run()
    assert tale.run().plan() == ()


def test_reopened_after_complete_is_asked_about_once():
    tale = complete().run().close().run()
    tale.state, tale.closed_at = "opened", None
    reopening = Reopening(7, "eve")
    tale.run(reopening=reopening)
    assert [key for key in tale.told if key.startswith("reopened")] == ["reopened:7"]
    assert "small::complete" in tale.labels
    assert tale.plan(reopening=reopening) == ()


def test_where_we_may_close_a_reopened_handover_is_not_closed_again():
    tale = complete(may_close=True).run()
    tale.state, tale.closed_at = "opened", None
    tale.run(reopening=Reopening(7, "eve"))
    assert tale.state == "opened"
    assert [key for key in tale.told if key.startswith("reopened")] == ["reopened:7"]


# --- the real process, all the way ------------------------------------------------------------------------------------


def test_walking_the_real_process_tells_each_turn_once_and_nothing_else():
    tale = Tale.of_the_real_process(comments_per_day=50).run()
    for stage in real_process().stages:
        tale.finish(stage.key).run()
        assert tale.plan() == ()
    assert [re.sub(r":\d+$", "", key) for key in tale.told] == [
        "turn:review",
        "turn:manager-actions",
        "turn:handover-call",
        "turn:customer-communication",
        "turn:completion",
        "close",
    ]


def test_a_fact_changed_and_changed_back_before_any_run_plans_nothing():
    tale = quiet().tick("2.1", "ben").run()
    tale.write("Customer", "Globex", "carol").write("Customer", "Acme", "carol")
    assert "PostPing" not in kinds(tale.plan())
    assert SMALL_TEXT.split("## Ready")[0] in tale.text


# --- a second run, after long stories ---------------------------------------------------------------------------------


def early_in_another_order():
    """Two early sign-offs, the older box ticked last: a later run replays them in another order."""
    tale = Tale(comments_per_day=50).tick("3.2", "dana").run().silently("3.2", " ", "eve").run()
    return tale.tick("2.1", "ben").run().tick("3.2", "dana")


def left_and_sent_back():
    """The CSM has left, then the handover is sent back: trouble with people moves to the stage of now."""
    tale = quiet()
    tale.directory = make_directory(without=["carol"])
    return tale.run().say("send back: x", "ben")


def skipped_and_signed_again():
    """A sign-off is silently unticked, a wrong person ticks a later box, the sign-off is given again."""
    tale = quiet().tick("2.1", "ben").run().silently("2.1", " ", "carol").run()
    return tale.tick("3.2", "ben").run().tick("2.1", "ben")


def owner_blanked_with_another_fact():
    """Approved; then one save blanks a role and another fact of the first stage."""
    tale = quiet().tick("2.1", "ben").run()
    return tale.edit(lambda text: text.replace("@ben", "").replace("Acme", ""), "carol")


@pytest.mark.parametrize(
    "story",
    [
        owner_blanked_with_another_fact,
        pytest.param(early_in_another_order),
        pytest.param(left_and_sent_back),
        pytest.param(skipped_and_signed_again),
    ],
)
def test_after_a_long_story_too_a_second_run_writes_nothing(story):
    assert story().run().plan() == ()
