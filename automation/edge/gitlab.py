"""GitLab over its REST API: the only module that imports python-gitlab. It fetches, writes and counts, nothing else."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import gitlab
import requests
from gitlab.exceptions import GitlabError, RedirectError
from requests.adapters import HTTPAdapter
from urllib3.filepost import encode_multipart_formdata

from automation.core.model import Issue, LabelEvent, Member, Note, StateEvent, User
from automation.edge.answers import (
    read_issue,
    read_label_event,
    read_member,
    read_note,
    read_public_email,
    read_state_event,
    read_upload,
    read_user,
)
from automation.edge.kinds import read_kind
from automation.edge.refusals import ConflictError, HiddenError, read_said, translate, unreachable
from automation.edge.retries import Patience
from automation.errors import IssueError, UncertainError

_PAGE = 100
_TIMEOUT_SECONDS = 60
_DAMAGED_TRIES = 3


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    content: bytes


class GitLab:
    """A GitLab server as one account sees it. Safe to use from several threads.

    ``requests`` counts every request that was sent, repeated ones too, by kind: "GET notes", "PUT issue" ...
    *patience* says when a request is sent again.
    """

    def __init__(self, url: str, token: str, patience: Patience | None = None) -> None:
        self._url = url
        self._token = token
        self._patience = patience or Patience()
        self._local = threading.local()
        self._lock = threading.Lock()
        self.requests: Counter[str] = Counter()

    # --- reading ------------------------------------------------------------------------------------------------------

    def fetch_user(self) -> User:
        """Fetch the account of the token."""
        return read_user(self.get("/user"))

    def fetch_project_id(self, scope: str) -> int:
        """Fetch the id of a project given by path."""
        return int(self.get(f"/{scope}")["id"])

    def fetch_issues(self, scope: str, **query: Any) -> Iterator[tuple[Issue, int | None]]:
        """Yield the issues of *scope* ("projects/1" or "groups/2"), oldest first, each with the total, None if unknown.

        *query* holds GitLab's own filters. Pages are fetched as they are needed.
        """
        query = {"order_by": "created_at", "sort": "asc", "scope": "all", **query}
        for content, total in self.pages(f"/{scope}/issues", query):
            yield read_issue(content), total

    def fetch_issue(self, scope: str, iid: int) -> Issue:
        """Fetch one issue of a project."""
        return read_issue(self.get(f"/{scope}/issues/{iid}"))

    def fetch_notes(self, project_id: int, iid: int) -> list[Note]:
        """Fetch all notes of an issue that this account may read, oldest first."""
        query = {"order_by": "created_at", "sort": "asc"}
        return [read_note(content) for content, _ in self.pages(f"/projects/{project_id}/issues/{iid}/notes", query)]

    def fetch_label_events(self, project_id: int, iid: int) -> list[LabelEvent]:
        """Fetch who put which label on an issue or took it off."""
        pages = self.pages(f"/projects/{project_id}/issues/{iid}/resource_label_events", {})
        return [read_label_event(content) for content, _ in pages if content.get("label")]

    def fetch_state_events(self, project_id: int, iid: int) -> list[StateEvent]:
        """Fetch who closed or reopened an issue, and when."""
        pages = self.pages(f"/projects/{project_id}/issues/{iid}/resource_state_events", {})
        return [read_state_event(content) for content, _ in pages]

    def fetch_members(self, scope: str) -> list[Member]:
        """Fetch everybody who is a member of a project or group, inherited members too."""
        return [read_member(content) for content, _ in self.pages(f"/{scope}/members/all", {})]

    def fetch_public_email(self, user_id: int) -> str:
        """Fetch the address that a person shows in the profile, "" when none is shown to us.

        GitLab limits how many people one account may look up (300 in ten minutes): ask once a person and run.
        """
        try:
            return read_public_email(self.get(f"/users/{user_id}"))
        except HiddenError:
            return ""

    # --- writing ------------------------------------------------------------------------------------------------------

    def create_note(self, project_id: int, iid: int, body: str, is_internal: bool = False) -> int:
        """Post a comment and return its id. Guests do not see an internal one.

        Raises:
            UncertainError: the answer never came; the comment may be there. It is not posted twice by us.
        """
        content = {"body": body, "internal": True} if is_internal else {"body": body}
        answer = self.send("post", f"/projects/{project_id}/issues/{iid}/notes", content)
        return int(answer.get("id", 0))

    def update_note(self, project_id: int, iid: int, note_id: int, body: str) -> None:
        """Replace the text of our own comment; nobody is notified."""
        self.send("put", f"/projects/{project_id}/issues/{iid}/notes/{note_id}", {"body": body})

    def delete_note(self, project_id: int, iid: int, note_id: int) -> None:
        """Delete our own comment."""
        self.send("delete", f"/projects/{project_id}/issues/{iid}/notes/{note_id}", {})

    def update_issue(self, project_id: int, iid: int, changes: Mapping[str, Any]) -> Issue:
        """Change an issue and return it as GitLab then has it: what the role may not change is dropped silently."""
        return read_issue(self.send("put", f"/projects/{project_id}/issues/{iid}", changes))

    def create_issue(self, scope: str, content: Mapping[str, Any]) -> Issue:
        """Create an issue.

        Raises:
            UncertainError: the answer never came; the issue may be there.
        """
        return read_issue(self.send("post", f"/{scope}/issues", content))

    def fetch_user_id(self, username: str) -> int | None:
        """Return the id of an account by its username, None when there is none."""
        found = [content for content, _ in self.pages("/users", {"username": username})]
        return int(found[0]["id"]) if found else None

    def upload_file(self, project_id: int, name: str, content: bytes) -> str:
        """Put a file into the project and return the address with which its comments can link to it.

        Each upload is a new file: one that nothing links to is seen by Maintainers only.

        Raises:
            IssueError: GitLab refuses the file, or names it by something that cannot be linked to.
            UncertainError: the answer never came; the file may be there, but nobody knows its address.
        """
        return read_upload(self.send("post", f"/projects/{project_id}/uploads", _File(name, content)))

    # --- requests -----------------------------------------------------------------------------------------------------

    def get(self, path: str) -> dict[str, Any]:
        """Fetch one object of the API; *path* begins after ``/api/v4``."""
        content: dict[str, Any] = self._json("get", path, {}, None)[0]
        return content

    def pages(self, path: str, query: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], int | None]]:
        """Yield the objects of a list, page after page, each with the total, None if unknown."""
        page = 1
        while page:
            content, headers = self._json("get", path, {**query, "per_page": _PAGE, "page": page}, None)
            total = headers.get("X-Total", "")
            for each in content:
                yield each, int(total) if total.isdigit() else None
            page = _next_page(headers, page, len(content))

    def text(self, path: str, query: Mapping[str, Any]) -> str:
        """Fetch a file as text; bytes that are no UTF-8 become replacement characters, and so another text."""
        try:
            return self._request("get", path, query).content.decode(errors="replace")
        except requests.RequestException as error:
            raise unreachable(path, self._url, error) from error

    def send(self, verb: str, path: str, content: Mapping[str, Any] | _File) -> dict[str, Any]:
        """Write: *verb* is ``post``, ``put`` or ``delete``. A POST is sent once.

        Raises:
            UncertainError: the answer to a POST never came; it may have been done.
        """
        answer: dict[str, Any] = self._json(verb, path, {}, content)[0]
        return answer

    def _json(self, verb: str, path: str, query: Mapping[str, Any], content: Mapping[str, Any] | _File | None) -> Any:
        """Send a request and read its JSON. A damaged answer is asked for again, but never that of a POST."""
        for attempt in range(_DAMAGED_TRIES):
            try:
                response = self._request(verb, path, query, content)
                answer = response.json() if response.content or content is None else {}
                if isinstance(answer, list) is not ("page" in query):
                    raise ValueError("a list in place of an object, or the other way round")
                return answer, response.headers
            except ConflictError:
                if attempt == _DAMAGED_TRIES - 1:
                    raise IssueError("GitLab kept this issue locked for another change.") from None
            except (requests.RequestException, ValueError) as error:
                if verb == "post":
                    raise UncertainError(
                        f"GitLab's answer to what we posted ({read_kind(path)}) never came."
                    ) from error
                if attempt == _DAMAGED_TRIES - 1:
                    raise unreachable(path, self._url, error) from error
        raise AssertionError("unreachable")

    def _request(
        self, verb: str, path: str, query: Mapping[str, Any], content: Mapping[str, Any] | _File | None = None
    ) -> requests.Response:
        try:
            return self._client().http_request(
                verb,
                path,
                query_data=dict(query),
                obey_rate_limit=False,
                timeout=_TIMEOUT_SECONDS,
                **_write_body(content),
            )
        except GitlabError as error:
            status = 301 if isinstance(error, RedirectError) else error.response_code or 0
            raise translate(status, read_said(error.response_body or b""), verb, path, self._url) from None

    def _client(self) -> gitlab.Gitlab:
        if not hasattr(self._local, "client"):
            session = _CountingSession(self._count)
            session.mount("http://", HTTPAdapter(max_retries=self._patience))
            session.mount("https://", HTTPAdapter(max_retries=self._patience))
            self._local.client = gitlab.Gitlab(
                self._url, private_token=self._token, session=session, keep_base_url=True, user_agent="handover"
            )
        client: gitlab.Gitlab = self._local.client
        return client

    def _count(self, verb: str, url: str) -> None:
        with self._lock:
            self.requests[f"{verb} {read_kind(url.split('?', maxsplit=1)[0])}"] += 1


class _CountingSession(requests.Session):
    def __init__(self, count: Any) -> None:
        super().__init__()
        self._count = count

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        self._count(request.method, request.url)
        response = super().send(request, **kwargs)
        for _ in getattr(response.raw.retries, "history", ()) if response.raw is not None else ():
            self._count(request.method, request.url)
        return response


def project_scope(project: str) -> str:
    """Return the API path of a project given by id or by full path."""
    return f"projects/{quote(project, safe='')}"


def group_scope(group: str) -> str:
    """Return the API path of a group given by id or by full path."""
    return f"groups/{quote(group, safe='')}"


def _write_body(content: Mapping[str, Any] | _File | None) -> dict[str, Any]:
    """Return the body of a request as arguments of python-gitlab.

    Its own way of sending files gives them as a stream: sent again after a 429, there would be nothing left of it.
    """
    if not isinstance(content, _File):
        return {"post_data": None if content is None else dict(content)}
    form = {"file": (content.name, content.content, "application/octet-stream")}
    body, content_type = encode_multipart_formdata(form)
    return {"post_data": body, "raw": True, "extra_headers": {"Content-type": content_type}}


def _next_page(headers: Mapping[str, str], page: int, count: int) -> int:
    """Return the number of the next page, 0 after the last. Pages may hold fewer than were asked for."""
    following = headers.get("X-Next-Page")
    if following is not None:
        return int(following) if following.isdigit() else 0
    if "Link" in headers:
        return page + 1 if 'rel="next"' in headers["Link"] else 0
    return page + 1 if count >= _PAGE else 0
