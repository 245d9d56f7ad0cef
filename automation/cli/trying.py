"""`handover demo` and `handover sandbox`: trying it without a GitLab."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.options import repository_option

if TYPE_CHECKING:
    pass


@click.command()
@click.option(
    "--serve", "is_served", is_flag=True, help="Leave the page open: tick boxes in a browser, press “Run triage”."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the page; 0 takes a free one.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("handover-demo/board.html"),
    show_default=True,
    help="Where to leave the page of the board.",
)
@repository_option
def demo(is_served: bool, port: int, output: Path, repository: Path) -> None:
    """Watch sample handovers go right and wrong, in a minute and without a GitLab.

    Starts the sandbox, lets its sample people tick and comment, runs the very triage of `handover triage --apply`
    after each of their acts, and tells what happened.
    """
    from automation.edge.repository import load_repository
    from automation.sandbox.demo import run_demo

    run_demo(load_repository(repository), repository, output, click.echo, datetime.now(UTC), port, is_served)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8929, show_default=True)
@repository_option
def sandbox(port: int, repository: Path) -> None:
    """Start the stand-in server alone, with sample people and one blank handover.

    It speaks the part of GitLab's API that this program uses, keeps everything in memory, and is not GitLab.
    """
    from automation.edge.repository import load_repository
    from automation.sandbox.demo import run_sandbox

    run_sandbox(load_repository(repository), repository, click.echo, port)
