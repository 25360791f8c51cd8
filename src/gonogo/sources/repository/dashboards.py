"""Dashboards kept as files: those of Grafana as JSON, those of Cloud Monitoring as JSON or YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from gonogo.kinds.dashboard_metrics import Metrics, metrics_of
from gonogo.kinds.dashboard_panels import LAYOUTS, has_parts, panels, widgets
from gonogo.kinds.repository import DASHBOARD
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Value
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, Unreadable

_NO_METRICS = Metrics([], [])


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/Dashboard` for each dashboard; one that does not parse says so."""
    for file in tree.of(Format.GRAFANA_DASHBOARD):
        try:
            text = tree.text(file.path)
        except Unreadable as error:
            yield Gap(file.path, 0, Stage.READ, str(error), "repository", (DASHBOARD,))
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            # What a chart's template makes of it may parse.
            template = "{{ " in text or "{{-" in text
            yield Gap(file.path, line, Stage.PARSE, f"not valid JSON: {error}", "repository", (DASHBOARD,) if template else ())
            if not template:
                yield _resource(file.path, False, "", 0, line)
            continue
        dashboard = value.get("dashboard", value) if isinstance(value, dict) else {}
        if isinstance(dashboard, dict) and ("schemaVersion" in dashboard or any(isinstance(dashboard.get(part), list) and dashboard[part] for part in ("panels", "rows"))):
            yield _resource(file.path, True, str(dashboard.get("title", "")), panels(dashboard), 1, asks=metrics_of({"panels": dashboard.get("panels"), "rows": dashboard.get("rows")}))
    yield from _cloud_monitoring(tree)


def _cloud_monitoring(tree: Tree) -> Iterator[Resource]:
    """What `gcloud monitoring dashboards create --config-from-file` takes (https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards)."""
    for file in tree.of(Format.JSON, Format.YAML):
        try:
            text = tree.text(file.path)
            if "displayName" not in text or not any(layout in text for layout in LAYOUTS):
                continue
            documents = tree.yaml(file.path).documents
        except Unreadable:
            continue  # a file of no known format declares nothing
        for document in documents:
            value = document.value
            # Many other documents have a display name.
            if isinstance(value, Mapping) and "displayName" in value and has_parts(value):
                line = document.locations[()].line if () in document.locations else 1
                yield _resource(file.path, True, str(value.get("displayName")), widgets(value), line, "cloud monitoring", metrics_of(value))
                break


def _resource(path: str, parses: bool, title: str, shown: int, line: int, tool: str = "grafana", asks: Metrics = _NO_METRICS) -> Resource:
    attributes: dict[str, Value] = {"tool": tool, "parses": parses, "title": title, "panels": shown, "customMetrics": asks.custom, "metrics": asks.prometheus}
    return Resource(DASHBOARD, path, attributes, {(): Location(path, line)}, source="repository")
