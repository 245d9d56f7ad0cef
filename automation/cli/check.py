"""`handover check`: does the repository agree with itself?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.options import repository_option
from automation.errors import RepositoryError

if TYPE_CHECKING:
    pass


@click.command()
@click.option(
    "--format", "shape", type=click.Choice(["text", "json", "junit", "codequality"]), default="text", show_default=True
)
@click.option("--online", "is_online", is_flag=True, help="Ask every address that the letters link to.")
@click.option(
    "--coverage", "is_coverage", is_flag=True, help="List every row of the source documents with what carries it out."
)
@repository_option
def check(shape: str, is_coverage: bool, is_online: bool, repository: Path) -> None:
    """Check that the repository agrees with itself: schemas, templates, letters, people, pipeline, the bot's texts.

    Every problem is shown with its file, its line and what to write. Nothing is sent anywhere without --online.
    """
    from automation.edge.links import ask_links
    from automation.edge.repository import check_repository
    from automation.output import show_problems

    problems = check_repository(repository, ask_links if is_online else None)
    if is_coverage:
        from automation.coverage_list import show_coverage
        from automation.edge.coverage import load_coverage

        coverage, found = load_coverage(repository)
        problems = tuple(dict.fromkeys((*problems, *found)))
        click.echo(show_coverage(coverage, problems, shape))
    else:
        click.echo(show_problems(problems, shape))
    if problems:
        sys.exit(RepositoryError.exit_code)
