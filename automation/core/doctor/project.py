"""The project itself: who may read it, who may change its rules, which server it is on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from automation.core.access import MAINTAINER, name_role
from automation.core.doctor.check import Check, broken, fine, hidden, listing
from automation.core.installation import ProjectFacts, ProtectedBranch, Seen, ServerFacts, Unseen
from automation.core.words import quote

_OLDEST = 16
_BRANCHES = "Settings › Repository › Protected branches"
_WANTED = "Allowed to merge Maintainers, Allowed to push and merge No one, no force push."
_PIPELINE = ".gitlab-ci.yml"


def judge_project(facts: ProjectFacts, others: Sequence[ProjectFacts] = ()) -> tuple[Check, ...]:
    """Judge who may read the project, and *others* that hold handovers; and whether it has issues and pipelines."""
    return (
        *(_judge_visibility(each) for each in (facts, *others)),
        *_judge_archived(facts),
        _judge_issues(facts),
        *_judge_switched_on(facts),
    )


def _judge_archived(facts: ProjectFacts) -> Iterator[Check]:
    if facts.is_archived:
        told = f"The project {quote(facts.path)} is archived: nothing in it can be changed, and nothing runs."
        yield broken("archived", "Project", told, "Settings › General › Advanced › Unarchive project.")


def _judge_switched_on(facts: ProjectFacts) -> Iterator[Check]:
    if not facts.has_pipelines:
        repair = "Settings › General › Visibility, project features, permissions: switch on CI/CD."
        yield broken("ci-cd", "Project", "CI/CD is switched off: triage never runs here.", repair)
    elif facts.pipeline_file not in ("", _PIPELINE):
        told = f"Pipelines are read from {quote(facts.pipeline_file)}, not from {_PIPELINE}, in which triage stands."
        repair = "Settings › CI/CD › General pipelines › CI/CD configuration file: empty it."
        yield broken("ci-cd", "Project", told, repair)


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
    if not found:
        told = f"The branch {quote(name)} is not protected: every Developer may change rules and people."
        return broken("protected-branch", "Repository", told, f"{_BRANCHES} › Add protected branch › {name}: {_WANTED}")
    faults = [(each.name, fault) for each in found for fault in _faults_of_branch(each, facts.is_premium)]
    if all(each.pushers == each.mergers == 0 for each in found):
        faults.append((found[0].name, "nobody may push or merge, so GitLab lets nobody run a pipeline"))
    if faults:
        told = f"On the branch {quote(name)} {' and '.join(dict.fromkeys(fault for _, fault in faults))}."
        entries = listing(quote(entry) for entry in dict.fromkeys(entry for entry, _ in faults))
        return broken("protected-branch", "Repository", told, f"{_BRANCHES} › {entries}: {_WANTED}")
    told = f"The branch {quote(name)} is protected."
    if facts.is_premium and not any(each.needs_owners for each in found):
        told += f" Approval by code owners is off; {_BRANCHES} can switch it on, then .gitlab/CODEOWNERS binds."
    return fine("protected-branch", "Repository", told)


def matching_branches(branches: tuple[ProtectedBranch, ...], name: str) -> tuple[ProtectedBranch, ...]:
    """Return the protections that hold for the branch *name*; of several, the most permissive counts."""
    return tuple(each for each in branches if fnmatchcase(name, re.sub(r"([\[?])", r"[\1]", each.name)))


def _faults_of_branch(found: ProtectedBranch, is_premium: bool) -> Iterator[str]:
    if found.pushers and found.pushers < MAINTAINER:
        yield f"{name_role(found.pushers)}s may push, without anybody's approval"
    if found.mergers and found.mergers < MAINTAINER and not (is_premium and found.needs_owners):
        yield f"{name_role(found.mergers)}s may merge, and so change rules and people alone"
    if found.may_force_push:
        yield "force push is allowed"


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
