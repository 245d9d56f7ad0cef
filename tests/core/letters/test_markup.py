"""What people typed stays text, in the mail and on GitLab's page; a letter's Markdown becomes text and HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import comrak
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.letters.markup import escape, escape_for_gitlab, is_link, one_line, to_html, to_text
from automation.core.markdown import parse_blocks, parse_marks

HOSTILE = [
    "*a* _b_ **c** `d` ~~e~~",
    "[a](https://evil.example)",
    "![a](https://evil.example/x.png)",
    "[a]: https://evil.example",
    "[[_TOC_]] [TOC] [^1]",
    "<b>x</b> <script>alert(1)</script> <!-- a -->",
    "<https://evil.example> <a@b.example>",
    "&lt;b&gt; &amp; &#64;all &nbsp;",
    "# heading",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "1) item",
    "12.",
    "- [x] done",
    "> quote",
    ">>> quote",
    "> [!note]",
    "```",
    "~~~",
    "---",
    "===",
    "- - -",
    "***",
    "| a | b |",
    "--- | ---",
    ":--",
    ": description",
    "$`a`$ $$b$$ $a$",
    "\\",
    "\\\\",
    "a\\",
    "a\nb\r\nc\u2028d\u2029e\x0bf\x85g",
    "\t    code",
    "@all @group/name",
    "#1 !2 ~label ~\"a b\" %milestone %\"a b\" $3 &4 group/project#1 a/b!2 ^alert#5 *iteration:6 GL-7 ABC-8",
    "[epic:1] [vulnerability:2] [contact:a@b.example] [wiki_page:x] [feature_flag:1]",
    "/close",
    "/assign @me",
    ":smile: :+1:",
    "www.evil.example",
    "https://evil.example/path?a=b smb://host irc://host",
    "a@b.example mailto:a@b.example",
    "{+ added +} [- gone -] %{placeholder} ::include{file=x}",
    "x@",
    "x:",
    "#",
]  # fmt: skip
words = st.one_of(
    st.text(max_size=60),
    st.text("\\`*_[]<>&~|$!()#-+=:.@/%^{}'\",;? \n\tab1é😀\u200d\u202e", max_size=30),
    st.lists(st.sampled_from([*HOSTILE, "a", " ", "1"]), max_size=4).map("".join),
)

# GitLab's options, with its raw HTML. Links that it makes by itself of addresses are another matter: a mail has none.
EXTENSIONS = dict.fromkeys(
    ("alerts", "cjk_friendly_emphasis", "description_lists", "footnotes", "math_code", "math_dollars", "strikethrough")
    + ("multiline_block_quotes", "table", "tasklist", "wikilinks_title_before_pipe"),
    True,
)
PARSING = comrak.ParseOptions(relaxed_autolinks=True, relaxed_tasklist_matching=True, tasklist_in_table=True)


class Page(HTMLParser):
    """The elements of a document and its runs of text, each as it stands between two tags."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.attributes, self.runs = [], [], [""]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes.extend((tag, name, value) for name, value in attrs)
        self.runs.append("")

    def handle_endtag(self, tag):
        self.runs.append("")

    def handle_data(self, data):
        self.runs[-1] += data

    @property
    def text(self):
        return "".join(self.runs).removesuffix("\n")


def on_gitlab(markdown, autolink):
    extensions = comrak.ExtensionOptions(autolink=autolink, **EXTENSIONS)
    return Page(comrak.markdown_to_html(markdown, extensions, PARSING, comrak.RenderOptions(unsafe_=True)))


def in_mail(markdown):
    document = to_html(markdown, "")
    return Page(document[document.index("<td") : document.index("</td>")].partition(">\n")[2])


# --- text in one line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(" a \n\n b\r\nc\td ", "a b c d", id="line breaks and tabs"),
        pytest.param("a\u2028b\u2029c\x85d\x0be\0f\x7fg\x9bh", "a b c d e f g h", id="controls"),
        pytest.param("a\u202eb\u2066c\u2069d\u202cf", "abcdf", id="turned directions"),
        pytest.param("a\ud800b\udfffc", "abc", id="half characters"),
        pytest.param("a\ufffeb\uffffc\U0010ffffd\ufdd0e\ufefff", "abcdef", id="no characters"),
        pytest.param("אדה לינד", "אדה לינד", id="Hebrew"),
        pytest.param("א\u200f! \u200eb", "א\u200f! \u200eb", id="marks of direction within a text"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="Persian with a non-joiner"),
        pytest.param("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧", id="a family"),
        pytest.param("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f", id="a flag"),
        pytest.param("\u00a010\u00a0000 €\u3000", "10\u00a0000 €", id="a blank that holds together, and others around"),
    ],
)
def test_a_value_is_shown_in_one_line(value, shown):
    assert one_line(value) == shown


