"""Reads the pipelines of a little repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Value, lookup
from gonogo.sources.ci import PipelineSource
from gonogo.sources.tree import open_tree


def read(root: Path, files: Mapping[str, str]) -> tuple[list[Resource], list[Gap]]:
    """The resources and gaps of `files`, written below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    found = list(PipelineSource().read(open_tree(root, (), standalone=True)))
    return [r for r in found if isinstance(r, Resource)], [g for g in found if isinstance(g, Gap)]


def steps(root: Path, files: Mapping[str, str]) -> list[Resource]:
    """The steps; there must be no gap."""
    resources, gaps = read(root, files)
    assert gaps == []
    return [r for r in resources if r.kind == "ci/Step"]


def does(step: Resource) -> set[str]:
    """What a step certainly does."""
    practices = step.attributes["does"]
    assert isinstance(practices, Mapping)
    return {name for name, answer in practices.items() if answer is True}


def place(step: Resource) -> str:
    return str(step.locations[()])


def get(step: Resource, *path: str | int) -> Value:
    return lookup(step.attributes, *path)
