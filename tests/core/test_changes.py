"""Two states of a process: which change is a rule, which is free, how it is said; and which wordings say the same."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date, time

import pytest
from jsonschema import Draft202012Validator

from automation.core.agreement import judge_schema
from automation.core.changes.codes import judge_codes, judge_since
from automation.core.changes.differences import compare_processes
from automation.core.changes.model import Change
from automation.core.changes.page import Meaning, write_meaning, write_not_compared
from automation.core.changes.people_words import compare_configurations
from automation.core.changes.rules import read_rules
from automation.core.changes.text_words import (
    compare_guards,
    compare_letters,
    compare_templates,
    find_rewordings,
    judge_template_codes,
)
from automation.core.changes.versions import Effect, Versions, compare_versions, judge_kept_codes, path_of
from automation.core.changes.wording import is_same_meaning
from automation.core.configuration import Configuration, RoleHolders, ScheduleSettings
from automation.core.process import build_process
from automation.core.workdays import Absence, Calendar, Calendars
from tests.builders import ROOT

DIALECT = json.loads((ROOT / "schemas/dialect.schema.json").read_text(encoding="utf-8"))
KINDS = "dialect.schema.json#/$defs/"
SCHEMA = {
    "$schema": "dialect.schema.json",
    "title": "Moving",
    "x-process": {"id": "moving", "version": 1, "template": "Moving", "weeks": {"min": 2, "max": 3}},
    "type": "object",
    "properties": {
        "people": {
            "title": "People",
            "type": "object",
            "properties": {
                "csm": {"title": "CSM", "x-role": "csm"},
                "owner": {"title": "New owner", "x-role": "owner", "x-held-by": "cse", "x-not-same-as": ["csm"]},
                "helper": {"title": "Helper", "x-role": "helper", "x-any-holder": True},
            },
            "required": ["csm", "owner"],
        },
        "facts": {
            "title": "Facts",
            "type": "object",
            "x-gate": "check",
            "properties": {
                "health": {"title": "Health", "type": "string", "enum": ["Green", "Yellow", "Red"]},
                "reason": {"title": "Reason", "type": "string", "minLength": 1},
                "seats": {"title": "Seats", "type": "integer", "minimum": 1},
                "sent_on": {"title": "Sent on", "$ref": f"{KINDS}date", "x-not-before": ["1.2"]},
            },
            "required": ["health"],
            "if": {"properties": {"health": {"enum": ["Yellow", "Red"]}}, "required": ["health"]},
            "then": {"required": ["reason"]},
        },
        "prepare": {
            "title": "Prepare",
            "type": "object",
            "x-stage": {
                "label": "moving::prepare",
                "responsible": ["csm"],
                "accountable": ["csm"],
                "consulted": [],
                "informed": ["owner"],
                "due": {"working_days": 3, "calendar_of": "csm"},
            },
            "properties": {
                "1.1": {"title": "Every plan of the customer is closed", "$ref": f"{KINDS}done", "x-hint": "All."},
                "1.2": {"title": "The customer knows", "$ref": f"{KINDS}done-or-not-applicable", "x-needs": ["seats"]},
            },
            "required": ["1.1", "1.2"],
        },
        "check": {
            "title": "Check",
            "type": "object",
            "x-stage": {
                "label": "moving::check",
                "responsible": ["owner"],
                "accountable": ["owner"],
                "consulted": ["csm"],
                "informed": [],
                "weeks": [2, 2],
                "sends_back_to": "prepare",
            },
            "properties": {
                "2.1": {
                    "title": "The account is approved",
                    "$ref": f"{KINDS}done",
                    "x-signed-by": ["owner"],
                    "x-signs-for": ["prepare"],
                    "x-after": ["1.1"],
                },
                "2.2": {"title": "Tick only if it went wrong", "$ref": f"{KINDS}box", "x-forbids": True},
            },
            "required": ["2.1"],
        },
        "notes": {
            "title": "Notes",
            "type": "object",
            "x-advisory": True,
            "properties": {
                "3.1": {"title": "Somebody read this", "$ref": f"{KINDS}box", "x-advisory": True},
                "remark": {"title": "Remark", "type": "string", "x-advisory": True},
            },
        },
    },
}


def build(change=None, dialect=DIALECT, **about):
    """Build the process above, changed by a function that is given its sections and the whole schema."""
    schema = copy.deepcopy(SCHEMA)
    schema["x-process"] |= about
    if change is not None:
        change(schema["properties"], schema)
    return build_process(schema, dialect)


OLD = build()


def said(change):
    return [(each.is_rule, each.said) for each in compare_processes(OLD, build(change))]


# --- wordings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Every success plan is closed", "All success plans are closed"),
        ("Every success plan is closed", "Every sucess plan is closed"),
        ("Every success plan is closed", "Every success plan in Gainsight is closed"),
        ("Every success plan in Gainsight is closed", "Every success plan is closed."),
        ("Gainsight is **up to date**", "Gainsight is up to date"),
        ("The account is approved for CSE+", "CSE+ approves the account"),
        ("The letter is sent, with the AE in copy", "The letter is sent with the AE in CC"),
        ("We went through this issue together", "Together, we went through this issue"),
        ("The customer's timeline links to this issue", "The timeline of the customer links to this issue"),
        ("", ""),
    ],
)
def test_small_edits_and_added_words_say_the_same(old, new):
    assert is_same_meaning(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Gainsight is up to date", "Salesforce is up to date"),
        ("Every success plan is closed", "Every call to action is closed"),
        ("Every call to action (CTA) is closed", "Every call to action (CTA) is open"),
        ("No question of the customer is left open", "A question of the customer is left open"),
        ("The letter to the customer is sent", "The letter to the customer is not sent"),
        ("Instances silent for 6 months are flagged", "Instances silent for 3 months are flagged"),
        ("Instances silent for six months are flagged", "Instances silent for twelve months are flagged"),
        ("Every instance of the customer is active", "Every instance of the customer is inactive"),
        ("As the SA, I passed my duties for this customer on", "As the AE, I passed my duties for this customer on"),
        ("Approved", "Rejected"),
        ("The letter is sent, with the AE in copy", "The letter is drafted, with the AE in copy"),
        ("As the AE, I signed the contract of the customer", "As the AE, I read the contract of the customer"),
        (
            "The Gainsight timeline shows the completion date, a link to this issue and the feedback",
            "Gainsight shows the feedback",
        ),
        ("", "The letter is sent"),
        ("Sent", "The account, its plans, its instances and the contract of the customer were sent to the archive"),
    ],
)
def test_another_subject_number_denial_or_opposite_says_something_else(old, new):
    assert not is_same_meaning(old, new)


def test_the_boxes_of_our_own_processes_are_told_apart():
    """Of all boxes that mean different things, only few sound so much alike that their words do not tell them apart."""
    alike = 0
    for path in sorted((ROOT / "schemas").glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        if "x-process" in schema:
            titles = [item.title for item in build_process(schema, DIALECT).items.values()]
            alike += sum(is_same_meaning(one, other) for at, one in enumerate(titles) for other in titles[at + 1 :])
    assert alike <= 3


# --- rules and what is free -------------------------------------------------------------------------------------------


def due(days):
    return lambda sections, _: sections["prepare"]["x-stage"]["due"].update(working_days=days)


def box(code, **about):
    section = {"1": "prepare", "2": "check", "3": "notes"}[code[0]]
    return lambda sections, _: sections[section]["properties"][code].update(about)


def line(key, section="facts", **about):
    return lambda sections, _: sections[section]["properties"][key].update(about)


def without(section, name, keyword=None):
    def change(sections, _):
        about = sections[section]["properties"]
        (about[name] if keyword else about).pop(keyword or name)
        if not keyword and name in sections[section].get("required", ()):
            sections[section]["required"].remove(name)

    return change


def add(section, name, is_required=False, **about):
    def change(sections, _):
        sections[section]["properties"][name] = about
        if is_required:
            sections[section]["required"].append(name)

    return change


def stage(key, **about):
    return lambda sections, _: sections[key]["x-stage"].update(about)


RULES = [
    (due(5), "“Prepare” may take 5 instead of 3 working days."),
    (lambda s, _: s["prepare"]["x-stage"].pop("due"), "“Prepare” has no limit of 3 working days any more."),
    (
        lambda s, _: s["prepare"]["x-stage"]["due"].update(calendar_of="owner"),
        "The working days of “Prepare” are counted in the calendar of New owner.",
    ),
    (stage("check", weeks=[2, 3]), "“Check” belongs in weeks 2 to 3 of the process instead of week 2."),
    (
        lambda _, x: x["x-process"].update(weeks={"min": 2, "max": 4}),
        "The whole process may take 2 to 4 weeks instead of 2 to 3 weeks.",
    ),
    (stage("check", responsible=["csm"]), "“Check” is now the work of CSM instead of New owner."),
    (stage("check", accountable=["csm"]), "CSM now answers for “Check” instead of New owner."),
    (lambda s, _: s["check"]["x-stage"].pop("sends_back_to"), "A handover in “Check” can no longer be sent back."),
    (box("2.1", **{"x-signed-by": ["csm"]}), "Box 2.1 is now signed by CSM instead of New owner."),
    (without("check", "2.1", "x-signed-by"), "Box 2.1 needs no signature any more; anybody may tick it."),
    (box("1.1", **{"x-signed-by": ["csm"]}), "Box 1.1 counts only when it is signed by CSM."),
    (box("2.1", **{"x-signs-for": ["prepare", "facts"]}), "The signature in box 2.1 covers “Facts” as well"),
    (
        box("2.1", title="The account is approved now"),
        "Box 2.1, which is signed, reads differently: “The account is approved” → “The account is approved now”.",
    ),
    (
        box("2.1", **{"x-after": ["1.2"]}),
        "Box 2.1 must be ticked after box 1.2 and need not wait for box 1.1 any more.",
    ),
    (box("1.2", **{"x-needs": ["seats", "health"]}), "Box 1.2 can be ticked only when “Health” is filled in."),
    (box("1.2", **{"$ref": f"{KINDS}done"}), "Box 1.2 must be ticked, and can no longer be marked as not applicable."),
    (
        box("1.1", **{"$ref": f"{KINDS}done-or-not-applicable"}),
        "Box 1.1 may be marked as not applicable, with a reason.",
    ),
    (
        box("1.2", **{"x-silent": {"field": "sent_on", "months": 6}}),
        "Box 1.2 cannot be not applicable where “Sent on” lies 6 months back or more.",
    ),
    (without("check", "2.2", "x-forbids"), "Box 2.2 no longer records what is banned."),
    (without("prepare", "1.1"), "Box 1.1 is no longer there: “Every plan of the customer is closed”."),
    (add("prepare", "1.3", True, **{"title": "New", "$ref": f"{KINDS}done"}), "Box 1.3 is new and required: “New”."),
    (lambda s, _: s["prepare"]["required"].remove("1.1"), "Box 1.1 is no longer required."),
    (line("health", enum=["Green", "Red"]), "The line “Health” may no longer say “Yellow”."),
    (line("seats", minimum=5), "The line “Seats” must be a number of at least 5 instead of a number of at least 1."),
    (
        line("seats", title="Licences"),
        "The line “Seats” is now called “Licences”; handovers under way have it by its old name.",
    ),
    (lambda s, _: s["facts"]["required"].append("seats"), "The line “Seats” becomes required."),
    (without("facts", "seats"), "The line “Seats” is no longer there."),
    (add("facts", "tier", True, title="Tier", type="string"), "The line “Tier” is new, and must be filled in: a text."),
    (without("facts", "sent_on", "x-not-before"), "The line “Sent on” may lie before box 1.2."),
    (line("owner", "people", **{"x-held-by": "csm"}), "The line “New owner” may name whoever holds the role CSM."),
    (without("people", "owner", "x-not-same-as"), "The line “New owner” may name the same person as “CSM”."),
    (without("people", "helper", "x-any-holder"), "The line “Helper” decides who may sign, nobody else may."),
    (line("helper", "people", **{"x-role": "csm"}), "The line “Helper” names CSM instead of Helper."),
    (
        lambda s, _: s["facts"]["if"]["properties"]["health"].update(enum=["Red"]),
        "The line “Reason” is needed when Health is Red; until now when Health is Yellow or Red.",
    ),
    (lambda s, _: s["facts"].update({"x-gate": "prepare"}), "The lines of “Facts” are judged at the end of “Prepare”."),
    (
        lambda _, x: x.update(
            properties={key: x["properties"][key] for key in ("people", "facts", "check", "prepare", "notes")}
        ),
        "The stages have another order: “Check”, “Prepare”.",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), RULES, ids=[sentence[:60] for _, sentence in RULES])
def test_whatever_gates_signs_or_limits_is_a_rule_and_is_said(change, sentence):
    found = [words for is_rule, words in said(change) if is_rule]
    assert any(words.startswith(sentence) for words in found), said(change)
    assert read_rules(build(change)) != read_rules(OLD)


FREE = [
    (box("1.1", title="Every plan of the customer is closed in Gainsight"), "Box 1.1 reads differently:"),
    (box("1.1", **{"x-hint": "Each."}), "The hint of box 1.1 says: “Each.”."),
    (
        add("notes", "3.2", **{"title": "More", "$ref": f"{KINDS}box", "x-advisory": True}),
        "Box 3.2 is new, and recommended only: “More”.",
    ),
    (without("notes", "3.1"), "Box 3.1, which was only recommended, is no longer there: “Somebody read this”."),
    (add("facts", "tier", title="Tier", type="string"), "The line “Tier” is new, and may stay blank: a text."),
    (stage("prepare", informed=["helper"]), "From now on Helper is told of “Prepare”."),
    (stage("prepare", informed=[]), "New owner is no longer told of “Prepare”."),
    (stage("check", consulted=[]), "CSM is no longer asked about “Check”."),
    (stage("check", informed_when="finished"), "Whoever is told of “Check” hears of it when it is finished."),
    (stage("check", label="moving::look"), "The label of “Check” is “moving::look” instead of “moving::check”."),
    (lambda s, _: s["check"].update(title="Look"), "The stage “Check” is called “Look”."),
    (lambda _, x: x.update(title="Moves"), "The process, and its board, are called “Moves” instead of “Moving”."),
    (lambda _, x: x.update(description="More"), "Its page in docs/processes/ explains it in other words."),
    (line("remark", "notes", maxLength=9), "The line “Remark”, which is only recommended, takes something else."),
    (box("3.1", **{"x-after": ["1.1"]}), "Box 3.1, which is only recommended, depends on something else than before."),
    (box("1.1", title="Every plan is closed"), "Box 1.1 reads differently: “Every plan of the customer is closed” →"),
    (
        box("1.1", **{"x-previously": ["Other words"]}),
        "Box 1.1 is said to have read “Other words” once. Please read: is that the same box?",
    ),
    (
        line("remark", "notes", title="Remarks"),
        "The line “Remark”, which is only recommended, is called “Remarks”.",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), FREE, ids=[sentence[:60] for _, sentence in FREE])
def test_words_advice_and_who_is_told_are_free_but_said(change, sentence):
    found = said(change)
    assert any(words.startswith(sentence) for _, words in found), found
    assert not any(is_rule for is_rule, _ in found)


@pytest.mark.parametrize(
    "change",
    [
        lambda s, _: s["prepare"]["required"].reverse(),
        lambda s, _: s["facts"]["if"]["properties"]["health"]["enum"].reverse(),
        lambda s, _: s["prepare"].update({"x-source": ["S0-1"]}),
        lambda s, _: s["prepare"]["properties"]["1.1"].update({"$comment": "Why."}),
        box("1.1", **{"x-since": 1}),
    ],
)
def test_order_without_meaning_sources_and_comments_change_nothing_for_anybody(change):
    assert said(change) == []
    assert read_rules(build(change)) == read_rules(OLD)


def test_a_kind_of_box_that_asks_for_less_is_a_rule_of_every_process():
    loose = copy.deepcopy(DIALECT)
    loose["$defs"]["done"]["properties"]["state"]["enum"].append("open")
    (change,) = compare_processes(OLD, build(dialect=loose))
    assert change.is_rule
    assert (change.kind, change.said) == ("done", "Every box that must be ticked is judged in another way.")


def test_other_words_about_a_kind_change_nothing():
    described = copy.deepcopy(DIALECT)
    described["$defs"]["link"]["description"] = "Write a link"
    add_link = add("notes", "page", **{"title": "Page", "$ref": f"{KINDS}link", "x-advisory": True})
    assert compare_processes(build(add_link), build(add_link, described)) == ()


def test_what_is_asked_for_under_a_condition_is_a_rule_wherever_it_stands():
    """Of the process as a whole, of a stage, of a section; said, or at least named."""
    whole = {"if": {"required": ["facts"]}, "then": {"properties": {"facts": {"required": ["seats"]}}}}
    in_stage = {"if": {"required": ["1.2"]}, "then": {"required": ["1.1"]}}
    for change in (
        lambda _, schema: schema.update(allOf=[whole]),
        lambda _, schema: schema.update(whole),
        lambda sections, _: sections["prepare"].update(in_stage),
        lambda sections, _: sections["facts"].pop("then"),
    ):
        assert any(is_rule for is_rule, _ in said(change))


TABLE = {
    "title": "Who does what",
    "roles": ["csm", "owner"],
    "chosen_by": "reason",
    "rows": [{"title": "Move", "stage": "check", "boxes": ["2.1"], "cells": {"csm": "R", "owner": "A"}}],
}


def test_who_does_an_activity_is_a_rule_where_a_stage_follows_it():
    def follows(sections, schema):
        schema["x-activities"] = copy.deepcopy(TABLE)
        sections["check"]["x-stage"]["follows_activity"] = True

    def swapped(sections, schema):
        follows(sections, schema)
        schema["x-activities"]["rows"][0]["cells"] = {"csm": "A", "owner": "R"}

    def loose(sections, schema):
        follows(sections, schema)
        del sections["check"]["x-stage"]["follows_activity"]

    def table_alone(_, schema):
        schema["x-activities"] = copy.deepcopy(TABLE)

    assert any("Who does “Move” changes" in each.said for each in compare_processes(build(follows), build(swapped)))
    changes = compare_processes(build(follows), build(loose))
    assert "Who works in “Check” no longer follows from the activity that the issue names." in {
        change.said for change in changes if change.is_rule
    }
    aspects = {key[0] for key in set(read_rules(build(follows))) - set(read_rules(OLD))}
    assert aspects == {"activity", "process", "stage"}
    assert not any(change.is_rule for change in compare_processes(OLD, build(table_alone)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (stage("check", weeks=[2, 3]), stage("check", weeks=[3, 2])),
        (None, lambda s, _: s["people"]["properties"].update(seats=s["facts"]["properties"].pop("seats"))),
        (None, box("2.1", title="the account is approved")),
        (
            box("3.1", **{"x-signed-by": ["owner"]}),
            box("3.1", **{"x-signed-by": ["csm"]}),
        ),
    ],
)
def test_small_things_that_bind_are_rules_too(before, after):
    """The order of a span, the section of a line, capitals of what is signed, who signs advice."""
    assert any(change.is_rule for change in compare_processes(build(before), build(after)))


def test_capitals_in_the_title_of_a_line_are_no_rule():
    assert not any(is_rule for is_rule, _ in said(line("seats", title="SEATS")))


def test_a_letter_that_cannot_be_seen_is_named():
    [(is_rule, words), *_] = said(box("2.1", title="The account is approved\u200b"))
    assert is_rule
    assert "U+200B" in words


def test_the_ban_of_a_new_line_is_said():
    [(_, words)] = said(add("facts", "sort", title="Sort", type="string", **{"x-forbids": ["x"]}))
    assert words.endswith("it must not say “x”.")


def test_an_answer_to_a_return_that_goes_is_said_without_a_number():
    [answer] = [
        words for _, words in said(lambda s, _: s["check"]["x-stage"].pop("sends_back_to")) if "answered" in words
    ]
    assert answer == "A handover that was sent back to “Prepare” is answered by no box instead of box 1.2."


def test_advice_asks_for_nothing_under_any_condition():
    """The dialect refuses it; where it stands all the same, it holds up nothing."""

    def condition(sections, _):
        sections["notes"] |= {"if": {"type": "object"}, "then": {"required": ["remark"]}}

    new = build(condition)
    assert not Draft202012Validator(DIALECT).is_valid(new.schema)
    assert "required" not in json.dumps(new.validator.schema["properties"]["notes"])


def every_single_change(value, place=()):
    """Yield copies of a schema in which one value at a time is another, or not there."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        each = value[key]
        if isinstance(each, dict | list):
            yield from (_with(value, key, found) for found in every_single_change(each))
        if isinstance(each, bool | int):
            yield _with(value, key, not each if isinstance(each, bool) else each + 1)
        elif isinstance(each, str):
            yield _with(value, key, {"owner": "csm", "csm": "owner", "prepare": "check"}.get(each, f"{each}x"))
        if isinstance(value, dict) and (str(key).startswith("x-") or isinstance(each, int) or key in ("enum", "then")):
            yield {name: about for name, about in value.items() if name != key}
    if isinstance(value, list):
        yield from ([*value[:at], *value[at + 1 :]] for at in range(len(value)))


