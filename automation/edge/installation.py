"""Read what a project or group has of an installation. It decides nothing.

*scope* is "projects/ID" or "groups/ID" (``gitlab.project_scope``, ``gitlab.group_scope``). What the token's account is
not shown is ``Unseen``, with the role that would see it; a wrong token and a place that does not exist raise
AccessError.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote

from automation.core.installation import (
    AccessToken,
    Account,
    Board,
    GroupFacts,
    Hook,
    Label,
    PastRun,
    ProjectFacts,
    ProtectedBranch,
    Schedule,
    Seen,
    ServerFacts,
    Trigger,
    Unseen,
    Variable,
)
from automation.edge import installed
from automation.edge.fields import read_id, read_object
from automation.edge.gitlab import GitLab
from automation.errors import AbsentError, RefusedError, RoleError

_T = TypeVar("_T")
_MOST_RUNS = 20
# Of a job token and of OAuth it tells nothing.
_ANY_KIND = "a personal, project or group access token"


def fetch_project_facts(gitlab: GitLab, scope: str) -> ProjectFacts:
    """Fetch what the project is, and what its settings say."""
    return installed.read_project(_get(gitlab, f"/{scope}"))


def fetch_account(gitlab: GitLab) -> Account:
    """Fetch whose token it is."""
    return installed.read_account(_get(gitlab, "/user"))


def fetch_group(gitlab: GitLab, scope: str) -> GroupFacts:
    """Fetch what a group is.

    Raises:
        PlaceError: there is no such group, or the account is not shown it.
    """
    return installed.read_group(_get(gitlab, f"/{scope}"))


def fetch_group_path(gitlab: GitLab, scope: str) -> str:
    """Fetch the full path of a group, however *scope* names it."""
    return installed.read_group_path(_get(gitlab, f"/{scope}"))


def fetch_projects_of_group(gitlab: GitLab, scope: str) -> tuple[ProjectFacts, ...]:
    """Fetch the projects of a group and of its subgroups that have issues and are not archived, oldest first.

    One request for each project beside the list, which does not tell the account's role.
    """
    query = {"include_subgroups": True, "with_shared": False, "archived": False, "order_by": "id", "sort": "asc"}
    ids = [read_id(each) for each in _list(gitlab, f"/{scope}/projects", **query)]
    facts = (fetch_project_facts(gitlab, f"projects/{project_id}") for project_id in ids)
    return tuple(each for each in facts if each.has_issues)


def fetch_server(gitlab: GitLab) -> Seen[ServerFacts]:
    """Fetch the server's version; servers before 15.2 have no /metadata."""
    try:
        return installed.read_server(_get(gitlab, "/metadata"))
    except AbsentError:
        return _see("member", lambda: installed.read_server(_get(gitlab, "/version")))


def fetch_own_token(gitlab: GitLab) -> Seen[AccessToken]:
    """Fetch what the server says of the token that we use."""
    try:
        return _see(_ANY_KIND, lambda: installed.read_access_token(_get(gitlab, "/personal_access_tokens/self")))
    except RefusedError:
        return Unseen(_ANY_KIND)


# --- labels and boards ------------------------------------------------------------------------------------------------


def fetch_labels(gitlab: GitLab, scope: str) -> tuple[Label, ...]:
    """Fetch the labels that a project or group can use, those of the groups above included."""
    found = list(_list(gitlab, f"/{scope}/labels", include_ancestor_groups=True))
    if scope.startswith("projects/"):
        return tuple(installed.read_label(each, each.get("is_project_label") is not False) for each in found)
    # A group's label does not say whose it is.
    own = {read_id(each) for each in _list(gitlab, f"/{scope}/labels", include_ancestor_groups=False)}
    return tuple(installed.read_label(each, read_id(each) in own) for each in found)


def fetch_boards(gitlab: GitLab, scope: str) -> Seen[tuple[Board, ...]]:
    """Fetch the boards of a project or group with their lists in order."""
    needs = "Planner (GitLab 17.7 and newer) or Reporter"
    return _see(needs, lambda: tuple(installed.read_board(each) for each in _list(gitlab, f"/{scope}/boards")))


# --- schedules and runs -----------------------------------------------------------------------------------------------


def fetch_schedules(gitlab: GitLab, scope: str, with_variables: bool = True) -> Seen[tuple[Schedule, ...]]:
    """Fetch the pipeline schedules. Their variables stand in no list: *with_variables* costs a request for each."""

    def fetch() -> tuple[Schedule, ...]:
        path = f"/{scope}/pipeline_schedules"
        if not with_variables:
            return tuple(map(installed.read_schedule, _list(gitlab, path)))
        ids = [read_id(each) for each in _list(gitlab, path)]
        return tuple(installed.read_schedule(_get(gitlab, f"{path}/{schedule_id}")) for schedule_id in ids)

    return _see("Reporter", fetch)


def fetch_past_runs(
    gitlab: GitLab, scope: str, schedule_id: int | None, job_names: Collection[str]
) -> Seen[tuple[PastRun, ...]]:
    """Fetch how the schedule's runs ended, newest first, back to the first in which one of *job_names* succeeded.

    *schedule_id* is None where nobody knows which schedule it is. The schedule's last pipeline always counts, others
    only where they have such a job: GitLab does not say which schedule they belong to. At most 20 are looked at.
    """
    return _see("Reporter", lambda: tuple(_fetch_past_runs(gitlab, scope, schedule_id, frozenset(job_names))))


