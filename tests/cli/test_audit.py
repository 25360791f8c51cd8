"""gonogo audit, as a command against a loopback cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from loopback.faults import Fault, denied
from loopback.seed import Cloud, read_seed
from loopback.server import Loopback, loopback
from running import Ran, run
from signed import waived

ROOT = Path(__file__).parents[2]
ORDERS = "//cloudsql.googleapis.com/projects/shop-prod/instances/orders"
CODE = """resource "google_sql_database_instance" "orders" {
  name             = "orders"
  database_version = "POSTGRES_16"
  region           = "europe-west1"
  settings {
    tier              = "db-custom-2-7680"
    availability_type = "ZONAL"
    backup_configuration {
      enabled = true
    }
    ip_configuration {
      ipv4_enabled = false
    }
  }
}

resource "google_redis_instance" "gone" {
  name           = "gone"
  region         = "us-central1"
  memory_size_gb = 1
}
"""
CHECKLIST = """# Go live

- [x] Backups <!-- gonogo: cloudsql-backups -->
- [x] High availability <!-- gonogo: cloudsql-ha -->
- [x] Non-root images <!-- gonogo: dockerfile-nonroot -->
"""


@pytest.fixture
def cloud() -> Cloud:
    return read_seed("shop").copy()


@pytest.fixture
def running(cloud: Cloud) -> Iterator[Loopback]:
    with loopback(cloud) as server:
        yield server
        assert server.complaints == []


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "main.tf").write_text(CODE)
    (tmp_path / "CHECKLIST.md").write_text(CHECKLIST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONOGO_STORE", raising=False)
    return tmp_path


def audit(running: Loopback, *arguments: str | Path) -> Ran:
    return run("audit", "--project", "shop-prod", "--endpoint", f"*={running.url}", "-o", "json", *arguments)


def instance(cloud: Cloud) -> dict[str, Any]:
    """The settings of the database that the code declares."""
    settings: dict[str, Any] = cloud.collections["sqladmin"]["projects/shop-prod/instances"][0]["settings"]
    return settings


def verdicts(ran: Ran) -> dict[str, str]:
    return {control["id"]: control["verdict"] for control in ran.document["controls"]}


def schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "schemas" / "assessment.v1.json").read_text()))


def test_what_is_live_is_judged_and_proved_by_its_full_name(running: Loopback, repo: Path) -> None:
    ran = audit(running, "--no-store")
    assert ran.code == 1
    schema().validate(ran.document)
    assert verdicts(ran)["cloudsql-ha"] == "satisfied"
    found = next(f for f in ran.document["findings"] if f["control"] == "cloudsql-ha" and f["subject"]["name"] == ORDERS)
    assert found["subject"]["origin"] == "live"
    assert found["evidence"][0]["resource"] == ORDERS
    assert "file" not in found["evidence"][0]
    assert ran.document["inputs"]["projects"] == ["shop-prod"]


def test_code_that_was_not_given_is_not_looked_at(running: Loopback, repo: Path) -> None:
    """A ticked claim about images stays unchecked; without a checklist nobody asked about images."""
    ran = audit(running, "--no-store", "--checklist", "CHECKLIST.md")
    assert [item["verdict"] for item in ran.document["items"]] == ["satisfied", "satisfied", "unknown"]
    assert ran.document["items"][2]["reasons"] == ["no repository was given (--repo), so that nothing of the code was looked at"]
    assert ran.code == 3
    without = audit(running, "--no-store")
    assert verdicts(without)["dockerfile-nonroot"] == "unknown"
    assert without.code == 1


def test_what_runs_in_a_cluster_is_not_seen_from_outside(running: Loopback, cloud: Cloud, repo: Path) -> None:
    """Redis in a pod, a Secret, a gateway: without its manifests a cluster may hold what each of these is about."""
    mixed = ("redis-tls-auth", "https-lb")
    clusters = cloud.collections["container"]
    assert any(clusters.values())
    assert {verdicts(audit(running, "--no-store"))[control] for control in mixed} == {"unknown"}
    kept = dict(clusters)
    clusters.clear()
    assert {verdicts(audit(running, "--no-store"))[control] for control in mixed} == {"satisfied"}
    clusters.update(kept)
    running.faults.append(Fault("/clusters$", status=403, body=denied("container.clusters.list", "projects/shop-prod")))
    assert {verdicts(audit(running, "--no-store"))[control] for control in mixed} == {"unknown"}


def test_live_decides_and_the_code_is_drift(running: Loopback, cloud: Cloud, repo: Path) -> None:
    instance(cloud)["backupConfiguration"]["enabled"] = False
    ran = audit(running, "--no-store", "--repo", ".", "--checklist", "CHECKLIST.md")
    schema().validate(ran.document)
    backups, available, _ = ran.document["items"]
    assert (backups["verdict"], backups["agreement"]) == ("violated", "refuted")
    assert (available["verdict"], available["agreement"]) == ("satisfied", "confirmed")
    superseded = {(f["control"], f["verdict"]) for f in ran.document["findings"] if f.get("superseded")}
    assert {("cloudsql-backups", "satisfied"), ("cloudsql-ha", "violated")} <= superseded
    differs = {d["field"]: d for d in ran.document["drift"] if d["status"] == "differs"}
    assert differs["settings.backupConfiguration.enabled"]["line"] == 9
    assert differs["settings.backupConfiguration.enabled"]["live"] == "false"
    assert differs["settings.availabilityType"]["file"] == "main.tf"
    assert [d["declaration"] for d in ran.document["drift"] if d["status"] == "missing_live"] == ["google_redis_instance.gone"]
    assert {d["field"] for d in ran.document["drift"] if d["status"] == "undeclared"} >= {"settings.ipConfiguration.sslMode"}


def test_the_report_shows_both_lines_of_evidence(running: Loopback, cloud: Cloud, repo: Path) -> None:
    instance(cloud)["backupConfiguration"]["enabled"] = False
    ran = run("audit", "--project", "shop-prod", "--endpoint", f"*={running.url}", "--repo", ".", "-c", "CHECKLIST.md", "--no-store")
    assert f"violated    {ORDERS}" in ran.out
    assert "declared    main.tf:9: settings.backupConfiguration.enabled is true in the code and false live" in ran.out
    assert "~ declared against live: 2 differs, 1 missing" in ran.out


def test_a_waiver_beside_the_declaration_excuses_what_is_live(running: Loopback, cloud: Cloud, repo: Path) -> None:
    instance(cloud)["availabilityType"] = "ZONAL"
    line = '    availability_type = "ZONAL"'
    (repo / "main.tf").write_text(CODE.replace(line, f"{line} # gonogo: ignore[cloudsql-ha] until=2099-01-01 -- one zone is enough"))
    ran = audit(running, "--no-store", "--repo", ".", "--checklist", "CHECKLIST.md")
    assert ran.document["items"][1]["verdict"] == "waived"
    assert ran.document["warnings"] == []
    found = next(f for f in ran.document["findings"] if f["control"] == "cloudsql-ha" and f["subject"]["name"] == ORDERS)
    assert [(e.get("resource"), e.get("file"), e.get("line")) for e in found["evidence"]][-1] == (None, "main.tf", 7)


def test_a_waiver_of_the_file_covers_the_origin_that_it_says(running: Loopback, cloud: Cloud, repo: Path) -> None:
    """devantler-tech/platform PR #3085: names of what is live are none of the code, and the other way round."""
    instance(cloud)["availabilityType"] = "ZONAL"
    for origin, resource, verdict, warning in (
        ("code", "", "violated", f"covers origin code, and what is violated here is of origin live: {ORDERS}"),
        ("live", ORDERS, "waived", ""),
        ("live", "google_sql_database_instance.*", "violated", f"excuses nothing: google_sql_database_instance.* is none of what is violated: {ORDERS}"),
        ("any", "'*/orders'", "waived", ""),
        ("any", "", "waived", ""),
    ):
        waived(repo, {"control": "cloudsql-ha", "origin": origin, "resource": resource})
        ran = audit(running, "--no-store", "--repo", ".", "--checklist", "CHECKLIST.md")
        said = [w.partition(": the waiver of cloudsql-ha ")[2] for w in ran.document["warnings"]]
        assert (ran.document["items"][1]["verdict"], said) == (verdict, [warning] if warning else []), (origin, resource)
        schema().validate(ran.document)


