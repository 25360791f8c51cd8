"""The tables of libraries, `rules/application/<language>.yaml`: what each call of a library means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache, cached_property
from typing import Any

from gonogo.sources.application.tables import read_table


class Paths:
    """Symbolic paths and patterns of them (`*` is anything), matched by one automaton of alternatives."""

    def __init__(self, patterns: Iterable[str]) -> None:
        listed = list(patterns)
        self._plain = frozenset(p for p in listed if "*" not in p)
        globs = [translate(p.replace("[", "[[]").replace("?", "[?]")) for p in listed if "*" in p]
        self._globs = re.compile("|".join(globs)) if globs else None

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and (path in self._plain or (self._globs is not None and self._globs.match(path) is not None))


@dataclass(frozen=True)
class Libraries:
    """One language's table; see `schemas/application-calls.v1.json`."""

    data: Mapping[str, Any]
    _paths: dict[str, Paths] = field(default_factory=dict, repr=False)

    @cached_property
    def same(self) -> Mapping[str, str]:
        """What a call gives back -> the path that means the same thing."""
        return {alias: path for path, aliases in self.data.get("same", {}).items() for alias in aliases}

    def origins(self, path: str) -> Sequence[str]:
        """The paths that may be what is called `path` here: each way of getting the object that it begins with."""
        found = [path]
        for section in ("same", "types"):
            for object_path, aliases in self.data.get(section, {}).items():
                if path == object_path.removesuffix("()") or path.startswith(object_path):
                    found.extend(aliases)
        return found

    def known_as(self, package: str) -> str:
        """The name that rules know the packages of one library by; a package that is not listed keeps its own."""
        return next((str(name) for prefix, name in self.data["known_as"].items() if package.startswith(prefix)), package)

    @cached_property
    def types(self) -> Mapping[str, str]:
        """A type -> the path of its objects."""
        return {name: path for path, names in self.data.get("types", {}).items() for name in names}

    @cached_property
    def constants(self) -> Mapping[str, float]:
        found: Mapping[str, float] = self.data.get("constants", {})
        return found

    @cached_property
    def functions(self) -> frozenset[str]:
        """The types of nodes that are functions."""
        return frozenset(self.data["functions"])

    def chained(self, path: str) -> bool:
        """Whether a call gives back the object whose method it is."""
        return self.matches(self.data.get("chained", ()), path)

    @cached_property
    def callbacks(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """A call that is given a function -> what that function is called with."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.data.get("callbacks", ()):
            for call in row["calls"]:
                found.setdefault(call, []).append(row)
        for router in self.data.get("routers", ()):
            for name in (*router.get("verbs", ()), *router.get("use", ())) if router.get("handler") else ():
                row = {"argument": 0, "rest": True, "parameters": router["handler"]}
                found.setdefault(f"{router['object']}.{name}", []).append(row)
        return found

    def rows(self, section: str) -> Sequence[Mapping[str, Any]]:
        """The entries of a section."""
        found: Sequence[Mapping[str, Any]] = self.data.get(section, ())
        return found

    def matches(self, patterns: Sequence[str], path: str) -> bool:
        """Whether a symbolic path is one of `patterns`."""
        key = "\n".join(patterns)
        if key not in self._paths:
            self._paths[key] = Paths(patterns)
        return path in self._paths[key]

    @cached_property
    def words(self) -> re.Pattern[str]:
        """What a file that uses any of these libraries says somewhere: only such a file is worth reading where nobody imports it."""
        return re.compile("|".join(re.escape(word) for word in sorted(self.data["packages"])))


@cache
def load_libraries(language: str) -> Libraries:
    """The table of a language, compiled once. Raises as `read_table`."""
    return Libraries(read_table(f"{language}.yaml"))
