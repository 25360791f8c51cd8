"""Terraform's native syntax: tree-sitter reads it, this builds our tree. A broken block costs itself, not its file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from gonogo.sources.terraform import ast
from gonogo.sources.terraform.operators import combine
from gonogo.sources.terraform.templates import Raw, RawDirective, assemble, unescape_heredoc, unescape_quoted
from gonogo.sources.terraform.values import composed

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_DEPTH = 120
MAX_BROKEN = 200

# The first line of a top-level block, from which a file with an error is cut into blocks that are read one by one.
_BLOCK_START = re.compile(rb'^(?P<type>[A-Za-z_][\w-]*)(?P<labels>(?:[ \t]+(?:"[^"\n]*"|[A-Za-z_][\w-]*))*)[ \t]*\{', re.M)
_LABEL = re.compile(rb'"([^"\n]*)"|([A-Za-z_][\w-]*)')
_NUMBER = re.compile(r"[0-9]+\Z")
# `1e5`: tree-sitter-hcl takes an exponent after a fraction only.
_EXPONENT = re.compile(rb"(?<![\w.])[0-9]+[eE][+-]?[0-9]+")
MAX_EXPONENT = 4_000
_WRAPPERS = frozenset({"expression", "literal_value", "collection_value", "template_expr"})
_OPERATIONS = frozenset({"operation", "binary_operation", "unary_operation"})
_POSTFIX = frozenset({"get_attr", "index", "splat"})


class SyntaxLimit(Exception):
    """Not valid syntax, or over a limit; the message is a clause for a gap."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def parser() -> Parser:
    """A parser of the language, to be shared by the files of one run."""
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def read_source(path: str, text: str, with_parser: Parser | None = None) -> ast.SourceFile:
    """The blocks of a `.tf` file or the attributes of a `.tfvars` file, and what is broken in it."""
    reader = with_parser or parser()
    source = text.encode("utf-8", "surrogatepass")
    root = _parsed(reader, source)
    if not root.has_error:
        return _whole(path, source, root)
    return _piecewise(path, source, reader)


def _parsed(reader: Parser, source: bytes) -> Node:
    """The parse of `source`. Where it fails, exponents without a fraction are parsed as whole numbers that take as much room:
    offsets stay, and our tree is built of the text as it is written."""
    root = reader.parse(source).root_node
    if root.has_error and _EXPONENT.search(source):
        plain = reader.parse(_EXPONENT.sub(lambda m: b"1" * len(m[0]), source)).root_node
        return root if plain.has_error else plain
    return root


def _whole(path: str, source: bytes, root: Node, offset: int = 0) -> ast.SourceFile:
    builder = _Builder(source, path, offset)
    attributes: list[ast.Attribute] = []
    blocks: list[ast.Block] = []
    broken: list[ast.Broken] = []
    for node in _members(root):
        try:
            if node.type == "attribute":
                attributes.append(builder.attribute(node, 0))
            elif node.type == "block":
                blocks.append(builder.block(node, 0))
        except SyntaxLimit as error:
            broken.append(_broken(source, node.start_byte, error.line, str(error)))
    return ast.SourceFile(path, ast.Body(tuple(attributes), tuple(blocks)), tuple(broken))


def _members(root: Node) -> Iterator[Node]:
    for node in root.children:
        if node.type == "body":
            yield from node.children
        else:
            yield node


def _piecewise(path: str, source: bytes, reader: Parser) -> ast.SourceFile:
    """Read a file that does not parse as a whole: every top-level block on its own."""
    starts = [m.start() for m in _BLOCK_START.finditer(source)]
    attributes: list[ast.Attribute] = []
    blocks: list[ast.Block] = []
    broken: list[ast.Broken] = []
    edges = sorted({0, *starts, len(source)})
    for start, end in zip(edges, edges[1:], strict=False):
        offset = source.count(b"\n", 0, start)
        piece = source[start:end]
        root = _parsed(reader, piece)
        if not root.has_error:
            found = _whole(path, piece, root, offset)
            attributes.extend(found.body.attributes)
            blocks.extend(found.body.blocks)
            broken.extend(found.broken)
        elif len(broken) < MAX_BROKEN:
            line = _first_error(root) + 1 + offset
            broken.append(_broken(source, start, line, "not valid Terraform syntax"))
    return ast.SourceFile(path, ast.Body(tuple(attributes), tuple(blocks)), tuple(broken))


