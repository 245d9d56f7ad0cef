"""What a command in a comment does: sign-offs, holds, waivers, cancellations, and deputies who act for others.

The clock of all stories starts on Monday, 2026-11-02, at 04:00 in New York, where everybody lives who has no calendar
of their own. Wednesday, 11 November, is a holiday there.
"""

import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from automation.core.workdays import Absence, Calendar, Calendars
from tests.builders import (
    ROLES,
    SMALL_TEXT,
    Tale,
    alarms,
    found,
    get_finding,
    make_directory,
    with_value,
)

REVIEW = "csm-to-cse-plus::review"
TURN_AFTER_HOLD = ["turn:review:115"]


def ready(**options):
    """The small process, its first stage done as a run saw; the next note is 108."""
    return Tale(**{"comments_per_day": 50, **options}).finish("ready").run()


def review(**options):
    """The real process in its review, which must be done by the end of Thursday, 5 November; the next note is 115."""
    return Tale.of_the_real_process(**{"comments_per_day": 50, **options}).finish("pre-handover").run()


def at(tale, moment):
    """Set the clock so that the next act happens at *moment*, in New York unless it names another zone."""
    moment = moment if len(moment) > len("2026-11-02T15:00") else f"{moment}-05:00"
    tale.now = datetime.fromisoformat(moment).astimezone(UTC)
    return tale.wait(minutes=-1)


def away(**people):
    """A directory in which people are away: ben="2026-11-02..2026-11-06 chloe", no deputy where none is named."""
    absences = {}
    for name, text in people.items():
        days, _, deputy = text.partition(" ")
        first, last = map(date.fromisoformat, days.split(".."))
        absences[name] = (Absence(first, last, deputy),)
    return make_directory(calendars=Calendars(away=absences))


def told_since(tale, story):
    """Play *story* and return the keys that were told in it."""
    before = len(tale.told)
    story(tale)
    return tale.told[before:]


def subjects(keys):
    """What was told, without the notes that caused it: "turn:review", "answer:sign-off"."""
    return [re.match(r"[^:]*:[a-z-]*", key)[0].rstrip(":") for key in keys]


def seen(verdict):
    """What must be the same in two verdicts that say the same."""
    limit = verdict.limit.due_at if verdict.limit else None
    return verdict.stage, verdict.label, verdict.boxes, found(verdict), verdict.acting, verdict.hold, limit


def stage_and_alarms(tale):
    verdict = tale.judge()
    return verdict.stage, alarms(verdict)


def due_on(tale, about="limit"):
    """The last day of the limit of the stage, or of the "whole" process, which ends at midnight there."""
    due_at = getattr(tale.judge(), about).due_at
    assert (due_at.hour, due_at.minute, due_at.second) == (23, 59, 59)
    return due_at.strftime("%a %Y-%m-%d")


def without_status(tale):
    tale.notes = [note for note in tale.notes if not note.body.startswith("<!-- handover:status")]
    return tale


# --- a sign-off by comment counts like a tick -------------------------------------------------------------------------


@pytest.mark.parametrize("is_seen", [False, True], ids=["in one go", "run by run"])
@pytest.mark.parametrize("start", [Tale, Tale.of_the_real_process], ids=["small", "real"])
def test_a_handover_that_is_signed_off_in_comments_ends_like_one_that_is_ticked(start, is_seen):
    told, ticked = start(), start()
    for stage in told.process.stages:
        for item in told.process.items.values():
            if item.section == stage.key and not item.is_forbidden:
                who = {"csm": "carol", "cse_territory_owner": "ben", "csm_manager": "mia", "ae": "alex", "cse": "dana"}
                by = who[(item.signed_by or stage.responsible)[0]]
                told.say(f"sign off {item.code}", by)
                ticked.tick(item.code, by)
                if is_seen:
                    told.run()
                    ticked.run()
                    assert seen(told.judge()) == seen(ticked.judge()), item.code
    assert seen(told.judge()) == seen(ticked.judge())
    assert stage_and_alarms(told) == ("complete", [])


@pytest.mark.parametrize(
    ("stage", "body", "by", "boxes"),
    [
        ("pre-handover", "sign off 1.1", "carol", ["1.1"]),
        ("review", "sign off 2.1", "ben", ["2.1"]),
        ("review", "Sign off 2.1, 2.2 and 2.3.", "ben", ["2.1", "2.2", "2.3"]),
        ("review", "sign off 2.1\nsign off 2.4", "ben", ["2.1", "2.4"]),
        ("handover-call", "sign off 4.1, 4.2", "carol", ["4.1", "4.2"]),
        ("handover-call", "sign off 4.1, 4.2", "ben", ["4.1", "4.2"]),
        ("handover-call", "SIGN OFF 4.5A", "carol", ["4.5a"]),
        ("completion", "sign off 6.2", "mia", ["6.2"]),
        ("completion", "sign off 6.3", "eli", ["6.3"]),
        ("review", "sign off 7.2", "carol", ["7.2"]),
    ],
)
def test_who_may_sign_off_what(stage, body, by, boxes):
    tale = Tale.of_the_real_process()
    for each in tale.process.stages[: [each.key for each in tale.process.stages].index(stage)]:
        tale.finish(each.key)
    verdict = tale.run().say(body, by).run().judge()
    assert [code for code in verdict.boxes if code in boxes and verdict.boxes[code] == "done"] == boxes
    assert (verdict.stage, alarms(verdict)) == (stage, [])


@pytest.mark.parametrize(
    ("stage", "body", "by"),
    [
        ("ready", "sign off 1.1", "ben"),
        ("ready", "sign off 1.1", "dave"),
        ("review", "sign off 2.1", "carol"),
        ("review", "sign off 2.1", "chloe"),
        ("review", "sign off 2.1", "mia"),
        ("review", "sign off 2.1", "eve"),
        ("finish", "sign off 3.1", "ben"),
        ("finish", "sign off 3.2", "carol"),
        ("finish", "sign off 3.4", "dana"),
    ],
)
@pytest.mark.parametrize("author", ["carol", "author"], ids=["in an issue of another", "in an issue of their own"])
def test_a_person_without_the_role_passes_no_gate(stage, body, by, author):
    tale = Tale(author=by if author == "author" else author)
    for each in tale.process.stages[: [each.key for each in tale.process.stages].index(stage)]:
        tale.finish(each.key)
    before = tale.run().judge()
    after = tale.say(body, by).run().judge()
    assert (after.stage, after.boxes, after.label) == (stage, before.boxes, before.label)
    refused = get_finding(after, "command-invalid")
    assert (refused.words, refused.people) == ("command-invalid.wrong-person", (by,))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sign off 9.9", "unknown-box"),
        ("sign off 3.3", "unknown-box"),
        ("sign off", "unclear"),
        ("sign off 2.1 please", "unclear"),
        ("sign off everything", "unclear"),
    ],
)
def test_a_sign_off_that_is_no_clear_one_does_nothing_and_is_answered_once(body, words):
    tale = ready()
    before = tale.judge().boxes
    told = told_since(tale, lambda tale: tale.say(body, "ben").run().run())
    verdict = tale.judge()
    assert (verdict.stage, verdict.boxes) == ("review", before)
    assert get_finding(verdict, "command-invalid").words == f"command-invalid.{words}"
    assert len(told) == 1
    assert "@ben You wrote" in tale.pings[-1]


@pytest.mark.parametrize("body", ["sign off everything", "Sign off, all.", "resume", "hold.", "cancel", "send back."])
def test_a_chance_word_of_somebody_else_is_left_in_peace(body):
    tale = ready()
    before = seen(tale.judge())
    assert told_since(tale, lambda tale: tale.say(body, "eve").run()) == []
    assert seen(tale.judge()) == before


