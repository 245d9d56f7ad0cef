"""Routes of project access tokens (GitLab: lib/api/resource_access_tokens.rb)."""

from __future__ import annotations

from datetime import date, timedelta

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import GUEST, MAINTAINER, OWNER, Project
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_parameter, refuse_request, refuse_unauthenticated
from automation.sandbox.render_ci import render_access_token
from automation.sandbox.tokens import create_bot, create_token, list_project_tokens, revoke

_LEVELS = range(GUEST, OWNER + 1)
_LONGEST_DAYS = 365
_ROTATED_FOR_DAYS = 7


def list_tokens(call: Call, project: Project) -> Answer:
    """GET /projects/:id/access_tokens; who may not, is answered as one without a token would be."""
    _require_maintainer(call, project)
    page = cut_page(call, list_project_tokens(call.store, project))
    return Answer(200, [render_access_token(call.renderer, project, each) for each in page.items], page.headers)


def post_token(call: Call, project: Project) -> Answer:
    """POST /projects/:id/access_tokens: makes a bot user, and says its token this once."""
    user = call.require_user()
    call.require("name", "scopes")
    level = call.number("access_level") or MAINTAINER
    if level not in _LEVELS:
        raise refuse_parameter("access_level does not have a valid value")
    if user.is_bot or call.level(project) < MAINTAINER:
        raise refuse_request("User does not have permission to create project access token")
    if level > call.level(project):
        raise refuse_request("Access level of the token can't be greater the access level of the user who created it")
    expires_at = _read_end(call, _LONGEST_DAYS)
    name, scopes = call.text("name") or "", call.texts("scopes") or ()
    bot = create_bot(call.store, project, level, name)
    token = create_token(call.store, bot, scopes, expires_at, name)
    return Answer(201, render_access_token(call.renderer, project, token, with_value=True))


def rotate_token(call: Call, project: Project, token_id: str) -> Answer:
    """POST /projects/:id/access_tokens/:token_id/rotate: the old value ends at once, the bot stays."""
    _require_maintainer(call, project)
    found = [each for each in list_project_tokens(call.store, project) if each.id == int(token_id)]
    if not found:
        raise refuse_unauthenticated()
    old = found[0]
    if old.is_revoked:
        raise refuse_request("Token already revoked")
    expires_at = _read_end(call, _ROTATED_FOR_DAYS)
    revoke(call.store, old)
    token = create_token(call.store, call.store.users[old.user_id], old.scopes, expires_at, old.name)
    return Answer(200, render_access_token(call.renderer, project, token, with_value=True))


def _require_maintainer(call: Call, project: Project) -> None:
    call.require_user()
    if call.level(project) < MAINTAINER:
        raise refuse_unauthenticated()


def _read_end(call: Call, default_days: int) -> date:
    today = call.store.read_now().date()
    end = call.day("expires_at") or today + timedelta(days=default_days)
    if not today <= end <= today + timedelta(days=_LONGEST_DAYS):
        raise refuse_request("Expiration date must be before the longest lifetime that this server allows")
    return end
