"""What `handover check --coverage` prints: every row of the source documents with what carries it out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from automation.core.coverage import Coverage, Covered
from automation.errors import Problem
from automation.reports.problems import show_problems

_COUNTED = ("rows", "carried out", "excluded", "missing", "not asked")


def show_coverage(coverage: Coverage, problems: Sequence[Problem], shape: str) -> str:
    """Show the rows and all *problems* of the check as ``text`` or ``json``; other shapes show the problems alone."""
    if shape == "json":
        found = json.loads(show_problems(problems, shape))
        rows = [_build_row(each) for each in coverage.rows]
        return json.dumps({"rows": rows, "counts": _counts(coverage), **found}, indent=2, ensure_ascii=False)
    if shape != "text":
        return show_problems(problems, shape)
    return "\n".join([*_list_rows(coverage), *_list_counts(coverage), "", show_problems(problems, shape)])


def _build_row(covered: Covered) -> dict[str, Any]:
    row = covered.row
    return {
        "row": row.code,
        "document": row.document,
        "kind": row.kind,
        "line": row.lines,
        "text": row.text,
        "covered_by": list(covered.by),
        "excluded": covered.excluded or None,
    }


def _list_rows(coverage: Coverage) -> Iterator[str]:
    for document, title in coverage.documents.items():
        yield f"{document}  {title}"
        for each in coverage.rows:
            if each.row.document == document:
                yield f"  {each.row.code:7} {each.row.kind:6}  {each.row.text} -> {_say_by(each)}"
        yield ""


def _say_by(covered: Covered) -> str:
    if covered.by:
        more = len(covered.by) - 1
        return f"{covered.by[0]}, and {more} more" if more else covered.by[0]
    if covered.excluded:
        return f"excluded: {covered.excluded}"
    return "MISSING" if covered.is_missing else "nothing; none has to"


def _list_counts(coverage: Coverage) -> Iterator[str]:
    widest = max(map(len, coverage.documents.values()), default=0) + 4
    yield " " * widest + "".join(f"{name:>13}" for name in _COUNTED)
    counts = _counts(coverage)
    for document, found in counts.items():
        name = f"{document}  {coverage.documents[document]}" if document in coverage.documents else document
        yield f"{name:{widest}}" + "".join(f"{found[each]:>13}" for each in _COUNTED)


def _counts(coverage: Coverage) -> dict[str, dict[str, int]]:
    by_document = {
        document: _count(each for each in coverage.rows if each.row.document == document)
        for document in coverage.documents
    }
    return {**by_document, "all": _count(coverage.rows)}


def _count(rows: Iterable[Covered]) -> dict[str, int]:
    found = dict.fromkeys(_COUNTED, 0)
    for each in rows:
        found["rows"] += 1
        if each.by:
            found["carried out"] += 1
        elif each.excluded:
            found["excluded"] += 1
        else:
            found["missing" if each.is_missing else "not asked"] += 1
    return found
