"""CSM to CSM: what must hold, row by row, in issues that people get wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.processes.walk import Walk


def tell(variant="normal", **values):
    return Walk.of("csm-to-csm", variant, {title.replace("_", " "): value for title, value in values.items()})


def test_s1_38_a_slow_handoff_has_nine_weeks_for_shadowing_from_when_it_begins():
    walk = tell("slow").until("introduction").wait(days=9).finish("introduction").run()
    limit = walk.verdict.limit
    assert walk.stage == "shadowing"
    assert (limit.about, (limit.due_at.date() - walk.tale.now.date()).days) in [("shadowing", 62), ("shadowing", 63)]
    walk.wait(days=60).run()
    assert {code for code, _ in walk.alarms} == {"due-soon"}
    walk.wait(days=4).run()
    assert {code for code, _ in walk.alarms} == {"overdue"}


def test_s1_38_a_normal_handoff_passes_shadowing_by():
    walk = tell("normal").until("introduction").finish("introduction").run()
    assert walk.stage == "takeover"
    assert "Shadowing" not in walk.status


def test_s1_41_shadowing_ends_only_when_the_new_csm_says_so():
    walk = tell("slow").until("shadowing").finish("shadowing", but=["5.3"]).tick("5.3", by="carol").run()
    assert (walk.stage, walk.alarms) == ("shadowing", {("signer-wrong", "5.3")})
    walk.untick("5.3", by="carol").tick("5.3", by="nina").run()
    assert (walk.stage, walk.alarms) == ("takeover", set())


def test_s1_58_the_previous_csm_leaves_the_tickets_only_after_the_new_one_has_joined():
    walk = tell().until("takeover").finish("takeover", but=["6.1"]).tick("7.1", by="carol").run()
    assert walk.stage == "takeover"
    assert ("sign-off-early", "7.1") in walk.alarms
    walk.tick("6.1", by="nina").run()
    assert walk.stage == "completion"
    assert walk.todo | {subject for _, subject in walk.alarms} == {"7.1", "7.2", "7.3"}
    walk.untick("7.1", by="carol").tick("7.1", by="carol").run()
    assert walk.alarms == set()


def test_s1_57_nobody_joins_the_tickets_for_the_new_csm():
    walk = tell().until("takeover").finish("takeover", but=["6.1"]).tick("6.1", by="carol").run()
    assert (walk.stage, walk.alarms) == ("takeover", {("signer-wrong", "6.1")})


def test_s1_3_the_new_csm_opens_the_cta():
    walk = tell().finish("start", but=["1.2"]).tick("1.2", by="carol").run()
    assert (walk.stage, walk.alarms) == ("start", {("signer-wrong", "1.2")})


def test_s1_13_only_the_previous_csm_says_that_stale_issues_are_mended():
    walk = tell().until("description").finish("description", but=["2.2"]).tick("2.2", by="nina").run()
    assert (walk.stage, walk.alarms) == ("description", {("signer-wrong", "2.2")})


def test_s1_56_the_new_csm_answers_for_the_tickets():
    walk = tell().until("review").finish("review", but=["3.15"]).tick("3.15", by="mia").run()
    assert (walk.stage, walk.alarms) == ("review", {("signer-wrong", "3.15")})


@pytest.mark.parametrize("reason", ["Territory change", "sales realignment", "Balancing of books.", "Other"])
def test_s1_1_the_reasons_are_those_of_the_handbook(reason):
    assert tell(Reason_for_the_handoff=reason).finish("start").run().stage == "description"


def test_s1_1_another_reason_is_refused():
    assert tell(Reason_for_the_handoff="Boredom").alarms == {("field-invalid", "reason")}


def test_s1_11_without_a_project_it_is_said_why():
    walk = tell("no-project", Why_there_is_no_collaboration_project="").until("review").finish("review").run()
    assert (walk.stage, walk.todo) == ("review", {"no_project_because"})


def test_s1_12_with_a_project_its_issues_are_read():
    walk = tell().until("review").finish("review", but=["3.4"]).run()
    assert (walk.stage, walk.todo) == ("review", {"3.4"})


@pytest.mark.parametrize("state", ["Stale", "Empty"])
def test_s1_26_a_plan_that_is_stale_or_empty_needs_a_strategy(state):
    walk = tell("stale-plan", State_of_the_success_plan=state, How_to_build_up_the_success_plan="")
    walk.until("review").finish("review").run()
    assert (walk.stage, walk.todo) == ("review", {"plan_strategy"})


def test_s1_19_whoever_finds_gaps_sends_it_back_to_the_previous_csm():
    walk = tell().until("review").say("send back: who are the attendees?", by="nina").run()
    assert (walk.stage, walk.alarms) == ("description", {("sent-back", "2.6")})
    walk.untick("2.6", by="carol").tick("2.6", by="carol").run()
    assert (walk.stage, walk.alarms) == ("review", set())


def test_one_person_cannot_be_both_csms():
    walk = tell(Previous_CSM="@nina")
    assert walk.alarms == {("role-unknown", "previous_csm")}
    assert "One person cannot be on both sides of a handover" in walk.status


def test_another_pace_voids_no_signature():
    walk = tell().until("introduction").write("Pace", "Slow").run()
    assert (walk.stage, walk.alarms) == ("introduction", set())
    assert walk.finish("introduction").run().stage == "shadowing"


def test_s1_28_what_nobody_knew_is_asked_in_the_cadence_calls():
    walk = tell("unknown-stages").until("completion").finish("completion", but=["7.4"]).run()
    assert (walk.stage, walk.todo) == ("completion", {"7.4"})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"Region": "AMER", "Priority": "Pr2"}, {("field-invalid", "priority")}),
        ({"Region": "AMER", "Priority": "Pr1"}, set()),
        ({"Onboarding_enablement": "Running", "Priority": "Pr2"}, {("field-invalid", "priority")}),
        ({"Onboarding_enablement": "Running", "Priority": "Pr1"}, set()),
        ({"Priority": "Pr3"}, {("field-invalid", "priority")}),
    ],
)
def test_s3_76_to_s3_83_the_priority_follows_its_rules(values, expected):
    assert tell(**values).until("review").alarms == expected


def test_whoever_may_be_a_csm_may_be_either_of_them():
    """The directory knows csm only; both roles are drawn from it (x-held-by)."""
    walk = tell()
    before = walk.tale.directory
    others = {role: each for role, each in before.roles.items() if role not in ("new_csm", "previous_csm")}
    both = {"nina": "nina", "carol": "carol"}
    for more, expected in (
        ({}, {("role-unknown", "new_csm"), ("role-unknown", "previous_csm")}),
        ({"csm": both}, set()),
        ({"csm": both, "new_csm": {"carol": "carol"}}, {("role-unknown", "new_csm")}),
    ):
        walk.tale.directory = replace(before, roles={**others, **more})
        assert walk.alarms == expected
