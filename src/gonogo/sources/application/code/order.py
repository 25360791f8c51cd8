"""What a request passes on a router, in the order in which it was registered there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from gonogo.sources.application.code.events import Event, Trace
from gonogo.sources.application.code.libraries import Libraries
from gonogo.sources.application.code.serving import Serving
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.uses import parameter_of, parameters_of
from gonogo.sources.application.code.values import Call, Function, Literal, Symbol, flat

MAX_ABOVE = 20
MAX_TEXT = 20_000
_EVERYTHING = frozenset({"", "/", "*", "/*", "(.*)", "/(.*)", "*splat", "/*splat", "{*splat}", "/{*splat}"})


class Order:
    """Compares only what is registered in one function of one file, on routers whose rows say `in_order`: elsewhere the order is not known."""

    def __init__(self, trace: Trace, libraries: Libraries, serving: Serving) -> None:
        self._trace = trace
        self._libraries = libraries
        self._serving = serving
        self._spans: dict[Call, tuple[int | None, int | None]] = {}

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        return {row["object"]: row for row in self._libraries.rows("routers") if row.get("in_order")}

    @cached_property
    def _on(self) -> Mapping[Call, Sequence[Event]]:
        """The call that made a router -> what is registered on it, and on its groups."""
        found: dict[Call, list[Event]] = defaultdict(list)
        for event in self._trace.events:
            for made in self._makers(event.call.of) if event.live is not False else ():
                found[made].append(event)
        return found

    def _makers(self, router: Symbol | None) -> Iterator[Call]:
        """The call that made a router, and those that made the routers that it is a group of."""
        at = router
        for _ in range(MAX_ABOVE):
            if at is None or at.call is None or at.path not in self._rows:
                return
            yield at.call
            at = at.call.of

    def comes_last(self, use: Event) -> bool:
        """Whether a middleware is registered when all routes are, so that it only sees what none of them answers."""
        of = use.call.of
        row = self._rows.get(of.path) if of is not None else None
        if of is None or row is None or of.call is None or use.call.callee.rpartition(".")[2] not in row.get("use", ()):
            return False
        first, last = self._span(of.call, row)
        return first is not None and first < use.call.node.end == last and not self._serving.is_handed_on_after(of.call, use.call.node)

    def _span(self, made: Call, row: Mapping[str, Any]) -> tuple[int | None, int | None]:
        """Where the first route of a router ends, and the last that takes requests; None where their order is not known."""
        if made not in self._spans:
            events = self._on.get(made, ())
            takes = [e for e in events if self._takes_requests(e, row)]
            beside = all(_is_beside(e, events[0]) for e in events)
            routes = [e.call.node.end for e in takes if self._is_route(e, row)]
            self._spans[made] = (min(routes), max(e.call.node.end for e in takes)) if beside and routes else (None, None)
        return self._spans[made]

    def is_cut_off(self, router: Symbol | None, event: Event) -> bool:
        """Whether something that was registered before answers every request, and lets none on to what `event` registers."""
        if router is None or router.call is None or router.path not in self._rows:
            return False
        end = self._ends_at.get((router, event.call.file, event.within))
        return end is not None and end < event.call.node.end

    @cached_property
    def _ends_at(self) -> Mapping[tuple[Symbol, str, Node | None], int]:
        """For each router and function, where the first call ends that registers an answer to every request."""
        found: dict[tuple[Symbol, str, Node | None], int] = {}
        for event in self._trace.events:
            router = event.call.of
            row = self._rows.get(router.path) if router is not None else None
            if router is None or row is None or event.live is not True or event.conditional:
                continue
            if self._takes_everything(event, row) and self._ends(event, row):
                key = (router, event.call.file, event.within)
                found[key] = min(found.get(key, event.call.node.end), event.call.node.end)
        return found

    def _is_route(self, event: Event, row: Mapping[str, Any]) -> bool:
        """Whether an event gives a router a route, or a router that has them."""
        if event.call.callee.rpartition(".")[2] in row["verbs"]:
            return len(event.call.arguments) > 1
        return any(isinstance(v, Symbol) and v.path in self._rows for a in event.call.arguments for v in flat(a))

    def _takes_requests(self, event: Event, row: Mapping[str, Any]) -> bool:
        """Whether what is registered handles more than errors."""
        name = event.call.callee.rpartition(".")[2]
        if name in row["verbs"]:
            return len(event.call.arguments) > 1
        if name not in (*row.get("use", ()), *row.get("mounts", ())):
            return name in row.get("groups", ()) or name in row.get("routes", ())
        functions = [v for a in event.call.arguments for v in flat(a) if not isinstance(v, Literal)]
        last = row.get("passes_on", MAX_ABOVE)
        return not functions or any(not isinstance(f, Function) or len(parameters_of(f.node)) <= last + 1 for f in functions)

    def _takes_everything(self, event: Event, row: Mapping[str, Any]) -> bool:
        name = event.call.callee.rpartition(".")[2]
        first = event.call.arguments[0] if event.call.arguments else None
        if name in row.get("use", ()):
            return not isinstance(first, Literal) or first.value in _EVERYTHING
        return row["verbs"].get(name) in ("GET", "*") and isinstance(first, Literal) and first.value in _EVERYTHING - {"", "/"}

    def _ends(self, event: Event, row: Mapping[str, Any]) -> bool:
        """Whether one of the handlers can let no request on: it is not given what it would call for that, or never names it."""
        position = row.get("passes_on")
        functions = [v for a in event.call.arguments for v in flat(a) if isinstance(v, Function)]
        return position is not None and any(_never_passes_on(f.node, position) for f in functions if f.node.type in self._libraries.functions)


def _is_beside(first: Event, second: Event) -> bool:
    """Whether two calls are written in one function: the earlier one runs first."""
    return first.call.file == second.call.file and first.within is second.within


def _never_passes_on(function: Node, position: int) -> bool:
    parameters = parameters_of(function)
    text = function.text
    if function.type in ("class", "class_declaration") or len(parameters) > position + 1 or len(text) > MAX_TEXT or "arguments" in text or "..." in text:
        return False
    name = parameter_of(function, position)
    if name is None:
        return len(parameters) <= position and "next" not in text
    body = function.fields.get("body")
    return body is not None and not any(n.text == name.text for n in body.below() if n.type in ("identifier", "shorthand_property_identifier"))
