"""Read the commands that people write in comments. Notes -> what was asked, by whom, and whether it counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from automation.core.markdown import UnreadableMarkdownError, parse_blocks
from automation.core.memory import PING_MARKER, STATUS_MARKER
from automation.core.model import Note, Process, SentBack, Stage
from automation.core.people import Cast
from automation.core.words import is_blank

SEND_BACK = "send back"
# A sentence that merely begins with the words is no command: a colon, or the end of the line, must follow.
_SEND_BACK = re.compile(r"send\s+back\s*(?::\s*(?P<reason>.*?)|\.?)\s*", re.IGNORECASE | re.DOTALL)
_MAY_COMMAND = re.compile(r"send\s+back", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that does nothing: the comment, and why (an entry of the bot's words)."""

    note: Note
    why: str
    stage: Stage | None = None


def judge_commands(
    notes: Iterable[Note], process: Process, cast: Cast, remembered: Iterable[SentBack]
) -> tuple[tuple[SentBack, ...], tuple[Refusal, ...]]:
    """Find what was commanded.

    Only the comment as first posted counts, and only by a person who is accountable for a stage that sends back. What
    counted once is remembered: deleting or editing the comment later takes nothing back.

    Returns:
        The handover's returns and the refused commands, each in the order of their comments.
    """
    keys = {stage.key for stage in process.stages}
    counted = {each.note_id: each for each in remembered if each.stage in keys}
    refused: list[Refusal] = []
    gates = [stage for stage in process.stages if stage.sends_back_to]
    for note in notes:
        if note.is_system or note.id in counted or note.body.startswith((STATUS_MARKER, PING_MARKER)):
            continue
        if not _MAY_COMMAND.search(note.body):
            continue
        reason = _reason(note.body)
        if reason is None:
            continue
        gate = next((stage for stage in gates if cast.may_sign(note.author.username, stage.accountable)), None)
        if gate is None:
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

    A command is a line of its own in an ordinary paragraph: nothing in code, quotations or lists.
    """
    try:
        blocks = parse_blocks(body)
    except UnreadableMarkdownError:
        return None
    for block in blocks:
        if block.kind != "paragraph" or block.depth or block.is_quoted:
            continue
        for line in block.lines:
            if any(span.kind == "code" and span.text.lower().startswith(SEND_BACK) for span in line):
                continue
            match = _SEND_BACK.fullmatch("".join(span.text for span in line).strip()[:2_000])
            if match is not None:
                return (match["reason"] or "").rstrip()
    return None
