"""Whether addresses lead somewhere, asked of a small server on this machine that can be as odd as the web."""

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NameResolutionError

from automation.edge.links import Limits, ask_links

HASTY = Limits(connect=2.0, read=0.2, whole=1.0, pause=0.0)
CALM = Limits(connect=5.0, read=5.0, whole=20.0, pause=0.0)


class Web:
    """A server whose paths answer as they are named; ``asked`` keeps verb, path and headers of each request."""

    def __init__(self):
        self.pages = {}
        self.asked = []
        self.is_over = threading.Event()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                web.asked.append((self.command, self.path, dict(self.headers)))
                with suppress(OSError):
                    web.pages[self.path](self)

            do_GET = do_HEAD = answer  # noqa: N815 (named by the base class)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.005,), daemon=True)
        self.thread.start()

    def stop(self):
        self.is_over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def put(self, path, *statuses, **headers):
        """Let *path* answer with *statuses* in turn, the last of them for ever, and return its address."""
        left = list(statuses)

        def answer(handler):
            handler.send_response(left.pop(0) if len(left) > 1 else left[0])
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()

        return self.let(path, answer)

    def let(self, path, answer):
        self.pages[path] = answer
        return f"http://127.0.0.1:{self.port}{path}"

    def verbs(self, path):
        return [verb for verb, asked, _ in self.asked if asked == path]


@pytest.fixture
def web():
    web = Web()
    yield web
    web.stop()


def ask(address, limits=CALM):
    return ask_links([address], limits)[address]


@pytest.mark.parametrize("status", [200, 204, 206])
def test_a_page_that_is_there_is_fine_after_one_short_question(web, status):
    assert ask(web.put("/a", status)) == ""
    assert web.verbs("/a") == ["HEAD"]


@pytest.mark.parametrize("refusal", [403, 404, 405, 501])
def test_a_server_that_refuses_head_is_asked_as_a_browser_would(web, refusal):
    assert ask(web.put("/a", refusal, 200)) == ""
    assert web.verbs("/a") == ["HEAD", "GET"]


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_page_behind_a_door_is_there(web, status):
    assert ask(web.put("/a", status)) == ""


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_told(web, status):
    assert ask(web.put("/a", status)) == f"The page is gone (HTTP {status})."


@pytest.mark.parametrize("status", [400, 406, 451])
def test_a_page_that_is_refused_is_told(web, status):
    assert ask(web.put("/a", status)) == f"The server refuses the page (HTTP {status})."


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_that_fails_is_asked_once_more(web, status):
    assert ask(web.put("/a", status, 200)) == ""
    assert ask(web.put("/b", status)) == f"The server fails, twice (HTTP {status})."
    assert web.verbs("/b") == ["HEAD", "GET"]


def test_a_body_without_an_end_is_not_read(web):
    def pour(handler):
        handler.send_response(405 if handler.command == "HEAD" else 200)
        handler.end_headers()
        while handler.command == "GET" and not web.is_over.is_set():
            handler.wfile.write(b"x" * 65536)

    assert ask(web.let("/a", pour)) == ""


# --- redirects --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_host_is_followed(web, status):
    web.put("/b", 200)
    web.put("/c", 404)
    assert ask(web.put("/a", status, Location="/b")) == ""
    assert ask(web.put("/d", status, Location="c")) == "The page is gone (HTTP 404)."


@pytest.mark.parametrize("status", [301, 308])
def test_a_page_that_moved_for_good_to_another_host_says_where_to(web, status):
    there = f"http://localhost:{web.port}/b"
    web.put("/b", 200)
    assert ask(web.put("/a", status, Location=there)) == f"It has moved for good to {there}: write that address."
    assert web.verbs("/b") == []


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_door_on_another_host_is_fine_and_not_opened(web, status):
    web.put("/b", 404)
    assert ask(web.put("/a", status, Location=f"http://localhost:{web.port}/b")) == ""
    assert web.verbs("/b") == []


def test_a_move_is_for_good_only_when_each_step_is(web):
    elsewhere = f"http://localhost:{web.port}/x"
    web.put("/good", 301, Location=elsewhere)
    assert ask(web.put("/a", 302, Location="/good")) == ""
    assert "for good" in ask(web.put("/b", 308, Location="/good"))


