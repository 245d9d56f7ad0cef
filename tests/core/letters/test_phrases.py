"""A phrase finds what a text says, in whatever words, order and typography, and nothing that it does not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.letters.phrase_grammar import PhraseError, compile_phrase
from automation.core.letters.phrases import find_saying, find_sayings

VALUES = {
    "ae": ("Alex Rivera", "Alex"),
    "csm": ("Casey Morgan", "Casey"),
    "customer": ("Yahoo! Inc.",),
    "shop": ("Macy's",),
    "helper": ("Will Young", "Will"),
    "handover_date": ("2026-11-30", "30 November 2026"),
    "nobody": (),
}
CONTACT = "{ae} ... contact*"
ANY = st.text(max_size=200)
PIECES = st.sampled_from(
    [
        "Alex",
        "Rivera",
        "contact",
        "not",
        "never",
        "but",
        ",",
        ".",
        ";",
        ":",
        "-",
        "\n",
        "no",
        "only",
        "instead of",
        "is",
    ]
    + ["'s", "don't", "e.g.", "Yahoo! Inc.", "$5", "3 May", "(", ")", "\u200b"]
)


def says(text, phrase):
    return find_saying(text, compile_phrase(phrase), VALUES) != ""


# --- how a phrase is written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("", "empty part"),
        ("contact ... ", "empty part"),
        ("contact ... ... ask", "empty part"),
        ("contact||ask", "empty part"),
        ("|contact", "empty part"),
        ("on <day>", "only `<date>` and `<money>`"),
        ("<date", "only `<date>` and `<money>`"),
        ("on <date>*", "only `<date>` and `<money>`"),
        ("*", "`*` stands at the end"),
        ("contact *", "`*` stands at the end"),
        ("c*", "at least 2 letters"),
        ("con*tact", "`*` stands at the end"),
        ("contact**", "`*` stands at the end"),
        ("contact + ask", "no word"),
        ("contact, ask", "write `|` between alternatives"),
        ("contact,ask", "write `|` between alternatives"),
        ("contact (ask)", "write `|` between alternatives"),
        ("{ae", "in braces"),
        ("ae}", "in braces"),
        ("{}", "in braces"),
        ("{{ae}}", "in braces"),
        ("{ae}*", "in braces"),
        ("{the ae}", "in braces"),
        ("{ae.first_name}", "in braces"),
        (" ... ".join(["word"] * 21), "20 parts"),
        ("long " * 101, "500 characters"),
    ],
)
def test_a_phrase_that_nobody_could_understand_is_refused_in_one_sentence(phrase, told):
    with pytest.raises(PhraseError) as caught:
        compile_phrase(phrase)
    assert told in str(caught.value)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_a_phrase_of_20_parts_and_one_of_500_characters_are_fine():
    assert len(compile_phrase(" ... ".join(["word"] * 20)).parts) == 20
    assert compile_phrase("x" * 500).text == "x" * 500


def test_a_phrase_tells_which_names_it_uses_each_once():
    assert compile_phrase("{ae}|{csm} ... {ae} on <date>|{letter_sent_on}").names == ("ae", "csm", "letter_sent_on")
    assert compile_phrase("no names").names == ()


@pytest.mark.parametrize(
    ("phrase", "example"),
    [
        ("{ae} ... primary|main ... contact*", "Alex Rivera ... primary ... contact"),
        ("{nobody}|your ae ... self-service", "your ae ... self service"),
        ("{nobody} ... contact", ""),
        ("{unheard_of}", ""),
        ("on <date> ... <money>", "on 30 November 2026 ... $500"),
    ],
)
def test_a_phrase_can_be_worded_as_an_example(phrase, example):
    assert compile_phrase(phrase).example(VALUES) == example


# --- what says it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Alex Rivera is your contact.", CONTACT),
        ("ALEX RIVERA IS YOUR CONTACT", CONTACT),
        ("Alex can be contacted.", CONTACT),
        ("**Alex** is your _contact_.", CONTACT),
        ("Alex: contact", CONTACT),
        ("Alex is, of course, your contact.", CONTACT),
        ("Alex Rivera (Account Executive) is your contact.", CONTACT),
        ("Alex one two three four five six seven eight nine ten contact", CONTACT),
        ("Turn to Alex.", "contact|turn to ... {ae}"),
        ("Turn  to\tAlex.", "turn to {ae}"),
        ("Self-service", "self service"),
        ("self service", "self-service"),
        ("SELF‑SERVICE", "self-service"),
        ("selfservice", "selfservice"),
        ("We'll join.", "we will join"),
        ("They’re pooled.", "they are pooled"),
        ("It's pooled.", "it is pooled"),
        ("Alex's your contact.", "{ae} is your contact"),
        ("GitLab's forum", "gitlab forum"),
        ("GitLab’s forum", "gitlab's forum"),
        ("SAE/AE", "ae"),
        ("CSE+ engineers", "cse engineers"),
        ("See https://docs.gitlab.com/ee/user/.", "https://docs.gitlab.com*"),
        ("See https://docs.gitlab.com/", "https://docs.gitlab.com"),
        ("GitLab.com is fast", "gitlab.com is"),
        ("Macy's forum", "{shop} forum"),
        ("Will is your contact.", "{helper} ... contact"),
        ("Stra\u00dfe", "strasse"),
        ("ﬁne", "fine"),
    ],
)
def test_words_match_whatever_their_form(text, phrase):
    assert says(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("", CONTACT),
        ("Your contact is Alex.", CONTACT),
        ("Alex one two three four five six seven eight nine ten eleven contact", CONTACT),
        ("Alexa is your contact.", CONTACT),
        ("Rivera is your contact.", CONTACT),
        ("Alex's manager is your contact.", CONTACT),
        ("Dave is your contact.", CONTACT),
        ("Contacts", "contact"),
        ("Turn it to Alex.", "turn to {ae}"),
        ("A contact", "{nobody}|{unheard_of} ... contact"),
        ("Macy forum", "{shop} forum"),
        ("He will be your contact.", "{helper} ... contact"),
        ("See https://gitlab.com/contact/alex", CONTACT),
        ("See https://docs.gitlab.com.evil.com/", "https://docs.gitlab.com"),
    ],
)
def test_other_words_do_not_match(text, phrase):
    assert not says(text, phrase)


@pytest.mark.parametrize(
    "text",
    [
        "Al\u200bex is your con\u00adtact.",
        "Al\u2060ex is your con\ufefftact.",
        "\u202eAlex is your contact\u202c.",
        "Alex\u00a0is\u202fyour\u2003contact.",
        "Alex is your con\x00tact.",
        "Alex is your con\ufe0ftact.",
        "Ａｌｅｘ is your ｃｏｎｔａｃｔ.",
    ],
)
def test_what_cannot_be_seen_hides_no_word(text):
    assert says(text, CONTACT)


@pytest.mark.parametrize("text", ["contact alex rivera", "Ask Alex Rivera today", "ask Alex"])
def test_values_of_several_words_and_first_names_match_alike(text):
    assert says(text, "contact|ask {ae}")


@pytest.mark.parametrize(
    "text",
    [
        "We wrote to you.   Alex  is\tyour contact.  Casey leaves.",
        "- Alex is your contact.\n- Casey leaves.",
        "1. Alex is your contact.\n2. (Casey leaves)",
        "Dear all,\n\n**Alex is your contact.** (Casey leaves.)",
    ],
)
def test_the_sentence_that_says_it_is_returned_on_one_line_without_what_surrounds_it(text):
    assert find_saying(text, compile_phrase(CONTACT), VALUES).removesuffix("**") == "Alex is your contact."


def test_every_sentence_is_found_with_the_words_that_say_it():
    text = "Alex is a contact. Casey leaves. Our churn, your churn."
    assert [each.words for each in find_sayings(text, compile_phrase("churn|contact"), VALUES)] == [
        ("contact",),
        ("churn", "churn"),
    ]


# --- where a sentence ends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Ask Alex. You have a contact.",
        "Ask Alex! You have a contact.",
        "Ask Alex? You have a contact.",
        "Ask Alex; you have a contact.",
        "Ask Alex.) You have a contact.",
        "Ask “Alex.” You have a contact.",
        "Ask Alex\nYou have a contact.",
        "Ask Alex\r\nYou have a contact.",
        "Ask Alex\u2028You have a contact.",
        "- Alex\n- contact",
        "• Alex • contact",
        "1. Alex\n2. contact",
        "Ask Alex etc. You have a contact.",
        "Ask Alex at Acme Inc. We are your contact.",
        "Ask Alex about plan B. The contact is Casey.",
        "Alex works for Yahoo! Inc. Your contact is Casey.",
        "Can Alex? No. My contact is Casey.",
        "Alex wrote to https://docs.gitlab.com/. Contact Casey.",
    ],
)
def test_parts_in_two_sentences_do_not_match(text):
    assert not says(text, CONTACT)


@pytest.mark.parametrize(
    "text",
    [
        "Alex, e.g. by mail, is your contact.",
        "Alex works for Acme Inc. and is your contact.",
        "Alex works for Acme Inc. Germany and is your contact.",
        "Alex B. Rivera is your contact.",
        "Alex (room no. 5) is your contact.",
        "Alex has version 17.2 and is your contact.",
        "Alex reads docs.gitlab.com and is your contact.",
        "Alex works for Yahoo! Inc. and is your contact.",
        "Alex helps Yahoo! Inc. Casey is another contact.",
        "Alex: your contact.",
        "From 9 a.m. on, Alex and Dr. Bob are each a contact.",
        "Alex uses Node.js as a contact.",
        "You have known Alex Rivera for a long time: Alex is also your\none contact.",
    ],
)
def test_a_mark_inside_a_sentence_does_not_end_it(text):
    assert says(text, CONTACT)


@pytest.mark.parametrize(
    "following",
    ["- contact", "\ncontact", "1. contact", "* contact"],
)
def test_a_long_line_is_joined_only_with_prose_right_below_it(following):
    line = "We have told you already that you may from now on turn to Alex"
    assert says(f"{line}\ncontact", CONTACT)
    assert not says(f"{line}\n{following}", CONTACT)


def test_a_short_line_is_joined_with_nothing():
    assert not says("Alex\ncontact", CONTACT)


# --- negation ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Alex is not your contact.", CONTACT),
        ("Alex isn't your contact.", CONTACT),
        ("Alex isn’t your contact.", CONTACT),
        ("Alex is no longer your contact.", CONTACT),
        ("Alex was never your contact.", CONTACT),
        ("Alex cannot be contacted.", CONTACT),
        ("Alex won't be your contact.", CONTACT),
        ("Alex wont be your contact.", CONTACT),
        ("Neither Alex nor Casey is your contact.", CONTACT),
        ("Not Alex is your contact.", CONTACT),
        ("Instead of Alex you have another contact.", CONTACT),
        ("Contact Casey rather than Alex.", "contact ... {ae}"),
        ("Contact Casey instead of Alex.", "contact ... {ae}"),
        ("Contact Casey, not Alex.", "contact ... {ae}"),
        ("Nobody may contact Alex.", "contact {ae}"),
        ("Please do not contact Alex.", "contact {ae}"),
        ("You never have to contact Alex.", "contact {ae}"),
        ("Pooled, not dedicated.", "dedicated"),
        ("It is pooled - never dedicated.", "dedicated"),
        ("There is no dedicated CSE.", "dedicated"),
        ("You do not have a dedicated CSE.", "dedicated"),
        ("They help without dedicated time.", "dedicated"),
        ("A dedicated CSE is not part of it.", "dedicated"),
        ("The dedicated CSE will no longer come.", "dedicated cse"),
        ("Your CSM will not join.", "csm will"),
        ("Non-dedicated CSEs", "dedicated"),
    ],
)
def test_what_is_negated_is_not_said(text, phrase):
    assert not says(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("We do not join calls, but you can contact Alex.", "you can contact {ae}"),
        ("We do not join calls but you can contact Alex.", "contact {ae}"),
        ("We do not join calls and you can contact Alex.", "contact {ae}"),
        ("We do not join calls; contact Alex.", "contact {ae}"),
        ("We do not join calls – contact Alex.", "contact {ae}"),
        ("Pooled, not dedicated.", "pooled"),
        ("Not dedicated, pooled.", "pooled"),
        ("Not dedicated but pooled.", "pooled"),
        ("Alex, not Casey, is your contact.", CONTACT),
        ("Alex (not Casey) is your contact.", CONTACT),
        ("Your contact is not Casey but Alex.", "contact ... {ae}"),
        ("Not only Alex is your contact.", CONTACT),
        ("Alex is not just a contact.", CONTACT),
        ("No doubt Alex is your contact.", CONTACT),
        ("Please do not hesitate to contact Alex.", "contact {ae}"),
        ("Don't forget to contact Alex.", "contact {ae}"),
        ("Contact Alex, no matter what.", "contact {ae}"),
        ("Contact Alex no later than Friday.", "contact ... friday"),
        ("Contact Alex if you are not sure.", "contact {ae}"),
        ("No worries: contact Alex.", "contact {ae}"),
        ("There is no need to worry about that, contact Alex.", "contact {ae}"),
        ("CSEs are not always dedicated.", "dedicated"),
    ],
)
def test_what_is_not_negated_itself_is_said(text, phrase):
    assert says(text, phrase)


@pytest.mark.parametrize("negation", ["do not", "don't", "never", "will not", "won't", "cannot", "do no longer"])
def test_a_phrase_with_a_negation_of_its_own_looks_for_it(negation):
    phrase = "cse* ... not|never|no longer ... join*"
    assert says(f"CSEs {negation} join calls.", phrase)


@pytest.mark.parametrize(
    "text",
    [
        "CSEs join calls.",
        "CSEs do not only join calls.",
        "CSEs do not hesitate to join calls.",
        "CSEs do not decide, they join calls.",
        "CSEs do not decide but join calls.",
        "CSEs do not decide and you join calls.",
    ],
)
def test_a_negation_of_the_phrase_must_negate_the_words_after_it(text):
    assert not says(text, "cse* ... not|never|no longer ... join*")


def test_an_aside_between_commas_leaves_a_negation_as_it_is():
    assert says("CSEs do not, however, join calls.", "cse* ... not ... join*")
    assert not says("Alex is not, as a rule, your contact.", CONTACT)


def test_a_phrase_with_negated_and_plain_alternatives_takes_each_for_what_it_is():
    phrase = "cse* ... skip|not join ... call*"
    assert says("CSEs do not join calls.", phrase)
    assert says("CSEs skip calls.", phrase)
    assert not says("CSEs do not skip calls.", phrase)


# --- dates and amounts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date",
    [
        "2026-11-30",
        "2026/11/30",
        "30 November 2026",
        "30 Nov",
        "November 30",
        "Nov. 30th, 2026",
        "30.11.2026",
        "30/11/26",
        "11/30/2026",
        "Monday, 30 November",
        "Monday the 30th",
    ],
)
def test_a_day_of_the_issue_is_found_however_it_is_written(date):
    assert says(f"From {date} on, Alex is your contact.", "from {handover_date} ... {ae}")


@pytest.mark.parametrize(
    "date",
    [
        "1 December 2026",
        "30 October",
        "30 November 2027",
        "November 2026",
        "12/1/2026",
        "30.11.2025",
        "2026-11-03",
        "Tuesday, 30 November",
        "Tuesday the 30th",
        "Monday the 23rd",
    ],
)
def test_another_day_is_not_that_of_the_issue(date):
    assert not says(f"From {date} on, Alex is your contact.", "from {handover_date} ... {ae}")


@pytest.mark.parametrize(
    "date",
    [
        "30 November",
        "30 November 2026",
        "30th of November, 2026",
        "3rd Nov",
        "3 Nov.",
        "Nov 3rd",
        "November 3",
        "November 3, 2026",
        "Nov. 3",
        "november the 3rd",
        "November 2026",
        "3 May",
        "May 3",
        "2026-11-30",
        "2026/11/30",
        "3/11/2026",
        "11/30/26",
        "30.11.2026",
        "Tuesday the 3rd",
        "Tuesday, 3rd",
        "Tuesday, 3 November",
        "30\u00a0November",
    ],
)
def test_a_date_is_found_however_it_is_written(date):
    assert says(f"The call is on {date}.", "on <date>")


@pytest.mark.parametrize(
    "words",
    [
        "Tuesday",
        "17.2",
        "24/7",
        "may 3 times",
        "march 2 miles",
        "3 people",
        "1.2.3",
        "2026",
        "every May",
        "10-12",
        "3rd",
    ],
)
def test_what_is_no_date_is_not_taken_for_one(words):
    assert not says(f"We do it {words}.", "<date>")


@pytest.mark.parametrize(
    "amount",
    [
        "$500",
        "$ 500",
        "US$500",
        "€1.200,50",
        "EUR 12k",
        "12k EUR",
        "1.2M USD",
        "300 euros",
        "500$",
        "2 million dollars",
    ],
)
def test_an_amount_is_found_however_it_is_written(amount):
    assert says(f"It costs {amount} a year.", "costs <money>")


@pytest.mark.parametrize("words", ["500 users", "12k", "17.2", "$HOME", "a euro", "version 3", "2 European teams"])
def test_what_is_no_amount_is_not_taken_for_one(words):
    assert not says(f"You have {words}.", "<money>")


def test_a_date_may_stand_in_the_middle_of_an_alternative():
    assert says("From 30 November on Alex is there.", "from <date> on {ae}")
    assert not says("From 30 November 2026 Alex is there.", "from <date> on {ae}")


# --- laws -------------------------------------------------------------------------------------------------------------


@given(ANY)
def test_no_phrase_crashes_the_reader(text):
    try:
        assert compile_phrase(text).parts
    except PhraseError as error:
        assert str(error).endswith(".")


@given(ANY | st.lists(PIECES, max_size=40).map(" ".join))
def test_no_text_crashes_the_search_and_what_is_found_stands_in_it(text):
    for phrase in (CONTACT, "not|never ... contact", "<date>|<money>", "{customer}"):
        for each in find_sayings(text, compile_phrase(phrase), VALUES):
            assert each.words and all(words in each.sentence for words in each.words)


@pytest.mark.parametrize(
    "piece",
    ["a", "contact ", "Alex ", "not ", "a. ", ". ", "a.b", "a'", "- ", "30 may ", "eur 1", "https://", "Yahoo! "],
)
def test_a_text_of_a_megabyte_is_read_to_its_end(piece):
    text = piece * (1_000_000 // len(piece)) + "\n\nThe end: ask Casey."
    assert find_saying(text, compile_phrase("the end ... {csm}"), VALUES) == "The end: ask Casey."
