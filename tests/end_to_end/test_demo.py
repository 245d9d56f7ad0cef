"""The demo and the sandbox command: stories that come true, a page that stands alone, a page that acts."""

from __future__ import annotations

import html
import json
import re
import shutil
import socket
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import click
import pytest
from click.testing import CliRunner

from automation.cli import cli
from automation.core.configuration import LetterSettings
from automation.edge.repository import load_repository
from automation.errors import UsageError
from automation.sandbox import demo
from automation.sandbox.demo import run_demo, run_sandbox
from automation.sandbox.sample import fill_in, read_template
from automation.sandbox.story import Outline
from automation.sandbox.story_acts import OUTLINES
from automation.sandbox.story_telling import WIDTH, Said, parse_comment
from automation.sandbox.story_values import Moment, StoryError

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


class Printed:
    """Keeps what a command printed, as a terminal without colours shows it."""

    def __init__(self):
        self.lines = []

    def __call__(self, text):
        self.lines += click.unstyle(text).split("\n")

    @property
    def text(self):
        return "\n".join(self.lines)

    def story(self, customer):
        """Return the lines told of one handover, joined."""
        start = next(place for place, line in enumerate(self.lines) if re.match(rf"#\d+ {customer}: ", line))
        end = self.lines.index("", start)
        return " ".join(line.strip() for line in self.lines[start:end])


class Browser:
    """A browser without a window: it keeps cookies and posts forms."""

    def __init__(self, url):
        self.url = url
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path):
        return self._opener.open(self.url + path).read().decode()

    def post(self, path, **form):
        return self._opener.open(self.url + path, urlencode(form).encode()).read().decode()

    def tick(self, issue, code):
        values = re.findall(r'name="box" value="([^"]*)"', self.get(issue))
        box = next(each for each in map(html.unescape, values) if f"] {code} " in each)
        return self.post(f"{issue}/tick", box=box)


def find_url(printed):
    return re.search(r"http://127\.0\.0\.1:\d+", printed.text)[0]


