"""Whole issues and their verdicts: tests/samples/<name>/issue.md, its notes where it has any, and verdict.json.

To add one, write issue.md (and notes.json: author, text, "system" or "comment", oldest first), run this test, read
what it says, and put it into verdict.json once you agree with every word.
"""

import json

import pytest

from automation.core.checklist import parse_sheet
from automation.core.recognition import is_candidate
from tests.builders import ROOT, Tale, make_issue, make_note, real_process

SAMPLES = sorted((ROOT / "tests/samples").iterdir())


def verdict_of(sample):
    """Judge a sample as a first run would, and write the verdict down plainly."""
    text = (sample / "issue.md").read_text(encoding="utf-8")
    process = real_process()
    if not is_candidate(make_issue(text), parse_sheet(text), {(process.id, process.version): process}):
        return {"is_handover": False}
    file = sample / "notes.json"
    notes = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    tale = Tale.of_the_real_process(text=text)
    tale.notes = [
        make_note(body, by, 100 + place, is_system=kind == "system") for place, (by, body, kind) in enumerate(notes)
    ]
    verdict = tale.judge()
    return {
        "is_handover": True,
        "stage": verdict.stage,
        "acting": {role: list(people) for role, people in verdict.acting.items()},
        "boxes": {code: state for code, state in verdict.boxes.items() if state != "open"},
        "findings": [
            {"code": each.code, "about": each.item or each.field, "line": each.line, "words": each.words}
            for each in verdict.findings
            if each.code != "item-open"
        ],
        "to_tick": [each.item for each in verdict.findings if each.code == "item-open"],
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_is_judged_as_written_down(sample):
    expected = json.loads((sample / "verdict.json").read_text(encoding="utf-8"))
    assert verdict_of(sample) == expected
