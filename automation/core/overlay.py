"""What comments add to the text: boxes that they sign off or waive. Document + commands -> Document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from automation.core.model import Command, Document, Edit, Process


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
    last = {each.code: each for each in sorted((*edits, *sign_offs), key=lambda each: each.note_id)}
    marks: dict[str, dict[str, Any]] = {
        each.code: {"state": "waived", "reason": each.reason}
        for each in waivers
        if each.ends_at is None or now < each.ends_at
    }
    marks |= {code: {"state": "done", "reason": None} for code, each in last.items() if each.is_comment}
    data = {section: dict(content) for section, content in document.data.items()}
    for code, mark in marks.items():
        item = process.items[code]
        if document.state_of(item) == "open":
            data[item.section][code] = mark
    return replace(document, data=data) if marks else document
