"""Routes of triggers, CI/CD variables and protected branches."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import DEVELOPER, MAINTAINER, OWNER, Project
from automation.sandbox.model_ci import Trigger, Variable
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_absent, refuse_model, refuse_no_record
from automation.sandbox.render_ci import render_protected_branch, render_trigger, render_variable

_KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
# A value of fewer characters, or of others, cannot be hidden in a job's log.
_MASKABLE = re.compile(r"[A-Za-z0-9+/=_@:.~-]{8,}")


# --- triggers ---------------------------------------------------------------------------------------------------------


def list_triggers(call: Call, project: Project) -> Answer:
    """GET /projects/:id/triggers, for Maintainers."""
    user = call.require_level(project, MAINTAINER)
    page = cut_page(call, [each for each in call.store.triggers.values() if each.project_id == project.id])
    return Answer(200, [render_trigger(call.renderer, each, user.id) for each in page.items], page.headers)


def post_trigger(call: Call, project: Project) -> Answer:
    """POST /projects/:id/triggers."""
    user = call.require_level(project, MAINTAINER)
    call.require("description")
    store = call.store
    token = f"glptt-{secrets.token_hex(20)}"
    trigger = Trigger(
        store.next_id("trigger"), project.id, user.id, call.text("description") or "", token, store.read_now()
    )
    store.triggers[trigger.id] = trigger
    return Answer(201, render_trigger(call.renderer, trigger, user.id))


def remove_trigger(call: Call, project: Project, trigger_id: str) -> Answer:
    """DELETE /projects/:id/triggers/:trigger_id."""
    call.require_level(project, MAINTAINER)
    trigger = call.store.triggers.get(int(trigger_id))
    if trigger is None or trigger.project_id != project.id:
        raise refuse_no_record()
    del call.store.triggers[trigger.id]
    return Answer(204)


# --- variables --------------------------------------------------------------------------------------------------------


def list_variables(call: Call, project: Project) -> Answer:
    """GET /projects/:id/variables, for Maintainers."""
    call.require_level(project, MAINTAINER)
    page = cut_page(call, list(call.store.variables.get(project.id, {}).values()))
    return Answer(200, [render_variable(each) for each in page.items], page.headers)


def list_group_variables(call: Call, group_id: str) -> Answer:
    """GET /groups/:id/variables, for Owners."""
    group = call.find_group(group_id)
    call.require_level(group, OWNER)
    page = cut_page(call, list(call.store.group_variables.get(group.id, {}).values()))
    return Answer(200, [render_variable(each) for each in page.items], page.headers)


def show_variable(call: Call, project: Project, key: str) -> Answer:
    """GET /projects/:id/variables/:key."""
    call.require_level(project, MAINTAINER)
    return Answer(200, render_variable(_find_variable(call, project, key)))


def post_variable(call: Call, project: Project) -> Answer:
    """POST /projects/:id/variables."""
    call.require_level(project, MAINTAINER)
    call.require("key", "value")
    key = call.text("key") or ""
    if key in call.store.variables.get(project.id, {}):
        raise refuse_model("key", f"({key}) has already been taken")
    return Answer(201, render_variable(_keep(call, project, _edit(call, Variable(key, "")))))


def put_variable(call: Call, project: Project, key: str) -> Answer:
    """PUT /projects/:id/variables/:key."""
    call.require_level(project, MAINTAINER)
    return Answer(200, render_variable(_keep(call, project, _edit(call, _find_variable(call, project, key)))))


def remove_variable(call: Call, project: Project, key: str) -> Answer:
    """DELETE /projects/:id/variables/:key."""
    call.require_level(project, MAINTAINER)
    del call.store.variables[project.id][_find_variable(call, project, key).key]
    return Answer(204)


def _find_variable(call: Call, project: Project, key: str) -> Variable:
    variable = call.store.variables.get(project.id, {}).get(key)
    if variable is None:
        raise refuse_absent("Variable")
    return variable


def _edit(call: Call, variable: Variable) -> Variable:
    is_masked, is_protected, value = call.flag("masked"), call.flag("protected"), call.text("value")
    return replace(
        variable,
        value=variable.value if value is None else value,
        is_masked=variable.is_masked if is_masked is None else is_masked,
        is_protected=variable.is_protected if is_protected is None else is_protected,
        environment=call.text("environment_scope") or variable.environment,
        description=call.text("description") if "description" in call.params else variable.description,
    )


def _keep(call: Call, project: Project, variable: Variable) -> Variable:
    if not _KEY.fullmatch(variable.key):
        raise refuse_model("key", "can contain only letters, digits and '_'.")
    if variable.is_masked and not _MASKABLE.fullmatch(variable.value):
        raise refuse_model("value", "is invalid")
    call.store.variables.setdefault(project.id, {})[variable.key] = variable
    return variable


# --- protected branches -----------------------------------------------------------------------------------------------


def list_protected_branches(call: Call, project: Project) -> Answer:
    """GET /projects/:id/protected_branches; on servers before 16 for Maintainers only."""
    call.require_level(project, DEVELOPER)
    page = cut_page(call, list(call.store.protected_branches.get(project.id, {}).values()))
    is_premium = call.store.premium
    return Answer(200, [render_protected_branch(each, is_premium) for each in page.items], page.headers)
