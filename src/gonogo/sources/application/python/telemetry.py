"""Metrics, traces and errors: what is recorded, and where it goes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from gonogo.kinds.application import ERROR_TRACKING, METRIC, TRACING
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.python.code import Code, both
from gonogo.sources.application.python.modules import Site
from gonogo.sources.application.python.program import Reached
from gonogo.sources.application.python.values import ENVIRONMENT, LITERAL
from gonogo.sources.application.tables import Row, names

# The name of a metric that counts or times requests.
_REQUESTS = re.compile(r"(?i)^(?!.*(?:size|bytes|db_|database|redis|cache|external|llm|queue|outgoing|client)).*(?:request|http_|response_time|api_latency)")


def read(code: Code, exposed: Reached) -> Iterator[Resource]:
    """Metrics, tracing set-ups and error trackers. `exposed`: a route serves what prometheus_client counts; what no scrape reads is exported nowhere."""
    yield from _metrics(code, exposed)
    yield from _request_metrics(code, exposed)
    yield from _meters(code)
    yield from _monitoring(code)
    yield from _tracing(code)
    yield from _errors(code)


def _metrics(code: Code, exporter: Reached) -> Iterator[Resource]:
    updates = _updates(code)
    for row, site, called in code.rows("metrics"):
        name = code.values.of(site.argument("name", 0), site.unit).value
        labels = _label(site)
        updated = _any(updates.get((word, label), False) for word in names(row["updates"]) for label in labels)
        text = name if isinstance(name, str) else ""
        yield code.of(
            METRIC,
            site,
            called,
            text,
            type=str(row["type"]),
            name=name,
            exporter=exporter if isinstance(exporter, Unknown) else str(row["exporter"]) if exporter else "",
            scope="request" if _REQUESTS.search(text) else "application",
            updated=updated,
        )


def _label(site: Site) -> set[str]:
    """The names that an object is assigned to: in its unit, in a class, or as an attribute of `self`."""
    found = {name.rpartition(".")[2] for name, values in site.unit.assigned.items() for value, _ in values if value is site.call}
    for one in site.module.classes.values():
        found |= {name for name, value in one.fields.items() if value is site.call}
        found |= {name for name, values in one.attributes.items() for value, _ in values if value is site.call}
    return found


def _any(values: Iterable[Reached]) -> Reached:
    told = list(values)
    unknown = [v for v in told if isinstance(v, Unknown)]
    return True if True in told else Unknown.merge(unknown) if unknown else False


def _updates(code: Code) -> dict[tuple[str, str], Reached]:
    """Method and name of an object -> whether reached code calls it: `REQUESTS.labels(…).inc()` updates REQUESTS."""
    found: dict[tuple[str, str], Reached] = {}
    for attribute in ("inc", "dec", "set", "observe", "time", "set_function", "set_to_current_time", "track_inprogress", "count_exceptions", "state", "info", "add", "record"):
        for site in code.by_attribute.get(attribute, ()):
            base = site.call.func.value if isinstance(site.call.func, ast.Attribute) else None
            if isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute) and base.func.attr == "labels":
                base = base.func.value
            label = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
            for name in {label, site.module.names.get(label, label).rpartition(".")[2]} - {""}:
                found[attribute, name] = _any((found.get((attribute, name), False), code.reached(site, strict=False)))
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


def _request_metrics(code: Code, exporter: Reached) -> Iterator[Resource]:
    for row, site, called in code.rows("request_metrics"):
        needs = names(row.get("needs"))
        updated = not needs or any(_called_on(code, site, need) for need in needs)
        told: Value = exporter if isinstance(exporter, Unknown) else str(row["exporter"]) if exporter else ""
        yield code.of(METRIC, site, called, "requests", type="histogram", name="", exporter=told, scope="request", updated=updated)


def _meters(code: Code) -> Iterator[Resource]:
    """Instruments of OpenTelemetry: `meter.create_counter(…)`."""
    methods = code.table.get("meter_methods")
    meters = frozenset(code.names("meters"))
    exporters = [code.reached(site) for site, _ in code.calls(("opentelemetry.metrics.set_meter_provider",))]
    updates: dict[tuple[str, str], Reached] | None = None
    for attribute, kind in methods.items() if isinstance(methods, dict) else ():
        for site in code.by_attribute.get(attribute, ()):
            function = site.call.func
            if not isinstance(function, ast.Attribute) or code.made_by(function.value, site.unit) not in meters:
                continue
            if updates is None:
                updates = _updates(code)
            labels = _label(site)
            name = code.values.of(site.argument("name", 0), site.unit).value
            updated = "observable" in attribute or _any(updates.get((word, label), False) for word in code.names("meter_updates") for label in labels)
            yield code.of(
                METRIC, site, "opentelemetry.metrics", name if isinstance(name, str) else "", type=str(kind), name=name,
                exporter="opentelemetry" if True in exporters or _launched(code) is not None else "",
                scope="request" if isinstance(name, str) and _REQUESTS.search(name) else "application", updated=updated,
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
        # Without the variable it is OTLP (https://opentelemetry.io/docs/languages/sdk-configuration/general/#otel_traces_exporter).
        told: Value = code.program.application.environment.get("OTEL_TRACES_EXPORTER")
        if told is None and code.installed.has([p for p in code.names("trace_exporter_packages") if "otlp" in p]) is True:
            told = "otlp"
        exporter = told if told is not None else Unknown.because("OTEL_TRACES_EXPORTER of the environment decides it")
        found = code.resource(TRACING, "opentelemetry-instrument", place, "", True, exporter=exporter, endpoint="")
        yield Resource(found.kind, found.name, {**found.attributes, "library": "opentelemetry-distro", "installed": installed}, found.locations, source=found.source)


def _launched(code: Code) -> tuple[Location, Reached] | None:
    """`opentelemetry-instrument gunicorn …`: the launcher sets the SDK up, with the exporter that is installed."""
    launchers: Row = code.table.get("trace_launchers") or {}
    for command in code.program.application.starts:
        for word in command.words[:3]:
            packages = launchers.get(word.rpartition("/")[2])
            if packages is not None and code.program.application.environment.get("OTEL_TRACES_EXPORTER") != "none":
                return command.place, both(code.installed.has(names(packages)), code.installed.has(code.names("trace_exporter_packages")))
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
