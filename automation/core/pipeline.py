"""Is .gitlab-ci.yml safe: triage runs, one run at a time, and nothing that may write runs for merge requests?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from automation.core.agreement import Disagreement

# What stands in the place of a `!reference`, which only GitLab resolves.
REFERENCE = "!reference"
_NO_JOBS = frozenset(
    (
        "default",
        "include",
        "stages",
        "variables",
        "workflow",
        "spec",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
    )
)
_SECRETS = ("HANDOVER_TOKEN", "HANDOVER_STATE_KEY", "HANDOVER_STATE_KEY_OLD")
_WRITING = re.compile(rf"--apply\b|{'|'.join(_SECRETS)}|{re.escape(REFERENCE)}")
_TRIAGE = re.compile(r"handover triage\b.*--apply\b", re.DOTALL)
_LIMITED = re.compile(r"""\$\{?CI_PIPELINE_SOURCE\}?\s*==\s*(["'])(?:schedule|trigger)\1""")
_RULES = (
    'write its `rules` out, each with `if: $CI_PIPELINE_SOURCE == "schedule"` (or "trigger") and what else it needs'
)


def judge_pipeline(content: Any) -> Iterator[Disagreement]:
    """Find what of a pipeline file, parsed, could let a change write before it is merged, or two runs meet."""
    content = content if isinstance(content, Mapping) else {}
    jobs = {name: _resolve(content, str(name), ()) for name in content if is_job(content, name)}
    triage = [name for name, job in jobs.items() if any(_TRIAGE.search(line) for line in _lines(content, job))]
    if not triage:
        yield Disagreement("no job runs `handover triage --apply`.")
    for name in triage:
        if "resource_group" not in jobs[name]:
            yield Disagreement(f"the job `{name}` needs a `resource_group`: one run at a time.", (name,))
    for name, job in jobs.items():
        if _may_write(content, job) and not _is_limited(job.get("rules")):
            why = "may write to handovers, or runs what cannot be seen here"
            message = f"the job `{name}` {why}, and must never run for a merge request: {_RULES}."
            yield Disagreement(message, (name, "rules") if "rules" in job else (name,))
    yield from _judge_includes(content.get("include", ()))
    yield from _judge_secrets(content, ())


def is_job(content: Mapping[Any, Any], name: Any) -> bool:
    """Tell whether an entry of the file is a job that runs; those whose names begin with a dot never do."""
    return isinstance(content[name], Mapping) and name not in _NO_JOBS and not str(name).startswith(".")


def _resolve(content: Mapping[Any, Any], name: str, seen: tuple[str, ...]) -> dict[str, Any]:
    """Return a job with all that it extends; what is not to be found here counts as unreadable."""
    job = content.get(name)
    if not isinstance(job, Mapping) or name in seen:
        return {"script": [REFERENCE]}
    parents = job.get("extends", ())
    found: dict[str, Any] = {}
    for parent in [parents] if isinstance(parents, str) else parents or ():
        found |= _resolve(content, str(parent), (*seen, name))
    return found | dict(job)


def _lines(content: Mapping[Any, Any], job: Mapping[str, Any]) -> Iterator[str]:
    """Yield every line that a job runs, with those that it takes from the defaults."""
    defaults = content.get("default")
    defaults = defaults if isinstance(defaults, Mapping) else {}
    for key in ("before_script", "script", "after_script"):
        yield from _flatten(job.get(key, defaults.get(key, content.get(key, ()))))
    yield from _flatten(job["run"]) if "run" in job else ()


def _flatten(script: Any) -> Iterator[str]:
    if isinstance(script, Mapping):
        yield from (line for each in script.values() for line in _flatten(each))
    elif isinstance(script, list | tuple):
        yield from (line for each in script for line in _flatten(each))
    else:
        yield str(script)


def _may_write(content: Mapping[Any, Any], job: Mapping[str, Any]) -> bool:
    """Tell whether a job names what writes, in a line or a variable, or runs something that stands elsewhere."""
    if "trigger" in job:
        return True
    texts = [*_lines(content, job), *_flatten(job.get("variables", ())), *_flatten(content.get("variables", ()))]
    return any(_WRITING.search(text) for text in texts)


def _is_limited(rules: Any) -> bool:
    """Tell whether every rule that lets a job run asks for a schedule or a trigger."""
    if not isinstance(rules, list) or not rules:
        return False
    return all(isinstance(rule, Mapping) and (rule.get("when") == "never" or _asks(rule.get("if"))) for rule in rules)


def _asks(condition: Any) -> bool:
    """Tell whether a condition cannot hold without the right source: no other way in by `||`."""
    if not isinstance(condition, str) or "||" in condition:
        return False
    return any(_LIMITED.fullmatch(part.strip(" ()\n")) for part in condition.split("&&"))


def _judge_includes(include: Any) -> Iterator[Disagreement]:
    """Find included files that could bring jobs of which nothing is known; GitLab's own templates know no handover."""
    for each in include if isinstance(include, list) else [include] if include else ():
        if not (isinstance(each, Mapping) and "template" in each):
            message = "what is included cannot be checked here: write its jobs into this file (`template:` may stay)."
            yield Disagreement(message, ("include",))
            return


def _judge_secrets(value: Any, place: tuple[str | int, ...]) -> Iterator[Disagreement]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key in _SECRETS:
                message = f"{key} must not stand here: make it a masked and protected variable of the project."
                yield Disagreement(message, (*place, key))
            yield from _judge_secrets(each, (*place, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _judge_secrets(each, (*place, number))