def _with(value, key, each):
    copied = copy.copy(value)
    copied[key] = each
    return copied


def test_no_rule_changes_unsaid():
    """Whatever single value changes: where the rules differ, a sentence says so, and marks it as a rule."""
    accepts, count = Draft202012Validator(DIALECT).is_valid, 0
    for schema in every_single_change(SCHEMA):
        # The check of a schema alone refuses the others.
        if accepts(schema) and not any(judge_schema(new := build_process(schema, DIALECT))):
            changes = compare_processes(OLD, new)
            assert (read_rules(OLD) != read_rules(new)) is any(change.is_rule for change in changes)
            count += 1
    assert count > 60


# --- codes ------------------------------------------------------------------------------------------------------------


def judged(change, **about):
    return [(place[3], message) for place, message in judge_codes(OLD, build(change, **about))]


def test_a_code_with_another_meaning_is_found_with_both_ways_out():
    [(code, message)] = judged(box("1.1", title="The contract is signed"))
    assert code == "1.1"
    assert "“Every plan of the customer is closed” became “The contract is signed”" in message
    assert '"x-previously": ["Every plan of the customer is closed"]' in message


def test_former_words_vouch_for_a_true_rewording():
    words = {"title": "Nothing is left to plan", "x-previously": ["Every plan of the customer is closed."]}
    assert judged(box("1.1", **words)) == []


