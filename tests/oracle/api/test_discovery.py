"""The field tables against Google's discovery documents: every path, type and value that the documented API has is read.

What was never recorded is in here too: enumerations that grew, numbers that are written as text (int64), fields of one version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")

import googleapiclient

from gonogo.kinds.fields import Field, Items, Table, steps
from gonogo.kinds.gcp import SPECS
from gonogo.kinds.spec import Spec, integer
from gonogo.model.shape import ANY, BOOL, INT, STRING, ListOf

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
SCHEMAS = {
    "sqladmin.googleapis.com/Instance": ("sqladmin.v1beta4", "DatabaseInstance"),
    "sqladmin.googleapis.com/BackupRun": ("sqladmin.v1beta4", "BackupRun"),
    "run.googleapis.com/Service": ("run.v2", "GoogleCloudRunV2Service"),
    "run.googleapis.com/ServiceIamBinding": ("run.v2", "GoogleIamV1Binding"),
    **{
        f"compute.googleapis.com/{name}": ("compute.v1", name)
        for name in (
            *("ForwardingRule", "TargetHttpsProxy", "TargetHttpProxy", "UrlMap", "BackendService", "BackendBucket"),
            *("NetworkEndpointGroup", "SslPolicy", "SecurityPolicy"),
        )
    },
    "compute.googleapis.com/ManagedSslCertificate": ("compute.v1", "SslCertificate"),
    "redis.googleapis.com/Instance": ("redis.v1", "Instance"),
    "redis.googleapis.com/Cluster": ("redis.v1", "Cluster"),
    "secretmanager.googleapis.com/Secret": ("secretmanager.v1", "Secret"),
    "iam.googleapis.com/WorkloadIdentityPool": ("iam.v1", "WorkloadIdentityPool"),
    "iam.googleapis.com/WorkloadIdentityPoolProvider": ("iam.v1", "WorkloadIdentityPoolProvider"),
    "monitoring.googleapis.com/AlertPolicy": ("monitoring.v3", "AlertPolicy"),
    "monitoring.googleapis.com/NotificationChannel": ("monitoring.v3", "NotificationChannel"),
    "monitoring.googleapis.com/UptimeCheckConfig": ("monitoring.v3", "UptimeCheckConfig"),
    "monitoring.googleapis.com/Dashboard": ("monitoring.v1", "Dashboard"),
    "monitoring.googleapis.com/Snooze": ("monitoring.v3", "Snooze"),
    "identitytoolkit.googleapis.com/Config": ("identitytoolkit.v2", "GoogleCloudIdentitytoolkitAdminV2Config"),
    "logging.googleapis.com/LogSink": ("logging.v2", "LogSink"),
    "artifactregistry.googleapis.com/Repository": ("artifactregistry.v1", "Repository"),
    "binaryauthorization.googleapis.com/Policy": ("binaryauthorization.v1", "Policy"),
    "binaryauthorization.googleapis.com/Attestor": ("binaryauthorization.v1", "Attestor"),
    "clouddeploy.googleapis.com/DeliveryPipeline": ("clouddeploy.v1", "DeliveryPipeline"),
    "vpcaccess.googleapis.com/Connector": ("vpcaccess.v1", "Connector"),
    "container.googleapis.com/Cluster": ("container.v1", "Cluster"),
}
# A provider's mistake for an API's answer, and what is no state of a thing that is there.
_NO_VALUE = ("INVALID", "INVALID_LOAD_BALANCING_SCHEME")
_UNIT = "settings.backupConfiguration.backupRetentionSettings.retentionUnit"
# What is read for the sake of other spellings, and worked out where the API has no such field.
_DERIVED = {("run.googleapis.com/Service", "template.containers[].env[].source")}
# Enumerations of which no rule takes one value for bad because it is none of the good ones.
_ANY_VALUE = {
    "sqladmin.googleapis.com/Instance": ("databaseVersion", "settings.edition", "settings.activationPolicy", _UNIT),
    "sqladmin.googleapis.com/BackupRun": ("type", "status"),
    "run.googleapis.com/Service": ("template.vpcAccess.egress", "traffic[].type"),
    "compute.googleapis.com/NetworkEndpointGroup": ("networkEndpointType",),
    "compute.googleapis.com/SecurityPolicy": ("rules[].match.versionedExpr",),
    "redis.googleapis.com/Instance": ("persistenceConfig.persistenceMode",),
    "artifactregistry.googleapis.com/Repository": ("format",),
    # Not read live.
    "binaryauthorization.googleapis.com/Policy": (
        *("globalPolicyEvaluationMode", "defaultAdmissionRule.evaluationMode", "defaultAdmissionRule.enforcementMode"),
        *("clusterAdmissionRules[].evaluationMode", "clusterAdmissionRules[].enforcementMode"),
    ),
}
# How exports of the Cloud Asset Inventory spell some lists.
_EXPORTED = ("rule", "backend", "srcIpRange", "customResponseHeader", "customFeature")
_TYPES = {"string": STRING, "boolean": BOOL, "integer": INT}


@cache
def schemas(document: str) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads((DOCUMENTS / f"{document}.json").read_text("utf-8"))["schemas"]
    return read


def documented(document: str, schema: str, path: str) -> Mapping[str, Any] | None:
    """The property at a path, None where the document has none."""
    found: Any = schemas(document)[schema]
    for step in steps(path):
        while "properties" not in found and (inner := found.get("items", found.get("additionalProperties", found))) is not None:
            if "$ref" not in inner and inner is found:
                return None
            found = schemas(document)[inner["$ref"]] if "$ref" in inner else inner
        found = found["properties"].get(step)
        if found is None:
            return None
    known: Mapping[str, Any] = found
    return known


def fields(table: Table, above: str = "") -> Iterator[tuple[str, Field]]:
    for entry in table:
        if isinstance(entry, Items):
            for spelled in entry.api or (entry.path,):
                yield from fields(entry.table, f"{above}{spelled}[].")
        else:
            for spelled in entry.api or (entry.path,):
                yield above + spelled, entry


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.kind in SCHEMAS], ids=lambda spec: spec.kind)
def test_every_field_is_one_of_the_documented_api(spec: Spec) -> None:
    document, schema = SCHEMAS[spec.kind]
    problems = []
    for path, entry in fields(spec.table):
        if path.startswith("asset.") or (spec.kind, path) in _DERIVED or {*path.replace("[]", "").split(".")}.intersection(_EXPORTED):
            continue
        found = documented(document, schema, path.replace("[]", ""))
        if found is None:
            problems.append(f"{path}: no such field")
            continue
        problems.extend(f"{path}: {problem}" for problem in _different(entry, found))
        if path not in _ANY_VALUE.get(spec.kind, ()):
            problems.extend(f"{path}: {value} is a value of the API" for value in sorted(_values(found).difference(entry.values)))
    assert problems == []


def _different(entry: Field, found: Mapping[str, Any]) -> Iterator[str]:
    shape = entry.shape
    if isinstance(shape, ListOf):
        if found.get("type") != "array":
            yield f"a {found.get('type')} in the API, a list here"
        return
    if shape == INT and found.get("type") == "string":
        if entry.convert is not integer:
            yield "a number that is written as text is read as none"
    elif shape != ANY and _TYPES.get(str(found.get("type"))) != shape and entry.convert is None:
        yield f"{found.get('type', found.get('$ref'))} in the API, {shape} here"


def _values(found: Mapping[str, Any]) -> set[str]:
    """The values of an enumeration but for those that say nothing."""
    return {value for value in found.get("enum", ()) if not value.endswith("_UNSPECIFIED")}.difference(_NO_VALUE)


def test_every_kind_that_is_read_live_is_compared() -> None:
    not_there = {"memorystore.googleapis.com/Instance", "compute.googleapis.com/SecurityPolicyRule"}
    others = {"iam.googleapis.com/ServiceAccountKey", "cloudresourcemanager.googleapis.com/ProjectIamBinding"}
    # No list of these is read: they are asked about where code declares them.
    declared = {
        "storage.googleapis.com/Bucket", "firestore.googleapis.com/Field", "bigquery.googleapis.com/Dataset", "bigquery.googleapis.com/Table",
        "monitoring.googleapis.com/ServiceLevelObjective",
    }  # fmt: skip
    assert {spec.kind for spec in SPECS} == SCHEMAS.keys() | not_there | others | declared
