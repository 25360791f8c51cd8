"""What an expression stands for: a thing of a library, a function of the application, a literal, a setting, or nothing that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gonogo.model.value import Unknown
from gonogo.sources.application.code.syntax import Node


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a library: which function by its symbolic path, of which object, with which arguments.

    A path is what is imported and what is done with it: `express().get`, `github.com/go-chi/chi.NewRouter().Get`.
    """

    callee: str
    node: Node
    file: str
    arguments: tuple[Symbolic, ...] = field(compare=False)
    of: Symbol | None = field(default=None, compare=False)
    """The object whose method is called."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A thing of a library, or of the language (`global:process`)."""

    path: str
    call: Call | None = None
    """The call that made it: two routers are told apart by it."""
    of: Symbol | None = None
    """The object whose member it is."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; null is a literal, too."""

    value: None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Setting:
    """What the environment gives when the application starts."""

    name: str
    default: Symbolic | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """An object or a struct literal. `open` says why it may have more members than are known; `type` names a struct's."""

    entries: Mapping[str, Symbolic]
    open: str = ""
    type: str = ""
    node: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    members: tuple[Symbolic, ...]
    open: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the application."""

    node: Node
    file: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class or struct of the application."""

    node: Node
    file: str


@dataclass(frozen=True, slots=True)
class Module:
    """A file (JavaScript) or package (Go) of the application, taken as a whole."""

    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """One of these; which is not known."""

    options: tuple[Symbolic, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Opaque:
    """Not known, and why."""

    reason: str


Symbolic: TypeAlias = Symbol | Literal | Setting | Table | Items | Function | Instance | Module | Either | Opaque

MAX_OPTIONS = 8


def either(values: list[Symbolic]) -> Symbolic:
    """One of `values`, flat and without repetition."""
    if len(values) == 1:
        return values[0]
    flat: list[Symbolic] = []
    for value in values:
        for option in value.options if isinstance(value, Either) else (value,):
            if option not in flat:
                flat.append(option)
    if len(flat) > MAX_OPTIONS:
        return Opaque(f"it may be one of more than {MAX_OPTIONS} values")
    return flat[0] if len(flat) == 1 else Either(tuple(flat)) if flat else Opaque("nothing is assigned to it")


def options(value: Symbolic | None) -> tuple[Symbolic, ...]:
    """What a value may be: its alternatives, or itself; of a setting also its default."""
    if value is None:
        return ()
    if isinstance(value, Either):
        return value.options
    return (value,)


def flat(value: Symbolic | None, depth: int = 4) -> Iterator[Symbolic]:
    """A value, and what lies in it where it is a list or one of several."""
    for option in options(value):
        yield option
        if isinstance(option, Items) and depth:
            for member in option.members:
                yield from flat(member, depth - 1)


def entry(value: Symbolic | None, *names: str) -> Symbolic | None:
    """The member of a table by the first of these names it has; None where it is known to have none, `Opaque` where that is not known."""
    found: list[Symbolic] = []
    absent = False
    for option in options(value):
        if isinstance(option, Table):
            member = next((option.entries[name] for name in names if name in option.entries), None)
            if member is not None:
                found.append(member)
            elif option.open:
                found.append(Opaque(option.open))
            else:
                absent = True
        elif isinstance(option, Opaque):
            found.append(option)
        elif isinstance(option, Literal | Function):
            absent = True
        else:
            found.append(Opaque("its options are not written where it is made"))
    if found and absent:
        found.append(Opaque("an option that is not always given"))
    return either(found) if found else None


def unknown(value: Symbolic) -> Unknown:
    """Why a value is not known."""
    if isinstance(value, Opaque):
        return Unknown.because(value.reason)
    if isinstance(value, Setting):
        return Unknown.because(f"the environment variable {value.name} gives it")
    return Unknown.because("the code computes it")
