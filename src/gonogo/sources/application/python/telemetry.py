"""Metrics, traces and errors: what is recorded, and where it goes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from gonogo.kinds.application import ERROR_TRACKING, METRIC, TRACING
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.addresses import is_here, is_placeholder
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
        exposed = exporter if _registered(code, site) else False
        yield code.of(
            METRIC,
            site,
            called,
            text,
            type=str(row["type"]),
            name=name,
            exporter=exposed if isinstance(exposed, Unknown) else str(row["exporter"]) if exposed else "",
            scope="request" if _REQUESTS.search(text) else "application",
            updated=updated,
        )


def _registered(code: Code, site: Site) -> bool:
    """Whether a metric is in a registry that something exposes: the one that all are in by default, or one that is named elsewhere, too."""
    given = site.argument("registry")
    if given is None:
        return True
    if not isinstance(given, ast.Name):
        return not (isinstance(given, ast.Constant) and given.value is None)
    constructors = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}
    for other in code.program.sites():
        function = other.call.func
        last = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
        if last not in constructors and any(isinstance(n, ast.Name) and n.id == given.id for a in (*other.call.args, *(k.value for k in other.call.keywords)) for n in [a]):
            return True
    # A registry that is handed on by other means than as an argument is not followed.
    return any(target.rpartition(".")[2] == given.id for module in code.program.modules.values() if module is not site.module for target in module.names.values())


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
    environment = code.program.application.environment
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_SAMPLER") == "always_off" or _samples_nothing(code):
        provider = False
    for row, site, called in code.rows("span_exporters"):
        used = (id(site.call) in handed or bool(_label(site) & named)) and not _on_another_provider(code, site)
        endpoint = code.values.of(site.argument("endpoint", 0), site.unit).value
        reached = both(code.reached(site), used, provider)
        yield code.resource(
            TRACING, f"{site.module.path}:{called}", site.place, called, reached,
            exporter=str(row["exporter"]), endpoint=endpoint if endpoint is not None else "", here=is_here(endpoint),
        )  # fmt: skip
    for row, site, called in code.rows("trace_services"):
        yield code.of(TRACING, site, called, exporter=str(row["exporter"]), endpoint="", here=False)
    for site, called in code.calls(("ddtrace.patch_all", "ddtrace.auto", "elasticapm.Client", "newrelic.agent.initialize")):
        yield code.of(TRACING, site, called, exporter=called.partition(".")[0], endpoint="", here=False)
    launched = _launched(code)
    if launched is not None:
        place, installed = launched
        # Without the variable it is OTLP (https://opentelemetry.io/docs/languages/sdk-configuration/general/#otel_traces_exporter).
        told: Value = code.program.application.environment.get("OTEL_TRACES_EXPORTER")
        if told is None and code.installed.has([p for p in code.names("trace_exporter_packages") if "otlp" in p]) is True:
            told = "otlp"
        exporter = told if told is not None else Unknown.because("OTEL_TRACES_EXPORTER of the environment decides it")
        found = code.resource(TRACING, "opentelemetry-instrument", place, "", True, exporter=exporter, endpoint="", here=False)
        yield Resource(found.kind, found.name, {**found.attributes, "library": "opentelemetry-distro", "installed": installed}, found.locations, source=found.source)


def _samples_nothing(code: Code) -> bool:
    """Whether the provider that is set is made with a sampler that records nothing."""
    made = [site for site, called in code.calls(("opentelemetry.sdk.trace.TracerProvider",)) if code.reached(site) is True]
    return bool(made) and all((sampler := site.argument("sampler", 0)) is not None and _is_off(code, sampler, site) for site in made)


def _is_off(code: Code, sampler: ast.expr, site: Site) -> bool:
    name = code.name(site.unit, sampler.func if isinstance(sampler, ast.Call) else sampler).rpartition(".")[2]
    ratio = sampler.args[0] if isinstance(sampler, ast.Call) and sampler.args else None
    return name == "ALWAYS_OFF" or (name in ("TraceIdRatioBased", "ParentBasedTraceIdRatio") and isinstance(ratio, ast.Constant) and ratio.value in (0, 0.0))


def _on_another_provider(code: Code, exporter: Site) -> bool:
    """Whether its processor is added to a provider, and another one is set: `p.add_span_processor(…); set_tracer_provider(TracerProvider())`."""
    labels = _label(exporter)
    processors = {label for site, _ in code.calls(code.names("span_processors")) if _holds(site.call, exporter.call, labels) for label in _label(site)}
    added = [site for site in code.by_attribute.get("add_span_processor", ()) if _holds(site.call, exporter.call, labels | processors)]
    bases = {site.call.func.value.id for site in added if isinstance(site.call.func, ast.Attribute) and isinstance(site.call.func.value, ast.Name)}
    given = [site.argument("tracer_provider", 0) for site, _ in code.calls(code.names("trace_providers"))]
    if not bases or len(bases) != len(added) or not given:
        return False
    known = [one for one in given if isinstance(one, ast.Name) or (isinstance(one, ast.Call) and not one.args and not one.keywords)]
    return len(known) == len(given) and not any(isinstance(one, ast.Name) and one.id in bases for one in known)


def _holds(call: ast.Call, wanted: ast.Call, labels: set[str]) -> bool:
    return any(node is wanted or (isinstance(node, ast.Name) and node.id in labels) for argument in call.args for node in ast.walk(argument))


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
            yield code.of(ERROR_TRACKING, site, called, service=str(row["service"]), dsnFrom="environment", muted="")
            continue
        given = site.argument(str(row["key"]), row.get("position"))
        if given is None:
            # Without an argument the client reads its variable itself.
            origin: Value = ENVIRONMENT if row.get("variable") and not site.open_ended else Unknown.because(f"{site.place}: the arguments are not told") if site.open_ended else ""
        else:
            found = code.values.of(given, site.unit)
            literal = found.origin == LITERAL and isinstance(found.value, str)
            written = str(found.value) if literal else ""
            origin = (found.origin if written and not is_placeholder(written) else "") if literal else found.origin or Unknown.because(f"{site.place}: where the DSN comes from is not told")
            if found.origin == LITERAL and found.value is None:
                origin = ""
            if found.origin == ENVIRONMENT and found.value == "":
                origin = Unknown.because(f"{site.place}: the image sets the address to nothing")
        variable = str(row.get("variable", ""))
        if given is None and origin == ENVIRONMENT and code.program.application.environment.get(variable) == "":
            origin = Unknown.because(f"{site.place}: the image sets {variable} to nothing")
        yield code.of(ERROR_TRACKING, site, called, service=str(row["service"]), dsnFrom=origin, muted=_muted(code, row, site))


def _muted(code: Code, row: Row, site: Site) -> str:
    """Why a set-up reports nothing: a rate of zero, a filter that lets nothing through, a later set-up that replaces it.

    https://docs.sentry.io/platforms/python/configuration/options/
    """
    rate = site.argument("sample_rate")
    if rate is not None and code.values.of(rate, site.unit).value in (0, 0.0) and not isinstance(code.values.of(rate, site.unit).value, bool):
        return "`sample_rate` is 0"
    filtering = site.argument("before_send")
    if filtering is not None and _gives_nothing(code, filtering, site):
        return "`before_send` lets nothing through"
    later = [
        other
        for other, _ in code.calls(names(row["name"]))
        if other.unit is site.unit and not other.guards and other.call.lineno > site.call.lineno and isinstance(other.argument(str(row["key"]), row.get("position")), ast.Constant)
    ]
    return "a later set-up replaces it by one without an address" if any(not code.values.of(o.argument(str(row["key"]), row.get("position")), o.unit).value for o in later) else ""


def _gives_nothing(code: Code, function: ast.expr, site: Site) -> bool:
    """A function that always returns None."""
    if isinstance(function, ast.Lambda):
        return isinstance(function.body, ast.Constant) and function.body.value is None
    unit = code.values.function_of(function, site.unit)
    if unit is None or unit.node is None:
        return False
    returned = [node.value for node in ast.walk(unit.node) if isinstance(node, ast.Return | ast.Yield)]
    return all(value is None or (isinstance(value, ast.Constant) and value.value is None) for value in returned)
