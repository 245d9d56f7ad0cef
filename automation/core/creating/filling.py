"""Write values into a template as its page would have been filled in by hand, so that they read back as typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from automation.core.checklist import Sheet, build_document, parse_sheet
from automation.core.creating.cells import read_expected
from automation.core.creating.model import Value
from automation.core.model import Document, Field, Process
from automation.core.values import read_value

_FACT = re.compile(r"\s*(?:[-*+]\s+|[0-9]+[.)]\s+)?\*\*(?:(?!\*\*).)+?(?::\s*\*\*|\*\*\s*:)")
_NUMBERED = re.compile(r"(?P<number>[0-9]{1,9})(?P<dot>[.)])(?:\s.*)?")
_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")

# What means something in GitLab's Markdown, or to GitLab where it looks for references, emoji and the like. A backslash
# before it makes it plain text; where it is plain text already, none is written, so that people can read the issue.
# GitLab forgets the backslash of a bracket or colon before it looks for "[issue:1]" and ":smile:"; an empty element
# behind it cuts them.
_MARKUP = re.compile(
    r"(?P<cut>\[(?=[a-z_]+:)|(?<![A-Za-z0-9:]):(?=[\w+-]+:))"
    r"|[\\`*<~$^{\[]"
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|[#](?=\w)|!(?=[0-9])|%(?=[\w\"'{])|&(?=\#|[0-9]|[A-Za-z][A-Za-z0-9]*;)|:(?=[\w+-]+:|//)"
    r"|(?<![\w.+-])@|@(?![A-Za-z0-9-]+\.)",
    re.ASCII,
)
# What is markup only where a paragraph begins.
_LEADING = re.compile(r"[-+=:>#|]|[0-9]{1,9}(?=[.)](?:\s|$))")
# Any other scheme is plain text: nobody needs a link to it.
_ADDRESS = re.compile(r"\b(?:https?|ftp)://[a-z0-9](?:(?!://)[^\s<>])*", re.IGNORECASE)
_CUT = "<span></span>"
_WWW = re.compile(r"\b(www)\.", re.IGNORECASE)


class FillingError(Exception):
    """Some values cannot be written so that they read back as typed; ``keys`` are their fields."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(", ".join(keys))
        self.keys = tuple(keys)


@dataclass(frozen=True, slots=True)
class Form:
    """A template ready to be filled in: its lines, and where each field stands (place of its line, from 0)."""

    process: Process
    lines: tuple[str, ...]
    sheet: Sheet
    document: Document
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Filled:
    """A template that was filled in: its text, and how it reads."""

    text: str
    document: Document


def build_form(process: Process, template: str) -> Form:
    """Find the line of every field in a template; one without a line cannot be filled in."""
    sheet = parse_sheet(template)
    facts = {fact.label: fact.line - 1 for fact in sheet.facts}
    lists = {each.heading: each.line - 1 for each in sheet.lists}
    lines = tuple(template.split("\n"))
    places = {}
    for key, field in process.fields.items():
        label = " ".join(field.title.split()).rstrip(": ").casefold()
        place = (lists if field.kind == "list" else facts).get(label)
        if place is not None and (field.kind == "list" or _FACT.match(lines[place])):
            places[key] = place
    return Form(process, lines, sheet, build_document(sheet, process), places)


def fill(form: Form, values: Mapping[str, Value]) -> Filled:
    """Write *values* (by key) into the template. Every line of no value stays as it is.

    Raises:
        FillingError: values that would read differently, or change what else is read.
    """
    filled = _try(form, values)
    if filled is not None:
        return filled
    wrong = [key for key, value in values.items() if _try(form, {key: value}) is None]
    raise FillingError(wrong or tuple(values))


def _write(form: Form, values: Mapping[str, Value]) -> str:
    lines: list[str] = list(form.lines)
    # From the end, so that lines that a list adds move nothing that is still to be written.
    for place, key in sorted(((form.places.get(key, -1), key) for key in values), reverse=True):
        field, value = form.process.fields[key], values[key]
        if place < 0:
            raise FillingError([key])
        if field.kind == "list" and not isinstance(value, str):
            _write_list(lines, place, [_spell(field, each, is_entry=True) for each in value])
        else:
            text = " ".join(f"@{name}" for name in value) if not isinstance(value, str) else _spell(field, value)
            match = _FACT.match(lines[place])
            lines[place] = f"{match[0] if match else ''} {text}"
    return "\n".join(lines)


