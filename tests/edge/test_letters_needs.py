"""What letters need of GitLab: files that comments link to, internal comments, names and addresses of people."""

import json
import time

import pytest
import responses
from requests.exceptions import ChunkedEncodingError, ConnectionError, ReadTimeout

from automation.edge.gitlab import GitLab
from automation.errors import AccessError, IssueError, UncertainError
from automation.sandbox import Fault, Sandbox, World
from automation.sandbox.forms import SentFile, parse_form
from automation.sandbox.model import GUEST, REPORTER

URL = "https://gitlab.example.com"
API = f"{URL}/api/v4"
TOKEN = "glpat-0123456789abcdefghij"
UPLOADS = f"{API}/projects/1/uploads"
NOTES = f"{API}/projects/1/issues/2/notes"
PERSON = f"{API}/users/5"
SECRET = "0123456789abcdef0123456789abcdef"
LINK = f"/uploads/{SECRET}/letter.eml"
MAIL = b"From: a@example.com\r\n\r\n\x00\xff lone \r and\n"


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as server:
        yield server


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return GitLab(URL, TOKEN)


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_sent_byte_for_byte_and_its_link_returned(server, client):
    server.post(UPLOADS, status=201, json={"id": 1, "url": LINK, "markdown": f"[letter.eml]({LINK})"})
    assert client.upload_file(1, "letter.eml", MAIL) == LINK
    sent = server.calls[0].request
    assert parse_form(sent.headers["Content-Type"], sent.body) == {"file": SentFile("letter.eml", MAIL)}
    assert sent.headers["PRIVATE-TOKEN"] == TOKEN


@pytest.mark.parametrize("name", ["für Müller.eml", "letter.eml", "F_1+a-b.EML"])
def test_the_name_may_hold_letters_of_any_language(server, client, name):
    link = f"/uploads/{SECRET}/{name.replace(' ', '_')}"
    server.post(UPLOADS, status=201, json={"url": link})
    assert client.upload_file(1, name, MAIL) == link


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"url": None},
        {"url": ""},
        {"url": f"{URL}{LINK}"},
        {"url": f"/acme/handovers{LINK}"},
        {"url": "/uploads/0123456789abcdef/letter.eml"},
        {"url": f"/uploads/{SECRET}/a b.eml"},
        {"url": f"/uploads/{SECRET}/../x"},
        {"url": f"/uploads/{SECRET}/.."},
        {"url": f"/uploads/{SECRET}/x)[y](https://evil.example"},
        {"url": f"/uploads/{SECRET}/x\n/close"},
        {"url": ["/uploads"]},
    ],
)
def test_an_address_that_is_none_never_reaches_a_comment(server, client, answer):
    server.post(UPLOADS, status=201, json=answer)
    with pytest.raises(IssueError, match="no comment can link to it"):
        client.upload_file(1, "letter.eml", MAIL)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500, "json": {"message": "500 Internal Server Error"}}, id="500"),
        pytest.param({"status": 502, "body": "<html>502</html>", "content_type": "text/html"}, id="502"),
        pytest.param({"body": ConnectionError("reset")}, id="reset"),
        pytest.param({"body": ReadTimeout("late")}, id="timeout"),
        pytest.param({"body": ChunkedEncodingError("cut")}, id="cut"),
        pytest.param({"status": 201, "body": '{"id": 9, "ur'}, id="half an answer"),
        pytest.param({"status": 201, "json": []}, id="a list"),
    ],
)
def test_a_file_whose_fate_is_unknown_is_not_sent_again(server, client, fault):
    server.post(UPLOADS, **fault)
    with pytest.raises(UncertainError):
        client.upload_file(1, "letter.eml", MAIL)
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, {"message": "403 Forbidden"}, "may not upload"),
        (413, "Request Entity Too Large", "larger than"),
        (400, {"error": "file is invalid"}, "HTTP 400"),
        (422, {"message": "no"}, "HTTP 422"),
    ],
)
def test_a_refused_file_stops_nothing_but_its_own_issue(server, client, status, body, said):
    server.post(UPLOADS, status=status, **({"json": body} if isinstance(body, dict) else {"body": body}))
    with pytest.raises(IssueError, match=said) as caught:
        client.upload_file(1, "letter.eml", MAIL)
    assert not isinstance(caught.value, UncertainError)
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"message": "401 Unauthorized"}),
        (403, {"error": "insufficient_scope", "scope": "api"}),
        (404, {"message": "404 Project Not Found"}),
    ],
)
def test_what_holds_for_every_file_stops_the_run(server, client, status, body):
    server.post(UPLOADS, status=status, json=body)
    with pytest.raises(AccessError):
        client.upload_file(1, "letter.eml", MAIL)


def test_files_are_counted_as_uploads_and_people_as_user(server, client):
    server.post(UPLOADS, status=201, json={"url": LINK})
    server.get(PERSON, json={"id": 5})
    client.upload_file(1, "letter.eml", MAIL)
    client.fetch_public_email(5)
    assert dict(client.requests) == {"POST uploads": 1, "GET user": 1}


