"""`handover explain` and `handover letter`: what one issue has to tell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.options import build_job, moment, project_option, repository_option, scrub, token, url_option, where
from automation.errors import RepositoryError, UsageError

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("iid", type=click.IntRange(min=1))
@url_option
@project_option
@click.option(
    "--now",
    callback=moment,
    envvar="HANDOVER_NOW",
    help="Tell what was known at this moment: later events are ignored, the text is taken as it stands.",
)
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@repository_option
def explain(**options: Any) -> None:
    """Tell the whole story of the handover in issue IID: every event, what it was worth, and why.

    Shows who ticked, signed and commanded what and whether it counted, when each gate was passed, which limits were
    met and missed by whose calendar, and what is wrong now, each with the rows of the requirements behind it.
    Nothing is written.
    """
    from automation.edge.gitlab import GitLab
    from automation.edge.repository import load_repository
    from automation.jobs.triage import explain as run
    from automation.reports.triage import show_story

    url, scope = where({**options, "group": None, "payload": None})
    job = build_job(scope, options["iid"], options["now"])
    story = run(job, GitLab(url, token()), load_repository(options["repository"]))
    click.echo(scrub(show_story(story, options["shape"])))


@click.command()
@click.argument("iid", type=click.IntRange(min=1))
@click.argument("letter")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["md", "html", "eml"]),
    help="The letter alone: Markdown, HTML, or a draft for a mail program. [default: a preview with recipients]",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--early", is_flag=True, help="Give out a letter whose time has not come.")
@click.option(
    "--check",
    "sent",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check a mail that was sent (an .eml file): its words, its recipients, its date.",
)
@url_option
@project_option
@click.option("--now", callback=moment, envvar="HANDOVER_NOW", help="Judge as of this moment.")
@repository_option
def letter(**options: Any) -> None:
    """Fill in LETTER, such as cse-plus-transition, for the handover in issue IID.

    Shows the letter with its recipients, and what it still waits for. With --format it is given out, but only when its
    stage is reached and every signature that it needs is proven. Nothing is ever sent.

    \b
    Look at it:            handover letter 12 cse-plus-transition
    Draft to open:         handover letter 12 cse-plus-transition --format eml --output letter.eml
    Was it sent rightly?   handover letter 12 cse-plus-transition --check sent.eml
    """
    from automation.edge.gitlab import GitLab
    from automation.edge.repository import load_repository
    from automation.jobs.letters import check_mail, show_check, show_letter
    from automation.jobs.triage import letter as run

    if options["sent"] and (options["shape"] or options["output"]):
        raise UsageError("Give --check alone, without --format and --output.")
    url, scope = where({**options, "group": None, "payload": None})
    job = build_job(scope, options["iid"], options["now"])
    repository = load_repository(options["repository"])
    written = run(job, options["letter"], GitLab(url, token()), repository)
    if options["sent"]:
        found = check_mail(options["sent"].read_bytes(), written, repository)
        click.echo(scrub(show_check(found)))
        if found.complaints:
            sys.exit(RepositoryError.exit_code)
        return
    rendered, draft = written.state.rendered, written.draft
    if rendered is None or draft is None or (options["shape"] and written.waits and not options["early"]):
        waits = "\n".join(f"  - {each}" for each in written.waits)
        early = "\nTo have it all the same, add --early." if rendered is not None else ""
        raise UsageError(f"The letter {options['letter']} is not ready:\n{waits}{early}")
    contents: dict[str | None, bytes] = {
        None: f"{show_letter(written)}\n".encode(),
        "md": rendered.markdown.encode(),
        "html": rendered.html.encode(),
        "eml": draft.content,
    }
    _give_out(contents[options["shape"]], options["output"])


def _give_out(content: bytes, output: Path | None) -> None:
    """Write bytes as they are to a file or the terminal."""
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from None
