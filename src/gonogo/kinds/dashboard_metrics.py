"""Which metrics the widgets of a dashboard read: Cloud Monitoring's filters and queries, and PromQL there and in Grafana."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.model.value import OpenList, Unknown, Value, is_list

# The members of a dashboard that hold what a widget asks; titles and texts hold prose.
_QUERIES = frozenset({"filter", "timeSeriesQueryLanguage", "prometheusQuery", "expr"})
# https://cloud.google.com/monitoring/custom-metrics, https://cloud.google.com/logging/docs/logs-based-metrics
_CUSTOM = re.compile(r"\b((?:custom|workload)\.googleapis\.com/[\w./-]{1,200}|logging\.googleapis\.com/user/[\w./-]{1,200})")
# The same names as PromQL writes them (https://cloud.google.com/monitoring/promql/promql-mapping).
_MAPPED = re.compile(r"\b((?:custom|workload)_googleapis_com:\w{1,200}|logging_googleapis_com:user_\w{1,200})")
_MANAGED = re.compile(r"\bprometheus\.googleapis\.com/([\w:]{1,200})")
_NAME = re.compile(r"(?<![\w:.])([a-zA-Z_:][a-zA-Z0-9_:]{2,200})(?![\w:]*\s*\()")
_NOT_NAMES = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|\{[^{}]*\}|\[[^\[\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)')
MAX_DEPTH = 40
MAX_QUERY = 10_000


@dataclass(frozen=True, slots=True)
class Metrics:
    """`custom`: metrics that only a project's own code or filters make; `prometheus`: names that queries hold, without the suffixes of their series."""

    custom: Value
    prometheus: Value


def metrics_of(dashboard: Value) -> Metrics:
    """The metrics of a dashboard, open lists where a query is not known."""
    custom: set[str] = set()
    prometheus: set[str] = set()
    unknown: list[Unknown] = []
    for query in _queries(dashboard, 0):
        if isinstance(query, Unknown):
            unknown.append(query)
            continue
        text = query[:MAX_QUERY]
        custom.update(m[1] for m in _CUSTOM.finditer(text))
        custom.update(m[1] for m in _MAPPED.finditer(text))
        prometheus.update(series(m[1]) for m in _MANAGED.finditer(text))
        prometheus.update(series(m[1]) for m in _NAME.finditer(_NOT_NAMES.sub(" ", text)))
    if unknown:
        reason = Unknown.merge(unknown)
        return Metrics(OpenList(sorted(custom), reason), OpenList(sorted(prometheus), reason))
    return Metrics(sorted(custom), sorted(prometheus))


def series(name: str) -> str:
    """A metric by the name under which code defines it: without the suffix of its series, dots as Prometheus writes them."""
    return re.sub(r"(_total|_bucket|_count|_sum|_created)$", "", re.sub(r"[^\w:]", "_", name))


def _queries(value: Any, depth: int) -> Iterator[str | Unknown]:
    if isinstance(value, Unknown):
        yield value
    elif depth > MAX_DEPTH:
        yield Unknown.because("the dashboard is nested too deeply")
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if name in _QUERIES and isinstance(member, str):
                yield member
            elif not isinstance(member, str):
                yield from _queries(member, depth + 1)
    elif is_list(value):
        for member in value:
            yield from _queries(member, depth + 1)
