"""Write what an installation is made of: one request a function. It decides nothing.

*scope* is "projects/ID" or "groups/ID". The id of what was made is returned. An answer to a POST that never came is an
UncertainError: look whether it was done before it is sent again. No secret stands in an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from automation.core.installation import Trigger
from automation.edge.fields import read_id, read_object
from automation.edge.gitlab import GitLab
from automation.edge.installed import read_trigger
from automation.errors import AccessError, RefusedError, UncertainError

_T = TypeVar("_T")
_HIDDEN = "[hidden]"


def create_label(
    gitlab: GitLab, scope: str, name: str, color: str, description: str, priority: int | None = None
) -> int:
    """Create a label. A group's label has no priority: it belongs to a project."""
    content: dict[str, object] = {"name": name, "color": color, "description": description}
    if priority is not None and not scope.startswith("groups/"):
        content["priority"] = priority
    return _create(gitlab, f"/{scope}/labels", content)


def update_label(gitlab: GitLab, scope: str, label_id: int, changes: Mapping[str, object]) -> None:
    """Change ``new_name``, ``color``, ``description``, ``priority`` (None takes it away; projects only)."""
    gitlab.send("put", f"/{scope}/labels/{label_id}", changes)


def create_board(gitlab: GitLab, scope: str, name: str) -> int:
    """Create an empty board."""
    return _create(gitlab, f"/{scope}/boards", {"name": name})


def rename_board(gitlab: GitLab, scope: str, board_id: int, name: str) -> None:
    """Give a board another name."""
    gitlab.send("put", f"/{scope}/boards/{board_id}", {"name": name})


def create_list(gitlab: GitLab, scope: str, board_id: int, label_id: int) -> int:
    """Put a list at the end of a board: GitLab takes no position here."""
    return _create(gitlab, f"/{scope}/boards/{board_id}/lists", {"label_id": label_id})


def move_list(gitlab: GitLab, scope: str, board_id: int, list_id: int, position: int) -> None:
    """Move a list; 0 is the place after Open."""
    gitlab.send("put", f"/{scope}/boards/{board_id}/lists/{list_id}", {"position": position})


def create_schedule(gitlab: GitLab, scope: str, description: str, ref: str, cron: str, time_zone: str) -> int:
    """Create an active schedule that belongs to the token's account."""
    content = {"description": description, "ref": ref, "cron": cron, "cron_timezone": time_zone, "active": True}
    return _create(gitlab, f"/{scope}/pipeline_schedules", content)


def update_schedule(gitlab: GitLab, scope: str, schedule_id: int, changes: Mapping[str, object]) -> None:
    """Change ``ref``, ``cron``, ``cron_timezone``, ``active``, ``description``. Its owner alone may."""
    gitlab.send("put", f"/{scope}/pipeline_schedules/{schedule_id}", changes)


def set_schedule_variable(gitlab: GitLab, scope: str, schedule_id: int, key: str, value: str, is_new: bool) -> None:
    """Give the schedule a variable, or change the one that it has."""
    path = f"/{scope}/pipeline_schedules/{schedule_id}/variables"
    if is_new:
        gitlab.send("post", path, {"key": key, "value": value})
    else:
        gitlab.send("put", f"{path}/{quote(key, safe='')}", {"value": value})


def create_trigger(gitlab: GitLab, scope: str, description: str) -> Trigger:
    """Create a trigger token and return it with the token itself."""
    return _read(gitlab.send("post", f"/{scope}/triggers", {"description": description}), read_trigger)


def create_hook(gitlab: GitLab, scope: str, url: str, url_variables: Mapping[str, str]) -> int:
    """Create a webhook for issues and comments, confidential ones too. Its *url* holds ``{key}`` for each variable.

    GitLab shows the values of *url_variables* to nobody afterwards.
    """
    return _create(gitlab, f"/{scope}/hooks", _describe_hook(url, url_variables), url_variables.values())


