"""The letters of this repository agree with their processes, and every mistake in one is named with file and line."""

from __future__ import annotations

import re
import shutil

import pytest

from automation.core.configuration import LetterSettings
from automation.core.letters.markup import to_text
from automation.core.letters.templates import Names, find_flaws
from automation.core.letters.values import sample_values
from automation.edge.documents import load_json
from automation.edge.letters import check_links, load_heads, load_letters
from automation.edge.repository import check_repository, load_repository
from automation.errors import RepositoryError
from tests.builders import ROOT, sample_book

LETTER = "letters/cse-plus-transition.md.j2"
ROLE = "letters/cse-role.md.j2"
RULES = "letters/rules.yml"
CONFIG = ".gitlab/handover.yml"
REPOSITORY = load_repository(ROOT)
NAMES = sorted(REPOSITORY.letters.letters)


@pytest.fixture
def copy(tmp_path):
    """A repository with the letters of tests/letters: what people change in letters/ breaks none of these tests."""
    for each in ("schemas", ".gitlab"):
        shutil.copytree(ROOT / each, tmp_path / each)
    shutil.copytree(ROOT / "tests/letters", tmp_path / "letters")
    shutil.copy(ROOT / ".gitlab-ci.yml", tmp_path)
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}: the test no longer tests anything"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


SHIPPED = [
    "cse-plus-transition",
    "cse-role",
    "csm-change",
    "csm-introduction",
    "disengagement-follow-up",
    "initial-engagement",
    "welcome-call-invitation",
]


def test_there_are_the_letters_that_the_processes_need():
    assert {*SHIPPED} <= {*NAMES}


MISTAKES = [
    # file, what is there, what is written instead, part of the message; the line is where the change begins
    (LETTER, "process: csm-to-cse-plus", "process: csm-to-nobody", "there is no process `csm-to-nobody`"),
    (LETTER, "stage: customer-communication", "stage: letters", "has no stage `letters`"),
    (LETTER, "from: csm", "from: cms", "has no role `cms`"),
    (LETTER, "to: [customer]", "to: [client]", "has no role `client`"),
    (LETTER, "cc: [ae]", "cc: [gainsight]", "has no role `gainsight`"),
    (LETTER, 'signed: ["5.2"]', 'signed: ["5.22"]', "has no box 5.22"),
    (LETTER, 'signed: ["5.2"]', "signed: [5.2]", "5.2 is not of type 'string'"),
    (LETTER, 'ticks: ["5.1", "5.3"]', 'ticks: ["9.1"]', "has no box 9.1"),
    (LETTER, "agreed_on: letter_planned_for", "agreed_on: letter_planned", "has no date `letter_planned`"),
    (LETTER, "agreed_on: letter_planned_for", "agreed_on: seats", "has no date `seats`"),
    (LETTER, "sent_on: letter_sent_on", "sent_on: completed_on", "nothing compares `completed_on`"),
    (LETTER, "version: 1", "version: one", "a whole number from 1"),
    (LETTER, "audience: customer", "audience: everybody", "audience"),
    (LETTER, "version: 1", "version: 1\nversoin: 2", "versoin"),
    (LETTER, "- internal-words", "- internal-wrods", "there is no rule `internal-wrods`"),
    (LETTER, "{handover_date}", "{handover_dat}", "there is no field or role `handover_dat`"),
    (RULES, "<date>", "<day>", "unknown"),
    (LETTER, 'subject: "{{ customer }}', 'subject: "{{ custommer }}', "no field or role `custommer`"),
    (LETTER, "source: [S0-46]", "source: [S0-9999]", "there is no row S0-9999"),
    (LETTER, "Dear {{ customer }}", "Dear {{ customer.__class__ }}", "cannot read `.__class__`"),
    (LETTER, "Dear {{ customer }}", "Dear {% for x in range(10**9) %}{% endfor %}", "over a list of the handover only"),
    (LETTER, "Dear {{ customer }}", "Dear {{ costumer }}", "no field or role `costumer`"),
    (LETTER, "Dear {{ customer }}", "Dear {{ customer }", "unexpected '}'"),
    (LETTER, '{% include "cse-role" %}', '{% include "/etc/passwd" %}', 'by its name ("cse-role")'),
    (LETTER, "https://docs.gitlab.com", "https://docs.example.com", "docs.example.com"),
    (LETTER, "https://docs.gitlab.com", "http://docs.gitlab.com", "https"),
    (LETTER, "Dear {{ customer }}", "Dear [CUSTOMER]", "[CUSTOMER]"),
    (LETTER, "as a pool", "as your dedicated team", "It must not say this"),
    (LETTER, "Thank you", "Your ARR of 2M USD is great. Thank you", "It must not say this"),
    (
        ROLE,
        "They also run regular webinars",
        "They run a webinar on 3 March. They run webinars",
        "It must not say this",
    ),
    (RULES, "dedicated:", "Dedicated:", "does not match"),
    (RULES, "  source: [S0-109]\n", "", "'source' is a required property"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES, ids=[f"{new[:40]}" for _, _, new, _ in MISTAKES])
def test_a_mistake_is_named_with_its_file_and_line(copy, file, old, new, said):
    line = change(copy / file, old, new)
    problems = [each for each in check_repository(copy) if said in each.message]
    assert problems, [str(each) for each in check_repository(copy)]
    found = [each for each in problems if each.path == file]
    assert any(abs(each.line - line) <= 5 for each in found), (line, [str(each) for each in problems])


def test_a_letter_that_no_longer_says_what_it_must_is_named(copy):
    change(copy / LETTER, "The CSEs don't join our calls about this change; those", "Our calls about this change")
    problems = check_repository(copy)
    assert [each.path for each in problems] == [LETTER]
    assert "CSEs do not join calls" in problems[0].message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with its head"),
        ("Hello", "begins with its head"),
        ("---\ntitle: x\n", "begins with its head"),
        ("---\ntitle: [\n---\nHello", "this is not YAML"),
        ("---\n- x\n---\nHello", "object"),
        ("---\na: &a [x]\nb: *a\n---\nHello", "write out"),
        ("---\ntitle: x\ntitle: y\n---\nHello", "stands twice"),
    ],
)
def test_a_file_without_a_sound_head_is_named(copy, text, said):
    (copy / LETTER).write_text(text, encoding="utf-8")
    found = [each for each in check_repository(copy) if each.path == LETTER]
    assert any(said in each.message for each in found), found


