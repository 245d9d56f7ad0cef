"""Time, over HTTP: due dates, quiet hours, ceilings over several issues, commands, a change of key, the whole story."""

import json
from dataclasses import replace
from datetime import time

import pytest

from automation.edge.gitlab import GitLab, project_scope
from automation.jobs.run import Triage
from automation.jobs.triage import explain
from automation.reports.triage import show_story
from automation.sandbox.sample import PROJECT
from tests.end_to_end.test_cli import handover, place, repository  # noqa: F401 - a fixture
from tests.scene import Scene


@pytest.fixture
def scene():
    with Scene() as scene:
        yield scene


def configure(scene, **changes):
    scene.repository = replace(scene.repository, configuration=replace(scene.repository.configuration, **changes))


def writes(scene):
    return sum(count for kind, count in scene.gitlab.requests.items() if not kind.startswith("GET"))


def tell(scene, iid, **more):
    job = Triage(project_scope(PROJECT), scene.clock(), scene.key, iid=iid, **more)
    return explain(job, GitLab(scene.sandbox.url, scene.token), scene.repository)


# --- assignee and due date --------------------------------------------------------------------------------------------


def issue_of(scene, iid):
    issue = scene.world.issue(PROJECT, iid)
    return [scene.world.users[each].username for each in issue.assignee_ids], issue.due_date and str(issue.due_date)


def test_the_first_person_who_must_act_is_assigned_and_the_due_date_is_the_limit(scene):
    iid = scene.create()
    scene.run()
    assert issue_of(scene, iid) == (["carol"], "2026-11-17")
    scene.finish(iid, "pre-handover")
    scene.run()
    assert issue_of(scene, iid) == (["ben"], "2026-11-05")
    scene.run()
    assert writes(scene) == 0


def test_what_a_person_chose_stays_until_the_next_stage(scene):
    iid = scene.create()
    scene.run()
    scene.say(iid, "/assign @mia\n/due 2026-12-24", "carol")
    scene.run()
    assert issue_of(scene, iid) == (["mia"], "2026-12-24")
    scene.finish(iid, "pre-handover")
    scene.run()
    assert issue_of(scene, iid) == (["ben"], "2026-11-05")


def test_nobody_is_assigned_where_the_configuration_says_so(scene):
    configure(scene, may_assign=False, may_set_due_date=False)
    iid = scene.create()
    scene.run()
    assert issue_of(scene, iid) == ([], None)


# --- when and how often people are told -------------------------------------------------------------------------------


def test_nobody_is_told_at_night_and_the_first_run_in_the_morning_speaks_once(scene):
    configure(scene, quiet_hours=(time(18), time(8)))
    iid = scene.create()
    scene.run()
    scene.finish(iid, "pre-handover")
    scene.clock.advance(hours=15)
    scene.run()
    assert (scene.pings(iid), scene.stage(iid)) == ([], "review")
    assert "It is the turn of `ben`" in scene.status(iid)
    scene.clock.advance(hours=13)
    scene.run()
    assert len(scene.pings(iid)) == 1
    assert "@ben, it is your turn" in scene.pings(iid)[0]
    scene.run()
    assert writes(scene) == 0


def test_past_a_persons_ceiling_what_is_new_waits_for_the_next_day(scene):
    configure(scene, pings_per_person_and_day=2)
    iids = [scene.create() for _ in range(3)]
    scene.run()
    for iid in iids:
        scene.finish(iid, "pre-handover")
    outcome = scene.run()
    assert [len(scene.pings(iid)) for iid in iids] == [1, 1, 0]
    assert outcome.waiting == 1
    assert [action["type"] for action in scene.row(iids[2])["actions"]] == ["labels", "status"]
    outcome = scene.run()
    assert (outcome.waiting, writes(scene)) == (1, 0)
    scene.clock.advance(days=1)
    scene.run()
    assert [len(scene.pings(iid)) for iid in iids] == [1, 1, 1]


def test_what_earlier_runs_of_the_day_told_counts_for_the_ceiling_wherever_it_was(scene):
    configure(scene, pings_per_person_and_day=1)
    late, early = scene.create(), scene.create()
    scene.run()
    scene.finish(early, "pre-handover")
    scene.run()
    scene.finish(late, "pre-handover")
    assert scene.run().waiting == 1
    assert (len(scene.pings(early)), len(scene.pings(late))) == (1, 0)


def test_an_overdue_review_goes_from_the_owner_to_the_manager_a_working_day_later(scene):
    iid = scene.create()
    scene.run()
    scene.finish(iid, "pre-handover")
    told = []
    for _ in range(10):
        scene.run()
        told += [(f"{scene.clock():%a}", ping.split("\n")[2]) for ping in scene.pings(iid)[len(told) :]]
        scene.clock.advance(days=1)
    assert [(day, said.split()[0]) for day, said in told] == [
        ("Mon", "@ben,"),
        ("Thu", "@ben"),
        ("Fri", "@ben"),
        ("Mon", "@mia"),
    ]
    assert "ended on Thursday, 2026-11-05: 3 working days since Monday, 2026-11-02" in told[2][1]
    assert "still waits for `ben`" in told[3][1]
    assert "limit-missed" in scene.labels(iid)


# --- commands ---------------------------------------------------------------------------------------------------------


