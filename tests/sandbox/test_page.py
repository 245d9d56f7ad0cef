"""The web page: what it shows, what can be done in it, and what must not run in it."""

import re
from html.parser import HTMLParser

import pytest
import requests

from automation.sandbox import Sandbox
from automation.sandbox.page import board_page
from automation.sandbox.page_guard import read_way_back
from automation.sandbox.page_markdown import render_markdown
from automation.sandbox.page_views import draw_dead_box
from tests.sandbox.conftest import PROJECT

STAGES = ("p::one", "p::two")
BOARDS = {"The process": STAGES}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>"


@pytest.fixture
def page(world):
    """Return a browser of ben's, with a function for each kind of request."""
    with Sandbox(world, boards=BOARDS, run_triage=lambda: "2 issues <judged>") as sandbox:
        yield Browser(sandbox, "ben")


class Browser:
    def __init__(self, sandbox, person):
        self.url = sandbox.url
        self.session = requests.Session()
        self.session.cookies.set("handover_sandbox_person", person)

    def get(self, path, **headers):
        return self.session.get(self.url + path, headers=headers, timeout=5)

    def post(self, path, data, **headers):
        return self.session.post(self.url + path, data, headers={"Origin": self.url, **headers}, timeout=5)


@pytest.fixture
def issue(world):
    return world.create_issue(PROJECT, "ben", "First", "- [ ] 1.1 one\n- [x] 1.2 two", labels=["p::one", "late"])


ISSUE = f"/{PROJECT}/-/issues/1"


def columns(html):
    """Return the titles of the cards in each column."""
    found = re.findall(r"<h2>(.*?) <span.*?</h2>(.*?)</section>", html, re.DOTALL)
    return {title: re.findall(r'<h3 title="(.*?)"', body) for title, body in found}


def test_each_page_says_that_it_is_not_gitlab(page, issue):
    for path in ("/", ISSUE, f"/{PROJECT}/-/issues/new", "/nothing"):
        assert "This is a sandbox, not GitLab." in page.get(path).text


def test_board_has_open_the_stages_in_order_and_closed(page, world):
    for title, labels in (("a", ()), ("b", ["p::two"]), ("c", ["p::one"]), ("d", ["p::two"])):
        world.create_issue(PROJECT, "ben", title, labels=labels)
    world.close(PROJECT, 4, "ben")
    assert columns(page.get("/").text) == {"Open": ["a"], "one": ["c"], "two": ["b"], "Closed": ["d"]}


def test_card_shows_flags_beside_the_stage_assignee_and_boxes(page, world):
    world.create_issue(PROJECT, "ben", "t", "- [x] a\n- [ ] b", labels=["p::one", "late"], assignee="pia")
    html = page.get("/").text
    card = html[html.index('class="card"') :]
    assert ("late" in card, "p::one" in card, "Pia" in card, "1 of 2 boxes" in card) == (True, False, True, True)


def test_board_shows_what_the_person_may_see(page, world, issue):
    page.post("/-/person", {"person": "otto", "back": "/"})
    assert "First" not in page.get("/").text
    assert page.get(ISSUE).status_code == 404


def test_choosing_a_person_leads_back_and_is_remembered(page, issue):
    answer = page.post("/-/person", {"person": "pia", "back": ISSUE})
    assert answer.url == page.url + ISSUE
    assert '<option value="pia" selected>' in page.get("/").text


def test_a_tick_is_made_in_the_persons_name(page, world, issue):
    value = re.search(r'name="box" value="(1:[^"]*)"', page.get(ISSUE).text)[1]
    assert page.post(f"{ISSUE}/tick", {"box": value}).url == f"{page.url}{ISSUE}#line-1"
    assert world.issue(PROJECT, 1).description.startswith("- [x] 1.1 one")
    assert "marked the checklist item <strong>1.1 one</strong> as completed" in page.get(ISSUE).text


def test_a_tick_on_a_line_that_changed_is_refused(page, world, issue):
    world.edit_description(PROJECT, 1, "pia", "new\n" + issue.description)
    answer = page.post(f"{ISSUE}/tick", {"box": "1:- [ ] 1.1 one"})
    assert (answer.status_code, "Someone edited this issue at the same time" in answer.text) == (409, True)
    assert "[x] 1.1" not in world.issue(PROJECT, 1).description


def test_what_the_role_does_not_allow_is_explained(page, world, issue):
    page.post("/-/person", {"person": "gus", "back": "/"})
    answer = page.post(f"{ISSUE}/tick", {"box": "1:- [ ] 1.1 one"})
    assert (answer.status_code, "would not let Gus do this" in answer.text) == (409, True)