def copy_repository(to, edits=()):
    """Copy the repository's own files to *to*, with replacements (path, old, new) made in them."""
    for name in (".gitlab", "schemas"):
        shutil.copytree(ROOT / name, to / name)
    shutil.copy(ROOT / ".gitlab-ci.yml", to)
    for path, old, new in edits:
        file = to / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    return to


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A demo played once: what it printed, its page, and what a visitor of the served page saw."""
    printed, seen = Printed(), {}
    output = tmp_path_factory.mktemp("demo") / "new" / "board.html"

    def visit():
        browser = Browser(find_url(printed))
        issue = re.search(r'href="([^"]+)">Everest to CSE\+', browser.get("/"))[1]
        browser.post("/-/person", person="ben", back="/")
        for code in ("2.1", "2.2", "2.3", "2.4"):
            browser.tick(issue, code)
        seen["triage"] = browser.post("/-/triage", back=issue)
        seen["again"] = browser.post("/-/triage", back=issue)

    run_demo(load_repository(ROOT), ROOT, output, printed, NOW, 0, True, wait=visit)
    return printed, output.read_text(encoding="utf-8"), seen


# --- the stories ------------------------------------------------------------------------------------------------------


def test_every_story_is_told_and_says_what_it_teaches(played):
    printed, _, _ = played
    assert len(OUTLINES) >= 6
    for outline in OUTLINES:
        assert outline.title in printed.story(outline.customer)
        assert outline.lesson in printed.text


def test_the_clean_handover_goes_through_every_stage_and_is_closed(played):
    printed, _, _ = played
    story = printed.story("Nordwind")
    stages = ("review", "manager-actions", "handover-call", "customer-communication", "completion", "complete")
    places = [story.index(f"→ {stage}") for stage in stages]
    assert places == sorted(places)
    assert "closes the issue → complete" in story
    assert "gate-missed" not in story
    assert "#1 Nordwind ✓" in printed.text


@pytest.mark.parametrize(
    ("customer", "about"),
    [
        ("Bluebird", "2.4"),
        ("Cobalt", "5.3"),
        ("Dalia", "closed"),
        ("Everest", "1.9"),
        ("Fennel", "R&D"),
        ("Ginkgo", "card"),
    ],
)
def test_trouble_is_told_to_a_person_in_the_words_of_the_bot(played, customer, about):
    printed, _, _ = played
    assert re.search(rf"Bot to [A-Z]\w+: “[^”]*{re.escape(about)}[^”]*”", printed.story(customer))


def test_the_story_fits_a_terminal_and_happens_on_working_days_before_now(played):
    printed, _, _ = played
    assert max(len(line) for line in printed.lines if "board.html" not in line and ".eml" not in line) <= WIDTH + 2
    assert len(printed.lines) < 150
    days = re.findall(r"(?m)^  (\w{3}) [ \d]\d \w{3}  ", printed.text)
    assert {"Mon", "Fri"} <= set(days) <= {"Mon", "Tue", "Wed", "Thu", "Fri"}
    assert "The board on Monday, 26 October" in printed.lines
    assert "The board on Friday, 20 November" in printed.lines


def test_a_story_that_does_not_come_true_fails_the_demo(tmp_path, monkeypatch):
    def lie(story):
        yield Moment(1, 9)
        story.create()
        yield Moment(2)
        story.expect_stage("complete")

    monkeypatch.setattr(demo, "OUTLINES", (Outline("Lyra", "too good to be true", "Nothing.", lie),))
    with pytest.raises(
        StoryError, match=r"“Lyra: too good to be true” the stage should be complete.*pre-handover"
    ) as error:
        run_demo(load_repository(ROOT), ROOT, tmp_path / "board.html", Printed(), NOW, 0, False)
    assert error.value.exit_code == 1
    assert not (tmp_path / "board.html").exists()


def test_the_stories_survive_other_words_codes_and_rules(tmp_path):
    template, schema = ".gitlab/issue_templates/CSM to CSE+ Handover.md", "schemas/csm-to-cse-plus.schema.json"
    edits = [
        *((path, "The account is approved for CSE+", "Yes to CSE+") for path in (template, schema)),
        (template, "**Letter sent on:**", "**Mail (sent) on:**"),
        (schema, '"Letter sent on"', '"Mail (sent) on"'),
        (template, "- [ ] 2.", "- [ ] 8."),
        *((schema, f'"2.{number}"', f'"8.{number}"') for number in (1, 2, 3, 4)),
        (schema, ', "sends_back_to": "pre-handover"', ""),
        (schema, '"x-after": ["5.2"], ', ""),
    ]
    root = copy_repository(tmp_path / "repository", edits)
    printed = Printed()
    run_demo(load_repository(root), root, tmp_path / "board.html", printed, NOW, 0, False)
    assert "8.4 “Yes to CSE+”" in printed.story("Bluebird")
    assert "closes the issue → complete" in printed.story("Nordwind")
    assert "Left out: nobody can send a handover back" in printed.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<!-- handover:ping a:1 -->\n\n@ben **2.4** is `odd`. Mend it.", (Said(("ben",), "2.4 is odd. Mend it."),)),
        (
            "@a.b, @c-d, it is your turn: **Review**.\n\n- one\n- two",
            (Said(("a.b", "c-d"), "it is your turn: Review."),),
        ),
        ("@ben, 3 things:\n\n- one\n- two\n- three\n\ncc @mia", (Said(("ben",), "3 things: one two (and 1 more)"),)),
        ("Nobody is meant.", ()),
    ],
)
def test_what_the_bot_says_is_read_from_its_comments(body, said):
    assert parse_comment(body) == said


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_else_and_escapes_what_people_typed(played):
    _, page, _ = played
    assert all(f"{outline.customer} to CSE+" in page for outline in OUTLINES)
    assert re.findall(r'(?:src|action)="(?!#)', page) == []
    assert re.findall(r'(?<!<a )href="(?!#)', page) == []
    # The letter to the customer has links; nothing else leads away from the page.
    hosts = {*re.findall(r'href="https://([^/"]+)', page)}
    assert {*re.findall(r'href="([^#"][^"]*)"', page)} == {*re.findall(r'href="(https://[^"]+)"', page)}
    assert hosts <= {*LetterSettings().allowed_links}
    assert "<script" not in page
    assert "url(" not in page
    assert "without the R&amp;D teams" in page
    assert "R&D" not in page


def test_the_served_page_ticks_boxes_and_runs_the_triage(played):
    printed, _, seen = played
    assert "Ben Okafor" in printed.text
    assert "Ctrl-C" in printed.text
    assert "Everest to CSE+: manager-actions" in seen["triage"]
    assert "to mia: " in seen["triage"]
    assert re.search(r"\d handovers judged, none changed\.", seen["again"])


def test_a_taken_port_is_said_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="--port"):
        run_demo(load_repository(ROOT), ROOT, tmp_path / "x.html", Printed(), NOW, taken.getsockname()[1], False)


# --- the sandbox alone ------------------------------------------------------------------------------------------------


def test_the_sandbox_can_be_judged_with_the_printed_environment_and_the_shipped_configuration(tmp_path):
    repository, printed, seen = load_repository(ROOT), Printed(), []
    process = repository.processes["csm-to-cse-plus", 1]

    def judge():
        environment = dict(re.findall(r"export (\w+)=(\S+)", printed.text))
        browser = Browser(environment["HANDOVER_GITLAB_URL"])
        issue = re.search(r'href="([^"]+)">CSM to CSE\+', browser.get("/"))[1]
        for text in (None, fill_in(read_template(ROOT, process), process)):
            if text:
                browser.post(f"{issue}/edit", title="Handover of Acme", description=text)
            for _ in range(2):
                arguments = ["triage", "--apply", "--format", "json", "--repository", str(ROOT)]
                result = CliRunner().invoke(cli, arguments, env=environment)
                assert result.exit_code == 0, result.output
                seen.append(next(each for each in json.loads(result.stdout)["issues"] if each["process"] == process.id))

    run_sandbox(repository, ROOT, printed, 0, wait=judge)
    blank, blank_again, filled, filled_again = seen
    assert {each["code"] for each in blank["findings"]} >= {"field-blank", "item-open"}
    assert blank["actions"] != []
    assert {each["code"] for each in filled["findings"]} == {"item-open"}
    assert blank_again["actions"] == filled_again["actions"] == []
