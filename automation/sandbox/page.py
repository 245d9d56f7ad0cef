"""The sandbox's web page: boards, issues, boxes to tick as a chosen sample person. It needs no JavaScript."""

from __future__ import annotations

import mimetypes
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from automation.sandbox import page_views, rights
from automation.sandbox.model import IssueEdit, Project, User
from automation.sandbox.page_guard import judge_request, read_person, read_way_back, write_person
from automation.sandbox.page_views import Boards
from automation.sandbox.refusals import RefusedError
from automation.sandbox.uploads import write_disposition
from automation.sandbox.wire import Received, Reply
from automation.sandbox.world import World

_HERE = Path(__file__).parent
_PAGES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_ISSUE = re.compile(r"/(?P<project>.+)/-/issues/(?P<iid>[0-9]{1,9})(?:/(?P<act>[a-z]+))?")
_NEW = re.compile(r"/(?P<project>.+)/-/issues/new")
# The second form is that of links which were written before GitLab 17.1.
_UPLOAD = re.compile(r"/(?:-/project/(?P<id>[0-9]+)|(?P<path>.+))/uploads/(?P<secret>[0-9a-f]{32})/(?P<name>[^/]+)")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Form = Mapping[str, str]
Act = Callable[[World, Project, int, User, Form], None]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message above the page; *is_output* shows it as a program's text."""

    text: str
    is_error: bool = False
    is_output: bool = False


def board_page(world: World, boards: Boards) -> str:
    """Return one HTML page that needs nothing else: the boards with their cards, and the story of each issue."""
    with world.lock:
        issues = page_views.list_visible(world, None)
        shown = {title: page_views.build_columns(world, boards, title, issues) for title in boards}
        summaries = page_views.build_summaries(world, issues)
    # A board that nothing stands on says nothing, unless all are so.
    staged = {title: columns for title, columns in shown.items() if any(column.cards for column in columns[1:])}
    style = (_HERE / "style.css").read_text(encoding="utf-8")
    values = {"boards": staged or shown, "summaries": summaries, "style": style, "written_at": world.read_now()}
    return _PAGES.get_template("board_file.html.j2").render(values)


