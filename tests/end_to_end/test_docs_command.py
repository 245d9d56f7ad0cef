"""`handover roles` and `handover docs` as people and `make check` run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from automation.edge import pages as loading
from automation.errors import RepositoryError
from automation.jobs.docs import check_docs, write_docs
from tests.builders import ROOT

PAGES = "docs/processes"
REAL = "csm-to-cse-plus"


@pytest.fixture
def copy(tmp_path):
    for name in ("schemas", ".gitlab"):
        shutil.copytree(ROOT / name, tmp_path / name)
    write_docs(tmp_path)
    return tmp_path


def handover(*args):
    command = [sys.executable, "-c", "from automation.cli import main; main()", *map(str, args)]
    known = {key: value for key, value in os.environ.items() if not key.startswith(("HANDOVER_", "CI"))}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=known, timeout=60, check=False)


def test_the_pages_of_this_repository_are_fresh():
    assert [str(problem) for problem in check_docs(ROOT)] == []


def test_what_was_written_is_fresh_and_a_second_run_changes_nothing(copy):
    assert check_docs(copy) == ()
    assert write_docs(copy) == ()
    assert (copy / PAGES / f"{REAL}.md").is_file()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (f"{REAL}.md", "changed by hand", "is stale"),
        (f"{REAL}.md", None, "is missing"),
        ("README.md", None, "is missing"),
        ("gone.md", f"{loading.MARK} from schemas/gone.schema.json. -->\n", "belongs to no process any more"),
    ],
)
def test_a_page_that_is_changed_missing_or_left_over_is_found_and_put_right(copy, name, text, said):
    path = copy / PAGES / name
    path.unlink() if text is None else path.write_text(text)
    answer = handover("docs", "--check", "--repository", copy)
    assert answer.returncode == 3
    assert f"{PAGES}/{name}: this page {said}: run `handover docs` and commit what it writes." in answer.stderr
    assert handover("docs", "--repository", copy).stdout == f"{PAGES}/{name}\n"
    assert handover("docs", "--check", "--repository", copy).returncode == 0


def test_checking_writes_nothing(copy):
    (copy / PAGES / f"{REAL}.md").unlink()
    before = sorted(copy.rglob("*"))
    check_docs(copy)
    assert sorted(copy.rglob("*")) == before


def test_a_changed_schema_makes_its_page_stale(copy):
    path = copy / f"schemas/{REAL}.schema.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"Goals"', '"Aims"', 1), encoding="utf-8")
    template = copy / ".gitlab/issue_templates/CSM to CSE+ Handover.md"
    template.write_text(template.read_text(encoding="utf-8").replace("**Goals:**", "**Aims:**"), encoding="utf-8")
    assert [problem.path for problem in check_docs(copy)] == [f"{PAGES}/{REAL}.md"]


def test_a_page_that_somebody_else_wrote_is_never_deleted(copy):
    path = copy / PAGES / "notes.md"
    path.write_text("my own notes")
    with pytest.raises(RepositoryError, match=r"notes\.md.*move it away"):
        write_docs(copy)
    assert path.read_text() == "my own notes"
    assert any("notes.md" in str(problem) for problem in check_docs(copy))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("{{ title }}", "{{ title", "process.md.j2"), ("{{ title }}", "{{ titel }}", "'titel' is undefined")],
)
def test_broken_prose_is_named(copy, monkeypatch, old, new, said):
    shutil.copytree(loading.PROSE, copy / "prose")
    monkeypatch.setattr(loading, "PROSE", copy / "prose")
    path = copy / "prose/process.md.j2"
    path.write_text(path.read_text().replace(f"# {old}\n", f"# {new}\n", 1))
    with pytest.raises(RepositoryError, match=said):
        check_docs(copy)


def test_roles_of_one_process_and_of_all():
    one, every = handover("roles", REAL), handover("roles")
    assert (one.returncode, every.returncode) == (0, 0)
    assert one.stdout.strip() in every.stdout
    assert "2.4 The account is approved for CSE+: CSE Territory Owner" in one.stdout


@pytest.mark.parametrize("shape", ["text", "markdown", "json"])
def test_roles_in_every_form(shape):
    answer = handover("roles", REAL, "--format", shape)
    assert answer.returncode == 0
    if shape == "json":
        assert json.loads(answer.stdout)["processes"][0]["id"] == REAL


def test_an_unknown_process_is_named_with_the_known_ones():
    answer = handover("roles", "csm-to-cse")
    assert answer.returncode == 2
    assert "There is no process 'csm-to-cse'; write one of: " in answer.stderr
    assert REAL in answer.stderr


def test_the_tables_fit_a_terminal():
    lines = handover("roles").stdout.split("\n")
    assert [line for line in lines if len(line) > 100] == []
