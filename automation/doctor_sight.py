"""What the doctor looks at: everything that an installation is made of, once, without writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from automation.core.bootstrap.credentials import STATE_KEY, TOKEN
from automation.core.bootstrap.steps import Found, Home, Place
from automation.core.doctor.files import TEMPLATES, name_of
from automation.core.installation import (
    AccessToken,
    Board,
    PastRun,
    ProjectFacts,
    ProtectedBranch,
    Schedule,
    Seen,
    ServerFacts,
    Unseen,
    Variable,
)
from automation.core.model import Member, User
from automation.core.pages.page import current_processes
from automation.core.schedules import find_triage_schedule
from automation.edge import installation as at
from automation.edge.documents import read_text
from automation.edge.gitlab import GitLab, group_scope
from automation.edge.parallel import in_parallel
from automation.edge.pipeline import PIPELINE, find_triage_jobs
from automation.edge.repository import CONFIGURATION, Repository
from automation.errors import AbsentError, AccessError, GitLabError, RefusedError, RoleError

_T = TypeVar("_T")
_AT_ONCE = 4
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Examination:
    """What to look at: the project *scope* with the repository at *root*; ``group`` holds the handovers, "" if not."""

    scope: str
    group: str
    root: Path
    repository: Repository
    now: datetime


@dataclass(frozen=True, slots=True)
class Sight:
    """All that was seen. ``files`` are the texts of the default branch, ``here`` those of the checkout, by path."""

    facts: ProjectFacts
    me: User
    own_token: Seen[AccessToken]
    server: Seen[ServerFacts]
    others: tuple[ProjectFacts, ...]
    members: Seen[tuple[Member, ...]]
    groups: Mapping[str, Seen[tuple[Member, ...]]]
    found: Found
    schedule: Seen[Schedule | None]
    runs: Seen[tuple[PastRun, ...]]
    branches: Seen[tuple[ProtectedBranch, ...]]
    variables: Seen[tuple[Variable, ...]]
    here: Mapping[str, str]
    process_templates: tuple[str, ...]
    files: Mapping[str, Seen[str | None]]
    offered: Seen[tuple[str, ...]]
    chosen: Mapping[str, Seen[str | None]]


class _Eyes:
    """Look at one thing after the other: what fails is not seen, and the rest goes on, unless all fails."""

    def __init__(self) -> None:
        self._failures = 0

    def see(self, fetch: Callable[[], Seen[_T]], needs: str = "Maintainer") -> Seen[_T]:
        """Return what *fetch* returns; Unseen, with the reason, where GitLab refuses it or fails.

        Raises:
            AccessError: GitLab failed three times running: it does not answer any more.
        """
        try:
            found = fetch()
        except (RoleError, AbsentError, RefusedError) as error:
            return Unseen(needs, str(error))
        except GitLabError as error:
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                raise
            return Unseen("another try", str(error))
        self._failures = 0
        return found


def look(job: Examination, gitlab: GitLab, facts: ProjectFacts) -> Sight:
    """Look at everything once; what cannot be seen is Unseen."""
    eyes, scope = _Eyes(), job.scope
    me = gitlab.fetch_user()
    own_token = eyes.see(partial(at.fetch_own_token, gitlab))
    server = eyes.see(partial(at.fetch_server, gitlab))
    projects = at.fetch_projects_of_group(gitlab, group_scope(job.group)) if job.group else ()
    people_at = group_scope(job.group) if job.group else scope
    members = eyes.see(lambda: tuple(gitlab.fetch_members(people_at)), "member")
    branches = eyes.see(partial(at.fetch_protected_branches, gitlab, scope))
    found, home = _look_at_setup(job, gitlab, facts, me, projects, eyes)
    schedule, runs = _look_at_schedule(job, gitlab, facts, home.schedules, eyes)
    here, process_templates = _read_checkout(job)
    offered = eyes.see(partial(at.fetch_offered_templates, gitlab, scope))
    twice = _offered_twice(process_templates, offered)
    return Sight(
        facts=facts,
        me=me,
        own_token=own_token,
        server=server,
        others=tuple(each for each in projects if each.id != facts.id),
        members=members,
        groups=_look_at_groups(job, gitlab),
        found=found,
        schedule=schedule,
        runs=runs,
        branches=branches,
        variables=_look_above(gitlab, facts, home.variables, eyes),
        here=here,
        process_templates=process_templates,
        files=_look_at_files(job, gitlab, facts, tuple(here), eyes),
        offered=offered,
        chosen={name: eyes.see(partial(at.fetch_offered_template, gitlab, scope, name)) for name in twice},
    )


def _look_at_setup(
    job: Examination, gitlab: GitLab, facts: ProjectFacts, me: User, projects: tuple[ProjectFacts, ...], eyes: _Eyes
) -> tuple[Found, Home]:
    """Look at what bootstrap makes. In a group the boards are the group's on Premium, else those of each project."""
    scope, place = job.scope, Place(job.scope, facts.path)
    home = Home(
        facts=facts,
        place=place,
        schedules=eyes.see(partial(at.fetch_schedules, gitlab, scope)),
        variables=eyes.see(partial(at.fetch_variables, gitlab, scope)),
        triggers=eyes.see(partial(at.fetch_triggers, gitlab, scope)),
        hooks=eyes.see(partial(at.fetch_hooks, gitlab, scope)),
        tokens=eyes.see(partial(at.fetch_access_tokens, gitlab, scope)),
    )
    if job.group:
        labels_at = Place(group_scope(job.group), job.group, is_group=True)
        is_premium = any(each.is_premium for each in projects)
        places = [labels_at] if is_premium else [Place(f"projects/{each.id}", each.path) for each in projects]
    else:
        labels_at, places = place, [place]
    labels = at.fetch_labels(gitlab, labels_at.scope)
    boards = tuple((each, _look_at_boards(gitlab, each, eyes)) for each in places)
    return Found(me, labels_at, labels, boards, home, job.group), home


