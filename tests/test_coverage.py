"""Every row of the source documents is carried out by something or excluded with a reason, and no citation is wrong."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections import Counter
from functools import cache

import pytest
from click.testing import CliRunner

from automation.cli import cli
from automation.core import citations
from automation.core.citations import PROGRAM_RULES, Citation, find_citations, program_citations
from automation.core.coverage import EXCLUSIONS, REQUIREMENTS, judge_coverage
from automation.core.requirements import (
    HARD_KINDS,
    SOFT_KINDS,
    STRICT_KINDS,
    Exclusion,
    build_exclusions,
    build_requirements,
)
from automation.edge.coverage import load_coverage
from automation.edge.repository import check_repository
from automation.reports.coverage import show_coverage
from tests.scene import ROOT

SCHEMA = "schemas/csm-to-cse-plus.schema.json"


@cache
def real():
    """The coverage of this repository, and what is wrong with it."""
    return load_coverage(ROOT)


# --- this repository --------------------------------------------------------------------------------------------------


def test_the_sources_have_416_rows():
    rows = Counter(each.row.document for each in real()[0].rows)
    assert rows == {"S0": 125, "S1": 59, "S2": 99, "S3": 94, "S4": 39}


@pytest.mark.parametrize("document", ["S0", "S1", "S2", "S3", "S4"])
def test_the_rows_of_a_source_are_numbered_without_a_gap(document):
    codes = [each.row.code for each in real()[0].rows if each.row.document == document]
    assert codes == [f"{document}-{number}" for number in range(1, len(codes) + 1)]


def test_every_hard_row_is_carried_out_or_excluded_and_no_citation_is_wrong():
    assert [str(problem) for problem in real()[1]] == []


def test_definitions_outcomes_and_recommendations_are_found_somewhere_too():
    rows = real()[0].rows
    assert [each.row.code for each in rows if not each.row.is_hard and not each.by and not each.excluded] == []


# --- tests named by their rows ----------------------------------------------------------------------------------------

_CODE = re.compile(r"(?<![a-z0-9])s([0-4])_([0-9]+)(?![0-9])")


def codes_in(name):
    """Return the rows that the name of a test names: S2-14 in test_s2_14_the_call_waits, and not S2-1."""
    return {f"S{document}-{number}" for document, number in _CODE.findall(name)}


@cache
def rows_with_a_test():
    """Return every row that a test function is named by."""
    files = (path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts)
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = (node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
    return {code for name in names for code in codes_in(name)}


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("test_s2_14_the_welcome_call_waits", {"S2-14"}),
        ("test_s2_1", {"S2-1"}),
        ("test_s0_4_s0_15_no_cse", {"S0-4", "S0-15"}),
        ("test_rows2_14", set()),
        ("test_s5_1_or_s2_x", set()),
    ],
)
def test_the_name_of_a_test_names_rows_exactly(name, codes):
    assert codes_in(name) == codes


@pytest.mark.parametrize("kind", sorted(STRICT_KINDS))
def test_every_gate_ban_and_limit_has_a_test_of_its_behaviour_that_is_named_by_its_row(kind):
    wanted = {each.row.code for each in real()[0].rows if each.row.kind == kind and not each.excluded}
    assert wanted - rows_with_a_test() == set()


# --- the judgement ----------------------------------------------------------------------------------------------------

FIVE = {
    "S0": {
        "title": "One",
        "file": "one.txt",
        "rows": {
            "S0-1": {"kind": "ITEM", "line": 3, "text": "Plans are closed"},
            "S0-2": {"kind": "GATE", "line": "4, 9", "text": "Review first"},
            "S0-3": {"kind": "DEF", "line": 5, "text": "What a plan is"},
        },
    },
    "S1": {
        "title": "Two",
        "file": "two.txt",
        "rows": {
            "S1-1": {"kind": "LETTER", "line": 1, "text": "Says hello"},
            "S1-2": {"kind": "RULE", "line": 2, "text": "Be kind"},
        },
    },
}
ROWS = build_requirements(FIVE)


def cite(*rows, is_note=False):
    return [Citation(row, f"box {row}", "a.json", ("x-source", 0), is_note) for row in rows]


def exclude(*rows):
    return build_exclusions([{"reason": "It is somebody else's.", "rows": list(rows)}]) if rows else ()


def judge(cited=("S0-1", "S0-2", "S1-1", "S1-2"), excluded=(), notes=()):
    return judge_coverage(ROWS, [*cite(*cited), *cite(*notes, is_note=True)], exclude(*excluded))


def messages(coverage):
    return [each.message for each in coverage.mistakes]


def test_all_is_well_when_every_hard_row_is_cited():
    coverage = judge()
    assert messages(coverage) == []
    assert [each.by for each in coverage.rows] == [("box S0-1",), ("box S0-2",), (), ("box S1-1",), ("box S1-2",)]


@pytest.mark.parametrize("kind", sorted(HARD_KINDS | SOFT_KINDS))
def test_a_row_that_nothing_cites_is_missing_when_its_kind_must_be_carried_out(kind):
    content = {"S0": {"title": "One", "rows": {"S0-1": {"kind": kind, "line": 1, "text": "Something"}}}}
    coverage = judge_coverage(build_requirements(content), [], [])
    assert len(coverage.mistakes) == (kind not in ("DEF", "OUT", "OPT"))


def test_a_missing_row_is_named_at_its_line_of_the_requirements():
    (mistake,) = judge(cited=("S0-1", "S0-2", "S1-1")).mistakes
    assert (mistake.path, mistake.place) == (REQUIREMENTS, ("S1", "rows", "S1-2"))
    assert "S1-2 (RULE)" in mistake.message


def test_an_excluded_row_is_not_missing_and_keeps_its_reason():
    coverage = judge(cited=("S0-1", "S0-2", "S1-2"), excluded=("S1-1",))
    assert messages(coverage) == []
    assert coverage.rows[3].excluded == "It is somebody else's."


def test_a_citation_of_a_row_that_does_not_exist_is_named_where_it_stands():
    (mistake,) = judge(cited=("S0-1", "S0-2", "S1-1", "S1-2", "S1-3")).mistakes
    assert (mistake.path, mistake.place) == ("a.json", ("x-source", 0))
    assert "no row S1-3" in mistake.message


@pytest.mark.parametrize(
    ("excluded", "said"),
    [
        (("S0-1",), "S0-1 is carried out by box S0-1"),
        (("S9-9",), "no row S9-9"),
        (("S0-3", "S0-3"), "S0-3 stands here twice"),
    ],
)
def test_a_wrong_exclusion_is_named_where_it_stands(excluded, said):
    (mistake,) = judge(excluded=excluded).mistakes
    assert said in mistake.message
    assert (mistake.path, mistake.place) == (EXCLUSIONS, (0, "rows", len(excluded) - 1))


def test_a_note_carries_rules_and_definitions_but_no_gate():
    assert messages(judge(cited=("S0-1", "S0-2", "S1-1"), notes=("S1-2", "S0-3"))) == []
    assert "S0-2 (GATE)" in messages(judge(cited=("S0-1", "S1-1", "S1-2"), notes=("S0-2",)))[0]


def test_an_element_that_cites_a_row_twice_is_listed_once():
    assert judge(cited=("S0-1", "S0-1", "S0-2", "S1-1", "S1-2")).rows[0].by == ("box S0-1",)


def test_the_exclusions_come_in_groups_with_one_reason_each():
    groups = [{"reason": "A", "rows": ["S0-1", "S0-2"]}, {"reason": "B", "rows": ["S1-1"]}]
    assert build_exclusions(groups) == (
        Exclusion("S0-1", "A", (0, "rows", 0)),
        Exclusion("S0-2", "A", (0, "rows", 1)),
        Exclusion("S1-1", "B", (1, "rows", 0)),
    )


# --- who cites what ---------------------------------------------------------------------------------------------------

CITING = {
    "x-source": ["S0-1"],
    "x-notes": [{"text": "First"}, {"text": "Second", "x-source": ["S0-2"]}],
    "x-activities": {"title": "RACI", "rows": [{"title": "Onboarding", "x-source": ["S0-3"]}]},
    "properties": {
        "properties": {"x-source": ["S0-4"], "properties": {"then": {"x-source": ["S0-5", "S0-6"]}}},
        "review": {
            "properties": {"2.4": {"x-source": ["S0-7"]}},
            "then": {"properties": {"2.4": {"x-source": ["S0-8"]}}},
            "allOf": [{"if": {}, "then": {"x-source": ["S0-9"]}}],
        },
    },
}


def test_citations_are_found_in_every_corner_and_named_in_words():
    found = {each.row: each.element for each in find_citations("a.json", CITING)}
    assert found == {
        "S0-1": "a.json",
        "S0-2": "a.json > notes > 2",
        "S0-3": "a.json > activities > Onboarding",
        "S0-4": "a.json > properties",
        "S0-5": "a.json > properties > then",
        "S0-6": "a.json > properties > then",
        "S0-7": "a.json > review > 2.4",
        "S0-8": "a.json > review > then > 2.4",
        "S0-9": "a.json > review > conditions > 1 > then",
    }


def test_a_citation_knows_its_place_and_whether_it_is_a_note():
    found = {each.row: each for each in find_citations("a.json", CITING)}
    assert found["S0-6"].place == ("properties", "properties", "properties", "then", "x-source", 1)
    assert {row for row, each in found.items() if each.is_note} == {"S0-2"}


@pytest.mark.parametrize("schema", [[], None, 7, {"x-source": "S0-1"}, {"properties": {"x-source": {"$ref": "#"}}}])
def test_what_is_no_list_of_rows_cites_nothing(schema):
    assert list(find_citations("a.json", schema)) == []


def test_the_program_cites_only_what_it_does_in_every_process():
    cited = {each.row for each in program_citations()}
    assert cited == {row for rows in PROGRAM_RULES.values() for row in rows}
    assert cited <= {each.row.code for each in real()[0].rows}


def test_the_program_and_the_configuration_carry_rows_out_beside_the_processes():
    by = {each.row.code: each.by for each in real()[0].rows}
    assert any(element.startswith("the program: an issue that is closed") for element in by["S0-60"])
    assert "schemas/config.schema.json > calendar" in by["S0-29"]


def test_a_row_that_the_program_cites_by_mistake_is_named_too(monkeypatch):
    monkeypatch.setattr(citations, "PROGRAM_RULES", {"nothing": ("S0-900",)})
    assert said(load_coverage(ROOT)[1], "no row S0-900") == [("automation/core/citations.py", 0)]


# --- mistakes in a repository -----------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path):
    for each in ("schemas", ".gitlab"):
        shutil.copytree(ROOT / each, tmp_path / each)
    shutil.copy(ROOT / ".gitlab-ci.yml", tmp_path)
    return tmp_path


def change(path, old, new):
    """Write *new* for *old*, and return its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}: the test no longer tests anything"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def said(problems, words):
    return [(each.path, each.line) for each in problems if words in each.message]


