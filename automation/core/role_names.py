"""What readers call a role: the title of the field that names the person, else the role in words."""

from __future__ import annotations

from collections.abc import Iterable

from automation.core.model import Process

# Roles that no field of a process names; their short forms are those of the source documents (S4-35).
_SHORT = frozenset({"ae", "csa", "cse", "csm", "ps", "rm", "sa"})


def role_name(process: Process | None, role: str) -> str:
    """Return the reader's name of a role: the title of the field that names the person, else the role in words."""
    titles = {each.role: each.title for each in (process.fields.values() if process else ()) if each.role}
    return titles.get(role) or _in_words(role)


def role_names(process: Process, roles: Iterable[str]) -> tuple[str, ...]:
    """Return the readers' names of several roles."""
    return tuple(dict.fromkeys(role_name(process, role) for role in roles))


def signer_names(process: Process, roles: Iterable[str]) -> tuple[str, ...]:
    """Return the readers' names of who may sign: where any holder of a role may, that is said."""
    shared = {each.role for each in process.fields.values() if each.may_be_any_holder}
    return tuple(
        dict.fromkeys(_any_name(process, role) if role in shared else role_name(process, role) for role in roles)
    )


def _any_name(process: Process, role: str) -> str:
    name, words = role_name(process, role), _in_words(role)
    return f"any {words}" if name == words else f"{name} or any other {words}"


def _in_words(role: str) -> str:
    words = " ".join(word.upper() if word in _SHORT else word for word in role.split("_"))
    return words[:1].upper() + words[1:]
