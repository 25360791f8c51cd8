"""Which fields controls rely on, so that a silent declaration is told of only where it matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gonogo.history.compare.fields import Steps
from gonogo.lang.ast import Call, Ident, Index, Node, Select, children
from gonogo.lang.parser import parse
from gonogo.rules.rule import Relation, Rule

Relied = Mapping[str, frozenset[Steps]]


def relied_on(rules: Iterable[Rule], relations: Sequence[Relation]) -> Relied:
    """By kind the paths that conditions of its rules name. What a rule reads of a related resource counts for every kind that is related to."""
    found: dict[str, set[Steps]] = defaultdict(set)
    elsewhere: set[Steps] = set()
    for rule in rules:
        for program in rule.conditions:
            for root, path in _chains(parse(program.source)):
                for kind in rule.subjects if root == "self" else ():
                    found[kind].add(path)
                if root not in ("self", "params"):
                    elsewhere.add(path)
    for relation in relations:
        found[relation.to_kind] |= elsewhere
        found[relation.to_kind] |= {other for _, other in relation.keys if all(isinstance(step, str) for step in other)}  # type: ignore[misc]
    return {kind: frozenset(paths) for kind, paths in found.items()}


def relies(relied: Relied, kind: str, path: Steps) -> bool:
    """Whether a control reads the field, a part of it, or what it is part of."""
    return any(path[: len(other)] == other[: len(path)] for other in relied.get(kind, ()) if other)


def _chains(node: Node) -> Iterator[tuple[str, Steps]]:
    """Every chain of members in an expression, with the variable it starts from; the longest only."""
    chain = _chain(node)
    if chain is not None:
        yield chain
        return
    for child in children(node):
        yield from _chains(child)


def _chain(node: Node) -> tuple[str, Steps] | None:
    match node:
        case Ident(name=name):
            return name, ()
        case Select(operand=operand, field=field):
            inner = _chain(operand)
            return (inner[0], (*inner[1], field)) if inner is not None else None
        case Index(operand=operand):
            return _chain(operand)
        case Call(receiver=receiver, arguments=()) if receiver is not None:
            return _chain(receiver)
    return None
