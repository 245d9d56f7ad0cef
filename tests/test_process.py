"""The process csm-to-cse-plus, its template, the dialect and the configuration agree with each other."""

import copy
import json
import re
from collections import Counter
from pathlib import Path

import comrak
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).parents[1]
DIALECT_FILE = ROOT / "schemas/dialect.schema.json"
CONFIG_SCHEMA_FILE = ROOT / "schemas/config.schema.json"
PROCESS_FILE = ROOT / "schemas/csm-to-cse-plus.schema.json"
TEMPLATE_FILE = ROOT / ".gitlab/issue_templates/CSM to CSE+ Handover.md"

DIALECT = json.loads(DIALECT_FILE.read_text())
CONFIG_SCHEMA = json.loads(CONFIG_SCHEMA_FILE.read_text())
PROCESS = json.loads(PROCESS_FILE.read_text())
TEMPLATE = TEMPLATE_FILE.read_text()

REGISTRY = Registry().with_resource("dialect.schema.json", DRAFT202012.create_resource(DIALECT))
CODE = re.compile(r"\d+\.\d+[a-z]?")

STAGES = ["pre-handover", "review", "manager-actions", "handover-call", "customer-communication", "completion"]

# Every row of the source document that is no definition, letter text, outcome or option.
HARD_ROWS = {
    f"S0-{number}"
    for number in (
        *(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31),
        *(32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 54, 55, 56, 57, 58, 59, 60, 61, 62),
        *(63, 64, 65, 66, 67, 68, 72, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 87, 88, 89, 90, 91, 92, 93, 94, 95),
        *(101, 102, 103, 104, 109, 110, 124),
    )
}
SIGNED_ROWS = {"S0-9", "S0-30", "S0-31", "S0-32", "S0-36", "S0-46", "S0-59"}


def is_valid(schema, instance):
    return Draft202012Validator(schema, registry=REGISTRY, format_checker=FormatChecker()).is_valid(instance)


def problems(schema, instance):
    errors = Draft202012Validator(schema, registry=REGISTRY, format_checker=FormatChecker()).iter_errors(instance)
    return [f"{error.json_path}: {error.message}" for error in errors]


def load_yaml(text):
    """Read YAML as version 1.2 does: dates, times and words such as off stay text."""

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012
            first: [(tag, pattern) for tag, pattern in found if not tag.endswith(("timestamp", "bool", "int"))]
            for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?\d+$"), list("-0123456789"))
    return yaml.load(text, Loader=Loader)


CONFIG = load_yaml((ROOT / ".gitlab/handover.yml").read_text())

PARTS = PROCESS["properties"]
ELEMENTS = [(part, key, element) for part in PARTS for key, element in PARTS[part]["properties"].items()]
ITEMS = {key: element for _, key, element in ELEMENTS if CODE.fullmatch(key)}
FIELDS = {key: element for _, key, element in ELEMENTS if not CODE.fullmatch(key)}
SIGNED = {code: item for code, item in ITEMS.items() if "x-signed-by" in item}
ROLES = {field["x-role"] for field in FIELDS.values() if "x-role" in field}


def sources(element):
    """Every row that an element, or anything in it, cites."""
    if isinstance(element, dict):
        own = set(element.get("x-source", []))
        return own.union(*(sources(value) for value in element.values()))
    return set()


# --- the dialect -----------------------------------------------------------------------------------------------------


def test_our_schemas_are_schemas():
    Draft202012Validator.check_schema(DIALECT)
    Draft202012Validator.check_schema(CONFIG_SCHEMA)


def test_the_process_speaks_the_dialect():
    assert problems(DIALECT, PROCESS) == []


