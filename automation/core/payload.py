"""What a webhook's payload hints at: an issue to look at. Anybody can write one, so nothing else in it is believed."""

from __future__ import annotations

from typing import Any


def parse_hint(content: Any) -> tuple[int | None, int | None]:
    """Return the number of the issue and the id of its project, each None where the payload does not name one.

    Issue and comment events are known (facts, section 11.4); ids are whole numbers, everything else is no hint.
    """
    if not isinstance(content, dict):
        return None, None
    kind = content.get("object_kind")
    named = {"note": "issue", "issue": "object_attributes", "work_item": "object_attributes"}.get(str(kind), "")
    return _number(content.get(named), "iid"), _number(content.get("project"), "id")


def _number(value: Any, key: str) -> int | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if type(found) is int and found > 0 else None
