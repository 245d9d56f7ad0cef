"""Who must approve a change of which file: CODEOWNERS as GitLab reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SECTION = re.compile(r"(\^?)\[([^\]]+)\](?:\[\d+\])?(.*)")
# A user or group, a role (@@maintainer), or a mail address.
_OWNER = re.compile(r"@{1,2}[\w./-]+|[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its pattern, and whether somebody is named for it. ``section`` is its heading, small letters.

    ``is_optional``: the section begins with ^, so that its approval is not needed. ``is_exclusion``: the line begins
    with !, and takes files out again.
    """

    pattern: str
    is_owned: bool
    section: str = ""
    is_optional: bool = False
    is_exclusion: bool = False


def parse_code_owners(text: str) -> tuple[Entry, ...]:
    """Read CODEOWNERS: sections with the owners that their lines have by default, patterns with theirs."""
    return tuple(_parse(text))


def _parse(text: str) -> Iterator[Entry]:
    section, is_optional, is_owned = "", False, False
    for line in (each.strip() for each in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        match = _SECTION.fullmatch(line)
        if match is not None:
            section, is_optional, is_owned = match[2].strip().lower(), bool(match[1]), bool(_OWNER.search(match[3]))
            continue
        pattern, _, owners = re.sub(r"\\([ #])", lambda found: found[1] if found[1] == "#" else "\0", line).partition(
            " "
        )
        is_exclusion = pattern.startswith("!")
        named = bool(_OWNER.search(owners)) or is_owned
        yield Entry(pattern.removeprefix("!").replace("\0", " "), named, section, is_optional, is_exclusion)


def is_owned(entries: Sequence[Entry], path: str) -> bool:
    """Tell whether somebody must approve a change of *path*: in some section its last line that fits names owners."""
    for section in dict.fromkeys(entry.section for entry in entries):
        fitting = [entry for entry in entries if entry.section == section and _fits(entry.pattern, path)]
        if fitting and not any(entry.is_exclusion for entry in fitting):
            last = fitting[-1]
            if last.is_owned and not last.is_optional:
                return True
    return False


def _fits(pattern: str, path: str) -> bool:
    """Tell whether a pattern means a file: without a leading slash at any depth, a folder with all that is in it."""
    if pattern == "*":
        return True
    wanted = pattern if pattern.startswith("/") else f"/**/{pattern}"
    wanted = f"{wanted}**/*" if wanted.endswith("/") else wanted
    return re.fullmatch(_translate(wanted), f"/{path}") is not None


def _translate(pattern: str) -> str:
    """Turn a pattern into a regular expression; * and ? stay within a folder, **/ spans any number of them."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meaning = {"**/": "(?:[^/]+/)*", "**": "[^/]*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meaning.get(part, re.escape(part)) for part in parts)
