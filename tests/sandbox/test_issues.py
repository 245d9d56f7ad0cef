"""Issues over the API: fields, labels, times and the traces they leave (gitlab-facts 1.5, 2, 3, 6)."""

import gitlab
import pytest
import requests

from automation.sandbox import Sandbox, World
from tests.sandbox.support import events_of, notes_of

PROJECT = "acme/handovers"


@pytest.fixture
def issue(world):
    return world.create_issue(PROJECT, "ben", "First", "- [ ] 1.1 one\n- [ ] 2.1 two", labels=["a"])


def test_has_tasks_is_inverted_and_task_status_stands_only_without_tasks(project, world):
    for text in ("- [x] a\n- [ ] b", "words", ""):
        world.create_issue(PROJECT, "ben", "t", text)
    with_tasks, with_words, blank = (project.issues.get(iid).attributes for iid in (1, 2, 3))
    assert (with_tasks["has_tasks"], "task_status" in with_tasks) == (False, False)
    assert with_tasks["task_completion_status"] == {"count": 2, "completed_count": 1}
    assert (with_words["has_tasks"], with_words["task_status"]) == (True, "0 of 0 checklist items completed")
    assert (blank["has_tasks"], blank["task_status"]) == (True, "")


def test_created_issue_has_the_fields_of_gitlab(project):
    issue = project.issues.create(
        {"title": " T ", "description": "d \r\n\n", "labels": ["b", "B,a"], "due_date": "2026-12-01"}
    )
    assert (issue.iid, issue.title, issue.description, issue.labels) == (1, "T", "d", ["B", "a", "b"])
    assert (issue.due_date, issue.state, issue.type, issue.discussion_locked) == ("2026-12-01", "opened", "ISSUE", None)
    assert issue.created_at == "2026-11-30T09:00:00.000Z"
    assert issue.web_url.endswith("/acme/handovers/-/issues/1")
    assert issue.references == {"short": "#1", "relative": "#1", "full": "acme/handovers#1"}
    assert issue.subscribed is True


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"description": "d"}, "title is missing"),
        ({"title": " "}, {"title": ["can't be blank"]}),
        ({"title": "x" * 256}, {"title": ["is too long (maximum is 255 characters)"]}),
        ({"title": "x", "description": "é" * 600_000}, {"description": ["is too long (maximum is 1048576 bytes)"]}),
    ],
)
def test_bad_texts_are_refused_with_gitlabs_words(project, sent, message):
    with pytest.raises(gitlab.GitlabHttpError) as refused:
        project.manager.gitlab.http_post(f"/projects/{project.id}/issues", post_data=sent)
    assert (refused.value.response_code, refused.value.error_message) == (400, message)


def test_a_tick_leaves_one_note_a_box_and_hides_other_changes(project, issue):
    project.issues.update(1, {"description": "More words\n- [x] 1.1 one\n- [x] 2.1 two"})
    assert notes_of(project) == [
        "marked the checklist item **1.1 one** as completed",
        "marked the checklist item **2.1 two** as completed",
    ]


@pytest.mark.parametrize("text", ["- [x] 1.1 other words\n- [ ] 2.1 two", "- [x] new\n- [ ] 1.1 one", "no boxes"])
def test_a_change_without_a_recognised_tick_says_only_that(project, issue, text):
    project.issues.update(1, {"description": text})
    assert notes_of(project) == ["changed the description"]


def test_the_same_description_again_leaves_no_note(project, issue):
    project.issues.update(1, {"description": issue.description + "\r\n"})
    assert notes_of(project) == []


def test_generation_p_escapes_the_words_of_a_tick(clock):
    world = World(now=clock, generation="P")
    world.add_project(PROJECT)
    world.add_member(PROJECT, world.add_user("ben", "Ben"), 20)
    world.create_issue(PROJECT, "ben", "t", "- [ ] 2.1 **two**")
    world.tick(PROJECT, 1, "2.1", "ben")
    assert [note.body for note in world.list_notes(PROJECT, 1)] == [
        "marked the checklist item **2\\.1 two** as completed"
    ]


def test_a_note_is_its_editors_and_marked_as_system(client, issue):
    client("pia").projects.get(PROJECT).issues.update(1, {"description": "x"})
    note = client().projects.get(PROJECT).issues.get(1, lazy=True).notes.list(get_all=True)[0]
    assert (note.author["username"], note.system, note.type, note.noteable_type) == ("pia", True, None, "Issue")
    assert (note.resolvable, note.internal, note.commands_changes) == (False, False, {})


