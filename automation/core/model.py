"""The values that the program thinks with: frozen, plain, without behaviour that touches the world."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from jsonschema.protocols import Validator

from automation.core.remembered import Command, Memory

ItemState = Literal["open", "done", "not-applicable", "waived"]
COMPLETE = "complete"
CANCELLED = "cancelled"
GATE_MISSED = "gate-missed"
LIMIT_AT_RISK = "limit-at-risk"
LIMIT_MISSED = "limit-missed"
WAITING_ON = "waiting-on-"
TAKE_AWAY = "none"
UPLOAD = "handover:file"


# --- what GitLab says -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class User:
    """A GitLab account. ``id`` is 0 where GitLab no longer says who it was."""

    id: int
    username: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as the API gives it. Times are aware and in UTC. ``is_moved``: it goes on in another project.

    ``assignees`` are usernames; ``due_on`` is GitLab's due date, None without one. ``closed_by`` is who closed it, None
    while it is open.
    """

    project_id: int
    iid: int
    title: str
    description: str
    state: Literal["opened", "closed"]
    labels: tuple[str, ...]
    author: User
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    web_url: str
    is_moved: bool = False
    assignees: tuple[str, ...] = ()
    due_on: date | None = None
    closed_by: User | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A comment, or a system note that GitLab wrote for somebody's action. Ids rise with time."""

    id: int
    author: User
    body: str
    created_at: datetime
    updated_at: datetime
    is_system: bool

    @property
    def is_edited(self) -> bool:
        return self.updated_at != self.created_at


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """One label put on (``add``) or taken off (``remove``)."""

    id: int
    user: User
    created_at: datetime
    action: str
    label: str


