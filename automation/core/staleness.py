"""Is what was signed still what stands there? Digests of the document, kept from run to run, tell (decision 5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from automation.core.memory import digest
from automation.core.model import Document, Edit, Item, Process
from automation.core.remembered import Command, Memory
from automation.core.replay import Case, Proof

_WAIVED = {"state": "done", "reason": None}


def digest_sections(process: Process, document: Document, waived: Collection[str] = ()) -> Mapping[str, str]:
    """Return the digest of each section that some box signs for; *waived* are the boxes that were ever waived.

    Boxes that need a signer are left out: each of them is proven on its own.
    """
    signed = {section for item in process.items.values() for section in item.signs_for}
    return {section: digest(_content(process, document, section, waived)) for section in sorted(signed)}


def is_stale(case: Case, item: Item, proof: Proof, digests: Mapping[str, str]) -> bool:
    """Tell whether something that *item* signs for has changed since the tick of *proof*.

    GitLab keeps no differences of descriptions on the Free tier and hides a change of text behind a tick, so: what a
    tick note proves is held against the text; a digest kept after the sign-off must be the one of now; and where the
    last digest was kept before it, a difference that no tick before the sign-off explains counts if another hand has
    edited the issue since.
    """
    if proof.edit is None:
        return False
    if _is_reopened(case, item, proof.edit):
        return True
    memory = case.memory
    if memory is None:
        return False
    accepted = memory.accepted.get(item.code)
    if accepted is not None and accepted.note_id == proof.edit.note_id:
        return any(accepted.digests.get(section, digests[section]) != digests[section] for section in item.signs_for)
    return any(_is_changed(case, memory, proof.edit, section, digests[section]) for section in item.signs_for)


def _content(process: Process, document: Document, section: str, waived: Collection[str]) -> dict[str, Any]:
    items = process.items
    content = document.data.get(section, {})
    kept = {key: value for key, value in content.items() if key not in items or not items[key].signed_by}
    # A waiver that is renewed or ends, or a waived box that is ticked after all, changes nothing of what was signed.
    return {
        key: _WAIVED if key in waived and value["state"] != "not-applicable" else value for key, value in kept.items()
    }


def _is_reopened(case: Case, item: Item, signed: Edit) -> bool:
    """Tell whether another hand has since changed a box that was signed for: its state is not the one of then."""
    if any(_is_waived_later(case, each, item, signed) for each in case.waivers):
        return True
    later = [edit for edit in case.ticks if edit.note_id > signed.note_id and edit.code in case.process.items]
    touched = {edit.code for edit in later if edit.author.id != signed.author.id and edit.code != item.code}
    first = {edit.code: edit for edit in reversed(later) if edit.code in touched}
    for code, edit in first.items():
        other = case.process.items[code]
        is_signed_for = other.section in item.signs_for and not other.signed_by
        was_done = not edit.is_tick or _was_signed_by_comment(case, code, signed) or _was_waived(case, code, signed)
        if is_signed_for and (case.document.state_of(other) == "done") != was_done:
            return True
    return False


def _is_waived_later(case: Case, waiver: Command, item: Item, signed: Edit) -> bool:
    """Tell whether a box that was open when it was signed for was waived by another hand since."""
    other = case.process.items[waiver.code]
    is_signed_for = other.section in item.signs_for and waiver.note_id > signed.note_id
    is_waived = case.document.state_of(other) == "waived"
    was_waived = _was_waived(case, waiver.code, signed)
    return is_signed_for and is_waived and not was_waived and waiver.by_id != signed.author.id


def _was_waived(case: Case, code: str, signed: Edit) -> bool:
    """Tell whether a box was waived when something was signed."""
    return any(
        each.code == code and each.note_id < signed.note_id and (each.ends_at is None or signed.at < each.ends_at)
        for each in case.waivers
    )


def _was_signed_by_comment(case: Case, code: str, signed: Edit) -> bool:
    """Tell whether a comment had signed off a box before: a click that ticks it then changes nothing."""
    before = [each for each in case.ticks if each.code == code and each.note_id < signed.note_id]
    return bool(before) and before[-1].is_comment


def _is_changed(case: Case, memory: Memory, signed: Edit, section: str, now: str) -> bool:
    before = memory.digests.get(section, now)
    if before == now:
        return False
    if memory.edit_id >= signed.note_id:
        return True
    if digest(_as_before(case, section, memory.edit_id, signed)) == before:
        return False
    return any(edit.note_id > signed.note_id and edit.author.id != signed.author.id for edit in case.edits)


def _as_before(case: Case, section: str, after: int, signed: Edit) -> dict[str, Any]:
    """Return the section with ticks since the last run taken back: those before the sign-off, and the signer's own.

    What such a tick note proves needs no other explanation.
    """
    waived = {each.code for each in case.waivers}
    content = _content(case.process, case.document, section, waived)
    for edit in _first_of_each(case.ticks, after, signed):
        if edit.code in content and edit.code not in waived:
            content[edit.code] = {"state": "open" if edit.is_tick else "done", "reason": None}
    return content


def _first_of_each(edits: Sequence[Edit], after: int, signed: Edit) -> list[Edit]:
    between = [
        edit
        for edit in edits
        if edit.code and edit.note_id > after and (edit.note_id <= signed.note_id or edit.author.id == signed.author.id)
    ]
    return list({edit.code: edit for edit in reversed(between)}.values())
