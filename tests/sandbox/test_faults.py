"""What goes wrong on purpose (gitlab-facts 9.1)."""

import gitlab
import pytest
import requests

from automation.sandbox import Fault, Sandbox
from automation.sandbox.faults import Throttle
from tests.sandbox.conftest import PROJECT


@pytest.fixture
def post(sandbox, world):
    """Return a function that posts a note while the given fault happens."""
    world.create_issue(PROJECT, "ben", "t")
    headers = {"PRIVATE-TOKEN": world.add_token("ben")}
    path = f"{sandbox.url}/api/v4/projects/1/issues/1/notes"

    def send(fault):
        sandbox.on_request = lambda info: fault
        return requests.post(path, json={"body": "x"}, headers=headers, timeout=5)

    return send


def count_notes(world):
    return len(world.list_notes(PROJECT, 1))


def test_throttle_of_the_server(post, world):
    answer = post(Fault("429-rack", retry_after=7))
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (429, "Retry later\n", "text/plain")
    assert (answer.headers["Retry-After"], answer.headers["RateLimit-Remaining"]) == ("7", "0")
    assert count_notes(world) == 0


@pytest.mark.parametrize("retry_after", [None, 60])
def test_throttle_of_one_endpoint_with_and_without_header(post, retry_after):
    answer = post(Fault("429-application", retry_after=retry_after))
    text = "This endpoint has been requested too many times. Try again later."
    assert answer.json() == {"message": {"error": text}}
    assert answer.headers.get("Retry-After") == (str(retry_after) if retry_after else None)
    assert "RateLimit-Reset" not in answer.headers


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("500", 500, '{"message": "500 Internal Server Error"}'),
        ("503", 503, '{"message": "503 Service Unavailable"}'),
        ("409-lock", 409, '{"message": "409 Conflict: Resource lock"}'),
    ],
)
def test_failures_in_json_do_nothing(post, world, kind, status, body):
    answer = post(Fault(kind))
    assert (answer.status_code, answer.text, count_notes(world)) == (status, body, 0)


def test_bad_gateway_is_a_web_page(post):
    answer = post(Fault("502"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


def test_reset_before_does_nothing(post, world, sandbox):
    with pytest.raises(requests.ConnectionError):
        post(Fault("reset-before"))
    assert (count_notes(world), sandbox.requests[-1].status) == (0, None)


def test_reset_after_loses_the_answer_of_a_note_that_was_written(post, world, sandbox):
    with pytest.raises(requests.ConnectionError):
        post(Fault("reset-after"))
    assert (count_notes(world), sandbox.requests[-1].status) == (1, 201)


def test_truncated_answer_is_no_json(post, world):
    with pytest.raises(requests.JSONDecodeError):
        post(Fault("truncated")).json()
    assert count_notes(world) == 1


def test_slow_answer_comes(post, world):
    answer = post(Fault("slow", seconds=0.05))
    assert (answer.status_code, answer.elapsed.total_seconds() >= 0.05) == (201, True)


def test_hook_hears_of_each_request_and_may_change_the_world(sandbox, client, world):
    heard = []
    world.create_issue(PROJECT, "ben", "t", "- [ ] 1.1 one")

    def tick_before_the_write(info):
        heard.append((info.number, info.method, info.path, info.user))
        if info.method == "PUT":
            world.tick(PROJECT, 1, "1.1", "pia")

    sandbox.on_request = tick_before_the_write
    answer = client().http_put("/projects/1/issues/1", post_data={"add_labels": "a"})
    assert heard == [(1, "PUT", "/api/v4/projects/1/issues/1", "ben")]
    assert answer["task_completion_status"]["completed_count"] == 1


def test_requests_are_logged_until_cleared(sandbox, client):
    client().projects.list  # noqa: B018 (asks nothing)
    client().http_get("/projects/1/issues", query_data={"state": "opened"})
    logged = sandbox.requests[-1]
    assert (logged.method, logged.path, logged.query) == ("GET", "/api/v4/projects/1/issues", "state=opened")
    assert (logged.user, logged.status) == ("ben", 200)
    sandbox.requests.clear()
    assert sandbox.requests == []


def test_limit_of_requests_a_minute(world):
    token = world.add_token("ben")
    with Sandbox(world, requests_per_minute=2) as sandbox:
        client = gitlab.Gitlab(sandbox.url, private_token=token)
        answers = [client.http_get("/user", obey_rate_limit=False) for _ in range(2)]
        with pytest.raises(gitlab.GitlabHttpError) as refused:
            client.http_get("/user", obey_rate_limit=False)
    assert (len(answers), refused.value.response_code) == (2, 429)


def test_limit_counts_each_user_in_each_minute():
    seconds = 30.0
    throttle = Throttle(1, lambda: seconds)
    assert throttle.check("ben") is None
    assert throttle.check("pia") is None
    assert throttle.check("ben").headers["Retry-After"] == "31"
    seconds = 61.0
    assert throttle.check("ben") is None


def test_a_stopped_server_answers_no_more_on_kept_connections(world):
    headers = {"PRIVATE-TOKEN": world.add_token("ben")}
    sandbox = Sandbox(world).start()
    session = requests.Session()
    assert session.get(f"{sandbox.url}/api/v4/user", headers=headers, timeout=5).ok
    sandbox.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(f"{sandbox.url}/api/v4/user", headers=headers, timeout=5)
