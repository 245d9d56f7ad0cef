"""The traces a change leaves: system notes for text and people, events for labels and state (gitlab-facts 2 and 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from automation.sandbox.model import Issue, LabelEvent, Note, StateEvent, User
from automation.sandbox.store import Store
from automation.sandbox.tasks import build_task_note, find_tasks, judge_updated


def write_notes(store: Store, user: User, before: Issue, after: Issue) -> None:
    """Write the system notes of one update, as its author's."""
    if before.title != after.title:
        add_system_note(store, user, after, f"changed title from **{before.title}** to **{after.title}**")
    if before.description != after.description:
        for body in list_description_notes(store, before, after):
            add_system_note(store, user, after, body)
    for body in _list_setting_notes(before, after):
        add_system_note(store, user, after, body)
    note_assignees(store, user, after, before.assignee_ids)


def list_description_notes(store: Store, before: Issue, after: Issue) -> list[str]:
    """Word a changed description: one note a tick, and only without any tick the general one."""
    old = find_tasks(before.description, store.generation)
    updated = judge_updated(old, store.read_tasks(after))
    return [build_task_note(task) for task in updated] or ["changed the description"]


def note_assignees(store: Store, user: User, issue: Issue, before: Collection[int]) -> None:
    """Write who was assigned and who was not any longer."""
    added = [f"@{store.users[each].username}" for each in issue.assignee_ids if each not in before]
    removed = [f"@{store.users[each].username}" for each in before if each not in issue.assignee_ids]
    words = [f"assigned to {' '.join(added)}"] if added else []
    words += [f"unassigned {' '.join(removed)}"] if removed else []
    if words:
        add_system_note(store, user, issue, " and ".join(words))


def record_labels(store: Store, user: User, issue_id: int, before: frozenset[int], after: frozenset[int]) -> None:
    """Record one event a label."""
    events = store.label_events.setdefault(issue_id, [])
    now = store.read_now()
    for label_id in sorted(after - before):
        events.append(LabelEvent(store.next_id("label event"), issue_id, user.id, now, label_id, "add"))
    for label_id in sorted(before - after):
        events.append(LabelEvent(store.next_id("label event"), issue_id, user.id, now, label_id, "remove"))


def record_state(store: Store, user: User, issue: Issue) -> None:
    """Record that *issue* has come to its state."""
    event = StateEvent(
        store.next_id("state event"),
        issue.id,
        user.id,
        store.read_now(),
        "closed" if issue.state == "closed" else "reopened",
    )
    store.state_events.setdefault(issue.id, []).append(event)


def add_system_note(store: Store, user: User, issue: Issue, body: str) -> Note:
    """Write what GitLab says by itself about something *user* did."""
    now = store.read_now()
    return store.put_note(Note(store.next_id("note"), issue.id, body, user.id, now, now, is_system=True))


def _list_setting_notes(before: Issue, after: Issue) -> Iterator[str]:
    if before.due_date != after.due_date:
        due = after.due_date
        yield f"changed due date to {due:%B} {due.day}, {due.year}" if due else "removed due date"
    if before.is_confidential != after.is_confidential:
        yield "made the issue confidential" if after.is_confidential else "made the issue visible to everyone"
    if bool(before.discussion_locked) != bool(after.discussion_locked):
        yield (
            "locked the discussion in this issue"
            if after.discussion_locked
            else "unlocked the discussion in this issue"
        )
