"""What the commands print: rows of a triage as text, JSON or Markdown, and the story of an issue."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

from automation.core.words import visible

Echo = Callable[[str], None]
Failed = Sequence[tuple[int, int, str]]


class Writer(Protocol):
    """Writes a report row by row, so that memory does not grow with the number of issues."""

    def begin(self, now: datetime) -> None: ...
    def row(self, row: Mapping[str, Any]) -> None: ...
    def end(self, failed: Failed, requests: Mapping[str, int], is_applied: bool) -> None: ...
    def stop(self, requests: Mapping[str, int]) -> None:
        """End a report whose run could not go on; the reason is told elsewhere."""


def build_writer(shape: str, echo: Echo) -> Writer:
    """Build the writer for ``text``, ``json`` or ``markdown``; *echo* prints without a line end of its own."""
    writers: Mapping[str, Callable[[Echo], Writer]] = {"json": _JsonWriter, "markdown": _MarkdownWriter}
    return writers.get(shape, _TextWriter)(echo)


class _JsonWriter:
    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self._separator = ""

    def begin(self, now: datetime) -> None:
        self._echo(f'{{"now": {json.dumps(now.isoformat())}, "issues": [')

    def row(self, row: Mapping[str, Any]) -> None:
        self._echo(f"{self._separator}\n{json.dumps(row, ensure_ascii=False)}")
        self._separator = ","

    def end(self, failed: Failed, requests: Mapping[str, int], is_applied: bool) -> None:
        del is_applied
        listed = [{"project_id": project_id, "iid": iid, "error": why} for project_id, iid, why in failed]
        counts = {**dict(sorted(requests.items())), "total": sum(requests.values())}
        self._echo(f'\n], "failed": {json.dumps(listed)}, "requests": {json.dumps(counts)}}}\n')

    def stop(self, requests: Mapping[str, int]) -> None:
        self.end([], requests, is_applied=False)


class _TextWriter:
    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self._issues = 0
        self._with_actions = 0

    def begin(self, now: datetime) -> None:
        self._echo(f"Handovers as of {now:%Y-%m-%d %H:%M} UTC\n")

    def row(self, row: Mapping[str, Any]) -> None:
        self._issues += 1
        self._with_actions += bool(row["actions"])
        self._echo(f"\n#{row['iid']} {row['process'] or 'unreadable'}: {row['stage'] or '-'}\n")
        for finding in _alarms(row):
            self._echo(f"  ! {finding['code']}: {finding['message']} {finding['repair']}\n")
        waiting = len(row["findings"]) - len(_alarms(row))
        if waiting:
            self._echo(f"  {waiting} still to do in this stage\n")
        for action in row["actions"]:
            self._echo(f"  > {describe_action(action)}\n")

    def end(self, failed: Failed, requests: Mapping[str, int], is_applied: bool) -> None:
        sent = sum(requests.values())
        verb = "changed" if is_applied else "would change; nothing was written, add --apply to write"
        self._echo(f"\n{self._issues} handovers judged, {self._with_actions} {verb}. {sent} requests.\n")
        for project_id, iid, why in failed:
            self._echo(f"  failed: #{iid} of project {project_id}: {why}\n")

    def stop(self, requests: Mapping[str, int]) -> None:
        del requests
        self._echo("\n")


class _MarkdownWriter:
    def __init__(self, echo: Echo) -> None:
        self._echo = echo

    def begin(self, now: datetime) -> None:
        self._echo(f"# Handovers as of {now:%Y-%m-%d %H:%M} UTC\n\n| Issue | Process | Stage | Needs attention |\n")
        self._echo("|---|---|---|---|\n")

    def row(self, row: Mapping[str, Any]) -> None:
        codes = ", ".join(f"`{each['code']}`{' ' + each['item'] if each['item'] else ''}" for each in _alarms(row))
        self._echo(f"| #{row['iid']} | {row['process'] or '-'} | {row['stage'] or 'unreadable'} | {codes or '-'} |\n")

    def end(self, failed: Failed, requests: Mapping[str, int], is_applied: bool) -> None:
        del is_applied
        self._echo(f"\n{sum(requests.values())} requests.\n")
        for _, iid, why in failed:
            self._echo(f"- Issue #{iid} failed: {why}\n")

    def stop(self, requests: Mapping[str, int]) -> None:
        del requests
        self._echo("\nThe run could not go on.\n")


def explain_outcome(waiting: int, unsealed: int) -> list[str]:
    """Say what operations should know of a run although nothing failed."""
    said = []
    if waiting:
        said.append(
            f"{waiting} new comment{'s wait' if waiting > 1 else ' waits'} until tomorrow: somebody in"
            f" {'them' if waiting > 1 else 'it'} has reached `pings_per_person_and_day` of .gitlab/handover.yml."
        )
    if unsealed:
        said.append(
            f"What was remembered of {unsealed} handover{'s' if unsealed > 1 else ''} is sealed with another key and"
            " counts no longer. If HANDOVER_STATE_KEY was changed, put the former key into HANDOVER_STATE_KEY_OLD"
            " until every open handover has been looked at once."
        )
    return said


def describe_action(action: Mapping[str, Any]) -> str:
    """Say an action of a row in one line."""
    if action["type"] == "ping":
        return f"new comment about {', '.join(action['keys'])}"
    if action["type"] == "letter":
        return f"upload {action['file']} and offer it in a new comment"
    if action["type"] == "labels":
        parts = [f"+{label}" for label in action["add"]] + [f"-{label}" for label in action["remove"]]
        parts += [f"assign {action['assignee']}"] if action["assignee"] else []
        parts += [f"due {action['due_date']}"] if action["due_date"] else []
        return " ".join(["issue:", *parts, *(["and close"] if action["close"] else [])])
    if action["type"] == "delete-comment":
        return "delete our second status comment"
    return "edit the status comment" if action["note_id"] else "post the status comment"


def _alarms(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [finding for finding in row["findings"] if finding["is_alarm"]]


# --- explain ----------------------------------------------------------------------------------------------------------

_WIDTH = 100


def show_story(story: Mapping[str, Any], shape: str) -> str:
    """Show the story of one issue as ``text`` or ``json``."""
    if shape == "json":
        return json.dumps(story, indent=2, ensure_ascii=False)
    row = story["issue"]
    lines = [
        f"#{row['iid']} {visible(story['title'])}",
        f"{row['process'] or 'unreadable'}"
        + (f" version {row['version']}, stage {row['stage']}" if row["process"] else "")
        + (f", due {row['due'][:10]}" if row["due"] else "")
        + f", as of {_minute(story['now'])} UTC",
        "",
    ]
    day = ""
    for event in story["events"]:
        if (today := _minute(event["at"])[:10]) != day:
            day = today
            lines.append(date.fromisoformat(day).strftime("%a %Y-%m-%d"))
        lines += _event_lines(event)
    lines += ["", "What is so now" if row["findings"] else "Nothing is wrong or left to do."]
    for finding in row["findings"]:
        mark = "!" if finding["is_alarm"] else "-"
        text = f"{mark} {finding['code']}: {finding['message']} {finding['repair']}{_sources(finding['source'])}"
        lines += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)


def _event_lines(event: Mapping[str, Any]) -> list[str]:
    head = f"  {_minute(event['at'])[11:]}  {event['by'] + ' ' if event['by'] else ''}{event['what']}"
    found = textwrap.wrap(f"{head}{_sources(event['source'])}", _WIDTH, subsequent_indent=" " * 9)
    if event["verdict"] not in (None, "counts", "passed", "met", "missed", "running") or event["why"]:
        text = " ".join(filter(None, (f"{event['verdict']}:" if event["why"] else event["verdict"], event["why"])))
        found += textwrap.wrap(text, _WIDTH, initial_indent=" " * 9 + "→ ", subsequent_indent=" " * 11)
    return found


def _minute(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _sources(rows: Sequence[str]) -> str:
    return f" [{', '.join(rows)}]" if rows else ""