# --- internal comments ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sent"), [({}, {"body": "x"}), ({"is_internal": True}, {"body": "x", "internal": True})]
)
def test_a_comment_is_internal_only_when_asked_for(server, client, options, sent):
    server.post(NOTES, status=201, json={"id": 9})
    assert client.create_note(1, 2, "x", **options) == 9
    assert json.loads(server.calls[0].request.body) == sent


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "email"),
    [
        ({"public_email": "ada@example.com"}, "ada@example.com"),
        ({"public_email": " ada@example.com\n"}, "ada@example.com"),
        ({"public_email": ""}, ""),
        ({"public_email": None}, ""),
        ({}, ""),
        ({"email": "hidden@example.com"}, ""),
    ],
)
def test_an_address_is_that_which_the_person_shows(server, client, answer, email):
    server.get(PERSON, json={"id": 5, "username": "ada", **answer})
    assert client.fetch_public_email(5) == email


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, {"message": "404 User Not Found"}), (403, {"message": "403 Forbidden - Not authorized!"})],
)
def test_somebody_who_is_hidden_or_gone_shows_no_address(server, client, status, body):
    server.get(PERSON, status=status, json=body)
    assert client.fetch_public_email(5) == ""


@pytest.mark.parametrize("answer", [{"status": 400, "json": {}}, {"status": 500, "json": {}}, {"body": "<html>"}])
def test_a_person_who_cannot_be_looked_up_is_the_issues_own_trouble(server, client, answer):
    server.get(PERSON, **answer)
    with pytest.raises(IssueError):
        client.fetch_public_email(5)


@pytest.mark.parametrize(
    ("status", "body"), [(401, {"message": "401 Unauthorized"}), (403, {"error": "insufficient_scope"})]
)
def test_a_bad_token_is_not_taken_for_a_hidden_person(server, client, status, body):
    server.get(PERSON, status=status, json=body)
    with pytest.raises(AccessError):
        client.fetch_public_email(5)


@pytest.mark.parametrize(("about", "name"), [({"name": "Ada Lind"}, "Ada Lind"), ({"name": None}, ""), ({}, "")])
def test_a_member_has_a_full_name(server, client, about, name):
    member = {"id": 5, "username": "ada", "access_level": 20, "state": "active", **about}
    server.get(f"{API}/projects/1/members/all", json=[member])
    assert [(each.name, each.id, each.is_active) for each in client.fetch_members("projects/1")] == [(name, 5, True)]


# --- against the sandbox ----------------------------------------------------------------------------------------------


@pytest.fixture
def world():
    world = World()
    world.add_project("acme/handovers")
    for username, name, email, level in (
        ("carol", "Carol Meyer", "carol@example.com", REPORTER),
        ("gus", "Gus Hale", "", GUEST),
    ):
        world.add_member("acme/handovers", world.add_user(username, name, email), level)
    world.create_issue("acme/handovers", "carol", "t")
    return world


@pytest.fixture
def sandbox(world):
    with Sandbox(world) as sandbox:
        yield sandbox


@pytest.fixture
def bot(sandbox, world, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return GitLab(sandbox.url, world.add_bot("acme/handovers")[1])


def test_an_internal_comment_links_to_its_file(bot, world):
    link = bot.upload_file(1, "letter to Müller & Co.eml", MAIL)
    bot.create_note(1, 1, f"[The letter]({link})", is_internal=True)
    (file,) = world.list_files("acme/handovers")
    (note,) = world.list_notes("acme/handovers", 1)
    assert (file.name, file.content, link) == (
        "letter_to_Müller___Co.eml",
        MAIL,
        f"/uploads/{file.secret}/{file.name}",
    )
    assert (note.body, note.is_internal) == (f"[The letter]({link})", True)


@pytest.mark.parametrize("kind", ["429-rack", "429-application", "409-lock"])
def test_a_file_that_was_turned_away_is_sent_again_whole(bot, sandbox, world, kind):
    faults = iter([Fault(kind), Fault(kind)])
    sandbox.on_request = lambda info: next(faults, None)
    bot.upload_file(1, "letter.eml", MAIL)
    assert [each.content for each in world.list_files("acme/handovers")] == [MAIL]


def test_a_file_whose_answer_was_lost_is_there_once(bot, sandbox, world):
    sandbox.on_request = lambda info: Fault("reset-after")
    with pytest.raises(UncertainError):
        bot.upload_file(1, "letter.eml", MAIL)
    assert len(world.list_files("acme/handovers")) == 1


def test_a_file_above_the_servers_limit_is_the_issues_own_trouble(bot, world):
    world.max_upload_bytes = 3
    with pytest.raises(IssueError, match="larger"):
        bot.upload_file(1, "letter.eml", MAIL)


def test_a_guest_may_not_write_an_internal_comment(sandbox, world):
    with pytest.raises(IssueError, match="Planner or Reporter"):
        GitLab(sandbox.url, world.add_token("gus")).create_note(1, 1, "x", is_internal=True)
    assert world.list_notes("acme/handovers", 1) == ()


def test_people_are_known_by_name_and_by_the_address_they_show(bot):
    members = {each.username: each for each in bot.fetch_members("projects/1")}
    assert {name: (members[name].name, bot.fetch_public_email(members[name].id)) for name in ("carol", "gus")} == {
        "carol": ("Carol Meyer", "carol@example.com"),
        "gus": ("Gus Hale", ""),
    }
