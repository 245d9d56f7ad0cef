"""Letters over a real server: when a draft is offered, what is uploaded, what the command line gives out."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import re
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from automation.cli import cli
from automation.core.configuration import LetterSettings
from automation.errors import HandoverError
from automation.sandbox.faults import Fault
from automation.sandbox.sample import PEOPLE, PROJECT
from tests.builders import sample_book
from tests.scene import FILLED, ROOT, Scene

NAME = "cse-plus-transition"
CONTACTS = "Ada Lind ada@acme.example"


def with_line(text, label, value):
    changed, count = re.subn(rf"(?m)^(- \*\*{re.escape(label)}:\*\*).*$", lambda match: f"{match[1]} {value}", text)
    assert count == 1
    return changed


UNSENT = FILLED
for label, value in {
    "Customer": "Acme",
    "Handover date": "2026-12-01",
    "Letter planned for": "2026-11-20",
    "Letter sent on": "_date_",
    "Customer contacts": CONTACTS,
}.items():
    UNSENT = with_line(UNSENT, label, value)


def offers(scene, iid):
    """Return the comments that offer a letter."""
    return [body for body in scene.comments(iid) if body.startswith("<!-- handover:ping letter:")]


def internal(scene, iid):
    return [note.is_internal for note in scene.world.list_notes(PROJECT, iid) if "handover:ping letter:" in note.body]


@pytest.fixture
def scene():
    with Scene() as scene:
        scene.repository = replace(scene.repository, letters=sample_book())
        yield scene


@pytest.fixture
def agreed(scene):
    """A handover in which the AE has agreed, and triage has not run since."""
    iid = scene.create(UNSENT)
    scene.finish_until(iid, "customer-communication")
    scene.run()
    scene.clock.advance(days=1)
    scene.tick(iid, "5.2", "alex")
    return scene, iid


# --- offering ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_offered_once_the_ae_has_agreed_and_not_before(agreed):
    scene, iid = agreed
    assert offers(scene, iid) == []
    assert "comes as a draft in a comment of its own" in scene.status(iid)
    scene.run()
    assert len(offers(scene, iid)) == 1
    assert "Its draft is in a comment of its own." in scene.status(iid)


def test_a_second_run_offers_and_uploads_nothing_more(agreed):
    scene, iid = agreed
    scene.run()
    before = scene.comments(iid)
    outcome = scene.run()
    assert (scene.comments(iid), outcome.changed) == (before, 0)
    assert len(scene.world.list_files(PROJECT)) == 1


def test_the_comment_has_everything_that_the_csm_needs(agreed):
    scene, iid = agreed
    scene.run()
    body = offers(scene, iid)[0]
    for said in (
        "@carol,",
        "<details>",
        "- **To:** `Ada Lind <ada@acme.example>`",
        "- **Cc:** `Alex Novak <alex@example.com>`",
        "- **Bcc:** `timeline@example.com`",
        f"{NAME}, version 1",
        "As agreed, it may go out from **20 November 2026** on.",
        "Fill in **Letter sent on**, and tick 5.1 and 5.3.",
    ):
        assert said in body
    assert "handover:file" not in body


def test_the_uploaded_file_is_the_draft_whose_digest_is_told(agreed):
    scene, iid = agreed
    scene.run()
    body, (upload,) = offers(scene, iid)[0], scene.world.list_files(PROJECT)
    assert re.search(rf"\[{NAME}-{iid}\.eml\]\(/uploads/[0-9a-f]{{32}}/{NAME}-{iid}\.eml\)", body)
    assert hashlib.sha256(upload.content).hexdigest() in body
    mail = email.message_from_bytes(upload.content, policy=email.policy.strict)
    assert mail["X-Unsent"] == "1"
    assert (mail["From"], mail["Bcc"]) == ("Carol Meyer <carol@example.com>", "timeline@example.com")


@pytest.mark.parametrize(("draft", "expected"), [("internal", [True]), ("comment", [False]), ("off", [])])
def test_the_draft_comes_where_the_configuration_wants_it(agreed, draft, expected):
    scene, iid = agreed
    settings = replace(scene.repository.configuration, letters=LetterSettings("timeline@example.com", draft=draft))
    scene.repository = replace(scene.repository, configuration=settings)
    scene.run()
    assert internal(scene, iid) == expected
    assert ("✉️" in scene.status(iid)) == (draft != "off")


def test_a_letter_that_was_sent_is_not_offered(agreed):
    scene, iid = agreed
    scene.write(iid, "Letter sent on", "2026-11-03")
    scene.run()
    assert offers(scene, iid) == []
    assert "✉️" not in scene.status(iid)


def test_an_agreement_by_somebody_else_offers_nothing(scene):
    iid = scene.create(UNSENT)
    scene.finish_until(iid, "customer-communication")
    scene.tick(iid, "5.2", "carol")
    scene.run()
    assert offers(scene, iid) == []
    assert "is ticked, but the signature does not count yet" in scene.status(iid)


def test_another_date_needs_another_agreement_and_makes_another_draft(agreed):
    scene, iid = agreed
    scene.run()
    scene.write(iid, "Handover date", "2026-12-24")
    scene.run()
    assert len(offers(scene, iid)) == 1
    scene.clock.advance(days=1)
    scene.retick(iid, "5.2", "alex")
    scene.run()
    first, second = offers(scene, iid)
    assert "24 December 2026" in second and "24 December 2026" not in first


def test_a_blank_fact_is_named_and_the_draft_waits_for_it(scene):
    iid = scene.create(with_line(UNSENT, "Handover date", "_date_"))
    scene.finish_until(iid, "customer-communication")
    scene.run()
    scene.run()
    assert "**Handover date** is blank." in scene.status(iid).split("✉️")[1]


def test_words_that_the_customer_must_not_read_keep_the_draft_back(scene):
    iid = scene.create(with_line(UNSENT, "Customer", "Acme (ARR 2M)"))
    scene.finish_until(iid, "customer-communication")
    scene.run()
    scene.clock.advance(days=1)
    scene.tick(iid, "5.2", "alex")
    scene.run()
    assert offers(scene, iid) == []
    assert "ARR" in scene.status(iid).split("✉️")[1]


@pytest.mark.parametrize("link", ["https://evil.example", "www.evil.example", "http://docs.gitlab.com"])
def test_a_link_that_somebody_typed_keeps_the_draft_back(scene, link):
    iid = scene.create(with_line(UNSENT, "Customer", f"Acme {link}"))
    scene.finish_until(iid, "customer-communication")
    scene.clock.advance(days=1)
    scene.tick(iid, "5.2", "alex")
    scene.run()
    assert offers(scene, iid) == []
    assert link in scene.status(iid).split("✉️")[1]


def test_what_people_typed_does_nothing_in_the_comment(scene):
    evil = "Acme /close @all #1 <img src=x> [x](y) `z` </details> :smile:"
    iid = scene.create(with_line(UNSENT, "Customer", evil))
    scene.finish_until(iid, "customer-communication")
    scene.clock.advance(days=1)
    scene.tick(iid, "5.2", "alex")
    scene.run()
    letter = offers(scene, iid)[0].split("> Dear")[1]
    assert "@all" not in letter and "#1" not in letter and "<img" not in letter and "](y)" not in letter
    assert "</details>" not in letter.rsplit("</details>", 1)[0] and ":smile:" not in letter
    assert scene.world.issue(PROJECT, iid).state == "opened"


@pytest.mark.parametrize(
    "kind", ["500", "502", "reset-before", "reset-after", "truncated", "429-application", "409-lock"]
)
@pytest.mark.parametrize("what", ["/uploads", "/notes", "/users/"])
def test_whatever_fails_on_the_way_the_letter_is_offered_once(agreed, monkeypatch, kind, what):
    monkeypatch.setattr("time.sleep", lambda _: None)
    scene, iid = agreed
    left = [2]

    def fail(info):
        is_meant = what in info.path and (info.method == "POST" or what == "/users/")
        left[0] -= is_meant
        return Fault(kind) if is_meant and left[0] >= 0 else None

    scene.sandbox.on_request = fail
    for _ in range(4):
        scene.run()
    assert len(offers(scene, iid)) == 1
    assert left[0] < 2, "nothing failed"


@pytest.mark.parametrize("what", ["/uploads", "letter:"])
def test_a_letter_that_can_never_be_offered_holds_nothing_else_up(agreed, monkeypatch, what):
    monkeypatch.setattr("time.sleep", lambda _: None)
    scene, iid = agreed

    def fail(info):
        is_meant = info.method == "POST" and (what in info.path or what.encode() in info.body)
        return Fault("500") if is_meant else None

    scene.sandbox.on_request = fail
    for _ in range(2):
        assert [failed for _, failed, _ in scene.run().failed] == [iid]
    assert "waiting-on-ae" not in scene.labels(iid) and "`alex`, AE" not in scene.status(iid)
    assert "as soon as it may be posted" in scene.status(iid)
    scene.sandbox.on_request = None
    assert scene.run().failed == []
    assert len(offers(scene, iid)) == 1
    assert "Its draft is in a comment of its own." in scene.status(iid)
    assert scene.run().changed == 0


def test_a_person_whose_address_gitlab_does_not_tell_stops_nobody_else(agreed, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    scene, iid = agreed
    other = scene.create()
    scene.sandbox.on_request = lambda info: Fault("500") if "/users/" in info.path else None
    outcome = scene.run()
    assert [failed for _, failed, _ in outcome.failed] == [iid]
    assert scene.stage_labels(other)
    # All else of the issue goes on; the letter comes with the next good run.
    assert "waiting-on-ae" not in scene.labels(iid) and "`alex`, AE" not in scene.status(iid)
    assert offers(scene, iid) == []
    scene.sandbox.on_request = None
    assert scene.run().failed == []
    assert len(offers(scene, iid)) == 1


def test_whose_address_nobody_knows_is_named_for_adding_by_hand(agreed):
    scene, iid = agreed
    with scene.world.lock:
        alex = scene.world.user("alex")
        scene.world.users[alex.id] = replace(alex, public_email="")
    scene.run()
    assert "I do not know the address of `Alex Novak`; please add it by hand." in offers(scene, iid)[0]
    assert "- **Cc:**" not in offers(scene, iid)[0]


def test_addresses_are_asked_for_once_a_run_and_only_when_a_draft_is_written(agreed):
    scene, iid = agreed
    second = scene.create(UNSENT)
    scene.finish_until(second, "customer-communication")
    scene.clock.advance(days=1)
    scene.tick(second, "5.2", "alex")
    scene.repository = replace(
        scene.repository, configuration=replace(scene.repository.configuration, addresses={"carol": "c@example.com"})
    )
    scene.run()
    scene.clock.advance(days=1)
    for each in (iid, second):
        scene.retick(each, "5.2", "alex")
    scene.run()
    # That of alex; that of carol is configured.
    assert (scene.gitlab.requests["GET user"], scene.gitlab.requests["POST uploads"]) == (1, 2)
    scene.run()
    assert (scene.gitlab.requests["GET user"], scene.gitlab.requests["POST uploads"]) == (0, 0)


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A copy of the repository whose role directory names the sample people."""
    target = tmp_path_factory.mktemp("repository")
    for name in ("schemas", ".gitlab"):
        shutil.copytree(ROOT / name, target / name)
    shutil.copytree(ROOT / "tests/letters", target / "letters")
    roles = {}
    for person, (_, role) in PEOPLE.items():
        roles.setdefault(role, {"users": []})["users"].append(person)
    content = {
        "roles": {role: users for role, users in roles.items() if role != "operations"},
        "letters": {"gainsight_bcc": "timeline@example.com"},
    }
    (target / ".gitlab/handover.yml").write_text(json.dumps(content))
    return target


