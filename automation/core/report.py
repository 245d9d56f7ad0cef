"""Verdict + actions -> one row of the report, as JSON-ready values (design, section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from automation.core.comments import Words, say
from automation.core.model import Action, DeleteNote, Finding, Issue, OfferLetter, PostPing, UpdateIssue, Verdict


def build_row(issue: Issue, verdict: Verdict, actions: Sequence[Action], words: Words) -> dict[str, Any]:
    """Build the row of an issue. Every key is always there; what is not known is None."""
    process = verdict.process
    return {
        "project_id": issue.project_id,
        "iid": issue.iid,
        "process": process.id if process else None,
        "version": process.version if process else None,
        "stage": verdict.stage or None,
        "boxes": dict(verdict.boxes),
        "findings": [_finding(finding, verdict, words) for finding in verdict.findings],
        "actions": [_action(action) for action in actions],
        "due": verdict.limit.due_at.isoformat() if verdict.limit else None,
    }


def _finding(finding: Finding, verdict: Verdict, words: Words) -> dict[str, Any]:
    said = say(finding, verdict, words)
    people = finding.people or [name for role in finding.roles for name in verdict.people.get(role, ())]
    return {
        "code": finding.code,
        "item": finding.item or None,
        "field": finding.field or None,
        "line": finding.line or None,
        "message": said.message,
        "who": {"roles": list(finding.roles), "usernames": list(dict.fromkeys(people))},
        "repair": said.repair,
        "source": list(finding.source),
        "is_alarm": finding.is_alarm,
    }


def _action(action: Action) -> dict[str, Any]:
    if isinstance(action, PostPing):
        return {"type": "ping", "keys": list(action.keys), "body": action.body}
    if isinstance(action, OfferLetter):
        return {
            "type": "letter",
            "keys": list(action.keys),
            "body": action.body,
            "file": action.file,
            "is_internal": action.is_internal,
        }
    if isinstance(action, UpdateIssue):
        return {
            "type": "labels",
            "add": list(action.add_labels),
            "remove": list(action.remove_labels),
            "close": action.close,
            "assignee": action.assignee.username if action.assignee else None,
            "due_date": action.due_on or None,
        }
    if isinstance(action, DeleteNote):
        return {"type": "delete-comment", "note_id": action.note_id}
    return {"type": "status", "note_id": action.note_id or None, "body": action.body}
