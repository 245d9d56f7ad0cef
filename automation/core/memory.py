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
from dataclasses import replace
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from automation.core.model import Note
from automation.core.remembered import Memory, Void

STATUS_MARKER = "<!-- handover:status"
PING_MARKER = "<!-- handover:ping"
_STATUS = re.compile(
    r"<!-- handover:status state=(?P<state>[A-Za-z0-9+/=]{1,200000}) seal=(?P<seal>[0-9a-f]{0,64}) -->"
)
_PING = re.compile(r"<!-- handover:ping (?P<keys>[a-z0-9:._ -]{1,20000}) seal=(?P<seal>[0-9a-f]{0,64}) -->")
_KEY = re.compile(r"[a-z0-9._-]+(?::[a-z0-9._-]+)*:[0-9]{1,18}")
_MENTION = re.compile(r"(?<!\w)@([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)")
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_FORMAT = 2
# Why a command was refused, where only our answer tells that it was.
TOLD = "told"
_KINDS = frozenset({"sign-off", "hold", "resume", "waive", "cancel"})
_ASKED = _KINDS | {"send-back"}
_LARGEST = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Seal:
    """What makes a comment ours: the key if there is one, else the account that wrote it.

    ``key`` is the value of HANDOVER_STATE_KEY, "" without one; what ``old_key`` sealed still counts and is sealed anew.
    A seal covers project and issue, so that a comment copied to another issue counts for nothing there.
    """

    key: str
    bot_id: int
    project_id: int
    iid: int
    old_key: str = ""

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
        if not self.key:
            return note.author.id == self.bot_id
        keys = [each for each in (self.key, self.old_key) if each]
        return any(hmac.compare_digest(replace(self, key=each).sign(kind, content), seal) for each in keys)

    def is_current(self, body: str) -> bool:
        """Tell whether the status comment *body* is sealed as this account would seal it now."""
        match = _STATUS.match(body)
        return match is not None and hmac.compare_digest(self.sign("status", match["state"]), match["seal"])


def find_memory(notes: Sequence[Note], seal: Seal) -> Memory | None:
    """Return the memory that is ours, None where there is none: altered or foreign state is no state.

    After a change of token the old account's comment still counts by its seal, but only where this account has none of
    its own, and the one that has read most wins: an old copy, posted anew by somebody, must not take us back.
    """
    found: list[tuple[tuple[bool, int, datetime], Memory]] = []
    for note in notes:
        match = _STATUS.match(note.body)
        if match and seal.is_ours(note, "status", match["state"], match["seal"]):
            memory = _decode(match["state"], seal)
            if memory is not None:
                found.append(((note.author.id == seal.bot_id, memory.edit_id, note.updated_at), memory))
    return max(found, key=lambda each: each[0])[1] if found else None


def recall(notes: Sequence[Note], seal: Seal) -> Memory | None:
    """Return what is remembered of an issue: the state block, and what pings say that it has not read.

    Such a ping is one of a run that was stopped before it could write its memory, or of a memory that is lost. It tells
    which sign-offs count no more, and which commands were refused. None where there is nothing of either.
    """
    memory = find_memory(notes, seal)
    unread = [
        (note, key)
        for note, keys in find_pings(notes, seal)
        for key in keys
        if memory is None or note.id > memory.ping_id
    ]
    if not unread:
        return memory
    found = memory or Memory("", 0)
    wrong, early, void, refused = dict(found.wrong), dict(found.early), dict(found.void), dict(found.refused)
    for note, key in unread:
        code, *about, cause = key.split(":")
        subject, note_id = about[0] if len(about) == 1 else "", int(cause)
        if code == "signer-wrong" and subject:
            wrong[subject] = max(wrong.get(subject, 0), note_id)
        elif code == "sign-off-early" and subject:
            early[subject] = max(early.get(subject, 0), note_id)
        elif code == "sign-off-stale" and subject and (subject not in void or void[subject].note_id < note_id):
            void[subject] = Void(note_id, note.id)
        elif code == "command-invalid" and subject.partition(".")[0] in _ASKED:
            kind, _, box = subject.partition(".")
            refused.setdefault(f"{note_id}:{kind}:{box}", TOLD)
    closing = [key for _, key in unread if key.startswith("close:")] if memory is None else []
    recalled = replace(found, wrong=wrong, early=early, void=void, refused=refused, told=(*found.told, *closing))
    return memory if recalled == found else recalled


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


