"""From what people typed to safe Markdown, and from a letter's Markdown to the plain text and the HTML of a mail."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from automation.core.markdown import Mark, MarkKind, parse_marks

# Line breaks and other controls, which become a blank; a mark that turns the direction of what follows, which could
# show an address or an amount backwards; half characters and what is no character at all. The marks inside of Hebrew,
# Arabic and Persian words (U+200C to U+200F) and of emoji stay.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_TEXT = re.compile(
    r"[\u202a-\u202e\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_BLANKS = re.compile(r" {2,}")

_MARKUP = re.compile(r"[\\`*_\[\]<>&~|$!()#]")
# What is markup only where a line begins: a list, an underlined heading, the second half of "1." after another value.
_LEADING = re.compile(r"^(?:([0-9]{1,9})(?=\.(?: |$))|(?=[-+=:.]))")

# All punctuation but the harmless; and of it what may begin or join a mention, a reference, an address or an emoji.
_PUNCTUATION = re.compile(r"(?P<trigger>[@#!~%$&:/.+*^{|\[-](?! ))|[!#-&(-+\--/:<=>@\[-`{-~]")
_CUT = "<span></span>"

_HTTPS = re.compile(r"https://[\w.-]+(?::[0-9]+)?(?:[/?#][^\s<>\"'\\^`{|}]*)?", re.IGNORECASE)
_SCHEME = re.compile(r"^https?://|/$", re.IGNORECASE)

# No colours: each program shows words and links in its own, which fit its dark mode too. Sizes and margins stand in
# every element, for programs that drop style sheets. Outlook ignores max-width, and breaks long words by itself.
_FRAME = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body style="margin:0;padding:16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="width:100%;max-width:640px;table-layout:fixed;border-collapse:collapse">
<tr>
<td style="padding:0;font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:16px;\
line-height:1.5;word-wrap:break-word;overflow-wrap:anywhere">
{body}</td>
</tr>
</table>
</body>
</html>
"""
_TAGS: dict[MarkKind, str] = {
    "paragraph": "p",
    "heading": "h2",
    "bullets": "ul",
    "numbers": "ol",
    "item": "li",
    "strong": "strong",
    "emphasis": "em",
}
_STYLES = {
    "p": "margin:0 0 16px",
    "h2": "margin:24px 0 8px;font-size:18px;line-height:1.35;font-weight:600",
    "ul": "margin:0 0 16px;padding:0 0 0 24px",
    "ol": "margin:0 0 16px;padding:0 0 0 28px",
    "li": "margin:0 0 4px",
}


def one_line(value: str) -> str:
    """Reduce *value* to one line of text that can be shown and sent: without controls and turned directions."""
    return _BLANKS.sub(" ", _CONTROL.sub(" ", _NO_TEXT.sub("", value))).strip()


def escape(value: str) -> str:
    """Write *value*, in one line, as Markdown that shows just this text wherever it stands in a letter.

    It stays readable: only what could be markup is escaped. An address in it becomes a link where the reader's program
    makes links of addresses.
    """
    marked = _MARKUP.sub(r"\\\g<0>", one_line(value))
    return _LEADING.sub(lambda match: f"{match[1] or ''}\\", marked)


def escape_for_gitlab(value: str) -> str:
    """Write *value*, in one line, as Markdown that GitLab shows as just this text, and does nothing else with.

    GitLab looks for mentions, references, emoji, addresses and the like in runs of text. An empty element after each
    character that one of them needs cuts the run there; what a reader sees stays the same.
    """
    return _PUNCTUATION.sub(lambda match: f"\\{match[0]}{_CUT if match['trigger'] else ''}", one_line(value))


def to_text(markdown: str) -> str:
    """Build the plain text of a mail, one paragraph a line, without a line break at its end.

    Raises:
        UnreadableMarkdownError: the text nests too deeply for this machine.
    """
    return _Text().write(parse_marks(markdown))


