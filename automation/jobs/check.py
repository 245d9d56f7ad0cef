"""Does the repository agree with itself, and what does it mean for people that it differs from another revision?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from automation.core.changes.model import Refusal
from automation.core.changes.page import Meaning, write_meaning, write_not_compared
from automation.core.changes.versions import judge_kept_codes, path_of
from automation.core.code_owners import is_owned, parse_code_owners
from automation.core.model import Process
from automation.core.naming import judge_names
from automation.core.schedules import Timetable, parse_timetable
from automation.edge.documents import load_json, load_yaml, read_text, write_text
from automation.edge.history import find_base
from automation.edge.pipeline import PIPELINE
from automation.edge.repository import CONFIGURATION, TEMPLATES, check_repository, load_configuration, load_drafts
from automation.errors import Problem, RepositoryError, UsageError
from automation.jobs.comparison import COMPARED, compare
from automation.jobs.docs import check_docs

MERGE_REQUEST_TEMPLATE = ".gitlab/merge_request_templates/Default.md"
# GitLab takes the first of these that is there.
_CODE_OWNERS = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
Ask = Callable[[Iterable[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Checked:
    """Every problem that was found, and what the change means, None where nothing was compared."""

    problems: tuple[Problem, ...]
    meaning: Meaning | None = None


def check(root: Path, ask: Ask | None = None, against: str | None = None) -> Checked:
    """Check that the repository agrees with itself, and with the revision *against* where one is named.

    *ask* asks the addresses that letters link to; without it nothing is sent.

    Raises:
        UsageError: Git does not know the revision *against*.
    """
    base = find_base(root, against) if against is not None else None
    problems = [*_check_files(root), *check_repository(root, ask)]
    processes, _ = load_drafts(root)
    for find in (lambda: _check_processes(root, processes), lambda: _check_schedule(root), lambda: _check_owners(root)):
        problems += _collect(find)
    problems += _collect(lambda: check_docs(root))
    meaning = None
    if base is not None:
        refusals, meaning = compare(root, base)
        problems += [_place(root, each) for each in refusals]
    readable = (Problem(_show(each.path), each.line, _show(each.message)) for each in problems)
    return Checked(tuple(dict.fromkeys(readable)), meaning)


def write_changes(path: Path, checked: Checked | str) -> None:
    """Write the page "What this change means" of a check that compared, or of the reason why it could not.

    Raises:
        UsageError: it cannot be written there.
    """
    if isinstance(checked, str):
        text = write_not_compared(checked)
    elif checked.meaning is not None:
        places = [(f"{each.path}:{each.line}" if each.line else each.path, each.message) for each in checked.problems]
        text = write_meaning(checked.meaning, places)
    else:
        return
    try:
        write_text(path, _show(text))
    except OSError as error:
        raise UsageError(f"--changes: {path} cannot be written: {error.strerror}.") from None


def _show(text: str) -> str:
    """Write out what no text can hold: bytes of file names that are not UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _place(root: Path, refusal: Refusal) -> Problem:
    if refusal.line or not refusal.place:
        return Problem(refusal.path, refusal.line, refusal.message)
    return load_json(root, refusal.path).problem(refusal.place, refusal.message)


# --- what one state must hold -----------------------------------------------------------------------------------------


def _collect(find: Callable[[], Iterable[Problem]]) -> tuple[Problem, ...]:
    try:
        return tuple(find())
    except RepositoryError as error:
        return error.problems


def _check_files(root: Path) -> Iterator[Problem]:
    """Find links and submodules among the files that are compared, which Git does not compare, and unreadable names."""
    above = {str(parent) for path in COMPARED for parent in Path(path).parents} - {"."}
    links = [path for path in sorted({*above, *COMPARED}) if (root / path).is_symlink()]
    for top in COMPARED:
        for folder, folders, files in os.walk(root / top):
            here = Path(folder).relative_to(root)
            links += [f"{here}/{name}" for name in (*folders, *files) if (root / here / name).is_symlink()]
            links += [str(here)] if ".git" in (*folders, *files) else []
            for name in files:
                if _show(name) != name:
                    yield Problem(f"{here}/{name}", 0, "the name of this file is no UTF-8: give it another one.")
    for path in sorted(set(links)):
        message = "this is a link or a submodule, whose changes nobody could compare: put the file itself here."
        yield Problem(path, 0, message)


def _check_processes(root: Path, by_path: Mapping[str, Process]) -> Iterator[Problem]:
    """Find codes that changed their meaning from version to version, versions out of order, names claimed twice."""
    paths = {(process.id, process.version): path for path, process in by_path.items()}
    processes = {(process.id, process.version): process for process in by_path.values()}
    for path, process in by_path.items():
        newest = by_path.get(path_of(process.id))
        # A process that has ended is kept as its older versions alone.
        has_ended = newest is None and not (root / path_of(process.id)).exists()
        if path != path_of(process.id) and not has_ended and (newest is None or newest.version <= process.version):
            message = f"the newest version of a process is {path_of(process.id)}, and higher than this one."
            yield load_json(root, path).problem(("x-process", "version"), message)
    for process, place, message in (*judge_kept_codes(processes), *judge_names(processes)):
        yield load_json(root, paths[process.id, process.version]).problem(place, message)


def _check_schedule(root: Path) -> Iterator[Problem]:
    found = load_configuration(root).schedule
    trouble = parse_timetable(found.cron, found.time_zone)
    if not isinstance(trouble, Timetable):
        place, value = ("time_zone", found.time_zone) if trouble == "zone" else ("cron", found.cron)
        message = f"schedule.{place}: `{value}` is none that GitLab knows; write {_EXAMPLES[place]}."
        yield load_yaml(root, CONFIGURATION).problem(("schedule", place), message)


_EXAMPLES = {"cron": 'five parts, such as "7 * * * *"', "time_zone": "one like Europe/Berlin"}


def _check_owners(root: Path) -> Iterator[Problem]:
    """Find rules, people and letters that anybody may change unasked, and a merge request that asks for nothing."""
    if not (root / MERGE_REQUEST_TEMPLATE).is_file():
        message = "this file is missing: it asks for what reviewers of a change need."
        yield Problem(MERGE_REQUEST_TEMPLATE, 0, message)
    path = next((each for each in _CODE_OWNERS if (root / each).is_file()), _CODE_OWNERS[-1])
    entries = parse_code_owners(read_text(root, path))
    for wanted, files in _owned(root):
        free = [each for each in files if not is_owned(entries, each)]
        if free:
            message = f"nobody must approve a change of {free[0]}: add a line `/{wanted} @who-approves`."
            yield Problem(path, 0, message)


def _owned(root: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what must have an owner, each with the files of it that are there."""
    for folder in ("schemas", TEMPLATES, "letters", str(Path(MERGE_REQUEST_TEMPLATE).parent), "automation", ".ci"):
        # What Python leaves behind is no file of the repository.
        found = (path for path in (root / folder).rglob("*") if "__pycache__" not in path.parts)
        paths = sorted(path for path in found if path.is_file())
        yield f"{folder}/", tuple(path.relative_to(root).as_posix() for path in paths)
    for path in (CONFIGURATION, PIPELINE, ".gitlab/CODEOWNERS", "Makefile"):
        if path != "Makefile" or (root / path).is_file():
            yield path, (path,)
