"""Where code defines metrics: clients of Prometheus, OpenTelemetry and Micrometer, by the names that they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.kinds.dashboard_metrics import series
from gonogo.kinds.metric_definitions import METRIC_DEFINITION
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.sources.tree import Tree, Unreadable

MAX_BYTES = 1024 * 1024
_LANGUAGES = (".py", ".go", ".js", ".mjs", ".cjs", ".ts", ".java", ".kt", ".rs", ".rb", ".cs")
_COMMENT = re.compile(r"(?m)^[ \t]*(?:#|//|\*|/\*).*$")
_DEFINITIONS = (
    # prometheus_client, and clients that look like it: Counter("orders_total", …
    re.compile(r"\b(?:Counter|Gauge|Histogram|Summary)\(\s*[\"']([\w.:-]{3,120})[\"']"),
    # prom-client: new Counter({ name: "orders_total", …
    re.compile(r"\b(?:Counter|Gauge|Histogram|Summary)\s*(?:<[^<>]{0,80}>)?\s*\(\s*\{[^{}]{0,400}?\bname\s*:\s*[\"']([\w.:-]{3,120})[\"']"),
    # OpenTelemetry: create_counter("orders"), createCounter("orders"), Int64Counter("orders")
    re.compile(r"\b(?:create_?|u64_|f64_|[IF]\w+64)(?:observable_?|up_?down_?)*(?:counter|gauge|histogram)\(\s*(?:name\s*=\s*)?[\"']([\w.:-]{3,120})[\"']", re.I),
    # Micrometer: Counter.builder("orders"), registry.counter("orders")
    re.compile(r"\b(?:Counter|Gauge|Timer|DistributionSummary)\.builder\(\s*\"([\w.:-]{3,120})\""),
    re.compile(r"\b\w*[rR]egistry\.(?:counter|gauge|timer|summary)\(\s*\"([\w.:-]{3,120})\""),
)
# Go: prometheus.CounterOpts{Namespace: "shop", Subsystem: "orders", Name: "placed_total"}
_OPTIONS = re.compile(r"\b(?:Counter|Gauge|Histogram|Summary)Opts\s*\{([^{}]{0,600})")
_PART = re.compile(r"\b(Namespace|Subsystem|Name)\s*:\s*\"([\w:]{1,120})\"")


def read(tree: Tree) -> Iterator[Resource]:
    """One `repo/MetricDefinition` for each name that code in scope defines, where it does so first."""
    seen: set[str] = set()
    for path in sorted(tree.files):
        file = tree.files[path]
        if not (path.endswith(_LANGUAGES) and file.in_scope and file.size <= MAX_BYTES):
            continue
        try:
            text = _COMMENT.sub("", tree.text(path))
        except Unreadable:
            continue
        for name, offset in _names(text):
            if name not in seen:
                seen.add(name)
                place = Location(path, text.count("\n", 0, offset) + 1)
                yield Resource(METRIC_DEFINITION, name, {"name": name}, {(): place}, source="repository")


def _names(text: str) -> Iterator[tuple[str, int]]:
    for pattern in _DEFINITIONS:
        yield from ((series(found[1]), found.start()) for found in pattern.finditer(text))
    for found in _OPTIONS.finditer(text):
        parts = dict(_PART.findall(found[1]))
        if "Name" in parts:
            yield series("_".join(parts[key] for key in ("Namespace", "Subsystem", "Name") if key in parts)), found.start()
