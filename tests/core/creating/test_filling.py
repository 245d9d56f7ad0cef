"""Templates filled in: what was typed reads back as typed, and nothing else of the text changes."""

from __future__ import annotations

import re
from dataclasses import replace

import comrak
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.core.checklist import build_document, parse_sheet
from automation.core.creating.cells import CellError, read_cell, read_expected, tidy
from automation.core.creating.filling import FillingError, build_form, fill
from automation.edge.repository import load_processes
from tests.scene import ROOT

PROCESSES = load_processes(ROOT)
FORMS = {
    process.id: build_form(process, (ROOT / f".gitlab/issue_templates/{process.template}.md").read_text())
    for process in PROCESSES.values()
}
FORM = FORMS["csm-to-cse-plus"]
PROCESS = FORM.process


def write(key, value):
    """Return the filled text, and the lines that are new in it."""
    text = fill(FORM, {key: value}).text
    return text, [line for line in text.split("\n") if line not in FORM.lines]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_template_in_which_nothing_is_filled_in_stays_as_it_is(form):
    assert fill(form, {}).text == "\n".join(form.lines)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_field_of_every_process_has_its_place(form):
    assert set(form.places) == set(form.process.fields)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("Acme", "- **Customer:** Acme"),
        ("Procter & Gamble, Inc. (EMEA)", "- **Customer:** Procter & Gamble, Inc. (EMEA)"),
        ("AT&T", "- **Customer:** AT&T"),
        ("Straße 7 – Söhne", "- **Customer:** Straße 7 – Söhne"),
        ("snake_case and C#", "- **Customer:** snake_case and C#"),
        ("1:1 at 10:30", "- **Customer:** 1:1 at 10:30"),
        ("ada@example.com", "- **Customer:** ada@example.com"),
        ("see https://example.com/a_b*c?d=e_f", "- **Customer:** see https://example.com/a_b*c?d=e_f"),
        ("*bold*", r"- **Customer:** \*bold\*"),
        ("_hint_", r"- **Customer:** \_hint\_"),
        ("<b>x</b>", r"- **Customer:** \<b>x\</b>"),
        ("a <!-- x -->", r"- **Customer:** a \<!-- x -->"),
        ("[x](https://example.com)", r"- **Customer:** \[x](https://example.com)"),
        ("#12 !3 ~bug $4 %5 &6 :tada:", r"- **Customer:** \#12 \!3 \~bug \$4 \%5 \&6 \:<span></span>tada:"),
        ("[issue:1] [work_item:2]", r"- **Customer:** \[<span></span>issue:1] \[<span></span>work_item:2]"),
        ("at 10:30:15", r"- **Customer:** at 10\:30:15"),
        ("&amp; &#64;all", r"- **Customer:** \&amp; \&\#64;all"),
        ("{+new+} and `code`", r"- **Customer:** \{+new+} and \`code\`"),
        ("back\\slash", r"- **Customer:** back\\slash"),
    ],
)
def test_only_what_could_be_markup_is_escaped(typed, line):
    assert write("customer", typed)[1] == [line]


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("Ada Lind, head of platform", "Ada Lind, head of platform"),
        ("[ ] a box", r"\[ ] a box"),
        ("[x] 1.1 Every success plan is closed", r"\[x] 1.1 Every success plan is closed"),
        ("2. a list", r"2\. a list"),
        ("- a list", r"\- a list"),
        ("# a heading", r"\# a heading"),
        ("> a quotation", r"\> a quotation"),
        ("**Customer:** Other", r"\*\*Customer:\*\* Other"),
        ("/close", "/close"),
    ],
)
def test_an_entry_of_a_list_stays_text(typed, entry):
    assert write("key_people", (typed,))[1] == [f"1. {entry}"]


def test_a_list_uses_the_numbers_that_are_there_and_adds_more():
    text, _ = write("key_people", ("a", "b", "c", "d"))
    assert "to know\n\n1. a\n2. b\n3. c\n4. d\n\n### Technical setup" in text
    text, _ = write("key_people", ("a",))
    assert "to know\n\n1. a\n2.\n3.\n\n### Technical setup" in text


def test_people_are_mentioned_in_their_line():
    assert write("cse_territory_owner", ("ben", "chloe.x"))[1] == ["- **CSE Territory Owner:** @ben @chloe.x"]


def test_a_link_reads_as_the_address_that_was_typed():
    url = "https://docs.example.com/a_b(c)?x=1&amp;y=(2"
    text, _ = write("notes_document", url)
    assert build_document(parse_sheet(text), PROCESS).value_of(PROCESS.fields["notes_document"]) == url


@pytest.mark.parametrize("value", ["***", "TBD", "<Acme>", "____"])
def test_what_would_read_as_blank_is_refused(value):
    if value == "***":
        assert write("customer", value)[1] == [r"- **Customer:** \*\*\*"]
        return
    with pytest.raises(FillingError) as error:
        fill(FORM, {"customer": value, "csm": ("carol",)})
    assert error.value.keys == ("customer",)


