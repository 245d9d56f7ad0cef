"""The people of .gitlab/handover.yml: may every one of them do in the project what the role asks?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from automation.core.access import name_role
from automation.core.bootstrap.credentials import WARNING_DAYS
from automation.core.configuration import Configuration
from automation.core.doctor.check import Check, broken, fine, hidden, listing
from automation.core.installation import Seen, Unseen, Visibility
from automation.core.model import Member
from automation.core.people import LOWEST_ACCESS_LEVEL
from automation.core.words import quote

_FILE = ".gitlab/handover.yml"
_MOST_PEOPLE = 20
_SHOW_GROUP = "Make it internal, list its people under `users`, or use an access token of a group above it."


@dataclass(frozen=True, slots=True)
class NamedGroup:
    """A group that a role names. ``is_above``: the project is in it, so that every token of the project sees it."""

    visibility: Visibility
    is_above: bool
    members: Seen[tuple[Member, ...]]


# None for a group that GitLab has not, or does not show.
NamedGroups = Mapping[str, Seen[NamedGroup | None]]


@dataclass(frozen=True, slots=True)
class Team:
    """Who is there. ``members`` are those of ``place``, which holds the handovers ("the project", "the group x").

    ``has_project_token``: triage runs with a token of the project, which is shown no private group but those above.
    """

    members: Seen[tuple[Member, ...]]
    groups: NamedGroups
    place: str = "the project"
    knows_planner: bool = True
    has_project_token: bool = True


def judge_people(
    configuration: Configuration, team: Team, today: date, disagreements: Sequence[str] = ()
) -> tuple[Check, ...]:
    """Judge everybody whom the configuration names: members of the place, active, at least Planner or Reporter.

    One line a fault. *disagreements* are roles that a process needs and nobody is named for.
    """
    roles = (
        *(broken("role", "People", each, f"Name somebody under `roles` in {_FILE}.") for each in disagreements),
        *_judge_groups(team),
        *_judge_roles(configuration, team.groups),
        *_judge_operations(configuration),
    )
    if isinstance(team.members, Unseen):
        return (*roles, hidden("members", "People", f"The members of {team.place}", team.members))
    people = name_people(configuration, team.groups)
    return (*roles, *_judge_members(people, team.members, team, today))


def name_people(configuration: Configuration, groups: NamedGroups) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return everybody whom the configuration names: case-folded username -> username, and as what, each once."""
    named: dict[str, tuple[str, list[str]]] = {}
    for username, part in _named(configuration, groups):
        name = username.lstrip("@")
        parts = named.setdefault(name.casefold(), (name, []))[1]
        if part not in parts:
            parts.append(part)
    return {key: (name, tuple(parts)) for key, (name, parts) in named.items()}


def _named(configuration: Configuration, groups: NamedGroups) -> Iterator[tuple[str, str]]:
    for role, holders in configuration.roles.items():
        yield from ((user, role) for user in holders.users)
        for group in holders.groups:
            yield from ((each.username, role) for each in _known_members(groups.get(group)) if each.is_active)
    for narrowed in configuration.territories.values():
        yield from ((user, role) for role, users in narrowed.items() for user in users)
    for person, absences in configuration.calendars.away.items():
        yield from ((each.deputy, f"deputy of {person}") for each in absences if each.deputy)
    yield from ((user, "operations") for user in configuration.operations)


def _known_members(group: Seen[NamedGroup | None]) -> tuple[Member, ...]:
    if group is None or isinstance(group, Unseen) or isinstance(group.members, Unseen):
        return ()
    return group.members


# --- groups and roles -------------------------------------------------------------------------------------------------


