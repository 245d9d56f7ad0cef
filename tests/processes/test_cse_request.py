"""Requests to the CSE pool: what must hold, row by row, in issues that people get wrong."""

from __future__ import annotations

from datetime import date

import pytest

from tests.processes.walk import Walk


def tell(variant="one-to-one", **values):
    return Walk.of("cse-request", variant, {title.replace("_", " "): value for title, value in values.items()})


def test_s4_19_the_topic_is_clear_before_anybody_meets_the_customer():
    walk = tell(Topic="").finish("request").run()
    assert (walk.stage, walk.alarms) == ("request", {("field-blank", "topic")})
    walk.tick("3.1", by="dana").run()
    assert walk.stage == "request"
    assert ("gate-skipped", "3.1") in walk.alarms


def test_s4_19_only_the_ae_or_the_renewal_manager_asks():
    walk = tell().finish("request", but=["1.3"]).tick("1.3", by="dana").run()
    assert (walk.stage, walk.alarms) == ("request", {("signer-wrong", "1.3")})


def test_s4_19_a_meeting_before_the_request_is_told():
    walk = tell(Done_on="2026-10-30").until("work").finish("work").run()
    assert walk.alarms == {("too-early", "done_on")}


@pytest.mark.parametrize("word", ["Break-fix", "break-fix"])
def test_s4_22_a_bug_is_no_request_and_goes_to_support(word):
    walk = tell(Activity=word)
    assert walk.alarms == {("forbidden", "activity")}
    assert "open a support ticket" in walk.status
    assert walk.finish("request").run().stage == "request"


def test_s4_22_what_turns_out_to_be_a_bug_cannot_be_asked_for():
    walk = tell().finish("request", but=["1.2"]).run()
    assert (walk.stage, walk.todo) == ("request", {"1.2"})


def test_s4_12_an_account_of_a_csm_does_not_go_here():
    walk = tell(Looked_after_by="CSM or CSA")
    assert walk.alarms == {("forbidden", "looked_after")}


def test_s4_6_an_account_neither_at_risk_nor_in_expansion_needs_a_reason():
    walk = tell("exception", Why_a_CSE_all_the_same="").finish("request").run()
    assert (walk.stage, walk.todo) == ("request", {"exception"})


@pytest.mark.parametrize("health", ["Green", "Yellow"])
def test_s4_32_an_account_at_risk_is_red(health):
    walk = tell("at-risk", Health=health)
    assert walk.alarms == {("field-invalid", "health")}
    assert "turns red at once" in walk.status


def test_s4_34_an_escalation_is_of_one_of_two_types():
    assert tell("escalation", Type_of_escalation="").finish("request").run().todo == {"escalation_type"}
    assert tell("escalation", Type_of_escalation="Angry mail").alarms == {("field-invalid", "escalation_type")}


def test_s4_38_content_for_many_has_somebody_responsible():
    assert tell("workshop", Content_owner="").finish("request").run().todo == {"content_owner"}


def test_the_first_contact_has_three_working_days():
    walk = tell().until("first-contact")
    assert walk.verdict.limit.due_at.date() == date(2026, 11, 5)
    walk.wait(days=4).run()
    assert {code for code, _ in walk.alarms} == {"overdue"}


def test_a_further_question_has_one_working_day():
    walk = tell().until("questions")
    assert walk.verdict.limit.due_at.date() == date(2026, 11, 3)


def test_the_request_as_a_whole_has_four_weeks():
    walk = tell().until("work")
    assert walk.verdict.whole.due_at.date() == date(2026, 11, 30)


def test_a_fourth_follow_up_is_a_new_request():
    assert tell(**{"Follow-ups": "3"}).until("questions").alarms == set()
    assert tell(**{"Follow-ups": "4"}).until("questions").alarms == {("field-invalid", "follow_ups")}


@pytest.mark.parametrize(("length", "expected"), [(1000, set()), (1001, {("field-invalid", "expectations")})])
def test_the_expectations_have_a_thousand_characters(length, expected):
    assert tell(Expectations="x" * length).alarms == expected


def test_an_unclear_request_goes_back_to_whoever_asked():
    walk = tell().until("first-contact").say("send back: which teams?", by="dana").run()
    assert walk.stage == "request"
    walk.untick("1.3", by="alex").tick("1.3", by="alex").run()
    assert (walk.stage, walk.alarms) == ("first-contact", set())


def test_a_customer_who_is_not_to_be_contacted_needs_a_reason():
    walk = tell(First_contact_on="").until("first-contact").tick("2.1", by="dana")
    line = "[ ] 2.2 The contact has heard from us, with the AE and the Renewal Manager in copy"
    walk.tale.replace(line, line.replace("[ ]", "[~]"), "dana")
    assert walk.run().alarms == {("reason-missing", "2.2")}
    walk.tale.replace("in copy", "in copy - the AE talks to them", "dana")
    assert (walk.run().stage, walk.alarms) == ("work", set())