def test_a_box_that_is_renumbered_is_found_under_its_new_code():
    def change(sections, _):
        boxes = sections["prepare"]["properties"]
        boxes["1.3"] = boxes.pop("1.2")

    [(code, message)] = judged(change, version=2)
    assert code == "1.3"
    assert "give it the code 1.2 again" in message


def test_two_boxes_that_change_places_are_both_found():
    def change(sections, _):
        boxes = sections["prepare"]["properties"]
        boxes["1.1"]["title"], boxes["1.2"]["title"] = boxes["1.2"]["title"], boxes["1.1"]["title"]

    assert [code for code, _ in judged(change)] == ["1.2", "1.1"]


def test_of_two_boxes_with_the_same_words_one_may_go():
    twice = build(box("1.2", title="Every plan of the customer is closed"))
    once = copy.deepcopy(SCHEMA)
    once["properties"]["prepare"]["properties"]["1.2"]["title"] = "Every plan of the customer is closed"
    del once["properties"]["prepare"]["properties"]["1.1"]
    assert list(judge_codes(twice, build_process(once, DIALECT))) == []


def test_a_box_may_go_and_a_new_one_come():
    def change(sections, _):
        boxes = sections["prepare"]["properties"]
        del boxes["1.2"]
        boxes["1.3"] = {"title": "The contract is signed", "$ref": f"{KINDS}done"}

    assert judged(change, version=2) == []


