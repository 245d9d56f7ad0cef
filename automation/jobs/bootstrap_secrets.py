"""Carry out what a bootstrap does about token and key: made on the server, put into its variables, shown to nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from automation.core.bootstrap.credentials import describe_token
from automation.core.bootstrap.steps import MakeStateKey, Place, ProtectVariable, ProvideToken
from automation.edge import installation, setup
from automation.edge.gitlab import GitLab
from automation.errors import GitLabError, RefusedError, UncertainError
from automation.jobs.once import once, shown

_MOST_TRIES = 3
# Where a server allows a shorter lifetime only, and does not say which.
_LIFETIMES = (180, 90, 30)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Secrets:
    """Makes token and key, and puts them into their variables.

    *make_key* gives a new random key. Secrets go from GitLab to GitLab: none is kept, shown or put into an error.
    ``notes`` say what came out otherwise than the plan says.
    """

    def __init__(self, gitlab: GitLab, today: date, make_key: Callable[[], str]) -> None:
        self._gitlab = gitlab
        self._today = today
        self._make_key = make_key
        self.notes: list[str] = []

    def make_state_key(self, place: Place, work: MakeStateKey) -> None:
        def make() -> bool:
            setup.create_variable(self._gitlab, place.scope, work.key, self._make_key(), work.description)
            return True

        once(make, lambda: self._has_variable(place, work.key, work.description) or None)

    def provide_token(self, place: Place, work: ProvideToken) -> None:
        """Put a token with a new value into the variable; the description says which one it is.

        The value is here and nowhere else: it is written again after a failure, and also when somebody stops the run.
        """
        token_id, value = self._fresh_token(place, work)
        stopped: KeyboardInterrupt | None = None
        failure: GitLabError | None = None
        for _ in range(_MOST_TRIES):
            try:
                self._put_token(place, work, token_id, value)
                failure = None
                break
            except KeyboardInterrupt as error:
                stopped = error
            except GitLabError as error:
                failure = error
        if failure is not None:
            raise _not_stored(work, token_id, failure) from None
        if stopped is not None:
            raise stopped

    def _put_token(self, place: Place, work: ProvideToken, token_id: int, value: str) -> None:
        description = describe_token(token_id)
        if not work.is_variable_new:
            changes = {"value": value, "description": description, "masked": True, "protected": True}
            setup.update_variable(self._gitlab, place.scope, work.key, changes)
            return

        def make() -> bool:
            setup.create_variable(self._gitlab, place.scope, work.key, value, description)
            return True

        once(make, lambda: self._has_variable(place, work.key, description) or None)

    def protect_variable(self, place: Place, work: ProtectVariable) -> None:
        setup.update_variable(self._gitlab, place.scope, work.key, work.changes)

    def _fresh_token(self, place: Place, work: ProvideToken) -> tuple[int, str]:
        """Make or rotate the token, for as long as the server allows.

        One whose value never came is there all the same: that one is rotated. It is known by what was there before.
        """
        token_id, known = work.token_id, self._token_ids(place)
        for _ in range(_MOST_TRIES):
            try:
                return self._token_that_lives(place, work, token_id)
            except UncertainError:
                new = self._token_ids(place) - known
                if len(new) != 1:
                    raise
                token_id, known = next(iter(new)), known | new
        raise UncertainError("GitLab's answer with the new access token never came.")

    def _token_ids(self, place: Place) -> frozenset[int]:
        return frozenset(each.id for each in shown(installation.fetch_access_tokens(self._gitlab, place.scope)))

    def _token_that_lives(self, place: Place, work: ProvideToken, token_id: int) -> tuple[int, str]:
        """Make or rotate the token, with a shorter life where the server refuses a long one."""
        try:
            return self._ask(place, work, token_id, work.expires_on)
        except RefusedError as error:
            refusal = error
        for end in _shorter(refusal.said, work.expires_on, self._today):
            try:
                made = self._ask(place, work, token_id, end)
            except RefusedError as error:
                refusal = error
                continue
            self.notes.append(
                f"The server refuses a longer life: the access token ends on {end}. Run this again before that day."
            )
            return made
        raise refusal

    def _ask(self, place: Place, work: ProvideToken, token_id: int, end: date) -> tuple[int, str]:
        if token_id:
            return setup.rotate_access_token(self._gitlab, place.scope, token_id, end)
        return setup.create_access_token(self._gitlab, place.scope, work.name, work.access_level, end)

    def _has_variable(self, place: Place, key: str, description: str) -> bool:
        found = shown(installation.fetch_variables(self._gitlab, place.scope))
        return any(each.key == key and each.description in (description, "") for each in found)


def _not_stored(work: ProvideToken, token_id: int, failure: GitLabError) -> RefusedError:
    done = "rotated" if work.token_id else "made"
    return RefusedError(
        f"Token {token_id} was {done}, but is not in the variable {work.key}. Triage cannot write until you run this"
        " command again.",
        f"{failure} {getattr(failure, 'said', '')}".strip(),
    )


def _shorter(said: str, end: date, today: date) -> list[date]:
    """Return the ends to ask for in place of *end*, the latest first: what the server names, a day less, then ours.

    Empty where it *said* nothing of the end.
    """
    if "expir" not in said.casefold():
        return []
    named = [day for text in _DAY.findall(said) if (day := _read_day(text))]
    ends = [*named, *(day - timedelta(days=1) for day in named), *(today + timedelta(days=days) for days in _LIFETIMES)]
    return sorted({each for each in ends if today < each < end}, reverse=True)


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
