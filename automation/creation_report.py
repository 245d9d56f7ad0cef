"""Show what would be made, or was made, of accounts: text for a terminal, or JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automation.core.creating.model import NO_ROW, Complaint, Plan, Planned, State
from automation.core.model import Process

_WIDTH = 120
_CUSTOMER_WIDTH = 40
_RECEIVER_WIDTH = 30
_GAP = "  "
# In the order in which they are shown.
_HEADINGS: Mapping[State, str] = {
    "created": "Created",
    "create": "To create",
    "failed": "Failed",
    "uncertain": "Uncertain: GitLab's answer never came",
    "exists": "Already there",
    "excluded": "Excluded",
    "problem": "With problems",
}
_COUNTS: Mapping[State, str] = {
    "created": "created",
    "create": "to create",
    "failed": "failed",
    "uncertain": "uncertain",
    "exists": "already there",
    "excluded": "excluded",
    "problem": "with problems",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be shown. ``name`` is that of the file; ``is_applied``: issues were to be made, not only shown."""

    process: Process
    name: str
    plan: Plan
    requests: Mapping[str, int]
    is_applied: bool


def show_creation(shown: Shown, shape: str) -> str:
    """Show it as ``text`` or ``json``."""
    return json.dumps(_as_data(shown), indent=2, ensure_ascii=False) if shape == "json" else _as_text(shown)


def _as_data(shown: Shown) -> dict[str, Any]:
    return {
        "process": shown.process.id,
        "version": shown.process.version,
        "rows": [_row_data(row) for row in shown.plan.rows],
        "problems": [
            {"row": each.row or None, "column": each.column or None, "message": each.message}
            for each in shown.plan.complaints
        ],
        "requests": {**dict(sorted(shown.requests.items())), "total": sum(shown.requests.values())},
    }


def _row_data(row: Planned) -> dict[str, Any]:
    return {
        "row": row.row if row.row != NO_ROW else None,
        "customer": row.customer or None,
        "title": row.title,
        "state": row.state,
        "receiver": ", ".join(each.username for each in row.receivers) or None,
        "open": row.receivers[0].open if row.receivers else None,
        "iid": row.iid or None,
        "web_url": row.web_url or None,
        "reasons": list(row.reasons),
    }


# --- text -------------------------------------------------------------------------------------------------------------


def _as_text(shown: Shown) -> str:
    source = f" from {shown.name}" if shown.name else ""
    lines = [f"{shown.process.template} ({shown.process.id} version {shown.process.version}){source}"]
    for state, heading in _HEADINGS.items():
        rows = [row for row in shown.plan.rows if row.state == state]
        if rows and state != "problem":
            lines += ["", f"{heading} ({len(rows)})", *_table(rows, shown.plan.receiver)]
    if shown.plan.complaints:
        lines += ["", f"Problems ({len(shown.plan.complaints)})"]
        lines += [line for each in shown.plan.complaints for line in _complaint(each)]
    return "\n".join([*lines, "", *textwrap.wrap(_summary(shown), _WIDTH)])


def _summary(shown: Shown) -> str:
    numbers = {state: sum(row.state == state for row in shown.plan.rows) for state in _COUNTS}
    counts = ", ".join(f"{numbers[state]} {words}" for state, words in _COUNTS.items() if numbers[state])
    counts = f"{counts}." if counts else ""
    if shown.plan.complaints:
        return f"{counts} Nothing is created while there is a problem.".strip()
    if not shown.is_applied and numbers["create"]:
        return f"{counts} Nothing was created; add --apply to create."
    if numbers["create"]:
        return f"{counts} Run the same command again to go on: what is there is not made twice."
    return counts


def _complaint(complaint: Complaint) -> list[str]:
    row = f"row {complaint.row}" if complaint.row else ""
    place = ", ".join(filter(None, (row, complaint.column)))
    text = f"{place}: {complaint.message}" if place else complaint.message
    return textwrap.wrap(visible(text), _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _table(rows: Sequence[Planned], receiver: str) -> list[str]:
    """Lay rows out: number, customer, who receives it, and in what is left of the line, what to know."""
    has_numbers = any(row.row for row in rows)
    has_people = any(row.receivers for row in rows)
    cells = [_cells(row) for row in rows]
    names = [["row"] * has_numbers, ["customer"], [receiver] * has_people, ["remark"]]
    kept = [0] * has_numbers + [1] + [2] * has_people + [3]
    header = [name for part in names for name in part]
    table = [header, *([row[place] for place in kept] for row in cells)]
    limits = [5] * has_numbers + [_CUSTOMER_WIDTH] + [_RECEIVER_WIDTH] * has_people
    widths = [min(limit, max(len(row[place]) for row in table)) for place, limit in enumerate(limits)]
    widths.append(_WIDTH - sum(width + len(_GAP) for width in widths) - len(_GAP))
    return [line for row in table for line in _entry(row, widths)]


def _cells(row: Planned) -> list[str]:
    people = ", ".join(f"{each.username} ({each.open} open)" for each in row.receivers)
    link = row.web_url if row.web_url and row.state in ("created", "exists") else ""
    number = f"#{row.iid}" if row.iid and row.state == "created" else ""
    remark = " ".join(filter(None, ("; ".join(row.reasons), number, link)))
    return [str(row.row), visible(row.customer), people, visible(remark)]


def _entry(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Write one row of the table as so many lines as its longest cell needs."""
    wrapped = [
        textwrap.wrap(cell, width, break_on_hyphens=False) or [""] for cell, width in zip(cells, widths, strict=True)
    ]
    height = max(len(each) for each in wrapped)
    lines = zip(*(each + [""] * (height - len(each)) for each in wrapped), strict=True)
    return [
        f"{_GAP}{_GAP.join(part.ljust(width) for part, width in zip(line, widths, strict=True))}".rstrip()
        for line in lines
    ]


def visible(text: str) -> str:
    """Return *text* without anything that a terminal would carry out."""
    return "".join(each if each.isprintable() else " " for each in text)
