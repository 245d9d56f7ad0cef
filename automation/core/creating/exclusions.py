"""Which accounts are better not handed over now: a renewal is near, or an escalation is open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from automation.core.words import quote

# What says in whole that there is nothing. More words than these ("No answer since Monday") are something.
_NOTHING = re.compile(
    r"[\W_]*(?:n|n/?a|n\.a|0+(?:[.,]0+)?|false|not applicable|nil|nein|nichts|keiner?|entf[aä]llt"
    r"|(?:all )?(?:issues? |escalations? |tickets? )?(?:is |are )?(?:resolved|closed|solved|done)"
    r"|(?:there (?:is|are) )?(?:no|none|nothing|zero|0|keine?)"
    r"(?: (?:open|known|current|active|recent|reported|pending|at (?:present|the moment)|right now|now|so far|yet|"
    r"currently|or|and|of|them|issues?|escalations?|tickets?|cases?|problems?|offenen?|eskalation(?:en)?|probleme?))*"
    r")[\W_]*|[\W_]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why an account is left out (``reasons``, empty when it is not), and what else to look at (``warnings``)."""

    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge_exclusion(renewal: str, escalations: Mapping[str, str], today: date, within_days: int) -> Exclusion:
    """Judge whether an account is left out.

    *renewal* is a date as 2026-11-30, "" where it is not known; the day itself and the last of *within_days* count. A
    renewal in the past leaves nothing out: the date is old, or the renewal is over. *escalations* are the texts of
    columns by their title; any text leaves the account out that does not say that there is nothing.
    """
    reasons, warnings = [], []
    if renewal:
        days = (date.fromisoformat(renewal) - today).days
        if days < 0:
            warnings.append(f"the renewal {renewal} is in the past; is the date right?")
        elif days <= within_days:
            when = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
            reasons.append(f"the renewal is {when}, on {renewal} (within {within_days} days)")
    is_open = {title: text for title, text in escalations.items() if not _NOTHING.fullmatch(" ".join(text.split()))}
    reasons += [f"under “{title}” stands {quote(text)}" for title, text in is_open.items()]
    return Exclusion(tuple(reasons), tuple(warnings))
