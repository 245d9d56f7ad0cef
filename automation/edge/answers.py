"""GitLab's JSON -> our values. Raw dictionaries stop here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from automation.core.model import Issue, LabelEvent, Member, Note, StateEvent, User
from automation.errors import IssueError

# A secret that nobody can guess, and a name without anything that means something in Markdown or in an address.
_UPLOAD = re.compile(r"/uploads/[0-9a-f]{32}/(?!\.+\Z)[\w.+-]+")


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def read_user(content: Mapping[str, Any] | None) -> User:
    if not content:
        return User(0, "ghost")
    return User(content["id"], content["username"], content.get("name") or "")


def read_issue(content: Mapping[str, Any]) -> Issue:
    return Issue(
        project_id=content["project_id"],
        iid=content["iid"],
        title=content.get("title") or "",
        description=content.get("description") or "",
        state=content["state"],
        labels=tuple(content.get("labels") or ()),
        author=read_user(content.get("author")),
        created_at=read_time(content["created_at"]),
        updated_at=read_time(content["updated_at"]),
        closed_at=read_time(content["closed_at"]) if content.get("closed_at") else None,
        web_url=content.get("web_url") or "",
        is_moved=content.get("moved_to_id") is not None,
        assignees=tuple(each["username"] for each in content.get("assignees") or ()),
        due_on=date.fromisoformat(content["due_date"]) if content.get("due_date") else None,
        closed_by=read_user(content["closed_by"]) if content.get("closed_by") else None,
    )


def read_note(content: Mapping[str, Any]) -> Note:
    return Note(
        id=content["id"],
        author=read_user(content.get("author")),
        body=content.get("body") or "",
        created_at=read_time(content["created_at"]),
        updated_at=read_time(content.get("updated_at") or content["created_at"]),
        is_system=bool(content.get("system")),
    )


def read_label_event(content: Mapping[str, Any]) -> LabelEvent:
    return LabelEvent(
        id=content["id"],
        user=read_user(content.get("user")),
        created_at=read_time(content["created_at"]),
        action=content["action"],
        label=content["label"]["name"],
    )


def read_state_event(content: Mapping[str, Any]) -> StateEvent:
    return StateEvent(
        id=content["id"],
        user=read_user(content.get("user")),
        created_at=read_time(content["created_at"]),
        state=content.get("state") or "",
    )


def read_member(content: Mapping[str, Any]) -> Member:
    """Read a member of a project or group; a blocked account is no active one."""
    return Member(
        username=content["username"],
        access_level=content["access_level"],
        is_active=content.get("state", "active") == "active",
        id=content["id"],
        name=content.get("name") or "",
        state=content.get("state") or "active",
        ends_on=date.fromisoformat(content["expires_at"][:10]) if content.get("expires_at") else None,
    )


def read_public_email(content: Mapping[str, Any]) -> str:
    """Read the address that an account shows to others: servers write null or "" for none, or leave it out."""
    return (content.get("public_email") or "").strip()


def read_upload(content: Mapping[str, Any]) -> str:
    """Read the address of an uploaded file as Markdown of the same project links to it.

    Raises:
        IssueError: it is none that may be put into a comment as it stands.
    """
    address = str(content.get("url") or "")
    if not _UPLOAD.fullmatch(address):
        raise IssueError("GitLab gave the uploaded file an address that is none; no comment can link to it.")
    return address
