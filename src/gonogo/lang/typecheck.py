"""Checks a tree against the shapes of its variables: names of fields, functions and variables, and types where they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from gonogo.lang.ast import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Has,
    Ident,
    Index,
    ListNode,
    Literal,
    MapNode,
    Node,
    Select,
    Unary,
)
from gonogo.lang.errors import LangError
from gonogo.lang.functions import FUNCTIONS
from gonogo.model.shape import ANY, BOOL, DOUBLE, INT, STRING, Dynamic, ListOf, MapOf, Record, Scalar, Shape

_NULL = Scalar("null")
_ORDERED = frozenset({"int", "double", "string", "bool"})
_OPERANDS = {"+": frozenset({"int", "double", "string"}), "%": frozenset({"int"})} | dict.fromkeys("-*/", frozenset({"int", "double"}))


@dataclass(frozen=True, slots=True)
class OptionalOf:
    """What `operand.?field` gives: not the value itself, so that no comparison with it is silently false."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class _Scope:
    variables: Mapping[str, Shape]

    def bind(self, **names: Shape) -> _Scope:
        return _Scope({**self.variables, **names})


def check(node: Node, variables: Mapping[str, Shape], expected: Shape | None = None) -> None:
    """Raises `LangError` for an unknown name, a wrong type, or a result that is not `expected`."""
    if expected is None:
        _type(node, _Scope(variables))
    else:
        _require(node, _Scope(variables), expected)


def describe(shape: Shape) -> str:
    """A shape in words."""
    match shape:
        case Scalar(type=name):
            return name
        case ListOf(item=item):
            return f"a list of {describe(item)}"
        case MapOf() | Record():
            return "a map"
        case Dynamic():
            return "anything"


def _fits(found: Shape, expected: Shape) -> bool:
    """Whether a value of shape `found` can be an `expected` one. Any field may be null, so null fits everything."""
    if isinstance(found, Dynamic) or isinstance(expected, Dynamic) or _NULL in (found, expected):
        return True
    if isinstance(found, Scalar) and isinstance(expected, Scalar):
        return found == expected or {found.type, expected.type} == {"int", "double"}
    if isinstance(found, ListOf) and isinstance(expected, ListOf):
        return _fits(found.item, expected.item)
    return isinstance(found, MapOf | Record) and isinstance(expected, MapOf | Record)


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _infer(node: Node, scope: _Scope) -> Shape:
    """The shape of `node`, which may not be an optional."""
    found = _type(node, scope)
    if isinstance(found, OptionalOf):
        raise LangError("this is an optional: take its value with orValue(), or ask hasValue()", node.offset)
    return found


def _type(node: Node, scope: _Scope) -> Shape | OptionalOf:
    match node:
        case Literal():
            return _literal(node)
        case Ident(name=name):
            if name not in scope.variables:
                raise LangError(f"no variable is called {name!r}{_hint(name, scope.variables)}", node.offset)
            return scope.variables[name]
        case Select() | Index():
            return _part(node, scope)
        case Has(select=select):
            _part(select, scope)
            return BOOL
        case Unary():
            return _unary(node, scope)
        case Binary():
            return _binary(node, scope)
        case Conditional():
            return _conditional(node, scope)
        case ListNode(items=items):
            shapes = [_infer(item, scope) for item in items]
            return ListOf(shapes[0] if shapes and all(s == shapes[0] for s in shapes) else ANY)
        case MapNode(entries=entries):
            for key, value in entries:
                _require(key, scope, STRING)
                _infer(value, scope)
            return MapOf(ANY)
        case Comprehension():
            return _comprehension(node, scope)
        case Call():
            return _call(node, scope)


def _part(node: Select | Index, scope: _Scope) -> Shape | OptionalOf:
    """A member; that of an optional is optional."""
    operand = _type(node.operand, scope)
    shape = operand.shape if isinstance(operand, OptionalOf) else operand
    if isinstance(node, Select):
        found = _field(shape, node.field, node.offset, node.operand)
    else:
        found = _index(node, shape, _infer(node.index, scope))
    return OptionalOf(found) if node.optional or isinstance(operand, OptionalOf) else found


def _literal(node: Literal) -> Shape:
    if node.value is None:
        return _NULL
    if isinstance(node.value, bool):
        return BOOL
    if isinstance(node.value, int):
        return INT
    return DOUBLE if isinstance(node.value, float) else STRING


def _field(operand: Shape, field: str, offset: int, node: Node) -> Shape:
    match operand:
        case Record(fields=fields):
            if field not in fields:
                raise LangError(f"{_name(node)} has no field {field!r}{_hint(field, fields)}", offset)
            return fields[field]
        case MapOf(value=value):
            return value
        case Dynamic():
            return ANY
        case _:
            raise LangError(f"{_name(node)} is {describe(operand)}, which has no field {field!r}", offset)


def _name(node: Node) -> str:
    """A chain of selections as it was written."""
    match node:
        case Ident(name=name):
            return name
        case Select(operand=operand, field=field):
            return f"{_name(operand)}.{field}"
        case Index(operand=operand):
            return f"{_name(operand)}[…]"
        case _:
            return "this"


def _index(node: Index, operand: Shape, index: Shape) -> Shape:
    match operand:
        case ListOf(item=item):
            if not _fits(index, INT):
                raise LangError(f"a list's index is an int, not {describe(index)}", node.index.offset)
            return item
        case MapOf(value=value):
            if not _fits(index, STRING):
                raise LangError(f"a map's key is a string, not {describe(index)}", node.index.offset)
            return value
        case Record():
            if isinstance(node.index, Literal) and isinstance(node.index.value, str):
                return _field(operand, node.index.value, node.index.offset, node.operand)
            return ANY
        case Dynamic():
            return ANY
        case _:
            raise LangError(f"{describe(operand)} has no members", node.offset)


