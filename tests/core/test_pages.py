"""The page of a process names everything in it, reads as the schema says, and no title can break it."""

from __future__ import annotations

import re

import comrak
import pytest

from automation.core.entries import FINDING_WORDS
from automation.core.pages.demands import read_demands
from automation.core.pages.escaping import escape_markdown, mermaid_label
from automation.core.pages.flowchart import draw_flowchart
from automation.core.pages.page import PageTexts, build_pages, compile_prose, current_processes, write_page
from automation.core.pages.possible import possible_findings
from automation.core.process import build_process
from automation.core.role_names import role_name, signer_names
from automation.edge.pages import MARK, load_prose
from automation.edge.repository import load_processes
from tests.builders import DEFS, DIALECT, ROOT, small_process, small_schema

TEXTS = PageTexts(compile_prose(load_prose("process.md.j2")), compile_prose(load_prose("index.md.j2")))
ALL = current_processes(load_processes(ROOT).values())
HOSTILE = '1. a | b "c" [d](e) <f> `g` **h** {i} #12 @j ]] --> end; %%k &amp; CSE+'
TABLES = comrak.ExtensionOptions(table=True, strikethrough=True, autolink=True)
WITH_HTML = comrak.RenderOptions(unsafe_=True)


def page(process):
    return write_page(process, TEXTS)


def changed(**changes):
    return page(build_process(small_schema(**changes), DIALECT))


def html(text):
    return comrak.markdown_to_html(text, TABLES, comrak.ParseOptions(), WITH_HTML)


# --- laws over all processes of the repository ------------------------------------------------------------------------


@pytest.mark.parametrize("process", ALL, ids=lambda process: process.id)
def test_a_page_names_every_stage_box_line_and_signer(process):
    text = page(process)
    for stage in process.stages:
        assert re.search(rf"(?m)^## \d+\. {re.escape(escape_markdown(stage.title))}", text)
    for item in process.items.values():
        assert f"- **{item.code}** {escape_markdown(item.title)}" in text
        assert all(escape_markdown(name) in text for name in signer_names(process, item.signed_by))
    for field in process.fields.values():
        assert f"| **{escape_markdown(field.title)}**" in text
    for stage in process.stages:
        roles = (*stage.responsible, *stage.accountable, *stage.consulted, *stage.informed)
        assert all(escape_markdown(role_name(process, role)) in text for role in roles)


@pytest.mark.parametrize("process", ALL, ids=lambda process: process.id)
def test_a_page_tells_every_note_and_decision(process):
    text = page(process)
    notes = [each["text"] for each in process.schema.get("x-notes", ())]
    for said in (*process.schema.get("x-decided", {}).values(), *notes):
        assert escape_markdown(said) in text


@pytest.mark.parametrize("process", ALL, ids=lambda process: process.id)
def test_every_table_of_a_page_is_one_when_it_is_shown(process):
    shown = html(page(process))
    assert "|---" not in shown
    assert "| **" not in shown


@pytest.mark.parametrize("process", ALL, ids=lambda process: process.id)
def test_every_condition_of_this_repository_can_be_said(process):
    demands = read_demands(process)
    assert not [name for name, found in demands.sometimes.items() if None in found]


# --- flowchart --------------------------------------------------------------------------------------------------------

LABEL = r'"(?:[^"\[\]{}|<>`#;]|#\d+;|<br/>)+"'
LINE = re.compile(
    rf"flowchart TD|  stage\d+\[{LABEL}\]|  complete\(\[{LABEL}\]\)|  stage\d+ -\.?->\|{LABEL}\| (?:stage\d+|complete)"
    r"|  classDef maybe stroke-dasharray: 5 5|  class stage\d+(?:,stage\d+)* maybe"
)


def flowchart(process):
    return draw_flowchart(process, read_demands(process))


@pytest.mark.parametrize("process", ALL, ids=lambda process: process.id)
def test_a_flowchart_has_only_lines_that_mermaid_reads(process):
    lines = flowchart(process).split("\n")
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_a_flowchart_leads_from_stage_to_stage_and_back():
    lines = flowchart(small_process()).split("\n")
    assert '  stage1["Ready<br/>CSM"]' in lines
    assert '  stage1 -->|"3 boxes"| stage2' in lines
    assert '  stage2 -->|"1 box<br/>signed by Owner"| stage3' in lines
    assert lines[-1] == '  stage2 -.->|"send back"| stage1'
    assert '  stage3 -->|"3 boxes<br/>signed by any CSE, CSM"| complete' in lines


def conditional():
    schema = small_schema()
    schema["properties"]["review"]["required"] = []
    schema["if"] = {"properties": {"account": {"properties": {"health": {"const": "Red"}}, "required": ["health"]}}}
    schema["then"] = {"properties": {"review": {"required": ["2.1"]}}}
    return build_process(schema, DIALECT)


