"""Imports run one way, and each outside thing has one door: what the design says of the program's structure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "automation"
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__init__.py")
OURS = [path for path in FILES if "sandbox" not in path.parts]
CORE = [path for path in FILES if "core" in path.relative_to(ROOT).parts]
EDGE = [path for path in FILES if path.parent.name == "edge"]
SANDBOX = [path for path in FILES if path.parent.name == "sandbox"]
# What loads the files of the repository also checks and builds them, with the core.
LOADERS = ("coverage.py", "letters.py", "pipeline.py", "repository.py")

# What the core may import beside itself: it thinks, it never touches the world.
PURE = {
    "__future__",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "collections",
    "comrak",
    "cronsim",
    # It takes text apart; whoever opens the file is outside.
    "csv",
    "dataclasses",
    "datetime",
    "difflib",
    "email",
    "fnmatch",
    "functools",
    "hashlib",
    "hmac",
    "holidays",
    "html",
    "itertools",
    "jinja2",
    "json",
    "jsonschema",
    "math",
    "re",
    "textwrap",
    "threading",
    "types",
    "typing",
    "unicodedata",
    # It takes addresses apart; the rest of urllib asks them.
    "urllib.parse",
    "zlib",
    "zoneinfo",
}


def imports(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def calls(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
    return found


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_imports_only_itself_and_what_is_pure(path):
    for each in imports(path):
        assert each.startswith("automation.core") or each in PURE or each.split(".")[0] in PURE, each


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_reads_no_clock_prints_nothing_and_opens_nothing(path):
    assert not calls(path) & {"datetime.now", "datetime.utcnow", "date.today", "print", "open", "input"}


@pytest.mark.parametrize("path", EDGE, ids=name)
def test_the_edge_never_calls_the_jobs_or_the_command_line(path):
    allowed = ("automation.core", "automation.edge", "automation.errors")
    assert all(each.startswith(allowed) for each in imports(path) if each.startswith("automation"))


@pytest.mark.parametrize("path", OURS, ids=name)
def test_only_the_command_line_knows_the_sandbox(path):
    if path.parent.name != "cli":
        assert not any(each.startswith("automation.sandbox") for each in imports(path))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_python_gitlab_has_one_door(path):
    if name(path) != "edge/gitlab.py":
        assert not any(each.split(".")[0] == "gitlab" for each in imports(path))


@pytest.mark.parametrize("path", OURS, ids=name)
def test_comrak_has_one_door(path):
    if name(path) != "core/markdown.py":
        assert "comrak" not in imports(path)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_the_command_line_ends_the_process_or_reads_the_environment(path):
    if path.parent.name != "cli":
        assert "sys.exit" not in calls(path)
        assert "os.environ" not in path.read_text()


@pytest.mark.parametrize("path", SANDBOX, ids=name)
def test_the_sandbox_uses_the_program_only_to_show_it(path):
    """The server itself must not share code with what it tests; the demo, of course, runs the program."""
    if path.stem not in ("demo", "sample") and not path.stem.startswith("story"):
        assert not any(each.startswith(("automation.core", "automation.edge")) for each in imports(path))


# --- finer than imports -----------------------------------------------------------------------------------------------


def attributes(path):
    """Yield every dotted name that is used, such as time.sleep."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_touches_neither_files_nor_time_nor_chance(path):
    outside = {
        "os",
        "pathlib",
        "io",
        "sys",
        "time",
        "random",
        "secrets",
        "socket",
        "subprocess",
        "requests",
        "urllib",
        "yaml",
    }
    assert {each.split(".")[0] for each in imports(path) - {"urllib.parse"}} & outside == set()
    used = ("datetime.now", "datetime.utcnow", "date.today", ".read_text", ".write_text", ".environ")
    assert [each for each in attributes(path) if each.endswith(used)] == []


@pytest.mark.parametrize("path", EDGE, ids=name)
def test_the_edge_decides_nothing_about_handovers(path):
    """Of the core it may know the values, and what loading the repository needs; not the judgement or the plan."""
    thinking = {
        f"automation.core.{each}"
        for each in ("gates", "replay", "plan", "labels", "outlook", "remembering", "staleness")
    }
    assert imports(path) & thinking == set()


@pytest.mark.parametrize("path", [path for path in EDGE if path.name not in LOADERS], ids=name)
def test_the_edge_knows_of_the_core_only_its_values(path):
    values = {"automation.core.model", "automation.core.installation"}
    assert {each for each in imports(path) if each.startswith("automation.core")} <= values


@pytest.mark.parametrize("path", OURS, ids=name)
def test_no_error_is_caught_to_carry_on_silently(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: a bare except"
            is_silent = all(isinstance(each, ast.Pass) for each in node.body)
            assert not is_silent, f"line {node.lineno}: an error that nobody hears of"


@pytest.mark.parametrize("path", OURS, ids=name)
def test_every_module_opens_with_its_purpose(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_the_core_has_no_circle_of_imports():
    needs = {
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts): {
            each for each in imports(path) if each.startswith("automation.core.")
        }
        for path in CORE
    }
    while free := {module for module, others in needs.items() if not others & set(needs)}:
        needs = {module: others for module, others in needs.items() if module not in free}
    assert sorted(needs) == []
