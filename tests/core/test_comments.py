"""What the bot says: true, for the person, people named in code, and nothing that people typed ever acted on."""

import re
from dataclasses import replace
from datetime import date

import comrak
import pytest

from automation.core.comments import build_words, say
from automation.core.entries import FINDING_WORDS
from automation.core.model import PostPing, WriteStatus
from automation.core.workdays import Absence, Calendars
from tests.builders import (
    BOT,
    KEY,
    REAL_VALUES,
    SMALL_TEXT,
    Tale,
    make_directory,
    make_members,
    real_process,
    words,
)
from tests.processes.walk import Walk

OPTIONS = comrak.ExtensionOptions(
    autolink=True,
    table=True,
    tasklist=True,
    strikethrough=True,
    alerts=True,
    multiline_block_quotes=True,
    footnotes=True,
)


def tree(text):
    """Yield (kind, value, whether it stands in a top-level paragraph) of every node of *text* as GitLab reads it."""
    waiting = [(comrak.parse_document(text, OPTIONS, comrak.ParseOptions(relaxed_autolinks=True)), 0)]
    while waiting:
        node, depth = waiting.pop()
        yield type(node.node_value).__name__, getattr(node.node_value, "value", None)
        waiting.extend((child, depth + 1) for child in reversed(node.children))


def visible(body):
    """A comment without its marker line."""
    return body.split("\n", 1)[1]


def mentions(body):
    """The names that GitLab would notify: @name in running text, not in code."""
    text = "".join(value for kind, value in tree(visible(body)) if kind == "Text")
    return re.findall(r"(?<![\w])@([A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z0-9_-]|[A-Za-z0-9_])", text)


def is_harmless(body):
    """No line that GitLab would take for a quick action, no HTML but our own, no link, no picture."""
    text = visible(body)
    html = [value for kind, value in tree(text) if kind in ("HtmlBlock", "HtmlInline")]
    literals = [getattr(value, "literal", value) for value in html]
    kinds = {kind for kind, _ in tree(text)}
    return (
        re.search(r"(?m)^/", text) is None
        and set(literals) <= {"<sub>", "</sub>"}
        and not kinds & {"Link", "Image", "Table", "FootnoteReference", "TaskItem"}
    )


# --- hostile input ----------------------------------------------------------------------------------------------------

EVIL = [
    "/close",
    "@all",
    "@eve @zoe",
    "`@all`",
    "``` @all ```",
    "` @all",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- handover:status -->",
    "--> @all",
    "[x](https://evil.example.com)",
    "![x](https://evil.example.com/a.png)",
    "https://evil.example.com @all",
    "a\\`@all\\`",
    "\u202e@all",
    "{{ 7 * 7 }} {% if x %}",
    "@" + "a" * 10_000,
    "x" * 10_000 + "@all",
    "%{all_commits} ~bug !1 #1 $1 &1",
    "| a | b |",
    "***`@all`***",
    "&lt;b&gt;&#64;all",
]


def hostile_tales(evil):
    """Tales in which *evil* stands wherever people can write, each with something to tell about it."""
    fields = (
        "Customer",
        "Seats",
        "Health",
        "Renewal",
        "Document",
        "Territory",
        "Reason",
        "CSM",
        "Owner",
        "CSE",
        "Channel",
    )
    for label in fields:
        yield Tale(comments_per_day=99).run().finish("ready").write(label, evil, "carol")
    yield Tale(title=evil).finish("ready").tick("2.1", "eve")
    yield Tale(comments_per_day=99).finish("ready").run().say(f"send back: {evil}", "ben")
    yield Tale().finish("ready").say(f"send back: {evil}", "eve")
    yield Tale().replace("**Process:** `small` version 1", f"**Process:** {evil} version 1", "carol")
    yield Tale().replace("**Process:** `small` version 1", f"**Process:** {evil}", "carol")
    yield Tale().replace("1.1 Plans are closed", f"1.1 Plans are closed\n- [ ] 1.1 {evil}", "carol")
    yield Tale().replace("2.1 Approved for the move", f"2.1 {evil}", "carol").finish("ready").tick("2.1", "ben")
    yield Tale().replace("[ ] 1.2 Instances are flagged", f"[~] 1.2 Instances are flagged {evil}", "carol")


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: evil[:20])
def test_whatever_people_type_is_never_executed_and_mentions_nobody(evil):
    for tale in hostile_tales(evil):
        for action in tale.plan():
            if isinstance(action, PostPing | WriteStatus):
                assert is_harmless(action.body), action.body
                assert set(mentions(action.body)) <= {"carol", "ben", "dana", "eli", "eve"}, action.body


