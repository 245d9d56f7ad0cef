"""What people typed is data: it is compared as words, and quoted so that nothing can come of it."""

import re
import unicodedata

import comrak
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.words import QUOTE_LENGTH, is_blank, plain_words, quote, says_title, split_code

TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=120)
EVIL = st.lists(
    st.sampled_from(
        [
            "`",
            "``",
            "```",
            " ",
            "\n",
            "\r",
            "\t",
            "/close",
            "@all",
            "<b>",
            "&lt;",
            "\\",
            "\u202e",
            "\u2028",
            "*",
            "a",
            "](",
        ]
    ),
    max_size=30,
).map("".join)
OPTIONS = comrak.ExtensionOptions(
    autolink=True, table=True, tasklist=True, strikethrough=True, math_dollars=True, math_code=True
)


def render(text):
    """Return (kind of node, its text) of everything inline in *text*, as GitLab's own engine reads it."""
    waiting, seen = [comrak.parse_document(text, OPTIONS, comrak.ParseOptions(relaxed_autolinks=True))], []
    while waiting:
        node = waiting.pop()
        name, value = type(node.node_value).__name__, getattr(node.node_value, "value", None)
        if name not in ("Document", "Paragraph"):
            seen.append((name, getattr(value, "literal", value)))
        waiting.extend(reversed(node.children))
    return seen


# --- quoting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("Acme", "`Acme`"),
        ("", "` `"),
        ("   ", "` `"),
        ("/close", "`/close`"),
        ("@all", "`@all`"),
        ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
        ("a\n/close\nb", "`a /close b`"),
        ("a\r\n/close", "`a /close`"),
        ("a\u2028/close\u2029b", "`a /close b`"),
        ("a\x0b\x0c\x85/close", "`a /close`"),
        ("a`b", "``a`b``"),
        ("a``b`c", "```a``b`c```"),
        ("`", "`` ` ``"),
        ("`a`", "`` `a` ``"),
        ("a`", "`` a` ``"),
        ("\u202eevil\u202c", "`evil`"),
        ("a\u200bb", "`a b`"),
        ("a\u2066b\u2069", "`a b`"),
        ("\ufeffa", "`a`"),
        ("a\x00b", "`a b`"),
        ("a\x1b[31mb", "`a [31mb`"),
        ("a\u00a0\u3000b", "`a b`"),
        ("\ud800x", "`x`"),
        ("\U000e0041x", "`x`"),
        ("漢字 🙂 é", "`漢字 🙂 é`"),
        ("~tilde~ *star* [x](y)", "`~tilde~ *star* [x](y)`"),
        (12, "`12`"),
        (None, "`None`"),
        ("a" * 80, f"`{'a' * 80}`"),
        ("a" * 81, f"`{'a' * 79}…`"),
        ("a" * 10_000, f"`{'a' * 79}…`"),
        ("`" * 10_000, f"{'`' * 80} {'`' * 79}… {'`' * 80}"),
        ("a" * 79 + "`b", f"`{'a' * 79}…`"),
    ],
)
def test_a_quotation(typed, quoted):
    assert quote(typed) == quoted


def shown(typed):
    """What a quotation of *typed* must show: one line without control or direction characters, cut at 80."""
    unseen = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    text = "".join(" " if unicodedata.category(letter) in unseen else letter for letter in typed)
    text = " ".join(text.split())
    return text if len(text) <= QUOTE_LENGTH else text[: QUOTE_LENGTH - 1] + "…"


@given(st.one_of(TEXT, EVIL))
def test_a_quotation_is_one_code_span_that_shows_exactly_the_cleaned_text(typed):
    found = render(f"Line {quote(typed)} end.")
    code = [value for kind, value in found if kind == "Code"]
    assert [kind for kind, _ in found] == ["Text", "Code", "Text"]
    assert code[0].strip() == shown(typed)


