"""Ticks and facts that vanished without anybody's click: an older page was saved over them (field study, C11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from automation.core.judged import Judged
from automation.core.model import Document, Edit, Finding, Item, Process
from automation.core.validity import box_finding, field_finding
from automation.core.words import quote

_ONE_SAVE = timedelta(seconds=1)


def ticked_boxes(process: Process, text: Document) -> tuple[str, ...]:
    """Return the boxes that are ticked in the text, to be compared at the next run."""
    return tuple(code for code, item in process.items.items() if text.state_of(item) == "done")


def filled_facts(process: Process, text: Document) -> tuple[str, ...]:
    """Return the facts that are there, to be compared at the next run."""
    return tuple(key for key, field in process.fields.items() if text.value_of(field) is not None)


def lost_things(judged: Judged) -> Mapping[str, int]:
    """Return the boxes and facts that vanished, each with the edit when that was seen.

    They stay lost until they are back. GitLab's page sends the whole text: whoever ticks a box on a page that was
    loaded a while ago takes back what others did since.
    """
    memory = judged.case.memory
    old = memory.lost if memory else {}
    found: dict[str, int] = {}
    for code, item in judged.process.items.items():
        cause = (old.get(code) or _lost_tick(judged, item)) if _is_open(judged, code) else 0
        if cause:
            found[code] = cause
    lost_now = _lost_facts(judged)
    for key in judged.process.fields:
        cause = (old.get(key) or lost_now.get(key, 0)) if _is_blank(judged, key) else 0
        if cause:
            found[key] = cause
    return found


def loss_findings(judged: Judged, lost: Mapping[str, int]) -> Iterator[Finding]:
    """Yield what was lost, for the person who had ticked or filled it in."""
    for name, cause in lost.items():
        saver = next((edit.author.username for edit in judged.case.edits if edit.note_id == cause), "")
        if (item := judged.process.items.get(name)) is not None:
            stage = judged.process.stages[judged.process.stage_of(item.section)]
            ticks = [edit for edit in judged.case.edits if edit.code == name and edit.is_tick]
            people = (ticks[-1].author.username,) if ticks else ()
            facts = {"by": quote(saver) if saver else ""}
            yield box_finding("tick-lost", item, stage, judged.document, facts=facts, people=people, cause=cause)
        else:
            field = judged.process.fields[name]
            stage = judged.process.stages[judged.process.stage_of(field.section)]
            facts = {"by": quote(saver) if saver else ""}
            yield field_finding(
                "tick-lost", field, stage, judged.document, words="tick-lost.field", facts=facts, cause=cause
            )


def _is_open(judged: Judged, code: str) -> bool:
    item = judged.process.items[code]
    return judged.case.text.state_of(item) == "open" and judged.document.state_of(item) == "open"


def _is_blank(judged: Judged, key: str) -> bool:
    field = judged.process.fields[key]
    return judged.case.text.value_of(field) is None and key in judged.case.text.lines


def _lost_tick(judged: Judged, item: Item) -> int:
    """Return the edit that took a tick away without being a click on the box, 0 when there is none."""
    if item.is_advisory or item.is_forbidden:
        return 0
    memory, edits = judged.case.memory, judged.case.edits
    since = memory.edit_id if memory else 0
    own = [edit for edit in edits if edit.code == item.code]
    if own and not own[-1].is_tick:
        return own[-1].note_id if own[-1].note_id > since and _is_side_effect(edits, own) else 0
    if memory is None:
        return 0
    was_ticked = item.code in memory.done or (bool(own) and own[-1].note_id > since)
    ticker = own[-1].author.id if own else 0
    later = [edit for edit in edits if edit.note_id > max(since, own[-1].note_id if own else 0)]
    # Whoever opens their own box again in the editor knows it.
    by_others = [edit for edit in later if edit.author.id != ticker]
    return by_others[0].note_id if was_ticked and by_others else 0


def _is_side_effect(edits: Sequence[Edit], own: Sequence[Edit]) -> bool:
    """Tell whether the last untick came with another person's tick of another box, in one save."""
    untick = own[-1]
    ticker = next((edit.author.id for edit in reversed(own[:-1]) if edit.is_tick), untick.author.id)
    return ticker != untick.author.id and any(
        edit.is_tick
        and edit.code != untick.code
        and edit.author.id == untick.author.id
        and abs(edit.at - untick.at) <= _ONE_SAVE
        for edit in edits
    )


def _lost_facts(judged: Judged) -> Mapping[str, int]:
    """Return the facts that went blank while nobody is known to have edited the text: only boxes were ticked.

    The first of these edits stands for all: it stays the first, whatever comes before the next run.
    """
    memory = judged.case.memory
    since = [edit for edit in judged.case.edits if memory is not None and edit.note_id > memory.edit_id]
    if memory is None or not since or not all(edit.words for edit in since):
        return {}
    return {key: since[0].note_id for key in memory.filled if key in judged.process.fields and _is_blank(judged, key)}
