"""Carry out the steps of a bootstrap, each at most once: after an answer that was lost we look before we go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from automation.core.bootstrap.credentials import describe_token
from automation.core.bootstrap.steps import (
    AddList,
    ChangeLabel,
    ChangeSchedule,
    MakeBoard,
    MakeLabel,
    MakeSchedule,
    MakeStateKey,
    MakeTrigger,
    MoveList,
    Place,
    ProvideToken,
    SetHook,
    SetScheduleVariable,
    Step,
)
from automation.core.bootstrap.webhook import mask_token
from automation.core.installation import Seen, Trigger, Unseen
from automation.core.model import User
from automation.edge import installation, setup
from automation.edge.gitlab import GitLab
from automation.errors import AccessError, RefusedError, UncertainError

_T = TypeVar("_T")
_MOST_TRIES = 3
_OWN_ADDRESS = (
    "If it does not take the address, an administrator must let webhooks call the server itself: Admin › Settings ›"
    " Network › Outbound requests."
)


class Works:
    """Carries out steps in their order, and knows the ids of what it made.

    *make_key* gives a new random key. Secrets go from GitLab to GitLab: none is kept, shown or put into an error.
    """

    def __init__(self, gitlab: GitLab, me: User, make_key: Callable[[], str]) -> None:
        self._gitlab = gitlab
        self._me = me
        self._make_key = make_key
        self._labels: dict[str, int] = {}
        self._boards: dict[tuple[str, str], int] = {}
        self._lists: dict[tuple[str, str, str], int] = {}
        self._schedule_id = 0
        self._trigger: Trigger | None = None

    def carry_out(self, step: Step) -> None:
        """Carry out one step, after those that it needs.

        Raises:
            GitLabError: GitLab refused or failed, and the thing is not there.
        """
        _WORK[type(step.work)](self, step.place, step.work)

    # --- labels and boards --------------------------------------------------------------------------------------------

    def make_label(self, place: Place, work: MakeLabel) -> None:
        wanted = work.label

        def make() -> int:
            words = (wanted.name, wanted.color, wanted.description, wanted.priority)
            return setup.create_label(self._gitlab, place.scope, *words)

        def look() -> int | None:
            found = installation.fetch_labels(self._gitlab, place.scope)
            return next((each.id for each in found if each.name == wanted.name), None)

        self._labels[wanted.name] = _once(make, look)

    def change_label(self, place: Place, work: ChangeLabel) -> None:
        setup.update_label(self._gitlab, place.scope, work.label_id, work.changes)

    def make_board(self, place: Place, work: MakeBoard) -> None:
        def look() -> int | None:
            found = _shown(installation.fetch_boards(self._gitlab, place.scope))
            return next((each.id for each in found if each.name == work.name), None)

        made = _once(lambda: setup.create_board(self._gitlab, place.scope, work.name), look)
        self._boards[place.scope, work.name] = made

    def add_list(self, place: Place, work: AddList) -> None:
        board_id = work.board_id or self._boards[place.scope, work.board]
        label_id = work.label_id or self._labels[work.label]

        def look() -> int | None:
            boards = _shown(installation.fetch_boards(self._gitlab, place.scope))
            lists = (each for board in boards if board.id == board_id for each in board.lists)
            return next((each.id for each in lists if each.label == work.label), None)

        made = _once(lambda: setup.create_list(self._gitlab, place.scope, board_id, label_id), look)
        self._lists[place.scope, work.board, work.label] = made

    def move_list(self, place: Place, work: MoveList) -> None:
        board_id = work.board_id or self._boards[place.scope, work.board]
        list_id = work.list_id or self._lists[place.scope, work.board, work.label]
        setup.move_list(self._gitlab, place.scope, board_id, list_id, work.position)

    # --- what starts triage -------------------------------------------------------------------------------------------

    def make_schedule(self, place: Place, work: MakeSchedule) -> None:
        def make() -> int:
            words = (work.description, work.ref, work.cron, work.time_zone)
            return setup.create_schedule(self._gitlab, place.scope, *words)

        def look() -> int | None:
            found = _shown(installation.fetch_schedules(self._gitlab, place.scope))
            mine = (each for each in found if each.owner is not None and each.owner.id == self._me.id)
            return next((each.id for each in mine if each.description == work.description), None)

        self._schedule_id = _once(make, look)

    def change_schedule(self, place: Place, work: ChangeSchedule) -> None:
        setup.update_schedule(self._gitlab, place.scope, work.schedule_id, work.changes)

    def set_schedule_variable(self, place: Place, work: SetScheduleVariable) -> None:
        schedule_id = work.schedule_id or self._schedule_id

        def look() -> bool | None:
            found = _shown(installation.fetch_schedules(self._gitlab, place.scope))
            variables = next((each.variables for each in found if each.id == schedule_id), None) or {}
            return True if variables.get(work.key) == work.value else None

        def make() -> bool:
            words = (schedule_id, work.key, work.value, work.is_new)
            setup.set_schedule_variable(self._gitlab, place.scope, *words)
            return True

        _once(make, look)

    def make_trigger(self, place: Place, work: MakeTrigger) -> None:
        def look() -> Trigger | None:
            found = _shown(installation.fetch_triggers(self._gitlab, place.scope))
            return next((each for each in found if each.description == work.description and each.token), None)

        self._trigger = _once(lambda: setup.create_trigger(self._gitlab, place.scope, work.description), look)

    def set_hook(self, place: Place, work: SetHook) -> None:
        """Make or repair the webhook.

        A server that keeps masked parts of the URL refuses others for the same webhook, so they go first. One that
        GitLab stopped works again after a test that succeeds.
        """
        trigger = work.trigger or self._trigger
        if trigger is None:
            raise AssertionError("a webhook is planned with its trigger")
        url, masked = mask_token(work.address, trigger)
        if not work.hook_id:
            self._make_hook(place, url, masked)
            return
        setup.update_hook(self._gitlab, place.scope, work.hook_id, work.address, {})
        setup.update_hook(self._gitlab, place.scope, work.hook_id, url, masked)
        if work.is_stopped and self._is_stopped(place, work.hook_id):
            self._wake(place, work.hook_id)

    def _make_hook(self, place: Place, url: str, masked: Mapping[str, str]) -> None:
        def look() -> int | None:
            found = _shown(installation.fetch_hooks(self._gitlab, place.scope))
            return next((each.id for each in found if each.url == url), None)

        try:
            _once(lambda: setup.create_hook(self._gitlab, place.scope, url, masked), look)
        except RefusedError as error:
            raise RefusedError(f"{error} {_OWN_ADDRESS}", error.said) from None

    def _is_stopped(self, place: Place, hook_id: int) -> bool:
        found = _shown(installation.fetch_hooks(self._gitlab, place.scope))
        return any(each.is_stopped for each in found if each.id == hook_id)

    def _wake(self, place: Place, hook_id: int) -> None:
        try:
            setup.try_hook(self._gitlab, place.scope, hook_id)
        except (AccessError, UncertainError) as error:
            raise RefusedError(
                "The webhook is repaired, but GitLab had stopped it and does not start it again: press Test › Issue"
                " events beside it, under Settings › Webhooks.",
                str(error),
            ) from None

    # --- secrets ------------------------------------------------------------------------------------------------------

    def make_state_key(self, place: Place, work: MakeStateKey) -> None:
        def make() -> bool:
            setup.create_variable(self._gitlab, place.scope, work.key, self._make_key(), work.description)
            return True

        _once(make, lambda: self._has_variable(place, work.key, work.description) or None)

    def provide_token(self, place: Place, work: ProvideToken) -> None:
        """Put a token with a new value into the variable; the description says which one it is."""
        token_id, value = self._fresh_token(place, work)
        description = describe_token(token_id)
        if not work.is_variable_new:
            changes = {"value": value, "description": description, "masked": True, "protected": True}
            setup.update_variable(self._gitlab, place.scope, work.key, changes)
            return

        def make() -> bool:
            setup.create_variable(self._gitlab, place.scope, work.key, value, description)
            return True

        _once(make, lambda: self._has_variable(place, work.key, description) or None)

    def _fresh_token(self, place: Place, work: ProvideToken) -> tuple[int, str]:
        """Make or rotate the token. One whose value never came is there all the same: that one is rotated."""
        token_id = work.token_id
        for _ in range(_MOST_TRIES):
            try:
                if token_id:
                    return setup.rotate_access_token(self._gitlab, place.scope, token_id, work.expires_on)
                words = (work.name, work.access_level, work.expires_on)
                return setup.create_access_token(self._gitlab, place.scope, *words)
            except UncertainError:
                found = _shown(installation.fetch_access_tokens(self._gitlab, place.scope))
                newest = max((each.id for each in found if each.name == work.name), default=0)
                if newest <= token_id:
                    raise
                token_id = newest
        raise UncertainError("GitLab's answer with the new access token never came.")

    def _has_variable(self, place: Place, key: str, description: str) -> bool:
        found = _shown(installation.fetch_variables(self._gitlab, place.scope))
        return any(each.key == key and each.description in (description, "") for each in found)


_WORK: Mapping[type, Callable[[Works, Place, Any], None]] = {
    MakeLabel: Works.make_label,
    ChangeLabel: Works.change_label,
    MakeBoard: Works.make_board,
    AddList: Works.add_list,
    MoveList: Works.move_list,
    MakeSchedule: Works.make_schedule,
    ChangeSchedule: Works.change_schedule,
    SetScheduleVariable: Works.set_schedule_variable,
    MakeTrigger: Works.make_trigger,
    SetHook: Works.set_hook,
    MakeStateKey: Works.make_state_key,
    ProvideToken: Works.provide_token,
}


def _once(make: Callable[[], _T], look: Callable[[], _T | None]) -> _T:
    """Make a thing; where GitLab's answer was lost, or it has one already, find it instead."""
    try:
        return make()
    except (UncertainError, RefusedError):
        found = look()
        if found is None:
            raise
        return found


def _shown(found: Seen[tuple[_T, ...]]) -> tuple[_T, ...]:
    return () if isinstance(found, Unseen) else found
