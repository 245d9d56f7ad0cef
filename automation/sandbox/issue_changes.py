"""Writing issues: fields, labels and state, with the notes and events they leave (gitlab-facts 2, 3, 5, 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from automation.sandbox import rights
from automation.sandbox.commands import extract_commands
from automation.sandbox.interpret import interpret
from automation.sandbox.model import Group, Issue, IssueEdit, Label, Project, User
from automation.sandbox.refusals import refuse_conflict, refuse_model, refuse_role
from automation.sandbox.store import Store
from automation.sandbox.traces import note_assignees, record_labels, record_state, write_notes

_T = TypeVar("_T")

TOUCH_EVERY = timedelta(seconds=60)
DEFAULT_COLOR = "#6699cc"
_MAX_TITLE = 255
_MAX_DESCRIPTION_BYTES = 1024 * 1024


def create_issue(
    store: Store,
    project: Project,
    author: User,
    edit: IssueEdit,
    created_at: datetime | None = None,
    iid: int | None = None,
) -> Issue:
    """Create an issue; quick actions in its description are carried out and taken out.

    *created_at* and *iid* are dropped unless the author may choose them.
    """
    level = store.read_level(project, author)
    if not rights.may_set_times(level):
        created_at = iid = None
    if iid in store.issues.get(project.id, {}):
        raise refuse_conflict("Duplicated issue")
    edit = _run_description(store, project, author, None, edit)
    _check_text(edit.title or "", edit.description)
    at = created_at or store.read_now()
    issue = Issue(
        id=store.next_id("issue"),
        iid=store.take_iid(project.id, iid),
        project_id=project.id,
        title=(edit.title or "").strip(),
        description=edit.description,
        author_id=author.id,
        created_at=at,
        updated_at=at,
        label_ids=_resolve_labels(store, project, level, frozenset(), edit),
        assignee_ids=_resolve_assignees(store, project, edit) or (),
        due_date=edit.due_date,
        is_confidential=bool(edit.is_confidential),
        discussion_locked=edit.discussion_locked if rights.may_set_metadata(level) else None,
        issue_type=edit.issue_type or "issue",
    )
    store.put_issue(issue)
    record_labels(store, author, issue.id, frozenset(), issue.label_ids)
    note_assignees(store, author, issue, ())
    return issue


def update_issue(store: Store, project: Project, user: User, issue: Issue, edit: IssueEdit) -> Issue:
    """Change *issue* as *user* asks and return it: what he may not set is dropped without a word.

    Raises:
        RefusedError: 403 when he may not change the issue at all, 400 when a text is too long or blank.
    """
    level = store.read_level(project, user)
    if not rights.may_update_issue(level, user.id, issue):
        raise refuse_role()
    edit = _run_description(store, project, user, issue, _drop_metadata(edit, level))
    title = issue.title if edit.title is None else edit.title.strip()
    is_new_text = edit.description is not None and edit.description != issue.description
    _check_text(title, edit.description if is_new_text else None)
    changed = replace(
        _change_state(store, user, issue, edit),
        title=title,
        description=edit.description if is_new_text else issue.description,
        label_ids=_resolve_labels(store, project, level, issue.label_ids, edit),
        assignee_ids=_or_else(_resolve_assignees(store, project, edit), issue.assignee_ids),
        due_date=None if edit.clears_due_date else _or_else(edit.due_date, issue.due_date),
        is_confidential=_or_else(edit.is_confidential, issue.is_confidential),
        discussion_locked=_or_else(edit.discussion_locked, issue.discussion_locked),
        issue_type=_or_else(edit.issue_type, issue.issue_type),
    )
    changed = _stamp(store, user, issue, changed)
    store.put_issue(changed)
    if changed.state != issue.state:
        record_state(store, user, changed)
    record_labels(store, user, issue.id, issue.label_ids, changed.label_ids)
    write_notes(store, user, issue, changed)
    return changed


def touch(store: Store, issue: Issue) -> None:
    """Bump updated_at, at most once a minute."""
    now = store.read_now()
    if now - issue.updated_at >= TOUCH_EVERY:
        store.put_issue(replace(issue, updated_at=now))


def create_label(store: Store, place: Project | Group, title: str, color: str = DEFAULT_COLOR) -> Label:
    """Create a label of a project or group."""
    project_id = place.id if isinstance(place, Project) else None
    group_id = None if isinstance(place, Project) else place.id
    label = Label(store.next_id("label"), title, color, project_id=project_id, group_id=group_id)
    store.labels[label.id] = label
    store.version += 1
    return label


def _run_description(store: Store, project: Project, user: User, issue: Issue | None, edit: IssueEdit) -> IssueEdit:
    """Take the quick actions out of the description and add their effect to *edit*."""
    if edit.description is None:
        stored = issue.description if issue else None
        # A text that is left alone is cleaned all the same, but nothing in it is carried out.
        return edit if stored is None else replace(edit, description=extract_commands(stored).text)
    found = extract_commands(edit.description)
    known = extract_commands(issue.description or "").commands if issue else ()
    fresh = [command for command in found.commands if command not in known]
    return merge(replace(edit, description=found.text), interpret(store, project, user, issue, fresh).edit)


def merge(edit: IssueEdit, commanded: IssueEdit) -> IssueEdit:
    """Add what quick actions asked for to what the request asked for; the quick actions win."""
    return IssueEdit(
        title=_or_else(commanded.title, edit.title),
        description=edit.description,
        labels=_or_else(commanded.labels, edit.labels),
        add_labels=edit.add_labels + commanded.add_labels,
        remove_labels=edit.remove_labels + commanded.remove_labels,
        assignee_ids=_or_else(commanded.assignee_ids, edit.assignee_ids),
        due_date=commanded.due_date or edit.due_date,
        clears_due_date=commanded.clears_due_date or edit.clears_due_date,
        state_event=commanded.state_event or edit.state_event,
        is_confidential=_or_else(commanded.is_confidential, edit.is_confidential),
        discussion_locked=_or_else(commanded.discussion_locked, edit.discussion_locked),
        issue_type=edit.issue_type,
    )


def _check_text(title: str, description: str | None) -> None:
    if not title.strip():
        raise refuse_model("title", "can't be blank")
    if len(title) > _MAX_TITLE:
        raise refuse_model("title", f"is too long (maximum is {_MAX_TITLE} characters)")
    if description is not None and len(description.encode()) > _MAX_DESCRIPTION_BYTES:
        raise refuse_model("description", f"is too long (maximum is {_MAX_DESCRIPTION_BYTES} bytes)")


def _drop_metadata(edit: IssueEdit, level: int) -> IssueEdit:
    if rights.may_set_metadata(level):
        return edit
    return IssueEdit(title=edit.title, description=edit.description, state_event=edit.state_event)


def _change_state(store: Store, user: User, issue: Issue, edit: IssueEdit) -> Issue:
    """Close or reopen; what is closed already stays as it was closed."""
    if edit.state_event == "close" and issue.state == "opened":
        return replace(issue, state="closed", closed_at=store.read_now(), closed_by_id=user.id)
    if edit.state_event == "reopen" and issue.state == "closed":
        return replace(issue, state="opened", closed_at=None, closed_by_id=None)
    return issue


def _resolve_labels(
    store: Store, project: Project, level: int, before: frozenset[int], edit: IssueEdit
) -> frozenset[int]:
    """Return the labels after *edit*: removing wins; unknown titles are created, or dropped without the right."""
    kept = before if edit.labels is None else frozenset()
    added = [
        _find_or_create(store, project, level, title) for title in (*(edit.labels or ()), *edit.add_labels) if title
    ]
    removed = {label.id for title in edit.remove_labels if (label := store.find_label(project, title))}
    labels = set(kept)
    for label in (label for label in added if label):
        if store.premium:
            labels = {each for each in labels if not _is_rival(store.labels[each].title, label.title)}
        labels.add(label.id)
    return frozenset(labels - removed)


def _find_or_create(store: Store, project: Project, level: int, title: str) -> Label | None:
    label = store.find_label(project, title)
    if label is None and rights.may_admin_labels(level):
        return create_label(store, project, title)
    return label


def _is_rival(title: str, other: str) -> bool:
    """Say whether two scoped labels exclude each other: the scope is all before the last `::`."""
    return title != other and "::" in title and title.rpartition("::")[0] == other.rpartition("::")[0]


def _resolve_assignees(store: Store, project: Project, edit: IssueEdit) -> tuple[int, ...] | None:
    """Return the one assignee that CE keeps, () to unassign, None when nobody named may read the project."""
    if edit.assignee_ids is None or edit.assignee_ids in ((), (0,)):
        return edit.assignee_ids and ()
    for user_id in edit.assignee_ids:
        user = store.users.get(user_id)
        if user and rights.may_read_project(store.read_level(project, user), project.visibility, True):
            return (user_id,)
    return None


def _stamp(store: Store, user: User, before: Issue, after: Issue) -> Issue:
    """Set updated_at as GitLab does: at once for columns and for another hand, else at most once a minute."""
    now = store.read_now()
    links_changed = (before.label_ids, before.assignee_ids) != (after.label_ids, after.assignee_ids)
    unlinked = replace(after, label_ids=before.label_ids, assignee_ids=before.assignee_ids)
    is_touched = links_changed and now - before.updated_at >= TOUCH_EVERY
    if unlinked == before and before.updated_by_id == user.id and not is_touched:
        return after
    return replace(after, updated_by_id=user.id, updated_at=now)


def _or_else(value: _T | None, otherwise: _T) -> _T:
    return otherwise if value is None else value
