"""Whether a request whose token fails its verification is refused: the failure is thrown, answered, or looked at by who asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from gonogo.model.value import Unknown
from gonogo.sources.application.code.events import Event, Live, Trace
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Function, flat
from gonogo.sources.application.javascript.scopes import FUNCTIONS

MAX_DEPTH = 5

_REFUSES = re.compile(r"(?i)unauthori[sz]ed|unauthenticated|forbidden|denied|redirect|reject|abort|\bthrow\b")
_STATUS = re.compile(r"4\d\d")
_ANSWERS = frozenset({"send", "json", "end", "render", "sendStatus", "writeHead", "throw", "deny"})
_CONDITIONS = frozenset({"if_statement", "ternary_expression"})
_NOTHING = frozenset({"null", "undefined", "false"})
# A guard of Nest that returns false refuses (https://docs.nestjs.com/guards).
_REFUSING_METHODS = frozenset({"canActivate"})


class _End(Enum):
    """How a block is left."""

    REFUSED = auto()
    RETURNED = auto()
    ONWARD = auto()


class Refusals:
    """Answers for the calls of a trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def of(self, event: Event) -> Live:
        """True where a failed verification refuses the request; never false, as a later check that is not seen may refuse it."""
        node = event.call.node
        callback = next((v.node for a in reversed(event.call.arguments) for v in flat(a) if isinstance(v, Function) and len(_parameters(v.node)) == 2), None)
        if self._by_callback(callback) if callback is not None else self._throws(node, 0, frozenset()):
            return True
        return Unknown.because(f"{event.call.file}:{node.line}: that a request whose token fails is refused is not seen")

    def _by_callback(self, callback: Node) -> bool:
        """`(error, payload) => …` looks at one of them, or hands the error on."""
        names = frozenset(_parameters(callback))
        handed = any(
            n.type == "call_expression" and _last(n) not in ("log", "error", "warn", "info", "debug") and any(a.text in names for a in _arguments(n)[:1])
            for n in _own(callback)
        )
        return handed or _looked_at(callback, names, stops=True)

    def _throws(self, call: Node, depth: int, seen: frozenset[Node]) -> bool:
        """Whether what a call throws, or rejects with, refuses the request."""
        function = _function(call)
        ends = _caught(call)
        if ends is not None and ends != {_End.REFUSED}:
            if function is None:
                return False
            if _End.ONWARD in ends and not _looked_at(function, _assigned_around(call)):
                return False
            return _End.RETURNED not in ends or self._heeded(function, depth, seen)
        if function is None or depth >= MAX_DEPTH or ends is not None:
            return depth < MAX_DEPTH
        callers = [c for c in self._callers(function) if _function(c) not in seen]
        return not callers or any(self._throws(c, depth + 1, seen | {function}) for c in callers)

    def _heeded(self, function: Node, depth: int, seen: frozenset[Node]) -> bool:
        """Whether somebody who gets what a function returns refuses because of it."""
        if _name(function) in _REFUSING_METHODS:
            return True
        if depth >= MAX_DEPTH:
            return False
        for call in self._callers(function):
            around = _function(call)
            if around is None or around in seen:
                continue
            names = _known_as(call)
            if _looked_at(around, names) or (_is_returned(around, names) and self._heeded(around, depth + 1, seen | {function})):
                return True
        return False

    def _callers(self, function: Node) -> list[Node]:
        name = _name(function)
        found: list[Node] = []
        for start, called in self._trace.calls_of.items():
            if name and any(one.node is function for one, _ in called):
                found.extend(n for n in start.below() if n.type == "call_expression" and _last(n) == name)
        return found


def _caught(call: Node) -> frozenset[_End] | None:
    """How the innermost `try` around a call, or the `.catch` of its promise, goes on after a failure; None without one."""
    below = call
    for node in call.above():
        if node.type in FUNCTIONS:
            return None
        if node.type == "member_expression" and node.fields.get("object") is below and node.fields["property"].text in ("catch", "then"):
            chained = node.parent
            position = 0 if node.fields["property"].text == "catch" else 1
            handlers = _arguments(chained)[position : position + 1] if chained is not None else []
            body = handlers[0].fields.get("body") if handlers and handlers[0].type in FUNCTIONS else None
            if body is not None:
                return _ends(body.children if body.type == "statement_block" else [body])
        if node.type == "try_statement" and node.fields.get("body") is below and "handler" in node.fields:
            return _ends(node.fields["handler"].fields["body"].children)
        below = node
    return None


