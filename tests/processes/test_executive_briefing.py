"""Executive briefing: an agenda for everybody; with an E-group member a document for the EBA, then the prep call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.processes.walk import Walk

EARLY = ("too-early", "customer_call_on")


def walk(variant: str = "egroup", values: Mapping[str, Any] | None = None) -> Walk:
    return Walk.of("executive-briefing", variant, values)


def without_egroup(values: Mapping[str, Any] | None = None) -> Walk:
    return walk("in-person-without-egroup", values)


def test_s3_40_a_meeting_without_the_e_group_needs_an_agenda_and_nothing_more():
    seen = without_egroup()
    assert seen.todo == {"1.1"}
    assert seen.tick("1.1").run().stage == "complete"
    assert seen.alarms == set()
    assert not any("Briefing" in ping or "Prep call" in ping for ping in seen.pings)


@pytest.mark.parametrize(("title", "key"), [("Agenda", "agenda"), ("Agenda sent on", "agenda_sent_on")])
def test_s3_40_the_agenda_is_there_and_sent(title, key):
    assert without_egroup({title: ""}).todo == {"1.1", key}


def test_s3_40_an_agenda_after_the_call_is_late():
    seen = without_egroup({"Agenda sent on": "2026-11-13"}).tick("1.1").run()
    assert (seen.stage, seen.alarms) == ("complete", {EARLY})


def test_s3_41_an_e_group_member_asks_for_a_briefing_document():
    seen = walk(values={"Briefing document": ""}).until("briefing")
    assert seen.todo == {"2.1", "2.2", "briefing_document"}
    assert seen.finish("briefing").run().stage == "briefing"


def test_s3_41_who_attends_must_be_said():
    assert without_egroup({"E-group member attends": ""}).todo == {"1.1", "egroup"}
    assert walk(values={"E-group member": ""}).todo == {"1.1", "1.2", "egroup_member"}


def test_s3_41_an_e_group_member_who_joins_later_asks_for_all_of_it():
    seen = without_egroup().until("complete").write("E-group member attends", "Yes").run()
    assert seen.stage == "planning"
    assert seen.todo == {"1.2", "egroup_member"}


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("CSM", "csm"),
        ("AE", "ae"),  # S3-46
        ("Customer", "customer"),
        ("Customer call on", "customer_call_on"),  # S3-52
        ("Where", "place"),
        ("Who takes part", "attendees"),
    ],
)
def test_s3_52_who_where_and_when_are_said_of_every_meeting(title, key):
    assert without_egroup({title: ""}).todo - {"1.1"} == {key}


@pytest.mark.parametrize(("title", "key"), [("E-group member attends", "egroup"), ("Tier", "tier")])
def test_s3_41_s3_49_choices_are_choices(title, key):
    assert ("field-invalid", key) in walk(values={title: "Perhaps"}).until("complete").alarms


def test_s3_42_a_call_with_the_e_group_is_arranged_as_the_eba_page_asks():
    seen = walk().tick("1.1").run()
    assert (seen.stage, seen.todo) == ("planning", {"1.2"})


def test_s3_42_a_call_with_the_e_group_names_the_eba():
    assert "eba" in walk(values={"EBA": ""}).todo
    assert "eba" not in without_egroup({"EBA": ""}).todo


def test_s3_43_the_prep_call_comes_before_the_customer_call():
    """Typically the day before: on the same day it may have been in the morning, and nobody is accused."""
    seen = walk(values={"Prep call on": "2026-11-13"}).until("complete")
    assert (seen.stage, seen.alarms) == ("complete", {EARLY})
    for day in ("2026-11-11", "2026-11-12"):
        assert walk(values={"Prep call on": day}).until("complete").alarms == set()


def test_s3_43_no_call_with_the_e_group_goes_without_a_prep_call():
    seen = walk().until("prep-call").run()
    assert (seen.stage, seen.todo) == ("prep-call", {"3.1"})


def test_s3_44_the_prep_call_waits_for_the_briefing_document():
    seen = walk().until("briefing").finish("briefing", but=["2.2"]).tick("3.1").run()
    assert (seen.stage, seen.todo) == ("briefing", {"2.2"})
    assert seen.alarms == {("gate-skipped", "3.1")}


def test_s3_44_only_the_csm_says_that_the_document_is_shared():
    seen = walk().until("briefing").tick("2.1").tick("2.2", by="alex").run()
    assert (seen.stage, seen.alarms) == ("briefing", {("signer-wrong", "2.2")})


def test_s3_44_sharing_the_document_has_a_date():
    seen = walk(values={"Shared with the EBA on": ""}).until("briefing").finish("briefing").run()
    assert (seen.stage, seen.alarms) == ("briefing", {("field-blank", "briefing_shared_on")})


def test_s3_44_another_document_is_shared_anew():
    seen = walk().until("prep-call").write("Briefing document", "https://docs.example.com/other").run()
    assert (seen.stage, seen.alarms) == ("briefing", {("sign-off-stale", "2.2")})


def test_s3_44_facts_may_be_refined_until_the_prep_call():
    seen = walk().until("prep-call").write("Should ask", "Who decides, and when?").run()
    assert (seen.stage, seen.alarms) == ("prep-call", set())


def test_s3_44_a_prep_call_dated_before_the_document_was_shared_is_told():
    values = {"Shared with the EBA on": "2026-11-05", "Prep call on": "2026-11-04"}
    seen = walk(values=values).until("complete")
    assert (seen.stage, seen.alarms) == ("complete", {("too-early", "prep_call_on")})


def test_s3_44_the_eba_is_told_that_the_document_is_there():
    assert "@erin" in walk().until("prep-call").pings[-1]


@pytest.mark.parametrize(("shared", "alarms"), [("2026-11-12", set()), ("2026-11-13", {EARLY})])
def test_a_document_that_was_shared_after_the_customer_call_is_told(shared, alarms):
    seen = walk(values={"Shared with the EBA on": shared, "Prep call on": ""}).until("prep-call")
    assert (seen.stage, seen.alarms) == ("prep-call", alarms)


def test_s3_45_the_material_is_shared_too_or_there_is_none():
    seen = walk(values={"Material for the call": ""}).until("briefing").finish("briefing").run()
    assert (seen.stage, seen.alarms) == ("briefing", {("field-blank", "material")})
    assert walk(values={"Material for the call": "none"}).until("prep-call").stage == "prep-call"


def test_s3_46_the_account_team_takes_part_in_the_preparation():
    seen = walk().until("briefing").finish("briefing", but=["2.1"]).run()
    assert (seen.stage, seen.todo) == ("briefing", {"2.1"})


def test_s3_47_the_arr_need_not_be_written_here():
    assert walk(values={"ARR": "see document"}).until("complete").stage == "complete"


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("ARR", "arr"),  # S3-47
        ("Number of users", "users"),  # S3-48
        ("Tier", "tier"),  # S3-49
        ("Renewal date", "renewal_date"),  # S3-50
        ("Stages in use", "stages_in_use"),  # S3-51
        ("What it is about", "subject"),  # S3-52
        ("Why we meet", "why"),
        ("Wanted outcome", "outcome"),
        ("What GitLab wants", "gitlab_wants"),  # S3-53
        ("What the customer wants", "customer_wants"),
        ("Should do", "should_do"),  # S3-54
        ("Should say", "should_say"),
        ("Should ask", "should_ask"),
        ("Topics the customer may raise", "topics"),  # S3-56
        ("Success plan", "success_plan"),  # S3-58
    ],
)
def test_s3_47_to_s3_58_the_executive_goes_into_no_call_without_this(title, key):
    seen = walk(values={title: ""}).until("briefing").finish("briefing").run()
    assert (seen.stage, seen.todo) == ("briefing", {key})


def test_s3_57_links_are_welcome_and_not_demanded():
    assert walk(values={"Helpful links": ""}).until("complete").stage == "complete"