@pytest.fixture
def handover(agreed, monkeypatch, repository):
    scene, iid = agreed
    monkeypatch.setenv("HANDOVER_TOKEN", scene.token)
    monkeypatch.setenv("HANDOVER_STATE_KEY", scene.key)
    where = ["--gitlab-url", scene.sandbox.url, "--project", PROJECT, "--repository", str(repository)]
    where += ["--now", scene.clock().isoformat()]

    def run(*arguments, letter=NAME, number=iid):
        return CliRunner().invoke(cli, ["letter", str(number), letter, *where, *map(str, arguments)])

    run.scene, run.iid = scene, iid
    return run


def test_the_preview_shows_recipients_subject_and_text(handover):
    found = handover()
    assert found.exit_code == 0
    assert "Ready to be sent." in found.output
    assert "To:      Ada Lind <ada@acme.example>" in found.output
    assert "Cc:      Alex Novak <alex@example.com>" in found.output
    assert "Bcc:     timeline@example.com" in found.output
    assert "From 1 December 2026 on" in found.output


@pytest.mark.parametrize(
    ("shape", "begins"), [("md", b"Dear "), ("html", b"<!DOCTYPE html>"), ("eml", b"X-Unsent: 1\r\n")]
)
def test_each_format_goes_to_the_terminal_or_to_a_file(handover, tmp_path, shape, begins):
    shown = handover("--format", shape)
    assert shown.stdout_bytes.startswith(begins)
    written = handover("--format", shape, "--output", tmp_path / "letter")
    assert (written.exit_code, written.output) == (0, "")
    assert (tmp_path / "letter").read_bytes() == shown.stdout_bytes


