"""Read an issue's text: which process it follows, its boxes, its facts. Issue text -> Document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from automation.core.markdown import Block, Span, parse_blocks
from automation.core.model import Document, Item, ItemState, Process
from automation.core.values import Fact, NumberedList, read_value
from automation.core.words import is_blank, plain_words, split_code

Thing = TypeVar("Thing")

_VALUE_LIMIT = 2_000
_VERSION = re.compile(r"\s*`?(?P<id>[a-z][a-z0-9-]*)`?\s+version\s+(?P<version>[0-9]{1,6})\s*\.?", re.IGNORECASE)
_DASH = re.compile(r"(?:^|\s)[-–—]+\s+")


@dataclass(frozen=True, slots=True)
class Box:
    """A task item as a reader of the rendered page sees it.

    ``code`` is "" where its text does not begin with one. ``spoken`` are its words with the text of HTML comments.
    """

    line: int
    state: ItemState
    code: str
    words: str
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything in an issue's text that can matter to any process, in reading order."""

    boxes: tuple[Box, ...]
    facts: tuple[Fact, ...]
    lists: tuple[NumberedList, ...]


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """What the process line says. ``id`` is "" when the line is there but cannot be understood."""

    line: int
    id: str
    version: int


def parse_sheet(text: str) -> Sheet:
    """Parse an issue's text.

    Boxes count wherever GitLab renders them, facts only outside quotations.

    Raises:
        UnreadableMarkdownError: the machine cannot parse text that nests this deeply.
    """
    blocks = parse_blocks(text)
    return Sheet(
        boxes=tuple(_box(block) for block in blocks if block.kind == "box"),
        facts=tuple(_facts(blocks)),
        lists=tuple(_lists(blocks)),
    )


def find_process_lines(sheet: Sheet) -> tuple[ProcessLine, ...]:
    """Return every process line of the sheet; a handover has exactly one."""
    found = []
    for fact in sheet.facts:
        if fact.label == "process":
            match = _VERSION.fullmatch(fact.value or "")
            name, version = (match["id"].lower(), int(match["version"])) if match else ("", 0)
            found.append(ProcessLine(fact.line, name, version))
    return tuple(found)


def build_document(sheet: Sheet, process: Process) -> Document:
    """Build the document that the schema of *process* judges. Boxes and facts of no schema are left out."""
    data: dict[str, dict[str, Any]] = {section: {} for stage in process.stages for section in stage.sections}
    lines: dict[str, int] = {}
    duplicated: dict[str, tuple[int, ...]] = {}
    words: dict[str, str] = {}
    spoken: dict[str, str] = {}
    boxes = _group((box.code, box) for box in sheet.boxes if box.code in process.items)
    for code, found in boxes.items():
        item, box = process.items[code], found[0]
        lines[code], words[code], spoken[code] = box.line, box.words, box.spoken
        if len(found) > 1:
            duplicated[code] = tuple(each.line for each in found)
        else:
            data[item.section][code] = {"state": box.state, "reason": _reason(box, item)}
    labels = {_label(field.title): field for field in process.fields.values()}
    values = _group((labels[fact.label].key, fact) for fact in sheet.facts if fact.label in labels)
    lists = _group((labels[each.heading].key, each) for each in sheet.lists if each.heading in labels)
    for key, field in process.fields.items():
        places = [*values.get(key, ()), *(lists.get(key, ()) if field.kind == "list" else ())]
        if not places:
            continue
        lines[key] = places[0].line
        if len(places) > 1:
            duplicated[key] = tuple(place.line for place in places)
        elif (value := read_value(field, places[0])) is not None:
            data[field.section][key] = value
    return Document(data, lines, words, spoken, duplicated)


def _group(pairs: Iterable[tuple[str, Thing]]) -> dict[str, list[Thing]]:
    groups: dict[str, list[Thing]] = {}
    for key, thing in pairs:
        groups.setdefault(key, []).append(thing)
    return groups


# --- boxes ------------------------------------------------------------------------------------------------------------


def _box(block: Block) -> Box:
    spans = [span for line in block.lines for span in (*line, Span("text", " "))]
    code, words = split_code(_text(spans))
    spoken_code, spoken = split_code("".join(span.text for span in spans))
    if spoken_code != code:
        # A comment in front of the code: GitLab's tick note would begin with it, and prove nothing.
        code = ""
    state: ItemState = "done" if block.symbol in "xX" else "not-applicable" if block.symbol == "~" else "open"
    return Box(block.line, state, code, words, spoken)