def people_told(notes: Sequence[Note], seal: Seal, now: datetime) -> tuple[str, ...]:
    """Return whom our pings of this day (UTC) mention, case-folded, once for each ping."""
    today = [note for note, _ in find_pings(notes, seal) if note.created_at.date() == now.date()]
    return tuple(
        name for note in today for name in {each.casefold() for each in _MENTION.findall(_CODE_SPAN.sub("", note.body))}
    )


def is_sealed_otherwise(note: Note, seal: Seal) -> bool:
    """Tell whether *note* is a status comment of this account whose seal is of a key that is not known."""
    match = _STATUS.match(note.body)
    is_own = match is not None and not note.is_system and note.author.id == seal.bot_id
    return is_own and match is not None and not seal.is_ours(note, "status", match["state"], match["seal"])


def status_marker(memory: Memory, seal: Seal) -> str:
    """Return the first line of the status comment, which holds *memory*."""
    state = _encode(memory, seal)
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
    return old is None or replace(new, ping_id=old.ping_id) != old


# --- the block --------------------------------------------------------------------------------------------------------


def _encode(memory: Memory, seal: Seal) -> str:
    content = {"format": _FORMAT, "issue": [seal.project_id, seal.iid], **dataclasses.asdict(memory)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_time)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _time(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _decode(state: str, seal: Seal) -> Memory | None:
    """Read a block back; one that this version cannot read, or of another issue, is as good as none."""
    try:
        unpacker = zlib.decompressobj()
        content = json.loads(unpacker.decompress(base64.b64decode(state, validate=True), _LARGEST))
        form = content.pop("format")
        if form == 1:
            content = _from_first_format(content)
        elif form != _FORMAT or content.pop("issue") != [seal.project_id, seal.iid]:
            return None
        memory: Memory = _read(Memory, content)
        return memory if _is_sound(memory) else None
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _from_first_format(content: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a block of the first release up to date: it knew one command, and less to remember."""
    told = [re.sub(r"^command-invalid:([0-9]+)$", r"command-invalid:send-back:\1", each) for each in content["told"]]
    refused = {f"{note_id}:send-back:": why for note_id, why in content["refused"].items()}
    return {**json.loads(json.dumps(dataclasses.asdict(Memory("", 0)))), **content, "told": told, "refused": refused}


def _read(kind: Any, value: Any) -> Any:
    """Read *value* as a value of type *kind*, nothing converted but times: the block may have been edited.

    Raises:
        TypeError, ValueError: it is of another type.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            raise TypeError("other keys")
        return kind(**{key: _read(hints[key], each) for key, each in value.items()})
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    if origin in (Union, UnionType):
        return None if value is None else _read(inner[0], value)
    if origin is tuple and isinstance(value, list):
        return tuple(_read(inner[0], each) for each in value)
    if origin is not None and origin is not tuple and isinstance(value, dict):
        return {key: _read(inner[1], each) for key, each in value.items()}
    if type(value) is not kind:
        raise TypeError("another type")
    return value


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _is_sound(memory: Memory) -> bool:
    """Tell whether what is looked up by name can be found: without a key, a Maintainer may have edited the block."""
    are_known = all(each.kind in _KINDS for each in memory.commands)
    are_keys = all(key.split(":")[0].isdecimal() for key in memory.refused)
    return are_known and are_keys and all(_KEY.fullmatch(key) for key in memory.told)
