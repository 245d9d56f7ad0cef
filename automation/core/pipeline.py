"""Is .gitlab-ci.yml sound: triage runs alone, merge requests are checked, and no job that names what writes runs there.

What a job names is found; what it puts together while it runs (pieces of words, `eval`, a program of its own) is not.
The wall is the protected variable: GitLab hands HANDOVER_TOKEN to protected branches only (README.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automation.core.agreement import Disagreement


@dataclass(frozen=True, slots=True)
class Reference:
    """A `!reference`: the keys that lead to what stands in its place."""

    path: tuple[Any, ...]


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
# What every job may take over from the file.
_SHARED = ("default", "workflow", "variables", "image", "services", "before_script", "after_script")
_SECRETS = ("HANDOVER_TOKEN", "HANDOVER_STATE_KEY", "HANDOVER_STATE_KEY_OLD")
_UNSEEN = "something that does not stand in this file"
_WRITING = re.compile(r"--apply(?![\w-])|HANDOVER_\w*")
_MAKE = re.compile(r"(?m)(?:^|[;&|(])\s*(make\b([^\n;&|)]*))")
_HARMLESS = re.compile(
    r"help|demo|install|develop|check|test|bench|format|agree|reports|base|clean|-[jksB]\d*|[A-Z]+=\S*"
)
_TRIAGE = re.compile(r"handover triage\b.*--apply\b", re.DOTALL)
_AGREE = re.compile(r"make agree|(?:\S*/)?handover check --against \S+")
# The conditions that are understood. A closed list: in what is longer, a text or a pattern could hide another meaning.
_SOURCE = re.compile(
    r"""\s*(?:\$CI_PIPELINE_SOURCE\s*==\s*(["'])(\w+)\1|(["'])(\w+)\3\s*==\s*\$CI_PIPELINE_SOURCE)\s*"""
)
_BRANCH = re.compile(
    r"\s*(?:\$CI_COMMIT_BRANCH\s*==\s*\$CI_DEFAULT_BRANCH|\$CI_DEFAULT_BRANCH\s*==\s*\$CI_COMMIT_BRANCH)\s*"
)
_DEEPEST = 10
_RULES = (
    'write its `rules` out, each with `if: $CI_PIPELINE_SOURCE == "schedule"` (or "trigger"), to which only'
    " `&& $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH` may be added"
)
_CHECK = (
    "no job holds up a merge request that must not be merged: keep a job with `make agree` on a line of its own,"
    ' `rules` that begin with `- if: $CI_PIPELINE_SOURCE == "merge_request_event"` and nothing else in that rule, no'
    " `allow_failure`; and that source among the rules of `workflow`."
)


def judge_pipeline(content: Any) -> Iterator[Disagreement]:
    """Find what of a pipeline file, parsed, lets a change write before it is merged, two runs meet, or no check run."""
    content = content if isinstance(content, Mapping) else {}
    jobs = read_jobs(content)
    yield from _judge_triage(content, jobs)
    for name, job in jobs.items():
        named = _find_writing(content, job)
        if named and not _is_limited(content, job.get("rules")):
            message = (
                f"the job `{name}` names {named}, so that it could write to handovers. If it must, it never runs for a"
                f" merge request: {_RULES}. If not, take that out of it, or write it out here."
            )
            yield Disagreement(message, (name, "rules") if "rules" in job else (name,))
    if not any(_is_check(content, job) for job in jobs.values()) or not _is_let_in(content):
        yield Disagreement(_CHECK, ("check",) if "check" in content else ())
    yield from _judge_includes(content.get("include", ()))
    yield from _judge_variables(content, (), set())


def _judge_triage(content: Mapping[Any, Any], jobs: Mapping[Any, Mapping[Any, Any]]) -> Iterator[Disagreement]:
    triage = [name for name, job in jobs.items() if any(_TRIAGE.search(line) for line in _lines(content, job))]
    if not triage:
        yield Disagreement("no job runs `handover triage --apply`.")
    groups = [jobs[name].get("resource_group") for name in triage]
    for name, group in zip(triage, groups, strict=True):
        if not isinstance(group, str) or not group.strip() or "$" in group or group != groups[0]:
            message = (
                f"the job `{name}` needs a `resource_group`, without $ and the same in every job that triages: one run"
                " at a time."
            )
            yield Disagreement(message, (name, "resource_group") if "resource_group" in jobs[name] else (name,))


# --- jobs -------------------------------------------------------------------------------------------------------------


def read_jobs(content: Any) -> dict[Any, dict[Any, Any]]:
    """Return every job that runs, by name, with all that it extends; those whose names begin with a dot never run."""
    if not isinstance(content, Mapping):
        return {}
    names = [name for name in content if name not in _NO_JOBS and not str(name).startswith(".")]
    return {name: _resolve(content, name, ()) for name in names if isinstance(content[name], Mapping | Reference)}


def _resolve(content: Mapping[Any, Any], name: Any, seen: tuple[Any, ...]) -> dict[Any, Any]:
    """Return a job with all that it extends, as GitLab merges it; what is not to be found here counts as unseen."""
    job = content.get(name)
    if isinstance(job, Reference) and name not in seen and len(job.path) == 1:
        return _resolve(content, job.path[0], (*seen, name))
    if not isinstance(job, Mapping) or name in seen or len(seen) > _DEEPEST:
        return {"script": [Reference(())]}
    parents = job.get("extends") or ()
    found: dict[Any, Any] = {}
    for parent in parents if isinstance(parents, list) else (parents,) if parents else ():
        known = parent if isinstance(parent, str) else ""
        found = _merge(found, _resolve(content, known, (*seen, name)))
    return _merge(found, job)


def _merge(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> dict[Any, Any]:
    merged = dict(one)
    for key, value in other.items():
        known = merged.get(key)
        merged[key] = _merge(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return merged


def _look_up(content: Mapping[Any, Any], reference: Reference) -> Any:
    """Return what a reference stands for, None where that is not in this file."""
    if not reference.path or not isinstance(reference.path[0], str) or reference.path[0] not in content:
        return None
    name, *keys = reference.path
    found: Any = _resolve(content, name, ()) if isinstance(content[name], Mapping) else content[name]
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _lines(content: Mapping[Any, Any], job: Mapping[Any, Any]) -> Iterator[str]:
    """Yield every line that a job runs of its own."""
    for key in ("before_script", "script", "after_script", "run"):
        yield from _flatten(content, job.get(key, ()), {}, 0)


def _flatten(content: Mapping[Any, Any], value: Any, seen: dict[int, Any], depth: int) -> Iterator[str]:
    """Yield all texts of a value, each list and mapping once: anchors may lead round in circles.

    *seen* holds them, so that no other one takes the place in memory of one that is gone.
    """
    if isinstance(value, Reference):
        found = _look_up(content, value) if depth < _DEEPEST else None
        yield from (_UNSEEN,) if found is None else _flatten(content, found, seen, depth + 1)
    elif isinstance(value, Mapping | list | tuple):
        if id(value) in seen:
            return
        seen[id(value)] = value
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _flatten(content, each, seen, depth)
    else:
        yield str(value)


def _find_writing(content: Mapping[Any, Any], job: Mapping[Any, Any]) -> str:
    """Return what of a job could write, or runs what cannot be seen here; "" where nothing does."""
    if "trigger" in job:
        return "another pipeline"
    shared = {key: content[key] for key in _SHARED if key in content}
    for text in _flatten(content, [job, shared], {}, 0):
        found = _WRITING.search(text)
        if found is not None:
            return f"`{found[0]}`"
        if text == _UNSEEN or "$[[" in text:
            return _UNSEEN
        for command, words in _MAKE.findall(text):
            if not all(_HARMLESS.fullmatch(word) for word in words.split()):
                return f"`{command.strip()}`"
    return ""


# --- rules ------------------------------------------------------------------------------------------------------------


def _read_rules(content: Mapping[Any, Any], rules: Any, depth: int = 0) -> Iterator[Any]:
    """Yield rules with what their references stand for; None for what is no rule, or not to be found."""
    if isinstance(rules, Reference):
        rules = _look_up(content, rules)
    if isinstance(rules, list) and depth <= _DEEPEST:
        for rule in rules:
            is_nested = isinstance(rule, Reference | list)
            yield from _read_rules(content, rule, depth + 1) if is_nested else (rule,)
    else:
        yield None


def _is_limited(content: Mapping[Any, Any], rules: Any) -> bool:
    """Tell whether every rule that lets a job run asks for a schedule or a trigger."""
    found = list(_read_rules(content, rules))
    return bool(found) and all(
        isinstance(rule, Mapping)
        and (rule.get("when") == "never" or _source_of(rule.get("if")) in ("schedule", "trigger"))
        for rule in found
    )


def _source_of(condition: Any) -> str:
    """Return the one source that a condition asks for, "" where it asks for none or is not understood."""
    parts = condition.split("&&") if isinstance(condition, str) else []
    sources = [match[2] or match[4] for match in map(_SOURCE.fullmatch, parts) if match is not None]
    is_understood = all(_SOURCE.fullmatch(part) or _BRANCH.fullmatch(part) for part in parts)
    return sources[0] if is_understood and len(sources) == 1 else ""


def _is_check(content: Mapping[Any, Any], job: Mapping[Any, Any]) -> bool:
    """Tell whether a job compares every merge request, and holds it up when it fails."""
    lines = _flatten(content, job.get("script", ()), {}, 0)
    agrees = any(_AGREE.fullmatch(line.strip()) for line in lines)
    return agrees and not job.get("allow_failure") and job.get("when") is None and _admits(content, job.get("rules"))


def _admits(content: Mapping[Any, Any], rules: Any) -> bool:
    """Tell whether the first rule that can fit a merge request lets it in without asking for more."""
    for rule in _read_rules(content, rules):
        condition = rule.get("if") if isinstance(rule, Mapping) else None
        if condition is not None and _source_of(condition) == "merge_request_event":
            return "&&" not in condition and set(rule) <= {"if", "variables", "auto_cancel"}
        if not _source_of(condition):
            return False
    return False


def _is_let_in(content: Mapping[Any, Any]) -> bool:
    """Tell whether a merge request has a pipeline at all."""
    workflow = content.get("workflow")
    return not isinstance(workflow, Mapping) or "rules" not in workflow or _admits(content, workflow["rules"])


# --- the rest of the file ---------------------------------------------------------------------------------------------


def _judge_includes(include: Any) -> Iterator[Disagreement]:
    """Find included files that could bring jobs of which nothing is known; GitLab's own templates know no handover."""
    for each in include if isinstance(include, list) else [include] if include else ():
        if not (isinstance(each, Mapping) and "template" in each):
            message = "what is included cannot be checked here: write its jobs into this file (`template:` may stay)."
            yield Disagreement(message, ("include",))
            return


def _judge_variables(value: Any, place: tuple[str | int, ...], seen: set[int]) -> Iterator[Disagreement]:
    """Find secrets, and variables that would outrank those by which GitLab says what a pipeline is for."""
    if not isinstance(value, Mapping | list) or id(value) in seen:
        return
    seen.add(id(value))
    for key, each in value.items() if isinstance(value, Mapping) else enumerate(value):
        if key in _SECRETS:
            message = f"{key} must not stand here: make it a masked and protected variable of the project."
            yield Disagreement(message, (*place, key))
        elif place and str(key).startswith(("CI_", "GITLAB_")):
            message = f"{key} must not stand here: such variables are GitLab's own, and rules rely on them."
            yield Disagreement(message, (*place, key))
        yield from _judge_variables(each, (*place, key), seen)
