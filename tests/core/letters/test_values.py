"""People are called by their first names where it is plain which one that is, and by their full names otherwise."""

from __future__ import annotations

import pytest

from automation.core.letters.values import Person, Values


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ada Lind", "Ada"),
        ("Ada Maria Lind", "Ada"),
        ("Zoë Müller", "Zoë"),
        ("Jean-Luc Petit", "Jean-Luc"),
        ("O'Neil Ray", "O'Neil"),
        ("Александр Петров", "Александр"),
        ("عادة ليند", "عادة"),
        ("Ada", "Ada"),
        ("carol", "carol"),
        ("", ""),
        ("Lind, Ada", "Lind, Ada"),
        ("van der Berg, Ada", "van der Berg, Ada"),
        ("Dr. Ada Lind", "Dr. Ada Lind"),
        ("Dr Ada Lind", "Dr Ada Lind"),
        ("PROF Ada Lind", "PROF Ada Lind"),
        ("Mrs Ada Lind", "Mrs Ada Lind"),
        ("A. Lind", "A. Lind"),
        ("A Lind", "A Lind"),
        ("A.B Lind", "A.B Lind"),
        ("🦊 Ada Lind", "🦊 Ada Lind"),
        ("'Ada' Lind", "'Ada' Lind"),
        ("@ada lind", "@ada lind"),
        ("山田 太郎", "山田 太郎"),
        ("やまだ たろう", "やまだ たろう"),
        ("김 민준", "김 민준"),
        ("Yamada 太郎", "Yamada 太郎"),
        ("Ada (Adi) Lind", "Ada"),
        ("Sam Ae (he/him)", "Sam"),
        ("Sam (he/him)", "Sam"),
        ("Dr. Sam Ae [they/them]", "Dr. Sam Ae"),
    ],
)
def test_the_first_name_is_said_where_it_is_known(name, first):
    assert Person((name,)).first_name == first


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("Ada Lind", "Ada Lind"),
        ("Sam Ae (he/him)", "Sam Ae"),
        ("Sam Ae [they/them] ", "Sam Ae"),
        ("Ada (Adi) Lind", "Ada (Adi) Lind"),
        ("(Ada)", "(Ada)"),
    ],
)
def test_what_stands_in_brackets_after_a_name_is_not_said(name, full):
    assert str(Person((name,))) == full


def test_several_people_are_joined():
    people = Person(("Ada Lind", "Falk, Bo", "Cem Aydin (he/him)"))
    assert (str(people), people.first_name) == ("Ada Lind, Falk, Bo and Cem Aydin", "Ada, Falk, Bo and Cem")


def test_a_text_may_name_people_in_each_of_these_ways():
    values = Values(frozenset(), {}, {"ae": Person(("Ada Lind", "Cem Aydin (he/him)"))})
    assert values.spoken()["ae"] == (
        "Ada Lind and Cem Aydin",
        "Ada Lind",
        "Cem Aydin",
        "Cem Aydin (he/him)",
        "Ada and Cem",
        "Ada",
        "Cem",
    )
