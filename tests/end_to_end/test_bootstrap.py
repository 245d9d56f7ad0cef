"""Bootstrap against a server: from empty to running, drift repaired, nothing made twice, nothing of others touched."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automation.core.bootstrap.steps import Place, SetHook, Step
from automation.core.installation import Trigger
from automation.edge import gitlab as edge
from automation.edge import setup
from automation.edge.gitlab import GitLab, group_scope, project_scope
from automation.errors import AccessError, RefusedError, UsageError
from automation.jobs.bootstrap import Bootstrap, Result, bootstrap
from automation.jobs.bootstrap_steps import Works
from automation.reports.bootstrap import show_result
from automation.sandbox import routes_tokens
from automation.sandbox.faults import Fault
from automation.sandbox.model import MAINTAINER, PLANNER
from automation.sandbox.model_ci import Variable
from automation.sandbox.refusals import refuse_request
from automation.sandbox.sample import MAINTAINER_NAME, PROJECT, add_maintainer
from tests.builders import small_process
from tests.scene import REPOSITORY, ROOT, Scene, Silence

GROUP = PROJECT.rpartition("/")[0]
SMALL = small_process()
KEY = "5" * 64
TODAY = date(2026, 11, 2)
# How many requests it takes to set the small process up.
LAST_REQUEST = 42


class KilledError(BaseException):
    """The process dies here; nothing after it runs."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)


class Site(Scene):
    """A project to set up, a small process, and a Maintainer who does it."""

    def __init__(self, **options):
        super().__init__(**options)
        self.token = add_maintainer(self.world)
        self.repository = replace(REPOSITORY, processes={("small", 1): SMALL})

    def bootstrap(self, apply=True, project=PROJECT, group="", with_secrets=True, token=None):
        self.gitlab = GitLab(self.sandbox.url, token or self.token)
        job = Bootstrap(
            project=project_scope(project) if project else "",
            group=group_scope(group) if group else "",
            today=self.clock().date(),
            make_key=lambda: KEY,
            with_secrets=with_secrets,
            is_applied=apply,
        )
        return bootstrap(job, self.gitlab, self.repository, Silence())

    def is_finished(self, **options):
        return self.bootstrap(apply=False, **options).plan.steps == ()

    def remarks(self, **options):
        return "\n".join(each.message for each in self.bootstrap(apply=False, **options).plan.remarks)

    def live_tokens(self):
        return [each for each in self.world.tokens.values() if each.name == "Handover" and not each.is_revoked]

    def variable(self, key="HANDOVER_TOKEN"):
        return self.world.variables[self.world.project(PROJECT).id].get(key)

    def boards(self, place=PROJECT):
        return self.world.list_boards(place)

    def label(self, title, place=PROJECT):
        found = self.world.list_labels(self.world.place(place))
        return next(label for label in found if label.title == title)

    def written(self):
        return [f"{each.method} {each.path}" for each in self.sandbox.requests if each.method != "GET"]

    def ending(self):
        """What stands there in the end, without ids and secrets."""
        world, project = self.world, self.world.project(PROJECT)
        triggers = {each.id: each for each in world.triggers.values()}
        tokens = {
            each.value: each.id for each in world.tokens.values() if each.name == "Handover" and not each.is_revoked
        }
        variables = world.variables[project.id]
        hooks = [
            (
                sorted(each.events),
                [triggers[int(name.rpartition("_")[2])].token == value for name, value in each.url_variables.items()],
            )
            for each in world.hooks.values()
        ]
        return {
            "labels": sorted(
                (each.title, each.color, each.description, each.priority) for each in world.labels.values()
            ),
            "boards": self.boards(),
            "schedules": [
                (each.description, each.ref, each.cron, each.cron_timezone, each.owner_id, each.is_active)
                for each in world.schedules.values()
            ],
            "triggers": [each.description for each in triggers.values()],
            "hooks": hooks,
            "tokens that nobody lists": [
                number
                for value, number in tokens.items()
                if value != variables["HANDOVER_TOKEN"].value and f"token {number} `Handover`" not in self.remarks()
            ],
            "variables": {key: (each.is_masked, each.is_protected) for key, each in sorted(variables.items())},
            "the token is the one in the variable": f"Token {tokens.get(variables['HANDOVER_TOKEN'].value)} of"
            in (variables["HANDOVER_TOKEN"].description or ""),
        }


@pytest.fixture
def site():
    with Site() as site:
        yield site


@pytest.fixture(scope="module")
def good_ending():
    with Site() as site:
        site.bootstrap()
        return site.ending()


# --- from empty to running --------------------------------------------------------------------------------------------