def test_a_letter_of_ten_megabytes_is_refused_without_being_read(copy):
    with (copy / LETTER).open("a", encoding="utf-8") as file:
        file.write("x" * 10_000_000)
    (problem, *_) = check_repository(copy)
    assert (problem.path, problem.line) == (LETTER, 1)
    assert "a letter has at most 100,000" in problem.message


def test_a_letter_that_is_no_utf_8_is_named(copy):
    (copy / LETTER).write_bytes(b"---\ncaf\xe9\n---\n")
    assert any("cannot be read" in each.message and each.path == LETTER for each in check_repository(copy))


def test_windows_line_ends_change_nothing(copy):
    text = (copy / LETTER).read_text(encoding="utf-8")
    (copy / LETTER).write_bytes(text.replace("\n", "\r\n").encode())
    assert check_repository(copy) == ()
    assert load_repository(copy).letters.letters["cse-plus-transition"].body == text.split("---\n", 2)[2]


def test_a_file_with_a_bad_name_is_named(copy):
    shutil.copy(copy / LETTER, copy / "letters/My Letter.md.j2")
    assert any("small letters" in each.message for each in check_repository(copy))


def test_a_repository_without_an_address_of_gainsight_is_one(copy):
    """The draft then names Gainsight among those to add by hand: every key but `roles` has a default."""
    change(copy / CONFIG, "  gainsight_bcc: timeline@example.com\n", "")
    assert check_repository(copy) == ()
    assert load_repository(copy).configuration.letters.gainsight_bcc == ""


def test_a_repository_without_letters_is_one(copy):
    shutil.rmtree(copy / "letters")
    (copy / "schemas/letter.schema.json").unlink()
    assert check_repository(copy) == ()
    assert dict(load_repository(copy).letters.letters) == {}


def test_a_letter_fits_the_versions_of_its_process_that_all_it_includes_fits_too(copy):
    schema = "schemas/csm-to-cse-plus.schema.json"
    shutil.copy(copy / schema, copy / "schemas/csm-to-cse-plus.v1.schema.json")
    change(copy / schema, '"version": 1', '"version": 2')
    change(copy / ".gitlab/issue_templates/CSM to CSE+ Handover.md", "version 1", "version 2")
    change(
        copy / schema, '"renewal_manager":    {"title": "Renewal manager"', '"new_fact": {"title": "Renewal manager"'
    )
    change(copy / ROLE, "To get their help", "{{ new_fact }}. To get their help")
    book = load_repository(copy).letters
    assert {name: book.versions[name] for name in ("cse-role", "cse-plus-transition")} == {
        "cse-role": frozenset({2}),
        "cse-plus-transition": frozenset({2}),
    }


def test_triage_does_not_run_with_a_letter_that_cannot_be_filled_in(copy):
    change(copy / LETTER, "Dear {{ customer }}", "Dear {{ custommer }}")
    with pytest.raises(RepositoryError, match="custommer"):
        load_repository(copy)