def test_a_sign_off_by_comment_starts_the_clock_of_the_next_stage_when_it_was_written():
    tale = Tale.of_the_real_process().finish("pre-handover", but=["1.10"]).run()
    at(tale, "2026-11-03T16:00").say("sign off 1.10", "carol")
    limit = at(tale, "2026-11-05T09:00").run().judge().limit
    assert limit.started_at == datetime(2026, 11, 3, 21, 0, tzinfo=UTC)
    assert limit.due_at.date() == date(2026, 11, 6)


def test_a_sign_off_by_comment_needs_the_same_facts_as_a_tick():
    tale = Tale(text=with_value(SMALL_TEXT, "Document", "_link_")).tick("1.1", "carol").tick("1.10", "carol")
    verdict = tale.say("sign off 1.2", "carol").run().judge()
    assert (verdict.stage, verdict.boxes["1.2"]) == ("ready", "done")
    assert get_finding(verdict, "field-blank", "document").words == "field-blank.ticked"


def test_a_box_with_other_words_is_not_signed_off_by_a_comment():
    tale = ready().replace("2.1 Approved for the move", "2.1 Declined", "carol").say("sign off 2.1", "ben").run()
    assert stage_and_alarms(tale) == ("review", [("words-changed", "2.1")])


def test_a_box_that_is_gone_or_stands_twice_is_not_signed_off_by_a_comment():
    gone = ready().drop("2.1", "carol").say("sign off 2.1", "ben").run()
    assert stage_and_alarms(gone) == ("review", [("item-missing", "2.1")])
    twice = ready().edit(lambda text: text + "\n- [ ] 2.1 Approved for the move\n", "carol")
    assert stage_and_alarms(twice.say("sign off 2.1", "ben").run()) == ("review", [("item-duplicated", "2.1")])


def test_a_box_of_a_later_stage_that_is_signed_off_by_comment_skips_the_gates_before_it():
    tale = ready().say("sign off 3.1", "carol").run()
    finding = get_finding(tale.judge(), "gate-skipped", "3.1")
    assert (finding.cause, finding.facts["by"], tale.judge().stage) == (108, "`carol`", "review")


def test_a_letter_signed_off_by_comment_before_the_agreement_is_out_of_order():
    tale = Tale.of_the_real_process()
    for stage in ("pre-handover", "review", "manager-actions", "handover-call"):
        tale.finish(stage)
    tale.run().tick("5.1", "carol").say("sign off 5.3", "carol").run()
    assert stage_and_alarms(tale) == ("customer-communication", [("out-of-order", "5.3")])


def test_whoever_signed_off_by_comment_may_leave_afterwards():
    tale = ready().say("sign off 2.1", "ben").run().write("Owner", "@chloe", "carol").run()
    assert stage_and_alarms(tale) == ("finish", [])
    tale.directory = make_directory(without=["ben"])
    assert stage_and_alarms(tale.run()) == ("finish", [])


# --- answers ----------------------------------------------------------------------------------------------------------


def test_a_sign_off_by_comment_is_thanked_for_once_by_name():
    tale = ready()
    told = told_since(tale, lambda tale: tale.say("sign off 2.1", "ben").run().run().tick("4.1", "dana").run())
    assert subjects(told) == ["turn:finish", "answer:sign-off"]
    assert [body.count("@ben Thank you: **2.1**") for body in tale.pings] == [0, 1]


@pytest.mark.parametrize(
    ("body", "by", "first", "who_may"),
    [
        ("sign off 2.1", "carol", "@carol You wrote `sign off 2.1`.", "`ben`"),
        ("waive 1.1: x, until 2026-11-20", "carol", "@carol You wrote `waive 1.1:", "`mia`"),
        ("cancel: x", "ben", "@ben You wrote `cancel: x`.", "`mia`"),
        ("hold until 2026-11-20: x", "eve", "@eve You wrote `hold until", "`carol`"),
    ],
)
def test_a_wrong_person_is_told_once_whom_to_ask(body, by, first, who_may):
    tale = review()
    assert len(told_since(tale, lambda tale: tale.say(body, by).run().run().wait(days=2).run())) == 1
    assert first in tale.pings[-1]
    assert who_may in tale.pings[-1]


def test_several_commands_of_one_comment_are_answered_in_one_ping():
    tale = review()
    told = told_since(tale, lambda tale: tale.say("sign off 2.1, 2.2\n\nhold until 2026-11-20: x", "ben").run())
    assert set(subjects(told)) == {"answer:sign-off", "answer:hold"}
    assert len(tale.pings) == 2
    assert tale.pings[-1].count("**2.1**") == tale.pings[-1].count("**2.2**") == 1


# --- edited, deleted --------------------------------------------------------------------------------------------------

# Each with the comment that makes it so, by whom, and what is then true of the small process in its review.
JUDGED = {
    "a sign-off": ("sign off 2.1", "ben", lambda verdict: verdict.stage == "finish"),
    "a hold": ("hold until 2026-11-20: x", "carol", lambda verdict: verdict.hold is not None),
    "a waiver": ("waive 3.1: x, until 2026-11-20", "mia", lambda verdict: verdict.boxes["3.1"] == "waived"),
    "a cancellation": ("cancel: x", "mia", lambda verdict: verdict.stage == "cancelled"),
}
judged_commands = pytest.mark.parametrize(
    ("body", "by", "is_true"), [pytest.param(*case, id=name) for name, case in JUDGED.items()]
)


@judged_commands
@pytest.mark.parametrize(
    "body_now", [None, "never mind", "sign off 3.1", ""], ids=["gone", "other", "another", "empty"]
)
def test_a_command_once_judged_survives_what_is_done_to_its_comment(body, by, is_true, body_now):
    tale = ready().say(body, by).run()
    before = seen(tale.judge())
    tale = tale.delete_comment() if body_now is None else tale.reword_comment(body_now)
    assert is_true(tale.judge())
    assert seen(tale.judge()) == before
    assert tale.plan() == ()


@judged_commands
def test_a_command_edited_before_it_was_judged_counts_for_nothing(body, by, is_true):
    tale = ready()
    told = told_since(tale, lambda tale: tale.say("hello", by).reword_comment(body).run().run())
    verdict = tale.judge()
    assert not is_true(verdict)
    assert verdict.stage == "review"
    assert get_finding(verdict, "command-invalid").words == "command-invalid.edited"
    assert len(told) == 1


@judged_commands
def test_a_command_deleted_before_it_was_judged_is_nothing(body, by, is_true):
    tale = ready()
    before = seen(tale.judge())
    assert told_since(tale, lambda tale: tale.say(body, by).delete_comment().run()) == []
    assert seen(tale.judge()) == before


@judged_commands
def test_a_refused_command_stays_refused_whatever_becomes_of_people(body, by, is_true):
    """zoe has no role when she writes it, and every role afterwards."""
    tale = ready().say(body, "zoe").run()
    tale.directory = make_directory({role: (*names, "zoe") for role, names in ROLES.items()})
    tale.write("Owner", "@ben, @zoe", "carol").run()
    assert not is_true(tale.judge())
    assert tale.judge().stage == "review"


# --- when a sign-off does not count, or counts no longer --------------------------------------------------------------


@pytest.mark.parametrize("is_seen", [False, True], ids=["seen late", "seen early"])
def test_a_sign_off_while_the_gate_is_shut_is_early_and_stays_so(is_seen):
    tale = Tale().run().say("sign off 2.1", "ben")
    tale = (tale.run() if is_seen else tale).finish("ready").run()
    assert stage_and_alarms(tale) == ("review", [("sign-off-early", "2.1")])
    assert [key for key in tale.told if key.startswith("answer:")] == []
    assert len([key for key in tale.told if key.startswith("sign-off-early:2.1:")]) == 1


@pytest.mark.parametrize("again", ["comment", "tick"])
def test_an_early_sign_off_counts_once_it_is_given_again(again):
    tale = Tale().run().say("sign off 2.1", "ben").run().finish("ready").run()
    tale = tale.say("sign off 2.1", "ben") if again == "comment" else tale.tick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_sign_off_right_after_the_comment_that_opened_its_gate_is_not_early():
    tale = Tale().finish("ready", but=["1.10"]).say("sign off 1.10", "carol").say("sign off 2.1", "ben").run()
    assert stage_and_alarms(tale) == ("finish", [])


