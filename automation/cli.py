"""Options in, one job called, exit code out: the only reader of the clock and the environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.errors import GitLabError, HandoverError, RepositoryError, UsageError

if TYPE_CHECKING:
    from automation.edge.gitlab import GitLab
    from automation.edge.repository import Repository
    from automation.run import Outcome, Triage

_EXIT_CODES = """\b
Exit codes: 0 done (a missed gate is still 0), 1 a bug of ours, 2 wrong command
line or no token, 3 a file of the repository is wrong (or a mail that was
checked), 4 GitLab refused or failed, 5 the plan moves back too many handovers."""


@click.group(epilog=_EXIT_CODES, context_settings={"max_content_width": 100})
@click.version_option(package_name="handover")
def cli() -> None:
    """Account handovers on GitLab that cannot go wrong silently.

    Every command only shows what it would do, unless --apply is given.

    \b
    Try it:             handover demo
    See what it thinks: HANDOVER_TOKEN=... handover triage --gitlab-url URL --project GROUP/PROJECT
    Let it act:         ... handover triage --apply
    Ask why:            ... handover explain 12
    Write to them:      ... handover letter 12 cse-plus-transition
    """


def main() -> None:
    """Run the command line; every failure ends in one sentence and its exit code."""
    try:
        cli(standalone_mode=False)
    except HandoverError as error:
        _fail(str(error), error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        _fail("Stopped. What was written is complete; run the command again to go on.", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(sentence: str, code: int) -> None:
    click.echo(_scrub(f"handover: {sentence}"), err=True)
    sys.exit(code)


def _scrub(text: str) -> str:
    """Take secrets out of anything that is about to be shown."""
    for name in ("HANDOVER_TOKEN", "HANDOVER_STATE_KEY", "HANDOVER_STATE_KEY_OLD"):
        secret = os.environ.get(name, "")
        if len(secret) > 3:
            text = text.replace(secret, f"[{name}]")
    return text


# --- options that several commands share ------------------------------------------------------------------------------

_repository_option = click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="The directory with schemas/, .gitlab/ and the rest.",
)

_url_option = click.option(
    "--gitlab-url",
    envvar=["HANDOVER_GITLAB_URL", "CI_SERVER_URL"],
    help="Address of the server. [env: HANDOVER_GITLAB_URL, CI_SERVER_URL]",
)
_project_option = click.option(
    "--project", envvar=["HANDOVER_PROJECT"], help="Project, by id or path. [env: HANDOVER_PROJECT, CI_PROJECT_ID]"
)


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no moment; write 2026-11-30T17:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


# --- triage -----------------------------------------------------------------------------------------------------------


@cli.command()
@click.option(
    "--apply", "is_applied", is_flag=True, help="Write labels and comments; without it, only the plan is shown."
)
@click.option("--issue", "iid", type=click.IntRange(min=1), help="Judge this issue of the project only.")
@click.option("--payload", type=click.Path(path_type=Path), help="Judge the issue that a webhook's payload file names.")
@_url_option
@_project_option
@click.option("--group", help="All projects of a group instead. [env: HANDOVER_GROUP]")
@click.option(
    "--now",
    callback=_moment,
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
    help="Open an issue for operations when the run fails; close it after a good one.",
)
@_repository_option
def triage(**options: Any) -> None:
    """Judge every open handover, and show or carry out what follows.

    Reads the boxes of each handover, sets the label of the true stage, keeps one status comment, and pings
    who must act. The token is read from HANDOVER_TOKEN only; HANDOVER_STATE_KEY seals what the bot remembers.
    """
    from automation.edge.gitlab import GitLab

    url, scope = _where(options)
    gitlab = GitLab(url, _token())
    try:
        outcome = _triage(options, gitlab, scope)
    except Exception as error:
        sentence = str(error) if isinstance(error, HandoverError) else f"A bug in the program: {type(error).__name__}."
        _alarm(options, gitlab, scope, sentence)
        raise
    if outcome is None:
        return
    if outcome.failed:
        sentence = _failed_sentence(outcome)
        _alarm(options, gitlab, scope, sentence)
        raise GitLabError(sentence)
    if options["has_alarm"] and options["is_applied"]:
        from automation.alarm import end_alarms

        end_alarms(gitlab, outcome.alarms)


def _triage(options: Mapping[str, Any], gitlab: GitLab, scope: str) -> Outcome | None:
    from automation.edge.repository import load_repository
    from automation.jobs import triage as run

    repository = load_repository(options["repository"])
    iid = options["iid"]
    if options["payload"] is not None:
        iid = _hinted_issue(options["payload"], gitlab, scope)
        if iid is None:
            click.echo("The payload names no issue of this project; there is nothing to do.", err=True)
            return None
    job = replace(
        _job(scope, iid, options["now"]), is_applied=options["is_applied"], may_move_many=options["allow_large_plan"]
    )
    return _report(run, job, gitlab, repository, options["shape"])


def _job(scope: str, iid: int | None, now: datetime | None) -> Triage:
    """Build the description of a run; *now* is given only where somebody asks as of another moment."""
    from automation.run import Triage

    return Triage(
        scope=scope,
        now=now or datetime.now(UTC),
        state_key=os.environ.get("HANDOVER_STATE_KEY", ""),
        old_state_key=os.environ.get("HANDOVER_STATE_KEY_OLD", ""),
        iid=iid,
        is_replay=now is not None,
    )


def _report(run: Callable[..., Outcome], job: Triage, gitlab: GitLab, repository: Repository, shape: str) -> Outcome:
    from automation.output import build_writer, explain_outcome
    from automation.progress import build_progress

    writer = build_writer(shape, lambda text: click.echo(_scrub(text), nl=False))
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


def _where(options: Mapping[str, Any]) -> tuple[str, str]:
    """Return address and scope. A project on the command line wins over a group in the environment."""
    from automation.edge.gitlab import group_scope, project_scope

    group = options["group"]
    has_project = click.get_current_context().get_parameter_source("project") == click.core.ParameterSource.COMMANDLINE
    if not group and not has_project:
        group = os.environ.get("HANDOVER_GROUP")
    project = None if group and not has_project else options["project"] or os.environ.get("CI_PROJECT_ID")
    if options["group"] and has_project:
        raise UsageError("Give --project or --group, not both.")
    if group and (options["iid"] or options["payload"]):
        raise UsageError("--issue and --payload need --project: an issue's number means nothing in a group.")
    if options["iid"] and options["payload"]:
        raise UsageError("Give --issue or --payload, not both.")
    if not options["gitlab_url"]:
        raise UsageError("No server: give --gitlab-url or set HANDOVER_GITLAB_URL.")
    if not options["gitlab_url"].startswith(("http://", "https://")):
        raise UsageError("--gitlab-url must begin with https:// (or http:// on your own machine).")
    if not group and not project:
        raise UsageError("No project: give --project or --group, or set HANDOVER_PROJECT.")
    return options["gitlab_url"].rstrip("/"), group_scope(group) if group else project_scope(str(project))


def _token() -> str:
    token = os.environ.get("HANDOVER_TOKEN", "").strip()
    if not token:
        raise UsageError(
            "No token: set the environment variable HANDOVER_TOKEN (a project access token with scope `api`)."
        )
    if not token.isascii() or any(letter.isspace() for letter in token):
        raise UsageError("HANDOVER_TOKEN holds something that is no token: blanks or letters outside ASCII.")
    return token


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


def _alarm(options: Mapping[str, Any], gitlab: GitLab, scope: str, sentence: str) -> None:
    """Call operations for help, as far as GitLab lets us; the failure itself is still reported."""
    if not (options["has_alarm"] and options["is_applied"]):
        return
    from automation.alarm import raise_alarm
    from automation.edge.gitlab import project_scope
    from automation.edge.repository import guess_operations, load_configuration

    try:
        operations = load_configuration(options["repository"]).operations
    except RepositoryError:
        operations = guess_operations(options["repository"])
    home = os.environ.get("CI_PROJECT_ID")
    try:
        raise_alarm(
            gitlab,
            project_scope(home) if home else scope,
            _scrub(sentence),
            os.environ.get("CI_JOB_URL", ""),
            operations,
        )
    except GitLabError as error:
        click.echo(_scrub(f"handover: operations could not be told: {error}"), err=True)


# --- explain ----------------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("iid", type=click.IntRange(min=1))
@_url_option
@_project_option
@click.option(
    "--now",
    callback=_moment,
    envvar="HANDOVER_NOW",
    help="Tell what was known at this moment: later events are ignored, the text is taken as it stands.",
)
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_repository_option
def explain(**options: Any) -> None:
    """Tell the whole story of the handover in issue IID: every event, what it was worth, and why.

    Shows who ticked, signed and commanded what and whether it counted, when each gate was passed, which limits were
    met and missed by whose calendar, and what is wrong now, each with the rows of the requirements behind it.
    Nothing is written.
    """
    from automation.edge.gitlab import GitLab
    from automation.edge.repository import load_repository
    from automation.jobs import explain as run
    from automation.output import show_story

    url, scope = _where({**options, "group": None, "payload": None})
    job = _job(scope, options["iid"], options["now"])
    story = run(job, GitLab(url, _token()), load_repository(options["repository"]))
    click.echo(_scrub(show_story(story, options["shape"])))


# --- letter -----------------------------------------------------------------------------------------------------------


@cli.command()
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
@_url_option
@_project_option
@click.option("--now", callback=_moment, envvar="HANDOVER_NOW", help="Judge as of this moment.")
@_repository_option
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
    from automation.jobs import letter as run
    from automation.letters import check_mail, show_check, show_letter

    if options["sent"] and (options["shape"] or options["output"]):
        raise UsageError("Give --check alone, without --format and --output.")
    url, scope = _where({**options, "group": None, "payload": None})
    job = _job(scope, options["iid"], options["now"])
    repository = load_repository(options["repository"])
    written = run(job, options["letter"], GitLab(url, _token()), repository)
    if options["sent"]:
        found = check_mail(options["sent"].read_bytes(), written, repository)
        click.echo(_scrub(show_check(found)))
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


# --- check ------------------------------------------------------------------------------------------------------------


@cli.command()
@click.option(
    "--format", "shape", type=click.Choice(["text", "json", "junit", "codequality"]), default="text", show_default=True
)
@click.option("--online", "is_online", is_flag=True, help="Ask every address that the letters link to.")
@click.option(
    "--coverage", "is_coverage", is_flag=True, help="List every row of the source documents with what carries it out."
)
@_repository_option
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


# --- roles and docs ---------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("process", required=False)
@click.option("--format", "shape", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@_repository_option
def roles(process: str | None, shape: str, repository: Path) -> None:
    """Show who does what, and who must sign what: in PROCESS, such as csm-to-cse-plus, or in all of them."""
    from automation.docs import tell_roles

    click.echo(tell_roles(repository, process, shape))


@cli.command()
@click.option("--check", "is_check", is_flag=True, help="Write nothing; fail if a page is missing, stale or left over.")
@_repository_option
def docs(is_check: bool, repository: Path) -> None:
    """Write the page of each process, docs/processes/<process>.md, from its schema."""
    from automation.docs import check_docs, write_docs

    if not is_check:
        changed = write_docs(repository)
        click.echo("\n".join(changed) if changed else "Every page is as it should be.")
    elif problems := check_docs(repository):
        raise RepositoryError(problems)


# --- demo and sandbox -------------------------------------------------------------------------------------------------


@cli.command()
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
@_repository_option
def demo(is_served: bool, port: int, output: Path, repository: Path) -> None:
    """Watch sample handovers go right and wrong, in a minute and without a GitLab.

    Starts the sandbox, lets its sample people tick and comment, runs the very triage of `handover triage --apply`
    after each of their acts, and tells what happened.
    """
    from automation.edge.repository import load_repository
    from automation.sandbox.demo import run_demo

    run_demo(load_repository(repository), repository, output, click.echo, datetime.now(UTC), port, is_served)


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8929, show_default=True)
@_repository_option
def sandbox(port: int, repository: Path) -> None:
    """Start the stand-in server alone, with sample people and one blank handover.

    It speaks the part of GitLab's API that this program uses, keeps everything in memory, and is not GitLab.
    """
    from automation.edge.repository import load_repository
    from automation.sandbox.demo import run_sandbox

    run_sandbox(load_repository(repository), repository, click.echo, port)