GONE = object()
SMALL = {
    "$schema": "dialect.schema.json",
    "title": "Small",
    "x-process": {"id": "small", "version": 1, "template": "Small"},
    "type": "object",
    "properties": {
        "account": {
            "title": "Account",
            "type": "object",
            "properties": {
                "csm": {"title": "CSM", "x-role": "csm"},
                "owner": {"title": "Owner", "x-role": "owner", "x-not-same-as": ["csm"], "x-any-holder": True},
                "customer": {"title": "Customer", "type": "string", "minLength": 1},
                "seats": {"title": "Seats", "type": "integer", "minimum": 0},
                "facts": {"title": "Facts", "type": "array", "items": {"type": "string"}, "minItems": 1},
                "notes": {"title": "Notes", "$ref": "dialect.schema.json#/$defs/link"},
            },
            "required": ["csm", "customer"],
            "if": {"properties": {"customer": {"const": "Acme"}}},
            "then": {"required": ["notes"]},
        },
        "start": {
            "title": "Start",
            "type": "object",
            "x-stage": {
                "label": "small::start",
                "responsible": ["csm"],
                "accountable": ["csm"],
                "consulted": [],
                "informed": ["owner"],
                "weeks": [1, 2],
                "due": {"working_days": 3, "calendar_of": "owner"},
                "sends_back_to": "start",
            },
            "properties": {
                "1.1": {"title": "Clean", "$ref": "dialect.schema.json#/$defs/done", "x-source": ["S0-19"]},
                "1.2a": {
                    "title": "Approved",
                    "$ref": "dialect.schema.json#/$defs/done",
                    "x-signed-by": ["owner"],
                    "x-signs-for": ["account"],
                    "x-after": ["1.1"],
                    "x-needs": ["seats"],
                },
                "1.3": {"title": "Never", "$ref": "dialect.schema.json#/$defs/box", "x-forbids": True},
            },
            "required": ["1.1", "1.2a"],
        },
        "advice": {
            "title": "Advice",
            "type": "object",
            "x-advisory": True,
            "properties": {"2.1": {"title": "Nice", "$ref": "dialect.schema.json#/$defs/box", "x-advisory": True}},
        },
    },
}


def changed(path, value, base=SMALL):
    """Return a copy of *base* in which the place at the dotted, /-separated *path* holds *value* (or is gone)."""
    result = copy.deepcopy(base)
    *parents, last = path.split("/")
    place = result
    for step in parents:
        place = place[step]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return result


START = "properties/start"
ITEM = f"{START}/properties/1.1"
SIGNED_ITEM = f"{START}/properties/1.2a"
ACCOUNT = "properties/account"
FIELD = f"{ACCOUNT}/properties/customer"
DEFS = "dialect.schema.json#/$defs"
STAGE = SMALL["properties"]["start"]


