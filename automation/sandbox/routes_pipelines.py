"""Routes of pipelines, of those of one schedule, and of their jobs."""

from __future__ import annotations

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import REPORTER, Project
from automation.sandbox.model_ci import Pipeline
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_no_record
from automation.sandbox.render_ci import render_job, render_pipeline
from automation.sandbox.routes_schedules import find_schedule


def list_schedule_pipelines(call: Call, project: Project, schedule_id: str) -> Answer:
    """GET .../pipeline_schedules/:id/pipelines: oldest first unless asked otherwise."""
    call.require_level(project, REPORTER)
    schedule = find_schedule(call, project, schedule_id)
    found = [each for each in call.store.pipelines.values() if each.schedule_id == schedule.id]
    return _list(call, found, "asc")


def list_pipelines(call: Call, project: Project) -> Answer:
    """GET /projects/:id/pipelines: newest first unless asked otherwise."""
    call.require_level(project, REPORTER)
    call.choice("order_by", ("id", "status", "ref", "updated_at", "user_id"), "id")
    source = call.text("source")
    of_project = [each for each in call.store.pipelines.values() if each.project_id == project.id]
    return _list(call, [each for each in of_project if source is None or each.source == source], "desc")


def list_jobs(call: Call, project: Project, pipeline_id: str) -> Answer:
    """GET /projects/:id/pipelines/:pipeline_id/jobs."""
    call.require_level(project, REPORTER)
    pipeline = call.store.pipelines.get(int(pipeline_id))
    if pipeline is None or pipeline.project_id != project.id:
        raise refuse_no_record()
    page = cut_page(call, pipeline.jobs[::-1])
    return Answer(200, [render_job(call.renderer, pipeline, job) for job in page.items], page.headers)


def _list(call: Call, pipelines: list[Pipeline], default_sort: str) -> Answer:
    is_reversed = call.choice("sort", ("asc", "desc"), default_sort) == "desc"
    page = cut_page(call, sorted(pipelines, key=lambda each: each.id, reverse=is_reversed))
    return Answer(200, [render_pipeline(call.renderer, each) for each in page.items], page.headers)
