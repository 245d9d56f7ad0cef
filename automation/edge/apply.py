"""Carry out the planned actions of one issue, in their order, and never post the same comment twice."""

from __future__ import annotations

from collections.abc import Sequence

from automation.core.model import (
    TAKE_AWAY,
    UPLOAD,
    Action,
    DeleteNote,
    OfferLetter,
    PostPing,
    UpdateIssue,
    WriteStatus,
)
from automation.edge.gitlab import GitLab
from automation.errors import AccessError, IssueError, UncertainError


def apply_actions(gitlab: GitLab, project_id: int, iid: int, actions: Sequence[Action], bot_id: int) -> None:
    """Apply *actions* one after the other.

    Where a letter cannot be offered, the status comment says so, and all else is done.

    Raises:
        IssueError: one failed; but for a letter, those after it were not tried. The next run plans them again.
        AccessError: no other issue can succeed either.
    """
    failed: IssueError | None = None
    for action in actions:
        if isinstance(action, PostPing):
            _post(gitlab, project_id, iid, action.body, bot_id)
        elif isinstance(action, OfferLetter):
            try:
                _offer(gitlab, project_id, iid, action, bot_id)
            except IssueError as error:
                failed = error
        elif isinstance(action, UpdateIssue):
            _update(gitlab, project_id, iid, action)
        elif isinstance(action, WriteStatus):
            _write_status(gitlab, project_id, iid, action, bot_id, action.without_offer if failed else action.body)
        elif isinstance(action, DeleteNote):
            gitlab.delete_note(project_id, iid, action.note_id)

    if failed is not None:
        raise failed


def _offer(gitlab: GitLab, project_id: int, iid: int, action: OfferLetter, bot_id: int) -> None:
    """Upload a letter and offer it. A file that a stopped run uploaded is linked to by nothing."""
    address = gitlab.upload_file(project_id, action.file, action.content)
    body = action.body.replace(f"]({UPLOAD})", f"]({address})", 1)
    _post(gitlab, project_id, iid, body, bot_id, is_internal=action.is_internal)


def _write_status(gitlab: GitLab, project_id: int, iid: int, action: WriteStatus, bot_id: int, body: str) -> None:
    if body and action.note_id:
        gitlab.update_note(project_id, iid, action.note_id, body)
    elif body:
        _post(gitlab, project_id, iid, body, bot_id)


def _post(gitlab: GitLab, project_id: int, iid: int, body: str, bot_id: int, *, is_internal: bool = False) -> None:
    """Post a comment; when the answer never comes, look whether it is there before giving up.

    It is not posted again in this run: a slow server may still be carrying out the first request.
    """
    try:
        gitlab.create_note(project_id, iid, body, is_internal)
    except UncertainError:
        marker = body.split("\n", 1)[0]
        notes = gitlab.fetch_notes(project_id, iid)
        if not any(note.author.id == bot_id and note.body.startswith(marker) for note in notes):
            raise


def _update(gitlab: GitLab, project_id: int, iid: int, action: UpdateIssue) -> None:
    changes: dict[str, object] = {}
    if action.add_labels:
        changes["add_labels"] = ",".join(action.add_labels)
    if action.remove_labels:
        changes["remove_labels"] = ",".join(action.remove_labels)
    if action.close:
        changes["state_event"] = "close"
    if action.assignee is not None:
        changes["assignee_ids"] = [action.assignee.id]
    if action.due_on:
        changes["due_date"] = "" if action.due_on == TAKE_AWAY else action.due_on
    if not changes:
        return
    labels = set(gitlab.update_issue(project_id, iid, changes).labels)
    missing, left = set(action.add_labels) - labels, labels & set(action.remove_labels)
    if missing and (missing != set(action.add_labels) or set(action.remove_labels) - left):
        raise IssueError(
            f"GitLab did not put on {', '.join(sorted(missing))}: is the label archived or of another kind?"
        )
    # GitLab answers 200 and drops what the role may not change (facts, section 3.5).
    if missing or left:
        raise AccessError(
            "GitLab took the request but changed no label: give the token's account the role Planner"
            " (from GitLab 17.7) or Reporter."
        )
