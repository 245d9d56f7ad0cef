"""What differs between two states of a process, in words: the rules first, then what is free to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from automation.core.changes.box_words import say_box, say_new_box
from automation.core.changes.free_words import find_free_changes
from automation.core.changes.line_words import say_line, say_new_line
from automation.core.changes.model import Change, Pair, Place, quoted
from automation.core.changes.rules import KEYWORDS, Rules, read_rules
from automation.core.changes.stage_words import say_conditions, say_process, say_stage
from automation.core.model import Process

_ABSENT = object()
# How readers know the kinds of the dialect.
_KINDS = {
    "done": "Every box that must be ticked",
    "done-or-not-applicable": "Every box that may be marked as not applicable",
    "box": "Every box that may stay open",
    "date": "Every line that takes a date",
    "date-or-never": "Every line that takes a date or the word never",
    "link": "Every line that takes a link",
    "link-or-none": "Every line that takes a link or the word none",
}
# The aspect of a rule, and the sentence about it.
Said = tuple[str, str]
Pairing = Callable[[str], Pair]


def compare_processes(old: Process, new: Process) -> tuple[Change, ...]:
    """Compare two states of a process.

    Returns:
        What differs, in the order of the schema. The rules are equal if and only if no change is one of a rule.
    """
    before, after = read_rules(old), read_rules(new)
    changes = list(dict.fromkeys(_find_rule_changes(old, new, before, after)))
    return (*changes, *find_free_changes(old, new))


def _find_rule_changes(old: Process, new: Process, before: Rules, after: Rules) -> Iterator[Change]:
    aspects: dict[tuple[str, str], list[str]] = {}
    for key in (*after, *(each for each in before if each not in after)):
        if before.get(key, _ABSENT) != after.get(key, _ABSENT):
            aspects.setdefault(key[:2], []).append(key[2])
    has_told_conditions = False
    for (kind, name), found in aspects.items():
        if "conditions" in found and not has_told_conditions:
            has_told_conditions = True
            yield from _say_conditions(old, new, name)
        rest = [aspect for aspect in found if aspect != "conditions"]
        if rest:
            yield from _say(old, new, before, after, kind, name, rest)


def _say_conditions(old: Process, new: Process, name: str) -> Iterator[Change]:
    place: Place = ("properties", name) if name in new.schema["properties"] else ()
    said = say_conditions(old, new) or ("What is asked for under a condition changes.",)
    yield from (Change(each, place, is_rule=True) for each in said)


def _say(
    old: Process, new: Process, before: Rules, after: Rules, kind: str, name: str, aspects: list[str]
) -> Iterator[Change]:
    def pair(aspect: str) -> Pair:
        return Pair(old, new, name, before.get((kind, name, aspect)), after.get((kind, name, aspect)))

    def rule(said: Said, is_rule: bool = True) -> Change:
        return Change(said[1], _place(old, new, kind, name, said[0]), is_rule)

    if kind == "box":
        yield from map(rule, _say_box(old, new, name, aspects, pair))
    elif kind == "line":
        is_free = name not in old.fields and not after["line", name, "required"]
        yield from (rule(said, not is_free) for said in _say_line(old, new, name, aspects, pair))
    elif kind == "stage":
        if _is_stage(old, name) and _is_stage(new, name):
            yield from (rule((aspect, say_stage(pair(aspect), aspect))) for aspect in aspects)
    elif kind == "process":
        yield from (rule((aspect, say_process(pair(aspect), aspect))) for aspect in aspects)
    elif kind == "activity":
        yield rule(
            ("", f"Who does {quoted(name)} changes: responsible, accountable, consulted, informed, or its boxes.")
        )
    elif kind == "kind":
        if all((kind, name, "meaning") in rules for rules in (before, after)):
            yield Change(
                f"{_KINDS.get(name, 'What is of one kind')} is judged in another way.", is_rule=True, kind=name
            )
    elif kind == "part" and all(name in process.schema["properties"] for process in (old, new)):
        # A part that is new, or gone, shows in its lines.
        title, stage = new.schema["properties"][name]["title"], new.stages[new.stage_of(name)].title
        yield rule(("", f"The lines of {quoted(title)} are judged at the end of {quoted(stage)}."))


def _is_stage(process: Process, key: str) -> bool:
    return any(stage.key == key for stage in process.stages)


def _say_box(old: Process, new: Process, code: str, aspects: list[str], pair: Pairing) -> Iterator[Said]:
    if code not in old.items:
        yield "", say_new_box(new, code)
    elif code not in new.items:
        yield "", f"Box {code} is no longer there: {quoted(old.items[code].title)}."
    elif old.items[code].is_advisory != new.items[code].is_advisory:
        becomes = "is only recommended from now on" if new.items[code].is_advisory else "becomes required"
        yield "x-advisory", f"Box {code} {becomes}: {quoted(new.items[code].title)}."
    else:
        yield from ((aspect, say_box(pair(aspect), aspect)) for aspect in aspects)


def _say_line(old: Process, new: Process, key: str, aspects: list[str], pair: Pairing) -> Iterator[Said]:
    if key not in old.fields:
        yield "", say_new_line(new, key, is_required=pair("required").after)
    elif key not in new.fields:
        yield "", f"The line {quoted(old.fields[key].title)} is no longer there."
    elif old.fields[key].is_advisory != new.fields[key].is_advisory:
        becomes = "is only recommended from now on" if new.fields[key].is_advisory else "is judged from now on"
        yield "", f"The line {quoted(new.fields[key].title)} {becomes}."
    else:
        yield from ((aspect, say_line(pair(aspect), aspect)) for aspect in aspects)


def _place(old: Process, new: Process, kind: str, name: str, aspect: str = "") -> Place:
    """Return where in the new schema something stands; of what is gone, the part that it stood in."""
    if kind == "stage" and name in new.schema["properties"]:
        return ("properties", name, "x-stage", *KEYWORDS.get((kind, aspect), ()))
    if kind in ("box", "line"):
        things = (new.items, old.items) if kind == "box" else (new.fields, old.fields)
        if name in things[0]:
            return ("properties", things[0][name].section, "properties", name, *KEYWORDS.get((kind, aspect), ()))
        section = things[1][name].section
        return ("properties", section) if section in new.schema["properties"] else ("properties",)
    if kind == "part" and name in new.schema["properties"]:
        return ("properties", name)
    return ("x-process", *KEYWORDS.get((kind, aspect), ())) if kind == "process" else ("properties",)