def test_without_apply_nothing_is_written(site):
    result = site.bootstrap(apply=False)
    assert site.written() == []
    assert len(result.plan.steps) > 20
    assert "Nothing was written; add --apply" in show_result(result, site.gitlab.requests, False, "text")


@pytest.mark.parametrize("is_premium", [False, True], ids=["free", "premium"])
def test_from_empty_to_running_with_one_command_and_the_second_plans_nothing(site, is_premium):
    site.world.premium = is_premium
    site.repository = REPOSITORY
    result = site.bootstrap()
    assert result.failed == []
    assert result.plan.remarks == ()
    assert len(site.boards()) == len(REPOSITORY.processes) + 2
    again = site.bootstrap()
    assert again.plan == type(again.plan)()
    assert show_result(again, site.gitlab.requests, True, "text").endswith("Everything is as it should be.")


def test_what_was_made_is_what_the_schemas_say(site, good_ending):
    site.bootstrap()
    stages = tuple(stage.label for stage in SMALL.stages)
    assert site.boards()[SMALL.title] == (*stages, SMALL.complete_label, SMALL.cancelled_label)
    assert site.boards()["Limits missed"] == ("limit-missed", "limit-at-risk", "gate-missed")
    assert site.label("limit-missed").priority == 1
    assert good_ending["schedules"][0][:4] == ("Handover triage", "refs/heads/main", "7 * * * *", "UTC")
    assert good_ending["hooks"] == [
        (["confidential_issues_events", "confidential_note_events", "issues_events", "note_events"], [True])
    ]
    assert good_ending["variables"] == {"HANDOVER_STATE_KEY": (True, True), "HANDOVER_TOKEN": (True, True)}
    assert good_ending["the token is the one in the variable"]


def test_triage_runs_with_the_token_that_was_made(site):
    site.bootstrap()
    variables = site.world.variables[site.world.project(PROJECT).id]
    assert variables["HANDOVER_STATE_KEY"].value == KEY
    token = GitLab(site.sandbox.url, variables["HANDOVER_TOKEN"].value)
    assert token.fetch_user().username.startswith("project_")


def test_a_second_look_costs_ten_requests_and_one_a_schedule(site):
    site.bootstrap()
    site.bootstrap(apply=False)
    assert sum(site.gitlab.requests.values()) == 11


def test_an_empty_repository_gets_labels_and_boards_and_the_rest_after_the_first_push(site):
    site.world.update_project(PROJECT, default_branch=None)
    first = site.bootstrap()
    assert first.failed == []
    assert "push this repository first" in first.plan.remarks[-1].message
    assert site.world.schedules == {}
    site.world.update_project(PROJECT, default_branch="main")
    assert site.bootstrap().failed == []
    assert site.is_finished()


# --- drift ------------------------------------------------------------------------------------------------------------


def spoil_labels(site):
    site.world.update_label(PROJECT, "limit-missed", color="#00ff00", priority=None)
    site.world.update_label(PROJECT, SMALL.stages[0].label, description="mine now")


def spoil_boards(site):
    site.world.remove_list(PROJECT, SMALL.title, SMALL.stages[1].label)
    site.world.reverse_lists(PROJECT, "Waiting on")


def delete_a_label(site):
    label = site.label(SMALL.stages[1].label)
    GitLab(site.sandbox.url, site.token).send("delete", f"/{project_scope(PROJECT)}/labels/{label.id}", {})


def stop_the_schedule(site):
    schedule_id = next(iter(site.world.schedules))
    site.world.update_schedule(schedule_id, is_active=False, cron="0 0 1 1 *", ref="refs/heads/old")


def stop_the_hook(site):
    site.world.stop_hook(next(iter(site.world.hooks)))


def spoil_the_hook(site):
    hook = next(iter(site.world.hooks.values()))
    site.world.hooks[hook.id] = replace(hook, events=frozenset({"push_events"}))


def delete_the_hook(site):
    site.world.hooks.clear()


def delete_the_trigger(site):
    site.world.triggers.clear()


def let_the_token_end(site):
    for token in list(site.world.tokens.values()):
        if token.name == "Handover":
            site.world.set_expiry(token.value, site.clock().date() + timedelta(days=20))


def lose_the_token(site):
    for token in list(site.world.tokens.values()):
        if token.name == "Handover":
            site.world.revoke_token(token.value)


def forget_the_token(site):
    del site.world.variables[site.world.project(PROJECT).id]["HANDOVER_TOKEN"]


DRIFTS = [
    spoil_labels,
    spoil_boards,
    delete_a_label,
    stop_the_schedule,
    stop_the_hook,
    spoil_the_hook,
    delete_the_hook,
    delete_the_trigger,
    let_the_token_end,
    lose_the_token,
    forget_the_token,
]


