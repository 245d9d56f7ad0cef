"""How a plan is shown: in lines that fit, with counts that agree, and harmless for a terminal."""

from __future__ import annotations

import pytest

from automation.core.creating.model import Complaint, Plan, Planned, Receiver
from automation.creation_report import Shown, show_creation, visible
from tests.scene import PROCESS


def show(*rows, complaints=(), is_applied=False, name="accounts.csv"):
    plan = Plan(rows, complaints, "CSE Territory Owner")
    return show_creation(Shown(PROCESS, name, plan, {}, is_applied), "text").splitlines()


def row(state, number=2, **more):
    return Planned(number, "Acme", "CSM to CSE+ Handover: Acme", state, **more)


@pytest.mark.parametrize(
    ("rows", "is_applied", "last"),
    [
        (
            (row("create"), row("exists")),
            False,
            "1 to create, 1 already there. Nothing was created; add --apply to create.",
        ),
        ((row("created"), row("failed"), row("uncertain")), True, "1 created, 1 failed, 1 uncertain."),
        (
            (row("created"), row("create")),
            True,
            "1 created, 1 to create. Run the same command again to go on: what is there is not made twice.",
        ),
        ((row("excluded"),), True, "1 excluded."),
    ],
)
def test_the_last_line_counts_and_says_what_to_do(rows, is_applied, last):
    assert show(*rows, is_applied=is_applied)[-1] == last


def test_complaints_are_told_by_row_and_column():
    complaints = (Complaint(7, "CSM", "is blank."), Complaint(3, "", "is odd."), Complaint(0, "", "is empty."))
    lines = show(row("problem"), complaints=complaints)
    assert lines[2:6] == ["Problems (3)", "  row 7, CSM: is blank.", "  row 3: is odd.", "  is empty."]
    assert lines[-1] == "1 with problems. Nothing is created while there is a problem."


def test_what_is_made_is_listed_with_its_link():
    made = row("created", iid=4, web_url="https://gl/4", receivers=(Receiver("ben", 3),), reasons=("a word",))
    assert "  2    Acme      ben (3 open)         a word #4 https://gl/4" in show(made, is_applied=True)


def test_without_a_file_no_row_is_numbered():
    lines = show(row("create", 0), name="")
    assert lines[0] == "CSM to CSE+ Handover (csm-to-cse-plus version 1)"
    assert lines[3] == "  customer  remark"


def test_controls_are_taken_out():
    assert visible("a\x1b[2Jb\u202ec") == "a [2Jb c"
