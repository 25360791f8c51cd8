"""Makes `rules/kubernetes/schema` out of Kubernetes' OpenAPI, as the package `kubernetes-validate` carries it for each minor version.

Run it to write the tables anew when the package knows a newer Kubernetes: `python tests/oracle/kubernetes/schema_table.py`.
Fields are those of any version since the oldest, so that what a supported Kubernetes ever knew is not called unknown; types are the newest.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parents[3] / "rules" / "kubernetes" / "schema"

_NAME = re.compile(
    r"io\.k8s\.(?:api|kube-aggregator\.pkg\.apis|apiextensions-apiserver\.pkg\.apis|apimachinery\.pkg\.apis)\.(\w+)\.(\w+)\.(\w+)\Z"
)
_LEAVES = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
}
# Of these Kubernetes takes more than the OpenAPI says, or YAML writes them in several types.
_ANY = re.compile(r"\.(RawExtension|FieldsV1|Time|MicroTime|JSON\w*|CustomResourceSubresourceStatus|ManagedFieldsEntry)\Z")
# What nobody declares: requests, records, what a server fills in.
_UNDECLARED = re.compile(r"(List|Review|Status|Condition|Eviction|Options|Event)\Z")
_GROUPS = frozenset({
    "core", "apps", "batch", "autoscaling", "policy", "networking", "rbac", "storage", "scheduling", "node", "discovery",
    "coordination", "admissionregistration", "apiextensions", "apiregistration", "certificates", "flowcontrol", "resource",
})  # fmt: skip
# Required by the OpenAPI, but its zero is a value that the API server takes (pkg/apis/*/validation), or told by `validity.py` in
# words of its own.
_ZERO_ALLOWED = frozenset({
    "HTTPHeader.value", "Sysctl.value", "LimitRangeSpec.limits", "CSIDriver.spec", "CSINode.spec", "PriorityClass.value",
    "ISCSIVolumeSource.lun", "ISCSIPersistentVolumeSource.lun", "PreferredSchedulingTerm.preference", "PodFailurePolicy.rules",
    "VolumeAttachment.spec", "Container.name", "PodSpec.containers", "StorageHealth.name", "CustomResourceColumnDefinition.jsonPath",
})  # fmt: skip
_STRICT = frozenset({
    "core", "apps", "batch", "autoscaling", "networking", "rbac", "storage", "discovery", "admissionregistration", "apiextensions",
})  # fmt: skip
# Words that a field of the API has taken in every version, all of them: the published OpenAPI leaves them to the prose.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "Container.imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "Container.terminationMessagePolicy": ("FallbackToLogsOnError", "File"),
    "ContainerPort.protocol": ("SCTP", "TCP", "UDP"),
    "PodSpec.dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "PodSpec.restartPolicy": ("Always", "Never", "OnFailure"),
    "HTTPGetAction.scheme": ("HTTP", "HTTPS"),
    "SeccompProfile.type": ("Localhost", "RuntimeDefault", "Unconfined"),
    "ServicePort.protocol": ("SCTP", "TCP", "UDP"),
    "ServiceSpec.type": ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    "ServiceSpec.externalTrafficPolicy": ("Cluster", "Local"),
    "ServiceSpec.sessionAffinity": ("ClientIP", "None"),
    "NetworkPolicyPort.protocol": ("SCTP", "TCP", "UDP"),
    "HTTPIngressPath.pathType": ("Exact", "ImplementationSpecific", "Prefix"),
    "LabelSelectorRequirement.operator": ("DoesNotExist", "Exists", "In", "NotIn"),
    "NodeSelectorRequirement.operator": ("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"),
    "TopologySpreadConstraint.whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
    "DeploymentStrategy.type": ("Recreate", "RollingUpdate"),
    "StatefulSetUpdateStrategy.type": ("OnDelete", "RollingUpdate"),
    "DaemonSetUpdateStrategy.type": ("OnDelete", "RollingUpdate"),
    "StatefulSetSpec.podManagementPolicy": ("OrderedReady", "Parallel"),
    "CronJobSpec.concurrencyPolicy": ("Allow", "Forbid", "Replace"),
    "CustomResourceDefinitionSpec.scope": ("Cluster", "Namespaced"),
    "StorageClass.volumeBindingMode": ("Immediate", "WaitForFirstConsumer"),
    "PersistentVolumeClaimSpec.volumeMode": ("Block", "Filesystem"),
    "PersistentVolumeSpec.volumeMode": ("Block", "Filesystem"),
}

Definitions = Mapping[str, Mapping[str, Any]]


def published() -> dict[str, Definitions]:
    """The definitions of each minor version, oldest first: `1.25` to the newest that the package has."""
    root = files("kubernetes_validate") / "kubernetes-json-schema"
    names = sorted((d.name for d in root.iterdir() if d.name.endswith(".0-local")), key=lambda name: int(name.split(".")[1]))
    read = {name: json.loads((root / name / "_definitions.json").read_text("utf-8"))["$defs"] for name in names}
    return {name.removeprefix("v").removesuffix(".0-local"): definitions for name, definitions in read.items()}


def tables(versions: Mapping[str, Definitions]) -> dict[str, str]:
    """The text of each file by its name, `apps.json`."""
    newest = [*versions.values()][-1]
    groups = _groups(newest)
    kinds: dict[str, dict[str, str]] = defaultdict(dict)
    pending: list[str] = []
    for name, definition in newest.items():
        place = _NAME.match(name)
        if place is None or place[1] not in _GROUPS or _UNDECLARED.search(place[3]):
            continue
        for known in definition.get("x-kubernetes-group-version-kind", ()):
            kinds[groups[place[1]]][f"{known['version']}/{known['kind']}"] = f"{place[2]}.{place[3]}"
            pending.append(name)
    wanted: dict[str, Mapping[str, object]] = {}
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted[name] = _definition(name, versions, groups)
            pending += _references(name, versions)
    found: dict[str, dict[str, object]] = defaultdict(dict)
    for name in sorted(wanted):
        place = _NAME.match(name)
        assert place is not None
        found[groups[place[1]]][f"{place[2]}.{place[3]}"] = wanted[name]
    release = f"Kubernetes {[*versions][-1]}"
    return {f"{group}.json": _text(release, kinds.get(group, {}), definitions) for group, definitions in sorted(found.items())}


def _groups(newest: Definitions) -> dict[str, str]:
    """The API group of each package: `rbac` is `rbac.authorization.k8s.io`, `core` (the group without a name) stays `core`."""
    groups = {"meta": "meta"}
    for name, definition in newest.items():
        place = _NAME.match(name)
        for known in definition.get("x-kubernetes-group-version-kind", ()) if place is not None and place[1] != "meta" else ():
            assert place is not None
            groups[place[1]] = known["group"] or "core"
    return groups


def _properties(name: str, versions: Mapping[str, Definitions]) -> dict[str, Mapping[str, Any]]:
    """The fields of a definition in any version, as the newest has them. What `status` holds is the server's."""
    found: dict[str, Mapping[str, Any]] = {}
    for definitions in versions.values():
        found |= definitions.get(name, {}).get("properties", {})
    return {field: found[field] if field != "status" else {} for field in sorted(found)}


