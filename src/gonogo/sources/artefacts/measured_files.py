"""Which files of the repository a coverage report leaves out: a rate is one of what was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from gonogo.sources.tree import Tree

MAX_DEPTH = 40
MAX_SAME = 500
"""How many files of one name are looked through; of more the whole path has to be told."""


def compare(tree: Tree, measured: Iterable[str], words: Mapping[str, Any]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The files of the repository that a report names, and those of the same languages that it does not. The first is empty where the report is
    another repository's. What only builds, and single files at the top where none of them is measured, is no part of the application.
    """
    files = tuple(measured)
    suffixes = tuple(suffix for group in words["suffixes"] if any(file.endswith(tuple(group)) for file in files) for suffix in group)
    sources = [path for path in _sources(tree, words) if path.endswith(suffixes)] if suffixes else []
    paths = _Paths(sources)
    seen = frozenset(path for name in files for path in paths.meant(name))
    aside, at_the_top = frozenset(words["not_at_the_top"]), any("/" not in path for path in seen)
    wanted = (path for path in sources if path not in seen and (_top(path) not in aside if _top(path) else at_the_top))
    return seen, tuple(path for path in wanted if tree.files[path].size)


def of_tests(tree: Tree, measured: Iterable[str], words: Mapping[str, Any]) -> frozenset[str]:
    """The measured files that are tests themselves: running them covers them, and says nothing of the application."""
    below, paths = frozenset(words["tests_below"]), _Paths(tree.files)
    return frozenset(name for name in measured if any(_is_test(path, below, words["tests"]) for path in paths.meant(name) or (name.rpartition("/")[2],)))


def _is_test(path: str, below: frozenset[str], globs: Sequence[str]) -> bool:
    *directories, name = path.split("/")
    return bool(below.intersection(directories)) or name == "conftest.py" or any(fnmatchcase(name, glob) for glob in globs)


def _sources(tree: Tree, words: Mapping[str, Any]) -> Iterator[str]:
    aside = frozenset(words["not_below"])
    for path in sorted(tree.files):
        file = tree.files[path]
        if not aside.intersection(path.split("/")[:-1]) and not any(fnmatchcase(file.name, glob) for glob in words["not"]):
            yield path


class _Paths:
    """Files of the repository by what a report calls them: a path from any directory above or below the root
    (`/ci/src/app/x.py`, `app/x.py`, `example.org/m/app/x.go`).
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._known = frozenset(paths)
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for path in sorted(self._known):
            self._by_name[path.rpartition("/")[2]].append(path)

    def meant(self, name: str) -> tuple[str, ...]:
        """The longest that fits is meant: `/ci/app/main.py` is `app/main.py`, not `main.py`. A path from below the root fits where only one does."""
        parts = name.split("/")[-MAX_DEPTH:]
        below = next((path for at in range(len(parts)) if (path := "/".join(parts[at:])) in self._known), None)
        if below is not None:
            return (below,)
        same = self._by_name.get(parts[-1], [])
        above = [path for path in same if f"/{path}".endswith(f"/{name.removeprefix('./')}")] if len(same) <= MAX_SAME else []
        return tuple(above) if len(above) == 1 else ()


def _top(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""