@pytest.mark.parametrize("codes", ["3.1, 3.4", "3.4, 3.1"])
def test_the_order_of_boxes_in_one_comment_does_not_matter(codes):
    """3.4 signs for the whole stage, 3.1 included."""
    tale = ready().tick("2.1", "ben").tick("3.2", "dana").run().say(f"sign off {codes}", "carol").run()
    assert stage_and_alarms(tale) == ("complete", [])


@pytest.mark.parametrize("is_seen", [False, True], ids=["before any run", "after a run"])
@pytest.mark.parametrize(
    "change",
    [
        lambda tale: tale.write("Customer", "Globex", "carol"),
        lambda tale: tale.write("Document", "https://example.com/other", "dave"),
        lambda tale: tale.behind_tick("4.1", lambda text: with_value(text, "Seats", "9"), "carol"),
    ],
    ids=["a fact", "a link", "hidden behind a tick"],
)
def test_a_change_after_a_sign_off_by_comment_makes_it_stale(change, is_seen):
    tale = ready().say("sign off 2.1", "ben")
    tale = change(tale.run() if is_seen else tale).run()
    assert stage_and_alarms(tale) == ("review", [("sign-off-stale", "2.1")])
    assert stage_and_alarms(tale.say("sign off 2.1", "ben").run()) == ("finish", [])


def test_a_box_unticked_by_another_makes_a_sign_off_by_comment_stale():
    tale = ready().say("sign off 2.1", "ben").run().untick("1.1", "carol").run().tick("1.1", "carol").run()
    assert ("sign-off-stale", "2.1") in alarms(tale.judge())


def test_putting_a_fact_back_does_not_mend_a_stale_sign_off():
    tale = ready().say("sign off 2.1", "ben").run().write("Customer", "Globex", "carol").run()
    tale.write("Customer", "Acme", "carol").run()
    assert stage_and_alarms(tale) == ("review", [("sign-off-stale", "2.1")])


def test_a_role_that_changes_makes_no_sign_off_by_comment_stale():
    tale = ready().say("sign off 2.1", "ben").run().write("CSE", "@dana", "carol").run()
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_return_voids_a_sign_off_by_comment_and_is_answered_by_a_comment_too():
    tale = ready().say("sign off 2.1", "ben").run().say("send back: the seats", "ben").run()
    assert tale.judge().stage == "ready"
    tale.say("sign off 1.10", "carol").run()
    verdict = tale.judge()
    assert (verdict.stage, get_finding(verdict, "sign-off-stale", "2.1").words) == (
        "review",
        "sign-off-stale.sent-back",
    )
    assert stage_and_alarms(tale.say("sign off 2.1", "ben").run()) == ("finish", [])


@pytest.mark.parametrize("by", ["ben", "dave"])
def test_only_who_is_responsible_answers_a_return(by):
    tale = ready().say("send back: the seats", "ben").run().say("sign off 1.10", by).run()
    assert tale.judge().stage == "ready"


def test_of_a_sign_off_and_a_return_in_one_comment_the_return_counts():
    tale = ready().say("sign off 2.1\nsend back: the seats", "ben").run()
    assert tale.judge().stage == "ready"


# --- clicks after comments --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["ben", "carol"])
@pytest.mark.parametrize("runs", [0, 1, 2], ids=["never seen", "seen", "seen twice"])
def test_an_untick_by_click_takes_a_sign_off_by_comment_back(by, runs):
    tale = ready().say("sign off 2.1", "ben")
    tale = (tale.run() if runs else tale).tick("2.1", "ben")
    verdict = (tale.run() if runs > 1 else tale).untick("2.1", by).run().judge()
    assert (verdict.stage, verdict.boxes["2.1"], alarms(verdict)) == ("review", "open", [])


def test_an_ordinary_box_signed_off_by_comment_is_taken_back_by_a_click_too():
    tale = Tale().finish("ready", but=["1.1"]).say("sign off 1.1", "carol").run()
    assert tale.judge().stage == "review"
    tale.tick("1.1", "carol").run().untick("1.1", "carol").run()
    assert (tale.judge().stage, tale.judge().boxes["1.1"]) == ("ready", "open")


def test_after_an_untick_a_new_comment_signs_off_again():
    tale = ready().say("sign off 2.1", "ben").run().retick("2.1", "ben").untick("2.1", "ben").run()
    assert stage_and_alarms(tale.say("sign off 2.1", "ben").run()) == ("finish", [])


def agreed_by_the_ae(tick="after", is_seen=True):
    """The real process at its letter: the AE agrees by comment, the CSM ticks the AE's box before or after."""
    tale = Tale.of_the_real_process(comments_per_day=50)
    for stage in ("pre-handover", "review", "manager-actions", "handover-call"):
        tale.finish(stage)
    tale.run().tick("5.1", "carol")
    if tick == "before":
        tale.tick("5.2", "carol")
    tale = tale.run() if is_seen else tale
    tale.say("sign off 5.2", "alex")
    tale = tale.run() if is_seen else tale
    return tale.tick("5.2", "carol") if tick == "after" else tale


@pytest.mark.parametrize("tick", ["before", "after", "never"])
@pytest.mark.parametrize("is_seen", [False, True], ids=["in one go", "run by run"])
def test_the_csm_who_ticks_the_box_of_the_ae_harms_nothing_where_the_ae_wrote_a_comment(tick, is_seen):
    """The AE leads the timing, and the CSM ticks what they agreed on (H5)."""
    tale = agreed_by_the_ae(tick, is_seen).run()
    assert (tale.judge().boxes["5.2"], alarms(tale.judge())) == ("done", [])
    tale.tick("5.3", "carol").tick("5.4", "carol").run()
    assert stage_and_alarms(tale) == ("completion", [])


def test_the_tick_of_the_csm_alone_is_no_agreement_of_the_ae():
    tale = Tale.of_the_real_process()
    for stage in ("pre-handover", "review", "manager-actions", "handover-call"):
        tale.finish(stage)
    tale.run().tick("5.1", "carol").tick("5.2", "carol").say("sign off 5.2", "carol").run()
    assert ("signer-wrong", "5.2") in alarms(tale.judge())


def test_the_tick_of_the_csm_does_not_renew_an_agreement_that_has_gone_stale():
    tale = agreed_by_the_ae().run().write("Handover date", "2026-12-08", "carol").run()
    assert [code for code, item in alarms(tale.judge()) if item == "5.2"] == ["sign-off-stale"]
    tale.retick("5.2", "carol").run()
    assert ("signer-wrong", "5.2") in alarms(tale.judge())
    tale.say("sign off 5.2", "alex").run()
    assert alarms(tale.judge()) == []


def test_a_comment_signs_off_again_what_an_older_page_took_away():
    """The tick of the click is lost; the comment came after it, and other edits come after the comment."""
    tale = ready().tick("2.1", "ben").run().silently("2.1", " ", "dave").say("sign off 2.1", "ben")
    tale.write("CSE", "@dana", "carol").run()
    assert stage_and_alarms(tale) == ("finish", [])
    assert stage_and_alarms(tale.write("CSE", "@eli", "carol").run()) == ("finish", [])


@pytest.mark.parametrize("is_seen", [False, True], ids=["in one go", "run by run"])
def test_another_hand_that_ticks_what_a_comment_signed_off_makes_nothing_stale(is_seen):
    tale = Tale().finish("ready", but=["1.1"]).say("sign off 1.1", "carol").run().tick("2.1", "ben")
    tale = (tale.run() if is_seen else tale).tick("1.1", "dave").run()
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_comment_after_the_tick_of_the_same_person_changes_nothing():
    tale = ready().tick("2.1", "ben").run()
    passed = tale.judge().memory.gates
    tale.tick("3.1", "carol").say("sign off 2.1", "ben").run()
    assert stage_and_alarms(tale) == ("finish", [])
    assert tale.judge().memory.gates == passed


