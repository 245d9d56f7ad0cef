"""Order by event time: boxes ticked before those that they must follow, dates before what they must wait for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from automation.core.judged import Judged
from automation.core.model import Edit, Field, Finding
from automation.core.replay import Proof
from automation.core.validity import box_finding, field_finding


def disordered_findings(judged: Judged) -> Iterator[Finding]:
    """Yield the boxes that were ticked before one that they must follow, as long as that one does not count.

    Afterwards it is a fact of the story: nothing can be done about it any more. A tick that skipped a whole gate is
    told as that.
    """
    # What has gone stale since was not known to the replay.
    counted = {code for code in judged.replayed.counted if code not in judged.proofs or not judged.proofs[code].trouble}
    for code, item in judged.process.items.items():
        proof = judged.proofs.get(code)
        missing = [other for other in item.after if other not in counted]
        if proof is None or not proof.is_disordered or proof.is_skipped or not missing:
            continue
        first = judged.process.items[missing[0]]
        stage = judged.process.stages[judged.process.stage_of(first.section)]
        yield box_finding(
            "out-of-order",
            item,
            stage,
            judged.document,
            facts={"earlier": f"{first.code} {first.title}"},
            roles=first.signed_by or stage.responsible,
            cause=proof.edit.note_id if proof.edit else 0,
            is_alarm=not item.is_advisory,
        )


def early_findings(judged: Judged) -> Iterator[Finding]:
    """Yield the dates that lie before what they must wait for, once the box that needs them is ticked.

    What is too early is told and stops nothing: it has happened, and only an untrue date could undo it.
    """
    for field in judged.process.fields.values():
        proof = _proof_with(judged, field)
        found = _too_early(judged, field) if proof is not None else None
        if proof is None or found is None:
            continue
        kind, facts = found
        stage = judged.process.stages[judged.process.stage_of(field.section)]
        cause = proof.edit.note_id if proof.edit else 0
        words = f"too-early.{kind}"
        yield field_finding("too-early", field, stage, judged.document, words=words, facts=facts, cause=cause)


def timely_dates(judged: Judged) -> Mapping[str, str]:
    """Return the dates that were judged to be late enough: they stay so, whatever is signed anew later."""
    return {
        field.key: str(judged.document.value_of(field))
        for field in judged.process.fields.values()
        if _proof_with(judged, field) is not None and _is_settled(judged, field) and _too_early(judged, field) is None
    }


def _is_settled(judged: Judged, field: Field) -> bool:
    """Tell whether all that a date must wait for is known, so that a verdict on it can be kept."""
    return all(
        _first_counted(judged, name) is not None
        if name in judged.process.items
        else judged.document.value_of(judged.process.fields[name]) is not None
        for name in field.not_before
    )


def _proof_with(judged: Judged, field: Field) -> Proof | None:
    """Return how the box was ticked that needs this date, once its stage is reached; until then it is only a plan."""
    if not field.not_before or judged.document.value_of(field) is None:
        return None
    if judged.process.stage_of(field.section) > judged.place:
        return None
    items = (item for item in judged.process.items.values() if field.key in item.needs)
    proofs = (judged.proofs.get(item.code) for item in items)
    return next((proof for proof in proofs if proof is not None), None)


def _too_early(judged: Judged, field: Field) -> tuple[str, dict[str, str]] | None:
    """Return which entry tells why a date is too early, with its values; None when it is late enough."""
    value = judged.document.value_of(field)
    memory = judged.case.memory
    if not isinstance(value, str) or (memory is not None and memory.timely.get(field.key) == value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    place = judged.process.stage_of(field.section)
    opened = _opened_on(judged, place) if _waits_in_its_stage(judged, field, place) else None
    if opened is not None and day < opened:
        stage = judged.process.stages[place]
        return "gate", {"value": value, "stage": stage.title, "since": opened.isoformat()}
    for name in field.not_before:
        found = _day_of(judged, name)
        if found is None or day >= found:
            continue
        facts = {"value": value, "since": found.isoformat()}
        item = judged.process.items.get(name)
        title = item.title if item is not None else judged.process.fields[name].title
        return ("box", {**facts, "code": name, "title": title}) if item else ("date", {**facts, "other": title})
    return None


def _waits_in_its_stage(judged: Judged, field: Field, place: int) -> bool:
    """Tell whether a box of its own stage must come first: that one can only be settled once the stage is open.

    Other facts are held against facts: a stage opens when somebody ticks, perhaps days after it happened.
    """
    sections = judged.process.stages[place].sections
    items = (judged.process.items.get(name) for name in field.not_before)
    return any(item is not None and item.section in sections for item in items)


def _day_of(judged: Judged, name: str) -> date | None:
    """Return the day that a box was first ticked, or that stands in a field; None where it is not known."""
    if name in judged.process.items:
        signed = _first_counted(judged, name)
        return _day(judged, signed) if signed is not None else None
    try:
        return date.fromisoformat(str(judged.document.value_of(judged.process.fields[name]) or ""))
    except ValueError:
        return None


def _opened_on(judged: Judged, place: int) -> date | None:
    """Return the day on which the stage opened for the first time."""
    if not place:
        return None
    note_id = judged.replayed.first_passed.get(judged.process.stages[place - 1].key)
    return judged.cast.calendars.day_of("", judged.time_of(note_id)) if note_id is not None else None


def _first_counted(judged: Judged, code: str) -> Edit | None:
    """Return the first tick of a box that counted: an agreement that had to be given anew was one before."""
    ticks = (
        edit for edit, proof in judged.replayed.log if edit.code == code and proof is not None and not proof.trouble
    )
    return next(ticks, None)


def _day(judged: Judged, edit: Edit) -> date:
    """Return the day of a tick, the earliest that it was for the person or by the default calendar."""
    calendars = judged.cast.calendars
    return min(calendars.day_of(edit.author.username, edit.at), calendars.day_of("", edit.at))
