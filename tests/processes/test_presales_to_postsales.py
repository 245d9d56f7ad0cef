"""What the transition from pre-sales to post-sales must never let pass, row by row of the source."""

from dataclasses import replace

import pytest

from automation.core.model import Member
from tests.processes.walk import Walk

EARLY = "Early in 3-Technical Evaluation"
EXCEPTIONS = ["Enablement of an existing team", "Workshop for an existing team", "ROI analysis for an existing team"]
ORDINARY = [
    "Expansion with tier upgrade",
    "Evaluation for a new team",
    "Evaluation for a company-wide upgrade",
    "Professional services",
    "CSM overloaded",
    "On-site event",
    "EBR",
]


def start(values=None, variant="prospect"):
    return Walk.of("presales-to-postsales", variant, values)


def asked_back_for(reason):
    return start({"Asked back for": reason}).until("re-engagement")


def too_soon(code):
    """Return the alarms of a signature while an earlier stage is not finished."""
    return {("gate-skipped", code), ("sign-off-early", code)}


# --- who comes this way at all


@pytest.mark.parametrize("value", ["Scale CSE", "Neither"])
def test_s2_3_an_account_that_does_not_qualify_for_a_csm_gets_none(value):
    walk = start({"Account qualifies for": value}).finish("request").run()
    assert (walk.stage, walk.alarms) == ("request", {("forbidden", "qualifies_for")})


def test_s2_4_a_csm_named_in_salesforce_confirms_instead_of_being_assigned():
    walk = start(variant="csm-known-and-late").until("assignment")
    assert walk.todo == {"2.2"}
    walk.tick("2.2", by="mia").run()
    assert (walk.stage, walk.alarms) == ("assignment", {("signer-wrong", "2.2")})
    walk.untick("2.2", by="mia").tick("2.2", by="carol").run()
    assert walk.stage == "internal-meeting"


def test_s2_5_tam_scale_in_salesforce_gets_no_csm():
    walk = start({"Customer Success Manager in Salesforce": "TAM Scale"}).finish("request").run()
    assert (walk.stage, walk.alarms) == ("request", {("forbidden", "csm_in_salesforce")})


def test_s2_6_tam_scale_leads_to_the_request_for_a_scale_cse():
    walk = start({"Customer Success Manager in Salesforce": "TAM Scale"})
    assert "open a CSE Engagement Request" in walk.status


@pytest.mark.parametrize("code", ["1.1", "1.2"])
def test_s2_8_and_s2_9_dedicated_brings_the_csm_manager_in_first(code):
    walk = start({"GitLab Dedicated": "Yes"}).tick("1.3")
    walk.tick("1.1" if code == "1.2" else "1.2").run()
    assert (walk.stage, walk.todo) == ("request", {code})
    walk.tick(code).run()
    assert walk.stage == "assignment"


# --- when


@pytest.mark.parametrize("late", ["Late in 3-Technical Evaluation", "4-Proposal"])
def test_s2_11_and_s2_19_the_end_of_stage_3_and_stage_4_need_no_reason(late):
    walk = start({"Sales stage at the request": late}).finish("request").run()
    assert (walk.stage, walk.alarms) == ("assignment", set())


def test_s2_11_and_s2_19_who_asks_after_stage_4_says_why():
    walk = start({"Sales stage at the request": "After 4-Proposal"}).finish("request").run()
    assert (walk.stage, walk.todo) == ("request", {"late_reason"})


def test_s2_21_no_csm_is_brought_in_before_stage_3():
    walk = start({"Sales stage at the request": "Before 3-Technical Evaluation"}).finish("request").run()
    assert (walk.stage, walk.alarms) == ("request", {("forbidden", "sales_stage")})


def test_s2_22_early_in_stage_3_takes_a_pov_whose_results_meeting_was_held():
    walk = start({"Sales stage at the request": EARLY}).finish("request").run()
    assert (walk.stage, walk.todo) == ("request", {"early_reason", "pov_results_on"})
    walk.write("Reason for asking early", "POV with agreed next steps").run()
    assert (walk.stage, walk.todo) == ("request", {"pov_results_on"})
    walk.write("POV results meeting held on", "2026-11-02").run()
    assert walk.stage == "assignment"


