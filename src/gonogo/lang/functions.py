"""The functions of the language: CEL's own, and the few of ours that infrastructure needs. All are pure and bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gonogo.lang.errors import EvaluationError, LangError
from gonogo.lang.operators import INT_MAX, INT_MIN, MAX_LENGTH, Optional, Result, equal, no_overload, type_name
from gonogo.lang.regex import Pattern, TooCostly
from gonogo.lang.selectors import selects
from gonogo.model.shape import ANY, BOOL, DOUBLE, INT, STRING, ListOf, MapOf, Shape, record
from gonogo.model.value import OpenList, OpenMap, Unknown, is_list

MAX_MATCHED = 10_000


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `strict`: an unknown argument makes the result unknown before it is called."""

    name: str
    apply: Callable[..., Result]
    receiver: bool
    least: int
    most: int
    result: Shape
    arguments: tuple[Shape | tuple[Shape, ...], ...] = ()
    """The shapes it takes, the receiver's first; of a tuple any one."""
    strict: bool = True

    def arity(self) -> str:
        """How many arguments it takes, for messages; a receiver does not count."""
        least, most = self.least - self.receiver, self.most - self.receiver
        count = str(least) if least == most else f"{least} to {most}"
        return f"{count} argument{'' if count == '1' else 's'}"


def _size(value: Any) -> Result:
    if isinstance(value, OpenList | OpenMap):
        return value.unknown
    return len(value) if isinstance(value, str | Mapping) or is_list(value) else no_overload("size", value)


def _strings(name: str, function: Callable[..., Result]) -> Callable[..., Result]:
    """`function` on strings only."""

    def apply(*values: Any) -> Result:
        return function(*values) if all(isinstance(v, str) for v in values) else no_overload(name, *values)

    return apply


def _matches(text: Any, pattern: Any) -> Result:
    if not isinstance(text, str) or not isinstance(pattern, str):
        return no_overload("matches", text, pattern)
    if len(text) > MAX_MATCHED:
        return Unknown.because(f"a text of {len(text)} characters is too long to match")
    try:
        return _pattern(pattern).search(text)
    except ValueError as error:
        return EvaluationError(str(error))
    except TooCostly as error:
        return Unknown.because(str(error))


def literal_pattern(pattern: object, offset: int) -> None:
    """Check a pattern that stands in a program. Raises `LangError`."""
    try:
        _pattern(str(pattern))
    except ValueError as error:
        raise LangError(str(error), offset) from error


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> Pattern:
    return Pattern(pattern)


def _split(text: Any, separator: Any) -> Result:
    if not isinstance(text, str) or not isinstance(separator, str):
        return no_overload("split", text, separator)
    return text.split(separator) if separator else list(text) or [""]


def _join(items: Any, separator: Any = "") -> Result:
    if not is_list(items) or not isinstance(separator, str):
        return no_overload("join", items, separator)
    if isinstance(items, OpenList):
        return items.unknown
    unknown = [item for item in items if isinstance(item, Unknown)]
    if unknown:
        return Unknown.merge(unknown)
    if not all(isinstance(item, str) for item in items):
        return no_overload("join", items)
    if sum(map(len, items)) + len(separator) * len(items) > MAX_LENGTH:
        return Unknown.because("the result of join() is too long")
    return separator.join(items)


def _replace(text: Any, old: Any, new: Any) -> Result:
    if not all(isinstance(v, str) for v in (text, old, new)):
        return no_overload("replace", text, old, new)
    if (len(text) + 1) * max(len(new), 1) > MAX_LENGTH:
        return Unknown.because("the result of replace() is too long")
    return text.replace(old, new)


def _substring(text: Any, start: Any, end: Any = None) -> Result:
    if not isinstance(text, str) or type(start) is not int or type(end) not in (int, type(None)):
        return no_overload("substring", text, start)
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        return EvaluationError("substring() out of range")
    return text[start:stop]


# Less than the bindings of CEL read (hexadecimal, surrounding space, `nan`): where they differ from each other, it is an error.
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}")


def _number(value: Any) -> Result:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return no_overload("double", value)
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        return EvaluationError(f"{value!r} is not a number")
    return float(value)


