"""What the files of the repository say agrees; where it does not, file, line and repair are named."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml

from automation.core.agreement import judge_roles
from automation.core.configuration import Configuration, RoleHolders
from automation.core.entries import FINDING_WORDS, LETTER_WORDS
from automation.edge import repository as loading
from automation.edge.pipeline import find_triage_jobs
from automation.edge.repository import check_repository, load_repository, load_words
from automation.errors import RepositoryError
from automation.jobs.check import check
from automation.jobs.docs import write_docs
from tests.scene import ROOT

SCHEMA = "schemas/csm-to-cse-plus.schema.json"
TEMPLATE = ".gitlab/issue_templates/CSM to CSE+ Handover.md"
CONFIG = ".gitlab/handover.yml"


# What the copies below do without: one process is enough to make mistakes in.
OTHERS = [
    str(path.relative_to(ROOT))
    for folder, ending in (("schemas", ".schema.json"), (".gitlab/issue_templates", ".md"))
    for path in sorted((ROOT / folder).glob(f"*{ending}"))
    if str(path.relative_to(ROOT))
    not in (SCHEMA, TEMPLATE, "schemas/dialect.schema.json", "schemas/config.schema.json")
]


@pytest.fixture
def copy(tmp_path):
    for each in ("schemas", ".gitlab"):
        shutil.copytree(ROOT / each, tmp_path / each)
    for each in OTHERS:
        (tmp_path / each).unlink()
    shutil.copy(ROOT / ".gitlab-ci.yml", tmp_path)
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}: the test no longer tests anything"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_this_repository_agrees_with_itself():
    assert check_repository(ROOT) == ()


MISTAKES = [
    # file, what is there, what is written instead, part of the message; the line is where the change begins
    (SCHEMA, '"x-signed-by": ["ae"]', '"x-signed-by": ["aee"]', "the role `aee` has no field"),
    (SCHEMA, '"x-signs-for": ["timing"]', '"x-signs-for": ["tming"]', "there is no section `tming`"),
    (SCHEMA, '"x-needs": ["last_ping"]', '"x-needs": ["lastping"]', "there is no field `lastping`"),
    (SCHEMA, '"x-after": ["5.2"]', '"x-after": ["5.22"]', "there is no box 5.22"),
    (SCHEMA, '"label": "csm-to-cse-plus::review"', '"label": "cse::review"', "must begin with `csm-to-cse-plus::`"),
    (SCHEMA, '"sends_back_to": "pre-handover"', '"sends_back_to": "completion"', "no earlier stage"),
    (SCHEMA, '"required": ["2.1", "2.2", "2.3", "2.4"]', '"required": ["2.1", "2.9"]', "`2.9` is required"),
    (SCHEMA, '"title": "Seats"', '"title": "Deployment"', "is taken"),
    (SCHEMA, '"version": 1', '"version": "one"', "version"),
    (SCHEMA, '"x-signed-by": ["ae"]', '"x-signedby": ["ae"]', "x-signedby"),
    (SCHEMA, '"customer":           {', '"customer": {}, "customer": {', "stands twice"),
    (SCHEMA, '"type": "object",', '"type": "object"', "not JSON"),
    (TEMPLATE, "- [ ] 1.1 Every success plan is closed\n", "", "the box 1.1 is missing"),
    (TEMPLATE, "- [ ] 1.2 ", "- [ ] 1.1 ", "the box 1.1 stands twice"),
    (TEMPLATE, "- [ ] 2.4 The account is approved for CSE+", "- [ ] 2.4 Approved", "its words must be"),
    (TEMPLATE, "- [ ] 3.1 ", "- [x] 3.1 ", "must be open"),
    (TEMPLATE, "- [ ] 3.1 ", "- [ ] ", "give it a code"),
    (TEMPLATE, "version 1", "version 2", "exactly one line must read"),
    (TEMPLATE, "- **Seats:** _number_", "- **Seats:** 100", "must be blank"),
    (TEMPLATE, "- **Seats:** _number_\n", "", "**Seats:**"),
    (TEMPLATE, "- **Seats:**", "- **Seatz:**", "no field “seatz”"),
    (CONFIG, "roles:", "rolls:", "rolls"),
    (CONFIG, "  ae:                  {users: [alex]}", "", "the role `ae` of the process"),
    (CONFIG, "{cse_territory_owner: [ben]", "{territory_owner: [ben]", "no role `territory_owner`"),
    (CONFIG, "moved_back_share: 0.3", "moved_back_share: 30", "30"),
    (CONFIG, "operations: [ops]", "operations: [all]", "operations"),
    (CONFIG, "operations: [ops]", "operations: [ops", "not YAML"),
    (".gitlab-ci.yml", "resource_group: handover\n", "stage: triage\n", "resource_group"),
    (".gitlab-ci.yml", "stages: [check, triage]", "stages: [check, triage", "not YAML"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES, ids=lambda value: str(value)[:30])
def test_a_mistake_is_named_with_file_and_repair(copy, file, old, new, said):
    line = change(copy / file, old, new)
    problems = check_repository(copy)
    matching = [problem for problem in problems if said in problem.message]
    assert matching, [str(problem) for problem in problems]
    assert matching[0].path == file
    assert matching[0].line == 0 or abs(matching[0].line - line) <= 60


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (SCHEMA, '"x-signed-by": ["ae"]', '"x-signed-by": ["aee"]', "aee"),
        (TEMPLATE, "- [ ] 2.4 The account is approved for CSE+", "- [ ] 2.4 Approved", "2.4"),
        (CONFIG, "moved_back_share: 0.3", "moved_back_share: 30", "30"),
    ],
)
def test_the_line_is_the_very_one(copy, file, old, new, said):
    line = change(copy / file, old, new)
    problem = next(each for each in check_repository(copy) if said in each.message)
    assert problem.line == line


def test_all_problems_of_all_files_are_reported_together(copy):
    change(copy / SCHEMA, '"x-after": ["5.2"]', '"x-after": ["5.22"]')
    change(copy / CONFIG, "moved_back_share: 0.3", "moved_back_share: 30")
    with pytest.raises(RepositoryError) as error:
        load_repository(copy)
    assert {problem.path for problem in error.value.problems} == {SCHEMA, CONFIG}


@pytest.mark.parametrize(
    "file", [SCHEMA, TEMPLATE, CONFIG, "schemas/dialect.schema.json", "schemas/config.schema.json"]
)
def test_a_missing_file_is_named(copy, file):
    (copy / file).unlink()
    problems = check_repository(copy)
    assert problems
    assert any(file in str(problem) or "there is no process" in problem.message for problem in problems)


def test_a_template_without_its_schema_is_named(copy):
    """As long as the schema of another process is there, nothing else would notice."""
    other = "schemas/disengagement.schema.json"
    template = ".gitlab/issue_templates/CSM Disengagement.md"
    shutil.copy(ROOT / other, copy / other)
    shutil.copy(ROOT / template, copy / template)
    assert check_repository(copy) == ()
    (copy / other).unlink()
    (problem,) = check_repository(copy)
    assert (problem.path, problem.line) == (template, 3)
    assert other in problem.message


def test_a_heading_that_tells_another_limit_than_the_schema_is_named(copy):
    change(copy / TEMPLATE, "week 2, within 3 working days", "week 2, within 5 working days")
    (problem,) = check_repository(copy)
    lines = (copy / TEMPLATE).read_text().splitlines()
    assert (problem.path, lines[problem.line - 1][:10]) == (TEMPLATE, "## 2. Revi")
    assert "says 5 working days, the schema 3" in problem.message


def test_a_role_that_nobody_holds_is_named_and_stops_no_job(copy):
    change(copy / CONFIG, "  ae:                  {users: [alex]}", "")
    (problem,) = check_repository(copy)
    assert (problem.path, problem.message) == (CONFIG, "the role `ae` of the process csm-to-cse-plus is missing here.")
    assert "ae" not in load_repository(copy).configuration.roles


DESIGN_ROLES = ["csm", "cse_territory_owner", "cse", "csm_manager", "ae"]


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (DESIGN_ROLES, []),
        ([*DESIGN_ROLES, "sa"], []),
        (
            [each for each in [*DESIGN_ROLES, "sa", "ps"] if each != "csm_manager"],
            [
                f"`csm_manager` of the process {process}"
                for process in ("csm-to-cse-plus", "csm-to-csm", "disengagement", "presales-to-postsales")
            ],
        ),
        ([*DESIGN_ROLES, "rm"], []),
        (
            [each for each in DESIGN_ROLES if each != "ae"],
            ["`ae` of the process csm-to-cse-plus", "`ae` of the process dis", "`ae` of the process exec"],
        ),
        (["csmm", *DESIGN_ROLES[1:]], ["no process knows the role `csmm`; did you mean `csm`?", "nobody can begin"]),
        (["nobody_else"], ["nobody can begin a process"]),
        ([*DESIGN_ROLES, "gardener"], []),
    ],
)
def test_of_the_processes_in_use_every_role_is_held(roles, said):
    """One that nobody can begin is not in use, and needs nobody."""
    configuration = Configuration(roles={role: RoleHolders(("carol",)) for role in roles})
    found = [each.message for each in judge_roles(tuple(load_repository(ROOT).processes.values()), configuration)]
    assert len(found) == len(said), found
    assert all(part in message for part, message in zip(said, found, strict=True)), found


def test_a_file_name_must_fit_the_process_in_it(copy):
    (copy / SCHEMA).rename(copy / "schemas/other.schema.json")
    (problem,) = check_repository(copy)
    assert SCHEMA in problem.message


def test_an_older_version_is_kept_beside_the_new_one(copy):
    old = json.loads((copy / SCHEMA).read_text())
    (copy / "schemas/csm-to-cse-plus.v1.schema.json").write_text(json.dumps(old))
    old["x-process"]["version"] = 2
    (copy / SCHEMA).write_text(json.dumps(old))
    change(copy / TEMPLATE, "version 1", "version 2")
    assert check_repository(copy) == ()
    assert set(load_repository(copy).processes) == {("csm-to-cse-plus", 1), ("csm-to-cse-plus", 2)}


def test_a_byte_order_mark_and_latin_1_are_no_surprise(copy):
    path = copy / CONFIG
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check_repository(copy) == ()
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    assert "cannot be read" in check_repository(copy)[0].message


def test_the_bot_has_words_for_every_finding_and_no_others():
    told = yaml.safe_load((ROOT / "automation/comments/findings.yml").read_text())
    assert set(told) == FINDING_WORDS | LETTER_WORDS
    assert set(load_words().findings) == FINDING_WORDS | LETTER_WORDS


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("findings.yml", "item-missing:", "item-gone:", "`item-missing` is missing"),
        ("status.md.j2", "{% if unreadable %}", "{% if unreadable", "status.md.j2:2"),
    ],
)
def test_a_broken_text_of_the_bot_is_named(tmp_path, monkeypatch, file, old, new, said):
    shutil.copytree(loading.COMMENTS, tmp_path / "comments")
    monkeypatch.setattr(loading, "COMMENTS", tmp_path / "comments")
    change(tmp_path / "comments" / file, old, new)
    with pytest.raises(RepositoryError, match=said):
        load_words()


# --- mistakes that must not wait for the first run --------------------------------------------------------------------


GATE = '"required": ["2.1", "2.2", "2.3", "2.4"]'
SILENT_MISTAKES = [
    pytest.param(
        '"x-gate": "customer-communication"',
        '"x-gate": "customer-comunication"',
        "customer-comunication",
        id="a gate that does not exist",
    ),
    pytest.param(
        '"customer":           {"title": "Customer", "type": "string", "minLength": 1}',
        '"customer":           {"title": "Customer", "type": "string", "pattern": "("}',
        "customer",
        id="a pattern that is none",
    ),
    pytest.param(
        GATE,
        '"required": ["2.1", "2.2", "2.3"]',
        "2.4",
        id="a box that is forgotten among the required",
    ),
    pytest.param(
        '"then": {"required": ["health_reason"]}',
        '"then": {"required": ["health_raeson"]}',
        "health_raeson",
        id="a condition that asks for nothing that exists",
    ),
    pytest.param(
        '"if": {"properties": {"health": {',
        '"if": {"properties": {"healht": {',
        "healht",
        id="a condition on nothing that exists",
    ),
    pytest.param(
        '"calendar_of": "cse_territory_owner"',
        '"calendar_of": "cseto"',
        "cseto",
        id="a calendar of nobody",
    ),
    pytest.param(
        '"required": ["letter_sent_on", "5.1"',
        '"required": ["letter_sent_on", "5.5", "5.1"',
        "5.5",
        id="a ban that is required",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), SILENT_MISTAKES)
def test_a_mistake_in_the_rules_cannot_switch_off_a_gate_or_end_in_a_crash(copy, old, new, said):
    line = change(copy / SCHEMA, old, new)
    problems = [problem for problem in check_repository(copy) if said in problem.message]
    assert problems
    assert problems[0].path == SCHEMA
    assert abs(problems[0].line - line) <= 12


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("operations: [ops]", "operations: [ops]\noperations: [eve]"),
        ("  ae:                  {users: [alex]}", "  ae:                  {users: [alex]}\n  ae: {users: [eve]}"),
    ],
)
def test_a_key_that_stands_twice_is_found_in_the_configuration_too(copy, old, new):
    change(copy / CONFIG, old, new)
    assert any("twice" in problem.message for problem in check_repository(copy))


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"if": {"required": ["people"]}, "then": {"required": ["nothing"]}}, "no section `nothing`"),
        (
            {"if": {"required": ["people"]}, "then": {"properties": {"overveiw": {"required": ["health"]}}}},
            "no section `overveiw`",
        ),
        (
            {"if": {"required": ["people"]}, "then": {"properties": {"overview": {"required": ["health_raeson"]}}}},
            "`health_raeson` is not defined",
        ),
        ({"allOf": [{"if": {"properties": {"account": {"required": ["custmer"]}}}}]}, "`custmer` is not defined"),
    ],
)
def test_a_condition_across_sections_that_speaks_of_nothing_is_named(copy, condition, said):
    schema = json.loads((copy / SCHEMA).read_text(encoding="utf-8"))
    (copy / SCHEMA).write_text(json.dumps({**schema, **condition}), encoding="utf-8")
    assert any(said in problem.message for problem in check_repository(copy))


def test_a_condition_across_sections_that_makes_sense_is_let_through(copy):
    schema = json.loads((copy / SCHEMA).read_text(encoding="utf-8"))
    dedicated = {"properties": {"technical": {"properties": {"deployment": {"const": "Dedicated"}}}}}
    condition = {"if": dedicated, "then": {"properties": {"overview": {"required": ["renewal_risks"]}}}}
    (copy / SCHEMA).write_text(json.dumps({**schema, **condition}), encoding="utf-8")
    assert check_repository(copy) == ()


def test_a_stage_whose_only_box_records_what_is_banned_is_named(copy):
    schema = json.loads((copy / SCHEMA).read_text(encoding="utf-8"))
    stage = schema["properties"]["pre-handover"]
    stage["properties"] = {"1.1": {**schema["properties"]["customer-communication"]["properties"]["5.5"]}}
    stage["required"] = []
    (copy / SCHEMA).write_text(json.dumps(schema), encoding="utf-8")
    assert any("at least one box that gates" in problem.message for problem in check_repository(copy))


@pytest.mark.parametrize("text", ["roles: &a [*a]\n", "a: &x {}\nroles: *x\n", "[" * 100_000])
@pytest.mark.parametrize("file", [SCHEMA, CONFIG])
def test_files_that_loop_or_nest_without_end_are_named(copy, file, text):
    (copy / file).write_text(text, encoding="utf-8")
    assert file in {problem.path for problem in check_repository(copy)}


def test_a_territory_that_stands_twice_in_other_letters_is_found(copy):
    change(copy / CONFIG, "  EMEA-1:", "  emea-1: {cse: [eli]}\n  EMEA-1:")
    assert check_repository(copy) != ()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("schemas/dialect.schema.json", "#/$defs/stage", "#/$defs/stge"),
        ("schemas/config.schema.json", '"type": "object"', '"type": "objet"'),
    ],
)
def test_a_wrong_meta_schema_is_named(copy, file, old, new):
    change(copy / file, old, new)
    assert file in {problem.path for problem in check_repository(copy)}


@pytest.mark.parametrize("text", ["", "[]", "null", "7", "{", "\x00"])
@pytest.mark.parametrize("file", [SCHEMA, CONFIG])
def test_a_file_with_anything_else_in_it_is_named(copy, file, text):
    (copy / file).write_text(text)
    assert file in {problem.path for problem in check_repository(copy)}


@pytest.mark.parametrize("text", ["x", "- a"])
def test_a_pipeline_with_anything_else_in_it_is_named(copy, text):
    (copy / ".gitlab-ci.yml").write_text(text)
    assert ".gitlab-ci.yml" in {problem.path for problem in check_repository(copy)}


# --- the texts of the bot ---------------------------------------------------------------------------------------------


@pytest.fixture
def comments(tmp_path, monkeypatch):
    shutil.copytree(loading.COMMENTS, tmp_path / "comments")
    monkeypatch.setattr(loading, "COMMENTS", tmp_path / "comments")
    return tmp_path / "comments"


def problems_of_words():
    with pytest.raises(RepositoryError) as error:
        load_words()
    return error.value.problems


@pytest.mark.parametrize("entry", ["item-open", "signer-wrong", "label-moved"])
def test_every_entry_must_be_there(comments, entry):
    change(comments / "findings.yml", f"\n{entry}:", f"\n{entry}-gone:")
    assert any(f"`{entry}` is missing" in problem.message for problem in problems_of_words())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  repair: Tick it when it is done.\n", ""),
        ("  repair: Tick it when it is done.", "  repair: 5"),
        ("{{ code }}** {{ title }}", "{{ code }}** {{ title"),
    ],
)
def test_an_entry_that_is_no_template_is_named(comments, old, new):
    change(comments / "findings.yml", old, new)
    assert problems_of_words()[0].path == "automation/comments/findings.yml"


@pytest.mark.parametrize(("old", "new"), [("item-open:", "item-open: ["), ("item-open:", "item-opn:")])
def test_every_problem_names_the_file_from_the_root(comments, old, new):
    change(comments / "findings.yml", old, new)
    assert {problem.path for problem in problems_of_words()} == {"automation/comments/findings.yml"}


def test_a_wrong_entry_is_named_with_its_line(comments):
    line = change(comments / "findings.yml", "{{ code }}** {{ title }}", "{{ code }}** {{ title")
    assert abs(problems_of_words()[0].line - line) <= 1


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("findings.yml", "{{ code }}** {{ title }}", "{{ code }}** {{ titel }}"),
        ("status.md.j2", "{{ acting }}", "{{ actng }}"),
    ],
)
def test_a_text_that_uses_a_value_which_does_not_exist_is_named(comments, file, old, new):
    change(comments / file, old, new)
    assert problems_of_words()[0].path == f"automation/comments/{file}"


# --- calendars --------------------------------------------------------------------------------------------------------

ROLES = "roles: {csm: {users: [carol]}, cse_territory_owner: {users: [ben]}, cse: {users: [dana]}, csm_manager: {users: [mia]}, ae: {users: [alex]}}\n"  # noqa: E501
CALENDARS = [
    ("calendar: {country: DX, time_zone: Europe/Berlin}", 2, "there is no country `DX`"),
    ("calendar: {country: DE, time_zone: Europe/Berln}", 2, "did you mean `Europe/Berlin`"),
    ("calendar: {country: DE, region: BX, time_zone: Europe/Berlin}", 2, "`DE` has no region `BX`; did you mean"),
    ("people:\n  carol: {time_zone: Europe/Pariss}", 3, "did you mean `Europe/Paris`"),
    ("people:\n  carol: {country: Germany}", 3, "Germany"),
    ('people:\n  carol: {away: [{from: "2026-12-21"}]}', 3, "'to' is a required"),
    ('people:\n  carol: {away: [{from: "2026-12-21", to: ""}]}', 3, "to"),
    ('people:\n  carol: {away: [{from: "2026-12-21", to: "2026-02-30"}]}', 3, "2026-02-30"),
    ("people:\n  carol: {away: [{from: 2026-12-21, to: 2026-12-01}]}", 3, "ends on 2026-12-01, before it begins"),
    ("people:\n  carol: {away: [{from: 2026-12-21, to: 2026-12-24, deputy: Carol}]}", 3, "their own deputy"),
    ('quiet_hours: {from: "25:00", to: "08:00"}', 2, "25:00"),
]


@pytest.mark.parametrize(("entry", "line", "said"), CALENDARS, ids=[entry for entry, _, _ in CALENDARS])
def test_a_calendar_that_cannot_be_is_named_with_its_line_and_the_nearest_names(copy, entry, line, said):
    (copy / CONFIG).write_text(f"{ROLES}{entry}\n", encoding="utf-8")
    found = [problem for problem in check_repository(copy) if problem.path == CONFIG]
    assert [problem.line for problem in found] == [line], [str(each) for each in found]
    assert said in found[0].message


@pytest.mark.parametrize(
    "entry",
    [
        "calendar: {country: GB, region: ENG, time_zone: Europe/London}",
        "people: {carol: {region: BY, country: DE}}",
        'people: {carol: {country: "NO", time_zone: Europe/Oslo}}',
        "people: {carol: {away: [{from: 2026-12-21, to: 2026-12-21}]}}",
        "people: {carol: {away: [{from: 2026-12-21, to: 2026-12-24, deputy: ben}]}, ben: {away: [{from: 2026-12-24, to: 2026-12-28, deputy: carol}]}}",  # noqa: E501
    ],
)
def test_a_calendar_that_can_be_is_accepted(copy, entry):
    (copy / CONFIG).write_text(f"{ROLES}{entry}\n", encoding="utf-8")
    assert check_repository(copy) == ()


RULES = [
    ('"x-silent": {"field": "last_ping", "months": 6}', '"x-silent": {"field": "seats", "months": 6}', "`seats` is no"),
    ('"x-not-before": ["5.2", "letter_planned_for"]', '"x-not-before": ["5.22"]', "`5.22` is neither a box nor a date"),
    ('"calendar_of": "cse_territory_owner"', '"calendar_of": "owner"', "the role `owner` has no field"),
    ('"due": {"working_days": 10}', '"due": {"working_days": 1000}', "1000"),
]


@pytest.mark.parametrize(("old", "new", "said"), RULES)
def test_a_rule_of_time_that_leads_nowhere_is_named(copy, old, new, said):
    change(copy / SCHEMA, old, new)
    assert any(said in problem.message for problem in check_repository(copy))


# --- what only `handover check` looks at ------------------------------------------------------------------------------


PIPELINE = ".gitlab-ci.yml"
OWNERS = ".gitlab/CODEOWNERS"


@pytest.fixture
def whole(copy):
    """A copy with its pages, which `handover check` wants."""
    write_docs(copy)
    assert check(copy).problems == ()
    return copy


def found_in(root, path):
    return [problem for problem in check(root).problems if problem.path == path]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (CONFIG, '"7 * * * *"', '"7 * * *"', "schedule.cron"),
        (CONFIG, "time_zone: UTC, at_once", "time_zone: Europe/Berln, at_once", "schedule.time_zone"),
        (OWNERS, "/letters/\n", "", None),
        (OWNERS, "/schemas/\n", "", "a change of schemas/"),
        (OWNERS, "/.gitlab/handover.yml\n", "", "a change of .gitlab/handover.yml"),
        (OWNERS, "[Rules] @customer-success/operations", "[Rules]", "a change of schemas/"),
        (OWNERS, "[Rules]", "^[Rules]", "a change of schemas/"),
        (PIPELINE, "- .venv/bin/handover docs", "- handover create --apply", "`documentation` names `--apply`"),
        (
            PIPELINE,
            'CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n  resource',
            'CI_PIPELINE_SOURCE == "merge_request_event"\n  resource',
            "`triage` names `--apply`",
        ),
        (PIPELINE, "stages: [check, triage]", "variables: {HANDOVER_TOKEN: abc}", "HANDOVER_TOKEN must not stand here"),
        (PIPELINE, "    - make agree\n", "", "holds up a merge request"),
        (PIPELINE, "stages: [check, triage]", "variables: {CI_PIPELINE_SOURCE: schedule}", "GitLab's own"),
        (PIPELINE, "stages: [check, triage]", "include: [{local: other.yml}]", "what is included"),
    ],
)
def test_what_only_the_check_looks_at_is_named_with_its_line(whole, file, old, new, said):
    line = change(whole / file, old, new)
    problems = found_in(whole, file)
    if said is None:
        assert problems == []
        return
    assert any(said in problem.message for problem in problems), [str(each) for each in problems]
    assert all(problem.line == 0 or abs(problem.line - line) <= 12 for problem in problems)


@pytest.mark.parametrize(
    "file",
    [OWNERS, ".gitlab/merge_request_templates/Default.md", "docs/processes/csm-to-cse-plus.md"],
)
def test_what_reviewers_and_readers_need_must_be_there(whole, file):
    (whole / file).unlink()
    assert [problem.path for problem in check(whole).problems] == [file]


def test_no_page_at_all_is_found_too(whole):
    shutil.rmtree(whole / "docs")
    assert {problem.path.split("/")[0] for problem in check(whole).problems} == {"docs"}


@pytest.mark.parametrize(
    ("former", "said"),
    [
        ("csm-to-cse-plus::completion", "is in use, by the stage `completion`"),
        ("csm-to-cse-plus::complete", "is in use, by the end of csm-to-cse-plus"),
        ("waiting-on-csm", "is in use"),
        ("one, two", "it has no comma"),
        ("x" * 256, "at most 255"),
    ],
)
def test_a_former_name_that_is_in_use_or_could_not_be_is_named(whole, former, said):
    schema = json.loads((whole / SCHEMA).read_text(encoding="utf-8"))
    schema["properties"]["review"]["x-previously"] = [former]
    (whole / SCHEMA).write_text(json.dumps(schema, indent=1), encoding="utf-8")
    [problem] = found_in(whole, SCHEMA)
    assert said in problem.message


def test_two_processes_with_one_board_are_named(whole):
    schema = json.loads((whole / SCHEMA).read_text(encoding="utf-8"))
    (whole / SCHEMA).write_text(json.dumps({**schema, "title": "waiting on"}, indent=1), encoding="utf-8")
    assert any("names the board" in problem.message for problem in found_in(whole, SCHEMA))


def test_a_code_that_another_version_gives_another_meaning_is_named(whole):
    schema = json.loads((whole / SCHEMA).read_text(encoding="utf-8"))
    (whole / "schemas/csm-to-cse-plus.v1.schema.json").write_text(json.dumps(schema, indent=1), encoding="utf-8")
    schema["x-process"]["version"] = 2
    schema["properties"]["pre-handover"]["properties"]["1.1"]["title"] = "The contract is signed"
    (whole / SCHEMA).write_text(json.dumps(schema, indent=1), encoding="utf-8")
    change(whole / TEMPLATE, "version 1", "version 2")
    write_docs(whole)
    [problem] = check(whole).problems
    assert problem.path == SCHEMA
    assert "box 1.1 means something else than before" in problem.message


def test_an_older_version_is_lower_than_the_present_one(whole):
    schema = json.loads((whole / SCHEMA).read_text(encoding="utf-8"))
    schema["x-process"]["version"] = 2
    (whole / "schemas/csm-to-cse-plus.v2.schema.json").write_text(json.dumps(schema, indent=1), encoding="utf-8")
    assert any("the newest version of a process is" in problem.message for problem in check(whole).problems)


def test_a_process_may_end_those_under_way_keep_their_rules(whole):
    (whole / SCHEMA).rename(whole / "schemas/csm-to-cse-plus.v1.schema.json")
    (whole / TEMPLATE).unlink()
    write_docs(whole)
    assert [str(problem) for problem in check(whole).problems] == []
    assert ("csm-to-cse-plus", 1) in load_repository(whole).processes


@pytest.mark.parametrize("path", ["schemas", SCHEMA, "letters/other.md.j2", ".gitlab/handover.yml", ".gitlab"])
def test_a_link_that_nobody_could_compare_is_named(whole, path):
    target = whole / "elsewhere"
    (whole / path).rename(target) if (whole / path).exists() else target.write_text("x")
    (whole / path).parent.mkdir(exist_ok=True)
    (whole / path).symlink_to(target)
    assert any("link or a submodule" in problem.message for problem in found_in(whole, path))


def test_a_submodule_is_named(whole):
    (whole / "letters/deep").mkdir(parents=True)
    (whole / "letters/deep/.git").write_text("gitdir: ../x")
    assert any("link or a submodule" in problem.message for problem in found_in(whole, "letters/deep"))


def test_a_file_name_that_is_no_text_is_named(whole):
    Path(os.fsdecode(os.fsencode(whole / "schemas") + b"/\xfe.txt")).write_text("x")
    [problem] = check(whole).problems
    assert problem.path == "schemas/\\udcfe.txt"
    assert "no UTF-8" in problem.message


def test_a_pipeline_with_a_header_and_references_is_read(whole):
    text = (whole / PIPELINE).read_text(encoding="utf-8")
    header = "# What it takes.\nspec:\n  inputs:\n    place: {default: x}\n---\n"
    more = (
        "\n.setup:\n  script: [pip install x]\nlint:\n  before_script: [!reference [.setup, script]]\n  script: ruff\n"
    )
    (whole / PIPELINE).write_text(header + text + more, encoding="utf-8")
    assert found_in(whole, PIPELINE) == []
    assert find_triage_jobs(whole) == ("triage",)
    (whole / PIPELINE).write_text(header + text + more.replace("pip install x", "x --apply"), encoding="utf-8")
    [problem] = found_in(whole, PIPELINE)
    assert "the job `lint` names `--apply`" in problem.message
    lines = (whole / PIPELINE).read_text(encoding="utf-8").split("\n")
    assert lines[problem.line - 1].startswith(("lint:", "  before_script"))
    (whole / PIPELINE).write_text(text + "\nodd: !reference x\n", encoding="utf-8")
    assert "the job `odd` names something that does not stand" in found_in(whole, PIPELINE)[0].message


@pytest.mark.parametrize("path", ["Makefile", "automation/errors.py", ".ci/run"])
def test_what_decides_how_changes_are_checked_needs_an_owner(whole, path):
    (whole / path).parent.mkdir(exist_ok=True)
    (whole / path).write_text("x")
    owners = (whole / OWNERS).read_text(encoding="utf-8")
    line = f"/{path.split('/')[0]}{'/' if '/' in path else ''}\n"
    (whole / OWNERS).write_text(owners.replace(line, ""), encoding="utf-8")
    [problem] = found_in(whole, OWNERS)
    assert path in problem.message
