"""The judgement: which stage is true, which sign-offs count, and what no forgery may get past.

A story is played on an issue as GitLab would keep it (tests/builders.py); runs of the bot stand where they matter,
since the state block of one run is what the next one remembers.
"""

import re
from dataclasses import replace

import pytest

from automation.core.checklist import parse_sheet
from automation.core.gates import conclude, review_issue
from automation.core.process import build_process
from automation.core.recognition import is_candidate
from automation.core.remembered import Memory
from tests.builders import (
    DIALECT,
    ROLES,
    SMALL_TEXT,
    START,
    Tale,
    alarms,
    found,
    get_finding,
    make_directory,
    make_issue,
    make_members,
    real_process,
    small_process,
    small_schema,
)


def ready(**options):
    """A tale whose first stage is done and was seen by a run."""
    return Tale(**options).finish("ready").run()


def approved(**options):
    """A tale that was approved, as a run saw."""
    return ready(**options).tick("2.1", "ben").run()


def stage_and_alarms(tale):
    verdict = tale.judge()
    return verdict.stage, alarms(verdict)


# --- the stage is the first whose gate is not passed ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "stage", "label"),
    [
        ([], "ready", "small::ready"),
        (["ready"], "review", "small::review"),
        (["ready", "review"], "finish", "small::finish"),
        (["ready", "review", "finish"], "complete", "small::complete"),
    ],
)
@pytest.mark.parametrize("generation", ["R", "P"])
@pytest.mark.parametrize("wording", ["checklist item", "task"])
def test_a_clean_handover_goes_from_stage_to_stage(done, stage, label, generation, wording):
    tale = Tale(generation=generation, wording=wording)
    for each in done:
        tale.finish(each)
    verdict = tale.judge()
    assert (verdict.stage, verdict.label, alarms(verdict)) == (stage, label, [])


@pytest.mark.parametrize("generation", ["R", "P"])
@pytest.mark.parametrize("is_seen", [False, True], ids=["in one go", "run by run"])
def test_the_real_process_can_be_walked_to_its_end(generation, is_seen):
    tale = Tale.of_the_real_process(generation=generation)
    stages = []
    for stage in real_process().stages:
        stages.append(tale.judge().stage)
        tale.finish(stage.key)
        if is_seen:
            tale.run()
    assert stages == [stage.key for stage in real_process().stages]
    assert stage_and_alarms(tale) == ("complete", [])


def test_boxes_of_a_stage_may_be_ticked_in_any_order():
    tale = Tale()
    for code in ("1.10", "1.2", "1.1"):
        tale.tick(code, "carol")
    assert stage_and_alarms(tale) == ("review", [])


def test_an_ordinary_box_may_be_ticked_by_anybody():
    tale = Tale().tick("1.1", "eve").tick("1.2", "zoe").tick("1.10", "dana")
    assert stage_and_alarms(tale) == ("review", [])


def test_advice_holds_no_gate_and_may_be_ticked_at_any_time():
    tale = Tale().tick("4.1", "eve").finish("ready").untick("4.1", "eve")
    assert stage_and_alarms(tale) == ("review", [])


def test_work_still_to_do_is_shown_for_the_current_stage_only():
    assert found(ready().judge()) == {("item-open", "2.1")}


def test_an_open_issue_that_is_complete_has_no_finding():
    tale = Tale().finish("ready").finish("review").finish("finish")
    assert found(tale.judge()) == set()


def test_whose_turn_it_is():
    assert ready().judge().acting == {"cse_territory_owner": ("ben",)}
    assert approved().judge().acting == {"csm": ("carol",), "cse": ("dana", "eli")}


# --- the findings of the design, section 5 ----------------------------------------------------------------------------


def spoil(text):
    """Return a tale in which everything is ticked without a note; what matters is what the text shows."""
    return Tale(text=text.replace("- [ ]", "- [x]").replace("[x] 3.3", "[ ] 3.3"))


TEXT_FINDINGS = [
    # what the text holds -> what it holds instead, finding, the stage that it keeps shut
    ("- [x] 1.1 Plans are closed\n", "", ("item-missing", "1.1"), "ready"),
    ("- [x] 1.1 P", "- [x] 1.1 P\n- [x] 1.1 P", ("item-duplicated", "1.1"), "ready"),
    ("- [x] 1.1 P", "- [ ] 1.1 P", ("item-open", "1.1"), "ready"),
    ("- **Customer:** Acme", "- **Customer:**", ("field-blank", "customer"), "ready"),
    ("- **Seats:** 250", "- **Seats:** many", ("field-invalid", "seats"), "ready"),
    ("- **Seats:** 250", "- **Seats:** 250\n- **Seats:** 250", ("field-duplicated", "seats"), "ready"),
    ("- [x] 1.1 P", "- [~] 1.1 P", ("not-applicable", "1.1"), "ready"),
    ("- [x] 1.2 I", "- [~] 1.2 I", ("reason-missing", "1.2"), "ready"),
    ("- **Owner:** @ben", "- **Owner:**", ("role-unknown", "owner"), "ready"),
    ("- **Owner:** @ben", "- **Owner:** @eve", ("role-unknown", "owner"), "ready"),
    ("- **Owner:** @ben", "- **Owner:** @carol", ("role-unknown", "owner"), "ready"),
    ("- **Territory:** _optional_", "- **Territory:** Nowhere", ("field-invalid", "territory"), "ready"),
    ("- [ ] 3.3 A", "- [x] 3.3 A", ("forbidden", "3.3"), "review"),
    ("- **Channel:** _how_", "- **Channel:** CSE call", ("forbidden", "ban"), "ready"),
    ("- **Document:** https://example.com/notes", "- **Document:**", ("field-blank", "document"), "ready"),
]


