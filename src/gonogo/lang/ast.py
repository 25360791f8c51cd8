"""The syntax tree. Every node has the offset of its first character in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    offset: int
    value: None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Ident:
    offset: int
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.field`, or `operand.?field` where `optional`."""

    offset: int
    operand: Node
    field: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """`operand[index]`, or `operand[?index]` where `optional`."""

    offset: int
    operand: Node
    index: Node
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Has:
    """The macro `has(operand.field)`."""

    offset: int
    select: Select


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`, or `receiver.name(arguments)`."""

    offset: int
    name: str
    receiver: Node | None
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A macro over a list's members or a map's keys: exists, all, exists_one, filter, map.

    `second` is the value's variable of the two-variable form (`m.exists(k, v, …)`), `condition` the predicate (for `map`
    an optional filter), `result` the transformation of `map`.
    """

    offset: int
    name: str
    operand: Node
    variable: str
    second: str
    condition: Node | None
    result: Node | None


@dataclass(frozen=True, slots=True)
class Unary:
    offset: int
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    offset: int
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conditional:
    offset: int
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class ListNode:
    offset: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapNode:
    offset: int
    entries: tuple[tuple[Node, Node], ...]


Node: TypeAlias = Literal | Ident | Select | Index | Has | Call | Comprehension | Unary | Binary | Conditional | ListNode | MapNode


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below `node`."""
    match node:
        case Literal() | Ident():
            return ()
        case Select(operand=operand) | Unary(operand=operand):
            return (operand,)
        case Index(operand=operand, index=index):
            return (operand, index)
        case Has(select=select):
            return (select,)
        case Call(receiver=receiver, arguments=arguments):
            return arguments if receiver is None else (receiver, *arguments)
        case Comprehension(operand=operand, condition=condition, result=result):
            return (operand, *(part for part in (condition, result) if part is not None))
        case Binary(left=left, right=right):
            return (left, right)
        case Conditional(condition=chosen, then=then, otherwise=otherwise):
            return (chosen, then, otherwise)
        case ListNode(items=items):
            return items
        case MapNode(entries=entries):
            return tuple(part for entry in entries for part in entry)