@pytest.mark.parametrize("spoil", DRIFTS, ids=lambda spoil: spoil.__name__)
def test_what_drifted_is_repaired_and_then_nothing_is_left(site, good_ending, spoil):
    site.bootstrap()
    spoil(site)
    assert not site.is_finished()
    assert site.bootstrap().failed == []
    assert site.ending() == good_ending
    assert site.is_finished()


def test_everything_that_drifted_at_once_is_repaired_at_once(site, good_ending):
    site.bootstrap()
    for spoil in DRIFTS:
        if spoil not in (stop_the_hook, spoil_the_hook, let_the_token_end, lose_the_token):
            spoil(site)
    assert site.bootstrap().failed == []
    assert site.ending() == good_ending
    assert site.is_finished()


def test_the_key_is_never_changed_and_a_token_set_by_hand_stays(site):
    project_id = site.world.project(PROJECT).id
    for key in ("HANDOVER_STATE_KEY", "HANDOVER_TOKEN"):
        site.world.set_variable(PROJECT, Variable(key, "set by hand", True, True))
    site.bootstrap()
    assert {each.value for each in site.world.variables[project_id].values()} == {"set by hand"}
    assert not [each for each in site.world.tokens.values() if each.name == "Handover"]


def test_the_account_of_a_rotated_token_stays_the_same(site):
    site.bootstrap()
    bots = {each.username for each in site.world.users.values() if each.is_bot}
    let_the_token_end(site)
    site.bootstrap()
    assert {each.username for each in site.world.users.values() if each.is_bot} == bots


def make_token(site, scopes=("api",), level=PLANNER):
    content = {"name": "Handover", "scopes": list(scopes), "access_level": level}
    gitlab = GitLab(site.sandbox.url, site.token)
    return gitlab.send("post", f"/{project_scope(PROJECT)}/access_tokens", content)["token"]


@pytest.mark.parametrize(("scopes", "level"), [(["read_api"], 10), (["api"], 20)])
def test_a_token_that_may_be_in_other_use_is_listed_and_never_rotated(site, scopes, level):
    value = make_token(site, scopes, level)
    result = site.bootstrap()
    assert result.failed == []
    assert "stands in no variable that bootstrap filled" in "".join(each.message for each in result.plan.remarks)
    assert value in {each.value for each in site.live_tokens()}
    assert site.variable().value != value
    lose = next(each for each in site.live_tokens() if each.value == site.variable().value)
    site.world.revoke_token(lose.value)
    site.bootstrap()
    assert value in {each.value for each in site.live_tokens()}
    assert site.variable().value != value


def test_a_token_that_was_rotated_by_hand_is_known_by_its_account(site):
    site.bootstrap()
    token = site.live_tokens()[0]
    path = f"/{project_scope(PROJECT)}/access_tokens/{token.id}/rotate"
    end = str(site.clock().date() + timedelta(days=200))
    made = GitLab(site.sandbox.url, site.token).send("post", path, {"expires_at": end})
    site.world.set_variable(PROJECT, replace(site.variable(), value=made["token"]))
    assert f"rotating made token {made['id']} of it" in site.remarks(with_secrets=False)
    assert "works no longer" not in site.remarks(with_secrets=False)
    site.world.set_variable(
        PROJECT, replace(site.variable(), description=f"Token {made['id']} of `handover bootstrap`")
    )
    assert site.is_finished()


@pytest.mark.parametrize(("kind", "failures"), [("500", 2), ("reset-before", 1)])
def test_a_variable_that_could_not_be_written_is_written_again(site, good_ending, kind, failures):
    left = iter(range(failures))

    def hook(info):
        is_writing = info.method == "POST" and info.path.endswith("/variables") and b"HANDOVER_TOKEN" in info.body
        return Fault(kind) if is_writing and next(left, None) is not None else None

    site.sandbox.on_request = hook
    assert site.bootstrap().failed == []
    assert site.ending() == good_ending


@pytest.mark.parametrize("kind", ["too small a role", "500"])
@pytest.mark.parametrize("is_new", [True, False])
def test_a_token_that_is_not_in_its_variable_is_told_and_repaired_by_the_next_run(site, good_ending, kind, is_new):
    if not is_new:
        site.bootstrap()
        let_the_token_end(site)

    def hook(info):
        is_failing = "/variables" in info.path and info.method in ("POST", "PUT")
        site.world.add_member(PROJECT, MAINTAINER_NAME, 30 if is_failing and kind != "500" else MAINTAINER)
        return Fault("500") if is_failing and kind == "500" else None

    site.sandbox.on_request = hook
    result = site.bootstrap()
    site.world.add_member(PROJECT, MAINTAINER_NAME, MAINTAINER)
    told = next(why for step, why in result.failed if step.what.startswith("access token"))
    number = site.live_tokens()[0].id
    done = "made" if is_new else "rotated"
    assert told.startswith(f"Token {number} was {done}, but is not in the variable HANDOVER_TOKEN. Triage cannot write")
    site.sandbox.on_request = None
    assert site.bootstrap().failed == []
    assert site.ending() == good_ending


