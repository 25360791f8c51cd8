"""Objects that have an operator install a Helm chart: Flux, K3s, Argo CD."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from gonogo.model.location import locate
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Value, lookup
from gonogo.sources.kubernetes.charts import BUILT_IN
from gonogo.sources.manifests.resources import SOURCE
from gonogo.sources.members import items
from gonogo.sources.tree import Tree

_FLUX = "helm.toolkit.fluxcd.io/HelmRelease"  # https://fluxcd.io/flux/components/helm/helmreleases/
_K3S = "helm.cattle.io/HelmChart"  # https://docs.k3s.io/helm
_ARGO_CD = "argoproj.io/Application"  # https://argo-cd.readthedocs.io/en/stable/user-guide/helm/


def unread_charts(tree: Tree, resource: Resource) -> Iterator[Gap]:
    """A gap for each chart that a resource installs and the repository does not hold: what it renders to is not seen."""
    for chart in _charts(resource):
        if not _held(tree, chart):
            place = locate(resource.locations, ("spec", "chart"))
            reason = f"the chart {chart or 'that it names'} of {resource.kind} {resource.name} is not in the repository"
            yield Gap(place.file if place else "", place.line if place else 0, Stage.RENDER, reason, SOURCE, BUILT_IN)


def _charts(resource: Resource) -> Iterator[str]:
    spec = resource.attributes.get("spec")
    if resource.kind == _FLUX:
        yield _text(lookup(spec, "chart", "spec", "chart")) or _text(lookup(spec, "chartRef", "name"))
    elif resource.kind == _K3S:
        yield _text(lookup(spec, "chart"))
    elif resource.kind == _ARGO_CD:
        for source in (lookup(spec, "source"), *items(lookup(spec, "sources"))):
            # Without `chart` it installs a directory of a git repository, which may be this one.
            if isinstance(source, Mapping) and source.get("chart"):
                yield _text(source["chart"])


def _held(tree: Tree, chart: str) -> bool:
    return "/" in chart and posixpath.normpath(f"{chart}/Chart.yaml") in tree.files


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