def update_hook(gitlab: GitLab, scope: str, hook_id: int, url: str, url_variables: Mapping[str, str]) -> None:
    """Give a webhook this address and these events."""
    path = f"/{scope}/hooks/{hook_id}"
    _send(gitlab, "put", path, _describe_hook(url, url_variables), url_variables.values())


def try_hook(gitlab: GitLab, scope: str, hook_id: int) -> None:
    """Send a webhook once with a sample of an issue: one that GitLab had stopped goes on when that succeeds."""
    gitlab.send("post", f"/{scope}/hooks/{hook_id}/test/issues_events", {})


def create_variable(gitlab: GitLab, scope: str, key: str, value: str, description: str) -> None:
    """Create a CI/CD variable, masked and protected."""
    content = {"key": key, "value": value, "description": description, "masked": True, "protected": True}
    _send(gitlab, "post", f"/{scope}/variables", content, (value,))


def update_variable(gitlab: GitLab, scope: str, key: str, changes: Mapping[str, object]) -> None:
    """Change ``value``, ``masked``, ``protected``, ``description`` of a CI/CD variable."""
    secrets = (str(changes["value"]),) if "value" in changes else ()
    _send(gitlab, "put", f"/{scope}/variables/{quote(key, safe='')}", changes, secrets)


def create_access_token(gitlab: GitLab, scope: str, name: str, access_level: int, expires_on: date) -> tuple[int, str]:
    """Create an access token of the project with the scope ``api`` and return its id and its value."""
    content = {"name": name, "scopes": ["api"], "access_level": access_level, "expires_at": str(expires_on)}
    return _read(gitlab.send("post", f"/{scope}/access_tokens", content), _read_token)


def rotate_access_token(gitlab: GitLab, scope: str, token_id: int, expires_on: date) -> tuple[int, str]:
    """Replace an access token: the old value stops working at once. Return the id and the value of the new one."""
    content = {"expires_at": str(expires_on)}
    return _read(gitlab.send("post", f"/{scope}/access_tokens/{token_id}/rotate", content), _read_token)


def _describe_hook(url: str, url_variables: Mapping[str, str]) -> dict[str, object]:
    return {
        "url": url,
        "url_variables": [{"key": key, "value": value} for key, value in url_variables.items()],
        "push_events": False,
        "issues_events": True,
        "confidential_issues_events": True,
        "note_events": True,
        "confidential_note_events": True,
        "enable_ssl_verification": True,
    }


def _create(gitlab: GitLab, path: str, content: Mapping[str, object], secrets: Iterable[str] = ()) -> int:
    return _read(_send(gitlab, "post", path, content, secrets), read_id)


def _send(
    gitlab: GitLab, verb: str, path: str, content: Mapping[str, object], secrets: Iterable[str]
) -> dict[str, Any]:
    """Write *content*; what the server says of it must not repeat one of the *secrets* in it."""
    try:
        return gitlab.send(verb, path, content)
    except RefusedError as error:
        said = error.said
        for secret in secrets:
            said = _hide(said, secret)
        raise RefusedError(str(error), said) from None


def _hide(said: str, secret: str) -> str:
    """Take *secret* out of *said*, which may have been cut in the middle of it."""
    said = said.replace(secret, _HIDDEN) if secret else said
    cut = next((size for size in range(len(secret) - 1, 3, -1) if said.endswith(secret[:size])), 0)
    return said[: len(said) - cut] + _HIDDEN if cut else said


def _read(answer: Mapping[str, Any], read: Callable[[Mapping[str, Any]], _T]) -> _T:
    """Read what a POST that was carried out answered. Without an id nobody knows what it made."""
    try:
        return read(read_object(answer))
    except AccessError:
        raise UncertainError("GitLab took what we posted, but did not say what it made of it.") from None


def _read_token(answer: Mapping[str, Any]) -> tuple[int, str]:
    value = answer.get("token")
    if not isinstance(value, str) or not value:
        raise AccessError("GitLab gives no usable answer: `token` is missing.")
    return read_id(answer), value
