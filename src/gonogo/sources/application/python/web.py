"""Routes of FastAPI, Starlette, Flask, Quart and aiohttp, and the documentation that they serve."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gonogo.kinds.application import API_DOCUMENTATION, ROUTE
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, is_list
from gonogo.sources.application.python.code import Code, both
from gonogo.sources.application.python.handlers import Handlers
from gonogo.sources.application.python.modules import Site, Unit
from gonogo.sources.application.python.program import Reached
from gonogo.sources.application.tables import names, rows

_METHODS = frozenset({"get", "post", "put", "delete", "patch", "head", "options"})
_INCLUDES = frozenset({"include_router", "register_blueprint", "add_namespace", "mount", "add_routes", "add_router"})
MAX_DEPTH = 8
_CATCH_ALL = re.compile(r"/?\{\w+:path\}")
# FastAPI's defaults (https://fastapi.tiangolo.com/reference/fastapi/).
_DOCUMENTS = (("swagger", "docs_url", "/docs"), ("redoc", "redoc_url", "/redoc"), ("openapi", "openapi_url", "/openapi.json"))


@dataclass(slots=True)
class _Router:
    """An object that holds routes. `within` are those it is included in, with the prefix that is given there."""

    prefix: str = ""
    serves: bool = False
    site: Site | None = None
    within: list[tuple[str, str, Site]] = field(default_factory=list)
    guarded: list[ast.expr] = field(default_factory=list)


class Web:
    """The routes of one application."""

    def __init__(self, code: Code, handlers: Handlers) -> None:
        self._code = code
        self._handlers = handlers
        self._routers: dict[str, _Router] = defaultdict(_Router)
        self._loose: list[Site] = []
        self._applications = {name: str(row["framework"]) for row in rows(code.table, "applications") for name in names(row["name"])}
        self._collect()

    @property
    def framework(self) -> str:
        """The framework of the application that is reached, `` where none is."""
        for name, framework in self._applications.items():
            for site, _ in self._code.calls((name,)):
                if self._code.program.reached(site.unit) is not False:
                    return framework
        return ""

    def identity(self, expression: ast.expr | None, unit: Unit) -> str:
        """What tells one router from another: the full name of the variable that holds it, local ones with their function."""
        if isinstance(expression, ast.Name):
            scope: Unit | None = unit
            while scope is not None and scope is not unit.module.top:
                if expression.id in scope.assigned:
                    return f"{unit.module.name}:{scope.name}.{expression.id}"
                if expression.id in scope.parameters:
                    return "*"
                scope = scope.parent
        dotted = unit.module.qualify(expression) if expression is not None else ""
        return self._code.values.resolved(dotted) if "." in dotted else ""

    def _collect(self) -> None:
        for serves, wanted in ((True, tuple(self._applications)), (False, self._code.names("routers"))):
            for site, _ in self._code.calls(wanted):
                for label in _labels(site):
                    key = self.identity(ast.Name(label, ast.Load()), site.unit) or f"{site.module.name}.{label}"
                    router = self._routers[key]
                    router.serves, router.site = serves, site
                    given = site.argument("prefix") or site.argument("url_prefix")
                    router.prefix = self.text(given, site.unit) if given is not None else ""
                    dependencies = site.argument("dependencies")
                    if dependencies is not None:
                        router.guarded.append(dependencies)
        for attribute in sorted(_INCLUDES):
            for site in self._code.by_attribute.get(attribute, ()):
                if not isinstance(site.call.func, ast.Attribute) or self._code.program.reached(site.unit) is False:
                    continue
                positional = site.call.args[1] if attribute in ("mount", "add_router") and len(site.call.args) > 1 else site.call.args[0] if site.call.args else None
                inner = site.argument("router") or site.argument("blueprint") or site.argument("app") or positional
                key = self.identity(inner, site.unit)
                outer = self.identity(site.call.func.value, site.unit)
                prefix = site.argument("prefix") or site.argument("url_prefix") or (site.argument("path", 0) if attribute == "mount" else None)
                if key in self._routers:
                    self._routers[key].within.append((outer, self.text(prefix, site.unit) if prefix is not None else "", site))
                    if (dependencies := site.argument("dependencies")) is not None:
                        self._routers[key].guarded.append(dependencies)
                else:
                    self._loose.append(site)

    def text(self, expression: ast.expr | None, unit: Unit) -> str:
        """A path, with a `*` for each part that is not told."""
        if expression is None:
            return ""
        if isinstance(expression, ast.JoinedStr):
            return "".join(self.text(p.value if isinstance(p, ast.FormattedValue) else p, unit) for p in expression.values)
        if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add):
            return self.text(expression.left, unit) + self.text(expression.right, unit)
        value = self._code.values.of(expression, unit).value
        return value if isinstance(value, str) else "*"

    def mounted(self, key: str, depth: int = 0) -> Iterator[tuple[str, Reached, list[ast.expr]]]:
        """The prefixes under which a router is served, whether it is, and the dependencies on the way."""
        router = self._routers.get(key)
        if router is None or key == "*":
            yield "*", Unknown.because("the router that holds it is not told"), []
            return
        if router.serves and not router.within:
            reached = self._served(router.site)
            yield router.prefix, reached, list(router.guarded)
            return
        if not router.within or depth > MAX_DEPTH:
            loose: Reached = Unknown.because(f"{self._loose[0].place}: which router is included is not told") if self._loose else False
            yield router.prefix, loose, list(router.guarded)
            return
        for outer, prefix, site in router.within:
            for above, reached, guarded in self.mounted(outer, depth + 1) if outer in self._routers else [("", True, [])]:
                # A blueprint's own prefix gives way to that of its registration (https://flask.palletsprojects.com/en/stable/api/#flask.Flask.register_blueprint).
                own = "" if prefix and site.call.func.attr == "register_blueprint" else router.prefix  # type: ignore[attr-defined]  # _collect took attributes only
                yield above + prefix + own, both(reached, self._code.reached(site)), [*guarded, *router.guarded]

    def _served(self, site: Site | None) -> Reached:
        """Whether the application that a call makes is."""
        if site is None:
            return True
        return False if self._code.serving.is_off(site) else self._code.reached(site)

    def routes(self) -> Iterator[Resource]:
        """Every `app/Route`."""
        for attribute in (*sorted(_METHODS), "api_route", "route"):
            for site in self._code.by_attribute.get(attribute, ()):
                if site.decorates is not None and isinstance(site.call.func, ast.Attribute):
                    yield from self._decorated(site, attribute)
        for attribute in ("add_api_route", "add_route", "add_url_rule", "Route", "add_get", "add_post", "mount", "Mount"):
            for site in self._code.by_attribute.get(attribute, ()):
                yield from self._added(site, attribute)
        yield from self._exposed()

    def _decorated(self, site: Site, attribute: str) -> Iterator[Resource]:
        key = self.identity(site.call.func.value, site.unit)  # type: ignore[attr-defined]  # the caller asked
        if not key or (key not in self._routers and key != "*") or site.decorates is None:
            return
        path = site.argument("path", 0) or site.argument("rule", 0)
        function = next((u for u in (*site.unit.units, *(m for c in site.unit.classes for m in c.methods)) if u.node is site.decorates), None)
        if path is None or function is None:
            return
        written = self.text(path, site.unit)
        for prefix, reached, guarded in self.mounted(key):
            if self._is_taken_before(key, site, written):
                reached = False
            yield self._route(site, self._methods(site, attribute), prefix + written, function, both(reached, self._code.reached(site)), guarded)

    def _is_taken_before(self, key: str, site: Site, path: str) -> bool:
        """Whether a route that takes every path stands before one, on the same object: Starlette takes the first that matches.

        https://www.starlette.io/routing/#route-priority; Flask takes the most specific one.
        """
        if not key or key == "*" or _CATCH_ALL.fullmatch(path):
            return False
        return any(one.module is site.module and one.call.lineno < site.call.lineno for one in self._catch_alls.get(key, ()))

    @cached_property
    def _catch_alls(self) -> Mapping[str, Sequence[Site]]:
        """The routes of FastAPI and Starlette that take every path a GET asks for, by the object that they are on."""
        found: defaultdict[str, list[Site]] = defaultdict(list)
        for attribute in ("get", "api_route"):
            for site in self._code.by_attribute.get(attribute, ()):
                path = site.argument("path", 0)
                if site.decorates is not None and isinstance(site.call.func, ast.Attribute) and path is not None and _CATCH_ALL.fullmatch(self.text(path, site.unit)):
                    found[self.identity(site.call.func.value, site.unit)].append(site)
        return found

    def _methods(self, site: Site, attribute: str) -> str:
        if attribute in _METHODS:
            return attribute.upper()
        given = site.argument("methods")
        value = self._code.values.of(given, site.unit).value if given is not None else ["GET"]
        known = sorted(str(m).upper() for m in value) if is_list(value) else ["*"]  # type: ignore[union-attr]
        return "GET" if "GET" in known else known[0] if known else "*"

    def _added(self, site: Site, attribute: str) -> Iterator[Resource]:
        path = site.argument("path", 0) or site.argument("rule", 0)
        if path is None or not isinstance(path, ast.Constant | ast.JoinedStr | ast.BinOp | ast.Name | ast.Attribute):
            return
        named = ("endpoint", "route", "view_func", "handler", "app")
        positions = {"add_url_rule": 2}
        target = next((a for n in named if (a := site.argument(n)) is not None and not isinstance(a, ast.Constant)), None) or site.argument("", positions.get(attribute, 1))
        if target is None:
            return
        text = self.text(path, site.unit)
        if not text.startswith(("/", "*")):
            return
        method = "POST" if attribute == "add_post" else self._methods(site, "route")
        function = self._code.values.function_of(target, site.unit)
        name = self._code.name(site.unit, target.func if isinstance(target, ast.Call) else target) or self._code.made_by(target, site.unit)
        made = self._code.made_by(target, site.unit)
        exposition = self._code.names("exposition")
        if function is None and attribute in ("mount", "Mount") and not {name, made} & set(exposition):
            return
        base = site.call.func.value if isinstance(site.call.func, ast.Attribute) else None
        key = self.identity(base, site.unit) if base is not None else ""
        for prefix, reached, guarded in self.mounted(key) if key in self._routers else [("", True, [])]:
            called = name if name in exposition else made if made in exposition else ""
            yield self._route(site, method, prefix + text, function, both(reached, self._code.reached(site)), guarded, exposition=called)

    def _route(
        self, site: Site, method: str, path: str, function: Unit | None, reached: Reached, guarded: list[ast.expr], exposition: str = ""
    ) -> Resource:
        seen = self._handlers.handler(function, guarded, site.unit)
        exposes = "prometheus" if exposition else seen.exposes
        if not exposes and method == "GET" and path.rstrip("/").endswith("/metrics"):
            exposes = "json"
        return self._code.resource(
            ROUTE, f"{site.module.path}:{method} {path}", site.place, exposition or seen.exposition or self._library(site), reached,
            method=method, path=path or "/", authenticated=seen.authenticated, checks=seen.checks, reportsFailure=seen.reports_failure, exposes=exposes,
            answers=seen.answers,
        )  # fmt: skip

    def _library(self, site: Site) -> str:
        base = site.call.func.value if isinstance(site.call.func, ast.Attribute) else site.call.func
        return self._code.made_by(base, site.unit) or self._code.name(site.unit, base)

    def _exposed(self) -> Iterator[Resource]:
        """Routes that a library adds: `Instrumentator().instrument(app).expose(app)`, `PrometheusMetrics(app)`."""
        for row, site, called in self._code.rows("request_metrics"):
            if row.get("path"):
                given = site.argument("path")
                value = self._code.values.of(given, site.unit).value if given is not None else row["path"]
                if value is not None:
                    yield self._of_library(site, called, value if isinstance(value, str) else "*")
            elif row.get("exposes"):
                for other in self._code.by_attribute.get(str(row["exposes"]), ()):
                    made = self._code.made_by(other.call.func.value, other.unit) if isinstance(other.call.func, ast.Attribute) else ""
                    if made == called or made.startswith(f"{called}."):
                        given = other.argument("endpoint")
                        yield self._of_library(other, called, self.text(given, other.unit) if given is not None else "/metrics")

        for site, called in self._code.calls(self._code.names("exposition_servers")):
            yield self._of_library(site, called, "/metrics")

    def _of_library(self, site: Site, called: str, path: str) -> Resource:
        return self._code.of(
            ROUTE, site, called, f"GET {path}", method="GET", path=path, authenticated=False, checks=[], reportsFailure=False, exposes="prometheus", answers=True
        )

    def documentation(self) -> Iterator[Resource]:
        """Every `app/ApiDocumentation` of FastAPI, and of the libraries that serve one for other frameworks."""
        for site, called in self._code.calls(("fastapi.FastAPI", "fastapi.applications.FastAPI")):
            schema = self._document(site, "openapi_url", "/openapi.json")
            for kind, keyword, default in _DOCUMENTS:
                path = self._document(site, keyword, default)
                # Without a schema there is nothing to show.
                parts: list[Reached] = [p if isinstance(p, Unknown) else bool(p) for p in (schema, path)]
                yield self._code.of(
                    API_DOCUMENTATION, site, called, kind, kind=kind, path=path if isinstance(path, str) else "", enabled=both(*parts)
                )
        for row, site, called in self._code.rows("documentation"):
            if not row.get("kind"):
                continue
            off = site.argument(str(row["disabled_by"])) if row.get("disabled_by") else None
            enabled = not (off is not None and self._code.values.of(off, site.unit).value is False)
            path = str(row.get("path", ""))
            yield self._code.of(API_DOCUMENTATION, site, called, str(row["kind"]), kind=str(row["kind"]), path=path, enabled=enabled)
            if row.get("schema"):
                yield self._code.of(API_DOCUMENTATION, site, called, "openapi", kind="openapi", path=str(row["schema"]), enabled=True)

    def _document(self, site: Site, keyword: str, default: str) -> Value:
        given = site.argument(keyword)
        if given is None:
            return self._spread(site, keyword, default) if site.open_ended else default
        if isinstance(given, ast.JoinedStr) and any(isinstance(p, ast.Constant) and p.value for p in given.values):
            return self.text(given, site.unit)
        value = self._code.values.of(given, site.unit).value
        return value if isinstance(value, str | Unknown) else None

    def _spread(self, site: Site, keyword: str, default: str) -> Value:
        """`FastAPI(**options)`: of options that are written out and never changed, what is not in them is the default."""
        for argument in site.call.keywords:
            if argument.arg is not None:
                continue
            value = self._code.values.of(argument.value, site.unit).value
            if not isinstance(value, dict):
                return Unknown.because(f"{site.place}: the arguments are not told, or a condition decides them")
            if keyword in value:
                told = value[keyword]
                return told if isinstance(told, str | Unknown) else None
        return default


def _labels(site: Site) -> list[str]:
    return sorted(name for name, values in site.unit.assigned.items() if any(value is site.call for value, _ in values))
