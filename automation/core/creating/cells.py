"""From the text of a cell to the value of a field, or to what is wrong with it."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from automation.core.creating.model import Value
from automation.core.letters.markup import one_line
from automation.core.model import Field
from automation.core.values import Fact, NumberedList, read_value
from automation.core.words import is_blank, quote

LONGEST = 1_000
# What a spreadsheet would carry out: "=…", "@SUM(…)", "+cmd|…". A telephone number and a minus are none.
# A minus and a blank begin an entry of a list.
_FORMULA = re.compile(r"[=＝]|(?:[+@＋＠]|[-－](?!\s))[^(|]*[A-Za-z]\w*[(|]")
# As GitLab finds them: a letter outside ASCII before the @ is no letter to it.
_MENTION = re.compile(r"(?<![A-Za-z0-9_])@(?=[A-Za-z0-9_.])")
_USERNAME = re.compile(r"@?([A-Za-z0-9_][A-Za-z0-9_.-]*)")
_BULLET = re.compile(r"^(?:[0-9]{1,3}[.)]|[-*•–])\s+")
_LINE_BREAK = re.compile(r"\r\n|\r|\n|\u2028|\u2029")
# Forms that read one way only: the year first, or day.month.year; and a midnight that a spreadsheet added.
_DAY = re.compile(
    r"(?:(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})"
    r"|(?P<day2>[0-9]{1,2})\.(?P<month2>[0-9]{1,2})\.(?P<year2>[0-9]{4}))"
    r"(?:[T ]0?0:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?"
)
_LINK = re.compile(r"(https?)(://[^\s<>]+)", re.IGNORECASE)
# An address that surely becomes a link: GitLab looks for nobody in it.
_LINKED = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#][^\s<>]*)?")
_PLACEHOLDER = re.compile(r"\s*<[^<>]*>\s*")


class CellError(Exception):
    """The cell cannot be taken; the message says what to write instead."""


def tidy(text: str) -> str:
    """Reduce the text of a cell to one line without controls; blanks and line breaks become one blank."""
    return " ".join(one_line(text).split())


def read_cell(field: Field, text: str) -> Value | None:
    """Read what a cell says for *field*, as it is to be written into the issue; None when it says nothing.

    The people of a role field are the usernames, in a tuple; whether they hold the role is not judged here.

    Raises:
        CellError: it is a formula, would notify people, is too long, or is not of the field's kind.
    """
    refuse_formula(text)
    if field.kind == "role":
        return _read_people(field, tidy(text))
    if field.kind == "list":
        entries = tuple(_BULLET.sub("", tidy(line)) for line in _LINE_BREAK.split(text))
        return tuple(_read_text(each) for each in entries if not _says_nothing(each)) or None
    plain = tidy(text)
    if _says_nothing(plain) or read_value(field, Fact(0, "", plain)) is None:
        return None
    read = _READERS.get(field.kind)
    return read(field, plain) if read else _read_text(plain)


def refuse_formula(text: str) -> None:
    """Refuse what a spreadsheet would carry out.

    Raises:
        CellError: it is a formula.
    """
    if _FORMULA.match(text.strip()):
        raise CellError(f"{quote(tidy(text))} is a formula; write its result, as text.")


def read_expected(field: Field, value: Value) -> object:
    """Return what the issue must read as once *value* stands in it."""
    if isinstance(value, str):
        is_link = field.kind == "link" and value.startswith(("http://", "https://"))
        return read_value(field, Fact(0, "", value, value if is_link else ""))
    if field.kind == "role":
        return list(value)
    return read_value(field, NumberedList(0, "", value))


def nearest(word: str, known: Sequence[str], most: int = 8) -> str:
    """Say which of *known* was meant, else which there are."""
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    if near:
        return f"did you mean {quote(folded[near[0]])}?"
    more = ", …" if len(known) > most else ""
    return f"write one of {', '.join(quote(each) for each in known[:most])}{more}."


def _says_nothing(text: str) -> bool:
    if _PLACEHOLDER.fullmatch(text):
        raise CellError(f"{quote(text)} reads as a line still to be filled in; write it without < and >.")
    return is_blank(text)


def _read_text(text: str) -> str:
    _refuse_long(text)
    # A title keeps its entities, and GitLab reads them before it looks for people.
    for seen in (text, html.unescape(text)):
        if found := _MENTION.search(seen):
            word = seen[found.start() :].split(maxsplit=1)[0]
            raise CellError(f"{quote(word)} would notify somebody on GitLab; write it without the @.")
    return text


def _refuse_long(text: str) -> None:
    if len(text) > LONGEST:
        raise CellError(f"has {len(text):,} letters; at most {LONGEST:,} fit. Say it shorter, or link to it.")


def _read_people(field: Field, text: str) -> tuple[str, ...] | None:
    if _says_nothing(text) or read_value(field, Fact(0, "", text)) is None:
        return None
    words = [each for each in re.split(r"(?:\s+and(?=\s)|[\s,;&/])+", text) if each]
    for word in words:
        if not _USERNAME.fullmatch(word):
            raise CellError(f"{quote(word)} is no username; write usernames, such as ben or @ben, with commas between.")
    names = (word.removeprefix("@").rstrip(".") for word in words)
    return tuple({name.casefold(): name for name in names}.values())


def _read_date(_field: Field, text: str) -> str:
    match = _DAY.fullmatch(text)
    if match is None:
        raise CellError(
            f"{quote(text)} is in no form of a date that is surely read right; write year-month-day, such as 2026-11-30"
            " (in the spreadsheet: format the column like that)."
        )
    try:
        return date(*(int(match[each] or match[f"{each}2"]) for each in ("year", "month", "day"))).isoformat()
    except ValueError:
        raise CellError(f"{quote(text)} is no day of the calendar.") from None


def _read_integer(field: Field, text: str) -> str:
    value = read_value(field, Fact(0, "", text))
    if not isinstance(value, int):
        raise CellError(f"{quote(text)} is no whole number; write digits only, such as 420.")
    return str(value)


def _read_choice(field: Field, text: str) -> str:
    value = str(read_value(field, Fact(0, "", text)))
    allowed = [each for each in field.choices if each not in field.forbidden_values]
    if value in field.forbidden_values:
        raise CellError(f"{quote(value)} is what this process does not take; {nearest(value, allowed)}")
    if field.choices and value not in field.choices:
        raise CellError(f"{quote(text)} is none of the choices; {nearest(text, allowed)}")
    return _read_text(value)


def _read_link(_field: Field, text: str) -> str:
    match = _LINK.fullmatch(text)
    if match is None and text.casefold() != "none":
        raise CellError(f"{quote(text)} is no link; write one that begins with https://")
    link = f"{match[1].lower()}{match[2]}" if match else text
    if not _LINKED.fullmatch(link):
        return _read_text(link)
    _refuse_long(link)
    return link


_READERS: Mapping[str, Callable[[Field, str], str]] = {
    "date": _read_date,
    "integer": _read_integer,
    "choice": _read_choice,
    "link": _read_link,
}
