"""What stands before every response: CORS, rate limits, compression, security headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gonogo.kinds.application import COMPRESSION, CORS_POLICY, RATE_LIMIT, SECURITY_HEADER
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Event, Live, better, both
from gonogo.sources.application.code.observability import gives_nothing, symbols
from gonogo.sources.application.code.reading import constant, given, number, seconds, texts
from gonogo.sources.application.code.values import Call, Function, Items, Literal, Symbol, Symbolic, Table, entry, flat, options, unknown

_MAX_AGE = re.compile(r"(?i)max-age\s*=\s*\"?(\d{1,12})")
_FORMATTED = re.compile(r"\A(\d{1,9})-([SMHDsmhd])\Z")
HSTS = "strict-transport-security"
_ALLOW_ORIGIN = "access-control-allow-origin"
_ALLOW_CREDENTIALS = "access-control-allow-credentials"


def read(context: Context) -> Iterator[Resource]:
    """The `app/CorsPolicy`, `app/RateLimit`, `app/Compression` and `app/SecurityHeader` of an application."""
    yield from _cors(context)
    yield from _rate_limits(context)
    yield from _compression(context)
    yield from _headers(context)


def _in_force(context: Context, event: Event, row: Mapping[str, Any]) -> Live:
    """Whether what a call makes handles requests. A row that is `applied: always` does so by itself."""
    if row.get("applied") == "always":
        return context.set_up(event)
    found = context.is_applied(event)
    for method in context.methods.get(event.call, ()) if "applied_by_method" in row else ():
        name = method.call.callee.rpartition(".")[2]
        # Of `limiter.Allow()` only the answer limits.
        ignored = name in row.get("asked", ()) and context.serving.is_used(method.call) is False
        if name in row["applied_by_method"] and not ignored:
            found = better(found if found is True else False, context.is_applied(method))
    return found


def _at(event: Event) -> tuple[str, Any]:
    return event.call.file, event.call.node


def _cors(context: Context) -> Iterator[Resource]:
    for row in context.libraries.rows("cors"):
        for event in context.calls(row["calls"]):
            attributes = {"origins": _origins(event, row), "credentials": _credentials(event, row)}
            yield context.resource(CORS_POLICY, _at(event), _in_force(context, event, row), event.call.callee, "cors", attributes)
    by_hand = [(e, v) for e, header, v in _set_by_hand(context) if header == _ALLOW_ORIGIN]
    credentials = [v for _, header, v in _set_by_hand(context) if header == _ALLOW_CREDENTIALS]
    for event, value in by_hand:
        allowed = any(isinstance(v, Literal) and str(v.value).lower() == "true" for c in credentials for v in flat(c))
        # A handler that is only given to a router which nothing serves handles nothing.
        given_away = event.within is not None and context.applied[1].get(event.within) is False
        yield context.resource(CORS_POLICY, _at(event), False if given_away else event.live, event.call.callee, "cors", {"origins": _origin_texts(value), "credentials": allowed})


def _credentials(event: Event, row: Mapping[str, Any]) -> Value:
    if "credential_calls" in row:
        return _option_call(event, row["credential_calls"]) is not None
    return constant(given(event.call, row["credentials"]), False) if "credentials" in row else False


def _option_call(event: Event, calls: Sequence[str]) -> Call | None:
    """The argument that one of these calls makes: `handlers.AllowedOrigins(…)` among the options."""
    made = (v.call for a in event.call.arguments for v in flat(a) if isinstance(v, Symbol))
    return next((call for call in made if call is not None and call.callee in calls), None)


def _origins(event: Event, row: Mapping[str, Any]) -> Value:
    if row.get("origins") == "*":
        return ["*"]
    if _option_call(event, row.get("decided_calls", ())) is not None or any(given(event.call, {"argument": 0, "options": [name]}) is not None for name in row.get("decides", ())):
        return Unknown.because("a function of the application decides which origins are let in")
    option = _option_call(event, row.get("origin_calls", ()))
    value = option.arguments[0] if option is not None and option.arguments else given(event.call, row["origins"])
    if value is None and "everybody" in row and any(constant(given(event.call, w)) is True for w in row["everybody"]):
        return ["*"]
    if value is None or (isinstance(value, Literal) and value.value is None):
        return list(row.get("default_origins", ["*"]))
    return _origin_texts(value)


def _origin_texts(value: Symbolic) -> Value:
    """Origins as written. `true` reflects whoever asks, which is everybody; a pattern that matches anything is, too."""
    if isinstance(value, Items):
        found = texts(Items(tuple(m for m in value.members if not isinstance(m, Function)), value.open))
    elif isinstance(value, Function):
        return Unknown.because("a function of the application decides which origins are let in")
    elif isinstance(value, Literal) and isinstance(value.value, bool):
        return ["*"] if value.value else []
    else:
        several = [texts(option if not isinstance(option, Literal) else _split(option)) for option in options(value)]
        known = [t for s in several if isinstance(s, list) for t in s]
        hidden = [s for s in several if isinstance(s, Unknown)]
        found = OpenList(known, Unknown.merge(hidden)) if known and hidden else Unknown.merge(hidden) if hidden else known
    if isinstance(found, Unknown):
        return found
    plain: list[Value] = ["*" if origin in ("*", "null", "/.*/", "/./", "/^.*$/", "true", ".*", "http://*", "https://*") else origin for origin in found]  # type: ignore[union-attr]
    return OpenList(plain, found.unknown) if isinstance(found, OpenList) else plain


def _split(value: Literal) -> Symbolic:
    """`https://a, https://b` in one text."""
    if isinstance(value.value, str) and "," in value.value and not value.value.startswith("/"):
        return Items(tuple(Literal(part.strip()) for part in value.value.split(",") if part.strip()))
    return value


def _rate_limits(context: Context) -> Iterator[Resource]:
    uses: dict[Call, list[Event]] = {}
    for other, _ in context.applying:
        for made in {s.call for a in other.call.arguments for s in symbols(a) if s.call is not None}:
            uses.setdefault(made, []).append(other)
    for row in context.libraries.rows("rate_limits"):
        for event in context.calls(row["calls"]):
            count, window = _formatted(event, row) if "formatted" in row else (_amount(event, row["count"]), _window(event, row))
            live = event.live
            applied = _in_force(context, event, row)
            if "applied_by" in row:
                applied = _mentioned(context, row["applied_by"])
            applied = both(applied, False if _comes_too_late(context, uses.get(event.call, ())) else _limits(context, event, row))
            attributes: dict[str, Value] = {
                "perMinute": _per_minute(count, window),
                "limit": f"{_plain(count)}/{_plain(window)}s" if isinstance(count, int | float) and isinstance(window, int | float) else Unknown.merge([count, window]),
                "applied": applied,
                "storage": _storage(event, row),
                "scope": _scope(context, event),
            }
            yield context.resource(RATE_LIMIT, _at(event), live, event.call.callee, "rate limit", attributes)


def _limits(context: Context, event: Event, row: Mapping[str, Any]) -> Live:
    """Whether a limit keeps anybody out."""
    if "skips" in row and _always(context, given(event.call, row["skips"])):
        return False
    count = given(event.call, row["count"])
    unlimited = {_is_unlimited(context, option, row["count"]) for option in options(count)}
    if True in unlimited:
        return Unknown.because("it may be set up to let everybody in") if False in unlimited else False
    amount = _amount(event, row["count"]) if "formatted" not in row else None
    if isinstance(amount, int | float) and amount <= 0:
        return Unknown.because("a limit of 0 lets in everybody or nobody, as the version of the library has it")
    return True


def _comes_too_late(context: Context, uses: Sequence[Event]) -> bool:
    """Whether a limiter is only used where all routes are registered before it."""
    return bool(uses) and all(context.order.comes_last(use) for use in uses)


def _always(context: Context, decides: Symbolic | None) -> bool:
    """Whether a function says yes whatever it is asked."""
    if not isinstance(decides, Function):
        return False
    answers = context.returned(decides)
    return bool(answers) and all(isinstance(a, Literal) and a.value is True for a in answers)


def _is_unlimited(context: Context, count: Symbolic, where: Mapping[str, Any]) -> bool:
    """Whether a number is none: `Infinity`, `rate.Inf`, or one request in no time."""
    if not isinstance(count, Symbol):
        return False
    if count.call is not None and count.call.callee == where.get("every"):
        apart = number(count.call.arguments[0] if count.call.arguments else None)
        return isinstance(apart, int | float) and apart <= 0
    return context.libraries.matches(context.libraries.data.get("unlimited", ()), count.path)


def _window(event: Event, row: Mapping[str, Any]) -> float | Unknown | None:
    if "window" not in row:
        return float(row.get("seconds", 60.0))
    return seconds(given(event.call, row["window"]), row["window"].get("per", 1.0), row["window"].get("default"))


def _formatted(event: Event, row: Mapping[str, Any]) -> tuple[float | Unknown | None, float | Unknown | None]:
    """`10-M`: so many a second, minute, hour or day."""
    value = constant(given(event.call, row["formatted"]))
    match = _FORMATTED.match(value) if isinstance(value, str) else None
    if match is None:
        hidden = value if isinstance(value, Unknown) else Unknown.because("a limit that is not understood")
        return hidden, hidden
    return float(match[1]), {"S": 1.0, "M": 60.0, "H": 3600.0, "D": 86400.0}[match[2].upper()]


def _plain(figure: object) -> str:
    return f"{figure:g}" if isinstance(figure, int | float) else ""


def _amount(event: Event, where: Mapping[str, Any]) -> float | Unknown | None:
    value = given(event.call, where)
    if isinstance(value, Symbol) and value.call is not None and value.call.callee == where.get("every"):
        # `rate.Every(time.Minute / 10)`: one in so much time.
        apart = number(value.call.arguments[0] if value.call.arguments else None)
        return 1 / apart if isinstance(apart, int | float) and apart > 0 else Unknown.because("the time between two requests is not known")
    return number(value, where.get("default"))


def _per_minute(count: float | Unknown | None, window: float | Unknown | None) -> Value:
    if isinstance(count, Unknown) or isinstance(window, Unknown):
        return Unknown.merge([count, window])
    if count is None or window is None or window <= 0:
        return Unknown.because("the code does not say how many requests it lets through")
    return round(float(count) * 60.0 / float(window), 6)


def _mentioned(context: Context, patterns: Sequence[str]) -> Live:
    found: Live = False
    for path, (live, _, _) in context.trace.mentions.items():
        if context.libraries.matches(patterns, path):
            found = better(found, live)
    return found


def _storage(event: Event, row: Mapping[str, Any]) -> Value:
    if "storage" not in row or isinstance(row["storage"], str):
        return str(row.get("storage", "memory"))
    value = given(event.call, row["storage"])
    if value is None:
        return "memory"
    for option in options(value):
        path = option.path.lower() if isinstance(option, Symbol) else ""
        for name in ("redis", "valkey", "memcached", "mongo", "postgres"):
            if name in path:
                return "redis" if name == "valkey" else name if name in ("redis", "memcached") else "database"
    return unknown(value)


def _scope(context: Context, event: Event) -> Value:
    """`*`, or the path that a limit is put on with `use(path, limit)` or on a route."""
    for other in context.calls(context.libraries.data["applies"]):
        first = other.call.arguments[0] if other.call.arguments else None
        if any(isinstance(v, Symbol) and v.call == event.call for a in other.call.arguments for v in flat(a)):
            return first.value if isinstance(first, Literal) and isinstance(first.value, str) else "*"
    return "*"


def _compression(context: Context) -> Iterator[Resource]:
    for row in context.libraries.rows("compression"):
        for event in context.calls(row["calls"]):
            chosen = entry(event.call.arguments[0], "filter") if event.call.arguments and isinstance(event.call.arguments[0], Table) else None
            if isinstance(chosen, Function) and gives_nothing(context, chosen):
                continue
            attributes: dict[str, Value] = {"algorithm": str(row.get("algorithm", "gzip"))}
            yield context.resource(COMPRESSION, _at(event), _in_force(context, event, row), event.call.callee, "compression", attributes)


def _headers(context: Context) -> Iterator[Resource]:
    for row in context.libraries.rows("hsts"):
        for event in context.calls(row["calls"]):
            age = _hsts_age(event, row)
            if age is None:
                continue
            attributes: dict[str, Value] = {"header": HSTS, "maxAge": age}
            yield context.resource(SECURITY_HEADER, _at(event), _in_force(context, event, row), event.call.callee, HSTS, attributes)
    for event, header, value in _set_by_hand(context):
        if header != HSTS:
            continue
        live = both(event.live, context.is_applied(event)) if event.within is not None else event.live
        yield context.resource(SECURITY_HEADER, _at(event), live, event.call.callee, HSTS, {"header": HSTS, "maxAge": _age_in(value)})


def _hsts_age(event: Event, row: Mapping[str, Any]) -> Value:
    """Seconds; None where the call asks for no such header."""
    value = given(event.call, row["options"]) if "options" in row else None
    if isinstance(value, Literal) and value.value is False:
        return None
    if value is None or isinstance(value, Literal):
        default: Value = row.get("default")
        if isinstance(value, Literal) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
            return int(value.value)
        return default
    if isinstance(value, Table):
        age = number(entry(value, *row["age"]), row.get("default"))
        return int(age) if isinstance(age, float) else age
    return unknown(value)


def _age_in(value: Symbolic | None) -> Value:
    if isinstance(value, Literal):
        match = _MAX_AGE.search(str(value.value)[:500])
        return int(match[1]) if match else 0
    return unknown(value) if value is not None else Unknown.because("no value is seen")


def _set_by_hand(context: Context) -> Iterator[tuple[Event, str, Symbolic]]:
    """Headers that a handler sets itself: the call, the name in lower case, the value."""
    for row in context.libraries.rows("sets_header"):
        for event in context.calls(row["calls"]):
            if event.conditional:  # a header that is set for some requests, or by some configuration
                event = replace(event, live=context.set_up(event))
            first = event.call.arguments[row.get("name", 0)] if len(event.call.arguments) > row.get("name", 0) else None
            second = event.call.arguments[row.get("value", 1)] if len(event.call.arguments) > row.get("value", 1) else None
            if isinstance(first, Table):
                for name, value in first.entries.items():
                    yield event, name.lower(), value
            elif isinstance(first, Literal) and isinstance(first.value, str) and second is not None:
                yield event, first.value.lower(), second
