"""Routes of issues: list, read, create, update (gitlab-facts 3)."""

from __future__ import annotations

from automation.sandbox.call import Answer, Call
from automation.sandbox.issue_changes import create_issue, update_issue
from automation.sandbox.listing import read_order, select_issues
from automation.sandbox.model import Issue, IssueEdit
from automation.sandbox.paging import cut_keyset_page, cut_page
from automation.sandbox.refusals import refuse_parameter
from automation.sandbox.render_issue import render_issue, render_single_issue

_KEYSET_ORDERS = ("created_at", "updated_at", "title", "due_date")
_EDITABLE = (
    "assignee_id",
    "assignee_ids",
    "confidential",
    "created_at",
    "description",
    "discussion_locked",
    "due_date",
    "labels",
    "add_labels",
    "remove_labels",
    "milestone_id",
    "state_event",
    "title",
    "issue_type",
)


def list_project_issues(call: Call, project_id: str) -> Answer:
    """GET /projects/:id/issues."""
    project = call.find_project(project_id)
    issues, order = select_issues(call, project, [project]), read_order(call)
    if call.text("pagination") == "keyset" and order.by in _KEYSET_ORDERS:
        page = cut_keyset_page(call, issues, order.key, order.is_asc)
    else:
        page = cut_page(call, issues)
    with_details = bool(call.flag("with_labels_details"))
    return Answer(200, [render_issue(call.renderer, issue, with_details) for issue in page.items], page.headers)


def list_group_issues(call: Call, group_id: str) -> Answer:
    """GET /groups/:id/issues: subgroups included, by offset only."""
    group = call.find_group(group_id)
    projects = [project for project in call.store.list_projects_below(group) if call.may_read(project)]
    page = cut_page(call, select_issues(call, group, projects))
    with_details = bool(call.flag("with_labels_details"))
    return Answer(200, [render_issue(call.renderer, issue, with_details, True) for issue in page.items], page.headers)


def show_issue(call: Call, project_id: str, iid: str) -> Answer:
    """GET /projects/:id/issues/:iid."""
    return _answer(call, call.find_issue(call.find_project(project_id), iid), 200)


def post_issue(call: Call, project_id: str) -> Answer:
    """POST /projects/:id/issues."""
    user, project = call.require_user(), call.find_project(project_id)
    call.require("title")
    issue = create_issue(call.store, project, user, _read_edit(call), call.moment("created_at"), call.number("iid"))
    return _answer(call, issue, 201)


def put_issue(call: Call, project_id: str, iid: str) -> Answer:
    """PUT /projects/:id/issues/:iid."""
    user, project = call.require_user(), call.find_project(project_id)
    issue = call.find_issue(project, iid)
    if not any(name in call.params for name in _EDITABLE):
        raise refuse_parameter(f"{', '.join(_EDITABLE)} are missing, at least one parameter must be provided")
    return _answer(call, update_issue(call.store, project, user, issue, _read_edit(call)), 200)


def _answer(call: Call, issue: Issue, status: int) -> Answer:
    return Answer(status, render_single_issue(call.renderer, issue, call.user.id if call.user else None))


def _read_edit(call: Call) -> IssueEdit:
    state_event = call.choice("state_event", ("close", "reopen"), "")
    return IssueEdit(
        title=call.text("title"),
        description=call.text("description"),
        labels=call.texts("labels"),
        add_labels=call.texts("add_labels") or (),
        remove_labels=call.texts("remove_labels") or (),
        assignee_ids=_read_assignees(call),
        due_date=call.day("due_date"),
        clears_due_date="due_date" in call.params and not call.text("due_date"),
        state_event=None if not state_event else "close" if state_event == "close" else "reopen",
        is_confidential=call.flag("confidential"),
        discussion_locked=call.flag("discussion_locked"),
        issue_type=call.text("issue_type"),
    )


def _read_assignees(call: Call) -> tuple[int, ...] | None:
    if "assignee_ids" in call.params:
        return call.numbers("assignee_ids")
    if "assignee_id" in call.params:
        assignee_id = call.number("assignee_id")
        return (assignee_id,) if assignee_id else ()
    return None
