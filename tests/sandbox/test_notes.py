"""Comments over the API (gitlab-facts 4)."""

import gitlab
import pytest

from tests.sandbox.conftest import PROJECT
from tests.sandbox.support import events_of, notes_of


@pytest.fixture
def issue(world, project):
    world.add_label(PROJECT, "bug")
    world.create_issue(PROJECT, "ben", "First", "text")
    return project.issues.get(1)


def refused(call, *args):
    """Return status and message of a call that must be refused."""
    with pytest.raises(gitlab.GitlabError) as error:
        call(*args)
    return error.value.response_code, error.value.error_message


def test_notes_come_newest_first_unless_asked_otherwise(issue, project):
    for body in ("one", "two"):
        issue.notes.create({"body": body})
    assert [note.body for note in issue.notes.list(get_all=True)] == ["two", "one"]
    assert notes_of(project) == ["one", "two"]


def test_activity_filter_parts_comments_from_system_notes(issue, world):
    issue.notes.create({"body": "one"})
    world.edit_description(PROJECT, 1, "ben", "new")
    comments = issue.notes.list(get_all=True, activity_filter="only_comments")
    activity = issue.notes.list(get_all=True, activity_filter="only_activity")
    assert ([note.body for note in comments], [note.body for note in activity]) == (
        ["one"],
        ["changed the description"],
    )


def test_system_notes_are_not_counted_as_comments(issue, world, project):
    issue.notes.create({"body": "one"})
    world.edit_description(PROJECT, 1, "ben", "new")
    assert project.issues.get(1).user_notes_count == 1


def test_text_with_commands_keeps_the_text_and_says_what_changed(issue, project):
    note = issue.notes.create({"body": "hello\n\n/label ~bug\n/close"})
    assert note.body == "hello"
    assert note.commands_changes == {"add_label_ids": [1], "state_event": "close"}
    assert (project.issues.get(1).labels, project.issues.get(1).state) == (["bug"], "closed")


def test_only_commands_give_202_and_no_note(issue, sandbox, project):
    answer = issue.notes.create({"body": "/label ~bug"})
    assert "id" not in answer.attributes
    assert (answer.commands_changes, answer.summary) == ({"add_label_ids": [1]}, ["Added ~bug label."])
    assert (sandbox.requests[-1].status, notes_of(project)) == (202, [])


COMMANDS = [
    ("/label ~bug ~nothing", "Added ~bug label."),
    ("/unlabel ~a", 'Removed ~a label.'),
    ("/unlabel", "Removed all labels."),
    ('/relabel ~bug ~"two words"', 'Replaced all labels with ~bug ~"two words" labels.'),
    ("/close", "Closed this issue."),
    ("/title New", 'Changed the title to "New".'),
    ("/assign @pia", "Assigned @pia."),
    ("/unassign", "Removed all assignees."),
    ("/due 2026-12-01", "Set the due date to Dec 1, 2026."),
    ("/confidential", "Made this issue confidential."),
    ("/reopen", "Could not apply reopen command."),
    ("/todo", "Could not apply todo command."),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message"), COMMANDS)
def test_commands_say_what_they_did(issue, world, body, message):
    for title in ("a", "two words"):
        world.add_label(PROJECT, title)
    assert issue.notes.create({"body": body}).summary == [message]


@pytest.mark.parametrize("body", ["/label ~unknown", "/assign @nobody", "/due whenever"])
def test_commands_that_achieve_nothing_are_refused(issue, body):
    assert refused(issue.notes.create, {"body": body}) == (400, "400 Bad request - Failed to apply commands.")


def test_a_command_beyond_ones_rights_says_so(client, issue):
    hers = client("gus").projects.get(PROJECT).issues.get(1)
    answer = hers.notes.create({"body": "/label ~bug"})
    assert (answer.commands_changes, answer.summary) == ({}, ["Could not apply label command."])


def test_labels_set_by_command_leave_an_event(issue, project):
    issue.notes.create({"body": "/label ~bug"})
    assert events_of(project) == [("add", "bug")]


def test_an_edit_changes_the_body_and_updated_at(issue, clock):
    note = issue.notes.create({"body": "one"})
    clock.advance(minutes=1)
    note.body = "two"
    note.save()
    again = issue.notes.get(note.id)
    assert (again.body, again.created_at, again.updated_at) == (
        "two",
        "2026-11-30T09:00:00.000Z",
        "2026-11-30T09:01:00.000Z",
    )


def test_an_edit_runs_commands(issue, project):
    note = issue.notes.create({"body": "one"})
    issue.notes.update(note.id, {"body": "two\n\n/label ~bug"})
    assert (notes_of(project), project.issues.get(1).labels) == (["two"], ["bug"])


def test_an_edit_to_nothing_but_commands_deletes_the_note(issue, project, sandbox):
    note = issue.notes.create({"body": "one"})
    issue.notes.update(note.id, {"body": "/close"})
    assert (notes_of(project), sandbox.requests[-2].status) == ([], 202)


def test_one_deletes_ones_own_note_only(client, issue, project):
    mine = issue.notes.create({"body": "mine"})
    hers = client("pia").projects.get(PROJECT).issues.get(1).notes.create({"body": "hers"})
    mine.delete()
    assert refused(issue.notes.delete, hers.id) == (403, "403 Forbidden")
    assert refused(issue.notes.update, hers.id, {"body": "x"}) == (403, "403 Forbidden")
    assert notes_of(project) == ["hers"]


def test_nobody_edits_a_system_note(issue, world):
    world.edit_description(PROJECT, 1, "ben", "new")
    note = issue.notes.list(get_all=True)[0]
    assert refused(issue.notes.update, note.id, {"body": "x"}) == (403, "403 Forbidden")


@pytest.mark.parametrize(
    ("sent", "message"),
    [({}, "body is missing"), ({"body": " \n"}, '400 Bad request - Note {:note=>["can\'t be blank"]}')],
)
def test_a_note_without_a_body_is_refused(client, issue, sent, message):
    path = f"/projects/{issue.project_id}/issues/1/notes"
    assert refused(lambda: client().http_post(path, post_data=sent)) == (400, message)


def test_unknown_issue_and_unknown_note_differ_in_their_words(issue, project):
    assert refused(issue.notes.get, 99) == (404, "404 Not found")
    assert refused(project.issues.get(9, lazy=True).notes.list) == (404, "404 Issue Not Found")


def test_internal_notes_hide_from_guests_after_paging(client, issue):
    issue.notes.create({"body": "open"})
    issue.notes.create({"body": "secret", "internal": True})
    as_guest = client("gus").projects.get(PROJECT).issues.get(1)
    assert [note.body for note in as_guest.notes.list(per_page=1, get_all=True)] == ["open"]
    assert [note.body for note in as_guest.notes.list(per_page=1, page=1, get_all=False)] == []
    assert refused(as_guest.notes.create, {"body": "x", "internal": True}) == (403, "403 Forbidden")


def test_a_locked_discussion_is_for_members(clock, sandbox, client, world):
    world.add_project("acme/open", "public")
    world.add_member("acme/open", "ben", 20)
    world.create_issue("acme/open", "ben", "t")
    client().projects.get("acme/open").issues.update(1, {"discussion_locked": True})
    from_outside = client("otto").projects.get("acme/open").issues.get(1)
    assert refused(from_outside.notes.create, {"body": "x"}) == (403, "403 Forbidden")


def test_created_at_is_dropped_without_the_right_to_set_it(issue):
    assert issue.notes.create({"body": "x", "created_at": "2020-01-01"}).created_at == "2026-11-30T09:00:00.000Z"
