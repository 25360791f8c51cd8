"""Of what type a test is, by the table in rules/tools/test-types.yaml."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

if TYPE_CHECKING:
    from gonogo.sources.suites.items import Test


@dataclass(frozen=True, slots=True)
class Types:
    """The table. `of` answers `unit`, `integration`, `e2e`, or `` where nothing says so."""

    table: Mapping[str, Mapping[str, tuple[str, ...]]]

    def of(self, test: Test) -> str:
        """A mark says it of the test itself, the file's name of the file, a directory of all below it, the nearest first."""
        marks = {word(m) for m in test.marks}
        name = posixpath.basename(test.file).lower()
        found = self._one("marks", marks) or (self._one("build_tags", marks) if test.file.endswith(".go") else "") or next((t for t, row in self.table.items() if any(fnmatchcase(name, p) for p in row["files"])), "")
        if found:
            return found
        for part in reversed(test.file.split("/")[:-1]):
            if found := self._one("directories", {word(part)}):
                return found
        return ""

    def _one(self, field: str, words: set[str]) -> str:
        """The type that these words name; none where they name several."""
        named = [t for t, row in self.table.items() if words.intersection(row[field])]
        return named[0] if len(named) == 1 else ""

    def named(self, one: str) -> list[str]:
        """The types that a word names as a directory, a mark or a build tag; also with `test` before or behind it."""
        return [t for t, row in self.table.items() if any(one in row[field] for field in ("directories", "marks", "build_tags"))]


def word(text: str) -> str:
    """A word as the table compares it."""
    return re.sub(r"[-. ]", "_", text.lower())


@cache
def load_types() -> Types:
    """The shipped table, read once."""
    document: Any = read_yaml("test-types.yaml", (data_directory("rules") / "tools" / "test-types.yaml").read_text("utf-8")).documents[0].value
    return Types({name: {field: tuple(words) for field, words in row.items()} for name, row in document["types"].items()})
