"""Source text to syntax tree, by recursive descent over CEL's grammar (https://github.com/google/cel-spec/blob/master/doc/langdef.md)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

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
    children,
)
from gonogo.lang.errors import LangError

MAX_SOURCE = 20_000
# Python's stack bounds both: nesting costs the parser ten calls a level, a chain (`a.b.c`, `a && b && c`) the checker three.
# CEL asks an implementation for 32 terms and 12 nested calls.
MAX_DEPTH = 40
MAX_CHAIN = 150

_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\n\f\r]|//[^\n]*)+)
    |(?P<double>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<int>0x[0-9a-fA-F]+|[0-9]+)
    |(?P<string>[rR](?:\"\"\"[\s\S]*?\"\"\"|\'\'\'[\s\S]*?\'\'\'|"[^"\r\n]*"|'[^'\r\n]*')
        |\"\"\"(?:\\[\s\S]|[^\\])*?\"\"\"|\'\'\'(?:\\[\s\S]|[^\\])*?\'\'\'|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*')
    |(?P<ident>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<op>&&|\|\||==|!=|<=|>=|\.\?|\[\?|[-+*/%!<>?:.,(){}\[\]])""",
    re.X,
)
_RESERVED = frozenset(
    ["as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"]
)
_KEYWORDS = frozenset({"false", "in", "null", "true"})
_MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?", "`": "`"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.S)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse(source: str) -> Node:
    """The tree of `source`. Raises `LangError` for anything outside the language."""
    if len(source) > MAX_SOURCE:
        raise LangError(f"longer than {MAX_SOURCE} characters", 0)
    parser = _Parser(_tokens(source))
    node = parser.expression()
    parser.end()
    _bound(node)
    return node


