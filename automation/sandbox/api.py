"""GitLab's REST API, the part of it that we use: who asks, which route, what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from automation.sandbox import routes_boards as boards
from automation.sandbox import routes_ci as ci
from automation.sandbox import routes_files as files
from automation.sandbox import routes_hooks as hooks
from automation.sandbox import routes_issues as issues
from automation.sandbox import routes_labels as labels
from automation.sandbox import routes_notes as notes
from automation.sandbox import routes_pipelines as pipelines
from automation.sandbox import routes_places as places
from automation.sandbox import routes_schedules as schedules
from automation.sandbox import routes_tokens as tokens
from automation.sandbox import routes_uploads as uploads
from automation.sandbox.call import Answer, Call, parse_params
from automation.sandbox.model import Group, Project, Token
from automation.sandbox.refusals import RefusedError, refuse_role, refuse_scope, refuse_token, refuse_unauthenticated
from automation.sandbox.render import Renderer
from automation.sandbox.store import Store
from automation.sandbox.wire import Received

PREFIX = "/api/v4"

_PROJECT, _GROUP = "/projects/:id", "/groups/:id"
_ISSUE = f"{_PROJECT}/issues/:number"
_SCHEDULES = "/pipeline_schedules"
_SCHEDULE = f"{_SCHEDULES}/:number"

_Methods = dict[str, Callable[..., Answer]]

# What projects and groups alike have, below the address of either.
_OF_BOTH: dict[str, _Methods] = {
    "/labels": {
        "GET": labels.list_labels,
        "POST": labels.post_label,
        "PUT": labels.put_named_label,
        "DELETE": labels.remove_named_label,
    },
    "/labels/:id": {"GET": labels.show_label, "PUT": labels.put_label, "DELETE": labels.remove_label},
    "/boards": {"GET": boards.list_boards, "POST": boards.post_board},
    "/boards/:number": {"GET": boards.show_board, "PUT": boards.put_board, "DELETE": boards.remove_board},
    "/boards/:number/lists": {"GET": boards.list_lists, "POST": boards.post_list},
    "/boards/:number/lists/:number": {"GET": boards.show_list, "PUT": boards.put_list, "DELETE": boards.remove_list},
}
# What projects have of pipelines, files and secrets.
_OF_PROJECTS: dict[str, _Methods] = {
    _SCHEDULES: {"GET": schedules.list_schedules, "POST": schedules.post_schedule},
    _SCHEDULE: {
        "GET": schedules.show_schedule,
        "PUT": schedules.put_schedule,
        "DELETE": schedules.remove_schedule,
    },
    f"{_SCHEDULE}/pipelines": {"GET": pipelines.list_schedule_pipelines},
    f"{_SCHEDULE}/take_ownership": {"POST": schedules.take_ownership},
    f"{_SCHEDULE}/play": {"POST": schedules.play},
    f"{_SCHEDULE}/variables": {"POST": schedules.post_variable},
    f"{_SCHEDULE}/variables/:id": {"PUT": schedules.put_variable, "DELETE": schedules.remove_variable},
    "/pipelines": {"GET": pipelines.list_pipelines},
    "/pipelines/:number/jobs": {"GET": pipelines.list_jobs},
    "/triggers": {"GET": ci.list_triggers, "POST": ci.post_trigger},
    "/triggers/:number": {"DELETE": ci.remove_trigger},
    "/variables": {"GET": ci.list_variables, "POST": ci.post_variable},
    "/variables/:id": {"GET": ci.show_variable, "PUT": ci.put_variable, "DELETE": ci.remove_variable},
    "/protected_branches": {"GET": ci.list_protected_branches},
    "/hooks": {"GET": hooks.list_hooks, "POST": hooks.post_hook},
    "/hooks/:number": {"GET": hooks.show_hook, "PUT": hooks.put_hook, "DELETE": hooks.remove_hook},
    "/hooks/:number/test/:id": {"POST": hooks.test_hook},
    "/access_tokens": {"GET": tokens.list_tokens, "POST": tokens.post_token},
    "/access_tokens/:number/rotate": {"POST": tokens.rotate_token},
    "/repository/files/:id/raw": {"GET": files.show_raw_file},
    "/templates/issues": {"GET": files.list_templates},
    "/templates/issues/:id": {"GET": files.show_template},
}


def _in(find: Callable[[Call, str], Project | Group], handler: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return *handler* for a request whose first part is the reference of a place."""
    return lambda call, reference, *parts: handler(call, find(call, reference), *parts)


def _below(
    prefix: str, find: Callable[[Call, str], Project | Group], routes: dict[str, _Methods]
) -> dict[str, _Methods]:
    return {
        f"{prefix}{path}": {verb: _in(find, handler) for verb, handler in methods.items()}
        for path, methods in routes.items()
    }


