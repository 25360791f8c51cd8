"""`--no-render`: what charts and kustomizations deploy is unknown, what lies there plainly is judged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from running import scan

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "helm" / "shop", tmp_path / "chart")
    shutil.copytree(FIXTURES / "kustomize" / "shop", tmp_path / "shop")
    (tmp_path / "worker.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker}\nspec:\n  selector: {matchLabels: {app: worker}}\n  template:\n"
        "    metadata: {labels: {app: worker}}\n    spec: {containers: [{name: worker, image: 'worker:1'}]}\n"
    )
    return tmp_path


def test_each_chart_and_kustomization_is_a_gap(repository: Path) -> None:
    gaps = {gap["file"] for gap in scan(repository, "--no-render").document["gaps"] if gap["reason"] == "it is not rendered: --no-render"}
    assert "chart/Chart.yaml" in gaps
    assert any(path.startswith("shop/overlays/") for path in gaps)
    assert not any(gap["reason"].startswith("it is not rendered") for gap in scan(repository).document["gaps"])


def test_nothing_of_them_is_judged_and_nothing_passes_for_it(repository: Path) -> None:
    found = scan(repository, "--no-render").document
    workloads = {f["subject"]["name"] for f in found["findings"] if f["subject"]["kind"].startswith("apps/")}
    assert workloads == {"default/worker"}
    verdicts = {c["id"]: c["verdict"] for c in found["controls"]}
    assert verdicts["k8s-probes"] == "violated"
    assert verdicts["k8s-helm-or-kustomize"] == "unknown"
    assert {c for c, v in verdicts.items() if c.startswith("k8s-") and v == "satisfied"} == set()
