"""Reading and writing what an installation is made of, against answers of servers of several versions and tiers."""

import json
import time
from datetime import UTC, date, datetime

import pytest
import responses
from requests.exceptions import ConnectionError

from automation.core.installation import (
    AccessToken,
    Account,
    Board,
    BoardList,
    GroupFacts,
    Hook,
    Label,
    PastRun,
    ProtectedBranch,
    ServerFacts,
    Trigger,
    Unseen,
    Variable,
)
from automation.core.model import User
from automation.edge import installation as read
from automation.edge import setup
from automation.edge.gitlab import GitLab
from automation.edge.kinds import read_kind
from automation.errors import AbsentError, AccessError, PlaceError, RefusedError, RoleError, TokenError, UncertainError

URL = "https://gitlab.example.com"
API = f"{URL}/api/v4"
SCOPE = "projects/1"
HOME = f"{API}/{SCOPE}"
SECRET = "glptt-0123456789abcdef0123456789abcdef01234567"
MOMENT = datetime(2026, 11, 2, 9, tzinfo=UTC)
PERSON = {"id": 5, "username": "olga", "name": "Olga Duarte", "state": "active", "avatar_url": None}
OLGA = User(5, "olga", "Olga Duarte")

# What a Free server says of a project to its Maintainer (18.4), less what nobody here reads.
PROJECT = {
    "id": 1,
    "name": "Handovers",
    "path_with_namespace": "customer-success/handovers",
    "web_url": f"{URL}/customer-success/handovers",
    "default_branch": "main",
    "visibility": "private",
    "namespace": {"id": 3, "kind": "group", "full_path": "customer-success", "parent_id": None},
    "issues_enabled": True,
    "issues_access_level": "enabled",
    "only_allow_merge_if_pipeline_succeeds": True,
    "ci_separated_caches": True,
    "ci_pipeline_variables_minimum_override_role": "developer",
    "permissions": {
        "project_access": {"access_level": 20, "notification_level": 3},
        "group_access": {"access_level": 40, "notification_level": 3},
    },
}
SCHEDULE = {
    "id": 9,
    "description": "Handover triage",
    "ref": "refs/heads/main",
    "cron": "*/15 * * * *",
    "cron_timezone": "Europe/Berlin",
    "next_run_at": "2026-11-02T10:15:00.000+01:00",
    "active": True,
    "created_at": "2026-11-02T09:00:00.000Z",
    "updated_at": "2026-11-02T09:00:00.000Z",
    "owner": PERSON,
}
HOOK = {
    "id": 4,
    "url": f"{URL}/api/v4/projects/1/ref/main/trigger/pipeline?token={{token}}",
    "url_variables": [{"key": "token"}],
    "push_events": False,
    "issues_events": True,
    "confidential_issues_events": True,
    "note_events": True,
    "confidential_note_events": None,
    "alert_status": "executable",
    "disabled_until": None,
}


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as server:
        yield server


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return GitLab(URL, "glpat-0123456789abcdefghij")


def pipeline(id, status="success", **more):
    return {"id": id, "status": status, "source": "schedule", "created_at": "2026-11-02T09:00:00Z", **more}


def job(name="triage", status="success", finished_at="2026-11-02T09:01:00.000Z"):
    return {"id": 1, "name": name, "status": status, "finished_at": finished_at}


def sent(server, number=0):
    return json.loads(server.calls[number].request.body)


# --- the project ------------------------------------------------------------------------------------------------------


def test_a_project_of_a_free_server(server, client):
    server.get(HOME, json=PROJECT)
    facts = read.fetch_project_facts(client, SCOPE)
    assert (facts.id, facts.path, facts.visibility) == (1, "customer-success/handovers", "private")
    assert (facts.default_branch, facts.group, facts.access_level) == ("main", "customer-success", 40)
    assert (facts.has_issues, facts.pipelines_must_succeed, facts.separates_caches) == (True, True, True)
    assert (facts.is_premium, facts.default_template, facts.variables_role) == (False, "", "developer")


@pytest.mark.parametrize(("text", "template"), [("Dear all", "Dear all"), (None, ""), ("", "")])
def test_premium_is_told_by_the_default_template_even_when_it_is_blank(server, client, text, template):
    server.get(HOME, json={**PROJECT, "issues_template": text})
    facts = read.fetch_project_facts(client, SCOPE)
    assert (facts.is_premium, facts.default_template) == (True, template)


