"""Git, asked about a repository that is not trusted."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TIMEOUT_SECONDS = 60


def git(root: Path, *arguments: str) -> bytes | None:
    """What a git command at `root` prints; None where it fails, takes too long, or there is no git.

    The repository's configuration must not make git run anything (`core.fsmonitor` is a command), nor fetch what a partial clone
    has left out. Nor is the environment taken over: git sets `GIT_DIR` in the hooks it runs, and the settings of a user or a machine
    (a filter, excludes) are not the team's.
    """
    settings = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*"]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        # A partial clone fetches what it lacks, by the commands of its configuration; older git knows no GIT_NO_LAZY_FETCH.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            ["git", *settings, "-C", str(root), *arguments], capture_output=True, timeout=TIMEOUT_SECONDS, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
