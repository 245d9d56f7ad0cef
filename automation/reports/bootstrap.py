"""What `handover bootstrap` prints: the plan, what is left to people, and what came of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

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
    ProtectVariable,
    ProvideToken,
    RenameBoard,
    SetHook,
    SetScheduleVariable,
    Step,
)
from automation.core.model import WAITING_ON
from automation.core.words import visible
from automation.jobs.bootstrap import Result

_WIDTH = 110
_LONGEST = 160
# From so many on, labels of one kind stand in one line.
_MANY = 3
_ENDS = ("complete", "cancelled")
# The heading over a kind of step, and what JSON calls it: the first name where it is new.
_KINDS: Mapping[type, tuple[str, str, str]] = {
    MakeLabel: ("Labels", "make-label", "make-label"),
    ChangeLabel: ("Labels", "change-label", "change-label"),
    MakeBoard: ("Boards", "make-board", "make-board"),
    RenameBoard: ("Boards", "rename-board", "rename-board"),
    AddList: ("Boards", "add-list", "add-list"),
    MoveList: ("Boards", "move-list", "move-list"),
    MakeStateKey: ("CI/CD variables", "make-variable", "make-variable"),
    ProvideToken: ("CI/CD variables", "make-token", "rotate-token"),
    ProtectVariable: ("CI/CD variables", "protect-variable", "protect-variable"),
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


def show_refusal(why: str) -> str:
    """Show as JSON why there is no plan, with the keys that a result has."""
    failed = {"place": None, "what": "the plan", "error": why}
    empty: dict[str, Any] = {"project": None, "group": None, "steps": [], "remarks": [], "done": [], "failed": [failed]}
    return json.dumps({**empty, "notes": [], "requests": {}}, indent=2, ensure_ascii=False)


def summarize(result: Result) -> str:
    """Say in one sentence that steps failed, or that the plan is incomplete; the report lists what."""
    count = len(result.failed)
    if not count:
        return "Your role does not let you see all that is wanted, so not all of it was done: see above."
    more = " Not everything could be seen." if result.has_gaps else ""
    steps = f"{count} step{'s' if count > 1 else ''}"
    return f"{steps} could not be done, as listed above.{more} Run the same command again when that is mended."


# --- JSON -------------------------------------------------------------------------------------------------------------


def _as_data(result: Result, requests: Mapping[str, int]) -> dict[str, Any]:
    return {
        "project": result.project or None,
        "group": result.group or None,
        "steps": [_step_as_data(step) for step in result.plan.steps],
        "remarks": [{"place": each.place.path, "message": each.message} for each in result.plan.remarks],
        "done": [{"place": step.place.path, "what": _title(step)} for step in result.done],
        "failed": [{"place": step.place.path, "what": _title(step), "error": why} for step, why in result.failed],
        "notes": result.notes,
        "requests": {**dict(sorted(requests.items())), "total": sum(requests.values())},
    }


def _step_as_data(step: Step) -> dict[str, Any]:
    _, new, changed = _KINDS[type(step.work)]
    is_rename = isinstance(step.work, ChangeLabel) and "new_name" in step.work.changes
    kind = "rename-label" if is_rename else new if step.is_new else changed
    changes = [{"name": each.name, "from": each.before, "to": each.after} for each in step.changes]
    return {"type": kind, "place": step.place.path, "what": _title(step), "is_new": step.is_new, "changes": changes}


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
    left = list(steps)
    while left:
        step = left[0]
        here = f"{_KINDS[type(step.work)][0]} of {_plain(step.place.path)}"
        if here != heading:
            heading, part_of = here, ""
            yield f"\n{here}"
        together = _count_together(left)
        if together > 1:
            yield _in_one_line(left[:together])
        else:
            if step.part_of and step.part_of != part_of:
                yield f"  ~ {_plain(step.part_of)}"
            yield from _step_lines(step, "      " if step.part_of else "  ")
        part_of = step.part_of or step.what
        del left[:together]


def _count_together(steps: Sequence[Step]) -> int:
    """Count the steps from the first on that one line tells: a new board with its lists, new labels of one kind."""
    first = steps[0]
    if isinstance(first.work, MakeBoard):
        lists = takewhile(lambda each: isinstance(each.work, AddList) and each.part_of == first.what, steps[1:])
        return 1 + sum(1 for _ in lists)
    if isinstance(first.work, MakeLabel):
        alike = takewhile(lambda each: _kind_of_label(each) == _kind_of_label(first), steps)
        count = sum(1 for _ in alike) if _kind_of_label(first) else 1
        return count if count >= _MANY else 1
    return 1


def _kind_of_label(step: Step) -> str:
    """Return what new labels of one kind begin with: the process, or that somebody is waited for; "" for others."""
    if not isinstance(step.work, MakeLabel):
        return ""
    name = step.work.label.name
    scope, sign, _ = name.rpartition("::")
    return scope + sign if sign else WAITING_ON if name.startswith(WAITING_ON) else ""


def _in_one_line(steps: Sequence[Step]) -> str:
    first = steps[0]
    if isinstance(first.work, MakeLabel):
        kind = _kind_of_label(first)
        names = [each.what.removeprefix(f"label {kind}") for each in steps]
        ends = [name for name in names if name in _ENDS]
        if len(ends) == len(_ENDS):
            names = [f"{len(names) - len(ends)} stages", *ends]
        return _cut(f"  + {len(steps)} labels {kind}… ({', '.join(names)})")
    lists = [each.work.label for each in steps if isinstance(each.work, AddList)]
    short = [name.rpartition("::")[2].removeprefix(WAITING_ON) for name in lists]
    return _cut(f"  + {first.what} ({len(lists)} lists): {', '.join(short)}")


def _cut(line: str) -> str:
    line = visible(line)
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _step_lines(step: Step, indent: str) -> Iterator[str]:
    mark, what = "+" if step.is_new else "~", visible(step.what)
    if isinstance(step.work, MoveList):
        before, after = (step.changes[0].before, step.changes[0].after)
        yield f"{indent}{mark} {what}: {f'{before} → {after}' if before != after else f'stays {after}, closing a gap'}"
    elif not step.is_new or not step.changes:
        yield f"{indent}{mark} {what}"
        yield from (f"{indent}    {_in_words(change)}" for change in step.changes)
    else:
        shown = [each for each in step.changes if each.name != "description"]
        yield _cut(f"{indent}{mark} {what} ({', '.join(_value_in_words(change) for change in shown)})")


def _in_words(change: Change) -> str:
    return f"{change.name}: {_plain(change.before)} → {_plain(change.after)}"


def _value_in_words(change: Change) -> str:
    return f"{change.name} {change.after}" if change.name in ("priority", "expires on") else _plain(change.after)


def _plain(value: object) -> str:
    """Write a value in one short line, as it may stand in a terminal."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = visible(str(value))
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
        visible(text),
        _WIDTH,
        initial_indent="  - ",
        subsequent_indent="    ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _end_lines(result: Result, is_applied: bool) -> Iterator[str]:
    steps = result.plan.steps
    if not steps:
        other = " else that can be seen" if result.has_gaps else " else" if result.plan.remarks else ""
        yield f"Everything{other} is as it should be."
        return
    new = sum(step.is_new for step in steps)
    count = f"{len(steps)} step{'s' if len(steps) > 1 else ''} ({new} new, {len(steps) - new} changed)"
    if not is_applied:
        yield f"{count}. Nothing was written; add --apply to carry this out."
        return
    yield f"{count}: {len(result.done)} done, {len(result.failed)} not."
    if result.is_stopped:
        yield from _wrapped(f"Done: {'; '.join(_title(step) for step in result.done) or 'nothing'}.")
    for note in result.notes:
        yield from _wrapped(note)
    is_one_place = len({step.place.path for step in steps}) == 1
    reasons: dict[str, list[Step]] = {}
    for step, why in result.failed:
        reasons.setdefault(why, []).append(step)
    for why, failed in reasons.items():
        wholes = {each.what for each in failed}
        titles = [
            _title(each) if is_one_place else f"{_title(each)} in {each.place.path}"
            for each in failed
            if each.part_of not in wholes
        ]
        yield from _wrapped(f"{why} This concerns: {'; '.join(titles)}.")
