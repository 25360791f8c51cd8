"""Whether a request whose token fails its verification is refused: the failure is raised, answered, or looked at by who asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from typing import TypeAlias

from gonogo.model.value import Unknown, Value
from gonogo.sources.application.python.code import Code
from gonogo.sources.application.python.modules import Function, Site, Unit

MAX_DEPTH = 5
MAX_CALLERS = 50

_ABORTS = frozenset({"abort", "exit", "_exit", "fail", "unauthorized", "forbidden", "permission_denied"})
_REFUSES = re.compile(r"(?i)unauthori[sz]ed|unauthenticated|forbidden|denied|http_4\d\d|redirect|abort|challenge|login")
_FAILURES = frozenset({500, 501, 502, 503, 504})
_SUPPRESS = frozenset({"suppress", "contextlib.suppress"})
# flask-httpauth answers 401 where its callback gives nothing (https://flask-httpauth.readthedocs.io/en/latest/#flask_httpauth.HTTPTokenAuth).
_REFUSING_HOOKS = frozenset({"verify_token"})


class _End(Enum):
    """How a block is left."""

    RAISED = auto()
    ANSWERED = auto()
    """The caller is told that it is refused: a status 4xx, a redirect to the login."""
    RETURNED = auto()
    """With a value that says so, for who called."""
    ONWARD = auto()


_Refused = frozenset({_End.RAISED, _End.ANSWERED})
_Guard: TypeAlias = ast.Try | ast.TryStar | ast.With | ast.AsyncWith


class Refusals:
    """`stands` says whether a framework calls a unit before it calls the routes."""

    def __init__(self, code: Code, stands: Callable[[Unit], bool]) -> None:
        self._code = code
        self._stands = stands

    def of(self, site: Site) -> Value:
        """True where a failed verification refuses the request; never false, as a later check that is not seen may refuse it."""
        if self._raises(site.unit, site.call, 0, set()):
            return True
        return Unknown.because(f"{site.place}: that a request whose token fails is refused is not seen")

    def _raises(self, unit: Unit, call: ast.Call, depth: int, seen: set[Unit]) -> bool:
        """Whether what a call raises refuses the request."""
        node = unit.node
        if node is None:
            return True
        for guard in _guards(node, call):
            ends = _guarded(guard, unit, self._always_raises)
            if ends <= _Refused:
                continue
            if _End.ONWARD in ends and not self._looked_at(unit, _assigned(guard), depth, seen):
                return False
            return _End.RETURNED not in ends or self._heeded(unit, depth, seen)
        if self._stands(unit) or depth >= MAX_DEPTH:
            return depth < MAX_DEPTH
        callers = self._callers(unit, seen)
        return not callers or any(self._raises(c.unit, c.call, depth + 1, seen | {unit}) for c in callers)

    def _heeded(self, unit: Unit, depth: int, seen: set[Unit]) -> bool:
        """Whether somebody who gets what a unit returns refuses because of it."""
        if depth >= MAX_DEPTH:
            return False
        if unit.node is not None and any(_last(d) in _REFUSING_HOOKS for d in unit.node.decorator_list):
            return True
        deeper = seen | {unit}
        for caller in self._callers(unit, seen):
            if caller.unit.node is not None and self._looked_at(caller.unit, _targets_of(caller.unit.node, caller.call), depth + 1, deeper):
                return True
        return any(self._looked_at(user, {name}, depth + 1, deeper) for user, name in self._dependents(unit))

    def _looked_at(self, unit: Unit, names: set[str], depth: int, seen: set[Unit]) -> bool:
        """Whether a function refuses where a condition asks for one of these expressions, or hands them to one that does."""
        node = unit.node
        if node is None:
            return False
        for inner in _own(node):
            if isinstance(inner, ast.If) and _mentions(inner.test, names):
                ends = _ends(inner.body, unit, self._always_raises) | _ends(inner.orelse, unit, self._always_raises)
                after = _ends(node.body[-3:], unit, self._always_raises) if _End.RETURNED in ends else frozenset()
                if (ends | after) & _Refused:
                    return True
                if _End.RETURNED in ends and self._heeded(unit, depth + 1, seen):
                    return True
            if isinstance(inner, ast.Assert) and _mentions(inner.test, names):
                return True
            if isinstance(inner, ast.Return) and inner.value is not None and _mentions(inner.value, names) and self._heeded(unit, depth + 1, seen):
                return True
        return False

    def _callers(self, unit: Unit, seen: set[Unit]) -> list[Site]:
        """The calls of a unit that run: of a method, whatever object it is called on."""
        name = unit.owner.name if unit.owner is not None and unit.name in ("__call__", "__init__") else unit.name
        found: list[Site] = []
        for site in self._code.by_attribute.get(name, ())[:MAX_CALLERS]:
            if site.unit in seen or site.unit is unit or self._code.program.reached(site.unit) is False:
                continue
            if unit.owner is not None or self._code.values.function_of(site.call.func, site.unit) is unit:
                found.append(site)
        return found

    def _dependents(self, unit: Unit) -> Iterator[tuple[Unit, str]]:
        """The functions that FastAPI gives what a dependency returns, with the parameter it is given as."""
        for other in self._code.program.units():
            for name in other.parameters:
                for given in (other.defaults.get(name), other.parameters[name]):
                    if given is not None and any(isinstance(n, ast.Name | ast.Attribute) and _last(n) == unit.name for n in ast.walk(given)):
                        yield other, name

    def _always_raises(self, call: ast.Call, unit: Unit) -> bool:
        """A function of the application that does nothing but refuse."""
        function = self._code.values.function_of(call.func, unit)
        return function is not None and function.node is not None and _ends(function.node.body, function, _never) <= frozenset({_End.RAISED})


def always_fails(unit: Unit) -> bool:
    """Whether a function does nothing but raise, or give a status 5xx."""
    node = unit.node
    if node is None:
        return False
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if not body or len(body) > 2:
        return False
    last = body[-1]
    failing = isinstance(last, ast.Return) and last.value is not None and any(isinstance(n, ast.Constant) and n.value in _FAILURES and not isinstance(n.value, bool) for n in ast.walk(last.value))
    return isinstance(last, ast.Raise) or (failing and len(body) == 1)


def _never(_call: ast.Call, _unit: Unit) -> bool:
    return False


def _guards(function: Function, call: ast.Call) -> Iterator[_Guard]:
    """What may catch an exception of a call, innermost first."""
    found: list[_Guard] = []

    def within(statements: Sequence[ast.stmt]) -> bool:
        for statement in statements:
            if not any(n is call for n in ast.walk(statement)):
                continue
            if isinstance(statement, ast.Try | ast.TryStar):
                if within(statement.body):
                    found.append(statement)
                    return True
            elif isinstance(statement, ast.With | ast.AsyncWith) and any(_last(i.context_expr) in _SUPPRESS for i in statement.items):
                found.append(statement)
                return True
            for block in ("body", "orelse", "finalbody"):
                if within([s for s in getattr(statement, block, []) if isinstance(s, ast.stmt)]):
                    return True
            inner = [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]
            return any(within(one.body) for one in inner) or True
        return False

    within(function.body)
    # Inner ones were appended first.
    yield from found


_AlwaysRaises: TypeAlias = Callable[[ast.Call, Unit], bool]


def _guarded(guard: _Guard, unit: Unit, always: _AlwaysRaises) -> frozenset[_End]:
    """How what a guard catches goes on."""
    if isinstance(guard, ast.With | ast.AsyncWith):
        return frozenset({_End.ONWARD})
    ends: frozenset[_End] = frozenset()
    for handler in guard.handlers:
        ends |= _ends(handler.body, unit, always)
    return ends


def _ends(statements: Sequence[ast.stmt], unit: Unit, always: _AlwaysRaises) -> frozenset[_End]:
    """How a block may be left."""
    found: set[_End] = set()
    refusing = False
    for statement in statements:
        refusing = refusing or _says_no(statement)
        match statement:
            case ast.Raise():
                return frozenset({*found, _End.RAISED})
            case ast.Return():
                return frozenset({*found, _End.ANSWERED if refusing else _End.RETURNED})
            case ast.Continue() | ast.Break():
                return frozenset({*found, _End.ONWARD})
            case ast.If():
                inner = _ends(statement.body, unit, always) | _ends(statement.orelse, unit, always)
                found |= inner - {_End.ONWARD}
                if _End.ONWARD not in inner:
                    return frozenset(found)
            case ast.With() | ast.AsyncWith() | ast.Try() | ast.TryStar() | ast.For() | ast.While():
                inner = _ends(statement.body, unit, always)
                found |= inner - {_End.ONWARD}
                if _End.ONWARD not in inner and isinstance(statement, ast.With | ast.AsyncWith):
                    return frozenset(found)
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
                if _last(call.func) in _ABORTS or always(call, unit):
                    return frozenset({*found, _End.RAISED})
    return frozenset({*found, _End.ONWARD})


def _says_no(statement: ast.stmt) -> bool:
    """A status of 400 to 499, or the name of a refusal."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool) and 400 <= node.value <= 499:
            return True
        if isinstance(node, ast.Name | ast.Attribute | ast.Call) and _REFUSES.search(_last(node)):
            return True
    return False


def _assigned(guard: _Guard) -> set[str]:
    """The expressions that a guarded block, or what catches its failure, assigns to."""
    return {
        ast.unparse(target)
        for node in ast.walk(guard)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign | ast.NamedExpr) else [])
    }


def _targets_of(function: Function, call: ast.Call) -> set[str]:
    """What the result of a call is known as in a function: the call itself, and what it is assigned to."""
    found = {ast.unparse(call)}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None and any(n is call for n in ast.walk(node.value)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                found |= {ast.unparse(t) for t in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])}
    return found


def _mentions(expression: ast.expr, names: set[str]) -> bool:
    return any(isinstance(n, ast.Name | ast.Attribute | ast.Call | ast.Subscript) and ast.unparse(n) in names for n in ast.walk(expression))


def _own(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions in it."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _last(expression: ast.expr) -> str:
    named = expression.func if isinstance(expression, ast.Call) else expression
    return named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
