"""What GitLab has of an installation, as values: labels, boards, schedule, webhook, variables, tokens, branches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias, TypeVar

from automation.core.model import User

_T = TypeVar("_T")
Visibility: TypeAlias = Literal["private", "internal", "public"]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What the token may not see. ``needs`` names the role or scope that would see it.

    ``why`` is the sentence of what went wrong where the server failed to tell, "" where it refused.
    """

    needs: str = "Maintainer"
    why: str = ""


Seen: TypeAlias = _T | Unseen


@dataclass(frozen=True, slots=True)
class Label:
    """A label that a project or group can use. ``is_own``: it belongs to the place itself, not to a group above."""

    id: int
    name: str
    color: str
    description: str = ""
    priority: int | None = None
    is_own: bool = True
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class BoardList:
    """One column of a board. ``label`` is "" for a column of another kind (assignee, milestone: Premium)."""

    id: int
    label: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """An issue board with its lists in order, without Open and Closed."""

    id: int
    name: str
    lists: tuple[BoardList, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A pipeline schedule. ``variables`` is None where GitLab shows them to others only."""

    id: int
    description: str
    ref: str
    cron: str
    time_zone: str
    is_active: bool
    owner: User | None
    created_at: datetime
    next_run_at: datetime | None = None
    variables: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A pipeline trigger token. ``token`` is "" where GitLab shows only its beginning, as to all but its owner.

    From ``expires_at`` on it starts nothing; None where it has no end.
    """

    id: int
    description: str
    token: str = field(default="", repr=False)
    owner: User | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of a project. ``url`` is as GitLab shows it, masked parts as ``{name}``.

    ``is_stopped``: GitLab sends nothing there any more, or not for now, after failures. ``verifies_server``: it sends
    only to a server whose certificate is good.
    """

    id: int
    url: str
    has_issues: bool
    has_confidential_issues: bool
    has_notes: bool
    has_confidential_notes: bool
    is_stopped: bool = False
    has_pushes: bool = False
    verifies_server: bool = True


@dataclass(frozen=True, slots=True)
class Variable:
    """A CI/CD variable, without its value. ``description`` is "" on servers before 16.2.

    ``is_file``: a job gets the path of a file that holds the value. ``group`` is the full path of the group above that
    has it, "" for one of the project itself.
    """

    key: str
    is_masked: bool
    is_protected: bool
    environment: str = "*"
    description: str = ""
    is_file: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class ProtectedBranch:
    """A protected branch, or a pattern of several (``*``). Levels are GitLab's numbers, 0 for nobody.

    ``pushers`` and ``mergers`` hold the lowest level that may; None where only named people may (Premium).
    """

    name: str
    pushers: int | None
    mergers: int | None
    may_force_push: bool = False
    needs_owners: bool = False


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, without its value. ``access_level`` is None for a personal one.

    ``expires_on`` is the first day on which it no longer works, None for one that has no end.
    """

    id: int
    name: str
    user_id: int
    scopes: tuple[str, ...]
    is_active: bool
    expires_on: date | None = None
    access_level: int | None = None


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project. ``access_level`` is that of the token's account in it, 0 for none that GitLab tells of.

    ``group`` is the full path of the group that it is in, "" in a personal namespace. ``is_premium`` tells whether the
    server shows features of Premium here. ``default_template`` is the text with which the settings fill every new
    issue, "" for none. ``path`` is the full path. ``variables_role`` is the least role that may give variables to a
    pipeline or a schedule, as GitLab names it: "no_one_allowed", "owner", "maintainer", "developer", "" where it does
    not tell (to Maintainers only). ``pipeline_file`` is the path of the file that pipelines are read from, "" for
    ``.gitlab-ci.yml``.
    """

    id: int
    path: str
    web_url: str
    visibility: Visibility
    default_branch: str
    group: str
    access_level: int
    has_issues: bool = True
    is_premium: bool = False
    default_template: str = ""
    pipelines_must_succeed: bool = False
    separates_caches: bool = True
    variables_role: str = ""
    is_archived: bool = False
    has_pipelines: bool = True
    pipeline_file: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the token that we look with. ``is_admin``: it may do everything on its server."""

    user: User
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group: its full path, and who sees it."""

    path: str
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The server: its version, such as "18.4.0-ee". ``is_enterprise`` is None where it does not tell."""

    version: str
    is_enterprise: bool | None = None


@dataclass(frozen=True, slots=True)
class PastRun:
    """A pipeline of a schedule. ``ended_at`` is the end of its successful triage job, None where there is none."""

    pipeline_id: int
    status: str
    created_at: datetime
    ended_at: datetime | None
    web_url: str
