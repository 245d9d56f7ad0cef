"""The state block survives the way through a comment, and what somebody altered, copied or forged is no memory."""

import base64
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.memory import (
    PING_MARKER,
    STATUS_MARKER,
    digest,
    find_memory,
    find_pings,
    find_status_notes,
    is_worth_writing,
    ping_marker,
    status_marker,
)
from automation.core.model import User
from automation.core.remembered import Accepted, Memory, Passed, SentBack, Void
from tests.builders import BOT, PROJECT, START, make_note, make_seal, make_user

FULL = Memory(
    process="small",
    version=1,
    label="small::review",
    edit_id=108,
    ping_id=109,
    open_after={"2.1": 104},
    accepted={"2.1": Accepted(107, "ben", {"ready": "0" * 20})},
    void={"3.4": Void(103, 108)},
    early={"3.2": 101},
    fair={"1.1": 100, "1.2": 0},
    digests={"ready": "0" * 20, "account": "1" * 20},
    gates={"ready": Passed(106, START)},
    sent_back=(SentBack(105, START, "ben", "review", "seats `/close` @all\nünïcödé"),),
    told=("turn:review:106", "item-missing:2.1:108"),
)


def status(memory=FULL, seal=None, by=BOT, id=200, **changes):
    return make_note(f"{status_marker(memory, seal or make_seal())}\n\nAll is well.", by, id, **changes)


def block(content, seal=None):
    """Write any JSON value as a state block that is sealed correctly."""
    state = base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()
    return raw_block(state, seal)


def raw_block(state, seal=None):
    return make_note(
        f"{STATUS_MARKER} state={state} seal={(seal or make_seal()).sign('status', state)} -->\n\nx", BOT, 200
    )


# --- there and back ---------------------------------------------------------------------------------------------------

IDS = st.integers(0, 2**53)
CODES = st.sampled_from(["1.1", "1.10", "2.4", "4.5a"])
KEYS = st.from_regex(r"[a-z-]{1,12}(:[0-9.]{1,4})?:[0-9]{1,9}", fullmatch=True)
SHORT = st.text(max_size=20)
TIMES = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))
MEMORIES = st.builds(
    Memory,
    process=SHORT,
    version=st.integers(0, 9),
    label=SHORT,
    edit_id=IDS,
    ping_id=IDS,
    open_after=st.dictionaries(CODES, IDS, max_size=3),
    accepted=st.dictionaries(
        CODES, st.builds(Accepted, IDS, SHORT, st.dictionaries(SHORT, SHORT, max_size=2)), max_size=2
    ),
    void=st.dictionaries(CODES, st.builds(Void, IDS, IDS), max_size=2),
    early=st.dictionaries(CODES, IDS, max_size=2),
    fair=st.dictionaries(CODES, IDS, max_size=2),
    digests=st.dictionaries(SHORT, SHORT, max_size=2),
    gates=st.dictionaries(SHORT, st.builds(Passed, IDS, TIMES), max_size=2),
    sent_back=st.lists(st.builds(SentBack, IDS, TIMES, SHORT, SHORT, SHORT), max_size=2).map(tuple),
    told=st.lists(KEYS, max_size=3).map(tuple),
)


@settings(max_examples=60)
@given(MEMORIES, st.sampled_from(["", "a key"]))
def test_a_memory_comes_back_as_it_went(memory, key):
    seal = make_seal(key)
    assert find_memory([status(memory, seal)], seal) == memory


@given(MEMORIES)
@settings(max_examples=30)
def test_a_block_is_one_line_without_anything_that_gitlab_could_act_on(memory):
    line = status_marker(memory, make_seal())
    assert len(line.splitlines()) == 1
    assert line.startswith("<!-- ")
    assert line.endswith(" -->")
    assert line.count("-->") == 1
    assert "@" not in line


def test_gitlab_may_strip_blanks_behind_the_comment():
    note = replace(status(), body=status().body.rstrip() + "\n\n")
    assert find_memory([note], make_seal()) == FULL


# --- what is not ours -------------------------------------------------------------------------------------------------

