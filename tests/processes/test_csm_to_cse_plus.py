"""The rules of CSM to CSE+ that stop or accuse somebody, each named by its row of the source and broken by people.

The handover begins on Monday, 2 November 2026; 11 November is a holiday in New York, not in Berlin.
"""

from datetime import UTC, datetime

import pytest

from automation.core.workdays import Calendar, Calendars
from tests.builders import Tale, alarms, get_finding, make_directory, real_process

STAGES = [stage.key for stage in real_process().stages]
BEN_IN_BERLIN = Calendars(own={"ben": Calendar("DE", "BE", "Europe/Berlin")})


def reached(stage, **options):
    """Let the right people do all that comes before *stage*, on the first day."""
    story = Tale.of_the_real_process(**options)
    for each in STAGES[: STAGES.index(stage)]:
        story.finish(each)
    assert story.judge().stage == stage
    return story


def on(story, day, hour=12):
    story.now = datetime(2026, 11, 1, hour, tzinfo=UTC).replace(day=day)
    return story


def overdue(story):
    """Return what is overdue, with the rows of the source behind it."""
    return {each.about: each.source for each in story.judge().findings if each.code == "overdue"}


def stage_and_alarms(story):
    verdict = story.judge()
    return verdict.stage, alarms(verdict)


# --- the order of things ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "box", "by"), [
    ("pre-handover", "2.1", "ben"),
    ("review", "3.1", "mia"),
    ("manager-actions", "4.1", "carol"),
    ("handover-call", "5.1", "carol"),
    ("customer-communication", "6.1", "carol"),
])  # fmt: skip
def test_s0_6_no_step_comes_before_the_one_that_the_process_puts_first(stage, box, by):
    story = reached(stage).tick(box, by)
    assert story.judge().stage == stage
    assert box in {item for code, item in alarms(story.judge()) if code in ("gate-skipped", "sign-off-early")}


def test_s0_9_the_csm_cannot_pass_the_review():
    story = reached("review").finish("review", but=["2.4"]).tick("2.4", "carol")
    assert stage_and_alarms(story) == ("review", [("signer-wrong", "2.4")])


def test_s0_10_issues_found_send_the_handover_back_to_the_cleanup():
    story = reached("review").tick("2.1", "ben").say("send back: two success plans are open", "ben")
    assert story.judge().stage == "pre-handover"
    assert "two success plans are open" in get_finding(story.judge(), "sent-back").facts["reason"]
    assert story.retick("1.10", "carol").judge().stage == "review"


def test_s0_11_checks_without_the_approval_do_not_open_the_manager_actions():
    story = reached("review").finish("review", but=["2.4"])
    assert story.judge().stage == "review"
    assert story.tick("2.4", "ben").judge().stage == "manager-actions"


def test_s0_33_what_the_manager_signed_before_the_approval_must_be_signed_again():
    story = reached("review").tick("3.1", "mia").tick("3.2", "mia").tick("3.3", "mia").finish("review")
    assert stage_and_alarms(story) == ("manager-actions", [("sign-off-early", "3.3")])
    assert stage_and_alarms(story.retick("3.3", "mia")) == ("handover-call", [])


def test_s0_46_a_letter_that_is_sent_before_the_ae_agreed_is_found():
    story = reached("customer-communication").tick("5.1", "carol").tick("5.3", "carol")
    assert stage_and_alarms(story) == ("customer-communication", [("out-of-order", "5.3")])
    assert alarms(story.tick("5.2", "carol").judge()) == [("signer-wrong", "5.2"), ("out-of-order", "5.3")]


def test_s0_59_the_outgoing_csm_cannot_sign_for_cse_plus():
    """Carol is in the pool of CSEs too, but she hands this account over."""
    story = reached("completion").finish("completion", but=["6.3"])
    assert stage_and_alarms(story) == ("completion", [])
    assert stage_and_alarms(story.tick("6.3", "carol")) == ("completion", [("signer-wrong", "6.3")])


def test_s0_60_an_issue_that_is_closed_before_cse_plus_signed_was_closed_too_early():
    story = reached("completion").finish("completion", but=["6.3"]).close()
    assert "closed-early" in {code for code, _ in alarms(story.judge())}
    assert story.judge().stage == "completion"


# --- what must not happen ---------------------------------------------------------------------------------------------


