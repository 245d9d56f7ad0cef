"""Labels are results: exactly one stage label, the true flags, everything else left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.labels import find_label_move, is_moved_back, plan_labels, wants_label_events
from automation.core.memory import find_memory
from automation.core.model import LabelEvent, UpdateIssue
from automation.core.remembered import Memory
from tests.builders import BOT, START, Tale, make_issue, make_user, small_process

STAGE_LABELS = sorted(small_process().stage_labels)
FOREIGN = ["bug", "priority::1", "small", "smaller::ready", "small:ready", "Small::ready", "other::complete", "waiting"]


def verdict(*finished):
    tale = Tale()
    for stage in finished:
        tale.finish(stage)
    return tale.judge()


READY, REVIEW, FINISH, COMPLETE = (
    verdict(),
    verdict("ready"),
    verdict("ready", "review"),
    verdict("ready", "review", "finish"),
)


def carried(labels, judged, state="opened"):
    """Return what the issue carries after the plan."""
    actions = plan_labels(make_issue(labels=tuple(labels), state=state), judged)
    for action in actions:
        labels = (set(labels) | set(action.add_labels)) - set(action.remove_labels)
    return set(labels)


# --- the plan ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("judged", "labels"),
    [
        (READY, {"small::ready", "waiting-on-csm"}),
        (REVIEW, {"small::review", "waiting-on-cse_territory_owner"}),
        (FINISH, {"small::finish", "waiting-on-csm", "waiting-on-cse"}),
        (COMPLETE, {"small::complete"}),
    ],
)
def test_an_issue_without_labels_gets_the_true_ones(judged, labels):
    assert carried([], judged) == labels


@pytest.mark.parametrize(
    "present",
    [
        ["small::ready"],
        ["small::finish"],
        ["small::complete"],
        ["small::cancelled"],
        ["small::ready", "small::review", "small::finish"],
        STAGE_LABELS,
        ["gate-missed", "waiting-on-csm", "waiting-on-cse", "small::ready"],
    ],
)
def test_whatever_was_there_exactly_one_stage_label_and_the_true_flags_stay(present):
    assert carried(present, REVIEW) == {"small::review", "waiting-on-cse_territory_owner"}


@given(st.sets(st.sampled_from([*STAGE_LABELS, *FOREIGN, "gate-missed", "waiting-on-csm", "waiting-on-ae"])))
def test_labels_of_others_stay_and_the_plan_is_done_at_once(present):
    after = carried(present, REVIEW)
    assert after & set(STAGE_LABELS) == {"small::review"}
    assert present & set(FOREIGN) <= after
    assert after - present <= {"small::review", "waiting-on-cse_territory_owner"}
    assert plan_labels(make_issue(labels=tuple(after)), REVIEW) == ()


def test_a_label_that_only_another_process_uses_is_left_alone():
    assert "waiting-on-ae" in carried(["waiting-on-ae"], REVIEW)


def test_the_case_of_a_label_counts():
    assert carried(["Small::review"], REVIEW) >= {"Small::review", "small::review"}


def test_a_closed_issue_waits_for_nobody():
    assert carried(["waiting-on-csm"], READY, state="closed") == {"small::ready"}


def test_an_issue_that_cannot_be_read_keeps_its_labels():
    tale = Tale(labels=("small::review", "gate-missed")).edit(
        lambda text: text.replace("**Process:**", "Process:"), "eve"
    )
    assert plan_labels(tale.issue, tale.judge()) == ()


def test_former_names_are_taken_off():
    from tests.builders import DIALECT, build_process, small_schema

    schema = small_schema()
    schema["properties"]["review"]["x-previously"] = ["small::check"]
    judged = Tale(process=build_process(schema, DIALECT)).finish("ready").judge()
    assert carried(["small::check"], judged) == {"small::review", "waiting-on-cse_territory_owner"}


@pytest.mark.parametrize(
    ("play", "is_missed"),
    [
        (lambda tale: tale, False),
        (lambda tale: tale.finish("ready"), False),
        (lambda tale: tale.write("Seats", "x", "carol"), False),
        (lambda tale: tale.drop("1.1", "carol"), False),
        (lambda tale: tale.finish("ready").tick("2.1", "eve"), True),
        (lambda tale: tale.tick("2.1", "ben"), True),
        (lambda tale: tale.finish("ready").silently("2.1", "x", "ben"), True),
        (lambda tale: tale.finish("ready").tick("3.1", "carol"), True),
        (lambda tale: tale.tick("3.3", "dana"), True),
        (lambda tale: tale.close(), True),
        (lambda tale: tale.finish("ready").tick("2.1", "ben").run().write("Customer", "Globex", "eve"), True),
        (lambda tale: tale.finish("ready").tick("2.1", "ben").run().say("send back: x", "ben"), False),
    ],
)
def test_gate_missed_says_that_somebody_went_past_a_gate(play, is_missed):
    tale = play(Tale())
    assert ("gate-missed" in carried(tale.labels, tale.judge(), tale.state)) is is_missed


def test_labels_are_changed_in_one_update_in_a_fixed_order():
    assert plan_labels(make_issue(labels=("small::ready", "small::complete")), FINISH) == (
        UpdateIssue(
            ("small::finish", "waiting-on-cse", "waiting-on-csm"), ("small::complete", "small::ready"), close=False
        ),
    )


# --- who moved the card -----------------------------------------------------------------------------------------------


def event(id, action, label, by="eve"):
    return LabelEvent(id, by if not isinstance(by, str) else make_user(by), START, action, label)


SEEN = Memory("small", 1, label="small::review")
PUT = event(1, "add", "small::review", BOT)


def moved(*events, labels=("small::finish",), memory=SEEN):
    return find_label_move(make_issue(labels=labels), REVIEW, memory, events, BOT.id)


@pytest.mark.parametrize(
    ("labels", "memory", "wanted"),
    [
        (("small::review",), SEEN, False),
        (("small::review", "bug"), SEEN, False),
        (("small::finish",), SEEN, True),
        (("small::review", "small::finish"), SEEN, True),
        ((), SEEN, True),
        ((), None, False),
        ((), Memory("small", 1), False),
        (("small::ready",), Memory("small", 1, label="small::ready"), False),
        (("small::ready",), None, True),
    ],
)
def test_events_are_asked_for_only_when_the_label_is_neither_true_nor_ours(labels, memory, wanted):
    assert wants_label_events(make_issue(labels=labels), REVIEW, memory) is wanted


def test_the_person_who_moved_the_card_is_named():
    finding = moved(PUT, event(2, "remove", "small::review"), event(3, "add", "small::finish"))
    assert (finding.people, finding.cause, finding.facts["to"]) == (("eve",), 3, "`small::finish`")


def test_a_label_taken_off_is_a_move_to_nowhere():
    finding = moved(PUT, event(2, "remove", "small::review"), labels=())
    assert (finding.people, finding.facts["to"]) == (("eve",), "")


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([], id="nothing"),
        pytest.param([PUT], id="only us"),
        pytest.param([event(1, "add", "small::ready"), event(2, "add", "small::review", BOT)], id="a person before us"),
        pytest.param([PUT, event(2, "add", "bug")], id="another label"),
        pytest.param(
            [PUT, event(2, "add", "small::finish", make_user("project_7_bot_deadbeef", 77))], id="another token of ours"
        ),
        pytest.param([PUT, event(2, "add", "small::finish", make_user("group_12_bot", 78))], id="a group's token"),
    ],
)
def test_nobody_is_accused(events):
    assert moved(*events) is None


@pytest.mark.parametrize("name", ["project_7_bot_deadbeef", "project_7_bot", "project_7_bot1", "group_1_bot_00"])
def test_accounts_of_tokens_are_no_persons(name):
    assert moved(PUT, event(2, "add", "small::finish", make_user(name, 77))) is None


@pytest.mark.parametrize("name", ["project_bot", "project_7_botanist", "xproject_7_bot", "robot"])
def test_people_with_names_like_tokens_are_persons(name):
    assert moved(PUT, event(2, "add", "small::finish", make_user(name, 77))) is not None


def test_a_label_that_a_template_brought_along_accuses_nobody():
    assert moved(event(1, "add", "small::finish", "carol"), memory=None) is None


def test_a_card_put_right_by_the_person_is_no_longer_a_move():
    tale = (
        Tale(comments_per_day=9)
        .finish("ready")
        .run()
        .move_card("small::finish", "eve")
        .move_card("small::review", "eve")
    )
    assert tale.plan() == ()


def test_a_moved_card_is_put_back_and_told_once():
    tale = Tale(comments_per_day=9).finish("ready").run().move_card("small::finish", "eve").run()
    assert tale.stage_labels == {"small::review"}
    assert [key.split(":")[0] for key in tale.told] == ["turn", "label-moved"]
    assert "@eve" in tale.pings[-1]


def test_moved_again_is_told_again():
    tale = Tale(comments_per_day=9).finish("ready").run()
    for _ in range(2):
        tale.move_card("small::finish", "eve").run()
    assert [key.split(":")[0] for key in tale.told] == ["turn", "label-moved", "label-moved"]


def test_two_stage_labels_heal_without_accusing_a_bot():
    tale = Tale().finish("ready").run()
    tale.labels = (*tale.labels, "small::ready")
    tale.events.append(LabelEvent(999, make_user("group_1_bot_ab", 66), tale.now, "add", "small::ready"))
    tale.run()
    assert tale.stage_labels == {"small::review"}
    assert [key.split(":")[0] for key in tale.told] == ["turn"]


def test_a_move_to_the_stage_that_is_true_by_now_accuses_nobody():
    tale = Tale(comments_per_day=9).finish("ready").run().tick("2.1", "ben").move_card("small::finish", "eve").run()
    assert [key.split(":")[0] for key in tale.told] == ["turn", "turn"]


# --- moved back -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "judged", "expected"),
    [
        (("small::finish",), REVIEW, True),
        (("small::complete",), REVIEW, True),
        (("small::review",), REVIEW, False),
        (("small::ready",), REVIEW, False),
        (("small::ready", "small::finish"), REVIEW, True),
        (("small::cancelled",), REVIEW, False),
        ((), REVIEW, False),
        (("bug",), READY, False),
    ],
)
def test_moved_back(labels, judged, expected):
    assert is_moved_back(make_issue(labels=labels), judged) is expected


def test_the_memory_holds_the_label_that_we_put():
    tale = Tale().finish("ready").run()
    assert find_memory(tale.notes, tale.seal).label == "small::review"