@pytest.mark.parametrize(("old", "new", "finding", "stage"), TEXT_FINDINGS)
def test_what_the_text_shows(old, new, finding, stage):
    tale = spoil(SMALL_TEXT)
    assert old in tale.text
    tale.text = tale.text.replace(old, new, 1)
    verdict = tale.judge()
    assert finding in found(verdict)
    assert verdict.stage == stage


PROCESS_LINE = "**Process:** `small` version 1"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "unreadable.process-line"),
        ("**Process:**", "unreadable.process-line"),
        ("**Process:** small", "unreadable.process-line"),
        ("> **Process:** `small` version 1", "unreadable.process-line"),
        ("**Process:** `small` version 2", "unreadable.unknown-process"),
        ("**Process:** `other` version 1", "unreadable.unknown-process"),
        (f"{PROCESS_LINE}\n\n{PROCESS_LINE}", "unreadable.two-process-lines"),
        (f"{PROCESS_LINE}\n\n**Process:** `other` version 1", "unreadable.two-process-lines"),
        (f"{PROCESS_LINE}\n\n**Process:**", "unreadable.two-process-lines"),
    ],
)
def test_a_process_line_that_cannot_be_read(line, words):
    tale = approved().replace(PROCESS_LINE, line, "carol")
    verdict = tale.judge()
    finding = get_finding(verdict, "unreadable")
    assert (finding.words, verdict.stage, verdict.memory) == (words, "", None)


def test_an_unreadable_issue_names_its_line_and_asks_the_responsible():
    tale = approved().replace(PROCESS_LINE, "Hello\n\n**Process:** `small` version 9", "carol")
    verdict = tale.judge()
    finding = get_finding(verdict, "unreadable")
    assert (finding.line, verdict.people) == (3, {"csm": ("carol",)})


def test_another_process_is_refused_once_the_issue_has_begun():
    other = build_process(small_schema(**{"x-process": {"id": "other", "version": 1, "template": "Other"}}), DIALECT)
    tale = approved(processes={("small", 1): small_process(), ("other", 1): other})
    tale.replace("`small`", "`other`", "carol")
    assert get_finding(tale.judge(), "unreadable").words == "unreadable.other-process"


def test_the_sign_offs_stand_again_when_the_process_line_is_put_back():
    tale = approved().replace(PROCESS_LINE, "", "carol").run().edit(lambda text: f"{PROCESS_LINE}\n{text}", "carol")
    assert stage_and_alarms(tale) == ("finish", [])


def test_what_was_signed_may_not_change_while_the_issue_is_unreadable():
    tale = approved().replace(PROCESS_LINE, "", "carol").run()
    tale.edit(lambda text: f"{PROCESS_LINE}\n{text}".replace("Acme", "Globex"), "carol")
    assert stage_and_alarms(tale) == ("review", [("sign-off-stale", "2.1")])


@pytest.mark.parametrize(
    ("text", "labels", "state", "wanted"),
    [
        (SMALL_TEXT, (), "opened", True),
        (SMALL_TEXT, (), "closed", True),
        ("**Process:** `unknown` version 1", (), "opened", True),
        (SMALL_TEXT.replace(PROCESS_LINE, ""), (), "opened", True),
        (SMALL_TEXT.replace(PROCESS_LINE, ""), (), "closed", False),
        ("hello", ("small::review",), "opened", True),
        ("hello", ("small::review",), "closed", True),
        ("hello", ("small::other",), "opened", False),
        ("- [ ] 1.1 a\n- [ ] 1.2 b\n- [ ] 1.10 c\n- [ ] 2.1 d\n- [ ] 3.1 e", (), "opened", True),
        ("- [ ] 1.1 a\n- [ ] 1.2 b\n- [ ] 1.10 c\n- [ ] 2.1 d", (), "opened", False),
        ("**Process:** agile", (), "opened", False),
        ("hello", (), "opened", False),
        ("", (), "opened", False),
    ],
)
def test_which_issues_are_looked_at(text, labels, state, wanted):
    issue = make_issue(text, labels=labels, state=state)
    assert is_candidate(issue, parse_sheet(text), {("small", 1): small_process()}) is wanted


def test_an_issue_that_was_moved_away_is_not_looked_at():
    issue = make_issue(is_moved=True, state="closed")
    assert not is_candidate(issue, parse_sheet(issue.description), {("small", 1): small_process()})


@pytest.mark.parametrize("is_closed", [False, True])
def test_closing_before_the_end_is_told(is_closed):
    tale = approved()
    if is_closed:
        tale.close()
    assert (("closed-early", "") in found(tale.judge())) is is_closed


def test_closing_a_complete_handover_is_no_finding():
    tale = Tale().finish("ready").finish("review").finish("finish").close()
    assert found(tale.judge()) == set()


def test_the_case_of_usernames_does_not_matter():
    tale = Tale(text=SMALL_TEXT.replace("@ben", "@BEN").replace("@carol", "@Carol"))
    tale.finish("ready").tick("2.1", "Ben").tick("3.1", "CAROL").tick("3.2", "Dana").tick("3.4", "carol")
    assert stage_and_alarms(tale) == ("complete", [])


