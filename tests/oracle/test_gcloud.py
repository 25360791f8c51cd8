"""A second client, which nobody here wrote, reads the loopback cloud: `gcloud` itself must understand it as Google's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")

from loopback.seed import read_seed
from loopback.server import Loopback, loopback

pytestmark = pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")

# gcloud's name of an API -> ours, and what of the path it takes to be part of the endpoint.
APIS = {
    "ARTIFACTREGISTRY": ("artifactregistry", ""),
    "CERTIFICATEMANAGER": ("certificatemanager", ""),
    "COMPUTE": ("compute", "compute/v1/"),
    "CONTAINER": ("container", ""),
    "IAM": ("iam", ""),
    "LOGGING": ("logging", ""),
    "MONITORING": ("monitoring", ""),
    "REDIS": ("redis", ""),
    "RUN": ("run", ""),
    "SECRETMANAGER": ("secretmanager", ""),
    "SERVICEUSAGE": ("serviceusage", ""),
    "SQL": ("sqladmin", ""),
    "VPCACCESS": ("vpcaccess", ""),
}


def gcloud(running: Loopback, config: Path, *words: str) -> Any:
    """The JSON that a command of gcloud prints about the loopback cloud."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CLOUDSDK_")},
        "NO_PROXY": "127.0.0.1",
        "CLOUDSDK_CONFIG": str(config),
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_PROJECT": "shop-prod",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}": f"{running.url.format(service=ours)}/{rest}" for name, (ours, rest) in APIS.items()},
    }
    done = subprocess.run(["gcloud", *words, "--format=json"], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("command", "service", "collection"),
    [
        ("sql instances list", "sqladmin", "instances"),
        ("sql backups list --instance=orders", "sqladmin", "instances/orders/backupRuns"),
        ("secrets list", "secretmanager", "secrets"),
        ("compute forwarding-rules list", "compute", "global/forwardingRules"),
        ("compute target-https-proxies list", "compute", "global/targetHttpsProxies"),
        ("compute url-maps list", "compute", "global/urlMaps"),
        ("compute backend-services list", "compute", "global/backendServices"),
        ("compute network-endpoint-groups list", "compute", "regions/europe-west1/networkEndpointGroups"),
        ("compute ssl-policies list", "compute", "global/sslPolicies"),
        ("compute security-policies list", "compute", "global/securityPolicies"),
        ("certificate-manager maps list --location=global", "certificatemanager", "locations/global/certificateMaps"),
        ("redis instances list --region=europe-west1", "redis", "locations/europe-west1/instances"),
        ("redis clusters list --region=europe-west1", "redis", "locations/europe-west1/clusters"),
        ("iam workload-identity-pools list --location=global", "iam", "locations/global/workloadIdentityPools"),
        ("artifacts repositories list --location=europe-west1", "artifactregistry", "locations/europe-west1/repositories"),
        ("container clusters list", "container", "locations/europe-west1/clusters"),
        ("monitoring uptime list-configs", "monitoring", "uptimeCheckConfigs"),
        ("logging sinks list", "logging", "sinks"),
        ("compute networks vpc-access connectors list --region=europe-west1", "vpcaccess", "locations/europe-west1/connectors"),
        ("services list", "serviceusage", "services"),
    ],
)
def test_gcloud_reads_what_was_seeded(command: str, service: str, collection: str, tmp_path: Path) -> None:
    cloud = read_seed("shop")
    # gcloud reads the pages of every list to the end, except those of sinks.
    with loopback(cloud, page=1000 if service == "logging" else 1) as running:
        printed = gcloud(running, tmp_path, *command.split())
    seeded = cloud.collections[service][f"projects/shop-prod/{collection}"]
    assert sorted(_key(entry) for entry in printed) == sorted(_key(entry) for entry in seeded)
    for entry in seeded:
        (same,) = [other for other in printed if _key(other) == _key(entry)]
        # gcloud writes some values in its own way (a short name, a list of tags); what decides controls is as it was sent.
        assert {
            key: same[key] for key in ("settings", "rules", "minTlsVersion", "securityPolicy", "sslPolicy", "status") if key in entry
        } == {key: entry[key] for key in ("settings", "rules", "minTlsVersion", "securityPolicy", "sslPolicy", "status") if key in entry}


def _key(entry: dict[str, Any]) -> str:
    return str(entry.get("id") or entry["name"]) if "backupKind" in entry else str(entry["name"]).rpartition("/")[2]
