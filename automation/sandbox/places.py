"""People and places of the sandbox's world: users, tokens, groups, projects, members, labels, templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from automation.sandbox.issue_changes import DEFAULT_COLOR, create_label
from automation.sandbox.model import MAINTAINER, REPORTER, Group, Label, Member, Project, User, Visibility
from automation.sandbox.model_ci import ProtectedBranch
from automation.sandbox.store import Store
from automation.sandbox.tokens import create_bot, create_token, revoke

ProjectLike = Project | int | str
PlaceLike = Project | Group | str
UserLike = User | str


class Places(Store):
    """A store that is easily filled. Projects are given as value, id or path, users as value or username."""

    def add_user(self, username: str, name: str, public_email: str = "") -> User:
        """Add a person; *public_email* is the address that the profile shows, "" for one that shows none."""
        with self.lock:
            user = User(self.next_id("user"), username, name, public_email=public_email)
            self.users[user.id] = user
            return user

    def block_user(self, user: UserLike) -> None:
        """Block a person: the account stays, its rights and tokens do not."""
        with self.lock:
            known = self.user(user)
            self.users[known.id] = replace(known, state="blocked")

    def add_group(self, path: str, visibility: Visibility = "private") -> Group:
        """Add a group, and those above it that are not there yet."""
        with self.lock:
            self._add_groups_above(path, visibility)
            group = Group(self.next_id("namespace"), path, path.rpartition("/")[2], visibility)
            self.groups[group.id] = group
            return group

    def add_project(self, path: str, visibility: Visibility = "private") -> Project:
        """Add a project with a protected branch, and the groups above it that are not there yet."""
        with self.lock:
            self._add_groups_above(path, visibility)
            project = Project(self.next_id("project"), path, path.rpartition("/")[2], visibility)
            self.projects[project.id] = project
            main = ProtectedBranch(self.next_id("protected branch"), "main", MAINTAINER, MAINTAINER)
            self.protected_branches[project.id] = {main.name: main}
            return project

    def add_member(self, place: PlaceLike, user: UserLike, access_level: int) -> None:
        """Make *user* a direct member of a project or group, or change the level."""
        with self.lock:
            known = self.place(place)
            user_id = self.user(user).id
            self.members.setdefault(known.path, {})[user_id] = Member(user_id, access_level, self.read_now())
            self.version += 1

    def remove_member(self, place: PlaceLike, user: UserLike) -> None:
        """End a direct membership."""
        with self.lock:
            del self.members[self.place(place).path][self.user(user).id]
            self.version += 1

    def add_token(
        self,
        user: UserLike,
        scopes: Sequence[str] = ("api",),
        value: str | None = None,
        expires_at: date | None = None,
        name: str = "sandbox",
    ) -> str:
        """Give *user* an access token and return its value."""
        with self.lock:
            last_day = expires_at or self.read_now().date() + timedelta(days=365)
            return create_token(self, self.user(user), scopes, last_day, name, value).value

    def revoke_token(self, value: str) -> None:
        """Revoke a token."""
        with self.lock:
            revoke(self, self.tokens[value])

    def add_bot(
        self,
        project: ProjectLike,
        access_level: int = REPORTER,
        scopes: Sequence[str] = ("api",),
        name: str = "handover",
        expires_at: date | None = None,
    ) -> tuple[User, str]:
        """Make a project access token: return its bot user and the token's value."""
        with self.lock:
            bot = create_bot(self, self.project(project), access_level, name)
            return bot, self.add_token(bot, scopes, expires_at=expires_at, name=name)

    def add_label(self, place: PlaceLike, title: str, color: str = DEFAULT_COLOR) -> Label:
        """Add a label to a project or group."""
        with self.lock:
            return create_label(self, self.place(place), title, color)

    def set_templates(self, project: ProjectLike, templates: Mapping[str, str]) -> None:
        """Set the issue templates: texts by name, without `.md`."""
        with self.lock:
            self.templates[self.project(project).id] = dict(templates)

    def user(self, user: UserLike) -> User:
        """Return the user as he is now; an unknown name is a mistake of the caller."""
        found = self.find_user(user) if isinstance(user, str) else self.users.get(user.id)
        if found is None:
            raise LookupError(f"no user {user!r} in the sandbox")
        return found

    def project(self, project: ProjectLike) -> Project:
        """Return the project; an unknown one is a mistake of the caller."""
        found = self.find_project(project.id if isinstance(project, Project) else project)
        if found is None:
            raise LookupError(f"no project {project!r} in the sandbox")
        return found

    def place(self, place: PlaceLike) -> Project | Group:
        """Return the project or group; an unknown one is a mistake of the caller."""
        path = place if isinstance(place, str) else place.path
        found = self.find_project(path) or self.find_group(path)
        if found is None:
            raise LookupError(f"no project or group {path!r} in the sandbox")
        return found

    def _add_groups_above(self, path: str, visibility: Visibility) -> None:
        parent = path.rpartition("/")[0]
        if parent and self.find_group(parent) is None:
            self.add_group(parent, visibility)
