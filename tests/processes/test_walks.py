"""Every process, from its blank template to its end: no alarm on the right way, and one wrong step is named alone."""

from __future__ import annotations

import re

import pytest

from tests.builders import ROOT
from tests.processes.walk import Walk, load_process, load_sample

PROCESSES = sorted(
    path.name.removesuffix(".schema.json")
    for path in (ROOT / "schemas").glob("*.schema.json")
    if path.name not in ("config.schema.json", "dialect.schema.json", "letter.schema.json")
    and not re.search(r"\.v\d+\.", path.name)
)
VARIANTS = [(process, variant) for process in PROCESSES for variant in load_sample(process)["variants"]]
BOXES = [
    (process, variant, item.code)
    for process, variant in VARIANTS
    for item in load_process(process).items.values()
    if not item.is_advisory
    and not item.is_forbidden
    and item.code not in load_sample(process)["variants"][variant].get("unasked", ())
]
VALUES = [
    (process, variant, title)
    for process, variant in VARIANTS
    for title in load_sample(process)["variants"][variant]["values"]
]


def test_all_processes_of_the_documents_are_here():
    assert PROCESSES == [
        "cse-request",
        "csm-to-cse-plus",
        "csm-to-csm",
        "disengagement",
        "engagement-start",
        "engagement-upgrade",
        "executive-briefing",
        "presales-to-postsales",
    ]


@pytest.mark.parametrize(("process", "variant"), VARIANTS)
def test_a_blank_issue_alarms_nobody(process, variant):
    walk = Walk.blank(process, variant)
    assert walk.alarms == set()
    assert walk.pings == []
    assert walk.stage == walk.process.stages[0].key
    assert walk.todo


@pytest.mark.parametrize(("process", "variant"), VARIANTS)
def test_the_right_way_leads_to_the_end_without_an_alarm(process, variant):
    walk = Walk.of(process, variant)
    assert walk.alarms == set()
    for stage in walk.process.stages:
        asked = walk.asked(stage.key)
        if not asked:
            continue
        assert walk.stage == stage.key
        assert walk.todo == {item.code for item in asked}
        for item in asked:
            walk.tick(item.code)
            assert walk.run().alarms == set(), f"after {item.code}"
    assert walk.stage == "complete"
    assert walk.tale.stage_labels == {walk.process.complete_label}
    assert walk.tale.plan() == ()


@pytest.mark.parametrize(("process", "variant"), VARIANTS)
def test_whose_turn_it_is_is_told_once_a_stage(process, variant):
    walk = Walk.of(process, variant).until("complete")
    told = [re.findall(r"it is your turn: \*\*(.+?)\*\*", ping, re.IGNORECASE) for ping in walk.pings]
    worked = [stage.title for stage in walk.process.stages if walk.asked(stage.key)]
    assert [title for titles in told for title in titles] == worked[1:]


@pytest.mark.parametrize(("process", "variant", "code"), BOXES)
def test_a_box_left_open_is_named_and_nothing_else(process, variant, code):
    """But that it was to come first. What was signed without it is signed anew, and the handover goes on."""
    walk = Walk.of(process, variant)
    items, stage = walk.process.items, walk.process.items[code].section
    walk.until(stage).finish(stage, but=[code]).run()
    assert (walk.stage, walk.todo) == (stage, {code})
    assert walk.alarms == {
        ("out-of-order", each) for each in items if code in items[each].after and stage == items[each].section
    }
    walk.tick(code).run()
    for stale in [subject for finding, subject in walk.alarms if finding == "sign-off-stale"]:
        assert stage in items[stale].signs_for
        walk.untick(stale).tick(stale).run()
    assert (walk.stage != stage, walk.alarms) == (True, set())


@pytest.mark.parametrize(("process", "variant", "title"), VALUES)
def test_a_fact_left_blank_is_named_and_nothing_else(process, variant, title):
    """Or it is optional: then the handover ends without it. Where nobody is named, nobody could sign."""
    walk = Walk.of(process, variant, {title: ""})
    field = next(each for each in walk.process.fields.values() if each.title == title)
    is_required = field.key in walk.process.schema["properties"][field.section].get("required", ())
    for stage in walk.process.stages:
        if walk.asked(stage.key):
            walk.finish(stage.key).run()
        if walk.stage == stage.key:
            break
    signed = {code for code, item in walk.process.items.items() if field.role and field.role in item.signed_by}
    named = (walk.todo | {subject for _, subject in walk.alarms}) - signed
    if walk.stage == "complete":
        assert not is_required
        assert named == set()
    else:
        assert named == {field.key}
        assert {code for code, subject in walk.alarms if subject not in signed} <= {"field-blank"}


@pytest.mark.parametrize("process", PROCESSES)
def test_the_sample_has_somebody_for_every_role(process):
    roles = {field.role for field in load_process(process).fields.values() if field.role}
    assert set(load_sample(process)["people"]) >= roles
