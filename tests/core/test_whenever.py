"""A verdict must not depend on when runs happen, what is lost, or what somebody does beside a comment.

Each of these was once found to be otherwise.
"""

from datetime import date, timedelta

import pytest

from automation.core.workdays import Absence, Calendars
from tests.builders import SMALL_TEXT, Tale, alarms, get_finding, make_directory, real_process
from tests.core import test_keeping as keeping
from tests.core import test_losses as losses
from tests.core import test_order as order
from tests.core.test_limits import LADDER, called, held, in_review, learn_of_a_vacation, moment, on, tale, told
from tests.processes.walk import Walk

TITLE = "2.4 The account is approved for CSE+"
HIDDEN = "2.4 <!-- The account is approved for CSE+ --> I read it"


def approving():
    """Everything but the approval is done."""
    return Tale.of_the_real_process().finish("pre-handover").finish("review", but=["2.4"])


def ready():
    return Tale(comments_per_day=50).finish("ready").run()


def waived():
    return Tale(comments_per_day=50).finish("ready", but=["1.1"]).say("waive 1.1: x, until 2026-11-05", "mia")


def away(**deputies):
    absences = {name: (Absence(date(2026, 11, 1), date(2026, 11, 30), to),) for name, to in deputies.items()}
    return make_directory(calendars=Calendars(away=absences))


# --- no gate without the right person ---------------------------------------------------------------------------------


def test_a_stale_sign_off_by_comment_does_not_revive_when_somebody_ticks_the_box():
    story = approving().say("sign off 2.4", "ben").run().write("Goals", "other", "carol").run()
    story.tick("2.4", "carol").run().run()
    assert (story.judge().stage, alarms(story.judge())) == ("review", [("sign-off-stale", "2.4")])


def test_a_sentence_that_nobody_could_see_is_not_signed():
    story = (
        approving().replace(TITLE, HIDDEN, "carol").tick("2.4", "ben").replace(HIDDEN, f"{TITLE} I read it", "carol")
    )
    assert alarms(story.run().judge()) == [("words-changed", "2.4")]


def test_who_signs_for_one_side_while_out_of_the_field_and_returns_has_signed_for_both():
    story = Tale.of_the_real_process(comments_per_day=50)
    for stage in real_process().stages[:-1]:
        story.finish(stage.key).run()
    story.finish("completion", but=["6.3", "6.5a", "6.5b"]).run()
    story.write("CSM", "@dave", "carol").tick("6.3", "carol").run().write("CSM", "@carol", "carol").run()
    story.tick("6.5a", "carol").tick("6.5b", "mia").run()
    assert (story.judge().stage, alarms(story.judge())) == ("completion", [("signer-wrong", "6.3")])


@pytest.mark.parametrize("body", ["~~sign off 2.4~~", "I cannot yet\nsign off 2.4\nbecause Gong is missing."])
def test_what_was_not_meant_signs_nothing(body):
    assert approving().say(body, "ben").run().judge().stage == "review"


def test_the_wrong_persons_tick_stays_wrong_when_the_field_was_blank_for_a_run():
    story = approving().tick("2.4", "chloe").run().write("CSE Territory Owner", "", "carol").run()
    story.write("CSE Territory Owner", "@ben @chloe", "carol").run()
    assert ("signer-wrong", "2.4") in alarms(story.judge())


def test_the_wrong_persons_tick_stays_wrong_when_the_memory_is_lost():
    story = keeping.reviewing().tick("2.1", "chloe").run()
    keeping.without_status(story).write("Owner", "@chloe", "carol").run()
    assert story.stage_labels == {"small::review"}


def test_a_comment_that_was_copied_from_another_issue_commands_nothing():
    story = Tale(text=SMALL_TEXT.replace("- [ ] 1.", "- [x] 1.")).say("sign off 2.1", "ben")
    story.created_at = story.now + timedelta(days=1)
    assert story.wait(days=1).run().judge().stage == "review"


