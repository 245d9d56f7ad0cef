"""What a reader sees in the text of a mail: no markup, nothing hidden, nothing quoted from an earlier mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_UNSEEN = frozenset({"script", "style", "title", "template", "noscript", "object", "select", "textarea", "svg"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt", "footer"}
    | {"fieldset", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"}
    | {"pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.IGNORECASE)
_QUOTE_CLASSES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")
# Outlook marks where the earlier mail begins, and not where it ends.
_QUOTE_BEGINNINGS = frozenset({"appendonsend", "divRplyFwdMsg", "mail-editor-reference-message-container"})

# Comments and declarations go first, blanks become one: Python's parser takes quadratic time for text with many of
# them that do not end (fixed in later versions). The same holds for tags, so what comes after the last ">" is text.
_BLANKS = re.compile(r"\s+")
_DECLARATION = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)", re.DOTALL)

_EARLIER = re.compile(
    r"^(?:On\b[^\n]{1,300}(?:\n[^\n]{1,100})?\bwrote:[ \t]*$"
    r"|-{2,} ?(?:Original Message|Forwarded message) ?-{2,}"
    r"|Begin forwarded message:"
    r"|From:[^\n]*\n+(?:Sent|Date|To):)",
    re.IGNORECASE | re.MULTILINE,
)


def seen_in_text(text: str, is_flowed: bool = False) -> str:
    """Return the lines of a plain text without the earlier mails.

    *is_flowed* says that a blank at its end marks a line that the mail program broke (RFC 3676): it is joined again.
    """
    words: list[str] = []
    goes_on = False
    for line in text.splitlines():
        if line.lstrip().startswith(">"):
            goes_on = False
            continue
        words += (" " if goes_on else "\n", line.strip())
        goes_on = is_flowed and line.endswith(" ") and line != "-- "
    return _without_earlier("".join(words))


def seen_in_html(html: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of an HTML document, one line a block, and where its links lead, in their order."""
    text = _DECLARATION.sub(" ", _BLANKS.sub(" ", html))
    end = text.rfind(">") + 1
    reader = _Reader()
    reader.feed(text[:end])
    reader.feed(text[end:].replace("<", "&lt;"))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return _without_earlier("\n".join(line for line in lines if line)), tuple(reader.links)


def _without_earlier(text: str) -> str:
    match = _EARLIER.search(text)
    return (text[: match.start()] if match else text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        # The element that is left out with all in it, and how many of its name are open.
        self._left_out = ""
        self._depth = 0
        self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A paragraph need not be closed: the next block does.
        if self._left_out == "p" and tag in _BLOCKS:
            self._left_out = ""
        if self._left_out:
            self._depth += tag == self._left_out
            return
        attributes = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.parts.append("\n")
        if attributes.get("id") in _QUOTE_BEGINNINGS:
            self._is_over = True
        elif tag not in _VOID and _is_left_out(tag, attributes):
            self._left_out, self._depth = tag, 1
        elif tag in {"a", "area"} and attributes.get("href") and not self._is_over:
            self.links.append(attributes["href"].strip())

    def handle_endtag(self, tag: str) -> None:
        if self._left_out == tag:
            self._depth -= 1
            if not self._depth:
                self._left_out = ""
        elif self._left_out == "p" and tag in _BLOCKS:
            self._left_out = ""
        if tag in _BLOCKS and not self._left_out:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._left_out and not self._is_over:
            self.parts.append(data)


def _is_left_out(tag: str, attributes: dict[str, str]) -> bool:
    return (
        tag in _UNSEEN
        or tag == "blockquote"
        or "hidden" in attributes
        or _HIDDEN.search(attributes.get("style", "")) is not None
        or attributes.get("class", "").startswith(_QUOTE_CLASSES)
    )
