"""Time series: what `projects.timeSeries.list` of Cloud Monitoring answers, and what memory a process had over hours.

https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TimeSeries,
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TypedValue#Distribution, https://pypi.org/project/memory-profiler/ (mprof).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gonogo.sources.artefacts.reading import MAX_COLUMNS, Artefact, Foreign, Unfit, mapping, number
from gonogo.sources.dating import moment

_UNITS = {"share": ("percent", 100.0), "milliseconds": ("seconds", 0.001), "bytes": ("bytes", 1.0), "ratio": ("ratio", 1.0), "count": ("count", 1.0)}
_MEMORY = {"mem": 1.0, "memory": 1.0, "rss": 1.0, "memory_bytes": 1.0, "rss_bytes": 1.0, "memory_mb": 1e6, "rss_mb": 1e6, "memory_mib": 2.0**20}
_TIME = ("timestamp", "time", "elapsed", "seconds", "t")
SETTLING = 0.2
"""The share of a soak that is not counted: caches fill and pools grow at first."""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric over a window. `value` is the worst there was, `at_least` a bound below it."""

    metric: str
    of: str
    statistic: str
    value: float
    at_least: float
    unit: str
    began: datetime
    ended: datetime
    rose: bool = False
    fell: bool = False


@dataclass(frozen=True, slots=True)
class _Point:
    began: datetime
    ended: datetime
    low: float
    high: float
    of_distribution: bool


def read_series(artefact: Artefact, table: Mapping[str, Mapping[str, Any]], statistic: str) -> Iterator[Series]:
    """The metrics of an answer that the table knows; `statistic` is what an aligned series is, where somebody said so. Raises `Unfit`."""
    root = artefact.json()
    rows = root if isinstance(root, list) else mapping(root).get("timeSeries")
    if not isinstance(rows, list) or not rows:
        raise Unfit("no time series: neither a list nor `timeSeries` with members")
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for row in map(mapping, rows):
        by_type.setdefault(str(mapping(row.get("metric")).get("type", "")), []).append(row)
    for metric_type in sorted(by_type):
        if metric_type not in table:
            raise Unfit(f"a series of {metric_type[:100] or 'no metric'}, which gonogo does not know")
        yield _series(by_type[metric_type], table[metric_type], statistic)


def _series(rows: Sequence[Mapping[str, Any]], meant: Mapping[str, Any], statistic: str) -> Series:
    points = [(row, point) for row in rows for point in _points(row)]
    if not points:
        raise Unfit("a series without points")
    began, ended = min(point.began for _, point in points), max(point.ended for _, point in points)
    unit, scale = _UNITS[meant["unit"]]
    if "label" in meant:
        return _counted(points, meant, began, ended)
    worst = max(points, key=lambda row: row[1].high)[1]
    at_least = max(point.low for _, point in points)
    # Of a gauge the highest point is the highest value; of what an aligner made of it, only who asked for it can tell.
    raw = all(point.of_distribution for _, point in points) or meant["metric"] in ("instances", "memory")
    said = statistic or ("max" if raw else "")
    rose, fell = _moves(points)
    return Series(meant["metric"], str(meant.get("of", "")), said, worst.high * scale, at_least * scale, unit, began, ended, rose, fell)


def _counted(points: Sequence[tuple[Mapping[str, Any], _Point]], meant: Mapping[str, Any], began: datetime, ended: datetime) -> Series:
    """How many of what is counted is bad: a share for requests, the number for log entries."""
    total = sum(point.high for _, point in points)
    bad = 0.0
    for row, point in points:
        labels = mapping(mapping(row.get("metric")).get("labels"))
        if meant["label"] not in labels:
            raise Unfit(f"a series without the label {meant['label']}: which are bad is not told")
        bad += point.high if str(labels[meant["label"]]) in meant["bad"] else 0.0
    told = {str(mapping(mapping(row.get("metric")).get("labels")).get(meant["label"])) for row, _ in points}
    if len(told) == 1 and not told & set(meant["bad"]):
        raise Unfit(f"only what has the {meant['label']} {min(told)[:40]} is in it: whether the others were left out is not told")
    if meant["metric"] == "error-logs":
        return Series("error-logs", "", "sum", bad, bad, "count", began, ended)
    if not total:
        raise Unfit("no request was counted")
    return Series(meant["metric"], "", "mean", bad / total, bad / total, "ratio", began, ended)


def _points(row: Mapping[str, Any]) -> Iterator[_Point]:
    for point in row.get("points") if isinstance(row.get("points"), list) else ():  # type: ignore[union-attr]  # asked just before
        interval, value = mapping(mapping(point).get("interval")), mapping(mapping(point).get("value"))
        ended = moment(str(interval.get("endTime", "")))
        began = moment(str(interval.get("startTime", ""))) or ended
        if ended is None or began is None:
            raise Unfit("a point without a time")
        if "distributionValue" in value:
            low, high = _highest(mapping(value["distributionValue"]))
            if high is not None:
                yield _Point(began, ended, low, high, True)
            continue
        found = number(value.get("doubleValue", value.get("int64Value")))
        if found is None:
            raise Unfit("a point without a number")
        yield _Point(began, ended, found, found, False)