@pytest.mark.parametrize("act", ["sign off 3.1", "waive 3.1: x, until 2026-12-31"])
def test_a_comment_after_a_signature_changes_what_was_signed_like_a_tick(act):
    story = ready().tick("2.1", "ben").run().tick("3.2", "dana").tick("3.4", "carol")
    story.say(act, "carol" if act.startswith("sign") else "mia")
    expected = "complete" if act.startswith("sign") else "finish"
    assert story.run().judge().stage == expected
    other = ready().tick("2.1", "ben").run().tick("3.2", "dana").tick("3.4", "carol").tick("3.1", "dana").run()
    assert get_finding(other.judge(), "sign-off-stale").item == "3.4"


def test_a_sign_off_by_comment_of_another_hand_changes_what_was_signed():
    story = ready().tick("2.1", "ben").run().tick("3.2", "dana").tick("3.4", "carol").say("sign off 3.1", "dana")
    assert alarms(story.run().judge()) == [("sign-off-stale", "3.4")]


def test_one_deputy_cannot_act_on_both_sides():
    story = Tale(comments_per_day=50, directory=away(ben="chloe", carol="chloe")).finish("ready").run()
    story.tick("2.1", "chloe").tick("3.1", "chloe").tick("3.2", "dana").tick("3.4", "chloe").run()
    assert story.judge().stage == "review"


def test_a_deputy_of_any_holder_may_act_who_is_asked_to():
    story = Tale(comments_per_day=50, directory=away(mia="alex")).finish("ready").run().say("cancel: x", "alex").run()
    assert story.stage_labels == {"small::cancelled"}


def test_a_word_that_commanded_nothing_does_so_no_later_either():
    story = ready().say("hold until 2026-11-20: x", "ben").run().say("resume", "chloe").run()
    assert story.write("Owner", "@chloe", "carol").run().judge().hold is not None


def test_a_footnote_of_a_quotation_commands_nothing():
    body = "> We agreed [^1]\n>\n> [^1]: sign off 2.1\n\nresume"
    assert ready().say(body, "ben").run().judge().stage == "review"


# --- the same whenever a run looks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_seen", [False, True])
def test_no_clock_runs_while_a_handover_is_cancelled(is_seen):
    story = Tale.of_the_real_process().finish("pre-handover").run().say("cancel: x", "mia").run()
    story.wait(days=4.5)
    story = story.run() if is_seen else story
    story.wait(days=4.5).say("resume", "mia").run()
    assert alarms(story.judge()) == []
    assert story.judge().limit.due_at.date() == date(2026, 11, 16)


def test_a_return_starts_the_clock_when_it_was_written():
    story = in_review()
    written_at = on(story, "2026-11-06T11:59").say("send back: the seats are wrong", "ben").now
    note_id = story.notes[-1].id
    limit = on(story, "2026-11-10T12:00").run().judge().limit
    assert (limit.cause, limit.started_at) == (note_id, written_at)


def test_a_click_that_shut_a_gate_starts_the_clock_whatever_was_clicked_later():
    story = in_review()
    on(story, "2026-11-06T11:59").untick("1.1", "carol")
    on(story, "2026-11-09T12:00").tick("4.1", "dana").run()
    assert story.judge().limit.started_at == moment("2026-11-06T12:00")


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_date_is_too_early_whether_or_not_somebody_looked_before_the_agreement(is_seen):
    story = order.telling("2026-11-05")
    story.text = order.with_value(story.text, "Letter planned for", "2026-11-05")
    order.on(story, 5).tick("5.3", "carol")
    story = story.run() if is_seen else story
    order.on(story, 10).tick("5.2", "alex").run()
    assert order.order(story) == {("too-early", "letter_sent_on")}


@pytest.mark.parametrize(
    "story",
    [
        lambda: keeping.reviewing().write("Owner", "@chloe", "carol"),
        lambda: Tale(comments_per_day=50).run().behind_tick("1.1", losses.blank("Seats"), "ben"),
        losses.silent_save,
    ],
)
def test_a_run_that_was_killed_after_its_ping_says_nothing_twice_whatever_happens_next(story):
    played = story().run(only=1).tick("4.1", "dana").run().run()
    keys = [key.rsplit(":", 1)[0] for key in played.told]
    assert len(keys) == len(set(keys))


