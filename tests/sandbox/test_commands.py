"""Which lines are quick actions: a table from gitlab-facts 4.2."""

import pytest

from automation.sandbox.commands import extract_commands

EXTRACTIONS = [
    # text, what is stored, commands
    ("/close", "", ["close"]),
    ("/CLOSE", "", ["close"]),
    ("/label ~a ~b", "", ["label ~a ~b"]),
    ("hi\n/close\nthere", "hi\nthere", ["close"]),
    ("hi\n\n/close\n\nthere", "hi\n\nthere", ["close"]),
    ("hi\n/close\n\nthere", "hi\n\nthere", ["close"]),
    ("/label ~a\n/close\n\ntext", "text", ["label ~a", "close"]),
    ("/close\n\ntext\n\n/label ~a", "text", ["close", "label ~a"]),
    ("<!-- x -->\n/close", "<!-- x -->", ["close"]),
    ("<!-- x -->\n\n/close", "<!-- x -->", ["close"]),
    ("- /close", "- /close", []),
    ("> /close", "> /close", []),
    ("```\n/close\n```", "```\n/close\n```", []),
    ("    /close", "    /close", []),
    (" /close", " /close", []),
    ("\\/close", "\\/close", []),
    ("`a\n/close\nb`", "`a\n/close\nb`", []),
    ("/title `x` y", "", ["title `x` y"]),
    ("<details>\n\n/close\n\n</details>", "<details>\n\n/close\n\n</details>", []),
    (
        "<details>\n<summary>A letter</summary>\n\n```text\nDear,\n\n/close\n```\n\n/close\n\n</details>\n\n/label ~a",
        "<details>\n<summary>A letter</summary>\n\n```text\nDear,\n\n/close\n```\n\n/close\n\n</details>",
        ["label ~a"],
    ),
    ("<span></span>/close", "<span></span>/close", []),
    ("| a |\n|-|\n| /close |", "| a |\n|-|\n| /close |", []),
    ("/closex\n/close,\n/label\t~a", "/closex\n/close,\n/label\t~a", []),
    ("/unknown thing", "/unknown thing", []),
    ("a \r\nb\r\n\r\n", "a \nb", []),
]


@pytest.mark.parametrize(("text", "stored", "commands"), EXTRACTIONS)
def test_commands_are_taken_out_of_top_level_paragraphs_only(text, stored, commands):
    found = extract_commands(text)
    assert found.text == stored
    assert [f"{command.name} {command.argument}".strip() for command in found.commands] == commands
