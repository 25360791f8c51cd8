"""Whatever an API answers, reading it gives resources of the right shape and no crash."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

from gonogo.kinds.gcp import from_asset, settle

PAIRS = Path(__file__).parents[1] / "oracle" / "api" / "pairs"
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "projects/",
    "//",
    "${a.b}",
    [],
    [[]],
    [None],
    [{}],
    {},
    {"": None},
    {"name": []},
    "9" * 400,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, member in members for place in places(member, (*path, key)))]


def damaged(asset: Any, draw: random.Random) -> Any:
    """The asset with one to three of its parts replaced by something else."""
    made = copy.deepcopy(asset)
    for _ in range(draw.randint(1, 3)):
        *parents, last = draw.choice([place for place in places(made) if place])
        target = made
        for step in parents:
            target = target[step]
        target[last] = copy.deepcopy(draw.choice(ODD))
    return made


def test_damaged_answers_are_read_without_a_crash() -> None:
    draw = random.Random(3)
    assets = [asset for file in sorted(PAIRS.glob("*.json")) for asset in json.loads(file.read_text(encoding="utf-8"))]
    read = 0
    for _ in range(60):
        resources = [resource for asset in assets for resource in from_asset(damaged(asset, draw))]
        read += len(settle(resources))
    assert read > 60 * len(assets) / 2
