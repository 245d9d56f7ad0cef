"""Build what to remember of a judged issue: what GitLab's notes will not be able to prove later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from automation.core.judged import Judged
from automation.core.model import Accepted, Item, Memory, Passed, Void
from automation.core.replay import Proof


def remember(judged: Judged) -> Memory:
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
            if not proof.is_skipped and (proof.edit or not judged.process.items[code].signed_by)
        },
        digests=judged.digests,
        gates=_gates(judged),
        sent_back=tuple(
            replace(back, answered_by=judged.replayed.answers.get(back.note_id, 0)) for back in judged.case.sent_back
        ),
        refused={str(refusal.note.id): refusal.why for refusal in judged.refusals},
    )


def _is_return(judged: Judged, proof: Proof) -> bool:
    return any(back.note_id == proof.voided_by for back in judged.case.sent_back)


def _void(judged: Judged) -> Mapping[str, Void]:
    """Keep what voided a sign-off until the box is ticked anew, so that the past can be replayed as it was."""
    last_tick = {edit.code: edit.note_id for edit in judged.case.edits if edit.is_tick}
    old = judged.case.memory.void if judged.case.memory else {}
    kept = {code: void for code, void in old.items() if void.note_id == last_tick.get(code)}
    for code, proof in judged.proofs.items():
        if proof.trouble == "sign-off-stale" and proof.edit and not _is_return(judged, proof):
            kept[code] = Void(proof.edit.note_id, proof.voided_by)
    return kept


def _early(judged: Judged) -> Mapping[str, int]:
    """Keep which ticks came before their gate, until the box is ticked anew."""
    last_tick = {edit.code: edit.note_id for edit in judged.case.edits if edit.is_tick}
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
        state = judged.document.state_of(item)
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


def _gates(judged: Judged) -> Mapping[str, Passed]:
    """Return when each gate before the current stage was passed.

    What was once kept stays, unless the handover was sent back since. A gate that was shut at the last run although
    all its ticks were there has no event that explains it; then the moment is that of this run (decision 10).
    """
    memory = judged.case.memory
    times = {edit.note_id: edit.at for edit in judged.case.edits}
    kept: dict[str, Passed] = {}
    for stage in judged.process.stages[: judged.place]:
        known = memory.gates.get(stage.key) if memory else None
        if known is not None and not any(back.note_id > known.note_id for back in judged.case.sent_back):
            kept[stage.key] = known
            continue
        note_id = judged.replayed.passed_at.get(stage.key)
        is_explained = note_id is not None and (memory is None or known is not None or note_id > memory.edit_id)
        if note_id is not None and is_explained:
            kept[stage.key] = Passed(note_id, times.get(note_id, judged.issue.created_at))
        else:
            kept[stage.key] = Passed(judged.edit_id, judged.now)
    return kept
