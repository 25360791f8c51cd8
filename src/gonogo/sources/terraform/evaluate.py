"""Evaluates every root module of a tree."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gonogo.kinds.gcp import spec_of_terraform
from gonogo.model.environment import Environments
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import OpenMap, Path, Unknown, Value
from gonogo.sources.classify import GCP_KINDS, Format
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.accounting import Count, expected_below, lost
from gonogo.sources.terraform.adapters import ModuleAdapters, adapted, in_tree
from gonogo.sources.terraform.bodies import META_ATTRIBUTES, BodyReader, Origins
from gonogo.sources.terraform.expressions import MAX_STEPS, Budget
from gonogo.sources.terraform.functions.files import Files
from gonogo.sources.terraform.labels import kinds_of_type
from gonogo.sources.terraform.lifecycle import ignored_changes
from gonogo.sources.terraform.loader import SOURCE, Declared, Loader, ModuleSource, StandIn, provider_constraints
from gonogo.sources.terraform.modules import MAX_INSTANCES, MAX_MODULE_DEPTH, Expansion, Key, Module, RootContext
from gonogo.sources.terraform.provenance import Provenance
from gonogo.sources.terraform.remote import Installed, installed_modules, is_local, local_directory, same_source
from gonogo.sources.terraform.result import Disabled, Instance, OpaqueModule, ProviderConstraint, Root, TerraformResult, Validation
from gonogo.sources.terraform.root_inputs import root_inputs
from gonogo.sources.terraform.root_values import Made, RootValues, root_values
from gonogo.sources.terraform.roots import RootPlan, directory_environments, plan_roots, reached_from
from gonogo.sources.terraform.sensitivity import Sensitivity
from gonogo.sources.terraform.terragrunt import Unit, read_units
from gonogo.sources.terraform.validations import validations
from gonogo.sources.terraform.values import plain
from gonogo.sources.tree import Tree

# Deep enough for chains of locals through modules; Python's own frames take no C stack.
RECURSION_LIMIT = 8_000
MAX_TOTAL_INSTANCES = 50_000
# Real trees take a few hundred.
STEPS_PER_FILE = 5_000
DEFAULT = Environments()
_MODULE_META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})


def evaluate_tree(
    tree: Tree, adapters: ModuleAdapters | None = None, environments: Environments = DEFAULT, *, judged_only: bool = False
) -> TerraformResult:
    """Every resource instance that the Terraform of `tree` declares, and what could not be evaluated.

    `adapters` stand in for modules that are neither in the tree nor installed; without them such a module may hold anything.
    With `judged_only` what other environments apply is listed among the roots and not evaluated: of thirty var files of one
    root, one is asked for.
    """
    run = _run(tree, adapters, environments)
    return _evaluated(run, judged_only) if run.loader.directories or run.terragrunt else TerraformResult()


def evaluate_values(
    tree: Tree, adapters: ModuleAdapters | None = None, environments: Environments = DEFAULT
) -> tuple[tuple[RootValues, ...], tuple[Gap, ...]]:
    """The values of every instance of every root module, and what could not be evaluated."""
    run = _run(tree, adapters, environments)
    found: list[RootValues] = []
    with _prepared_interpreter():
        for plan in run.plan():
            before = len(run.made)
            evaluated = run.root(plan)
            if evaluated is not None:
                found.append(root_values(evaluated.module, plan.var_files, run.made[before:], evaluated.counted))
        run.unreached()
    return tuple(sorted(found, key=lambda r: (r.directory, r.environment))), tuple(sorted(run.gaps))


def _run(tree: Tree, adapters: ModuleAdapters | None, environments: Environments) -> _Run:
    loader = Loader(tree)
    files = sum(len(found) for found in loader.directories.values())
    return _Run(tree, loader, Budget(MAX_STEPS + STEPS_PER_FILE * files), adapters or ModuleAdapters(), environments)


def _evaluated(run: _Run, judged_only: bool) -> TerraformResult:
    roots: list[Root] = []
    with _prepared_interpreter():
        for plan in run.plan():
            needed = not judged_only or run.environments.judges(plan.environment)
            if needed:
                run.root(plan)
            else:
                run.pass_over(plan)
            roots.append(run.described(plan, needed))
        run.unreached()
    return TerraformResult(
        instances=tuple(sorted(run.instances, key=lambda i: i.key)),
        gaps=tuple(sorted(run.gaps)),
        opaque_modules=tuple(sorted(run.opaque, key=lambda m: (m.root, m.environment, m.address))),
        disabled=tuple(sorted(run.disabled, key=lambda d: (d.root, d.environment, d.address))),
        roots=tuple(sorted(roots, key=lambda r: (r.directory, r.environment))),
        providers=tuple(sorted(run.providers, key=lambda p: (p.root, p.name, p.location))),
        validations=tuple(sorted(run.validations, key=lambda v: (v.root, v.environment, v.address))),
    )


@contextmanager
def _prepared_interpreter() -> Iterator[None]:
    """Room for deep recursion, and no collection of cycles: the trees built here live until the end, and going through them
    again and again takes a third of the time."""
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


class _Evaluated(NamedTuple):
    """A root module, and how much of what its files declare was evaluated."""

    module: Module
    counted: Count


@dataclass(slots=True)
class _Run:
    tree: Tree
    loader: Loader
    budget: Budget
    adapters: ModuleAdapters
    environments: Environments
    instances: list[Instance] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    gaps: set[Gap] = field(default_factory=set)
    opaque: list[OpaqueModule] = field(default_factory=list)
    disabled: list[Disabled] = field(default_factory=list)
    providers: list[ProviderConstraint] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    provenance: Provenance = field(default_factory=Provenance)
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    reached: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """The directories that each root is made of, by its directory and environment."""
    entered: list[str] = field(default_factory=list)
    """The addresses of the module instances of the root that is evaluated now."""
    supposed: bool = False
    """What is evaluated has no instance: only what a rule may ask of it is read."""

    def unreached(self) -> None:
        """A gap for each directory in scope that no root led to: modules that call each other, or are called in vain only."""
        reached = frozenset().union(*self.reached.values())
        for directory, files in self.loader.directories.items():
            source = self.loader.module(directory)
            if directory in reached or source is None or not any(f.in_scope for f in files):
                continue
            found = [k for d in source.resources.values() for k in kinds_of_type(d.type)]
            if source.resources or source.calls:
                kinds = tuple(dict.fromkeys(found if not source.calls else (*found, *GCP_KINDS)))
                self.gaps.add(Gap(source.files[0], 0, Stage.EVALUATE, "no root module leads to this directory: not evaluated", SOURCE, kinds))

    @property
    def terragrunt(self) -> bool:
        return any(True for _ in self.tree.of(Format.TERRAGRUNT))

    def plan(self) -> list[RootPlan]:
        """Every instance of every root module."""
        by_directory = directory_environments(self.tree, self.loader, self.environments)
        units, gaps = read_units(self.tree, self.loader, self.budget) if self.terragrunt else ((), ())
        for gap in gaps:
            directory = gap.file.rpartition("/")[0]
            claimed = next((e.name for e in self.environments.configured if e.claims(directory)), "")
            self.gaps.add(replace(gap, environment=claimed or by_directory.get(directory, "")))
        return plan_roots(self.tree, self.loader, self.environments, by_directory, units)

    def root(self, plan: RootPlan) -> _Evaluated | None:
        """Evaluate one instance of a root module; None where its module is not in the tree."""
        before, self.gaps = self.gaps, set()
        evaluated = self._root(plan)
        self.gaps = before | {replace(gap, environment=plan.environment) for gap in self.gaps}
        return evaluated

    def _root(self, plan: RootPlan) -> _Evaluated | None:
        call: Location | None = None
        directory = plan.directory if plan.unit is None or plan.unit.module is None else plan.unit.module
        if plan.unit is not None and plan.unit.module is None:
            source, call = self.adapters.find(plan.unit.source, plan.unit.version), plan.unit.location
            self._remote_unit(plan, plan.unit, source.stand_in if source is not None else None)
        else:
            copied = directory != plan.directory and plan.directory in self.loader.directories
            source = self.loader.with_files_of(directory, plan.directory) if copied else self.loader.module(directory)
        if source is None:
            return None
        self.reached.setdefault((plan.directory, plan.environment), set()).add(plan.directory)
        inputs = root_inputs(plan, source, self.loader, self.budget, self.environments.judged)
        self.gaps.update(inputs.gaps)
        resolver = _Resolver(self.loader, installed_modules(self.tree, directory), self.adapters)
        context = RootContext(
            loader=self.loader,
            directory=plan.directory,
            environment=plan.environment,
            configured=plan.configured,
            budget=self.budget,
            files=Files(self.tree, directory, self.loader.parse_template),
            given=inputs.given,
            withheld=inputs.withheld,
            unread_values=inputs.unread,
            workspace=plan.workspace or _unknown_workspace(plan.environment or self.environments.judged),
            resolve=resolver,
        )
        module = Module(source, context, given=inputs.given, call=call)
        start = (len(self.instances), len(self.disabled), len(self.opaque))
        self.entered.clear()
        self._module(module)
        return _Evaluated(module, self._account(source, resolver, start))

    def _account(self, root: ModuleSource, resolver: _Resolver, start: tuple[int, int, int]) -> Count:
        """Count what the files below a root declare against what was evaluated: what is missing is a gap."""
        instances = [i.address for i in self.instances[start[0] :]]
        told = [*(d.address for d in self.disabled[start[1] :]), *(m.address for m in self.opaque[start[2] :])]
        expected = expected_below(self.loader, root, resolver.find)
        missing, count = lost(expected, instances, self.entered, told, {(gap.file, gap.line) for gap in self.gaps})
        for block in missing:
            kinds = GCP_KINDS if block.type == "module" else kinds_of_type(block.type)
            reason = f"{block.address} is declared and was not evaluated; please report this"
            self.gaps.add(Gap(block.location.file, block.location.line, Stage.EVALUATE, reason, SOURCE, kinds))
        return count

    def pass_over(self, plan: RootPlan) -> None:
        """Leave an instance out that is not judged: what it leads to is not lost, it is another environment's."""
        directories = {plan.directory} if plan.unit is None or plan.unit.module is None else {plan.directory, plan.unit.module}
        self.reached.setdefault((plan.directory, plan.environment), set()).update(reached_from(directories, self.loader))

    def described(self, plan: RootPlan, evaluated: bool) -> Root:
        directory = plan.directory if plan.unit is None else plan.unit.module
        module = self.loader.module(directory) if directory is not None else None
        place = plan.unit.location if plan.unit is not None else Location(module.files[0], 1) if module is not None else Location("")
        return Root(
            directory=plan.directory,
            environment=plan.environment,
            why=plan.why,
            var_files=(*plan.var_files, *plan.given),
            configured=plan.configured,
            modules=tuple(sorted(self.reached.get((plan.directory, plan.environment), ()))),
            workspace=plan.workspace,
            module=directory or "",
            evaluated=evaluated,
            place=place,
        )

    def _remote_unit(self, plan: RootPlan, unit: Unit, stand_in: StandIn | None) -> None:
        """A Terragrunt unit whose module is not in the tree is a call of that module."""
        at = unit.location
        kinds = stand_in.kinds if stand_in is not None else self.adapters.kinds(unit.source)
        reason = f"Terragrunt unit {unit.directory or '.'}: its source {unit.source} was not downloaded{_known_of(stand_in)}"
        self.gaps.add(Gap(at.file, at.line, Stage.EVALUATE, reason, SOURCE, kinds))
        if stand_in is not None and not stand_in.inputs_only:
            return
        known = {name: plain(entry.value) for name, entry in unit.inputs.items()}
        inputs: Mapping[str, Value] = known if unit.unknown is None else OpenMap(known, unit.unknown)
        locations: dict[Path, Location] = {(): at, **{(name,): entry.location for name, entry in unit.inputs.items()}}
        self.opaque.append(
            OpaqueModule("terragrunt", plan.directory, unit.source, unit.version, inputs, locations, environment=plan.environment, kinds=kinds)
        )

    def _module(self, module: Module) -> None:
        self.reached.setdefault((module.root.directory, module.root.environment), set()).add(module.source.directory)
        self.entered.append(module.prefix.removesuffix("."))
        for gap in module.source.gaps:
            self.gaps.add(gap if module.call is None else replace(gap, file=module.call.file, line=module.call.line, reason=f"{gap.file}: {gap.reason}"))
        self.providers.extend(provider_constraints(module.source, module.root.directory))
        if module.source.stand_in is None:
            self.validations.extend(validations(module, self.provenance, self.sensitivity))
        for declared in module.source.resources.values():
            if declared.mode != "ephemeral":
                self._resource(module, declared)
        for block in module.source.calls.values():
            self._call(module, block)

    def _resource(self, module: Module, declared: Declared) -> None:
        expansion = module.expansion(declared.block)
        address = f"{module.prefix}{declared.address}"
        off = self._switched_off(module, declared, expansion) if expansion.nothing else None
        self._expanded(module, declared.block, expansion, declared.type, address, declared.mode, off)
        for key in expansion.keys:
            if len(self.instances) >= MAX_TOTAL_INSTANCES:
                reason = f"more than {MAX_TOTAL_INSTANCES} instances: {address} was left out"
                self._gap(declared.block, reason, kinds_of_type(declared.type), module)
                return
            instance = self._instance(module, declared, expansion, key)
            self.instances.append(instance)
            self.made.append(Made(instance, module, declared))
        if self.budget.steps < 0:
            self._gap(declared.block, f"{address}: evaluating this tree takes too many steps", kinds_of_type(declared.type), module)

    def _instance(self, module: Module, declared: Declared, expansion: Expansion, key: Key) -> Instance:
        reader = self._reader(module)
        reader.locations[()] = declared.block.at.location
        asked = not self.supposed or spec_of_terraform(declared.type) is not None
        attributes = reader.read(declared.block.body, (), key.names, _origins(declared.block)) if asked else {}
        instance = Instance(
            type=declared.type,
            address=f"{module.prefix}{declared.address}{key.suffix}",
            root=module.root.directory,
            mode=declared.mode,
            attributes=attributes,
            locations=reader.locations,
            chains=reader.chains,
            conditional=_conditional(module, expansion, key),
            environment=module.root.environment,
            module=module.source.directory,
            ignored=ignored_changes(declared.block),
        )
        return instance if module.call is None else adapted(instance, module, declared.block.body)

    def _switched_off(self, module: Module, declared: Declared, expansion: Expansion) -> Instance:
        why = Unknown.because(f"{module.prefix}{declared.address} has no instance as the variables stand: {expansion.nothing}")
        key = Key("", {"each": {"key": why, "value": why}, "count": {"index": why}})
        return replace(self, supposed=True)._instance(module, declared, Expansion((key,), expansion.mode, why), key)

    def _reader(self, module: Module) -> BodyReader:
        def chain(expression: ast.Expression, origins: Origins) -> tuple[Location, ...]:
            places = self.provenance.chain(module, expression, origins)
            return tuple(place for place in places if in_tree(place)) if module.call is None else places

        return BodyReader(module.evaluator, chain)

    def _expanded(
        self, module: Module, block: ast.Block, expansion: Expansion, kind: str, address: str, mode: str, off: Instance | None = None
    ) -> None:
        """Record what an expansion leaves out."""
        kinds = GCP_KINDS if kind == "module" else kinds_of_type(kind)
        if expansion.nothing:
            at = expansion.location or block.at.location
            root = module.root
            written = block.body.attribute("count") or block.body.attribute("for_each")
            chain = self.provenance.chain(module, written.value, {}) if written is not None else ()
            self.disabled.append(Disabled(kind, address, root.directory, at, expansion.nothing, root.environment, mode, chain, off))
        if expansion.excess:
            reason = f"{address} has {expansion.excess + MAX_INSTANCES} instances, only {MAX_INSTANCES} were evaluated"
            self._gap(block, reason, kinds, module)

    def _call(self, module: Module, block: ast.Block) -> None:
        expansion = module.expansion(block)
        address = f"{module.prefix}module.{block.labels[0]}"
        self._expanded(module, block, expansion, "module", address, "managed")
        if not expansion.keys:
            self._call_off(module, block, expansion)
            return
        source = module.root.resolve(module, block)
        if source is None or source.stand_in is not None:
            self._remote(module, block, expansion, source.stand_in if source is not None else None)
        if source is None:
            return
        for key in expansion.keys:
            child = module.child(block, key)
            if child is None:
                why = "calls itself" if module.calls_itself(source) else f"is nested deeper than {MAX_MODULE_DEPTH} modules"
                self._gap(block, f"{address} {why}: not evaluated", GCP_KINDS, module)
                return
            if len(self.instances) >= MAX_TOTAL_INSTANCES:
                self._gap(block, f"more than {MAX_TOTAL_INSTANCES} instances: {address} was left out", GCP_KINDS, module)
                return
            self._module(child)

    def _call_off(self, module: Module, block: ast.Block, expansion: Expansion) -> None:
        """What a call without instances would make, as declarations that are off for the same reason."""
        why = Unknown.because(f"{module.prefix}module.{block.labels[0]} has no instance as the variables stand: {expansion.nothing}")
        cause = self.disabled[-1]
        child = module.child(block, Key("", {"each": {"key": why, "value": why}, "count": {"index": why}})) if cause.chain else None
        if child is None:
            return
        inside = replace(self, instances=[], made=[], gaps=set(), opaque=[], disabled=[], providers=[], entered=[], validations=[], supposed=True)
        inside._module(child)
        for instance in inside.instances:
            off = replace(instance, conditional=Unknown.merge([why, instance.conditional]))
            self.disabled.append(replace(cause, type=off.type, address=off.address, location=off.location, mode=off.mode, instance=off))

    def _remote(self, module: Module, block: ast.Block, expansion: Expansion, stand_in: StandIn | None) -> None:
        """A gap for what a module that is not in the tree may hold, less what the adapter knows that stands in for it."""
        source, version = _text(block, "source"), _text(block, "version")
        kinds = stand_in.kinds if stand_in is not None else self.adapters.kinds(source)
        address = f"{module.prefix}module.{block.labels[0]}"
        what = "is not in the scanned tree" if is_local(source) else "was not downloaded (`terraform init` does)"
        self._gap(block, f"module {block.labels[0]}: its source {source or '(none)'} {what}{_known_of(stand_in)}", kinds, module)
        if stand_in is not None and not stand_in.inputs_only:
            return
        for key in expansion.keys:
            reader = self._reader(module)
            reader.locations[()] = block.at.location
            inputs: dict[str, Value] = reader.read(block.body, (), key.names, _origins(block), META_ATTRIBUTES | _MODULE_META)
            locations: Mapping[Path, Location] = reader.locations
            self.opaque.append(
                OpaqueModule(
                    address=address + key.suffix,
                    root=module.root.directory,
                    source=source,
                    version=version,
                    inputs=inputs,
                    locations=locations,
                    chains=reader.chains,
                    conditional=_conditional(module, expansion, key),
                    environment=module.root.environment,
                    kinds=kinds,
                )
            )

    def _gap(self, block: ast.Block, reason: str, kinds: tuple[str, ...], module: Module) -> None:
        place = module.call or block.at.location
        self.gaps.add(Gap(place.file, place.line, Stage.EVALUATE, reason, SOURCE, kinds))


