"""`gonogo schedule`: what is written runs the audit that was asked for, and nothing hostile gets in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from gonogo.cli.audit import command as audit
from gonogo.sources.gcp.surfaces import load_surfaces
from running import run, scan
from scheduling import CASES, PROJECT, REPOSITORY, TAGGED, TERRAFORM, audits, document, manifests, pod, terraform_values, unknowns, write

COMPUTED = ("email", "id", "member", "name")
"""What Google makes of a name: the only things that Terraform cannot know before it applies."""


@pytest.mark.parametrize("case", CASES)
def test_the_audit_that_runs_is_one(case: str, tmp_path: Path) -> None:
    name, *arguments = audits(case, write(case, tmp_path))
    assert name == "audit"
    given = audit.make_context("audit", arguments).params
    asked = list(zip(CASES[case], CASES[case][1:], strict=False))
    folders = tuple(value for flag, value in asked if flag == "--folder")
    assert given["projects"] == tuple(sorted(value for flag, value in asked if flag == "--project"))
    assert given["folders"] == tuple(sorted(folders))
    assert given["organizations"] == (("12",) if "--organization" in CASES[case] and not folders else ())
    assert given["checklists"] == tuple(value for flag, value in asked if flag == "--checklist")
    in_environment = case.endswith("-postgres") or case.startswith("cloud-run") or case == "systemd-all"
    assert (given["store"] is None) == in_environment


@pytest.mark.parametrize("case", CASES)
def test_our_own_rules_find_nothing_violated_and_no_gap(case: str, tmp_path: Path) -> None:
    found = scan(write(case, tmp_path)).document
    # The labels of the namespace are of whoever made it.
    verdicts = {c["id"]: c["verdict"] for c in found["controls"] if c.get("asked", True) and c["id"] != "k8s-namespace-pod-security"}
    assert set(verdicts.values()) <= {"satisfied", "absent"}
    assert found["gaps"] == []
    if case.startswith(("github", "gitlab")):
        assert verdicts["wif"] == "satisfied"
    if case.startswith("kubernetes"):
        assert verdicts["k8s-network-policy"] == "satisfied"
        assert verdicts["k8s-manifests"] == "satisfied"


@pytest.mark.parametrize("case", TERRAFORM)
def test_terraform_evaluates_to_one_auditor_with_the_role_of_the_table(case: str, tmp_path: Path) -> None:
    found = terraform_values(write(case, tmp_path))
    for reason in (reason for values in found.values() for reason in unknowns(values)):
        assert reason.startswith("known only after apply: ")
        assert reason.endswith(tuple(f".{name}" for name in COMPUTED)), reason
    accounts = {address: values for address, values in found.items() if address.startswith("google_service_account.")}
    assert set(accounts) == {"google_service_account.auditor"} | ({"google_service_account.scheduler"} if case.startswith("cloud-run") else set())
    walk = {"resourcemanager.folders.list", "resourcemanager.projects.list"} if "--organization" in CASES[case] else set()
    roles = [values for address, values in found.items() if "_iam_custom_role." in address]
    assert roles
    for role in roles:
        assert set(role["permissions"]) == {*load_surfaces().permissions, *walk}


def test_who_may_become_the_auditor(tmp_path: Path) -> None:
    github = terraform_values(write("github-postgres", tmp_path / "github"))["google_iam_workload_identity_pool_provider.ci"]
    assert github["attribute_condition"] == 'assertion.repository_id == "123456789" && assertion.ref == "refs/heads/release/1.x"'
    gitlab = terraform_values(write("gitlab", tmp_path / "gitlab"))["google_iam_workload_identity_pool_provider.ci"]
    assert gitlab["attribute_condition"] == 'assertion.project_id == "123456789" && assertion.ref_type == "branch" && assertion.ref == "main"'
    assert gitlab["oidc"] == [{"issuer_uri": "https://git.example.com"}]
    cluster = terraform_values(write("kubernetes-postgres", tmp_path / "kubernetes"))["google_service_account_iam_member.cluster"]
    assert cluster["member"] == "serviceAccount:shop-gke.svc.id.goog[ops/gonogo-auditor]"


def test_the_workflow_has_the_least_permissions_runs_alone_and_keeps_the_history(tmp_path: Path) -> None:
    workflow = yaml.safe_load((write("github", tmp_path) / ".github/workflows/gonogo-audit.yml").read_text())
    job = workflow["jobs"]["audit"]
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert workflow["concurrency"] == {"group": "gonogo-audit", "cancel-in-progress": False}
    steps = {step["name"]: step for step in job["steps"]}
    assert list(steps)[-3:] == ["Audit", "Keep the history", "Keep the report"]
    for name in ("Keep the history", "Keep the report"):
        assert steps[name]["if"] == "always() && steps.audit.outcome != 'skipped'"
    assert steps["Keep the history"]["with"]["path"] == steps["Bring the history back"]["with"]["path"] == ".gonogo-history"


def test_with_postgres_the_workflow_takes_its_address_from_a_secret_of_its_environment(tmp_path: Path) -> None:
    text = (write("github-postgres", tmp_path) / ".github/workflows/gonogo-audit.yml").read_text()
    job = yaml.safe_load(text)["jobs"]["audit"]
    assert job["environment"] == "gonogo-audit"
    assert [step["env"] for step in job["steps"] if "env" in step] == [{"GONOGO_STORE": "${{ secrets.HISTORY }}"}]
    assert "actions/cache" not in text


def test_gitlab_gets_credentials_that_name_the_token_it_writes(tmp_path: Path) -> None:
    root = write("gitlab-postgres", tmp_path)
    job = yaml.safe_load((root / ".gitlab/gonogo-audit.gitlab-ci.yml").read_text())["gonogo-audit"]
    credentials = document(root / job["variables"]["GOOGLE_APPLICATION_CREDENTIALS"])
    assert f"> {credentials['credential_source']['file']}" in "\n".join(job["script"])
    assert job["id_tokens"]["GONOGO_TOKEN"]["aud"] == f"https:{credentials['audience']}"
    assert "/gonogo-auditor@audit-home.example.com.iam.gserviceaccount.com:generateAccessToken" in credentials["service_account_impersonation_url"]
    assert (job["resource_group"], job["retry"], job["interruptible"]) == ("gonogo-audit", 0, False)


def environment(case: str, root: Path) -> dict[str, object]:
    """Where the variables of the audit come from."""
    if case.startswith("github"):
        (step,) = (s for s in yaml.safe_load((root / ".github/workflows/gonogo-audit.yml").read_text())["jobs"]["audit"]["steps"] if s.get("id") == "audit")
        return dict(step.get("env", {}))
    if case.startswith("kubernetes"):
        return {entry["name"]: entry["valueFrom"]["secretKeyRef"] for entry in pod(root)["containers"][0]["env"] if "valueFrom" in entry}
    text = (root / "terraform/gonogo-audit/cloud_run.tf").read_text()  # `facts` redacts what is called secret
    return dict(re.findall(r'env \{\s+name = "(\w+)"\s+value_source \{\s+secret_key_ref \{\s+secret  = "([\w-]+)"', text))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("github", {}),
        ("github-notify", {"GONOGO_NOTIFY": "${{ secrets.ON_CALL }}"}),
        ("cloud-run", {"GONOGO_STORE": "gonogo-store"}),
        ("cloud-run-sql", {"GONOGO_STORE": "store", "GONOGO_NOTIFY": "on-call"}),
        ("kubernetes", {}),
        ("kubernetes-postgres", {"GONOGO_STORE": {"name": "history", "key": "url"}, "GONOGO_NOTIFY": {"name": "on-call", "key": "url"}}),
    ],
)
def test_what_is_secret_comes_from_a_secret_that_the_audit_may_read(case: str, expected: dict[str, object], tmp_path: Path) -> None:
    root = write(case, tmp_path)
    assert environment(case, root) == expected
    if case.startswith("cloud-run"):
        readable = {address for address in terraform_values(root) if "secret_iam_member" in address}
        assert readable == {f'google_secret_manager_secret_iam_member.auditor["{secret}"]' for secret in expected.values()}


@pytest.mark.parametrize("case", ["cloud-run", "cloud-run-sql"])
def test_cloud_run_tries_once_and_the_scheduler_may_start_that_job_only(case: str, tmp_path: Path) -> None:
    found = terraform_values(write(case, tmp_path))
    task = found["google_cloud_run_v2_job.audit"]["template"][0]["template"][0]
    assert task["max_retries"] == 0
    assert found["google_cloud_scheduler_job.audit"]["retry_config"] == [{"retry_count": 0}]
    assert found["google_cloud_run_v2_job_iam_member.scheduler"]["role"] == "roles/run.invoker"
    granted = {address for address, values in found.items() if unknowns(values.get("member")) == ["known only after apply: google_service_account.scheduler.member"]}
    assert granted == {"google_cloud_run_v2_job_iam_member.scheduler"}
    assert ("google_project_iam_member.store" in found) == (case == "cloud-run-sql")


@pytest.mark.parametrize("case", ["kubernetes", "kubernetes-postgres"])
def test_the_cron_job_is_locked_down_and_tries_once(case: str, tmp_path: Path) -> None:
    root = write(case, tmp_path)
    found = manifests(root)
    spec = found["CronJob"]["spec"]
    assert (spec["concurrencyPolicy"], spec["jobTemplate"]["spec"]["backoffLimit"], pod(root)["restartPolicy"]) == ("Forbid", 0, "Never")
    assert pod(root)["securityContext"]["runAsNonRoot"] is True
    assert pod(root)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod(root)["containers"]
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert set(container["resources"]) == {"requests", "limits"}
    assert ("PersistentVolumeClaim" in found) == (case == "kubernetes")
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod(root)["volumes"]}
    account = found["ServiceAccount"]["metadata"]
    assert pod(root)["serviceAccountName"] == account["name"]
    assert account["annotations"]["iam.gke.io/gcp-service-account"].startswith("gonogo-auditor@")


def test_the_crontab_takes_a_lock_whose_code_is_no_verdict(tmp_path: Path) -> None:
    line = (write("cron-all", tmp_path) / "cron.d/gonogo-audit").read_text().splitlines()[-1]
    assert line.startswith("5 4 * * 0 ops umask 077; flock --nonblock --conflict-exit-code 75 /srv/gonogo/audit.lock timeout 1h /")


def test_nothing_that_is_there_is_overwritten_without_force(tmp_path: Path) -> None:
    mine = tmp_path / "cron.d/gonogo-audit"
    mine.parent.mkdir()
    mine.write_text("mine")
    refused = run("schedule", *CASES["cron"], "--output", tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == f"gonogo: nothing was written, as there is already {mine}: add --force to replace what is there\n"
    assert mine.read_text() == "mine"
    write("cron", tmp_path, "--force")
    assert "gonogo audit" in mine.read_text()


EVIL = ("a\nb", 'a"b', "a'b", "a%b", "$(id)", "${{ github.token }}", "`id`", "a b", "a\u2028b", "-o", "\x1b[2J", "${file}", "a;b", "a#b")


@pytest.mark.parametrize(
    ("case", "option"),
    [
        *(("github", option) for option in ("--project", "--folder", "--organization", "--quota-project", "--checklist", "--cron")),
        *(("github", option) for option in ("--home-project", "--service-account", "--repository-id", "--project-number", "--branch")),
        *(("github", option) for option in ("--install", "--store-secret", "--notify-secret")),
        *(("gitlab", option) for option in ("--image", "--url")),
        *(("cloud-run", option) for option in ("--region", "--image", "--store-secret", "--notify-secret", "--cloud-sql")),
        *(("kubernetes", option) for option in ("--image", "--namespace", "--cluster-project", "--store-secret", "--notify-secret")),
        *(("systemd", option) for option in ("--command", "--repo", "--credentials", "--environment-file")),
        *(("cron", option) for option in ("--command", "--repo", "--user", "--state", "--checklist", "--cron")),
    ],
)
def test_a_hostile_value_is_refused_in_one_sentence(case: str, option: str, tmp_path: Path) -> None:
    for evil in EVIL:
        ran = run("schedule", *CASES[case], f"{option}={evil}", "--output", tmp_path / "out")
        assert (ran.code, ran.out) == (2, ""), evil
        assert ran.err.startswith("gonogo: ")
        assert len(ran.err.splitlines()) <= 2, evil
        assert ran.err.isascii() and "\x1b" not in ran.err
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cron",), "say what to audit"),
        (("github", "--folder", "9", *REPOSITORY, "--install", "gonogo==1"), "add --organization"),
        (("github", "--organization", "9", *REPOSITORY, "--install", "gonogo==1"), "--home-project ID"),
        (("github", "--organization", "9", "--organization", "8", *REPOSITORY, "--install", "gonogo==1"), "give --organization once"),
        (("github", *PROJECT, *REPOSITORY, "--install", "gonogo"), "no pinned requirement"),
        (("github", *PROJECT, *REPOSITORY, "--install", "gonogo @ git+https://git.example.com/gonogo@main"), "no pinned requirement"),
        (("github", *PROJECT, *REPOSITORY, "--install", "gonogo==1", "--cron", "*/3 * * * *"), "five minutes"),
        (("github", *PROJECT, *REPOSITORY, "--install", "gonogo==1", "--service-account", ""), "is empty"),
        (("kubernetes", *PROJECT, "--image", "gonogo"), "no pinned image"),
        (("kubernetes", *PROJECT, "--image", "gonogo:latest"), "no pinned image"),
        (("kubernetes", *PROJECT, "--image", "gonogo:latest@sha256:" + "a" * 64), "no pinned image"),
        (("cloud-run", *PROJECT, "--image", TAGGED, "--region", "europe-west1"), "--store-secret"),
        (("cloud-run", *PROJECT, "--image", TAGGED, "--region", "europe-west1", "--store-secret", "postgresql://u:hunter2@h/d"), "give its name, not what it holds"),
        (("nomad", *PROJECT), "nomad"),
    ],
)  # fmt: skip
def test_what_cannot_be_scheduled_is_said(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ran = run("schedule", *arguments, "--output", tmp_path / "out")
    assert ran.code == 2
    assert said in ran.err
    assert not (tmp_path / "out").exists()
