"""The command line as a person or a CI job meets it: words, JSON, exit codes, and no secret in any output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from automation.sandbox.sample import PEOPLE, PROJECT
from tests.scene import ROOT, Scene

KEYS = ["actions", "boxes", "due", "findings", "iid", "process", "project_id", "stage", "version"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A copy of the repository whose role directory names the sample people."""
    target = tmp_path_factory.mktemp("repository")
    for name in ("schemas", ".gitlab"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, target / name)
    shutil.copy(ROOT / ".gitlab-ci.yml", target)
    roles = {}
    for person, (_, role) in PEOPLE.items():
        roles.setdefault(role, {"users": []})["users"].append(person)
    operations = roles.pop("operations")["users"]
    content = {"roles": roles, "operations": operations}
    (target / ".gitlab/handover.yml").write_text(json.dumps(content))
    return target


@pytest.fixture
def scene():
    with Scene() as scene:
        yield scene


def handover(repository, *args, **environment):
    known = {key: value for key, value in os.environ.items() if not key.startswith(("HANDOVER_", "CI"))}
    command = [sys.executable, "-c", "from automation.cli import main; main()", *args]
    if args and args[0] != "--help":
        command += ["--repository", str(repository)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**known, **environment}, timeout=60, check=False
    )


def place(scene, **more):
    return {
        "HANDOVER_GITLAB_URL": scene.sandbox.url,
        "HANDOVER_TOKEN": scene.token,
        "HANDOVER_PROJECT": PROJECT,
        **more,
    }


def test_json_has_every_key_and_says_what_is_planned(scene, repository):
    iid = scene.create()
    answer = handover(repository, "triage", "--format", "json", **place(scene))
    told = json.loads(answer.stdout)
    assert answer.returncode == 0
    assert sorted(told) == ["failed", "issues", "now", "requests"]
    (row,) = told["issues"]
    assert set(KEYS) == set(row)
    assert (row["iid"], row["process"], row["version"], row["stage"]) == (iid, "csm-to-cse-plus", 1, "pre-handover")
    assert row["boxes"]["1.1"] == "open"
    assert row["due"] == "2026-11-17T23:59:59-05:00"
    assert {"code", "item", "field", "line", "message", "who", "repair", "source"} <= set(row["findings"][0])
    assert [action["type"] for action in row["actions"]] == ["labels", "status"]
    assert told["requests"]["total"] == len(scene.sandbox.requests)


@pytest.mark.parametrize("shape", ["text", "json", "markdown"])
def test_every_form_works_with_apply_and_a_second_run_writes_nothing(scene, repository, shape):
    iid = scene.create()
    assert handover(repository, "triage", "--apply", "--format", shape, **place(scene)).returncode == 0
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}
    scene.sandbox.requests.clear()
    assert handover(repository, "triage", "--apply", "--format", shape, **place(scene)).returncode == 0
    assert all(each.method == "GET" for each in scene.sandbox.requests)


def test_one_issue_and_a_moment_can_be_chosen(scene, repository):
    first = scene.create()
    scene.finish_until(first, "review")
    scene.create()
    before = "2026-11-02T09:00:30Z"
    answer = handover(repository, "triage", "--issue", "1", "--now", before, "--format", "json", **place(scene))
    told = json.loads(answer.stdout)
    assert [row["iid"] for row in told["issues"]] == [first]
    assert told["now"].startswith("2026-11-02T09:00:30")


@pytest.mark.parametrize(
    ("args", "environment", "code", "said"),
    [
        (["triage"], {"HANDOVER_TOKEN": ""}, 2, "HANDOVER_TOKEN"),
        (["triage"], {"HANDOVER_PROJECT": ""}, 2, "--project"),
        (["triage"], {"HANDOVER_GITLAB_URL": ""}, 2, "--gitlab-url"),
        (["triage", "--issue", "1", "--group", "g"], {}, 2, "--issue"),
        (["triage", "--project", "a/b", "--group", "g"], {}, 2, "not both"),
        (["triage", "--nonsense"], {}, 2, "No such option"),
        (["triage", "--now", "yesterday"], {}, 2, "no moment"),
        (["triage"], {"HANDOVER_TOKEN": "glpat-wrong-one"}, 4, "does not accept the token"),
        (["triage", "--project", "no/such"], {}, 4, "no/such does not exist"),
        (["triage", "--group", "no-such"], {}, 4, "no-such does not exist"),
        (["triage", "--issue", "77"], {}, 4, "Issue 77"),
        (["triage", "--gitlab-url", "http://127.0.0.1:9"], {}, 4, "cannot be reached"),
    ],
)
def test_what_cannot_work_ends_with_one_sentence_and_its_code(scene, repository, args, environment, code, said):
    answer = handover(repository, *args, **{**place(scene), **environment})
    assert answer.returncode == code
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "wrong-one" not in answer.stdout + answer.stderr
    assert scene.token not in answer.stdout + answer.stderr


