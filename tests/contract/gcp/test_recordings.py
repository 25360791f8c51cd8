"""Real answers of Google's APIs, which nobody here wrote, through the collectors: nothing of them may be lost."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

import recorded

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from gonogo.sources.gcp.collection import PROJECT as PROJECT_KIND
from gonogo.sources.gcp.collection import Collected
from gonogo.sources.gcp.problems import Asked, Cause, classify
from loopback.client import audit
from loopback.faults import Fault
from loopback.seed import Cloud, read_seed
from loopback.server import loopback

RECORDINGS = recorded.RECORDINGS / "gcp"
FLIGHTS = RECORDINGS / "cloud-custodian" / "tools" / "c7n_gcp" / "tests" / "data" / "flights"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason=recorded.MISSING)

PROJECT = "recorded"
# What the recordings spell as a placeholder, in our words.
_PLACEHOLDERS = {"projectId": PROJECT, "projectNumber": "77"}
_HOST = re.compile(r"(?:https://)?([a-z]+)\.googleapis\.com")


def filled(text: str, unique: str) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: _PLACEHOLDERS.get(found[1], unique), text)


def resources() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every recorded resource: service, path of its collection, body. Each directory is a story of its own, with resources of its own."""
    files = sorted((RECORDINGS / "k8s-config-connector.extracted").rglob("*.json"))
    stories = {directory: f"u{number}" for number, directory in enumerate(sorted({file.parent for file in files}))}
    for file in files:
        exchange = json.loads(filled(file.read_text("utf-8"), stories[file.parent]))
        url = urlsplit(exchange["request"]["url"])
        host = _HOST.fullmatch(url.netloc)
        if exchange["status"] == 200 and host and exchange["request"]["method"] == "GET" and "name" in exchange["body"]:
            path = re.sub(r"^/(?:sql/|compute/)?v\d\w*/", "", url.path)
            yield host[1], path.rpartition("/")[0], exchange["body"]


