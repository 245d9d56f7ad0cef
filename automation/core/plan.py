"""Verdict + what is on the issue now -> Actions, in the fixed order ping, labels, letters, status comment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from automation.core.comments import Told, Words, ping_body, readers_of, status_body, status_text, visible_part
from automation.core.handling import Handling, plan_handling
from automation.core.labels import plan_labels, untold_move
from automation.core.letters.model import LetterState
from automation.core.memory import Seal, find_pings, find_status_notes, is_worth_writing
from automation.core.model import (
    Action,
    DeleteNote,
    Finding,
    Issue,
    Note,
    OfferLetter,
    PostPing,
    Verdict,
    WriteStatus,
)
from automation.core.quiet import QuietHours
from automation.core.remembered import Memory, RoleChange, Written
from automation.core.words import quote
from automation.core.workdays import Calendars

_NEW_FOR = timedelta(days=1)
# A limit that starts with the issue is caused by no note, and by nothing else: 0.
_TIMED = frozenset({"due-soon", "overdue"})
_ONCE = ("label-moved:", "role-changed:")


@dataclass(frozen=True, slots=True)
class Speech:
    """How the bot may speak and write: its texts, its seal, and how many new comments an issue may get a day.

    ``is_silent``: what is new waits for a later run, because somebody has been told enough for a day.
    """

    words: Words
    seal: Seal
    comments_per_day: int
    may_close: bool = False
    may_assign: bool = False
    may_set_due_date: bool = False
    quiet_hours: QuietHours | None = None
    calendars: Calendars = field(default_factory=Calendars)
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """The letters of an issue's stage, and the comments that offer those of them that are ready, by their keys."""

    letters: tuple[LetterState, ...] = ()
    offers: Mapping[str, OfferLetter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reopening:
    """Somebody reopened a complete handover: the state event, and who did it."""

    event_id: int
    by: str


def plan_issue(
    issue: Issue,
    verdict: Verdict,
    memory: Memory | None,
    notes: Sequence[Note],
    speech: Speech,
    now: datetime,
    reopening: Reopening | None = None,
    post: Post | None = None,
) -> tuple[Action, ...]:
    """Plan all writes to an issue: at most one ping, each letter once, one update of labels, one status comment.

    *memory* is the one found in *notes*. When nothing has changed since the last run, the plan is empty.
    """
    pings = find_pings(notes, speech.seal)
    statuses = find_status_notes(notes, speech.seal)
    episodes = _episodes(issue, verdict, memory, pings, reopening)
    is_first = memory is None and not pings and not statuses
    told = {*(memory.told if memory else ()), *(key for _, keys in pings for key in keys)}
    new = [key for key in episodes if key not in told]
    if is_first and issue.created_at < now - _NEW_FOR:
        told, new = {*told, *new}, []
    elif speech.is_silent or _count_today(pings, speech, now) >= speech.comments_per_day:
        new = []
    new = [key for key in new if _may_be_told(key, episodes[key], issue, verdict, speech, now)]
    post = post or Post()
    said = _count_today(pings, speech, now) + bool(new)
    offered = _offers(post, told, speech, said, now)
    handling = _handling(issue, verdict, memory, speech, now)
    # While nothing can be judged, or the issue is closed, what was told before stays told.
    kept = memory.told if memory and (not verdict.stage or issue.state == "closed") else ()
    known = [key for key in episodes if key in told or key in new]
    # A moved card and a change of role are told of once, by the ping alone: nothing is left of them then.
    lasting = (*kept, *(key for key in known if not key.startswith(_ONCE)))
    offered_before = [each.key for each in post.letters if each.is_ready and each.key in told]
    remembered = replace(
        verdict.memory or memory or Memory("", 0),
        label=verdict.label if verdict.stage else memory.label if memory else "",
        ping_id=max((note.id for note, _ in pings), default=0),
        told=tuple(dict.fromkeys((*lasting, *offered_before))),
        moved=_untold_move(episodes, known),
        changes=_untold_changes(verdict, known),
        written=handling.written,
    )
    close = speech.may_close and _close_key(verdict) in new
    return (
        *_ping(issue, verdict, episodes, new, speech, reopening),
        *plan_labels(issue, verdict, close, handling.assignee, handling.due_on),
        *offered.values(),
        *_status(
            replace(issue, state="closed") if close else issue,
            verdict,
            remembered,
            memory,
            statuses,
            speech,
            post,
            offered,
        ),
    )


def _offers(post: Post, told: Collection[str], speech: Speech, said: int, now: datetime) -> dict[str, OfferLetter]:
    """Return the offers that may be made now; *said* are our comments of today.

    An old handover that is seen for the first time gets its letter too: whoever must send it has nothing else to send.
    """
    offers: dict[str, OfferLetter] = {}
    for key, offer in post.offers.items():
        is_quiet = speech.quiet_hours is not None and not speech.quiet_hours.may_speak(offer.people, (), now)
        if key in told or speech.is_silent or is_quiet or said + len(offers) >= speech.comments_per_day:
            continue
        offers[key] = offer
    return offers


def _ping(
    issue: Issue,
    verdict: Verdict,
    episodes: Mapping[str, Finding | None],
    new: Sequence[str],
    speech: Speech,
    reopening: Reopening | None,
) -> tuple[PostPing, ...]:
    spoken = [key for key in new if not (speech.may_close and key == _close_key(verdict))]
    if not spoken:
        return ()
    told = Told(
        keys=tuple(spoken),
        findings=tuple(finding for key in spoken if (finding := episodes[key]) is not None),
        is_turn=any(key.startswith("turn:") for key in spoken),
        is_close=any(key.startswith("close:") for key in spoken),
        reopened_by=reopening.by if reopening and f"reopened:{reopening.event_id}" in spoken else "",
    )
    readers = (readers_of(key, episodes[key], verdict, issue.author.username) for key in spoken)
    people = tuple(dict.fromkeys(name for addressed, informed in readers for name in (*addressed, *informed)))
    return (PostPing(told.keys, ping_body(verdict, told, speech.words, speech.seal, issue.author.username), people),)


def _handling(issue: Issue, verdict: Verdict, memory: Memory | None, speech: Speech, now: datetime) -> Handling:
    """Plan assignee and due date; GitLab mails whoever is assigned, so both wait where it is night for them."""
    hours, assignee = speech.quiet_hours, verdict.assignee
    if hours is not None and speech.may_assign and assignee is not None and hours.is_quiet(assignee.username, now):
        return Handling(None, "", memory.written if memory else Written())
    return plan_handling(issue, verdict, memory, may_assign=speech.may_assign, may_set_due_date=speech.may_set_due_date)


def _may_be_told(
    key: str, finding: Finding | None, issue: Issue, verdict: Verdict, speech: Speech, now: datetime
) -> bool:
    """Tell whether those whom an episode concerns may be spoken to now; closing an issue ourselves wakes nobody."""
    addressed, informed = readers_of(key, finding, verdict, issue.author.username)
    if finding is not None and finding.code in _TIMED and not _is_working_day(addressed, speech.calendars, now):
        return False
    if speech.quiet_hours is None or (speech.may_close and key == _close_key(verdict)):
        return True
    return speech.quiet_hours.may_speak(addressed, informed, now)


def _is_working_day(people: Sequence[str], calendars: Calendars, now: datetime) -> bool:
    """Tell whether somebody of *people* works today: of time that is over, nobody needs to hear on a Sunday."""
    return not people or any(calendars.of(name).is_working_day(calendars.day_of(name, now)) for name in people)


def _status(
    issue: Issue,
    verdict: Verdict,
    remembered: Memory,
    memory: Memory | None,
    statuses: Sequence[Note],
    speech: Speech,
    post: Post,
    offered: Collection[str],
) -> tuple[WriteStatus | DeleteNote, ...]:
    """Plan the status comment; *remembered* knows nothing yet of the letters that are *offered* now."""
    second = tuple(DeleteNote(note.id) for note in statuses[1:])
    text = status_text(issue, verdict, speech.words, _told_letters(post, remembered, offered))
    is_same = bool(statuses) and visible_part(statuses[0].body) == text and speech.seal.is_current(statuses[0].body)
    if is_same and not offered and not is_worth_writing(remembered, memory):
        return second
    body = status_body(text, replace(remembered, told=(*remembered.told, *offered)), speech.seal)
    without = ""
    if offered:
        text = status_text(issue, verdict, speech.words, _told_letters(post, remembered, ()))
        without = status_body(text, remembered, speech.seal)
    return (WriteStatus(statuses[0].id if statuses else 0, body, without), *second)


def _told_letters(post: Post, remembered: Memory, offered: Collection[str]) -> list[tuple[LetterState, bool]]:
    return [(each, each.key in remembered.told or each.key in offered) for each in post.letters]


def _count_today(pings: Sequence[tuple[Note, tuple[str, ...]]], speech: Speech, now: datetime) -> int:
    return sum(1 for note, _ in pings if note.author.id == speech.seal.bot_id and note.created_at.date() == now.date())


def _untold_move(episodes: Mapping[str, Finding | None], known: Sequence[str]) -> tuple[str, ...]:
    for key, finding in episodes.items():
        if finding is not None and finding.code == "label-moved" and key not in known:
            return untold_move(finding)
    return ()


def _untold_changes(verdict: Verdict, known: Sequence[str]) -> tuple[RoleChange, ...]:
    changes = verdict.memory.changes if verdict.memory else ()
    return tuple(each for each in changes if f"role-changed:{each.role}:{each.cause}" not in known)


# --- episodes ---------------------------------------------------------------------------------------------------------


def _episodes(
    issue: Issue,
    verdict: Verdict,
    memory: Memory | None,
    pings: Sequence[tuple[Note, tuple[str, ...]]],
    reopening: Reopening | None,
) -> dict[str, Finding | None]:
    """Return the key of everything that somebody must be told now, in the order of the findings.

    A key never holds the time of a run. A finding without a cause of its own keeps the cause it was first told with.
    """
    if verdict.is_cancelled or (not verdict.stage and _was_cancelled(memory)):
        return {f"{each.episode}:{each.cause}": each for each in verdict.answers}
    episodes: dict[str, Finding | None] = {}
    turn = _turn_key(verdict)
    if turn and issue.state == "opened" and verdict.hold is None:
        episodes[_as_told(turn, verdict, memory, pings)] = None
    if reopening is not None:
        episodes[f"reopened:{reopening.event_id}"] = None
    elif verdict.is_complete and issue.state == "opened":
        episodes[_as_told(_close_key(verdict), verdict, memory, pings)] = None
    for finding in verdict.findings:
        if finding.is_alarm:
            is_known = finding.cause or finding.code in _TIMED
            cause = finding.cause if is_known else _cause(finding, verdict, memory, pings)
            episodes[f"{finding.episode}:{cause}"] = finding
    for finding in (*verdict.escalations, *verdict.answers, *_changes(verdict)):
        episodes[f"{finding.episode}:{finding.cause}"] = finding
    return episodes


def _changes(verdict: Verdict) -> list[Finding]:
    """Return what is said of roles that passed to somebody else: to both and to the manager, in one comment."""
    return [
        Finding(
            "role-changed",
            "role-changed" if each.before else "role-changed.named",
            {
                "before": ", ".join(quote(name) for name in each.before),
                "to": ", ".join(quote(name) for name in each.after),
                "roles": (each.role,),
                "stage": _stage_title(verdict),
            },
            about=each.role,
            people=tuple(dict.fromkeys((*each.after, *each.before, *(verdict.managers if each.before else ())))),
            cause=each.cause,
        )
        for each in (verdict.memory.changes if verdict.memory and not verdict.is_cancelled else ())
    ]


def _stage_title(verdict: Verdict) -> str:
    stages = verdict.process.stages if verdict.process else ()
    return next((stage.title for stage in stages if stage.key == verdict.stage), "")


def _as_told(key: str, verdict: Verdict, memory: Memory | None, pings: Sequence[tuple[Note, tuple[str, ...]]]) -> str:
    """Return the key under which this turn was told already, perhaps by a run that was stopped, else *key*.

    A gate that no note explains is known by the newest edit of the run that first saw it passed; after a return the
    turn is a new one.
    """
    start = f"{key.rsplit(':', 1)[0]}:"
    back = _last_restart(verdict)
    unread = [each for note, keys in pings if note.id > max(memory.ping_id if memory else 0, back) for each in keys]
    told = [each for each in (memory.told if memory else ()) if int(each.rsplit(":", 1)[1]) >= back]
    return next((each for each in (*unread, *told) if each.startswith(start)), key)


def _was_cancelled(memory: Memory | None) -> bool:
    """Tell whether the last that was known is that the handover was cancelled: nothing more is said then."""
    return memory is not None and [each.kind for each in memory.commands if each.kind in ("cancel", "resume")][-1:] == [
        "cancel"
    ]


def _last_restart(verdict: Verdict) -> int:
    """Return the last comment after which a turn is a new one: a return, or a hold that is over."""
    memory = verdict.memory
    if memory is None:
        return 0
    holds = [each.note_id for each in memory.commands if each.kind in ("hold", "resume", "cancel")][-1:]
    return max([*(each.note_id for each in memory.sent_back), *holds], default=0)


def _cause(
    finding: Finding, verdict: Verdict, memory: Memory | None, pings: Sequence[tuple[Note, tuple[str, ...]]]
) -> int:
    """Find the cause that an episode was told with: remembered, or in a ping that the memory has not read yet.

    Such a ping is one of a run that was stopped before it could write its memory.
    """
    start = f"{finding.episode}:"
    unread = [key for note, keys in pings if note.id > (memory.ping_id if memory else 0) for key in keys]
    for key in reversed([*unread, *(memory.told if memory else ())]):
        if key.startswith(start) and key[len(start) :].isdigit():
            return int(key[len(start) :])
    return verdict.edit_id


def _turn_key(verdict: Verdict) -> str:
    """Return the key of "it is your turn": the stage, and the note that passed the gate before it."""
    if verdict.process is None or verdict.memory is None or not verdict.stage:
        return ""
    if verdict.is_complete or verdict.is_cancelled:
        return ""
    keys = [stage.key for stage in verdict.process.stages]
    place = keys.index(verdict.stage)
    opened = verdict.memory.gates[keys[place - 1]].note_id if place else 0
    # A hold that is over wakes those who must act; one in the very first stage has woken nobody before.
    restarted = max((each.note_id for each in verdict.memory.commands if each.kind in ("hold", "cancel")), default=0)
    # Where an answer was changed and nothing is wrong that would be told: a rule asks for more now.
    again = verdict.changed_by if not any(each.is_alarm for each in verdict.findings) else 0
    started = max(opened, restarted, again)
    return f"turn:{verdict.stage}:{started}" if started else ""


def _close_key(verdict: Verdict) -> str:
    if verdict.process is None or verdict.memory is None or not verdict.is_complete:
        return ""
    return f"close:{verdict.memory.gates[verdict.process.stages[-1].key].note_id}"
