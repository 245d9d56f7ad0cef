"""What is kept of a handover while people, keys, accounts and releases change, and what is never taken for our own."""

import base64
import json
import re
import zlib
from dataclasses import replace
from datetime import time, timedelta

import pytest

from automation.core.memory import STATUS_MARKER, Seal, find_memory, status_marker
from automation.core.model import User, WriteStatus
from automation.core.quiet import QuietHours
from automation.core.remembered import Accepted, Memory, Passed, SentBack, Void
from automation.core.workdays import Calendars
from tests.builders import (
    BOT,
    KEY,
    PROJECT,
    ROLES,
    SMALL_TEXT,
    START,
    Tale,
    found,
    get_finding,
    make_directory,
    make_note,
    make_seal,
    make_user,
    with_value,
)


def reviewing(**options):
    """The first stage is done, and a run has told whose turn it is."""
    return Tale(**{"comments_per_day": 50, **options}).finish("ready").run()


def approved(**options):
    return reviewing(**options).tick("2.1", "ben").run()


def told(story, code=""):
    return [key.rsplit(":", 1)[0] for key in story.told if key.startswith(code)]


def mentioned(body):
    return re.findall(r"@(\w+)", body.split("\n", 1)[1])


def without_status(story):
    story.notes = [note for note in story.notes if not note.body.startswith(STATUS_MARKER)]
    return story


# --- a role passes to somebody else -----------------------------------------------------------------------------------


def test_a_role_passed_on_is_told_once_to_new_old_and_manager():
    story = reviewing().write("Owner", "@chloe", "carol").run()
    assert told(story) == ["turn:review", "role-changed:cse_territory_owner"]
    assert mentioned(story.pings[-1]) == ["chloe", "ben", "mia"]
    assert (story.plan(), story.wait(days=3).plan()) == ((), ())


def test_before_the_first_gate_people_may_look_for_the_right_names():
    story = Tale().run().write("Owner", "@chloe", "carol").run().write("CSM", "@dave", "carol").run()
    assert story.pings == []
    story.tick("1.1", "dave").tick("1.2", "dave").tick("1.10", "dave").run()
    assert told(story) == ["turn:review"]


def test_after_a_return_to_the_first_stage_it_is_told_too():
    story = reviewing().say("send back: the seats are wrong", "ben").run().write("CSM", "@dave", "mia").run()
    assert told(story, "role-changed") == ["role-changed:csm"]


def test_after_the_first_gate_was_shut_again_it_is_told_too():
    story = reviewing().untick("1.1", "carol").run().write("CSM", "@dave", "mia").run()
    assert told(story, "role-changed") == ["role-changed:csm"]


def test_two_roles_passed_on_in_one_save_stand_in_one_comment():
    story = reviewing().edit(lambda text: text.replace("@ben", "@chloe").replace("@carol", "@dave"), "mia").run()
    assert set(told(story, "role-changed")) == {"role-changed:csm", "role-changed:cse_territory_owner"}
    assert len(story.pings) == 2


def test_a_role_passed_on_voids_nothing():
    story = approved().write("Owner", "@chloe", "carol").run()
    assert story.stage_labels == {"small::finish"}
    assert {code for code, _ in found(story.judge())} == {"item-open"}


def test_whoever_holds_the_role_now_must_act():
    story = reviewing().write("Owner", "@chloe", "carol").run()
    assert story.judge().acting == {"cse_territory_owner": ("chloe",)}
    assert ("signer-wrong", "2.1") in found(story.copy().tick("2.1", "ben").judge())
    assert story.tick("2.1", "chloe").run().stage_labels == {"small::finish"}


def test_there_and_back_before_any_run_is_nothing():
    story = reviewing().write("Owner", "@chloe", "carol").write("Owner", "@ben", "carol")
    assert told(story.run(), "role-changed") == []


def test_there_and_back_while_nobody_was_told_is_nothing():
    """The ceiling of the day is reached: what is told the next day is what is true then."""
    story = reviewing(comments_per_day=1).write("Owner", "@chloe", "carol").run().write("Owner", "@ben", "carol").run()
    assert told(story.wait(days=1).run(), "role-changed") == []


def test_there_and_back_overnight_is_nothing():
    story = reviewing(quiet_hours=QuietHours(time(18), time(8), Calendars()))
    story.write("Owner", "@chloe", "carol").run().write("Owner", "@ben", "carol").run()
    assert told(story.wait(hours=6).run(), "role-changed") == []


