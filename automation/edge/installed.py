"""GitLab's JSON -> the values of an installation. Secrets are dropped here, before anything keeps them.

Everything but ids and names may be missing or null: servers of other versions and tiers leave keys out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from automation.core.installation import (
    AccessToken,
    Account,
    Board,
    BoardList,
    GroupFacts,
    Hook,
    Label,
    PastRun,
    ProjectFacts,
    ProtectedBranch,
    Schedule,
    ServerFacts,
    Trigger,
    Variable,
    Visibility,
)
from automation.core.model import User
from automation.edge.fields import (
    Content,
    need,
    need_time,
    read_day,
    read_id,
    read_moment,
    read_number,
    read_objects,
    read_person,
    read_text,
    unusable,
)

_VISIBILITIES: Mapping[str, Visibility] = {
    "private": "private",
    "internal": "internal",
    "public": "public",
}
_STOPPED = ("disabled", "temporarily_disabled")
# To all but its owner GitLab shows the first four characters of a trigger token.
_SHORTENED = 8


def read_label(content: Content, is_own: bool) -> Label:
    return Label(
        id=read_id(content),
        name=need(content, "name"),
        color=read_text(content, "color"),
        description=read_text(content, "description"),
        priority=read_number(content, "priority"),
        is_own=is_own,
        is_archived=content.get("archived") is True,
    )


def read_board(content: Content) -> Board:
    lists = (_read_list(each) for each in read_objects(content, "lists"))
    ordered = sorted(lists, key=lambda each: (each.position, each.id))
    return Board(read_id(content), read_text(content, "name"), tuple(ordered))


def _read_list(content: Content) -> BoardList:
    label = content.get("label")
    name = read_text(label, "name") if isinstance(label, Mapping) else ""
    return BoardList(read_id(content), name, read_number(content, "position") or 0)


def read_schedule(content: Content) -> Schedule:
    variables = content.get("variables")
    return Schedule(
        id=read_id(content),
        description=read_text(content, "description"),
        ref=read_text(content, "ref"),
        cron=need(content, "cron"),
        time_zone=read_text(content, "cron_timezone") or "UTC",
        is_active=content.get("active") is True,
        owner=read_person(content.get("owner")),
        created_at=need_time(content, "created_at"),
        next_run_at=read_moment(content, "next_run_at"),
        variables=None
        if not isinstance(variables, list)
        else {read_text(each, "key"): read_text(each, "value") for each in read_objects(content, "variables")},
    )


def read_past_run(pipeline: Content, jobs: Iterable[Content]) -> PastRun:
    """Read a pipeline; *jobs* are those that count, ``ended_at`` is the end of the last of them to succeed."""
    ends = [end for job in jobs if job.get("status") == "success" and (end := read_moment(job, "finished_at"))]
    return PastRun(
        pipeline_id=read_id(pipeline),
        status=read_text(pipeline, "status"),
        created_at=need_time(pipeline, "created_at"),
        ended_at=max(ends, default=None),
        web_url=read_text(pipeline, "web_url"),
    )


def read_trigger(content: Content) -> Trigger:
    token = read_text(content, "token")
    token = token if len(token) > _SHORTENED else ""
    return Trigger(
        id=read_id(content),
        description=read_text(content, "description"),
        token=token,
        owner=read_person(content.get("owner")),
        expires_at=read_moment(content, "expires_at"),
    )


def read_hook(content: Content) -> Hook:
    return Hook(
        id=read_id(content),
        url=read_text(content, "url"),
        has_issues=content.get("issues_events") is True,
        has_confidential_issues=content.get("confidential_issues_events") is True,
        has_notes=content.get("note_events") is True,
        has_confidential_notes=content.get("confidential_note_events") is True,
        is_stopped=content.get("alert_status") in _STOPPED,
        has_pushes=content.get("push_events") is True,
        verifies_server=content.get("enable_ssl_verification") is not False,
    )


def read_variable(content: Content) -> Variable:
    """Read a variable; its value is looked at by nobody."""
    return Variable(
        key=need(content, "key"),
        is_masked=content.get("masked") is True,
        is_protected=content.get("protected") is True,
        environment=read_text(content, "environment_scope") or "*",
        description=read_text(content, "description"),
        is_file=content.get("variable_type") == "file",
    )


def read_protected_branch(content: Content) -> ProtectedBranch:
    return ProtectedBranch(
        name=need(content, "name"),
        pushers=_lowest_level(content, "push_access_levels"),
        mergers=_lowest_level(content, "merge_access_levels"),
        may_force_push=content.get("allow_force_push") is True,
        needs_owners=content.get("code_owner_approval_required") is True,
    )


def _lowest_level(content: Content, key: str) -> int | None:
    """Return the lowest level that may, 0 for nobody, None where only people, groups or keys by name may."""
    entries = read_objects(content, key)
    named = [each for each in entries if any(each.get(kind) for kind in ("user_id", "group_id", "deploy_key_id"))]
    levels = [level for each in entries if each not in named and (level := read_number(each, "access_level"))]
    return min(levels) if levels else None if named else 0


def read_access_token(content: Content) -> AccessToken:
    scopes = content.get("scopes")
    return AccessToken(
        id=read_id(content),
        name=read_text(content, "name"),
        user_id=read_number(content, "user_id") or 0,
        scopes=tuple(str(each) for each in scopes) if isinstance(scopes, list) else (),
        is_active=content.get("active") is True and content.get("revoked") is not True,
        expires_on=read_day(content, "expires_at"),
        access_level=read_number(content, "access_level"),
    )


def read_server(content: Content) -> ServerFacts:
    is_enterprise = content.get("enterprise")
    return ServerFacts(read_text(content, "version"), is_enterprise if isinstance(is_enterprise, bool) else None)


def read_project(content: Content) -> ProjectFacts:
    """Read a project. The key ``issues_template`` is there only where the licence has default templates (Premium)."""
    namespace = content.get("namespace")
    is_in_group = isinstance(namespace, Mapping) and namespace.get("kind") == "group"
    return ProjectFacts(
        id=read_id(content),
        path=need(content, "path_with_namespace"),
        web_url=read_text(content, "web_url"),
        visibility=_visibility(content),
        default_branch=read_text(content, "default_branch"),
        group=read_text(namespace, "full_path") if isinstance(namespace, Mapping) and is_in_group else "",
        access_level=_access_level(content.get("permissions")),
        has_issues=_is_on(content, "issues_access_level", "issues_enabled"),
        is_premium="issues_template" in content,
        default_template=read_text(content, "issues_template"),
        pipelines_must_succeed=content.get("only_allow_merge_if_pipeline_succeeds") is True,
        separates_caches=content.get("ci_separated_caches") is not False,
        variables_role=read_text(content, "ci_pipeline_variables_minimum_override_role"),
        is_archived=content.get("archived") is True,
        has_pipelines=_is_on(content, "builds_access_level", "jobs_enabled"),
        pipeline_file=read_text(content, "ci_config_path"),
    )


def read_account(content: Content) -> Account:
    """Read whose token it is; that somebody is an administrator, GitLab tells only them."""
    user = User(read_id(content), need(content, "username"), read_text(content, "name"))
    return Account(user, content.get("is_admin") is True)


def read_group(content: Content) -> GroupFacts:
    return GroupFacts(need(content, "full_path"), _visibility(content))


def read_group_path(content: Content) -> str:
    return need(content, "full_path")


def _visibility(content: Content) -> Visibility:
    """Return who sees the place. Without an answer nobody is warned of a public one: that is no usable answer."""
    known = _VISIBILITIES.get(need(content, "visibility"))
    if known is None:
        raise unusable("visibility")
    return known


def _is_on(content: Content, level_key: str, older_key: str) -> bool:
    """Tell whether a feature of the project is switched on; one that the server does not tell of is."""
    level = content.get(level_key)
    return level != "disabled" if isinstance(level, str) else content.get(older_key) is not False


def _access_level(permissions: object) -> int:
    if not isinstance(permissions, Mapping):
        return 0
    ways = (permissions.get("project_access"), permissions.get("group_access"))
    return max((read_number(each, "access_level") or 0 for each in ways if isinstance(each, Mapping)), default=0)