@pytest.mark.parametrize(
    ("version", "since", "is_right"),
    [(2, 2, True), (2, 1, False), (2, 3, False), (1, 1, True), (1, 2, False), (4, 3, True)],
)
def test_since_is_the_version_that_brings_a_box(version, since, is_right):
    new = build(add("notes", "3.2", **{"title": "More", "$ref": f"{KINDS}box", "x-since": since}), version=version)
    assert (list(judge_since(OLD, new)) == []) is is_right


def test_since_of_a_box_that_was_there_before_is_no_later_version():
    assert [place[-1] for place, _ in judge_since(OLD, build(box("1.1", **{"x-since": 2}), version=2))] == ["x-since"]


def test_codes_keep_their_meaning_over_versions_that_do_not_follow_each_other():
    second = build(without("prepare", "1.1"), version=2)
    third = build(box("1.1", title="The contract is signed"), version=3)
    found = list(judge_kept_codes({("moving", 1): OLD, ("moving", 2): second, ("moving", 3): third}))
    assert [(process.version, place[3]) for process, place, _ in found] == [(3, "1.1")]


# --- versions ---------------------------------------------------------------------------------------------------------


def versions(*processes):
    newest = max(each.version for each in processes)
    return Versions({path_of(each.id, 0 if each.version == newest else each.version): each for each in processes})


