"""What the schemas want of a place on GitLab: its labels, with the words on them, and its boards."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from automation.core.labels import all_flags
from automation.core.model import GATE_MISSED, LIMIT_AT_RISK, LIMIT_MISSED, WAITING_ON, Process, Stage
from automation.core.pages.page import current_processes
from automation.core.role_names import role_name, role_names

WAITING_BOARD = "Waiting on"
MISSED_BOARD = "Limits missed"

# One calm colour after the other, stage by stage. White words can be read on every one of them.
STAGE_COLORS = ("#1f6f8b", "#2f5d8c", "#4a5899", "#6b4f93", "#85477f", "#8c4a62", "#7a5540", "#5f6332", "#3f6b4f")
COMPLETE_COLOR = "#2d7d46"
CANCELLED_COLOR = "#5c6470"
WAITING_COLOR = "#6b5b4b"
_BY_THE_BOT = "Set by the bot, do not change it by hand."
# GitLab takes longer ones, but nobody reads them on a card.
_LONGEST = 255
_FLAGS = (
    (LIMIT_MISSED, "#b3261e", 1, "A time limit is over. The status comment says which, and who must act."),
    (GATE_MISSED, "#a33b12", 2, "A step came before its time, or a tick does not count. The status comment says why."),
    (LIMIT_AT_RISK, "#b45309", 3, "A time limit ends soon. The status comment says when, and who must act."),
)


@dataclass(frozen=True, slots=True)
class WantedLabel:
    """A label as it should be. ``former_names`` are those that it had before, the latest that the schema gives first.

    ``priority`` is GitLab's, 1 the highest, None for none; only labels of projects have one.
    """

    name: str
    color: str
    description: str
    priority: int | None = None
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedBoard:
    """A board with the labels of its lists, in order."""

    name: str
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that the schemas want; names of labels and of boards are unique."""

    labels: tuple[WantedLabel, ...]
    boards: tuple[WantedBoard, ...]


def build_wanted(processes: Iterable[Process]) -> Wanted:
    """Build what *processes*, every version of them, want.

    A label that several versions have is as the newest says. Boards are those of the newest versions: what an older
    handover stands in shows in its label.
    """
    every = tuple(processes)
    current = current_processes(every)
    older = sorted((each for each in every if each not in current), key=lambda each: (each.id, -each.version))
    labels: dict[str, WantedLabel] = {}
    for process in (*current, *older):
        for label in _process_labels(process):
            labels.setdefault(label.name, label)
    for name, color, priority, words in _FLAGS:
        labels[name] = WantedLabel(name, color, f"{words} {_BY_THE_BOT}", priority)
    roles = _roles((*current, *older))
    for role in roles:
        name = f"{WAITING_ON}{role}"
        labels[name] = WantedLabel(name, WAITING_COLOR, _words(f"Waits for: {_name(current, role)}. {_BY_THE_BOT}"))
    return Wanted(tuple(labels.values()), (*_boards(current), *_common_boards(roles)))


def _process_labels(process: Process) -> Iterator[WantedLabel]:
    count = len(process.stages)
    for place, stage in enumerate(process.stages):
        words = f"{process.title}, stage {place + 1} of {count}: {stage.title}. {_who(process, stage)}{_BY_THE_BOT}"
        color = STAGE_COLORS[place % len(STAGE_COLORS)]
        yield WantedLabel(stage.label, color, _words(words), former_names=stage.former_labels)
    done = f"{process.title}: every stage is done. {_BY_THE_BOT}"
    yield WantedLabel(process.complete_label, COMPLETE_COLOR, _words(done))
    stopped = f"{process.title}: stopped before its end; the status comment says by whom. {_BY_THE_BOT}"
    yield WantedLabel(process.cancelled_label, CANCELLED_COLOR, _words(stopped))


def _who(process: Process, stage: Stage) -> str:
    names = role_names(process, stage.responsible)
    return f"At work: {', '.join(names)}. " if names else ""


def _words(text: str) -> str:
    """Write *text* as GitLab keeps it: it takes markup out of descriptions, and reads entities.

    What cannot be printed is left out: such letters turn the words around them, or hide.
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in html.unescape(text))
    plain = " ".join(re.sub("[<>]", " ", shown).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1].rstrip() + "…"


def _roles(processes: tuple[Process, ...]) -> tuple[str, ...]:
    """Return every role that can be waited for: those who work, in the order of the stages, then the others."""
    known = {flag.removeprefix(WAITING_ON) for process in processes for flag in all_flags(process)}
    working = (role for process in processes for role in process.working_roles)
    signing = (role for process in processes for item in process.items.values() for role in item.signed_by)
    named = (field.role for process in processes for field in process.fields.values())
    return tuple(dict.fromkeys(role for role in (*working, *signing, *named) if role in known))


def _name(processes: Iterable[Process], role: str) -> str:
    """Return what most readers call the role: its title in the first process that names somebody for it."""
    known = (each for each in processes if any(field.role == role for field in each.fields.values()))
    return role_name(next(known, None), role)


def _boards(current: tuple[Process, ...]) -> Iterator[WantedBoard]:
    titles = Counter(_words(process.title) for process in current)
    for process in current:
        title = _words(process.title)
        stages = (stage.label for stage in process.stages)
        yield WantedBoard(
            title if titles[title] == 1 else f"{title} ({process.id})",
            (*stages, process.complete_label, process.cancelled_label),
        )


def _common_boards(roles: Iterable[str]) -> tuple[WantedBoard, ...]:
    return (
        WantedBoard(WAITING_BOARD, tuple(f"{WAITING_ON}{role}" for role in roles)),
        WantedBoard(MISSED_BOARD, (LIMIT_MISSED, LIMIT_AT_RISK, GATE_MISSED)),
    )