def _first_error(root: Node) -> int:
    node = root
    while True:
        inner = next((c for c in node.children if c.has_error or c.is_error or c.is_missing), None)
        if inner is None or inner.is_error or inner.is_missing:
            return (inner or node).start_point[0]
        node = inner


def _broken(source: bytes, start: int, line: int, reason: str) -> ast.Broken:
    match = _BLOCK_START.match(source, start)
    if match is None:
        return ast.Broken(line, reason)
    labels = tuple((a or b).decode("utf-8", "replace") for a, b in _LABEL.findall(match["labels"]))
    return ast.Broken(line, reason, match["type"].decode(), labels)


def read_template(text: str, with_parser: Parser | None = None, path: str = "") -> ast.Expression:
    """Text that is a template as a whole: a `templatefile`, a string in `.tf.json`. Raises `SyntaxLimit`."""
    if "${" not in text and "%{" not in text:
        return ast.Literal(ast.Span(1, 1, 1, path), text)
    mark = "GONOGO"
    while mark in text:
        mark += "_"
    # A heredoc has the very syntax of a template file; its last newline is ours.
    source = f"x = <<{mark}\n{text}\n{mark}\n".encode("utf-8", "surrogatepass")
    root = _parsed(with_parser or parser(), source)
    if root.has_error:
        raise SyntaxLimit("not a valid template", max(_first_error(root), 1))
    attribute = next((n for n in _members(root) if n.type == "attribute"), None)
    if attribute is None:
        raise SyntaxLimit("not a valid template", 1)
    return _Builder(source, path, -1, drop_last_newline=True).attribute(attribute, 0).value


