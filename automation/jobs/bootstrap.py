"""Make a project or group what the schemas say: read everything, plan, and carry the plan out where asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from automation.core.bootstrap.plan import Purpose, plan_bootstrap
from automation.core.bootstrap.steps import Found, Home, Place, Plan, Step
from automation.core.bootstrap.wanted import build_wanted
from automation.core.installation import Board, ProjectFacts, Seen
from automation.core.people import is_token_account
from automation.core.words import quote
from automation.edge import installation
from automation.edge.gitlab import GitLab, project_scope
from automation.edge.repository import Repository
from automation.errors import AbsentError, AccessError, IssueError, RefusedError, RoleError, UsageError
from automation.jobs.bootstrap_steps import Works
from automation.jobs.run import Progress

_WHILE_STOPPED = (
    "The run was stopped in the middle of it, so it may be done or not. Run the same command again: it looks first."
)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What to do. ``project`` and ``group`` are scopes of the API, "" where they are not given; one of them is.

    ``make_key`` gives a new random key, for the variable that ``with_secrets`` lets us make.
    """

    project: str
    group: str
    today: date
    make_key: Callable[[], str]
    with_secrets: bool = False
    is_applied: bool = False


@dataclass(slots=True)
class Result:
    """The plan, and what came of its steps. ``project`` and ``group`` are full paths, "" where they were not given.

    ``notes`` say what came out otherwise than planned. ``is_stopped``: somebody stopped it while it wrote; the steps
    that were not done are in ``failed``.
    """

    project: str
    group: str
    plan: Plan
    done: list[Step] = field(default_factory=list)
    failed: list[tuple[Step, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_stopped: bool = False

    @property
    def has_gaps(self) -> bool:
        """Tell whether something that is wanted could not be looked at, so that the plan lacks it."""
        return any(each.is_gap for each in self.plan.remarks)


def bootstrap(job: Bootstrap, gitlab: GitLab, repository: Repository, progress: Progress) -> Result:
    """Plan what *job* names, and carry it out where it says so; what fails stops only what needs it.

    Raises:
        UsageError: the token is a bot's: what it makes would end with the token.
        AccessError: the token is wrong, or there is no such project or group.
    """
    found = fetch_found(job, gitlab, progress)
    purpose = Purpose(
        build_wanted(repository.processes.values()), repository.configuration.schedule, job.today, job.with_secrets
    )
    plan = plan_bootstrap(purpose, found)
    result = Result(found.home.facts.path if found.home else "", found.group, plan)
    if job.is_applied:
        progress.start("Writing", len(plan.steps))
        works = Works(gitlab, found.me, job.today, job.make_key)
        _carry_out(plan, works, result, progress)
        result.notes = works.notes
    return result


# --- reading ----------------------------------------------------------------------------------------------------------


def fetch_found(job: Bootstrap, gitlab: GitLab, progress: Progress) -> Found:
    """Fetch what there is, with as few requests as it takes."""
    me = gitlab.fetch_user()
    if is_token_account(me.username):
        raise UsageError(
            f"The token in HANDOVER_TOKEN belongs to {quote(f'@{me.username}')}, the account of a project or group"
            " token. Schedule and trigger would belong to it and end with it: use an access token of your own."
        )
    home = _fetch_home(job, gitlab) if job.project else None
    if not job.group:
        if home is None:
            raise AssertionError("a project or a group is given")
        place = home.place
        boards = installation.fetch_boards(gitlab, place.scope)
        return Found(me, place, installation.fetch_labels(gitlab, place.scope), ((place, boards),), home)
    group = Place(job.group, installation.fetch_group_path(gitlab, job.group), is_group=True)
    projects = installation.fetch_projects_of_group(gitlab, group.scope)
    labels = installation.fetch_labels(gitlab, group.scope)
    return Found(me, group, labels, tuple(_fetch_boards(gitlab, group, projects, progress)), home, group.path)


def _fetch_home(job: Bootstrap, gitlab: GitLab) -> Home:
    facts = installation.fetch_project_facts(gitlab, job.project)
    scope = project_scope(str(facts.id))
    is_alone = not job.group
    return Home(
        facts=facts,
        place=Place(scope, facts.path),
        schedules=installation.fetch_schedules(gitlab, scope),
        variables=installation.fetch_variables(gitlab, scope),
        triggers=installation.fetch_triggers(gitlab, scope) if is_alone else (),
        hooks=installation.fetch_hooks(gitlab, scope),
        tokens=installation.fetch_access_tokens(gitlab, scope, with_ended=True) if is_alone else (),
        server=installation.fetch_server(gitlab) if is_alone else None,
        labels=() if is_alone else installation.fetch_labels(gitlab, scope),
    )


def _fetch_boards(
    gitlab: GitLab, group: Place, projects: tuple[ProjectFacts, ...], progress: Progress
) -> Iterator[tuple[Place, Seen[tuple[Board, ...]]]]:
    """Yield the boards of the group, or on Free, where a group has only one, those of each project."""
    if any(each.is_premium for each in projects):
        yield group, installation.fetch_boards(gitlab, group.scope)
        return
    progress.start("Reading boards", len(projects))
    for each in projects:
        place = Place(project_scope(str(each.id)), each.path)
        yield place, installation.fetch_boards(gitlab, place.scope)
        progress.step()


# --- writing ----------------------------------------------------------------------------------------------------------


def _carry_out(plan: Plan, works: Works, result: Result, progress: Progress) -> None:
    """Carry out the steps in order; what fails is noted, with all that needs it.

    A role that is too small for one thing is too small for its like. Where no request can succeed any more, such as
    with a token that may only read, nothing else is tried. Stopped, it lists what is left.
    """
    unmet: dict[str, str] = {}
    too_small: dict[tuple[type, str], str] = {}
    ended = ""
    for step in plan.steps:
        kind = (type(step.work), step.place.scope)
        missing = next((unmet[need] for need in step.needs if need in unmet), "")
        reason = f"not tried: {ended or missing}" if ended or missing else too_small.get(kind, "")
        if not reason:
            try:
                works.carry_out(step)
            except RoleError as error:
                reason = too_small[kind] = str(error)
            except RefusedError as error:
                reason = f'{error} It says: "{error.said}".'
            except (AbsentError, IssueError) as error:
                reason = str(error)
            except AccessError as error:
                reason, ended = str(error), "the step before it ended the run."
            except KeyboardInterrupt:
                reason, ended = _WHILE_STOPPED, "the run was stopped."
                result.is_stopped = True
        if reason:
            unmet[step.key] = f"it needs the {step.what}."
            result.failed.append((step, reason))
        else:
            result.done.append(step)
        progress.step()
