"""Who installed an object, by the labels and annotations that tools leave."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.sources.cluster.lists import load_lists
from gonogo.sources.cluster.owners import installed_by

MARKS = load_lists().owners


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web"}}, "Argo CD: web"),
        ({"labels": {"argocd.argoproj.io/instance": "web"}}, "Argo CD: web"),
        ({"annotations": {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"}}, "Helm: shop/web"),
        ({"annotations": {"meta.helm.sh/release-name": "web"}}, "Helm: web"),
        ({"labels": {"helm.toolkit.fluxcd.io/name": "web"}}, "Flux: web"),
        # Argo CD renders charts: what it tracks is its own, whatever the chart says.
        ({"annotations": {"argocd.argoproj.io/tracking-id": "web:x", "meta.helm.sh/release-name": "chart"}}, "Argo CD: web"),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, ""),
        ({"labels": 7, "annotations": ["argocd.argoproj.io/tracking-id"]}, ""),
        ({"annotations": {"argocd.argoproj.io/tracking-id": 7, "meta.helm.sh/release-name": ""}}, ""),
        ({}, ""),
    ],
)
def test_an_object_says_who_installed_it(metadata: dict[str, Any], owner: str) -> None:
    assert installed_by(metadata, MARKS) == owner
