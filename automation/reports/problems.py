"""What `handover check` prints: problems as text, JSON, JUnit or Code Quality, and what a change means."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from automation.core.changes.model import one_line
from automation.core.changes.page import TITLE, Meaning
from automation.errors import Problem

# What is another one when lines above come or go, or the target branch moves.
_PASSING = re.compile(r"\bline \d+|(?<=git show )[0-9a-f]+|\b[0-9a-f]{12}\b")
# XML 1.0 has no place for these, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def show_problems(problems: Sequence[Problem], shape: str, meaning: Meaning | None = None) -> str:
    """Show the problems of a check as ``text``, ``json``, ``junit`` or ``codequality``.

    *meaning* is what a change means, where two states were compared; text and JSON tell it.
    """
    if shape == "json":
        found = [{"path": each.path, "line": each.line or None, "message": each.message} for each in problems]
        return json.dumps({"problems": found, **_tell(meaning)}, indent=2, ensure_ascii=False)
    if shape == "junit":
        return _junit(problems)
    if shape == "codequality":
        return json.dumps(list(_code_quality(problems)), indent=2, ensure_ascii=False)
    lines = [str(problem) for problem in problems]
    if problems:
        lines.append(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} to put right.")
    else:
        lines.append("Everything agrees: schemas, templates, letters, configuration, pipeline, texts, pages.")
    return "\n".join([*lines, *_say(meaning)])


def _tell(meaning: Meaning | None) -> dict[str, Any]:
    if meaning is None:
        return {}
    changes = [{"about": about, "for": whom, "text": said} for about, whom, said in meaning.sentences]
    return {"against": meaning.against, "changes": changes, "bootstrap_needed": meaning.is_setup}


def _say(meaning: Meaning | None) -> Iterator[str]:
    if meaning is None:
        return
    yield ""
    yield f"{TITLE}, compared with {meaning.against}:"
    for about, whom, said in meaning.sentences:
        yield f"  {one_line(about)}: {one_line(said)}{' (new handovers)' if whom == 'new' else ''}"
    if not meaning.sentences:
        yield "  nothing changes for anybody."
    if meaning.is_setup:
        yield "  After merging: handover bootstrap --apply"


def _junit(problems: Sequence[Problem]) -> str:
    suite = ElementTree.Element(
        "testsuite", name="handover check", tests=str(len(problems) or 1), failures=str(len(problems))
    )
    for problem in problems:
        said, name = (_NOT_IN_XML.sub(" ", str(each)) for each in (problem, replace(problem, line=0)))
        case = ElementTree.SubElement(
            suite, "testcase", classname=_NOT_IN_XML.sub(" ", problem.path), name=name[:200], file=problem.path
        )
        ElementTree.SubElement(case, "failure", message=_NOT_IN_XML.sub(" ", problem.message)).text = said
    if not problems:
        ElementTree.SubElement(suite, "testcase", classname="repository", name="everything agrees")
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def _code_quality(problems: Sequence[Problem]) -> Iterator[dict[str, Any]]:
    """Write one finding a problem. Its fingerprint stays the same when lines above come or go, or the target moves."""
    seen: Counter[str] = Counter()
    for problem in problems:
        words = f"{problem.path}\n{_PASSING.sub('', problem.message)}"
        seen[words] += 1
        yield {
            "description": problem.message,
            "check_name": "handover check",
            "fingerprint": hashlib.sha256(f"{words}\n{seen[words]}".encode()).hexdigest(),
            "severity": "major",
            "location": {"path": problem.path, "lines": {"begin": problem.line or 1}},
        }
