"""Arguments that name files, checked before anything is read."""

from __future__ import annotations

from pathlib import Path

import click


def directory(path: str, what: str = "directory") -> Path:
    """An existing directory. Raises a usage error that says what is wrong with it."""
    found = Path(path)
    if not found.exists():
        raise click.UsageError(f"no such {what}: {path}")
    if not found.is_dir():
        raise click.UsageError(f"{path} is a file; give the {what} that holds it")
    return found


def file(path: str | Path, what: str) -> Path:
    """An existing file. Raises a usage error that says what is wrong with it."""
    found = Path(path)
    if not found.exists():
        raise click.UsageError(f"no such {what}: {path}")
    if found.is_dir():
        raise click.UsageError(f"{path} is a directory; give the {what} in it")
    return found
