"""Reports of other scanners, given as evidence."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import INT, STRING, record

SCAN = "report/Scan"

KINDS = (
    # control: what it is given as evidence for; finished: when the scan ended (`2026-11-23T10:00:00Z`); results: how many it has, less
    # the suppressed; errors: how many of them are of level error or worse, unknown where the report is too old or not whole.
    Kind(SCAN, "report of another scanner", record(control=STRING, tool=STRING, version=STRING, finished=STRING, results=INT, errors=INT)),
)
