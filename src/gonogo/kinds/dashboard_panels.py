"""What of a dashboard shows data: a text, a heading or a list of links is none.

https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/,
https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards#widget
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gonogo.model.value import is_list

# Panels of Grafana that ask no data source.
_TALKS = frozenset({"text", "row", "news", "dashlist", "welcome", "gettingstarted", "pluginlist"})
# The layouts of a Cloud Monitoring dashboard: the member that holds its parts.
LAYOUTS: Mapping[str, str] = {"mosaicLayout": "tiles", "gridLayout": "widgets", "rowLayout": "rows", "columnLayout": "columns"}
# The members of a widget that show no data.
_PLAIN = frozenset({"title", "id", "visibilityCondition", "text", "blank", "sectionHeader", "collapsibleGroup", "singleViewGroup"})
MAX_DEPTH = 5


def panels(dashboard: Any, depth: int = 0) -> int:
    """How many panels of a Grafana dashboard show data; those of a collapsed row are in it, and before schema version 14 all were in rows."""
    if not isinstance(dashboard, Mapping) or depth > MAX_DEPTH:
        return 0
    own = [panel for panel in _items(dashboard.get("panels")) if isinstance(panel, Mapping)]
    rows = [row for row in (*_items(dashboard.get("rows")), *own) if isinstance(row, Mapping)]
    return sum(1 for panel in own if panel.get("type") not in _TALKS and panel.get("targets") != []) + sum(panels(row, depth + 1) for row in rows)


def widgets(dashboard: Any) -> int:
    """How many widgets of a Cloud Monitoring dashboard show data."""
    layouts = [(name, dashboard.get(name)) for name in LAYOUTS] if isinstance(dashboard, Mapping) else []
    parts = (part for name, layout in layouts if isinstance(layout, Mapping) for part in _items(layout.get(LAYOUTS[name])))
    return sum(1 for part in parts for widget in _widgets(part) if any(member not in _PLAIN and value is not None for member, value in widget.items()))


def has_parts(dashboard: Any) -> bool:
    """Whether a layout of a Cloud Monitoring dashboard holds anything."""
    return isinstance(dashboard, Mapping) and any(isinstance(layout := dashboard.get(name), Mapping) and bool(_items(layout.get(part))) for name, part in LAYOUTS.items())


def _widgets(part: Any) -> Iterator[Mapping[str, Any]]:
    """A tile holds one, a row and a column several, and in a grid each stands for itself."""
    if not isinstance(part, Mapping):
        return
    if is_list(part.get("widgets")):
        yield from (widget for widget in _items(part["widgets"]) if isinstance(widget, Mapping))
    elif "widget" in part:
        if isinstance(part["widget"], Mapping):
            yield part["widget"]
    else:
        yield part


def _items(value: Any) -> list[Any]:
    return list(value) if is_list(value) else []
