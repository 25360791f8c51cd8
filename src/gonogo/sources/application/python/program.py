"""The modules of an application, and which of their code is reached from its entry points.

A module is reached by an import that is run; a function is reached where reached code names it, or where a decorator registers it.
Names are compared without their owners: more may be taken for reached than is, never less, but through strings and dynamic imports,
after which what is left is unknown.
"""

from __future__ import annotations

import ast
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from gonogo.kinds.application import UNREAD
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Unknown
from gonogo.sources.application.discovery import SOURCE, Application
from gonogo.sources.application.python.entrypoints import EntryPoints
from gonogo.sources.application.python.index import ModuleIndex
from gonogo.sources.application.python.modules import Class, Module, Site, Unit, Unparsable, inner_units, read_module
from gonogo.sources.tree import Tree, Unreadable

Reached: TypeAlias = "bool | Unknown"

MAX_MODULES = 6_000
MAX_TEXT = 80_000_000
MAX_SECONDS = 60.0
MAX_UNREACHED = 400

# Their first argument names a module, or something of one, in a string.
_BY_NAME = frozenset({"run", "include", "import_module", "import_string", "include_router", "Granian", "autodiscover_tasks", "Config", "register_blueprint", "load_module", "setdefault"})
_DYNAMIC = frozenset({"import_module", "__import__", "walk_packages", "iter_modules", "import_string", "find_modules", "load_entry_point", "iter_entry_points", "exec_module"})


