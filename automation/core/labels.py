"""Labels are results: which an issue should carry, and who moved the card (design, decision 6)."""

from __future__ import annotations

from collections.abc import Sequence

from automation.core.model import (
    GATE_MISSED,
    LIMIT_AT_RISK,
    LIMIT_MISSED,
    WAITING_ON,
    Finding,
    Issue,
    LabelEvent,
    Process,
    UpdateIssue,
    User,
    Verdict,
)
from automation.core.people import is_token_account
from automation.core.remembered import Memory
from automation.core.words import quote

# Findings that mean that somebody went past a gate, or that a box is ticked and does not count.
_MISSED = frozenset(
    {
        "gate-skipped",
        "out-of-order",
        "too-early",
        "closed-early",
        "forbidden",
        "signer-wrong",
        "words-changed",
        "sign-off-early",
        "proof-missing",
        "sign-off-stale",
    }
)


def plan_labels(
    issue: Issue, verdict: Verdict, close: bool = False, assignee: User | None = None, due_on: str = ""
) -> tuple[UpdateIssue, ...]:
    """Plan the one update after which *issue* carries exactly its stage label and the true flags.

    *assignee* and *due_on* go with it where they are to be changed.

    Labels of the same process are removed by us: GitLab does that only on Premium (facts, section 3.7). An issue that
    cannot be read keeps its labels.

    Returns:
        One action, or () when the issue is already right, so that a second run plans nothing.
    """
    if verdict.process is None or not verdict.stage:
        return ()
    wanted = {verdict.label, *_flags(issue, verdict)}
    known = verdict.process.stage_labels | all_flags(verdict.process)
    present = set(issue.labels)
    add, remove = sorted(wanted - present), sorted((present & known) - wanted)
    if not (add or remove or close or assignee or due_on):
        return ()
    return (UpdateIssue(tuple(add), tuple(remove), close, assignee, due_on),)


def wants_label_events(issue: Issue, verdict: Verdict, memory: Memory | None) -> bool:
    """Tell whether the stage label on the issue is neither the true one nor the one that we last put there."""
    if verdict.process is None or not verdict.stage:
        return False
    present = verdict.process.stage_labels & set(issue.labels)
    ours = {memory.label} if memory and memory.label else set()
    return present not in ({verdict.label}, ours)


def find_label_move(
    issue: Issue, verdict: Verdict, memory: Memory | None, events: Sequence[LabelEvent], bot_id: int
) -> Finding | None:
    """Find the person who moved the card since we last put it right, None when it was nobody that GitLab names."""
    if verdict.process is None:
        return None
    moves = sorted((each for each in events if each.label in verdict.process.stage_labels), key=lambda each: each.id)
    ours = [each.id for each in moves if each.user.id == bot_id or is_token_account(each.user.username)]
    by_people = [each for each in moves if each.id > max(ours, default=0) and each.id not in ours]
    if not by_people or not (ours or (memory and memory.label)):
        return None
    last = by_people[-1]
    put = [each.label for each in by_people if each.action == "add" and each.label in issue.labels]
    return _moved(verdict, last.id, last.user.username, put[-1] if put else "")


def find_untold_move(verdict: Verdict, memory: Memory | None) -> Finding | None:
    """Return the move that was put right at an earlier run, when its person could not be told that day."""
    if memory is None or len(memory.moved) != 3 or not verdict.stage:
        return None
    event_id, by, to = memory.moved
    return _moved(verdict, int(event_id), by, to) if event_id.isdecimal() else None


def untold_move(finding: Finding) -> tuple[str, str, str]:
    """Return what to remember of a move until its person is told."""
    return str(finding.cause), finding.people[0], str(finding.facts["moved_to"])


def _moved(verdict: Verdict, event_id: int, by: str, to: str) -> Finding:
    facts = {"by": quote(by), "to": quote(to) if to else "", "label": quote(verdict.label), "moved_to": to}
    return Finding("label-moved", "label-moved", facts, people=(by,), cause=event_id)


def is_moved_back(issue: Issue, verdict: Verdict) -> bool:
    """Tell whether the plan moves the card to an earlier stage than the one it stands in now."""
    if verdict.process is None or not verdict.stage:
        return False
    order = [*(stage.label for stage in verdict.process.stages), verdict.process.complete_label]
    if verdict.is_cancelled:
        return False
    present = [order.index(label) for label in issue.labels if label in order]
    return bool(present) and order.index(verdict.label) < max(present)


def _flags(issue: Issue, verdict: Verdict) -> set[str]:
    is_missed = any(finding.is_alarm and finding.code in _MISSED for finding in verdict.findings)
    flags = {GATE_MISSED} if is_missed else set()
    codes = {finding.code for finding in verdict.findings}
    flags |= {LIMIT_MISSED} if "overdue" in codes else {LIMIT_AT_RISK} if "due-soon" in codes else set()
    if issue.state == "opened":
        flags |= {f"{WAITING_ON}{role}" for role in verdict.acting}
    return flags


def all_flags(process: Process) -> frozenset[str]:
    """Return every flag that an issue of *process* can carry beside its stage."""
    roles = {role for stage in process.stages for role in (*stage.responsible, *stage.accountable)}
    roles |= {role for item in process.items.values() for role in item.signed_by}
    # Another activity may have had other people at work before.
    roles |= {field.role for field in process.fields.values() if field.role}
    return frozenset({GATE_MISSED, LIMIT_AT_RISK, LIMIT_MISSED, *(f"{WAITING_ON}{role}" for role in roles)})