def test_a_project_that_says_next_to_nothing(server, client):
    server.get(HOME, json={"id": 1, "path_with_namespace": "olga/handovers", "visibility": "public"})
    facts = read.fetch_project_facts(client, SCOPE)
    assert (facts.visibility, facts.default_branch, facts.group, facts.access_level) == ("public", "", "", 0)
    assert (facts.has_issues, facts.separates_caches, facts.pipelines_must_succeed) == (True, True, False)


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"default_branch": None}, "default_branch", ""),
        ({"namespace": {"kind": "user", "full_path": "olga"}}, "group", ""),
        ({"namespace": None}, "group", ""),
        ({"permissions": {"project_access": None, "group_access": None}}, "access_level", 0),
        ({"permissions": {"project_access": {"access_level": 30}, "group_access": None}}, "access_level", 30),
        ({"issues_access_level": "disabled"}, "has_issues", False),
        ({"issues_access_level": "private"}, "has_issues", True),
        ({"issues_access_level": None, "issues_enabled": False}, "has_issues", False),
        ({"ci_separated_caches": False}, "separates_caches", False),
        ({"ci_pipeline_variables_minimum_override_role": "no_one_allowed"}, "variables_role", "no_one_allowed"),
        ({}, "is_archived", False),
        ({"archived": True}, "is_archived", True),
        ({}, "has_pipelines", True),
        ({"builds_access_level": "private", "jobs_enabled": False}, "has_pipelines", True),
        ({"builds_access_level": "disabled"}, "has_pipelines", False),
        ({"jobs_enabled": False}, "has_pipelines", False),
        ({"ci_config_path": None}, "pipeline_file", ""),
        ({"ci_config_path": "ci/other.yml"}, "pipeline_file", "ci/other.yml"),
    ],
)
def test_what_settings_make_of_a_project(server, client, change, field, value):
    server.get(HOME, json={**PROJECT, **change})
    assert getattr(read.fetch_project_facts(client, SCOPE), field) == value


@pytest.mark.parametrize("key", ["id", "path_with_namespace", "visibility"])
@pytest.mark.parametrize("value", [None, [], "secret"])
def test_without_what_is_needed_the_answer_is_not_usable(server, client, key, value):
    if key == "path_with_namespace" and value == "secret":
        value = 7
    server.get(HOME, json={**PROJECT, key: value})
    with pytest.raises(AccessError, match="no usable answer"):
        read.fetch_project_facts(client, SCOPE)


def test_an_unknown_project_is_never_merely_unseen(server, client):
    for path in ("", "/hooks", "/boards", "/pipeline_schedules", "/access_tokens", "/repository/files/a/raw"):
        server.get(HOME + path, status=404, json={"message": "404 Project Not Found"})
    fetches = (read.fetch_project_facts, read.fetch_hooks, read.fetch_boards, read.fetch_schedules)
    for fetch in (*fetches, read.fetch_access_tokens):
        with pytest.raises(AccessError, match="The project 1 does not exist") as error:
            fetch(client, SCOPE)
        assert not isinstance(error.value, AbsentError)
    with pytest.raises(AccessError):
        read.fetch_file(client, SCOPE, "a", "main")


def test_a_group_has_a_full_path_however_it_is_named(server, client):
    server.get(f"{API}/groups/3", json={"id": 3, "full_path": "customer-success/emea"})
    assert read.fetch_group_path(client, "groups/3") == "customer-success/emea"


def test_a_group_without_a_path_is_no_usable_answer(server, client):
    server.get(f"{API}/groups/3", json={"id": 3})
    with pytest.raises(AccessError, match="`full_path`"):
        read.fetch_group_path(client, "groups/3")


@pytest.mark.parametrize(("more", "is_admin"), [({}, False), ({"is_admin": None}, False), ({"is_admin": True}, True)])
def test_whose_token_it_is(server, client, more, is_admin):
    server.get(f"{API}/user", json={**PERSON, **more})
    assert read.fetch_account(client) == Account(OLGA, is_admin)


def test_a_group_says_who_sees_it(server, client):
    server.get(f"{API}/groups/cs%2Fteam", json={"id": 3, "full_path": "cs/team", "visibility": "private"})
    assert read.fetch_group(client, "groups/cs%2Fteam") == GroupFacts("cs/team", "private")


def test_a_group_that_is_not_shown_is_no_other_failure(server, client):
    server.get(f"{API}/groups/3", status=404, json={"message": "404 Group Not Found"})
    with pytest.raises(PlaceError):
        read.fetch_group(client, "groups/3")


def test_a_blocked_account_is_told_so(server, client):
    server.get(f"{API}/user", status=403, json={"message": "403 Forbidden - Your account has been blocked."})
    with pytest.raises(TokenError, match="has been blocked"):
        read.fetch_account(client)