class Program:
    """The source of one application, read as far as it is reached, and beyond where a word of `words` stands in it."""

    def __init__(self, tree: Tree, application: Application, index: ModuleIndex, entries: EntryPoints) -> None:
        self.application = application
        self.index = index
        self.entries = entries
        self.modules: dict[str, Module] = {}
        """By path."""
        self.gaps: list[Gap] = []
        self._tree = tree
        self._reached_modules: set[str] = set()
        self._reached: set[Unit] = set()
        self._references: set[str] = set()
        self._waiting: dict[str, list[Unit | Class]] = defaultdict(list)
        self._strings: set[str] = set()
        self._dynamic: list[str] = []
        self._broken: set[str] = set()
        self._started: set[str] = set()
        self._called: set[str] = set()
        self._named: tuple[int, tuple[frozenset[str], frozenset[str]]] = (-1, (frozenset(), frozenset()))
        self._chars = 0
        self._until = time.monotonic() + MAX_SECONDS
        self._full = False
        for entry in entries.found:
            self._start(entry.path, entry.module)
            self.refer(entry.attribute.partition(".")[0])
            module = self.modules.get(entry.path)
            if module is not None and entry.script and module.main is not None:
                self._run([module.main])
            if module is not None and not entry.attribute:
                for name in ("app", "application", "create_app", "make_app"):
                    self.refer(name)

    def _start(self, path: str, name: str) -> None:
        self._started.add(path)
        self.reach(path, name)

    def starts(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The modules that something outside of their source imports, and the names that it calls."""
        for path in sorted(self._started):
            yield path, frozenset(self._called)

    def paths_of(self, dotted: str) -> Iterator[str]:
        """The files of a module and of the packages it lies in, those of the application."""
        parts = dotted.split(".")
        for count in range(1, len(parts) + 1):
            path = self.index.path_of(".".join(parts[:count]))
            if path is not None:
                yield path

    def module(self, dotted: str) -> Module | None:
        """A module that was read, by name."""
        path = self.index.path_of(dotted)
        return self.modules.get(path) if path is not None else None

    def read(self, path: str, name: str = "") -> Module | None:
        """Read a file, once. None where it cannot be read: a gap says so where it is reached."""
        if path in self.modules:
            return self.modules[path]
        if path in self._broken:
            return None
        self._chars += self.index.files.get(path, 0)
        if len(self.modules) >= MAX_MODULES or self._chars > MAX_TEXT or time.monotonic() > self._until:
            if not self._full:
                self._full = True
                reason = f"more source than {MAX_MODULES} modules, {MAX_TEXT} bytes or {MAX_SECONDS:.0f} seconds: the rest was not read"
                self.gaps.append(Gap(self.application.directory, 0, Stage.READ, reason, SOURCE, UNREAD))
            return None
        try:
            module = self.modules[path] = read_module(path, name or self.index.name_of(path), self._tree.text(path))
        except Unreadable as error:
            self._broken.add(path)
            self.gaps.append(Gap(path, 0, Stage.READ, str(error), SOURCE, UNREAD))
        except Unparsable as error:
            self._broken.add(path)
            self.gaps.append(Gap(path, error.line, Stage.PARSE, str(error), SOURCE, UNREAD))
        else:
            return module
        return None

    def reach(self, path: str, name: str = "") -> None:
        """A module is imported: its top level runs, and that of the packages it lies in."""
        if path in self._reached_modules:
            return
        self._reached_modules.add(path)
        module = self.read(path, name)
        if module is not None:
            self._run([module.top])

    def reach_name(self, dotted: str) -> bool:
        """As an import of `dotted` does, of a module or of something of one. Whether it is the application's."""
        found = False
        parts = dotted.split(".")
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            path = self.index.path_of(name)
            if path is not None:
                found = True
                self._start(path, name)
        return found

    def refer(self, name: str) -> None:
        """Something outside of the source calls what has this name."""
        self._called.add(name)
        if name and name not in self._references:
            self._references.add(name)
            self._activate(self._waiting.pop(name, []))

    def _activate(self, waiting: Iterable[Unit | Class]) -> None:
        for one in waiting:
            self._run(list(self._methods(one)) if isinstance(one, Class) else [one])

    def _run(self, units: Sequence[Unit]) -> None:
        stack = list(units)
        while stack:
            unit = stack.pop()
            if unit in self._reached:
                continue
            self._reached.add(unit)
            self._strings |= unit.strings
            for dotted, _ in unit.imports:
                parts = dotted.split(".")
                for count in range(1, len(parts) + 1):
                    name = ".".join(parts[:count])
                    path = self.index.path_of(name)
                    if path is not None and path not in self._reached_modules:
                        self._reached_modules.add(path)
                        module = self.read(path, name)
                        if module is not None:
                            stack.append(module.top)
            for one in unit.units:
                if one.registered or one.name in self._references:
                    stack.append(one)
                else:
                    self._waiting[one.name].append(one)
            for cls in unit.classes:
                if cls.registered or cls.name in self._references:
                    stack.extend(self._methods(cls))
                else:
                    self._waiting[cls.name].append(cls)
            for name in unit.references.keys() - self._references:
                self._references.add(name)
                for waiting in self._waiting.pop(name, []):
                    if isinstance(waiting, Class):
                        stack.extend(self._methods(waiting))
                    else:
                        stack.append(waiting)

    def _methods(self, one: Class) -> Iterator[Unit]:
        """The methods that are run once a class is in use: a base may call any of them."""
        for method in one.methods:
            if one.node.bases or method.name.startswith("__") or method.registered or method.name in self._references:
                yield method
            else:
                self._waiting[method.name].append(method)

    def settle(self) -> None:
        """Follow the modules that calls name in strings, until there are no more."""
        seen: set[Site] = set()
        before = -1
        while before != len(self._reached):
            before = len(self._reached)
            for module in [self.modules[p] for p in sorted(self._reached_modules & self.modules.keys())]:
                for site in module.sites:
                    if site in seen or site.unit not in self._reached:
                        continue
                    seen.add(site)
                    self._by_string(site)

    def _by_string(self, site: Site) -> None:
        function = site.call.func
        last = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
        if last in _BY_NAME or last in _DYNAMIC:
            texts = [a.value for a in site.call.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            named = False
            for text in texts:
                module, _, attribute = text.partition(":")
                if self.index.path_of(module.partition(".")[0]) or "." in module:
                    named = self.reach_name(module) or named
                    self.refer((attribute or module.rpartition(".")[2]).partition("(")[0])
            if last in _DYNAMIC and not texts:
                self._dynamic.append(f"{site.place}: {last} imports modules whose names it computes")

    def read_rest(self, words: Sequence[str]) -> None:
        """Read what nothing reached imports, where one of `words` stands in it: to say that it is there."""
        count = 0
        limit = MAX_UNREACHED if self.entries.found else MAX_MODULES
        problems = len(self.gaps)
        for path in sorted(self.index.files):
            if count >= limit or path in self.modules or path in self._broken or _is_test(path):
                continue
            try:
                text = self._tree.text(path)
            except Unreadable:
                continue
            if any(word in text for word in words):
                count += 1
                self.read(path)
        if self.entries.found:
            # What nobody imports leaves nothing incomplete where it does not parse.
            del self.gaps[problems:]

    def reached(self, unit: Unit) -> Reached:
        """Whether a unit is run; unknown where something may run it that is not told."""
        if unit in self._reached:
            return True
        if self.entries.unknown:
            return Unknown.because(*self.entries.unknown)
        if unit.module.path not in self._reached_modules:
            if self._dynamic:
                return Unknown.because(*self._dynamic)
            if unit.module.name in self._told()[1]:
                return Unknown.because(f"{unit.module.path}: nothing imports it, and a string names it")
        elif {unit.name, unit.owner.name if unit.owner is not None else ""} & self._told()[0]:
            return Unknown.because(f"{unit.module.path}: nothing calls {unit.name}, and a string names it")
        return False

    def _told(self) -> tuple[frozenset[str], frozenset[str]]:
        """The last words, and everything that they lie in, of the dotted names among the strings of what is reached."""
        if self._named[0] != len(self._strings):
            parts = [re.split(r"[.:]", text) for text in self._strings if re.fullmatch(r"[\w.:]+", text)]
            within = {".".join(words[:count]) for words in parts for count in range(1, len(words) + 1)}
            self._named = (len(self._strings), (frozenset(words[-1] for words in parts), frozenset(within)))
        return self._named[1]

    def sites(self) -> Iterator[Site]:
        """Every call of every module that was read."""
        for path in sorted(self.modules):
            yield from self.modules[path].sites

    def units(self) -> Iterator[Unit]:
        """Every unit of every module that was read."""
        for path in sorted(self.modules):
            module = self.modules[path]
            stack = [module.top, *([module.main] if module.main is not None else [])]
            while stack:
                unit = stack.pop()
                yield unit
                stack.extend(inner_units(unit))


def _is_test(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "setup.py", "noxfile.py", "tasks.py") or "/tests/" in f"/{path}"
