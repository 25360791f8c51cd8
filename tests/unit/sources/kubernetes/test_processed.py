"""What pipelines and scripts give to OpenShift templates."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.kubernetes.processed import FILE, given_parameters
from gonogo.sources.tree import open_tree

WORKFLOW = ".github/workflows/deploy.yml"
STEP = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - "


def given(root: Path, files: dict[str, str]) -> dict[str, str | None]:
    for path, text in {"deploy/web.yaml": "kind: Template\napiVersion: v1\n", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return {name: argument.value for name, argument in given_parameters(open_tree(root)).to("deploy/web.yaml").items()}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("oc process -f deploy/web.yaml -p A=1 -p B='two words' | oc apply -f -", {"A": "1", "B": "two words"}),
        ("oc process --filename=deploy/web.yaml --param=A=1 --param B=2", {"A": "1", "B": "2"}),
        ("oc -n prod process -f deploy/web.yaml A=1", {"A": "1"}),
        ("oc process -f deploy/web.yaml -pA=1 -l app=web -o yaml", {"A": "1"}),
        ("oc process -f ./deploy/web.yaml \\\n  -p A=1 \\\n  -p B=$SECRET", {"A": "1", "B": None}),
        ("TAG=7\noc process -f deploy/web.yaml -p A=$TAG", {"A": "7"}),
        ("cd deploy && oc process -f web.yaml -p A=1", {"A": "1"}),
        ("oc apply -f <(oc process -f deploy/web.yaml -p A=1)", {"A": "1"}),
        ("oc new-app --file=deploy/web.yaml -p A=1", {"A": "1"}),
        ("oc process -f deploy/web.yaml --param-file=prod.env -p B=3", {"A": "from file", "B": "3", "C": None}),
        ("oc process -f deploy/web.yaml -p A=1\noc process -f deploy/web.yaml -p A=2 -p B=3", {"A": None, "B": None}),
        ('oc process -f "$TEMPLATE" -p A=1', {"A": None}),
        ("oc process -f deploy/other.yaml -p A=1", {"A": None}),
        ("# oc process -f deploy/web.yaml -p A=1", {}),
        ("echo oc process -f deploy/web.yaml -p A=1", {}),
        ("docker process -f deploy/web.yaml -p A=1 # oc process", {}),
        ("oc process -f deploy/web.yaml -p 'A", {}),
    ],
)
def test_a_script_gives_what_it_says(tmp_path: Path, script: str, expected: dict[str, str | None]) -> None:
    assert given(tmp_path, {"deploy.sh": f"#!/bin/sh\n{script}\n", "prod.env": "# x\nA='from file'\nB=2\nC=${HOME}\n"}) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (WORKFLOW, STEP + "run: oc process -f deploy/web.yaml -p A=1 -p B=${{ inputs.b }}\n", {"A": "1", "B": None}),
        (WORKFLOW, STEP + "name: oc process -f deploy/web.yaml -p A=1\n        run: make\n", {}),
        (
            WORKFLOW,
            STEP + "uses: bcgov/action-deployer-openshift@v4\n        with:\n          file: deploy/web.yaml\n          parameters: -p A=1\n            -p B=${{ inputs.b }}\n",
            {"A": "1", "B": None},
        ),
        (WORKFLOW, STEP + "uses: x/action-deployer-openshift@v4\n        with: {file: deploy/web.yaml, parameters: -p A=1}\n", {}),
        (".gitlab-ci.yml", "deploy:\n  script:\n    - oc process -f deploy/web.yaml -p A=1 | oc apply -f -\n", {"A": "1"}),
        ("Makefile", "deploy:\n\t@oc process -f deploy/web.yaml -p A=1 \\\n\t  -p B=$(TAG) | oc apply -f -\n", {"A": "1", "B": None}),
    ],
)
def test_a_pipeline_gives_what_it_says(tmp_path: Path, path: str, text: str, expected: dict[str, str | None]) -> None:
    assert given(tmp_path, {path: text}) == expected


@pytest.mark.parametrize("text", ["oc " * 100_000, "oc process " + "${{" * 100_000, "oc process $" + "{" * 100_000, "oc process -f deploy/web.yaml -p A=" + "$(" * 5_000])
def test_a_script_made_to_take_long_does_not(tmp_path: Path, text: str) -> None:
    started = time.monotonic()
    given(tmp_path, {"deploy.sh": text, WORKFLOW: STEP + "run: " + json.dumps(text) + "\n"})
    assert time.monotonic() - started < 20


def test_the_table_is_as_its_schema_says() -> None:
    schema = json.loads((data_directory("schemas") / "kubernetes-openshift.v1.json").read_text("utf-8"))
    table = read_yaml(FILE, (data_directory("rules") / "kubernetes" / FILE).read_text("utf-8")).documents[0].value
    assert [e.message for e in Draft202012Validator(schema).iter_errors(table)] == []
