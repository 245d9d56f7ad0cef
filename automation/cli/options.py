"""What several commands share: options, the place on the server, the token, the moment; and no secret in any output."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.errors import UsageError

if TYPE_CHECKING:
    from automation.jobs.run import Triage


def scrub(text: str) -> str:
    """Take secrets out of anything that is about to be shown."""
    for name in ("HANDOVER_TOKEN", "HANDOVER_STATE_KEY", "HANDOVER_STATE_KEY_OLD"):
        secret = os.environ.get(name, "")
        if len(secret) > 3:
            text = text.replace(secret, f"[{name}]")
    return text


repository_option = click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="The directory with schemas/, .gitlab/ and the rest.",
)

url_option = click.option(
    "--gitlab-url",
    envvar=["HANDOVER_GITLAB_URL", "CI_SERVER_URL"],
    help="Address of the server. [env: HANDOVER_GITLAB_URL, CI_SERVER_URL]",
)
project_option = click.option(
    "--project", envvar=["HANDOVER_PROJECT"], help="Project, by id or path. [env: HANDOVER_PROJECT, CI_PROJECT_ID]"
)
home_option = click.option(
    "--project",
    envvar=["HANDOVER_PROJECT"],
    help="The project that holds this repository, by id or path. [env: HANDOVER_PROJECT]",
)
group_option = click.option(
    "--group",
    envvar=["HANDOVER_GROUP"],
    help="The group in whose projects the handovers are, where not in --project. [env: HANDOVER_GROUP]",
)


def moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """Read the moment of an option, in UTC where it names no zone."""
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no moment; write 2026-11-30T17:00:00Z") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def where(options: Mapping[str, Any]) -> tuple[str, str]:
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
    url = server(options["gitlab_url"])
    if not group and not project:
        raise UsageError("No project: give --project or --group, or set HANDOVER_PROJECT.")
    return url, group_scope(group) if group else project_scope(str(project))


def server(url: str | None) -> str:
    """Return the address of the server, without a slash at its end."""
    if not url:
        raise UsageError("No server: give --gitlab-url or set HANDOVER_GITLAB_URL.")
    if not url.startswith(("http://", "https://")):
        raise UsageError("--gitlab-url must begin with https:// (or http:// on your own machine).")
    return url.rstrip("/")


def refuse_in_ci(command: str) -> None:
    """Refuse to run *command*, which needs a Maintainer's own token, where a pipeline is running."""
    found = next((name for name in ("GITLAB_CI", "CI_JOB_ID") if os.environ.get(name)), None)
    if found:
        raise UsageError(
            f"This runs in CI ({found} is set). {command} needs a Maintainer's own token, which whoever can change a"
            " pipeline could read there: run it in your own shell."
        )


def token() -> str:
    """Return the access token of the environment."""
    token = os.environ.get("HANDOVER_TOKEN", "").strip()
    if not token:
        raise UsageError("No token: set the environment variable HANDOVER_TOKEN (an access token with scope `api`).")
    if not token.isascii() or any(letter.isspace() for letter in token):
        raise UsageError("HANDOVER_TOKEN holds something that is no token: blanks or letters outside ASCII.")
    return token


def build_job(scope: str, iid: int | None, now: datetime | None) -> Triage:
    """Build the description of a run; *now* is given only where somebody asks as of another moment."""
    from automation.jobs.run import Triage

    return Triage(
        scope=scope,
        now=now or datetime.now(UTC),
        state_key=os.environ.get("HANDOVER_STATE_KEY", ""),
        old_state_key=os.environ.get("HANDOVER_STATE_KEY_OLD", ""),
        iid=iid,
        is_replay=now is not None,
    )
