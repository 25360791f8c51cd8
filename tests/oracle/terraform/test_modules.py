"""Trees of modules against the real `terraform plan`.

`plans.json` holds, for each tree of `module_trees`, the `input` of every `terraform_data` by address, `unknown` where Terraform
knows it only after apply. It is compared with our evaluator always, and with Terraform where that is installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gonogo.model.value import Unknown, Value
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.terraform.result import settled
from gonogo.sources.tree import open_tree
from oracle.terraform.module_trees import TREES

GOLDEN = Path(__file__).parent / "plans.json"
UNKNOWN = "unknown"


def _golden() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(GOLDEN.read_text("utf-8"))
    return found


def _write(root: Path, name: str) -> None:
    for path, text in TREES[name].items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def _shown(value: Value) -> Any:
    return UNKNOWN if isinstance(value, Unknown) else value


@pytest.mark.parametrize("name", TREES)
def test_modules_have_the_values_that_terraform_plans(name: str, tmp_path: Path) -> None:
    _write(tmp_path, name)
    result = evaluate_tree(open_tree(tmp_path))
    found = {i.address: _shown(settled(i.attributes["input"])) for i in result.instances}
    assert result.gaps == ()
    assert found == _golden()[name]


def _planned(root: Path) -> dict[str, Any]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "CHECKPOINT_DISABLE": "1"}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["terraform", *arguments], capture_output=True, text=True, cwd=root, env=environment, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("init", "-input=false", "-no-color")
    run("plan", "-input=false", "-no-color", "-out=plan.bin")
    plan = json.loads(run("show", "-json", "plan.bin"))
    found = {}
    for change in plan["resource_changes"]:
        after = change["change"]
        found[change["address"]] = UNKNOWN if after["after_unknown"].get("input") is True else after["after"].get("input")
    return found


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed: the committed plans are used")
def test_the_committed_plans_are_terraforms(tmp_path: Path) -> None:
    plans: dict[str, Any] = {}
    for number, name in enumerate(TREES):
        root = tmp_path / str(number)
        _write(root, name)
        plans[name] = _planned(root)
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(json.dumps(plans, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    assert plans == _golden()
