"""The text of an issue becomes boxes, facts, lists and a process line; nothing that people type breaks it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.checklist import build_document, find_process_lines, parse_sheet
from tests.builders import SMALL_TEXT, real_process, real_template, real_text, small_process, with_value


def read_boxes(text):
    return [(box.code, box.state, box.words) for box in parse_sheet(text).boxes]


def document(text, process=None):
    return build_document(parse_sheet(text), process or small_process())


def value(text, key, process=None):
    """Return the value of the field *key*, None when it is blank."""
    process = process or small_process()
    return document(text, process).value_of(process.fields[key])


def fact(line, label="a"):
    """Return the value of the one fact that *line* holds."""
    (found,) = [each for each in parse_sheet(line).facts if each.label == label]
    return found.value


# --- step codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("1.1 Clean", "1.1", "Clean"),
        ("1.10 Clean", "1.10", "Clean"),
        ("4.5a Clean", "4.5a", "Clean"),
        ("4.5A Clean", "4.5a", "Clean"),
        ("**1.1** Clean", "1.1", "Clean"),
        ("**1.1 Clean**", "1.1", "Clean"),
        ("`1.1` Clean", "1.1", "Clean"),
        ("1\\.1 Clean", "1.1", "Clean"),
        ("1&#46;1 Clean", "1.1", "Clean"),
        ("1.1: Clean", "1.1", "Clean"),
        ("1.1. Clean", "1.1", "Clean"),
        ("1.1) Clean", "1.1", "Clean"),
        ("1.1 - Clean", "1.1", "Clean"),
        ("1.1 – Clean", "1.1", "Clean"),
        ("  1.1   Clean", "1.1", "Clean"),
        ("1.1", "1.1", ""),
        ("~~1.1 Clean~~", "1.1", "Clean"),
        ("[1.1](https://example.com) Clean", "1.1", "Clean"),
        ("1.1 Clean <!-- aside -->", "1.1", "Clean"),
        ("1.1 Clean **all** of `it`", "1.1", "Clean all of it"),
        ("12.34z Clean", "12.34z", "Clean"),
        ("Clean 1.1", "", "Clean 1.1"),
        ("1.1.2 Clean", "", "1.1.2 Clean"),
        ("1.1ab Clean", "", "1.1ab Clean"),
        ("1.1_ Clean", "", "1.1_ Clean"),
        ("v1.1 Clean", "", "v1.1 Clean"),
        ("1. 1 Clean", "", "1. 1 Clean"),
        ("1 Clean", "", "1 Clean"),
        ("1,1 Clean", "", "1,1 Clean"),
        ("-1.1 Clean", "", "-1.1 Clean"),
        ("١.١ Clean", "", "١.١ Clean"),
    ],
)
def test_the_code_of_a_box(text, code, words):
    assert read_boxes(f"- [ ] {text}") == [(code, "open", words)]


@pytest.mark.parametrize(
    ("symbol", "state"),
    [(" ", "open"), ("x", "done"), ("X", "done"), ("~", "not-applicable"), ("\u00a0", "open"), ("\u3000", "open")],
)
def test_the_state_of_a_box(symbol, state):
    assert read_boxes(f"- [{symbol}] 1.1 Clean") == [("1.1", state, "Clean")]


def test_a_box_without_words_does_not_swallow_the_next_line():
    assert read_boxes("- [ ]\n- [x] 1.1 Clean") == [("", "open", ""), ("1.1", "done", "Clean")]


def test_a_box_that_nests_below_another_is_read_on_its_own():
    assert [code for code, *_ in read_boxes("- [x] 1.1 a\n  - [ ] 1.2 b\n    1. [x] 1.3 c")] == ["1.1", "1.2", "1.3"]


def test_the_words_may_go_on_in_the_next_line():
    assert read_boxes("- [x] 1.1 Clean\n  and tidy") == [("1.1", "done", "Clean and tidy")]


# --- boxes of a process -----------------------------------------------------------------------------------------------


def test_the_document_holds_every_box_of_the_process_and_no_other():
    text = SMALL_TEXT.replace("[ ] 1.1 ", "[x] 1.1 ") + "- [x] 9.9 Something of ours\n- [x] no code\n"
    boxes = {code: each["state"] for code, each in document(text).data["ready"].items()}
    assert boxes == {"1.1": "done", "1.2": "open", "1.10": "open"}


def test_a_box_that_stands_twice_counts_for_nothing():
    found = document(SMALL_TEXT + "\n> - [x] 1.1 Plans are closed\n")
    assert "1.1" not in found.data["ready"]
    assert found.duplicated["1.1"] == (found.lines["1.1"], SMALL_TEXT.count("\n") + 2)


def test_a_box_that_was_deleted_is_in_no_part_of_the_document():
    found = document(SMALL_TEXT.replace("- [ ] 1.1 Plans are closed\n", ""))
    assert "1.1" not in found.data["ready"]
    assert "1.1" not in found.lines


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Instances are flagged - single instance only", "single instance only"),
        ("Instances are flagged – single instance only", "single instance only"),
        ("Instances are flagged — none", "none"),
        ("Instances are flagged -- none", "none"),
        ("Instances are flagged. - none", "none"),
        ("Other words - none", "none"),
        ("Instances are flagged - none - really", "none - really"),
        ("Instances are flagged", None),
        ("Instances are flagged -", None),
        ("Instances are flagged - ", None),
        ("Instances are flagged - TBD", None),
        ("Instances are flagged - ____", None),
        ("Instances are flagged - <reason>", None),
        ("Instances are flagged: single", None),
        ("Instances are re-flagged", None),
    ],
)
def test_the_reason_stands_behind_a_dash(words, reason):
    text = SMALL_TEXT.replace("- [ ] 1.2 Instances are flagged", f"- [~] 1.2 {words}")
    assert document(text).data["ready"]["1.2"] == {"state": "not-applicable", "reason": reason}


def test_a_box_that_is_done_has_no_reason():
    text = SMALL_TEXT.replace("- [ ] 1.2 Instances are flagged", "- [x] 1.2 Instances are flagged - all of them")
    assert document(text).data["ready"]["1.2"] == {"state": "done", "reason": None}


# --- the line of a fact -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "- **a:** b",
        "- **a**: b",
        "* **a:** b",
        "1. **a:** b",
        "**a:** b",
        "- __a:__ b",
        "- **A:** b",
        "- **a :** b",
        "-   **a:**   b  ",
        "- **a:** b<br>",
        "- **a:** <!-- hint --> b",
        "- **a:** b <!-- hint -->",
        "- **a:** _hint_ b",
        "- **a:** b _hint_",
        "- **a:** *hint* b",
        "- **a:** **b**",
        "- **a:** `b`",
        "- **a:** ~~old~~ b",
        "- c\n  - **a:** b",
        "text\n**a:** b",
        "- **a:**\n  b",
        "- **a:**\n  - b",
    ],
)
def test_a_fact_reads(line):
    assert fact(line) == "b"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("> **a:** b", id="quoted"),
        pytest.param("> - **a:** b", id="list in a quotation"),
        pytest.param("## **a:** b", id="heading"),
        pytest.param("- a: b", id="not bold"),
        pytest.param("- *a:* b", id="only emphasised"),
        pytest.param("- **a** b", id="no colon"),
        pytest.param("- see **a:** b", id="words before it"),
        pytest.param("- [ ] **a:** b", id="a box"),
        pytest.param("    - **a:** b", id="code"),
        pytest.param("```\n- **a:** b\n```", id="fence"),
        pytest.param("<!-- - **a:** b -->", id="comment"),
        pytest.param("- \\*\\*a:\\*\\* b", id="escaped"),
        pytest.param("|x|\n|-|\n|**a:** b|", id="table"),
        pytest.param("<div>\n- **a:** b\n</div>", id="HTML"),
    ],
)
def test_is_no_fact(line):
    assert [each for each in parse_sheet(line).facts if each.label == "a"] == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "____",
        "_",
        "...",
        "…",
        "-",
        "—",
        "?",
        "TBD",
        "tbd",
        "T.B.D.",
        "to be decided",
        "_type @ and choose_",
        "*date, like 2026-11-30*",
        "_one_ _two_",
        "<name>",
        "\\<name\\>",
        "<!-- nothing -->",
        "~~Acme~~",
        "\u00a0",
        "\u200b",
        "<br>",
        "<br/>",
        "&nbsp;",
    ],
)
def test_a_blank_value(typed):
    assert fact(f"- **a:** {typed}") is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Acme", "Acme"),
        ("Acme  Ltd", "Acme Ltd"),
        ("Acme\\_Ltd", "Acme_Ltd"),
        ("Acme\\*", "Acme*"),
        ("Acme_Ltd_GmbH", "Acme_Ltd_GmbH"),
        ("AT&amp;T", "AT&T"),
        ("a _b_ c", "a b c"),
        ("**Acme** Ltd", "Acme Ltd"),
        ("`Acme`", "Acme"),
        ("[Acme](https://example.com)", "Acme"),
        ("Acme: the company", "Acme: the company"),
        ("**Acme:** the company", "Acme: the company"),
        ("none", "none"),
        ("TBD by Friday", "TBD by Friday"),
        ("0", "0"),
        ("/close", "/close"),
        ("@all", "@all"),
        ("<b>Acme</b>", "Acme"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("a > b < c", "a > b < c"),
        ("Ünïcödé 漢字 🙂", "Ünïcödé 漢字 🙂"),
        ("#1 in \\#2", "#1 in #2"),
        ("| a |", "| a |"),
        ("![logo](a.png)", "logo"),
        ("~~old~~ new", "new"),
    ],
)
def test_a_value_reads_as_people_see_it(typed, read):
    assert fact(f"- **a:** {typed}") == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("- **a:**\n  - b\n  - c", "b; c"),
        ("- **a:** b\n  - c\n    - d", "b; c; d"),
        ("- **a:**\n  1. b\n  2. c", "b; c"),
        ("- **a:** b\n  c", "b c"),
    ],
)
def test_what_nests_below_a_fact_goes_on_with_it(typed, read):
    assert fact(typed) == read


@pytest.mark.parametrize(
    "text",
    [
        "- **a:** b\n- c",
        "- **a:** b\n\n  c",
        "- **a:** b\n- **d:** c",
        "- **a:** b\n  - **d:** c",
        "- **a:** b\n\nc",
        "**a:** b\n\nc",
    ],
)
def test_what_stands_beside_a_fact_does_not(text):
    assert fact(text) == "b"


def test_several_facts_may_stand_in_one_paragraph():
    sheet = parse_sheet("**a:** 1\n**b:** 2\nand 3\n**c:** 4")
    assert [(each.label, each.value, each.line) for each in sheet.facts] == [
        ("a", "1", 1),
        ("b", "2 and 3", 2),
        ("c", "4", 4),
    ]


def test_a_box_never_becomes_part_of_a_fact():
    sheet = parse_sheet("- **a:** b\n  - [x] 1.1 Clean")
    assert sheet.facts[0].value == "b"
    assert sheet.boxes[0].code == "1.1"


def test_a_very_long_value_is_cut():
    assert len(fact("- **a:** " + "b" * 10_000)) == 2_000


# --- values by kind ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("250", 250),
        ("1,250", 1250),
        ("1.250", 1250),
        ("1 250", 1250),
        ("1'250", 1250),
        ("1\u202f250", 1250),
        ("1\u00a0250", 1250),
        ("1,250,000", 1250000),
        ("+5", 5),
        ("-5", -5),
        ("007", 7),
        ("0", 0),
        ("`250`", 250),
        ("**250**", 250),
        ("250 _seats_", 250),
        ("12,50", "12,50"),
        ("1,25", "1,25"),
        ("12.5", "12.5"),
        ("1e3", "1e3"),
        ("about 250", "about 250"),
        ("250 seats", "250 seats"),
        ("٢٥٠", "٢٥٠"),
        ("²", "²"),
        ("9" * 16, "9" * 16),
        ("99999999,999", "99999999,999"),
        ("", None),
    ],
)
def test_a_whole_number(typed, read):
    assert value(with_value(SMALL_TEXT, "Seats", typed), "seats") == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Green", "Green"),
        ("green", "Green"),
        ("GREEN.", "Green"),
        ("`Red`", "Red"),
        ("Redd", "Redd"),
        ("Green or Red", "Green or Red"),
        ("_Green or Red_", None),
    ],
)
def test_a_choice(typed, read):
    assert value(with_value(SMALL_TEXT, "Health", typed), "health") == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("https://example.com/a_b_c", "https://example.com/a_b_c"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("[the notes](https://example.com/a)", "https://example.com/a"),
        ("[](https://example.com/a)", "https://example.com/a"),
        ("http://localhost:8080/x", "http://localhost:8080/x"),
        ("`https://example.com`", "https://example.com"),
        ("_hint_ https://example.com/a", "https://example.com/a"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("[x](javascript:alert(1))", "javascript:alert(1)"),
        ("example.com", "example.com"),
        ("see https://example.com/a please", "see https://example.com/a please"),
        ("<link>", None),
    ],
)
def test_a_link(typed, read):
    assert value(with_value(SMALL_TEXT, "Document", typed), "document") == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("@ben", ["ben"]),
        ("ben", ["ben"]),
        ("@Ben", ["Ben"]),
        ("@ben.smith-2_x", ["ben.smith-2_x"]),
        ("@ben.", ["ben"]),
        ("@ben, @chloe", ["ben", "chloe"]),
        ("@ben and @chloe", ["ben", "chloe"]),
        ("@ben/@chloe", ["ben", "chloe"]),
        ("@ben @ben", ["ben"]),
        ("Ben Smith (@ben)", ["ben"]),
        ("`@ben`", ["ben"]),
        ("[@ben](https://gitlab.example.com/ben)", ["ben"]),
        ("_type @ and choose_ @ben", ["ben"]),
        ("@ben _who reviews_", ["ben"]),
        ("Ben Smith", ["Ben Smith"]),
        ("ben, chloe", ["ben", "chloe"]),
        ("@", ["@"]),
        ("_type @ and choose_", None),
        ("TBD", None),
    ],
)
def test_people(typed, read):
    assert value(with_value(SMALL_TEXT, "Owner", typed), "owner") == read


@pytest.mark.parametrize("typed", ["2026-11-30", "`2026-11-30`", "**2026-11-30**", "2026-11-30 _like this_"])
def test_a_date(typed):
    assert value(with_value(SMALL_TEXT, "Renewal", typed), "renewal") == "2026-11-30"


# --- lists ------------------------------------------------------------------------------------------------------------


def with_top(text):
    return re.sub(r"(?s)(### Top things\n).*?(?=\n## Ready)", lambda match: match[1] + "\n" + text, SMALL_TEXT)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1. a\n2. b\n3. c\n", ["a", "b", "c"]),
        ("1. a\n1. b\n", ["a", "b"]),
        ("1) a\n2) b\n", ["a", "b"]),
        ("1. a\n2.\n3. c\n", ["a", "c"]),
        ("1. a\n2. _hint_\n3. TBD\n", ["a"]),
        ("1. a\n\n2. b\n", ["a", "b"]),
        ("1. a\n   more\n2. b\n", ["a more", "b"]),
        ("1. a\n   - x\n   - y\n2. b\n", ["a; x; y", "b"]),
        ("1.\n   - x\n", ["x"]),
        ("1. **a** and `b`\n", ["a and b"]),
        ("Three of them:\n\n1. a\n2. b\n", ["a", "b"]),
        ("1.\n2.\n3.\n", None),
        ("- a\n- b\n", None),
        ("> 1. a\n", None),
        ("a\nb\n", None),
        ("", None),
    ],
)
def test_the_numbered_list_under_a_heading(typed, read):
    assert value(with_top(typed), "top") == read


def test_a_list_may_stand_in_a_field_line_instead():
    text = SMALL_TEXT.replace("### Top things\n\n1.\n2.\n3.\n", "- **Top things:** one thing\n")
    assert value(text, "top") == ["one thing"]


def test_a_list_under_two_headings_of_its_name_is_duplicated():
    found = document(SMALL_TEXT + "\n## Top things\n\n1. again\n")
    assert "top" in found.duplicated


def test_a_list_ends_where_the_next_heading_begins():
    assert value(with_top("1. a\n\n### Other\n\n1. b\n"), "top") == ["a"]


# --- facts of a process -----------------------------------------------------------------------------------------------


def test_a_field_line_that_stands_twice_has_no_value():
    found = document(SMALL_TEXT + "\n- **Seats:** 9\n")
    assert "seats" not in found.data["account"]
    assert found.duplicated["seats"] == (7, SMALL_TEXT.count("\n") + 2)


def test_a_quoted_copy_of_a_field_line_is_no_second_one():
    found = document(SMALL_TEXT + "\n> - **Seats:** 9\n")
    assert found.data["account"]["seats"] == 250
    assert "seats" not in found.duplicated


def test_the_label_of_a_field_may_be_written_in_any_case():
    assert value(SMALL_TEXT.replace("**Seats:**", "**SEATS:**"), "seats") == 250


def test_a_title_with_an_apostrophe_or_digits_is_found():
    text = real_text()
    assert value(text, "top_three", real_process()) == ["Renewal", "Champion left", "Upgrade"]


def test_the_blank_template_has_no_value_at_all():
    process = real_process()
    found = document(real_template(), process)
    assert {key for key, field in process.fields.items() if found.value_of(field) is not None} == set()


def test_the_blank_template_has_every_box_open():
    process = real_process()
    found = document(real_template(), process)
    assert {code: found.state_of(item) for code, item in process.items.items()} == dict.fromkeys(process.items, "open")


# --- the process line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "**Process:** `small` version 1",
        "**Process:** small version 1",
        "**Process**: `small` version 1",
        "**process:** `Small` Version 1.",
        "- **Process:** `small` version 1",
        "**Process:**  `small`   version  1",
        "**Process:** `small` version 01",
        "__Process:__ `small` version 1",
    ],
)
def test_the_process_line(line):
    assert [(each.id, each.version) for each in find_process_lines(parse_sheet(line))] == [("small", 1)]


@pytest.mark.parametrize(
    "line",
    [
        "**Process:**",
        "**Process:** small",
        "**Process:** `small` 1",
        "**Process:** `small` version one",
        "**Process:** `small` version 1 or 2",
        "**Process:** `small` version -1",
        "**Process:** `sm all` version 1",
        "**Process:** `../small` version 1",
        "**Process:** _`small` version 1_",
        "**Process:** `small` version 1\nand more",
        "**Process:** `small` version 9999999",
    ],
)
def test_a_process_line_that_cannot_be_understood(line):
    assert [each.id for each in find_process_lines(parse_sheet(line))] == [""]


@pytest.mark.parametrize(
    "text", ["> **Process:** `small` version 1", "Process: small version 1", "`**Process:** small version 1`", ""]
)
def test_no_process_line(text):
    assert find_process_lines(parse_sheet(text)) == ()


def test_every_process_line_is_found():
    text = "**Process:** `small` version 1\n\n- **Process:** `other` version 2"
    assert [(each.id, each.version, each.line) for each in find_process_lines(parse_sheet(text))] == [
        ("small", 1, 1),
        ("other", 2, 3),
    ]


# --- size -------------------------------------------------------------------------------------------------------------


def test_ten_thousand_boxes_are_read():
    text = "\n".join(f"- [{'x' if number % 2 else ' '}] {number}.1 Clean" for number in range(10_000))
    boxes = parse_sheet(text).boxes
    assert [box.code for box in boxes] == [f"{number}.1" for number in range(10_000)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- [ ] 1.1 " + "a" * 1_000_000, id="one long line"),
        pytest.param(real_text() + "word " * 200_000, id="long prose"),
        pytest.param("\n" * 1_000_000, id="blank lines"),
        pytest.param("<!-- " * 200_000, id="unfinished comments"),
        pytest.param("**a:** " * 20_000, id="bold labels in a line"),
        pytest.param("- **a:** " + "b\n  " * 50_000, id="a fact of many lines"),
    ],
)
def test_a_mebibyte_is_read(text):
    assert len(parse_sheet(text).boxes) >= 0


def test_what_goes_on_without_end_is_cut_and_does_not_grow():
    """What nests below a fact or a number is added up to a limit; make bench prints how fast it is read."""
    sheet = parse_sheet("- **a:** x\n" + "  - b\n" * 20_000 + "\n## h\n\n1. x\n" + "   - c\n" * 20_000)
    (fact,) = sheet.facts
    (numbered,) = sheet.lists
    assert fact.value.startswith("x; b; b")
    assert numbered.values[0].startswith("x; c; c")
    assert len(fact.value) <= 2_100
    assert len(numbered.values[0]) <= 2_100


# --- laws -------------------------------------------------------------------------------------------------------------

NOISE = st.lists(
    st.sampled_from(
        ["- ", "1. ", "> ", "[x] ", "[ ] ", "[~] ", "1.1 ", "2.1 ", "**Seats:** ", "**Process:** ", "`small` version 1"]
        + [
            "## Top things",
            "\n",
            "\n\n",
            "  ",
            "    ",
            "```\n",
            "<!--",
            "-->",
            "_hint_",
            "@ben",
            "TBD",
            "5",
            "~~",
            "|",
            "\\",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150)
@given(NOISE)
def test_a_document_of_any_markup_can_be_judged(text):
    found = document(text)
    for section in found.data.values():
        for key, each in section.items():
            assert key in found.lines
            assert each is not None


PIECES = [
    "<!--",
    "-->",
    "```",
    "`",
    "~~",
    "**",
    "_",
    "|",
    "[",
    "](",
    "<b>",
    "<details>",
    "$",
    "[x] 1.1",
    "**Seats:** 9",
    "\\",
]


@settings(max_examples=80)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join))
def test_whatever_is_typed_into_a_line_stays_in_its_field(typed):
    text = with_value(SMALL_TEXT, "Customer", f"Acme {typed}")
    assert (value(text, "seats"), value(text, "renewal")) == (250, "2027-03-31")
    assert document(text).data["ready"] == document(SMALL_TEXT).data["ready"]
