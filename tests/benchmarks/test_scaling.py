"""A scan takes time in proportion to the Terraform it reads, and bounded memory: a generated tree at 1, 2, 4 and 8 times its size."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SERVICES = 25
SIZES = (1, 2, 4, 8)
MAX_EXPONENT = 1.25
MAX_MEBIBYTES = 400

_MODULE = """
variable "instances" {
  type = map(object({ tier = optional(string, "db-custom-2-8192"), backups = optional(bool, true) }))
}
resource "google_sql_database_instance" "main" {
  for_each         = var.instances
  name             = "db-${each.key}"
  database_version = "POSTGRES_16"
  settings {
    tier              = each.value.tier
    availability_type = local.highly_available ? "REGIONAL" : "ZONAL"
    dynamic "backup_configuration" {
      for_each = each.value.backups ? [1] : []
      content { enabled = true }
    }
  }
}
locals {
  highly_available = length(var.instances) > 1
}
output "names" {
  value = [for key, instance in google_sql_database_instance.main : instance.name]
}
"""
_ROOT = """
terraform {
  backend "gcs" {}
}
module "db" {
  source    = "../../modules/db%(module)d"
  instances = merge({ for n in range(3) : "s${n}" => {} }, var.more)
}
resource "google_cloud_run_v2_service" "api" {
  name     = "api-%(number)d"
  location = var.region
  template {
    containers {
      image = "europe-docker.pkg.dev/shop/api:${var.release}"
      dynamic "env" {
        for_each = module.db.names
        content {
          name  = upper("DB_${env.key}")
          value = env.value
        }
      }
    }
  }
}
"""
_VARIABLES = """
variable "region" { type = string }
variable "release" { default = "1.0" }
variable "more" { default = { extra = { backups = false } } }
"""


def plant(root: Path, services: int) -> int:
    """Write a tree of `services` roots, one module for every five of them; returns the number of its files."""
    texts: dict[str, str] = {f"modules/db{number}/main.tf": _MODULE for number in range(services // 5)}
    for number in range(services):
        texts[f"services/s{number}/main.tf"] = _ROOT % {"number": number, "module": number // 5}
        texts[f"services/s{number}/variables.tf"] = _VARIABLES
        texts[f"services/s{number}/terraform.tfvars"] = 'region = "europe-west1"\n'
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return len(texts)


def usage(root: Path) -> tuple[float, float]:
    """Seconds of processor time and peak mebibytes of one scan, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-m", "gonogo", "scan", str(root), "--exit-zero"], stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 4)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The slope of time over size, both logarithmic, by least squares."""
    x, y = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum((a - middle_x) ** 2 for a in x)


def test_time_is_in_proportion_to_the_files_and_memory_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "main.tf").touch()
    start = min(usage(tmp_path / "empty")[0] for _ in range(3))
    files, seconds, mebibytes = [], [], 0.0
    for size in SIZES:
        root = tmp_path / str(size)
        files.append(plant(root, SERVICES * size))
        runs = [usage(root) for _ in range(2)]
        seconds.append(min(run[0] for run in runs) - start)
        mebibytes = max(mebibytes, *(run[1] for run in runs))
    found = exponent(files, seconds)
    print(f"files {files}, seconds above start-up {[round(s, 2) for s in seconds]}: exponent {found:.2f}, at most {mebibytes:.0f} MiB")
    assert found < MAX_EXPONENT
    assert mebibytes < MAX_MEBIBYTES
