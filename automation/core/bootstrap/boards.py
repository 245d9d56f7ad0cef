"""Boards: which are missing, which lists they lack, and the fewest moves that put the lists in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from automation.core.bootstrap.labels import label_key
from automation.core.bootstrap.steps import (
    AddList,
    Change,
    MakeBoard,
    MoveList,
    Place,
    Plan,
    Remark,
    RenameBoard,
    Step,
)
from automation.core.bootstrap.wanted import WantedBoard
from automation.core.installation import Board, BoardList
from automation.core.words import quote


@dataclass(frozen=True, slots=True)
class KnownLabels:
    """The labels that lists can show: ``ids`` by name, after ``renamed`` (former name -> new name) was carried out."""

    ids: Mapping[str, int]
    renamed: Mapping[str, str]


def plan_boards(place: Place, wanted: Iterable[WantedBoard], found: Sequence[Board], known: KnownLabels) -> Plan:
    """Plan the boards of *place*. Lists that people added stay, behind ours; boards of others are left alone.

    Where there is none of our name, a board that shows most of ours under another name gets it: the title changed.
    """
    plan, wanted = Plan(), tuple(wanted)
    names = {board.name for board in wanted}
    retitled = [_renamed(each, known.renamed) for each in found if each.name not in names]
    for board in wanted:
        same_name = [_renamed(each, known.renamed) for each in found if each.name == board.name]
        ours = _choose(board, same_name) if same_name else _recognize(board, retitled)
        if same_name and ours is None:
            plan += Plan(remarks=(Remark(place, _somebody_elses(board.name)),))
            continue
        remarks = (Remark(place, _twice(board.name)),) if len(same_name) > 1 else ()
        plan += Plan(tuple(_steps(place, board, ours, known)), remarks)
    return plan


def _renamed(board: Board, renamed: Mapping[str, str]) -> Board:
    lists = tuple(replace(each, label=renamed.get(each.label, each.label)) for each in board.lists)
    return replace(board, lists=lists)


def _choose(wanted: WantedBoard, same_name: Iterable[Board]) -> Board | None:
    """Choose the board with the most of our lists, the oldest of several; one with lists of others only is not ours."""
    takeable = [board for board in same_name if _count_ours(wanted, board) or not board.lists]
    return min(takeable, key=lambda board: (-_count_ours(wanted, board), board.id), default=None)


def _recognize(wanted: WantedBoard, retitled: Iterable[Board]) -> Board | None:
    """Choose among the boards of other names one with more than half of our lists, and two at least."""
    least = max(2, len(wanted.lists) // 2 + 1)
    return _choose(wanted, [board for board in retitled if _count_ours(wanted, board) >= least])


def _count_ours(wanted: WantedBoard, board: Board) -> int:
    return len({each.label for each in board.lists} & set(wanted.lists))


def _somebody_elses(name: str) -> str:
    return (
        f"A board called {quote(name)} is there already and shows other things, so ours was not made: rename that"
        " board, then run this again."
    )


def _twice(name: str) -> str:
    return f"Several boards are called {quote(name)}. The one with most of our lists is kept up; rename the others."


def _steps(place: Place, wanted: WantedBoard, found: Board | None, known: KnownLabels) -> Iterator[Step]:
    board = found or Board(0, wanted.name)
    key, title = f"board {place.path} {wanted.name}", f"board {wanted.name}"
    if found is None:
        yield Step(key, place, title, MakeBoard(wanted.name), True)
    elif found.name != wanted.name:
        changes = (Change("name", found.name, wanted.name),)
        yield Step(key, place, title, RenameBoard(found.id, wanted.name), False, changes)
    lists = list(board.lists)
    there = {each.label for each in lists}
    before = [key]
    for label in wanted.lists:
        if label not in there:
            adding = AddList(wanted.name, board.id, label, known.ids.get(label, 0))
            added = f"list {place.path} {wanted.name} {label}"
            yield Step(added, place, f"list {label}", adding, True, (), (key, label_key(label)), title)
            before.append(added)
            lists.append(BoardList(0, label, _next_position(lists)))
    for number, move in enumerate(plan_moves(lists, wanted.lists)):
        moved = f"move {place.path} {wanted.name} {number}"
        moving = MoveList(wanted.name, board.id, move.label, move.list_id, move.position)
        changes = (Change("place", move.place_before, move.place_after),)
        what = f"place of the list {move.label or 'of another kind'}"
        yield Step(moved, place, what, moving, False, changes, tuple(before), title)
        before.append(moved)


def _next_position(lists: Iterable[BoardList]) -> int:
    return max((each.position for each in lists), default=-1) + 1


# --- the order --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """One list to a position as GitLab counts it; ``place_before`` and ``place_after`` are counted from 1."""

    label: str
    list_id: int
    position: int
    place_before: int
    place_after: int


def plan_moves(lists: Iterable[BoardList], order: Sequence[str]) -> tuple[Move, ...]:
    """Plan the fewest moves after which the lists of *order* stand first, in that order, the others behind as they are.

    Positions have gaps where a label was deleted with its list, and GitLab takes none beyond the number of lists. Then
    every list is put where it belongs from the left on, which closes the gaps. Each move is followed as GitLab makes
    it: what lies between makes room.
    """
    now = sorted(lists, key=lambda each: each.position)
    positions = [each.position for each in now]
    target = _target([each.label for each in now], order)
    has_gaps = max(positions, default=0) >= len(positions)
    staying = _longest_rising(target) if not has_gaps or target == sorted(target) else frozenset()
    moves = []
    for place, each in enumerate(target):
        position = place if has_gaps else _position_behind(positions, target[place - 1] if place else None, each)
        if each not in staying and position != positions[each]:
            before = _place(positions, each)
            _follow(positions, each, position)
            moves.append(Move(now[each].label, now[each].id, position, before, _place(positions, each)))
    return tuple(moves)


def _target(labels: Sequence[str], order: Sequence[str]) -> list[int]:
    """Return the places of now in the order in which they should stand."""
    ours = [labels.index(label) for label in order if label in labels]
    return [*ours, *(place for place in range(len(labels)) if place not in ours)]


def _longest_rising(numbers: Sequence[int]) -> frozenset[int]:
    """Return the numbers of a longest rising subsequence: what may stay when everything else is moved."""
    ends: list[int] = []
    chains: list[tuple[int, ...]] = []
    for number in numbers:
        length = bisect_left(ends, number)
        chain = (*(chains[length - 1] if length else ()), number)
        ends[length : length + 1] = [number]
        chains[length : length + 1] = [chain]
    return frozenset(chains[-1] if chains else ())


def _position_behind(positions: Sequence[int], previous: int | None, moved: int) -> int:
    """Return the position to ask for so that *moved* comes to stand right behind *previous* (None: first)."""
    if previous is None:
        return 0
    return positions[previous] + (positions[previous] < positions[moved])


def _follow(positions: list[int], moved: int, position: int) -> None:
    """Shift *positions* as GitLab does when one list is moved."""
    old = positions[moved]
    for place, each in enumerate(positions):
        if old < each <= position:
            positions[place] -= 1
        elif position <= each < old:
            positions[place] += 1
    positions[moved] = position


def _place(positions: Sequence[int], one: int) -> int:
    return 1 + sum(each < positions[one] for each in positions)
