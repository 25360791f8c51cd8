"""Trees of modules against the real `terraform plan`.

`plans.json` holds, for each tree, the `input` of every `terraform_data` by address, with `unknown` where Terraform knows it only
after apply. It is compared with our evaluator always, and with Terraform where that is installed. `REGENERATE=1` rewrites it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gonogo.model.value import OpenList, OpenMap, Unknown, Value
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.terraform.result import settled
from gonogo.sources.tree import open_tree
from oracle.terraform.console import UNKNOWN, run
from oracle.terraform.drawn_trees import draw_trees
from oracle.terraform.module_trees import TREES
from oracle.terraform.typical_trees import TYPICAL

GOLDEN = Path(__file__).parent / "plans.json"
SEED, COUNT = 40, 24
ALL = {**TREES, **TYPICAL, **draw_trees(SEED, COUNT)}
UNKNOWN_SHARE = 0.02

# Where Terraform plans otherwise, and why.
DIFFERENT: Mapping[str, str] = {
    "what is known only after apply: terraform_data.decided": "1.11 does not conclude from one side of && and ||, later ones do",
    "what is known only after apply: terraform_data.same": "both results of the conditional are the same: so is the value, whatever decides",
}


def _golden() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(GOLDEN.read_text("utf-8"))
    return found


def _write(root: Path, name: str) -> None:
    for path, text in ALL[name].items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def _shown(value: Value) -> Any:
    if isinstance(value, Unknown | OpenList | OpenMap):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {k: _shown(v) for k, v in value.items()}
    return [_shown(v) for v in value] if isinstance(value, list) else value


def _ours(root: Path) -> dict[str, Any]:
    result = evaluate_tree(open_tree(root))
    assert result.gaps == ()
    return {i.address: _shown(settled(i.attributes.get("input"))) for i in result.instances}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no collection, or an empty one, with its path."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not members or not value:
        yield path, value
    for key, member in members:
        yield from _leaves(member, f"{path}.{key}")


def _equal(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, int | float) and not isinstance(theirs, bool):
        return abs(ours - theirs) <= 1e-14 * abs(theirs)
    return type(ours) is type(theirs) and bool(ours == theirs)


def _lost(ours: Any, theirs: Any) -> list[str]:
    """The paths that Terraform knows and we do not. Fails where we have another value."""
    mine = dict(_leaves(ours))
    lost: list[str] = []
    for path, value in _leaves(theirs):
        steps = path.split(".")
        above = next((mine[p] for n in range(len(steps), 0, -1) if (p := ".".join(steps[:n])) in mine), None)
        if path in mine and _equal(mine[path], value):
            continue
        assert above == UNKNOWN, (path, value, above)
        lost.append(path)
    assert lost or mine.keys() == dict(_leaves(theirs)).keys()
    return lost


@pytest.mark.parametrize("name", ALL)
def test_modules_have_the_values_that_terraform_plans(name: str, tmp_path: Path) -> None:
    _write(tmp_path, name)
    ours, theirs = _ours(tmp_path), _golden()[name]
    assert ours.keys() == theirs.keys()
    lost = [p for a in theirs if f"{name}: {a}" not in DIFFERENT for p in _lost(ours[a], theirs[a])]
    assert len(lost) <= 1, lost


def test_little_is_unknown_that_terraform_knows(tmp_path: Path) -> None:
    assert len(ALL) >= 60 and ALL.keys() == _golden().keys()
    leaves = lost = 0
    for number, (name, theirs) in enumerate(_golden().items()):
        root = tmp_path / str(number)
        _write(root, name)
        ours = _ours(root)
        leaves += sum(len(list(_leaves(v))) for v in theirs.values())
        lost += sum(len(_lost(ours[a], v)) for a, v in theirs.items() if f"{name}: {a}" not in DIFFERENT)
    assert leaves > 1_000 and lost <= UNKNOWN_SHARE * leaves, (lost, leaves)


def _merged(after: Any, unknown: Any) -> Any:
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict):
        known = after if isinstance(after, dict) else {}
        return {k: _merged(known.get(k), unknown.get(k)) for k in {**known, **unknown}}
    if isinstance(unknown, list):
        return [_merged(a, u) for a, u in zip([*(after or []), *[None] * (len(unknown) - len(after or []))], unknown, strict=True)]
    return after


def _planned(root: Path) -> dict[str, Any]:
    if any("module" in text for text in (p.read_text("utf-8") for p in root.glob("*.tf*"))):
        run(["init", "-input=false", "-no-color", "-backend=false"], root)
    run(["plan", "-input=false", "-no-color", "-refresh=false", "-lock=false", "-out=plan.bin"], root)
    plan = json.loads(run(["show", "-json", "plan.bin"], root))
    return {c["address"]: _merged(c["change"]["after"].get("input"), c["change"]["after_unknown"].get("input")) for c in plan["resource_changes"]}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed: the committed plans are used")
def test_the_committed_plans_are_terraforms(tmp_path: Path) -> None:
    roots = {name: tmp_path / str(number) for number, name in enumerate(ALL)}
    for name, root in roots.items():
        _write(root, name)
    with ThreadPoolExecutor(2) as pool:
        plans = dict(zip(roots, pool.map(_planned, roots.values()), strict=True))
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text("{\n" + ",\n".join(f"{json.dumps(n)}: {json.dumps(p, ensure_ascii=False)}" for n, p in plans.items()) + "\n}\n", "utf-8")
    assert plans == _golden()