def test_who_accepts_a_violation_accepts_not_to_know(running: Loopback, cloud: Cloud, repo: Path) -> None:
    running.faults.append(Fault("/instances$", status=403, body=denied("cloudsql.instances.list", "projects/shop-prod")))
    for origin, verdict in (("code", "unknown"), ("any", "waived")):
        waived(repo, {"control": "cloudsql-backups", "origin": origin})
        item = audit(running, "--no-store", "--repo", ".", "--checklist", "CHECKLIST.md").document["items"][0]
        assert item["verdict"] == verdict
        assert "cloudsql.instances.list" in " ".join(item["reasons"])


def test_a_module_that_was_not_read_hides_nothing_of_the_cloud(running: Loopback, repo: Path) -> None:
    """The gap makes the code incomplete; the instance is there to be seen, and whether it is declared is undecidable."""
    (repo / "main.tf").write_text('module "database" {\n  source = "git::https://example.com/database.git"\n}\n')
    ran = audit(running, "--no-store", "--repo", ".")
    assert verdicts(ran)["cloudsql-ha"] == "satisfied"
    undecidable = [d for d in ran.document["drift"] if d["status"] == "undecidable" and d["name"] == ORDERS]
    assert "could not be read" in undecidable[0]["reason"]


def test_a_list_that_was_refused_leaves_its_controls_unknown(running: Loopback, cloud: Cloud, repo: Path) -> None:
    for path, permission in (("/instances$", "cloudsql.instances.list"), (":getIamPolicy$", "run.services.getIamPolicy")):
        running.faults.append(Fault(path, status=403, body=denied(permission, "projects/shop-prod")))
    ran = audit(running, "--no-store", "--repo", ".", "--checklist", "CHECKLIST.md")
    assert [item["verdict"] for item in ran.document["items"]][:2] == ["unknown", "unknown"]
    reasons = " ".join(ran.document["items"][0]["reasons"])
    assert "grant" in reasons
    assert "cloudsql.instances.list" in reasons
    found = verdicts(ran)
    # Who may invoke is not known: the service without a grant that was seen is not shown to be private.
    assert found["cloudrun-no-public-invoker"] == "unknown"
    assert found["wif"] == "satisfied"