def test_a_ladder_once_begun_follows_the_calendar_of_then():
    story = on(tale(LADDER).run(), "2026-11-10T12:00").run()
    learn_of_a_vacation(story)
    assert set(called(on(story, "2026-11-20T12:00"))) == {"ready.accountable", "ready.manager"}


def test_on_hold_nobody_is_told_who_is_away():
    directory = make_directory(calendars=Calendars(away={"carol": (Absence(date(2026, 11, 3), date(2026, 11, 6)),)}))
    story = held(tale(directory=directory).run())
    assert told(on(story, "2026-11-03T12:00").run()) == []
    assert "limit-at-risk" not in story.labels


@pytest.mark.parametrize(
    "story",
    [
        lambda: Tale.of_the_real_process().finish("pre-handover").run().say("send back: x", "ben").run(),
        lambda: Tale.of_the_real_process().say("sign off 2.4", "carol").run().reword_comment("send back: y"),
        lambda: Tale.of_the_real_process().silently("7.1", "x", "dana"),
        lambda: order.telling().silently("5.3", "x", "carol"),
    ],
)
def test_a_second_run_writes_nothing_here_either(story):
    played = story()
    played = played.retick("1.10", "carol") if "send back: x" in [note.body for note in played.notes] else played
    assert played.run().plan() == ()


# --- waivers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda story: story.say("waive 1.1: x, until 2026-11-20", "mia"),
        lambda story: story.tick("1.1", "carol"),
        lambda story: story.run().say("waive 1.1: longer, until 2026-12-05", "mia"),
    ],
)
def test_what_was_signed_while_a_box_was_waived_stays_signed(act):
    story = act(waived().tick("2.1", "ben")).run()
    assert (story.judge().stage, alarms(story.judge())) == ("finish", [])


def test_a_complete_handover_stays_complete_when_memory_and_waiver_are_gone():
    story = waived().run().tick("2.1", "ben").run()
    story.tick("3.1", "carol").tick("3.2", "dana").tick("3.4", "carol").run().wait(days=10).run()
    assert keeping.without_status(story).judge().is_complete


# --- people -----------------------------------------------------------------------------------------------------------


def test_a_deputy_whose_days_begin_meanwhile_is_called_once():
    absence = Absence(date(2026, 11, 3), date(2026, 11, 5), "chloe")
    story = Tale.of_the_real_process(
        comments_per_day=50, directory=make_directory(calendars=Calendars(away={"ben": (absence,)}))
    )
    story.finish("pre-handover").run().wait(days=1).run().wait(hours=3).run()
    assert [key.split(":")[1] for key in story.told if key.startswith("stand-in:")] == ["review.chloe"]
    assert "@chloe `ben` is away, and you stand in as CSE Territory Owner" in story.pings[-1]
    assert "`chloe` as deputy of `ben`" in story.status


def test_after_a_cancellation_nothing_more_is_said():
    story = ready().say("cancel: x", "mia").run()
    before = len(story.pings)
    story.move_card("small::finish", "eve").run().replace("**Process:**", "x", "carol").run()
    assert len(story.pings) == before


def test_a_turn_always_mentions_somebody():
    story = Tale().say("hold until 2026-11-30: x", "mia").write("CSM", "@ben", "carol").say("resume", "mia").run()
    assert "@carol, it is your turn" in story.pings[-1]


def test_a_click_by_another_takes_nothing_from_a_sign_off_by_comment_nor_does_an_older_page():
    story = ready().say("sign off 2.1", "ben").run().tick("2.1", "carol").run().silently("2.1", " ", "dave").run()
    assert story.judge().stage == "finish"


# --- comments and clicks on one box -----------------------------------------------------------------------------------


