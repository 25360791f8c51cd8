"""Whether a request whose token fails its verification is refused: somebody looks at the error, and does not go on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.model.value import Unknown
from gonogo.sources.application.code.events import Event, Live, Trace
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.go.project import FUNCTIONS

MAX_DEPTH = 5

_REFUSES = re.compile(r"(?i)unauthori[sz]ed|unauthenticated|forbidden|denied|redirect|abort|http\.Error\b|\bpanic\b|\b4\d\d\b")
_GOES_ON = re.compile(r"(?:ServeHTTP|Next|next)\(")
_FAILED = re.compile(r"!=\s*nil|!\s*[\w(]|==\s*false")


class Refusals:
    """Answers for the calls of a trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def of(self, event: Event) -> Live:
        """True where a failed verification refuses the request; never false, as a later check that is not seen may refuse it."""
        node = event.call.node
        if self._heeded(node, 0, frozenset()):
            return True
        return Unknown.because(f"{event.call.file}:{node.line}: that a request whose token fails is refused is not seen")

    def _heeded(self, call: Node, depth: int, seen: frozenset[Node]) -> bool:
        """Whether who calls looks at what comes back, and its callers at what it returns."""
        function = next((n for n in call.above() if n.type in FUNCTIONS), None)
        if function is None or depth >= MAX_DEPTH or function in seen:
            return False
        names = _known_as(call)
        returned = any(n.type == "return_statement" and any(c is call for c in n.below()) for n in _own(function))
        if not returned and not _looked_at(function, names, call):
            return False
        callers = self._callers(function)
        # An error that is given back is looked at by somebody; a handler gives none.
        return not callers or "result" not in function.fields or any(self._heeded(c, depth + 1, seen | {function}) for c in callers)

    def _callers(self, function: Node) -> list[Node]:
        named = function.fields.get("name")
        found: list[Node] = []
        for start, called in self._trace.calls_of.items():
            if named is not None and any(one.node is function for one, _ in called):
                found.extend(n for n in start.below() if n.type == "call_expression" and n.fields["function"].text.rpartition(".")[2] == named.text)
        return found


def _known_as(call: Node) -> frozenset[str]:
    """The names that the results of a call are given; `_` is none."""
    for node in call.above():
        if node.type in ("short_var_declaration", "assignment_statement") and "left" in node.fields:
            return frozenset(n.text for n in node.fields["left"].children if n.text != "_")
        if node.type == "var_spec":
            return frozenset(n.text for n in node.children if n.type == "identifier" and n.text != "_")
        if node.type in FUNCTIONS or node.type == "block":
            break
    return frozenset()


def _looked_at(function: Node, names: frozenset[str], call: Node) -> bool:
    """Whether a function does not go on where a condition asks for one of these names, or for what a call gives."""
    for node in _own(function):
        if node.type == "return_statement" and _mentions(node, names):
            return True
        if node.type == "if_statement" and _asks(node.fields.get("condition"), names, call) and _refuses(node):
            return True
        if node.type == "expression_switch_statement" and _mentions(node, names) and _REFUSES.search(node.text[:5000]):
            return True
    return False


def _refuses(branch: Node) -> bool:
    """Whether an `if` that asks for a failure leaves, or what follows one that asks for success refuses."""
    consequence = branch.fields["consequence"]
    alternative = branch.fields.get("alternative")
    if _REFUSES.search(consequence.text[:5000]) or (alternative is not None and _REFUSES.search(alternative.text[:5000])):
        return True
    leaves = any(n.type == "return_statement" for n in consequence.below())
    if _FAILED.search(branch.fields["condition"].text[:500]):
        return leaves and not _GOES_ON.search(consequence.text[:5000])
    following = branch.parent.children[branch.parent.children.index(branch) + 1 :] if branch.parent is not None else []
    # `if token.Valid { return claims, nil }; return nil, err`
    return any(_REFUSES.search(n.text[:5000]) or (leaves and n.type == "return_statement" and "," in n.text) for n in following)


def _asks(condition: Node | None, names: frozenset[str], call: Node) -> bool:
    return _mentions(condition, names) or (condition is not None and any(n is call for n in condition.below()))


def _mentions(node: Node | None, names: frozenset[str]) -> bool:
    return node is not None and any(n.text in names for n in node.below() if n.type == "identifier")


def _own(function: Node) -> Iterator[Node]:
    """The nodes of a function, without those of functions in it."""
    stack = list(function.children)
    while stack:
        node = stack.pop()
        yield node
        if node.type not in FUNCTIONS:
            stack.extend(node.children)
