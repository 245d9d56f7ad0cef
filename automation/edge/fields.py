"""Single values of GitLab's JSON: what is missing or of another kind is nothing, unless it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from automation.core.model import User
from automation.errors import AccessError

Content = Mapping[str, Any]


def read_object(content: object) -> Content:
    """Return what GitLab answered, or one entry of its list, as an object.

    Raises:
        AccessError: it is none.
    """
    if not isinstance(content, Mapping):
        raise unusable("id")
    return content


def read_id(content: object) -> int:
    """Return the id of a record.

    Raises:
        AccessError: there is none, so it is no record.
    """
    found = read_object(content).get("id")
    if isinstance(found, bool) or not isinstance(found, int):
        raise unusable("id")
    return found


def need(content: Content, key: str) -> str:
    found = content.get(key)
    if not isinstance(found, str) or not found:
        raise unusable(key)
    return found


def need_time(content: Content, key: str) -> datetime:
    found = read_moment(content, key)
    if found is None:
        raise unusable(key)
    return found


def unusable(key: str) -> AccessError:
    return AccessError(f"GitLab gives no usable answer: `{key}` is missing or of another kind.")


def read_text(content: Content, key: str) -> str:
    found = content.get(key)
    return found if isinstance(found, str) else ""


def read_number(content: Content, key: str) -> int | None:
    found = content.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def read_objects(content: Content, key: str) -> list[Content]:
    found = content.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def read_moment(content: Content, key: str) -> datetime | None:
    text = read_text(content, key)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise unusable(key) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_day(content: Content, key: str) -> date | None:
    text = read_text(content, key)[:10]
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise unusable(key) from None


def read_person(content: object) -> User | None:
    if not isinstance(content, Mapping):
        return None
    return User(read_id(content), read_text(content, "username"), read_text(content, "name"))
