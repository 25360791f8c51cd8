"""Load tests as text: what hey, wrk, ab and vegeta print.

https://github.com/rakyll/hey, https://github.com/wg/wrk, https://httpd.apache.org/docs/2.4/programs/ab.html.
"""

from __future__ import annotations

import re

from gonogo.sources.artefacts.load import Load
from gonogo.sources.artefacts.reading import Foreign, Unfit, number

MAX_CHARACTERS = 1_000_000
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)")


def read_load_text(text: str) -> Load:
    """The load test of a printed report. Raises `Unfit`."""
    if len(text) > MAX_CHARACTERS:
        raise Foreign(f"more than {MAX_CHARACTERS} characters, and no tool prints as many")
    if "This is ApacheBench" in text or "Time taken for tests:" in text:
        return _ab(text)
    if re.search(r"(?m)^Running .+ test @ ", text):
        return _wrk(text)
    if re.search(r"(?m)^Requests\s+\[total", text):
        return _vegeta(text)
    if re.search(r"(?m)^Summary:", text) and "Requests/sec:" in text:
        return _hey(text)
    raise Foreign("not the report of a load test that gonogo knows")


def _hey(text: str) -> Load:
    codes = [(int(code), int(count)) for code, count in re.findall(r"(?m)^[ \t]*\[(\d{3})\]\s+(\d{1,12}) responses", text)]
    errors = text.partition("Error distribution:")[2]
    failed = sum(int(count) for count in re.findall(r"(?m)^[ \t]*\[(\d{1,12})\]\s", errors))
    requests = sum(count for _, count in codes) + failed
    if not requests:
        raise Unfit("a report of hey without a distribution of status codes")
    return Load(
        "hey",
        requests,
        failed=failed + sum(count for code, count in codes if code >= 400),
        throughput=_one(r"Requests/sec:\s+([\d.]+)", text),
        p50=_one(r"(?m)^[ \t]*50%%? in ([\d.]+) secs", text),
        p95=_one(r"(?m)^[ \t]*95%%? in ([\d.]+) secs", text),
        p99=_one(r"(?m)^[ \t]*99%%? in ([\d.]+) secs", text),
        duration=_one(r"Total:\s+([\d.]+) secs", text),
    )


def _wrk(text: str) -> Load:
    target = re.search(r"(?m)^Running .+ test @ (\S+)", text)
    done = re.search(r"(?m)^[ \t]*(\d{1,12}) requests in (\S+?),", text)
    if done is None:
        raise Unfit("a report of wrk without a number of requests")
    sockets = re.search(r"Socket errors: connect (\d{1,12}), read (\d{1,12}), write (\d{1,12}), timeout (\d{1,12})", text)
    refused = sum(map(int, sockets.groups())) if sockets is not None else 0
    return Load(
        "wrk",
        int(done[1]) + refused,
        failed=int(_one(r"Non-2xx or 3xx responses: (\d{1,12})", text) or 0) + refused,
        throughput=_one(r"Requests/sec:\s+([\d.]+)", text),
        p50=_span(r"(?m)^[ \t]*50%\s+(\S+)", text),
        p95=_span(r"(?m)^[ \t]*95%\s+(\S+)", text),
        p99=_span(r"(?m)^[ \t]*99%\s+(\S+)", text),
        duration=_seconds(done[2]),
        target=target[1] if target is not None else "",
    )


def _ab(text: str) -> Load:
    """Percentiles are whole milliseconds. What is not 2xx is no failure to ab."""
    requests = _one(r"Complete requests:\s+(\d{1,12})", text)
    host, port = re.search(r"Server Hostname:\s+(\S+)", text), re.search(r"Server Port:\s+(\d{1,5})", text)
    path = re.search(r"Document Path:\s+(\S+)", text)
    if requests is None:
        raise Unfit("a report of ab without a number of requests")
    failed = int(_one(r"Failed requests:\s+(\d{1,12})", text) or 0) + int(_one(r"Non-2xx responses:\s+(\d{1,12})", text) or 0)
    scheme = "https" if "SSL/TLS Protocol:" in text else "http"
    at = [_one(rf"(?m)^[ \t]*{percent}%\s+(\d{{1,12}})", text) for percent in (50, 95, 99)]
    p50, p95, p99 = (None if value is None else value / 1000 for value in at)
    return Load(
        "ab",
        int(requests),
        failed=min(failed, int(requests)),
        throughput=_one(r"Requests per second:\s+([\d.]+)", text),
        p50=p50,
        p95=p95,
        p99=p99,
        duration=_one(r"Time taken for tests:\s+([\d.]+) seconds", text),
        target=f"{scheme}://{host[1]}{f':{port[1]}' if port is not None else ''}" if host is not None else "",
        endpoints=((path[1], p95),) if path is not None else (),
    )


def _vegeta(text: str) -> Load:
    totals = re.search(r"(?m)^Requests\s+\[total, rate(?:, throughput)?\]\s+(\d{1,12}), ([\d.]+)(?:, ([\d.]+))?", text)
    times = re.search(r"(?m)^Latencies\s+\[([^\]]*)\]\s+(.+)$", text)
    took = re.search(r"(?m)^Duration\s+\[total[^\]]*\]\s+(\S+?)(?:,|\s|$)", text)
    ratio = _one(r"(?m)^Success\s+\[ratio\]\s+([\d.]+)%", text)
    if totals is None or times is None:
        raise Unfit("a report of vegeta without requests or latencies")
    named = dict(zip([name.strip() for name in times[1].split(",")], [span.strip() for span in times[2].split(",")], strict=False))
    requests = int(totals[1])
    return Load(
        "vegeta",
        requests,
        failed=None if ratio is None else round((100 - ratio) / 100 * requests),
        throughput=number(totals[3]),
        p50=_seconds(named.get("50", "")),
        p95=_seconds(named.get("95", "")),
        p99=_seconds(named.get("99", "")),
        duration=_seconds(took[1]) if took is not None else None,
    )


def _one(pattern: str, text: str) -> float | None:
    found = re.search(pattern, text)
    return number(found[1]) if found is not None else None


def _span(pattern: str, text: str) -> float | None:
    found = re.search(pattern, text)
    return _seconds(found[1]) if found is not None else None


def _seconds(written: str) -> float | None:
    """`1m2.5s`, `817.26us`: as Go and wrk write a span."""
    parts = _SPAN.findall(written)
    return sum(float(value) * _UNITS[unit] for value, unit in parts) if parts and _SPAN.sub("", written) == "" else None


