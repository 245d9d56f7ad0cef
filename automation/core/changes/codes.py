"""Does a code still mean what it meant? A box is known by its code for ever (design, decision 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from automation.core.changes.model import Place, quoted
from automation.core.changes.wording import is_same_meaning, is_worded_as
from automation.core.model import Process

Found = tuple[Place, str]


def judge_codes(earlier: Process, later: Process) -> Iterator[Found]:
    """Find codes that mean something else in *later*, and boxes that go by another code there.

    *later* is a later state of the same version, or a later version. Each with its place in *later*.
    """
    before = {code: item.title for code, item in earlier.items.items()}
    moved = dict(_find_moves(before, later))
    for old_code, new_code in moved.items():
        message = (
            f"box {new_code} has the words that box {old_code} had: {quoted(before[old_code])}. A box is never"
            f" renumbered, for people and GitLab's notes know it by its code: give it the code {old_code} again."
        )
        yield _place(later, new_code), message
    for code, title in before.items():
        item = later.items.get(code)
        if item is not None and code not in moved.values() and not is_kept(later, code, title, item.title):
            yield _place(later, code), say_reused(code, title, item.title)


def judge_since(earlier: Process, later: Process) -> Iterator[Found]:
    """Find boxes and lines whose ``x-since``, where it is given, is not the version that brought them."""
    known = {*earlier.items, *earlier.fields}
    for place, about in _elements(later):
        since = about.get("x-since")
        if since is None:
            continue
        name = place[-1]
        if name in known and since > earlier.version:
            yield (*place, "x-since"), f"version {earlier.version} has {name} already: write that or less."
        elif name not in known and not min(earlier.version + 1, later.version) <= since <= later.version:
            yield (*place, "x-since"), f"{name} comes with version {later.version}: write that."


def _find_moves(before: Mapping[str, str], later: Process) -> Iterator[tuple[str, str]]:
    """Find boxes that are gone, or say something else, and whose very words another box has now that had other ones."""
    for old_code, title in before.items():
        if old_code in later.items and is_kept(later, old_code, title, later.items[old_code].title):
            continue
        for new_code, item in later.items.items():
            is_new_there = new_code not in before or not is_same_meaning(before[new_code], title)
            if new_code != old_code and is_new_there and is_worded_as(title, item.title):
                yield old_code, new_code
                break


def is_kept(process: Process, code: str, old: str, new: str) -> bool:
    """Tell whether a box still says what it said; its ``x-previously`` vouches for words that are quite others."""
    about = process.schema["properties"][process.items[code].section]["properties"][code]
    return any(is_worded_as(each, old) for each in about.get("x-previously", ())) or is_same_meaning(old, new)


def say_reused(code: str, old: str, new: str) -> str:
    """Say that a code got another meaning, and the two ways out."""
    return (
        f"box {code} means something else than before: {quoted(old)} became {quoted(new)}. A code is never used again:"
        f" give the new box a new code. If it says the same in other words, add"
        f' "x-previously": [{_as_json(old)}] to box {code}.'
    )


def _as_json(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _place(process: Process, code: str) -> Place:
    return ("properties", process.items[code].section, "properties", code, "title")


def _elements(process: Process) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for section, about in process.schema["properties"].items():
        for name, element in about.get("properties", {}).items():
            yield ("properties", section, "properties", name), element
