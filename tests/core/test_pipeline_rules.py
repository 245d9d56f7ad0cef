"""The pipeline and CODEOWNERS as values: which job could write for a merge request, which file has no owner."""

from __future__ import annotations

import pytest

from automation.core.code_owners import is_owned, parse_code_owners
from automation.core.pipeline import REFERENCE, judge_pipeline

SCHEDULE = {"if": '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'}
MERGE_REQUEST = {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}
TRIAGE = {"script": ["handover triage --apply"], "resource_group": "handover", "rules": [SCHEDULE]}


def said(**jobs):
    return [each.message for each in judge_pipeline({"triage": TRIAGE, **jobs})]


@pytest.mark.parametrize(
    "job",
    [
        {"script": ["handover check"]},
        {"script": ["handover check"], "rules": [MERGE_REQUEST]},
        {"script": ["handover create --apply"], "rules": [SCHEDULE]},
        {"script": ["handover create --apply"], "rules": [{**MERGE_REQUEST, "when": "never"}, SCHEDULE]},
        {"script": "handover create --apply", "rules": [{"if": "${CI_PIPELINE_SOURCE} == 'trigger'"}]},
        {"extends": ".hidden", "rules": [MERGE_REQUEST]},
    ],
)
def test_jobs_that_write_nothing_or_only_on_schedule_are_let_through(job):
    assert said(**{".hidden": {"script": ["handover check"]}, "job": job}) == []


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
        {"script": ["handover create --apply"], "rules": REFERENCE},
        {"script": ["handover create --apply"], "rules": [REFERENCE]},
        {"script": ["handover create --apply"], "only": ["schedules"]},
        {"script": [REFERENCE], "rules": [MERGE_REQUEST]},
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
    hidden = {".writing": {"script": ["handover create --apply"]}, ".round": {"extends": ".round"}}
    [message] = said(**hidden, job=job)
    assert "the job `job`" in message


def test_what_every_job_takes_from_the_defaults_counts():
    job = {"script": ["true"], "rules": [MERGE_REQUEST]}
    assert said(default={"before_script": ["handover create --apply"]}, job=job)
    assert said(before_script=["handover create --apply"], job=job)
    assert said(variables={"HOW": "--apply"}, job=job)


def test_triage_must_run_one_run_at_a_time():
    assert [each.message for each in judge_pipeline({})] == ["no job runs `handover triage --apply`."]
    assert [each.message for each in judge_pipeline([])] == ["no job runs `handover triage --apply`."]
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
