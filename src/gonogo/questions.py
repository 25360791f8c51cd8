"""What a run asks: the items of its checklists with the controls they bind to, and so which sources have anything to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gonogo.model.checklist import Binding, Checklist
from gonogo.request import ScanRequest
from gonogo.rules import RuleSet
from gonogo.rules.rule import Control, Domain

_APPLICATION = "app/"


@dataclass(frozen=True, slots=True)
class Questions:
    """`bindings` of the checklists' items, in order; without a checklist there are none, and the catalogue asks.

    `controls` are the ids of those that are asked: every one of infrastructure, and of the others what an item binds to.
    `kinds` are those that a rule of an asked control reads.
    """

    checklists: tuple[Checklist, ...]
    bindings: tuple[Binding, ...]
    controls: frozenset[str]
    kinds: frozenset[str]

    @property
    def bound(self) -> frozenset[str]:
        """The controls that an item of a checklist binds to."""
        return frozenset(control for binding in self.bindings for control in binding.controls)

    def asks(self, prefix: str) -> bool:
        """Whether an answer may rest on a kind that begins with `prefix` (`app/`)."""
        return any(kind.startswith(prefix) for kind in self.kinds)


def questions(request: ScanRequest, rules: RuleSet) -> Questions:
    """What `request` asks. Raises `ChecklistError`."""
    checklists = _checklists(request)
    bindings = tuple(binding for checklist in checklists for binding in _bound(request, rules, checklist))
    bound = {control for binding in bindings for control in binding.controls}
    asked = frozenset(c.id for c in rules.controls if c.domain is Domain.INFRASTRUCTURE or c.id in bound)
    # What application code adds to a control of infrastructure (hsts) is worth reading it where somebody asks for that.
    beside = frozenset(kind for kind in kinds_of(rules, asked) if not kind.startswith(_APPLICATION))
    return Questions(checklists, bindings, asked, beside | kinds_of(rules, frozenset(bound)))


def kinds_of(rules: RuleSet, controls: frozenset[str]) -> frozenset[str]:
    """The kinds that the rules of `controls` are about, and what relations lead to whose names stand in their conditions.

    More than `rules.reach` finds, where a field is called like a relation, and without parsing every expression.
    """
    found: set[str] = set()
    for rule in rules.rules:
        if rule.control in controls:
            read, sources = set(rule.subjects), " ".join(program.source for program in rule.conditions)
            named = [relation for relation in rules.relations if relation.name in sources]
            while further := {r.to_kind for r in named if read.intersection(r.from_kinds)} - read:
                read |= further
            found |= read
    return frozenset(found)


def catalogue(controls: Sequence[Control]) -> tuple[Control, ...]:
    """What is asked where there is no checklist."""
    return tuple(control for control in controls if control.domain is Domain.INFRASTRUCTURE)


def _checklists(request: ScanRequest) -> tuple[Checklist, ...]:
    if not request.checklists:
        return ()
    from gonogo.checklist.markdown import read_checklist

    return tuple(read_checklist(path, request.root) for path in request.checklists)


def _bound(request: ScanRequest, rules: RuleSet, checklist: Checklist) -> Sequence[Binding]:
    from gonogo.checklist.binding import bind

    return bind(checklist, rules.controls, request.lock_file)
