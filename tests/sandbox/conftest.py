"""A small world on a running sandbox, with the real client."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import gitlab
import pytest

from automation.sandbox import Sandbox, TravellingClock, World
from automation.sandbox.model import GUEST, PLANNER, REPORTER

START = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
PROJECT = "acme/handovers"


@pytest.fixture
def clock() -> TravellingClock:
    return TravellingClock(START)


@pytest.fixture
def world(clock: TravellingClock) -> World:
    """One project; ben (Reporter), pia (Planner), gus (Guest), and otto from outside."""
    world = World(now=clock)
    world.add_project(PROJECT)
    for name, level in {"ben": REPORTER, "pia": PLANNER, "gus": GUEST}.items():
        world.add_user(name, name.title())
        world.add_member(PROJECT, name, level)
    world.add_user("otto", "Otto")
    return world


@pytest.fixture
def sandbox(world: World) -> Iterator[Sandbox]:
    with Sandbox(world) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Callable[..., gitlab.Gitlab]:
    """Return a client with a fresh token of a user; None for one without a token."""

    def make(username: str | None = "ben", scopes: tuple[str, ...] = ("api",)) -> gitlab.Gitlab:
        token = sandbox.world.add_token(username, scopes) if username else None
        return gitlab.Gitlab(sandbox.url, private_token=token, per_page=100)

    return make


@pytest.fixture
def project(client):
    """Return the project as ben sees it."""
    return client().projects.get(PROJECT)
