"""Read the commands that people write in comments. Notes -> what was asked, by whom, and whether it counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from automation.core.markdown import Span, UnreadableMarkdownError, parse_blocks
from automation.core.memory import PING_MARKER, STATUS_MARKER
from automation.core.model import Memory, Note, Process, SentBack, Stage
from automation.core.people import Cast
from automation.core.words import is_blank

SEND_BACK = "send back"
# A sentence that merely begins with the words is no command: a colon, or the end of the line, must follow.
_SEND_BACK = re.compile(
    r"(?:@[\w.-]+[,:]?\s+)*send\s+back\s*(?:(?::|\s[-–—])\s*(?P<reason>.*?)|\.?)\s*", re.IGNORECASE | re.DOTALL
)
_MAY_COMMAND = re.compile(r"send\s+back", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that does nothing: the comment, and why (an entry of the bot's words)."""

    note: Note
    why: str
    stage: Stage | None = None


def judge_commands(
    notes: Iterable[Note], process: Process, cast: Cast, memory: Memory | None
) -> tuple[tuple[SentBack, ...], tuple[Refusal, ...]]:
    """Find what was commanded.

    Only the comment as first posted counts, and only by a person who is accountable for a stage that sends back. A
    comment is judged once: deleting or editing it later, or a change of people, alters nothing.

    Returns:
        The handover's returns and the refused commands, each in the order of their comments.
    """
    gates = [stage for stage in process.stages if stage.sends_back_to]
    keys = {stage.key for stage in gates}
    counted = {each.note_id: each for each in (memory.sent_back if memory else ()) if each.stage in keys}
    answered = memory.refused if memory else {}
    refused: list[Refusal] = []
    for note in notes:
        if note.is_system or note.id in counted or note.body.startswith((STATUS_MARKER, PING_MARKER)):
            continue
        if not _MAY_COMMAND.search(note.body):
            continue
        reason = _reason(note.body)
        if reason is None:
            continue
        gate = next((stage for stage in gates if cast.may_sign(note.author.username, stage.accountable)), None)
        if str(note.id) in answered:
            refused.append(Refusal(note, answered[str(note.id)], gate or (gates[0] if gates else None)))
        elif gate is None:
            refused.append(Refusal(note, "wrong-person", gates[0] if gates else None))
        elif note.is_edited:
            refused.append(Refusal(note, "edited", gate))
        elif is_blank(reason):
            refused.append(Refusal(note, "no-reason", gate))
        else:
            counted[note.id] = SentBack(note.id, note.created_at, note.author.username, gate.key, reason)
    return tuple(sorted(counted.values(), key=lambda each: each.note_id)), tuple(refused)


def _reason(body: str) -> str | None:
    """Return the reason of the first command in a comment ("" without one), None when it holds no command.

    A command is a line of its own in an ordinary paragraph: nothing in code, quotations or lists. Its reason may also
    stand below it.
    """
    try:
        blocks = parse_blocks(body)
    except UnreadableMarkdownError:
        return None
    lines = [
        line
        for block in blocks
        if block.kind == "paragraph" and not block.depth and not block.is_quoted
        for line in block.lines
    ]
    for number, line in enumerate(lines):
        if any(span.kind == "code" and span.text.lower().startswith(SEND_BACK) for span in line):
            continue
        match = _SEND_BACK.fullmatch(_visible(line))
        if match is not None:
            below = _visible(lines[number + 1]) if number + 1 < len(lines) and match["reason"] is not None else ""
            return (match["reason"] or below).rstrip()
    return None


def _visible(line: Sequence[Span]) -> str:
    return "".join(span.text for span in line if span.kind != "comment").strip()[:2_000]
