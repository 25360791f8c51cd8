"""What the files declare, counted by a walk of its own, against what was evaluated: a difference is a gap, never silence.

Trivy's evaluator lost sibling modules without a word (trivy#10061). The walk knows nothing of `count`, `for_each` or
values: it follows the calls of local and downloaded modules from a root, and expects for every block that something became of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from gonogo.model.location import Location
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.loader import Loader, ModuleSource

MAX_CALLS = 100_000
_INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_MODES = {"resource": "", "data": "data."}


@dataclass(frozen=True, slots=True)
class Expected:
    """A block on one way from the root. `address` is without indices; `type` is `module` for a call."""

    address: str
    type: str
    location: Location


@dataclass(frozen=True, slots=True)
class Count:
    """How many blocks the files declare below a root, and of how many something became."""

    calls_found: int
    calls_evaluated: int
    resources_found: int
    resources_evaluated: int
    instances: int


def expected_below(loader: Loader, root: ModuleSource, called: Callable[[str, str, ast.Block], ModuleSource | None]) -> Iterator[Expected]:
    """Every resource, data source and module call below `root`.

    `called` gives the module that a call means, by the directory it is written in and the names of the calls that lead
    there; None where it is not in the tree.
    """
    pending: list[tuple[ModuleSource, tuple[str, ...], tuple[ModuleSource, ...]]] = [(root, (), (root,))]
    left = MAX_CALLS
    while pending and left:
        module, names, above = pending.pop()
        left -= 1
        prefix = "".join(f"module.{name}." for name in names)
        for block in _blocks(loader, module):
            if block.type in _MODES and len(block.labels) == 2:
                yield Expected(f"{prefix}{_MODES[block.type]}{'.'.join(block.labels)}", block.labels[0], block.at.location)
            elif block.type == "module" and len(block.labels) == 1:
                yield Expected(f"{prefix}module.{block.labels[0]}", "module", block.at.location)
                inner = called(module.directory, ".".join(names), block)
                # What an adapter declares in a module's stead stands in no file of the tree.
                if inner is not None and inner.stand_in is None and inner not in above:
                    pending.append((inner, (*names, block.labels[0]), (*above, inner)))


def _blocks(loader: Loader, module: ModuleSource) -> Iterator[ast.Block]:
    for path in module.files:
        source = loader.source(path)
        if isinstance(source, ast.SourceFile):
            yield from source.body.blocks


def lost(
    expected: Iterable[Expected], instances: Collection[str], calls: Iterable[str], told: Iterable[str], told_at: Collection[tuple[str, int]]
) -> tuple[list[Expected], Count]:
    """The blocks of which nothing became, and the count.

    `instances` and `calls` have the addresses of what was evaluated. `told` has those of blocks without an instance for a
    reason that is said elsewhere (switched off, not downloaded), `told_at` the places of gaps: what lies below is excused too.
    """
    found: dict[str, Expected] = {}
    for block in expected:
        found.setdefault(block.address, block)
    done = {_INDEX.sub("", address) for address in (*instances, *calls)}
    excused = {_INDEX.sub("", address) for address in told}
    excused.update(address for address, block in found.items() if (block.location.file, block.location.line) in told_at)
    missing = [block for address, block in found.items() if address not in done and not _within(address, excused)]
    calls_found = sum(block.type == "module" for block in found.values())
    calls_lost = sum(block.type == "module" for block in missing)
    resources_found, resources_lost = len(found) - calls_found, len(missing) - calls_lost
    count = Count(calls_found, calls_found - calls_lost, resources_found, resources_found - resources_lost, len(instances))
    return sorted(missing, key=lambda block: block.address), count


def _within(address: str, excused: Collection[str]) -> bool:
    """Whether a block or a call it lies below is excused: `module.a` excuses `module.a.module.b.type.name`."""
    steps = address.split(".")
    calls = (".".join(steps[: at + 2]) for at in range(0, len(steps), 2) if steps[at] == "module")
    return address in excused or any(call in excused for call in calls)
