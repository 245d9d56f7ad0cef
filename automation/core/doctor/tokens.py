"""Two tokens: your own, with which the doctor looks, and the one with which triage runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from automation.core.access import DEVELOPER, MAINTAINER, name_role
from automation.core.bootstrap.credentials import DESCRIBED, TOKEN, TOKEN_NAME, ends_soon
from automation.core.doctor.check import Check, broken, fine, hidden, judge_expiry, listing
from automation.core.installation import AccessToken, Account, Seen, Unseen, Variable
from automation.core.model import Member, User
from automation.core.people import LOWEST_ACCESS_LEVEL, is_token_account
from automation.core.words import quote

_MAKE_OWN = "Make one of your own: your avatar › Preferences › Access tokens, scope `api`; then export HANDOVER_TOKEN."
_TOKENS = "Settings › Access tokens"
_VARIABLE = f"Settings › CI/CD › Variables › {TOKEN}"
_ROLE = "Planner (GitLab 17.7 and newer) or Reporter"
_RENEW = "handover bootstrap --apply --with-secrets renews it."
_ROTATE = f"{_TOKENS} › Rotate, then put the new value into {_VARIABLE}."
_ADD = f"{_TOKENS} › Add new token with the scope `api` and the role {_ROLE}, and put its value into {_VARIABLE}."


# --- your own ---------------------------------------------------------------------------------------------------------


def judge_own_token(token: Seen[AccessToken], account: Account, access_level: int, today: date) -> tuple[Check, ...]:
    """Judge the token that the doctor was given: whose it is, what it may, how long (facts, section 10)."""
    return (_judge_kind(account.user), *_judge_reach(token, today), _judge_role(account, access_level))


def _judge_kind(user: User) -> Check:
    if is_token_account(user.username):
        told = f"HANDOVER_TOKEN is the token of a project or group (@{user.username}), not one of a person."
        return broken("own-token-kind", "Token", told, _MAKE_OWN)
    return fine("own-token-kind", "Token", f"You look with the token of @{user.username}.")


def _judge_reach(token: Seen[AccessToken], today: date) -> tuple[Check, ...]:
    if isinstance(token, Unseen):
        return (hidden("own-token-scopes", "Token", "What your token may do, and until when,", token),)
    return (
        _judge_scopes(token),
        judge_expiry("own-token-expiry", "Token", "Your token", token.expires_on, today, _MAKE_OWN),
    )


def _judge_scopes(token: AccessToken) -> Check:
    if "api" in token.scopes:
        return fine("own-token-scopes", "Token", "Your token has the scope `api`: enough for doctor and bootstrap.")
    if "read_api" in token.scopes:
        told = "Your token has the scope `read_api`: enough for doctor; bootstrap and create need `api`."
        return fine("own-token-scopes", "Token", told)
    told = f"Your token has neither the scope `api` nor `read_api`, but: {listing(token.scopes) or 'none'}."
    return broken("own-token-scopes", "Token", told, _MAKE_OWN)


def _judge_role(account: Account, access_level: int) -> Check:
    if access_level >= MAINTAINER:
        return fine("own-role", "Token", f"Your role in the project is {name_role(access_level)}.")
    if account.is_admin:
        return fine("own-role", "Token", "You are an administrator of this server: you see everything.")
    role = f"Your role in the project is {name_role(access_level)}" if access_level else "You have no role here"
    told = f"{role}: some of what follows cannot be seen with this token."
    return Check("own-role", "Token", "hidden", told, needs="Maintainer")


# --- that of triage ---------------------------------------------------------------------------------------------------


def judge_triage_token(
    tokens: Seen[tuple[AccessToken, ...]],
    variables: Seen[tuple[Variable, ...]],
    members: Seen[Sequence[Member]],
    today: date,
    group: str = "",
) -> tuple[Check, ...]:
    """Judge the project access token with which triage runs, as far as it can be told which one that is.

    *members* are those of the project; *group* holds the handovers, "" where the project itself does.
    """
    if isinstance(tokens, Unseen):
        return (hidden("triage-token", "Triage", "The access token of triage", tokens),)
    described = _described_id(variables)
    found = find_triage_tokens(tokens, variables)
    if not found:
        return (_judge_unknown(tokens, described),)
    if group:
        told = f"The access token {quote(found[0].name)} is of this project alone: it cannot write elsewhere."
        repair = f"Make one of the group {group} in place of it: there, {_ADD}"
        return (broken("triage-token", "Triage", told, repair),)
    if len(found) > 1:
        return tuple(_judge_several(found, today))
    [token] = found
    return tuple(_judge_one(token, members, today, is_ours=bool(described)))


def find_triage_tokens(
    tokens: Seen[tuple[AccessToken, ...]], variables: Seen[tuple[Variable, ...]]
) -> tuple[AccessToken, ...]:
    """Return the project's tokens that may be the one: that of the variable's description, else those of our name."""
    working = () if isinstance(tokens, Unseen) else tuple(each for each in tokens if each.is_active)
    described = _described_id(variables)
    if described:
        return tuple(each for each in working if each.id == described)
    return tuple(each for each in working if each.name == TOKEN_NAME and "api" in each.scopes)


def _described_id(variables: Seen[tuple[Variable, ...]]) -> int:
    """Return the id that bootstrap wrote into the description of the variable, 0 where there is none."""
    known = () if isinstance(variables, Unseen) else variables
    texts = (DESCRIBED.search(each.description) for each in known if each.key == TOKEN and each.environment == "*")
    return next((int(match[1]) for match in texts if match), 0)


def _judge_unknown(tokens: tuple[AccessToken, ...], described: int) -> Check:
    if described:
        told = f"{TOKEN} holds the access token {described}, which is revoked, expired or gone."
        return broken("triage-token", "Triage", told, "handover bootstrap --apply --with-secrets makes another.")
    writing = [quote(each.name) for each in tokens if each.is_active and "api" in each.scopes]
    if writing:
        told = f"Which access token triage uses cannot be seen; the project has {listing(writing)}."
    else:
        told = "The project has no access token with the scope `api`. That of a group or service account may serve."
    return Check("triage-token", "Triage", "hidden", told, needs="whoever set HANDOVER_TOKEN")


def _judge_several(found: tuple[AccessToken, ...], today: date) -> Iterator[Check]:
    """Judge tokens of one name: as long as one of them lives on, it may be the one."""
    told = f"Which of these access tokens triage uses cannot be seen: {listing(_with_id(each) for each in found)}."
    yield Check("triage-token", "Triage", "hidden", told, needs="whoever set HANDOVER_TOKEN")
    if all(ends_soon(each, today) for each in found):
        yield _judge_triage_expiry(found[0], today, is_ours=False)


def _with_id(token: AccessToken) -> str:
    return f"{quote(token.name)} ({token.id})"


def _judge_one(token: AccessToken, members: Seen[Sequence[Member]], today: date, is_ours: bool) -> Iterator[Check]:
    what = f"The access token {quote(token.name)} of triage"
    again = "handover bootstrap --apply --with-secrets makes another." if is_ours else _ADD
    if "api" not in token.scopes:
        told = f"{what} lacks the scope `api`: it cannot write. It has: {listing(token.scopes) or 'none'}."
        yield broken("triage-token", "Triage", told, f"{_TOKENS}: revoke it. Then: {again}")
        return
    yield _judge_triage_role(what, token.access_level, again)
    yield from _judge_bot(what, token, members, again)
    yield _judge_triage_expiry(token, today, is_ours)


def _judge_triage_role(what: str, level: int | None, again: str) -> Check:
    if level is None:
        return Check("triage-token-role", "Triage", "hidden", f"{what} shows no role.", needs="Maintainer")
    told = f"{what} has the role {name_role(level)}." if level else f"{what} has no role here."
    repair = f"{_TOKENS}: revoke it. Then: {again}"
    if level < LOWEST_ACCESS_LEVEL:
        return broken("triage-token-role", "Triage", f"{told} It cannot do its work: that needs {_ROLE}.", repair)
    if level >= MAINTAINER:
        told = f"{told[:-1]}: too much for what runs by itself; whoever reads it could change rules and people."
        return broken("triage-token-role", "Triage", told, repair)
    more = " It needs no more than Planner or Reporter." if level >= DEVELOPER else ""
    return fine("triage-token-role", "Triage", f"{told}{more}")


def _judge_bot(what: str, token: AccessToken, members: Seen[Sequence[Member]], again: str) -> Iterator[Check]:
    """Judge the account behind the token: GitLab refuses one that is blocked, or no member any more."""
    if isinstance(members, Unseen) or not token.user_id or not token.access_level:
        return
    bot = next((each for each in members if each.id == token.user_id), None)
    repair = f"{_TOKENS}: revoke it. Then: {again}"
    if bot is None:
        yield broken(
            "triage-token-account", "Triage", f"{what} has an account that is no member of the project.", repair
        )
    elif not bot.is_active:
        told = f"{what} has an account that is {quote(bot.state)}: GitLab refuses whatever it does."
        yield broken("triage-token-account", "Triage", told, f"Have an administrator unblock it. Else: {repair}")


def _judge_triage_expiry(token: AccessToken, today: date, is_ours: bool) -> Check:
    what = f"The access token {quote(token.name)} of triage"
    is_over = token.expires_on is not None and token.expires_on <= today
    by_hand = _ADD if is_over else _ROTATE
    return judge_expiry("triage-token-expiry", "Triage", what, token.expires_on, today, _RENEW if is_ours else by_hand)


def say_expiry(token: Seen[AccessToken], today: date) -> str:
    """Say that the token of a run is about to end, the same words every day; "" while there is time.

    For the issue that calls operations: GitLab itself mails nobody who reads it. A run cannot see who made the token.
    """
    if isinstance(token, Unseen) or not ends_soon(token, today):
        return ""
    return "\n".join(
        (
            f'The access token "{token.name}" in the variable {TOKEN} works until {token.expires_on}, not on that day.',
            "From then on no handover is judged and nobody is warned.",
            f"If handover bootstrap made it, {_RENEW} If it was set by hand: {_ROTATE}",
        )
    )