def test_the_small_process_of_these_tests_speaks_the_dialect():
    assert problems(DIALECT, SMALL) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", GONE),
        ("title", " "),
        ("x-porcess", {}),
        ("x-process", GONE),
        ("x-process/id", "Small"),
        ("x-process/version", 0),
        ("x-process/version", "1"),
        ("x-process/template", "../Small"),
        ("x-process/weeks", {"min": 3}),
        ("x-process/owner", "ben"),
        ("type", "array"),
        ("properties", {}),
        (START, GONE),
        ("properties/Bad Key", STAGE),
        ("x-source", ["S5-1"]),
        ("x-source", []),
        (f"{START}/x-stage/label", GONE),
        (f"{START}/x-stage/label", "start"),
        (f"{START}/x-stage/label", "small::complete"),
        (f"{START}/x-stage/label", "small::cancelled"),
        (f"{START}/x-stage/label", "small::start,other"),
        (f"{START}/x-stage/responsible", []),
        (f"{START}/x-stage/accountable", "csm"),
        (f"{START}/x-stage/informed", ["The Owner"]),
        (f"{START}/x-stage/informed", GONE),
        (f"{START}/x-stage/weeks", [1]),
        (f"{START}/x-stage/weeks", [0, 1]),
        (f"{START}/x-stage/due", {"days": 3}),
        (f"{START}/x-stage/due", {"working_days": 0}),
        (f"{START}/x-stage/due", {"working_days": 2.5}),
        (f"{START}/x-stage/sends_back_to", ["start"]),
        (f"{START}/x-stage/send_back_to", "start"),
        (f"{START}/title", GONE),
        (f"{START}/required", GONE),
        (f"{START}/required", ["1.1", "1.1"]),
        (f"{START}/requierd", []),
        (f"{START}/x-gate", "start"),
        (f"{START}/then", {"required": ["seats"]}),
        (f"{START}/properties/1", {"title": "Clean", "$ref": f"{DEFS}/done"}),
        (f"{START}/properties/1.1-a", {"title": "Clean", "$ref": f"{DEFS}/done"}),
        (f"{START}/properties/Seats", {"title": "Seats now", "type": "integer"}),
        (f"{ITEM}/x-singed-by", ["owner"]),
        (f"{ITEM}/title", GONE),
        (f"{ITEM}/title", "Clean - really"),
        (f"{ITEM}/title", "Clean – really"),
        (f"{ITEM}/title", "Clean\nand tidy"),
        (f"{ITEM}/title", " Clean"),
        (f"{ITEM}/$ref", GONE),
        (f"{ITEM}/$ref", "#/$defs/done"),
        (f"{ITEM}/$ref", f"{DEFS}/link"),
        (f"{ITEM}/type", "object"),
        (f"{ITEM}/x-source", ["19"]),
        (f"{ITEM}/x-source", "S0-19"),
        (f"{ITEM}/x-since", "1"),
        (f"{ITEM}/x-signs-for", ["account"]),
        (f"{ITEM}/x-advisory", True),
        (f"{ITEM}/x-forbids", True),
        (f"{ITEM}/x-forbids", ["yes"]),
        (f"{SIGNED_ITEM}/x-signed-by", []),
        (f"{SIGNED_ITEM}/x-signed-by", "owner"),
        (f"{SIGNED_ITEM}/x-signed-by", ["@ben"]),
        (f"{SIGNED_ITEM}/$ref", f"{DEFS}/done-or-not-applicable"),
        (f"{SIGNED_ITEM}/x-signs-for", ["Account"]),
        (f"{SIGNED_ITEM}/x-after", ["one"]),
        (f"{SIGNED_ITEM}/x-needs", ["1.1"]),
        (f"{ACCOUNT}/properties/1.9", {"title": "Clean", "$ref": f"{DEFS}/done"}),
        (f"{ACCOUNT}/x-gates", "start"),
        (f"{ACCOUNT}/then", {"requires": ["notes"]}),
        (f"{ACCOUNT}/if", GONE),
        (f"{FIELD}/type", GONE),
        (f"{FIELD}/type", "boolean"),
        (f"{FIELD}/type", "array"),
        (f"{FIELD}/minimum", 3),
        (f"{FIELD}/minLenght", 3),
        (f"{FIELD}/format", "date"),
        (f"{FIELD}/title", "Customer: name"),
        (f"{FIELD}/title", "**Customer**"),
        (f"{FIELD}/x-role", "csm"),
        (f"{FIELD}/x-not-same-as", ["csm"]),
        (f"{FIELD}/x-any-holder", True),
        (f"{FIELD}/x-signed-by", ["csm"]),
        (f"{FIELD}/$ref", f"{DEFS}/date"),
        (f"{ACCOUNT}/properties/notes/$ref", f"{DEFS}/done"),
        (f"{ACCOUNT}/properties/csm/x-role", "CSM"),
        (f"{ACCOUNT}/properties/owner/x-any-holder", False),
        (f"{ACCOUNT}/properties/facts/items", {"type": "object"}),
        (f"{ACCOUNT}/properties/facts/maxLength", 3),
        ("properties/advice/required", ["2.1"]),
        ("properties/advice/x-advisory", False),
        ("properties/advice/properties/2.1/x-advisory", GONE),
        ("properties/advice/properties/more", {"title": "More", "type": "string"}),
    ],
)
def test_the_dialect_refuses(path, value):
    assert not is_valid(DIALECT, changed(path, value))


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("done", {"state": "done", "reason": None}, True),
        ("done", {"state": "waived", "reason": "agreed"}, True),
        ("done", {"state": "open", "reason": None}, False),
        ("done", {"state": "not-applicable", "reason": "no instances"}, False),
        ("done", {}, False),
        ("done-or-not-applicable", {"state": "done", "reason": None}, True),
        ("done-or-not-applicable", {"state": "not-applicable", "reason": "no instances"}, True),
        ("done-or-not-applicable", {"state": "not-applicable", "reason": " "}, False),
        ("done-or-not-applicable", {"state": "not-applicable", "reason": None}, False),
        ("done-or-not-applicable", {"state": "not-applicable"}, False),
        ("done-or-not-applicable", {"state": "open", "reason": None}, False),
        ("box", {"state": "open", "reason": None}, True),
        ("box", {"state": "not-applicable", "reason": None}, True),
        ("box", {"state": "maybe", "reason": None}, False),
        ("link", "https://example.com/a", True),
        ("link", "javascript:alert(1)", False),
        ("link", "none", False),
        ("link", "https://", False),
        ("link-or-none", "https://example.com/a", True),
        ("link-or-none", "None", True),
        ("link-or-none", "nonesuch", False),
        ("date", "2026-11-30", True),
        ("date", "2026-02-30", False),
        ("date", "30.11.2026", False),
        ("date-or-never", "2026-11-30", True),
        ("date-or-never", "never", True),
        ("date-or-never", "2026-13-01", False),
        ("date-or-never", "long ago", False),
    ],
)
def test_what_a_box_or_value_may_be(name, value, accepted):
    assert is_valid({"$ref": f"{DEFS}/{name}"}, value) is accepted


