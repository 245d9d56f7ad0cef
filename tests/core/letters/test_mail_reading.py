"""A mail that was sent is read as its reader sees it, whatever program saved it; what is no mail is refused."""

from __future__ import annotations

import base64
import re
import textwrap
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.letters.mail import build_mail
from automation.core.letters.mail_reading import MailError, read_mail
from automation.core.letters.markup import to_html, to_text
from automation.core.letters.model import Address, Envelope
from automation.core.letters.seen import seen_in_html, seen_in_text

HEADERS = """\
From: Ada Lind <ada@acme.example>
To: bo@acme.example
Subject: The move
Date: Mon, 30 Nov 2026 10:15:00 +0200
"""
QUOTED_PRINTABLE = "Content-Transfer-Encoding: Quoted-Printable"


def mail(body, *headers, head=HEADERS):
    lines = head + "".join(f"{each}\n" for each in headers)
    return read_mail(lines.encode() + b"\n" + (body if isinstance(body, bytes) else body.encode()))


def multipart(*parts, kind="mixed", boundary="b1"):
    """A body and the header it needs, of parts that each are a body and its headers."""
    inner = "".join(
        f"--{boundary}\n" + "".join(f"{each}\n" for each in headers) + f"\n{body}\n" for body, *headers in parts
    )
    return f"preamble\n{inner}--{boundary}--\nepilogue", f'Content-Type: multipart/{kind}; boundary="{boundary}"'


def html(body):
    return seen_in_html(body)[0]


# --- headers ----------------------------------------------------------------------------------------------------------


def test_the_headers_are_read():
    found = mail("Hello", "Cc: Alex <alex@gitlab.example>, carol@gitlab.example")
    assert found.subject == "The move"
    assert found.sender == (Address("Ada Lind", "ada@acme.example"),)
    assert found.to == (Address("", "bo@acme.example"),)
    assert found.cc == (Address("Alex", "alex@gitlab.example"), Address("", "carol@gitlab.example"))
    assert found.date == datetime(2026, 11, 30, 10, 15, tzinfo=timezone(timedelta(hours=2)))
    assert (found.bcc, found.has_bcc, found.is_draft) == ((), False, False)


def test_a_blind_copy_and_a_draft_are_told():
    found = mail("Hello", "bcc: timeline@gainsight.example", "X-Unsent: 1")
    assert (found.bcc, found.has_bcc, found.is_draft) == ((Address("", "timeline@gainsight.example"),), True, True)
    assert mail("Hello", "Bcc:").has_bcc


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        pytest.param("Subject: a\n  b\n\tc", "a b c", id="folded"),
        pytest.param("SUBJECT :a", "a", id="written otherwise"),
        pytest.param("Subject: =?utf-8?B?w7w=?= =?UTF-8?q?=C3=A4_b?=", "üä b", id="encoded words"),
        pytest.param("Subject: =?utf-8?B?w7w=?=\n =?utf-8?B?w7w=?=", "üü", id="over two lines"),
        pytest.param("Subject: a =?utf-8?B?w?= b", "a =?utf-8?B?w?= b", id="damaged"),
        pytest.param("Subject: =?nonesuch?Q?a=FC?=", "aü", id="unknown charset"),
        pytest.param("Subject: =?iso-2022-jp?B?GyRCJDMbKEI=?=", "こ", id="Japanese"),
        pytest.param("Subject: ü", "ü", id="not encoded"),
        pytest.param("Subject: a\nSubject: b", "a", id="the first of two"),
        pytest.param("Subject: a\0\x1b[0m\u202eb", "a [0mb", id="controls"),
        pytest.param("Subject:", "", id="none"),
    ],
)
def test_the_subject_is_read(header, subject):
    assert mail("Hello", head=f"From: ada@acme.example\n{header}\n").subject == subject


