"""What Google's discovery documents list of each enumeration that a rule compares is what the kinds know: an older list would make
what is fine unknown, and none at all would make what nobody knows violated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")

from gonogo.history.compare.relied import relied_on, relies
from gonogo.kinds.fields import Field, Items, Table
from gonogo.kinds.gcp import SPECS
from gonogo.rules import load_rules
from loopback.discovery import apis

# Where the discovery documents describe each kind.
SCHEMAS = {
    "sqladmin.googleapis.com/Instance": ("sqladmin", "DatabaseInstance"),
    "run.googleapis.com/Service": ("run", "GoogleCloudRunV2Service"),
    "compute.googleapis.com/ForwardingRule": ("compute", "ForwardingRule"),
    "compute.googleapis.com/BackendService": ("compute", "BackendService"),
    "compute.googleapis.com/NetworkEndpointGroup": ("compute", "NetworkEndpointGroup"),
    "compute.googleapis.com/SslPolicy": ("compute", "SslPolicy"),
    "compute.googleapis.com/SecurityPolicy": ("compute", "SecurityPolicy"),
    "redis.googleapis.com/Instance": ("redis", "Instance"),
    "redis.googleapis.com/Cluster": ("redis", "Cluster"),
    "memorystore.googleapis.com/Instance": ("memorystore", "Instance"),
    "monitoring.googleapis.com/AlertPolicy": ("monitoring", "AlertPolicy"),
    "monitoring.googleapis.com/NotificationChannel": ("monitoring", "NotificationChannel"),
    "monitoring.googleapis.com/UptimeCheckConfig": ("monitoring", "UptimeCheckConfig"),
    "artifactregistry.googleapis.com/Repository": ("artifactregistry", "Repository"),
    "iam.googleapis.com/WorkloadIdentityPoolProvider": ("iam", "WorkloadIdentityPoolProvider"),
}
# Told apart by what they begin with, or from one value: what is not that one needs not be known to be another.
OPEN = {"databaseVersion", "settings.activationPolicy", "format", "vulnerabilityScanningConfig.enablementConfig"}
# What they mean to a control nobody here has decided: a copy that is to take over, and another way of authentication. Unknown.
UNDECIDED = {"GREEN_INSTANCE", "AUTH_MODE_TOKEN_AUTH"}
# Placeholders: that nothing is said, and what stands for a fault.
NOTHING = ("UNSPECIFIED", "INVALID", "INVALID_LOAD_BALANCING_SCHEME")


def enumerations() -> Iterator[tuple[str, Field, tuple[str, ...]]]:
    """The fields of the kinds that are enumerations in the documents, with what is listed there."""
    for spec in SPECS:
        if spec.kind in SCHEMAS:
            service, name = SCHEMAS[spec.kind]
            schemas = {key: schema for api in apis(service) for key, schema in api.schemas.items()}
            for field in fields(spec.table):
                found = tuple(
                    v for v in listed(schemas, name, field.path.split(".")) if not v.endswith("_UNSPECIFIED") and v not in NOTHING
                )
                if found:
                    yield spec.kind, field, found


def fields(table: Table) -> Iterator[Field]:
    return (entry for entry in table if not isinstance(entry, Items))


def listed(schemas: Mapping[str, Any], name: str, path: list[str]) -> list[str]:
    schema: Any = schemas[name]
    for step in path:
        schema = schema.get("properties", {}).get(step, {})
        schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    values: list[str] = schema.get("enum", [])
    return values


def test_the_values_that_the_documents_list_are_known() -> None:
    known = [(kind, field, found) for kind, field, found in enumerations() if field.values]
    assert len(known) > 10
    missing = {(kind, field.path): sorted(set(found) - set(field.values) - UNDECIDED) for kind, field, found in known}
    assert {where: values for where, values in missing.items() if values} == {}


def test_an_enumeration_that_a_rule_compares_has_its_values() -> None:
    rules = load_rules(())
    relied = relied_on(rules.rules, rules.relations)
    missing = [
        (kind, field.path, found)
        for kind, field, found in enumerations()
        if not field.values and field.path not in OPEN and relies(relied, kind, tuple(field.path.split(".")))
    ]
    assert missing == []
