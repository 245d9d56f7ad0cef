"""What comments add to the text: boxes that they sign off or waive. Document + commands -> Document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from automation.core.model import Document, Edit, Process
from automation.core.remembered import Command


def build_overlay(
    document: Document,
    process: Process,
    edits: Sequence[Edit],
    sign_offs: Sequence[Edit],
    waivers: Iterable[Command],
    now: datetime,
) -> Document:
    """Return *document* with the open boxes marked done that a comment signs off, and waived those that one waives.

    A box that somebody unticked after the comment is open again. What stands in the text comes first: a box that is
    ticked, marked not applicable, missing or there twice stays what it is.
    """
    unticked = {each.code: each.note_id for each in edits if each.code and not each.is_tick}
    latest = {each.code: each for each in waivers}
    marks: dict[str, dict[str, Any]] = {
        code: {"state": "waived", "reason": each.reason}
        for code, each in latest.items()
        if each.ends_at is None or now < each.ends_at
    }
    marks |= {
        each.code: {"state": "done", "reason": None} for each in sign_offs if each.note_id > unticked.get(each.code, 0)
    }
    data = {section: dict(content) for section, content in document.data.items()}
    for code, mark in marks.items():
        item = process.items[code]
        if document.state_of(item) == "open":
            data[item.section][code] = mark
    return replace(document, data=data) if marks else document
