"""When a letter may go out, what it waits for, and how it is offered: once, to whom it concerns, in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from automation.core.configuration import LetterSettings
from automation.core.letters.book import Book
from automation.core.letters.envelope import build_envelope, contacts
from automation.core.letters.model import Letter, Rule
from automation.core.letters.readiness import judge_readiness, named_people, offered_letters
from automation.core.letters.values import issue_values
from automation.core.model import OfferLetter, PostPing, UpdateIssue, WriteStatus
from automation.core.plan import Post, plan_issue
from automation.core.quiet import QuietHours
from automation.core.workdays import Calendar, Calendars
from tests.builders import ADDRESSES, NAMES, Tale, make_directory, make_speech

STAGES = ("pre-handover", "review", "manager-actions", "handover-call")
HOSTS = LetterSettings().allowed_links


def make_letter(**changes):
    """A letter of the real process, small enough to see what matters."""
    about = {
        "name": "hello",
        "title": "Hello",
        "version": 1,
        "process": "csm-to-cse-plus",
        "stage": "customer-communication",
        "audience": "customer",
        "subject": "About {{ customer }}",
        "body": "Dear {{ customer }}, from {{ handover_date | date }} on ask {{ ae }}.",
        "first_line": 10,
        "sender": "csm",
        "to": ("customer",),
        "cc": ("ae",),
        "bcc": ("gainsight",),
        "signed": ("5.2",),
        "ticks": ("5.1", "5.3"),
        "agreed_on": "letter_planned_for",
        "sent_on": "letter_sent_on",
    }
    return Letter(**{**about, **changes})


def make_tale(*letters, facts=None, **options):
    """A handover in the letter's stage, which is not sent yet and to which nobody has agreed."""
    book = Book({each.name: each for each in letters or (make_letter(),)})
    tale = Tale.of_the_real_process(book=book, comments_per_day=50, **options)
    tale.write("Letter sent on", "_date_", "carol").write("Customer contacts", "Ada Lind ada@acme.example", "carol")
    for label, value in (facts or {}).items():
        tale.write(label, value, "carol")
    for stage in STAGES:
        tale.finish(stage).run()
    return tale


def offers(tale):
    return [key for key in tale.told if key.startswith("letter:")]


def waits(tale):
    """Return what the only letter of a tale waits for: the entries that say it, with box or field."""
    (state,) = tale.letters().letters
    assert state.is_ready is not bool(state.waits)
    return [(each.words, each.item or each.field) for each in state.waits]


# --- ready ------------------------------------------------------------------------------------------------------------


def test_a_letter_is_ready_once_it_is_signed():
    tale = make_tale()
    assert waits(tale) == [("item-open", "5.2")]
    assert waits(tale.tick("5.2", "alex")) == []
    assert len(offers(tale.run())) == 1


def test_a_signature_by_a_comment_counts():
    assert waits(make_tale().say("sign off 5.2", "alex")) == []


def test_a_box_that_is_waived_is_waited_for_no_more():
    letter = make_letter(signed=("5.1",))
    assert waits(make_tale(letter)) == [("item-open", "5.1")]
    assert waits(make_tale(letter).say("waive 5.1: agreed by phone, until 2026-12-31", "mia")) == []


@pytest.mark.parametrize("by", ["carol", "ben", "eve"])
def test_a_signature_by_another_person_does_not_count(by):
    tale = make_tale().tick("5.2", by)
    assert waits(tale) == [("letter.signature", "5.2")]
    assert offers(tale.run()) == []


def test_whoever_signed_must_still_be_the_one_who_is_named():
    roles = {"csm": ["carol"], "cse_territory_owner": ["ben"], "cse": ["dana"], "csm_manager": ["mia"]}
    tale = make_tale(directory=make_directory({**roles, "ae": ["alex", "zoe"]})).tick("5.2", "alex")
    tale.run()
    assert len(offers(tale)) == 1
    tale.write("AE", "@zoe", "carol")
    assert waits(tale) == [("letter.other-signer", "5.2")]
    assert len(offers(tale.run())) == 1
    tale.retick("5.2", "zoe").run()
    assert len(offers(tale)) == 2


def test_what_was_signed_and_changed_makes_the_letter_wait():
    tale = make_tale().tick("5.2", "alex").run()
    tale.write("Handover date", "2026-12-24", "carol").run()
    assert waits(tale) == [("letter.signature", "5.2")]