BODY = status().body


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(make_note(BODY.replace("state=", "state=A", 1), BOT), id="altered state"),
        pytest.param(make_note(BODY.replace("seal=", "seal=0", 1), BOT), id="altered seal"),
        pytest.param(make_note(BODY.split(" seal=")[0] + " seal= -->", BOT), id="seal taken away"),
        pytest.param(make_note(" " + BODY, BOT), id="not at the beginning"),
        pytest.param(make_note("> " + BODY, BOT), id="quoted"),
        pytest.param(make_note(BODY, BOT, is_system=True), id="system note"),
        pytest.param(status(seal=make_seal("another key")), id="another key"),
        pytest.param(status(seal=make_seal(iid=2)), id="copied from another issue"),
        pytest.param(status(seal=make_seal(project_id=8)), id="copied from another project"),
        pytest.param(status(seal=make_seal("")), id="without a seal"),
        pytest.param(make_note(f"{STATUS_MARKER} -->", BOT), id="no state at all"),
        pytest.param(raw_block("AAAA"), id="no zip"),
        pytest.param(raw_block("A"), id="no base64"),
        pytest.param(raw_block(""), id="empty"),
        pytest.param(block([]), id="a list"),
        pytest.param(block("x"), id="a text"),
        pytest.param(block({}), id="no format"),
        pytest.param(block({"format": 2}), id="a later format"),
        pytest.param(block({"format": 1}), id="nothing but a format"),
    ],
)
def test_is_no_memory(note):
    assert find_memory([note], make_seal()) is None


def content_of(memory):
    """Return the content of the block of *memory* as a dict."""
    state = status_marker(memory, make_seal("")).split("state=")[1].split(" ")[0]
    return json.loads(zlib.decompress(base64.b64decode(state)))


@pytest.mark.parametrize("key", [key for key in content_of(FULL) if key != "format"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [1], {"x": 1}, {"x": None}, [["x"]], {"2.1": {"note_id": 1}}])
def test_a_block_of_wrong_types_breaks_nothing(key, value):
    """A sealed block can only be ours, but without a key a Maintainer may edit it. What is read has its types."""
    found = find_memory([block({**content_of(FULL), key: value})], make_seal())
    assert found is None or find_memory([status(found)], make_seal()) == found


def test_a_zip_bomb_is_no_memory():
    content = b'{"format": 1, "told": ["' + b"a" * 50_000_000 + b'"]}'
    state = base64.b64encode(zlib.compress(content, 9)).decode()
    assert len(state) < 200_000
    assert find_memory([raw_block(state)], make_seal()) is None


def test_bombs_in_every_comment_do_not_hold_up_the_run():
    bomb = raw_block(base64.b64encode(zlib.compress(b" " * 20_000_000, 9)).decode())
    assert find_memory([bomb] * 20, make_seal()) is None


def test_a_deeply_nested_block_is_no_memory():
    """Without a key, a Maintainer may write it into our comment; the run must not end in a traceback."""
    state = base64.b64encode(zlib.compress(b"[" * 900_000)).decode()
    assert find_memory([raw_block(state, make_seal(""))], make_seal("")) is None


# --- with a key and without -------------------------------------------------------------------------------------------


def test_with_a_key_the_seal_counts_whoever_posted_it():
    """After a change of token the old account's comment still speaks."""
    assert find_memory([status(by=User(55, "project_7_bot", "old bot"))], make_seal()) == FULL


def test_without_a_key_only_our_own_account_counts():
    seal = make_seal("")
    assert find_memory([status(seal=seal)], seal) == FULL
    assert find_memory([status(seal=seal, by=make_user("eve"))], seal) is None


def test_without_a_key_a_sealed_block_of_ours_still_counts():
    """Somebody took the key away: the account is what is left."""
    assert find_memory([status()], make_seal("")) == FULL


def test_an_old_copy_that_somebody_posts_anew_does_not_take_us_back():
    old = replace(FULL, edit_id=101, accepted={})
    notes = [status(id=200), status(old, by=make_user("eve"), id=300)]
    assert find_memory(notes, make_seal()) == FULL
    assert find_memory(notes[::-1], make_seal()) == FULL


def test_of_two_copies_by_other_accounts_the_one_that_read_most_counts():
    old = replace(FULL, edit_id=101)
    notes = [status(by=User(55, "old_bot"), id=200), status(old, by=make_user("eve"), id=300)]
    assert find_memory(notes, make_seal()) == FULL


def test_of_two_status_comments_of_ours_the_one_that_read_most_counts():
    notes = [status(id=200), status(replace(FULL, edit_id=110), id=201)]
    assert find_memory(notes, make_seal()).edit_id == 110


