"""Charts that an operator installs: what they render to is not seen, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.resource import Gap
from gonogo.sources.kubernetes import KubernetesSource
from gonogo.sources.tree import open_tree

_FLUX = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop}
spec:
  chart:
    spec: {chart: CHART, sourceRef: {kind: GitRepository, name: shop}}
"""
_K3S = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: shop}\nspec: {chart: CHART}\n"
_ARGO_CD = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n  source: {repoURL: https://charts.example.com, chart: CHART}\n"
_REFERENCE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\nspec:\n  chartRef: {kind: OCIRepository, name: CHART}\n"
_SEVERAL = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n  sources: [{chart: CHART}, {path: values}]\n"


def _gaps(root: Path) -> list[Gap]:
    return [g for g in KubernetesSource().read(open_tree(root)) if isinstance(g, Gap)]


@pytest.mark.parametrize("release", [_FLUX, _K3S, _ARGO_CD, _REFERENCE, _SEVERAL])
def test_a_chart_from_elsewhere_is_a_gap_in_the_workloads(tmp_path: Path, release: str) -> None:
    (tmp_path / "release.yaml").write_text(release.replace("CHART", "shop"))
    gaps = _gaps(tmp_path)
    assert [(g.file, "apps/*" in g.kinds) for g in gaps] == [("release.yaml", True)]
    assert "the chart shop" in gaps[0].reason


def test_a_chart_of_the_repository_is_read_as_a_chart(tmp_path: Path) -> None:
    (tmp_path / "charts" / "shop").mkdir(parents=True)
    (tmp_path / "charts" / "shop" / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (tmp_path / "release.yaml").write_text(_FLUX.replace("CHART", "./charts/shop"))
    assert _gaps(tmp_path) == []


def test_an_application_of_a_directory_installs_no_chart(tmp_path: Path) -> None:
    (tmp_path / "application.yaml").write_text(_ARGO_CD.replace("chart: CHART", "path: deploy"))
    assert _gaps(tmp_path) == []


def test_a_release_besides_production_leaves_no_kind_incomplete(tmp_path: Path) -> None:
    for environment in ("production", "staging"):
        directory = tmp_path / "overlays" / environment
        directory.mkdir(parents=True)
        (directory / "kustomization.yaml").write_text("resources: [release.yaml]\n")
        (directory / "release.yaml").write_text(_K3S.replace("CHART", environment))
    assert sorted((g.reason.split()[2], bool(g.kinds)) for g in _gaps(tmp_path)) == [("production", True), ("staging", False)]
