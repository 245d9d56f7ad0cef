"""A draft holds what it was given and nothing else, for every reader of mail; contacts are read as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import fast_mail_parser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.core.letters.addresses import ascii_address, is_address, parse_contacts
from automation.core.letters.mail import build_mail
from automation.core.letters.mail_reading import read_mail
from automation.core.letters.markup import one_line
from automation.core.letters.model import Address, Envelope

DATE = datetime(2026, 11, 30, 10, 15, tzinfo=timezone(timedelta(hours=2)))
ADA = Address("Ada Lind", "ada@acme.example", "customer")
NAMES = [
    "Lind, Ada",
    'Ada "the boss" Lind',
    "Ada \\ Lind\\",
    "Dr. Ada Lind (Acme) <ada@evil.example>",
    "Ada <",
    "@all; x: y,",
    "a@b.example, c@d.example",
    "Ada\r\nBcc: evil@evil.example\r\n\r\nbody",
    "Ada\nX: y",
    "Ada\0Lind\x85\u2028",
    "=?utf-8?q?a=2C_b=40c=2Eexample?=",
    "Ada =?utf-8?b?YQ==?= Lind",
    "Zoë Müller",
    "Müller, Zoë <zoe@evil.example>",
    "李小龍",
    "עדה לינד",
    "آدا لیند",
    "👩\u200d👩\u200d👧 family",
    "Ada\u202eLind",
    "Ada\ud800Lind",
    "x" * 300,
    "é" * 300,
    "👩" * 300,
    "word " * 60,
    "wörd " * 60,
    '"' * 64,
    "\\",
    '"',
    "a" * 62 + '"',
    " ",
    ".",
    "undisclosed-recipients:;",
]
texts = st.one_of(
    st.text(max_size=120),
    st.text('"\\<>@,;:()[].=?_ \r\n\tab1é李👩\u202e\0', max_size=120),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from([*NAMES, " "]), max_size=3).map("".join),
)
emails = st.sampled_from(
    ["ada@acme.example", "o'brien+x@acme.example", "a!#$%&'*/=^_`{|}~-?b@x.example", f"{'a' * 64}@{'b' * 63}.example"]
)
people = st.lists(st.builds(Address, texts, emails), max_size=4).map(tuple)
envelopes = st.builds(Envelope, st.one_of(st.none(), st.builds(Address, texts, emails)), people, people, people)


def build(envelope=Envelope(ADA, (ADA,)), subject="The move", text="Hello", html="<p>Hello</p>", date=DATE):
    return build_mail(subject, text, html, envelope, date)


def headers_of(mail):
    return mail.partition(b"\r\n\r\n")[0]


def expected(people):
    return [(one_line(each.name), each.email) for each in people]


def unfolded(header):
    return header.replace("\r\n", "")


def squeezed(text):
    """Python's modern parser adds a blank between encoded words, and takes blanks of all kinds for one."""
    return re.sub(r"\s", "", text)


# --- a draft ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_what_a_mail_program_opens_ready_to_be_sent():
    mail = build(
        Envelope(
            Address("Carol Meyer", "carol@gitlab.example"),
            (ADA, Address("Zoë", "zoe@acme.example")),
            (Address("Alex", "alex@gitlab.example"),),
            (Address("", "timeline@gainsight.example"),),
        ),
        text="Hällo\n\nBye",
    )
    head, plain, rich = re.split(rb"--=_[0-9a-f]{32}\r\n", mail)
    assert head.decode().split("\r\n")[:9] == [
        "X-Unsent: 1",
        'From: Carol Meyer <carol@gitlab.example>',
        "To: Ada Lind <ada@acme.example>, =?utf-8?b?Wm/Dqw==?= <zoe@acme.example>",
        "Cc: Alex <alex@gitlab.example>",
        "Bcc: timeline@gainsight.example",
        "Subject: The move",
        "Date: Mon, 30 Nov 2026 10:15:00 +0200",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
    ]  # fmt: skip
    assert plain.decode().split("\r\n") == [
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "H=C3=A4llo",
        "",
        "Bye",
        "",
    ]
    assert b"Content-Type: text/html; charset=utf-8\r\n" in rich


