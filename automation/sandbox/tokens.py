"""How access tokens and the bots behind them come and go."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from automation.sandbox.model import Member, Project, Token, User
from automation.sandbox.store import Store


def create_token(
    store: Store, user: User, scopes: Sequence[str], expires_at: date | None, name: str, value: str | None = None
) -> Token:
    """Give *user* an access token."""
    value = value or f"glsandbox-{secrets.token_hex(10)}"
    token = Token(store.next_id("token"), value, user.id, name, tuple(scopes), store.read_now(), expires_at)
    store.tokens[value] = token
    return token


def create_bot(store: Store, project: Project, access_level: int, name: str) -> User:
    """Create the user behind a project access token."""
    username = f"project_{project.id}_bot_{secrets.token_hex(16)}"
    bot = User(store.next_id("user"), username, name, is_bot=True)
    store.users[bot.id] = bot
    store.members.setdefault(project.path, {})[bot.id] = Member(bot.id, access_level, store.read_now())
    store.version += 1
    return bot


def list_project_tokens(store: Store, project: Project) -> list[Token]:
    """Return the tokens of the project's bots, revoked ones too."""
    members = store.members.get(project.path, {})
    return [each for each in store.tokens.values() if each.user_id in members and store.users[each.user_id].is_bot]


def revoke(store: Store, token: Token) -> None:
    """End a token at once."""
    store.tokens[token.value] = replace(token, is_revoked=True)
