"""Go template text to nodes (https://pkg.go.dev/text/template)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TypeAlias

MAX_DEPTH = 100


class TemplateError(Exception):
    """A template that cannot be rendered; `line` counts from 1."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Literal:
    value: object


@dataclass(frozen=True, slots=True)
class Field:
    """`.a.b` of the dot, of a variable (`$x.a`), or of a parenthesised pipeline."""

    base: Operand | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Function:
    name: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each fed the value of the one before as its last argument; `targets` are the variables it sets."""

    commands: tuple[tuple[Operand, ...], ...]
    targets: tuple[str, ...] = ()
    declares: bool = False


Operand: TypeAlias = Literal | Field | Variable | Function | Pipeline


@dataclass(slots=True)
class Text:
    text: str
    line: int


@dataclass(slots=True)
class Action:
    pipeline: Pipeline
    line: int


@dataclass(slots=True)
class If:
    branches: list[tuple[Pipeline, list[Statement]]]
    otherwise: list[Statement]
    line: int


@dataclass(slots=True)
class Range:
    pipeline: Pipeline
    body: list[Statement]
    otherwise: list[Statement]
    line: int


@dataclass(slots=True)
class With:
    branches: list[tuple[Pipeline, list[Statement]]]
    otherwise: list[Statement]
    line: int


@dataclass(slots=True)
class Call:
    """`{{ template "name" pipeline }}`."""

    name: str
    pipeline: Pipeline | None
    line: int


@dataclass(slots=True)
class Jump:
    """`break` or `continue`."""

    name: str
    line: int


Statement: TypeAlias = Text | Action | If | Range | With | Call | Jump


@dataclass(slots=True)
class Template:
    """The statements of a file, and the templates it defines by name."""

    body: list[Statement]
    defines: dict[str, list[Statement]] = field(default_factory=dict)


_ACTION = re.compile(r"\{\{(-(?=\s))?((?:/\*[\s\S]*?\*/)|(?:\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])*'|[^\"`'}]|\}(?!\}))*?)((?<=\s)-|(?<=/)-)?\}\}")
_WORD = re.compile(r"[a-z]+(?![A-Za-z0-9_])")
_COMMENT = re.compile(r"\s*/\*[\s\S]*?\*/\s*\Z")
_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:\\.|[^\"\\])*\"|`[^`]*`)|(?P<char>'(?:\\.|[^'\\])+')|(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))"
    r"|(?P<declare>:=)|(?P<punct>[|(),=])|(?P<variable>\$[A-Za-z_0-9]*)|(?P<field>(?:\.[A-Za-z_][A-Za-z0-9_]*)+)|(?P<dot>\.)|(?P<word>[A-Za-z_][A-Za-z0-9_]*))"
)


def parse(text: str) -> Template:
    """The template of a file. Raises `TemplateError`."""
    return _Parser(_pieces(text)).template()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text, or the inside of an action."""

    text: str
    line: int
    action: bool


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    at, line, trim_next = 0, 1, False

    def add_text(raw: str, trim_left: bool, trim_right: bool) -> None:
        nonlocal line
        start = line
        line += raw.count("\n")
        if trim_left:
            stripped = raw.lstrip()
            start += raw[: len(raw) - len(stripped)].count("\n")
            raw = stripped
        if trim_right:
            raw = raw.rstrip()
        if raw:
            pieces.append(_Piece(raw, start, False))

    for match in _ACTION.finditer(text):
        add_text(text[at : match.start()], trim_next, bool(match[1]))
        inside = match[2]
        if not _COMMENT.match(inside):
            pieces.append(_Piece(inside.strip(), line, True))
        line += match[0].count("\n")
        at, trim_next = match.end(), bool(match[3])
    rest = text[at:]
    if "{{" in rest:
        raise TemplateError("an action is never closed", line + rest[: rest.index("{{")].count("\n"))
    add_text(rest, trim_next, False)
    return pieces


