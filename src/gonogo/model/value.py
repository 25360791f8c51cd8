"""Values as sources see them: JSON data in which any leaf may be unknown and any collection may be open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that exists but could not be determined, with every reason why, sorted."""

    reasons: tuple[str, ...]

    @classmethod
    def because(cls, *reasons: str) -> Unknown:
        return cls(tuple(sorted(set(reasons))))

    @classmethod
    def merge(cls, values: Iterable[object]) -> Unknown:
        """One unknown that carries the reasons of every `Unknown` among `values`."""
        return cls.because(*(reason for value in values if isinstance(value, Unknown) for reason in value.reasons))


class Hidden(Unknown):
    """A value that is set and is not to be looked at: a rule sees an unknown, and evidence says that it is redacted."""

    __slots__ = ()


class OpenList(Sequence["Value"]):
    """A list of which only some members are known: `exists` over it is true or unknown, never false."""

    __slots__ = ("items", "unknown")

    def __init__(self, items: Iterable[Value], unknown: Unknown) -> None:
        self.items: tuple[Value, ...] = tuple(items)
        self.unknown = unknown

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # Sequence's overloads add nothing here
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpenList) and (self.items, self.unknown) == (other.items, other.unknown)

    def __hash__(self) -> int:
        return hash((OpenList, len(self.items), self.unknown))

    def __repr__(self) -> str:
        return f"OpenList({list(self.items)!r}, {self.unknown!r})"


class OpenMap(Mapping[str, "Value"]):
    """A map of which only some entries are known: a key that is not among them is unknown, not missing."""

    __slots__ = ("entries", "unknown")

    def __init__(self, entries: Mapping[str, Value], unknown: Unknown) -> None:
        self.entries = dict(entries)
        self.unknown = unknown

    def __getitem__(self, key: str) -> Value:
        return self.entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"OpenMap({self.entries!r}, {self.unknown!r})"


Value: TypeAlias = None | bool | int | float | str | Unknown | Sequence["Value"] | Mapping[str, "Value"]


def is_list(value: object) -> bool:
    """Whether `value` is a list value (a string is not)."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def child(value: Value, step: str | int) -> Value:
    """The member of `value` at `step`; `Unknown` where an unknown or an open collection hides it.

    Raises `KeyError` where the member is known not to exist.
    """
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Mapping) and isinstance(step, str):
        if step in value:
            return value[step]
        if isinstance(value, OpenMap):
            return value.unknown
    elif isinstance(value, Sequence) and not isinstance(value, str) and isinstance(step, int):
        if 0 <= step < len(value):
            found: Value = value[step]
            return found
        if isinstance(value, OpenList):
            return value.unknown
    raise KeyError(step)


def lookup(value: Value, *path: str | int, default: Value = None) -> Value:
    """The member at `path`, `default` where it is known not to exist, `Unknown` where that is not known."""
    for step in path:
        try:
            value = child(value, step)
        except KeyError:
            return default
    return value
