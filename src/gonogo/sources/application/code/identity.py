"""Who is let in: verification of signed tokens, and OAuth 2.0 flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gonogo.kinds.application import OAUTH_FLOW, TOKEN_VERIFICATION
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Event, Live, better
from gonogo.sources.application.code.observability import symbols
from gonogo.sources.application.code.reading import given, source_of, texts
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Function, Literal, Setting, Symbol, Symbolic, flat, options


def read(context: Context, refuses: Callable[[Event], Live]) -> Iterator[Resource]:
    """The `app/TokenVerification` and `app/OAuthFlow` of an application. `refuses`: what becomes of a token that fails a call."""
    verified = list(_verifications(context, refuses))
    yield from verified
    if not verified:
        # A token that is only taken apart proves nothing; beside a verification it is how the key is chosen.
        yield from _decodings(context)
    for row in context.libraries.rows("oauth"):
        for event in context.calls(row["calls"]):
            attributes: dict[str, Value] = {"provider": str(row["provider"]), "flow": str(row["flow"])}
            live = context.is_applied(event) if row.get("applied") == "middleware" else event.live
            at = (event.call.file, event.call.node)
            yield context.resource(OAUTH_FLOW, at, live, event.call.callee, f"oauth {row['provider']}", attributes)


def _verifications(context: Context, refuses: Callable[[Event], Live]) -> Iterator[Resource]:
    for row in context.libraries.rows("tokens"):
        for event in context.calls(row["calls"]):
            algorithms = texts(_algorithms(event, row))
            named = [str(a).lower() for a in algorithms] if isinstance(algorithms, list) else []
            none = "none" in named or "" in named
            attributes: dict[str, Value] = {
                "algorithms": algorithms,
                "verifiesSignature": False if none else _verifies(event, row),
                "secretFrom": _secret(context, event, row),
                "applied": _applied(context, event, row),
                "refuses": _middleware_refuses(event, row) if row.get("middleware") else refuses(event),
            }
            yield context.resource(TOKEN_VERIFICATION, (event.call.file, event.call.node), event.live, event.call.callee, "token verification", attributes)


def _decodings(context: Context) -> Iterator[Resource]:
    for row in context.libraries.rows("token_decodings"):
        for event in context.calls(row["calls"]):
            attributes: dict[str, Value] = {"algorithms": [], "verifiesSignature": False, "secretFrom": "", "applied": context.is_applied(event), "refuses": False}
            yield context.resource(TOKEN_VERIFICATION, (event.call.file, event.call.node), event.live, event.call.callee, "token decoding", attributes)


def _middleware_refuses(event: Event, row: Mapping[str, Any]) -> Value:
    """A library that answers itself refuses, unless it is told to let in who brings no token."""
    required = given(event.call, row["required"]) if "required" in row else None
    if required is None or (isinstance(required, Literal) and required.value is not False):
        return True
    return Unknown.because(f"{event.call.file}:{event.call.node.line}: who brings no token is let in")


def _algorithms(event: Event, row: Mapping[str, Any]) -> Symbolic | None:
    value = given(event.call, row["algorithms"]) if "algorithms" in row else None
    if value is None and "algorithm_calls" in row:
        # `jwt.WithValidMethods([]string{"HS256"})` among the options.
        for symbol in (s for a in event.call.arguments for s in symbols(a)):
            if symbol.call is not None and symbol.call.callee in row["algorithm_calls"] and symbol.call.arguments:
                return symbol.call.arguments[0]
    return value


def _verifies(event: Event, row: Mapping[str, Any]) -> Value:
    """False where no key is given, or the call is told not to verify."""
    key = given(event.call, row["secret"]) if "secret" in row else None
    return not (isinstance(key, Literal) and key.value in (None, "", False))


def _secret(context: Context, event: Event, row: Mapping[str, Any]) -> Value:
    if "secret_from" in row:
        return str(row["secret_from"])
    value = given(event.call, row["secret"]) if "secret" in row else None
    if value is None:
        for other in context.calls(row.get("secret_calls", ())):
            value = given(other.call, row["secret_of_calls"])
            if value is not None:
                break
    if value is None:
        return ""
    managers = context.libraries.data.get("secret_managers", {})
    functions = [v for v in flat(value) if isinstance(v, Function)]
    if functions:
        # A key function: what it, or what it calls, returns.
        found = [source_of(r, managers) for f in functions for r in context.returned(f)]
        known = {f for f in found if isinstance(f, str) and f}
        return known.pop() if len(known) == 1 else Unknown.because("a function of the application finds the key")
    for option in options(value):
        if isinstance(option, Symbol) and any(context.libraries.matches(context.libraries.data["remote_keys"], s.path) for s in symbols(option)):
            return "remote"
    # `new TextEncoder().encode(secret)` is the secret still.
    conversions = context.libraries.data.get("secret_conversions", ())
    inner = [s.call.arguments[0] for s in options(value) if isinstance(s, Symbol) and s.call is not None and s.call.callee in conversions and s.call.arguments]
    key = inner[0] if len(inner) == 1 else value
    if any(isinstance(o, Setting) and isinstance(o.default, Literal) and o.default.value not in (None, "") for o in options(key)):
        # What the environment really gives a deployment, code does not tell.
        return Unknown.because(f"{event.call.file}:{event.call.node.line}: the source gives the key where the environment does not")
    return source_of(key, managers)


def _applied(context: Context, event: Event, row: Mapping[str, Any]) -> Live:
    """Whether requests are let in only with such a token."""
    if _comes_after_the_routes(context, event):
        return False
    found = context.is_applied(event)
    if found is True:
        return True
    for other in context.calls(row.get("applied_by", ())):
        guard = row.get("guard")
        given_words = [v.value for a in other.call.arguments for v in flat(a) if isinstance(v, Literal)]
        if guard is None or not given_words or guard in given_words:
            applied = context.is_applied(other) if row.get("guard_is_middleware") else other.live
            found = better(found, applied)
    node: Node | None = event.call.node
    functions = context.applied[1]
    while node is not None:
        if node in functions:
            found = better(found, functions[node])
        node = node.parent
    return found


def _comes_after_the_routes(context: Context, event: Event) -> bool:
    """Whether every use of the function that verifies stands behind the routes that it should guard: Express asks in the order of the calls."""
    around = set(event.call.node.above())
    uses = [use for use, _ in context.applying if any(isinstance(v, Function) and v.node in around for a in use.call.arguments for v in flat(a))]
    return bool(uses) and all(context.order.comes_last(use) for use in uses)
