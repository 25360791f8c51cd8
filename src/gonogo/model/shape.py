"""The shape of a kind's attributes, against which rules are type-checked when they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf: `type` is one of bool, int, double, string, null."""

    type: str


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map with arbitrary string keys."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Record:
    """A map with the named fields and no others. A reader always writes every field (null where it is not set)."""

    fields: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Dynamic:
    """Anything; not checked."""


Shape: TypeAlias = Scalar | ListOf | MapOf | Record | Dynamic

ANY = Dynamic()
BOOL = Scalar("bool")
INT = Scalar("int")
DOUBLE = Scalar("double")
STRING = Scalar("string")


def record(**fields: Shape) -> Record:
    return Record(fields)
