"""What quick actions do: commands become one edit, with GitLab's messages (gitlab-facts 4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from automation.sandbox import rights
from automation.sandbox.commands import Command
from automation.sandbox.model import Issue, IssueEdit, Label, Project, User
from automation.sandbox.store import Store

_LABEL_NAME = re.compile(r"~?\"([^\"]+)\"|~?([^\s,\"~]+)")
_USERNAME = re.compile(r"@?([A-Za-z0-9_.\-]+)")


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The effect of the commands: *changes* as GitLab reports them, *message* holds all of its sentences."""

    edit: IssueEdit
    changes: dict[str, object]
    message: str
    is_failed: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """The circumstances a command is carried out in; *issue* is None while it is being created."""

    store: Store
    project: Project
    user: User
    issue: Issue | None
    argument: str


# A step adds to the edit and says so; no edit means that the command was carried out but achieved nothing.
_Step = tuple[IssueEdit, dict[str, object], str] | None


def interpret(
    store: Store, project: Project, user: User, issue: Issue | None, commands: Sequence[Command]
) -> Interpretation:
    """Work out what *commands* do in the hands of *user*; a command he may not use only says so."""
    edit, changes, messages, is_failed = IssueEdit(), {}, list[str](), False
    for command in commands:
        if not _is_available(store, project, user, issue, command.name):
            messages.append(f"Could not apply {command.name} command.")
            continue
        step = _STEPS[command.name](_Case(store, project, user, issue, command.argument), edit)
        if step is None:
            is_failed = True
            continue
        edit, change, message = step
        changes.update(change)
        messages.append(message)
    return Interpretation(edit, changes, " ".join(messages), is_failed and not changes)


def _is_available(store: Store, project: Project, user: User, issue: Issue | None, name: str) -> bool:
    if name not in _STEPS:
        return False
    level = store.read_level(project, user)
    if name in ("close", "reopen"):
        wanted = "opened" if name == "close" else "closed"
        return issue is not None and issue.state == wanted and rights.may_update_issue(level, user.id, issue)
    if name == "title":
        return issue is None or rights.may_update_issue(level, user.id, issue)
    if name in ("label", "labels", "relabel") and not store.list_labels(project):
        return False
    return rights.may_set_metadata(level)


def _list_named(case: _Case) -> list[Label]:
    """Return the labels that the argument names and that exist: quick actions never create one."""
    names = [quoted or bare for quoted, bare in _LABEL_NAME.findall(case.argument)]
    found = (case.store.find_label(case.project, name) for name in names)
    return [label for label in found if label]


def _show(labels: Sequence[Label]) -> str:
    names = [f'~"{label.title}"' if re.search(r"[^\w\-?.&:]", label.title) else f"~{label.title}" for label in labels]
    return f"{' '.join(names)} {'label' if len(labels) == 1 else 'labels'}"


def _label(case: _Case, edit: IssueEdit) -> _Step:
    labels = _list_named(case)
    if not labels:
        return None
    titles = edit.add_labels + tuple(label.title for label in labels)
    change: dict[str, object] = {"add_label_ids": [label.id for label in labels]}
    return replace(edit, add_labels=titles), change, f"Added {_show(labels)}."


def _unlabel(case: _Case, edit: IssueEdit) -> _Step:
    labels = _list_named(case)
    if not case.argument:
        return replace(edit, labels=()), {"label_ids": []}, "Removed all labels."
    if not labels:
        return None
    titles = edit.remove_labels + tuple(label.title for label in labels)
    change: dict[str, object] = {"remove_label_ids": [label.id for label in labels]}
    return replace(edit, remove_labels=titles), change, f"Removed {_show(labels)}."


def _relabel(case: _Case, edit: IssueEdit) -> _Step:
    labels = _list_named(case)
    if not labels:
        return None
    change: dict[str, object] = {"label_ids": [label.id for label in labels]}
    titles = tuple(label.title for label in labels)
    return replace(edit, labels=titles), change, f"Replaced all labels with {_show(labels)}."


def _close(case: _Case, edit: IssueEdit) -> _Step:
    return replace(edit, state_event="close"), {"state_event": "close"}, "Closed this issue."


def _reopen(case: _Case, edit: IssueEdit) -> _Step:
    return replace(edit, state_event="reopen"), {"state_event": "reopen"}, "Reopened this issue."


def _title(case: _Case, edit: IssueEdit) -> _Step:
    if not case.argument:
        return None
    change: dict[str, object] = {"title": case.argument}
    return replace(edit, title=case.argument), change, f'Changed the title to "{case.argument}".'


def _assign(case: _Case, edit: IssueEdit) -> _Step:
    names = [case.user.username if name == "me" else name for name in _USERNAME.findall(case.argument)]
    users = [user for user in (case.store.find_user(name) for name in names) if user]
    if not users:
        return None
    change: dict[str, object] = {"assignee_ids": [user.id for user in users]}
    shown = " ".join(f"@{user.username}" for user in users)
    return replace(edit, assignee_ids=tuple(user.id for user in users)), change, f"Assigned {shown}."


def _unassign(case: _Case, edit: IssueEdit) -> _Step:
    return replace(edit, assignee_ids=()), {"assignee_ids": []}, "Removed all assignees."


def _due(case: _Case, edit: IssueEdit) -> _Step:
    try:
        due = date.fromisoformat(case.argument)
    except ValueError:
        return None
    return (
        replace(edit, due_date=due),
        {"due_date": due.isoformat()},
        f"Set the due date to {due:%b} {due.day}, {due.year}.",
    )


def _remove_due_date(case: _Case, edit: IssueEdit) -> _Step:
    return replace(edit, clears_due_date=True), {"due_date": None}, "Removed the due date."


def _confidential(case: _Case, edit: IssueEdit) -> _Step:
    return replace(edit, is_confidential=True), {"confidential": True}, "Made this issue confidential."


def _lock(case: _Case, edit: IssueEdit) -> _Step:
    return replace(edit, discussion_locked=True), {"discussion_locked": True}, "Locked the discussion."


def _unlock(case: _Case, edit: IssueEdit) -> _Step:
    return replace(edit, discussion_locked=False), {"discussion_locked": False}, "Unlocked the discussion."


_STEPS: dict[str, Callable[[_Case, IssueEdit], _Step]] = {
    "label": _label,
    "labels": _label,
    "unlabel": _unlabel,
    "remove_label": _unlabel,
    "relabel": _relabel,
    "close": _close,
    "reopen": _reopen,
    "title": _title,
    "assign": _assign,
    "reassign": _assign,
    "unassign": _unassign,
    "due": _due,
    "remove_due_date": _remove_due_date,
    "confidential": _confidential,
    "lock": _lock,
    "unlock": _unlock,
}
