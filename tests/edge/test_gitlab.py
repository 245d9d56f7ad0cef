"""The client when the server is at its worst: limits, faults, half answers, and what must never be sent twice."""

import json
import time
from collections import Counter
from itertools import pairwise

import pytest
import responses
from requests.exceptions import ChunkedEncodingError, ConnectionError, ReadTimeout
from urllib3.response import HTTPResponse

from automation.core.model import PostPing, UpdateIssue, WriteStatus
from automation.edge.apply import apply_actions
from automation.edge.gitlab import GitLab, project_scope
from automation.edge.retries import Patience
from automation.errors import AccessError, GitLabError, HandoverError, IssueError, UncertainError

URL = "https://gitlab.example.com"
API = f"{URL}/api/v4"
TOKEN = "glpat-0123456789abcdefghij"
ISSUE = f"{API}/projects/1/issues/2"
NOTES = f"{ISSUE}/notes"
LIST = f"{API}/projects/1/issues"
MOMENT = "2026-11-02T09:00:00.000Z"
BOT = {"id": 7, "username": "project_1_bot_00", "name": "bot"}
PAGE = "<html><body>502 Bad Gateway</body></html>"


def note(id=1, body="hello", author=BOT, **more):
    return {"id": id, "body": body, "author": author, "created_at": MOMENT, "updated_at": MOMENT, **more}


def issue(**more):
    about = {"project_id": 1, "iid": 2, "title": "t", "state": "opened", "labels": [], "author": BOT}
    return {**about, "created_at": MOMENT, "updated_at": MOMENT, **more}


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as server:
        yield server


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return GitLab(URL, TOKEN)


READS = {
    "user": (f"{API}/user", lambda client: client.fetch_user()),
    "issues": (LIST, lambda client: list(client.fetch_issues("projects/1", state="opened"))),
    "issue": (ISSUE, lambda client: client.fetch_issue("projects/1", 2)),
    "notes": (NOTES, lambda client: client.fetch_notes(1, 2)),
    "label events": (f"{ISSUE}/resource_label_events", lambda client: client.fetch_label_events(1, 2)),
    "state events": (f"{ISSUE}/resource_state_events", lambda client: client.fetch_state_events(1, 2)),
    "members": (f"{API}/projects/1/members/all", lambda client: client.fetch_members("projects/1")),
}
WRITES = {
    "create a note": ("POST", NOTES, lambda client: client.create_note(1, 2, "x")),
    "update a note": ("PUT", f"{NOTES}/3", lambda client: client.update_note(1, 2, 3, "x")),
    "delete a note": ("DELETE", f"{NOTES}/3", lambda client: client.delete_note(1, 2, 3)),
    "update the issue": ("PUT", ISSUE, lambda client: client.update_issue(1, 2, {"add_labels": "a"})),
    "create an issue": ("POST", LIST, lambda client: client.create_issue("projects/1", {"title": "t"})),
}
reads = pytest.mark.parametrize(("url", "read"), READS.values(), ids=READS.keys())
writes = pytest.mark.parametrize(("verb", "url", "write"), WRITES.values(), ids=WRITES.keys())


# --- paging -----------------------------------------------------------------------------------------------------------


def test_pages_are_asked_for_one_after_the_other_and_each_once(server, client):
    for page in (1, 2, 3):
        following = {"X-Next-Page": str(page + 1) if page < 3 else ""}
        server.get(
            NOTES,
            json=[note(page)],
            headers=following,
            match=[responses.matchers.query_param_matcher({"page": page}, strict_match=False)],
        )
    assert [each.id for each in client.fetch_notes(1, 2)] == [1, 2, 3]
    assert len(server.calls) == 3


@pytest.mark.parametrize("url_in_link", [NOTES, "http://intern:8080/api/v4/projects/1/issues/2/notes"])
def test_the_address_in_a_link_is_never_followed(server, client, url_in_link):
    """It holds the configured address, not the one we reached, and would get our token."""
    server.get(NOTES, json=[note(1)], headers={"Link": f'<{url_in_link}?page=2>; rel="next"'})
    server.get(NOTES, json=[note(2)], headers={"Link": f'<{url_in_link}?page=1>; rel="first"'})
    assert [each.id for each in client.fetch_notes(1, 2)] == [1, 2]
    assert {call.request.url.split("/api")[0] for call in server.calls} == {URL}


def test_an_empty_page_in_the_middle_is_not_the_end(server, client):
    """Notes that we may not read are taken out after paging."""
    server.get(NOTES, json=[], headers={"X-Next-Page": "2"})
    server.get(NOTES, json=[note(2)], headers={"X-Next-Page": ""})
    assert [each.id for each in client.fetch_notes(1, 2)] == [2]


