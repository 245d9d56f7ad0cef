"""The pipeline as it stands in .gitlab-ci.yml: which jobs run when, and what they do to handovers on a server.

gitlab-ci-local runs the very file; the sandbox is the server. It takes no notice of `workflow`, so that the rules of
each job must hold alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest
import yaml

from automation.jobs.alarm import TITLE
from automation.sandbox import Sandbox, World
from automation.sandbox.sample import PEOPLE, PROJECT, populate
from tests.pipeline.clone import ROOT, Clone, find_lack
from tests.scene import FILLED, KEY, PROCESS

PIPELINE = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))
JOBS = {name: each for name, each in PIPELINE.items() if isinstance(each, dict) and "script" in each}
WRITING = {"triage", "triage-one-issue"}
FIRST_STAGE = PROCESS.stages[0].label
CONFIGURATION = {
    "roles": {
        role: {"users": [name for name, (_, held) in PEOPLE.items() if held == role]}
        for role in {role for _, role in PEOPLE.values()} - {"operations"}
    },
    "operations": ["ops"],
}


@pytest.fixture(scope="session")
def runner():
    """Skip what needs gitlab-ci-local where it cannot run, with the reason."""
    if lack := find_lack():
        pytest.skip(lack)


@pytest.fixture
def clone(runner, tmp_path):
    clone = Clone(tmp_path)
    clone.write(".gitlab/handover.yml", json.dumps(CONFIGURATION))
    return clone


@pytest.fixture(scope="session")
def read_only_clone(runner, tmp_path_factory):
    return Clone(tmp_path_factory.mktemp("read-only"))


class Server:
    """The sandbox with sample people, and what a pipeline of its project is given."""

    def __init__(self, sandbox, token):
        self.sandbox = sandbox
        self.world = sandbox.world
        self.variables = {
            "CI_SERVER_URL": sandbox.url,
            "CI_PROJECT_ID": str(self.world.project(PROJECT).id),
            "HANDOVER_TOKEN": token,
            "HANDOVER_STATE_KEY": KEY,
        }

    def create(self, text=FILLED, title="Handover of Acme"):
        return self.world.create_issue(PROJECT, "carol", title, text).iid

    def stage_labels(self, iid):
        return [title for title in self.world.list_titles(PROJECT, iid) if "::" in title]

    def status_comments(self, iid):
        notes = self.world.list_notes(PROJECT, iid)
        return [note.body for note in notes if note.body.startswith("<!-- handover:status")]

    def alarms(self):
        found = self.world.issues[self.world.project(PROJECT).id].values()
        return [issue for issue in found if issue.title == TITLE]

    def writes(self):
        return [each for each in self.sandbox.requests if each.method != "GET"]


@pytest.fixture
def server():
    world = World()
    token = populate(world)
    with Sandbox(world) as sandbox:
        yield Server(sandbox, token)


def write_payload(place, content):
    path = place / "payload.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def build_payload(kind="issue", project_id=1, **issue):
    """Build what GitLab sends for an issue, as far as anybody reads it."""
    return {"object_kind": kind, "project": {"id": project_id}, "object_attributes": issue}


# --- which jobs run when ----------------------------------------------------------------------------------------------


def test_gitlab_would_accept_the_file():
    command = ["check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    checked = subprocess.run(
        [sys.executable, "-m", *command, ROOT / ".gitlab-ci.yml"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("branch", "source", "jobs"),
    [
        ("main", "merge_request_event", {"check", "test"}),
        ("main", "push", {"check", "test"}),
        ("main", "schedule", {"triage"}),
        ("main", "trigger", {"triage-one-issue"}),
        ("main", "web", set()),
        ("main", "external_pull_request_event", set()),
        ("other", "merge_request_event", {"check", "test"}),
        ("other", "push", set()),
        ("other", "schedule", set()),
        ("other", "trigger", set()),
    ],
)
def test_only_schedule_and_trigger_of_the_default_branch_write(read_only_clone, branch, source, jobs):
    read_only_clone.switch_to(branch)
    assert read_only_clone.list_jobs(source) == jobs
    if jobs:
        assert read_only_clone.validate_chain(source).returncode == 0


def test_a_merge_request_that_changes_a_letter_asks_its_links(clone):
    clone.switch_to("other")
    clone.write("letters/rules.yml", clone.read("letters/rules.yml") + "# Changed.\n")
    assert clone.list_jobs("merge_request_event") == {"check", "test", "links", "documentation"}


def test_a_merge_request_that_changes_a_schema_gets_the_new_pages(clone):
    schema = "schemas/csm-to-cse-plus.schema.json"
    clone.switch_to("other")
    clone.write(schema, clone.read(schema).replace("An account leaves", "A large account leaves", 1))
    assert clone.list_jobs("merge_request_event") == {"check", "test", "documentation"}
    assert clone.run("merge_request_event", "documentation").returncode == 0
    assert "A large account leaves" in clone.read("docs/processes/csm-to-cse-plus.md")


def test_a_merge_request_has_one_pipeline():
    """Every kind of pipeline that some job runs in is let through, and no push to a branch beside its merge request."""
    wanted = {rule["if"] for job in JOBS.values() for rule in job["rules"]}
    assert {rule["if"] for rule in PIPELINE["workflow"]["rules"]} == wanted


def test_jobs_that_write_run_one_at_a_time_and_to_their_end():
    writing = {name for name, job in JOBS.items() if any("--apply" in line for line in job["script"])}
    assert writing == WRITING
    assert {JOBS[name]["resource_group"] for name in writing} == {"handover"}
    assert not any(JOBS[name]["interruptible"] for name in writing)


def test_the_file_hands_no_secret_to_any_job():
    """The token is a protected variable of the project: GitLab decides which job sees it, no line here does."""
    assert "HANDOVER_" not in json.dumps(PIPELINE)


# --- what they do -----------------------------------------------------------------------------------------------------


def test_schedule_judges_every_open_handover(clone, server):
    iids = [server.create(), server.create(title="Handover of Beta")]
    done = clone.run("schedule", **server.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    for iid in iids:
        assert server.stage_labels(iid) == [FIRST_STAGE]
        assert len(server.status_comments(iid)) == 1
    assert not server.alarms()
    assert server.variables["HANDOVER_TOKEN"] not in done.stdout + done.stderr

    written = len(server.writes())
    assert clone.run("schedule", **server.variables).returncode == 0
    assert len(server.writes()) == written, "a second run writes nothing"


@pytest.mark.parametrize("kind", ["issue", "note"])
def test_trigger_judges_the_issue_that_the_webhook_names(clone, server, tmp_path, kind):
    named, other = server.create(), server.create(title="Handover of Beta")
    payload = build_payload(iid=named)
    if kind == "note":
        payload = {"object_kind": "note", "project": {"id": 1}, "issue": {"iid": named}}
    done = clone.run("trigger", TRIGGER_PAYLOAD=write_payload(tmp_path, payload), **server.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.stage_labels(named) == [FIRST_STAGE]
    assert len(server.status_comments(named)) == 1
    assert server.stage_labels(other) == server.status_comments(other) == []


@pytest.mark.parametrize(
    "payload",
    [
        {},
        build_payload(kind="push", id=1),
        build_payload(project_id=99, iid=1),
        build_payload(iid="1; touch bad"),
    ],
    ids=["no webhook", "no issue", "another project", "no number"],
)
def test_trigger_does_nothing_for_a_payload_without_an_issue_of_ours(clone, server, tmp_path, payload):
    server.create()
    done = clone.run("trigger", TRIGGER_PAYLOAD=write_payload(tmp_path, payload), **server.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "names no issue" in done.stdout + done.stderr
    assert not server.writes()


def test_failed_schedule_calls_operations_until_a_run_is_good_again(clone, server):
    server.create()
    good = clone.read("schemas/csm-to-cse-plus.schema.json")
    clone.write("schemas/csm-to-cse-plus.schema.json", good.replace('"x-stage"', '"x-stag"'))
    for _ in range(2):
        assert clone.run("schedule", **server.variables).returncode != 0
    [alarm] = server.alarms()
    assert alarm.state == "opened"
    assert alarm.assignee_ids == (server.world.user("ops").id,)
    assert "schemas/csm-to-cse-plus.schema.json" in alarm.description
    assert "/-/jobs/" in alarm.description

    clone.write("schemas/csm-to-cse-plus.schema.json", good)
    assert clone.run("schedule", **server.variables).returncode == 0
    assert [alarm.state for alarm in server.alarms()] == ["closed"]


def test_failed_schedule_calls_for_help_even_when_the_configuration_is_wrong(clone, server):
    clone.write(".gitlab/handover.yml", json.dumps({**CONFIGURATION, "rolse": {}}))
    assert clone.run("schedule", **server.variables).returncode != 0
    [alarm] = server.alarms()
    assert ".gitlab/handover.yml" in alarm.description


def test_merge_request_shows_what_is_wrong_in_the_repository(clone):
    clone.write(".gitlab/handover.yml", json.dumps({**CONFIGURATION, "rolse": {}}))
    assert clone.run("merge_request_event", "check").returncode != 0
    cases = ElementTree.fromstring(clone.read("build/reports/check.xml")).findall(".//testcase[failure]")
    assert [case.get("classname") for case in cases] == [".gitlab/handover.yml"]
    [problem] = json.loads(clone.read("build/reports/codequality.json"))
    assert problem["location"]["path"] == ".gitlab/handover.yml"


def test_merge_request_is_green_when_the_repository_agrees(clone):
    done = clone.run("merge_request_event", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(clone.read("build/reports/codequality.json")) == []


PAGE = "build/reports/what-this-change-means.md"


@pytest.mark.parametrize("name", ["CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA"])
def test_merge_request_tells_what_the_change_means(clone, name):
    base = clone.head()
    clone.switch_to("other")
    roles = {**CONFIGURATION["roles"], "ae": {"users": ["alex", "eve"]}}
    clone.write(".gitlab/handover.yml", json.dumps({**CONFIGURATION, "roles": roles}))
    done = clone.run("merge_request_event", "check", **{name: base})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "eve may now act as AE." in clone.read(PAGE)
    assert "eve may now act as AE." in done.stdout + done.stderr


def test_merge_request_that_handovers_under_way_could_not_bear_is_refused(clone):
    schema = "schemas/csm-to-cse-plus.schema.json"
    base = clone.head()
    clone.switch_to("other")
    clone.write(schema, clone.read(schema).replace('"due": {"working_days": 3', '"due": {"working_days": 5', 1))
    assert clone.run("merge_request_event", "check", CI_MERGE_REQUEST_DIFF_BASE_SHA=base).returncode != 0
    cases = ElementTree.fromstring(clone.read("build/reports/check.xml")).findall(".//testcase[failure]")
    assert schema in {case.get("classname") for case in cases}
    assert any(
        "3 working days" in each["description"] for each in json.loads(clone.read("build/reports/codequality.json"))
    )
    assert "To put right before merging" in clone.read(PAGE)


def test_merge_request_fetches_what_it_starts_from_or_is_not_let_through(clone):
    """GitLab clones the latest commits only."""
    roles = {**CONFIGURATION["roles"], "ae": {"users": ["alex", "eve"]}}
    clone.write(".gitlab/handover.yml", json.dumps({**CONFIGURATION, "roles": roles}))
    base = clone.leave_on_server()
    done = clone.run("merge_request_event", "check", CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "eve may no longer act as AE." in clone.read(PAGE)
    assert clone.run("merge_request_event", "check", CI_MERGE_REQUEST_DIFF_BASE_SHA="0" * 40).returncode != 0


def test_what_the_merge_request_shows_is_kept_under_the_name_that_people_look_for():
    artifacts = JOBS["check"]["artifacts"]
    assert artifacts["expose_as"] == "What this change means"
    assert artifacts["paths"] == [PAGE]
    assert artifacts["when"] == "always"
