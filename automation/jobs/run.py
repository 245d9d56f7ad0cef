"""One run: what it fetches once, and how it reads and judges one issue after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from automation.core.checklist import Sheet, parse_sheet
from automation.core.gates import conclude, review_issue
from automation.core.judged import Judged
from automation.core.labels import find_label_move, find_untold_move, wants_label_events
from automation.core.markdown import UnreadableMarkdownError
from automation.core.memory import (
    Seal,
    find_pings,
    find_status_notes,
    is_sealed_otherwise,
    people_told,
    recall,
)
from automation.core.model import Action, Edit, Finding, Issue, Note, OfferLetter, PostPing, Process, User, Verdict
from automation.core.people import Directory, build_directory
from automation.core.plan import Reopening, Speech, plan_issue
from automation.core.proof import parse_edits
from automation.core.quiet import QuietHours
from automation.core.recognition import is_candidate, judge_unreadable, recognise
from automation.core.remembered import Memory
from automation.edge.gitlab import GitLab, group_scope
from automation.edge.repository import Repository
from automation.edge.spool import Planned
from automation.errors import AccessError, GitLabError, IssueError
from automation.jobs.alarm import is_alarm
from automation.jobs.letters import Mailroom

_AT_ONCE = 4
_CLOSED_FOR = timedelta(days=30)
_LEAST_MOVED_BACK = 10
_SNAPSHOT_SLACK = timedelta(seconds=2)


class Progress(Protocol):
    """What a long run tells while it works."""

    def start(self, what: str, total: int | None) -> None:
        """Begin a new part of *total* steps, None when nobody knows."""

    def step(self) -> None:
        """One issue is done."""


@dataclass(frozen=True, slots=True)
class Triage:
    """What to judge. ``scope`` is "projects/ID" or "groups/ID"; ``iid`` limits the run to one issue.

    ``is_replay``: *now* was given by hand, so that later notes are not looked at.
    """

    scope: str
    now: datetime
    state_key: str = ""
    old_state_key: str = ""
    iid: int | None = None
    is_applied: bool = False
    may_move_many: bool = False
    is_replay: bool = False


@dataclass(slots=True)
class Outcome:
    """What a run came to.

    ``failed`` are the issues that the next run must try again, with the reason; ``alarms`` our open calls for help.
    ``waiting`` counts comments that wait because somebody was told enough today, ``unsealed`` the handovers whose
    memory was sealed with a key that is not known any more.
    """

    judged: int = 0
    moved_back: int = 0
    changed: int = 0
    waiting: int = 0
    unsealed: int = 0
    failed: list[tuple[int, int, str]] = field(default_factory=list)
    alarms: list[Issue] = field(default_factory=list)

    def note_failure(self, thing: tuple[Issue, Sheet | None] | Planned, error: IssueError) -> None:
        """Note that an issue could not be read or written."""
        issue = thing[0] if isinstance(thing, tuple) else thing
        self.failed.append((issue.project_id, issue.iid, str(error)))


@dataclass(frozen=True, slots=True)
class Considered:
    """One issue, judged: ``known`` are the notes up to the run's moment, ``judged`` is None where it is unreadable."""

    issue: Issue
    verdict: Verdict
    judged: Judged | None
    memory: Memory | None
    known: tuple[Note, ...]
    seal: Seal

    @property
    def pings(self) -> tuple[tuple[Note, tuple[str, ...]], ...]:
        """Our own pings, with the keys of what each told."""
        return find_pings(self.known, self.seal)


