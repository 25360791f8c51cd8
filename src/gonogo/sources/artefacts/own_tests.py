"""Whether a report is one of the tests of this repository: by the names of its files, else by the titles in them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property

from gonogo.sources.artefacts.junit import Case
from gonogo.sources.artefacts.table import Table
from gonogo.sources.tree import Tree, Unreadable

# Languages whose reports name the file or the class of a test, and how one begins in them.
_TESTS: Mapping[str, re.Pattern[str]] = {
    "py": re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+test", re.M),
    "java": re.compile(r"@(?:Parameterized)?Test\b"),
    "kt": re.compile(r"@(?:Parameterized)?Test\b"),
}
MAX_TEXT = 4 * 1024 * 1024
MAX_CASES = 20
MAX_FILES = 2_000
MAX_WORDS = 6
MAX_NAME = 500
_LEAST = 3
"""A shorter title stands in any file."""


class OwnTests:
    """The files of the repository that hold tests, by their names."""

    def __init__(self, tree: Tree, table: Table) -> None:
        self._tree = tree
        self.files: tuple[str, ...] = tuple(
            path
            for path in sorted(tree.files)
            if any(fnmatchcase(path.rpartition("/")[2], glob) for glob in table.sources["tests"]) and not table.skipped.intersection(path.split("/")[:-1])
        )

    def among(self, cases: Sequence[Case]) -> frozenset[str]:
        """The files that the cases name."""
        return frozenset(path for case in cases for stem in _parts(case.name.partition("::")[0]) for path in self._stems.get(stem, ()))

    def left_out(self, named: frozenset[str]) -> tuple[str, ...]:
        """The files beside those that are named, of a language whose reports name them, in which a test stands."""
        tops = {(path.partition("/")[0] if "/" in path else "", path.rpartition(".")[2]) for path in named}
        return tuple(
            path
            for path in self.files
            if path not in named
            and (path.partition("/")[0] if "/" in path else "", suffix := path.rpartition(".")[2]) in tops
            and suffix in _TESTS
            and self._holds(path, _TESTS[suffix])
        )

    def unlisted(self, named: frozenset[str], cases: Sequence[Case]) -> tuple[str, ...]:
        """The tests of the files written in Python that are named, which are not among the cases."""
        listed = {re.split(r"[\[(]", case.name[:MAX_NAME], maxsplit=1)[0].rpartition(":")[2] for case in cases}
        paths = [path for path in sorted(named) if path.endswith(".py")][:MAX_FILES]
        return tuple(f"{path}::{name}" for path in paths for name in self._python(path) if name not in listed)

    def _python(self, path: str) -> Iterator[str]:
        """The tests at the top of a module and in its classes; a fixture may be called like one."""
        try:
            tree = ast.parse(self._tree.text(path)) if self._tree.files[path].size <= MAX_TEXT else ast.Module([], [])
        except (Unreadable, SyntaxError, ValueError, RecursionError, MemoryError):
            return
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and "Test" in node.name]
        for body in (tree.body, *(node.body for node in classes)):
            for node in body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test") and not _is_fixture(node):
                    yield node.name

    def _holds(self, path: str, pattern: re.Pattern[str]) -> bool:
        try:
            return pattern.search(self._tree.text(path)) is not None
        except Unreadable:
            return True

    def titled(self, cases: Sequence[Case]) -> bool:
        """Whether most of the titles stand in the files."""
        sample = cases[:: max(1, len(cases) // MAX_CASES)][:MAX_CASES]
        found = sum(1 for case in sample if self._titled(case.name.partition("::")[2]))
        return found > 0 and found * 2 >= len(sample)

    @cached_property
    def _stems(self) -> Mapping[str, tuple[str, ...]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.files:
            found[path.rpartition("/")[2].rpartition(".")[0]].append(path)
        return {stem: tuple(paths) for stem, paths in found.items()}

    @cached_property
    def _text(self) -> str:
        texts, left = [], MAX_TEXT
        for path in self.files:
            if self._tree.files[path].size <= left:
                try:
                    texts.append(self._tree.text(path))
                except Unreadable:
                    continue  # what cannot be read holds no title
                left -= len(texts[-1])
        return "\n".join(texts)

    def _titled(self, name: str) -> bool:
        """Whether a name is a function's, or ends in a title: reporters put the titles of the groups before it."""
        bare = re.split(r"[\[(/]", name[:MAX_NAME], maxsplit=1)[0].strip()
        if len(bare) >= _LEAST and f" {bare}(" in self._text:
            return True
        return any(f"{quote}{title}" in self._text for title in _endings(name[:MAX_NAME].strip()) for quote in "\"'`")


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)


def _parts(where: str) -> Iterator[str]:
    """What of a module, a path or a class may be the name of a file: `a/b.test.ts` is `b.test`, `com.x.ATest` is `ATest`."""
    last = where.replace("\\", "/").rpartition("/")[2][:MAX_NAME]
    yield last.rpartition(".")[0]
    yield from last.split(".")


def _endings(title: str) -> Iterable[str]:
    words = title.split(" ")
    kept = (" ".join(words[at:]) for at in range(min(len(words), MAX_WORDS)))
    return [ending for ending in kept if len(ending) >= _LEAST]
