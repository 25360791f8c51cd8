"""Which sections of a checklist the gate asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from gonogo.model.checklist import Binding, Item
from gonogo.model.gate import Blocker, BlockerKind, Gate


def scoped(bindings: Sequence[Binding], gate: Gate) -> tuple[Binding, ...]:
    """The bindings, those optional that the gate does not require. What the checklist itself marks as optional stays so."""
    return tuple(replace(b, item=replace(b.item, optional=True)) if not b.item.optional and _left_out(b.item, gate) else b for b in bindings)


def unmatched(bindings: Sequence[Binding], gate: Gate) -> Iterator[Blocker]:
    """A required section that no item stands below: nothing of it holds."""
    for glob in gate.required_sections:
        if not any(below(b.item, glob) for b in bindings):
            yield Blocker(BlockerKind.SECTION, f"no item stands below a heading like {glob}, which [gate] required_sections asks for")


def unmatched_optional(bindings: Sequence[Binding], gate: Gate) -> Iterator[str]:
    """A remark on each optional section that no item stands below."""
    for glob in gate.optional_sections:
        if not any(below(b.item, glob) for b in bindings):
            yield f"[gate] optional_sections: no item stands below a heading like {glob}"


def below(item: Item, glob: str) -> bool:
    """Whether a heading of the item, or its heading path down to one (`Launch > Security`), is like `glob`, whatever its case."""
    wanted = glob.casefold()
    paths = (" > ".join(item.section[: depth + 1]) for depth in range(len(item.section)))
    return any(fnmatchcase(name.casefold(), wanted) for name in (*item.section, *paths))


def _left_out(item: Item, gate: Gate) -> bool:
    if any(below(item, glob) for glob in gate.optional_sections):
        return True
    return bool(gate.required_sections) and not any(below(item, glob) for glob in gate.required_sections)
