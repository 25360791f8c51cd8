"""The resources and gaps of a run as JSON data, redacted: what rules are asked about, for people who debug a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gonogo.engine.redaction import REDACTED, named_secret, scrub
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, OpenMap, Path, Unknown, Value

if TYPE_CHECKING:
    from gonogo.sources.terraform.root_values import RootValues


def document(resources: Sequence[Resource], gaps: Sequence[Gap]) -> dict[str, object]:
    """Every resource with its attributes, where they were written, and every gap. Unknown values are {"unknown": [reasons]}."""
    ordered = sorted(resources, key=lambda r: (r.kind, r.name, r.environment, str(r.locate() or "")))
    return {
        "resources": [_resource(resource) for resource in ordered],
        "gaps": [_gap(g) for g in sorted(gaps)],
    }


def terraform_document(roots: Sequence[RootValues], gaps: Sequence[Gap]) -> dict[str, object]:
    """The values of each Terraform root module, and what could not be evaluated."""
    return {"roots": [_root(root) for root in roots], "gaps": [_gap(g) for g in sorted(gaps)]}


def _root(root: RootValues) -> dict[str, object]:
    return {
        "directory": root.directory or ".",
        "environment": root.environment,
        "var_files": list(root.var_files),
        "variables": _plain(root.variables, (), root.variables),
        "locals": _plain(root.locals, (), root.locals),
        "outputs": _plain(root.outputs, (), root.outputs),
        "resources": {address: _plain(attributes, (), attributes) for address, attributes in sorted(root.resources.items())},
        "counts": {
            "calls": {"found": root.count.calls_found, "evaluated": root.count.calls_evaluated},
            "resources": {"found": root.count.resources_found, "evaluated": root.count.resources_evaluated},
            "instances": root.count.instances,
        },
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {"file": gap.file, "line": gap.line, "stage": gap.stage.value, "reason": gap.reason, "source": gap.source, "kinds": list(gap.kinds), "environment": gap.environment}


def _resource(resource: Resource) -> dict[str, object]:
    place = resource.locate()
    return {
        "kind": resource.kind,
        "name": resource.name,
        "origin": resource.origin.value,
        "source": resource.source,
        "environment": resource.environment,
        "location": str(place) if place else "",
        "attributes": _plain(resource.attributes, (), resource.attributes),
        "locations": {".".join(map(str, path)): str(at) for path, at in sorted(resource.locations.items(), key=lambda p: tuple(map(str, p[0])))},
    }


def _plain(value: Value, path: Path, root: Mapping[str, Value]) -> object:
    if isinstance(value, Unknown):
        return {"unknown": list(value.reasons)}
    if isinstance(value, Mapping):
        entries: dict[str, object] = {key: _plain(item, (*path, key), root) for key, item in value.items()}
        if isinstance(value, OpenMap):
            entries["…"] = {"unknown": list(value.unknown.reasons)}
        return entries
    if isinstance(value, str):
        return REDACTED if named_secret(root, path) else scrub(value)
    if isinstance(value, Sequence):
        items = [_plain(item, (*path, i), root) for i, item in enumerate(value)]
        return [*items, {"unknown": list(value.unknown.reasons)}] if isinstance(value, OpenList) else items
    return value
