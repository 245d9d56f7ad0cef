"""Plans on disk between planning and applying, so that memory does not grow with the number of issues."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from automation.core.model import Action


@dataclass(frozen=True, slots=True)
class Planned:
    """The actions of one issue.

    Where they hold a new comment, ``later`` are the actions without it, for people who have been told enough for one
    day, and ``row`` and ``row_later`` what is reported of either.
    """

    project_id: int
    iid: int
    actions: tuple[Action, ...]
    later: tuple[Action, ...] | None = None
    row: Mapping[str, Any] | None = None
    row_later: Mapping[str, Any] | None = None


class Spool:
    """A temporary file of plans, written once and read once. It goes when it is closed."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self.count = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, planned: Planned) -> None:
        """Append a plan; one without actions is not worth keeping."""
        if planned.actions or planned.row is not None:
            pickle.dump(planned, self._file)
            self.count += 1

    def read(self) -> Iterator[Planned]:
        """Yield all plans in the order in which they were added."""
        self._file.seek(0)
        for _ in range(self.count):
            yield pickle.load(self._file)  # noqa: S301 - our own file, deleted from the disk when it was opened