@pytest.mark.parametrize(
    ("answer", "state", "ends_on"),
    [
        ({"state": "active", "expires_at": "2026-11-30"}, "active", date(2026, 11, 30)),
        ({"state": "deactivated", "expires_at": None}, "deactivated", None),
        ({}, "active", None),
    ],
)
def test_why_and_until_when_somebody_is_a_member(server, client, answer, state, ends_on):
    member = {"id": 5, "username": "olga", "name": "Olga Duarte", "access_level": 20, **answer}
    server.get(f"{HOME}/members/all", json=[member])
    [found] = client.fetch_members(SCOPE)
    assert (found.state, found.ends_on, found.is_active) == (state, ends_on, state == "active")


def test_a_group_names_its_projects_and_each_is_asked_for(server, client):
    server.get(f"{API}/groups/3/projects", json=[{"id": 1}, {"id": 2}])
    server.get(HOME, json=PROJECT)
    server.get(f"{API}/projects/2", json={**PROJECT, "id": 2, "issues_access_level": "disabled"})
    assert [each.id for each in read.fetch_projects_of_group(client, "groups/3")] == [1]
    asked = server.calls[0].request.params
    assert (asked["include_subgroups"], asked["archived"], asked["with_shared"]) == ("True", "False", "False")


# --- the server and our token -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        ({"version": "18.4.0-ee", "revision": "1", "enterprise": True}, ServerFacts("18.4.0-ee", True)),
        ({"version": "15.4.0", "kas": {"enabled": True}}, ServerFacts("15.4.0", None)),
    ],
)
def test_the_server_says_what_it_is(server, client, answer, facts):
    server.get(f"{API}/metadata", json=answer)
    assert read.fetch_server(client) == facts


def test_an_older_server_is_asked_for_its_version(server, client):
    server.get(f"{API}/metadata", status=404, json={"error": "404 Not Found"})
    server.get(f"{API}/version", json={"version": "15.1.0", "revision": "1"})
    assert read.fetch_server(client) == ServerFacts("15.1.0")


def test_a_server_may_tell_nothing_of_itself(server, client):
    for path in ("metadata", "version"):
        server.get(f"{API}/{path}", status=404, json={"error": "404 Not Found"})
    assert isinstance(read.fetch_server(client), Unseen)


def test_our_own_token(server, client):
    server.get(
        f"{API}/personal_access_tokens/self",
        json={"id": 3, "name": "setup", "revoked": False, "active": True, "scopes": ["api", "read_api"], "user_id": 5}
        | {"expires_at": "2026-12-31", "created_at": "2026-01-01T00:00:00Z", "last_used_at": None},
    )
    assert read.fetch_own_token(client) == AccessToken(3, "setup", 5, ("api", "read_api"), True, date(2026, 12, 31))


@pytest.mark.parametrize(("status", "body"), [(400, "400 Bad request"), (404, "404 Not found"), (403, "403 Forbidden")])
def test_of_a_token_of_another_kind_the_server_tells_nothing(server, client, status, body):
    server.get(f"{API}/personal_access_tokens/self", status=status, json={"message": body})
    assert read.fetch_own_token(client) == Unseen("a personal, project or group access token")


def test_a_wrong_token_is_no_matter_of_roles(server, client):
    server.get(f"{API}/personal_access_tokens/self", status=401, json={"message": "401 Unauthorized"})
    with pytest.raises(AccessError, match="HANDOVER_TOKEN"):
        read.fetch_own_token(client)


# --- labels and boards ------------------------------------------------------------------------------------------------


def test_labels_of_a_project_and_of_the_groups_above(server, client):
    own = {"id": 1, "name": "a::one", "color": "#FF0000", "description": None, "priority": 3, "is_project_label": True}
    above = {"id": 2, "name": "waiting-on-csm", "color": "#00ff00", "description": "d", "is_project_label": False}
    server.get(f"{HOME}/labels", json=[own, above, {"id": 3, "name": "old", "archived": True}])
    assert read.fetch_labels(client, SCOPE) == (
        Label(1, "a::one", "#FF0000", "", 3, True),
        Label(2, "waiting-on-csm", "#00ff00", "d", None, False),
        Label(3, "old", "", is_archived=True),
    )


def test_a_groups_own_labels_are_told_apart_by_a_second_list(server, client):
    matches = responses.matchers.query_param_matcher
    labels = [{"id": each, "name": f"label {each}", "color": "#fff"} for each in (1, 2)]
    for flag, found in {"True": labels, "False": labels[1:]}.items():
        query = {"include_ancestor_groups": flag, "per_page": 100, "page": 1}
        server.get(f"{API}/groups/3/labels", json=found, match=[matches(query)])
    assert [each.is_own for each in read.fetch_labels(client, "groups/3")] == [False, True]


