"""GitLab's roles: its number of each, and its name (facts, section 10)."""

from __future__ import annotations

PLANNER, REPORTER, DEVELOPER, MAINTAINER = 15, 20, 30, 40
_NAMES = {
    5: "Minimal access",
    10: "Guest",
    PLANNER: "Planner",
    REPORTER: "Reporter",
    DEVELOPER: "Developer",
    MAINTAINER: "Maintainer",
    50: "Owner",
    60: "Administrator",
}


def name_role(access_level: int) -> str:
    """Name GitLab's number of a role."""
    return _NAMES.get(access_level, f"number {access_level}" if access_level else "none")
