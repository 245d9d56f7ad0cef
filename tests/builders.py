"""Values for the tests: issues, notes, people with a default for everything, and a Tale that plays what people do.

Nothing here touches a network. A Tale keeps an issue as GitLab would (facts, sections 1 and 2): it saves texts and
writes the system notes that a server of generation R (raw text) or P (escaped text) writes for them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from automation.core.checklist import parse_sheet
from automation.core.comments import Words
from automation.core.configuration import LetterSettings
from automation.core.gates import conclude, review_issue
from automation.core.judged import Judged
from automation.core.labels import find_label_move, find_untold_move, wants_label_events
from automation.core.letters.book import Book
from automation.core.letters.envelope import build_envelope
from automation.core.letters.offer import offer_letter
from automation.core.letters.readiness import after_offers, offered_letters
from automation.core.memory import Seal, find_pings, recall
from automation.core.model import (
    TAKE_AWAY,
    Action,
    DeleteNote,
    Finding,
    Issue,
    LabelEvent,
    Member,
    Note,
    OfferLetter,
    PostPing,
    Process,
    UpdateIssue,
    User,
    Verdict,
    WriteStatus,
)
from automation.core.people import Directory, build_directory
from automation.core.plan import Post, Reopening, Speech, plan_issue
from automation.core.process import build_process
from automation.core.proof import parse_edits
from automation.core.quiet import QuietHours
from automation.core.recognition import judge_unreadable, recognise
from automation.core.remembered import Memory
from automation.core.workdays import Calendars
from automation.edge.letters import load_letters
from automation.edge.repository import load_processes, load_words

ROOT = Path(__file__).parents[1]
DIALECT = json.loads((ROOT / "schemas/dialect.schema.json").read_text(encoding="utf-8"))
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PROJECT = 7
KEY = "a key for tests"
DEFS = "dialect.schema.json#/$defs"


# --- people -----------------------------------------------------------------------------------------------------------

USERNAMES = ("bot", "carol", "ben", "mia", "alex", "dana", "eli", "chloe", "dave", "eve", "zoe")


def make_user(username: str = "carol", id: int = 0) -> User:
    """Make a person; those of USERNAMES have ids of their own, all others get one from their name."""
    known = USERNAMES.index(username.casefold()) + 1 if username.casefold() in USERNAMES else 0
    return User(id or known or 1000 + sum(map(ord, username)), username, username.title())


BOT = User(1, "project_7_bot_0123456789abcdef", "Handover")
ROLES: Mapping[str, tuple[str, ...]] = {
    "csm": ("carol", "dave"),
    "cse_territory_owner": ("ben", "chloe"),
    "cse": ("dana", "eli", "carol"),
    "csm_manager": ("mia",),
    "ae": ("alex",),
}
TERRITORIES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "EMEA-1": {"cse_territory_owner": ("ben",), "cse": ("dana", "carol")},
}
NAMES = {"carol": "Carol Meyer", "alex": "Alex Novak", "ben": "Ben Okafor", "dana": "Dana Levi", "mia": "Mia Rossi"}
ADDRESSES = {"carol": "carol@example.com", "alex": "alex@example.com"}
HOLDERS = {"csm": "carol", "cse_territory_owner": "ben", "csm_manager": "mia", "ae": "alex", "cse": "dana"}


def make_members(usernames: Iterable[str] = USERNAMES, access_level: int = 20) -> tuple[Member, ...]:
    return tuple(Member(name, access_level, True, make_user(name).id) for name in usernames)


def make_directory(
    roles: Mapping[str, Iterable[str]] | None = None,
    territories: Mapping[str, Mapping[str, Iterable[str]]] | None = None,
    members: Iterable[Member] | None = None,
    without: Iterable[str] = (),
    calendars: Calendars | None = None,
) -> Directory:
    """Make the role directory; *without* takes people out of every role, as after they left."""
    gone = set(without)
    named = {role: [name for name in names if name not in gone] for role, names in (roles or ROLES).items()}
    return build_directory(
        named,
        TERRITORIES if territories is None else territories,
        make_members() if members is None else members,
        calendars,
    )


# --- processes --------------------------------------------------------------------------------------------------------


@cache
def real_process() -> Process:
    """The process of the repository, csm-to-cse-plus."""
    schema = json.loads((ROOT / "schemas/csm-to-cse-plus.schema.json").read_text(encoding="utf-8"))
    return build_process(schema, DIALECT)


@cache
def sample_book() -> Book:
    """The letters of tests/letters: what people change in letters/ breaks no test of the program."""
    with TemporaryDirectory() as place:
        shutil.copytree(ROOT / "schemas", Path(place) / "schemas")
        shutil.copytree(ROOT / "tests/letters", Path(place) / "letters")
        return load_letters(Path(place), load_processes(ROOT))


@cache
def real_template() -> str:
    return (ROOT / ".gitlab/issue_templates/CSM to CSE+ Handover.md").read_text(encoding="utf-8")


SMALL_SCHEMA: Mapping[str, Any] = {
    "$schema": "dialect.schema.json",
    "title": "Small move",
    "x-process": {"id": "small", "version": 1, "template": "Small"},
    "type": "object",
    "properties": {
        "people": {
            "title": "People",
            "type": "object",
            "properties": {
                "csm": {"title": "CSM", "x-role": "csm"},
                "owner": {"title": "Owner", "x-role": "cse_territory_owner", "x-not-same-as": ["csm"]},
                "cse": {"title": "CSE", "x-role": "cse", "x-any-holder": True, "x-not-same-as": ["csm"]},
            },
            "required": ["csm", "owner"],
        },
        "account": {
            "title": "Account",
            "type": "object",
            "properties": {
                "customer": {"title": "Customer", "type": "string", "minLength": 1},
                "seats": {"title": "Seats", "type": "integer", "minimum": 1, "maximum": 5000},
                "health": {"title": "Health", "type": "string", "enum": ["Green", "Red"]},
                "reason": {"title": "Reason", "type": "string", "minLength": 1},
                "renewal": {"title": "Renewal", "$ref": f"{DEFS}/date"},
                "document": {"title": "Document", "$ref": f"{DEFS}/link"},
                "territory": {"title": "Territory", "type": "string", "minLength": 1},
                "top": {
                    "title": "Top things",
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "minItems": 2,
                    "maxItems": 3,
                },
                "ban": {"title": "Channel", "type": "string", "x-forbids": ["CSE call"]},
            },
            "required": ["customer", "seats", "health", "renewal"],
            "if": {"properties": {"health": {"const": "Red"}}, "required": ["health"]},
            "then": {"required": ["reason"]},
        },
        "ready": {
            "title": "Ready",
            "type": "object",
            "x-stage": {
                "label": "small::ready",
                "responsible": ["csm"],
                "accountable": ["csm"],
                "consulted": [],
                "informed": ["cse_territory_owner"],
            },
            "properties": {
                "1.1": {"title": "Plans are closed", "$ref": f"{DEFS}/done", "x-source": ["S0-19"]},
                "1.2": {
                    "title": "Instances are flagged",
                    "$ref": f"{DEFS}/done-or-not-applicable",
                    "x-needs": ["document"],
                },
                "1.10": {"title": "Ready for review", "$ref": f"{DEFS}/done"},
            },
            "required": ["1.1", "1.2", "1.10"],
        },
        "review": {
            "title": "Review",
            "type": "object",
            "x-stage": {
                "label": "small::review",
                "responsible": ["cse_territory_owner"],
                "accountable": ["cse_territory_owner"],
                "consulted": ["csm"],
                "informed": [],
                "sends_back_to": "ready",
            },
            "properties": {
                "2.1": {
                    "title": "Approved for the move",
                    "$ref": f"{DEFS}/done",
                    "x-signed-by": ["cse_territory_owner"],
                    "x-signs-for": ["account", "ready"],
                },
            },
            "required": ["2.1"],
        },
        "finish": {
            "title": "Finish",
            "type": "object",
            "x-stage": {
                "label": "small::finish",
                "responsible": ["csm"],
                "accountable": ["csm", "cse"],
                "consulted": [],
                "informed": ["cse_territory_owner"],
            },
            "properties": {
                "done_on": {"title": "Done on", "$ref": f"{DEFS}/date"},
                "3.1": {"title": "Customer is told", "$ref": f"{DEFS}/done", "x-needs": ["done_on"]},
                "3.2": {"title": "Accepted by CSE+", "$ref": f"{DEFS}/done", "x-signed-by": ["cse"]},
                "3.3": {"title": "A CSE joined the call", "$ref": f"{DEFS}/box", "x-forbids": True},
                "3.4": {
                    "title": "Confirmed by the CSM",
                    "$ref": f"{DEFS}/done",
                    "x-signed-by": ["csm"],
                    "x-signs-for": ["finish"],
                },
            },
            "required": ["done_on", "3.1", "3.2", "3.4"],
        },
        "advice": {
            "title": "Advice",
            "type": "object",
            "x-advisory": True,
            "properties": {
                "4.1": {"title": "Notes are read", "$ref": f"{DEFS}/box", "x-advisory": True},
                "tips": {"title": "Tips", "type": "integer", "x-advisory": True},
            },
        },
    },
}

SMALL_TEXT = """\
**Process:** `small` version 1

