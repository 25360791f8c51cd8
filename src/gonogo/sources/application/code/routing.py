"""The routes that an application serves: method, path through its routers, and what the handler does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gonogo.kinds.application import ROUTE
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.credentials import Guards
from gonogo.sources.application.code.events import Event, Live, better, both
from gonogo.sources.application.code.reading import constant, given
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import (
    Call,
    Either,
    Function,
    Items,
    Literal,
    Opaque,
    Setting,
    Symbol,
    Symbolic,
    entry,
    flat,
    options,
)

_FAILS = re.compile(r"\bpanic\(|\b(?:status|sendStatus|writeHead|code|WriteHeader|Status|AbortWithStatus)\(\s*(?:http\.Status(?:InternalServerError|NotImplemented|BadGateway|ServiceUnavailable)|50[0-4])\b")
MAX_ABOVE = 20


@dataclass(frozen=True, slots=True)
class Served:
    """One route before its handler is looked at. `handlers` are all functions and things it is given, in order."""

    method: str
    path: Value
    handlers: tuple[Symbolic, ...]
    event: Event
    live: Live
    """Whether the call that registers it runs."""
    router: Symbol | None
    row: Mapping[str, Any]


class Routing:
    """The routers of an application and what is served on them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._libraries = context.libraries

    def resources(self, more: Sequence[Served] = ()) -> Iterator[Resource]:
        """One `app/Route` for each route, in the order of their names."""
        for served in (*self._served(), *more):
            yield self._resource(served)

    @cached_property
    def _rows(self) -> Sequence[Mapping[str, Any]]:
        return self._libraries.rows("routers")

    def _served(self) -> Iterator[Served]:
        for row in self._rows:
            for name, method in row.get("verbs", {}).items():
                for event in self._context.calls([f"{row['object']}.{name}"]):
                    yield from self._route(row, event, method)
            for name, where in row.get("routes", {}).items():
                for event in self._context.calls([f"{row['object']}.{name}"]):
                    yield from self._described(row, event, where)
        for row in self._libraries.rows("served"):
            for event in self._context.calls(row["calls"]):
                found = given(event.call, row["path"]) if "path" in row else None
                path = constant(found, row.get("default_path", "/"))
                yield Served(row.get("method", "GET"), path, event.call.arguments, event, event.live, event.call.of, row)

    def _route(self, row: Mapping[str, Any], event: Event, method: str) -> Iterator[Served]:
        arguments = event.call.arguments
        at = row.get("path", 0)
        written = arguments[at] if at < len(arguments) else None
        if method == "?":
            # `Handle("GET", "/health", …)`: the method is an argument.
            found = constant(arguments[0] if arguments else None, "*")
            method = found if isinstance(found, str) else "*"
            written, at = (arguments[1] if len(arguments) > 1 else None), 1
        for path in _paths(written):
            whole = self._under(event.call.of, path, row)
            verb, whole = _method_in(method, whole)
            given_path = isinstance(path, Unknown) or path != "" or isinstance(written, Literal | Setting | Either)
            yield Served(verb, whole, arguments[at + 1 :] if given_path else arguments[at:], event, event.live, event.call.of, row)

    def _described(self, row: Mapping[str, Any], event: Event, where: Mapping[str, str]) -> Iterator[Served]:
        """`route({method, url, handler})`."""
        table = event.call.arguments[0] if event.call.arguments else None
        handlers = tuple(v for name in where["handlers"] if (v := entry(table, name)) is not None)
        methods = [m for v in flat(entry(table, where["method"])) if isinstance(m := constant(v), str)] or ["*"]
        for path in _paths(entry(table, where["path"])):
            for method in methods:
                yield Served(method.upper(), self._under(event.call.of, path, row), handlers, event, event.live, event.call.of, row)

    @cached_property
    def _mounts(self) -> Mapping[Call, tuple[Symbol, Value, Event]]:
        """The call that made a router -> where it is mounted, and by which call."""
        found: dict[Call, tuple[Symbol, Value, Event]] = {}
        for row in self._rows:
            for name in row.get("mounts", ()):
                for event in self._context.calls([f"{row['object']}.{name}"]):
                    if event.call.of is None:
                        continue
                    first = event.call.arguments[0] if event.call.arguments else None
                    prefix = constant(first) if isinstance(first, Literal | Setting) else ""
                    for value in (v for a in event.call.arguments for v in flat(a)):
                        if isinstance(value, Symbol) and value.call is not None and value.path in self._objects and value.call not in found:
                            found[value.call] = (event.call.of, prefix, event)
        return found

    @cached_property
    def _objects(self) -> frozenset[str]:
        return frozenset(row["object"] for row in self._rows)

    def _above(self, router: Symbol | None, row: Mapping[str, Any]) -> tuple[list[Value], Live]:
        """The prefixes of a router, outermost first, and whether it is served."""
        prefixes: list[Value] = []
        live: Live = True
        at = router
        for _ in range(MAX_ABOVE):
            call = at.call if at is not None else None
            if call is None or at is None:
                break
            group = next((w for name, w in row.get("groups", {}).items() if call.callee.endswith(f".{name}")), None)
            if group is not None:
                prefixes.append(constant(given(call, group), ""))
                at = call.of
            elif call in self._mounts:
                at, prefix, mounted = self._mounts[call]
                prefixes.append(prefix)
                live = both(live, mounted.live)
            else:
                if call.callee in row.get("below", ()):
                    live = both(live, Unknown.because("where its router is mounted was not seen"))
                break
        return prefixes[::-1], live

    @cached_property
    def _own_guards(self) -> Guards:
        return Guards(self._context)

    def _reached(self, served: Served) -> Live:
        """Whether requests get to a route: it is registered, its router is served, and nothing before it answers them all."""
        if any(self._context.order.is_cut_off(router, place) for router, place in self._lineage(served)):
            return False
        return both(both(served.live, self._above(served.router, served.row)[1]), self._context.serving.of(served.router))

    def _under(self, router: Symbol | None, path: Value, row: Mapping[str, Any]) -> Value:
        parts = [*self._above(router, row)[0], path]
        hidden = Unknown.merge(parts)
        return hidden if hidden.reasons else _joined([str(p) for p in parts if p is not None])

    def _resource(self, served: Served) -> Resource:
        functions = [f for h in served.handlers for f in flat(h) if isinstance(f, Function)]
        last = functions[:1] if served.row.get("handler_first") else functions[-1:]
        events = self._context.events_of(last)
        exposes = self._exposes(served, events)
        checks, asked = self._checks(served, last, events)
        attributes: dict[str, Value] = {
            "method": served.method,
            "path": served.path,
            "authenticated": self._authenticated(served, functions),
            "checks": checks,
            "reportsFailure": self._reports_failure(served, last, events, asked),
            "answers": not any(_only_fails(f.node) for f in last),
            "exposes": Unknown.merge([checks.unknown]) if exposes == "json" and isinstance(checks, OpenList) else exposes,
        }
        path = served.path if isinstance(served.path, str) else "?"
        call = served.event.call
        return self._context.resource(ROUTE, (call.file, call.node), self._reached(served), call.callee, f"{served.method} {path}", attributes)

    def _exposes(self, served: Served, events: Sequence[Event]) -> Value:
        patterns = self._libraries.data["exposes"]["prometheus"]
        if "exposes" in served.row:
            return str(served.row["exposes"])
        if any(self._libraries.matches(patterns, e.call.callee) for e in events):
            return "prometheus"
        for handler in (v for h in served.handlers for v in flat(h)):
            at = handler if isinstance(handler, Symbol) else None
            for _ in range(MAX_ABOVE):
                if at is None:
                    break
                if self._libraries.matches(patterns, at.path) or (at.call is not None and self._names(at.call, patterns)):
                    return "prometheus"
                at = at.of
        metrics = isinstance(served.path, str) and served.path.rstrip("/").endswith("/metrics")
        if not metrics:
            return ""
        opaque = [h for h in served.handlers if isinstance(h, Opaque)]
        return Unknown.because(opaque[-1].reason) if opaque else "json"

    def _names(self, call: Call, patterns: Sequence[str]) -> bool:
        """Whether a call, or one that makes an argument of it, is one of `patterns`: `adaptor(promhttp.Handler())`."""
        if self._libraries.matches(patterns, f"{call.callee}()"):
            return True
        return any(isinstance(v, Symbol) and self._libraries.matches(patterns, v.path) for a in call.arguments for v in flat(a))

    def _checks(self, served: Served, handler: Sequence[Function], events: Sequence[Event]) -> tuple[Value, list[Event]]:
        found: dict[str, list[Event]] = {}
        for name, patterns in self._libraries.data["checks"].items():
            hits = [e for e in events if self._libraries.matches(patterns, e.call.callee)]
            if hits:
                found[name] = hits
        for name in served.row.get("checks", ()):
            found.setdefault(name, [])
        names: list[Value] = []
        names.extend(sorted(found))
        asked = [e for hits in found.values() for e in hits]
        hidden = [u for f in self._context.closure(handler) for u in self._unresolved.get(f.node, ())]
        if not handler and served.handlers and not served.row.get("known"):
            hidden = [h.reason for h in served.handlers if isinstance(h, Opaque)]
        return (OpenList(names, Unknown.because(*hidden[:3])) if hidden else names), asked

    @cached_property
    def _unresolved(self) -> Mapping[Node, Sequence[str]]:
        found: dict[Node, list[str]] = {}
        for start, why in self._context.trace.unresolved.items():
            node: Node | None = start
            while node is not None:
                if node.type in self._libraries.functions:
                    found.setdefault(node, []).append(why)
                node = node.parent
        return found

    def _reports_failure(self, served: Served, handler: Sequence[Function], events: Sequence[Event], asked: Sequence[Event]) -> Value:
        if served.row.get("reports_failure"):
            return True
        for row in self._libraries.rows("failures"):
            for event in events:
                if not self._libraries.matches(row["calls"], event.call.callee):
                    continue
                if "argument" not in row:
                    return True
                status = given(event.call, row)
                for option in options(status):
                    code = constant(option)
                    if isinstance(code, int) and code >= 400:
                        return True
                    if isinstance(option, Symbol) and self._libraries.matches(self._libraries.data["failure_statuses"], option.path):
                        return True
        words = self._libraries.data["failure_words"]
        for function in self._context.closure(handler):
            for node in function.node.below():
                if node.type in self._libraries.data["throws"] and not _caught(node, function.node):
                    return True
                if node.type in self._libraries.data["strings"] and node.text.strip("\"'`").lower() in words:
                    return True
        if served.row.get("rejections_fail") and any(not _caught(e.call.node, None) for e in asked):
            return True
        if not handler and not asked:
            return Unknown.because("the handler is not a function of the application that was read")
        return False

    def _authenticated(self, served: Served, functions: Sequence[Function]) -> Value:
        calls, nodes = self._authentication
        middlewares = [v for h in served.handlers for v in flat(h)]
        for value in middlewares:
            if isinstance(value, Symbol) and value.call in calls:
                return True
        for function in functions[:-1]:
            if function.node in nodes:
                return True
        above = self._guards(served)
        if above is not False:
            return above
        for function in functions[:-1]:
            above = better(above, self._own_guards.turns_away(function, served.path))
        if above is not False:
            return above
        hidden = [v for v in middlewares[:-1] if isinstance(v, Opaque)]
        return Unknown.merge([Unknown.because(h.reason) for h in hidden]) if hidden else False

    def _guards(self, served: Served) -> Live:
        """Whether a middleware of the router, or of one above it, asks for credentials before this route is reached."""
        calls, nodes = self._authentication
        found: Live = False
        above = [(router, place) for router, place in self._lineage(served) if router in self._uses]
        for event, prefix, place in ((*use, place) for router, place in above for use in self._uses[router]):
            path = served.path if isinstance(served.path, str) else ""
            if prefix and not path.startswith(prefix):
                continue
            # What is registered after a route does not stand before it.
            if event.call.file == place.call.file and event.call.node.end > place.call.node.end and served.row.get("ordered", True):
                continue
            for value in (v for a in event.call.arguments for v in flat(a)):
                if (isinstance(value, Symbol) and value.call in calls) or (isinstance(value, Function) and value.node in nodes):
                    found = better(found, event.live)
                elif isinstance(value, Function):
                    turned = self._own_guards.turns_away(value, served.path)
                    beside = event.call.file == place.call.file and event.within is place.within
                    # Which of two functions registers first is not known.
                    found = better(found, both(event.live, turned if beside or turned is not True else Unknown.because("a middleware that answers 401 may stand before it")))
        return found

    def _lineage(self, served: Served) -> Iterator[tuple[Symbol, Event]]:
        """The router of a route, and those it is mounted on, each with the call that registers the route, or its router, there."""
        at, place = served.router, served.event
        for _ in range(MAX_ABOVE):
            if at is None:
                return
            yield at, place
            call = at.call
            if call is None:
                return
            if any(call.callee.endswith(f".{name}") for name in served.row.get("groups", {})):
                at = call.of
            elif call in self._mounts:
                at, _, place = self._mounts[call]
            else:
                return

    @cached_property
    def _uses(self) -> Mapping[Symbol, Sequence[tuple[Event, str]]]:
        found: dict[Symbol, list[tuple[Event, str]]] = {}
        for row in self._rows:
            for name in row.get("use", ()):
                for event in self._context.calls([f"{row['object']}.{name}"]):
                    first = event.call.arguments[0] if event.call.arguments else None
                    prefix = first.value if isinstance(first, Literal) and isinstance(first.value, str) else ""
                    if event.call.of is not None and event.live is not False:
                        found.setdefault(event.call.of, []).append((event, prefix))
        return found

    @cached_property
    def _authentication(self) -> tuple[frozenset[Call], frozenset[Node]]:
        """Middlewares that refuse callers without credentials, and functions of the application that verify them."""
        made = frozenset(e.call for e in self._context.calls(self._libraries.data["authentication"]))
        nodes: set[Node] = set()
        for event in self._context.calls(self._libraries.data["verification"]):
            node: Node | None = event.call.node
            while node is not None:
                if node.type in self._libraries.functions:
                    nodes.add(node)
                node = node.parent
        return made, frozenset(nodes)


