"""Tell operations when the automation itself needs help: one issue, opened or updated, closed by the next good run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from automation.core.alarm import MARKER, Call, add_call, build_alarm
from automation.core.model import Issue
from automation.core.people import is_token_account
from automation.edge.gitlab import GitLab

TITLE = "Handover automation needs help"


def is_alarm(issue: Issue, bot_id: int) -> bool:
    """Tell whether an issue is the one that we open for operations; anybody can write one that looks like it."""
    is_ours = issue.author.id == bot_id or is_token_account(issue.author.username)
    return is_ours and issue.title == TITLE and issue.description.startswith(MARKER)


def raise_alarm(gitlab: GitLab, scope: str, call: Call, operations: tuple[str, ...]) -> None:
    """Open the alarm issue in the project *scope*, or add *call* to the open one; what else that says stays."""
    open_ones = _fetch_open(gitlab, scope)
    text = add_call(open_ones[0].description if open_ones else "", call, operations)
    _write(gitlab, scope, open_ones, text, operations)


def renew_alarm(
    gitlab: GitLab, scope: str, call: Call, operations: tuple[str, ...], known: Sequence[Issue] = ()
) -> None:
    """Open the alarm issue, or make the open one say *call* alone: the run that knows of it ended well.

    *known* are the open ones that the run has met; without any, GitLab is asked.
    """
    _write(gitlab, scope, known or _fetch_open(gitlab, scope), build_alarm([call], operations), operations)


def end_alarms(gitlab: GitLab, issues: Iterable[Issue]) -> None:
    """Close the alarm issues that a good run found open."""
    for issue in issues:
        gitlab.update_issue(issue.project_id, issue.iid, {"state_event": "close"})


def _fetch_open(gitlab: GitLab, scope: str) -> list[Issue]:
    bot_id = gitlab.fetch_user().id
    found = gitlab.fetch_issues(scope, state="opened", search=TITLE, **{"in": "title"})
    return [issue for issue, _ in found if is_alarm(issue, bot_id)]


def _write(gitlab: GitLab, scope: str, open_ones: Sequence[Issue], text: str, operations: tuple[str, ...]) -> None:
    """Write what the issue is to say; nothing where it says so already."""
    if open_ones:
        issue = open_ones[0]
        if issue.description.strip() != text:
            gitlab.update_issue(issue.project_id, issue.iid, {"description": text})
        return
    ids = [user_id for name in operations if (user_id := gitlab.fetch_user_id(name)) is not None]
    gitlab.create_issue(scope, {"title": TITLE, "description": text, "assignee_ids": ids, "confidential": True})
