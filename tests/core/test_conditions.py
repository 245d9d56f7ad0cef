"""Conditions of a schema are said in words, and what cannot be said is never said wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.pages.conditions import Fact, Joined, UnsayableError, deny, listed, parse_condition, say
from automation.core.pages.demands import UNSAID, read_demands
from automation.core.process import build_process
from tests.builders import DEFS, DIALECT, small_process, small_schema


def about(name, required=True, **schema):
    return {"properties": {name: schema}, **({"required": [name]} if required else {})}


SENTENCES = [
    (about("health", const="Red"), "Health is Red"),
    (about("health", enum=["Green", "Red"]), "Health is Green or Red"),
    (about("health", **{"not": {"const": "Red"}}), "Health is not Red"),
    (about("health", **{"not": {"enum": ["Green", "Red"]}}), "Health is neither Green nor Red"),
    (about("ban", const="CSE call"), "Channel is “CSE call”"),
    (about("seats", minimum=100), "Seats is 100 or more"),
    (about("seats", maximum=9), "Seats is 9 or less"),
    (about("seats", minimum=1, maximum=9), "Seats is between 1 and 9"),
    (about("top", minItems=2), "“Top things” has at least 2 entries"),
    (about("top", maxItems=2), "“Top things” has at most 2 entries"),
    (about("top", contains={"const": "A"}), "“Top things” names A"),
    (about("customer", minLength=1), "Customer is filled in"),
    (about("customer", pattern=r"\S"), "Customer is filled in"),
    (about("customer", pattern="^[Nn]one$"), "Customer is none"),
    (about("customer", pattern="^(EMEA|APAC)$"), "Customer is EMEA or APAC"),
    (about("customer", pattern="^EMEA"), "Customer begins with EMEA"),
    (about("customer", pattern="Inc$"), "Customer ends with Inc"),
    (about("customer", pattern="Bank"), "Customer contains Bank"),
    (about("document", pattern="^https?://"), "Document is a link"),
    (about("document", **{"x-kind": "link", "type": "string", "pattern": r"^https?://\S"}), "Document is a link"),
    ({"required": ["reason"]}, "Reason is filled in"),
    (about("reason", type="string"), "Reason is filled in"),
    ({"not": {"required": ["reason"]}}, "Reason is blank"),
    ({"not": {"required": ["reason", "document"]}}, "Reason is blank or Document is blank"),
    ({"not": about("health", const="Red")}, "Health is not Red"),
    (about("reason", required=False, const="x"), "Reason is x or Reason is blank"),
    (about("health", required=False, const="Red"), "Health is Red"),
    (about("1.1", properties={"state": {"const": "done"}}), "box 1.1 is ticked"),
    (about("1.1", properties={"state": {"enum": ["done", "waived"]}}), "box 1.1 is ticked"),
    (about("1.1", **{"not": {"properties": {"state": {"const": "done"}}}}), "box 1.1 is not ticked"),
    (about("1.2", properties={"state": {"const": "not-applicable"}}), "box 1.2 is not applicable"),
    (
        {"properties": {"health": {"const": "Red"}, "seats": {"minimum": 9}}, "required": ["health", "seats"]},
        "Health is Red and Seats is 9 or more",
    ),
    ({"anyOf": [about("health", const="Red"), about("seats", minimum=9)]}, "Health is Red or Seats is 9 or more"),
    (
        {**about("customer", const="A"), "anyOf": [about("health", const="Red"), about("seats", minimum=9)]},
        "Customer is A and either Health is Red or Seats is 9 or more",
    ),
    (
        {"anyOf": [about("customer", const="A"), {"allOf": [about("health", const="Red"), about("seats", minimum=9)]}]},
        "Customer is A, or Health is Red and Seats is 9 or more",
    ),
    (
        {"properties": {"account": about("health", const="Red")}, "required": ["account"]},
        "Health is Red",
    ),
    ({"$comment": "why", "x-hint": "how", **about("health", const="Red")}, "Health is Red"),
]


@pytest.mark.parametrize(("schema", "said"), SENTENCES, ids=[said for _, said in SENTENCES])
def test_a_condition_is_said_in_words(schema, said):
    assert say(parse_condition(schema, small_process())) == said


@pytest.mark.parametrize(
    "schema",
    [
        about("customer", pattern="^(?!A).*B"),
        about("customer", pattern="^[A-C]"),
        about("top", contains={"pattern": "A"}),
        about("health", **{"if": {"const": "Red"}, "then": {"const": "Red"}}),
        about("1.1", properties={"reason": {"const": "x"}}),
        about("1.1", properties={"state": {"const": "unheard of"}}),
        {"if": about("health", const="Red"), "then": {"required": ["reason"]}},
        {"minProperties": 2},
        {"not": {}},
    ],
)
def test_what_has_no_words_is_not_said(schema):
    with pytest.raises(UnsayableError):
        parse_condition(schema, small_process())


FACTS = st.builds(lambda name: Fact(f"{name} is", f"{name} is not"), st.sampled_from("abcd"))
CONDITIONS = st.recursive(
    FACTS, lambda part: st.builds(Joined, st.lists(part, min_size=1, max_size=3).map(tuple), st.booleans())
)


def holds(condition, true):
    if isinstance(condition, Fact):
        return condition.said in true
    return (any if condition.is_any else all)(holds(part, true) for part in condition.parts)


@given(CONDITIONS, st.sets(st.sampled_from("abcd")))
def test_the_contrary_holds_just_where_the_condition_does_not(condition, names):
    true = {f"{name} is" if name in names else f"{name} is not" for name in "abcd"}
    assert holds(deny(condition), true) is not holds(condition, true)


@pytest.mark.parametrize(
    ("words", "said"), [([], ""), (["A"], "A"), (["A", "B"], "A or B"), (["A", "B", "C"], "A, B or C")]
)
def test_a_list_of_words(words, said):
    assert listed(words) == said


# --- what a process asks for, and when --------------------------------------------------------------------------------


def demands(change):
    schema = small_schema()
    change(schema)
    process = build_process(schema, DIALECT)
    return process, read_demands(process)


def test_what_a_section_requires_is_always_needed():
    found = read_demands(small_process())
    assert {"customer", "seats", "1.1", "2.1"} <= found.always
    assert found.when("customer") == ()


def test_a_line_may_be_needed_under_a_condition_of_its_section():
    assert read_demands(small_process()).when("reason") == ("Health is Red",)


def conditional_box(schema):
    schema["properties"]["finish"]["properties"]["3.1"]["$ref"] = f"{DEFS}/box"
    schema["properties"]["finish"]["required"] = ["done_on", "3.2", "3.4"]
    then = {"properties": {"3.1": {"$ref": f"{DEFS}/done"}}, "required": ["3.1"]}
    schema["if"] = {"properties": {"account": about("health", const="Red")}, "required": ["account"]}
    schema["then"] = {"properties": {"finish": then}}


def test_a_box_may_be_asked_for_under_a_condition_at_the_top():
    process, found = demands(conditional_box)
    assert found.when("3.1") == ("Health is Red",)
    assert found.of_stage(process, process.stages[2]) == ()


def test_else_and_conditions_within_conditions_are_joined():
    def change(schema):
        conditional_box(schema)
        schema["else"] = {**schema.pop("then"), "if": schema["if"], "then": {}}
        schema["else"]["then"] = {"properties": {"account": {"required": ["document"]}}}
        schema["else"]["if"] = {"properties": {"account": about("seats", minimum=9)}}

    _, found = demands(change)
    assert found.when("3.1") == ("Health is not Red",)
    assert found.when("document") == ("Health is not Red and Seats is 9 or more",)


def test_a_stage_that_asks_for_nothing_otherwise_is_conditional():
    def change(schema):
        schema["properties"]["review"]["required"] = []
        schema["if"] = {"properties": {"account": about("health", const="Red")}, "required": ["account"]}
        schema["then"] = {"properties": {"review": {"required": ["2.1"]}}}

    process, found = demands(change)
    assert [found.of_stage(process, stage) for stage in process.stages] == [(), ("Health is Red",), ()]


def test_a_condition_that_adds_to_another_goes_without_saying():
    def change(schema):
        red, big = about("health", const="Red"), about("seats", minimum=9)
        schema["properties"]["account"]["allOf"] = [
            {"if": {"allOf": [red, big]}, "then": {"required": ["document"]}},
            {"if": red, "then": {"required": ["document"]}},
        ]

    assert demands(change)[1].when("document") == ("Health is Red",)


def test_a_condition_without_words_is_still_told():
    def change(schema):
        schema["properties"]["account"]["if"] = about("customer", pattern="^(?!A)")

    assert demands(change)[1].when("reason") == (UNSAID,)


def test_a_rule_about_a_value_is_told_with_its_reason():
    def change(schema):
        then = {"properties": {"seats": {"minimum": 9, "x-hint": "red accounts are big."}}}
        schema["properties"]["account"]["then"] = then

    (rule,) = demands(change)[1].rules["account"]
    assert (rule.when, rule.says, rule.hint) == ("Health is Red", "Seats is 9 or more", "red accounts are big.")


def test_a_rule_without_words_is_told_by_its_reason():
    def change(schema):
        rule = {"properties": {"document": {"pattern": "^(?!x)", "x-hint": "not below x."}}}
        schema["properties"]["account"]["allOf"] = [rule]

    (rule,) = demands(change)[1].rules["account"]
    assert (rule.when, rule.says) == ("", "not below x.")


def test_a_rule_across_sections_belongs_to_none():
    def change(schema):
        schema["allOf"] = [{"anyOf": [{"properties": {"account": {"required": [name]}}} for name in ("reason", "top")]}]

    (rule,) = demands(change)[1].rules[""]
    assert rule.says == "Reason is filled in or “Top things” is filled in"
