"""An issue as GitLab's JSON (gitlab-facts 3.3; task fields 1.5)."""

from __future__ import annotations

from automation.sandbox.model import Issue
from automation.sandbox.render import Json, Renderer, write_time


def render_issue(
    renderer: Renderer, issue: Issue, with_labels_details: bool = False, is_in_group: bool = False
) -> Json:
    """Render *issue* as it stands in a list; *is_in_group* decides the relative reference."""
    store = renderer.store
    labels = sorted((store.labels[each] for each in issue.label_ids), key=lambda label: label.title)
    assignees = [renderer.user(each) for each in issue.assignee_ids]
    path = store.projects[issue.project_id].path
    return {
        "id": issue.id,
        "iid": issue.iid,
        "project_id": issue.project_id,
        "title": issue.title,
        "description": issue.description,
        "state": issue.state,
        "created_at": write_time(issue.created_at),
        "updated_at": write_time(issue.updated_at),
        "closed_at": write_time(issue.closed_at) if issue.closed_at else None,
        "closed_by": renderer.user(issue.closed_by_id) if issue.closed_by_id else None,
        "labels": [renderer.label_basic(each) if with_labels_details else each.title for each in labels],
        "milestone": None,
        "assignees": assignees,
        "author": renderer.user(issue.author_id),
        "type": issue.issue_type.upper(),
        "assignee": assignees[0] if assignees else None,
        "user_notes_count": sum(not note.is_system for note in store.notes.get(issue.id, {}).values()),
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "due_date": issue.due_date.isoformat() if issue.due_date else None,
        "confidential": issue.is_confidential,
        "discussion_locked": issue.discussion_locked,
        "issue_type": issue.issue_type,
        "web_url": f"{renderer.url}/{path}/-/issues/{issue.iid}",
        "time_stats": {
            "time_estimate": 0,
            "total_time_spent": 0,
            "human_time_estimate": None,
            "human_total_time_spent": None,
        },
        **_render_tasks(renderer, issue),
        "_links": _render_links(renderer, issue),
        "references": {
            "short": f"#{issue.iid}",
            "relative": f"{path.rpartition('/')[2]}#{issue.iid}" if is_in_group else f"#{issue.iid}",
            "full": f"{path}#{issue.iid}",
        },
        "severity": "UNKNOWN",
        "moved_to_id": None,
        "imported": False,
        "imported_from": "none",
        "service_desk_reply_to": None,
    }


def render_single_issue(renderer: Renderer, issue: Issue, user_id: int | None) -> Json:
    """Render *issue* as an answer of its own: only there it says whether the reader is subscribed."""
    takes_part = user_id == issue.author_id or user_id in issue.assignee_ids
    return {**render_issue(renderer, issue), "subscribed": takes_part}


def _render_tasks(renderer: Renderer, issue: Issue) -> Json:
    """Render the task counts; has_tasks is inverted, and task_status stands there only without tasks, as in GitLab."""
    tasks = renderer.store.read_tasks(issue)
    status: Json = {"count": len(tasks), "completed_count": sum(task.is_complete for task in tasks)}
    if tasks:
        return {"task_completion_status": status, "has_tasks": False}
    words = "0 of 0 checklist items completed" if (issue.description or "").strip() else ""
    return {"task_completion_status": status, "has_tasks": True, "task_status": words}


def _render_links(renderer: Renderer, issue: Issue) -> Json:
    project = f"{renderer.url}/api/v4/projects/{issue.project_id}"
    own = f"{project}/issues/{issue.iid}"
    return {
        "self": own,
        "notes": f"{own}/notes",
        "award_emoji": f"{own}/award_emoji",
        "project": project,
        "closed_as_duplicate_of": None,
    }
