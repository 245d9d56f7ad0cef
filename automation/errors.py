"""What can go wrong, sorted by what the caller can do. Every message is one sentence for the person who must act."""

from __future__ import annotations

from dataclasses import dataclass


class HandoverError(Exception):
    """Base of all expected failures; ``exit_code`` is what the command ends with (design, section 6)."""

    exit_code = 1


class UsageError(HandoverError):
    """The command line or the environment lacks something."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file of the repository. *line* is 1-based; 0 when the whole file is meant."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class RepositoryError(HandoverError):
    """Files of the repository are wrong; all problems are reported together and nothing is sent."""

    exit_code = 3

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class GitLabError(HandoverError):
    """GitLab refused or failed."""

    exit_code = 4


class AccessError(GitLabError):
    """No later request can succeed either: wrong token, scope, role or project. The run stops."""


class TokenError(AccessError):
    """GitLab does not accept the token, or its account is blocked."""


class UnreachableError(AccessError):
    """No usable answer came, however often we asked."""


class PlaceError(AccessError):
    """There is no such project or group, or this account is not shown it (404)."""


class RoleError(AccessError):
    """The account of the token lacks the role for this one thing (403); other things may work."""


class AbsentError(AccessError):
    """There is no such thing, or this account is not shown it (404)."""


class RefusedError(AccessError):
    """GitLab does not want it like that (400, 405, 409, 422); ``said`` is what it answered, cut to one line."""

    def __init__(self, sentence: str, said: str) -> None:
        super().__init__(sentence)
        self.said = said


class LimitError(AccessError):
    """GitLab's limit of requests in a time is used up (429), and stayed so for as long as we wait; later it is not."""


class IssueError(GitLabError):
    """A request for one issue failed; the other issues go on and the next run tries this one again."""


class UncertainError(IssueError):
    """The answer to a write never came: it may have been done."""


class LargePlanError(HandoverError):
    """The plan moves back so many handovers that a person must confirm it."""

    exit_code = 5


class RepairError(HandoverError):
    """The doctor found something to repair; all of it has been shown."""

    exit_code = 6
