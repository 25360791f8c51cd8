"""The directory a Dockerfile is most likely built in, where nothing in the repository says so: where its COPY sources are."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from itertools import islice

from gonogo.sources.tree import Tree

MAX_SOURCES = 100

_ABOUT_DOCKER = re.compile(r"(?i)dockerfile|containerfile|\.dockerignore|compose|entrypoint|\.sh\Z|readme|makefile")


def likely_context(tree: Tree, path: str, sources: Iterable[str]) -> str:
    """The nearest directory, from the Dockerfile's own up to the root, that holds most of what the file copies."""
    own = path.rpartition("/")[0]
    wanted = [s.strip("/") for s in islice(sources, MAX_SOURCES) if s and "$" not in s and not re.match(r"[a-z+]+://|git@", s)]
    whole = [s for s in wanted if posixpath.normpath(s or ".") == "."]
    if whole and own and not _holds_more_than_docker(tree, own):
        return own.rpartition("/")[0]
    wanted = [s for s in wanted if s not in whole]
    best, most = own, _count(tree, own, wanted)
    directory = own
    while directory and most < len(wanted):
        directory = directory.rpartition("/")[0]
        held = _count(tree, directory, wanted)
        if held > most:
            best, most = directory, held
    return best


def _count(tree: Tree, directory: str, wanted: Iterable[str]) -> int:
    start = f"{directory}/" if directory else ""
    return sum(_exists(tree, posixpath.normpath(start + source)) for source in wanted)


def _exists(tree: Tree, path: str) -> bool:
    if any(c in path for c in "*?["):
        path = re.split(r"[*?\[]", path)[0].rpartition("/")[0]
    return path in tree.files or (bool(path) and tree.is_dir(path))


def _holds_more_than_docker(tree: Tree, directory: str) -> bool:
    start = f"{directory}/" if directory else ""
    return any(name.startswith(start) and not _ABOUT_DOCKER.search(name.rpartition("/")[2]) for name in tree.files)
