"""What .gitlab/handover.yml says, as values with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Literal

from automation.core.workdays import Absence, Calendar, Calendars

# As in schemas/config.schema.json.
_ALLOWED_LINKS = (
    "about.gitlab.com",
    "docs.gitlab.com",
    "forum.gitlab.com",
    "handbook.gitlab.com",
    "support.gitlab.com",
    "university.gitlab.com",
    "www.youtube.com",
)


@dataclass(frozen=True, slots=True)
class RoleHolders:
    """Who may hold a role: usernames, and paths of groups whose members may."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterSettings:
    """``gainsight_bcc`` is the address that files mails in Gainsight, "" without one.

    ``draft`` says where drafts of letters are posted; ``allowed_links`` are the hosts that letters may link to.
    """

    gainsight_bcc: str = ""
    allowed_links: tuple[str, ...] = _ALLOWED_LINKS
    draft: Literal["internal", "comment", "off"] = "internal"


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When triage runs: by ``cron`` in ``time_zone``, and ``at_once`` when somebody ticks or comments."""

    cron: str = "7 * * * *"
    time_zone: str = "UTC"
    at_once: bool = True


@dataclass(frozen=True, slots=True)
class Configuration:
    """The part of the configuration that this version of the program acts on.

    ``moved_back_share`` is the share of handovers (0 to 1) that one run may move back unasked. ``quiet_hours`` are
    local times between which nobody is pinged, None without any. ``addresses`` are mail addresses by username,
    case-folded.
    """

    roles: Mapping[str, RoleHolders]
    territories: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    operations: tuple[str, ...] = ()
    calendars: Calendars = field(default_factory=Calendars)
    quiet_hours: tuple[time, time] | None = None
    may_close: bool = False
    may_assign: bool = True
    may_set_due_date: bool = True
    moved_back_share: float = 0.3
    comments_per_issue_and_day: int = 3
    pings_per_person_and_day: int = 10
    letters: LetterSettings = field(default_factory=LetterSettings)
    addresses: Mapping[str, str] = field(default_factory=dict)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group that some role names, each once."""
        return tuple(dict.fromkeys(group for holders in self.roles.values() for group in holders.groups))


def build_configuration(content: Mapping[str, Any]) -> Configuration:
    """Build the configuration from a document that config.schema.json has accepted."""
    limits, write = content.get("limits", {}), content.get("write", {})
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
        calendars=_calendars(content),
        quiet_hours=_quiet_hours(content.get("quiet_hours")),
        may_close=write.get("close", False),
        may_assign=write.get("assignee", True),
        may_set_due_date=write.get("due_date", True),
        moved_back_share=limits.get("moved_back_share", 0.3),
        comments_per_issue_and_day=limits.get("comments_per_issue_and_day", 3),
        pings_per_person_and_day=limits.get("pings_per_person_and_day", 10),
        letters=_letters(content.get("letters", {})),
        addresses={
            name.casefold(): about["email"] for name, about in content.get("people", {}).items() if "email" in about
        },
        schedule=ScheduleSettings(**content.get("schedule", {})),
    )


def _letters(about: Mapping[str, Any]) -> LetterSettings:
    return LetterSettings(
        gainsight_bcc=about.get("gainsight_bcc") or "",
        allowed_links=tuple(about.get("allowed_links", _ALLOWED_LINKS)),
        draft=about.get("draft", "internal"),
    )


def _calendars(content: Mapping[str, Any]) -> Calendars:
    """Build everybody's calendar: what an entry does not say is as in the default one."""
    default = _calendar(content.get("calendar", {}), Calendar())
    people = content.get("people", {})
    return Calendars(
        default,
        {name.casefold(): _calendar(about, default) for name, about in people.items()},
        {
            name.casefold(): tuple(
                Absence(date.fromisoformat(each["from"]), date.fromisoformat(each["to"]), each.get("deputy", ""))
                for each in about.get("away", ())
            )
            for name, about in people.items()
        },
    )


def _calendar(about: Mapping[str, Any], default: Calendar) -> Calendar:
    """Build one calendar; another country has no region of the default one."""
    country = about.get("country", default.country)
    region = about.get("region", default.region if country == default.country else "")
    return Calendar(country, region, about.get("time_zone", default.time_zone))


def _quiet_hours(about: Mapping[str, str] | None) -> tuple[time, time] | None:
    return (time.fromisoformat(about["from"]), time.fromisoformat(about["to"])) if about else None
