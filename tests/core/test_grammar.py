"""What is a command in a comment, and what only looks like one."""

import re
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automation.core.grammar import EXAMPLES, parse_commands

# Every command as a person would write it, and what it asks for: kind, box, reason, until.
COMMANDS = {
    "send back: the seats are wrong": [("send-back", "", "the seats are wrong", "")],
    "sign off 4.2": [("sign-off", "4.2", "", "")],
    "sign off 4.2, 4.3 and 4.5a": [("sign-off", code, "", "") for code in ("4.2", "4.3", "4.5a")],
    "hold until 2026-12-10: the customer moves": [("hold", "", "the customer moves", "2026-12-10")],
    "resume": [("resume", "", "", "")],
    "waive 1.4: nobody uses it, until 2026-12-31": [("waive", "1.4", "nobody uses it", "2026-12-31")],
    "cancel: the contract has ended": [("cancel", "", "the contract has ended", "")],
}
commands = pytest.mark.parametrize("command", COMMANDS)


def read(body):
    return [(each.kind, each.code, each.reason, each.until) for each in parse_commands(body)]


def plainly(asked):
    """What is asked for, capitals and the dot at the end of a reason aside."""
    return [(kind, code, reason.casefold().rstrip("."), until) for kind, code, reason, until in asked]


# --- the forms --------------------------------------------------------------------------------------------------------


@commands
def test_every_command_is_read(command):
    assert read(command) == COMMANDS[command]


def test_what_the_bot_shows_as_an_example_is_a_command_of_that_kind():
    assert {kind: [each.kind for each in parse_commands(text)] for kind, text in EXAMPLES.items()} == {
        kind: [kind] for kind in EXAMPLES
    }


DRESSINGS = {
    "upper case": str.upper,
    "capitals": str.capitalize,
    "a dot at the end": lambda text: f"{text}.",
    "blanks around": lambda text: f"  {text}   ",
    "two blanks between words": lambda text: re.sub(r"^(\w+) (\w)", r"\1  \2", text),
    "no-break blanks": lambda text: re.sub(r"^(\w+) (\w)", "\\1\u00a0\\2", text),
    "lines around": lambda text: f"Hello all,\n{text}\nThanks!",
    "paragraphs around": lambda text: f"Hello all,\n\n{text}\n\nThanks!",
    "line ends of Windows": lambda text: f"Hello\r\n\r\n{text}\r\n\r\nThanks!\r\n",
    "hard line breaks": lambda text: f"Hello\\\n{text}  \nThanks!",
    "below a heading": lambda text: f"## What I want\n{text}",
    "below a quotation": lambda text: f"> What do you want?\n\n{text}",
    "below a list": lambda text: f"- one\n- two\n\n{text}",
    "below a fence": lambda text: f"```\nlog\n```\n{text}",
    "in front of a fence": lambda text: f"{text}\n```\nlog\n```",
    "below an unfinished comment of HTML": lambda text: f"See <!-- that\n\n{text}",
    "a mention in front": lambda text: f"@carol {text}",
    "a mention with a comma": lambda text: f"@carol, {text}",
    "mentions with a colon": lambda text: f"@carol, @ben.b-c_d: {text}",
    "a mention on the line above": lambda text: f"@carol\n{text}",
    "bold": lambda text: f"**{text}**",
    "italics": lambda text: f"*{text}*",
    "a hidden comment behind": lambda text: f"{text} <!-- {text} -->",
    "within folded details": lambda text: f"<details>\n\n{text}\n\n</details>",
}


