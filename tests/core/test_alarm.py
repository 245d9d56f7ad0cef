"""What the issue says that calls operations: joined, stable, and nothing quoted in it can act."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from automation.core.alarm import MARKER, TITLE, Call, add_call, build_alarm, says

DEAD = Call("schedule", "The schedule died.")
ENDS = Call("token", "The token ends.")
FAILED = Call("run", "It failed.", "https://gitlab.example.com/-/jobs/7")


def test_an_alarm_says_what_whom_and_where():
    text = build_alarm([FAILED], ["ops"])
    assert text.startswith(MARKER)
    assert "```text\nIt failed.\n```\n\n[The job that failed](https://gitlab.example.com/-/jobs/7)" in text
    assert text.endswith("stays. @ops\n<!-- handover:alarm:end -->")
    assert TITLE in text


def test_calls_of_several_kinds_are_joined_in_one_order():
    one = add_call(add_call(build_alarm([ENDS], ["ops"]), DEAD, ["ops"]), FAILED, ["ops"])
    other = add_call(add_call(build_alarm([FAILED], ["ops"]), DEAD, ["ops"]), ENDS, ["ops"])
    assert one == other == build_alarm([DEAD, FAILED, ENDS], ["ops"])


def test_the_same_call_again_changes_nothing_and_a_new_one_of_its_kind_takes_its_place():
    text = build_alarm([ENDS, DEAD], ["ops"])
    assert add_call(text, DEAD, ["ops"]) == add_call(text.replace("\n", "\r\n"), DEAD, ["ops"]) == text
    assert add_call(text, Call("schedule", "Dead again."), ["ops"]).count("handover:alarm:schedule") == 1


def test_what_people_wrote_around_our_part_stays():
    text = f"Mia looks into it.\n\n{build_alarm([DEAD], ['ops'])}\n\nI am on it. @mia"
    joined = add_call(text, ENDS, ["ops"])
    assert joined.startswith("Mia looks into it.\n\n<!-- handover:alarm -->")
    assert joined.endswith("<!-- handover:alarm:end -->\n\nI am on it. @mia")
    alone = build_alarm([ENDS], ["ops"], joined)
    assert "The schedule died." not in alone
    assert alone == f"Mia looks into it.\n\n{build_alarm([ENDS], ['ops'])}\n\nI am on it. @mia"


def test_what_people_wrote_into_our_part_stays_as_long_as_it_says_the_same():
    text = build_alarm([DEAD], ["ops"]).replace("The schedule died.\n```", "The schedule died.\n```\nI am on it.")
    assert add_call(text, DEAD, ["ops"]) == build_alarm([DEAD], ["ops"], text) == text


def test_a_text_without_our_part_is_given_one():
    ours = build_alarm([DEAD], ["ops"])
    assert add_call("Somebody rewrote this.", DEAD, ["ops"]) == f"Somebody rewrote this.\n\n{ours}"
    assert add_call(f"{MARKER}\nWhat an earlier version wrote.", DEAD, ["ops"]) == ours


def test_an_alarm_says_which_run_will_close_it():
    assert "after the next good scheduled run." in build_alarm([DEAD, FAILED], [])
    assert "after the first good scheduled run with a renewed token." in build_alarm([DEAD, ENDS], [])


def test_a_text_says_a_call_whatever_job_noticed():
    text = build_alarm([FAILED], ["ops"])
    assert says(text.replace("\n", "\r\n"), Call("run", FAILED.sentence, "https://gitlab.example.com/-/jobs/8"))
    assert not says(text, Call("run", "It failed otherwise."))
    assert not says(text, Call("token", FAILED.sentence))
    assert not says(f"{text}\n<!-- handover:alarm:token -->\n```text\nThe token ends.\n```\n", ENDS)


def test_an_address_that_is_none_is_no_link():
    assert "](" not in build_alarm([Call("run", "x", "javascript:alert(1)")], [])


@given(st.text(), st.text())
def test_nothing_quoted_can_leave_its_fence_or_end_its_section(first, second):
    text = build_alarm([Call("run", f"```\n/close\n<!-- handover:alarm:end -->\n{first}")], ["ops"])
    joined = add_call(text, Call("token", second), ["ops"])
    assert joined.count("<!-- handover:alarm:end -->") == 1
    assert any(re.fullmatch("`{4,}text", line) for line in joined.split("\n"))
    assert add_call(joined, Call("token", second), ["ops"]) == joined
