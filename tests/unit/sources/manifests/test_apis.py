"""The life of API versions, out of `rules/kubernetes/apis.yaml`."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.located import Node, located
from gonogo.sources.manifests.apis import apis, written_in
from gonogo.sources.manifests.objects import objects_of


def _written_in(version: str, kind: str) -> Node | None:
    (document,) = read_yaml("a.yaml", f"kind: {kind}\napiVersion: {version}\nmetadata: {{name: a}}\n").documents
    (found,) = objects_of(located(document.value, document.locations))
    return written_in(found)


def test_the_table_keeps_to_its_schema() -> None:
    schema = json.loads((data_directory("schemas") / "kubernetes-apis.v1.json").read_text("utf-8"))
    written = yaml.safe_load((data_directory("rules") / "kubernetes" / "apis.yaml").read_text("utf-8"))
    jsonschema.validate(written, schema)
    pairs = [(row["version"], kind) for row in written["apis"] for kind in row["kinds"]]
    assert len(pairs) == len(set(pairs))
    for row in apis().rows.values():
        assert row.removed is None or row.since < row.removed


def test_the_life_stands_at_the_line_of_the_version() -> None:
    found = _written_in("batch/v1beta1", "CronJob")
    assert found is not None
    assert found.value() == {
        "version": "batch/v1beta1", "known": True, "since": 0, "deprecated": 21, "removed": 25, "instead": "batch/v1", "optional": False, "newest": 37,
    }  # fmt: skip
    assert found.location is not None
    assert found.location.line == 2


@pytest.mark.parametrize(
    ("version", "kind", "known"),
    [
        ("v1", "Pod", True),
        ("apps/v1", "Deployment", True),
        ("apps/v2", "Deployment", False),
        ("v1", "Deployment", False),
        ("extensions/v1beta1", "Ingress", True),
        ("gateway.networking.k8s.io/v1", "Gateway", None),
        ("v1", "Route", None),
    ],
)
def test_what_is_known(version: str, kind: str, known: bool | None) -> None:
    found = _written_in(version, kind)
    life = found.get("known") if found is not None else None
    assert (life.content if life is not None else None) is known


@pytest.mark.parametrize(
    ("version", "kind", "minor", "served"),
    [
        ("v1", "", 31, True),
        ("v1", "Service", 31, True),
        ("v1", "Deployment", 31, False),
        ("apps/v1", "", 16, True),
        ("apps/v1beta1", "", 16, False),
        ("policy/v1", "", 20, False),
        ("policy/v1", "PodDisruptionBudget", 31, True),
        ("policy/v1beta1", "PodSecurityPolicy", 24, True),
        ("policy/v1beta1", "PodSecurityPolicy", 31, False),
        ("apiregistration.k8s.io/v1", "", 31, True),
        ("resource.k8s.io/v1beta2", "", 33, False),  # only where it is turned on
        ("monitoring.coreos.com/v1", "", 31, False),
    ],
)
def test_what_a_version_of_kubernetes_serves(version: str, kind: str, minor: int, served: bool) -> None:
    assert apis().serves(minor, version, kind) is served
