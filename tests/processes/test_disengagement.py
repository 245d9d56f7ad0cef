"""Disengagement: the honest reason, a talk face to face with the AE, and a mail that leaves nobody without help."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.processes.walk import Walk


def walk(variant: str = "downgrade", values: Mapping[str, str] | None = None) -> Walk:
    return Walk.of("disengagement", variant, values)


@pytest.mark.parametrize("cause", ["Downgrade", "Churn"])
def test_s3_59_a_downgrade_or_churn_is_a_cause(cause):
    assert walk(values={"Cause": cause}).until("manager").stage == "manager"


def test_s3_60_a_failed_strategic_purpose_is_a_cause():
    assert walk("purpose-failed").until("manager").stage == "manager"


def test_s3_59_s3_60_a_cause_of_ones_own_words_is_no_cause():
    seen = walk(values={"Cause": "They shrank"}).until("manager")
    assert (seen.stage, seen.alarms) == ("reason", {("field-invalid", "cause")})


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("CSM", "csm"),
        ("CSM manager", "csm_manager"),
        ("SAE/AE", "ae"),  # S3-63
        ("Customer", "customer"),
        ("Cause", "cause"),  # S3-59, S3-60
        ("Reason", "reason"),  # S3-64
    ],
)
def test_s3_59_s3_63_s3_64_who_and_why_are_written_down_first(title, key):
    seen = walk(values={title: ""})
    assert (seen.stage, seen.todo - {"1.1"}) == ("reason", {key})


@pytest.mark.parametrize(("title", "key"), [("Way", "way"), ("Talked on", "talked_on")])
def test_s3_62_how_and_when_the_customer_heard_it_is_written_down(title, key):
    seen = walk(values={title: ""}).until("talk")
    assert (seen.stage, seen.todo) == ("talk", {"3.1", "3.2", key})


def test_s3_61_it_does_not_end_before_the_customer_knows_whom_to_contact():
    seen = walk().until("completion").finish("completion", but=["5.1"]).run()
    assert (seen.stage, seen.todo) == ("completion", {"5.1"})


@pytest.mark.parametrize("way", ["Mail", "Phone"])
def test_s3_62_the_customer_is_not_told_by_mail_or_phone(way):
    seen = walk(values={"Way": way}).until("complete")
    assert (seen.stage, seen.alarms & {("field-invalid", "way")}) == ("talk", {("field-invalid", "way")})


def test_s3_63_only_the_ae_says_that_the_ae_was_there_and_stays():
    seen = walk().until("completion").tick("5.1").tick("5.2", by="carol").run()
    assert (seen.stage, seen.alarms) == ("completion", {("signer-wrong", "5.2")})
    assert seen.untick("5.2", by="carol").tick("5.2", by="alex").run().stage == "complete"


def test_s3_63_the_mail_need_not_wait_for_the_ae_who_is_asked_afterwards():
    seen = walk().until("follow-up").wait(days=1).finish("follow-up").run()
    assert (seen.stage, seen.alarms) == ("completion", set())
    assert "@alex, it is your turn" in seen.pings[-1]


def test_s3_64_the_customer_hears_nothing_before_the_manager_has_talked_it_over():
    seen = walk().until("manager").tick("3.1").run()
    assert (seen.stage, seen.alarms) == ("manager", {("gate-skipped", "3.1")})


def test_s3_64_the_csm_cannot_sign_for_the_manager():
    seen = walk().until("manager").tick("2.1", by="carol").run()
    assert (seen.stage, seen.alarms) == ("manager", {("signer-wrong", "2.1")})


def test_s3_64_the_csm_is_not_their_own_manager():
    seen = walk(values={"CSM manager": "@carol"})
    assert "role-unknown.both-sides" in {each.words for each in seen.verdict.findings}


@pytest.mark.parametrize(("title", "value"), [("Reason", "We need the CSM elsewhere"), ("Cause", "Churn")])
def test_s3_64_another_reason_is_talked_over_anew(title, value):
    seen = walk().until("talk").write(title, value).run()
    assert (seen.stage, seen.alarms) == ("manager", {("sign-off-stale", "2.1")})


def test_s3_64_what_is_filled_in_later_is_none_of_the_managers_concern():
    seen = walk(values={"Talked on": "", "Follow-up sent on": ""}).until("talk")
    seen.write("Talked on", "2026-11-02").finish("talk").run()
    assert (seen.stage, seen.alarms) == ("follow-up", set())


def test_s3_65_the_options_for_help_are_part_of_the_talk():
    seen = walk().until("talk").finish("talk", but=["3.2"]).tick("4.1").run()
    assert (seen.stage, seen.todo, seen.alarms) == ("talk", {"3.2"}, {("gate-skipped", "4.1")})


def test_s3_64_a_talk_with_the_customer_before_the_one_with_the_manager_is_told():
    seen = walk(values={"Talked on": "2026-10-30"}).until("follow-up")
    assert (seen.stage, seen.alarms) == ("follow-up", {("too-early", "talked_on")})


def test_s3_63_the_account_executive_is_called_to_the_talk():
    assert "it is your turn: **Talk with the customer**" in walk().until("talk").pings[-1]
    assert "@alex" in walk().until("talk").pings[-1]


def test_s3_66_the_mail_is_not_sent_before_the_talk():
    seen = walk(values={"Talked on": "2026-11-05", "Follow-up sent on": "2026-11-04"}).until("completion")
    assert (seen.stage, seen.alarms) == ("completion", {("too-early", "follow_up_sent_on")})


def test_s3_66_a_mail_right_after_the_talk_may_be_written_down_a_day_later():
    seen = walk(values={"Talked on": "2026-11-02", "Follow-up sent on": "2026-11-02"}).until("talk").wait(days=1)
    seen.finish("talk").run().wait(days=1).finish("follow-up").run()
    assert (seen.stage, seen.alarms) == ("completion", set())


def test_s3_66_the_mail_has_a_date():
    seen = walk(values={"Follow-up sent on": ""}).until("completion")
    assert (seen.stage, seen.alarms) == ("follow-up", {("field-blank", "follow_up_sent_on")})


@pytest.mark.parametrize("code", ["4.1", "4.2", "4.3"])
def test_s3_67_s3_68_s3_70_no_option_for_help_is_left_out(code):
    seen = walk("other").until("follow-up").finish("follow-up", but=[code]).run()
    assert (seen.stage, seen.todo) == ("follow-up", {code})


@pytest.mark.parametrize("variant", ["downgrade", "churn"])
def test_s3_69_who_downgrades_or_churns_reads_which_features_fall_away(variant):
    seen = walk(variant).until("follow-up").finish("follow-up", but=["4.4"]).run()
    assert (seen.stage, seen.todo) == ("follow-up", {"4.4"})


@pytest.mark.parametrize("variant", ["purpose-failed", "other"])
def test_s3_69_nobody_else_loses_a_feature(variant):
    seen = walk(variant).until("follow-up")
    assert "4.4" not in seen.todo
    assert seen.finish("follow-up").run().stage == "completion"
