"""How a plan is shown: in lines that fit, with counts that agree, and harmless for a terminal."""

from __future__ import annotations

import pytest
from wcwidth import width

from automation.core.creating.model import Complaint, Plan, Planned, Receiver
from automation.core.words import visible
from automation.reports.creation import Shown, show_creation
from tests.scene import PROCESS


def show(*rows, complaints=(), is_applied=False, name="accounts.csv", columns=120, **more):
    plan = Plan(rows, complaints, "CSE Territory Owner", **more)
    return show_creation(Shown(PROCESS, name, plan, {}, is_applied, columns), "text").splitlines()


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


def test_what_is_left_out_says_how_it_is_not():
    assert "--no-exclusions" in " ".join(show(row("excluded")))
    assert "--no-exclusions" not in " ".join(show(row("create")))


def test_an_obstacle_is_told_before_all_else():
    lines = show(row("create"), obstacles=("The token may only read.",), remarks=("The link is lost.",))
    assert lines[1:5] == ["", "The token may only read.", "", "The link is lost."]
    assert lines[-1] == "1 to create. Nothing was created, and cannot be with this token: see above."


def test_equal_complaints_are_told_once_with_their_rows():
    complaints = [Complaint(number, "CSM", "`carol` is no member.") for number in (2, 3, 4, 9)]
    complaints += [Complaint(number, "Seats", f"`{number}x` is no number.") for number in (2, 3)]
    lines = show(complaints=tuple(complaints))
    assert lines[2:5] == [
        "Problems (6)",
        "  rows 2–4, 9, CSM: `carol` is no member.",
        "  rows 2–3, Seats: `2x` is no number. The same of `3x`.",
    ]


def test_many_values_are_not_all_named():
    complaints = tuple(Complaint(number, "Seats", f"`{number}x` is no number.") for number in range(2, 30))
    lines = show(complaints=complaints)
    assert lines[3].startswith("  rows 2–29, Seats: `2x` is no number. The same of `3x`, ")
    assert lines[3].endswith("`9x`, ….")


@pytest.mark.parametrize("columns", [20, 60, 80, 100, 120, 300])
def test_the_table_keeps_within_the_terminal_also_with_wide_letters(columns):
    rows = [
        row("create", receivers=(Receiver("ben", 1), Receiver("chloe-with-a-long-name", 2)), reasons=("remark " * 30,)),
        Planned(3, "株式会社日本語の会社の名前がとても長い場合" * 2, "t", "create", reasons=("理由" * 60,)),
    ]
    lines = show(*rows, columns=columns)
    assert max(map(width, lines)) <= max(60, min(columns, 120))
    assert len({width(line[: line.index("remark")]) for line in lines[3:5] if "remark" in line}) == 1


def test_controls_are_taken_out():
    assert visible("a\x1b[2Jb\u202ec") == "a [2Jb c"