def test_a_click_on_other_words_does_not_revive_a_stale_comment():
    story = ready().say("sign off 2.1", "ben").run().write("Seats", "300", "carol").run()
    story.replace("2.1 Approved for the move", "2.1 I read it", "carol").tick("2.1", "ben")
    story.replace("2.1 I read it", "2.1 Approved for the move", "carol").run()
    assert story.plan() == ()
    assert alarms(story.run().judge()) == [("sign-off-stale", "2.1")]


def test_a_click_while_a_gate_is_shut_does_not_revive_a_stale_comment():
    story = approving().tick("2.4", "ben").finish("manager-actions", but=["3.3"]).run().say("sign off 3.3", "mia").run()
    story.write("Compensation pool", "AMER", "carol").run().untick("1.9", "carol").tick("3.3", "mia").run().run()
    story.tick("1.9", "carol").run().finish("review").run()
    for code in ("2.1", "2.2", "2.3", "2.4"):
        story.retick(code, "ben")
    assert (story.run().judge().stage, alarms(story.judge())) == ("manager-actions", [("sign-off-early", "3.3")])


def test_a_signers_fresh_click_after_a_stale_comment_counts_for_good():
    story = ready().tick("2.1", "ben").tick("3.2", "dana").say("sign off 3.4", "carol").run().tick("3.1", "dana").run()
    story.tick("3.4", "carol").run().run()
    assert (story.judge().is_complete, story.plan()) == (True, ())


def test_a_signers_click_in_the_same_interval_as_the_change_counts():
    story = ready().say("sign off 2.1", "ben").run().write("Seats", "300", "carol").tick("2.1", "ben").run()
    assert story.judge().stage == "finish"


def test_whoever_calls_upon_another_to_sign_has_not_signed():
    story = ready().say("@chloe sign off 2.1", "ben").run()
    assert get_finding(story.judge(), "command-invalid").words == "command-invalid.unclear"


def test_a_box_that_showed_nothing_at_the_last_run_was_not_signed_and_stays_so():
    story = ready().replace("2.1 Approved for the move", "2.1 <!-- Approved for the move -->", "carol").run()
    story.tick("2.1", "ben").replace("2.1 <!-- Approved for the move -->", "2.1 Approved for the move", "carol").run()
    assert alarms(story.run().judge()) == [("words-changed", "2.1")]


def test_a_hint_behind_the_title_stops_nobody():
    story = ready().replace("2.1 Approved for the move", "2.1 Approved for the move (see the notes)", "ben")
    story.tick("2.1", "ben").tick("3.1", "carol").run()
    assert (story.judge().stage, alarms(story.judge())) == ("finish", [])


# --- what a stopped run said ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("only", [1, None])
@pytest.mark.parametrize(
    "act",
    [
        lambda only: ready().tick("2.1", "chloe").run(only=only).write("Owner", "@chloe", "carol"),
        lambda only: ready().say("sign off 2.1", "chloe").run(only=only).write("Owner", "@chloe", "carol"),
        lambda only: (
            ready()
            .tick("2.1", "ben")
            .run()
            .write("Seats", "300", "carol")
            .run(only=only)
            .write("Seats", "250", "carol")
        ),
    ],
)
def test_what_a_run_told_before_it_was_stopped_still_holds(act, only):
    assert act(only).run().judge().stage == "review"


def test_a_refused_command_is_not_carried_out_when_the_memory_is_lost():
    story = keeping.without_status(ready().say("sign off 2.1", "chloe").run())
    assert story.write("Owner", "@chloe", "carol").run().judge().stage == "review"


def test_a_waiver_that_ended_does_not_bring_back_a_tick_that_was_taken_away():
    story = Tale.of_the_real_process(comments_per_day=50)
    story.text = story.text.replace("[ ] 3.1", "[x] 3.1")
    story.finish("pre-handover").finish("review").run().say("waive 3.1: x, until 2026-11-03", "mia").run()
    story.untick("3.1", "mia").run().wait(days=3).run()
    story.finish("manager-actions", but=["3.1"]).finish("handover-call").tick("5.2", "alex").tick("3.1", "mia").run()
    assert story.judge().stage == "handover-call"
    assert ("sign-off-early", "4.5a") in alarms(story.judge())