@pytest.mark.parametrize(
    ("header", "people"),
    [
        ('"Lind, Ada" <ada@acme.example>', [("Lind, Ada", "ada@acme.example")]),
        ('"Ada \\"Al\\" Lind" <ada@acme.example>', [('Ada "Al" Lind', "ada@acme.example")]),
        ("=?utf-8?q?Lind=2C_Ad=C3=A4?= <ada@acme.example>", [("Lind, Adä", "ada@acme.example")]),
        ('"=?utf-8?q?Ad=C3=A4?=" <ada@acme.example>', [("Adä", "ada@acme.example")]),
        ("ada@acme.example (Ada Lind)", [("Ada Lind", "ada@acme.example")]),
        ("Ada and Bo <both@acme.example>", [("Ada and Bo", "both@acme.example")]),
        ("team: ada@acme.example, bo@acme.example;", [("team:", "ada@acme.example"), ("", "bo@acme.example")]),
        ("undisclosed-recipients:;", []),
        ("Ada <ada at acme>, <bo@acme.example>", [("", "bo@acme.example")]),
        ("'ada@acme.example'\n <ada@acme.example>", [("", "ada@acme.example"), ("", "ada@acme.example")]),
    ],
)
def test_the_people_of_a_header_are_read(header, people):
    found = mail("Hello", head=f"Subject: x\nTo: {header}\n").to
    assert [(each.name, each.email) for each in found] == people


def test_several_headers_of_a_kind_are_read_together():
    assert len(mail("Hello", "To: cem@acme.example").to) == 2


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Mon, 30 Nov 2026 10:15:00 +0200", datetime(2026, 11, 30, 8, 15, tzinfo=UTC)),
        ("30 Nov 2026 10:15 GMT", datetime(2026, 11, 30, 10, 15, tzinfo=UTC)),
        ("Mon, 30 Nov 2026 10:15:00 -0000", datetime(2026, 11, 30, 10, 15, tzinfo=UTC)),
        ("Mon, 30 Nov 2026 10:15:00 +0200 (CEST)", datetime(2026, 11, 30, 8, 15, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 31 Feb 2026 10:15:00 +0000", None),
        ("Mon, 30 Nov 2026 10:15:00 +9999", None),
        ("", None),
    ],
)
def test_a_date_is_read_or_none(written, date):
    found = mail("Hello", head=f"Subject: x\nDate: {written}\n").date
    assert found == date
    assert found is None or found.tzinfo is not None


# --- what is no mail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(b" \r\n\r\n", "is empty", id="blanks"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"\.msg.*Save it as \.eml", id="of Outlook"),
        pytest.param(b"\xef\xbb\xbf<!DOCTYPE html>\n<p>Subject: a", "web page", id="a web page"),
        pytest.param(b"\n<HTML xmlns:v='x'>", "web page", id="a page that Outlook saved"),
        pytest.param(b"Hello,\n\nthis is text.\n", "neither From, To, Subject nor Date", id="text"),
        pytest.param(b"X-Y: a\n\nb", "neither From, To, Subject nor Date", id="other headers"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "neither From, To, Subject nor Date", id="another file"),
        pytest.param(b"Subject: x\n\n" + b"x" * (25 * 1024 * 1024), "larger than 25 MB", id="too large"),
        pytest.param(b"Subject: x\n\n" + b"x" * (1024 * 1024 + 1), "text of the mail is larger", id="a text too large"),
        pytest.param(b"Subject: " + b"x" * (1024 * 1024), "headers are larger", id="headers too large"),
        pytest.param(b"Subject: x\nContent-Type: application/pkcs7-mime\n\nMIAG", "encrypted", id="encrypted"),
        pytest.param(b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nx", "no text", id="no parts"),
    ],
)
def test_what_is_no_mail_is_refused(content, why):
    with pytest.raises(MailError, match=why):
        read_mail(content)


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break_is_read(breaks):
    content = (HEADERS + "\nHello\nworld").replace("\n", breaks).encode()
    assert read_mail(b"\xef\xbb\xbf" + content) == read_mail(b"\n\n" + content)
    assert read_mail(content).texts == ("Hello\nworld",)


def test_the_line_of_a_mailbox_file_is_passed_over():
    assert mail("Hello", head="From ada@acme.example Mon Nov 30 10:15:00 2026\n" + HEADERS).subject == "The move"


