"""Time limits: where they end was counted by hand on a calendar; what people hear of them, and what is kept for ever.

Unless a test says otherwise the handover begins on Monday, 2 November 2026, at 04:00 in New York, whose calendar is
the default one. 11 November (Veterans Day) and 26 November (Thanksgiving) are holidays there.
"""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.core.process import build_process
from automation.core.workdays import Absence, Calendar, Calendars
from tests.builders import DIALECT, ROLES, SMALL_TEXT, Tale, found, get_finding, make_directory, small_schema

BERLIN = Calendar("DE", "BE", "Europe/Berlin")
BEN_IN_BERLIN = Calendars(own={"ben": BERLIN})
EARLY_VACATION = Calendars(own={"ben": BERLIN}, away={"ben": (Absence(date(2026, 11, 2), date(2026, 11, 30)),)})


def timed(ready=None, review=None, finish=None, weeks=4):
    """Make the small process with limits: 5 working days, 3 in the owner's calendar, then the weeks 2 and 3 of 4."""
    schema = small_schema(
        **{"x-process": {"id": "small", "version": 1, "template": "Small", "weeks": {"min": 1, "max": weeks}}}
    )
    stages = schema["properties"]
    stages["ready"]["x-stage"] |= {"due": {"working_days": 5}} | (ready or {})
    stages["review"]["x-stage"] |= {"due": {"working_days": 3, "calendar_of": "cse_territory_owner"}} | (review or {})
    stages["finish"]["x-stage"] |= {"weeks": [2, 3]} | (finish or {})
    return build_process(schema, DIALECT)


TIMED = timed()
LADDER = timed(ready={"accountable": ["cse_territory_owner"]})


def tale(process=TIMED, **options):
    return Tale(**{"process": process, "directory": make_directory(calendars=BEN_IN_BERLIN), **options})


