"""Files of a project: how they come in, who lists them, who may save them (GitLab: lib/api/markdown_uploads.rb)."""

import re
from http.client import HTTPConnection

import pytest
import requests

from automation.sandbox.forms import SentFile, parse_form
from automation.sandbox.uploads import clean_name
from tests.sandbox.conftest import PROJECT

MAIL = b"From: a@example.com\r\nX-Unsent: 1\r\n\r\n--not a boundary\r\n\x00\xff\n\r lone\r\n"


@pytest.fixture
def send(sandbox, world):
    """Return a function that uploads a file over the API in somebody's name."""

    def send(user="gus", name="letter.eml", content=MAIL, project=1, **form):
        headers = {"PRIVATE-TOKEN": world.add_token(user)} if user else {}
        form = form or {"files": {"file": (name, content)}}
        return requests.post(f"{sandbox.url}/api/v4/projects/{project}/uploads", headers=headers, timeout=5, **form)

    return send


@pytest.fixture
def browse(sandbox):
    """Return a function that opens a page as somebody."""

    def browse(path, person="gus"):
        cookies = {"handover_sandbox_person": person}
        return requests.get(sandbox.url + path, cookies=cookies, timeout=5)

    return browse


def test_the_answer_says_how_to_link_to_the_file(send):
    answer = send()
    sent = answer.json()
    secret = re.fullmatch(r"/uploads/([0-9a-f]{32})/letter\.eml", sent["url"])[1]
    assert (answer.status_code, sent) == (
        201,
        {
            "id": 1,
            "alt": "letter.eml",
            "url": f"/uploads/{secret}/letter.eml",
            "full_path": f"/-/project/1/uploads/{secret}/letter.eml",
            "markdown": f"[letter.eml](/uploads/{secret}/letter.eml)",
        },
    )


def test_a_picture_is_shown_in_place_of_linked(send, browse):
    sent = send(name="plan.PNG", content=b"\x89PNG").json()
    assert (sent["alt"], sent["markdown"]) == ("plan", f"![plan]({sent['url']})")
    assert browse(sent["full_path"]).headers["Content-Disposition"].startswith("inline;")


def test_the_same_file_twice_makes_two(send, world):
    addresses = {send().json()["url"] for _ in range(2)}
    assert (len(addresses), len(world.list_files(PROJECT))) == (2, 2)


@pytest.mark.parametrize(
    ("user", "status"), [("gus", 201), ("ben", 201), ("otto", 404), (None, 401)], ids=["guest", "reporter", "-", "0"]
)
def test_whoever_reads_the_project_may_upload(send, world, user, status):
    assert send(user).status_code == status
    assert len(world.list_files(PROJECT)) == (status == 201)


def test_a_reading_scope_uploads_nothing(sandbox, world):
    token = world.add_token("ben", ("read_api",))
    answer = requests.post(
        f"{sandbox.url}/api/v4/projects/1/uploads",
        headers={"PRIVATE-TOKEN": token},
        files={"file": ("a", b"a")},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"data": {}}, "file is missing"),
        ({"json": {"file": "x"}}, "file is invalid"),
        ({"data": {"file": "x"}}, "file is invalid"),
        ({"files": {"other": ("a", b"a")}}, "file is missing"),
        ({"data": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "file is missing"),
    ],
)
def test_without_a_file_nothing_is_kept(sandbox, world, form, error):
    headers = {"PRIVATE-TOKEN": world.add_token("ben"), **form.pop("headers", {})}
    answer = requests.post(f"{sandbox.url}/api/v4/projects/1/uploads", headers=headers, timeout=5, **form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert world.list_files(PROJECT) == ()


def test_a_file_above_the_limit_is_refused(send, world):
    world.max_upload_bytes = len(MAIL) - 1
    assert send().status_code == 413
    world.max_upload_bytes = len(MAIL)
    assert send().status_code == 201


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("letter.eml", "letter.eml"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\carol\\a b.eml", "a_b.eml"),
        ("Für Müller & Söhne (1).eml", "Für_Müller___Söhne__1_.eml"),
        ('a"][b](http://x).eml', "x_.eml"),
        ("..", "_.."),
        ("", "unnamed"),
        ("a\r\nSet-Cookie: x", "a__Set-Cookie__x"),
    ],
)
def test_names_lose_their_folders_and_odd_characters(name, kept):
    assert clean_name(name) == kept


