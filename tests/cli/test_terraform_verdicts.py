"""What scanners of Terraform are known to get wrong: each row is an expression behind one setting, its truth, and our verdict.

The rows are those on which Checkov 3.3.30 and Trivy's evaluator were compared, and issues of theirs.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gonogo.cli.main import main

BACKUPS = "cloudsql-backups-enabled"
INSTANCE = """
resource "google_sql_database_instance" "main" {
  %(repeat)s
  name             = "main"
  database_version = "POSTGRES_16"
  settings {
    tier = "db-custom-2-8192"
    backup_configuration {
      enabled = %(enabled)s
    }
  }
}
"""


def instance(enabled: str, repeat: str = "") -> str:
    return INSTANCE % {"enabled": enabled, "repeat": repeat}


def scan(root: Path, files: Mapping[str, str]) -> Any:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    out, err = io.StringIO(), io.StringIO()
    main(["scan", str(root), "-o", "json"], out, err)
    assert err.getvalue() == ""
    return json.loads(out.getvalue())


def control(document: Any, identifier: str = "cloudsql-backups") -> Any:
    return next(c for c in document["controls"] if c["id"] == identifier)


def verdicts(document: Any, rule: str = BACKUPS) -> dict[str, str]:
    return {f["subject"]["name"]: f["verdict"] for f in document["findings"] if f["rule"] == rule}


def evidence(document: Any) -> list[str]:
    [finding] = [f for f in document["findings"] if f["rule"] == BACKUPS]
    return [f"{e['file']}:{e['line']}" for e in finding["evidence"]]


MODULE = 'variable "backups" { default = false }\n' + instance("var.backups")
KNOWN = {
    "default": ({"main.tf": 'variable "b" { default = true }\n' + instance("var.b")}, "satisfied"),
    "tfvars": ({"main.tf": 'variable "b" {}\n' + instance("var.b"), "terraform.tfvars": "b = true\n"}, "satisfied"),
    "auto.tfvars": ({"main.tf": 'variable "b" { default = false }\n' + instance("var.b"), "x.auto.tfvars": "b = true\n"}, "satisfied"),
    "conditional on a local": (
        {"main.tf": 'variable "env" { default = "prod" }\nlocals {\n  is_prod = var.env == "prod"\n}\n' + instance("local.is_prod ? true : false")},
        "satisfied",
    ),
    "merge": (
        {"main.tf": "locals {\n  c = merge({ enabled = false }, { enabled = true, tier = 1 })\n}\n" + instance("local.c.enabled")},
        "satisfied",
    ),
    "try": ({"main.tf": 'locals {\n  m = { a = { b = true } }\n}\n' + instance('try(local.m["a"].b, false)')}, "satisfied"),
    "try that fails": ({"main.tf": 'locals {\n  m = { a = {} }\n}\n' + instance('try(local.m["a"].b, false)')}, "violated"),
    "yamldecode of a file": (
        {"main.tf": 'locals {\n  c = yamldecode(file("${path.module}/c.yaml"))\n}\n' + instance("local.c.sql.backups"), "c.yaml": "sql: {backups: true}\n"},
        "satisfied",
    ),
    "text for a boolean": ({"main.tf": instance('"true"')}, "satisfied"),
    "optional attribute of a module's object": (
        {
            "main.tf": 'module "db" {\n  source = "./db"\n  settings = { tier = "x" }\n}\n',
            "db/main.tf": 'variable "settings" { type = object({ tier = string, backups = optional(bool, true) }) }\n' + instance("var.settings.backups"),
        },
        "satisfied",
    ),
    "dynamic block over a list": (
        {"main.tf": instance("true").replace("backup_configuration {", 'dynamic "backup_configuration" {\n for_each = [true]\n content {').replace("= true", "= backup_configuration.value\n }")},
        "satisfied",
    ),
    "dynamic block over nothing": (
        {"main.tf": instance("true").replace("backup_configuration {", 'dynamic "backup_configuration" {\n for_each = []\n content {').replace("= true", "= true\n }")},
        "violated",
    ),
}


@pytest.mark.parametrize("row", KNOWN)
def test_what_terraform_knows_is_known(tmp_path: Path, row: str) -> None:
    files, verdict = KNOWN[row]
    document = scan(tmp_path, files)
    assert list(verdicts(document).values()) == [verdict]
    assert control(document)["verdict"] == verdict


UNKNOWN = {
    "variable without a value": ({"main.tf": 'variable "b" {}\n' + instance("var.b")}, 'variable "b" has no default and no value (main.tf:1)'),
    "data source (checkov#5752)": ({"main.tf": 'data "google_x" "y" {}\n' + instance("data.google_x.y.on")}, "data source data.google_x.y is read when Terraform runs"),
    "known after apply (checkov#3138)": ({"main.tf": 'resource "random_integer" "r" {}\n' + instance("random_integer.r.result > 0")}, "known only after apply: random_integer.r.result"),
    "count that is not known": ({"main.tf": 'variable "x" {}\n' + instance("true", "count = var.x ? 1 : 0")}, "count is not known"),
    "for_each that is not known (trivy#7099)": ({"main.tf": 'variable "x" {}\n' + instance("true", "for_each = var.x")}, "for_each is not known"),
    "function of a value that is not known (trivy#8485)": ({"main.tf": 'variable "x" {}\n' + instance("tobool(lower(var.x))")}, 'variable "x" has no default and no value'),
    "output of a module out of reach": ({"main.tf": 'module "m" { source = "acme/m/google" }\n' + instance("module.m.on")}, "output of module m (acme/m/google)"),
}  # fmt: skip


@pytest.mark.parametrize("row", UNKNOWN)
def test_what_terraform_does_not_know_is_unknown_and_says_why(tmp_path: Path, row: str) -> None:
    files, reason = UNKNOWN[row]
    document = scan(tmp_path, files)
    found = [f for f in document["findings"] if f["rule"] == BACKUPS]
    assert [f["verdict"] for f in found] == ["unknown"]
    assert any(reason in text for text in found[0]["reasons"])
    assert control(document)["verdict"] == "unknown"


def test_instances_of_a_map_have_each_their_own_value(tmp_path: Path) -> None:
    document = scan(tmp_path, {"main.tf": 'locals {\n  dbs = { a = true, b = false }\n}\n' + instance("each.value", "for_each = local.dbs")})
    assert verdicts(document) == {'google_sql_database_instance.main["a"]': "satisfied", 'google_sql_database_instance.main["b"]': "violated"}


def test_what_has_no_instance_is_absent(tmp_path: Path) -> None:
    document = scan(tmp_path, {"main.tf": instance("false", "count = 0")})
    assert verdicts(document) == {}
    assert control(document)["verdict"] == "absent"


def test_a_local_module_is_judged_by_its_calls_and_not_alone(tmp_path: Path) -> None:
    """trivy#5912, #4988: called modules were scanned once more by themselves, without their inputs."""
    calls = 'module "db" {\n  source   = "./db"\n  for_each = { a = true, b = true }\n  backups  = each.value\n}\n'
    document = scan(tmp_path, {"main.tf": calls, "db/main.tf": MODULE})
    assert verdicts(document) == {f'module.db["{key}"].google_sql_database_instance.main': "satisfied" for key in "ab"}


