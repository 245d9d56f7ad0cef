"""Lists of issues: filters, order and pages (gitlab-facts 3.1, 3.2 and 8)."""

import pytest
import requests

from automation.sandbox import Sandbox
from tests.sandbox.conftest import PROJECT


@pytest.fixture
def crowd(world, clock):
    """Four issues, an hour apart: 1 (a), 2 (a, b), 3 (closed, none), 4 (B, pia's, of a colleague's title)."""
    world.create_issue(PROJECT, "ben", "Acme one", labels=["a"])
    clock.advance(hours=1)
    world.create_issue(PROJECT, "ben", "Acme two", labels=["a", "b"])
    clock.advance(hours=1)
    world.create_issue(PROJECT, "ben", "Beta", "mentions acme")
    world.close(PROJECT, 3, "ben")
    clock.advance(hours=1)
    world.create_issue(PROJECT, "pia", "Gamma", labels=["B"], assignee="pia")


FILTERS = [
    ({}, [4, 3, 2, 1]),
    ({"state": "opened"}, [4, 2, 1]),
    ({"state": "closed"}, [3]),
    ({"labels": "a"}, [2, 1]),
    ({"labels": "a,b"}, [2]),
    ({"labels": "b"}, [2]),
    ({"labels": "a,unknown"}, []),
    ({"labels": "None"}, [3]),
    ({"labels": "any"}, [4, 2, 1]),
    ({"labels": ""}, [4, 3, 2, 1]),
    ({"not[labels]": "b,unknown"}, [4, 3, 1]),
    ({"not[labels]": "a,B"}, [3]),
    ({"iids[]": [1, 3, 99]}, [3, 1]),
    ({"iids": "1,3"}, [3, 1]),
    ({"created_after": "2026-11-30T10:00:00Z"}, [4, 3, 2]),
    ({"created_after": "2026-11-30T11:00:00+01:00"}, [4, 3, 2]),
    ({"created_before": "2026-11-30T09:59:59Z"}, [1]),
    ({"updated_after": "2026-11-30T11:00:00Z"}, [4, 3]),
    ({"search": "acme", "in": "title"}, [2, 1]),
    ({"search": "ACME"}, [3, 2, 1]),
    ({"author_username": "pia"}, [4]),
    ({"assignee_id": "None"}, [3, 2, 1]),
    ({"assignee_username[]": "pia"}, [4]),
    ({"sort": "asc"}, [1, 2, 3, 4]),
    ({"order_by": "title"}, [4, 3, 2, 1]),
    ({"per_page": 3, "page": 2}, [1]),
    ({"page": 9}, []),
]


def get(sandbox, world, query, path="/projects/1/issues"):
    headers = {"PRIVATE-TOKEN": world.add_token("ben")}
    return requests.get(f"{sandbox.url}/api/v4{path}", query, headers=headers, timeout=5)


@pytest.mark.parametrize(("query", "iids"), FILTERS)
def test_filters_and_order(sandbox, world, crowd, query, iids):
    assert [issue["iid"] for issue in get(sandbox, world, query).json()] == iids


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"state": "open"}, "state does not have a valid value"),
        ({"order_by": "id"}, "order_by does not have a valid value"),
        ({"iids[]": "x"}, "iids is invalid"),
        ({"created_after": "yesterday"}, "created_after is invalid"),
    ],
)
def test_parameters_that_gitlab_does_not_know_are_refused(sandbox, world, crowd, query, message):
    answer = get(sandbox, world, query)
    assert (answer.status_code, answer.json()) == (400, {"error": message})


@pytest.mark.parametrize(("sort", "iids"), [("desc", [5, 4, 3, 2, 1]), ("asc", [5, 4, 3, 2, 1])])
def test_ties_go_by_id_downwards_in_both_directions(sandbox, world, sort, iids):
    for number in range(5):
        world.create_issue(PROJECT, "ben", f"t{number}")
    assert [issue["iid"] for issue in get(sandbox, world, {"sort": sort}).json()] == iids


def test_a_list_shows_a_change_at_once(project, world, crowd):
    assert [issue.iid for issue in project.issues.list(labels=["b"], get_all=True)] == [2]
    world.move_card(PROJECT, 1, "ben", add="b")
    assert [issue.iid for issue in project.issues.list(labels=["b"], get_all=True)] == [2, 1]