def test_stopped_between_token_and_variable_the_value_is_still_put_there(site, good_ending, monkeypatch):
    real, stops = setup.create_variable, iter([KeyboardInterrupt])

    def stopping(gitlab, scope, key, *words):
        if key == "HANDOVER_TOKEN" and (stop := next(stops, None)):
            raise stop
        real(gitlab, scope, key, *words)

    monkeypatch.setattr(setup, "create_variable", stopping)
    result = site.bootstrap()
    assert result.is_stopped
    assert site.variable().value == site.live_tokens()[0].value
    assert site.bootstrap().failed == []
    assert site.ending() == good_ending


def test_variables_that_are_open_to_view_are_closed_and_keep_their_values(site, good_ending):
    site.bootstrap()
    before = {key: site.variable(key).value for key in ("HANDOVER_TOKEN", "HANDOVER_STATE_KEY")}
    site.world.set_variable(PROJECT, replace(site.variable(), is_masked=False))
    site.world.set_variable(PROJECT, replace(site.variable("HANDOVER_STATE_KEY"), is_protected=False))
    assert "HANDOVER_TOKEN is not masked" in site.remarks(with_secrets=False)
    assert site.bootstrap().failed == []
    assert {key: site.variable(key).value for key in before} == before
    assert site.ending() == good_ending


@pytest.mark.parametrize("says_when", [True, False])
@pytest.mark.parametrize("is_new", [True, False])
def test_where_the_server_allows_a_shorter_life_only_the_token_gets_that(site, monkeypatch, says_when, is_new):
    if not is_new:
        site.bootstrap()
        let_the_token_end(site)
    today = site.clock().date()
    words = f"Expiration date must be before {today + timedelta(days=100)}" if says_when else "Too long: expires_at"

    def read_end(call, _days):
        end = call.day("expires_at")
        if end > today + timedelta(days=100):
            raise refuse_request(words)
        return end

    monkeypatch.setattr(routes_tokens, "_read_end", read_end)
    result = site.bootstrap()
    assert result.failed == []
    end = today + timedelta(days=100 if says_when else 90)
    assert site.live_tokens()[0].expires_at == end
    assert result.notes == [
        f"The server refuses a longer life: the access token ends on {end}. Run this again before that day."
    ]
    assert result.notes[0] in " ".join(show_result(result, {}, True, "text").split())
    assert site.is_finished()


def test_a_webhook_that_does_not_start_again_is_told_with_what_to_press(site):
    site.bootstrap()
    stop_the_hook(site)
    site.sandbox.on_request = lambda info: Fault("500") if "/test/" in info.path else None
    result = site.bootstrap()
    assert [why.split(".")[0] for _, why in result.failed] == [
        "The webhook is repaired, but GitLab had stopped it and does not start it again: press Test › Issue events"
        " beside it, under Settings › Webhooks"
    ]


def test_a_server_that_takes_no_address_of_its_own_is_told_how_to_allow_it(site):
    gitlab = GitLab(site.sandbox.url, site.token)
    refused = SetHook(0, "nowhere", Trigger(1, "", "glptt-0123456789"))
    place = Place(project_scope(PROJECT), PROJECT)
    with pytest.raises(RefusedError, match="Outbound requests") as error:
        Works(gitlab, gitlab.fetch_user(), TODAY, lambda: KEY).carry_out(
            Step("webhook", place, "webhook", refused, True)
        )
    assert "glptt" not in f"{error.value} {error.value.said}"


def test_masked_parts_of_a_webhook_go_before_new_ones_come(site):
    """A server refuses to change a masked part of an address that it still has."""
    site.bootstrap()
    delete_the_trigger(site)
    site.sandbox.requests.clear()
    site.bootstrap()
    assert [each.split("/")[-2] for each in site.written() if each.startswith("PUT")] == ["hooks", "hooks"]


def test_a_renamed_stage_keeps_its_label_with_issues_and_boards(site):
    site.bootstrap()
    old = site.label(SMALL.stages[0].label)
    stages = (replace(SMALL.stages[0], label="small::prepared", former_labels=(old.title,)), *SMALL.stages[1:])
    site.repository = replace(REPOSITORY, processes={("small", 1): replace(SMALL, stages=stages)})
    result = site.bootstrap()
    assert [step.what for step in result.done] == ["label small::prepared"]
    assert site.label("small::prepared").id == old.id
    assert site.boards()[SMALL.title][0] == "small::prepared"
    assert site.is_finished()


