"""What a cell says, by the kind of its field, and what it must not say."""

from __future__ import annotations

import pytest

from automation.core.creating.cells import LONGEST, CellError, nearest, read_cell
from tests.scene import REPOSITORY

PROCESSES = {process.id: process for process in REPOSITORY.processes.values()}
FIELDS = {
    **PROCESSES["cse-request"].fields,
    **PROCESSES["presales-to-postsales"].fields,
    **PROCESSES["csm-to-cse-plus"].fields,
}


@pytest.mark.parametrize(
    ("key", "cell", "value"),
    [
        ("customer", "  Acme \r\n Corp\t ", "Acme Corp"),
        ("customer", "Ac\x07me\u202e", "Ac me"),
        ("customer", "Acme & Söhne <EMEA>", "Acme & Söhne <EMEA>"),
        ("customer", "-", None),
        ("customer", "TBD", None),
        ("customer", "", None),
        ("goals", "+49 (170) 123", "+49 (170) 123"),
        ("goals", "- 5 less (at least)", "- 5 less (at least)"),
        ("goals", "- Kolleg(inn)en schulen", "- Kolleg(inn)en schulen"),
        ("key_people", "- Anna(CTO)", ("Anna(CTO)",)),
        ("customer", "R&amp;D &#35;", "R&amp;D &#35;"),
        ("goals", "write to ada@example.com", "write to ada@example.com"),
        ("goals", "Ada @ Acme", "Ada @ Acme"),
        ("goals", "none", "none"),
        ("csm", "carol", ("carol",)),
        ("csm", "@carol", ("carol",)),
        ("csm", "@carol, otto;@Carol  dana.x", ("Carol", "otto", "dana.x")),
        ("csm", "n/a", None),
        ("csm", "carol and otto", ("carol", "otto")),
        ("csm", "carol, and @otto/dana", ("carol", "otto", "dana")),
        ("csm", "andy", ("andy",)),
        ("next_renewal", "30.11.2026", "2026-11-30"),
        ("next_renewal", "1.2.2027", "2027-02-01"),
        ("next_renewal", "2027-1-5", "2027-01-05"),
        ("next_renewal", "2027/01/05", "2027-01-05"),
        ("next_renewal", "2027.01.05", "2027-01-05"),
        ("next_renewal", "2027-03-01 00:00:00", "2027-03-01"),
        ("next_renewal", "2027-03-01T00:00:00.000Z", "2027-03-01"),
        ("next_renewal", "01.03.2027 0:00", "2027-03-01"),
        ("next_renewal", "2026-11-30", "2026-11-30"),
        ("next_renewal", "none", None),
        ("seats", "420", "420"),
        ("seats", "1,200", "1200"),
        ("seats", "0", "0"),
        ("health", "Green", "Green"),
        ("health", "green", "Green"),
        ("notes_document", "https://example.com/a", "https://example.com/a"),
        ("notes_document", "HTTPS://example.com/A", "https://example.com/A"),
        ("notes_document", "https://gitlab.com/@x/y", "https://gitlab.com/@x/y"),
        ("collaboration_project", "none", "none"),
        ("key_people", "1. Ada\n- Bo\n\n• Cem\nTBD", ("Ada", "Bo", "Cem")),
        ("key_people", "Ada", ("Ada",)),
        ("key_people", "\n \n", None),
        ("activity", "1:1 engagement", "1:1 engagement"),
    ],
)
def test_a_cell_says(key, cell, value):
    assert read_cell(FIELDS[key], cell) == value


@pytest.mark.parametrize(
    ("key", "cell", "said"),
    [
        ("customer", "=cmd", "formula"),
        ("customer", " =1+1", "formula"),
        ("customer", "＝1+1", "formula"),
        ("customer", "@SUM(A1)", "formula"),
        ("customer", "+cmd|'/c calc'!A0", "formula"),
        ("customer", "-2+3+cmd|' /C calc'!A0", "formula"),
        ("csm", "@SUM(A1)", "formula"),
        ("seats", "=1+1", "formula"),
        ("next_renewal", "=TODAY()", "formula"),
        ("health", "=A1", "formula"),
        ("notes_document", '=HYPERLINK("https://example.com")', "formula"),
        ("key_people", "=A1", "formula"),
        ("customer", "Acme @all", "would notify"),
        ("customer", "@carol", "would notify"),
        ("customer", "é@all", "would notify"),
        ("key_people", "Ada\nask @ben", "`@ben` would notify"),
        ("customer", "x" * (LONGEST + 1), f"{LONGEST + 1:,} letters"),
        ("key_people", "Ada\n" + "x" * (LONGEST + 1), f"{LONGEST + 1:,} letters"),
        ("customer", "<Acme>", "without < and >"),
        ("next_renewal", "11/30/2026", "year-month-day"),
        ("next_renewal", "30/11/2026", "year-month-day"),
        ("next_renewal", "1.2.27", "year-month-day"),
        ("next_renewal", "2026-11-30 17:00:00", "year-month-day"),
        ("next_renewal", "2026-11.30", "year-month-day"),
        ("next_renewal", "31.2.2026", "no day of the calendar"),
        ("next_renewal", "30.11.2026 and 1.12.2026", "year-month-day"),
        ("next_renewal", "2026-11-31", "no day of the calendar"),
        ("seats", "many", "whole number"),
        ("seats", "4.5", "whole number"),
        ("health", "Gren", "did you mean `Green`?"),
        ("health", "7", "one of `Green`, `Yellow`, `Red`."),
        ("looked_after", "CSM or CSA", "does not take; write one of `CSE`"),
        ("notes_document", "javascript:alert(1)", "no link"),
        ("notes_document", "https://a.b c", "no link"),
        ("notes_document", "https://a.b/<x>", "no link"),
        ("csm", "Carol (Berlin)", "no username"),
        ("customer", "&#64;all Corp", "`@all` would notify"),
        ("customer", "&#x40;ben", "would notify"),
        ("customer", "&commat;all", "would notify"),
        ("customer", "https://example.com/@all", "would notify"),
        ("notes_document", "https://example/@all", "would notify"),
    ],
)
def test_a_cell_must_not_say(key, cell, said):
    with pytest.raises(CellError) as error:
        read_cell(FIELDS[key], cell)
    assert said in str(error.value)


def test_a_formula_is_shown_harmless():
    with pytest.raises(CellError) as error:
        read_cell(FIELDS["customer"], "=cmd`\x1b[31m|x")
    assert "\x1b" not in str(error.value)


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("benn", ["ben", "chloe"], "did you mean `ben`?"),
        ("zzz", ["ben", "chloe"], "write one of `ben`, `chloe`."),
        ("zzz", [f"p{number}" for number in range(10)], "`p7`, …."),
    ],
)
def test_the_nearest_is_named_else_what_there_is(word, known, said):
    assert said in nearest(word, known)
