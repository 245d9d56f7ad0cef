"""Read Markdown as GitLab renders it, into plain values. The only module that knows comrak."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import comrak

SpanKind = Literal["text", "strong", "emphasis", "code", "link", "struck", "comment"]
BlockKind = Literal["box", "paragraph", "heading", "item"]
MarkKind = Literal["paragraph", "heading", "bullets", "numbers", "item", "strong", "emphasis", "link", "text", "break"]
_Read = TypeVar("_Read", bound=tuple[object, ...])

# Deeply nested text overflows comrak's recursive parser and would end the process. Nothing nests without one of these
# characters, so a stretch of text that holds few of them is parsed on the ordinary stack.
_NESTING = re.compile(r"[*_~\[>]")
_NESTING_LIMIT = 2_000
_DEEP_STACK_BYTES = 512 * 1024 * 1024
_stack_size_lock = threading.Lock()

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
_OPTIONS = comrak.ParseOptions(
    relaxed_autolinks=True, relaxed_tasklist_matching=True, tasklist_in_table=True, smart=False
)
_COMMENT = re.compile(r"<!--(.*?)-*-->", re.DOTALL)
_QUOTES = frozenset({"BlockQuote", "MultilineBlockQuote", "Alert", "FootnoteDefinition"})
_SPAN_KINDS: dict[str, SpanKind] = {"Strong": "strong", "Emph": "emphasis", "Strikethrough": "struck"}
_MARK_KINDS: dict[str, MarkKind] = {
    "Paragraph": "paragraph",
    "Heading": "heading",
    "Item": "item",
    "Strong": "strong",
    "Emph": "emphasis",
    "Link": "link",
}


class UnreadableMarkdownError(Exception):
    """The text cannot be parsed on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of inline text. *url* is set for links only. A reader does not see a comment; tags leave no span."""

    kind: SpanKind
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading or task item.

    ``lines`` are the source lines of the text, each a tuple of spans. ``symbol`` is what stands in the brackets of a
    box (a blank one is " "). ``depth`` counts the list items around the block, its own included. ``ordered`` says that
    the innermost list is a numbered one. ``line`` is 1-based.
    """

    kind: BlockKind
    line: int
    lines: tuple[tuple[Span, ...], ...]
    symbol: str = ""
    depth: int = 0
    is_quoted: bool = False
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A step through a text in reading order: something begins or ends, or there are words or a hard line break.

    ``text`` belongs to a text and ``url`` to a link. ``first`` is the number of the first item of a list, and
    ``is_tight`` says that no blank lines stand between its items.
    """

    kind: MarkKind
    is_end: bool = False
    text: str = ""
    url: str = ""
    first: int = 1
    is_tight: bool = False


def parse_blocks(text: str) -> tuple[Block, ...]:
    """Parse *text* into its blocks in reading order.

    Code, HTML and comments yield no block. Text of any size and nesting is read.

    Raises:
        UnreadableMarkdownError: the machine has too little memory for text that nests this deeply.
    """
    return _read(text, _parse)


def parse_marks(text: str) -> tuple[Mark, ...]:
    """Parse *text*, the Markdown of a letter, into its marks.

    Only plain CommonMark is read, none of GitLab's extensions: in a mail nothing becomes a link that was not written
    as one. Of quotes, code and images the words are left; HTML, comments and rules leave nothing.

    Raises:
        UnreadableMarkdownError: the machine has too little memory for text that nests this deeply.
    """
    return _read(text, _parse_marks)


def _read(text: str, parse: Callable[[str], _Read]) -> _Read:
    if any(len(_NESTING.findall(chunk)) >= _NESTING_LIMIT for chunk in re.split(r"\n[ \t]*\n", text)):
        return _read_on_deep_stack(text, parse)
    return parse(text)


def _read_on_deep_stack(text: str, parse: Callable[[str], _Read]) -> _Read:
    parsed: list[_Read] = []
    with _stack_size_lock:
        before = threading.stack_size(_DEEP_STACK_BYTES)
        try:
            thread = threading.Thread(target=lambda: parsed.append(parse(text)))
            thread.start()
        except RuntimeError as error:
            raise UnreadableMarkdownError("the text is nested too deeply to be read") from error
        finally:
            threading.stack_size(before)
    thread.join()
    if not parsed:
        raise UnreadableMarkdownError("the text is nested too deeply to be read")
    return parsed[0]


def _parse(text: str) -> tuple[Block, ...]:
    whole = text.encode("utf-8", "replace").decode()
    root = comrak.parse_document(whole, _EXTENSIONS, _OPTIONS)
    try:
        return tuple(_walk(root))
    finally:
        _release(root)


def _release(root: Any) -> None:
    """Take the tree apart: parent and child hold each other where Python's collector cannot see it."""
    nodes = [root]
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children)
        node.parent = None
        node.children = []


