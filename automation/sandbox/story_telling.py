"""How the demo tells its stories on a terminal: what people did, what the bot said to whom, and the board as text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest

from automation.core.model import COMPLETE, GATE_MISSED
from automation.sandbox.story import Story
from automation.sandbox.story_values import Beat

WIDTH = 100
_INDENT = " " * 14
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MENTION = r"@[A-Za-z0-9_][A-Za-z0-9_.-]*"
_ADDRESSED = re.compile(rf"(?P<to>{_MENTION}(?:, {_MENTION})*),? (?P<text>.*)", re.DOTALL)
_MARKUP = re.compile(r"\*\*|`")
_SENTENCE_END = re.compile(r"(?<=[.?!]) ")
_MOST_ENTRIES = 2
_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Said:
    """A part of one of the bot's comments: the usernames that it mentions first, and what it tells them."""

    to: tuple[str, ...]
    text: str


def parse_comment(body: str) -> tuple[Said, ...]:
    """Return what a comment of the bot tells to whom: every paragraph that begins with mentions.

    Where such a paragraph introduces a list, the first entries of the list are part of it.
    """
    found: list[Said] = []
    is_listing = False
    for block in re.split(r"\n\s*\n", _COMMENT.sub("", body).strip()):
        if match := _ADDRESSED.fullmatch(block):
            text = plain(match["text"])
            is_listing = text.endswith(":")
            found.append(Said(tuple(name.strip(" @") for name in match["to"].split(",")), text))
        elif is_listing:
            entries = [plain(line).removeprefix("- ") for line in block.splitlines() if line.startswith("- ")]
            more = [f"(and {len(entries) - _MOST_ENTRIES} more)"] if len(entries) > _MOST_ENTRIES else []
            found[-1] = Said(found[-1].to, " ".join([found[-1].text, *entries[:_MOST_ENTRIES], *more]))
            is_listing = False
    return tuple(found)


def _requote(text: str) -> str:
    return text.replace("“", "‘").replace("”", "’")


def plain(markdown: str) -> str:
    """Return *markdown* as it is read: without marks, on one line."""
    return " ".join(_MARKUP.sub("", markdown).split())


# --- stories ----------------------------------------------------------------------------------------------------------


def tell_cast(stories: Sequence[Story]) -> str:
    """Say who is who, by the titles that the process gives to roles."""
    process = stories[0].process
    titles = {each.role: each.title for each in reversed([*process.fields.values()]) if each.role}
    roles = dict.fromkeys(each.role for each in process.fields.values() if each.role)
    parts = []
    for role in roles:
        names = dict.fromkeys(_first_name(story, story.person(role)) for story in stories)
        parts.append(f"{titles[role]}: {join_words([*names])}")
    return " · ".join(parts)


def tell_stories(stories: Iterable[Story]) -> list[list[str]]:
    """Tell what happened in each story, a list of lines each.

    "It is your turn" is quoted once; after that, who was told is enough. Nor is any other sentence of advice quoted
    twice.
    """
    is_quoted = False
    advice: set[str] = set()
    told = []
    for story in stories:
        lines, day = [], ""
        for beat in _fold(story.beats):
            is_turn = _is_turn(beat)
            dated = f"{beat.at:%a} {beat.at.day:>2} {beat.at:%b}"
            lines += _tell_beat(story, beat, dated if dated != day else "", advice, is_short=is_turn and is_quoted)
            is_quoted, day = is_quoted or is_turn, dated
        told.append(lines)
    return told


def _is_turn(beat: Beat) -> bool:
    return bool(beat.keys) and all(key.startswith("turn:") for key in beat.keys)


def _fold(beats: Iterable[Beat]) -> list[Beat]:
    """Join each beat that changed nothing to the next one, and leave out those that are not to be told."""
    found: list[Beat] = []
    for beat in (each for each in beats if each.is_told):
        if found and _is_without_news(found[-1]):
            before = found.pop()
            deeds = [*before.deeds, *beat.deeds]
            found.append(replace(beat, deeds=deeds, stage_before=before.stage_before, flags_before=before.flags_before))
        else:
            found.append(beat)
    return found


def _is_without_news(beat: Beat) -> bool:
    return beat.stage == beat.stage_before and not beat.comments and not _tell_flags(beat)


