"""The reader of Markdown sees as a box what a reader of GitLab's page sees as a box, and survives any text."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.markdown import UnreadableMarkdownError, parse_blocks
from tests.builders import ROOT


def boxes(text):
    return [(block.symbol, block.line) for block in parse_blocks(text) if block.kind == "box"]


def words_of(block):
    return "".join(span.text for line in block.lines for span in line)


# --- what is a box (facts, sections 1.3 and 1.4) ----------------------------------------------------------------------

FENCE = "```"


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        pytest.param("- [ ] a", " ", id="dash"),
        pytest.param("* [ ] a", " ", id="star"),
        pytest.param("+ [ ] a", " ", id="plus"),
        pytest.param("1. [ ] a", " ", id="number with a dot"),
        pytest.param("1) [ ] a", " ", id="number with a bracket"),
        pytest.param("007. [x] a", "x", id="long number"),
        pytest.param("- [x] a", "x", id="small x"),
        pytest.param("- [X] a", "X", id="big X"),
        pytest.param("- [~] a", "~", id="not applicable"),
        pytest.param("- [ ]", " ", id="no words"),
        pytest.param("- [x]", "x", id="ticked without words"),
        pytest.param("-   [ ] a", " ", id="blanks after the marker"),
        pytest.param("-\t[ ] a", " ", id="tab after the marker"),
        pytest.param("   - [ ] a", " ", id="three blanks before"),
        pytest.param("- [ ]\ta", " ", id="tab after the brackets"),
        pytest.param("- [\t] a", " ", id="tab in the brackets"),
        pytest.param("- [\u00a0] a", " ", id="no-break space"),
        pytest.param("- [\u2007] a", " ", id="figure space"),
        pytest.param("- [\u202f] a", " ", id="narrow no-break space"),
        pytest.param("- [\u2009] a", " ", id="thin space"),
        pytest.param("- - [ ] a", " ", id="list in a list"),
        pytest.param("1. - [x] a", "x", id="list in a numbered list"),
        pytest.param("> - [ ] a", " ", id="quoted"),
        pytest.param("> > - [ ] a", " ", id="quoted twice"),
        pytest.param(">>>\n- [ ] a\n>>>", " ", id="quoted over several lines"),
        pytest.param("> [!note]\n> - [ ] a", " ", id="in an alert"),
        pytest.param("text\n- [ ] a", " ", id="right below text"),
        pytest.param("<details>\n\n- [ ] a\n\n</details>", " ", id="folded, after a blank line"),
        pytest.param("- [x] ~~a~~", "x", id="struck"),
        pytest.param("- [x] **a**", "x", id="bold"),
        pytest.param("- b\n  - [x] a", "x", id="nested below an item"),
        pytest.param("- [x] a <!-- c -->", "x", id="comment behind"),
        pytest.param("\ufeff- [x] a", "x", id="byte order mark"),
        pytest.param("- [x] a\r\n", "x", id="carriage return"),
    ],
)
def test_is_a_box(text, symbol):
    assert [found.strip() for found, _ in boxes(text)] == [symbol.strip()]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- [] a", id="nothing in the brackets"),
        pytest.param("- [  ] a", id="two blanks in the brackets"),
        pytest.param("- [ ]a", id="no blank after the brackets"),
        pytest.param("- [x]a", id="ticked, no blank after the brackets"),
        pytest.param("- [y] a", id="another letter"),
        pytest.param("- [-] a", id="a dash"),
        pytest.param("- [✓] a", id="a tick mark"),
        pytest.param("- [xx] a", id="two letters"),
        pytest.param("- \\[x] a", id="escaped bracket"),
        pytest.param("- \\[ ] a", id="escaped open bracket"),
        pytest.param("\\- [x] a", id="escaped marker"),
        pytest.param("[x] a", id="no list"),
        pytest.param("-[x] a", id="no blank after the marker"),
        pytest.param("- a [x] b", id="in the middle of a line"),
        pytest.param("- **[x]** a", id="bold brackets"),
        pytest.param("- `[x]` a", id="code"),
        pytest.param("- [x](https://example.com) a", id="a link"),
        pytest.param("# [x] a", id="heading"),
        pytest.param("- # [x] a", id="heading in a list"),
        pytest.param(f"{FENCE}\n- [x] a\n{FENCE}", id="fence of backticks"),
        pytest.param("~~~\n- [x] a\n~~~", id="fence of tildes"),
        pytest.param(f"{FENCE}\n- [x] a", id="fence that never ends"),
        pytest.param(f"- b\n\n  {FENCE}\n  - [x] a\n  {FENCE}", id="fence in a list"),
        pytest.param(f"> {FENCE}\n> - [x] a\n> {FENCE}", id="fence in a quotation"),
        pytest.param("    - [x] a", id="indented code"),
        pytest.param("\t- [x] a", id="code indented by a tab"),
        pytest.param("<!-- - [x] a -->", id="comment in one line"),
        pytest.param("<!--\n- [x] a\n-->", id="comment over several lines"),
        pytest.param("<details>\n- [x] a\n</details>", id="folded without a blank line"),
        pytest.param("<div>\n- [x] a\n</div>", id="in HTML"),
        pytest.param("<pre>\n\n- [x] a\n\n</pre>", id="in pre"),
        pytest.param("|a|\n|-|\n|- [x] b|", id="list mark in a table"),
        pytest.param("", id="nothing"),
    ],
)
def test_is_no_box(text):
    assert boxes(text) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("\n\n- [ ] a\n- [x] b\n", [3, 4]),
        ("- [ ] a\n\n\n  - [x] b\n", [1, 4]),
        ("> - [ ] a\n> - [x] b", [1, 2]),
        ("- [ ] a\n  more\n- [x] b", [1, 3]),
        ("1. - [ ] a\n2. - [x] b", [1, 2]),
    ],
)
def test_a_box_knows_its_line(text, lines):
    assert [line for _, line in boxes(text)] == lines


def test_the_words_of_a_box_end_where_its_paragraph_ends():
    (box,) = [block for block in parse_blocks("- [ ] 1.1 a\n  b\n\n  c\n") if block.kind == "box"]
    assert ["".join(span.text for span in line) for line in box.lines] == ["1.1 a", "b"]


def test_a_box_in_a_table_cell_holds_no_words():
    """GitLab shows it, but the box must be the only content of its cell: it can carry no step code."""
    found = [block for block in parse_blocks("|a|b|\n|-|-|\n|[x]|1.1 done|\n") if block.kind == "box"]
    assert [words_of(block) for block in found] == [""]


# --- laws -------------------------------------------------------------------------------------------------------------

MARKERS = st.sampled_from(["-", "*", "+", "1.", "7)", "12."])
AROUND = st.lists(st.sampled_from(["> ", "- ", "1. "]), max_size=4).map("".join)
SYMBOLS = st.sampled_from([" ", "x", "X", "~"])


@given(AROUND, MARKERS, SYMBOLS, st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ]{0,20}", fullmatch=True))
def test_a_box_written_with_any_marker_is_read_back(around, marker, symbol, text):
    (box,) = [block for block in parse_blocks(f"{around}{marker} [{symbol}] {text}") if block.kind == "box"]
    assert (box.symbol, words_of(box).strip()) == (symbol, text.strip())


@settings(max_examples=150)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_read_or_declared_unreadable(text):
    try:
        found = parse_blocks(text)
    except UnreadableMarkdownError:
        return
    assert all(block.line >= 1 for block in found)


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                "- ",
                "* ",
                "1. ",
                "> ",
                "[ ]",
                "[x]",
                " 1.1 ",
                "a",
                "\n",
                "\n\n",
                "    ",
                "```",
                "~~~",
                "<!--",
                "-->",
                "**",
            ]
            + ["_", "`", "|", "|-|", "\t", "<b>", "](", "![", "$", ":", ">>>", "[^1]: ", "\\", "\0", "\u202e", "&#0;"]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_markup_is_read(text):
    for block in parse_blocks(text):
        assert block.kind in ("box", "paragraph", "heading", "item")
        assert 1 <= block.line <= text.count("\n") + 1


HOSTILE = """
import sys
from automation.core.markdown import UnreadableMarkdownError, parse_blocks
texts = {
    "quotes": "> " * 60_000,
    "narrow quotes": ">" * 500_000,
    "dashes": "- " * 60_000,
    "numbers": "1. " * 60_000,
    "strong": "**a " * 60_000 + " a**" * 60_000,
    "emphasis": "_a " * 60_000 + " a_" * 60_000,
    "struck": "~a " * 60_000 + " a~" * 60_000,
    "images": "![" * 60_000 + "](a)" * 60_000,
    "open images": "![" * 200_000,
    "brackets": "[" * 300_000,
    "footnotes": "[^1]: " * 30_000,
    "comments": "<!-- " * 100_000,
    "unfinished tags": "<a " * 100_000,
    "backticks": "`" * 300_000,
    "backslashes": chr(92) * 300_000,
    "nulls": chr(0) * 300_000,
    "just below the limit": ("> " * 1_999 + "a" + chr(10) * 2) * 20,
    "quotes and dashes": "> - " * 30_000,
    "descriptions": "a" + chr(10) + ": " * 30_000,
}
for name, text in texts.items():
    print(name, flush=True)
    try:
        parse_blocks(text)
    except UnreadableMarkdownError:
        pass
print("survived")
"""


def test_deep_nesting_never_ends_the_process():
    """In a process of its own: the parser would not raise, it would overflow its stack and take everything along."""
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split("\n")[-2:] == ["survived", ""], f"ended at {done.stdout[-200:]} {done.stderr[-200:]}"
