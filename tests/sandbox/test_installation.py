"""What an installation is made of, over the API: labels of groups, schedules, hooks, variables, tokens, files."""

from datetime import date, timedelta

import gitlab
import pytest

from automation.edge import installation as read
from automation.edge import setup
from automation.edge.gitlab import GitLab
from automation.sandbox.model import DEVELOPER, MAINTAINER, REPORTER
from automation.sandbox.model_ci import Variable
from automation.sandbox.sample import add_maintainer
from tests.sandbox.conftest import PROJECT, START

CRON = {"description": "Triage", "ref": "main", "cron": "*/15 * * * *"}
TRIGGER_URL = "https://gitlab.example.com/api/v4/projects/1/ref/main/trigger/pipeline?token={token}"


@pytest.fixture(autouse=True)
def staff(world):
    """Olga (Maintainer) and dev (Developer) beside those of every test."""
    for name, level in {"olga": MAINTAINER, "dev": DEVELOPER}.items():
        world.add_user(name, name.title())
        world.add_member(PROJECT, name, level)


@pytest.fixture
def olga(client):
    return client("olga")


@pytest.fixture
def handovers(olga):
    return olga.projects.get(PROJECT)


def refused(call, *args, **kwargs):
    with pytest.raises(gitlab.GitlabError) as error:
        call(*args, **kwargs)
    return error.value.response_code, error.value.error_message


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("pipeline_schedules", REPORTER),
        ("pipelines", REPORTER),
        ("protected_branches", DEVELOPER),
        ("hooks", MAINTAINER),
        ("triggers", MAINTAINER),
        ("variables", MAINTAINER),
    ],
)
def test_who_may_read_what(client, path, least):
    for name, level in {"pia": 15, "ben": REPORTER, "dev": DEVELOPER, "olga": MAINTAINER}.items():
        asked = client(name)
        if level >= least:
            assert isinstance(asked.http_get(f"/projects/1/{path}"), list)
        else:
            assert refused(asked.http_get, f"/projects/1/{path}") == (403, "403 Forbidden")


def test_access_tokens_are_hidden_as_if_nobody_had_signed_in(client):
    assert refused(client("dev").http_get, "/projects/1/access_tokens") == (401, "401 Unauthorized")


# --- projects and groups ----------------------------------------------------------------------------------------------


def test_a_project_says_which_role_the_asker_has_in_it_and_above(client, world):
    world.add_member("acme", "ben", MAINTAINER)
    permissions = client("ben").projects.get(PROJECT).permissions
    assert permissions["project_access"]["access_level"] == REPORTER
    assert permissions["group_access"]["access_level"] == MAINTAINER


@pytest.mark.parametrize("premium", [False, True])
def test_default_templates_show_on_premium_only(client, world, premium):
    world.premium = premium
    world.update_project(PROJECT, issues_template="Dear all")
    assert getattr(client().projects.get(PROJECT), "issues_template", "none") == ("Dear all" if premium else "none")


def test_ci_settings_are_shown_to_maintainers(client):
    assert hasattr(client("olga").projects.get(PROJECT), "ci_separated_caches")
    assert not hasattr(client("dev").projects.get(PROJECT), "ci_separated_caches")


def test_a_group_lists_its_projects(client, world):
    world.add_project("acme/deep/other")
    world.add_project("acme/old")
    world.update_project("acme/old", is_archived=True)
    world.add_member("acme", "ben", REPORTER)
    group = client().groups.get("acme")
    assert [each.name for each in group.projects.list(get_all=True, sort="asc")] == ["handovers", "old"]
    found = group.projects.list(get_all=True, sort="asc", include_subgroups=True, archived=False)
    assert [each.name for each in found] == ["handovers", "other"]


@pytest.mark.parametrize(("premium", "version"), [(False, "18.4.0"), (True, "18.4.0-ee")])
def test_the_server_says_what_it_is(client, world, premium, version):
    world.premium = premium
    about = client().http_get("/metadata")
    assert (about["version"], about["enterprise"]) == (version, premium)


# --- labels and boards of groups --------------------------------------------------------------------------------------


@pytest.fixture
def group(client, world):
    world.add_member("acme", "olga", MAINTAINER)
    return client("olga").groups.get("acme")


def test_a_groups_label_is_made_changed_and_used_below(group, handovers):
    label = group.labels.create({"name": "a", "color": "#ff0000"})
    group.labels.update("a", {"new_name": "b", "color": "#00ff00"})
    assert not hasattr(label, "priority")
    assert [(each.name, each.color, each.is_project_label) for each in handovers.labels.list(get_all=True)] == [
        ("b", "#00ff00", False)
    ]


