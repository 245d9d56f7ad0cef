"""Assignee and due date: whose turn it is, and by when. Neither is evidence of anything (decision 7)."""

from __future__ import annotations

from dataclasses import dataclass

from automation.core.model import TAKE_AWAY, Issue, User, Verdict
from automation.core.remembered import Memory, Written


@dataclass(frozen=True, slots=True)
class Handling:
    """What to write, None and "" for nothing, and what to remember as written by us.

    ``due_on`` is an ISO date, or "none" to take the due date away.
    """

    assignee: User | None
    due_on: str
    written: Written


def plan_handling(
    issue: Issue, verdict: Verdict, memory: Memory | None, *, may_assign: bool, may_set_due_date: bool
) -> Handling:
    """Plan the assignee (the first person who must act) and the due date (the limit of the stage).

    What a person chose is respected until another stage opens: within a stage only what we wrote is changed, and on an
    issue that is seen for the first time only what is blank is filled in.
    """
    written = memory.written if memory else Written()
    is_over = verdict.is_complete or verdict.is_cancelled or not verdict.stage
    if issue.state == "closed" or is_over:
        return Handling(None, "", written)
    is_new = verdict.stage != written.stage
    is_first = not written.stage
    assigned = issue.assignees[0] if issue.assignees else ""
    due_on = issue.due_on.isoformat() if issue.due_on else ""
    assignee = verdict.assignee.username if verdict.assignee else ""
    limit = verdict.limit.due_at.date().isoformat() if verdict.limit else ""
    # At first sight, what we would write may have been written by a run of ours that was stopped.
    is_assigned = may_assign and bool(assignee) and _is_ours(assigned, written.assignee, is_new, is_first, assignee)
    is_dated = may_set_due_date and _is_ours(due_on, written.due_on, is_new, is_first, limit)
    return Handling(
        verdict.assignee if is_assigned and assigned.casefold() != assignee.casefold() else None,
        (limit or TAKE_AWAY) if is_dated and due_on != limit else "",
        Written(
            verdict.stage,
            assignee if is_assigned else "" if is_new else written.assignee,
            limit if is_dated else "" if is_new else written.due_on,
        ),
    )


def _is_ours(present: str, written: str, is_new: bool, is_first: bool, wanted: str) -> bool:
    """Tell whether a value may be changed: the stage is a new one, or the value is what we wrote."""
    if is_new:
        return not is_first or not present or present.casefold() == wanted.casefold()
    return present.casefold() == written.casefold()
