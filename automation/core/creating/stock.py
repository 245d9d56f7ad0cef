"""What is there already: the accounts of the open handovers, and how many each person has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from automation.core.checklist import Sheet, build_document, find_process_lines, parse_sheet
from automation.core.creating.accounts import Account, AccountIndex, build_account
from automation.core.creating.columns import ACCOUNT_LINK, CUSTOMER
from automation.core.markdown import UnreadableMarkdownError
from automation.core.model import Document, Field, Issue, Process
from automation.core.recognition import Processes


@dataclass(frozen=True, slots=True)
class Standing:
    """A handover that is open. ``is_over``: it is complete or cancelled, and only still to be closed."""

    iid: int
    title: str
    web_url: str
    is_over: bool


@dataclass(slots=True)
class Stock:
    """The open handovers of a project: those of one process by account, and everybody's number in all processes.

    ``newest`` is when the newest of all the issues was made, None without any.
    """

    accounts: AccountIndex[Standing] = field(default_factory=AccountIndex)
    loads: Counter[tuple[str, str]] = field(default_factory=Counter)
    newest: datetime | None = None

    def load_of(self, role: str, username: str) -> int:
        """Return in how many handovers the person is named for *role*."""
        return self.loads[role, username.casefold()]

    def add_load(self, role: str, usernames: Iterable[str]) -> None:
        """Count one more handover for these people."""
        self.loads.update((role, name) for name in {each.casefold() for each in usernames})


def newest_of(processes: Processes, process_id: str) -> Process | None:
    """Return the newest version of a process, None where there is no such process."""
    versions = [process for (name, _), process in processes.items() if name == process_id]
    return max(versions, key=lambda process: process.version, default=None)


def account_of(process: Process, document: Document, title: str) -> Account:
    """Return the account of a handover: from its fields, else from the title that we give."""
    customer, link = process.fields.get(CUSTOMER), process.fields.get(ACCOUNT_LINK)
    name = document.value_of(customer) if customer is not None else None
    if name is None and title.startswith(f"{process.template}: "):
        name = title.removeprefix(f"{process.template}: ")
    return build_account(document.value_of(link) if link is not None else None, name)


def take_stock(issues: Iterable[Issue], process: Process, processes: Processes) -> Stock:
    """Read the open issues of a project. An issue counts as *process* by its process line, of whatever version.

    Where that line is gone, its label tells, or half of the boxes of a process.

    Who is named in a handover that is over has nothing to do there.
    """
    stock = Stock()
    for issue in issues:
        stock.newest = max(stock.newest or issue.created_at, issue.created_at)
        try:
            sheet = parse_sheet(issue.description)
        except UnreadableMarkdownError:
            sheet = Sheet((), (), ())
        found = _process_of(issue, sheet, processes)
        if found is None:
            continue
        document = build_document(sheet, found)
        is_over = bool({found.complete_label, found.cancelled_label} & set(issue.labels))
        if found.id == process.id:
            standing = Standing(issue.iid, issue.title, issue.web_url, is_over)
            stock.accounts.add(account_of(found, document, issue.title), standing)
        for each in _roles(found) if not is_over else ():
            stock.add_load(each.role, document.value_of(each) or ())
    return stock


def _process_of(issue: Issue, sheet: Sheet, processes: Processes) -> Process | None:
    for line in find_process_lines(sheet):
        if found := processes.get((line.id, line.version)) or newest_of(processes, line.id):
            return found
    scopes = {label.partition("::")[0] for label in issue.labels if "::" in label}
    labelled = next((found for scope in sorted(scopes) if (found := newest_of(processes, scope))), None)
    return labelled or _guess(issue, sheet, processes)


def _guess(issue: Issue, sheet: Sheet, processes: Processes) -> Process | None:
    """Return the process of which the issue has half of the boxes: that of its title, else the most alike."""
    codes = {box.code for box in sheet.boxes}
    newest = sorted(processes.values(), key=lambda process: (-process.version, process.id))
    alike = [each for each in newest if each.items and 2 * len(codes & each.items.keys()) >= len(each.items)]
    titled = (each for each in alike if issue.title.startswith(f"{each.template}: "))
    best = max(alike, key=lambda each: len(codes & each.items.keys()) / len(codes | each.items.keys()), default=None)
    return next(titled, best)


def _roles(process: Process) -> tuple[Field, ...]:
    """Return one field a role, so that nobody is counted twice in an issue."""
    return tuple({each.role: each for each in process.fields.values() if each.role}.values())
