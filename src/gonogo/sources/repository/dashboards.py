"""Grafana dashboards kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gonogo.kinds.repository import DASHBOARD
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Value
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, Unreadable


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
            yield _resource(file.path, True, str(dashboard.get("title", "")), panels, 1)


def _panels(dashboard: Any) -> int:
    if not isinstance(dashboard, dict):
        return 0
    # Before schema version 14 panels were in rows.
    rows = [row for row in _items(dashboard.get("rows")) if isinstance(row, dict)]
    return len(_items(dashboard.get("panels"))) + sum(len(_items(row.get("panels"))) for row in rows)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _resource(path: str, parses: bool, title: str, panels: int, line: int) -> Resource:
    attributes: dict[str, Value] = {"tool": "grafana", "parses": parses, "title": title, "panels": panels}
    return Resource(DASHBOARD, path, attributes, {(): Location(path, line)}, source="repository")
