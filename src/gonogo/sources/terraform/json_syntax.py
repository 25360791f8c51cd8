"""Terraform's JSON syntax (`.tf.json`) as the same tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from gonogo.formats.yaml_reader import YamlFile
from gonogo.model.location import Location
from gonogo.model.value import Path, Value, is_list
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.syntax import SyntaxLimit, read_template
from gonogo.sources.terraform.values import normal

if TYPE_CHECKING:
    from tree_sitter import Parser

# How many labels stand above the body of a top-level block.
_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "check": 1}
_PLAIN_BLOCKS = frozenset({"terraform", "locals", "moved", "import", "removed"})
_TYPED_TEXT = frozenset({"type", "provider", "depends_on", "providers", "ignore_changes"})

# Nested blocks and attributes look alike in this syntax; a schema tells them apart, which we do not have. A map, or a list
# of maps, below a resource is read as blocks except where the name is one that providers use for a map.
_MAPS = frozenset(
    {"labels", "tags", "annotations", "user_labels", "metadata", "environment_variables", "triggers", "keepers", "input", "default",
     "value", "for_each", "secrets", "data", "match_labels", "limits", "requests", "node_selector"}
)  # fmt: skip


def read_json_source(path: str, file: YamlFile, parser: Parser) -> ast.SourceFile:
    """The blocks of a `.tf.json` file."""
    if file.error or len(file.documents) != 1 or not isinstance(file.documents[0].value, Mapping):
        return ast.SourceFile(path, ast.EMPTY_BODY, (ast.Broken(file.error_line, file.error or "not a JSON object"),))
    return _Reader(path, file.documents[0].locations, parser).read(file.documents[0].value)


def read_json_values(path: str, file: YamlFile, parser: Parser) -> ast.SourceFile:
    """The attributes of a `.tfvars.json` file. Its strings are no templates."""
    if file.error or len(file.documents) != 1 or not isinstance(file.documents[0].value, Mapping):
        return ast.SourceFile(path, ast.EMPTY_BODY, (ast.Broken(file.error_line, file.error or "not a JSON object"),))
    return _Reader(path, file.documents[0].locations, parser, literal=True).values(file.documents[0].value)


class _Reader:
    def __init__(self, path: str, locations: Mapping[Path, Location], parser: Parser, literal: bool = False) -> None:
        self._path = path
        self._locations = locations
        self._parser = parser
        self._literal = literal
        self._broken: list[ast.Broken] = []

    def read(self, top: Mapping[str, Value]) -> ast.SourceFile:
        blocks: list[ast.Block] = []
        for kind, content in top.items():
            if kind in _LABELS or kind in _PLAIN_BLOCKS:
                blocks.extend(self._top(kind, content, (kind,), (), _LABELS.get(kind, 0)))
        return ast.SourceFile(self._path, ast.Body((), tuple(blocks)), tuple(self._broken))

    def values(self, top: Mapping[str, Value]) -> ast.SourceFile:
        attributes = (ast.Attribute(self._at((name,)), name, self._expression(value, (name,))) for name, value in top.items())
        return ast.SourceFile(self._path, ast.Body(tuple(attributes), ()))

    def _top(self, kind: str, content: Value, path: Path, labels: tuple[str, ...], depth: int) -> Iterator[ast.Block]:
        for at, value in _each(content, path):
            if not isinstance(value, Mapping):
                self._broken.append(ast.Broken(self._at(at).line, "not an object", kind, labels))
            elif depth:
                for name, inner in value.items():
                    if name == "//":
                        continue  # a comment, and where the CDK for Terraform keeps its metadata
                    yield from self._top(kind, inner, (*at, name), (*labels, name), depth - 1)
            else:
                try:
                    yield ast.Block(self._at(at), kind, labels, self._body(kind, value, at))
                except SyntaxLimit as error:
                    self._broken.append(ast.Broken(self._at(at).line, str(error), kind, labels))

    def _body(self, kind: str, content: Mapping[str, Value], path: Path) -> ast.Body:
        attributes: list[ast.Attribute] = []
        blocks: list[ast.Block] = []
        for name, value in content.items():
            at = (*path, name)
            if name == "//":
                continue
            if name == "dynamic" and isinstance(value, Mapping):
                blocks.extend(self._dynamic(value, at))
            elif kind in ("resource", "data", "terraform", "content") and name not in _MAPS and _looks_like_blocks(value):
                for inner, item in _each(value, at):
                    if isinstance(item, Mapping):
                        labels, body_at = ((), inner)
                        blocks.append(ast.Block(self._at(inner), name, labels, self._body("content", item, body_at)))
            else:
                attributes.append(ast.Attribute(self._at(at), name, self._expression(value, at, bare=name in _TYPED_TEXT)))
        return ast.Body(tuple(attributes), tuple(blocks))

    def _dynamic(self, content: Mapping[str, Value], path: Path) -> Iterator[ast.Block]:
        for label, body in content.items():
            for at, value in _each(body, (*path, label)):
                if isinstance(value, Mapping):
                    attributes = [
                        ast.Attribute(self._at((*at, n)), n, self._expression(v, (*at, n), bare=n == "iterator"))
                        for n, v in value.items()
                        if n != "content"
                    ]
                    inner = [
                        ast.Block(self._at(i), "content", (), self._body("content", v, i))
                        for i, v in _each(value.get("content", {}), (*at, "content"))
                        if isinstance(v, Mapping)
                    ]
                    yield ast.Block(self._at(at), "dynamic", (label,), ast.Body(tuple(attributes), tuple(inner)))

    def _expression(self, value: Value, path: Path, bare: bool = False) -> ast.Expression:
        at = self._at(path)
        if isinstance(value, str):
            if bare and "${" not in value:
                return self._reference(value, at)
            return self._text(value, at)
        if isinstance(value, float):
            return ast.Literal(at, normal(Decimal(repr(value))))
        if value is None or isinstance(value, bool | int):
            return ast.Literal(at, value)
        if isinstance(value, Mapping):
            return ast.ObjectNode(at, tuple(self._item(k, v, (*path, k)) for k, v in value.items() if k != "//"))
        if is_list(value):
            return ast.TupleNode(at, tuple(self._expression(v, (*path, i), bare) for i, v in enumerate(value)))  # type: ignore[arg-type]
        raise SyntaxLimit("a value that is not understood", at.line)

    def _item(self, key: str, value: Value, path: Path) -> ast.ObjectItem:
        at = self._at(path)
        return ast.ObjectItem(at, self._text(key, at), self._expression(value, path))

    def _text(self, text: str, at: ast.Span) -> ast.Expression:
        return ast.Literal(at, text) if self._literal else _placed(read_template(text, self._parser, self._path), at)

    def _reference(self, text: str, at: ast.Span) -> ast.Expression:
        """A string that is an expression: a type constraint, a provider reference."""
        try:
            return _placed(read_template("${" + text + "}", self._parser, self._path), at)
        except SyntaxLimit:
            return ast.Literal(at, text)

    def _at(self, path: Path) -> ast.Span:
        for length in range(len(path), -1, -1):
            found = self._locations.get(path[:length])
            if found is not None:
                return ast.Span(found.line, found.column, found.end_line, self._path)
        return ast.Span(1, 1, 1, self._path)


def _each(content: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    if is_list(content):
        for position, item in enumerate(content):  # type: ignore[arg-type]
            yield (*path, position), item
    else:
        yield path, content


def _looks_like_blocks(value: Value) -> bool:
    if isinstance(value, Mapping):
        return True
    return is_list(value) and bool(value) and all(isinstance(v, Mapping) for v in value)  # type: ignore[union-attr]


def _placed(expression: ast.Expression, at: ast.Span) -> ast.Expression:
    """The whole expression at its string's place; its inner lines count from the string."""
    if isinstance(expression, ast.Literal):
        return ast.Literal(at, expression.value)
    if isinstance(expression, ast.Traversal):
        return ast.Traversal(at, expression.root, expression.source, expression.steps)
    return expression
