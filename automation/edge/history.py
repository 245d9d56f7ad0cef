"""Read the files of another revision with `git`: the revision is named on the command line, and is never an option."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from automation.errors import UsageError

_SECONDS = 60
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORT = 12
# Git shows no pager, takes no replacement for an object, and no path for a pattern.
_ALONE = ("--no-pager", "--no-replace-objects", "--literal-pathspecs")


@dataclass(frozen=True, slots=True)
class Base:
    """The commit that a change starts from. ``is_branching``: Git found where the two histories part.

    Otherwise, as in a clone that is too shallow to tell, it is the revision itself that was named.
    """

    commit: str
    ref: str
    is_branching: bool

    @property
    def short(self) -> str:
        return self.commit[:_SHORT]


def find_base(root: Path, ref: str) -> Base:
    """Find where the history of what is checked out at *root* parts from that of *ref*.

    Raises:
        UsageError: there is no Git repository, or no such revision in it; with what to do.
    """
    if ref.startswith("-") or not ref.isprintable() or not ref.strip():
        raise UsageError("--against names a branch, a tag or a commit, such as origin/main.")
    if _run(root, "rev-parse", "--git-dir") is None:
        raise UsageError(f"--against needs a Git repository, and Git sees none in {root.name or 'this directory'}.")
    commit = _read_commit(_run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"))
    if not commit:
        raise UsageError(
            f"Git does not know the revision {ref!r} here. Fetch it first: `git fetch origin BRANCH`, then"
            " --against origin/BRANCH; in a pipeline `git fetch --depth 1 origin COMMIT`, then --against COMMIT."
        )
    parting = _read_commit(_run(root, "merge-base", commit, "HEAD"))
    return Base(parting or commit, ref, bool(parting))


def write_revision(root: Path, commit: str, paths: tuple[str, ...], target: Path) -> tuple[str, ...]:
    """Write the files of *commit* that lie under *paths*, as seen from *root*, into the empty directory *target*.

    They are written as Git stores them: no filter runs.

    Returns:
        What is left out: links and submodules, under *paths* and on the way to them.

    Raises:
        UsageError: Git cannot read them; a partial or shallow clone may lack them.
    """
    above = sorted({str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"."})
    left_out: list[str] = []
    for kind, blob, path in (*_list(root, commit, *above), *_list(root, commit, "-r", *paths)):
        if kind == "other" or {"..", ".git"} & set(path.parts) or path.is_absolute():
            left_out.append(str(path))
        elif kind == "file":
            content = _run(root, "cat-file", "blob", blob)
            if content is None:
                raise UsageError(f"Git cannot read {path} of {commit[:_SHORT]}. Fetch it: `git fetch origin {commit}`.")
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(content)
    return tuple(left_out)


def _list(root: Path, commit: str, *paths: str) -> Iterator[tuple[str, str, PurePosixPath]]:
    """List what lies at *paths* of a commit, "-r" first for all below: its kind (file, folder, other), blob, path."""
    options, paths = (paths[:1], paths[1:]) if paths[:1] == ("-r",) else ((), paths)
    listed = _run(root, "ls-tree", *options, "-z", commit, "--", *paths) if paths else b""
    if listed is None:
        raise UsageError(
            f"Git cannot read the files of {commit[:_SHORT]}. Fetch it: `git fetch --depth 1 origin {commit}`."
        )
    for entry in filter(None, listed.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, _, blob = about.decode("ascii").split()
        kind = {"100644": "file", "100755": "file", "040000": "folder"}.get(mode, "other")
        yield kind, blob, PurePosixPath(name.decode("utf-8", "backslashreplace"))


def _read_commit(answer: bytes | None) -> str:
    found = (answer or b"").decode("ascii", "replace").strip()
    return found if _COMMIT.fullmatch(found) else ""


def _run(root: Path, *arguments: str) -> bytes | None:
    """Run `git` at *root*; None when it fails.

    Raises:
        UsageError: there is no `git`, or it does not come to an end.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell
            ["git", *_ALONE, "-C", str(root), *arguments],  # noqa: S607 - the git of this machine
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("--against needs `git`, which is not installed here.") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"--against: git did not answer within {_SECONDS} seconds.") from None
    return done.stdout if done.returncode == 0 else None
