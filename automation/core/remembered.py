"""What the bot remembers of an issue from run to run, because GitLab does not (design, decision 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """When a gate was passed: the note that did it (0: none is known) and its time."""

    note_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A sign-off that counted when it was first judged, with digests of what it signs for as it stood then."""

    note_id: int
    by: str
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Void:
    """A sign-off that no longer counts: the tick, and the newest edit when that was seen."""

    note_id: int
    since: int


@dataclass(frozen=True, slots=True)
class SentBack:
    """A handover sent back by somebody who may: the comment, who wrote it, from which stage and why.

    ``answered_by`` is the tick that handed it over anew, 0 while nobody has.
    """

    note_id: int
    at: datetime
    by: str
    stage: str
    reason: str
    answered_by: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """A command in a comment that counted when it was first judged, with what it says.

    ``kind`` is "sign-off", "hold", "resume", "waive" or "cancel"; ``code`` the box that it is about. ``until`` is the
    date as it was written and ``ends_at`` the first moment when the command no longer holds, None where it has no end.
    """

    note_id: int
    at: datetime
    by: str
    by_id: int
    kind: str
    code: str = ""
    reason: str = ""
    until: str = ""
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A role that passed from some people to others half-way. ``cause`` is the newest edit when that was seen."""

    role: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    cause: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A verdict on a limit, once given: whether the time of ``about`` (a stage, or the process) was met or missed.

    ``cause`` is the event that started the clock; ``due_at`` and ``calendar`` are those by which it was judged.
    ``ended_at`` is when the gate was passed, or when the time was seen to be over; ``later`` are the steps after it.
    """

    about: str
    cause: int
    started_at: datetime
    due_at: datetime
    calendar: str
    is_missed: bool
    ended_at: datetime
    later: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What we wrote into assignee and due date, and for which opening of which stage."""

    stage: str = ""
    assignee: str = ""
    due_on: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the bot remembers of an issue, because GitLab does not (design, decisions 5, 8 and 9).

    ``edit_id`` is the newest edit that had been read. ``open_after``: boxes that need a signer, seen open when that
    edit was the newest. ``accepted``: sign-offs that counted once, ``void``: those of them that no longer do.
    ``early``: sign-offs that came before their gate, ``skipped``: other such ticks, ``fair``: those that came in order;
    a tick is judged once. ``wrong`` are ticks by somebody who did not hold the role then, ``disordered`` those of
    boxes that came before one that they must follow, ``timely`` dates that were judged to be late enough.
    ``commands`` are commands that counted, ``people`` who was named for each role, ``changes`` the changes of those
    that nobody has been told of yet. ``reopened`` tells when a gate that had been passed was shut again.
    ``kept`` are verdicts on limits, ``done`` the boxes that were ticked in the text and ``filled`` the facts that were
    there at the last run, ``lost`` those that vanished since without anybody's click. ``words`` are digests of boxes
    that need a signer and say more than their title, ``rewritten`` ticks of such boxes of which nobody knows what
    their signer saw. ``written`` is what we put into assignee and due date.
    ``refused``: comments whose command did nothing, with the reason. ``moved``: who moved the card, where to and by
    which event, while that person is still to be told. ``told``: keys of the episodes that somebody was told, or that
    were old when first seen.
    ``ping_id`` is the newest ping that had been read; alone it is no reason to write.
    """

    process: str
    version: int
    label: str = ""
    edit_id: int = 0
    ping_id: int = 0
    open_after: Mapping[str, int] = field(default_factory=dict)
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    void: Mapping[str, Void] = field(default_factory=dict)
    early: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    fair: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, Passed] = field(default_factory=dict)
    sent_back: tuple[SentBack, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    wrong: Mapping[str, int] = field(default_factory=dict)
    disordered: Mapping[str, int] = field(default_factory=dict)
    timely: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[Command, ...] = ()
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changes: tuple[RoleChange, ...] = ()
    reopened: Mapping[str, Passed] = field(default_factory=dict)
    kept: tuple[Kept, ...] = ()
    done: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    rewritten: Mapping[str, int] = field(default_factory=dict)
    written: Written = Written()
