"""Compare and quote what people typed: text is data, never a command, a mention or markup."""

from __future__ import annotations

import html
import re
import unicodedata

QUOTE_LENGTH = 80
_TEXT_LIMIT = 2_000
_CODE = re.compile(r"([0-9]+\.[0-9]+[a-z]?)(?!\w)(?!\.[0-9])", re.IGNORECASE)
_AFTER_CODE = " \t:.)-–—"
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&#([0-9]{1,7});")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_COMMENT_MARK = re.compile(r"<!--|-->")
_EMPHASIS = re.compile(r"[*_`~]")
_BLANK = re.compile(
    r"(?:[_.\-–—…?\s]*|tbd|t\.b\.d\.|to be (?:done|defined|decided|determined)|<[^<>]*>)", re.IGNORECASE
)


def is_blank(value: str) -> bool:
    """Tell whether *value* says nothing: empty, dashes, underscores, TBD, <words>."""
    seen = "".join(" " if unicodedata.category(letter) in _UNSEEN else letter for letter in value[:_TEXT_LIMIT])
    return len(value) <= _TEXT_LIMIT and _BLANK.fullmatch(seen.strip()) is not None


def visible(text: str) -> str:
    """Return *text* with a blank for each letter that cannot be seen: a terminal would carry it out."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def split_code(text: str) -> tuple[str, str]:
    """Split the text of a box into its step code and its words; the code is "" where there is none."""
    text = text[:_TEXT_LIMIT].strip()
    match = _CODE.match(text)
    if match is None:
        return "", text
    return match.group(1).lower(), text[match.end() :].lstrip(_AFTER_CODE)


def plain_words(text: str) -> str:
    """Reduce Markdown, escaped or not, to the words that a reader sees, so that both spellings compare equal.

    GitLab's tick notes hold the raw text on older servers and escaped text on newer ones (facts, section 2).
    """
    text = _ENTITY.sub(_character, _ESCAPE.sub(r"\1", text[:_TEXT_LIMIT]))
    return " ".join(_EMPHASIS.sub("", html.unescape(_LINK.sub(r"\1", text))).split())


def _character(match: re.Match[str]) -> str:
    number = int(match.group(1))
    return chr(number) if number < 0x110000 else ""


def says_title(words: str, title: str) -> bool:
    """Tell whether the words of a box begin with *title*, whole words only. Hints may follow, nothing may precede."""
    words, title = plain_words(words), plain_words(title).rstrip(".")
    return words.startswith(title) and not words[len(title) : len(title) + 1].isalnum()


def tells_of(told: str, words: str) -> bool:
    """Tell whether a tick note tells of a box with these words, the text of HTML comments in them included.

    More words may have been added since, and an older server tells of the first line only; but what the note says
    beyond the words of now was said of another box.
    """
    return _spoken(words).startswith(_spoken(told))


def _spoken(text: str) -> str:
    return " ".join(plain_words(_COMMENT_MARK.sub(" ", plain_words(text))).rstrip(".").split())


def quote(value: object) -> str:
    """Quote what a person typed as one line of code: no quick action, mention, HTML or link can come of it."""
    text = _in_one_line(value)
    return code_span(text if len(text) <= QUOTE_LENGTH else text[: QUOTE_LENGTH - 1] + "…")


def _in_one_line(value: object) -> str:
    text = "".join(" " if unicodedata.category(letter) in _UNSEEN else letter for letter in str(value)[:_TEXT_LIMIT])
    return " ".join(text.split())


def code_span(text: str) -> str:
    """Write *text*, which is one line, as code, in its full length."""
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{padding}{text or ' '}{padding}{ticks}"


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
