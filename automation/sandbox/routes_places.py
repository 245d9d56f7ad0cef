"""Routes of users, tokens, projects, groups, members and issue templates (gitlab-facts 5.1 and 10)."""

from __future__ import annotations

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import Group, Project
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_absent, refuse_no_record, refuse_role, refuse_unauthenticated

VERSION = "18.4.0"


def show_user(call: Call) -> Answer:
    """GET /user: whose token this is."""
    return Answer(200, call.renderer.current_user(call.require_user()))


def list_users(call: Call) -> Answer:
    """GET /users, by `username` or `search`."""
    call.require_user()
    users = list(call.store.users.values())
    if username := (call.text("username") or "").lower():
        users = [user for user in users if user.username.lower() == username]
    if search := (call.text("search") or "").lower():
        users = [user for user in users if search in user.username.lower() or search in user.name.lower()]
    page = cut_page(call, sorted(users, key=lambda user: -user.id))
    return Answer(200, [call.renderer.user(user.id) for user in page.items], page.headers)


def show_person(call: Call, user_id: str) -> Answer:
    """GET /users/:id: what an account shows everybody who is signed in."""
    if call.user is None:
        raise refuse_role("Not authorized!")
    user = call.store.users.get(int(user_id))
    if user is None:
        raise refuse_absent("User")
    return Answer(200, call.renderer.person(user))


def show_version(call: Call) -> Answer:
    """GET /version."""
    call.require_user()
    return Answer(200, {"version": VERSION, "revision": "sandbox"})


def show_own_token(call: Call) -> Answer:
    """GET /personal_access_tokens/self, for project tokens too."""
    if call.token is None:
        raise refuse_unauthenticated()
    return Answer(200, call.renderer.token(call.token))


def show_project(call: Call, project_id: str) -> Answer:
    """GET /projects/:id."""
    project = call.find_project(project_id)
    level = call.level(project)
    permissions = {"project_access": {"access_level": level} if level else None, "group_access": None}
    return Answer(200, {**call.renderer.project(project), "permissions": permissions})


def show_group(call: Call, group_id: str) -> Answer:
    """GET /groups/:id."""
    return Answer(200, call.renderer.group(call.find_group(group_id)))


def list_project_members(call: Call, project_id: str) -> Answer:
    """GET /projects/:id/members: direct ones."""
    return _list_members(call, call.find_project(project_id), is_inherited=False)


def list_all_project_members(call: Call, project_id: str) -> Answer:
    """GET /projects/:id/members/all: those of the groups above too."""
    return _list_members(call, call.find_project(project_id), is_inherited=True)


def list_group_members(call: Call, group_id: str) -> Answer:
    """GET /groups/:id/members: direct ones."""
    return _list_members(call, call.find_group(group_id), is_inherited=False)


def list_all_group_members(call: Call, group_id: str) -> Answer:
    """GET /groups/:id/members/all: those of the groups above too."""
    return _list_members(call, call.find_group(group_id), is_inherited=True)


def list_templates(call: Call, project_id: str) -> Answer:
    """GET /projects/:id/templates/issues."""
    names = sorted(call.store.templates.get(call.find_project(project_id).id, {}))
    page = cut_page(call, names)
    return Answer(200, [{"key": name, "name": name} for name in page.items], page.headers)


def show_template(call: Call, project_id: str, key: str) -> Answer:
    """GET /projects/:id/templates/issues/:key."""
    text = call.store.templates.get(call.find_project(project_id).id, {}).get(key)
    if text is None:
        raise refuse_absent("Template")
    return Answer(200, {"name": key, "content": text})


def show_member(call: Call, project_id: str, user_id: str) -> Answer:
    """GET /projects/:id/members/all/:user_id."""
    call.require_user()
    member = call.store.list_members(call.find_project(project_id), True).get(int(user_id))
    if member is None:
        raise refuse_no_record()
    return Answer(200, call.renderer.member(member))


def _list_members(call: Call, place: Project | Group, is_inherited: bool) -> Answer:
    call.require_user()
    members = call.store.list_members(place, is_inherited)
    if query := (call.text("query") or "").lower():
        users = call.store.users
        members = {each: member for each, member in members.items() if query in users[each].username.lower()}
    page = cut_page(call, sorted(members.values(), key=lambda member: member.user_id))
    return Answer(200, [call.renderer.member(member) for member in page.items], page.headers)