# --- sign-offs: who ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["carol", "chloe", "mia", "eve", "dana"])
def test_a_wrong_person_passes_no_gate(by):
    tale = ready().tick("2.1", by)
    assert stage_and_alarms(tale) == ("review", [("signer-wrong", "2.1")])


def test_the_finding_names_who_did_it_and_who_must():
    finding = get_finding(ready().tick("2.1", "eve").judge(), "signer-wrong")
    assert (finding.facts["signer"], finding.roles) == ("`eve`", ("cse_territory_owner",))


def test_the_right_person_repairs_a_wrong_tick():
    tale = ready().tick("2.1", "eve").run().retick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_wrong_person_who_ticks_again_takes_the_sign_off_away():
    tale = approved().retick("2.1", "carol")
    assert stage_and_alarms(tale) == ("review", [("signer-wrong", "2.1")])


def test_a_person_whom_the_directory_does_not_know_cannot_sign_though_the_field_names_them():
    tale = Tale(text=SMALL_TEXT.replace("@ben", "@eve")).finish("ready").tick("2.1", "eve")
    assert stage_and_alarms(tale) == (
        "ready",
        [("role-unknown", "owner"), ("signer-wrong", "2.1"), ("gate-skipped", "2.1")],
    )


def test_a_person_on_both_sides_cannot_sign():
    directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "carol")})
    tale = Tale(text=SMALL_TEXT.replace("@ben", "@carol"), directory=directory).finish("ready").tick("2.1", "carol")
    verdict = tale.judge()
    assert verdict.stage == "ready"
    assert {("role-unknown", "owner"), ("signer-wrong", "2.1")} <= found(verdict)


@pytest.mark.parametrize(
    ("by", "trouble"),
    [("dana", []), ("eli", []), ("carol", [("signer-wrong", "3.2")]), ("ben", [("signer-wrong", "3.2")])],
)
def test_any_cse_accepts_but_not_the_outgoing_csm(by, trouble):
    tale = approved().tick("3.1", "carol").tick("3.2", by)
    assert stage_and_alarms(tale) == ("finish", trouble)


def test_a_person_who_cannot_act_in_the_project_cannot_sign():
    directory = make_directory(members=[*make_members(["carol", "dana"]), *make_members(["ben"], access_level=10)])
    tale = Tale(directory=directory).finish("ready").tick("2.1", "ben")
    assert ("signer-wrong", "2.1") in found(tale.judge())


# --- sign-offs: with which proof --------------------------------------------------------------------------------------


def test_a_box_ticked_at_creation_has_no_proof():
    tale = Tale(text=SMALL_TEXT.replace("- [ ] 2.1", "- [x] 2.1")).finish("ready")
    assert stage_and_alarms(tale) == ("review", [("proof-missing", "2.1")])


def test_a_tick_together_with_its_words_has_no_proof():
    tale = ready().silently("2.1", "x", "ben")
    assert stage_and_alarms(tale) == ("review", [("proof-missing", "2.1")])


def test_unticking_and_ticking_again_gives_the_proof():
    tale = ready().silently("2.1", "x", "ben").run().retick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])


@pytest.mark.parametrize("by", ["ben", "eve"])
def test_a_comment_that_reads_like_a_tick_note_is_no_proof(by):
    tale = ready().silently("2.1", "x", "eve")
    tale.say("marked the checklist item **2.1 Approved for the move** as completed", by)
    assert stage_and_alarms(tale) == ("review", [("proof-missing", "2.1")])


def test_the_note_of_another_box_is_no_proof():
    """1.10 is not 1.1, and 2.10 would not be 2.1."""
    text = SMALL_TEXT.replace("## Finish", "- [ ] 2.10 Approved for the move\n\n## Finish")
    tale = Tale(text=text).finish("ready").tick("2.10", "ben").silently("2.1", "x", "eve")
    assert stage_and_alarms(tale) == ("review", [("proof-missing", "2.1")])


def test_a_tick_with_other_words_signs_nothing():
    tale = Tale(text=SMALL_TEXT.replace("Approved for the move", "Looks fine")).finish("ready").tick("2.1", "ben")
    assert stage_and_alarms(tale) == ("review", [("words-changed", "2.1")])


def test_putting_the_words_back_does_not_mend_a_tick_with_other_words():
    tale = Tale(text=SMALL_TEXT.replace("Approved for the move", "Looks fine")).finish("ready").tick("2.1", "ben")
    tale.run().replace("Looks fine", "Approved for the move", "ben")
    assert ("words-changed", "2.1") in alarms(tale.judge())


def test_words_changed_after_the_sign_off_are_told_and_put_back_they_are_forgiven():
    tale = approved().replace("Approved for the move", "Not approved", "eve")
    assert stage_and_alarms(tale) == ("review", [("words-changed", "2.1")])
    tale.run().replace("Not approved", "Approved for the move", "eve")
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_hint_behind_the_words_is_no_change():
    tale = Tale(text=SMALL_TEXT.replace("Approved for the move", "Approved for the move (see the notes)"))
    tale.finish("ready").tick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])


def test_the_words_of_an_ordinary_box_may_be_anything():
    tale = Tale(text=SMALL_TEXT.replace("Plans are closed", "Alle Pläne sind zu")).finish("ready")
    assert stage_and_alarms(tale) == ("review", [])


