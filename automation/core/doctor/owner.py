"""Whose rights a pipeline runs with: the owner of a schedule or trigger. GitLab starts none for one who may not."""

from __future__ import annotations

from collections.abc import Sequence

from automation.core.access import name_role
from automation.core.doctor.check import Check, Group, broken, fine, hidden
from automation.core.doctor.project import matching_branches
from automation.core.installation import ProtectedBranch, Seen, Unseen
from automation.core.model import Member, User
from automation.core.people import is_token_account

_DEVELOPER = 30


def judge_owner(
    name: str, group: Group, what: str, owner: User | None, members: Seen[Sequence[Member]], least: int, repair: str
) -> Check:
    """Judge the owner of *what* ("the schedule"): somebody who may start pipelines of the branch, and stays.

    *members* are those of the project, *least* is the role that its default branch asks for.
    """
    if owner is None:
        return broken(name, group, f"{what.capitalize()} has no owner: GitLab does not run it.", repair)
    who = f"@{owner.username}"
    if is_token_account(owner.username):
        told = f"{what.capitalize()} belongs to {who}, the account of an access token: it stops when that expires."
        return broken(name, group, told, repair)
    if isinstance(members, Unseen):
        return hidden(name, group, f"Whether {who}, the owner of {what}, may run it", members)
    member = next((each for each in members if each.username.casefold() == owner.username.casefold()), None)
    told = f"{what.capitalize()} belongs to {who}, "
    if member is None:
        return broken(name, group, f"{told}who is no member of the project: GitLab does not run it.", repair)
    if member.state == "deactivated":
        return broken(name, group, f"{told}who is deactivated: GitLab does not run it.", repair)
    if not member.is_active:
        return broken(name, group, f"{told}who is blocked: GitLab does not run it.", repair)
    role = name_role(member.access_level)
    if member.access_level < least:
        told = f"{told}role {role}; pipelines of that branch need {name_role(least)}."
        return broken(name, group, told, repair)
    return fine(name, group, f"{told}role {role}.")


def least_level(branch: str, branches: Seen[tuple[ProtectedBranch, ...]]) -> int:
    """Return the least role that may start pipelines of the branch: who may push or merge there, else Developer."""
    found = () if isinstance(branches, Unseen) else matching_branches(branches, branch)
    levels = [level for each in found for level in (each.pushers, each.mergers) if level]
    return max(_DEVELOPER, min(levels, default=_DEVELOPER))
