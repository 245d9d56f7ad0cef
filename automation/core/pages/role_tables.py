"""Write the table of who does what in Markdown, and each signature in one line."""

from __future__ import annotations

from collections.abc import Iterable

from automation.core.pages.conditions import listed
from automation.core.pages.escaping import escape_markdown
from automation.core.pages.roles import Roles, Signature


def markdown_table(roles: Roles) -> str:
    """Write the table and its legend in Markdown; a group is a row of its own."""
    lines = [_line(("Activity", *roles.names)), "|---|" + ":-:|" * len(roles.names)]
    group = ""
    for row in roles.rows:
        if row.group and row.group != group:
            lines.append(f"| **{escape_markdown(row.group)}** |{' |' * len(roles.names)}")
        group = row.group
        lines.append(_line((row.title, *row.cells)))
    return "\n".join([*lines, "", say_legend(roles)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join('-' if cell == '-' else escape_markdown(cell) for cell in cells)} |"


def say_legend(roles: Roles) -> str:
    """Say what the letters mean that are used."""
    return ", ".join(f"{letter}: {said}" for letter, said in roles.legend.items())


def say_signature(signature: Signature) -> str:
    """Say which box it is, who signs it, and when it is asked for."""
    when = f" (only when {', or when '.join(signature.when)})" if signature.when else ""
    who = ", whoever of them is responsible for the activity" if signature.follows_activity else ""
    recommended = " (recommended)" if signature.is_advisory else ""
    return f"{signature.code} {signature.title}: {listed(signature.signers)}{who}{when}{recommended}"
