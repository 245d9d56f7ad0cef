"""What is known of an issue once its text and its notes are judged: shared by what people see and what we remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from automation.core.commands import Refusal
from automation.core.model import Document, Issue, Process, Stage
from automation.core.people import Cast
from automation.core.replay import Case, Proof, Replayed
from automation.core.validity import Fault


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged issue.

    ``proofs`` are those of the replay, with what has gone stale since. ``faults`` are in the order of stages.
    ``edit_id`` is the newest edit that was read, 0 without any.
    """

    issue: Issue
    case: Case
    cast: Cast
    replayed: Replayed
    proofs: Mapping[str, Proof]
    digests: Mapping[str, str]
    faults: tuple[Fault, ...]
    refusals: tuple[Refusal, ...]
    edit_id: int
    now: datetime

    @property
    def process(self) -> Process:
        return self.case.process

    @property
    def document(self) -> Document:
        return self.case.document

    @property
    def place(self) -> int:
        """The number of the first stage whose gate is not passed; the number of stages when all are."""
        return min((fault.place for fault in self.faults), default=len(self.process.stages))

    @property
    def stage(self) -> Stage | None:
        """The stage at that place, None when the handover is complete."""
        return self.process.stages[self.place] if self.place < len(self.process.stages) else None