def test_a_line_above_the_boxes_does_not_change_who_ticked_what():
    """GitLab compares boxes by position; the note still names the box."""
    tale = approved().edit(lambda text: text.replace("## Ready", "- [ ] my own box\n\n## Ready"), "eve")
    assert stage_and_alarms(tale) == ("finish", [])


# --- sign-offs: when --------------------------------------------------------------------------------------------------


def test_a_sign_off_before_its_gate_is_early():
    tale = Tale().tick("2.1", "ben")
    assert ("sign-off-early", "2.1") in alarms(tale.judge())


@pytest.mark.parametrize("is_seen", [False, True], ids=["unseen", "seen"])
def test_an_early_sign_off_stays_condemned_when_its_gate_opens(is_seen):
    tale = Tale().tick("2.1", "ben")
    if is_seen:
        tale.run()
    tale.finish("ready")
    assert stage_and_alarms(tale) == ("review", [("sign-off-early", "2.1")])


@pytest.mark.parametrize("is_seen", [False, True], ids=["unseen", "seen"])
def test_an_early_sign_off_counts_once_it_is_given_again(is_seen):
    tale = Tale().tick("2.1", "ben").finish("ready")
    if is_seen:
        tale.run()
    assert stage_and_alarms(tale.retick("2.1", "ben")) == ("finish", [])


def test_an_early_sign_off_seen_while_a_fact_was_blank_stays_condemned():
    tale = Tale(text=SMALL_TEXT.replace("Acme", "")).finish("ready").tick("2.1", "ben").run()
    tale.write("Customer", "Acme", "carol")
    assert stage_and_alarms(tale) == ("review", [("sign-off-early", "2.1")])


def test_an_early_sign_off_is_called_early_although_the_owner_has_changed_since():
    tale = Tale().tick("2.1", "ben").run().write("Owner", "@chloe", "carol")
    assert ("sign-off-early", "2.1") in alarms(tale.judge())
    assert ("signer-wrong", "2.1") not in alarms(tale.judge())


def test_a_sign_off_while_an_ordinary_box_stands_open_is_early():
    """Anybody saw that 1.1 was open when ben signed: a run did too."""
    tale = ready().silently("1.1", " ", "eve").run().tick("2.1", "ben")
    assert ("sign-off-early", "2.1") in found(tale.judge())


def test_a_gate_is_not_passed_by_a_sign_off_that_came_while_the_earlier_gate_was_shut():
    """The AE agrees (5.2) while 4.2 stands open, as a run had seen; 4.2 is ticked afterwards."""
    tale = Tale.of_the_real_process()
    for stage in ("pre-handover", "review", "manager-actions", "handover-call"):
        tale.finish(stage).run()
    tale.silently("4.2", " ", "carol").run().tick("5.2", "alex").run().tick("4.2", "carol").run()
    assert ("sign-off-early", "5.2") in found(tale.judge())


# --- skipped gates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_noted", [True, False], ids=["ticked", "ticked without a note"])
def test_a_box_of_a_later_stage_skips_the_gates_before_it(is_noted):
    tale = ready()
    tale = tale.tick("3.1", "carol") if is_noted else tale.silently("3.1", "x", "carol")
    assert stage_and_alarms(tale) == ("review", [("gate-skipped", "3.1")])


def test_a_skipped_gate_is_forgotten_once_the_gate_is_passed():
    tale = ready().tick("3.1", "carol").run().tick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])


@pytest.mark.parametrize("is_seen", [False, True], ids=["unseen", "seen"])
def test_unticking_and_ticking_again_accuses_nobody(is_seen):
    """An early box of a stage that was passed long ago is unticked by mistake and ticked again."""
    tale = approved().finish("finish")
    if is_seen:
        tale.run()
    tale.untick("3.1", "carol").tick("3.1", "carol")
    assert [code for code, _ in alarms(tale.judge()) if code in ("gate-skipped", "sign-off-early")] == []


def test_a_box_ticked_in_its_time_is_not_accused_when_an_earlier_gate_shuts_again():
    tale = approved().tick("3.1", "carol").run().untick("1.1", "carol")
    verdict = tale.judge()
    assert verdict.stage == "ready"
    assert ("gate-skipped", "3.1") not in found(verdict)


def test_a_box_ticked_in_its_time_is_not_accused_when_a_fact_vanishes():
    tale = approved().tick("3.1", "carol").run().write("Customer", "", "carol")
    assert ("gate-skipped", "3.1") not in found(tale.judge())
    assert ("gate-skipped", "3.1") not in found(tale.run().judge())


def test_a_skipped_gate_names_the_responsible_of_the_gate():
    finding = get_finding(ready().tick("3.1", "carol").judge(), "gate-skipped")
    assert (finding.roles, finding.facts["earlier"], finding.facts["by"]) == (
        ("cse_territory_owner",),
        "Review",
        "`carol`",
    )


def test_advice_and_forbidden_boxes_skip_no_gate():
    assert ("gate-skipped", "4.1") not in found(Tale().tick("4.1", "dana").judge())
    assert ("gate-skipped", "3.3") not in found(Tale().tick("3.3", "dana").judge())