@pytest.mark.parametrize("evil", ["/close", "@all", "<b>", "a b", "a`b", "x\n/close", "", "all\u202e", "@eve"])
def test_a_username_that_is_none_is_quoted(evil):
    """GitLab allows no such name; were an answer of the server ever to hold one, it would still command nothing."""
    tale = Tale(author=evil)
    tale.directory = make_directory(without=["carol"])
    tale.edit(lambda text: text.replace("**Process:** `small` version 1", ""), "eve")
    (ping,) = [action for action in tale.plan() if isinstance(action, PostPing)]
    assert is_harmless(ping.body)
    assert "all" not in mentions(ping.body)


@pytest.mark.parametrize("label", ["/close", "@all", "<script>", "a`b", "x" * 300])
def test_the_name_of_a_label_is_quoted(label):
    schema_label = f"small::{label}"
    from automation.core.labels import find_label_move
    from automation.core.model import LabelEvent
    from automation.core.remembered import Memory
    from tests.builders import START, make_issue, make_user

    tale = Tale().finish("ready")
    process = replace(
        tale.process, stages=(replace(tale.process.stages[0], former_labels=(schema_label,)), *tale.process.stages[1:])
    )
    verdict = replace(tale.judge(), process=process)
    events = [LabelEvent(5, make_user("eve"), START, "add", schema_label)]
    issue = make_issue(labels=(schema_label,))
    finding = find_label_move(issue, verdict, Memory("small", 1, label="small::review"), events, BOT.id)
    said = say(finding, verdict, words())
    assert is_harmless(f"\n{said.message} {said.repair}")
    assert mentions(f"\n{said.message} {said.repair}") == []


# --- who is mentioned -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("play", [
    Tale,
    lambda: Tale().finish("ready"),
    lambda: Tale().finish("ready").tick("2.1", "eve").tick("3.1", "carol").tick("3.3", "dana"),
    lambda: Tale().finish("ready").run().tick("2.1", "ben").run().say("send back: ask @zoe", "ben"),
    lambda: Tale().finish("ready").finish("review").finish("finish"),
    lambda: Tale(text=SMALL_TEXT.replace("@ben", "@eve, @zoe")).finish("ready"),
    lambda: Tale().edit(lambda text: text.replace("**Process:**", "@zoe"), "carol"),
    lambda: Tale().close(),
    lambda: Tale.of_the_real_process().finish("pre-handover"),
])  # fmt: skip
def test_the_status_comment_mentions_nobody(play):
    assert mentions("\n" + play().run().status) == []


@pytest.mark.parametrize(
    ("play", "called"),
    [
        (lambda: Tale().finish("ready"), ["ben"]),
        (lambda: Tale().finish("ready").finish("review"), ["dana", "eli", "carol", "ben"]),
        (lambda: Tale().finish("ready").run().tick("2.1", "eve"), ["ben"]),
        (lambda: Tale().finish("ready").run().drop("1.1", "eve"), ["carol"]),
        (lambda: Tale().finish("ready").run().tick("3.1", "carol"), ["ben"]),
        (lambda: Tale().finish("ready").run().say("send back: x", "eve"), ["eve"]),
        (lambda: Tale().finish("ready").finish("review").run().say("send back: x", "ben"), ["carol"]),
        (lambda: Tale().finish("ready").run().close(), ["carol"]),
        (lambda: Tale().finish("ready").finish("review").run().finish("finish"), ["carol"]),
        (lambda: Tale().finish("ready").run().move_card("small::finish", "zoe"), ["zoe"]),
        (lambda: Tale().finish("ready").run().write("Owner", "@zoe", "eve"), ["carol"]),
        (lambda: Tale().finish("ready").run().write("CSM", "@zoe", "eve"), ["carol"]),
    ],
)
def test_a_ping_calls_exactly_who_must_act_and_who_is_to_know(play, called):
    tale = play().run()
    assert sorted(set(mentions(tale.pings[-1]))) == sorted(called)