def test_boards_with_lists_of_every_kind_in_order(server, client):
    lists = [
        {"id": 12, "label": {"id": 2, "name": "b"}, "position": 1, "max_issue_count": 0},
        {"id": 11, "label": {"id": 1, "name": "a"}, "position": 0},
        {"id": 13, "label": None, "position": 2, "assignee": PERSON},
    ]
    server.get(f"{HOME}/boards", json=[{"id": 7, "name": "Stages", "lists": lists}, {"id": 8, "name": None}])
    in_order = (BoardList(11, "a", 0), BoardList(12, "b", 1), BoardList(13, "", 2))
    assert read.fetch_boards(client, SCOPE) == (Board(7, "Stages", in_order), Board(8, ""))


# --- what is not shown ------------------------------------------------------------------------------------------------

HIDDEN = {
    "boards": (read.fetch_boards, "Planner (GitLab 17.7 and newer) or Reporter"),
    "pipeline_schedules": (read.fetch_schedules, "Reporter"),
    "triggers": (read.fetch_triggers, "Maintainer"),
    "hooks": (read.fetch_hooks, "Maintainer"),
    "variables": (read.fetch_variables, "Maintainer"),
    "protected_branches": (read.fetch_protected_branches, "Maintainer"),
    "access_tokens": (read.fetch_access_tokens, "Maintainer"),
    "templates/issues": (read.fetch_offered_templates, "Reporter"),
}


@pytest.mark.parametrize(("status", "message"), [(403, "403 Forbidden"), (404, "404 Not Found")])
@pytest.mark.parametrize("path", HIDDEN)
def test_what_the_role_does_not_show_names_the_role_that_would(server, client, path, status, message):
    fetch, needs = HIDDEN[path]
    server.get(f"{HOME}/{path}", status=status, json={"message": message})
    assert fetch(client, SCOPE) == Unseen(needs)


@pytest.mark.parametrize("path", HIDDEN)
def test_an_empty_list_is_seen(server, client, path):
    server.get(f"{HOME}/{path}", json=[])
    assert HIDDEN[path][0](client, SCOPE) == ()


def test_tokens_are_hidden_by_401_and_only_they(server, client):
    for path in ("access_tokens", "hooks"):
        server.get(f"{HOME}/{path}", status=401, json={"message": "401 Unauthorized"})
    assert read.fetch_access_tokens(client, SCOPE) == Unseen("Maintainer")
    with pytest.raises(AccessError, match="HANDOVER_TOKEN"):
        read.fetch_hooks(client, SCOPE)


def test_an_expired_token_is_not_taken_for_a_small_role(server, client):
    body = {"error": "invalid_token", "error_description": "Token is expired."}
    server.get(f"{HOME}/access_tokens", status=401, json=body)
    with pytest.raises(AccessError, match="expired"):
        read.fetch_access_tokens(client, SCOPE)


@pytest.mark.parametrize("path", HIDDEN)
@pytest.mark.parametrize("answer", [{"error": "?"}, "<html>", [7], [None]], ids=repr)
def test_a_broken_answer_is_told_not_a_crash(server, client, path, answer):
    if path == "templates/issues" and isinstance(answer, list):
        answer = {}
    server.get(f"{HOME}/{path}", json=answer)
    with pytest.raises(AccessError, match="usable answer"):
        HIDDEN[path][0](client, SCOPE)


# --- schedules and runs -----------------------------------------------------------------------------------------------


def test_a_schedule_with_its_variables(server, client):
    server.get(f"{HOME}/pipeline_schedules", json=[SCHEDULE])
    variables = [{"key": "HANDOVER_JOB", "value": "triage", "variable_type": "env_var"}]
    server.get(f"{HOME}/pipeline_schedules/9", json={**SCHEDULE, "last_pipeline": None, "variables": variables})
    (schedule,) = read.fetch_schedules(client, SCOPE)
    assert (schedule.id, schedule.ref, schedule.cron) == (9, "refs/heads/main", "*/15 * * * *")
    assert (schedule.time_zone, schedule.is_active, schedule.owner) == ("Europe/Berlin", True, OLGA)
    assert (schedule.created_at, schedule.next_run_at) == (MOMENT, datetime(2026, 11, 2, 9, 15, tzinfo=UTC))
    assert schedule.variables == {"HANDOVER_JOB": "triage"}
    assert "HANDOVER_JOB" not in repr(schedule)


def test_a_schedule_of_somebody_who_left_with_hidden_variables(server, client):
    server.get(f"{HOME}/pipeline_schedules", json=[SCHEDULE])
    left = {"owner": None, "active": False, "next_run_at": None, "cron_timezone": None, "description": None}
    server.get(f"{HOME}/pipeline_schedules/9", json={**SCHEDULE, **left})
    (schedule,) = read.fetch_schedules(client, SCOPE)
    assert (schedule.owner, schedule.is_active, schedule.next_run_at) == (None, False, None)
    assert (schedule.time_zone, schedule.description, schedule.variables) == ("UTC", "", None)