def _known_of(stand_in: StandIn | None) -> str:
    if stand_in is None:
        return ""
    return "; known of it is what " + ("its inputs say" if stand_in.inputs_only else f"{stand_in.label} makes of its inputs")


def _unknown_workspace(environment: str) -> Unknown:
    # A fresh checkout is in workspace "default". Who writes terraform.workspace has others: which one is not in the code.
    say = f'say which it is in gonogo.toml: [environments.{environment}] workspace = "NAME"'
    return Unknown.because(f"terraform.workspace depends on how Terraform is run; {say}")


def _conditional(module: Module, expansion: Expansion, key: Key) -> Unknown | None:
    own = expansion.unknown if not key.suffix else None
    unknown = [u for u in (module.conditional, own) if u is not None]
    return Unknown.merge(unknown) if unknown else None


def _origins(block: ast.Block) -> Mapping[str, ast.Expression]:
    for_each, count = block.body.attribute("for_each"), block.body.attribute("count")
    found: dict[str, ast.Expression] = {}
    if for_each is not None:
        found["each"] = for_each.value
    if count is not None:
        found["count"] = count.value
    return found


def _text(block: ast.Block, name: str) -> str:
    attribute = block.body.attribute(name)
    return str(attribute.value.value) if attribute is not None and isinstance(attribute.value, ast.Literal) else ""


