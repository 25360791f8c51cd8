"""Real plans and states of trees of `terraform_data` against our evaluator: what both know is the same.

`REGENERATE` does nothing here: the documents are made anew each time, by the Terraform that is installed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gonogo.model.location import Location
from gonogo.model.value import Hidden, OpenList, OpenMap, Unknown, Value
from gonogo.sources.terraform.addresses import parse_address
from gonogo.sources.terraform.documents import Document, read_plan, read_state
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.terraform.matching import match
from gonogo.sources.terraform.plan_references import Configuration
from gonogo.sources.terraform.result import Instance, Symbolic
from gonogo.sources.terraform.shown import ShownReader, Twin
from gonogo.sources.tree import open_tree
from oracle.terraform.console import run
from oracle.terraform.module_trees import TREES
from oracle.terraform.typical_trees import TYPICAL

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
ALL = {**TREES, **TYPICAL}
# Of these our evaluator knows more than Terraform plans; `test_modules` says why.
LEFT_OUT = "the plan is not complete: it does not show terraform_data.b, which its configuration declares without a condition"
DIFFERENT = ("terraform_data.decided", "terraform_data.same")


def _inputs(document: Document, declared: Mapping[str, Instance], *, with_code: bool) -> dict[str, Value]:
    configuration = Configuration(document.configuration, [s.address for s in document.shown]) if document.configuration else None
    found: dict[str, Value] = {}
    for shown in document.shown:
        twin = declared.get(shown.address)
        reader = ShownReader(
            shown, parse_address(shown.address), Location(document.file, 1), Twin(twin, exact=True) if twin is not None and with_code else None, configuration
        )
        found[shown.address] = reader.attributes().get("input")
    return found


def _leaves(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    if isinstance(value, OpenList | OpenMap):
        yield path, value.unknown
    elif isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{number}")
    else:
        yield path, value


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool) and not isinstance(other, bool):
        return abs(one - other) <= 1e-14 * abs(other)
    return type(one) is type(other) and one == other


def _compare(ours: Mapping[str, Instance], shown: Mapping[str, Value]) -> tuple[int, list[Any]]:
    """How many values both know, and where they differ. A reference in the plan is the one in the code, or unknown."""
    both = 0
    wrong: list[Any] = []
    for address, instance in ours.items():
        if instance.mode != "managed" or address in DIFFERENT:
            continue
        theirs = dict(_leaves(shown.get(address)))
        for path, mine in _leaves(instance.attributes.get("input")):
            their = theirs.get(path)
            if isinstance(mine, Unknown) or isinstance(their, Hidden):
                continue
            if isinstance(mine, Symbolic):
                if isinstance(their, Symbolic) and mine.reference is not None and their != mine:
                    wrong.append((address, path, str(mine), str(their)))
                continue
            both += 1
            if not _same(mine, their):
                wrong.append((address, path, mine, their))
    return both, wrong


def _documents(root: Path, files: Mapping[str, str]) -> tuple[Document, Document, Document]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    if any("module" in text for text in files.values()):
        run(["init", "-input=false", "-no-color", "-backend=false"], root)
    run(["plan", "-input=false", "-no-color", "-lock=false", "-out=plan.bin"], root)
    planned = read_plan("plan.json", run(["show", "-json", "plan.bin"], root).encode())
    run(["apply", "-input=false", "-no-color", "-lock=false", "plan.bin"], root)
    pulled = read_state("terraform.tfstate", run(["state", "pull"], root).encode())
    return planned, pulled, read_state("state.json", run(["show", "-json"], root).encode())


@pytest.mark.parametrize("name", ALL)
def test_plans_and_states_hold_what_the_evaluator_says(name: str, tmp_path: Path) -> None:
    documents = _documents(tmp_path, ALL[name])
    result = evaluate_tree(open_tree(tmp_path))
    ours = {i.address: i for i in result.instances}
    certain = {a for a, i in ours.items() if i.mode == "managed" and i.conditional is None}
    for document in documents:
        assert document.gaps == ()
        assert match(document, result).root == ("", result.roots[0].environment)
        assert certain <= {s.address for s in document.shown}
        for with_code in (False, True):
            both, wrong = _compare(ours, _inputs(document, ours, with_code=with_code))
            assert not wrong, (document.file, with_code)
    assert documents[0].complete
    assert {s.address for s in documents[1].shown} == {s.address for s in documents[2].shown}


def test_a_plan_for_a_target_is_not_complete(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {}\nresource "terraform_data" "b" {}\n')
    run(["plan", "-input=false", "-no-color", "-target=terraform_data.a", "-out=plan.bin"], tmp_path)
    document = read_plan("plan.json", run(["show", "-json", "plan.bin"], tmp_path).encode())
    assert [s.address for s in document.shown] == ["terraform_data.a"] and not document.complete
    assert [g.reason for g in document.gaps] == [LEFT_OUT]


@pytest.mark.parametrize("mode", ["-refresh-only", "-destroy"])
def test_a_plan_that_only_refreshes_or_destroys_decides_nothing(mode: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "b" {}\n')
    run(["apply", "-input=false", "-no-color", "-auto-approve"], tmp_path)
    run(["plan", "-input=false", "-no-color", mode, "-out=plan.bin"], tmp_path)
    document = read_plan("plan.json", run(["show", "-json", "plan.bin"], tmp_path).encode())
    assert document.shown == () and not document.complete
    assert [g.reason for g in document.gaps] == [LEFT_OUT]


def test_what_is_destroyed_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {}\nresource "terraform_data" "b" {\n  triggers_replace = 1\n}\n')
    run(["apply", "-input=false", "-no-color", "-auto-approve"], tmp_path)
    (tmp_path / "main.tf").write_text('resource "terraform_data" "b" {\n  triggers_replace = 2\n}\n')
    run(["plan", "-input=false", "-no-color", "-out=plan.bin"], tmp_path)
    document = read_plan("plan.json", run(["show", "-json", "plan.bin"], tmp_path).encode())
    assert [s.address for s in document.shown] == ["terraform_data.b"] and document.complete


def test_sensitive_values_of_real_plans_and_states_are_hidden(tmp_path: Path) -> None:
    secret = "h" + "unter2-of-the-test"
    tree = {"main.tf": f'variable "s" {{\n  sensitive = true\n  default = "{secret}"\n}}\nresource "terraform_data" "a" {{\n  input = [{{ k = var.s, p = "plain" }}]\n}}\n'}
    for document in _documents(tmp_path, tree):
        (read,) = _inputs(document, {}, with_code=False).values()
        assert secret not in repr(read) and "plain" in repr(read), document.file