def test_a_label_of_a_group_above_is_there_already(group, client, world):
    world.add_label("acme", "a")
    world.add_group("acme/deep")
    assert refused(
        client("olga").http_post, "/groups/acme%2Fdeep/labels", post_data={"name": "a", "color": "#fff"}
    ) == (409, "Label already exists")


def test_a_groups_board_is_made_on_premium_only(group, world):
    assert refused(group.boards.create, {"name": "Stages"}) == (403, "403 Forbidden")
    world.premium = True
    board = group.boards.create({"name": "Stages"})
    label = group.labels.create({"name": "a", "color": "#ff0000"})
    board.lists.create({"label_id": label.id})
    assert world.list_boards("acme") == {"Stages": ("a",)}
    assert world.list_boards(PROJECT) == {}


# --- schedules --------------------------------------------------------------------------------------------------------


def test_a_schedule_belongs_to_who_makes_it_and_knows_when_it_runs(handovers, clock):
    clock.advance(minutes=7)
    schedule = handovers.pipelineschedules.create({**CRON, "cron_timezone": "Europe/Berlin"})
    assert (schedule.owner["username"], schedule.ref, schedule.active) == ("olga", "refs/heads/main", True)
    assert schedule.next_run_at == "2026-11-30T09:15:00.000Z"


def test_its_hour_is_that_of_its_time_zone(handovers):
    schedule = handovers.pipelineschedules.create({**CRON, "cron": "0 8 * * *", "cron_timezone": "Europe/Berlin"})
    assert schedule.next_run_at == "2026-12-01T07:00:00.000Z"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cron": "every day"}, {"cron": ["is invalid syntax"]}),
        ({"cron_timezone": "Middle/Earth"}, {"cron_timezone": ["is invalid syntax"]}),
    ],
)
def test_bad_schedules_are_refused(handovers, change, message):
    assert refused(handovers.pipelineschedules.create, {**CRON, **change}) == (400, message)


def test_reporters_make_no_schedule(client):
    assert refused(client("ben").projects.get(PROJECT).pipelineschedules.create, CRON)[0] == 403


def test_only_its_owner_edits_a_schedule_until_another_takes_it(client, world):
    schedule = world.add_schedule(PROJECT, "dev", "Triage")
    manager = client("olga").projects.get(PROJECT).pipelineschedules
    assert refused(manager.update, schedule.id, {"active": False}) == (403, "403 Forbidden")
    manager.get(schedule.id).take_ownership()
    manager.update(schedule.id, {"active": False})
    assert (manager.get(schedule.id).owner["username"], manager.get(schedule.id).active) == ("olga", False)


def test_variables_of_a_schedule_show_to_its_owner_and_to_maintainers(client, world):
    schedule = world.add_schedule(PROJECT, "dev", "Triage", variables={"HANDOVER": "triage"})
    for name, is_shown in {"dev": True, "olga": True, "ben": False}.items():
        seen = client(name).projects.get(PROJECT).pipelineschedules.get(schedule.id)
        assert ("variables" in seen.attributes) == is_shown


def test_variables_of_a_schedule_are_set_and_changed(handovers):
    schedule = handovers.pipelineschedules.create(CRON)
    schedule.variables.create({"key": "A", "value": "1"})
    assert refused(schedule.variables.create, {"key": "A", "value": "1"})[0] == 400
    schedule.variables.update("A", {"value": "2"})
    schedule.variables.create({"key": "B", "value": "3"})
    schedule.variables.delete("B")
    variables = handovers.pipelineschedules.get(schedule.id).attributes["variables"]
    assert [(each["key"], each["value"]) for each in variables] == [("A", "2")]


def test_a_project_may_let_nobody_give_variables_to_pipelines(handovers, world):
    world.update_project(PROJECT, variables_role="no_one_allowed")
    schedule = handovers.pipelineschedules.create(CRON)
    assert refused(schedule.variables.create, {"key": "A", "value": "1"}) == (403, "403 Forbidden")


def test_a_schedule_is_played_once_a_minute(client, clock, world):
    schedule = world.add_schedule(PROJECT, "olga", "Triage")
    path = f"/projects/1/pipeline_schedules/{schedule.id}/play"
    olga = client("olga")
    olga.http_post(path)
    with pytest.raises(gitlab.GitlabHttpError) as error:
        olga.http_post(path, obey_rate_limit=False)
    assert error.value.response_code == 429
    clock.advance(minutes=1)
    olga.http_post(path)
    assert len(olga.projects.get(PROJECT).pipelines.list(source="schedule", get_all=True)) == 2


