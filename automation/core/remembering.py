"""Build what to remember of a judged issue: what GitLab's notes will not be able to prove later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from automation.core.judged import Judged
from automation.core.limits import Timing
from automation.core.losses import filled_facts, ticked_boxes
from automation.core.model import Item
from automation.core.order import timely_dates
from automation.core.outlook import acting_people
from automation.core.remembered import Accepted, Memory, RoleChange, Void
from automation.core.replay import Proof, unusual_words, was_rewritten


def remember(judged: Judged, timing: Timing, lost: Mapping[str, int]) -> Memory:
    """Return the new memory. Labels and what people were told are the plan's to add."""
    old = judged.case.memory or Memory(judged.process.id, judged.process.version)
    return replace(
        old,
        process=judged.process.id,
        version=judged.process.version,
        edit_id=judged.edit_id,
        open_after=_open_after(judged),
        accepted=_accepted(judged),
        void=_void(judged),
        early=_early(judged),
        skipped={
            code: proof.edit.note_id
            for code, proof in judged.proofs.items()
            if proof.is_skipped and proof.edit and proof.trouble != "sign-off-early"
        },
        fair={
            code: proof.edit.note_id if proof.edit else 0
            for code, proof in judged.proofs.items()
            if not proof.is_skipped
            and (proof.edit or not (judged.process.items[code].signed_by or proof.is_disordered))
        },
        digests=judged.digests,
        gates=timing.gates,
        sent_back=tuple(
            replace(back, answered_by=judged.replayed.answers.get(back.note_id, 0)) for back in judged.case.sent_back
        ),
        # What was refused once stays refused, even when the comment says something else by now.
        refused={
            **old.refused,
            **dict.fromkeys(judged.commanded.ignored, "ignored"),
            **{refusal.key: refusal.why for refusal in judged.commanded.refused},
        },
        wrong=_wrong(judged),
        disordered={
            code: proof.edit.note_id if proof.edit else 0
            for code, proof in judged.proofs.items()
            if proof.is_disordered
        },
        timely=timely_dates(judged),
        commands=judged.commanded.given,
        people=_people(judged),
        changes=_changes(judged),
        reopened=timing.reopened,
        kept=timing.kept,
        done=ticked_boxes(judged.process, judged.case.text),
        filled=filled_facts(judged.process, judged.case.text),
        lost=lost,
        rewritten={
            code: proof.edit.note_id
            for code, proof in judged.proofs.items()
            if proof.trouble == "words-changed"
            and proof.edit
            and was_rewritten(judged.case, judged.process.items[code], proof.edit)
        },
        words={
            code: unusual
            for code, item in judged.process.items.items()
            if item.signed_by and code in judged.case.text.lines and (unusual := unusual_words(judged.case.text, item))
        },
    )


def _wrong(judged: Judged) -> Mapping[str, int]:
    """Keep which ticks came from somebody else than the issue named: naming that person later alters nothing.

    Where nobody was named, the tick is looked at again when somebody is.
    """
    last_tick = _standing_ticks(judged)
    old = judged.case.memory.wrong if judged.case.memory else {}
    return {code: note_id for code, note_id in old.items() if note_id == last_tick.get(code)} | {
        code: proof.edit.note_id
        for code, proof in judged.proofs.items()
        if proof.trouble == "signer-wrong"
        and proof.edit
        and any(judged.cast.people(role) for role in judged.process.items[code].signed_by)
    }


def _people(judged: Judged) -> Mapping[str, tuple[str, ...]]:
    """Return who is named for each role, who was named last where nobody is now."""
    old = judged.case.memory.people if judged.case.memory else {}
    return {role: named or old.get(role, ()) for role, named in judged.cast.named.items() if named or old.get(role)}


