"""A program: an expression with its source, compiled when it is first asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.lang.compiler import MAX_READS, Closure, Frame, TooManySteps, compile_node
from gonogo.lang.errors import EvaluationError, LangError
from gonogo.lang.operators import Optional, Result
from gonogo.lang.parser import parse
from gonogo.lang.typecheck import check
from gonogo.model.shape import Shape
from gonogo.model.value import Path, Unknown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluation gave, and the paths it rests on, the deciding ones first, each once."""

    value: Any
    reads: tuple[Path, ...]


class Program:
    """One expression. Parsing and compiling wait until it is evaluated or checked: a run uses few of all rules."""

    __slots__ = ("_closure", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._closure: Closure | None = None

    def __repr__(self) -> str:
        return f"Program({self.source!r})"

    def check(self, variables: Mapping[str, Shape], expected: Shape | None = None) -> None:
        """Parse, compile and type-check against the shapes of the variables. Raises `LangError`."""
        try:
            node = parse(self.source)
            check(node, variables, expected)
            self._closure = compile_node(node)
        except RecursionError:
            raise LangError("nested too deeply", 0) from None

    def evaluate(self, variables: Mapping[str, Any]) -> Outcome:
        """The value of the expression: known, `Unknown`, or an `EvaluationError`. Raises `LangError` if it does not compile."""
        if self._closure is None:
            try:
                self._closure = compile_node(parse(self.source))
            except RecursionError:
                raise LangError("nested too deeply", 0) from None
        frame = Frame(variables)
        try:
            value: Result = self._closure(frame)
        except TooManySteps as error:
            value = Unknown.because(str(error))
        except RecursionError:
            value = EvaluationError("nested too deeply")
        return Outcome(value, tuple(dict.fromkeys(frame.reads))[:MAX_READS])


_HOLE = re.compile(r"\{\{(.*?)\}\}", re.S)


class Template:
    """Text with `{{ expression }}` holes, for messages."""

    __slots__ = ("_parts", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        pieces = _HOLE.split(source)
        self._parts = tuple(Program(piece.strip()) if at % 2 else piece for at, piece in enumerate(pieces))

    @property
    def programs(self) -> tuple[Program, ...]:
        """The expressions in the holes."""
        return tuple(part for part in self._parts if isinstance(part, Program))

    def check(self, variables: Mapping[str, Shape]) -> None:
        """Check every hole. Raises `LangError`."""
        for program in self.programs:
            program.check(variables)

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text with its holes filled; what is unknown or has no answer is `?`."""
        return "".join(part if isinstance(part, str) else _text(part.evaluate(variables).value) for part in self._parts)


def _text(value: Result) -> str:
    if isinstance(value, Optional):
        value = value.value if value.present else None
    if isinstance(value, Unknown | EvaluationError):
        return "?"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if value is None:
        return "not set"
    if isinstance(value, Mapping):
        return f"{len(value)} entries"
    return ", ".join(_text(item) for item in value)


__all__ = ["LangError", "Outcome", "Program", "Template"]
