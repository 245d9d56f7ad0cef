"""How `handover triage` calls operations: after a failure, before its token ends, when its schedule has died."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.options import scrub
from automation.errors import GitLabError, HandoverError, RepositoryError

if TYPE_CHECKING:
    from automation.core.configuration import ScheduleSettings
    from automation.edge.gitlab import GitLab
    from automation.jobs.run import Outcome


def call_after_failure(options: Mapping[str, Any], gitlab: GitLab, scope: str, sentence: str) -> None:
    """Call operations for help, as far as GitLab lets us; the failure itself is still reported."""
    if not (options["has_alarm"] and options["is_applied"]):
        return
    from automation.core.alarm import Call
    from automation.jobs.alarm import raise_alarm

    call = Call("run", scrub(sentence), os.environ.get("CI_JOB_URL", ""))
    try:
        raise_alarm(gitlab, _home(scope), call, _operations(options["repository"]), _now(options))
    except GitLabError as error:
        _complain("operations could not be told", error)


def settle_after_success(options: Mapping[str, Any], gitlab: GitLab, scope: str, outcome: Outcome) -> None:
    """Close the calls for help after a good run, but for the one that the token of the runs ends soon."""
    if not (options["has_alarm"] and options["is_applied"]):
        return
    from automation.core.alarm import Call
    from automation.jobs.alarm import end_alarms, renew_alarm

    sentence = _expiry(options, gitlab)
    if sentence is None:
        return
    if sentence:
        call = Call("token", scrub(sentence))
        operations = _operations(options["repository"])
        renew_alarm(gitlab, _home(scope), call, operations, _now(options), outcome.alarms)
    else:
        end_alarms(gitlab, outcome.alarms)


def watch_schedule(options: Mapping[str, Any], gitlab: GitLab, scope: str) -> None:
    """Call operations when the schedule has died: who comes by a webhook is the only one to notice.

    What keeps us from looking is told in one line, and the run ends as it would have.
    """
    if not options["has_watch"]:
        return
    from automation.core.alarm import Call
    from automation.core.installation import Unseen
    from automation.edge.pipeline import find_triage_jobs
    from automation.jobs.alarm import raise_alarm
    from automation.jobs.watch import watch_schedule as watch

    try:
        jobs = find_triage_jobs(options["repository"])
        settings = _schedule_settings(options["repository"])
        sentence = watch(gitlab, _home(scope), settings, jobs, _now(options)) if jobs else ""
        if isinstance(sentence, Unseen):
            _complain("whether the schedule lives cannot be seen", f"the token's account needs {sentence.needs}.")
        elif sentence:
            click.echo(scrub(f"handover: {sentence}"), err=True)
            if options["is_applied"]:
                call = Call("schedule", scrub(sentence))
                raise_alarm(gitlab, _home(scope), call, _operations(options["repository"]), _now(options))
    except HandoverError as error:
        _complain("the schedule could not be watched", error)


def _expiry(options: Mapping[str, Any], gitlab: GitLab) -> str | None:
    """Return what to do about the token, None where GitLab failed to tell: then nothing is known to be well."""
    from automation.jobs.watch import watch_token

    try:
        return watch_token(gitlab, _now(options).date())
    except GitLabError as error:
        _complain("how long the token lasts could not be seen", error)
        return None


def _now(options: Mapping[str, Any]) -> datetime:
    now: datetime | None = options["now"]
    return now or datetime.now(UTC)


def _home(scope: str) -> str:
    """Return the project of the pipeline, where operations look; *scope* may be a group."""
    from automation.edge.gitlab import project_scope

    home = os.environ.get("CI_PROJECT_ID")
    return project_scope(home) if home else scope


def _operations(root: Path) -> tuple[str, ...]:
    from automation.edge.repository import guess_operations, load_configuration

    try:
        return load_configuration(root).operations
    except RepositoryError:
        return guess_operations(root)


def _schedule_settings(root: Path) -> ScheduleSettings:
    """Return when triage is to run; as by default where the configuration cannot be read."""
    from automation.core.configuration import ScheduleSettings
    from automation.edge.repository import load_configuration

    try:
        return load_configuration(root).schedule
    except RepositoryError:
        return ScheduleSettings()


def _complain(what: str, why: object) -> None:
    click.echo(scrub(f"handover: {what}: {why}"), err=True)