def test_a_board_that_somebody_retitled_gets_its_name_back(site, good_ending):
    site.bootstrap()
    board = next(each for each in site.world.boards.values() if each.name == SMALL.title)
    site.world.boards[board.id] = replace(board, name=SMALL.title.upper())
    result = site.bootstrap()
    assert [(step.what, step.changes[0].before) for step in result.done] == [
        (f"board {SMALL.title}", SMALL.title.upper())
    ]
    assert site.ending() == good_ending


def test_a_schedule_of_mine_under_another_name_is_renamed(site, good_ending):
    site.bootstrap()
    schedule = next(iter(site.world.schedules.values()))
    site.world.schedules[schedule.id] = replace(schedule, description="every hour")
    site.bootstrap()
    assert site.ending() == good_ending


def test_a_repaired_board_keeps_the_lists_that_people_added(site):
    site.bootstrap()
    site.world.add_label(PROJECT, "bug")
    board = next(each for each in site.world.boards.values() if each.name == "Limits missed")
    bug = site.label("bug")
    ours = (replace(each, position=each.position + 1) for each in board.lists)
    lists = (type(board.lists[0])(9999, bug.id, 0), *ours)
    site.world.boards[board.id] = replace(board, lists=lists)
    site.bootstrap()
    assert site.boards()["Limits missed"] == ("limit-missed", "limit-at-risk", "gate-missed", "bug")


# --- what is of others ------------------------------------------------------------------------------------------------


def test_a_label_that_a_group_above_has_is_used(site):
    site.world.add_label(GROUP, "limit-missed", "#123456")
    assert site.bootstrap().failed == []
    assert site.label("limit-missed").color == "#123456"
    assert "limit-missed" in site.boards()["Limits missed"]
    assert site.is_finished()


def test_a_label_that_somebody_makes_at_the_same_moment_is_taken(site):
    def hook(info):
        if info.method == "POST" and b"limit-missed" in info.body:
            site.sandbox.on_request = None
            site.world.add_label(PROJECT, "limit-missed")

    site.sandbox.on_request = hook
    assert site.bootstrap().failed == []
    assert "limit-missed" in site.boards()["Limits missed"]


def test_a_label_that_differs_only_in_case_and_a_board_of_somebody_else_are_left_alone(site):
    site.world.add_label(PROJECT, "Limit-Missed")
    site.world.add_board(PROJECT, SMALL.title, ["Limit-Missed"])
    result = site.bootstrap()
    assert result.failed == []
    said = "\n".join(each.message for each in result.plan.remarks)
    assert "differs from ours" in said
    assert "shows other things" in said
    assert site.boards()[SMALL.title] == ("Limit-Missed",)
    assert site.is_finished()


def test_the_schedule_of_another_person_is_reported_and_not_edited(site):
    site.world.add_member(PROJECT, "mia", MAINTAINER)
    schedule = site.world.add_schedule(PROJECT, "mia", "Handover triage", cron="0 0 * * *")
    result = site.bootstrap()
    assert result.failed == []
    assert [each.message for each in result.plan.remarks] == [
        "The schedule belongs to `@mia` and differs: cron is `0 0 * * *`, and should be `7 * * * *`. To have it"
        " repaired, press Take ownership under Build › Pipeline schedules, then run this again."
    ]
    assert site.world.schedules == {schedule.id: schedule}


def test_another_maintainer_finds_nothing_to_do(site):
    site.bootstrap()
    site.world.add_member(PROJECT, "mia", MAINTAINER)
    result = site.bootstrap(apply=False, token=site.world.add_token("mia"))
    assert result.plan.steps == ()
    said = [each.message for each in result.plan.remarks]
    assert [f"of `@{MAINTAINER_NAME}`" in said[0], f"belongs to `@{MAINTAINER_NAME}` and is as" in said[1]] == [
        True
    ] * 2


# --- groups -----------------------------------------------------------------------------------------------------------


def test_in_a_group_on_free_the_labels_are_the_groups_and_every_project_has_the_boards(site):
    site.world.add_project(f"{GROUP}/more")
    site.world.add_member(GROUP, MAINTAINER_NAME, MAINTAINER)
    assert site.bootstrap(group=GROUP).failed == []
    for place in (PROJECT, f"{GROUP}/more"):
        assert site.boards(place)["Limits missed"] == ("limit-missed", "limit-at-risk", "gate-missed")
    assert site.label("limit-missed", GROUP).group_id is not None
    assert [each.variables for each in site.world.schedules.values()] == [{"HANDOVER_GROUP": GROUP}]
    assert site.world.hooks == {}
    assert site.is_finished(group=GROUP)


