"""What the API of Kubernetes refuses, and what is left alone because it is not known."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.located import located
from gonogo.sources.manifests.objects import objects_of
from gonogo.sources.manifests.structure import misfits

_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: a\n"
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n"


def _told(text: str) -> list[str]:
    """`line: problem` of each."""
    found = []
    for document in read_yaml("a.yaml", text).documents:
        for object_ in objects_of(located(document.value, document.locations)):
            for problem in misfits(object_):
                assert problem.location is not None
                found.append(f"{problem.location.line}: {problem.content}")
    return found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            _POD + "      imagePullPolcy: Always\n",
            "8: `spec.containers[0].imagePullPolcy` is not in the API of Kubernetes 1.37 (is it `imagePullPolicy`?)",
        ),
        (_POD + "  replicas: 2\n", "8: `spec.replicas` is not in the API of Kubernetes 1.37"),
        (_POD + "      ports: [{containerPort: '80'}]\n", "8: `spec.containers[0].ports[0].containerPort` must be an integer, and is the text '80'"),
        (_POD + "      ports: [{name: web}]\n", "8: `spec.containers[0].ports[0].containerPort` is missing"),
        (_POD + "      env: [{name: A, value: 1}]\n", "8: `spec.containers[0].env[0].value` must be a string, and is a number"),
        (_POD + "      env: [{name: A, value: true}]\n", "8: `spec.containers[0].env[0].value` must be a string, and is true"),
        (_POD + "      env: {A: b}\n", "8: `spec.containers[0].env` must be a sequence, and is a mapping"),
        (_POD + "      resources: [cpu]\n", "8: `spec.containers[0].resources` must be a mapping, and is a sequence"),
        (
            _POD + "      resources: {limits: {memory: 512MB}}\n",
            "8: `spec.containers[0].resources.limits['memory']` must be a quantity, and is the text '512MB'",
        ),
        (
            _POD + "      imagePullPolicy: always\n",
            "8: `spec.containers[0].imagePullPolicy` must be one of Always, IfNotPresent, Never, and is the text 'always'",
        ),
        (_SERVICE + "  ports: [{port: 80, targetPort: true}]\n", "5: `spec.ports[0].targetPort` must be an integer or a string, and is true"),
        (_SERVICE + "  ports: [{port: 80.5}]\n", "5: `spec.ports[0].port` must be an integer, and is a number"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {version: 1}\n", "5: `metadata.labels['version']` must be a string, and is a number"),
    ],
)
def test_what_the_api_refuses(text: str, problem: str) -> None:
    assert _told(text) == [problem]


@pytest.mark.parametrize(
    "text",
    [
        _POD + "      env: [{name: A, value: null}]\n",
        _POD + "      ports: [{containerPort: '${PORT}'}, {containerPort: $PORT}, {containerPort: '{{ port }}'}]\n",
        _POD + "      resources: {limits: {cpu: 1, memory: 1.5Gi, ephemeral-storage: 1e9, 'nvidia.com/gpu': '1'}}\n",
        _POD + "      imagePullPolicy: $(PULL)\n",
        _POD + "      imagePullPolicy: ''\n",
        _POD + "status: {phase: 1}\n",
        _SERVICE + "  ports: [{port: 80.0, targetPort: web}]\n",
        _SERVICE + "  $patch: delete\n  port: 80\n",
        _SERVICE + "  ${EXTRA}: 80\n  port: 80\n",
        # what somebody's `sed` fills in
        _POD + "      ports: [{containerPort: WEB_PORT}]\n      resources: {limits: {memory: MEMORY_LIMIT}}\n      imagePullPolicy: PULL_POLICY\n",
        _SERVICE + "  HELMSUBST_PORTS: ''\n  port: 80\n",
        _SERVICE + "  ports:\n    HELMSUBST_PORTS: ''\n",
        _SERVICE + "  nothing: null\n",
        # what no table has: a kind of somebody's own, a version that is no longer served, a newer one
        "apiVersion: example.com/v1\nkind: Web\nmetadata: {name: a}\nspec: {a: 1}\n",
        "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\nspec: {rollbackTo: 1}\n",
        "apiVersion: apps/v2\nkind: Deployment\nmetadata: {name: a}\nspec: {a: 1}\n",
        "apiVersion: ../../catalogue/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {a: 1}\n",
        # SOPS
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: 1}\nsops: {mac: a}\n",
    ],
)
def test_what_is_not_known_is_not_judged(text: str) -> None:
    assert _told(text) == []


def test_a_part_of_an_object_is_not_judged_unless_it_must_be_whole() -> None:
    (document,) = read_yaml("a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{prt: 80}]}\n").documents
    (object_,) = objects_of(located(document.value, document.locations))
    assert [problem.content for problem in misfits(object_)] == [
        "`spec.ports[0].port` is missing",
        "`spec.ports[0].prt` is not in the API of Kubernetes 1.37 (is it `port`?)",
    ]
    assert misfits(object_, whole=False) == []


def test_ten_are_told() -> None:
    assert len(_told(_SERVICE + "".join(f"  {'abcdefghijklmno'[i]}x: 1\n" for i in range(15)))) == 10


def test_the_tables_keep_to_their_schema() -> None:
    schema = json.loads((data_directory("schemas") / "kubernetes-schema.v1.json").read_text("utf-8"))
    files: list[Path] = [*(data_directory("rules") / "kubernetes" / "schema").glob("*.json")]
    assert len(files) >= 19
    for path in files:
        jsonschema.validate(json.loads(path.read_text("utf-8")), schema)
