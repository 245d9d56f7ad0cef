"""Do the parts of a repository agree: a schema with itself, with its template, with the configuration?"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automation.core.activities import judge_activities
from automation.core.checklist import Sheet, find_process_lines, parse_sheet
from automation.core.configuration import Configuration
from automation.core.model import Process
from automation.core.recognition import process_line
from automation.core.rules import judge_rules
from automation.core.words import plain_words
from automation.core.workdays import Calendars, judge_calendar

_TOLD_LIMIT = re.compile(r"#{1,6} +(?P<part>[0-9]{1,4})\..{0,500}?\b(?P<days>[0-9]{1,4}) working days?\b")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What is wrong. ``place`` is the path of keys in a schema or configuration, ``line`` a line of a template."""

    message: str
    place: tuple[str | int, ...] = ()
    line: int = 0


def judge_schema(process: Process) -> Iterator[Disagreement]:
    """Find references of a schema that lead nowhere, and names that stand twice."""
    sections = process.schema["properties"]
    roles = {field.role for field in process.fields.values() if field.role}
    keys = [stage.key for stage in process.stages]
    for number, stage in enumerate(process.stages):
        place = ("properties", stage.key, "x-stage")
        if not stage.label.startswith(f"{process.id}::"):
            yield Disagreement(f"the label `{stage.label}` must begin with `{process.id}::`.", (*place, "label"))
        if stage.sends_back_to and stage.sends_back_to not in keys[:number]:
            known = ", ".join(keys[:number])
            yield Disagreement(f"`{stage.sends_back_to}` is no earlier stage; write one of: {known}.", place)
        named = {*stage.responsible, *stage.accountable, *stage.consulted, *stage.informed, stage.calendar_of} - {""}
        for role in sorted(named - roles):
            yield Disagreement(f"the role `{role}` has no field with `x-role` in this schema.", place)
        boxes = [item for item in process.items.values() if item.section == stage.key]
        if all(item.is_advisory or item.is_forbidden for item in boxes):
            yield Disagreement("a stage needs at least one box that gates.", ("properties", stage.key))
    labels = Counter(stage.label for stage in process.stages)
    for label, count in labels.items():
        if count > 1 or label == process.complete_label:
            yield Disagreement(f"the label `{label}` is used twice.", ("properties",))
    yield from _judge_items(process, roles)
    yield from (Disagreement(message, where) for where, message in judge_rules(process))
    yield from (Disagreement(message, where) for where, message in judge_activities(process))
    yield from _judge_fields(process, sections)


def _judge_items(process: Process, roles: set[str]) -> Iterator[Disagreement]:
    sections = process.schema["properties"]
    for code, item in process.items.items():
        place = ("properties", item.section, "properties", code)
        for role in set(item.signed_by) - roles:
            yield Disagreement(f"the role `{role}` has no field with `x-role` in this schema.", (*place, "x-signed-by"))
        for section in set(item.signs_for) - set(sections):
            yield Disagreement(f"there is no section `{section}`.", (*place, "x-signs-for"))
        for key in set(item.needs) - set(process.fields):
            yield Disagreement(f"there is no field `{key}`.", (*place, "x-needs"))
        for other in set(item.after) - set(process.items):
            yield Disagreement(f"there is no box {other}.", (*place, "x-after"))
        if item.silent is not None and not _is_date(process, item.silent[0]):
            yield Disagreement(f"`{item.silent[0]}` is no field that holds a date.", (*place, "x-silent"))


def _judge_fields(process: Process, sections: Mapping[str, Any]) -> Iterator[Disagreement]:
    names: Counter[str] = Counter()
    titles: dict[str, str] = {}
    for name, section in sections.items():
        names.update(list(section.get("properties", ())))
        for key in section.get("required", ()):
            if key not in section.get("properties", {}):
                yield Disagreement(f"`{key}` is required, but it is not defined.", ("properties", name, "required"))
    for key, count in names.items():
        if count > 1:
            yield Disagreement(f"the name `{key}` is used in {count} sections; it must be unique.", ("properties",))
    for key, field in process.fields.items():
        place = ("properties", field.section, "properties", key)
        title = field.title.casefold()
        if title in titles or title == "process":
            yield Disagreement(f"the title “{field.title}” is taken; give this field another.", (*place, "title"))
        titles[title] = key
        for other in field.not_same_as:
            if other not in process.fields or not process.fields[other].role:
                yield Disagreement(f"`{other}` is no field with a role.", (*place, "x-not-same-as"))
        for other in field.not_before:
            if other not in process.items and not _is_date(process, other):
                yield Disagreement(f"`{other}` is neither a box nor a date.", (*place, "x-not-before"))


def _is_date(process: Process, key: str) -> bool:
    field = process.fields.get(key)
    about = process.schema["properties"][field.section]["properties"][key] if field is not None else {}
    return str(about.get("x-kind", "")).startswith("date") or about.get("format") == "date"


def judge_template(process: Process, text: str) -> Iterator[Disagreement]:
    """Find what a new issue made from the template would lack: the process line, a box, a field, the signed words."""
    sheet = parse_sheet(text)
    lines = find_process_lines(sheet)
    if [(line.id, line.version) for line in lines] != [(process.id, process.version)]:
        line_number = lines[0].line if lines else 0
        yield Disagreement(f"exactly one line must read {process_line(process)}", line=line_number)
    yield from _template_boxes(process, sheet)
    yield from _template_fields(process, sheet)
    yield from _template_limits(process, text)


