"""Recorded exchanges, answered again over HTTP, read by the collectors and judged by the rules: nothing in between is a stand-in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gonogo.engine.controls import Judge
from gonogo.engine.inventory import Inventory
from gonogo.engine.waivers import Waivers
from gonogo.kinds.assets import with_project_ids
from gonogo.model.finding import Verdict
from gonogo.rules import RuleSet
from gonogo.sources.gcp.collect import collect
from gonogo.sources.gcp.collection import Asset, Collected
from gonogo.sources.gcp.export import read_export
from gonogo.sources.gcp.resources import live_resources
from gonogo.sources.gcp.surfaces import Surface, Surfaces
from loopback.client import session, surfaces
from loopback.seed import Cloud
from loopback.server import Loopback
from oracle.recordings.exchanges import NUMBER, PROJECT, Exchange

_LOCATION = re.compile(r"/(?:locations|regions)/([^/]+)")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One resource of a recording: the list that it is read through, the collection it is in, what the API answered."""

    exchange: Exchange
    surface: Surface
    collection: str
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its short name."""
        metadata = self.body.get("metadata")
        named = metadata if "apiVersion" in self.body and isinstance(metadata, Mapping) else self.body
        return str(named["name" if "name" in named else "id"]).rpartition("/")[2]

    @property
    def exported(self) -> bool:
        """Whether only an export has things of this shape or place: Cloud Run's first version, sinks of folders and organizations."""
        return "apiVersion" in self.body or not self.collection.startswith("projects/")


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a resource: the asset that was collected, and the verdict of every rule about its kind."""

    asset: Asset
    verdicts: Mapping[str, Verdict]


@dataclass(slots=True)
class Moment:
    """What there was when an exchange was recorded."""

    resources: dict[tuple[str, str, str], Recorded] = field(default_factory=dict)
    policies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    date: str = ""

    def put(self, recorded: Recorded) -> None:
        self.resources[recorded.surface.id, recorded.collection, str(recorded.body.get("name", recorded.name))] = recorded


def recorded_in(exchange: Exchange, table: Surfaces) -> Iterator[Recorded]:
    """The resources in an answer, one or a list of them; none where it is about what the audit does not read."""
    if exchange.method != "GET" or exchange.status != 200 or ":" in exchange.resource.rpartition("/")[2]:
        return
    for surface in table.surfaces:
        if not surface.kind or surface.service.partition("-")[0] != exchange.service:
            continue
        collection = surface.path.rpartition("/")[2]
        asked = exchange.resource.split("/")
        if asked[-1] == collection:
            for body in _listed(exchange.body, collection):
                yield Recorded(exchange, surface, _collection_of(body, exchange.resource), body)
        elif len(asked) > 1 and asked[-2] == collection:
            yield Recorded(exchange, surface, exchange.resource.rpartition("/")[0], exchange.body)


def _listed(body: Mapping[str, Any], collection: str) -> Iterator[Mapping[str, Any]]:
    found = body.get("items", body.get(collection, []))
    if isinstance(found, Mapping):
        for scope in found.values():
            yield from scope.get(collection, [])
    else:
        yield from found


def _collection_of(body: Mapping[str, Any], asked: str) -> str:
    """The collection of a listed thing: what was asked for may have been all locations, or an aggregation."""
    named = next((str(body[key]) for key in ("selfLink", "name") if "/" in str(body.get(key, "")) and "apiVersion" not in body), "")
    found = re.search(r"(?:^|/)(projects/.+)/[^/]+$", named)
    # A link names the zone of a cluster, the list that it is read through its location.
    return re.sub("/zones/(?=[^/]+/clusters$)", "/locations/", found[1]) if found else asked


def moments(story: Iterable[Exchange], table: Surfaces) -> Iterator[tuple[Exchange, Moment]]:
    """Each exchange with resources that are read, and what there was then. Where the order is not told, all of the story was."""
    exchanges = sorted(story, key=lambda e: e.step)
    for exchange in exchanges:
        if not any(recorded_in(exchange, table)):
            continue
        moment = Moment(date=exchange.date)
        for other in exchanges:
            if other.step > exchange.step:
                break
            if other.status == 404:
                _remove(moment, other)
            elif other.status == 200 and other.method == "GET" and other.resource.endswith(":getIamPolicy"):
                moment.policies[other.resource.rpartition(":")[0]] = other.body
            for recorded in recorded_in(other, table):
                moment.put(recorded)
        for recorded in recorded_in(exchange, table):
            moment.put(recorded)
        yield exchange, moment


def _remove(moment: Moment, gone: Exchange) -> None:
    collection, _, name = gone.resource.rpartition("/")
    for key in [k for k in moment.resources if k[1] == collection and k[2].rpartition("/")[2] == name]:
        del moment.resources[key]


def judged_live(running: Loopback, moment: Moment, rules: RuleSet) -> list[tuple[Recorded, Judged]]:
    """What is made of the resources of a moment when they are collected from the API."""
    wanted = [r for r in moment.resources.values() if not r.exported]
    if not wanted:
        return []
    running.cloud = _cloud(wanted)
    running.date = (lambda: moment.date) if moment.date else None
    services = {"cloudresourcemanager", *(r.surface.service for r in wanted)}
    full = surfaces()
    table = Surfaces(full.services, tuple(s for s in full.surfaces if s.service in services))
    collected = collect(session(running, table), table, sorted(running.cloud.projects))
    assert collected.shortfalls == ()
    return _judged(collected, table, wanted, rules)


def judged_export(directory: Path, moment: Moment, rules: RuleSet) -> list[tuple[Recorded, Judged]]:
    """What is made of the resources of a moment that only an export has."""
    wanted = [r for r in moment.resources.values() if r.exported]
    if not wanted:
        return []
    path = directory / "assets.json"
    path.write_text("\n".join(json.dumps(_as_asset(r, moment.policies)) for r in wanted), "utf-8")
    table = surfaces()
    return _judged(read_export(path, table), table, wanted, rules)


def verdicts(collected: Collected, table: Surfaces, rules: RuleSet) -> Iterator[tuple[Asset, Mapping[str, Verdict]]]:
    """Every collected asset that is of a judged kind, with the verdicts of the rules about it."""
    kinds = {asset.kind for asset in collected.assets}
    live = live_resources(collected, table, kinds)
    judge = Judge(rules, Inventory(live.resources, live.gaps, rules.relations, live.kinds, code=False), Waivers(()))
    found: dict[tuple[str, str], dict[str, Verdict]] = {}
    for result in judge.all():
        for finding in result.findings:
            found.setdefault((finding.subject.kind, finding.subject.name), {})[finding.rule] = finding.verdict
    by_name = {(r.kind, r.name): r for r in live.resources}
    for asset in collected.assets:
        name = with_project_ids(asset.name, live.numbers)
        for kind in {kind for kind, other in by_name if other == name}:
            asked = {rule.id for rule in rules.rules if kind in rule.subjects}
            yield asset, {rule: found.get((kind, name), {}).get(rule, Verdict.NOT_APPLICABLE) for rule in asked}


def _judged(collected: Collected, table: Surfaces, wanted: Iterable[Recorded], rules: RuleSet) -> list[tuple[Recorded, Judged]]:
    decided = {asset.kind + asset.name: found for asset, found in verdicts(collected, table, rules)}
    matched = []
    for recorded in wanted:
        assets = [a for a in collected.assets if a.surface == recorded.surface.id and _is(a, recorded)]
        assert len(assets) == 1, f"{recorded.exchange.path}: {recorded.name} was collected {len(assets)} times"
        matched.append((recorded, Judged(assets[0], decided.get(assets[0].kind + assets[0].name, {}))))
    return matched


def _is(asset: Asset, recorded: Recorded) -> bool:
    if recorded.exported:
        return asset.name == _export_name(recorded)
    same = all(asset.body.get(key) == recorded.body.get(key) for key in ("name", "id", "selfLink"))
    return same and (asset.project == _project(recorded) or asset.project == PROJECT)


def _project(recorded: Recorded) -> str:
    return recorded.collection.split("/")[1]


def _cloud(wanted: Iterable[Recorded]) -> Cloud:
    cloud = Cloud()
    regions = set()
    for recorded in wanted:
        project = _project(recorded)
        number = NUMBER if project in (PROJECT, str(NUMBER)) else 1000 + len(project)
        cloud.projects[PROJECT if number == NUMBER else project] = number
        collection = recorded.collection.replace(f"projects/{NUMBER}/", f"projects/{PROJECT}/")
        cloud.put(recorded.surface.service.partition("-")[0], collection, recorded.body)
        regions.update(_LOCATION.findall(f"/{recorded.collection}/"))
    cloud.regions = tuple(sorted(regions - {"-", "global"})) or ("us-central1",)
    return cloud


def _export_name(recorded: Recorded) -> str:
    if "apiVersion" not in recorded.body:
        return f"//{recorded.surface.service}.googleapis.com/{recorded.collection}/{recorded.name}"
    metadata = recorded.body["metadata"]
    region = metadata.get("labels", {}).get("cloud.googleapis.com/location", "us-central1")
    kind = recorded.surface.path.rpartition("/")[2]
    return f"//run.googleapis.com/projects/{metadata['namespace']}/locations/{region}/{kind}/{recorded.name}"


def _as_asset(recorded: Recorded, policies: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    policy = next((p for path, p in policies.items() if path.rpartition("/")[2] == recorded.name), None)
    asset = {"name": _export_name(recorded), "asset_type": recorded.surface.kind, "resource": {"version": "v1", "data": recorded.body}}
    return {**asset, "iam_policy": policy} if policy is not None else asset
