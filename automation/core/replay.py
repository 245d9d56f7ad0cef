"""Replay the ticks in the order in which they happened: which sign-offs count, which boxes came too early."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from automation.core.memory import digest
from automation.core.model import Document, Edit, Item, Process
from automation.core.remembered import Command, Memory, SentBack
from automation.core.words import plain_words, says_title, tells_of

Trouble = Literal["", "proof-missing", "signer-wrong", "words-changed", "sign-off-early", "sign-off-stale"]


@dataclass(frozen=True, slots=True)
class Proof:
    """How a box that is ticked now came to be so.

    ``edit`` is the tick that counts, None where GitLab has no note of it. ``trouble`` says why a sign-off does not
    count ("" when it does). ``is_skipped``: an earlier gate was not passed at that moment. ``is_disordered``: a box
    that comes first did not count then. ``voided_by`` is the note that sent the handover back, or the newest edit when
    a change was seen.
    """

    edit: Edit | None
    trouble: Trouble = ""
    is_skipped: bool = False
    is_disordered: bool = False
    voided_by: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """The result of a replay: a proof for every ticked box, and for each stage the event that passed its gate.

    ``passed_at`` holds the note id of that event by stage key, 0 where the gate was passed from the beginning.
    ``awaited`` is the return that a stage still has to answer, by stage key; ``answers`` are the ticks that answered
    one, by the id of its comment. ``counted`` are the boxes that count in the end; ``log`` holds every tick and untick
    in order, each tick with what it was worth then. ``first_passed`` is like ``passed_at``, but keeps the first time;
    ``shut_at`` holds the event that last shut a gate that had been passed.
    """

    proofs: Mapping[str, Proof]
    passed_at: Mapping[str, int]
    awaited: Mapping[str, SentBack]
    answers: Mapping[int, int]
    counted: frozenset[str] = frozenset()
    log: tuple[tuple[Edit, Proof | None], ...] = ()
    first_passed: Mapping[str, int] = field(default_factory=dict)
    shut_at: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What the replay needs to know of an issue.

    ``text`` is the document as it stands in the issue; in ``document`` the boxes that comments sign off or waive are
    marked so. ``edits`` are those of the text; ``sign_offs`` came by comment. ``waivers`` are all that were given.
    ``is_sound`` says by stage key that nothing but boxes keeps its gate shut now; ``needed`` holds the boxes that each
    gate asks for, ``unasked`` those whose condition does not hold. ``may_sign`` answers for a username, roles and a
    moment, ``is_facing`` whether roles are on the other side of others, ``was_holder`` whether the issue named a person
    for roles at the last run.
    """

    process: Process
    text: Document
    document: Document
    edits: Sequence[Edit]
    sign_offs: Sequence[Edit]
    waivers: Sequence[Command]
    sent_back: Sequence[SentBack]
    memory: Memory | None
    is_sound: Mapping[str, bool]
    needed: Mapping[str, frozenset[str]]
    unasked: frozenset[str]
    may_sign: Callable[[str, Iterable[str], datetime], bool]
    is_facing: Callable[[Iterable[str], Iterable[str]], bool]
    was_holder: Callable[[str, Iterable[str]], bool]

    @property
    def ticks(self) -> list[Edit]:
        """All edits and sign-offs by comment, in order."""
        return sorted((*self.edits, *self.sign_offs), key=lambda edit: edit.note_id)


@dataclass(slots=True)
class _State:
    """Where the replay stands. The only mutable value of the core; it never leaves this module."""

    done: dict[str, bool]
    proofs: dict[str, Proof] = field(default_factory=dict)
    passed_at: dict[str, int] = field(default_factory=dict)
    awaited: dict[str, SentBack] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    log: list[tuple[Edit, Proof | None]] = field(default_factory=list)
    waived: set[str] = field(default_factory=set)
    began_done: set[str] = field(default_factory=set)
    first_passed: dict[str, int] = field(default_factory=dict)
    shut_at: dict[str, int] = field(default_factory=dict)


def replay(case: Case) -> Replayed:
    """Replay all events of *case*.

    What cannot be known from the notes is taken as the text shows it, but never in favour of a sign-off.
    """
    begun = _beginning(case)
    state = _State(done=begun, began_done={code for code, is_done in begun.items() if is_done})
    _note_passed(case, state, 0)
    for note_id, apply in _events(case):
        apply(case, state)
        _note_passed(case, state, note_id)
    _settle(case, state)
    counted = frozenset(code for code in case.process.items if _counts(case, state, code))
    return Replayed(
        proofs=state.proofs,
        passed_at=state.passed_at,
        awaited=state.awaited,
        answers=state.answers,
        counted=counted,
        log=tuple(state.log),
        first_passed=state.first_passed,
        shut_at=state.shut_at,
    )


