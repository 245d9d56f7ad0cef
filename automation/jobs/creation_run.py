"""`handover create`, second half: what is to be made -> issues, one after the other, each account once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from automation.core.checklist import build_document, parse_sheet
from automation.core.creating.accounts import Account, AccountIndex
from automation.core.creating.model import Plan, Planned
from automation.core.creating.stock import Standing, account_of, take_stock
from automation.core.model import Issue
from automation.core.recognition import Processes
from automation.core.words import quote
from automation.edge.gitlab import GitLab
from automation.errors import AccessError, GitLabError, IssueError, LimitError, RefusedError, UncertainError
from automation.jobs.create import Creation
from automation.jobs.run import Progress

# One page of issues: of those made in the seconds since, ours is one.
_NEWEST = 100
# Servers of one GitLab need not agree on the second.
_OVERLAP = timedelta(seconds=5)
_WAIT_SECONDS = 60.0
_PATIENCE_SECONDS = 600.0
_STOPPED = "the run was stopped while GitLab was making it; it may be there"


@dataclass(frozen=True, slots=True)
class Tools:
    """What a long run needs of its surroundings: whom to tell, a clock that only counts seconds, and how to wait."""

    progress: Progress
    seconds: Callable[[], float]
    wait: Callable[[float], None]


def make_issues(
    job: Creation, processes: Processes, gitlab: GitLab, plan: Plan, made: list[Planned], tools: Tools
) -> None:
    """Create the issue of each row in *made* that is to be created, in order, and note there what became of it.

    *made* is right whenever this stops. Before each issue is looked what somebody else made since *plan* was: of the
    same account, none is made. One request to create a row, the next one only after its answer; GitLab's limit of
    issues a minute is waited for. An issue whose answer never came is looked for before the next one is made.

    Raises:
        AccessError: GitLab lets this token create nothing; rows not yet tried stay as they were.
        GitLabError: another run creates the same handovers.
        LimitError: GitLab let us create nothing for ten minutes.
    """
    places = [place for place, row in enumerate(made) if row.state == "create"]
    tools.progress.start("Creating", len(places))
    maker = _Maker(job, processes, gitlab, made, plan.newest)
    succeeded_at = tools.seconds()
    for place in places:
        while made[place].state == "create":
            try:
                maker.make(place)
            except LimitError:
                if tools.seconds() - succeeded_at >= _PATIENCE_SECONDS:
                    raise
                tools.wait(_WAIT_SECONDS)
        succeeded_at = tools.seconds()
        tools.progress.step()


@dataclass(slots=True)
class _Maker:
    """Makes the issues of rows.

    ``newest`` is when the newest issue was made that we know of; ``own`` are ours, ``last`` the place of their last.
    """

    job: Creation
    processes: Processes
    gitlab: GitLab
    made: list[Planned]
    newest: datetime | None
    own: set[int] = field(default_factory=set)
    last: int | None = None

    def make(self, place: int) -> None:
        """Make one issue, unless somebody else did."""
        row = self.made[place]
        others = self._fetch_others()
        self._refuse_race(others)
        there = others.find(self._account(row))
        if there is not None:
            reasons = (*row.reasons, f"#{there.iid} was made meanwhile, by another run or by hand")
            self.made[place] = replace(row, state="exists", reasons=reasons, iid=there.iid, web_url=there.web_url)
            return
        self.made[place] = replace(row, state="uncertain", reasons=(*row.reasons, _STOPPED))
        try:
            content = {"title": row.title, "description": row.text}
            self.made[place] = self._note(row, self.gitlab.create_issue(self.job.scope, content))
            self.last = place
        except UncertainError as error:
            self.made[place] = self._look_for(row, str(error))
        except (RefusedError, IssueError) as error:
            said = f"GitLab says: {quote(error.said)}" if isinstance(error, RefusedError) else ""
            self.made[place] = replace(row, state="failed", reasons=(*row.reasons, f"{error} {said}".strip()))
        except AccessError:
            self.made[place] = row
            raise

    def _fetch_others(self) -> AccountIndex[Standing]:
        """Fetch the open handovers that others made since."""
        query = {"created_after": (self.newest - _OVERLAP).isoformat()} if self.newest else {}
        found = [issue for issue, _ in self.gitlab.fetch_issues(self.job.scope, state="opened", **query)]
        for issue in found:
            self._learn(issue)
        others = [issue for issue in found if issue.iid not in self.own]
        return take_stock(others, self.job.process, self.processes).accounts

    def _refuse_race(self, others: AccountIndex[Standing]) -> None:
        """Stop where another run made the issue of our last row in the same moment: each next one would be made twice.

        Of the two runs, that one goes on whose issue came first.
        """
        if self.last is None:
            return
        row = self.made[self.last]
        twin = others.find(self._account(row))
        if twin is None:
            return
        told = f"#{twin.iid} is of the same account, made in the same moment by another run: close one of the two"
        self.made[self.last] = replace(row, reasons=(*row.reasons, told))
        self.last = None
        if twin.iid < row.iid:
            raise GitLabError(
                "Another run creates the same handovers, so this one stopped. Close what was made twice (see above);"
                " run the same command again when the other has ended."
            )

    def _account(self, row: Planned) -> Account:
        document = build_document(parse_sheet(row.text), self.job.process)
        return account_of(self.job.process, document, row.title)

    def _note(self, row: Planned, issue: Issue) -> Planned:
        self._learn(issue)
        self.own.add(issue.iid)
        return replace(row, state="created", iid=issue.iid, web_url=issue.web_url)

    def _learn(self, issue: Issue) -> None:
        self.newest = max(self.newest or issue.created_at, issue.created_at)

    def _look_for(self, row: Planned, why: str) -> Planned:
        """Look for the issue whose answer was lost among the newest that are open.

        It is only made where no open handover of this account was there: one of this title and text is ours.
        """
        for issue, _ in islice(self.gitlab.fetch_issues(self.job.scope, state="opened", sort="desc"), _NEWEST):
            if _same(issue.title, row.title) and _same(issue.description, row.text):
                return self._note(row, issue)
        return replace(row, state="uncertain", reasons=(*row.reasons, f"{why} It is not there yet."))


def _same(stored: str, sent: str) -> bool:
    """Compare what GitLab keeps with what was sent: blanks at the ends of lines may be gone (facts, section 4)."""
    return [line.rstrip() for line in stored.strip().splitlines()] == [
        line.rstrip() for line in sent.strip().splitlines()
    ]
