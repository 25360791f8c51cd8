"""`gonogo schedule` in every form that the tests look at, and the audits that the written files run."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import yaml

from running import run

DIGEST = f"europe-docker.pkg.dev/shop-prod/tools/gonogo@sha256:{'a' * 64}"
TAGGED = "registry.example.com:5000/tools/gonogo:1.2.0"
COMMIT = f"gonogo[gcp,postgres] @ git+https://git.example.com/tools/gonogo@{'b' * 40}"
PROJECT = ("--project", "shop-prod")
PROJECTS = ("--project", "shop-prod", "--project", "shop-data", "--home-project", "audit-home", "--quota-project", "payer")
ORGANIZATION = ("--organization", "12", "--home-project", "example.com:audit-home")
FOLDERS = ("--organization", "12", "--folder", "9", "--folder", "10", "--home-project", "audit-home")
CHECKLISTS = ("--checklist", "docs/PRODUCTION.md", "--checklist", "docs/SECURITY.md")
REPOSITORY = ("--repository-id", "123456789", "--project-number", "4711")
CASES: dict[str, tuple[str, ...]] = {
    "github": ("github", *PROJECT, *REPOSITORY, "--install", "gonogo[gcp,history]==1.2.0"),
    "github-postgres": ("github", *FOLDERS, *CHECKLISTS, *REPOSITORY, "--install", COMMIT, "--store-secret", "HISTORY", "--branch", "release/1.x"),
    "github-notify": ("github", *PROJECT, *REPOSITORY, "--install", "gonogo[gcp,history,notify]==1.2.0", "--notify-secret", "ON_CALL"),
    "gitlab": ("gitlab", *PROJECT, *CHECKLISTS, *REPOSITORY, "--image", TAGGED, "--url", "https://git.example.com"),
    "gitlab-postgres": ("gitlab", *ORGANIZATION, *REPOSITORY, "--image", DIGEST, "--postgres", "--cron", "0 3 * * MON-FRI"),
    "cloud-run": ("cloud-run", *PROJECT, "--region", "europe-west1", "--image", DIGEST, "--store-secret", "gonogo-store"),
    "cloud-run-sql": (
        *("cloud-run", *PROJECTS, "--region", "us-central1", "--image", TAGGED, "--store-secret", "store"),
        *("--cloud-sql", "shop-data:us-central1:history", "--checklist", "/app/PRODUCTION.md", "--service-account", "production-reader", "--notify-secret", "on-call"),
    ),
    "kubernetes": ("kubernetes", *PROJECT, "--image", DIGEST),
    "kubernetes-postgres": ("kubernetes", *FOLDERS, "--image", TAGGED, "--namespace", "ops", "--cluster-project", "shop-gke", "--store-secret", "history", "--notify-secret", "on-call"),
    "systemd": ("systemd", *PROJECT),
    "systemd-all": (
        *("systemd", "--folder", "9", *CHECKLISTS, "--cron", "5 4 1 * *", "--repo", "/srv/shop"),
        *("--credentials", "/etc/gonogo/wif.json", "--environment-file", "/etc/gonogo/audit.env"),
    ),
    "cron": ("cron", *PROJECT),
    "cron-all": ("cron", "--organization", "12", *CHECKLISTS, "--cron", "5 4 * * 7", "--repo", "/srv/shop", "--user", "ops", "--state", "/srv/gonogo"),
}  # fmt: skip
TERRAFORM = [case for case in CASES if not case.startswith(("systemd", "cron"))]


def write(case: str, output: Path, *more: str) -> Path:
    """`output`, with the files of the case."""
    ran = run("schedule", *CASES[case], "--output", output, *more)
    assert (ran.code, ran.err) == (0, "")
    return output


def terraform_values(root: Path) -> dict[str, Any]:
    """Address to attributes, as our own evaluator gives them."""
    (found,) = run("facts", root, "--terraform-values").document["roots"]
    values: dict[str, Any] = found["resources"]
    return values


def audits(case: str, root: Path) -> list[str]:
    """The words that start gonogo in the written files, from `audit` on."""
    if case.startswith("github"):
        workflow = yaml.safe_load((root / ".github/workflows/gonogo-audit.yml").read_text())
        (script,) = (step["run"] for step in workflow["jobs"]["audit"]["steps"] if step.get("id") == "audit")
        return shlex.split(script.splitlines()[-1])[1:]
    if case.startswith("gitlab"):
        script = yaml.safe_load((root / ".gitlab/gonogo-audit.gitlab-ci.yml").read_text())["gonogo-audit"]["script"]
        return shlex.split(script[-1])[1:]
    if case.startswith("cloud-run"):
        job = terraform_values(root)["google_cloud_run_v2_job.audit"]
        return list(job["template"][0]["template"][0]["containers"][0]["args"])
    if case.startswith("kubernetes"):
        return list(pod(root)["containers"][0]["args"])
    if case.startswith("systemd"):
        (line,) = (line for line in (root / "systemd/gonogo-audit.service").read_text().splitlines() if line.startswith("ExecStart="))
        return shlex.split(line.removeprefix("ExecStart="))[1:]
    line = (root / "cron.d/gonogo-audit").read_text().splitlines()[-1]
    words = shlex.split(line.split("; ", 1)[1])
    return words[words.index("audit") :]


def manifests(root: Path) -> dict[str, Any]:
    """Kubernetes objects by kind."""
    found = list(yaml.safe_load_all((root / "kubernetes/gonogo-audit.yaml").read_text()))
    by_kind = {document["kind"]: document for document in found}
    assert len(by_kind) == len(found)
    return by_kind


def pod(root: Path) -> Any:
    return manifests(root)["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def unknowns(value: Any) -> list[str]:
    """Why anything in a value is unknown."""
    if isinstance(value, dict):
        if "unknown" in value:
            return [str(reason) for reason in value["unknown"]]
        return [reason for inner in value.values() for reason in unknowns(inner)]
    return [reason for inner in value for reason in unknowns(inner)] if isinstance(value, list) else []


def document(path: Path) -> Any:
    return json.loads(path.read_text())
