"""The custom role as others read it: gcloud makes it, a shell runs the commands, Terraform formats it, our evaluator evaluates it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")

from gonogo.sources.gcp.surfaces import load_surfaces
from loopback.seed import read_seed
from loopback.server import Loopback, loopback
from running import run

MEMBER = "serviceAccount:audit@shop-prod.iam.gserviceaccount.com"
PERMISSIONS = load_surfaces().permissions
WALK = ("resourcemanager.folders.list", "resourcemanager.projects.list")
SCOPES = [
    ("--project", "shop-prod"),
    ("--project", "shop-prod", "--project", "shop-dev", "--quota-project", "payer"),
    ("--organization", "12"),
    ("--organization", "12", "--folder", "9", "--folder", "10"),
    ("--organization", "12", "--folder", "9", "--project", "shop-prod", "--impersonate", MEMBER.partition(":")[2]),
]
gcloud = pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")
terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")


def environment(running: Loopback, config: Path) -> dict[str, str]:
    ours = {"IAM": "iam", "CLOUDRESOURCEMANAGER": "cloudresourcemanager"}
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CLOUDSDK_")},
        "NO_PROXY": "127.0.0.1",
        "CLOUDSDK_CONFIG": str(config),
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}": f"{running.url.format(service=service)}/" for name, service in ours.items()},
    }


def role(form: str, *scope: str) -> str:
    ran = run("doctor", *scope, "--role", form)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


@gcloud
@pytest.mark.parametrize(
    ("scope", "owner", "more"),
    [(("--project", "shop-prod"), "projects/shop-prod", ()), (("--organization", "12"), "organizations/12", WALK)],
)
def test_gcloud_makes_the_role_of_the_yaml(scope: tuple[str, str], owner: str, more: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "role.yaml").write_text(role("yaml", *scope))
    command = ["gcloud", "iam", "roles", "create", "gonogoAuditor", "=".join(scope), f"--file={tmp_path / 'role.yaml'}", "--format=json"]
    cloud = read_seed("shop")
    with loopback(cloud) as running:
        done = subprocess.run(command, env=environment(running, tmp_path), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    (made,) = cloud.collections["iam"][f"{owner}/roles"]
    assert made["includedPermissions"] == sorted([*PERMISSIONS, *more])
    assert made == json.loads(done.stdout)


@gcloud
def test_a_shell_runs_the_commands(tmp_path: Path) -> None:
    (tmp_path / "role.sh").write_text("set -e\n" + role("gcloud", "--project", "shop-prod", "--impersonate", MEMBER.partition(":")[2]))
    cloud = read_seed("shop")
    with loopback(cloud) as running:
        done = subprocess.run(
            ["bash", str(tmp_path / "role.sh")],
            env=environment(running, tmp_path),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-1000:]
    (made,) = cloud.collections["iam"]["projects/shop-prod/roles"]
    assert made["includedPermissions"] == list(PERMISSIONS)
    (policy,) = cloud.collections["cloudresourcemanager"]["projects/shop-prod:getIamPolicy"]
    assert policy["bindings"] == [{"members": [MEMBER], "role": "projects/shop-prod/roles/gonogoAuditor"}]


@terraform
@pytest.mark.parametrize("scope", SCOPES)
def test_terraform_would_write_it_the_same(scope: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-"],
        input=role("terraform", *scope),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("scope", SCOPES)
def test_it_evaluates_to_the_role_and_who_gets_it(scope: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "auditor.tf").write_text(role("terraform", *scope))
    (tmp_path / "terraform.tfvars").write_text(f'gonogo_auditor = "{MEMBER}"\n')
    (root,) = run("facts", tmp_path, "--terraform-values").document["roots"]
    organization = "--organization" in scope
    kind = "organization" if organization else "project"
    found = dict(root["resources"])
    roles = [attributes for address, attributes in found.items() if address.startswith(f"google_{kind}_iam_custom_role.gonogo_auditor")]
    assert len(roles) == (1 if organization else scope.count("--project"))
    for made in roles:
        assert made["permissions"] == sorted([*PERMISSIONS, *(WALK if organization else ())])
    members = [attributes for address, attributes in found.items() if "_iam_member." in address]
    assert members
    assert {member["member"] for member in members} == {MEMBER}