def test_edit_comment_move_close_and_reopen(page, world, issue):
    page.post(f"{ISSUE}/edit", {"title": "New", "description": "a\r\nb"})
    page.post(f"{ISSUE}/comment", {"body": "hello"})
    page.post(f"{ISSUE}/move", {"from": "p::one", "to": "p::two"})
    page.post(f"{ISSUE}/close", {})
    changed = world.issue(PROJECT, 1)
    assert (changed.title, changed.description, changed.state) == ("New", "a\nb", "closed")
    assert world.list_titles(PROJECT, 1) == ("late", "p::two")
    page.post(f"{ISSUE}/reopen", {})
    assert world.issue(PROJECT, 1).state == "opened"
    assert [note.body for note in world.list_notes(PROJECT, 1) if not note.is_system] == ["hello"]


def test_the_story_tells_labels_and_states_too(page, world, issue):
    world.move_card(PROJECT, 1, "pia", add="p::two")
    world.close(PROJECT, 1, "pia")
    html = page.get(ISSUE).text
    assert "added label <strong>p::two</strong>" in html
    assert '<div class="text">closed</div>' in html


def test_a_new_issue_starts_from_a_template(page, world):
    world.set_templates(PROJECT, {"CSM to CSM": "- [ ] 1.1 one"})
    assert "- [ ] 1.1 one</textarea>" in page.get(f"/{PROJECT}/-/issues/new?template=CSM%20to%20CSM").text
    answer = page.post(f"/{PROJECT}/-/issues/new", {"title": "T", "description": "- [ ] 1.1 one"})
    assert answer.url == f"{page.url}{ISSUE}"


def test_triage_runs_and_its_text_stands_above_the_page_one_was_on(page, issue):
    html = page.post("/-/triage", {"back": ISSUE}).text
    assert "2 issues &lt;judged&gt;" in html
    assert "1.1 one" in html


def test_there_is_no_triage_button_without_a_triage(sandbox, world):
    assert "Run triage" not in requests.get(sandbox.url, timeout=5).text


def test_triage_may_be_given_once_the_server_is_there(sandbox):
    sandbox.run_triage = lambda: f"asked {sandbox.url}"
    assert "Run triage" in requests.get(sandbox.url, timeout=5).text


def test_triage_may_ask_the_same_server(sandbox, world, client):
    asking = client()
    sandbox.run_triage = lambda: str(asking.version()[0])
    answer = requests.post(f"{sandbox.url}/-/triage", {"back": "/"}, timeout=5)
    assert "18.4.0" in answer.text


def test_hostile_words_are_shown_and_never_run(page, world):
    world.add_user("eve", HOSTILE)
    world.create_issue(
        PROJECT, "ben", HOSTILE, HOSTILE + f"\n\n- [ ] 1.1 {HOSTILE}\n\n[x](javascript:alert(4))", labels=[HOSTILE]
    )
    world.comment(PROJECT, 1, "ben", HOSTILE)
    world.comment(PROJECT, 1, "ben", f"```\n{HOSTILE}\n```")
    for html in (page.get("/").text, page.get(ISSUE).text, board_page(world, BOARDS)):
        assert find_active(html) == []
        assert "&lt;script&gt;" in html


