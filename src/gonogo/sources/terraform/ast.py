"""Our own small syntax tree of the Terraform language: what evaluation needs, with positions, and nothing of the parser's.

Nodes compare by identity, so that values can be cached by node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from gonogo.model.location import Location


class Span(NamedTuple):
    """Where a node stands in its file; counts from 1, `end_line` is inclusive."""

    line: int
    column: int
    end_line: int
    file: str = ""

    @property
    def location(self) -> Location:
        return Location(self.file, self.line, self.column, self.end_line)


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    at: Span
    value: None | bool | int | Decimal | str


@dataclass(frozen=True, slots=True, eq=False)
class TemplateIf:
    """`%{ if }`: a part of a template, not an expression."""

    condition: Expression
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TemplateFor:
    """`%{ for }`."""

    key: str
    value: str
    collection: Expression
    body: tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Text with interpolations. Strip markers and the indentation of `<<-` are already applied to the text."""

    at: Span
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TupleNode:
    at: Span
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ObjectItem:
    at: Span
    key: Expression
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class ObjectNode:
    at: Span
    items: tuple[ObjectItem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class For:
    """`[for ...]`, or `{for ...}` where `key_result` is given."""

    at: Span
    key: str
    value: str
    collection: Expression
    key_result: Expression | None
    result: Expression
    condition: Expression | None
    grouped: bool


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    at: Span
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Unary:
    at: Span
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    at: Span
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    at: Span
    name: str
    arguments: tuple[Expression, ...]
    expand: bool


@dataclass(frozen=True, slots=True, eq=False)
class Attr:
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    key: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Splat:
    """`[*]` or `.*` with the steps taken in each element."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Traversal:
    """`root.step[step]...`, or steps into any other expression (`source`)."""

    at: Span
    root: str
    source: Expression | None
    steps: tuple[Step, ...]


Step: TypeAlias = Attr | Index | Splat
Expression: TypeAlias = Literal | Template | TupleNode | ObjectNode | For | Conditional | Unary | Binary | Call | Traversal
Part: TypeAlias = str | TemplateIf | TemplateFor | Expression


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    at: Span
    name: str
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    at: Span
    type: str
    labels: tuple[str, ...]
    body: Body


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]

    def attribute(self, name: str) -> Attribute | None:
        return next((a for a in self.attributes if a.name == name), None)

    def of_type(self, *types: str) -> Iterator[Block]:
        return (b for b in self.blocks if b.type in types)


EMPTY_BODY = Body((), ())


class Broken(NamedTuple):
    """A part of a file that is not valid syntax, or over a limit. `labels` are the block's, where they can be read."""

    line: int
    reason: str
    type: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """A file as read: its blocks, the top-level attributes (tfvars), and what is broken in it."""

    path: str
    body: Body
    broken: tuple[Broken, ...] = ()
