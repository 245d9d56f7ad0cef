"""`send back: reason` counts only as a person with the right to do so first posted it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.checklist import build_document, parse_sheet
from automation.core.commands import judge_commands
from automation.core.people import build_cast
from automation.core.remembered import Memory
from tests.builders import SMALL_TEXT, START, make_directory, make_note, small_process, with_value


def judge(*notes, remembered=(), refused=(), text=SMALL_TEXT, directory=None):
    process = small_process()
    cast = build_cast(process, build_document(parse_sheet(text), process), directory or make_directory(), START)
    keys = {f"{note_id}:send-back:": why for note_id, why in dict(refused).items()}
    memory = Memory("small", 1, sent_back=tuple(remembered), refused=keys)
    commanded = judge_commands(notes, process, cast, memory)
    return commanded.sent_back, commanded.refused


def reasons(*bodies, by="ben"):
    counted, _ = judge(*(make_note(body, by, 100 + place) for place, body in enumerate(bodies)))
    return [each.reason for each in counted]


def refusals(*notes):
    return [(refused.note.id, refused.why) for refused in judge(*notes)[1]]


# --- what is a command ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("send back: the seats are wrong", "the seats are wrong"),
        ("Send back: x", "x"),
        ("SEND BACK: x", "x"),
        ("send  back:x", "x"),
        ("send back : x", "x"),
        ("  send back: x  ", "x"),
        ("send back: x: y", "x: y"),
        ("send back: **seats** are `wrong`", "seats are wrong"),
        ("**send back:** x", "x"),
        ("Hello,\nsend back: x\nregards", "x"),
        ("Hello,\n\nsend back: x\n\nregards", "x"),
        ("send back: x\n\nsend back: y", "x"),
        ("@carol please look\nsend back: x", "x"),
        ("send back: /close", "/close"),
        ("send back: <b>x</b>", "x"),
        ("send back: x\r\n", "x"),
        ("@carol send back: x", "x"),
        ("@carol, @mia: send back: x", "x"),
        ("send back - x", "x"),
        ("send back – x", "x"),
        ("send back:\nx", "x"),
        ("send back:\n\nx\n\ny", "x"),
    ],
)
def test_a_command_is_a_line_of_its_own(body, reason):
    assert reasons(body) == [reason]


@pytest.mark.parametrize(
    "body",
    [
        "send back the laptop: it is broken",
        "I will send back: x",
        "please send back: x",
        "sendback: x",
        "> send back: x",
        "- send back: x",
        "1. send back: x",
        "- [ ] send back: x",
        "# send back: x",
        "`send back: x`",
        "```\nsend back: x\n```",
        "    send back: x",
        "<!-- send back: x -->",
        "<div>\nsend back: x\n</div>",
        "| send back: x |\n|-|",
        "send-back: x",
        "resend back: x",
        "send back, please",
        "send backs: x",
        "To return it, write `send back: what needs mending`.",
        "",
    ],
)
def test_is_no_command(body):
    counted, refused = judge(make_note(body, "ben"))
    assert (counted, refused) == ((), ())


@pytest.mark.parametrize(
    "body",
    ["send back", "send back.", "send back:", "send back: ", "send back: TBD", "send back: ...", "send back: <reason>"],
)
def test_a_command_needs_its_reason(body):
    assert refusals(make_note(body, "ben", 105)) == [(105, "no-reason")]


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["carol", "chloe", "mia", "eve", "dana"])
def test_only_the_named_owner_may_send_back(by):
    assert refusals(make_note("send back: x", by, 105)) == [(105, "wrong-person")]


def test_the_case_of_a_username_does_not_matter():
    counted, _ = judge(make_note("send back: x", "Ben"), text=with_value(SMALL_TEXT, "Owner", "@bEN"))
    assert [each.reason for each in counted] == ["x"]


def test_an_owner_whom_the_directory_does_not_know_may_not():
    counted, refused = judge(make_note("send back: x", "ben"), directory=make_directory(without=["ben"]))
    assert (len(counted), [each.why for each in refused]) == (0, ["wrong-person"])


def test_a_system_note_commands_nothing():
    counted, refused = judge(make_note("send back: x", "ben", is_system=True))
    assert (counted, refused) == ((), ())


@pytest.mark.parametrize("marker", ["<!-- handover:status state= seal= -->", "<!-- handover:ping a:1 seal= -->"])
def test_our_own_comments_command_nothing(marker):
    counted, refused = judge(make_note(f"{marker}\n\nsend back: what needs mending", "ben"))
    assert (counted, refused) == ((), ())


# --- edited, deleted, remembered --------------------------------------------------------------------------------------


def test_an_edited_comment_commands_nothing():
    note = make_note("send back: x", "ben", 105, updated_at=START.replace(day=9))
    assert judge(note)[0] == ()
    assert refusals(note) == [(105, "edited")]


def test_what_counted_once_stays_when_its_comment_is_edited():
    note = make_note("send back: x", "ben", 105)
    first, _ = judge(note)
    later, refused = judge(make_note("never mind", "ben", 105, updated_at=START.replace(day=9)), remembered=first)
    assert (later, refused) == (first, ())


def test_what_counted_once_stays_when_its_comment_is_deleted():
    first, _ = judge(make_note("send back: x", "ben", 105))
    assert judge(remembered=first)[0] == first


def test_what_counted_once_stays_when_the_owner_changes():
    note = make_note("send back: x", "ben", 105)
    first, _ = judge(note)
    assert judge(note, remembered=first, text=with_value(SMALL_TEXT, "Owner", "@chloe")) == (first, ())


def test_what_was_refused_once_stays_refused_when_its_author_becomes_the_owner():
    note = make_note("send back: x", "chloe", 105)
    _, refused = judge(note)
    counted, again = judge(note, refused={"105": refused[0].why}, text=with_value(SMALL_TEXT, "Owner", "@chloe"))
    assert (counted, [each.why for each in again]) == ((), ["wrong-person"])


def test_returns_come_in_the_order_of_their_comments():
    counted, _ = judge(make_note("send back: b", "ben", 107), make_note("send back: a", "ben", 105))
    assert [each.note_id for each in counted] == [105, 107]


def test_a_return_knows_its_stage_its_time_and_who():
    note = make_note("send back: x", "ben", 105)
    ((back,), _) = judge(note)
    assert (back.note_id, back.at, back.by, back.stage) == (105, note.created_at, "ben", "review")


# --- laws -------------------------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.sampled_from(
            ["send back", "send", ":", " ", "\n", "x", "> ", "- ", "`", "```\n", "**", "<!--", "/close", "\u202e", "\\"]
        ),
        max_size=25,
    ).map("".join)
)
def test_any_comment_is_judged_once(body):
    counted, refused = judge(make_note(body, "ben", 105))
    assert len(counted) + len(refused) <= 1
    assert [each for each in counted if not each.reason.strip() or "\n" in each.reason] == []


@given(st.text(max_size=80))
def test_nobody_else_ever_sends_back(body):
    assert judge(make_note(f"send back: {body}", "eve"))[0] == ()
