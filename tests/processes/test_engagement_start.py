"""The start of a customer engagement: who owns pre-sales, what waits for the payment, when there is a project."""

from __future__ import annotations

import pytest

from tests.processes.walk import Walk

PROCESS = "engagement-start"
PRE_SALES_LINK = "https://gitlab.example.com/account-management/pre-sales/acme"


def start(variant: str = "enterprise", **values: str) -> Walk:
    return Walk.of(PROCESS, variant, {title.replace("_", " "): value for title, value in values.items()})


def test_what_everybody_must_fill_in_is_asked_for_at_once():
    assert Walk.blank(PROCESS, "enterprise").todo == {"ae", "customer", "segment"}


def test_s3_2_a_segment_without_a_template_of_its_own_is_none():
    assert start(Segment="Strategic").alarms == {("field-invalid", "segment")}


# --- pre-sales --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["3", "7"])
def test_s3_5_the_project_is_created_between_steps_3_and_7(step):
    walk = start(Journey_step=step)
    assert walk.alarms == set()
    assert walk.until("payment").stage == "payment"


@pytest.mark.parametrize("step", ["2", "8"])
def test_s3_5_no_project_is_created_before_step_3_or_after_step_7(step):
    walk = start(Journey_step=step).until("payment")
    assert ("field-invalid", "journey_step") in walk.alarms
    assert walk.stage == "pre-sales"


def test_s3_5_the_step_is_asked_for_where_the_sa_created_the_project():
    walk = start(Journey_step="").until("payment")
    assert (walk.stage, walk.todo) == ("pre-sales", {"journey_step"})


def test_s3_6_s3_19_the_sa_owns_enterprise_pre_sales():
    walk = start().tick("1.2").tick("1.1", by="alex").run()
    assert walk.stage == "pre-sales"
    assert ("signer-wrong", "1.1") in walk.alarms
    walk.untick("1.1", by="alex").tick("1.1", by="sam").run()
    assert walk.stage == "payment"


def test_s3_7_the_best_aligned_csm_is_named_when_the_enterprise_project_is_created():
    walk = start(CSM="").until("payment")
    assert (walk.stage, walk.alarms) == ("pre-sales", {("field-blank", "csm")})
    walk.write("CSM", "@carol").run()
    assert (walk.stage, walk.alarms) == ("payment", set())


def test_s3_7_with_a_project_somebody_says_who_is_in_it():
    walk = start().tick("1.1").run()
    assert (walk.stage, walk.todo) == ("pre-sales", {"1.2"})


def test_s3_11_without_a_project_of_the_sa_nobody_has_to_be_in_it():
    assert start("enterprise-without-earlier-project").todo == {"1.1"}


def test_s3_6_s3_11_whether_the_sa_created_a_project_is_written_down():
    walk = start(**{"Project in pre-sales": ""})
    assert walk.todo == {"project_in_pre_sales", "1.1"}
    assert walk.tick("1.1").run().alarms == {("field-blank", "project_in_pre_sales")}


def test_s3_7_a_commercial_account_gets_its_csm_after_the_payment():
    walk = start("commercial", CSM="").until("welcome-call")
    assert (walk.stage, walk.alarms) == ("welcome-call", set())
    walk.finish("welcome-call", but=["3.1"]).run()
    assert "csm" in walk.todo


def test_s3_8_s3_26_a_commercial_account_asks_the_ae_instead():
    assert start("enterprise").todo == {"1.1", "1.2"}
    walk = start("commercial")
    assert walk.todo == {"1.3"}
    walk.tick("1.3", by="sam").run()
    assert walk.stage == "pre-sales"
    assert ("signer-wrong", "1.3") in walk.alarms
    walk.untick("1.3", by="sam").tick("1.3", by="alex").run()
    assert walk.stage == "payment"


@pytest.mark.parametrize(("variant", "is_needed"), [("enterprise", True), ("commercial", False)])
def test_s3_19_s3_26_only_enterprise_needs_an_sa(variant, is_needed):
    assert ("sa" in start(variant, SA="").todo) is is_needed