# --- escaped for a mail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", HOSTILE)
def test_what_looks_like_markup_is_shown_as_typed(value):
    page = in_mail(escape(value))
    assert (page.text, set(page.elements)) == (one_line(value), {"p"})


@settings(deadline=None)
@given(words)
def test_a_value_alone_is_shown_as_typed(value):
    shown = one_line(value)
    for page in (in_mail(escape(value)), on_gitlab(escape(value), autolink=False)):
        assert page.text == shown
        assert page.elements == (["p"] if shown else [])


@settings(deadline=None)
@given(words)
def test_a_value_amid_words_is_shown_as_typed(value):
    for page in (in_mail(f"Hello {escape(value)}, how"), on_gitlab(f"Hello {escape(value)}, how", autolink=False)):
        assert (page.text, page.elements) == (f"Hello {one_line(value)}, how", ["p"])


@settings(deadline=None)
@given(words)
def test_a_value_after_a_line_break_or_a_bullet_begins_nothing(value):
    assert in_mail(f"Regards,\\\n{escape(value)}\\\nb").elements == ["p", "br", "br"] if one_line(value) else True
    assert in_mail(f"- {escape(value)}").elements == ["ul", "li"]


@settings(deadline=None)
@given(words, words)
def test_two_values_side_by_side_join_to_no_markup(one, other):
    page = in_mail(f"a {escape(one)}{escape(other)} b")
    assert (page.text, page.elements) == (f"a {one_line(one)}{one_line(other)} b", ["p"])


@settings(deadline=None)
@given(words)
def test_a_value_as_the_words_of_a_link_stays_its_words(value):
    page = in_mail(f"x [a {escape(value)}](https://docs.example/)")
    assert (page.text, page.elements) == (f"x a {one_line(value)}", ["p", "a"])


@settings(deadline=None)
@given(words)
def test_plain_text_shows_a_value_as_typed(value):
    assert to_text(f"Hello {escape(value)}, how") == f"Hello {one_line(value)}, how"


def test_escaped_text_stays_readable():
    assert escape("Acme, Inc. - 1.5 million, a+b: 3/4") == "Acme, Inc. - 1.5 million, a+b: 3/4"


# --- escaped for GitLab -----------------------------------------------------------------------------------------------

# What GitLab looks for in each run of text; commits are let through.
REFERENCES = [
    re.compile(each, re.IGNORECASE)
    for each in (
        r"@[a-z0-9_]",  # people and groups
        r"#[0-9]",  # issues
        r"![0-9]",  # merge requests
        r"~[\w\"]",  # labels
        r"%[\w\"{]",  # milestones, placeholders
        r"\$[0-9`$a-z]",  # snippets, math
        r"&[0-9]",  # epics
        r"\^alert",
        r"\*iteration:",
        r"\[[a-z_]+:",  # contacts, vulnerabilities, pages
        r"\b[a-z][a-z0-9_]+-[0-9]",  # GL-1, issues of Jira
        r":[\w+-]+:",  # emoji
        r"[a-z][a-z0-9+.-]*:/?/\S",  # addresses
        r"mailto:\S",
        r"www\.\S",
        r"\S@\S+\.\S",
        r"[{\[][+-]",  # changes in a line
        r"\[\[|\[_?TOC",
    )
]


@pytest.mark.parametrize("value", HOSTILE)
def test_gitlab_shows_a_value_as_typed(value):
    page = on_gitlab(escape_for_gitlab(value), autolink=True)
    assert (page.text, set(page.elements) - {"span"}) == (one_line(value), {"p"})


@settings(deadline=None)
@given(words)
def test_gitlab_finds_no_markup_and_no_link_in_a_value(value):
    for before, after in (("", ""), ("Hello ", ", how"), ("- ", " x"), ("**", "a**")):
        shown = on_gitlab(before + escape_for_gitlab(value) + after, autolink=True)
        harmless = on_gitlab(before + "x" + after, autolink=True)
        if one_line(value):
            assert [each for each in shown.elements if each != "span"] == harmless.elements
    assert on_gitlab(f"a {escape_for_gitlab(value)} b", autolink=True).text == f"a {one_line(value)} b"


