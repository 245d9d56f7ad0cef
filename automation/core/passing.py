"""When was each gate passed, and since when has the current stage been open? Events, never the time of a run."""

from __future__ import annotations

from collections.abc import Mapping

from automation.core.judged import Judged
from automation.core.remembered import Passed, SentBack


def passed_gates(judged: Judged) -> Mapping[str, Passed]:
    """Return when each gate before the current stage was passed.

    What was once kept stays, unless the handover was sent back since. A gate that was shut at the last run although
    all its ticks were there was passed by the newest edit since then, such as a fact filled in; without one no event
    explains it, and the moment is that of this run (decision 10).
    """
    memory = judged.case.memory
    kept: dict[str, Passed] = {}
    for stage in judged.process.stages[: judged.place]:
        known = memory.gates.get(stage.key) if memory else None
        if known is not None and not any(back.note_id > known.note_id for back in judged.case.sent_back):
            kept[stage.key] = known
            continue
        note_id = judged.replayed.passed_at.get(stage.key)
        is_explained = note_id is not None and (memory is None or known is not None or note_id > memory.edit_id)
        if note_id is not None and is_explained:
            kept[stage.key] = Passed(note_id, judged.time_of(note_id))
        else:
            is_edited = memory is not None and judged.edit_id > memory.edit_id
            kept[stage.key] = Passed(judged.edit_id, judged.time_of(judged.edit_id) if is_edited else judged.now)
    return kept


def reopened_stages(judged: Judged) -> Mapping[str, Passed]:
    """Return since when the current stage is open again after its gate had been passed: the edit that shut the gate.

    A return is known from its comment and is not among them.
    """
    memory, stage = judged.case.memory, judged.stage
    if memory is None or stage is None:
        return {}
    old, passed = memory.reopened.get(stage.key), memory.gates.get(stage.key)
    if passed is None:
        return {stage.key: old} if old is not None else {}
    if any(back.note_id > passed.note_id for back in _returns_to(judged, stage.key)):
        return {}
    since = [edit for edit in judged.case.edits if edit.note_id > memory.edit_id]
    if not since:
        return {stage.key: Passed(judged.edit_id, judged.now)}
    # A click says itself that it shut the gate. Changed text says only that it changed.
    shut_by = judged.replayed.shut_at.get(stage.key, 0)
    texts = [edit for edit in since if not edit.code]
    found = next((edit for edit in since if edit.note_id == shut_by), (texts or since[-1:])[0])
    return {stage.key: Passed(found.note_id, found.at)}


def _returns_to(judged: Judged, stage_key: str) -> list[SentBack]:
    returns = {each.key: each.sends_back_to for each in judged.process.stages}
    return [back for back in judged.case.sent_back if returns.get(back.stage) == stage_key]


def opening_of(judged: Judged, place: int, gates: Mapping[str, Passed], reopened: Mapping[str, Passed]) -> Passed:
    """Return the event that opened the stage in *place*: the gate before it, a return to it, or a gate shut again.

    The first stage opens with the issue, whose event has no note: 0.
    """
    stages = judged.process.stages
    stage = stages[place]
    begun = gates[stages[place - 1].key] if place else Passed(0, judged.issue.created_at)
    backs = [Passed(back.note_id, back.at) for back in _returns_to(judged, stage.key)]
    again = [reopened[stage.key]] if stage.key in reopened else []
    return max((begun, *backs, *again), key=lambda each: (each.at, each.note_id))
