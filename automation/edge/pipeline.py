"""Load and check the pipeline of the repository, .gitlab-ci.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from automation.core.pipeline import REFERENCE, is_job, judge_pipeline
from automation.edge.documents import LoadedFile, find_lines, read_text
from automation.errors import Problem, RepositoryError

PIPELINE = ".gitlab-ci.yml"


class _Pipeline(yaml.SafeLoader):
    """GitLab's pipeline files know ``!reference``; what it points to only GitLab knows."""


_Pipeline.add_constructor("!reference", lambda _loader, _node: REFERENCE)


def find_triage_jobs(root: Path) -> tuple[str, ...]:
    """Return the names of the pipeline's jobs that judge every handover, not the one that a webhook names.

    Raises:
        RepositoryError: there is no pipeline file, or it is not YAML.
    """
    content = _load_pipeline(root).content
    jobs = {str(name): content[name] for name in content if is_job(content, name)} if isinstance(content, dict) else {}
    return tuple(name for name, job in jobs.items() if _runs_triage(job))


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
    text = read_text(root, PIPELINE)
    try:
        return LoadedFile(PIPELINE, yaml.load(text, Loader=_Pipeline), find_lines(text))  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RepositoryError((Problem(PIPELINE, mark.line + 1 if mark else 0, "this is not YAML."),)) from None
    except (RecursionError, ValueError):
        raise RepositoryError((Problem(PIPELINE, 1, "this file cannot be read."),)) from None


def _runs_triage(job: Mapping[str, Any]) -> bool:
    script = job.get("script", ())
    lines = [str(line) for line in ([script] if isinstance(script, str) else script)]
    return any("handover triage" in line and "--apply" in line and "--payload" not in line for line in lines)
