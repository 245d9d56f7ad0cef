"""Bootstrap: what the schemas want, against what is there; a plan that is carried out leaves nothing to plan."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.bootstrap.boards import KnownLabels, plan_boards, plan_moves
from automation.core.bootstrap.credentials import STATE_KEY, TOKEN, describe_token
from automation.core.bootstrap.labels import plan_doubled, plan_labels, plan_renames
from automation.core.bootstrap.plan import Purpose, plan_bootstrap
from automation.core.bootstrap.provision import plan_credentials
from automation.core.bootstrap.schedule import plan_schedule
from automation.core.bootstrap.steps import (
    AddList,
    ChangeLabel,
    ChangeSchedule,
    Found,
    Home,
    MakeBoard,
    MakeLabel,
    MakeSchedule,
    MakeStateKey,
    MakeTrigger,
    MoveList,
    Place,
    ProtectVariable,
    ProvideToken,
    RenameBoard,
    SetHook,
    SetScheduleVariable,
)
from automation.core.bootstrap.wanted import (
    CANCELLED_COLOR,
    COMPLETE_COLOR,
    STAGE_COLORS,
    WAITING_COLOR,
    Wanted,
    WantedBoard,
    WantedLabel,
    build_wanted,
)
from automation.core.bootstrap.webhook import find_hooks, hook_address, mask_token, plan_others_trigger, plan_webhook
from automation.core.configuration import ScheduleSettings
from automation.core.installation import (
    AccessToken,
    Board,
    BoardList,
    Hook,
    Label,
    ProjectFacts,
    Schedule,
    ServerFacts,
    Trigger,
    Unseen,
    Variable,
)
from automation.core.labels import all_flags
from automation.core.model import User
from tests.builders import small_process

TODAY = date(2026, 11, 2)
ME = User(1, "olga")
OTHER = User(2, "paul")
BOT = User(3, "project_7_bot_0a1b")
FACTS = ProjectFacts(7, "cs/handovers", "https://gitlab.example.com/cs/handovers", "private", "main", "cs", 40)
PROJECT = Place("projects/7", "cs/handovers")
GROUP = Place("groups/9", "cs", is_group=True)


def make_home(**changes):
    facts = replace(FACTS, **{key: changes.pop(key) for key in ("default_branch", "variables_role") if key in changes})
    return Home(**{"facts": facts, "place": PROJECT, "schedules": (), "variables": (), **changes})


def works(plan):
    return [step.work for step in plan.steps]


def kinds(plan):
    return [type(step.work).__name__ for step in plan.steps]


def said(plan):
    return "\n".join(each.message for each in plan.remarks)


# --- what the schemas want --------------------------------------------------------------------------------------------


def contrast_with_white(color):
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_every_label_that_triage_can_put_there_is_wanted_once():
    process = small_process()
    names = [label.name for label in build_wanted([process]).labels]
    assert set(names) == process.stage_labels | all_flags(process)
    assert len(names) == len(set(names))


def test_labels_are_coloured_so_that_white_words_can_be_read():
    colors = {label.color for label in build_wanted([small_process()]).labels}
    for color in {*colors, *STAGE_COLORS, COMPLETE_COLOR, CANCELLED_COLOR, WAITING_COLOR}:
        assert contrast_with_white(color) >= 4.5, color


def test_a_stage_label_says_which_stage_it_is_and_that_the_bot_sets_it():
    process = small_process()
    label = next(each for each in build_wanted([process]).labels if each.name == process.stages[1].label)
    assert f"{process.title}, stage 2 of 3: {process.stages[1].title}." in label.description
    assert "do not change it by hand" in label.description


def test_the_flags_have_priority_over_everything_else():
    priorities = {label.name: label.priority for label in build_wanted([small_process()]).labels}
    assert {name: each for name, each in priorities.items() if each} == {
        "limit-missed": 1,
        "gate-missed": 2,
        "limit-at-risk": 3,
    }


@pytest.mark.parametrize("title", ["A <b>bold</b> title", "R&amp;D", "x" * 400, "two\nlines", "\u202eevil\x1b[2J"])
def test_descriptions_are_as_gitlab_keeps_them(title):
    """GitLab takes markup out: a description that it changes would differ at every run."""
    wanted = build_wanted([replace(small_process(), title=title)])
    for words in (*(label.description for label in wanted.labels), *(board.name for board in wanted.boards)):
        assert not re.search(r"[<>\n]|&\w+;", words)
        assert len(words) <= 255
        assert words.isprintable()


def test_the_labels_of_older_versions_are_wanted_too_and_the_newest_words_count():
    old = small_process()
    stages = (replace(old.stages[0], label="small::prepared", title="Prepared"), *old.stages[1:])
    new = replace(old, version=2, title="Small, renewed", stages=stages)
    labels = {label.name: label for label in build_wanted([old, new]).labels}
    assert old.stages[0].label in labels
    assert "small::prepared" in labels
    assert "Small, renewed" in labels[old.stages[1].label].description


def test_boards_are_one_a_process_one_by_role_and_one_of_limits():
    old = small_process()
    new = replace(old, version=2, stages=old.stages[:2])
    boards = build_wanted([old, new]).boards
    assert [board.name for board in boards] == [old.title, "Waiting on", "Limits missed"]
    assert boards[0].lists == (*(stage.label for stage in new.stages), old.complete_label, old.cancelled_label)
    assert set(boards[1].lists) == {name for name in all_flags(old) if name.startswith("waiting-on-")}
    assert boards[1].lists[: len(old.working_roles)] == tuple(f"waiting-on-{role}" for role in old.working_roles)
    assert boards[2].lists == ("limit-missed", "limit-at-risk", "gate-missed")


def test_two_processes_with_one_title_get_two_boards():
    one = small_process()
    names = [board.name for board in build_wanted([one, replace(one, id="other")]).boards]
    assert len(names) == len(set(names))


# --- labels -----------------------------------------------------------------------------------------------------------

RED = WantedLabel("limit-missed", "#b3261e", "A limit is over.", 1)
STAGE = WantedLabel("p::one", "#1f6f8b", "The first stage.", former_names=("p::first", "p::uno"))


def make_label(wanted, id=5, **changes):
    label = Label(id, wanted.name, wanted.color, wanted.description, wanted.priority)
    return replace(label, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"color": "#B3261E"}, None),
        ({"color": "#b32"}, {"color": "#b3261e"}),
        ({"description": ""}, {"description": "A limit is over."}),
        ({"priority": None}, {"priority": 1}),
        ({"priority": 4, "color": "#000000"}, {"color": "#b3261e", "priority": 1}),
        ({"color": "#000000", "is_own": False}, None),
    ],
)
def test_what_drifted_in_an_own_label_is_repaired_and_nothing_else(changes, expected):
    plan = plan_labels(PROJECT, [RED], [make_label(RED, **changes)])
    assert works(plan) == ([ChangeLabel(5, expected)] if expected else [])
    assert plan.remarks == ()


def test_a_short_colour_is_its_long_form():
    assert plan_labels(PROJECT, [replace(RED, color="#aabbcc")], [make_label(RED, color="#ABC")]).steps == ()


def test_a_priority_that_nobody_wants_is_taken_away():
    plan = plan_labels(PROJECT, [STAGE], [make_label(STAGE, priority=2)])
    assert works(plan) == [ChangeLabel(5, {"priority": None})]


def test_labels_of_groups_have_no_priority():
    assert plan_labels(GROUP, [RED], [make_label(RED, priority=None)]).steps == ()
    assert [change.name for change in plan_labels(GROUP, [RED], []).steps[0].changes] == ["color", "description"]


def test_a_label_that_is_missing_is_made_and_others_are_never_touched():
    plan = plan_labels(PROJECT, [RED], [Label(1, "bug", "#ff0000"), Label(2, "limit", "#ff0000")])
    assert works(plan) == [MakeLabel(RED)]


def test_a_former_name_is_changed_into_the_new_one_with_all_that_differs():
    plan = plan_labels(PROJECT, [STAGE], [Label(8, "p::uno", "#1f6f8b", "Old words.")])
    assert works(plan) == [ChangeLabel(8, {"new_name": "p::one", "description": "The first stage."})]
    first = plan.steps[0].changes[0]
    assert (first.name, first.before, first.after) == ("name", "p::uno", "p::one")


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ([make_label(STAGE), Label(8, "p::first", "#000000")], None),
        ([make_label(STAGE, is_own=False), Label(8, "p::first", "#000000")], None),
        ([Label(9, "p::uno", "#000000"), Label(8, "p::first", "#000000")], ChangeLabel),
    ],
)
def test_where_former_and_new_are_both_there_a_person_decides(found, kind):
    plan = plan_labels(PROJECT, [STAGE], found)
    assert [type(each) for each in works(plan)] == ([kind] if kind else [])
    assert "now called `p::one`, and both are there" in said(plan)


def test_a_former_label_of_a_group_above_stays_and_who_can_rename_it_is_told_so():
    above = Label(8, "p::first", "#000000", is_own=False)
    plan = plan_labels(PROJECT, [STAGE], [above])
    assert kinds(plan) == ["MakeLabel"]
    assert "`p::first` of a group above is now called `p::one`: rename it there" in said(plan)
    after = plan_labels(PROJECT, [STAGE], [above, make_label(STAGE)])
    assert after.steps == ()
    assert "both are there" in said(after)
    assert "rename it there" not in said(after)


def test_a_former_name_that_differs_only_in_case_is_no_other_label():
    stage = replace(STAGE, former_names=("P::One",))
    plan = plan_labels(PROJECT, [stage], [Label(8, "P::One", "#1f6f8b", "The first stage.")])
    assert works(plan) == [ChangeLabel(8, {"new_name": "p::one"})]
    assert plan.remarks == ()


@pytest.mark.parametrize(
    ("own", "above", "group", "words"),
    [
        ([], [RED], "cs", ""),
        ([make_label(RED)], [], "cs", "Promote each of them before the group gets its own"),
        ([make_label(RED)], [make_label(RED, id=6)], "cs", "Delete them under Manage › Labels"),
        ([make_label(RED)], [], "cs-above", "Delete them under Manage › Labels"),
        ([make_label(RED, is_own=False)], [make_label(RED)], "cs", ""),
        ([Label(1, "bug", "#ff0000")], [], "cs", ""),
    ],
)
def test_labels_that_project_and_group_both_have_are_told_of(own, above, group, words):
    plan = plan_doubled(make_home(labels=tuple(own)), [RED], above, group)
    assert plan.steps == ()
    assert words in said(plan)
    assert bool(words) == bool(plan.remarks)


def test_of_many_doubled_labels_a_few_are_named():
    own = tuple(Label(number, f"p::{number}", "#000000") for number in range(9))
    wanted = [WantedLabel(label.name, "#000000", "") for label in own]
    assert "`p::4` and 4 more." in said(plan_doubled(make_home(labels=own), wanted, (), "cs"))


def test_a_name_that_an_older_version_still_has_is_no_former_one():
    older = replace(STAGE, name="p::first", former_names=())
    found = [make_label(older)]
    assert kinds(plan_labels(PROJECT, [STAGE, older], found)) == ["MakeLabel"]
    assert plan_renames([STAGE, older], found) == {}


def test_one_former_label_becomes_one_new_label_only():
    other = replace(STAGE, name="p::two")
    assert kinds(plan_labels(PROJECT, [STAGE, other], [Label(8, "p::first", "#000000")])) == [
        "ChangeLabel",
        "MakeLabel",
    ]


def test_a_label_that_differs_only_in_case_is_named_and_ours_is_made():
    plan = plan_labels(PROJECT, [RED], [Label(1, "Limit-Missed", "#ff0000")])
    assert kinds(plan) == ["MakeLabel"]
    assert "`Limit-Missed` differs from ours, `limit-missed`" in said(plan)


def test_an_archived_label_is_told():
    assert "is archived" in said(plan_labels(PROJECT, [RED], [make_label(RED, is_archived=True)]))


def test_the_own_label_counts_where_a_group_above_has_one_of_the_same_name():
    own, above = make_label(RED, id=5, color="#000000"), make_label(RED, id=4, is_own=False)
    assert works(plan_labels(PROJECT, [RED], [own, above])) == [ChangeLabel(5, {"color": "#b3261e"})]


# --- boards -----------------------------------------------------------------------------------------------------------

ABC = WantedBoard("Process", ("a", "b", "c"))
KNOWN = KnownLabels({"a": 1, "b": 2, "c": 3, "x": 9}, {})


def make_board(*labels, id=20, name="Process"):
    return Board(id, name, tuple(BoardList(100 * id + place, label, place) for place, label in enumerate(labels)))


def after(board, plan):
    """Carry a plan of lists and moves out as GitLab does, and return the labels in order."""
    lists = [[each.position, each.label] for each in board.lists]
    for work in works(plan):
        if isinstance(work, AddList):
            lists.append([max((position for position, _ in lists), default=-1) + 1, work.label])
        elif isinstance(work, MoveList):
            moved = next(each for each in lists if each[1] == work.label)
            old = moved[0]
            assert work.position != old
            assert 0 <= work.position <= len(lists)
            for each in lists:
                each[0] += (work.position <= each[0] < old) - (old < each[0] <= work.position)
            moved[0] = work.position
    return [label for _, label in sorted(lists)]


@pytest.mark.parametrize(
    ("there", "moves", "ending"),
    [
        ("", 0, "abc"),
        ("abc", 0, "abc"),
        ("ab", 0, "abc"),
        ("bc", 1, "abc"),
        ("ac", 1, "abc"),
        ("cab", 1, "abc"),
        ("bca", 1, "abc"),
        ("cba", 2, "abc"),
        ("axbc", 1, "abcx"),
        ("xabc", 1, "abcx"),
        ("abcx", 0, "abcx"),
        ("xaybc", 2, "abcxy"),
        ("xb", 2, "abcx"),
    ],
)
def test_lists_are_added_and_moved_as_little_as_it_takes(there, moves, ending):
    board = make_board(*there)
    plan = plan_boards(PROJECT, [ABC], [board], KNOWN)
    assert "".join(after(board, plan)) == ending
    assert sum(isinstance(work, MoveList) for work in works(plan)) == moves
    assert not any(isinstance(work, MakeBoard) for work in works(plan))


@pytest.mark.parametrize("positions", [(1, 4, 5), (0, 1, 7), (3, 8, 9), (0, 1, 2)])
@pytest.mark.parametrize("labels", list(itertools.permutations("abc")))
def test_positions_with_gaps_are_followed_as_the_server_moves_lists(labels, positions):
    """Where a label was deleted, its list went with it and left a gap."""
    lists = (BoardList(number, *each) for number, each in enumerate(zip(labels, positions, strict=True), 1))
    board = Board(20, "Process", tuple(lists))
    plan = plan_boards(PROJECT, [ABC], [board], KNOWN)
    assert after(board, plan) == ["a", "b", "c"]
    assert bool(plan.steps) == (labels != ("a", "b", "c"))


@given(st.permutations(list("abcdefxyz")))
def test_any_order_is_repaired_and_then_nothing_is_left_to_move(order):
    wanted = WantedBoard("Process", tuple("abcdef"))
    board = make_board(*order)
    done = after(board, plan_boards(PROJECT, [wanted], [board], KnownLabels({}, {})))
    assert done == [*"abcdef", *(each for each in order if each in "xyz")]
    assert plan_moves(make_board(*done).lists, wanted.lists) == ()


def test_a_missing_board_is_made_with_its_lists_and_they_wait_for_board_and_label():
    plan = plan_boards(PROJECT, [ABC], [], KnownLabels({"a": 1, "b": 2}, {}))
    assert kinds(plan) == ["MakeBoard", "AddList", "AddList", "AddList"]
    assert plan.steps[3].needs == (plan.steps[0].key, "label c")
    assert plan.steps[3].work.label_id == 0


def test_a_board_of_somebody_else_is_left_alone_and_ours_is_not_made_beside_it():
    plan = plan_boards(PROJECT, [ABC], [make_board("x", "y")], KNOWN)
    assert plan.steps == ()
    assert "`Process` is there already and shows other things" in said(plan)


def test_an_empty_board_of_our_name_is_taken():
    assert kinds(plan_boards(PROJECT, [ABC], [make_board()], KNOWN)) == ["AddList"] * 3


def test_of_two_boards_the_one_with_most_of_our_lists_is_kept_up():
    plan = plan_boards(PROJECT, [ABC], [make_board("a"), make_board("a", "b", id=21), make_board("x", id=22)], KNOWN)
    assert [(work.board_id, work.label) for work in works(plan)] == [(21, "c")]
    assert "Several boards are called `Process`" in said(plan)


@pytest.mark.parametrize(
    ("labels", "name", "renamed"),
    [
        ("abc", "Other", True),
        ("abc", "process", True),
        ("ab", "Other", True),
        ("bxya", "Other", True),
        ("a", "Other", False),
        ("xyz", "Other", False),
        ("", "Other", False),
        ("abc", "Waiting on", False),
    ],
)
def test_a_board_with_most_of_our_lists_under_another_name_gets_ours(labels, name, renamed):
    found = make_board(*labels, name=name)
    plan = plan_boards(PROJECT, [ABC, WantedBoard("Waiting on", ("w",))], [found], KNOWN)
    first = works(plan)[0]
    assert first == (RenameBoard(20, "Process") if renamed else MakeBoard("Process"))
    if renamed:
        assert (plan.steps[0].changes[0].before, plan.steps[0].is_new) == (name, False)
        assert "".join(after(found, plan_boards(PROJECT, [ABC], [found], KNOWN)))[:3] == "abc"


def test_a_board_of_our_name_is_kept_though_another_shows_our_lists_too():
    plan = plan_boards(PROJECT, [ABC], [make_board("a"), make_board("a", "b", "c", id=21, name="Mine")], KNOWN)
    assert {work.board_id for work in works(plan)} == {20}


def test_of_a_short_board_two_lists_must_be_ours():
    wanted = WantedBoard("Process", ("a",))
    assert kinds(plan_boards(PROJECT, [wanted], [make_board("a", name="Mine")], KNOWN))[0] == "MakeBoard"


def test_lists_of_a_renamed_label_are_ours():
    known = KnownLabels({"a": 1, "b": 2, "c": 3}, {"old": "b"})
    assert plan_boards(PROJECT, [ABC], [make_board("a", "old", "c")], known).steps == ()


def test_case_matters_in_the_labels_of_lists():
    plan = plan_boards(PROJECT, [ABC], [make_board("a", "B", "c")], KNOWN)
    assert works(plan)[0].label == "b"


# --- the schedule -----------------------------------------------------------------------------------------------------

SETTINGS = ScheduleSettings("7 * * * *", "Europe/Berlin")


def make_schedule(**changes):
    schedule = Schedule(
        30,
        "Handover triage",
        "refs/heads/main",
        "7 * * * *",
        "Europe/Berlin",
        True,
        ME,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    return replace(schedule, **{"variables": {}, **changes})


def test_a_missing_schedule_is_made():
    plan = plan_schedule(make_home(), SETTINGS, "", ME)
    assert works(plan) == [MakeSchedule("Handover triage", "main", "7 * * * *", "Europe/Berlin")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"description": " handover TRIAGE"}, None),
        ({"ref": "main"}, None),
        ({"cron": "7  * * * *"}, None),
        ({"time_zone": "Berlin"}, None),
        ({"ref": "refs/heads/old"}, {"ref": "main"}),
        ({"cron": "0 0 * * *"}, {"cron": "7 * * * *"}),
        ({"time_zone": "UTC"}, {"cron_timezone": "Europe/Berlin"}),
        ({"is_active": False}, {"active": True}),
    ],
)
def test_our_own_schedule_is_repaired_and_one_of_others_is_told_of(changes, expected):
    mine = plan_schedule(make_home(schedules=(make_schedule(**changes),)), SETTINGS, "", ME)
    assert works(mine) == ([ChangeSchedule(30, expected)] if expected else [])
    theirs = plan_schedule(make_home(schedules=(make_schedule(owner=OTHER, **changes),)), SETTINGS, "", ME)
    assert theirs.steps == ()
    assert ("belongs to `@paul` and differs" in said(theirs)) == bool(expected)
    assert ("is as it should be. To change it later, press Take ownership" in said(theirs)) == (not expected)
    assert mine.remarks == ()


def test_a_schedule_of_a_bot_or_of_nobody_is_told_of():
    assert "the account of a token" in said(
        plan_schedule(make_home(schedules=(make_schedule(owner=BOT),)), SETTINGS, "", ME)
    )
    assert "nobody any more" in said(plan_schedule(make_home(schedules=(make_schedule(owner=None),)), SETTINGS, "", ME))


def test_a_schedule_of_mine_that_is_ours_but_for_its_description_is_renamed_and_no_second_one_made():
    plan = plan_schedule(make_home(schedules=(make_schedule(description="nightly"),)), SETTINGS, "", ME)
    assert works(plan) == [ChangeSchedule(30, {"description": "Handover triage"})]
    assert plan.remarks == ()


@pytest.mark.parametrize(
    "others",
    [
        [{"cron": "0 3 * * *"}],
        [{"owner": OTHER}],
        [{"time_zone": "UTC"}],
        [{}, {"id": 31}],
    ],
)
def test_another_schedule_on_the_branch_is_told_of_before_and_after_ours_is_made(others):
    beside = tuple(make_schedule(description="nightly", **changes) for changes in others)
    before = plan_schedule(make_home(schedules=beside), SETTINGS, "", ME)
    assert kinds(before) == ["MakeSchedule"]
    assert "`nightly` runs on `main` too, and every schedule there runs triage" in said(before)
    after = plan_schedule(make_home(schedules=(*beside, make_schedule(id=40))), SETTINGS, "", ME)
    assert after.steps == ()
    assert said(after) == said(before)


@pytest.mark.parametrize("changes", [{"is_active": False}, {"ref": "refs/heads/old"}])
def test_a_schedule_that_does_not_run_triage_is_nobodys_concern(changes):
    beside = make_schedule(id=41, description="nightly", cron="0 3 * * *", **changes)
    assert plan_schedule(make_home(schedules=(make_schedule(), beside)), SETTINGS, "", ME).remarks == ()


@pytest.mark.parametrize("owner", [ME, OTHER])
def test_a_group_that_is_left_in_the_schedule_of_a_single_project_is_told_of(owner):
    home = make_home(schedules=(make_schedule(owner=owner, variables={"HANDOVER_GROUP": "cs"}),))
    plan = plan_schedule(home, SETTINGS, "", ME)
    assert plan.steps == ()
    assert "HANDOVER_GROUP = `cs`, so it judges the handovers of that group, not those of this project" in said(plan)


def test_where_ci_is_switched_off_that_is_the_reason_and_no_role():
    home = make_home(schedules=Unseen("Reporter"))
    plan = plan_schedule(replace(home, facts=replace(FACTS, has_pipelines=False)), SETTINGS, "", ME)
    assert "CI/CD is switched off" in said(plan)
    assert "role" not in said(plan)


def test_two_schedules_of_our_name_are_told_of_and_the_active_one_counts():
    both = (make_schedule(is_active=False), make_schedule(id=31))
    plan = plan_schedule(make_home(schedules=both), SETTINGS, "", ME)
    assert plan.steps == ()
    assert "2 schedules are called" in said(plan)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, SetScheduleVariable(30, "HANDOVER_GROUP", "cs", True)),
        ({"HANDOVER_GROUP": "old", "MINE": "1"}, SetScheduleVariable(30, "HANDOVER_GROUP", "cs", False)),
        ({"HANDOVER_GROUP": "cs", "MINE": "1"}, None),
    ],
)
def test_the_schedule_of_a_group_names_it(variables, expected):
    home = make_home(schedules=(make_schedule(variables=variables),))
    assert works(plan_schedule(home, SETTINGS, "cs", ME)) == ([expected] if expected else [])


def test_a_new_schedule_of_a_group_names_it_too():
    plan = plan_schedule(make_home(), SETTINGS, "cs", ME)
    assert works(plan)[1] == SetScheduleVariable(0, "HANDOVER_GROUP", "cs", True)
    assert plan.steps[1].needs == (plan.steps[0].key,)


def test_a_project_that_allows_no_variables_is_told_what_to_set():
    plan = plan_schedule(make_home(variables_role="no_one_allowed"), SETTINGS, "cs", ME)
    assert kinds(plan) == ["MakeSchedule"]
    assert "Minimum role to use pipeline variables" in said(plan)
    assert said(plan_schedule(make_home(variables_role="no_one_allowed"), SETTINGS, "", ME)) == ""


def test_hidden_schedules_and_variables_are_told_and_nothing_is_planned():
    hidden = plan_schedule(make_home(schedules=Unseen("Developer")), SETTINGS, "", ME)
    assert hidden.steps == ()
    assert "needs the role Developer" in said(hidden)
    no_variables = plan_schedule(make_home(schedules=(make_schedule(variables=None),)), SETTINGS, "cs", ME)
    assert no_variables.steps == ()
    assert "cannot be seen" in said(no_variables)


# --- trigger and webhook ----------------------------------------------------------------------------------------------

URL = hook_address(FACTS)
MINE = Trigger(4, "Handover: one issue at once", "glptt-0123456789", ME)
THEIRS = Trigger(5, "Handover: one issue at once", "", OTHER)
FOREIGN = Trigger(6, "deploys", "", OTHER)


def make_hook(url=f"{URL}?token={{trigger_token_4}}", id=50, **changes):
    return replace(Hook(id, url, True, True, True, True), **changes)


def test_the_token_is_a_masked_part_of_the_url():
    assert URL == "https://gitlab.example.com/api/v4/projects/7/ref/main/trigger/pipeline"
    assert mask_token(URL, MINE) == (f"{URL}?token={{trigger_token_4}}", {"trigger_token_4": "glptt-0123456789"})


@pytest.mark.parametrize(
    ("web_url", "branch", "expected"),
    [
        ("https://host/cs/handovers", "a/b", "https://host/api/v4/projects/7/ref/a%2Fb/trigger/pipeline"),
        ("https://host/gitlab/cs/handovers", "main", "https://host/gitlab/api/v4/projects/7/ref/main/trigger/pipeline"),
    ],
)
def test_the_address_is_that_of_the_server_as_it_names_itself(web_url, branch, expected):
    assert hook_address(replace(FACTS, web_url=web_url, default_branch=branch)) == expected


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        (f"{URL}?token=abc", True),
        (f"{URL}?token={{t}}&variables[A]=b", True),
        ("https://gitlab.example.com/api/v4/projects/cs%2Fhandovers/ref/main/trigger/pipeline?token=x", True),
        ("https://gitlab.example.com/api/v4/projects/8/ref/main/trigger/pipeline?token=x", False),
        ("https://gitlab.example.com.evil.org/api/v4/projects/7/ref/main/trigger/pipeline?token=x", False),
        ("https://gitlab.example.com/api/v4/projects/7/hooks", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_a_webhook_is_known_by_its_address(url, is_ours):
    assert bool(find_hooks(FACTS, [make_hook(url)])) == is_ours


@pytest.mark.parametrize(
    ("hooks", "triggers", "expected"),
    [
        ((), (), [MakeTrigger(MINE.description), SetHook(0, URL, None)]),
        ((), (MINE,), [SetHook(0, URL, MINE)]),
        ((), (THEIRS, FOREIGN), [MakeTrigger(MINE.description), SetHook(0, URL, None)]),
        ((make_hook(),), (MINE,), []),
        ((make_hook(f"{URL}?token={{trigger_token_5}}"),), (THEIRS,), []),
        ((make_hook(),), (), [MakeTrigger(MINE.description), SetHook(50, URL, None)]),
        ((make_hook(),), (FOREIGN,), [MakeTrigger(MINE.description), SetHook(50, URL, None)]),
        # Stopped between trigger and webhook: the new trigger is there, the webhook pulls the one that is gone.
        ((make_hook(f"{URL}?token={{trigger_token_3}}"),), (MINE,), [SetHook(50, URL, MINE)]),
        # Stopped between the two halves of a repair: the webhook has no token.
        ((make_hook(URL),), (MINE, FOREIGN), [SetHook(50, URL, MINE)]),
        # Made by hand: its token cannot be seen.
        ((make_hook(f"{URL}?token={{t}}"),), (FOREIGN,), []),
        ((make_hook(f"{URL}?token={{t}}"),), (), [MakeTrigger(MINE.description), SetHook(50, URL, None)]),
        ((make_hook(f"{URL}?token={{t}}"),), (MINE,), [SetHook(50, URL, MINE)]),
        ((make_hook(has_notes=False),), (MINE,), [SetHook(50, URL, MINE)]),
        ((make_hook(is_stopped=True),), (MINE,), [SetHook(50, URL, MINE, True)]),
        ((make_hook(URL.replace("/main/", "/old/") + "?token={trigger_token_4}"),), (MINE,), [SetHook(50, URL, MINE)]),
    ],
)
def test_trigger_and_webhook_are_made_kept_or_repaired(hooks, triggers, expected):
    assert works(plan_webhook(make_home(hooks=hooks, triggers=triggers), True)) == expected


def test_what_is_wrong_with_a_webhook_is_said():
    hook = make_hook(has_notes=False, has_confidential_issues=False, is_stopped=True)
    changes = plan_webhook(make_home(hooks=(hook,), triggers=(MINE,)), True).steps[0].changes
    assert [(each.name, each.before) for each in changes] == [
        ("events", "without confidential issues, comments"),
        ("state", "stopped by GitLab after failures"),
    ]


def test_a_trigger_of_another_person_is_told_of_when_it_is_not_used():
    assert "delete it" in said(plan_webhook(make_home(triggers=(THEIRS,)), True))
    kept = plan_webhook(make_home(hooks=(make_hook(),), triggers=(MINE, THEIRS)), True)
    assert "delete it" in said(kept)
    used = make_home(hooks=(make_hook(f"{URL}?token={{trigger_token_5}}"),), triggers=(THEIRS,))
    assert said(plan_webhook(used, True)) == ""


ENDED = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_trigger_that_ended_is_replaced():
    ended = replace(MINE, expires_at=ENDED)
    home = make_home(hooks=(make_hook(),), triggers=(ended,))
    plan = plan_webhook(home, True, TODAY)
    assert works(plan) == [MakeTrigger(MINE.description), SetHook(50, URL, None)]
    assert plan.steps[1].changes[0].before == "expired"
    later = replace(MINE, expires_at=datetime(2027, 11, 1, tzinfo=UTC))
    assert plan_webhook(replace(home, triggers=(later,)), True, TODAY).steps == ()


@pytest.mark.parametrize(
    ("url", "triggers", "why"),
    [
        (URL, (MINE,), "missing in the address"),
        (f"{URL}?token=plain", (), "none that is known"),
        (f"{URL}?token={{trigger_token_9}}", (MINE,), "deleted"),
    ],
)
def test_why_a_webhook_pulls_nothing_is_said(url, triggers, why):
    plan = plan_webhook(make_home(hooks=(make_hook(url),), triggers=triggers), True)
    assert [each.before for each in plan.steps[-1].changes] == [why]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"has_pushes": True}, ("events", "with pushes")),
        ({"has_pushes": True, "has_notes": False}, ("events", "without comments; with pushes")),
        ({"verifies_server": False}, ("SSL verification", "off")),
    ],
)
def test_a_webhook_that_sends_too_much_or_to_anybody_is_repaired(changes, expected):
    plan = plan_webhook(make_home(hooks=(make_hook(**changes),), triggers=(MINE,)), True)
    assert works(plan) == [SetHook(50, URL, MINE)]
    assert [(each.name, each.before) for each in plan.steps[0].changes] == [expected]


def test_whose_trigger_is_pulled_is_told_where_it_is_not_mine():
    theirs = make_home(hooks=(make_hook(f"{URL}?token={{trigger_token_5}}"),), triggers=(THEIRS, MINE))
    assert "pulls a trigger of `@paul`" in said(plan_others_trigger(theirs, ME))
    assert plan_others_trigger(make_home(hooks=(make_hook(),), triggers=(THEIRS, MINE)), ME).remarks == ()
    assert plan_others_trigger(make_home(hooks=Unseen()), ME).remarks == ()


def test_several_webhooks_are_told_of():
    home = make_home(hooks=(make_hook(), make_hook(id=51)), triggers=(MINE,))
    assert "every tick starts 2 pipelines" in said(plan_webhook(home, True))


def test_where_runs_at_once_are_off_a_webhook_that_is_left_is_told_of():
    plan = plan_webhook(make_home(hooks=(make_hook(),), triggers=(MINE,)), False)
    assert plan.steps == ()
    assert "switched off" in said(plan)
    assert plan_webhook(make_home(), False).remarks == ()


@pytest.mark.parametrize("hidden", [{"hooks": Unseen()}, {"triggers": Unseen()}])
def test_hidden_webhooks_are_told_and_nothing_is_planned(hidden):
    plan = plan_webhook(make_home(**hidden), True)
    assert plan.steps == ()
    assert "needs the role Maintainer" in said(plan)


def test_no_secret_stands_in_the_plan():
    assert "glptt-0123456789" not in repr(plan_webhook(make_home(triggers=(MINE,)), True))


# --- token and key ----------------------------------------------------------------------------------------------------

KEY_SET = Variable(STATE_KEY, True, True)
END = TODAY + timedelta(days=364)


def token_set(token_id):
    return Variable(TOKEN, True, True, description=describe_token(token_id))


def make_token(id=12, days=300, **changes):
    expires_on = None if days is None else TODAY + timedelta(days=days)
    return replace(AccessToken(id, "Handover", 3, ("api",), True, expires_on, 20), **changes)


def provide(token_id, is_variable_new):
    return ProvideToken(TOKEN, "Handover", token_id, 20, END, is_variable_new)


@pytest.mark.parametrize(
    ("variables", "tokens", "expected"),
    [
        ((KEY_SET,), (), provide(0, True)),
        # Perhaps stopped between token and variable, perhaps in use elsewhere: it is nobody's, and stays.
        ((KEY_SET,), (make_token(),), provide(0, True)),
        ((KEY_SET, token_set(12)), (make_token(),), None),
        ((KEY_SET, token_set(12)), (make_token(), make_token(13)), None),
        ((KEY_SET, token_set(12)), (make_token(name="renamed"),), None),
        # Stopped between rotating and the variable: it names the former token, of the same account.
        ((KEY_SET, token_set(11)), (make_token(), make_token(11, is_active=False)), provide(12, False)),
        ((KEY_SET, token_set(11)), (make_token(), make_token(13), make_token(11, is_active=False)), provide(13, False)),
        # Of another account, or nobody knows of which.
        ((KEY_SET, token_set(11)), (make_token(user_id=4), make_token(11, is_active=False)), provide(0, False)),
        ((KEY_SET, token_set(11)), (make_token(13), make_token(12)), provide(0, False)),
        # Triage could not work with it, or could do too much.
        ((KEY_SET, token_set(12)), (make_token(scopes=("read_api",)),), provide(0, False)),
        ((KEY_SET, token_set(12)), (make_token(access_level=10),), provide(0, False)),
        ((KEY_SET, token_set(12)), (make_token(access_level=40),), provide(0, False)),
        ((KEY_SET, token_set(12)), (make_token(access_level=30),), None),
        ((KEY_SET, token_set(12)), (make_token(access_level=None),), None),
        (
            (KEY_SET, token_set(11)),
            (make_token(scopes=("read_api",)), make_token(11, is_active=False)),
            provide(0, False),
        ),
        ((KEY_SET, token_set(11)), (), provide(0, False)),
        ((KEY_SET, token_set(12)), (make_token(days=31),), None),
        ((KEY_SET, token_set(12)), (make_token(days=30),), provide(12, False)),
        ((KEY_SET, token_set(12)), (make_token(days=None),), None),
        # Set by hand.
        ((KEY_SET, Variable(TOKEN, True, True)), (make_token(days=3),), None),
        # For another environment only: the jobs do not see it.
        ((KEY_SET, Variable(TOKEN, True, True, "production")), (), provide(0, True)),
    ],
)
def test_the_token_is_made_kept_or_rotated(variables, tokens, expected):
    plan = plan_credentials(make_home(variables=variables, tokens=tokens), "", TODAY, True)
    assert works(plan) == ([expected] if expected else [])


def test_the_key_is_made_once_and_never_changed():
    home = make_home(variables=(token_set(12),), tokens=(make_token(),))
    assert [type(work) for work in works(plan_credentials(home, "", TODAY, True))] == [MakeStateKey]
    home = replace(home, variables=(token_set(12), KEY_SET))
    assert plan_credentials(home, "", TODAY, True).steps == ()


@pytest.mark.parametrize(
    ("version", "level"),
    [("17.7.0", 15), ("18.4.0-ee", 15), ("17.6.3", 20), ("16.11.1-ee", 20), ("", 20), (None, 20)],
)
def test_the_token_has_the_least_role_that_the_server_knows(version, level):
    server = Unseen() if version is None else ServerFacts(version)
    plan = plan_credentials(make_home(server=server), "", TODAY, True)
    assert next(work for work in works(plan) if isinstance(work, ProvideToken)).access_level == level


def test_without_being_asked_to_it_only_tells_what_is_missing():
    plan = plan_credentials(make_home(), "", TODAY, False)
    assert plan.steps == ()
    assert "HANDOVER_TOKEN is not set here" in said(plan)
    assert "HANDOVER_STATE_KEY is not set here" in said(plan)
    assert "add --with-secrets" in said(plan)
    assert "If a group above has it, nothing is to be done." in said(plan)


@pytest.mark.parametrize("with_secrets", [False, True])
def test_in_a_group_secrets_are_left_to_people(with_secrets):
    plan = plan_credentials(make_home(), "cs", TODAY, with_secrets)
    assert plan.steps == ()
    assert "an access token of the group `cs`" in said(plan)
    assert "--with-secrets" not in said(plan)


def test_in_a_group_the_token_of_one_project_is_told_of():
    home = make_home(variables=(KEY_SET, token_set(12)))
    assert "holds an access token of this project" in said(plan_credentials(home, "cs", TODAY, True))
    assert "gone" not in said(plan_credentials(home, "cs", TODAY, True))


@pytest.mark.parametrize(
    ("variables", "tokens", "words"),
    [
        ((KEY_SET, token_set(12)), (make_token(days=20),), "ends on 2026-11-22: add --with-secrets"),
        ((KEY_SET, token_set(11)), (), "names token 11, which is gone: add --with-secrets"),
        (
            (KEY_SET, token_set(11)),
            (make_token(), make_token(11, is_active=False)),
            'gone; rotating made token 12 of it. If its value stands in the variable, write "Token 12 of `handover',
        ),
        ((KEY_SET, token_set(12)), (make_token(scopes=()),), "names token 12, with which triage cannot work"),
        (
            (KEY_SET, Variable(TOKEN, True, True)),
            (make_token(days=20),),
            "token 12 `Handover` ends on 2026-11-22, and nobody can see whether HANDOVER_TOKEN holds it",
        ),
        ((KEY_SET, token_set(12)), (make_token(), make_token(13)), "13 `Handover` stands in no variable"),
        ((KEY_SET, token_set(12)), (make_token(), make_token(13, is_active=False)), ""),
        ((KEY_SET, token_set(12)), (make_token(), make_token(13, name="deploys")), ""),
        ((KEY_SET, token_set(12)), (make_token(),), ""),
        ((KEY_SET, Variable(TOKEN, True, True)), (), ""),
        ((KEY_SET, token_set(12)), Unseen(), ""),
    ],
)
def test_a_token_that_ends_soon_is_told_of(variables, tokens, words):
    remarks = said(plan_credentials(make_home(variables=variables, tokens=tokens), "", TODAY, False))
    assert words in remarks
    assert bool(words) == bool(remarks)


def test_rotating_says_that_the_old_value_stops_working():
    home = make_home(variables=(KEY_SET, token_set(12)), tokens=(make_token(days=20),))
    step = plan_credentials(home, "", TODAY, True).steps[0]
    assert step.what == "access token 12 `Handover`, rotated in the variable HANDOVER_TOKEN"
    assert [each.before for each in step.changes] == ["2026-11-22", "the old one, which stops working at once"]
    assert not step.is_new


def test_a_token_that_is_new_has_no_former_end_though_the_variable_is_there():
    step = plan_credentials(make_home(variables=(KEY_SET, token_set(12))), "", TODAY, True).steps[0]
    assert step.is_new
    assert [each.before for each in step.changes] == [None]


@pytest.mark.parametrize("with_secrets", [False, True])
def test_a_token_that_stands_in_no_variable_is_listed(with_secrets):
    home = make_home(variables=(KEY_SET,), tokens=(make_token(),))
    assert "token 12 `Handover` stands in no variable" in said(plan_credentials(home, "", TODAY, with_secrets))


@pytest.mark.parametrize(
    ("version", "tokens", "words"),
    [
        ("16.0.0-ee", (), "the project has no access token with which triage could work"),
        ("16.0.0-ee", (make_token(is_active=False),), "the project has no access token with which triage could work"),
        ("16.0.0-ee", (make_token(),), ""),
        ("16.0.0-ee", (make_token(days=20),), "ends on 2026-11-22, and nobody can see"),
        ("16.2.0", (), ""),
        (None, (), ""),
    ],
)
@pytest.mark.parametrize("with_secrets", [False, True])
def test_where_variables_have_no_descriptions_nobody_says_that_all_is_well(version, tokens, words, with_secrets):
    server = Unseen() if version is None else ServerFacts(version)
    home = make_home(variables=(KEY_SET, Variable(TOKEN, True, True)), tokens=tokens, server=server)
    plan = plan_credentials(home, "", TODAY, with_secrets)
    assert plan.steps == ()
    assert words in said(plan)
    assert bool(words) == bool(plan.remarks)
    assert "by hand" not in said(plan)


@pytest.mark.parametrize(
    ("variable", "changes"),
    [
        (replace(token_set(12), is_masked=False), {"masked": True}),
        (replace(token_set(12), is_protected=False), {"protected": True}),
        (Variable(STATE_KEY, False, False), {"masked": True, "protected": True}),
    ],
)
def test_a_variable_that_is_open_to_view_is_closed_or_told_of(variable, changes):
    variables = {each.key: each for each in (KEY_SET, token_set(12), variable)}
    home = make_home(variables=tuple(variables.values()), tokens=(make_token(),))
    assert works(plan_credentials(home, "", TODAY, True)) == [ProtectVariable(variable.key, changes)]
    told = plan_credentials(home, "", TODAY, False)
    assert told.steps == ()
    assert f"{variable.key} is not {' and not '.join(changes)}: add --with-secrets, or" in said(told)
    assert f"{variable.key} is not {' and not '.join(changes)}: change that" in said(
        plan_credentials(home, "cs", TODAY, True)
    )


def test_a_variable_of_others_and_one_that_is_filled_anew_are_not_protected_by_themselves():
    lost, foreign = replace(token_set(12), is_masked=False), Variable("OTHER", False, False)
    home = make_home(variables=(KEY_SET, lost, foreign))
    assert kinds(plan_credentials(home, "", TODAY, True)) == ["ProvideToken"]


def test_what_cannot_be_seen_is_told_and_never_a_step():
    assert "needs the role Maintainer" in said(plan_credentials(make_home(variables=Unseen()), "", TODAY, True))
    plan = plan_credentials(make_home(variables=(KEY_SET,), tokens=Unseen()), "", TODAY, True)
    assert plan.steps == ()
    assert "nothing was done about HANDOVER_TOKEN" in said(plan)


# --- the whole plan ---------------------------------------------------------------------------------------------------

WANTED = Wanted((RED, STAGE), (WantedBoard("Process", ("p::one", "limit-missed")),))


def make_found(**changes):
    boards = ((PROJECT, ()),)
    return replace(Found(ME, PROJECT, (), boards, make_home()), **changes)


def plan(found, settings=SETTINGS, with_secrets=True):
    return plan_bootstrap(Purpose(WANTED, settings, TODAY, with_secrets), found)


def test_from_nothing_everything_is_made_in_the_order_in_which_it_is_needed():
    assert kinds(plan(make_found())) == [
        *["MakeLabel"] * 2,
        *["MakeBoard", "AddList", "AddList"],
        *["MakeStateKey", "ProvideToken"],
        *["MakeTrigger", "SetHook", "MakeSchedule"],
    ]


def test_keys_are_unique_and_needs_come_before():
    steps = plan(make_found()).steps
    keys = [step.key for step in steps]
    assert len(keys) == len(set(keys))
    for number, step in enumerate(steps):
        assert all(keys.index(need) < number for need in step.needs if need in keys)


def test_lists_of_a_label_that_is_renamed_in_the_same_plan_stay():
    found = make_found(
        labels=(make_label(RED), Label(8, "p::first", STAGE.color, STAGE.description)),
        boards=((PROJECT, (make_board("p::first", "limit-missed"),)),),
    )
    assert kinds(plan(found))[:2] == ["ChangeLabel", "MakeStateKey"]


def test_a_list_of_a_label_that_is_renamed_in_the_same_plan_knows_its_id():
    found = make_found(labels=(make_label(RED), Label(8, "p::first", STAGE.color, STAGE.description)))
    added = next(step for step in plan(found).steps if isinstance(step.work, AddList))
    assert (added.work.label, added.work.label_id, added.needs[1]) == ("p::one", 8, "label p::one")


def test_an_empty_repository_gets_labels_and_boards_only():
    planned = plan(make_found(home=make_home(default_branch="")), with_secrets=False)
    assert set(kinds(planned)) == {"MakeLabel", "MakeBoard", "AddList"}
    assert "push this repository first" in said(planned)


def test_a_group_has_a_schedule_with_its_name_but_no_webhook():
    planned = plan(make_found(labels_at=GROUP, group="cs", boards=((GROUP, ()),)))
    assert not {"MakeTrigger", "SetHook"} & set(kinds(planned))
    assert kinds(planned)[-2:] == ["MakeSchedule", "SetScheduleVariable"]
    assert "Runs at once (schedule.at_once) work for one project only" in said(planned)
    quiet = plan(make_found(group="cs"), replace(SETTINGS, at_once=False))
    assert "Runs at once" not in said(quiet)


def test_a_group_without_its_home_is_told_that_nobody_looked_at_the_schedule():
    planned = plan(make_found(labels_at=GROUP, group="cs", home=None))
    assert "MakeSchedule" not in kinds(planned)
    assert "The schedule was not looked at" in said(planned)


def test_on_free_every_project_of_a_group_gets_its_boards():
    other = Place("projects/8", "cs/more")
    planned = plan(make_found(labels_at=GROUP, group="cs", boards=((PROJECT, ()), (other, ()))))
    made = [step.place.path for step in planned.steps if isinstance(step.work, MakeBoard)]
    assert made == ["cs/handovers", "cs/more"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"access_level": 20}, "Your role in the project is Reporter."),
        ({"access_level": 30}, "webhook, trigger and variables Maintainer"),
        ({"access_level": 40}, ""),
        ({"access_level": 50}, ""),
        # That of an administrator who is no member.
        ({"access_level": 0}, ""),
        ({"visibility": "public"}, "The project is public"),
        ({"visibility": "internal"}, ""),
        ({"has_issues": False}, "Issues are switched off"),
    ],
)
def test_what_stands_in_the_way_of_all_is_said_first(changes, words):
    planned = plan(make_found(home=replace(make_home(), facts=replace(FACTS, **changes))))
    assert words in said(planned)
    assert bool(words) == bool(planned.remarks)
    assert not words or words in planned.remarks[0].message


@pytest.mark.parametrize(
    "hidden",
    [
        {"schedules": Unseen("Developer")},
        {"variables": Unseen()},
        {"hooks": Unseen()},
        {"triggers": Unseen()},
        {"tokens": Unseen()},
    ],
)
def test_what_is_wanted_and_cannot_be_seen_is_a_gap_in_the_plan(hidden):
    planned = plan(make_found(home=make_home(**hidden)))
    assert [each.is_gap for each in planned.remarks] == [True]
    assert any(each.is_gap for each in plan(make_found(boards=((PROJECT, Unseen("Planner")),))).remarks)


def test_what_nobody_wants_is_no_gap():
    quiet = replace(SETTINGS, at_once=False)
    planned = plan(make_found(home=make_home(hooks=Unseen(), triggers=Unseen(), tokens=Unseen())), quiet, False)
    assert not any(each.is_gap for each in planned.remarks)


def test_the_webhook_of_a_single_project_is_told_of_in_a_group():
    found = make_found(labels_at=GROUP, group="cs", home=make_home(hooks=(make_hook(),), triggers=(MINE,)))
    assert "delete the webhook under Settings › Webhooks" in said(plan(found))


def test_hidden_boards_and_a_group_without_projects_are_told_of():
    assert "Boards cannot be seen" in said(plan(make_found(boards=((PROJECT, Unseen("Planner")),))))
    assert "no project with issues yet" in said(plan(make_found(labels_at=GROUP, group="cs", boards=())))
