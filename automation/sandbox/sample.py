"""Sample people and sample facts: whom the demo and the tests let hand accounts over, and what they would write."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from automation.core.configuration import Configuration, LetterSettings, RoleHolders
from automation.core.model import Field, Process
from automation.sandbox.model import MAINTAINER, REPORTER
from automation.sandbox.world import World

PROJECT = "customer-success/handovers"
MAINTAINER_NAME = "olga"
PEOPLE: Mapping[str, tuple[str, str]] = {
    "carol": ("Carol Meyer", "csm"),
    "otto": ("Otto Brandt", "csm"),
    "ben": ("Ben Okafor", "cse_territory_owner"),
    "chloe": ("Chloé Laurent", "cse_territory_owner"),
    "dana": ("Dana Levi", "cse"),
    "eli": ("Eli Park", "cse"),
    "mia": ("Mia Rossi", "csm_manager"),
    "alex": ("Alex Novak", "ae"),
    "ops": ("Operations", "operations"),
}
# By the key of the field. What is not named here, or no longer fits its schema, gets something of its kind.
_FACTS: Mapping[str, str] = {
    "territory": "EMEA-1",
    "renewal_manager": "Rhea Sandoval",
    "health": "Green",
    "health_reason": "Adoption grows, no open escalation",
    "renewal_risks": "none known",
    "escalations": "none",
    "deployment": "Self-managed",
    "account_tier": "TAM Scale",
    "compensation_pool": "EMEA",
    "call_minutes": "45",
    "seats": "420",
    "production_instances": "1",
    "non_production_instances": "2",
    "known_issues": "The runners are slow on Mondays",
    "use_cases": "Source code and CI for 40 teams",
    "goals": "Move the last teams off the old build server",
    "blockers": "none",
    "feedback": "Went well, the account was well kept",
    "last_ping": "2026-11-02",
    "customer_contacts": "Ada Lind ada@example.com, Bo Falk bo@example.com",
    "reason": "Your teams now work with half of the seats, and a subscription of this size comes without a CSM",
    "features_lost": "Security dashboards, dependency scanning and epics",
}
_LISTS: Mapping[str, tuple[str, ...]] = {
    "key_people": (
        "Ada Lind, head of platform: decides and likes short mails",
        "Bo Falk, build engineer: knows every pipeline",
        "Cem Aydin, procurement: comes in at renewals only",
    ),
}
_THREE = ("Their platform team decides, not procurement", "Upgrades happen on Sundays only", "They like short calls")


# --- people -----------------------------------------------------------------------------------------------------------


def sample_holders(role: str) -> tuple[str, ...]:
    """Return the sample people who hold *role*; for a role that none of them holds, somebody named after it."""
    return tuple(name for name, (_, held) in PEOPLE.items() if held == role) or (role.replace("_", "-"),)


def sample_configuration(roles: Iterable[str] = ()) -> Configuration:
    """Return the configuration that knows the sample people, and holders of any further *roles*."""
    known = dict.fromkeys([*(role for _, role in PEOPLE.values() if role != "operations"), *roles])
    return Configuration(
        roles={role: RoleHolders(sample_holders(role)) for role in known},
        territories={"EMEA-1": {"cse_territory_owner": ("ben",), "cse": ("dana", "eli")}},
        operations=("ops",),
        letters=LetterSettings(gainsight_bcc="timeline@example.com"),
    )


def populate(world: World, configuration: Configuration | None = None) -> str:
    """Put everybody whom *configuration* names into one private project and return the token of its bot.

    The groups that it names are filled with sample people who hold their roles. They are visible to every account of
    the server: a project's token cannot see private groups.
    """
    configuration = configuration or sample_configuration()
    for path in configuration.groups:
        if world.find_group(path) is None:
            world.add_group(path, "internal")
    world.add_project(PROJECT)
    for username in _find_people(configuration):
        if world.find_user(username) is None:
            _add_person(world, username)
        world.add_member(PROJECT, username, REPORTER)
    for path in configuration.groups:
        for username in _find_members(configuration, path):
            world.add_member(path, username, REPORTER)
    _, token = world.add_bot(PROJECT)
    return token


def add_maintainer(world: World, project: str = PROJECT) -> str:
    """Make olga, who sets the project up, its Maintainer and return the value of her own token."""
    if world.find_user(MAINTAINER_NAME) is None:
        world.add_user(MAINTAINER_NAME, "Olga Duarte", f"{MAINTAINER_NAME}@example.com")
    world.add_member(project, MAINTAINER_NAME, MAINTAINER)
    return world.add_token(MAINTAINER_NAME, name="setup")


def find_holders(configuration: Configuration, role: str) -> tuple[str, ...]:
    """Return who holds *role* in a sandbox populated from *configuration*: users, and sample people in groups."""
    holders = configuration.roles.get(role, RoleHolders())
    return tuple(dict.fromkeys([*holders.users, *(sample_holders(role) if holders.groups else ())]))


def find_starter(configuration: Configuration, process: Process) -> str:
    """Return who would create an issue of *process*: who is responsible first, else anybody in the project."""
    drawn_from = {each.role: each.held_by for each in process.fields.values() if each.role}
    roles = [role for first in process.stages[0].responsible for role in (first, drawn_from[first]) if role]
    holders = [name for role in roles for name in find_holders(configuration, role)]
    return (holders or _find_people(configuration))[0]


def _find_people(configuration: Configuration) -> list[str]:
    in_roles = [name for role in configuration.roles for name in find_holders(configuration, role)]
    narrowed = [each for roles in configuration.territories.values() for each in roles.values()]
    return [*in_roles, *(name for users in narrowed for name in users), *configuration.operations]


def _find_members(configuration: Configuration, group: str) -> list[str]:
    roles = [role for role, holders in configuration.roles.items() if group in holders.groups]
    return [name for role in roles for name in sample_holders(role)]


def _add_person(world: World, username: str) -> None:
    """Add one of the sample people, who show an address in their profile, or somebody else, who shows none."""
    if username in PEOPLE:
        world.add_user(username, PEOPLE[username][0], f"{username}@example.com")
    else:
        world.add_user(username, _full_name(username))


def _full_name(username: str) -> str:
    return " ".join(part.capitalize() for part in re.split(r"[-_.]+", username) if part) or username


# --- text -------------------------------------------------------------------------------------------------------------


def read_template(root: Path, process: Process) -> str:
    """Read the issue template of *process*, as GitLab's page copies it into a new issue."""
    return (root / ".gitlab/issue_templates" / f"{process.template}.md").read_text(encoding="utf-8")


