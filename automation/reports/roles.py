"""Show who does what: Roles -> text for a terminal, Markdown, or JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from automation.core.pages.escaping import escape_markdown
from automation.core.pages.role_tables import markdown_table, say_legend, say_signature
from automation.core.pages.roles import Roles

_WIDTH = 100
_LEAST_TITLE = 24
_GAP = "  "


def show_roles(found: Sequence[Roles], shape: str) -> str:
    """Show the tables of several processes, one after the other, as ``text``, ``markdown`` or ``json``."""
    if shape == "json":
        return json.dumps({"processes": [_as_data(each) for each in found]}, indent=2, ensure_ascii=False)
    if shape == "markdown":
        return "\n\n".join(f"## {escape_markdown(each.process)}\n\n{_markdown(each)}" for each in found)
    return "\n\n\n".join(_text(each) for each in found)


def _markdown(roles: Roles) -> str:
    parts = [f"**{escape_markdown(roles.title)}**"] if roles.title else []
    parts.append(markdown_table(roles))
    if roles.signatures:
        listed = [f"- {escape_markdown(say_signature(each))}" for each in roles.signatures]
        parts += ["**Who must sign what**", "\n".join(listed)]
    return "\n\n".join(parts)


# --- text -------------------------------------------------------------------------------------------------------------


def _text(roles: Roles) -> str:
    lines = [f"{roles.process} ({roles.id} version {roles.version})"]
    lines += [roles.title] if roles.title else []
    lines += ["", *_text_table(roles), "", *textwrap.wrap(say_legend(roles), _WIDTH)]
    if roles.signatures:
        lines += ["", "Who must sign what"]
    for each in roles.signatures:
        indent = " " * (len(each.code) + 3)
        lines += textwrap.wrap(say_signature(each), _WIDTH, initial_indent="  ", subsequent_indent=indent)
    return "\n".join(lines)


def _text_table(roles: Roles) -> list[str]:
    """Lay the table out: columns as narrow as their longest word, the activities in what is left of the line."""
    columns = list(zip(*(row.cells for row in roles.rows), strict=True))
    widths = [
        max(len(word) for word in (*name.split(), *cells)) for name, cells in zip(roles.names, columns, strict=True)
    ]
    longest = max(len(row.title) + 2 * bool(row.group) for row in roles.rows)
    left = _WIDTH - sum(len(_GAP) + width for width in widths)
    widths = [min(longest, max(left, _LEAST_TITLE)), *widths]
    lines = _entry(["", *roles.names], widths)
    lines += [_GAP.join("-" * width for width in widths)]
    group = ""
    for row in roles.rows:
        if row.group and row.group != group:
            lines.append(row.group)
        group = row.group
        lines += _entry([row.title, *row.cells], widths, indent="  " if row.group else "")
    return lines


def _entry(cells: Sequence[str], widths: Sequence[int], indent: str = "") -> list[str]:
    """Write one row of a table as so many lines as its longest cell needs."""
    title = textwrap.wrap(cells[0], widths[0], initial_indent=indent, subsequent_indent=f"{indent}  ")
    wrapped = [title, *(textwrap.wrap(cell, width) for cell, width in zip(cells[1:], widths[1:], strict=True))]
    height = max(len(each) for each in wrapped)
    lines = zip(*(each + [""] * (height - len(each)) for each in wrapped), strict=True)
    return [_GAP.join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip() for line in lines]


# --- json -------------------------------------------------------------------------------------------------------------


def _as_data(roles: Roles) -> Mapping[str, Any]:
    return {
        "id": roles.id,
        "version": roles.version,
        "title": roles.process,
        "table": roles.title or None,
        "roles": [{"role": role, "name": name} for role, name in zip(roles.roles, roles.names, strict=True)],
        "rows": [
            {"group": row.group or None, "title": row.title, "cells": dict(zip(roles.roles, row.cells, strict=True))}
            for row in roles.rows
        ],
        "legend": dict(roles.legend),
        "signatures": [
            {
                "code": each.code,
                "title": each.title,
                "signers": list(each.signers),
                "when": list(each.when),
                "advisory": each.is_advisory,
                "follows_activity": each.follows_activity,
            }
            for each in roles.signatures
        ],
    }
