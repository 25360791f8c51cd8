"""Environments on the command line and in gonogo.toml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from running import Ran, run, scan

DATABASE = """variable "availability" { default = "ZONAL" }
resource "google_sql_database_instance" "main" {
  database_version = "POSTGRES_15"
  settings {
    tier              = "db-custom-2-4096"
    availability_type = var.availability
  }
}
"""
REGIONAL, ZONAL = 'availability = "REGIONAL"\n', 'availability = "ZONAL"\n'


def write(root: Path, **files: str) -> Path:
    """A tree with a database and the files given; `__` in a name is `/`, and `_` its last `.`."""
    for name, text in {"main_tf": DATABASE, **files}.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        path = root / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def verdict(ran: Ran, control: str = "cloudsql-ha") -> str:
    return str(next(c["verdict"] for c in ran.document["controls"] if c["id"] == control))


def regional(ran: Ran) -> list[tuple[str, str]]:
    """The findings of the rule, as (environment, verdict)."""
    return [(f["subject"]["environment"], f["verdict"]) for f in ran.document["findings"] if f["rule"] == "cloudsql-regional"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], ("production", "satisfied")), (["--env", "prd"], ("production", "satisfied")), (["--env", "dev"], ("development", "violated"))],
)
def test_env_says_which_instance_is_judged(tmp_path: Path, arguments: list[str], expected: tuple[str, str]) -> None:
    ran = scan(write(tmp_path, envs__prod_tfvars=REGIONAL, envs__dev_tfvars=ZONAL), *arguments)
    assert regional(ran) == [expected]
    assert ran.document["inputs"]["environment"] == expected[0]
    judged = {i["environment"]: (i["varFiles"], i["evaluated"]) for i in ran.document["inputs"]["instances"]}
    assert judged == {
        "production": (["envs/prod.tfvars"], expected[0] == "production"),
        "development": (["envs/dev.tfvars"], expected[0] == "development"),
    }
    assert list(ran.document["inputs"]["other_environments"]) == ["development" if expected[0] == "production" else "production"]


def test_the_report_says_which_instance_was_judged_and_the_evidence_leads_to_its_var_file(tmp_path: Path) -> None:
    root = write(tmp_path, envs__prod_tfvars=ZONAL, envs__dev_tfvars=REGIONAL)
    shown = run("scan", root).out
    assert "Terraform judged for production: . (envs/prod.tfvars)" in " ".join(shown.split())
    (finding,) = [f for f in scan(root).document["findings"] if f["rule"] == "cloudsql-regional"]
    assert "envs/prod.tfvars" in [e["file"] for e in finding["evidence"]]


def test_facts_show_every_instance(tmp_path: Path) -> None:
    root = write(tmp_path, envs__prod_tfvars=REGIONAL, envs__dev_tfvars=ZONAL)
    databases = [r["environment"] for r in json.loads(run("facts", root, "--kind", "sqladmin.googleapis.com/Instance").out)["resources"]]
    values = {r["environment"]: r["variables"] for r in json.loads(run("facts", root, "--terraform-values").out)["roots"]}
    assert databases == ["development", "production"]
    assert values == {"development": {"availability": "ZONAL"}, "production": {"availability": "REGIONAL"}}


CONFIGURATION = """[environments.prod]
var_files = ["a_tfvars/live.tfvars"]
workspace = "blue"
[environments.canary]
names = ["canary-eu"]
var-files = ["a_tfvars/canary.tfvars"]
"""


@pytest.mark.parametrize(("name", "expected"), [("production", "satisfied"), ("canary", "violated"), ("Canary-EU", "violated")])
def test_a_configuration_says_what_an_environment_is(tmp_path: Path, name: str, expected: str) -> None:
    root = write(tmp_path, gonogo_toml=CONFIGURATION)
    write(root / "a_tfvars", live_tfvars=REGIONAL, canary_tfvars=ZONAL)
    (root / "a_tfvars" / "main.tf").unlink()
    assert [v for _, v in regional(scan(root, "--env", name))] == [expected]


def test_an_environment_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    ran = scan(write(tmp_path, gonogo_toml="[environments.canary]\n"), "--env", "cannary")
    assert ran.code == 2
    assert ran.err == "gonogo: no environment is called cannary; there are canary, production, and [environments.NAME] in gonogo.toml adds one\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[environments.prod]\nvar_file = []\n", "unknown setting environments.prod.var_file; did you mean var_files?"),
        ("[environments.prod]\nvar_files = 'a'\n", "environments.prod.var_files is a list of strings, not 'a'"),
        ("[environments.prod]\nvar_files = [\n  'envs/none.tfvars',\n]\n", "gonogo.toml:3: environments.prod.var_files: there is no envs/none.tfvars"),
        ("[environments.prod]\nvar_files = ['../x.tfvars']\n", "there is no ../x.tfvars below"),
        ("[environments.prod]\n[environments.production]\n", "environments.production and another table mean production"),
        ("environments = ['prod']\n", "environments is a table of tables"),
        ("[environments]\nprod = 'x'\n", "environments.prod is a table, not 'x'"),
        ("[environments.prod]\nroots = ['infra']\n", "environments.production.roots: infra is no directory with Terraform"),
    ],
)
def test_errors_of_the_configuration(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.tfvars").write_text(REGIONAL)
    root = write(tmp_path / "repository", gonogo_toml=text)
    for command in ("scan", "facts"):
        ran = run(command, root)
        assert ran.code == 2
        assert message in ran.err and ran.err.count("\n") == 1


def test_var_files_on_the_command_line_are_for_the_judged_instance(tmp_path: Path) -> None:
    root = write(tmp_path / "repository", envs__prod_tfvars=REGIONAL, other_tfvars=ZONAL)
    assert regional(scan(root, "--var-file", root / "other.tfvars")) == [("production", "violated")]
    (tmp_path / "outside.tfvars").write_text(ZONAL)
    assert scan(root, "--var-file", tmp_path / "outside.tfvars").code == 2
    assert scan(root, "--var-file", root / "none.tfvars").code == 2


def test_the_process_environment_sets_no_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_availability", "REGIONAL")
    monkeypatch.setenv("TF_WORKSPACE", "prod")
    assert regional(scan(write(tmp_path))) == [("", "violated")]


def test_a_gap_of_staging_does_not_leave_production_open(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "./nowhere"\n}\n'
    root = write(tmp_path, envs__prod__main_tf=DATABASE.replace("ZONAL", "REGIONAL"), envs__staging__main_tf=call)
    (root / "main.tf").unlink()
    production: Any = scan(root)
    assert regional(production) == [("production", "satisfied")]
    assert verdict(production) == "satisfied"
    staging = scan(root, "--env", "staging")
    assert (regional(staging), verdict(staging)) == ([], "unknown")
