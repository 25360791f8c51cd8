"""What the handler of a route does: which dependencies it asks, how it reports a failure, whom it lets in."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.python.code import Code
from gonogo.sources.application.python.modules import Site, Unit
from gonogo.sources.application.python.refusal import always_fails
from gonogo.sources.application.tables import Row, names

MAX_FUNCTIONS = 60
MAX_DEPTH = 4

_FAILURE = frozenset({500, 502, 503, 504})
_FAILURE_NAMES = re.compile(r"HTTP_50[0234]_|SERVICE_UNAVAILABLE|INTERNAL_SERVER_ERROR|HTTPServiceUnavailable|HTTPInternalServerError")
_FAILURE_WORDS = re.compile(r"(?i)\b(degraded|unhealthy|unavailable|not[ _-]?ready|disconnected|fail(?:ed|ure|ing)?|error|down|ko)\b")
_REFUSES = re.compile(r"\b40[13]\b|HTTP_40[13]_|UNAUTHORIZED|FORBIDDEN|PermissionDenied|AuthenticationFailed")
_BEFORE_ALL = frozenset({"middleware", "before_request", "before_app_request"})
_BY_PATH = re.compile(r"\.(path|url|endpoint|url_rule|scope|full_path)\b|'path'")
_SCHEMES = ("HTTPBearer", "HTTPBasic", "OAuth2PasswordBearer", "OAuth2AuthorizationCodeBearer", "APIKeyHeader", "APIKeyQuery", "APIKeyCookie", "OpenIdConnect")
_GUARDS = frozenset(
    {
        "login_required", "jwt_required", "fresh_jwt_required", "requires_auth", "require_auth", "token_required", "auth_required", "permission_required",
        "requires_login", "authenticated", "roles_required", "admin_required", "requires", "permission_classes", "authentication_classes",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Handler:
    """What a handler does. `exposition` is the full name of what writes the metrics that it returns."""

    checks: Value = ()
    reports_failure: Value = False
    authenticated: Value = False
    exposes: str = ""
    exposition: str = ""
    answers: bool = True
    """It does not only raise."""


class Handlers:
    """Looks into handlers and what they call, so far as that is the application's own."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._sites: dict[Unit, list[Site]] = defaultdict(list)
        for site in code.program.sites():
            self._sites[site.unit].append(site)
        self._methods = frozenset(unit.name for unit in self._sites if unit.owner is not None)
        self._exposition = frozenset(code.names("exposition"))
        checks: Mapping[str, Row] = code.table.get("checks") or {}
        self._checks = {
            name: (names(row["types"]), frozenset(names(row["methods"])), [re.compile(word) for word in names(row.get("words"))])
            for name, row in sorted(checks.items())
        }

    def handler(self, function: Unit | None, guarded: Sequence[ast.expr], unit: Unit) -> Handler:
        """What the handler `function` does; `guarded` are lists of dependencies that stand before it, written in `unit`."""
        if function is None:
            unknown = Unknown.because("the handler is not one of the application's functions")
            return Handler(OpenList([], unknown), unknown, any(self._refuses(function, g, unit) for g in guarded), "")
        found: set[str] = set()
        loose: list[str] = []
        exposition = ""
        called = list(self._closure(function))
        for one in called:
            for site in (*self._sites.get(one, ()), *self._tabled(one)):
                name = self._code.name(one, site.call.func)
                if name in self._exposition and site.call not in site.module.dropped:
                    exposition = name
                check = self._check(site)
                if check:
                    found.add(check)
                elif self._is_loose(site):
                    loose.append(f"{site.place}: what it calls is not followed")
        checks: Value = sorted(found)
        if loose and found != set(self._checks):
            checks = OpenList(sorted(found), Unknown.because(*loose[:3]))
        return Handler(
            checks=checks,
            reports_failure=bool(found) and self._reports(called),
            authenticated=self._authenticated(function, guarded, unit) or self._gated,
            answers=not always_fails(function),
            exposes="prometheus" if exposition else "",
            exposition=exposition,
        )

    def _closure(self, function: Unit) -> Iterator[Unit]:
        """A function and those of the application that it calls, or depends on."""
        waiting: list[tuple[Unit, int]] = [(function, 0)]
        seen = {function}
        for one, depth in waiting:
            yield one
            if depth >= MAX_DEPTH or len(seen) > MAX_FUNCTIONS:
                continue
            inner = [*one.units, *(u for site in self._sites.get(one, ()) for u in self._targets(site))]
            inner.extend(u for site in self._tabled(one) if (u := self._code.values.function_of(site.call.func, site.unit)) is not None)
            if depth == 0:
                inner.extend(u for d in self._dependencies(one) if (u := self._code.values.function_of(d, one)) is not None)
            for unit in inner:
                if unit not in seen:
                    seen.add(unit)
                    waiting.append((unit, depth + 1))

    def _tabled(self, unit: Unit) -> Iterator[Site]:
        """`CHECKS = {"db": check_db, "redis": r.ping}`, whose members a function calls in turn: each as if it were called."""
        top = unit.module.top
        for name in sorted(unit.references.keys() & top.assigned.keys()):
            for expression, guards in top.assigned[name][-1:]:
                members = expression.values if isinstance(expression, ast.Dict) else expression.elts if isinstance(expression, ast.List | ast.Tuple) else []
                for member in members[:MAX_FUNCTIONS]:
                    # `[("db", check_db), …]`
                    for one in member.elts if isinstance(member, ast.Tuple) else [member]:
                        if isinstance(one, ast.Name | ast.Attribute):
                            yield Site(top, ast.copy_location(ast.Call(one, [], []), one), guards)

    @cached_property
    def _gated(self) -> Value:
        """Whether something stands before every route that turns callers away, whatever they ask for."""
        for unit in self._code.program.units():
            node = unit.node
            if node is None or self._code.program.reached(unit) is not True:
                continue
            words = {_last(d) for d in node.decorator_list}
            before = bool(words & _BEFORE_ALL) or (unit.owner is not None and unit.name == "dispatch")
            source = ast.unparse(node) if before else ""
            if before and _REFUSES.search(source) and not _BY_PATH.search(source):
                return Unknown.because(f"{unit.module.path}:{node.lineno}: `{unit.name}` stands before every route, and refuses some requests")
        return False

    def _targets(self, site: Site) -> Iterator[Unit]:
        function = self._code.values.function_of(site.call.func, site.unit)
        if function is not None:
            yield function
        elif isinstance(site.call.func, ast.Attribute):
            owner = self._code.values.class_of(site.call.func.value, site.unit)
            if owner is not None:
                for one in self._code.values.lineage(owner):
                    method = one.module.units.get(f"{one.name}.{site.call.func.attr}")
                    if method is not None:
                        yield method
                        break
        # `asyncio.gather(check_database(), …)` calls them itself; `run_in_threadpool(check)` is handed one.
        for argument in site.call.args:
            if isinstance(argument, ast.Name | ast.Attribute):
                handed = self._code.values.function_of(argument, site.unit)
                if handed is not None:
                    yield handed

    def _check(self, site: Site) -> str:
        """The dependency that a call asks, `` for none."""
        function = site.call.func
        if not isinstance(function, ast.Attribute):
            return ""
        for name, (types, methods, words) in self._checks.items():
            if function.attr not in methods:
                continue
            made = self._code.made_by(function.value, site.unit)
            of_type = any(made == t or made.startswith(f"{t}.") for t in types) or any(
                (base := self._code.name(site.unit, function.value)) == t or base.startswith(f"{t}.") for t in types
            )
            texts = [n.value for a in site.call.args for n in ast.walk(a) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            if words and any(word.search(text) for word in words for text in texts):
                return name
            if of_type and (not words or function.attr not in ("execute", "scalar", "scalars", "exec", "cursor", "connect") or function.attr in ("connect",)):
                return name
            if of_type and any(text.strip().lower().startswith("select") for text in texts):
                return name
            if not made and function.attr == "ping" and name in ast.unparse(function.value).lower():
                return name
        return ""

    def _is_loose(self, site: Site) -> bool:
        """A call of an own method whose object is not told: it may ask a dependency."""
        function = site.call.func
        if not isinstance(function, ast.Attribute) or next(self._targets(site), None) is not None:
            return False
        if function.attr not in self._methods:
            return False
        return not self._code.made_by(function.value, site.unit) and bool(re.search(r"(?i)check|health|ping|ready|status|alive", function.attr))

    def _reports(self, called: Sequence[Unit]) -> bool:
        """Another status or other words where a check fails; what nobody catches answers with 500."""
        catches = False
        for unit in called:
            if unit.node is None:
                continue
            for node in ast.walk(unit.node):
                if isinstance(node, ast.Constant) and ((isinstance(node.value, int) and node.value in _FAILURE) or (isinstance(node.value, str) and len(node.value) < 80 and _FAILURE_WORDS.search(node.value))):
                    return True
                if isinstance(node, ast.Attribute) and _FAILURE_NAMES.search(node.attr):
                    return True
                if isinstance(node, ast.ExceptHandler) and not any(isinstance(n, ast.Raise) for n in ast.walk(node)):
                    catches = True
        return not catches

    def _dependencies(self, function: Unit) -> Iterator[ast.expr]:
        """What stands in `Depends(…)` of the parameters, in their defaults and in `Annotated`."""
        expressions = [*function.defaults.values(), *(a for a in function.parameters.values() if a is not None)]
        for expression in expressions:
            alias = self._code.values.alias(function.module.qualify(expression)) if isinstance(expression, ast.Name | ast.Attribute) else None
            for node in ast.walk(alias[0] if alias is not None else expression):
                if isinstance(node, ast.Call) and node.args:
                    last = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
                    if last in ("Depends", "Security"):
                        yield node.args[0]

    def _authenticated(self, function: Unit, guarded: Sequence[ast.expr], unit: Unit) -> bool:
        node = function.node
        if node is not None:
            for decorator in node.decorator_list:
                name = decorator.func if isinstance(decorator, ast.Call) else decorator
                last = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
                if last in _GUARDS:
                    return True
        if any(self._refuses(function, d, function) for d in self._dependencies(function)):
            return True
        return any(self._refuses(function, inner, unit) for g in guarded for inner in _within(g))

    def _refuses(self, function: Unit | None, dependency: ast.expr, unit: Unit) -> bool:
        """Whether a dependency turns callers away."""
        made = self._code.made_by(dependency, unit)
        if made.rpartition(".")[2] in _SCHEMES:
            return True
        target = self._code.values.function_of(dependency, unit)
        if target is None:
            owner = self._code.values.class_of(dependency, unit)
            target = owner.module.units.get(f"{owner.name}.__call__") if owner is not None else None
        if target is None or target is function:
            return False
        return any(one.node is not None and bool(_REFUSES.search(ast.unparse(one.node))) for one in self._closure(target))


def _last(expression: ast.expr) -> str:
    named = expression.func if isinstance(expression, ast.Call) else expression
    return named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""


def _within(expression: ast.expr) -> Iterator[ast.expr]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and node.args:
            last = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            if last in ("Depends", "Security"):
                yield node.args[0]