def test_nobody_is_called_twice_in_a_ping():
    tale = (
        Tale(comments_per_day=9)
        .finish("ready")
        .run()
        .drop("1.1", "eve")
        .write("Seats", "x", "eve")
        .write("Health", "x", "eve")
    )
    assert mentions(tale.run().pings[-1]) == ["carol"]


def test_informed_people_stand_as_cc():
    tale = Tale.of_the_real_process().finish("pre-handover").run()
    assert re.search(r"(?m)^cc .*@mia", tale.pings[-1])
    assert re.search(r"(?m)^cc .*@alex", tale.pings[-1])


def test_where_nobody_holds_the_role_the_author_is_asked():
    tale = Tale(comments_per_day=9).finish("ready").run().edit(lambda text: text.replace("**Process:**", ""), "eve")
    tale.directory = make_directory(without=["carol"])
    assert mentions(tale.run().pings[-1]) == ["carol"]


def test_a_stranger_named_in_a_field_is_never_called():
    tale = Tale(text=SMALL_TEXT.replace("@ben", "@zoe")).finish("ready").run()
    assert "zoe" not in {name for body in tale.pings for name in mentions(body)}
    assert "`zoe`" in tale.status


# --- what is said -----------------------------------------------------------------------------------------------------


def test_the_status_says_where_the_handover_stands():
    status = Tale().finish("ready").run().status
    assert "Stage 2 of 3: Review" in status
    assert "`ben`" in status
    assert "2.1" in status


def test_the_status_of_a_complete_handover_says_so():
    assert "Complete" in Tale().finish("ready").finish("review").finish("finish").run().status


def test_the_status_shows_the_line_to_copy_to_send_back():
    assert "\nsend back: what needs mending\n" in Tale().finish("ready").run().status
    assert "send back" not in Tale().run().status


def test_the_status_comment_itself_sends_nothing_back():
    """Its example stands in it; if a person with the right to do so posts a copy, that is no command either."""
    tale = Tale().finish("ready").run()
    tale.say(tale.status, "ben")
    assert tale.judge().stage == "review"


@pytest.mark.parametrize(
    ("play", "said"),
    [
        (lambda: Tale().finish("ready").run().drop("1.1", "eve"), "- [ ] 1.1 Plans are closed"),
        (lambda: Tale().write("Seats", "many", "carol"), "`many`"),
        (lambda: Tale().write("Health", "Blue", "carol"), "`Green`, `Red`"),
        (lambda: Tale().write("Seats", "9999", "carol"), "5000"),
        (lambda: Tale().write("Customer", "", "carol"), "**Customer**"),
        (lambda: Tale().finish("ready").tick("2.1", "eve"), "`eve`"),
        (
            lambda: Tale().edit(lambda text: text.replace("**Process:** `small` version 1", ""), "eve"),
            "**Process:** `small` version 1",
        ),
        (lambda: Tale().finish("ready").finish("review").run().say("send back: the seats", "ben"), "`the seats`"),
    ],
)
def test_the_status_says_how_to_repair(play, said):
    assert said in play().run().status


def test_a_turn_and_the_status_comment_say_until_when_there_is_time_and_what_stops_it():
    tale = Tale.of_the_real_process().finish("pre-handover").run()
    limit = "until the end of **Thursday, 2026-11-05** (3 working days from Monday, 2026-11-02"
    assert limit in tale.pings[-1]
    assert limit in tale.status
    assert "What stops it: every box here ticked, or a comment like `hold until" in tale.status
    assert "The whole process: until the end of Monday, 2026-11-30 (4 weeks from Monday, 2026-11-02)" in tale.status


