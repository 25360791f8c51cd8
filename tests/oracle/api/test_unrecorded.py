"""What the APIs may answer and no recording shows, read as an audit reads it: `unrecorded.yaml`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from gonogo.rules import RuleSet, load_rules
from gonogo.sources.gcp.collect import collect
from gonogo.sources.gcp.collection import Collected
from gonogo.sources.gcp.export import read_export
from gonogo.sources.gcp.surfaces import Surfaces
from loopback.client import session, surfaces
from loopback.seed import Cloud
from loopback.server import loopback
from oracle.recordings.replay import verdicts

TABLE = surfaces()
BY_ID = {surface.id: surface for surface in TABLE.surfaces}
CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("unrecorded.yaml").read_text("utf-8"))["cases"]
_LOCATION = re.compile(r"/(?:locations|regions)/([^/]+)")


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules(())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_what_was_not_recorded_gets_the_verdicts_of_a_reader(case: dict[str, Any], rules: RuleSet, tmp_path: Path) -> None:
    of = case.get("of") or next(key for key in case["bodies"][0] if key != "policy")
    collected = exported(case, tmp_path) if case.get("export") else listed(case)
    judged = [decided for asset, decided in verdicts(collected, TABLE, rules) if asset.surface == of]
    assert judged, "it was read"
    found = [{rule: decided.get(rule) for rule in case["verdicts"]} for decided in judged]
    assert case["verdicts"] in found


def bodies(case: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any] | None]]:
    for entry in case["bodies"]:
        for surface, body in entry.items():
            if surface != "policy":
                yield surface, body, entry.get("policy")


def listed(case: Mapping[str, Any]) -> Collected:
    cloud = Cloud(projects={"shop": 77})
    regions = {"us-central1"}
    services = {"cloudresourcemanager"}
    for surface, body, policy in bodies(case):
        service = BY_ID[surface].service
        services.add(service)
        named = str(body.get("selfLink", body["name"]))
        found = re.search(r"(?:^|/)(projects/.+)/[^/]+$", named)
        collection = found[1] if found else f"projects/shop/{BY_ID[surface].path.rpartition('/')[2]}"
        if not BY_ID[surface].over:  # asked for by the id of the project, answered by its number
            collection = collection.replace("projects/77/", "projects/shop/")
        cloud.put(service.partition("-")[0], collection, body)
        regions.update(_LOCATION.findall(f"/{collection}/"))
        if policy is not None:
            cloud.put("run", f"{body['name']}:getIamPolicy", policy)
    cloud.regions = tuple(sorted(regions - {"global"}))
    table = Surfaces(TABLE.services, tuple(s for s in TABLE.surfaces if s.service in services))
    with loopback(cloud, strict=not case.get("beyond")) as running:
        collected = collect(session(running, table), table, ["shop"])
    assert collected.shortfalls == ()
    return collected


def exported(case: Mapping[str, Any], directory: Path) -> Collected:
    lines = []
    for surface, body, policy in bodies(case):
        kind = BY_ID[surface].kind
        host, link = kind.partition("/")[0], str(body.get("selfLink", ""))
        path = link.partition("/v1/")[2] or f"projects/shop/locations/us-central1/services/{body['metadata']['name']}"
        asset = {"name": f"//{host}/{path}", "asset_type": kind, "resource": {"version": "v1", "data": body}}
        lines.append(json.dumps({**asset, "iam_policy": policy} if policy is not None else asset))
    (directory / "assets.json").write_text("\n".join(lines), "utf-8")
    return read_export(directory / "assets.json", TABLE)


def test_every_kind_that_rules_judge_live_has_a_case(rules: RuleSet) -> None:
    """But for those of which only that they are there is asked."""
    judged = {kind for rule in rules.rules for kind in rule.subjects}
    there = {"monitoring.googleapis.com/Dashboard", "secretmanager.googleapis.com/Secret", "compute.googleapis.com/BackendBucket"}
    shown = {BY_ID[surface].kind for case in CASES for surface, _, _ in bodies(case)}
    assert {s.kind for s in TABLE.surfaces if s.kind in judged} <= shown | there