# --- parts ------------------------------------------------------------------------------------------------------------

PLAIN = ("Hello in plain", "Content-Type: text/plain")
RICH = ("<p>Hello in HTML</p>", "Content-Type: text/html")
PICTURE = ("iVBORw0", "Content-Type: image/png", "Content-Transfer-Encoding: base64")


def test_the_alternatives_are_read_plain_text_first():
    for parts in ((PLAIN, RICH), (RICH, PLAIN)):
        assert mail(*multipart(*parts, kind="alternative")).texts == ("Hello in plain", "Hello in HTML")


def test_a_mail_may_be_html_alone():
    assert mail("<p>Hello</p>", "Content-Type: text/html").texts == ("Hello",)


def test_parts_in_parts_are_read():
    related = multipart(RICH, PICTURE, kind="related", boundary="b3")
    alternative = multipart(PLAIN, related, kind="alternative", boundary="b2")
    assert mail(*multipart(alternative, PICTURE)).texts == ("Hello in plain", "Hello in HTML")


def test_a_text_in_several_parts_is_one():
    assert mail(*multipart(PLAIN, PICTURE, ("Bye", "Content-Type: text/plain"))).texts == ("Hello in plain\nBye",)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(("no", "Content-Type: text/plain", "Content-Disposition: attachment"), id="an attachment"),
        pytest.param(("no", "Content-Type: text/plain; name=a.txt"), id="a named file"),
        pytest.param(("no", "Content-Type: text/html", "Content-Disposition: inline; filename=a"), id="a file shown"),
        pytest.param(("Subject: no\n\nno", "Content-Type: message/rfc822"), id="a forwarded mail"),
        pytest.param(("no", "Content-Type: text/calendar"), id="an invitation"),
    ],
)
def test_what_is_not_the_text_of_the_mail_is_left_out(part):
    assert mail(*multipart(PLAIN, part)).texts == ("Hello in plain",)


def test_a_part_that_was_cut_off_is_read_to_the_end():
    assert mail("--b\n\nHello", "Content-Type: multipart/mixed; boundary=b").texts == ("Hello",)


def test_a_line_that_only_begins_like_the_boundary_is_text():
    assert mail("--b\n\nHello\n--bcd\n--b--", "Content-Type: multipart/mixed; boundary=b").texts == ("Hello\n--bcd",)


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        pytest.param(b"H=C3=A4llo=20=\nthere =\nx", [QUOTED_PRINTABLE], "Hällo there x", id="QP"),
        pytest.param(b"a =XY b =", ["Content-Transfer-Encoding: quoted-printable"], "a =XY b", id="damaged QP"),
        pytest.param(b"SMOk\nbGxv", ["Content-Transfer-Encoding: base64"], "Hällo", id="base64"),
        pytest.param(b"SMOk bGxv!\nYQ", ["Content-Transfer-Encoding: base64"], "Hälloa", id="damaged base64"),
        pytest.param(b"SGVsbG8hY", ["Content-Transfer-Encoding: base64"], "Hello!", id="base64 that was cut off"),
        pytest.param(b"H\xe4llo", ["Content-Type: text/plain; charset=iso-8859-1"], "Hällo", id="Latin"),
        pytest.param(b"H\x00\xe4\x00", ["Content-Type: text/plain; charset=utf-16le"], "Hä", id="UTF-16"),
        pytest.param(b"H\xe4llo", ["Content-Type: text/plain; charset=utf-8"], "Hällo", id="not what it says"),
        pytest.param(b"H\xc3\xa4llo", ["Content-Type: text/plain; charset=us-ascii"], "Hällo", id="more than it says"),
        pytest.param(b"H\xc3\xa4llo", ["Content-Type: text/plain; charset=nonesuch"], "Hällo", id="unknown charset"),
        pytest.param(b"H\x81\xe4", ["Content-Type: text/plain; charset=nonesuch"], "H\ufffdä", id="nothing fits"),
        pytest.param(b"xn--a", ["Content-Type: text/plain; charset=idna"], "xn--a", id="a codec, not a charset"),
        pytest.param(b"Hello", ["Content-Type: nonsense"], "Hello", id="no type"),
        pytest.param(b"Hello", ["Content-Transfer-Encoding: 8bit"], "Hello", id="8bit"),
    ],
)  # fmt: skip
def test_a_text_is_decoded_and_damage_read_over(body, headers, text):
    assert mail(body, *headers).texts == (text,)


