"""Every error of the text becomes a finding that names box or field, who must act, and how to repair it."""

import pytest

from automation.core.checklist import build_document, parse_sheet
from automation.core.entries import FINDING_WORDS
from automation.core.process import build_process
from automation.core.validity import judge_document
from tests.builders import (
    DIALECT,
    ROLES,
    SMALL_TEXT,
    make_directory,
    make_members,
    real_process,
    real_text,
    small_process,
    small_schema,
    with_value,
)

FULL = SMALL_TEXT.replace("- [ ]", "- [x]").replace("- [x] 3.3", "- [ ] 3.3")


def faults(text, process=None, directory=None):
    process = process or small_process()
    found = judge_document(process, build_document(parse_sheet(text), process), directory or make_directory())
    return [(fault.finding.words, fault.finding.item or fault.finding.field, fault.place) for fault in found]


def fault(text, **options):
    (found,) = faults(text, **options)
    return found


def fill(label, value, text=FULL):
    return with_value(text, label, value)


def test_a_text_that_has_everything_is_in_order():
    assert faults(FULL) == []


def test_the_filled_template_lacks_only_its_ticks():
    found = faults(real_text(), real_process(), make_directory(territories={}))
    assert {words for words, *_ in found} == {"item-open"}


# --- boxes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("- [x] 1.1 Plans", "- [ ] 1.1 Plans", ("item-open", "1.1", 0)),
        ("- [x] 2.1 Approved", "- [ ] 2.1 Approved", ("item-open", "2.1", 1)),
        ("- [x] 1.1 Plans", "- [y] 1.1 Plans", ("item-missing", "1.1", 0)),
        ("- [x] 1.1 Plans", "- [] 1.1 Plans", ("item-missing", "1.1", 0)),
        ("- [x] 1.1 Plans are closed\n", "", ("item-missing", "1.1", 0)),
        ("- [x] 1.1 Plans", "- [x] 1.11 Plans", ("item-missing", "1.1", 0)),
        ("- [x] 1.1 Plans", "- \\[x] 1.1 Plans", ("item-missing", "1.1", 0)),
        ("- [ ] 3.3 A CSE joined the call\n", "", ("item-missing", "3.3", 2)),
        ("- [x] 1.1 Plans", "- [x] 1.1 a\n- [x] 1.1 Plans", ("item-duplicated", "1.1", 0)),
        ("- [x] 1.1 Plans", "- [x] 1.1 a\n- [ ] 1.1 Plans", ("item-duplicated", "1.1", 0)),
        ("- [x] 1.1 Plans", "- [~] 1.1 Plans", ("not-applicable", "1.1", 0)),
        ("- [x] 1.1 Plans are closed", "- [~] 1.1 Plans are closed - none", ("not-applicable", "1.1", 0)),
        ("- [x] 1.2 Instances", "- [~] 1.2 Instances", ("reason-missing", "1.2", 0)),
        ("- [x] 1.2 Instances are flagged", "- [~] 1.2 Instances are flagged - TBD", ("reason-missing", "1.2", 0)),
        ("- [x] 1.2 Instances are flagged", "- [~] 1.2 Instances are flagged - single", None),
        ("- [x] 2.1 Approved", "- [~] 2.1 Approved", ("not-applicable", "2.1", 1)),
        ("- [ ] 3.3 A", "- [x] 3.3 A", ("forbidden", "3.3", 2)),
        ("- [ ] 3.3 A", "- [~] 3.3 A", None),
        ("- [x] 4.1 Notes", "- [ ] 4.1 Notes", None),
        ("- [x] 4.1 Notes", "- [~] 4.1 Notes", None),
        ("- [x] 4.1 Notes are read\n", "", None),
    ],
)
def test_boxes(old, new, found):
    assert old in FULL
    assert faults(FULL.replace(old, new)) == ([found] if found else [])


def test_an_advisory_box_that_stands_twice_holds_no_gate():
    """`x-advisory`: recommended, never gates."""
    assert faults(FULL + "- [x] 4.1 Notes are read\n") == []


def test_an_open_box_is_work_and_a_trap_is_an_alarm():
    process = small_process()
    text = FULL.replace("- [x] 1.1 ", "- [ ] 1.1 ").replace("- [x] 2.1 Approved for the move\n", "")
    found = judge_document(process, build_document(parse_sheet(text), process), make_directory())
    assert [(each.finding.code, each.finding.is_alarm) for each in found] == [
        ("item-open", False),
        ("item-missing", True),
    ]