def test_without_variables_a_schedule_costs_no_further_request(server, client):
    server.get(f"{HOME}/pipeline_schedules", json=[SCHEDULE])
    (schedule,) = read.fetch_schedules(client, SCOPE, with_variables=False)
    assert (schedule.variables, len(server.calls)) == (None, 1)


@pytest.mark.parametrize("key", ["cron", "created_at"])
@pytest.mark.parametrize("value", [None, 7])
def test_a_schedule_without_its_time_is_not_usable(server, client, key, value):
    server.get(f"{HOME}/pipeline_schedules", json=[{**SCHEDULE, key: value}])
    with pytest.raises(AccessError, match=f"`{key}`"):
        read.fetch_schedules(client, SCOPE, with_variables=False)


def runs(server, last, others=(), jobs=None):
    """Give the schedule 9 a last pipeline, the project others, and each pipeline its jobs by id."""
    server.get(f"{HOME}/pipeline_schedules/9", json={**SCHEDULE, "last_pipeline": last})
    server.get(f"{HOME}/pipelines", json=list(others))
    for number, found in (jobs or {}).items():
        server.get(f"{HOME}/pipelines/{number}/jobs", json=found)


def test_a_last_pipeline_that_went_well_is_all_that_is_asked_for(server, client):
    runs(server, pipeline(3, web_url=f"{URL}/p/3"), jobs={3: [job("lint", finished_at=None), job()]})
    end = datetime(2026, 11, 2, 9, 1, tzinfo=UTC)
    assert read.fetch_past_runs(client, SCOPE, 9, ("triage",)) == (PastRun(3, "success", MOMENT, end, f"{URL}/p/3"),)
    assert len(server.calls) == 2


def test_older_pipelines_are_looked_at_until_one_went_well(server, client):
    jobs = {4: [job(status="failed")], 3: [job("other")], 2: [job(status="canceled")], 1: [job()]}
    runs(
        server, pipeline(4, "failed"), [pipeline(4, "failed"), pipeline(3), pipeline(2), pipeline(1), pipeline(0)], jobs
    )
    found = read.fetch_past_runs(client, SCOPE, 9, ("triage",))
    assert [(each.pipeline_id, each.ended_at is not None) for each in found] == [(4, False), (2, False), (1, True)]
    asked = next(
        call.request.params for call in server.calls if call.request.url.partition("?")[0].endswith("pipelines")
    )
    assert (asked["source"], asked["order_by"], asked["sort"]) == ("schedule", "id", "desc")


def test_a_schedule_that_never_ran_has_no_runs(server, client):
    runs(server, None)
    assert read.fetch_past_runs(client, SCOPE, 9, ("triage",)) == ()


def test_not_more_than_twenty_pipelines_are_looked_at(server, client):
    bad = [job(status="failed")]
    runs(server, None, [pipeline(each) for each in range(30, 0, -1)], dict.fromkeys(range(1, 31), bad))
    assert len(read.fetch_past_runs(client, SCOPE, 9, ("triage",))) == 20


def test_a_job_that_succeeded_without_an_end_has_not_ended(server, client):
    runs(server, pipeline(1), jobs={1: [job(finished_at=None)]})
    assert [each.ended_at for each in read.fetch_past_runs(client, SCOPE, 9, ("triage",))] == [None]


@pytest.mark.parametrize("path", ["pipeline_schedules/9", "pipelines"])
def test_runs_that_do_not_show(server, client, path):
    server.get(f"{HOME}/{path}", status=403, json={"message": "403 Forbidden"})
    runs(server, None)
    assert read.fetch_past_runs(client, SCOPE, 9, ("triage",)) == Unseen("Reporter")


# --- triggers, hooks, variables, branches, tokens ---------------------------------------------------------------------


def test_a_trigger_token_of_another_person_is_none(server, client):
    mine = {"id": 1, "description": "Webhook", "token": SECRET, "owner": PERSON}
    server.get(f"{HOME}/triggers", json=[mine, {"id": 2, "description": None, "token": "0123", "owner": None}])
    found = read.fetch_triggers(client, SCOPE)
    assert found == (Trigger(1, "Webhook", SECRET, OLGA), Trigger(2, "", "", None))
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("status", "is_stopped"),
    [("executable", False), ("disabled", True), ("temporarily_disabled", True), (None, False)],
)
def test_a_hook_and_whether_it_still_sends(server, client, status, is_stopped):
    server.get(f"{HOME}/hooks", json=[{**HOOK, "alert_status": status}])
    assert read.fetch_hooks(client, SCOPE) == (Hook(4, HOOK["url"], True, True, True, False, is_stopped),)