def _bound(root: Node) -> None:
    """Refuse a tree that is too deep, without recursion: chains are parsed in a loop."""
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_CHAIN:
            raise LangError(f"a chain of more than {MAX_CHAIN} parts", node.offset)
        waiting.extend((child, depth + 1) for child in children(node))


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None or match.end() == at:
            raise LangError(f"unexpected character {source[at]!r}", at)
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_Token(kind, match.group(), at))
        at = match.end()
    tokens.append(_Token("end", "end of expression", len(source)))
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _take(self, *texts: str) -> _Token | None:
        if self._token.kind == "op" and self._token.text in texts:
            return self._next()
        return None

    def _expect(self, text: str) -> _Token:
        token = self._take(text)
        if token is None:
            raise LangError(f"expected {text!r}, found {self._token.text!r}", self._token.offset)
        return token

    def end(self) -> None:
        if self._token.kind != "end":
            raise LangError(f"unexpected {self._token.text!r}", self._token.offset)

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise LangError(f"nested deeper than {MAX_DEPTH} levels", self._token.offset)
        node = self._or()
        if self._take("?"):
            then = self._or()
            self._expect(":")
            node = Conditional(node.offset, node, then, self.expression())
        self._depth -= 1
        return node

    def _or(self) -> Node:
        node = self._and()
        while self._take("||"):
            node = Binary(node.offset, "||", node, self._and())
        return node

    def _and(self) -> Node:
        node = self._relation()
        while self._take("&&"):
            node = Binary(node.offset, "&&", node, self._relation())
        return node

    def _relation(self) -> Node:
        node = self._addition()
        while True:
            if token := self._take("==", "!=", "<=", ">=", "<", ">"):
                node = Binary(node.offset, token.text, node, self._addition())
            elif self._token.kind == "ident" and self._token.text == "in":
                self._next()
                node = Binary(node.offset, "in", node, self._addition())
            else:
                return node

    def _addition(self) -> Node:
        node = self._multiplication()
        while token := self._take("+", "-"):
            node = Binary(node.offset, token.text, node, self._multiplication())
        return node

    def _multiplication(self) -> Node:
        node = self._unary()
        while token := self._take("*", "/", "%"):
            node = Binary(node.offset, token.text, node, self._unary())
        return node

    def _unary(self) -> Node:
        token = self._take("!", "-")
        if token is None:
            return self._member()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise LangError(f"nested deeper than {MAX_DEPTH} levels", token.offset)
        following = self._token
        if token.text == "-" and following.kind == "int" and following.text in ("9223372036854775808", "0x8000000000000000"):
            self._next()
            self._depth -= 1
            return Literal(token.offset, -(2**63))
        node = Unary(token.offset, token.text, self._unary())
        self._depth -= 1
        return node

    def _member(self) -> Node:
        node = self._primary()
        while True:
            if self._take("."):
                name = self._identifier()
                node = self._method(node, name) if self._take("(") else Select(node.offset, node, name.text)
            elif self._take(".?"):
                node = Select(node.offset, node, self._identifier().text, optional=True)
            elif token := self._take("[", "[?"):
                index = self.expression()
                self._expect("]")
                node = Index(node.offset, node, index, optional=token.text == "[?")
            else:
                return node

    def _identifier(self) -> _Token:
        if self._token.kind != "ident" or self._token.text in _KEYWORDS:
            raise LangError(f"expected a name, found {self._token.text!r}", self._token.offset)
        return self._next()

    def _method(self, receiver: Node, name: _Token) -> Node:
        if name.text in _MACROS:
            return self._comprehension(receiver, name)
        return Call(name.offset, name.text, receiver, tuple(self._arguments(")")))

    def _comprehension(self, operand: Node, name: _Token) -> Node:
        arguments = self._arguments(")")
        variables = []
        for argument in arguments[:2]:
            variables.append(argument.name if isinstance(argument, Ident) else "")
        if len(arguments) not in (2, 3) or not variables[0]:
            raise LangError(f"{name.text}() takes a variable and an expression", name.offset)
        if name.text == "map":
            condition = arguments[1] if len(arguments) == 3 else None
            return Comprehension(name.offset, "map", operand, variables[0], "", condition, arguments[-1])
        second = ""
        if len(arguments) == 3:
            if not variables[1] or name.text == "filter":
                raise LangError(f"{name.text}() takes one variable and an expression", name.offset)
            second = variables[1]
        return Comprehension(name.offset, name.text, operand, variables[0], second, arguments[-1], None)

    def _arguments(self, closing: str) -> list[Node]:
        items: list[Node] = []
        while not self._take(closing):
            if items:
                self._expect(",")
                if closing != ")" and self._take(closing):
                    break
            items.append(self.expression())
        return items

    def _primary(self) -> Node:
        token = self._next()
        if token.kind == "ident":
            return self._named(token)
        if token.kind == "int":
            digits = token.text.removeprefix("0x").lstrip("0") or "0"
            if len(digits) > 19 or (value := int(digits, 16 if token.text.startswith("0x") else 10)) >= 2**63:
                raise LangError("integer out of range", token.offset)
            return Literal(token.offset, value)
        if token.kind == "double":
            if math.isinf(number := float(token.text)):
                raise LangError("number out of range", token.offset)
            return Literal(token.offset, number)
        if token.kind == "string":
            return Literal(token.offset, _string(token))
        if token.text == "(":
            node = self.expression()
            self._expect(")")
            return node
        if token.text == "[":
            return ListNode(token.offset, tuple(self._arguments("]")))
        if token.text == "{":
            return self._map(token)
        raise LangError(f"unexpected {token.text!r}", token.offset)

    def _named(self, token: _Token) -> Node:
        if token.text in ("true", "false"):
            return Literal(token.offset, token.text == "true")
        if token.text == "null":
            return Literal(token.offset, None)
        if token.text in _RESERVED or token.text in _KEYWORDS:
            raise LangError(f"{token.text!r} is reserved", token.offset)
        if not self._take("("):
            return Ident(token.offset, token.text)
        arguments = self._arguments(")")
        if token.text == "has":
            if len(arguments) != 1 or not isinstance(arguments[0], Select) or arguments[0].optional:
                raise LangError("has() takes one field selection, such as has(self.spec.replicas)", token.offset)
            return Has(token.offset, arguments[0])
        return Call(token.offset, token.text, None, tuple(arguments))

    def _map(self, start: _Token) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self._take("}"):
            if entries:
                self._expect(",")
                if self._take("}"):
                    break
            key = self.expression()
            self._expect(":")
            entries.append((key, self.expression()))
        return MapNode(start.offset, tuple(entries))


def _string(token: _Token) -> str:
    text = token.text
    raw = text[0] in "rR"
    body = text[1:] if raw else text
    quote = 3 if body[:3] in ('"""', "'''") else 1
    body = body[quote:-quote]
    if raw:
        return body

    def replace(match: re.Match[str]) -> str:
        for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
            if match[group] is not None:
                code = int(match[group], base)
                if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                    raise LangError("not a Unicode character", token.offset)
                return chr(code)
        if match[5] not in _ESCAPES:
            raise LangError(f"unknown escape \\{match[5]}", token.offset)
        return _ESCAPES[match[5]]

    return _ESCAPE.sub(replace, body)
