"""An adapter against the module it stands in for: the same canonical resources, field by field.

The module here is our own, in both forms. `differences` is what the shipped adapters were compared with, against the
modules' sources and examples: given a directory with the real module, it takes any of them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gonogo.kinds.gcp import settle
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.terraform_resources import TerraformSource
from gonogo.sources.tree import open_tree

MODULE = """
variable "name" { type = string }
variable "tier" {
  type    = string
  default = "db-f1-micro"
}
variable "availability_type" { default = "ZONAL" }
variable "backups" {
  type = object({
    enabled = optional(bool, true)
    retained = optional(number)
  })
  default = {}
}
variable "replicas" {
  type    = map(object({ region = string }))
  default = {}
}
locals {
  defaults = { enabled = var.backups.enabled, pitr = var.availability_type == "REGIONAL" }
  retained = var.backups.retained
}
resource "google_sql_database_instance" "this" {
  name             = "${var.name}-sql"
  region           = "europe-west1"
  database_version = "POSTGRES_16"
  settings {
    tier              = var.tier
    availability_type = var.availability_type
    dynamic "backup_configuration" {
      for_each = [local.defaults]
      content {
        enabled                        = backup_configuration.value.enabled
        point_in_time_recovery_enabled = backup_configuration.value.pitr
        dynamic "backup_retention_settings" {
          for_each = local.retained == null ? [] : [local.retained]
          content {
            retained_backups = backup_retention_settings.value
          }
        }
      }
    }
    ip_configuration {
      ssl_mode = "ENCRYPTED_ONLY"
    }
  }
}
resource "google_sql_database_instance" "replica" {
  for_each             = var.replicas
  name                 = "${var.name}-${each.key}"
  region               = each.value.region
  database_version     = google_sql_database_instance.this.database_version
  master_instance_name = google_sql_database_instance.this.name
  settings {
    tier = var.tier
  }
}
"""
ADAPTER = """
variable "name" {}
variable "availability_type" { default = "ZONAL" }
variable "backups" {
  type = object({
    enabled = optional(bool, true)
    retained = optional(number)
  })
  default = {}
}
variable "replicas" { default = {} }
resource "google_sql_database_instance" "this" {
  name             = "${var.name}-sql"
  region           = "europe-west1"
  database_version = "POSTGRES_16"
  settings {
    availability_type = var.availability_type
    backup_configuration {
      enabled                        = var.backups.enabled
      point_in_time_recovery_enabled = var.availability_type == "REGIONAL"
      backup_retention_settings {
        retained_backups = var.backups.retained
      }
    }
    ip_configuration {
      ssl_mode = "ENCRYPTED_ONLY"
    }
  }
}
resource "google_sql_database_instance" "replica" {
  for_each             = var.replicas
  name                 = "${var.name}-${each.key}"
  region               = each.value.region
  database_version     = google_sql_database_instance.this.database_version
  master_instance_name = google_sql_database_instance.this.name
}
"""
CALLERS = (
    'name = "a"',
    'name = "a"\n  availability_type = "REGIONAL"\n  backups = { retained = 30 }',
    'name = "a"\n  backups = { enabled = false }\n  replicas = { x = { region = "europe-west4" } }',
    "name = var.unknown",
)


def resources(root: Path, rules: Path) -> dict[str, Resource]:
    found = settle(r for r in TerraformSource(rule_dirs=(rules,)).read(open_tree(root)) if isinstance(r, Resource))
    return {resource.name: resource for resource in found}


def differences(call: str, module: Path, rules: Path, work: Path) -> list[str]:
    """What a root with `call`, a call of module "m", makes otherwise with the adapter below `rules` than with the module itself."""
    adapted, real = work / "adapted", work / "real"
    for root in (adapted, real):
        root.mkdir(parents=True)
        (root / "main.tf").write_text(call, "utf-8")
    shutil.copytree(module, real / ".terraform/modules/m")
    manifest = {"Modules": [{"Key": "m", "Source": "acme/db/google", "Dir": ".terraform/modules/m"}]}
    (real / ".terraform/modules/modules.json").write_text(json.dumps(manifest), "utf-8")
    ours, theirs = resources(adapted, rules), resources(real, rules)
    found = [f"only one has {name}" for name in sorted(ours.keys() ^ theirs.keys())]
    for name in sorted(ours.keys() & theirs.keys()):
        mine, its = known(ours[name].attributes), known(theirs[name].attributes)
        found.extend(f"{name}.{field}: {mine[field]!r}, not {its[field]!r}" for field in its if mine[field] != its[field])
    return found


def known(value: Value) -> dict[str, Value]:
    """Attributes with every unknown alike: why a value is not known may be said in other words."""

    def plain(inner: Value) -> Value:
        if isinstance(inner, Unknown):
            return "?"
        if isinstance(inner, dict):
            return {key: plain(item) for key, item in inner.items()}
        return [plain(item) for item in inner] if isinstance(inner, list) else inner

    found = plain(value)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("number", range(len(CALLERS)))
def test_an_adapter_makes_what_its_module_makes(tmp_path: Path, number: int) -> None:
    module, rules = tmp_path / "module", tmp_path / "rules"
    module.mkdir()
    (module / "main.tf").write_text(MODULE, "utf-8")
    (rules / "modules").mkdir(parents=True)
    (rules / "modules" / "db.hcl").write_text(ADAPTER, "utf-8")
    (rules / "modules" / "index.yaml").write_text(
        'modules:\n  - {source: acme/db/google, adapters: {">= 1, < 2": db.hcl}, kinds: []}\n', "utf-8"
    )
    call = f'module "m" {{\n  source  = "acme/db/google"\n  version = "~> 1.4"\n  {CALLERS[number]}\n}}\nvariable "unknown" {{}}\n'
    assert differences(call, module, rules, tmp_path) == []


def test_a_difference_is_seen(tmp_path: Path) -> None:
    module, rules = tmp_path / "module", tmp_path / "rules"
    module.mkdir()
    (module / "main.tf").write_text(MODULE.replace('"ZONAL"', '"REGIONAL"'), "utf-8")
    (rules / "modules").mkdir(parents=True)
    (rules / "modules" / "db.hcl").write_text(ADAPTER, "utf-8")
    (rules / "modules" / "index.yaml").write_text(
        'modules:\n  - {source: acme/db/google, adapters: {">= 1, < 2": db.hcl}, kinds: []}\n', "utf-8"
    )
    call = 'module "m" {\n  source  = "acme/db/google"\n  version = "1.4.0"\n  name = "a"\n}\n'
    found = differences(call, module, rules, tmp_path)
    assert len(found) == 1
    assert found[0].startswith("module.m.google_sql_database_instance.this.settings: ")
