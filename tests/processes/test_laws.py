"""Laws that hold in every process, whatever people do in whatever order: found by playing at random, seeds fixed."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from automation.core.people import build_directory
from tests.builders import make_members
from tests.processes.test_walks import PROCESSES
from tests.processes.walk import Walk, load_process, load_sample

ACTS = 60
UNFINISHED = re.compile(r"\bNone\b|\(\)|turn of [.,]|only the  can|ask the \.|\{\{")


def begin(process_id, seed):
    """A walk whose every role has two holders, so that any of them may be the wrong one."""
    sample, dice = load_sample(process_id), random.Random(f"{process_id}-{seed}")
    walk = Walk.of(process_id, dice.choice(list(sample["variants"])))
    roles = {role: [name, f"{name}2"] for role, name in walk.people.items()}
    names = sorted({name for holders in roles.values() for name in holders} | {"eve"})
    walk.tale.directory = build_directory(roles, {}, make_members(names))
    return walk, names, dice


def values(process_id):
    """What people write: whatever some sample has, every choice, nothing, and other people."""
    process, sample = load_process(process_id), load_sample(process_id)
    lines = [field for field in process.fields.values() if field.kind != "list"]
    for about in sample["variants"].values():
        yield from ((title, value) for title, value in about["values"].items() if isinstance(value, str))
    for field in lines:
        yield from ((field.title, choice) for choice in field.choices)
        yield (field.title, "")
        if field.role:
            yield (field.title, f"@{sample['people'][field.role]}2")


def act(walk, names, dice, pool):
    stages = [stage.key for stage in walk.process.stages]
    codes, name = list(walk.process.items), dice.choice(names)
    kind = dice.choices(
        ["finish", "tick", "untick", "write", "say", "wait", "run"], weights=[30, 8, 4, 14, 5, 5, 20], k=1
    )[0]
    if kind == "finish" and walk.stage in stages:
        for item in walk.asked(walk.stage):
            if f"[ ] {item.code} " in walk.tale.text:
                walk.tick(item.code)
    elif kind in ("tick", "untick"):
        code = dice.choice(codes)
        if f"[{' ' if kind == 'tick' else 'x'}] {code} " in walk.tale.text:
            (walk.tick if kind == "tick" else walk.untick)(code, by=name)
    elif kind == "write":
        walk.write(*dice.choice(pool), by=name)
    elif kind == "say":
        code = dice.choice(codes)
        line = dice.choice([f"sign off {code}", "send back: mend it", "resume", "cancel: not needed"])
        walk.say(line, by=name)
    elif kind == "wait":
        walk.wait(days=dice.choice([1, 3, 8]))
    else:
        walk.run()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("process_id", PROCESSES)
def test_whatever_people_do(process_id, seed):
    walk, names, dice = begin(process_id, seed)
    pool = sorted(values(process_id))
    for _ in range(ACTS):
        act(walk, names, dice, pool)
    walk.run()
    verdict = walk.verdict
    assert walk.tale.plan() == (), "a second run writes nothing"
    assert walk.tale.stage_labels == {verdict.label}
    assert [key for key, count in Counter(walk.tale.told).items() if count > 1] == []
    flags = {label.removeprefix("waiting-on-") for label in walk.tale.labels if label.startswith("waiting-on-")}
    assert flags == set(verdict.acting)
    for said in (walk.status, *walk.pings):
        assert not UNFINISHED.search(said), said
    assert all("@" in ping for ping in walk.pings)


@pytest.mark.parametrize("process_id", PROCESSES)
def test_a_complete_handover_has_every_signature_that_it_asks_for_from_who_may_give_it(process_id):
    for variant in load_sample(process_id)["variants"]:
        walk = Walk.of(process_id, variant).until("complete")
        signers = {code: each.by for code, each in walk.tale.memory.accepted.items()}
        for stage in walk.process.stages:
            for item in walk.asked(stage.key):
                if item.signed_by:
                    assert signers[item.code] in {walk.people[role] for role in item.signed_by}
