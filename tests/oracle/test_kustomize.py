"""Kustomizations build to what `kubectl kustomize` builds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from gonogo.model.value import Value
from gonogo.sources.kustomize import Builder, read_kustomization
from gonogo.sources.tree import open_tree

FIXTURES = Path(__file__).parents[2] / "fixtures" / "kustomize"
KUBECTL = shutil.which("kubectl")

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed; it is the oracle for kustomizations")


@pytest.mark.parametrize("directory", ["shop/base", "shop/overlays/prod", "patches/base", "patches", "legacy", "replacements"])
def test_a_kustomization_builds_to_what_kubectl_builds(directory: str) -> None:
    assert _ours(directory) == _theirs(FIXTURES / directory)


def _ours(directory: str) -> dict[str, Value]:
    tree = open_tree(FIXTURES)
    found = read_kustomization(tree, f"{directory}/kustomization.yaml")
    assert found is not None
    build = Builder(tree).build(found)
    assert build.problems == []
    return _by_name([item.node.value() for item in build.objects])


def _theirs(directory: Path) -> dict[str, Value]:
    done = subprocess.run([str(KUBECTL), "kustomize", str(directory)], capture_output=True, text=True, timeout=60, check=True)
    return _by_name([document for document in yaml.safe_load_all(done.stdout) if document])


def _by_name(objects: list[Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for value in objects:
        assert isinstance(value, dict)
        metadata = value["metadata"]
        found[f"{value['apiVersion']} {value['kind']} {metadata.get('namespace', '')}/{metadata['name']}"] = value
    return found
