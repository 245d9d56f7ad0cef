"""Markdown read with comrak, set as GitLab sets it; trees are taken apart after use."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import comrak

_T = TypeVar("_T")

# A nesting deeper than this many openers could overflow the 8 MiB stack of an ordinary thread (about 28,000 levels).
_DEEP = 8_000
_DEEP_STACK = 512 * 1024 * 1024
_OPENERS = re.compile(r"[*_~\[>]")
_STACK_SIZE_LOCK = threading.Lock()

_EXTENSIONS = comrak.ExtensionOptions(
    alerts=True,
    autolink=True,
    cjk_friendly_emphasis=True,
    description_lists=True,
    footnotes=True,
    math_code=True,
    math_dollars=True,
    multiline_block_quotes=True,
    strikethrough=True,
    table=True,
    tasklist=True,
    wikilinks_title_before_pipe=True,
)
_PARSING = comrak.ParseOptions(relaxed_tasklist_matching=True, tasklist_in_table=True, relaxed_autolinks=True)


def read_tree(text: str, read: Callable[[comrak.AstNode], _T]) -> _T:
    """Parse *text*, return what *read* makes of the root, and free the tree.

    comrak never frees a tree by itself (parent and child hold each other), so nothing of it may leave *read*.
    """
    if len(text) > _DEEP and len(_OPENERS.findall(text)) > _DEEP:
        return _run_on_large_stack(lambda: _read_tree(text, read))
    return _read_tree(text, read)


def walk(root: comrak.AstNode) -> Iterator[comrak.AstNode]:
    """Yield *root* and everything below it in the order of the text, without recursion."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _read_tree(text: str, read: Callable[[comrak.AstNode], _T]) -> _T:
    root = comrak.parse_document(text, _EXTENSIONS, _PARSING)
    try:
        return read(root)
    finally:
        for node in list(walk(root)):
            node.parent = None
            node.children = []


def _run_on_large_stack(work: Callable[[], _T]) -> _T:
    """Run *work* in a thread whose stack hostile nesting cannot exhaust; only what is used costs memory."""
    results: list[_T] = []
    with _STACK_SIZE_LOCK:
        before = threading.stack_size(_DEEP_STACK)
        try:
            thread = threading.Thread(target=lambda: results.append(work()))
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    return results[0]
