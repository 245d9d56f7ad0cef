"""A server that fails, a run that is killed, a token that may not: nothing is lost, nothing is said twice."""

from __future__ import annotations

import itertools

import pytest
from urllib3.util.retry import Retry

from automation.core.memory import STATUS_MARKER
from automation.errors import AccessError, LargePlanError
from automation.sandbox.faults import Fault
from automation.sandbox.sample import PROJECT
from tests.scene import FILLED, Scene


class KilledError(BaseException):
    """The process dies here; nothing after it runs."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    return waits


def prepare(scene):
    """Make two handovers that need a ping, labels and a status comment each."""
    first = scene.create(title="First")
    second = scene.create(title="Second")
    scene.finish(first, "pre-handover")
    scene.tick(second, "5.3", "carol")
    return first, second


def ending(scene, *iids):
    """What people see in the end: labels, told episodes, and the words of the status comment."""
    return [
        (
            scene.labels(iid),
            sorted(ping.split(" seal=")[0] for ping in scene.pings(iid)),
            scene.status(iid).split("\n", 1)[1],
            len(scene.comments(iid)),
        )
        for iid in iids
    ]


@pytest.fixture(scope="module")
def good_ending():
    with Scene() as scene:
        iids = prepare(scene)
        scene.run()
        return ending(scene, *iids)


def run_to_the_end(scene):
    outcome = scene.run()
    for _ in range(3):
        if not outcome.failed:
            break
        outcome = scene.run()
    assert outcome.failed == []


FAULTS = [
    Fault("429-rack", retry_after=1),
    Fault("429-application"),
    Fault("429-application", retry_after=60),
    Fault("500"),
    Fault("502"),
    Fault("503"),
    Fault("409-lock"),
    Fault("reset-before"),
    Fault("reset-after"),
    Fault("truncated"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.retry_after}")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_every_fault_on_every_method_ends_as_if_there_had_been_none(fault, method, good_ending):
    turn = itertools.count()
    with Scene(on_request=lambda info: fault if info.method == method and next(turn) % 3 == 0 else None) as scene:
        iids = prepare(scene)
        run_to_the_end(scene)
        assert ending(scene, *iids) == good_ending


def test_a_write_that_was_done_although_its_answer_was_lost_is_not_done_again():
    lost = Fault("reset-after")
    with Scene(on_request=lambda info: lost if info.method == "POST" else None) as scene:
        iid = scene.create()
        scene.tick(iid, "5.3", "carol")
        assert scene.run().failed == []
        assert len(scene.comments(iid)) == 2
        scene.run()
        assert len(scene.comments(iid)) == 2


@pytest.mark.parametrize("number", range(1, 13))
def test_killed_before_any_request_and_run_again_the_end_is_the_same(number, good_ending, monkeypatch):
    """The run dies in front of its *number*-th request (one worker, so that the order is fixed)."""
    monkeypatch.setattr("automation.jobs.triage._AT_ONCE", 1)
    with Scene() as scene:
        iids = prepare(scene)
        scene.sandbox.requests.clear()
        died = kill_at(scene, number)
        scene.sandbox.on_request = None
        run_to_the_end(scene)
        assert died
        assert ending(scene, *iids) == good_ending


def kill_at(scene, number):
    from automation.edge import gitlab

    sent = itertools.count(1)
    real = gitlab.GitLab._request

    def dying(self, *args, **kwargs):
        if next(sent) >= number:
            raise KilledError
        return real(self, *args, **kwargs)

    gitlab.GitLab._request = dying
    try:
        scene.run()
    except KilledError:
        return True
    finally:
        gitlab.GitLab._request = real
    return False


def test_one_issue_that_always_fails_does_not_stop_the_others():
    def hook(info):
        return Fault("500") if "/issues/1/notes" in info.path else None

    with Scene(on_request=hook) as scene:
        prepare(scene)
        outcome = scene.run()
        assert [(iid, project) for project, iid, _ in outcome.failed] == [(1, 1)]
        assert [row["iid"] for row in scene.rows] == [2]
        assert scene.stage_labels(2) == {"csm-to-cse-plus::pre-handover"}


def test_a_limit_without_headers_is_waited_out(no_waiting):
    answers = itertools.chain([Fault("429-application")] * 8, itertools.repeat(None))
    with Scene(on_request=lambda info: next(answers) if info.method == "POST" else None) as scene:
        scene.create()
        assert scene.run().failed == []
        assert sum(no_waiting) > 10


def test_only_requests_that_do_no_harm_are_repeated_after_a_fault():
    from automation.edge.retries import Patience

    patience = Patience()
    assert isinstance(patience, Retry)
    assert patience.is_retry("GET", 502)
    assert patience.is_retry("PUT", 500)
    assert not patience.is_retry("POST", 500)
    assert patience.is_retry("POST", 429)


# --- tokens and rights ------------------------------------------------------------------------------------------------


def test_a_wrong_token_is_said_in_one_sentence_without_the_token():
    with Scene() as scene:
        scene.token = "glpat-very-secret"
        with pytest.raises(AccessError, match="does not accept the token") as error:
            scene.run()
        assert "very-secret" not in str(error.value)


def test_a_token_without_the_scope_to_write_is_told_to_get_it():
    with Scene() as scene:
        scene.create()
        bot = next(user for user in scene.world.users.values() if user.is_bot)
        scene.token = scene.world.add_token(bot, ("read_api",))
        with pytest.raises(AccessError, match="scope `api`"):
            scene.run()


@pytest.mark.parametrize("is_own", [True, False], ids=["silently dropped", "refused"])
def test_an_account_that_may_not_set_labels_is_noticed(is_own):
    """GitLab answers 200 and drops the labels when the account is the issue's author, and 403 otherwise."""
    with Scene() as scene:
        bot = next(user for user in scene.world.users.values() if user.is_bot)
        scene.create(by=bot.username if is_own else "carol")
        scene.world.add_member(PROJECT, bot, 10)
        with pytest.raises(AccessError, match="Planner"):
            scene.run()