def test_values_of_variables_are_kept_by_nobody(server, client):
    masked = {"key": "HANDOVER_TOKEN", "value": SECRET, "masked": True, "protected": True, "environment_scope": "*"}
    server.get(
        f"{HOME}/variables",
        json=[
            {**masked, "description": "Bot", "hidden": True},
            {"key": "X", "value": None, "environment_scope": "prod"},
        ],
    )
    found = read.fetch_variables(client, SCOPE)
    assert found == (Variable("HANDOVER_TOKEN", True, True, "*", "Bot"), Variable("X", False, False, "prod", ""))
    assert not any(SECRET in str(getattr(each, name)) for each in found for name in each.__slots__)


NAMED = {"user_id": 5, "group_id": None}


@pytest.mark.parametrize(
    ("levels", "lowest"),
    [
        ([{"access_level": 40}], 40),
        ([{"access_level": 0}], 0),
        ([{"access_level": 40}, {"access_level": 30}], 30),
        ([{"access_level": 40, **NAMED}], None),
        ([{"access_level": None, "user_id": None, "group_id": 7}], None),
        ([{"access_level": 0}, {"access_level": 40, "deploy_key_id": 3}], None),
        ([{"access_level": 30, "user_id": None, "group_id": None, "deploy_key_id": None}, {**NAMED}], 30),
        ([], 0),
        (None, 0),
    ],
)
def test_who_may_push(server, client, levels, lowest):
    branch = {"id": 1, "name": "main", "push_access_levels": levels, "merge_access_levels": [{"access_level": 30}]}
    server.get(f"{HOME}/protected_branches", json=[branch])
    assert read.fetch_protected_branches(client, SCOPE) == (ProtectedBranch("main", lowest, 30),)


def test_code_owners_and_forced_pushes(server, client):
    branch = {"name": "release/*", "allow_force_push": True, "code_owner_approval_required": True}
    server.get(f"{HOME}/protected_branches", json=[branch])
    assert read.fetch_protected_branches(client, SCOPE) == (ProtectedBranch("release/*", 0, 0, True, True),)


def test_tokens_that_work_today(server, client):
    token = {"id": 1, "name": "bot", "user_id": 7, "scopes": ["api"], "active": True, "revoked": False}
    ended = {**token, "id": 2, "active": False}
    server.get(f"{HOME}/access_tokens", json=[{**token, "access_level": 20, "expires_at": None}, ended])
    assert read.fetch_access_tokens(client, SCOPE) == (AccessToken(1, "bot", 7, ("api",), True, None, 20),)


# --- files and templates ----------------------------------------------------------------------------------------------

RAW = f"{HOME}/repository/files/.gitlab%2Fissue_templates%2FA%20b.md/raw"


def fetch_file(client):
    return read.fetch_file(client, SCOPE, ".gitlab/issue_templates/A b.md", "main")


@pytest.mark.parametrize(
    ("content", "text"),
    [("Häkchen\n".encode(), "Häkchen\n"), (b"", ""), (b"\xef\xbb\xbfa", "\ufeffa"), (b"H\xe4kchen", "H\ufffdkchen")],
)
def test_a_file_is_text_as_it_stands_there(server, client, content, text):
    server.get(RAW, body=content, content_type="text/plain")
    assert fetch_file(client) == text
    assert server.calls[0].request.params == {"ref": "main"}


@pytest.mark.parametrize("message", ["404 File Not Found", "404 Commit Not Found", "404 Tree Not Found"])
def test_a_file_that_is_not_there(server, client, message):
    server.get(RAW, status=404, json={"message": message})
    assert fetch_file(client) is None


def test_a_file_that_the_role_does_not_show(server, client):
    server.get(RAW, status=403, json={"message": "403 Forbidden"})
    assert fetch_file(client) == Unseen("Reporter")


def test_a_file_of_a_server_that_does_not_answer(server, client):
    server.get(RAW, body=ConnectionError())
    with pytest.raises(AccessError, match="cannot be reached"):
        fetch_file(client)


def test_offered_templates_by_name_also_those_that_stand_there_twice(server, client):
    server.get(f"{HOME}/templates/issues", json=[{"key": "A b", "name": "A b"}, {"key": "A b"}, {"name": None}])
    assert read.fetch_offered_templates(client, SCOPE) == ("A b", "A b")


@pytest.mark.parametrize(
    ("status", "answer", "text"),
    [
        (200, {"name": "A b", "content": "text"}, "text"),
        (404, {"message": "404 Template Not Found"}, None),
        (403, {"message": "403 Forbidden"}, Unseen("Reporter")),
    ],
)
def test_the_text_that_a_template_gives(server, client, status, answer, text):
    server.get(f"{HOME}/templates/issues/A%20b", status=status, json=answer)
    assert read.fetch_offered_template(client, SCOPE, "A b") == text