def answering_item(process: Process, stage_key: str) -> Item:
    """Return the box that answers a return to *stage_key*: the last one of the stage that gates."""
    return [
        item
        for item in process.items.values()
        if item.section == stage_key and not item.is_advisory | item.is_forbidden
    ][-1]


# --- events -----------------------------------------------------------------------------------------------------------

_Event = Callable[[Case, _State], None]


def _events(case: Case) -> Iterator[tuple[int, _Event]]:
    """Yield the events in order. What was seen at a run comes after the edit that was the newest then."""
    memory = case.memory
    events: list[tuple[int, int, _Event]] = [(edit.note_id, 0, _ticked(edit)) for edit in _ticks(case)]
    events += [(back.note_id, 0, _sent_back(back)) for back in case.sent_back]
    for number, waiver in enumerate(case.waivers):
        events.append((waiver.note_id, 0, _waived(waiver.code, is_over=False)))
        # One that is renewed in time does not end.
        renewed = any(each.code == waiver.code and _is_in_time(waiver, each) for each in case.waivers[number + 1 :])
        if waiver.ends_at is not None and not renewed:
            last = max((edit.note_id for edit in case.ticks if edit.at < waiver.ends_at), default=0)
            events.append((max(last, waiver.note_id), 2, _waived(waiver.code, is_over=True)))
    if memory is not None:
        events += [
            (edit_id, 1, _seen_open(code)) for code, edit_id in memory.open_after.items() if _matters(case, code)
        ]
        events += [(void.since, 1, _voided(code, void.note_id)) for code, void in memory.void.items()]
    events.sort(key=lambda event: event[:2])
    return ((note_id, apply) for note_id, _, apply in events)


def _is_in_time(waiver: Command, renewal: Command) -> bool:
    return waiver.ends_at is None or renewal.at < waiver.ends_at


def _matters(case: Case, code: str) -> bool:
    """Tell whether it matters that a box was once seen open: an ordinary one that is ticked again accuses nobody."""
    item = case.process.items.get(code)
    return item is not None and (bool(item.signed_by) or case.document.state_of(item) in (None, "open"))


def _ticks(case: Case) -> Iterator[Edit]:
    """Yield ticks and unticks of the process's boxes.

    An ordinary box that is ticked, or marked not applicable, although its last note says otherwise, became so without a
    note; nobody is accused for that, so the last untick is left out.
    """
    last_untick = {edit.code: edit.note_id for edit in case.edits if edit.code}
    for edit in case.ticks:
        item = case.process.items.get(edit.code)
        if item is None:
            continue
        is_last = last_untick.get(edit.code) == edit.note_id
        if not edit.is_tick and is_last and not item.signed_by and case.text.state_of(item) not in (None, "open"):
            continue
        yield edit


def _ticked(edit: Edit) -> _Event:
    def apply(case: Case, state: _State) -> None:
        item = case.process.items[edit.code]
        if not edit.is_tick:
            state.done[edit.code] = edit.code in state.waived
            state.began_done.discard(edit.code)
            state.proofs.pop(edit.code, None)
            state.log.append((edit, None))
            return
        is_skipped = _is_skipped(case, state, item, edit.note_id)
        is_disordered = _is_disordered(case, state, item, edit.note_id)
        trouble: Trouble = _trouble(case, state, item, edit, is_skipped) if item.signed_by else ""
        proof = Proof(edit, trouble, is_skipped, is_disordered)
        state.log.append((edit, proof))
        if _only_tidies(state, edit, trouble):
            _answer(case, state, item, edit)
            return
        state.done[edit.code] = True
        state.proofs[edit.code] = proof
        _answer(case, state, item, edit)

    return apply


def _sent_back(back: SentBack) -> _Event:
    def apply(case: Case, state: _State) -> None:
        keys = [stage.key for stage in case.process.stages]
        place = keys.index(back.stage)
        for code, proof in state.proofs.items():
            item = case.process.items[code]
            if item.signed_by and case.process.stage_of(item.section) >= place and not proof.trouble:
                state.proofs[code] = replace(proof, trouble="sign-off-stale", voided_by=back.note_id)
        state.awaited[case.process.stages[place].sends_back_to] = back

    return apply


