"""What is known of an issue once its text and its notes are judged: shared by what people see and what we remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from automation.core.commands import Commanded
from automation.core.model import Document, Issue, Process, Stage
from automation.core.people import Cast
from automation.core.replay import Case, Proof, Replayed
from automation.core.validity import Fault
from automation.core.workdays import Pause


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
    commanded: Commanded
    edit_id: int
    now: datetime

    @property
    def process(self) -> Process:
        return self.case.process

    @property
    def document(self) -> Document:
        return self.case.document

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """When the clocks stood still."""
        return self.commanded.pauses()

    def time_of(self, note_id: int) -> datetime:
        """Return when something happened that passed or shut a gate; the issue's creation for 0 and what is unknown."""
        events = [(each.note_id, each.at) for each in self.case.edits]
        events += [(each.note_id, each.at) for each in self.commanded.given]
        return next((at for known, at in events if known == note_id), self.issue.created_at)

    @property
    def place(self) -> int:
        """The number of the first stage whose gate is not passed; the number of stages when all are."""
        return min((fault.place for fault in self.faults), default=len(self.process.stages))

    @property
    def idle(self) -> frozenset[str]:
        """The keys of the stages in which this issue asks for nothing: all their boxes stand under a condition."""
        busy = {fault.place for fault in self.faults}
        return frozenset(
            stage.key
            for place, stage in enumerate(self.process.stages)
            if place not in busy and not self.case.needed[stage.key]
        )

    def stage_before(self, place: int) -> Stage:
        """Return the last stage before *place* in which there is something to do."""
        earlier = [stage for stage in self.process.stages[:place] if stage.key not in self.idle]
        return earlier[-1] if earlier else self.process.stages[0]

    @property
    def stage(self) -> Stage | None:
        """The stage at that place, None when the handover is complete."""
        return self.process.stages[self.place] if self.place < len(self.process.stages) else None