@pytest.mark.parametrize(
    ("change", "labels"),
    [
        ({"labels": ["b", "c"]}, ["b", "c"]),
        ({"labels": "b,c"}, ["b", "c"]),
        ({"labels": ""}, []),
        ({"labels": []}, []),
        ({"add_labels": ["b"]}, ["a", "b"]),
        ({"remove_labels": "a,unknown"}, []),
        ({"add_labels": ["b", "c"], "remove_labels": ["b"]}, ["a", "c"]),
        ({"labels": ["b"], "add_labels": ["c"]}, ["b", "c"]),
        ({"add_labels": ["A"]}, ["A", "a"]),
    ],
)
def test_labels_are_replaced_or_changed_and_created_when_unknown(project, issue, change, labels):
    assert project.issues.update(1, change)["labels"] == labels


def test_each_label_leaves_one_event_and_no_note(project, issue):
    project.issues.update(1, {"add_labels": ["b", "c"], "remove_labels": ["a"]})
    assert events_of(project) == [("add", "a"), ("add", "b"), ("add", "c"), ("remove", "a")]
    assert notes_of(project) == []


def test_label_event_names_the_global_issue_id(world, project):
    world.add_project("acme/other")
    world.add_member("acme/other", "ben", 20)
    world.create_issue("acme/other", "ben", "x")
    issue = world.create_issue(PROJECT, "ben", "y", labels=["a"])
    event = project.issues.get(issue.iid).resourcelabelevents.list(get_all=True)[0]
    assert (event.resource_id, event.resource_type, issue.iid) == (issue.id, "Issue", 1)
    assert (event.user["username"], event.label["name"]) == ("ben", "a")


@pytest.mark.parametrize(("premium", "labels"), [(False, ["s::a", "s::b"]), (True, ["s::b"])])
def test_scoped_labels_exclude_each_other_on_premium_only(clock, premium, labels):
    world = World(now=clock, premium=premium)
    world.add_project(PROJECT)
    world.add_member(PROJECT, world.add_user("ben", "Ben"), 20)
    world.create_issue(PROJECT, "ben", "t", labels=["s::a"])
    world.move_card(PROJECT, 1, "ben", add="s::b")
    assert world.list_titles(PROJECT, 1) == tuple(labels)


@pytest.mark.parametrize("user", ["gus"])
def test_labels_of_a_guest_vanish_silently_on_update(client, world, user):
    world.create_issue(PROJECT, user, "mine", "text")
    answer = client(user).projects.get(PROJECT).issues.update(1, {"add_labels": ["a"], "title": "new"})
    assert (answer["labels"], answer["title"]) == ([], "new")


def test_closing_and_reopening_leave_state_events(project, issue, clock):
    closed = project.issues.update(1, {"state_event": "close"})
    assert (closed["state"], closed["closed_at"], closed["closed_by"]["username"]) == (
        "closed", "2026-11-30T09:00:00.000Z", "ben",
    )  # fmt: skip
    project.issues.update(1, {"state_event": "close"})
    reopened = project.issues.update(1, {"state_event": "reopen"})
    assert (reopened["state"], reopened["closed_at"], reopened["closed_by"]) == ("opened", None, None)
    events = project.issues.get(1).resourcestateevents.list(get_all=True)
    assert [event.state for event in events] == ["closed", "reopened"]
    assert notes_of(project) == []


def test_title_date_and_assignee_leave_system_notes(project, issue, world):
    ben = world.user("ben").id
    project.issues.update(1, {"title": "Second", "due_date": "2026-12-01", "assignee_ids": [ben]})
    project.issues.update(1, {"due_date": "", "assignee_ids": [0]})
    assert notes_of(project) == [
        "changed title from **First** to **Second**",
        "changed due date to December 1, 2026",
        "assigned to @ben",
        "removed due date",
        "unassigned @ben",
    ]


def test_one_assignee_is_kept_and_outsiders_are_dropped(project, issue, world):
    otto, ben, pia = (world.user(name).id for name in ("otto", "ben", "pia"))
    assert [user["username"] for user in project.issues.update(1, {"assignee_ids": [otto, pia, ben]})["assignees"]] == [
        "pia"
    ]
    assert project.issues.update(1, {"assignee_ids": [otto]})["assignee"]["username"] == "pia"
    assert project.issues.update(1, {"assignee_ids": []})["assignee"] is None