# --- facts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "typed", "found"),
    [
        ("Customer", "", ("field-blank", "customer", 0)),
        ("Customer", "_name_", ("field-blank", "customer", 0)),
        ("Customer", "TBD", ("field-blank", "customer", 0)),
        ("Seats", "", ("field-blank", "seats", 0)),
        ("Seats", "many", ("field-invalid.integer", "seats", 0)),
        ("Seats", "12.5", ("field-invalid.integer", "seats", 0)),
        ("Seats", "0", ("field-invalid.minimum", "seats", 0)),
        ("Seats", "-5", ("field-invalid.minimum", "seats", 0)),
        ("Seats", "5,001", ("field-invalid.maximum", "seats", 0)),
        ("Seats", "5,000", None),
        ("Health", "Blue", ("field-invalid.choice", "health", 0)),
        ("Health", "Green or Red", ("field-invalid.choice", "health", 0)),
        ("Health", "green", None),
        ("Renewal", "31.03.2027", ("field-invalid.date", "renewal", 0)),
        ("Renewal", "2027-02-29", ("field-invalid.date", "renewal", 0)),
        ("Renewal", "2027-3-1", ("field-invalid.date", "renewal", 0)),
        ("Renewal", "20270301", ("field-invalid.date", "renewal", 0)),
        ("Renewal", "2027-W10-1", ("field-invalid.date", "renewal", 0)),
        ("Renewal", "2027-03-01T00:00", ("field-invalid.date", "renewal", 0)),
        ("Renewal", "2027-03-01 or so", ("field-invalid.date", "renewal", 0)),
        ("Renewal", "2028-02-29", None),
        ("Document", "example.com", ("field-invalid.link", "document", 0)),
        ("Document", "javascript:alert(1)", ("field-invalid.link", "document", 0)),
        ("Document", "ftp://example.com", ("field-invalid.link", "document", 0)),
        ("Document", "https://", ("field-invalid.link", "document", 0)),
        ("Document", "[notes](https://example.com/a)", None),
        ("Document", "", ("field-blank.ticked", "document", 0)),
        ("Territory", "Nowhere", ("field-invalid.territory", "territory", 0)),
        ("Territory", "emea-1", None),
        ("Channel", "CSE call", ("forbidden.field", "ban", 0)),
        ("Channel", "mail", None),
        ("Done on", "", ("field-blank.ticked", "done_on", 2)),
        ("Done on", "soon", ("field-invalid.date", "done_on", 2)),
        ("Reason", "", None),
        ("Tips", "no number", None),
    ],
)
def test_facts(label, typed, found):
    assert faults(fill(label, typed)) == ([found] if found else [])


def test_a_fact_that_stands_twice():
    assert fault(FULL + "\n- **Seats:** 250\n") == ("field-duplicated", "seats", 0)


def test_an_advisory_fact_that_stands_twice_holds_no_gate():
    assert faults(FULL + "\n- **Tips:** 1\n- **Tips:** 2\n") == []


def test_a_fact_whose_line_was_deleted_is_blank():
    assert fault(FULL.replace("- **Seats:** 250\n", "")) == ("field-blank", "seats", 0)


@pytest.mark.parametrize(
    ("health", "reason", "found"),
    [
        ("Red", "", ("field-blank", "reason", 0)),
        ("Red", "TBD", ("field-blank", "reason", 0)),
        ("Red", "no sponsor", None),
        ("Green", "", None),
    ],
)
def test_a_condition_asks_for_a_fact(health, reason, found):
    assert faults(fill("Reason", reason, fill("Health", health))) == ([found] if found else [])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("1. a\n2. b\n", None),
        ("1. a\n2. b\n3. c\n", None),
        ("1.\n2.\n3.\n", None),
        ("1. a\n2.\n3.\n", ("field-invalid.minItems", "top", 0)),
        ("1. a\n2. b\n3. c\n4. d\n", ("field-invalid.maxItems", "top", 0)),
    ],
)
def test_a_list_has_its_bounds(lines, found):
    assert faults(FULL.replace("1.\n2.\n3.\n", lines)) == ([found] if found else [])


