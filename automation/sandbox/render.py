"""Records as GitLab's JSON, keys in the order of its entities (gitlab-facts 3.3, 4, 6, 7)."""

from __future__ import annotations

from datetime import datetime

from automation.sandbox.model import (
    Board,
    BoardList,
    Group,
    Issue,
    Label,
    LabelEvent,
    Member,
    Note,
    Project,
    StateEvent,
    Token,
    Upload,
    User,
)
from automation.sandbox.store import Store
from automation.sandbox.uploads import read_alt, write_markdown_link

Json = dict[str, object]


class Renderer:
    """Renders records of *store*; *url* is the server's external address."""

    def __init__(self, store: Store, url: str) -> None:
        self.store = store
        self.url = url

    def user(self, user_id: int) -> Json:
        """Render the short form of a user, as it stands inside other records."""
        user = self.store.users[user_id]
        return {
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "state": user.state,
            "locked": False,
            "avatar_url": None,
            "web_url": f"{self.url}/{user.username}",
        }

    def current_user(self, user: User) -> Json:
        """Render the user that a token belongs to."""
        return {**self.user(user.id), "bot": user.is_bot, "email": f"{user.username}@noreply.localhost"}

    def person(self, user: User) -> Json:
        """Render a profile. Newer servers put the address into the short form too; a client may not count on that."""
        return {**self.user(user.id), "public_email": user.public_email or None, "bot": user.is_bot}

    def upload(self, upload: Upload) -> Json:
        """Render a file as the answer to whoever sent it."""
        return {
            "id": upload.id,
            "alt": read_alt(upload.name),
            "url": f"/uploads/{upload.secret}/{upload.name}",
            "full_path": f"/-/project/{upload.project_id}/uploads/{upload.secret}/{upload.name}",
            "markdown": write_markdown_link(upload.name, f"/uploads/{upload.secret}/{upload.name}"),
        }

    def listed_upload(self, upload: Upload) -> Json:
        """Render a file in the list of a project's Maintainers, which does not tell its address."""
        user = self.store.users[upload.user_id]
        return {
            "id": upload.id,
            "size": len(upload.content),
            "filename": upload.name,
            "created_at": write_time(upload.created_at),
            "uploaded_by": {"id": user.id, "username": user.username, "name": user.name},
        }

    def member(self, member: Member) -> Json:
        """Render one membership."""
        return {
            **self.user(member.user_id),
            "access_level": member.access_level,
            "created_at": write_time(member.created_at),
            "expires_at": None,
            "membership_state": "active",
        }

    def token(self, token: Token) -> Json:
        """Render a token without its value."""
        is_expired = token.expires_at is not None and token.expires_at <= self.store.read_now().date()
        return {
            "id": token.id,
            "name": token.name,
            "revoked": token.is_revoked,
            "created_at": write_time(token.created_at),
            "description": None,
            "scopes": list(token.scopes),
            "user_id": token.user_id,
            "last_used_at": None,
            "active": not token.is_revoked and not is_expired,
            "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        }

    def project(self, project: Project) -> Json:
        """Render a project."""
        parent = self.store.find_group(project.path.rpartition("/")[0]) if "/" in project.path else None
        return {
            "id": project.id,
            "description": None,
            "name": project.name,
            "name_with_namespace": project.path.replace("/", " / "),
            "path": project.name,
            "path_with_namespace": project.path,
            "default_branch": project.default_branch,
            "visibility": project.visibility,
            "web_url": f"{self.url}/{project.path}",
            "archived": project.is_archived,
            "issues_enabled": project.issues_enabled,
            "issues_access_level": "enabled" if project.issues_enabled else "disabled",
            "builds_access_level": "enabled" if project.has_pipelines else "disabled",
            "ci_config_path": project.pipeline_file,
            "only_allow_merge_if_pipeline_succeeds": project.pipelines_must_succeed,
            "namespace": {"id": parent.id, "kind": "group", "full_path": parent.path} if parent else None,
            **({"issues_template": project.issues_template} if self.store.premium else {}),
        }

    def group(self, group: Group) -> Json:
        """Render a group."""
        parent = self.store.find_group(group.path.rpartition("/")[0]) if "/" in group.path else None
        return {
            "id": group.id,
            "web_url": f"{self.url}/groups/{group.path}",
            "name": group.name,
            "path": group.name,
            "description": "",
            "visibility": group.visibility,
            "full_name": group.path.replace("/", " / "),
            "full_path": group.path,
            "parent_id": parent.id if parent else None,
        }

    def label_basic(self, label: Label) -> Json:
        """Render a label as it stands inside issues, events and board lists."""
        return {
            "id": label.id,
            "name": label.title,
            "description": label.description,
            "description_html": label.description or "",
            "text_color": "#FFFFFF" if _is_dark(label.color) else "#1F1E24",
            "color": label.color,
        }

    def label(self, label: Label, with_counts: bool = False) -> Json:
        """Render a label of the label list."""
        counts: Json = {}
        if with_counts:
            states = [
                issue.state
                for issues in self.store.issues.values()
                for issue in issues.values()
                if label.id in issue.label_ids
            ]
            counts["open_issues_count"] = states.count("opened")
            counts["closed_issues_count"] = states.count("closed")
            counts["open_merge_requests_count"] = 0
        own: Json = {"subscribed": False, "priority": label.priority, "is_project_label": label.project_id is not None}
        return {**self.label_basic(label), "archived": label.is_archived, **counts, **own}

    def note(self, note: Note, issue: Issue, changes: Json | None = None) -> Json:
        """Render a comment or system note."""
        return {
            "id": note.id,
            "type": None,
            "body": note.body,
            "author": self.user(note.author_id),
            "created_at": write_time(note.created_at),
            "updated_at": write_time(note.updated_at),
            "system": note.is_system,
            "noteable_id": issue.id,
            "noteable_type": "Issue",
            "project_id": issue.project_id,
            "resolvable": False,
            "confidential": note.is_internal,
            "internal": note.is_internal,
            "imported": False,
            "imported_from": "none",
            "noteable_iid": issue.iid,
            "commands_changes": changes or {},
        }

    def label_event(self, event: LabelEvent) -> Json:
        """Render the setting or removing of one label."""
        label = self.store.labels.get(event.label_id)
        return {
            "id": event.id,
            "user": self.user(event.user_id),
            "created_at": write_time(event.created_at),
            "resource_type": "Issue",
            "resource_id": event.issue_id,
            "label": self.label_basic(label) if label else None,
            "action": event.action,
        }

    def state_event(self, event: StateEvent) -> Json:
        """Render one closing or reopening."""
        return {
            "id": event.id,
            "user": self.user(event.user_id),
            "created_at": write_time(event.created_at),
            "resource_type": "Issue",
            "resource_id": event.issue_id,
            "source_commit": None,
            "source_merge_request_id": None,
            "state": event.state,
        }

    def board(self, board: Board) -> Json:
        """Render a board with its lists."""
        return {
            "id": board.id,
            "name": board.name,
            "hide_backlog_list": board.hide_backlog_list,
            "hide_closed_list": board.hide_closed_list,
            **self._home(board),
            "lists": [self.board_list(entry) for entry in board.lists],
        }

    def _home(self, board: Board) -> Json:
        if board.project_id is not None:
            return {"project": self.project(self.store.projects[board.project_id])}
        return {"project": None, "group": self.group(self.store.groups[board.group_id or 0])}

    def board_list(self, entry: BoardList) -> Json:
        """Render one list of a board."""
        label = self.label_basic(self.store.labels[entry.label_id])
        return {"id": entry.id, "label": label, "position": entry.position}


def write_time(moment: datetime) -> str:
    """Write a time as GitLab does: UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_dark(color: str) -> bool:
    """Say whether white text reads better on *color*; named colours count as dark."""
    if not color.startswith("#") or len(color) != 7:
        return True
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red * 299 + green * 587 + blue * 114 < 150_000