def test_there_and_back_while_everybody_was_told_is_told_twice():
    story = reviewing().write("Owner", "@chloe", "carol").run().write("Owner", "@ben", "carol").run()
    assert told(story, "role-changed") == ["role-changed:cse_territory_owner"] * 2
    assert mentioned(story.pings[-1]) == ["ben", "chloe", "mia"]


def test_what_nobody_was_told_of_is_told_from_the_first_to_the_last():
    directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "chloe", "eve")})
    story = reviewing(comments_per_day=1, directory=directory)
    story.write("Owner", "@chloe", "carol").run().write("Owner", "@eve", "carol").run().wait(days=1).run()
    assert told(story, "role-changed") == ["role-changed:cse_territory_owner"]
    assert mentioned(story.pings[-1]) == ["eve", "ben", "mia"]


def test_a_blank_in_between_is_no_change():
    story = reviewing().write("Owner", "", "carol").run()
    assert told(story, "role-changed") == []
    assert told(story.write("Owner", "@ben", "carol").run(), "role-changed") == []
    story.write("Owner", "", "carol").run().write("Owner", "@chloe", "carol").run()
    assert told(story, "role-changed") == ["role-changed:cse_territory_owner"]


def test_somebody_whom_the_directory_does_not_know_is_no_successor():
    story = reviewing().write("Owner", "@eve", "carol").run()
    assert told(story, "role-changed") == []
    assert ("role-unknown", "owner") in found(story.judge())


def test_capitals_and_order_are_no_change():
    story = reviewing(text=with_value(SMALL_TEXT, "Owner", "@ben @chloe"))
    assert told(story.write("Owner", "@Chloe, @BEN", "carol").run(), "role-changed") == []


def test_nobody_is_told_of_roles_in_a_cancelled_handover():
    story = reviewing().say("cancel: the customer left", "mia").run().write("Owner", "@chloe", "carol").run()
    assert told(story, "role-changed") == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_killed_after_any_write_a_change_of_role_is_told_once(number):
    story = reviewing().write("Owner", "@chloe", "carol").run(only=number).run().run()
    assert told(story, "role-changed") == ["role-changed:cse_territory_owner"]
    assert story.plan() == ()


# --- a tick by somebody who is named afterwards -----------------------------------------------------------------------


def test_a_wrong_persons_tick_does_not_count_when_the_csm_names_that_person():
    story = reviewing().tick("2.1", "chloe").run().write("Owner", "@chloe", "carol").run()
    assert ("signer-wrong", "2.1") in found(story.judge())
    assert story.stage_labels == {"small::review"}
    assert ("signer-wrong", "2.1") in found(story.wait(days=3).run().judge())


def test_the_person_named_must_tick_again_and_that_counts():
    story = reviewing().tick("2.1", "chloe").run().write("Owner", "@chloe", "carol").run().retick("2.1", "chloe").run()
    assert story.stage_labels == {"small::finish"}
    assert story.plan() == ()


def test_a_tick_of_somebody_whom_only_the_directory_makes_a_holder_later_does_not_count_either():
    story = reviewing().tick("2.1", "eve").run()
    story.directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "eve")})
    assert ("signer-wrong", "2.1") in found(story.write("Owner", "@eve", "carol").run().judge())


def test_where_nobody_was_named_the_tick_counts_when_that_person_is():
    story = reviewing().write("Owner", "", "carol").run().tick("2.1", "chloe").run()
    assert get_finding(story.judge(), "signer-wrong", "2.1").words == "signer-wrong.nobody"
    story.write("Owner", "@chloe", "carol").run()
    assert story.stage_labels == {"small::finish"}


def test_where_nobody_was_named_the_tick_counts_for_nobody_else():
    story = reviewing().write("Owner", "", "carol").run().tick("2.1", "eve").run().write("Owner", "@chloe", "carol")
    assert ("signer-wrong", "2.1") in found(story.run().judge())
    assert story.stage_labels == {"small::review"}


# --- the sealing key is changed ---------------------------------------------------------------------------------------

OLD, ROLLING, NEW = make_seal("old key"), replace(make_seal("new key"), old_key="old key"), make_seal("new key")