@pytest.mark.parametrize("dress", [pytest.param(each, id=name) for name, each in DRESSINGS.items()])
def test_a_command_may_be_dressed_like_this(dress):
    assert {text: plainly(read(dress(text))) for text in COMMANDS} == COMMANDS


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        # the first words in bold
        ("**send back:** x", [("send-back", "", "x", "")]),
        ("**sign off** 4.2", [("sign-off", "4.2", "", "")]),
        ("**hold until 2026-12-10:** x", [("hold", "", "x", "2026-12-10")]),
        ("**hold until 2026-12-10**: x", [("hold", "", "x", "2026-12-10")]),
        ("hold until `2026-12-10`: x", [("hold", "", "x", "2026-12-10")]),
        ("**waive `1.4`:** x, until **2026-12-31**", [("waive", "1.4", "x", "2026-12-31")]),
        # a dash in place of the colon
        ("send back - x", [("send-back", "", "x", "")]),
        ("hold until 2026-12-10 - x", [("hold", "", "x", "2026-12-10")]),
        ("hold until 2026-12-10 – x", [("hold", "", "x", "2026-12-10")]),
        ("hold until 2026-12-10 — x", [("hold", "", "x", "2026-12-10")]),
        ("waive 1.4 - x, until 2026-12-31", [("waive", "1.4", "x", "2026-12-31")]),
        ("cancel – x", [("cancel", "", "x", "")]),
        # the reason below
        ("send back:\nx", [("send-back", "", "x", "")]),
        ("hold until 2026-12-10:\nx", [("hold", "", "x", "2026-12-10")]),
        ("hold until 2026-12-10:\n\nx\n\ny", [("hold", "", "x", "2026-12-10")]),
        ("waive 1.4:\nx, until 2026-12-31", [("waive", "1.4", "x", "2026-12-31")]),
        ("cancel:\n**x**", [("cancel", "", "x", "")]),
        ("cancel:\n\nx", [("cancel", "", "x", "")]),
        # nothing but a reason stands below
        ("hold until 2026-12-10\nx", [("hold", "", "", "2026-12-10")]),
        ("hold until 2026-12-10:\nresume", [("hold", "", "", "2026-12-10"), ("resume", "", "", "")]),
        ("cancel:\n- x", [("cancel", "", "", "")]),
        # where the date of a waiver may stand
        ("waive 1.4 until 2026-12-31: x", [("waive", "1.4", "x", "2026-12-31")]),
        ("waive 1.4: x until 2026-12-31.", [("waive", "1.4", "x", "2026-12-31")]),
        ("waive 1.4: x (until 2026-12-31)", [("waive", "1.4", "x", "2026-12-31")]),
        ("waive 1.4: until it works, until 2026-12-31", [("waive", "1.4", "until it works", "2026-12-31")]),
        ("waive 1.4: until 2026-12-31", [("waive", "1.4", "", "2026-12-31")]),
        ("waive 1.4: x", [("waive", "1.4", "x", "")]),
        # dates are handed on as they were written
        ("hold until Friday: x", [("hold", "", "x", "Friday")]),
        ("hold until 10 December 2026: x", [("hold", "", "x", "10 December 2026")]),
        ("hold until 2026/12/10: x", [("hold", "", "x", "2026/12/10")]),
        ("hold: x", [("hold", "", "x", "")]),
        # several boxes
        ("waive 1.4, 1.5: x, until 2026-12-31", [("waive", code, "x", "2026-12-31") for code in ("1.4", "1.5")]),
        ("sign off 4.2,4.3 & 4.4", [("sign-off", code, "", "") for code in ("4.2", "4.3", "4.4")]),
        ("sign off 4.2 4.3", [("sign-off", code, "", "") for code in ("4.2", "4.3")]),
        ("sign off 4.2, 4.2", [("sign-off", "4.2", "", "")]),
        # other ways to say it
        ("Signed off 4.5A!", [("sign-off", "4.5a", "", "")]),
        ("sign-off box 4.2", [("sign-off", "4.2", "", "")]),
        ("signoff step 4.2", [("sign-off", "4.2", "", "")]),
        ("sign off on 1.10", [("sign-off", "1.10", "", "")]),
        ("cancel this handover: x", [("cancel", "", "x", "")]),
        ("resume: the customer is back", [("resume", "", "the customer is back", "")]),
        # what a reason may hold, and what is none
        ("cancel: a: b - c", [("cancel", "", "a: b - c", "")]),
        ("cancel: /close", [("cancel", "", "/close", "")]),
        ("cancel: [the mail](https://example.com)", [("cancel", "", "the mail", "")]),
        ("hold until 2026-12-10: ...", [("hold", "", "", "2026-12-10")]),
        ("cancel: TBD", [("cancel", "", "", "")]),
        ("cancel: <reason>", [("cancel", "", "", "")]),
    ],
)
def test_what_is_read(body, asked):
    assert read(body) == asked


