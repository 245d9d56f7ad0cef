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
        void={
            code: Void(proof.edit.note_id, proof.voided_by)
            for code, proof in judged.proofs.items()
            if proof.trouble == "sign-off-stale" and proof.edit and not _is_return(judged, proof)
        },
        early={
            code: proof.edit.note_id
            for code, proof in judged.proofs.items()
            if proof.trouble == "sign-off-early" and proof.edit
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


def _open_after(judged: Judged) -> Mapping[str, int]:
    """Keep for each box that needs a signer, was ticked once and is open now, the newest edit: a later tick counts.

    When the newest edit of all is a tick of this very box, the text was read before that tick; nothing is known then.
    """
    last: dict[str, tuple[int, bool]] = {}
    for edit in judged.case.edits:
        if edit.code:
            last[edit.code] = (edit.note_id, edit.is_tick)
    kept: dict[str, int] = {}
    for code, item in judged.process.items.items():
        if not item.signed_by or code not in last:
            continue
        note_id, is_tick = last[code]
        before = judged.case.memory.open_after.get(code) if judged.case.memory else None
        if judged.document.state_of(item) == "done":
            if before is not None:
                kept[code] = before
        elif judged.document.state_of(item) is not None and (not is_tick or note_id < judged.edit_id):
            kept[code] = judged.edit_id
    return kept


def _accepted(judged: Judged) -> Mapping[str, Accepted]:
    kept: dict[str, Accepted] = {}
    for code, proof in judged.proofs.items():
        item = judged.process.items[code]
        if not item.signed_by or proof.trouble not in ("", "sign-off-stale") or proof.edit is None:
            continue
        old = judged.case.memory.accepted.get(code) if judged.case.memory else None
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
