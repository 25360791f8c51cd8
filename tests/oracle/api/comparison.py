"""What Terraform declares set against what the API answers, field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gonogo.kinds.assets import relative_name
from gonogo.kinds.fields import Items, Table
from gonogo.kinds.gcp import SPECS, from_asset, settle
from gonogo.kinds.spec import Spec, last_segment
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, is_list, lookup
from gonogo.sources.terraform_resources import TerraformSource
from gonogo.sources.tree import open_tree

SPEC: Mapping[str, Spec] = {spec.kind: spec for spec in SPECS}
_AFTER_APPLY = re.compile(r"\$\{(.+)\.(?:id|self_link|name|secret_id|workload_identity_pool_id|email)\}")
# The API keeps these in an order of its own; nothing depends on it.
_SETS = ("authorizedNetworks", "rules", "members", "requireAttestationsBy", "notificationChannels")


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of one thing. `equal`: as it is read; `same`: it is what the other names or lists in its own way."""

    kind: str
    name: str
    path: str
    declared: Value
    live: Value
    equal: bool
    same: bool

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.path}: declared {self.declared!r}, live {self.live!r}"


def declared_in(directory: Path) -> tuple[Resource, ...]:
    """The resources of our kinds that the Terraform of a directory declares."""
    found = TerraformSource().read(open_tree(directory, ()))
    return settle(r for r in found if isinstance(r, Resource))


def assets_in(text: str) -> tuple[Resource, ...]:
    """The resources of our kinds among the assets of a JSON file."""
    return settle(r for asset in json.loads(text) for r in from_asset(asset))


def pair(declared: Sequence[Resource], live: Sequence[Resource]) -> Iterator[tuple[Resource | None, Resource | None]]:
    """The declaration and the asset of each thing; None on the side that lacks it."""
    left = list(live)
    for resource in declared:
        found = next((other for other in left if _identity(other) == _identity(resource)), None)
        found = found or next((other for other in left if other.kind == resource.kind and _identity(resource)[1] == ""), None)
        if found is not None:
            left.remove(found)
        yield resource, found
    yield from ((None, other) for other in left)


def _identity(resource: Resource) -> tuple[str, str, str, str]:
    name, place, role, service = (resource.attributes.get(key) for key in ("name", "region", "role", "service"))
    texts = [last_segment(v) if isinstance(v, str) and "${" not in v else "" for v in (name or service, role)]
    return resource.kind, str(texts[0]), str(texts[1]), str(place if isinstance(place, str) else "")


def compare(declared: Resource, live: Resource, names: Mapping[str, str]) -> Iterator[Compared]:
    """Every field of the kind's table and every derived one. `names` has the name of each Terraform address."""
    spec = SPEC[declared.kind]
    one, other = (dict(_leaves(spec.table, r.attributes, "", names)) for r in (declared, live))
    for resource, leaves in ((declared, one), (live, other)):
        leaves.update({path: lookup(resource.attributes, *path.split(".")) for path in spec.derived})
    for path in sorted({**one, **other}):
        a, b = one.get(path), other.get(path)
        yield Compared(declared.kind, live.name, path, a, b, a == b, _plain(a, names) == _plain(b, names))


def _leaves(table: Table, value: Value, prefix: str, names: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    for entry in table:
        found = lookup(value, *entry.path.split("."))
        path, unordered = prefix + entry.path, entry.path.rpartition(".")[2] in _SETS
        if isinstance(entry, Items) and is_list(found) and isinstance(found, Sequence):
            items = sorted(found, key=lambda item: repr(_plain(item, names))) if unordered else found
            yield f"{path}.size", len(items)
            for number, item in enumerate(items):
                yield from _leaves(entry.table, item, f"{path}[{number}].", names)
        elif unordered and is_list(found) and isinstance(found, Sequence):
            yield path, sorted(found, key=lambda item: str(_plain(item, names)))
        else:
            yield path, found


def _plain(value: Value, names: Mapping[str, str]) -> object:
    """A value with the short names of what it names in place of references, links and paths."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(item, names) for key, item in value.items()}
    if is_list(value) and isinstance(value, Sequence):
        return [_plain(item, names) for item in value]
    if isinstance(value, str):
        applied = _AFTER_APPLY.fullmatch(value)
        if applied:
            return names.get(applied[1], applied[1].rpartition(".")[2])
        account = value.partition("@")[0] if value.endswith(".iam.gserviceaccount.com") else value
        return names.get(relative_name(account), last_segment(account)) if relative_name(account) else account
    return value


def names_of(declared: Sequence[Resource], live: Sequence[Resource]) -> dict[str, str]:
    """What the addresses of Terraform and the full names of the API are called."""
    found = {r.name.rpartition(":")[2]: str(r.attributes["name"]) for r in declared if isinstance(r.attributes.get("name"), str)}
    return found | {relative_name(r.name): str(r.attributes["name"]) for r in live if isinstance(r.attributes.get("name"), str)}
