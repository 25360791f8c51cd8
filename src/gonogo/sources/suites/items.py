"""What the readers of test files find, before it is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """Whether a test runs when its suite does."""

    RUNS = "runs"
    SKIPPED = "skipped"
    MAYBE = "maybe"


def worst(*states: State) -> State:
    """Of several conditions: skipped by one is skipped, and what may be skipped by one may be."""
    return State.SKIPPED if State.SKIPPED in states else State.MAYBE if State.MAYBE in states else State.RUNS


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a file: `cases` of it run for certain where it runs, and only those where it is `exact`.

    `names` are those of its classes and its function; `marks` what it is marked with, all of it where `marked` says so.
    `skipped` cases are collected and not run.
    """

    file: str
    names: tuple[str, ...]
    line: int
    cases: int = 1
    skipped: int = 0
    exact: bool = True
    state: State = State.RUNS
    marks: frozenset[str] = frozenset()
    marked: bool = True
    fixtures: frozenset[str] = frozenset()

    @property
    def node(self) -> str:
        return "::".join((self.file, *self.names))


@dataclass(frozen=True, slots=True)
class Collected:
    """The tests of one project. `ignored` are there and left out by the configuration; `open` says why there may be more or fewer."""

    framework: str
    tests: tuple[Test, ...] = ()
    ignored: tuple[Test, ...] = ()
    open: tuple[str, ...] = ()
    errors: tuple[tuple[str, int, str], ...] = field(default=())
    """Files that do not parse: path, line, why."""