def _seen_open(code: str) -> _Event:
    def apply(_case: Case, state: _State) -> None:
        proof = state.proofs.get(code)
        # A comment leaves the box in the text open; only a click takes back what was signed off so.
        if proof is None or proof.edit is None or not proof.edit.is_comment:
            state.done[code] = code in state.waived
            state.began_done.discard(code)
            state.proofs.pop(code, None)

    return apply


def _waived(code: str, *, is_over: bool) -> _Event:
    def apply(_case: Case, state: _State) -> None:
        if is_over:
            state.waived.discard(code)
            state.done[code] = state.done.get(code, False) and (code in state.proofs or code in state.began_done)
        else:
            state.waived.add(code)
            state.done[code] = True

    return apply


def _voided(code: str, note_id: int) -> _Event:
    def apply(case: Case, state: _State) -> None:
        proof = state.proofs.get(code)
        if proof is not None and proof.edit is not None and proof.edit.note_id == note_id and case.memory is not None:
            since = case.memory.void[code].since
            state.proofs[code] = replace(proof, trouble="sign-off-stale", voided_by=since)

    return apply


# --- judging one tick -------------------------------------------------------------------------------------------------


def _is_skipped(case: Case, state: _State, item: Item, note_id: int) -> bool:
    memory = case.memory
    if memory is not None:
        accepted = memory.accepted.get(item.code)
        if memory.fair.get(item.code) == note_id or (accepted is not None and accepted.note_id == note_id):
            return False
        if note_id in (memory.early.get(item.code), memory.skipped.get(item.code)):
            return True
    if item.is_advisory or item.is_forbidden or item.code in case.unasked:
        return False
    place = case.process.stage_of(item.section)
    return any(not _is_passed(case, state, earlier.key, note_id) for earlier in case.process.stages[:place])


def _is_disordered(case: Case, state: _State, item: Item, note_id: int) -> bool:
    """Tell whether a box was ticked while one that it must follow did not count."""
    memory = case.memory
    if memory is not None and memory.disordered.get(item.code, -1) == note_id:
        return True
    if memory is not None and memory.fair.get(item.code) == note_id:
        return False
    return any(not _counts(case, state, code) for code in item.after)


def _only_tidies(state: _State, edit: Edit, trouble: Trouble) -> bool:
    """Tell whether a click only brings the text up to what a comment has signed off (H5).

    It is another person's, or one on other words. A signer's own click is a sign-off of its own.
    """
    proof = state.proofs.get(edit.code)
    if edit.is_comment or proof is None or proof.edit is None or not proof.edit.is_comment:
        return False
    return trouble in ("signer-wrong", "words-changed")


def _has_signed_for_the_other_side(case: Case, state: _State, item: Item, edit: Edit) -> bool:
    """Tell whether the same person has signed for the other side of the handover, in whatever role they had then."""
    return any(
        proof.edit is not None and not proof.trouble and proof.edit.author.id == edit.author.id
        for code, proof in state.proofs.items()
        if case.is_facing(case.process.items[code].signed_by, item.signed_by)
    )


def _was_holder(case: Case, item: Item, edit: Edit) -> bool:
    """Tell whether a person who was named at the last run ticked before anybody else touched the text.

    Whoever is named by now was named later: a change of people takes nothing back.
    """
    memory = case.memory
    if memory is None or edit.note_id <= memory.edit_id or not case.was_holder(edit.author.username, item.signed_by):
        return False
    return not any(
        memory.edit_id < other.note_id < edit.note_id and other.author.id != edit.author.id for other in case.edits
    )


def _trouble(case: Case, state: _State, item: Item, edit: Edit, is_skipped: bool) -> Trouble:
    memory = case.memory
    accepted = memory.accepted.get(item.code) if memory is not None else None
    if accepted is not None and accepted.note_id == edit.note_id:
        return ""
    if memory is not None and memory.early.get(item.code) == edit.note_id:
        return "sign-off-early"
    if memory is not None and memory.wrong.get(item.code) == edit.note_id:
        return "signer-wrong"
    if not case.may_sign(edit.author.username, item.signed_by, edit.at) and not _was_holder(case, item, edit):
        return "signer-wrong"
    if _has_signed_for_the_other_side(case, state, item, edit):
        return "signer-wrong"
    if not says_title(edit.words, item.title) or not tells_of(edit.words, case.document.spoken.get(item.code, "")):
        return "words-changed"
    if was_rewritten(case, item, edit):
        return "words-changed"
    return "sign-off-early" if is_skipped else ""


