"""Pull requests made of real git: a repository, a branch, and the checkout that a workflow gets."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "course-template"
LSTM_STARTER = ROOT / "grader" / "assignments" / "torch_lstm_cell" / "starter"

NOBODY = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
IDENTITY = {
    f"GIT_{role}_{what}": f"{what.lower()}@localhost"
    for role in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


def git(folder: Path, *command: str | Path) -> str:
    done = subprocess.run(
        ["git", *command],
        cwd=folder,
        env={**os.environ, **NOBODY, **IDENTITY},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def git_of_another(workspace: Path) -> str:
    """HEAD of a checkout that is another user's."""
    return git(workspace, "-c", f"safe.directory={workspace}", "rev-parse", "HEAD")


class PullRequest:
    """A repository with a base branch and a pull request, and a checkout of both merged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin = folder / "origin"
        shutil.copytree(TEMPLATE, self.origin)
        shutil.copytree(LSTM_STARTER, self.origin / "src" / "torch_lstm_cell")
        git(self.origin, "init", "--quiet", "--initial-branch=main")
        self._commit("base")
        git(self.origin, "checkout", "--quiet", "-b", "pull")

    def _commit(self, message: str) -> None:
        git(self.origin, "add", "--all")
        git(self.origin, "commit", "--quiet", "--allow-empty", "-m", message)

    def write(self, path: str, text: str | bytes) -> None:
        """Write a file into the pull request."""
        file = self.origin / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def link(self, path: str) -> None:
        """Put a submodule there; nobody can fetch it."""
        git(self.origin, "rm", "-r", "--cached", "--quiet", "--ignore-unmatch", path)
        git(self.origin, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{path}")
        (self.origin / path).mkdir(parents=True, exist_ok=True)

    def checkout(self, *, depth: int = 2, ref: str = "merge") -> Path:
        """Return the checkout, of so many commits."""
        self._commit("pull")
        git(self.origin, "checkout", "--quiet", "-b", "merge", "main")
        # Meanwhile the base branch has gone on.
        (self.origin / "NEWS.md").write_text("news\n")
        (self.origin / "src" / "torch_lstm_cell" / "hw3" / "news.py").write_text("")
        self._commit("base goes on")
        git(self.origin, "merge", "--quiet", "--no-ff", "-m", "merge", "pull")
        workspace = self.folder / "work space"
        git(
            self.folder,
            "clone",
            "--quiet",
            f"--depth={depth}",
            f"--branch={ref}",
            f"file://{self.origin}",
            workspace,
        )
        return workspace
