"""`handover doctor`: what is wrong with the installation, and how to repair it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from automation.cli.options import (
    group_option,
    home_option,
    moment,
    refuse_in_ci,
    repository_option,
    scrub,
    server,
    token,
    url_option,
)
from automation.errors import GitLabError, RepairError, UsageError


@click.command()
@url_option
@home_option
@group_option
@click.option("--now", callback=moment, envvar="HANDOVER_NOW", help="Judge expiry and schedule as of this moment.")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--all", "shows_all", is_flag=True, help="Show each thing that is fine, too.")
@repository_option
def doctor(**options: Any) -> None:
    """Say what is wrong with the installation, and the exact thing to do about it. Writes nothing.

    For the shell of a Maintainer, with a token of your own in HANDOVER_TOKEN, never for CI. With less it works too,
    and says what it cannot see. --project is the one that holds this repository.
    Ends with 0 when nothing is to be repaired, with 6 when something is, with 4 when GitLab failed to tell something.
    """
    from automation.core.doctor.report import build_report, needs_repair, show_text
    from automation.edge.gitlab import GitLab, project_scope
    from automation.edge.repository import load_repository
    from automation.jobs.doctor import Examination, examine

    refuse_in_ci("doctor")
    project = options["project"]
    if not project:
        raise UsageError("No project: give --project, the one that holds this repository, or set HANDOVER_PROJECT.")
    gitlab = GitLab(server(options["gitlab_url"]), token())
    root: Path = options["repository"]
    now = options["now"] or datetime.now(UTC)
    job = Examination(project_scope(project), options["group"] or "", root, load_repository(root), now)
    path, checks = examine(job, gitlab)
    if options["shape"] == "json":
        report = build_report(checks, path, now, gitlab.requests)
        click.echo(scrub(json.dumps(report, indent=2, ensure_ascii=False)))
    else:
        click.echo(scrub(show_text(checks, path, now, options["shows_all"])))
    if needs_repair(checks):
        sys.exit(RepairError.exit_code)
    if any(each.is_unread for each in checks):
        sys.exit(GitLabError.exit_code)