def test_what_the_old_key_sealed_still_counts_and_is_sealed_anew():
    story = approved(seal=OLD)
    before = story.memory
    story.seal = ROLLING
    assert story.memory == before
    assert [type(action) for action in story.plan()] == [WriteStatus]
    story.run()
    assert story.plan() == ()
    assert len([note for note in story.notes if note.body.startswith(STATUS_MARKER)]) == 1


def test_when_all_is_sealed_anew_the_old_key_is_needed_no_more():
    story = approved(seal=OLD)
    before = story.memory
    story.seal = ROLLING
    story.run().seal = NEW
    assert replace(story.memory, ping_id=0) == replace(before, ping_id=0)
    assert story.plan() == ()
    assert find_memory(story.notes, OLD) is None


def test_with_the_new_key_alone_and_nothing_sealed_anew_there_is_no_memory():
    story = approved(seal=OLD)
    assert find_memory(story.notes, NEW) is None


def test_while_keys_are_changed_the_story_goes_on():
    story = reviewing(seal=OLD).tick("2.1", "chloe").run()
    story.seal = ROLLING
    story.run().write("Owner", "@chloe", "carol").run()
    story.seal = NEW
    story.run()
    assert ("signer-wrong", "2.1") in found(story.judge())
    assert told(story) == ["turn:review", "signer-wrong:2.1", "role-changed:cse_territory_owner"]


@pytest.mark.parametrize("number", [0, 1])
def test_killed_while_keys_are_changed_nothing_is_said_twice(number):
    story = reviewing(seal=OLD).tick("2.1", "eve")
    story.seal = ROLLING
    story.run(only=number).run().run()
    assert told(story) == ["turn:review", "signer-wrong:2.1"]
    assert story.plan() == ()


def test_an_empty_old_key_opens_nothing():
    forged = make_note(f"{status_marker(Memory('small', 1), make_seal(''))}\n\nx", "eve")
    assert find_memory([forged], make_seal("new key")) is None
    assert find_memory([forged], replace(make_seal("new key"), old_key="")) is None


# --- what is not our memory -------------------------------------------------------------------------------------------

KEYS = pytest.mark.parametrize("key", [KEY, ""])


def status_of(story):
    return next(note for note in story.notes if note.body.startswith(STATUS_MARKER))


def state_of(note):
    return note.body.split("state=")[1].split(" ")[0]


@KEYS
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_an_altered_letter_makes_it_no_memory(key, share):
    note = status_of(approved(seal=make_seal(key)))
    state = state_of(note)
    place = int(len(state) * share)
    altered = state[:place] + ("A" if state[place] != "A" else "B") + state[place + 1 :]
    assert find_memory([replace(note, body=note.body.replace(state, altered))], make_seal(key)) is None


@KEYS
@pytest.mark.parametrize("end", [slice(0, -40), slice(4, None), slice(0, 0)])
def test_a_block_cut_short_is_no_memory(key, end):
    note = status_of(approved(seal=make_seal(key)))
    body = note.body.replace(state_of(note), state_of(note)[end])
    assert find_memory([replace(note, body=body)], make_seal(key)) is None


@KEYS
@pytest.mark.parametrize("where", [{"iid": 2}, {"project_id": PROJECT + 1}])
def test_a_copy_in_another_issue_or_project_is_no_memory_even_posted_by_us(key, where):
    note = status_of(approved(seal=make_seal(key)))
    assert find_memory([note], make_seal(key)) is not None
    assert find_memory([note], make_seal(key, **where)) is None


@KEYS
def test_a_copy_in_another_issue_approves_nothing_there(key):
    """Somebody copies the whole comment of an approved handover under one that nobody has approved."""
    copied = status_of(approved(seal=make_seal(key)))
    there = reviewing(seal=make_seal(key, iid=2))
    there.notes.append(replace(copied, id=there.next_id, author=make_user("eve")))
    there.next_id += 1
    there.silently("2.1", "x", "eve").run()
    assert there.stage_labels == {"small::review"}
    assert there.memory.accepted == {}


@KEYS
def test_an_altered_memory_is_replaced_and_tells_nothing_again(key):
    story = approved(seal=make_seal(key)).tick("3.4", "eve").run()
    before = story.told
    place = story.notes.index(status_of(story))
    story.notes[place] = replace(story.notes[place], body=story.notes[place].body.replace("state=", "state=AAAA", 1))
    story.run()
    assert (story.told, story.plan()) == (before, ())
    assert story.stage_labels == {"small::finish"}


