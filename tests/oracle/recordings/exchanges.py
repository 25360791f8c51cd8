"""Recorded exchanges with Google's APIs, as published upstream, with what they leave open filled in.

`GONOGO_RECORDINGS` names a directory with `cloud-custodian` flights (`{"headers", "body"}`, the URL in `content-location`),
`k8s-config-connector` exchanges (`{"request", "status", "body"}`) and `policy-library` assets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import recorded

PROJECT, NUMBER = "recorded", 77
# What the second source replaced in its logs. One placeholder is one thing within a story.
_PLACEHOLDERS = {"projectId": PROJECT, "projectNumber": str(NUMBER), "networkID": "default"}
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
# Flights that were made by hand of others' headers, or have none.
_ASKED = {
    "get-v1b3-projects-cloud-custodian-jobs-aggregated_1.json": "dataflow.googleapis.com/v1b3/projects/cloud-custodian/jobs:aggregated",
    "get-v2-projects-cloud-custodian-sinks-test-sink_1.json": "logging.googleapis.com/v2/projects/cloud-custodian/sinks/test-sink",
    "get-apis-run.googleapis.com-v1-namespaces-cloud-custodian-jobs_1.json": "run.googleapis.com/apis/run.googleapis.com/v1/namespaces/p/jobs",
    "get-v1-projects-cloud-custodian-locations---services_1.json": "run.googleapis.com/v1/projects/cloud-custodian/locations/-/services",
    **{
        f"get-v1-projects-cloud-custodian-locations-us-central1-services-{name}-getIamPolicy_1.json": "run.googleapis.com/v1/projects/"
        f"cloud-custodian/locations/us-central1/services/{name}:getIamPolicy"
        for name in ("run-1", "run-2")
    },
}
_STEP = re.compile(r"(\d{3})_")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `path` is the file's, below the recordings; `url` has neither scheme nor query."""

    path: str
    method: str
    status: int
    url: str
    body: Any
    date: str = ""
    """The server's clock, as it wrote it; empty where that was not recorded."""

    @property
    def story(self) -> str:
        """The directory: what is in it happened to the same things, one step after the other."""
        return self.path.rpartition("/")[0]

    @property
    def step(self) -> int:
        """0 where the order is not told."""
        found = _STEP.match(self.path.rpartition("/")[2])
        return int(found[1]) if found else 0

    @property
    def service(self) -> str:
        """The API as the audit calls it. Older clients asked one host for several."""
        for prefix in ("compute", "sql"):
            if self.url.startswith(f"www.googleapis.com/{prefix}/"):
                return prefix.replace("sql", "sqladmin")
        return self.url.partition(".")[0]

    @property
    def resource(self) -> str:
        """What was asked about: `projects/p/instances/i`."""
        return re.sub(r"^[^/]*/(?:sql/|compute/)?v\d\w*/", "", self.url)


def recordings() -> Path:
    """The directory of Google's answers; skips the test without one."""
    root = recorded.recordings()
    return root / "gcp" if (root / "gcp").is_dir() else root


def read_exchanges(root: Path) -> tuple[Exchange, ...]:
    """Every exchange below `root`, by path."""
    files = (file for part in ("cloud-custodian", "k8s-config-connector.extracted") for file in (root / part).rglob("*.json"))
    return tuple(_read(root, file) for file in sorted(files))


def published_assets(root: Path) -> Iterator[tuple[str, list[Any]]]:
    """Each published export: its path and its assets. Some files are several JSON texts, one after the other."""
    for file in sorted((root / "policy-library").rglob("*.json")):
        text, decoder, at = file.read_text("utf-8").strip(), json.JSONDecoder(), 0
        assets: list[Any] = []
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            assets.extend(value if isinstance(value, list) else [value])
            at += len(text[at:]) - len(text[at:].lstrip())
        yield file.relative_to(root).as_posix(), assets


def _read(root: Path, file: Path) -> Exchange:
    document: Mapping[str, Any] = json.loads(_PLACEHOLDER.sub(_filled, file.read_text("utf-8")))
    path = file.relative_to(root).as_posix()
    if "request" in document:
        url = urlsplit(document["request"]["url"])
        return Exchange(path, document["request"]["method"], document["status"], url.netloc + url.path, document["body"])
    headers = document["headers"]
    asked = urlsplit(headers.get("content-location", ""))
    located = _ASKED.get(file.name) or asked.netloc + asked.path or file.name
    return Exchange(path, file.name.partition("-")[0].upper(), int(headers["status"]), located, document["body"], headers.get("date", ""))


def _filled(found: re.Match[str]) -> str:
    return _PLACEHOLDERS.get(found[1], found[1].lower())
