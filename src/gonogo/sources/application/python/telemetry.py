"""Metrics, traces and errors: what is recorded, and where it goes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gonogo.kinds.application import ERROR_TRACKING, METRIC, TRACING
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.python.code import Code, both
from gonogo.sources.application.python.modules import Site
from gonogo.sources.application.python.program import Reached
from gonogo.sources.application.python.values import ENVIRONMENT, LITERAL
from gonogo.sources.application.tables import Row, names, rows

# The name of a metric that counts or times requests.
_REQUEST_WORDS = ("request", "http_", "latency", "response_time")


def read(code: Code) -> Iterator[Resource]:
    """Metrics, tracing set-ups and error trackers."""
    yield from _metrics(code)
    yield from _request_metrics(code)
    yield from _meters(code)
    yield from _monitoring(code)
    yield from _tracing(code)
    yield from _errors(code)


def exposed(code: Code) -> Reached:
    """Whether something serves the metrics of prometheus_client: what no scrape reads is exported nowhere."""
    found: list[Reached] = []
    for site, _ in (*code.calls(code.names("exposition")), *code.calls(code.names("exposition_servers"))):
        found.append(code.reached(site))
    for row in rows(code.table, "request_metrics"):
        for site, _ in code.calls(names(row["name"])):
            if row.get("path") or not row.get("exposes") or _called_on(code, site, str(row["exposes"])):
                found.append(code.reached(site))
    for expression, name in _handed_over(code):
        if name in code.names("exposition"):
            found.append(expression)
    if True in found:
        return True
    unknown = [f for f in found if isinstance(f, Unknown)]
    return Unknown.merge(unknown) if unknown else False


def _handed_over(code: Code) -> Iterator[tuple[Reached, str]]:
    """`Route("/metrics", handle_metrics)`, `app.add_route("/metrics", metrics)`: named, and called by the framework; `include("django_prometheus.urls")`."""
    for attribute in ("Route", "add_route", "mount", "Mount", "add_api_route", "add_url_rule", "path", "re_path", "url"):
        for site in code.by_attribute.get(attribute, ()):
            for argument in (*site.call.args[1:], *(k.value for k in site.call.keywords)):
                name = code.name(site.unit, argument)
                if name:
                    yield code.reached(site), name
    for site in code.by_attribute.get("include", ()):
        first = site.argument("arg", 0)
        if isinstance(first, ast.Constant) and first.value == "django_prometheus.urls":
            yield code.reached(site), "prometheus_client.generate_latest"


def _metrics(code: Code) -> Iterator[Resource]:
    exporter: Reached | None = None
    updates = _updates(code)
    for row, site, called in code.rows("metrics"):
        if exporter is None:
            exporter = exposed(code)
        name = code.values.of(site.argument("name", 0), site.unit).value
        labels = _label(site)
        updated = any(label in updates.get(word, ()) for word in names(row["updates"]) for label in labels)
        text = name if isinstance(name, str) else ""
        yield code.of(
            METRIC,
            site,
            called,
            text,
            type=str(row["type"]),
            name=name,
            exporter=exporter if isinstance(exporter, Unknown) else str(row["exporter"]) if exporter else "",
            scope="request" if any(word in text.lower() for word in _REQUEST_WORDS) else "application",
            updated=updated,
        )


def _label(site: Site) -> set[str]:
    """The names that an object is assigned to: in its unit, in a class, or as an attribute of `self`."""
    found = {name.rpartition(".")[2] for name, values in site.unit.assigned.items() for value, _ in values if value is site.call}
    for one in site.module.classes.values():
        found |= {name for name, value in one.fields.items() if value is site.call}
        found |= {name for name, values in one.attributes.items() for value, _ in values if value is site.call}
    return found


def _updates(code: Code) -> dict[str, set[str]]:
    """Method -> the names of objects on which reached code calls it: `REQUESTS.labels(…).inc()` updates REQUESTS."""
    found: dict[str, set[str]] = {}
    for attribute in ("inc", "dec", "set", "observe", "time", "set_function", "set_to_current_time", "track_inprogress", "count_exceptions", "state", "info", "add", "record"):
        for site in code.by_attribute.get(attribute, ()):
            base = site.call.func.value if isinstance(site.call.func, ast.Attribute) else None
            if isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute) and base.func.attr == "labels":
                base = base.func.value
            label = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
            if label and code.program.reached(site.unit) is not False:
                origin = site.module.names.get(label, label).rpartition(".")[2]
                found.setdefault(attribute, set()).update({label, origin})
    return found


def _called_on(code: Code, site: Site, method: str) -> bool:
    """Whether a method is called on what a call makes: `Instrumentator().instrument(app).expose(app)`, also through a name."""
    labels = _label(site)
    for other in code.by_attribute.get(method, ()):
        chain: ast.expr = other.call.func
        while isinstance(chain, ast.Attribute | ast.Call):
            if chain is site.call:
                return code.reached(other) is not False
            chain = chain.value if isinstance(chain, ast.Attribute) else chain.func
        if isinstance(chain, ast.Name) and (chain.id in labels or other.module.names.get(chain.id, "").rpartition(".")[2] in labels):
            return code.reached(other) is not False
    return False


def _request_metrics(code: Code) -> Iterator[Resource]:
    exporter: Reached | None = None
    for row, site, called in code.rows("request_metrics"):
        needs = names(row.get("needs"))
        updated = not needs or any(_called_on(code, site, need) for need in needs)
        if exporter is None:
            exporter = exposed(code)
        told: Value = exporter if isinstance(exporter, Unknown) else str(row["exporter"]) if exporter else ""
        yield code.of(METRIC, site, called, "requests", type="histogram", name="", exporter=told, scope="request", updated=updated)


def _meters(code: Code) -> Iterator[Resource]:
    """Instruments of OpenTelemetry: `meter.create_counter(…)`."""
    methods = code.table.get("meter_methods")
    meters = frozenset(code.names("meters"))
    exporters = [code.reached(site) for site, _ in code.calls(("opentelemetry.metrics.set_meter_provider",))]
    updates: dict[str, set[str]] | None = None
    for attribute, kind in methods.items() if isinstance(methods, dict) else ():
        for site in code.by_attribute.get(attribute, ()):
            function = site.call.func
            if not isinstance(function, ast.Attribute) or code.made_by(function.value, site.unit) not in meters:
                continue
            if updates is None:
                updates = _updates(code)
            labels = _label(site)
            name = code.values.of(site.argument("name", 0), site.unit).value
            updated = "observable" in attribute or any(label in updates.get(word, ()) for word in code.names("meter_updates") for label in labels)
            yield code.of(
                METRIC, site, "opentelemetry.metrics", name if isinstance(name, str) else "", type=str(kind), name=name,
                exporter="opentelemetry" if True in exporters or _launched(code) is not None else "",
                scope="request" if isinstance(name, str) and any(word in name.lower() for word in _REQUEST_WORDS) else "application", updated=updated,
            )  # fmt: skip


def _monitoring(code: Code) -> Iterator[Resource]:
    for site in code.by_attribute.get("create_time_series", ()):
        function = site.call.func
        if isinstance(function, ast.Attribute) and code.made_by(function.value, site.unit).startswith("google.cloud.monitoring"):
            called = "google.cloud.monitoring_v3"
            yield code.of(METRIC, site, called, strict=False, type="gauge", name="", exporter="cloud-monitoring", scope="application", updated=True)


def _tracing(code: Code) -> Iterator[Resource]:
    providers = [code.reached(site) for site, _ in code.calls(code.names("trace_providers"))]
    handed = {id(arg) for site, _ in code.calls(code.names("span_processors")) for arg in site.call.args}
    named = {arg.id for site, _ in code.calls(code.names("span_processors")) for arg in site.call.args if isinstance(arg, ast.Name)}
    provider: Reached = True if True in providers else Unknown.merge([p for p in providers if isinstance(p, Unknown)]) if any(isinstance(p, Unknown) for p in providers) else False
    for row, site, called in code.rows("span_exporters"):
        used = id(site.call) in handed or bool(_label(site) & named)
        endpoint = code.values.of(site.argument("endpoint", 0), site.unit).value
        reached = both(code.reached(site), used, provider)
        yield code.resource(
            TRACING, f"{site.module.path}:{called}", site.place, called, reached,
            exporter=str(row["exporter"]), endpoint=endpoint if endpoint is not None else "",
        )  # fmt: skip
    for row, site, called in code.rows("trace_services"):
        yield code.of(TRACING, site, called, exporter=str(row["exporter"]), endpoint="")
    for site, called in code.calls(("ddtrace.patch_all", "ddtrace.auto", "elasticapm.Client", "newrelic.agent.initialize")):
        yield code.of(TRACING, site, called, exporter=called.partition(".")[0], endpoint="")
    launched = _launched(code)
    if launched is not None:
        place, installed = launched
        found = code.resource(TRACING, "opentelemetry-instrument", place, "", True, exporter="otlp", endpoint="")
        yield Resource(found.kind, found.name, {**found.attributes, "library": "opentelemetry-distro", "installed": installed}, found.locations, source=found.source)


def _launched(code: Code) -> tuple[Location, Reached] | None:
    """`opentelemetry-instrument gunicorn …`: the launcher sets the SDK up, exporting over OTLP unless it is told otherwise."""
    launchers: Row = code.table.get("trace_launchers") or {}
    for command in code.program.application.starts:
        for word in command.words[:3]:
            packages = launchers.get(word.rpartition("/")[2])
            if packages is not None and code.program.application.environment.get("OTEL_TRACES_EXPORTER") != "none":
                return command.place, code.installed.has(names(packages))
    return None


def _errors(code: Code) -> Iterator[Resource]:
    for row, site, called in code.rows("error_trackers"):
        if not row.get("key"):
            yield code.of(ERROR_TRACKING, site, called, service=str(row["service"]), dsnFrom="environment")
            continue
        given = site.argument(str(row["key"]), row.get("position"))
        if given is None:
            # Without an argument the client reads its variable itself.
            origin: Value = ENVIRONMENT if row.get("variable") and not site.open_ended else Unknown.because(f"{site.place}: the arguments are not told") if site.open_ended else ""
        else:
            found = code.values.of(given, site.unit)
            literal = found.origin == LITERAL and isinstance(found.value, str)
            origin = (found.origin if found.value else "") if literal else found.origin or Unknown.because(f"{site.place}: where the DSN comes from is not told")
        yield code.of(ERROR_TRACKING, site, called, service=str(row["service"]), dsnFrom=origin)