@KEYS
def test_what_somebody_writes_as_a_status_comment_is_none_of_ours(key):
    story = reviewing(seal=make_seal(key))
    forged = replace(story.memory, accepted={"2.1": Accepted(999, "ben", {})})
    story.say(f"{status_marker(forged, make_seal('a guess'))}\n\nAll is well.", "eve").run()
    assert story.memory.accepted == {}
    assert len([note for note in story.notes if note.body.startswith(STATUS_MARKER)]) == 2


# --- blocks of the first release --------------------------------------------------------------------------------------

FIRST_FIELDS = (
    *("process", "version", "label", "edit_id", "ping_id", "open_after", "accepted", "void", "early", "skipped"),
    *("fair", "digests", "gates", "sent_back", "refused", "moved", "told"),
)
FIRST = {
    "format": 1,
    "process": "small",
    "version": 1,
    "label": "small::review",
    "edit_id": 108,
    "ping_id": 109,
    "open_after": {"2.1": 104},
    "accepted": {"2.1": {"note_id": 107, "by": "ben", "digests": {"ready": "0" * 20}}},
    "void": {"3.4": {"note_id": 103, "since": 108}},
    "early": {"3.2": 101},
    "skipped": {"3.1": 102},
    "fair": {"1.1": 100, "1.2": 0},
    "digests": {"ready": "0" * 20, "account": "1" * 20},
    "gates": {"ready": {"note_id": 106, "at": "2026-11-02T09:00:00+00:00"}},
    "sent_back": [
        {
            "note_id": 105,
            "at": "2026-11-02T09:00:00+00:00",
            "by": "ben",
            "stage": "review",
            "reason": "seats",
            "answered_by": 106,
        }
    ],
    "refused": {"99": "no-reason"},
    "moved": ["900", "eve", "small::finish"],
    "told": ["turn:review:106", "command-invalid:99"],
}


def block_of(content, seal):
    """Write a comment with the block *content*, sealed as the first release sealed it."""
    state = base64.b64encode(zlib.compress(json.dumps(content).encode(), 9)).decode()
    return f"{STATUS_MARKER} state={state} seal={seal.sign('status', state)} -->\n\nAll is well."


@KEYS
def test_a_block_of_the_first_release_is_read(key):
    seal = make_seal(key)
    assert find_memory([make_note(block_of(FIRST, seal), BOT, 200)], seal) == Memory(
        process="small",
        version=1,
        label="small::review",
        edit_id=108,
        ping_id=109,
        open_after={"2.1": 104},
        accepted={"2.1": Accepted(107, "ben", {"ready": "0" * 20})},
        void={"3.4": Void(103, 108)},
        early={"3.2": 101},
        skipped={"3.1": 102},
        fair={"1.1": 100, "1.2": 0},
        digests={"ready": "0" * 20, "account": "1" * 20},
        gates={"ready": Passed(106, START)},
        sent_back=(SentBack(105, START, "ben", "review", "seats", 106),),
        refused={"99:send-back:": "no-reason"},
        moved=("900", "eve", "small::finish"),
        told=("turn:review:106", "command-invalid:send-back:99"),
    )


@pytest.mark.parametrize("key", FIRST_FIELDS)
@pytest.mark.parametrize("value", [None, "x", [1]])
def test_a_block_of_the_first_release_with_wrong_types_breaks_nothing(key, value):
    note = make_note(block_of({**FIRST, key: value}, make_seal()), BOT, 200)
    memory = find_memory([note], make_seal())
    assert memory is None or find_memory([replace(note, body=status_marker(memory, make_seal()))], make_seal())


@pytest.mark.parametrize("extra", [{"surprise": 1}, {"issue": [PROJECT, 1]}])
def test_a_block_of_the_first_release_with_more_than_that_release_wrote_is_none(extra):
    note = make_note(block_of({**FIRST, **extra}, make_seal()), BOT, 200)
    assert find_memory([note], make_seal()) is None


def by_first_release(story):
    """Let it have been the first release that wrote the status comment."""
    note = status_of(story)
    content = json.loads(zlib.decompress(base64.b64decode(state_of(note))))
    kept = {key: content[key] for key in FIRST_FIELDS}
    kept["refused"] = {key.split(":")[0]: why for key, why in content["refused"].items()}
    kept["told"] = [key.replace("command-invalid:send-back:", "command-invalid:") for key in content["told"]]
    body = f"{block_of({'format': 1, **kept}, story.seal).splitlines()[0]}\n{note.body.split(chr(10), 1)[1]}"
    story.notes[story.notes.index(note)] = replace(note, body=body)
    return story


