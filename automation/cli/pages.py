"""`handover roles` and `handover docs`: who does what, as a table and as pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.options import repository_option
from automation.errors import RepositoryError

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("process", required=False)
@click.option("--format", "shape", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@repository_option
def roles(process: str | None, shape: str, repository: Path) -> None:
    """Show who does what, and who must sign what: in PROCESS, such as csm-to-cse-plus, or in all of them."""
    from automation.jobs.docs import tell_roles

    click.echo(tell_roles(repository, process, shape))


@click.command()
@click.option("--check", "is_check", is_flag=True, help="Write nothing; fail if a page is missing, stale or left over.")
@repository_option
def docs(is_check: bool, repository: Path) -> None:
    """Write the page of each process, docs/processes/<process>.md, from its schema."""
    from automation.jobs.docs import check_docs, write_docs

    if not is_check:
        changed = write_docs(repository)
        click.echo("\n".join(changed) if changed else "Every page is as it should be.")
    elif problems := check_docs(repository):
        raise RepositoryError(problems)
