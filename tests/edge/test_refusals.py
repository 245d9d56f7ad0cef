"""What a server says when it refuses, in words that a person can read; and which of our errors it becomes."""

import json

import pytest
import responses

from automation.edge import setup
from automation.edge.gitlab import GitLab
from automation.edge.installed import read_hook
from automation.edge.refusals import read_said, translate
from automation.errors import AccessError, RefusedError, RoleError

URL = "https://gitlab.example.com"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "404 Project Not Found"}, "404 Project Not Found"),
        ({"error": "Invalid url given"}, "Invalid url given"),
        ({"message": {"base": ["Not allowed", "Nor this"]}}, "Not allowed Nor this"),
        ({"message": {"title": ["has already been taken"]}}, "title: has already been taken"),
        ({"message": ["one", "two"]}, "one two"),
        ({"error": "insufficient_scope", "error_description": "Needs more.", "scope": "api"}, "Needs more."),
        ({"message": None}, ""),
        ("just words", "just words"),
    ],
)
def test_words_are_read_out_of_what_the_server_says(body, words):
    said = read_said(json.dumps(body).encode())
    assert words in said
    assert not set("{}[]'") & set(said)


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"\xff\xfe", b'{"message": ' + b"9" * 5000])
def test_what_is_no_json_is_taken_as_it_is_and_cut(body):
    assert len(read_said(body)) <= 2000
    assert read_said(body).startswith(body[:9].decode(errors="replace"))


def test_a_refusal_carries_the_words_of_the_server():
    with responses.RequestsMock() as server:
        server.put(f"{URL}/api/v4/projects/1/boards/2", status=400, json={"message": {"name": ["is too long"]}})
        with pytest.raises(RefusedError) as error:
            setup.rename_board(GitLab(URL, "glpat-0"), "projects/1", 2, "Other")
        assert json.loads(server.calls[0].request.body) == {"name": "Other"}
    assert error.value.said == "name: is too long"


def test_an_address_without_a_gitlab_is_said():
    error = translate(404, "404 Not Found", "get", "/user", f"{URL}/api/v4")
    assert isinstance(error, AccessError)
    assert "without /api/v4" in str(error)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/groups/cs%2Fteam/labels", "for this in the group cs/team: give it"),
        ("/projects/1/labels", "for this: give it"),
    ],
)
def test_a_role_that_is_needed_in_the_group_is_said_so(path, words):
    error = translate(403, "", "post", path, URL)
    assert isinstance(error, RoleError)
    assert words in str(error)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, (False, True)),
        ({"push_events": True, "enable_ssl_verification": False}, (True, False)),
        ({"push_events": False, "enable_ssl_verification": True}, (False, True)),
    ],
)
def test_a_webhook_tells_whether_it_sends_pushes_and_to_whom(content, expected):
    hook = read_hook({"id": 1, "url": URL, **content})
    assert (hook.has_pushes, hook.verifies_server) == expected
