"""What a rule is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.lang import Program, Template
from gonogo.model.finding import Severity
from gonogo.model.location import Location
from gonogo.model.resource import Origin
from gonogo.model.value import Path


class Fold(StrEnum):
    """How the findings of a control become its verdict: a property of each instance, or a practice of which one is enough."""

    EACH = "each"
    ANY = "any"


class Domain(StrEnum):
    """What a control is about, which says who asks it: infrastructure is asked by the catalogue itself, the others only where a checklist does."""

    INFRASTRUCTURE = "infrastructure"
    REPOSITORY = "repository"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True)
class Control:
    """One yes/no question about the system. `parameters` are the figures an item may state, with their types.

    `units` are the units of those figures, where they have one (`percent`, `seconds`, `bytes`, `per-minute`, `per-second`, `count`).
    """

    id: str
    title: str
    severity: Severity
    fold: Fold
    parameters: Mapping[str, str]
    security: bool = False
    """Whether a violation is a weakness that somebody may exploit."""
    domain: Domain = Domain.INFRASTRUCTURE
    waivable: bool = True
    """Whether somebody may accept that it is violated."""
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """A hash join that adds to each resource of `from_kinds` the list `name` of the resources of `to_kind` with equal keys."""

    name: str
    from_kinds: tuple[str, ...]
    to_kind: str
    keys: tuple[tuple[Path, Path], ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Doubt:
    """A circumstance in which a rule cannot be decided by what was read, and why."""

    when: Program
    because: Template


@dataclass(frozen=True, slots=True)
class Rule:
    """How a control is decided for one kind of resource."""

    id: str
    control: str
    title: str
    why: str
    subjects: tuple[str, ...]
    when: Program | None
    assertion: Program
    point_at: Program | None
    messages: Mapping[str, Template]
    parameters: Mapping[str, str]
    fix: str
    references: tuple[str, ...]
    never: tuple[str, ...]
    location: Location
    places: Mapping[str, Location]
    """Where each expression is written, by its key in the pack."""
    undecided: tuple[Doubt, ...] = ()
    origins: frozenset[Origin] = frozenset()
    """Where a subject must have been seen to be asked about; anywhere where it is empty."""
    suggests: bool = False
    """Whether it only hints: where it holds, that is reported, and nothing follows from it."""

    @property
    def conditions(self) -> tuple[Program, ...]:
        """Everything that a verdict may rest on."""
        return (*filter(None, (self.when, self.assertion)), *(doubt.when for doubt in self.undecided))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules and relations, and the catalogue, in the order of their files."""

    rules: tuple[Rule, ...]
    relations: tuple[Relation, ...]
    controls: tuple[Control, ...]