def _integer(value: Any) -> Result:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return no_overload("int", value)
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        return EvaluationError(f"{value!r} is not an integer")
    # CEL leaves out the least int too: it cannot tell a double that was rounded to it.
    if isinstance(value, float) and not INT_MIN < value < -float(INT_MIN):
        return EvaluationError(f"{value} is not an integer")
    number = int(value)
    return number if INT_MIN <= number <= INT_MAX else EvaluationError("integer overflow")


def _string(value: Any) -> Result:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    # The shortest digits that give the number back; CEL's bindings differ in when they use an exponent.
    return repr(value).removesuffix(".0") if isinstance(value, float) else no_overload("string", value)


def _ascii(change: Callable[[str], str]) -> Callable[[str], str]:
    """`change` of the ASCII letters only."""
    return lambda text: "".join(change(c) if c.isascii() else c for c in text) if not text.isascii() else change(text)


def _distinct(items: Any) -> Result:
    """The members without repetitions; open where it is not known whether two are the same."""
    if not is_list(items):
        return no_overload("distinct", items)
    found: list[Any] = []
    unknown: list[Unknown] = [items.unknown] if isinstance(items, OpenList) else []
    for item in items:
        same = [equal(item, other) for other in found]
        if any(result is True for result in same):
            continue
        hidden = [result for result in same if isinstance(result, Unknown)]
        unknown.extend(hidden)
        if not hidden:
            found.append(item)
    return OpenList(found, Unknown.merge(unknown)) if unknown else found


# Words that name a secret, as whole parts of a name; and endings that say the name is of a reference to one.
_SECRET = re.compile(
    r"(?:^|[_\-.])(?:password|passwd|passphrase|pwd|secret|secrets|token|apikey|credential|credentials|pass)(?:$|[_\-.\d])"
    r"|(?:api|private|secret|access|encryption|signing|auth|master)[_\-.]?key(?:$|[_\-.\d])|(?:^|[_\-.])(?:dsn|connection[_\-.]?string)(?:$|[_\-.])",
    re.I,
)
_REFERENCE = re.compile(
    r"(?:[_\-.]?(?:name|names|file|files|path|dir|url|uri|endpoint|host|ref|reference|id|ids|arn|version|ttl|expiry|expiration|expires|timeout"
    r"|length|size|algorithm|type|enabled|required|issuer|audience|header|prefix|manager|store|provider|interval|minutes|seconds|days|rotation"
    r"|parent|project|location|region|bucket|mount|mode|namespace|backend|scope))$",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def secret_like(name: str) -> bool:
    """Whether a variable of this name usually holds a secret (`DB_PASSWORD`), and not where to find one (`DB_PASSWORD_FILE`)."""
    spaced = _CAMEL.sub("_", name)
    return bool(_SECRET.search(spaced)) and not _REFERENCE.search(spaced)


_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,3})?")
_SUFFIX = {None: 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18} | {
    f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", start=1)
}


