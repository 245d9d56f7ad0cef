"""The project itself: who may read it, who may change its rules, what its pipelines are given, which server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from automation.core.bootstrap.credentials import STATE_KEY, TOKEN
from automation.core.doctor.check import Check, broken, fine, hidden
from automation.core.doctor.tokens import MAINTAINER, name_role
from automation.core.installation import ProjectFacts, ProtectedBranch, Seen, ServerFacts, Unseen, Variable
from automation.core.words import quote

_OLDEST = 16
_BRANCHES = "Settings › Repository › Protected branches"
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
_NEVER = {
    "HANDOVER_STATE_KEY_OLD": "is there: a day after the key was changed it can be deleted.",
}


def judge_project(facts: ProjectFacts, others: Sequence[ProjectFacts] = ()) -> tuple[Check, ...]:
    """Judge who may read the project, and *others* that hold handovers; and whether it has issues at all."""
    return (*(_judge_visibility(each) for each in (facts, *others)), _judge_issues(facts))


def _judge_visibility(facts: ProjectFacts) -> Check:
    what = f"The project {quote(facts.path)}"
    if facts.visibility == "public":
        told = f"{what} is public: everybody on the internet reads names and plans of customers."
        repair = "Settings › General › Visibility, project features, permissions › Project visibility: Private."
        return broken("visibility", "Project", told, repair)
    if facts.visibility == "internal":
        told = f"{what} is internal: everybody who can sign in to this server reads the handovers."
        return fine("visibility", "Project", told)
    return fine("visibility", "Project", f"{what} is private.")


def _judge_issues(facts: ProjectFacts) -> Check:
    if facts.has_issues:
        return fine("issues", "Project", "Issues are switched on.")
    repair = "Settings › General › Visibility, project features, permissions: switch on Issues."
    return broken("issues", "Project", "Issues are switched off: there can be no handovers here.", repair)


# --- who may change the rules -----------------------------------------------------------------------------------------


def judge_branch(facts: ProjectFacts, branches: Seen[tuple[ProtectedBranch, ...]]) -> Check:
    """Judge the protection of the default branch: on Free, whoever may merge there may change who signs."""
    name = facts.default_branch
    if not name:
        return broken("protected-branch", "Repository", "The repository is empty.", "git push -u origin main")
    if isinstance(branches, Unseen):
        return hidden("protected-branch", "Repository", f"The protection of the branch {quote(name)}", branches)
    found = matching_branches(branches, name)
    wanted = f"{_BRANCHES} › {name}: Allowed to merge Maintainers, Allowed to push and merge No one, no force push."
    if not found:
        told = f"The branch {quote(name)} is not protected: every Developer may change rules and people."
        return broken("protected-branch", "Repository", told, wanted)
    faults = _faults_of_branch(found, facts.is_premium)
    if faults:
        return broken("protected-branch", "Repository", f"On the branch {quote(name)} {' and '.join(faults)}.", wanted)
    told = f"The branch {quote(name)} is protected."
    if facts.is_premium and not any(each.needs_owners for each in found):
        told += f" Approval by code owners is off; {_BRANCHES} can switch it on, then .gitlab/CODEOWNERS binds."
    return fine("protected-branch", "Repository", told)


def matching_branches(branches: tuple[ProtectedBranch, ...], name: str) -> tuple[ProtectedBranch, ...]:
    """Return the protections that hold for the branch *name*; of several, the most permissive counts."""
    return tuple(each for each in branches if fnmatchcase(name, re.sub(r"([\[?])", r"[\1]", each.name)))


def _faults_of_branch(found: tuple[ProtectedBranch, ...], is_premium: bool) -> list[str]:
    may_push = [each.pushers for each in found if each.pushers and each.pushers < MAINTAINER]
    may_merge = [
        each.mergers
        for each in found
        if each.mergers and each.mergers < MAINTAINER and not (is_premium and each.needs_owners)
    ]
    faults = [f"{name_role(min(may_push))}s may push, without anybody's approval"] if may_push else []
    faults += [f"{name_role(min(may_merge))}s may merge, and so change rules and people alone"] if may_merge else []
    return faults + (["force push is allowed"] if any(each.may_force_push for each in found) else [])


def judge_pipelines(facts: ProjectFacts) -> Check:
    """Judge what pipelines share: a cache that any branch can fill would run as triage, with its token."""
    if not facts.separates_caches:
        told = "Protected and other branches share their caches: what anybody pushes could run with triage's token."
        repair = "Settings › CI/CD › General pipelines: tick Use separate caches for protected branches."
        return broken("pipelines", "Repository", told, repair)
    told = "Protected branches have caches of their own."
    if not facts.pipelines_must_succeed:
        told += " Merging does not wait for the checks; Settings › Merge requests › Pipelines must succeed lets it."
    return fine("pipelines", "Repository", told)


# --- what pipelines are given -----------------------------------------------------------------------------------------


def judge_variables(variables: Seen[tuple[Variable, ...]]) -> tuple[Check, ...]:
    """Judge the CI/CD variables: both secrets there, masked and protected, and nothing left over."""
    if isinstance(variables, Unseen):
        return (hidden("variables", "Variables", "The CI/CD variables", variables),)
    needed = [_judge_needed(key, what, variables) for key, what in _NEEDED.items()]
    there = dict.fromkeys(each.key for each in variables)
    left = [
        broken(f"variable-{key}", "Variables", f"{key} was left in: {LEFT_OVER[key]}.", f"{_VARIABLES}: delete {key}.")
        for key in there
        if key in LEFT_OVER
    ]
    told = [fine(f"variable-{key}", "Variables", f"{key} {_NEVER[key]}") for key in there if key in _NEVER]
    return (*needed, *left, *told)


def _judge_needed(key: str, what: str, variables: tuple[Variable, ...]) -> Check:
    found = [each for each in variables if each.key == key]
    if not found:
        told = f"{key}, {what}, is not among the project's variables."
        repair = f"handover bootstrap --apply --with-secrets; or {_VARIABLES} › Add variable, Masked and Protected."
        return broken(f"variable-{key}", "Variables", f"{told} (One of a group above would do.)", repair)
    faults = list(dict.fromkeys(fault for each in found for fault in _faults_of_variable(each)))
    if faults:
        told = f"{key} is {' and '.join(fault for fault, _ in faults)}."
        repair = f"{_VARIABLES} › {key}: {', '.join(repair for _, repair in faults)}."
        return broken(f"variable-{key}", "Variables", told, repair)
    return fine(f"variable-{key}", "Variables", f"{key} is there, masked and protected.")


def _faults_of_variable(variable: Variable) -> list[tuple[str, str]]:
    """Return what is wrong with a secret, each with what to set."""
    faults = [] if variable.is_masked else [("not masked: a job's log could show it", "set Masked")]
    if not variable.is_protected:
        faults.append(("not protected: pipelines of every branch could read it", "tick Protect variable"))
    if variable.environment != "*":
        faults.append((f"for the environment {quote(variable.environment)} only", "Environments All (default)"))
    return faults


# --- the server -------------------------------------------------------------------------------------------------------


def judge_server(server: Seen[ServerFacts], facts: ProjectFacts) -> tuple[Check, ...]:
    """Judge the version, and tell what the tier changes: everything works on both."""
    if isinstance(server, Unseen):
        return (hidden("version", "Server", "The server's version", server), _tell_tier(facts))
    match = re.match(r"(\d+)\.(\d+)", server.version)
    version = quote(server.version)
    if match is None:
        check = Check("version", "Server", "hidden", f"The server calls its version {version}.", needs="a look at it")
    elif int(match[1]) < _OLDEST:
        told = f"GitLab {version} is older than {_OLDEST}, for which this is written."
        check = broken("version", "Server", told, f"Have the server updated to GitLab {_OLDEST} or newer.")
    else:
        role = "Planner" if has_planner(server) else "Reporter"
        check = fine("version", "Server", f"GitLab {version}; the least role for people and for triage is {role}.")
    return check, _tell_tier(facts)


def has_planner(server: Seen[ServerFacts]) -> bool:
    """Tell whether the server knows the role Planner (from 17.7; facts, section 10). Unknown ones count as new."""
    match = re.match(r"(\d+)\.(\d+)", "" if isinstance(server, Unseen) else server.version)
    return match is None or (int(match[1]), int(match[2])) >= (17, 7)


def _tell_tier(facts: ProjectFacts) -> Check:
    if facts.is_premium:
        told = "Features of Premium were found: of `process::stage` labels GitLab itself lets an issue have only one."
        return fine("tier", "Server", told)
    told = "No feature of Premium was found: triage itself takes away the stage labels that are no longer true."
    return fine("tier", "Server", told)