def _reason(box: Box, item: Item) -> str | None:
    """Return what stands after the dash that follows the words of a box marked not applicable."""
    if box.state != "not-applicable":
        return None
    words, title = plain_words(box.words), plain_words(item.title).rstrip(".")
    rest = words[len(title) :] if words.startswith(title) else words
    parts = _DASH.split(rest, maxsplit=1)
    reason = parts[1].strip() if len(parts) > 1 else ""
    return None if is_blank(reason) else reason


# --- facts ------------------------------------------------------------------------------------------------------------


def _facts(blocks: Sequence[Block]) -> Iterable[Fact]:
    """Yield the facts of all blocks. Items nested below a list item's fact continue its value."""
    for place, block in enumerate(blocks):
        if block.is_quoted or block.kind in ("box", "heading"):
            continue
        found = list(_facts_of_block(block))
        if found and block.depth:
            found[-1] = _with_nested(found[-1], blocks, place)
        for line, label, spans in found:
            value, url = _clean(spans)
            yield Fact(line, label, value, url)


_RawFact = tuple[int, str, list[Span]]


def _facts_of_block(block: Block) -> Iterable[_RawFact]:
    current: _RawFact | None = None
    for offset, line in enumerate(block.lines):
        started = _start(line)
        if started is not None:
            if current is not None:
                yield current
            current = (block.line + offset, *started)
        elif current is not None:
            current[2].extend((Span("text", " "), *line))
    if current is not None:
        yield current


def _start(line: tuple[Span, ...]) -> tuple[str, list[Span]] | None:
    """Return label and value spans when *line* begins with a bold label and a colon."""
    spans = [span for span in line if span.kind != "comment"]
    while spans and spans[0].kind == "text" and not spans[0].text.strip():
        spans.pop(0)
    if not spans or spans[0].kind != "strong":
        return None
    bold, rest = spans[0].text.strip(), spans[1:]
    if bold.endswith(":"):
        return _label(bold), rest
    if rest and rest[0].kind == "text" and rest[0].text.lstrip().startswith(":"):
        return _label(bold), [Span("text", rest[0].text.lstrip()[1:]), *rest[1:]]
    return None


def _label(text: str) -> str:
    return " ".join(text.split()).rstrip(": ").casefold()


def _with_nested(fact: _RawFact, blocks: Sequence[Block], place: int) -> _RawFact:
    """Add the items nested below the list item in *place* to its fact."""
    line, label, spans = fact
    length = len(_text(spans).strip())
    for number in range(place + 1, len(blocks)):
        block = blocks[number]
        if block.depth <= blocks[place].depth or block.kind == "box" or any(_start(each) for each in block.lines):
            break
        for each in block.lines if length < _VALUE_LIMIT else ():
            spans.extend((Span("text", "; " if length else ""), *each))
            length += len(_text(each).strip())
    return line, label, spans


def _clean(spans: Sequence[Span]) -> tuple[str | None, str]:
    """Return the value without hints and struck text, and the address when the value is one link."""
    kept = [
        span
        for span in spans
        if span.kind not in ("struck", "comment") and (span.url or span.text.strip() or len(spans) > 1)
    ]
    while kept and _is_hint(kept[0]):
        kept.pop(0)
    while kept and _is_hint(kept[-1]):
        kept.pop()
    text = " ".join(_text(kept).split())[:_VALUE_LIMIT]
    url = kept[0].url if len(kept) == 1 and kept[0].kind == "link" else ""
    return (None if is_blank(text) and not url else text or url), url


def _is_hint(span: Span) -> bool:
    return span.kind == "emphasis" or (span.kind == "text" and not span.text.strip())


def _text(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans if span.kind != "comment")


# --- numbered lists ---------------------------------------------------------------------------------------------------


def _lists(blocks: Sequence[Block]) -> Iterable[NumberedList]:
    heading: Block | None = None
    values: list[str] = []
    for block in blocks:
        if block.kind == "heading" and not block.depth and not block.is_quoted:
            if heading is not None:
                yield _numbered(heading, values)
            heading, values = block, []
        elif heading is not None and block.kind == "item" and not block.is_quoted and _belongs(block, values):
            value, _ = _clean([span for line in block.lines for span in (Span("text", " "), *line)])
            if block.depth == 1:
                values.append(value or "")
            elif value and len(values[-1]) < _VALUE_LIMIT:
                values[-1] = f"{values[-1]}; {value}" if values[-1] else value
    if heading is not None:
        yield _numbered(heading, values)


def _belongs(block: Block, values: Sequence[str]) -> bool:
    return (block.depth == 1 and block.is_ordered) or (block.depth > 1 and bool(values))


def _numbered(heading: Block, values: Sequence[str]) -> NumberedList:
    title = _label(_text(span for line in heading.lines for span in line))
    return NumberedList(heading.line, title, tuple(value for value in values if value))
