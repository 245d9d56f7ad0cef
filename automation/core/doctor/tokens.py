"""Two tokens: your own, with which the doctor looks, and the one with which triage runs."""

from __future__ import annotations

import re
from datetime import date

from automation.core.bootstrap.credentials import TOKEN, TOKEN_NAME
from automation.core.doctor.check import WARNED_DAYS, Check, broken, fine, hidden, judge_expiry, listing
from automation.core.installation import AccessToken, Seen, Unseen, Variable
from automation.core.model import User
from automation.core.people import LOWEST_ACCESS_LEVEL, is_token_account
from automation.core.words import quote

MAINTAINER = 40
_DEVELOPER = 30
_ROLES = {
    5: "Minimal access",
    10: "Guest",
    15: "Planner",
    20: "Reporter",
    30: "Developer",
    40: "Maintainer",
    50: "Owner",
}
_DESCRIBED = re.compile(r"Token ([0-9]+) of `handover bootstrap`")
_MAKE_OWN = "Make one of your own: your avatar › Preferences › Access tokens, scope `api`; then export HANDOVER_TOKEN."
_RENEW = (
    "handover bootstrap --apply --with-secrets renews it. By hand: Settings › Access tokens › Rotate, then put the new"
    f" value into Settings › CI/CD › Variables › {TOKEN}."
)


def name_role(access_level: int) -> str:
    """Name GitLab's number of a role."""
    return _ROLES.get(access_level, f"access level {access_level}" if access_level else "no role")


# --- your own ---------------------------------------------------------------------------------------------------------


def judge_own_token(token: Seen[AccessToken], user: User, access_level: int, today: date) -> tuple[Check, ...]:
    """Judge the token that the doctor was given: whose it is, what it may, how long (facts, section 10)."""
    return (
        _judge_kind(user),
        *_judge_reach(token, today),
        _judge_role(access_level),
    )


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


def _judge_role(access_level: int) -> Check:
    role = name_role(access_level)
    if access_level >= MAINTAINER:
        return fine("own-role", "Token", f"Your role in the project is {role}.")
    told = f"Your role in the project is {role}: some of what follows cannot be seen with this token."
    return Check("own-role", "Token", "hidden", told, needs="Maintainer")


# --- that of triage ---------------------------------------------------------------------------------------------------


def judge_triage_token(
    tokens: Seen[tuple[AccessToken, ...]], variables: Seen[tuple[Variable, ...]], today: date
) -> tuple[Check, ...]:
    """Judge the project access token with which triage runs, as far as it can be told which one that is."""
    if isinstance(tokens, Unseen):
        return (hidden("triage-token", "Triage", "The access token of triage", tokens),)
    described = _described_id(variables)
    found = _find_candidates(tokens, described)
    if not found and described:
        told = f"{TOKEN} holds the access token {described}, which is revoked, expired or gone."
        return (broken("triage-token", "Triage", told, _RENEW),)
    if not found:
        told = "The project has no access token with the scope `api`. That of a group or service account may serve."
        return (Check("triage-token", "Triage", "hidden", told, needs="Owner of the group, or the last run of triage"),)
    if len(found) > 1:
        told = (
            f"Which of these access tokens triage uses cannot be seen: {listing(quote(each.name) for each in found)}."
        )
        checks = [_judge_triage_expiry(each, today) for each in found]
        # As long as one of them lives on, it may be the one.
        ending = checks[:1] if all(each.state == "repair" for each in checks) else []
        return (Check("triage-token", "Triage", "hidden", told, needs="the last run of triage"), *ending)
    return (_judge_triage_role(found[0]), _judge_triage_expiry(found[0], today))


def _described_id(variables: Seen[tuple[Variable, ...]]) -> int:
    """Return the id that bootstrap wrote into the description of the variable, 0 where there is none."""
    known = () if isinstance(variables, Unseen) else variables
    texts = (_DESCRIBED.search(each.description) for each in known if each.key == TOKEN)
    return next((int(match[1]) for match in texts if match), 0)


def _find_candidates(tokens: tuple[AccessToken, ...], described: int) -> tuple[AccessToken, ...]:
    """Return the tokens that may be the one: that of the description, else those of our name, else all that write."""
    writing = tuple(each for each in tokens if each.is_active and "api" in each.scopes)
    by_id = tuple(each for each in writing if each.id == described)
    return by_id or tuple(each for each in writing if each.name == TOKEN_NAME) or writing


def _judge_triage_role(token: AccessToken) -> Check:
    what, level = f"The access token {quote(token.name)} of triage", token.access_level
    if level is None:
        return Check("triage-token-role", "Triage", "hidden", f"{what} shows no role.", needs="Maintainer")
    told = f"{what} has the role {name_role(level)}."
    anew = "handover bootstrap --apply --with-secrets makes a new one; or Settings › Access tokens: one with the role"
    if level < LOWEST_ACCESS_LEVEL:
        return broken("triage-token-role", "Triage", told, f"{anew} Planner (GitLab 17.7 and newer) or Reporter.")
    if level >= MAINTAINER:
        told = f"{told[:-1]}: too much for what runs by itself; whoever reads it could change rules and people."
        return broken("triage-token-role", "Triage", told, f"Revoke it. {anew} Planner or Reporter.")
    more = " It needs no more than Planner or Reporter." if level >= _DEVELOPER else ""
    return fine("triage-token-role", "Triage", f"{told}{more}")


def _judge_triage_expiry(token: AccessToken, today: date) -> Check:
    what = f"The access token {quote(token.name)} of triage"
    return judge_expiry("triage-token-expiry", "Triage", what, token.expires_on, today, _RENEW)


def say_expiry(token: Seen[AccessToken], today: date) -> str:
    """Say that the token of a run is about to end, the same words every day; "" while there is time.

    For the issue that calls operations: GitLab itself mails nobody who reads it.
    """
    if isinstance(token, Unseen) or token.expires_on is None or (token.expires_on - today).days >= WARNED_DAYS:
        return ""
    told = f'The access token "{token.name}" in the variable {TOKEN} works until {token.expires_on}, not on that day.'
    return f"{told}\nFrom then on no handover is judged and nobody is warned.\n{_RENEW}"
