"""Read the bytes of a file that somebody names on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from automation.errors import Problem, RepositoryError

_MOST_BYTES = 50_000_000


def read_accounts(path: Path) -> bytes:
    """Read a file of accounts, "-" from standard input.

    Raises:
        RepositoryError: it cannot be read, or is so large that it can be no list of accounts.
    """
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RepositoryError((Problem(path.name, 0, f"the file cannot be read: {error.strerror}."),)) from None
    if len(content) > _MOST_BYTES:
        message = f"the file is larger than {_MOST_BYTES // 1_000_000} MB; is it the right one?"
        raise RepositoryError((Problem(path.name, 0, message),))
    return content