def moment(text):
    """Read a moment; without a zone it is New York's in November 2026."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC) + timedelta(hours=5)


def on(story, text):
    """Let it become a moment that lies ahead; the next act follows a minute later."""
    assert moment(text) >= story.now
    story.now = moment(text)
    return story


def say(limit):
    return limit.due_at.isoformat()


def timely(story):
    """Return what is said of time: (code, what it is about)."""
    verdict = story.judge()
    return {(each.code, each.about) for each in verdict.findings if each.code in ("due-soon", "overdue")}


def called(story):
    """Return which steps of the ladder are taken, with the people called."""
    return {each.about: each.people for each in story.judge().escalations}


def told(story):
    """Return what was told of time, in order, without the causes."""
    keys = (re.sub(r":\d+$", "", key) for key in story.told)
    return [key for key in keys if key.startswith(("due-soon", "overdue"))]


def kept(story):
    return {each.about: "missed" if each.is_missed else "met" for each in story.judge().memory.kept}


def in_review(**options):
    """The first stage is done on Thursday at noon in New York, 18:00 in Berlin, and a run has seen it."""
    return on(tale(**options).run(), "2026-11-05T11:57").finish("ready").run()


# --- where limits end: the real process -------------------------------------------------------------------------------

STAGES = ("pre-handover", "review", "manager-actions", "handover-call", "customer-communication", "completion")


def real(stage="pre-handover", opened="2026-11-02T04:00"):
    """The real process, all stages before *stage* passed by the event at the moment *opened*; Ben lives in Berlin."""
    story = Tale.of_the_real_process(directory=make_directory(calendars=BEN_IN_BERLIN))
    before = STAGES[: STAGES.index(stage)]
    for each in before[:-1]:
        story.finish(each)
    if before:
        last = [item.code for item in story.process.items.values() if item.section == before[-1]]
        final = {"customer-communication": "5.4"}.get(before[-1], last[-1])
        story.finish(before[-1], but=[final])
        on(story, opened).wait(minutes=-1).tick(final, {"2.4": "ben", "3.3": "mia", "4.5b": "ben"}.get(final, "carol"))
    verdict = story.judge()
    assert verdict.stage == stage
    return story


@pytest.mark.parametrize(
    ("stage", "opened", "ends"),
    [
        pytest.param("pre-handover", "2026-11-02T04:00", "2026-11-17T23:59:59-05:00", id="ten working days, less 11th"),
        pytest.param("review", "2026-11-05T12:00", "2026-11-10T23:59:59+01:00", id="Fri 6, Mon 9, Tue 10 in Berlin"),
        pytest.param("review", "2026-11-06T18:30", "2026-11-11T23:59:59+01:00", id="Saturday in Berlin already"),
        pytest.param("review", "2026-11-09T12:00", "2026-11-12T23:59:59+01:00", id="no Veterans Day in Berlin"),
        pytest.param("manager-actions", "2026-11-06T12:00", "2026-11-16T23:59:59-05:00", id="early: end of week 2"),
        pytest.param("manager-actions", "2026-11-09T12:00", "2026-11-16T23:59:59-05:00", id="on time: end of week 2"),
        pytest.param("manager-actions", "2026-11-19T12:00", "2026-11-26T23:59:59-05:00", id="late: a week of its own"),
        pytest.param("handover-call", "2026-11-06T12:00", "2026-11-23T23:59:59-05:00", id="early: end of week 3"),
        pytest.param("handover-call", "2026-11-19T12:00", "2026-12-03T23:59:59-05:00", id="late: two weeks of its own"),
        pytest.param("customer-communication", "2026-11-10T12:00", "2026-11-23T23:59:59-05:00", id="end of week 3 too"),
        pytest.param("customer-communication", "2026-12-01T12:00", "2026-12-08T23:59:59-05:00", id="late letter"),
        pytest.param("completion", "2026-11-12T12:00", "2026-11-30T23:59:59-05:00", id="early: end of week 4"),
        pytest.param("completion", "2026-12-01T12:00", "2026-12-15T23:59:59-05:00", id="late: two weeks at the end"),
    ],
)
def test_where_the_limit_of_each_stage_ends(stage, opened, ends):
    """Counted by hand; the run that judges comes at another moment and has no part in it."""
    story = real(stage, opened)
    limit = story.judge().limit
    assert (limit.about, say(limit)) == (stage, ends)
    assert limit.started_at == moment(opened)
    assert say(story.wait(hours=50).judge().limit) == ends


@pytest.mark.parametrize("stage", STAGES)
def test_the_whole_process_takes_four_weeks_from_the_creation_of_the_issue(stage):
    assert say(real(stage, "2026-11-12T12:00").judge().whole) == "2026-11-30T23:59:59-05:00"


def test_a_process_without_limits_has_none():
    verdict = Tale().wait(days=400).judge()
    assert (verdict.limit, verdict.whole, verdict.memory.kept) == (None, None, ())


def test_the_clock_of_the_review_follows_whoever_is_named_owner_now():
    story = in_review()
    assert say(story.judge().limit) == "2026-11-10T23:59:59+01:00"
    story.write("Owner", "@chloe", "carol")
    assert say(story.judge().limit) == "2026-11-10T23:59:59-05:00"


def test_a_calendar_of_somebody_else_than_who_must_act_may_count():
    """11 November is a working day for Ben in Berlin, whose calendar counts, and none for Carol, who must act."""
    story = tale(timed(ready={"due": {"working_days": 7, "calendar_of": "cse_territory_owner"}}))
    assert say(story.judge().limit) == "2026-11-11T23:59:59+01:00"


def test_where_two_must_act_the_limit_ends_with_the_later_one():
    """Berlin's Friday is over six hours before New York's; the week of Thanksgiving ends later in New York."""
    process = timed(ready={"responsible": ["csm", "cse_territory_owner"], "due": {"working_days": 4}})
    story = tale(process, created_at=moment("2026-11-23T09:00"), now=moment("2026-11-23T09:00"))
    assert say(story.judge().limit) == "2026-11-30T23:59:59-05:00"


def test_a_gate_that_no_event_explains_was_passed_at_the_run_that_first_saw_it():
    story = tale(text=SMALL_TEXT.replace("@ben", "@eve"))
    story.finish("ready").run()
    story.directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "eve")})
    on(story, "2026-11-04T11:59").run()
    assert on(story, "2026-11-06T12:00").judge().limit.started_at == moment("2026-11-04T12:00")


# --- due soon, overdue ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "opened", "warned", "ends"),
    [
        ("pre-handover", "2026-11-02T04:00", "2026-11-16T00:00", "2026-11-17T23:59:59"),
        ("review", "2026-11-05T12:00", "2026-11-10T00:00+01:00", "2026-11-10T23:59:59+01:00"),
        ("manager-actions", "2026-11-06T12:00", "2026-11-16T00:00", "2026-11-16T23:59:59"),
        ("handover-call", "2026-11-06T12:00", "2026-11-22T00:00", "2026-11-23T23:59:59"),
    ],
)
def test_the_last_fifth_is_due_soon_and_the_first_second_afterwards_overdue(stage, opened, warned, ends):
    """Two days of ten or fourteen, the last one of three or seven."""
    story = real(stage, opened)
    second = timedelta(seconds=1)
    seen = []
    for now in (moment(warned) - second, moment(warned), moment(ends), moment(ends) + 2 * second):
        story.now = now
        seen += [{code for code, about in timely(story) if about == stage}]
    assert seen == [set(), {"due-soon"}, {"due-soon"}, {"overdue"}]


def test_the_whole_process_is_due_soon_in_its_last_five_days_and_then_overdue():
    story = tale(timed(ready={"due": {"working_days": 60}}))
    seen = []
    for now in ("2026-11-25T23:59:59", "2026-11-26T00:00", "2026-11-30T23:59:59", "2026-12-01T00:00:01"):
        seen.append(timely(on(story, now)))
    assert seen == [set(), {("due-soon", "process")}, {("due-soon", "process")}, {("overdue", "process")}]


def test_the_stage_and_the_whole_process_are_told_apart():
    story = on(tale(), "2026-12-02T12:00")
    assert timely(story) == {("overdue", "ready"), ("overdue", "process")}
    words = {each.about: each.words for each in story.judge().findings if each.code == "overdue"}
    assert words == {"ready": "overdue", "process": "overdue.process"}


def test_what_is_said_names_start_end_length_and_calendar():
    facts = get_finding(on(in_review(), "2026-11-10T12:00").judge(), "due-soon").facts
    assert facts["since"] == "Thursday, 2026-11-05"
    assert facts["due"] == "Tuesday, 2026-11-10"
    assert facts["days"] == "3 working days"
    assert facts["calendar"] == "DE-BE, Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "flags"),
    [
        ("2026-11-06T12:00", set()),
        ("2026-11-09T12:00", {"limit-at-risk"}),
        ("2026-11-10T12:00", {"limit-missed"}),
        ("2026-11-27T12:00", {"limit-missed"}),
    ],
)
def test_the_flags_of_limits(now, flags):
    story = on(tale().run(), now).run()
    assert {label for label in story.labels if label.startswith("limit")} == flags
    assert story.plan() == ()


def test_a_stage_that_is_finished_takes_its_flag_along():
    story = on(tale().run(), "2026-11-10T12:00").run()
    story.finish("ready").run()
    assert not {label for label in story.labels if label.startswith("limit")}


# --- nothing of it where nobody can act any more ----------------------------------------------------------------------


def closed(story):
    return story.close()


def cancelled(story):
    return story.say("cancel: the customer left", "mia")


def complete(story):
    return story.finish("ready").finish("review").finish("finish")


def held(story):
    return story.say("hold until 2026-12-20: moving house", "carol")


@pytest.mark.parametrize("end", [closed, cancelled, complete])
@pytest.mark.parametrize("now", ["2026-11-09T12:00", "2026-12-02T12:00"])
def test_at_the_end_nothing_is_due_and_nobody_is_called(end, now):
    story = on(end(tale(LADDER).run()).run(), now)
    assert (timely(story), called(story)) == (set(), {})
    before = story.told
    assert (story.run().told, story.plan()) == (before, ())


@pytest.mark.parametrize("end", [closed, cancelled, complete])
def test_what_ends_while_it_is_overdue_loses_the_flag_and_calls_nobody_more(end):
    story = end(on(tale(LADDER).run(), "2026-11-10T12:00").run())
    before = told(story)
    on(story, "2026-12-02T12:00").run()
    assert not {label for label in story.labels if label.startswith("limit")}
    assert told(story) == before


def test_taken_back_a_cancelled_handover_has_the_days_that_were_left():
    """Cancelled on Thu 5 and resumed on Mon 16: Tue 3 and Wed 4 are over, Tue 17, Wed 18 and Thu 19 are left."""
    story = cancelled(on(tale().run(), "2026-11-05T12:00")).run()
    on(story, "2026-11-16T12:00").say("resume", "mia").run()
    assert (say(story.judge().limit), timely(story)) == ("2026-11-19T23:59:59-05:00", set())


def test_a_handover_on_hold_is_never_due_and_calls_nobody():
    story = held(tale(LADDER).run())
    assert (timely(on(story, "2026-12-18T12:00")), called(story)) == (set(), {})


def test_a_hold_on_the_last_day_takes_the_warning_back():
    story = on(real(), "2026-11-17T12:00")
    assert timely(story) == {("due-soon", "pre-handover")}
    assert timely(story.say("hold until 2026-11-18: a fair", "carol")) == set()
    assert timely(on(story, "2026-11-18T12:00")) == {("due-soon", "pre-handover")}


def test_a_hold_on_what_is_overdue_stops_the_ladder():
    story = held(on(tale(LADDER).run(), "2026-11-10T12:00").run()).run()
    assert called(on(story, "2026-11-20T12:00")) == {}
    assert told(story.run()) == ["overdue:ready"]


# --- the clock begins anew --------------------------------------------------------------------------------------------


def test_a_return_gives_the_stage_its_time_again():
    story = in_review()
    story.say("send back: the seats are wrong", "ben").run()
    assert say(story.judge().limit) == "2026-11-13T23:59:59-05:00"
    assert timely(on(story, "2026-11-12T12:00").run()) == set()
    assert timely(on(story, "2026-11-13T12:00").run()) == {("due-soon", "ready")}


def test_every_return_is_told_of_anew():
    story = on(tale().run(), "2026-11-10T12:00").run()
    assert told(story) == ["overdue:ready"]
    story.finish("ready").run().say("send back: the seats are wrong", "ben").run()
    assert timely(story) == set()
    on(story, "2026-11-19T12:00").run()
    assert told(story) == ["overdue:ready", "overdue:ready"]


def test_handed_over_anew_the_review_has_its_time_again():
    story = in_review().say("send back: the seats are wrong", "ben").run()
    on(story, "2026-11-12T11:58").retick("1.10", "carol").run()
    limit = story.judge().limit
    assert (limit.about, limit.started_at) == ("review", moment("2026-11-12T12:00"))
    assert say(limit) == "2026-11-17T23:59:59+01:00"


def test_sent_back_and_handed_over_anew_between_two_runs_counts_from_the_new_tick():
    story = on(in_review(), "2026-11-06T10:00").say("send back: the seats are wrong", "ben")
    back = story.notes[-1].id
    on(story, "2026-11-06T11:58").retick("1.10", "carol")
    on(story, "2026-11-09T12:00").run()
    assert story.judge().limit.started_at == moment("2026-11-06T12:00")
    assert [(each.about, each.cause) for each in story.memory.kept] == [("ready", 0), ("ready", back)]


def test_a_gate_shut_again_gives_the_stage_its_time_from_that_edit_on():
    story = in_review()
    on(story, "2026-11-06T11:59").untick("1.1", "carol")
    on(story, "2026-11-09T12:00").run()
    limit = story.judge().limit
    assert (limit.about, limit.started_at) == ("ready", moment("2026-11-06T12:00"))
    assert say(limit) == "2026-11-16T23:59:59-05:00"
    on(story, "2026-11-12T12:00").run()
    assert say(story.judge().limit) == "2026-11-16T23:59:59-05:00"


def test_a_gate_shut_again_is_told_of_anew():
    story = on(tale().run(), "2026-11-10T12:00").run().finish("ready").run().untick("1.1", "carol").run()
    assert timely(story) == set()
    on(story, "2026-11-19T12:00").run()
    assert told(story) == ["overdue:ready", "overdue:ready"]


def test_a_box_reopened_and_ticked_between_two_runs_starts_no_clock():
    story = in_review().retick("1.1", "carol").run()
    assert story.judge().limit.started_at == moment("2026-11-05T12:00")


def test_the_clock_of_the_whole_process_never_begins_anew():
    story = in_review().say("send back: the seats are wrong", "ben").run().untick("1.1", "carol").run()
    assert say(story.judge().whole) == "2026-11-30T23:59:59-05:00"


# --- who hears of it --------------------------------------------------------------------------------------------------


def test_the_ladder_takes_a_step_each_working_day():
    """Due on Mon 9. Accountable after Tue 10, the manager after Thu 12: Wed 11 is a holiday."""
    story = tale(LADDER).run()
    steps = {
        "2026-11-10T23:59:59": {},
        "2026-11-11T00:00:01": {"ready.accountable": ("ben",)},
        "2026-11-12T23:59:59": {"ready.accountable": ("ben",)},
        "2026-11-13T00:00:01": {"ready.accountable": ("ben",), "ready.manager": ("mia",)},
    }
    assert {now: called(on(story, now)) for now in steps} == steps


def test_each_step_is_told_once_whatever_happens_in_between():
    story = tale(LADDER, comments_per_day=50).run()
    for day in range(2, 26):
        on(story, f"2026-11-{day:02}T18:00").run()
        assert story.plan() == ()
        story.write("Seats", str(100 + day), "carol").say("I am on it", "carol").run()
    assert told(story) == [
        "due-soon:ready",
        "overdue:ready",
        "overdue:ready.accountable",
        "overdue:ready.manager",
    ]


def test_each_step_speaks_to_its_own_people():
    story = tale(LADDER).run()
    for day in (9, 10, 11, 13):
        on(story, f"2026-11-{day:02}T12:00").run()
    mentioned = [re.findall(r"@(\w+)", body.split("\n", 1)[1]) for body in story.pings]
    assert mentioned == [["carol"], ["carol"], ["ben"], ["mia"]]


def test_where_who_acts_is_accountable_the_manager_is_called_first():
    story = tale().run()
    assert called(on(story, "2026-11-11T00:00:01")) == {"ready.manager": ("mia",)}
    assert called(on(story, "2026-11-20T12:00")) == {"ready.manager": ("mia",)}


def test_where_the_manager_acts_nobody_else_is_called():
    directory = make_directory({**ROLES, "csm": ("mia",)}, calendars=BEN_IN_BERLIN)
    story = tale(text=SMALL_TEXT.replace("@carol", "@mia"), directory=directory).run()
    assert called(on(story, "2026-11-27T12:00")) == {}


def test_who_is_accountable_and_the_manager_is_called_once():
    story = tale(timed(ready={"accountable": ["csm_manager"]})).run()
    assert called(on(story, "2026-11-27T12:00")) == {"ready.accountable": ("mia",)}


def test_nobody_is_called_before_the_time_is_over():
    assert called(on(tale(LADDER), "2026-11-09T23:59:59")) == {}


def test_the_whole_process_has_a_ladder_of_its_own():
    """Over on Mon 30: accountable after Tue 1, the manager after Wed 2."""
    story = tale(timed(ready={"accountable": ["cse_territory_owner"], "due": {"working_days": 60}})).run()
    assert called(on(story, "2026-12-02T00:00:01")) == {"process.accountable": ("ben",)}
    assert called(on(story, "2026-12-03T00:00:01")) == {"process.accountable": ("ben",), "process.manager": ("mia",)}


def test_a_run_that_missed_days_gathers_all_in_one_ping():
    story = on(tale(LADDER).run(), "2026-11-20T12:00").run()
    assert len(story.pings) == 1
    assert told(story) == ["overdue:ready", "overdue:ready.accountable", "overdue:ready.manager"]
    assert story.plan() == ()


def test_a_run_that_missed_the_limit_does_not_say_that_it_comes():
    story = on(tale().run(), "2026-11-10T12:00").run()
    assert told(story) == ["overdue:ready"]


def test_an_old_handover_that_is_first_seen_late_calls_nobody():
    story = on(tale(LADDER), "2026-12-20T12:00").run()
    assert story.pings == []
    assert "should have been finished" in story.status
    assert on(story, "2026-12-22T12:00").plan() == ()


def test_the_ladder_of_the_next_stage_is_its_own():
    story = on(tale(LADDER).run(), "2026-11-20T12:00").run().finish("ready").run()
    assert (timely(story), called(story)) == (set(), {})
    assert on(story, "2026-11-30T12:00").run().judge().limit.is_missed
    assert sorted(told(story)[3:]) == ["due-soon:process", "overdue:review", "overdue:review.manager"]


def test_who_is_away_without_a_deputy_is_told_of_to_the_manager_once():
    away = Calendars(away={"carol": (Absence(date(2026, 11, 3), date(2026, 11, 6)),)})
    story = tale(directory=make_directory(calendars=away)).run()
    assert told(on(story, "2026-11-03T12:00").run()) == ["due-soon:away.csm"]
    on(story, "2026-11-04T12:00").run()
    assert told(story) == ["due-soon:away.csm"]
    assert get_finding(story.judge(), "due-soon").people == ("mia",)
    assert say(story.judge().limit) == "2026-11-16T23:59:59-05:00"


@pytest.mark.parametrize("days", range(0, 40, 3))
def test_a_second_run_writes_nothing_on_any_day(days):
    story = tale(LADDER, may_write=True).run().wait(days=days).run()
    assert story.plan() == ()


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_killed_after_any_write_nothing_is_told_twice(number):
    story = on(tale(LADDER).run(), "2026-11-20T12:00").run(only=number).wait(minutes=20).run()
    assert told(story) == ["overdue:ready", "overdue:ready.accountable", "overdue:ready.manager"]
    assert story.plan() == ()


# --- a verdict once given is kept -------------------------------------------------------------------------------------


def change_nothing(story):
    pass


def move_the_owner(story):
    story.directory = make_directory(calendars=Calendars(own={"ben": Calendar("NZ", "", "Pacific/Auckland")}))


def move_the_default(story):
    story.directory = make_directory(calendars=Calendars(Calendar("NZ", "", "Pacific/Auckland")))


def learn_of_a_vacation(story):
    away = (Absence(date(2026, 11, 2), date(2026, 11, 30)),)
    story.directory = make_directory(calendars=Calendars(own={"ben": BERLIN}, away={"ben": away, "carol": away}))


def name_others(story):
    story.edit(lambda text: text.replace("@ben", "@chloe").replace("@carol", "@dave"), "mia")


def lose_people(story):
    story.directory = make_directory(without=["ben", "carol"])


CHANGES = [change_nothing, move_the_owner, move_the_default, learn_of_a_vacation, name_others, lose_people]
changes = pytest.mark.parametrize("change", CHANGES)


@changes
def test_what_was_met_stays_met(change):
    """The review had until Tuesday, Berlin; approved in the last minute, that is on Wednesday in Auckland."""
    story = on(in_review(), "2026-11-10T23:58+01:00").tick("2.1", "ben").run()
    before = {each.about: each for each in story.memory.kept}
    assert (kept(story), say(before["review"])) == ({"ready": "met", "review": "met"}, "2026-11-10T23:59:59+01:00")
    change(story)
    story.run().wait(days=1).run()
    assert {about: each for each in story.memory.kept if (about := each.about) in before} == before


@changes
def test_what_was_missed_stays_missed_while_it_goes_on(change):
    story = on(in_review(), "2026-11-11T12:00").run()
    assert kept(story)["review"] == "missed"
    change(story)
    verdict = story.wait(hours=1).judge()
    assert ("overdue", "") in found(verdict)
    assert (verdict.limit.is_missed, say(verdict.limit)) == (True, "2026-11-10T23:59:59+01:00")
    assert kept(story.run())["review"] == "missed"


@changes
def test_what_was_missed_stays_missed_when_it_is_done_at_last(change):
    story = on(in_review(), "2026-11-11T12:00").run().tick("2.1", "ben").run()
    before = [each for each in story.memory.kept if each.about == "review"]
    change(story)
    story.run()
    assert [each for each in story.memory.kept if each.about == "review"] == before
    assert before[0].is_missed


def test_what_was_finished_late_between_two_runs_is_missed_too():
    story = on(in_review(), "2026-11-11T12:00").tick("2.1", "ben").run()
    assert kept(story) == {"ready": "met", "review": "missed"}
    assert "overdue:review" not in told(story)


def test_what_was_finished_in_time_is_met_however_late_the_run_comes():
    story = on(in_review(), "2026-11-10T12:00").tick("2.1", "ben")
    assert kept(on(story, "2026-11-20T12:00").run()) == {"ready": "met", "review": "met"}


def test_a_vacation_that_is_known_in_time_alters_what_still_runs():
    story = in_review()
    story.directory = make_directory(calendars=EARLY_VACATION)
    story.run()
    assert say(story.judge().limit) == "2026-11-24T23:59:59+01:00"


def test_the_whole_process_is_kept_when_it_is_complete():
    story = tale().finish("ready").finish("review").finish("finish").run()
    assert kept(story) == {"ready": "met", "review": "met", "finish": "met", "process": "met"}
    assert kept(story.wait(days=90).run())["process"] == "met"


def test_the_whole_process_complete_too_late_is_missed():
    story = on(tale().run(), "2026-12-05T12:00").finish("ready").finish("review").finish("finish").run()
    assert kept(story) == {"ready": "missed", "review": "met", "finish": "met", "process": "missed"}


def test_a_stage_done_twice_has_two_verdicts():
    story = in_review().say("send back: the seats are wrong", "ben").run()
    on(story, "2026-11-27T12:00").run().retick("1.10", "carol").run()
    assert [(each.about, each.is_missed) for each in story.memory.kept] == [("ready", False), ("ready", True)]


def test_without_the_status_comment_all_that_can_be_derived_is_derived_again():
    story = on(in_review(), "2026-11-11T12:00").tick("2.1", "ben").run()
    before, keys = story.memory.kept, story.told
    story.notes = [note for note in story.notes if not note.body.startswith("<!-- handover:status")]
    story.wait(days=1).run()
    assert story.memory.kept == before
    assert story.told == keys


def test_without_the_status_comment_what_is_overdue_still_is_and_is_not_told_again():
    story = on(tale(LADDER).run(), "2026-11-20T12:00").run()
    before = told(story)
    story.notes = [note for note in story.notes if not note.body.startswith("<!-- handover:status")]
    story.run()
    assert (kept(story), told(story)) == ({"ready": "missed"}, before)
    assert story.plan() == ()


@pytest.mark.parametrize(("day", "tells"), [(28, False), (29, False), (30, True)])
def test_of_time_that_is_over_nobody_hears_at_the_weekend(day, tells):
    story = on(tale().run(), f"2026-11-{day}T12:00").run()
    assert story.judge().limit.is_missed
    assert ("overdue" in {key.split(":")[0] for key in story.told}) is tells