def fill_in(text: str, process: Process, sections: Collection[str] | None = None, **facts: str) -> str:
    """Fill in the fields of *text* with something that their schema accepts; *facts* by key win over the samples.

    *sections* limits it to the fields of these parts of the document; advisory fields stay blank unless named.
    """
    for field in process.fields.values():
        if sections is not None and field.section not in sections:
            continue
        if field.kind == "list" and field.key not in facts:
            text = _fill_list(text, field, _LISTS.get(field.key, _THREE))
        elif field.key in facts or not field.is_advisory:
            value = facts[field.key] if field.key in facts else sample_fact(process, field)
            line = f"- **{field.title}:** {value}".replace("\\", r"\\")
            text = re.sub(rf"(?m)^- \*\*{re.escape(field.title)}:\*\*.*$", line, text)
    return text


def sample_fact(process: Process, field: Field) -> str:
    """Return something that a person could write into *field*."""
    about: Mapping[str, Any] = process.schema["properties"][field.section]["properties"][field.key]
    if field.kind == "role":
        return f"@{sample_holders(field.role)[0]}"
    if field.key in _FACTS and _fits(_FACTS[field.key], field, about):
        return _FACTS[field.key]
    if field.kind == "choice":
        return next((each for each in field.choices if each not in field.forbidden_values), field.choices[0])
    return {
        "integer": str(about.get("minimum", 1)),
        "date": "2026-11-30",
        "link": f"https://example.com/{field.key}",
    }.get(field.kind, f"Sample {field.title.lower()}")


def _fits(value: str, field: Field, about: Mapping[str, Any]) -> bool:
    if field.kind == "choice":
        return value in field.choices
    if field.kind == "integer":
        return value.isdecimal() and about.get("minimum", 0) <= int(value) <= about.get("maximum", int(value))
    return True


def _fill_list(text: str, field: Field, values: tuple[str, ...]) -> str:
    lines = text.split("\n")
    start = next((place for place, line in enumerate(lines) if line.lstrip("#").strip() == field.title), None)
    left = list(values)
    for place in range(start or 0, len(lines)):
        if left and start is not None and re.fullmatch(r"[0-9]+\.\s*", lines[place]):
            lines[place] = f"{lines[place].strip()} {left.pop(0)}"
    return "\n".join(lines)
