"""Carry out the steps of a bootstrap, each at most once: after an answer that was lost we look before we go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

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
    ProtectVariable,
    ProvideToken,
    RenameBoard,
    SetHook,
    SetScheduleVariable,
    Step,
)
from automation.core.bootstrap.webhook import mask_token
from automation.core.installation import Trigger
from automation.core.model import User
from automation.edge import installation, setup
from automation.edge.gitlab import GitLab
from automation.errors import AccessError, RefusedError, UncertainError
from automation.jobs.bootstrap_secrets import Secrets
from automation.jobs.once import once, shown

_OWN_ADDRESS = (
    "If it does not take the address, an administrator must let webhooks call the server itself: Admin › Settings ›"
    " Network › Outbound requests."
)


class Works:
    """Carries out steps in their order, and knows the ids of what it made.

    ``notes`` say what came out otherwise than the plan says.
    """

    def __init__(self, gitlab: GitLab, me: User, today: date, make_key: Callable[[], str]) -> None:
        self._gitlab = gitlab
        self._me = me
        self._secrets = Secrets(gitlab, today, make_key)
        self._labels: dict[str, int] = {}
        self._boards: dict[tuple[str, str], int] = {}
        self._lists: dict[tuple[str, str, str], int] = {}
        self._schedule_id = 0
        self._trigger: Trigger | None = None

    @property
    def notes(self) -> list[str]:
        return self._secrets.notes

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

        self._labels[wanted.name] = once(make, look)

    def change_label(self, place: Place, work: ChangeLabel) -> None:
        setup.update_label(self._gitlab, place.scope, work.label_id, work.changes)

    def make_board(self, place: Place, work: MakeBoard) -> None:
        def look() -> int | None:
            found = shown(installation.fetch_boards(self._gitlab, place.scope))
            return next((each.id for each in found if each.name == work.name), None)

        made = once(lambda: setup.create_board(self._gitlab, place.scope, work.name), look)
        self._boards[place.scope, work.name] = made

    def rename_board(self, place: Place, work: RenameBoard) -> None:
        setup.rename_board(self._gitlab, place.scope, work.board_id, work.name)

    def add_list(self, place: Place, work: AddList) -> None:
        board_id = work.board_id or self._boards[place.scope, work.board]
        label_id = work.label_id or self._labels[work.label]

        def look() -> int | None:
            boards = shown(installation.fetch_boards(self._gitlab, place.scope))
            lists = (each for board in boards if board.id == board_id for each in board.lists)
            return next((each.id for each in lists if each.label == work.label), None)

        made = once(lambda: setup.create_list(self._gitlab, place.scope, board_id, label_id), look)
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
            found = shown(installation.fetch_schedules(self._gitlab, place.scope))
            mine = (each for each in found if each.owner is not None and each.owner.id == self._me.id)
            return next((each.id for each in mine if each.description == work.description), None)

        self._schedule_id = once(make, look)

    def change_schedule(self, place: Place, work: ChangeSchedule) -> None:
        setup.update_schedule(self._gitlab, place.scope, work.schedule_id, work.changes)

    def set_schedule_variable(self, place: Place, work: SetScheduleVariable) -> None:
        schedule_id = work.schedule_id or self._schedule_id

        def look() -> bool | None:
            found = shown(installation.fetch_schedules(self._gitlab, place.scope))
            variables = next((each.variables for each in found if each.id == schedule_id), None) or {}
            return True if variables.get(work.key) == work.value else None

        def make() -> bool:
            words = (schedule_id, work.key, work.value, work.is_new)
            setup.set_schedule_variable(self._gitlab, place.scope, *words)
            return True

        once(make, look)

    def make_trigger(self, place: Place, work: MakeTrigger) -> None:
        def look() -> Trigger | None:
            found = shown(installation.fetch_triggers(self._gitlab, place.scope))
            return next((each for each in found if each.description == work.description and each.token), None)

        self._trigger = once(lambda: setup.create_trigger(self._gitlab, place.scope, work.description), look)

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
            found = shown(installation.fetch_hooks(self._gitlab, place.scope))
            return next((each.id for each in found if each.url == url), None)

        try:
            once(lambda: setup.create_hook(self._gitlab, place.scope, url, masked), look)
        except RefusedError as error:
            raise RefusedError(f"{error} {_OWN_ADDRESS}", error.said) from None

    def _is_stopped(self, place: Place, hook_id: int) -> bool:
        found = shown(installation.fetch_hooks(self._gitlab, place.scope))
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
        self._secrets.make_state_key(place, work)

    def provide_token(self, place: Place, work: ProvideToken) -> None:
        self._secrets.provide_token(place, work)

    def protect_variable(self, place: Place, work: ProtectVariable) -> None:
        self._secrets.protect_variable(place, work)


_WORK: Mapping[type, Callable[[Works, Place, Any], None]] = {
    MakeLabel: Works.make_label,
    ChangeLabel: Works.change_label,
    MakeBoard: Works.make_board,
    RenameBoard: Works.rename_board,
    AddList: Works.add_list,
    MoveList: Works.move_list,
    MakeSchedule: Works.make_schedule,
    ChangeSchedule: Works.change_schedule,
    SetScheduleVariable: Works.set_schedule_variable,
    MakeTrigger: Works.make_trigger,
    SetHook: Works.set_hook,
    MakeStateKey: Works.make_state_key,
    ProvideToken: Works.provide_token,
    ProtectVariable: Works.protect_variable,
}
