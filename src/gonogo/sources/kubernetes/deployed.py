"""What of a tree is deployed: kustomization roots, and the manifests that no kustomization or chart speaks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.sources.classify import KUBERNETES_KINDS, Format
from gonogo.sources.kubernetes.environments import environments_of
from gonogo.sources.kubernetes.templates import holds_manifests
from gonogo.sources.kustomize.build import SOURCE, find_kustomization, resolve
from gonogo.sources.kustomize.item import BuildError
from gonogo.sources.kustomize.kustomization import Kustomization, is_remote, read_kustomization
from gonogo.sources.located import located
from gonogo.sources.tree import Tree, TreeFile, Unreadable

UNREFERENCED = "unreferenced"
"""The environment of manifests that lie beside those of a kustomization and are not listed by it: seen, never judged."""


@dataclass(slots=True)
class Deployment:
    """The kustomizations to build with their environments, and the plain manifests with theirs."""

    roots: list[tuple[Kustomization, str]] = field(default_factory=list)
    manifests: list[tuple[TreeFile, str]] = field(default_factory=list)
    siblings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: list[tuple[str, BuildError]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def deployment_of(tree: Tree) -> Deployment:
    """Read every kustomization in scope and decide what is deployed."""
    result = Deployment()
    found: dict[str, Kustomization] = {}
    plain = [*tree.of(Format.KUBERNETES), *(f for f in tree.of(Format.KUBERNETES_TEMPLATE) if holds_manifests(tree, f))]
    for file in tree.of(Format.KUSTOMIZATION):
        try:
            kustomization = read_kustomization(tree, file.path)
        except BuildError as error:
            result.broken.append((file.path, error))
            place = error.place or Location(file.path)
            reason = f"the kustomization does not build: {error}"
            result.gaps.append(Gap(place.file, place.line, Stage.PARSE, reason, SOURCE, KUBERNETES_KINDS))
            continue
        if kustomization is None:
            plain.append(file)
        else:
            found[file.path] = kustomization
    listed, referenced = _references(tree, found)
    roots = [k for path, k in sorted(found.items()) if path not in referenced and not k.is_component]
    manifests = [f for f in sorted(plain, key=lambda f: f.path) if f.path not in listed and not _in_chart(tree, f.path)]
    environments = environments_of([k.directory for k in roots] + [f.directory for f in manifests])
    result.roots = [(k, environments[k.directory]) for k in roots]
    result.siblings = _siblings(result.roots)
    spoken_for = _directories(found, listed)
    applied = frozenset(_applied_by_skaffold(tree))
    for file in manifests:
        left_out = file.directory in spoken_for and file.path not in applied
        result.manifests.append((file, UNREFERENCED if left_out else environments[file.directory]))
    return result


def _references(tree: Tree, found: Mapping[str, Kustomization]) -> tuple[set[str], set[str]]:
    """The files that kustomizations name, and the kustomizations that others build on."""
    listed: set[str] = set()
    referenced: set[str] = set()
    for kustomization in found.values():
        for node in kustomization.references():
            path = None if is_remote(str(node.content)) else resolve(kustomization.directory, str(node.content))
            if path is None:
                continue
            listed.add(path)
            child = find_kustomization(tree, path) if path not in tree.files else None
            if child is not None and child != kustomization.path:
                referenced.add(child)
        for name in kustomization.files():
            path = resolve(kustomization.directory, name)
            if path is not None:
                listed.add(path)
    return listed, referenced


def _directories(found: Mapping[str, Kustomization], listed: set[str]) -> set[str]:
    """The directories whose manifests kustomizations choose from: their own, and those they name a file of."""
    return {k.directory for k in found.values()} | {path.rpartition("/")[0] for path in listed if path.endswith((".yaml", ".yml", ".json"))}


def _in_chart(tree: Tree, path: str) -> bool:
    """Whether a file belongs to a Helm chart: its templates, custom resource definitions or subcharts are rendered, not applied."""
    parts = path.split("/")
    for depth in range(len(parts) - 1):
        if parts[depth] in ("templates", "crds", "charts"):
            base = "/".join(parts[:depth])
            if any((f"{base}/{name}" if base else name) in tree.files for name in ("Chart.yaml", "Chart.yml")):
                return True
    return False


def _siblings(roots: list[tuple[Kustomization, str]]) -> dict[str, tuple[str, ...]]:
    """For each root with an environment, the other environments of the tree that have a root of their own."""
    named = {environment for _, environment in roots if environment}
    return {k.path: tuple(sorted(named - {environment})) if environment else () for k, environment in roots}


def _applied_by_skaffold(tree: Tree) -> Iterator[str]:
    """Manifests that skaffold applies as they are (`manifests.rawYaml`, formerly `deploy.kubectl.manifests`)."""
    for file in tree.of(Format.KUBERNETES):
        if not file.name.startswith("skaffold"):
            continue
        try:
            documents = tree.yaml(file.path).documents
        except Unreadable:
            continue
        for document in documents:
            root = located(document.value, document.locations)
            for pattern in (*root.texts("manifests", "rawYaml"), *root.texts("deploy", "kubectl", "manifests")):
                resolved = resolve(file.directory, pattern)
                if resolved is not None:
                    yield from (p for p in tree.files if fnmatchcase(p, resolved))