# --- on hold: the clocks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("story", "stage_due", "whole_due"),
    [
        # Without a hold: 3, 4 and 5 November are the three working days; 30 November is the 28th day.
        ("", "Thu 2026-11-05", "Mon 2026-11-30"),
        # an afternoon: Tuesday does not count
        ("03T15:00 hold until 2026-11-04: x", "Fri 2026-11-06", "Tue 2026-12-01"),
        # the day of the event never counts anyway
        ("02T15:00 hold until 2026-11-03: x", "Thu 2026-11-05", "Mon 2026-11-30"),
        # 3 to 9 November: seven days, then 10, 12 and 13 (the 11th is a holiday)
        ("03T09:00 hold until 2026-11-10: x", "Fri 2026-11-13", "Mon 2026-12-07"),
        # resumed within the hour
        ("03T09:00 hold until 2026-11-10: x; 03T09:30 resume", "Fri 2026-11-06", "Tue 2026-12-01"),
        # resumed on the third day: 3, 4 and 5 do not count, 6, 9 and 10 do
        ("03T09:00 hold until 2026-11-10: x; 05T08:00 resume", "Tue 2026-11-10", "Thu 2026-12-03"),
        # two holds: 3 and 5 do not count, 4, 6 and 9 do
        ("03T09:00 hold until 2026-11-04: x; 05T09:00 hold until 2026-11-06: y", "Mon 2026-11-09", "Wed 2026-12-02"),
        # a new hold replaces the old one, a shorter and a longer one
        ("03T09:00 hold until 2026-11-10: x; 03T09:30 hold until 2026-11-05: y", "Mon 2026-11-09", "Wed 2026-12-02"),
        ("03T09:00 hold until 2026-11-05: x; 04T09:30 hold until 2026-11-10: y", "Fri 2026-11-13", "Mon 2026-12-07"),
        # cancelled and taken back: 3 and 4 do not count
        ("03T09:00 cancel: x; 04T09:00 resume", "Mon 2026-11-09", "Wed 2026-12-02"),
    ],
)
@pytest.mark.parametrize("is_seen", [False, True], ids=["in one go", "run by run"])
def test_a_day_on_hold_even_in_part_does_not_count(story, stage_due, whole_due, is_seen):
    tale = review()
    for act in filter(None, story.split("; ")):
        moment, body = act.split(" ", 1)
        at(tale, f"2026-11-{moment}").say(body, "mia")
        tale = tale.run() if is_seen else tale
    tale.run()
    assert (due_on(tale), due_on(tale, "whole")) == (stage_due, whole_due)


def test_the_due_date_of_the_issue_follows_a_hold():
    tale = at(review(may_write=True), "2026-11-03T09:00")
    assert tale.due_on == date(2026, 11, 5)
    assert tale.say("hold until 2026-11-10: x", "ben").run().due_on == date(2026, 11, 13)


def test_a_hold_of_the_first_stage_moves_its_ten_working_days():
    tale = Tale.of_the_real_process().run()
    assert due_on(tale) == "Tue 2026-11-17"
    at(tale, "2026-11-03T09:00").say("hold until 2026-11-05: x", "carol").run()
    assert due_on(tale) == "Thu 2026-11-19"


@pytest.mark.parametrize(
    ("by", "due"),
    [
        # The owner's 5 November begins when it does in Berlin, where the days are counted: 3 and 4 do not count.
        ("ben", "Mon 2026-11-09"),
        # The CSM's 5 November begins at six in the morning in Berlin: the 5th does not count either.
        ("carol", "Tue 2026-11-10"),
    ],
)
def test_a_hold_ends_on_the_day_of_who_asked_for_it(by, due):
    calendars = Calendars(own={"ben": Calendar("DE", "", "Europe/Berlin")})
    tale = review(directory=make_directory(calendars=calendars))
    at(tale, "2026-11-03T09:00").say("hold until 2026-11-05: x", by).run()
    assert due_on(tale) == due


def test_boxes_may_be_ticked_while_a_handover_is_on_hold():
    tale = ready().say("hold until 2026-11-10: x", "carol").run().tick("2.1", "ben").run()
    assert stage_and_alarms(tale) == ("finish", [])
    assert tale.judge().hold is not None


# --- on hold: what is said --------------------------------------------------------------------------------------------


def test_a_hold_is_shown_and_answered_to_who_asked_and_to_the_manager():
    tale = review()
    told = told_since(tale, lambda tale: tale.say("hold until 2026-11-10: the customer moves", "carol").run().run())
    assert subjects(told) == ["answer:hold"]
    assert "@carol, @mia This handover is on hold until Tuesday, 2026-11-10" in tale.pings[-1]
    assert "On hold until Tuesday, 2026-11-10, as `carol` asked: `the customer moves`." in tale.status
    finding = get_finding(tale.judge(), "on-hold")
    assert (finding.is_alarm, tale.judge().stage, tale.judge().hold.until) == (False, "review", "2026-11-10")
    assert tale.stage_labels == {REVIEW}


@pytest.mark.parametrize("day", ["2026-11-05T12:00", "2026-11-06T12:00", "2026-11-20T12:00", "2027-01-20T12:00"])
def test_nothing_is_due_soon_or_overdue_while_a_handover_is_on_hold(day):
    tale = at(review(), "2026-11-04T09:00").say("hold until 2027-01-29: x", "ben").run()
    assert told_since(tale, lambda tale: at(tale, day).run()) == []
    assert {code for code, _ in found(tale.judge())} == {"item-open", "on-hold"}
    assert not {"limit-at-risk", "limit-missed"} & set(tale.labels)


@pytest.mark.parametrize(("body", "by"), [("hold until 2026-11-10: x", "carol"), ("hold until 2026-11-10: x", "ben")])
def test_a_hold_wakes_by_itself_on_its_day_with_one_ping(body, by):
    tale = at(review(), "2026-11-03T09:00").say(body, by).run()
    assert told_since(tale, lambda tale: at(tale, "2026-11-09T23:58").run()) == []
    assert tale.judge().hold is not None
    assert told_since(tale, lambda tale: at(tale, "2026-11-10T00:00").run()) == TURN_AFTER_HOLD
    assert "@ben, it is your turn" in tale.pings[-1]
    assert "until the end of **Friday, 2026-11-13**" in tale.pings[-1]
    assert (tale.judge().hold, "On hold until" in tale.status) == (None, False)
    assert told_since(tale, lambda tale: tale.run().wait(hours=8).run()) == []


def test_a_hold_in_the_first_stage_wakes_whoever_must_act_there():
    tale = Tale().run().say("hold until 2026-11-10: x", "carol").run()
    told = told_since(tale, lambda tale: at(tale, "2026-11-10T00:00").run().run())
    assert subjects(told) == ["turn:ready"]
    assert "@carol, it is your turn" in tale.pings[-1]


def test_resume_ends_a_hold_before_its_day_with_one_ping():
    tale = at(review(), "2026-11-03T09:00").say("hold until 2026-11-20: x", "ben").run()
    told = told_since(tale, lambda tale: at(tale, "2026-11-04T09:00").say("resume", "carol").run().run())
    assert (sorted(subjects(told)), tale.judge().hold) == (["answer:resume", "turn:review"], None)
    assert "@ben, it is your turn" in tale.pings[-1]
    assert "@carol, @mia This handover goes on, as `carol` asked." in tale.pings[-1]
    assert "turn:review" not in subjects(told_since(tale, lambda tale: at(tale, "2026-11-20T00:00").run()))


def test_a_gate_passed_on_hold_is_told_when_the_hold_is_over_and_once():
    tale = at(ready(), "2026-11-03T09:00").say("hold until 2026-11-10: x", "carol").run()
    assert told_since(tale, lambda tale: tale.tick("2.1", "ben").run()) == []
    told = told_since(tale, lambda tale: at(tale, "2026-11-10T00:00").run().run().wait(days=1).run())
    assert subjects(told) == ["turn:finish"]