def test_an_unknown_project_is_named():
    with Scene() as scene:
        scene.world.remove_member(PROJECT, next(user for user in scene.world.users.values() if user.is_bot))
        with pytest.raises(AccessError, match=f"The project {PROJECT} does not exist"):
            scene.run()


# --- brakes and forgeries ---------------------------------------------------------------------------------------------


def test_a_plan_that_moves_back_many_handovers_is_refused_and_writes_nothing():
    with Scene() as scene:
        iids = [scene.create() for _ in range(12)]
        scene.run()
        scene.world.add_label(PROJECT, "csm-to-cse-plus::review")
        for iid in iids:
            scene.world.move_card(
                PROJECT, iid, "otto", remove="csm-to-cse-plus::pre-handover", add="csm-to-cse-plus::review"
            )
        scene.sandbox.requests.clear()
        with pytest.raises(LargePlanError, match="12 of 12"):
            scene.run()
        assert all(each.method == "GET" for each in scene.sandbox.requests)
        scene.run(may_move_many=True)
        assert scene.stage_labels(iids[0]) == {"csm-to-cse-plus::pre-handover"}


@pytest.mark.parametrize("key", ["a key for tests", ""])
def test_state_of_somebody_else_is_ignored(key):
    """A stranger posts a status comment whose state says that nobody need be told anything."""
    with Scene() as scene:
        scene.key = key
        iid = scene.create()
        scene.finish_until(iid, "review")
        scene.tick(iid, "2.4", "carol")
        scene.run(apply=False)
        status = scene.status(iid)
        marker = status.split("\n")[0]
        forged = marker.replace("state=", "state=eJ") if key else marker
        scene.say(iid, f"{forged}\n\nAll is well.", by="carol")
        scene.run()
        assert ("signer-wrong", "2.4") in scene.found(iid)
        assert scene.status(iid).startswith(STATUS_MARKER)
        assert sum("signer-wrong:2.4" in ping for ping in scene.pings(iid)) == 1


def test_a_comment_that_looks_like_a_ping_of_ours_silences_nothing():
    with Scene() as scene:
        iid = scene.create()
        scene.tick(iid, "5.3", "carol")
        tick = max(note.id for note in scene.world.list_notes(PROJECT, iid))
        scene.say(iid, f"<!-- handover:ping gate-skipped:5.3:{tick} seal= -->\n\nhello", by="carol")
        scene.run()
        assert sum("gate-skipped:5.3" in ping for ping in scene.pings(iid)) == 2


def test_a_new_bot_account_after_a_change_of_token_goes_on_from_the_sealed_state():
    with Scene() as scene:
        iid = scene.create()
        scene.finish_until(iid, "manager-actions")
        pings = scene.pings(iid)
        _, scene.token = scene.world.add_bot(PROJECT)
        scene.world.remove_member(PROJECT, "ben")
        scene.run()
        assert scene.stage(iid) == "manager-actions"
        assert [ping for ping in scene.pings(iid) if "turn:" in ping] == pings


def test_a_tick_that_comes_between_the_two_reads_is_not_taken_for_a_forgery():
    with Scene() as scene:
        iid = scene.create()
        scene.finish_until(iid, "review")
        ticked = []

        def hook(info):
            if info.path.endswith("/notes") and info.method == "GET" and not ticked:
                ticked.append(True)
                scene.clock.advance(minutes=1)
                scene.world.tick(PROJECT, iid, "2.1", "ben")

        scene.sandbox.on_request = hook
        scene.run()
        scene.sandbox.on_request = None
        scene.run()
        assert scene.found(iid) == []
        assert scene.row(iid)["boxes"]["2.1"] == "done"


def test_several_clicks_around_the_listing_are_not_taken_for_a_forgery():
    """Three boxes are ticked within two seconds, and the list is read after the first."""
    with Scene() as scene:
        iid = scene.create()
        scene.finish_until(iid, "review")
        scene.tick(iid, "2.1", "ben")
        clicked = []

        def hook(info):
            if info.path.endswith("/notes") and info.method == "GET" and not clicked:
                for code in ("2.2", "2.3"):
                    clicked.append(code)
                    scene.clock.advance(milliseconds=700)
                    scene.world.tick(PROJECT, iid, code, "ben")

        scene.sandbox.on_request = hook
        scene.clock.advance(minutes=-1)
        scene.run()
        scene.sandbox.on_request = None
        assert scene.row(iid)["boxes"]["2.2"] == "done"
        scene.run()
        assert scene.found(iid) == []


def test_binary_looking_and_huge_texts_are_judged_or_unreadable_and_stop_nobody():
    with Scene() as scene:
        scene.create("\x00\x01\ufffd" * 1000 + FILLED)
        scene.create(FILLED + "\n" + "- [ ] 9.9 more\n" * 10_000)
        scene.create("**Process:** `csm-to-cse-plus` version 1\n\n" + "> " * 400_000)
        last = scene.create()
        outcome = scene.run()
        assert outcome.failed == []
        assert len(scene.rows) == 4
        assert scene.stage(last) == "pre-handover"
