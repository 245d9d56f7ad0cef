"""The doctor's job: look at everything once, without writing, and judge what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from automation.core.agreement import judge_roles
from automation.core.bootstrap.wanted import build_wanted
from automation.core.doctor.check import Check
from automation.core.doctor.files import judge_files, judge_offer
from automation.core.doctor.people import judge_people
from automation.core.doctor.project import (
    has_planner,
    judge_branch,
    judge_pipelines,
    judge_project,
    judge_server,
    judge_variables,
)
from automation.core.doctor.schedule import judge_runs, judge_schedule
from automation.core.doctor.setup import judge_setup
from automation.core.doctor.tokens import judge_own_token, judge_triage_token
from automation.doctor_sight import Examination, Sight, look
from automation.edge.gitlab import GitLab, group_scope
from automation.edge.installation import fetch_group_path, fetch_project_facts

__all__ = ["Examination", "examine"]


def examine(job: Examination, gitlab: GitLab) -> tuple[str, tuple[Check, ...]]:
    """Look at an installation, and return the full path of the project with a line for everything looked at.

    Raises:
        AccessError: the token is wrong, the project unknown, or the server does not answer.
    """
    facts = fetch_project_facts(gitlab, job.scope)
    if job.group:
        job = replace(job, group=fetch_group_path(gitlab, group_scope(job.group)))
    sight = look(job, gitlab, facts)
    return facts.path, tuple(_judge(job, sight))


def _judge(job: Examination, sight: Sight) -> Iterator[Check]:
    facts, today = sight.facts, job.now.date()
    settings = job.repository.configuration
    processes = tuple(job.repository.processes.values())
    home = sight.found.home
    yield from judge_own_token(sight.own_token, sight.me, facts.access_level, today)
    yield from judge_project(facts, sight.others)
    missing = [each.message for each in judge_roles(processes, settings)]
    yield from judge_people(settings, sight.groups, sight.members, has_planner(sight.server), missing)
    yield from judge_setup(build_wanted(processes), sight.found, settings.schedule.at_once)
    yield from judge_schedule(
        sight.schedule, settings.schedule, facts, sight.members, sight.branches, job.now, job.group
    )
    if home is not None:
        yield from judge_triage_token(home.tokens, sight.variables, today)
    yield from judge_runs(sight.schedule, sight.runs, job.now)
    yield judge_branch(facts, sight.branches)
    yield judge_pipelines(facts)
    yield from judge_files(facts.default_branch, sight.here, sight.files)
    yield from judge_offer(facts, sight.here, sight.process_templates, sight.offered, sight.chosen)
    yield from judge_variables(sight.variables)
    yield from judge_server(sight.server, facts)