def _quantity(value: Any) -> Result:
    """A Kubernetes quantity (`500m`, `1Gi`) as a number (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return EvaluationError(f"{value!r} is not a quantity")
    suffix = match[2]
    if suffix and suffix not in _SUFFIX:
        return float(match[1] + suffix)
    return float(match[1]) * _SUFFIX[suffix]


def _image(reference: Any) -> Result:
    """The parts of an image reference (https://pkg.go.dev/github.com/distribution/reference): null where it has none."""
    if not isinstance(reference, str):
        return no_overload("image", reference)
    rest, _, digest = reference.partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    path = f"{head}{slash}{name}"
    first, _, remainder = path.partition("/")
    hosted = bool(remainder) and ("." in first or ":" in first or first == "localhost")
    return {
        "registry": first if hosted else None,
        "repository": remainder if hosted else path,
        "tag": tag or None,
        "digest": digest or None,
    }


def _or_value(optional: Any, _default: Any) -> Result:
    return optional.value if isinstance(optional, Optional) else no_overload("orValue", optional)


def _has_value(optional: Any) -> Result:
    return optional.present if isinstance(optional, Optional) else no_overload("hasValue", optional)


def _value(optional: Any) -> Result:
    if not isinstance(optional, Optional):
        return no_overload("value", optional)
    return optional.value if optional.present else EvaluationError("the optional has no value")


def _or(optional: Any, _other: Any) -> Result:
    return optional if isinstance(optional, Optional) else no_overload("or", optional)


def _extreme(choose: Callable[[Sequence[Any]], Any], name: str) -> Callable[..., Result]:
    def apply(*values: Any) -> Result:
        items: Sequence[Any] = values[0] if len(values) == 1 and is_list(values[0]) else values
        if isinstance(items, OpenList):
            return items.unknown
        unknown = [item for item in items if isinstance(item, Unknown)]
        if unknown:
            return Unknown.merge(unknown)
        if not items or not all(isinstance(i, int | float) and not isinstance(i, bool) for i in items):
            return no_overload(name, *items)
        return choose(items)

    return apply


_NUMERIC = (STRING, INT, DOUBLE)
_SIZED = (STRING, ListOf(ANY), MapOf(ANY))
_IMAGE = record(registry=STRING, repository=STRING, tag=STRING, digest=STRING)

_ALL = (
    Function("size", _size, False, 1, 1, INT, (_SIZED,)),
    Function("size", _size, True, 1, 1, INT, (_SIZED,)),
    Function("startsWith", _strings("startsWith", str.startswith), True, 2, 2, BOOL, (STRING, STRING)),
    Function("endsWith", _strings("endsWith", str.endswith), True, 2, 2, BOOL, (STRING, STRING)),
    Function("contains", _strings("contains", lambda text, part: part in text), True, 2, 2, BOOL, (STRING, STRING)),
    Function("matches", _matches, True, 2, 2, BOOL, (STRING, STRING)),
    Function("matches", _matches, False, 2, 2, BOOL, (STRING, STRING)),
    Function("lowerAscii", _strings("lowerAscii", _ascii(str.lower)), True, 1, 1, STRING, (STRING,)),
    Function("upperAscii", _strings("upperAscii", _ascii(str.upper)), True, 1, 1, STRING, (STRING,)),
    Function("trim", _strings("trim", str.strip), True, 1, 1, STRING, (STRING,)),
    Function("split", _split, True, 2, 2, ListOf(STRING), (STRING, STRING)),
    Function("join", _join, True, 1, 2, STRING, (ListOf(STRING), STRING)),
    Function("replace", _replace, True, 3, 3, STRING, (STRING, STRING, STRING)),
    Function("substring", _substring, True, 2, 3, STRING, (STRING, INT, INT)),
    Function("indexOf", _strings("indexOf", str.find), True, 2, 2, INT, (STRING, STRING)),
    Function("int", _integer, False, 1, 1, INT, (_NUMERIC,)),
    Function("double", _number, False, 1, 1, DOUBLE, (_NUMERIC,)),
    Function("string", _string, False, 1, 1, STRING, ((*_NUMERIC, BOOL),)),
    Function("type", type_name, False, 1, 1, STRING),
    Function("distinct", _distinct, True, 1, 1, ListOf(ANY), (ListOf(ANY),)),
    Function("min", _extreme(min, "min"), False, 1, 16, ANY),
    Function("max", _extreme(max, "max"), False, 1, 16, ANY),
    Function("orValue", _or_value, True, 2, 2, ANY, strict=False),
    Function("or", _or, True, 2, 2, ANY, strict=False),
    Function("hasValue", _has_value, True, 1, 1, BOOL),
    Function("value", _value, True, 1, 1, ANY),
    Function("selects", selects, False, 2, 2, BOOL, (MapOf(ANY), MapOf(ANY)), strict=False),
    Function("secretLike", _strings("secretLike", secret_like), False, 1, 1, BOOL, (STRING,)),
    Function("quantity", _quantity, False, 1, 1, DOUBLE, (_NUMERIC,)),
    Function("image", _image, False, 1, 1, _IMAGE, (STRING,)),
)
FUNCTIONS: Mapping[tuple[str, bool], Function] = {(f.name, f.receiver): f for f in _ALL}
