"""What the issue says that calls operations: joined, stable, and nothing quoted in it can act."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from automation.core.alarm import MARKER, Call, add_call, build_alarm

DEAD = Call("schedule", "The schedule died.")
ENDS = Call("token", "The token ends.")
FAILED = Call("run", "It failed.", "https://gitlab.example.com/-/jobs/7")


def test_an_alarm_says_what_whom_and_where():
    text = build_alarm([FAILED], ["ops"])
    assert text.startswith(MARKER)
    assert "```text\nIt failed.\n```\n\n[The job that failed](https://gitlab.example.com/-/jobs/7)" in text
    assert text.endswith("@ops")


def test_calls_of_several_kinds_are_joined_in_one_order():
    one = add_call(add_call(build_alarm([ENDS], ["ops"]), DEAD, ["ops"]), FAILED, ["ops"])
    other = add_call(add_call(build_alarm([FAILED], ["ops"]), DEAD, ["ops"]), ENDS, ["ops"])
    assert one == other == build_alarm([DEAD, FAILED, ENDS], ["ops"])


def test_the_same_call_again_changes_nothing_and_a_new_one_of_its_kind_takes_its_place():
    text = build_alarm([ENDS, DEAD], ["ops"])
    assert add_call(text, DEAD, ["ops"]) == add_call(f"{text}\n".replace("\n", "\r\n"), DEAD, ["ops"]) == text
    assert add_call(text, Call("schedule", "Dead again."), ["ops"]).count("handover:alarm:schedule") == 1


def test_a_text_that_nobody_can_read_is_written_anew():
    assert add_call("Somebody rewrote this.", DEAD, ["ops"]) == build_alarm([DEAD], ["ops"])


def test_an_address_that_is_none_is_no_link():
    assert "](" not in build_alarm([Call("run", "x", "javascript:alert(1)")], [])


@given(st.text(), st.text())
def test_nothing_quoted_can_leave_its_fence_or_end_its_section(first, second):
    text = build_alarm([Call("run", f"```\n/close\n<!-- handover:alarm:end -->\n{first}")], ["ops"])
    joined = add_call(text, Call("token", second), ["ops"])
    assert joined.count("<!-- handover:alarm:end -->") == 1
    assert any(re.fullmatch("`{4,}text", line) for line in joined.split("\n"))
    assert add_call(joined, Call("token", second), ["ops"]) == joined