def test_a_new_hold_replaces_the_old_one_on_the_day_of_which_nobody_is_woken():
    tale = at(review(), "2026-11-03T09:00").say("hold until 2026-11-05: x", "ben").run()
    at(tale, "2026-11-04T09:00").say("hold until 2026-11-10: y", "carol").run()
    assert (tale.judge().hold.until, tale.judge().hold.reason) == ("2026-11-10", "y")
    assert told_since(tale, lambda tale: at(tale, "2026-11-05T00:00").run()) == []
    assert len(told_since(tale, lambda tale: at(tale, "2026-11-10T00:00").run().run())) == 1


def test_what_was_overdue_before_the_hold_stays_so_and_calls_nobody_else_meanwhile():
    """On 9 November, the second working day after the limit, the manager would be called."""
    tale = at(review(), "2026-11-06T09:00").run()
    called = at(tale.copy(), "2026-11-09T10:00").run()
    assert "@mia" in called.pings[-1]
    at(tale, "2026-11-09T09:00").say("hold until 2026-11-20: x", "ben")
    assert subjects(told_since(tale, lambda tale: at(tale, "2026-11-09T10:00").run())) == ["answer:hold"]
    assert told_since(tale, lambda tale: at(tale, "2026-11-12T09:00").run()) == []
    assert ("overdue", "") in found(tale.judge())


def test_what_was_due_soon_is_no_longer_so_while_on_hold():
    """The last two of the ten working days are 16 and 17 November."""
    tale = at(Tale.of_the_real_process().run(), "2026-11-16T09:00").run()
    assert ("due-soon", "") in found(tale.judge())
    at(tale, "2026-11-17T09:00").say("hold until 2026-11-30: x", "carol").run()
    assert ("due-soon", "") not in found(tale.judge())
    assert "limit-at-risk" not in tale.labels


@pytest.mark.parametrize(
    ("body", "by", "words"),
    [
        ("hold until 2026-12-10", "ben", "no-reason"),
        ("hold until 2026-12-10:", "ben", "no-reason"),
        ("hold until 2026-12-10: TBD", "ben", "no-reason"),
        ("hold: x", "ben", "no-date"),
        ("hold", "ben", "no-date"),
        ("hold until Friday: x", "ben", "no-date"),
        ("hold until 10.12.2026: x", "ben", "no-date"),
        ("hold until 2026-11-31: x", "ben", "no-date"),
        ("hold until 2026-11-02: x", "ben", "past-date"),
        ("hold until 2026-11-01: x", "ben", "past-date"),
        ("hold until 2025-12-10: x", "ben", "past-date"),
        ("hold until 2027-02-01: x", "ben", "too-far"),
        ("hold until 9999-12-31: x", "ben", "too-far"),
        ("hold until 2026-12-10: x", "alex", "wrong-person"),
        ("hold until 2026-12-10: x", "dave", "wrong-person"),
        ("hold until 2026-12-10: x", "eve", "wrong-person"),
        ("resume", "ben", "not-held"),
        ("resume: let us go on", "eve", "wrong-person"),
    ],
)
def test_a_hold_that_is_refused_changes_nothing_and_is_answered_once(body, by, words):
    tale = review()
    before = seen(tale.judge())
    told = told_since(tale, lambda tale: tale.say(body, by).run().run().tick("7.1", "dana").run())
    verdict = tale.judge()
    assert get_finding(verdict, "command-invalid").words == f"command-invalid.{words}"
    assert seen(verdict)[0] == before[0]
    assert (verdict.hold, verdict.limit.due_at) == (None, before[-1])
    assert subjects(told) == [f"command-invalid:{body.split()[0].rstrip(':')}"]
    assert f"@{by} You wrote" in tale.pings[-1]


def test_a_hold_may_last_ninety_days():
    assert review().say("hold until 2027-01-31: x", "ben").run().judge().hold.until == "2027-01-31"


def test_a_hold_that_is_refused_leaves_the_one_before_it_as_it_was():
    tale = review().say("hold until 2026-11-20: x", "ben").run().say("hold until Friday: y", "ben").run()
    assert (tale.judge().hold.until, tale.judge().hold.reason) == ("2026-11-20", "x")


def test_resume_after_the_day_of_the_hold_finds_nothing_to_end():
    tale = at(review(), "2026-11-03T09:00").say("hold until 2026-11-05: x", "ben").run()
    before = due_on(tale)
    at(tale, "2026-11-05T09:00").say("resume", "ben").run()
    assert get_finding(tale.judge(), "command-invalid").words == "command-invalid.not-held"
    assert due_on(tale) == before


# --- waivers ----------------------------------------------------------------------------------------------------------


def waived(until="2026-11-20", by="mia", body="waive 1.1: nobody uses it, until {}"):
    """The small process: 1.1 is open and waived, as a run saw, and everything else of its stage is done."""
    return Tale(comments_per_day=50).finish("ready", but=["1.1"]).say(body.format(until), by).run()


@pytest.mark.parametrize("until", ["2026-11-02", "2026-11-20", "2028-11-20"])
def test_a_waived_box_passes_its_gate_and_is_never_called_done(until):
    tale = waived(until)
    verdict = tale.judge()
    assert (verdict.stage, verdict.boxes["1.1"], alarms(verdict)) == ("review", "waived", [])
    assert "gate-missed" not in tale.labels
    assert "nobody uses it" in tale.status


def test_a_waiver_is_answered_to_the_manager_once():
    tale = waived().run()
    assert subjects(tale.told) == ["turn:review", "answer:waive"]
    assert "@mia **1.1** (Plans are closed) is waived until Friday, 2026-11-20: `nobody uses it`." in tale.pings[-1]


def test_a_waiver_alone_passes_no_gate_while_other_boxes_are_open():
    tale = Tale().tick("1.1", "carol").say("waive 1.2: x, until 2026-11-20", "mia").run()
    assert (tale.judge().stage, tale.judge().boxes["1.2"]) == ("ready", "waived")


@pytest.mark.parametrize(
    ("body", "by", "words"),
    [
        ("waive 1.1: x, until 2026-11-20", "carol", "wrong-person"),
        ("waive 1.1: x, until 2026-11-20", "ben", "wrong-person"),
        ("waive 1.1: x, until 2026-11-20", "eve", "wrong-person"),
        ("waive 2.1: x, until 2026-11-20", "mia", "needs-signature"),
        ("waive 3.4: x, until 2026-11-20", "mia", "needs-signature"),
        ("waive 2.1: x, until 2026-11-20", "ben", "wrong-person"),
        ("waive 3.3: x, until 2026-11-20", "mia", "unknown-box"),
        ("waive 8.8: x, until 2026-11-20", "mia", "unknown-box"),
        ("waive: x, until 2026-11-20", "mia", "unclear"),
        ("waive 1.1: x", "mia", "no-date"),
        ("waive 1.1", "mia", "no-date"),
        ("waive 1.1: x, until Friday", "mia", "no-date"),
        ("waive 1.1: until 2026-11-20", "mia", "no-reason"),
        ("waive 1.1: TBD, until 2026-11-20", "mia", "no-reason"),
        ("waive 1.1: x, until 2026-11-01", "mia", "past-date"),
    ],
)
def test_a_waiver_that_is_refused_changes_nothing_and_is_answered_once(body, by, words):
    tale = Tale().finish("ready", but=["1.1"]).run()
    before = tale.judge()
    told = told_since(tale, lambda tale: tale.say(body, by).run().run())
    verdict = tale.judge()
    assert get_finding(verdict, "command-invalid").words == f"command-invalid.{words}"
    assert (verdict.stage, verdict.boxes) == ("ready", before.boxes)
    assert len(told) == 1
    assert f"@{by} You wrote" in tale.pings[-1]


