"""Say in plain words which texts changed: letters, templates, what the bot says; with the lines that changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from automation.core.changes.codes import is_kept, say_reused
from automation.core.changes.model import Change, quoted, told_apart
from automation.core.checklist import parse_sheet
from automation.core.model import Process
from automation.core.words import plain_words

_MOST_LINES = 12
_TITLE = re.compile(r"(?m)^title:[ \t]*[\"']?(.*?)[\"']?[ \t]*$")


def compare_letters(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    """Say what becomes of the letters; texts by path, letters/rules.yml among them."""
    return tuple(_compare(old, new, _letter, "has other words or another head"))


def compare_templates(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    """Say what becomes of the templates; texts by path. Issues that are there keep their text."""
    return tuple(_compare(old, new, _template, "reads differently, for new handovers; those under way keep their text"))


def compare_comments(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    """Say that the bot speaks otherwise; texts by path."""
    changed = [path for path in dict.fromkeys((*new, *old)) if old.get(path) != new.get(path)]
    lines = tuple(line for path in changed for line in _lines(old.get(path, ""), new.get(path, "")))
    return (Change("The bot's comments have other words.", lines=lines[:_MOST_LINES]),) if changed else ()


def compare_guards(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    """Say that what watches over changes has changed: the pipeline, what it runs, who must approve; texts by path."""
    changed = [path for path in dict.fromkeys((*new, *old)) if old.get(path) != new.get(path)]
    return tuple(Change(_guard(path, old, new), lines=tuple(_guard_lines(path, old, new))) for path in changed)


def _guard(path: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    become = "is new" if path not in old else "is no longer there" if path not in new else "changes"
    return f"{path} {become}."


def _guard_lines(path: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[str]:
    return _lines(old[path], new[path]) if path in old and path in new else ()


def find_rewordings(process: Process, old: str, new: str, titles: Mapping[str, str]) -> Iterator[Change]:
    """Find boxes of a template that read differently and count as the same ones: only people can tell.

    *titles* are the former titles of the schema, by code: what became of these is told with the schema.
    """
    before = {box.code: plain_words(box.words) for box in parse_sheet(old).boxes if box.code in process.items}
    for box in parse_sheet(new).boxes:
        was, now = before.get(box.code), plain_words(box.words)
        if (was, now) == (titles.get(box.code), process.items[box.code].title if was is not None else None):
            continue
        if was is not None and was != now and is_kept(process, box.code, was, now):
            said = (
                f"Box {box.code} of the template {quoted(process.template)} reads differently: {told_apart(was, now)}."
            )
            yield Change(f"{said} Please read: is it the same box as before?")


def judge_template_codes(process: Process, old: str, new: str) -> Iterator[tuple[int, str]]:
    """Find boxes of a template that mean something else than before, each with its line in the new text."""
    before = {box.code: plain_words(box.words) for box in parse_sheet(old).boxes if box.code in process.items}
    for box in parse_sheet(new).boxes:
        was, now = before.get(box.code), plain_words(box.words)
        if was is not None and was != now and not is_kept(process, box.code, was, now):
            yield box.line, say_reused(box.code, was, now)


def _compare(
    old: Mapping[str, str], new: Mapping[str, str], name: Callable[[str, str], str], what: str
) -> Iterator[Change]:
    for path in dict.fromkeys((*new, *old)):
        before, after = old.get(path), new.get(path)
        if before == after:
            continue
        title = name(path, after if after is not None else before or "")
        if before is None:
            yield Change(f"{title} is new.")
        elif after is None:
            yield Change(f"{title} is no longer there.")
        else:
            yield Change(f"{title} {what}.", lines=tuple(_lines(before, after)))


def _letter(path: str, text: str) -> str:
    if not path.endswith(".md.j2"):
        return f"What all letters must say, or must not ({path}),"
    match = _TITLE.search(text)
    return f"The letter {quoted(match[1] if match else path)}"


def _template(path: str, _text: str) -> str:
    return f"The template {quoted(path.rsplit('/', 1)[-1].removesuffix('.md'))}"


def _lines(before: str, after: str) -> Iterable[str]:
    """Yield the first lines that changed, "- " or "+ " before each, and how many more there are."""
    found = [
        f"{line[0]} {line[1:].strip()}"
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        if line[:1] in "+-" and line[:3] not in ("+++", "---") and line[1:].strip()
    ]
    yield from found[:_MOST_LINES]
    if len(found) > _MOST_LINES:
        yield f"and {len(found) - _MOST_LINES} more lines"
