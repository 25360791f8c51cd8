"""Evaluates every root module of a tree."""

from __future__ import annotations

from gonogo.sources.terraform.result import TerraformResult
from gonogo.sources.tree import Tree


def evaluate_tree(tree: Tree) -> TerraformResult:
    """Every resource instance that the Terraform of `tree` declares, and what could not be evaluated."""
    return TerraformResult()
