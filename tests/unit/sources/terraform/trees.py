"""Little trees of Terraform for the tests beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gonogo.model.environment import Environments
from gonogo.sources.terraform.evaluate import DEFAULT, evaluate_tree
from gonogo.sources.terraform.result import Instance, TerraformResult
from gonogo.sources.tree import open_tree


def evaluated(root: Path, files: Mapping[str, str], environments: Environments = DEFAULT, *, judged_only: bool = False) -> TerraformResult:
    """The result of a tree with these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return evaluate_tree(open_tree(root), None, environments, judged_only=judged_only)


def instance(result: TerraformResult, address: str, root: str | None = None) -> Instance:
    """The one instance at `address`."""
    found = [i for i in result.instances if i.address == address and root in (None, i.root)]
    assert len(found) == 1, [i.address for i in result.instances]
    return found[0]


def value(result: TerraformResult, expression_name: str = "x") -> object:
    """The attribute `input` of `terraform_data.<name>`."""
    return instance(result, f"terraform_data.{expression_name}").attributes["input"]
