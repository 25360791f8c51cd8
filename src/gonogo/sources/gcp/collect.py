"""Collects what the table names from projects: eight workers, every failure a shortfall, and a result in one order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gonogo.sources.gcp.collection import Asset, Collected, Coverage, Shortfall
from gonogo.sources.gcp.pages import Pages, Target, full_name, members, partials, place_of, read_pages, rest_pages, stand_in
from gonogo.sources.gcp.problems import Cause, Problem
from gonogo.sources.gcp.redact import redacted
from gonogo.sources.gcp.session import LiveSession
from gonogo.sources.gcp.surfaces import Surface, Surfaces
from gonogo.sources.gcp.workers import Pool

WORKERS = 8
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")
_GRACE = 150.0
"""Seconds that an answer which was asked for in time may still take: longer than the session waits for one."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What one target gave."""

    target: Target
    assets: tuple[Asset, ...]
    shortfalls: tuple[Shortfall, ...]
    pages: int


def collect(session: LiveSession, surfaces: Surfaces, projects: Sequence[str], workers: int = WORKERS, grace: float = _GRACE) -> Collected:
    """Everything that `surfaces` lists in `projects`. Raises nothing of the APIs' doing: that is in the shortfalls."""
    reader = _Reader(session, surfaces)
    pool: Pool[Target, _Read] = Pool(reader.work, workers)
    unique = sorted(set(projects))
    first = [reader.target(surface, project) for project in unique for surface in surfaces.roots()]
    reads, unfinished = pool.run(first, lambda: session.clock.overdue(grace))
    for target in unfinished:
        problem = Problem(Cause.BUDGET, "no answer came before the audit had to end")
        reads.append(_Read(target, (), (reader.shortfall(target, problem),), 0))
    assets, twice = _unique(asset for read in reads for asset in read.assets)
    shortfalls = {*(s for read in reads for s in read.shortfalls), *(reader.ambiguous(a) for a in twice)}
    return Collected(
        assets=assets,
        shortfalls=tuple(sorted(shortfalls)),
        coverage=_coverage(surfaces, unique, reads, {(s.project, s.surface) for s in shortfalls}),
        requests=session.requests,
        observed=session.server_time(),
        dated=session.told_time,
    )


class _Reader:
    def __init__(self, session: LiveSession, surfaces: Surfaces) -> None:
        self._session = session
        self._surfaces = surfaces
        self._by_id = {surface.id: surface for surface in surfaces.surfaces}

    def target(self, surface: Surface, project: str, parent: str = "", parent_name: str = "") -> Target:
        return Target(surface, self._surfaces.services[surface.service], project, parent, parent_name)

    def work(self, target: Target) -> tuple[_Read, Iterable[Target]]:
        """Read a target; give what it holds and what is to be read below it."""
        assets: list[Asset] = []
        shortfalls: list[Shortfall] = []
        further: list[Target] = []
        pages = 0
        try:
            for page in read_pages(self._session, target, _pages(target.surface)):
                pages += 1
                for partial in partials(page, target.surface):
                    shortfalls.append(self.shortfall(target, Problem(Cause.UNREACHABLE, partial.reason), partial.location))
                for item in members(page, target.surface):
                    self._take(item, target, assets, shortfalls, further)
        except Problem as problem:
            shortfalls.append(self.shortfall(target, problem))
        except Exception as error:  # noqa: BLE001 - a defect of ours must cost the run this list, said aloud, and no verdict
            text = f"the collector failed ({type(error).__name__}: {error}); please report this"
            shortfalls.append(self.shortfall(target, Problem(Cause.INVALID, text)))
        return _Read(target, tuple(assets), tuple(shortfalls), pages), further

    def _take(self, item: object, target: Target, assets: list[Asset], shortfalls: list[Shortfall], further: list[Target]) -> None:
        surface = target.surface
        if not isinstance(item, Mapping):
            shortfalls.append(self.shortfall(target, Problem(Cause.INVALID, "a member of the list is no object")))
            return
        if stand_in(item):
            reason = "the region did not answer the API, which put a stand-in into the list; what is there is not known"
            shortfalls.append(self.shortfall(target, Problem(Cause.UNREACHABLE, reason), place_of(str(item["name"]))))
            return
        name = full_name(item, target)
        if surface.kind and not name:
            shortfalls.append(self.shortfall(target, Problem(Cause.INVALID, "a member of the list has no name")))
            return
        if surface.kind:
            location = place_of(name) or _text(item.get("region")).rpartition("/")[2]
            assets.append(Asset(surface.kind, name, target.project, location, redacted(item, surface), surface.id, target.parent_name))
        for below in self._surfaces.below(surface):
            parent = _fill(below.parent, item)
            if parent and _wanted(item, below):
                further.append(self.target(below, target.project, parent, name))
            elif not parent:
                problem = Problem(Cause.INVALID, f"a member of {surface.id} has no {below.parent} that could be asked about")
                shortfalls.append(self.shortfall(self.target(below, target.project), problem))

    def shortfall(self, target: Target, problem: Problem, location: str = "") -> Shortfall:
        where = location or (target.parent.rpartition("/")[2] if target.parent else "")
        kinds = self._surfaces.kinds(target.surface)
        about = target.project, target.surface.id, where
        return Shortfall(*about, problem.cause, problem.reason, problem.permission, kinds, problem.consumer)

    def ambiguous(self, asset: Asset) -> Shortfall:
        target = self.target(self._by_id[asset.surface], asset.project)
        problem = Problem(Cause.INVALID, f"{asset.name} is listed twice with different contents; it changed while it was read")
        return self.shortfall(target, problem)


