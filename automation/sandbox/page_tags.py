"""The few HTML tags that people may write into Markdown: without attributes, and never closing a tag of the page."""

from __future__ import annotations

import re
from html import unescape

from markupsafe import Markup, escape

_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<closes>/?)(?P<tag>details|summary|span)\b[^<>]*>|<[^<>]*>", re.DOTALL | re.IGNORECASE
)


class PeoplesTags:
    """What of people's tags is open while a text is rendered. Tell it where an element of ours begins and ends."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._floors = [0]

    def enter(self) -> None:
        """Note that an element of ours begins."""
        self._floors.append(len(self._open))

    def leave(self) -> str:
        """Note that an element of ours ends, and return what closes the tags that were opened inside it."""
        return self._close_down_to(self._floors.pop())

    def clean(self, html: str) -> str:
        """Keep the tags that are allowed, escape the text between them, drop the rest."""
        parts, end = [], 0
        for found in _HTML.finditer(html):
            parts.append(escape(unescape(html[end : found.start()])))
            if found["tag"]:
                parts.append(
                    self._close(found["tag"].lower()) if found["closes"] else self._begin(found["tag"].lower())
                )
            end = found.end()
        return "".join([*parts, escape(unescape(html[end:]))])

    def _begin(self, tag: str) -> Markup:
        self._open.append(tag)
        return Markup("<{}>").format(tag)

    def _close(self, tag: str) -> Markup:
        """Close *tag* and what was left open in it; one that was not opened here closes nothing."""
        for place in range(len(self._open) - 1, self._floors[-1] - 1, -1):
            if self._open[place] == tag:
                return self._close_down_to(place)
        return Markup("")

    def _close_down_to(self, place: int) -> Markup:
        left, self._open = self._open[place:], self._open[:place]
        return Markup("").join(Markup("</{}>").format(tag) for tag in reversed(left))
