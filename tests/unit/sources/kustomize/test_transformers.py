"""Transformers that a kustomization configures itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.resource import Gap, Resource
from gonogo.model.value import lookup
from gonogo.sources.kubernetes import KubernetesSource
from gonogo.sources.tree import open_tree

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web:1}]}
"""
_LABELS = """\
apiVersion: builtin
kind: LabelTransformer
metadata: {name: labels}
labels: {env: production}
"""
_SPECS = """\
fieldSpecs:
- {path: metadata/labels, create: true}
- {path: spec/template/metadata/labels, group: apps, kind: Deployment}
"""


def _read(root: Path, transformer: str, *, written_there: bool = False) -> tuple[list[Resource], list[Gap]]:
    entry = "- |\n" + "".join(f"  {line}\n" for line in transformer.splitlines()) if written_there else "- transformer.yaml\n"
    (root / "kustomization.yaml").write_text(f"resources: [web.yaml]\ntransformers:\n{entry}")
    (root / "web.yaml").write_text(_DEPLOYMENT)
    (root / "transformer.yaml").write_text(transformer)
    found = [*KubernetesSource().read(open_tree(root))]
    return [r for r in found if isinstance(r, Resource)], [g for g in found if isinstance(g, Gap)]


@pytest.mark.parametrize("written_there", [False, True])
def test_labels_are_set_where_the_field_specs_say(tmp_path: Path, written_there: bool) -> None:
    resources, gaps = _read(tmp_path, _LABELS + _SPECS, written_there=written_there)
    assert gaps == []
    web = next(r.attributes for r in resources if r.kind == "apps/Deployment")
    assert lookup(web, "metadata", "labels") == {"env": "production"}
    assert lookup(web, "pod", "labels") == {"app": "web", "env": "production"}
    assert lookup(web, "spec", "selector", "matchLabels") == {"app": "web"}


def test_without_field_specs_nothing_changes(tmp_path: Path) -> None:
    resources, gaps = _read(tmp_path, _LABELS)
    assert gaps == []
    assert [lookup(r.attributes, "pod", "labels") for r in resources if r.kind == "apps/Deployment"] == [{"app": "web"}]


@pytest.mark.parametrize("transformer", ["apiVersion: v1\nkind: ValueAnnotator\n", _LABELS.replace("builtin", "example.com/v1")])
def test_another_transformer_is_a_gap(tmp_path: Path, transformer: str) -> None:
    _, gaps = _read(tmp_path, transformer)
    assert [(g.file, "apps/*" in g.kinds) for g in gaps] == [("transformer.yaml", True)]


def test_a_transformer_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\ntransformers: [nothing.yaml]\n")
    (tmp_path / "web.yaml").write_text(_DEPLOYMENT)
    gaps = [g for g in KubernetesSource().read(open_tree(tmp_path)) if isinstance(g, Gap)]
    assert [(g.file, "apps/*" in g.kinds) for g in gaps] == [("kustomization.yaml", True)]