# --- finding our own comments -----------------------------------------------------------------------------------------


def test_only_our_own_status_comments_may_be_edited():
    notes = [status(id=200), status(by=make_user("eve"), id=201), make_note("hello", BOT, 202), status(id=203)]
    assert [note.id for note in find_status_notes(notes, make_seal())] == [200, 203]


def test_a_status_comment_that_somebody_altered_is_still_the_one_to_edit():
    notes = [make_note(f"{STATUS_MARKER} broken", BOT, 200)]
    assert [note.id for note in find_status_notes(notes, make_seal())] == [200]


def test_a_system_note_is_no_status_comment():
    assert find_status_notes([status(is_system=True)], make_seal()) == ()


@pytest.mark.parametrize("key", ["turn:review", "abc", "turn:review:x", "turn:review:-1", "a b:1", ":1"])
def test_a_block_with_a_key_that_is_none_is_no_memory(key):
    """Without a sealing key a Maintainer may edit the block; nothing in it may stop the run."""
    seal = make_seal("")
    note = make_note(f"{status_marker(Memory('small', 1, told=(key,)), seal)}\n\nx", BOT)
    assert find_memory([note], seal) is None


@pytest.mark.parametrize(
    "keys", [("turn:review:106",), ("a:1", "b:2"), ("item-missing:4.5a:0", "role-unknown:cse_territory_owner:12")]
)
@pytest.mark.parametrize("key", ["", "a key"])
def test_the_keys_of_a_ping_come_back(keys, key):
    seal = make_seal(key)
    note = make_note(f"{ping_marker(keys, seal)}\n\nHello", BOT, 200)
    assert find_pings([note], seal) == ((note, keys),)


@pytest.mark.parametrize(
    "note",
    [
        make_note(f"{ping_marker(['a:1'], make_seal('x'))}\n\nHello", "eve"),
        make_note(f"{ping_marker(['a:1'], make_seal(iid=2))}\n\nHello", "eve"),
        make_note(f"{PING_MARKER} a:1 seal= -->\n\nHello", "eve"),
        make_note(f"Hello {ping_marker(['a:1'], make_seal())}", BOT),
        make_note("hello", BOT),
    ],
)
def test_a_ping_of_somebody_else_tells_nothing(note):
    assert find_pings([note], make_seal()) == ()


def test_a_ping_of_many_keys_is_found_again():
    keys = tuple(f"command-invalid:{number}" for number in range(100_000, 100_500))
    note = make_note(f"{ping_marker(keys, make_seal())}\n\nHello", BOT)
    assert find_pings([note], make_seal()) == ((note, keys),)


# --- small things -----------------------------------------------------------------------------------------------------


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | SHORT, lambda inner: st.lists(inner, max_size=3), max_leaves=5
    )
)
def test_the_digest_of_a_value_is_the_same_each_time(value):
    assert digest(value) == digest(json.loads(json.dumps(value)))


@pytest.mark.parametrize(
    ("one", "other"), [({"a": 1}, {"a": "1"}), ({"a": 1}, {"a": 2}), ({"a": None}, {}), (["a", "b"], ["b", "a"])]
)
def test_digests_of_different_values_differ(one, other):
    assert digest(one) != digest(other)


def test_the_order_of_keys_does_not_change_a_digest():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_the_newest_ping_alone_is_no_reason_to_write():
    assert not is_worth_writing(replace(FULL, ping_id=999), FULL)
    assert is_worth_writing(replace(FULL, edit_id=999), FULL)
    assert is_worth_writing(FULL, None)


def test_a_seal_covers_kind_project_issue_and_content():
    seals = {
        make_seal().sign("status", "a"),
        make_seal().sign("ping", "a"),
        make_seal().sign("status", "b"),
        make_seal(iid=2).sign("status", "a"),
        make_seal(project_id=PROJECT + 1).sign("status", "a"),
        make_seal("other").sign("status", "a"),
    }
    assert len(seals) == 6


def test_the_time_of_a_gate_keeps_its_zone():
    found = find_memory(
        [status(replace(FULL, gates={"ready": Passed(1, START + timedelta(microseconds=5))}))], make_seal()
    )
    assert found.gates["ready"].at == START + timedelta(microseconds=5)
