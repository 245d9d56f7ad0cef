"""One function a job: fetch, judge, plan, apply, issue by issue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from automation.core.labels import is_moved_back
from automation.core.report import build_row
from automation.core.story import build_story
from automation.edge.apply import apply_actions
from automation.edge.gitlab import GitLab
from automation.edge.parallel import in_parallel
from automation.edge.repository import Repository
from automation.edge.spool import Planned, Spool
from automation.errors import IssueError, LargePlanError, UsageError
from automation.jobs.letters import WrittenLetter, write_letter
from automation.jobs.run import Considered, Outcome, Progress, Run, Triage

_AT_ONCE = 4
_LEAST_MOVED_BACK = 10


def triage(
    job: Triage,
    gitlab: GitLab,
    repository: Repository,
    report: Callable[[dict[str, Any]], None],
    progress: Progress,
) -> Outcome:
    """Judge every open handover, and closed ones that are not complete; then carry out the plan where asked to.

    *report* receives one row an issue as soon as it is judged. Nothing is written before everything is planned, and
    nothing at all when the plan moves back too many handovers.

    Raises:
        LargePlanError: the plan moves back more than the configured share of the handovers.
        AccessError: GitLab lets this token do nothing; what was already done is done.
    """
    outcome = Outcome()
    with Spool() as spool, Spool() as speaking:
        run = Run(job, gitlab, repository, gitlab.fetch_user(), outcome)
        progress.start("Judging", None)
        for found in in_parallel(run.read, run.candidates(progress), _AT_ONCE, outcome.note_failure):
            try:
                issue, verdict, actions, later = run.judge(*found)
            except IssueError as error:
                outcome.note_failure(found[:2], error)
                continue
            outcome.judged += 1
            outcome.moved_back += is_moved_back(issue, verdict)
            row = build_row(issue, verdict, actions, repository.words)
            if later is None:
                report(row)
                spool.add(Planned(issue.project_id, issue.iid, actions))
            else:
                row_later = build_row(issue, verdict, later, repository.words)
                speaking.add(Planned(issue.project_id, issue.iid, actions, later, row, row_later))
        for planned in run.within_ceiling(speaking.read()):
            report(dict(planned.row or {}))
            spool.add(replace(planned, later=None, row=None, row_later=None))
        _refuse_large_plan(outcome, repository.configuration.moved_back_share, job.may_move_many)
        if job.is_applied:
            progress.start("Writing", spool.count)
            _apply(spool, run, outcome, progress)
    return outcome


def _refuse_large_plan(outcome: Outcome, share: float, may_move_many: bool) -> None:
    moved = outcome.moved_back
    if not may_move_many and moved >= _LEAST_MOVED_BACK and moved > share * outcome.judged:
        raise LargePlanError(
            f"This plan would move back {moved} of {outcome.judged} handovers, which looks like a mistake in a rule."
            " Nothing was written. Look at the plan; if it is right, run again with --allow-large-plan."
        )


def _apply(spool: Spool, run: Run, outcome: Outcome, progress: Progress) -> None:
    def write(planned: Planned) -> Planned:
        apply_actions(run.gitlab, planned.project_id, planned.iid, planned.actions, run.bot.id)
        return planned

    for _ in in_parallel(write, spool.read(), _AT_ONCE, outcome.note_failure):
        outcome.changed += 1
        progress.step()


def letter(job: Triage, name: str, gitlab: GitLab, repository: Repository) -> WrittenLetter:
    """Fill in the letter called *name* for the issue that *job* names; nothing is written or sent.

    Raises:
        UsageError: the issue is no handover, or has no such letter.
    """
    run, considered = _consider_the_one(job, gitlab, repository)
    members = run.directory(considered.issue.project_id).members
    return write_letter(name, considered, members, run.mailroom, repository)


def _consider_the_one(job: Triage, gitlab: GitLab, repository: Repository) -> tuple[Run, Considered]:
    run = Run(job, gitlab, repository, gitlab.fetch_user(), Outcome())
    found = next(iter(run.candidates(None)), None)
    if found is None:
        raise UsageError(f"Issue {job.iid} is no handover: it names no process and carries none of its labels.")
    return run, run.consider(*run.read(found))


def explain(job: Triage, gitlab: GitLab, repository: Repository) -> dict[str, Any]:
    """Tell the whole story of the issue that *job* names; nothing is written.

    Returns:
        "now", the row of a triage without its actions under "issue", and "events": everything that happened, in
        order, each with what it was worth and why.

    Raises:
        UsageError: the issue is no handover.
    """
    _, considered = _consider_the_one(job, gitlab, repository)
    issue = considered.issue
    row = build_row(issue, considered.verdict, (), repository.words)
    story = build_story(
        issue,
        considered.judged,
        considered.verdict,
        gitlab.fetch_label_events(issue.project_id, issue.iid),
        gitlab.fetch_state_events(issue.project_id, issue.iid),
        considered.pings,
        repository.words,
        job.now,
    )
    del row["actions"]
    return {"now": job.now.isoformat(), "title": issue.title, "issue": row, "events": story}
