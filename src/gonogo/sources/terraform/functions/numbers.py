"""Numeric functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from gonogo.sources.terraform.functions.base import ANY, NUMBER, STRING, Function
from gonogo.sources.terraform.values import CONTEXT, TfError, TfList, Val, as_number, normal

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _whole(number: int | Decimal, rounding: str) -> int:
    return number if isinstance(number, int) else int(number.to_integral_value(rounding))


def _from_float(value: float) -> int | Decimal:
    if not math.isfinite(value):
        raise TfError("a number out of range")
    return normal(Decimal(repr(value)))


def _log(number: int | Decimal, base: int | Decimal) -> int | Decimal:
    try:
        return _from_float(_natural_log(float(number)) / _natural_log(float(base)))
    except (ValueError, ZeroDivisionError) as error:
        raise TfError("log() of a number that has none") from error


def _natural_log(x: float) -> float:
    """The logarithm to the last bit as Go computes it (math/log.go, after FreeBSD's e_log.c); the C library may round otherwise."""
    if not x > 0 or math.isinf(x):
        raise TfError("log() of a number that has none")
    mantissa, exponent = math.frexp(x)
    if mantissa < math.sqrt(2) / 2:
        mantissa, exponent = mantissa * 2, exponent - 1
    f = mantissa - 1
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    odd = s2 * (6.666666666666735130e-01 + s4 * (2.857142874366239149e-01 + s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)))
    even = s4 * (3.999999999940941908e-01 + s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01))
    half = 0.5 * f * f
    return exponent * 6.93147180369123816490e-01 - ((half - (s * (half + (odd + even)) + exponent * 1.90821492927058770002e-10)) - f)


def _pow(number: int | Decimal, power: int | Decimal) -> int | Decimal:
    # Terraform computes pow() and log() in 64-bit floats.
    try:
        return _from_float(math.pow(float(number), float(power)))
    except (ValueError, OverflowError) as error:
        raise TfError("pow() out of range") from error


def _parse_int(text: str, base: int) -> int:
    if not isinstance(base, int) or not 2 <= base <= 62:
        raise TfError("parseint() takes a base from 2 to 62")
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if base <= 36:
        digits = digits.lower()
    if not digits or len(digits) > 300 or any(d not in _DIGITS[:base] for d in digits):
        raise TfError(f"parseint(): {text!r} is no number of base {base}")
    value = 0
    for digit in digits:
        value = value * base + _DIGITS.index(digit)
    return sign * value


def _sum(collection: Val) -> int | Decimal:
    if not isinstance(collection, tuple) or not collection:
        raise TfError("sum() takes a list of numbers that is not empty")
    total: int | Decimal = 0
    for item in collection:
        number = as_number(item)
        if not isinstance(number, int | Decimal):
            raise TfError("sum() takes numbers")
        total = total + number if isinstance(total, int) and isinstance(number, int) else normal(CONTEXT.add(total, number))
    return total


def _extreme(pick: str, numbers: Sequence[int | Decimal]) -> int | Decimal:
    if not numbers:
        raise TfError(f"{pick}() takes at least one number")
    return max(numbers) if pick == "max" else min(numbers)


def _sign(number: int | Decimal) -> int:
    if not isinstance(number, int):
        raise TfError("signum() takes a whole number")
    return (number > 0) - (number < 0)


def _range(*limits: int | Decimal) -> Val:
    start: int | Decimal
    if len(limits) == 1:
        start, end = 0, limits[0]
        step: int | Decimal = 1 if end >= 0 else -1
    elif len(limits) == 2:
        start, end = limits
        step = 1 if end >= start else -1
    elif len(limits) == 3:
        start, end, step = limits
    else:
        raise TfError("range() takes one to three numbers")
    if step == 0 or (end > start and step < 0) or (end < start and step > 0):
        raise TfError("range() with a step in the wrong direction")
    found: list[Val] = []
    value = start
    while value < end if step > 0 else value > end:
        if len(found) >= 1024:
            raise TfError("range() of more than 1024 numbers")
        found.append(value)
        value = normal(CONTEXT.add(Decimal(value), Decimal(step)))
    return TfList(found)




NUMBER_FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(abs, (NUMBER,)),
    "ceil": Function(lambda number: _whole(number, ROUND_CEILING), (NUMBER,)),
    "floor": Function(lambda number: _whole(number, ROUND_FLOOR), (NUMBER,)),
    "log": Function(_log, (NUMBER, NUMBER)),
    "max": Function(lambda *numbers: _extreme("max", numbers), rest=NUMBER),
    "min": Function(lambda *numbers: _extreme("min", numbers), rest=NUMBER),
    "parseint": Function(_parse_int, (STRING, NUMBER)),
    "pow": Function(_pow, (NUMBER, NUMBER)),
    "range": Function(_range, rest=NUMBER),
    "signum": Function(_sign, (NUMBER,)),
    "sum": Function(_sum, (ANY,)),
}
