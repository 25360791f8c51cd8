"""What a collection brought home, as resources in canonical shape and gaps: the seam between the cloud and the rules."""

from __future__ import annotations

import re
from collections.abc import Collection as AnyCollection
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gonogo.kinds.assets import with_project_ids
from gonogo.kinds.gcp import from_api, from_iam_policy, settle
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.sources.gcp.collection import PROJECT, SOURCE, Asset, Collected
from gonogo.sources.gcp.surfaces import Surfaces

_NUMBERED = re.compile(r"(?:^|/)projects/(\d+)(?=/|$)")
_POLICIES = {"run.googleapis.com/ServiceIamPolicy": "run.googleapis.com/Service"}


@dataclass(frozen=True, slots=True)
class Live:
    """What is live. `kinds` are all that were asked for, whether there is any or not: of them, what is live decides."""

    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...]
    kinds: frozenset[str]
    numbers: Mapping[str, str]
    """What the projects are called, by the number that some APIs name them by: `1000000001` -> `shop-prod`."""


def live_kinds(surfaces: Surfaces) -> frozenset[str]:
    """The kinds that an audit asks for."""
    return frozenset(kind for surface in surfaces.surfaces for kind in (surface.kind, *surface.also) if kind)


def live_resources(collected: Collected, surfaces: Surfaces, declared: AnyCollection[str]) -> Live:
    """The live resources with their links resolved. `declared` are the kinds that the code declares, names or patterns."""
    found: list[Resource] = []
    gaps = [*collected.gaps(declared)]
    for asset in collected.assets:
        try:
            found.extend(_resources(asset, collected.observed if collected.dated else None))
        except Exception as error:  # noqa: BLE001 - a defect of ours must cost the run this asset, said aloud, and no verdict
            gaps.append(_unread(asset, f"{asset.name}: reading the answer failed ({type(error).__name__}: {error}); please report this", surfaces))
    numbers = dict(_numbers(collected.assets))
    resources = tuple(replace(r, name=with_project_ids(r.name, numbers)) for r in settle(found, numbers))
    return Live(resources, tuple(sorted(gaps)), live_kinds(surfaces), numbers)


def _numbers(assets: Iterable[Asset]) -> Iterator[tuple[str, str]]:
    """The number and the id of each project: what was asked for by the id and answers by the number, and what the project says itself."""
    for asset in assets:
        number = str(asset.body.get("projectNumber")) if asset.kind == PROJECT else ""
        found = _NUMBERED.search(asset.name)
        for called in (number, found[1] if found else ""):
            if called.isdigit() and not asset.project.isdigit() and asset.project:
                yield called, asset.project


def _resources(asset: Asset, observed: datetime | None) -> Iterator[Resource]:
    of_kind = _POLICIES.get(asset.kind)
    if of_kind is not None:
        yield from from_iam_policy(of_kind, asset.body, asset.name, scope=asset.project)
    else:
        yield from from_api(asset.kind, asset.body, asset.name, scope=asset.project, observed=observed)


def _unread(asset: Asset, reason: str, surfaces: Surfaces) -> Gap:
    kinds = next((surfaces.kinds(surface) for surface in surfaces.surfaces if surface.id == asset.surface), (asset.kind,))
    return Gap("", 0, Stage.EVALUATE, reason, SOURCE, kinds, origin=Origin.LIVE)
