"""What the server holds in memory, found quickly; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime
from itertools import count
from threading import RLock
from typing import TypeVar

from automation.sandbox.clock import read_clock
from automation.sandbox.model import (
    Board,
    Group,
    Issue,
    Label,
    LabelEvent,
    Member,
    Note,
    Project,
    StateEvent,
    Token,
    Upload,
    User,
)
from automation.sandbox.model_ci import Hook, Pipeline, ProtectedBranch, Schedule, Trigger, Variable
from automation.sandbox.tasks import Generation, Task, find_tasks

_Place = TypeVar("_Place", Project, Group)
_MAX_UPLOAD_BYTES = 10 * 1024 * 1024


class Store:
    """All records by id, with the indexes that keep requests cheap. Hold `lock` while using it.

    `version` grows with every change that can alter a list of issues; `kept_lists` holds lists under it.
    `max_upload_bytes` is the server's limit for a file; it may be set.
    """

    def __init__(
        self, now: Callable[[], datetime] = read_clock, generation: Generation = "R", premium: bool = False
    ) -> None:
        self.lock = RLock()
        self.generation: Generation = generation
        self.premium = premium
        self.version = 0
        self.max_upload_bytes = _MAX_UPLOAD_BYTES
        self.users: dict[int, User] = {}
        self.tokens: dict[str, Token] = {}
        self.groups: dict[int, Group] = {}
        self.projects: dict[int, Project] = {}
        self.members: dict[str, dict[int, Member]] = {}  # by the path of the project or group
        self.labels: dict[int, Label] = {}
        self.boards: dict[int, Board] = {}
        self.issues: dict[int, dict[int, Issue]] = {}
        self.notes: dict[int, dict[int, Note]] = {}
        self.uploads: dict[int, Upload] = {}
        self.label_events: dict[int, list[LabelEvent]] = {}
        self.state_events: dict[int, list[StateEvent]] = {}
        self.templates: dict[int, dict[str, str]] = {}
        self.group_templates: dict[int, dict[str, str]] = {}
        self.files: dict[int, dict[str, dict[str, bytes]]] = {}  # by project, branch and path
        self.schedules: dict[int, Schedule] = {}
        self.plays: dict[tuple[int, int], datetime] = {}  # by user and schedule
        self.pipelines: dict[int, Pipeline] = {}
        self.triggers: dict[int, Trigger] = {}
        self.hooks: dict[int, Hook] = {}
        self.variables: dict[int, dict[str, Variable]] = {}
        self.group_variables: dict[int, dict[str, Variable]] = {}
        self.protected_branches: dict[int, dict[str, ProtectedBranch]] = {}
        self.kept_lists: dict[Hashable, list[Issue]] = {}
        self._clock = now
        self._ids: dict[str, Iterator[int]] = {}
        self._last_iids: dict[int, int] = {}
        self._tasks: dict[int, tuple[str | None, tuple[Task, ...]]] = {}

    def read_now(self) -> datetime:
        """Read the clock, in UTC; GitLab keeps and shows milliseconds."""
        moment = self._clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def next_id(self, kind: str) -> int:
        """Return the next number of *kind*: they only ever rise."""
        return next(self._ids.setdefault(kind, count(1)))

    def take_iid(self, project_id: int, chosen: int | None) -> int:
        """Return the iid of a new issue: *chosen*, or the one after the highest so far."""
        last = self._last_iids.get(project_id, 0)
        iid = chosen or last + 1
        self._last_iids[project_id] = max(last, iid)
        return iid

    def put_issue(self, issue: Issue) -> Issue:
        """Keep *issue* as the present state of its iid."""
        self.issues.setdefault(issue.project_id, {})[issue.iid] = issue
        self.version += 1
        return issue

    def put_note(self, note: Note) -> Note:
        """Keep *note* as the present state of its id."""
        self.notes.setdefault(note.issue_id, {})[note.id] = note
        return note

    def find_user(self, username: str) -> User | None:
        """Find a user by name, in any case, as GitLab does."""
        return next((user for user in self.users.values() if user.username.lower() == username.lower()), None)

    def find_project(self, reference: int | str) -> Project | None:
        """Find a project by id or full path."""
        return _find(self.projects, reference)

    def find_group(self, reference: int | str) -> Group | None:
        """Find a group by id or full path."""
        return _find(self.groups, reference)

    def list_ancestors(self, place: Project | Group) -> list[Group]:
        """Return the groups above *place*, and itself when it is one."""
        return [group for group in self.groups.values() if _is_within(place.path, group.path)]

    def list_projects_below(self, group: Group) -> list[Project]:
        """Return the projects of *group* and of its subgroups."""
        return [project for project in self.projects.values() if _is_within(project.path, group.path)]

    def list_labels(self, place: Project | Group, with_ancestors: bool = True) -> list[Label]:
        """Return the labels usable in *place*, by title."""
        return sorted(self._labels_of(place, with_ancestors), key=lambda label: (label.title.lower(), label.id))

    def list_uploads(self, project: Project) -> list[Upload]:
        """Return the files of *project*, oldest first."""
        return [upload for upload in self.uploads.values() if upload.project_id == project.id]

    def find_upload(self, project: Project, secret: str, name: str) -> Upload | None:
        """Find a file by what stands in its address."""
        return next((each for each in self.list_uploads(project) if (each.secret, each.name) == (secret, name)), None)

    def find_label(self, place: Project | Group, title: str) -> Label | None:
        """Find the label that *title* means in *place*; case matters."""
        return next((label for label in self._labels_of(place, True) if label.title == title), None)

    def find_label_ids(self, place: Project | Group, title: str) -> frozenset[int]:
        """Return every label titled *title* in the whole tree under the root group of *place*."""
        root = place.path.split("/")[0]
        return frozenset(
            label.id for label in self.labels.values() if label.title == title and self._root_of(label) == root
        )

    def list_members(self, place: Project | Group, is_inherited: bool) -> dict[int, Member]:
        """Return memberships by user id; inherited ones too if asked, the highest level of each person."""
        found = dict(self.members.get(place.path, {}))
        for group in self.list_ancestors(place) if is_inherited else ():
            for user_id, member in self.members.get(group.path, {}).items():
                if user_id not in found or found[user_id].access_level < member.access_level:
                    found[user_id] = member
        return found

    def read_level(self, place: Project | Group, user: User | None) -> int:
        """Return the access level of *user*, 0 for somebody from outside."""
        if user is None or user.state != "active":
            return 0
        places: list[Project | Group] = [place, *self.list_ancestors(place)]
        levels = (self.members.get(each.path, {}).get(user.id) for each in places)
        return max((member.access_level for member in levels if member), default=0)

    def read_tasks(self, issue: Issue) -> tuple[Task, ...]:
        """Return the boxes of *issue*, found once for each version of its text."""
        known = self._tasks.get(issue.id)
        if known is None or known[0] is not issue.description:
            known = (issue.description, find_tasks(issue.description, self.generation))
            self._tasks[issue.id] = known
        return known[1]

    def _labels_of(self, place: Project | Group, with_ancestors: bool) -> Iterator[Label]:
        project_id = place.id if isinstance(place, Project) else None
        groups = {group.id for group in self.list_ancestors(place) if with_ancestors or group == place}
        return (
            label
            for label in self.labels.values()
            if (label.group_id in groups if label.project_id is None else label.project_id == project_id)
        )

    def _root_of(self, label: Label) -> str:
        if label.project_id is not None:
            return self.projects[label.project_id].path.split("/")[0]
        return self.groups[label.group_id or 0].path.split("/")[0]


def _find(records: dict[int, _Place], reference: int | str) -> _Place | None:
    if isinstance(reference, int) or reference.isdecimal():
        return records.get(int(reference))
    wanted = reference.lower()
    return next((record for record in records.values() if record.path.lower() == wanted), None)


def _is_within(path: str, group_path: str) -> bool:
    return path == group_path or path.startswith(group_path + "/")