def was_rewritten(case: Case, item: Item, edit: Edit) -> bool:
    """Tell whether nobody can know what the signer saw: the note says more than the title, and others edited the text.

    GitLab's note holds the text of HTML comments too: what is visible now may have been hidden then. Only where no
    other hand came between the last run and the tick, or after the tick, the words are those that were seen.
    """
    memory = case.memory
    if edit.is_comment:
        return False
    if memory is not None and memory.rewritten.get(item.code) == edit.note_id:
        return True
    seen = memory is not None and memory.edit_id < edit.note_id
    before = memory.words.get(item.code, "") if memory is not None else ""
    now = unusual_words(case.text, item)
    if seen and before and before != now:
        return True
    others = [other.note_id for other in case.edits if other.author.id != edit.author.id]
    if (
        plain_words(edit.words).rstrip(".") == plain_words(item.title).rstrip(".")
        or max(others, default=0) < edit.note_id
    ):
        return False
    is_known = seen and memory is not None and not any(memory.edit_id < other < edit.note_id for other in others)
    return not is_known


def unusual_words(document: Document, item: Item) -> str:
    """Return a digest of the words of a box, hidden ones included, "" where they are just its title."""
    words, spoken = document.words.get(item.code, ""), document.spoken.get(item.code, "")
    title = plain_words(item.title).rstrip(".")
    if {plain_words(words).rstrip("."), plain_words(spoken).rstrip(".")} <= {title}:
        return ""
    return digest([words, spoken])


def _answer(case: Case, state: _State, item: Item, edit: Edit) -> None:
    """Let the responsible person's new tick of a stage's last box answer a return to that stage."""
    back = state.awaited.get(item.section)
    if back is None or answering_item(case.process, item.section).code != item.code:
        return
    stage = case.process.stages[case.process.stage_of(item.section)]
    if back.answered_by == edit.note_id or case.may_sign(edit.author.username, stage.responsible, edit.at):
        state.answers[back.note_id] = edit.note_id
        del state.awaited[item.section]


# --- gates through time -----------------------------------------------------------------------------------------------


def _is_passed(case: Case, state: _State, stage_key: str, note_id: int) -> bool:
    if stage_key in state.awaited or not _was_sound(case, stage_key, note_id):
        return False
    return all(_counts(case, state, code) for code in case.needed[stage_key])


def _was_sound(case: Case, stage_key: str, note_id: int) -> bool:
    """Tell whether nothing but boxes kept a gate shut at a moment.

    What is wrong now was right then if the gate was passed at the last run and nobody has changed the text in between.
    """
    memory = case.memory
    if case.is_sound[stage_key] or memory is None or stage_key not in memory.gates:
        return case.is_sound[stage_key]
    return not any(not edit.code and memory.edit_id < edit.note_id < note_id for edit in case.edits)


def _counts(case: Case, state: _State, code: str) -> bool:
    if not state.done.get(code, False):
        return False
    if not case.process.items[code].signed_by:
        return True
    proof = state.proofs.get(code)
    return proof is not None and not proof.trouble


def _note_passed(case: Case, state: _State, note_id: int) -> None:
    """Keep for each stage the event since which it and all stages before it have been passed."""
    is_open = True
    for stage in case.process.stages:
        is_open = is_open and _is_passed(case, state, stage.key, note_id)
        if is_open:
            state.passed_at.setdefault(stage.key, note_id)
            state.first_passed.setdefault(stage.key, note_id)
        elif state.passed_at.pop(stage.key, None) is not None:
            state.shut_at[stage.key] = note_id


def _beginning(case: Case) -> dict[str, bool]:
    """Return which boxes were ticked before the first note about them: the first note tells, else the text of now."""
    first = {edit.code: edit for edit in reversed(tuple(_ticks(case)))}
    done: dict[str, bool] = {}
    for code, item in case.process.items.items():
        if code in first:
            done[code] = not first[code].is_tick
        else:
            # A box marked not applicable leaves no note; it is taken as it stands.
            done[code] = case.text.state_of(item) in ("done", "not-applicable")
    return done


def _settle(case: Case, state: _State) -> None:
    """Hold the end of the replay against the text: what is ticked there without a proof has none."""
    for code, item in case.process.items.items():
        if case.document.state_of(item) != "done":
            state.proofs.pop(code, None)
        elif code not in state.proofs:
            state.done[code] = True
            state.proofs[code] = _unproven(case, state, item)


def _unproven(case: Case, state: _State, item: Item) -> Proof:
    if item.signed_by:
        return Proof(None, "proof-missing")
    return Proof(None, "", _is_skipped(case, state, item, 0), _is_disordered(case, state, item, 0))
