"""What a built-in function is, and how one is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gonogo.model.value import Unknown
from gonogo.sources.terraform.typesystem import ANY, BOOL, NUMBER, STRING, Collection, Type, convert
from gonogo.sources.terraform.values import Deferred, TfError, Val, deep_unknown

LIST = Collection("list", ANY)
SET = Collection("set", ANY)
MAP = Collection("map", ANY)
STRINGS = Collection("list", STRING)
STRING_SET = Collection("set", STRING)
NUMBERS = Collection("list", NUMBER)

__all__ = ["ANY", "BOOL", "LIST", "MAP", "NUMBER", "NUMBERS", "SET", "STRING", "STRINGS", "STRING_SET", "Function", "invoke"]


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in. Arguments are converted to `parameters` (then `rest`) before the call.

    Unless `open` is set the function is called with wholly known arguments only, and is unknown otherwise; unless
    `nullable` is set null is refused.
    """

    call: Callable[..., Any]
    parameters: tuple[Type, ...] = ()
    rest: Type | None = None
    optional: int = 0
    """How many of the last parameters may be left out."""
    open: bool = False
    nullable: bool = False


def invoke(name: str, function: Function, arguments: Sequence[Val]) -> Val:
    """Call a function as Terraform does. Raises `TfError`."""
    least = len(function.parameters) - function.optional
    if len(arguments) < least or (function.rest is None and len(arguments) > len(function.parameters)):
        raise TfError(f"{name}() does not take {len(arguments)} arguments")
    unknown: list[Unknown] = []
    converted: list[Val] = []
    for position, argument in enumerate(arguments):
        wanted = function.parameters[position] if position < len(function.parameters) else function.rest or ANY
        if isinstance(argument, Deferred):
            argument = argument.force()
        if argument is None and not function.nullable:
            raise TfError(f"an argument of {name}() must not be null")
        if not function.open:
            found = deep_unknown(argument)
            if found is not None:
                unknown.append(found)
                continue
        converted.append(argument if wanted == ANY else convert(argument, wanted))
    if unknown:
        return Unknown.merge(unknown)
    result: Val = function.call(*converted)
    return result
