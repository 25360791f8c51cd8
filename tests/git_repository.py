"""Git repositories for tests, with nothing of the user's configuration."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SURROUNDINGS = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on branch `main`."""

    path: Path

    def git(self, *arguments: str, given: bytes | None = None) -> str:
        environment = {"PATH": os.environ.get("PATH", os.defpath), **_SURROUNDINGS}
        done = subprocess.run(["git", "-C", str(self.path), *arguments], check=True, capture_output=True, env=environment, input=given)
        return done.stdout.decode().strip()

    def commit(self, files: dict[str, str | None], message: str = "change") -> str:
        """Write these files (None removes one) and commit everything; the id of the commit."""
        for name, text in files.items():
            path = self.path / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def repository(path: Path) -> Repository:
    """A new one at `path`."""
    path.mkdir(parents=True, exist_ok=True)
    made = Repository(path)
    made.git("init", "--quiet", "--template=", "--initial-branch=main")
    return made