def test_a_schedule_tells_its_last_pipeline_and_pipelines_their_jobs(handovers, world, clock):
    schedule = world.add_schedule(PROJECT, "olga", "Triage")
    world.add_pipeline(PROJECT, schedule.id)
    last = world.add_pipeline(PROJECT, schedule.id, {"triage": "failed"}, at=START + timedelta(minutes=15))
    world.add_pipeline(PROJECT, source="push")
    seen = handovers.pipelineschedules.get(schedule.id)
    assert (seen.last_pipeline["id"], seen.last_pipeline["status"]) == (last.id, "failed")
    jobs = handovers.pipelines.get(last.id, lazy=True).jobs.list(get_all=True)
    assert [(job.name, job.status, job.finished_at) for job in jobs] == [
        ("triage", "failed", "2026-11-30T09:15:00.000Z")
    ]
    assert [each.id for each in handovers.pipelines.list(source="schedule", order_by="id", get_all=True)] == [2, 1]
    assert [each.id for each in seen.pipelines.list(get_all=True)] == [1, 2]


# --- triggers, hooks, variables ---------------------------------------------------------------------------------------


def test_a_trigger_token_shows_to_its_owner_only(handovers, client, world):
    made = handovers.triggers.create({"description": "Webhook"})
    assert len(made.token) > 40
    world.add_user("mona", "Mona")
    world.add_member(PROJECT, "mona", MAINTAINER)
    assert handovers.triggers.list(get_all=True)[0].token == made.token
    assert len(client("mona").projects.get(PROJECT).triggers.list(get_all=True)[0].token) == 4


def test_masked_parts_of_an_address_show_to_nobody(handovers):
    hook = handovers.hooks.create(
        {"url": TRIGGER_URL, "url_variables": [{"key": "token", "value": "glptt-1"}], "issues_events": True}
    )
    seen = handovers.hooks.get(hook.id)
    assert (seen.url, seen.url_variables) == (TRIGGER_URL, [{"key": "token"}])
    assert (seen.issues_events, seen.note_events, seen.push_events) == (True, False, True)
    assert "glptt-1" not in str(seen.attributes)


@pytest.mark.parametrize("url", ["gitlab", "https://gitlab.example.com/{token}"])
def test_bad_addresses_are_refused(handovers, url):
    assert refused(handovers.hooks.create, {"url": url}) == (422, "Invalid url given")


def test_a_stopped_hook_works_again_when_it_is_tested_not_when_it_is_changed(handovers, world):
    hook = world.add_hook(PROJECT, "https://example.com")
    world.stop_hook(hook.id)
    handovers.hooks.update(hook.id, {"url": hook.url, "note_events": True})
    seen = handovers.hooks.get(hook.id)
    assert (seen.alert_status, seen.issues_events, seen.note_events) == ("disabled", True, True)
    assert refused(seen.test, "ticks")[0] == 400
    seen.test("issues_events")
    assert handovers.hooks.get(hook.id).alert_status == "executable"


def test_masked_parts_are_never_sent_to_another_address(handovers, world):
    """A hook whose address changes forgets them; only then it takes others."""
    token = [{"key": "token", "value": "glptt-1"}]
    hook = handovers.hooks.create({"url": TRIGGER_URL, "url_variables": token})
    other = TRIGGER_URL.replace("main", "other")
    assert refused(handovers.hooks.update, hook.id, {"url": other, "url_variables": token})[0] == 422
    new = [{"key": "token", "value": "glptt-2"}]
    assert refused(handovers.hooks.update, hook.id, {"url": TRIGGER_URL, "url_variables": new})[0] == 422
    handovers.hooks.update(hook.id, {"url": TRIGGER_URL, "url_variables": token, "note_events": True})
    handovers.hooks.update(hook.id, {"url": "https://gitlab.example.com"})
    handovers.hooks.update(hook.id, {"url": other, "url_variables": new})
    assert world.hooks[hook.id].url_variables == {"token": "glptt-2"}


@pytest.mark.parametrize("value", ["short", "two\nlines here", "with a blank", "dollar$sign"])
def test_what_cannot_be_masked_is_refused(handovers, value):
    sent = {"key": "TOKEN", "value": value, "masked": True}
    assert refused(handovers.variables.create, sent) == (400, {"value": ["is invalid"]})