def test_a_skipped_gate_stays_told_while_nothing_changes():
    """2.1 is silently unticked, as a run sees; then a box of the last stage is ticked."""
    tale = approved().silently("2.1", " ", "ben").run().tick("3.1", "carol")
    first = alarms(tale.judge())
    assert first == [("gate-skipped", "3.1")]
    assert alarms(tale.run().judge()) == first


def test_a_skipped_gate_stays_told_when_the_stale_sign_off_is_unticked():
    tale = approved().silently("1.2", " ", "eve").run().tick("3.1", "carol").run()
    assert ("gate-skipped", "3.1") in alarms(tale.judge())
    tale.untick("2.1", "ben").run()
    assert ("gate-skipped", "3.1") in alarms(tale.run().judge())


def test_a_step_marked_not_applicable_after_it_was_unticked_holds_nothing_up():
    tale = Tale().tick("1.1", "carol").tick("1.2", "carol").untick("1.2", "carol")
    tale.replace("[ ] 1.2 Instances are flagged", "[~] 1.2 Instances are flagged - single", "carol")
    tale.tick("1.10", "carol").tick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])


# --- what was signed has changed since --------------------------------------------------------------------------------

CHANGES = [
    ("Customer", "Globex"),
    ("Seats", "251"),
    ("Health", "Red"),
    ("Renewal", "2027-04-01"),
    ("Document", "https://example.com/other"),
    ("Territory", "EMEA-1"),
    ("Customer", ""),
    ("Seats", "many"),
]


@pytest.mark.parametrize(("label", "value"), CHANGES)
def test_a_change_after_the_sign_off_makes_it_stale(label, value):
    tale = approved().write(label, value, "carol")
    assert ("sign-off-stale", "2.1") in alarms(tale.judge())


def test_a_change_that_says_the_same_is_no_change():
    tale = (
        approved()
        .write("Seats", "`250` _as of today_", "carol")
        .replace("- **Customer:** Acme", "* **customer**: Acme", "eve")
    )
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_box_unticked_after_the_sign_off_makes_it_stale():
    tale = approved().untick("1.1", "eve")
    assert stage_and_alarms(tale) == ("ready", [("sign-off-stale", "2.1")])


def test_without_any_memory_a_tick_note_alone_shows_that_a_box_was_open():
    tale = Tale().tick("1.2", "carol").tick("1.10", "carol")
    tale.text = tale.text.replace("[ ] 1.1 ", "[x] 1.1 ")
    tale.tick("2.1", "ben").untick("1.1", "eve")
    assert ("sign-off-stale", "2.1") in alarms(tale.judge())


@pytest.mark.parametrize(
    ("label", "value"),
    [("CSM", "@dave"), ("CSE", "@eli"), ("Owner", "@chloe"), ("Done on", "2026-12-24"), ("Tips", "3")],
)
def test_what_is_not_signed_for_may_change(label, value):
    """People, later stages and advice void no sign-off; and who is no longer the owner takes nothing back."""
    tale = approved().write(label, value, "carol")
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_stale_sign_off_stays_stale_when_the_text_is_put_back():
    tale = approved().write("Customer", "Globex", "carol").run().write("Customer", "Acme", "carol")
    assert stage_and_alarms(tale) == ("review", [("sign-off-stale", "2.1")])
    assert stage_and_alarms(tale.run()) == ("review", [("sign-off-stale", "2.1")])


def test_a_change_that_was_put_back_before_any_run_saw_it_is_nothing():
    tale = approved().write("Customer", "Globex", "carol").write("Customer", "Acme", "carol")
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_stale_sign_off_counts_once_it_is_given_again():
    tale = approved().write("Customer", "Globex", "carol").run().retick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])
    assert stage_and_alarms(tale.run()) == ("finish", [])


def test_a_change_after_the_second_sign_off_is_seen_too():
    tale = approved().write("Customer", "Globex", "carol").run().retick("2.1", "ben").run()
    assert ("sign-off-stale", "2.1") in alarms(tale.write("Customer", "Initech", "carol").judge())


def test_a_change_hidden_behind_a_tick_of_another_hand_is_seen():
    """GitLab tells of the tick only. The digests before the sign-off and after it differ."""
    tale = ready().tick("2.1", "ben")
    tale.behind_tick("3.1", lambda text: text.replace("Acme", "Globex"), "carol")
    assert ("sign-off-stale", "2.1") in alarms(tale.judge())


def test_a_change_hidden_behind_a_tick_after_acceptance_is_seen():
    tale = approved().behind_tick("3.1", lambda text: text.replace("Acme", "Globex"), "carol")
    assert ("sign-off-stale", "2.1") in alarms(tale.judge())


def test_a_change_hidden_behind_a_box_of_no_process_is_seen():
    tale = Tale(text=SMALL_TEXT + "\n- [ ] my own box\n").finish("ready").run().tick("2.1", "ben")
    changed = tale.text.replace("Acme", "Globex").replace("[ ] my own box", "[x] my own box")
    assert ("sign-off-stale", "2.1") in alarms(tale.save(changed, "carol").judge())


def test_a_change_between_two_runs_by_the_signer_is_what_the_signer_signed():
    tale = ready().write("Customer", "Globex", "ben").tick("2.1", "ben").write("Seats", "300", "ben")
    assert stage_and_alarms(tale) == ("finish", [])


