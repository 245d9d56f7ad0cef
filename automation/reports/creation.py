"""Show what would be made, or was made, of accounts: text for a terminal, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wcwidth import ljust, width, wrap

from automation.core.creating.grouping import Group, group_complaints, say_rows
from automation.core.creating.model import NO_ROW, Plan, Planned, State
from automation.core.model import Process
from automation.core.words import visible

WIDEST = 120
_NARROWEST = 60
_CUSTOMER_WIDTH = 40
_RECEIVER_WIDTH = 30
_GAP = "  "
_WHY_NOT = (
    "Where no escalation is open, leave the cell blank or write none. --no-exclusions creates these all the same."
)
# In the order in which they are shown.
_HEADINGS: Mapping[State, str] = {
    "created": "Created",
    "create": "To create",
    "failed": "Failed",
    "uncertain": "Uncertain: they may be there",
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
    """What is to be shown. ``name`` is that of the file; ``is_applied``: issues were to be made, not only shown.

    ``columns`` is the width of the terminal.
    """

    process: Process
    name: str
    plan: Plan
    requests: Mapping[str, int]
    is_applied: bool
    columns: int = WIDEST


def show_creation(shown: Shown, shape: str) -> str:
    """Show it as ``text`` or ``json``."""
    return json.dumps(_as_data(shown), indent=2, ensure_ascii=False) if shape == "json" else _as_text(shown)


def _as_data(shown: Shown) -> dict[str, Any]:
    return {
        "process": shown.process.id,
        "version": shown.process.version,
        "rows": [_row_data(row) for row in shown.plan.rows],
        "remarks": [*shown.plan.obstacles, *shown.plan.remarks],
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
    columns = max(_NARROWEST, min(shown.columns, WIDEST))
    source = f" from {shown.name}" if shown.name else ""
    lines = wrap(
        visible(f"{shown.process.template} ({shown.process.id} version {shown.process.version}){source}"), columns
    )
    for remark in (*shown.plan.obstacles, *shown.plan.remarks):
        lines += ["", *wrap(visible(remark), columns, break_on_hyphens=False)]
    for state, heading in _HEADINGS.items():
        rows = [row for row in shown.plan.rows if row.state == state]
        if rows and state != "problem":
            lines += ["", f"{heading} ({len(rows)})", *_table(rows, shown.plan.receiver, columns)]
        if rows and state == "excluded":
            lines += wrap(_WHY_NOT, columns, initial_indent=_GAP, subsequent_indent=_GAP, break_on_hyphens=False)
    if shown.plan.complaints:
        lines += ["", f"Problems ({len(shown.plan.complaints)})"]
        lines += [line for each in group_complaints(shown.plan.complaints) for line in _complaint(each, columns)]
    return "\n".join([*lines, "", *wrap(_summary(shown), columns, break_on_hyphens=False)])


def _summary(shown: Shown) -> str:
    numbers = {state: sum(row.state == state for row in shown.plan.rows) for state in _COUNTS}
    counts = ", ".join(f"{numbers[state]} {words}" for state, words in _COUNTS.items() if numbers[state])
    counts = f"{counts}." if counts else ""
    if shown.plan.complaints:
        return f"{counts} Nothing is created while there is a problem.".strip()
    if shown.plan.obstacles and numbers["create"]:
        return f"{counts} Nothing was created, and cannot be with this token: see above."
    if not shown.is_applied and numbers["create"]:
        return f"{counts} Nothing was created; add --apply to create."
    if numbers["create"]:
        return f"{counts} Run the same command again to go on: what is there is not made twice."
    return counts


def _complaint(group: Group, columns: int) -> list[str]:
    place = ", ".join(filter(None, (say_rows(group.rows), group.column)))
    text = f"{place}: {group.message}" if place else group.message
    return wrap(visible(text), columns, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _table(rows: Sequence[Planned], receiver: str, columns: int) -> list[str]:
    """Lay rows out: number, customer, who receives it, and in what is left of the line, what to know."""
    has_numbers = any(row.row for row in rows)
    has_people = any(row.receivers for row in rows)
    cells = [_cells(row) for row in rows]
    names = [["row"] * has_numbers, ["customer"], [receiver] * has_people, ["remark"]]
    kept = [0] * has_numbers + [1] + [2] * has_people + [3]
    header = [name for part in names for name in part]
    table = [header, *([row[place] for place in kept] for row in cells)]
    customer, people = min(_CUSTOMER_WIDTH, columns // 3), min(_RECEIVER_WIDTH, columns // 4)
    limits = [5] * has_numbers + [customer] + [people] * has_people
    widths = [min(limit, max(width(row[place]) for row in table)) for place, limit in enumerate(limits)]
    widths.append(columns - sum(each + len(_GAP) for each in widths) - len(_GAP))
    return [line for row in table for line in _entry(row, widths)]


def _cells(row: Planned) -> list[str]:
    people = ", ".join(f"{each.username} ({each.open} open)" for each in row.receivers)
    link = row.web_url if row.web_url and row.state in ("created", "exists") else ""
    number = f"#{row.iid}" if row.iid and row.state == "created" else ""
    remark = " ".join(filter(None, ("; ".join(row.reasons), number, link)))
    return [str(row.row), visible(row.customer), people, visible(remark)]


def _entry(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Write one row of the table as so many lines as its longest cell needs. Widths are those that a terminal shows."""
    wrapped = [wrap(cell, each, break_on_hyphens=False) or [""] for cell, each in zip(cells, widths, strict=True)]
    height = max(len(each) for each in wrapped)
    lines = zip(*(each + [""] * (height - len(each)) for each in wrapped), strict=True)
    return [
        f"{_GAP}{_GAP.join(ljust(part, each) for part, each in zip(line, widths, strict=True))}".rstrip()
        for line in lines
    ]
