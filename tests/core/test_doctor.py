"""Each check of the doctor, as a table: values in, one line out, with the exact thing to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.core.bootstrap.steps import Found, Home, Place
from automation.core.bootstrap.wanted import Wanted
from automation.core.bootstrap.webhook import TRIGGER, hook_address, mask_token
from automation.core.configuration import Configuration, RoleHolders, ScheduleSettings
from automation.core.doctor.check import Check, broken, fine, hidden, judge_expiry, listing
from automation.core.doctor.files import TEMPLATES, judge_files, judge_offer
from automation.core.doctor.owner import least_level
from automation.core.doctor.people import NamedGroup, Team, judge_people, name_people
from automation.core.doctor.project import (
    has_planner,
    judge_branch,
    judge_pipelines,
    judge_project,
    judge_server,
)
from automation.core.doctor.report import build_report, show_text, summarise
from automation.core.doctor.runs import judge_runs, say_dead
from automation.core.doctor.schedule import Around, judge_schedule
from automation.core.doctor.setup import judge_setup, judge_webhook
from automation.core.doctor.tokens import judge_own_token, judge_triage_token, say_expiry
from automation.core.doctor.variables import judge_variables
from automation.core.installation import (
    AccessToken,
    Account,
    Hook,
    PastRun,
    ProjectFacts,
    ProtectedBranch,
    Schedule,
    ServerFacts,
    Trigger,
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
SCHEDULE = Schedule(
    3, "Handover triage", "main", "7 * * * *", "UTC", True, OLGA, NOW - timedelta(days=30), NOW + timedelta(minutes=37)
)
MEMBERS = (
    Member("olga", 40, True, 9),
    Member("ben", 15, True),
    Member("dana", 20, True),
    Member(BOT.username, 15, True, BOT.id),
)
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
        (date(2026, 12, 3), "fine", "in 31 days"),
        (date(2026, 12, 2), "repair", "in 30 days"),
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
    assert listing("abcdefghij") == "a, b, c, d, e, f, g, h and 2 more"
    assert listing("abc", 2) == "a, b and 1 more"


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
    checks = judge_own_token(token, Account(user), level, TODAY)
    assert repairs(checks) == wrong
    assert [each.name for each in checks if each.state == "hidden"] == unseen


@pytest.mark.parametrize(("is_admin", "state"), [(True, "fine"), (False, "hidden")])
def test_an_administrator_sees_all_without_a_role(is_admin, state):
    assert only(judge_own_token(TOKEN, Account(OLGA, is_admin), 0, TODAY), "own-role").state == state


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
        # A token of another name is not taken for it.
        ((SPARE,), (KEY,), {"triage-token": "hidden"}),
        ((TOKEN,), (replace(DESCRIBED, description="Token 8 of `handover bootstrap`"),), {"triage-token": "repair"}),
        ((SPARE, replace(SPARE, id=9, expires_on=SOON)), (), {"triage-token": "hidden"}),
        (
            (replace(TOKEN, expires_on=SOON), replace(TOKEN, id=9, expires_on=SOON)),
            (),
            {"triage-token": "hidden", "triage-token-expiry": "repair"},
        ),
        ((), (DESCRIBED,), {"triage-token": "repair"}),
        ((replace(TOKEN, is_active=False),), (DESCRIBED,), {"triage-token": "repair"}),
        ((TOKEN, replace(TOKEN, id=9, expires_on=SOON)), (), {"triage-token": "hidden"}),
        ((replace(TOKEN, scopes=("read_api",)),), (), {"triage-token": "hidden"}),
        ((replace(TOKEN, scopes=("read_api",)),), (DESCRIBED,), {"triage-token": "repair"}),
        ((), (), {"triage-token": "hidden"}),
        (Unseen(), (), {"triage-token": "hidden"}),
        ((TOKEN,), Unseen(), {"triage-token-role": "fine", "triage-token-expiry": "fine"}),
    ],
)
def test_the_token_of_triage(tokens, variables, found):
    assert states(judge_triage_token(tokens, variables, MEMBERS, TODAY)) == found


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (MEMBERS, ""),
        (Unseen("member"), ""),
        (MEMBERS[:3], "no member of the project"),
        ((Member(BOT.username, 15, False, BOT.id, state="blocked"),), "`blocked`"),
    ],
)
def test_the_account_behind_the_token_of_triage(members, words):
    found = [each for each in judge_triage_token((TOKEN,), (DESCRIBED,), members, TODAY) if each.state == "repair"]
    assert [words in each.says for each in found] == ([True] if words else [])


def test_where_a_group_holds_the_handovers_a_token_of_the_project_is_not_enough():
    [check] = judge_triage_token((TOKEN,), (DESCRIBED,), MEMBERS, TODAY, "cs")
    assert (check.state, "cannot write elsewhere" in check.says, "group cs" in check.repair) == ("repair", True, True)


@pytest.mark.parametrize(
    ("changes", "name", "ours", "by_hand"),
    [
        ({"expires_on": date(2026, 11, 20)}, "triage-token-expiry", "--with-secrets renews", "Rotate"),
        ({"expires_on": TODAY}, "triage-token-expiry", "--with-secrets renews", "Add new token"),
        ({"access_level": 10}, "triage-token-role", "revoke it. Then: handover bootstrap", "Add new token"),
        ({"access_level": 40}, "triage-token-role", "revoke it. Then: handover bootstrap", "Add new token"),
    ],
)
def test_a_token_is_renewed_by_whoever_made_it(changes, name, ours, by_hand):
    token = replace(TOKEN, **changes)
    assert ours in only(judge_triage_token((token,), (DESCRIBED,), MEMBERS, TODAY), name).repair
    repair = only(judge_triage_token((token,), (replace(DESCRIBED, description=""),), MEMBERS, TODAY), name).repair
    assert by_hand in repair
    assert "bootstrap" not in repair


@pytest.mark.parametrize(
    ("expires_on", "is_told"), [(None, False), (date(2026, 12, 3), False), (date(2026, 12, 2), True), (TODAY, True)]
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


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"is_archived": True}, ["archived"]),
        ({"has_issues": False}, ["issues"]),
        ({"has_pipelines": False}, ["ci-cd"]),
        ({"pipeline_file": ".gitlab-ci.yml"}, []),
        ({"pipeline_file": "ci/other.yml"}, ["ci-cd"]),
    ],
)
def test_what_must_be_switched_on(changes, wrong):
    assert repairs(judge_project(replace(FACTS, **changes))) == wrong


PREMIUM = replace(FACTS, is_premium=True)


@pytest.mark.parametrize(
    ("facts", "branches", "state", "words"),
    [
        (FACTS, PROTECTED, "fine", "is protected"),
        (FACTS, (ProtectedBranch("main", 40, 40),), "fine", "is protected"),
        (FACTS, (ProtectedBranch("main", 0, 0),), "repair", "nobody may push or merge"),
        (FACTS, (ProtectedBranch("main", 0, 0), ProtectedBranch("m*", 0, 40)), "fine", "is protected"),
        (FACTS, (ProtectedBranch("main", 60, 60),), "fine", "is protected"),
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
    ("branches", "words"),
    [
        ((), "Add protected branch › main"),
        ((ProtectedBranch("main", 0, 40), ProtectedBranch("*", 30, 40)), "› `*`:"),
        ((ProtectedBranch("main", 30, 40),), "› `main`:"),
    ],
)
def test_the_entry_to_change_is_named(branches, words):
    assert words in judge_branch(FACTS, branches).repair


@pytest.mark.parametrize(
    ("branches", "level"),
    [((), 30), (Unseen(), 30), (PROTECTED, 40), ((ProtectedBranch("main", 60, 60),), 60)],
)
def test_the_least_role_that_may_start_pipelines(branches, level):
    assert least_level("main", branches) == level


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
        ((replace(DESCRIBED, is_file=True), KEY), ["variable-HANDOVER_TOKEN"]),
        ((DESCRIBED, KEY, Variable("HANDOVER_GROUP", False, False)), ["variable-HANDOVER_GROUP"]),
        # That of the project counts, whatever a group above has.
        ((DESCRIBED, KEY, replace(DESCRIBED, is_masked=False, group="cs")), []),
        ((replace(DESCRIBED, is_masked=False, group="cs"), KEY), ["variable-HANDOVER_TOKEN"]),
        ((DESCRIBED, KEY, Variable("HANDOVER_NOW", False, False, group="cs")), ["variable-HANDOVER_NOW"]),
    ],
)
def test_the_variables(variables, wrong):
    checks = judge_variables(variables)
    assert repairs(checks) == wrong
    assert all(each.repair for each in checks if each.state == "repair")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ((DESCRIBED, KEY, Variable("HANDOVER_NOW", False, False, group="cs")), "Group cs › Settings"),
        ((DESCRIBED, replace(DESCRIBED, environment="staging"), KEY), "the one of `staging`: delete it"),
        ((replace(DESCRIBED, environment="staging"), KEY), "Environments All"),
        ((DESCRIBED, replace(KEY, is_file=True)), "Type Variable"),
    ],
)
def test_a_variable_is_repaired_where_it_is(variables, words):
    [check] = [each for each in judge_variables(variables) if each.state == "repair"]
    assert words in check.repair


@pytest.mark.parametrize(
    ("variables", "above", "is_running", "found"),
    [
        # It runs, so a group that shows nothing has the token; and perhaps the key.
        ((KEY,), {"cs": Unseen()}, True, {"variable-HANDOVER_TOKEN": "hidden", "variable-HANDOVER_STATE_KEY": "fine"}),
        ((), {"cs": Unseen()}, True, {"variable-HANDOVER_TOKEN": "hidden", "variable-HANDOVER_STATE_KEY": "hidden"}),
        ((), {}, True, {"variable-HANDOVER_TOKEN": "repair", "variable-HANDOVER_STATE_KEY": "repair"}),
        ((), {"cs": Unseen()}, False, {"variable-HANDOVER_TOKEN": "repair", "variable-HANDOVER_STATE_KEY": "repair"}),
        (
            (DESCRIBED, KEY),
            {"cs": Unseen("another try", "HTTP 500")},
            True,
            {"variables": "hidden", "variable-HANDOVER_TOKEN": "fine", "variable-HANDOVER_STATE_KEY": "fine"},
        ),
    ],
)
def test_what_a_group_above_may_hold(variables, above, is_running, found):
    assert states(judge_variables(variables, above, is_running)) == found


def test_a_group_variable_is_right_where_the_group_is_looked_at():
    assert repairs(judge_variables((DESCRIBED, KEY, Variable("HANDOVER_GROUP", False, False)), {}, True, "cs")) == []


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
STAFF = (Member("carol", 30, True), Member("gone", 30, False))
GROUPS = {"cs/team": NamedGroup("internal", False, STAFF)}
ALL = (*MEMBERS, Member("carol", 30, True), Member("deputy", 20, True))


def judge_team(members, groups=GROUPS, configuration=TEAM, missing=(), **options):
    return judge_people(configuration, Team(members, groups, **options), TODAY, missing)


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
        ("dana", None, "Not members of the project (1): @Dana (owner).", "Invite members: as Planner"),
        ("DANA", Member("DANA", 10, True), "Without a role that may tick (1): @Dana (owner; Guest).", "role Planner"),
        ("carol", Member("carol", 30, False, state="blocked"), "Blocked (1): @carol (csm).", "somebody else"),
        ("carol", Member("carol", 30, False, state="deactivated"), "Deactivated", "sign in again"),
        ("deputy", None, "@deputy (deputy of ben)", "Invite"),
        ("olga", Member("olga", 5, True), "@olga (operations; Minimal access)", "Planner"),
        ("ben", Member("ben", 15, True, ends_on=date(2026, 12, 2)), "@ben (owner; 2026-12-02)", "Expiration"),
    ],
)
def test_who_cannot_act_is_named_with_role_and_repair(username, changed, words, repair):
    members = [each for each in ALL if each.username != username.casefold()] + ([changed] if changed else [])
    [check] = judge_team(members)
    assert (check.state, words in check.says, repair in check.repair) == ("repair", True, True), check


def test_a_membership_that_lasts_is_fine():
    lasting = [replace(each, ends_on=date(2026, 12, 3)) for each in ALL]
    assert states(judge_team(lasting)) == {"member": "fine"}


def test_before_planner_the_least_role_is_reporter():
    assert "as Reporter" in judge_team(ALL[1:], knows_planner=False)[0].repair


def test_the_place_is_named():
    assert "Not members of the group `cs` (1)" in judge_team(ALL[1:], place="the group `cs`")[0].says


def test_many_who_are_missing_are_one_line_of_twenty_names():
    many = replace(TEAM, roles={"owner": RoleHolders(tuple(f"p{number}" for number in range(30)))})
    [check] = judge_team((Member("ben", 15, True), Member("olga", 15, True), Member("deputy", 15, True)), {}, many)
    assert check.says.startswith("Not members of the project (30): @p0 (owner), @p1 (owner)")
    assert check.says.endswith("@p19 (owner) and 10 more.")


def test_nobody_for_operations_is_told():
    check = only(judge_team(ALL, configuration=replace(TEAM, operations=())), "operations")
    assert (check.state, "`operations`" in check.repair) == ("repair", True)


PRIVATE = NamedGroup("private", False, STAFF)


@pytest.mark.parametrize(
    ("group", "has_project_token", "state"),
    [
        (NamedGroup("internal", False, STAFF), True, ""),
        (NamedGroup("public", False, STAFF), True, ""),
        (replace(PRIVATE, is_above=True), True, ""),
        (PRIVATE, True, "repair"),
        (PRIVATE, False, "hidden"),
        (None, True, "repair"),
        (None, False, "hidden"),
        (Unseen("another try", "HTTP 500"), True, "hidden"),
        (NamedGroup("internal", False, Unseen("another try", "HTTP 500")), True, "hidden"),
        (NamedGroup("internal", False, STAFF[1:]), True, "repair"),
        (NamedGroup("internal", False, ()), True, "repair"),
    ],
)
def test_a_group_that_the_token_of_triage_is_not_shown_stops_every_run(group, has_project_token, state):
    checks = judge_team(ALL, {"cs/team": group}, has_project_token=has_project_token)
    assert [each.state for each in checks if each.name == "group"] == ([state] if state else [])


@pytest.mark.parametrize(
    ("group", "is_empty"),
    [(NamedGroup("internal", False, ()), True), (Unseen("x"), False), (NamedGroup("internal", False, STAFF), False)],
)
def test_a_role_that_nobody_holds(group, is_empty):
    assert ("role" in states(judge_team(ALL, {"cs/team": group}))) is is_empty


def test_members_that_cannot_be_seen():
    assert states(judge_team(Unseen("member"))) == {"members": "hidden"}


def test_a_role_that_a_process_needs_and_nobody_holds():
    assert only(judge_team(ALL, missing=["the role `rm` is missing here."]), "role").state == "repair"


# --- the schedule -----------------------------------------------------------------------------------------------------


def judge(schedule=SCHEDULE, members=MEMBERS, branches=PROTECTED, settings=None, group="", now=NOW):
    schedules = schedule if isinstance(schedule, Unseen | tuple) else (schedule,)
    return judge_schedule(schedules, Around(settings or ScheduleSettings(), FACTS, members, branches, group), now)


DEVELOPERS = (ProtectedBranch("main", 30, 40),)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, []),
        ({"schedule": ()}, ["schedule"]),
        ({"schedule": (replace(SCHEDULE, description="Dependency update"),)}, ["schedule"]),
        ({"schedule": (SCHEDULE, replace(SCHEDULE, id=4, description="Nightly"))}, []),
        ({"schedule": (SCHEDULE, replace(SCHEDULE, id=4, is_active=False))}, []),
        ({"schedule": (SCHEDULE, replace(SCHEDULE, id=4))}, ["schedule-twice"]),
        ({"schedule": replace(SCHEDULE, next_run_at=None)}, ["schedule-next-run"]),
        ({"schedule": replace(SCHEDULE, next_run_at=None, is_active=False)}, ["schedule-active"]),
        ({"schedule": replace(SCHEDULE, variables={"HANDOVER_GROUP": "cs"})}, ["schedule-variables"]),
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
        ({"members": (Member("olga", 40, False, state="blocked"),)}, ["schedule-owner"]),
        ({"members": (Member("olga", 40, False, state="deactivated"),)}, ["schedule-owner"]),
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


def test_the_schedules_that_are_there_are_named_where_ours_is_not():
    [check] = judge(schedule=(replace(SCHEDULE, description="Dependency update"),))
    assert "There are: `Dependency update`" in check.says
    assert check.repair.startswith("If one of them runs triage, call it `Handover triage`; else handover bootstrap")


def test_a_run_that_is_a_little_late_is_no_next_run():
    late = replace(SCHEDULE, next_run_at=NOW - timedelta(minutes=40))
    assert "is due since 2026-11-02 08:50" in only(judge(schedule=late), "schedule-next-run").says


# --- does it live? ----------------------------------------------------------------------------------------------------


def judge_life(schedule, runs, settings=None):
    return judge_runs(schedule, settings or ScheduleSettings(), runs, NOW)


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
        (None, (make_run(),), {"triage-last-success": "fine"}),
        (None, (OLD,), {"triage-last-success": "repair"}),
        (None, (FAILED,), {"triage-last-run": "repair", "triage-last-success": "repair"}),
        (
            SCHEDULE,
            (make_run("running", timedelta(hours=2), is_judged=False), OLD),
            {"triage-last-run": "repair", "triage-last-success": "repair"},
        ),
        # It ended well, but its triage job did not, or there was none.
        (
            SCHEDULE,
            (make_run(is_judged=False), make_run(ago=timedelta(minutes=80))),
            {"triage-last-run": "repair", "triage-last-success": "fine"},
        ),
        (SCHEDULE, Unseen("Reporter"), {"triage-last-success": "hidden"}),
    ],
)
def test_the_last_success_of_triage(schedule, runs, found):
    assert states(judge_life(schedule, runs)) == found


@pytest.mark.parametrize(
    ("schedule", "runs", "words"),
    [
        (replace(SCHEDULE, is_active=False), (OLD,), "tick Activated"),
        (SCHEDULE, (FAILED, OLD), "https://gitlab.example.com/-/pipelines/1"),
        (SCHEDULE, (OLD,), "▶"),
        (SCHEDULE, (make_run("pending", timedelta(hours=2), is_judged=False), OLD), "Settings › CI/CD › Runners"),
        (None, (OLD,), "under Schedule"),
    ],
)
def test_a_dead_schedule_is_revived_by_what_killed_it(schedule, runs, words):
    assert words in only(judge_life(schedule, runs), "triage-last-success").repair


def test_where_only_others_are_the_configured_cron_decides():
    daily = ScheduleSettings("0 6 * * *")
    assert states(judge_life(None, (OLD,), daily)) == {"triage-last-success": "fine"}


def test_runs_of_which_none_succeeded_are_not_called_never():
    twenty = (FAILED,) * 20
    assert (
        "Of the last 20 runs of triage none succeeded" in only(judge_life(SCHEDULE, twenty), "triage-last-success").says
    )
    assert "never" not in say_dead(SCHEDULE, 1, twenty)


@pytest.mark.parametrize(
    ("schedule", "others", "runs", "words"),
    [
        (SCHEDULE, 1, (OLD,), "last succeeded on 2026-11-02 06:30 UTC"),
        (SCHEDULE, 1, (), "has not succeeded since it was made on 2026-10-03"),
        (SCHEDULE, 1, (FAILED,), "none of its last runs succeeded"),
        (SCHEDULE, 1, (OLD,), "does ▶ start a pipeline?"),
        (replace(SCHEDULE, is_active=False), 1, (OLD,), "It is switched off."),
        (None, 0, (), "no pipeline schedule"),
        (None, 2, (), "call it Handover triage; else"),
    ],
)
def test_the_call_about_a_dead_schedule_says_what_is_known(schedule, others, runs, words):
    assert words in say_dead(schedule, others, runs)


# --- what bootstrap would do ------------------------------------------------------------------------------------------

PLACE = Place("projects/1", FACTS.path)
PULLED = Trigger(5, TRIGGER, "t" * 40, OLGA)
HOOK = Hook(6, mask_token(hook_address(FACTS), PULLED)[0], True, True, True, True)


def judge_hook(hook=HOOK, trigger=PULLED, members=MEMBERS, at_once=True):
    home = Home(FACTS, PLACE, (), (), triggers=(trigger,), hooks=(hook,) if hook else ())
    around = Around(ScheduleSettings(at_once=at_once), FACTS, members, PROTECTED)
    return judge_webhook(home, around, TODAY)


@pytest.mark.parametrize(
    ("options", "found", "words"),
    [
        ({}, {"webhook": "fine"}, "is judged at once"),
        ({"hook": None}, {"webhook": "repair"}, "there is no webhook"),
        ({"hook": replace(HOOK, is_stopped=True)}, {"webhook": "repair"}, "GitLab has stopped the webhook"),
        ({"hook": replace(HOOK, has_notes=False)}, {"webhook": "repair"}, "does not hear of every tick"),
        ({"trigger": replace(PULLED, expires_at=NOW)}, {"webhook": "repair"}, "pulls no trigger that works"),
        ({"trigger": replace(PULLED, owner=User(5, "otto"))}, {"webhook-owner": "repair"}, "who is no member"),
        ({"trigger": replace(PULLED, owner=User(5, "ben"))}, {"webhook-owner": "repair"}, "role Planner"),
        ({"trigger": replace(PULLED, owner=None)}, {"webhook-owner": "repair"}, "has no owner"),
        ({"members": Unseen("member")}, {"webhook-owner": "hidden"}, "Whether @olga"),
        ({"hook": None, "at_once": False}, {"webhook": "fine"}, "switched off, as configured"),
        ({"at_once": False}, {"webhook-remark": "repair"}, "still there"),
    ],
)
def test_runs_at_once(options, found, words):
    checks = judge_hook(**options)
    assert states(checks) == found
    assert words in checks[0].says


def test_labels_that_cannot_be_seen_hide_labels_and_boards_alone():
    found = Found(OLGA, PLACE, (), ((PLACE, ()),), None)
    assert states(judge_setup(Wanted((), ()), found, Unseen("another try", "HTTP 500"))) == {"labels": "hidden"}


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
    assert repairs(judge_offer(facts, here, (ONE, TWO), offered, chosen, here)) == wrong


def test_a_template_that_is_not_on_the_branch_is_told_once():
    there = {**HERE, TWO: None}
    assert repairs(judge_files("main", HERE, there)) == ["template-files"]
    assert repairs(judge_offer(FACTS, HERE, (ONE, TWO), ("One",), {}, there)) == []


@pytest.mark.parametrize(
    ("text", "words"), [("Choose.", "of the branch `main`, which is not here"), (None, "of a group above")]
)
def test_a_default_template_of_the_branch_is_not_blamed_on_a_group(text, words):
    there = {**HERE, f"{TEMPLATES}Default.md": text}
    check = only(judge_offer(FACTS, HERE, (ONE, TWO), (*BOTH, "Default"), {}, there), "default-template")
    assert (check.state, words in check.says) == ("repair", True), check


def test_a_default_template_that_is_a_process_is_fine_and_said():
    path = f"{TEMPLATES}Default.md"
    checks = judge_offer(FACTS, {**HERE, path: "x"}, (ONE, TWO, path), (*BOTH, "Default"), {}, HERE)
    assert only(checks, "default-template").state == "fine"


# --- the report -------------------------------------------------------------------------------------------------------

LINES = (
    fine("b", "Server", "All is well."),
    broken("a", "Token", "It is old.", "Renew it."),
    Check("c", "Token", "hidden", "It cannot be seen with this token.", needs="Maintainer"),
)


def test_the_text_shows_what_is_to_be_done_and_counts_the_rest():
    assert show_text(LINES, "cs/handovers", NOW).split("\n") == [
        "The installation in `cs/handovers` as of 2026-11-02 09:30 UTC",
        "",
        "Token",
        "  ✗ It is old.",
        "    → Renew it.",
        "  ? It cannot be seen with this token. (needs: Maintainer)",
        "",
        "✓ Fine: Server (1). --all shows each.",
        "",
        "1 thing to repair, 1 cannot be seen with this token.",
    ]


def test_all_shows_each_fine_line_under_its_heading():
    assert show_text(LINES, "cs/handovers", NOW, shows_all=True).split("\n")[-4:-2] == ["Server", "  ✓ All is well."]


def test_a_sound_report_is_short():
    assert show_text(LINES[:1], "cs/handovers", NOW).split("\n")[1:] == [
        "",
        "✓ Fine: Server (1). --all shows each.",
        "",
        "Nothing to repair.",
    ]


def test_a_repair_that_neighbours_share_stands_once():
    pair = (broken("a", "Token", "It is old.", "Renew it."), broken("b", "Token", "It is weak.", "Renew it."))
    assert show_text(pair, "cs/handovers", NOW).count("→ Renew it.") == 1


UNREAD = hidden("d", "Token", "It", Unseen("another try", "HTTP 500"))


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        (LINES[:1], "Nothing to repair."),
        (LINES[2:], "Nothing to repair, 1 cannot be seen with this token."),
        (LINES[1:2] * 2, "2 things to repair."),
        ((UNREAD,), "Nothing to repair was found, 1 could not be read: try again."),
        ((*LINES, UNREAD), "1 thing to repair, 1 cannot be seen with this token, 1 could not be read: try again."),
    ],
)
def test_the_summary(checks, words):
    assert summarise(checks) == words


def test_the_data_has_every_key():
    report = build_report(LINES, "cs/handovers", NOW, {"GET other": 3, "GET user": 1})
    assert (report["now"], report["project"]) == ("2026-11-02T09:30:00+00:00", "cs/handovers")
    assert (report["state"], report["counts"]) == ("repair", {"repair": 1, "hidden": 1, "fine": 1, "unread": 0})
    assert build_report(LINES[:1], "cs/handovers", NOW, {})["state"] == "fine"
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