@pytest.mark.parametrize("reason", ["Shared tracking project", "Special knowledge of a CSM"])
def test_s2_23_the_reasons_that_were_taken_out_do_not_count(reason):
    walk = start({"Reason for asking early": reason}, "early-on-dedicated").finish("request").run()
    assert (walk.stage, walk.alarms) == ("request", {("forbidden", "early_reason")})


def test_s2_23_no_other_reason_counts():
    walk = start({"Reason for asking early": "They like us"}, "early-on-dedicated").finish("request").run()
    assert (walk.stage, walk.alarms) == ("request", {("field-invalid", "early_reason")})


# --- request and assignment


def test_s2_24_the_csm_manager_assigns_and_nobody_else():
    walk = start().until("assignment").tick("2.1", by="sam").run()
    assert (walk.stage, walk.alarms) == ("assignment", {("signer-wrong", "2.1")})


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Salesforce account", "salesforce_account"),
        ("Salesforce opportunity", "salesforce_opportunity"),
        ("Expected close date", "close_date"),
        ("Landed addressable market", "addressable_market"),
    ],
)
def test_s2_29_no_csm_is_assigned_before_the_four_facts_are_there(title, key):
    walk = start({title: ""})
    assert walk.todo == {key, "1.3"}
    walk.finish("request").finish("assignment").run()
    assert walk.stage == "request"
    assert walk.alarms == {("field-blank", key), *too_soon("2.1")}


def test_an_assignment_holds_for_the_account_that_was_asked_for():
    walk = start().until("internal-meeting").write("Salesforce account", "https://example.com/accounts/2").run()
    assert walk.stage == "request"
    assert walk.alarms == {("sign-off-stale", "1.3"), ("sign-off-stale", "2.1")}


def test_an_assignment_holds_for_the_csm_who_was_assigned():
    """Somebody who writes another name into the line after the manager signed is no assigned CSM."""
    walk = start().until("internal-meeting")
    people = {**walk.tale.directory.roles, "csm": {"carol": "carol", "dave": "dave"}}
    members = {**walk.tale.directory.members, "dave": Member("dave", 20, True, 99)}
    walk.tale.directory = replace(walk.tale.directory, roles=people, members=members)
    walk.write("CSM", "@dave", by="dave").run()
    assert walk.stage == "assignment"
    assert ("sign-off-stale", "2.1") in walk.alarms


def test_nobody_passes_by_the_manager_by_changing_what_salesforce_says():
    walk = start().until("assignment").write("Customer Success Manager in Salesforce", "A CSM", by="carol")
    walk.tick("2.2", by="carol").run()
    assert walk.stage == "request"
    assert ("sign-off-stale", "1.3") in walk.alarms


def test_a_close_date_that_moves_voids_nothing():
    walk = start().until("internal-meeting").write("Expected close date", "2027-01-29").run()
    assert (walk.stage, walk.alarms) == ("internal-meeting", set())


def test_the_csm_manager_may_send_a_request_back():
    walk = start().until("assignment").say("send back: the market is that of the mother company", by="mia").run()
    assert walk.stage == "request"
    walk.untick("1.3").tick("1.3").run()
    assert walk.stage == "assignment"


# --- internal meeting


def test_s2_30_the_internal_meeting_follows_the_assignment():
    walk = start().until("assignment").finish("internal-meeting").run()
    assert walk.stage == "assignment"
    assert {("sign-off-early", "3.6a"), ("sign-off-early", "3.6b")} <= walk.alarms


def test_s2_30_a_meeting_dated_before_the_assignment_is_told():
    walk = start({"Internal meeting held on": "2026-10-30"}).until("introduction")
    assert walk.alarms == {("too-early", "internal_meeting_on")}


@pytest.mark.parametrize(("code", "other"), [("3.6a", "carol"), ("3.6b", "sam")])
def test_s2_31_the_sa_and_the_csm_must_both_have_been_there(code, other):
    walk = start().until("internal-meeting").finish("internal-meeting", but=[code]).tick(code, by=other).run()
    assert (walk.stage, walk.alarms) == ("internal-meeting", {("signer-wrong", code)})