def test_s0_4_a_cse_on_a_transition_call_with_the_customer_keeps_the_gate_shut():
    story = reached("customer-communication").tick("5.5", "carol").finish("customer-communication")
    assert stage_and_alarms(story) == ("customer-communication", [("forbidden", "5.5")])


def test_s0_15_a_transition_call_with_a_cse_is_found_even_when_it_is_owned_up_to_later():
    story = reached("completion").run().tick("5.5", "carol")
    assert get_finding(story.judge(), "forbidden", "5.5").source == ("S0-4", "S0-15", "S0-103")
    assert story.judge().stage == "customer-communication"


def test_s0_103_an_internal_sync_is_welcome_and_does_not_lift_the_ban():
    story = reached("customer-communication").write("Key points of the sync", "Two risks", "dana").tick("7.3", "dana")
    assert alarms(story.judge()) == []
    assert alarms(story.tick("5.5", "carol").judge()) == [("forbidden", "5.5")]


# --- limits and lengths -----------------------------------------------------------------------------------------------


def test_s0_5_the_whole_handover_is_overdue_after_four_weeks():
    story = reached("completion")
    assert overdue(on(story, 30)) == {}
    assert "S0-5" in overdue(on(story, 30, hour=23).wait(hours=7))["process"]


def test_s0_18_the_csm_is_late_when_pre_handover_takes_longer_than_two_weeks():
    """Ten working days, less Veterans Day: Tuesday, 17 November is the last."""
    story = reached("pre-handover")
    assert overdue(on(story, 17)) == {}
    assert "S0-18" in overdue(on(story, 18))["pre-handover"]
    assert story.judge().acting == {"csm": ("carol",)}


@pytest.mark.parametrize("stage", ["review", "manager-actions"])
def test_s0_28_review_and_approval_belong_in_week_two(stage):
    story = reached(stage)
    assert "S0-28" in overdue(on(story, 17))[stage]


def test_s0_28_the_manager_has_until_the_end_of_week_two():
    assert overdue(on(reached("manager-actions"), 16)) == {}


def test_s0_29_the_review_takes_three_working_days_of_the_reviewer_at_most():
    """It opens on Monday, the 9th; the 11th is a working day in Berlin, where Ben reviews, and none in New York."""
    story = on(Tale.of_the_real_process(directory=make_directory(calendars=BEN_IN_BERLIN)), 9).finish("pre-handover")
    assert overdue(on(story, 12)) == {}
    assert "S0-29" in overdue(on(story, 13))["review"]


def test_s0_37_the_internal_call_is_overdue_after_week_three():
    story = reached("handover-call")
    assert overdue(on(story, 23)) == {}
    assert "S0-37" in overdue(on(story, 24))["handover-call"]


def test_s0_44_the_customer_hears_of_it_by_the_end_of_week_three():
    story = reached("customer-communication")
    assert overdue(on(story, 23)) == {}
    assert "S0-44" in overdue(on(story, 24))["customer-communication"]


def test_s0_54_completion_is_overdue_after_week_four():
    story = reached("completion")
    assert overdue(on(story, 30)) == {}
    assert "S0-54" in overdue(on(story, 30, hour=23).wait(hours=7))["completion"]


@pytest.mark.parametrize(("minutes", "fits"), [("29", False), ("30", True), ("60", True), ("61", False)])
def test_s0_12_the_internal_call_lasts_30_to_60_minutes(minutes, fits):
    story = reached("handover-call").write("Length of the call in minutes", minutes, "carol").finish("handover-call")
    stopped = ("handover-call", [("field-invalid", "call_minutes")])
    assert stage_and_alarms(story) == (("customer-communication", []) if fits else stopped)


def test_s0_87_the_short_sync_of_the_cse_is_advice_and_never_the_handover_call():
    """20 minutes are as recommended, and too short for the handover call, which has a line of its own."""
    story = reached("handover-call").write("Length of the sync in minutes", "20", "dana").tick("7.3", "dana")
    story.write("Length of the call in minutes", "", "carol").finish("handover-call")
    assert stage_and_alarms(story) == ("handover-call", [("field-blank", "call_minutes")])
    sync = real_process().schema["properties"]["cse-notes"]["properties"]["sync_minutes"]
    assert (sync["minimum"], sync["maximum"]) == (15, 30)
