"""Which API versions are served: `rules/kubernetes/apis.yaml` against the OpenAPI of each minor version, and against the table of pluto.

`GONOGO_PLUTO` names a checkout of FairwindsOps/pluto, which is no part of the project.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from gonogo.sources.manifests.apis import apis
from oracle.kubernetes.schema_table import published

PLUTO = os.environ.get("GONOGO_PLUTO", "")
# Kinds that nobody declares have no rows.
_REQUESTS = ("List", "Review", "Eviction", "Event", "Options", "Binding", "TokenRequest", "Scale", "Status", "APIGroup", "APIVersions", "WatchEvent")


def test_each_version_of_kubernetes_serves_what_the_table_says() -> None:
    pytest.importorskip("kubernetes_validate")
    known = apis()
    versions = published()
    assert [*versions][-1] == f"1.{known.newest}"
    compared, wrong = 0, []
    for version, definitions in versions.items():
        minor = int(version.partition(".")[2])
        gvks = [d["x-kubernetes-group-version-kind"] for d in definitions.values() if len(d.get("x-kubernetes-group-version-kind", ())) == 1]
        served = {(f"{g['group']}/{g['version']}" if g["group"] else g["version"], g["kind"]) for (g,) in gvks}
        asked = served | set(known.rows)
        for api_version, kind in sorted(asked):
            group = api_version.rpartition("/")[0]
            if (group and group not in known.groups) or (kind.endswith(_REQUESTS) and (api_version, kind) not in known.rows):
                continue
            api = known.of(api_version, kind)
            says = api is not None and api.since <= minor and (api.removed is None or minor < api.removed)
            compared += 1
            if says != ((api_version, kind) in served):
                wrong.append(f"{version}: {api_version} {kind}")
    assert wrong == []
    assert compared >= 1_500


@pytest.mark.skipif(not PLUTO, reason="GONOGO_PLUTO names no checkout of FairwindsOps/pluto")
def test_pluto_knows_the_same_removals() -> None:
    rows: Any = yaml.safe_load((Path(PLUTO) / "versions.yaml").read_text("utf-8"))["deprecated-versions"]
    # Where the OpenAPI of the versions says otherwise, it is right (see the test above).
    differ = {
        ("flowcontrol.apiserver.k8s.io/v1beta1", "1.29"), ("admissionregistration.k8s.io/v1alpha1", "1.33"), ("resource.k8s.io/v1beta1", "1.36"),
    }  # fmt: skip
    compared = 0
    for row in rows:
        api = apis().rows.get((row["version"], row["kind"]))
        removed = (row.get("removed-in") or "").removeprefix("v").removesuffix(".0")
        if row.get("component") != "k8s" or api is None or not removed or (row["version"], removed) in differ:
            continue
        compared += 1
        assert f"1.{api.removed}" == removed, f"{row['version']} {row['kind']}"
    assert compared >= 45
