"""The tests of a Python file as pytest collects them: functions, classes, unittest's test cases, what is inherited and what is imported."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

from gonogo.sources.suites.items import State, Test, worst
from gonogo.sources.suites.pytest_config import PytestConfig
from gonogo.sources.suites.python_marks import NOTHING, Marking, Marks, dotted
from gonogo.sources.suites.python_names import Function, Member, Scope, parse_source, scope_of
from gonogo.sources.tree import Tree, Unreadable

MAX_DEPTH = 12
# Bases from libraries that are no test cases and bring no constructor.
_PLAIN = frozenset({"object", "abc.ABC", "ABC", "typing.Generic", "Generic", "typing.Protocol"})


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file."""

    path: str
    scope: Scope
    marks: Marks


@dataclass(frozen=True, slots=True)
class Class:
    """A class, the module whose names it uses, and what is known of it."""

    module: Module
    node: ast.ClassDef
    scope: Scope


@dataclass(slots=True)
class Modules:
    """The Python files of a tree, each parsed once. `failed` are those that could not be: path to (line, why)."""

    tree: Tree
    roots: Sequence[str] = ("",)
    failed: dict[str, tuple[int, str]] = field(default_factory=dict)
    _parsed: dict[str, Module] = field(default_factory=dict)

    def module(self, path: str) -> Module | None:
        """The module of a file; None where it cannot be read."""
        if path not in self._parsed and path not in self.failed:
            try:
                scope = scope_of(parse_source(self.tree.text(path)).body)
            except (Unreadable, ValueError) as error:
                self.failed[path] = (getattr(error, "lineno", 0), str(error))
            else:
                self._parsed[path] = Module(path, scope, Marks(scope.full, scope.values()))
        return self._parsed.get(path)

    def imported(self, importer: str, name: str) -> str | None:
        """The file of the module that a file imports; None where it is not of this tree."""
        dots = len(name) - len(name.lstrip("."))
        parts = name.lstrip(".").split(".") if name.lstrip(".") else []
        here = posixpath.dirname(importer)
        if dots:
            for _ in range(dots - 1):
                here = posixpath.dirname(here)
            starts = [here]
        else:
            starts = [package_root(self.tree, importer), here, *self.roots, *(posixpath.join(root, "src") for root in self.roots)]
        for start in starts:
            base = posixpath.join(start, *parts) if parts else start
            for path in (f"{base}.py", posixpath.join(base, "__init__.py")):
                if path in self.tree.files:
                    return path
        return None