def _paths(written: Symbolic | None) -> list[Value]:
    """The paths that are written; `` where the first argument is no path."""
    if isinstance(written, Items):
        found = [constant(m) for m in written.members if not isinstance(m, Function)]
        return [p for p in found if isinstance(p, str | Unknown)] or [""]
    if isinstance(written, Either) and all(isinstance(o, Literal | Setting) for o in written.options):
        known: list[Value] = [o.value for o in written.options if isinstance(o, Literal) and isinstance(o.value, str)]
        return known or [constant(written)]
    if isinstance(written, Setting):
        return [constant(written.default)] if written.default is not None else [constant(written)]
    if written is None or isinstance(written, Function | Symbol):
        return [""]
    found_one = constant(written)
    return [found_one if isinstance(found_one, str | Unknown) else ""]


def _joined(parts: Sequence[str]) -> str:
    pieces = [p.strip("/") for p in parts if p.strip("/")]
    method, blank, path = parts[-1].partition(" ") if parts else ("", "", "")
    if blank and method.isupper():
        # net/http since Go 1.22: `GET /health`.
        return f"{method} /" + "/".join([*pieces[:-1], path.strip("/")]).strip("/")
    return "/" + "/".join(pieces)


def _method_in(method: str, path: Value) -> tuple[str, Value]:
    if isinstance(path, str) and " " in path:
        head, _, rest = path.partition(" ")
        return head, rest
    return method, path


def _caught(node: Node, until: Node | None) -> bool:
    """Whether something is written in the body of a `try` that catches."""
    below = node
    for above in node.above():
        if above.type == "try_statement" and above.fields.get("body") is below and "handler" in above.fields:
            return True
        if above is until:
            return False
        below = above
    return False


def _only_fails(handler: Node) -> bool:
    """Whether a handler has one statement, and that throws, panics or gives a status 5xx."""
    body = handler.fields.get("body")
    statements = body.children if body is not None and body.type in ("statement_block", "block", "statement_list") else [body] if body is not None else []
    while len(statements) == 1 and statements[0].type in ("statement_block", "block", "statement_list"):
        statements = statements[0].children
    if len(statements) != 1:
        return False
    only = statements[0]
    return only.type == "throw_statement" or _FAILS.search(only.text[:300]) is not None
