"""Which controls stay undecided where a kind of resource could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from gonogo.lang.ast import Node, Select, children
from gonogo.lang.parser import parse
from gonogo.rules.rule import Relation, Rule, RuleSet


def controls_by_kind(rules: RuleSet) -> Mapping[str, tuple[str, ...]]:
    """The controls, sorted, that ask about a kind or about what a relation joins from it, as the engine's gaps reach them."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in rules.rules:
        for kind in kinds_read(rule, rules.relations):
            found[kind].add(rule.control)
    return {kind: tuple(sorted(controls)) for kind, controls in sorted(found.items())}


def kinds_read(rule: Rule, relations: Sequence[Relation]) -> frozenset[str]:
    """The subjects of a rule, and every kind that a relation which its conditions name leads to, through any number of hops."""
    names = {name for program in rule.conditions for name in _fields(parse(program.source))}
    read = set(rule.subjects)
    while further := {r.to_kind for r in relations if r.name in names and read.intersection(r.from_kinds)} - read:
        read |= further
    return frozenset(read)


def _fields(node: Node) -> Iterator[str]:
    if isinstance(node, Select):
        yield node.field
    for child in children(node):
        yield from _fields(child)
