"""What the two CI/CD variables lack: made or renewed where bootstrap may, told of where it may not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from automation.core.bootstrap.credentials import (
    STATE_KEY,
    STATE_KEY_DESCRIPTION,
    TOKEN,
    TOKEN_NAME,
    Held,
    describe_token,
    ends_soon,
    find_held,
    is_fit,
    keeps_descriptions,
    planned_level,
)
from automation.core.bootstrap.steps import (
    Change,
    Home,
    MakeStateKey,
    Plan,
    ProtectVariable,
    ProvideToken,
    Remark,
    Step,
)
from automation.core.installation import Unseen, Variable
from automation.core.words import quote

# GitLab allows a year at most.
_LIFETIME = timedelta(days=364)
_VARIABLES = "Settings › CI/CD › Variables"
_TOKENS = "Settings › Access tokens"
_BY_HAND = f"set it under {_VARIABLES}, masked and protected"
_ANEW = f"delete the variable {TOKEN} and run this again with --with-secrets"


def plan_credentials(home: Home, group: str, today: date, with_secrets: bool) -> Plan:
    """Plan what is missing of the two variables, or only tell of it where *with_secrets* is not given.

    Only a token that the description of the variable names, or what rotating made of that one, is ever rotated: the
    account stays the same. In every other case a new one is made, and live tokens of our name that stand in no variable
    we know are listed: a run that was stopped between token and variable leaves one. What was set by hand stays, and so
    does everything where the handovers lie in the projects of a *group*: a token of one project cannot write there.
    """
    if isinstance(home.variables, Unseen):
        message = f"CI/CD variables cannot be seen with this token: that needs the role {home.variables.needs}."
        return Plan(remarks=(Remark(home.place, message, is_gap=True),))
    variables = {each.key: each for each in home.variables if each.environment == "*"}
    held = find_held(variables.get(TOKEN), home.tokens)
    unknown = () if group else (*_not_known(home, held, today), *_in_no_variable(held))
    remarks = tuple(Remark(home.place, message) for message in unknown)
    if with_secrets and not group:
        return Plan(tuple(_steps(home, today, held, variables)), (*_unseen(home, held), *remarks))
    told = (
        *_missing(held, group, STATE_KEY not in variables),
        *(_of_one_project(held, group) if group else _worn_out(held, today)),
        *_open_to_view(variables, group),
    )
    return Plan(remarks=(*(Remark(home.place, message) for message in told), *remarks))


# --- steps ------------------------------------------------------------------------------------------------------------


def _steps(home: Home, today: date, held: Held, variables: Mapping[str, Variable]) -> Iterator[Step]:
    if STATE_KEY not in variables:
        key = MakeStateKey(STATE_KEY, STATE_KEY_DESCRIPTION)
        value = (Change("value", None, "a random key"),)
        yield Step(f"variable {STATE_KEY}", home.place, f"variable {STATE_KEY}", key, True, value)
    if held.must_change(today):
        yield _provide(home, today, held)
    for variable in variables.values():
        changes = tuple(Change(name, False, True) for name in _lacking(variable))
        is_rewritten = variable.key == TOKEN and held.must_change(today)
        if variable.key in (TOKEN, STATE_KEY) and changes and not is_rewritten:
            work = ProtectVariable(variable.key, {each.name: True for each in changes})
            what = f"variable {variable.key}"
            yield Step(f"protection of the {what}", home.place, what, work, False, changes)


def _provide(home: Home, today: date, held: Held) -> Step:
    old, end = held.token, today + _LIFETIME
    work = ProvideToken(TOKEN, TOKEN_NAME, old.id if old else 0, planned_level(home.server), end, not held.is_set)
    ending = Change("expires on", str(old.expires_on) if old and old.expires_on else None, str(end))
    changes = (ending,) if ending.before != ending.after else ()
    key = f"variable {TOKEN}"
    if old is None:
        what = f"access token {TOKEN_NAME}, in the variable {TOKEN}"
        return Step(key, home.place, what, work, True, changes)
    what = f"access token {old.id} {quote(old.name)}, rotated in the variable {TOKEN}"
    value = Change("value", "the old one, which stops working at once", "a new one")
    return Step(key, home.place, what, work, False, (*changes, value))


def _lacking(variable: Variable) -> list[str]:
    flags = (("masked", variable.is_masked), ("protected", variable.is_protected))
    return [name for name, is_on in flags if not is_on]


# --- what is left to people -------------------------------------------------------------------------------------------


def _unseen(home: Home, held: Held) -> Iterator[Remark]:
    if held.unseen and (held.named_id or not held.is_set):
        message = (
            f"Access tokens cannot be seen with this token (that needs the role {held.unseen}), or the server has none"
            f" for projects, so nothing was done about {TOKEN}: {_BY_HAND}."
        )
        yield Remark(home.place, message, is_gap=True)


def _missing(held: Held, group: str, lacks_key: bool) -> Iterator[str]:
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


def _worn_out(held: Held, today: date) -> Iterator[str]:
    """Tell why the token that bootstrap put there must be another one."""
    if not held.is_set or not held.must_change(today):
        return
    named = f"The description of {TOKEN} names token {held.named_id}"
    if held.token is None and held.is_named_alive:
        yield (
            f"{named}, with which triage cannot work, or could do too much (scope `api`; Planner, Reporter or"
            " Developer): add --with-secrets."
        )
    elif held.token is None:
        yield f"{named}, which is gone: add --with-secrets."
    elif held.is_successor:
        yield (
            f"{named}, which is gone; rotating made token {held.token.id} of it. If its value stands in the variable,"
            f' write "{describe_token(held.token.id)}" into the description; if not, add --with-secrets.'
        )
    else:
        yield f"The token in {TOKEN} ends on {held.token.expires_on}: add --with-secrets."


def _of_one_project(held: Held, group: str) -> Iterator[str]:
    if held.named_id:
        yield (
            f"{TOKEN} holds an access token of this project (its description names token {held.named_id}), which cannot"
            f" write in others: put one of the group {quote(group)} there, with another description."
        )


def _open_to_view(variables: Mapping[str, Variable], group: str) -> Iterator[str]:
    repair = "" if group else "add --with-secrets, or "
    for key in (TOKEN, STATE_KEY):
        lacking = _lacking(variables[key]) if key in variables else []
        if lacking:
            yield f"{key} is not {' and not '.join(lacking)}: {repair}change that under {_VARIABLES}."


def _not_known(home: Home, held: Held, today: date) -> Iterator[str]:
    """Tell what may be wrong with a token of which nobody can see whether it stands in the variable."""
    if not held.is_set or held.named_id or held.unseen:
        return
    token = next(iter(held.others), None)
    if token is not None and ends_soon(token, today):
        yield (
            f"The access token {token.id} {quote(token.name)} ends on {token.expires_on}, and nobody can see whether"
            f" {TOKEN} holds it. If so, rotate it under {_TOKENS} and put the new value into the variable; or {_ANEW}."
        )
    alive = () if isinstance(home.tokens, Unseen) else (each for each in home.tokens if each.is_active)
    if not keeps_descriptions(home.server) and not any(is_fit(each) for each in alive):
        yield (
            f"{TOKEN} is set, but the project has no access token with which triage could work. If it holds none of a"
            f" group above either, {_ANEW}."
        )


def _in_no_variable(held: Held) -> Iterator[str]:
    """List the tokens that a run which was stopped may have left. Where one was set by hand, it may be that one."""
    for token in held.others if held.named_id or not held.is_set else ():
        yield (
            f"The access token {token.id} {quote(token.name)} stands in no variable that bootstrap filled: if nobody"
            f" uses it, revoke it under {_TOKENS}."
        )