def test_an_api_that_is_off_is_a_gap_only_where_the_code_declares_its_kind(running: Loopback, cloud: Cloud, repo: Path) -> None:
    cloud.disabled = {"shop-prod": ["redis.googleapis.com", "monitoring.googleapis.com"]}
    ran = audit(running, "--no-store", "--repo", ".")
    found = verdicts(ran)
    assert found["redis-tls-auth"] == "unknown"
    assert found["uptime-check"] == "absent"


def test_each_run_is_recorded_and_what_changed_is_told(running: Loopback, cloud: Cloud, repo: Path) -> None:
    arguments = ("audit", "--project", "shop-prod", "--endpoint", f"*={running.url}", "--repo", ".", "-c", "CHECKLIST.md")
    assert run(*arguments).code == 1
    instance(cloud)["availabilityType"] = "ZONAL"
    second = run(*arguments)
    assert "regressed   satisfied -> violated  High availability" in second.out
    assert f"changed         sqladmin.googleapis.com/Instance  {ORDERS}  settings.availabilityType: REGIONAL -> ZONAL" in second.out
    assert "not_comparable" not in second.out
    third = run(*arguments)
    assert "regressed" not in third.out
    assert len(run("history", "-o", "json").document) == 3


def test_a_bare_command_says_what_to_write(repo: Path) -> None:
    assert "say what to audit: --project ID" in run("audit").err
    assert run("audit").code == 2
    assert "is no project id" in run("audit", "--project", "a/b").err
    assert "is no folder number" in run("audit", "--folder", "x").err
    assert "--from-assets audits an export" in run("audit", "--project", "p", "--from-assets", "x").err