@dataclass(slots=True)
class Run:
    """What the steps of one triage share: fetched once a run."""

    job: Triage
    gitlab: GitLab
    repository: Repository
    bot: User
    outcome: Outcome
    directories: dict[int, Directory] = field(default_factory=dict)
    holders: dict[str, tuple[str, ...]] | None = None
    heard: Counter[str] = field(default_factory=Counter)
    mailroom: Mailroom = field(init=False)

    def __post_init__(self) -> None:
        self.mailroom = Mailroom(
            self.gitlab, self.repository, lambda issue, error: self.outcome.note_failure((issue, None), error)
        )

    def candidates(self, progress: Progress | None) -> Iterator[tuple[Issue, Sheet | None]]:
        """Yield the issues that may be handovers, each once, with their text read (None: it cannot be)."""
        seen: set[tuple[int, int]] = set()
        for issue in self._issues(progress):
            if (issue.project_id, issue.iid) in seen:
                continue
            seen.add((issue.project_id, issue.iid))
            sheet = _read_sheet(issue)
            if sheet is None or is_candidate(issue, sheet, self.repository.processes, self.job.now):
                yield issue, sheet

    def _issues(self, progress: Progress | None) -> Iterator[Issue]:
        if self.job.iid is not None:
            yield self._fetch_the_one(self.job.iid)
            return
        for issue, total in self.gitlab.fetch_issues(self.job.scope, state="opened"):
            if progress is not None:
                if total is not None:
                    progress.start("Judging", total)
                progress.step()
            if is_alarm(issue, self.bot.id):
                self.outcome.alarms.append(issue)
            else:
                yield issue
        # Those labelled complete are listed too: anybody can drag a card. Their text alone tells which must be read.
        since = (self.job.now - _CLOSED_FOR).isoformat()
        for issue, _ in self.gitlab.fetch_issues(self.job.scope, state="closed", updated_after=since):
            yield issue

    def _fetch_the_one(self, iid: int) -> Issue:
        try:
            return self.gitlab.fetch_issue(self.job.scope, iid)
        except IssueError as error:
            raise GitLabError(f"Issue {iid} cannot be read: {error}") from error

    def read(self, candidate: tuple[Issue, Sheet | None]) -> tuple[Issue, Sheet | None, list[Note]]:
        """Fetch an issue's notes. When the issue was edited after it had been listed, both are read again."""
        issue, sheet = candidate
        notes = self.gitlab.fetch_notes(issue.project_id, issue.iid)
        if _is_outdated(issue, sheet, parse_edits(notes)):
            now = self.gitlab.fetch_issue(f"projects/{issue.project_id}", issue.iid)
            if now.description != issue.description:
                notes = self.gitlab.fetch_notes(issue.project_id, issue.iid)
                sheet = _read_sheet(now)
            issue = now
        return issue, sheet, notes

    def within_ceiling(self, planned: Iterable[Planned]) -> Iterator[Planned]:
        """Yield the plans that hold a new comment, without it where somebody in it has been told enough for the day.

        All issues have been read by then, so that what was told earlier today is known, wherever it was told.
        """
        most = self.repository.configuration.pings_per_person_and_day
        for each in planned:
            people = [name.casefold() for action in each.actions for name in set(getattr(action, "people", ()))]
            if any(self.heard[name] >= most for name in people) and each.later is not None:
                self.outcome.waiting += 1
                yield replace(each, actions=each.later, row=each.row_later)
            else:
                self.heard.update(people)
                yield each

    def judge(
        self, issue: Issue, sheet: Sheet | None, notes: list[Note]
    ) -> tuple[Issue, Verdict, tuple[Action, ...], tuple[Action, ...] | None]:
        """Judge one issue and plan its writes, a second time without a new comment where the plan holds one."""
        found = self.consider(issue, sheet, notes)
        verdict, memory, seal = found.verdict, found.memory, found.seal
        verdict = self._with_label_move(issue, verdict, memory)
        speech = self._speech(seal)
        reopening = self._reopening(issue, verdict, memory, notes, seal)
        now = self.job.now
        post = self.mailroom.write_offers(found, verdict, self.directory(issue.project_id).members)
        actions = plan_issue(issue, verdict, memory, notes, speech, now, reopening, post)
        self.heard.update(people_told(notes, seal, now))
        if memory is None and any(is_sealed_otherwise(note, seal) for note in notes):
            self.outcome.unsealed += 1
        later = None
        if any(isinstance(action, PostPing | OfferLetter) for action in actions):
            later = plan_issue(issue, verdict, memory, notes, replace(speech, is_silent=True), now, reopening, post)
        return issue, verdict, actions, later

    def consider(self, issue: Issue, sheet: Sheet | None, notes: list[Note]) -> Considered:
        """Judge one issue as of the run's moment."""
        job = self.job
        seal = Seal(job.state_key, self.bot.id, issue.project_id, issue.iid, job.old_state_key)
        known = [note for note in notes if note.created_at <= job.now] if job.is_replay else notes
        # What was remembered after that moment knows too much.
        ours = [note for note in known if note.updated_at <= job.now] if job.is_replay else notes
        memory = recall(ours, seal)
        edit_id = max((edit.note_id for edit in parse_edits(known)), default=0)
        verdict, judged = self._verdict(issue, sheet, known, memory, edit_id)
        return Considered(issue, verdict, judged, memory, tuple(known), seal)

    def _speech(self, seal: Seal) -> Speech:
        settings = self.repository.configuration
        hours = settings.quiet_hours
        return Speech(
            words=self.repository.words,
            seal=seal,
            comments_per_day=settings.comments_per_issue_and_day,
            may_close=settings.may_close,
            may_assign=settings.may_assign,
            may_set_due_date=settings.may_set_due_date,
            calendars=settings.calendars,
            quiet_hours=QuietHours(*hours, settings.calendars) if hours else None,
        )

    def _verdict(
        self, issue: Issue, sheet: Sheet | None, notes: list[Note], memory: Memory | None, edit_id: int
    ) -> tuple[Verdict, Judged | None]:
        processes = self.repository.processes
        found: Process | Finding
        if sheet is None:
            sheet, found = Sheet((), (), ()), Finding("unreadable", "unreadable.too-deep")
        else:
            found = recognise(issue, sheet, processes, memory)
        directory = self.directory(issue.project_id)
        if isinstance(found, Finding):
            return judge_unreadable(issue, sheet, found, processes, directory, edit_id, self.job.now), None
        judged = review_issue(issue, sheet, notes, found, directory, memory, self.job.now)
        return conclude(judged, directory), judged

    def _with_label_move(self, issue: Issue, verdict: Verdict, memory: Memory | None) -> Verdict:
        if not wants_label_events(issue, verdict, memory):
            untold = find_untold_move(verdict, memory)
            return replace(verdict, findings=(*verdict.findings, untold)) if untold else verdict
        events = self.gitlab.fetch_label_events(issue.project_id, issue.iid)
        moved = find_label_move(issue, verdict, memory, events, self.bot.id)
        return replace(verdict, findings=(*verdict.findings, moved)) if moved else verdict

    def _reopening(
        self, issue: Issue, verdict: Verdict, memory: Memory | None, notes: list[Note], seal: Seal
    ) -> Reopening | None:
        """Find who reopened a complete handover. GitLab is asked only when the issue changed since we last wrote."""
        ours = find_status_notes(notes, seal)
        if not verdict.is_complete or issue.state != "opened" or memory is None or not ours:
            return None
        if memory.label != verdict.label:
            return None
        if issue.updated_at <= ours[0].updated_at + _SNAPSHOT_SLACK:
            told = [key for key in memory.told if key.startswith("reopened:")]
            return Reopening(int(told[-1].split(":")[1]), "") if told else None
        events = self.gitlab.fetch_state_events(issue.project_id, issue.iid)
        reopened = [event for event in events if event.state == "reopened"]
        return Reopening(reopened[-1].id, reopened[-1].user.username) if reopened else None

    def directory(self, project_id: int) -> Directory:
        """Return the directory of a project, its members and the groups that it names fetched once a run."""
        if project_id not in self.directories:
            if self.holders is None:
                self.holders = fetch_holders(self.gitlab, self.repository)
            members = self.gitlab.fetch_members(f"projects/{project_id}")
            settings = self.repository.configuration
            self.directories[project_id] = build_directory(
                self.holders, settings.territories, members, settings.calendars
            )
        return self.directories[project_id]


