"""Which boxes a text has, and which of them an edit ticked: tables from gitlab-facts 1."""

import pytest

from automation.sandbox.tasks import build_task_note, escape_inline, find_tasks, judge_updated

COUNTS = [
    # text, boxes and ticked boxes of generation R, the same of generation P
    ("- [ ] a", (1, 0), (1, 0)),
    ("- [x] a\n- [X] b\n- [ ] c", (3, 2), (3, 2)),
    ("* [ ] a\n+ [ ] b\n1. [ ] c\n2) [ ] d", (4, 0), (4, 0)),
    ("- - [ ] a", (1, 0), (1, 0)),
    ("> - [x] a", (1, 1), (1, 1)),
    ("1. - [ ] a", (1, 0), (1, 0)),
    ("text\n- [ ] a", (1, 0), (1, 0)),
    ("- [~] a", (0, 0), (0, 0)),
    ("- [y] a", (0, 0), (0, 0)),
    ("- [] a\n- [ ]b\n[ ] c", (0, 0), (0, 0)),
    ("\\- [ ] a\n- \\[ ] b", (0, 0), (0, 0)),
    ("- [\u00a0] a", (0, 0), (1, 0)),
    ("- [ ]", (0, 0), (1, 0)),
    ("- [ ]\n- [ ] b", (1, 0), (2, 0)),
    ("-\n[ ] a", (1, 0), (0, 0)),
    ("```\n- [ ] a\n```\n- [x] b", (1, 1), (1, 1)),
    ("~~~\n- [ ] a\n~~~", (1, 0), (0, 0)),
    ("- x\n  ```\n  - [ ] a\n  ```", (1, 0), (0, 0)),
    ("```\n- [ ] a", (1, 0), (0, 0)),
    ("text\n\n    - [ ] a", (1, 0), (0, 0)),
    ("<!-- - [ ] a -->", (0, 0), (0, 0)),
    ("<!--\n- [ ] a\n-->\n- [x] b", (1, 1), (1, 1)),
    ("<details>\n\n- [ ] a\n\n</details>", (1, 0), (1, 0)),
    ("<details>\n- [ ] a\n</details>", (1, 0), (0, 0)),
    ("| a | b |\n|-|-|\n| [ ] | [x] |", (0, 0), (2, 1)),
    ("", (0, 0), (0, 0)),
    (None, (0, 0), (0, 0)),
]


@pytest.mark.parametrize(("text", "by_expression", "by_tree"), COUNTS)
def test_each_generation_counts_the_boxes_its_own_way(text, by_expression, by_tree):
    for generation, expected in (("R", by_expression), ("P", by_tree)):
        tasks = find_tasks(text, generation)
        assert (len(tasks), sum(task.is_complete for task in tasks)) == expected, generation


TICKS = [
    # before, after, notes
    ("- [ ] a\n- [ ] b", "- [ ] a\n- [x] b", ["marked the checklist item **b** as completed"]),
    ("- [x] a", "- [ ] a", ["marked the checklist item **a** as incomplete"]),
    ("- [ ] a\n- [x] b", "- [x] a\n- [ ] b", ["marked the checklist item **a** as completed",
                                              "marked the checklist item **b** as incomplete"]),
    ("- [ ] a", "- [x] other words", []),
    ("- [ ] a\n- [ ] b", "- [ ] new\n- [ ] a\n- [x] b", []),
    ("- [ ] a", "- [ ] a\n- [x] b", []),
    ("- [~] a", "- [x] a", []),
]  # fmt: skip


@pytest.mark.parametrize("generation", ["R", "P"])
@pytest.mark.parametrize(("before", "after", "notes"), TICKS)
def test_a_tick_is_found_by_position_and_unchanged_words(before, after, notes, generation):
    updated = judge_updated(find_tasks(before, generation), find_tasks(after, generation))
    assert [build_task_note(task) for task in updated] == notes


def test_identical_items_make_gitlab_name_the_wrong_one():
    """An item inserted above shifts all: with equal words another tick is reported than was made."""
    updated = judge_updated(find_tasks("- [x] a\n- [ ] a", "R"), find_tasks("- [ ] a\n- [x] a", "R"))
    assert len(updated) == 2


WORDS = [
    # item, text in the note of generation R, of generation P
    ("- [ ] **2.1** `x` done", "**2.1** `x` done", "2\\.1 x done"),
    ('- [ ] a = "1" <!-- k:v=4/c-o -->', 'a = "1" <!-- k:v=4/c-o -->', 'a \\= \\"1\\" k:v\\=4/c\\-o'),
    ("- [ ] see [page](https://x.org)", "see [page](https://x.org)", "see page"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "raw", "escaped"), WORDS)
def test_the_note_holds_raw_words_or_escaped_ones(text, raw, escaped):
    assert find_tasks(text, "R")[0].text == raw
    assert find_tasks(text, "P")[0].text == escaped


def test_control_characters_are_written_as_numbers():
    assert escape_inline("a\tb/c:d") == "a&#9;b/c:d"


HOSTILE = ["\n" * 10**6, "-" * 10**6, ">" * 10**6, "-\n" * 500_000, "```\n- [ ] a\n" * 50_000, "<!--\n" * 200_000]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:4]))
def test_hostile_text_of_a_megabyte_is_read(text):
    assert len(find_tasks(text + "]", "R")) <= text.count("[ ]")


@pytest.mark.parametrize("text", [">" * 40_000, "**a " * 40_000, "![" * 40_000], ids=lambda text: repr(text[:4]))
def test_deep_nesting_does_not_crash(text):
    assert find_tasks(text + "]", "P") == ()
