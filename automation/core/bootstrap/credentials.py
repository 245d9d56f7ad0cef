"""The two CI/CD variables, and what is known of the token that stands in one of them: GitLab shows nobody its value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from automation.core.access import DEVELOPER, PLANNER, REPORTER
from automation.core.installation import AccessToken, Seen, ServerFacts, Unseen, Variable

TOKEN = "HANDOVER_TOKEN"  # noqa: S105 - the name of the variable
STATE_KEY = "HANDOVER_STATE_KEY"
TOKEN_NAME = "Handover"  # noqa: S105 - the name that GitLab shows
STATE_KEY_DESCRIPTION = (
    "Seals what the bot remembers. Change it only as docs/installation.md says: made by `handover bootstrap`."
)
WARNING_DAYS = 30
_PLANNER_SINCE, _DESCRIPTIONS_SINCE = (17, 7), (16, 2)
DESCRIBED = re.compile(r"Token ([0-9]+) of `handover bootstrap`")
_VERSION = re.compile(r"([0-9]+)\.([0-9]+)")


def describe_token(token_id: int) -> str:
    """Return the description of the variable that holds the token *token_id*: the next run knows it by that."""
    return f"Token {token_id} of `handover bootstrap`"


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of HANDOVER_TOKEN.

    ``named_id`` is the token of bootstrap that its description names, 0 for none: then it was filled by hand, or the
    server keeps no descriptions. ``token`` is that one where triage can work with it, or else the ``successor``: what
    rotating made of it, as the same bot's account tells, without the variable being told. ``others`` are more live
    tokens of our name, newest first. ``unseen`` is the role that would see tokens, "" where they are seen.
    """

    is_set: bool
    named_id: int = 0
    token: AccessToken | None = None
    is_successor: bool = False
    is_named_alive: bool = False
    others: tuple[AccessToken, ...] = ()
    unseen: str = ""

    def must_change(self, today: date) -> bool:
        """Tell whether the variable needs another value: it has none, or its token is lost, unfit or ends soon.

        What bootstrap did not put there it never changes.
        """
        if self.unseen:
            return False
        is_good = self.token is not None and not self.is_successor and not ends_soon(self.token, today)
        return not self.is_set or (self.named_id > 0 and not is_good)


def find_held(variable: Variable | None, tokens: Seen[tuple[AccessToken, ...]]) -> Held:
    """Find which of *tokens*, ended ones too, stands in *variable*. A token that might be in other use is nobody's."""
    match = DESCRIBED.match(variable.description) if variable is not None else None
    named_id = int(match[1]) if match else 0
    if isinstance(tokens, Unseen):
        return Held(variable is not None, named_id, unseen=tokens.needs)
    named = next((each for each in tokens if each.id == named_id), None)
    alive = sorted((each for each in tokens if each.is_active), key=lambda each: -each.id)
    is_named_alive = named in alive
    heirs = [each for each in alive if named and each.user_id == named.user_id and each.user_id]
    token = next((each for each in (heirs if not is_named_alive else [named]) if each and is_fit(each)), None)
    return Held(
        is_set=variable is not None,
        named_id=named_id,
        token=token,
        is_successor=token is not None and not is_named_alive,
        is_named_alive=is_named_alive,
        others=tuple(each for each in alive if each.name == TOKEN_NAME and each not in (token, named)),
    )


def is_fit(token: AccessToken) -> bool:
    """Tell whether triage can work with *token*, and cannot do much more. GitLab does not tell the role everywhere."""
    level = token.access_level
    return "api" in token.scopes and (level is None or PLANNER <= level <= DEVELOPER)


def ends_soon(token: AccessToken, today: date) -> bool:
    """Tell whether *token* ends within 30 days."""
    return token.expires_on is not None and token.expires_on - today <= timedelta(days=WARNING_DAYS)


def planned_level(server: Seen[ServerFacts] | None) -> int:
    """Return the least role with which triage can work: Planner, on servers before 17.7 Reporter."""
    version = _read_version(server)
    return PLANNER if version and version >= _PLANNER_SINCE else REPORTER


def keeps_descriptions(server: Seen[ServerFacts] | None) -> bool:
    """Tell whether variables have a description; of a server that does not say its version we think so."""
    version = _read_version(server)
    return not version or version >= _DESCRIPTIONS_SINCE


def _read_version(server: Seen[ServerFacts] | None) -> tuple[int, int] | None:
    match = _VERSION.match(server.version) if isinstance(server, ServerFacts) else None
    return (int(match[1]), int(match[2])) if match else None