def test_the_first_stage_names_its_limit_too():
    status = Tale.of_the_real_process().run().status
    assert "until the end of **Tuesday, 2026-11-17** (10 working days from Monday, 2026-11-02" in status
    assert "calendar of `carol`: US, America/New_York" in status


def test_no_secret_stands_in_a_comment():
    tale = Tale().finish("ready").run()
    assert [note.body for note in tale.notes if KEY in note.body] == []


def test_no_comment_is_longer_than_gitlab_allows():
    """Ten thousand copies of every box, in an issue of a mebibyte."""
    tale = Tale(text=SMALL_TEXT + "- [x] 1.1 Plans are closed\n" * 10_000)
    assert max(len(action.body) for action in tale.plan() if isinstance(action, PostPing | WriteStatus)) < 100_000


# --- every entry of findings.yml --------------------------------------------------------------------------------------

BEN_AWAY = Calendars(away={"ben": (Absence(date(2026, 12, 1), date(2026, 12, 24), "chloe"),)})
BEN_AWAY_ALONE = Calendars(away={"ben": (Absence(date(2026, 11, 1), date(2026, 12, 24)),)})
SMALL_STORIES = {
    "unreadable.process-line": lambda: Tale().edit(
        lambda text: text.replace("**Process:** `small` version 1", ""), "eve"
    ),
    "unreadable.two-process-lines": lambda: Tale().edit(lambda text: text + "\n**Process:** `small` version 1", "eve"),
    "unreadable.unknown-process": lambda: Tale().replace("version 1", "version 7", "eve"),
    "item-open": Tale,
    "item-missing": lambda: Tale().drop("1.1", "eve"),
    "item-duplicated": lambda: Tale().edit(lambda text: text + "- [ ] 1.1 a", "eve"),
    "field-blank": lambda: Tale().write("Customer", "", "eve"),
    "field-blank.ticked": lambda: Tale().write("Done on", "", "eve").tick("3.1", "eve"),
    "field-duplicated": lambda: Tale().edit(lambda text: text + "- **Seats:** 1", "eve"),
    "field-invalid.date": lambda: Tale().write("Renewal", "soon", "eve"),
    "field-invalid.link": lambda: Tale().write("Document", "soon", "eve"),
    "field-invalid.choice": lambda: Tale().write("Health", "soon", "eve"),
    "field-invalid.integer": lambda: Tale().write("Seats", "soon", "eve"),
    "field-invalid.minimum": lambda: Tale().write("Seats", "0", "eve"),
    "field-invalid.maximum": lambda: Tale().write("Seats", "9999", "eve"),
    "field-invalid.minItems": lambda: Tale().replace("1.\n2.\n3.\n", "1. a\n", "eve"),
    "field-invalid.maxItems": lambda: Tale().replace("1.\n2.\n3.\n", "1. a\n2. b\n3. c\n4. d\n", "eve"),
    "field-invalid.territory": lambda: Tale().write("Territory", "Nowhere", "eve"),
    "field-invalid.other": lambda: Tale.of_the_real_process().write("Last ping", "long ago", "eve"),
    "not-applicable": lambda: Tale().replace("[ ] 1.1 ", "[~] 1.1 ", "eve"),
    "reason-missing": lambda: Tale().replace("[ ] 1.2 ", "[~] 1.2 ", "eve"),
    "role-unknown.blank": lambda: Tale().write("Owner", "", "eve"),
    "role-unknown.not-in-directory": lambda: Tale().write("Owner", "@eve", "eve"),
    "role-unknown.other-territory": lambda: Tale().write("Territory", "EMEA-1", "eve").write("Owner", "@chloe", "eve"),
    "role-unknown.not-member": lambda: Tale(directory=make_directory(members=make_members(["carol"]))),
    "role-unknown.both-sides": lambda: Tale().write("Owner", "@carol", "eve"),
    "signer-wrong": lambda: Tale().finish("ready").tick("2.1", "eve"),
    "signer-wrong.nobody": lambda: Tale().finish("ready").write("Owner", "", "eve").tick("2.1", "ben"),
    "words-changed": lambda: Tale().finish("ready").tick("2.1", "ben").run().replace("Approved", "Not approved", "eve"),
    "sign-off-early": lambda: Tale().tick("2.1", "ben"),
    "proof-missing": lambda: Tale().finish("ready").silently("2.1", "x", "ben"),
    "sign-off-stale": lambda: Tale().finish("ready").tick("2.1", "ben").run().write("Customer", "Globex", "eve"),
    "sign-off-stale.sent-back": lambda: (
        Tale().finish("ready").tick("2.1", "ben").say("send back: x", "ben").retick("1.10", "carol")
    ),
    "gate-skipped": lambda: Tale().finish("ready").tick("3.1", "carol"),
    "closed-early": lambda: Tale().close(),
    "forbidden": lambda: Tale().tick("3.3", "eve"),
    "forbidden.field": lambda: Tale().write("Channel", "CSE call", "eve"),
    "sent-back": lambda: Tale().finish("ready").say("send back: x", "ben"),
    "command-invalid.wrong-person": lambda: Tale().say("send back: x", "eve"),
    "command-invalid.no-reason": lambda: Tale().say("send back", "ben"),
    "command-invalid.edited": lambda: Tale().say("hello", "ben").reword_comment("send back: x"),
    "command-invalid.unclear": lambda: Tale().finish("ready").say("sign off 2.1 please", "ben"),
    "command-invalid.no-date": lambda: Tale().say("hold until soon: x", "carol"),
    "command-invalid.past-date": lambda: Tale().say("hold until 2026-11-02: x", "carol"),
    "command-invalid.too-far": lambda: Tale().say("hold until 2027-03-01: x", "carol"),
    "command-invalid.unknown-box": lambda: Tale().say("sign off 9.9", "carol"),
    "command-invalid.needs-signature": lambda: Tale().say("waive 2.1: x, until 2026-12-31", "mia"),
    "command-invalid.not-held": lambda: Tale().say("resume", "carol"),
    "command-invalid.expired": lambda: Tale().say("waive 1.1: x, until 2026-11-03", "mia").wait(days=3),
    "on-hold": lambda: Tale().say("hold until 2026-11-10: x", "carol"),
    "waived": lambda: Tale().say("waive 1.1: x, until 2026-12-31", "mia"),
    "cancelled": lambda: Tale().say("cancel: x", "mia"),
    "not-applicable.silent": lambda: with_real({"Last ping": "never"}).replace("[ ] 1.4", "[~] 1.4", "carol"),
    "signer-wrong.deputy": lambda: (
        Tale(directory=make_directory(calendars=BEN_AWAY)).finish("ready").tick("2.1", "chloe")
    ),
    "signer-wrong.both-sides": lambda: (
        Tale()
        .finish("ready")
        .tick("2.1", "ben")
        .tick("3.1", "carol")
        .tick("3.4", "carol")
        .run()
        .write("CSM", "@dave", "carol")
        .tick("3.2", "carol")
    ),
    "out-of-order": lambda: until("customer-communication").tick("5.3", "carol"),
    "too-early.box": lambda: (
        until("customer-communication")
        .wait(days=9)
        .write("Letter sent on", "2026-11-10", "carol")
        .write("Letter planned for", "2026-11-10", "carol")
        .tick("5.2", "alex")
        .tick("5.3", "carol")
    ),
    "too-early.gate": lambda: (
        until("customer-communication")
        .write("Letter sent on", "2026-11-01", "carol")
        .tick("5.2", "alex")
        .tick("5.3", "carol")
    ),
    "too-early.date": lambda: (
        until("customer-communication")
        .write("Letter sent on", "2026-11-19", "carol")
        .tick("5.2", "alex")
        .tick("5.3", "carol")
    ),
    "signer-wrong.since": lambda: (
        Walk.of("cse-request", "one-to-one")
        .until("first-contact")
        .tick("2.1", by="sara")
        .run()
        .write("Activity", "Product collaboration", by="alex")
        .run()
        .untick("1.3")
        .tick("1.3")
        .run()
        .tale
    ),
    "field-blank.list": lambda: (
        Walk.of("presales-to-postsales", "prospect", {"Decision makers and stakeholders": ""})
        .until("internal-meeting")
        .tale
    ),
    "field-invalid.link-or-none": lambda: with_real({"Collaboration project": "n/a"}),
    "field-invalid.rule-of-field": lambda: Walk.of("cse-request", "at-risk", {"Health": "Green"}).tale,
    "due-soon": lambda: Tale.of_the_real_process().wait(days=14, hours=12),
    "due-soon.process": lambda: Tale.of_the_real_process().wait(days=27),
    "due-soon.away": lambda: Tale.of_the_real_process(directory=make_directory(calendars=BEN_AWAY_ALONE)).finish(
        "pre-handover"
    ),
    "overdue": lambda: Tale.of_the_real_process().wait(days=16),
    "overdue.process": lambda: Tale.of_the_real_process().wait(days=29),
    "tick-lost": lambda: Tale().tick("1.1", "carol").run().silently("1.1", " ", "eve"),
    "tick-lost.field": lambda: (
        Tale().run().behind_tick("1.1", lambda text: text.replace("**Customer:** Acme", "**Customer:**"), "eve")
    ),
}


