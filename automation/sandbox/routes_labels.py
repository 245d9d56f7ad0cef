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
from automation.sandbox.render import Json

_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})|[a-z]+")
_MAX_TITLE = 255
_EDITABLE = ("new_name", "color", "description", "priority")


def list_labels(call: Call, place: Project | Group) -> Answer:
    """GET .../labels, those of the groups above included."""
    labels = call.store.list_labels(place, call.flag("include_ancestor_groups") is not False)
    if search := (call.text("search") or "").lower():
        labels = [label for label in labels if search in label.title.lower()]
    page = cut_page(call, labels)
    with_counts = bool(call.flag("with_counts"))
    return Answer(200, [_render(call, place, label, with_counts) for label in page.items], page.headers)


def show_label(call: Call, place: Project | Group, name: str) -> Answer:
    """GET .../labels/:id_or_title."""
    return Answer(200, _render(call, place, _find_label(call, place, name, with_ancestors=True)))


def post_label(call: Call, place: Project | Group) -> Answer:
    """POST .../labels: 409 also where a group above has it."""
    _require_admin(call, place)
    call.require("name", "color")
    title, color = (call.text("name") or "").strip(), call.text("color") or ""
    _check(title, color)
    if call.store.find_label(place, title):
        raise refuse_conflict("Label already exists")
    priority = call.number("priority") if isinstance(place, Project) else None
    label = create_label(call.store, place, title, color)
    label = _keep(call, replace(label, description=call.text("description"), priority=priority))
    return Answer(201, _render(call, place, label))


def put_label(call: Call, place: Project | Group, name: str) -> Answer:
    """PUT .../labels/:id_or_title: the label of a group above cannot be changed here."""
    _require_admin(call, place)
    label = _find_label(call, place, name, with_ancestors=False)
    if not any(name in call.params for name in _EDITABLE):
        raise refuse_parameter(f"{', '.join(_EDITABLE)} are missing, at least one parameter must be provided")
    title = (call.text("new_name") or label.title).strip()
    color = call.text("color") or label.color
    _check(title, color)
    if title != label.title and call.store.find_label(place, title):
        raise refuse_model("title", "has already been taken")
    description = call.text("description") if "description" in call.params else label.description
    priority = call.number("priority") if "priority" in call.params and isinstance(place, Project) else label.priority
    changed = replace(label, title=title, color=color, description=description, priority=priority)
    return Answer(200, _render(call, place, _keep(call, changed)))


def put_named_label(call: Call, place: Project | Group) -> Answer:
    """PUT .../labels: the old way, with the label in the body; python-gitlab takes it."""
    return put_label(call, place, _read_name(call))


def remove_named_label(call: Call, place: Project | Group) -> Answer:
    """DELETE .../labels: the old way."""
    return remove_label(call, place, _read_name(call))


def remove_label(call: Call, place: Project | Group, name: str) -> Answer:
    """DELETE .../labels/:id_or_title: it goes from issues and boards, its events stay.

    Its lists leave a gap in the positions of their boards.
    """
    _require_admin(call, place)
    label = _find_label(call, place, name, with_ancestors=False)
    store = call.store
    del store.labels[label.id]
    for issue in [each for issues in store.issues.values() for each in issues.values() if label.id in each.label_ids]:
        store.put_issue(replace(issue, label_ids=issue.label_ids - {label.id}))
    for board in list(store.boards.values()):
        kept = tuple(entry for entry in board.lists if entry.label_id != label.id)
        store.boards[board.id] = replace(board, lists=kept)
    store.version += 1
    return Answer(204)


def _render(call: Call, place: Project | Group, label: Label, with_counts: bool = False) -> Json:
    """Render a label; asked of a group it says neither a priority nor whose it is."""
    shown = call.renderer.label(label, with_counts)
    hidden = () if isinstance(place, Project) else ("priority", "is_project_label")
    return {key: value for key, value in shown.items() if key not in hidden}


def _read_name(call: Call) -> str:
    name = call.text("label_id") or call.text("name")
    if not name:
        raise refuse_parameter("label_id, name are missing, exactly one parameter must be provided")
    return name


def _require_admin(call: Call, place: Project | Group) -> None:
    call.require_user()
    if not rights.may_admin_labels(call.level(place)):
        raise refuse_role()


def _find_label(call: Call, place: Project | Group, name: str, with_ancestors: bool) -> Label:
    """Find a label by id, then by title: a title of digits can hit another label's id."""
    labels = call.store.list_labels(place, with_ancestors)
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
