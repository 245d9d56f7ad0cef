"""Which issues a list shows, and in which order (gitlab-facts 3.1 and 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl

from automation.sandbox.call import Call
from automation.sandbox.model import Group, Issue, Project, User
from automation.sandbox.refusals import refuse_parameter
from automation.sandbox.render import write_time

Check = Callable[[Issue], bool]

_ORDERS = (
    "created_at",
    "updated_at",
    "priority",
    "due_date",
    "relative_position",
    "label_priority",
    "milestone_due",
    "popularity",
    "title",
)
_PAGING = ("page", "per_page", "cursor")
_KEPT_LISTS = 16


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted."""

    by: str
    is_asc: bool

    def value(self, issue: Issue) -> datetime | date | str:
        """Return what decides the place of *issue*."""
        if self.by == "updated_at":
            return issue.updated_at
        if self.by == "title":
            return issue.title.lower()
        if self.by == "due_date":
            return issue.due_date or date.max
        return issue.created_at

    def key(self, issue: Issue) -> tuple[str, int]:
        """Return value and id as a cursor holds them: as texts that sort alike."""
        value = self.value(issue)
        return write_time(value) if isinstance(value, datetime) else str(value), issue.id


def read_order(call: Call) -> Order:
    """Read the order asked for; 400 for one that GitLab does not know, `id` among them."""
    return Order(call.choice("order_by", _ORDERS, "created_at"), call.choice("sort", ("asc", "desc"), "desc") == "asc")


def select_issues(call: Call, place: Project | Group, projects: Sequence[Project]) -> Sequence[Issue]:
    """Return the issues of *projects* that pass the request's filters, sorted; ties go by id downwards.

    The list is kept for the next pages of the same request, until any issue changes.
    """
    asked = sorted(pair for pair in parse_qsl(call.query, keep_blank_values=True) if pair[0] not in _PAGING)
    key = (call.store.version, call.path, call.user.id if call.user else 0, tuple(asked))
    lists = call.store.kept_lists
    if key not in lists:
        if len(lists) >= _KEPT_LISTS:
            lists.clear()
        lists[key] = _select(call, place, projects)
    return lists[key]


def _select(call: Call, place: Project | Group, projects: Sequence[Project]) -> list[Issue]:
    checks, order = list(_read_checks(call, place)), read_order(call)
    found = [
        issue
        for project in projects
        for issue in _list_candidates(call, project)
        if all(check(issue) for check in checks)
    ]
    found.sort(key=lambda issue: issue.id, reverse=True)
    found.sort(key=order.value, reverse=not order.is_asc)
    return found


def _list_candidates(call: Call, project: Project) -> Iterable[Issue]:
    issues = call.store.issues.get(project.id, {})
    iids = call.numbers("iids")
    wanted = [issues[iid] for iid in set(iids) if iid in issues] if iids else issues.values()
    return (issue for issue in wanted if call.may_read_issue(project, issue))


def _read_checks(call: Call, place: Project | Group) -> Iterator[Check]:
    state = call.choice("state", ("opened", "closed", "all"), "all")
    if state != "all":
        yield lambda issue: issue.state == state
    yield from _read_label_checks(call, place)
    yield from _read_time_checks(call)
    yield from _read_people_checks(call)
    if search := call.text("search"):
        yield _build_search_check(search.lower(), call.text("in") or "title,description")
    confidential = call.flag("confidential")
    if confidential is not None:
        yield lambda issue: issue.is_confidential == confidential
    if issue_type := call.text("issue_type"):
        yield lambda issue: issue.issue_type == issue_type


def _read_label_checks(call: Call, place: Project | Group) -> Iterator[Check]:
    titles = call.texts("labels") or ()
    wanted = {title.lower() for title in titles}
    if "none" in wanted:
        yield lambda issue: not issue.label_ids
    elif "any" in wanted:
        yield lambda issue: bool(issue.label_ids)
    else:
        for title in titles:
            # An unknown title means no label, and so no issue.
            yield _build_label_check(call.store.find_label_ids(place, title), True)
    for title in call.texts("not[labels]") or ():
        yield _build_label_check(call.store.find_label_ids(place, title), False)


def _read_time_checks(call: Call) -> Iterator[Check]:
    created_after, created_before = call.moment("created_after"), call.moment("created_before")
    updated_after, updated_before = call.moment("updated_after"), call.moment("updated_before")
    if created_after:
        yield lambda issue: issue.created_at >= created_after
    if created_before:
        yield lambda issue: issue.created_at <= created_before
    if updated_after:
        yield lambda issue: issue.updated_at >= updated_after
    if updated_before:
        yield lambda issue: issue.updated_at <= updated_before


def _read_people_checks(call: Call) -> Iterator[Check]:
    author_id = call.number("author_id")
    if name := call.text("author_username"):
        author_id = _find_id(call, name)
    if author_id is not None:
        yield lambda issue: issue.author_id == author_id
    if names := call.texts("assignee_username"):
        if len(names) > 1:
            raise refuse_parameter("assignee_username allows one value, but found several")
        assignee_id = _find_id(call, names[0])
        yield lambda issue: assignee_id in issue.assignee_ids
    assignee = call.text("assignee_id") or ""
    if assignee.lower() in ("none", "any"):
        yield lambda issue: bool(issue.assignee_ids) == (assignee.lower() == "any")
    elif assignee:
        wanted = call.number("assignee_id")
        yield lambda issue: wanted in issue.assignee_ids


def _build_label_check(ids: frozenset[int], is_wanted: bool) -> Check:
    return lambda issue: ids.isdisjoint(issue.label_ids) != is_wanted


def _build_search_check(search: str, places: str) -> Check:
    in_title, in_description = "title" in places, "description" in places

    def check(issue: Issue) -> bool:
        return (in_title and search in issue.title.lower()) or (
            in_description and search in (issue.description or "").lower()
        )

    return check


def _find_id(call: Call, username: str) -> int:
    user: User | None = call.store.find_user(username)
    return user.id if user else 0