def test_a_field_without_a_line_in_the_template_is_named():
    form = replace(FORM, places={key: place for key, place in FORM.places.items() if key != "seats"})
    with pytest.raises(FillingError) as error:
        fill(form, {"customer": "Acme", "seats": "4"})
    assert error.value.keys == ("seats",)


# --- the law ----------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *"\\`*_[]<>&~|$!()#@:{}%^+-=./'\" ,;0129aZéß中\u200b\u00a0",
        "[ ]", "[x]", "1. ", "- ", "# ", "> ", "```", "~~~", "<!--", "-->", "<details>", "</details>", "<br>", "**",
        "**Customer:** x", "**Process:** `csm-to-csm` version 1", "https://example.com/", "http://", "www.a.b", "//",
        "/close", "/label ~x", "@all", "ada@example.com", "&#64;", "&lt;", ":tada:", "#1", "\n", "\r\n", "\u2028", "\t",
        "---", "|---|", "[^1]:", "![x](y)", "](x)", "$`x`$", "n/a", "none", "TBD", "1.1", "x", "mailto:", "ftp://a",
        "[issue:1]", ":smile:", "[epic:",
    ]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=12).map("".join))
KEYS = [each.key for each in PROCESS.fields.values() if each.kind in ("text", "link", "list")]


def read(key, cell):
    try:
        return read_cell(PROCESS.fields[key], cell)
    except CellError:
        return None


def outside(text, forms, values):
    """Return the lines of *text* that hold none of the values."""
    places = {forms.places[key] for key in values if forms.process.fields[key].kind != "list"}
    return [line for place, line in enumerate(text.split("\n")) if place not in places]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), TEXT, max_size=4))
@example({"customer": "https://-/@all"})
@example({"customer": "`a", "goals": "b`"})
@example({"notes_document": "https://example.com/`x`*y*"})
@example({"key_people": "1. [ ] x\n2. - y\n3. ---a\n# z\n```\n**Customer:** q"})
def test_whatever_is_taken_reads_back_as_typed_and_nothing_else_changes(cells):
    values = {key: value for key, cell in cells.items() if (value := read(key, cell)) is not None}
    try:
        filled = fill(FORM, values)
    except FillingError as error:
        assert set(error.keys) <= set(values)
        return
    sheet = parse_sheet(filled.text)
    document = build_document(sheet, PROCESS)
    for key, field in PROCESS.fields.items():
        wanted = read_expected(field, values[key]) if key in values else FORM.document.value_of(field)
        assert document.value_of(field) == wanted
    for key, value in values.items():
        if PROCESS.fields[key].kind == "text":
            assert document.value_of(PROCESS.fields[key]) == tidy(cells[key]) == value
    assert [(box.code, box.state, box.words) for box in sheet.boxes] == [
        (box.code, box.state, box.words) for box in FORM.sheet.boxes
    ]
    if not any(PROCESS.fields[key].kind == "list" for key in values):
        assert outside(filled.text, FORM, values) == outside("\n".join(FORM.lines), FORM, values)
    assert not re.search(r"(?m)^\s*/[a-z]", filled.text)


@settings(max_examples=300, deadline=None)
@given(TEXT)
@example("://0")
@example("WWW.://0")
@example("https://-://0")
@example("javascript://%0aalert(1)")
@example("a <b> &copy; [x](javascript:alert(1)) ![y](z) *e* `c` ~~s~~")
def test_nothing_typed_becomes_html_a_link_elsewhere_or_a_mention(cell):
    value = read("customer", cell)
    if value is None:
        return
    try:
        line = fill(FORM, {"customer": value}).text.split("\n")[FORM.places["customer"]]
        # Our own empty element, which keeps GitLab from seeing an emoji or a reference; a typed one is escaped.
        line = line.replace("<span></span>", "")
    except FillingError:
        return
    options = comrak.ExtensionOptions(autolink=True, strikethrough=True, table=True, tasklist=True, math_dollars=True)
    html = comrak.format_html(comrak.parse_document(line, options, comrak.ParseOptions(relaxed_autolinks=True)))
    inside = re.sub(r"<a href=\"[^\"]*\">|</a>", "", html.split("</strong>", 1)[1].removesuffix("</li>\n</ul>\n"))
    assert "<" not in inside
    # A mention is an @ that no letter precedes, outside of an address and not escaped.
    plain = re.sub(r"\b(?:https?|ftp)://[^\s<>]+", "", line.split(":**", 1)[1], flags=re.IGNORECASE)
    assert not re.search(r"(?<![A-Za-z0-9_\\])@[A-Za-z0-9_.]", plain)
    assert not re.search(r"href=\"(?!https?:|mailto:|ftp:)", html, re.IGNORECASE)