# --- writing ----------------------------------------------------------------------------------------------------------

DAY = date(2027, 5, 1)
WRITES = {
    "label": (
        lambda client: setup.create_label(client, SCOPE, "a", "#fff", "d", 3),
        ("POST", "labels", {"name": "a", "color": "#fff", "description": "d", "priority": 3}),
    ),
    "label of a group": (
        lambda client: setup.create_label(client, "groups/1", "a", "#fff", "d", 3),
        ("POST", "labels", {"name": "a", "color": "#fff", "description": "d"}),
    ),
    "label changed": (
        lambda client: setup.update_label(client, SCOPE, 8, {"new_name": "b", "priority": None}),
        ("PUT", "labels/8", {"new_name": "b", "priority": None}),
    ),
    "board": (lambda client: setup.create_board(client, SCOPE, "Stages"), ("POST", "boards", {"name": "Stages"})),
    "list": (lambda client: setup.create_list(client, SCOPE, 7, 8), ("POST", "boards/7/lists", {"label_id": 8})),
    "list moved": (
        lambda client: setup.move_list(client, SCOPE, 7, 11, 0),
        ("PUT", "boards/7/lists/11", {"position": 0}),
    ),
    "schedule": (
        lambda client: setup.create_schedule(client, SCOPE, "Triage", "main", "0 * * * *", "UTC"),
        (
            "POST",
            "pipeline_schedules",
            {"description": "Triage", "ref": "main", "cron": "0 * * * *", "cron_timezone": "UTC", "active": True},
        ),
    ),
    "schedule changed": (
        lambda client: setup.update_schedule(client, SCOPE, 9, {"active": True}),
        ("PUT", "pipeline_schedules/9", {"active": True}),
    ),
    "variable of a schedule": (
        lambda client: setup.set_schedule_variable(client, SCOPE, 9, "A", "1", True),
        ("POST", "pipeline_schedules/9/variables", {"key": "A", "value": "1"}),
    ),
    "variable of a schedule changed": (
        lambda client: setup.set_schedule_variable(client, SCOPE, 9, "A", "1", False),
        ("PUT", "pipeline_schedules/9/variables/A", {"value": "1"}),
    ),
    "variable": (
        lambda client: setup.create_variable(client, SCOPE, "A", SECRET, "d"),
        ("POST", "variables", {"key": "A", "value": SECRET, "description": "d", "masked": True, "protected": True}),
    ),
    "variable changed": (
        lambda client: setup.update_variable(client, SCOPE, "A", {"masked": True}),
        ("PUT", "variables/A", {"masked": True}),
    ),
    "hook tried": (lambda client: setup.try_hook(client, SCOPE, 4), ("POST", "hooks/4/test/issues_events", {})),
    "trigger": (
        lambda client: setup.create_trigger(client, SCOPE, "Webhook"),
        ("POST", "triggers", {"description": "Webhook"}),
    ),
    "token": (
        lambda client: setup.create_access_token(client, SCOPE, "bot", 20, DAY),
        ("POST", "access_tokens", {"name": "bot", "scopes": ["api"], "access_level": 20, "expires_at": "2027-05-01"}),
    ),
    "token rotated": (
        lambda client: setup.rotate_access_token(client, SCOPE, 3, DAY),
        ("POST", "access_tokens/3/rotate", {"expires_at": "2027-05-01"}),
    ),
}
MADE = {"id": 77, "description": "Webhook", "token": SECRET, "owner": PERSON}
RETURNED = {
    "hook tried": None,
    "trigger": Trigger(77, "Webhook", SECRET, OLGA),
    "token": (77, SECRET),
    "token rotated": (77, SECRET),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_write_is_one_request(server, client, what):
    write, (verb, path, content) = WRITES[what]
    home = f"{API}/groups/1" if "group" in what else HOME
    server.add(verb, f"{home}/{path}", json=MADE, status=201 if verb == "POST" else 200)
    made = write(client)
    assert (len(server.calls), sent(server)) == (1, content)
    if what in RETURNED:
        assert made == RETURNED[what]
    elif verb == "POST" and "variable" not in what:
        assert made == 77
    else:
        assert made is None


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_a_hook_hears_of_issues_and_comments_and_hides_its_token(server, client, verb):
    server.add(verb, f"{HOME}/hooks" if verb == "POST" else f"{HOME}/hooks/4", json={**HOOK, "id": 4})
    if verb == "POST":
        assert setup.create_hook(client, SCOPE, HOOK["url"], {"token": SECRET}) == 4
    else:
        setup.update_hook(client, SCOPE, 4, HOOK["url"], {"token": SECRET})
    content = sent(server)
    assert (content["url"], content["url_variables"]) == (HOOK["url"], [{"key": "token", "value": SECRET}])
    on = {key for key, value in content.items() if value is True}
    issues, notes = {"issues_events", "confidential_issues_events"}, {"note_events", "confidential_note_events"}
    assert on == {*issues, *notes, "enable_ssl_verification"}
    assert content["push_events"] is False


@pytest.mark.parametrize("what", [each for each, (_, (verb, *_)) in WRITES.items() if verb == "POST"])
def test_a_post_without_an_answer_is_uncertain_and_not_repeated(server, client, what):
    write, (_, path, _) = WRITES[what]
    home = f"{API}/groups/1" if "group" in what else HOME
    server.post(f"{home}/{path}", status=502, body="<html>")
    with pytest.raises(UncertainError):
        write(client)
    assert len(server.calls) == 1


@pytest.mark.parametrize("what", ["label", "board", "trigger", "token", "token rotated"])
@pytest.mark.parametrize("answer", [{}, {"id": None, "token": SECRET}, {"id": "x"}])
def test_what_was_made_without_a_name_is_uncertain(server, client, what, answer):
    write, (_, path, _) = WRITES[what]
    server.post(f"{HOME}/{path}", status=201, json=answer)
    with pytest.raises(UncertainError) as error:
        write(client)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("cut", [0, 150, 190])
def test_a_refusal_never_repeats_the_secret(server, client, cut):
    """What the server says is cut short, perhaps in the middle of the secret."""
    said = {"message": {"value": ["x" * cut, f"{SECRET} is invalid"]}}
    server.post(f"{HOME}/variables", status=400, json=said)
    server.put(f"{HOME}/variables/A", status=400, json=said)
    server.post(f"{HOME}/hooks", status=422, json=said)
    for write in (
        lambda: setup.create_variable(client, SCOPE, "A", SECRET, ""),
        lambda: setup.update_variable(client, SCOPE, "A", {"value": SECRET}),
        lambda: setup.create_hook(client, SCOPE, HOOK["url"], {"token": SECRET}),
    ):
        with pytest.raises(RefusedError) as error:
            write()
        assert SECRET[:8] not in error.value.said
        assert SECRET[:8] not in repr(error.value)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("labels/8", "Planner"),
        ("boards/7/lists/1", "Planner"),
        ("pipeline_schedules/9", "Developer"),
        ("pipeline_schedules/9/variables/A", "Developer"),
        ("hooks/4", "Maintainer"),
        ("variables/A", "Maintainer"),
        ("access_tokens/3/rotate", "Maintainer"),
    ],
)
def test_a_role_that_is_too_small_names_the_one_that_is_needed(server, client, path, role):
    server.put(f"{HOME}/{path}", status=403, json={"message": "403 Forbidden"})
    with pytest.raises(RoleError, match=role):
        client.send("put", f"/{SCOPE}/{path}", {})


