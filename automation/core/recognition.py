"""Is an issue a handover, and of which process? The line in its text counts, not its labels (decision 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from automation.core.checklist import ProcessLine, Sheet, build_document, find_process_lines
from automation.core.model import Finding, Issue, Process, Verdict
from automation.core.people import Directory, build_cast
from automation.core.remembered import Memory
from automation.core.words import quote

_LOOKED_AT_FOR = timedelta(days=3)
Processes = Mapping[tuple[str, int], Process]


def is_candidate(issue: Issue, sheet: Sheet, processes: Processes, now: datetime | None = None) -> bool:
    """Tell whether the notes of *issue* are worth reading: it names a process, carries its label, or has its boxes.

    An issue that was moved to another project was closed by that, and is judged where it is now. One that carries the
    label of its end is looked at for three days after it was closed: anybody can drag a card and close an issue.
    """
    if issue.is_moved:
        return False
    lines = [line for line in find_process_lines(sheet) if line.id]
    if issue.state == "closed" and len(lines) == 1 and _is_surely_complete(issue, sheet, lines[0], processes, now):
        return False
    if lines:
        return True
    return _guess(issue, sheet, processes) is not None


def _is_surely_complete(
    issue: Issue, sheet: Sheet, line: ProcessLine, processes: Processes, now: datetime | None
) -> bool:
    """Tell whether a handover was closed a while ago with the label of its end, and its text does not belie that."""
    process = processes.get((line.id, line.version))
    if process is None or not {process.complete_label, process.cancelled_label} & set(issue.labels):
        return False
    if now is None or issue.closed_at is None or issue.closed_at > now - _LOOKED_AT_FOR:
        return False
    # Who cancelled a handover stands in its comments only.
    return process.cancelled_label in issue.labels or process.validator.is_valid(build_document(sheet, process).data)


def recognise(issue: Issue, sheet: Sheet, processes: Processes, memory: Memory | None) -> Process | Finding:
    """Return the process that the issue follows, or the finding that says why it cannot be read."""
    lines = find_process_lines(sheet)
    if len(lines) > 1:
        return _unreadable("two-process-lines", lines[1].line, {"lines": _and(line.line for line in lines)})
    if not lines or not lines[0].id:
        process = _guess(issue, sheet, processes)
        wanted = process_line(process) if process else " or ".join(process_line(each) for each in processes.values())
        return _unreadable("process-line", lines[0].line if lines else 0, {"wanted": f"`` {wanted} ``"})
    line = lines[0]
    found = processes.get((line.id, line.version))
    if found is None:
        wanted = " or ".join(f"`{each.id}` version {each.version}" for each in processes.values())
        return _unreadable("unknown-process", line.line, {"value": _named(line), "wanted": wanted})
    if memory is not None and memory.process and memory.process != found.id:
        return _unreadable("other-process", line.line, {"value": _named(line), "before": quote(memory.process)})
    return found


def judge_unreadable(
    issue: Issue,
    sheet: Sheet,
    finding: Finding,
    processes: Processes,
    directory: Directory,
    edit_id: int,
    now: datetime,
) -> Verdict:
    """Build the verdict of an issue that cannot be read; its boxes, where it has any, tell whom to ask."""
    guess = _guess(issue, sheet, processes)
    people: Mapping[str, tuple[str, ...]] = {}
    if guess is not None:
        cast = build_cast(guess, build_document(sheet, guess), directory, now)
        people = {role: cast.people(role) for role in guess.stages[0].responsible}
        finding = Finding(finding.code, finding.words, finding.facts, line=finding.line, roles=tuple(people))
    return Verdict(None, "", "", (finding,), {}, {}, people, edit_id, None)


def process_line(process: Process) -> str:
    """Return the line that an issue of *process* holds."""
    return f"**Process:** `{process.id}` version {process.version}"


def _unreadable(words: str, line: int, facts: Mapping[str, object]) -> Finding:
    return Finding("unreadable", f"unreadable.{words}", facts, line=line)


def _named(line: ProcessLine) -> str:
    return f"{quote(line.id)} version {line.version}"


def _and(lines: Iterable[int]) -> str:
    return " and ".join(str(line) for line in lines)


def _guess(issue: Issue, sheet: Sheet, processes: Processes) -> Process | None:
    """Return the process whose label the issue carries, or, in an open issue, at least half of whose boxes it has."""
    newest = sorted(processes.values(), key=lambda process: -process.version)
    codes = {box.code for box in sheet.boxes}
    for process in newest:
        if process.stage_labels & set(issue.labels):
            return process
    for process in newest if issue.state == "opened" else ():
        if process.items and 2 * len(codes & process.items.keys()) >= len(process.items):
            return process
    return None