@pytest.mark.parametrize("headers", [{}, {"X-Next-Page": ""}, {"X-Next-Page": "x"}, {"Link": '<x>; rel="last"'}])
def test_a_short_page_ends_the_list(server, client, headers):
    server.get(NOTES, json=[note(1)], headers=headers)
    assert len(client.fetch_notes(1, 2)) == 1
    assert len(server.calls) == 1


@reads
def test_no_list_is_read_in_small_pages(server, client, url, read):
    server.get(url, json=issue() if url == ISSUE else BOT if url.endswith("/user") else [])
    read(client)
    asked = server.calls[0].request.params
    assert asked.get("per_page") == ("100" if url not in (ISSUE, f"{API}/user") else None)


def test_a_list_without_a_total_is_read_to_its_end(server, client):
    server.get(LIST, json=[issue(iid=1)], headers={"X-Next-Page": "2"})
    server.get(LIST, json=[issue(iid=2)], headers={"X-Next-Page": ""})
    assert [(each.iid, total) for each, total in client.fetch_issues("projects/1")] == [(1, None), (2, None)]


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1"}], ids=["without headers", "Retry-After"])
@pytest.mark.parametrize(
    "body", [{"body": "Retry later\n", "content_type": "text/plain"}, {"json": {"message": {"error": "too many"}}}]
)
@writes
def test_a_429_is_waited_out_for_every_kind_of_write(server, client, verb, url, write, body, headers):
    """A refused request was never carried out, so a POST may be sent again too."""
    server.add(verb, url, status=429, headers=headers, **body)
    server.add(verb, url, status=429, headers=headers, **body)
    server.add(verb, url, json=issue() if "/notes" not in url else note())
    write(client)
    assert len(server.calls) == 3


@reads
def test_a_429_is_waited_out_for_every_kind_of_read(server, client, url, read):
    server.get(url, status=429, body="Retry later\n", content_type="text/plain")
    server.get(url, json=issue() if url == ISSUE else BOT if url.endswith("/user") else [])
    read(client)
    assert len(server.calls) == 2


def test_a_limit_that_never_ends_fails_for_this_issue_and_is_not_asked_for_ever(server, client):
    server.get(NOTES, status=429, body="Retry later\n")
    with pytest.raises(IssueError):
        client.fetch_notes(1, 2)
    assert len(server.calls) <= 15


def waits(patience, headers=None, count=6):
    """Return the seconds slept between *count* refusals."""
    slept = []
    for _ in range(count):
        answer = HTTPResponse(status=429, headers=headers or {}, body=b"")
        patience = patience.increment("GET", "/", response=answer)
        original, time.sleep = time.sleep, slept.append
        try:
            patience.sleep(answer)
        finally:
            time.sleep = original
    return slept


def test_retry_after_is_obeyed():
    assert waits(Patience(), {"Retry-After": "7"}, 3) == [7.0, 7.0, 7.0]


def test_a_retry_after_of_hours_does_not_hold_a_pipeline_for_hours():
    assert waits(Patience(), {"Retry-After": "86400"}, 1) == [120.0]


def test_without_retry_after_the_waits_grow_and_outlast_a_minute():
    slept = waits(Patience(), count=10)
    assert all(before <= after for before, after in pairwise(slept))
    assert 60 <= sum(slept) <= 300


@pytest.mark.parametrize(
    ("verb", "status", "again"),
    [
        ("GET", 500, True),
        ("GET", 502, True),
        ("GET", 503, True),
        ("GET", 504, True),
        ("GET", 521, True),
        ("PUT", 500, True),
        ("DELETE", 502, True),
        ("POST", 500, False),
        ("POST", 502, False),
        ("POST", 503, False),
        ("POST", 429, True),
        ("GET", 429, True),
        ("GET", 404, False),
        ("GET", 401, False),
        ("PUT", 409, False),
        ("GET", 501, False),
    ],
)
def test_what_is_asked_again(verb, status, again):
    assert bool(Patience().is_retry(verb, status)) is again


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
@reads
def test_a_fault_of_the_server_is_asked_again(server, client, url, read, status):
    server.get(url, status=status, body=PAGE, content_type="text/html")
    server.get(url, json=issue() if url == ISSUE else BOT if url.endswith("/user") else [])
    read(client)
    assert len(server.calls) == 2


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("name", ["update a note", "delete a note", "update the issue"])
def test_a_write_that_may_be_done_twice_is_sent_again(server, client, name, status):
    verb, url, write = WRITES[name]
    server.add(verb, url, status=status, body=PAGE, content_type="text/html")
    server.add(verb, url, json=issue())
    write(client)
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500, "json": {"message": "500 Internal Server Error"}}, id="500"),
        pytest.param({"status": 502, "body": PAGE, "content_type": "text/html"}, id="502"),
        pytest.param({"status": 504, "body": ""}, id="504"),
        pytest.param({"body": ConnectionError("reset")}, id="reset"),
        pytest.param({"body": ReadTimeout("late")}, id="timeout"),
        pytest.param({"body": ChunkedEncodingError("cut")}, id="cut"),
        pytest.param({"status": 201, "body": '{"id": 9, "bo'}, id="half an answer"),
        pytest.param({"status": 200, "body": PAGE, "content_type": "text/html"}, id="a page"),
    ],
)
def test_a_comment_whose_fate_is_unknown_is_never_posted_again(server, client, fault):
    server.post(NOTES, **fault)
    with pytest.raises(UncertainError):
        client.create_note(1, 2, "x")
    assert len(server.calls) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
