"""Recorded answers of the real APIs are read without a crash, and say what they say.

`GONOGO_RECORDINGS` names a directory with `cloud-custodian` flights (`{"headers", "body"}`, the URL in `content-location`),
`k8s-config-connector` exchanges (`{"request", "status", "body"}`) and `policy-library` assets, as published upstream.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from gonogo.kinds.fields import Items, steps
from gonogo.kinds.gcp import SPECS, from_api, from_asset, settle
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, lookup
from recorded import recordings

Answers = list[tuple[str, dict[str, Any], str]]

COLLECTIONS = {
    ("sqladmin", "instances"): "sqladmin.googleapis.com/Instance",
    ("run", "services"): "run.googleapis.com/Service",
    ("redis", "instances"): "redis.googleapis.com/Instance",
    ("redis", "clusters"): "redis.googleapis.com/Cluster",
    ("secretmanager", "secrets"): "secretmanager.googleapis.com/Secret",
    ("monitoring", "alertPolicies"): "monitoring.googleapis.com/AlertPolicy",
    ("monitoring", "notificationChannels"): "monitoring.googleapis.com/NotificationChannel",
    ("monitoring", "uptimeCheckConfigs"): "monitoring.googleapis.com/UptimeCheckConfig",
    ("monitoring", "dashboards"): "monitoring.googleapis.com/Dashboard",
    ("logging", "sinks"): "logging.googleapis.com/LogSink",
    ("artifactregistry", "repositories"): "artifactregistry.googleapis.com/Repository",
    ("vpcaccess", "connectors"): "vpcaccess.googleapis.com/Connector",
    ("certificatemanager", "certificates"): "certificatemanager.googleapis.com/Certificate",
    **{
        ("compute", collection): f"compute.googleapis.com/{kind}"
        for collection, kind in {
            "forwardingRules": "ForwardingRule",
            "targetHttpProxies": "TargetHttpProxy",
            "targetHttpsProxies": "TargetHttpsProxy",
            "targetSslProxies": "TargetSslProxy",
            "urlMaps": "UrlMap",
            "backendServices": "BackendService",
            "backendBuckets": "BackendBucket",
            "networkEndpointGroups": "NetworkEndpointGroup",
            "sslPolicies": "SslPolicy",
            "sslCertificates": "SslCertificate",
            "securityPolicies": "SecurityPolicy",
        }.items()
    },
}


def documents(file: Path) -> Iterator[Any]:
    """The JSON values of a file; some of the published assets are several, one after the other."""
    text, decoder, at = file.read_text(encoding="utf-8").strip(), json.JSONDecoder(), 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        yield value
        at += len(text[at:]) - len(text[at:].lstrip())


def answers(root: Path) -> Answers:
    """Every thing of our kinds in the recorded answers: its asset type, its JSON, the URL's path where it was asked for alone."""
    found: Answers = []
    for file in sorted(root.rglob("*.json")):
        for document in documents(file):
            if not isinstance(document, dict) or "body" not in document:
                continue
            headers = document.get("headers", {})
            url = urlparse(document["request"]["url"] if "request" in document else headers.get("content-location", ""))
            if str(document.get("status", headers.get("status"))) != "200":
                continue
            host, parts = url.netloc.partition(".")[0].replace("www", "compute"), url.path.strip("/").split("/")
            for distance in (1, 2):
                kind = COLLECTIONS.get((host, parts[-distance])) if len(parts) > distance else None
                if kind is not None:
                    members = [document["body"]] if distance == 2 else listed(document["body"], parts[-1])
                    found.extend((kind, member, url.path if distance == 2 else "") for member in members)
    return found


def listed(body: dict[str, Any], collection: str) -> list[dict[str, Any]]:
    """The members of a list, or of an aggregated list by region."""
    members = body.get("items", body.get(collection, []))
    return [m for scope in members.values() for m in scope.get(collection, [])] if isinstance(members, dict) else list(members)


@pytest.fixture(scope="module")
def root() -> Path:
    return recordings()


def test_recorded_answers_say_what_they_say(root: Path) -> None:
    """Each text, number or boolean that an answer has in a field's place is the value of the field."""
    specs = {spec.kind: spec for spec in SPECS}
    read: Counter[str] = Counter()
    resources: list[Resource] = []
    for kind, data, name in answers(root):
        for made in from_api(kind, data, name):
            resources.append(made)
            read[made.kind] += 1
            if "apiVersion" in data:
                continue
            for entry in specs[made.kind].table:
                recorded = lookup(data, *steps((entry.api or (entry.path,))[0]))
                if isinstance(entry, Items):
                    assert recorded is None or len(recorded) == len(lookup(made.attributes, *entry.path.split(".")))  # type: ignore[arg-type]
                elif isinstance(recorded, str | bool) and recorded != "" and "/" not in str(recorded):
                    found = lookup(made.attributes, *entry.path.split("."))
                    assert found == recorded, f"{made.name} {entry.path}"
                    read["values"] += 1
    settle(resources)
    assert read["sqladmin.googleapis.com/Instance"] > 50
    assert len(read) > 20
    assert read["values"] > 500


def test_published_assets_are_good_or_bad_as_they_are_named(root: Path) -> None:
    """The policy library's databases say in their names what is wrong with them."""
    assets = [a for f in root.rglob("policy-library/**/*.json") for d in documents(f) for a in (d if isinstance(d, list) else [d])]
    databases = {str(r.attributes["name"]): r for a in assets for r in from_asset(a) if r.kind == "sqladmin.googleapis.com/Instance"}

    def setting(name: str, field: str) -> Value:
        return lookup(databases[name].attributes, "settings", *field.split("."))

    assert setting("private-sql", "ipConfiguration.ipv4Enabled") is False
    assert setting("public-sql", "ipConfiguration.ipv4Enabled") is True
    assert isinstance(setting("sql-instance-without-ipconfig", "ipConfiguration.ipv4Enabled"), Unknown)
    # All of them are older than `sslMode`.
    assert setting("sql-instance-with-ssl", "ipConfiguration.sslMode") == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    assert setting("sql-instance-without-ssl", "ipConfiguration.sslMode") == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
