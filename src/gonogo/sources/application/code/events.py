"""What an application does with libraries: the calls that run, those that do not, and what each is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from gonogo.model.value import Unknown
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Call, Function, Symbol

Live = bool | Unknown
"""Whether code runs: it is reached from an entry point, it is not, or that is not known."""


@dataclass(frozen=True, slots=True)
class Event:
    """A call of a library, and whether it runs."""

    call: Call
    live: Live
    within: Node | None = None
    """The function of the application that it is written in."""
    conditional: str = ""
    """Why it may not run although the function that it is written in does."""
    applied_to: Symbol | None = None
    """The server that is given it by the very call: `register(plugin, options)`."""


@dataclass(slots=True)
class Trace:
    """All that one application does, in the order in which it was found."""

    events: list[Event] = field(default_factory=list)
    mentions: dict[str, tuple[Live, str, Node]] = field(default_factory=dict)
    """The things of libraries that are named at all, with file and place of the first mention that runs."""
    calls_of: dict[Node, list[tuple[Function, Live]]] = field(default_factory=dict)
    """The function a call is written in -> the application's own functions that it calls."""
    reached: dict[str, Live] = field(default_factory=dict)
    """Modules (packages) that are loaded."""
    named: set[Call] = field(default_factory=set)
    """The calls whose results are named somewhere, other than to call a method of them."""
    wrappers: set[Node] = field(default_factory=set)
    """Functions of the application that a router or a handler is given to."""
    unresolved: dict[Node, str] = field(default_factory=dict)
    """The function that something is called in which is not known -> what, with its line."""
    opaque: str = ""
    """Why there may be more modules than were seen, `` where there are not."""

    def live_of(self, path: str) -> Live:
        """Whether a module is loaded."""
        return self.reached.get(path, Unknown.because(self.opaque) if self.opaque else False)

    def live_of_unreached(self, path: str) -> Live:
        """Whether a function of a module runs that nothing which was seen calls."""
        live = self.live_of(path)
        if live is not True:
            return live
        return Unknown.because(self.opaque) if self.opaque else False


def both(first: Live, second: Live) -> Live:
    """Whether two things hold that must both hold."""
    if first is False or second is False:
        return False
    unknown = [v for v in (first, second) if isinstance(v, Unknown)]
    return Unknown.merge(unknown) if unknown else True


def better(first: Live, second: Live) -> Live:
    """Whether one of two holds."""
    if first is True or second is True:
        return True
    unknown = [v for v in (first, second) if isinstance(v, Unknown)]
    return Unknown.merge(unknown) if unknown else False


