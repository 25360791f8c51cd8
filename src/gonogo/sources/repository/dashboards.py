"""Dashboards kept as files: those of Grafana as JSON, those of Cloud Monitoring as JSON or YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gonogo.kinds.dashboard_metrics import Metrics, metrics_of
from gonogo.kinds.repository import DASHBOARD
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Value
from gonogo.sources.classify import Format
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, Unreadable

# The layouts of a Cloud Monitoring dashboard, and the member that holds its widgets.
_LAYOUTS = {"mosaicLayout": "tiles", "gridLayout": "widgets", "rowLayout": "rows", "columnLayout": "columns"}

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
        panels = _panels(dashboard)
        if panels or (isinstance(dashboard, dict) and "schemaVersion" in dashboard):
            yield _resource(file.path, True, str(dashboard.get("title", "")), panels, 1, asks=metrics_of({"panels": dashboard.get("panels"), "rows": dashboard.get("rows")}))
    yield from _cloud_monitoring(tree)


def _cloud_monitoring(tree: Tree) -> Iterator[Resource]:
    """What `gcloud monitoring dashboards create --config-from-file` takes (https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards)."""
    for file in tree.of(Format.JSON, Format.YAML):
        try:
            text = tree.text(file.path)
            if "displayName" not in text or not any(layout in text for layout in _LAYOUTS):
                continue
            documents = tree.yaml(file.path).documents
        except Unreadable:
            continue  # a file of no known format declares nothing
        for document in documents:
            value = document.value
            layouts = [(name, value.get(name)) for name in _LAYOUTS] if isinstance(value, Mapping) and "displayName" in value else []
            widgets = sum(len(items(layout.get(_LAYOUTS[name]))) for name, layout in layouts if isinstance(layout, Mapping))
            if widgets and isinstance(value, Mapping):
                line = document.locations[()].line if () in document.locations else 1
                yield _resource(file.path, True, str(value.get("displayName")), widgets, line, "cloud monitoring", metrics_of(value))
                break


def _panels(dashboard: Any) -> int:
    if not isinstance(dashboard, dict):
        return 0
    # Before schema version 14 panels were in rows.
    rows = [row for row in _items(dashboard.get("rows")) if isinstance(row, dict)]
    return len(_items(dashboard.get("panels"))) + sum(len(_items(row.get("panels"))) for row in rows)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _resource(path: str, parses: bool, title: str, panels: int, line: int, tool: str = "grafana", asks: Metrics = _NO_METRICS) -> Resource:
    attributes: dict[str, Value] = {"tool": tool, "parses": parses, "title": title, "panels": panels, "customMetrics": asks.custom, "metrics": asks.prometheus}
    return Resource(DASHBOARD, path, attributes, {(): Location(path, line)}, source="repository")