def test_an_export_is_audited_without_credentials(repo: Path) -> None:
    """What an export lacks is not known to be absent where somebody claims it."""
    body = {"name": "orders", "instanceType": "CLOUD_SQL_INSTANCE", "settings": {"availabilityType": "REGIONAL", "backupConfiguration": {"enabled": True}}}
    asset = {"name": ORDERS, "asset_type": "sqladmin.googleapis.com/Instance", "resource": {"data": body, "location": "europe-west1"}}
    (repo / "export.json").write_text(json.dumps(asset))
    (repo / "CHECKLIST.md").write_text("- [x] HA <!-- gonogo: cloudsql-ha -->\n- [x] Redis <!-- gonogo: redis-ha -->\n")
    ran = run("audit", "--from-assets", "export.json", "-o", "json", "--no-store", "-c", "CHECKLIST.md")
    assert ran.err == ""
    assert [item["verdict"] for item in ran.document["items"]] == ["satisfied", "unknown"]
    assert ran.code == 3
    (repo / "export.json").write_text("")
    empty = run("audit", "--from-assets", "export.json", "-o", "json", "--no-store", "-c", "CHECKLIST.md")
    assert [item["verdict"] for item in empty.document["items"]] == ["unknown", "unknown"]


def test_a_declaration_of_another_project_is_not_missing(running: Loopback, repo: Path) -> None:
    """What was not audited, or of a project that only a variable names, is not said to be gone."""
    elsewhere = 'variable "where" {}\n' + "".join(
        f'resource "google_redis_instance" "{name}" {{\n  name = "{name}"\n  memory_size_gb = 1\n  project = {project}\n}}\n'
        for name, project in (("other", '"shop-staging"'), ("some", "var.where"), ("gone", '"shop-prod"'))
    )
    (repo / "main.tf").write_text(elsewhere)
    ran = audit(running, "--no-store", "--repo", ".")
    drift = {d["declaration"]: (d["status"], d["reason"]) for d in ran.document["drift"]}
    assert drift["google_redis_instance.other"] == ("undecidable", "it is in the project shop-staging, which was not audited")
    assert drift["google_redis_instance.some"][0] == "undecidable"
    assert drift["google_redis_instance.gone"] == ("missing_live", "")
    # It was not read live, so that what the code says of it still counts.
    basic = {f["subject"]["name"]: f.get("superseded", False) for f in ran.document["findings"] if f["control"] == "redis-ha"}
    assert basic["google_redis_instance.other"] is False
    assert basic["google_redis_instance.gone"] is True


def test_what_is_live_may_be_baselined_too(cloud: Cloud, running: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    instance(cloud)["availabilityType"] = "ZONAL"
    Path("CHECKLIST.md").write_text(CHECKLIST.partition("- [x] Non-root")[0])
    first = audit(running, "-c", "CHECKLIST.md").document
    live = [f for f in first["findings"] if f["verdict"] == "violated" and f["control"] in ("cloudsql-backups", "cloudsql-ha")]
    assert live
    entries = [
        {"fingerprint": f["fingerprint"], "control": f["control"], "kind": f["subject"]["kind"], "subject": f["subject"]["name"],
         "origin": f["subject"]["origin"], "reason": "known", "owner": "ada", "expires": "2199-01-01"}
        for f in live
    ]  # fmt: skip
    Path("baseline.json").write_text(json.dumps({"schema": "gonogo.baseline/v1", "entries": entries}))
    assert first["decision"] == "NO-GO"
    ran = audit(running, "-c", "CHECKLIST.md", "--baseline", "baseline.json")
    assert (ran.code, ran.document["decision"]) == (0, "GO")
    assert "violated" in {item["verdict"] for item in ran.document["items"]}
