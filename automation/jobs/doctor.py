"""The doctor's job: look at everything once, without writing, and judge what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from automation.core.access import MAINTAINER
from automation.core.agreement import judge_roles
from automation.core.bootstrap.wanted import build_wanted
from automation.core.doctor.check import Check
from automation.core.doctor.files import judge_files, judge_offer
from automation.core.doctor.people import Team, judge_people
from automation.core.doctor.project import has_planner, judge_branch, judge_pipelines, judge_project, judge_server
from automation.core.doctor.runs import judge_runs, last_success, take_pulse
from automation.core.doctor.schedule import Around, judge_schedule
from automation.core.doctor.setup import judge_setup, judge_webhook
from automation.core.doctor.tokens import find_triage_tokens, judge_own_token, judge_triage_token
from automation.core.doctor.variables import judge_variables
from automation.core.installation import Unseen
from automation.core.words import quote
from automation.edge.gitlab import GitLab, group_scope
from automation.edge.installation import fetch_group_path, fetch_project_facts
from automation.jobs.doctor_sight import Examination, Sight, look

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
    yield from judge_own_token(sight.own_token, sight.me, _own_level(sight), today)
    yield from judge_project(facts, sight.others)
    yield from _judge_people(job, sight)
    wanted = build_wanted(tuple(job.repository.processes.values()))
    yield from judge_setup(wanted, sight.found, sight.unseen_labels)
    if facts.has_pipelines:
        yield from _judge_running(job, sight)
    yield from judge_triage_token(sight.home.tokens, sight.variables, sight.members, today, job.group)
    yield judge_branch(facts, sight.branches)
    yield judge_pipelines(facts)
    yield from judge_files(facts.default_branch, sight.here, sight.files)
    yield from judge_offer(facts, sight.here, sight.process_templates, sight.offered, sight.chosen, sight.files)
    yield from judge_variables(sight.variables, sight.above, _is_running(job, sight), job.group)
    yield from judge_server(sight.server, facts)


def _own_level(sight: Sight) -> int:
    """Return our own role: what the project says leaves out what groups that were invited bring."""
    members = () if isinstance(sight.members, Unseen) else sight.members
    return max([sight.facts.access_level, *(each.access_level for each in members if each.id == sight.me.user.id)])


def _judge_people(job: Examination, sight: Sight) -> Iterator[Check]:
    settings = job.repository.configuration
    is_certain = _own_level(sight) >= MAINTAINER or not any(each is None for each in sight.groups.values())
    team = Team(
        members=sight.people,
        groups=sight.groups,
        place=f"the group {quote(job.group)}" if job.group else "the project",
        knows_planner=has_planner(sight.server),
        has_project_token=is_certain and bool(find_triage_tokens(sight.home.tokens, sight.variables)),
    )
    missing = [each.message for each in judge_roles(tuple(job.repository.processes.values()), settings)]
    yield from judge_people(settings, team, job.now.date(), missing)


def _is_running(job: Examination, sight: Sight) -> bool:
    """Tell whether triage ran well not long ago: then it has a token, wherever that stands."""
    runs = () if isinstance(sight.runs, Unseen) else sight.runs
    is_dead = take_pulse(sight.schedule, job.repository.configuration.schedule, runs, job.now).is_dead
    return last_success(runs) is not None and not is_dead


def _judge_running(job: Examination, sight: Sight) -> Iterator[Check]:
    settings = job.repository.configuration.schedule
    around = Around(settings, sight.facts, sight.members, sight.branches, job.group)
    yield from judge_schedule(sight.home.schedules, around, job.now)
    yield from judge_runs(sight.schedule, settings, sight.runs, job.now)
    if sight.facts.default_branch and not job.group:
        yield from judge_webhook(sight.home, around, job.now.date())