def test_a_comment_that_was_refused_is_no_uncertainty(server, client, status):
    server.post(NOTES, status=status, json={"message": "no"})
    with pytest.raises(IssueError) as caught:
        client.create_note(1, 2, "x")
    assert not isinstance(caught.value, UncertainError)
    assert len(server.calls) == 1


@pytest.mark.parametrize("fault", [ConnectionError("reset"), ReadTimeout("late"), ChunkedEncodingError("cut")])
def test_a_read_that_breaks_off_is_asked_again(server, client, fault):
    server.get(NOTES, body=fault)
    server.get(NOTES, json=[note(1)])
    assert len(client.fetch_notes(1, 2)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"body": PAGE, "content_type": "text/html"}, id="a page"),
        pytest.param({"body": "[{"}, id="half"),
        pytest.param({"body": "\x00\xff"}, id="binary"),
        pytest.param({"body": ""}, id="nothing"),
    ],
)
def test_an_answer_that_is_none_is_not_taken_for_an_empty_list(server, client, answer):
    """Without its notes every signature of a handover would be said to lack its proof."""
    server.get(NOTES, **answer)
    with pytest.raises(IssueError):
        client.fetch_notes(1, 2)


def test_an_object_in_place_of_a_list_fails_for_this_issue(server, client):
    server.get(NOTES, json={"message": "ok"})
    with pytest.raises(GitLabError):
        client.fetch_notes(1, 2)


def test_a_server_that_is_not_there_is_said_in_one_sentence(server, client):
    server.get(LIST, body=ConnectionError("Name or service not known"))
    with pytest.raises(AccessError, match="cannot be reached"):
        list(client.fetch_issues("projects/1"))


# --- locks ------------------------------------------------------------------------------------------------------------


def test_a_lock_in_the_body_is_tried_again_a_few_times_and_no_more(server, client):
    server.put(ISSUE, status=409, json={"message": "409 Conflict: Resource lock"})
    with pytest.raises(IssueError, match="locked"):
        client.update_issue(1, 2, {"add_labels": "a"})
    assert 2 <= len(server.calls) <= 5


def test_another_conflict_is_not_tried_again(server, client):
    server.put(ISSUE, status=409, json={"message": "Duplicated issue"})
    with pytest.raises(IssueError):
        client.update_issue(1, 2, {"add_labels": "a"})
    assert len(server.calls) == 1


def test_a_locked_comment_is_posted_again_since_nothing_was_done(server, client):
    server.post(NOTES, status=409, json={"message": "409 Conflict: Resource lock"})
    server.post(NOTES, status=201, json=note(9))
    assert client.create_note(1, 2, "x") == 9


# --- refusals ---------------------------------------------------------------------------------------------------------

REFUSALS = [
    (401, {"message": "401 Unauthorized"}),
    (
        401,
        {"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user."},
    ),
    (403, {"message": "403 Forbidden"}),
    (403, {"message": "403 Forbidden - Your IP"}),
    (403, {"error": "insufficient_scope", "error_description": "more", "scope": "api read_api"}),
    (404, {"message": "404 Project Not Found"}),
    (404, {"message": "404 Not found"}),
    (404, {"error": "404 Not Found"}),
    (400, {"message": {"title": ["is too long"]}}),
    (400, {"error": "state does not have a valid value"}),
    (405, {"error": "Offset pagination has a maximum"}),
    (418, {}),
    (422, {"message": {"error": "Unprocessable Entity"}}),
]


@pytest.mark.parametrize(("status", "body"), REFUSALS)
@reads
def test_every_refusal_is_one_of_our_errors_in_one_sentence_without_the_token(server, client, url, read, status, body):
    echo = {**body, "request": {"PRIVATE-TOKEN": TOKEN}}
    server.get(url, status=status, json=echo)
    with pytest.raises(HandoverError) as caught:
        read(client)
    sentence = str(caught.value)
    assert TOKEN not in sentence
    assert sentence.strip().endswith((".", ")"))
    assert "\n" not in sentence
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(("status", "body"), REFUSALS)
@writes
def test_every_refused_write_is_one_of_our_errors(server, client, verb, url, write, status, body):
    server.add(verb, url, status=status, json=body)
    with pytest.raises(HandoverError) as caught:
        write(client)
    assert TOKEN not in str(caught.value)


