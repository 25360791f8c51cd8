"""Root modules: which directories are applied, with which var files and in which workspace, for which environment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.model.environment import PRODUCTION, Environment, Environments
from gonogo.sources.classify import Format
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.loader import Loader, ModuleSource
from gonogo.sources.terraform.remote import is_local, local_directory
from gonogo.sources.terraform.terragrunt import Unit
from gonogo.sources.terraform.var_files import ByEnvironment, VarFiles
from gonogo.sources.tree import Tree, Unreadable

_WORKSPACE_FILE = ".terraform/environment"


@dataclass(frozen=True, slots=True)
class RootPlan:
    """One instance of a root module: a directory as it is applied for one environment."""

    directory: str
    """The root module's directory, or that of the Terragrunt unit: what tells roots apart."""
    environment: str
    why: str
    var_files: tuple[str, ...]
    configured: bool
    found: tuple[str, ...] = ()
    """Those of `var_files` that were found by their names: nobody says in which order, or that all of them, are given."""
    given: tuple[str, ...] = ()
    """Var files given to gonogo: they are for every root, and count where a variable is declared."""
    others: tuple[tuple[str, str], ...] = ()
    """Var files of other environments, as (environment, path), where this instance has none of its own."""
    workspace: str = ""
    unit: Unit | None = None


def local_calls(module: ModuleSource) -> Iterator[str]:
    """The directories that the local module calls of `module` reach."""
    for block in module.calls.values():
        source = block.body.attribute("source")
        if source is not None and isinstance(source.value, ast.Literal) and isinstance(source.value.value, str):
            text = source.value.value
            directory = local_directory(module.directory, text) if is_local(text) else None
            if directory is not None and directory != module.directory:
                yield directory


def directory_environments(tree: Tree, loader: Loader, environments: Environments) -> Mapping[str, str]:
    """The environment of each directory in scope that is told from others by its path."""
    terragrunt = {file.directory for file in tree.of(Format.TERRAGRUNT)}
    return _by_directory({*(m.directory for m in _modules(loader)), *terragrunt}, environments)


def _modules(loader: Loader) -> list[ModuleSource]:
    in_scope = sorted(d for d, files in loader.directories.items() if any(f.in_scope for f in files))
    return [m for m in (loader.module(d) for d in in_scope) if m is not None]


def plan_roots(
    tree: Tree, loader: Loader, environments: Environments, by_directory: Mapping[str, str], units: Sequence[Unit] = ()
) -> list[RootPlan]:
    """Every instance of every root module in scope, the judged ones first. `by_directory`: see `directory_environments`."""
    modules = _modules(loader)
    # What Terragrunt applies is applied as its units say, also where it has a backend for them to fill in.
    applied = {u.module for u in units} | {u.directory for u in units}
    called = {d for m in modules for d in local_calls(m)}
    own = [m for m in modules if m.directory not in applied]
    planner = _Planner(tree, environments, VarFiles(tree, environments), frozenset(m.directory for m in modules))
    uncalled = [m.directory for m in own if m.directory not in called]
    apart = planner.files.apart(uncalled[0], planner.modules) if len(uncalled) == 1 and uncalled[0] else {}
    plans: list[RootPlan] = []
    for module in own:
        if module.directory in called and not module.has_backend and not planner.files.automatic(module.directory):
            continue
        beside = planner.files.told_apart(module.directory, planner.modules) or (apart if [module.directory] == uncalled else {})
        plans.extend(planner.instances(module, by_directory.get(module.directory, ""), beside))
    for unit in units:
        plans.append(planner.unit(unit, by_directory.get(unit.directory, "")))
    return sorted(plans, key=lambda p: (not environments.judges(p.environment), p.directory, p.environment))


