"""Load the rows of the source documents, what excludes them, and what the schemas cite."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from automation.core.citations import Citation, find_citations, program_citations
from automation.core.coverage import EXCLUSIONS, REQUIREMENTS, Coverage, Mistake, judge_citations, judge_coverage
from automation.core.requirements import HARD_KINDS, SOFT_KINDS, build_exclusions, build_requirements
from automation.edge.documents import LoadedFile, find_problems, load_json, load_yaml
from automation.edge.letters import load_heads
from automation.errors import Problem, RepositoryError

_OLD_VERSION = re.compile(r"\.v[0-9]+\.schema\.json$")
_TEXT = {"type": "string", "pattern": r"\S"}
_ROW = {
    "type": "object",
    "properties": {
        "kind": {"enum": sorted(HARD_KINDS | SOFT_KINDS)},
        "line": {"type": ["integer", "string"]},
        "text": _TEXT,
    },
    "required": ["kind", "line", "text"],
    "additionalProperties": False,
}
_REQUIREMENTS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {"title": _TEXT, "file": _TEXT, "rows": {"type": "object", "additionalProperties": _ROW}},
        "required": ["title", "file", "rows"],
        "additionalProperties": False,
    },
}
_EXCLUSIONS_SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "reason": {**_TEXT, "description": "say in a sentence why nothing here carries these rows out."},
            "rows": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        },
        "required": ["reason", "rows"],
        "additionalProperties": False,
    },
}


def find_unknown_rows(root: Path) -> tuple[Problem, ...]:
    """Find rows that a schema cites and the source documents do not have.

    Raises:
        RepositoryError: one of the files cannot be read.
    """
    schemas = [*_load_schemas(root), *load_heads(root)]
    requirements = build_requirements(_load_checked(root, REQUIREMENTS, _REQUIREMENTS_SCHEMA).content)
    return _placed(judge_citations(requirements, _citations(schemas)), schemas)


def load_coverage(root: Path) -> tuple[Coverage, tuple[Problem, ...]]:
    """Judge which rows are carried out by what, and what is wrong with that; no rows where a file cannot be read.

    What only an older version of a process carries out does not count: new issues do not follow it.
    """
    try:
        schemas = [file for file in _load_schemas(root) if not _OLD_VERSION.search(file.path)]
        schemas += load_heads(root)
        rows = _load_checked(root, REQUIREMENTS, _REQUIREMENTS_SCHEMA)
        excluded = _load_checked(root, EXCLUSIONS, _EXCLUSIONS_SCHEMA)
    except RepositoryError as error:
        return Coverage({}, (), ()), error.problems
    coverage = judge_coverage(
        build_requirements(rows.content),
        (*_citations(schemas), *program_citations()),
        build_exclusions(excluded.content),
    )
    return coverage, _placed(coverage.mistakes, (*schemas, rows, excluded))


def _load_schemas(root: Path) -> list[LoadedFile]:
    names = sorted(path.name for path in (root / "schemas").glob("*.schema.json"))
    return [load_json(root, f"schemas/{name}") for name in names]


def _load_checked(root: Path, path: str, schema: Mapping[str, Any]) -> LoadedFile:
    file = load_yaml(root, path)
    problems = find_problems(file, schema)
    if problems:
        raise RepositoryError(problems)
    return file


def _citations(files: Iterable[LoadedFile]) -> Iterator[Citation]:
    for file in files:
        is_letter = file.path.startswith("letters/")
        yield from find_citations(file.path, file.content, "source" if is_letter else "x-source")


def _placed(mistakes: Iterable[Mistake], files: Iterable[LoadedFile]) -> tuple[Problem, ...]:
    loaded = {file.path: file for file in files}
    return tuple(
        loaded[each.path].problem(each.place, each.message)
        if each.path in loaded
        else Problem(each.path, 0, each.message)
        for each in mistakes
    )
