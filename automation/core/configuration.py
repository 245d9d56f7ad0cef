"""What .gitlab/handover.yml says, as values with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RoleHolders:
    """Who may hold a role: usernames, and paths of groups whose members may."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """The part of the configuration that this version of the program acts on.

    ``moved_back_share`` is the share of handovers (0 to 1) that one run may move back unasked.
    """

    roles: Mapping[str, RoleHolders]
    territories: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    operations: tuple[str, ...] = ()
    may_close: bool = False
    moved_back_share: float = 0.3
    comments_per_issue_and_day: int = 3

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group that some role names, each once."""
        return tuple(dict.fromkeys(group for holders in self.roles.values() for group in holders.groups))


def build_configuration(content: Mapping[str, Any]) -> Configuration:
    """Build the configuration from a document that config.schema.json has accepted."""
    limits = content.get("limits", {})
    return Configuration(
        roles={
            role: RoleHolders(tuple(each.get("users", ())), tuple(each.get("groups", ())))
            for role, each in content["roles"].items()
        },
        territories={
            name: {role: tuple(users) for role, users in narrowed.items()}
            for name, narrowed in content.get("territories", {}).items()
        },
        operations=tuple(content.get("operations", ())),
        may_close=content.get("write", {}).get("close", False),
        moved_back_share=limits.get("moved_back_share", 0.3),
        comments_per_issue_and_day=limits.get("comments_per_issue_and_day", 3),
    )
