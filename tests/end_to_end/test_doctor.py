"""The doctor against a server: nothing to say of a sound installation, and one line for each thing that is spoilt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from automation.core.bootstrap.credentials import describe_token
from automation.core.bootstrap.wanted import build_wanted
from automation.core.bootstrap.webhook import TRIGGER, mask_token
from automation.core.doctor.check import Check
from automation.core.doctor.report import needs_repair, show_text
from automation.edge.gitlab import GitLab, project_scope
from automation.edge.repository import load_repository
from automation.errors import AccessError
from automation.jobs.alarm import TITLE
from automation.jobs.bootstrap import Bootstrap, bootstrap
from automation.jobs.doctor import Examination, examine
from automation.sandbox.faults import Fault
from automation.sandbox.model import DEVELOPER, GUEST, MAINTAINER, OWNER, REPORTER, IssueEdit
from automation.sandbox.model_ci import Trigger, Variable
from automation.sandbox.sample import PEOPLE, PROJECT, add_maintainer
from tests.scene import ROOT, Scene, Silence

CRON = "7 * * * *"
EVENTS = ("issues_events", "confidential_issues_events", "note_events", "confidential_note_events")
TEMPLATE = ".gitlab/issue_templates/CSM to CSE+ Handover.md"
load = cache(load_repository)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout whose role directory names the sample people, and the paths of its files."""
    root = tmp_path_factory.mktemp("checkout")
    paths = [path for name in ("schemas", ".gitlab") for path in sorted((ROOT / name).rglob("*")) if path.is_file()]
    for path in (*paths, ROOT / ".gitlab-ci.yml"):
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (root / "letters").symlink_to(ROOT / "letters")
    roles = {}
    for person, (_, role) in PEOPLE.items():
        roles.setdefault(role, {"users": []})["users"].append(person)
    content = {"operations": roles.pop("operations")["users"], "roles": roles}
    (root / ".gitlab/handover.yml").write_text(json.dumps(content))
    return root


class Clinic(Scene):
    """A project in which all is as it should be, and what can be spoilt in it."""

    def __init__(self, checkout, **options):
        super().__init__(**options)
        self.checkout = checkout
        self.here = load(checkout)
        self.mine = add_maintainer(self.world)
        self._set_up_labels()
        self._set_up_pipelines()
        for path in sorted(checkout.rglob("*")):
            if path.is_file():
                self.world.set_file(PROJECT, path.relative_to(checkout).as_posix(), path.read_bytes())

    def _set_up_labels(self):
        wanted = build_wanted(self.here.processes.values())
        for label in wanted.labels:
            self.world.add_label(PROJECT, label.name, label.color)
            self.world.update_label(PROJECT, label.name, description=label.description, priority=label.priority)
        for board in wanted.boards:
            self.world.add_board(PROJECT, board.name, board.lists)

    def _set_up_pipelines(self):
        world = self.world
        self.project = world.project(PROJECT)
        self.schedule = world.add_schedule(PROJECT, "olga", "Handover triage", CRON)
        self.clock.advance(minutes=30)
        world.add_pipeline(PROJECT, self.schedule.id)
        self.token_record = world.tokens[self.token]
        held = describe_token(self.token_record.id)
        self.variable = Variable("HANDOVER_TOKEN", "hidden-value-1", True, True, "*", held)
        world.set_variable(PROJECT, self.variable)
        world.set_variable(PROJECT, Variable("HANDOVER_STATE_KEY", "hidden-value-2", True, True))
        world.protect_branch(PROJECT, "main", 0, MAINTAINER)
        olga = world.user("olga").id
        self.trigger = Trigger(world.next_id("trigger"), self.project.id, olga, TRIGGER, "t" * 40, self.clock())
        world.triggers[self.trigger.id] = self.trigger

    def __enter__(self):
        super().__enter__()
        address = f"{self.sandbox.url}/api/v4/projects/{self.project.id}/ref/main/trigger/pipeline"
        self.hook = self.world.add_hook(PROJECT, mask_token(address, self.trigger)[0], EVENTS)
        return self

    def update_schedule(self, **changes):
        self.world.update_schedule(self.schedule.id, **changes)

    def update_trigger(self, **changes):
        self.world.triggers[self.trigger.id] = replace(self.trigger, **changes)

    def update_variable(self, **changes):
        self.world.set_variable(PROJECT, replace(self.variable, **changes))

    def examine(self, token=None, **options) -> tuple[Check, ...]:
        self.gitlab = GitLab(self.sandbox.url, token or self.mine)
        job = Examination(project_scope(PROJECT), "", self.checkout, self.here, self.clock())
        return examine(replace(job, **options), self.gitlab)[1]

    def alarms(self):
        return [each for each in self.world.issues.get(self.project.id, {}).values() if each.title == TITLE]


