"""What a loopback cloud holds: resources by service and collection, read from `fixtures/gcp/*.yaml`."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "gcp"
REGIONS = ("europe-west1", "us-central1")
_SCOPE = re.compile(r"projects/[^/]+/((?:global|regions/[^/]+|zones/[^/]+))/([^/]+)")


@dataclass(slots=True)
class Cloud:
    """`collections`: service -> path of a collection (`projects/shop/instances`) -> resources; a policy is a collection of one.

    `projects` are project ids with their numbers; `disabled` the services that are off in a project.
    """

    projects: dict[str, int] = field(default_factory=dict)
    collections: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    disabled: dict[str, list[str]] = field(default_factory=dict)
    regions: tuple[str, ...] = REGIONS
    lacking: tuple[str, ...] = ()
    """Permissions that the auditing account has not."""
    untestable: tuple[str, ...] = ()
    """Permissions that testIamPermissions refuses, and with them the whole call."""
    now: str = ""
    """The time of its servers, as a Date header; that of this machine where it is empty."""

    def put(self, service: str, path: str, *resources: Mapping[str, Any]) -> None:
        self.collections.setdefault(service, {}).setdefault(path, []).extend(dict(r) for r in resources)

    def under(self, service: str, path: str) -> Iterator[dict[str, Any]]:
        """The resources of a collection; a segment `-` of the path stands for any."""
        pattern = re.compile("/".join("[^/]+" if part == "-" else re.escape(part) for part in path.split("/")))
        for name, resources in sorted(self.collections.get(service, {}).items()):
            if pattern.fullmatch(name):
                yield from resources

    def scopes(self, service: str, project: str, collection: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The resources of an aggregated list, each with its scope."""
        for name, resources in sorted(self.collections.get(service, {}).items()):
            found = _SCOPE.fullmatch(name)
            if found and found[2] == collection and name.startswith(f"projects/{project}/"):
                yield from ((found[1], resource) for resource in resources)

    def one(self, service: str, path: str) -> dict[str, Any] | None:
        """The resource at a path, or the policy there."""
        exact = self.collections.get(service, {}).get(path)
        if exact and ":" in path:
            return exact[0]
        collection, _, name = path.rpartition("/")
        return next((r for r in self.under(service, collection) if str(r.get("name", "")).rpartition("/")[2] == name), None)

    def copy(self) -> Cloud:
        return copy.deepcopy(self)


def read_seed(name: str) -> Cloud:
    """The cloud of `fixtures/gcp/<name>.yaml`."""
    document = yaml.safe_load((FIXTURES / f"{name}.yaml").read_text("utf-8"))
    return Cloud(document["projects"], document["collections"], document.get("disabled", {}), now=document.get("now", ""))
