"""Lay the doctor's lines out: as text for a shell, and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from automation.core.doctor.check import GROUPS, Check, State, at
from automation.core.words import quote

_WIDTH = 100
_MARKS: Mapping[State, str] = {"fine": "✓", "repair": "✗", "hidden": "?"}


def needs_repair(checks: Sequence[Check]) -> bool:
    """Tell whether anything is to be done; what is hidden is nothing to be done."""
    return any(each.state == "repair" for each in checks)


def show_text(checks: Sequence[Check], project: str, now: datetime) -> str:
    """Show the lines under their headings, the summary last."""
    lines = [f"The installation in {quote(project)} as of {at(now)}"]
    for group in GROUPS:
        listed = [each for each in checks if each.group == group]
        lines += ["", group, *(line for each in listed for line in _lines(each))] if listed else []
    return "\n".join([*lines, "", summarise(checks)])


def _lines(check: Check) -> list[str]:
    needs = f" (needs: {check.needs})" if check.needs else ""
    lines = _wrap(f"  {_MARKS[check.state]} ", f"{check.says}{needs}")
    return [*lines, *_wrap("    → ", check.repair)] if check.repair else lines


def _wrap(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def summarise(checks: Sequence[Check]) -> str:
    """Say in one sentence how much is to be repaired, and how much could not be seen."""
    repairs = sum(each.state == "repair" for each in checks)
    unseen = sum(each.state == "hidden" for each in checks)
    first = f"{repairs} thing{'' if repairs == 1 else 's'} to repair" if repairs else "Nothing to repair"
    return f"{first}, {unseen} cannot be seen with this token." if unseen else f"{first}."


def build_report(checks: Sequence[Check], project: str, now: datetime, requests: Mapping[str, int]) -> dict[str, Any]:
    """Return the report as data; every key is always there."""
    counts = {**dict(sorted(requests.items())), "total": sum(requests.values())}
    listed = [asdict(each) for group in GROUPS for each in checks if each.group == group]
    return {"now": now.isoformat(), "project": project, "checks": listed, "requests": counts}
