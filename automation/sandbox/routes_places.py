"""Routes of users, tokens, projects, groups and members (gitlab-facts 10)."""

from __future__ import annotations

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import MAINTAINER, Group, Project
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_absent, refuse_no_record, refuse_role, refuse_unauthenticated
from automation.sandbox.render import Json

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


def show_metadata(call: Call) -> Answer:
    """GET /metadata."""
    call.require_user()
    edition = "-ee" if call.store.premium else ""
    about = {"version": f"{VERSION}{edition}", "revision": "sandbox", "enterprise": call.store.premium}
    return Answer(200, {**about, "kas": {"enabled": False, "externalUrl": None, "version": None}})


def show_project(call: Call, project_id: str) -> Answer:
    """GET /projects/:id: what CI/CD settings say is shown to Maintainers."""
    project = call.find_project(project_id)
    shown = call.renderer.project(project)
    if call.level(project) >= MAINTAINER:
        shown["ci_separated_caches"] = project.separates_caches
        shown["ci_pipeline_variables_minimum_override_role"] = project.variables_role
    return Answer(200, {**shown, "permissions": _render_permissions(call, project)})


def list_group_projects(call: Call, group_id: str) -> Answer:
    """GET /groups/:id/projects: the list does not say what role the asker has."""
    group = call.find_group(group_id)
    found = [project for project in call.store.list_projects_below(group) if call.may_read(project)]
    if not call.flag("include_subgroups"):
        found = [project for project in found if project.path.rpartition("/")[0] == group.path]
    is_archived = call.flag("archived")
    if is_archived is not None:
        found = [project for project in found if project.is_archived == is_archived]
    if call.flag("with_issues_enabled"):
        found = [project for project in found if project.issues_enabled]
    is_reversed = call.choice("sort", ("asc", "desc"), "desc") == "desc"
    page = cut_page(call, sorted(found, key=lambda project: project.id, reverse=is_reversed))
    return Answer(200, [call.renderer.project(project) for project in page.items], page.headers)


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


def show_member(call: Call, project_id: str, user_id: str) -> Answer:
    """GET /projects/:id/members/all/:user_id."""
    call.require_user()
    member = call.store.list_members(call.find_project(project_id), True).get(int(user_id))
    if member is None:
        raise refuse_no_record()
    return Answer(200, call.renderer.member(member))


def _render_permissions(call: Call, project: Project) -> Json:
    """Render the asker's roles: in the project itself, and in the groups above it."""
    user_id = call.user.id if call.user else 0
    direct = call.store.members.get(project.path, {}).get(user_id)
    groups = [call.store.members.get(group.path, {}).get(user_id) for group in call.store.list_ancestors(project)]
    highest = max((member.access_level for member in groups if member), default=0)
    return {
        "project_access": {"access_level": direct.access_level, "notification_level": 3} if direct else None,
        "group_access": {"access_level": highest, "notification_level": 3} if highest else None,
    }


def _list_members(call: Call, place: Project | Group, is_inherited: bool) -> Answer:
    call.require_user()
    members = call.store.list_members(place, is_inherited)
    if query := (call.text("query") or "").lower():
        users = call.store.users
        members = {each: member for each, member in members.items() if query in users[each].username.lower()}
    page = cut_page(call, sorted(members.values(), key=lambda member: member.user_id))
    return Answer(200, [call.renderer.member(member) for member in page.items], page.headers)
