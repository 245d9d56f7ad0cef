"""Put words from a schema into Markdown and Mermaid so that they stay words, whatever characters they have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# What GitLab could take for markup wherever it stands; then what it takes for a reference or an entity before a word,
# for an emoji, for a list or a heading at the beginning of a line.
_LINK = re.compile(r"(https?://[^\s<>`|\\]*[\w/=&#+-])")
_MARKUP = re.compile(r"[\\`*_\[\]<>|{}$]")
_REFERENCE = re.compile(r"[#@!~%&^](?=\w|#)")
_EMOJI = re.compile(r":(?=[\w+-]+:)")
_LEADING = re.compile(r"^(?:([-+=#>~:])|([0-9]+)([.)]))(?=[-+=#>~:\s]|$)")
# Mermaid reads these as they are in a quoted label; everything else is written by its number.
_PLAIN_IN_MERMAID = frozenset(" ,-/()+'")


def escape_markdown(text: str) -> str:
    """Write *text*, joined to one line, so that GitLab shows it as it is, in a table too. Links stay links."""
    parts = _LINK.split(" ".join(text.split()))
    line = "".join(f"<{part}>" if place % 2 else _escape(part) for place, part in enumerate(parts))
    return _LEADING.sub(lambda match: f"{match[2] or ''}\\{match[1] or match[3]}", line)


def _escape(text: str) -> str:
    marked = _MARKUP.sub(r"\\\g<0>", text)
    return _EMOJI.sub(r"\\:", _REFERENCE.sub(r"\\\g<0>", marked))


def escape_all(value: Any) -> Any:
    """Escape every text in a tree of mappings and sequences for Markdown; keys and all else stay as they are."""
    if isinstance(value, str):
        return escape_markdown(value)
    if isinstance(value, Mapping):
        return {key: escape_all(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [escape_all(each) for each in value]
    return value


def mermaid_label(*lines: str) -> str:
    """Write a label of a Mermaid flowchart, quoted, of one or several lines; empty lines are left out.

    Characters by their number are Mermaid's own way out; a full stop is among them, as "1. " would be read as a list.
    """
    return f'"{"<br/>".join(_by_number(" ".join(line.split())) for line in lines if line.strip())}"'


def _by_number(line: str) -> str:
    shown = [each if each.isalnum() or each in _PLAIN_IN_MERMAID else f"#{ord(each)};" for each in line]
    if shown[0] in "-+":
        shown[0] = f"#{ord(shown[0])};"
    return "".join(shown)