def test_label_details_are_given_on_request(project, crowd):
    label = project.issues.list(iids=[1], with_labels_details=True, get_all=True)[0].labels[0]
    assert (label["name"], label["color"], label["text_color"]) == ("a", "#6699cc", "#FFFFFF")


def test_a_list_does_not_say_who_is_subscribed(project, crowd):
    assert "subscribed" not in project.issues.list(get_all=True)[0].attributes


def test_page_headers_are_texts_and_blank_at_the_ends(sandbox, world, crowd):
    headers = get(sandbox, world, {"per_page": 3, "state": "all"}).headers
    assert {name: headers[name] for name in headers if name.startswith("X-")} == {
        "X-Per-Page": "3",
        "X-Page": "1",
        "X-Next-Page": "2",
        "X-Prev-Page": "",
        "X-Total": "4",
        "X-Total-Pages": "2",
    }
    base = f"{sandbox.url}/api/v4/projects/1/issues?state=all"
    assert headers["Link"] == (
        f'<{base}&page=2&per_page=3>; rel="next", <{base}&page=1&per_page=3>; rel="first", '
        f'<{base}&page=2&per_page=3>; rel="last"'
    )


def test_per_page_is_20_by_default_and_100_at_most(sandbox, world, crowd):
    assert get(sandbox, world, {}).headers["X-Per-Page"] == "20"
    assert get(sandbox, world, {"per_page": 500}).headers["X-Per-Page"] == "100"


def test_the_client_follows_all_pages(project, crowd):
    assert [issue.iid for issue in project.issues.list(iterator=True, per_page=1, sort="asc")] == [1, 2, 3, 4]


def test_totals_can_be_left_out_as_for_long_lists(world, crowd):
    with Sandbox(world, omits_totals=True) as sandbox:
        headers = get(sandbox, world, {"per_page": 3}).headers
    assert "X-Total" not in headers
    assert headers["X-Next-Page"] == "2"
    assert 'rel="last"' not in headers["Link"]


def test_links_carry_the_external_address(world, crowd):
    with Sandbox(world, external_url="https://gitlab.example.com/") as sandbox:
        local = f"http://127.0.0.1:{sandbox.port}/api/v4/projects/1/issues"
        answer = requests.get(local, headers={"PRIVATE-TOKEN": world.add_token("ben")}, timeout=5)
    assert answer.headers["Link"].startswith("<https://gitlab.example.com/api/v4/projects/1/issues?")
    assert answer.json()[0]["web_url"] == "https://gitlab.example.com/acme/handovers/-/issues/4"


@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_keyset_pages_skip_nothing_while_the_list_changes(project, world, crowd, clock, sort):
    clock.advance(hours=1)
    pages = project.issues.list(iterator=True, per_page=2, pagination="keyset", order_by="created_at", sort=sort)
    seen = [next(pages).iid, next(pages).iid]
    world.create_issue(PROJECT, "ben", "new")
    seen += [issue.iid for issue in pages]
    assert seen == ([1, 2, 3, 4, 5] if sort == "asc" else [4, 3, 2, 1])


def test_a_group_lists_the_issues_of_subgroups_that_one_may_see(sandbox, client, world, crowd):
    world.add_member("acme", "ben", 20)
    world.add_project("acme/sub/deep")
    world.create_issue("acme/sub/deep", "ben", "Deep")
    issues = client().groups.get("acme").issues.list(get_all=True, created_after="2026-11-30T12:00:00Z")
    assert [issue.references["relative"] for issue in issues] == ["deep#1", "handovers#4"]


def test_a_group_list_matches_labels_of_one_title_in_any_project(client, world, crowd):
    world.add_member("acme", "ben", 20)
    world.add_project("acme/other")
    world.create_issue("acme/other", "ben", "Other", labels=["b"])
    issues = client().groups.get("acme").issues.list(get_all=True, labels=["b"])
    assert [issue.references["full"] for issue in issues] == ["acme/other#1", "acme/handovers#2"]


def test_one_assignee_name_at_a_time(sandbox, world, crowd):
    assert get(sandbox, world, {"assignee_username[]": ["pia", "ben"]}).status_code == 400