# --- what a reader sees -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("a\n\n b \n", "a\n\nb", id="lines"),
        pytest.param("a\n> b\n>> c\n > d\ne", "a\n\ne", id="quoted lines"),
        pytest.param("a\n\nOn Mon, 30 Nov 2026 at 10:15, Bo <b@x.example> wrote:\n> b\nc", "a", id="an answer"),
        pytest.param("a\n\nOn Mon, 30 Nov 2026 at 10:15, Bo Falk\n<b@x.example> wrote:\n\nb", "a", id="over two lines"),
        pytest.param("a\n-----Original Message-----\nb", "a", id="an original message"),
        pytest.param("a\n---------- Forwarded message ---------\nb", "a", id="a forwarded message"),
        pytest.param("a\nFrom: Bo\nSent: Monday\nb", "a", id="the headers that Outlook puts there"),
        pytest.param("a\n*From:* Bo\n*Sent:* Monday\nb", "a", id="the same in bold"),
        pytest.param("On Monday we move.\nAlex wrote: b", "On Monday we move.\nAlex wrote: b", id="no answer"),
        pytest.param("a \nb", "a\nb", id="a blank at the end of a line"),
    ],
)
def test_earlier_mails_are_left_out_of_a_plain_text(text, seen):
    assert seen_in_text(text) == seen


@pytest.mark.parametrize(
    "introduction",
    [
        "Von: Bo Falk <bo@acme.example>\nGesendet: Montag, 30. November 2026 10:15",
        "Von: Bo Falk\nDatum: Montag, 30. November 2026 um 10:15\nAn: Ada",
        "De : Bo Falk\nEnvoyé : lundi 30 novembre 2026 10:15",
        "De\xa0: Bo Falk\nDate\xa0: lundi 30 novembre 2026",
        "De: Bo Falk\nEnviado el: lunes, 30 de noviembre de 2026 10:15",
        "De: Bo Falk\nEnviada em: segunda-feira, 30 de novembro de 2026",
        "Van: Bo Falk\nVerzonden: maandag 30 november 2026 10:15",
        "Da: Bo Falk\nInviato: lunedì 30 novembre 2026 10:15",
        "Am Mo., 30. Nov. 2026 um 10:15 Uhr schrieb Bo Falk <bo@acme.example>:",
        "Am Mo., 30. Nov. 2026 um 10:15 Uhr schrieb Bo Falk\n<bo@acme.example>:",
        "Am 30.11.2026 um 10:15 schrieb Bo Falk:",
        "Bo Falk <bo@acme.example> schrieb am Mo., 30. Nov. 2026, 10:15:",
        "Le lun. 30 nov. 2026 à 10:15, Bo Falk <bo@acme.example> a écrit :",
        "Le 30 nov. 2026 à 10:15, Bo Falk\n<bo@acme.example> a écrit\xa0:",
        "El lun, 30 nov 2026 a las 10:15, Bo Falk (<bo@acme.example>) escribió:",
        "Em seg., 30 de nov. de 2026 às 10:15, Bo Falk <bo@acme.example> escreveu:",
        "Op ma 30 nov 2026 om 10:15 schreef Bo Falk <bo@acme.example>:",
        "Op 30 nov. 2026, om 10:15 heeft Bo Falk <bo@acme.example> het volgende geschreven:",
        "Il giorno lun 30 nov 2026 alle ore 10:15 Bo Falk <bo@acme.example> ha scritto:",
        "-----Ursprüngliche Nachricht-----",
        "-----Message d'origine-----",
        "-----Mensaje original-----",
        "-----Oorspronkelijk bericht-----",
        "-----Messaggio originale-----",
        "Anfang der weitergeleiteten Nachricht:",
        "Début du message transféré :",
    ],
)
def test_earlier_mails_are_left_out_in_other_languages_too(introduction):
    assert seen_in_text(f"Hello.\n\n{introduction}\n\nold") == "Hello."
    lines = introduction.replace("<", "&lt;").split("\n")
    assert html("<p>Hello.</p>" + "".join(f"<div>{each}</div>" for each in lines) + "<p>old</p>") == "Hello."


