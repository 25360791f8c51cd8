"""Caches: clients, what is written with an expiry or without, what is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gonogo.kinds.application import CACHE_READ, CACHE_WRITE, REDIS_CLIENT
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Event
from gonogo.sources.application.code.observability import symbols
from gonogo.sources.application.code.reading import given
from gonogo.sources.application.code.values import Call, Literal, Opaque, Setting, Symbolic, Table, entry, flat, options


def read(context: Context) -> Iterator[Resource]:
    """The `app/RedisClient`, `app/CacheWrite` and `app/CacheRead` of an application."""
    for row in context.libraries.rows("redis_clients"):
        for event in context.calls(row["calls"]):
            yield _resource(context, REDIS_CLIENT, event, "redis client", {"hostFrom": _host(event, row)})
    for row in context.libraries.rows("cache_writes"):
        for event in context.calls(row["calls"]):
            yield _resource(context, CACHE_WRITE, event, "cache write", {"expires": _expires(context, event, row)})
    for row in context.libraries.rows("cache_reads"):
        for event in context.calls(row["calls"]):
            yield _resource(context, CACHE_READ, event, "cache read", {})


def _resource(context: Context, kind: str, event: Event, what: str, attributes: Mapping[str, Value]) -> Resource:
    return context.resource(kind, (event.call.file, event.call.node), event.live, event.call.callee, what, attributes)


def _host(event: Event, row: Mapping[str, Any]) -> Value:
    for where in row.get("host", ()):
        value = given(event.call, where)
        if isinstance(value, Table):
            continue
        for option in options(value):
            if isinstance(option, Setting):
                return "environment"
            if isinstance(option, Literal) and isinstance(option.value, str) and option.value:
                return "literal"
            if any(True for s in symbols(option) if s.call is not None for a in s.call.arguments for v in flat(a) if isinstance(v, Setting)):
                return "environment"
        if value is not None:
            return Unknown.because("where its host comes from, the code computes")
    # Without a host every client connects to localhost.
    return "literal"


def _expires(context: Context, event: Event, row: Mapping[str, Any]) -> Value:
    if row.get("expires") is True:
        return True
    for where in row.get("expiry", ()):
        found = _given_expiry(event.call, where)
        if found is not None:
            return found
    if event.within is not None and any(_same_object(event, e) for e in context.calls(row.get("expire_calls", ())) if e.within is event.within):
        return True
    default = row.get("default_of_object")
    maker = event.call.of.call if event.call.of is not None else None
    while default is not None and maker is not None:
        value = given(maker, default)
        if value is not None:
            return _finite(value)
        maker = maker.of.call if maker.of is not None else None
    return False


def _same_object(event: Event, other: Event) -> bool:
    return event.call.of is not None and event.call.of == other.call.of


def _given_expiry(call: Call, where: Mapping[str, Any]) -> Value:
    """Whether one way of giving an expiry is used; None where it is not."""
    if "words" in where:
        # `set(key, value, "EX", 60)`: the words may stand at any place after the value.
        for argument in call.arguments[where["argument"] :]:
            if isinstance(argument, Literal) and isinstance(argument.value, str) and argument.value.upper() in where["words"]:
                return True
        hidden = [a for a in call.arguments[where["argument"] :] if isinstance(a, Opaque)]
        return Unknown.because(hidden[0].reason) if hidden else None
    value = given(call, where)
    if "kinds" in where and isinstance(value, Table):
        inner = entry(value, where["kinds"])
        return True if isinstance(inner, Literal | Setting) else None
    return None if value is None else _finite(value)


def _finite(value: Symbolic) -> Value:
    """Whether a time to live is finite: zero, null and a negative one keep for ever."""
    found: list[Value] = []
    for option in options(value):
        if isinstance(option, Literal):
            found.append(isinstance(option.value, int | float) and not isinstance(option.value, bool) and option.value > 0)
        elif isinstance(option, Table):
            found.append(Unknown.because("options of which none is an expiry that is known"))
        else:
            # A setting or something computed: an expiry is given, how long it is does not matter here.
            found.append(True if isinstance(option, Setting) else Unknown.because("the code computes the expiry"))
    if all(f is True for f in found):
        return True
    return False if all(f is False for f in found) else Unknown.because("an expiry that is not always given")
