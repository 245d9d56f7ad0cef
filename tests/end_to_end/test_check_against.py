"""`handover check --against`: what handovers under way could not bear is refused, all else is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from automation.edge.history import find_base, write_revision
from automation.edge.repository import check_repository
from automation.errors import UsageError
from automation.jobs.check import check
from automation.jobs.docs import write_docs
from tests.builders import ROOT

SCHEMA = "schemas/csm-to-cse-plus.schema.json"
KEPT = "schemas/csm-to-cse-plus.v1.schema.json"
TEMPLATE = ".gitlab/issue_templates/CSM to CSE+ Handover.md"
CONFIG = ".gitlab/handover.yml"
PAGE = "what-this-change-means.md"
DUE = '"due": {"working_days": 10'


class Place:
    """A Git repository with one process, on the branch `change` that starts from `main`."""

    def __init__(self, root):
        self.root = root
        for path in (SCHEMA, TEMPLATE, CONFIG, ".gitlab/CODEOWNERS", ".gitlab/merge_request_templates/Default.md"):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, root / path)
        for name in ("dialect.schema.json", "config.schema.json", "letter.schema.json", "requirements.yml"):
            shutil.copy(ROOT / "schemas" / name, root / "schemas" / name)
        shutil.copy(ROOT / ".gitlab-ci.yml", root)
        (root / CONFIG).write_text(
            "roles:\n  csm: {users: [carol]}\n  cse_territory_owner: {users: [ben]}\n  cse: {users: [dana]}\n"
            "  csm_manager: {users: [mia]}\n  ae: {users: [alex]}\n"
        )
        write_docs(root)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit()
        self.git("switch", "--quiet", "--create", "change")

    def git(self, *arguments):
        author = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        command = ["git", *author, "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")

    def change(self, path, old, new, count=1):
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}: the test no longer tests anything"
        (self.root / path).write_text(text.replace(old, new, count), encoding="utf-8")
        if not check_repository(self.root):
            write_docs(self.root)
        return text[: text.index(old)].count("\n") + 1

    def check(self, against="main"):
        return check(self.root, against=against)

    def handover(self, *arguments, **environment):
        known = {key: value for key, value in os.environ.items() if not key.startswith(("HANDOVER_", "CI", "GIT_"))}
        command = [sys.executable, "-c", "from automation.cli import main; main()", *map(str, arguments)]
        command += ["--repository", str(self.root)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env={**known, **environment}, timeout=60, check=False
        )


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("made") / "repository")


@pytest.fixture
def place(made, tmp_path):
    copy = object.__new__(Place)
    copy.root = tmp_path / "repository"
    shutil.copytree(made.root, copy.root)
    return copy


def test_no_change_means_nothing_for_anybody(place):
    checked = place.check()
    assert [str(each) for each in checked.problems] == []
    assert checked.meaning.sentences == ()


def test_a_limit_that_changes_under_the_same_version_is_refused_at_its_line(place):
    line = place.change(SCHEMA, DUE, '"due": {"working_days": 12')
    (problem,) = place.check().problems
    assert problem.path == SCHEMA
    assert abs(problem.line - line) <= 1
    assert "may take 12 instead of 10 working days" in problem.message
    assert f"> {KEPT}" in problem.message


def test_the_way_that_the_refusal_names_is_the_right_one(place):
    place.change(SCHEMA, DUE, '"due": {"working_days": 12')
    (problem,) = place.check().problems
    command = problem.message.split("`")[1]
    assert command.startswith("git show ")
    revision, target = command.removeprefix("git show ").split(" > ")
    assert ":./schemas/" in revision
    (place.root / target).write_text(place.git("show", revision) + "\n", encoding="utf-8")
    place.change(SCHEMA, '"version": 1', '"version": 2')
    place.change(TEMPLATE, "version 1", "version 2")
    checked = place.check()
    assert [str(each) for each in checked.problems] == []
    said = [(whom, text) for _, whom, text in checked.meaning.sentences]
    assert ("new", "“Pre-handover” may take 12 instead of 10 working days.") in said
    assert not any("working days" in text for whom, text in said if whom == "all")


def test_a_code_of_the_template_alone_may_not_mean_something_else(place):
    line = place.change(TEMPLATE, "- [ ] 1.1 Every success plan is closed", "- [ ] 1.1 The contract is signed")
    (problem,) = place.check().problems
    assert (problem.path, problem.line) == (TEMPLATE, line)
    assert "means something else" in problem.message


def test_people_and_words_may_change_freely_and_are_told(place):
    place.change(CONFIG, "cse_territory_owner: {users: [ben]}", "cse_territory_owner: {users: [ben, chloe]}")
    place.change(SCHEMA, "Every success plan is closed", "Every success plan is closed in Gainsight")
    checked = place.check()
    assert checked.problems == ()
    said = [text for _, _, text in checked.meaning.sentences]
    assert "chloe may now act as CSE Territory Owner." in said
    assert any(text.startswith("Box 1.1 reads differently:") for text in said)


def test_what_main_did_meanwhile_is_not_taken_for_our_change(place):
    place.git("switch", "--quiet", "main")
    place.change(CONFIG, "ae: {users: [alex]}", "ae: {users: [alex, eve]}")
    place.commit()
    place.git("switch", "--quiet", "change")
    checked = place.check("main")
    assert checked.meaning.sentences == ()
    assert "where the two histories part" in checked.meaning.against


def test_without_a_common_history_the_revision_itself_is_compared(place):
    place.git("switch", "--quiet", "--orphan", "other")
    place.git("checkout", "main", "--", ".")
    place.change(CONFIG, "ae: {users: [alex]}", "ae: {users: [alex, eve]}")
    place.commit()
    checked = place.check("main")
    assert [text for _, _, text in checked.meaning.sentences] == ["eve may now act as AE."]
    assert "as it stands" in checked.meaning.against


def test_a_shallow_clone_compares_with_the_one_commit_that_was_fetched(place, tmp_path):
    base = place.git("rev-parse", "HEAD")
    for number in range(3):
        place.change(CONFIG, "ae: {users: [alex", f"ae: {{users: [alex, eve{number}")
        place.commit()
    clone = object.__new__(Place)
    clone.root = tmp_path / "clone"
    address = f"file://{place.root}"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", "--branch", "change", address, clone.root], check=True)
    with pytest.raises(UsageError, match="git fetch"):
        clone.check(base)
    clone.git("fetch", "--quiet", "--depth", "1", "origin", base)
    assert len(clone.check(base).meaning.sentences) == 3


def test_a_file_that_could_not_be_read_before_is_told_and_holds_nothing_up(place):
    place.git("switch", "--quiet", "main")
    good = (place.root / SCHEMA).read_text(encoding="utf-8")
    (place.root / SCHEMA).write_text("{", encoding="utf-8")
    place.commit()
    (place.root / SCHEMA).write_text(good, encoding="utf-8")
    checked = place.check("HEAD")
    assert checked.problems == ()
    assert any("could not be read in the former state" in text for _, _, text in checked.meaning.sentences)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (SCHEMA, '"x-signs-for": ["timing"]', '"x-signs-for": ["tming"]'),
        (SCHEMA, '"x-after": ["5.2"]', '"x-aftr": ["5.2"]'),
        (SCHEMA, '"then": {"required": ["health_reason"]}', '"then": {"required": ["health_raeson"]}'),
        (CONFIG, "roles:", "rolls:"),
        (TEMPLATE, "version 1", "version 3"),
    ],
)
def test_what_is_wrong_in_itself_is_refused_and_said_not_to_be_comparable(place, path, old, new):
    place.change(path, old, new)
    checked = place.check()
    assert path in {problem.path for problem in checked.problems}
    assert path == TEMPLATE or any(
        "is not sound yet" in text or "cannot be read as it is now" in text for _, _, text in checked.meaning.sentences
    )


def test_links_in_the_former_state_are_not_followed(place, tmp_path):
    (place.root / "letters").mkdir()
    (place.root / "letters/secret.md.j2").symlink_to("/etc/passwd")
    place.commit()
    target = tmp_path / "target"
    target.mkdir()
    base = find_base(place.root, "HEAD")
    assert write_revision(place.root, base.commit, ("letters", SCHEMA), target) == ("letters/secret.md.j2",)
    assert [path.name for path in target.rglob("*") if not path.is_dir()] == ["csm-to-cse-plus.schema.json"]


@pytest.mark.parametrize(
    "ref",
    [
        "--upload-pack=touch bad",
        "-x",
        "",
        " ",
        "no-such",
        "HEAD:README.md",
        "HEAD\n--all",
        "main;touch bad",
        "$(touch bad)",
    ],
)
def test_whatever_is_named_is_no_option_and_runs_nothing(place, ref, monkeypatch):
    monkeypatch.chdir(place.root)
    with pytest.raises(UsageError):
        find_base(place.root, ref)
    assert not (place.root / "bad").exists()


@pytest.mark.parametrize("path", [SCHEMA, "schemas", ".gitlab"])
def test_rules_behind_a_link_cannot_be_swapped(place, path):
    """Neither the link nor, once it should be there, what changes behind it is let through."""
    place.git("switch", "--quiet", "main")
    (place.root / path).rename(place.root / "elsewhere")
    (place.root / path).symlink_to(place.root / "elsewhere")
    assert path in {problem.path for problem in place.check("HEAD").problems}
    place.commit()
    (place.root / path).unlink()
    (place.root / "elsewhere").rename(place.root / path)
    [message] = [problem.message for problem in place.check("HEAD").problems if problem.path == path]
    assert "is a link or a submodule" in message


def test_a_submodule_in_the_former_state_is_refused(place):
    commit = place.git("rev-parse", "HEAD")
    place.git("update-index", "--add", "--cacheinfo", f"160000,{commit},letters/deep")
    place.git("commit", "--quiet", "--message", "Add")
    assert {problem.path for problem in place.check("HEAD").problems} == {"letters/deep"}


def test_who_approves_and_the_pipeline_are_told(place):
    place.change(".gitlab/CODEOWNERS", "/letters/\n", "")
    place.change(".gitlab-ci.yml", "timeout: 55 minutes", "timeout: 5 minutes")
    said = [text for about, _, text in place.check().meaning.sentences if about == "approval and pipeline"]
    assert said == [".gitlab-ci.yml changes.", ".gitlab/CODEOWNERS changes."]


def test_a_file_name_that_is_no_text_stops_no_report(place, tmp_path):
    folder = os.fsencode(place.root / "schemas")
    for name in (b"\xff.schema.json", b"\xfe.txt"):
        Path(os.fsdecode(folder + b"/" + name)).write_text("{")
    page = tmp_path / PAGE
    for shape in ("text", "json", "junit", "codequality"):
        answer = place.handover("check", "--against", "main", "--format", shape, "--changes", page)
        assert answer.returncode == 3, answer.stderr
        assert "udcfe.txt" in answer.stdout
    assert "udcff.schema.json" in page.read_text(encoding="utf-8")


def test_without_anything_to_compare_with_the_reports_say_so(place, tmp_path):
    page = tmp_path / PAGE
    answer = place.handover("check", "--against", "0" * 40, "--format", "junit", "--changes", page)
    assert answer.returncode == 2
    assert "could not be compared" in ElementTree.fromstring(answer.stdout).find("testcase/failure").text
    assert "Could not be compared" in page.read_text(encoding="utf-8")
    answer = place.handover("check", "--against", "0" * 40, "--format", "codequality")
    assert "could not be compared" in json.loads(answer.stdout)[0]["description"]


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(place):
    (place.root / "file").write_text("x")
    answer = place.handover("check", "--against", "main", "--changes", place.root / "file/x.md")
    assert answer.returncode == 2
    assert "cannot be written" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_below_the_root_of_a_git_repository_the_command_works_too(place, tmp_path):
    outer = tmp_path / "outer"
    shutil.copytree(place.root, outer / "inner", ignore=shutil.ignore_patterns(".git"))
    inner = object.__new__(Place)
    inner.root = outer / "inner"
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main", outer], check=True)
    inner.commit()
    assert inner.check().problems == ()
    inner.change(SCHEMA, DUE, '"due": {"working_days": 12')
    (problem,) = inner.check().problems
    command = problem.message.split("`")[1]
    subprocess.run(command, shell=True, check=True, cwd=inner.root)
    assert (inner.root / KEPT).read_text(encoding="utf-8") == (place.root / SCHEMA).read_text(encoding="utf-8")


def test_outside_of_git_the_command_line_is_wrong(place):
    shutil.rmtree(place.root / ".git")
    answer = place.handover("check", "--against", "main", GIT_CEILING_DIRECTORIES=str(place.root.parent))
    assert answer.returncode == 2
    assert "needs a Git repository" in answer.stderr
    answer = place.handover("check", "--changes", place.root / PAGE)
    assert answer.returncode == 2
    assert "--changes needs --against" in answer.stderr


def test_the_command_refuses_and_writes_the_page(place, tmp_path):
    place.change(SCHEMA, DUE, '"due": {"working_days": 12')
    page = tmp_path / "reports" / PAGE
    answer = place.handover("check", "--against", "main", "--changes", page)
    assert answer.returncode == 3
    assert "1 problem to put right." in answer.stdout
    text = page.read_text(encoding="utf-8")
    assert text.index("To put right before merging") < text.index("For all handovers, those under way too")
    assert "may take 12 instead of 10 working days" in text


def test_json_tells_the_changes_too_and_the_reports_hold_the_refusals(place):
    place.change(SCHEMA, DUE, '"due": {"working_days": 12')
    told = json.loads(place.handover("check", "--against", "main", "--format", "json").stdout)
    assert [each["path"] for each in told["problems"]] == [SCHEMA]
    assert told["changes"][0]["for"] == "all"
    suite = ElementTree.fromstring(place.handover("check", "--against", "main", "--format", "junit").stdout)
    assert [case.get("classname") for case in suite.findall("testcase")] == [SCHEMA]


def test_the_fingerprint_of_a_problem_outlives_lines_that_come_above_it(place):
    def quality():
        answer = place.handover("check", "--against", "main", "--format", "codequality")
        return {each["fingerprint"]: each["location"] for each in json.loads(answer.stdout)}

    place.change(SCHEMA, DUE, '"due": {"working_days": 12')
    before = quality()
    place.change(SCHEMA, '  "type": "object",\n', '  "x-notes": [\n    {"text": "New."}\n  ],\n  "type": "object",\n')
    after = quality()
    assert set(before) == set(after)
    assert [each["path"] for each in after.values()] == [SCHEMA]
    assert [each["lines"]["begin"] for each in after.values()] != [each["lines"]["begin"] for each in before.values()]
