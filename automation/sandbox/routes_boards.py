"""Routes of issue boards and their lists (gitlab-facts 7.2)."""

from __future__ import annotations

from dataclasses import replace

from automation.sandbox import rights
from automation.sandbox.call import Answer, Call
from automation.sandbox.model import Board, BoardList, Project
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import RefusedError, refuse_absent, refuse_no_record, refuse_parameter, refuse_role


def list_boards(call: Call, project_id: str) -> Answer:
    """GET /projects/:id/boards."""
    project = _find_project(call, project_id)
    page = cut_page(call, [board for board in call.store.boards.values() if board.project_id == project.id])
    return Answer(200, [call.renderer.board(board) for board in page.items], page.headers)


def show_board(call: Call, project_id: str, board_id: str) -> Answer:
    """GET /projects/:id/boards/:board_id."""
    return Answer(200, call.renderer.board(_find_board(call, _find_project(call, project_id), board_id)))


def post_board(call: Call, project_id: str) -> Answer:
    """POST /projects/:id/boards."""
    project = _find_project(call, project_id, as_admin=True)
    call.require("name")
    board = Board(call.store.next_id("board"), project.id, call.text("name") or "")
    return Answer(201, call.renderer.board(_keep(call, board)))


def put_board(call: Call, project_id: str, board_id: str) -> Answer:
    """PUT /projects/:id/boards/:board_id."""
    board = _find_board(call, _find_project(call, project_id, as_admin=True), board_id)
    backlog, closed = call.flag("hide_backlog_list"), call.flag("hide_closed_list")
    changed = replace(
        board,
        name=call.text("name") or board.name,
        hide_backlog_list=board.hide_backlog_list if backlog is None else backlog,
        hide_closed_list=board.hide_closed_list if closed is None else closed,
    )
    return Answer(200, call.renderer.board(_keep(call, changed)))


def remove_board(call: Call, project_id: str, board_id: str) -> Answer:
    """DELETE /projects/:id/boards/:board_id."""
    board = _find_board(call, _find_project(call, project_id, as_admin=True), board_id)
    del call.store.boards[board.id]
    return Answer(204)


def list_lists(call: Call, project_id: str, board_id: str) -> Answer:
    """GET .../lists: label lists only, in their order."""
    board = _find_board(call, _find_project(call, project_id), board_id)
    page = cut_page(call, range(len(board.lists)))
    return Answer(200, [call.renderer.board_list(board, position) for position in page.items], page.headers)


def show_list(call: Call, project_id: str, board_id: str, list_id: str) -> Answer:
    """GET .../lists/:list_id."""
    board = _find_board(call, _find_project(call, project_id), board_id)
    return Answer(200, call.renderer.board_list(board, _find_position(board, list_id)))


def post_list(call: Call, project_id: str, board_id: str) -> Answer:
    """POST .../lists: appended, whatever position is sent."""
    project = _find_project(call, project_id, as_admin=True)
    board = _find_board(call, project, board_id)
    call.require("label_id")
    label_id = call.number("label_id")
    if label_id not in {label.id for label in call.store.list_labels(project)}:
        raise RefusedError(400, {"message": {"error": "Label not found"}})
    if any(entry.label_id == label_id for entry in board.lists):
        raise RefusedError(400, {"message": {"error": "Label has already been taken"}})
    entry = BoardList(call.store.next_id("board list"), label_id or 0)
    board = _keep(call, replace(board, lists=(*board.lists, entry)))
    return Answer(201, call.renderer.board_list(board, len(board.lists) - 1))


def put_list(call: Call, project_id: str, board_id: str, list_id: str) -> Answer:
    """PUT .../lists/:list_id moves a list to a position."""
    board = _find_board(call, _find_project(call, project_id, as_admin=True), board_id)
    at = _find_position(board, list_id)
    position = call.number("position")
    if position is None:
        raise refuse_parameter("position is missing")
    if not 0 <= position < len(board.lists):
        raise RefusedError(400, {"message": {"error": "List could not be moved!"}})
    lists = list(board.lists)
    lists.insert(position, lists.pop(at))
    return Answer(200, call.renderer.board_list(_keep(call, replace(board, lists=tuple(lists))), position))


def remove_list(call: Call, project_id: str, board_id: str, list_id: str) -> Answer:
    """DELETE .../lists/:list_id."""
    board = _find_board(call, _find_project(call, project_id, as_admin=True), board_id)
    at = _find_position(board, list_id)
    _keep(call, replace(board, lists=board.lists[:at] + board.lists[at + 1 :]))
    return Answer(204)


def _find_project(call: Call, project_id: str, as_admin: bool = False) -> Project:
    call.require_user()
    project = call.find_project(project_id)
    if as_admin and not rights.may_admin_labels(call.level(project)):
        raise refuse_role()
    return project


def _find_board(call: Call, project: Project, board_id: str) -> Board:
    board = call.store.boards.get(int(board_id))
    if board is None or board.project_id != project.id:
        raise refuse_absent("Board")
    return board


def _find_position(board: Board, list_id: str) -> int:
    for position, entry in enumerate(board.lists):
        if entry.id == int(list_id):
            return position
    raise refuse_no_record()


def _keep(call: Call, board: Board) -> Board:
    call.store.boards[board.id] = board
    return board
