"""The CI/CD variables that pipelines are given: both secrets there, kept as secrets, and nothing left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from automation.core.bootstrap.credentials import STATE_KEY, TOKEN
from automation.core.bootstrap.schedule import GROUP_VARIABLE
from automation.core.doctor.check import ANOTHER_TRY, Check, broken, fine, hidden
from automation.core.installation import Seen, Unseen, Variable
from automation.core.words import quote

_VARIABLES = "Settings › CI/CD › Variables"
_NEEDED = {
    TOKEN: "the access token of triage",
    STATE_KEY: "the key that seals what the bot remembers",
}
# Meant for one run; left in, each of them makes every later run wrong.
LEFT_OVER = {
    "HANDOVER_ALLOW_LARGE_PLAN": "the brake on plans that move back many handovers is off",
    "HANDOVER_NOW": "every run judges as of that one moment",
}
_NOTHING: Mapping[str, Unseen] = MappingProxyType({})
_OLD_KEY = "HANDOVER_STATE_KEY_OLD"


def judge_variables(
    variables: Seen[tuple[Variable, ...]],
    above: Mapping[str, Unseen] = _NOTHING,
    is_running: bool = False,
    group: str = "",
) -> tuple[Check, ...]:
    """Judge the variables of the project and of the groups above it, the nearest first: the first of a key counts.

    *above* are groups above whose variables are not shown, by path: where triage *is_running* without a token of the
    project, one of them must have it. *group* holds the handovers, "" for the project.
    """
    if isinstance(variables, Unseen):
        return (hidden("variables", "Variables", "The CI/CD variables", variables),)
    there = {each.key: each for each in reversed(variables)}
    holders = tuple(above) if is_running and TOKEN not in there else ()
    unread = [(path, each) for path, each in above.items() if each.needs == ANOTHER_TRY]
    return (
        *(hidden("variables", "Variables", f"The CI/CD variables of the group {quote(p)}", each) for p, each in unread),
        *(check for key in _NEEDED for check in _judge_needed(key, variables, holders)),
        *(_judge_left_over(each) for key, each in there.items() if key in LEFT_OVER),
        *(_judge_group(each) for key, each in there.items() if key == GROUP_VARIABLE and not group),
        *(fine(f"variable-{_OLD_KEY}", "Variables", _OLD_KEY_THERE) for key in there if key == _OLD_KEY),
    )


_OLD_KEY_THERE = f"{_OLD_KEY} is there: a day after the key was changed it can be deleted."


def _page(variable: Variable) -> str:
    """Say where a person finds the variable."""
    place = f"Group {variable.group} › " if variable.group else ""
    return f"{place}{_VARIABLES} › {variable.key}"


def _judge_left_over(variable: Variable) -> Check:
    told = f"{variable.key} was left in: {LEFT_OVER[variable.key]}."
    return broken(f"variable-{variable.key}", "Variables", told, f"{_page(variable)}: delete it.")


def _judge_group(variable: Variable) -> Check:
    told = f"{variable.key} is set: triage judges the handovers of a group, and you look at this project alone."
    repair = f"Add --group here; or, if that is wrong, {_page(variable)}: delete it."
    return broken(f"variable-{variable.key}", "Variables", told, repair)


def _judge_needed(key: str, variables: Sequence[Variable], holders: Sequence[str]) -> Iterator[Check]:
    name = f"variable-{key}"
    found = [each for each in variables if each.key == key]
    general = next((each for each in found if each.environment == "*"), None)
    if general is not None:
        yield _judge_secret(name, general)
        for each in found:
            if each.environment != "*":
                environment = quote(each.environment)
                told = f"{key} is there a second time, for the environment {environment}: nothing uses it."
                yield broken(name, "Variables", told, f"{_page(each)}, the one of {environment}: delete it.")
    elif found:
        told = f"{key} is for the environment {quote(found[0].environment)} only, and triage runs in none."
        yield broken(name, "Variables", told, f"{_page(found[0])}: Environments All (default).")
    else:
        yield _judge_missing(name, key, holders)


def _judge_missing(name: str, key: str, holders: Sequence[str]) -> Check:
    if holders:
        groups = " or ".join(quote(each) for each in holders)
        told = f"{key} is not among the project's variables. Whether the group {groups} has it cannot be seen."
        return Check(name, "Variables", "hidden", told, needs=f"Owner of {groups}")
    told = f"{key}, {_NEEDED[key]}, is not among the project's variables. (One of a group above would do.)"
    repair = f"handover bootstrap --apply --with-secrets; or {_VARIABLES} › Add variable, Masked and Protected."
    return broken(name, "Variables", told, repair)


def _judge_secret(name: str, variable: Variable) -> Check:
    faults = list(_faults_of_secret(variable))
    if faults:
        told = f"{variable.key} is {' and '.join(fault for fault, _ in faults)}."
        return broken(name, "Variables", told, f"{_page(variable)}: {', '.join(repair for _, repair in faults)}.")
    return fine(name, "Variables", f"{variable.key} is there, masked and protected.")


def _faults_of_secret(variable: Variable) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a secret, each with what to set."""
    if variable.is_file:
        yield "of the type File: triage gets a path in place of it", "Type Variable (default)"
    if not variable.is_masked:
        yield "not masked: a job's log could show it", "set Masked"
    if not variable.is_protected:
        yield "not protected: pipelines of every branch could read it", "tick Protect variable"
