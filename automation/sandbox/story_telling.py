"""How the demo tells a story on a terminal: what the bot said, in plain words, and the board as a table of text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

WIDTH = 100
_INDENT = " " * 14
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MENTION = r"@[A-Za-z0-9_][A-Za-z0-9_.-]*"
_ADDRESSED = re.compile(rf"(?P<to>{_MENTION}(?:, {_MENTION})*),? (?P<text>.*)", re.DOTALL)
_MARKUP = re.compile(r"\*\*|`")
_MOST_ENTRIES = 2


@dataclass(frozen=True, slots=True)
class Said:
    """A part of one of the bot's comments: the usernames that it mentions first, and what it tells them."""

    to: tuple[str, ...]
    text: str


def parse_comment(body: str) -> tuple[Said, ...]:
    """Return what a comment of the bot tells to whom: every paragraph that begins with mentions.

    Where such a paragraph introduces a list, the first entries of the list are what it says.
    """
    found: list[Said] = []
    is_listing = False
    for block in re.split(r"\n\s*\n", _COMMENT.sub("", body).strip()):
        if match := _ADDRESSED.fullmatch(block):
            text = plain(match["text"])
            is_listing = text.endswith(":")
            found.append(Said(tuple(name.strip(" @") for name in match["to"].split(",")), text))
        elif is_listing and found:
            entries = [plain(line).removeprefix("- ") for line in block.splitlines() if line.startswith("- ")]
            more = [f"(and {len(entries) - _MOST_ENTRIES} more)"] if len(entries) > _MOST_ENTRIES else []
            found[-1] = Said(found[-1].to, " ".join([found[-1].text, *entries[:_MOST_ENTRIES], *more]))
            is_listing = False
    return tuple(found)


def plain(markdown: str) -> str:
    """Return *markdown* as it is read: without marks, on one line."""
    return " ".join(_MARKUP.sub("", markdown).split())


def tell_beat(at: datetime, deed: str, answer: str, quotes: Iterable[str]) -> list[str]:
    """Tell one act: its day, what was done, what became of it, and under it what the bot said."""
    day = f"{at:%a} {at.day:>2} {at:%b}"
    return [
        *_wrap(f"{deed} → {answer}" if answer else deed, f"  {day}  ", _INDENT),
        *(line for quote in quotes for line in _wrap(quote, _INDENT, _INDENT)),
    ]


def list_codes(codes: Sequence[str], order: Sequence[str]) -> str:
    """Name boxes shortly: "1.1 to 1.10" where three or more follow each other in *order*."""
    runs: list[list[str]] = []
    for code in codes:
        if runs and code in order and order.index(runs[-1][-1]) + 1 == order.index(code):
            runs[-1].append(code)
        else:
            runs.append([code])
    return join_words([part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else run)])


def join_words(words: Sequence[str]) -> str:
    """Join *words* as in "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def show_board(columns: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Draw a board: title and cards of each column, as wide as the terminal that we expect."""
    width = max(8, (WIDTH - 2) // len(columns) - 1)
    heads = [textwrap.wrap(title.replace("-", "- "), width) or [""] for title, _ in columns]
    titles = [[line.replace("- ", "-") for line in lines] for lines in heads]
    depth = max(map(len, titles))
    rows = [*zip(*([*[""] * (depth - len(lines)), *lines] for lines in titles), strict=True)]
    rows += [tuple("─" * width for _ in columns)]
    rows += [*zip_longest(*(cards for _, cards in columns), fillvalue="")]
    return ["  " + " ".join(_cut(cell, width).ljust(width) for cell in row).rstrip() for row in rows]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _wrap(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
