"""`handover bootstrap`: make a project or a group what the schemas say."""

from __future__ import annotations

import secrets
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
from automation.errors import GitLabError, UsageError

if TYPE_CHECKING:
    from automation.bootstrap import Bootstrap

_KEY_BYTES = 32


@click.command()
@click.option("--apply", "is_applied", is_flag=True, help="Carry the plan out; without it, it is only shown.")
@click.option(
    "--with-secrets",
    is_flag=True,
    help="Make what is missing of the CI/CD variables HANDOVER_TOKEN and HANDOVER_STATE_KEY, too. You never see them.",
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
    from automation.bootstrap import bootstrap as run
    from automation.bootstrap_report import show_result, summarize_failures
    from automation.edge.gitlab import GitLab
    from automation.edge.repository import load_repository
    from automation.progress import build_progress

    refuse_in_ci("bootstrap")
    job = _build_job(options)
    gitlab = GitLab(server(options["gitlab_url"]), token())
    repository = load_repository(options["repository"])
    with build_progress(sys.stderr, "steps") as progress:
        result = run(job, gitlab, repository, progress)
    click.echo(scrub(show_result(result, gitlab.requests, job.is_applied, options["shape"])))
    if result.failed:
        raise GitLabError(summarize_failures(result))


def _build_job(options: Mapping[str, Any]) -> Bootstrap:
    from automation.bootstrap import Bootstrap
    from automation.edge.gitlab import group_scope, project_scope

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