def refused(old, new):
    return [f"{each.path}: {each.message}" for each in compare_versions(old, new, "abc123")[0]]


def test_a_rule_under_the_same_version_is_refused_with_the_way():
    (message,) = refused(versions(OLD), versions(build(due(5))))
    assert message.startswith("schemas/moving.schema.json: “Prepare” may take 5 instead of 3 working days.")
    assert "Raise x-process.version to 2" in message
    assert "git show abc123:./schemas/moving.schema.json > schemas/moving.v1.schema.json" in message
    assert "`version 2` in the template “Moving”" in message


def test_a_new_version_with_the_old_one_kept_may_change_what_it_likes():
    new = versions(OLD, build(due(5), version=2))
    refusals, (effect,) = compare_versions(versions(OLD), new, "abc123")
    assert refusals == ()
    assert [change.said for change in effect.for_new] == ["“Prepare” may take 5 instead of 3 working days."]
    assert effect.for_all == ()


def test_a_new_version_without_the_old_one_is_refused():
    (message,) = refused(versions(OLD), versions(build(due(5), version=2)))
    assert "version 1 must be kept" in message


def test_the_kept_version_has_the_rules_that_it_had():
    (message,) = refused(versions(OLD), versions(build(due(4)), build(due(5), version=2)))
    assert message.startswith("schemas/moving.v1.schema.json: ")
    assert "git show abc123:./schemas/moving.schema.json > schemas/moving.v1.schema.json" in message


