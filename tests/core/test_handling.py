"""Assignee and due date follow whose turn it is and by when, and never take from a person what that person chose."""

from datetime import UTC, date, datetime

import pytest

from automation.core.handling import plan_handling
from automation.core.model import Limit, UpdateIssue, User, Verdict
from automation.core.process import build_process
from automation.core.remembered import Memory, Written
from automation.core.workdays import Absence, Calendars
from tests.builders import DIALECT, SMALL_TEXT, Tale, make_directory, make_issue, small_schema

# --- the table --------------------------------------------------------------------------------------------------------


def a_limit(due_on):
    due_at = datetime.fromisoformat(f"{due_on}T23:59:59-05:00")
    return Limit("review", 1, due_at, due_at, due_at, (), 3, True, "ben", "US, America/New_York")


def a_verdict(stage="review", assignee="ben", due_on="2026-11-10"):
    user = User(3, assignee) if assignee else None
    limit = a_limit(due_on) if due_on else None
    return Verdict(None, stage, "", (), {}, {}, {}, 0, None, limit, assignee=user)


def handle(present, due, written, verdict, may_assign=True, may_set_due_date=True, state="opened"):
    issue = make_issue(
        assignees=(present,) if present else (), due_on=date.fromisoformat(due) if due else None, state=state
    )
    memory = Memory("small", 1, written=written) if written else None
    return plan_handling(issue, verdict, memory, may_assign=may_assign, may_set_due_date=may_set_due_date)


FIRST = None
NEW = Written("ready", "carol", "2026-11-05")
OURS = Written("review", "ben", "2026-11-10")
THEIRS = Written("review", "", "")


@pytest.mark.parametrize(
    ("present", "written", "wanted", "expected"),
    [
        pytest.param("", FIRST, "ben", "ben", id="first sight, blank"),
        pytest.param("eve", FIRST, "ben", None, id="first sight, somebody is there"),
        pytest.param("ben", FIRST, "ben", None, id="first sight, already right"),
        pytest.param("", FIRST, "", None, id="first sight, nobody is known"),
        pytest.param("ben", OURS, "ben", None, id="nothing new"),
        pytest.param("BEN", OURS, "ben", None, id="capitals make no difference"),
        pytest.param("ben", OURS, "chloe", "chloe", id="ours, and another must act now"),
        pytest.param("Ben", OURS, "chloe", "chloe", id="ours in capitals, and another must act now"),
        pytest.param("ben", OURS, "", None, id="ours, and nobody is known now"),
        pytest.param("eve", OURS, "ben", None, id="a person chose somebody else"),
        pytest.param("eve", OURS, "chloe", None, id="a person chose somebody else, and another must act now"),
        pytest.param("", OURS, "ben", None, id="a person took the assignee away"),
        pytest.param("", OURS, "chloe", None, id="taken away, and another must act now"),
        pytest.param("eve", THEIRS, "ben", None, id="chosen when we first saw it"),
        pytest.param("carol", NEW, "ben", "ben", id="another stage, ours"),
        pytest.param("eve", NEW, "ben", "ben", id="another stage, a person's choice"),
        pytest.param("", NEW, "ben", "ben", id="another stage, taken away"),
        pytest.param("ben", NEW, "ben", None, id="another stage, the same person"),
        pytest.param("carol", NEW, "", None, id="another stage, nobody is known"),
    ],
)
def test_whom_we_assign(present, written, wanted, expected):
    found = handle(present, "", written, a_verdict(assignee=wanted)).assignee
    assert (found.username if found else None) == expected