def test_a_typing_mistake_in_a_citation_is_found_without_coverage_too(copy):
    line = change(copy / SCHEMA, '"x-source": ["S0-19"]', '"x-source": ["S0-919"]')
    assert said(check_repository(copy), "no row S0-919") == [(SCHEMA, line)]


def test_a_typing_mistake_in_the_configuration_s_schema_is_found(copy):
    path = "schemas/config.schema.json"
    line = change(copy / path, '"x-source": ["S0-29"]', '"x-source": ["S4-400"]')
    assert said(check_repository(copy), "no row S4-400") == [(path, line)]


def test_a_row_that_loses_its_only_element_is_missing(copy):
    change(copy / SCHEMA, ', "x-source": ["S0-19"]', "")
    line = (ROOT / REQUIREMENTS).read_text(encoding="utf-8").split("S0-19:")[0].count("\n") + 1
    assert said(load_coverage(copy)[1], "nothing carries out S0-19 (ITEM)") == [(REQUIREMENTS, line)]


def test_what_only_an_older_version_carries_out_is_missing(copy):
    shutil.copy(copy / SCHEMA, copy / SCHEMA.replace(".schema", ".v1.schema"))
    change(copy / SCHEMA, ', "x-source": ["S0-19"]', "")
    assert said(load_coverage(copy)[1], "nothing carries out S0-19 (ITEM)")