class _Builder:
    """Turns nodes of one parse into our tree. Methods take the depth, which is bounded."""

    def __init__(self, source: bytes, path: str, offset: int = 0, drop_last_newline: bool = False) -> None:
        self._source = source
        self._path = path
        self._offset = offset
        self._ascii = source.isascii()
        self._drop_last_newline = drop_last_newline

    def span(self, node: Node) -> ast.Span:
        line, column = node.start_point
        if not self._ascii:
            start = node.start_byte
            column = len(self._source[start - column : start].decode("utf-8", "replace"))
        return ast.Span(line + 1 + self._offset, column + 1, node.end_point[0] + 1 + self._offset, self._path)

    def _line(self, point: tuple[int, int]) -> int:
        return point[0] + 1 + self._offset

    def text(self, node: Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def attribute(self, node: Node, depth: int) -> ast.Attribute:
        name, value = "", None
        for child in node.children:
            if child.type == "identifier":
                name = self.text(child)
            elif child.type == "expression":
                value = self.expression(child, depth)
        if value is None:
            raise SyntaxLimit("an attribute without a value", self._line(node.start_point))
        return ast.Attribute(self.span(node), name, value)

    def block(self, node: Node, depth: int) -> ast.Block:
        if depth > MAX_DEPTH:
            raise SyntaxLimit(f"nested deeper than {MAX_DEPTH} levels", self._line(node.start_point))
        kind, labels, body = "", [], ast.EMPTY_BODY
        for child in node.children:
            if child.type == "identifier":
                if kind:
                    labels.append(self.text(child))
                else:
                    kind = self.text(child)
            elif child.type == "string_lit":
                labels.append(self.quoted(child))
            elif child.type == "body":
                body = self.body(child, depth + 1)
        return ast.Block(self.span(node), kind, tuple(labels), body)

    def body(self, node: Node, depth: int) -> ast.Body:
        attributes, blocks = [], []
        for child in node.children:
            if child.type == "attribute":
                attributes.append(self.attribute(child, depth))
            elif child.type == "block":
                blocks.append(self.block(child, depth))
        return ast.Body(tuple(attributes), tuple(blocks))

    def quoted(self, node: Node) -> str:
        """The text of a string without interpolation."""
        raw = self._source[node.start_byte + 1 : node.end_byte - 1].decode("utf-8", "replace")
        return unescape_quoted(raw) if "\\" in raw or "{" in raw else composed(raw)

    def expression(self, node: Node, depth: int) -> ast.Expression:
        if depth > MAX_DEPTH:
            raise SyntaxLimit(f"nested deeper than {MAX_DEPTH} levels", self._line(node.start_point))
        children = [c for c in node.children if c.type != "comment"]
        while len(children) == 1 and node.type in _WRAPPERS:
            node = children[0]
            children = [c for c in node.children if c.type != "comment"]
        if node.type == "expression":
            return self._primary(children, depth, node)
        if node.type in _OPERATIONS:
            return self._operation(node, depth)
        return self._simple(node, children, depth)

    def _primary(self, nodes: Sequence[Node], depth: int, whole: Node) -> ast.Expression:
        """A primary expression and the steps after it, which tree-sitter puts side by side."""
        if not nodes:
            raise SyntaxLimit("an empty expression", self._line(whole.start_point))
        position = 1
        if nodes[0].type == "(":
            first = self.expression(nodes[1], depth + 1)
            position = 3
        else:
            first = self.expression(nodes[0], depth + 1)
        steps = self._steps(nodes[position:], depth)
        if not steps:
            return first
        span = self.span(nodes[0])._replace(end_line=self._line(nodes[-1].end_point))
        if isinstance(first, ast.Traversal) and nodes[0].type != "(" and first.source is None and not first.steps:
            return ast.Traversal(span, first.root, None, steps)
        return ast.Traversal(span, "", first, steps)

    def _steps(self, nodes: Sequence[Node], depth: int) -> tuple[ast.Step, ...]:
        steps: list[ast.Step] = []
        for position, node in enumerate(nodes):
            if node.type == "get_attr":
                steps.append(ast.Attr(self.text(node.children[-1])))
            elif node.type == "index":
                steps.append(self._index(node, depth))
            elif node.type == "splat":
                inner = node.children[0]
                taken = self._steps(inner.children[1:], depth)
                if inner.type == "full_splat":
                    # Everything up to the next splat, and that splat too, is applied to each element.
                    return (*steps, ast.Splat((*taken, *self._steps(nodes[position + 1 :], depth))))
                # `a.*.b[0]` is `(a.*.b)[0]`: a legacy splat takes attributes only.
                attributes = next((i for i, s in enumerate(taken) if not isinstance(s, ast.Attr)), len(taken))
                steps.append(ast.Splat(taken[:attributes]))
                steps.extend(taken[attributes:])
        return tuple(steps)

    def _index(self, node: Node, depth: int) -> ast.Index:
        inner = node.children[0]
        if inner.type == "legacy_index":
            return ast.Index(ast.Literal(self.span(inner), int(self.text(inner).lstrip(". \t"))))
        key = next(c for c in inner.children if c.type == "expression")
        return ast.Index(self.expression(key, depth + 1))

    def _operation(self, node: Node, depth: int) -> ast.Expression:
        # tree-sitter's own grouping is undone and Terraform's precedence applied.
        operands: list[ast.Expression | str] = []
        pending: list[Node] = []
        stack: list[Node] = [node]

        def flush() -> None:
            if pending:
                operands.append(self._primary(pending, depth, pending[0]))
                pending.clear()

        while stack:
            item = stack.pop()
            if item.type in _OPERATIONS:
                stack.extend(reversed(item.children))
            elif item.type in _POSTFIX or item.type in ("(", ")") or item.is_named:
                if item.type == "comment":
                    continue
                inside = item.type == "expression" and bool(pending) and pending[-1].type == "("
                if item.type not in _POSTFIX and item.type != ")" and not inside:
                    flush()
                pending.append(item)
            else:
                flush()
                operands.append(item.type)
        flush()
        if len(operands) > 4 * MAX_DEPTH:
            raise SyntaxLimit("too many operators in one expression", self._line(node.start_point))
        return combine(operands, self.span(node))

    def _simple(self, node: Node, children: Sequence[Node], depth: int) -> ast.Expression:
        kind = node.type
        at = self.span(node)
        if kind == "string_lit":
            return ast.Literal(at, self.quoted(node))
        if kind == "variable_expr":
            return ast.Traversal(at, self.text(node), None, ())
        if kind == "numeric_lit":
            return ast.Literal(at, _number(self.text(node), at.line))
        if kind == "bool_lit":
            return ast.Literal(at, self.text(node) == "true")
        if kind == "null_lit":
            return ast.Literal(at, None)
        if kind == "function_call":
            return self._call(children, at, depth)
        if kind == "tuple":
            return ast.TupleNode(at, tuple(self.expression(c, depth + 1) for c in children if c.type == "expression"))
        if kind == "object":
            return ast.ObjectNode(at, tuple(self._item(c, depth) for c in children if c.type == "object_elem"))
        if kind == "conditional":
            return self._conditional(node, at, depth)
        if kind == "for_expr":
            return self._for(children[0], at, depth)
        if kind == "quoted_template":
            return self._quoted_template(node, at, depth)
        if kind == "heredoc_template":
            return self._heredoc(node, at, depth)
        raise SyntaxLimit(f"an expression that is not understood ({kind})", at.line)

    def _conditional(self, node: Node, at: ast.Span, depth: int) -> ast.Expression:
        """`a ? b : c ? d : e`, which tree-sitter takes for `(a ? b : c) ? d : e`."""
        branches: list[tuple[Node, Node]] = []
        while node.type == "conditional":
            condition, then, otherwise = (c for c in node.children if c.type == "expression")
            branches.append((then, otherwise))
            inner = [c for c in condition.children if c.type != "comment"]
            node = inner[0] if len(inner) == 1 and inner[0].type == "conditional" else condition
        if depth + len(branches) > MAX_DEPTH:
            raise SyntaxLimit(f"nested deeper than {MAX_DEPTH} levels", at.line)
        conditions = [node, *(otherwise for _, otherwise in reversed(branches))]
        found = self.expression(conditions[-1], depth + 1)
        for condition, (then, _) in zip(reversed(conditions[:-1]), branches, strict=True):
            found = ast.Conditional(at, self.expression(condition, depth + 1), self.expression(then, depth + 1), found)
        return found

    def _call(self, children: Sequence[Node], at: ast.Span, depth: int) -> ast.Call:
        arguments: list[ast.Expression] = []
        expand = False
        for child in children:
            if child.type == "function_arguments":
                arguments.extend(self.expression(c, depth + 1) for c in child.children if c.type == "expression")
                expand = any(c.type == "ellipsis" for c in child.children)
        return ast.Call(at, re.sub(r"\s+", "", self.text(children[0])), tuple(arguments), expand)

    def _item(self, node: Node, depth: int) -> ast.ObjectItem:
        key_node, value_node = (c for c in node.children if c.type == "expression")
        key = self.expression(key_node, depth + 1)
        if key_node.children[0].type == "(":
            pass
        elif isinstance(key, ast.Literal) and key.value is None:
            key = ast.Literal(key.at, "null")
        elif isinstance(key, ast.Traversal) and not key.steps and key.source is None:
            key = ast.Literal(key.at, key.root)
        return ast.ObjectItem(self.span(node), key, self.expression(value_node, depth + 1))

    def _for(self, node: Node, at: ast.Span, depth: int) -> ast.For:
        names: list[str] = []
        results: list[ast.Expression] = []
        collection: ast.Expression | None = None
        condition: ast.Expression | None = None
        grouped = False
        for child in node.children:
            if child.type == "for_intro":
                names = [self.text(c) for c in child.children if c.type == "identifier"]
                collection = self.expression(next(c for c in child.children if c.type == "expression"), depth + 1)
            elif child.type == "expression":
                results.append(self.expression(child, depth + 1))
            elif child.type == "for_cond":
                condition = self.expression(next(c for c in child.children if c.type == "expression"), depth + 1)
            elif child.type == "ellipsis":
                grouped = True
        if collection is None or not names or not results:
            raise SyntaxLimit("a for expression that is not understood", at.line)
        key = names[0] if len(names) == 2 else ""
        if node.type == "for_object_expr" and len(results) == 2:
            return ast.For(at, key, names[-1], collection, results[0], results[1], condition, grouped)
        return ast.For(at, key, names[-1], collection, None, results[0], condition, grouped)

    def _quoted_template(self, node: Node, at: ast.Span, depth: int) -> ast.Expression:
        raw = self._raw_parts(node.children[1:-1], node.start_byte + 1, node.end_byte - 1, depth)
        return _alone(raw) or ast.Template(at, assemble(raw, unescape_quoted, lines=False, flush=False))

    def _heredoc(self, node: Node, at: ast.Span, depth: int) -> ast.Expression:
        children = node.children
        flush = self.text(children[0]).startswith("<<-")
        begin = self._source.index(b"\n", children[1].end_byte) + 1
        end = max(self._source.rfind(b"\n", 0, children[-1].start_byte) + 1, begin)
        if self._drop_last_newline:
            end = max(end - 1, begin)
        raw = self._raw_parts(children[2:-1], begin, end, depth)
        return _alone(raw) or ast.Template(at, assemble(raw, unescape_heredoc, lines=True, flush=flush))

    def _raw_parts(self, nodes: Sequence[Node], begin: int, end: int, depth: int) -> list[Raw]:
        """Interpolations, directives and the text between them. tree-sitter leaves blanks out of its literals, so the text is cut
        from the source."""
        raw: list[Raw] = []
        position = begin
        for node in self._flat(nodes):
            if node.type == "template_literal" or node.start_byte < begin:
                continue
            if node.start_byte > position:
                raw.append(self._source[position : node.start_byte].decode("utf-8", "replace"))
            raw.append(self._directive(node, depth))
            position = node.end_byte
        if position < end:
            raw.append(self._source[position:end].decode("utf-8", "replace"))
        return raw

    def _flat(self, nodes: Sequence[Node]) -> Iterator[Node]:
        """The pieces of a template in order: a directive's intro, body and end side by side."""
        stack = list(reversed(nodes))
        while stack:
            node = stack.pop()
            if node.type in ("template_directive", "template_if", "template_for"):
                stack.extend(reversed(node.children))
            else:
                yield node

    def _directive(self, node: Node, depth: int) -> RawDirective:
        kinds = {c.type for c in node.children}
        if "else" in kinds:
            word = "else"
        elif "endif" in kinds or "endfor" in kinds:
            word = "endif" if "endif" in kinds else "endfor"
        elif node.type == "template_interpolation":
            word = ""
        else:
            word = "if" if "if" in kinds else "for"
        markers = [c.start_byte for c in node.children if c.type == "strip_marker"]
        opening = any(m == node.start_byte + 2 for m in markers)
        closing = any(m == node.end_byte - 2 for m in markers)
        names = tuple(self.text(c) for c in node.children if c.type == "identifier")
        inner = next((c for c in node.children if c.type == "expression"), None)
        expression = None if inner is None else self.expression(inner, depth + 1)
        return RawDirective(word, self._line(node.start_point), opening, closing, names, expression)


def _alone(raw: Sequence[Raw]) -> ast.Expression | None:
    """`"${x}"` is x itself, of whatever type. Text that a strip marker takes away still makes it a string."""
    only = raw[0] if len(raw) == 1 else None
    return only.expression if isinstance(only, RawDirective) and not only.word else None


def _number(text: str, line: int) -> int | Decimal:
    if _NUMBER.match(text) and len(text) < 200:
        return int(text)
    value = Decimal(text)
    if abs(value.adjusted()) > MAX_EXPONENT:
        raise SyntaxLimit(f"a number of more than {MAX_EXPONENT} digits", line)
    return int(value) if value == value.to_integral_value() and value.adjusted() < 200 else value

