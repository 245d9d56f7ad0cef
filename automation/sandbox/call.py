"""One API request as the routes see it, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

from automation.sandbox import rights
from automation.sandbox.forms import SentFile, parse_form
from automation.sandbox.model import Group, Issue, Project, Token, User
from automation.sandbox.refusals import (
    refuse_absent,
    refuse_no_record,
    refuse_parameter,
    refuse_role,
    refuse_unauthenticated,
)
from automation.sandbox.render import Renderer
from automation.sandbox.store import Store

Params = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: *body* becomes JSON, None an empty body, bytes are sent as they are."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request in a person's name (None without a token); *params* come from query and body, *query* as sent."""

    store: Store
    renderer: Renderer
    user: User | None
    token: Token | None
    path: str
    query: str
    params: Params
    omits_totals: bool = False

    def require_user(self) -> User:
        """Return who asks; 401 when nobody does."""
        if self.user is None:
            raise refuse_unauthenticated()
        return self.user

    def require_level(self, place: Project | Group, level: int) -> User:
        """Return who asks; refuse the request when the role is too small."""
        user = self.require_user()
        if self.level(place) < level:
            raise refuse_role()
        return user

    def find_project(self, reference: str) -> Project:
        """Return the project; one that does not show is absent."""
        project = self.store.find_project(reference)
        if project is None or not self.may_read(project):
            raise refuse_absent("Project")
        return project

    def find_group(self, reference: str) -> Group:
        """Return the group; one that does not show is absent."""
        group = self.store.find_group(reference)
        if group is None or not self.may_read(group):
            raise refuse_absent("Group")
        return group

    def find_issue(self, project: Project, iid: str) -> Issue:
        """Return the issue; one that does not show is absent."""
        issue = self.store.issues.get(project.id, {}).get(int(iid))
        if issue is None or not self.may_read_issue(project, issue):
            raise refuse_no_record()
        return issue

    def may_read(self, place: Project | Group) -> bool:
        """Say whether the asker may see *place* at all."""
        return rights.may_read_project(self.level(place), place.visibility, self.user is not None)

    def may_read_issue(self, project: Project, issue: Issue) -> bool:
        """Say whether the asker may see *issue*."""
        user_id = self.user.id if self.user else None
        return not issue.is_confidential or rights.may_read_issue(self.level(project), user_id, issue)

    def level(self, place: Project | Group) -> int:
        """Return the asker's access level."""
        return self.store.read_level(place, self.user)

    def require(self, *names: str) -> None:
        """Refuse the request when a parameter is missing: all the missing ones in one sentence."""
        missing = [f"{name} is missing" for name in names if name not in self.params]
        if missing:
            raise refuse_parameter(", ".join(missing))

    def text(self, name: str) -> str | None:
        """Return a text parameter, "" for null, None when it was not sent."""
        if name not in self.params:
            return None
        value = self.params[name]
        if isinstance(value, (list, dict, SentFile)):
            raise refuse_parameter(f"{name} is invalid")
        return "" if value is None else str(value)

    def file(self, name: str) -> SentFile:
        """Return a file of a form; 400 without one."""
        self.require(name)
        value = self.params[name]
        if not isinstance(value, SentFile):
            raise refuse_parameter(f"{name} is invalid")
        return value

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """Return one of *allowed*."""
        value = self.text(name)
        if value is None:
            return default
        if value not in allowed:
            raise refuse_parameter(f"{name} does not have a valid value")
        return value

    def flag(self, name: str) -> bool | None:
        """Return a truth value, None when it was not sent."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false", "1", "0", "t", "f", "on", "off", ""):
            raise refuse_parameter(f"{name} is invalid")
        return value.lower() in ("true", "1", "t", "on")

    def number(self, name: str) -> int | None:
        """Return a whole number, None when it was not sent."""
        value = self.text(name)
        if not value:
            return None
        return _read_number(name, value)

    def numbers(self, name: str) -> tuple[int, ...] | None:
        """Return whole numbers sent as an array or with commas."""
        values = self.texts(name)
        return None if values is None else tuple(_read_number(name, value) for value in values)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return texts sent as an array or with commas; elements of an array are split on commas too."""
        if name not in self.params:
            return None
        value = self.params[name]
        parts = value if isinstance(value, list) else [value]
        texts = [text.strip() for part in parts if part is not None for text in str(part).split(",")]
        return tuple(text for text in texts if text)

    def moment(self, name: str) -> datetime | None:
        """Return a time; one without a zone is UTC."""
        value = self.text(name)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value.replace(" ", "+"))
        except ValueError as error:
            raise refuse_parameter(f"{name} is invalid") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def day(self, name: str) -> date | None:
        """Return a date, None when it was not sent or is blank."""
        value = self.text(name)
        if not value:
            return None
        try:
            return date.fromisoformat(value[:10])
        except ValueError as error:
            raise refuse_parameter(f"{name} is invalid") from error


def parse_params(query: str, content_type: str, body: bytes) -> dict[str, object]:
    """Return the parameters of query and body: `a[]=1` makes a list, `not[b]=2` the key `not[b]`, a file a SentFile."""
    params = _gather(parse_qsl(query, keep_blank_values=True))
    if not body:
        return params
    if "json" in content_type:
        try:
            sent = json.loads(body)
        except ValueError as error:
            raise refuse_parameter("The request body is not valid JSON") from error
        return {**params, **sent} if isinstance(sent, dict) else params
    if content_type.startswith("multipart/form-data"):
        return {**params, **parse_form(content_type, body)}
    return {**params, **_gather(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))}


def _gather(pairs: Sequence[tuple[str, str]]) -> dict[str, object]:
    params: dict[str, object] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            known = params.setdefault(name.removesuffix("[]"), [])
            if isinstance(known, list):
                known.append(value)
        else:
            params[name] = value
    return params


def _read_number(name: str, value: str) -> int:
    if not value.lstrip("-").isdecimal():
        raise refuse_parameter(f"{name} is invalid")
    return int(value)