def _pages(surface: Surface) -> Pages:
    if not surface.client:
        return rest_pages
    try:
        from gonogo.sources.gcp.google_clients import client_pages
    except ImportError as error:
        raise Problem(Cause.REQUEST, f"{surface.client} is not installed; install gonogo[gcp]") from error
    return client_pages()[surface.id]


def _unique(assets: Iterable[Asset]) -> tuple[tuple[Asset, ...], tuple[Asset, ...]]:
    """The assets, each once and sorted, and those that were seen with two contents (a list that changed between its pages)."""
    found: list[Asset] = []
    twice: list[Asset] = []
    for _, same in groupby(sorted(assets, key=_identity), key=_identity):
        copies = list(same)
        first, *others = sorted(copies, key=lambda asset: repr(asset.body)) if len(copies) > 1 else copies
        found.append(first)
        twice.extend(other for other in others[-1:] if other.body != first.body)
    return tuple(found), tuple(twice)


def _identity(asset: Asset) -> tuple[str, str]:
    return asset.kind, asset.name


def _coverage(surfaces: Surfaces, projects: Sequence[str], reads: Sequence[_Read], broken: Set[tuple[str, str]]) -> tuple[Coverage, ...]:
    """How each surface of each project was read. A shortfall of a list (`broken`) leaves every list below it incomplete."""
    by_surface: dict[tuple[str, str], list[_Read]] = defaultdict(list)
    for read in reads:
        by_surface[read.target.project, read.target.surface.id].append(read)
    by_id = {surface.id: surface for surface in surfaces.surfaces}

    def whole(project: str, surface: Surface) -> bool:
        above = by_id.get(surface.over)
        return (project, surface.id) not in broken and (above is None or whole(project, above))

    return tuple(
        sorted(
            Coverage(
                project,
                surface.id,
                whole(project, surface),
                sum(len(read.assets) for read in by_surface[project, surface.id]),
                sum(read.pages for read in by_surface[project, surface.id]),
                tuple(sorted({surface.kind, *surface.also} - {""})),
            )
            for project in projects
            for surface in surfaces.surfaces
        )
    )


def _wanted(item: Mapping[str, Any], surface: Surface) -> bool:
    return all(key not in item or item[key] in values for key, values in surface.where.items())


def _fill(template: str, item: Mapping[str, Any]) -> str:
    """What of an item the next request is about; empty where that is no name, as it becomes a part of a path."""
    parent = _text(item.get(template[1:-1]))
    return parent if _NAME.fullmatch(parent) and ".." not in parent else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
