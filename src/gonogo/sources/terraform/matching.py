"""Which root module a plan or a state is of, by the addresses of its blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.model.value import OpenList, is_list
from gonogo.sources.terraform.addresses import without_keys
from gonogo.sources.terraform.documents import Document, Shape
from gonogo.sources.terraform.plan import configured
from gonogo.sources.terraform.result import TerraformResult, references

RootKey = tuple[str, str]
"""Directory and environment."""
LEAST_SHARE = 0.5
"""Of the blocks of a document, how many a root must declare to be what it is of: code and a state differ now and then."""


@dataclass(frozen=True, slots=True)
class Match:
    root: RootKey | None
    reason: str = ""
    """Why there is no root."""


@dataclass(frozen=True, slots=True)
class _Declared:
    blocks: frozenset[str]
    opaque: tuple[str, ...]

    def has(self, block: str) -> bool:
        return block in self.blocks or block.startswith(self.opaque)


def blocks_of(document: Document) -> frozenset[str]:
    """The addresses of the managed blocks that a document is about, without keys; those without instances too, of a plan."""
    found = {without_keys(s.address) for s in document.shown if s.mode == "managed"}
    found.update(address for address, _ in configured(document.configuration, (), Shape()))
    return frozenset(found)


def match(document: Document, result: TerraformResult) -> Match:
    """The root that a document is of; none where it fits none, or two alike."""
    blocks = blocks_of(document)
    if not blocks:
        return Match(None, "it shows no resource")
    scores = {root: _score(blocks, declared) for root, declared in _roots(result).items()}
    best = max(scores.values(), default=0.0)
    if not best:
        return Match(None, "no root module of the scanned tree declares what it shows")
    fitting = sorted(root for root, score in scores.items() if score == best)
    if len(fitting) > 1:
        fitting = _nearest(document, fitting) or _likest(document, fitting, result)
    if len(fitting) > 1:
        names = ", ".join(f"`{directory or '.'}`" + (f" ({environment})" if environment else "") for directory, environment in fitting)
        return Match(None, f"it could be of any of the root modules {names}")
    return Match(fitting[0])


def _roots(result: TerraformResult) -> Mapping[RootKey, _Declared]:
    blocks: dict[RootKey, set[str]] = {(r.directory, r.environment): set() for r in result.roots}
    opaque: dict[RootKey, set[str]] = {}
    for instance in result.instances:
        if instance.mode == "managed":
            blocks.setdefault((instance.root, instance.environment), set()).add(without_keys(instance.address))
    for block in result.disabled:
        key = (block.root, block.environment)
        if block.type == "module":
            opaque.setdefault(key, set()).add(f"{without_keys(block.address)}.")
        elif block.mode == "managed":
            blocks.setdefault(key, set()).add(without_keys(block.address))
    for module in result.opaque_modules:
        opaque.setdefault((module.root, module.environment), set()).add(f"{without_keys(module.address)}.")
    return {key: _Declared(frozenset(found), tuple(sorted(opaque.get(key, ())))) for key, found in blocks.items()}


def _score(blocks: frozenset[str], declared: _Declared) -> float:
    """How well a root fits, 0 where it does not: the share of the document that it declares, and of it that is there."""
    covered = sum(declared.has(block) for block in blocks)
    if not covered or covered < LEAST_SHARE * len(blocks):
        return 0.0
    present = sum(block in blocks for block in declared.blocks) + sum(any(b.startswith(o) for b in blocks) for o in declared.opaque)
    return covered / len(blocks) + present / (len(declared.blocks) + len(declared.opaque))


def _nearest(document: Document, roots: Sequence[RootKey]) -> list[RootKey]:
    """The root in whose directory the file lies."""
    directory = document.file.rpartition("/")[0]
    return [root for root in roots if root[0] == directory] if directory else []


def _likest(document: Document, roots: Sequence[RootKey], result: TerraformResult) -> list[RootKey]:
    """The roots whose code differs least from what is shown: the production of one set of modules, or its staging."""
    shown = {s.address: s.values for s in document.shown}
    differences = dict.fromkeys(roots, 0)
    for instance in result.instances:
        key = (instance.root, instance.environment)
        if key in differences and instance.mode == "managed":
            differences[key] += _differences(instance.attributes, shown.get(instance.address))
    least = min(differences.values())
    return [root for root in roots if differences[root] == least]


def _differences(code: object, shown: object) -> int:
    return sum(1 for written, there in _pairs(code, shown) if str(written).lower() != str(there).lower())


def _pairs(code: object, shown: object) -> Iterator[tuple[object, object]]:
    """The values that both the code and the document know."""
    if isinstance(code, Mapping):
        there = shown if isinstance(shown, dict) else {}
        for name, value in code.items():
            yield from _pairs(value, there.get(name))
    elif is_list(code) and isinstance(code, Sequence):
        if isinstance(shown, list) and len(shown) == len(code) and not isinstance(code, OpenList):
            for value, other in zip(code, shown, strict=True):
                yield from _pairs(value, other)
    elif isinstance(code, str | int | float) and isinstance(shown, str | int | float) and not references(code):
        yield code, shown