@pytest.mark.parametrize(
    ("typed", "is_valid"),
    [("never", True), ("Never", True), ("2026-10-30", True), ("long ago", False), ("2026-13-01", False)],
)
def test_a_date_or_the_word_never(typed, is_valid):
    text = with_value(real_text(), "Last ping", typed)
    found = faults(text, real_process(), make_directory(territories={}))
    assert ([each for each in found if each[1] == "last_ping"] == []) is is_valid


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "typed", "found"),
    [
        ("Owner", "", ("role-unknown.blank", "owner", 0)),
        ("Owner", "_who_", ("role-unknown.blank", "owner", 0)),
        ("Owner", "@eve", ("role-unknown.not-in-directory", "owner", 0)),
        ("Owner", "@mia", ("role-unknown.not-in-directory", "owner", 0)),
        ("Owner", "Ben Smith", ("role-unknown.not-in-directory", "owner", 0)),
        ("Owner", "@ben, @eve", ("role-unknown.not-in-directory", "owner", 0)),
        ("Owner", "@ben, @chloe", None),
        ("Owner", "@BEN", None),
        ("Owner", "@carol", ("role-unknown.both-sides", "owner", 0)),
        ("Owner", "@Carol", ("role-unknown.both-sides", "owner", 0)),
        ("CSE", "@carol", ("role-unknown.both-sides", "cse", 0)),
        ("CSE", "", None),
        ("CSE", "@eve", ("role-unknown.not-in-directory", "cse", 0)),
        ("CSM", "@all", ("role-unknown.not-in-directory", "csm", 0)),
    ],
)
def test_people(label, typed, found):
    assert faults(fill(label, typed)) == ([found] if found else [])


def test_a_person_of_another_territory():
    text = fill("Owner", "@chloe", fill("Territory", "EMEA-1"))
    assert fault(text) == ("role-unknown.other-territory", "owner", 0)


@pytest.mark.parametrize("members", [make_members(["carol"]), make_members(["carol"]) + make_members(["ben"], 10)])
def test_a_person_who_cannot_act_in_the_project(members):
    assert fault(FULL, directory=make_directory(members=members)) == ("role-unknown.not-member", "owner", 0)


def test_both_sides_is_told_even_where_the_directory_knows_the_person_in_both_roles():
    directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "carol")})
    assert fault(fill("Owner", "@carol"), directory=directory) == ("role-unknown.both-sides", "owner", 0)


def test_without_territories_in_the_directory_any_territory_will_do():
    assert faults(fill("Territory", "Nowhere"), directory=make_directory(territories={})) == []


# --- rules of a whole section -----------------------------------------------------------------------------------------


def test_a_rule_that_no_box_or_fact_explains_still_keeps_the_gate_shut():
    schema = small_schema()
    schema["properties"]["account"]["allOf"] = [{"not": {"properties": {"seats": {"const": 250}}}}]
    assert fault(FULL, process=build_process(schema, DIALECT)) == ("field-invalid.rule", "", 0)


def test_a_rule_across_sections_keeps_the_gate_shut():
    schema = small_schema()
    schema["if"] = {"properties": {"account": {"properties": {"health": {"const": "Green"}}}}}
    schema["then"] = {"properties": {"finish": {"properties": {"done_on": {"const": "2027-01-01"}}}}}
    assert [(words, place) for words, _, place in faults(FULL, process=build_process(schema, DIALECT))] == [
        ("field-invalid.date", 2)
    ]


# --- what a finding says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        FULL.replace("[x]", "[ ]"),
        FULL.replace("[x]", "[~]"),
        "",
        FULL + FULL,
        fill("Seats", "x"),
        fill("Owner", "@eve"),
    ],
)
def test_every_finding_names_its_subject_its_people_and_its_words(text):
    process = small_process()
    for each in judge_document(process, build_document(parse_sheet(text), process), make_directory()):
        finding = each.finding
        assert finding.item or finding.field
        assert finding.roles
        assert finding.words in FINDING_WORDS
        assert finding.code == finding.words.split(".")[0]


def test_a_finding_knows_its_line_and_its_source():
    process = small_process()
    text = FULL.replace("- [x] 1.1 ", "- [ ] 1.1 ")
    (found,) = judge_document(process, build_document(parse_sheet(text), process), make_directory())
    assert text.split("\n")[found.finding.line - 1].startswith("- [ ] 1.1 ")
    assert found.finding.source == ("S0-19",)


def test_a_signed_box_names_its_signer_and_any_other_the_responsible():
    process = small_process()
    text = FULL.replace("- [x] 3.", "- [ ] 3.")
    found = judge_document(process, build_document(parse_sheet(text), process), make_directory())
    assert {each.finding.item: each.finding.roles for each in found} == {
        "3.1": ("csm",),
        "3.2": ("cse",),
        "3.4": ("csm",),
    }
