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
_END = r"\s*[.!]"
# A sentence that merely begins like a command is none: a colon, or the end of the line, must follow.
_FORMS = {
    kind: re.compile(rf"(?P<to>(?:@[\w.-]+[,:]?\s+)*){form}", re.IGNORECASE | re.DOTALL)
    for kind, form in {
        "send-back": rf"send\s+back(?:{_SAID}|{_END})\s*",
        "sign-off": rf"sign(?:ed)?[\s-]*off(?:\s+(?:on\s+)?{_BOX})?(?P<rest>.*)",
        "hold": rf"hold(?:\s+until\b\s*(?P<until>[^:]*?))?(?:{_SAID}|{_END})\s*",
        "resume": rf"resume(?:{_SAID}|{_END})\s*",
        "waive": rf"waive(?:\s+{_BOX})?(?:[\s,]+until\s+(?P<until>[^:]*?))?(?:{_SAID}|{_END})\s*",
        "cancel": rf"cancel(?:\s+(?:this|the)\s+handover)?(?:{_SAID}|{_END})\s*",
    }.items()
}
_MAY_COMMAND = re.compile(
    r"^[ \t*_~@\w.,:>-]*?(?<![a-z0-9])(?:send\s+back|sign(?:ed)?[\s-]*off|hold|resume|waive|cancel)(?![a-z0-9])",
    re.IGNORECASE | re.MULTILINE,
)
_COMMAND_IN_CODE = re.compile(r"\s*(?:send\s+back|sign(?:ed)?[\s-]*off|hold|resume|waive|cancel)\b", re.IGNORECASE)
# A line before it that ends like this goes on in the command: "I cannot yet / sign off 4.2".
_GOES_ON = re.compile(
    r".*(?:\b(?:not|never|cannot|no|unless|if|until|before|once|when|yet|would|could|should|to|please)\b|n['’]t\b)[^.!?:;]*",
    re.IGNORECASE | re.DOTALL,
)
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
    lines = [(line, number) for block in blocks if _is_paragraph(block) for number, line in enumerate(block.lines)]
    found: dict[tuple[str, str], Asked] = {}
    for place, (line, number) in enumerate(lines):
        below = _visible(lines[place + 1][0]) if place + 1 < len(lines) else ""
        above = _visible(lines[place - 1][0]) if number else ""
        for asked in _asked(line, "" if _match(below) else below, above):
            found.setdefault((asked.kind, asked.code), asked)
    return tuple(found.values())[:_MOST_COMMANDS]


def _is_paragraph(block: Block) -> bool:
    return block.kind == "paragraph" and not block.depth and not block.is_quoted


def _asked(line: Sequence[Span], below: str, above: str) -> Iterator[Asked]:
    if any(span.kind == "code" and _COMMAND_IN_CODE.match(span.text) for span in line):
        return
    if any(span.kind == "struck" for span in line):
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
    rest = (said.get("rest") or "").strip(" .!") or (above if kind == "sign-off" and _GOES_ON.fullmatch(above) else "")
    if kind == "sign-off" and said.get("to"):
        # Whoever calls upon somebody to sign has not signed.
        rest = rest or str(said["to"])
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
