"""The story of one issue: everything that happened, in order, what it was worth and why. Judged -> rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from automation.core.comments import Words, say
from automation.core.judged import Judged
from automation.core.limits import WHOLE, say_day, say_days
from automation.core.model import Edit, Issue, Item, LabelEvent, Note, StateEvent, User, Verdict
from automation.core.people import is_token_account
from automation.core.replay import Proof
from automation.core.validity import box_finding
from automation.core.words import quote


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    ``event`` is its kind, ``what`` says it in words; ``item`` is the box. ``verdict`` is what it was worth ("counts",
    or the code of a finding), ``why`` the reason in words, ``source`` the rows of the requirements.
    """

    at: datetime
    note_id: int
    by: str
    event: str
    what: str
    item: str = ""
    verdict: str = ""
    why: str = ""
    source: tuple[str, ...] = ()


def build_story(
    issue: Issue,
    judged: Judged | None,
    verdict: Verdict,
    moves: Iterable[LabelEvent],
    states: Iterable[StateEvent],
    pings: Iterable[tuple[Note, tuple[str, ...]]],
    words: Words,
    now: datetime,
) -> list[dict[str, Any]]:
    """Build the rows of the story, oldest first, as JSON-ready values. What lies after *now* is left out."""
    events = [
        Event(issue.created_at, 0, issue.author.username, "created", "created the issue"),
        *_states(states),
        *_moves(moves, verdict),
        *(Event(note.created_at, note.id, _name(note.author), "told", _told(keys)) for note, keys in pings),
    ]
    if judged is not None:
        events += [*_edits(judged, verdict, words), *_commands(judged, verdict, words), *_gates(judged, verdict)]
        events += _limits(verdict)
    # At one moment, what people did comes before what followed from it.
    order = sorted(events, key=lambda each: (each.at, each.event in _CONSEQUENCES, each.note_id))
    return [_row(each) for each in order if each.at <= now]


_CONSEQUENCES = frozenset({"gate-passed", "limit-met", "limit-missed", "told"})


def _row(event: Event) -> dict[str, Any]:
    row = asdict(event)
    empty = {key: None for key in ("by", "item", "verdict", "why") if not row[key]}
    return {**row, **empty, "at": event.at.isoformat(), "note_id": event.note_id or None, "source": list(event.source)}


def _name(user: User) -> str:
    """Return who acted; an access token's account is the bot."""
    return "the bot" if is_token_account(user.username) else user.username


def _states(states: Iterable[StateEvent]) -> Iterator[Event]:
    for each in states:
        if each.state in ("closed", "reopened"):
            yield Event(each.created_at, 0, _name(each.user), each.state, f"{each.state} the issue")


def _moves(moves: Iterable[LabelEvent], verdict: Verdict) -> Iterator[Event]:
    labels = verdict.process.stage_labels if verdict.process else frozenset()
    for each in moves:
        if each.label in labels:
            verb = "put on" if each.action == "add" else "took off"
            yield Event(each.created_at, 0, _name(each.user), "label", f"{verb} the label {each.label}")


def _told(keys: Sequence[str]) -> str:
    letters = [key.split(":")[1] for key in keys if key.startswith("letter:")]
    return f"offered the letter {letters[0]}" if letters else f"commented about {', '.join(keys)}"


# --- ticks ------------------------------------------------------------------------------------------------------------


def _edits(judged: Judged, verdict: Verdict, words: Words) -> Iterator[Event]:
    log = {edit.note_id: proof for edit, proof in judged.replayed.log}
    for edit in judged.case.edits:
        item = judged.process.items.get(edit.code)
        if item is None:
            what = (
                f"ticked a box that is not of this process: {quote(edit.words)}" if edit.words else "changed the text"
            )
            yield Event(edit.at, edit.note_id, edit.author.username, "edited", what)
        elif not edit.is_tick:
            what = f"unticked {item.code} {item.title}"
            yield Event(edit.at, edit.note_id, edit.author.username, "unticked", what, item.code, source=item.source)
        else:
            yield _tick(judged, verdict, words, item, edit, log.get(edit.note_id), "ticked")


def _tick(
    judged: Judged, verdict: Verdict, words: Words, item: Item, edit: Edit, proof: Proof | None, verb: str
) -> Event:
    worth, why = _worth(judged, verdict, words, item, edit, proof)
    what = f"{verb.replace('-', ' ')} {item.code} {item.title}"
    return Event(edit.at, edit.note_id, edit.author.username, verb, what, item.code, worth, why, item.source)