@pytest.mark.parametrize(
    ("label", "value", "expected"),
    [
        ("Handover date", "_date_", [("field-blank", "handover_date")]),
        ("Letter planned for", "_date_", [("field-blank", "letter_planned_for")]),
        ("Letter planned for", "2026-13-45", [("field-invalid.date", "letter_planned_for")]),
        ("Letter planned for", "next week @all", [("field-invalid.date", "letter_planned_for")]),
        ("AE", "_type @ and choose_", [("role-unknown.blank", "ae")]),
        ("Handover date", "in December", [("field-invalid.date", "handover_date")]),
        ("Completed on", "some day", []),
    ],
)
def test_a_letter_waits_for_the_facts_that_it_speaks_of_or_that_were_agreed(label, value, expected):
    tale = make_tale().tick("5.2", "alex").write(label, value, "carol")
    found = waits(tale)
    assert [each for each in found if each[1] != "5.2"] == expected


def test_a_letter_that_says_what_it_must_not_waits_with_the_reason():
    tale = make_tale(facts={"Customer": "Acme https://evil.example"}).tick("5.2", "alex")
    (state,) = tale.letters().letters
    assert [each.words for each in state.waits if not each.item] == ["letter.complaint"]
    assert "evil.example" in str(state.waits[-1].facts["value"])
    assert state.waits[-1].facts["label"] == "Customer"
    assert tale.text.split("\n")[state.waits[-1].line - 1].startswith("- **Customer:**")


@pytest.mark.parametrize(
    ("blockers", "label"), [("They will churn in May", "Blockers"), ("none", "")], ids=["of a fact", "of the template"]
)
def test_words_that_must_not_be_said_are_named_with_the_line_they_stand_in(blockers, label):
    letter = make_letter(
        body="Dear {{ customer }}, hello.\n\n{{ blockers }}" + ("" if label else "\n\nPlease mind the churn of late."),
        must_not_say=(Rule("Internal words", ("churn*",), ("S0-45",)),),
    )
    tale = make_tale(letter, facts={"Blockers": blockers}).tick("5.2", "alex")
    (wait,) = tale.letters().letters[0].waits
    assert (wait.words, wait.facts["label"]) == ("letter.complaint", label)


def test_a_letter_that_does_not_say_what_it_must_waits():
    letter = make_letter(must_say=(Rule("Thanks", ("thank*",), ("S3-93",)),))
    assert waits(make_tale(letter).tick("5.2", "alex")) == [("letter.complaint", "")]


def test_a_letter_that_nobody_would_read_waits():
    letter = make_letter(body="{% for each in top_three %}{{ each }} {{ customer }}{% endfor %}" * 200)
    tale = make_tale(letter, facts={"Customer": "A" * 1_900}).tick("5.2", "alex")
    assert ("letter.too-long", "") in waits(tale)


def test_a_letter_is_of_its_stage_only():
    assert make_tale(make_letter(stage="completion")).letters().letters == ()


def test_a_letter_for_colleagues_is_not_offered():
    assert make_tale(make_letter(audience="csm")).letters().letters == ()


def test_a_letter_for_others_is_not_offered():
    assert make_tale(make_letter(when={"health": ("Red",)})).letters().letters == ()
    assert len(make_tale(make_letter(when={"health": ("Red", "Green")})).letters().letters) == 1


def test_a_letter_of_another_version_is_not_offered():
    tale = make_tale()
    tale.book = replace(tale.book, versions={"hello": frozenset({2})})
    assert tale.letters().letters == ()


@pytest.mark.parametrize("value", ["2026-11-20", "2026-11-21"])
def test_a_letter_that_was_sent_is_not_offered(value):
    assert make_tale().write("Letter sent on", value, "carol").letters().letters == ()


def test_a_date_that_is_none_is_no_day_of_sending():
    assert len(make_tale().write("Letter sent on", "not yet", "carol").letters().letters) == 1


def test_a_letter_whose_boxes_are_all_ticked_was_sent():
    tale = make_tale().tick("5.1", "carol")
    assert len(tale.letters().letters) == 1
    assert tale.tick("5.3", "carol").letters().letters == ()


