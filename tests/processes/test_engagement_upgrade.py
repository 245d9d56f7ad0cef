"""The start of an upgrade engagement: the CSM takes over, and a project is found, created, or not wanted."""

from __future__ import annotations

import json

import pytest

from tests.builders import ROOT
from tests.processes.walk import Walk

PROCESS = "engagement-upgrade"


def upgrade(variant: str = "enterprise", **values: str) -> Walk:
    return Walk.of(PROCESS, variant, {title.replace("_", " "): value for title, value in values.items()})


def test_what_everybody_must_fill_in_is_asked_for_at_once():
    facts = {"csm", "customer", "segment", "region", "account_kind", "priority"}
    assert Walk.blank(PROCESS, "enterprise").todo == {*facts, "1.1"}


@pytest.mark.parametrize(
    ("title", "key"),
    [("Segment", "segment"), ("Project useful", "project_useful"), ("Earlier project", "earlier_project")],
)
def test_s3_14_s3_16_s3_17_only_the_words_of_the_template_are_understood(title, key):
    assert Walk.of(PROCESS, "commercial", {title: "Perhaps"}).alarms == {("field-invalid", key)}


def test_s3_13_the_csm_enters_nobody_but_himself_in_salesforce():
    walk = upgrade().tick("1.1", by="alex").run()
    assert walk.stage == "alignment"
    assert ("signer-wrong", "1.1") in walk.alarms
    walk.untick("1.1", by="alex").tick("1.1", by="carol").run()
    assert (walk.stage, walk.alarms) == ("project", set())


# --- the project ------------------------------------------------------------------------------------------------------


def test_s3_14_the_earlier_project_is_looked_for():
    walk = upgrade(Earlier_project="").until("engagement")
    assert (walk.stage, walk.todo) == ("project", {"earlier_project"})


def test_s3_14_only_a_csm_assigned_account_needs_a_project():
    walk = upgrade("not-assigned").tick("1.1").run()
    assert (walk.stage, walk.alarms) == ("engagement", set())


@pytest.mark.parametrize(("earlier", "is_asked"), [("Found", False), ("Missing", True)])
def test_s3_15_a_missing_project_is_created(earlier, is_asked):
    walk = upgrade(Earlier_project=earlier).until("project")
    assert ("2.1" in walk.todo) is is_asked
    walk.finish("project", but=["2.1"]).run()
    assert walk.stage == ("project" if is_asked else "engagement")


def test_s3_16_a_commercial_account_waits_for_the_word_of_the_csm():
    walk = upgrade("commercial", Project_useful="").until("engagement")
    assert (walk.stage, walk.todo) == ("project", {"project_useful"})


def test_s3_16_a_useful_commercial_project_is_asked_for():
    assert upgrade("commercial").until("project").todo == {"2.1", "2.2", "2.3"}


def test_s3_16_without_a_commercial_project_nothing_of_one_is_asked():
    walk = upgrade("commercial-without-project").tick("1.1").run()
    assert (walk.stage, walk.alarms) == ("engagement", set())


def test_s3_14_s3_16_nor_is_a_commercial_account_asked_that_is_not_csm_assigned():
    values = {"Kind of account": "Digital", "Onboarding enablement": "", "Priority": "Pr4", "Project useful": ""}
    walk = Walk.of(PROCESS, "commercial-without-project", values).tick("1.1").run()
    assert (walk.stage, walk.alarms) == ("engagement", set())


def test_s3_16_enterprise_asks_nobody_whether_a_project_is_useful():
    assert "project_useful" not in upgrade(Project_useful="").until("project").todo
    # Nor does a "No" there spare it one.
    assert upgrade(Project_useful="No").until("project").todo == {"2.2", "2.3"}


@pytest.mark.parametrize("code", ["2.2", "2.3"])
def test_s3_17_s3_18_the_project_follows_its_template_and_its_instructions(code):
    walk = upgrade().until("project").finish("project", but=[code]).run()
    assert (walk.stage, walk.todo) == ("project", {code})


def test_s3_1_s3_14_the_project_is_linked():
    walk = upgrade(Customer_project="").until("project")
    assert "customer_project" in walk.todo
    assert walk.tick("2.2").run().alarms == {("field-blank", "customer_project")}