def test_a_waiver_holds_on_its_last_day_and_not_on_the_next():
    tale = waived("2026-11-05")
    at(tale, "2026-11-05T23:58").run()
    assert (tale.judge().stage, tale.judge().boxes["1.1"]) == ("review", "waived")
    at(tale, "2026-11-06T00:00").run()
    assert (tale.judge().stage, tale.judge().boxes["1.1"]) == ("ready", "open")


def test_the_end_of_a_waiver_is_told_to_the_manager_once():
    tale = waived("2026-11-05")
    told = told_since(tale, lambda tale: at(tale, "2026-11-06T09:00").run().run().wait(days=3).run())
    assert len(told) == 1
    assert "@mia The waiver of **1.1** (Plans are closed) ended on Thursday, 2026-11-05" in tale.pings[-1]
    assert get_finding(tale.judge(), "command-invalid", "1.1").words == "command-invalid.expired"


def test_a_waiver_may_be_given_anew():
    tale = waived("2026-11-05")
    at(tale, "2026-11-06T09:00").run().say("waive 1.1: still nobody, until 2026-11-20", "mia").run()
    assert (tale.judge().stage, tale.judge().boxes["1.1"], alarms(tale.judge())) == ("review", "waived", [])


@pytest.mark.parametrize(("first", "second"), [("2026-11-05", "2026-11-20"), ("2026-11-20", "2026-11-05")])
def test_the_last_waiver_of_a_box_counts(first, second):
    tale = waived(first).say(f"waive 1.1: once more, until {second}", "mia").run()
    at(tale, "2026-11-06T09:00").run()
    assert tale.judge().boxes["1.1"] == ("waived" if second == "2026-11-20" else "open")


@pytest.mark.parametrize(
    "do",
    [lambda tale: tale.tick("1.1", "carol"), lambda tale: tale.say("sign off 1.1", "carol")],
    ids=["tick", "comment"],
)
def test_a_waived_box_that_is_done_after_all_is_done_and_stays_so(do):
    tale = do(waived("2026-11-05")).run()
    assert tale.judge().boxes["1.1"] == "done"
    at(tale, "2026-11-06T09:00").run()
    assert (tale.judge().stage, tale.judge().boxes["1.1"], alarms(tale.judge())) == ("review", "done", [])


def test_a_waived_box_that_is_ticked_and_unticked_is_waived_as_before():
    tale = waived().tick("1.1", "carol").run().untick("1.1", "carol").run()
    assert (tale.judge().stage, tale.judge().boxes["1.1"]) == ("review", "waived")


def test_a_waiver_of_a_box_that_is_ticked_leaves_it_done():
    tale = ready().say("waive 1.1: x, until 2026-11-05", "mia").run()
    assert tale.judge().boxes["1.1"] == "done"
    at(tale, "2026-11-06T09:00").run()
    assert stage_and_alarms(tale) == ("review", [])


def test_a_complete_handover_is_not_taken_back_when_a_waiver_ends():
    tale = waived("2026-11-05").tick("2.1", "ben").run().finish("finish").run()
    assert stage_and_alarms(tale) == ("complete", [])
    told = told_since(tale, lambda tale: at(tale, "2026-11-20T09:00").run())
    assert (told, tale.judge().stage, tale.judge().boxes["1.1"], tale.plan()) == ([], "complete", "waived", ())


def test_a_sign_off_after_a_waiver_is_not_early():
    assert stage_and_alarms(waived().say("sign off 2.1", "ben").run()) == ("finish", [])


def test_a_sign_off_before_the_waiver_that_opened_its_gate_is_early():
    tale = Tale().finish("ready", but=["1.1"]).tick("2.1", "ben").say("waive 1.1: x, until 2026-11-20", "mia").run()
    assert stage_and_alarms(tale) == ("review", [("sign-off-early", "2.1")])


def test_a_sign_off_after_the_end_of_a_waiver_is_early():
    tale = at(waived("2026-11-05"), "2026-11-06T00:00").say("sign off 2.1", "ben").run()
    assert ("sign-off-early", "2.1") in alarms(tale.judge())


def test_whoever_signed_while_a_waiver_was_in_force_is_not_accused_when_it_ends():
    tale = at(waived("2026-11-05").tick("2.1", "ben"), "2026-11-06T09:00").run()
    assert stage_and_alarms(tale) == ("ready", [("command-invalid", "1.1")])


def test_a_box_that_is_gone_is_not_waived():
    tale = waived().drop("1.1", "carol").run()
    assert stage_and_alarms(tale) == ("ready", [("item-missing", "1.1")])


def test_a_waiver_reads_the_real_process_too():
    tale = Tale.of_the_real_process().finish("pre-handover", but=["1.4", "1.5"])
    tale.say("waive 1.4, 1.5: Gainsight is being replaced, until 2026-11-30", "mia").run()
    verdict = tale.judge()
    assert (verdict.stage, verdict.boxes["1.4"], verdict.boxes["1.5"]) == ("review", "waived", "waived")


# --- cancelled --------------------------------------------------------------------------------------------------------


def cancelled(start=ready):
    return start().say("cancel: the contract has ended", "mia").run()


@pytest.mark.parametrize("start", [Tale, ready, review, lambda: ready().tick("2.1", "eve").run()])
def test_a_cancelled_handover_carries_one_label_and_no_flag_and_nobody_must_act(start):
    tale = cancelled(start)
    verdict = tale.judge()
    assert (verdict.stage, tale.labels) == ("cancelled", (f"{tale.process.id}::cancelled",))
    assert (found(verdict), verdict.acting, alarms(verdict)) == ({("cancelled", "")}, {}, [])
    assert (verdict.limit, verdict.whole, verdict.hold) == (None, None, None)
    assert "`mia` cancelled this handover: `the contract has ended`." in tale.status


def test_a_cancellation_is_answered_to_the_manager_once():
    tale = ready()
    told = told_since(tale, lambda tale: tale.say("cancel: x", "mia").run().run())
    assert subjects(told) == ["answer:cancel"]
    assert "@mia This handover is cancelled: `x`." in tale.pings[-1]


@pytest.mark.parametrize(
    ("body", "by", "words"),
    [
        ("cancel: x", "carol", "wrong-person"),
        ("cancel: x", "ben", "wrong-person"),
        ("cancel: x", "eve", "wrong-person"),
        ("cancel:", "mia", "no-reason"),
        ("cancel", "mia", "no-reason"),
        ("cancel: ...", "mia", "no-reason"),
    ],
)
def test_a_cancellation_that_is_refused_changes_nothing_and_is_answered_once(body, by, words):
    tale = ready()
    labels = tale.labels
    told = told_since(tale, lambda tale: tale.say(body, by).run().run())
    assert get_finding(tale.judge(), "command-invalid").words == f"command-invalid.{words}"
    assert (tale.judge().stage, tale.labels) == ("review", labels)
    assert subjects(told) == ["command-invalid:cancel"]


@pytest.mark.parametrize(
    "act",
    [
        lambda tale: tale.close(),
        lambda tale: tale.tick("2.1", "ben"),
        lambda tale: tale.tick("2.1", "eve").tick("3.3", "eve"),
        lambda tale: tale.untick("1.1", "carol"),
        lambda tale: tale.drop("1.1", "eve"),
        lambda tale: tale.write("Customer", "_name_", "eve"),
        lambda tale: tale.write("Owner", "@chloe", "carol"),
        lambda tale: tale.say("sign off 2.1", "ben"),
        lambda tale: tale.say("send back: x", "ben"),
        lambda tale: tale.say("hold until 2026-12-10: x", "ben"),
        lambda tale: tale.say("hold until Friday: x", "carol"),
        lambda tale: tale.say("waive 1.1: x, until 2026-12-10", "mia"),
        lambda tale: tale.say("cancel: once more", "mia"),
        lambda tale: tale.say("cancel: me too", "eve"),
        lambda tale: tale.say("resume", "carol"),
        lambda tale: tale.say("resume: please", "eve"),
        lambda tale: tale.reword_comment("resume"),
        lambda tale: tale.delete_comment(),
        lambda tale: tale.wait(days=200),
    ],
)
def test_nothing_more_is_said_of_a_cancelled_handover_whatever_people_do(act):
    tale = cancelled()
    assert told_since(tale, lambda tale: act(tale).run().run()) == []
    assert (tale.judge().stage, tale.labels) == ("cancelled", ("small::cancelled",))
    assert tale.plan() == ()


