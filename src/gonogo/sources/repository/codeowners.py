"""Who owns a file: CODEOWNERS of GitHub, and GitLab's with sections.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from gonogo.lang.regex import Pattern, TooCostly

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
MAX_BYTES = 3 * 1024 * 1024
"""GitHub loads no larger one."""
MAX_LINES = 20_000
_SECTION = re.compile(r"\^?\[[^\]]+\](?:\[\d+\])?(?P<owners>(?:\s.*)?)")
_BLANK = "\ue000"
"""Stands for a blank in a path, so that a line splits at the others: nobody's file has one."""
_BACKTRACKS = 2
"""Wildcards up to which Python's `re` cannot take long on a path."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern as its regular expression; the library's, anchored as it says."""

    expression: re.Pattern[str]
    wildcards: int
    owners: tuple[str, ...]

    def matches(self, path: str) -> bool:
        path = path.replace(" ", _BLANK)
        if self.wildcards <= _BACKTRACKS:
            return self.expression.search(path) is not None
        try:
            return Pattern(self.expression.pattern.replace(r"\A", "^").replace(r"\Z", "$")).search(path)
        except (TooCostly, ValueError):
            return False


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The owners that a repository names. `problem` says why it names none although it has a file, else it is empty."""

    sections: tuple[tuple[_Rule, ...], ...] = ()
    problem: str = ""
    _found: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, files: Collection[str]) -> tuple[str, ...]:
        """The owners of any of `files`, in order: of each section the last line that matches decides, also where it names nobody."""
        return tuple(sorted({owner for file in files for owner in self._of(file)}))

    def _of(self, file: str) -> tuple[str, ...]:
        if file not in self._found:
            last = (next((rule for rule in reversed(section) if rule.matches(file)), None) for section in self.sections)
            self._found[file] = tuple(owner for rule in last if rule is not None for owner in rule.owners)
        return self._found[file]


def read_code_owners(root: Path) -> CodeOwners:
    """What the first of `PLACES` below `root` says; nothing is read through a link that leads out of it."""
    for place in PLACES:
        path = root / place
        try:
            if not path.is_file():
                continue
            if not path.resolve().is_relative_to(root.resolve()):
                return CodeOwners(problem=f"{place} is a link that leads out of the repository")
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            return CodeOwners(problem=f"{place} cannot be read: {error.strerror}")
        lines = content.decode("utf-8-sig", "replace").splitlines()
        if len(content) > MAX_BYTES or len(lines) > MAX_LINES:
            return CodeOwners(problem=f"{place} is too large to be read")
        return CodeOwners(tuple(_sections(lines)))
    return CodeOwners()


def _sections(lines: list[str]) -> Iterator[tuple[_Rule, ...]]:
    number, default = 0, ""
    rows: list[tuple[int, str]] = []
    for line in (line.strip() for line in lines):
        section = _SECTION.fullmatch(line)
        if section is not None:
            number, default = number + 1, section["owners"]
        elif line and not line.startswith("#"):
            written = re.split(r"\s#", line.replace("\\ ", _BLANK), maxsplit=1)[0]
            pattern, *owners = written.split()
            rows.append((number, written if owners else f"{pattern} {default}"))
    for _, section_rows in groupby(rows, key=lambda row: row[0]):
        yield tuple(rule for _, row in section_rows for rule in _rules(row))


def _rules(row: str) -> Iterator[_Rule]:
    """The rule of a line, by itself: a line that is not valid is skipped, as GitHub does, and not the file."""
    from codeowners import CodeOwners as Lines

    if row.startswith(("!", "\\#")) or "[" in row.split()[0] or "]" in row.split()[0]:
        return  # no negation, no escaped comment, no character class
    try:
        found = Lines(row).paths
    except (ValueError, re.error, OverflowError, RecursionError):
        return
    for expression, pattern, owners, _, _ in found:
        yield _Rule(expression, pattern.count("*") + pattern.count("?"), tuple(name for _, name in owners))