@pytest.mark.parametrize("act", ["hold until 2026-12-10: they are busy", "cancel: they left"])
def test_a_handover_that_stands_still_offers_no_letter(act):
    tale = make_tale().tick("5.2", "alex").say(act, "mia")
    assert tale.letters().letters == ()
    assert offers(tale.run()) == []


def test_a_closed_issue_offers_no_letter():
    assert make_tale().tick("5.2", "alex").close().letters().letters == ()


def ask(tale, letter):
    """Judge a letter as the command line does, wherever the handover stands."""
    judged, verdict = tale.review(), tale.judge()
    values = issue_values(judged.process, judged.document, named_people(judged, NAMES))
    return [each.words for each in judge_readiness(tale.book, letter, judged, verdict, values, HOSTS).waits]


def test_whoever_asks_at_the_wrong_time_is_told_why():
    letter = make_letter(signed=())
    tale = make_tale(letter)
    assert ask(tale, letter) == []
    assert ask(tale, make_letter(signed=(), stage="completion")) == ["letter.stage"]
    assert ask(tale, make_letter(signed=(), when={"health": ("Red",)})) == ["letter.not-meant"]
    assert ask(tale.copy().say("hold until 2026-12-10: busy", "mia"), letter) == ["letter.held"]
    assert ask(tale.copy().say("cancel: they left", "mia"), letter) == ["letter.cancelled"]
    assert ask(tale.copy().close(), letter) == ["letter.closed"]


def test_the_cause_is_what_made_it_ready_and_so_is_its_moment():
    tale = make_tale(make_letter(signed=()))
    (opened,) = tale.letters().letters
    signed = make_tale().tick("5.2", "alex")
    (state,) = signed.letters().letters
    assert state.cause == signed.notes[-1].id
    assert state.ready_at == signed.notes[-1].created_at
    assert 0 < opened.cause < state.cause


# --- offered ----------------------------------------------------------------------------------------------------------


def test_the_order_is_ping_labels_letter_status():
    tale = make_tale().tick("5.2", "alex").tick("6.1", "carol")
    kinds = [type(each) for each in tale.plan()]
    assert kinds == [PostPing, UpdateIssue, OfferLetter, WriteStatus]


def test_a_run_that_is_stopped_anywhere_offers_once_in_the_end():
    tale = make_tale().tick("5.2", "alex")
    for number in range(len(tale.plan()) + 1):
        stopped = tale.copy().run(only=number).run()
        assert len(offers(stopped)) == 1
        assert stopped.plan() == ()


def test_another_fact_that_the_letter_speaks_of_makes_another_draft():
    tale = make_tale().tick("5.2", "alex").run()
    tale.write("Customer contacts", "Bo Falk bo@acme.example", "carol").run()
    first, second = (body for body in tale.pings if "handover:ping letter:" in body)
    assert "It replaces the earlier draft" in second and "It replaces" not in first
    assert "bo@acme.example" in second
    assert tale.write("Renewal risks", "none", "carol").run().plan() == ()
    assert len(offers(tale)) == 2


def test_a_fact_that_changes_back_makes_another_draft_too_and_then_nothing():
    tale = make_tale().tick("5.2", "alex").run()
    for contact in ("Bo Falk bo@acme.example", "Ada Lind ada@acme.example"):
        tale.write("Customer contacts", contact, "carol").run()
    bodies = [body for body in tale.pings if "handover:ping letter:" in body]
    assert len(bodies) == len({body.split("\n")[0] for body in bodies}) == 3
    assert "ada@acme.example" in bodies[-1]
    assert tale.run().plan() == ()
    assert len(offers(tale)) == 3


def test_a_draft_whose_comment_was_deleted_is_not_offered_again():
    tale = make_tale().tick("5.2", "alex").run()
    tale.notes = [note for note in tale.notes if "handover:ping letter:" not in note.body]
    assert offers(tale.run()) == []


def test_other_words_of_the_template_flood_nobody():
    tale = make_tale().tick("5.2", "alex").run()
    tale.book = Book(
        {"hello": make_letter(body="Hello {{ customer }}, from {{ handover_date | date }} on ask {{ ae }}.")}
    )
    assert tale.plan() == ()