def test_each_thing_counts_once_and_the_first_time():
    body = "hold until 2026-12-10: a\nsign off 4.2\n\nhold until 2026-12-11: b\nsign off 4.3, 4.2"
    assert read(body) == [
        ("hold", "", "a", "2026-12-10"),
        ("sign-off", "4.2", "", ""),
        ("sign-off", "4.3", "", ""),
    ]


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        ("sign off 4.2 please", "please"),
        ("sign off 4.2 and the rest", "and the rest"),
        ("sign off everything", "everything"),
        ("sign off boxes 4.2 and 4.3", "boxes 4.2 and 4.3"),
        ("sign off 4.2.1", "1"),
    ],
)
def test_words_that_a_sign_off_does_not_provide_for_are_kept_apart(body, rest):
    """Whoever may sign is asked what was meant; everybody else is left in peace."""
    (asked,) = parse_commands(body)
    assert (asked.kind, asked.rest, asked.is_clear) == ("sign-off", rest, False)


@pytest.mark.parametrize(
    ("body", "is_clear"),
    [
        ("sign off 4.2", True),
        ("hold: x", True),
        ("hold until 2026-12-10", True),
        ("waive 1.4", True),
        ("cancel: x", True),
        ("hold", False),
        ("resume", False),
        ("cancel.", False),
        ("sign off", False),
        ("send back", False),
    ],
)
def test_a_single_word_may_be_chance(body, is_clear):
    assert [each.is_clear for each in parse_commands(body)] == [is_clear]


# --- what is no command -----------------------------------------------------------------------------------------------

PLACES = {
    "code": lambda text: f"`{text}`",
    "code behind a mention": lambda text: f"@carol `{text}`",
    "code with more backticks": lambda text: f"`` {text} ``",
    "a fence": lambda text: f"```\n{text}\n```",
    "a fence with a language": lambda text: f"```text\n{text}\n```",
    "a fence that never ends": lambda text: f"Hello\n```\n{text}",
    "a fence of tildes": lambda text: f"~~~\n{text}\n~~~",
    "indented code": lambda text: f"    {text}",
    "a quotation": lambda text: f"> {text}",
    "the lazy end of a quotation": lambda text: f"> They said\n{text}",
    "a quotation in a quotation": lambda text: f"> > {text}",
    "a long quotation": lambda text: f">>>\n{text}\n>>>",
    "an alert": lambda text: f"> [!note]\n> {text}",
    "a list": lambda text: f"- {text}",
    "a list of stars": lambda text: f"* {text}",
    "a numbered list": lambda text: f"1. {text}",
    "a task": lambda text: f"- [ ] {text}",
    "a ticked task": lambda text: f"- [x] {text}",
    "the second line of an item": lambda text: f"- one\n{text}",
    "the second paragraph of an item": lambda text: f"- one\n\n  {text}",
    "a heading": lambda text: f"# {text}",
    "an underlined heading": lambda text: f"{text}\n===",
    "a comment of HTML": lambda text: f"<!-- {text} -->",
    "a comment of HTML over lines": lambda text: f"<!--\n{text}\n-->",
    "a comment of HTML behind words": lambda text: f"Hello <!--\n{text}\n-->",
    "a block of HTML": lambda text: f"<div>\n{text}\n</div>",
    "a table": lambda text: f"| {text} |\n|---|",
    "a sentence of mine": lambda text: f"I {text}",
    "a sentence of ours": lambda text: f"We should {text}",
    "a request": lambda text: f"Please {text}",
    "behind other words": lambda text: f"All is well, so {text}",
    "behind a number": lambda text: f"2. or so: {text}",
    "an explanation": lambda text: f"To get there, write `{text}`.",
    "letters in front": lambda text: f"x{text}",
}