def _template_boxes(process: Process, sheet: Sheet) -> Iterator[Disagreement]:
    found: dict[str, int] = {}
    for box in sheet.boxes:
        item = process.items.get(box.code)
        if item is None:
            wanted = "give it a code of the schema, or add it there" if not box.code else "the schema does not have it"
            yield Disagreement(f"the box {box.code or plain_words(box.words)[:40]!r}: {wanted}.", line=box.line)
            continue
        if box.code in found:
            yield Disagreement(
                f"the box {box.code} stands twice; the first is in line {found[box.code]}.", line=box.line
            )
        found.setdefault(box.code, box.line)
        if box.state != "open":
            yield Disagreement(f"the box {box.code} must be open: write `[ ]`.", line=box.line)
        if item.signed_by and plain_words(box.words) != plain_words(item.title):
            yield Disagreement(f"the box {box.code} is signed, so its words must be: {item.title}", line=box.line)
    for code, item in process.items.items():
        if code not in found:
            yield Disagreement(f"the box {code} is missing: add the line `- [ ] {code} {item.title}`.")


def _template_fields(process: Process, sheet: Sheet) -> Iterator[Disagreement]:
    facts = Counter(fact.label for fact in sheet.facts)
    headings = Counter(each.heading for each in sheet.lists)
    for field in process.fields.values():
        title = " ".join(field.title.split()).casefold()
        count = headings[title] if field.kind == "list" else facts[title]
        shape = f"a heading “{field.title}” with a numbered list" if field.kind == "list" else f"`- **{field.title}:**`"
        if count != 1:
            yield Disagreement(f"{shape} must stand there exactly once, not {count} times.")
    titles = {field.title.casefold(): field for field in process.fields.values()}
    for fact in sheet.facts:
        if fact.label in titles and fact.value is not None:
            message = f"“{titles[fact.label].title}” must be blank; write hints in _underscores_."
            yield Disagreement(message, line=fact.line)
        elif fact.label not in titles and fact.label != "process":
            yield Disagreement(f"the schema has no field “{fact.label}”.", line=fact.line)


def _template_limits(process: Process, text: str) -> Iterator[Disagreement]:
    """Find headings such as “2. Review · within 3 working days” whose number is not the limit of their stage."""
    limits = {
        item.code.split(".")[0]: stage.working_days
        for stage in process.stages
        for item in process.items.values()
        if item.section == stage.key
    }
    for number, line in enumerate(text.split("\n"), 1):
        told = _TOLD_LIMIT.match(line)
        limit = limits.get(told["part"], 0) if told else 0
        if told and limit and int(told["days"]) != limit:
            said = f"this heading says {told['days']} working days, the schema {limit}"
            yield Disagreement(f"{said}: write {limit} here, or change it there.", line=number)


def judge_roles(processes: Sequence[Process], configuration: Configuration) -> Iterator[Disagreement]:
    """Find roles that nobody in the configuration can hold, of the processes that are in use.

    A process is in use once its first stage can be begun: whoever works with one only need not fill in the others.
    """
    missing: dict[str, str] = {}
    is_used = False
    for process in processes:
        gone = {
            field.role: field.held_by or field.role
            for field in process.fields.values()
            if field.role and not {field.role, field.held_by} & set(configuration.roles)
        }
        missing |= gone
        if gone.keys() & set(process.stages[0].responsible):
            continue
        is_used = True
        for role in sorted(gone[each] for each in gone.keys() & _needed_roles(process)):
            yield Disagreement(f"the role `{role}` of the process {process.id} is missing here.", ("roles",))
    known = {name for process in processes for field in process.fields.values() for name in (field.role, field.held_by)}
    for role in configuration.roles:
        close = difflib.get_close_matches(role, sorted(set(missing.values())), 1) if role not in known else []
        if close:
            yield Disagreement(f"no process knows the role `{role}`; did you mean `{close[0]}`?", ("roles", role))
    if processes and not is_used:
        yield Disagreement(
            f"nobody can begin a process; missing here: {', '.join(sorted(set(missing.values())))}.", ("roles",)
        )


def _needed_roles(process: Process) -> set[str]:
    """Return the roles without which no issue of a process ends: those always named, and those that alone can sign."""
    sections = process.schema["properties"]
    named = {
        field.role
        for field in process.fields.values()
        if field.role and field.key in sections[field.section].get("required", ())
    }
    boxes = (item for item in process.items.values() if len(item.signed_by) == 1 and not item.is_advisory)
    return named | {item.signed_by[0] for item in boxes if item.code in sections[item.section].get("required", ())}


def judge_configuration(configuration: Configuration) -> Iterator[Disagreement]:
    """Find territories that narrow a role which does not exist, unknown calendars, absences that cannot be."""
    written: dict[str, str] = {}
    for territory in configuration.territories:
        other = written.setdefault(territory.casefold(), territory)
        if other != territory:
            yield Disagreement(f"the territory `{other}` stands here in other letters.", ("territories", territory))
    for territory, narrowed in configuration.territories.items():
        for role in narrowed:
            if role not in configuration.roles:
                yield Disagreement(f"there is no role `{role}` above.", ("territories", territory, role))
    yield from _judge_calendars(configuration.calendars)


def _judge_calendars(calendars: Calendars) -> Iterator[Disagreement]:
    for key, message in judge_calendar(calendars.default):
        yield Disagreement(message, ("calendar", key))
    for name, own in calendars.own.items():
        place = ("people", name)
        if own != calendars.default:
            yield from (Disagreement(message, (*place, key)) for key, message in judge_calendar(own))
        for number, absence in enumerate(calendars.away.get(name, ())):
            if absence.last < absence.first:
                message = f"the absence ends on {absence.last}, before it begins on {absence.first}."
                yield Disagreement(message, (*place, "away", number))
            if absence.deputy.casefold() == name:
                yield Disagreement("nobody can be their own deputy.", (*place, "away", number))
