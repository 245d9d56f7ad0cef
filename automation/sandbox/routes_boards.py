"""Routes of issue boards and their lists (gitlab-facts 7.2)."""

from __future__ import annotations

from dataclasses import replace

from automation.sandbox import rights
from automation.sandbox.call import Answer, Call
from automation.sandbox.model import Board, BoardList, Group, Project
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import RefusedError, refuse_absent, refuse_no_record, refuse_parameter, refuse_role


def list_boards(call: Call, place: Project | Group) -> Answer:
    """GET .../boards."""
    call.require_user()
    page = cut_page(call, [board for board in call.store.boards.values() if _belongs(board, place)])
    return Answer(200, [call.renderer.board(board) for board in page.items], page.headers)


def show_board(call: Call, place: Project | Group, board_id: str) -> Answer:
    """GET .../boards/:board_id."""
    return Answer(200, call.renderer.board(_find_board(call, place, board_id)))


def post_board(call: Call, place: Project | Group) -> Answer:
    """POST .../boards; boards of a group are made on Premium only."""
    _require_admin(call, place)
    call.require("name")
    if isinstance(place, Group) and not call.store.premium:
        raise refuse_role()
    ids = {"project_id": place.id} if isinstance(place, Project) else {"project_id": None, "group_id": place.id}
    board = Board(call.store.next_id("board"), name=call.text("name") or "", **ids)
    return Answer(201, call.renderer.board(_keep(call, board)))


def put_board(call: Call, place: Project | Group, board_id: str) -> Answer:
    """PUT .../boards/:board_id."""
    board = _find_own_board(call, place, board_id)
    backlog, closed = call.flag("hide_backlog_list"), call.flag("hide_closed_list")
    changed = replace(
        board,
        name=call.text("name") or board.name,
        hide_backlog_list=board.hide_backlog_list if backlog is None else backlog,
        hide_closed_list=board.hide_closed_list if closed is None else closed,
    )
    return Answer(200, call.renderer.board(_keep(call, changed)))


def remove_board(call: Call, place: Project | Group, board_id: str) -> Answer:
    """DELETE .../boards/:board_id."""
    board = _find_own_board(call, place, board_id)
    del call.store.boards[board.id]
    return Answer(204)


def list_lists(call: Call, place: Project | Group, board_id: str) -> Answer:
    """GET .../lists: label lists only, in their order."""
    board = _find_board(call, place, board_id)
    page = cut_page(call, board.lists)
    return Answer(200, [call.renderer.board_list(entry) for entry in page.items], page.headers)


def show_list(call: Call, place: Project | Group, board_id: str, list_id: str) -> Answer:
    """GET .../lists/:list_id."""
    board = _find_board(call, place, board_id)
    return Answer(200, call.renderer.board_list(_find_list(board, list_id)))


def post_list(call: Call, place: Project | Group, board_id: str) -> Answer:
    """POST .../lists: appended, whatever position is sent."""
    board = _find_own_board(call, place, board_id)
    call.require("label_id")
    label_id = call.number("label_id")
    if label_id not in {label.id for label in call.store.list_labels(place)}:
        raise RefusedError(400, {"message": {"error": "Label not found"}})
    if any(entry.label_id == label_id for entry in board.lists):
        raise RefusedError(400, {"message": {"error": "Label has already been taken"}})
    position = max((entry.position for entry in board.lists), default=-1) + 1
    entry = BoardList(call.store.next_id("board list"), label_id or 0, position)
    _keep(call, replace(board, lists=(*board.lists, entry)))
    return Answer(201, call.renderer.board_list(entry))


def put_list(call: Call, place: Project | Group, board_id: str, list_id: str) -> Answer:
    """PUT .../lists/:list_id moves a list to a position."""
    board = _find_own_board(call, place, board_id)
    moved = _find_list(board, list_id)
    position = call.number("position")
    if position is None:
        raise refuse_parameter("position is missing")
    if not 0 <= position < len(board.lists) or position == moved.position:
        raise RefusedError(400, {"message": {"error": "List could not be moved!"}})
    lists = [_make_room(entry, moved, position) for entry in board.lists]
    _keep(call, replace(board, lists=tuple(sorted(lists, key=lambda entry: entry.position))))
    return Answer(200, call.renderer.board_list(replace(moved, position=position)))


def remove_list(call: Call, place: Project | Group, board_id: str, list_id: str) -> Answer:
    """DELETE .../lists/:list_id."""
    board = _find_own_board(call, place, board_id)
    gone = _find_list(board, list_id)
    kept = [entry for entry in board.lists if entry.id != gone.id]
    closed = (replace(each, position=each.position - (each.position > gone.position)) for each in kept)
    _keep(call, replace(board, lists=tuple(closed)))
    return Answer(204)


def _make_room(entry: BoardList, moved: BoardList, position: int) -> BoardList:
    """Return *entry* where it stands after *moved* went to *position*: what lies between makes room."""
    if entry.id == moved.id:
        return replace(entry, position=position)
    if moved.position < entry.position <= position:
        return replace(entry, position=entry.position - 1)
    if position <= entry.position < moved.position:
        return replace(entry, position=entry.position + 1)
    return entry


def _require_admin(call: Call, place: Project | Group) -> None:
    call.require_user()
    if not rights.may_admin_labels(call.level(place)):
        raise refuse_role()


def _find_own_board(call: Call, place: Project | Group, board_id: str) -> Board:
    """Find a board that the asker may change."""
    _require_admin(call, place)
    return _find_board(call, place, board_id)


def _find_board(call: Call, place: Project | Group, board_id: str) -> Board:
    call.require_user()
    board = call.store.boards.get(int(board_id))
    if board is None or not _belongs(board, place):
        raise refuse_absent("Board")
    return board


def _belongs(board: Board, place: Project | Group) -> bool:
    return (board.project_id if isinstance(place, Project) else board.group_id) == place.id


def _find_list(board: Board, list_id: str) -> BoardList:
    found = next((entry for entry in board.lists if entry.id == int(list_id)), None)
    if found is None:
        raise refuse_no_record()
    return found


def _keep(call: Call, board: Board) -> Board:
    call.store.boards[board.id] = board
    return board