@pytest.mark.parametrize("code", ["3.4", "3.5"])
def test_s2_64_to_s2_66_a_collaboration_project_is_reviewed_and_up_to_date(code):
    other = "3.5" if code == "3.4" else "3.4"
    walk = start({"Collaboration project": "https://example.com/acme"}).until("internal-meeting")
    walk.finish("internal-meeting").tick(other).run()
    assert (walk.stage, walk.todo) == ("internal-meeting", {code})


# --- introduction


def test_s2_14_the_welcome_call_waits_for_the_internal_meeting():
    walk = start().until("internal-meeting").tick("4.1").run()
    assert walk.alarms == too_soon("4.1")
    walk.finish("internal-meeting").finish("introduction", but=["4.1"]).run()
    assert (walk.stage, walk.alarms) == ("introduction", {("sign-off-early", "4.1")})
    walk.untick("4.1").tick("4.1").run()
    assert (walk.stage, walk.alarms) == ("closed-won", set())


def test_s2_14_a_welcome_call_dated_before_the_internal_meeting_is_told():
    walk = start({"Welcome to GitLab call on": "2026-11-06"}).until("closed-won")
    assert walk.alarms == {("too-early", "welcome_call_on")}


def test_s2_67_the_introduction_is_the_sas_to_set_up():
    walk = start().until("introduction").finish("introduction", but=["4.1"]).tick("4.1", by="carol").run()
    assert (walk.stage, walk.alarms) == ("introduction", {("signer-wrong", "4.1")})


@pytest.mark.parametrize("missing", ["3.6a", "3.6b"])
def test_s2_67_no_introduction_while_one_of_them_has_not_met_the_account_team(missing):
    walk = start().until("internal-meeting").finish("internal-meeting", but=[missing]).finish("introduction").run()
    assert walk.stage == "internal-meeting"
    assert ("sign-off-early", "4.1") in walk.alarms


def test_s2_69_promises_for_the_csm_stop_the_introduction():
    walk = start().until("introduction").finish("introduction").tick("4.6", by="carol").run()
    assert (walk.stage, walk.alarms) == ("introduction", {("forbidden", "4.6")})
    walk.untick("4.6", by="carol").run()
    assert (walk.stage, walk.alarms) == ("closed-won", set())


# --- closed won and kickoff


def test_s2_77_no_kickoff_before_closed_won():
    walk = start().until("closed-won").tick("5.1").tick("6.1").run()
    assert (walk.stage, walk.alarms) == ("closed-won", too_soon("6.1"))
    walk.tick("5.2").finish("kickoff", but=["6.1"]).run()
    assert (walk.stage, walk.alarms) == ("kickoff", {("sign-off-early", "6.1")})


def test_s2_77_the_one_who_sells_says_that_it_is_closed_won():
    walk = start().until("closed-won").tick("5.1").tick("5.2", by="carol").run()
    assert (walk.stage, walk.alarms) == ("closed-won", {("signer-wrong", "5.2")})


def test_s2_77_closed_won_has_a_day():
    walk = start({"Closed Won on": ""}).until("closed-won")
    assert walk.todo == {"closed_won_on", "5.1", "5.2"}
    walk.finish("closed-won").run()
    assert (walk.stage, walk.alarms) == ("closed-won", {("field-blank", "closed_won_on")})


def test_s2_77_a_kickoff_dated_before_closed_won_is_told():
    walk = start({"Kickoff held on": "2026-11-19"}).until("complete")
    assert ("too-early", "kickoff_on") in walk.alarms


def test_s2_77_the_customer_decides_how_long_the_commercial_talks_last():
    walk = start().until("closed-won").wait(days=90).run()
    assert (walk.stage, walk.alarms) == ("closed-won", set())


@pytest.mark.parametrize("code", ["6.3a", "6.3b"])
def test_s2_82_the_csm_takes_no_duties_that_were_not_passed_on(code):
    walk = start().until("kickoff").finish("kickoff", but=[code]).tick(code, by="carol").run()
    assert (walk.stage, walk.alarms) == ("kickoff", {("signer-wrong", code)})


