"""What a hostile reader of this program tried, and what honest people do that looks alike."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from automation.sandbox.sample import PROJECT
from tests.scene import FILLED, PROCESS, Scene

REVIEW = ("2.1", "2.2", "2.3", "2.4")
ANYWHERE = FILLED.replace("- **Territory:** EMEA-1", "- **Territory:**")


@pytest.fixture
def scene():
    """A scene in which as many comments may be written as the test needs; every quiet run is checked to be quiet."""
    with Scene() as scene:
        many = replace(scene.repository.configuration, comments_per_issue_and_day=99)
        scene.repository = replace(scene.repository, configuration=many)
        yield scene
        scene.run()
        scene.sandbox.requests.clear()
        scene.run()
        assert [each for each in scene.sandbox.requests if each.method != "GET"] == []


def bot(scene):
    return next(user for user in scene.world.users.values() if user.is_bot)


# --- labels and closing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["complete", "cancelled"])
def test_a_card_dragged_to_its_end_and_closed_is_still_looked_at(scene, label):
    iid = scene.create()
    scene.run()
    end = f"csm-to-cse-plus::{label}"
    scene.world.add_label(PROJECT, end)
    scene.clock.advance(minutes=2)
    scene.world.move_card(PROJECT, iid, "carol", remove="csm-to-cse-plus::pre-handover", add=end)
    scene.world.close(PROJECT, iid, "carol")
    scene.run()
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}
    assert {"closed-early", "label-moved"} <= set(scene.codes(iid))


def test_a_handover_that_was_completed_days_ago_costs_no_reading_of_its_notes(scene):
    iid = scene.create()
    for stage in PROCESS.stages:
        scene.finish(iid, stage.key)
    scene.world.close(PROJECT, iid, "carol")
    scene.run()
    assert scene.labels(iid) == {"csm-to-cse-plus::complete"}
    scene.clock.advance(days=4)
    scene.run()
    assert "GET notes" not in scene.gitlab.requests


def test_a_moved_card_that_could_not_be_told_of_today_is_told_of_tomorrow(scene):
    few = replace(scene.repository.configuration, comments_per_issue_and_day=1)
    scene.repository = replace(scene.repository, configuration=few)
    iid = scene.create()
    scene.tick(iid, "5.5", "carol")
    scene.run()
    scene.world.add_label(PROJECT, "csm-to-cse-plus::review")
    scene.clock.advance(minutes=2)
    scene.world.move_card(PROJECT, iid, "otto", remove="csm-to-cse-plus::pre-handover", add="csm-to-cse-plus::review")
    scene.run()
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}
    assert len(scene.pings(iid)) == 1
    scene.clock.advance(days=1)
    scene.run()
    assert "@otto The card was moved to `csm-to-cse-plus::review`" in scene.pings(iid)[-1]


# --- returns ----------------------------------------------------------------------------------------------------------


def test_an_answered_return_stays_answered_when_the_csm_changes(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.say(iid, "send back: mend", by="ben")
    scene.run()
    scene.retick(iid, "1.10", "carol")
    for code in REVIEW:
        scene.retick(iid, code, "ben")
    scene.run()
    scene.write(iid, "CSM", "@otto", by="mia")
    scene.run()
    assert scene.stage(iid) == "manager-actions"
    assert scene.found(iid) == []


def test_a_refused_command_does_not_come_alive_when_its_author_gets_the_role(scene):
    iid = scene.create(ANYWHERE)
    scene.finish_until(iid, "review")
    scene.say(iid, "send back: no", by="chloe")
    scene.run()
    scene.finish(iid, "review")
    scene.run()
    scene.write(iid, "CSE Territory Owner", "@chloe", by="mia")
    scene.run()
    assert scene.stage(iid) == "manager-actions"


def test_after_a_return_and_a_change_of_people_nobody_is_accused(scene):
    iid = scene.create(ANYWHERE)
    scene.finish_until(iid, "manager-actions")
    scene.say(iid, "send back: x", by="ben")
    scene.run()
    scene.write(iid, "CSE Territory Owner", "@chloe", by="mia")
    scene.run()
    assert "signer-wrong" not in scene.codes(iid)


@pytest.mark.parametrize(
    "body", ["@carol send back: two CTAs are open", "send back - two CTAs are open", "Send back:\ntwo CTAs are open"]
)
def test_near_ways_to_send_back_are_understood(scene, body):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.say(iid, body, by="ben")
    scene.run()
    assert scene.found(iid) == [("sent-back", "1.10")]
    assert "`two CTAs are open`" in scene.pings(iid)[-1]


# --- memory -----------------------------------------------------------------------------------------------------------


def test_losing_the_state_block_does_not_bring_a_stale_sign_off_back(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.write(iid, "Seats", "9000")
    scene.run()
    assert ("sign-off-stale", "2.4") in scene.found(iid)
    scene.key = "another key"
    scene.run()
    assert scene.stage(iid) == "review"
    assert ("sign-off-stale", "2.4") in scene.found(iid)


def test_a_sign_off_that_was_voided_is_not_called_early_later(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.write(iid, "Customer", "")
    scene.run()
    found, told = scene.found(iid), scene.pings(iid)
    assert ("sign-off-stale", "2.4") in found
    for _ in range(2):
        scene.run()
        assert scene.found(iid) == found
        assert scene.pings(iid) == told


def test_ticks_that_came_in_order_are_not_accused_when_an_earlier_fact_is_blanked_afterwards(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.finish(iid, "manager-actions")
    scene.write(iid, "Customer", "")
    scene.run()
    assert not {"gate-skipped", "sign-off-early"} & set(scene.codes(iid))


def test_rework_with_a_blank_fact_accuses_nobody_of_haste(scene):
    iid = scene.create()
    scene.finish_until(iid, "handover-call")
    scene.say(iid, "send back: seats", by="ben")
    scene.write(iid, "Seats", "TBD")
    scene.run()
    assert not {"gate-skipped", "sign-off-early"} & set(scene.codes(iid))
    scene.write(iid, "Seats", "500")
    scene.retick(iid, "1.10", "carol")
    scene.run()
    assert scene.stage(iid) == "review"
    assert scene.found(iid) == []


def test_a_role_blanked_after_its_gate_is_trouble_of_the_stage_that_is_reached(scene):
    iid = scene.create()
    scene.finish_until(iid, "handover-call")
    scene.edit(iid, lambda text: re.sub(r"(\*\*(?:Account tier|AE):\*\*).*", r"\1", text), by="mia")
    scene.run()
    assert scene.stage(iid) == "manager-actions"


def test_the_manager_may_tick_her_boxes_in_any_order_within_the_hour(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    for code in ("3.1", "3.3", "3.2"):
        scene.tick(iid, code, "mia")
    scene.run()
    assert scene.stage(iid) == "handover-call"


def test_silenced_old_trouble_stays_silent_after_a_passing_unreadable(scene):
    iid = scene.create()
    scene.tick(iid, "5.5", "carol")
    scene.clock.advance(days=3)
    scene.run()
    assert scene.pings(iid) == []
    line = "**Process:** `csm-to-cse-plus` version 1"
    scene.edit(iid, lambda text: text.replace(line, ""), by="carol")
    scene.run()
    scene.edit(iid, lambda text: f"{line}\n\n{text}", by="carol")
    scene.run()
    assert not any("forbidden" in ping for ping in scene.pings(iid))


def test_completed_and_closed_before_the_first_run_then_reopened_is_asked_about(scene):
    iid = scene.create()
    for stage in PROCESS.stages:
        scene.finish(iid, stage.key)
    scene.world.close(PROJECT, iid, "carol")
    scene.run()
    scene.clock.advance(hours=3)
    scene.world.reopen(PROJECT, iid, "otto")
    scene.run()
    assert "reopened by `otto`" in scene.pings(iid)[-1]
    assert "Please close the issue" not in scene.pings(iid)[-1]


# --- words and notes --------------------------------------------------------------------------------------------------


def test_a_decoy_box_whose_hidden_comment_reads_like_the_real_one_signs_nothing(scene):
    scene.world.generation = "P"
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.finish(iid, "review", only={"2.1", "2.2", "2.3"})
    decoy = "- [ ] <!-- 2.4 The account is approved for CSE+ --> I saw this\n\n## 3. Manager"
    scene.edit(iid, lambda text: text.replace("## 3. Manager", decoy, 1), by="carol")
    scene.edit(iid, lambda text: text.replace("- [ ] <!-- 2.4", "- [x] <!-- 2.4"), by="ben")

    def swap(text):
        text = re.sub(r"- \[x\] <!-- 2\.4.*\n", "", text)
        return text.replace("- [ ] 2.4 The account", "- [x] 2.4 The  account")

    scene.edit(iid, swap, by="carol")
    scene.run()
    assert scene.stage(iid) == "review"
    assert ("words-changed", "2.4") in scene.found(iid)


@pytest.mark.parametrize("generation", ["R", "P"])
@pytest.mark.parametrize(
    "words",
    [
        "2.4 The account is approved for CSE+ <!-- hint -->",
        "2.4&nbsp;The account is approved&nbsp;for CSE+",
        "**2.4** The account is _approved_ for CSE\\+",
        "2.4 The account is approved for CSE+ ([see](https://example.com/x))",
    ],
)
def test_the_same_words_in_another_spelling_are_the_same_words(scene, generation, words):
    scene.world.generation = generation
    iid = scene.create(FILLED.replace("2.4 The account is approved for CSE+", words))
    scene.finish_until(iid, "review")
    scene.finish(iid, "review", only={"2.1", "2.2", "2.3"})
    scene.edit(iid, lambda text: text.replace(f"- [ ] {words}", f"- [x] {words}"), by="ben")
    scene.run()
    assert scene.found(iid) == []
    assert scene.stage(iid) == "manager-actions"


def test_a_copied_line_that_is_deleted_as_told_leaves_the_sign_off_in_peace(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    line = "- [x] 2.4 The account is approved for CSE+\n"
    scene.edit(iid, lambda text: text.replace(line, line * 2), by="carol")
    scene.run()
    assert scene.found(iid) == [("item-duplicated", "2.4")]
    scene.edit(iid, lambda text: text.replace(line * 2, line), by="carol")
    scene.run()
    assert scene.found(iid) == []
    assert scene.stage(iid) == "manager-actions"


def test_a_signature_where_nobody_is_named_asks_for_the_name_and_counts_once_it_is_there(scene):
    iid = scene.create(FILLED.replace("- **CSE Territory Owner:** @ben", "- **CSE Territory Owner:**"))
    scene.finish(iid, "pre-handover")
    scene.finish(iid, "review")
    scene.run()
    finding = next(each for each in scene.row(iid)["findings"] if each["item"] == "2.4")
    assert "does not name anybody" in finding["message"]


def test_a_full_name_is_no_username(scene):
    iid = scene.create(FILLED.replace("- **AE:** @alex", "- **AE:** Alex Novak"))
    scene.run()
    (finding,) = [each for each in scene.row(iid)["findings"] if each["field"] == "ae"]
    assert "`Alex Novak`" in finding["message"]


def test_somebody_who_has_left_is_not_asked_to_name_a_successor(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.world.remove_member(PROJECT, "carol")
    scene.run()
    assert "@mia **CSM** names `carol`, who cannot act" in scene.pings(iid)[-1]


def test_an_unknown_territory_is_answered_with_the_names_as_they_are_written(scene):
    iid = scene.create(FILLED.replace("EMEA-1", "Mars"))
    scene.run()
    assert "`EMEA-1`" in scene.pings(iid)[-1]


def test_when_a_stage_opens_its_early_signatures_are_named_in_the_call(scene):
    iid = scene.create()
    scene.run()
    for code in REVIEW:
        scene.tick(iid, code, "ben")
    scene.run()
    scene.finish(iid, "pre-handover")
    scene.run()
    assert "it is your turn" in scene.pings(iid)[-1]
    assert "**2.4** was signed before" in scene.pings(iid)[-1]


def test_a_state_block_that_is_nested_without_end_stops_nobody(scene):
    import base64
    import zlib

    scene.key = ""
    iid = scene.create()
    scene.run()
    note = next(each for each in scene.world.list_notes(PROJECT, iid) if each.body.startswith("<!-- handover:status"))
    bomb = base64.b64encode(zlib.compress(b"[" * 900_000)).decode()
    scene.world.add_member(PROJECT, "ops", 40)
    scene.world.edit_comment(PROJECT, iid, note.id, "ops", f"<!-- handover:status state={bomb} seal= -->\n\nx")
    assert scene.run().failed == []
    assert scene.stage(iid) == "pre-handover"


def test_a_killed_run_followed_by_an_edit_says_nothing_twice(scene):
    from tests.end_to_end.test_faults import KilledError

    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.write(iid, "Seats", "9000")

    def die(*_):
        raise KilledError

    import automation.edge.gitlab as edge

    real = edge.GitLab.update_issue
    edge.GitLab.update_issue = die
    try:
        with pytest.raises(KilledError):
            scene.run()
    finally:
        edge.GitLab.update_issue = real
    scene.write(iid, "Goals", "Other goals")
    scene.run()
    assert sum("sign-off-stale:2.4" in ping for ping in scene.pings(iid)) == 1
