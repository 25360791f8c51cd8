"""Plans and states beside the code: whose root they are of, what they replace, and what they show as canonical resources.

A plan knows what code cannot: the values given on the command line, what a remote module makes. So for its root, and for no other, it
stands in place of the code. A state is what was, and stands beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.kinds.fields import Field, Items, Spelling, Table, steps
from gonogo.kinds.gcp import spec_of_terraform
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.model.shape import Scalar
from gonogo.sources.terraform.adapters import is_stand_in
from gonogo.sources.terraform.addresses import parse_address, without_keys
from gonogo.sources.terraform.documents import SOURCE, Document, Shown
from gonogo.sources.terraform.matching import RootKey, blocks_of, match
from gonogo.sources.terraform.plan_references import Configuration
from gonogo.sources.terraform.result import Instance, OpaqueModule, TerraformResult
from gonogo.sources.terraform.shown import ShownReader, Twin

# The data sources that hold a part of a resource's configuration: `google_iam_policy` the grants of a `*_iam_policy`.
_READ_DATA = frozenset({"google_iam_policy"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A document and the root it is of."""

    document: Document
    root: RootKey | None
    scope: str
    """What sets its names apart from those of other roots: the directory of the root, or the file."""
    unplaced: str = ""
    """Why there is no root."""


def place_documents(documents: Sequence[Document], result: TerraformResult) -> tuple[Placed, ...]:
    """Each document with its root."""
    found = [(document, match(document, result)) for document in documents]
    taken: dict[tuple[RootKey | None, Origin], int] = defaultdict(int)
    for document, m in found:
        taken[m.root, document.origin] += 1
    placed = []
    for document, m in found:
        alone = taken[m.root, document.origin] == 1
        if m.root is None:
            scope = "" if alone and not result.roots else document.file
        else:
            scope = m.root[0] if alone else f"{m.root[0] or '.'} in {document.file}"
        placed.append(Placed(document, m.root, scope, m.reason if result.roots else ""))
    return tuple(placed)


def without_planned(result: TerraformResult, placed: Sequence[Placed]) -> TerraformResult:
    """The declared instances, modules and gaps that no plan decides.

    A plan decides each instance that it has, and the number of instances of each block it has one of. A complete plan decides every
    block of its configuration, and so what a module that is not in the tree holds, and what we could not evaluate. What the
    code declares and the plan's configuration does not is newer than the plan, and stays.
    """
    plans: dict[RootKey, list[Document]] = defaultdict(list)
    for p in placed:
        if p.root is not None and p.document.origin is Origin.PLANNED:
            plans[p.root].append(p.document)
    if not plans:
        return result
    decided = {root: _decided(found) for root, found in plans.items()}
    complete = {root for root, found in plans.items() if any(d.complete for d in found)}
    newer = {root for root in complete if undecided_blocks(root, result, decided[root])}

    def stays(root: RootKey, address: str) -> bool:
        return without_keys(address) not in decided.get(root, frozenset())

    def instance_stays(instance: Instance) -> bool:
        root = (instance.root, instance.environment)
        # An adapter speaks for a module until a plan shows what the module itself makes.
        stand_in = is_stand_in(instance.module) and not module_stays(root, instance.address.rpartition(f".{instance.type}.")[0])
        return instance.mode != "managed" or (not stand_in and stays(root, instance.address))

    def module_stays(root: RootKey, address: str) -> bool:
        return root not in complete or not any(b.startswith(f"{without_keys(address)}.") for b in decided[root])

    opaque = tuple(m for m in result.opaque_modules if module_stays((m.root, m.environment), m.address))
    return replace(
        result,
        instances=tuple(filter(instance_stays, result.instances)),
        disabled=tuple(d for d in result.disabled if stays((d.root, d.environment), d.address)),
        opaque_modules=opaque,
        gaps=tuple(_open_gaps(result, opaque, complete - newer)),
    )


def undecided_blocks(root: RootKey, result: TerraformResult, decided: frozenset[str]) -> tuple[str, ...]:
    """The blocks that a root declares and its plan does not know: the code is newer."""
    written = (i for i in result.instances if (i.root, i.environment) == root and i.mode == "managed" and not is_stand_in(i.module))
    declared = {without_keys(i.address) for i in written}
    return tuple(sorted(declared - decided))


def _decided(plans: Sequence[Document]) -> frozenset[str]:
    """The blocks whose instances the plans of a root decide."""
    found: set[str] = set()
    for plan in plans:
        found.update(blocks_of(plan) if plan.complete else (without_keys(s.address) for s in plan.shown if s.mode == "managed"))
    return frozenset(found)