def _ends(statements: Sequence[Node]) -> frozenset[_End]:
    """How a block may be left."""
    found: set[_End] = set()
    for node in statements:
        if node.type == "if_statement":
            alternative = node.fields.get("alternative")
            inner = _ends([node.fields["consequence"]]) | (_ends(alternative.children) if alternative is not None else {_End.ONWARD})
            found |= inner - {_End.ONWARD}
            if _End.ONWARD not in inner:
                return frozenset(found)
        elif node.type == "statement_block":
            inner = _ends(node.children)
            if _End.ONWARD not in inner:
                return frozenset(found | inner)
            found |= inner - {_End.ONWARD}
        elif node.type == "throw_statement" or _says_no(node):
            return frozenset({*found, _End.REFUSED})
        elif node.type == "return_statement":
            return frozenset({*found, _End.RETURNED})
    return frozenset({*found, _End.ONWARD})


def _says_no(node: Node) -> bool:
    """An answer, a status 4xx, the name of a refusal, or an error that is handed on: `next(error)`."""
    for inner in node.below():
        if inner.type == "number" and _STATUS.fullmatch(inner.text):
            return True
        if inner.type in ("identifier", "property_identifier") and _REFUSES.search(inner.text):
            return True
        if inner.type == "call_expression":
            function = inner.fields.get("function")
            if function is not None and function.type == "member_expression" and _last(inner) in _ANSWERS:
                return True
            if function is not None and function.type == "identifier" and _is_parameter(function) and _arguments(inner)[:1] and _arguments(inner)[0].text not in _NOTHING:
                return True
    return False


def _looked_at(function: Node, names: frozenset[str], *, stops: bool = False) -> bool:
    """Whether a function refuses where a condition asks for one of these names. `stops`: where it just returns, too."""
    for node in _own(function):
        if node.type in _CONDITIONS and _mentions(node.fields.get("condition"), names):
            branches = [n for n in (node.fields.get("consequence"), node.fields.get("alternative")) if n is not None]
            after = node.parent.children[node.parent.children.index(node) + 1 :] if node.parent is not None else []
            if any(_says_no(branch) or any(n.type == "throw_statement" for n in branch.below()) for branch in branches):
                return True
            returns = [n for branch in branches for n in branch.below() if n.type == "return_statement"]
            if stops and any(not n.children or n.children[0].text in _NOTHING for n in returns):
                return True
            if returns and any(_says_no(n) or n.type == "throw_statement" for n in after):
                return True
    return False


def _own(function: Node) -> Iterator[Node]:
    """The nodes of a function, without those of functions in it."""
    stack = list(function.children)
    while stack:
        node = stack.pop()
        yield node
        if node.type not in FUNCTIONS:
            stack.extend(node.children)


def _assigned_around(call: Node) -> frozenset[str]:
    """What the `try` around a call assigns to."""
    around = next((n for n in call.above() if n.type == "try_statement"), None)
    found: set[str] = set(_known_as(call))
    for node in around.below() if around is not None else ():
        if node.type == "assignment_expression":
            found.add(node.fields["left"].text)
    return frozenset(found)


def _known_as(call: Node) -> frozenset[str]:
    """The result of a call: itself, and the names that it is given."""
    found = {call.text}
    for node in call.above():
        if node.type in FUNCTIONS or node.type.endswith("_statement"):
            break
        target = node.fields.get("name") if node.type == "variable_declarator" else node.fields.get("left") if node.type == "assignment_expression" else None
        if target is not None:
            found |= {target.text, *(n.text for n in target.below() if n.type.endswith("identifier") or n.type.endswith("identifier_pattern"))}
    return frozenset(found)


def _is_returned(function: Node, names: frozenset[str]) -> bool:
    return any(n.type == "return_statement" and _mentions(n, names) for n in _own(function))


def _mentions(node: Node | None, names: frozenset[str]) -> bool:
    return node is not None and any(n.text in names for n in node.below() if n.type in ("identifier", "member_expression", "call_expression"))


def _is_parameter(identifier: Node) -> bool:
    return any(identifier.text in _parameters(n) for n in identifier.above() if n.type in FUNCTIONS)


def _parameters(function: Node) -> list[str]:
    """The names of the parameters of a function, also of one of TypeScript."""
    one = function.fields.get("parameter")
    if one is not None:
        return [one.text]
    listed = function.fields.get("parameters")
    return [(p.fields.get("pattern") or p).text for p in listed.children] if listed is not None else []


def _function(node: Node) -> Node | None:
    return next((n for n in node.above() if n.type in FUNCTIONS), None)


def _name(function: Node) -> str:
    named = function.fields.get("name")
    if named is None and function.parent is not None and function.parent.type in ("variable_declarator", "pair", "assignment_expression"):
        named = next((function.parent.fields[f] for f in ("name", "key", "left") if f in function.parent.fields), None)
    return named.text.rpartition(".")[2] if named is not None else ""


def _arguments(call: Node) -> list[Node]:
    listed = call.fields.get("arguments")
    return listed.children if listed is not None else []


def _last(call: Node) -> str:
    function = call.fields.get("function")
    if function is None:
        return ""
    return function.fields["property"].text if function.type == "member_expression" and "property" in function.fields else function.text
