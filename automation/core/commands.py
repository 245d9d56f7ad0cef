"""Which commands in comments count: asked by whom, about what, answered how. Notes -> what was commanded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from automation.core.grammar import EXAMPLES, Asked, parse_commands
from automation.core.memory import PING_MARKER, STATUS_MARKER, TOLD
from automation.core.model import Edit, Item, Note, Process, User
from automation.core.people import MANAGER, Cast
from automation.core.remembered import Command, Memory, SentBack
from automation.core.workdays import Pause, day_begins

LONGEST_HOLD = timedelta(days=90)
_IGNORED = "ignored"
_EVER = datetime.max.replace(tzinfo=UTC)
# Why a command can be refused; each has an entry `command-invalid.<why>` in the bot's words.
REASONS = frozenset(
    {
        "wrong-person",
        "edited",
        "unclear",
        "no-reason",
        "no-date",
        "past-date",
        "too-far",
        "unknown-box",
        "needs-signature",
        "not-held",
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that does nothing: the comment, what it asked for, why (one of REASONS), and the roles that may."""

    note: Note
    asked: Asked
    why: str
    roles: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What the memory knows it by: a comment may hold several commands."""
        return f"{self.note.id}:{self.asked.kind}:{self.asked.code}"

    @property
    def example(self) -> str:
        """How the command is written, with the box that was meant where one was named."""
        example = EXAMPLES[self.asked.kind]
        return example.replace("4.2", self.asked.code).replace("1.4", self.asked.code) if self.asked.code else example


@dataclass(frozen=True, slots=True)
class Commanded:
    """All that was commanded: returns, the other commands that count, and those that do not, each in their order.

    ``ignored`` are the keys of words that might have been a command, had somebody else written them: no answer is due.
    """

    sent_back: tuple[SentBack, ...] = ()
    given: tuple[Command, ...] = ()
    refused: tuple[Refusal, ...] = ()
    ignored: tuple[str, ...] = ()

    def sign_offs(self, process: Process) -> tuple[Edit, ...]:
        """Return the sign-offs given by comment, as if they were ticks of a box with the words of the schema."""
        return tuple(
            Edit(
                each.note_id, each.at, User(each.by_id, each.by), each.code, True, process.items[each.code].title, True
            )
            for each in self.given
            if each.kind == "sign-off" and each.code in process.items
        )

    def waivers(self, process: Process) -> tuple[Command, ...]:
        """Return all waivers, renewed and expired ones too, in their order."""
        return tuple(each for each in self.given if each.kind == "waive" and each.code in process.items)

    def hold(self, now: datetime) -> Command | None:
        """Return the hold that stops the clocks now, None where there is none."""
        held = [each for each in self.given if each.kind in ("hold", "resume", "cancel") and each.at <= now][-1:]
        return next((each for each in held if each.kind == "hold" and each.ends_at and now < each.ends_at), None)

    def cancel(self) -> Command | None:
        """Return what ended the handover for good, None where nothing did or somebody took that back."""
        last = [each for each in self.given if each.kind in ("cancel", "resume")][-1:]
        return next((each for each in last if each.kind == "cancel"), None)

    def pauses(self) -> tuple[Pause, ...]:
        """Return when the clocks stood still, or will, the latest command deciding from its moment on.

        A cancellation that nobody took back has no end, and no clock to stop either.
        """
        found: list[Pause] = []
        for each in self.given:
            if each.kind not in ("hold", "resume", "cancel"):
                continue
            if found and found[-1].ends_at > each.at:
                found[-1] = replace(found[-1], ends_at=each.at)
            if each.kind != "resume":
                found.append(Pause(each.at, each.ends_at or _EVER))
        return tuple(each for each in found if each.ends_at < _EVER)


def judge_commands(notes: Iterable[Note], process: Process, cast: Cast, memory: Memory | None) -> Commanded:
    """Find what was commanded.

    Only the comment as first posted counts, and only by a person with the right to do so at that moment. A comment is
    judged once: deleting or editing it later, or a change of people, alters nothing. After "cancel" nothing is heard
    but "resume".
    """
    keys = {stage.key for stage in process.stages if stage.sends_back_to}
    counted = {each.note_id: each for each in (memory.sent_back if memory else ()) if each.stage in keys}
    remembered = memory.commands if memory else ()
    answered = memory.refused if memory else {}
    known = {*counted, *(each.note_id for each in remembered)}
    known |= {int(key.split(":")[0]) for key, why in answered.items() if why != TOLD}
    heard = _Heard(Commanded(tuple(counted.values()), remembered), process, cast)
    for note in sorted(notes, key=lambda each: each.id):
        if note.is_system or note.body.startswith((STATUS_MARKER, PING_MARKER)):
            continue
        for asked in parse_commands(note.body):
            why = answered.get(Refusal(note, asked, "").key, "")
            if note.id in known:
                found: object = Refusal(note, asked, why, _roles(process, asked)) if why in REASONS else None
            else:
                found = heard.judge(note, asked)
            # What was refused is never carried out, even where only our answer tells that it was.
            heard.hear(found if why != TOLD or isinstance(found, Refusal) else Refusal(note, asked, _IGNORED))
    return heard.all


@dataclass(slots=True)
class _Heard:
    """What was heard so far, comment by comment: whether a hold can be taken back depends on what came before it."""

    all: Commanded
    process: Process
    cast: Cast

    def hear(self, found: object) -> None:
        if isinstance(found, SentBack):
            both = (*self.all.sent_back, found)
            self.all = replace(self.all, sent_back=tuple(sorted(both, key=lambda each: each.note_id)))
        elif isinstance(found, Command):
            everything = (*self.all.given, found)
            self.all = replace(self.all, given=tuple(sorted(everything, key=lambda each: each.note_id)))
        elif isinstance(found, Refusal) and found.why == _IGNORED:
            self.all = replace(self.all, ignored=(*self.all.ignored, found.key))
        elif isinstance(found, Refusal):
            self.all = replace(self.all, refused=(*self.all.refused, found))

    def judge(self, note: Note, asked: Asked) -> SentBack | Command | Refusal | None:
        """Judge one command; None where it is none, or where nobody listens any more."""
        before = Commanded(given=tuple(each for each in self.all.given if each.note_id < note.id))
        is_over = before.cancel() is not None
        if is_over and asked.kind != "resume":
            return None
        roles = (MANAGER,) if is_over else _roles(self.process, asked)
        if not roles:
            return Refusal(note, asked, "unknown-box") if asked.code and asked.is_clear else None
        if not self.cast.may_sign(note.author.username, roles, note.created_at):
            return Refusal(note, asked, "wrong-person" if asked.is_clear else _IGNORED, roles)
        why = "edited" if note.is_edited else self._flaw(note, asked, before, is_over)
        return Refusal(note, asked, why, roles) if why else self._command(note, asked)

    def _flaw(self, note: Note, asked: Asked, before: Commanded, is_over: bool) -> str:
        """Return why the command cannot be carried out although its author may give it, "" when it can."""
        if asked.rest or (asked.kind in ("sign-off", "waive") and not asked.code):
            return "unclear"
        if asked.kind == "resume":
            return "" if is_over or before.hold(note.created_at) else "not-held"
        if asked.kind == "sign-off":
            return ""
        if asked.kind == "waive" and self.process.items[asked.code].signed_by:
            return "needs-signature"
        if asked.kind in ("hold", "waive") and (why := self._flaw_of_date(note, asked)):
            return why
        return "" if asked.reason else "no-reason"

    def _flaw_of_date(self, note: Note, asked: Asked) -> str:
        until, today = _date(asked.until), self.cast.calendars.day_of(note.author.username, note.created_at)
        if until is None:
            return "no-date"
        if until < today or (asked.kind == "hold" and until == today):
            return "past-date"
        return "too-far" if asked.kind == "hold" and until > today + LONGEST_HOLD else ""

    def _command(self, note: Note, asked: Asked) -> SentBack | Command:
        if asked.kind == "send-back":
            gate = next(
                stage
                for stage in self.process.stages
                if stage.sends_back_to and self.cast.may_sign(note.author.username, stage.accountable, note.created_at)
            )
            return SentBack(note.id, note.created_at, note.author.username, gate.key, asked.reason)
        until = _date(asked.until)
        zone = self.cast.calendars.of(note.author.username).zone
        # A hold ends when the day begins that it names; a waiver holds on that day too.
        last = until + timedelta(days=1) if until and asked.kind == "waive" else until
        return Command(
            note_id=note.id,
            at=note.created_at,
            by=note.author.username,
            by_id=note.author.id,
            kind=asked.kind,
            code=asked.code,
            reason=asked.reason,
            until=asked.until if until else "",
            ends_at=day_begins(last, zone) if last else None,
        )


def _roles(process: Process, asked: Asked) -> tuple[str, ...]:
    """Return who may command this, () where it can be commanded of nothing."""
    if asked.kind == "send-back":
        gates = [stage for stage in process.stages if stage.sends_back_to]
        return tuple(dict.fromkeys(role for stage in gates for role in stage.accountable))
    if asked.kind in ("hold", "resume"):
        return tuple(dict.fromkeys((*process.working_roles, MANAGER)))
    if asked.kind == "cancel":
        return (MANAGER,)
    if not asked.code:
        return (*process.working_roles, MANAGER)
    item = process.items.get(asked.code)
    if item is None or item.is_forbidden:
        return ()
    return (MANAGER,) if asked.kind == "waive" else _signers(process, item)


def _signers(process: Process, item: Item) -> tuple[str, ...]:
    """Return who may sign off a box by comment: its signers, else who is responsible or accountable for its stage."""
    stage = process.stages[process.stage_of(item.section)] if not item.is_advisory else None
    named = (*stage.responsible, *stage.accountable) if stage else process.working_roles
    return item.signed_by or tuple(dict.fromkeys(named))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-12-31") else None
    except ValueError:
        return None