def _is_outdated(issue: Issue, sheet: Sheet | None, edits: Sequence[Edit]) -> bool:
    """Tell whether the text was read before an edit that the notes tell of.

    Either an edit is later than the issue's last change, or a tick of about that moment is not in the text.
    """
    if any(edit.at > issue.updated_at + _SNAPSHOT_SLACK for edit in edits[-1:]):
        return True
    open_codes = {box.code for box in sheet.boxes if box.state == "open"} if sheet else set()
    last = {edit.code: edit for edit in edits if edit.code in open_codes}
    return any(edit.is_tick and edit.at >= issue.updated_at - _SNAPSHOT_SLACK for edit in last.values())


def _read_sheet(issue: Issue) -> Sheet | None:
    try:
        return parse_sheet(issue.description)
    except UnreadableMarkdownError:
        return None


def fetch_holders(gitlab: GitLab, repository: Repository) -> dict[str, tuple[str, ...]]:
    """Return who holds each role, groups resolved to their active members.

    Raises:
        AccessError: a group cannot be seen; judging without it would accuse everybody in it.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for path in repository.configuration.groups:
        try:
            members = gitlab.fetch_members(group_scope(path))
        except AccessError as error:
            raise AccessError(
                f"The group {path}, named in .gitlab/handover.yml, cannot be seen with this token ({error})"
                " Make it internal, list its people under `users`, or use an access token of a group above it."
            ) from error
        groups[path] = tuple(member.username for member in members if member.is_active)
    return {
        role: (*each.users, *(name for group in each.groups for name in groups[group]))
        for role, each in repository.configuration.roles.items()
    }
