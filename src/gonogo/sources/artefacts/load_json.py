"""Load tests in JSON: k6, vegeta, Artillery.

https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/, https://github.com/tsenart/vegeta#report-command,
https://www.artillery.io/docs/reference/reported-metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from gonogo.sources.artefacts.load import Load
from gonogo.sources.artefacts.reading import Foreign, Unfit, mapping, number
from gonogo.sources.dating import moment

MAX_THRESHOLDS = 50
MAX_NAME = 120


def read_load_json(root: Mapping[str, Any]) -> Load:
    """The load test of a JSON report. Raises `Unfit`."""
    if isinstance(root.get("metrics"), Mapping):
        return _k6(root)
    if isinstance(root.get("latencies"), Mapping) and "requests" in root:
        return _vegeta(root)
    if isinstance(root.get("aggregate"), Mapping):
        return _artillery(mapping(root["aggregate"]))
    raise Foreign("a JSON document, not the report of a load test that gonogo knows")


def _k6(root: Mapping[str, Any]) -> Load:
    """`--summary-export` has the values beside the name, `handleSummary` under `values`; of `http_req_failed`, passes are what failed."""
    metrics = root["metrics"]

    def metric(name: str) -> Mapping[str, Any]:
        return mapping(mapping(metrics.get(name)).get("values")) or mapping(metrics.get(name))

    requests, times, failed = metric("http_reqs"), metric("http_req_duration"), metric("http_req_failed")
    count = number(requests.get("count"))
    if count is None:
        raise Unfit("a k6 summary without requests over HTTP")
    rate = number(requests.get("rate"))
    ran = number(mapping(root.get("state")).get("testRunDurationMs"))
    ratio = number(failed.get("rate", failed.get("value")))
    return Load(
        "k6",
        int(count),
        failed=None if ratio is None else round(ratio * count),
        throughput=rate,
        p50=_seconds(times.get("med")),
        p95=_seconds(times.get("p(95)")),
        p99=_seconds(times.get("p(99)")),
        duration=ran / 1000 if ran is not None else count / rate if rate else None,
        endpoints=tuple((name, None) for name in sorted(_groups(root.get("root_group")))),
        crossed=tuple(_crossed(metrics))[:MAX_THRESHOLDS],
        checks_failed=_share(metric("checks")),
    )


def _crossed(metrics: Mapping[str, Any]) -> Iterator[str]:
    """The thresholds that were not kept: `{"ok": false}` of handleSummary, `true` of the export (https://github.com/grafana/k6/issues/1498)."""
    for name, written in sorted(metrics.items()):
        for threshold, answer in sorted(mapping(mapping(written).get("thresholds")).items()):
            if answer is True or mapping(answer).get("ok") is False:
                yield f"{name} {threshold}"[:MAX_NAME]


def _share(checks: Mapping[str, Any]) -> float | None:
    passed, failed = number(checks.get("passes")), number(checks.get("fails"))
    return failed / (passed + failed) if passed is not None and failed is not None and passed >= 0 and failed >= 0 and passed + failed else None


def _groups(group: object) -> Iterator[str]:
    """The names of k6's groups: a list of them in handleSummary, a mapping in the export."""
    inner = mapping(group).get("groups")
    for child in inner.values() if isinstance(inner, Mapping) else inner if isinstance(inner, list) else ():
        if isinstance(name := mapping(child).get("name"), str):
            yield name


def _vegeta(root: Mapping[str, Any]) -> Load:
    requests, success = number(root["requests"]), number(root.get("success"))
    times, took = root["latencies"], number(root.get("duration"))
    if requests is None:
        raise Unfit("a vegeta report without a number of requests")
    return Load(
        "vegeta",
        int(requests),
        failed=None if success is None else round((1 - success) * requests),
        throughput=number(root.get("throughput")),
        p50=_seconds(times.get("50th"), 1e9),
        p95=_seconds(times.get("95th"), 1e9),
        p99=_seconds(times.get("99th"), 1e9),
        duration=took / 1e9 if took is not None else None,
        produced=moment(str(root.get("end", ""))),
    )


def _artillery(aggregate: Mapping[str, Any]) -> Load:
    counters, times = mapping(aggregate.get("counters")), mapping(mapping(aggregate.get("summaries")).get("http.response_time"))
    requests = number(counters.get("http.requests"))
    if requests is None:
        raise Unfit("an Artillery report without requests over HTTP")
    answered = number(counters.get("http.responses")) or 0.0
    bad = sum(number(count) or 0.0 for name, count in counters.items() if name.startswith("http.codes.") and name[11:12] in ("4", "5"))
    first, last = number(aggregate.get("firstMetricAt")), number(aggregate.get("lastMetricAt"))
    took = (last - first) / 1000 if first is not None and last is not None and last > first else None
    return Load(
        "Artillery",
        int(requests),
        failed=int(max(0.0, requests - answered) + bad),
        throughput=answered / took if took else None,
        p50=_seconds(times.get("median", times.get("p50"))),
        p95=_seconds(times.get("p95")),
        p99=_seconds(times.get("p99")),
        duration=took,
        produced=_epoch(last),
    )


def _seconds(written: object, per_second: float = 1000.0) -> float | None:
    value = number(written)
    return None if value is None else value / per_second


def _epoch(milliseconds: float | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None
