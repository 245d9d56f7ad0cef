"""Who ticked which box and when, as GitLab's own system notes tell it. Notes -> Edits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from automation.core.model import Edit, Note
from automation.core.words import plain_words, split_code

# "task" is the wording before GitLab 15; the text inside is raw or escaped, by version (facts, section 2).
_TICK = re.compile(r"marked the (?:checklist item|task) \*\*(?P<text>.*)\*\* as (?P<state>completed|incomplete)", re.S)
_TEXT = re.compile(r"changed the description\b")


def parse_edits(notes: Iterable[Note]) -> tuple[Edit, ...]:
    """Return every change of the description that the notes prove, oldest first.

    A comment of a person that reads like a system note is a comment. Ticks of boxes without a step code are edits of
    the text: they are of no process, but GitLab hides changes of text behind them.
    """
    edits = (_edit(note) for note in notes if note.is_system)
    return tuple(sorted((edit for edit in edits if edit is not None), key=lambda edit: edit.note_id))


def _edit(note: Note) -> Edit | None:
    match = _TICK.fullmatch(note.body.strip())
    if match is None:
        is_text = _TEXT.match(note.body) is not None
        return Edit(note.id, note.created_at, note.author) if is_text else None
    code, words = split_code(plain_words(match["text"]))
    return Edit(note.id, note.created_at, note.author, code, match["state"] == "completed", words)
