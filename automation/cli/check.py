"""`handover check`: does the repository agree with itself, and what does a change mean for whom?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from automation.cli.options import repository_option
from automation.errors import Problem, RepositoryError, UsageError


@click.command()
@click.option("--against", metavar="REF", help="Compare with where this branch parts from REF, such as origin/main.")
@click.option(
    "--changes",
    "changes_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --against: write what the change means for whom to this file, as Markdown.",
)
@click.option(
    "--format", "shape", type=click.Choice(["text", "json", "junit", "codequality"]), default="text", show_default=True
)
@click.option("--online", "is_online", is_flag=True, help="Ask every address that the letters link to.")
@click.option(
    "--coverage", "is_coverage", is_flag=True, help="List every row of the source documents with what carries it out."
)
@repository_option
def check(
    against: str | None, changes_file: Path | None, shape: str, is_coverage: bool, is_online: bool, repository: Path
) -> None:
    """Check that the repository agrees with itself: schemas, templates, letters, people, pages, pipeline, owners.

    Every problem is shown with its file, its line and what to write. With --against, what handovers under way could
    not bear is refused: a code with another meaning, a rule that changes without a new version. Nothing is sent
    anywhere without --online.
    """
    from automation.edge.links import ask_links
    from automation.edge.pipeline import PIPELINE
    from automation.jobs.check import check as check_all
    from automation.jobs.check import write_changes
    from automation.reports.problems import show_problems

    if changes_file is not None and against is None:
        raise UsageError("--changes needs --against: with what shall it be compared?")
    try:
        checked = check_all(repository, ask_links if is_online else None, against)
    except UsageError as error:
        # What GitLab shows must not be missing, nor look as if all were well.
        if changes_file is not None:
            write_changes(changes_file, str(error))
        if shape in ("junit", "codequality"):
            click.echo(show_problems([Problem(PIPELINE, 0, f"could not be compared: {error}")], shape))
        raise
    if changes_file is not None:
        write_changes(changes_file, checked)
    problems = checked.problems
    if is_coverage:
        from automation.edge.coverage import load_coverage
        from automation.reports.coverage import show_coverage

        coverage, found = load_coverage(repository)
        problems = tuple(dict.fromkeys((*problems, *found)))
        click.echo(show_coverage(coverage, problems, shape))
    else:
        click.echo(show_problems(problems, shape, checked.meaning))
    if problems:
        sys.exit(RepositoryError.exit_code)