def test_closing_a_cancelled_handover_is_right():
    tale = cancelled(review).close()
    assert found(tale.judge()) == {("cancelled", "")}
    assert tale.run().plan() == ()


def test_a_handover_closed_before_it_was_cancelled_is_no_longer_closed_too_early():
    tale = ready().close().run()
    assert alarms(tale.judge()) == [("closed-early", "")]
    assert found(tale.say("cancel: x", "mia").run().judge()) == {("cancelled", "")}


def test_the_manager_takes_a_cancellation_back():
    tale = cancelled(review)
    told = told_since(tale, lambda tale: at(tale, "2026-11-04T09:00").say("resume", "mia").run().run())
    verdict = tale.judge()
    assert (verdict.stage, alarms(verdict), tale.stage_labels) == ("review", [], {REVIEW})
    assert sorted(subjects(told)) == ["answer:resume", "turn:review"]
    assert "@ben, it is your turn" in tale.pings[-1]
    assert "@mia This handover goes on, as `mia` asked." in tale.pings[-1]


@pytest.mark.parametrize("by", ["carol", "ben", "eve"])
def test_nobody_but_the_manager_takes_a_cancellation_back(by):
    assert cancelled().say("resume", by).run().judge().stage == "cancelled"


def test_what_was_commanded_while_a_handover_was_cancelled_is_not_heard_later():
    tale = cancelled().say("sign off 2.1", "ben").run().say("resume", "mia").run()
    assert (tale.judge().stage, tale.judge().boxes["2.1"]) == ("review", "open")


def test_a_handover_may_be_cancelled_while_on_hold_and_the_hold_does_not_come_back():
    tale = review().say("hold until 2026-11-20: x", "ben").run().say("cancel: y", "mia").run()
    assert (tale.judge().stage, tale.judge().hold) == ("cancelled", None)
    tale.say("resume", "mia").run()
    assert (tale.judge().stage, tale.judge().hold) == ("review", None)


def test_a_handover_may_be_cancelled_a_second_time():
    tale = cancelled().say("resume", "mia").run().say("cancel: now for good", "mia").run()
    assert (tale.judge().stage, tale.labels) == ("cancelled", ("small::cancelled",))


# --- deputies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        ("2026-11-02T09:00", False),
        ("2026-11-02T23:59", False),
        ("2026-11-03T00:00", True),
        ("2026-11-04T12:00", True),
        ("2026-11-05T23:59", True),
        ("2026-11-06T00:00", False),
    ],
)
@pytest.mark.parametrize("way", ["tick", "comment"])
def test_a_deputy_signs_only_within_the_dates(moment, may, way):
    tale = at(ready(directory=away(ben="2026-11-03..2026-11-05 chloe")), moment)
    tale = tale.tick("2.1", "chloe") if way == "tick" else tale.say("sign off 2.1", "chloe")
    trouble = "signer-wrong.deputy" if way == "tick" else "command-invalid.wrong-person"
    verdict = tale.run().judge()
    assert verdict.stage == ("finish" if may else "review")
    assert [each.words for each in verdict.findings if each.is_alarm] == ([] if may else [trouble])


def test_the_days_of_a_deputy_are_those_where_the_absent_person_lives():
    calendars = Calendars(
        own={"ben": Calendar("DE", "", "Europe/Berlin")},
        away={"ben": (Absence(date(2026, 11, 3), date(2026, 11, 5), "chloe"),)},
    )
    begun = ready(directory=make_directory(calendars=calendars))
    assert at(begun.copy(), "2026-11-02T18:01").tick("2.1", "chloe").judge().stage == "finish"
    assert at(begun.copy(), "2026-11-02T17:59").tick("2.1", "chloe").judge().stage == "review"
    assert at(begun.copy(), "2026-11-05T18:01").tick("2.1", "chloe").judge().stage == "review"


@pytest.mark.parametrize("by", ["ben", "chloe"])
def test_what_was_signed_in_the_dates_counts_long_after_them(by):
    """Whoever is away and signs all the same may do so."""
    tale = ready(directory=away(ben="2026-11-02..2026-11-05 chloe")).tick("2.1", by).run()
    assert stage_and_alarms(tale.wait(days=30).run()) == ("finish", [])
    assert without_status(tale).judge().stage == "finish"


def test_a_deputy_is_addressed_and_named_as_a_deputy():
    tale = review(directory=away(ben="2026-11-02..2026-11-05 chloe"))
    assert "@chloe, it is your turn" in tale.pings[-1]
    assert "@ben" not in tale.pings[-1]
    assert "It is the turn of `chloe` as deputy of `ben` (CSE Territory Owner)." in tale.status
    assert tale.judge().acting == {"cse_territory_owner": ("chloe",)}
    at(tale, "2026-11-06T00:00").run()
    assert "It is the turn of `ben` (CSE Territory Owner)." in tale.status


def test_what_a_deputy_signed_counts_when_the_directory_has_forgotten_the_absence():
    tale = ready(directory=away(ben="2026-11-02..2026-11-05 chloe")).say("sign off 2.1", "chloe").run()
    tale.directory = make_directory()
    assert stage_and_alarms(tale.run()) == ("finish", [])


@pytest.mark.parametrize(
    ("body", "is_true"),
    [
        ("send back: the seats", lambda verdict: verdict.stage == "pre-handover"),
        ("hold until 2026-11-20: x", lambda verdict: verdict.hold is not None),
        ("sign off 2.1", lambda verdict: verdict.boxes["2.1"] == "done"),
    ],
)
def test_a_deputy_commands_what_the_absent_person_may(body, is_true):
    assert is_true(review(directory=away(ben="2026-11-02..2026-11-05 chloe")).say(body, "chloe").run().judge())
    assert not is_true(review().say(body, "chloe").run().judge())


@pytest.mark.parametrize(("body", "stage"), [("cancel: x", "cancelled"), ("hold until 2026-11-20: x", "review")])
def test_a_deputy_of_the_manager_named_in_the_issue_cancels(body, stage):
    tale = review(directory=away(mia="2026-11-02..2026-11-05 zoe")).say(body, "zoe").run()
    assert tale.judge().stage == stage


def test_a_deputy_of_a_deputy_signs_while_both_are_away():
    tale = ready(directory=away(ben="2026-11-02..2026-11-05 chloe", chloe="2026-11-02..2026-11-03 zoe"))
    assert tale.copy().tick("2.1", "zoe").judge().stage == "finish"
    assert tale.copy().tick("2.1", "chloe").judge().stage == "review"
    assert at(tale.copy(), "2026-11-04T09:00").tick("2.1", "zoe").judge().stage == "review"
    assert at(tale.copy(), "2026-11-04T09:00").tick("2.1", "chloe").judge().stage == "finish"


@pytest.mark.parametrize(
    ("absent", "code", "by"),
    [
        ({"ben": "2026-11-02..2026-11-30 carol"}, "2.1", "carol"),
        ({"ben": "2026-11-02..2026-11-30 dave", "dave": "2026-11-02..2026-11-30 carol"}, "2.1", "carol"),
        ({"carol": "2026-11-02..2026-11-30 ben"}, "3.4", "ben"),
        ({"carol": "2026-11-02..2026-11-30 eve", "eve": "2026-11-02..2026-11-30 ben"}, "3.4", "ben"),
    ],
    ids=["the CSM for the owner", "the CSM by a detour", "the owner for the CSM", "the owner by a detour"],
)
@pytest.mark.parametrize("way", ["tick", "comment"])
def test_nobody_stands_in_for_the_other_side_of_the_handover(absent, code, by, way):
    tale = Tale(directory=away(**absent), comments_per_day=50)
    tale.finish("ready").run()
    stage = "review"
    if code == "3.4":
        tale.tick("2.1", "ben").tick("3.1", "carol").tick("3.2", "dana").run()
        stage = "finish"
    tale = (tale.tick(code, by) if way == "tick" else tale.say(f"sign off {code}", by)).run()
    assert tale.judge().stage == stage
    assert f"as deputy of `{'ben' if code == '2.1' else 'carol'}`" not in tale.status
    assert "due-soon" in {finding.code for finding in tale.judge().findings}