def test_s3_1_the_project_does_not_stay_in_pre_sales():
    link = "https://gitlab.example.com/account-management/pre-sales/acme"
    walk = upgrade(Customer_project=link).until("engagement")
    assert (walk.stage, walk.alarms) == ("project", {("field-invalid", "customer_project")})


# --- working with the customer ----------------------------------------------------------------------------------------


def test_s3_33_s3_37_s3_39_the_csm_promises_to_answer_open_issues_soon():
    walk = upgrade().until("engagement").finish("engagement", but=["3.1"]).tick("3.1", by="alex").run()
    assert walk.stage == "engagement"
    assert ("signer-wrong", "3.1") in walk.alarms
    walk.untick("3.1", by="alex").tick("3.1", by="carol").run()
    assert (walk.stage, walk.alarms) == ("complete", set())


@pytest.mark.parametrize("title", ["Development lead", "Software security lead"])
def test_s3_71_s3_72_s3_73_who_is_in_touch_with_both_personas_names_them(title):
    walk = Walk.of(PROCESS, "enterprise", {title: ""}).until("engagement").tick("3.2").run()
    assert {code for code, _ in walk.alarms} == {"field-blank"}


# --- the account profile ----------------------------------------------------------------------------------------------

ASSIGNED, CHILD, DIGITAL, TRIAL = "CSM-assigned", "Unmanaged child account", "Digital", "Public Sector digital trial"


def judge_profile(region: str, kind: str, onboarding: str, priority: str) -> Walk:
    """Judge an account whose profile is all that may be wrong, once its only box is ticked."""
    profile = {"Region": region, "Kind of account": kind, "Onboarding enablement": onboarding, "Priority": priority}
    return Walk.of(PROCESS, "enterprise", profile).tick("1.1").run()


@pytest.mark.parametrize(
    ("region", "kind", "onboarding", "fitting"),
    [
        pytest.param("AMER", ASSIGNED, "Done", {"Pr1"}, id="s3-83 in AMER Pr1 only"),
        pytest.param("EMEA", ASSIGNED, "Done", {"Pr1", "Pr2"}, id="s3-76 elsewhere Pr1 or Pr2"),
        pytest.param("PUBSEC", ASSIGNED, "Done", {"Pr1", "Pr2"}, id="s3-79 Pr4 not even in the Public Sector"),
        pytest.param("EMEA", ASSIGNED, "Running", {"Pr1"}, id="s3-77 Pr1 until onboarding is done"),
        pytest.param("EMEA", CHILD, "", {"Pr3"}, id="s3-78 unmanaged child accounts always Pr3"),
        pytest.param("EMEA", DIGITAL, "", {"Pr1", "Pr2", "Pr4"}, id="s3-79 digital may be Pr4, never Pr3"),
        pytest.param("AMER", DIGITAL, "", {"Pr1", "Pr2", "Pr4"}, id="s3-83 not for digital accounts"),
        pytest.param("PUBSEC", TRIAL, "", {"Pr1", "Pr2", "Pr4"}, id="s3-79 the trial may be Pr4"),
    ],
)
@pytest.mark.parametrize("priority", ["Pr1", "Pr2", "Pr3", "Pr4"])
def test_s3_76_to_s3_83_which_priority_fits_which_account(region, kind, onboarding, fitting, priority):
    walk = judge_profile(region, kind, onboarding, priority)
    assert walk.alarms == (set() if priority in fitting else {("field-invalid", "priority")})
    assert (walk.stage != "alignment") is (priority in fitting)


def test_s3_77_a_csm_assigned_account_says_how_far_onboarding_is():
    assert judge_profile("EMEA", ASSIGNED, "", "Pr1").todo == {"onboarding_enablement"}


def test_s3_79_the_digital_trial_is_one_of_the_public_sector():
    assert judge_profile("EMEA", TRIAL, "", "Pr4").alarms == {("field-invalid", "region")}


def load_profile(process: str) -> dict:
    return json.loads((ROOT / f"schemas/{process}.schema.json").read_text(encoding="utf-8"))["properties"][
        "account-profile"
    ]


def test_s3_76_to_s3_84_both_engagements_describe_the_account_alike():
    """But for the stage that judges it: who knows one knows the other."""
    assert {**load_profile("engagement-start"), "x-gate": ""} == {**load_profile("engagement-upgrade"), "x-gate": ""}