def test_an_exclusion_of_what_is_carried_out_is_wrong_at_its_line(copy):
    text = (copy / EXCLUSIONS).read_text(encoding="utf-8").removesuffix("[]\n")
    (copy / EXCLUSIONS).write_text(f"{text}\n- reason: Not ours.\n  rows: [S0-19]\n", encoding="utf-8")
    where = said(load_coverage(copy)[1], f"S0-19 is carried out by {SCHEMA} > pre-handover > 1.1")
    assert where == [(EXCLUSIONS, text.count("\n") + 3)]


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        (EXCLUSIONS, "- rows: [S0-50]", "'reason' is a required property"),
        (EXCLUSIONS, "- {reason: ' ', rows: [S0-50]}", "say in a sentence why"),
        (EXCLUSIONS, "- {reason: So, rows: []}", "rows"),
        (EXCLUSIONS, "S0-50: So", "array"),
        (REQUIREMENTS, "S0: {title: A, file: a, rows: {S0-1: {kind: ITEMS, line: 1, text: A}}}", "ITEMS"),
        (REQUIREMENTS, "[]", "object"),
    ],
)
def test_a_file_that_does_not_say_what_it_must_is_named(copy, path, text, words):
    (copy / path).write_text(text, encoding="utf-8")
    problems = load_coverage(copy)[1]
    assert {each.path for each in problems} == {path}
    assert words in problems[0].message


