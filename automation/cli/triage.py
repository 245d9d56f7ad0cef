"""`handover triage`: the main job, and the call for help when it fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.alarm import call_after_failure, settle_after_success, watch_schedule
from automation.cli.options import build_job, moment, project_option, repository_option, scrub, token, url_option, where
from automation.errors import GitLabError, HandoverError, UsageError

if TYPE_CHECKING:
    from automation.edge.gitlab import GitLab
    from automation.edge.repository import Repository
    from automation.jobs.run import Outcome, Triage


@click.command()
@click.option(
    "--apply", "is_applied", is_flag=True, help="Write labels and comments; without it, only the plan is shown."
)
@click.option("--issue", "iid", type=click.IntRange(min=1), help="Judge this issue of the project only.")
@click.option("--payload", type=click.Path(path_type=Path), help="Judge the issue that a webhook's payload file names.")
@url_option
@project_option
@click.option("--group", help="All projects of a group instead. [env: HANDOVER_GROUP]")
@click.option(
    "--now",
    callback=moment,
    envvar="HANDOVER_NOW",
    help="Judge as of this moment, ignoring what came later, such as 2026-11-30T17:00:00Z.",
)
@click.option("--format", "shape", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option(
    "--allow-large-plan",
    is_flag=True,
    envvar="HANDOVER_ALLOW_LARGE_PLAN",
    help="Carry out a plan that moves back many handovers. [env: HANDOVER_ALLOW_LARGE_PLAN]",
)
@click.option(
    "--alarm",
    "has_alarm",
    is_flag=True,
    help="Open an issue for operations when the run fails or its token ends soon; close it after a good one.",
)
@click.option(
    "--watch",
    "has_watch",
    is_flag=True,
    help="Open that issue when the schedule of triage has died. For runs that a webhook starts.",
)
@repository_option
def triage(**options: Any) -> None:
    """Judge every open handover, and show or carry out what follows.

    Reads the boxes of each handover, sets the label of the true stage, keeps one status comment, and pings
    who must act. The token is read from HANDOVER_TOKEN only; HANDOVER_STATE_KEY seals what the bot remembers.
    """
    from automation.edge.gitlab import GitLab

    url, scope = where(options)
    gitlab = GitLab(url, token())
    try:
        outcome = _triage(options, gitlab, scope)
        if outcome is not None and outcome.failed:
            raise GitLabError(_failed_sentence(outcome))
    except Exception as error:
        sentence = str(error) if isinstance(error, HandoverError) else f"A bug in the program: {type(error).__name__}."
        call_after_failure(options, gitlab, scope, sentence)
        watch_schedule(options, gitlab, scope)
        raise
    if outcome is not None:
        settle_after_success(options, gitlab, scope, outcome)
        watch_schedule(options, gitlab, scope)


def _triage(options: Mapping[str, Any], gitlab: GitLab, scope: str) -> Outcome | None:
    from automation.edge.repository import load_repository
    from automation.jobs.triage import triage as run

    repository = load_repository(options["repository"])
    iid = options["iid"]
    if options["payload"] is not None:
        iid = _hinted_issue(options["payload"], gitlab, scope)
        if iid is None:
            click.echo("The payload names no issue of this project; there is nothing to do.", err=True)
            return None
    job = replace(
        build_job(scope, iid, options["now"]),
        is_applied=options["is_applied"],
        may_move_many=options["allow_large_plan"],
    )
    return _report(run, job, gitlab, repository, options["shape"])


def _report(run: Callable[..., Outcome], job: Triage, gitlab: GitLab, repository: Repository, shape: str) -> Outcome:
    from automation.progress import build_progress
    from automation.reports.triage import build_writer, explain_outcome

    writer = build_writer(shape, lambda text: click.echo(scrub(text), nl=False))
    writer.begin(job.now)
    with build_progress(sys.stderr) as progress:
        try:
            outcome = run(job, gitlab, repository, writer.row, progress)
        except HandoverError:
            writer.stop(gitlab.requests)
            raise
    writer.end(outcome.failed, gitlab.requests, is_applied=job.is_applied)
    for sentence in explain_outcome(outcome.waiting, outcome.unsealed):
        click.echo(f"handover: {sentence}", err=True)
    return outcome


def _hinted_issue(path: Path, gitlab: GitLab, scope: str) -> int | None:
    """Return the issue that a webhook payload names. Anybody can write one: it is a hint, GitLab is asked anew."""
    from automation.core.payload import parse_hint

    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"The payload file cannot be read: {type(error).__name__}.") from None
    iid, project_id = parse_hint(content)
    if iid is None:
        return None
    return iid if project_id is None or project_id == gitlab.fetch_project_id(scope) else None


def _failed_sentence(outcome: Outcome) -> str:
    lines = [f"  issue {iid} of project {project_id}: {why}" for project_id, iid, why in outcome.failed[:20]]
    more = [f"  and {len(outcome.failed) - 20} more"] if len(outcome.failed) > 20 else []
    count = len(outcome.failed)
    head = f"{count} issue{'s' if count > 1 else ''} could not be finished; the next run tries again:"
    return "\n".join([head, *lines, *more])
