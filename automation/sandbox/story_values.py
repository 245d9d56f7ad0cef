"""The values of stories: when people act, what they did and what became of it, and how a story fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from automation.errors import HandoverError

Row = Mapping[str, Any]


class StoryError(HandoverError):
    """What a story tells did not come true: a bug of ours, and nothing to pretend about."""


class UntellableError(Exception):
    """The process has nothing that this story could be told with."""


class Moment(NamedTuple):
    """A time of a working day; *day* counts from 1."""

    day: int
    hour: int = 10
    minute: int = 0


Script = Iterator[Moment]


@dataclass(slots=True)
class Beat:
    """What people did at one moment, and what the bot made of it: the stage, flags and comments before and after.

    *deeds* are (who, verb, what), the verb with a place for what, as in "ticks {} anew". *keys* are the episodes that
    the bot told in its *comments*.
    """

    at: datetime
    is_told: bool = True
    deeds: list[tuple[str, str, list[str]]] = field(default_factory=list)
    stage_before: str = ""
    stage: str = ""
    flags_before: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    comments: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
