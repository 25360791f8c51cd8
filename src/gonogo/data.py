"""Where the shipped data lies: `rules/` and `schemas/`, in the wheel or in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def data_directory(name: str) -> Path:
    """The directory `rules` or `schemas`. Raises `FileNotFoundError` in an installation that lost them."""
    for found in (_HERE / "_data" / name, _HERE.parent.parent / name):
        if found.is_dir():
            return found
    raise FileNotFoundError(f"gonogo's {name} directory is missing: the installation is broken, install it again")