def test_in_a_group_on_premium_the_boards_are_the_groups(site):
    site.world.premium = True
    site.world.add_member(GROUP, MAINTAINER_NAME, MAINTAINER)
    result = site.bootstrap(group=GROUP, project="")
    assert result.failed == []
    assert "The schedule was not looked at" in result.plan.remarks[-1].message
    assert site.boards(GROUP)["Limits missed"] == ("limit-missed", "limit-at-risk", "gate-missed")
    assert site.boards() == {}
    assert site.is_finished(group=GROUP, project="")


def test_a_group_may_be_given_by_its_id(site):
    site.world.add_member(GROUP, MAINTAINER_NAME, MAINTAINER)
    group_id = str(site.world.place(GROUP).id)
    site.bootstrap(group=group_id)
    assert site.is_finished(group=GROUP)


def test_labels_of_the_project_are_told_of_before_the_group_gets_its_own(site):
    site.bootstrap()
    site.world.add_member(GROUP, MAINTAINER_NAME, MAINTAINER)
    said = site.remarks(group=GROUP)
    assert "Promote each of them" in said
    assert "delete the webhook" in said
    site.bootstrap(group=GROUP)
    assert "Delete them under Manage › Labels" in site.remarks(group=GROUP)
    assert "HANDOVER_GROUP = " in site.remarks()


# --- tokens that may not ----------------------------------------------------------------------------------------------


def test_a_token_that_may_only_read_is_named_and_nothing_is_left_half_made(site):
    token = site.world.add_token(MAINTAINER_NAME, ("read_api",))
    result = site.bootstrap(token=token)
    assert result.done == []
    assert len(result.failed) == len(result.plan.steps)
    assert "lacks the scope `api`" in result.failed[0][1]
    assert len(site.written()) == 1
    shown = show_result(result, site.gitlab.requests, True, "text")
    assert "0 done" in shown
    assert token not in shown


def test_whoever_may_not_see_the_settings_makes_labels_and_boards_and_is_told_the_rest(site):
    site.world.add_member(PROJECT, MAINTAINER_NAME, PLANNER)
    result = site.bootstrap()
    assert result.failed == []
    said = "\n".join(each.message for each in result.plan.remarks)
    assert said.count("cannot be seen with this token") >= 2
    assert "Limits missed" in site.boards()
    assert site.world.triggers == {}


def test_a_role_that_is_too_small_is_asked_once_and_everything_is_listed(site):
    """The role changes between looking and writing."""

    def hook(info):
        if info.method == "POST":
            site.world.add_member(PROJECT, MAINTAINER_NAME, 10)

    site.sandbox.on_request = hook
    result = site.bootstrap()
    assert result.done == []
    assert len(result.failed) == len(result.plan.steps)
    assert sum(each.endswith("/labels") for each in site.written()) == 1


def test_the_token_of_a_bot_is_refused(site):
    _, token = site.world.add_bot(PROJECT, access_level=MAINTAINER)
    with pytest.raises(UsageError, match="use an access token of your own"):
        site.bootstrap(token=token)
    assert site.written() == []


def test_an_unknown_project_is_named(site):
    with pytest.raises(AccessError, match="nowhere/none"):
        site.bootstrap(project="nowhere/none")


# --- faults and kills -------------------------------------------------------------------------------------------------

FAULTS = [
    Fault("429-rack", retry_after=1),
    Fault("429-application"),
    Fault("500"),
    Fault("502"),
    Fault("409-lock"),
    Fault("reset-before"),
    Fault("reset-after"),
    Fault("truncated"),
]


def run_to_the_end(site):
    for _ in range(6):
        try:
            if site.bootstrap().failed == []:
                return
        except AccessError:
            continue
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_fault_ends_as_if_there_had_been_none(site, good_ending, fault, method):
    turn = iter(range(10**6))
    site.sandbox.on_request = lambda info: fault if info.method == method and next(turn) % 4 == 0 else None
    run_to_the_end(site)
    site.sandbox.on_request = None
    assert site.is_finished()
    assert site.ending() == good_ending


def test_a_write_whose_answer_was_lost_is_found_and_not_done_again(site, good_ending):
    """Every POST but those for the token, whose value nobody can find again: that one is rotated."""
    lost = Fault("reset-after")
    site.sandbox.on_request = lambda info: (
        lost if info.method == "POST" and not info.path.endswith("/access_tokens") else None
    )
    assert site.bootstrap().failed == []
    site.sandbox.on_request = None
    assert site.is_finished()
    assert site.ending() == good_ending