# --- the configuration -----------------------------------------------------------------------------------------------


def test_the_example_configuration_is_valid():
    assert problems(CONFIG_SCHEMA, CONFIG) == []


def test_the_example_configuration_knows_every_role_of_the_process():
    assert set(CONFIG["roles"]) >= ROLES


def test_every_key_but_roles_has_a_valid_default():
    assert CONFIG_SCHEMA["required"] == ["roles"]
    defaults = {key: schema["default"] for key, schema in CONFIG_SCHEMA["properties"].items() if key != "roles"}
    assert problems(CONFIG_SCHEMA, defaults | {"roles": {"csm": {"users": ["ben"]}}}) == []


@pytest.mark.parametrize(
    "text",
    [
        "roles: {csm: {users: [ben]}}",
        "roles: {csm: {groups: [a/b/c]}}\npeople: {ben: {away: [{from: 2026-12-21, to: 2027-01-05}]}}",
        "roles: {csm: {users: [b_e.n-1]}}\ncalendar: {country: NO, time_zone: UTC}\nletters: {draft: off}",
        "roles: {csm: {users: [ben]}}\nlimits: {moved_back_share: 1}\nquiet_hours: {from: 18:00, to: 08:00}",
    ],
)
def test_good_configuration(text):
    assert problems(CONFIG_SCHEMA, load_yaml(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "roles: {}",
        "roles: {csm: [ben]}",
        "roles: {csm: {}}",
        "roles: {csm: {user: [ben]}}",
        "roles: {CSM: {users: [ben]}}",
        'roles: {csm: {users: ["@ben"]}}',
        "roles: {csm: {users: [all]}}",
        "roles: {csm: {users: [All]}}",
        "roles: {csm: {users: [here]}}",
        "roles: {csm: {users: [group]}}",
        "roles: {csm: {users: [a/b]}}",
        "roles: {csm: {users: [ben smith]}}",
        'roles: {csm: {users: [""]}}',
        "roles: {csm: {users: [ben.]}}",
        "roles: {csm: {users: [-ben]}}",
        "roles: {csm: {users: [12]}}",
        "roles: {csm: {users: [ben, ben]}}",
        "roles: {csm: {groups: ['@a/b']}}",
        "roles: {csm: {groups: [a//b]}}",
        "roles: {csm: {groups: [/a]}}",
        "roles: {csm: {users: [ben]}}\nrole: {}",
        "roles: {csm: {users: [ben]}}\nterritories: {EMEA-1: {cse: dana}}",
        "roles: {csm: {users: [ben]}}\nterritories: {EMEA-1: {cse: []}}",
        "roles: {csm: {users: [ben]}}\nterritories: {EMEA-1: {cse: [all]}}",
        "roles: {csm: {users: [ben]}}\npeople: {here: {country: DE}}",
        "roles: {csm: {users: [ben]}}\npeople: {ben: {country: Germany}}",
        "roles: {csm: {users: [ben]}}\npeople: {ben: {timezone: Europe/Berlin}}",
        "roles: {csm: {users: [ben]}}\npeople: {ben: {time_zone: Europe Berlin}}",
        "roles: {csm: {users: [ben]}}\npeople: {ben: {away: [{from: 2026-12-21}]}}",
        "roles: {csm: {users: [ben]}}\npeople: {ben: {away: [{from: 2026-12-21, to: 2027-02-30}]}}",
        "roles: {csm: {users: [ben]}}\npeople: {ben: {away: [{from: 2026-12-21, to: 2027-01-05, deputy: [chloe]}]}}",
        "roles: {csm: {users: [ben]}}\ncalendar: {country: US}",
        "roles: {csm: {users: [ben]}}\noperations: ops",
        "roles: {csm: {users: [ben]}}\nwrite: {close: maybe}",
        "roles: {csm: {users: [ben]}}\nwrite: {labels: true}",
        "roles: {csm: {users: [ben]}}\nquiet_hours: {from: '18:00'}",
        "roles: {csm: {users: [ben]}}\nquiet_hours: {from: '6 pm', to: '08:00'}",
        "roles: {csm: {users: [ben]}}\nquiet_hours: {from: '24:00', to: '08:00'}",
        "roles: {csm: {users: [ben]}}\nquiet_hours: {from: 1080, to: '08:00'}",
        "roles: {csm: {users: [ben]}}\nletters: {draft: public}",
        "roles: {csm: {users: [ben]}}\nletters: {gainsight_bcc: nobody}",
        "roles: {csm: {users: [ben]}}\nletters: {gainsight_bcc: 'a@example.com, b@example.com'}",
        "roles: {csm: {users: [ben]}}\nletters: {allowed_links: ['https://docs.gitlab.com']}",
        "roles: {csm: {users: [ben]}}\nlimits: {moved_back_share: 1.1}",
        "roles: {csm: {users: [ben]}}\nlimits: {moved_back_share: -0.1}",
        "roles: {csm: {users: [ben]}}\nlimits: {comments_per_issue_and_day: 0}",
        "roles: {csm: {users: [ben]}}\nlimits: {pings_per_person_and_day: 0}",
        "roles: {csm: {users: [ben]}}\nlimits: {pings_per_person_and_day: 1.5}",
    ],
)
def test_bad_configuration_is_refused(text):
    assert not is_valid(CONFIG_SCHEMA, load_yaml(text))


