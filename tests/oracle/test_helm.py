"""Our renderer gives what Helm gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gonogo.sources.helm.chart import render_chart
from gonogo.sources.tree import open_tree

CHART = Path(__file__).parents[2] / "fixtures" / "helm" / "shop"


def ours() -> dict[str, list[Any]]:
    rendered = render_chart(open_tree(CHART, exclude=(), standalone=True), "")
    assert rendered.failures == []
    found: dict[str, list[Any]] = {}
    for document in rendered.documents:
        found.setdefault(document.file, []).append(document.value)
    return found


def test_a_chart_of_many_constructs_renders_as_helm_renders_it() -> None:
    helm = pytest.importorskip("helm_python.chart", reason="Helm's own renderer (helm-python-sdk) is not installed")
    with helm.Chart.load(str(CHART)) as chart:
        manifests = chart.render(name="release-name", namespace="default")
    theirs = {
        path.split("/", 1)[1]: documents
        for path, text in manifests.items()
        if (documents := [d for d in yaml.load_all(text, yaml.CSafeLoader) if d])
    }
    assert ours() == theirs


def test_values_that_decide_are_placed_at_the_line_of_the_template() -> None:
    rendered = render_chart(open_tree(CHART, exclude=(), standalone=True), "")
    places = {d.file: d.locations for d in rendered.documents}
    deployment = places["templates/web.yaml"]
    assert deployment["spec", "replicas"].line == 10
    assert deployment["spec", "template", "spec", "containers", 0, "image"].line == 20
    assert deployment["spec", "template", "spec", "containers", 0, "readinessProbe"].line == 35


def test_subcharts_that_are_off_are_not_rendered() -> None:
    assert "charts/cache/templates/cache.yaml" in ours()
    assert not any("metrics" in path for path in ours())
