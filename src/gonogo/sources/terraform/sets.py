"""Sets: what is the same, and the order that Terraform goes through them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

from gonogo.model.value import Unknown
from gonogo.sources.terraform.values import OpenSet, TfList, TfMap, TfSet, Val, equal, format_number, open_set

_HASHED_DIGITS = Context(prec=10)
_QUOTES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\"}


def sort_key(value: Val) -> tuple[int, object]:
    """The order of a set: numbers by value, strings by code point, null last. Anything else by the text that go-cty hashes
    (cty/set_internals.go, `Less` and `makeSetHashBytes`), an order that is nobody's intention and yet always the same."""
    if value is None:
        return (4, 0)
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | Decimal):
        return (1, value)
    if isinstance(value, str):
        return (2, str(value).encode("utf-8", "surrogatepass"))
    return (3, hashed(value).encode("utf-8", "surrogatepass"))


def hashed(value: Val) -> str:
    """The text that go-cty makes of a value to hash it."""
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int | Decimal):
        return _hashed_number(value)
    if isinstance(value, str):
        return '"' + "".join(_QUOTES.get(c) or (c if c.isprintable() else f"\\u{ord(c):04x}") for c in value) + '"'
    if isinstance(value, TfMap):
        return "{" + "".join(f"{hashed(k)}:{hashed(value[k])};" for k in sorted(value, key=str.encode)) + "}"
    if isinstance(value, Mapping):
        return "<" + "".join(f"{k}:{hashed(value[k])};" for k in sorted(value, key=str.encode)) + ">"
    if isinstance(value, tuple):
        opening, closing = "[]" if isinstance(value, TfList | TfSet) else "<>"
        return opening + "".join(f"{hashed(v)};" for v in value) + closing
    return "?"


def _hashed_number(value: int | Decimal) -> str:
    # Go's big.Float.String: %.10g.
    rounded = _HASHED_DIGITS.create_decimal(value)
    if not rounded or -4 <= rounded.adjusted() < 10:
        return format_number(rounded) if rounded else "0"
    exponent = rounded.adjusted()
    return f"{format_number(rounded.scaleb(-exponent))}e{'+' if exponent >= 0 else '-'}{abs(exponent):02d}"


def make_set(values: Iterable[Val]) -> TfSet | OpenSet:
    """A set of converted values; an `OpenSet` where an unknown member leaves its size open."""
    known: list[Val] = []
    unknown: list[Unknown] = []
    simple: set[tuple[bool, object]] = set()
    for value in values:
        if isinstance(value, Unknown):
            unknown.append(value)
        elif isinstance(value, str | int | Decimal):
            mark = (isinstance(value, bool), str(value) if isinstance(value, str) else value)
            if mark not in simple:
                simple.add(mark)
                known.append(value)
        elif all(equal(value, k) is not True for k in known):
            known.append(value)
    known.sort(key=sort_key)
    return open_set(known, Unknown.merge(unknown)) if unknown else TfSet(known)