def package_root(tree: Tree, path: str) -> str:
    """The directory that pytest puts on the import path for a file: the first one upwards that is no package."""
    directory = posixpath.dirname(path)
    while directory and posixpath.join(directory, "__init__.py") in tree.files:
        directory = posixpath.dirname(directory)
    return directory


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects the tests of files under one configuration. Without `functions` only unittest's test cases, as its own discovery does."""

    modules: Modules
    config: PytestConfig
    functions: bool = True

    def collect(self, path: str) -> tuple[list[Test], bool]:
        """The tests of a file, and whether those are all. Nothing of a file that cannot be read: that is in `modules.failed`."""
        module = self.modules.module(path)
        if module is None:
            return [], False
        scope = module.scope
        if _constant(scope.members.get("__test__")) is False:
            return [], True
        pytestmark = scope.members.get("pytestmark")
        marking = module.marks.listed(pytestmark if isinstance(pytestmark, ast.expr) else None)
        found = list(self._members(path, module, (), scope, marking, dict(self._names(module, set())), 0))
        found = [_under(test, scope.state) for test in found]
        complete = not scope.open and not any(self.modules.imported(path, s) is None and s.startswith(".") for s in scope.stars)
        return found, complete

    def _names(self, module: Module, seen: set[str]) -> Iterator[tuple[str, tuple[Module, Member]]]:
        """What a module holds of functions and classes: its own, and those that it imports from this tree."""
        if module.path in seen or len(seen) > MAX_DEPTH:
            return
        seen.add(module.path)
        for star in module.scope.stars:
            other = self._other(module, star)
            if other is not None:
                yield from ((n, m) for n, m in self._names(other, seen) if not n.startswith("_"))
        for name in module.scope.imports:
            held = self.resolve(module, name)
            if held is not None:
                yield name, held
        for name, member in module.scope.members.items():
            yield name, (module, member)

    def _other(self, module: Module, name: str) -> Module | None:
        path = self.modules.imported(module.path, name)
        return self.modules.module(path) if path is not None else None

    def resolve(self, module: Module, name: str, depth: int = 0) -> tuple[Module, Member] | None:
        """What a name of a module stands for, followed through imports within the tree."""
        if depth > MAX_DEPTH:
            return None
        first, dot, rest = name.partition(".")
        if not dot and first in module.scope.members:
            return module, module.scope.members[first]
        held = module.scope.imports.get(first)
        if held is not None:
            source, inner = held
            other = self._other(module, source)
            if other is not None and inner and inner in {*other.scope.members, *other.scope.imports}:
                return self.resolve(other, inner if not dot else f"{inner}.{rest}", depth + 1)
            joined = f"{source}{'' if source.endswith('.') else '.'}{inner}" if inner else source
            submodule = self._other(module, joined)
            return self.resolve(submodule, rest, depth + 1) if submodule is not None and rest else None
        for star in module.scope.stars if not dot else ():
            other = self._other(module, star)
            found = self.resolve(other, name, depth + 1) if other is not None else None
            if found is not None:
                return found
        return None

    def _members(
        self, path: str, module: Module, names: tuple[str, ...], scope: Scope, outer: Marking, held: dict[str, tuple[Module, Member]], depth: int
    ) -> Iterator[Test]:
        for name, (home, member) in held.items():
            state = State.MAYBE if name in scope.unsure or (home.path != module.path and name in home.scope.unsure) else State.RUNS
            if isinstance(member, ast.ClassDef):
                yield from (_under(t, state) for t in self._class(path, home, names, member, name, outer, depth))
            elif self.functions and self._is_function(name):
                yield from (_under(t, state) for t in self._function(path, home, (*names, name), member, outer, is_method=bool(names)))

    def _function(self, path: str, home: Module, names: tuple[str, ...], member: Member, outer: Marking, *, is_method: bool) -> Iterator[Test]:
        if isinstance(member, ast.expr):
            if isinstance(member, ast.Lambda):
                yield _test(path, names, member, outer)
            elif isinstance(member, ast.Call | ast.Name | ast.Attribute):
                # Whatever it is, it may be called.
                yield _test(path, names, member, outer.also(Marking(State.MAYBE)))
            return
        if not isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        marking = outer.also(home.marks.decorators(member.decorator_list))
        if not marking.collected:
            return
        if isinstance(member, ast.FunctionDef) and _yields(member):
            marking = marking.also(Marking(State.MAYBE))  # pytest no longer runs generators
        yield _test(path, names, member, marking, _arguments(member, is_method))

    def _class(self, path: str, home: Module, outer_names: tuple[str, ...], node: ast.ClassDef, name: str, outer: Marking, depth: int) -> Iterator[Test]:
        if depth > MAX_DEPTH:
            return
        line = list(self._linear(home, node, 0, set()))
        classes = [c for c in line if isinstance(c, Class)]
        bases = [c for c in line if isinstance(c, str)]
        case = any(base.rpartition(".")[2].endswith("TestCase") for base in bases)
        if not case and (not self.functions or not self._matches(name, self.config.python_classes)):
            return
        held: dict[str, tuple[Module, Member]] = {}
        state, is_open = State.RUNS, False
        for part in classes:
            is_open = is_open or part.scope.open
            # What a class assigns its methods' decorators may use.
            values = {**part.module.scope.values(), **part.scope.values()}
            inside = Module(part.module.path, part.module.scope, Marks(part.module.scope.full, values))
            for member_name, member in part.scope.members.items():
                held.setdefault(member_name, (inside, member))
        if _constant(held.get("__test__", (home, None))[1]) is False:
            return
        if any(base not in _PLAIN and not base.rpartition(".")[2].endswith("TestCase") for base in bases) and not case:
            state = State.MAYBE  # whether it is constructed with arguments is not known, and such a class is not collected
        marking = outer
        for part in classes:
            own = part.scope.members.get("pytestmark")
            marking = marking.also(part.module.marks.decorators(_inherited(part.node, node))).also(
                part.module.marks.listed(own if isinstance(own, ast.expr) else None)
            )
        scope = Scope(unsure={n for part in classes for n in part.scope.unsure})
        names = (*outer_names, name)
        if case:
            found = list(self._cases(path, names, held, marking, scope))
        else:
            if "__init__" in held or "__new__" in held or any(dotted(d.func if isinstance(d, ast.Call) else d).endswith("dataclass") for d in node.decorator_list):
                return
            if self._abstract(held):
                return
            found = list(self._members(path, home, names, scope, marking, held, depth + 1))
        for test in found:
            yield _under(test, state, exact=not is_open)

    def _cases(self, path: str, names: tuple[str, ...], held: dict[str, tuple[Module, Member]], outer: Marking, scope: Scope) -> Iterator[Test]:
        """unittest's own loader: methods that begin with `test`; pytest's parameters do not apply to them."""
        found = False
        for name, (home, member) in held.items():
            if name.startswith("test") and isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                own = home.marks.decorators(member.decorator_list)
                if own.collected:
                    found = True
                    parametrized = "parametrize" in own.names or "parametrize" in outer.names
                    marking = _single(outer).also(_single(own) if parametrized else own)
                    yield _under(_test(path, (*names, name), member, marking), State.MAYBE if name in scope.unsure else State.RUNS)
            elif name.startswith("test") and isinstance(member, ast.Lambda | ast.Call | ast.Attribute):
                found = True
                yield _test(path, (*names, name), member, outer.also(Marking(State.MAYBE)))
        if not found and isinstance(run := held.get("runTest", (None, None))[1], ast.FunctionDef):
            yield _test(path, (*names, "runTest"), run, _single(outer))

    def _linear(self, module: Module, node: ast.ClassDef, depth: int, seen: set[tuple[str, int]]) -> Iterator[Class | str]:
        """The class and its bases, nearest first: a class of this tree, or the full name of one that is not."""
        key = (module.path, node.lineno)
        if depth > MAX_DEPTH or key in seen:
            return
        seen.add(key)
        yield Class(module, node, scope_of(node.body))
        for base in node.bases:
            written = dotted(base.value if isinstance(base, ast.Subscript) else base)
            held = self.resolve(module, written) if written else None
            if held is not None and isinstance(held[1], ast.ClassDef):
                yield from self._linear(held[0], held[1], depth + 1, seen)
            else:
                yield module.scope.full(written) or "an expression"

    def _abstract(self, held: dict[str, tuple[Module, Member]]) -> bool:
        return any(
            isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)
            and any(dotted(d).rpartition(".")[2] in ("abstractmethod", "abstractproperty") for d in member.decorator_list)
            for _, member in held.values()
        )

    def _is_function(self, name: str) -> bool:
        return self._matches(name, self.config.python_functions)

    @staticmethod
    def _matches(name: str, patterns: Sequence[str]) -> bool:
        return any(name.startswith(p) or (any(c in p for c in "*?[") and fnmatch(name, p[:200])) for p in patterns)