@dataclass(frozen=True, slots=True)
class StateEvent:
    """The issue ``closed`` or ``reopened`` by somebody."""

    id: int
    user: User
    created_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person who may act in a project. ``access_level`` is GitLab's number (Planner 15, Reporter 20).

    ``name`` is the full name, "" where nobody has told it. ``state`` is GitLab's word for what keeps an account from
    acting, ``ends_on`` the day on which the membership ends, None without an end.
    """

    username: str
    access_level: int
    is_active: bool
    id: int = 0
    name: str = ""
    state: str = "active"
    ends_on: date | None = None


# --- what the process says --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """A box of the process. ``code`` is its identity; an empty ``signed_by`` means that anybody may tick it.

    ``silent`` names a date and a number of months: whatever has been silent for so long makes the box apply.
    """

    code: str
    title: str
    section: str
    signed_by: tuple[str, ...] = ()
    signs_for: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    silent: tuple[str, int] | None = None
    is_forbidden: bool = False
    is_advisory: bool = False
    source: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of the process. ``kind`` says how the text of the issue becomes a value.

    ``held_by`` is the role of the directory whose holders may be named, where it does not know ``role`` itself.
    ``not_before``: boxes and other dates that this date must not precede.
    """

    key: str
    title: str
    section: str
    kind: Literal["text", "integer", "date", "link", "choice", "list", "role"]
    role: str = ""
    held_by: str = ""
    not_same_as: tuple[str, ...] = ()
    may_be_any_holder: bool = False
    forbidden_values: tuple[Any, ...] = ()
    choices: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    is_advisory: bool = False
    source: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage and the gate at its end. ``sections`` are the parts of the document that the gate judges.

    Its limit is ``working_days`` (0: none), in the calendar of ``calendar_of`` ("": of who is responsible); else the
    window ``weeks``, the first and the last week of the process in which it belongs. ``is_told_when_finished``: those
    who are informed hear of it then, not when it opens. ``follows_activity``: the activity that the issue names decides
    who works here.
    """

    key: str
    title: str
    label: str
    responsible: tuple[str, ...]
    accountable: tuple[str, ...]
    consulted: tuple[str, ...]
    informed: tuple[str, ...]
    sections: tuple[str, ...]
    sends_back_to: str = ""
    working_days: int = 0
    calendar_of: str = ""
    weeks: tuple[int, int] | None = None
    former_labels: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    is_told_when_finished: bool = False
    follows_activity: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """A row of the table of who does what. ``cells`` hold what stands there, by role: "R/A", "C,I", "(C)", "DRI".

    ``stage`` is the stage in which it is done ("": none of its own), ``boxes`` those boxes of it that are this
    activity; without them the row is that of the whole stage. ``group`` is a heading over it and its like.
    """

    title: str
    cells: Mapping[str, str]
    group: str = ""
    stage: str = ""
    boxes: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    def roles(self, letter: str) -> tuple[str, ...]:
        """Return the roles that have *letter* ("R", "A", "C", "I") here; who is the DRI is responsible and accountable.

        What stands in brackets depends on the situation, and binds nobody.
        """
        wanted = (letter, "DRI") if letter in "RA" else (letter,)
        return tuple(role for role, cell in self.cells.items() if set(re.split("[/,]", cell)) & set(wanted))


@dataclass(frozen=True, slots=True)
class Activities:
    """Who does what: the table of activities (rows) and roles (columns), RACI or DCI.

    ``chosen_by`` is the key of the field in which an issue names one of the rows, "" where none does.
    """

    title: str
    roles: tuple[str, ...]
    rows: tuple[Activity, ...]
    chosen_by: str = ""

    def row(self, title: object) -> Activity | None:
        """Return the row called *title*, None where there is none."""
        return next((row for row in self.rows if row.title == title), None)


@dataclass(frozen=True, slots=True)
class Process:
    """A process as its schema gives it. ``schema`` has every ``$ref`` inlined; ``stages`` are in order.

    ``validator`` is that schema, ready to judge: building it is costly. ``items`` is keyed by code, ``fields`` by key,
    both in the order of the schema. ``weeks`` are the least and the most that the whole process takes. ``activities``
    say who does what, None where the stages alone do.
    """

    id: str
    version: int
    title: str
    template: str
    stages: tuple[Stage, ...]
    items: Mapping[str, Item]
    fields: Mapping[str, Field]
    schema: Mapping[str, Any]
    validator: Validator
    weeks: tuple[int, int] | None = None
    activities: Activities | None = None

    @property
    def complete_label(self) -> str:
        return f"{self.id}::{COMPLETE}"

    @property
    def cancelled_label(self) -> str:
        return f"{self.id}::{CANCELLED}"

    @property
    def stage_labels(self) -> frozenset[str]:
        """All labels of which an issue carries exactly one, former names included."""
        names = {label for stage in self.stages for label in (stage.label, *stage.former_labels)}
        return frozenset(names | {self.complete_label, self.cancelled_label})

    def stage_of(self, section: str) -> int:
        """Return the place of the stage whose gate judges *section*."""
        return next(place for place, stage in enumerate(self.stages) if section in stage.sections)

    @property
    def working_roles(self) -> tuple[str, ...]:
        """The roles that are responsible or accountable for some stage, in the order of the stages."""
        return tuple(dict.fromkeys(role for each in self.stages for role in (*each.responsible, *each.accountable)))


# --- what the issue says ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """The issue's text as data. ``data`` is what the schema judges: section -> code or key -> value.

    ``lines`` gives the first line of a box (by code) or field (by key). ``words`` are a box's words without its code,
    ``spoken`` the same with the text of HTML comments, which GitLab puts into its tick notes.
    What stands twice is in ``duplicated`` with its lines, and not in ``data``.
    """

    data: Mapping[str, Mapping[str, Any]]
    lines: Mapping[str, int]
    words: Mapping[str, str]
    spoken: Mapping[str, str]
    duplicated: Mapping[str, tuple[int, ...]]

    def state_of(self, item: Item) -> ItemState | None:
        """Return the state of the box, None when it is missing or stands twice."""
        found = self.data.get(item.section, {}).get(item.code)
        return None if found is None else found["state"]

    def value_of(self, wanted: Field) -> Any:
        """Return the value of the field, None when it is blank or stands twice."""
        return self.data.get(wanted.section, {}).get(wanted.key)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the description, as a system note tells it. ``code`` is "" where the text changed, not a box.

    ``is_comment``: no tick, but its like, "sign off 4.2" in a comment.
    """

    note_id: int
    at: datetime
    author: User
    code: str = ""
    is_tick: bool = False
    words: str = ""
    is_comment: bool = False


