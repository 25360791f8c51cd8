"""The table of what is listed: `rules/kubernetes/lists.yaml`, as frozen objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

FILE = "lists.yaml"


@dataclass(frozen=True, slots=True)
class Listed:
    """One list; the YAML says what each field means."""

    kind: str
    versions: Sequence[str]
    resource: str
    group: str = ""
    namespaced: bool = True
    optional: bool = False
    metadata: bool = False
    judged: bool = True
    unread: Sequence[str] = ()
    also: Sequence[str] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is incomplete where it could not be read."""
        return (self.kind, *self.also)

    def base(self, version: str) -> str:
        """`/apis/apps/v1`, `/api/v1`."""
        return f"/apis/{self.group}/{version}" if self.group else f"/api/{version}"

    def path(self, version: str) -> str:
        """The path of the list over all namespaces."""
        return f"{self.base(version)}/{self.resource}"

    def object_path(self, version: str, namespace: str, name: str) -> str:
        """The path of one of its objects, which is never asked for: it names the object."""
        inside = f"/namespaces/{namespace}" if self.namespaced else ""
        return f"{self.base(version)}{inside}/{self.resource}/{name}"


@dataclass(frozen=True, slots=True)
class OwnerMark:
    """A label or an annotation that names who installed an object."""

    by: str
    annotation: str = ""
    label: str = ""
    namespace: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """What is of the cluster itself."""

    namespaces: Sequence[str]
    cluster_roles: Sequence[str]
    made: Mapping[str, Sequence[str]]
    undeclared: Mapping[str, Sequence[str]]

    def namespace(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.namespaces)


@dataclass(frozen=True, slots=True)
class Lists:
    system: System
    owners: tuple[OwnerMark, ...]
    lists: tuple[Listed, ...]


def load_lists() -> Lists:
    """The shipped table; the tests hold it against its schema."""
    read = read_yaml(FILE, (data_directory("rules") / "kubernetes" / FILE).read_text("utf-8"))
    table: Any = read.documents[0].value
    return Lists(System(**table["system"]), tuple(OwnerMark(**o) for o in table["owners"]), tuple(Listed(**entry) for entry in table["lists"]))