def test_a_conditional_stage_is_dashed_and_says_when():
    drawn = flowchart(conditional())
    assert '  stage2["Review<br/>Owner<br/>only when Health is Red"]' in drawn
    assert drawn.endswith("  classDef maybe stroke-dasharray: 5 5\n  class stage2 maybe")
    assert "**Only when Health is Red.** Otherwise nothing is asked for here." in page(conditional())


@pytest.mark.parametrize("title", [HOSTILE, '"', "end", "- a", "+a", "1. a", "a\nb", "é “ü”", "#quot;"])
def test_a_label_holds_nothing_that_mermaid_could_take_for_its_own(title):
    label = mermaid_label(title)
    assert re.fullmatch(LABEL, label)
    written = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label[1:-1])
    assert written == " ".join(title.split())


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("CSE+", "CSE+"),
        ("a | b", "a \\| b"),
        ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"),
        ("[a](b)", "\\[a\\](b)"),
        ("<b>", "\\<b\\>"),
        ("see #12, !3, @ben, &4 and ~bug", "see \\#12, \\!3, \\@ben, \\&4 and \\~bug"),
        ("a & b, 5 % of it, wow!", "a & b, 5 % of it, wow!"),
        ("- a", "\\- a"),
        ("1. a", "1\\. a"),
        ("1.10 a", "1.10 a"),
        ("a :tada: b", "a \\:tada: b"),
        ("send back: reason", "send back: reason"),
        ("a\n  b", "a b"),
        ("see https://example.com/a_b#c.", "see <https://example.com/a_b#c>."),
    ],
)
def test_words_stay_words_in_markdown(text, written):
    assert escape_markdown(text) == written


@pytest.mark.parametrize("text", [HOSTILE, "- a", "1) b", "+ c", "# d", "> e", "---", "a  \nb", "\\", "a\\|b"])
def test_what_is_shown_is_what_was_written(text):
    shown = html(f"x\n\n{escape_markdown(text)}\n")
    plain = re.sub(r"<[^>]*>", "", shown.split("\n", 1)[1]).strip()
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        plain = plain.replace(entity, letter)
    assert plain == " ".join(text.split())


def test_a_hostile_title_breaks_no_page():
    schema = small_schema(title=HOSTILE, description=HOSTILE)
    for section in schema["properties"].values():
        section["title"] = HOSTILE
        for each in section["properties"].values():
            each |= {"title": HOSTILE, "x-hint": HOSTILE}
    schema["x-notes"] = [{"text": HOSTILE}]
    schema["x-decided"] = {"H1": HOSTILE}
    shown = html(page(build_process(schema, DIALECT)))
    kind = html(page(small_process()))
    assert shown.count("<tr>") == kind.count("<tr>")
    assert shown.count("<td>") == kind.count("<td>")
    assert "<f>" not in shown
    assert "<a href" not in shown


# --- what stands on a page --------------------------------------------------------------------------------------------


def test_a_page_tells_how_to_start():
    text = page(small_process())
    assert "template **Small**" in text
    assert "\n```\n**Process:** `small` version 1\n```\n" in text


def test_lines_say_what_to_write_and_when():
    text = page(small_process())
    assert "| **Owner** | @username, not the CSM. | yes |" in text
    assert "| **Seats** | Number, 1 to 5000. | yes |" in text
    assert "| **Health** | Green or Red. | yes |" in text
    assert "| **Reason** | Text. | only when Health is Red |" in text
    assert "| **Document** | Link. | for 1.2 |" in text
    assert "| **Top things** | Numbered list, 2 to 3. | optional |" in text
    assert "| **Channel** | Text. Ruled out: CSE call. | optional |" in text
    assert "| **Tips** | Number. |\n" in text


def test_boxes_say_who_signs_and_what_for():
    text = page(small_process())
    assert "- **1.1** Plans are closed <sub>S0-19</sub>\n" in text
    left_out = "Needs the line Document. May be not applicable (`[~]`, with a reason)."
    assert f"- **1.2** Instances are flagged<br/>{left_out}\n" in text
    assert "- **2.1** Approved for the move<br/>Signed by: **Owner**. Covers: Account, Ready.\n" in text


def test_what_is_banned_and_what_is_only_recommended_stand_apart():
    text = page(small_process())
    assert text.index("### Ruled out") < text.index("- **3.3** A CSE joined the call")
    assert text.index("\n## Recommended") < text.index("- **4.1** Notes are read")


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        ("review", {"informed": ["csm"]}, "**Informed:** CSM, when this stage opens\n"),
        (
            "review",
            {"informed": ["csm"], "informed_when": "finished"},
            "**Informed:** CSM, when this stage is finished\n",
        ),
        ("ready", {"informed": ["csm"]}, "**Informed:** CSM, when this stage is finished\n"),
        ("review", {"weeks": [2, 3]}, "**Time:** until the end of week 3; 2 weeks if it opens late\n"),
        (
            "review",
            {"due": {"working_days": 1}},
            "**Time:** 1 working day from the day it opens, by the calendar of the Owner\n",
        ),
        (
            "review",
            {"due": {"working_days": 3, "calendar_of": "csm"}, "weeks": [2, 2]},
            "**Time:** 3 working days from the day it opens, by the calendar of the CSM; usually in week 2\n",
        ),
        ("review", {}, "The Owner sends it back to *Ready* with a comment, `send back: reason`\n"),
    ],
)
def test_a_stage_says_who_is_told_and_how_long_it_may_take(place, change, said):
    schema = small_schema()
    schema["properties"][place]["x-stage"] |= change
    assert said in page(build_process(schema, DIALECT))