def test_honest_work_between_two_runs_is_no_change():
    """The CSM ticks the last boxes, the owner signs, the CSM ticks on: all of it between two runs."""
    tale = Tale().tick("1.1", "carol").run()
    tale.tick("1.2", "carol").tick("1.10", "carol").tick("2.1", "ben").tick("3.1", "carol")
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_text_edited_just_before_the_sign_off_is_fair_while_no_other_hand_comes_after():
    tale = ready().write("Customer", "Globex", "carol").tick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])
    assert stage_and_alarms(tale.run()) == ("finish", [])


def test_several_sign_offs_of_one_stage_do_not_void_each_other():
    tale = approved().tick("3.1", "carol").tick("3.4", "carol").run().tick("3.2", "dana")
    assert stage_and_alarms(tale) == ("complete", [])


@pytest.mark.parametrize(("label", "value"), [("Customer", ""), ("Seats", "many"), ("Territory", "Nowhere")])
def test_a_stale_sign_off_does_not_become_an_early_one(label, value):
    """After approval a needed fact is blanked. The tick was in order when it was made: nobody went past a gate."""
    tale = approved().write(label, value, "carol")
    first = alarms(tale.judge())
    assert ("sign-off-stale", "2.1") in first
    assert alarms(tale.run().judge()) == first


def test_a_stale_sign_off_does_not_become_one_of_a_wrong_person():
    tale = approved().write("Customer", "Globex", "carol").run().write("Owner", "@chloe", "carol")
    assert alarms(tale.judge()) == [("sign-off-stale", "2.1")]


# --- what the state block must remember -------------------------------------------------------------------------------


def test_silently_unticked_as_a_run_saw_and_silently_ticked_again_is_no_proof():
    tale = approved().silently("2.1", " ", "eve").run().silently("2.1", "x", "eve")
    assert stage_and_alarms(tale) == ("review", [("proof-missing", "2.1")])
    assert stage_and_alarms(tale.run()) == ("review", [("proof-missing", "2.1")])


def test_the_old_note_is_no_proof_even_many_runs_later():
    tale = approved().silently("2.1", " ", "eve").run().tick("4.1", "eve").run().untick("4.1", "eve").run()
    assert ("proof-missing", "2.1") in alarms(tale.silently("2.1", "x", "eve").judge())


def test_a_newer_tick_counts_after_a_silent_untick():
    tale = approved().silently("2.1", " ", "eve").run().tick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])
    assert stage_and_alarms(tale.run()) == ("finish", [])


def put_back(text):
    """Put the line of 2.1 back where it stood, ticked, and nothing else in its place."""
    return re.sub(r"(?s)## Review\n.*?## Finish", "## Review\n\n- [x] 2.1 Approved for the move\n\n## Finish", text)


GONE = {"deleted": "", "doubled": "{}{}", "in a fence": "```\n{}```\n"}


@pytest.mark.parametrize("way", GONE.values(), ids=GONE.keys())
def test_a_box_that_was_gone_at_a_run_comes_back_with_its_sign_off(way):
    """A line deleted or copied by mistake and put back as we told: nothing that was signed for has changed."""
    line = "- [x] 2.1 Approved for the move\n"
    tale = approved().replace(line, way.replace("{}", line), "eve").run()
    assert tale.judge().stage == "review"
    assert stage_and_alarms(tale.edit(put_back, "eve")) == ("finish", [])
    assert stage_and_alarms(tale.run()) == ("finish", [])


@pytest.mark.parametrize("way", GONE.values(), ids=GONE.keys())
@pytest.mark.parametrize("is_one_save", [True, False])
def test_text_changed_while_the_box_was_gone_is_not_let_through(way, is_one_save):
    """Delete the approval, change what was approved, put the approval back: the old tick note must not count."""
    line = "- [x] 2.1 Approved for the move\n"
    tale = approved()
    if is_one_save:
        tale.edit(lambda text: text.replace(line, way.replace("{}", line)).replace("Acme", "Globex"), "eve").run()
    else:
        tale.replace(line, way.replace("{}", line), "eve").run().write("Customer", "Globex", "eve").run()
    tale.edit(put_back, "eve")
    assert tale.judge().stage == "review"
    assert tale.run().judge().stage == "review"


def test_an_early_sign_off_does_not_come_back_as_a_good_one():
    line = "- [x] 2.1 Approved for the move\n"
    tale = Tale(text=SMALL_TEXT.replace("Acme", "")).finish("ready").tick("2.1", "ben").run()
    assert ("sign-off-early", "2.1") in alarms(tale.judge())
    tale.replace(line, "", "eve").run().write("Customer", "Acme", "carol").run().edit(put_back, "eve")
    assert tale.judge().stage == "review"


@pytest.mark.parametrize("gone", [["ben"], ["ben", "carol"], ["ben", "carol", "dana"]])
def test_who_leaves_the_directory_takes_no_accepted_sign_off_back(gone):
    tale = approved().finish("finish").run()
    tale.directory = make_directory(without=gone)
    assert stage_and_alarms(tale) == ("complete", [])


def test_who_leaves_the_directory_halfway_is_asked_to_be_replaced_where_the_handover_stands():
    tale = approved()
    tale.directory = make_directory(without=["ben"])
    assert stage_and_alarms(tale) == ("finish", [("role-unknown", "owner")])


def test_who_leaves_the_project_takes_no_accepted_sign_off_back():
    tale = approved().finish("finish").run()
    tale.directory = make_directory(members=make_members(["mia"]))
    assert stage_and_alarms(tale) == ("complete", [])