# --- what we think ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody must know or do.

    ``words`` names the entry of ``automation/comments/findings.yml`` that says it, ``facts`` are its values, already
    quoted. ``cause`` is the id of the note or event that brought it about, 0 where GitLab has none; ``roles`` and
    ``people`` are who must act. ``is_alarm`` tells a trap from normal work: only alarms are ever pinged. ``about`` is
    what neither a box nor a field names: the stage whose time is over, the command that was given.
    """

    code: str
    words: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    item: str = ""
    field: str = ""
    about: str = ""
    line: int = 0
    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    cause: int = 0
    is_alarm: bool = True

    @property
    def episode(self) -> str:
        """What the finding is about, without its cause: the same episode again is the same subject with a new cause."""
        return ":".join(part for part in (self.code, self.item or self.field, self.about) if part)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit whose clock has started: of the stage ``about``, or of the whole process ("").

    It lasts ``days`` working days, or days of the week where not ``is_working``, from the event ``cause`` at
    ``started_at`` to its last moment ``due_at``, in the ``calendar`` of ``person`` ("": of nobody in particular).
    ``later`` are the ends of the next two working days, after which others are told. ``is_paused``: a hold stopped the
    clock meanwhile. ``is_missed``: it is over, or was once judged to be.
    """

    about: str
    cause: int
    started_at: datetime
    due_at: datetime
    warn_from: datetime
    later: tuple[datetime, ...]
    days: int
    is_working: bool
    person: str
    calendar: str
    is_paused: bool = False
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is true of an issue now. ``stage`` is the key of the first stage whose gate is not passed.

    ``stage`` is "complete" when all are passed, "cancelled" when somebody ended it, "" when the issue cannot be read.
    ``acting`` are the people whose turn it is and ``people`` all that are known, by role; ``stand_ins`` are the
    deputies among them, with whom they stand in for. ``edit_id`` is the newest edit that was read; ``memory`` is what
    to remember, None when nothing could be judged.

    ``limit`` is the limit of the stage and ``whole`` that of the process; ``hold`` stops both. ``answers`` are what
    commands came to, ``escalations`` calls to those who do not have to act themselves: both are spoken once and stand
    in no list. ``assignee`` is the first person who must act. ``idle`` are stages in which this issue asks for nothing,
    ``finished`` those finished just now, ``pools`` roles for which nobody is named, so that whoever holds them may act.
    ``changed_by`` is the change of the text that opened the stage again, 0 where a click did, or nothing.
    """

    process: Process | None
    stage: str
    label: str
    findings: tuple[Finding, ...]
    boxes: Mapping[str, ItemState | None]
    acting: Mapping[str, tuple[str, ...]]
    people: Mapping[str, tuple[str, ...]]
    edit_id: int
    memory: Memory | None
    limit: Limit | None = None
    whole: Limit | None = None
    hold: Command | None = None
    answers: tuple[Finding, ...] = ()
    escalations: tuple[Finding, ...] = ()
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    managers: tuple[str, ...] = ()
    assignee: User | None = None
    idle: frozenset[str] = frozenset()
    finished: frozenset[str] = frozenset()
    changed_by: int = 0
    pools: frozenset[str] = frozenset()

    @property
    def is_cancelled(self) -> bool:
        return self.stage == CANCELLED

    @property
    def is_complete(self) -> bool:
        return self.stage == COMPLETE


# --- what we do -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostPing:
    """Post a new comment. ``keys`` are the episodes that it tells; its marker finds it again after a lost answer.

    ``people`` are those it mentions.
    """

    keys: tuple[str, ...]
    body: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferLetter:
    """Upload the file of a letter, then post the comment that offers it.

    ``body`` links to `UPLOAD`, in the place of which the address of the uploaded file comes. ``keys`` and ``people``
    are as those of a ping; an internal comment is seen by members only.
    """

    keys: tuple[str, ...]
    body: str
    people: tuple[str, ...]
    file: str
    content: bytes
    is_internal: bool


@dataclass(frozen=True, slots=True)
class UpdateIssue:
    """Change labels by name, and where that is configured close the issue, assign it, set its due date.

    ``assignee`` None leaves it as it is; ``due_on`` "" does so too, "none" takes the date away.
    """

    add_labels: tuple[str, ...]
    remove_labels: tuple[str, ...]
    close: bool = False
    assignee: User | None = None
    due_on: str = ""


@dataclass(frozen=True, slots=True)
class WriteStatus:
    """Write the status comment: edit note *note_id*, or post a new one when it is 0.

    ``without_offer`` is what to write where a letter could not be offered before it, "" for nothing.
    """

    note_id: int
    body: str
    without_offer: str = ""


@dataclass(frozen=True, slots=True)
class DeleteNote:
    """Delete a second status comment of our own."""

    note_id: int


Action = PostPing | OfferLetter | UpdateIssue | WriteStatus | DeleteNote
