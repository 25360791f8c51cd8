"""Writes what was made: all of it or nothing, and over nothing that is there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gonogo.schedule.errors import ScheduleError


@dataclass(frozen=True, slots=True)
class File:
    """A text and its place, relative to the output directory, with `/`."""

    path: str
    text: str


def write_files(output: Path, files: Sequence[File], *, force: bool) -> None:
    """Raises `ScheduleError` where a file is there (without `force`), a place leads out of `output`, or nothing can be written."""
    root = output.resolve()
    taken = []
    for file in files:
        place = output / file.path
        if place.is_symlink() or not place.resolve().is_relative_to(root):
            raise ScheduleError(f"{place} leads elsewhere through a symbolic link: nothing is written through it; name another --output")
        if place.is_dir():
            raise ScheduleError(f"{place} is a directory: name another --output")
        if place.exists():
            taken.append(str(place))
    if taken and not force:
        raise ScheduleError(f"nothing was written, as there is already {', '.join(taken)}: add --force to replace what is there")
    try:
        for file in files:
            _write(output / file.path, file.text)
    except OSError as error:
        raise ScheduleError(f"cannot write {error.filename or output}: {error.strerror}") from error


def _write(place: Path, text: str) -> None:
    """Replaces the file as a whole: nobody sees half of it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".gonogo-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        os.chmod(name, 0o644)
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
