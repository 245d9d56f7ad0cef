"""Read the bytes of a file that somebody names on the command line."""

from __future__ import annotations

from pathlib import Path

from automation.errors import Problem, RepositoryError

_MOST_BYTES = 50_000_000


def read_accounts(path: Path) -> bytes:
    """Read a file of accounts.

    Raises:
        RepositoryError: it cannot be read, or is so large that it can be no list of accounts.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            message = f"the file is larger than {_MOST_BYTES // 1_000_000} MB; is it the right one?"
            raise RepositoryError((Problem(path.name, 0, message),))
        return path.read_bytes()
    except OSError as error:
        raise RepositoryError((Problem(path.name, 0, f"the file cannot be read: {error.strerror}."),)) from None
