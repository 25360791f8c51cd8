"""Which versions of Kubernetes serve the API version that an object is written in: `rules/kubernetes/apis.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.located import Leaf, Node
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.schema import table

FILE = "apis.yaml"


@dataclass(frozen=True, slots=True)
class Api:
    """The life of an API version of a kind, in minor versions of Kubernetes 1: served from `since` on, no more in `removed`."""

    since: int = 0
    deprecated: int | None = None
    removed: int | None = None
    instead: str = ""
    optional: bool = False

    def served(self, minor: int) -> bool:
        """Whether Kubernetes 1.`minor` serves it without being told to."""
        return not self.optional and self.since <= minor and (self.removed is None or minor < self.removed)


@dataclass(frozen=True, slots=True)
class Apis:
    """All that is known. `rows` are by `apps/v1beta1` and `Deployment`."""

    newest: int
    rows: Mapping[tuple[str, str], Api]
    groups: frozenset[str]

    def of(self, version: str, kind: str) -> Api | None:
        """The life of what is written so; None where it is not known."""
        row = self.rows.get((version, kind))
        if row is not None:
            return row
        group, _, bare = version.rpartition("/")
        known = table(group or "core") if not group or group in self.groups else None
        return Api() if known is not None and f"{bare}/{kind}" in known.kinds else None

    def serves(self, minor: int, version: str, kind: str = "") -> bool:
        """Whether Kubernetes 1.`minor` serves `version` (of `kind`, else of any) without being told to."""
        group, _, bare = version.rpartition("/")
        known = table(group or "core")
        of_group = [name.partition("/")[2] for name in known.kinds if name.startswith(f"{bare}/")] if known is not None else []
        named = [kind] if kind else [*of_group, *(k for v, k in self.rows if v == version)]
        return any((api := self.of(version, name)) is not None and api.served(minor) for name in named)


@cache
def apis() -> Apis:
    """The table; the tests hold it against its schema and against the OpenAPI of each version."""
    read: Any = read_yaml(FILE, (data_directory("rules") / "kubernetes" / FILE).read_text("utf-8")).documents[0].value
    rows = {(row["version"], kind): _api(row) for row in read["apis"] for kind in row["kinds"]}
    return Apis(_minor(read["newest"]), rows, frozenset(version.rpartition("/")[0] for version, _ in rows))


def written_in(found: KubernetesObject) -> Node | None:
    """The API version of an object with its life, in the shape of the kind `kubernetes/Object`; None for a kind that is not Kubernetes' own."""
    node = found.node
    version = node.text("apiVersion")
    known = apis()
    if found.group != "core" and found.group not in known.groups:
        return None
    place = node.get("apiVersion") or node
    api = known.of(version, node.text("kind"))
    life = api or Api()
    fields: dict[str, Leaf] = {
        "version": version,
        "known": api is not None,
        "since": life.since,
        "deprecated": life.deprecated,
        "removed": life.removed,
        "instead": life.instead,
        "optional": life.optional,
        "newest": known.newest,
    }
    return Node({name: Node(value, place.location) for name, value in fields.items()}, place.location)


def _api(row: Mapping[str, Any]) -> Api:
    return Api(
        _minor(row.get("since", "1.0")),
        _minor(row["deprecated"]) if "deprecated" in row else None,
        _minor(row["removed"]) if "removed" in row else None,
        row.get("instead", ""),
        row.get("optional", False),
    )


def _minor(version: str) -> int:
    return int(version.partition(".")[2])
