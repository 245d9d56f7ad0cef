"""Boxes, and whole stages, that only some handovers ask for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from automation.core.agreement import judge_schema
from automation.core.model import Member
from automation.core.process import build_process
from tests.builders import DEFS, DIALECT, SMALL_TEXT, Tale, alarms, small_schema
from tests.processes.walk import Walk, load_process

DONE = {"$ref": f"{DEFS}/done"}


def asked_when_red(**parts):
    """A condition at the top: when the account is red, the boxes in *parts* are asked for, by section."""
    return {
        "if": {
            "properties": {"account": {"properties": {"health": {"const": "Red"}}, "required": ["health"]}},
            "required": ["account"],
        },
        "then": {
            "properties": {
                key: {"properties": dict.fromkeys(codes, DONE), "required": list(codes)} for key, codes in parts.items()
            }
        },
    }


def schema_with_care(signed=True):
    """The small process with a stage between review and finish that is for red accounts only."""
    schema = small_schema()
    parts = schema["properties"]
    care = {
        "title": "Care",
        "type": "object",
        "x-stage": {
            "label": "small::care",
            "responsible": ["cse_territory_owner"],
            "accountable": ["cse_territory_owner"],
            "consulted": [],
            "informed": ["csm_manager"],
            "informed_when": "finished",
            "due": {"working_days": 2},
        },
        "properties": {
            "2.5": {"title": "If red: a plan is made", "$ref": f"{DEFS}/box"},
            "2.6": {"title": "If red: I look after it", "$ref": f"{DEFS}/box", "x-signed-by": ["cse_territory_owner"]},
        },
        "required": [],
    }
    if not signed:
        del care["properties"]["2.6"]["x-signed-by"]
    parts["people"]["properties"]["manager"] = {"title": "Manager", "x-role": "csm_manager", "x-any-holder": True}
    schema["properties"] = {
        **{key: parts[key] for key in ("people", "account", "ready", "review")},
        "care": care,
        **{key: parts[key] for key in ("finish", "advice")},
    }
    schema["allOf"] = [asked_when_red(care=["2.5", "2.6"])]
    return schema


TEXT = SMALL_TEXT.replace(
    "## Finish\n", "## Care\n\n- [ ] 2.5 If red: a plan is made\n- [ ] 2.6 If red: I look after it\n\n## Finish\n"
).replace("- **Customer:**", "- **Manager:** _optional_\n- **Customer:**")
RED = TEXT.replace("- **Health:** Green", "- **Health:** Red").replace("_needed for Red_", "Churn")


def tell(text=TEXT, **options):
    return Tale(text=text, process=build_process(schema_with_care(**options), DIALECT))


def test_a_schema_may_ask_for_boxes_under_a_condition():
    assert list(judge_schema(build_process(schema_with_care(), DIALECT))) == []


def test_what_is_not_asked_for_stops_nobody_and_is_not_spoken_of():
    tale = tell().run()
    tale.finish("ready").run().finish("review").run()
    assert tale.judge().stage == "finish"
    assert "Stage 3 of 3: Finish" in tale.status
    assert "Care" not in tale.status
    assert "“Review” is finished" in tale.pings[-1]
    assert tale.finish("finish").run().judge().stage == "complete"
    assert tale.judge().idle == {"care"}


def test_what_is_asked_for_holds_the_gate():
    tale = tell(RED).run()
    tale.finish("ready").run().finish("review").run()
    assert tale.judge().stage == "care"
    assert "Stage 3 of 4: Care" in tale.status
    tale.tick("2.5", "ben").tick("2.6", "carol").run()
    assert alarms(tale.judge()) == [("signer-wrong", "2.6")]
    tale.retick("2.6", "ben").run()
    assert tale.judge().stage == "finish"


def test_those_who_are_told_at_the_end_of_a_stage_are_told_then_and_only_then():
    with_manager = ("**Manager:** _optional_", "**Manager:** @mia")
    tale = tell(RED.replace(*with_manager)).run()
    tale.finish("ready").run().finish("review").run()
    assert "@mia" not in tale.pings[-1]
    tale.finish("care").run()
    assert tale.pings[-1].rstrip().endswith("cc @ben, @mia")
    green = tell(TEXT.replace(*with_manager)).run().finish("ready").run().finish("review").run()
    assert green.pings[-1].rstrip().endswith("cc @ben")


def test_a_pool_of_which_nobody_is_named_is_not_told():
    tale = tell(RED).run().finish("ready").run().finish("review").run().finish("care").run()
    assert tale.pings[-1].rstrip().endswith("cc @ben")


def test_a_condition_that_comes_true_later_shuts_the_gate_again():
    tale = tell().run().finish("ready").run().finish("review").run()
    assert tale.judge().stage == "finish"
    tale.write("Reason", "Churn", "carol").write("Health", "Red", "carol").run()
    # The approval stands for the account, which has changed.
    assert tale.judge().stage == "review"
    tale.retick("2.1", "ben").run()
    assert tale.judge().stage == "care"
    tale.finish("care").run()
    assert tale.judge().stage == "finish"


@pytest.mark.parametrize("code", ["2.5", "2.6"])
def test_a_box_that_is_not_asked_for_may_be_marked_as_not_applicable(code):
    tale = tell().run().finish("ready").run().finish("review").run()
    tale.silently(code, "~", "ben").run()
    assert (tale.judge().stage, alarms(tale.judge())) == ("finish", [])
    assert tale.finish("finish").run().judge().stage == "complete"


@pytest.mark.parametrize("code", ["2.5", "2.6"])
def test_a_box_that_is_asked_for_may_not(code):
    tale = tell(RED).run().finish("ready").run().finish("review").run().finish("care", but=[code])
    tale.silently(code, "~", "ben").run()
    assert (tale.judge().stage, alarms(tale.judge())) == ("care", [("not-applicable", code)])


@pytest.mark.parametrize(
    ("words", "expected"), [("If red: a plan is made", ["reason-missing"]), ("If red: a plan is made - one team", [])]
)
def test_a_condition_may_leave_the_choice_and_ask_for_the_reason(words, expected):
    schema = schema_with_care()
    schema["allOf"][0]["then"]["properties"]["care"]["properties"]["2.5"] = {"$ref": f"{DEFS}/done-or-not-applicable"}
    tale = Tale(text=RED, process=build_process(schema, DIALECT)).run().finish("ready").run().finish("review").run()
    tale.replace("[ ] 2.5 If red: a plan is made", f"[~] 2.5 {words}", "ben").tick("2.6", "ben").run()
    assert [code for code, _ in alarms(tale.judge())] == expected


def test_a_box_that_is_not_asked_for_may_be_deleted_until_it_is():
    tale = tell().run().drop("2.5", "carol").run()
    tale.finish("ready").run().finish("review").run()
    assert (tale.judge().stage, alarms(tale.judge())) == ("finish", [])
    tale.write("Reason", "Churn", "carol").write("Health", "Red", "carol").run().retick("2.1", "ben").run()
    assert (tale.judge().stage, alarms(tale.judge())) == ("care", [("item-missing", "2.5")])


def test_what_is_ticked_although_nobody_asked_matters_to_nobody_until_somebody_does():
    tale = tell().run().finish("ready").run().finish("review").run().tick("2.6", "carol").run()
    assert (tale.judge().stage, alarms(tale.judge())) == ("finish", [])
    tale.write("Reason", "Churn", "carol").write("Health", "Red", "carol").run().retick("2.1", "ben").run()
    assert (tale.judge().stage, alarms(tale.judge())) == ("care", [("signer-wrong", "2.6")])


@pytest.mark.parametrize("forgets", [False, True])
def test_what_is_ticked_although_nobody_asked_makes_no_honest_signature_early(forgets):
    tale = tell().run().finish("ready").finish("review").tick("3.2", "dana").tick("2.5", "carol")
    assert alarms(tale.judge(None if forgets else "found")) == []
    tale.run()
    assert alarms(tale.judge(None if forgets else "found")) == []


def test_a_waiver_of_what_nobody_asks_for_is_not_spoken_of():
    tale = tell(RED).run().finish("ready").run().finish("review").run()
    tale.say("waive 2.5: no plan needed, until 2026-11-04", "mia").run()
    assert "2.5" in {each.item for each in tale.judge().findings if each.code == "waived"}
    tale.write("Health", "Green", "carol").run().retick("2.1", "ben").wait(days=5).run()
    assert "command-invalid" not in {each.code for each in tale.judge().findings}
    assert tale.judge().idle == {"care"}


def test_the_limit_of_a_stage_that_was_passed_by_is_no_verdict():
    tale = tell().run().finish("ready").run().finish("review").run()
    assert "care" not in {each.about for each in tale.memory.kept}


def test_signed_too_early_names_the_last_stage_with_something_to_do():
    tale = tell().run().finish("ready").run().tick("3.2", "dana").run()
    (finding,) = [each for each in tale.judge().findings if each.code == "sign-off-early"]
    assert finding.facts["earlier"] == "Review"


MISTAKES = [
    (lambda s: s.update(allOf=[asked_when_red(care=["2.6"])]), "add it to `required`"),
    (lambda s: s["properties"]["care"].update(required=["2.5"]), ""),
    (
        lambda s: (s["properties"]["care"].update(required=["2.5"]), s.update(allOf=[asked_when_red(care=["2.6"])])),
        "nothing ever asks for the box 2.5",
    ),
    (lambda s: s["properties"]["finish"]["x-stage"].update(sends_back_to="care"), "the last box of `care`"),
    (lambda s: s.update(allOf=[asked_when_red(care=["2.5", "2.6", "2.7"])]), "`2.7` is not defined"),
]


@pytest.mark.parametrize(("change", "said"), MISTAKES)
def test_a_condition_that_leads_nowhere_is_named(change, said):
    schema = schema_with_care()
    change(schema)
    messages = [each.message for each in judge_schema(build_process(schema, DIALECT))]
    assert any(said in message for message in messages) if said else messages == []


# --- who is called when a condition comes true ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("process", "variant", "reached", "title", "value", "stage"),
    [
        ("engagement-start", "commercial-without-project", "handover", "Project useful", "Yes", "welcome-call"),
        ("executive-briefing", "in-person-without-egroup", "complete", "E-group member attends", "Yes", "planning"),
        ("engagement-start", "enterprise", "handover", "Segment", "Commercial", "pre-sales"),
    ],
)
def test_who_must_act_is_called_when_a_changed_answer_opens_a_stage_again(
    process, variant, reached, title, value, stage
):
    walk = Walk.of(process, variant).until(reached).wait(days=1)
    before = len(walk.pings)
    walk.write(title, value).run()
    assert walk.stage == stage
    assert len(walk.pings) == before + 1
    assert (
        f"it is your turn: **{next(each.title for each in walk.process.stages if each.key == stage)}**"
        in walk.pings[-1]
    )
    assert len(walk.run().pings) == before + 1


def test_whoever_takes_back_a_tick_of_their_own_is_not_called_for_it():
    tale = tell().run().finish("ready").run()
    before = len(tale.pings)
    assert tale.untick("1.1", "carol").run().judge().stage == "ready"
    assert len(tale.pings) == before


def test_who_is_named_only_when_their_stage_is_open_is_called():
    walk = Walk.of("presales-to-postsales", "csm-known-and-late", {"CSM": ""}).until("assignment")
    assert walk.stage == "assignment"
    before = len(walk.pings)
    walk.wait(days=1).write("CSM", "@carol", by="mia").run()
    assert [ping for ping in walk.pings[before:] if "@carol" in ping and "it is your turn: **" in ping]
    told = len(walk.pings)
    assert len(walk.run().pings) == told


def test_who_must_sign_in_the_first_stage_is_called_once_everything_is_filled_in():
    walk = Walk.of("csm-to-csm", "normal", {"Gainsight CTA": ""})
    assert walk.pings == []
    walk.write("Gainsight CTA", "https://gainsight.example.com/7").run()
    assert ["@mia" in ping and "**1.1** waits for you as CSM manager" in ping for ping in walk.pings] == [True]
    assert len(walk.run().pings) == 1


def test_whoever_of_a_pool_has_signed_goes_on_alone():
    walk = Walk.of("cse-request", "one-to-one")
    directory = walk.tale.directory
    team = {name: name for name in ("dana", "dan", "dee")}
    members = {name: Member(name, 20, True, 50 + number) for number, name in enumerate(team)}
    walk.tale.directory = replace(
        directory, roles={**directory.roles, "cse": team}, members={**directory.members, **members}
    )
    walk.until("first-contact")
    assert walk.verdict.acting["cse"] == ("dana", "dan", "dee")
    walk.tick("2.1", by="dee").tick("2.2", by="dee").run()
    assert walk.verdict.acting["cse"] == ("dee",)
    assert "@dee, it is your turn" in walk.pings[-1]
    assert not any(name in walk.pings[-1] for name in ("@dana", "@dan,"))
    walk.finish("work").run().finish("questions").run().finish("result").run()
    assert walk.stage == "complete"
    assert walk.pings[-1].rstrip().endswith("cc @dee")


def test_who_is_told_at_the_end_of_a_stage_is_told_although_the_next_one_ended_too():
    walk = Walk.of("engagement-start", "enterprise").until("payment").finish("payment").finish("welcome-call").run()
    assert walk.stage == "handover"
    _, told = walk.pings[-1].rsplit("cc ", 1)
    assert f"@{walk.people['sa']}" in told


def test_after_a_hold_nobody_is_told_again_that_a_stage_was_finished():
    tale = tell().run().finish("ready").run()
    assert "@ben, it is your turn" in tale.pings[-1]
    tale.finish("review").run()
    assert "cc @ben" in tale.pings[-1]
    tale.say("hold until 2026-11-04: they are away", "carol").run().wait(days=3).run()
    assert "it is your turn" in tale.pings[-1]
    assert "cc " not in tale.pings[-1]


def test_a_flag_of_who_led_another_activity_goes():
    walk = Walk.of("cse-request", "one-to-one").until("first-contact")
    assert "waiting-on-cse" in walk.tale.labels
    walk.write("Activity", "Product collaboration").run().untick("1.3").tick("1.3").run()
    assert {label for label in walk.tale.labels if label.startswith("waiting-on-")} == {"waiting-on-sa"}


def test_who_is_consulted_is_named_to_who_decides():
    ping = next(ping for ping in Walk.of("csm-to-cse-plus", "healthy").until("review").pings if "review" in ping)
    assert "To be asked where their view is needed: `carol` (CSM)." in ping


@pytest.mark.parametrize("value", ["n/a", "none", "Nobody", "not applicable", "-"])
def test_a_line_that_nobody_needs_may_say_so(value):
    assert Walk.of("engagement-start", "commercial", {"PSE": value, "Journey step": value}).alarms == set()
    walk = Walk.of("csm-to-csm", "normal", {"New CSM": value})
    assert ("new_csm" in walk.todo, walk.alarms) == (True, set())


def named_late():
    walk = Walk.of("presales-to-postsales", "csm-known-and-late", {"CSM": ""}).until("assignment").wait(days=1)
    return walk.write("CSM", "@carol", by="mia")


def filled_in_at_last():
    return Walk.of("csm-to-csm", "normal", {"Gainsight CTA": ""}).write(
        "Gainsight CTA", "https://gainsight.example.com/7"
    )


def answered_otherwise():
    walk = Walk.of("engagement-start", "commercial-without-project").until("handover").wait(days=1)
    return walk.write("Project useful", "Yes")


@pytest.mark.parametrize("written", [1, 2])
@pytest.mark.parametrize("story", [named_late, filled_in_at_last, answered_otherwise])
def test_a_call_is_made_once_although_the_run_was_stopped_after_it(story, written):
    """A run that was stopped between two requests: whatever it said is not said again, and nothing is lost."""
    whole, stopped = story().run(), story()
    stopped.tale.run(only=written)
    stopped.run()
    assert [ping.split("\n", 1)[1] for ping in stopped.pings] == [ping.split("\n", 1)[1] for ping in whole.pings]
    assert (stopped.stage, stopped.alarms, stopped.tale.stage_labels) == (
        whole.stage,
        whole.alarms,
        whole.tale.stage_labels,
    )
    assert stopped.tale.plan() == ()


@pytest.mark.parametrize("value", ["1:1 engagement @all", "`Break-fix`\n/close", "<b>Setup</b> a call", "@all"])
def test_an_activity_that_is_none_decides_nothing_and_reaches_nobody(value):
    walk = Walk.of("cse-request", "one-to-one")
    walk.tale.edit(lambda text: text.replace("- **Activity:** 1:1 engagement", f"- **Activity:** {value}"), "alex")
    walk.run()
    assert walk.stage == "request"
    assert walk.verdict.process.items["2.1"].signed_by == load_process("cse-request").items["2.1"].signed_by
    assert ("@all" in re.sub(r"`[^`]*`", "", "\n".join([walk.status, *walk.pings]))) is False
    assert not re.search(r"(?m)^/", walk.status)