class _Parser:
    def __init__(self, pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self._at = 0
        self._defines: dict[str, list[Statement]] = {}
        self._depth = 0

    def template(self) -> Template:
        body, _ = self._block(())
        return Template(body, self._defines)

    def _block(self, ends: tuple[str, ...]) -> tuple[list[Statement], _Piece | None]:
        """Statements up to an action that starts with one of `ends`, and that action."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TemplateError(f"nested deeper than {MAX_DEPTH} levels", self._pieces[min(self._at, len(self._pieces) - 1)].line)
        body: list[Statement] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if not piece.action:
                body.append(Text(piece.text, piece.line))
                continue
            keyword = _WORD.match(piece.text)
            word = keyword[0] if keyword is not None else ""
            rest = piece.text[len(word) :].strip()
            if word in ends:
                self._depth -= 1
                return body, piece
            statement = self._statement(word, rest, piece)
            if statement is not None:
                body.append(statement)
        if ends:
            raise TemplateError("a block is never ended", self._pieces[-1].line if self._pieces else 0)
        self._depth -= 1
        return body, None

    def _statement(self, word: str, rest: str, piece: _Piece) -> Statement | None:
        line = piece.line
        if word in ("if", "with"):
            return self._branches(word, rest, line)
        if word == "range":
            pipeline = _pipeline(rest, line)
            body, end = self._block(("end", "else"))
            otherwise: list[Statement] = []
            if end is not None and end.text.startswith("else"):
                otherwise, _ = self._block(("end",))
            return Range(pipeline, body, otherwise, line)
        if word in ("define", "block"):
            name, argument = _named(rest, line)
            self._defines[name], _ = self._block(("end",))
            return Call(name, argument, line) if word == "block" else None
        if word == "template":
            name, argument = _named(rest, line)
            return Call(name, argument, line)
        if word in ("break", "continue") and not rest:
            return Jump(word, line)
        if word in ("end", "else"):
            raise TemplateError(f"{{{{ {word} }}}} without a block", line)
        return Action(_pipeline(piece.text, line), line)

    def _branches(self, word: str, rest: str, line: int) -> Statement:
        branches: list[tuple[Pipeline, list[Statement]]] = []
        otherwise: list[Statement] = []
        condition: str | None = rest
        while condition is not None:
            body, end = self._block(("end", "else"))
            branches.append((_pipeline(condition, line), body))
            condition = None
            if end is not None and end.text.startswith("else"):
                after = end.text[4:].strip()
                if after.split(" ")[0] in ("if", "with"):
                    condition, line = after.partition(" ")[2].strip(), end.line
                else:
                    otherwise, _ = self._block(("end",))
        return If(branches, otherwise, line) if word == "if" else With(branches, otherwise, line)


def _named(text: str, line: int) -> tuple[str, Pipeline | None]:
    match = re.match(r"\"((?:\\.|[^\"\\])*)\"|`([^`]*)`", text)
    if match is None:
        raise TemplateError("a template's name is a string", line)
    rest = text[match.end() :].strip()
    return match[1] if match[1] is not None else match[2], _pipeline(rest, line) if rest else None


def _pipeline(text: str, line: int) -> Pipeline:
    reader = _Expression(text, line)
    pipeline = reader.pipeline()
    reader.end()
    return pipeline


class _Expression:
    def __init__(self, text: str, line: int) -> None:
        self._line = line
        self._tokens: list[tuple[str, str, bool]] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise TemplateError(f"unexpected {text[at : at + 10].strip()!r}", line)
            kind = match.lastgroup or ""
            spaced = match.start(kind) > at or at == 0
            self._tokens.append((kind, match[kind], spaced))
            at = match.end()
        self._at = 0
        self._depth = 0

    def _peek(self) -> tuple[str, str, bool]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "", True)

    def end(self) -> None:
        if self._peek()[0] != "end":
            raise TemplateError(f"unexpected {self._peek()[1]!r}", self._line)

    def pipeline(self) -> Pipeline:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TemplateError("nested too deeply", self._line)
        targets, declares = self._targets()
        commands = [self._command()]
        while self._peek()[1] == "|":
            self._at += 1
            commands.append(self._command())
        self._depth -= 1
        return Pipeline(tuple(commands), targets, declares)

    def _targets(self) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        at = self._at
        while at < len(self._tokens) and self._tokens[at][0] == "variable":
            names.append(self._tokens[at][1])
            at += 1
            if at < len(self._tokens) and self._tokens[at][1] == ",":
                at += 1
                continue
            break
        if names and at < len(self._tokens) and self._tokens[at][1] in (":=", "="):
            declares = self._tokens[at][1] == ":="
            self._at = at + 1
            return tuple(names), declares
        return (), False

    def _command(self) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while self._peek()[0] not in ("end",) and self._peek()[1] not in ("|", ")"):
            operands.append(self._operand())
        if not operands:
            raise TemplateError("an empty command", self._line)
        return tuple(operands)

    def _operand(self) -> Operand:
        kind, text, _ = self._peek()
        self._at += 1
        found: Operand
        if kind == "string":
            return Literal(text[1:-1] if text[0] == "`" else _unquote(text, self._line))
        if kind == "char":
            return Literal(ord(text[1:-1][-1]))
        if kind == "number":
            return Literal(_number(text))
        if kind == "variable":
            found = Variable(text)
        elif kind == "field":
            return Field(None, tuple(text[1:].split(".")))
        elif kind == "dot":
            return Field(None, ())
        elif kind == "word":
            if text in ("true", "false"):
                return Literal(text == "true")
            if text == "nil":
                return Literal(None)
            found = Function(text)
        elif text == "(":
            found = self.pipeline()
            if self._peek()[1] != ")":
                raise TemplateError("a parenthesis is never closed", self._line)
            self._at += 1
        else:
            raise TemplateError(f"unexpected {text!r}", self._line)
        after = self._peek()
        if after[0] == "field" and not after[2]:
            self._at += 1
            return Field(found, tuple(after[1][1:].split(".")))
        return found


def _unquote(text: str, line: int) -> str:
    try:
        return str(ast.literal_eval(text))
    except (ValueError, SyntaxError) as error:
        raise TemplateError(f"{text} is not a string", line) from error


def _number(text: str) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