def _look_at_boards(gitlab: GitLab, place: Place, eyes: _Eyes) -> Seen[tuple[Board, ...]]:
    return eyes.see(partial(at.fetch_boards, gitlab, place.scope))


def _look_at_schedule(
    job: Examination, gitlab: GitLab, facts: ProjectFacts, schedules: Seen[tuple[Schedule, ...]], eyes: _Eyes
) -> tuple[Seen[Schedule | None], Seen[tuple[PastRun, ...]]]:
    if isinstance(schedules, Unseen):
        return schedules, ()
    schedule = find_triage_schedule(schedules, facts.default_branch)
    if schedule is None:
        return None, ()
    names = find_triage_jobs(job.root)
    return schedule, eyes.see(partial(at.fetch_past_runs, gitlab, job.scope, schedule.id, names))


def _look_at_groups(job: Examination, gitlab: GitLab) -> dict[str, Seen[tuple[Member, ...]]]:
    """Look at who is in the groups that roles name; one that is unknown or private is not seen."""
    found: dict[str, Seen[tuple[Member, ...]]] = {}
    for path in job.repository.configuration.groups:
        try:
            found[path] = tuple(gitlab.fetch_members(group_scope(path)))
        except AccessError as error:
            found[path] = Unseen("a member of the group", str(error))
    return found


def _look_above(
    gitlab: GitLab, facts: ProjectFacts, variables: Seen[tuple[Variable, ...]], eyes: _Eyes
) -> Seen[tuple[Variable, ...]]:
    """Add the variables of the groups above, where the project itself lacks one that is needed."""
    if isinstance(variables, Unseen) or not facts.group:
        return variables
    parts = facts.group.split("/")
    for depth in range(len(parts), 0, -1):
        if {TOKEN, STATE_KEY} <= {each.key for each in variables}:
            break
        above = eyes.see(partial(at.fetch_variables, gitlab, group_scope("/".join(parts[:depth]))))
        variables = variables if isinstance(above, Unseen) else (*variables, *above)
    return variables


# --- files ------------------------------------------------------------------------------------------------------------


def _read_checkout(job: Examination) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the texts that must be the same on the default branch, by path, and which are templates in use."""
    current = current_processes(job.repository.processes.values())
    templates = tuple(f"{TEMPLATES}{process.template}.md" for process in current)
    found = [path.relative_to(job.root).as_posix() for path in sorted((job.root / "schemas").glob("*.json"))]
    default = [path.name for path in (job.root / TEMPLATES).glob("*.md") if path.stem.casefold() == "default"]
    paths = dict.fromkeys([*templates, *(f"{TEMPLATES}{name}" for name in default), *found, CONFIGURATION, PIPELINE])
    return {path: read_text(job.root, path) for path in paths}, templates


def _look_at_files(
    job: Examination, gitlab: GitLab, facts: ProjectFacts, paths: tuple[str, ...], eyes: _Eyes
) -> dict[str, Seen[str | None]]:
    if not facts.default_branch or not paths:
        return dict.fromkeys(paths)

    def fetch(path: str) -> Seen[str | None]:
        return eyes.see(partial(at.fetch_file, gitlab, job.scope, path, facts.default_branch), "Reporter")

    first = fetch(paths[0])
    if isinstance(first, Unseen):
        return dict.fromkeys(paths, first)
    others = in_parallel(fetch, paths[1:], _AT_ONCE, lambda _path, error: _raise(error))
    return dict(zip(paths, (first, *others), strict=True))


def _raise(error: Exception) -> None:
    raise error


def _offered_twice(process_templates: tuple[str, ...], offered: Seen[tuple[str, ...]]) -> tuple[str, ...]:
    names = () if isinstance(offered, Unseen) else offered
    ours = (name_of(path) for path in process_templates)
    return tuple(name for name in ours if names.count(name) > 1)