def until(stage):
    tale = Tale.of_the_real_process()
    for each in real_process().stages:
        if each.key == stage:
            break
        tale.finish(each.key)
    return tale


def with_real(values):
    tale = Tale.of_the_real_process()
    for label, value in values.items():
        tale.write(label, value, "carol")
    return tale


@pytest.mark.parametrize("entry", sorted(SMALL_STORIES))
def test_every_finding_can_be_said(entry):
    """Message and repair are whole sentences in which nothing was left unfilled."""
    verdict = SMALL_STORIES[entry]().judge()
    findings = [each for each in verdict.findings if each.words == entry]
    assert findings, [each.words for each in verdict.findings]
    said = say(findings[0], verdict, words())
    for sentence in (said.message, said.repair):
        assert sentence.strip()
        assert not re.search(r"\{\{|\{%|None|\bnull\b|``\s*``|  ", sentence), sentence
    assert is_harmless(f"\n{said.message} {said.repair}") or entry == "unreadable.process-line"


def test_the_stories_above_leave_out_only_what_they_cannot_bring_about():
    assert FINDING_WORDS - set(SMALL_STORIES) == {
        "unreadable.other-process",
        "unreadable.too-deep",
        "field-invalid.rule",
        "label-moved",
        "role-changed",
        "stand-in",
        "stand-in.signer",
        "role-changed.named",
        "overdue.escalated",
        "overdue.escalated-process",
        *(entry for entry in FINDING_WORDS if entry.startswith("answer.")),
    }


