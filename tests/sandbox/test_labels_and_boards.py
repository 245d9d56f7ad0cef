"""Labels and boards over the API (gitlab-facts 7)."""

import gitlab
import pytest

from tests.sandbox.conftest import PROJECT


def refused(call, *args, **kwargs):
    with pytest.raises(gitlab.GitlabError) as error:
        call(*args, **kwargs)
    return error.value.response_code, error.value.error_message


def test_a_label_is_created_and_read(project):
    project.labels.create({"name": "s::one", "color": "#ff0000", "description": "d"})
    label = project.labels.get("s::one")
    assert (label.color, label.description, label.is_project_label) == ("#ff0000", "d", True)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, (400, "name is missing, color is missing")),
        ({"name": "x", "color": "reddish?"}, (400, {"color": ["must be a valid color code"]})),
        ({"name": "known", "color": "#fff"}, (409, "Label already exists")),
        ({"name": "of the group", "color": "#fff"}, (409, "Label already exists")),
    ],
)
def test_bad_labels_are_refused(client, project, world, sent, error):
    world.add_label(PROJECT, "known")
    world.add_label("acme", "of the group")
    assert refused(client().http_post, "/projects/1/labels", post_data=sent) == error


def test_titles_differ_by_case(project, world):
    world.add_label(PROJECT, "bug")
    assert project.labels.create({"name": "Bug", "color": "#fff"}).name == "Bug"


def test_guests_create_no_labels(client):
    labels = client("gus").projects.get(PROJECT).labels
    assert refused(labels.create, {"name": "x", "color": "#fff"}) == (403, "403 Forbidden")


def test_the_list_holds_labels_of_the_groups_above(project, world):
    world.add_label("acme", "a")
    world.add_label(PROJECT, "b")
    assert [label.name for label in project.labels.list(get_all=True)] == ["a", "b"]
    assert [label.name for label in project.labels.list(get_all=True, include_ancestor_groups=False)] == ["b"]


def test_counts_are_given_on_request(project, world):
    world.create_issue(PROJECT, "ben", "t", labels=["a"])
    world.create_issue(PROJECT, "ben", "t", labels=["a"])
    world.close(PROJECT, 1, "ben")
    label = project.labels.list(with_counts=True, get_all=True)[0]
    assert (label.open_issues_count, label.closed_issues_count) == (1, 1)


def test_a_renamed_label_stays_on_its_issues(project, world):
    world.create_issue(PROJECT, "ben", "t", labels=["a"])
    project.labels.update("a", {"new_name": "b/c", "color": "#00ff00"})
    assert project.issues.get(1).labels == ["b/c"]
    assert project.labels.get("b/c").color == "#00ff00"


def test_a_groups_label_cannot_be_changed_through_the_project(project, world):
    world.add_label("acme", "a")
    assert refused(project.labels.update, "a", {"color": "#fff"}) == (404, "404 Label Not Found")


def test_a_deleted_label_goes_from_issues_and_its_events_stay_without_it(project, world):
    world.create_issue(PROJECT, "ben", "t", labels=["a"])
    project.labels.delete("a")
    issue = project.issues.get(1)
    assert issue.labels == []
    assert [event.label for event in issue.resourcelabelevents.list(get_all=True)] == [None]


@pytest.fixture
def board(project, world):
    for title in ("a", "b", "c"):
        world.add_label(PROJECT, title)
    return project.boards.create({"name": "Stages"})


def order(board):
    return [(each.label["name"], each.position) for each in board.lists.list(get_all=True)]


def test_lists_are_appended_whatever_position_is_sent(board, project):
    for label in project.labels.list(get_all=True):
        board.lists.create({"label_id": label.id, "position": 0})
    assert order(board) == [("a", 0), ("b", 1), ("c", 2)]


def test_a_list_is_moved_by_its_position(board, project):
    lists = [board.lists.create({"label_id": label.id}) for label in project.labels.list(get_all=True)]
    lists[2].position = 0
    lists[2].save()
    assert order(board) == [("c", 0), ("a", 1), ("b", 2)]


def test_lists_between_make_room(board, project):
    lists = [board.lists.create({"label_id": label.id}) for label in project.labels.list(get_all=True)]
    lists[0].position = 2
    lists[0].save()
    assert order(board) == [("b", 0), ("c", 1), ("a", 2)]


def test_a_list_that_is_deleted_leaves_no_gap_but_one_whose_label_goes_does(board, project):
    lists = [board.lists.create({"label_id": label.id}) for label in project.labels.list(get_all=True)]
    lists[0].delete()
    assert order(board) == [("b", 0), ("c", 1)]
    project.labels.delete("b")
    assert order(board) == [("c", 1)]
    board.lists.create({"label_id": 1})
    assert order(board) == [("c", 1), ("a", 2)]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "label_id is missing"),
        ({"label_id": 99}, {"error": "Label not found"}),
        ({"label_id": 1}, {"error": "Label has already been taken"}),
    ],
)
def test_bad_lists_are_refused(board, client, sent, message):
    board.lists.create({"label_id": 1})
    assert refused(client().http_post, "/projects/1/boards/1/lists", post_data=sent) == (400, message)


@pytest.mark.parametrize("position", [-1, 0, 1, 5])
def test_a_list_cannot_be_moved_past_the_end_nor_to_where_it_stands(board, position):
    entry = board.lists.create({"label_id": 1})
    refusal = (400, {"error": "List could not be moved!"})
    assert refused(board.lists.update, entry.id, {"position": position}) == refusal


def test_boards_and_lists_are_deleted(board, project):
    board.lists.create({"label_id": 1}).delete()
    assert order(board) == []
    board.delete()
    assert project.boards.list(get_all=True) == []


def test_guests_read_boards_but_make_none(board, client):
    boards = client("gus").projects.get(PROJECT).boards
    assert [each.name for each in boards.list(get_all=True)] == ["Stages"]
    assert refused(boards.create, {"name": "x"}) == (403, "403 Forbidden")
