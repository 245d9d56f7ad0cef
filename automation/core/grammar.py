"""What commands look like in a comment. Comment text -> what is asked; who may ask it is not decided here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from automation.core.markdown import Block, Span, UnreadableMarkdownError, parse_blocks
from automation.core.words import is_blank

EXAMPLES = {
    "send-back": "send back: what needs mending",
    "sign-off": "sign off 4.2",
    "hold": "hold until 2026-12-10: the reason",
    "resume": "resume",
    "waive": "waive 1.4: the reason, until 2026-12-31",
    "cancel": "cancel: the reason",
}
_CODE = r"[0-9]{1,4}\.[0-9]{1,4}[a-z]?"
_BOX = rf"(?:(?:box|step)\s+)?(?P<codes>{_CODE}(?:(?:\s*[,&]\s*|\s+and\s+|\s+){_CODE})*)"
_SAID = r"\s*(?:(?P<colon>:|\s[-–—])\s*(?P<reason>.*))?"
# A sentence that merely begins like a command is none: a colon, or the end of the line, must follow.
_FORMS = {
    kind: re.compile(rf"(?:@[\w.-]+[,:]?\s+)*{form}", re.IGNORECASE | re.DOTALL)
    for kind, form in {
        "send-back": rf"send\s+back(?:{_SAID}|\s*\.)\s*",
        "sign-off": rf"sign(?:ed)?[\s-]*off(?:\s+(?:on\s+)?{_BOX})?(?P<rest>.*)",
        "hold": rf"hold(?:\s+until\s+(?P<until>[^:]*?))?(?:{_SAID}|\s*\.)\s*",
        "resume": rf"resume(?:{_SAID}|\s*\.)\s*",
        "waive": rf"waive(?:\s+{_BOX})?(?:\s+until\s+(?P<until>[^:]*?))?(?:{_SAID}|\s*\.)\s*",
        "cancel": rf"cancel(?:\s+(?:this|the)\s+handover)?(?:{_SAID}|\s*\.)\s*",
    }.items()
}
_MAY_COMMAND = re.compile(
    r"^[\s*_~@\w.,:>-]*?\b(?:send\s+back|sign(?:ed)?[\s-]*off|hold|resume|waive|cancel)\b", re.IGNORECASE | re.MULTILINE
)
_COMMAND_IN_CODE = re.compile(r"\s*(?:send\s+back|sign(?:ed)?[\s-]*off|hold|resume|waive|cancel)\b", re.IGNORECASE)
_UNTIL_AT_END = re.compile(r"(?P<reason>.*?)[\s,;(]*\buntil\s+(?P<until>\S+?)[.)!]*\s*", re.IGNORECASE | re.DOTALL)
_MOST_COMMANDS = 20
_LINE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One command of a comment, about one box where it names some.

    ``reason`` and ``until`` are "" where they are not given. ``rest`` are words that the form does not provide for.
    ``is_clear``: nobody writes this by chance. ``line`` is what was written.
    """

    kind: str
    line: str
    code: str = ""
    reason: str = ""
    until: str = ""
    rest: str = ""
    is_clear: bool = True


def parse_commands(body: str) -> tuple[Asked, ...]:
    """Return what a comment asks for, in order: each thing once, the first one counts.

    A command is a line of its own in an ordinary paragraph: nothing in code, quotations, lists or headings. Its reason
    may also stand below it.
    """
    if not _MAY_COMMAND.search(body):
        return ()
    try:
        blocks = parse_blocks(body)
    except UnreadableMarkdownError:
        return ()
    lines = [line for block in blocks if _is_paragraph(block) for line in block.lines]
    found: dict[tuple[str, str], Asked] = {}
    for number, line in enumerate(lines):
        below = _visible(lines[number + 1]) if number + 1 < len(lines) else ""
        for asked in _asked(line, "" if _match(below) else below):
            found.setdefault((asked.kind, asked.code), asked)
    return tuple(found.values())[:_MOST_COMMANDS]


def _is_paragraph(block: Block) -> bool:
    return block.kind == "paragraph" and not block.depth and not block.is_quoted


def _asked(line: Sequence[Span], below: str) -> Iterator[Asked]:
    if any(span.kind == "code" and _COMMAND_IN_CODE.match(span.text) for span in line):
        return
    text = _visible(line)
    found = _match(text)
    if found is None:
        return
    kind, said = found
    reason, until = said.get("reason") or "", said.get("until") or ""
    if said.get("colon") and not reason:
        reason = below
    if kind == "waive" and not until and (end := _UNTIL_AT_END.fullmatch(reason)):
        reason, until = end["reason"], end["until"]
    rest = (said.get("rest") or "").strip(" .!")
    is_clear = bool(said.get("colon") or said.get("until") or (said.get("codes") and not rest))
    for code in re.findall(_CODE, (said.get("codes") or "").lower()) or [""]:
        yield Asked(kind, text, code, "" if is_blank(reason) else reason.rstrip(), until.strip(" ."), rest, is_clear)


def _match(text: str) -> tuple[str, dict[str, str | None]] | None:
    for kind, form in _FORMS.items():
        match = form.fullmatch(text)
        if match is not None and (kind != "sign-off" or not (match["rest"] or " ")[0].isalnum()):
            return kind, match.groupdict()
    return None


def _visible(line: Sequence[Span]) -> str:
    return "".join(span.text for span in line if span.kind != "comment").strip()[:_LINE_LIMIT]