@pytest.fixture
def clinic(checkout):
    with Clinic(checkout) as clinic:
        yield clinic


def told(checks, state):
    return [(each.name, each.says, each.repair) for each in checks if each.state == state]


def names(checks, state="repair"):
    return [each.name for each in checks if each.state == state]


def test_a_sound_installation_needs_nothing(clinic):
    checks = clinic.examine()
    assert told(checks, "repair") == told(checks, "hidden") == []
    assert not needs_repair(checks)
    assert show_text(checks, PROJECT, clinic.clock()).endswith("\n\nNothing to repair.")
    assert {each.method for each in clinic.sandbox.requests} == {"GET"}
    assert len(clinic.sandbox.requests) <= 50
    assert len(show_text(checks, PROJECT, clinic.clock()).splitlines()) < 10


def test_what_bootstrap_makes_of_an_empty_project_needs_nothing_but_its_first_run(checkout):
    with Scene() as scene:
        mine = add_maintainer(scene.world)
        for path in sorted(checkout.rglob("*")):
            if path.is_file():
                scene.world.set_file(PROJECT, path.relative_to(checkout).as_posix(), path.read_bytes())
        gitlab, repository, scope = GitLab(scene.sandbox.url, mine), load(checkout), project_scope(PROJECT)
        job = Bootstrap(scope, "", scene.clock().date(), lambda: "k" * 64, with_secrets=True, is_applied=True)
        assert bootstrap(job, gitlab, repository, Silence()).failed == []
        _, checks = examine(Examination(scope, "", checkout, repository, scene.clock()), gitlab)
    assert told(checks, "repair") == told(checks, "hidden") == []
    assert "Triage has not run yet." in " ".join(each.says for each in checks)


def test_a_group_is_looked_at_with_all_its_projects(clinic):
    clinic.world.add_project("customer-success/second", "public")
    clinic.world.add_member("customer-success", "olga", OWNER)
    found = {(each.name, each.state) for each in clinic.examine(group="customer-success")}
    assert {
        ("visibility", "repair"),
        ("labels", "repair"),
        ("boards", "repair"),
        ("schedule-variables", "repair"),
        # A token of one project cannot write in the other.
        ("triage-token", "repair"),
    } <= found
    # Members of one project of the group, and the owner of the schedule is one of its own.
    assert {("member", "fine"), ("schedule-owner", "fine")} <= found


def test_who_is_in_no_project_of_the_group_is_told_so(clinic):
    clinic.world.add_project("customer-success/second")
    clinic.world.add_member("customer-success", "olga", OWNER)
    clinic.world.remove_member(PROJECT, "ben")
    clinic.world.remove_member(PROJECT, "dana")
    clinic.world.add_member("customer-success/second", "dana", REPORTER)
    [check] = [each for each in clinic.examine(group="customer-success") if each.name == "member"]
    assert check.says == "Not members of the group `customer-success` (1): @ben (cse_territory_owner)."


# --- one thing is spoilt ----------------------------------------------------------------------------------------------

