"""Which boxes apply because something has been silent for months (S0-22, H13)."""

from __future__ import annotations

from datetime import date

from automation.core.model import Document, Process
from automation.core.validity import Fault, box_finding
from automation.core.words import quote
from automation.core.workdays import months_before


def judge_silence(process: Process, document: Document, created_on: date) -> tuple[Fault, ...]:
    """Return the boxes marked not applicable although a date shows that they apply.

    Silent for six months means: the date lies six calendar months or more before the day the issue was created, or
    there never was one (S0-22, H13). The day of creation is taken so that nothing changes while the handover goes on.
    """
    found = []
    for item in process.items.values():
        if item.silent is None or document.state_of(item) != "not-applicable":
            continue
        key, months = item.silent
        value = document.value_of(process.fields[key])
        if isinstance(value, str) and _is_silent(value, months_before(created_on, months)):
            place = process.stage_of(item.section)
            facts = {"label": process.fields[key].title, "value": quote(value), "months": months}
            words = "not-applicable.silent"
            finding = box_finding("not-applicable", item, process.stages[place], document, words=words, facts=facts)
            found.append(Fault(place, finding))
    return tuple(found)


def _is_silent(value: str, limit: date) -> bool:
    if value.casefold() == "never":
        return True
    try:
        return date.fromisoformat(value) <= limit
    except ValueError:
        return False
