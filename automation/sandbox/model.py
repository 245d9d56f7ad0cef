"""The values the sandbox keeps: frozen, replaced as a whole when they change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

IssueState = Literal["opened", "closed"]
Visibility = Literal["private", "internal", "public"]

GUEST, PLANNER, REPORTER, DEVELOPER, MAINTAINER, OWNER = 10, 15, 20, 30, 40, 50


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the bot behind a project access token; *public_email* is what the person shows everybody."""

    id: int
    username: str
    name: str
    is_bot: bool = False
    state: Literal["active", "blocked"] = "active"
    public_email: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; *scopes* as GitLab names them (`api`, `read_api`, ...)."""

    id: int
    value: str
    user_id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: date | None = None
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group; a subgroup's path holds its parent's."""

    id: int
    path: str
    name: str
    visibility: Visibility = "private"


@dataclass(frozen=True, slots=True)
class Project:
    """A project; *path* is the full path with its groups.

    *default_branch* is None without a repository; *issues_template* is the text of every new issue (Premium);
    *variables_role* is the least role that may give variables to a pipeline, as GitLab names it; *pipeline_file* is the
    file that pipelines are read from, None for `.gitlab-ci.yml`.
    """

    id: int
    path: str
    name: str
    visibility: Visibility = "private"
    default_branch: str | None = "main"
    issues_enabled: bool = True
    issues_template: str | None = None
    is_archived: bool = False
    pipelines_must_succeed: bool = False
    separates_caches: bool = True
    variables_role: str = "developer"
    has_pipelines: bool = True
    pipeline_file: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A direct membership in a project or group."""

    user_id: int
    access_level: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """A label of one project (*project_id*) or of one group (*group_id*)."""

    id: int
    title: str
    color: str
    description: str | None = None
    project_id: int | None = None
    group_id: int | None = None
    priority: int | None = None
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue; *label_ids* and *assignee_ids* are in no promised order."""

    id: int
    iid: int
    project_id: int
    title: str
    description: str | None
    author_id: int
    created_at: datetime
    updated_at: datetime
    state: IssueState = "opened"
    updated_by_id: int | None = None
    closed_at: datetime | None = None
    closed_by_id: int | None = None
    label_ids: frozenset[int] = frozenset()
    assignee_ids: tuple[int, ...] = ()
    due_date: date | None = None
    is_confidential: bool = False
    discussion_locked: bool | None = None
    issue_type: str = "issue"


@dataclass(frozen=True, slots=True)
class Note:
    """A comment, or a system note written by GitLab itself."""

    id: int
    issue_id: int
    body: str
    author_id: int
    created_at: datetime
    updated_at: datetime
    is_system: bool = False
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a project; only who knows its *secret* finds it. *name* is the one that it was kept under."""

    id: int
    project_id: int
    user_id: int
    secret: str
    name: str
    content: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """One label put on or taken off; *label_id* may name a label that is gone."""

    id: int
    issue_id: int
    user_id: int
    created_at: datetime
    label_id: int
    action: Literal["add", "remove"]


@dataclass(frozen=True, slots=True)
class StateEvent:
    """An issue closed or reopened."""

    id: int
    issue_id: int
    user_id: int
    created_at: datetime
    state: Literal["closed", "reopened"]


@dataclass(frozen=True, slots=True)
class BoardList:
    """One label column of a board. Positions rise from left to right, with gaps where labels were deleted."""

    id: int
    label_id: int
    position: int


@dataclass(frozen=True, slots=True)
class Board:
    """An issue board of a project or of a group; *lists* in the order shown, without Open and Closed."""

    id: int
    project_id: int | None
    name: str
    hide_backlog_list: bool = False
    hide_closed_list: bool = False
    lists: tuple[BoardList, ...] = ()
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class IssueEdit:
    """What one request asks to change in an issue; None (or empty) leaves a field alone."""

    title: str | None = None
    description: str | None = None
    labels: tuple[str, ...] | None = None
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    assignee_ids: tuple[int, ...] | None = None
    due_date: date | None = None
    clears_due_date: bool = False
    state_event: Literal["close", "reopen"] | None = None
    is_confidential: bool | None = None
    discussion_locked: bool | None = None
    issue_type: str | None = None