LONG = "Александр Константинович Преображенский-Воскресенский"


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        pytest.param("Zoë Müller", [10], id="short"),
        pytest.param("Александр Александрови", [22], id="as long as fits into base64"),
        pytest.param("Mária Alexandra Christina von Hohenstein-Lichtenberg zu X", [57], id="as long as fits otherwise"),
        pytest.param(LONG, [10, 15, 23, 5], id="of long words"),
        pytest.param("李" * 20, [15, 5], id="without blanks"),
        pytest.param("Ана " * 9 + "Ана", [24, 15], id="of short words"),
    ],
)
def test_a_long_name_is_broken_at_blanks_where_it_has_them(name, sizes):
    header = headers_of(build(Envelope(None, (Address(name, "ada@acme.example"),)))).decode()
    pieces = [str(make_header(decode_header(each))) for each in re.findall(r"=\?utf-8\?[^?]*\?[^?]*\?=", header)]
    assert "".join(pieces) == name
    assert [len(each) for each in pieces] == sizes


@pytest.mark.parametrize("name", ["Zoë Müller", "Александр Александрови", LONG.rpartition(" ")[0], "Ана " * 9 + "Ана"])
def test_no_parser_breaks_a_word_of_a_name(name):
    mail = build(Envelope(None, (Address(name, "ada@acme.example"),)))
    assert fast_mail_parser.parse_email(mail, strict=True).to[0].display_name.split() == name.split()
    for each in (policy.default, policy.strict):
        (found,) = message_from_bytes(mail, policy=each)["To"].addresses
        assert found.display_name.split() == name.split()


def test_who_has_no_address_is_left_out():
    unknown = Address("Nobody", "")
    mail = build(Envelope(unknown, (unknown, ADA), (unknown,), ()))
    assert re.findall(rb"(?m)^([A-Z][\w-]*): ", headers_of(mail)) == [
        b"X-Unsent", b"To", b"Subject", b"Date", b"MIME-Version", b"Content-Type"
    ]  # fmt: skip
    assert b"Nobody" not in mail


def test_a_draft_without_anybody_names_nobody():
    assert not re.search(rb"(?m)^(From|To|Cc|Bcc):", build(Envelope(None)))


def test_the_same_arguments_give_the_same_bytes_and_others_do_not():
    assert build() == build()
    assert build() != build(text="Hallo")


@pytest.mark.parametrize("email", ["ada", "a@b", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "ä@b.example"])
def test_an_address_that_is_none_is_refused(email):
    with pytest.raises(ValueError, match="this is no address for a mail: '"):
        build(Envelope(ADA, (Address("x", email),)))


def test_a_date_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="needs its time zone: 2026-11-30"):
        build(date=DATE.replace(tzinfo=None))


def test_an_international_domain_is_written_in_ascii():
    assert b"To: x@xn--bcher-kva.example\r\n" in build(Envelope(None, (Address("", "x@bücher.example"),)))


@settings(deadline=None)
@given(texts, texts, texts, envelopes)
def test_every_line_is_short_ascii_with_both_its_ends(subject, text, html, envelope):
    mail = build(envelope, subject, text, html)
    assert mail.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", mail)
    for line in headers_of(mail).split(b"\r\n"):
        assert len(line) <= 76 or b"@" in line
        assert line.strip()
        assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?[bq]\?[^?]*\?=", line))
    assert all(len(line) <= 76 for line in mail.partition(b"\r\n\r\n")[2].split(b"\r\n"))


@settings(deadline=None)
@given(texts, texts, texts, envelopes)
def test_no_argument_adds_a_header_or_a_part(subject, text, html, envelope):
    mail = message_from_bytes(build(envelope, subject, text, html), policy=policy.strict)
    named = {"From": (envelope.sender,), "To": envelope.to, "Cc": envelope.cc, "Bcc": envelope.bcc}
    assert mail.keys() == [
        "X-Unsent",
        *(name for name, people in named.items() if any(people)),
        *("Subject", "Date", "MIME-Version", "Content-Type"),
    ]
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert all(part.defects == [] for part in mail.walk())


@settings(deadline=None)
@given(texts, envelopes)
@example("", Envelope(None, tuple(Address(name, "ada@acme.example") for name in NAMES)))
def test_pythons_parser_finds_the_people_the_subject_and_no_defect(subject, envelope):
    mail = message_from_bytes(build(envelope, subject), policy=policy.default)
    assert squeezed(mail["Subject"]) == squeezed(one_line(subject))
    for name, people in (("To", envelope.to), ("Cc", envelope.cc), ("Bcc", envelope.bcc)):
        if people:
            assert [each.addr_spec for each in mail[name].addresses] == [each.email for each in people]
            found = [squeezed(each.display_name) for each in mail[name].addresses]
            assert found == [squeezed(one_line(each.name)) for each in people]
    assert all(value.defects == () for value in mail.values())


