"""The signed state block inside the status comment: Memory <-> text (design, decision 9)."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from automation.core.model import Accepted, Memory, Note, Passed, SentBack, Void

STATUS_MARKER = "<!-- handover:status"
PING_MARKER = "<!-- handover:ping"
_STATUS = re.compile(
    r"<!-- handover:status state=(?P<state>[A-Za-z0-9+/=]{1,200000}) seal=(?P<seal>[0-9a-f]{0,64}) -->"
)
_PING = re.compile(r"<!-- handover:ping (?P<keys>[a-z0-9:._ -]{1,20000}) seal=(?P<seal>[0-9a-f]{0,64}) -->")
_KEY = re.compile(r"[a-z0-9._-]+(?::[a-z0-9._-]+)*:[0-9]{1,18}")
_FORMAT = 1
_LARGEST = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Seal:
    """What makes a comment ours: the key if there is one, else the account that wrote it.

    ``key`` is the value of HANDOVER_STATE_KEY, "" without one. A seal covers project and issue, so that a comment
    copied to another issue counts for nothing there.
    """

    key: str
    bot_id: int
    project_id: int
    iid: int

    def sign(self, kind: str, content: str) -> str:
        """Return the seal of *content*: HMAC-SHA256 in hexadecimal, "" without a key."""
        if not self.key:
            return ""
        message = f"{kind}\n{self.project_id}\n{self.iid}\n{content}"
        return hmac.new(self.key.encode(), message.encode(), hashlib.sha256).hexdigest()

    def is_ours(self, note: Note, kind: str, content: str, seal: str) -> bool:
        """Tell whether *note* with its *seal* was written by this program."""
        if note.is_system:
            return False
        return hmac.compare_digest(self.sign(kind, content), seal) if self.key else note.author.id == self.bot_id


def find_memory(notes: Sequence[Note], seal: Seal) -> Memory | None:
    """Return the memory that is ours, None where there is none: altered or foreign state is no state.

    After a change of token the old account's comment still counts by its seal, but only where this account has none of
    its own, and the one that has read most wins: an old copy, posted anew by somebody, must not take us back.
    """
    found: list[tuple[tuple[bool, int, datetime], Memory]] = []
    for note in notes:
        match = _STATUS.match(note.body)
        if match and seal.is_ours(note, "status", match["state"], match["seal"]):
            memory = _decode(match["state"])
            if memory is not None:
                found.append(((note.author.id == seal.bot_id, memory.edit_id, note.updated_at), memory))
    return max(found, key=lambda each: each[0])[1] if found else None


def rebuild_memory(notes: Sequence[Note], seal: Seal) -> Memory | None:
    """Rebuild from our pings which sign-offs count no more, where the state block is lost; None without such pings."""
    void: dict[str, Void] = {}
    early: dict[str, int] = {}
    for note, keys in find_pings(notes, seal):
        for code, item, cause in (
            key.split(":") for key in keys if key.count(":") == 2 and key.split(":")[2].isdigit()
        ):
            if code == "sign-off-early":
                early[item] = int(cause)
            elif code == "sign-off-stale":
                void[item] = Void(int(cause), note.id)
    return Memory("", 0, void=void, early=early) if void or early else None


def find_status_notes(notes: Sequence[Note], seal: Seal) -> tuple[Note, ...]:
    """Return the status comments that this account wrote, oldest first: those it may edit."""
    return tuple(
        note
        for note in notes
        if not note.is_system and note.author.id == seal.bot_id and note.body.startswith(STATUS_MARKER)
    )


def find_pings(notes: Sequence[Note], seal: Seal) -> tuple[tuple[Note, tuple[str, ...]], ...]:
    """Return our pings with the keys of the episodes that each one told, oldest first."""
    found = []
    for note in notes:
        match = _PING.match(note.body)
        if match and (note.author.id == seal.bot_id or seal.is_ours(note, "ping", match["keys"], match["seal"])):
            found.append((note, tuple(match["keys"].split())))
    return tuple(found)


def status_marker(memory: Memory, seal: Seal) -> str:
    """Return the first line of the status comment, which holds *memory*."""
    state = _encode(memory)
    return f"{STATUS_MARKER} state={state} seal={seal.sign('status', state)} -->"


def ping_marker(keys: Sequence[str], seal: Seal) -> str:
    """Return the first line of a ping."""
    joined = " ".join(keys)
    return f"{PING_MARKER} {joined} seal={seal.sign('ping', joined)} -->"


def digest(value: Any) -> str:
    """Return a short digest of a part of the document, the same for equal values."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def is_worth_writing(new: Memory, old: Memory | None) -> bool:
    """Tell whether *new* says more than *old*; the newest ping alone is no reason to write."""
    return old is None or dataclasses.replace(new, ping_id=old.ping_id) != old


# --- the block --------------------------------------------------------------------------------------------------------


def _encode(memory: Memory) -> str:
    content = {"format": _FORMAT, **dataclasses.asdict(memory)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_time)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _time(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _decode(state: str) -> Memory | None:
    """Read a block back; one that this version cannot read is as good as none."""
    try:
        unpacker = zlib.decompressobj()
        content = json.loads(unpacker.decompress(base64.b64decode(state, validate=True), _LARGEST))
        if content.pop("format") != _FORMAT:
            return None
        memory = _memory(content)
        return memory if _is_sound(memory) else None
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _memory(content: Mapping[str, Any]) -> Memory:
    return Memory(
        **{
            **content,
            "accepted": {code: Accepted(**each) for code, each in content["accepted"].items()},
            "void": {code: Void(**each) for code, each in content["void"].items()},
            "gates": {key: Passed(**_with_time(each)) for key, each in content["gates"].items()},
            "told": tuple(content["told"]),
            "moved": tuple(content["moved"]),
            "sent_back": tuple(SentBack(**_with_time(each)) for each in content["sent_back"]),
        }
    )


def _is_sound(memory: Memory) -> bool:
    """Tell whether every value has its type: without a key, a Maintainer may have edited the block."""
    numbers = (
        memory.version,
        memory.edit_id,
        memory.ping_id,
        *memory.open_after.values(),
        *memory.early.values(),
        *memory.skipped.values(),
        *memory.fair.values(),
        *(number for each in memory.void.values() for number in (each.note_id, each.since)),
        *(accepted.note_id for accepted in memory.accepted.values()),
        *(passed.note_id for passed in memory.gates.values()),
        *(number for back in memory.sent_back for number in (back.note_id, back.answered_by)),
    )
    texts = (
        memory.process,
        memory.label,
        *memory.digests.values(),
        *memory.told,
        *memory.moved,
        *memory.refused.values(),
        *(text for each in memory.accepted.values() for text in (each.by, *each.digests.values())),
        *(text for each in memory.sent_back for text in (each.by, each.stage, each.reason)),
    )
    is_typed = all(type(each) is int for each in numbers) and all(type(each) is str for each in texts)
    return is_typed and all(_KEY.fullmatch(key) for key in memory.told)


def _with_time(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**content, "at": datetime.fromisoformat(content["at"])}
