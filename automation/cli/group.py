"""The commands of `handover`, and how every one of them ends: one sentence and its exit code."""

from __future__ import annotations

import codecs
import io
import os
import sys

import click

from automation.cli.bootstrap import bootstrap
from automation.cli.check import check
from automation.cli.create import create
from automation.cli.doctor import doctor
from automation.cli.issue import explain, letter
from automation.cli.options import scrub
from automation.cli.pages import docs, roles
from automation.cli.triage import triage
from automation.cli.trying import demo, sandbox
from automation.errors import HandoverError

_EXIT_CODES = """\b
Exit codes: 0 done (a missed gate is still 0), 1 a bug of ours, 2 wrong command
line or no token, 3 a file is wrong (of the repository, a mail that was checked,
a table of accounts), 4 GitLab refused or failed, 5 the plan moves back too many
handovers, 6 doctor found something to repair."""


@click.group(epilog=_EXIT_CODES, context_settings={"max_content_width": 100})
@click.version_option(package_name="handover")
def cli() -> None:
    """Account handovers on GitLab that cannot go wrong silently.

    Every command only shows what it would do, unless --apply is given.

    \b
    Try it:             handover demo
    Set GitLab up:      HANDOVER_TOKEN=... handover bootstrap --gitlab-url URL --project GROUP/PROJECT
    Is all well?        ... handover doctor
    See what it thinks: ... handover triage
    Let it act:         ... handover triage --apply
    Ask why:            ... handover explain 12
    Write to them:      ... handover letter 12 cse-plus-transition
    Hand many over:     ... handover create csm-to-cse-plus --from accounts.csv
    """


def main() -> None:
    """Run the command line; every failure ends in one sentence and its exit code."""
    _show_all_letters()
    try:
        cli(standalone_mode=False)
    except HandoverError as error:
        _fail(str(error), error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        _fail("Stopped. Run the same command again to go on.", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _show_all_letters() -> None:
    """Let no letter stop the output: where the terminal or the file has none for it, it is spelled as in JSON."""
    codecs.register_error("handover", _spell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="handover")


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), error.end


def _fail(sentence: str, code: int) -> None:
    click.echo(scrub(f"handover: {sentence}"), err=True)
    sys.exit(code)


for _command in (triage, explain, letter, bootstrap, create, doctor, check, roles, docs, demo, sandbox):
    cli.add_command(_command)
