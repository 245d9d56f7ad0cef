"""What the page of a process tells of its letters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from automation.core.letters.model import CUSTOMER, GAINSIGHT, Letter, Rule
from automation.core.model import Process
from automation.core.role_names import role_names

_OTHERS = {CUSTOMER: "customer", GAINSIGHT: "address of Gainsight"}


def letter_facts(process: Process, letter: Letter) -> dict[str, Any]:
    """Return what the prose says of a letter, all words still unescaped."""
    return {
        "name": letter.name,
        "title": letter.title,
        "version": letter.version,
        "sender": role_names(process, [letter.sender]),
        "to": _names(process, letter.to),
        "cc": _names(process, letter.cc),
        "bcc": _names(process, letter.bcc),
        "signed": letter.signed,
        "is_offered": letter.audience == CUSTOMER,
        "when": [f"{process.fields[key].title} is {' or '.join(wanted)}" for key, wanted in letter.when.items()],
        "says": [_rule(process, each) for each in letter.must_say],
        "never_says": [_rule(process, each) for each in letter.must_not_say],
    }


def _names(process: Process, roles: Iterable[str]) -> list[str]:
    return [name for role in roles for name in ([_OTHERS[role]] if role in _OTHERS else role_names(process, [role]))]


def _rule(process: Process, rule: Rule) -> dict[str, Any]:
    when = [f"{process.fields[key].title} is {' or '.join(wanted)}" for key, wanted in rule.when.items()]
    return {"title": rule.title, "source": rule.source, "when": when}