_ROUTES: dict[str, _Methods] = {
    "/user": {"GET": places.show_user},
    "/users": {"GET": places.list_users},
    "/users/:number": {"GET": places.show_person},
    "/version": {"GET": places.show_version},
    "/metadata": {"GET": places.show_metadata},
    "/personal_access_tokens/self": {"GET": places.show_own_token},
    _PROJECT: {"GET": places.show_project},
    _GROUP: {"GET": places.show_group},
    f"{_GROUP}/variables": {"GET": ci.list_group_variables},
    f"{_GROUP}/projects": {"GET": places.list_group_projects},
    f"{_PROJECT}/members": {"GET": places.list_project_members},
    f"{_PROJECT}/members/all": {"GET": places.list_all_project_members},
    f"{_PROJECT}/members/all/:number": {"GET": places.show_member},
    f"{_GROUP}/members": {"GET": places.list_group_members},
    f"{_GROUP}/members/all": {"GET": places.list_all_group_members},
    f"{_PROJECT}/uploads": {"GET": uploads.list_uploads, "POST": uploads.post_upload},
    f"{_GROUP}/issues": {"GET": issues.list_group_issues},
    f"{_PROJECT}/issues": {"GET": issues.list_project_issues, "POST": issues.post_issue},
    _ISSUE: {"GET": issues.show_issue, "PUT": issues.put_issue},
    f"{_ISSUE}/notes": {"GET": notes.list_notes, "POST": notes.post_note},
    f"{_ISSUE}/notes/:number": {"GET": notes.show_note, "PUT": notes.put_note, "DELETE": notes.remove_note},
    f"{_ISSUE}/resource_label_events": {"GET": notes.list_label_events},
    f"{_ISSUE}/resource_label_events/:number": {"GET": notes.show_label_event},
    f"{_ISSUE}/resource_state_events": {"GET": notes.list_state_events},
    f"{_ISSUE}/resource_state_events/:number": {"GET": notes.show_state_event},
    **_below(_PROJECT, Call.find_project, {**_OF_BOTH, **_OF_PROJECTS}),
    **_below(_GROUP, Call.find_group, _OF_BOTH),
}
_PATTERNS = [
    (re.compile(re.sub(":number", "([0-9]+)", re.sub(":id", "([^/]+)", path))), methods)
    for path, methods in _ROUTES.items()
]
# What a token of no API scope may still read.
_ANY_SCOPE = ("/personal_access_tokens/self",)


def answer(store: Store, received: Received, url: str, omits_totals: bool = False) -> Answer:
    """Answer one API request; refusals become answers, too."""
    try:
        with store.lock:
            token = find_token(store, received)
            return _route(store, received, token, url, omits_totals)
    except RefusedError as refused:
        return Answer(refused.status, refused.body, refused.headers)


def find_token(store: Store, received: Received) -> Token | None:
    """Return the token of the request, None when there is none.

    Raises:
        RefusedError: 401 for one that is unknown, revoked, expired, or whose user is blocked.
    """
    kind, _, bearer = received.headers.get("authorization", "").partition(" ")
    bearer = bearer.strip() if kind.lower() == "bearer" else ""
    value = received.headers.get("private-token") or bearer or received.headers.get("job-token")
    if not value:
        return None
    token = store.tokens.get(value)
    if token is None or "job-token" in received.headers:
        raise refuse_token("Bad Access Token.") if bearer else refuse_unauthenticated()
    if token.is_revoked:
        raise refuse_token("Token was revoked. You have to re-authorize from the user.")
    if token.expires_at is not None and token.expires_at <= store.read_now().date():
        raise refuse_token("Token is expired. You can either do re-authorization or token refresh.")
    if store.users[token.user_id].state != "active":
        raise refuse_role("Your account has been blocked.")
    return token


def _route(store: Store, received: Received, token: Token | None, url: str, omits_totals: bool) -> Answer:
    path = received.path.removeprefix(PREFIX)
    found = next(((hit, methods) for pattern, methods in _PATTERNS if (hit := pattern.fullmatch(path))), None)
    if found is None:
        return Answer(404, {"error": "404 Not Found"})
    hit, methods = found
    handler = methods.get(received.method)
    if handler is None:
        return Answer(405, {"error": "405 Not Allowed"}, {"Allow": ", ".join(methods)})
    if token is not None:
        _check_scope(token, received.method, path)
    call = Call(
        store=store,
        renderer=Renderer(store, url),
        user=store.users[token.user_id] if token else None,
        token=token,
        path=received.path,
        query=received.query,
        params=parse_params(received.query, received.headers.get("content-type", ""), received.body),
        omits_totals=omits_totals,
    )
    return handler(call, *(unquote(part) for part in hit.groups()))


def _check_scope(token: Token, method: str, path: str) -> None:
    needed = ("api", "read_api") if method in ("GET", "HEAD") else ("api",)
    if path == "/user":
        needed = (*needed, "read_user")
    if path not in _ANY_SCOPE and not set(needed) & set(token.scopes):
        raise refuse_scope(" ".join(needed))
