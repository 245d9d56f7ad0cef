"""Writing comments: quick actions are carried out before anything is saved (gitlab-facts 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from automation.sandbox import rights
from automation.sandbox.commands import extract_commands
from automation.sandbox.interpret import Interpretation, interpret
from automation.sandbox.issue_changes import touch, update_issue
from automation.sandbox.model import Issue, IssueEdit, Note, Project, User
from automation.sandbox.refusals import refuse_request, refuse_role
from automation.sandbox.store import Store

_MAX_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class NoteResult:
    """What came of a comment: *note* is None when its body held nothing but commands."""

    note: Note | None
    changes: dict[str, object]
    message: str


def create_note(
    store: Store,
    project: Project,
    user: User,
    issue: Issue,
    body: str,
    is_internal: bool = False,
    created_at: datetime | None = None,
) -> NoteResult:
    """Comment as *user*; *created_at* is dropped unless he may choose it.

    Raises:
        RefusedError: 403 without the right, 400 for a blank body or for commands that achieved nothing.
    """
    level = store.read_level(project, user)
    if not rights.may_comment(level, issue) or (is_internal and not rights.may_see_internal(level)):
        raise refuse_role()
    text, outcome = _run_commands(store, project, user, issue, body)
    if not text:
        return NoteResult(None, outcome.changes, outcome.message)
    at = (created_at if rights.may_set_times(level) else None) or store.read_now()
    note = store.put_note(Note(store.next_id("note"), issue.id, text, user.id, at, at, is_internal=is_internal))
    touch(store, store.issues[project.id][issue.iid])
    return NoteResult(note, outcome.changes, outcome.message)


def update_note(store: Store, project: Project, user: User, issue: Issue, note: Note, body: str) -> NoteResult:
    """Change a comment; one that is left with nothing but commands is deleted."""
    _check_may_edit(store, project, user, note)
    text, outcome = _run_commands(store, project, user, issue, body)
    if not text:
        del store.notes[issue.id][note.id]
        return NoteResult(None, outcome.changes, outcome.message)
    if text != note.body:
        note = store.put_note(replace(note, body=text, updated_at=store.read_now()))
        touch(store, store.issues[project.id][issue.iid])
    return NoteResult(note, outcome.changes, outcome.message)


def delete_note(store: Store, project: Project, user: User, issue: Issue, note: Note) -> None:
    """Delete a comment."""
    _check_may_edit(store, project, user, note)
    del store.notes[issue.id][note.id]


def _check_may_edit(store: Store, project: Project, user: User, note: Note) -> None:
    if not rights.may_edit_note(store.read_level(project, user), user.id, note):
        raise refuse_role()


def _run_commands(store: Store, project: Project, user: User, issue: Issue, body: str) -> tuple[str, Interpretation]:
    """Return the body to keep and what its commands did."""
    found = extract_commands(body)
    _check_body(found.text, is_blank_allowed=bool(found.commands))
    outcome = interpret(store, project, user, issue, found.commands)
    if outcome.is_failed and not found.text:
        raise refuse_request("Failed to apply commands.")
    if outcome.edit != IssueEdit():
        update_issue(store, project, user, issue, outcome.edit)
    return found.text, outcome


def _check_body(text: str, is_blank_allowed: bool) -> None:
    if not text.strip() and not is_blank_allowed:
        raise refuse_request('Note {:note=>["can\'t be blank"]}')
    if len(text) > _MAX_BODY:
        raise refuse_request(f'Note {{:note=>["is too long (maximum is {_MAX_BODY} characters)"]}}')
