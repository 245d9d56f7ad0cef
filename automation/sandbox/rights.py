"""Who may do what, by access level (gitlab-facts 10). Pure: levels in, answers out."""

from __future__ import annotations

from automation.sandbox.model import GUEST, MAINTAINER, OWNER, PLANNER, Issue, Note, Visibility


def may_read_project(level: int, visibility: Visibility, is_signed_in: bool) -> bool:
    """Say whether the project shows at all."""
    return level >= GUEST or visibility == "public" or (visibility == "internal" and is_signed_in)


def may_read_issue(level: int, user_id: int | None, issue: Issue) -> bool:
    """Say whether one issue of a readable project shows."""
    return not issue.is_confidential or level >= PLANNER or _is_own(user_id, issue)


def may_update_issue(level: int, user_id: int, issue: Issue) -> bool:
    """Say whether title, description and state may be changed: Guests change only what is theirs."""
    return level >= PLANNER or _is_own(user_id, issue)


def may_set_metadata(level: int) -> bool:
    """Say whether labels, assignees and dates may be changed; without it they are dropped silently."""
    return level >= PLANNER


def may_admin_labels(level: int) -> bool:
    """Say whether labels and boards may be created, changed and deleted."""
    return level >= PLANNER


def may_comment(level: int, issue: Issue) -> bool:
    """Say whether a reader of the issue may comment: a locked discussion is for members."""
    return level >= GUEST or not issue.discussion_locked


def may_see_internal(level: int) -> bool:
    """Say whether internal notes may be read and written."""
    return level >= PLANNER


def may_edit_note(level: int, user_id: int, note: Note) -> bool:
    """Say whether a note may be changed or deleted: one's own, or as Maintainer."""
    return not note.is_system and (note.author_id == user_id or level >= MAINTAINER)


def may_list_uploads(level: int) -> bool:
    """Say whether the files of a project may be listed, with or without a link to them."""
    return level >= MAINTAINER


def may_set_times(level: int) -> bool:
    """Say whether a request may choose created_at and iid."""
    return level >= OWNER


def _is_own(user_id: int | None, issue: Issue) -> bool:
    return user_id is not None and (issue.author_id == user_id or user_id in issue.assignee_ids)