class Active(HTMLParser):
    """Collects what a browser would run or load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "img", "iframe", "object", "embed", "base"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src", "action") and ":" in (value or "")):
                self.found.append((tag, name, value))


def find_active(html):
    parser = Active()
    parser.feed(html)
    return parser.found


def test_the_browser_is_told_to_run_nothing(page, issue):
    headers = page.get(ISSUE).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert page.get("/-/style.css").headers["Content-Type"] == "text/css"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_page_cannot_act_here(page, world, issue, headers):
    assert page.post(f"{ISSUE}/close", {}, **headers).status_code == 403
    assert world.issue(PROJECT, 1).state == "opened"


def test_a_name_that_only_points_to_this_machine_reads_nothing(page, issue):
    assert page.get("/", Host="evil.example").status_code == 403


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=1", ""]
)
def test_the_way_back_leads_nowhere_else(path):
    assert read_way_back(path) == "/"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_other_methods_are_not_for_pages(page, method):
    assert requests.request(method, page.url + "/", timeout=5).status_code == 405


MARKDOWN = [
    ("**a** _b_ ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>"),
    ("# T\n\n---", "<h3>T</h3><hr>"),
    ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
    ("3. a", '<ol start="3"><li>a</li></ol>'),
    ("> q", "<blockquote><p>q</p></blockquote>"),
    ("[a](http://x/?b&c)", '<p><a href="http://x/?b&amp;c" rel="noopener noreferrer nofollow">a</a></p>'),
    ("[a](javascript:alert(1)) [b](/path) [c](data:text/html,x)", "<p>a b c</p>"),
    ("![alt <b>](https://x.org/a.png)", "<p>[image: alt]</p>"),
    ("a <b>c</b> <!-- hidden --> d", "<p>a c  d</p>"),
    ("<!-- handover:status\nx -->\ntext", "<p>text</p>"),
    ("<details onclick=x><summary>&lt; <i>t</i></summary></details>", "<details><summary>&lt; t</summary></details>"),
    ("| a |\n|---|\n| b |", "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>"),
    ("```html\n<b>\n```", '<pre tabindex="0"><code>&lt;b&gt;\n</code></pre>'),
    ("- [y] a", '<ul><li class="task">[y] a</li></ul>'),
    ("@<span></span>all", "<p>@<span></span>all</p>"),
    ("`@<span></span>all`", "<p><code>@&lt;span&gt;&lt;/span&gt;all</code></p>"),
    ("<span onclick=x style='position:fixed'>a</span>", "<p><span>a</span></p>"),
    (
        "<details><summary>A letter</summary>\n\n```text\nDear,\n\n</details> @all\n```\n\n_b_\n\n</details>\n\nc",
        '<details><summary>A letter</summary>\n<pre tabindex="0"><code>Dear,\n\n&lt;/details&gt; @all\n</code></pre>'
        "<p><em>b</em></p></details>\n<p>c</p>",
    ),
    ("[a](/uploads/0123456789abcdef0123456789abcdef/a.eml)", "<p>a</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "html"), MARKDOWN)
def test_markdown_becomes_html_of_ours_alone(text, html):
    assert str(render_markdown(text, draw_dead_box)).strip() == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a</details></span></div>b", "<p>ab</p>"),
        ("<details><summary>a\n\nb", "<details><summary>a\n<p>b</p></summary></details>"),
        ("> <details>\n\n</details>\n\na</details>", "<blockquote><details>\n</details></blockquote>\n<p>a</p>"),
        (
            "<details>\n\n> a</details>\n\nb\n\n</details>",
            "<details>\n<blockquote><p>a</p></blockquote><p>b</p></details>",
        ),
        ("*a <span>b* c</span>", "<p><em>a <span>b</span></em> c</p>"),
        ("<details><span>a</details></span>", "<details><span>a</span></details>"),
    ],
)
def test_tags_of_people_close_nothing_but_themselves(text, html):
    assert str(render_markdown(text, draw_dead_box)).strip() == html


SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("target", "href"),
    [
        (f"/uploads/{SECRET}/a.eml", f"/-/project/7/uploads/{SECRET}/a.eml"),
        (f"/uploads/{SECRET}/f%C3%BCr%20b.eml", f"/-/project/7/uploads/{SECRET}/f%C3%BCr%20b.eml"),
        (f"/uploads/{SECRET}/..%2F..%2Fx", f"/-/project/7/uploads/{SECRET}/..%2F..%2Fx"),
        (f"/uploads/{SECRET}/../x", ""),
        ("/uploads/short/a.eml", ""),
        ("//evil.example/uploads/a", ""),
    ],
)
def test_a_link_to_an_upload_leads_to_the_projects_file(target, href):
    html = str(render_markdown(f"[a]({target})", draw_dead_box, 7))
    assert re.findall('href="(.*?)"', html) == ([href] if href else [])


@pytest.mark.parametrize("text", ["> " * 500 + "a", "- " * 500 + "a", "x" * 300_000], ids=["quotes", "lists", "long"])
def test_what_nobody_writes_is_shown_as_it_stands(text):
    assert str(render_markdown(text, draw_dead_box)).startswith('<pre class="source"')


def test_an_internal_note_is_marked_and_its_file_is_one_click_away(page, world, issue, client):
    sent = client().http_post("/projects/1/uploads", files={"file": ("letter.eml", b"Dear all")})
    world.comment(PROJECT, 1, "pia", f"<details><summary>Draft</summary>\n\n{sent['markdown']}\n\n</details>", True)
    html = page.get(ISSUE).text
    assert "<span>internal</span>" in html
    path = re.search(r'<a href="(/-/project/[^"]*)"', html)[1]
    assert page.get(path).content == b"Dear all"
    page.post("/-/person", {"person": "gus", "back": "/"})
    assert "letter.eml" not in page.get(ISSUE).text


def test_a_link_to_an_upload_in_the_description_works_too(page, world):
    world.create_issue(PROJECT, "ben", "t", f"[a](/uploads/{SECRET}/a.eml)")
    assert f'href="/-/project/1/uploads/{SECRET}/a.eml"' in page.get(ISSUE).text


def test_the_file_of_the_boards_has_no_links_to_files_that_are_gone(world, issue):
    world.comment(PROJECT, 1, "pia", f"[the letter](/uploads/{SECRET}/a.eml)")
    html = board_page(world, BOARDS)
    assert "the letter" in html
    assert SECRET not in html


def test_the_file_of_the_boards_needs_nothing_else(world, issue):
    world.comment(PROJECT, 1, "pia", "a word")
    html = board_page(world, BOARDS)
    assert columns(html) == {"Open": [], "one": ["First"], "two": [], "Closed": []}
    assert "a word" in html
    assert not re.search(r'(src|href)="(?!#)', html)


def test_the_file_leaves_out_boards_without_cards(world, issue):
    html = board_page(world, {**BOARDS, "Another": ("q::one",)})
    assert "The process" in html
    assert "Another" not in html
