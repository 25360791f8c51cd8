"""What operators, indices and iteration do with values, apart from any expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import DivisionByZero, InvalidOperation
from typing import Any

from gonogo.model.value import OpenList, OpenMap, Unknown
from gonogo.sources.terraform.result import Symbolic
from gonogo.sources.terraform.values import (
    CONTEXT,
    Deferred,
    Multiple,
    TfError,
    TfSet,
    Val,
    as_number,
    as_string,
    composed,
    merge_unknown,
    normal,
    type_name,
    unknown_of,
)

MAX_TEXT = 8 * 1024 * 1024

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def arithmetic(operator: str, a: Any, b: Any) -> Val:
    """`a operator b` for numbers."""
    try:
        if operator == "+":
            return normal(a + b if isinstance(a, int) and isinstance(b, int) else CONTEXT.add(a, b))
        if operator == "-":
            return normal(a - b if isinstance(a, int) and isinstance(b, int) else CONTEXT.subtract(a, b))
        if operator == "*":
            return normal(a * b if isinstance(a, int) and isinstance(b, int) else CONTEXT.multiply(a, b))
        if operator == "/":
            return normal(CONTEXT.divide(a, b))
        return normal(CONTEXT.remainder(a, b)) if b else a  # truncates towards zero, as Terraform
    except (DivisionByZero, InvalidOperation):
        raise TfError("division by zero") from None
    except ArithmeticError:
        raise TfError("a number out of range") from None


def join_text(pieces: Iterator[str | Unknown] | Sequence[str | Unknown]) -> str | Unknown:
    """Texts put together; `Symbolic` where one of them is."""
    found = list(pieces)
    unknown = [p for p in found if isinstance(p, Unknown)]
    if unknown:
        return Unknown.merge([*unknown, *(unknown_of(p) for p in found if isinstance(p, Symbolic))])
    text = "".join(p for p in found if isinstance(p, str))
    if len(text) > MAX_TEXT:
        raise TfError(f"a text of more than {MAX_TEXT} bytes")
    symbolic = [p for p in found if isinstance(p, Symbolic)]
    if not symbolic:
        return composed(text)
    if any("${" in p for p in found if isinstance(p, str) and not isinstance(p, Symbolic)):
        return merge_unknown(symbolic)  # would not be told from a reference
    return Symbolic(text, tuple(dict.fromkeys(r for s in symbolic for r in s.references)))


def items(collection: Val) -> Iterator[tuple[Val, Val]]:
    """Keys and values in the order that Terraform iterates in. Raises `TfError` for what is no collection."""
    if isinstance(collection, Deferred):
        collection = collection.force()
    if isinstance(collection, TfSet):
        return ((v, v) for v in collection)
    if isinstance(collection, tuple | OpenList):
        return enumerate(collection)
    if isinstance(collection, Mapping):
        return iter(sorted(collection.items(), key=lambda item: item[0].encode("utf-8", "surrogatepass")))
    raise TfError(f"a {type_name(collection)} cannot be iterated over")


def attribute(value: Val, name: str) -> Val:
    """`value.name`. Raises `TfError`."""
    if isinstance(value, Deferred):
        try:
            return value.member(name)
        except KeyError:
            raise TfError(f'no attribute "{name}"') from None
    if isinstance(value, Mapping):
        if name in value:
            return value[name]
        if isinstance(value, OpenMap):
            return value.unknown
        raise TfError(f'no attribute "{name}"')
    if isinstance(value, Symbolic):
        reference = value.reference
        return Symbolic.of(reference.address, f"{reference.attribute}.{name}") if reference else value.unknown
    if isinstance(value, Unknown):
        return value
    raise TfError(f"a {type_name(value)} has no attributes")


def index(value: Val, key: Val) -> Val:
    """`value[key]`. Raises `TfError`."""
    if isinstance(key, Unknown | Symbolic):
        return value.one if isinstance(value, Multiple) else unknown_of(key)
    if isinstance(value, Multiple):
        return value.one
    if isinstance(value, Deferred | Mapping):
        return attribute(value, str(as_string(key)))
    if isinstance(value, OpenList):
        return value.unknown  # the known members are not numbered
    if isinstance(value, tuple) and not isinstance(value, TfSet):
        position = as_number(key)
        if isinstance(position, int) and 0 <= position < len(value):
            found: Val = value[position]
            return found
        raise TfError(f"no element {as_string(key)} in a list of {len(value)}")
    if isinstance(value, Symbolic):
        reference = value.reference
        step = f'["{key}"]' if isinstance(key, str) else f"[{as_string(key)}]"
        return Symbolic.of(reference.address, f"{reference.attribute}{step}") if reference else value.unknown
    if isinstance(value, Unknown):
        return value
    raise TfError(f"a {type_name(value)} has no elements")
