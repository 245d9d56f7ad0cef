"""Read and write the pages of the processes, docs/processes/*.md, and read the prose that they are made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from automation.edge.documents import read_text

PAGES = "docs/processes"
PROSE = Path(__file__).parent.parent / "pages"
# Every page that we write begins like this; another one in the directory is not ours to delete.
MARK = "<!-- Made by `handover docs`"


def load_prose(name: str) -> str:
    """Load a Jinja2 file of automation/pages/.

    Raises:
        RepositoryError: it is missing.
    """
    return read_text(PROSE, name)


def load_pages(root: Path) -> dict[str, str]:
    """Load all pages that are there, by the name of the file.

    Raises:
        RepositoryError: one cannot be read.
    """
    names = sorted(path.name for path in (root / PAGES).glob("*.md"))
    return {name: read_text(root, f"{PAGES}/{name}") for name in names}


def write_pages(root: Path, pages: Mapping[str, str], gone: Iterable[str]) -> None:
    """Write *pages* and delete those that are *gone*, by the names of their files."""
    directory = root / PAGES
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")
    for name in gone:
        (directory / name).unlink()
