"""The GitLab client against recorded answers: paging, refusals, damaged answers, and nothing posted twice."""

from __future__ import annotations

import json

import pytest
import responses
from requests.exceptions import ChunkedEncodingError, ConnectionError

from automation.core.model import DeleteNote, PostPing, UpdateIssue, WriteStatus
from automation.edge.apply import apply_actions
from automation.edge.gitlab import GitLab, group_scope, project_scope
from automation.errors import AccessError, IssueError, UncertainError

URL = "https://gitlab.example.com"
API = f"{URL}/api/v4"
TOKEN = "glpat-a-secret-of-ours"
NOTES = f"{API}/projects/1/issues/2/notes"
ISSUE = f"{API}/projects/1/issues/2"
PERSON = {"id": 5, "username": "ben", "name": "Ben"}


def note(number, body="hello", author=PERSON, **more):
    moment = "2026-11-02T09:00:00.000Z"
    return {"id": number, "body": body, "author": author, "created_at": moment, "updated_at": moment, **more}


def issue(**more):
    moment = "2026-11-02T10:00:00.000+01:00"
    plain = {"project_id": 1, "iid": 2, "title": "t", "description": None, "state": "opened", "labels": ["b", "a"]}
    return {**plain, "author": PERSON, "created_at": moment, "updated_at": moment, "closed_at": None, **more}


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as server:
        yield server


@pytest.fixture
def client():
    return GitLab(URL, TOKEN)


# --- paging -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ({"X-Next-Page": "2"}, {"X-Next-Page": ""}),
        ({"Link": f'<{NOTES}?page=2>; rel="next", <{NOTES}?page=1>; rel="first"'}, {"Link": f'<{NOTES}>; rel="first"'}),
    ],
    ids=["X-Next-Page", "Link"],
)
def test_pages_are_followed_by_whatever_header_there_is_even_when_one_is_not_full(server, client, first, last):
    server.get(NOTES, json=[note(1)], headers=first)
    server.get(NOTES, json=[note(2)], headers=last)
    assert [each.id for each in client.fetch_notes(1, 2)] == [1, 2]
    assert all("per_page=100" in call.request.url for call in server.calls)


def test_without_headers_a_full_page_has_a_next_one(server, client):
    server.get(NOTES, json=[note(number) for number in range(100)])
    server.get(NOTES, json=[note(100)])
    assert len(client.fetch_notes(1, 2)) == 101


def test_issues_are_asked_for_oldest_first_with_gitlabs_own_filters(server, client):
    server.get(f"{API}/projects/1/issues", json=[issue()], headers={"X-Total": "1", "X-Next-Page": ""})
    found = list(client.fetch_issues("projects/1", state="closed", **{"not[labels]": "a,b"}))
    assert [(each.iid, total) for each, total in found] == [(2, 1)]
    sent = server.calls[0].request.params
    assert {"order_by": "created_at", "sort": "asc", "state": "closed", "not[labels]": "a,b"}.items() <= sent.items()


def test_an_issue_becomes_a_plain_value_in_utc(server, client):
    server.get(ISSUE, json=issue(author=None, moved_to_id=7))
    found = client.fetch_issue("projects/1", 2)
    assert found.description == ""
    assert found.author.username == "ghost"
    assert found.created_at.isoformat() == "2026-11-02T09:00:00+00:00"
    assert found.is_moved


def test_paths_are_quoted():
    assert project_scope("a/b c") == "projects/a%2Fb%20c"
    assert group_scope("../x") == "groups/..%2Fx"


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"message": "401 Unauthorized"}, "does not accept the token"),
        (401, {"error": "invalid_token", "error_description": "Token is expired."}, "does not accept the token"),
        (403, {"error": "insufficient_scope", "scope": "api"}, "scope `api`"),
        (403, {"message": "403 Forbidden"}, "Planner"),
        (404, {"message": "404 Project Not Found"}, "The project a/b does not exist"),
    ],
)
def test_a_refusal_of_everything_says_what_to_do_and_never_the_token(server, client, status, body, said):
    server.get(f"{API}/projects/a%2Fb/issues", status=status, json=body)
    with pytest.raises(AccessError) as error:
        list(client.fetch_issues(project_scope("a/b")))
    assert said in str(error.value)
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize(
    ("verb", "status", "kind"),
    [("get", 404, IssueError), ("put", 400, IssueError), ("post", 403, IssueError), ("post", 500, UncertainError)],
)
def test_a_refusal_of_one_issue_is_the_issues_own(server, client, verb, status, kind):
    server.add(verb.upper(), NOTES, status=status, json={"message": "no"})
    server.add("PUT", f"{NOTES}/3", status=status, json={"message": "no"})
    calls = {
        "get": lambda: client.fetch_notes(1, 2),
        "put": lambda: client.update_note(1, 2, 3, "x"),
        "post": lambda: client.create_note(1, 2, "x"),
    }
    with pytest.raises(kind):
        calls[verb]()


