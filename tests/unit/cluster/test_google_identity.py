"""Whether a pod reads a key of Google Cloud, and whom its ServiceAccount acts as."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.cluster.google_identity import ANNOTATION, google_account, holds_key
from gonogo.model.value import Unknown
from gonogo.sources.manifests.placeholders import has_placeholder

PATH = "/var/key/key.json"


def pod(volume: dict[str, Any], path: object = PATH, mounts: tuple[str, ...] = ("/var/key",), name: str = "GOOGLE_APPLICATION_CREDENTIALS") -> dict[str, Any]:
    container = {"env": [{"name": name, "value": path}], "volumeMounts": [{"name": f"v{at}", "mountPath": mount} for at, mount in enumerate(mounts)]}
    return {"containers": [container], "volumes": [{"name": "v0", **volume}, {"name": "v1", "configMap": {"name": "c"}}]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, False),
        (pod({"secret": {"secretName": "key"}}), True),
        (pod({"secret": {"secretName": "key"}}, mounts=("/var/key/",)), True),
        (pod({"secret": {"secretName": "key"}}, mounts=("/var/key/key.json",)), True),
        (pod({"secret": {"secretName": "key"}}, mounts=("/",)), True),
        (pod({"secret": {"secretName": "key"}}, mounts=("/var", "/var/key")), False),
        (pod({"secret": {"secretName": "key"}}, mounts=("/var/ke",)), "?"),
        (pod({"secret": {"secretName": "key"}}, name="OTHER"), False),
        (pod({"secret": {"secretName": "key"}}, path=""), False),
        (pod({"secret": {"secretName": "key"}}, path=None), "?"),
        (pod({"secret": {"secretName": "key"}}, path="${FILE}"), "?"),
        (pod({"configMap": {"name": "key"}}), False),
        (pod({"projected": {"sources": [{"serviceAccountToken": {}}, {"configMap": {"name": "c"}}]}}), False),
        (pod({"projected": {"sources": [{"secret": {"name": "key"}}]}}), "?"),
        (pod({"csi": {"driver": "secrets-store.csi.k8s.io"}}), "?"),
        ({"containers": Unknown.because("they are not known")}, "?"),
    ],
)
def test_a_key_is_a_file_out_of_a_secret(spec: dict[str, Any], expected: object) -> None:
    found = holds_key(spec, has_placeholder)
    assert ("?" if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [("web@shop.iam.gserviceaccount.com", "web@shop.iam.gserviceaccount.com"), (None, None), ("web", "?"), ("web@PROJECT_ID.iam.gserviceaccount.com", "?"), ("${A}@shop.iam.gserviceaccount.com", "?"), (7, "?")],
)
def test_the_annotation_names_a_google_service_account(annotation: object, expected: object) -> None:
    found = google_account({"metadata": {"annotations": {ANNOTATION: annotation}}}, has_placeholder)  # type: ignore[dict-item]
    assert ("?" if isinstance(found, Unknown) else found) == expected


def test_a_service_account_without_annotations_names_none() -> None:
    assert google_account({"metadata": {}}, has_placeholder) is None
