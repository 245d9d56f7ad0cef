"""Letters filled in: what people typed stays text, what is blank is named, nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.letters.book import Book, LengthyLetterError, MissingValuesError, names_for
from automation.core.letters.model import Letter
from automation.core.letters.values import Person, Values, sample_values, say_date
from tests.builders import real_process

NAMES = frozenset({"customer", "handover_date", "blockers", "key_people", "ae", "csm"})


def make_letter(body, subject="About {{ customer }}", name="hello", **more):
    return Letter(
        name, "Hello", 1, "csm-to-cse-plus", "review", "customer", subject, body, 10, "csm", ("customer",), **more
    )


def make_values(**facts):
    people = {"ae": Person(("Alex Novak",)), "csm": Person(("Carol Meyer", "Otto Brandt"))}
    return Values(NAMES, {"customer": "Acme", **facts}, people)


def fill_in(body, values=None, subject="About {{ customer }}", others=()):
    letter = make_letter(body, subject)
    book = Book({each.name: each for each in (letter, *others)})
    return book.fill_in(letter, values or make_values())


def test_values_and_people_are_filled_in():
    found = fill_in("Hello {{ customer }}, {{ ae }} ({{ ae.first_name }}) and {{ csm }}, {{ csm.first_name }}.")
    assert found.text == "Hello Acme, Alex Novak (Alex) and Carol Meyer and Otto Brandt, Carol and Otto."


def test_everybody_can_be_spoken_of_by_the_full_or_the_first_name():
    assert make_values().spoken()["csm"] == (
        "Carol Meyer and Otto Brandt",
        "Carol Meyer",
        "Otto Brandt",
        "Carol and Otto",
        "Carol",
        "Otto",
    )


def test_a_date_is_said_in_words_and_what_is_none_is_left_as_it_is():
    values = make_values(handover_date="2026-12-01", blockers="soon")
    assert fill_in("{{ handover_date | date }}, {{ blockers | date }}", values).text == "1 December 2026, soon"
    assert say_date("2026-02-30") == "2026-02-30"


def test_a_list_is_gone_over_or_joined():
    values = make_values(key_people=("Ada", "Bo"))
    assert fill_in("{% for each in key_people %}\n- {{ each }}\n{% endfor %}", values).text == "- Ada\n- Bo"
    assert fill_in("{{ key_people | join(', ') }}", values).text == "Ada, Bo"


def test_blank_facts_that_are_printed_are_all_named():
    with pytest.raises(MissingValuesError) as caught:
        fill_in(
            "{{ blockers }} {{ handover_date | date }} {{ blockers | lower }}{% for x in key_people %}x{% endfor %}"
        )
    assert caught.value.names == ("blockers", "handover_date", "key_people")


def test_a_blank_fact_in_the_subject_is_named_too():
    with pytest.raises(MissingValuesError) as caught:
        fill_in("Hello", subject="From {{ handover_date | date }} on")
    assert caught.value.names == ("handover_date",)


def test_a_person_who_is_not_there_is_named():
    with pytest.raises(MissingValuesError) as caught:
        fill_in("{{ ae.first_name }}", Values(NAMES, {"customer": "Acme"}, {}))
    assert caught.value.names == ("ae",)


def test_a_blank_fact_is_false_in_a_condition():
    body = "{% if blockers %}a{% else %}b{% endif %}"
    body += "{% if blockers == 'x' %}c{% endif %}{% if 'x' in blockers %}d{% endif %}"
    assert fill_in(body).text == "b"


def test_another_letter_is_included_with_the_same_values():
    other = make_letter("The team of {{ customer }}.", name="other")
    assert fill_in("Hello\n\n{% include 'other' %}", others=[other]).text == "Hello\n\nThe team of Acme."


def test_a_letter_that_includes_another_cannot_be_included():
    first, second = make_letter("{% include 'second' %}", name="first"), make_letter("x", name="second")
    book = Book({each.name: each for each in (first, second)})
    assert set(book.includable(first)) == {"second"}
    assert set(book.includable(second)) == set()


def test_only_letters_of_the_same_process_can_be_included():
    other = Letter("other", "x", 1, "csm-to-csm", "start", "customer", "x", "x", 1, "csm", ("customer",))
    letter = make_letter("x")
    assert Book({"other": other, "hello": letter}).includable(letter) == {}


def test_markup_in_a_value_is_text():
    found = fill_in(
        "Hello {{ customer }}!", make_values(customer="**A** <b>B</b> [c](https://d.example) `e` & {{ ae }}")
    )
    assert found.text == "Hello **A** <b>B</b> [c](https://d.example) `e` & {{ ae }}!"
    assert "<b>" not in found.html and "<strong>" not in found.html and "<a " not in found.html


def test_a_value_of_many_lines_is_one_line():
    found = fill_in("Hello {{ customer }}", make_values(customer="Acme\r\nBcc: evil@example.com\u2028x"))
    assert found.subject == "About Acme Bcc: evil@example.com x"
    assert found.text == "Hello Acme Bcc: evil@example.com x"


def test_a_comment_of_gitlab_is_told_nothing_by_a_value():
    found = fill_in("{{ customer }}", make_values(customer="@all /close #1 :smile: www.example.com"))
    assert "@all" not in found.shown and "#1" not in found.shown and "www.example" not in found.shown


def test_a_subject_stays_short_whatever_is_typed():
    assert len(fill_in("x", make_values(customer="A" * 2_000)).subject) <= 206


def test_a_letter_that_nobody_would_read_is_refused():
    values = make_values(key_people=tuple("x" * 2_000 for _ in range(100)))
    with pytest.raises(LengthyLetterError):
        fill_in("{% for x in key_people %}{{ x }}{{ x }}\n\n{% endfor %}", values)


@given(st.text(max_size=100))
def test_whatever_is_typed_one_line_comes_of_it_and_no_markup(typed):
    found = fill_in("Hello {{ customer }}, welcome.", make_values(customer=typed))
    assert "\n" not in found.text and "\r" not in found.subject and "\n" not in found.subject
    assert found.html.count("<p") == 1


# --- made-up values ---------------------------------------------------------------------------------------------------


def samples(used, only=None):
    return [dict(each.facts) for each in sample_values(real_process(), used, only or {})]


def test_samples_go_through_the_choices_that_a_letter_uses_blank_included():
    assert [each.get("health") for each in samples({"health"})] == ["Green", "Yellow", "Red", None]


def test_samples_keep_to_what_a_letter_is_meant_for():
    assert samples(set(), {"health": ("Red",)}) == [{"health": "Red"}]


def test_samples_go_through_all_combinations_of_choices_and_then_through_the_blanks():
    found = samples({"health", "deployment", "customer"})
    assert len(found) == 3 * 4 + 3
    assert {(each.get("health"), each.get("deployment")) for each in found} >= {("Red", "Mixed"), (None, "GitLab.com")}
    assert sum("customer" not in each for each in found) == 1


def test_of_very_many_combinations_every_choice_stands_once_at_least():
    process = real_process()
    found = samples(set(process.fields))
    assert len(found) < 100
    for each in process.fields.values():
        assert {*each.choices} <= {facts.get(each.key) for facts in found}
        assert each.role or any(each.key not in facts for facts in found)


def test_everybody_in_a_sample_has_a_name_of_their_own():
    people = next(iter(sample_values(real_process(), set(), {}))).people
    assert len({str(person) for person in people.values()}) == len(people)


def test_lists_values_and_roles_of_a_process_are_told_apart():
    names = names_for(real_process())
    assert "key_people" in names.lists and "customer" in names.values and "ae" in names.roles
    assert "ae" not in names.values and "nobody" not in names
