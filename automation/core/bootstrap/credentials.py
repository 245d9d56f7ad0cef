"""The two CI/CD variables: the token that triage writes with, and the key that seals what it remembers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from automation.core.bootstrap.steps import Change, Home, MakeStateKey, Plan, ProvideToken, Remark, Step
from automation.core.installation import AccessToken, Seen, ServerFacts, Unseen, Variable
from automation.core.words import quote

TOKEN = "HANDOVER_TOKEN"  # noqa: S105 - the name of the variable
STATE_KEY = "HANDOVER_STATE_KEY"
TOKEN_NAME = "Handover"  # noqa: S105 - the name that GitLab shows
STATE_KEY_DESCRIPTION = "Seals what the bot remembers. Never change it: made by `handover bootstrap`."
WARNING_DAYS = 30
# GitLab allows a year at most.
_LIFETIME = timedelta(days=364)
_PLANNER, _REPORTER = 15, 20
_PLANNER_SINCE = (17, 7)
_DESCRIBED = re.compile(r"Token ([0-9]+) of `handover bootstrap`")
_VERSION = re.compile(r"([0-9]+)\.([0-9]+)")
_BY_HAND = "set it under Settings › CI/CD › Variables, masked and protected"


def describe_token(token_id: int) -> str:
    """Return the description of the variable that holds the token *token_id*: the next run knows it by that."""
    return f"Token {token_id} of `handover bootstrap`"


def plan_credentials(home: Home, group: str, today: date, with_secrets: bool) -> Plan:
    """Plan what is missing of the two variables, or only tell of it where *with_secrets* is not given.

    A token is known by the description of its variable. Where that names one that works no longer, or ends within 30
    days, it is rotated: the account stays the same. A run that was stopped between token and variable is made good by
    the next one: the description does not name the token then. What was set by hand stays, and so does everything where
    the handovers lie in the projects of a *group*: a token of one project cannot write there.
    """
    if isinstance(home.variables, Unseen):
        message = f"CI/CD variables cannot be seen with this token: that needs the role {home.variables.needs}."
        return Plan(remarks=(Remark(home.place, message),))
    variables = {each.key: each for each in home.variables if each.environment == "*"}
    held = _find(variables.get(TOKEN), home.tokens)
    lacks_key = STATE_KEY not in variables
    if with_secrets and not group:
        steps, messages = tuple(_steps(home, today, held, lacks_key)), _left_over(held, today)
    else:
        steps, messages = (), _all_to_do(held, group, today, lacks_key)
    return Plan(steps, tuple(Remark(home.place, message) for message in messages))


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of HANDOVER_TOKEN.

    ``is_ours``: its description names a token of bootstrap, which is ``token`` where that still works. ``others`` are
    the tokens that bootstrap could have made, the newest first. ``unseen`` tells why no token can be seen, "" if all.
    """

    is_set: bool
    is_ours: bool
    token: AccessToken | None
    others: tuple[AccessToken, ...]
    unseen: str = ""

    def must_change(self, today: date) -> bool:
        """Tell whether the variable needs another value: it has none, or its token is lost or ends soon."""
        if self.unseen:
            return False
        return not self.is_set or (self.is_ours and (self.token is None or ends_soon(self.token, today)))

    @property
    def to_rotate(self) -> AccessToken | None:
        return self.token or next(iter(self.others), None)


def ends_soon(token: AccessToken, today: date) -> bool:
    """Tell whether *token* ends within 30 days."""
    return token.expires_on is not None and token.expires_on - today <= timedelta(days=WARNING_DAYS)


def planned_level(server: Seen[ServerFacts] | None) -> int:
    """Return the least role with which triage can work: Planner, on servers before 17.7 Reporter."""
    match = _VERSION.match(server.version) if isinstance(server, ServerFacts) else None
    return _PLANNER if match and (int(match[1]), int(match[2])) >= _PLANNER_SINCE else _REPORTER


def _find(variable: Variable | None, tokens: Seen[tuple[AccessToken, ...]]) -> Held:
    match = _DESCRIBED.match(variable.description) if variable is not None else None
    if isinstance(tokens, Unseen):
        return Held(variable is not None, match is not None, None, (), tokens.needs)
    described = next((each for each in tokens if match and each.id == int(match[1])), None)
    others = sorted((each for each in tokens if each.name == TOKEN_NAME), key=lambda each: -each.id)
    return Held(variable is not None, match is not None, described, tuple(others))


def _steps(home: Home, today: date, held: Held, lacks_key: bool) -> Iterator[Step]:
    if lacks_key:
        key = MakeStateKey(STATE_KEY, STATE_KEY_DESCRIPTION)
        yield Step(f"variable {STATE_KEY}", home.place, f"variable {STATE_KEY}", key, True, _value("a random key"))
    if held.must_change(today):
        old, end = held.to_rotate, today + _LIFETIME
        work = ProvideToken(TOKEN, TOKEN_NAME, old.id if old else 0, planned_level(home.server), end, not held.is_set)
        what = f"access token {TOKEN_NAME}, in the variable {TOKEN}"
        before = str(old.expires_on) if old and old.expires_on else None
        changes = (Change("expires on", before, str(end)),)
        yield Step(f"variable {TOKEN}", home.place, what, work, not held.is_set, changes)


def _value(words: str) -> tuple[Change, ...]:
    return (Change("value", None, words),)


def _left_over(held: Held, today: date) -> Iterator[str]:
    """Tell what --with-secrets leaves to people."""
    if held.unseen and (held.is_ours or not held.is_set):
        yield (
            f"Access tokens cannot be seen with this token (that needs the role {held.unseen}), or the server has none"
            f" for projects, so nothing was done about {TOKEN}: {_BY_HAND}."
        )
    yield from _ending_by_hand(held, today)


def _all_to_do(held: Held, group: str, today: date, lacks_key: bool) -> Iterator[str]:
    """Tell what is missing or about to end where nothing is to be made of it."""
    repair = _BY_HAND if group else f"add --with-secrets, or {_BY_HAND}"
    if not held.is_set:
        kind = f"an access token of the group {quote(group)}" if group else "an access token of the project"
        yield (
            f"{TOKEN} is not set here, and triage cannot work without it ({kind}, scope `api`): {repair}."
            " If a group above has it, nothing is to be done."
        )
    if lacks_key:
        yield (
            f"{STATE_KEY} is not set here; with it nobody can forge what the bot remembers: {repair} (32 random bytes,"
            " as `openssl rand -hex 32` gives). If a group above has it, nothing is to be done."
        )
    if held.must_change(today) and held.is_set:
        end = f"ends on {held.token.expires_on}" if held.token else "works no longer"
        yield f"The token in {TOKEN} {end}: add --with-secrets."
    yield from _ending_by_hand(held, today)


def _ending_by_hand(held: Held, today: date) -> Iterator[str]:
    token = next(iter(held.others), None)
    if held.is_set and not held.is_ours and token is not None and ends_soon(token, today):
        yield (
            f"The access token {quote(token.name)} ends on {token.expires_on}. {TOKEN} was set by hand: if it holds"
            " that token, rotate it under Settings › Access tokens and put the new value into the variable."
        )