def test_s2_84_an_sa_who_stays_includes_the_csm():
    walk = start({"SA stays during onboarding": "Yes"}).until("kickoff").finish("kickoff").run()
    assert (walk.stage, walk.todo) == ("kickoff", {"6.4"})
    walk.tick("6.4", by="carol").run()
    assert (walk.stage, walk.alarms) == ("kickoff", {("signer-wrong", "6.4")})
    walk.untick("6.4", by="carol").tick("6.4", by="sam").run()
    assert (walk.stage, walk.alarms) == ("complete", set())


# --- asking somebody back


@pytest.mark.parametrize("reason", ["", "Nothing"])
def test_it_costs_nothing_when_nobody_is_asked_back(reason):
    walk = start({"Asked back for": reason}).until("kickoff").finish("kickoff").run()
    assert (walk.stage, walk.alarms) == ("complete", set())


@pytest.mark.parametrize("reason", ORDINARY)
def test_s2_85_only_the_csm_invites(reason):
    walk = asked_back_for(reason)
    assert (walk.stage, walk.todo) == ("re-engagement", {"7.1"})
    walk.tick("7.1", by="sam").run()
    assert (walk.stage, walk.alarms) == ("re-engagement", {("signer-wrong", "7.1")})
    walk.untick("7.1", by="sam").tick("7.1", by="carol").run()
    assert (walk.stage, walk.alarms) == ("complete", set())


def test_s2_85_no_reason_but_those_listed():
    walk = asked_back_for("Renewal").tick("7.1", by="carol").run()
    assert (walk.stage, walk.alarms) == ("re-engagement", {("field-invalid", "asked_back_for")})


def test_s2_85_whoever_is_asked_back_before_the_transition_is_over_was_not_invited():
    walk = start({"Asked back for": "EBR"}).until("kickoff").tick("7.1").run()
    assert (walk.stage, walk.alarms) == ("kickoff", too_soon("7.1"))


def test_s2_85_months_later_nobody_is_late():
    walk = start().until("complete").wait(days=120)
    walk.write("Asked back for", "EBR", by="carol").run().wait(days=1).run()
    assert (walk.stage, walk.todo, walk.alarms) == ("re-engagement", {"7.1"}, set())


@pytest.mark.parametrize("reason", EXCEPTIONS)
def test_s2_88_an_exception_waits_for_the_sa_leader(reason):
    walk = asked_back_for(reason)
    assert walk.todo == {"7.1", "7.2"}
    walk.tick("7.1", by="carol").tick("7.2", by="sam").run()
    assert (walk.stage, walk.alarms) == ("re-engagement", {("signer-wrong", "7.2")})
    walk.untick("7.2", by="sam").tick("7.2", by="lea").run()
    assert (walk.stage, walk.alarms) == ("complete", set())


def test_s2_88_the_csm_who_asks_cannot_approve_it_as_an_sa_leader():
    walk = asked_back_for(EXCEPTIONS[0])
    leaders = {"lea": "lea", "carol": "carol"}
    walk.tale.directory = replace(walk.tale.directory, roles={**walk.tale.directory.roles, "sa_leader": leaders})
    walk.tick("7.1", by="carol").tick("7.2", by="carol").run()
    assert (walk.stage, walk.alarms) == ("re-engagement", {("signer-wrong", "7.2")})


def test_s2_88_an_approval_holds_for_one_reason_only():
    walk = start(variant="exception").until("complete")
    assert walk.stage == "complete"
    walk.write("Asked back for", EXCEPTIONS[2], by="carol").run()
    assert walk.stage == "re-engagement"
    assert walk.alarms == {("sign-off-stale", "7.1"), ("sign-off-stale", "7.2")}


@pytest.mark.parametrize("reason", EXCEPTIONS)
def test_s2_89_to_s2_91_an_exception_is_the_csms_own_request(reason):
    walk = asked_back_for(reason).tick("7.2", by="lea").run()
    assert (walk.stage, walk.todo) == ("re-engagement", {"7.1"})


def test_s2_92_an_existing_team_gets_no_pov_and_no_rfp_without_an_upgrade():
    walk = asked_back_for("POV or RFP for an existing team without upgrade").finish("re-engagement")
    walk.tick("7.1", by="carol").tick("7.2", by="lea").run()
    assert (walk.stage, walk.alarms) == ("re-engagement", {("forbidden", "asked_back_for")})
    assert "sales tool" in walk.status
