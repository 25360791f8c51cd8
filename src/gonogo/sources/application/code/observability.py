"""What an application tells of itself: logs, metrics, traces, errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gonogo.kinds.application import ERROR_TRACKING, LOGGING, METRIC, TRACING
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.addresses import is_here, is_placeholder
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Event, Live, better, both
from gonogo.sources.application.code.reading import constant, given, source_of, text
from gonogo.sources.application.code.values import (
    Call,
    Function,
    Items,
    Literal,
    Opaque,
    Setting,
    Symbol,
    Symbolic,
    Table,
    either,
    entry,
    flat,
    options,
    unknown,
)

_LEVELS = {
    "trace": "DEBUG", "silly": "DEBUG", "debug": "DEBUG", "verbose": "DEBUG", "http": "INFO", "info": "INFO", "log": "INFO", "notice": "INFO",
    "warn": "WARNING", "warning": "WARNING", "error": "ERROR", "fatal": "CRITICAL", "critical": "CRITICAL", "panic": "CRITICAL", "dpanic": "CRITICAL",
}  # fmt: skip


def read(context: Context, exposed: bool) -> Iterator[Resource]:
    """The `app/Logging`, `app/Metric`, `app/Tracing` and `app/ErrorTracking` of an application; `exposed`: a route serves Prometheus its metrics."""
    yield from _logging(context)
    yield from _metrics(context, exposed)
    yield from _tracing(context)
    yield from _errors(context)


def _at(event: Event) -> tuple[str, Any]:
    return event.call.file, event.call.node


def symbols(value: Symbolic | None, depth: int = 4) -> Iterator[Symbol]:
    """The things of libraries in a value: those that make it, and those that they are given."""
    for option in flat(value):
        if isinstance(option, Symbol):
            yield option
            for argument in option.call.arguments if option.call is not None and depth else ():
                yield from symbols(argument, depth - 1)
        elif isinstance(option, Table) and depth:
            for member in option.entries.values():
                yield from symbols(member, depth - 1)


def _logging(context: Context) -> Iterator[Resource]:
    for row in context.libraries.rows("logging"):
        for event in context.calls(row["calls"]):
            level, level_from = _level(context, event, row)
            attributes: dict[str, Value] = {
                "format": _format(context, event, row),
                "level": level,
                "levelFrom": level_from,
                "handler": _handler(context, event, row),
            }
            if attributes["format"] is None:
                continue
            yield context.resource(LOGGING, _at(event), context.set_up(event), event.call.callee, "logging", attributes)


def _format(context: Context, event: Event, row: Mapping[str, Any]) -> Value:
    """`json` or `text`; None where a call turns logging off."""
    if "enabled" in row:
        enabled = given(event.call, row["enabled"])
        if enabled is None or (isinstance(enabled, Literal) and enabled.value in (False, None)):
            return None
    if "silenced" in row and any(isinstance(v, Literal) and v.value is False for v in options(given(event.call, row["silenced"]))):
        return None
    if any(context.libraries.matches(context.libraries.data.get("discards", ()), s.path) for a in event.call.arguments[:1] for s in symbols(a)):
        return None
    for where in row.get("formats", ()):
        value = given(event.call, where)
        if "each" in where:
            if any(isinstance(v, Opaque) or (isinstance(v, Items) and (not v.members or v.open)) for v in flat(value)):
                return Unknown.because("what it writes to is not written where it is made")
            # A transport's own format comes before the logger's.
            made = [v.call for v in flat(value) if isinstance(v, Symbol) and v.call is not None]
            own = [f for call in made if (f := given(call, {"argument": 0, "options": [where["each"]]})) is not None]
            value = either(own) if own else None
        if value is None:
            continue
        found = {_format_of(context, option, where) for option in options(value)}
        named = found - {""}
        if len(named) == 1 and len(found) == 1:
            return named.pop()
        if found != {""} or not where.get("ignore_others"):
            return Unknown.because("its format depends on what the code computes")
    return str(row.get("format", "text"))


def _format_of(context: Context, value: Symbolic, where: Mapping[str, Any]) -> str:
    """Which format a value means, by the words and paths of the table; a text format wins where both are combined."""
    if isinstance(value, Literal):
        return next((form for form in ("text", "json") if value.value in where.get("words", {}).get(form, ())), "")
    paths = [s.path for s in symbols(value)] + [f"{v.type}{{}}" for v in _leaves(value) if isinstance(v, Table) and v.type]
    text_words = where.get("words", {}).get("text", ())
    if isinstance(value, Table) and any(isinstance(v, Literal) and v.value in text_words for v in _leaves(value)):
        return "text"
    for form in ("text", "json"):
        if any(context.libraries.matches(where.get("paths", {}).get(form, ()), path) for path in paths):
            return form
    return ""


def _leaves(value: Symbolic, depth: int = 5) -> Iterator[Symbolic]:
    for option in flat(value):
        yield option
        if isinstance(option, Table) and depth:
            for member in option.entries.values():
                yield from _leaves(member, depth - 1)


def _level(context: Context, event: Event, row: Mapping[str, Any]) -> tuple[Value, Value]:
    value = given(event.call, row["level"]) if "level" in row else None
    if value is None:
        value = _set_later(context, row)
    if value is None:
        return (row.get("default_level"), "")
    found = list(_level_sources(value, row))
    settings = [f for f in found if isinstance(f, Setting)]
    if settings:
        level = _named(constant(settings[0].default), row) if settings[0].default is not None else unknown(settings[0])
        # Where nobody sets it in production it is the default; a default for work at a desk says nothing of production.
        return unknown(settings[0]) if level == "DEBUG" else level, "environment"
    literals = [f for f in found if isinstance(f, Literal)]
    if len(literals) == 1 and len(found) == 1:
        return _named(literals[0].value, row), "literal"
    if len(found) == 1 and isinstance(found[0], Symbol):
        named = row.get("levels", {}).get(found[0].path)
        if named is not None:
            return named, "literal"
    return unknown(value), Unknown.because("where its level comes from, the code computes")


def _level_sources(value: Symbolic, row: Mapping[str, Any], depth: int = 4) -> Iterator[Symbolic]:
    """What a level is made of: a setting that a library parses is still that setting."""
    for option in options(value):
        inner = option.call.arguments if isinstance(option, Symbol) and option.call is not None and depth else ()
        parsed: list[Symbolic] = [s for a in inner for s in _level_sources(a, row, depth - 1) if isinstance(s, Setting | Literal)]
        yield from parsed or [option]


def _set_later(context: Context, row: Mapping[str, Any]) -> Symbolic | None:
    """The level that a call of its own sets: `logrus.SetLevel(…)`."""
    found = [e.call.arguments[0] for e in context.calls(row.get("level_calls", ())) if e.live is not False and e.call.arguments]
    return either(found) if found else None


def _named(level: Value, row: Mapping[str, Any]) -> Value:
    if isinstance(level, Unknown):
        return level
    found = row.get("levels", {}).get(str(level)) or _LEVELS.get(str(level).lower())
    return found if found is not None else Unknown.because(f"the level {str(level)[:40]} is not known")


def _handler(context: Context, event: Event, row: Mapping[str, Any]) -> Value:
    paths = [s.path for a in event.call.arguments for s in symbols(a)]
    for name, patterns in context.libraries.data.get("log_handlers", {}).items():
        if any(context.libraries.matches(patterns, p) for p in paths) or context.libraries.matches(patterns, event.call.callee):
            return str(name)
    return str(row.get("handler", "stdout"))


def _metrics(context: Context, exposed: bool) -> Iterator[Resource]:
    for row in context.libraries.rows("metrics"):
        for event in context.calls(row["calls"]):
            name = text(given(event.call, row["name"]), "") if "name" in row else str(row.get("named", ""))
            labels = _words(given(event.call, row["labels"])) if "labels" in row else []
            attributes: dict[str, Value] = {
                "type": str(row["type"]),
                "name": name,
                "exporter": _exporter(context, row, exposed) if _registered(context, event) else "",
                "scope": row.get("scope") or _metric_scope(context, name, labels),
                "updated": True if row.get("updated") else _updated(context, event),
            }
            live = both(event.live, context.is_applied(event)) if row.get("applied") == "middleware" else event.live
            yield context.resource(METRIC, _at(event), live, event.call.callee, f"metric {name if isinstance(name, str) else ''}".strip(), attributes)


def _registered(context: Context, event: Event) -> bool:
    """Whether a metric is in a registry: one of prom-client by default, one of client_golang where something registers it."""
    table = event.call.arguments[0] if event.call.arguments else None
    registers = entry(table, "registers") if isinstance(table, Table) else None
    if isinstance(registers, Items) and not registers.members and not registers.open:
        return False
    patterns = context.libraries.data.get("registers_metrics", ())
    if not patterns or not context.libraries.matches(context.libraries.data.get("unregistered_metrics", ()), event.call.callee):
        return True
    registering = list(context.calls(patterns))
    if any(not isinstance(a, Symbol) for other in registering for argument in other.call.arguments for a in flat(argument)):
        return True  # a list that is made elsewhere may hold it
    return any(s.call == event.call for other in registering for argument in other.call.arguments for s in symbols(argument))


def _words(value: Symbolic | None) -> list[str]:
    return [str(v.value) for v in flat(value) if isinstance(v, Literal)]


def _metric_scope(context: Context, name: Value, labels: Sequence[str]) -> str:
    """`request` where its name or its labels are those of requests."""
    words = set(name.lower().replace(".", "_").split("_")) if isinstance(name, str) else set()
    about = context.libraries.data["request_words"]
    return "request" if words & set(about["name"]) or {label.lower() for label in labels} & set(about["labels"]) else "application"


def _exporter(context: Context, row: Mapping[str, Any], exposed: bool) -> Value:
    named = str(row.get("exporter", ""))
    if named == "prometheus":
        pushed = any(e.live is not False for e in context.calls(context.libraries.data["exposes"].get("pushed", ())))
        if exposed or pushed or row.get("serves"):
            return "prometheus"
        handed = [e for e in context.calls(context.libraries.data["exposes"]["prometheus"]) if e.live is not False]
        return Unknown.because("the metrics are handed to something that was not followed") if handed else ""
    if named == "opentelemetry":
        found = [e for e in context.calls(context.libraries.data["metric_exporters"]) if e.live is not False]
        return "opentelemetry" if found else ""
    return named


def _updated(context: Context, event: Event) -> Live:
    """Whether some code changes a metric: a method of it is called, or one of what a method gives back."""
    methods = context.libraries.data["metric_updates"]
    waiting, found = [event.call], False
    result: Live = found
    seen: set[Call] = set()
    while waiting:
        call = waiting.pop()
        if call in seen:
            continue
        seen.add(call)
        for method in context.methods.get(call, ()):
            if method.call.callee.rpartition(".")[2] in methods:
                result = better(result, method.live)
            waiting.append(method.call)
        for other in context.calls(context.libraries.data.get("updating", ())):
            if any(s.call == call for a in other.call.arguments for s in symbols(a, 1)):
                result = better(result, other.live)
    return result


def _tracing(context: Context) -> Iterator[Resource]:
    for row in context.libraries.rows("tracing"):
        for event in context.calls(row["calls"]):
            live = context.set_up(event)
            if "started_by" in row:
                methods = [m for m in context.methods.get(event.call, ()) if m.call.callee.rpartition(".")[2] in row["started_by"]]
                given_to = [e for e in context.calls(row.get("registered_by", ())) if any(s.call == event.call for a in e.call.arguments for s in symbols(a))]
                started: Live = False
                for other in (*methods, *given_to):
                    started = better(started, context.set_up(other))
                live = both(live, started)
            exporter, endpoint = _span_exporter(context, event, row)
            yield context.resource(TRACING, _at(event), live, event.call.callee, "tracing", {"exporter": exporter, "endpoint": endpoint, "here": is_here(endpoint)})


def _span_exporter(context: Context, event: Event, row: Mapping[str, Any]) -> tuple[Value, Value]:
    if "vendor" in row:
        return str(row["vendor"]), None
    sources = [s for a in event.call.arguments for s in symbols(a)]
    for method in context.methods.get(event.call, ()):
        if method.call.callee.rpartition(".")[2] in row.get("added_by", ()):
            sources += [s for a in method.call.arguments for s in symbols(a)]
    for kind in context.libraries.rows("span_exporters"):
        for symbol in sources:
            if symbol.call is not None and context.libraries.matches(kind["calls"], symbol.call.callee):
                endpoint = given(symbol.call, kind["endpoint"]) if "endpoint" in kind else None
                return str(kind["exporter"]), text(endpoint) if endpoint is not None else None
    hidden = [v for a in event.call.arguments for v in _leaves(a) if isinstance(v, Opaque)]
    opened = [v.open for a in event.call.arguments for v in _leaves(a) if isinstance(v, Table | Items) and v.open]
    if hidden or opened:
        return Unknown.because(*[h.reason for h in hidden][:3], *opened[:3]), None
    return row.get("default_exporter", ""), None


def _errors(context: Context) -> Iterator[Resource]:
    managers = context.libraries.data.get("secret_managers", {})
    for row in context.libraries.rows("error_tracking"):
        for event in context.calls(row["calls"]):
            dsn = given(event.call, row["dsn"]) if "dsn" in row else None
            source: Value = source_of(dsn, managers) if dsn is not None else str(row.get("default_dsn", "environment"))
            if isinstance(dsn, Literal) and isinstance(dsn.value, str) and is_placeholder(dsn.value):
                source = ""
            if isinstance(dsn, Setting):
                source = "environment"
            yield context.resource(ERROR_TRACKING, _at(event), context.set_up(event), event.call.callee, "error tracking", {"service": str(row["service"]), "dsnFrom": source, "muted": _muted(context, event)})


def _muted(context: Context, event: Event) -> str:
    """Why a set-up reports nothing (https://docs.sentry.io/platforms/javascript/guides/node/configuration/options/). In Go a rate of 0 is none."""
    table = event.call.arguments[0] if event.call.arguments else None
    enabled, rate, filtering = (entry(table, name) if isinstance(table, Table) else None for name in ("enabled", "sampleRate", "beforeSend"))
    filtering = filtering or (entry(table, "BeforeSend") if isinstance(table, Table) else None)
    if isinstance(enabled, Literal) and enabled.value is False:
        return "`enabled` is false"
    if isinstance(rate, Literal) and rate.value == 0 and not isinstance(rate.value, bool):
        return "`sampleRate` is 0"
    if isinstance(filtering, Function) and gives_nothing(context, filtering):
        return "`beforeSend` lets nothing through"
    return ""


def gives_nothing(context: Context, function: Function) -> bool:
    """Whether all that a function gives is null, false or nothing."""
    given_back = context.returned(function)
    return bool(given_back) and all(isinstance(one, Literal) and one.value in (None, False) for one in given_back)




