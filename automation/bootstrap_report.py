"""What `handover bootstrap` prints: the plan, what is left to people, and what came of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from automation.bootstrap import Result
from automation.core.bootstrap.steps import (
    AddList,
    Change,
    ChangeLabel,
    ChangeSchedule,
    MakeBoard,
    MakeLabel,
    MakeSchedule,
    MakeStateKey,
    MakeTrigger,
    MoveList,
    ProvideToken,
    SetHook,
    SetScheduleVariable,
    Step,
)

_WIDTH = 110
_LONGEST = 160
# The heading over a kind of step, and what JSON calls it: the first name where it is new.
_KINDS: Mapping[type, tuple[str, str, str]] = {
    MakeLabel: ("Labels", "make-label", "make-label"),
    ChangeLabel: ("Labels", "change-label", "change-label"),
    MakeBoard: ("Boards", "make-board", "make-board"),
    AddList: ("Boards", "add-list", "add-list"),
    MoveList: ("Boards", "move-list", "move-list"),
    MakeStateKey: ("CI/CD variables", "make-variable", "make-variable"),
    ProvideToken: ("CI/CD variables", "make-token", "rotate-token"),
    MakeTrigger: ("Trigger and webhook", "make-trigger", "make-trigger"),
    SetHook: ("Trigger and webhook", "make-webhook", "repair-webhook"),
    MakeSchedule: ("Schedule", "make-schedule", "make-schedule"),
    ChangeSchedule: ("Schedule", "change-schedule", "change-schedule"),
    SetScheduleVariable: ("Schedule", "set-schedule-variable", "set-schedule-variable"),
}


def show_result(result: Result, requests: Mapping[str, int], is_applied: bool, shape: str) -> str:
    """Show the result as ``text`` or ``json``."""
    if shape == "json":
        return json.dumps(_as_data(result, requests), indent=2, ensure_ascii=False)
    lines = [f"Plan for {_where(result)}"]
    lines += _plan_lines(result.plan.steps)
    lines += _remark_lines(result)
    lines += ["", *_end_lines(result, is_applied)]
    return "\n".join(lines)


def summarize_failures(result: Result) -> str:
    """Say in one sentence that steps failed; the report lists them."""
    count = len(result.failed)
    return (
        f"{count} step{'s' if count > 1 else ''} could not be done, as listed above. Run the same command again then."
    )


# --- JSON -------------------------------------------------------------------------------------------------------------


def _as_data(result: Result, requests: Mapping[str, int]) -> dict[str, Any]:
    return {
        "project": result.project or None,
        "group": result.group or None,
        "steps": [_step_as_data(step) for step in result.plan.steps],
        "remarks": [{"place": each.place.path, "message": each.message} for each in result.plan.remarks],
        "done": [{"place": step.place.path, "what": _title(step)} for step in result.done],
        "failed": [{"place": step.place.path, "what": _title(step), "error": why} for step, why in result.failed],
        "requests": {**dict(sorted(requests.items())), "total": sum(requests.values())},
    }


def _step_as_data(step: Step) -> dict[str, Any]:
    _, new, changed = _KINDS[type(step.work)]
    is_rename = isinstance(step.work, ChangeLabel) and "new_name" in step.work.changes
    kind = "rename-label" if is_rename else new if _is_made(step) else changed
    changes = [{"name": each.name, "from": each.before, "to": each.after} for each in step.changes]
    return {"type": kind, "place": step.place.path, "what": _title(step), "is_new": step.is_new, "changes": changes}


def _is_made(step: Step) -> bool:
    return step.work.token_id == 0 if isinstance(step.work, ProvideToken) else step.is_new


def _title(step: Step) -> str:
    return f"{step.part_of}: {step.what}" if step.part_of else step.what


# --- text -------------------------------------------------------------------------------------------------------------


def _where(result: Result) -> str:
    project = f"the project {result.project}" if result.project else ""
    if not result.group:
        return project
    return f"the group {result.group}" + (f", run by {project}" if project else "")


def _plan_lines(steps: Sequence[Step]) -> Iterator[str]:
    heading = part_of = ""
    for step in steps:
        here = f"{_KINDS[type(step.work)][0]} of {step.place.path}"
        if here != heading:
            heading, part_of = here, ""
            yield f"\n{here}"
        if step.part_of and step.part_of != part_of:
            yield f"  ~ {step.part_of}"
        part_of = step.part_of or step.what
        yield from _step_lines(step, "      " if step.part_of else "  ")


def _step_lines(step: Step, indent: str) -> Iterator[str]:
    mark = "+" if step.is_new else "~"
    if isinstance(step.work, MoveList):
        yield f"{indent}{mark} {step.what}: {step.changes[0].before} → {step.changes[0].after}"
        return
    if not step.is_new or not step.changes:
        yield f"{indent}{mark} {step.what}"
        yield from (f"{indent}    {_in_words(change)}" for change in step.changes)
        return
    values = ", ".join(_value_in_words(change) for change in step.changes)
    line = f"{indent}{mark} {step.what} ({values})"
    yield line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _in_words(change: Change) -> str:
    return f"{change.name}: {_plain(change.before)} → {_plain(change.after)}"


def _value_in_words(change: Change) -> str:
    return f"{change.name} {change.after}" if change.name in ("priority", "expires on") else _plain(change.after)


def _plain(value: object) -> str:
    """Write a value in one line, as it may stand in a terminal."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _remark_lines(result: Result) -> Iterator[str]:
    if result.plan.remarks:
        yield "\nLeft to you"
    is_one_place = len({each.place.path for each in result.plan.remarks}) == 1
    for each in result.plan.remarks:
        text = each.message if is_one_place else f"{each.place.path}: {each.message}"
        yield from _wrapped(text)


def _wrapped(text: str) -> Iterable[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="  - ",
        subsequent_indent="    ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _end_lines(result: Result, is_applied: bool) -> Iterator[str]:
    steps = result.plan.steps
    if not steps:
        other = " else" if result.plan.remarks else ""
        yield f"Everything{other} is as it should be."
        return
    new = sum(step.is_new for step in steps)
    count = f"{len(steps)} step{'s' if len(steps) > 1 else ''} ({new} new, {len(steps) - new} changed)"
    if not is_applied:
        yield f"{count}. Nothing was written; add --apply to carry this out."
        return
    yield f"{count}: {len(result.done)} done, {len(result.failed)} not."
    reasons: dict[str, list[str]] = {}
    for step, why in result.failed:
        reasons.setdefault(why, []).append(f"{_title(step)} in {step.place.path}")
    for why, titles in reasons.items():
        yield from _wrapped(f"{'; '.join(titles)}: {_plain(why)}")