@settings(deadline=None)
@given(words, st.sampled_from(["", "all", "1", "smile:", "//evil.example"]))
def test_gitlab_finds_no_reference_in_a_value_nor_where_words_follow_it(value, after):
    for run in on_gitlab(f"Hello {escape_for_gitlab(value)}{after}", autolink=True).runs:
        assert [each.pattern for each in REFERENCES if each.search(run)] == []


@pytest.mark.parametrize("value", HOSTILE)
def test_the_models_of_references_find_what_is_not_escaped(value):
    """Without this, patterns that match nothing would pass."""
    found = {each.pattern for each in REFERENCES if each.search(value)}
    assert found or not re.search(r"[@%$]\w|#[0-9]|![0-9]|~\w|&[0-9]|www|://|:smile:", value)


@settings(deadline=None)
@given(words)
def test_no_line_of_a_value_is_a_quick_action(value):
    assert not any(line.startswith("/") for line in escape_for_gitlab(value).splitlines())


@settings(deadline=None)
@given(words)
def test_the_reader_of_issues_sees_the_same_text(value):
    shown = one_line(value)
    blocks = parse_blocks(f"a {escape_for_gitlab(value)} b")
    assert "".join(span.text for line in blocks[0].lines for span in line) == f"a {shown} b"


# --- plain text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        pytest.param("a\n\nb", "a\n\nb", id="paragraphs"),
        pytest.param("a " * 200, ("a " * 200).strip(), id="a long paragraph stays a line"),
        pytest.param("a\nb", "a b", id="a wrapped paragraph"),
        pytest.param("Regards,\\\nAda\\\nCSM", "Regards,\nAda\nCSM", id="hard line breaks"),
        pytest.param("**a** *b* `c`", "a b c", id="marks"),
        pytest.param("# a\n\ntext\n## b\ntext", "a\n\ntext\n\nb\n\ntext", id="headings"),
        pytest.param("x\n\n- a\n- b\n\ny", "x\n\n- a\n- b\n\ny", id="bullets"),
        pytest.param("x:\n- a\n- b", "x:\n\n- a\n- b", id="bullets right below words"),
        pytest.param("* a\n\n* b", "- a\n\n- b", id="bullets apart"),
        pytest.param("3. a\n4. b", "3. a\n4. b", id="numbers"),
        pytest.param("9) a\n1) b", "9. a\n10. b", id="numbers count on"),
        pytest.param("- a\n  - b\\\n    c\n- d", "- a\n  - b\n    c\n- d", id="a list in a list"),
        pytest.param("10. a\n\n    b", "10. a\n\n    b", id="a second paragraph of an item"),
        pytest.param("- - a", "- - a", id="a list in nothing but a list"),
        pytest.param("-\n- a", "-\n- a", id="an empty item"),
        pytest.param("[words](https://a.example/x)", "words (https://a.example/x)", id="a link"),
        pytest.param("[https://a.example](https://a.example)", "https://a.example", id="an address linked to itself"),
        pytest.param("[a.example](https://a.example/)", "https://a.example/", id="its host alone"),
        pytest.param("[](https://a.example)", "https://a.example", id="a link without words"),
        pytest.param("<https://a.example>", "https://a.example", id="an address in angle brackets"),
        pytest.param("[words](http://a.example)", "words", id="not https"),
        pytest.param("![alt](https://a.example/x.png)", "alt", id="a picture"),
        pytest.param("a <b>b</b> <!-- c -->d", "a b d", id="HTML"),
        pytest.param("<div>\na\n</div>\n\nb", "b", id="a block of HTML"),
        pytest.param("a\n\n---\n\nb", "a\n\nb", id="a rule"),
        pytest.param("    a\n    b", "a\nb", id="code"),
        pytest.param("a \\* b \\\\ &amp; c", "a * b \\ & c", id="escaped"),
        pytest.param("a@b.example https://a.example", "a@b.example https://a.example", id="bare addresses"),
        pytest.param("", "", id="nothing"),
    ],
)  # fmt: skip
def test_plain_text_has_no_markup(markdown, text):
    assert to_text(markdown) == text