def test_an_older_version_may_not_change_its_rules_but_may_go():
    second = build(due(5), version=2)
    (message,) = refused(versions(OLD, second), versions(build(due(4)), second))
    assert "git show abc123:./schemas/moving.v1.schema.json > schemas/moving.v1.schema.json" in message
    refusals, (effect,) = compare_versions(versions(OLD, second), versions(second), "abc123")
    assert refusals == ()
    (warning,) = effect.warnings
    assert warning.startswith("Version 1 is deleted. Every open handover that says version 1 stops")


def test_a_version_that_is_gone_never_comes_back():
    second = build(due(5), version=2)
    (message,) = refused(versions(second), versions(build(due(90)), second))
    assert message.startswith("schemas/moving.v1.schema.json: version 1 was not there before")
    unreadable = Versions(versions(second).by_path, frozenset({"schemas/moving.v1.schema.json"}))
    assert refused(unreadable, versions(OLD, second)) == []


def test_an_older_version_that_cannot_be_read_now_counts_as_kept():
    kept = Versions(versions(build(due(5), version=2)).by_path, frozenset({"schemas/moving.v1.schema.json"}))
    assert refused(versions(OLD), kept) == []


def test_the_way_to_put_a_kept_version_right_is_the_old_file_not_a_new_version():
    second = build(due(5), version=2)
    (message,) = refused(versions(second), Versions({path_of("moving", 2): build(due(6), version=2)}))
    assert "Raise" in message
    (message,) = refused(versions(second), versions(build(due(6), version=2), build(due(6), version=3)))
    assert "Version 2 is kept as it was" in message


def test_the_way_is_told_once_a_file():
    def change(sections, _):
        sections["prepare"]["x-stage"]["due"]["working_days"] = 5
        sections["check"]["x-stage"]["weeks"] = [2, 3]

    first, second = refused(versions(OLD), versions(build(change)))
    assert "git show" in first
    assert "git show" not in second


