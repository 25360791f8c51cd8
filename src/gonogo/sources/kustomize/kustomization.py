"""A kustomization file as it is written."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.model.location import Location
from gonogo.sources.kustomize.item import BuildError
from gonogo.sources.located import Node, located
from gonogo.sources.tree import Tree, Unreadable

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_KNOWN = frozenset({
    "apiVersion", "kind", "metadata", "resources", "bases", "components", "patches", "patchesStrategicMerge", "patchesJson6902",
    "namespace", "namePrefix", "nameSuffix", "commonLabels", "labels", "commonAnnotations", "images", "imageTags", "replicas",
    "configMapGenerator", "secretGenerator", "generatorOptions", "crds", "configurations", "openapi", "vars", "validators",
    "buildMetadata", "sortOptions", "generators", "transformers", "replacements", "helmCharts",
    "helmChartInflationGenerator", "helmGlobals",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kustomization:
    """`root` is the whole document; `path` the file, `directory` where its paths start."""

    path: str
    directory: str
    root: Node

    @property
    def is_component(self) -> bool:
        return self.root.text("kind") == "Component"

    def references(self) -> list[Node]:
        """What it takes objects from: files, directories and URLs, in the order they are read."""
        found: list[Node] = []
        for member in ("resources", "bases", "components"):
            listed = self.root.get(member)
            found += [i for i in listed.items if isinstance(i.content, str)] if listed is not None else []
        return found

    def files(self) -> list[str]:
        """Every other file it names: patches, generator and configuration files."""
        root = self.root
        names = [*root.texts("patchesStrategicMerge"), *root.texts("crds"), *root.texts("configurations"), *root.texts("patches")]
        names += [*root.texts("generators"), *root.texts("transformers"), *root.texts("validators")]
        for member in ("patches", "patchesJson6902", "replacements"):
            names += [path for entry in root.maps(member) if (path := entry.text("path"))]
        for member in ("configMapGenerator", "secretGenerator"):
            for entry in root.maps(member):
                names += [f.rpartition("=")[2] for f in (*entry.texts("files"), *entry.texts("envs"), *entry.texts("env"))]
        return [n for n in names if "\n" not in n]


def is_remote(reference: str) -> bool:
    """Whether a resource is a URL or a git repository rather than a path (kustomize's `NewRepoSpecFromURL`)."""
    return "://" in reference or reference.startswith(("git@", "github.com/", "gitlab.com/", "bitbucket.org/")) or "?ref=" in reference


def read_kustomization(tree: Tree, path: str) -> Kustomization | None:
    """The kustomization in a file; None where the file is another tool's (a Flux `Kustomization`). Raises `BuildError`."""
    try:
        parsed = tree.yaml(path)
    except Unreadable as error:
        raise BuildError(str(error)) from error
    if parsed.error:
        raise BuildError(parsed.error, Location(path, parsed.error_line))
    documents = [d for d in parsed.documents if d.value is not None]
    root = located(documents[0].value, documents[0].locations) if documents else Node({})
    if root.text("apiVersion").startswith("kustomize.toolkit.fluxcd.io"):
        return None
    if not isinstance(root.content, dict):
        raise BuildError("a kustomization is a mapping", root.location)
    return Kustomization(path, path.rpartition("/")[0], root)


def unknown_fields(found: Kustomization) -> list[Node]:
    """Members that kustomize does not know and refuses."""
    return [node for name, node in found.root.fields.items() if name not in _KNOWN]