PROSE = (
    "From 30 November on, Alex Novak takes over from me as your main contact at GitLab and answers whatever you would "
    "usually have asked me, be it about licences or about the Customer Success Engineers."
)


@pytest.mark.parametrize("width", [32, 40, 48, 60, 72])
def test_prose_that_was_broken_at_any_width_is_joined(width):
    paragraphs = [PROSE, f"- {PROSE}", "Warm regards,"]
    broken = "\n\n".join("\n".join(textwrap.wrap(each, width)) for each in paragraphs)
    assert seen_in_text(f"{broken}\nCarol Meyer\nGitLab") == "\n\n".join(paragraphs) + "\nCarol Meyer\nGitLab"


@pytest.mark.parametrize(
    "text",
    [
        "Dear Ada,\nAlex Novak is your contact.",
        "Warm regards,\nCarol Meyer\nCustomer Success Manager, GitLab",
        "Warm regards from all of us,\ncarol",
        "With warm regards,\ncarol meyer",
        "Warm regards from all of us at GitLab,\nCarol Meyer",
        "We looked at three things that matter\n- upgrades\n* runners\n1. scans\na) pages",
        "Our pages for you to read:\ndocs.gitlab.com",
        "That is all that I can say.\nand this",
        "A first thing to look at\n\nand a second one",
        "The first of the paragraphs\nThe second of them\nA last one, which is longer than those",
        f"{PROSE}\nCarol Meyer",
        f"The pages at GitLab\nBo\n{PROSE}",
    ],
)
def test_lines_that_somebody_ended_stay_lines(text):
    assert seen_in_text(text) == text


def test_a_mark_where_a_line_is_full_ends_no_prose_that_goes_on():
    assert seen_in_text("You find a lot for yourselves, at any time:\nin our pages, for example") == (
        "You find a lot for yourselves, at any time: in our pages, for example"
    )


def test_what_was_answered_between_quoted_lines_is_not_joined():
    assert seen_in_text("You asked about this long thing\n> x\nand about that") == (
        "You asked about this long thing\n\nand about that"
    )


def test_lines_that_a_program_broke_are_joined_where_it_says_so():
    flowed = "Content-Type: text/plain; format=flowed"
    assert mail("a \nb \nc\n\nd\n-- \nAda", flowed).texts == ("a b c\n\nd\n--\nAda",)


