"""What the names of a Python module stand for, as far as its text says so: the definitions, imports and constants of its top level."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gonogo.sources.suites.items import State
from gonogo.sources.suites.python_marks import dotted

MAX_SOURCE = 1_000_000
Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
Member: TypeAlias = "Function | ast.ClassDef | ast.expr"


@dataclass(slots=True)
class Scope:
    """The names that a module or a class defines, the last definition of each. `unsure` are defined under a condition; `open`: others may be, too."""

    members: dict[str, Member] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name to (module, name in it); the name is `` for a module itself."""
    stars: list[str] = field(default_factory=list)
    state: State = State.RUNS
    open: bool = False

    def full(self, name: str) -> str:
        """A dotted name with what its first part was imported as."""
        first, dot, rest = name.partition(".")
        held = self.imports.get(first)
        if held is None:
            return name
        return ".".join(part for part in held if part) + dot + rest

    def values(self) -> dict[str, ast.expr]:
        """What is assigned once, for certain."""
        return {n: m for n, m in self.members.items() if isinstance(m, ast.expr) and n not in self.unsure}


def parse_source(text: str) -> ast.Module:
    """The syntax tree of a module. Raises `ValueError` (with `lineno`, where it is a `SyntaxError`)."""
    if len(text) > MAX_SOURCE:
        raise ValueError(f"more than {MAX_SOURCE} characters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError as error:
            refused = ValueError(f"does not parse: {error.msg}")
            refused.lineno = error.lineno or 0  # type: ignore[attr-defined]
            raise refused from error
        except (RecursionError, MemoryError) as error:
            raise ValueError("is nested too deeply") from error


def scope_of(body: Sequence[ast.stmt]) -> Scope:
    """The scope that a module's or a class's statements make."""
    scope = Scope()
    _statements(body, scope, sure=True, depth=0)
    return scope


def _statements(body: Sequence[ast.stmt], scope: Scope, *, sure: bool, depth: int) -> None:
    if depth > 20:
        scope.open = True
        return
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _define(scope, node.name, node, sure)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            _import(scope, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            _assign(scope, node, sure)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    scope.members.pop(target.id, None)
        elif isinstance(node, ast.Expr):
            _call(scope, node.value, sure)
        elif isinstance(node, ast.Raise):
            scope.state = State.SKIPPED if sure and scope.state is not State.MAYBE else State.MAYBE
        else:
            for inner, decided in _nested(node):
                _statements(inner, scope, sure=sure and decided, depth=depth + 1)


def _nested(node: ast.stmt) -> Iterator[tuple[Sequence[ast.stmt], bool]]:
    """The blocks of a statement, each with whether it is run for certain."""
    if isinstance(node, ast.If):
        if _is_main(node.test) or (isinstance(node.test, ast.Constant) and not node.test.value) or dotted(node.test).endswith("TYPE_CHECKING"):
            yield node.orelse, True
            return
        yield node.body, isinstance(node.test, ast.Constant)
        yield node.orelse, False
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield node.body, True
    elif isinstance(node, ast.Try | ast.TryStar):
        yield node.body, False
        for handler in node.handlers:
            yield handler.body, False
        yield node.orelse, False
        yield node.finalbody, True
    elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
        yield node.body, False
        yield node.orelse, False
    elif isinstance(node, ast.Match):
        for case in node.cases:
            yield case.body, False


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _define(scope: Scope, name: str, member: Member, sure: bool) -> None:
    if sure:
        scope.unsure.discard(name)
    else:
        scope.unsure.add(name)
    # The order of a class's dictionary does not count, but what stands last does.
    scope.imports.pop(name, None)
    scope.members[name] = member


def _import(scope: Scope, node: ast.Import | ast.ImportFrom) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            scope.imports[alias.asname or alias.name.partition(".")[0]] = (alias.name if alias.asname else alias.name.partition(".")[0], "")
        return
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(module)
        else:
            scope.members.pop(alias.asname or alias.name, None)
            scope.imports[alias.asname or alias.name] = (module, alias.name)


def _assign(scope: Scope, node: ast.Assign | ast.AnnAssign | ast.AugAssign, sure: bool) -> None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        if isinstance(target, ast.Name):
            twice = target.id in scope.members and isinstance(node, ast.AugAssign)
            if node.value is not None:
                _define(scope, target.id, node.value, sure and not twice)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Call) and dotted(target.value.func) in ("globals", "locals", "vars"):
            scope.open = True


_DYNAMIC = re.compile(r"^(setattr|scenarios|exec|globals\(\)\.update)$")


def _call(scope: Scope, node: ast.expr, sure: bool) -> None:
    if not isinstance(node, ast.Call):
        return
    name = scope.full(dotted(node.func))
    if name == "pytest.skip":
        scope.state = State.SKIPPED if sure and scope.state is not State.MAYBE else State.MAYBE
    elif name == "pytest.importorskip":
        scope.state = State.MAYBE if scope.state is State.RUNS else scope.state
    elif _DYNAMIC.match(name.rpartition(".")[2]) or (isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)):
        scope.open = True
