"""What a collection brings home: assets, shortfalls (what could not be read), and how complete each surface is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as AnyCollection
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from gonogo.model.resource import Gap, Origin, Stage
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
        return _gap([self], self.kinds)


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
    """Everything that a collection read, sorted. `observed` is when, by the clock of the servers.

    It is not `dated` where nobody told: of an export it is then when the newest asset was changed, else the time of this machine.
    """

    assets: tuple[Asset, ...]
    shortfalls: tuple[Shortfall, ...]
    coverage: tuple[Coverage, ...]
    requests: Mapping[str, int]
    observed: datetime
    dated: bool = True

    def gaps(self, declared: AnyCollection[str] = ("*",)) -> Iterator[Gap]:
        """The shortfalls as gaps, one for all that fell short for the same reason.

        An API that is off in the very project, or a kind of which an export holds nothing, is a gap only where the code declares
        one of its kinds (names or patterns in `declared`): elsewhere a project would have to enable every API to be judged. It is
        a gap of no kind then, so that it is still reported. Where the API is off in the project that pays for the calls, what the
        other one holds is not known.
        """
        alike: dict[tuple[Cause, str, bool], list[Shortfall]] = defaultdict(list)
        for shortfall in self.shortfalls:
            wanted = any(fnmatchcase(kind, pattern) for kind in shortfall.kinds for pattern in declared)
            alike[shortfall.cause, shortfall.reason, wanted or not self._may_be_nothing(shortfall)].append(shortfall)
        for (_, _, matters), same in alike.items():
            yield _gap(same, {kind for shortfall in same for kind in shortfall.kinds} if matters else ())

    def _may_be_nothing(self, shortfall: Shortfall) -> bool:
        """Whether there may well be nothing to read."""
        if shortfall.cause is Cause.API_DISABLED:
            return shortfall.consumer in self._spellings(shortfall.project)
        return shortfall.cause is Cause.NOT_EXPORTED

    def _spellings(self, project: str) -> set[str]:
        """`projects/shop` and, where it could be read, `projects/12`."""
        numbers = (asset.body.get("projectNumber") for asset in self.assets if asset.kind == PROJECT and asset.project == project)
        return {f"projects/{project}", *(f"projects/{number}" for number in numbers)}


def _gap(same: Sequence[Shortfall], kinds: Iterable[str]) -> Gap:
    """The gap of shortfalls with one reason: a refused permission is one line, not one for each of 43 regions."""
    projects = {f"projects/{shortfall.project}" for shortfall in same if shortfall.project}
    where = [
        _count(projects, "projects"),
        _count({s.surface for s in same}, "lists"),
        _count({s.location for s in same if s.location}, "locations"),
    ]
    return Gap("", 0, Stage.READ, f"{', '.join(filter(None, where))}: {same[0].reason}", SOURCE, tuple(sorted(kinds)), origin=Origin.LIVE)


def _count(names: AnyCollection[str], what: str) -> str:
    return f"{len(names)} {what}" if len(names) > 1 else "".join(names)
