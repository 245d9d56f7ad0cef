"""Who may hold a role, and who stands in: the directory, narrowed by territory, checked against the members."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from automation.core.access import PLANNER
from automation.core.model import Document, Field, Member, Process
from automation.core.workdays import Calendars

# A Guest cannot tick another person's boxes and sees no confidential issue (facts, section 10); Planner is 15.
LOWEST_ACCESS_LEVEL = PLANNER
TERRITORY = "territory"
# Who waives, cancels, and is told when nobody else acts.
MANAGER = "csm_manager"
_TOKEN_ACCOUNT = re.compile(r"(?:project|group)_[0-9]+_bot(?:[0-9]*|_[0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Directory:
    """Roles, territories and members. Keys of people and territories are case-folded, values as GitLab spells them.

    ``roles`` and ``territories`` hold the usernames of each role. A territory that does not name a role leaves it as
    it is. ``members`` is empty only when the project has none. ``calendars`` name no deputy who cannot act here.
    """

    roles: Mapping[str, Mapping[str, str]]
    territories: Mapping[str, Mapping[str, Mapping[str, str]]]
    members: Mapping[str, Member]
    territory_names: tuple[str, ...] = ()
    calendars: Calendars = field(default_factory=Calendars)

    def holders(self, role: str, territory: str | None) -> Mapping[str, str]:
        """Return who may hold *role*, case-folded username -> username."""
        named = self.roles.get(role, {})
        narrowed = self.territories.get(_fold(territory or ""), {})
        return {key: name for key, name in named.items() if key in narrowed[role]} if role in narrowed else named

    def holders_for(self, wanted: Field, territory: str | None) -> Mapping[str, str]:
        """Return who may be named in a role field: holders of its role, else of the role that it is drawn from."""
        is_drawn = wanted.held_by and wanted.role not in self.roles
        return self.holders(wanted.held_by if is_drawn else wanted.role, territory)

    def is_able(self, username: str) -> bool:
        """Tell whether the person is an active member of the project with a sufficient role."""
        member = self.members.get(_fold(username))
        return member is not None and member.is_active and member.access_level >= LOWEST_ACCESS_LEVEL


@dataclass(frozen=True, slots=True)
class Cast:
    """Who holds which role in one issue: ``named`` by the issue's fields and allowed by the directory.

    ``any_holder`` lists roles that every holder of the territory may fill, less those on the other side; ``barred``
    are the people on the other side (case-folded), for whom nobody can make them stand in, ``facing`` the roles of that
    side. ``allowed`` are all whom the directory allows each role here (case-folded). ``now`` decides who is addressed;
    who may sign is decided as of the moment of the signature.
    """

    named: Mapping[str, tuple[str, ...]]
    any_holder: Mapping[str, tuple[str, ...]]
    now: datetime
    calendars: Calendars = field(default_factory=Calendars)
    barred: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def people(self, role: str) -> tuple[str, ...]:
        """Return who must be addressed for *role*: those named, else all who may; a deputy in place of who is away."""
        return tuple(dict.fromkeys(self.stand_in(role, name, self.now) or name for name in self.holders(role)))

    def managers(self) -> tuple[str, ...]:
        """Return who is told when nobody else acts."""
        return self.people(MANAGER)

    def stand_in(self, role: str, person: str, at: datetime) -> str:
        """Return the deputy who acts for *person* in *role* at a moment, "" when there is none."""
        deputy = self._deputy(person, at)
        return "" if not deputy or self._faces(role, deputy, at) else deputy

    def was_holder(self, username: str, roles: Iterable[str], before: Mapping[str, Iterable[str]]) -> bool:
        """Tell whether the issue named the person *before* for one of *roles*, and the directory still allows it."""
        person = _fold(username)
        return any(
            person in self.allowed.get(role, ()) and person in map(_fold, before.get(role, ())) for role in roles
        )

    def is_facing(self, roles: Iterable[str], others: Iterable[str]) -> bool:
        """Tell whether every one of *roles* is on the other side of *others*."""
        facing = {role for other in others for role in self.facing.get(other, ())}
        roles = tuple(roles)
        return bool(roles) and facing.issuperset(roles)

    def _deputy(self, person: str, at: datetime) -> str:
        deputy = self.calendars.who_acts(person, self.calendars.day_of(person, at))
        return deputy if _fold(deputy) != _fold(person) else ""

    def _faces(self, role: str, deputy: str, at: datetime) -> bool:
        """Tell whether a deputy is, or acts for, somebody on the other side of the handover."""
        if _fold(deputy) in self.barred.get(role, ()):
            return True
        facing = [name for other in self.facing.get(role, ()) for name in self.holders(other)]
        return any(_fold(deputy) in (_fold(name), _fold(self._deputy(name, at))) for name in facing)

    def holders(self, role: str) -> tuple[str, ...]:
        """Return who holds *role*: those named, else all who may."""
        return self.named.get(role) or self.any_holder.get(role, ())

    def is_away(self, role: str, person: str, at: datetime) -> bool:
        """Tell whether *person* is away at a moment and nobody stands in."""
        is_absent = self.calendars.absence(person, self.calendars.day_of(person, at)) is not None
        return is_absent and not self.stand_in(role, person, at)

    def stands_in_for(self, username: str, roles: Iterable[str], at: datetime) -> str:
        """Return whom *username* stands in for in one of *roles* at a moment, "" for nobody."""
        pairs = ((self.stand_in(role, name, at), name) for role in roles for name in self.holders(role))
        return next((name for deputy, name in pairs if deputy and _fold(deputy) == _fold(username)), "")

    def may_sign(self, username: str, roles: Iterable[str], at: datetime) -> bool:
        """Tell whether the person holds one of *roles* in this issue, or stands in for who does, at a moment."""
        person, roles = _fold(username), tuple(roles)
        holders = (name for role in roles for name in (*self.named.get(role, ()), *self.any_holder.get(role, ())))
        return person in map(_fold, holders) or bool(self.stands_in_for(username, roles, at))


def build_directory(
    roles: Mapping[str, Iterable[str]],
    territories: Mapping[str, Mapping[str, Iterable[str]]],
    members: Iterable[Member],
    calendars: Calendars | None = None,
) -> Directory:
    """Build the directory from the configuration (groups already resolved) and the project's members."""
    directory = Directory(
        roles={role: {_fold(name): name for name in names} for role, names in roles.items()},
        territories={
            _fold(territory): {role: {_fold(name): name for name in names} for role, names in narrowed.items()}
            for territory, narrowed in territories.items()
        },
        members={_fold(member.username): member for member in members},
        territory_names=tuple(territories),
    )
    return replace(directory, calendars=_with_able_deputies(calendars or Calendars(), directory))


