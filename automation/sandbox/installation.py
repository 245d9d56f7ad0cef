"""What an installation is made of, set up and spoilt by hand: schedules, pipelines, files, settings, labels, boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from automation.sandbox.model import Board, BoardList, Label, Project
from automation.sandbox.model_ci import Hook, Job, Pipeline, ProtectedBranch, Schedule, Variable
from automation.sandbox.places import PlaceLike, Places, ProjectLike, UserLike

_T = TypeVar("_T")
_STOPPED_HOOK = "disabled"


class Installation(Places):
    """People and places, and what makes triage run there. What is not there raises `LookupError`."""

    # --- places, labels, boards ---------------------------------------------------------------------------------------

    def update_project(self, project: ProjectLike, **changes: Any) -> Project:
        """Change settings of a project, by the names of `Project`."""
        with self.lock:
            changed = replace(self.project(project), **changes)
            self.projects[changed.id] = changed
            self.version += 1
            return changed

    def update_label(self, place: PlaceLike, title: str, **changes: Any) -> Label:
        """Change a label of the place itself, by the names of `Label`."""
        with self.lock:
            labels = self.list_labels(self.place(place), with_ancestors=False)
            found = _first([label for label in labels if label.title == title], title)
            self.labels[found.id] = replace(found, **changes)
            self.version += 1
            return self.labels[found.id]

    def add_board(self, place: PlaceLike, name: str, titles: Sequence[str] = ()) -> Board:
        """Add a board with a list for each label in *titles*; those must be there."""
        with self.lock:
            known = self.place(place)
            labels = {label.title: label.id for label in self.list_labels(known)}
            lists = tuple(
                BoardList(self.next_id("board list"), labels[title], position) for position, title in enumerate(titles)
            )
            project_id = known.id if isinstance(known, Project) else None
            group_id = None if isinstance(known, Project) else known.id
            board = Board(self.next_id("board"), project_id, name, lists=lists, group_id=group_id)
            self.boards[board.id] = board
            return board

    def list_boards(self, place: PlaceLike) -> dict[str, tuple[str, ...]]:
        """Return the titles of each board's lists, by its name."""
        with self.lock:
            known = self.place(place)
            return {
                board.name: tuple(self.labels[entry.label_id].title for entry in board.lists)
                for board in self.boards.values()
                if known.id == (board.project_id if isinstance(known, Project) else board.group_id)
            }

    def remove_list(self, place: PlaceLike, board: str, title: str) -> None:
        """Delete one list of a board."""
        with self.lock:
            known = self._board(place, board)
            kept = tuple(entry for entry in known.lists if self.labels[entry.label_id].title != title)
            if kept == known.lists:
                raise LookupError(f"no list {title!r} in the board {board!r}")
            closed = tuple(replace(entry, position=position) for position, entry in enumerate(kept))
            self.boards[known.id] = replace(known, lists=closed)

    def reverse_lists(self, place: PlaceLike, board: str) -> None:
        """Put the lists of a board into the opposite order."""
        with self.lock:
            known = self._board(place, board)
            turned = (replace(entry, position=position) for position, entry in enumerate(known.lists[::-1]))
            self.boards[known.id] = replace(known, lists=tuple(turned))

    # --- schedules and pipelines --------------------------------------------------------------------------------------

    def add_schedule(
        self,
        project: ProjectLike,
        owner: UserLike,
        description: str,
        cron: str = "*/15 * * * *",
        time_zone: str = "UTC",
        variables: Mapping[str, str] | None = None,
    ) -> Schedule:
        """Add an active pipeline schedule on the branch main."""
        with self.lock:
            known, person = self.project(project), self.user(owner)
            schedule = Schedule(
                self.next_id("schedule"),
                known.id,
                description,
                "refs/heads/main",
                cron,
                time_zone,
                person.id,
                self.read_now(),
                variables=dict(variables or {}),
            )
            self.schedules[schedule.id] = schedule
            return schedule

    def update_schedule(self, schedule_id: int, **changes: Any) -> Schedule:
        """Change a schedule, by the names of `Schedule`: `is_active=False` stops it."""
        with self.lock:
            self.schedules[schedule_id] = replace(self.schedules[schedule_id], **changes)
            return self.schedules[schedule_id]

    def add_pipeline(
        self,
        project: ProjectLike,
        schedule_id: int | None = None,
        jobs: Mapping[str, str] | None = None,
        at: datetime | None = None,
        source: str = "schedule",
    ) -> Pipeline:
        """Add a pipeline that began and ended *at* (now when left out); *jobs* holds the status of each job by name."""
        with self.lock:
            moment = at or self.read_now()
            statuses = {"triage": "success"} if jobs is None else jobs
            ran = tuple(
                Job(self.next_id("job"), name, status, moment if status in ("success", "failed") else None)
                for name, status in statuses.items()
            )
            status = "failed" if "failed" in statuses.values() else "success"
            number = self.next_id("pipeline")
            pipeline = Pipeline(
                number, self.project(project).id, status, source, "refs/heads/main", moment, schedule_id, ran
            )
            self.pipelines[number] = pipeline
            return pipeline

    # --- files, branches, secrets -------------------------------------------------------------------------------------

    def set_file(self, project: ProjectLike, path: str, text: str | bytes, branch: str = "main") -> None:
        """Put a file into the repository."""
        with self.lock:
            content = text if isinstance(text, bytes) else text.encode()
            self.files.setdefault(self.project(project).id, {}).setdefault(branch, {})[path] = content

    def remove_file(self, project: ProjectLike, path: str, branch: str = "main") -> None:
        """Take a file out of the repository."""
        with self.lock:
            del self.files[self.project(project).id][branch][path]

    def set_group_templates(self, group: str, templates: Mapping[str, str]) -> None:
        """Set the issue templates that a group offers in all its projects (Premium), by name."""
        with self.lock:
            self.group_templates[self.place(group).id] = dict(templates)

    def protect_branch(
        self, project: ProjectLike, name: str, push_level: int, merge_level: int, allow_force_push: bool = False
    ) -> None:
        """Protect a branch or pattern, or change how it is protected."""
        with self.lock:
            branch = ProtectedBranch(self.next_id("protected branch"), name, push_level, merge_level, allow_force_push)
            self.protected_branches.setdefault(self.project(project).id, {})[name] = branch

    def unprotect_branch(self, project: ProjectLike, name: str = "main") -> None:
        """Let everybody push to a branch who may push at all."""
        with self.lock:
            del self.protected_branches[self.project(project).id][name]

    def set_variable(self, project: ProjectLike, variable: Variable) -> None:
        """Put a CI/CD variable there, whatever rules its value breaks."""
        with self.lock:
            self.variables.setdefault(self.project(project).id, {})[variable.key] = variable

    def set_group_variable(self, group: str, variable: Variable) -> None:
        """Put a CI/CD variable into a group: pipelines of all its projects are given it."""
        with self.lock:
            self.group_variables.setdefault(self.place(group).id, {})[variable.key] = variable

    def add_hook(self, project: ProjectLike, url: str, events: Sequence[str] = ("issues_events",)) -> Hook:
        """Add a webhook."""
        with self.lock:
            hook = Hook(self.next_id("hook"), self.project(project).id, url, self.read_now(), frozenset(events))
            self.hooks[hook.id] = hook
            return hook

    def stop_hook(self, hook_id: int) -> None:
        """Stop a webhook as GitLab does after many failures."""
        with self.lock:
            self.hooks[hook_id] = replace(self.hooks[hook_id], alert_status=_STOPPED_HOOK)

    def set_expiry(self, value: str, day: date) -> None:
        """Let a token end on *day*."""
        with self.lock:
            self.tokens[value] = replace(self.tokens[value], expires_at=day)

    def _board(self, place: PlaceLike, name: str) -> Board:
        known = self.place(place)
        is_project = isinstance(known, Project)
        boards = [each for each in self.boards.values() if each.name == name]
        found = [each for each in boards if known.id == (each.project_id if is_project else each.group_id)]
        return _first(found, name)


def _first(found: Sequence[_T], name: str) -> _T:
    if not found:
        raise LookupError(f"nothing called {name!r} in the sandbox")
    return found[0]