def _open_gaps(result: TerraformResult, opaque: Sequence[OpaqueModule], current: set[RootKey]) -> Iterator[Gap]:
    """The gaps but for those that only fully planned roots have: of modules that their plans show, and, where the code is no newer
    than the plan, of whatever could not be evaluated."""
    users: dict[str, set[RootKey]] = defaultdict(set)
    for root in result.roots:
        for directory in root.modules:
            users[directory].add((root.directory, root.environment))
    left = {_line(m) for m in opaque}
    gone = {_line(m) for m in result.opaque_modules} - left
    for gap in result.gaps:
        using = {root for root in users.get(gap.file.rpartition("/")[0], ()) if gap.environment in ("", root[1])}
        place = (gap.environment, gap.file, gap.line)
        closed = place in gone if place in gone | left else using <= current
        if gap.source != SOURCE or not using or not closed:
            yield gap


def _line(module: OpaqueModule) -> tuple[str, str, int]:
    place = module.locations.get((), Location(""))
    return (module.environment, place.file, place.line)


def resources_of(placed: Placed, declared: TerraformResult) -> TerraformResult:
    """What a document shows, as an evaluation yields it."""
    document = placed.document
    directory, environment = placed.root or ("", "")
    twins = _twins(declared, placed.root)
    planned = document.origin is Origin.PLANNED
    configuration = Configuration(document.configuration, [s.address for s in document.shown]) if planned else None
    found = [
        _instance(shown, placed, environment, twins, configuration)
        for shown in document.shown
        if (spec_of_terraform(shown.type) is not None and shown.mode == "managed") or (shown.mode == "data" and shown.type in _READ_DATA)
    ]
    return TerraformResult(instances=tuple(found), gaps=tuple(replace(gap, environment=environment) for gap in document.gaps))


def _instance(shown: Shown, placed: Placed, environment: str, twins: _Twins, configuration: Configuration | None) -> Instance:
    place = Location(placed.document.file, 1)
    reader = ShownReader(shown, parse_address(shown.address), place, twins.of(shown.address), configuration, leaves(shown.type))
    attributes = reader.attributes()
    return Instance(shown.type, shown.address, placed.scope, shown.mode, attributes, reader.locations, reader.chains, environment=environment)


@dataclass(frozen=True, slots=True)
class _Twins:
    """The declared instances of a root, by address and by block, and the blocks that could not be read."""

    exact: Mapping[str, Instance]
    blocks: Mapping[str, Instance]
    broken: Sequence[Gap]

    def of(self, address: str) -> Twin | None:
        exact = self.exact.get(address)
        found = exact or self.blocks.get(without_keys(address))
        if found is None:
            return None
        spec = spec_of_terraform(found.type)
        # What could not be read may be within this block.
        broken = any(gap.file == found.location.file and (spec is None or gap.touches(spec.kind)) for gap in self.broken)
        return Twin(found, exact is not None or found.conditional is not None, whole=not broken)


def _twins(declared: TerraformResult, root: RootKey | None) -> _Twins:
    instances = [i for i in declared.instances if (i.root, i.environment) == root]
    off = [d.instance for d in declared.disabled if (d.root, d.environment) == root and d.instance is not None]
    return _Twins(
        {i.address: i for i in instances},
        {without_keys(i.address): i for i in (*off, *reversed(instances))},
        tuple(gap for gap in declared.gaps if gap.stage is Stage.PARSE),
    )


def leaves(resource_type: str) -> frozenset[tuple[str, ...]]:
    """The attributes of a resource type that the kind reads and that are no blocks, as paths of names."""
    spec = spec_of_terraform(resource_type)
    return frozenset(_leaves(spec.table, spec.terraform[resource_type].spelling, ())) if spec is not None else frozenset()


def _leaves(table: Table, spelling: Spelling, base: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for entry in table:
        for text in entry.spelled(spelling):
            path = (*base, *steps(text))
            if isinstance(entry, Items):
                yield from _leaves(entry.table, spelling, path)
            elif isinstance(entry, Field) and isinstance(entry.shape, Scalar):
                yield path


def with_origin(resource: Resource, origin: Origin) -> Resource:
    """A resource of a document. The keys of a state's are its own: what was joins with nothing that is declared."""
    if origin is Origin.STATE:
        attributes = {**resource.attributes, "key": f"state {resource.attributes['key']}"}
        return replace(resource, origin=origin, attributes=attributes)
    return replace(resource, origin=origin)


def remarks(placed: Iterable[Placed], result: TerraformResult) -> Iterator[Gap]:
    """What the user should know of the documents, as gaps that leave no kind incomplete."""
    for p in placed:
        planned = p.document.origin is Origin.PLANNED
        if p.unplaced:
            what = "plan" if planned else "state"
            yield Gap(p.document.file, 0, Stage.EVALUATE, f"this {what} is judged beside the code: {p.unplaced}", SOURCE)
        elif p.root is not None and p.document.complete:
            newer = undecided_blocks(p.root, result, blocks_of(p.document))
            if newer:
                more = f" and {len(newer) - 1} more" if len(newer) > 1 else ""
                yield Gap(p.document.file, 0, Stage.EVALUATE, f"the plan is older than the code: it does not know {newer[0]}{more}", SOURCE)
