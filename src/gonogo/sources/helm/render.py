"""Runs a template on its values and keeps, for each line it gives, the line of the template that it comes from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gonogo.sources.helm.functions import FUNCTIONS, is_true, text_of
from gonogo.sources.helm.syntax import (
    Action,
    Call,
    Field,
    Function,
    If,
    Jump,
    Literal,
    Operand,
    Pipeline,
    Range,
    Statement,
    TemplateError,
    Text,
    Variable,
    With,
    parse,
)

MAX_STEPS = 300_000
MAX_OUTPUT = 4_000_000
MAX_INCLUDES = 60


@dataclass(slots=True)
class Output:
    """Pieces of text, each with a line of the template; negative for an action, whose every line comes from that one."""

    pieces: list[tuple[str, int]] = field(default_factory=list)

    def text(self) -> str:
        return "".join(piece for piece, _ in self.pieces)

    def lines(self) -> list[int]:
        """For each line of the text, the template's line that its first visible character comes from."""
        found: list[int] = []
        current, last = 0, 1
        for piece, line in self.pieces:
            for number, part in enumerate(piece.split("\n")):
                if number:
                    found.append(current or last)
                    current = 0
                last = -line if line < 0 else line + number
                if part.strip() and not current:
                    current = last
        found.append(current or last)
        return found


class _JumpSignal(Exception):
    pass


