"""Pipelines and what starts them as GitLab's JSON, keys in the order of its entities."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from automation.sandbox.model import Project, Token
from automation.sandbox.model_ci import Hook, Job, Pipeline, ProtectedBranch, Schedule, Trigger, Variable
from automation.sandbox.render import Json, Renderer, write_time

HOOK_EVENTS = (
    "push_events",
    "tag_push_events",
    "merge_requests_events",
    "issues_events",
    "confidential_issues_events",
    "note_events",
    "confidential_note_events",
    "pipeline_events",
    "wiki_page_events",
    "deployment_events",
    "job_events",
    "releases_events",
)
_TOKEN_PREFIX = "glptt-"  # noqa: S105 (what every such token begins with)
_LEVELS = {0: "No one", 30: "Developers + Maintainers", 40: "Maintainers", 60: "Instance admins"}


def render_schedule(renderer: Renderer, schedule: Schedule) -> Json:
    """Render a schedule as it stands in the list."""
    now = renderer.store.read_now()
    return {
        "id": schedule.id,
        "description": schedule.description,
        "ref": schedule.ref,
        "cron": schedule.cron,
        "cron_timezone": schedule.cron_timezone,
        "next_run_at": write_time(find_next_run(schedule.cron, schedule.cron_timezone, now)),
        "active": schedule.is_active,
        "created_at": write_time(schedule.created_at),
        "updated_at": write_time(schedule.created_at),
        "owner": renderer.user(schedule.owner_id),
        "inputs": [],
    }


def render_schedule_details(
    renderer: Renderer, schedule: Schedule, last: Pipeline | None, with_variables: bool
) -> Json:
    """Render a schedule alone; the key of its variables is missing for those who may not see them."""
    details = {
        **render_schedule(renderer, schedule),
        "last_pipeline": render_pipeline(renderer, last) if last else None,
    }
    if with_variables:
        details["variables"] = [render_schedule_variable(key, value) for key, value in schedule.variables.items()]
    return details


def render_schedule_variable(key: str, value: str) -> Json:
    """Render a variable of a schedule."""
    return {"variable_type": "env_var", "key": key, "value": value, "raw": False}


def find_next_run(cron: str, time_zone: str, now: datetime) -> datetime:
    """Return when a schedule is due next.

    Raises:
        CronSimError: *cron* is none.
        ValueError, KeyError: there is no such time zone.
    """
    following = next(CronSim(cron, now.astimezone(ZoneInfo(time_zone))))
    return following.astimezone(now.tzinfo)


def render_pipeline(renderer: Renderer, pipeline: Pipeline) -> Json:
    """Render a pipeline as it stands in lists."""
    path = renderer.store.projects[pipeline.project_id].path
    return {
        "id": pipeline.id,
        "iid": pipeline.id,
        "project_id": pipeline.project_id,
        "sha": "0" * 40,
        "ref": pipeline.ref.removeprefix("refs/heads/"),
        "status": pipeline.status,
        "source": pipeline.source,
        "created_at": write_time(pipeline.created_at),
        "updated_at": write_time(pipeline.created_at),
        "web_url": f"{renderer.url}/{path}/-/pipelines/{pipeline.id}",
    }


def render_job(renderer: Renderer, pipeline: Pipeline, job: Job) -> Json:
    """Render a job."""
    return {
        "id": job.id,
        "status": job.status,
        "stage": "test",
        "name": job.name,
        "ref": pipeline.ref.removeprefix("refs/heads/"),
        "allow_failure": False,
        "created_at": write_time(pipeline.created_at),
        "started_at": write_time(pipeline.created_at),
        "finished_at": write_time(job.finished_at) if job.finished_at else None,
        "pipeline": render_pipeline(renderer, pipeline),
    }


def render_trigger(renderer: Renderer, trigger: Trigger, asker_id: int) -> Json:
    """Render a trigger; all but its owner see only how its token begins."""
    shown = trigger.token.removeprefix(_TOKEN_PREFIX)[:4]
    return {
        "id": trigger.id,
        "token": trigger.token if trigger.owner_id == asker_id else shown,
        "description": trigger.description,
        "created_at": write_time(trigger.created_at),
        "updated_at": write_time(trigger.created_at),
        "last_used": None,
        "expires_at": write_time(trigger.expires_at) if trigger.expires_at else None,
        "owner": renderer.user(trigger.owner_id),
    }


def render_hook(hook: Hook) -> Json:
    """Render a webhook: of its variables nobody sees more than the keys."""
    return {
        "id": hook.id,
        "url": hook.url,
        "name": None,
        "description": None,
        "created_at": write_time(hook.created_at),
        **{event: event in hook.events for event in HOOK_EVENTS},
        "enable_ssl_verification": hook.verifies_ssl,
        "alert_status": hook.alert_status,
        "disabled_until": None,
        "url_variables": [{"key": key} for key in hook.url_variables],
        "project_id": hook.project_id,
    }


def render_variable(variable: Variable) -> Json:
    """Render a CI/CD variable, value and all."""
    return {
        "variable_type": "file" if variable.is_file else "env_var",
        "key": variable.key,
        "value": variable.value,
        "hidden": False,
        "protected": variable.is_protected,
        "masked": variable.is_masked,
        "raw": False,
        "environment_scope": variable.environment,
        "description": variable.description,
    }


def render_protected_branch(branch: ProtectedBranch, is_premium: bool) -> Json:
    """Render a protected branch; who may by name, and code owners, are features of Premium."""
    shown: Json = {
        "id": branch.id,
        "name": branch.name,
        "push_access_levels": [_render_level(branch.push_level, is_premium)],
        "merge_access_levels": [_render_level(branch.merge_level, is_premium)],
        "allow_force_push": branch.allow_force_push,
    }
    if is_premium:
        shown["unprotect_access_levels"] = []
        shown["code_owner_approval_required"] = branch.needs_owners
    return shown


def _render_level(level: int, is_premium: bool) -> Json:
    named: Json = {"user_id": None, "group_id": None} if is_premium else {}
    return {
        "id": 1,
        "access_level": level,
        "access_level_description": _LEVELS.get(level, "Maintainers"),
        "deploy_key_id": None,
        **named,
    }


def render_access_token(renderer: Renderer, project: Project, token: Token, with_value: bool = False) -> Json:
    """Render a project access token; its value only once, when it is made."""
    member = renderer.store.members.get(project.path, {}).get(token.user_id)
    shown: Json = {**renderer.token(token), "access_level": member.access_level if member else 0}
    return {**shown, "token": token.value} if with_value else shown
