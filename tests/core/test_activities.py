"""Who does what: the tables of the documents, cell by cell, and stages that follow the activity of an issue."""

from __future__ import annotations

import copy

import pytest

from automation.core.activities import judge_activities, settle_roles
from automation.core.checklist import build_document, parse_sheet
from automation.core.model import Activity
from automation.core.process import build_process
from tests.builders import DIALECT, SMALL_TEXT, small_schema
from tests.processes.walk import Walk, load_process

RACI = """
Data cleanup & create issue | R/A | I   | I   | I
Review/approve handover     | C   | R/A | I   | -
Update tier & comp pool     | I   | I   | R/A | I
Handover call               | R/A | R/A | I   | -
Draft/send customer letter  | R/A | I   | C   | C
Align on timing             | C   | -   | -   | R/A
Update Gainsight & close    | R/A | C   | R/A | I
Validate success            | C   | R/A | I   | R/A
"""
DCI = """
Tech champions             | I     | C,I | -   | DRI | -   | -   | -   | -
Sales to CS handoff        | I     | C,I | -   | DRI | -   | -   | -   | -
Setup advice               | DRI   | C,I | I   | -   | -   | -   | -   | -
Technical setup            | -     | C,I | I   | C,I | DRI | -   | -   | -
1:1 engagement             | DRI   | C   | I   | -   | -   | -   | -   | -
1:N workshops and webinars | DRI   | -   | I   | -   | -   | -   | -   | -
Break-fix                  | (C,I) | -   | -   | -   | -   | DRI | -   | -
Use-case adoption          | DRI   | I   | I   | I   | -   | -   | -   | -
Expansion discovery        | (C)   | DRI | I   | C   | -   | -   | (I) | -
Account health check-up    | (C)   | DRI | C,I | C   | -   | -   | -   | -
Business review            | C     | DRI | I   | C   | -   | -   | C,I | -
Renewal discussion         | C,I   | C   | DRI | C   | -   | -   | I   | -
Client satisfaction        | I     | DRI | C,I | C,I | (C) | -   | I   | I
Product collaboration      | C,I   | C   | I   | DRI | -   | -   | I   | C,I
Risk review                | C,I   | DRI | C,I | C   | -   | -   | C,I | -
Escalation management      | C,I   | DRI | C,I | C   | -   | C,I | C,I | I
"""
STAGES = [
    ("Pre-Sales & Alignment", 2),
    ("Onboard", 2),
    ("Enable", 4),
    ("Expand", 2),
    ("Optimize & Renew", 6),
]


def table_of(process_id):
    activities = load_process(process_id).activities
    return [[row.title, *(row.cells.get(role, "-") for role in activities.roles)] for row in activities.rows]


def read_table(text):
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


@pytest.mark.parametrize(
    ("process", "roles", "text"),
    [
        ("csm-to-cse-plus", ("csm", "cse_territory_owner", "csm_manager", "ae"), RACI),
        ("cse-request", ("cse", "ae", "rm", "sa", "ps", "support", "executive_sponsor", "product"), DCI),
    ],
)
def test_the_table_is_that_of_the_document_cell_by_cell(process, roles, text):
    assert load_process(process).activities.roles == roles
    assert table_of(process) == read_table(text)


def test_the_activities_stand_under_the_stages_of_the_journey():
    rows = load_process("cse-request").activities.rows
    assert [(group, sum(row.group == group for row in rows)) for group in dict.fromkeys(row.group for row in rows)] == (
        STAGES
    )


@pytest.mark.parametrize(("letter", "roles"), [("R", ("a", "d")), ("A", ("b", "d")), ("C", ("c",)), ("I", ("a", "c"))])
def test_a_cell_says_who_has_which_part_and_brackets_bind_nobody(letter, roles):
    row = Activity("x", {"a": "R,I", "b": "A", "c": "C,I", "d": "DRI", "e": "(C,I)", "f": "(I)", "g": "-"})
    assert row.roles(letter) == roles


# --- a request goes to whoever leads its activity ---------------------------------------------------------------------


@pytest.mark.parametrize("row", load_process("cse-request").activities.rows, ids=lambda row: row.title)
def test_the_activity_decides_who_leads(row):
    """S4-13 to S4-33: who is the DRI must act and alone may take the request; the rest is as the row says."""
    process = load_process("cse-request")
    text = f"{Walk.blank('cse-request', 'one-to-one').tale.text}".replace(
        "- **Activity:** _for example 1:1 engagement_", f"- **Activity:** {row.title.upper()}"
    )
    settled = settle_roles(process, build_document(parse_sheet(text), process))
    (leader,) = (role for role, cell in row.cells.items() if cell == "DRI")
    for stage in settled.stages:
        if stage.follows_activity:
            assert (stage.responsible, stage.accountable) == ((leader,), (leader,))
            assert set(stage.consulted) == {role for role, cell in row.cells.items() if cell in ("C", "C,I")}
            informed = {role for role, cell in row.cells.items() if cell in ("I", "C,I")}
            assert set(stage.informed) == (informed if stage.key == "first-contact" else set())
    assert settled.items["2.1"].signed_by == (leader,)
    assert settled.items["3.1"].signed_by == ()
    assert settled.items["1.3"].signed_by == ("ae", "rm")


def test_only_who_leads_the_activity_takes_the_request():
    walk = Walk.of("cse-request", "technical-setup").until("first-contact")
    assert walk.verdict.acting == {"ps": ("paul",)}
    assert "@paul, it is your turn: **First contact**" in walk.pings[-1]
    walk.tick("2.1", by="dana").run()
    assert walk.alarms == {("signer-wrong", "2.1")}
    walk.untick("2.1", by="dana").tick("2.1", by="paul").run()
    assert walk.alarms == set()