def test_a_label_that_is_there_already_says_so(server, client):
    server.post(f"{HOME}/labels", status=409, json={"message": "Label already exists"})
    with pytest.raises(RefusedError) as error:
        setup.create_label(client, SCOPE, "a", "#fff", "")
    assert "Label already exists" in error.value.said


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/projects/1", "project"),
        ("/groups/a%2Fb", "group"),
        ("/groups/3/projects", "projects"),
        ("/projects/1/labels/8", "labels"),
        ("/projects/1/boards/7", "boards"),
        ("/groups/1/boards/7/lists/8", "board lists"),
        ("/projects/1/pipeline_schedules/9", "schedules"),
        ("/projects/1/pipeline_schedules/9/variables/A", "schedule variables"),
        ("/projects/1/variables/A", "variables"),
        ("/projects/1/pipelines", "pipelines"),
        ("/projects/1/pipelines/3/jobs", "jobs"),
        ("/projects/1/triggers", "triggers"),
        ("/projects/1/hooks/4", "hooks"),
        ("/projects/1/hooks/4/test/issues_events", "hooks"),
        ("/projects/1/protected_branches", "protected branches"),
        ("/projects/1/access_tokens/3/rotate", "access tokens"),
        ("/personal_access_tokens/self", "own token"),
        ("/projects/1/repository/files/a%2Fb.md/raw", "file"),
        ("/projects/1/templates/issues/A%20b", "templates"),
        ("/projects/1/issues", "issues"),
        ("/metadata", "server"),
        ("/projects/1/something", "other"),
    ],
)
def test_requests_are_counted_by_name(path, kind):
    assert read_kind(f"{API}{path}") == kind