@given(st.one_of(TEXT, EVIL))
def test_a_quotation_is_one_line_without_a_hidden_character(typed):
    quoted = quote(typed)
    assert len(quoted.splitlines()) == 1
    assert [letter for letter in quoted if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")] == []


@given(st.lists(EVIL, min_size=2, max_size=4))
def test_quotations_in_one_line_do_not_run_into_each_other(typed):
    found = render("Says " + " and ".join(quote(each) for each in typed) + ".")
    assert [value.strip() for kind, value in found if kind == "Code"] == [shown(each) for each in typed]


@given(EVIL)
def test_a_quotation_at_the_beginning_of_a_line_is_no_command_and_no_fence(typed):
    assert re.match(r"\s*/", quote(typed)) is None
    assert [kind for kind, _ in render(quote(typed))] == ["Code"]


# --- blank ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "_",
        "____",
        "...",
        "…",
        "-",
        "–",
        "?",
        "???",
        "TBD",
        "tbd",
        "t.b.d.",
        "To be decided",
        "<name>",
        "<>",
        "to be done",
    ],
)
def test_says_nothing(value):
    assert is_blank(value)


@pytest.mark.parametrize(
    "value", ["a", "0", "none", "n/a", "N/A", "TBD soon", "tbdx", "<a> b", "a <b>", "<a><b>", "x" * 3_000, "_" * 3_000]
)
def test_says_something(value):
    assert not is_blank(value)


# --- codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("2.4 Approved", "2.4", "Approved"),
        ("2.4", "2.4", ""),
        ("2.4: Approved", "2.4", "Approved"),
        ("2.4. Approved", "2.4", "Approved"),
        ("2.4) Approved", "2.4", "Approved"),
        ("2.4 – Approved", "2.4", "Approved"),
        ("2.4A Approved", "2.4a", "Approved"),
        ("1.10 Ready", "1.10", "Ready"),
        ("10.1 Ready", "10.1", "Ready"),
        ("1.1.1 Ready", "", "1.1.1 Ready"),
        ("1.10.1 Ready", "", "1.10.1 Ready"),
        ("2.4ab x", "", "2.4ab x"),
        ("2.4é x", "", "2.4é x"),
        ("2.4_ x", "", "2.4_ x"),
        ("2.45a6 x", "", "2.45a6 x"),
        ("x 2.4", "", "x 2.4"),
        ("２.４ x", "", "２.４ x"),
        ("", "", ""),
    ],
)
def test_the_code_at_the_beginning(text, code, words):
    assert split_code(text) == (code, words)


@given(
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from(["", "a", "b", "z"]),
    st.sampled_from([" ", ": ", ") ", ". ", "\t"]),
)
def test_every_code_is_read_back(major, minor, letter, between):
    code = f"{major}.{minor}{letter}"
    assert split_code(f"{code}{between}Approved") == (code, "Approved")


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b\tc\nd", "a b c d"),
        ("**a** _b_ `c` ~~d~~", "a b c d"),
        ("a\\.b\\-c\\!", "a.b-c!"),
        ("a&#10;b", "a b"),
        ("a&#x41;b&amp;c", "aAb&c"),
        ("a [b c](https://example.com) d", "a b c d"),
        ("a\\b", "a\\b"),
        ("a\u00a0b", "a b"),
        ("\\*a\\*", "a"),
    ],
)
def test_plain_words(text, words):
    assert plain_words(text) == words


@given(TEXT)
def test_plain_words_of_plain_words_are_the_same(text):
    once = plain_words(text)
    assert plain_words(once) == once or "\\" in text or "&" in text


@given(st.text(alphabet="abc ABC", min_size=1).filter(str.strip), st.text(alphabet=" ab.,(-"))
def test_a_title_may_be_followed_by_whole_words_only(title, more):
    title = title.strip()
    assert says_title(f"{title} {more}", title)
    assert not says_title(f"{title}x {more}", title)
    assert not says_title(f"not {title} {more}", title)
