"""What a reader sees in the text of a mail: no markup, nothing hidden, nothing quoted from an earlier mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

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

# How mail programs introduce an earlier mail, in English, German, French, Spanish, Portuguese, Dutch and Italian.
_EARLIER = re.compile(
    r"^(?:On\b[^\n]{1,300}(?:\n[^\n]{1,100})?\bwrote:[ \t]*$"
    r"|(?:Am|Le|El|Em|Op|Il)\b[^\n]{1,300}(?:\n[^\n]{1,100})?"
    r"\b(?:schrieb|a écrit|escribió|escreveu|schreef|geschreven|ha scritto)\b[^\n]{0,200}(?:\n[^\n]{1,100})?:[ \t]*$"
    r"|[^\n]{1,200}\b(?:schrieb am|schreef op|a écrit le)\b[^\n]{1,100}:[ \t]*$"
    r"|-{2,} ?(?:Original Message|Forwarded message|(?:Ursprüngliche|Weitergeleitete) Nachricht|Original-Nachricht"
    r"|Message d['’]origine|Message (?:original|transféré)|Mensaje (?:original|reenviado)"
    r"|Mensagem (?:original|encaminhada)|(?:Oorspronkelijk|Doorgestuurd) bericht|Messaggio (?:originale|inoltrato)"
    r") ?-{2,}"
    r"|(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-Mail)|Début du message transféré"
    r"|Inicio del mensaje reenviado|Início da mensagem encaminhada|Begin doorgestuurd bericht"
    r"|Inizio messaggio inoltrato)\s?:"
    r"|[*_]{0,2}(?:From|Von|De|Van|Da)\s?:[^\n]*\n+[*_]{0,2}(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff"
    r"|Envoyé|À|Objet|Enviad[oa](?: el| em)?|Fecha|Data|Para|Asunto|Assunto|Verzonden|Aan|Onderwerp|Inviato|A"
    r"|Oggetto)\s?:)",
    re.IGNORECASE | re.MULTILINE,
)

# Lines that a mail program broke: the narrowest column at which one does, the shortest line that surely goes on below,
# the words of a greeting, or of the name below it.
_NARROWEST = 30
_SHORTEST = 20
_FEW_WORDS = 4
_CLOSING = "\"'”’»)]*_"
_ITEM = re.compile(r"(?:[-*+•▪●‣◦]|\(?(?:[0-9]{1,3}|[a-z])[.)])\s", re.IGNORECASE)


def seen_in_text(text: str, is_flowed: bool = False) -> str:
    """Return the lines of a plain text without the earlier mails, those that a mail program broke joined again.

    *is_flowed* says that a blank at its end marks such a line (RFC 3676); it is also known by its width.
    """
    words: list[str] = []
    goes_on = was_quoted = False
    for line in text.splitlines():
        is_quoted = line.lstrip().startswith(">")
        if is_quoted:
            goes_on = False
            words += ("\n",) if not was_quoted else ()
        else:
            words += (" " if goes_on else "\n", line.strip())
            goes_on = is_flowed and line.endswith(" ") and line != "-- "
        was_quoted = is_quoted
    return _joined(_without_earlier("".join(words)))


def _joined(text: str) -> str:
    lines = [line.strip() for line in text.split("\n")]
    # An address is never broken, so that its line tells nothing of the width.
    width = max((len(line) for line in lines if " " in line and "://" not in line), default=0)
    pieces = [lines[0]]
    for line, following in pairwise(lines):
        pieces += (" " if _goes_on(line, following, width) else "\n", following)
    return "".join(pieces)


def _goes_on(line: str, following: str, width: int) -> bool:
    """Tell whether the prose of *line* goes on in the *following* one, where no line is wider than *width*."""
    if not line or not following or _ITEM.match(following):
        return False
    words = following.split()
    is_full = width >= _NARROWEST and len(f"{line} {words[0]}") > width
    if line.rstrip(_CLOSING).endswith((".", "!", "?", ";", ":")):
        return is_full and following[0].islower()
    if is_full:
        return not (line.endswith(",") and len(words) <= _FEW_WORDS and all(word[0].isupper() for word in words))
    is_greeting = line.endswith(",") and min(len(line.split()), len(words)) <= _FEW_WORDS
    return following[0].islower() and len(line) >= _SHORTEST and not is_greeting


def seen_in_html(html: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of an HTML document, one line a block, and where its links lead, in their order.

    Where nothing is left without what is indented, that is the mail, and not quoted in it.
    """
    seen = _read(html, is_indented=False)
    return seen if seen[0] else _read(html, is_indented=True)


def _read(html: str, is_indented: bool) -> tuple[str, tuple[str, ...]]:
    text = _DECLARATION.sub(" ", _BLANKS.sub(" ", html))
    end = text.rfind(">") + 1
    reader = _Reader(is_indented)
    reader.feed(text[:end])
    reader.feed(text[end:].replace("<", "&lt;"))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return _without_earlier("\n".join(line for line in lines if line)), tuple(reader.links)


def _without_earlier(text: str) -> str:
    match = _EARLIER.search(text)
    return (text[: match.start()] if match else text).strip()


class _Reader(HTMLParser):
    def __init__(self, is_indented: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._is_indented = is_indented
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
        elif tag not in _VOID and self._is_left_out(tag, attributes):
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

    def _is_left_out(self, tag: str, attributes: dict[str, str]) -> bool:
        is_cited = "cite" in attributes or attributes.get("type", "").lower() == "cite"
        return (
            tag in _UNSEEN
            or (tag == "blockquote" and (is_cited or not self._is_indented))
            or "hidden" in attributes
            or _HIDDEN.search(attributes.get("style", "")) is not None
            or attributes.get("class", "").startswith(_QUOTE_CLASSES)
        )