def _judge_groups(team: Team) -> Iterator[Check]:
    for path, found in team.groups.items():
        what = f"The group {quote(path)}, named in {_FILE},"
        if isinstance(found, Unseen):
            yield hidden("group", "People", what, found)
        elif found is None:
            yield _judge_private(team, f"{what} does not exist, or is shown to nobody but its members:")
        elif found.visibility == "private" and not found.is_above:
            yield _judge_private(team, f"{what} is private:")
        elif isinstance(found.members, Unseen):
            yield hidden("group", "People", f"Who is in the group {quote(path)}", found.members)
        elif not any(each.is_active for each in found.members):
            told = f"{what} has no active member."
            yield broken("group", "People", told, f"{path} › Manage › Members: invite them; or take it out of {_FILE}.")


def _judge_private(team: Team, what: str) -> Check:
    """Judge a group that a project's token is not shown: triage would stop, rather than accuse everybody in it."""
    if team.has_project_token:
        return broken("group", "People", f"{what} triage cannot see it, and stops.", _SHOW_GROUP)
    told = f"{what} triage sees it only with a token of that group, or of one above it."
    return Check("group", "People", "hidden", told, needs="whoever set HANDOVER_TOKEN")


def _judge_roles(configuration: Configuration, groups: NamedGroups) -> Iterator[Check]:
    for role, holders in configuration.roles.items():
        seen = [groups.get(group) for group in holders.groups]
        is_unknown = any(isinstance(each, Unseen) or (each and isinstance(each.members, Unseen)) for each in seen)
        if not holders.users and not is_unknown and not any(_known_members(each) for each in seen):
            told = f"Nobody holds the role {quote(role)}."
            yield broken("role", "People", told, f"Name somebody under `roles: {role}:` in {_FILE}, or take it out.")


def _judge_operations(configuration: Configuration) -> Iterator[Check]:
    if not configuration.operations:
        told = "Nobody is told when the automation itself needs help."
        yield broken("operations", "People", told, f"Name somebody under `operations` in {_FILE}.")


# --- every single one -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fault:
    """What keeps people from ticking and from being notified: what it says of them, and its repair."""

    says: str
    repair: str


def _judge_members(
    people: Mapping[str, tuple[str, tuple[str, ...]]], members: Sequence[Member], team: Team, today: date
) -> Iterator[Check]:
    there = {each.username.casefold(): each for each in members}
    found: dict[_Fault, list[str]] = {}
    for key, (name, parts) in people.items():
        fault, more = _fault(there.get(key), team, today)
        if fault is not None:
            found.setdefault(fault, []).append(f"@{name} ({'; '.join([listing(parts), *more])})")
    for fault, named in found.items():
        told = f"{fault.says} ({len(named)}): {listing(named, _MOST_PEOPLE)}."
        yield broken("member", "People", told, fault.repair)
    if not found:
        told = f"Everybody named in {_FILE} ({len(people)}) is a member of {team.place} with a sufficient role."
        yield fine("member", "People", told)


def _fault(member: Member | None, team: Team, today: date) -> tuple[_Fault | None, list[str]]:
    """Return what is wrong with one person, and what is to be added to the name; None when nothing is."""
    least = "Planner" if team.knows_planner else "Reporter"
    if member is None:
        repair = f"Manage › Members › Invite members: as {least}; or take them out of {_FILE}."
        return _Fault(f"Not members of {team.place}", repair), []
    if member.state == "deactivated":
        repair = f"They sign in again, which reactivates the account; or name somebody else in {_FILE}."
        return _Fault("Deactivated by GitLab for not signing in", repair), []
    if not member.is_active:
        return _Fault("Blocked", f"Name somebody else in {_FILE}, or ask an administrator to unblock the account."), []
    if member.access_level < LOWEST_ACCESS_LEVEL:
        repair = f"Manage › Members: give them at least the role {least}."
        return _Fault("Without a role that may tick", repair), [name_role(member.access_level)]
    if member.ends_on is not None and member.ends_on - today <= timedelta(days=WARNING_DAYS):
        repair = f"Manage › Members › Expiration: set a later day; or name somebody else in {_FILE}."
        return _Fault(f"Members of {team.place} for no more than {WARNING_DAYS} days", repair), [str(member.ends_on)]
    return None, []
