"""What is collected from a cloud that answers as Google's documents say, through the clients that an audit uses."""

from __future__ import annotations

import datetime
import ipaddress
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from gonogo.sources.gcp.collect import collect
from gonogo.sources.gcp.collection import PROJECT, Collected
from gonogo.sources.gcp.problems import Cause
from loopback.client import audit, session, surfaces
from loopback.faults import Fault
from loopback.seed import Cloud, read_seed
from loopback.server import loopback


def kinds(collected: Collected) -> Counter[str]:
    return Counter(asset.kind for asset in collected.assets)


def body(collected: Collected, name: str) -> Any:
    return next(asset.body for asset in collected.assets if asset.name == name)


def test_everything_of_a_project_comes_home_whole() -> None:
    cloud = read_seed("shop")
    with loopback(cloud) as running:
        collected = audit(running)
    assert collected.shortfalls == ()
    assert all(coverage.complete for coverage in collected.coverage)
    seeded = sum(len(found) for paths in cloud.collections.values() for path, found in paths.items() if ":" not in path)
    found = kinds(collected)
    assert (found["run.googleapis.com/ServiceIamPolicy"], found[PROJECT], found.total()) == (2, 1, seeded + 3)
    assert [a.name for a in collected.assets] == sorted(
        (a.name for a in collected.assets), key=lambda n: [a for a in collected.assets if a.name == n][0].kind
    )


def test_bodies_are_as_the_api_wrote_them() -> None:
    cloud = read_seed("shop")
    with loopback(cloud) as running:
        collected = audit(running)
    orders = cloud.collections["sqladmin"]["projects/shop-prod/instances"][0]
    assert body(collected, "//cloudsql.googleapis.com/projects/shop-prod/instances/orders") == orders
    policy = cloud.collections["compute"]["projects/shop-prod/global/securityPolicies"][0]
    assert body(collected, "//compute.googleapis.com/projects/shop-prod/global/securityPolicies/edge") == policy


def test_names_are_those_of_cloud_asset_inventory() -> None:
    with loopback(read_seed("shop")) as running:
        names = {asset.name for asset in audit(running).assets}
    assert {
        "//cloudsql.googleapis.com/projects/shop-prod/instances/orders",
        "//run.googleapis.com/projects/shop-prod/locations/europe-west1/services/web",
        "//compute.googleapis.com/projects/shop-prod/regions/europe-west1/networkEndpointGroups/web",
        "//secretmanager.googleapis.com/projects/1000000001/secrets/db-password",
        "//logging.googleapis.com/projects/shop-prod/sinks/audit",
        "//container.googleapis.com/projects/shop-prod/locations/europe-west1/clusters/main",
    } <= names


def test_backup_runs_are_asked_of_primaries_only_and_know_their_instance() -> None:
    with loopback(read_seed("shop")) as running:
        collected = audit(running, "sql-instances", "sql-backup-runs")
        assert [path for path in running.paths("sqladmin") if "backupRuns" in path] == [
            "/sql/v1beta4/projects/shop-prod/instances/orders/backupRuns"
        ]
    runs = [a for a in collected.assets if a.kind == "sqladmin.googleapis.com/BackupRun"]
    assert {a.parent for a in runs} == {"//cloudsql.googleapis.com/projects/shop-prod/instances/orders"}
    assert sorted(a.body["status"] for a in runs) == ["FAILED", "SUCCESSFUL"]


def test_cloud_run_is_read_in_every_region_that_the_api_names() -> None:
    cloud = read_seed("shop")
    cloud.regions = ("africa-south1", "europe-west1", "northamerica-south1", "us-central1")
    with loopback(cloud) as running:
        collected = audit(running, "run-locations", "run-services", "run-jobs", "run-service-iam")
        asked = {path for path in running.paths("run") if path.endswith("/services")}
    assert len(asked) == 4
    assert kinds(collected) == {"run.googleapis.com/Service": 2, "run.googleapis.com/Job": 1, "run.googleapis.com/ServiceIamPolicy": 2}


@pytest.mark.parametrize("page", [1, 2, 3])
def test_however_short_the_pages_everything_is_read(page: int) -> None:
    with loopback(read_seed("shop"), page=page) as running:
        paged = audit(running)
    with loopback(read_seed("shop")) as running:
        whole = audit(running)
    assert paged.shortfalls == ()
    # Of backup runs one page is enough, which is one run here.
    runs = "sqladmin.googleapis.com/BackupRun"
    assert [a for a in paged.assets if a.kind != runs] == [a for a in whole.assets if a.kind != runs]


def test_the_result_does_not_hang_on_who_is_first() -> None:
    with loopback(read_seed("shop")) as running:
        table = surfaces()
        results = [collect(session(running, table), table, ["shop-prod"], workers=workers) for workers in (1, 3, 8)]
    assert results[0].assets == results[1].assets == results[2].assets
    assert results[0].coverage == results[1].coverage == results[2].coverage


