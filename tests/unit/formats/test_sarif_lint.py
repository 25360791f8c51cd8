"""One test for each thing that GitHub refuses, cuts or misreads, most of which the public validators do not tell."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from gonogo.formats.sarif import Sarif
from gonogo.formats.sarif_lint import MAX_EACH, Weight, lint

Change = Callable[[dict[str, Any]], object]


def good() -> dict[str, Any]:
    """A log in which nothing is wrong."""
    rule = {
        "id": "r", "shortDescription": {"text": "s"}, "fullDescription": {"text": "f"}, "help": {"text": "h"},
        "properties": {"security-severity": "8.0", "tags": ["security"]},
    }  # fmt: skip
    physical = {"artifactLocation": {"uri": "main.tf"}, "region": {"startLine": 3, "endLine": 3}}
    result = {
        "ruleId": "r", "ruleIndex": 0, "level": "error", "message": {"text": "m"},
        "locations": [{"physicalLocation": physical}], "partialFingerprints": {"primaryLocationLineHash": "a:1"},
    }  # fmt: skip
    return {
        "$schema": "s", "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "t", "rules": [rule]}}, "automationDetails": {"id": "c/"}, "results": [result]}],
    }  # fmt: skip


def flaws(log: dict[str, Any]) -> dict[str, Weight]:
    return {flaw.rule: flaw.weight for flaw in lint(Sarif("a.sarif", log, json.dumps(log).encode()))}


def run(log: dict[str, Any]) -> Any:
    return log["runs"][0]


def result(log: dict[str, Any]) -> Any:
    return run(log)["results"][0]


def physical(log: dict[str, Any]) -> Any:
    return result(log)["locations"][0]["physicalLocation"]


def rule(log: dict[str, Any]) -> Any:
    return run(log)["tool"]["driver"]["rules"][0]


def with_uri(uri: object) -> Change:
    return lambda log: physical(log)["artifactLocation"].update(uri=uri)


def test_nothing_is_wrong_with_a_good_log() -> None:
    assert flaws(good()) == {}


R, E, W = Weight.REFUSED, Weight.ERROR, Weight.WARNING


@pytest.mark.parametrize(
    ("name", "weight", "change"),
    [
        ("no-location", R, lambda log: result(log).pop("locations")),
        ("no-location", R, lambda log: result(log).update(locations=[])),
        ("no-physical-location", R, lambda log: result(log).update(locations=[{"logicalLocations": [{"name": "db"}]}])),
        ("no-uri", R, with_uri("")),
        ("no-uri", R, lambda log: physical(log).pop("artifactLocation")),
        ("uri-scheme", R, with_uri("https://example.com/a")),
        ("uri-scheme", R, with_uri("gcp://project/instance")),
        ("uri-scheme", R, with_uri("a:b.tf")),
        ("uri-absolute", W, with_uri("file:///home/me/a.tf")),
        ("uri-characters", E, with_uri("my file.tf")),
        ("uri-characters", E, with_uri("win\\path.tf")),
        ("uri-characters", E, with_uri("win%5Cpath.tf")),
        ("uri-characters", E, with_uri("50%.tf")),
        ("uri-characters", E, with_uri("é.tf")),
        ("uri-characters", E, with_uri("a#b.tf")),
        ("uri-characters", E, with_uri("a?b.tf")),
        ("uri-path", E, with_uri("./main.tf")),
        ("uri-path", E, with_uri("a//b.tf")),
        ("uri-path", E, with_uri("../main.tf")),
        ("uri-path", E, with_uri("/main.tf")),
        ("no-runs", R, lambda log: log.update(runs=[])),
        ("equal-runs", R, lambda log: log["runs"].append(copy.deepcopy(run(log)))),
        ("too-many-runs", R, lambda log: log["runs"].extend({**run(log), "automationDetails": {"id": f"{n}/"}} for n in range(20))),
        ("unsuccessful", E, lambda log: run(log).update(invocations=[{"executionSuccessful": False}])),
        ("kind", E, lambda log: result(log).update(kind="pass")),
        ("kind", E, lambda log: result(log).update(kind="notApplicable", level="none")),
        ("suppressed", E, lambda log: result(log).update(suppressions=[{"kind": "inSource"}])),
        ("security-severity", R, lambda log: rule(log)["properties"].update({"security-severity": 8.0})),
        ("security-severity", R, lambda log: rule(log)["properties"].update({"security-severity": "high"})),
        ("security-severity-range", W, lambda log: rule(log)["properties"].update({"security-severity": "0.0"})),
        ("too-many-tags", R, lambda log: rule(log)["properties"].update(tags=[str(n) for n in range(21)])),
        ("long-name", E, lambda log: rule(log).update(name="n" * 256)),
        ("long-description", E, lambda log: rule(log).update(fullDescription={"text": "d" * 1025})),
        ("no-description", W, lambda log: rule(log).pop("shortDescription")),
        ("no-help", W, lambda log: rule(log).pop("help")),
        ("no-fingerprint", W, lambda log: result(log).pop("partialFingerprints")),
        ("schema-missing", W, lambda log: log.pop("$schema")),
        ("no-line", E, lambda log: physical(log)["region"].update(startLine=0)),
        ("no-line", E, lambda log: physical(log).pop("region")),
        ("end-before-start", E, lambda log: physical(log)["region"].update(endLine=2)),
        ("many-lines", W, lambda log: physical(log)["region"].update(endLine=9)),
        ("level", E, lambda log: result(log).update(level="critical")),
        ("no-message", E, lambda log: result(log).update(message={})),
        ("no-rule", E, lambda log: [result(log).pop(name) for name in ("ruleId", "ruleIndex")]),
        ("rule-index", E, lambda log: result(log).update(ruleIndex=3)),
        ("rule-twice", E, lambda log: run(log)["tool"]["driver"]["rules"].append(rule(log))),
        ("no-rule-id", E, lambda log: rule(log).pop("id")),
        ("no-tool", R, lambda log: run(log)["tool"]["driver"].pop("name")),
        ("no-results", R, lambda log: run(log).pop("results")),
        ("no-category", W, lambda log: run(log).pop("automationDetails")),
        ("column-kind", W, lambda log: run(log).update(columnKind="unicodeCodePoints")),
        ("too-many-locations", E, lambda log: result(log)["locations"].extend(result(log)["locations"] * 1000)),
        ("too-many-results", R, lambda log: run(log).update(results=[result(log)] * 25_001)),
        ("many-results", W, lambda log: run(log).update(results=[result(log)] * 5_001)),
        ("no-object", R, lambda log: log["runs"].append(1)),
        ("no-object", R, lambda log: run(log)["results"].append(None)),
    ],
)
def test_what_is_wrong_is_said(name: str, weight: Weight, change: Change) -> None:
    log = good()
    change(log)
    assert flaws(log).get(name) is weight


def test_what_is_wrong_everywhere_is_told_within_bounds_and_hides_nothing() -> None:
    log = good()
    for n in range(20_000):
        run(log)["results"].insert(0, {**result(log), "partialFingerprints": {}, "ruleId": str(n)})
    run(log)["results"][-1].pop("locations")
    found = lint(Sarif("a.sarif", log, b""))
    assert [flaw.pointer for flaw in found if flaw.weight is R] == ["/runs/0/results/20000/locations"]
    assert len([flaw for flaw in found if flaw.rule == "no-fingerprint"]) == MAX_EACH + 1
    assert found[-1].message.startswith("the last of 19900 more: no primaryLocationLineHash")


@pytest.mark.parametrize("value", [None, 1, "x", [], [1], {"a": 1}, True])
def test_any_value_in_any_place_is_read(value: object) -> None:
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            places.append((node, key))
            walk(node[key])

    log = good()
    walk(log["runs"])
    for node, key in places:
        held, node[key] = node[key], value
        assert isinstance(flaws(log), dict)
        node[key] = held
