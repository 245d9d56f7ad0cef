"""`handover bootstrap`: make a project or a group what the schemas say."""

from __future__ import annotations

import secrets
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from automation.cli.options import (
    group_option,
    home_option,
    refuse_in_ci,
    repository_option,
    scrub,
    server,
    token,
    url_option,
)
from automation.errors import GitLabError, HandoverError, UsageError

if TYPE_CHECKING:
    from automation.jobs.bootstrap import Bootstrap, Result

_KEY_BYTES = 32


@click.command()
@click.option("--apply", "is_applied", is_flag=True, help="Carry the plan out; without it, it is only shown.")
@click.option(
    "--with-secrets",
    is_flag=True,
    help="Make what is missing of the CI/CD variables HANDOVER_TOKEN and HANDOVER_STATE_KEY, too. Neither is shown.",
)
@url_option
@home_option
@group_option
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@repository_option
def bootstrap(**options: Any) -> None:
    """Make labels, boards, schedule and webhook what the schemas and .gitlab/handover.yml say.

    Shows the difference first. Nothing is ever deleted, and what people added stays. --project is the project that
    holds this repository. With --group, the handovers lie in the projects of that group: labels and boards are made
    for all of them, the schedule in --project.

    The token in HANDOVER_TOKEN must be your own, with scope `api`, and you need the role Maintainer.
    """
    from automation.reports.bootstrap import show_refusal, show_result, summarize

    # Whoever ends it by a signal gets the list of what was done, as with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        result, requests = _run(options)
    except KeyboardInterrupt:
        raise HandoverError("Stopped before anything was written.") from None
    except HandoverError as error:
        if options["shape"] == "json":
            click.echo(scrub(show_refusal(str(error))))
        raise
    click.echo(scrub(show_result(result, requests, options["is_applied"], options["shape"])))
    if result.is_stopped:
        raise HandoverError("Stopped. What was done and what not is listed above; run the same command again to go on.")
    if options["is_applied"] and (result.failed or result.has_gaps):
        raise GitLabError(summarize(result))


def _run(options: Mapping[str, Any]) -> tuple[Result, Mapping[str, int]]:
    from automation.edge.gitlab import GitLab
    from automation.edge.repository import load_repository
    from automation.jobs.bootstrap import bootstrap as run
    from automation.progress import build_progress

    refuse_in_ci("bootstrap")
    job = _build_job(options)
    gitlab = GitLab(server(options["gitlab_url"]), token())
    repository = load_repository(options["repository"])
    with build_progress(sys.stderr, "steps") as progress:
        return run(job, gitlab, repository, progress), gitlab.requests


def _build_job(options: Mapping[str, Any]) -> Bootstrap:
    from automation.edge.gitlab import group_scope, project_scope
    from automation.jobs.bootstrap import Bootstrap

    project, group = options["project"], options["group"]
    if not project and not group:
        raise UsageError("No project: give --project (and --group for a whole group), or set HANDOVER_PROJECT.")
    return Bootstrap(
        project=project_scope(project) if project else "",
        group=group_scope(group) if group else "",
        today=datetime.now(UTC).date(),
        make_key=lambda: secrets.token_hex(_KEY_BYTES),
        with_secrets=options["with_secrets"],
        is_applied=options["is_applied"],
    )