def _with_able_deputies(calendars: Calendars, directory: Directory) -> Calendars:
    """Leave out deputies who cannot act in the project: the person is then away without one."""
    return replace(
        calendars,
        away={
            name: tuple(
                each if not each.deputy or directory.is_able(each.deputy) else replace(each, deputy="")
                for each in absences
            )
            for name, absences in calendars.away.items()
        },
    )


def build_cast(process: Process, document: Document, directory: Directory, now: datetime) -> Cast:
    """Find who holds each role: the field alone never makes a holder, the directory must know the person too.

    Somebody on both sides of a handover holds neither the role of the later field nor its any-holder right, and is no
    deputy there. Where a process has no field for the manager, every manager of the directory is one.
    """
    territory = territory_of(process, document)
    typed = {each.key: document.value_of(each) or [] for each in process.fields.values() if each.role}
    named: dict[str, tuple[str, ...]] = {}
    any_holder: dict[str, tuple[str, ...]] = {}
    barred: dict[str, frozenset[str]] = {}
    facing: dict[str, tuple[str, ...]] = {}
    allowed: dict[str, frozenset[str]] = {}
    if not any(each.role == MANAGER for each in process.fields.values()):
        managers = directory.holders(MANAGER, territory).values()
        any_holder[MANAGER] = tuple(name for name in managers if directory.is_able(name))
    for each in process.fields.values():
        if not each.role:
            continue
        others = {_fold(name) for other in each.not_same_as for name in typed.get(other, ())}
        other_side = [
            other
            for other in process.fields.values()
            if other.role and (each.key in other.not_same_as or other.key in each.not_same_as)
        ]
        facing[each.role] = tuple(other.role for other in other_side)
        barred[each.role] = frozenset(_fold(name) for other in other_side for name in typed[other.key])
        holders = {key: name for key, name in directory.holders_for(each, territory).items() if key not in others}
        able = {key: name for key, name in holders.items() if directory.is_able(name)}
        allowed[each.role] = frozenset(able)
        named[each.role] = tuple(able[_fold(name)] for name in typed[each.key] if _fold(name) in able)
        if each.may_be_any_holder:
            any_holder[each.role] = tuple(able.values())
    return Cast(named, any_holder, now, directory.calendars, barred, facing, allowed)


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