def _changes(judged: Judged) -> tuple[RoleChange, ...]:
    """Return the changes of roles that are still to be told: those of now, joined with older ones of the same role.

    As long as no gate has been passed, people may still be looking for the right names.
    """
    memory = judged.case.memory
    if memory is None:
        return ()
    pending = {each.role: each for each in memory.changes}
    # Who is named for the first time while it is their turn has heard of nothing yet.
    is_new = judged.stage is None or judged.stage.label != memory.label
    blank = {each.role for each in judged.process.fields.values() if each.role and each.key not in memory.filled}
    late = blank & set(acting_people(judged)) if memory.filled and not is_new else set()
    if memory.gates or judged.case.sent_back or memory.reopened:
        for role, named in judged.cast.named.items():
            before = memory.people.get(role, ())
            if (before or role in late) and named and set(before) != set(named):
                first = pending[role].before if role in pending else before
                # The first edit since the last run: it stays the first, whatever comes before the next one.
                since = [edit.note_id for edit in judged.case.edits if edit.note_id > memory.edit_id]
                pending[role] = RoleChange(role, first, named, min(since, default=judged.edit_id))
    return tuple(each for each in pending.values() if set(each.before) != set(each.after))


def _is_return(judged: Judged, proof: Proof) -> bool:
    return any(back.note_id == proof.voided_by for back in judged.case.sent_back)


def _void(judged: Judged) -> Mapping[str, Void]:
    """Keep what voided a sign-off until the box is ticked anew, so that the past can be replayed as it was."""
    last_tick = _standing_ticks(judged)
    old = judged.case.memory.void if judged.case.memory else {}
    kept = {code: void for code, void in old.items() if void.note_id == last_tick.get(code)}
    for code, proof in judged.proofs.items():
        if proof.trouble == "sign-off-stale" and proof.edit and not _is_return(judged, proof):
            kept[code] = Void(proof.edit.note_id, proof.voided_by)
    return kept


def _standing_ticks(judged: Judged) -> Mapping[str, int]:
    """Return for each box the tick or comment that decides, the last tick where the box is open now."""
    last = {edit.code: edit.note_id for edit in judged.case.ticks if edit.is_tick}
    return last | {code: proof.edit.note_id for code, proof in judged.proofs.items() if proof.edit}


def _early(judged: Judged) -> Mapping[str, int]:
    """Keep which ticks came before their gate, until the box is ticked anew."""
    last_tick = _standing_ticks(judged)
    old = judged.case.memory.early if judged.case.memory else {}
    kept = {code: note_id for code, note_id in old.items() if note_id == last_tick.get(code)}
    for code, proof in judged.proofs.items():
        if proof.trouble == "sign-off-early" and proof.edit:
            kept[code] = proof.edit.note_id
    return kept


def _open_after(judged: Judged) -> Mapping[str, int]:
    """Keep for each box that is open although its last note is a tick the newest edit when that was first seen.

    Only a newer tick counts then. When the newest edit of all is that very tick, the text was read before it.
    """
    last = {edit.code: edit for edit in judged.case.edits if edit.code}
    old = judged.case.memory.open_after if judged.case.memory else {}
    kept: dict[str, int] = {}
    for code, item in judged.process.items.items():
        edit = last.get(code)
        if edit is None or not edit.is_tick:
            continue
        state = judged.case.text.state_of(item)
        if old.get(code, 0) >= edit.note_id and (item.signed_by or state != "done"):
            kept[code] = old[code]
        elif state not in (None, "done") and edit.note_id < judged.edit_id:
            kept[code] = judged.edit_id
    return kept


def _accepted(judged: Judged) -> Mapping[str, Accepted]:
    old_ones = judged.case.memory.accepted if judged.case.memory else {}
    # A box that is missing or stands twice is judged again when it is back.
    kept = {
        code: old
        for code, old in old_ones.items()
        if code in judged.process.items and judged.document.state_of(judged.process.items[code]) is None
    }
    for code, proof in judged.proofs.items():
        item = judged.process.items[code]
        if not item.signed_by or proof.trouble not in ("", "sign-off-stale") or proof.edit is None:
            continue
        old = old_ones.get(code)
        is_known = old is not None and old.note_id == proof.edit.note_id
        kept[code] = old if is_known and old is not None else _accept(judged, item, proof)
    return kept


def _accept(judged: Judged, item: Item, proof: Proof) -> Accepted:
    assert proof.edit is not None
    digests = {section: judged.digests[section] for section in item.signs_for}
    return Accepted(proof.edit.note_id, proof.edit.author.username, digests)
