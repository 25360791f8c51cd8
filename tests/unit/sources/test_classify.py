from __future__ import annotations

import pytest

from gonogo.sources.classify import Format, classify


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Dockerfile", "", Format.DOCKERFILE),
        ("build/dockerfile", "", Format.DOCKERFILE),
        ("build/api.Dockerfile", "", Format.DOCKERFILE),
        ("Dockerfile.prod", "", Format.DOCKERFILE),
        ("Containerfile", "", Format.DOCKERFILE),
        ("Dockerfile.md", "", Format.OTHER),
        ("api.Dockerfile.dockerignore", "", Format.DOCKERIGNORE),
        ("infra/main.tofu", "", Format.TERRAFORM),
        ("prod.tfvars.json", "", Format.TFVARS),
        ("deploy/stack.yml", "services:\n  api:\n    build: .\n", Format.COMPOSE),
        ("deploy/api.yml", "apiVersion: v1\nkind: Service\n", Format.KUBERNETES),
        ("chart/templates/api.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n", Format.HELM_TEMPLATE),
        ("chart/templates/plain.yaml", "apiVersion: v1\nkind: Service\n", Format.KUBERNETES),
        (".github/workflows/ci.yml", "on: push\njobs: {}\n", Format.GITHUB_WORKFLOW),
        ("sub/.github/workflows/ci.yml", "on: push\n", Format.GITHUB_WORKFLOW),
        ("ops/deploy.yaml", "steps:\n- name: gcr.io/cloud-builders/docker\n  args: [build]\n", Format.CLOUD_BUILD),
        ("d.json", '{"panels": [], "schemaVersion": 36}', Format.GRAFANA_DASHBOARD),
        ("bin/deploy", "#!/usr/bin/env bash\n", Format.SHELL),
        ("values.yaml", "replicas: 1\n", Format.YAML),
    ],
)
def test_classify(path: str, text: str, expected: Format) -> None:
    assert classify(path, lambda: text) is expected