@settings(deadline=None)
@given(texts, envelopes)
@example("", Envelope(None, tuple(Address(name, "ada@acme.example") for name in NAMES)))
def test_pythons_old_parser_finds_the_people_and_the_subject(subject, envelope):
    mail = message_from_bytes(build(envelope, subject))
    assert str(make_header(decode_header(unfolded(mail["Subject"])))) == one_line(subject)
    found = getaddresses([unfolded(each) for each in mail.get_all("To", [])])
    assert [(str(make_header(decode_header(name))), email) for name, email in found] == expected(envelope.to)


@settings(deadline=None)
@given(texts, envelopes)
@example("", Envelope(None, tuple(Address(name, "ada@acme.example") for name in NAMES)))
def test_another_parser_finds_the_people_and_the_subject(subject, envelope):
    mail = fast_mail_parser.parse_email(build(envelope, subject), strict=True)
    assert mail.subject == one_line(subject)
    for found, people in ((mail.to, envelope.to), (mail.cc, envelope.cc), (mail.bcc, envelope.bcc)):
        assert [((each.display_name or "").strip(), each.address) for each in found] == expected(people)
    assert mail.warnings == []


@settings(deadline=None)
@given(texts, envelopes)
def test_our_own_reader_finds_the_people_and_the_subject(subject, envelope):
    mail = read_mail(build(envelope, subject))
    assert mail.subject == one_line(subject)
    for found, people in ((mail.to, envelope.to), (mail.cc, envelope.cc), (mail.bcc, envelope.bcc)):
        assert [(each.name, each.email) for each in found] == expected(people)
    assert (mail.date, mail.is_draft, mail.has_bcc) == (DATE, True, bool(envelope.bcc))


bodies = st.one_of(st.text(max_size=200), st.text(" \t\n\r=.-_FromaéÜ\u2028😀", max_size=300), st.just("x" * 2000))


@settings(deadline=None)
@given(bodies, bodies)
def test_the_texts_come_back_but_for_blanks_where_lines_end(text, html):
    mail = message_from_bytes(build(text=text, html=html), policy=policy.default)
    for part, body in zip(mail.iter_parts(), (text, html), strict=True):
        sent = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", " ", re.sub(r"\r\n?", "\n", body))
        lines = "\n".join(line.rstrip(" \t") for line in sent.split("\n"))
        assert part.get_content().replace("\r\n", "\n") == lines.rstrip("\n")


def test_half_characters_in_a_text_become_blanks():
    assert b"\r\n\r\na b\r\n--" in build(text="a\ud800b")


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("ada@acme.example", True),
        ("ada.lind+x@mail.acme.example", True),
        ("o'brien@acme.example", True),
        ("ada@bücher.example", True),
        (f"{'a' * 64}@acme.example", True),
        (f"{'a' * 65}@acme.example", False),
        (f"a@{'.'.join(['b' * 60] * 4)}.example", True),
        (f"abc@{'.'.join(['b' * 60] * 4)}.example", False),
        ("", False),
        ("ada", False),
        ("@acme.example", False),
        ("ada@", False),
        ("ada@acme", False),
        ("ada@@acme.example", False),
        ("ada@b@acme.example", False),
        ("ada lind@acme.example", False),
        (" ada@acme.example", False),
        ("ada@acme.example\n", False),
        ("ada@acme.example,bo@acme.example", False),
        ("<ada@acme.example>", False),
        ('"ada"@acme.example', False),
        (".ada@acme.example", False),
        ("ada..l@acme.example", False),
        ("ada@-acme.example", False),
        ("ada@acme..example", False),
        ("ada@acme.example.", False),
        ("ada@[127.0.0.1]", False),
        ("ada@127.0.0.1", False),
        ("ädä@acme.example", False),
        ("ada@acme\u3002example\0", False),
        ("=?utf-8?q?ada=40evil.example?=@acme.example", False),
        ("ada@\ud800.example", False),
    ],
)
def test_an_address_is_one_that_a_mail_can_be_sent_to(text, is_valid):
    assert is_address(text) is is_valid


@settings(deadline=None)
@given(texts, texts)
def test_what_is_an_address_can_be_sent_to(local, domain):
    text = f"{local}@{domain}"
    if is_address(text):
        assert build(Envelope(None, (Address("", text),)))


