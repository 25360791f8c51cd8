"""Where the lock file of a repository lies."""

from __future__ import annotations

from pathlib import Path

from gonogo.cli.paths import file
from gonogo.cli.streams import Streams

FORMER = "gonogo.map.yaml"
"""The name before 0.6; it is still read where there is nothing at the new one."""


def lock_path(root: Path, given: str | None, configured: str, streams: Streams | None = None) -> Path | None:
    """The lock file that is given, else the configured one, else one under the former name (said so); None where there is none."""
    if given is not None:
        return file(given, "lock file")
    default = root / configured
    if default.is_file():
        return default
    former = root / FORMER
    if not former.is_file():
        return None
    if streams is not None and configured != FORMER:
        streams.stderr.write(f"gonogo: {FORMER} is read under its former name; move it to {configured}\n")
    return former