class _Text:
    """Plain text in the making: what is open while the marks go by."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._words: list[str] = []
        self._links: list[int] = []
        # Of each open list whether it is tight, and the number of its next item (None: bullets).
        self._lists: list[tuple[bool, int | None]] = []
        self._widths: list[int] = []
        self._bullet = ""
        self._gap = ""

    def write(self, marks: Iterable[Mark]) -> str:
        for mark in marks:
            if mark.kind == "text":
                self._words.append(mark.text)
            elif mark.kind == "break":
                self._words.append("\n")
            elif mark.kind == "link":
                self._link(mark)
            elif mark.kind in ("bullets", "numbers"):
                self._list(mark)
            elif mark.kind == "item":
                self._item(mark)
            elif mark.kind in ("paragraph", "heading") and mark.is_end:
                self._line_up()
        return "".join(self._text)

    def _link(self, mark: Mark) -> None:
        if not mark.is_end:
            self._links.append(len(self._words))
            return
        start = self._links.pop()
        if not is_link(mark.url):
            return
        words = "".join(self._words[start:]).strip()
        if not words or _SCHEME.sub("", words) == _SCHEME.sub("", mark.url):
            self._words[start:] = [mark.url]
        else:
            self._words.append(f" ({mark.url})")

    def _list(self, mark: Mark) -> None:
        if mark.is_end:
            self._lists.pop()
            self._gap = "\n" if self._lists and self._lists[-1][0] else "\n\n"
            return
        self._lists.append((mark.is_tight, mark.first if mark.kind == "numbers" else None))

    def _item(self, mark: Mark) -> None:
        is_tight, number = self._lists[-1]
        if mark.is_end:
            if self._bullet:
                self._line_up()
            self._widths.pop()
            self._gap = "\n" if is_tight else "\n\n"
            return
        bullet = "- " if number is None else f"{number}. "
        self._lists[-1] = (is_tight, None if number is None else number + 1)
        self._bullet += bullet
        self._widths.append(len(bullet))

    def _line_up(self) -> None:
        """Put the words below the text so far, behind their bullet or as far indented as it."""
        margin = " " * sum(self._widths)
        first = margin[len(self._bullet) :] + self._bullet
        lines = "".join(self._words).split("\n")
        text = "\n".join(f"{margin if place else first}{line.strip()}".rstrip() for place, line in enumerate(lines))
        self._text.append((self._gap if self._text else "") + text)
        self._words.clear()
        self._bullet = ""
        self._gap = "\n" if self._lists and self._lists[-1][0] else "\n\n"


def to_html(markdown: str, title: str, language: str = "en") -> str:
    """Build the HTML document of a mail in what every mail program understands: no scripts, pictures or style sheets.

    Only https links are links; of any other the words are left.

    Raises:
        UnreadableMarkdownError: the text nests too deeply for this machine.
    """
    body = "".join(_html(parse_marks(markdown)))
    return _FRAME.format(language=html.escape(language), title=html.escape(one_line(title)), body=body)


def _html(marks: Iterable[Mark]) -> list[str]:
    parts: list[str] = []
    links: list[int] = []
    lists: list[Mark] = []
    for mark in marks:
        if mark.kind == "text":
            parts.append(html.escape(mark.text, quote=False))
        elif mark.kind == "break":
            parts.append("<br>\n")
        elif mark.kind == "link" and not mark.is_end:
            links.append(len(parts))
        elif mark.kind == "link":
            _close_link(parts, links.pop(), mark.url)
        elif mark.kind in ("bullets", "numbers"):
            if mark.is_end:
                lists.pop()
            parts.append(_tag(mark, is_nested=bool(lists)))
            if not mark.is_end:
                lists.append(mark)
        elif not (mark.kind == "paragraph" and lists and lists[-1].is_tight):
            parts.append(_tag(mark))
    return parts


def _close_link(parts: list[str], start: int, url: str) -> None:
    if is_link(url):
        words = "".join(parts[start:])
        parts[start:] = [f'<a href="{html.escape(url)}">{words if words.strip() else html.escape(url)}</a>']


def _tag(mark: Mark, is_nested: bool = False) -> str:
    name = _TAGS[mark.kind]
    if mark.is_end:
        return f"</{name}>" if name in ("strong", "em") else f"</{name}>\n"
    style = f' style="{_STYLES[name]}"' if name in _STYLES else ""
    if is_nested:
        style = style.replace("margin:0 0 16px", "margin:0")
    first = f' start="{mark.first}"' if name == "ol" and mark.first != 1 else ""
    return f"<{name}{first}{style}>" + ("\n" if name in ("ul", "ol") else "")


def is_link(url: str) -> bool:
    """Tell whether a letter may link to *url*: https, a host without a user before it, nothing unseen."""
    return _HTTPS.fullmatch(url) is not None and one_line(url) == url