SPOILT = {
    "public": (lambda c: c.world.update_project(PROJECT, visibility="public"), "visibility", "Private"),
    "no issues": (lambda c: c.world.update_project(PROJECT, issues_enabled=False), "issues", "Issues"),
    "left": (lambda c: c.world.remove_member(PROJECT, "ben"), "member", "Invite members"),
    "blocked": (lambda c: c.world.block_user("dana"), "member", "somebody else"),
    "guest": (lambda c: c.world.add_member(PROJECT, "eli", GUEST), "member", "Planner"),
    "recoloured": (lambda c: c.world.update_label(PROJECT, "gate-missed", color="#ffffff"), "labels", "bootstrap"),
    "archived": (
        lambda c: c.world.update_label(PROJECT, "gate-missed", is_archived=True),
        "labels-archived",
        "archive",
    ),
    "list gone": (lambda c: c.world.remove_list(PROJECT, "Limits missed", "gate-missed"), "boards", "bootstrap"),
    "lists moved": (lambda c: c.world.reverse_lists(PROJECT, "Waiting on"), "boards", "bootstrap"),
    "switched off": (lambda c: c.update_schedule(is_active=False), "schedule-active", "Activated"),
    "other cron": (lambda c: c.update_schedule(cron="0 6 * * *"), "schedule-cron", "bootstrap"),
    "other zone": (lambda c: c.update_schedule(cron_timezone="Europe/Berlin"), "schedule-cron", "bootstrap"),
    "other branch": (lambda c: c.update_schedule(ref="refs/heads/old"), "schedule-branch", "main"),
    "owner left": (lambda c: c.update_schedule(owner_id=c.world.user("stranger").id), "schedule-owner", "ownership"),
    "owner too small": (lambda c: c.update_schedule(owner_id=c.world.user("mia").id), "schedule-owner", "ownership"),
    "bot owns it": (
        lambda c: c.update_schedule(owner_id=c.token_record.user_id),
        "schedule-owner",
        "ownership",
    ),
    "brake off": (
        lambda c: c.update_schedule(variables={"HANDOVER_ALLOW_LARGE_PLAN": "1"}),
        "schedule-variables",
        "delete",
    ),
    "dead": (lambda c: c.clock.advance(hours=3), "triage-last-success", "▶"),
    "run failed": (
        lambda c: c.world.add_pipeline(PROJECT, c.schedule.id, {"triage": "failed"}),
        "triage-last-run",
        "Look why",
    ),
    "hook gone": (lambda c: c.world.hooks.clear(), "webhook", "bootstrap"),
    "hook stopped": (lambda c: c.world.stop_hook(c.hook.id), "webhook", "bootstrap"),
    "token ends": (lambda c: c.world.set_expiry(c.token, date(2026, 11, 20)), "triage-token-expiry", "--with-secrets"),
    "token lost": (lambda c: c.world.revoke_token(c.token), "triage-token", "--with-secrets"),
    "my token ends": (lambda c: c.world.set_expiry(c.mine, date(2026, 11, 20)), "own-token-expiry", "of your own"),
    "template edited": (lambda c: c.world.set_file(PROJECT, TEMPLATE, "Something else"), "template-files", "git diff"),
    "template gone": (lambda c: c.world.remove_file(PROJECT, TEMPLATE), "template-files", "merge request"),
    "people edited": (
        lambda c: c.world.set_file(PROJECT, ".gitlab/handover.yml", "roles: {}"),
        "rule-files",
        "git diff",
    ),
    "unprotected": (lambda c: c.world.unprotect_branch(PROJECT), "protected-branch", "Maintainers"),
    "all may push": (
        lambda c: c.world.protect_branch(PROJECT, "main", DEVELOPER, DEVELOPER),
        "protected-branch",
        "No one",
    ),
    "force push": (lambda c: c.world.protect_branch(PROJECT, "main", 0, MAINTAINER, True), "protected-branch", "force"),
    "archived project": (lambda c: c.world.update_project(PROJECT, is_archived=True), "archived", "Unarchive"),
    "no pipelines": (lambda c: c.world.update_project(PROJECT, has_pipelines=False), "ci-cd", "CI/CD"),
    "other pipeline": (lambda c: c.world.update_project(PROJECT, pipeline_file="a.yml"), "ci-cd", "empty it"),
    "nobody may": (lambda c: c.world.protect_branch(PROJECT, "main", 0, 0), "protected-branch", "Maintainers"),
    "default of the branch": (
        lambda c: c.world.set_file(PROJECT, ".gitlab/issue_templates/Default.md", "Choose."),
        "default-template",
        "git pull",
    ),
    "bot blocked": (
        lambda c: c.world.block_user(c.world.users[c.token_record.user_id]),
        "triage-token-account",
        "unblock",
    ),
    "trigger of somebody gone": (
        lambda c: c.update_trigger(owner_id=c.world.user("stranger").id),
        "webhook-owner",
        "delete it",
    ),
    "trigger expired": (lambda c: c.update_trigger(expires_at=c.clock()), "webhook", "bootstrap"),
    "group in the schedule": (
        lambda c: c.update_schedule(variables={"HANDOVER_GROUP": "customer-success"}),
        "schedule-variables",
        "--group customer-success",
    ),
    "other name": (lambda c: c.update_schedule(description="Nightly"), "schedule", "call it"),
    "two of them": (
        lambda c: c.world.add_schedule(PROJECT, "olga", "Handover triage", CRON),
        "schedule-twice",
        "delete all but one",
    ),
    "file variable": (lambda c: c.update_variable(is_file=True), "variable-HANDOVER_TOKEN", "Type Variable"),
    "variable gone": (
        lambda c: c.world.variables[1].pop("HANDOVER_STATE_KEY"),
        "variable-HANDOVER_STATE_KEY",
        "Masked",
    ),
    "not masked": (lambda c: c.update_variable(is_masked=False), "variable-HANDOVER_TOKEN", "Masked"),
    "not protected": (lambda c: c.update_variable(is_protected=False), "variable-HANDOVER_TOKEN", "Protect"),
    "one environment": (lambda c: c.update_variable(environment="prod"), "variable-HANDOVER_TOKEN", "All"),
    "brake variable": (
        lambda c: c.world.set_variable(PROJECT, Variable("HANDOVER_ALLOW_LARGE_PLAN", "1")),
        "variable-HANDOVER_ALLOW_LARGE_PLAN",
        "delete",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_each_thing_that_is_spoilt_is_named_with_its_repair(clinic, case):
    spoil, name, repair = SPOILT[case]
    clinic.world.add_user("stranger", "A stranger")
    spoil(clinic)
    found = {each.name: each for each in clinic.examine() if each.state == "repair"}
    assert name in found, found
    assert repair in found[name].repair
    assert len(found) <= 2, found
    assert {each.method for each in clinic.sandbox.requests} == {"GET"}


def test_an_empty_project_is_told_what_to_do_first(checkout):
    with Scene() as scene:
        mine = add_maintainer(scene.world)
        job = Examination(project_scope(PROJECT), "", checkout, load(checkout), scene.clock())
        _, checks = examine(job, GitLab(scene.sandbox.url, mine))
    assert {"labels", "boards", "schedule", "webhook", "variable-HANDOVER_TOKEN", "template-files"} <= set(
        names(checks)
    )


# --- groups above and groups of people ------------------------------------------------------------------------------


@pytest.fixture
def with_group(checkout, tmp_path):
    """A clinic whose CSMs are named by a group, which is made by the test."""
    root = tmp_path / "checkout"
    shutil.copytree(checkout, root, symlinks=True)
    path = root / ".gitlab/handover.yml"
    content = json.loads(path.read_text())
    content["roles"]["csm"] = {"groups": ["csms"]}
    path.write_text(json.dumps(content))
    with Clinic(root) as clinic:
        yield clinic


@pytest.mark.parametrize(
    ("visibility", "is_known_to_olga", "state"),
    [("internal", False, ""), ("private", True, "repair"), ("private", False, "repair"), (None, False, "repair")],
)
def test_a_group_of_people_that_triage_is_not_shown_is_told(with_group, visibility, is_known_to_olga, state):
    world = with_group.world
    if visibility:
        world.add_group("csms", visibility)
        world.add_member("csms", "carol", REPORTER)
    if is_known_to_olga:
        world.add_member("csms", "olga", REPORTER)
    groups = [each for each in with_group.examine() if each.name == "group"]
    assert [each.state for each in groups] == ([state] if state else [])
    assert all("triage cannot see it" in each.says and "Make it internal" in each.repair for each in groups)


def test_secrets_of_a_group_above_are_looked_at_or_said_to_be_hidden(clinic):
    held = clinic.world.variables[1].pop("HANDOVER_TOKEN")
    clinic.world.set_group_variable("customer-success", held)
    [check] = [each for each in clinic.examine() if each.state != "fine" and each.group == "Variables"]
    assert (check.state, check.needs) == ("hidden", "Owner of `customer-success`")
    clinic.world.add_member("customer-success", "olga", OWNER)
    assert "variable-HANDOVER_TOKEN" not in names(clinic.examine()) + names(clinic.examine(), "hidden")


def test_what_was_left_over_in_a_group_above_is_found(clinic):
    clinic.world.add_member("customer-success", "olga", OWNER)
    clinic.world.set_group_variable("customer-success", Variable("HANDOVER_NOW", "x"))
    [check] = [each for each in clinic.examine() if each.state == "repair"]
    assert check.repair.startswith("Group customer-success › Settings › CI/CD › Variables › HANDOVER_NOW")


# --- who looks --------------------------------------------------------------------------------------------------------


def test_a_reporter_sees_less_and_is_told_which_role_would_see_it(clinic):
    checks = clinic.examine(token=clinic.world.add_token("carol"))
    assert told(checks, "repair") == []
    unseen = {each.name: each.needs for each in checks if each.state == "hidden"}
    assert {"own-role", "triage-token", "variables", "webhook", "protected-branch"} <= set(unseen)
    assert all(unseen.values())


def test_a_token_that_may_only_read_is_enough(clinic):
    checks = clinic.examine(token=clinic.world.add_token("olga", scopes=("read_api",)))
    assert told(checks, "repair") == []


def test_the_token_of_triage_is_not_the_one_to_look_with(clinic):
    assert "own-token-kind" in names(clinic.examine(token=clinic.token))


def test_a_wrong_token_and_an_unknown_project_end_the_look(clinic):
    with pytest.raises(AccessError):
        clinic.examine(token="glsandbox-nonsense")
    with pytest.raises(AccessError):
        clinic.examine(scope=project_scope("customer-success/nowhere"))


def test_one_thing_that_the_server_cannot_tell_hides_that_thing_alone(clinic):
    clinic.sandbox.on_request = lambda request: Fault("500") if request.path.endswith("/hooks") else None
    checks = clinic.examine()
    assert told(checks, "repair") == []
    [webhook] = [each for each in checks if each.state == "hidden"]
    assert (webhook.name, "HTTP 500" in webhook.says) == ("webhook", True)


def test_labels_that_cannot_be_read_hide_labels_alone(clinic):
    clinic.sandbox.on_request = lambda request: Fault("500") if request.path.endswith("/labels") else None
    checks = clinic.examine()
    assert (told(checks, "repair"), names(checks, "hidden")) == ([], ["labels"])


def test_a_token_that_ends_in_the_middle_ends_the_look(clinic):
    clinic.sandbox.on_request = lambda request: clinic.world.revoke_token(clinic.mine) if request.number == 8 else None
    with pytest.raises(AccessError, match="does not accept the token"):
        clinic.examine()


def test_a_server_that_stops_answering_ends_the_look(clinic):
    clinic.sandbox.on_request = lambda request: Fault("500") if request.number > 8 else None
    with pytest.raises(AccessError, match="HTTP 500"):
        clinic.examine()


# --- templates of groups above ----------------------------------------------------------------------------------------


def test_templates_of_a_group_above_that_hide_ours_are_found(checkout):
    with Clinic(checkout) as clinic:
        clinic.world.premium = True
        assert told(clinic.examine(), "repair") == []
        clinic.world.set_group_templates("customer-success", {"Default": "Theirs", "CSM to CSE+ Handover": "Theirs"})
        clinic.world.update_project(PROJECT, issues_template="Write here.")
        checks = clinic.examine()
    assert sorted(names(checks)) == ["default-template", "default-template", "offered-templates"]


# --- the command ------------------------------------------------------------------------------------------------------


def handover(clinic, *args, repository=None, **environment):
    known = {key: value for key, value in os.environ.items() if not key.startswith(("HANDOVER_", "CI", "GITLAB"))}
    place = {"HANDOVER_GITLAB_URL": clinic.sandbox.url, "HANDOVER_TOKEN": clinic.mine, "HANDOVER_PROJECT": PROJECT}
    command = [sys.executable, "-c", "from automation.cli import main; main()", *args]
    return subprocess.run(
        [*command, "--repository", str(repository or clinic.checkout)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**known, **place, **environment},
        timeout=60,
        check=False,
    )


def test_the_command_ends_with_0_or_6_and_shows_what_to_do(clinic):
    now = ("--now", clinic.clock().isoformat())
    answer = handover(clinic, "doctor", *now)
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout
    clinic.update_schedule(is_active=False)
    answer = handover(clinic, "doctor", *now)
    assert answer.returncode == 6
    assert "  ✗ The schedule `Handover triage` is switched off.\n    → Build › Pipeline schedules" in answer.stdout
    assert answer.stdout.endswith("\n1 thing to repair.\n")
    assert clinic.mine not in answer.stdout + answer.stderr


def test_all_shows_what_is_fine_and_a_server_that_failed_ends_with_4(clinic):
    now = ("--now", clinic.clock().isoformat())
    assert (
        "  ✓ The project `customer-success/handovers` is private." in handover(clinic, "doctor", "--all", *now).stdout
    )
    clinic.sandbox.on_request = lambda request: Fault("500") if request.path.endswith("/hooks") else None
    answer = handover(clinic, "doctor", *now)
    assert answer.returncode == 4
    assert answer.stdout.endswith("\nNothing to repair was found, 1 could not be read: try again.\n")


def test_json_has_every_key(clinic):
    answer = handover(clinic, "doctor", "--format", "json", "--now", clinic.clock().isoformat())
    report = json.loads(answer.stdout)
    assert sorted(report) == ["checks", "counts", "now", "project", "requests", "state"]
    assert report["project"] == PROJECT
    assert {tuple(sorted(each)) for each in report["checks"]} == {("group", "name", "needs", "repair", "says", "state")}
    assert report["requests"]["total"] == len(clinic.sandbox.requests)


@pytest.mark.parametrize(
    ("environment", "code", "word"),
    [
        ({"GITLAB_CI": "true"}, 2, "shell"),
        ({"HANDOVER_TOKEN": ""}, 2, "HANDOVER_TOKEN"),
        ({"HANDOVER_PROJECT": ""}, 2, "--project"),
        ({"HANDOVER_TOKEN": "glsandbox-nonsense"}, 4, "does not accept the token"),
        ({"HANDOVER_PROJECT": "customer-success/nowhere"}, 4, "nowhere"),
    ],
)
def test_what_keeps_it_from_looking_is_one_sentence(clinic, environment, code, word):
    answer = handover(clinic, "doctor", **environment)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert word in answer.stderr
    assert answer.stderr.count("\n") == 1


# --- the watch of triage ----------------------------------------------------------------------------------------------


@pytest.fixture
def payload(tmp_path, clinic):
    iid = clinic.create()
    file = tmp_path / "payload.json"
    file.write_text(json.dumps({"object_kind": "issue", "project": {"id": 1}, "object_attributes": {"iid": iid}}))
    return str(file)


def run_by_webhook(clinic, payload, *options, **environment):
    now = ("--now", clinic.clock().isoformat())
    environment = {"HANDOVER_TOKEN": clinic.token, "CI_PROJECT_ID": "1", "CI_DEFAULT_BRANCH": "main", **environment}
    return handover(clinic, "triage", "--apply", "--watch", "--payload", payload, *now, *options, **environment)


def run_by_schedule(clinic, repository=None):
    options = ("--apply", "--alarm", "--now", clinic.clock().isoformat())
    return handover(clinic, "triage", *options, repository=repository, HANDOVER_TOKEN=clinic.token, CI_PROJECT_ID="1")


def test_a_run_by_webhook_looks_at_the_schedule_with_three_requests(clinic, payload):
    without = handover(clinic, "triage", "--payload", payload, "--format", "json", HANDOVER_TOKEN=clinic.token)
    alone = json.loads(without.stdout)["requests"]["total"]
    before = len(clinic.sandbox.requests)
    answer = run_by_webhook(clinic, payload)
    assert (answer.returncode, answer.stderr) == (0, "")
    reads = [each for each in clinic.sandbox.requests[before:] if each.method == "GET"]
    assert len(reads) == alone + 3
    assert clinic.alarms() == []


def test_a_schedule_that_died_is_told_once_and_a_good_scheduled_run_ends_the_call(clinic, payload):
    clinic.clock.advance(hours=3)
    for _ in range(2):
        answer = run_by_webhook(clinic, payload)
        assert answer.returncode == 0, answer.stderr
        clinic.clock.advance(hours=1)
    [alarm] = clinic.alarms()
    assert "does not run by its schedule" in alarm.description
    assert "below stays. @ops" in alarm.description
    assert [each.body for each in clinic.world.list_notes(PROJECT, alarm.iid) if "changed the desc" in each.body] == []
    assert run_by_schedule(clinic).returncode == 0
    assert clinic.world.issue(PROJECT, alarm.iid).state == "closed"


def test_what_people_write_into_the_call_stays_and_a_new_title_too(clinic, payload):
    clinic.clock.advance(hours=3)
    assert run_by_webhook(clinic, payload).returncode == 0
    [alarm] = clinic.alarms()
    text = f"{alarm.description}\n\nI am on it."
    clinic.world.edit_issue(PROJECT, alarm.iid, "olga", IssueEdit(title="Olga looks", description=text))
    clinic.world.set_expiry(clinic.token, date(2026, 11, 20))
    assert run_by_webhook(clinic, payload).returncode == 0
    assert clinic.alarms() == []
    assert run_by_schedule(clinic).returncode == 0
    kept = clinic.world.issue(PROJECT, alarm.iid)
    assert (kept.title, kept.description.endswith("\n\nI am on it.")) == ("Olga looks", True)
    assert "2026-11-20" in kept.description
    assert "does not run by its schedule" not in kept.description
    assert clinic.alarms() == []


def test_a_call_that_somebody_closes_is_not_opened_again_for_a_day(clinic, payload):
    clinic.clock.advance(hours=3)
    assert run_by_webhook(clinic, payload).returncode == 0
    clinic.world.close(PROJECT, clinic.alarms()[0].iid, "olga")
    for hours in (1, 22):
        clinic.clock.advance(hours=hours)
        assert run_by_webhook(clinic, payload).returncode == 0
        assert [each.state for each in clinic.alarms()] == ["closed"]
    clinic.clock.advance(hours=1)
    assert run_by_webhook(clinic, payload).returncode == 0
    assert [each.state for each in clinic.alarms()] == ["closed", "opened"]


def test_a_schedule_that_dies_again_on_the_same_day_is_told_again(clinic, payload):
    clinic.clock.advance(hours=3)
    assert run_by_webhook(clinic, payload).returncode == 0
    clinic.world.close(PROJECT, clinic.alarms()[0].iid, "olga")
    clinic.world.add_pipeline(PROJECT, clinic.schedule.id)
    clinic.clock.advance(hours=3)
    assert run_by_webhook(clinic, payload).returncode == 0
    assert [each.state for each in clinic.alarms()] == ["closed", "opened"]


def test_who_closed_it_matters_a_failure_after_a_good_run_is_told_again(clinic, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    clinic.create()
    for states in (["opened"], ["closed", "opened"]):
        assert run_by_schedule(clinic, broken).returncode == 3
        assert [each.state for each in clinic.alarms()] == states
        assert run_by_schedule(clinic).returncode == 0
        clinic.clock.advance(hours=1)


def test_operations_are_called_even_when_their_accounts_cannot_be_found(clinic, payload):
    clinic.clock.advance(hours=3)
    clinic.sandbox.on_request = lambda request: Fault("500") if request.path.endswith("/users") else None
    assert run_by_webhook(clinic, payload).returncode == 0
    [alarm] = clinic.alarms()
    assert (alarm.assignee_ids, "@ops" in alarm.description) == ((), True)


def test_a_schedule_of_another_name_lives_by_the_configured_cron(clinic, payload):
    clinic.update_schedule(description="Nightly", cron="0 6 * * 1")
    assert run_by_webhook(clinic, payload).stderr == ""
    clinic.clock.advance(hours=3)
    assert "only others" in run_by_webhook(clinic, payload).stderr
    assert [each.state for each in clinic.alarms()] == ["opened"]


def test_a_schedule_that_was_deleted_is_dead(clinic, payload):
    clinic.world.schedules.clear()
    assert run_by_webhook(clinic, payload).returncode == 0
    assert "no pipeline schedule" in clinic.alarms()[0].description


def test_the_watch_never_fails_a_run(clinic, payload):
    clinic.clock.advance(hours=3)
    account = clinic.world.tokens[clinic.token].user_id
    clinic.world.add_member(PROJECT, clinic.world.users[account], 15)
    answer = run_by_webhook(clinic, payload)
    assert answer.returncode == 0
    assert "whether the schedule lives cannot be seen" in answer.stderr
    assert clinic.alarms() == []


def test_without_apply_a_dead_schedule_is_told_to_the_shell_only(clinic, payload):
    clinic.clock.advance(hours=3)
    answer = handover(
        clinic,
        "triage",
        "--watch",
        "--payload",
        payload,
        "--now",
        clinic.clock().isoformat(),
        HANDOVER_TOKEN=clinic.token,
    )
    assert "Handover triage" in answer.stderr
    assert clinic.alarms() == []


def test_a_token_that_ends_soon_is_told_once_and_outlives_good_runs(clinic):
    clinic.create()
    clinic.world.set_expiry(clinic.token, date(2026, 11, 20))
    for _ in range(3):
        assert run_by_schedule(clinic).returncode == 0
        clinic.clock.advance(hours=24)
    [alarm] = clinic.alarms()
    assert (alarm.state, alarm.author_id) == ("opened", clinic.token_record.user_id)
    assert "2026-11-20" in alarm.description
    assert [each.body for each in clinic.world.list_notes(PROJECT, alarm.iid) if "changed the desc" in each.body] == []
    clinic.world.set_expiry(clinic.token, date(2027, 11, 20))
    assert run_by_schedule(clinic).returncode == 0
    assert clinic.world.issue(PROJECT, alarm.iid).state == "closed"


def test_a_run_that_cannot_see_how_long_its_token_lasts_ends_no_call(clinic):
    clinic.world.set_expiry(clinic.token, date(2026, 11, 20))
    assert run_by_schedule(clinic).returncode == 0
    clinic.sandbox.on_request = lambda request: Fault("500") if request.path.endswith("/self") else None
    answer = run_by_schedule(clinic)
    assert (answer.returncode, "how long the token lasts" in answer.stderr) == (0, True)
    assert [each.state for each in clinic.alarms()] == ["opened"]


def test_a_run_that_fails_keeps_what_the_alarm_says_already(clinic, payload, tmp_path):
    clinic.clock.advance(hours=3)
    assert run_by_webhook(clinic, payload).returncode == 0
    broken = tmp_path / "broken"
    broken.mkdir()
    assert run_by_schedule(clinic, broken).returncode == 3
    [alarm] = clinic.alarms()
    assert "does not run by its schedule" in alarm.description
    assert "did not end well" in alarm.description


def test_two_alarms_at_once_are_one_issue(clinic, payload):
    clinic.world.set_expiry(clinic.token, date(2026, 11, 20))
    assert run_by_schedule(clinic).returncode == 0
    clinic.clock.advance(hours=3)
    assert run_by_webhook(clinic, payload).returncode == 0
    [alarm] = clinic.alarms()
    assert "2026-11-20" in alarm.description
    assert "does not run by its schedule" in alarm.description
