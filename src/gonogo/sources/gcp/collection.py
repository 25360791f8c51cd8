"""What a collection brings home: assets, shortfalls (what could not be read), and how complete each surface is."""

from __future__ import annotations

from collections.abc import Collection as AnyCollection
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from gonogo.model.resource import Gap, Stage
from gonogo.sources.gcp.problems import Cause

SOURCE = "gcp"
PROJECT = "cloudresourcemanager.googleapis.com/Project"


@dataclass(frozen=True, slots=True)
class Asset:
    """One resource as the API wrote it (JSON, redacted). `kind` is its Cloud Asset Inventory type, `name` its full resource name.

    `location` is a region, a zone or `global`, empty where the name does not tell. `parent` is the full name of what it
    was listed under: a backup run's instance, a provider's pool.
    """

    kind: str
    name: str
    project: str
    location: str
    body: Mapping[str, Any]
    surface: str
    parent: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Shortfall:
    """Something that was not read: which surface of which project, where in it, why, and the kinds that are incomplete for it."""

    project: str
    surface: str
    location: str
    cause: Cause
    reason: str
    permission: str = ""
    kinds: tuple[str, ...] = ()
    consumer: str = ""
    """The project in which an API is off, as `projects/12`."""

    def gap(self) -> Gap:
        """As every report shows it. It has no file: the reason says where in the cloud."""
        where = " ".join(filter(None, (f"projects/{self.project}" if self.project else "", self.location)))
        return Gap("", 0, Stage.READ, f"{where}: {self.surface}: {self.reason}", SOURCE, self.kinds)


@dataclass(frozen=True, slots=True, order=True)
class Coverage:
    """How a surface of a project was read. Only what was read completely, then and now, may be compared."""

    project: str
    surface: str
    complete: bool
    assets: int
    pages: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything that a collection read, sorted. `observed` is the servers' time."""

    assets: tuple[Asset, ...]
    shortfalls: tuple[Shortfall, ...]
    coverage: tuple[Coverage, ...]
    requests: Mapping[str, int]
    observed: datetime

    def gaps(self, declared: AnyCollection[str] = ("*",)) -> Iterator[Gap]:
        """The shortfalls as gaps.

        An API that is off in the very project, or a kind of which an export holds nothing, is a gap only where the code declares
        one of its kinds (names or patterns in `declared`): elsewhere a project would have to enable every API to be judged. It is
        a gap of no kind then, so that it is still reported. Where the API is off in the project that pays for the calls, what the
        other one holds is not known.
        """
        for shortfall in self.shortfalls:
            gap = shortfall.gap()
            wanted = any(fnmatchcase(kind, pattern) for kind in gap.kinds for pattern in declared)
            if not wanted and self._may_be_nothing(shortfall):
                gap = replace(gap, kinds=())
            yield gap

    def _may_be_nothing(self, shortfall: Shortfall) -> bool:
        """Whether there may well be nothing to read."""
        if shortfall.cause is Cause.API_DISABLED:
            return shortfall.consumer in self._spellings(shortfall.project)
        return shortfall.cause is Cause.NOT_EXPORTED

    def _spellings(self, project: str) -> set[str]:
        """`projects/shop` and, where it could be read, `projects/12`."""
        numbers = (asset.body.get("projectNumber") for asset in self.assets if asset.kind == PROJECT and asset.project == project)
        return {f"projects/{project}", *(f"projects/{number}" for number in numbers)}