def _highest(distribution: Mapping[str, Any]) -> tuple[float, float | None]:
    """The bucket that the highest value lies in; the second is None of an empty distribution. Raises `Unfit` where it has no bound above."""
    count = number(distribution.get("count")) or 0.0
    if not count:
        return 0.0, None
    top = number(mapping(distribution.get("range")).get("max"))
    if top is not None:
        return top, top
    counts = distribution.get("bucketCounts")
    filled = [at for at, held in enumerate(counts if isinstance(counts, list) else ()) if number(held)]
    bounds = _bounds(mapping(distribution.get("bucketOptions")))
    if not filled or not bounds or filled[-1] >= len(bounds):
        raise Unfit("a distribution whose highest bucket has no bound above")
    return (bounds[filled[-1] - 1] if filled[-1] else 0.0), bounds[filled[-1]]


def _bounds(options: Mapping[str, Any]) -> list[float]:
    explicit, linear, growing = (mapping(options.get(name)) for name in ("explicitBuckets", "linearBuckets", "exponentialBuckets"))
    if isinstance(explicit.get("bounds"), list):
        return [bound for bound in map(number, explicit["bounds"]) if bound is not None]
    count = number(linear.get("numFiniteBuckets", growing.get("numFiniteBuckets")))
    if count is None or not 0 < count <= 10_000:
        return []
    if linear:
        offset, width = number(linear.get("offset")) or 0.0, number(linear.get("width")) or 0.0
        return [offset + width * at for at in range(int(count) + 1)]
    scale, factor = number(growing.get("scale")) or 0.0, number(growing.get("growthFactor")) or 0.0
    try:
        return [scale * factor**at for at in range(int(count) + 1)]
    except OverflowError:
        return []


def _moves(points: Sequence[tuple[Mapping[str, Any], _Point]]) -> tuple[bool, bool]:
    """Whether the sum over all series rose above what it began with, and fell below its peak again."""
    totals: dict[datetime, float] = {}
    for _, point in points:
        totals[point.ended] = totals.get(point.ended, 0.0) + point.high
    levels = [totals[at] for at in sorted(totals)]
    peak = max(levels)
    at = levels.index(peak)
    return any(level < peak for level in levels[:at]), any(level < peak for level in levels[at + 1 :])


@dataclass(frozen=True, slots=True)
class Soak:
    """Memory over time. `growth` is percent of the mean level per hour, `duration` seconds."""

    tool: str
    samples: int
    duration: float
    growth: float | None
    produced: datetime | None


def read_soak(artefact: Artefact) -> Soak:
    """`mprof`'s `MEM megabytes epoch`, or a table with a column of time (seconds or ISO 8601) and one of memory. Raises `Unfit`."""
    text = artefact.text
    if any(line.startswith("MEM ") for line in text.splitlines()[:20]):
        rows = [line.split() for line in text.splitlines() if line.startswith("MEM ")]
        found = [(number(row[2]), number(row[1])) for row in rows if len(row) >= 3]
        return _soak("mprof", found)
    return _soak("table", list(_table(text)))


def _table(text: str) -> Iterator[tuple[float | None, float | None]]:
    try:
        rows = csv.DictReader(io.StringIO(text.lstrip(), newline=""))
        if len(rows.fieldnames or ()) > MAX_COLUMNS:
            raise Unfit(f"more than {MAX_COLUMNS} columns")
        names = {name.strip().lower(): name for name in rows.fieldnames or () if name}
        time = next((names[name] for name in _TIME if name in names), None)
        memory = next(((names[name], factor) for name, factor in _MEMORY.items() if name in names), None)
        if time is None or memory is None:
            raise Foreign("no table of memory over time: it has no column `timestamp` and `memory_bytes`")
        for row in rows:
            written, value = row.get(time) or "", number(row.get(memory[0]))
            at = number(written)
            dated = moment(written) if at is None else None
            yield (dated.timestamp() if dated is not None else at), None if value is None else value * memory[1]
    except csv.Error as error:
        raise Unfit(f"not valid CSV: {error}") from None


def _soak(tool: str, rows: Sequence[tuple[float | None, float | None]]) -> Soak:
    points = sorted((at, value) for at, value in rows if at is not None and value is not None)
    if not points or len(points) < len(rows):
        raise Unfit("a row without a time or an amount of memory" if rows else "it holds no sample")
    began, ended = points[0][0], points[-1][0]
    settled = [(at, value) for at, value in points if at >= began + (ended - began) * SETTLING]
    try:
        produced = datetime.fromtimestamp(ended, UTC) if ended > 1e9 else None
    except (ValueError, OverflowError, OSError):
        produced = None
    return Soak(tool, len(points), ended - began, _growth(settled), produced)


def _growth(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of least squares, as percent of the mean per hour; None where there are too few points or no memory."""
    count = len(points)
    mean_at = sum(at for at, _ in points) / count
    mean = sum(value for _, value in points) / count
    spread = sum((at - mean_at) ** 2 for at, _ in points)
    if count < 10 or spread == 0 or mean <= 0:
        return None
    slope = sum((at - mean_at) * (value - mean) for at, value in points) / spread
    return slope * timedelta(hours=1).total_seconds() / mean * 100
