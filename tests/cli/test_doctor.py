"""gonogo doctor, as a command against a loopback cloud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.auth", reason="the gcp extra is not installed")

from gonogo.sources.gcp.surfaces import load_surfaces
from loopback import faults
from loopback.faults import Fault
from loopback.seed import Cloud, read_seed
from loopback.server import Loopback, loopback
from running import Ran, run

ROOT = Path(__file__).parents[2]
SURFACES = load_surfaces()
HOSTS = sorted({SURFACES.services[s.service].host for s in SURFACES.surfaces})


@pytest.fixture
def cloud() -> Cloud:
    """Everything is on, and nothing is missing."""
    cloud = read_seed("shop").copy()
    services = [{"name": f"projects/1000000001/services/{host}", "state": "ENABLED", "config": {"name": host}} for host in HOSTS]
    cloud.collections["serviceusage"] = {"projects/shop-prod/services": services}
    return cloud


@pytest.fixture
def running(cloud: Cloud) -> Iterator[Loopback]:
    with loopback(cloud, page=4) as server:
        yield server


def doctor(running: Loopback, *arguments: str) -> Ran:
    ran = run("doctor", "--endpoint", f"*={running.url}", "-o", "json", *(arguments or ("--project", "shop-prod")))
    if ran.out:
        schema = json.loads((ROOT / "schemas" / "doctor.v1.json").read_text())
        Draft202012Validator(schema).validate(ran.document)
    return ran


def only(ran: Ran) -> dict[str, Any]:
    (resource,) = ran.document["resources"]
    found: dict[str, Any] = resource
    return found


def test_all_is_well_is_said_after_two_questions(running: Loopback) -> None:
    ran = doctor(running)
    assert ran.code == 0
    assert only(ran) == {
        "resource": "projects/shop-prod",
        "readable": True,
        "permissions_asked": len(SURFACES.permissions),
        "apis_asked": len(HOSTS),
        "missing_permissions": [],
        "apis_off": [],
        "unknown": [],
    }
    assert {(seen.method, seen.path) for seen in running.seen} == {
        ("POST", "/v1/projects/shop-prod:testIamPermissions"),
        ("GET", "/v1/projects/shop-prod/services"),
    }
    text = run("doctor", "--endpoint", f"*={running.url}", "--project", "shop-prod")
    assert (text.code, text.out.splitlines()[-1]) == (0, "projects/shop-prod: everything can be read")


def test_what_is_missing_is_named_with_what_it_leaves_undecided(running: Loopback, cloud: Cloud) -> None:
    cloud.lacking = ("run.locations.list", "cloudsql.backupRuns.list", "compute.regionUrlMaps.list")
    ran = doctor(running)
    assert ran.code == 3
    missing = {entry["name"]: entry for entry in only(ran)["missing_permissions"]}
    assert set(missing) == set(cloud.lacking)
    assert {"cloudrun-no-public-invoker", "cloudrun-env", "cloud-armor"} <= set(missing["run.locations.list"]["controls"])
    assert "run.googleapis.com/ServiceIamBinding" in missing["run.locations.list"]["kinds"]
    assert missing["compute.regionUrlMaps.list"]["controls"] == ["hsts", "https-lb"]
    assert missing["cloudsql.backupRuns.list"]["role"] == "roles/cloudsql.viewer"
    text = run("doctor", "--endpoint", f"*={running.url}", "--project", "shop-prod").out
    assert "projects/shop-prod: 3 of 47 permissions are missing" in text
    assert (
        "grant cloudsql.backupRuns.list, compute.regionUrlMaps.list, run.locations.list on projects/shop-prod to the auditing account"
        in text
    )


def test_an_api_that_is_off_is_named_with_how_to_turn_it_on(running: Loopback, cloud: Cloud) -> None:
    services = cloud.collections["serviceusage"]["projects/shop-prod/services"]
    services[:] = [s for s in services if "redis" not in s["name"]]
    ran = doctor(running)
    assert ran.code == 3
    (off,) = only(ran)["apis_off"]
    assert (off["name"], off["controls"]) == ("redis.googleapis.com", ["redis-ha", "redis-present", "redis-tls-auth"])
    text = run("doctor", "--endpoint", f"*={running.url}", "--project", "shop-prod").out
    assert "gcloud services enable redis.googleapis.com --project shop-prod" in text


@pytest.mark.parametrize("change", [lambda _: {"services": [{}]}, lambda _: {"services": {"a": 1}}, lambda _: {"nothing": 1}])
def test_an_answer_that_is_none_is_no_list_of_apis(running: Loopback, change: Any) -> None:
    running.faults.append(Fault("/services$", change=change))
    ran = doctor(running)
    assert (ran.code, only(ran)["readable"], only(ran)["apis_off"], only(ran)["apis_asked"]) == (3, False, [], 0)
    assert only(ran)["unknown"][0].startswith("APIs: ")


def test_where_the_list_of_apis_may_not_be_read_they_are_unknown_and_not_on(running: Loopback, cloud: Cloud) -> None:
    cloud.lacking = ("serviceusage.services.list",)
    running.faults.append(Fault("/services$", status=403, body=faults.denied("serviceusage.services.list", "projects/shop-prod")))
    ran = doctor(running)
    assert ran.code == 3
    assert [entry["name"] for entry in only(ran)["missing_permissions"]] == ["serviceusage.services.list"]
    assert only(ran)["apis_off"] == []
    (reason,) = only(ran)["unknown"]
    assert reason.startswith(
        "APIs: permission serviceusage.services.list is missing on projects/shop-prod; grant serviceusage.services.list"
    )


def test_permissions_that_cannot_be_asked_about_are_unknown_and_not_held(running: Loopback) -> None:
    running.faults.append(Fault("testIamPermissions", status=403, body=faults.disabled("cloudresourcemanager.googleapis.com", 7)))
    ran = doctor(running)
    assert ran.code == 3
    assert (only(ran)["permissions_asked"], only(ran)["missing_permissions"]) == (0, [])
    assert "gcloud services enable cloudresourcemanager.googleapis.com --project 7" in only(ran)["unknown"][0]


@pytest.mark.parametrize("answer", [{"permissions": 7}, {"permissions": {"a": 1}}])
def test_an_answer_about_permissions_that_is_none_is_unknown(running: Loopback, answer: object) -> None:
    running.faults.append(Fault("testIamPermissions", status=200, body=answer))
    ran = doctor(running)
    assert (ran.code, only(ran)["permissions_asked"], only(ran)["unknown"]) == (
        3,
        0,
        ["permissions: `permissions` of the answer is no list"],
    )


def test_a_permission_that_cannot_be_tested_hides_no_other(running: Loopback, cloud: Cloud) -> None:
    cloud.lacking = ("run.jobs.list",)
    cloud.untestable = ("redis.clusters.list", "iam.googleapis.com/workloadIdentityPools.list")
    ran = doctor(running)
    assert ran.code == 3
    assert [entry["name"] for entry in only(ran)["missing_permissions"]] == ["run.jobs.list"]
    assert [reason.partition(": ")[0] for reason in only(ran)["unknown"]] == [
        "permission iam.googleapis.com/workloadIdentityPools.list",
        "permission redis.clusters.list",
    ]
    assert only(ran)["permissions_asked"] == len(SURFACES.permissions) - 2
    assert len(running.seen) < 40


def test_an_answer_without_permissions_means_that_none_is_held(running: Loopback) -> None:
    running.faults.append(Fault("testIamPermissions", status=200, body={}))
    assert [e["name"] for e in only(doctor(running))["missing_permissions"]] == list(SURFACES.permissions)


def test_a_project_that_nobody_knows_hides_no_other(running: Loopback) -> None:
    ran = doctor(running, "--project", "unheard-of", "--project", "shop-prod")
    assert ran.code == 3
    assert [(r["resource"], r["readable"]) for r in ran.document["resources"]] == [
        ("projects/shop-prod", True),
        ("projects/unheard-of", False),
    ]


def test_below_an_organization_the_way_down_is_asked_about_too(running: Loopback, cloud: Cloud) -> None:
    cloud.put("cloudresourcemanager", "organizations/1/projects", {"name": "projects/10", "projectId": "shop-prod", "state": "ACTIVE"})
    ran = doctor(running, "--organization", "1")
    assert ran.code == 0
    assert [r["resource"] for r in ran.document["resources"]] == ["organizations/1", "projects/shop-prod"]
    cloud.lacking = ("resourcemanager.folders.list",)
    running.faults.append(Fault("/v3/folders$", status=403, body=faults.denied("resourcemanager.folders.list", "organizations/1")))
    ran = doctor(running, "--organization", "1")
    assert ran.code == 3
    top, project = ran.document["resources"]
    assert [entry["name"] for entry in top["missing_permissions"]] == ["resourcemanager.folders.list"]
    assert "cloudsql-backups" in top["missing_permissions"][0]["controls"], "what is below is not known at all"
    assert project["readable"] is True


def test_the_project_that_pays_needs_the_apis_too(cloud: Cloud, running: Loopback) -> None:
    """An API may be off where the things are and on where the calls are paid, and the other way round."""
    cloud.projects["payer"] = 77
    ran = doctor(running, "--project", "shop-prod", "--quota-project", "payer")
    assert ran.code == 3
    audited, payer = ran.document["resources"]
    assert audited["readable"] is True
    assert (payer["resource"], payer["permissions_asked"], len(payer["apis_off"])) == ("projects/payer", 0, len(HOSTS))


@pytest.mark.parametrize("option", ["--project", "--quota-project"])
@pytest.mark.parametrize(
    "name", ["a/b", "../x", "p:testIamPermissions?", "p\x1b[2J", "", "-", "*", "P", "a b", 'p"', "p;reboot", "p\n", "$(id)", "${x}", "é"]
)
def test_what_is_no_project_becomes_no_part_of_a_request_or_a_role(running: Loopback, option: str, name: str) -> None:
    for more in ((), ("--role", "gcloud"), ("--role", "terraform"), ("--role", "yaml")):
        ran = run("doctor", "--endpoint", f"*={running.url}", "--project", "shop-prod", option, name, *more)
        if not name and option == "--quota-project":
            assert ran.code == 0, "none was given"
            continue
        assert (ran.code, ran.out) == (2, "")
        assert "is no project id" in ran.err
        assert "\x1b" not in ran.err
    assert name == "" or running.seen == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--project ID"),
        (("--folder", "../9"), "is no folder number"),
        (("--organization", "٣"), "is no organization number"),
        (("--project", "a", "--impersonate", 'a@b"c'), "is no service account"),
        (("--folder", "9", "--role", "yaml"), "add --organization"),
        (("--organization", "1", "--organization", "2", "--role", "yaml"), "give --organization once"),
        (("--project", "a", "--endpoint", "sqladmni=http://127.0.0.1:1"), "did you mean sqladmin"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    ran = run("doctor", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_nobody_logged_in_is_said_with_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    ran = run("doctor", "--project", "shop-prod")
    assert (ran.code, ran.out) == (2, "")
    assert "gcloud auth application-default login" in ran.err


def test_a_role_needs_no_google_and_no_network() -> None:
    program = (
        "import io, sys\nfrom gonogo.cli.main import main\n"
        "import socket\nsocket.socket.connect = None\n"
        "out = io.StringIO()\ncode = main(['doctor', '--project', 'p', '--role', 'yaml'], out, sys.stderr)\n"
        "print(code, 'cloudsql.instances.list' in out.getvalue())\nprint('\\n'.join(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "CLOUDSDK_CONFIG": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    first, *modules = done.stdout.splitlines()
    assert first == "0 True"
    assert {"google", "requests", "urllib3", "grpc"} & set(modules) == set()
