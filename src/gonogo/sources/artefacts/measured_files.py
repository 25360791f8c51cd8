"""Which files of the repository a coverage report leaves out: a rate is one of what was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
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
    seen = _seen(sources, files)
    aside, at_the_top = frozenset(words["not_at_the_top"]), any("/" not in path for path in seen)
    wanted = (path for path in sources if path not in seen and (_top(path) not in aside if _top(path) else at_the_top))
    return seen, tuple(path for path in wanted if tree.files[path].size)


def _sources(tree: Tree, words: Mapping[str, Any]) -> Iterator[str]:
    aside = frozenset(words["not_below"])
    for path in sorted(tree.files):
        file = tree.files[path]
        if not aside.intersection(path.split("/")[:-1]) and not any(fnmatchcase(file.name, glob) for glob in words["not"]):
            yield path


def _seen(sources: Collection[str], measured: Iterable[str]) -> frozenset[str]:
    """The sources that are measured, by a path from any directory above or below the root (`/ci/src/app/x.py`, `app/x.py`, `example.org/m/app/x.go`).

    The longest that fits is meant: `/ci/app/main.py` is `app/main.py`, not `main.py`. A path from below the root fits where only one does.
    """
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources:
        by_name[path.rpartition("/")[2]].append(path)
    known = frozenset(sources)
    found = set()
    for name in measured:
        same, parts = by_name.get(name.rpartition("/")[2], []), name.split("/")[-MAX_DEPTH:]
        below = next((path for at in range(len(parts)) if (path := "/".join(parts[at:])) in known), None)
        if below is not None:
            found.add(below)
        elif len(same) <= MAX_SAME:
            above = [path for path in same if f"/{path}".endswith(f"/{name.removeprefix('./')}")]
            found.update(above if len(above) == 1 else ())
    return frozenset(found)


def _top(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""
