"""A schema becomes a process: stages in order, gates with their sections, fields of each kind."""

import pytest

from automation.core.process import build_process
from tests.builders import DIALECT, real_process, small_process, small_schema


def test_stages_stand_in_the_order_of_the_schema():
    assert [stage.key for stage in small_process().stages] == ["ready", "review", "finish"]


def test_sections_without_a_stage_belong_to_the_first_gate():
    assert small_process().stages[0].sections == ("people", "account", "advice", "ready")


def test_a_section_may_name_its_gate():
    process = real_process()
    communication = next(stage for stage in process.stages if stage.key == "customer-communication")
    assert communication.sections == ("timing", "customer-communication")
    assert process.stage_of("timing") == process.stages.index(communication)


@pytest.mark.parametrize(
    ("section", "place"), [("people", 0), ("account", 0), ("ready", 0), ("review", 1), ("finish", 2)]
)
def test_every_section_has_the_place_of_its_gate(section, place):
    assert small_process().stage_of(section) == place


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("csm", "role"),
        ("customer", "text"),
        ("seats", "integer"),
        ("health", "choice"),
        ("renewal", "date"),
        ("document", "link"),
        ("top", "list"),
    ],
)
def test_the_kind_of_a_field(key, kind):
    assert small_process().fields[key].kind == kind


@pytest.mark.parametrize(
    ("key", "kind"), [("last_ping", "text"), ("gong_recordings", "link"), ("call_date", "date"), ("top_three", "list")]
)
def test_the_kind_of_a_field_of_the_real_process(key, kind):
    assert real_process().fields[key].kind == kind


def test_a_box_knows_its_duties():
    item = small_process().items["2.1"]
    assert (item.signed_by, item.signs_for, item.section) == (("cse_territory_owner",), ("account", "ready"), "review")


def test_boxes_stand_in_the_order_of_the_schema():
    assert list(small_process().items) == ["1.1", "1.2", "1.10", "2.1", "3.1", "3.2", "3.3", "3.4", "4.1"]


def test_the_labels_of_a_process_are_its_stages_and_the_two_ends():
    assert small_process().stage_labels == {
        "small::ready",
        "small::review",
        "small::finish",
        "small::complete",
        "small::cancelled",
    }


def test_former_names_of_a_label_are_known():
    schema = small_schema()
    schema["properties"]["review"]["x-previously"] = ["small::check"]
    assert "small::check" in build_process(schema, DIALECT).stage_labels


@pytest.mark.parametrize(
    ("section", "content", "is_valid"),
    [
        ("ready", {"1.1": {"state": "done"}, "1.2": {"state": "done"}, "1.10": {"state": "done"}}, True),
        ("ready", {"1.1": {"state": "open"}, "1.2": {"state": "done"}, "1.10": {"state": "done"}}, False),
        ("ready", {"1.1": {"state": "done"}, "1.2": {"state": "done"}}, False),
        ("account", {"customer": "A", "seats": 1, "health": "Green", "renewal": "2026-11-30"}, True),
        ("account", {"customer": "A", "seats": 1, "health": "Red", "renewal": "2026-11-30"}, False),
        ("account", {"customer": "A", "seats": 1, "health": "Green", "renewal": "2026-02-30"}, False),
        ("account", {"customer": "A", "seats": "x", "health": "Green", "renewal": "2026-11-30"}, False),
        ("people", {"csm": ["carol"], "owner": ["ben"]}, True),
        ("people", {"csm": [], "owner": ["ben"]}, False),
        ("people", {"csm": "carol", "owner": ["ben"]}, False),
    ],
)
def test_the_validator_judges_a_section(section, content, is_valid):
    errors = list(small_process().validator.iter_errors({section: content}))
    assert (errors == []) is is_valid


def test_references_to_the_dialect_are_inlined():
    assert "$ref" not in repr(small_process().schema)


def test_building_a_process_leaves_the_schema_as_it_was():
    schema = small_schema()
    build_process(schema, DIALECT)
    assert schema == small_schema()


def test_advice_holds_no_gate():
    errors = list(small_process().validator.iter_errors({"advice": {"tips": "many", "4.1": 7}}))
    assert errors == []


def test_an_item_of_each_kind_of_box_knows_what_it_is():
    kinds = {
        code: small_process().schema["properties"][item.section]["properties"][code]["x-kind"]
        for code, item in small_process().items.items()
    }
    assert (kinds["1.1"], kinds["1.2"], kinds["3.3"]) == ("done", "done-or-not-applicable", "box")