def test_a_name_that_is_odd_on_the_wire_cannot_break_the_link(send):
    sent = send(name='x"](http://evil.example) ä.eml').json()
    assert re.fullmatch(r"/uploads/[0-9a-f]{32}/[\w.+-]+", sent["url"])


@pytest.mark.parametrize("boundary", ["boundary=xx", 'boundary="xx"', "charset=utf-8; boundary=xx; more=1"])
def test_a_form_gives_each_field_byte_for_byte(boundary):
    body = (
        b'preamble\r\n--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nwords\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="file"; filename="l.eml"\r\n'
        b"Content-Type: message/rfc822\r\n\r\n" + MAIL + b"\r\n--xx--\r\nepilogue"
    )
    assert parse_form(f"multipart/form-data; {boundary}", body) == {"a": "words", "file": SentFile("l.eml", MAIL)}


def test_only_maintainers_list_the_files(send, sandbox, world, clock):
    send("gus", "first.eml")
    clock.advance(minutes=1)
    send("ben", "second.eml")
    url = f"{sandbox.url}/api/v4/projects/1/uploads"
    refused = requests.get(url, headers={"PRIVATE-TOKEN": world.add_token("ben")}, timeout=5)
    assert (refused.status_code, refused.json()) == (403, {"message": "403 Forbidden"})
    world.add_member(PROJECT, "otto", 40)
    listed = requests.get(url, headers={"PRIVATE-TOKEN": world.add_token("otto")}, timeout=5).json()
    assert [each["filename"] for each in listed] == ["second.eml", "first.eml"]
    assert listed[1] == {
        "id": 1,
        "size": len(MAIL),
        "filename": "first.eml",
        "created_at": "2026-11-30T09:00:00.000Z",
        "uploaded_by": {"id": world.user("gus").id, "username": "gus", "name": "Gus"},
    }


def test_who_reads_the_project_saves_the_file_as_it_was_sent(send, browse):
    answer = browse(send().json()["full_path"])
    assert (answer.status_code, answer.content) == (200, MAIL)
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"letter.eml\"; filename*=UTF-8''letter.eml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_name_beyond_ascii_stands_in_the_header_twice(send, browse):
    answer = browse(send(name="für.eml").json()["full_path"])
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"f?r.eml\"; filename*=UTF-8''f%C3%BCr.eml"


@pytest.mark.parametrize("name", ["a.html", "a.svg"])
def test_what_could_act_is_only_ever_saved(send, browse, name):
    answer = browse(send(name=name, content=b"<script>alert(1)</script>").json()["full_path"])
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_the_address_of_older_servers_leads_there_too(send, browse):
    assert browse(f"/{PROJECT}{send().json()['url']}").content == MAIL


def test_from_outside_there_is_no_file(send, browse):
    sent = send().json()
    assert browse(sent["full_path"], "otto").status_code == 404
    assert browse(f"/{PROJECT}{sent['url']}", "otto").status_code == 404


def test_the_secret_the_name_and_the_project_must_all_be_right(send, browse, world):
    world.add_project("acme/other", "public")
    path = send().json()["full_path"]
    secret = path.split("/")[5]
    for wrong in (
        path.replace(secret, "0" * 32),
        path.replace("letter.eml", "other.eml"),
        path.replace("/project/1/", "/project/2/"),
        path.replace("/project/1/", "/project/9/"),
    ):
        assert browse(wrong).status_code == 404, wrong


def test_a_file_is_not_for_a_page_whose_name_only_points_here(send, sandbox):
    connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request("GET", send().json()["full_path"], headers={"Host": "evil.example"})
    assert connection.getresponse().status == 403
    connection.close()