@pytest.mark.parametrize(
    ("present", "written", "wanted", "expected"),
    [
        pytest.param("", FIRST, "2026-11-10", "2026-11-10", id="first sight, blank"),
        pytest.param("2026-12-24", FIRST, "2026-11-10", "", id="first sight, a date is there"),
        pytest.param("", FIRST, "", "", id="first sight, no limit"),
        pytest.param("2026-12-24", FIRST, "", "", id="first sight, no limit, a date is there"),
        pytest.param("2026-11-10", OURS, "2026-11-10", "", id="nothing new"),
        pytest.param("2026-11-10", OURS, "2026-11-12", "2026-11-12", id="ours, and the limit has moved"),
        pytest.param("2026-11-10", OURS, "", "none", id="ours, and there is no limit any more"),
        pytest.param("2026-12-24", OURS, "2026-11-12", "", id="a person chose another day"),
        pytest.param("2026-12-24", OURS, "", "", id="a person chose another day, and there is no limit any more"),
        pytest.param("", OURS, "2026-11-10", "", id="a person took the date away"),
        pytest.param("", OURS, "2026-11-12", "", id="taken away, and the limit has moved"),
        pytest.param("2026-11-05", NEW, "2026-11-10", "2026-11-10", id="another stage, ours"),
        pytest.param("2026-12-24", NEW, "2026-11-10", "2026-11-10", id="another stage, a person's choice"),
        pytest.param("", NEW, "2026-11-10", "2026-11-10", id="another stage, taken away"),
        pytest.param("2026-11-05", NEW, "", "none", id="another stage without a limit"),
        pytest.param("", NEW, "", "", id="another stage without a limit, blank"),
    ],
)
def test_which_due_date_we_set(present, written, wanted, expected):
    assert handle("", present, written, a_verdict(due_on=wanted)).due_on == expected


@pytest.mark.parametrize(("may_assign", "may_set_due_date"), [(True, False), (False, True), (False, False)])
def test_each_is_written_only_where_that_is_configured(may_assign, may_set_due_date):
    found = handle("", "", FIRST, a_verdict(), may_assign, may_set_due_date)
    assert (found.assignee is not None, found.due_on != "") == (may_assign, may_set_due_date)
    assert (found.written.assignee != "", found.written.due_on != "") == (may_assign, may_set_due_date)


@pytest.mark.parametrize("stage", ["complete", "cancelled", ""])
@pytest.mark.parametrize("written", [FIRST, NEW, OURS])
def test_at_the_end_and_where_nothing_can_be_read_nothing_is_touched(stage, written):
    found = handle("eve", "2026-12-24", written, a_verdict(stage, "", ""))
    assert (found.assignee, found.due_on, found.written) == (None, "", written or Written())


def test_a_closed_issue_is_left_alone():
    found = handle("", "", NEW, a_verdict(), state="closed")
    assert (found.assignee, found.due_on, found.written) == (None, "", NEW)


@pytest.mark.parametrize(
    ("present", "due", "written", "expected"),
    [
        pytest.param("", "", FIRST, OURS, id="what we write now"),
        pytest.param("ben", "2026-11-10", OURS, OURS, id="what we wrote before"),
        pytest.param("eve", "2026-12-24", OURS, OURS, id="ours, though a person chose otherwise"),
        pytest.param("eve", "2026-12-24", FIRST, THEIRS, id="nothing of ours"),
        pytest.param("eve", "2026-12-24", NEW, OURS, id="another stage"),
    ],
)
def test_what_is_remembered_as_ours(present, due, written, expected):
    assert handle(present, due, written, a_verdict()).written == expected


def test_where_nothing_may_be_written_what_we_wrote_for_an_earlier_stage_is_forgotten():
    found = handle("carol", "2026-11-05", NEW, a_verdict(), may_assign=False, may_set_due_date=False)
    assert (found.assignee, found.due_on, found.written) == (None, "", THEIRS)


# --- in the life of a handover ----------------------------------------------------------------------------------------


def timed():
    """The small process: 5 working days, 3 for the review, none for the rest."""
    schema = small_schema()
    schema["properties"]["ready"]["x-stage"]["due"] = {"working_days": 5}
    schema["properties"]["review"]["x-stage"]["due"] = {"working_days": 3, "calendar_of": "cse_territory_owner"}
    return build_process(schema, DIALECT)


TIMED = timed()


def tale(**options):
    return Tale(**{"process": TIMED, "may_write": True, "comments_per_day": 50, **options})