def test_five_redirects_are_followed_and_no_more(web):
    web.put("/0", 200)
    addresses = [web.put(f"/{number}", 302, Location=f"/{number - 1}") for number in range(1, 7)]
    assert list(ask_links(addresses, CALM).values()) == [""] * 5 + ["It redirects more than 5 times and leads nowhere."]


def test_a_circle_of_redirects_is_told(web):
    assert ask(web.put("/a", 301, Location="/a")) == "It redirects more than 5 times and leads nowhere."
    assert len(web.asked) == 6


@pytest.mark.parametrize("location", ["javascript:alert(1)", "file:///etc/passwd", "ftp://example.com/"])
def test_a_redirect_to_what_is_no_page_is_told(web, location):
    assert "nothing that a browser could open" in ask(web.put("/a", 301, Location=location))


def test_a_redirect_without_a_target_is_told(web):
    assert ask(web.put("/a", 302)) == "It redirects to nothing that a browser could open (HTTP 302)."


@pytest.mark.parametrize("name", ["\x1b[31m", "a b", "<b>", "é", "x" * 500])
def test_what_a_server_names_is_shown_on_one_harmless_line(web, name):
    said = ask(web.put("/a", 301, Location=f"http://localhost/{name}"))
    assert said.isascii()
    assert said.isprintable()
    assert len(said) < 300
    assert said.startswith("It has moved for good to http://localhost/")


# --- servers that cannot be reached -----------------------------------------------------------------------------------


def test_a_server_that_is_silent_is_given_up(web):
    said = ask(web.let("/a", lambda handler: web.is_over.wait()), HASTY)
    assert said == "The server gives no answer in time."


def test_a_server_that_drips_is_given_up_too(web):
    def drip(handler):
        while not web.is_over.wait(0.05):
            handler.wfile.write(b"H")

    assert ask(web.let("/a", drip), HASTY) == "The server does not come to the end of its answer."


def test_a_server_that_hangs_up_is_told(web):
    assert (
        ask(web.let("/a", lambda handler: handler.connection.close())) == "The server cannot be reached, or hangs up."
    )


def test_a_port_that_nobody_listens_on_is_told():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert ask(f"http://127.0.0.1:{probe.getsockname()[1]}/") == "The server cannot be reached, or hangs up."


def test_a_server_without_tls_is_told(web):
    said = ask(f"https://127.0.0.1:{web.port}/a")
    assert said == "The server speaks no TLS, or its certificate is not valid."


def test_a_host_that_nobody_knows_is_told():
    unknown = NameResolutionError("nowhere.example", None, socket.gaierror(-2, "Name or service not known"))
    with responses.RequestsMock() as mock:
        mock.head("https://nowhere.example/", body=requests.ConnectionError(MaxRetryError(None, "/", unknown)))
        assert ask("https://nowhere.example/") == "No host of this name is known (DNS)."


@pytest.mark.parametrize(
    "address", ["", "docs", "mailto:a@example.com", "http://", "http://[::1", "http://a b/", "//x"]
)
def test_what_is_no_address_is_told(address):
    assert ask(address) == "This is no address that a browser could open."


# --- many of them -----------------------------------------------------------------------------------------------------


def test_each_address_is_asked_once_and_answered_in_order(web):
    good, gone = web.put("/good", 200), web.put("/gone", 404)
    slow = web.let("/slow", lambda handler: web.is_over.wait())
    assert list(ask_links([slow, good, gone, good, good], HASTY).items()) == [
        (slow, "The server gives no answer in time."),
        (good, ""),
        (gone, "The page is gone (HTTP 404)."),
    ]
    assert web.verbs("/good") == ["HEAD"]


def test_no_addresses_need_no_network():
    assert ask_links([]) == {}


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_neither_cookies_nor_passwords_are_sent(web, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    web.put("/b", 405, 200)
    ask(web.put("/a", 302, Location="/b", Set_Cookie="seen=1"))
    ask(f"http://me:secret@127.0.0.1:{web.port}/b")
    assert len(web.asked) == 4
    for _, _, headers in web.asked:
        assert headers["User-Agent"] == "handover"
        assert not {"Cookie", "Authorization", "PRIVATE-TOKEN", "Referer"} & set(headers)
