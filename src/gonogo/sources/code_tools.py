"""The tools that check code, from the table in rules/tools/code.yaml: how each is configured, and what runs it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.value import OpenList, Unknown, Value

MAX_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Neutral:
    """Settings under which a tool checks nothing: all of `when` hold, and all of `members` for one member of the list `at`; or a `text` is in its file.
    `without_sources`: only where there is no file that the tool is for."""

    because: str
    when: Mapping[str, object]
    text: str = ""
    at: str = ""
    members: Mapping[str, object] = field(default_factory=dict)
    without_sources: bool = False


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A setting that leaves files out: by globs, or by regular expressions of Python on the path, `rooted` with a slash before it."""

    at: str
    syntax: str
    rooted: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """One role of one tool. `sections` are (file, dotted path); `sources` the names of the files that it is for."""

    tool: str
    role: str
    files: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]
    required: bool
    applies_to: tuple[str, ...]
    hooks: frozenset[str]
    replaces: tuple[str, ...]
    neutral: tuple[Neutral, ...]
    sources: tuple[str, ...]
    excludes: tuple[Exclusion, ...]
    ignore_files: tuple[str, ...]

    @property
    def check(self) -> tuple[str, str]:
        """Its role and its name."""
        return self.role, self.tool


@dataclass(frozen=True, slots=True)
class Checks:
    """What a step checks: the (role, tool) that it runs for certain, and (role, why) of what else it may."""

    sure: frozenset[tuple[str, str]] = frozenset()
    maybe: frozenset[tuple[str, str]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.sure or self.maybe)

    def also(self, other: Checks) -> Checks:
        return Checks(self.sure | other.sure, self.maybe | other.maybe) if other else self

    def of(self, role: str) -> Value:
        """The tools of a role, by name; an open list where there may be more."""
        tools = sorted(tool for held, tool in self.sure if held == role)
        reasons = [why for held, why in self.maybe if held == role]
        return OpenList(tools, Unknown.because(*reasons)) if reasons else tools


NONE = Checks()
ROLES = {"lint": "lint", "format": "format", "type-check": "typeCheck", "test": "test"}
"""The roles, and how the attributes of a step call them."""


class CodeTools:
    """The table, compiled."""

    def __init__(self) -> None:
        document: Any = read_yaml("code.yaml", (data_directory("rules") / "tools" / "code.yaml").read_text("utf-8")).documents[0].value
        self.tools = tuple(_tool(row) for row in document["tools"])
        self._commands: dict[str, list[tuple[tuple[str, str], Mapping[str, Any]]]] = {}
        self._actions: list[tuple[tuple[str, str], Mapping[str, Any]]] = []
        for tool, row in zip(self.tools, document["tools"], strict=True):
            for command in row["commands"]:
                for program in command["program"]:
                    self._commands.setdefault(program, []).append((tool.check, command))
            self._actions.extend((tool.check, action) for action in row.get("actions") or ())
        self._runners: Sequence[Mapping[str, Any]] = document["runners"]
        self._hints: Mapping[str, frozenset[str]] = {role: frozenset(words) for role, words in document["hints"].items()}

    def command(self, program: str, line: str, words: Sequence[str]) -> Checks:
        """What a command checks; `words` are its arguments that are no options."""
        line = line[:MAX_LINE]
        sure, maybe = set(), set()
        for check, row in self._commands.get(program, ()):
            begin = row.get("words")
            if begin and list(words[: len(begin)]) != list(begin):
                continue
            if not re.search(row.get("needs", ""), line) or ("without" in row and re.search(row["without"], line)):
                continue
            if "maybe" in row:
                maybe.add((check[0], row["maybe"]))
            else:
                sure.add(check)
        for row in self._runners:
            if program in row["program"] and re.search(row.get("needs", ""), line):
                maybe.update((role, row["because"]) for role in row["roles"])
        return Checks(frozenset(sure), frozenset(maybe))

    def action(self, name: str, inputs: Mapping[str, tuple[str, bool]]) -> Checks | None:
        """What an action checks with these inputs (text, whether it is known); None where the table does not know it."""
        found: Checks | None = None
        for check, row in self._actions:
            if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in row["uses"]):
                found = (found or NONE).also(_applies(check, row, inputs))
        return found

    def hinted(self, words: frozenset[str], reason: str) -> Checks:
        """What something that is not here to be read may check, going by the words of its name."""
        return Checks(maybe=frozenset((role, reason) for role, hints in self._hints.items() if words & hints))

    def hooks(self, hook: str) -> Checks:
        """What a hook of pre-commit checks, by its id."""
        return Checks(frozenset(tool.check for tool in self.tools if hook in tool.hooks))


@cache
def code_tools() -> CodeTools:
    """The table that comes with gonogo: read once, and never written to."""
    return CodeTools()


def _applies(check: tuple[str, str], row: Mapping[str, Any], inputs: Mapping[str, tuple[str, bool]]) -> Checks:
    for wanted, rows in ((True, row.get("with") or {}), (False, row.get("without") or {})):
        for name, pattern in rows.items():
            text, known = inputs.get(name, ("", True))
            if not known:
                return Checks(maybe=frozenset({(check[0], f"the input {name} is not known")}))
            if (re.search(pattern, text[:MAX_LINE]) is not None) is not wanted:
                return NONE
    return Checks(frozenset({check}))


def _tool(row: Mapping[str, Any]) -> Tool:
    return Tool(
        row["tool"],
        row["role"],
        tuple(row["files"]),
        tuple((section["file"], section["path"]) for section in row["sections"]),
        row.get("required", True),
        tuple(row.get("applies_to") or ()),
        frozenset(row.get("hooks") or ()),
        tuple(row.get("replaces") or ()),
        tuple(_neutral(entry) for entry in row.get("neutral") or ()),
        tuple(row.get("sources") or ()),
        tuple(Exclusion(entry["at"], entry.get("syntax", "glob"), entry.get("rooted", False)) for entry in row.get("excludes") or ()),
        tuple(row.get("ignore_files") or ()),
    )


def _neutral(entry: Mapping[str, Any]) -> Neutral:
    member = entry.get("member") or {}
    return Neutral(entry["because"], entry.get("when") or {}, entry.get("text", ""), member.get("of", ""), member.get("when") or {}, entry.get("without_sources", False))