def test_s3_21_the_csm_is_told_of_pre_sales_and_does_nothing_there():
    stages = {stage.key: stage for stage in start().process.stages}
    for key in ("pre-sales", "payment"):
        assert "csm" in stages[key].informed
        assert "csm" not in {*stages[key].responsible, *stages[key].accountable}
    walk = start().until("payment")
    assert any("@carol" in ping for ping in walk.pings)


# --- payment ----------------------------------------------------------------------------------------------------------


def test_s3_22_the_project_stays_in_pre_sales_until_the_customer_has_paid():
    walk = start().until("payment").tick("4.3").run()
    assert walk.stage == "payment"
    assert ("gate-skipped", "4.3") in walk.alarms


def test_s3_22_only_the_ae_says_that_the_customer_has_paid():
    walk = start().until("payment").tick("2.1", by="sam").run()
    assert walk.stage == "payment"
    assert ("signer-wrong", "2.1") in walk.alarms


def test_s3_22_the_day_of_the_payment_is_written_down():
    walk = start(Customer_paid_on="").until("payment")
    assert walk.todo == {"customer_paid_on", "2.1"}
    walk.finish("payment").run()
    assert walk.stage == "payment"
    assert walk.alarms == {("field-blank", "customer_paid_on")}


def test_s3_22_another_day_of_the_payment_must_be_signed_again():
    walk = start().until("welcome-call").write("Customer paid on", "2026-11-20", by="carol").run()
    assert walk.stage == "payment"
    assert ("sign-off-stale", "2.1") in walk.alarms


# --- the welcome call -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["enterprise", "commercial"])
def test_s3_23_s3_28_the_ae_sets_up_the_welcome_call_after_the_payment(variant):
    walk = start(variant).until("payment").tick("3.4", by="alex").run()
    assert ("sign-off-early", "3.4") in walk.alarms
    walk.finish("payment").run().finish("welcome-call", but=["3.4"]).run()
    assert walk.stage == "welcome-call"
    walk.untick("3.4", by="alex").run().tick("3.4", by="sam").run()
    assert ("signer-wrong", "3.4") in walk.alarms
    walk.untick("3.4", by="sam").tick("3.4", by="alex").run()
    assert (walk.stage, walk.alarms) == ("handover", set())


def test_s3_23_a_welcome_call_before_the_payment_is_told():
    walk = start(Customer_paid_on="2026-11-10", Welcome_call_on="2026-11-09").until("handover")
    assert ("too-early", "welcome_call_on") in walk.alarms


@pytest.mark.parametrize(("variant", "is_asked"), [("enterprise", True), ("commercial", False)])
def test_s3_25_enterprise_asks_for_the_issue_that_came_with_the_project(variant, is_asked):
    walk = start(variant, Issue_for_the_welcome_call="").until("handover")
    assert ("welcome_issue" in walk.todo) is is_asked


def test_s3_9_the_csm_enters_nobody_but_himself_in_salesforce():
    walk = start().until("welcome-call").finish("welcome-call", but=["3.1"]).tick("3.1", by="alex").run()
    assert walk.stage == "welcome-call"
    assert ("signer-wrong", "3.1") in walk.alarms


@pytest.mark.parametrize(("variant", "is_asked"), [("enterprise", False), ("enterprise-without-earlier-project", True)])
def test_s3_11_a_project_that_no_sa_created_is_created_by_the_csm(variant, is_asked):
    assert ("3.2" in start(variant).until("welcome-call").todo) is is_asked


def test_s3_27_a_commercial_account_waits_for_the_word_of_the_csm_on_the_project():
    walk = start("commercial", Project_useful="").until("handover")
    assert (walk.stage, walk.todo) == ("welcome-call", {"project_useful"})


def test_s3_5_s3_7_s3_27_a_commercial_project_from_pre_sales_is_not_created_again():
    walk = start("commercial", **{"Project in pre-sales": PRE_SALES_LINK})
    assert walk.todo == {"1.3"}
    assert walk.until("welcome-call").todo == {"3.1", "3.3", "3.4"}


