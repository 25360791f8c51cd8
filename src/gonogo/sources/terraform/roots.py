"""Root modules: which directories are applied, with which var files, for which environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gonogo.sources.classify import Format
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.loader import Loader, ModuleSource
from gonogo.sources.terraform.remote import is_local, local_directory
from gonogo.sources.tree import Tree

PRODUCTION = "production"
_NAMES: Mapping[str, tuple[str, ...]] = {
    PRODUCTION: ("prod", "production", "prd", "live"),
    "staging": ("staging", "stage", "stg", "preprod", "pre-prod", "preproduction", "uat"),
    "development": ("dev", "develop", "development", "sandbox", "sbx", "local"),
    "test": ("test", "testing", "tst", "qa", "integration", "int", "ci", "e2e", "perf", "load"),
    "preview": ("preview", "demo", "nonprod", "non-prod", "nonproduction", "non-production"),
}
ENVIRONMENTS = {name: environment for environment, names in _NAMES.items() for name in names}
_SEPARATOR = re.compile(r"[-_.]")
_SAMPLE = re.compile(r"(example|sample|template|default)", re.I)


@dataclass(frozen=True, slots=True)
class RootPlan:
    """A root module to evaluate."""

    directory: str
    environment: str
    why: str
    var_files: tuple[str, ...]
    configured: bool


def environment_of(name: str) -> str:
    """The environment that a directory or file name speaks of: `prod`, `my-app-staging`, `env.dev`; `` for none."""
    lowered = name.lower()
    if lowered in ENVIRONMENTS:
        return ENVIRONMENTS[lowered]
    parts = _SEPARATOR.split(lowered)
    if "non" in parts and any(ENVIRONMENTS.get(p) == PRODUCTION for p in parts):
        return "preview"
    found = {ENVIRONMENTS[p] for p in (parts[:1] + parts[-1:]) if p in ENVIRONMENTS}
    return found.pop() if len(found) == 1 else ""


def called_directories(modules: Iterable[ModuleSource]) -> frozenset[str]:
    """The directories that a local module call of `modules` reaches."""
    found: set[str] = set()
    for module in modules:
        for block in module.calls.values():
            source = block.body.attribute("source")
            if source is not None and isinstance(source.value, ast.Literal) and isinstance(source.value.value, str):
                text = source.value.value
                directory = local_directory(module.directory, text) if is_local(text) else None
                if directory is not None and directory != module.directory:
                    found.add(directory)
    return frozenset(found)


def plan_roots(tree: Tree, loader: Loader) -> list[RootPlan]:
    """Every root module in scope."""
    in_scope = sorted(d for d, files in loader.directories.items() if any(f.in_scope for f in files))
    modules = [m for m in (loader.module(d) for d in in_scope) if m is not None]
    called = called_directories(modules)
    var_files: dict[str, list[str]] = {}
    for file in tree.of(Format.TFVARS, in_scope=False):
        var_files.setdefault(file.directory, []).append(file.path)
    directories = [m.directory for m in modules]
    environments = _by_directory(directories)
    plans: list[RootPlan] = []
    elsewhere = _production_elsewhere(modules, called, var_files)
    for module in modules:
        automatic = [p for p in var_files.get(module.directory, ()) if _is_automatic(p)]
        if module.directory in called and not module.has_backend and not automatic:
            continue
        candidates = _candidates(module.directory, var_files, frozenset(directories))
        chosen = _production_files(candidates) or elsewhere.get(module.directory, ())
        why = "backend" if module.has_backend else "tfvars" if automatic or chosen else "uncalled"
        environment = environments.get(module.directory, "") or (PRODUCTION if chosen else "")
        configured = bool(module.has_backend or automatic or chosen or module.providers)
        plans.append(RootPlan(module.directory, environment, why, (*_in_order(automatic), *chosen), configured))
    return plans


def _production_elsewhere(
    modules: Sequence[ModuleSource], called: frozenset[str], var_files: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Production's var files that lie apart from any root (`envs/prod.tfvars` beside `terraform/`), where one root only
    can be meant: there is only one that is nobody's module."""
    directories = {m.directory for m in modules}
    roots = [m.directory for m in modules if m.directory not in called]
    if len(roots) != 1 or not roots[0]:
        return {}
    start = f"{roots[0]}/"
    apart = [p for place, paths in var_files.items() if place not in directories and not place.startswith(start) for p in paths]
    chosen = _production_files(sorted(apart))
    return {roots[0]: chosen} if chosen else {}


def _is_automatic(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))


def _in_order(paths: Sequence[str]) -> list[str]:
    """Terraform's order: `terraform.tfvars`, `terraform.tfvars.json`, then `*.auto.tfvars` by name."""
    return sorted(paths, key=lambda p: ({"terraform.tfvars": 0, "terraform.tfvars.json": 1}.get(p.rpartition("/")[2], 2), p))


def _candidates(directory: str, var_files: Mapping[str, Sequence[str]], directories: frozenset[str]) -> list[str]:
    """Var files that are given on the command line: beside the root, or in a directory below it that is no module."""
    start = f"{directory}/" if directory else ""
    found: list[str] = []
    for place, paths in var_files.items():
        below = place == directory or (place.startswith(start) and place not in directories and place.count("/") <= start.count("/") + 2)
        if below:
            found.extend(p for p in paths if place != directory or not _is_automatic(p))
    return sorted(found)


def _production_files(paths: Sequence[str]) -> tuple[str, ...]:
    """Of var files that tell environments apart, production's."""
    named: dict[str, list[str]] = {}
    for path in paths:
        name = path.rpartition("/")[2].removesuffix(".json").removesuffix(".tfvars")
        if _SAMPLE.search(name):
            continue
        parts = path.rpartition("/")[0].split("/")
        environment = environment_of(name) or next((e for p in reversed(parts) if (e := ENVIRONMENTS.get(p.lower(), ""))), "")
        if environment:
            named.setdefault(environment, []).append(path)
    return tuple(sorted(named.get(PRODUCTION, ())))


def _by_directory(directories: Sequence[str]) -> dict[str, str]:
    """The environment of each root whose path has a component with siblings of other environments, production among them."""
    siblings: dict[str, set[str]] = {}
    for directory in directories:
        parts = directory.split("/") if directory else []
        for depth, part in enumerate(parts):
            environment = environment_of(part)
            if environment:
                siblings.setdefault("/".join(parts[:depth]), set()).add(environment)
    found: dict[str, str] = {}
    for directory in directories:
        parts = directory.split("/") if directory else []
        for depth, part in enumerate(parts):
            environment = environment_of(part)
            around = siblings.get("/".join(parts[:depth]), set())
            if environment and PRODUCTION in around and len(around) > 1:
                found[directory] = environment
    return found