@dataclass(frozen=True, slots=True)
class _Planner:
    tree: Tree
    environments: Environments
    files: VarFiles
    modules: frozenset[str]

    def instances(self, module: ModuleSource, by_directory: str, beside: ByEnvironment) -> Iterator[RootPlan]:
        """The instances of a root module. `by_directory` is the environment that its directory is for, `beside` has the
        var files of each environment."""
        claimed = [e for e in self.environments.configured if e.claims(module.directory)]
        anywhere = {e.name for e in self.environments.configured if not e.roots and (e.var_files or e.workspace)}
        if claimed:
            names = [e.name for e in claimed]
        elif by_directory:
            names = [by_directory]
        else:
            names = sorted({*beside, *anywhere})
        if not claimed and not by_directory and self.environments.judged not in names:
            others = tuple((name, path) for name in names for path in self.environments.settings(name).var_files or beside.get(name, ()))
            yield self._plan(module, "", Environment(""), (), others)
        for name in names:
            yield self._plan(module, name, self.environments.settings(name), beside.get(name, ()))

    def _plan(
        self, module: ModuleSource, environment: str, settings: Environment, found: tuple[str, ...], others: tuple[tuple[str, str], ...] = ()
    ) -> RootPlan:
        automatic = self.files.automatic(module.directory)
        applies = not settings.roots or settings.claims(module.directory)
        written = settings.var_files if applies else ()
        chosen = written or found
        return RootPlan(
            directory=module.directory,
            environment=environment,
            why="backend" if module.has_backend else "tfvars" if automatic or chosen else "uncalled",
            var_files=(*automatic, *chosen),
            configured=bool(module.has_backend or automatic or chosen or module.providers),
            found=() if written else found,
            given=self._given(environment),
            others=others,
            workspace=(settings.workspace if applies else "") or self._workspace(module, environment),
        )

    def unit(self, unit: Unit, by_directory: str) -> RootPlan:
        """The instance that a Terragrunt unit is."""
        claimed = next((e for e in self.environments.configured if e.claims(unit.directory)), None)
        environment = claimed.name if claimed is not None else by_directory
        automatic = self.files.automatic(unit.module) if unit.module is not None else ()
        beside = self.files.automatic(unit.directory) if unit.module != unit.directory else ()
        var_files = (*automatic, *beside, *unit.var_files)
        return RootPlan(unit.directory, environment, "terragrunt", var_files, True, given=self._given(environment), unit=unit)

    def _given(self, environment: str) -> tuple[str, ...]:
        return self.environments.var_files if self.environments.judges(environment) else ()

    def _workspace(self, module: ModuleSource, environment: str) -> str:
        """The workspace that the code itself names: that of a `cloud` block, or the one selected in this directory."""
        for settings in module.settings:
            for cloud in settings.body.of_type("cloud"):
                for block in cloud.body.of_type("workspaces"):
                    name = block.body.attribute("name")
                    if name is not None and isinstance(name.value, ast.Literal) and isinstance(name.value.value, str):
                        return name.value.value
        path = posixpath.join(module.directory, _WORKSPACE_FILE)
        if path not in self.tree.files:
            return ""
        try:
            selected = self.tree.text(path).strip()
        except Unreadable:
            return ""
        return selected if self.environments.of(selected) == (environment or self.environments.judged) else ""


def _by_directory(directories: Iterable[str], environments: Environments) -> dict[str, str]:
    """The environment of each root whose path has a component with siblings of other environments, production (or one that
    is configured) among them."""
    known = sorted(directories)
    leading = {PRODUCTION, *(e.name for e in environments.configured)}
    siblings: dict[str, set[str]] = {}
    for directory in known:
        for above, environment in _named(directory, environments):
            siblings.setdefault(above, set()).add(environment)
    found: dict[str, str] = {}
    for directory in known:
        for above, environment in _named(directory, environments):
            if siblings[above] & leading and len(siblings[above]) > 1:
                found[directory] = environment
    return found


def _named(directory: str, environments: Environments) -> Iterator[tuple[str, str]]:
    """The components of a path that name an environment: the path above each, and the environment."""
    parts = directory.split("/") if directory else []
    for depth, part in enumerate(parts):
        environment = environments.of(part)
        if environment:
            yield "/".join(parts[:depth]), environment


def reached_from(directories: Iterable[str], loader: Loader) -> frozenset[str]:
    """`directories` and every directory of the tree that their local module calls lead to."""
    found: set[str] = set()
    pending = list(directories)
    while pending:
        directory = pending.pop()
        module = loader.module(directory) if directory not in found else None
        found.add(directory)
        if module is not None:
            pending.extend(local_calls(module))
    return frozenset(found)