def test_no_secret_of_the_cloud_is_in_what_is_kept() -> None:
    with loopback(read_seed("shop")) as running:
        kept = repr(audit(running).assets)
    for secret in ("correct-horse-battery", "hunter2hunter2", "swordfish9", "oncall@shop.example.com"):
        assert secret not in kept


def test_values_of_secrets_are_never_asked_for() -> None:
    with loopback(read_seed("shop")) as running:
        audit(running)
        assert running.paths("secretmanager") == ["/v1/projects/shop-prod/secrets"]
        assert not [seen.path for seen in running.seen if ":access" in seen.path or "authString" in seen.path]
        assert {seen.method for seen in running.seen} == {"GET"}


def test_an_unknown_enum_value_stays_what_it_is() -> None:
    """A typed client would make `BRAND_NEW` UNSPECIFIED and drop it, which reads like a field that nobody set."""

    def newer(answer: dict[str, Any]) -> dict[str, Any]:
        answer["items"][0]["settings"]["ipConfiguration"]["sslMode"] = "BRAND_NEW"
        answer["items"][0]["settings"]["edition"] = 9
        answer["items"][0]["settings"]["fieldOfTomorrow"] = {"on": True}
        return answer

    with loopback(read_seed("shop").copy(), Fault("/instances$", change=newer)) as running:
        found = body(audit(running, "sql-instances"), "//cloudsql.googleapis.com/projects/shop-prod/instances/orders")
    assert (found["settings"]["ipConfiguration"]["sslMode"], found["settings"]["edition"]) == ("BRAND_NEW", 9)
    assert found["settings"]["fieldOfTomorrow"] == {"on": True}


def test_enums_are_asked_for_by_name() -> None:
    with loopback(read_seed("shop")) as running:
        audit(running, "sql-instances", "run-locations", "run-services")
        assert not [seen.query for seen in running.seen if "int" in seen.query.get("$alt", "")]


def test_an_empty_project_is_complete_and_empty() -> None:
    with loopback(Cloud(projects={"empty": 7})) as running:
        collected = audit(running, projects=["empty"])
    assert ([asset.kind for asset in collected.assets], collected.shortfalls) == ([PROJECT], ())
    assert all(coverage.complete for coverage in collected.coverage)


def test_a_project_that_does_not_exist_is_a_shortfall_of_every_list() -> None:
    with loopback(read_seed("shop")) as running:
        collected = audit(running, projects=["shop-prdo"])
    roots = {surface.id for surface in surfaces().roots()}
    assert {s.surface for s in collected.shortfalls} == roots
    assert {s.cause for s in collected.shortfalls} == {Cause.NOT_FOUND}
    assert not any(coverage.complete for coverage in collected.coverage)


def test_projects_named_twice_are_read_once() -> None:
    with loopback(read_seed("shop")) as running:
        audit(running, "secrets", projects=["shop-prod", "shop-prod"])
        assert len(running.seen) == 1


def test_tls_with_a_certificate_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate[0])
    with loopback(read_seed("shop"), tls=certificate) as running:
        assert running.url.startswith("https://")
        collected = audit(running)
    assert collected.shortfalls == ()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with loopback(read_seed("shop"), tls=self_signed(tmp_path)) as running:
        collected = audit(running, "secrets", "sql-instances")
        assert running.seen == []
    assert {s.cause for s in collected.shortfalls} == {Cause.UNREACHABLE}
    assert all("certificate of 127.0.0.1" in s.reason for s in collected.shortfalls)


def self_signed(directory: Path) -> tuple[str, str]:
    """A certificate for 127.0.0.1 and its key, as files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = directory / "cert.pem", directory / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(files[0]), str(files[1])


@pytest.mark.parametrize("name", ["../../v1/projects/other", "a?alt=media", "a b", "", "a/../b", 7])
def test_a_name_that_would_lead_elsewhere_is_not_followed(name: object) -> None:
    def renamed(answer: dict[str, Any]) -> dict[str, Any]:
        return {"workloadIdentityPools": [{"name": name}]}

    with loopback(read_seed("shop"), Fault("/workloadIdentityPools$", change=renamed)) as running:
        collected = audit(running, "workload-identity-pools", "workload-identity-providers")
        assert len(running.seen) == 1
    assert {s.cause for s in collected.shortfalls} == {Cause.INVALID}
    assert not any(c.complete for c in collected.coverage if c.surface == "workload-identity-providers")


def test_a_project_that_is_no_name_stays_a_part_of_the_path() -> None:
    with loopback(read_seed("shop")) as running:
        collected = audit(running, "secrets", projects=["shop-prod/secrets?x=1&y#"])
        assert running.paths("secretmanager") == ["/v1/projects/shop-prod%2Fsecrets%3Fx%3D1%26y%23/secrets"]
    assert {s.cause for s in collected.shortfalls} == {Cause.NOT_FOUND}
