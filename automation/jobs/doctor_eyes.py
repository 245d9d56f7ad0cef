"""How the doctor looks: what fails is not seen, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from automation.core.doctor.check import ANOTHER_TRY
from automation.core.installation import Seen, Unseen
from automation.errors import (
    AbsentError,
    GitLabError,
    PlaceError,
    RefusedError,
    RoleError,
    TokenError,
    UnreachableError,
)

_T = TypeVar("_T")
_MOST_FAILURES = 3


class Eyes:
    """Look at one thing after the other: what fails is not seen, and the rest goes on, unless all fails."""

    def __init__(self) -> None:
        self._failures = 0

    def see(self, fetch: Callable[[], Seen[_T]], needs: str = "Maintainer") -> Seen[_T]:
        """Return what *fetch* returns; Unseen, with the reason, where GitLab refuses it or fails.

        Raises:
            AccessError: GitLab cannot be reached, does not accept the token any more, or failed three times running.
        """
        try:
            found = fetch()
        except (TokenError, UnreachableError):
            raise
        except (RoleError, AbsentError, PlaceError, RefusedError) as error:
            return Unseen(needs, str(error))
        except GitLabError as error:
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                raise
            return Unseen(ANOTHER_TRY, str(error))
        self._failures = 0
        return found