def test_the_token_goes_into_its_header_and_nowhere_else(server, client):
    server.get(LIST, json=[])
    list(client.fetch_issues("projects/1"))
    request = server.calls[0].request
    assert request.headers["PRIVATE-TOKEN"] == TOKEN
    assert TOKEN not in request.url
    assert TOKEN not in repr(vars(client)["requests"])


def test_an_unknown_project_is_named_as_people_know_it(server, client):
    server.get(f"{API}/projects/team%2Fhandovers/issues", status=404, json={"message": "404 Project Not Found"})
    with pytest.raises(AccessError, match="team/handovers"):
        list(client.fetch_issues(project_scope("team/handovers")))


# --- counting ---------------------------------------------------------------------------------------------------------


def test_repeated_requests_are_counted(server, client):
    server.get(NOTES, body="[")
    server.get(NOTES, json=[])
    client.fetch_notes(1, 2)
    assert client.requests == Counter({"GET notes": 2})


# --- applying ---------------------------------------------------------------------------------------------------------

PING = "<!-- handover:ping turn:review:5 seal=ab -->\n\nHello"
STATUS = "<!-- handover:status state=AAAA seal=ab -->\n\nAll is well"


@pytest.mark.parametrize("action", [PostPing(("turn:review:5",), PING), WriteStatus(0, STATUS)], ids=["ping", "status"])
@pytest.mark.parametrize("stored", ["{}", "{}\r\n"])
def test_a_lost_answer_is_made_good_by_finding_the_marker(server, client, action, stored):
    server.post(NOTES, body=ConnectionError("reset"))
    server.get(NOTES, json=[note(1, "other"), note(2, stored.format(action.body.replace("\n", "\r\n")))])
    apply_actions(client, 1, 2, [action], bot_id=7)
    assert [call.request.method for call in server.calls] == ["POST", "GET"]


def test_after_a_lost_answer_that_was_not_carried_out_nothing_more_is_written(server, client):
    server.post(NOTES, status=500, json={"message": "500 Internal Server Error"})
    server.get(NOTES, json=[note(1, "other")])
    with pytest.raises(UncertainError):
        apply_actions(
            client, 1, 2, [PostPing(("a:1",), PING), UpdateIssue(("x",), ()), WriteStatus(0, STATUS)], bot_id=7
        )
    assert [call.request.method for call in server.calls] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("labels", "error", "said"),
    [
        (["old"], AccessError, "Planner"),
        (["new", "old"], AccessError, "Planner"),
        ([], IssueError, "new"),
        (["NEW"], IssueError, "new"),
    ],
)
def test_the_answer_of_an_update_is_believed_only_for_what_it_shows(server, client, labels, error, said):
    """Nothing done: the role is too small, for every issue. Half of it done: something is odd with this one label."""
    server.put(ISSUE, json=issue(labels=labels))
    with pytest.raises(error, match=said):
        apply_actions(client, 1, 2, [UpdateIssue(("new",), ("old",))], bot_id=7)
    assert len(server.calls) == 1


@pytest.mark.parametrize("labels", [["new"], ["new", "other"]])
def test_an_update_that_was_done_is_good(server, client, labels):
    server.put(ISSUE, json=issue(labels=labels))
    apply_actions(client, 1, 2, [UpdateIssue(("new",), ("old",))], bot_id=7)
    assert len(server.calls) == 1


def test_labels_are_added_and_removed_and_never_replaced(server, client):
    server.put(ISSUE, json=issue(labels=["a", "b"], state="closed"))
    apply_actions(client, 1, 2, [UpdateIssue(("a", "b"), ("c",), close=True)], bot_id=7)
    sent = json.loads(server.calls[0].request.body)
    assert sent == {"add_labels": "a,b", "remove_labels": "c", "state_event": "close"}


def test_the_description_is_never_written(server, client):
    server.put(ISSUE, json=issue(labels=["a"]))
    server.post(NOTES, status=201, json=note(9))
    apply_actions(client, 1, 2, [PostPing(("a:1",), PING), UpdateIssue(("a",), ()), WriteStatus(0, STATUS)], bot_id=7)
    assert [call.request.url for call in server.calls if b"description" in (call.request.body or b"")] == []


def test_an_update_without_changes_sends_nothing(server, client):
    apply_actions(client, 1, 2, [UpdateIssue((), ())], bot_id=7)
    assert len(server.calls) == 0