def test_the_command_line_gives_out_the_file_that_triage_uploads(handover, tmp_path):
    shown = handover("--format", "eml").stdout_bytes
    handover.scene.run()
    (upload,) = handover.scene.world.list_files(PROJECT)
    assert upload.content == shown


@pytest.mark.parametrize("shape", ["text", "json", "markdown"])
def test_triage_tells_of_the_letter_in_every_format(agreed, monkeypatch, repository, shape):
    scene, iid = agreed
    monkeypatch.setenv("HANDOVER_TOKEN", scene.token)
    monkeypatch.setenv("HANDOVER_STATE_KEY", scene.key)
    where = ["--gitlab-url", scene.sandbox.url, "--project", PROJECT, "--repository", str(repository)]
    found = CliRunner().invoke(cli, ["triage", "--apply", "--format", shape, *where])
    assert found.exit_code == 0, found.output
    assert len(offers(scene, iid)) == 1
    if shape == "text":
        assert f"> upload {NAME}-{iid}.eml and offer it in a new comment" in found.output
    if shape == "json":
        (row,) = json.loads(found.stdout)["issues"]
        assert [each["file"] for each in row["actions"] if each["type"] == "letter"] == [f"{NAME}-{iid}.eml"]


def test_nothing_is_written_to_gitlab(handover):
    before = handover.scene.comments(handover.iid)
    handover("--format", "eml")
    assert handover.scene.comments(handover.iid) == before
    assert handover.scene.world.list_files(PROJECT) == ()


