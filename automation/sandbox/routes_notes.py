"""Routes of comments and of label and state events (gitlab-facts 4 and 6)."""

from __future__ import annotations

from automation.sandbox import rights
from automation.sandbox.call import Answer, Call
from automation.sandbox.model import Issue, Note, Project
from automation.sandbox.note_changes import NoteResult, create_note, delete_note, update_note
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import RefusedError, refuse_absent, refuse_no_record


def list_notes(call: Call, project_id: str, iid: str) -> Answer:
    """GET .../notes: newest first unless asked otherwise."""
    project, issue = _find_issue(call, project_id, iid)
    order_by = call.choice("order_by", ("created_at", "updated_at"), "created_at")
    kind = call.choice("activity_filter", ("all_notes", "only_comments", "only_activity"), "all_notes")
    notes = list(call.store.notes.get(issue.id, {}).values())
    if kind != "all_notes":
        notes = [note for note in notes if note.is_system == (kind == "only_activity")]
    if order_by == "updated_at":
        notes.sort(key=lambda note: (note.updated_at, note.id))
    if call.choice("sort", ("asc", "desc"), "desc") == "desc":
        notes.reverse()
    page = cut_page(call, notes)
    # Unreadable notes go after the paging: a page may hold fewer than asked for.
    shown = [call.renderer.note(note, issue) for note in page.items if _may_read(call, project, note)]
    return Answer(200, shown, page.headers)


def show_note(call: Call, project_id: str, iid: str, note_id: str) -> Answer:
    """GET .../notes/:id."""
    project, issue = _find_issue(call, project_id, iid)
    return Answer(200, call.renderer.note(_find_note(call, project, issue, note_id), issue))


def post_note(call: Call, project_id: str, iid: str) -> Answer:
    """POST .../notes: 201, or 202 without a note for a body of nothing but commands."""
    user = call.require_user()
    project, issue = _find_issue(call, project_id, iid)
    call.require("body")
    is_internal = bool(call.flag("internal") or call.flag("confidential"))
    body = call.text("body") or ""
    result = create_note(call.store, project, user, issue, body, is_internal, call.moment("created_at"))
    return _answer(call, issue, result, 201)


def put_note(call: Call, project_id: str, iid: str, note_id: str) -> Answer:
    """PUT .../notes/:id."""
    user = call.require_user()
    project, issue = _find_issue(call, project_id, iid)
    note = _find_note(call, project, issue, note_id)
    call.require("body")
    return _answer(call, issue, update_note(call.store, project, user, issue, note, call.text("body") or ""), 200)


def remove_note(call: Call, project_id: str, iid: str, note_id: str) -> Answer:
    """DELETE .../notes/:id."""
    user = call.require_user()
    project, issue = _find_issue(call, project_id, iid)
    delete_note(call.store, project, user, issue, _find_note(call, project, issue, note_id))
    return Answer(204)


def list_label_events(call: Call, project_id: str, iid: str) -> Answer:
    """GET .../resource_label_events, oldest first."""
    _, issue = _find_issue(call, project_id, iid, "Not found")
    page = cut_page(call, call.store.label_events.get(issue.id, []))
    return Answer(200, [call.renderer.label_event(event) for event in page.items], page.headers)


def list_state_events(call: Call, project_id: str, iid: str) -> Answer:
    """GET .../resource_state_events, oldest first."""
    _, issue = _find_issue(call, project_id, iid, "Not found")
    page = cut_page(call, call.store.state_events.get(issue.id, []))
    return Answer(200, [call.renderer.state_event(event) for event in page.items], page.headers)


def show_label_event(call: Call, project_id: str, iid: str, event_id: str) -> Answer:
    """GET .../resource_label_events/:id."""
    _, issue = _find_issue(call, project_id, iid)
    for event in call.store.label_events.get(issue.id, []):
        if event.id == int(event_id):
            return Answer(200, call.renderer.label_event(event))
    raise refuse_no_record()


def show_state_event(call: Call, project_id: str, iid: str, event_id: str) -> Answer:
    """GET .../resource_state_events/:id."""
    _, issue = _find_issue(call, project_id, iid)
    for event in call.store.state_events.get(issue.id, []):
        if event.id == int(event_id):
            return Answer(200, call.renderer.state_event(event))
    raise refuse_no_record()


def _find_issue(call: Call, project_id: str, iid: str, absent: str = "Issue") -> tuple[Project, Issue]:
    """Return project and issue; notes need a signed-in user even in public projects."""
    call.require_user()
    project = call.find_project(project_id)
    try:
        return project, call.find_issue(project, iid)
    except RefusedError as error:
        raise (refuse_absent(absent) if absent == "Issue" else refuse_no_record()) from error


def _find_note(call: Call, project: Project, issue: Issue, note_id: str) -> Note:
    note = call.store.notes.get(issue.id, {}).get(int(note_id))
    if note is None or not _may_read(call, project, note):
        raise refuse_no_record()
    return note


def _may_read(call: Call, project: Project, note: Note) -> bool:
    if not note.is_internal or rights.may_see_internal(call.level(project)):
        return True
    return note.author_id == call.require_user().id


def _answer(call: Call, issue: Issue, result: NoteResult, status: int) -> Answer:
    if result.note is not None:
        return Answer(status, call.renderer.note(result.note, issue, result.changes))
    summary = [result.message] if result.message else []
    return Answer(202, {"commands_changes": result.changes, "summary": summary})
