"""Roots of several environments against the real `terraform plan -var-file`, each instance by itself.

`environments.json` holds the `input` of every `terraform_data` of each instance. It is compared with our evaluator always, and with
Terraform where that is installed. `REGENERATE=1` rewrites it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gonogo.model.environment import Environment, Environments
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.tree import open_tree
from oracle.terraform.console import run

GOLDEN = Path(__file__).parent / "environments.json"


@dataclass(frozen=True)
class Tree:
    """Files with one root at the top; for each environment its var files as they are given to Terraform, and its workspace."""

    files: Mapping[str, str]
    var_files: Mapping[str, tuple[str, ...]]
    workspaces: Mapping[str, str] = field(default_factory=dict)
    configured: tuple[Environment, ...] = ()


SETTINGS = """
variable "tier" { default = "small" }
variable "size" {
  type    = number
  default = 1
}
variable "db" { type = object({ name = string, ha = optional(bool, false), flags = optional(map(string), {}) }) }
resource "terraform_data" "db" {
  count = var.size
  input = { tier = var.tier, db = var.db, n = "${var.db.name}-${count.index}" }
}
resource "terraform_data" "only" {
  count = var.db.ha ? 1 : 0
  input = "ha"
}
"""
SHARED = """
variable "names" { type = set(string) }
variable "region" { default = "us" }
module "m" {
  source   = "./m"
  for_each = var.names
  name     = "${var.region}-${each.key}"
}
"""
KEYED = """
variable "extra" { default = {} }
locals {
  by   = { prod = { n = 3, ha = true }, dev = { n = 1, ha = false } }
  mine = merge(local.by[terraform.workspace], var.extra)
}
resource "terraform_data" "x" {
  count = local.mine.n
  input = terraform.workspace == "prod" ? "p-${count.index}" : jsonencode(local.mine)
}
"""
LAYERED = """
variable "a" { default = 0 }
variable "b" { default = 0 }
variable "c" { default = 0 }
resource "terraform_data" "x" { input = [var.a, var.b, var.c] }
"""

TREES = {
    "beside": Tree(
        {
            "main.tf": SETTINGS,
            "prod.tfvars": 'tier = "large"\nsize = 2\ndb = { name = "p", ha = true, flags = { x = 1 } }\n',
            "dev.tfvars": 'db = { name = "d" }\n',
        },
        {"production": ("prod.tfvars",), "development": ("dev.tfvars",)},
    ),
    "below": Tree(
        {
            "main.tf": SHARED,
            "m/main.tf": 'variable "name" {}\nresource "terraform_data" "x" { input = upper(var.name) }\n',
            "terraform.tfvars": 'region = "eu"\n',
            "envs/prod.tfvars": 'names = ["b", "a"]\n',
            "envs/staging.tfvars.json": '{"names": ["s"], "region": "asia"}',
            "envs/qa/terraform.tfvars": 'names = []\n',
        },
        {"production": ("envs/prod.tfvars",), "staging": ("envs/staging.tfvars.json",), "test": ("envs/qa/terraform.tfvars",)},
    ),
    "workspaces": Tree(
        {"main.tf": KEYED, "big.tfvars": "extra = { n = 2 }\n"},
        {"production": ("big.tfvars",), "development": ()},
        {"production": "prod", "development": "dev"},
        (Environment("production", var_files=("big.tfvars",), workspace="prod"), Environment("development", workspace="dev")),
    ),
    "layers": Tree(
        {
            "main.tf": LAYERED,
            "z.auto.tfvars": "a = 1\nb = 1\nc = 1\n",
            "base.tfvars": "b = 2\nc = 2\n",
            "eu.tfvars": "c = 3\n",
            "us.tfvars": "c = 4\nb = 4\n",
        },
        {"live-eu": ("base.tfvars", "eu.tfvars"), "live-us": ("us.tfvars", "base.tfvars")},
        configured=(Environment("live-eu", var_files=("base.tfvars", "eu.tfvars")), Environment("live-us", var_files=("us.tfvars", "base.tfvars"))),
    ),
}
INSTANCES = [(name, environment) for name, tree in TREES.items() for environment in tree.var_files]


def _write(tree: Tree, root: Path) -> None:
    for path, text in tree.files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def _golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text("utf-8"))
    return found


@pytest.mark.parametrize(("name", "environment"), INSTANCES)
def test_each_instance_has_the_values_that_terraform_plans(name: str, environment: str, tmp_path: Path) -> None:
    tree = TREES[name]
    _write(tree, tmp_path)
    together = evaluate_tree(open_tree(tmp_path), None, Environments(environment, tree.configured))
    alone = evaluate_tree(open_tree(tmp_path), None, Environments(environment, tree.configured), judged_only=True)
    assert together.gaps == () and alone.instances == tuple(i for i in together.instances if i.environment == environment)
    assert {i.address: i.attributes["input"] for i in alone.instances} == _golden()[f"{name}: {environment}"]


def _planned(root: Path, var_files: tuple[str, ...], workspace: str) -> dict[str, Any]:
    run(["init", "-input=false", "-no-color"], root)
    if workspace:
        run(["workspace", "new", workspace], root)
    given = [f"-var-file={path}" for path in var_files]
    run(["plan", "-input=false", "-no-color", "-refresh=false", "-lock=false", "-out=plan.bin", *given], root)
    plan = json.loads(run(["show", "-json", "plan.bin"], root))
    return {change["address"]: change["change"]["after"]["input"] for change in plan.get("resource_changes", ())}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed: the committed plans are used")
def test_the_committed_plans_are_terraforms(tmp_path: Path) -> None:
    plans: dict[str, Any] = {}
    for name, environment in INSTANCES:
        root, tree = tmp_path / f"{name}-{environment}", TREES[name]
        _write(tree, root)
        plans[f"{name}: {environment}"] = _planned(root, tree.var_files[environment], tree.workspaces.get(environment, ""))
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text("{\n" + ",\n".join(f"{json.dumps(n)}: {json.dumps(p, ensure_ascii=False)}" for n, p in plans.items()) + "\n}\n", "utf-8")
    assert plans == _golden()