@pytest.mark.parametrize("number", range(1, LAST_REQUEST + 1))
def test_killed_before_any_request_and_run_again_the_end_is_the_same(site, good_ending, number, monkeypatch):
    sent = iter(range(1, 10**6))
    real = edge.GitLab._request

    def dying(self, *args, **kwargs):
        if next(sent) >= number:
            raise KilledError
        return real(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(edge.GitLab, "_request", dying)
        with pytest.raises(KilledError):
            site.bootstrap()
    assert site.bootstrap().failed == []
    assert site.is_finished()
    assert site.ending() == good_ending


def test_the_kills_reach_the_last_request(site):
    site.bootstrap()
    assert sum(site.gitlab.requests.values()) == LAST_REQUEST


@pytest.mark.parametrize("spoil", [delete_the_trigger, let_the_token_end, lose_the_token, delete_a_label, spoil_boards])
@pytest.mark.parametrize("write", range(1, 5))
def test_killed_in_the_middle_of_a_repair_and_run_again_the_end_is_the_same(
    site, good_ending, spoil, write, monkeypatch
):
    site.bootstrap()
    spoil(site)
    real = edge.GitLab.send
    sent = iter(range(1, 10**6))

    def dying(self, *args, **kwargs):
        if next(sent) >= write:
            raise KilledError
        return real(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(edge.GitLab, "send", dying)
        try:
            site.bootstrap()
        except KilledError:
            # The last moves of lists may only close the gap that a deleted label left.
            assert not site.is_finished() or spoil is delete_a_label
    assert site.bootstrap().failed == []
    assert site.is_finished()
    assert site.ending() == good_ending


# --- the command line -------------------------------------------------------------------------------------------------


def command(*options):
    return [sys.executable, "-c", "from automation.cli import main; main()", "bootstrap", *options]


def environment_of(site):
    known = {key: value for key, value in os.environ.items() if not key.startswith(("CI_", "GITLAB_", "HANDOVER_"))}
    ours = {"HANDOVER_TOKEN": site.token, "HANDOVER_GITLAB_URL": site.sandbox.url, "HANDOVER_PROJECT": PROJECT}
    return {**known, **ours}


def handover(site, *options, **environment):
    env = {**environment_of(site), **environment}
    return subprocess.run(command(*options), capture_output=True, text=True, cwd=ROOT, env=env, check=False)


def secrets_of(site):
    held = {each.value for each in site.world.variables.get(site.world.project(PROJECT).id, {}).values()}
    return {site.token, *held, *(each.token for each in site.world.triggers.values())}


def test_the_command_shows_applies_and_then_has_nothing_to_do(site):
    # The command reads the real clock, and the server allows a token one year from its own.
    site.clock.advance(seconds=(datetime.now(UTC) - site.clock()).total_seconds())
    shown = handover(site)
    assert shown.returncode == 0, shown.stderr
    assert "add --with-secrets" in shown.stdout
    applied = handover(site, "--apply", "--with-secrets")
    assert applied.returncode == 0, applied.stderr
    again = handover(site, "--format", "json")
    content = json.loads(again.stdout)
    assert list(content) == ["project", "group", "steps", "remarks", "done", "failed", "notes", "requests"]
    assert (content["project"], content["group"]) == (PROJECT, None)
    assert content["steps"] == content["remarks"] == content["done"] == content["failed"] == []
    for run in (shown, applied, again):
        assert not any(secret in run.stdout + run.stderr for secret in secrets_of(site))


def test_json_tells_each_step_with_its_kind_and_values(site):
    site.bootstrap()
    site.world.update_label(PROJECT, "limit-missed", color="#00ff00")
    content = json.loads(handover(site, "--format", "json").stdout)
    step = next(each for each in content["steps"] if each["what"] == "label limit-missed")
    assert (step["type"], step["place"], step["is_new"]) == ("change-label", PROJECT, False)
    assert step["changes"][0] == {"name": "color", "from": "#00ff00", "to": "#b3261e"}


def test_a_failed_step_is_listed_with_its_reason_and_ends_with_4(site):
    def hook(info):
        return Fault("500") if info.method == "POST" and b"limit-missed" in info.body else None

    site.sandbox.on_request = hook
    run = handover(site, "--apply")
    assert run.returncode == 4
    assert "label limit-missed" in run.stdout
    assert "not tried: it needs the label limit-missed." in " ".join(run.stdout.split())
    assert "could not be done" in run.stderr
    site.sandbox.on_request = None
    assert handover(site, "--apply").returncode == 0


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"GITLAB_CI": "true"}, "This runs in CI (GITLAB_CI is set)"),
        ({"CI_JOB_ID": "12"}, "This runs in CI (CI_JOB_ID is set)"),
        ({"HANDOVER_TOKEN": ""}, "No token"),
        ({"HANDOVER_PROJECT": ""}, "give --project"),
        ({"HANDOVER_GITLAB_URL": ""}, "No server"),
        ({"HANDOVER_GITLAB_URL": "gitlab.example.com"}, "must begin with https://"),
    ],
)
def test_a_wrong_command_line_is_said_in_one_sentence(site, environment, words):
    run = handover(site, **environment)
    assert run.returncode == 2
    assert words in run.stderr
    assert run.stdout == ""


