"""A tree-sitter parse as a small tree of our own, with parents, so that a walk up is cheap and nothing outlives its bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser

MAX_BYTES = 1024 * 1024
MAX_NODES = 400_000
MAX_DEPTH = 400
MAX_ERROR = 2_000


class SourceLimit(Exception):
    """A file that is too large or nested too deep; the message is a clause for a gap."""


@dataclass(slots=True, eq=False)
class Node:
    """A named node, or an anonymous one that stands in a field (an operator). `line` counts from 1."""

    type: str
    start: int
    end: int
    line: int
    source: bytes = field(repr=False)
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list, repr=False)
    fields: dict[str, Node] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        return self.source[self.start : self.end].decode("utf-8", "replace")

    def below(self) -> Iterator[Node]:
        """This node and all below it, in the order they are written."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def above(self) -> Iterator[Node]:
        """The nodes around this one, nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's tree, and the lines of what does not parse in it, each with the text of those lines."""

    root: Node
    errors: Mapping[int, str]


def parse(parser: Parser, text: str) -> Parsed:
    """The tree of a source file, comments left out. Raises `SourceLimit`."""
    source = text.encode("utf-8", "surrogatepass")
    if len(source) > MAX_BYTES:
        raise SourceLimit(f"source of {len(source)} bytes is over the limit of {MAX_BYTES}")
    cursor = parser.parse(source).walk()
    root = Node("program", 0, len(source), 1, source)
    errors: dict[int, str] = {}
    around = [root]
    count = 0
    if not cursor.goto_first_child():
        return Parsed(root, errors)
    while around:
        found = cursor.node
        if found is not None:
            if found.is_missing or found.type == "ERROR":
                errors[found.start_point[0] + 1] = _lines_of(source, found.start_byte, found.end_byte)
            name = cursor.field_name
            if found.type != "comment" and (found.is_named or name is not None):
                count += 1
                if count > MAX_NODES or len(around) > MAX_DEPTH:
                    raise SourceLimit(f"more than {MAX_NODES} nodes" if count > MAX_NODES else f"nested deeper than {MAX_DEPTH} levels")
                node = Node(found.type, found.start_byte, found.end_byte, found.start_point[0] + 1, source, around[-1])
                around[-1].children.append(node)
                if name is not None:
                    around[-1].fields.setdefault(name, node)
                if cursor.goto_first_child():
                    around.append(node)
                    continue
        while not cursor.goto_next_sibling():
            around.pop()
            if not around or not cursor.goto_parent():
                return Parsed(root, errors)
    return Parsed(root, errors)


def _lines_of(source: bytes, start: int, end: int) -> str:
    first = source.rfind(b"\n", max(0, start - MAX_ERROR), start) + 1 or max(0, start - MAX_ERROR)
    last = source.find(b"\n", end, end + MAX_ERROR)
    return source[first : min(last if last >= 0 else end + MAX_ERROR, first + 2 * MAX_ERROR)].decode("utf-8", "replace")