def test_a_kind_never_changes_whatever_the_version_and_that_is_said_once():
    loose = copy.deepcopy(DIALECT)
    loose["$defs"]["done"]["properties"]["state"]["enum"].append("open")
    old = versions(OLD, build(version=2))
    found = refused(old, versions(build(dialect=loose), build(dialect=loose, version=2)))
    assert len(found) == 1
    assert found[0].startswith("schemas/dialect.schema.json: Every box that must be ticked is judged in another way.")
    assert "add a new kind" in found[0]


def test_a_process_may_end_and_those_under_way_are_judged_on():
    ended = Versions({path_of("moving", 1): OLD})
    refusals, (effect,) = compare_versions(versions(OLD), ended, "abc123")
    assert refusals == ()
    assert effect.warnings[0].startswith("This process ends: no handover of it can begin any more.")


def test_a_version_never_falls():
    (message,) = refused(versions(build(version=2)), versions(OLD))
    assert "a version never falls" in message


def test_a_code_that_only_an_older_version_had_is_not_used_again_even_when_that_file_goes():
    second = build(without("prepare", "1.1"), version=2)
    third = build(box("1.1", title="The contract is signed"), version=3)
    found = refused(versions(OLD, second), versions(second, third))
    assert any("box 1.1 means something else than before" in message for message in found)


@pytest.mark.parametrize(("former", "is_refused"), [([], True), (["moving::other"], True), (["moving::check"], False)])
def test_a_label_is_renamed_only_with_its_former_name(former, is_refused):
    def change(sections, _):
        sections["check"]["x-stage"]["label"] = "moving::look"
        sections["check"] |= {"x-previously": former} if former else {}

    refusals, (effect,) = compare_versions(versions(OLD), versions(build(change)), "abc123")
    assert bool(refusals) is is_refused
    assert effect.is_setup


def test_processes_that_come_or_go_are_told_and_not_refused():
    for old, new in ((versions(OLD), Versions()), (Versions(), versions(OLD))):
        refusals, (effect,) = compare_versions(old, new, "abc123")
        assert refusals == ()
        assert effect.warnings or effect.remarks
    renamed = build(lambda _, schema: schema["x-process"].update(id="moving2"))
    gone = next(each for each in compare_versions(versions(OLD), versions(renamed), "abc123")[1] if each.warnings)
    assert (
        "New here: moving2. If that is this process renamed, its rules were compared with nothing." in gone.warnings[0]
    )
    unreadable = Versions(unreadable=frozenset({"schemas/moving.schema.json"}))
    refusals, (effect,) = compare_versions(versions(OLD), unreadable, "abc123")
    assert refusals == ()
    assert "is not sound yet" in effect.remarks[0]


# --- people, texts, page ----------------------------------------------------------------------------------------------


PEOPLE = Configuration(
    roles={"csm": RoleHolders(("carol",)), "owner": RoleHolders(("ben",), ("cs/owners",))},
    territories={"EMEA-1": {"owner": ("ben",)}},
    operations=("ops",),
    calendars=Calendars(
        Calendar("US"), {"ben": Calendar("DE")}, {"ben": (Absence(date(2026, 12, 21), date(2027, 1, 5)),)}
    ),
)
CHLOE_AND_BEN = Calendars(
    Calendar("US"), {"ben": Calendar("DE")}, {"ben": (Absence(date(2026, 12, 21), date(2027, 1, 5), "chloe"),)}
)


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        ({}, []),
        ({"roles": {**PEOPLE.roles, "csm": RoleHolders(("carol", "mia"))}}, ["mia may now act as CSM."]),
        (
            {"roles": {**PEOPLE.roles, "owner": RoleHolders()}},
            [
                "ben may no longer act as New owner.",
                "Every member of the group cs/owners may no longer act as New owner.",
            ],
        ),
        (
            {"territories": {"EMEA-1": {"owner": ("chloe",)}}},
            ["chloe may now act as New owner in EMEA-1.", "ben may no longer act as New owner in EMEA-1."],
        ),
        ({"territories": {}}, ["In EMEA-1 whoever has the role may act as New owner, not ben alone."]),
        ({"calendars": CHLOE_AND_BEN}, ["ben is away from 2026-12-21 to 2027-01-05; chloe stands in."]),
        ({"calendars": replace(PEOPLE.calendars, away={})}, ["ben is no longer away from 2026-12-21 to 2027-01-05."]),
        (
            {"calendars": replace(PEOPLE.calendars, own={})},
            ["The working days of ben are those of US in the time zone UTC instead of DE in the time zone UTC."],
        ),
        (
            {"operations": ("mia",)},
            ["mia is told when the automation needs help.", "ops is no longer told when the automation needs help."],
        ),
        (
            {"quiet_hours": (time(18), time(8))},
            ["Nobody is pinged from 18:00 to 08:00; until now there were no quiet hours."],
        ),
        (
            {"schedule": ScheduleSettings("0 6 * * *")},
            ["Triage runs by the schedule “0 6 * * *” (UTC) instead of “7 * * * *” (UTC)."],
        ),
        (
            {"moved_back_share": 0.5},
            ["A run stops when it would move back more than 50% of the handovers; until now 30%."],
        ),
        ({"may_close": True}, ["The bot closes a handover when all is done."]),
        ({"addresses": {"ben": "ben@example.com"}}, ["Letters take another mail address for ben."]),
    ],
)
def test_what_a_change_of_people_means_is_said(changed, sentences):
    found = [change.said for change in compare_configurations(PEOPLE, replace(PEOPLE, **changed), [OLD])]
    if "calendars" in changed and PEOPLE.calendars.default.time_zone != "UTC":
        sentences = [each.replace("UTC", PEOPLE.calendars.default.time_zone) for each in sentences]
    assert found == sentences