def test_a_module_out_of_reach_leaves_what_it_may_hold_unknown(tmp_path: Path) -> None:
    document = scan(tmp_path, {"main.tf": 'module "platform" { source = "acme/platform/google" }\n'})
    assert control(document)["verdict"] == "unknown"
    assert [(gap["file"], gap["line"]) for gap in document["gaps"]] == [("main.tf", 1)]


def test_forty_calls_are_forty(tmp_path: Path) -> None:
    calls = "".join(f'module "m{n}" {{\n  source  = "./db"\n  backups = true\n}}\n' for n in range(40))
    assert list(verdicts(scan(tmp_path, {"main.tf": calls, "db/main.tf": MODULE})).values()) == ["satisfied"] * 40


def test_the_sibling_of_an_unknown_input_stays(tmp_path: Path) -> None:
    """trivy#10926: the module beside one that is fed a computed value fell back to its defaults, or vanished."""
    text = (
        'resource "random_password" "p" { length = 8 }\n'
        'module "one" {\n  source  = "./db"\n  backups = random_password.p.result == "x"\n}\n'
        'module "two" {\n  source  = "./db"\n  backups = true\n}\n'
    )
    assert verdicts(scan(tmp_path, {"main.tf": text, "db/main.tf": MODULE})) == {
        "module.one.google_sql_database_instance.main": "unknown",
        "module.two.google_sql_database_instance.main": "satisfied",
    }


def test_the_evidence_is_the_line_that_decides_and_the_way_to_it(tmp_path: Path) -> None:
    """The attribute, then what its value came through, from there to the line of the var file (trivy#9076: `main.tf:None-None`)."""
    document = scan(
        tmp_path,
        {
            "main.tf": 'variable "keep" {}\nlocals {\n  backups = var.keep\n}\nmodule "db" {\n  source  = "./db"\n  backups = local.backups\n}\n',
            "prod.auto.tfvars": "\n\nkeep = false\n",
            "db/main.tf": 'variable "backups" {}\nlocals {\n  enabled = var.backups\n}\n' + instance("local.enabled"),
        },
    )
    assert list(verdicts(document).values()) == ["violated"]
    assert evidence(document) == ["db/main.tf:13", "db/main.tf:3", "main.tf:7", "main.tf:3", "prod.auto.tfvars:3"]