# --- contacts ---------------------------------------------------------------------------------------------------------

BO = Address("Bo Falk", "bo@acme.example", "customer")


@pytest.mark.parametrize(
    "value",
    [
        "Ada Lind <ada@acme.example>, Bo Falk <bo@acme.example>",
        "Ada Lind ada@acme.example; Bo Falk bo@acme.example",
        "Ada Lind <ada@acme.example> and Bo Falk bo@acme.example",
        "Ada Lind <ada@acme.example>, and Bo Falk (bo@acme.example).",
        "Ada Lind <ada@acme.example>\nBo Falk <bo@acme.example>",
        "- Ada Lind: ada@acme.example\n- Bo Falk: bo@acme.example",
        "Ada Lind <ada@acme.example> & Bo Falk <bo@acme.example>",
        "Ada Lind <ada@acme.example> Bo Falk <bo@acme.example>",
        "ada@acme.example (Ada Lind), bo@acme.example Bo Falk",
        '"Ada Lind" <ada@acme.example>, “Bo Falk” <mailto:bo@acme.example>',
        "Ada Lind [ada@acme.example](mailto:ada@acme.example), Bo Falk - bo@acme.example",
        "Ada Lind <ada@acme.example>, Bo Falk <bo@acme.example>, ada@acme.example, ADA@acme.example",
        " ; Ada\u202e  Lind < ada@acme.example >,, ;Bo Falk bo@acme.example,",
    ],
)
def test_contacts_are_read_however_they_are_written(value):
    assert parse_contacts(value) == ((ADA, BO), ())


@pytest.mark.parametrize(
    ("value", "name"),
    [
        pytest.param("ada@acme.example", "", id="none"),
        pytest.param('"Lind, Ada" <ada@acme.example>', "Lind, Ada", id="a comma in quotes"),
        pytest.param("“Lind, Ada” <ada@acme.example>", "Lind, Ada", id="a comma in curled quotes"),
        pytest.param('"Ada \\"Al\\" Lind" <ada@acme.example>', 'Ada "Al" Lind', id="quotes in quotes"),
        pytest.param("Dr. Ada M. Lind <ada@acme.example>", "Dr. Ada M. Lind", id="a title"),
        pytest.param("Ada Lind-O'Hara (CTO) <ada@acme.example>", "Ada Lind-O'Hara (CTO)", id="in brackets"),
        pytest.param("Brandy Anderson <ada@acme.example>", "Brandy Anderson", id="and, within a name"),
        pytest.param('Ada 5" Lind <ada@acme.example>', "Ada 5 Lind", id="a lonely quotation mark"),
        pytest.param("عادة <ada@acme.example>", "عادة", id="Arabic"),
        pytest.param("<b>Ada</b> ada@acme.example", "<b> Ada </b>", id="looks like HTML"),
    ],
)
def test_the_name_of_a_contact_is_what_stands_beside_the_address(value, name):
    assert parse_contacts(value) == ((Address(name, "ada@acme.example", "customer"),), ())


@pytest.mark.parametrize(
    ("value", "unread"),
    [
        ("Ada Lind", ("Ada Lind",)),
        ("Ada Lind, Bo <bo@acme.example>, see the plan", ("Ada Lind", "see the plan")),
        ("ada@acme", ("ada@acme",)),
        ("@ada", ("@ada",)),
        ("ada@acme Bo <bo@acme.example>", ("ada@acme",)),
        ("Ada <ada at acme>", ("Ada <ada at acme>",)),
        ("ada@acme.example/bo@acme.example", ("ada@acme.example/bo@acme.example",)),
        ("", ()),
        (" , ; and\n", ()),
    ],
)
def test_what_holds_no_address_is_named(value, unread):
    assert parse_contacts(value)[1] == unread


@settings(deadline=None)
@given(texts)
def test_whatever_stands_there_contacts_can_be_written_to(value):
    contacts, unread = parse_contacts(value)
    assert all(one_line(each) == each for each in unread)
    mail = read_mail(build(Envelope(None, contacts)))
    assert [(each.name, each.email) for each in mail.to] == [
        (each.name, ascii_address(each.email)) for each in contacts
    ]


def test_a_date_in_utc_is_written_as_such():
    assert b"Date: Mon, 30 Nov 2026 08:15:00 +0000\r\n" in build(date=DATE.astimezone(UTC))
