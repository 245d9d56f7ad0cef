"""`handover create`, first half: accounts, people and open handovers -> what would be made."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from automation.core.comments import Words, say
from automation.core.creating.filling import build_form
from automation.core.creating.model import Plan, Record
from automation.core.creating.plan import build_plan
from automation.core.creating.reading import Rules
from automation.core.creating.stock import newest_of, take_stock
from automation.core.installation import AccessToken, ProjectFacts, Seen, Unseen
from automation.core.model import Finding, Issue, Process, Verdict
from automation.core.people import LOWEST_ACCESS_LEVEL, build_directory
from automation.core.recognition import Processes
from automation.core.words import quote
from automation.edge.gitlab import GitLab
from automation.edge.installation import fetch_own_token, fetch_project_facts
from automation.edge.repository import Repository
from automation.errors import UsageError
from automation.jobs.run import Progress, fetch_holders

# Scopes with which an issue can be created; "granular" tokens tell no more.
_WRITING = frozenset({"api", "granular"})
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Creation:
    """What to make, and where. ``scope`` is "projects/ID"; ``template`` is the text that GitLab's page would copy."""

    process: Process
    template: str
    scope: str
    now: datetime
    renewal_days: int = 60
    has_exclusions: bool = True


def find_process(processes: Processes, process_id: str) -> Process:
    """Return the newest version of a process.

    Raises:
        UsageError: there is none of this id.
    """
    found = newest_of(processes, process_id)
    if found is None:
        known = sorted({each.id for each in processes.values()})
        near = difflib.get_close_matches(process_id, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}."
        raise UsageError(f"There is no process {quote(process_id)}; {hint}")
    return found


def plan_creation(
    job: Creation, records: Sequence[Record], gitlab: GitLab, repository: Repository, progress: Progress
) -> Plan:
    """Judge every row by the people and the open issues of the project; nothing is written.

    Raises:
        AccessError: the project, or a group of the role directory, cannot be seen.
    """
    settings = repository.configuration
    obstacles = judge_rights(fetch_own_token(gitlab), fetch_project_facts(gitlab, job.scope))
    members = gitlab.fetch_members(job.scope)
    holders = fetch_holders(gitlab, repository)
    stock = take_stock(_open_issues(job, gitlab, progress), job.process, repository.processes)
    rules = Rules(
        directory=build_directory(holders, settings.territories, members, settings.calendars),
        stock=stock,
        now=job.now,
        explain=lambda finding: _explain(finding, job.process, repository.words),
        renewal_days=job.renewal_days,
        has_exclusions=job.has_exclusions,
    )
    progress.start("Judging rows", len(records))
    plan = build_plan(build_form(job.process, job.template), _told(records, progress), rules)
    return replace(plan, obstacles=obstacles)


def judge_rights(token: Seen[AccessToken], project: ProjectFacts) -> tuple[str, ...]:
    """Say why this token cannot create handovers in this project, or must not: one sentence a reason."""
    told = []
    if not isinstance(token, Unseen) and token.scopes and not _WRITING & set(token.scopes):
        scopes = ", ".join(quote(each) for each in token.scopes)
        told.append(f"The token in HANDOVER_TOKEN may only read (scope {scopes}): make one with the scope `api`.")
    if 0 < project.access_level < LOWEST_ACCESS_LEVEL:
        told.append(
            "The token's account is a Guest here and sees no confidential issue, so a handover that is there already"
            " could be made again: give it the role Planner or Reporter."
        )
    if not project.has_issues:
        told.append("Issues are switched off in this project: switch them on in its settings (General, Visibility).")
    return tuple(told)


def _told(records: Sequence[Record], progress: Progress) -> Iterator[Record]:
    for record in records:
        yield record
        progress.step()


def _open_issues(job: Creation, gitlab: GitLab, progress: Progress) -> Iterator[Issue]:
    for issue, total in gitlab.fetch_issues(job.scope, state="opened"):
        progress.start("Reading", total)
        progress.step()
        yield issue


def _explain(finding: Finding, process: Process, words: Words) -> str:
    said = say(finding, Verdict(process, "", "", (finding,), {}, {}, {}, 0, None), words)
    # These words are for an issue; here, nothing makes bold of them.
    return _BOLD.sub(r"\1", f"{said.message} {said.repair}")
