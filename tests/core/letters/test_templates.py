"""What a letter's template may hold: values, conditions, lists. Everything else is refused, with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.letters.templates import Names, find_flaws, find_names, includes_others

CHOICES = {"cause": ("A", "B", "D")}
NAMES = Names(
    {"customer", "cause", "handover_date"}, {"key_people"}, frozenset({"ae", "csm"}), {"handover_date"}, CHOICES
)
OTHERS = {"cse-role": "The team helps {{ customer }}."}

FINE = {
    "text alone": "Hello, {nobody} has 50 % of [this] #1",
    "a value": "Hello {{ customer }}",
    "a role": "{{ ae }} and {{ csm.first_name }}",
    "a date in words": "{{ handover_date | date }}",
    "several filters": "{{ key_people | join(', ') | lower }}",
    "conditions": "{% if cause in ['A', 'B'] and not ae %}x{% elif customer == 'C' or cause != 'D' %}y{% endif %}",
    "a look into a text": "{% if 'x' in customer %}x{% endif %}",
    "a word": "{{ 'you' }}",
    "a remark with anything in it": "{# ask @carol about <b>, and [x]({{ customer }}) #}x",
    "a loop over a list": "{% for each in key_people %}- {{ each }}\n{% else %}none{% endfor %}",
    "another letter": "{% include 'cse-role' %}",
    "a comment": "{# for us only #}x",
    "raw text": "{% raw %}{{ as it is }}{% endraw %}",
}
WRONG = {
    "an unknown name": ("{{ custmer }}", 1, "custmer"),
    "its line": ("one\n\n{{ nobody }}\n", 3, "nobody"),
    "a hidden attribute": ("{{ customer.__class__ }}", 1, ".__class__"),
    "an attribute of a role": ("{{ ae.__init__ }}", 1, ".__init__"),
    "an attribute of an attribute": ("{{ ae.first_name.upper }}", 1, ".upper"),
    "an item": ("{{ customer['__class__'] }}", 1, "getitem"),
    "a slice": ("{{ customer[:3] }}", 1, "getitem"),
    "a call": ("{{ customer() }}", 1, "call"),
    "a method": ("{{ customer.format(1) }}", 1, "call"),
    "a long loop": ("{% for x in range(999999999) %}.{% endfor %}", 1, "key_people"),
    "a loop over a text": ("{% for x in customer %}.{% endfor %}", 1, "key_people"),
    "a loop in a loop": (
        "{% for x in key_people %}{% for y in key_people %}.{% endfor %}{% endfor %}",
        1,
        "another loop",
    ),
    "a recursive loop": ("{% for x in key_people recursive %}{{ loop(x) }}{% endfor %}", 1, "key_people"),
    "a loop with a filter": ("{% for x in key_people if x %}.{% endfor %}", 1, "key_people"),
    "a loop that takes a name away": ("{% for ae in key_people %}.{% endfor %}", 1, "new name"),
    "the name of a loop after it": ("{% for x in key_people %}{% endfor %}{{ x }}", 1, "`x`"),
    "a large number": ("{{ 9 ** 9 ** 9 }}", 1, "pow"),
    "a long text": ("{{ 'a' * 999999999 }}", 1, "mul"),
    "a sum": ("{{ customer + customer }}", 1, "add"),
    "a macro": ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", 1, "macro"),
    "an assignment": ("{% set x = 1 %}", 1, "assign"),
    "a block": ("{% block x %}{% endblock %}", 1, "block"),
    "an import": ("{% import 'cse-role' as x %}", 1, "import"),
    "a parent": ("{% extends 'cse-role' %}", 1, "extends"),
    "a file": ("{% include '../../etc/passwd' %}", 1, "cse-role"),
    "a chosen file": ("{% include customer %}", 1, "cse-role"),
    "an include that may fail": ("{% include 'x' ignore missing %}", 1, "cse-role"),
    "an include in a loop": ("{% for x in key_people %}{% include 'cse-role' %}{% endfor %}", 1, "once"),
    "a filter that hides a blank": ("{{ customer | default('x') }}", 1, "default"),
    "a filter that unescapes": ("{{ customer | safe }}", 1, "safe"),
    "a filter with too much": ("{{ handover_date | date('x') }}", 1, "date"),
    "a join with a value": ("{{ key_people | join(customer) }}", 1, "join"),
    "a filter block": ("{% filter upper %}x{% endfilter %}", 1, "filterblock"),
    "a test": ("{% if customer is defined %}x{% endif %}", 1, "test"),
    "more or less": ("{% if customer > 3 %}x{% endif %}", 1, "=="),
    "a look into a role": ("{% if 'x' in ae %}x{% endif %}", 1, "=="),
    "a choice in a line": ("{{ customer if ae else cause }}", 1, "condexpr"),
    "a dictionary": ("{{ {1: 2} }}", 1, "dict"),
    "a link to what somebody typed": ("x\n[words](https://{{ customer }})", 2, "target of a link"),
    "a link to it in the next line": ("[words](\n  {{ customer }})", 1, "target of a link"),
    "a list as it is": ("{{ key_people }}", 1, "is a list"),
    "a list in small letters": ("{{ key_people | lower }}", 1, "one value"),
    "a joined text": ("{{ customer | join(', ') }}", 1, "a list"),
    "a list of its own": ("{{ [customer, ae] | join(' and ') }}", 1, "a list"),
    "a date as it is": ("x\n{{ handover_date }}", 2, "{{ handover_date | date }}"),
    "a choice that there is not": ("{% if cause == 'C' %}x{% endif %}", 1, "has no choice 'C'; it has A, B, D"),
    "one of choices that there is not": ("{% if cause in ['A', 'E'] %}x{% endif %}", 1, "has no choice 'E'"),
    "a role in a text": ("{% if ae in customer %}x{% endif %}", 1, "are compared, and like this"),
    "a value in a text": ("{% if handover_date in customer %}x{% endif %}", 1, "are compared, and like this"),
    "two in a text": ("{% if ('a', 'b') in customer %}x{% endif %}", 1, "are compared, and like this"),
    "a number in a text": ("{% if 1 in customer %}x{% endif %}", 1, "are compared, and like this"),
    "a chain of comparisons": ("{% if cause == 'A' == 'B' %}x{% endif %}", 1, "are compared, and like this"),
    "one letter twice": ("{% include 'cse-role' %}\n\n{% include 'cse-role' %}", 3, "is included already"),
    "HTML": ("x\n<b>{{ customer }}</b>", 2, "no HTML"),
    "what looks like a value": ("Dear <customer>,", 1, "no HTML"),
    "the end of what it is shown in": ("</details>", 1, "no HTML"),
    "a mention": ("Ask @all", 1, "would call somebody"),
    "many conditions in each other": ("{% if customer %}" * 99 + "x" + "{% endif %}" * 99, 1, "deep"),
    "many words for one": ("{{ " + "customer or " * 250 + "ae }}", 1, "prints values only"),
    "many conditions in one": ("{% if " + "customer and " * 3_000 + "ae %}x{% endif %}", 1, "deep"),
    "very many filters": ("{{ customer" + " | lower" * 5_000 + " }}", 1, "deep"),
    "a value or a word": ("{{ customer or 'you' }}", 1, "prints values only"),
    "a date or a value": ("{{ handover_date or customer }}", 1, "prints values only"),
    "what is printed as True": ("{{ not customer }}", 1, "prints values only"),
    "what is printed as False": ("{{ 'x' in customer }}", 1, "prints values only"),
    "nothing": ("{{ none }}", 1, "prints values only"),
    "a number": ("{{ 1e400 }}", 1, "prints values only"),
    "another way of escaping": ("{% autoescape true %}x{% endautoescape %}", 1, "cannot hold this"),
    "what a loop gives after it": ("{% for e in key_people %}x{% else %}{{ e }}{% endfor %}", 1, "`e`"),
    "a loop called loop": ("{% for loop in key_people %}x{% endfor %}", 1, "new name"),
    "many filters": ("{{ customer" + " | lower" * 190 + " }}", 1, "deep"),
    "many branches": ("{% if ae %}x" + "{% elif ae %}y" * 3_000 + "{% endif %}", 1, "branches"),
    "a number of many figures": ("{{ " + "9" * 5_000 + " }}", 1, "too long"),
    "curly quotes": ("{% include “cse-role” %}", 1, "straight ones"),
    "a label in place of a key": ("{{ Handover date }}", 1, "called by its key"),
    "an open brace": ("one\n{{ customer", 2, "end of"),
    "an open condition": ("{% if customer %}\nx", 1, "endif"),
    "an unknown word": ("{% hello %}", 1, "hello"),
    "depth": ("{% if customer %}" * 3_000 + "{% endif %}" * 3_000, 1, "deep"),
    "deep brackets": ("{{ " + "(" * 5_000 + "customer" + ")" * 5_000 + " }}", 1, "deep"),
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_what_a_letter_may_hold(text):
    assert find_flaws(text, NAMES, OTHERS) == ()


@pytest.mark.parametrize(("text", "line", "said"), WRONG.values(), ids=WRONG)
def test_what_a_letter_must_not_hold_is_named_with_its_line(text, line, said):
    flaws = find_flaws(text, NAMES, OTHERS)
    assert flaws
    assert flaws[0].line == line
    assert any(said in flaw.message for flaw in flaws), flaws


def test_all_flaws_are_found_at_once_in_their_order():
    flaws = find_flaws("{{ c }}\n{{ b }}\n{{ a }}", NAMES, {})
    assert [flaw.line for flaw in flaws] == [1, 2, 3]


@given(st.text(alphabet="{%}ab._|()[]'\"=~ \n*ifendforincludsetmacro", max_size=60))
def test_any_text_is_judged(text):
    assert all(flaw.line >= 1 and flaw.message.endswith((".", ").")) for flaw in find_flaws(text, NAMES, OTHERS))


def test_the_names_of_what_is_included_are_those_of_the_letter():
    assert find_names("{{ ae }}{% include 'cse-role' %}", OTHERS) == {"ae", "customer"}


def test_a_letter_that_includes_another_is_told_from_one_that_does_not():
    assert includes_others("{% include 'x' %}")
    assert includes_others("{% broken")
    assert not includes_others("{{ include }}")
