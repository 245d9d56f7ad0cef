"""Routes of pipeline schedules and their variables (gitlab-facts 11.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cronsim import CronSimError

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import DEVELOPER, MAINTAINER, REPORTER, Project
from automation.sandbox.model_ci import Pipeline, Schedule
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_model, refuse_no_record, refuse_often, refuse_parameter, refuse_role
from automation.sandbox.render_ci import (
    find_next_run,
    render_schedule,
    render_schedule_details,
    render_schedule_variable,
)

_BRANCH = "refs/heads/"
_PLAY_AGAIN_AFTER = timedelta(minutes=1)


def list_schedules(call: Call, project: Project) -> Answer:
    """GET /projects/:id/pipeline_schedules, for Reporters."""
    call.require_level(project, REPORTER)
    scope = call.choice("scope", ("active", "inactive"), "")
    found = [each for each in call.store.schedules.values() if each.project_id == project.id]
    page = cut_page(call, [each for each in found if not scope or each.is_active == (scope == "active")])
    return Answer(200, [render_schedule(call.renderer, each) for each in page.items], page.headers)


def show_schedule(call: Call, project: Project, schedule_id: str) -> Answer:
    """GET .../pipeline_schedules/:id."""
    call.require_level(project, REPORTER)
    return _answer(call, project, find_schedule(call, project, schedule_id), 200)


def post_schedule(call: Call, project: Project) -> Answer:
    """POST .../pipeline_schedules: it belongs to whoever makes it."""
    user = call.require_level(project, DEVELOPER)
    call.require("description", "ref", "cron")
    schedule = Schedule(
        id=call.store.next_id("schedule"),
        project_id=project.id,
        description=call.text("description") or "",
        ref=_expand(call.text("ref") or ""),
        cron=call.text("cron") or "",
        cron_timezone=call.text("cron_timezone") or "UTC",
        owner_id=user.id,
        created_at=call.store.read_now(),
        is_active=call.flag("active") is not False,
    )
    return _answer(call, project, _keep(call, schedule), 201)


def put_schedule(call: Call, project: Project, schedule_id: str) -> Answer:
    """PUT .../pipeline_schedules/:id, by its owner."""
    schedule = _find_own(call, project, schedule_id)
    is_active = call.flag("active")
    changed = replace(
        schedule,
        description=call.text("description") or schedule.description,
        ref=_expand(call.text("ref") or schedule.ref),
        cron=call.text("cron") or schedule.cron,
        cron_timezone=call.text("cron_timezone") or schedule.cron_timezone,
        is_active=schedule.is_active if is_active is None else is_active,
    )
    return _answer(call, project, _keep(call, changed), 200)


def remove_schedule(call: Call, project: Project, schedule_id: str) -> Answer:
    """DELETE .../pipeline_schedules/:id, by its owner or a Maintainer."""
    user = call.require_level(project, DEVELOPER)
    schedule = find_schedule(call, project, schedule_id)
    if schedule.owner_id != user.id:
        call.require_level(project, MAINTAINER)
    del call.store.schedules[schedule.id]
    return Answer(204)


def take_ownership(call: Call, project: Project, schedule_id: str) -> Answer:
    """POST .../take_ownership: schedules run with the rights of their owner."""
    user = call.require_level(project, MAINTAINER)
    schedule = find_schedule(call, project, schedule_id)
    return _answer(call, project, _keep(call, replace(schedule, owner_id=user.id)), 201)


def play(call: Call, project: Project, schedule_id: str) -> Answer:
    """POST .../play: once a minute."""
    user = call.require_level(project, DEVELOPER)
    schedule = find_schedule(call, project, schedule_id)
    now = call.store.read_now()
    last = call.store.plays.get((user.id, schedule.id))
    if last is not None and now - last < _PLAY_AGAIN_AFTER:
        raise refuse_often()
    call.store.plays[user.id, schedule.id] = now
    number = call.store.next_id("pipeline")
    call.store.pipelines[number] = Pipeline(number, project.id, "pending", "schedule", schedule.ref, now, schedule.id)
    return Answer(201, {"message": "201 Created"})


def post_variable(call: Call, project: Project, schedule_id: str) -> Answer:
    """POST .../variables."""
    schedule = _find_own(call, project, schedule_id)
    _require_variables(call, project)
    call.require("key", "value")
    key, value = call.text("key") or "", call.text("value") or ""
    if key in schedule.variables:
        raise refuse_model("key", "has already been taken")
    _keep(call, replace(schedule, variables={**schedule.variables, key: value}))
    return Answer(201, render_schedule_variable(key, value))


def put_variable(call: Call, project: Project, schedule_id: str, key: str) -> Answer:
    """PUT .../variables/:key."""
    schedule = _find_own(call, project, schedule_id)
    _require_variables(call, project)
    if key not in schedule.variables:
        raise refuse_no_record()
    value = call.text("value") or ""
    _keep(call, replace(schedule, variables={**schedule.variables, key: value}))
    return Answer(200, render_schedule_variable(key, value))


def remove_variable(call: Call, project: Project, schedule_id: str, key: str) -> Answer:
    """DELETE .../variables/:key."""
    schedule = _find_own(call, project, schedule_id)
    _require_variables(call, project)
    if key not in schedule.variables:
        raise refuse_no_record()
    kept = {name: value for name, value in schedule.variables.items() if name != key}
    _keep(call, replace(schedule, variables=kept))
    return Answer(202, render_schedule_variable(key, schedule.variables[key]))


def find_schedule(call: Call, project: Project, schedule_id: str) -> Schedule:
    """Return a schedule of the project; another one is absent."""
    schedule = call.store.schedules.get(int(schedule_id))
    if schedule is None or schedule.project_id != project.id:
        raise refuse_no_record()
    return schedule


def _find_own(call: Call, project: Project, schedule_id: str) -> Schedule:
    """Find a schedule that the asker may edit: it must be his own, whatever his role."""
    user = call.require_level(project, DEVELOPER)
    schedule = find_schedule(call, project, schedule_id)
    if schedule.owner_id != user.id:
        raise refuse_role()
    return schedule


def _require_variables(call: Call, project: Project) -> None:
    """Refuse whoever may not give variables to pipelines, by the project's own setting."""
    least = {"no_one_allowed": 100, "owner": 50, "maintainer": MAINTAINER}.get(project.variables_role, DEVELOPER)
    call.require_level(project, least)


def _answer(call: Call, project: Project, schedule: Schedule, status: int) -> Answer:
    user_id = call.user.id if call.user else 0
    with_variables = schedule.owner_id == user_id or call.level(project) >= MAINTAINER
    runs = [each for each in call.store.pipelines.values() if each.schedule_id == schedule.id]
    last = max(runs, key=lambda each: each.id, default=None)
    return Answer(status, render_schedule_details(call.renderer, schedule, last, with_variables))


def _keep(call: Call, schedule: Schedule) -> Schedule:
    if not schedule.description:
        raise refuse_model("description", "can't be blank")
    try:
        find_next_run(schedule.cron, schedule.cron_timezone, call.store.read_now())
    except (CronSimError, StopIteration):
        raise refuse_model("cron", "is invalid syntax") from None
    except (KeyError, ValueError):
        raise refuse_model("cron_timezone", "is invalid syntax") from None
    call.store.schedules[schedule.id] = schedule
    return schedule


def _expand(ref: str) -> str:
    """Write a branch in full, as newer servers do with what they are sent."""
    if not ref:
        raise refuse_parameter("ref is empty")
    return ref if ref.startswith("refs/") else _BRANCH + ref
