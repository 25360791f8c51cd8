"""Django: what its settings turn on, and the routes of its URL configuration."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gonogo.kinds.application import API_DOCUMENTATION, COMPRESSION, CORS_POLICY, LOGGING, METRIC, RATE_LIMIT, ROUTE, SECURITY_HEADER
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, is_list
from gonogo.sources.application.python import logs
from gonogo.sources.application.python.code import Code, both
from gonogo.sources.application.python.handlers import Handlers
from gonogo.sources.application.python.limits import per_minute
from gonogo.sources.application.python.modules import Module, Site, Unit
from gonogo.sources.application.python.program import Program, Reached
from gonogo.sources.application.python.values import Values
from gonogo.sources.application.tables import names, rows

MAX_ROUTES = 3_000
MAX_DEPTH = 10

_SETTING = re.compile(r"DJANGO_SETTINGS_MODULE")
# The names that a command may import of an application (https://docs.djangoproject.com/en/stable/ref/applications/).
_PARTS = ("", "apps", "models", "admin", "signals", "tasks", "urls", "celery")


def settings_module(program: Program) -> Module | Unknown | None:
    """The settings: of the environment of the image, else what a reached module sets as default; None without Django."""
    given = program.application.environment.get("DJANGO_SETTINGS_MODULE")
    names_ = [given] if given else []
    if not names_:
        for module in list(program.modules.values()):
            for site in module.sites:
                texts = [a.value for a in site.call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if len(texts) == 2 and _SETTING.fullmatch(texts[0]) and program.reached(site.unit) is True:
                    names_.append(texts[1])
    for name in dict.fromkeys(names_):
        path = program.index.find(name)
        if path is not None:
            return program.read(path, name)
    if names_:
        return Unknown.because(f"the settings module {names_[0]} is not in the repository")
    return None


def follow(program: Program, module: Module) -> None:
    """Reach what the settings name: applications, middleware, URLs."""
    program.reach_name(module.name)
    program.settle()
    values = Values(program)
    values.settings_module = module
    for name in ("INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "WSGI_APPLICATION", "ASGI_APPLICATION", "AUTHENTICATION_BACKENDS"):
        value = values.django(name).value
        for dotted in value if is_list(value) else [value]:  # type: ignore[union-attr]  # is_list says that it is one
            if isinstance(dotted, str):
                for part in _PARTS if name == "INSTALLED_APPS" else ("",):
                    program.reach_name(f"{dotted}.{part}" if part else dotted)
                program.refer(dotted.rpartition(".")[2])
    program.settle()


def read(code: Code, handlers: Handlers) -> Iterator[Resource]:
    """What the settings say, and the routes."""
    module = code.values.settings_module
    if module is None:
        return
    yield from _Settings(code, module).read()
    yield from _Urls(code, handlers).read()


class _Settings:
    def __init__(self, code: Code, module: Module) -> None:
        self._code = code
        self._module = module
        self._reached = code.program.reached(module.top)
        value = self.value("MIDDLEWARE")
        self._middleware = [str(m) for m in value if isinstance(m, str)] if is_list(value) else []  # type: ignore[union-attr]

    def value(self, name: str) -> Value:
        return self._code.values.django(name).value

    def place(self, name: str, module: Module | None = None, depth: int = 0) -> Location:
        """Where a setting is made, in the settings module or in what it imports."""
        module = module or self._module
        assigned = module.top.assigned.get(name)
        if assigned:
            return Location(module.path, assigned[-1][0].lineno)
        for star in module.stars:
            inner = self._code.program.module(star)
            if inner is not None and depth < 5 and (found := self.place(name, inner, depth + 1)).line > 1:
                return found
        return Location(self._module.path, 1)

    def resource(self, kind: str, what: str, setting: str, called: str, /, **attributes: Value) -> Resource:
        return self._code.resource(kind, f"{self._module.path}:{what}", self.place(setting), called, self._reached, **attributes)

    def read(self) -> Iterator[Resource]:
        if any(m.startswith("corsheaders.") for m in self._middleware):
            yield self._cors()
        for row in rows(self._code.table, "compression"):
            for name in names(row["name"]):
                if name in self._middleware:
                    yield self.resource(COMPRESSION, name, "MIDDLEWARE", name, algorithm=str(row["algorithm"]))
        if "django.middleware.security.SecurityMiddleware" in self._middleware:
            seconds = self.value("SECURE_HSTS_SECONDS")
            if seconds is not None:
                age: Value = int(seconds) if isinstance(seconds, int | float) else seconds
                called = "django.middleware.security.SecurityMiddleware"
                yield self.resource(SECURITY_HEADER, "SECURE_HSTS_SECONDS", "SECURE_HSTS_SECONDS", called, header="strict-transport-security", maxAge=age)
        for row in rows(self._code.table, "request_metrics"):
            for name in names(row["name"]):
                if name in self._middleware:
                    served = self._serves_metrics()
                    yield self.resource(METRIC, "requests", "MIDDLEWARE", name, type="histogram", name="", exporter="prometheus" if served else "", scope="request", updated=True)
        yield from self._logging()
        yield from self._throttles()

    def _serves_metrics(self) -> bool:
        return any(isinstance(a, ast.Constant) and a.value == "django_prometheus.urls" for s in self._code.by_attribute.get("include", ()) for a in s.call.args)

    def _cors(self) -> Resource:
        everybody = self.value("CORS_ALLOW_ALL_ORIGINS")
        if everybody is None:
            everybody = self.value("CORS_ORIGIN_ALLOW_ALL")
        origins = self.value("CORS_ALLOWED_ORIGINS")
        setting = "CORS_ALLOWED_ORIGINS"
        if origins is None:
            origins = self.value("CORS_ORIGIN_WHITELIST")
        patterns = self.value("CORS_ALLOWED_ORIGIN_REGEXES")
        found: Value = [*origins] if is_list(origins) else origins if isinstance(origins, Unknown) else []  # type: ignore[misc]
        if is_list(patterns) and isinstance(found, list):
            found = [*found, *("*" if isinstance(p, str) and p in (".*", "^.*$") else p for p in patterns)]  # type: ignore[union-attr]
        if everybody is True:
            found, setting = ["*"], "CORS_ALLOW_ALL_ORIGINS"
        elif isinstance(everybody, Unknown):
            found = everybody
        credentials = self.value("CORS_ALLOW_CREDENTIALS")
        return self.resource(
            CORS_POLICY, "corsheaders", setting, "corsheaders.middleware.CorsMiddleware", origins=found, credentials=credentials if credentials is not None else False
        )

    def _logging(self) -> Iterator[Resource]:
        value = self.value("LOGGING")
        if value is None:
            return
        site = Site(self._module.top, ast.Call(ast.Name("LOGGING", ast.Load()), [], [], lineno=self.place("LOGGING").line, col_offset=0), ())
        for found in logs.of_dictionary(self._code, site, value, self._reached):
            place = self.place("LOGGING")
            yield Resource(LOGGING, f"{found.name.rpartition(':')[0]}:LOGGING", found.attributes, {(): place}, source=found.source)

    def _throttles(self) -> Iterator[Resource]:
        """Throttles of Django REST framework; they count in the default cache (https://www.django-rest-framework.org/api-guide/throttling/)."""
        settings = self.value("REST_FRAMEWORK")
        if not isinstance(settings, dict):
            return
        classes = settings.get("DEFAULT_THROTTLE_CLASSES")
        rates = settings.get("DEFAULT_THROTTLE_RATES")
        for scope, rate in sorted(rates.items()) if isinstance(rates, dict) else ():
            minute = per_minute(rate) if isinstance(rate, str) else None
            told: Value = minute if minute is not None else rate if isinstance(rate, Unknown) else Unknown.because("the rate is not told")
            applied = is_list(classes) and bool(classes)
            yield self.resource(RATE_LIMIT, f"throttle {scope}", "REST_FRAMEWORK", "rest_framework", perMinute=told, limit=rate, applied=applied, storage="cache", scope=scope)


class _Urls:
    def __init__(self, code: Code, handlers: Handlers) -> None:
        self._code = code
        self._handlers = handlers
        self._count = 0
        self._documents = {name: str(row["kind"]) for row in rows(code.table, "documentation") if row.get("kind") for name in names(row["name"])}

    def read(self) -> Iterator[Resource]:
        root = self._code.values.django("ROOT_URLCONF").value
        if isinstance(root, str):
            yield from self._module(root, "/", 0)

    def _module(self, dotted: str, prefix: str, depth: int) -> Iterator[Resource]:
        module = self._code.program.module(dotted)
        if module is None or depth > MAX_DEPTH:
            return
        for site in module.sites:
            function = site.call.func
            name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
            if name in ("path", "re_path", "url") and len(site.call.args) > 1 and self._count < MAX_ROUTES:
                yield from self._path(site, name, prefix, depth)

    def _path(self, site: Site, name: str, prefix: str, depth: int) -> Iterator[Resource]:
        value = self._code.values.of(site.call.args[0], site.unit).value
        text = value if isinstance(value, str) else "*"
        if name != "path":
            text = text.removeprefix("^").removesuffix("$").removesuffix("/?").replace("\\", "")
        target = site.call.args[1]
        if isinstance(target, ast.Call) and self._code.name(site.unit, target.func).endswith("include"):
            yield from self._included(site, target, prefix + text, depth)
            return
        self._count += 1
        yield self._route(site, prefix + text, target)

    def _included(self, site: Site, target: ast.Call, prefix: str, depth: int) -> Iterator[Resource]:
        first = target.args[0] if target.args else None
        if isinstance(first, ast.Tuple) and first.elts:
            first = first.elts[0]
        value = self._code.values.of(first, site.unit).value if first is not None else None
        name = value if isinstance(value, str) else self._code.name(site.unit, first) if first is not None else ""
        if name == "django_prometheus.urls":
            yield self._resource(site, f"{prefix}metrics", "django_prometheus.exports", exposes="prometheus")
        elif name:
            yield from self._module(name, prefix, depth + 1)

    def _route(self, site: Site, path: str, target: ast.expr) -> Resource:
        inner = target
        while isinstance(inner, ast.Call) and inner.args and not isinstance(inner.func, ast.Attribute):
            inner = inner.args[0]  # a decorator: `csrf_exempt(view)`
        view = inner.func.value if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "as_view" else None
        name = self._code.name(site.unit, view if view is not None else inner)
        if name in self._documents:
            return self._code.of(API_DOCUMENTATION, site, name, f"{self._documents[name]} {path}", kind=self._documents[name], path=path, enabled=True)
        if name in ("django_prometheus.exports.ExportToDjangoView", *self._code.names("exposition")):
            return self._resource(site, path, name, exposes="prometheus")
        function: Unit | None
        if view is not None:
            owner = self._code.values.class_of(view, site.unit)
            function = owner.module.units.get(f"{owner.name}.get") if owner is not None else None
        else:
            function = self._code.values.function_of(inner, site.unit)
        if function is None and name and self._code.libraries.of(name) is not None and name.startswith("django."):
            return self._resource(site, path, "django.urls")
        seen = self._handlers.handler(function, (), site.unit)
        return self._resource(site, path, seen.exposition or "django.urls", seen.checks, seen.reports_failure, self._authenticated(function, seen.authenticated), seen.exposes)

    def _authenticated(self, function: Unit | None, seen: Value) -> Value:
        """Views of Django REST framework are under its default permissions unless they say otherwise."""
        owner = function.owner if function is not None else None
        if owner is None or seen is True:
            return seen
        given = owner.fields.get("permission_classes")
        if given is not None:
            text = ast.unparse(given)
            return not ("AllowAny" in text or text in ("[]", "()"))
        if any(base.startswith("rest_framework.") for base in self._code.values.bases(owner)):
            settings = self._code.values.django("REST_FRAMEWORK").value
            classes = settings.get("DEFAULT_PERMISSION_CLASSES") if isinstance(settings, dict) else None
            return is_list(classes) and any("AllowAny" not in str(c) for c in classes)  # type: ignore[union-attr]
        return any("LoginRequired" in base for base in self._code.values.bases(owner))

    def _resource(
        self, site: Site, path: str, called: str, checks: Value = (), reports: Value = False, authenticated: Value = False, exposes: str = ""
    ) -> Resource:
        reached: Reached = both(self._code.reached(site))
        return self._code.resource(
            ROUTE, f"{site.module.path}:GET {path}", site.place, called, reached,
            method="GET", path=path, authenticated=authenticated, checks=checks, reportsFailure=reports, exposes=exposes, answers=True,
        )  # fmt: skip
