"""Which findings a process can raise at all, read from its schema (the codes are those of the design, section 5)."""

from __future__ import annotations

from collections.abc import Mapping

from automation.core.model import Process
from automation.core.pages.demands import may_be_left_out

# What a code is about: these boxes and lines, or almost anything (True), or nothing in this process (False, or empty).
_About = Mapping[str, list[str] | bool]
_EVERYWHERE: _About = {
    "closed-early": True,
    "label-moved": True,
    "tick-lost": True,
    "on-hold": True,
    "cancelled": True,
    "command-invalid": True,
}


def possible_findings(process: Process) -> dict[str, tuple[str, ...]]:
    """Return the codes of the findings that *process* can raise, each with the boxes and lines that it is about.

    None are named where it can be about almost any of them.
    """
    found = {**_of_text(process), **_of_signatures(process), **_of_order(process), **_EVERYWHERE}
    return {code: tuple(about) if isinstance(about, list) else () for code, about in found.items() if about}


def _of_text(process: Process) -> _About:
    items = [item for item in process.items.values() if not item.is_advisory]
    optional = [item for item in items if may_be_left_out(process, item)]
    bans = [item.code for item in process.items.values() if item.is_forbidden]
    fields = [field for field in process.fields.values() if not field.is_advisory]
    return {
        "unreadable": True,
        "item-open": True,
        "item-missing": True,
        "item-duplicated": True,
        "field-blank": bool(fields),
        "field-invalid": bool(fields),
        "field-duplicated": bool(fields),
        "role-unknown": any(field.role for field in fields),
        "not-applicable": any(item.silent or item not in optional for item in items if not item.is_forbidden),
        "reason-missing": [item.code for item in optional],
        "waived": any(not item.signed_by and not item.is_forbidden for item in items),
        "forbidden": bans + [field.title for field in process.fields.values() if field.forbidden_values],
    }


def _of_signatures(process: Process) -> _About:
    signed = [item for item in process.items.values() if item.signed_by and not item.is_advisory]
    is_returned = any(stage.sends_back_to for stage in process.stages)
    return {
        "signer-wrong": bool(signed),
        "words-changed": bool(signed),
        "proof-missing": bool(signed),
        "sign-off-early": any(process.stage_of(item.section) for item in signed),
        "sign-off-stale": any(item.signs_for or is_returned for item in signed),
    }


def _of_order(process: Process) -> _About:
    has_limit = process.weeks is not None or any(stage.working_days or stage.weeks for stage in process.stages)
    return {
        "gate-skipped": len(process.stages) > 1,
        "out-of-order": [item.code for item in process.items.values() if item.after],
        "sent-back": [stage.title for stage in process.stages if stage.sends_back_to],
        "too-early": [field.title for field in process.fields.values() if field.not_before],
        "due-soon": has_limit,
        "overdue": has_limit,
    }
