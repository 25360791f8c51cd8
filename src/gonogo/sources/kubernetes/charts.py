"""Helm charts as they lie in the tree, not rendered: each template is a gap with the kinds its text names.

A renderer takes the place of `charts`; it hands its documents to `manifests.resources_from_documents`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Unknown, Value
from gonogo.sources.classify import Format
from gonogo.sources.located import Node, located
from gonogo.sources.manifests.templating import kinds_in
from gonogo.sources.tree import Tree, TreeFile, Unreadable

SOURCE = "helm"
# What a chart from elsewhere is taken to install: objects of Kubernetes itself.
_BUILT_IN = ("apps/*", "batch/*", "core/*", "networking.k8s.io/*", "rbac.authorization.k8s.io/*", "autoscaling/*", "policy/*")
_NOT_RENDERED = "a Helm template, not rendered"


def charts(tree: Tree) -> Iterator[Resource | Gap]:
    """A `helm/Chart` for each chart that is no subchart, and a gap for each of its templates."""
    found = [f for f in tree.of(Format.HELM_CHART)]
    directories = {f.directory for f in found}
    for file in found:
        if not _is_subchart(file.directory, directories):
            yield from _chart(tree, file)


def _is_subchart(directory: str, directories: set[str]) -> bool:
    parent, _, _ = directory.rpartition("/")
    return parent.rpartition("/")[2] == "charts" and parent.rpartition("/")[0] in directories or parent == "charts" and "" in directories


def _chart(tree: Tree, file: TreeFile) -> Iterator[Resource | Gap]:
    try:
        parsed = tree.yaml(file.path)
    except Unreadable as error:
        yield Gap(file.path, 0, Stage.READ, str(error), SOURCE, file.format.kinds)
        return
    root = located(parsed.documents[0].value, parsed.documents[0].locations) if parsed.documents else Node({})
    base = f"{file.directory}/" if file.directory else ""
    templates = [f for p, f in sorted(tree.files.items()) if p.startswith(f"{base}templates/") or p.startswith(f"{base}charts/")]
    templates = [f for f in templates if f.format in (Format.HELM_TEMPLATE, Format.KUBERNETES) and not f.name.startswith("NOTES")]
    for template in templates:
        yield from _gap(tree, template)
    problem = parsed.error or ("" if root.text("name") else "Chart.yaml has no name")
    for dependency in root.maps("dependencies"):
        repository, name = dependency.text("repository"), dependency.text("name")
        if repository and not repository.startswith("file://") and not _vendored(tree, base, name):
            line = dependency.location.line if dependency.location else 0
            yield Gap(file.path, line, Stage.RENDER, f"the chart {name} of {repository} is not in the repository", SOURCE, _BUILT_IN)
    attributes: dict[str, Value] = {
        "name": root.text("name") or None,
        "directory": file.directory or ".",
        "builds": False if problem else Unknown.because(f"{file.path}: the chart was not rendered"),
        "problem": problem or None,
        "templates": len(templates),
    }
    place = Location(file.path, parsed.error_line or (root.location.line if root.location else 0))
    yield Resource("helm/Chart", file.path, attributes, {(): place}, source=SOURCE)


def _vendored(tree: Tree, base: str, name: str) -> bool:
    return any(p.startswith(f"{base}charts/{name}/") for p in tree.files)


def _gap(tree: Tree, template: TreeFile) -> Iterator[Gap]:
    try:
        kinds = kinds_in(tree.text(template.path), includes=True)
    except Unreadable as error:
        yield Gap(template.path, 0, Stage.READ, str(error), SOURCE, template.format.kinds)
        return
    if not template.name.startswith("_"):
        yield Gap(template.path, 1, Stage.RENDER, _NOT_RENDERED, SOURCE, kinds)
