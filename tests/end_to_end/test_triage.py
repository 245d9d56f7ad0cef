"""The main job against the sandbox, over real HTTP: what people do, and what the bot makes of it."""

from __future__ import annotations

import re

import pytest

from automation.sandbox.sample import PROJECT
from tests.scene import FILLED, PROCESS, TEMPLATE, Scene


@pytest.fixture
def scene():
    with Scene() as scene:
        yield scene


def writes(scene):
    return [(each.method, each.path) for each in scene.sandbox.requests if each.method != "GET"]


# --- the way through --------------------------------------------------------------------------------------------------


def test_a_clean_handover_goes_through_every_stage_to_complete_without_an_alarm(scene):
    iid = scene.create()
    scene.run()
    seen = [scene.stage(iid)]
    for stage in PROCESS.stages:
        scene.clock.advance(days=1)
        scene.finish(iid, stage.key)
        scene.run()
        seen.append(scene.stage(iid))
        assert scene.found(iid) == []
        assert scene.stage_labels(iid) == {f"csm-to-cse-plus::{scene.stage(iid)}"}
    assert seen == [*(stage.key for stage in PROCESS.stages), "complete"]
    assert scene.labels(iid) == {"csm-to-cse-plus::complete"}


@pytest.mark.parametrize("generation", ["R", "P"])
def test_both_generations_of_tick_notes_prove_sign_offs(generation):
    with Scene() as scene:
        scene.world.generation = generation
        iid = scene.create()
        scene.finish_until(iid, "manager-actions")
        assert scene.stage(iid) == "manager-actions"


def test_where_scoped_labels_exclude_each_other_the_card_moves_all_the_same(scene):
    scene.world.premium = True
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::manager-actions"}


def test_a_blank_issue_from_the_template_waits_quietly_in_the_first_stage(scene):
    iid = scene.create(TEMPLATE)
    scene.run()
    assert scene.stage(iid) == "pre-handover"
    assert scene.found(iid) == []
    assert scene.pings(iid) == []
    assert {"field-blank", "role-unknown", "item-open"} == set(scene.codes(iid, alarms_only=False))


def test_everything_ticked_in_order_between_two_runs_is_complete_at_once(scene):
    iid = scene.create()
    for stage in PROCESS.stages:
        scene.finish(iid, stage.key)
    scene.run()
    assert scene.stage(iid) == "complete"
    assert scene.found(iid) == []


def test_a_second_run_writes_nothing_and_reads_only_what_the_budget_allows(scene):
    for _ in range(3):
        scene.create()
    scene.run()
    scene.sandbox.requests.clear()
    scene.run()
    kinds = dict(scene.gitlab.requests)
    assert writes(scene) == []
    assert kinds == {"GET other": 1, "GET issues": 2, "GET members": 1, "GET notes": 3}


def test_without_apply_nothing_is_written(scene):
    iid = scene.create()
    scene.run(apply=False)
    assert writes(scene) == []
    assert scene.row(iid)["actions"] != []


