"""Load and check the pipeline of the repository, .gitlab-ci.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from automation.core.pipeline import Reference, judge_pipeline, read_jobs
from automation.edge.documents import LoadedFile, find_lines, read_text
from automation.errors import Problem, RepositoryError

PIPELINE = ".gitlab-ci.yml"


# Before the jobs there may be a document of its own, which says what inputs the file takes.
_HEADER = re.compile(r"\A(?:(?:#[^\n]*|[ \t]*)\n)*(?:---[^\n]*\n)?spec:.*?\n---[^\n]*", re.DOTALL)


class _Pipeline(yaml.SafeLoader):
    """GitLab's pipeline files know ``!reference``."""


def _read_reference(loader: yaml.SafeLoader, node: yaml.Node) -> Reference:
    if not isinstance(node, yaml.SequenceNode):
        return Reference(())
    path = loader.construct_sequence(node, deep=True)
    return Reference(tuple(path) if all(isinstance(each, str) for each in path) else ())


_Pipeline.add_constructor("!reference", _read_reference)


def find_triage_jobs(root: Path) -> tuple[str, ...]:
    """Return the names of the pipeline's jobs that judge every handover, not the one that a webhook names.

    Raises:
        RepositoryError: there is no pipeline file, or it is not YAML.
    """
    jobs = read_jobs(_load_pipeline(root).content)
    return tuple(str(name) for name, job in jobs.items() if _runs_triage(job))


def check_pipeline(root: Path) -> tuple[Problem, ...]:
    """Find what could write before it is merged, and a pipeline that would not run triage alone.

    Raises:
        RepositoryError: there is no pipeline file, or it is not YAML.
    """
    file = _load_pipeline(root)
    found = tuple(judge_pipeline(file.content))
    return tuple(
        file.problem(each.place, each.message) if each.place else Problem(PIPELINE, 0, each.message) for each in found
    )


def _load_pipeline(root: Path) -> LoadedFile:
    text = _HEADER.sub(lambda header: "\n" * header[0].count("\n"), read_text(root, PIPELINE))
    try:
        return LoadedFile(PIPELINE, yaml.load(text, Loader=_Pipeline), find_lines(text))  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RepositoryError((Problem(PIPELINE, mark.line + 1 if mark else 0, "this is not YAML."),)) from None
    except (RecursionError, ValueError):
        raise RepositoryError((Problem(PIPELINE, 1, "this file cannot be read."),)) from None


def _runs_triage(job: Mapping[Any, Any]) -> bool:
    script = job.get("script", ())
    lines = [str(line) for line in (script if isinstance(script, list) else [script])]
    return any("handover triage" in line and "--apply" in line and "--payload" not in line for line in lines)