- **CSM:** @carol
- **Owner:** @ben
- **CSE:** _optional_
- **Customer:** Acme
- **Seats:** 250
- **Health:** Green
- **Reason:** _needed for Red_
- **Renewal:** 2027-03-31
- **Document:** https://example.com/notes
- **Territory:** _optional_
- **Channel:** _how_

### Top things

1.
2.
3.

## Ready

- [ ] 1.1 Plans are closed
- [ ] 1.2 Instances are flagged
- [ ] 1.10 Ready for review

## Review

- [ ] 2.1 Approved for the move

## Finish

- **Done on:** 2026-11-30

- [ ] 3.1 Customer is told
- [ ] 3.2 Accepted by CSE+
- [ ] 3.3 A CSE joined the call
- [ ] 3.4 Confirmed by the CSM

## Advice

- **Tips:** _a number_

- [ ] 4.1 Notes are read
"""


def small_schema(**changes: Any) -> dict[str, Any]:
    """Return a deep copy of the small schema, *changes* put at its top."""
    return {**json.loads(json.dumps(SMALL_SCHEMA)), **changes}


@cache
def small_process() -> Process:
    """Three stages, ready, review and finish, with every kind of field and box."""
    return build_process(small_schema(), DIALECT)


@cache
def words() -> Words:
    return load_words()


REAL_VALUES = {
    "CSM": "@carol",
    "CSE Territory Owner": "@ben",
    "CSM manager": "@mia",
    "AE": "@alex",
    "Customer": "Acme",
    "Health": "Green",
    "Next renewal": "2027-03-31",
    "Deployment": "Self-managed",
    "Subscription tier": "Ultimate",
    "Seats": "1,250",
    "Production instances": "2",
    "Non-production instances": "1",
    "Last ping": "2026-10-30",
    "Primary use cases": "CI and security scans",
    "Goals": "One platform",
    "Blockers": "none",
    "Collaboration project": "https://gitlab.example.com/acme/collab",
    "Customer notes document": "https://docs.example.com/acme",
    "Gong recordings": "none",
    "Account tier": "TAM Scale",
    "Compensation pool": "EMEA",
    "Call held on": "2026-11-12",
    "Length of the call in minutes": "45",
    "Handover date": "2026-12-01",
    "Letter planned for": "2026-11-20",
    "Letter sent on": "2026-11-20",
    "Completed on": "2026-11-30",
    "Gainsight timeline entry": "https://gainsight.example.com/acme/1",
    "Feedback on the handover": "Went well",
}


def with_value(text: str, label: str, value: str) -> str:
    """Return *text* with *value* in the line of the field *label*."""
    changed, count = re.subn(rf"(?m)^(- \*\*{re.escape(label)}:\*\*).*$", lambda match: f"{match[1]} {value}", text)
    assert count == 1, f"{label} stands {count} times"
    return changed


@cache
def real_text() -> str:
    """The template of the repository with every needed fact filled in."""
    text = real_template()
    for label, value in REAL_VALUES.items():
        text = with_value(text, label, value)
    return re.sub(
        r"(### Top 3 things to know\n\n)1\.\n2\.\n3\.\n", r"\g<1>1. Renewal\n2. Champion left\n3. Upgrade\n", text
    )


# --- single values ----------------------------------------------------------------------------------------------------


def make_issue(description: str = SMALL_TEXT, **changes: Any) -> Issue:
    values: dict[str, Any] = {
        "project_id": PROJECT,
        "iid": 1,
        "title": "Handover of Acme",
        "description": description,
        "state": "opened",
        "labels": (),
        "author": make_user("carol"),
        "created_at": START,
        "updated_at": START,
        "closed_at": None,
        "web_url": "https://gitlab.example.com/customer-success/handovers/-/issues/1",
    }
    return Issue(**{**values, **changes})


def make_note(body: str, by: str | User = "carol", id: int = 100, **changes: Any) -> Note:
    author = by if isinstance(by, User) else make_user(by)
    at = changes.pop("at", START + timedelta(minutes=id))
    values: dict[str, Any] = {"created_at": at, "updated_at": at, "is_system": False}
    return Note(id=id, author=author, body=body, **{**values, **changes})


def make_tick(text: str, by: str = "carol", id: int = 100, is_tick: bool = True, **changes: Any) -> Note:
    """Make the system note of a tick as GitLab words it; *text* as it stands in the note."""
    state = "completed" if is_tick else "incomplete"
    return make_note(f"marked the checklist item **{text}** as {state}", by, id, is_system=True, **changes)


def make_seal(key: str = KEY, bot: User = BOT, project_id: int = PROJECT, iid: int = 1) -> Seal:
    return Seal(key, bot.id, project_id, iid)


def make_speech(seal: Seal | None = None, comments_per_day: int = 3, may_close: bool = False, **more: Any) -> Speech:
    return Speech(words(), seal or make_seal(), comments_per_day, may_close, **more)


# --- how GitLab reads and tells ---------------------------------------------------------------------------------------

_TASK = re.compile(r"(?m)^[ \t]*(?:[-+*]|\d+[.)])[ \t]+\[([ xX])\][ \t]+(\S.*)$")
_ESCAPED = re.compile(r"([*_\[\]#<>\\`~!&\-+=.()\"])")
Generation = Literal["R", "P"]
Wording = Literal["checklist item", "task"]


def escape_as_gitlab(text: str) -> str:
    """Escape as comrak's escape_inline does: the set that was seen in notes of newer servers (facts, section 2)."""
    text = _ESCAPED.sub(r"\\\1", text)
    return "".join(f"&#{ord(letter)};" if ord(letter) < 0x20 else letter for letter in text)


