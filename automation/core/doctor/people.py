"""The people of .gitlab/handover.yml: may every one of them do in the project what the role asks?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from automation.core.configuration import Configuration
from automation.core.doctor.check import Check, broken, count, fine, hidden, listing
from automation.core.doctor.tokens import name_role
from automation.core.installation import Seen, Unseen
from automation.core.model import Member
from automation.core.people import LOWEST_ACCESS_LEVEL
from automation.core.words import quote

_FILE = ".gitlab/handover.yml"
_MOST_LINES = 20

GroupMembers = Mapping[str, Seen[tuple[Member, ...]]]


def judge_people(
    configuration: Configuration,
    groups: GroupMembers,
    members: Seen[tuple[Member, ...]],
    knows_planner: bool,
    disagreements: Sequence[str] = (),
) -> tuple[Check, ...]:
    """Judge everybody whom the configuration names: members of the project, active, at least Planner or Reporter.

    *groups* holds the members of each group that a role names. One line a person who is not, at most twenty.
    *disagreements* are roles that a process needs and nobody is named for.
    """
    roles = (
        *(broken("role", "People", each, f"Name somebody under `roles` in {_FILE}.") for each in disagreements),
        *_judge_groups(groups),
        *_judge_roles(configuration, groups),
    )
    if isinstance(members, Unseen):
        return (*roles, hidden("members", "People", "The members of the project", members))
    return (*roles, *_judge_members(name_people(configuration, groups), members, knows_planner))


def name_people(configuration: Configuration, groups: GroupMembers) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return everybody whom the configuration names: case-folded username -> username, and as what, each once."""
    named: dict[str, tuple[str, list[str]]] = {}
    for username, part in _named(configuration, groups):
        name = username.lstrip("@")
        parts = named.setdefault(name.casefold(), (name, []))[1]
        if part not in parts:
            parts.append(part)
    return {key: (name, tuple(parts)) for key, (name, parts) in named.items()}


def _named(configuration: Configuration, groups: GroupMembers) -> Iterator[tuple[str, str]]:
    for role, holders in configuration.roles.items():
        yield from ((user, role) for user in holders.users)
        for group in holders.groups:
            found = groups.get(group, ())
            active = () if isinstance(found, Unseen) else (each for each in found if each.is_active)
            yield from ((each.username, role) for each in active)
    for narrowed in configuration.territories.values():
        yield from ((user, role) for role, users in narrowed.items() for user in users)
    for person, absences in configuration.calendars.away.items():
        yield from ((each.deputy, f"deputy of {person}") for each in absences if each.deputy)
    yield from ((user, "operations") for user in configuration.operations)


def _judge_groups(groups: GroupMembers) -> Iterator[Check]:
    for path, found in groups.items():
        if isinstance(found, Unseen):
            yield hidden("group", "People", f"The group {quote(path)}, named in {_FILE},", found)
        elif not any(each.is_active for each in found):
            told = f"The group {quote(path)}, named in {_FILE}, has no active member."
            yield broken("group", "People", told, f"{path} › Manage › Members: invite them; or take it out of {_FILE}.")


def _judge_roles(configuration: Configuration, groups: GroupMembers) -> Iterator[Check]:
    for role, holders in configuration.roles.items():
        seen = [groups.get(group, ()) for group in holders.groups]
        if not holders.users and not any(isinstance(each, Unseen) or each for each in seen):
            told = f"Nobody holds the role {quote(role)}."
            yield broken("role", "People", told, f"Name somebody under `roles: {role}:` in {_FILE}, or take it out.")


def _judge_members(
    people: Mapping[str, tuple[str, tuple[str, ...]]], members: Iterable[Member], knows_planner: bool
) -> Iterator[Check]:
    there = {each.username.casefold(): each for each in members}
    least = "Planner" if knows_planner else "Reporter"
    found = [(name, parts, _fault(there.get(key), least)) for key, (name, parts) in people.items()]
    faulty = [(name, parts, *fault) for name, parts, fault in found if fault is not None]
    for name, parts, fault, repair in faulty[:_MOST_LINES]:
        yield broken("member", "People", f"@{name} ({listing(parts)}) {fault}.", repair)
    if more := faulty[_MOST_LINES:]:
        names = listing(f"@{name}" for name, *_ in more)
        told = f"{count(len(more), 'more person') if len(more) == 1 else f'{len(more)} more people'}: {names}."
        yield broken("member", "People", told, f"Manage › Members: each of them at least {least}.")
    if not faulty:
        told = f"Everybody named in {_FILE} ({len(found)}) is a member of the project with a sufficient role."
        yield fine("member", "People", told)


def _fault(member: Member | None, least: str) -> tuple[str, str] | None:
    """Return what keeps a person from ticking and from being notified, and its repair; None when nothing does."""
    if member is None:
        return "is no member of the project", f"Manage › Members › Invite members: as {least}; or take out of {_FILE}."
    if not member.is_active:
        return "is blocked or has not accepted the invitation", f"Name somebody else in {_FILE}, or have it unblocked."
    if member.access_level < LOWEST_ACCESS_LEVEL:
        role = name_role(member.access_level)
        return f"has the role {role}, which cannot tick", f"Manage › Members: make it {least}."
    return None
