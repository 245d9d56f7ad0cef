"""`make` and `.ci/run` on machines that lack something: they say what, and `.ci/run` never passes what was skipped."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.pipeline.clone import ROOT


@pytest.fixture
def place(tmp_path):
    """A directory with what `make install` and `.ci/run` read, and no virtual environment."""
    for name in ("Makefile", "pyproject.toml", ".ci/run"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def write_program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def run(place, *command, **environment):
    return subprocess.run(
        command, cwd=place, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ('case "$2" in *version_info*) exit 1;; esac', "is not Python 3.11 or newer"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt-get install python3-venv"),
    ],
    ids=["too old", "no venv"],
)
def test_make_says_what_is_wrong_with_the_python(place, python, sentence):
    answer = run(place, "make", "install", f"PYTHON={write_program(place / 'python', python)}")
    assert answer.returncode != 0
    assert sentence in answer.stderr


@pytest.fixture
def tools(place):
    """The only programs of a machine: those that `.ci/run` asks for do nothing, and `make` reports no skipped test."""
    tools = place / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "grep", "env", "cat", "mkdir"):
        (tools / name).symlink_to(shutil.which(name))
    for name in ("git", "node", "npm", "rsync", "python3"):
        write_program(tools / name, "")
    write_program(tools / "id", "echo 0")
    write_make(tools, skipped=0)
    return tools


def write_make(tools, skipped):
    report = f'<testsuite errors="0" failures="0" skipped="{skipped}" tests="9"/>'
    write_program(tools / "make", f"mkdir -p build/reports && echo '{report}' > build/reports/tests.xml")


@pytest.mark.parametrize(("skipped", "code"), [(0, 0), (1, 1)])
def test_ci_fails_when_a_test_was_skipped(place, tools, skipped, code):
    write_make(tools, skipped)
    answer = run(place, ".ci/run", PATH=str(tools))
    assert answer.returncode == code, answer.stderr
    assert ("skipped" in answer.stderr) == bool(skipped)


def test_ci_installs_what_is_missing_and_nothing_else(place, tools):
    (tools / "node").unlink()
    (tools / "rsync").unlink()
    write_program(tools / "apt-get", 'echo "$@" >> log')
    answer = run(place, ".ci/run", PATH=str(tools))
    assert answer.returncode == 0, answer.stderr
    [_, install] = (place / "log").read_text().splitlines()
    assert install.split()[-3:] == ["--no-install-recommends", "nodejs", "rsync"]


def test_ci_names_what_it_cannot_install(place, tools):
    (tools / "rsync").unlink()
    answer = run(place, ".ci/run", PATH=str(tools))
    assert answer.returncode == 1
    assert answer.stderr.rstrip().endswith("run me again: rsync")
