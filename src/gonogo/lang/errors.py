"""Errors of the language: of a program when it is compiled, of a value when it is evaluated."""

from __future__ import annotations

from dataclasses import dataclass


class LangError(Exception):
    """A program outside the language. `offset` is that of the first character it is about."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class EvaluationError:
    """CEL's error value: what an operation gives that has no answer (a missing key, a division by zero)."""

    message: str
