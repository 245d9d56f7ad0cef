"""Who may hold a role: the directory of the configuration, narrowed by territory, checked against the members."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from automation.core.model import Document, Member, Process

# A Guest cannot tick another person's boxes and sees no confidential issue (facts, section 10); Planner is 15.
LOWEST_ACCESS_LEVEL = 15
TERRITORY = "territory"
_TOKEN_ACCOUNT = re.compile(r"(?:project|group)_[0-9]+_bot(?:[0-9]*|_[0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Directory:
    """Roles, territories and members. Keys of people and territories are case-folded, values as GitLab spells them.

    ``roles`` and ``territories`` hold the usernames of each role. A territory that does not name a role leaves it as
    it is. ``members`` is empty only when the project has none.
    """

    roles: Mapping[str, Mapping[str, str]]
    territories: Mapping[str, Mapping[str, Mapping[str, str]]]
    members: Mapping[str, Member]
    territory_names: tuple[str, ...] = ()

    def holders(self, role: str, territory: str | None) -> Mapping[str, str]:
        """Return who may hold *role*, case-folded username -> username."""
        named = self.roles.get(role, {})
        narrowed = self.territories.get(_fold(territory or ""), {})
        return {key: name for key, name in named.items() if key in narrowed[role]} if role in narrowed else named

    def is_able(self, username: str) -> bool:
        """Tell whether the person is an active member of the project with a sufficient role."""
        member = self.members.get(_fold(username))
        return member is not None and member.is_active and member.access_level >= LOWEST_ACCESS_LEVEL


@dataclass(frozen=True, slots=True)
class Cast:
    """Who holds which role in one issue: ``named`` by the issue's fields and allowed by the directory.

    ``any_holder`` lists roles that every holder of the territory may fill, less those on the other side.
    """

    named: Mapping[str, tuple[str, ...]]
    any_holder: Mapping[str, tuple[str, ...]]

    def people(self, role: str) -> tuple[str, ...]:
        """Return who must be addressed for *role*: those named, else all who may."""
        return self.named.get(role) or self.any_holder.get(role, ())

    def may_sign(self, username: str, roles: Iterable[str]) -> bool:
        """Tell whether the person holds one of *roles* in this issue."""
        person = _fold(username)
        return any(person in map(_fold, (*self.named.get(role, ()), *self.any_holder.get(role, ()))) for role in roles)


def build_directory(
    roles: Mapping[str, Iterable[str]],
    territories: Mapping[str, Mapping[str, Iterable[str]]],
    members: Iterable[Member],
) -> Directory:
    """Build the directory from the configuration (groups already resolved) and the project's members."""
    return Directory(
        roles={role: {_fold(name): name for name in names} for role, names in roles.items()},
        territories={
            _fold(territory): {role: {_fold(name): name for name in names} for role, names in narrowed.items()}
            for territory, narrowed in territories.items()
        },
        members={_fold(member.username): member for member in members},
        territory_names=tuple(territories),
    )


def build_cast(process: Process, document: Document, directory: Directory) -> Cast:
    """Find who holds each role: the field alone never makes a holder, the directory must know the person too.

    Somebody on both sides of a handover holds neither the role of the later field nor its any-holder right.
    """
    territory = territory_of(process, document)
    typed = {field.key: document.value_of(field) or [] for field in process.fields.values() if field.role}
    named: dict[str, tuple[str, ...]] = {}
    any_holder: dict[str, tuple[str, ...]] = {}
    for field in process.fields.values():
        if not field.role:
            continue
        others = {_fold(name) for other in field.not_same_as for name in typed.get(other, ())}
        holders = {key: name for key, name in directory.holders(field.role, territory).items() if key not in others}
        able = {key: name for key, name in holders.items() if directory.is_able(name)}
        named[field.role] = tuple(able[_fold(name)] for name in typed[field.key] if _fold(name) in able)
        if field.may_be_any_holder:
            any_holder[field.role] = tuple(able.values())
    return Cast(named, any_holder)


def territory_of(process: Process, document: Document) -> str | None:
    """Return the territory that the issue names, None when it names none."""
    field = process.fields.get(TERRITORY)
    value = document.value_of(field) if field is not None else None
    return value if isinstance(value, str) else None


def is_token_account(username: str) -> bool:
    """Tell whether GitLab gave this name to the account of a project or group access token (facts, section 10)."""
    return _TOKEN_ACCOUNT.fullmatch(username) is not None


def _fold(name: str) -> str:
    return name.casefold().lstrip("@")