def test_words_are_plain_templates_without_access_to_anything():
    """A text of the bot may use values, not reach into the program."""
    evil = build_words("{{ ''.__class__.__mro__ }}", "x", "x", {})
    with pytest.raises(Exception, match=r"unsafe|undefined"):
        evil.status.render()


def test_the_values_of_the_real_template_are_judged_as_they_are_written():
    verdict = Tale.of_the_real_process().judge()
    assert {finding.code for finding in verdict.findings} == {"item-open"}
    assert len(REAL_VALUES) > 20


HOSTILE = "@all <img src=x onerror=alert(1)> `` ``` **/close** [x](javascript:alert(1))"


@pytest.mark.parametrize(
    ("line", "by"),
    [
        ("hold until 2026-11-10: {}", "carol"),
        ("waive 1.1: {}, until 2026-12-31", "mia"),
        ("cancel: {}", "mia"),
        ("send back: {}", "ben"),
        ("hold until {}: x", "carol"),
        ("cancel: {}", "eve"),
    ],
)
def test_a_hostile_reason_mentions_and_does_nothing_in_answer_and_status(line, by):
    tale = Tale(comments_per_day=9).finish("ready").run().say(line.format(HOSTILE), by).run()
    for body in (tale.pings[-1], f"\n{tale.status}"):
        assert is_harmless(body)
        assert "all" not in mentions(body)