def test_a_date_that_waits_says_for_what():
    schema = small_schema()
    done_on = {"title": "Done on", "$ref": f"{DEFS}/date", "x-not-before": ["2.1", "renewal"]}
    schema["properties"]["finish"]["properties"]["done_on"] = done_on
    text = page(build_process(schema, DIALECT))
    assert "Date, like 2026-11-30. Not before 2.1 and Renewal." in text


def test_where_the_activity_decides_the_page_says_so():
    schema = small_schema()
    rows = [{"title": "A", "cells": {"csm": "DRI"}}]
    schema["x-activities"] = {"title": "DCI", "roles": ["csm"], "rows": rows, "chosen_by": "customer"}
    schema["properties"]["review"]["x-stage"]["follows_activity"] = True
    text = page(build_process(schema, DIALECT))
    assert "whoever the table below names for the activity in the line Customer\n" in text
    assert "| A | DRI |" in text


# --- findings ---------------------------------------------------------------------------------------------------------

# Answers and calls that are no finding of design, section 5.
_NEWS = {"answer", "role-changed", "stand-in"}
_ALWAYS = {"unreadable", "item-open", "item-missing", "closed-early", "label-moved", "tick-lost", "command-invalid"}


def bare():
    """A process of one stage and one box, in which nothing can go wrong that need not."""
    people = {"responsible": ["csm"], "accountable": ["csm"], "consulted": [], "informed": []}
    stage = {
        "title": "Do",
        "type": "object",
        "x-stage": {"label": "bare::do", **people},
        "properties": {"1.1": {"title": "Done", "$ref": f"{DEFS}/done"}},
        "required": ["1.1"],
    }
    about = {"id": "bare", "version": 1, "template": "Bare"}
    return {"title": "Bare", "x-process": about, "type": "object", "properties": {"do": stage}}


def test_only_what_can_be_found_is_told():
    found = set(possible_findings(build_process(bare(), DIALECT)))
    assert found >= _ALWAYS
    assert not found & {
        "field-blank", "reason-missing", "role-unknown", "signer-wrong", "words-changed", "sign-off-early",
        "proof-missing", "sign-off-stale", "gate-skipped", "too-early", "due-soon", "overdue", "out-of-order",
        "sent-back", "forbidden",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("x-signed-by", ["csm"], "signer-wrong"),
        ("x-after", ["1.2"], "out-of-order"),
        ("x-forbids", True, "forbidden"),
        ("$ref", f"{DEFS}/done-or-not-applicable", "reason-missing"),
    ],
)
def test_what_a_box_says_decides_what_can_be_found(key, value, code):
    schema = bare()
    schema["properties"]["do"]["properties"]["1.2"] = {"title": "Too", "$ref": f"{DEFS}/done", key: value}
    assert code in possible_findings(build_process(schema, DIALECT))


def test_a_finding_names_the_boxes_it_is_about():
    assert possible_findings(small_process())["forbidden"] == ("3.3", "Channel")
    assert "`forbidden` | Something is recorded that this process rules out. (3.3, Channel) |" in page(small_process())


def test_the_pages_know_every_finding_and_have_a_sentence_for_it():
    everything = {code for process in (*ALL, small_process()) for code in possible_findings(process)}
    known = {entry.split(".")[0] for entry in FINDING_WORDS} - _NEWS
    assert known == everything


# --- all pages --------------------------------------------------------------------------------------------------------


def test_only_the_newest_version_has_a_page():
    newer = build_process(small_schema(**{"x-process": {"id": "small", "version": 2, "template": "New"}}), DIALECT)
    pages = build_pages([newer, small_process()], TEXTS)
    assert set(pages) == {"small.md", "README.md"}
    assert "Version 2." in pages["small.md"]


def test_the_list_says_when_to_use_which_process():
    pages = build_pages([build_process(small_schema(description="A small move."), DIALECT)], TEXTS)
    assert "- [Small move](small.md): A small move. Template: **Small**.\n" in pages["README.md"]


def test_pages_are_the_same_every_time_and_marked_as_made():
    pages = build_pages(ALL, TEXTS)
    assert pages == build_pages(reversed(ALL), TEXTS)
    assert all(text.startswith(MARK) for text in pages.values())
    assert not [name for name, text in pages.items() if "\n\n\n" in text or " \n" in text]


def test_every_contradiction_of_the_documents_is_decided_on_a_page():
    """H1 to H16 of the requirements: each page says how its process decides what concerns it."""
    decided = {number for process in ALL for number in process.schema.get("x-decided", {})}
    assert decided == {f"H{number}" for number in range(1, 17)}