def _inherited(part: ast.ClassDef, node: ast.ClassDef) -> list[ast.expr]:
    """Marks are inherited; any other decorator is of the one class that it stands on."""
    if part is node:
        return part.decorator_list
    return [d for d in part.decorator_list if ".mark." in f".{dotted(d.func if isinstance(d, ast.Call) else d)}" or "skip" in dotted(d.func if isinstance(d, ast.Call) else d)]


def _test(path: str, names: tuple[str, ...], node: ast.expr | Function, marking: Marking, fixtures: frozenset[str] = frozenset()) -> Test:
    return Test(
        path, names, node.lineno, marking.cases, marking.skipped, marking.exact, marking.state, marking.names, marking.known, fixtures | marking.fixtures
    )


def _under(test: Test, state: State, *, exact: bool = True) -> Test:
    if state is State.RUNS and exact:
        return test
    return Test(
        test.file, test.names, test.line, test.cases, test.skipped, test.exact and exact, worst(test.state, state), test.marks, test.marked, test.fixtures
    )


def _single(marking: Marking) -> Marking:
    return Marking(marking.state, 1, 0, marking.exact, marking.names, marking.known, marking.collected, marking.fixtures)


def _arguments(node: Function, is_method: bool) -> frozenset[str]:
    """The fixtures that a function asks for: its arguments without a default."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    named = arguments[: len(arguments) - len(node.args.defaults)] if node.args.defaults else arguments
    keyword = [a for a, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if default is None]
    return frozenset(a.arg for a in (*(named[1:] if is_method else named), *keyword))


def _yields(node: ast.FunctionDef) -> bool:
    pending: list[ast.AST] = list(node.body)
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(inner))
    return False


def _constant(member: Member | None) -> object:
    return member.value if isinstance(member, ast.Constant) else None


__all__ = ["NOTHING", "Collector", "Modules", "package_root"]
