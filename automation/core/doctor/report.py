"""Lay the doctor's lines out: as text for a shell, and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from automation.core.doctor.check import GROUPS, Check, Group, State, at
from automation.core.words import quote

_WIDTH = 100
_MARKS: Mapping[State, str] = {"repair": "✗", "hidden": "?", "fine": "✓"}


def needs_repair(checks: Sequence[Check]) -> bool:
    """Tell whether anything is to be done; what is hidden is nothing to be done."""
    return any(each.state == "repair" for each in checks)


def show_text(checks: Sequence[Check], project: str, now: datetime, shows_all: bool = False) -> str:
    """Show what is to be repaired and what is hidden under headings, then what is fine in one line, then the sum.

    With *shows_all* what is fine is under the headings too, a line each.
    """
    lines = [f"The installation in {quote(project)} as of {at(now)}"]
    for group in GROUPS:
        listed = [each for each in _sorted(checks, group) if shows_all or each.state != "fine"]
        lines += ["", group, *_lines(listed)] if listed else []
    if not shows_all:
        lines += _fine_line(checks)
    return "\n".join([*lines, "", summarise(checks)])


def _sorted(checks: Sequence[Check], group: Group) -> list[Check]:
    """Return the lines of a group, what is to be done first."""
    return sorted((each for each in checks if each.group == group), key=lambda each: list(_MARKS).index(each.state))


def _lines(checks: Sequence[Check]) -> Iterator[str]:
    """Yield the lines of checks; a repair that neighbours share stands once, under the last of them."""
    for check, following in zip(checks, [*checks[1:], None], strict=True):
        needs = f" (needs: {check.needs})" if check.needs else ""
        yield from _wrap(f"  {_MARKS[check.state]} ", f"{check.says}{needs}")
        if check.repair and (following is None or following.repair != check.repair):
            yield from _wrap("    → ", check.repair)


def _fine_line(checks: Sequence[Check]) -> list[str]:
    counts = {group: sum(each.state == "fine" for each in checks if each.group == group) for group in GROUPS}
    told = ", ".join(f"{group} ({number})" for group, number in counts.items() if number)
    return ["", *_wrap("✓ ", f"Fine: {told}. --all shows each.")] if told else []


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
    """Say in one sentence how much is to be repaired, and how much could not be seen or read."""
    repairs = sum(each.state == "repair" for each in checks)
    unread = sum(each.is_unread for each in checks)
    unseen = sum(each.state == "hidden" for each in checks) - unread
    first = f"{repairs} thing{'' if repairs == 1 else 's'} to repair" if repairs else "Nothing to repair"
    parts = [
        first if repairs or not unread else "Nothing to repair was found",
        *([f"{unseen} cannot be seen with this token"] if unseen else []),
        *([f"{unread} could not be read: try again"] if unread else []),
    ]
    return f"{', '.join(parts)}."


def build_report(checks: Sequence[Check], project: str, now: datetime, requests: Mapping[str, int]) -> dict[str, Any]:
    """Return the report as data; every key is always there.

    ``state`` is "repair" where anything is to be done, else "fine"; ``counts`` are those of the checks by state, and of
    the hidden ones those that the server failed to tell.
    """
    asked = {**dict(sorted(requests.items())), "total": sum(requests.values())}
    listed = [asdict(each) for group in GROUPS for each in checks if each.group == group]
    counts = {state: sum(each.state == state for each in checks) for state in _MARKS}
    return {
        "now": now.isoformat(),
        "project": project,
        "state": "repair" if needs_repair(checks) else "fine",
        "counts": {**counts, "unread": sum(each.is_unread for each in checks)},
        "checks": listed,
        "requests": asked,
    }
