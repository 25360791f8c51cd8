"""Helm charts, rendered with their own values; a template that is not rendered is a gap with the kinds its text names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Unknown, Value
from gonogo.sources.classify import KUBERNETES_KINDS, Format
from gonogo.sources.helm.chart import Failure, enabled, render_chart
from gonogo.sources.located import Node, located
from gonogo.sources.manifests.resources import resources_from_documents
from gonogo.sources.manifests.templating import kinds_in
from gonogo.sources.tree import Tree, TreeFile, Unreadable

SOURCE = "helm"
# What a chart from elsewhere installs that rules judge by itself. Its policies, roles, autoscalers and settings are for its
# own pods: they say nothing about the repository's, so that what is related to those stays complete.
BUILT_IN = ("apps/*", "batch/*", "core/Pod", "core/Service", "networking.k8s.io/Ingress")


def charts(tree: Tree) -> Iterator[Resource | Gap]:
    """A `helm/Chart` for each chart that is no subchart, the objects it renders, and a gap for each template it does not."""
    found = list(tree.of(Format.HELM_CHART))
    directories = {f.directory for f in found}
    for file in found:
        if not _is_subchart(file.directory, directories):
            yield from _chart(tree, file)


def unrendered(tree: Tree, reason: str) -> Iterator[Gap]:
    """A gap for each chart that is no subchart, where none is to be rendered."""
    found = list(tree.of(Format.HELM_CHART))
    directories = {f.directory for f in found}
    for file in found:
        if not _is_subchart(file.directory, directories):
            yield Gap(file.path, 0, Stage.RENDER, reason, SOURCE, ("helm/Chart", "kubernetes/Object", *KUBERNETES_KINDS))


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
    rendered = render_chart(tree, file.directory)
    for failure in rendered.failures:
        yield _gap(tree, failure)
    yield from resources_from_documents(rendered.documents, "", file.directory or ".")
    problem = parsed.error or ("" if root.text("name") else "Chart.yaml has no name")
    for dependency in root.maps("dependencies"):
        repository, name = dependency.text("repository"), dependency.text("name")
        condition = {"condition": dependency.text("condition")}
        if repository and not repository.startswith("file://") and not _vendored(tree, base, name) and enabled(condition, rendered.values):
            line = dependency.location.line if dependency.location else 0
            yield Gap(file.path, line, Stage.RENDER, f"the chart {name} of {repository} is not in the repository", SOURCE, BUILT_IN)
    failed = [f for f in rendered.failures if f.template]
    builds: Value = not problem
    if not problem and failed:
        builds = Unknown.because(f"{failed[0].file}:{failed[0].line}: {failed[0].reason}")
    attributes: dict[str, Value] = {
        "name": root.text("name") or None,
        "directory": file.directory or ".",
        "builds": builds,
        "problem": problem or None,
        "templates": rendered.rendered + len(failed),
    }
    place = Location(file.path, parsed.error_line or (root.location.line if root.location else 0))
    yield Resource("helm/Chart", file.path, attributes, {(): place}, source=SOURCE)


def _vendored(tree: Tree, base: str, name: str) -> bool:
    return any(p.startswith(f"{base}charts/{name}/") for p in tree.files)


def _gap(tree: Tree, failure: Failure) -> Gap:
    kinds: tuple[str, ...] = KUBERNETES_KINDS
    if failure.template:
        with contextlib.suppress(Unreadable):
            kinds = kinds_in(tree.text(failure.file), includes=True)
    return Gap(failure.file, failure.line, Stage.RENDER, failure.reason, SOURCE, kinds)