def test_a_handover_is_held_woken_and_cancelled_by_comments(scene):
    iid = scene.create()
    scene.run()
    scene.say(iid, "Hold until 2026-11-12: the customer moves house.", "carol")
    scene.run()
    assert scene.row(iid)["due"] == "2026-11-25T23:59:59-05:00"
    assert "on-hold" in scene.codes(iid, alarms_only=False)
    scene.clock.advance(days=10)
    scene.run()
    assert "on-hold" not in scene.codes(iid, alarms_only=False)
    assert "@carol, it is your turn" in scene.pings(iid)[-1]
    scene.say(iid, "cancel: they left", "mia")
    scene.run()
    assert (scene.stage(iid), scene.labels(iid)) == ("cancelled", {"csm-to-cse-plus::cancelled"})
    before = len(scene.comments(iid))
    scene.world.close(PROJECT, iid, "carol")
    scene.tick(iid, "2.4", "otto")
    scene.clock.advance(days=30)
    scene.run()
    assert len(scene.comments(iid)) == before
    assert scene.labels(iid) == {"csm-to-cse-plus::cancelled"}


def test_a_card_dragged_to_cancelled_is_put_back(scene):
    iid = scene.create()
    scene.run()
    scene.clock.advance(minutes=1)
    scene.world.move_card(
        PROJECT, iid, "carol", remove="csm-to-cse-plus::pre-handover", add="csm-to-cse-plus::cancelled"
    )
    scene.run()
    assert scene.stage_labels(iid) == {"csm-to-cse-plus::pre-handover"}


# --- a change of key --------------------------------------------------------------------------------------------------


def approved(scene):
    iid = scene.create()
    scene.run()
    scene.finish(iid, "pre-handover")
    scene.run()
    scene.finish(iid, "review")
    scene.run()
    return iid


def test_a_change_of_key_is_rolled_over_without_a_word(scene):
    iid = approved(scene)
    told = scene.pings(iid)
    scene.key = "a new key"
    scene.run(old_state_key="a key for tests")
    assert writes(scene) == 1
    scene.run()
    assert (writes(scene), scene.stage(iid), scene.pings(iid)) == (0, "manager-actions", told)


def test_a_changed_key_without_the_old_one_is_told_to_operations(scene):
    approved(scene)
    scene.key = "a new key"
    outcome = scene.run()
    assert outcome.unsealed == 1
    assert scene.run().unsealed == 0


# --- the story --------------------------------------------------------------------------------------------------------


def told_story(scene):
    iid = scene.create()
    scene.run()
    scene.finish(iid, "pre-handover")
    scene.run()
    scene.tick(iid, "2.4", "otto")
    scene.run()
    scene.say(iid, "sign off 2.4", "ben")
    scene.say(iid, "cancel: no", "ben")
    scene.run()
    return iid


def test_the_story_names_every_event_its_worth_and_its_source(scene):
    iid = told_story(scene)
    story = tell(scene, iid)
    rows = [(each["event"], each["by"], each["item"], each["verdict"]) for each in story["events"]]
    assert rows[0] == ("created", "carol", None, None)
    assert ("ticked", "otto", "2.4", "signer-wrong") in rows
    assert ("signed-off", "ben", "2.4", "counts") in rows
    assert ("command", "ben", None, "command-invalid") in rows
    assert ("gate-passed", None, None, "passed") in rows
    assert ("limit-met", None, None, "met") in rows
    assert ("limit", None, None, "running") in rows
    (tick,) = [each for each in story["events"] if each["event"] == "ticked" and each["by"] == "otto"]
    assert tick["source"] == ["S0-9", "S0-11", "S0-29"]
    assert "only the CSE Territory Owner can sign it" in tick["why"]
    assert story["issue"]["stage"] == "review"
    assert [each["at"] for each in story["events"]] == sorted(each["at"] for each in story["events"])


def test_the_story_as_of_a_moment_knows_nothing_of_what_came_later(scene):
    iid = told_story(scene)
    before = next(each for each in tell(scene, iid)["events"] if each["by"] == "otto")["at"]
    scene.clock.advance(days=1)
    job = Triage(project_scope(PROJECT), scene.clock().fromisoformat(before), scene.key, iid=iid, is_replay=True)
    story = explain(job, GitLab(scene.sandbox.url, scene.token), scene.repository)
    assert {each["by"] for each in story["events"]} == {"carol", "otto", "the bot", None}
    assert "signer-wrong" in [each["code"] for each in story["issue"]["findings"]]


def test_the_story_is_told_as_text_and_as_json_and_writes_nothing(scene, repository):  # noqa: F811
    iid = told_story(scene)
    before = scene.world.list_notes(PROJECT, iid)
    text = handover(repository, "explain", str(iid), **place(scene, HANDOVER_STATE_KEY=scene.key))
    assert text.returncode == 0, text.stderr
    assert "otto ticked 2.4 The account is approved for CSE+ [S0-9, S0-11, S0-29]" in " ".join(text.stdout.split())
    assert "→ signer-wrong" in text.stdout
    answer = handover(repository, "explain", str(iid), "--format", "json", **place(scene, HANDOVER_STATE_KEY=scene.key))
    assert set(json.loads(answer.stdout)) == {"now", "title", "issue", "events"}
    assert scene.world.list_notes(PROJECT, iid) == before
    assert scene.key not in text.stdout + answer.stdout


def test_an_issue_that_is_no_handover_has_no_story(scene, repository):  # noqa: F811
    iid = scene.create(text="Buy milk")
    answer = handover(repository, "explain", str(iid), **place(scene))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "no handover" in answer.stderr


def test_a_title_can_do_nothing_to_the_terminal(scene):
    iid = scene.create(title="Acme \x1b[31mred\x07")
    assert "\x1b" not in show_story(tell(scene, iid), "text")


def test_an_unreadable_issue_still_tells_what_happened(scene):
    iid = scene.create()
    scene.run()
    scene.edit(iid, lambda text: text.replace("**Process:**", "Process"), "carol")
    story = tell(scene, iid)
    assert story["issue"]["process"] is None
    assert story["events"][0]["event"] == "created"
    assert "unreadable" in show_story(story, "text")
