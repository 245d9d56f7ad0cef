"""What the doctor looks at: everything that an installation is made of, once, without writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from automation.core.bootstrap.steps import Found, Home, Place
from automation.core.doctor.files import TEMPLATES, find_default, name_of
from automation.core.doctor.people import NamedGroup
from automation.core.installation import (
    AccessToken,
    Account,
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
from automation.core.model import Member
from automation.core.pages.page import current_processes
from automation.core.schedules import find_triage_schedule
from automation.edge import installation as at
from automation.edge.documents import read_text
from automation.edge.gitlab import GitLab, group_scope
from automation.edge.parallel import in_parallel
from automation.edge.pipeline import PIPELINE, find_triage_jobs
from automation.edge.repository import CONFIGURATION, Repository
from automation.errors import PlaceError
from automation.jobs.doctor_eyes import Eyes

_AT_ONCE = 4


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
    """All that was seen. ``files`` are the texts of the default branch, ``here`` those of the checkout, by path.

    ``members`` are those of the project, ``people`` those of all the projects that hold handovers. ``variables`` are
    those of the project and then of the groups above, ``above`` what keeps the other groups from showing theirs.
    """

    facts: ProjectFacts
    me: Account
    own_token: Seen[AccessToken]
    server: Seen[ServerFacts]
    others: tuple[ProjectFacts, ...]
    members: Seen[tuple[Member, ...]]
    people: Seen[tuple[Member, ...]]
    groups: Mapping[str, Seen[NamedGroup | None]]
    found: Found
    home: Home
    unseen_labels: Unseen | None
    schedule: Schedule | None
    runs: Seen[tuple[PastRun, ...]]
    branches: Seen[tuple[ProtectedBranch, ...]]
    variables: Seen[tuple[Variable, ...]]
    above: Mapping[str, Unseen]
    here: Mapping[str, str]
    process_templates: tuple[str, ...]
    files: Mapping[str, Seen[str | None]]
    offered: Seen[tuple[str, ...]]
    chosen: Mapping[str, Seen[str | None]]


def look(job: Examination, gitlab: GitLab, facts: ProjectFacts) -> Sight:
    """Look at everything once; what cannot be seen is Unseen."""
    eyes, scope = Eyes(), job.scope
    me = at.fetch_account(gitlab)
    own_token = eyes.see(partial(at.fetch_own_token, gitlab))
    server = eyes.see(partial(at.fetch_server, gitlab))
    projects = at.fetch_projects_of_group(gitlab, group_scope(job.group)) if job.group else ()
    members = eyes.see(lambda: tuple(gitlab.fetch_members(scope)), "member")
    others = tuple(each for each in projects if each.id != facts.id)
    branches = eyes.see(partial(at.fetch_protected_branches, gitlab, scope))
    found, home, unseen_labels = _look_at_setup(job, gitlab, facts, me, projects, eyes)
    schedule, runs = _look_at_runs(job, gitlab, home.schedules, eyes)
    variables, above = _look_above(gitlab, facts, home.variables, eyes)
    here, process_templates = _read_checkout(job)
    offered = eyes.see(partial(at.fetch_offered_templates, gitlab, scope))
    twice = _offered_twice(process_templates, offered)
    return Sight(
        facts=facts,
        me=me,
        own_token=own_token,
        server=server,
        others=others,
        members=members,
        people=_look_at_people(gitlab, members, others, eyes),
        groups={path: _look_at_group(gitlab, path, facts, eyes) for path in job.repository.configuration.groups},
        found=found,
        home=home,
        unseen_labels=unseen_labels,
        schedule=schedule,
        runs=runs,
        branches=branches,
        variables=variables,
        above=above,
        here=here,
        process_templates=process_templates,
        files=_look_at_files(job, gitlab, facts, (*here, *_default_of_branch(here, offered)), eyes),
        offered=offered,
        chosen={name: eyes.see(partial(at.fetch_offered_template, gitlab, scope, name)) for name in twice},
    )


def _look_at_setup(
    job: Examination, gitlab: GitLab, facts: ProjectFacts, me: Account, projects: tuple[ProjectFacts, ...], eyes: Eyes
) -> tuple[Found, Home, Unseen | None]:
    """Look at what bootstrap makes. In a group the boards are the group's on Premium, else those of each project."""
    scope, place = job.scope, Place(job.scope, facts.path)
    home = Home(
        facts=facts,
        place=place,
        schedules=eyes.see(partial(at.fetch_schedules, gitlab, scope)) if facts.has_pipelines else (),
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
    labels = eyes.see(partial(at.fetch_labels, gitlab, labels_at.scope), "Planner or Reporter")
    boards = tuple((each, _look_at_boards(gitlab, each, eyes)) for each in places)
    unseen, seen = (labels, ()) if isinstance(labels, Unseen) else (None, labels)
    return Found(me.user, labels_at, seen, boards, home, job.group), home, unseen


def _look_at_boards(gitlab: GitLab, place: Place, eyes: Eyes) -> Seen[tuple[Board, ...]]:
    return eyes.see(partial(at.fetch_boards, gitlab, place.scope))


def _look_at_runs(
    job: Examination, gitlab: GitLab, schedules: Seen[tuple[Schedule, ...]], eyes: Eyes
) -> tuple[Schedule | None, Seen[tuple[PastRun, ...]]]:
    """Look at the runs of triage's schedule; where there are only others, at all that a schedule started."""
    if isinstance(schedules, Unseen):
        return None, schedules
    schedule = find_triage_schedule(schedules)
    if not schedules:
        return None, ()
    names = find_triage_jobs(job.root)
    schedule_id = schedule.id if schedule else None
    return schedule, eyes.see(partial(at.fetch_past_runs, gitlab, job.scope, schedule_id, names), "Reporter")


# --- people and what is above -----------------------------------------------------------------------------------------


def _look_at_people(
    gitlab: GitLab, members: Seen[tuple[Member, ...]], projects: tuple[ProjectFacts, ...], eyes: Eyes
) -> Seen[tuple[Member, ...]]:
    """Return everybody who is in the project or in one of *projects*, each with the highest role."""
    found: list[Member] = []
    seen = [members, *(_members_of(gitlab, each, eyes) for each in projects)]
    for each in seen:
        if isinstance(each, Unseen):
            return each
        found += each
    return tuple({each.username: each for each in sorted(found, key=lambda each: each.access_level)}.values())


def _members_of(gitlab: GitLab, project: ProjectFacts, eyes: Eyes) -> Seen[tuple[Member, ...]]:
    return eyes.see(lambda: tuple(gitlab.fetch_members(f"projects/{project.id}")), "member")


def _look_at_group(gitlab: GitLab, path: str, facts: ProjectFacts, eyes: Eyes) -> Seen[NamedGroup | None]:
    """Look at a group that a role names: None where GitLab has none, or shows none to us."""

    def fetch() -> NamedGroup | None:
        try:
            group = at.fetch_group(gitlab, group_scope(path))
        except PlaceError:
            return None
        is_above = f"{facts.path}/".casefold().startswith(f"{group.path}/".casefold())
        members = eyes.see(lambda: tuple(gitlab.fetch_members(group_scope(path))), "a member of the group")
        return NamedGroup(group.visibility, is_above, members)

    return eyes.see(fetch, "a member of the group")


def _look_above(
    gitlab: GitLab, facts: ProjectFacts, variables: Seen[tuple[Variable, ...]], eyes: Eyes
) -> tuple[Seen[tuple[Variable, ...]], dict[str, Unseen]]:
    """Add the variables of the groups above, the nearest first, and name the groups that do not show theirs."""
    if isinstance(variables, Unseen) or not facts.group:
        return variables, {}
    parts: list[str] = facts.group.split("/")
    unseen: dict[str, Unseen] = {}
    for depth in range(len(parts), 0, -1):
        path = "/".join(parts[:depth])
        above = eyes.see(partial(at.fetch_variables, gitlab, group_scope(path)))
        if isinstance(above, Unseen):
            unseen[path] = above
        else:
            variables = (*variables, *(replace(each, group=path) for each in above))
    return variables, unseen


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
    job: Examination, gitlab: GitLab, facts: ProjectFacts, paths: tuple[str, ...], eyes: Eyes
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


def _default_of_branch(here: Mapping[str, str], offered: Seen[tuple[str, ...]]) -> list[str]:
    """Return the path that a default template would have on the branch, where people are offered one that is not here.

    It may as well be one of a group above.
    """
    names = () if isinstance(offered, Unseen) or find_default(here) else offered
    default = find_default(f"{TEMPLATES}{name}.md" for name in names)
    return [default] if default else []


def _raise(error: Exception) -> None:
    raise error


def _offered_twice(process_templates: tuple[str, ...], offered: Seen[tuple[str, ...]]) -> tuple[str, ...]:
    names = () if isinstance(offered, Unseen) else offered
    ours = (name_of(path) for path in process_templates)
    return tuple(name for name in ours if names.count(name) > 1)
