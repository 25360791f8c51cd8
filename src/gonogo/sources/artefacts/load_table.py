"""Load tests in tables: Locust's statistics, hey's and JMeter's samples.

https://docs.locust.io/en/stable/retrieving-stats.html, https://jmeter.apache.org/usermanual/listeners.html#csvlogformat.
"""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from gonogo.sources.artefacts.load import Load, percentile
from gonogo.sources.artefacts.reading import MAX_COLUMNS, Artefact, Foreign, Unfit, number

MAX_ROWS = 2_000_000
MAX_ENDPOINTS = 10_000


def read_load_csv(artefact: Artefact) -> Load:
    """The load test of a CSV file. Raises `Unfit`."""
    header = artefact.text.lstrip().partition("\n")[0]
    rows = _rows(artefact.text)
    if "Request Count" in header and "Failure Count" in header:
        return _locust(rows, artefact)
    if "timeStamp" in header and "elapsed" in header:
        return _samples(_jmeter_csv(rows))
    if header.startswith("response-time,"):
        return _hey(rows)
    raise Foreign("a table, not that of a load test that gonogo knows")


def read_jmeter_xml(root: ET.Element) -> Load:
    """Of samples that hold others (redirects, embedded resources) the outer counts. Raises `Unfit`."""
    if root.tag != "testResults":
        raise Unfit(f"an XML document <{root.tag[:40]}>, not the report of a load test")
    return _samples(
        (
            _whole(sample.get("ts")),
            _whole(sample.get("t")),
            sample.get("lb", ""),
            sample.get("s") == "true",
            (sample.findtext("java.net.URL") or "").strip(),
        )
        for sample in root
        if sample.tag in ("httpSample", "sample")
    )


def _rows(text: str) -> Iterator[Mapping[str, str]]:
    if text.lstrip().partition("\n")[0].count(",") > MAX_COLUMNS:
        raise Unfit(f"more than {MAX_COLUMNS} columns")
    try:
        for count, row in enumerate(csv.DictReader(io.StringIO(text.lstrip(), newline=""))):
            if count > MAX_ROWS:
                raise Unfit(f"more than {MAX_ROWS} rows")
            yield {key: value if isinstance(value, str) else "" for key, value in row.items() if key is not None}
    except csv.Error as error:
        raise Unfit(f"not valid CSV: {error}") from None


def _locust(rows: Iterable[Mapping[str, str]], artefact: Artefact) -> Load:
    """Milliseconds. The time of the run stands in `…_stats_history.csv` beside it, errors that are no failed requests in `…_failures.csv`."""
    table = list(islice(rows, MAX_ENDPOINTS + 1))
    if len(table) > MAX_ENDPOINTS:
        raise Unfit(f"more than {MAX_ENDPOINTS} endpoints")
    total = next((row for row in table if row.get("Name") in ("Aggregated", "Total") and not row.get("Type")), None)
    if total is None:
        raise Unfit("a table of Locust without its aggregated row: the run did not end")
    requests, throughput = _whole(total.get("Request Count")), number(total.get("Requests/s"))
    ended = [moment for row in _beside(artefact, "_stats.csv", "_stats_history.csv") if (moment := _epoch(row.get("Timestamp"), 1))]
    errors = sum(_whole(row.get("Occurrences")) for row in _beside(artefact, "_stats.csv", "_failures.csv"))
    return Load(
        "Locust",
        requests,
        failed=min(requests, max(_whole(total.get("Failure Count")), errors)),
        throughput=throughput,
        p50=_ms(total.get("50%") or total.get("Median Response Time")),
        p95=_ms(total.get("95%")),
        p99=_ms(total.get("99%")),
        duration=requests / throughput if throughput else None,
        endpoints=tuple((row.get("Name", ""), _ms(row.get("95%"))) for row in table if row is not total),
        produced=max(ended, default=None),
    )


def _beside(artefact: Artefact, ending: str, other: str) -> list[Mapping[str, str]]:
    name = artefact.path.name
    path = artefact.path.with_name(name.removesuffix(ending) + other)
    if not name.endswith(ending) or path.is_symlink() or not path.is_file() or path.stat().st_size > 32 * 1024 * 1024:
        return []
    try:
        return list(islice(_rows(path.read_text("utf-8-sig")), MAX_ENDPOINTS * 10))
    except (OSError, UnicodeDecodeError, Unfit):
        return []


_Sample = tuple[int, int, str, bool, str]
"""When it began and how long it took (milliseconds), its label, whether it succeeded, its address."""


def _jmeter_csv(rows: Iterable[Mapping[str, str]]) -> Iterator[_Sample]:
    for row in rows:
        yield (
            _whole(row.get("timeStamp")),
            _whole(row.get("elapsed")),
            row.get("label", ""),
            row.get("success", "").lower() == "true",
            row.get("URL", ""),
        )


def _samples(samples: Iterable[_Sample]) -> Load:
    took: list[float] = []
    by_label: defaultdict[str, list[float]] = defaultdict(list)
    failed, first, last, hosts = 0, None, 0, set()
    for began, elapsed, label, success, url in samples:
        took.append(elapsed / 1000)
        by_label[label].append(elapsed / 1000)
        failed += not success
        first, last = began if first is None else min(first, began), max(last, began + elapsed)
        if url and url != "null":
            hosts.add(_host(url))
    if first is None:
        raise Unfit("it holds no sample")
    took.sort()
    duration = (last - first) / 1000
    return Load(
        "JMeter",
        len(took),
        failed=failed,
        throughput=len(took) / duration if duration > 0 else None,
        p50=percentile(took, 50),
        p95=percentile(took, 95),
        p99=percentile(took, 99),
        duration=duration,
        target=hosts.pop() if len(hosts) == 1 else "",
        endpoints=tuple((label, percentile(sorted(times), 95)) for label, times in sorted(by_label.items())),
        produced=_epoch(str(last), 1000),
    )


def _hey(rows: Iterable[Mapping[str, str]]) -> Load:
    """`hey -o csv` lists what was answered; requests that were not are not in it, so that how many failed is not told."""
    took: list[float] = []
    ended = 0.0
    for row in rows:
        seconds = number(row.get("response-time"))
        if seconds is None:
            raise Unfit("a row without a response time")
        took.append(seconds)
        ended = max(ended, (number(row.get("offset")) or 0.0) + seconds)
    took.sort()
    return Load(
        "hey",
        len(took),
        throughput=len(took) / ended if ended else None,
        p50=percentile(took, 50),
        p95=percentile(took, 95),
        p99=percentile(took, 99),
        duration=ended or None,
    )


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        return ""


def _whole(written: object) -> int:
    value = number(written)
    if value is None or value < 0:
        raise Unfit(f"{str(written)[:40]!r} stands where a number should")
    return int(value)


def _ms(written: object) -> float | None:
    value = number(written)
    return None if value is None else value / 1000


def _epoch(written: str | None, per_second: int) -> datetime | None:
    value = number(written)
    try:
        return datetime.fromtimestamp(value / per_second, UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None
