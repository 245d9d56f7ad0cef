"""Have several requests under way at once, and take their results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from automation.errors import IssueError

In = TypeVar("In")
Out = TypeVar("Out")
_AHEAD = 16


def in_parallel(
    work: Callable[[In], Out], things: Iterable[In], workers: int, note_failure: Callable[[In, IssueError], None]
) -> Iterator[Out]:
    """Yield ``work(thing)`` for each of *things*, in their order, at most 16 of them ahead of the reader.

    A thing whose work raises IssueError is given to *note_failure* and left out; every other error goes on up, and
    what has not begun by then is not begun.
    """
    with ThreadPoolExecutor(workers) as pool:
        under_way: deque[tuple[In, Future[Out]]] = deque()
        try:
            for thing in things:
                under_way.append((thing, pool.submit(work, thing)))
                if len(under_way) >= _AHEAD:
                    yield from _finish(*under_way.popleft(), note_failure)
            while under_way:
                yield from _finish(*under_way.popleft(), note_failure)
        finally:
            for _, future in under_way:
                future.cancel()


def _finish(thing: In, future: Future[Out], note_failure: Callable[[In, IssueError], None]) -> Iterator[Out]:
    try:
        yield future.result()
    except IssueError as error:
        note_failure(thing, error)