def recorded_cloud() -> Cloud:
    """A cloud of one project with every recorded resource of a collection that we list, each as it was last."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for service, path, body in resources():
        project = f"projects/{PROJECT}/"
        if path.startswith(project) and path.rpartition("/")[2] in LISTED.get(service, ()):
            found[service, path, str(body["name"]).rpartition("/")[2]] = body
    cloud = Cloud(
        projects={PROJECT: 77},
        regions=("us-central1", "us-east1", "us-west2", "us-west3", "europe-west1", "northamerica-northeast1", "us-east4"),
    )
    for (service, path, _), body in sorted(found.items()):
        cloud.put(service, path, body)
    return cloud


LISTED = {
    "sqladmin": ("instances",),
    "run": ("services", "jobs"),
    "compute": (
        *("backendBuckets", "backendServices", "forwardingRules", "healthChecks", "networkEndpointGroups", "sslCertificates"),
        *("sslPolicies", "targetHttpProxies", "targetHttpsProxies", "urlMaps", "securityPolicies"),
    ),
    "redis": ("instances", "clusters"),
    "secretmanager": ("secrets",),
    "artifactregistry": ("repositories",),
    "certificatemanager": ("certificateMaps", "certificates"),
    "container": ("clusters",),
    "monitoring": ("alertPolicies", "notificationChannels", "uptimeCheckConfigs", "dashboards"),
    "vpcaccess": ("connectors",),
}


def lost(recorded: object, kept: object, at: str = "") -> Iterator[str]:
    """The leaves of what was recorded that are not in what was kept; a redacted one is."""
    if kept == "[redacted]":
        return
    if isinstance(recorded, dict) and isinstance(kept, dict):
        yield from (f"{at}.{key}: new" for key in kept.keys() - recorded.keys())
        for key, value in recorded.items():
            yield from lost(value, kept.get(key), f"{at}.{key}")
    elif isinstance(recorded, list) and isinstance(kept, list) and len(recorded) == len(kept):
        for number, (value, other) in enumerate(zip(recorded, kept, strict=True)):
            yield from lost(value, other, f"{at}[{number}]")
    elif recorded != kept:
        yield f"{at}: {recorded!r} became {kept!r}"


@pytest.mark.parametrize("page", [1000, 2])
def test_every_recorded_resource_is_collected_without_loss(page: int) -> None:
    cloud = recorded_cloud()
    seeded: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for service, paths in cloud.collections.items():
        for path, found in paths.items():
            for body in found:
                seeded[f"{service}/{path}"].append(body)
    total = sum(len(found) for found in seeded.values())
    with loopback(cloud, page=page, strict=False) as running:
        collected = audit(running, projects=[PROJECT])
    assert collected.shortfalls == ()
    assert total > 120, "the recordings are there"
    by_place = defaultdict(list)
    for asset in collected.assets:
        host, _, rest = asset.name.removeprefix("//").partition("/")
        service = host.partition(".")[0].replace("cloudsql", "sqladmin")
        if asset.kind not in (PROJECT_KIND, "run.googleapis.com/ServiceIamPolicy"):
            by_place[service].append((rest, asset.body))
    assert sum(len(found) for found in by_place.values()) == total
    for place, found in seeded.items():
        service, _, collection = place.partition("/")
        for body in found:
            name = str(body["name"]).rpartition("/")[2]
            kept = [b for rest, b in by_place[service] if b.get("name") == body["name"] and _same_place(b, body, rest, collection)]
            assert len(kept) == 1, f"{place}/{name}"
            assert list(lost(body, kept[0])) == [], f"{place}/{name}"


def _same_place(kept: Mapping[str, Any], body: Mapping[str, Any], rest: str, collection: str) -> bool:
    """Whether a collected body is this one: equal names lie in other regions and other collections."""
    return kept.get("selfLink") == body.get("selfLink") and (
        rest.rpartition("/")[0] == collection or "selfLink" in body or "/" in str(body["name"])
    )


def flight(name: str) -> Any:
    return json.loads((FLIGHTS / name).read_text("utf-8"))


# A recorded page, the list that it answers, and what is on it.
PAGES = [
    ("sqlinstance-query/get-sql-v1beta4-projects-cloud-custodian-instances_1.json", "sql-instances", "/sqladmin/.*/instances$", "items"),
    (
        "sqlinstance-high-availability/get-sql-v1beta4-projects-cloud-custodian-instances_1.json",
        "sql-instances",
        "/sqladmin/.*/instances$",
        "items",
    ),
    (
        "sql-backup-run-delete/get-sql-v1beta4-projects-cloud-custodian-instances_1.json",
        "sql-instances",
        "/sqladmin/.*/instances$",
        "items",
    ),
    ("gcp-secret-query/get-v1-projects-cloud-custodian-secrets_1.json", "secrets", "/secrets$", "secrets"),
    (
        "gke-cluster-query/get-v1-projects-cloud-custodian-locations---clusters_1.json",
        "gke-clusters",
        "/container/.*/clusters$",
        "clusters",
    ),
    (
        "redis-cluster-query/get-v1-projects-cloud-custodian-locations---clusters_1.json",
        "redis-clusters",
        "/redis/.*/clusters$",
        "clusters",
    ),
    (
        "redis-cluster-filter/get-v1-projects-cloud-custodian-locations---clusters_1.json",
        "redis-clusters",
        "/redis/.*/clusters$",
        "clusters",
    ),
    ("log-project-sink-query/get-v2-projects-cloud-custodian-sinks_1.json", "log-sinks", "/sinks$", "sinks"),
    (
        "certmanager-certificate-label/get-v1-projects-cloud-custodian-locations---certificates_1.json",
        "certificate-manager-certificates",
        "/certificates$",
        "certificates",
    ),
]


@pytest.mark.parametrize(("file", "surface", "path", "key"), PAGES)
def test_a_recorded_page_is_read_whole(file: str, surface: str, path: str, key: str) -> None:
    recorded = flight(file)["body"]
    with loopback(read_seed("shop"), Fault(path, status=200, body={**recorded, "nextPageToken": ""})) as running:
        collected = audit(running, surface)
    assert collected.shortfalls == ()
    assert names(collected) == sorted(entry["name"] for entry in recorded[key])
    for asset in collected.assets:
        original = next(entry for entry in recorded[key] if entry["name"] == asset.body["name"])
        assert list(lost(original, asset.body)) == []


def test_a_recorded_aggregated_list_is_read_scope_by_scope() -> None:
    recorded = flight("lb-backend-services-query/get-compute-v1-projects-cloud-custodian-aggregated-backendServices_1.json")["body"]
    with loopback(read_seed("shop"), Fault("/backendServices$", status=200, body=recorded)) as running:
        collected = audit(running, "lb-backend-services")
    listed = [entry for scope in recorded["items"].values() for entry in scope.get("backendServices", [])]
    assert collected.shortfalls == ()
    assert names(collected) == sorted(entry["name"] for entry in listed) != []


def test_recorded_backup_runs_are_read_with_their_instance() -> None:
    instances = flight("sql-backup-run-delete/get-sql-v1beta4-projects-cloud-custodian-instances_1.json")["body"]
    runs = flight("sql-backup-run-delete/get-sql-v1beta4-projects-cloud-custodian-instances-star-buck-backupRuns_1.json")["body"]
    struck = (Fault("/instances$", status=200, body=instances), Fault("/backupRuns$", status=200, body=runs))
    with loopback(read_seed("shop"), *struck) as running:
        collected = audit(running, "sql-instances", "sql-backup-runs")
    found = [asset for asset in collected.assets if asset.kind == "sqladmin.googleapis.com/BackupRun"]
    assert collected.shortfalls == ()
    assert len(found) == len(runs["items"])
    assert {asset.parent.rpartition("/")[2] for asset in found} == {"star-buck"}


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ("dataflow-api-disabled/get-v1b3-projects-cloud-custodian-jobs-aggregated_1.json", Cause.API_DISABLED),
        ("log-project-sink-delete/get-v2-projects-cloud-custodian-sinks-test-sink_1.json", Cause.NOT_FOUND),
    ],
)
def test_a_recorded_refusal_has_its_cause(file: str, cause: Cause) -> None:
    recorded = flight(file)
    problem = classify(int(recorded["headers"]["status"]), recorded["body"], Asked("API", "dataflow.googleapis.com", "projects/p"))
    assert problem.cause is cause


def names(collected: Collected) -> list[str]:
    return sorted(asset.body["name"] for asset in collected.assets)
