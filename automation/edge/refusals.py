"""GitLab's refusals -> our errors, sorted by what the caller can do, each one sentence (facts, section 9.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

from automation.edge.kinds import read_kind
from automation.errors import (
    AbsentError,
    AccessError,
    GitLabError,
    IssueError,
    LimitError,
    PlaceError,
    RefusedError,
    RoleError,
    TokenError,
    UncertainError,
    UnreachableError,
)

_LONGEST = 2000
# Under these keys stands what concerns no attribute.
_CARRIERS = ("message", "error", "error_description", "base")
_CONFLICT = "Resource lock"
_ROLE_TOO_SMALL = "The token's account lacks the role for this: give it Planner (from GitLab 17.7) or Reporter."
_PLANNER = "Planner (GitLab 17.7 and newer) or Reporter"
# Which role a part of the installation needs; the first that stands in the path counts.
_ROLES = (
    ("/labels", _PLANNER),
    ("/boards", _PLANNER),
    ("/pipeline_schedules", "Developer"),
    ("/pipelines", "Reporter"),
    ("/repository", "Reporter"),
    ("/hooks", "Maintainer"),
    ("/triggers", "Maintainer"),
    ("/variables", "Maintainer"),
    ("/protected_branches", "Maintainer"),
    ("/access_tokens", "Maintainer"),
)


class ConflictError(Exception):
    """Another request held the issue; nothing was done, the same request may be sent again."""


class HiddenError(Exception):
    """GitLab does not show this account to ours, or it is gone; others may be shown."""


def read_said(body: bytes) -> str:
    """Read what the server says of a refusal, in words: GitLab gives a text, texts, or texts by attribute."""
    text = body.decode(errors="replace")
    try:
        content = json.loads(text)
    except ValueError:
        return text[:_LONGEST]
    return " ".join(_words(content))[:_LONGEST]


def _words(content: object, name: str = "") -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _words(value, "" if key in _CARRIERS else str(key))
    elif isinstance(content, list):
        for each in content:
            yield from _words(each, name)
    elif content is not None:
        yield f"{name}: {content}" if name else str(content)


def unreachable(path: str, url: str, error: Exception) -> GitLabError:
    if re.search(r"/issues/[0-9]+", path):
        return IssueError(f"GitLab's answer about this issue could not be read ({type(error).__name__}).")
    if re.search(r"/users/[0-9]+$", path):
        return IssueError(f"GitLab's answer about a person could not be read ({type(error).__name__}).")
    return UnreachableError(f"GitLab at {url} cannot be reached or gives no usable answer ({type(error).__name__}).")


def translate(status: int, said: str, verb: str, path: str, url: str) -> Exception:
    """Turn a refusal into our error. *status* is 0 without an answer, 3xx where a write was redirected."""
    if status == 401 and re.search(r"/(?:projects|groups)/[^/]+/access_tokens", path) and "invalid_token" not in said:
        # Here alone GitLab answers a role that is too small as it answers a wrong token.
        return _lacks_role(path)
    if status == 401:
        return TokenError(
            "GitLab does not accept the token in HANDOVER_TOKEN: it is wrong, expired or revoked. Make a new one."
        )
    if 300 <= status < 400:
        return AccessError(
            f"GitLab at {url} redirects writes: use its https address and the project's present path or id."
        )
    if status == 403 and "account has been blocked" in said:
        return TokenError("GitLab says that the account of the token in HANDOVER_TOKEN has been blocked.")
    if status == 403 and "insufficient_scope" in said:
        return AccessError("The token in HANDOVER_TOKEN lacks the scope `api`. Make a new token with it.")
    if status == 409 and _CONFLICT in said:
        return ConflictError()
    if re.search(r"/issues/[0-9]+", path):
        return _translate_for_issue(status, verb, path, said)
    if path.endswith("/uploads") and status != 404:
        return _translate_for_upload(status)
    if re.search(r"/users/[0-9]+$", path):
        return (
            HiddenError() if status in (403, 404) else IssueError(f"GitLab says nothing of a person (HTTP {status}).")
        )
    if status == 403:
        return _lacks_role(path)
    if status == 404 and path == "/user":
        return AccessError(f"There is no GitLab at {url}: give its address as in a browser, without /api/v4.")
    if status == 404:
        return _translate_absence(path, said)
    if status == 429:
        return LimitError(
            f"GitLab at {url} allows no more requests of this kind for now (HTTP 429): run the same command again in"
            " some minutes."
        )
    if status in (400, 405, 409, 422):
        line = " ".join(said.split())[:200]
        return RefusedError(f"GitLab at {url} refuses or fails (HTTP {status}).", line)
    if verb == "post" and status >= 500:
        return UncertainError(f"GitLab failed while we wrote (HTTP {status}).")
    return AccessError(f"GitLab at {url} refuses or fails (HTTP {status}).")


def _lacks_role(path: str) -> RoleError:
    role = next((role for part, role in _ROLES if part in path), _PLANNER)
    where = f" in {_scope_of(path)[:1].lower()}{_scope_of(path)[1:]}" if path.startswith("/groups/") else ""
    return RoleError(f"The token's account lacks the role for this{where}: give it {role}.")


def _translate_absence(path: str, said: str) -> AccessError:
    """Tell a place that does not show from something in it that is not there, or not shown."""
    if re.fullmatch(r"/(?:projects|groups)/[^/]+", path) or re.search(r"404 (?:Project|Group) Not Found", said):
        return PlaceError(f"{_scope_of(path)} does not exist, or the token's account is not a member of it.")
    return AbsentError(f"{_scope_of(path)} shows the token's account nothing of this kind ({read_kind(path)}).")


def _translate_for_issue(status: int, verb: str, path: str, said: str) -> GitLabError:
    if status == 404 and "Project" in said:
        return AccessError("The project does not exist, or the token's account is not a member of it.")
    if status == 404:
        return IssueError("GitLab has no such issue, or our comment in it is gone (HTTP 404).")
    if status == 403 and verb == "put" and "/notes/" not in path:
        return AccessError(_ROLE_TOO_SMALL)
    if status == 403:
        return IssueError("The token's account may not do this here: it needs the role Planner or Reporter.")
    if verb == "post" and status >= 500:
        return UncertainError(f"GitLab failed while we posted (HTTP {status}).")
    return IssueError(f"GitLab refused or failed (HTTP {status}).")


def _translate_for_upload(status: int) -> GitLabError:
    if status == 403:
        return IssueError("The token's account may not upload files to this project.")
    if status == 413:
        return IssueError("The file is larger than GitLab, or a server before it, takes (HTTP 413).")
    if status >= 500:
        return UncertainError(f"GitLab failed while we uploaded a file (HTTP {status}).")
    return IssueError(f"GitLab refused a file (HTTP {status}).")


def _scope_of(path: str) -> str:
    kind, name = path.strip("/").split("/")[:2] if path.count("/") > 1 else ("", "")
    readable = unquote(name)
    return {"projects": f"The project {readable}", "groups": f"The group {readable}"}.get(kind, "This GitLab server")
