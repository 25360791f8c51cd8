"""Terraform's values while they are evaluated.

null, bool, string are Python's; a number is an `int` or a `Decimal` that is no integer; a tuple is a `tuple`, a list a
`TfList`, a set a `TfSet`, an object a `dict`, a map a `TfMap`: Terraform compares and converts by type, so the types are
kept apart until `plain`. `Unknown`, `OpenList`, `OpenMap` and `Symbolic` stand for what is not, or not wholly, known.
All are treated as immutable.
"""

from __future__ import annotations

import math
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import TypeAlias, cast

from gonogo.model.value import OpenList, OpenMap, Unknown, Value
from gonogo.sources.terraform.result import Symbolic

Val: TypeAlias = object

# Terraform computes in 512-bit floats: 154 decimal digits.
CONTEXT = Context(prec=154, Emax=9999, Emin=-9999)
MAX_NUMBER_DIGITS = 400
MAX_EXPONENT = 4_000
MAX_NODES = 300_000


class TfError(Exception):
    """What Terraform itself would refuse; the message is a clause. `try` and `can` catch it."""


class TfList(tuple[Val, ...]):
    """list(T)."""

    __slots__ = ()


class TfSet(tuple[Val, ...]):
    """set(T), without repetition and in Terraform's order."""

    __slots__ = ()


class TfMap(dict[str, Val]):
    """map(T)."""

    __slots__ = ()


class OpenSet(OpenList):
    """A set of which only some members are known."""

    __slots__ = ()


class Deferred(ABC):
    """An object whose members are computed when they are asked for: a resource, a module call."""

    __slots__ = ()

    @abstractmethod
    def member(self, key: str) -> Val:
        """The member `key`. Raises `KeyError`."""

    @abstractmethod
    def force(self) -> Val:
        """The whole object."""


def forced(value: Val) -> Val:
    """`value` with a deferred object computed as a whole: only then does it say how much of it is known."""
    return value.force() if isinstance(value, Deferred) else value


class Multiple(Deferred):
    """The instances of a block of which it is not known how many there are. `one` stands for any of them."""

    __slots__ = ("keyed", "one", "unknown")

    def __init__(self, one: Val, unknown: Unknown, keyed: bool) -> None:
        self.one = one
        self.unknown = unknown
        self.keyed = keyed

    def member(self, key: str) -> Val:
        return attribute_of(self.one, key)

    def force(self) -> Val:
        return open_map({}, self.unknown) if self.keyed else open_list([self.one], self.unknown)


def attribute_of(value: Val, name: str) -> Val:
    """The member of an object. Raises `KeyError`."""
    if isinstance(value, Deferred):
        return value.member(name)
    if isinstance(value, Mapping):
        found: Val = value[name]
        return found
    raise KeyError(name)


