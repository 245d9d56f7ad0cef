"""What the files of the repository say agrees; where it does not, file, line and repair are named."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from automation.core.comments import FINDING_WORDS
from automation.edge import repository as loading
from automation.edge.repository import check_repository, load_repository, load_words
from automation.errors import RepositoryError
from tests.scene import ROOT

SCHEMA = "schemas/csm-to-cse-plus.schema.json"
TEMPLATE = ".gitlab/issue_templates/CSM to CSE+ Handover.md"
CONFIG = ".gitlab/handover.yml"


@pytest.fixture
def copy(tmp_path):
    for each in ("schemas", ".gitlab"):
        shutil.copytree(ROOT / each, tmp_path / each)
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
    (SCHEMA, '"customer":        {', '"customer": {}, "customer": {', "stands twice"),
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
    assert set(told) == FINDING_WORDS
    assert set(load_words().findings) == FINDING_WORDS


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
