"""The values of a bootstrap: where it acts, what it found there, its steps, and what it leaves to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from automation.core.bootstrap.wanted import WantedLabel
from automation.core.installation import (
    AccessToken,
    Board,
    Hook,
    Label,
    ProjectFacts,
    Schedule,
    Seen,
    ServerFacts,
    Trigger,
    Variable,
)
from automation.core.model import User


@dataclass(frozen=True, slots=True)
class Place:
    """A project or group. ``scope`` is its path in the API, ``path`` its name for people."""

    scope: str
    path: str
    is_group: bool = False


# --- what was found ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Home:
    """The project that holds the repository. ``server`` is None where nobody asked for it.

    ``tokens`` are those of its bots, ended ones too. ``labels`` are those that it can use where the handovers lie in a
    group, () where those of ``Found`` are its own.
    """

    facts: ProjectFacts
    place: Place
    schedules: Seen[tuple[Schedule, ...]]
    variables: Seen[tuple[Variable, ...]]
    triggers: Seen[tuple[Trigger, ...]] = ()
    hooks: Seen[tuple[Hook, ...]] = ()
    tokens: Seen[tuple[AccessToken, ...]] = ()
    server: Seen[ServerFacts] | None = None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What there is. ``labels`` are those that ``labels_at`` can use; ``boards`` come with the place they are in.

    ``group`` is the path of the group whose projects hold the handovers, "" where it is one project. ``home`` is None
    where nobody named the project of the repository.
    """

    me: User
    labels_at: Place
    labels: tuple[Label, ...]
    boards: tuple[tuple[Place, Seen[tuple[Board, ...]]], ...]
    home: Home | None
    group: str = ""


# --- what is to be done -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MakeLabel:
    label: WantedLabel


@dataclass(frozen=True, slots=True)
class ChangeLabel:
    """``changes`` are GitLab's own parameters."""

    label_id: int
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MakeBoard:
    name: str


@dataclass(frozen=True, slots=True)
class RenameBoard:
    board_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AddList:
    """Ids are 0 of what an earlier step makes."""

    board: str
    board_id: int
    label: str
    label_id: int


@dataclass(frozen=True, slots=True)
class MoveList:
    """``list_id`` is 0 of a list that an earlier step adds."""

    board: str
    board_id: int
    label: str
    list_id: int
    position: int


@dataclass(frozen=True, slots=True)
class MakeSchedule:
    description: str
    ref: str
    cron: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ChangeSchedule:
    """``changes`` are GitLab's own parameters."""

    schedule_id: int
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SetScheduleVariable:
    """``schedule_id`` is 0 of a schedule that an earlier step makes."""

    schedule_id: int
    key: str
    value: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class MakeTrigger:
    description: str


@dataclass(frozen=True, slots=True)
class SetHook:
    """Make the webhook to ``address``, or repair the one with ``hook_id``.

    ``trigger`` is None where an earlier step makes it. ``is_stopped``: GitLab sends nothing there any more.
    """

    hook_id: int
    address: str
    trigger: Trigger | None
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class MakeStateKey:
    """Make the CI/CD variable that seals what the bot remembers, with a value that chance gives."""

    key: str
    description: str


@dataclass(frozen=True, slots=True)
class ProvideToken:
    """Make the token with ``name`` (``token_id`` 0), or rotate it, and put its value into the variable ``key``.

    It ends sooner than on ``expires_on`` where the server allows no such lifetime.
    """

    key: str
    name: str
    token_id: int
    access_level: int
    expires_on: date
    is_variable_new: bool


@dataclass(frozen=True, slots=True)
class ProtectVariable:
    """``changes`` are GitLab's own parameters; the value stays."""

    key: str
    changes: Mapping[str, object]


Work = (
    MakeLabel
    | ChangeLabel
    | MakeBoard
    | RenameBoard
    | AddList
    | MoveList
    | MakeSchedule
    | ChangeSchedule
    | SetScheduleVariable
    | MakeTrigger
    | SetHook
    | MakeStateKey
    | ProvideToken
    | ProtectVariable
)


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changes. ``before`` is None where there was nothing."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. ``key`` is unique in a plan; ``needs`` are keys of steps that must have gone well before.

    A need that the plan does not hold is met already. ``part_of`` names what ``what`` is a part of, such as the board
    of a list, "" where it stands for itself.
    """

    key: str
    place: Place
    what: str
    work: Work
    is_new: bool
    changes: tuple[Change, ...] = ()
    needs: tuple[str, ...] = ()
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person must do, or should know: bootstrap leaves it alone.

    ``is_gap``: the token's account is not shown something that is wanted, so the plan is incomplete.
    """

    place: Place
    message: str
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order in which they are carried out."""

    steps: tuple[Step, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def __add__(self, other: Plan) -> Plan:
        return Plan(self.steps + other.steps, self.remarks + other.remarks)