@pytest.mark.parametrize(
    ("document", "seen"),
    [
        pytest.param("<p>a</p><p>b<br>c</p><div>d</div>", "a\nb\nc\nd", id="blocks"),
        pytest.param("<ul><li>a<li>b</ul>c", "a\nb\nc", id="a list"),
        pytest.param("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb", id="a table"),
        pytest.param("a\n  <b>b</b>c\td&nbsp;&amp;&#101;", "a bc d &e", id="blanks, elements in a line, entities"),
        pytest.param("<html><head><title>a</title><style>b</style></head><body>c", "c", id="head"),
        pytest.param("a<script>if (b < c) d</script>e<style>f</style>", "ae", id="scripts and styles"),
        pytest.param("a<!-- b -->c<!--[if mso]><p>d</p><![endif]-->e", "a c e", id="comments"),
        pytest.param("a<!-- b", "a", id="a comment without an end"),
        pytest.param('a<p style="Display : NONE">b<i>c</i></p>d', "a\nd", id="hidden"),
        pytest.param('<div style="display:none">a<div>b</div>c</div>d', "d", id="hidden with the same inside"),
        pytest.param('<p style="display:none">a<p>b', "b", id="a hidden paragraph that is not closed"),
        pytest.param('<div><p style="display:none">a</div>b', "b", id="one that its parent closes"),
        pytest.param('<img style="display:none">a<input hidden>b', "ab", id="hidden without content"),
        pytest.param('<span hidden>a</span><i style="visibility:hidden">b</i>c', "c", id="hidden otherwise"),
        pytest.param('<i style="font-size:0px">a</i><i style="font-size:0.9em">b</i>', "b", id="of no size"),
        pytest.param("a<blockquote>b<blockquote>c</blockquote>d</blockquote>e", "a\ne", id="quotes"),
        pytest.param(
            '<blockquote style="margin:0 0 0 40px"><p>a<p>b</blockquote>', "a\nb", id="a mail that is indented"
        ),
        pytest.param("<blockquote><blockquote>a</blockquote></blockquote>", "a", id="one that is indented twice"),
        pytest.param('<blockquote>a<blockquote type="cite">b</blockquote></blockquote>', "a", id="a quote in it"),
        pytest.param('<blockquote type="cite">a</blockquote>', "", id="a quote alone"),
        pytest.param('<div class="gmail_quote"><blockquote>a</blockquote></div>', "", id="one of Gmail alone"),
        pytest.param("On Monday, Bo wrote:<blockquote>a</blockquote>", "", id="an answer that says nothing"),
        pytest.param('a<div class="gmail_quote gmail_quote_container">b<div>c</div></div>d', "a\nd", id="of Gmail"),
        pytest.param('a<div id="appendonsend"></div><hr>b<p>c', "a", id="of Outlook"),
        pytest.param("a<p><b>From:</b> Bo<br><b>Sent:</b> Monday</p>b", "a", id="headers that Outlook puts there"),
        pytest.param("<p>a</p><p>On Monday, Bo wrote:</p><p>b</p>", "a", id="an answer"),
        pytest.param("a < b > c <d", "a < b > c <d", id="marks that are none"),
        pytest.param("a</p></div></x>b", "a\nb", id="ends without a beginning"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_of_html_the_reader_sees_the_text(document, seen):
    assert html(document) == seen


def test_the_links_of_a_mail_that_is_indented_are_read():
    assert seen_in_html('<blockquote><a href="https://a.example">a</a></blockquote>')[1] == ("https://a.example",)


def test_links_are_those_of_the_html_and_the_addresses_in_the_texts():
    plain = ("See https://a.example/x?y=1, (www.b.example) and https://c.example.", "Content-Type: text/plain")
    rich = (
        '<a href="https://c.example">c</a> <a href=" http://d.example/?a=1&amp;b=2 ">d</a> <a name="x">e</a>'
        '<a href="mailto:ada@acme.example">Ada</a> <a href="javascript:x()">f</a>'
        '<blockquote><a href="https://old.example">g</a></blockquote>'
        '<div id="appendonsend"></div><a href="https://older.example">h</a>',
        "Content-Type: text/html",
    )
    assert mail(*multipart(plain, rich, kind="alternative")).links == (
        "https://c.example",
        "http://d.example/?a=1&b=2",
        "mailto:ada@acme.example",
        "javascript:x()",
        "https://a.example/x?y=1",
        "www.b.example",
    )


# --- what we build, what others build, and what nobody should ---------------------------------------------------------

LETTER = """\
Dear Ada,

Alex Novak is your **contact** from now on: [our pages](https://docs.example/).

- One
- Two

Regards,\\
Carol
"""


def test_a_letter_that_was_sent_as_it_is_reads_as_it_was_written():
    envelope = Envelope(Address("Carol", "carol@gitlab.example"), (Address("Ödön", "o@acme.example"),))
    date = datetime(2026, 11, 30, tzinfo=UTC)
    found = read_mail(build_mail("The möve", to_text(LETTER), to_html(LETTER, "x"), envelope, date))
    assert found.texts[0] == to_text(LETTER)
    assert found.texts[1].split("\n") == [
        "Dear Ada,",
        "Alex Novak is your contact from now on: our pages.",
        "One",
        "Two",
        "Regards,",
        "Carol",
    ]
    assert found.links == ("https://docs.example/",)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=200))
def test_what_python_writes_is_read(text):
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content(f"a {text}")
    message.add_alternative(f"<p>{re.sub('[<>&]', '', text)}</p>", subtype="html")
    message.add_attachment(b"x" * 100, maintype="application", subtype="pdf", filename="a.pdf")
    found = read_mail(message.as_bytes())
    assert len(found.texts) == 2
    assert found.texts[0].split() == f"a {text}".split() or "wrote:" in text


def nested(depth):
    return "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("Subject: x\n" + nested(10_000), id="parts in parts"),
        pytest.param("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 100_000, id="parts"),
    ],
)
def test_more_parts_than_a_letter_has_are_refused(content):
    with pytest.raises(MailError, match="more parts, or deeper ones"):
        read_mail(content.encode())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("To: " + "(" * 900_000, id="comments in an address"),
        pytest.param("To: " + '\\"' * 400_000, id="quotes"),
        pytest.param("To: a@" + "。ü" * 9_000, id="an international domain"),
        pytest.param("To: a@b.example\n" * 50_000, id="headers"),
        pytest.param("Subject: " + "=?a?q?" * 150_000, id="encoded words"),
        pytest.param("Subject: x" + "\n " * 300_000, id="folds"),
        pytest.param('Subject: x\nContent-Type: text/plain; a="' + ';a="' * 200_000, id="parameters"),
        pytest.param("Subject: x\nContent-Type: text/plain; format=flowed\n\n" + "a \n" * 300_000, id="flowed lines"),
        pytest.param("Subject: x\n\n" + "On a\n" * 200_000, id="beginnings of answers"),
        pytest.param("Subject: x\n\n" + "From:\n\n\n" * 100_000, id="beginnings of headers"),
        pytest.param("Subject: x\n\n" + ("Am " + "schrieb " * 60 + "\n") * 2_000, id="beginnings of German answers"),
        pytest.param("Subject: x\n\n" + "schrieb am " * 90_000, id="ends of German answers"),
        pytest.param("Subject: x\n\n" + "goes on and on and on\n" * 45_000, id="broken lines"),
        *(
            pytest.param(
                f"Subject: x\nContent-Type: text/html\n\n{each * (1_000_000 // len(each))}{end}", id=each + end
            )
            for each in ("<", "<a ", "<a b='", "<!--", "<![CDATA[", "<script>", "</a", "&#9", "<p hidden>", "<a////")
            for end in ("", ">")
        ),
    ],
)
def test_nothing_takes_forever(content):
    """Each of these takes hours where the time grows with the square of the length."""
    assert read_mail(content.encode() + (b"" if "\n\n" in content else b"\n\nHello"))


