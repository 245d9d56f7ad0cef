"""On the way through every process, each letter is offered in its stage, once, and goes to whom it must."""

from __future__ import annotations

import re

import pytest

from automation.edge.letters import load_letters
from automation.edge.repository import load_processes
from tests.builders import ROOT
from tests.processes.test_walks import VARIANTS
from tests.processes.walk import Walk

PROCESSES = load_processes(ROOT)
BOOK = load_letters(ROOT, PROCESSES)
# The one letter that is not meant for every handover of its process.
DEDICATED = "initial-engagement"
WAYS = [
    (letter, variant)
    for letter in BOOK.letters.values()
    for process, variant in VARIANTS
    if process == letter.process and letter.audience == "customer"
]


def walk_to(letter, variant):
    """Go to the letter's stage with every fact filled in but the day on which it is sent."""
    sent = {PROCESSES[letter.process, 1].fields[letter.sent_on].title: "_date_"} if letter.sent_on else {}
    walk = Walk.of(letter.process, variant, {"Customer contacts": "Ada Lind ada@example.com", **sent})
    walk.tale.book = BOOK
    return walk.until(letter.stage)


def offers(walk):
    return [key for key in walk.tale.told if key.startswith("letter:")]


def is_meant(letter, walk):
    kinds = letter.when.get("account_kind")
    return not kinds or any(f"**Kind of account:** {kind}" in walk.tale.text for kind in kinds)


@pytest.mark.parametrize(("letter", "variant"), WAYS, ids=[f"{letter.name}-{variant}" for letter, variant in WAYS])
def test_a_letter_is_offered_once_in_its_stage_when_it_is_agreed(letter, variant):
    walk = walk_to(letter, variant)
    late = [code for code in letter.signed if PROCESSES[letter.process, 1].items[code].section == letter.stage]
    assert bool(offers(walk)) == (not late and is_meant(letter, walk))
    for code in late:
        walk.tick(code).run()
    expected = [letter.name] if is_meant(letter, walk) else []
    assert [key.split(":")[1] for key in offers(walk)] == expected
    walk.run().run()
    assert len(offers(walk)) == len(expected)


@pytest.mark.parametrize(("letter", "variant"), WAYS, ids=[f"{letter.name}-{variant}" for letter, variant in WAYS])
def test_a_letter_whose_boxes_are_ticked_is_offered_no_more(letter, variant):
    if not letter.ticks:
        assert letter.name == DEDICATED
        return
    walk = walk_to(letter, variant)
    fresh = Walk(walk.tale.copy(), walk.people, walk.unasked, walk.signers)
    fresh.tale.notes = [note for note in fresh.tale.notes if "handover:ping letter:" not in note.body]
    for code in (*letter.signed, *letter.ticks):
        if PROCESSES[letter.process, 1].items[code].section == letter.stage:
            fresh.tick(code)
    told = len(offers(fresh))
    fresh.run()
    assert len(offers(fresh)) == told


def test_every_letter_to_the_customer_can_be_offered_in_some_handover():
    assert {letter.name for letter, variant in WAYS if is_meant(letter, walk_to(letter, variant))} == {
        letter.name for letter in BOOK.letters.values() if letter.audience == "customer"
    }


def test_the_offer_names_the_customer_and_whoever_gets_a_copy():
    walk = walk_to(BOOK.letters["disengagement-follow-up"], "downgrade")
    (body,) = (each for each in walk.pings if "handover:ping letter:" in each)
    assert "- **To:** `Ada Lind <ada@example.com>`" in body
    assert "- **Cc:** `Alex Novak <alex@example.com>`" in body
    assert "Security dashboards, dependency scanning and epics" in re.sub("<span></span>|\\\\", "", body)


def test_a_downgrade_waits_for_the_features_that_fall_away():
    letter = BOOK.letters["disengagement-follow-up"]
    walk = Walk.of(
        letter.process, "downgrade", {"Features that fall away": "_optional_", "Follow-up sent on": "_date_"}
    )
    walk.tale.book = BOOK
    walk.until(letter.stage)
    assert offers(walk) == []
    assert "**Features that fall away** is blank." in walk.status.split("✉️")[1]


def test_whoever_leaves_for_another_reason_is_told_of_no_features():
    walk = walk_to(BOOK.letters["disengagement-follow-up"], "other")
    (body,) = (each for each in walk.pings if "handover:ping letter:" in each)
    assert "fall away" not in body and "comparison" not in body