def test_the_daily_limit_holds_a_letter_back_until_the_next_day():
    tale = make_tale()
    tale.comments_per_day = 1
    tale.tick("5.2", "alex").run()
    assert offers(tale) == []
    assert "as soon as it may be posted" in tale.status
    tale.wait(days=1).run()
    assert len(offers(tale)) == 1
    assert "Its draft is in a comment of its own." in tale.status


def test_nobody_gets_a_letter_in_the_night():
    tale = make_tale().tick("5.2", "alex")
    tale.quiet_hours = QuietHours(time(8), time(18), Calendars(Calendar("US", "", "UTC")))
    assert offers(tale.copy().run()) == []
    tale.wait(hours=24 - tale.now.hour + 20).run()
    assert len(offers(tale)) == 1


def test_whoever_has_been_told_enough_waits_for_the_letter_too():
    tale = make_tale().tick("5.2", "alex")
    verdict, post = tale.judge(), tale.letters()
    silent = replace(make_speech(tale.seal, 50), is_silent=True)
    actions = plan_issue(tale.issue, verdict, tale.memory, tale.notes, silent, tale.now, None, post)
    assert [each for each in actions if isinstance(each, OfferLetter)] == []
    loud = plan_issue(tale.issue, verdict, tale.memory, tale.notes, make_speech(tale.seal, 50), tale.now, None, post)
    (offer,) = (each for each in loud if isinstance(each, OfferLetter))
    assert offer.people == ("carol",)


def test_without_letters_nothing_is_said_of_them():
    tale = make_tale().tick("5.2", "alex")
    actions = plan_issue(tale.issue, tale.judge(), None, (), make_speech(tale.seal), tale.now, None, Post())
    assert "✉️" not in next(each.body for each in actions if isinstance(each, WriteStatus))


def test_nothing_is_offered_where_nothing_can_be_judged():
    tale = make_tale()
    assert offered_letters(tale.book, None, tale.judge(), NAMES, HOSTS) == ()


# --- addressed --------------------------------------------------------------------------------------------------------


def address(tale, gainsight="timeline@example.com", addresses=ADDRESSES, **changes):
    return build_envelope(make_letter(**changes), tale.review(), NAMES, addresses, gainsight)


def test_roles_become_names_and_addresses():
    found = address(make_tale())
    assert (found.sender.name, found.sender.email) == ("Carol Meyer", "carol@example.com")
    assert [(each.name, each.email) for each in found.to] == [("Ada Lind", "ada@acme.example")]
    assert [(each.name, each.email) for each in found.cc] == [("Alex Novak", "alex@example.com")]
    assert [each.email for each in found.bcc] == ["timeline@example.com"]
    assert found.unknown == ()


def test_whose_address_is_not_known_or_none_is_named():
    found = address(make_tale(), gainsight="nowhere", addresses={"alex": "alex at home"})
    assert [(each.name, each.role) for each in found.unknown] == [("Alex Novak", "ae"), ("", "gainsight")]


def test_a_role_for_which_nobody_is_named_is_left_out():
    found = address(make_tale(), cc=("cse", "ae"))
    assert [each.role for each in found.cc] == ["ae"]


def test_a_customer_without_an_address_is_named_and_nobody_is_lost():
    tale = make_tale().write("Customer contacts", "Ada Lind ada@acme.example, Bo Falk bo@acme, Cem", "carol")
    found = contacts(tale.review())
    assert [each.email for each in found] == ["ada@acme.example", "", ""]
    assert ["Bo" in found[1].name, "Cem" in found[2].name] == [True, True]


def test_a_blank_line_of_contacts_leaves_the_recipient_open():
    tale = make_tale().write("Customer contacts", "_names_", "carol").tick("5.2", "alex").run()
    (body,) = (each for each in tale.pings if "handover:ping letter:" in each)
    assert "I do not know the address of `the customer`; please add it by hand." in body
    assert "- **To:** _please add_" in body


def test_sixty_recipients_are_all_there_to_copy():
    people = ", ".join(f"Person Number {number} person.number{number}@acme.example" for number in range(60))
    tale = make_tale().write("Customer contacts", people[:1_990].rsplit(",", 1)[0], "carol").tick("5.2", "alex").run()
    (body,) = (each for each in tale.pings if "handover:ping letter:" in each)
    assert body.count("@acme.example") >= 30
    assert "…" not in body
