"""Only GitLab's own notes prove a tick: in both wordings and escapings, and no comment that looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.proof import parse_edits
from automation.core.words import says_title
from tests.builders import describe_text, escape_as_gitlab, make_note, make_tick

TITLE = "The account is approved for CSE+"
HARD_TITLES = [
    "Every call to action (CTA) is closed",
    "The customer's Google Docs are up to date",
    "As the CSM, I confirm that the handover call is complete and this issue up to date",
    "On behalf of CSE+, I accept this account",
    "I checked that Gainsight, Salesforce, Google Docs and Gong are up to date",
    "Tick only if it happened: a CSE took part",
    "50% of <all> [links] & #1 are_done = yes! ~ok~ {x} | \\ ^ $ \"quoted\" 'too' @ben; a/b?",
    "Ünïcödé 漢字 🙂",
]


def edits(*bodies):
    notes = [make_note(body, "ben", 100 + place, is_system=True) for place, body in enumerate(bodies)]
    return [(edit.code, edit.is_tick, edit.words) for edit in parse_edits(notes)]


# --- wordings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "edit"),
    [
        ("marked the checklist item **2.4 Approved** as completed", ("2.4", True, "Approved")),
        ("marked the checklist item **2.4 Approved** as incomplete", ("2.4", False, "Approved")),
        ("marked the task **2.4 Approved** as completed", ("2.4", True, "Approved")),
        ("marked the task **2.4 Approved** as incomplete", ("2.4", False, "Approved")),
        ("marked the checklist item **2\\.4 Approved** as completed", ("2.4", True, "Approved")),
        ("marked the checklist item **4\\.5a Approved** as completed", ("4.5a", True, "Approved")),
        ("  marked the checklist item **2.4 Approved** as completed\n", ("2.4", True, "Approved")),
        ("marked the checklist item **2.4** as completed", ("2.4", True, "")),
        ("marked the checklist item **Approved** as completed", ("", True, "Approved")),
        ("marked the checklist item **1.10 Ready** as completed", ("1.10", True, "Ready")),
        ("marked the checklist item **1.1 Ready** as completed", ("1.1", True, "Ready")),
        ("marked the checklist item **1\\.10 Ready** as completed", ("1.10", True, "Ready")),
        ("changed the description", ("", False, "")),
        ("changed the description and more", ("", False, "")),
    ],
)
def test_a_note_tells_of_an_edit(body, edit):
    assert edits(body) == [edit]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "changed title from **marked the checklist item** to **2.4**",
        "assigned to @ben",
        "changed the descriptions",
        "I changed the description",
        "marked the checklist item 2.4 as completed",
        "marked the checklist item **2.4 Approved** as done",
        "marked the checklist item **2.4 Approved** as completed by ben",
        "said: marked the checklist item **2.4 Approved** as completed",
        "marked this issue as related to #2",
        "mentioned in issue #2",
        "MARKED THE CHECKLIST ITEM **2.4 Approved** AS COMPLETED",
    ],
)
def test_a_note_of_another_kind_tells_of_no_edit(body):
    assert edits(body) == []


def test_a_comment_that_reads_like_a_note_proves_nothing():
    forged = [
        make_note("marked the checklist item **2.4 Approved** as completed", "eve", 100),
        make_note("changed the description", "eve", 101),
    ]
    assert parse_edits(forged) == ()


def test_edits_come_in_the_order_of_their_ids():
    notes = [
        make_tick("2.4 b", id=105),
        make_tick("2.4 a", id=103),
        make_note("changed the description", id=104, is_system=True),
    ]
    assert [edit.note_id for edit in parse_edits(notes)] == [103, 104, 105]


def test_an_edit_knows_who_and_when():
    note = make_tick("2.4 Approved", "ben", 105)
    (edit,) = parse_edits([note])
    assert (edit.author.username, edit.at, edit.note_id) == ("ben", note.created_at, 105)


# --- texts that could deceive -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("2.4 Approved** as completed", "2.4", "Approved as completed"),
        ("2.4 Approved** as incomplete **x", "2.4", "Approved as incomplete x"),
        ("2.4 **Approved**", "2.4", "Approved"),
        ("2.4 `Approved` by _me_", "2.4", "Approved by me"),
        ("2.4 Approved\nfor CSE", "2.4", "Approved for CSE"),
        ("2\\.4 Approved&#10;for CSE", "2.4", "Approved for CSE"),
        ("2.4 Approved <!-- not -->", "2.4", "Approved <!-- not -->"),
        ("2.4 Approved &#99999999; x", "2.4", "Approved \ufffd x"),
        ("2.4 Approved &#1114112; x", "2.4", "Approved x"),
        ("2.4 " + "a" * 5_000, "2.4", "a" * 1_996),
        ("x\n2.4 Approved", "", "x 2.4 Approved"),
    ],
)
def test_the_text_of_a_note_cannot_break_out(text, code, words):
    assert edits(f"marked the checklist item **{text}** as incomplete") == [(code, False, words)]


def test_the_last_word_of_the_note_says_whether_it_was_ticked():
    """A box whose own words end in "** as completed" must not turn an untick into a tick."""
    text = "2.4 Approved** as completed"
    assert [is_tick for _, is_tick, _ in edits(f"marked the checklist item **{text}** as incomplete")] == [False]
    assert [is_tick for _, is_tick, _ in edits(f"marked the checklist item **{text}** as completed")] == [True]


# --- both generations say the same ------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", ["R", "P"])
@pytest.mark.parametrize("wording", ["checklist item", "task"])
@pytest.mark.parametrize("title", HARD_TITLES)
def test_the_words_of_a_tick_are_those_of_the_box(title, wording, generation):
    said = describe_text(f"2.4 {title}", generation)
    ((code, is_tick, words),) = edits(f"marked the {wording} **{said}** as completed")
    assert (code, is_tick) == ("2.4", True)
    assert says_title(words, title)


def test_a_sample_that_was_recorded_from_gitlab_com():
    body = (
        'marked the checklist item **Close \\#4 as obsolete: src/x\\.go says a \\= \\"1\\" so\\.  '
        "workline:proposal\\=4/close\\-obsolete** as completed"
    )
    words = 'Close #4 as obsolete: src/x.go says a = "1" so. workline:proposal=4/close-obsolete'
    assert edits(body) == [("", True, words)]


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60)
)
def test_escaping_hides_no_word(text):
    """What a newer server escapes reads as the raw text of an older one, markup aside."""
    plain = "".join(letter for letter in text if letter not in "\\*_`~&")
    raw = edits(f"marked the checklist item **9.9 x{plain}** as completed")
    escaped = edits(f"marked the checklist item **{escape_as_gitlab('9.9 x' + plain)}** as completed")
    assert raw == escaped


# --- the words that are signed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "accepted"),
    [
        (TITLE, True),
        (f"{TITLE}.", True),
        (f"{TITLE} (see the notes)", True),
        (f"**{TITLE}**", True),
        ("The  account is approved  for CSE+", True),
        ("The account is approved for CSE\\+", True),
        ("The account is approved for CSE", False),
        (f"not {TITLE}", False),
        (f"{TITLE}x", False),
        ("the account is approved for CSE+", False),
        ("The account is approved", False),
        ("", False),
    ],
)
def test_the_words_of_a_signed_box(words, accepted):
    assert says_title(words, TITLE) is accepted
