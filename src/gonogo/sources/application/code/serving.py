"""Whether a router is served at all: what is made and only registered on, and handed to nobody, answers nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from gonogo.sources.application.code.events import Event, Live, Trace, better, both
from gonogo.sources.application.code.libraries import Libraries
from gonogo.sources.application.code.reading import given
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.uses import Target, Use, parameter_of, target_of, use_of
from gonogo.sources.application.code.values import Call, Either, Function, Literal, Opaque, Symbol, Symbolic, options

MAX_ABOVE = 20
MAX_STEPS = 12
MAX_OCCURRENCES = 2_000
MAX_LOOKS = 200_000

Valued = Callable[[Node, str], Symbolic]
"""What an expression of a file stands for."""
Around = Callable[[str], Sequence[tuple[str, Node]]]
"""The files, with their trees, that see what a file declares outside of every function."""


class Serving:
    """Looks at all that is done with a router, in code that runs and in code that does not: only what is done nowhere is certain.

    Whatever is not understood serves it. So `True` says that it is served or may be.
    """

    def __init__(self, trace: Trace, libraries: Libraries, value: Valued, around: Around) -> None:
        self._trace = trace
        self._libraries = libraries
        self._value = value
        self._around = around
        self._made: dict[Call, Live] = {}
        self._given: dict[tuple[Node, int], Live] = {}
        self._looks = 0
        self._names: dict[Node, Mapping[str, Sequence[Node]]] = {}

    def reaches(self, event: Event) -> Live:
        """Whether what a call registers on a router can answer anything. What registers nothing is as it is."""
        return self.of(event.call.of) if self._registers(event) else True

    def is_used(self, call: Call) -> Live:
        """Whether what a call gives back gets to a router that is served, or anywhere else; false where it is certain to be dropped."""
        if call not in self._made:
            self._made[call] = False  # a router that is mounted on itself
            self._made[call] = self._follow(call.node, call.file, call, MAX_STEPS)
        return self._made[call]

    def of(self, router: Symbol | None) -> Live:
        """Whether a router, or the one that it is a part of, is served."""
        at = router
        for _ in range(MAX_ABOVE):
            if at is None:
                return True
            if at.path in self._shared and at.call is None:
                return self._shared_is_served
            made = at.call
            if made is None:
                return True
            if made.of is not None and made.of.path in self._objects:
                at = made.of
            elif at.path in self._objects:
                return self.is_used(made)
            else:
                at = at.of
        return True

    def is_handed_on_after(self, call: Call, place: Node) -> bool:
        """Whether the router that a call made is given to anybody after a place of its file who may register more on it."""
        target = target_of(call.node)
        if target is None or target.use is not Use.NAMED:
            return True
        for file, name in self._occurrences(target, call.file):
            if file == call.file and name.start > place.end and use_of(name) and not self._only_starts(name):
                return True
        return False

    def _only_starts(self, name: Node) -> bool:
        """Whether a router is listened with, exported, or made a server of: what loads an export is followed."""
        target = target_of(name)
        if target is None:
            above = [n.type for n in name.above()][:2]
            left = name.parent.fields.get("left") if name.parent is not None else None
            return above[0] == "export_statement" or "export_specifier" in above or (left is not None and left.text == "module.exports")
        if target.use is not Use.ARGUMENT:
            return target.use in (Use.MEMBER, Use.DROPPED)
        event = self._event_at.get(target.node)
        return event is not None and event.call.callee in self._serves

    @cached_property
    def _objects(self) -> frozenset[str]:
        return frozenset(row["object"] for row in self._libraries.rows("routers") if "shared" not in row)

    @cached_property
    def _shared(self) -> frozenset[str]:
        return frozenset(row["object"] for row in self._libraries.rows("routers") if "shared" in row)

    @cached_property
    def _registering(self) -> frozenset[str]:
        """The methods of routers that register something on them, or set them up."""
        sections = ("verbs", "routes", "use", "mounts", "groups", "configures")
        return frozenset(name for row in self._libraries.rows("routers") for section in sections for name in row.get(section, ()))

    def _registers(self, event: Event) -> bool:
        return event.call.callee.rpartition(".")[2] in self._registering

    @cached_property
    def _event_at(self) -> Mapping[Node, Event]:
        # A plugin has the place of the call that registers it, and comes after it.
        return {event.call.node: event for event in reversed(self._trace.events)}

    @cached_property
    def _shared_is_served(self) -> Live:
        """Whether anything serves the router that a library keeps for all: `http.ListenAndServe(address, nil)`."""
        patterns: list[str] = [p for row in self._libraries.rows("routers") for p in row.get("shared", ())]
        if any(self._libraries.matches(patterns, path) for path in self._trace.mentions):
            return True
        another = False
        for event in (e for e in self._trace.events if e.live is not False):
            if self._libraries.matches(patterns, event.call.callee):
                return True
            for row in self._serves.get(event.call.callee, ()):
                if not _is_something(given(event.call, row), self._libraries):
                    return True
                another = another or event.live is True
        return not another

    @cached_property
    def _serves(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in self._libraries.rows("serves"):
            for call in row["calls"]:
                found[call].append(row)
        return found

    def _follow(self, node: Node, file: str, call: Call | None, steps: int) -> Live:
        """Whether what becomes of the value of an expression serves it. `call` made it, where that is known."""
        target = target_of(node)
        self._looks += 1
        if steps <= 0 or target is None or self._looks > MAX_LOOKS:
            return True
        if target.use is Use.DROPPED:
            return False
        if target.use is Use.SAME:
            return self._follow(target.node, file, call, steps - 1)
        if target.use is Use.NAMED:
            return self._named(target, file, call, steps - 1)
        if target.use is Use.MEMBER:
            # What comes of `router.Group("/v1")` is a part of it.
            return self._follow(target.node, file, call, steps - 1) if target.name in self._registering else True
        return self._argument(target, file, steps - 1)

    def _named(self, target: Target, file: str, call: Call | None, steps: int) -> Live:
        found: Live = False
        for path, name in self._occurrences(target, file):
            if found is True:
                break
            if use_of(name) and self._may_be(self._value(name, path), call):
                found = better(found, self._follow(name, path, call, steps))
        return found

    def _occurrences(self, target: Target, file: str) -> Iterator[tuple[str, Node]]:
        root = next((n for n in target.node.above() if n.parent is None), target.node)
        files = self._around(file) if target.outermost else [(file, root)]
        for path, tree in files:
            found = self._identifiers(tree).get(target.name, ())
            self._looks += min(len(found), MAX_OCCURRENCES)
            if len(found) > MAX_OCCURRENCES:
                self._looks = MAX_LOOKS + 1
            for name in found[:MAX_OCCURRENCES]:
                yield path, name

    def _identifiers(self, root: Node) -> Mapping[str, Sequence[Node]]:
        """The names in a file, each with its places: looked up once for all routers in it."""
        if root not in self._names:
            found: dict[str, list[Node]] = defaultdict(list)
            for node in root.below():
                if node.type in ("identifier", "shorthand_property_identifier"):
                    found[node.text].append(node)
            self._names[root] = found
        return self._names[root]

    def _may_be(self, value: Symbolic, call: Call | None) -> bool:
        """Whether a name may stand for what `call` made; another thing of the same name may not."""
        if call is None:
            return True
        for option in options(value):
            if isinstance(option, Symbol):
                part = option.call is not None and option.call.of is not None and option.call.of.path in self._objects
                if part or option.call == call or (option.call is None and option.path in self._objects):
                    return True
            elif not isinstance(option, Literal | Function):
                return True
        return False

    def _argument(self, target: Target, file: str, steps: int) -> Live:
        """Whether the call that a router is given to serves it: one that mounts it does where that router is served."""
        event = self._event_at.get(target.node)
        if event is not None:
            return both(event.live, self.reaches(event)) if self._registers(event) else True
        called = target.node.fields.get("function")
        functions = options(self._value(called, file)) if called is not None else ()
        found: Live = not functions
        for function in functions:
            found = better(found, self._parameter(function, target.index, steps) if isinstance(function, Function) else True)
        return found

    def _parameter(self, function: Function, index: int, steps: int) -> Live:
        """What a function of the application does with what it is given."""
        key = (function.node, index)
        if key not in self._given:
            self._given[key] = False  # a function that hands it to itself
            name = parameter_of(function.node, index)
            found: Live = name is None
            for node in function.node.below() if name is not None else ():
                if found is True:
                    break
                if node.type == "identifier" and node is not name and name is not None and node.text == name.text and use_of(node):
                    found = better(found, self._follow(node, function.file, None, steps))
            self._given[key] = found
        return self._given[key]


def _is_something(value: Symbolic | None, libraries: Libraries) -> bool:
    """Whether a handler is certain to be one: where it is nil, the shared router serves."""
    if value is None or isinstance(value, Literal | Opaque):
        return False
    if isinstance(value, Either):
        return all(_is_something(option, libraries) for option in value.options)
    return not isinstance(value, Symbol) or value.call is not None or not libraries.matches(libraries.data.get("interfaces", ()), value.path)
