"""What the web page shows, as values: the boards with their cards, and the story of one issue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from automation.sandbox import rights
from automation.sandbox.model import MAINTAINER, Issue, Label, Note, Project, User
from automation.sandbox.page_markdown import render_markdown
from automation.sandbox.store import Store
from automation.sandbox.world import parse_box

Boards = Mapping[str, Sequence[str]]

_CARDS_A_COLUMN = 50
_SUMMARIES = 200


@dataclass(frozen=True, slots=True)
class Card:
    """One issue on a board; *flags* are the labels beside its stage."""

    issue: Issue
    url: str
    reference: str
    flags: tuple[Label, ...]
    assignees: tuple[User, ...]
    boxes: int
    ticked: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column; *count* counts the cards that do not fit, too."""

    title: str
    cards: tuple[Card, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an issue's story: a comment, or (*is_system*) a line of what happened."""

    at: datetime
    author: User
    text: Markup
    is_system: bool
    is_internal: bool = False
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """One issue in the page that is left behind; its card holds all its labels."""

    card: Card
    story: tuple[Entry, ...]


def list_visible(store: Store, user: User | None) -> list[tuple[Project, Issue]]:
    """Return the issues that *user* may see, oldest first; None sees all."""
    found = []
    for project in store.projects.values():
        level = store.read_level(project, user)
        if user is None or rights.may_read_project(level, project.visibility, True):
            issues = store.issues.get(project.id, {}).values()
            found += [(project, each) for each in issues if user is None or rights.may_read_issue(level, user.id, each)]
    return found


def build_columns(
    store: Store, boards: Boards, title: str, issues: Sequence[tuple[Project, Issue]]
) -> tuple[Column, ...]:
    """Lay out one board: Open for issues of no stage of any board, the stages in order, and Closed."""
    stages = boards[title]
    every_stage = {label for labels in boards.values() for label in labels}
    columns: dict[str, list[tuple[Project, Issue]]] = {name: [] for name in ("Open", *stages, "Closed")}
    for project, issue in issues:
        titles = {store.labels[each].title for each in issue.label_ids}
        stage = next((label for label in stages if label in titles), None)
        if stage is None and titles & every_stage:
            continue
        columns["Closed" if issue.state == "closed" else stage or "Open"].append((project, issue))
    return tuple(_build_column(store, name, members, every_stage) for name, members in columns.items())


def _build_column(store: Store, name: str, members: Sequence[tuple[Project, Issue]], stages: set[str]) -> Column:
    # Closed cards keep their stage as a flag: the column does not tell it.
    hidden = set() if name == "Closed" else stages
    cards = tuple(_build_card(store, project, issue, hidden) for project, issue in members[:_CARDS_A_COLUMN])
    return Column(name, cards, len(members))


def _build_card(store: Store, project: Project, issue: Issue, hidden: set[str]) -> Card:
    tasks = store.read_tasks(issue)
    return Card(
        issue=issue,
        url=f"/{project.path}/-/issues/{issue.iid}",
        reference=f"{project.name}#{issue.iid}",
        flags=tuple(label for label in list_labels(store, issue) if label.title not in hidden),
        assignees=tuple(store.users[each] for each in issue.assignee_ids),
        boxes=len(tasks),
        ticked=sum(task.is_complete for task in tasks),
    )


def build_summaries(store: Store, issues: Sequence[tuple[Project, Issue]]) -> list[Summary]:
    """Tell each issue's story, of the first hundreds only: the page stays readable."""
    return [
        Summary(_build_card(store, project, issue, set()), tuple(build_story(store, issue, None, MAINTAINER)))
        for project, issue in issues[:_SUMMARIES]
    ]


def list_stages(store: Store, boards: Boards, issue: Issue) -> list[tuple[str, bool]]:
    """Return the stage labels the card can be moved to, and whether it stands there: those of its own board."""
    titles = {label.title for label in list_labels(store, issue)}
    board = next((labels for labels in boards.values() if titles & set(labels)), None)
    stages = board or [label for labels in boards.values() for label in labels]
    return [(label, label in titles) for label in stages]


def list_labels(store: Store, issue: Issue) -> list[Label]:
    """Return the labels of *issue* by title."""
    return sorted((store.labels[each] for each in issue.label_ids), key=lambda label: label.title)


def render_description(issue: Issue, is_editable: bool) -> Markup:
    """Render the description; where *is_editable*, each box is a button that sends its line and that line's text."""
    lines = (issue.description or "").split("\n")

    def draw(number: int, symbol: str, label: str) -> Markup:
        line = lines[number - 1] if number <= len(lines) else ""
        if not is_editable or symbol == "~" or not parse_box(line):
            return draw_dead_box(number, symbol, label)
        return Markup(
            '<button class="box" id="line-{}" form="tick" name="box" value="{}:{}" role="checkbox" aria-checked="{}" '
            'aria-label="{}"></button> '
        ).format(number, number, line, "true" if symbol in "xX" else "false", label or "without words")

    return render_markdown(issue.description or "", draw, issue.project_id)


def draw_dead_box(number: int, symbol: str, label: str) -> Markup:
    """Draw a box that cannot be turned."""
    state = "mixed" if symbol == "~" else "true" if symbol in "xX" else "false"
    return Markup(
        '<span class="box" role="checkbox" aria-disabled="true" aria-checked="{}" aria-label="{}"></span> '
    ).format(state, label or "without words")


def build_story(store: Store, issue: Issue, reader: User | None, level: int) -> list[Entry]:
    """Return comments, system notes, label and state events, oldest first, as GitLab's page mixes them.

    Without a *reader* it is for a file that is left behind: links to uploads would lead nowhere there.
    """
    notes = store.notes.get(issue.id, {}).values()
    project_id = issue.project_id if reader else None
    entries = [_build_entry(store, note, project_id) for note in notes if _may_read(note, reader, level)]
    entries += _list_events(store, issue)
    return sorted(entries, key=lambda entry: entry.at)


def _may_read(note: Note, reader: User | None, level: int) -> bool:
    return (
        not note.is_internal or rights.may_see_internal(level) or (reader is not None and note.author_id == reader.id)
    )


def _build_entry(store: Store, note: Note, project_id: int | None) -> Entry:
    return Entry(
        at=note.created_at,
        author=store.users[note.author_id],
        text=render_markdown(note.body, draw_dead_box, None if note.is_system else project_id),
        is_system=note.is_system,
        is_internal=note.is_internal,
        is_edited=note.updated_at != note.created_at,
    )


def _list_events(store: Store, issue: Issue) -> Iterator[Entry]:
    for event in store.label_events.get(issue.id, []):
        label = store.labels.get(event.label_id)
        words = Markup("{} label <strong>{}</strong>").format(
            "added" if event.action == "add" else "removed", label.title if label else "(deleted)"
        )
        yield Entry(event.created_at, store.users[event.user_id], words, True)
    for change in store.state_events.get(issue.id, []):
        yield Entry(change.created_at, store.users[change.user_id], Markup("{}").format(change.state), True)


def list_people(users: Iterable[User]) -> list[User]:
    """Return who can be chosen to act as: people, no bots."""
    return [user for user in users if not user.is_bot and user.state == "active"]