# --- HTML -------------------------------------------------------------------------------------------------------------

LETTER = """\
Dear Ada,

Your **contact** is *Alex*: [our pages](https://docs.example/a?b=1&c=2).

## What stays

- One
- Two
  1. nested

3. Three

   still three

Regards,\\
Ada
"""
ALLOWED = {"html", "head", "meta", "title", "body", "table", "tr", "td"} | {
    *("p", "h2", "ul", "ol", "li", "a", "strong", "em", "br"),
}


def test_a_letter_becomes_a_document_of_the_elements_that_mail_programs_know():
    page = Page(to_html(LETTER, "The move"))
    assert set(page.elements) == ALLOWED


def test_the_document_names_its_language_and_title():
    document = to_html("a", 'A <b> & "c"\nd', "de")
    assert document.startswith('<!DOCTYPE html>\n<html lang="de">')
    assert "<title>A &lt;b&gt; &amp; &quot;c&quot; d</title>" in document
    assert '<meta charset="utf-8">' in document


def test_the_structure_of_a_letter_is_kept():
    body = re.sub(r' style="[^"]*"', "", to_html(LETTER, ""))
    assert "<p>Your <strong>contact</strong> is <em>Alex</em>: " in body
    assert '<a href="https://docs.example/a?b=1&amp;c=2">our pages</a>' in body
    assert "<h2>What stays</h2>" in body
    assert "<ul>\n<li>One</li>\n<li>Two<ol>\n<li>nested</li>\n</ol>\n</li>\n</ul>" in body
    assert '<ol start="3">\n<li><p>Three</p>\n<p>still three</p>\n</li>\n</ol>' in body
    assert "<p>Regards,<br>\nAda</p>" in body


@settings(deadline=None)
@given(st.one_of(words, st.lists(words, max_size=5).map("\n".join)), st.text(max_size=20), st.text(max_size=5))
def test_whatever_a_letter_holds_nothing_runs_or_loads(markdown, title, language):
    page = Page(to_html(markdown, title, language))
    assert set(page.elements) <= ALLOWED
    for tag, name, value in page.attributes:
        assert name in {"style", "lang", "start", "charset", "name", "content"} or tag in {"a", "table"}
        assert name != "style" or "url" not in value
        assert (tag, name) != ("a", "href") or is_link(value)


@settings(deadline=None)
@given(st.lists(words, max_size=5).map("\n".join))
def test_the_words_of_html_and_plain_text_are_the_same(markdown):
    """Beside bullets, numbers and the addresses of links, which are no words of the HTML."""
    markdown = re.sub("https", "http", markdown, flags=re.IGNORECASE)
    letters = re.compile(r"[^\W\d_]")
    assert letters.findall(to_text(markdown)) == letters.findall(in_mail(markdown).text)


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://docs.example", True),
        ("HTTPS://docs.example:8443/a/b?c=d&e=f#g", True),
        ("https://bücher.example/ü", True),
        ("http://docs.example", False),
        ("javascript:alert(1)", False),
        ("//docs.example", False),
        ("/path", False),
        ("https:docs.example", False),
        ("https://", False),
        ("https://docs.example@evil.example", False),
        ("https://docs.example\\@evil.example", False),
        ("https://docs.example/a b", False),
        ("https://docs.example/\u202egnp", False),
        ('https://docs.example/"onclick="x', False),
        ("mailto:a@b.example", False),
    ],
)
def test_only_https_is_linked_to(url, is_allowed):
    assert is_link(url) is is_allowed
    assert ("<a " in to_html(f"[x](<{url}>)", "")) is is_allowed or "\\" in url


def test_a_link_always_has_words():
    assert ">https://a.example</a>" in to_html("[ ](https://a.example)", "")


def test_a_letter_that_nests_deeply_is_still_written():
    markdown = "> " * 3000 + "**a " * 3000
    assert to_text(markdown).startswith("**a **a")
    assert "**a" in to_html(markdown, "")


def test_the_marks_of_a_text_open_and_close_in_turn():
    open_marks = []
    for mark in parse_marks(LETTER):
        if mark.kind in ("text", "break"):
            continue
        if mark.is_end:
            assert open_marks.pop() == mark.kind
        else:
            open_marks.append(mark.kind)
    assert open_marks == []