def seen(story):
    return story.assignees, story.due_on.isoformat() if story.due_on else ""


def test_assignee_and_due_date_go_with_the_stages():
    story = tale().run()
    assert seen(story) == (("carol",), "2026-11-09")
    story.finish("ready").run()
    assert seen(story) == (("ben",), "2026-11-05")
    story.finish("review").run()
    assert seen(story) == (("carol",), "")
    story.finish("finish").run()
    assert seen(story) == (("carol",), "")


def test_labels_assignee_and_due_date_are_written_in_one_request():
    updates = [action for action in tale().finish("ready").plan() if isinstance(action, UpdateIssue)]
    assert [(each.assignee.username, each.due_on, bool(each.add_labels)) for each in updates] == [
        ("ben", "2026-11-05", True)
    ]


def test_a_choice_of_a_person_lasts_until_the_stage_changes():
    story = tale().run()
    story.assignees, story.due_on = ("eve",), date(2026, 12, 24)
    assert story.run().plan() == ()
    assert seen(story) == (("eve",), "2026-12-24")
    assert seen(story.finish("ready").run()) == (("ben",), "2026-11-05")


def test_a_removal_is_respected_until_the_stage_changes():
    story = tale().run()
    story.assignees, story.due_on = (), None
    assert seen(story.run().wait(days=1).run()) == ((), "")
    assert seen(story.finish("ready").run()) == (("ben",), "2026-11-06")


def test_what_a_person_chose_before_we_came_is_respected():
    story = tale(assignees=("eve",), due_on=date(2026, 12, 24)).run()
    assert seen(story) == (("eve",), "2026-12-24")
    assert story.plan() == ()


def test_a_return_gives_the_turn_and_its_date_back():
    story = tale().run().finish("ready").run().say("send back: the seats are wrong", "ben").run()
    assert seen(story) == (("carol",), "2026-11-09")


def test_a_hold_moves_the_due_date_and_a_role_passed_on_the_assignee():
    story = tale().run().say("hold until 2026-11-16: a fair", "carol").run()
    assert seen(story) == (("carol",), "2026-11-20")
    assert seen(story.write("CSM", "@dave", "mia").run()) == (("dave",), "2026-11-20")


def test_a_deputy_is_assigned_while_somebody_is_away():
    away = Calendars(away={"carol": (Absence(date(2026, 11, 1), date(2026, 11, 3), "dave"),)})
    story = tale(directory=make_directory(calendars=away)).run()
    assert story.assignees == ("dave",)
    story.now = datetime(2026, 11, 4, 12, tzinfo=UTC)
    assert story.run().assignees == ("carol",)


def test_whoever_has_no_account_here_is_not_assigned():
    assert tale(text=SMALL_TEXT.replace("@carol", "@nobody")).run().assignees == ()


def test_what_is_overdue_keeps_its_due_date():
    story = tale().run().wait(days=20).run()
    assert seen(story) == (("carol",), "2026-11-09")
    assert story.plan() == ()


STORIES = {
    "a new handover": tale,
    "the first stage is done": lambda: tale().run().finish("ready"),
    "all at once": lambda: tale().finish("ready").finish("review"),
    "sent back": lambda: tale().run().finish("ready").run().say("send back: x", "ben"),
    "on hold": lambda: tale().run().say("hold until 2026-11-16: a fair", "carol"),
    "a role passed on": lambda: tale().finish("ready").run().write("Owner", "@chloe", "mia"),
    "overdue": lambda: tale().run().wait(days=20),
    "complete": lambda: tale().run().finish("ready").finish("review").finish("finish"),
}


@pytest.mark.parametrize("number", [0, 1, 2, 3])
@pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in STORIES.items()])
def test_killed_after_any_write_the_next_run_ends_the_same_and_writes_no_more(story, number):
    whole, killed = story().run().run(), story().run(only=number).run()
    assert seen(killed) == seen(whole)
    assert killed.plan() == ()
    assert sorted(killed.told) == sorted(whole.told)