def test_variables_are_made_changed_and_deleted(handovers):
    handovers.variables.create({"key": "TOKEN", "value": "glpat-0123456789", "masked": True, "protected": True})
    assert refused(handovers.variables.create, {"key": "TOKEN", "value": "x"})[0] == 400
    handovers.variables.update("TOKEN", {"value": "glpat-9876543210"})
    seen = handovers.variables.get("TOKEN")
    assert (seen.value, seen.masked, seen.protected) == ("glpat-9876543210", True, True)
    handovers.variables.delete("TOKEN")
    assert handovers.variables.list(get_all=True) == []


def test_a_variable_that_was_never_masked_can_stand_there(handovers, world):
    world.set_variable(PROJECT, Variable("TOKEN", "open"))
    assert handovers.variables.get("TOKEN").masked is False


# --- branches, tokens, files ------------------------------------------------------------------------------------------


def test_the_branch_of_a_new_project_is_protected(handovers, world):
    branch = handovers.protectedbranches.list(get_all=True)[0]
    assert (branch.name, branch.push_access_levels[0]["access_level"]) == ("main", MAINTAINER)
    world.unprotect_branch(PROJECT)
    assert handovers.protectedbranches.list(get_all=True) == []


def test_a_project_token_is_made_and_rotated(handovers, sandbox):
    end = {"expires_at": "2027-02-01"}
    made = handovers.access_tokens.create({"name": "bot", "scopes": ["api"], "access_level": 20, **end})
    first = gitlab.Gitlab(sandbox.url, private_token=made.token)
    first.auth()
    made.rotate(expires_at="2027-03-01")
    assert refused(first.auth)[0] == 401
    second = gitlab.Gitlab(sandbox.url, private_token=made.token)
    second.auth()
    assert (second.user.id, second.user.bot) == (first.user.id, True)
    listed = handovers.access_tokens.list(get_all=True)
    assert [(each.active, each.access_level, each.expires_at) for each in listed] == [
        (False, 20, "2027-02-01"),
        (True, 20, "2027-03-01"),
    ]
    assert not any(hasattr(each, "token") for each in listed)


@pytest.mark.parametrize(
    ("who", "sent"), [("olga", {"access_level": 50}), ("dev", {}), ("olga", {"expires_at": "2029-01-01"})]
)
def test_tokens_that_may_not_be_made(client, who, sent):
    tokens = client(who).projects.get(PROJECT).access_tokens
    assert refused(tokens.create, {"name": "bot", "scopes": ["api"], "access_level": 20, **sent})[0] == 400


def test_a_token_ends_on_its_day(client, world, clock):
    value = world.add_token("ben", expires_at=date(2027, 1, 1))
    world.set_expiry(value, START.date())
    assert world.tokens[value].expires_at == START.date()
    assert refused(gitlab.Gitlab(client().url, private_token=value).auth)[0] == 401


def test_files_are_read_by_branch(client, world):
    world.set_file(PROJECT, ".gitlab/issue_templates/A.md", "text\n")
    files = client("ben").projects.get(PROJECT).files
    assert files.raw(file_path=".gitlab/issue_templates/A.md", ref="main") == b"text\n"
    assert refused(files.raw, file_path="B.md", ref="main") == (404, "404 File Not Found")
    assert refused(files.raw, file_path="A.md", ref="other") == (404, "404 Commit Not Found")
    assert refused(client("pia").projects.get(PROJECT).files.raw, file_path="A.md", ref="main")[0] == 403
    world.remove_file(PROJECT, ".gitlab/issue_templates/A.md")
    assert refused(files.raw, file_path=".gitlab/issue_templates/A.md", ref="main") == (404, "404 File Not Found")


@pytest.mark.parametrize(("premium", "text"), [(False, "ours"), (True, "theirs")])
def test_a_groups_template_hides_the_projects_own_on_premium(client, world, premium, text):
    world.premium = premium
    world.set_file(PROJECT, ".gitlab/issue_templates/A b.md", "ours")
    world.set_group_templates("acme", {"A b": "theirs"})
    server = client()
    assert server.http_get("/projects/1/templates/issues/A%20b") == {"name": "A b", "content": text}
    assert len(server.http_get("/projects/1/templates/issues")) == (2 if premium else 1)


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_boards_and_labels_are_spoilt_by_hand(world):
    for title in ("a", "b", "c"):
        world.add_label(PROJECT, title)
    world.add_board(PROJECT, "Stages", ["a", "b", "c"])
    world.remove_list(PROJECT, "Stages", "b")
    world.reverse_lists(PROJECT, "Stages")
    assert world.list_boards(PROJECT) == {"Stages": ("c", "a")}
    assert world.update_label(PROJECT, "a", color="#000000").color == "#000000"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda world: world.remove_list(PROJECT, "Stages", "a"),
        lambda world: world.update_label(PROJECT, "a", color="#000000"),
        lambda world: world.reverse_lists("acme", "Stages"),
    ],
)
def test_what_is_not_there_cannot_be_spoilt(world, spoil):
    world.add_board(PROJECT, "Stages")
    with pytest.raises(LookupError):
        spoil(world)