# --- the process -----------------------------------------------------------------------------------------------------


def test_the_stages_are_these_in_this_order():
    assert [part for part in PARTS if "x-stage" in PARTS[part]] == STAGES
    assert [PARTS[stage]["x-stage"]["label"] for stage in STAGES] == [f"csm-to-cse-plus::{stage}" for stage in STAGES]


def test_every_hard_row_is_carried_out_somewhere():
    assert HARD_ROWS - sources(PROCESS) == set()


def test_every_row_that_names_an_actor_is_a_signed_box():
    assert SIGNED_ROWS - {row for item in SIGNED.values() for row in item["x-source"]} == set()


@pytest.mark.parametrize(
    ("row", "signers"),
    [
        ("S0-9", [["cse_territory_owner"]]),
        ("S0-36", [["csm_manager"]]),
        ("S0-46", [["ae"]]),
        ("S0-59", [["cse"]]),
        ("S0-64", [["csm"], ["cse_territory_owner"]]),
        ("S0-67", [["csm"], ["csm_manager"]]),
        ("S0-68", [["cse_territory_owner"], ["ae"]]),
    ],
)
def test_whoever_is_accountable_signs_a_box_of_their_own(row, signers):
    assert [item["x-signed-by"] for item in SIGNED.values() if row in item["x-source"]] == signers