def test_letters_and_templates_show_the_lines_that_changed():
    old = {"letters/x.md.j2": "---\ntitle: The move\n---\nDear you,\nbye"}
    (change,) = compare_letters(old, {"letters/x.md.j2": "---\ntitle: The move\n---\nHello,\nbye"})
    assert change == Change("The letter “The move” has other words or another head.", lines=("- Dear you,", "+ Hello,"))
    (change,) = compare_templates({"a/Moving.md": "x"}, {"a/Moving.md": "y"})
    assert change.said.startswith("The template “Moving” reads differently, for new handovers")
    assert compare_letters(old, {})[0].said == "The letter “The move” is no longer there."
    assert compare_letters({}, old)[0].said == "The letter “The move” is new."


def test_boxes_of_a_template_that_read_differently_are_shown_to_be_read():
    old = "- [ ] 1.1 Every plan of the customer is closed\n"
    new = "- [ ] 1.1 Every plan of the customer is closed today\n"
    (change,) = find_rewordings(OLD, old, new, {})
    assert "Please read" in change.said
    same = build(box("1.1", title="Every plan of the customer is closed today"))
    assert list(find_rewordings(same, old, new, {"1.1": "Every plan of the customer is closed"})) == []
    vouched = build(box("1.1", **{"x-previously": ["Every plan of the customer is closed"]}))
    assert list(judge_template_codes(vouched, old, "- [ ] 1.1 The contract is signed\n")) == []
    assert list(find_rewordings(vouched, old, "- [ ] 1.1 The contract is signed\n", {}))


def test_who_approves_and_what_the_pipeline_does_is_told():
    (come, gone, changed) = (
        compare_guards({"b": "x", "c": "x"}, {"a": "x", "c": "y"})[:1]
        + compare_guards({"b": "x", "c": "x"}, {"c": "y"})[::-1]
    )
    assert (come.said, gone.said) == ("a is new.", "b is no longer there.")
    assert changed == Change("c changes.", lines=("- x", "+ y"))
    page = write_meaning(Meaning(against="abc", guards=(changed,)))
    assert "## Who must approve, and what the pipeline does" in page
    assert "Nothing changes" not in page


def test_what_must_be_read_stands_before_what_changes():
    effects = (Effect("Moving", warnings=("It is *gone*.",)), Effect("Other", remarks=("New.",)))
    page = write_meaning(Meaning(against="abc", processes=effects))
    assert page.index("## Please read before merging") < page.index("It is \\*gone\\*") < page.index("## Other")
    assert "## Moving" not in page


def test_a_page_that_could_not_be_made_does_not_look_like_nothing():
    page = write_not_compared("Git does not know <x>.")
    assert "Could not be compared" in page
    assert "Nothing changes" not in page


def test_a_box_of_a_template_keeps_its_meaning():
    old = "- [ ] 1.1 Every plan of the customer is closed\n"
    assert list(judge_template_codes(OLD, old, "- [ ] 1.1 Every plan is closed\n")) == []
    [(line_number, message)] = judge_template_codes(OLD, old, "\n- [ ] 1.1 The contract is signed\n")
    assert line_number == 2
    assert "means something else" in message


def test_the_page_says_refusals_first_and_words_are_no_markup():
    evil = "<img src=x> [a](http://x) @all `code` | #1"
    meaning = Meaning(
        against="abc123",
        processes=(
            Effect(evil, is_setup=True, for_new=(Change(evil),), for_all=(Change("Later.", lines=("- `a` @all",)),)),
        ),
        people=(Change("ben is away."),),
    )
    page = write_meaning(meaning, [("a.json:3", evil)])
    assert page.index("## To put right before merging") < page.index("For new handovers") < page.index("ben is away")
    assert "<img" not in page.replace("\\<img", "")
    assert " @all" not in page.replace("`- `a` @all`", "").replace("`` - `a` @all ``", "").replace("``- `a` @all``", "")
    assert "handover bootstrap --apply" in page


def test_the_page_says_when_nothing_changes_for_anybody():
    page = write_meaning(Meaning(against="abc123 (main)"))
    assert "Nothing changes for anybody" in page
    assert "Compared with abc123 (main)." in page
