"""Tell operations when the automation itself needs help: one issue, opened or updated, closed by the next good run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from automation.core.model import Issue
from automation.core.people import is_token_account
from automation.edge.gitlab import GitLab

TITLE = "Handover automation needs help"
_MARKER = "<!-- handover:alarm -->"


def is_alarm(issue: Issue, bot_id: int) -> bool:
    """Tell whether an issue is the one that we open for operations; anybody can write one that looks like it."""
    is_ours = issue.author.id == bot_id or is_token_account(issue.author.username)
    return is_ours and issue.title == TITLE and issue.description.startswith(_MARKER)


def raise_alarm(gitlab: GitLab, scope: str, sentence: str, job_url: str, operations: tuple[str, ...]) -> None:
    """Open the alarm issue in the project *scope*, or bring the open one up to date.

    *sentence* says what is wrong and what to do; *job_url* is "" outside a pipeline.
    """
    bot_id = gitlab.fetch_user().id
    found = [
        issue
        for issue, _ in gitlab.fetch_issues(scope, state="opened", search=TITLE, **{"in": "title"})
        if is_alarm(issue, bot_id)
    ]
    body = _body(sentence, job_url, operations)
    if found:
        gitlab.update_issue(found[0].project_id, found[0].iid, {"description": body})
        return
    ids = [user_id for name in operations if (user_id := gitlab.fetch_user_id(name)) is not None]
    gitlab.create_issue(scope, {"title": TITLE, "description": body, "assignee_ids": ids, "confidential": True})


def end_alarms(gitlab: GitLab, issues: Iterable[Issue]) -> None:
    """Close the alarm issues that a good run found open."""
    for issue in issues:
        gitlab.update_issue(issue.project_id, issue.iid, {"state_event": "close"})


def _body(sentence: str, job_url: str, operations: tuple[str, ...]) -> str:
    """Write the alarm: the sentence in a fence, so that nothing quoted in it can command or mention."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", sentence)), default=0))
    link = f"[The job that failed]({job_url})" if re.fullmatch(r"https?://[^\s()<>]+", job_url) else ""
    told = " ".join(f"@{name}" for name in operations)
    parts = [
        _MARKER,
        "A scheduled run did not end well. Handovers it did not reach are judged by the next run that works.",
        f"{fence}text\n{sentence}\n{fence}",
        link,
        f"This issue closes by itself after the next good run. {told}",
    ]
    return "\n\n".join(part.rstrip() for part in parts if part)
