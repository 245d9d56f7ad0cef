"""What people see of a judged issue: the findings that matter now, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from automation.core.commands import Refusal
from automation.core.judged import Judged
from automation.core.model import Finding, Process
from automation.core.validity import box_finding
from automation.core.words import quote


def visible_findings(judged: Judged) -> tuple[Finding, ...]:
    """Return the findings to show, in the order of stages.

    Work that is still to do is shown for the current stage only; traps are shown wherever they are.
    """
    place = judged.place
    shown = [fault.finding for fault in judged.faults if fault.place <= place or fault.finding.is_alarm]
    shown += _skipped(judged, place)
    if judged.issue.state == "closed" and judged.stage is not None:
        shown.append(_closed_early(judged))
    shown += [_refused(refusal) for refusal in judged.refusals]
    return tuple(shown)


def acting_people(judged: Judged) -> Mapping[str, tuple[str, ...]]:
    """Return the roles that must act for the current stage and who holds them, in the order of the findings."""
    stage = judged.stage
    if stage is None:
        return {}
    roles = [role for fault in judged.faults if fault.place == judged.place for role in fault.finding.roles]
    return {role: judged.cast.people(role) for role in dict.fromkeys(roles or stage.responsible)}


def people_by_role(judged: Judged) -> Mapping[str, tuple[str, ...]]:
    """Return everybody known, for every role that the process names."""
    return {role: judged.cast.people(role) for role in _roles(judged.process)}


def _roles(process: Process) -> list[str]:
    named = [role for stage in process.stages for role in (*stage.responsible, *stage.accountable, *stage.informed)]
    return list(dict.fromkeys([*named, *(field.role for field in process.fields.values() if field.role)]))


def _skipped(judged: Judged, place: int) -> Iterator[Finding]:
    """Yield the boxes of later stages that were ticked before the gates in front of them were passed."""
    if place >= len(judged.process.stages):
        return
    for code, item in judged.process.items.items():
        proof = judged.proofs.get(code)
        later = judged.process.stage_of(item.section)
        if proof is not None and later > place and proof.is_skipped and not item.is_advisory and not item.is_forbidden:
            facts = {
                "by": quote(proof.edit.author.username) if proof.edit else "",
                "earlier": judged.process.stages[place].title,
            }
            yield box_finding(
                "gate-skipped",
                item,
                judged.process.stages[place],
                judged.document,
                facts=facts,
                roles=judged.process.stages[place].responsible,
                cause=proof.edit.note_id if proof.edit else 0,
            )


def _closed_early(judged: Judged) -> Finding:
    stage = judged.process.stages[judged.place]
    closed_at = judged.issue.closed_at
    return Finding(
        "closed-early",
        "closed-early",
        {"stage": stage.title},
        roles=judged.process.stages[0].responsible,
        source=judged.process.stages[-1].source,
        cause=int(closed_at.timestamp()) if closed_at else 0,
    )


def _refused(refusal: Refusal) -> Finding:
    author = refusal.note.author.username
    facts = {"author": quote(author), "roles": refusal.stage.accountable if refusal.stage else ()}
    return Finding("command-invalid", f"command-invalid.{refusal.why}", facts, people=(author,), cause=refusal.note.id)