def _tell_beat(story: Story, beat: Beat, day: str, advice: set[str], is_short: bool) -> list[str]:
    said = [each for body in beat.comments for each in parse_comment(body)]
    outcome = [_tell_stage(beat), *_tell_flags(beat)]
    quotes = []
    if is_short:
        names = [_first_name(story, name) for each in said for name in each.to]
        outcome.append(f"{join_words(names)} {'are' if len(names) > 1 else 'is'} told")
    else:
        for each in said:
            names = [_first_name(story, name) for name in each.to]
            text = _without_known(_requote(each.text), advice)
            quotes += _wrap(f"Bot to {join_words(names)}: “{text}”", _INDENT)
    act = f"{_tell_deeds(story, beat) or 'Time passes'} →{_NO_BREAK}{', '.join(outcome)}"
    return [*_wrap(act, _INDENT, f"  {day:<10}  "), *quotes]


def _without_known(text: str, known: set[str]) -> str:
    """Leave out sentences at the end that are *known*, and make the others so."""
    sentences = _SENTENCE_END.split(text)
    kept = len(sentences)
    while kept > 1 and sentences[kept - 1] in known:
        kept -= 1
    known.update(sentences[1:])
    return " ".join(sentences) if kept == len(sentences) else f"{' '.join(sentences[:kept])} …"


def _tell_deeds(story: Story, beat: Beat) -> str:
    """Say who did what: "Carol fills in the lines and ticks 5.1, then Alex 5.2"."""
    parts, verb = [], ""
    for who, deeds in groupby(beat.deeds, lambda deed: deed[0]):
        acts = []
        for _, each, what in deeds:
            named = _tell_object(story, beat, what)
            acts.append(named if each == verb else each.replace("{}", named))
            verb = each
        parts.append(f"{_first_name(story, who)} {join_words(acts)}")
    return ", then ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _tell_object(story: Story, beat: Beat, what: Sequence[str]) -> str:
    """Name what was done, a box that the bot then spoke of with its words."""
    item = story.process.items.get(what[0]) if len(what) == 1 else None
    if item and any(item.code in key.split(":") for key in beat.keys):
        return f"{item.code} “{_cut(item.title, 60)}”"
    return _list_codes(what, [*story.process.items])


def _tell_stage(beat: Beat) -> str:
    is_same = beat.stage == beat.stage_before and beat.stage != COMPLETE
    return f"stays in {beat.stage}" if is_same else beat.stage


def _tell_flags(beat: Beat) -> list[str]:
    is_missed, was_missed = GATE_MISSED in beat.flags, GATE_MISSED in beat.flags_before
    return [] if is_missed == was_missed else [f"{'flagged' if is_missed else 'no longer'} {GATE_MISSED}"]


def _first_name(story: Story, username: str) -> str:
    user = story.world.find_user(username)
    return user.name.split()[0] if user else username


def _list_codes(codes: Sequence[str], order: Sequence[str]) -> str:
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


# --- board ------------------------------------------------------------------------------------------------------------


def show_board(stories: Sequence[Story]) -> list[str]:
    """Draw the board of *stories*, a column a stage, as wide as the terminal that we expect."""
    process = stories[0].process
    columns = [*(stage.label for stage in process.stages), process.complete_label]
    width = max(8, (WIDTH - 2) // len(columns) - 1)
    heads = [textwrap.wrap(label.rpartition("::")[2].replace("-", "- "), width) for label in columns]
    depth = max(map(len, heads))
    titles = [[*[""] * (depth - len(lines)), *(line.replace("- ", "-") for line in lines)] for lines in heads]
    cards = [[_card(story) for story in stories if label in _labels(story)] for label in columns]
    rows = [*zip(*titles, strict=True), ["─" * width] * len(columns), *zip_longest(*cards, fillvalue="")]
    return ["  " + " ".join(_cut(cell, width).ljust(width) for cell in row).rstrip() for row in rows]


def _card(story: Story) -> str:
    mark = " ✓" if story.issue.state == "closed" else " !" if GATE_MISSED in _labels(story) else ""
    return f"#{story.iid} {story.outline.customer}{mark}"


def _labels(story: Story) -> Sequence[str]:
    return story.world.list_titles(story.issue.project_id, story.iid)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _wrap(text: str, indent: str, first: str = "") -> list[str]:
    lines = textwrap.wrap(text, WIDTH, initial_indent=first or indent, subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]
