"""One thing written in four ways (`fixtures/origins/<family>/<case>.yaml`), and what the rules say of it in each.

A case has `terraform` (the code), `plan` and `state` (attributes by address; a plan also `unknown` and `refers`), `live` (what
the APIs answer, as in `fixtures/gcp`) and `verdicts`: of each control one verdict, or one of each with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from gonogo.app import read_facts
from gonogo.engine.controls import Judge
from gonogo.engine.inventory import Inventory
from gonogo.engine.waivers import collect as collect_waivers
from gonogo.model.assessment import ControlResult
from gonogo.rules import RuleSet
from gonogo.sources.gcp.collection import Collected
from gonogo.sources.gcp.resources import live_resources
from gonogo.sources.gcp.surfaces import Surfaces
from gonogo.sources.terraform.documents import Document, read_plan, read_state
from terraform_plans import change, configured, constant, plan, refers, state

FIXTURES = Path(__file__).parents[1] / "fixtures" / "origins"
NOW = "Mon, 23 Nov 2026 12:00:00 GMT"
"""The time of Google's servers in every case that states no other."""


WAYS: Mapping[str, str] = {"declared": "terraform", "planned": "plan", "planned alone": "plan", "state": "state", "live": "live"}
"""What is judged, and what of a case it is read from. A plan is judged beside the code that it was made of, and without it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One file."""

    name: str
    body: Mapping[str, Any]

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways in which it is written."""
        return tuple(way for way, key in WAYS.items() if key in self.body)

    @property
    def everywhere(self) -> bool:
        """Whether it is written in all of them."""
        return len(self.ways) == len(WAYS)

    @property
    def verdicts(self) -> Mapping[str, Any]:
        verdicts: Mapping[str, Any] = self.body["verdicts"]
        return verdicts

    def expected(self, control: str, way: str) -> str:
        """The verdict of a control. A plan alone says what the plan says, unless the case knows better."""
        wanted = self.verdicts[control]
        if isinstance(wanted, Mapping):
            wanted = wanted[way] if way in wanted else wanted[way.partition(" ")[0]]
        return str(wanted)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return dict(self.body.get("parameters", {}))


def cases() -> tuple[Case, ...]:
    """Every case, by name."""
    found = sorted(FIXTURES.glob("*/*.yaml"))
    return tuple(Case(f"{path.parent.name}/{path.stem}", yaml.safe_load(path.read_text("utf-8"))) for path in found)


def declared(case: Case, root: Path, rules: RuleSet) -> Inventory:
    """The case's code."""
    (root / "main.tf").write_text(case.body["terraform"], "utf-8")
    return _read(root, rules)


def planned(case: Case, root: Path, rules: RuleSet, *, beside_code: bool) -> Inventory:
    """The case's plan, alone or beside the code that it was made of."""
    if beside_code:
        (root / "main.tf").write_text(case.body["terraform"], "utf-8")
    rows = case.body["plan"].items()
    changes = [change(address, row["after"], row.get("unknown")) for address, row in rows]
    blocks = [configured(address, _expressions(row)) for address, row in rows]
    return _read(root, rules, read_plan("plan.json", plan(changes, blocks)))


def stated(case: Case, root: Path, rules: RuleSet) -> Inventory:
    """The case's state, as `terraform state pull` prints it."""
    return _read(root, rules, read_state("state.json", state(*case.body["state"].items())))


def _expressions(row: Mapping[str, Any]) -> dict[str, Any]:
    """The expressions of a plan's configuration: a reference where `refers` has one, else a constant; blocks are lists."""
    names: Mapping[str, str] = row.get("refers", {})

    def of_value(value: Any, path: str) -> Any:
        if path in names:
            return refers(names[path])
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            return [of_block(item, f"{path}[{number}].") for number, item in enumerate(value)]
        return constant(value)

    def of_block(block: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        below = (name[len(prefix) :] for name in names if name.startswith(prefix))
        keys = {key for key, value in block.items() if value is not None} | {name for name in below if "." not in name}
        return {key: of_value(block.get(key), prefix + key) for key in sorted(keys)}

    return of_block(row["after"], "")


def _read(root: Path, rules: RuleSet, *documents: Document) -> Inventory:
    facts = read_facts(root, documents=documents, standalone=True)
    return Inventory(facts.judged(), facts.judged_gaps(), rules.relations)


def live(collected: Collected, table: Surfaces, rules: RuleSet) -> Inventory:
    """What a collection brought home, as an audit without a repository judges it."""
    found = live_resources(collected, table, ())
    return Inventory(found.resources, found.gaps, rules.relations, found.kinds, code=False)


def judge(inventory: Inventory, rules: RuleSet, control: str, parameters: Mapping[str, Any]) -> ControlResult:
    """What the rules say of a control."""
    waivers, _ = collect_waivers((), {c.id: c.waivable for c in rules.controls}, date(2026, 11, 23))
    return Judge(rules, inventory, waivers).control(control, parameters)