def test_a_change_of_the_owner_takes_nothing_back():
    tale = approved().write("Owner", "@chloe", "carol")
    assert stage_and_alarms(tale.run()) == ("finish", [])


def test_a_changed_owner_signs_the_next_time():
    tale = approved().write("Owner", "@chloe", "carol").run().retick("2.1", "ben")
    assert ("signer-wrong", "2.1") in alarms(tale.judge())
    assert stage_and_alarms(tale.run().retick("2.1", "chloe")) == ("finish", [])


def test_a_memory_of_another_issue_is_none():
    tale = ready().silently("2.1", "x", "eve")
    memory = approved().judge().memory
    copied = replace(tale, seal=replace(tale.seal, iid=2))
    copied.notes = [*tale.notes, *approved().notes[-1:]]
    assert memory is not None
    assert copied.memory is None


def test_a_memory_of_an_older_version_of_the_process_is_no_trouble():
    schema = small_schema()
    schema["x-process"]["version"] = 2
    second = build_process(schema, DIALECT)
    tale = approved(processes={("small", 1): small_process(), ("small", 2): second})
    tale.replace("version 1", "version 2", "carol")
    assert stage_and_alarms(tale.run()) == ("finish", [])


@pytest.mark.parametrize("what", ["renamed", "gone", "without a return"])
def test_a_return_from_a_stage_that_another_version_does_not_have_breaks_nothing(what):
    schema = small_schema()
    schema["x-process"]["version"] = 2
    if what == "renamed":
        text = repr(schema).replace("'review'", "'check'").replace("small::review", "small::check")
        schema = eval(text)
    elif what == "gone":
        del schema["properties"]["review"]
    else:
        del schema["properties"]["review"]["x-stage"]["sends_back_to"]
    tale = ready(processes={("small", 1): small_process(), ("small", 2): build_process(schema, DIALECT)})
    tale.say("send back: the seats are wrong", "ben").run().replace("version 1", "version 2", "carol")
    assert tale.judge().process.version == 2


# --- sent back --------------------------------------------------------------------------------------------------------


def test_sending_back_returns_the_handover_and_voids_the_review():
    tale = approved().say("send back: the seats are wrong", "ben")
    verdict = tale.judge()
    assert verdict.stage == "ready"
    assert get_finding(verdict, "sent-back").facts["reason"] == "`the seats are wrong`"


def test_only_a_new_tick_of_the_last_box_by_the_csm_answers():
    tale = approved().say("send back: x", "ben").run()
    assert tale.write("Seats", "300", "carol").judge().stage == "ready"
    assert tale.retick("1.1", "carol").judge().stage == "ready"
    assert tale.copy().retick("1.10", "eve").judge().stage == "ready"
    assert tale.copy().silently("1.10", " ", "carol").silently("1.10", "x", "carol").judge().stage == "ready"
    assert tale.retick("1.10", "carol").judge().stage == "review"


def test_after_the_answer_the_review_is_signed_again_and_the_handover_goes_on():
    tale = approved().say("send back: x", "ben").run().retick("1.10", "carol").run().retick("2.1", "ben")
    assert stage_and_alarms(tale) == ("finish", [])
    assert stage_and_alarms(tale.run()) == ("finish", [])


def test_later_sign_offs_are_void_too():
    tale = approved().tick("3.1", "carol").tick("3.4", "carol").run().say("send back: x", "ben").run()
    tale.retick("1.10", "carol").retick("2.1", "ben")
    assert ("sign-off-stale", "3.4") in found(tale.judge())
    assert ("gate-skipped", "3.1") not in found(tale.judge())


def test_a_sign_off_between_the_return_and_its_answer_is_early():
    tale = ready().say("send back: x", "ben").run().tick("2.1", "ben").retick("1.10", "carol")
    assert ("sign-off-early", "2.1") in alarms(tale.judge())


def test_a_second_return_needs_a_second_answer():
    tale = approved().say("send back: x", "ben").retick("1.10", "carol").say("send back: y", "ben").run()
    assert get_finding(tale.judge(), "sent-back").facts["reason"] == "`y`"
    assert tale.retick("1.10", "carol").judge().stage == "review"


@pytest.mark.parametrize("act", ["delete", "edit"])
def test_a_return_stands_when_its_comment_is_taken_away_after_a_run_saw_it(act):
    tale = approved().say("send back: x", "ben").run()
    tale = tale.delete_comment() if act == "delete" else tale.reword_comment("never mind")
    assert stage_and_alarms(tale) == ("ready", [("sent-back", "1.10")])


def test_an_edited_comment_commands_nothing():
    tale = approved().say("hello", "ben").reword_comment("send back: x")
    assert stage_and_alarms(tale) == ("finish", [("command-invalid", "")])


@pytest.mark.parametrize(
    ("body", "by", "words"),
    [
        ("send back: x", "carol", "command-invalid.wrong-person"),
        ("send back: x", "eve", "command-invalid.wrong-person"),
        ("send back: x", "chloe", "command-invalid.wrong-person"),
        ("send back", "ben", "command-invalid.no-reason"),
        ("send back: TBD", "ben", "command-invalid.no-reason"),
    ],
)
def test_a_command_that_does_not_count_is_answered_and_changes_nothing(body, by, words):
    verdict = approved().say(body, by).judge()
    finding = get_finding(verdict, "command-invalid")
    assert (verdict.stage, finding.words, finding.people) == ("finish", words, (by,))