@pytest.mark.parametrize("row", ["S0-4", "S0-15", "S0-103"])
def test_the_ban_on_customer_calls_is_a_forbidding_box(row):
    assert any(item.get("x-forbids") for item in ITEMS.values() if row in item["x-source"])


def test_recommended_things_stay_few_and_hold_no_gate():
    advice = PARTS["cse-notes"]
    codes = [key for key in advice["properties"] if CODE.fullmatch(key)]
    assert len(codes) <= 8
    assert len(advice["properties"]) - len(codes) <= 12
    assert advice["x-advisory"] is True
    assert "required" not in advice


def test_keys_codes_and_titles_are_unique():
    keys = Counter(key for _, key, _ in ELEMENTS)
    titles = Counter(field["title"].casefold() for field in FIELDS.values())
    assert [key for key, count in (keys + titles).items() if count > 1 and (keys[key] > 1 or titles[key] > 1)] == []


def test_no_signed_title_is_part_of_another():
    titles = [item["title"] for item in SIGNED.values()]
    assert [one for one in titles if sum(one in other for other in titles) > 1] == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_requires_every_box_that_can_hold_its_gate(stage):
    boxes = {key for key in PARTS[stage]["properties"] if CODE.fullmatch(key)}
    free = {code for code in boxes if "x-forbids" in ITEMS[code]}
    assert boxes - free <= set(PARTS[stage]["required"])
    assert not free & set(PARTS[stage]["required"])


def test_the_weeks_follow_each_other_within_the_process():
    weeks = [PARTS[stage]["x-stage"]["weeks"] for stage in STAGES]
    assert weeks == [[1, 2], [2, 2], [2, 2], [2, 3], [3, 3], [3, 4]]
    assert PROCESS["x-process"]["weeks"] == {"min": 3, "max": 4}


def test_every_reference_inside_the_process_leads_somewhere():
    for part in PARTS.values():
        assert set(part.get("required", [])) <= set(part["properties"])
        assert part.get("x-gate", STAGES[0]) in STAGES
        stage = part.get("x-stage", {"responsible": [], "accountable": [], "consulted": [], "informed": []})
        named = {role for duty in ("responsible", "accountable", "consulted", "informed") for role in stage[duty]}
        assert named | {stage.get("due", {}).get("calendar_of", "csm")} <= ROLES
    for item in ITEMS.values():
        assert set(item.get("x-signed-by", [])) <= ROLES
        assert set(item.get("x-signs-for", [])) <= set(PARTS)
        assert set(item.get("x-after", [])) <= set(ITEMS)
        assert set(item.get("x-needs", [])) <= set(FIELDS)
    for field in FIELDS.values():
        assert set(field.get("x-not-same-as", [])) <= set(FIELDS)


def test_only_the_review_sends_back_and_only_to_an_earlier_stage():
    back = {stage: PARTS[stage]["x-stage"].get("sends_back_to") for stage in STAGES}
    assert {stage: to for stage, to in back.items() if to} == {"review": "pre-handover"}


