"""Arguments of a call as a table of libraries describes them, turned into values of a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.code.values import Call, Items, Literal, Opaque, Setting, Symbol, Symbolic, entry, options, unknown

_DURATION = re.compile(r"\A\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]*)\s*\Z", re.I)
_UNITS = {
    "": 0.001, "ms": 0.001, "msec": 0.001, "millisecond": 0.001, "s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0,
    "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0,
}  # fmt: skip


def given(call: Call, where: Mapping[str, Any]) -> Symbolic | None:
    """What a call gives for one thing that a table describes (`{argument: 0, options: [max, limit]}`); None where nothing is given."""
    position = where.get("argument")
    if not isinstance(position, int):
        return None
    value = call.arguments[position] if position < len(call.arguments) else None
    for step in where.get("within", ()):
        value = member(value, step)
    if isinstance(value, Items) and where.get("first"):
        value = value.members[0] if value.members else Opaque("a list of which no member is known") if value.open else None
    names = where.get("options")
    return entry(value, *names) if names and value is not None else value


def member(value: Symbolic | None, step: str | int) -> Symbolic | None:
    """The member of a table or a list; None where there is none."""
    if isinstance(step, str):
        return entry(value, step) if value is not None else None
    if isinstance(value, Items):
        return value.members[step] if step < len(value.members) else Opaque(value.open) if value.open else None
    return None if value is None else value if isinstance(value, Opaque | Setting) else Opaque("not a list that is written out")


def constant(value: Symbolic | None, default: Value = None) -> Value:
    """A constant; `default` where nothing is given."""
    if value is None:
        return default
    if isinstance(value, Literal):
        return default if value.value is None else value.value
    return unknown(value)


def text(value: Symbolic | None, default: Value = None) -> Value:
    found = constant(value, default)
    return found if found is None or isinstance(found, str | Unknown) else str(found)


def number(value: Symbolic | None, default: float | None = None) -> float | Unknown | None:
    found = constant(value, default)
    if isinstance(found, bool) or not isinstance(found, int | float | Unknown | None):
        return Unknown.because("not a number")
    return found


def seconds(value: Symbolic | None, per: float, default: float | None) -> float | Unknown | None:
    """A duration: a number of units of `per` seconds, or a text such as `1 minute`."""
    found = constant(value, default)
    if isinstance(found, str):
        match = _DURATION.match(found[:40])
        unit = match[2].lower() if match else "?"
        factor = _UNITS.get(unit, _UNITS.get(unit.removesuffix("s")))
        if match is None or factor is None:
            return Unknown.because("a duration that is not understood")
        return float(match[1]) * factor
    if isinstance(found, bool) or not isinstance(found, int | float):
        return found if isinstance(found, Unknown | None) else Unknown.because("not a duration")
    return found * per


def texts(value: Symbolic | None) -> Value:
    """A list of texts, or one text as a list; an open list where some are not known."""
    if value is None:
        return []
    if isinstance(value, Items):
        known: list[Value] = []
        why: list[Unknown] = [Unknown.because(value.open)] if value.open else []
        for item in value.members:
            found = constant(item)
            if isinstance(found, Unknown):
                why.append(found)
            elif found is not None:
                known.append(str(found))
        return OpenList(known, Unknown.merge(why)) if why else known
    found = constant(value)
    return found if isinstance(found, Unknown) else [] if found is None else [str(found)]


def source_of(value: Symbolic | None, secret_managers: Mapping[str, str]) -> Value:
    """Where a secret or a setting comes from: `environment`, `literal`, or what a library's call is said to be; unknown else."""
    if value is None:
        return None
    if isinstance(value, Literal) and value.value in (None, ""):
        return ""
    found = {_source(option, secret_managers) for option in options(value)}
    named = {f for f in found if f}
    if len(named) == 1 and len(found) == 1:
        return named.pop()
    return Unknown.because("where it comes from, the code computes")


def _source(value: Symbolic, secret_managers: Mapping[str, str]) -> str:
    if isinstance(value, Setting):
        # What stands in for the setting where nobody sets it is no secret any more.
        return "literal" if isinstance(value.default, Literal) and value.default.value not in (None, "") else "environment"
    if isinstance(value, Literal) and isinstance(value.value, str) and value.value:
        return "literal"
    if isinstance(value, Symbol):
        return next((kind for prefix, kind in secret_managers.items() if value.path.startswith(prefix)), "")
    return ""


