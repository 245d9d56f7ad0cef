"""A throw-away clone of this repository and gitlab-ci-local, which runs its pipeline without a GitLab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
GITLAB_CI_LOCAL = Path(__file__).parent / "node_modules/.bin/gitlab-ci-local"
OLDEST_NODE = 18
_NOT_CLONED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "build", "handover-demo", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)
_AUTHOR = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
_ADDRESS = "https://gitlab.example.com/customer-success/handovers.git"
_SECONDS = 120


def find_lack() -> str:
    """Say what this machine lacks for running the pipeline, "" when it lacks nothing."""
    tools = [tool for tool in ("node", "npm", "git", "rsync", "make") if shutil.which(tool) is None]
    if tools:
        return f"the pipeline cannot be run here without {', '.join(tools)}; .ci/run installs them"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.removeprefix("v").split(".")[0] or 0) < OLDEST_NODE:
        return f"the pipeline cannot be run here with Node.js {version}: {OLDEST_NODE} or newer is needed"
    if not GITLAB_CI_LOCAL.exists():
        return "the pipeline cannot be run here without gitlab-ci-local; `make test` installs it with npm"
    return ""


class Clone:
    """The files of this repository as they are now, in a Git repository of their own with the branch ``main``.

    ``make install`` finds its work done there, as it does in CI when the cache holds the virtual environment: this one
    borrows the packages of the tests.
    """

    def __init__(self, place: Path) -> None:
        self.path = place / "clone"
        self._home = place / "home"
        self._home.mkdir(parents=True)
        shutil.copytree(ROOT, self.path, ignore=_NOT_CLONED)
        self._git("init", "--quiet", "--initial-branch", "main")
        self._git("remote", "add", "origin", _ADDRESS)
        # What a job fetches, it fetches from this machine.
        self._git("config", f"url.{place.as_uri()}/server.git.insteadOf", _ADDRESS)
        self._git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
        self.commit()
        self._git("update-ref", "refs/remotes/origin/main", "main")
        self._lend_environment()

    def write(self, path: str, text: str) -> None:
        """Write a file and commit it."""
        (self.path / path).write_text(text, encoding="utf-8")
        self.commit()

    def read(self, path: str) -> str:
        """Read a file, also one that a job has written."""
        return (self.path / path).read_text(encoding="utf-8")

    def commit(self) -> None:
        """Commit everything."""
        self._git("add", "--all")
        self._git(
            "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "Change"
        )

    def head(self) -> str:
        """Return the present commit."""
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=self.path,
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
        )
        return answer.stdout.strip()

    def leave_on_server(self) -> str:
        """Take the present commit away from here, so that only the server has it, and return it."""
        gone, server = self.head(), self.path.parent / "server.git"
        self._git("clone", "--quiet", "--bare", str(self.path), str(server))
        self._git("-C", str(server), "config", "uploadpack.allowAnySHA1InWant", "true")
        self._git("reset", "--quiet", "--hard", "HEAD~1")
        self._git("reflog", "expire", "--expire=now", "--all")
        self._git("gc", "--quiet", "--prune=now")
        return gone

    def switch_to(self, branch: str) -> None:
        """Be on *branch*, made of the present commit."""
        self._git("switch", "--quiet", "--force-create", branch)

    def list_jobs(self, source: str) -> set[str]:
        """Return the jobs that a pipeline of *source* has, as CI_PIPELINE_SOURCE names it."""
        answer = self._run_pipeline(source, {}, "--list-json")
        listed = json.loads(answer.stdout)
        return {job["name"] for job in listed if job["when"] != "never"}

    def validate_chain(self, source: str) -> subprocess.CompletedProcess[str]:
        """Look for a job that needs another one that the rules removed."""
        return self._run_pipeline(source, {}, "--validate-dependency-chain")

    def run(self, source: str, *jobs: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a pipeline of *source*, or *jobs* of it whatever their rules say; its output is that of the jobs too."""
        return self._run_pipeline(source, variables, "--force-shell-executor", *jobs)

    def _run_pipeline(
        self, source: str, variables: dict[str, str], *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        given = {"CI_PIPELINE_SOURCE": source, **variables}
        named = [part for name, value in given.items() for part in ("--variable", f"{name}={value}")]
        environment = {
            **self._environment(),
            "GCL_IGNORE_PREDEFINED_VARS": ",".join(given),
            # Its parser of options asks for Node.js 20 and works with that of Debian 12.
            "YARGS_MIN_NODE_VERSION": str(OLDEST_NODE),
        }
        return subprocess.run(
            [GITLAB_CI_LOCAL, "--home", self._home, *arguments, *named],
            cwd=self.path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def _lend_environment(self) -> None:
        environment = self.path / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
        paths = sysconfig.get_paths(vars={"base": str(environment), "platbase": str(environment)})
        lent = [str(self.path), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]]
        (Path(paths["purelib"]) / "lent.pth").write_text("\n".join(lent))
        command = environment / "bin/handover"
        command.write_text(f"#!{environment}/bin/python\nfrom automation.cli import main\n\nmain()\n")
        command.chmod(0o755)
        subprocess.run(["make", "--silent", "--touch", "install"], cwd=self.path, env=self._environment(), check=True)

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.path, env=self._environment(), check=True)

    def _environment(self) -> dict[str, str]:
        """Return an environment without what CI or a developer has set for the real thing."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self._home), "PYTHON": sys.executable}