@dataclass(frozen=True, slots=True)
class _Resolver:
    """The module that a call means."""

    loader: Loader
    installed: Mapping[str, Installed]
    adapters: ModuleAdapters

    def __call__(self, module: Module, block: ast.Block) -> ModuleSource | None:
        return self.find(module.source.directory, ".".join(_call_names(module)) if self.installed else "", block)

    def find(self, caller: str, names: str, block: ast.Block) -> ModuleSource | None:
        """The module that a call in the directory `caller` means; `names` are those of the calls that lead there (`a.b`)."""
        source = _text(block, "source")
        if is_local(source):
            directory = local_directory(caller, source)
            return None if directory is None else self.loader.module(directory)
        installed = self.installed.get(f"{names}.{block.labels[0]}" if names else block.labels[0])
        # A source that was changed since is downloaded anew by the next `terraform init`: what lies there is another module.
        found = self.loader.module(installed.directory) if installed is not None and same_source(installed.source, source) else None
        return found or self.adapters.find(source, _text(block, "version"))


def _call_names(module: Module) -> list[str]:
    """The names of the calls that lead to `module`, without indices."""
    names: list[str] = []
    rest = module.prefix
    while rest.startswith("module."):
        rest = rest[len("module.") :]
        end = min((i for i in (rest.find("["), rest.find(".")) if i >= 0), default=len(rest))
        names.append(rest[:end])
        rest = rest[end:]
        if rest.startswith("["):
            close = rest.find('"].') + 2 if rest.startswith('["') else rest.find("].") + 1
            rest = rest[close:]
        rest = rest.removeprefix(".")
    return names
