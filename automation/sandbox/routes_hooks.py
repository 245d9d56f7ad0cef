"""Routes of a project's webhooks, for Maintainers (GitLab: app/models/concerns/web_hooks/hook.rb)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import MAINTAINER, Project
from automation.sandbox.model_ci import Hook
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import RefusedError, refuse_no_record, refuse_parameter
from automation.sandbox.render_ci import HOOK_EVENTS, render_hook

_DEFAULT_EVENTS = frozenset({"push_events"})
_ADDRESS = re.compile(r"https?://\S+")
_MASKED_PART = re.compile(r"\{([A-Za-z]+[0-9]*(?:[._-][A-Za-z0-9]+)*)\}")


def list_hooks(call: Call, project: Project) -> Answer:
    """GET /projects/:id/hooks."""
    call.require_level(project, MAINTAINER)
    page = cut_page(call, [each for each in call.store.hooks.values() if each.project_id == project.id])
    return Answer(200, [render_hook(each) for each in page.items], page.headers)


def show_hook(call: Call, project: Project, hook_id: str) -> Answer:
    """GET /projects/:id/hooks/:hook_id."""
    call.require_level(project, MAINTAINER)
    return Answer(200, render_hook(_find(call, project, hook_id)))


def post_hook(call: Call, project: Project) -> Answer:
    """POST /projects/:id/hooks."""
    call.require_level(project, MAINTAINER)
    call.require("url")
    store = call.store
    hook = Hook(store.next_id("hook"), project.id, "", store.read_now(), _DEFAULT_EVENTS)
    return Answer(201, render_hook(_keep(call, hook)))


def put_hook(call: Call, project: Project, hook_id: str) -> Answer:
    """PUT /projects/:id/hooks/:hook_id; a hook that GitLab had stopped stays so."""
    call.require_level(project, MAINTAINER)
    return Answer(200, render_hook(_keep(call, _find(call, project, hook_id))))


def test_hook(call: Call, project: Project, hook_id: str, event: str) -> Answer:
    """POST .../hooks/:hook_id/test/:event: here it always succeeds, so a hook that GitLab had stopped goes on."""
    call.require_level(project, MAINTAINER)
    hook = _find(call, project, hook_id)
    if event not in HOOK_EVENTS:
        raise refuse_parameter("trigger does not have a valid value")
    call.store.hooks[hook.id] = replace(hook, alert_status="executable")
    return Answer(201, {"message": "201 Created"})


def remove_hook(call: Call, project: Project, hook_id: str) -> Answer:
    """DELETE /projects/:id/hooks/:hook_id."""
    call.require_level(project, MAINTAINER)
    del call.store.hooks[_find(call, project, hook_id).id]
    return Answer(204)


def _find(call: Call, project: Project, hook_id: str) -> Hook:
    hook = call.store.hooks.get(int(hook_id))
    if hook is None or hook.project_id != project.id:
        raise refuse_no_record()
    return hook


def _keep(call: Call, hook: Hook) -> Hook:
    """Keep *hook* with what the request says of it."""
    events = {event: call.flag(event) for event in HOOK_EVENTS}
    verifies_ssl = call.flag("enable_ssl_verification")
    url = call.text("url") or hook.url
    changed = replace(
        hook,
        url=url,
        url_variables=_change_url_variables(hook, url, _read_url_variables(call)),
        events=frozenset(event for event, is_on in events.items() if is_on or (is_on is None and event in hook.events)),
        verifies_ssl=hook.verifies_ssl if verifies_ssl is None else verifies_ssl,
    )
    if not _ADDRESS.fullmatch(url) or set(_MASKED_PART.findall(url)) - set(changed.url_variables):
        raise RefusedError(422, {"error": "Invalid url given"})
    call.store.hooks[hook.id] = changed
    return changed


def _change_url_variables(hook: Hook, url: str, sent: Mapping[str, str]) -> Mapping[str, str]:
    """Add *sent* to the masked parts, but forget them all when they would go to another address than they did.

    So nobody who may change a hook learns a secret by sending it elsewhere.
    """
    merged = {**hook.url_variables, **sent}
    is_moved = _fill_in(hook.url, hook.url_variables) != _fill_in(url, merged)
    return {} if hook.url_variables and is_moved else merged


def _fill_in(url: str, variables: Mapping[str, str]) -> str:
    return _MASKED_PART.sub(lambda found: variables.get(found[1], found[0]), url)


def _read_url_variables(call: Call) -> Mapping[str, str]:
    sent = call.params.get("url_variables") or []
    if not isinstance(sent, list) or not all(isinstance(each, dict) and each.get("key") for each in sent):
        raise refuse_parameter("url_variables is invalid")
    return {str(each["key"]): str(each.get("value", "")) for each in sent}