@pytest.mark.parametrize("path", [EXCLUSIONS, REQUIREMENTS])
def test_a_file_that_is_gone_is_named(copy, path):
    (copy / path).unlink()
    assert [each.path for each in load_coverage(copy)[1]] == [path]


def test_without_the_requirements_the_check_itself_complains(copy):
    (copy / REQUIREMENTS).unlink()
    assert REQUIREMENTS in {each.path for each in check_repository(copy)}


def test_a_file_that_cannot_be_read_is_named_once(copy):
    (copy / SCHEMA).write_text("{", encoding="utf-8")
    assert len(said(check_repository(copy), "not JSON")) == 1


# --- what people read -------------------------------------------------------------------------------------------------


def run(*options):
    return CliRunner().invoke(cli, ["check", *map(str, options)])


def test_the_list_says_of_each_row_what_carries_it_out_or_why_nothing_does():
    coverage = judge_coverage(ROWS, [*cite("S0-1", "S0-2"), Citation("S0-1", "box 2", "a")], exclude("S1-1"))
    assert show_coverage(coverage, (), "text").split("\n")[:10] == [
        "S0  One",
        "  S0-1    ITEM    Plans are closed -> box S0-1, and 1 more",
        "  S0-2    GATE    Review first -> box S0-2",
        "  S0-3    DEF     What a plan is -> nothing; none has to",
        "",
        "S1  Two",
        "  S1-1    LETTER  Says hello -> excluded: It is somebody else's.",
        "  S1-2    RULE    Be kind -> MISSING",
        "",
        "                rows  carried out     excluded      missing    not asked",
    ]


def test_the_counts_at_the_end_add_up():
    coverage = judge_coverage(ROWS, cite("S0-1", "S0-2"), exclude("S1-1"))
    counts = [line.split()[-5:] for line in show_coverage(coverage, (), "text").split("\n")[10:13]]
    assert counts == [["3", "2", "0", "0", "1"], ["2", "0", "1", "1", "0"], ["5", "2", "1", "1", "1"]]


def test_the_command_lists_all_rows_with_their_elements():
    listed = run("--coverage", "--repository", ROOT).output
    assert listed.count(" -> ") == 416
    assert re.search(r"S0-19 +ITEM +All success plans closed -> \S+ > pre-handover > 1\.1\n", listed)


def test_the_rows_as_json_name_every_element():
    found = json.loads(run("--coverage", "--format", "json", "--repository", ROOT).output)
    row = next(each for each in found["rows"] if each["row"] == "S0-20")
    assert row == {
        "row": "S0-20",
        "document": "S0",
        "kind": "ITEM",
        "line": "43",
        "text": "All CTAs closed",
        "covered_by": [f"{SCHEMA} > pre-handover > 1.2"],
        "excluded": None,
    }
    assert len(found["rows"]) == found["counts"]["all"]["rows"] == 416
    assert isinstance(found["problems"], list)


def test_the_reason_of_an_exclusion_stands_in_json_too():
    coverage = judge_coverage(ROWS, cite("S0-1"), exclude("S1-1"))
    found = json.loads(show_coverage(coverage, (), "json"))
    assert {each["row"]: each["excluded"] for each in found["rows"] if each["excluded"]} == {
        "S1-1": "It is somebody else's."
    }


def test_without_the_rows_the_command_says_which_file_is_missing(copy):
    (copy / REQUIREMENTS).unlink()
    result = run("--coverage", "--repository", copy)
    assert result.exit_code == 3
    assert f"{REQUIREMENTS}: this file is missing." in result.output


def test_a_missing_row_and_a_wrong_citation_end_with_exit_code_3(copy):
    change(copy / SCHEMA, '"x-source": ["S0-19"]', '"x-source": ["S0-919"]')
    result = run("--coverage", "--repository", copy)
    assert result.exit_code == 3
    assert "All success plans closed -> MISSING" in result.output
    assert result.output.count("no row S0-919") == 1


def test_without_coverage_a_missing_row_is_no_problem(copy):
    change(copy / SCHEMA, ', "x-source": ["S0-19"]', "")
    assert not said(check_repository(copy), "S0-19")


@pytest.mark.parametrize(("shape", "begins"), [("junit", "<?xml"), ("codequality", "[")])
def test_reports_for_merge_requests_name_missing_rows_too(copy, shape, begins):
    change(copy / SCHEMA, ', "x-source": ["S0-19"]', "")
    report = run("--coverage", "--format", shape, "--repository", copy).output
    assert report.startswith(begins)
    assert "nothing carries out S0-19" in report