UPGRADED = {
    "in review": reviewing,
    "approved": approved,
    "a wrong signer": lambda: reviewing().tick("2.1", "eve").run(),
    "a skipped gate": lambda: reviewing().tick("3.1", "carol").run(),
    "an early sign-off": lambda: Tale(comments_per_day=50).run().tick("2.1", "ben").run(),
    "a stale sign-off": lambda: approved().write("Customer", "Globex", "carol").run(),
    "sent back": lambda: approved().say("send back: the seats are wrong", "ben").run(),
    "sent back by the wrong person": lambda: approved().say("send back: the seats are wrong", "eve").run(),
    "complete": lambda: approved().finish("finish").run(),
}


@pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in UPGRADED.items()])
def test_a_handover_goes_on_where_the_first_release_left_it(story):
    story = story()
    stage, seen, before = story.judge().stage, found(story.judge()), sorted(story.told)
    by_first_release(story).run()
    assert (story.judge().stage, found(story.judge()), sorted(story.told)) == (stage, seen, before)
    assert story.plan() == ()
    assert json.loads(zlib.decompress(base64.b64decode(state_of(status_of(story)))))["format"] == 2


# --- the account is another one ---------------------------------------------------------------------------------------

SUCCESSOR = User(77, "project_7_bot_fedcba9876543210", "Handover")


@pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in UPGRADED.items()])
def test_after_a_change_of_token_the_new_account_goes_on_and_repeats_no_ping(story):
    """The old account's comment cannot be edited: the new one writes its own."""
    story = story()
    stage, seen, before, memory = story.judge().stage, found(story.judge()), story.told, story.memory
    story.seal = make_seal(bot=SUCCESSOR)
    assert story.memory == memory
    story.run()
    assert (story.judge().stage, found(story.judge()), story.told) == (stage, seen, before)
    assert story.plan() == ()
    statuses = [note for note in story.notes if note.body.startswith(STATUS_MARKER)]
    assert [note.author.id for note in statuses] == [BOT.id, SUCCESSOR.id]


def test_the_new_account_speaks_of_what_is_new_only():
    story = reviewing().tick("2.1", "eve").run()
    story.seal = make_seal(bot=SUCCESSOR)
    story.run().drop("1.1", "eve").run().wait(days=1).run()
    assert told(story) == ["turn:review", "signer-wrong:2.1", "item-missing:1.1"]


def test_the_old_comment_takes_nobody_back_once_the_new_account_has_its_own():
    story = reviewing()
    story.seal = make_seal(bot=SUCCESSOR)
    story.run().tick("2.1", "ben").run()
    assert story.memory.accepted["2.1"].by == "ben"
    assert story.plan() == ()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_killed_at_its_first_run_the_new_account_repeats_nothing(number):
    story = reviewing().tick("2.1", "eve")
    story.seal = make_seal(bot=SUCCESSOR)
    story.run(only=number).run().run()
    assert told(story) == ["turn:review", "signer-wrong:2.1"]
    assert story.plan() == ()


def test_token_and_key_may_change_at_once():
    story = approved(seal=OLD)
    before = story.told
    story.seal = Seal("new key", SUCCESSOR.id, PROJECT, 1, "old key")
    story.run()
    story.seal = Seal("new key", SUCCESSOR.id, PROJECT, 1)
    story.run()
    assert (story.told[: len(before)], story.plan()) == (before, ())
    assert story.stage_labels == {"small::finish"}


def test_without_a_key_a_new_account_begins_anew_and_pings_nobody_for_an_old_issue():
    story = approved(seal=make_seal(""), created_at=START - timedelta(days=3)).wait(days=2)
    before = len(story.pings)
    story.seal = make_seal("", SUCCESSOR)
    story.run()
    assert len(story.pings) == before
    assert story.stage_labels == {"small::finish"}
    assert story.plan() == ()


def test_without_the_status_comment_pings_of_both_accounts_are_still_known():
    story = reviewing().tick("2.1", "eve").run()
    story.seal = make_seal(bot=SUCCESSOR)
    story.run().say("send back: the seats are wrong", "eve").run()
    before = sorted(story.told)
    assert len(before) == 3
    assert sorted(without_status(story).run().told) == before
