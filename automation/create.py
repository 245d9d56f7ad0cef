"""`handover create`: accounts -> what would be made of them -> issues, one after the other."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from automation.core.comments import Words, say
from automation.core.creating.filling import build_form
from automation.core.creating.model import Plan, Planned, Record
from automation.core.creating.plan import build_plan
from automation.core.creating.reading import Rules
from automation.core.creating.stock import newest_of, take_stock
from automation.core.model import Finding, Issue, Process, Verdict
from automation.core.people import build_directory
from automation.core.recognition import Processes
from automation.core.words import quote
from automation.edge.gitlab import GitLab
from automation.edge.repository import Repository
from automation.errors import AccessError, IssueError, RefusedError, UncertainError, UsageError
from automation.run import Progress, fetch_holders

# One page of issues: of those made in the seconds since, ours is one.
_NEWEST = 100
_STOPPED = "the run was stopped while GitLab was making it; it may be there"


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
    return build_plan(build_form(job.process, job.template), _told(records, progress), rules)


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
    return f"{said.message} {said.repair}"


def make_issues(job: Creation, gitlab: GitLab, made: list[Planned], progress: Progress) -> None:
    """Create the issue of each row in *made* that is to be created, in order, and note there what became of it.

    *made* is right whenever this stops. One request a row, the next one only after its answer; GitLab's limit of
    issues a minute is waited for. An issue whose answer never came is looked for before the next one is made.

    Raises:
        AccessError: GitLab lets this token create nothing; rows not yet tried stay as they were.
    """
    places = [place for place, row in enumerate(made) if row.state == "create"]
    progress.start("Creating", len(places))
    for place in places:
        row = made[place]
        made[place] = replace(row, state="uncertain", reasons=(*row.reasons, _STOPPED))
        try:
            made[place] = _note(row, gitlab.create_issue(job.scope, {"title": row.title, "description": row.text}))
        except UncertainError as error:
            made[place] = _look_for(row, str(error), job, gitlab)
        except (RefusedError, IssueError) as error:
            said = f"GitLab says: {quote(error.said)}" if isinstance(error, RefusedError) else ""
            made[place] = replace(row, state="failed", reasons=(*row.reasons, f"{error} {said}".strip()))
        except AccessError:
            made[place] = row
            raise
        progress.step()


def _note(row: Planned, issue: Issue) -> Planned:
    return replace(row, state="created", iid=issue.iid, web_url=issue.web_url)


def _look_for(row: Planned, why: str, job: Creation, gitlab: GitLab) -> Planned:
    """Look for the issue whose answer was lost among the newest that are open.

    The plan was made because no open handover of this account was there: one of this title and text is ours.
    """
    for issue, _ in islice(gitlab.fetch_issues(job.scope, state="opened", sort="desc"), _NEWEST):
        if _same(issue.title, row.title) and _same(issue.description, row.text):
            return _note(row, issue)
    return replace(row, state="uncertain", reasons=(*row.reasons, f"{why} It is not there yet."))


def _same(stored: str, sent: str) -> bool:
    """Compare what GitLab keeps with what was sent: blanks at the ends of lines may be gone (facts, section 4)."""
    return [line.rstrip() for line in stored.strip().splitlines()] == [
        line.rstrip() for line in sent.strip().splitlines()
    ]
