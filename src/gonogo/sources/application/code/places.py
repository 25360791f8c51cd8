"""Where a file of an image may lie in the tree it is built of."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence


def in_tree(file: str, workdir: str, directories: Sequence[str]) -> Iterator[str]:
    """Where a path of an image may lie in the tree: below one of `directories`, by as much of it as can be kept."""
    whole = posixpath.normpath(posixpath.join(workdir or "/", file)).strip("/")
    relative = posixpath.normpath(file).lstrip("/") if not file.startswith("/") else ""
    parts = whole.split("/") if whole else []
    # The path as it is written, then what remains of it in the image when leading directories are taken away.
    tails = [relative] if relative and not relative.startswith("..") else []
    tails += ["/".join(parts[n:]) for n in range(len(parts))]
    for tail in dict.fromkeys(tails):
        for directory in directories:
            yield posixpath.join(directory, tail)
