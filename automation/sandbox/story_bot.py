"""The bot of the demo: the very triage of `handover triage --apply`, against the sandbox over HTTP."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from automation.edge.gitlab import GitLab, project_scope
from automation.edge.repository import Repository
from automation.errors import HandoverError
from automation.jobs.run import Triage
from automation.jobs.triage import triage
from automation.sandbox.sample import PROJECT
from automation.sandbox.story_telling import join_words, parse_comment
from automation.sandbox.story_values import Row, StoryError
from automation.sandbox.world import World


class _Silence:
    """Progress that nobody needs to see: a run takes a moment."""

    def start(self, what: str, total: int | None) -> None:
        """Say nothing."""

    def step(self) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Bot:
    """The triage of `handover triage --apply`, as the project's own bot account."""

    url: str
    token: str
    repository: Repository
    world: World
    key: str = field(default_factory=lambda: secrets.token_hex(32))

    def run(self) -> list[Row]:
        """Run the triage and return its rows.

        Raises:
            StoryError: an issue could not be finished.
        """
        rows: list[Row] = []
        job = Triage(project_scope(PROJECT), self.world.read_now(), self.key, is_applied=True)
        outcome = triage(job, GitLab(self.url, self.token), self.repository, rows.append, _Silence())
        if outcome.failed:
            raise StoryError(f"The demo found a bug: issues could not be finished: {outcome.failed}.")
        return rows

    def report(self) -> str:
        """Run the triage and say in short what it changed."""
        try:
            rows = self.run()
        except HandoverError as error:
            return str(error)
        changed = [row for row in rows if row["actions"]]
        head = f"{len(rows)} handovers judged, {len(changed) or 'none'} changed."
        return "\n".join([head, *(line for row in changed for line in self._list_changes(row))])

    def _list_changes(self, row: Row) -> list[str]:
        lines = [f"#{row['iid']} {self.world.issue(PROJECT, row['iid']).title}: {row['stage'] or 'cannot be read'}"]
        for action in row["actions"]:
            if action["type"] == "labels":
                changes = [f"+{name}" for name in action["add"]] + [f"-{name}" for name in action["remove"]]
                lines.append(f"  labels: {' '.join(changes)}")
            elif action["type"] in ("ping", "letter"):
                lines += [f"  to {join_words(said.to)}: {said.text}" for said in parse_comment(action["body"])]
            else:
                lines.append("  the status comment is brought up to date")
        return lines