def describe_text(label: str, generation: Generation) -> str:
    """Return the TEXT of a tick note for the raw *label* of a box."""
    if generation == "R":
        return label
    seen = re.sub(r"<!--(.*?)-->", r"\1", label)
    seen = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", seen)
    return escape_as_gitlab(re.sub(r"\*\*|`", "", seen))


def find_tasks(text: str) -> list[tuple[bool, str]]:
    """Return (is done, label) of every task in order, as both generations see plain boxes."""
    return [(symbol != " ", label.rstrip()) for symbol, label in _TASK.findall(text)]


# --- tales ------------------------------------------------------------------------------------------------------------


@dataclass
class Tale:
    """An issue and its notes while people act on it. Every act moves the clock on by a minute."""

    text: str = SMALL_TEXT
    process: Process = field(default_factory=small_process)
    generation: Generation = "P"
    wording: Wording = "checklist item"
    directory: Directory = field(default_factory=make_directory)
    seal: Seal = field(default_factory=make_seal)
    comments_per_day: int = 3
    may_close: bool = False
    author: str = "carol"
    title: str = "Handover of Acme"
    created_at: datetime = START
    now: datetime = START
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    due_on: date | None = None
    may_write: bool = False
    quiet_hours: QuietHours | None = None
    state: Literal["opened", "closed"] = "opened"
    closed_at: datetime | None = None
    notes: list[Note] = field(default_factory=list)
    events: list[LabelEvent] = field(default_factory=list)
    next_id: int = 101
    processes: Mapping[tuple[str, int], Process] | None = None
    book: Book = field(default_factory=Book)

    @classmethod
    def of_the_real_process(cls, **options: Any) -> Tale:
        return cls(**{"text": real_text(), "process": real_process(), **options})

    # what people do

    def tick(self, code: str, by: str) -> Tale:
        return self._mark(code, "x", by)

    def untick(self, code: str, by: str) -> Tale:
        return self._mark(code, " ", by)

    def retick(self, code: str, by: str) -> Tale:
        return self.untick(code, by).tick(code, by)

    def silently(self, code: str, symbol: str, by: str) -> Tale:
        """Mark a box and reword it in one save: GitLab then writes no tick note."""
        line = self._line(code)
        changed = re.sub(r"\[.\]", f"[{symbol}]", line, count=1)
        return self.save(self.text.replace(line, changed.rstrip(".") if line.endswith(".") else f"{changed}."), by)

    def write(self, label: str, value: str, by: str) -> Tale:
        return self.save(with_value(self.text, label, value), by)

    def behind_tick(self, code: str, change: Callable[[str], str], by: str, is_tick: bool = True) -> Tale:
        """Tick a box and change other text in the same save: GitLab tells of the tick only."""
        line = self._line(code)
        ticked = re.sub(r"\[.\]", "[x]" if is_tick else "[ ]", line, count=1)
        return self.save(change(self.text).replace(line, ticked), by)

    def edit(self, change: Callable[[str], str], by: str) -> Tale:
        return self.save(change(self.text), by)

    def replace(self, old: str, new: str, by: str) -> Tale:
        assert old in self.text, f"{old!r} is not in the text"
        return self.save(self.text.replace(old, new), by)

    def drop(self, code: str, by: str) -> Tale:
        return self.replace(self._line(code) + "\n", "", by)

    def save(self, text: str, by: str) -> Tale:
        """Save a text and write GitLab's notes for it: by position, one a tick, else one for the description."""
        self._pass()
        old, new = find_tasks(self.text), find_tasks(text)
        ticks = [
            (after[1], after[0])
            for before, after in zip(old, new, strict=False)
            if before[1] == after[1] and before[0] != after[0]
        ]
        if text != self.text and not ticks:
            self._tell("changed the description", by)
        for label, is_done in ticks:
            said = describe_text(label, self.generation)
            self._tell(f"marked the {self.wording} **{said}** as {'completed' if is_done else 'incomplete'}", by)
        self.text = text
        return self

    def say(self, body: str, by: str, id: int = 0) -> Tale:
        self._pass()
        self._add(make_note(body, by, id or self.next_id, at=self.now))
        return self

    def reword_comment(self, body: str, index: int = -1) -> Tale:
        """Edit the comment of a person, counted among the comments of people."""
        self._pass()
        place = self._comment(index)
        self.notes[place] = replace(self.notes[place], body=body, updated_at=self.now)
        return self

    def delete_comment(self, index: int = -1) -> Tale:
        del self.notes[self._comment(index)]
        return self

    def move_card(self, label: str, by: str) -> Tale:
        """Drag the card to another list, as a board on Premium does it."""
        self._pass()
        old = [each for each in self.labels if each.startswith(f"{self.process.id}::")]
        for each in old:
            self.events.append(LabelEvent(self._id(), make_user(by), self.now, "remove", each))
        self.events.append(LabelEvent(self._id(), make_user(by), self.now, "add", label))
        self.labels = (*(each for each in self.labels if each not in old), label)
        return self

    def close(self) -> Tale:
        self._pass()
        self.state, self.closed_at = "closed", self.now
        return self

    def wait(self, **period: float) -> Tale:
        self.now += timedelta(**period)
        return self

    def finish(self, stage: str, but: Iterable[str] = ()) -> Tale:
        """Let the right people tick every box that gates *stage*."""
        for item in self.process.items.values():
            if item.section == stage and not item.is_advisory and not item.is_forbidden and item.code not in set(but):
                place = next(each for each in self.process.stages if each.key == stage)
                self.tick(item.code, HOLDERS[(item.signed_by or place.responsible)[0]])
        return self

    # what the bot does

    @property
    def issue(self) -> Issue:
        return make_issue(
            self.text,
            title=self.title,
            labels=self.labels,
            state=self.state,
            closed_at=self.closed_at,
            created_at=self.created_at,
            updated_at=self.now,
            author=make_user(self.author),
            project_id=self.seal.project_id,
            iid=self.seal.iid,
            assignees=self.assignees,
            due_on=self.due_on,
        )

    @property
    def memory(self) -> Memory | None:
        return recall(self.notes, self.seal)

    def judge(self, memory: Memory | Literal["found"] | None = "found") -> Verdict:
        """Judge the issue as a run would, with the memory that stands in its status comment unless one is given."""
        issue, sheet = self.issue, parse_sheet(self.text)
        known = self.memory if memory == "found" else memory
        processes = self.processes or {(self.process.id, self.process.version): self.process}
        found = recognise(issue, sheet, processes, known)
        if isinstance(found, Finding):
            edit_id = max((edit.note_id for edit in parse_edits(self.notes)), default=0)
            return judge_unreadable(issue, sheet, found, processes, self.directory, edit_id, self.now)
        return conclude(self.review(known), self.directory)

    def review(self, memory: Memory | Literal["found"] | None = "found") -> Judged:
        """Review the issue as a run would, where its process can be recognised."""
        issue, sheet = self.issue, parse_sheet(self.text)
        known = self.memory if memory == "found" else memory
        found = recognise(
            issue, sheet, self.processes or {(self.process.id, self.process.version): self.process}, known
        )
        assert isinstance(found, Process)
        return review_issue(issue, sheet, self.notes, found, self.directory, known, self.now)

    def letters(self) -> Post:
        """Write the offers of the letters in ``book`` that are ready, told or not."""
        judged, verdict = self.review(), self.judge()
        pings = find_pings(self.notes, self.seal)
        found = offered_letters(self.book, judged, verdict, NAMES, LetterSettings().allowed_links)
        states = tuple(after_offers(each, pings) for each in found)
        return Post(
            states,
            {
                each.key: offer_letter(
                    each,
                    build_envelope(each.letter, judged, NAMES, ADDRESSES, "timeline@example.com"),
                    judged,
                    words(),
                    self.seal,
                    is_internal=True,
                    is_again=bool(each.again),
                )
                for each in states
                if each.is_ready
            },
        )

    def plan(self, reopening: Reopening | None = None) -> tuple[Action, ...]:
        """Plan what a run would write now."""
        verdict = self.judge()
        if wants_label_events(self.issue, verdict, self.memory):
            moved = find_label_move(self.issue, verdict, self.memory, self.events, self.seal.bot_id)
        else:
            moved = find_untold_move(verdict, self.memory)
        verdict = replace(verdict, findings=(*verdict.findings, moved)) if moved else verdict
        speech = make_speech(
            self.seal,
            self.comments_per_day,
            self.may_close,
            may_assign=self.may_write,
            may_set_due_date=self.may_write,
            quiet_hours=self.quiet_hours,
            calendars=self.directory.calendars,
        )
        post = self.letters() if self.book.letters and verdict.process else None
        return plan_issue(self.issue, verdict, self.memory, self.notes, speech, self.now, reopening, post)

    def run(self, only: int | None = None, **options: Any) -> Tale:
        """Let the bot plan and carry out its plan, or only the first *only* actions of it, as when it is killed."""
        self._pass()
        return self.carry_out(self.plan(**options)[:only])

    def carry_out(self, actions: Sequence[Action]) -> Tale:
        """Apply actions to the values, as GitLab would."""
        for action in actions:
            if isinstance(action, PostPing | OfferLetter):
                self._say_as_bot(action.body)
            elif isinstance(action, UpdateIssue):
                self._label(action)
            elif isinstance(action, DeleteNote):
                self.notes = [note for note in self.notes if note.id != action.note_id]
            elif isinstance(action, WriteStatus) and action.note_id:
                place = next(place for place, note in enumerate(self.notes) if note.id == action.note_id)
                self.notes[place] = replace(self.notes[place], body=action.body.rstrip(), updated_at=self.now)
            else:
                self._say_as_bot(action.body)
        return self

    # what can be seen

    @property
    def pings(self) -> list[str]:
        return [note.body for note in self.notes if note.body.startswith("<!-- handover:ping")]

    @property
    def told(self) -> list[str]:
        """The keys of all pings in their order."""
        markers = [re.match(r"<!-- handover:ping (.*?) seal=", body) for body in self.pings]
        return [key for marker in markers if marker for key in marker[1].split()]

    @property
    def status(self) -> str:
        """What people read of the status comment, without its marker."""
        bodies = [note.body for note in self.notes if note.body.startswith("<!-- handover:status")]
        assert len(bodies) == 1, f"there are {len(bodies)} status comments"
        return bodies[0].split("\n", 1)[1]

    @property
    def stage_labels(self) -> set[str]:
        return {label for label in self.labels if "::" in label}

    def copy(self) -> Tale:
        return replace(self, notes=list(self.notes), events=list(self.events))

    # pieces

    def _mark(self, code: str, symbol: str, by: str) -> Tale:
        line = self._line(code)
        return self.save(self.text.replace(line, re.sub(r"\[.\]", f"[{symbol}]", line, count=1)), by)

    def _line(self, code: str) -> str:
        match = re.search(rf"(?m)^[ \t]*(?:[-+*]|\d+[.)])[ \t]+\[.\][ \t]+{re.escape(code)}(?![\w.]).*$", self.text)
        assert match, f"there is no box {code}"
        return match[0]

    def _comment(self, index: int) -> int:
        places = [
            place for place, note in enumerate(self.notes) if not note.is_system and note.author.id != self.seal.bot_id
        ]
        return places[index]

    def _say_as_bot(self, body: str) -> None:
        bot = User(self.seal.bot_id, BOT.username, BOT.name)
        self._add(make_note(body.rstrip(), bot, self.next_id, at=self.now))

    def _label(self, action: UpdateIssue) -> None:
        bot = User(self.seal.bot_id, BOT.username, BOT.name)
        for name in action.add_labels:
            self.events.append(LabelEvent(self._id(), bot, self.now, "add", name))
        for name in action.remove_labels:
            self.events.append(LabelEvent(self._id(), bot, self.now, "remove", name))
        kept = (set(self.labels) | set(action.add_labels)) - set(action.remove_labels)
        self.labels = tuple(sorted(kept))
        if action.assignee:
            self.assignees = (action.assignee.username,)
        if action.due_on:
            self.due_on = None if action.due_on == TAKE_AWAY else date.fromisoformat(action.due_on)
        if action.close:
            self.state, self.closed_at = "closed", self.now

    def _tell(self, body: str, by: str) -> None:
        self._add(make_note(body, by, self.next_id, at=self.now, is_system=True))

    def _add(self, note: Note) -> None:
        self.notes.append(note)
        self.next_id = max(self.next_id, note.id) + 1

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _pass(self) -> None:
        self.now += timedelta(minutes=1)


# --- reading a verdict ------------------------------------------------------------------------------------------------


def alarms(verdict: Verdict) -> list[tuple[str, str]]:
    """Return (code, box or field) of every trap, in order."""
    return [(each.code, each.item or each.field) for each in verdict.findings if each.is_alarm]


def found(verdict: Verdict) -> set[tuple[str, str]]:
    """Return (code, box or field) of every finding."""
    return {(each.code, each.item or each.field) for each in verdict.findings}


def get_finding(verdict: Verdict, code: str, subject: str = "") -> Finding:
    """Return the one finding with this code, about this box or field where one is given."""
    those = [each for each in verdict.findings if each.code == code and subject in ("", each.item, each.field)]
    assert len(those) == 1, f"{code} {subject}: {len(those)} in {found(verdict)}"
    return those[0]
