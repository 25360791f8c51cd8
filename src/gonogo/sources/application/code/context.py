"""One application as it was followed: its trace, its libraries, and the resources made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Path, Unknown, Value
from gonogo.sources.application.code.events import Event, Live, Trace, better, both
from gonogo.sources.application.code.libraries import Libraries
from gonogo.sources.application.code.order import Order
from gonogo.sources.application.code.serving import Around, Serving, Valued
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Call, Function, Symbol, Symbolic, Table, flat

MAX_WRAPPED = 12

Installed = Callable[[str], Live]
"""Whether what a symbolic path begins with is in what the image installs."""


@dataclass(frozen=True)
class Context:
    """What the detectors are given. `directory` is that of the application; `language` and `source` go into its resources."""

    directory: str
    language: str
    trace: Trace
    libraries: Libraries
    installed: Installed
    package: Callable[[str], str]
    """The library that a symbolic path begins with; `` for the language's own."""
    returned: Callable[[Function], Sequence[Symbolic]]
    """What a function of the application may return."""
    value: Valued
    around: Around
    _names: dict[str, int] = field(default_factory=lambda: defaultdict(int), repr=False)

    def resource(
        self,
        kind: str,
        at: tuple[str, Node],
        live: Live,
        path: str,
        what: str,
        attributes: Mapping[str, Value],
        places: Mapping[Path, Location] | None = None,
    ) -> Resource:
        """A resource of code at a node of a file, done by the library that `path` begins with."""
        file, node = at
        library, installed = self._library(path)
        name = f"{self.directory or '.'}:{self.language}:{file}:{what}"
        self._names[kind + name] += 1
        if self._names[kind + name] > 1:
            name = f"{name}#{self._names[kind + name]}"
        common: dict[str, Value] = {
            "application": self.directory,
            "language": self.language,
            "library": library,
            "module": file,
            "installed": installed,
            "reachable": live,
        }
        return Resource(kind, name, {**common, **attributes}, {(): Location(file, node.line), **(places or {})}, source=self.language)

    def set_up(self, event: Event) -> Live:
        """Whether a set-up runs: what stands under a condition may not, wherever it is written."""
        return both(event.live, Unknown.because(event.conditional)) if event.conditional else event.live

    def _library(self, path: str) -> tuple[str, Live]:
        """The library that does what `path` names, and whether it is installed: `ioredis()` may be what several packages make."""
        best = path
        installed = self.installed(path)
        for origin in self.libraries.origins(path) if installed is not True else ():
            found = self.installed(origin)
            if found is True or (installed is False and found is not False):
                best, installed = origin, found
        name = self.package(best)
        return self.libraries.known_as(name), installed

    def calls(self, patterns: Sequence[str]) -> Iterator[Event]:
        """The events that call what one of these patterns matches."""
        for callee, events in self._by_callee.items():
            if self.libraries.matches(patterns, callee):
                yield from events

    @cached_property
    def _by_callee(self) -> Mapping[str, Sequence[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.trace.events:
            found[event.call.callee].append(event)
        return found

    @cached_property
    def methods(self) -> Mapping[Call, Sequence[Event]]:
        """The call that made an object -> the calls of its methods."""
        found: dict[Call, list[Event]] = defaultdict(list)
        for event in self.trace.events:
            if event.call.of is not None and event.call.of.call is not None:
                found[event.call.of.call].append(event)
        return found

    @cached_property
    def inside(self) -> Mapping[Node, Sequence[Event]]:
        """A function -> the calls written in it, in functions in it, too."""
        found: dict[Node, list[Event]] = defaultdict(list)
        for event in self.trace.events:
            node: Node | None = event.call.node
            while node is not None:
                if node.type in self.libraries.functions:
                    found[node].append(event)
                node = node.parent
        return found

    def closure(self, starts: Sequence[Function], limit: int = 200) -> Sequence[Function]:
        """Functions of the application, and those that they call."""
        found = {f.node: f for f in starts}
        waiting = list(starts)
        while waiting and len(found) < limit:
            function = waiting.pop()
            for called, _ in self._called_in.get(function.node, ()):
                if called.node not in found:
                    found[called.node] = called
                    waiting.append(called)
        return list(found.values())

    @cached_property
    def _called_in(self) -> Mapping[Node, Sequence[tuple[Function, Live]]]:
        found: dict[Node, list[tuple[Function, Live]]] = defaultdict(list)
        for start, called in self.trace.calls_of.items():
            node: Node | None = start
            while node is not None:
                if node.type in self.libraries.functions:
                    found[node].extend(called)
                node = node.parent
        return found

    def events_of(self, starts: Sequence[Function]) -> list[Event]:
        """The calls that happen when these functions are called."""
        return [event for function in self.closure(starts) for event in self.inside.get(function.node, ())]

    @cached_property
    def serving(self) -> Serving:
        """Which routers are served."""
        return Serving(self.trace, self.libraries, self.value, self.around)

    @cached_property
    def order(self) -> Order:
        """What a request passes on a router before it gets to a route."""
        return Order(self.trace, self.libraries, self.serving)

    @cached_property
    def applying(self) -> Sequence[tuple[Event, Live]]:
        """The calls that give a server something to handle requests with, and whether that server is served and the call runs."""
        return [(event, both(event.live, self.serving.reaches(event))) for event in self.calls(self.libraries.data["applies"])]

    @cached_property
    def applied(self) -> tuple[Mapping[Call, Live], Mapping[Node, Live]]:
        """What a server is given to handle requests with: results of libraries' calls, and functions of the application."""
        calls: dict[Call, Live] = {}
        functions: dict[Node, Live] = {}
        for event, live in self.applying:
            for argument in event.call.arguments:
                self._apply(argument, live, calls, functions, MAX_WRAPPED)
        for node in self.trace.wrappers:
            functions[node] = True
        for called in self.closure([Function(node, "") for node, live in functions.items() if live is not False]):
            functions.setdefault(called.node, True)
        return calls, functions

    def _apply(self, given: Symbolic, live: Live, calls: dict[Call, Live], functions: dict[Node, Live], depth: int) -> None:
        """Mark what a server is given, and what that wraps: `handlers.CORS(…)(handlers.CompressHandler(router))`."""
        for value in flat(given):
            if isinstance(value, Function):
                functions[value.node] = better(live, functions.get(value.node, False))
            elif isinstance(value, Table) and value.type and depth:
                for member in value.entries.values():
                    self._apply(member, live, calls, functions, depth - 1)
            at: Symbol | None = value if isinstance(value, Symbol) else None
            for _ in range(MAX_WRAPPED):
                if at is None or not depth:
                    break
                if at.call is not None and calls.get(at.call) is not True:
                    calls[at.call] = better(live, calls.get(at.call, False))
                    for argument in at.call.arguments:
                        self._apply(argument, live, calls, functions, depth - 1)
                at = at.of

    def is_applied(self, event: Event) -> Live:
        """Whether what a call makes handles requests: it is given to a server, or the call is made by something that is."""
        if event.applied_to is not None:
            return both(self.set_up(event), self.serving.of(event.applied_to))
        calls, functions = self.applied
        found = calls.get(event.call, False)
        for method in self.methods.get(event.call, ()):
            name = method.call.callee.rpartition(".")[2]
            if name in self.libraries.data.get("applies_itself", ()) or (name in self.libraries.data.get("wraps", ()) and self.serving.is_used(method.call) is not False):
                found = better(found, method.live)
            found = better(found, calls.get(method.call, False))
        node: Node | None = event.call.node
        while node is not None and found is not True:
            if node in functions:
                found = better(found, functions[node])
            node = node.parent
        if found is False and event.live is not False and self._handed_on(event):
            return Unknown.because("what becomes of it was not followed")
        return both(found, event.live)

    def _handed_on(self, event: Event) -> bool:
        """Whether the result is an argument, a member or a return value, so that more may be done with it than was seen."""
        parent = event.call.node.parent
        handed = event.call in self.trace.named or (parent is not None and parent.type in self.libraries.data["hands_on"])
        return handed and self.serving.is_used(event.call) is not False