def _worth(
    judged: Judged, verdict: Verdict, words: Words, item: Item, edit: Edit, proof: Proof | None
) -> tuple[str, str]:
    """Return what a tick was worth when it was made, and why, in the bot's own words."""
    if proof is None:
        return "counts", ""
    code = proof.trouble or ("gate-skipped" if proof.is_skipped else "out-of-order" if proof.is_disordered else "")
    now = judged.proofs.get(item.code)
    is_last = now is not None and now.edit is not None and now.edit.note_id == edit.note_id
    if not code and is_last and now is not None:
        code = now.trouble
    if not code:
        deputy = judged.cast.stands_in_for(edit.author.username, item.signed_by, edit.at)
        return "counts", f"as deputy of {quote(deputy)}" if deputy else ""
    place = judged.process.stage_of(item.section)
    facts = {
        "signer": quote(edit.author.username),
        "by": quote(edit.author.username),
        "earlier": _earlier(judged, item, code, place),
        "waits_for": "",
    }
    finding = box_finding(code, item, judged.process.stages[place], judged.document, facts=facts)
    return code, say(finding, verdict, words).message


def _earlier(judged: Judged, item: Item, code: str, place: int) -> str:
    if code == "out-of-order":
        return ", ".join(item.after)
    return judged.stage_before(place).title


# --- commands ---------------------------------------------------------------------------------------------------------


def _commands(judged: Judged, verdict: Verdict, words: Words) -> Iterator[Event]:
    log = {edit.note_id: proof for edit, proof in judged.replayed.log if edit.is_comment}
    for edit in judged.case.sign_offs:
        item = judged.process.items[edit.code]
        yield _tick(judged, verdict, words, item, edit, log.get(edit.note_id), "signed-off")
    for back in judged.case.sent_back:
        what = f"sent the handover back: {quote(back.reason)}"
        yield Event(back.at, back.note_id, back.by, "send-back", what, verdict="counts")
    for each in judged.commanded.given:
        if each.kind != "sign-off":
            until = f" until {each.until}" if each.until else ""
            what = f"{each.kind}{f' {each.code}' if each.code else ''}{until}: {quote(each.reason)}"
            yield Event(each.at, each.note_id, each.by, each.kind, what, each.code, "counts")
    for finding in verdict.findings:
        refused = next((each for each in judged.commanded.refused if each.note.id == finding.cause), None)
        if finding.code == "command-invalid" and refused is not None:
            what = f"wrote {quote(refused.asked.line)}"
            why = say(finding, verdict, words).message
            by, at = refused.note.author.username, refused.note.created_at
            yield Event(at, refused.note.id, by, "command", what, refused.asked.code, finding.code, why)


# --- gates and limits -------------------------------------------------------------------------------------------------


def _gates(judged: Judged, verdict: Verdict) -> Iterator[Event]:
    passed = verdict.memory.gates if verdict.memory else {}
    for place, stage in enumerate(judged.process.stages):
        if stage.key in passed and stage.key not in judged.idle:
            known = passed[stage.key]
            later = [each.title for each in judged.process.stages[place + 1 :] if each.key not in judged.idle]
            following = later[0] if later else ""
            opens = f"; “{following}” opens" if following else "; the handover is complete"
            what = f"the gate of “{stage.title}” is passed{opens}"
            yield Event(known.at, known.note_id, "", "gate-passed", what, verdict="passed", source=stage.source)


def _limits(verdict: Verdict) -> Iterator[Event]:
    titles = {stage.key: stage.title for stage in (verdict.process.stages if verdict.process else ())}
    titles[WHOLE] = "the whole handover"
    for each in verdict.memory.kept if verdict.memory else ():
        outcome = "missed" if each.is_missed else "met"
        what = f"the time for “{titles.get(each.about, each.about)}” was {outcome}"
        since = say_day(each.started_at.astimezone(each.due_at.tzinfo).date())
        why = f"it ran from {since} to the end of {say_day(each.due_at.date())}, calendar {each.calendar}"
        yield Event(each.due_at if each.is_missed else each.ended_at, 0, "", f"limit-{outcome}", what, "", outcome, why)
    for limit in filter(None, (verdict.limit, verdict.whole)):
        if not limit.is_missed:
            title = titles.get(limit.about, limit.about)
            what = f"the time for “{title}” starts: {say_days(limit)}"
            why = f"until the end of {say_day(limit.due_at.date())}, calendar {limit.calendar}"
            yield Event(limit.started_at, 0, "", "limit", what, verdict="running", why=why)