def refused(handover, *arguments, **options):
    """Return the error that a command ends with."""
    found = handover(*arguments, **options)
    assert isinstance(found.exception, HandoverError), found.output
    return found.exception


def test_a_letter_whose_time_has_not_come_is_shown_but_not_given_out(handover):
    handover.scene.untick(handover.iid, "5.2", "alex")
    assert "Not ready" in handover().output
    error = refused(handover, "--format", "eml")
    assert error.exit_code == 2 and "5.2" in str(error) and "add --early" in str(error)
    assert handover("--format", "eml", "--early").exit_code == 0


def test_a_missing_value_names_the_field_and_its_line(handover):
    handover.scene.write(handover.iid, "Handover date", "_date_")
    error = refused(handover)
    text = handover.scene.text(handover.iid).split("\n")
    line = next(number for number, each in enumerate(text, 1) if each.startswith("- **Handover date:**"))
    assert f"Handover date is blank. (line {line} of the issue)" in str(error)
    assert "--early" not in str(error)


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        ("nobody", "There is no letter 'nobody'"),
        ("csm-change", "is a letter of csm-to-csm"),
        ("../x", "There is no letter"),
    ],
)
def test_a_letter_that_does_not_fit_is_named_with_those_that_do(handover, letter, said):
    error = refused(handover, letter=letter)
    assert said in str(error) and NAME in str(error)


