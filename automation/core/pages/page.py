"""Write the page of a process for its readers: Process -> Markdown, the prose being in automation/pages/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from automation.core.letters.book import Book
from automation.core.model import Process, Stage
from automation.core.pages.demands import Demands, Rule, read_demands
from automation.core.pages.escaping import escape_all
from automation.core.pages.flowchart import draw_flowchart
from automation.core.pages.letters import letter_facts
from automation.core.pages.parts import box_facts, field_facts
from automation.core.pages.possible import possible_findings
from automation.core.pages.role_tables import markdown_table
from automation.core.pages.roles import Signature, build_roles
from automation.core.recognition import process_line
from automation.core.role_names import role_names

INDEX = "README.md"
_NO_LETTERS = Book()


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The prose of the pages, compiled: of a process, and of the list of all."""

    process: jinja2.Template
    index: jinja2.Template


def compile_prose(text: str) -> jinja2.Template:
    """Compile the prose of a page.

    Raises:
        jinja2.TemplateSyntaxError: with the line of the text.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    return environment.from_string(text)


def current_processes(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Return the newest version of each process, in the order of their ids."""
    newest: dict[str, Process] = {}
    for process in sorted(processes, key=lambda each: (each.id, each.version)):
        newest[process.id] = process
    return tuple(newest.values())


def build_pages(processes: Iterable[Process], texts: PageTexts, letters: Book = _NO_LETTERS) -> dict[str, str]:
    """Write the page of each current process, with its letters, and the list of them; keyed by the name of the file."""
    current = current_processes(processes)
    listed = [{**escape_all(_summary(process)), "id": process.id} for process in current]
    pages = {f"{process.id}.md": write_page(process, texts, letters) for process in current}
    return {**pages, INDEX: _tidy(texts.index.render(processes=listed))}


def write_page(process: Process, texts: PageTexts, letters: Book = _NO_LETTERS) -> str:
    """Write the page of *process*. Words of the schema reach the prose escaped; what is drawn or tabled is ready."""
    demands = read_demands(process)
    roles = build_roles(process)
    facts = escape_all(
        {
            **_summary(process),
            "stages": [_stage(process, stage, demands, letters) for stage in process.stages],
            "recommended": [
                _section(process, key, demands) for key in process.schema["properties"] if _is_advice(process, key)
            ],
            "rules": [_rule(each) for each in demands.rules.get("", ())],
            "roles_title": roles.title,
            "signatures": [_signature(each) for each in roles.signatures if not each.is_advisory],
            "decided": process.schema.get("x-decided", {}),
            "notes": [_note(each) for each in process.schema.get("x-notes", ())],
            "findings": possible_findings(process),
        }
    )
    text = texts.process.render(
        **facts,
        id=process.id,
        process_line=process_line(process),
        flowchart=draw_flowchart(process, demands),
        roles_table=markdown_table(roles),
    )
    return _tidy(text)


def _tidy(text: str) -> str:
    """Leave at most one blank line in a row, and one line end at the end."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


def _summary(process: Process) -> dict[str, Any]:
    return {
        "title": process.title,
        "description": process.schema.get("description", ""),
        "template": process.template,
        "version": process.version,
        "weeks": process.weeks,
    }


# --- parts ------------------------------------------------------------------------------------------------------------


def _stage(process: Process, stage: Stage, demands: Demands, letters: Book) -> dict[str, Any]:
    keys = [key for key in stage.sections if not _is_advice(process, key)]
    about = process.schema["properties"][stage.key]
    sections = [_section(process, key, demands) for key in keys]
    is_first = stage is process.stages[0]
    back = next((each.title for each in process.stages if each.key == stage.sends_back_to), "")
    return {
        "title": stage.title,
        "hint": about.get("x-hint", ""),
        "source": stage.source,
        "responsible": role_names(process, stage.responsible),
        "accountable": role_names(process, stage.accountable),
        "consulted": role_names(process, stage.consulted),
        "informed": role_names(process, stage.informed),
        "is_told_when_finished": is_first or stage.is_told_when_finished,
        "activity": _activity_title(process) if stage.follows_activity else "",
        "when": demands.of_stage(process, stage),
        "working_days": stage.working_days,
        "calendar_of": role_names(process, [stage.calendar_of] if stage.calendar_of else stage.responsible),
        "weeks": stage.weeks,
        "sends_back_to": back,
        "fields": [each for each in sections if each["fields"]],
        "boxes": [box for each in sections for box in each["boxes"]],
        "bans": [box for each in sections for box in each["bans"]],
        "rules": [rule for each in sections for rule in each["rules"]],
        "letters": [letter_facts(process, each) for each in letters.of_process(process.id) if each.stage == stage.key],
        "advice": [each for each in sections if each["advised_fields"] or each["advised_boxes"]],
    }


def _section(process: Process, key: str, demands: Demands) -> dict[str, Any]:
    about = process.schema["properties"][key]
    fields = [each for each in process.fields.values() if each.section == key]
    items = [each for each in process.items.values() if each.section == key]
    return {
        "title": about["title"],
        "hint": about.get("x-hint", ""),
        "source": about.get("x-source", ()),
        "is_stage": "x-stage" in about,
        "fields": [field_facts(process, each, demands) for each in fields if not each.is_advisory],
        "boxes": [
            box_facts(process, each, demands) for each in items if not each.is_advisory and not each.is_forbidden
        ],
        "bans": [box_facts(process, each, demands) for each in items if not each.is_advisory and each.is_forbidden],
        "advised_fields": [field_facts(process, each, demands) for each in fields if each.is_advisory],
        "advised_boxes": [box_facts(process, each, demands) for each in items if each.is_advisory],
        "rules": [_rule(each) for each in demands.rules.get(key, ())],
    }


def _is_advice(process: Process, key: str) -> bool:
    return bool(process.schema["properties"][key].get("x-advisory"))


def _activity_title(process: Process) -> str:
    field = process.fields.get(process.activities.chosen_by) if process.activities is not None else None
    return field.title if field is not None else ""


def _rule(rule: Rule) -> dict[str, str]:
    return {"when": rule.when, "says": rule.says.rstrip("."), "hint": rule.hint.rstrip(".")}


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "code": signature.code,
        "title": signature.title,
        "signers": signature.signers,
        "when": signature.when,
        "follows_activity": signature.follows_activity,
    }


def _note(note: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": note["text"], "source": note.get("x-source", ())}