def _fetch_past_runs(
    gitlab: GitLab, scope: str, schedule_id: int | None, job_names: frozenset[str]
) -> Iterator[PastRun]:
    known = {} if schedule_id is None else _get(gitlab, f"/{scope}/pipeline_schedules/{schedule_id}")
    last = known.get("last_pipeline")
    last_id = read_id(last) if last else 0
    if last:
        run = installed.read_past_run(last, _list_jobs(gitlab, scope, last_id, job_names))
        yield run
        if run.ended_at is not None:
            return
    scheduled = _list(gitlab, f"/{scope}/pipelines", source="schedule", order_by="id", sort="desc")
    for pipeline in islice(scheduled, _MOST_RUNS):
        pipeline_id = read_id(pipeline)
        jobs = _list_jobs(gitlab, scope, pipeline_id, job_names) if pipeline_id != last_id else []
        if jobs:
            run = installed.read_past_run(pipeline, jobs)
            yield run
            if run.ended_at is not None:
                return


def _list_jobs(gitlab: GitLab, scope: str, pipeline_id: int, names: frozenset[str]) -> list[Mapping[str, Any]]:
    jobs = _list(gitlab, f"/{scope}/pipelines/{pipeline_id}/jobs")
    return [job for job in jobs if job.get("name") in names]


# --- what wakes it and what it uses -----------------------------------------------------------------------------------


def fetch_triggers(gitlab: GitLab, scope: str) -> Seen[tuple[Trigger, ...]]:
    """Fetch the trigger tokens of a project; the token itself only where the account is its owner."""
    return _see("Maintainer", lambda: tuple(map(installed.read_trigger, _list(gitlab, f"/{scope}/triggers"))))


def fetch_hooks(gitlab: GitLab, scope: str) -> Seen[tuple[Hook, ...]]:
    """Fetch the webhooks of a project."""
    return _see("Maintainer", lambda: tuple(map(installed.read_hook, _list(gitlab, f"/{scope}/hooks"))))


def fetch_variables(gitlab: GitLab, scope: str) -> Seen[tuple[Variable, ...]]:
    """Fetch the CI/CD variables, without their values."""
    return _see("Maintainer", lambda: tuple(map(installed.read_variable, _list(gitlab, f"/{scope}/variables"))))


def fetch_protected_branches(gitlab: GitLab, scope: str) -> Seen[tuple[ProtectedBranch, ...]]:
    """Fetch the protected branches and patterns."""
    path = f"/{scope}/protected_branches"
    return _see("Maintainer", lambda: tuple(map(installed.read_protected_branch, _list(gitlab, path))))


def fetch_access_tokens(gitlab: GitLab, scope: str, with_ended: bool = False) -> Seen[tuple[AccessToken, ...]]:
    """Fetch the access tokens of a project or group that work today, without their values; *with_ended* all of them."""
    path = f"/{scope}/access_tokens"
    found = _see("Maintainer", lambda: tuple(map(installed.read_access_token, _list(gitlab, path))))
    return found if isinstance(found, Unseen) or with_ended else tuple(each for each in found if each.is_active)


# --- files and templates ----------------------------------------------------------------------------------------------


def fetch_file(gitlab: GitLab, scope: str, path: str, ref: str) -> Seen[str | None]:
    """Fetch the text of a file of the repository, None where there is no such file, branch or repository."""
    try:
        return gitlab.text(f"/{scope}/repository/files/{quote(path, safe='')}/raw", {"ref": ref})
    except RoleError:
        return Unseen("Reporter")
    except AbsentError:
        return None


def fetch_offered_templates(gitlab: GitLab, scope: str) -> Seen[tuple[str, ...]]:
    """Fetch the names of the issue templates that people are offered, those of groups above and of the server too.

    A name that several places have stands there several times.
    """
    listed = (each.get("name") or each.get("key") for each in _list(gitlab, f"/{scope}/templates/issues"))
    return _see("Reporter", lambda: tuple(name for name in listed if isinstance(name, str)))


def fetch_offered_template(gitlab: GitLab, scope: str, name: str) -> Seen[str | None]:
    """Fetch the text that people get who choose the template *name*, None where there is none."""
    try:
        content = _get(gitlab, f"/{scope}/templates/issues/{quote(name, safe='')}").get("content")
        return content if isinstance(content, str) else None
    except RoleError:
        return Unseen("Reporter")
    except AbsentError:
        return None


def _list(gitlab: GitLab, path: str, **query: object) -> Iterator[Mapping[str, Any]]:
    return (read_object(content) for content, _ in gitlab.pages(path, query))


def _get(gitlab: GitLab, path: str) -> Mapping[str, Any]:
    return read_object(gitlab.get(path))


def _see(needs: str, fetch: Callable[[], _T]) -> Seen[_T]:
    try:
        return fetch()
    except (RoleError, AbsentError):
        return Unseen(needs)