def test_who_signed_as_the_csm_cannot_accept_for_cse_after_leaving_the_field():
    story = ready().tick("2.1", "ben").tick("3.1", "carol").run().tick("3.4", "carol").run()
    story.write("CSM", "@dave", "carol").tick("3.2", "carol").run()
    finding = get_finding(story.judge(), "signer-wrong", "3.2")
    assert (story.judge().stage, finding.words) == ("finish", "signer-wrong.both-sides")


@pytest.mark.parametrize("is_lapse_seen", [False, True])
@pytest.mark.parametrize(
    "act", [lambda story: story.tick("1.4", "carol"), lambda story: story.say("waive 1.4: x, until 2026-11-20", "mia")]
)
def test_who_signed_while_a_waiver_held_signs_no_second_time_when_it_has_ended(act, is_lapse_seen):
    story = Tale.of_the_real_process(comments_per_day=50).run().finish("pre-handover", but=["1.4", "1.10"])
    story.say("waive 1.4: x, until 2026-11-04", "mia").tick("1.10", "carol").run().finish("review").run().wait(days=3)
    if is_lapse_seen:
        story.run()
        assert alarms(story.judge()) == [("command-invalid", "1.4")]
    act(story).run()
    assert (story.judge().stage, alarms(story.judge())) == ("manager-actions", [])


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_hold_moves_no_limit_that_has_ended(is_seen):
    story = Tale.of_the_real_process().run().finish("pre-handover")
    story = story.run() if is_seen else story
    story.say("hold until 2026-11-10: a fair", "carol").run()
    assert [each.due_at.date() for each in story.memory.kept] == [date(2026, 11, 17)]


def handed_over():
    """Ben signs the review; before the next run the owner is another person."""
    return Tale.of_the_real_process().run().finish("pre-handover").run().finish("review")


def test_who_signed_and_was_succeeded_before_the_next_run_has_signed():
    story = handed_over().write("CSE Territory Owner", "@chloe", "mia").run()
    assert (story.judge().stage, alarms(story.judge())) == ("manager-actions", [])
    assert story.run().judge().stage == "manager-actions"


@pytest.mark.parametrize(
    "story",
    [
        lambda: (
            Tale.of_the_real_process().run().finish("pre-handover").run().write("CSE Territory Owner", "@chloe", "mia")
        ),
        lambda: (
            Tale.of_the_real_process()
            .finish("pre-handover")
            .run()
            .write("CSE Territory Owner", "", "mia")
            .run()
            .write("CSE Territory Owner", "@chloe", "mia")
        ),
    ],
)
def test_who_was_succeeded_before_signing_has_not_signed(story):
    story = story().finish("review").run()
    assert (story.judge().stage, {code for code, _ in alarms(story.judge())}) == ("review", {"signer-wrong"})


# --- a slip in a field of the other side ------------------------------------------------------------------------------


def test_a_slip_in_a_field_of_the_other_side_is_told_as_that_and_heals():
    """It says nothing about what was signed before; only a second signature would be one for both sides."""
    walk = Walk.of("presales-to-postsales", "prospect").until("complete")
    walk.write("SA leader", "@carol", by="sam").run()
    assert walk.alarms <= {("role-unknown", "sa_leader")}
    assert {"3.6b", "6.1", "6.2"} <= set(walk.tale.memory.accepted)
    assert walk.tale.memory.wrong == {}
    walk.write("SA leader", "", by="sam").run()
    assert (walk.stage, walk.alarms) == ("complete", set())


def test_a_slip_in_a_field_of_the_other_side_is_judged_alike_by_two_runs():
    walk = Walk.of("presales-to-postsales", "prospect").until("internal-meeting").finish("internal-meeting")
    walk.write("SA leader", "@carol", by="sam").run()
    stage, alarms = walk.stage, walk.alarms
    assert walk.tale.plan() == ()
    assert (walk.run().stage, walk.alarms) == (stage, alarms)