def test_the_paragraph_on_the_role_can_be_had_alone(handover):
    found = handover("--format", "md", letter="cse-role")
    assert found.exit_code == 0
    assert "let Alex know" in found.output


def test_a_file_that_cannot_be_written_is_named(handover, tmp_path):
    assert "cannot be written" in str(refused(handover, "--format", "md", "--output", tmp_path / "no" / "letter.md"))


# --- a mail that was sent ---------------------------------------------------------------------------------------------


@pytest.fixture
def sent(handover, tmp_path):
    """Return a function that checks the draft as it was sent, changed by *change* before."""
    draft = handover("--format", "eml").stdout_bytes

    def check(change=lambda mail: mail):
        mail = email.message_from_bytes(draft, policy=email.policy.default)
        del mail["X-Unsent"]
        mail.replace_header("Date", "Fri, 20 Nov 2026 10:00:00 +0000")
        (tmp_path / "sent.eml").write_bytes(change(mail).as_bytes())
        return handover("--check", tmp_path / "sent.eml")

    return check


def without(header):
    def change(mail):
        del mail[header]
        return mail

    return change


def with_header(header, value):
    def change(mail):
        mail.replace_header(header, value)
        return mail

    return change


def reworded(old, new):
    def change(mail):
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                text = part.get_content()
                assert old in text
                part.set_content(text.replace(old, new), subtype=part.get_content_subtype())
        return mail

    return change


def test_a_mail_sent_as_it_was_drafted_is_right(sent):
    found = sent()
    assert (found.exit_code, found.output) == (0, "The mail says what it must, and went to whom it must.\n")


def test_a_mail_in_other_words_of_the_same_meaning_is_right(sent):
    assert (
        sent(
            reworded("takes over from me as your main contact", "is from now on your first point of contact")
        ).exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("Cc"), "Alex Novak <alex@example.com> is not in Cc."),
        (without("Bcc"), "timeline@example.com cannot be seen, as the file shows no Bcc"),
        (with_header("Bcc", "other@example.com"), "timeline@example.com is not in Bcc."),
        (with_header("Cc", "alex@example.com, timeline@example.com"), "stands where the customer sees it"),
        (with_header("To", "bo@acme.example"), "Ada Lind <ada@acme.example> is not in To."),
        (without("To"), "The mail goes to nobody"),
        (with_header("From", "mia@example.com"), "The mail comes from mia@example.com"),
        (
            with_header("Date", "Mon, 02 Nov 2026 10:00:00 +0000"),
            "sent on 2 November 2026, and 20 November 2026 was agreed",
        ),
        (reworded("don't join our calls", "are happy to join our calls"), "CSEs do not join calls"),
        (reworded("as a pool", "as your dedicated team"), "must not say"),
        (reworded("Dear Acme team", "Dear [CUSTOMER]"), "[CUSTOMER]"),
    ],
)
def test_what_is_wrong_with_a_sent_mail_is_said(sent, change, said):
    found = sent(change)
    assert found.exit_code == 3
    assert said in found.output


def test_a_draft_that_is_checked_is_told_to_be_one(handover, tmp_path):
    (tmp_path / "draft.eml").write_bytes(handover("--format", "eml").stdout_bytes)
    assert "still a draft" in handover("--check", tmp_path / "draft.eml").output


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>hello</html>"])
def test_what_is_no_mail_is_refused_with_a_reason(handover, tmp_path, content):
    (tmp_path / "mail.eml").write_bytes(content)
    error = refused(handover, "--check", tmp_path / "mail.eml")
    assert error.exit_code == 2 and "cannot be checked" in str(error)


def test_a_check_gives_nothing_else_out(handover, tmp_path):
    (tmp_path / "mail.eml").write_bytes(b"x")
    assert "Give --check alone" in str(refused(handover, "--check", tmp_path / "mail.eml", "--format", "md"))