# --- away with nobody in their place ----------------------------------------------------------------------------------


ABSENT = {
    "no deputy": {"ben": "2026-11-02..2026-11-13"},
    "a circle": {"ben": "2026-11-02..2026-11-13 chloe", "chloe": "2026-11-02..2026-11-13 ben"},
    "their own deputy": {"ben": "2026-11-02..2026-11-13 ben"},
    "a deputy who is away too": {"ben": "2026-11-02..2026-11-13 chloe", "chloe": "2026-11-02..2026-11-13"},
    "a deputy who is no member": {"ben": "2026-11-02..2026-11-13 stranger"},
    "the CSM": {"ben": "2026-11-02..2026-11-13 carol"},
}


@pytest.mark.parametrize("absent", [pytest.param(each, id=name) for name, each in ABSENT.items()])
def test_the_manager_is_told_at_once_and_once_that_nobody_acts(absent):
    tale = Tale.of_the_real_process(directory=away(**absent), comments_per_day=50).run()
    told = told_since(tale, lambda tale: tale.finish("pre-handover").run().run().wait(days=1).run())
    assert subjects(told) == ["turn:review", "due-soon:away"]
    assert "@mia It is the turn of `ben` (CSE Territory Owner), who is away until 2026-11-13" in tale.pings[-1]
    assert get_finding(tale.judge(), "due-soon").words == "due-soon.away"
    assert tale.stage_labels == {REVIEW}


@pytest.mark.parametrize("by", ["chloe", "carol", "mia"])
def test_in_a_circle_nobody_else_signs(by):
    tale = ready(directory=away(ben="2026-11-02..2026-11-13 chloe", chloe="2026-11-02..2026-11-13 ben"))
    assert stage_and_alarms(tale.tick("2.1", by).run()) == ("review", [("due-soon", ""), ("signer-wrong", "2.1")][::-1])


def test_who_is_back_is_no_longer_told_of():
    tale = review(directory=away(ben="2026-11-02..2026-11-03"))
    at(tale, "2026-11-04T00:00").run()
    assert "due-soon.away" not in {finding.words for finding in tale.judge().findings}


def test_working_days_away_without_a_deputy_do_not_count():
    tale = review(directory=away(ben="2026-11-03..2026-11-04"))
    assert due_on(tale) == "Mon 2026-11-09"


def test_nobody_is_told_that_somebody_is_away_whose_turn_it_is_not():
    tale = review(directory=away(carol="2026-11-03..2026-11-20", alex="2026-11-02..2026-11-20"))
    assert found(at(tale, "2026-11-03T09:00").run().judge()) == {
        ("item-open", code) for code in ("2.1", "2.2", "2.3", "2.4")
    }


def test_while_the_manager_is_away_too_somebody_else_is_told():
    tale = review(directory=away(ben="2026-11-02..2026-11-13", mia="2026-11-02..2026-11-13 zoe"))
    assert get_finding(tale.judge(), "due-soon").people == ("zoe",)


# --- laws -------------------------------------------------------------------------------------------------------------

STORIES = {
    "a sign-off": lambda: ready().say("sign off 2.1", "ben"),
    "a sign-off of the real process": lambda: review().say("sign off 2.1, 2.2, 2.3, 2.4", "ben"),
    "an early sign-off": lambda: Tale().run().say("sign off 2.1", "ben").run().finish("ready"),
    "a stale sign-off": lambda: ready().say("sign off 2.1", "ben").run().write("Customer", "Globex", "carol"),
    "a sign-off sent back": lambda: ready().say("sign off 2.1", "ben").run().say("send back: x", "ben"),
    "a return answered by comment": lambda: (
        ready().say("sign off 2.1", "ben").run().say("send back: x", "ben").run().say("sign off 1.10", "carol")
    ),
    "a sign-off taken back": lambda: (
        ready().say("sign off 2.1", "ben").run().tick("2.1", "ben").run().untick("2.1", "ben")
    ),
    "the CSM ticks for the AE": agreed_by_the_ae,
    "a refused sign-off": lambda: ready().say("sign off 2.1", "carol").run().say("sign off 9.9", "eve"),
    "an ordinary box by comment": lambda: Tale().finish("ready", but=["1.1"]).run().say("sign off 1.1", "carol"),
    "on hold": lambda: review().say("hold until 2026-11-20: x", "carol"),
    "a hold that is over": lambda: at(review().say("hold until 2026-11-04: x", "carol").run(), "2026-11-04T09:00"),
    "resumed": lambda: review().say("hold until 2026-11-20: x", "carol").run().say("resume", "mia"),
    "held twice": lambda: (
        review().say("hold until 2026-11-20: x", "ben").run().say("hold until 2026-11-10: y", "carol")
    ),
    "waived": lambda: Tale().finish("ready", but=["1.1"]).run().say("waive 1.1: x, until 2026-11-20", "mia"),
    "a waiver that is over": lambda: at(waived("2026-11-05"), "2026-11-06T09:00"),
    "waived and done": lambda: waived("2026-11-05").tick("1.1", "carol"),
    "cancelled": lambda: review().say("cancel: x", "mia"),
    "a cancellation taken back": lambda: review().say("cancel: x", "mia").run().say("resume", "mia"),
    "a deputy": lambda: ready(directory=away(ben="2026-11-02..2026-11-05 chloe")).say("sign off 2.1", "chloe"),
    "away": lambda: Tale.of_the_real_process(directory=away(ben="2026-11-02..2026-11-13")).run().finish("pre-handover"),
    "everything in one comment": lambda: review().say(
        "sign off 2.1\nsend back: x\nhold until 2026-11-20: y\nwaive 1.5: z, until 2026-11-20\ncancel: now", "ben"
    ),
}
stories = pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in STORIES.items()])


@stories
def test_a_second_run_plans_nothing_though_people_talk(story):
    tale = story().run()
    assert tale.plan() == ()
    assert tale.say("Thank you all, I hold on until Friday.", "eve").plan() == ()


@stories
def test_when_the_status_comment_is_lost_the_verdict_is_the_same_and_nothing_is_told_twice(story):
    tale = story().run()
    before, told = seen(tale.judge()), Counter(tale.told)
    assert seen(without_status(tale).judge()) == before
    tale.run()
    assert (seen(tale.judge()), Counter(tale.told), tale.plan()) == (before, told, ())


@stories
def test_a_run_that_is_killed_anywhere_ends_like_one_that_is_not(story):
    tale = story()
    whole = tale.copy().run().run()
    for number in range(len(tale.plan()) + 1):
        killed = tale.copy().run(only=number).run().run()
        assert (killed.labels, killed.status, Counter(killed.told)) == (whole.labels, whole.status, Counter(whole.told))
        assert (seen(killed.judge()), killed.plan()) == (seen(whole.judge()), ())


@pytest.mark.parametrize("name", [name for name in STORIES if name != "a stale sign-off"])
def test_whether_runs_come_in_between_changes_no_verdict(name):
    """The story is told once more as one run at its end sees it. What a text said before, GitLab does not tell."""
    tale = STORIES[name]()
    late = tale.copy()
    late.notes = [note for note in late.notes if note.author.id != late.seal.bot_id]
    late.labels = ()
    known, unknown = tale.run().judge(), late.run().judge()
    assert (known.stage, known.boxes, known.hold) == (unknown.stage, unknown.boxes, unknown.hold)