def _write_list(lines: list[str], heading: int, entries: Sequence[str]) -> None:
    """Write *entries* behind the numbers below a heading, and add numbers for those that are left."""
    places = _numbered_lines(lines, heading)
    number, dot, last = 0, ".", heading + 1
    for place, entry in zip(places, entries, strict=False):
        match = _NUMBERED.fullmatch(lines[place])
        number, dot = (int(match["number"]), match["dot"]) if match else (number + 1, dot)
        lines[place] = f"{number}{dot} {entry}"
        last = place + 1
    lines[last:last] = [f"{number + more}{dot} {each}" for more, each in enumerate(entries[len(places) :], 1)]


def _numbered_lines(lines: Sequence[str], heading: int) -> list[int]:
    """Return the places of the numbers below a heading: the first run of them."""
    places: list[int] = []
    for place in range(heading + 1, len(lines)):
        if _NUMBERED.fullmatch(lines[place]):
            places.append(place)
        elif places or _HEADING.match(lines[place]):
            break
    return places


# --- spelling ---------------------------------------------------------------------------------------------------------


def _spell(field: Field, value: str, is_entry: bool = False) -> str:
    """Return the plainest spelling of *value* that reads back as typed; the most careful one where none does."""
    spelled = ""
    for spelled in _spellings(value, is_entry):
        line = f"# L\n\n1. {spelled}" if is_entry else f"- **L:** {spelled}"
        sheet = parse_sheet(line)
        found = sheet.lists if is_entry else sheet.facts
        if len(found) == 1 and not sheet.boxes and read_value(field, found[0]) == _expected(field, value, is_entry):
            break
    return spelled


def _expected(field: Field, value: str, is_entry: bool) -> object:
    return read_expected(field, (value,) if is_entry else value)


def _spellings(value: str, is_entry: bool) -> Iterator[str]:
    """Yield spellings, the plainest first: addresses as they are, in angle brackets, and as plain text."""
    yield _escape(value, is_entry)
    if _ADDRESS.fullmatch(value):
        yield f"<{value}>"
    yield _lead(_WWW.sub(r"\1\.", _plain(value)), is_entry)


def _escape(value: str, is_entry: bool) -> str:
    parts, end = [], 0
    for match in _ADDRESS.finditer(value):
        parts += [_plain(value[end : match.start()]), match[0]]
        end = match.end()
    return _lead("".join(parts) + _plain(value[end:]), is_entry)


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda match: f"\\{match[0]}{_CUT if match['cut'] else ''}", text)


def _lead(spelled: str, is_entry: bool) -> str:
    match = _LEADING.match(spelled) if is_entry else None
    if match is None:
        return spelled
    # A number is no list where its dot is escaped.
    digits = match[0] if match[0].isdigit() else ""
    return f"{digits}\\{spelled[len(digits) :]}"


# --- reading back -----------------------------------------------------------------------------------------------------


def _try(form: Form, values: Mapping[str, Value]) -> Filled | None:
    """Fill in *values*; None where the text does not read as the template does, but for them, as typed."""
    text = _write(form, values)
    sheet, process = parse_sheet(text), form.process
    document = build_document(sheet, process)
    for key, field in process.fields.items():
        wanted = read_expected(field, values[key]) if key in values else form.document.value_of(field)
        if document.value_of(field) != wanted:
            return None
    is_same = not document.duplicated and _skeleton(sheet) == _skeleton(form.sheet)
    return Filled(text, document) if is_same else None


def _skeleton(sheet: Sheet) -> object:
    """Return what filling in must not change: boxes, and which lines and lists there are."""
    boxes = [(box.state, box.code, box.words, box.spoken) for box in sheet.boxes]
    return boxes, [fact.label for fact in sheet.facts], [each.heading for each in sheet.lists]
