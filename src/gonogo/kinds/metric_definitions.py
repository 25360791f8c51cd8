"""Metrics that the repository's own code defines, as far as their names stand in it."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import STRING, record

METRIC_DEFINITION = "repo/MetricDefinition"

# name: as a query calls it, without the suffixes of its series.
KINDS = (Kind(METRIC_DEFINITION, "metric defined in code", record(name=STRING)),)
