"""What people read about the processes: the tables of who does what, and the pages in docs/processes/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import jinja2

from automation.core.pages.page import PageTexts, build_pages, compile_prose, current_processes
from automation.core.pages.roles import build_roles
from automation.edge.letters import load_letters
from automation.edge.pages import MARK, PAGES, load_pages, load_prose, write_pages
from automation.edge.repository import load_processes
from automation.errors import Problem, RepositoryError, UsageError
from automation.reports.roles import show_roles

_PROSE = "automation/pages"
_REPAIR = "run `handover docs` and commit what it writes."


def tell_roles(root: Path, process_id: str | None, shape: str) -> str:
    """Show who does what in the process called *process_id*, or in all of them, as ``text``, ``markdown`` or ``json``.

    Raises:
        UsageError: there is no such process.
        RepositoryError: a schema is wrong.
    """
    current = current_processes(load_processes(root).values())
    wanted = [process for process in current if process_id in (None, process.id)]
    if not wanted:
        known = ", ".join(process.id for process in current)
        raise UsageError(f"There is no process {process_id!r}; write one of: {known}.")
    return show_roles([build_roles(process) for process in wanted], shape)


def write_docs(root: Path) -> tuple[str, ...]:
    """Write the pages of all processes, and delete those of processes that are gone.

    Returns:
        The paths of the files that changed.

    Raises:
        RepositoryError: a schema or the prose is wrong, or a page lies there that is not ours.
    """
    wanted, there = _build(root), load_pages(root)
    changed = {name: text for name, text in wanted.items() if there.get(name) != text}
    gone = [name for name, text in there.items() if name not in wanted and text.startswith(MARK)]
    write_pages(root, changed, gone)
    foreign = tuple(_foreign(wanted, there))
    if foreign:
        raise RepositoryError(foreign)
    return tuple(f"{PAGES}/{name}" for name in (*changed, *gone))


def check_docs(root: Path) -> tuple[Problem, ...]:
    """Return a problem for each page that is missing, stale or left over; nothing is written.

    Raises:
        RepositoryError: a schema or the prose is wrong.
    """
    wanted, there = _build(root), load_pages(root)
    found = [
        Problem(f"{PAGES}/{name}", 0, f"this page is {'stale' if name in there else 'missing'}: {_REPAIR}")
        for name, text in wanted.items()
        if there.get(name) != text
    ]
    found += [
        Problem(f"{PAGES}/{name}", 0, f"this page belongs to no process any more: {_REPAIR}")
        for name, text in there.items()
        if name not in wanted and text.startswith(MARK)
    ]
    return (*found, *_foreign(wanted, there))


def _foreign(wanted: Mapping[str, str], there: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in there.items():
        if name not in wanted and not text.startswith(MARK):
            yield Problem(
                f"{PAGES}/{name}", 0, "this page is left over, and not made by `handover docs`: move it away."
            )


def _build(root: Path) -> dict[str, str]:
    texts = PageTexts(process=_prose("process.md.j2"), index=_prose("index.md.j2"))
    try:
        processes = load_processes(root)
        return build_pages(processes.values(), texts, load_letters(root, processes))
    except jinja2.UndefinedError as error:
        raise RepositoryError((Problem(_PROSE, 0, f"a text uses a value that is not there: {error}."),)) from None


def _prose(name: str) -> jinja2.Template:
    try:
        return compile_prose(load_prose(name))
    except jinja2.TemplateSyntaxError as error:
        raise RepositoryError((Problem(f"{_PROSE}/{name}", error.lineno, f"{error.message}."),)) from None