class Page:
    """The page of *world*; *run_triage* None hides its button."""

    def __init__(self, world: World, boards: Boards, run_triage: Callable[[], str] | None) -> None:
        self._world = world
        self._boards = boards
        self.run_triage = run_triage
        self._triage_lock = threading.Lock()

    def respond(self, received: Received) -> Reply:
        """Answer one request of a browser."""
        if reason := judge_request(received.method, received.headers):
            return Reply(403, {"Content-Type": "text/plain; charset=utf-8"}, reason.encode())
        path = unquote(received.path)
        if path == "/-/style.css":
            return Reply(200, {**_HEADERS, "Content-Type": "text/css"}, (_HERE / "style.css").read_bytes())
        person = self._find_person(received)
        if received.method == "GET":
            return self._show(path, received.query, person)
        if received.method == "POST":
            return self._act(path, _read_form(received.body), person)
        return self._show_missing(person, 405)

    def _find_person(self, received: Received) -> User | None:
        """Return who acts: the person of the cookie, else the first one there is."""
        people = page_views.list_people(list(self._world.users.values()))
        chosen = read_person(received.headers)
        return next((each for each in people if each.username == chosen), people[0] if people else None)

    def _show(self, path: str, query: str, person: User | None, notice: Notice | None = None) -> Reply:
        if path == "/":
            return self._show_boards(_read_form(query.encode()).get("board", ""), person, notice)
        if found := _NEW.fullmatch(path):
            return self._show_new(found["project"], _read_form(query.encode()).get("template", ""), person, notice)
        if found := _UPLOAD.fullmatch(path):
            return self._send_file(found["id"] or found["path"], found["secret"], found["name"], person)
        if (found := _ISSUE.fullmatch(path)) and not found["act"]:
            return self._show_issue(found["project"], int(found["iid"]), person, notice)
        return self._show_missing(person)

    def _show_boards(self, title: str, person: User | None, notice: Notice | None) -> Reply:
        boards = self._boards or {"Issues": ()}
        title = title if title in boards else next(iter(boards))
        with self._world.lock:
            issues = page_views.list_visible(self._world, person) if person else []
            columns = page_views.build_columns(self._world, boards, title, issues)
            projects = list(self._world.projects.values())
        values = {"titles": list(boards), "title": title, "columns": columns, "projects": projects}
        return self._render("boards.html.j2", "/?board=" + quote(title), person, notice, values)

    def _show_issue(self, path: str, iid: int, person: User | None, notice: Notice | None) -> Reply:
        world = self._world
        with world.lock:
            if person is None or not (project := world.find_project(path)):
                return self._show_missing(person)
            try:
                issue = world.read_as(project, iid, person)
            except RefusedError:
                return self._show_missing(person)
            level = world.read_level(project, person)
            values = {
                "project": project,
                "issue": issue,
                "author": world.users[issue.author_id],
                "assignees": [world.users[each] for each in issue.assignee_ids],
                "labels": page_views.list_labels(world, issue),
                "stages": page_views.list_stages(world, self._boards, issue),
                "description": page_views.render_description(issue, is_editable=True),
                "story": page_views.build_story(world, issue, person, level),
            }
        status = 409 if notice and notice.is_error else 200
        return self._render("issue.html.j2", f"/{project.path}/-/issues/{iid}", person, notice, values, status)

    def _show_new(self, path: str, template: str, person: User | None, notice: Notice | None) -> Reply:
        project = self._world.find_project(path)
        if project is None:
            return self._show_missing(person)
        templates = self._world.templates.get(project.id, {})
        values = {
            "project": project,
            "templates": sorted(templates),
            "template": template,
            "text": templates.get(template, ""),
        }
        return self._render("new.html.j2", f"/{project.path}/-/issues/new", person, notice, values)

    def _send_file(self, reference: str, secret: str, name: str, person: User | None) -> Reply:
        """Answer with a file, for whoever may read its project; all but pictures are for saving."""
        world = self._world
        with world.lock:
            project = world.find_project(reference)
            level = world.read_level(project, person) if project else 0
            if project is None or not rights.may_read_project(level, project.visibility, person is not None):
                return self._show_missing(person)
            upload = world.find_upload(project, secret, name)
        if upload is None:
            return self._show_missing(person)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Reply(
            200, {**_HEADERS, "Content-Type": kind, "Content-Disposition": write_disposition(name)}, upload.content
        )

    def _show_missing(self, person: User | None, status: int = 404) -> Reply:
        notice = Notice("There is no such page, or the person you are may not see it.", is_error=True)
        return self._render("layout.html.j2", "/", person, notice, {}, status)

    def _render(
        self,
        template: str,
        back: str,
        person: User | None,
        notice: Notice | None,
        values: Mapping[str, object],
        status: int = 200,
    ) -> Reply:
        html = _PAGES.get_template(template).render(
            person=person,
            people=page_views.list_people(list(self._world.users.values())),
            has_triage=self.run_triage is not None,
            back=back,
            notice=notice,
            **values,
        )
        return Reply(status, _HEADERS, html.encode())

    def _act(self, path: str, form: Form, person: User | None) -> Reply:
        back = read_way_back(form.get("back", "/"))
        if path == "/-/person":
            return Reply(303, {"Location": back, "Set-Cookie": write_person(form.get("person", ""))})
        if path == "/-/triage" and self.run_triage is not None:
            with self._triage_lock:
                text = self.run_triage()
            target, _, query = back.partition("?")
            return self._show(unquote(target), query, person, Notice(text or "Nothing to do.", is_output=True))
        if person is None:
            return self._show_missing(person)
        if found := _NEW.fullmatch(path):
            return self._create(found["project"], form, person)
        found = _ISSUE.fullmatch(path)
        act = _ACTS.get(found["act"] or "") if found else None
        project = self._world.find_project(found["project"]) if found else None
        if found is None or act is None or project is None:
            return self._show_missing(person)
        return self._carry_out(act, project, int(found["iid"]), person, form)

    def _carry_out(self, act: Act, project: Project, iid: int, person: User, form: Form) -> Reply:
        try:
            act(self._world, project, iid, person, form)
        except RefusedError as refused:
            return self._show_issue(project.path, iid, person, Notice(_explain(refused, person), is_error=True))
        except LookupError as stale:
            return self._show_issue(project.path, iid, person, Notice(str(stale.args[0]), is_error=True))
        # Back to where the reader was: a box far down the page, or the end of the story.
        number = form.get("box", "").partition(":")[0]
        place = f"#line-{int(number)}" if number.isdecimal() else "#body" if "body" in form else ""
        return Reply(303, {"Location": f"/{quote(project.path)}/-/issues/{iid}{place}"})

    def _create(self, path: str, form: Form, person: User) -> Reply:
        try:
            project = self._world.project(path)
            issue = self._world.create_issue(project, person, form.get("title", ""), form.get("description", ""))
        except (RefusedError, LookupError) as error:
            text = _explain(error, person) if isinstance(error, RefusedError) else "There is no such project."
            return self._show_new(path, "", person, Notice(text, is_error=True))
        return Reply(303, {"Location": f"/{quote(project.path)}/-/issues/{issue.iid}"})


def _tick(world: World, project: Project, iid: int, person: User, form: Form) -> None:
    number, _, line = form.get("box", "").partition(":")
    world.tick_line(project, iid, person, int(number) if number.isdecimal() else 0, line)


def _edit(world: World, project: Project, iid: int, person: User, form: Form) -> None:
    edit = IssueEdit(title=form.get("title"), description=form.get("description", ""))
    world.edit_issue(project, iid, person, edit)


def _comment(world: World, project: Project, iid: int, person: User, form: Form) -> None:
    world.comment(project, iid, person, form.get("body", ""))


def _close(world: World, project: Project, iid: int, person: User, form: Form) -> None:
    world.close(project, iid, person)


def _reopen(world: World, project: Project, iid: int, person: User, form: Form) -> None:
    world.reopen(project, iid, person)


def _move(world: World, project: Project, iid: int, person: User, form: Form) -> None:
    world.move_card(project, iid, person, remove=form.get("from", ""), add=form.get("to", ""))


_ACTS: dict[str, Act] = {
    "tick": _tick,
    "edit": _edit,
    "comment": _comment,
    "close": _close,
    "reopen": _reopen,
    "move": _move,
}


def _read_form(body: bytes) -> Form:
    pairs = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1].replace("\r", "") for name, values in pairs.items()}


def _explain(refused: RefusedError, person: User) -> str:
    if refused.status in (403, 404):
        return f"GitLab would not let {person.name} do this: the role in the project is too small."
    return f"GitLab refuses this: {refused.body.get('message') or refused.body.get('error')}"