def test_columns_bump_updated_at_at_once(project, issue, clock):
    clock.advance(seconds=5)
    assert project.issues.update(1, {"title": "new"})["updated_at"] == "2026-11-30T09:00:05.000Z"


def test_labels_bump_updated_at_once_a_minute(project, issue, clock):
    clock.advance(seconds=70)
    project.issues.update(1, {"add_labels": ["b"]})
    clock.advance(seconds=59)
    assert project.issues.update(1, {"add_labels": ["c"]})["updated_at"] == "2026-11-30T09:01:10.000Z"
    clock.advance(seconds=1)
    assert project.issues.update(1, {"add_labels": ["d"]})["updated_at"] == "2026-11-30T09:02:10.000Z"


def test_another_hand_bumps_updated_at_even_without_a_change(client, issue, clock):
    mine, hers = client().projects.get(PROJECT), client("pia").projects.get(PROJECT)
    clock.advance(seconds=10)
    mine.issues.update(1, {"title": "First"})
    clock.advance(seconds=10)
    assert mine.issues.update(1, {"title": "First"})["updated_at"] == "2026-11-30T09:00:10.000Z"
    assert hers.issues.update(1, {"title": "First"})["updated_at"] == "2026-11-30T09:00:20.000Z"


def test_comment_bumps_updated_at_once_a_minute(project, issue, clock, world):
    clock.advance(seconds=59)
    world.comment(PROJECT, 1, "ben", "hi")
    assert project.issues.get(1).updated_at == "2026-11-30T09:00:00.000Z"
    clock.advance(seconds=1)
    world.comment(PROJECT, 1, "ben", "hi")
    assert project.issues.get(1).updated_at == "2026-11-30T09:01:00.000Z"


def test_an_update_of_nothing_is_refused(project, issue):
    with pytest.raises(gitlab.GitlabUpdateError, match="at least one parameter must be provided"):
        project.issues.update(1, {})


def test_description_commands_run_at_creation_and_are_not_stored(project, world):
    world.add_label(PROJECT, "known")
    issue = project.issues.create(
        {"title": "t", "description": "text\n\n/label ~known ~unknown\n/assign me\n/due 2026-12-24\n/close"}
    )
    assert (issue.description, issue.labels, issue.due_date, issue.state) == ("text", ["known"], "2026-12-24", "opened")
    assert issue.assignee["username"] == "ben"


def test_description_commands_run_on_update_too(project, issue):
    answer = project.issues.update(1, {"description": "text\n\n/close"})
    assert (answer["description"], answer["state"]) == ("text", "closed")


def test_description_commands_of_a_guest_are_stripped_without_effect(client, world):
    world.add_label(PROJECT, "known")
    issue = client("gus").projects.get(PROJECT).issues.create({"title": "t", "description": "text\n\n/label ~known"})
    assert (issue.description, issue.labels) == ("text", [])


def test_there_is_no_conflict_detection(client, issue):
    mine, hers = (client(name).projects.get(PROJECT).issues.get(1) for name in ("ben", "pia"))
    mine.description, hers.description = "- [x] 1.1 one\n- [ ] 2.1 two", "stale"
    mine.save()
    hers.save()
    assert client().projects.get(PROJECT).issues.get(1).description == "stale"


def test_a_form_is_read_like_json(client, world):
    headers = {"PRIVATE-TOKEN": world.add_token("ben")}
    url = client().url + "/api/v4/projects/1/issues"
    sent = {"title": "t", "labels[]": ["a", "b"], "confidential": "true"}
    answer = requests.post(url, data=sent, headers=headers, timeout=5).json()
    assert (answer["labels"], answer["confidential"]) == (["a", "b"], True)


def test_a_template_is_listed_and_read(world, project):
    world.set_templates(PROJECT, {"CSM to CSM": "text"})
    assert [(each.key, each.name) for each in project.issue_templates.list(get_all=True)] == [
        ("CSM to CSM", "CSM to CSM")
    ]
    assert project.issue_templates.get("CSM to CSM").content == "text"


def test_the_sandbox_can_be_started_and_stopped_by_hand(world):
    sandbox = Sandbox(world)
    sandbox.start()
    assert gitlab.Gitlab(sandbox.url, private_token=world.add_token("ben")).version()[0] == "18.4.0"
    sandbox.stop()
