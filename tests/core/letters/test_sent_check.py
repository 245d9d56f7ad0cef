"""A mail that was sent is held against its letter: who it went to, who it came from, when, and in what words."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.configuration import LetterSettings
from automation.core.letters.envelope import build_envelope
from automation.core.letters.mail import build_mail
from automation.core.letters.mail_reading import MailError, read_mail
from automation.core.letters.readiness import offered_letters
from automation.core.letters.sent_check import judge_sent
from tests.builders import ADDRESSES, NAMES, Tale, sample_book, with_value

ADA = "Ada Lind <ada@acme.example>"
BO = "Bo Falk <bo@bücher.example>"
PEOPLE = {
    "From": "Carol Meyer <carol@example.com>",
    "To": f"{ADA}, Bo Falk <bo@xn--bcher-kva.example>",
    "Cc": "Alex Novak <alex@example.com>",
    "Bcc": "timeline@example.com",
    "Date": "Fri, 20 Nov 2026 10:00:00 +0000",
}
UTC_ZONE = ZoneInfo("UTC")


@cache
def scene(contacts=f"{ADA}, {BO}"):
    """The letter that is ready in a handover, its recipients, and the handover, as judged."""
    tale = Tale.of_the_real_process(book=sample_book())
    tale.text = with_value(tale.text, "Customer contacts", contacts)
    tale.text = with_value(tale.text, "Letter sent on", "_date_")
    for stage in tale.process.stages:
        if stage.key == "customer-communication":
            break
        tale.finish(stage.key).run()
    tale.tick("5.2", "alex").run()
    judged = tale.review()
    (state,) = offered_letters(tale.book, judged, tale.judge(), NAMES, LetterSettings().allowed_links)
    assert state.rendered is not None
    return state, build_envelope(state.letter, judged, NAMES, ADDRESSES, "timeline@example.com"), judged


def verdict(content, zone=UTC_ZONE, contacts=f"{ADA}, {BO}"):
    state, envelope, judged = scene(contacts)
    return judge_sent(read_mail(content), state, envelope, judged, LetterSettings().allowed_links, zone)


def check(zone=UTC_ZONE, contacts=f"{ADA}, {BO}", **changes):
    """Judge the letter as it was written; *changes* are other headers, None for one that is not there."""
    state, envelope, _ = scene(contacts)
    text = state.rendered
    draft = build_mail(text.subject, text.text, text.html, envelope, datetime(2026, 11, 20, tzinfo=UTC))
    _, _, rest = draft.partition(b"Subject:")
    lines, _, body = rest.partition(b"\r\n\r\n")
    kept = [line for line in lines.split(b"\r\n") if not line.startswith(b"Date:")]
    headers = {**PEOPLE, **changes}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    return verdict(head.encode() + b"Subject:" + b"\r\n".join(kept) + b"\r\n\r\n" + body, zone, contacts)


def test_a_mail_that_was_sent_as_it_was_written_is_right():
    assert check().complaints == ()
    assert check().remarks == ()


@pytest.mark.parametrize("width", [30, 40, 53, 66, 76])
def test_lines_that_a_program_broke_lose_nothing_that_must_be_said(width):
    state, _, _ = scene()
    broken = [
        line
        for paragraph in state.rendered.text.split("\n")
        for line in textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False) or [""]
    ]
    head = "".join(f"{name}: {value}\n" for name, value in PEOPLE.items())
    assert verdict(f"{head}\n{chr(10).join(broken)}".encode()).complaints == ()


# --- who it went to and came from -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "stranger"),
    [
        ({"To": f"{PEOPLE['To']}, eve@competitor.example"}, "eve@competitor.example"),
        ({"Cc": f"{PEOPLE['Cc']}, Eve Ray <eve@competitor.example>"}, "Eve Ray <eve@competitor.example>"),
        ({"Bcc": f"{PEOPLE['Bcc']}, eve@competitor.example"}, "eve@competitor.example"),
        ({"Cc": f"{PEOPLE['Cc']}, Ada Lind <ada@competitor.example>"}, "Ada Lind <ada@competitor.example>"),
    ],
)
def test_whom_the_letter_does_not_name_is_worth_a_look(changes, stranger):
    found = check(**changes)
    assert found.complaints == ()
    assert found.remarks == (f"Also sent to {stranger}, whom the letter does not name.",)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"Bcc": f"{PEOPLE['Bcc']}, CAROL@example.com"}, id="the sender herself"),
        pytest.param({"To": f"{PEOPLE['To']}, {PEOPLE['Cc']}", "Cc": None}, id="in To instead of Cc"),
        pytest.param({"To": ADA, "Cc": f"{PEOPLE['Cc']}, {BO}"}, id="one of the contacts in Cc"),
        pytest.param({"To": "ADA@ACME.EXAMPLE, Bo <bo@BÜCHER.example>"}, id="addresses written otherwise"),
    ],
)  # fmt: skip
def test_whom_the_letter_names_may_stand_otherwise(changes):
    found = check(**changes)
    assert (found.complaints, found.remarks) == ((), ())


@pytest.mark.parametrize(
    ("changes", "complaints"),
    [
        (
            {"To": PEOPLE["Cc"], "Cc": PEOPLE["To"]},
            ("Nobody of the customer is in To, only in Cc.",),
        ),
        (
            {"To": PEOPLE["Cc"], "Cc": ADA},
            ('Bo Falk <bo@bücher.example> is not in To.', "Nobody of the customer is in To, only in Cc."),
        ),
        ({"To": ADA}, ("Bo Falk <bo@bücher.example> is not in To.",)),
        ({"From": None}, ("The mail does not say whom it comes from: its line From is empty.",)),
        (
            {"From": f"{PEOPLE['From']}, Eve <eve@competitor.example>"},
            ("The mail comes from more than one: Carol Meyer <carol@example.com>, Eve <eve@competitor.example>.",),
        ),
        (
            {"From": "eve@x.example"},
            ("The mail comes from eve@x.example, and should come from Carol Meyer <carol@example.com>.",),
        ),
    ],
)  # fmt: skip
def test_who_is_missing_or_in_the_wrong_place_is_named(changes, complaints):
    assert check(**changes).complaints == complaints


def test_a_sender_who_is_named_twice_is_one():
    assert check(From="carol@example.com <Carol@example.com>").complaints == ()


@pytest.mark.parametrize(
    ("to", "remarks"),
    [(ADA, ()), ("ada@acme.example", ("Also sent to ada@acme.example, whom the letter does not name.",))],
)
def test_a_contact_without_an_address_is_known_by_name(to, remarks):
    found = check(contacts="Ada Lind", To=to)
    assert (found.complaints, found.remarks) == ((), remarks)


def test_a_contact_without_an_address_may_be_the_one_in_to():
    assert check(contacts=f"{ADA}, Bo Falk", To="bo@acme.example", Cc=f"{ADA}, {PEOPLE['Cc']}").complaints == ()


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        (None, "UTC"),
        ("yesterday", "UTC"),
        ("Fri, 31 Dec 9999 23:59:59 -2359", "UTC"),
        ("Fri, 31 Dec 9999 23:59:59 +0000", "Asia/Tokyo"),
    ],
)
def test_a_date_that_cannot_be_is_none(written, zone):
    assert check(ZoneInfo(zone), Date=written).complaints == ("The mail has no sound date.",)


@pytest.mark.parametrize(("zone", "is_early"), [("UTC", True), ("Asia/Tokyo", False)])
def test_the_day_is_that_of_the_sender(zone, is_early):
    found = check(ZoneInfo(zone), Date="Thu, 19 Nov 2026 20:00:00 +0000").complaints
    assert bool(found) is is_early


# --- whatever it is ---------------------------------------------------------------------------------------------------

numbers = st.integers(0, 99)
dates = st.builds("Mon, {:02} Jan {:04} {:02}:59:59 {:+05}".format, numbers, st.integers(0, 9999), numbers, numbers)
values = st.one_of(
    st.text(max_size=40), dates, st.sampled_from([*PEOPLE.values(), "text/html", "text/plain; format=flowed"])
)
names = st.sampled_from(["From", "To", "Cc", "Bcc", "Date", "Subject", "Content-Type", "X-Unsent"])
lines = st.tuples(names, values).map(": ".join)


@settings(deadline=None)
@given(
    st.lists(lines, max_size=8),
    st.text(max_size=200),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]),
)
def test_any_mail_is_judged_or_refused_in_words(headers, body, zone):
    content = "\n".join([*headers, "", body]).encode("utf-8", "replace")
    try:
        found = verdict(content, ZoneInfo(zone))
    except MailError as error:
        assert str(error).endswith(".")
    else:
        assert found.complaints
        assert all(each.endswith((".", "?")) for each in (*found.complaints, *found.remarks))
