"""Compare the files of the repository with those of another revision: what is refused, and what it means for people."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from automation.core.changes.model import Change, Refusal
from automation.core.changes.page import Meaning
from automation.core.changes.people_words import compare_configurations
from automation.core.changes.text_words import (
    compare_comments,
    compare_guards,
    compare_letters,
    compare_templates,
    find_rewordings,
    judge_template_codes,
)
from automation.core.changes.versions import Versions, compare_versions, path_of
from automation.core.configuration import Configuration
from automation.core.markdown import UnreadableMarkdownError
from automation.core.model import Process
from automation.edge.documents import load_texts
from automation.edge.history import Base, write_revision
from automation.edge.repository import CONFIGURATION, TEMPLATES, load_configuration, load_drafts
from automation.errors import RepositoryError

_COMMENTS = "automation/comments"
# What holds up, approves or reads a change; and the folders and files that are compared at all.
GUARDS = (".gitlab-ci.yml", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", "Makefile", ".ci/run")
COMPARED = ("schemas", TEMPLATES, CONFIGURATION, "letters", _COMMENTS, *GUARDS)


def compare(root: Path, base: Base) -> tuple[tuple[Refusal, ...], Meaning]:
    """Compare the files at *root* with those of *base*.

    Returns:
        What must not be merged like that, and what the change means.
    """
    with tempfile.TemporaryDirectory(prefix="handover-") as folder:
        former = Path(folder)
        left_out = write_revision(root, base.commit, COMPARED, former)
        old, new = Versions(*load_drafts(former)), Versions(*load_drafts(root))
        refusals, effects = compare_versions(old, new, base.short)
        templates = load_texts(former, TEMPLATES, (".md",)), load_texts(root, TEMPLATES, (".md",))
        meaning = Meaning(
            against=_describe(base),
            processes=effects,
            people=_compare_people(former, root, new.by_path.values()),
            letters=compare_letters(*(load_texts(each, "letters", (".md.j2", ".yml")) for each in (former, root))),
            templates=(*compare_templates(*templates), *_find_rewordings(*templates, old, new)),
            bot=compare_comments(*(load_texts(each, _COMMENTS, (".md.j2", ".yml")) for each in (former, root))),
            guards=compare_guards(_load_guards(former), _load_guards(root)),
        )
    links = (Refusal(path, _say_link(path, base)) for path in left_out)
    return (*links, *refusals, *_compare_codes(*templates, new)), meaning


def _say_link(path: str, base: Base) -> str:
    return (
        f"in {base.short} {path} is a link or a submodule, so that nobody can tell what the rules there were. Whoever"
        " may push to the target branch puts the file itself there first; then this can be compared."
    )


def _load_guards(root: Path) -> dict[str, str]:
    found = (path for path in GUARDS if (root / path).is_file())
    return {path: (root / path).read_bytes().decode("utf-8", "replace") for path in found}


def _describe(base: Base) -> str:
    named = base.short if base.commit.startswith(base.ref) else f"{base.short} ({base.ref})"
    return f"{named}, where the two histories part" if base.is_branching else f"{named} as it stands"


def _compare_people(former: Path, root: Path, processes: Iterable[Process]) -> tuple[Change, ...]:
    """Compare the configurations, where both can be read."""
    old, new = _load_people(former), _load_people(root)
    if old is None or new is None:
        when = "now" if new is None else "in the former state"
        return (Change(f"{CONFIGURATION} cannot be read as it is {when}, so that it cannot be compared."),)
    return compare_configurations(old, new, processes)


def _load_people(root: Path) -> Configuration | None:
    try:
        return load_configuration(root)
    except RepositoryError:
        return None


def _both_templates(
    old: Mapping[str, str], new: Mapping[str, str], versions: Versions
) -> Iterator[tuple[str, str, Process]]:
    """Yield the template of every process that had it before, and the process."""
    for path, process in versions.by_path.items():
        template = f"{TEMPLATES}/{process.template}.md"
        if path == path_of(process.id) and template in old and template in new:
            yield template, path, process


def _find_rewordings(
    old: Mapping[str, str], new: Mapping[str, str], former: Versions, versions: Versions
) -> Iterator[Change]:
    for template, path, process in _both_templates(old, new, versions):
        before = former.by_path.get(path)
        titles = {code: item.title for code, item in before.items.items()} if before is not None else {}
        with suppress(UnreadableMarkdownError):
            yield from find_rewordings(process, old[template], new[template], titles)


def _compare_codes(old: Mapping[str, str], new: Mapping[str, str], versions: Versions) -> Iterator[Refusal]:
    """Find boxes of templates that mean something else than in the template of the same process before."""
    for template, _, process in _both_templates(old, new, versions):
        with suppress(UnreadableMarkdownError):
            for line, message in judge_template_codes(process, old[template], new[template]):
                yield Refusal(template, message, line=line)
