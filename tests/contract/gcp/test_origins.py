"""One rule, four origins: what is written as code, as a plan, as a state and as the API answers has one verdict.

Where the origins cannot agree a case says why: code that is silent leaves to the server what an answer spells out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from gonogo.engine.inventory import Inventory
from gonogo.rules import RuleSet, load_rules
from loopback.client import audit, surfaces
from loopback.faults import Fault
from loopback.seed import Cloud
from loopback.server import loopback
from origins import NOW, Case, cases, declared, judge, live, planned, stated

CASES = cases()
# What both the code and an answer of the API can say, good and bad.
CONTROLS = {
    *(f"cloudsql-{what}" for what in ("backups", "pitr", "retention", "tls", "no-public-ip", "ha", "insights")),
    *(f"cloudrun-{what}" for what in ("min-instances", "max-instances", "vpc", "no-public-invoker")),
    *("cloud-armor", "waf", "ssl-policy-modern", "https-lb", "redis-ha", "redis-tls-auth"),
    *("monitoring-alerts", "logging-sink", "wif", "secrets-manager"),
}


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules(())


def collected(case: Case, rules: RuleSet) -> Inventory:
    """The case's cloud through the collectors."""
    cloud = Cloud(case.body.get("projects", {"shop": 1000000001}))
    for service, collections in case.body["live"].items():
        for path, bodies in collections.items():
            cloud.put(service, path, *bodies)
    faults = [Fault(**fault) for fault in case.body.get("faults", ())]
    with loopback(cloud, *faults, date=lambda: case.body.get("now", NOW), strict=case.body.get("strict", True)) as running:
        return live(audit(running, projects=case.body.get("audited", sorted(cloud.projects))), surfaces(), rules)


def verdicts(inventory: Inventory, case: Case, rules: RuleSet) -> Mapping[str, str]:
    """The verdict of each control that the case speaks of; what the case wants said of one is said of it."""
    found = {control: judge(inventory, rules, control, case.parameters) for control in case.verdicts}
    for control, words in case.body.get("says", {}).items():
        said = [*found[control].reasons, *(finding.message for finding in found[control].findings)]
        assert words in " ".join(said), f"{case.name}: {control}"
    return {control: result.verdict.value for control, result in found.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_origin_has_the_verdict_of_the_case(case: Case, rules: RuleSet, tmp_path: Path) -> None:
    ways: dict[str, Callable[[Path], Inventory]] = {
        "declared": lambda directory: declared(case, directory, rules),
        "planned": lambda directory: planned(case, directory, rules, beside_code=True),
        "planned alone": lambda directory: planned(case, directory, rules, beside_code=False),
        "state": lambda directory: stated(case, directory, rules),
        "live": lambda _: collected(case, rules),
    }
    found: dict[str, Mapping[str, str]] = {}
    for way in case.ways:
        directory = tmp_path / way
        directory.mkdir()
        found[way] = verdicts(ways[way](directory), case, rules)
    assert found == {way: {control: case.expected(control, way) for control in case.verdicts} for way in case.ways}


def test_a_case_in_which_the_origins_differ_says_why() -> None:
    for case in CASES:
        for control, wanted in case.verdicts.items():
            if isinstance(wanted, Mapping):
                about = f"{case.name}: {control}"
                assert len({case.expected(control, way) for way in case.ways}) > 1, about
                assert wanted["because"], about


@pytest.mark.parametrize("control", sorted(CONTROLS))
def test_a_control_is_shown_satisfied_and_violated_in_all_four(control: str) -> None:
    alike = {wanted for case in CASES if case.everywhere and isinstance(wanted := case.verdicts.get(control), str)}
    assert {"satisfied", "violated"} <= alike
