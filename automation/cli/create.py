"""`handover create`: one handover or hundreds, from the command line or a file."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.options import moment, project_option, repository_option, scrub, token, url_option, where
from automation.errors import AccessError, GitLabError, HandoverError, Problem, RepositoryError, UsageError

if TYPE_CHECKING:
    from automation.core.creating.model import Complaint, Plan, Planned
    from automation.core.model import Process
    from automation.edge.repository import Repository
    from automation.jobs.accounts_file import Wanted
    from automation.jobs.create import Creation


@click.command()
@click.argument("process")
@click.option(
    "--from",
    "path",
    type=click.Path(path_type=Path, allow_dash=True),
    help="A CSV file (UTF-8; comma, semicolon or tab; - for stdin): one row an account, columns by field label or key.",
)
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A value by field label or key: of the one handover, or of every row that leaves it blank. Repeatable.",
)
@click.option("--columns", "is_header", is_flag=True, help="Print the first row of an empty file, and stop.")
@click.option("--apply", "is_applied", is_flag=True, help="Create the issues; without it, only the plan is shown.")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--renewal-days",
    type=click.IntRange(0, 3650),
    default=60,
    show_default=True,
    help="Leave out accounts whose renewal is within so many days.",
)
@click.option("--no-exclusions", is_flag=True, help="Create also where a renewal is near or an escalation is open.")
@url_option
@project_option
@click.option("--now", callback=moment, envvar="HANDOVER_NOW", help="Judge renewals and absences as of this moment.")
@repository_option
def create(**options: Any) -> None:
    """Create handovers of PROCESS, such as csm-to-cse-plus: one, or one for each row of a file.

    Shows first what would be made: who receives it and how many that person has open, what is there already, what is
    left out and why, and every problem by row and column. With a problem, nothing is created. What is there already is
    not made again, so a run that was stopped goes on with the same command. Run it once at a time: before each issue
    it looks what others made meanwhile, and stops where another run does the same; but what both made in the very same
    moment is there twice.

    \b
    An empty file:  handover create csm-to-cse-plus --columns > accounts.csv
    Look first:     handover create csm-to-cse-plus --from accounts.csv
    Create them:    handover create csm-to-cse-plus --from accounts.csv --apply
    Only one:       handover create csm-to-cse-plus --set Customer=Acme --set CSM=carol
    """
    from automation.edge.repository import load_repository
    from automation.jobs.accounts_file import build_header, load_wanted
    from automation.jobs.create import find_process

    repository = load_repository(options["repository"])
    process = find_process(repository.processes, options["process"])
    if options["is_header"]:
        click.echo(build_header(process))
        return
    wanted = load_wanted(process, options["path"], options["given"], repository.configuration.territories)
    _run(options, repository, process, wanted)


def _run(options: Mapping[str, Any], repository: Repository, process: Process, wanted: Wanted) -> None:
    from automation.core.creating.model import Plan
    from automation.edge.gitlab import GitLab
    from automation.edge.retries import Patience
    from automation.jobs.create import plan_creation
    from automation.jobs.creation_run import Tools, make_issues
    from automation.progress import build_progress

    if wanted.complaints:
        _show(options, process, wanted, Plan(complaints=wanted.complaints), {})
        raise _refusal(wanted, wanted.complaints)
    job = _build_job(options, process)
    gitlab = GitLab(_place(options)[0], token(), Patience(on_wait=_tell_wait, posts_wait=False))
    with build_progress(sys.stderr) as progress:
        plan = plan_creation(job, wanted.records, gitlab, repository, progress)
    rows = list(plan.rows)
    try:
        if options["is_applied"] and not plan.complaints and not plan.obstacles:
            with build_progress(sys.stderr) as progress:
                tools = Tools(progress, time.monotonic, _wait)
                make_issues(job, repository.processes, gitlab, plan, rows, tools)
    finally:
        # Whatever stopped it: what was made is listed.
        _show(options, process, wanted, replace(plan, rows=tuple(rows)), gitlab.requests)
    if plan.complaints:
        raise _refusal(wanted, plan.complaints)
    if plan.obstacles and options["is_applied"]:
        raise AccessError(" ".join(plan.obstacles))
    _judge_end(rows)


def _wait(seconds: float) -> None:
    _tell_wait(seconds)
    time.sleep(seconds)


def _tell_wait(seconds: float) -> None:
    """Tell on a line of its own, also below a bar, why nothing moves and when it goes on."""
    at = datetime.now().astimezone() + timedelta(seconds=seconds)
    line = f"GitLab allows only so many requests a minute; going on at {at:%H:%M:%S}"
    click.echo(f"\n{line}" if sys.stderr.isatty() else line, err=True)


def _build_job(options: Mapping[str, Any], process: Process) -> Creation:
    from automation.edge.documents import read_text
    from automation.edge.repository import TEMPLATES
    from automation.jobs.create import Creation

    return Creation(
        process=process,
        template=read_text(options["repository"], f"{TEMPLATES}/{process.template}.md"),
        scope=_place(options)[1],
        now=options["now"] or datetime.now(UTC),
        renewal_days=options["renewal_days"],
        has_exclusions=not options["no_exclusions"],
    )


def _place(options: Mapping[str, Any]) -> tuple[str, str]:
    url, scope = where({**options, "group": None, "payload": None, "iid": None})
    if scope.startswith("groups/"):
        raise UsageError("Handovers are created in one project: give --project (HANDOVER_GROUP is set).")
    return url, scope


def _show(
    options: Mapping[str, Any], process: Process, wanted: Wanted, plan: Plan, requests: Mapping[str, int]
) -> None:
    from automation.reports.creation import WIDEST, Shown, show_creation

    columns = shutil.get_terminal_size((WIDEST, 24)).columns if sys.stdout.isatty() else WIDEST
    shown = Shown(process, wanted.name, plan, requests, options["is_applied"], columns)
    click.echo(scrub(show_creation(shown, options["shape"])))


def _refusal(wanted: Wanted, complaints: Sequence[Complaint]) -> HandoverError:
    """Build the error of a wrong file, or of wrong values on the command line."""
    count = f"{len(complaints)} problem{'s' if len(complaints) > 1 else ''}"
    if not wanted.name:
        return UsageError(f"{count}, shown above; nothing was created.")
    message = f"{count}, shown above; nothing was created. Repair the file and run the command again."
    return RepositoryError((Problem(wanted.name, 0, message),))


def _judge_end(rows: Sequence[Planned]) -> None:
    """Raise where something is left for the next run."""
    left = sum(row.state in ("failed", "uncertain") for row in rows)
    if left:
        raise GitLabError(
            f"{left} of the issues could not be created, or nobody knows; they are listed above."
            " Run the same command again: what is there is not made twice."
        )