def _require(node: Node, scope: _Scope, expected: Shape) -> Shape:
    found = _infer(node, scope)
    if not _fits(found, expected):
        raise LangError(f"must be {describe(expected)}, is {describe(found)}", node.offset)
    return found


def _unary(node: Unary, scope: _Scope) -> Shape:
    return _require(node.operand, scope, BOOL if node.operator == "!" else DOUBLE)


def _conditional(node: Conditional, scope: _Scope) -> Shape:
    _require(node.condition, scope, BOOL)
    then, otherwise = _infer(node.then, scope), _infer(node.otherwise, scope)
    return then if then == otherwise else ANY


def _binary(node: Binary, scope: _Scope) -> Shape:
    if node.operator in ("&&", "||"):
        _require(node.left, scope, BOOL)
        _require(node.right, scope, BOOL)
        return BOOL
    left, right = _infer(node.left, scope), _infer(node.right, scope)
    if node.operator == "in":
        if isinstance(right, Scalar):
            raise LangError(f"`in` looks into a list or a map, not into {describe(right)}", node.right.offset)
        if isinstance(right, ListOf) and not _fits(left, right.item):
            raise LangError(f"{describe(left)} is never in {describe(right)}", node.offset)
        return BOOL
    if node.operator in ("==", "!="):
        if not _fits(left, right):
            raise LangError(f"{describe(left)} is never {describe(right)}", node.offset)
        return BOOL
    ordered = node.operator in ("<", "<=", ">", ">=")
    if not (_orders(left, right) if ordered else _calculates(node.operator, left, right)):
        raise LangError(f"{node.operator} does not take {describe(left)} and {describe(right)}", node.offset)
    if ordered:
        return BOOL
    return left if left == right else ANY


def _orders(left: Shape, right: Shape) -> bool:
    """Whether two values of these shapes have an order; int and double have one with each other."""
    return _fits(left, right) and all(isinstance(s, Dynamic) or (isinstance(s, Scalar) and s.type in _ORDERED) for s in (left, right))


def _calculates(operator: str, left: Shape, right: Shape) -> bool:
    """Whether the operator takes these: CEL has no arithmetic of an int with a double."""
    sides = [side for side in (left, right) if not isinstance(side, Dynamic)]
    if operator == "+" and sides and all(isinstance(side, ListOf) for side in sides):
        return True
    types = {side.type if isinstance(side, Scalar) else "" for side in sides}
    return len(types) <= 1 and types <= _OPERANDS[operator]


def _comprehension(node: Comprehension, scope: _Scope) -> Shape:
    operand = _infer(node.operand, scope)
    key: Shape
    member: Shape
    match operand:
        case ListOf(item=item):
            key, member = INT, item
        case MapOf(value=value):
            key, member = STRING, value
        case Record():
            key, member = STRING, ANY
        case Dynamic():
            key, member = ANY, ANY
        case _:
            raise LangError(f"{node.name}() goes over a list or a map, not over {describe(operand)}", node.offset)
    over_map = isinstance(operand, MapOf | Record)
    if node.second:
        inner = scope.bind(**{node.variable: key, node.second: member})
    else:
        inner = scope.bind(**{node.variable: key if over_map else member})
    if node.condition is not None:
        _require(node.condition, inner, BOOL)
    if node.name == "filter":
        return ListOf(key if over_map else member)
    if node.result is not None:
        return ListOf(_infer(node.result, inner))
    return BOOL


def _call(node: Call, scope: _Scope) -> Shape | OptionalOf:
    function = FUNCTIONS.get((node.name, node.receiver is not None))
    if function is None:
        known = sorted({name for name, receiver in FUNCTIONS if receiver is (node.receiver is not None)} | {"has"})
        raise LangError(f"no function is called {node.name!r}{_hint(node.name, known)}", node.offset)
    given = ([node.receiver] if node.receiver is not None else []) + list(node.arguments)
    if not function.least <= len(given) <= function.most:
        raise LangError(f"{node.name}() takes {function.arity()}", node.offset)
    if function.name in _OF_OPTIONALS:
        return _of_optional(node, scope)
    for at, argument in enumerate(given):
        expected = function.arguments[at] if at < len(function.arguments) else ANY
        found = _infer(argument, scope)
        alternatives = expected if isinstance(expected, tuple) else (expected,)
        if not any(_fits(found, shape) for shape in alternatives):
            wanted = " or ".join(describe(shape) for shape in alternatives)
            raise LangError(f"{node.name}() takes {wanted} here, not {describe(found)}", argument.offset)
    return function.result


_OF_OPTIONALS = frozenset({"hasValue", "or", "orValue", "value"})


def _of_optional(node: Call, scope: _Scope) -> Shape | OptionalOf:
    assert node.receiver is not None
    optional = _type(node.receiver, scope)
    if not isinstance(optional, OptionalOf):
        raise LangError(f"{node.name}() is of an optional, as in self.?field.{node.name}(…)", node.offset)
    if node.name == "hasValue":
        return BOOL
    if node.name == "value":
        return optional.shape
    other = _type(node.arguments[0], scope)
    if node.name == "or":
        if not isinstance(other, OptionalOf):
            raise LangError("or() takes an optional; orValue() takes a value", node.offset)
        return OptionalOf(optional.shape if optional == other else ANY)
    default = _infer(node.arguments[0], scope)
    if not _fits(default, optional.shape):
        raise LangError(f"orValue() takes {describe(optional.shape)} here, not {describe(default)}", node.arguments[0].offset)
    return optional.shape if optional.shape == default else ANY
