"""CEL's operators on values that may be unknown or an error.

Three-valued: an unknown operand gives an unknown result unless the rest decides it (strong Kleene logic). Where unknown and error
meet and nothing decides, unknown wins, as in the CEL specification: a value that becomes known may still remove the error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gonogo.lang.errors import EvaluationError
from gonogo.model.value import OpenList, OpenMap, Unknown, Value, is_list

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
# Of a string or list that an expression makes: `x.map(a, a + a)` in a row would double it without end.
MAX_LENGTH = 1_000_000


@dataclass(frozen=True, slots=True)
class Optional:
    """CEL's optional: a value, or none."""

    value: Any
    present: bool = True


NONE = Optional(None, present=False)

Result: TypeAlias = Any
"""A `Value`, an `Optional` or an `EvaluationError`."""


def type_name(value: object) -> str:
    """The name of a value's type in messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "double"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "map"
    if is_list(value):
        return "list"
    if isinstance(value, Optional):
        return "optional"
    return type(value).__name__.lower()


def no_overload(operator: str, *operands: object) -> EvaluationError:
    return EvaluationError(f"{operator} does not take {', '.join(type_name(o) for o in operands)}")


def undecided(*operands: Result) -> Unknown | EvaluationError | None:
    """The unknown of all operands, else the first error among them, else None."""
    unknown = [o for o in operands if isinstance(o, Unknown)]
    if unknown:
        return unknown[0] if len(unknown) == 1 else Unknown.merge(unknown)
    return next((o for o in operands if isinstance(o, EvaluationError)), None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(left: Result, right: Result) -> Result:
    """Heterogeneous equality: values of different types are unequal, numbers compare across int and double."""
    if (stop := undecided(left, right)) is not None:
        return stop
    if isinstance(left, Optional) and isinstance(right, Optional):
        return left.present == right.present and (not left.present or equal(left.value, right.value))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right if isinstance(left, bool) and isinstance(right, bool) else False
    if _is_number(left) and _is_number(right):
        return bool(left == right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if left is None or right is None:
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _equal_maps(left, right)
    if is_list(left) and is_list(right):
        return _equal_lists(left, right)
    return False


def _equal_lists(left: Sequence[Value], right: Sequence[Value]) -> Result:
    if isinstance(left, OpenList):
        return _equal_open(left, right)
    if isinstance(right, OpenList):
        return _equal_open(right, left)
    if len(left) != len(right):
        return False
    return _all_equal([equal(a, b) for a, b in zip(left, right, strict=True)], [])


def _equal_open(left: OpenList, right: Sequence[Value]) -> Result:
    """Of an open list it is known what is in it, not where: what the other side has no place for decides."""
    if isinstance(right, OpenList):
        return Unknown.merge((left.unknown, right.unknown))
    if len(left) > len(right) or any(all(equal(item, other) is False for other in right) for item in left):
        return False
    return left.unknown


def _equal_maps(left: Mapping[str, Value], right: Mapping[str, Value]) -> Result:
    opened = [side.unknown for side in (left, right) if isinstance(side, OpenMap)]
    for one, other in ((left, right), (right, left)):
        if not isinstance(other, OpenMap) and one.keys() - other.keys():
            return False
    return _all_equal([equal(left[key], right[key]) for key in left if key in right], opened)


def _all_equal(results: list[Result], opened: list[Unknown]) -> Result:
    if any(result is False for result in results):
        return False
    unknown = [*opened, *(r for r in results if isinstance(r, Unknown))]
    if unknown:
        return Unknown.merge(unknown)
    return next((r for r in results if isinstance(r, EvaluationError)), True)


def not_equal(left: Result, right: Result) -> Result:
    result = equal(left, right)
    return not result if isinstance(result, bool) else result


def _ordered(operator: str, compare: Callable[[Any, Any], bool]) -> Callable[[Result, Result], Result]:
    def apply(left: Result, right: Result) -> Result:
        if (stop := undecided(left, right)) is not None:
            return stop
        comparable = (
            (_is_number(left) and _is_number(right))
            or (isinstance(left, str) and isinstance(right, str))
            or (isinstance(left, bool) and isinstance(right, bool))
        )
        return compare(left, right) if comparable else no_overload(operator, left, right)

    return apply


def contains(item: Result, container: Result) -> Result:
    """`item in container`: a list's member or a map's key."""
    if (stop := undecided(item, container)) is not None:
        return stop
    if isinstance(container, Mapping):
        if isinstance(item, str) and item in container:
            return True
        if not isinstance(item, bool | int | float | str):
            return no_overload("in", item, container)
        return container.unknown if isinstance(container, OpenMap) else False
    if not is_list(container):
        return no_overload("in", item, container)
    results = [equal(item, member) for member in container]
    if any(result is True for result in results):
        return True
    unknown = [r for r in results if isinstance(r, Unknown)]
    if isinstance(container, OpenList):
        unknown.append(container.unknown)
    if unknown:
        return Unknown.merge(unknown)
    return next((r for r in results if isinstance(r, EvaluationError)), False)


def _checked(value: int) -> Result:
    return value if INT_MIN <= value <= INT_MAX else EvaluationError("integer overflow")


def add(left: Result, right: Result) -> Result:
    if (stop := undecided(left, right)) is not None:
        return stop
    both_strings = isinstance(left, str) and isinstance(right, str)
    both_lists = is_list(left) and is_list(right)
    if (both_strings or both_lists) and len(left) + len(right) > MAX_LENGTH:
        return Unknown.because("the result of + is too long")
    if both_strings:
        return left + right
    if both_lists:
        opened = [side.unknown for side in (left, right) if isinstance(side, OpenList)]
        joined = [*left, *right]
        return OpenList(joined, Unknown.merge(opened)) if opened else joined
    return _arithmetic("+", left, right)


def subtract(left: Result, right: Result) -> Result:
    return _arithmetic("-", left, right)


def multiply(left: Result, right: Result) -> Result:
    return _arithmetic("*", left, right)


def divide(left: Result, right: Result) -> Result:
    return _arithmetic("/", left, right)


def modulo(left: Result, right: Result) -> Result:
    return _arithmetic("%", left, right)


def _arithmetic(operator: str, left: Result, right: Result) -> Result:
    if (stop := undecided(left, right)) is not None:
        return stop
    if isinstance(left, bool) or isinstance(right, bool):
        return no_overload(operator, left, right)
    if isinstance(left, int) and isinstance(right, int):
        return _integers(operator, left, right)
    if isinstance(left, float) and isinstance(right, float) and operator != "%":
        return _doubles(operator, left, right)
    return no_overload(operator, left, right)


def _integers(operator: str, left: int, right: int) -> Result:
    if operator in "/%":
        if right == 0:
            return EvaluationError("division by zero")
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        # The remainder of what overflows does too, as in the machine instruction CEL's implementations use.
        return _checked(quotient) if operator == "/" or quotient > INT_MAX else left - quotient * right
    return _checked({"+": left + right, "-": left - right, "*": left * right}[operator])


def _doubles(operator: str, left: float, right: float) -> Result:
    if operator == "/":
        if right == 0:
            return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
        return left / right
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def negate(operand: Result) -> Result:
    if (stop := undecided(operand)) is not None:
        return stop
    if isinstance(operand, float):
        return -operand
    if isinstance(operand, int) and not isinstance(operand, bool):
        return _checked(-operand)
    return no_overload("-", operand)


def invert(operand: Result) -> Result:
    if operand is True or operand is False:
        return not operand
    stop = undecided(operand)
    return no_overload("!", operand) if stop is None else stop


BINARY: Mapping[str, Callable[[Result, Result], Result]] = {
    "==": equal,
    "!=": not_equal,
    "<": _ordered("<", lambda a, b: a < b),
    "<=": _ordered("<=", lambda a, b: a <= b),
    ">": _ordered(">", lambda a, b: a > b),
    ">=": _ordered(">=", lambda a, b: a >= b),
    "in": contains,
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
}