def test_words_that_are_wrong_stop_no_triage(copy):
    change(copy / LETTER, "Dear {{ customer }}", "Dear [CUSTOMER]")
    assert check_repository(copy) != ()
    assert load_repository(copy).letters.letters


def test_the_default_of_the_links_is_that_of_the_schema():
    schema = load_json(ROOT, "schemas/config.schema.json").content
    letters = schema["properties"]["letters"]["properties"]
    assert tuple(letters["allowed_links"]["default"]) == LetterSettings().allowed_links
    assert letters["draft"]["default"] == LetterSettings().draft


# --- the description --------------------------------------------------------------------------------------------------

DESCRIPTION = (ROOT / "docs/letters.md").read_text(encoding="utf-8")


def test_the_example_of_the_description_is_a_sound_letter(copy):
    (example,) = re.findall(r"```yaml\n(---\n.*?)```", DESCRIPTION, re.DOTALL)
    (copy / "letters/example.md.j2").write_text(example, encoding="utf-8")
    assert check_repository(copy) == ()
    assert load_repository(copy).letters.letters["example"].ticks == ("5.1", "5.3")


def test_the_description_names_every_key_of_a_head_and_no_other():
    rows = re.findall(r"(?m)^\| ((?:`[a-z_]+`(?:, )?)+) \|", DESCRIPTION.split("| In the head |")[1].split("\n\n")[0])
    named = {key for row in rows for key in re.findall(r"`([a-z_]+)`", row)}
    assert named == set(load_json(ROOT, "schemas/letter.schema.json").content["properties"])


def test_what_the_description_lists_may_stand_in_a_letter():
    table = DESCRIPTION.split("| In the text |")[1].split("\n\n")[0]
    snippets = [each.replace("\\|", "|") for each in re.findall(r"`(\{[{%#][^`]*)`", table)]
    snippets = [each for each in snippets if not each.startswith(("{% for", "{% endfor"))]
    names = Names({"customer", "handover_date", "health", "cause"}, {"key_people"}, frozenset({"ae"}))
    assert len(snippets) >= 8
    assert [find_flaws(each, names, {"cse-role": ""}) for each in snippets] == [()] * len(snippets)


# --- links ------------------------------------------------------------------------------------------------------------


def test_every_link_is_asked_once_and_a_bad_one_named_where_it_stands():
    asked = []

    def ask(links):
        asked.extend(links)
        return {link: "It is gone." if "docs.gitlab.com" in link else "" for link in asked}

    problems = check_links(sample_book(), REPOSITORY.processes, ask)
    assert len(asked) == len(set(asked)) > 5
    assert [each.path for each in problems] == [LETTER]
    lines = (ROOT / "tests" / LETTER).read_text(encoding="utf-8").split("\n")
    (found,) = problems
    assert "https://docs.gitlab.com" in lines[found.line - 1]
    assert found.message == "https://docs.gitlab.com: It is gone."


def test_without_a_network_one_sentence_is_enough():
    problems = check_links(sample_book(), REPOSITORY.processes, lambda links: dict.fromkeys(links, "No such host."))
    assert len(problems) == 1
    assert "No such host. Is there a network?" in problems[0].message


def test_nothing_is_asked_unless_wanted_nor_while_a_link_is_not_allowed(copy):
    asked = []
    check_repository(copy)
    change(copy / LETTER, "https://docs.gitlab.com", "https://docs.example.com")
    check_repository(copy, lambda links: asked.extend(links) or {})
    assert asked == []


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_every_letter_cites_the_rows_that_it_carries_out(name):
    (head,) = (each for each in load_heads(ROOT) if each.path == f"letters/{name}.md.j2")
    cited = {
        row
        for key in ("must_say", "must_not_say")
        for rule in head.content[key]
        if isinstance(rule, dict)
        for row in rule["source"]
    }
    assert cited | set(head.content.get("source", ()))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_letter_can_be_read_aloud_in_two_minutes(name):
    """Some 300 words: more than that nobody reads to the end."""
    book = REPOSITORY.letters
    letter = book.letters[name]
    process = REPOSITORY.processes[letter.process, 1]
    values = next(iter(sample_values(process, book.names_in(letter), letter.when)))
    text = book.fill_in(letter, values).text
    assert 30 < len(text.split()) < 330
    assert all(len(paragraph.split()) < 90 for paragraph in text.split("\n\n"))


def test_only_the_mail_of_a_dedicated_csm_says_dedicated():
    said = {name for name, letter in REPOSITORY.letters.letters.items() if "dedicated" in to_text(letter.body)}
    assert said == {"initial-engagement"}


def test_the_same_files_give_the_same_letters(copy):
    assert dict(load_letters(copy, REPOSITORY.processes).letters) == dict(sample_book().letters)
