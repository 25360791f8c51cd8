from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.location import Location
from gonogo.sources.terraform.accounting import Count, Expected, lost
from gonogo.sources.terraform.evaluate import evaluate_tree, evaluate_values
from gonogo.sources.tree import open_tree
from unit.sources.terraform.trees import evaluated


def block(address: str, line: int = 1) -> Expected:
    steps = address.split(".")
    return Expected(address, "module" if steps[-2] == "module" else steps[-2], Location("main.tf", line))


BLOCKS = [block("google_a.x"), block("module.m", 5), block("module.m.data.google_b.y"), block("module.m.module.n", 7), block("module.m.module.n.google_c.z")]


def test_what_became_nothing_is_lost() -> None:
    missing, count = lost(BLOCKS, ["google_a.x[0]", 'module.m["a.b]"].data.google_b.y'], ['module.m["a.b]"]'], [], [])
    assert [b.address for b in missing] == ["module.m.module.n", "module.m.module.n.google_c.z"]
    assert count == Count(calls_found=2, calls_evaluated=1, resources_found=3, resources_evaluated=2, instances=2)


@pytest.mark.parametrize(("told", "told_at"), [(["module.m[0].module.n"], set()), ([], {("main.tf", 7)})])
def test_what_is_said_elsewhere_excuses_all_that_lies_below(told: list[str], told_at: set[tuple[str, int]]) -> None:
    instances = ["google_a.x", "module.m[0].data.google_b.y"]
    missing, count = lost(BLOCKS, instances, ["module.m[0]"], told, told_at)
    assert missing == []
    assert (count.calls_found, count.calls_evaluated) == (2, 2)


def test_an_excuse_for_one_is_none_for_its_neighbour() -> None:
    missing, _ = lost(BLOCKS, ["google_a.x"], [], ["module.mm", "google_a"], [])
    assert [b.address for b in missing] == [b.address for b in BLOCKS if b.address.startswith("module.m")]


def test_forty_calls_and_the_siblings_of_an_unknown_input_are_all_evaluated(tmp_path: Path) -> None:
    """Trivy's evaluator made 32 of 40 calls, and dropped the sibling of a module whose input is computed (trivy#10061, #10926)."""
    calls = "".join(f'module "m{n}" {{\n  source = "./m"\n  name = random_password.p[{n}].result\n}}\n' for n in range(40))
    files = {"main.tf": f'resource "random_password" "p" {{ count = 40 }}\n{calls}', "m/main.tf": 'variable "name" {}\nresource "terraform_data" "x" { input = var.name }\n'}
    result = evaluated(tmp_path, files)
    assert sum(i.type == "terraform_data" for i in result.instances) == 40
    [root] = evaluate_values(open_tree(tmp_path, standalone=True))[0]
    assert root.count == Count(40, 40, 41, 41, 80)


def test_every_way_of_having_no_instance_is_accounted_for(tmp_path: Path) -> None:
    files = {
        "main.tf": """
            module "off" {
              source = "./m"
              count  = 0
            }
            module "away" { source = "acme/m/google" }
            module "gone" { source = "./gone" }
            module "loop" { source = "./loop" }
            module "each" {
              source   = "./m"
              for_each = toset(["a", "b"])
            }
            resource "terraform_data" "none" { for_each = {} }
            resource "terraform_data" "some" { count = var.n }
            data "google_project" "p" {}
            variable "n" {}
        """,
        "m/main.tf": 'resource "terraform_data" "x" {}\n',
        "loop/main.tf": 'module "again" { source = "../loop" }\nresource "terraform_data" "x" {}\n',
    }
    result = evaluated(tmp_path, files)
    assert not [gap for gap in result.gaps if "not evaluated; please report" in gap.reason]
    [root] = evaluate_values(open_tree(tmp_path, standalone=True))[0]
    assert (root.count.calls_found, root.count.resources_found) == (root.count.calls_evaluated, root.count.resources_evaluated) == (6, 6)


def test_a_lost_block_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text('resource "google_redis_instance" "r" {}\n')
    monkeypatch.setattr("gonogo.sources.terraform.evaluate._Run._resource", lambda *_: None)
    [gap] = evaluate_tree(open_tree(tmp_path, standalone=True)).gaps
    assert (gap.line, gap.kinds) == (1, ("redis.googleapis.com/*",))
    assert gap.reason == "google_redis_instance.r is declared and was not evaluated; please report this"