def test_a_maintainer_is_made_ready(world, client):
    value = add_maintainer(world, PROJECT)
    assert world.read_level(world.project(PROJECT), world.user("olga")) == MAINTAINER
    assert gitlab.Gitlab(client().url, private_token=value).http_get("/user")["username"] == "olga"


# --- our own client ---------------------------------------------------------------------------------------------------


@pytest.fixture
def handover(sandbox):
    """Our client, as olga."""
    return GitLab(sandbox.url, sandbox.world.add_token("olga"))


@pytest.mark.parametrize("premium", [False, True])
def test_our_client_reads_what_it_wrote(handover, world, clock, premium):
    world.premium = premium
    scope = "projects/1"
    label_id = setup.create_label(handover, scope, "a", "#ff0000", "first", 3)
    setup.update_label(handover, scope, label_id, {"new_name": "b", "priority": None})
    board_id = setup.create_board(handover, scope, "Stages")
    world.add_label(PROJECT, "z")
    setup.create_list(handover, scope, board_id, world.find_label(world.project(PROJECT), "z").id)
    list_id = setup.create_list(handover, scope, board_id, label_id)
    setup.move_list(handover, scope, board_id, list_id, 0)
    schedule_id = setup.create_schedule(handover, scope, "Triage", "main", "0 8 * * *", "Europe/Berlin")
    setup.set_schedule_variable(handover, scope, schedule_id, "JOB", "1", True)
    setup.set_schedule_variable(handover, scope, schedule_id, "JOB", "2", False)
    setup.update_schedule(handover, scope, schedule_id, {"active": False})
    trigger = setup.create_trigger(handover, scope, "Webhook")
    setup.create_hook(handover, scope, TRIGGER_URL, {"token": trigger.token})
    setup.create_variable(handover, scope, "TOKEN", trigger.token, "d")
    token_id, value = setup.create_access_token(handover, scope, "bot", 20, date(2027, 3, 1))
    token_id, value = setup.rotate_access_token(handover, scope, token_id, date(2027, 4, 1))
    world.add_pipeline(PROJECT, schedule_id)
    world.set_file(PROJECT, "a/b.md", "text")

    label, _ = read.fetch_labels(handover, scope)
    assert (label.name, label.priority, label.is_own) == ("b", None, True)
    assert [(board.name, [each.label for each in board.lists]) for board in read.fetch_boards(handover, scope)] == [
        ("Stages", ["b", "z"])
    ]
    (schedule,) = read.fetch_schedules(handover, scope)
    assert (schedule.is_active, schedule.owner.username, schedule.variables) == (False, "olga", {"JOB": "2"})
    assert [run.ended_at for run in read.fetch_past_runs(handover, scope, schedule_id, ["triage"])] == [START]
    assert [each.token for each in read.fetch_triggers(handover, scope)] == [trigger.token]
    assert [(each.url, each.is_stopped) for each in read.fetch_hooks(handover, scope)] == [(TRIGGER_URL, False)]
    assert [(each.key, each.is_masked) for each in read.fetch_variables(handover, scope)] == [("TOKEN", True)]
    assert [(each.pushers, each.mergers) for each in read.fetch_protected_branches(handover, scope)] == [(40, 40)]
    assert [(each.id, each.access_level) for each in read.fetch_access_tokens(handover, scope)] == [(token_id, 20)]
    assert value in world.tokens
    assert read.fetch_own_token(handover).scopes == ("api",)
    assert read.fetch_file(handover, scope, "a/b.md", "main") == "text"
    assert read.fetch_server(handover).is_enterprise is premium
    facts = read.fetch_project_facts(handover, scope)
    assert (facts.access_level, facts.is_premium, facts.group) == (MAINTAINER, premium, "acme")


def test_our_client_reads_a_group(handover, world):
    world.add_member("acme", "olga", MAINTAINER)
    world.add_label("acme", "above")
    world.add_group("acme/deep")
    setup.create_label(handover, "groups/acme%2Fdeep", "own", "#ff0000", "", 3)
    labels = read.fetch_labels(handover, "groups/acme%2Fdeep")
    assert [(each.name, each.is_own) for each in labels] == [("above", False), ("own", True)]
    assert [each.path for each in read.fetch_projects_of_group(handover, "groups/acme")] == [PROJECT]