pieces = st.sampled_from(
    [b"From: a@b.example\n", b"Subject: =?utf-8?b?w7w=?=\n", b"Date: ", b"Content-Type: multipart/mixed; boundary=b\n"]
    + [b"Content-Type: text/html; charset=", b"utf-16\n", b"Content-Transfer-Encoding: base64\n", b"\n", b"\n--b\n"]
    + [b"--b--", b"<p style='", b"<blockquote>", b">", b"</p>", b"=?x?q?", b'"', b"<!--", b"\0", b"\xff", b"\r", b";"]
    + [b"*="]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.lists(st.one_of(pieces, st.binary(max_size=5)), max_size=40).map(b"".join))
)
def test_any_bytes_are_a_mail_or_refused_in_words(content):
    try:
        found = read_mail(content)
    except MailError as error:
        assert str(error).endswith(".")
    else:
        assert found.texts
        assert "\n" not in found.subject


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/html", "text/plain"]), st.text(max_size=12))
def test_any_body_in_any_charset_is_a_text(body, kind, charset):
    head = f"Subject: x\nContent-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: base64\n\n"
    head = head.encode("utf-8", "replace").replace(b"\n\n\n", b"\n\n")
    assert all(isinstance(each, str) for each in read_mail(head + base64.encodebytes(body)).texts)