def test_the_next_person_is_told_once_that_it_is_their_turn(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.run()
    scene.run()
    assert len(scene.pings(iid)) == 1
    assert "@ben, it is your turn" in scene.pings(iid)[0]
    assert "cc @mia, @alex" in scene.pings(iid)[0]


def test_informed_people_of_a_stage_are_told_when_it_opens(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    assert "@mia, it is your turn" in scene.pings(iid)[-1]
    assert "cc @carol, @ben, @alex" in scene.pings(iid)[-1]


# --- signatures -------------------------------------------------------------------------------------------------------


def test_the_wrong_signer_passes_no_gate_and_is_told_apart_from_the_right_one(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.finish(iid, "review", only={"2.1", "2.2", "2.3"})
    scene.tick(iid, "2.4", "carol")
    scene.run()
    assert scene.stage(iid) == "review"
    assert scene.found(iid) == [("signer-wrong", "2.4")]
    ping = scene.pings(iid)[-1]
    assert "@ben **2.4** was ticked by `carol`" in ping
    assert "gate-missed" in scene.labels(iid)
    scene.retick(iid, "2.4", "ben")
    scene.run()
    assert scene.stage(iid) == "manager-actions"
    assert "gate-missed" not in scene.labels(iid)


def test_a_territory_owner_who_is_not_named_in_the_issue_may_not_sign(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.tick(iid, "2.4", "chloe")
    scene.run()
    assert ("signer-wrong", "2.4") in scene.found(iid)


def test_the_field_alone_makes_nobody_a_holder(scene):
    iid = scene.create()
    scene.write(iid, "CSE Territory Owner", "@otto")
    scene.finish(iid, "pre-handover")
    scene.run()
    assert scene.stage(iid) == "pre-handover"
    assert ("role-unknown", "cse_territory_owner") in scene.found(iid)


def test_a_signature_given_before_its_gate_stays_void_until_it_is_given_again(scene):
    iid = scene.create()
    scene.run()
    for code in ("2.1", "2.2", "2.3", "2.4"):
        scene.tick(iid, code, "ben")
    scene.run()
    assert {("sign-off-early", code) for code in ("2.1", "2.2", "2.3", "2.4")} <= set(scene.found(iid))
    assert ("gate-skipped", "2.4") in scene.found(iid)
    scene.finish(iid, "pre-handover")
    scene.run()
    assert scene.stage(iid) == "review"
    assert scene.found(iid) == [("sign-off-early", code) for code in ("2.1", "2.2", "2.3", "2.4")]
    for code in ("2.1", "2.2", "2.3", "2.4"):
        scene.retick(iid, code, "ben")
    scene.run()
    assert scene.stage(iid) == "manager-actions"


def test_a_box_ticked_when_the_issue_was_created_has_no_proof(scene):
    iid = scene.create(FILLED.replace("[ ] 2.4", "[x] 2.4"))
    scene.finish(iid, "pre-handover")
    scene.run()
    assert ("proof-missing", "2.4") in scene.found(iid)


def test_text_and_tick_in_one_save_prove_nothing(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.edit(iid, lambda text: text.replace("- [ ] 2.4 The account", "- [x] 2.4 The  account"), by="ben")
    scene.run()
    assert ("proof-missing", "2.4") in scene.found(iid)


def test_a_silent_untick_and_tick_after_a_true_signature_is_seen(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.edit(iid, lambda text: text.replace("- [x] 2.4 The account", "- [ ] 2.4 The  account"), by="carol")
    scene.run()
    assert scene.stage(iid) == "review"
    scene.edit(iid, lambda text: text.replace("- [ ] 2.4 The  account", "- [x] 2.4 The account"), by="carol")
    scene.run()
    assert scene.stage(iid) == "review"
    assert ("proof-missing", "2.4") in scene.found(iid)


def test_what_was_signed_may_not_change_afterwards(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.write(iid, "Seats", "9000")
    scene.run()
    assert scene.stage(iid) == "review"
    assert ("sign-off-stale", "2.4") in scene.found(iid)
    scene.write(iid, "Seats", "420")
    scene.run()
    assert ("sign-off-stale", "2.4") in scene.found(iid)


def test_a_change_hidden_behind_a_tick_between_two_runs_is_seen(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.finish(iid, "review")
    scene.edit(
        iid,
        lambda text: re.sub(r"\*\*Seats:\*\* \d+", "**Seats:** 9000", text).replace("- [ ] 3.1", "- [x] 3.1"),
        by="mia",
    )
    scene.run()
    assert scene.stage(iid) == "review"
    assert ("sign-off-stale", "2.4") in scene.found(iid)


def test_quick_honest_work_between_two_runs_is_not_taken_for_a_change(scene):
    iid = scene.create()
    scene.run()
    scene.finish(iid, "pre-handover")
    scene.finish(iid, "review")
    scene.finish(iid, "manager-actions")
    scene.run()
    assert scene.stage(iid) == "handover-call"
    assert scene.found(iid) == []


def test_who_leaves_after_signing_takes_nothing_back(scene):
    iid = scene.create()
    scene.finish_until(iid, "handover-call")
    scene.world.remove_member(PROJECT, "ben")
    scene.run()
    assert scene.stage(iid) == "handover-call"
    assert ("role-unknown", "cse_territory_owner") in scene.found(iid)


def test_any_cse_of_the_territory_may_accept_but_not_the_outgoing_csm(scene):
    iid = scene.create()
    scene.write(iid, "Responsible CSE", "")
    scene.finish_until(iid, "completion")
    scene.tick(iid, "6.3", "eli")
    scene.run()
    assert ("signer-wrong", "6.3") not in scene.found(iid)
    scene.retick(iid, "6.3", "carol")
    scene.run()
    assert ("signer-wrong", "6.3") in scene.found(iid)


# --- order ------------------------------------------------------------------------------------------------------------


def test_a_letter_sent_before_the_approval_is_a_skipped_gate(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.tick(iid, "5.3", "carol")
    scene.run()
    assert scene.found(iid) == [("gate-skipped", "5.3")]
    assert scene.stage(iid) == "review"


def test_unticking_and_ticking_an_early_box_again_accuses_nobody(scene):
    iid = scene.create()
    scene.finish_until(iid, "customer-communication")
    scene.finish(iid, "customer-communication", only={"5.1"})
    scene.run()
    scene.untick(iid, "1.3", "carol")
    scene.run()
    assert scene.stage(iid) == "pre-handover"
    assert "gate-skipped" not in scene.codes(iid)


def test_a_deleted_box_keeps_its_gate_shut(scene):
    iid = scene.create(FILLED.replace("- [ ] 1.4 Every instance that has been silent for six months is flagged\n", ""))
    scene.finish(iid, "pre-handover", only={item for item in PROCESS.items if item not in ("1.4", "1.10")})
    scene.run()
    assert scene.stage(iid) == "pre-handover"
    assert ("item-missing", "1.4") in scene.found(iid)
    assert "- [ ] 1.4 Every instance" in scene.pings(iid)[-1]


def test_closing_early_is_told_once_with_what_to_do(scene):
    iid = scene.create()
    scene.run()
    scene.world.close(PROJECT, iid, "carol")
    scene.run()
    scene.run()
    assert scene.found(iid) == [("closed-early", None)]
    assert len(scene.pings(iid)) == 1
    assert "@carol The issue was closed before" in scene.pings(iid)[0]


def test_a_forbidden_box_is_found(scene):
    iid = scene.create()
    scene.tick(iid, "5.5", "carol")
    scene.run()
    assert scene.found(iid) == [("forbidden", "5.5")]


# --- rework -----------------------------------------------------------------------------------------------------------


def test_sending_back_voids_the_review_until_the_csm_hands_over_anew(scene):
    iid = scene.create()
    scene.finish_until(iid, "manager-actions")
    scene.say(iid, "Please look again.\n\nSend back: two CTAs are still open.", by="ben")
    scene.run()
    assert scene.stage(iid) == "pre-handover"
    assert ("sent-back", "1.10") in scene.found(iid)
    assert "@carol `ben` sent the handover back: `two CTAs are still open.`" in scene.pings(iid)[-1]
    scene.retick(iid, "1.10", "carol")
    scene.run()
    assert scene.stage(iid) == "review"
    for code in ("2.1", "2.2", "2.3", "2.4"):
        scene.retick(iid, code, "ben")
    scene.run()
    assert scene.stage(iid) == "manager-actions"
    assert scene.found(iid) == []


def test_only_the_csm_answers_a_return(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.say(iid, "send back: no", by="ben")
    scene.retick(iid, "1.10", "mia")
    scene.run()
    assert scene.stage(iid) == "pre-handover"


@pytest.mark.parametrize(
    ("body", "by"),
    [
        ("send back: I do not like it", "carol"),
        ("send back", "ben"),
        ("send back: TBD", "ben"),
    ],
)
def test_a_command_that_may_not_be_obeyed_is_answered_once(scene, body, by):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.say(iid, body, by)
    scene.run()
    scene.run()
    assert scene.stage(iid) == "review"
    assert scene.codes(iid) == ["command-invalid"]
    assert len([ping for ping in scene.pings(iid) if "command-invalid" in ping]) == 1


@pytest.mark.parametrize(
    "body",
    [
        "`send back: x`",
        "> send back: x",
        "```\nsend back: x\n```",
        "    send back: x",
        "- send back: x",
        "do not send back: x",
    ],
)
def test_commands_in_code_quotes_and_sentences_are_nothing(scene, body):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.say(iid, body, by="ben")
    scene.run()
    assert scene.stage(iid) == "review"
    assert scene.found(iid) == []


def test_who_may_not_send_back_is_told_whom_to_ask(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.say(iid, "send back: x", by="otto")
    scene.run()
    assert "@otto You wrote `send back: x`." in scene.pings(iid)[-1]
    assert "Please ask `ben`." in scene.pings(iid)[-1]


def test_an_edited_comment_commands_nothing(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    note = scene.say(iid, "Looks good", by="ben")
    scene.clock.advance(minutes=1)
    scene.world.edit_comment(PROJECT, iid, note.id, "ben", "send back: changed my mind")
    scene.run()
    assert scene.stage(iid) == "review"
    assert scene.codes(iid) == ["command-invalid"]


def test_a_return_that_counted_is_not_taken_back_by_deleting_the_comment(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    note = scene.say(iid, "send back: open CTAs", by="ben")
    scene.run()
    scene.world.delete_comment(PROJECT, iid, note.id, "ben")
    scene.run()
    assert scene.stage(iid) == "pre-handover"


# --- labels -----------------------------------------------------------------------------------------------------------


def test_a_dragged_card_is_put_back_and_the_person_is_told_why(scene):
    iid = scene.create()
    scene.run()
    scene.clock.advance(minutes=1)
    scene.world.add_label(PROJECT, "csm-to-cse-plus::completion")
    scene.world.move_card(
        PROJECT, iid, "otto", remove="csm-to-cse-plus::pre-handover", add="csm-to-cse-plus::completion"
    )
    scene.run()
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}
    assert scene.codes(iid) == ["label-moved"]
    assert "@otto The card was moved to `csm-to-cse-plus::completion` by hand" in scene.pings(iid)[-1]
    scene.run()
    assert scene.codes(iid) == []
    assert len(scene.pings(iid)) == 1


def test_two_stage_labels_are_healed_without_accusing_a_bot(scene):
    iid = scene.create()
    scene.run()
    bot = next(user for user in scene.world.users.values() if user.is_bot)
    scene.world.add_label(PROJECT, "csm-to-cse-plus::review")
    scene.world.move_card(PROJECT, iid, bot, add="csm-to-cse-plus::review")
    scene.run()
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}
    assert scene.codes(iid) == []


def test_a_label_of_the_template_or_of_a_guest_is_no_evidence(scene):
    scene.world.add_label(PROJECT, "csm-to-cse-plus::complete")
    iid = scene.create(labels=["csm-to-cse-plus::complete"])
    scene.run()
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}


# --- what is a handover -----------------------------------------------------------------------------------------------


def test_other_issues_are_left_alone_and_cost_nothing(scene):
    scene.create("Just a note.\n\n- [ ] 1.1 buy milk\n\n**Process:** as usual")
    scene.run()
    assert scene.rows == []
    assert "GET notes" not in scene.gitlab.requests


def test_a_process_line_that_vanished_is_unreadable_and_the_labels_stay(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    before = scene.labels(iid)
    scene.edit(iid, lambda text: text.replace("**Process:** `csm-to-cse-plus` version 1", ""), by="carol")
    scene.run()
    assert scene.codes(iid) == ["unreadable"]
    assert scene.stage(iid) is None
    assert scene.labels(iid) == before
    assert "@carol I cannot tell which process" in scene.pings(iid)[-1]
    scene.edit(iid, lambda text: f"**Process:** `csm-to-cse-plus` version 1\n\n{text}", by="carol")
    scene.run()
    assert scene.stage(iid) == "review"


def test_an_issue_older_than_a_day_is_first_met_in_silence(scene):
    iid = scene.create()
    scene.tick(iid, "2.4", "carol")
    scene.clock.advance(days=3)
    scene.run()
    scene.run()
    assert scene.pings(iid) == []
    assert "2.4" in scene.status(iid)
    scene.tick(iid, "5.5", "carol")
    scene.run()
    assert len(scene.pings(iid)) == 1
    assert "2.4" not in scene.pings(iid)[0]


def test_past_the_daily_ceiling_news_wait_for_the_next_day_and_come_together(scene):
    iid = scene.create()
    for code in ("3.1", "4.1", "5.1"):
        scene.tick(iid, code, "carol")
        scene.run()
    scene.tick(iid, "6.1", "carol")
    scene.tick(iid, "6.2", "carol")
    scene.run()
    assert len(scene.pings(iid)) == 3
    scene.clock.advance(days=1)
    scene.run()
    assert len(scene.pings(iid)) == 4
    assert "6.1" in scene.pings(iid)[-1]
    assert "6.2" in scene.pings(iid)[-1]


def test_a_box_deleted_again_after_its_repair_is_told_again(scene):
    iid = scene.create()
    line = "- [ ] 1.5 Gainsight is up to date\n"
    for _ in range(2):
        scene.edit(iid, lambda text: text.replace(line, ""), by="carol")
        scene.run()
        scene.edit(iid, lambda text: text.replace("- [ ] 1.6", f"{line}- [ ] 1.6"), by="carol")
        scene.run()
    assert len([ping for ping in scene.pings(iid) if "item-missing:1.5" in ping]) == 2


def test_losing_the_status_comment_loses_no_ping_and_repeats_none(scene):
    iid = scene.create()
    scene.finish_until(iid, "review")
    scene.tick(iid, "2.4", "carol")
    scene.run()
    before = scene.pings(iid)
    note = next(each for each in scene.world.list_notes(PROJECT, iid) if each.body.startswith("<!-- handover:status"))
    scene.world.add_member(PROJECT, "ops", 40)
    scene.world.delete_comment(PROJECT, iid, note.id, "ops")
    scene.run()
    assert scene.pings(iid) == before
    assert "2.4" in scene.status(iid)


def test_a_reopened_complete_handover_keeps_its_label_and_is_asked_about_once(scene):
    iid = scene.create()
    for stage in PROCESS.stages:
        scene.finish(iid, stage.key)
    scene.run()
    assert "Please close the issue" in scene.pings(iid)[-1]
    scene.clock.advance(hours=2)
    scene.world.close(PROJECT, iid, "carol")
    scene.clock.advance(days=2)
    scene.world.reopen(PROJECT, iid, "otto")
    scene.run()
    scene.run()
    assert scene.labels(iid) == {"csm-to-cse-plus::complete"}
    assert len([ping for ping in scene.pings(iid) if "reopened:" in ping]) == 1
    assert "reopened by `otto`" in scene.pings(iid)[-1]
    scene.run()
    assert len(scene.pings(iid)) == 2


def test_hostile_text_is_never_executed_or_mentioned(scene):
    iid = scene.create()
    scene.write(iid, "CSM", "@all </script><b>x</b> `/close`")
    scene.write(iid, "Health", "/close @all <img src=x> ``` \u202e")
    scene.run()
    text = "\n".join(scene.comments(iid))
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert "@all" not in outside_code
    assert "<img" not in outside_code
    assert "\u202e" not in text
    assert not re.search(r"(?m)^/", text)
    assert scene.world.issue(PROJECT, iid).state == "opened"