def _walk(root: Any) -> Iterator[Block]:
    stack: list[tuple[Any, int, bool, bool]] = [(root, 0, False, False)]
    while stack:
        node, depth, is_quoted, is_ordered = stack.pop()
        name = type(node.node_value).__name__
        if name in ("Paragraph", "Heading"):
            kind: BlockKind = "heading" if name == "Heading" else "paragraph"
            yield Block(kind, node.sourcepos.start.line, _lines(node), "", depth, is_quoted, is_ordered)
            continue
        children = node.children
        if name in ("Item", "TaskItem"):
            depth += 1
            block, children = _item(node, name, children, depth, is_quoted, is_ordered)
            if block is not None:
                yield block
        elif name == "List":
            is_ordered = node.node_value.value.list_type == comrak.ListType.Ordered
        is_quoted = is_quoted or name in _QUOTES
        stack.extend((child, depth, is_quoted, is_ordered) for child in reversed(children))


def _item(
    node: Any, name: str, children: list[Any], depth: int, is_quoted: bool, is_ordered: bool
) -> tuple[Block | None, list[Any]]:
    """Build the block of a list item from its first paragraph; the other children are walked on their own."""
    first = children[0] if children and type(children[0].node_value).__name__ == "Paragraph" else None
    lines = _lines(first) if first is not None else ()
    rest = children[1:] if first is not None else children
    line = node.sourcepos.start.line
    if name == "Item":
        return Block("item", line, lines, "", depth, is_quoted, is_ordered), rest
    task = node.node_value.value
    symbol = task.symbol or " "
    # Relaxed matching takes any one character for a box; GitLab shows all but these as text.
    kind: BlockKind = "box" if symbol in "xX~" or symbol.isspace() else "item"
    return Block(kind, task.symbol_sourcepos.start.line, lines, symbol, depth, is_quoted, is_ordered), rest


def _lines(block: Any) -> tuple[tuple[Span, ...], ...]:
    lines: list[list[Span]] = [[]]
    for node in block.children:
        name = type(node.node_value).__name__
        if name in ("SoftBreak", "LineBreak"):
            lines.append([])
            continue
        span = _span(node, name)
        if span.text or span.url:
            _append(lines[-1], span)
    return tuple(tuple(line) for line in lines)


def _append(line: list[Span], span: Span) -> None:
    if line and span.kind == "text" == line[-1].kind:
        line[-1] = Span("text", line[-1].text + span.text)
    else:
        line.append(span)


def _span(node: Any, name: str) -> Span:
    if name == "Text":
        return Span("text", node.node_value.value)
    if name == "Code":
        return Span("code", node.node_value.value.literal)
    if name == "HtmlInline":
        match = _COMMENT.fullmatch(node.node_value.value)
        return Span("comment", match[1].strip() if match else "")
    if name in ("Link", "Image", "WikiLink"):
        return Span("link", _plain(node), node.node_value.value.url)
    return Span(_SPAN_KINDS.get(name, "text"), _plain(node))


def _plain(node: Any) -> str:
    """Return the visible text of an inline node, in one line."""
    parts: list[str] = []
    stack = [node]
    while stack:
        current = stack.pop()
        value = current.node_value
        name = type(value).__name__
        if name == "Text":
            parts.append(value.value)
        elif name in ("Code", "Math"):
            parts.append(value.value.literal)
        elif name in ("SoftBreak", "LineBreak"):
            parts.append(" ")
        stack.extend(reversed(current.children))
    return "".join(parts)


def _parse_marks(text: str) -> tuple[Mark, ...]:
    whole = text.encode("utf-8", "replace").decode()
    root = comrak.parse_document(whole, comrak.ExtensionOptions(), comrak.ParseOptions(smart=False))
    try:
        return tuple(_marks(root))
    finally:
        _release(root)


def _marks(root: Any) -> Iterator[Mark]:
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mark):
            yield node
            continue
        value = node.node_value
        name = type(value).__name__
        if name == "List":
            is_numbered = value.value.list_type == comrak.ListType.Ordered
            kind: MarkKind = "numbers" if is_numbered else "bullets"
            yield Mark(kind, first=value.value.start, is_tight=value.value.tight)
            stack.append(Mark(kind, is_end=True))
        elif name in _MARK_KINDS:
            url = value.value.url if name == "Link" else ""
            yield Mark(_MARK_KINDS[name], url=url)
            stack.append(Mark(_MARK_KINDS[name], is_end=True, url=url))
        else:
            yield from _words(value, name)
        stack.extend(reversed(node.children))


def _words(value: Any, name: str) -> Iterator[Mark]:
    if name == "Text":
        yield Mark("text", text=value.value)
    elif name == "Code":
        yield Mark("text", text=value.value.literal)
    elif name == "SoftBreak":
        yield Mark("text", text=" ")
    elif name == "LineBreak":
        yield Mark("break")
    elif name == "CodeBlock":
        yield Mark("paragraph")
        for number, line in enumerate(value.value.literal.splitlines()):
            if number:
                yield Mark("break")
            yield Mark("text", text=line)
        yield Mark("paragraph", is_end=True)
