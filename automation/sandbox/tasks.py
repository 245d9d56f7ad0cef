"""Task lists: which boxes a text has, and which of them an edit ticked (gitlab-facts 1 and 2).

Generation R is GitLab up to about 18.5 (a regular expression over the raw text); generation P renders the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import comrak

from automation.sandbox.markdown import read_tree, walk

Generation = Literal["R", "P"]

# GitLab lets the prefixes run over line ends too; an item further down is found at its own line anyway, in linear time.
_ITEM = re.compile(
    r"^(?:>[ \t\r\n\f\v]{0,4})*[ \t\r\f\v]*(?:[-+*]|[0-9]+[.)])(?:[ \t\r\f\v]*(?:[-+*]|[0-9]+[.)]))*"
    r"\s+\[(?P<box>[\sxX])\](?P<label>\s.+)",
    re.ASCII | re.MULTILINE,
)
_FENCE_END = re.compile(r"``` *$")
_COMMENT_LINE = re.compile(r"<!-- .* -->[ \t]*$")
_ESCAPED = re.compile(r"[*_\[\]#<>\\`~!&\-+=.()\"]")
_CONTROL = re.compile(r"[\x00-\x1f]")
_AS_WRITTEN = comrak.RenderOptions(unsafe_=True)


@dataclass(frozen=True, slots=True)
class Task:
    """One box: *source* decides whether two versions are the same item, *text* stands in the note."""

    text: str
    source: str
    is_complete: bool


@lru_cache(maxsize=1024)
def find_tasks(text: str | None, generation: Generation) -> tuple[Task, ...]:
    """Return the boxes of *text* that a server of *generation* counts, in order."""
    if not text or "]" not in text:
        return ()
    if generation == "R":
        return tuple(_find_by_expression(text))
    return read_tree(text, lambda root: tuple(_find_by_tree(root)))


def judge_updated(before: Sequence[Task], after: Sequence[Task]) -> tuple[Task, ...]:
    """Return the boxes of *after* that GitLab takes for ticked or unticked: it compares by position."""
    pairs = zip(before, after, strict=False)
    return tuple(new for old, new in pairs if old.source == new.source and old.is_complete != new.is_complete)


def build_task_note(task: Task) -> str:
    """Word the system note of one tick."""
    return f"marked the checklist item **{task.text}** as {'completed' if task.is_complete else 'incomplete'}"


def escape_inline(text: str) -> str:
    """Escape *text* as generation P does in its notes."""
    escaped = _ESCAPED.sub(lambda found: "\\" + found.group(), text)
    return _CONTROL.sub(lambda found: f"&#{ord(found.group())};", escaped)


def _find_by_expression(text: str) -> Iterator[Task]:
    if "```" in text or "<!--" in text:
        yield from _find_outside_blocks(text)
    else:
        yield from map(_read_item, _ITEM.finditer(text))


def _read_item(found: re.Match[str]) -> Task:
    label = found["label"].strip()
    return Task(label, label, found["box"] in "xX")


def _find_outside_blocks(text: str) -> Iterator[Task]:
    lines = text.split("\n")
    fence_ends = _find_ends([_FENCE_END.match(line) is not None for line in lines])
    comment_ends = _find_ends([line.rstrip().endswith("-->") for line in lines])
    index, offset = 0, 0
    while index < len(lines):
        following = _skip_swallowed(lines[index], index, fence_ends, comment_ends)
        if following == index:
            following = index + 1
            if found := _ITEM.match(text, offset):
                yield _read_item(found)
                following += text.count("\n", offset, found.end())
        offset += sum(len(line) + 1 for line in lines[index:following])
        index = following


def _find_ends(is_end: Sequence[bool]) -> list[int]:
    """Return for each line the first end after it, or 0 for none: looked up once, so hostile text stays linear."""
    ends, last = [0] * len(is_end), 0
    for index in range(len(is_end) - 1, -1, -1):
        ends[index] = last
        last = index if is_end[index] else last
    return ends


def _skip_swallowed(line: str, index: int, fence_ends: Sequence[int], comment_ends: Sequence[int]) -> int:
    """Return the line after the code block or HTML comment that opens here, or *index* when none does."""
    if line.startswith("```") and fence_ends[index]:
        return fence_ends[index] + 1
    if line.startswith("<!--"):
        if _COMMENT_LINE.match(line):
            return index + 1
        if comment_ends[index]:
            return comment_ends[index] + 1
    return index


def _find_by_tree(root: comrak.AstNode) -> Iterator[Task]:
    for node in walk(root):
        if not isinstance(node.node_value, comrak.TaskItem):
            continue
        symbol = node.node_value.value.symbol
        if symbol is None or symbol.isspace() or symbol in "xX":
            paragraph = next(iter(node.children), None)
            has_text = paragraph is not None and isinstance(paragraph.node_value, comrak.Paragraph)
            text = _read_text(paragraph) if paragraph is not None and has_text else ""
            source = (
                comrak.format_html(paragraph, render_options=_AS_WRITTEN) if paragraph is not None and has_text else ""
            )
            yield Task(escape_inline(text), source, symbol is not None and symbol in "xX")


def _read_text(paragraph: comrak.AstNode) -> str:
    """Return what a reader sees of *paragraph*; GitLab leaks the inside of HTML comments into it."""
    return "".join(_read_inline(node.node_value) for node in walk(paragraph)).strip()


def _read_inline(value: object) -> str:
    match value:
        case comrak.Text():
            return value.value
        case comrak.Code() | comrak.Math():
            return value.value.literal
        case comrak.SoftBreak() | comrak.LineBreak():
            return "\n"
        case comrak.HtmlInline() if value.value.startswith("<!--"):
            return value.value.removeprefix("<!--").removesuffix("-->").strip()
        case _:
            return ""
