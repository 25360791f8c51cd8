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


def unlinked(root: Path, name: str) -> Path:
    """`name` below `root`, to write to. Raises a usage error where it leads out of it, or through a symbolic link of the repository."""
    path = root
    for part in Path(name).parts:
        path = path / part
        if part == ".." or path.is_symlink():
            raise click.UsageError(f"{path} {'leaves the repository' if part == '..' else 'is a symbolic link'}: nothing is written there")
    if Path(name).is_absolute():
        raise click.UsageError(f"{name} is no path below {root}")
    return path
