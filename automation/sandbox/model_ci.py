"""The values of pipelines and what starts them: frozen, replaced as a whole when they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """A pipeline schedule; *ref* in full, as in ``refs/heads/main``."""

    id: int
    project_id: int
    description: str
    ref: str
    cron: str
    cron_timezone: str
    owner_id: int
    created_at: datetime
    is_active: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A pipeline trigger token."""

    id: int
    project_id: int
    owner_id: int
    description: str
    token: str
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of a project; *events* are those that it hears of, as GitLab names their switches."""

    id: int
    project_id: int
    url: str
    created_at: datetime
    events: frozenset[str] = frozenset()
    url_variables: Mapping[str, str] = field(default_factory=dict)
    verifies_ssl: bool = True
    alert_status: str = "executable"


@dataclass(frozen=True, slots=True)
class Variable:
    """A CI/CD variable of a project or group."""

    key: str
    value: str
    is_masked: bool = False
    is_protected: bool = False
    environment: str = "*"
    description: str | None = None
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class ProtectedBranch:
    """A protected branch or pattern; levels as GitLab counts them, 0 for nobody."""

    id: int
    name: str
    push_level: int
    merge_level: int
    allow_force_push: bool = False
    needs_owners: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a pipeline."""

    id: int
    name: str
    status: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline; *schedule_id* is that of the schedule that started it."""

    id: int
    project_id: int
    status: str
    source: str
    ref: str
    created_at: datetime
    schedule_id: int | None = None
    jobs: tuple[Job, ...] = ()