@dataclass(slots=True)
class Renderer:
    """Renders files that share their named templates. `steps` and the depth of includes are bounded over all of them."""

    defines: dict[str, list[Statement]] = field(default_factory=dict)
    steps: int = 0
    depth: int = 0
    size: int = 0
    placeholders: bool = False
    """Whether a value that whoever installs the chart must give is written as `${name}`, where Helm alone would fail."""

    def define(self, templates: Mapping[str, list[Statement]]) -> None:
        self.defines.update(templates)

    def render(self, body: Sequence[Statement], root: Mapping[str, Any]) -> Output:
        """The output of a file. Raises `TemplateError`."""
        output = Output()
        self._run(body, root, {"$": root}, output)
        return output

    def _tick(self, line: int) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS or self.size > MAX_OUTPUT:
            raise TemplateError("rendering takes too long", line)

    def _run(self, body: Sequence[Statement], dot: Any, variables: dict[str, Any], output: Output) -> None:
        for statement in body:
            self._tick(statement.line)
            try:
                self._statement(statement, dot, variables, output)
            except TemplateError as error:
                if not error.line:
                    error.line = statement.line
                raise
            except _JumpSignal:
                raise
            except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError) as error:
                # What Go would refuse as a type error, our functions meet as a Python one.
                raise TemplateError(f"{type(error).__name__}: {error}", statement.line) from error

    def _statement(self, statement: Statement, dot: Any, variables: dict[str, Any], output: Output) -> None:
        match statement:
            case Text(text=text, line=line):
                self.size += len(text)
                output.pieces.append((text, line))
            case Action(pipeline=pipeline, line=line):
                given = _made_at_installation(pipeline)
                if given is None and self.placeholders:
                    given = _given_at_deployment(pipeline, dot, variables)
                value = self._pipeline(pipeline, dot, variables) if given is None else given
                if not pipeline.targets:
                    text = text_of(value)
                    self.size += len(text)
                    output.pieces.append((text, -line))
            case If(branches=branches, otherwise=otherwise):
                for condition, body in branches:
                    scope = _Scope(variables)
                    if is_true(self._pipeline(condition, dot, scope)):
                        self._run(body, dot, scope, output)
                        return
                self._run(otherwise, dot, _Scope(variables), output)
            case With(branches=branches, otherwise=otherwise):
                for condition, body in branches:
                    scope = _Scope(variables)
                    value = self._pipeline(condition, dot, scope)
                    if is_true(value):
                        self._run(body, value, scope, output)
                        return
                self._run(otherwise, dot, _Scope(variables), output)
            case Range():
                self._range(statement, dot, variables, output)
            case Call(name=name, pipeline=argument, line=line):
                value = self._pipeline(argument, dot, variables) if argument is not None else None
                output.pieces.append((self._include(name, value, line), -line))
            case Jump(name=name):
                raise _JumpSignal(name)

    def _range(self, statement: Range, dot: Any, variables: dict[str, Any], output: Output) -> None:
        pipeline = Pipeline(statement.pipeline.commands)
        value = self._pipeline(pipeline, dot, variables)
        pairs: list[tuple[Any, Any]]
        if isinstance(value, dict):
            pairs = sorted(value.items(), key=lambda pair: str(pair[0]))
        elif isinstance(value, list):
            pairs = list(enumerate(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            pairs = [(n, n) for n in range(min(value, 10_000))]
        elif value is None:
            pairs = []
        else:
            raise TemplateError("range over what is no list and no map", statement.line)
        if not pairs:
            self._run(statement.otherwise, dot, _Scope(variables), output)
            return
        names = statement.pipeline.targets
        for key, item in pairs:
            self._tick(statement.line)
            scope = _Scope(variables)
            if len(names) == 1:
                scope.declare(names[0], item)
            elif len(names) == 2:
                scope.declare(names[0], key)
                scope.declare(names[1], item)
            try:
                self._run(statement.body, item, scope, output)
            except _JumpSignal as jump:
                if str(jump) == "break":
                    return

    def _include(self, name: str, dot: Any, line: int) -> str:
        body = self.defines.get(name)
        if body is None:
            raise TemplateError(f"no template is called {name!r}", line)
        return self._nested(body, dot, line)

    def _nested(self, body: Sequence[Statement], dot: Any, line: int) -> str:
        self.depth += 1
        if self.depth > MAX_INCLUDES:
            raise TemplateError("templates include each other without end", line)
        inner = Output()
        try:
            self._run(body, dot, {"$": dot}, inner)
        finally:
            self.depth -= 1
        return inner.text()

    def _pipeline(self, pipeline: Pipeline, dot: Any, variables: dict[str, Any]) -> Any:
        value: Any = None
        for number, command in enumerate(pipeline.commands):
            value = self._command(command, dot, variables, [value] if number else [])
        for name in pipeline.targets:
            if isinstance(variables, _Scope):
                (variables.declare if pipeline.declares else variables.assign)(name, value)
            else:
                variables[name] = value
        return value

    def _command(self, command: tuple[Operand, ...], dot: Any, variables: dict[str, Any], piped: list[Any]) -> Any:
        head, rest = command[0], command[1:]
        if isinstance(head, Function):
            return self._call(head.name, rest, dot, variables, piped)
        value = self._operand(head, dot, variables)
        if callable(value):
            return value(*[self._operand(a, dot, variables) for a in rest], *piped)
        if rest or piped:
            raise TemplateError("a value is called as a function")
        return value

    def _call(self, name: str, operands: Sequence[Operand], dot: Any, variables: dict[str, Any], piped: list[Any]) -> Any:
        if name in ("and", "or"):
            return self._shortcut(name, operands, dot, variables, piped)
        arguments = [self._operand(a, dot, variables) for a in operands] + piped
        if name == "include":
            return self._include(text_of(arguments[0]), arguments[1] if len(arguments) > 1 else None, 0)
        if name == "tpl":
            template = parse(text_of(arguments[0]))
            self.define(template.defines)
            return self._nested(template.body, arguments[1], 0)
        function: Callable[..., Any] | None = FUNCTIONS.get(name) or FUNCTIONS.get(_without_must(name))
        if function is None:
            raise TemplateError(f"the function {name} is not rendered here")
        return function(*arguments)

    def _shortcut(self, name: str, operands: Sequence[Operand], dot: Any, variables: dict[str, Any], piped: list[Any]) -> Any:
        value: Any = None
        for operand in operands:
            value = self._operand(operand, dot, variables)
            if is_true(value) is (name == "or"):
                return value
        return piped[0] if piped else value

    def _operand(self, operand: Operand, dot: Any, variables: dict[str, Any]) -> Any:
        match operand:
            case Literal(value=value):
                return value
            case Variable(name=name):
                if name not in variables:
                    raise TemplateError(f"no variable is called {name}")
                return variables[name]
            case Pipeline():
                return self._pipeline(operand, dot, variables)
            case Function(name=name):
                return self._call(name, (), dot, variables, [])
            case Field(base=base, names=names):
                value = dot if base is None else self._operand(base, dot, variables)
                for name in names:
                    if value is None and isinstance(base, Pipeline):
                        return None  # `(.a).b`: the idiom for what may not be there
                    value = _member(value, name)
                return value


def _without_must(name: str) -> str:
    """Sprig's `mustX` is `X` that fails aloud, which ours always does."""
    return name[4].lower() + name[5:] if name.startswith("must") and len(name) > 4 else name


def _given_at_deployment(pipeline: Pipeline, dot: Any, variables: dict[str, Any]) -> str | None:
    """`${a.b}` for `{{ .Values.a.b }}`, quoted or not, where the values have no `a`: `helm upgrade --set a.b=…` gives it.

    Only for what is printed as it is: a condition or another function would have to know the value.
    """
    head, *functions = pipeline.commands
    if len(head) != 1 or not isinstance(head[0], Field) or pipeline.targets or not all(f in _QUOTING for f in functions):
        return None
    base, names = head[0].base, head[0].names
    value = dot if base is None else variables.get("$") if base == Variable("$") else None
    if len(names) < 3 or names[0] != "Values" or not isinstance(value, dict):
        return None
    for name in names[:-1]:
        value = value.get(name) if isinstance(value, dict) else value
    if value is not None:
        return None
    quotes = [_QUOTING[f] for f in functions]
    return functools.reduce(lambda text, quote: f"{quote}{text}{quote}", quotes, "${" + ".".join(names[1:]) + "}")


def _made_at_installation(pipeline: Pipeline) -> str | None:
    """`${now}` for `{{ now | quote }}`: a time or a random text that each installation makes anew.

    Only for what is printed as it is, as above.
    """
    (head, *_), *functions = pipeline.commands
    if not isinstance(head, Function) or head.name not in _MADE_ANEW or pipeline.targets:
        return None
    if not all(isinstance(f[0], Function) and f[0].name in _PRINTING for f in functions):
        return None
    quotes = [_QUOTING[f] for f in functions if f in _QUOTING]
    return functools.reduce(lambda text, quote: f"{quote}{text}{quote}", quotes, f"${{{head.name}}}")


def _member(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if value is None:
        raise TemplateError(f"nothing has a member {name}")
    found = getattr(value, f"template_{name}", None)
    if found is None:
        raise TemplateError(f"a {type(value).__name__} has no member {name}")
    return found


_MADE_ANEW = frozenset({"now", "uuidv4", "randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes"})
_PRINTING = frozenset({"quote", "squote", "toString", "b64enc", "date", "htmlDate", "unixEpoch", "lower", "upper", "nospace", "trunc", "sha256sum"})
_QUOTING: dict[tuple[Operand, ...], str] = {(Function("quote"),): '"', (Function("squote"),): "'"}


class _Scope(dict[str, Any]):
    """The variables of a block: those of the blocks around it are seen and can be assigned, its own end with it."""

    def __init__(self, outer: dict[str, Any]) -> None:
        super().__init__(outer)
        self._outer = outer
        self._own: set[str] = set()

    def declare(self, name: str, value: Any) -> None:
        self._own.add(name)
        self[name] = value

    def assign(self, name: str, value: Any) -> None:
        self[name] = value
        if name not in self._own:
            if isinstance(self._outer, _Scope):
                self._outer.assign(name, value)
            else:
                self._outer[name] = value