@pytest.mark.parametrize("place", [pytest.param(each, id=name) for name, each in PLACES.items()])
def test_nothing_is_commanded_there(place):
    assert {text: read(place(text)) for text in COMMANDS} == {text: [] for text in COMMANDS}
    first = ("send-back", "", "first", "")
    assert {text: read(f"send back: first\n\n{place(text)}") for text in COMMANDS} == {
        text: [first] for text in COMMANDS
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        "hold on: I have a question",
        "hold the line: x",
        "holding until 2026-12-10: x",
        "cancel the meeting: x",
        "cancel it: x",
        "cancelled: x",
        "cancels: x",
        "resume work",
        "resume the call on Monday",
        "resumed",
        "waive the fee: x",
        "waived 1.4: x, until 2026-12-31",
        "I sign off 4.2",
        "4.2 sign off",
        "sign\noff 4.2",
        "signing off 4.2",
        "resign off 4.2",
        "sign offs 4.2",
        "unhold",
        "send back the laptop: it is broken",
        "send the form back: x",
        "Shall we cancel?",
        "My resume",
    ],
)
def test_is_no_command(body):
    assert read(body) == []


# --- laws -------------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *COMMANDS,
        *("sign off ", "hold", " until ", "2026-12-10", "waive ", "1.4", "4.5a", "cancel", "resume", "send back"),
        *(":", " - ", ", ", ".", "@carol ", "x", " ", "\n", "\n\n", "\r\n", "\t", "    ", "\u00a0", "\u202e", "\x00"),
        *("> ", ">>>\n", "- ", "1. ", "- [ ] ", "# ", "`", "``", "~~~\n", "**", "_", "~~", "|", "|-|\n", "[", "](x)"),
        *("<!--", "-->", "<div>\n", "</div>", "<b>", "\\"),
    ]
)
SOUP = st.lists(PIECES, max_size=30).map("".join)
ANYTHING = st.one_of(SOUP, st.text(max_size=200))


@given(st.one_of(ANYTHING, st.lists(st.sampled_from(["```", "```\n"]) | PIECES, max_size=30).map("".join)))
def test_any_text_is_read_without_a_crash_and_yields_sound_commands(body):
    found = parse_commands(body)
    assert len({(each.kind, each.code) for each in found}) == len(found) <= 20
    for each in found:
        assert each.kind in EXAMPLES
        assert re.fullmatch(r"(?:[0-9]+\.[0-9]+[a-z]?)?", each.code)
        assert each.line == each.line.strip()
        assert "\n" not in each.line + each.reason + each.until


@given(st.lists(st.integers(0, 9999), min_size=1, max_size=60, unique=True))
def test_a_comment_commands_at_most_twenty_things(numbers):
    body = "\n".join(f"sign off 1.{number}" for number in numbers)
    assert [each.code for each in parse_commands(body)] == [f"1.{number}" for number in numbers[:20]]


@given(ANYTHING.filter(lambda text: "```" not in text))
@example("sign off 4.2")
@example("</div>\n\nsign off 4.2")
def test_any_text_inside_a_fence_commands_nothing(text):
    assert parse_commands(f"```\n{text}\n```") == ()


@given(ANYTHING)
@example("```\nsign off 4.2\n```\nsign off 4.2")
@example("<!--\n\nsign off 4.2")
def test_any_text_that_is_quoted_commands_nothing(text):
    lines = re.split(r"\r\n|\r|\n", text)
    assert parse_commands("\n".join(f"> {line}" for line in lines)) == ()


@given(st.sampled_from(list(permutations(COMMANDS, 3))), st.sampled_from(["\n", "\n\n", "\nand\n"]))
def test_commands_are_read_in_the_order_of_their_lines(several, between):
    wanted = list(dict.fromkeys(each for text in several for each in COMMANDS[text]))
    assert read(between.join(several)) == wanted


@given(st.sampled_from(list(COMMANDS)), st.text("abc :;,.!?()/#", max_size=40))
def test_words_on_other_lines_change_nothing(command, words):
    assert read(f"So, {words}\n\n{command}\n\nWell, {words}") == COMMANDS[command]
