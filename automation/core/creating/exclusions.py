"""Which accounts are better not handed over now: a renewal is near, or an escalation is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from automation.core.words import quote

_NOTHING = frozenset(
    {"", "-", "–", "—", "0", "false", "n/a", "na", "no", "none", "none known", "none open", "not applicable", "nothing"}
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why an account is left out (``reasons``, empty when it is not), and what else to look at (``warnings``)."""

    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge_exclusion(renewal: str, escalations: Iterable[str], today: date, within_days: int) -> Exclusion:
    """Judge whether an account is left out.

    *renewal* is a date as 2026-11-30, "" where it is not known; the day itself and the last of *within_days* count. A
    renewal in the past leaves nothing out: the date is old, or the renewal is over.
    """
    reasons, warnings = [], []
    if renewal:
        days = (date.fromisoformat(renewal) - today).days
        if days < 0:
            warnings.append(f"the renewal {renewal} is in the past; is the date right?")
        elif days <= within_days:
            when = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
            reasons.append(f"the renewal is {when}, on {renewal} (within {within_days} days)")
    is_open = [each for each in escalations if each.rstrip(". ").casefold() not in _NOTHING]
    reasons += [f"an escalation is open: {quote(each)}" for each in is_open]
    return Exclusion(tuple(reasons), tuple(warnings))