def test_s3_27_whether_a_project_is_useful_is_yes_or_no():
    assert start("commercial", Project_useful="Perhaps").alarms == {("field-invalid", "project_useful")}


def test_s3_28_the_day_of_the_welcome_call_is_written_down():
    assert "welcome_call_on" in start("commercial", Welcome_call_on="").until("welcome-call").todo


def test_s3_27_a_useful_commercial_project_is_created_and_kept_in_order():
    assert start("commercial").until("welcome-call").todo == {"3.1", "3.2", "3.3", "3.4"}
    assert {"4.3", "4.4"} <= start("commercial").until("handover").todo


def test_s3_27_without_a_commercial_project_nothing_of_one_is_asked():
    assert start("commercial-without-project").until("welcome-call").todo == {"3.1", "3.4"}
    assert {"4.3", "4.4", "customer_project"}.isdisjoint(start("commercial-without-project").until("handover").todo)


# --- the handover -----------------------------------------------------------------------------------------------------


def test_s3_29_the_handover_waits_for_the_welcome_call():
    walk = start().until("handover").finish("handover", but=["4.1"]).run()
    assert (walk.stage, walk.todo) == ("handover", {"4.1"})


def test_s3_30_only_the_csm_takes_the_project_on():
    walk = start().until("handover").finish("handover", but=["4.2"]).tick("4.2", by="alex").run()
    assert walk.stage == "handover"
    assert ("signer-wrong", "4.2") in walk.alarms


@pytest.mark.parametrize(
    "link",
    [
        PRE_SALES_LINK,
        "https://gitlab.example.com/account-management/pre-sales",
    ],
)
def test_s3_31_the_project_has_left_pre_sales_for_account_management(link):
    walk = start(Customer_project=link).until("complete")
    assert walk.stage == "handover"
    assert walk.alarms == {("field-invalid", "customer_project")}
    assert "lies no longer under /pre-sales/" in walk.status


@pytest.mark.parametrize("path", ["account-management/pre-salesforce", "us-public-sector/acme", "our-own-group/acme"])
def test_s3_31_where_else_the_project_lies_is_the_csms_word(path):
    """A customer's name may begin like the group, the public sector has a group of its own, and so may your server."""
    walk = start(Customer_project=f"https://gitlab.example.com/{path}").until("complete")
    assert (walk.stage, walk.alarms) == ("complete", set())


def test_s3_33_s3_37_s3_39_the_csm_promises_to_answer_open_issues_soon():
    walk = start().until("handover").finish("handover", but=["4.5"]).tick("4.5", by="alex").run()
    assert walk.stage == "handover"
    assert ("signer-wrong", "4.5") in walk.alarms
    walk.untick("4.5", by="alex").tick("4.5", by="carol").run()
    assert (walk.stage, walk.alarms) == ("complete", set())


def test_s3_85_the_handover_waits_until_no_placeholder_is_left():
    walk = start().until("handover").finish("handover", but=["4.9"]).run()
    assert (walk.stage, walk.todo) == ("handover", {"4.9"})


# --- the account profile ----------------------------------------------------------------------------------------------

ASSIGNED, CHILD, DIGITAL, TRIAL = "CSM-assigned", "Unmanaged child account", "Digital", "Public Sector digital trial"


def judge_profile(region: str, kind: str, onboarding: str, priority: str) -> Walk:
    return Walk.of(
        PROCESS,
        "enterprise",
        {"Region": region, "Kind of account": kind, "Onboarding enablement": onboarding, "Priority": priority},
    )


