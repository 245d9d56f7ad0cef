"""Tell operations when the automation itself needs help: one issue, opened or updated, closed by the next good run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from automation.core.alarm import MARKER, TITLE, Call, add_call, build_alarm, says
from automation.core.model import Issue, User
from automation.core.people import is_token_account
from automation.edge.gitlab import GitLab
from automation.errors import GitLabError

__all__ = ["TITLE", "end_alarms", "is_alarm", "raise_alarm", "renew_alarm"]
# So long an alarm that somebody closed by hand is not opened again.
_QUIET = timedelta(days=1)


def is_alarm(issue: Issue, bot_id: int) -> bool:
    """Tell whether an issue is the one that we open for operations; anybody can write one that looks like it.

    People may retitle it, and write into it.
    """
    return _is_ours(issue.author, bot_id) and (issue.title == TITLE or MARKER in issue.description)


def _is_ours(account: User, bot_id: int) -> bool:
    return account.id == bot_id or is_token_account(account.username)


def raise_alarm(gitlab: GitLab, scope: str, call: Call, operations: tuple[str, ...], now: datetime) -> None:
    """Open the alarm issue in the project *scope*, or add *call* to the open one; what else that says stays.

    Nothing is opened within a day after somebody closed one that said the same.
    """
    _say(gitlab, scope, call, operations, now, lambda text: add_call(text, call, operations))


def renew_alarm(
    gitlab: GitLab,
    scope: str,
    call: Call,
    operations: tuple[str, ...],
    now: datetime,
    known: Sequence[Issue] = (),
) -> None:
    """Open the alarm issue, or make the open one say *call* alone: the run that knows of it ended well.

    *known* are the open ones that the run has met; without any, GitLab is asked.
    """
    if known:
        _update(gitlab, known[0], build_alarm([call], operations, known[0].description))
        return
    _say(gitlab, scope, call, operations, now, lambda text: build_alarm([call], operations, text))


def end_alarms(gitlab: GitLab, issues: Iterable[Issue]) -> None:
    """Close the alarm issues that a good run found open."""
    for issue in issues:
        gitlab.update_issue(issue.project_id, issue.iid, {"state_event": "close"})


def _say(
    gitlab: GitLab,
    scope: str,
    call: Call,
    operations: tuple[str, ...],
    now: datetime,
    rewrite: Callable[[str], str],
) -> None:
    """Rewrite the open alarm issue so that it says *call* too, or open one unless a person wants quiet."""
    bot_id = gitlab.fetch_user().id
    open_ones = _fetch(gitlab, scope, bot_id, state="opened")
    if open_ones:
        _update(gitlab, open_ones[0], rewrite(open_ones[0].description))
    elif not _is_quiet(gitlab, scope, bot_id, call, now):
        _open(gitlab, scope, build_alarm([call], operations), operations)


def _fetch(gitlab: GitLab, scope: str, bot_id: int, **query: object) -> list[Issue]:
    """Fetch alarms, by words that stand in their title and in their text: people may change either."""
    found = gitlab.fetch_issues(scope, search=TITLE, **{"in": "title,description"}, **query)
    return [issue for issue, _ in found if is_alarm(issue, bot_id)]


def _is_quiet(gitlab: GitLab, scope: str, bot_id: int, call: Call, now: datetime) -> bool:
    """Tell whether a person closed an alarm that said the same, less than a day ago. A good run's closing ends it."""
    closed = _fetch(gitlab, scope, bot_id, state="closed", updated_after=(now - _QUIET).isoformat())
    by_hand = [each for each in closed if each.closed_by is None or not _is_ours(each.closed_by, bot_id)]
    return any(each.closed_at and now - each.closed_at < _QUIET and says(each.description, call) for each in by_hand)


def _update(gitlab: GitLab, issue: Issue, text: str) -> None:
    """Write what the issue is to say; nothing where it says so already."""
    if issue.description.replace("\r\n", "\n").strip() != text.strip():
        gitlab.update_issue(issue.project_id, issue.iid, {"description": text})


def _open(gitlab: GitLab, scope: str, text: str, operations: tuple[str, ...]) -> None:
    ids = [user_id for name in operations if (user_id := _find(gitlab, name)) is not None]
    gitlab.create_issue(scope, {"title": TITLE, "description": text, "assignee_ids": ids, "confidential": True})


def _find(gitlab: GitLab, username: str) -> int | None:
    """Return the id of an account; where GitLab does not tell it, the call is more important than its assignees."""
    try:
        return gitlab.fetch_user_id(username)
    except GitLabError:
        return None