def test_json_has_its_keys_also_where_there_is_no_plan(site):
    run = handover(site, "--format", "json", HANDOVER_PROJECT="nowhere/none")
    assert run.returncode == 4
    content = json.loads(run.stdout)
    assert list(content) == ["project", "group", "steps", "remarks", "done", "failed", "notes", "requests"]
    assert "nowhere/none does not exist" in content["failed"][0]["error"]
    assert "nowhere/none does not exist" in run.stderr


def test_what_the_role_hides_is_told_first_and_ends_with_4(site):
    site.world.add_member(PROJECT, MAINTAINER_NAME, 20)
    shown = handover(site)
    assert shown.returncode == 0
    assert "Left to you\n  - Your role in the project is Reporter." in shown.stdout
    run = handover(site, "--apply")
    assert run.returncode == 4
    assert "Not everything could be seen" in run.stderr
    site.world.add_member(PROJECT, MAINTAINER_NAME, MAINTAINER)
    assert handover(site, "--apply").returncode == 0
    site.world.add_member(PROJECT, MAINTAINER_NAME, 20)
    again = handover(site, "--apply")
    assert again.returncode == 4
    assert "Everything else that can be seen is as it should be." in again.stdout


def test_a_project_is_told_whole_on_one_screen(site):
    site.repository = REPOSITORY
    shown = show_result(site.bootstrap(apply=False), site.gitlab.requests, False, "text")
    assert len(shown.splitlines()) <= 45
    assert max(map(len, shown.splitlines())) <= 110
    assert "  + 8 labels csm-to-cse-plus::… (6 stages, complete, cancelled)" in shown
    assert "  + board Limits missed (3 lists): limit-missed, limit-at-risk, gate-missed" in shown


def test_why_a_step_failed_is_shown_whole_and_first(site):
    plan = site.bootstrap(apply=False).plan
    why = "It failed. " + "The server goes on and on about it. " * 8 + "And\x1b[2J now the repair."
    result = Result(PROJECT, "", plan, failed=[(step, why) for step in plan.steps])
    shown = " ".join(show_result(result, {}, True, "text").split())
    assert "And [2J now the repair. This concerns: label " in shown
    # Of a board that was not made, its lists are not named one by one.
    assert "board Limits missed; " in shown
    assert "board Limits missed: list" not in shown


def test_a_move_that_only_closes_a_gap_says_so(site):
    site.bootstrap()
    delete_a_label(site)
    shown = show_result(site.bootstrap(apply=False), {}, False, "text")
    assert "closing a gap" in shown
    assert not re.search(r": ([0-9]+) → \1$", shown, re.MULTILINE)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("method", "part"), [("POST", b"gate-missed"), ("GET", b"")])
def test_whoever_stops_it_gets_a_list_of_what_was_done(site, sign, method, part):
    started = []

    def hook(info):
        if started and info.method == method and part in info.body:
            started[0].send_signal(sign)
            started[0].wait(60)

    site.sandbox.on_request = hook
    with subprocess.Popen(
        command("--apply"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment_of(site),
    ) as running:
        started.append(running)
        out, err = running.communicate(timeout=120)
    assert running.returncode == 1
    if method == "GET":
        assert (out, err) == ("", "handover: Stopped before anything was written.\n")
    else:
        said = " ".join(out.split())
        assert re.search(r": [1-9][0-9]* done, [1-9][0-9]* not", said)
        assert "Done: label " in said
        assert "stopped in the middle of it, so it may be done or not" in said
        assert "not tried: the run was stopped." in said
        assert err.endswith("run the same command again to go on.\n")
    site.sandbox.on_request = None
    assert site.bootstrap().failed == []


def test_what_people_typed_cannot_write_to_the_terminal(site):
    site.bootstrap()
    site.world.update_label(PROJECT, "limit-missed", description="\x1b[2J\u202eevil\nline")
    site.world.add_label(PROJECT, "LIMIT-missed")
    result = site.bootstrap(apply=False)
    shown = show_result(result, site.gitlab.requests, False, "text")
    assert "evil" in shown
    assert not set(shown) & {"\x1b", "\u202e"}


def test_the_token_ends_a_year_later_at_most(site):
    site.bootstrap()
    token = next(each for each in site.world.tokens.values() if each.name == "Handover")
    assert token.expires_at == site.clock().date() + timedelta(days=364)
    assert isinstance(token.expires_at, date)
