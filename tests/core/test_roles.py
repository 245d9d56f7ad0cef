"""Who does what, and who must sign what: from the schema to a terminal, to Markdown and to JSON."""

from __future__ import annotations

import json

import pytest

from automation.core.pages.role_tables import markdown_table
from automation.core.pages.roles import build_roles
from automation.core.process import build_process
from automation.reports.roles import show_roles
from tests.builders import DIALECT, small_process, small_schema

ACTIVITIES = {
    "title": "RACI",
    "roles": ["csm", "cse_territory_owner", "renewal_manager", "ae"],
    "rows": [
        {"title": "Prepare", "group": "Before", "cells": {"csm": "R/A", "cse_territory_owner": "(C,I)"}},
        {"title": "Tell", "group": "Before", "cells": {"csm": "DRI", "renewal_manager": "-", "ae": "I"}},
    ],
}


def roles(**changes):
    return build_roles(build_process(small_schema(**changes), DIALECT))


def test_the_table_of_the_schema_stands_as_it_is():
    table = roles(**{"x-activities": ACTIVITIES})
    assert table.names == ("CSM", "Owner", "Renewal manager", "AE")
    assert [(row.group, row.title, row.cells) for row in table.rows] == [
        ("Before", "Prepare", ("R/A", "(C,I)", "-", "-")),
        ("Before", "Tell", ("DRI", "-", "-", "I")),
    ]


def test_without_a_table_the_stages_are_the_activities():
    table = build_roles(small_process())
    assert (table.title, table.names) == ("", ("CSM", "Owner", "CSE"))
    assert [(row.title, row.cells) for row in table.rows] == [
        ("Ready", ("R/A", "I", "-")),
        ("Review", ("C", "R/A", "-")),
        ("Finish", ("R/A", "I", "A")),
    ]


@pytest.mark.parametrize(
    ("cells", "letters"),
    [
        ([{"csm": "R"}], ["R"]),
        ([{"csm": "(C,I)"}], ["C", "I", "( )"]),
        ([{"csm": "DRI"}], ["DRI"]),
        ([{"csm": "-"}], []),
    ],
)
def test_the_legend_tells_only_of_letters_that_are_used(cells, letters):
    rows = [{"title": str(number), "cells": each} for number, each in enumerate(cells)]
    assert list(roles(**{"x-activities": {"title": "T", "roles": ["csm"], "rows": rows}}).legend) == letters


def test_who_must_sign_what():
    told = show_roles([build_roles(small_process())], "text")
    assert "  2.1 Approved for the move: Owner\n" in told
    assert "  3.2 Accepted by CSE+: any CSE\n" in told


def test_a_signature_under_a_condition_says_so():
    schema = small_schema()
    schema["properties"]["review"]["required"] = []
    schema["if"] = {"properties": {"account": {"properties": {"health": {"const": "Red"}}, "required": ["health"]}}}
    schema["then"] = {"properties": {"review": {"required": ["2.1"]}}}
    told = show_roles([build_roles(build_process(schema, DIALECT))], "text")
    assert "2.1 Approved for the move: Owner (only when Health is Red)" in told


def test_where_the_activity_decides_that_is_said():
    schema = small_schema(**{"x-activities": ACTIVITIES})
    schema["properties"]["review"]["x-stage"]["follows_activity"] = True
    told = show_roles([build_roles(build_process(schema, DIALECT))], "text")
    assert "2.1 Approved for the move: Owner, whoever of them is responsible for the activity" in told


TEXT = """\
Small move (small version 1)
RACI

           CSM  Owner  Renewal  AE
                       manager
---------  ---  -----  -------  --
Before
  Prepare  R/A  (C,I)  -        -
  Tell     DRI  -      -        I
"""


def test_the_columns_of_a_terminal_stand_below_each_other():
    assert show_roles([roles(**{"x-activities": ACTIVITIES})], "text").startswith(TEXT)


def test_long_titles_are_wrapped_to_a_hundred_columns():
    rows = [{"title": f"Talk about everything {'and more ' * 20}", "cells": {"csm": "R"}}]
    many = ["csm", "cse_territory_owner", "executive_sponsor", "product_and_engineering", "renewal_manager"]
    told = show_roles([roles(**{"x-activities": {"title": "T", "roles": many, "rows": rows}})], "text")
    assert max(len(line) for line in told.split("\n")) <= 100
    assert told.count("more") == 20


@pytest.mark.parametrize("title", ["a | b", "a \\| b", "[x](y)", "<b>", "`c`", "**d**", "| | |", "a\nb"])
def test_a_hostile_title_breaks_no_table(title):
    rows = [{"title": title, "group": title, "cells": {"csm": "R"}}]
    table = markdown_table(roles(**{"x-activities": {"title": title, "roles": ["csm"], "rows": rows}}))
    lines = [line for line in table.split("\n") if line.startswith("|")]
    assert len(lines) == 4
    assert {line.replace("\\\\", "").replace("\\|", "").count("|") for line in lines} == {3}


def test_json_holds_the_same():
    (told,) = json.loads(show_roles([roles(**{"x-activities": ACTIVITIES})], "json"))["processes"]
    assert told["id"] == "small"
    assert told["roles"][1] == {"role": "cse_territory_owner", "name": "Owner"}
    assert told["rows"][1]["cells"] == {"csm": "DRI", "cse_territory_owner": "-", "renewal_manager": "-", "ae": "I"}
    assert [each["code"] for each in told["signatures"]] == ["2.1", "3.2", "3.4"]


def test_several_processes_stand_one_after_the_other():
    told = show_roles([build_roles(small_process()), roles(title="Other move")], "markdown")
    assert told.index("## Small move") < told.index("## Other move")