def test_nobody_signs_for_what_is_filled_in_later():
    """A later stage, the people and the notes of the CSE never void a sign-off."""
    position = {part: STAGES.index(PARTS[part].get("x-gate", part if part in STAGES else STAGES[0])) for part in PARTS}
    for part, code, item in ELEMENTS:
        signed_for = set(item.get("x-signs-for", [])) if code in ITEMS else set()
        assert not signed_for & {"people", "cse-notes"}, code
        assert all(position[other] <= position[part] for other in signed_for), code


@pytest.mark.parametrize(
    ("health", "reason", "accepted"),
    [("Green", None, True), ("Red", None, False), ("Yellow", None, False), ("Red", "No sponsor left", True)],
)
def test_a_health_that_is_not_green_needs_its_reason(health, reason, accepted):
    overview = {"health": health, "next_renewal": "2027-03-31"} | ({"health_reason": reason} if reason else {})
    assert is_valid(PARTS["overview"], overview) is accepted


@pytest.mark.parametrize(("minutes", "accepted"), [(29, False), (30, True), (60, True), (61, False)])
def test_the_handover_call_lasts_30_to_60_minutes(minutes, accepted):
    assert is_valid(FIELDS["call_minutes"], minutes) is accepted


# --- the template ----------------------------------------------------------------------------------------------------

TEMPLATE_BOXES = re.findall(r"^- \[ \] (\d+\.\d+[a-z]?) (.+)$", TEMPLATE, re.MULTILINE)
TEMPLATE_FIELDS = re.findall(r"^- \*\*(.+?):\*\*", TEMPLATE, re.MULTILINE)
TEMPLATE_LISTS = re.findall(r"^#+ (.+)\n\n1\.\n2\.\n3\.\n", TEMPLATE, re.MULTILINE)


def rendered_boxes(text):
    """Count the boxes that a reader of GitLab's page sees."""
    document = comrak.parse_document(text, comrak.ExtensionOptions(tasklist=True), comrak.ParseOptions())
    waiting, count = [document], 0
    while waiting:
        node = waiting.pop()
        count += type(node.node_value).__name__ == "TaskItem"
        waiting.extend(node.children)
    return count


def test_the_template_names_the_process_in_a_paragraph_of_its_own():
    assert f"\n\n**Process:** `csm-to-cse-plus` version {PROCESS['x-process']['version']}\n\n" in TEMPLATE
    assert PROCESS["x-process"]["template"] == TEMPLATE_FILE.stem


def test_every_box_of_the_schema_stands_once_in_the_template_and_the_other_way_round():
    assert Counter(code for code, _ in TEMPLATE_BOXES) == Counter(list(ITEMS))


def test_every_field_of_the_schema_stands_once_in_the_template_and_the_other_way_round():
    lists = [field["title"] for field in FIELDS.values() if field.get("type") == "array"]
    lines = [field["title"] for field in FIELDS.values() if field.get("type") != "array"]
    assert Counter(TEMPLATE_LISTS) == Counter(lists)
    assert Counter(TEMPLATE_FIELDS) == Counter(lines)


@pytest.mark.parametrize("code", list(SIGNED))
def test_a_signed_box_says_exactly_the_words_of_the_schema(code):
    """They are part of what is signed. The words of all other boxes are the template's alone."""
    assert dict(TEMPLATE_BOXES)[code] == SIGNED[code]["title"]


def test_every_box_is_a_box_on_the_page_too():
    assert rendered_boxes(TEMPLATE) == len(ITEMS)


def test_the_template_hides_nothing_and_commands_nothing():
    assert "<!--" not in TEMPLATE
    assert re.search(r"^/", TEMPLATE, re.MULTILINE) is None
    assert re.search(r"@\w", TEMPLATE) is None, "a name after @ would call a stranger"


def test_every_hint_of_the_template_counts_as_blank():
    values = re.findall(r"^- \*\*.+?:\*\* (.*)$", TEMPLATE, re.MULTILINE)
    assert len(values) == len(TEMPLATE_FIELDS)
    assert [value for value in values if not re.fullmatch(r"_[^_]+_", value)] == []