def test_a_return_of_a_complete_handover_takes_it_back():
    tale = approved().finish("finish").run().say("send back: all wrong", "ben")
    assert tale.judge().stage == "ready"


@pytest.mark.parametrize("way", ["left the directory", "left the project", "field changed"])
def test_an_answer_stands_when_the_csm_leaves_or_changes(way):
    tale = approved().say("send back: x", "ben").run().retick("1.10", "carol").retick("2.1", "ben").run()
    assert tale.judge().stage == "finish"
    if way == "left the directory":
        tale.directory = make_directory(without=["carol"])
    elif way == "left the project":
        tale.directory = make_directory(members=make_members(["ben", "dana", "eli"]))
    else:
        tale.write("CSM", "@dave", "carol")
    assert ("sent-back", "1.10") not in found(tale.judge())
    assert tale.judge().stage == "finish"


def test_a_refused_command_does_not_count_later():
    """chloe was told that nothing has changed. Weeks later she becomes the owner: her old comment must stay nothing."""
    tale = ready().say("send back: I do not like it", "chloe").run().tick("2.1", "ben").run()
    tale.write("Owner", "@chloe", "carol")
    assert tale.judge().stage == "finish"


def test_a_sign_off_voided_by_a_return_does_not_become_one_of_a_wrong_person():
    tale = approved().say("send back: x", "ben").run().write("Owner", "@chloe", "carol")
    assert ("signer-wrong", "2.1") not in found(tale.judge())


# --- the judgement as a function --------------------------------------------------------------------------------------


def judge_text(text, memory=None):
    directory = make_directory()
    judged = review_issue(make_issue(text), parse_sheet(text), [], small_process(), directory, memory, START)
    return conclude(judged, directory)


@pytest.mark.parametrize(
    "text", ["", PROCESS_LINE, "[x] " * 100, "\0\ufffe\U0010ffff", "- [x] 1.1\n" * 1000, SMALL_TEXT * 3]
)
def test_any_text_has_a_verdict(text):
    verdict = judge_text(text)
    assert verdict.stage == "ready"
    assert set(verdict.boxes) == set(small_process().items)


@pytest.mark.parametrize(
    "memory",
    [
        Memory("small", 1),
        Memory("small", 1, edit_id=10**9),
        Memory("small", 1, open_after={"9.9": 5, "2.1": 10**9}, early={"9.9": 1}, fair={"9.9": 1}),
        Memory("small", 1, digests={"gone": "x"}, told=("x",)),
    ],
)
def test_an_odd_memory_breaks_nothing(memory):
    assert judge_text(SMALL_TEXT, memory).stage == "ready"


def test_an_issue_without_any_note_but_everything_ticked_proves_no_sign_off():
    verdict = judge_text(spoil(SMALL_TEXT).text)
    assert verdict.stage == "review"
    assert {("proof-missing", "2.1"), ("proof-missing", "3.2"), ("proof-missing", "3.4")} <= found(verdict)


# --- what stands behind the signed words ------------------------------------------------------------------------------

SIGNED = "2.1 Approved for the move"


@pytest.mark.parametrize("generation", ["R", "P"])
@pytest.mark.parametrize(
    "behind",
    [
        "",
        ".",
        " (see the notes)",
        " [notes](https://example.com/a_b)",
        " https://example.com/a_b",
        " @ben",
        " `a_b`",
        " **now**",
    ]
    + [" \\*now\\*", " &amp; now", " <!-- aside -->", " ~~old~~"],
)
def test_any_hint_behind_the_words_leaves_the_sign_off_good(behind, generation):
    tale = (
        Tale(text=SMALL_TEXT.replace(SIGNED, SIGNED + behind), generation=generation).finish("ready").tick("2.1", "ben")
    )
    assert stage_and_alarms(tale) == ("finish", [])


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_hint_that_somebody_adds_after_the_tick_accuses_nobody(is_seen):
    """Only the words that the schema gives are signed; what follows may be reworded at any time (decision 1)."""
    tale = ready() if is_seen else Tale().finish("ready")
    tale.tick("2.1", "ben").replace(SIGNED, f"{SIGNED} (in the call on Monday)", "carol")
    assert stage_and_alarms(tale) == ("finish", [])


def test_a_remark_in_the_line_below_a_signed_box_accuses_nobody():
    tale = Tale(text=SMALL_TEXT.replace(SIGNED, f"{SIGNED}\n  Ben: fine by me"), generation="R")
    assert stage_and_alarms(tale.finish("ready").tick("2.1", "ben")) == ("finish", [])


def test_a_box_that_the_signer_unticks_and_a_colleague_ticks_again_is_as_it_was_signed():
    tale = approved().finish("finish").run().untick("3.1", "carol").tick("3.1", "dana")
    assert stage_and_alarms(tale) == ("complete", [])


def test_a_handover_that_one_person_ticks_through_drags_to_the_end_and_closes_is_still_looked_at():
    """All of it between two runs: no signature is proven, and the board shows a complete handover for ever."""
    tale = ready()
    for code in ("2.1", "3.1", "3.2", "3.4"):
        tale.tick(code, "eve")
    tale.labels = ("small::complete",)
    tale.close()
    assert tale.judge().stage == "review"
    assert is_candidate(tale.issue, parse_sheet(tale.text), {("small", 1): small_process()})
