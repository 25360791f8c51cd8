"""Whatever somebody's manifests and kustomizations hold, reading them never fails."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gonogo.model.resource import Gap
from gonogo.sources.kubernetes import KubernetesSource
from gonogo.sources.tree import open_tree

FIXTURES = Path(__file__).parents[2] / "fixtures"
ODD: tuple[Any, ...] = (
    None,
    1,
    "x",
    [],
    {},
    [None],
    [1],
    ["a", {}],
    {"a": None},
    {"name": 1},
    True,
    -3.5,
    "${X}",
    "{{ x }}",
    [[]],
    {"matchLabels": 3},
    "a/b",
    "\n",
)
RULES = (
    "objects-valid",
    "pods-selected-by-network-policy",
    "workload-least-privilege",
    "entry-points-serve-https",
    "prometheus-alerts-routed",
)


@pytest.mark.parametrize("seed", range(30))
def test_reading_survives_members_of_any_type(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    shutil.copytree(FIXTURES / "kustomize", tmp_path / "kustomize")
    for rule in RULES:
        shutil.copytree(FIXTURES / "rules" / rule, tmp_path / rule)
    for path in sorted(tmp_path.rglob("*.yaml")):
        if "{{" in path.read_text():
            continue  # a template of a chart is no YAML
        documents = [d for d in yaml.safe_load_all(path.read_text()) if d is not None]
        if documents and rng.random() < 0.7:
            path.write_text(yaml.safe_dump_all([_odd(rng, d) for d in documents]))
    gaps = [g for g in KubernetesSource().read(open_tree(tmp_path, ())) if isinstance(g, Gap)]
    assert [g.reason for g in gaps if "cannot be understood" in g.reason] == []


def _odd(rng: random.Random, document: Any) -> Any:
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice([*_members(document)] or [([None], 0)])
        if rng.random() < 0.2:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(rng.choice(ODD))
    return document


def _members(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield value, key
            yield from _members(child)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield value, index
            yield from _members(child)