def test_who_is_informed_of_an_activity_is_told_once_and_only_who_is_named():
    walk = Walk.of("cse-request", "one-to-one", {"Renewal Manager": "@rhea"}).until("complete")
    told = [[name for name in ("@rhea", "cc @rhea", "@sara") if name in ping] for ping in walk.pings]
    # First contact, work, questions, result (which she may confirm), close.
    assert told == [["@rhea", "cc @rhea"], [], [], ["@rhea"], []]


def test_another_activity_after_the_request_was_taken_voids_both_signatures():
    walk = Walk.of("cse-request", "one-to-one").until("work").write("Activity", "Technical setup", by="alex").run()
    assert walk.stage == "request"
    assert walk.alarms >= {("sign-off-stale", "1.3")}
    walk.untick("1.3").tick("1.3").run()
    assert walk.stage == "first-contact"
    assert walk.verdict.acting == {"ps": ("paul",)}


def test_without_an_activity_everything_stays_as_the_schema_says():
    process = load_process("cse-request")
    assert settle_roles(process, build_document(parse_sheet(""), process)) is process
    assert settle_roles(load_process("disengagement"), build_document(parse_sheet(SMALL_TEXT), process)) is (
        load_process("disengagement")
    )


# --- a table that cannot be followed ----------------------------------------------------------------------------------


def small_table():
    schema = small_schema()
    schema["x-activities"] = {
        "title": "RACI",
        "roles": ["csm", "cse_territory_owner", "cse"],
        "rows": [
            {"title": "Clean up", "stage": "ready", "cells": {"csm": "R/A", "cse_territory_owner": "I"}},
            {"title": "Review", "stage": "review", "cells": {"csm": "C", "cse_territory_owner": "R/A"}},
            {"title": "Accept", "stage": "finish", "boxes": ["3.2"], "cells": {"cse": "R/A"}},
        ],
    }
    return schema


def chosen_table():
    schema = small_schema()
    account = schema["properties"]["account"]["properties"]
    account["work"] = {"title": "Work", "type": "string", "enum": ["Talk", "Bug"], "x-forbids": ["Bug"]}
    schema["properties"]["review"]["x-stage"]["follows_activity"] = True
    schema["x-activities"] = {
        "title": "DCI",
        "roles": ["csm", "cse_territory_owner"],
        "chosen_by": "work",
        "rows": [
            {"title": "Talk", "cells": {"cse_territory_owner": "DRI", "csm": "I"}},
            {"title": "Bug", "cells": {"csm": "I"}},
        ],
    }
    return schema


def found(schema):
    return [message for _, message in judge_activities(build_process(schema, DIALECT))]


@pytest.mark.parametrize("schema", [small_schema(), small_table(), chosen_table()])
def test_a_table_that_fits_its_stages_is_accepted(schema):
    assert found(schema) == []


def at(schema, path, value):
    schema = copy.deepcopy(schema)
    *above, last = path
    place = schema
    for each in above:
        place = place[each]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return schema


ROWS = ("x-activities", "rows")
MISTAKES = [
    (small_table(), (*ROWS, 0, "stage"), "redy", "there is no stage `redy`"),
    (small_table(), (*ROWS, 0, "cells", "csm"), "R", "accountable for “Clean up” is nobody; the stage `ready`"),
    (small_table(), (*ROWS, 0, "cells", "cse_territory_owner"), "(I)", "informed for “Clean up” is nobody"),
    (small_table(), (*ROWS, 1, "cells", "csm"), "-", "consulted for “Review” is nobody"),
    (small_table(), (*ROWS, 1, "cells", "ae"), "I", "`ae` is none of the columns"),
    (
        small_table(),
        ("x-activities", "roles"),
        ["csm", "cse_territory_owner", "cse", "ae"],
        "the role `ae` has no field",
    ),
    (small_table(), (*ROWS, 2, "boxes"), ["3.9"], "has no box 3.9"),
    (small_table(), (*ROWS, 2, "boxes"), ["2.1"], "has no box 2.1"),
    (small_table(), (*ROWS, 2, "boxes"), ["3.1"], "the box 3.1 is an activity of its own"),
    (small_table(), (*ROWS, 2, "boxes"), ["3.4"], "accountable for “Accept” is cse; exactly they"),
    (small_table(), (*ROWS, 2, "cells", "cse"), "A", ""),
    (
        at(small_table(), ("properties", "finish", "x-stage", "informed"), []),
        (*ROWS, 2, "cells", "cse_territory_owner"),
        "I",
        "`cse_territory_owner` is informed of “Accept”",
    ),
    (chosen_table(), ("x-activities", "chosen_by"), "health", "must be a field whose `enum` is the titles"),
    (chosen_table(), ("x-activities", "chosen_by"), None, "needs `chosen_by`"),
    (chosen_table(), ("x-activities",), None, "add `x-activities`"),
    (chosen_table(), (*ROWS, 0, "cells", "cse_territory_owner"), "C", "“Talk” has nobody who is responsible"),
    (chosen_table(), (*ROWS, 1, "title"), "Bugs", "must be a field whose `enum` is the titles"),
    (
        chosen_table(),
        ("properties", "account", "properties", "work", "x-forbids"),
        ["Talk"],
        "“Bug” has nobody who is responsible",
    ),
    (
        chosen_table(),
        ("properties", "review", "properties", "2.1", "x-signed-by"),
        ["csm"],
        "write all who lead one: cse_territory_owner",
    ),
]


@pytest.mark.parametrize(("schema", "path", "value", "said"), MISTAKES)
def test_a_table_that_does_not_fit_is_named(schema, path, value, said):
    messages = found(at(schema, path, value))
    assert any(said in message for message in messages) if said else messages == []
