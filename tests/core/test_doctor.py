"""Each check of the doctor, as a table: values in, one line out, with the exact thing to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.core.configuration import Configuration, RoleHolders, ScheduleSettings
from automation.core.doctor.check import Check, broken, fine, hidden, judge_expiry, listing
from automation.core.doctor.files import TEMPLATES, judge_files, judge_offer
from automation.core.doctor.people import judge_people, name_people
from automation.core.doctor.project import (
    has_planner,
    judge_branch,
    judge_pipelines,
    judge_project,
    judge_server,
    judge_variables,
)
from automation.core.doctor.report import build_report, show_text, summarise
from automation.core.doctor.schedule import judge_runs, judge_schedule, say_dead
from automation.core.doctor.tokens import judge_own_token, judge_triage_token, say_expiry
from automation.core.installation import (
    AccessToken,
    PastRun,
    ProjectFacts,
    ProtectedBranch,
    Schedule,
    ServerFacts,
    Unseen,
    Variable,
)
from automation.core.model import Member, User
from automation.core.workdays import Absence, Calendars

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
FACTS = ProjectFacts(
    id=1,
    path="cs/handovers",
    web_url="https://gitlab.example.com/cs/handovers",
    visibility="private",
    default_branch="main",
    group="cs",
    access_level=40,
)
OLGA = User(9, "olga")
BOT = User(1, "project_1_bot_0123456789abcdef")
TOKEN = AccessToken(7, "Handover", 1, ("api",), True, date(2027, 10, 1), 15)
DESCRIBED = Variable("HANDOVER_TOKEN", True, True, description="Token 7 of `handover bootstrap`")
KEY = Variable("HANDOVER_STATE_KEY", True, True)
SCHEDULE = Schedule(3, "Handover triage", "main", "7 * * * *", "UTC", True, OLGA, NOW - timedelta(days=30))
MEMBERS = (Member("olga", 40, True), Member("ben", 15, True), Member("dana", 20, True))
PROTECTED = (ProtectedBranch("main", 0, 40),)


def states(checks):
    return {each.name: each.state for each in checks}


def only(checks, name):
    [found] = [each for each in checks if each.name == name]
    return found


def repairs(checks):
    return [each.name for each in checks if each.state == "repair"]


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_on", "state", "words"),
    [
        (None, "fine", "has no end"),
        (date(2027, 10, 1), "fine", "in 333 days"),
        (date(2026, 12, 2), "fine", "in 30 days"),
        (date(2026, 12, 1), "repair", "in 29 days"),
        (date(2026, 11, 3), "repair", "in 1 day."),
        (date(2026, 11, 2), "repair", "expired on 2026-11-02"),
        (date(2020, 1, 1), "repair", "expired"),
    ],
)
def test_an_expiry_is_told_from_thirty_days_before(expires_on, state, words):
    check = judge_expiry("x", "Token", "It", expires_on, TODAY, "Renew it.")
    assert (check.state, words in check.says, check.repair) == (state, True, "Renew it." if state == "repair" else "")


def test_what_is_hidden_says_which_role_would_see_it_or_why_it_failed():
    assert hidden("x", "Token", "It", Unseen("Owner")).says == "It cannot be seen with this token."
    failed = hidden("x", "Token", "It", Unseen("another try", "GitLab failed (HTTP 500)."))
    assert (failed.says, failed.needs) == ("It could not be read: GitLab failed (HTTP 500).", "another try")


def test_long_lists_are_cut():
    assert listing("abcdefgh") == "a, b, c, d, e, f, g, h"
    assert listing("abcdefghij") == "a, b, c, d, e, f, g, h, 2 more"


# --- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "user", "level", "wrong", "unseen"),
    [
        (TOKEN, OLGA, 40, [], []),
        (TOKEN, OLGA, 50, [], []),
        (replace(TOKEN, scopes=("read_api",)), OLGA, 40, [], []),
        (replace(TOKEN, scopes=("read_user", "read_repository")), OLGA, 40, ["own-token-scopes"], []),
        (replace(TOKEN, scopes=()), OLGA, 40, ["own-token-scopes"], []),
        (replace(TOKEN, expires_on=date(2026, 11, 9)), OLGA, 40, ["own-token-expiry"], []),
        (TOKEN, BOT, 40, ["own-token-kind"], []),
        (TOKEN, OLGA, 20, [], ["own-role"]),
        (TOKEN, OLGA, 0, [], ["own-role"]),
        (Unseen("a personal token"), OLGA, 40, [], ["own-token-scopes"]),
    ],
)
def test_your_own_token(token, user, level, wrong, unseen):
    checks = judge_own_token(token, user, level, TODAY)
    assert repairs(checks) == wrong
    assert [each.name for each in checks if each.state == "hidden"] == unseen


SPARE = replace(TOKEN, id=8, name="Other")
SOON = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("tokens", "variables", "found"),
    [
        ((TOKEN,), (DESCRIBED,), {"triage-token-role": "fine", "triage-token-expiry": "fine"}),
        (
            (replace(TOKEN, expires_on=SOON),),
            (DESCRIBED,),
            {"triage-token-role": "fine", "triage-token-expiry": "repair"},
        ),
        ((replace(TOKEN, access_level=10),), (), {"triage-token-role": "repair", "triage-token-expiry": "fine"}),
        ((replace(TOKEN, access_level=20),), (), {"triage-token-role": "fine", "triage-token-expiry": "fine"}),
        ((replace(TOKEN, access_level=30),), (), {"triage-token-role": "fine", "triage-token-expiry": "fine"}),
        ((replace(TOKEN, access_level=40),), (), {"triage-token-role": "repair", "triage-token-expiry": "fine"}),
        ((replace(TOKEN, access_level=None),), (), {"triage-token-role": "hidden", "triage-token-expiry": "fine"}),
        # The one of the description, else the one of our name, else the only one.
        (
            (replace(SPARE, access_level=50), TOKEN),
            (DESCRIBED,),
            {"triage-token-role": "fine", "triage-token-expiry": "fine"},
        ),
        ((replace(SPARE, access_level=50), TOKEN), (), {"triage-token-role": "fine", "triage-token-expiry": "fine"}),
        ((SPARE,), (KEY,), {"triage-token-role": "fine", "triage-token-expiry": "fine"}),
        ((SPARE, replace(SPARE, id=9, expires_on=SOON)), (), {"triage-token": "hidden"}),
        (
            (replace(SPARE, expires_on=SOON), replace(SPARE, id=9, expires_on=SOON)),
            (),
            {"triage-token": "hidden", "triage-token-expiry": "repair"},
        ),
        ((), (DESCRIBED,), {"triage-token": "repair"}),
        ((replace(TOKEN, is_active=False),), (DESCRIBED,), {"triage-token": "repair"}),
        ((replace(TOKEN, scopes=("read_api",)),), (), {"triage-token": "hidden"}),
        ((), (), {"triage-token": "hidden"}),
        (Unseen(), (), {"triage-token": "hidden"}),
        ((TOKEN,), Unseen(), {"triage-token-role": "fine", "triage-token-expiry": "fine"}),
    ],
)
def test_the_token_of_triage(tokens, variables, found):
    assert states(judge_triage_token(tokens, variables, TODAY)) == found


@pytest.mark.parametrize(
    ("expires_on", "is_told"), [(None, False), (date(2026, 12, 2), False), (date(2026, 12, 1), True), (TODAY, True)]
)
def test_the_call_before_a_token_ends_says_the_same_every_day(expires_on, is_told):
    token = replace(TOKEN, expires_on=expires_on)
    told = say_expiry(token, TODAY)
    assert bool(told) is is_told
    if is_told:
        assert told == say_expiry(token, TODAY + timedelta(days=3))
        assert str(expires_on) in told


def test_a_token_that_the_server_does_not_tell_of_calls_nobody():
    assert say_expiry(Unseen(), TODAY) == ""


# --- the project ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("visibility", "state"), [("private", "fine"), ("internal", "fine"), ("public", "repair")])
def test_handovers_in_a_public_project_are_an_error(visibility, state):
    assert only(judge_project(replace(FACTS, visibility=visibility)), "visibility").state == state


def test_every_project_with_handovers_is_judged():
    others = (replace(FACTS, id=2, path="cs/second", visibility="public"),)
    found = [each for each in judge_project(FACTS, others) if each.state == "repair"]
    assert ["cs/second" in each.says for each in found] == [True]


PREMIUM = replace(FACTS, is_premium=True)


@pytest.mark.parametrize(
    ("facts", "branches", "state", "words"),
    [
        (FACTS, PROTECTED, "fine", "is protected"),
        (FACTS, (ProtectedBranch("main", 40, 40),), "fine", "is protected"),
        (FACTS, (ProtectedBranch("main", 0, 0),), "fine", "is protected"),
        (FACTS, (ProtectedBranch("main", None, None),), "fine", "is protected"),
        (FACTS, (ProtectedBranch("ma*", 0, 40),), "fine", "is protected"),
        (FACTS, (), "repair", "not protected"),
        (FACTS, (ProtectedBranch("other", 0, 40), ProtectedBranch("[m]ain", 0, 40)), "repair", "not protected"),
        (FACTS, (ProtectedBranch("main", 30, 40),), "repair", "Developers may push"),
        (FACTS, (ProtectedBranch("main", 0, 30),), "repair", "Developers may merge"),
        (FACTS, (ProtectedBranch("main", 0, 30, needs_owners=True),), "repair", "Developers may merge"),
        (FACTS, (ProtectedBranch("main", 0, 40), ProtectedBranch("*", 30, 30)), "repair", "may push"),
        (FACTS, (ProtectedBranch("main", 0, 40, may_force_push=True),), "repair", "force push"),
        (PREMIUM, PROTECTED, "fine", "code owners is off"),
        (PREMIUM, (ProtectedBranch("main", 0, 30, needs_owners=True),), "fine", "is protected."),
        (PREMIUM, (ProtectedBranch("main", 0, 30),), "repair", "may merge"),
        (replace(FACTS, default_branch=""), (), "repair", "empty"),
        (FACTS, Unseen(), "hidden", "cannot be seen"),
    ],
)
def test_who_may_change_the_rules(facts, branches, state, words):
    check = judge_branch(facts, branches)
    assert (check.state, words in check.says) == (state, True), check.says


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (FACTS, "fine"),
        (replace(FACTS, pipelines_must_succeed=True), "fine"),
        (replace(FACTS, separates_caches=False), "repair"),
    ],
)
def test_branches_that_anybody_may_push_to_share_no_cache_with_triage(facts, state):
    assert judge_pipelines(facts).state == state


@pytest.mark.parametrize(
    ("variables", "wrong"),
    [
        ((DESCRIBED, KEY), []),
        ((), ["variable-HANDOVER_TOKEN", "variable-HANDOVER_STATE_KEY"]),
        ((replace(DESCRIBED, is_masked=False), KEY), ["variable-HANDOVER_TOKEN"]),
        ((replace(DESCRIBED, is_protected=False), KEY), ["variable-HANDOVER_TOKEN"]),
        ((DESCRIBED, replace(KEY, environment="prod")), ["variable-HANDOVER_STATE_KEY"]),
        ((DESCRIBED, replace(DESCRIBED, environment="prod"), KEY), ["variable-HANDOVER_TOKEN"]),
        ((DESCRIBED, KEY, Variable("HANDOVER_STATE_KEY_OLD", True, True)), []),
        ((DESCRIBED, KEY, Variable("HANDOVER_NOW", False, False)), ["variable-HANDOVER_NOW"]),
        ((DESCRIBED, KEY, Variable("HANDOVER_ALLOW_LARGE_PLAN", False, False)), ["variable-HANDOVER_ALLOW_LARGE_PLAN"]),
        ((DESCRIBED, KEY, Variable("OTHER", False, False)), []),
    ],
)
def test_the_variables(variables, wrong):
    checks = judge_variables(variables)
    assert repairs(checks) == wrong
    assert all(each.repair for each in checks if each.state == "repair")


@pytest.mark.parametrize(
    ("version", "state", "planner"),
    [
        ("18.4.0-ee", "fine", True),
        ("17.7.0", "fine", True),
        ("17.6.9", "fine", False),
        ("16.0.0", "fine", False),
        ("15.11.13", "repair", False),
        ("", "hidden", True),
        ("nonsense", "hidden", True),
    ],
)
def test_the_version(version, state, planner):
    assert only(judge_server(ServerFacts(version), FACTS), "version").state == state
    assert has_planner(ServerFacts(version)) is planner


def test_either_tier_is_fine():
    assert {only(judge_server(Unseen(), facts), "tier").state for facts in (FACTS, PREMIUM)} == {"fine"}


# --- people -----------------------------------------------------------------------------------------------------------

TEAM = Configuration(
    roles={"owner": RoleHolders(("ben", "@Dana")), "csm": RoleHolders((), ("cs/team",))},
    territories={"EMEA": {"owner": ("ben",)}},
    operations=("olga",),
    calendars=Calendars(away={"ben": (Absence(TODAY, TODAY, "deputy"),)}),
)
GROUPS = {"cs/team": (Member("carol", 30, True), Member("gone", 30, False))}
ALL = (*MEMBERS, Member("carol", 30, True), Member("deputy", 20, True))


def judge_team(members, groups=GROUPS, configuration=TEAM, knows_planner=True, missing=()):
    return judge_people(configuration, groups, members, knows_planner, missing)


def test_everybody_who_is_named_is_looked_at_as_what_they_are():
    assert dict(name_people(TEAM, GROUPS).values()) == {
        "ben": ("owner",),
        "Dana": ("owner",),
        "carol": ("csm",),
        "deputy": ("deputy of ben",),
        "olga": ("operations",),
    }
    assert states(judge_team(ALL)) == {"member": "fine"}


@pytest.mark.parametrize(
    ("username", "changed", "words", "repair"),
    [
        ("dana", None, "@Dana (owner) is no member", "Invite members: as Planner"),
        ("DANA", Member("DANA", 10, True), "has the role Guest", "make it Planner"),
        ("carol", Member("carol", 30, False), "@carol (csm) is blocked", "somebody else"),
        ("deputy", None, "@deputy (deputy of ben)", "Invite"),
        ("olga", Member("olga", 5, True), "(operations) has the role Minimal access", "Planner"),
    ],
)
def test_who_cannot_act_is_named_with_role_and_repair(username, changed, words, repair):
    members = [each for each in ALL if each.username != username.casefold()] + ([changed] if changed else [])
    [check] = judge_team(members)
    assert (check.state, words in check.says, repair in check.repair) == ("repair", True, True), check


def test_before_planner_the_least_role_is_reporter():
    assert "as Reporter" in judge_team(ALL[1:], knows_planner=False)[0].repair


def test_many_who_are_missing_are_cut_at_twenty_lines():
    many = replace(TEAM, roles={"owner": RoleHolders(tuple(f"p{number}" for number in range(30)))}, operations=())
    checks = judge_team((Member("ben", 15, True), Member("deputy", 15, True)), {}, many)
    assert len(checks) == 21
    assert checks[-1].says.startswith("10 more people: @p20, @p21")


@pytest.mark.parametrize(
    ("groups", "members", "found"),
    [
        ({"cs/team": Unseen("a member of the group")}, ALL, {"group": "hidden", "member": "fine"}),
        ({"cs/team": (Member("gone", 30, False),)}, ALL, {"group": "repair", "member": "fine"}),
        ({"cs/team": ()}, ALL, {"group": "repair", "role": "repair", "member": "fine"}),
        (GROUPS, Unseen("member"), {"members": "hidden"}),
    ],
)
def test_groups_and_members_that_cannot_be_seen(groups, members, found):
    assert states(judge_team(members, groups)) == found


def test_a_role_that_a_process_needs_and_nobody_holds():
    assert only(judge_team(ALL, missing=["the role `rm` is missing here."]), "role").state == "repair"


# --- the schedule -----------------------------------------------------------------------------------------------------


def judge(schedule=SCHEDULE, members=MEMBERS, branches=PROTECTED, settings=None, group="", now=NOW):
    return judge_schedule(schedule, settings or ScheduleSettings(), FACTS, members, branches, now, group)


DEVELOPERS = (ProtectedBranch("main", 30, 40),)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, []),
        ({"schedule": None}, ["schedule"]),
        ({"schedule": replace(SCHEDULE, is_active=False)}, ["schedule-active"]),
        ({"schedule": replace(SCHEDULE, ref="refs/heads/main")}, []),
        ({"schedule": replace(SCHEDULE, ref="old")}, ["schedule-branch"]),
        ({"schedule": replace(SCHEDULE, cron="0 6 * * *")}, ["schedule-cron"]),
        ({"schedule": replace(SCHEDULE, cron="7  *  *  *  *")}, []),
        ({"schedule": replace(SCHEDULE, time_zone="Berlin")}, ["schedule-cron"]),
        ({"schedule": replace(SCHEDULE, time_zone="Etc/UTC")}, []),
        ({"settings": ScheduleSettings("0 6 * * *")}, ["schedule-cron"]),
        (
            {"schedule": replace(SCHEDULE, cron="99 * * * *"), "settings": ScheduleSettings("99 * * * *")},
            ["schedule-cron"],
        ),
        ({"schedule": replace(SCHEDULE, owner=None)}, ["schedule-owner"]),
        ({"schedule": replace(SCHEDULE, owner=BOT)}, ["schedule-owner"]),
        ({"schedule": replace(SCHEDULE, owner=User(5, "gone"))}, ["schedule-owner"]),
        ({"members": (Member("Olga", 40, True),)}, []),
        ({"members": (Member("olga", 40, False),)}, ["schedule-owner"]),
        ({"members": (Member("olga", 30, True),)}, ["schedule-owner"]),
        ({"members": (Member("olga", 30, True),), "branches": DEVELOPERS}, []),
        ({"members": (Member("olga", 20, True),), "branches": DEVELOPERS}, ["schedule-owner"]),
        ({"members": (Member("olga", 30, True),), "branches": ()}, []),
        ({"members": (Member("olga", 30, True),), "branches": Unseen()}, []),
        ({"schedule": replace(SCHEDULE, next_run_at=NOW + timedelta(minutes=5))}, []),
        ({"schedule": replace(SCHEDULE, next_run_at=NOW - timedelta(minutes=60))}, []),
        ({"schedule": replace(SCHEDULE, next_run_at=NOW - timedelta(minutes=61))}, ["schedule-next-run"]),
        ({"schedule": replace(SCHEDULE, variables={"HANDOVER_NOW": "x"})}, ["schedule-variables"]),
        ({"schedule": replace(SCHEDULE, variables={}), "group": "cs"}, ["schedule-variables"]),
        ({"schedule": replace(SCHEDULE, variables={"HANDOVER_GROUP": "old"}), "group": "cs"}, ["schedule-variables"]),
        ({"schedule": replace(SCHEDULE, variables={"HANDOVER_GROUP": "cs"}), "group": "cs"}, []),
        ({"schedule": replace(SCHEDULE, variables=None), "group": "cs"}, []),
    ],
)
def test_the_schedule_is_active_as_configured_and_owned_by_somebody_who_stays(options, wrong):
    checks = judge(**options)
    assert repairs(checks) == wrong
    assert all(each.repair for each in checks if each.state == "repair")


def test_what_of_the_schedule_cannot_be_seen():
    assert states(judge(schedule=Unseen("Reporter"))) == {"schedule": "hidden"}
    assert states(judge(members=Unseen("member")))["schedule-owner"] == "hidden"


def make_run(status="success", ago=timedelta(minutes=20), is_judged=True):
    began = NOW - ago
    return PastRun(1, status, began, began if is_judged else None, "https://gitlab.example.com/-/pipelines/1")


OLD = make_run(ago=timedelta(hours=3))
FAILED = make_run("failed", is_judged=False)
NEW_SCHEDULE = replace(SCHEDULE, created_at=NOW - timedelta(hours=1), next_run_at=NOW + timedelta(minutes=37))


@pytest.mark.parametrize(
    ("schedule", "runs", "found"),
    [
        (SCHEDULE, (make_run(),), {"triage-last-success": "fine"}),
        (SCHEDULE, (OLD,), {"triage-last-success": "repair"}),
        (
            SCHEDULE,
            (FAILED, make_run(ago=timedelta(minutes=80))),
            {"triage-last-run": "repair", "triage-last-success": "fine"},
        ),
        (SCHEDULE, (FAILED, OLD), {"triage-last-run": "repair", "triage-last-success": "repair"}),
        (
            SCHEDULE,
            (make_run("running", is_judged=False), make_run()),
            {"triage-last-run": "fine", "triage-last-success": "fine"},
        ),
        (SCHEDULE, (), {"triage-last-success": "repair"}),
        (NEW_SCHEDULE, (), {"triage-last-success": "fine"}),
        (replace(SCHEDULE, time_zone="Atlantis"), (OLD,), {"triage-last-success": "hidden"}),
        (None, (), {}),
        (Unseen("Reporter"), (), {"triage-last-success": "hidden"}),
        (SCHEDULE, Unseen("Reporter"), {"triage-last-success": "hidden"}),
    ],
)
def test_the_last_success_of_triage(schedule, runs, found):
    assert states(judge_runs(schedule, runs, NOW)) == found


@pytest.mark.parametrize(
    ("schedule", "runs", "words"),
    [
        (replace(SCHEDULE, is_active=False), (OLD,), "tick Activated"),
        (SCHEDULE, (FAILED, OLD), "https://gitlab.example.com/-/pipelines/1"),
        (SCHEDULE, (OLD,), "▶"),
    ],
)
def test_a_dead_schedule_is_revived_by_what_killed_it(schedule, runs, words):
    assert words in only(judge_runs(schedule, runs, NOW), "triage-last-success").repair


def test_the_call_about_a_dead_schedule_says_when_it_last_worked():
    assert "2026-11-02 06:30 UTC" in say_dead(SCHEDULE, OLD.ended_at)
    assert "never succeeded since 2026-10-03" in say_dead(SCHEDULE, None)
    assert "no pipeline schedule" in say_dead(None, None)


# --- files ------------------------------------------------------------------------------------------------------------

ONE, TWO, RULES = f"{TEMPLATES}One.md", f"{TEMPLATES}Two.md", "schemas/one.schema.json"
HERE = {ONE: "one\n", TWO: "two\n", RULES: "{}\n"}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, {"template-files": "fine", "rule-files": "fine"}),
        ({ONE: "one\r\n", RULES: "\ufeff{}"}, {"template-files": "fine", "rule-files": "fine"}),
        ({TWO: "other"}, {"template-files": "repair", "rule-files": "fine"}),
        ({TWO: None}, {"template-files": "repair", "rule-files": "fine"}),
        ({RULES: ""}, {"template-files": "fine", "rule-files": "repair"}),
        ({ONE: Unseen("Reporter")}, {"template-files": "hidden", "rule-files": "fine"}),
    ],
)
def test_files_of_the_default_branch_equal_this_checkout(changed, found):
    assert states(judge_files("main", HERE, {**HERE, **changed})) == found


def test_files_that_are_missing_and_files_that_differ_are_two_lines_that_name_them():
    checks = judge_files("main", HERE, {**HERE, ONE: None, TWO: "other"})
    assert [("`One.md`" in each.says, "`Two.md`" in each.says) for each in checks[:2]] == [(True, False), (False, True)]


BOTH = ("One", "Two")


@pytest.mark.parametrize(
    ("facts", "here", "offered", "chosen", "wrong"),
    [
        (FACTS, HERE, BOTH, {}, []),
        (replace(FACTS, default_template="Write here."), HERE, BOTH, {}, ["default-template"]),
        (replace(FACTS, default_template="  \n"), HERE, BOTH, {}, []),
        (FACTS, {**HERE, f"{TEMPLATES}default.md": "Choose."}, (*BOTH, "default"), {}, ["default-template"]),
        (FACTS, HERE, (*BOTH, "Default"), {}, ["default-template"]),
        (FACTS, HERE, (*BOTH, "One"), {"One": "theirs"}, ["offered-templates"]),
        (FACTS, HERE, (*BOTH, "One"), {"One": "one\r\n"}, []),
        (FACTS, HERE, (*BOTH, "One"), {"One": Unseen("Reporter")}, []),
        (FACTS, HERE, ("One",), {}, ["offered-templates"]),
        (FACTS, HERE, Unseen("Reporter"), {}, []),
    ],
)
def test_nothing_hides_our_templates(facts, here, offered, chosen, wrong):
    assert repairs(judge_offer(facts, here, (ONE, TWO), offered, chosen)) == wrong


def test_a_default_template_that_is_a_process_is_fine_and_said():
    path = f"{TEMPLATES}Default.md"
    checks = judge_offer(FACTS, {**HERE, path: "x"}, (ONE, TWO, path), (*BOTH, "Default"), {})
    assert only(checks, "default-template").state == "fine"


# --- the report -------------------------------------------------------------------------------------------------------

LINES = (
    fine("b", "Server", "All is well."),
    broken("a", "Token", "It is old.", "Renew it."),
    Check("c", "Token", "hidden", "It cannot be seen with this token.", needs="Maintainer"),
)


def test_the_text_is_grouped_marked_and_summed_up():
    assert show_text(LINES, "cs/handovers", NOW).split("\n") == [
        "The installation in `cs/handovers` as of 2026-11-02 09:30 UTC",
        "",
        "Token",
        "  ✗ It is old.",
        "    → Renew it.",
        "  ? It cannot be seen with this token. (needs: Maintainer)",
        "",
        "Server",
        "  ✓ All is well.",
        "",
        "1 thing to repair, 1 cannot be seen with this token.",
    ]


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        (LINES[:1], "Nothing to repair."),
        (LINES[2:], "Nothing to repair, 1 cannot be seen with this token."),
        (LINES[1:2] * 2, "2 things to repair."),
    ],
)
def test_the_summary(checks, words):
    assert summarise(checks) == words


def test_the_data_has_every_key():
    report = build_report(LINES, "cs/handovers", NOW, {"GET other": 3, "GET user": 1})
    assert (report["now"], report["project"]) == ("2026-11-02T09:30:00+00:00", "cs/handovers")
    assert report["requests"] == {"GET other": 3, "GET user": 1, "total": 4}
    assert report["checks"][0] == {
        "name": "a",
        "group": "Token",
        "state": "repair",
        "says": "It is old.",
        "repair": "Renew it.",
        "needs": "",
    }


def test_what_people_typed_cannot_command_the_terminal():
    nasty = replace(SCHEDULE, description="Handover triage\x1b[2J\n✓ all fine", is_active=False)
    text = show_text(judge(schedule=nasty), "cs/\x1b[31mhandovers", NOW)
    assert "\x1b" not in text
    assert "\n✓ all" not in text