def composed(text: str) -> str:
    """`text` in Unicode's form NFC, which Terraform keeps all strings in."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_number(value: Val) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def is_unknown(value: Val) -> bool:
    """Whether nothing is known of `value`: an `Unknown`, or a string known only after apply."""
    return isinstance(value, Unknown | Symbolic)


def unknown_of(value: Val) -> Unknown:
    """The `Unknown` that `value`, for which `is_unknown` holds, is."""
    return value.unknown if isinstance(value, Symbolic) else value if isinstance(value, Unknown) else Unknown.because("not known")


def merge_unknown(values: Iterable[Val]) -> Unknown:
    """One unknown with all reasons among `values`."""
    return Unknown.merge(unknown_of(v) for v in values if is_unknown(v))


def known_members(value: Val) -> Iterator[Val]:
    """The direct members of a collection."""
    if isinstance(value, tuple | OpenList):
        yield from value
    elif isinstance(value, Mapping):
        yield from value.values()


def open_list(items: Iterable[Val], unknown: Unknown) -> OpenList:
    """An incomplete list; its members are Terraform values until `plain`."""
    return OpenList(cast("list[Value]", list(items)), unknown)


def open_set(items: Iterable[Val], unknown: Unknown) -> OpenSet:
    """An incomplete set; its members are Terraform values until `plain`."""
    return OpenSet(cast("list[Value]", list(items)), unknown)


def open_map(entries: Mapping[str, Val], unknown: Unknown) -> OpenMap:
    """An incomplete map; its members are Terraform values until `plain`."""
    return OpenMap(cast("Mapping[str, Value]", entries), unknown)


def uncounted(value: Val) -> Unknown | None:
    """Why it is not known how many members `value` has; None where it is, whatever is known of the members."""
    if is_unknown(value):
        return unknown_of(value)
    return value.unknown if isinstance(value, OpenList | OpenMap) else None


def deep_unknown(value: Val) -> Unknown | None:
    """What is unknown anywhere in `value`; None where it is wholly known."""
    found: list[Unknown] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if is_unknown(item):
            found.append(unknown_of(item))
        elif isinstance(item, OpenList | OpenMap):
            found.append(item.unknown)
            pending.extend(known_members(item))
        elif isinstance(item, Deferred):
            pending.append(item.force())
        elif isinstance(item, tuple | Mapping):
            pending.extend(known_members(item))
        if len(found) > 20:
            break
    return Unknown.merge(found) if found else None


def too_large(value: Val) -> bool:
    """Whether `value` has more members, at any depth, than may be gone through: values share what they are built of, so that
    a few lines can make one of any size."""
    return members_of(value, MAX_NODES) > MAX_NODES


def members_of(value: Val, most: int) -> int:
    """How many members `value` has at any depth; some number over `most` where there are more."""
    count = 0
    pending = [value]
    while pending and count <= most:
        item = pending.pop()
        if isinstance(item, tuple | OpenList):
            count += len(item)
            pending.extend(item)
        elif isinstance(item, dict | OpenMap):  # `Mapping` takes three times as long, and this sees every value
            count += len(item)
            pending.extend(item.values())
    return count


def normal(value: Decimal | int) -> int | Decimal:
    """An integral decimal as an `int`."""
    if isinstance(value, int):
        if value.bit_length() > 1300:
            raise TfError("a number too large to handle")
        return value
    if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
        raise TfError("a number out of range")  # written out it could fill the memory
    if value == value.to_integral_value() and value.adjusted() < MAX_NUMBER_DIGITS:
        return int(value)
    return value


def format_number(value: int | Decimal) -> str:
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_number(text: str) -> int | Decimal:
    """A number as cty reads it from a string."""
    stripped = text
    try:
        if len(text) > MAX_NUMBER_DIGITS or not stripped or stripped != stripped.strip() or "_" in stripped:
            raise TfError("a number is required")
        found = Decimal(stripped)
    except InvalidOperation:
        raise TfError("a number is required") from None
    if not found.is_finite():
        raise TfError("a number is required")
    return normal(found)


def type_name(value: Val) -> str:
    """What Terraform calls the type of `value` in a message."""
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    return "null" if value is None else "value"


_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (Unknown, "unknown value"), (bool, "bool"), ((int, Decimal), "number"), (str, "string"), ((TfSet, OpenSet), "set"), ((TfList, OpenList), "list"),
    (tuple, "tuple"), ((TfMap, OpenMap), "map"), (dict, "object"),
)  # fmt: skip


def as_string(value: Val) -> str | Unknown:
    """`value` converted to a string. Raises `TfError` where Terraform does."""
    if isinstance(value, str | Unknown):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format_number(value)
    if value is None:
        raise TfError("a string is required, not null")
    raise TfError(f"a string is required, not {type_name(value)}")


def as_number(value: Val) -> int | Decimal | Unknown:
    if isinstance(value, Symbolic):
        return value.unknown
    if isinstance(value, str):
        return parse_number(value)
    if isinstance(value, bool):
        raise TfError("a number is required, not bool")
    if isinstance(value, int | Decimal | Unknown):
        return value
    raise TfError(f"a number is required, not {type_name(value)}")


def as_bool(value: Val) -> bool | Unknown:
    if isinstance(value, Symbolic):
        return value.unknown
    if isinstance(value, bool | Unknown):
        return value
    if value in ("true", "1"):
        return True
    if value in ("false", "0"):
        return False
    raise TfError(f"a bool is required, not {type_name(value)}")


# Attributes that hold a non-empty string after apply whatever the provider, so that they are known not to be null.
NEVER_NULL = frozenset({"id", "self_link", "name", "email", "member", "unique_id", "arn", "result", "hex", "dec", "connection_name"})


def never_null(value: Symbolic) -> bool:
    reference = value.reference
    return reference is None or reference.attribute.rpartition(".")[2] in NEVER_NULL


def equal(left: Val, right: Val) -> bool | Unknown:
    """Terraform's `==`: values of different types differ."""
    if isinstance(left, Deferred):
        left = left.force()
    if isinstance(right, Deferred):
        right = right.force()
    if isinstance(left, Symbolic) or isinstance(right, Symbolic):
        return _equal_symbolic(left, right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return merge_unknown((left, right))
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left == right
    if isinstance(left, OpenList | OpenMap) or isinstance(right, OpenList | OpenMap):
        return Unknown.merge(v.unknown for v in (left, right) if isinstance(v, OpenList | OpenMap))
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _equal_sequences(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        if isinstance(left, TfMap) != isinstance(right, TfMap) or left.keys() != right.keys():
            return False
        return _all_equal((left[k], right[k]) for k in left)
    if isinstance(left, str) != isinstance(right, str):
        return False
    return left == right


def _equal_sequences(left: tuple[Val, ...], right: tuple[Val, ...]) -> bool | Unknown:
    if type(left) is not type(right):
        return False
    if isinstance(left, TfSet):
        unknown = deep_unknown(left) or deep_unknown(right)
        if unknown:
            return unknown
    return len(left) == len(right) and _all_equal(zip(left, right, strict=True))


def _all_equal(pairs: Iterable[tuple[Val, Val]]) -> bool | Unknown:
    unknown: list[Unknown] = []
    for left, right in pairs:
        same = equal(left, right)
        if same is False:
            return False
        if isinstance(same, Unknown):
            unknown.append(same)
    return Unknown.merge(unknown) if unknown else True


def _equal_symbolic(left: Val, right: Val) -> bool | Unknown:
    if isinstance(left, Symbolic) and isinstance(right, Symbolic):
        return True if str(left) == str(right) else merge_unknown((left, right))
    symbolic, other = (left, right) if isinstance(left, Symbolic) else (right, left)
    assert isinstance(symbolic, Symbolic)
    if (other is None or other == "") and never_null(symbolic):
        return False
    if isinstance(other, str):
        # Whatever is filled in, the text around it stays.
        text = str(symbolic)
        prefix, suffix = text[: text.index("${")], text[text.rindex("}") + 1 :]
        if not (other.startswith(prefix) and other.endswith(suffix)):
            return False
    return merge_unknown((left, right))


def plain(value: Val) -> Value:
    """`value` as the rest of the program sees values: JSON data with `Unknown`, open collections and `Symbolic` kept."""
    if value is None or isinstance(value, bool | int | str | Unknown):
        return value
    if isinstance(value, Decimal):
        number = float(value)
        return number if math.isfinite(number) else Unknown.because("a number that JSON cannot hold")
    if isinstance(value, Deferred):
        return plain(value.force())
    if isinstance(value, OpenList):
        return OpenList([plain(v) for v in value], value.unknown)
    if isinstance(value, OpenMap):
        return OpenMap({k: plain(v) for k, v in value.items()}, value.unknown)
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return Unknown.because(f"a value that is not understood ({type(value).__name__})")
