"""Routes of labels (gitlab-facts 7.1)."""

from __future__ import annotations

import re
from dataclasses import replace

from automation.sandbox import rights
from automation.sandbox.call import Answer, Call
from automation.sandbox.issue_changes import create_label
from automation.sandbox.model import Group, Label, Project
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_absent, refuse_conflict, refuse_model, refuse_parameter, refuse_role

_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})|[a-z]+")
_MAX_TITLE = 255
_EDITABLE = ("new_name", "color", "description", "priority")


def list_project_labels(call: Call, project_id: str) -> Answer:
    """GET /projects/:id/labels, those of the groups above included."""
    return _list(call, call.find_project(project_id))


def list_group_labels(call: Call, group_id: str) -> Answer:
    """GET /groups/:id/labels."""
    return _list(call, call.find_group(group_id))


def show_label(call: Call, project_id: str, name: str) -> Answer:
    """GET /projects/:id/labels/:id_or_title."""
    return Answer(200, call.renderer.label(_find_label(call, call.find_project(project_id), name, with_ancestors=True)))


def post_label(call: Call, project_id: str) -> Answer:
    """POST /projects/:id/labels."""
    project = _find_as_admin(call, project_id)
    call.require("name", "color")
    title, color = (call.text("name") or "").strip(), call.text("color") or ""
    _check(title, color)
    if call.store.find_label(project, title):
        raise refuse_conflict("Label already exists")
    label = create_label(call.store, project, title, color)
    label = _keep(call, replace(label, description=call.text("description"), priority=call.number("priority")))
    return Answer(201, call.renderer.label(label))


def put_label(call: Call, project_id: str, name: str) -> Answer:
    """PUT /projects/:id/labels/:id_or_title: a group's label cannot be changed here."""
    project = _find_as_admin(call, project_id)
    label = _find_label(call, project, name, with_ancestors=False)
    if not any(name in call.params for name in _EDITABLE):
        raise refuse_parameter(f"{', '.join(_EDITABLE)} are missing, at least one parameter must be provided")
    title = (call.text("new_name") or label.title).strip()
    color = call.text("color") or label.color
    _check(title, color)
    if title != label.title and call.store.find_label(project, title):
        raise refuse_model("title", "has already been taken")
    description = call.text("description") if "description" in call.params else label.description
    priority = call.number("priority") if "priority" in call.params else label.priority
    changed = replace(label, title=title, color=color, description=description, priority=priority)
    return Answer(200, call.renderer.label(_keep(call, changed)))


def put_named_label(call: Call, project_id: str) -> Answer:
    """PUT /projects/:id/labels: the old way, with the label in the body; python-gitlab takes it."""
    return put_label(call, project_id, _read_name(call))


def remove_named_label(call: Call, project_id: str) -> Answer:
    """DELETE /projects/:id/labels: the old way."""
    return remove_label(call, project_id, _read_name(call))


def remove_label(call: Call, project_id: str, name: str) -> Answer:
    """DELETE /projects/:id/labels/:id_or_title: it goes from issues and boards, its events stay."""
    project = _find_as_admin(call, project_id)
    label = _find_label(call, project, name, with_ancestors=False)
    store = call.store
    del store.labels[label.id]
    for issue in list(store.issues.get(project.id, {}).values()):
        if label.id in issue.label_ids:
            store.put_issue(replace(issue, label_ids=issue.label_ids - {label.id}))
    for board in list(store.boards.values()):
        kept = tuple(entry for entry in board.lists if entry.label_id != label.id)
        store.boards[board.id] = replace(board, lists=kept)
    store.version += 1
    return Answer(204)


def _list(call: Call, place: Project | Group) -> Answer:
    labels = call.store.list_labels(place, call.flag("include_ancestor_groups") is not False)
    if search := (call.text("search") or "").lower():
        labels = [label for label in labels if search in label.title.lower()]
    page = cut_page(call, labels)
    with_counts = bool(call.flag("with_counts"))
    return Answer(200, [call.renderer.label(label, with_counts) for label in page.items], page.headers)


def _read_name(call: Call) -> str:
    name = call.text("label_id") or call.text("name")
    if not name:
        raise refuse_parameter("label_id, name are missing, exactly one parameter must be provided")
    return name


def _find_as_admin(call: Call, project_id: str) -> Project:
    call.require_user()
    project = call.find_project(project_id)
    if not rights.may_admin_labels(call.level(project)):
        raise refuse_role()
    return project


def _find_label(call: Call, project: Project, name: str, with_ancestors: bool) -> Label:
    """Find a label by id, then by title: a title of digits can hit another label's id."""
    labels = call.store.list_labels(project, with_ancestors)
    by_id = next((label for label in labels if name.isdecimal() and label.id == int(name)), None)
    label = by_id or next((label for label in labels if label.title == name), None)
    if label is None:
        raise refuse_absent("Label")
    return label


def _check(title: str, color: str) -> None:
    if not title:
        raise refuse_model("title", "can't be blank")
    if "," in title or len(title) > _MAX_TITLE:
        raise refuse_model("title", "is invalid")
    if not _COLOR.fullmatch(color):
        raise refuse_model("color", "must be a valid color code")


def _keep(call: Call, label: Label) -> Label:
    call.store.labels[label.id] = label
    call.store.version += 1
    return label
