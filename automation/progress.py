"""Progress of a long run: a bar on a terminal, a plain line now and then in a CI log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from automation.jobs.run import Progress

_EVERY = 500


@contextmanager
def build_progress(stream: TextIO, things: str = "issues") -> Iterator[Progress]:
    """Give the progress that fits *stream*; a bar is finished when the work ends, also by an error."""
    if not stream.isatty():
        yield _Lines(stream, things)
        return
    bar = _Bar(stream)
    try:
        yield bar
    finally:
        bar.finish()


class _Lines:
    """One line every 500 things: enough to see that a CI job is alive."""

    def __init__(self, stream: TextIO, things: str) -> None:
        self._stream = stream
        self._things = things
        self._what = ""
        self._done = 0
        self._total: int | None = None

    def start(self, what: str, total: int | None) -> None:
        if what != self._what:
            self._what, self._done = what, 0
        self._total = total

    def step(self) -> None:
        self._done += 1
        if self._done % _EVERY == 0:
            of = f" of {self._total}" if self._total else ""
            click.echo(f"{self._what}: {self._done}{of} {self._things}", file=self._stream)


class _Bar:
    """click's bar; GitLab tells the total only with the first page, so the bar begins then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun: tuple[str, int | None] = ("", None)
        self._bar: ProgressBar[int] | None = None

    def start(self, what: str, total: int | None) -> None:
        if (what, total) == self._begun or not total:
            return
        self.finish()
        self._begun = (what, total)
        self._bar = click.progressbar(length=total, label=what, file=self._stream)
        self._bar.render_progress()

    def step(self) -> None:
        if self._bar is not None:
            self._bar.update(1)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None