def test_a_project_that_has_moved_is_said(server, client):
    server.put(ISSUE, status=301, headers={"Location": f"{API}/projects/9/issues/2"})
    server.get(f"{API}/projects/9/issues/2", json=issue())
    server.put(f"{API}/projects/9/issues/2", json=issue())
    with pytest.raises(AccessError, match="redirects"):
        client.update_issue(1, 2, {"add_labels": "a"})


# --- damaged and lost answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        {"body": '[{"id": 1, "bo'},
        {"body": "<html>502</html>", "content_type": "text/html"},
        {"body": ChunkedEncodingError()},
    ],
    ids=["half", "html", "cut"],
)
def test_a_damaged_answer_is_asked_for_again(server, client, damage):
    server.get(NOTES, **damage)
    server.get(NOTES, json=[note(1)])
    assert [each.id for each in client.fetch_notes(1, 2)] == [1]


def test_an_answer_that_stays_damaged_fails_for_this_issue(server, client):
    server.get(NOTES, body="{")
    with pytest.raises(IssueError):
        client.fetch_notes(1, 2)


def test_a_locked_issue_is_tried_again(server, client):
    server.put(ISSUE, status=409, json={"message": "409 Conflict: Resource lock"})
    server.put(ISSUE, json=issue(labels=["a"]))
    assert client.update_issue(1, 2, {"add_labels": "a"}).labels == ("a",)


@pytest.mark.parametrize("failure", [ConnectionError("reset"), ChunkedEncodingError("cut")])
def test_a_post_whose_answer_is_lost_is_not_sent_again(server, client, failure):
    server.post(NOTES, body=failure)
    with pytest.raises(UncertainError):
        client.create_note(1, 2, "x")
    assert len(server.calls) == 1


def test_every_request_is_counted_by_kind(server, client):
    server.get(NOTES, json=[])
    server.put(ISSUE, json=issue())
    client.fetch_notes(1, 2)
    client.update_issue(1, 2, {"add_labels": "x"})
    assert dict(client.requests) == {"GET notes": 1, "PUT issue": 1}


# --- applying ---------------------------------------------------------------------------------------------------------


def test_actions_are_carried_out_in_their_order(server, client):
    server.post(NOTES, json=note(9), status=201)
    server.put(ISSUE, json=issue(labels=["new"]))
    server.put(f"{NOTES}/4", json=note(4))
    server.delete(f"{NOTES}/5", status=204)
    actions = (PostPing(("k:1",), "ping"), UpdateIssue(("new",), ("old",)), WriteStatus(4, "status"), DeleteNote(5))
    apply_actions(client, 1, 2, actions, bot_id=7)
    assert [call.request.method for call in server.calls] == ["POST", "PUT", "PUT", "DELETE"]
    sent = json.loads(server.calls[1].request.body)
    assert sent == {"add_labels": "new", "remove_labels": "old"}


def test_one_label_that_gitlab_refuses_is_the_issues_own_trouble(server, client):
    server.put(ISSUE, json=issue(labels=["new"]))
    with pytest.raises(IssueError, match="archived"):
        apply_actions(client, 1, 2, (UpdateIssue(("archived", "new"), ()),), bot_id=7)


@pytest.mark.parametrize("labels", [["old"], ["new", "old"]], ids=["not added", "not removed"])
def test_labels_that_were_dropped_silently_are_noticed(server, client, labels):
    server.put(ISSUE, json=issue(labels=labels))
    with pytest.raises(AccessError, match="changed no label"):
        apply_actions(client, 1, 2, (UpdateIssue(("new",), ("old",)),), bot_id=7)


def test_a_comment_found_after_a_lost_answer_is_as_good_as_posted(server, client):
    server.post(NOTES, body=ConnectionError("reset"))
    server.get(NOTES, json=[note(9, "<!-- m -->\n\ntext", {"id": 7, "username": "bot"})])
    apply_actions(client, 1, 2, (PostPing(("k:1",), "<!-- m -->\n\ntext"),), bot_id=7)
    assert [call.request.method for call in server.calls] == ["POST", "GET"]


@pytest.mark.parametrize("author", [7, 8])
def test_after_a_lost_answer_only_our_own_comment_counts(server, client, author):
    body = "<!-- m -->\n\ntext" if author == 8 else "<!-- other -->"
    server.post(NOTES, body=ConnectionError("reset"))
    server.get(NOTES, json=[note(9, body, {"id": author, "username": "x"})])
    with pytest.raises(UncertainError):
        apply_actions(client, 1, 2, (PostPing(("k:1",), "<!-- m -->\n\ntext"),), bot_id=7)


def test_after_a_failed_action_the_later_ones_are_left_for_the_next_run(server, client):
    server.post(NOTES, status=403, json={"message": "403 Forbidden"})
    with pytest.raises(IssueError):
        apply_actions(client, 1, 2, (PostPing(("k:1",), "x"), UpdateIssue(("a",), ())), bot_id=7)
    assert len(server.calls) == 1
