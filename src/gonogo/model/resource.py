"""What sources produce: resources in canonical shape, and gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from gonogo.model.location import Location, Locations, locate
from gonogo.model.value import Path, Unknown, Value


class Origin(StrEnum):
    """Where a resource was seen."""

    DECLARED = "declared"
    PLANNED = "planned"
    STATE = "state"
    LIVE = "live"
    IMPLIED = "implied"

    @property
    def view(self) -> str:
        """What describes one and the same moment: `code` (declared, planned, implied: what will be), `state`, `live`.

        Only resources of one view belong together. That something protects a service in the state protects nothing in the code.
        """
        return self.value if self in (Origin.STATE, Origin.LIVE) else "code"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing in the canonical shape of its kind.

    `kind` is a Cloud Asset Inventory type (`run.googleapis.com/Service`), a Kubernetes group/kind (`apps/Deployment`) or
    one of ours (`docker/Dockerfile`). `name` identifies it within its kind and must not depend on line numbers: findings
    are fingerprinted with it. `locations` maps attribute paths to where they were written; `()` is the resource itself.
    `chains` maps a path to the places its value came through (variables, locals, modules), nearest first.
    """

    kind: str
    name: str
    attributes: Mapping[str, Value]
    locations: Locations = field(default_factory=dict)
    chains: Mapping[Path, tuple[Location, ...]] = field(default_factory=dict)
    origin: Origin = Origin.DECLARED
    source: str = ""
    environment: str = ""
    silent: frozenset[Path] = frozenset()
    """What a declaration does not write, so that its value is a default or the server's choice."""
    project: str | Unknown | None = None
    """The project that a declaration names; None where it leaves that to the provider."""
    live: Location | None = None
    """Where an object of a cluster is (`//k8s/CONTEXT/apis/apps/v1/namespaces/shop/deployments/web`), and in its note who installed it."""

    @property
    def cluster(self) -> str:
        """The cluster that it was read from, `//k8s/CONTEXT`; empty for anything else."""
        return "/".join(self.live.resource.split("/")[:4]) if self.live is not None else ""

    def locate(self, path: Path = ()) -> Location | None:
        """Where the attribute at `path` was written, else its nearest ancestor, else the resource."""
        return locate(self.locations, path)


class Stage(StrEnum):
    """The step at which something could not be read."""

    DISCOVER = "discover"
    READ = "read"
    PARSE = "parse"
    RENDER = "render"
    EVALUATE = "evaluate"


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Something that was not read or not understood, and the kinds it leaves incomplete.

    `kinds` holds kind names or shell-style patterns of them (`*.googleapis.com/*`). An empty tuple is a gap that touches
    no control (a link out of the tree): it is reported all the same.
    """

    file: str
    line: int
    stage: Stage
    reason: str
    source: str
    kinds: tuple[str, ...] = ()
    environment: str = ""
    """The environment that it leaves incomplete; `` where that is any."""
    origin: Origin = Origin.DECLARED
    """`live` where the cloud could not be read: what is live is incomplete then, and what is declared is not."""

    def touches(self, kind: str) -> bool:
        return any(fnmatchcase(kind, pattern) for pattern in self.kinds)