def test_a_wrong_file_is_named_with_its_line_before_anything_is_sent(scene, repository, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(repository, broken)
    schema = broken / "schemas/csm-to-cse-plus.schema.json"
    schema.write_text(schema.read_text().replace('"x-signed-by": ["ae"]', '"x-singed-by": ["ae"]', 1))
    answer = handover(broken, "triage", "--apply", **place(scene))
    line = schema.read_text().split("x-singed-by")[0].count("\n") + 1
    assert answer.returncode == 3
    assert "x-singed-by" in answer.stderr
    assert any(f"schemas/csm-to-cse-plus.schema.json:{near}:" in answer.stderr for near in (line - 1, line))
    assert scene.sandbox.requests == []


def test_check_finds_nothing_wrong_here():
    answer = handover(ROOT, "check")
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(("shape", "word"), [("json", '"path"'), ("junit", "<failure"), ("codequality", "fingerprint")])
def test_check_reports_in_forms_that_gitlab_shows(repository, tmp_path, shape, word):
    broken = tmp_path / "broken"
    shutil.copytree(repository, broken)
    template = broken / ".gitlab/issue_templates/CSM to CSE+ Handover.md"
    template.write_text(template.read_text().replace("- [ ] 1.1 ", "- [ ] 1.2 "))
    answer = handover(broken, "check", "--format", shape)
    assert answer.returncode == 3
    assert word in answer.stdout


def test_a_failing_scheduled_run_calls_operations_once_and_a_good_one_ends_the_call(scene, repository, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(repository, broken)
    (broken / ".gitlab/handover.yml").write_text("operations: [ops]\nrolls: {}\n")
    job = {"CI_JOB_URL": "https://gitlab.example.com/-/jobs/7", "CI_PROJECT_ID": "1"}
    for _ in range(2):
        assert handover(broken, "triage", "--apply", "--alarm", **place(scene, **job)).returncode == 3
    alarms = [each for each in scene.world.issues[1].values() if each.title == "Handover automation needs help"]
    assert len(alarms) == 1
    assert "https://gitlab.example.com/-/jobs/7" in alarms[0].description
    assert [scene.world.users[each].username for each in alarms[0].assignee_ids] == ["ops"]
    assert "@ops" in alarms[0].description
    scene.create()
    assert handover(repository, "triage", "--apply", "--alarm", **place(scene, **job)).returncode == 0
    assert scene.world.issue(PROJECT, alarms[0].iid).state == "closed"


def test_without_apply_nobody_is_called(scene, repository, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(repository, broken)
    (broken / "schemas/csm-to-cse-plus.schema.json").write_text("{}")
    assert handover(broken, "triage", "--alarm", **place(scene)).returncode == 3
    assert scene.sandbox.requests == []


@pytest.mark.parametrize(
    ("payload", "judged"),
    [
        ({"object_kind": "issue", "project": {"id": 1}, "object_attributes": {"iid": 1, "labels": ["evil"]}}, True),
        ({"object_kind": "note", "project": {"id": 1}, "object_attributes": {"id": 5}, "issue": {"iid": 1}}, True),
        ({"object_kind": "issue", "project": {"id": 2}, "object_attributes": {"iid": 1}}, False),
        ({"object_kind": "push", "project": {"id": 1}}, False),
        ({"object_kind": "issue", "object_attributes": {"iid": "1; rm -rf"}}, False),
        (["not", "an", "object"], False),
    ],
)
def test_a_webhook_payload_is_only_a_hint(scene, repository, tmp_path, payload, judged):
    iid = scene.create()
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(payload))
    answer = handover(repository, "triage", "--apply", "--payload", str(file), **place(scene))
    assert answer.returncode == 0, answer.stderr
    assert (scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}) is judged


def test_help_teaches():
    answer = handover(ROOT, "--help")
    assert "handover demo" in answer.stdout
    assert "Exit codes" in answer.stdout


def test_a_group_is_judged_with_all_its_projects(scene, repository):
    scene.create()
    group = scene.world.find_group("customer-success")
    bot = next(user for user in scene.world.users.values() if user.is_bot)
    scene.world.add_member(group, bot, 20)
    environment = place(scene)
    del environment["HANDOVER_PROJECT"]
    answer = handover(repository, "triage", "--group", "customer-success", "--format", "json", **environment)
    assert [row["iid"] for row in json.loads(answer.stdout)["issues"]] == [1]