def _definition(name: str, versions: Mapping[str, Definitions], groups: Mapping[str, str]) -> Mapping[str, object]:
    place = _NAME.match(name)
    assert place is not None
    fields = {field: _type(schema, groups, place[1]) for field, schema in _properties(name, versions).items()}
    required = set.intersection(*(set(d[name].get("required", ())) for d in versions.values() if name in d))
    required = {field for field in required if f"{place[3]}.{field}" not in _ZERO_ALLOWED} if place[1] in _STRICT else set()
    words = {field: [*_WORDS[f"{place[3]}.{field}"]] for field in fields if f"{place[3]}.{field}" in _WORDS}
    found: dict[str, object] = {"fields": fields}
    if required:
        found["required"] = sorted(required)
    if words:
        found["words"] = words
    return found


def _type(schema: Mapping[str, Any], groups: Mapping[str, str], package: str) -> str:
    reference = schema.get("$ref", "").rpartition("/")[2]
    if reference in _LEAVES:
        return _LEAVES[reference]
    if reference:
        place = _NAME.match(reference)
        if place is None or _ANY.search(reference):
            return "any"
        own = f"{place[2]}.{place[3]}"
        return own if place[1] == package else f"{groups[place[1]]}/{own}"
    named = schema.get("type")
    kind = next((word for word in named if word != "null"), "any") if isinstance(named, list) else named or "any"
    if kind == "array":
        return f"[{_type(schema['items'], groups, package)}]"
    if kind == "object":
        return "{" + (_type(schema["additionalProperties"], groups, package) if "additionalProperties" in schema else "any") + "}"
    return "any" if schema.get("format") in ("date-time", "byte") else str(kind)


def _references(name: str, versions: Mapping[str, Definitions]) -> Iterator[str]:
    for schema in _properties(name, versions).values():
        inner: Any = schema
        while isinstance(inner, dict):
            reference = inner.get("$ref", "").rpartition("/")[2]
            if _NAME.match(reference) and not _ANY.search(reference):
                yield reference
            inner = inner.get("items") or inner.get("additionalProperties")


def _text(release: str, kinds: Mapping[str, str], definitions: Mapping[str, object]) -> str:
    """JSON with one definition a line, so that a change of the API is read as a change of lines."""

    def rows(table: Mapping[str, object]) -> str:
        return ",\n".join(f"    {json.dumps(key)}: {json.dumps(table[key])}" for key in sorted(table))

    head = f'{{\n  "schema": "gonogo.kubernetes-schema/v1",\n  "release": {json.dumps(release)},\n'
    return f'{head}  "kinds": {{\n{rows(kinds)}\n  }},\n  "definitions": {{\n{rows(definitions)}\n  }}\n}}\n'


if __name__ == "__main__":
    for file, text in tables(published()).items():
        (TABLES / file).write_text(text, encoding="utf-8")