@pytest.mark.parametrize(
    ("region", "kind", "onboarding", "fitting"),
    [
        pytest.param("AMER", ASSIGNED, "Done", {"Pr1"}, id="s3-83 in AMER Pr1 only"),
        pytest.param("EMEA", ASSIGNED, "Done", {"Pr1", "Pr2"}, id="s3-76 elsewhere Pr1 or Pr2"),
        pytest.param("PUBSEC", ASSIGNED, "Done", {"Pr1", "Pr2"}, id="s3-79 Pr4 not even in the Public Sector"),
        pytest.param("EMEA", ASSIGNED, "Running", {"Pr1"}, id="s3-77 Pr1 until onboarding is done"),
        pytest.param("EMEA", CHILD, "", {"Pr3"}, id="s3-78 unmanaged child accounts always Pr3"),
        pytest.param("AMER", CHILD, "Running", {"Pr3"}, id="s3-78 in AMER too"),
        pytest.param("EMEA", DIGITAL, "", {"Pr1", "Pr2", "Pr4"}, id="s3-79 digital may be Pr4, never Pr3"),
        pytest.param("AMER", DIGITAL, "", {"Pr1", "Pr2", "Pr4"}, id="s3-83 not for digital accounts"),
        pytest.param("PUBSEC", TRIAL, "", {"Pr1", "Pr2", "Pr4"}, id="s3-79 the trial may be Pr4"),
    ],
)
@pytest.mark.parametrize("priority", ["Pr1", "Pr2", "Pr3", "Pr4"])
def test_s3_76_to_s3_83_which_priority_fits_which_account(region, kind, onboarding, fitting, priority):
    walk = judge_profile(region, kind, onboarding, priority)
    assert walk.alarms == (set() if priority in fitting else {("field-invalid", "priority")})


@pytest.mark.parametrize(
    ("region", "kind", "onboarding", "why"),
    [
        ("AMER", ASSIGNED, "Done", "in AMER every CSM-assigned account has Pr1"),
        ("EMEA", ASSIGNED, "Running", "until its onboarding enablement is done"),
        ("EMEA", ASSIGNED, "Done", "a CSM-assigned account has Pr1 or Pr2"),
        ("EMEA", CHILD, "", "an unmanaged child account always has Pr3"),
    ],
)
def test_s3_76_to_s3_83_a_priority_that_does_not_fit_is_explained(region, kind, onboarding, why):
    assert why in judge_profile(region, kind, onboarding, "Pr4").status


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("region", ("Europe", ASSIGNED, "Done", "Pr1")),
        ("account_kind", ("EMEA", "Big", "Done", "Pr1")),
        ("onboarding_enablement", ("EMEA", ASSIGNED, "Nearly", "Pr1")),
        ("priority", ("EMEA", ASSIGNED, "Done", "Pr5")),
        ("priority", ("EMEA", "", "", "Pr5")),
    ],
)
def test_s3_76_to_s3_83_the_profile_knows_only_its_own_words(key, values):
    assert judge_profile(*values).alarms == {("field-invalid", key)}


def test_s3_76_to_s3_79_the_handover_waits_for_the_profile():
    assert {"region", "account_kind", "priority"} <= judge_profile("", "", "", "").until("handover").todo


def test_the_link_of_the_project_is_asked_for_with_the_move():
    walk = start(Customer_project="").until("handover")
    assert "customer_project" in walk.todo
    assert walk.tick("4.3").run().alarms == {("field-blank", "customer_project")}


def test_s3_77_a_csm_assigned_account_says_how_far_onboarding_is():
    walk = judge_profile("EMEA", ASSIGNED, "", "Pr1").until("handover")
    assert "onboarding_enablement" in walk.todo
    assert "onboarding_enablement" not in judge_profile("EMEA", DIGITAL, "", "Pr4").until("handover").todo


def test_s3_79_the_digital_trial_is_one_of_the_public_sector():
    assert judge_profile("EMEA", TRIAL, "", "Pr4").alarms == {("field-invalid", "region")}


@pytest.mark.parametrize("title", ["Development lead", "Software security lead"])
def test_s3_71_s3_72_s3_73_who_is_in_touch_with_both_personas_names_them(title):
    walk = Walk.of(PROCESS, "enterprise", {title: ""}).until("handover").tick("4.6").run()
    assert {code for code, _ in walk.alarms} == {"field-blank"}


@pytest.mark.parametrize("code", ["4.6", "4.7", "4.8"])
def test_s3_73_s3_75_s3_82_personas_and_priority_stand_in_gainsight(code):
    walk = start().until("handover").finish("handover", but=[code]).run()
    assert (walk.stage, walk.todo) == ("handover", {code})
