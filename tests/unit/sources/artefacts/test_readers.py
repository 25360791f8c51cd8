"""Every format as its tool writes it, and as somebody hostile might."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from gonogo.sources.artefacts.coverage import Measured, read_coverage
from gonogo.sources.artefacts.junit import Outcomes, read_tests
from gonogo.sources.artefacts.load import Load, percentile
from gonogo.sources.artefacts.load_json import read_load_json
from gonogo.sources.artefacts.profiles import read_profile
from gonogo.sources.artefacts.readers import read_load_test
from gonogo.sources.artefacts.reading import Artefact, Unfit
from gonogo.sources.artefacts.series import read_series, read_soak
from gonogo.sources.artefacts.table import load_table
from gonogo.sources.artefacts.xml_reader import read_xml

TABLE = load_table()


def artefact(text: str | bytes, name: str = "report") -> Artefact:
    return Artefact(Path(name), name, text if isinstance(text, bytes) else text.encode())


def coverage(text: str) -> Measured:
    return read_coverage(artefact(text))


def outcomes(text: str) -> Outcomes:
    return read_tests(artefact(text), TABLE.suites)


def load(text: str | bytes) -> Load:
    return read_load_test(artefact(text))


# https://www.jacoco.org/jacoco/trunk/coverage/report.dtd
JACOCO = """<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
<report name="x"><sessioninfo id="a" start="1" dump="1795420800000"/><package name="com/acme">
<sourcefile name="Foo.java"><counter type="LINE" missed="1" covered="3"/></sourcefile></package>
<counter type="BRANCH" missed="2" covered="2"/><counter type="LINE" missed="1" covered="3"/></report>"""
CLOVER = """<coverage generated="1795420800"><project><file path="/r/src/a.js"><line num="1" type="stmt" count="2"/>
<line num="2" type="stmt" count="0"/><line num="3" type="cond" truecount="1" falsecount="0"/></file></project></coverage>"""
ISTANBUL = {"/r/a.js": {"path": "/r/a.js", "statementMap": {"0": {"start": {"line": 1}}, "1": {"start": {"line": 1}}, "2": {"start": {"line": 4}}}, "s": {"0": 0, "1": 2, "2": 0}, "b": {"0": [1, 0]}}}


@pytest.mark.parametrize(
    ("text", "tool", "covered", "lines", "branches"),
    [
        (JACOCO, "jacoco", 3, 4, 4),
        (CLOVER, "clover", 2, 3, 2),
        (json.dumps(ISTANBUL), "istanbul", 1, 2, 2),
        (json.dumps({"total": {"lines": {"total": 10, "covered": 9, "pct": 90}, "branches": {"total": 4, "covered": 1}}, "/r/a.js": {}}), "istanbul", 9, 10, 4),
        ("TN:\nSF:a.c\nDA:1,1\nDA:1,0\nDA:2,0,hash\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nLF:99\nLH:99\nend_of_record\n", "lcov", 1, 2, 2),
        ("mode: set\nm.org/p/a.go:1.2,3.4 5 1\nm.org/p/a.go:1.2,3.4 5 0\nm.org/p/b.go:1.2,3.4 3 0\n", "go", 5, 8, None),
    ],
)
def test_coverage_is_counted_line_by_line(text: str, tool: str, covered: int, lines: int, branches: int | None) -> None:
    found = coverage(text)
    assert (found.tool, found.covered, found.lines, found.branches) == (tool, covered, lines, branches)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "{",
        '{"total": {}}',
        '{"meta": {}, "files": {"a.py": {}}}',
        "<html/>",
        "<coverage/>",
        "<coverage",
        "mode: set\nrubbish\n",
        "TN:\nSF:a\nDA:1,many\n",
        '<coverage line-rate="1"><packages><package><classes><class filename="a"><lines><line number="1" hits="-1"/></lines></class></classes></package></packages></coverage>',
        "{" * 100_000,
        '{"a":' * 100_000,
        '{"total": {"lines": {"total": 1, "covered": 5}}}',
        '{"total": {"lines": {"total": 1' + "0" * 5000 + ', "covered": 5}}}',
    ],
)
def test_what_is_no_coverage_report_is_said(text: str) -> None:
    with pytest.raises(Unfit):
        coverage(text)


BILLION_LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuite>&b;</testsuite>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="&x;"/>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><testsuite/>'


@pytest.mark.parametrize("text", [BILLION_LAUGHS, EXTERNAL, PARAMETER, "<a>" * 101 + "</a>" * 101, '<?xml version="1.0" encoding="x-none"?><a/>', "<a>\x00</a>"])
def test_hostile_xml_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        read_xml(text.encode())


def test_a_document_type_of_a_report_is_no_entity() -> None:
    assert read_xml(JACOCO.encode()).tag == "report"


def junit(cases: str, attributes: str = "") -> str:
    return f'<testsuite name="s" {attributes}>{cases}</testsuite>'


def test_outcomes_of_junit() -> None:
    found = outcomes(
        junit(
            '<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase>'
            '<testcase name="e"><skipped type="pytest.xfail"/></testcase><testcase name="f" status="notrun"/><testcase name="g"><flakyFailure/></testcase>'
        )
    )
    assert found.counts() == {"passed": 2, "failures": 1, "errors": 1, "skipped": 2, "expected": 1}


def test_what_suites_count_beyond_what_they_list() -> None:
    one, none = junit("<testcase/>", 'errors="1" tests="1"'), junit("", 'errors="1"')
    found = outcomes(f'<testsuites errors="2">{one}{none}</testsuites>')
    assert (found.beyond["errors"], found.short) == (2, "")
    assert outcomes(junit("<testcase/>", 'tests="9"')).short == "it counts 9 tests and lists 1"


def test_a_property_of_one_test_says_nothing_of_the_run() -> None:
    found = outcomes(junit('<properties><property name="base_url" value="u"/></properties><testcase><properties><property name="commit" value="c"/></properties></testcase>'))
    assert found.properties == {"base_url": "u"}


@pytest.mark.parametrize(
    ("where", "suite"),
    [
        ("tests.e2e.test_a", "e2e"),
        ("tests/test_e2e.py", "e2e"),
        ("e2e_tests.login", "e2e"),
        ("smoke.spec.ts", "smoke"),
        ("tests.test_unit_price", ""),
        ("tests.communit", ""),
        ("integration/api.test.ts", "integration"),
    ],
)
def test_a_suite_is_a_whole_word_of_the_path(where: str, suite: str) -> None:
    assert outcomes(junit(f'<testcase classname="{where}" name="e2e smoke"/>')).cases[0].suite == suite


def pytest_json(**fields: object) -> str:
    return json.dumps({"created": 1795420800.5, "exitcode": 0, "summary": {"passed": 1, "total": 1}, "tests": [{"nodeid": "tests/e2e/test_a.py::test_a", "outcome": "passed"}], **fields})


def test_pytest_json_report() -> None:
    found = outcomes(pytest_json(summary={"total": 1, "deselected": 3}))
    assert (found.cases[0].suite, found.produced[0].isoformat(), found.beyond["skipped"]) == ("e2e", "2026-11-23T08:00:00.500000+00:00", 3)
    assert outcomes(pytest_json(exitcode=2)).beyond["errors"] == 1
    assert outcomes(pytest_json(tests=[])).short == "it counts 1 tests and lists 0"


@pytest.mark.parametrize("text", ["", "[]", "{}", "<html/>", "no report", pytest_json(created=1e300)])
def test_what_is_no_test_report_is_said(text: str) -> None:
    with pytest.raises(Unfit):
        outcomes(text)


# https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/: of `http_req_failed`, what is true is what failed.
K6 = {
    "metrics": {
        "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 1000, "rate": 50}},
        "http_req_duration": {"type": "trend", "contains": "time", "values": {"avg": 9, "med": 100, "p(95)": 250.5, "p(99)": 900}},
        "http_req_failed": {"type": "rate", "values": {"rate": 0.01, "passes": 10, "fails": 990}},
    },
    "root_group": {"name": "", "groups": [{"name": "browse"}]},
    "state": {"testRunDurationMs": 20000},
}
K6_EXPORT = {
    "root_group": {"groups": {"browse": {"name": "browse"}}},
    "metrics": {
        "http_reqs": {"count": 1000, "rate": 50},
        "http_req_duration": {"avg": 9, "med": 100, "p(90)": 200, "p(95)": 250.5},
        "http_req_failed": {"passes": 10, "fails": 990, "value": 0.01},
    },
}
ARTILLERY = {
    "aggregate": {
        "counters": {"http.requests": 100, "http.responses": 98, "http.codes.200": 95, "http.codes.503": 3, "errors.ETIMEDOUT": 2},
        "summaries": {"http.response_time": {"median": 50, "p95": 120, "p99": 300}},
        "firstMetricAt": 1795420700000,
        "lastMetricAt": 1795420800000,
    }
}
VEGETA = "Requests      [total, rate, throughput]         1200, 120.00, 65.87\nDuration      [total, attack, wait]             1m2.5s, 9.9s, 100ms\nLatencies     [min, mean, 50, 90, 95, 99, max]  1.2ms, 5ms, 817.26µs, 2s, 1.5s, 1m1s, 2m\nSuccess       [ratio]                           55.42%\n"
JTL = '<testResults version="1.2"><httpSample t="20" ts="1795420800000" s="true" lb="GET /health"><httpSample t="5" ts="1795420800000" s="false" lb="in"/><java.net.URL>https://u:p@a.example.com/x?key=1</java.net.URL></httpSample></testResults>'


@pytest.mark.parametrize(
    ("metrics", "crossed", "checks"),
    [
        ({"http_req_duration": {"p(95)": 400, "thresholds": {"p(95)<200": True, "p(99)<900": False}}}, ("http_req_duration p(95)<200",), None),
        ({"http_req_duration": {"values": {"p(95)": 400}, "thresholds": {"p(95)<200": {"ok": False}, "p(99)<900": {"ok": True}}}}, ("http_req_duration p(95)<200",), None),
        ({"checks": {"passes": 1, "fails": 3, "value": 0.25}}, (), 0.75),
        ({"checks": {"values": {"passes": 4, "fails": 0, "rate": 1}}}, (), 0.0),
        ({"checks": {"passes": 0, "fails": 0}}, (), None),
        ({"checks": {"passes": -1, "fails": "x"}, "http_reqs": {"count": 1, "thresholds": [True]}}, (), None),
    ],
)
def test_the_thresholds_and_checks_of_k6(metrics: dict[str, object], crossed: tuple[str, ...], checks: float | None) -> None:
    found = read_load_json({"metrics": {"http_reqs": {"count": 1}, **metrics}})
    assert (found.crossed, found.checks_failed) == (crossed, checks)


@pytest.mark.parametrize(
    ("text", "tool", "requests", "failed", "throughput", "times"),
    [
        (json.dumps(K6), "k6", 1000, 10, 50, (0.1, 0.2505, 0.9)),
        (json.dumps(K6_EXPORT), "k6", 1000, 10, 50, (0.1, 0.2505, None)),
        (json.dumps(ARTILLERY), "Artillery", 100, 5, 0.98, (0.05, 0.12, 0.3)),
        (VEGETA, "vegeta", 1200, 535, 65.87, (0.00081726, 1.5, 61.0)),
        (JTL, "JMeter", 1, 0, 50, (0.02, 0.02, 0.02)),
    ],
)
def test_load_tests(text: str, tool: str, requests: int, failed: int, throughput: float, times: tuple[float | None, ...]) -> None:
    found = load(text)
    assert (found.tool, found.requests, found.failed, found.throughput) == (tool, requests, failed, throughput)
    assert (found.p50, found.p95, found.p99) == pytest.approx(times)


def test_no_secret_of_an_address_is_kept() -> None:
    assert load(JTL).target == "https://a.example.com"


@pytest.mark.parametrize("text", ["", "{}", '{"metrics": {}}', '{"aggregate": {}}', "a,b,c,d,e\n", "<a/>", "<testResults/>", "Summary:\n Requests/sec: 1", "timeStamp,elapsed,label,success,URL\nx,1,a,true,u\n"])
def test_what_is_noread_load_test_is_said(text: str) -> None:
    with pytest.raises(Unfit):
        load(text)


def test_percentiles_are_of_the_nearest_rank() -> None:
    assert [percentile([1.0, 2.0, 3.0, 4.0], p) for p in (1, 50, 51, 99)] == [1.0, 2.0, 3.0, 4.0]
    assert percentile([], 50) is None


@pytest.mark.parametrize("data", [b"\x1f\x8bnot gzip", gzip.compress(b"\x08", mtime=0), gzip.compress(b"\x0a\xff\xff\x03a", mtime=0), b"", b"no profile", b'{"profiles": []}', gzip.compress(b"\x32\x01a", mtime=0)])
def test_what_is_no_profile_is_said(data: bytes) -> None:
    with pytest.raises(Unfit):
        read_profile(artefact(data))


def test_a_profile_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(Unfit, match="unpacked"):
        read_profile(artefact(gzip.compress(bytes(130 * 1024 * 1024), 1)))


def series(*rows: object) -> Artefact:
    return artefact(json.dumps({"timeSeries": rows}))


def row(metric: str, *values: object, **labels: str) -> dict[str, object]:
    points = [{"interval": {"startTime": f"2026-11-23T0{at}:00:00Z", "endTime": f"2026-11-23T0{at}:30:00Z"}, "value": value} for at, value in enumerate(values)]
    return {"metric": {"type": metric, "labels": labels}, "points": points}


def test_instances_are_summed_over_revisions() -> None:
    metric = "run.googleapis.com/container/instance_count"
    found = next(read_series(series(row(metric, {"int64Value": "1"}, {"int64Value": "3"}, {"int64Value": "2"}), row(metric, {"int64Value": "2"}, {"int64Value": "0"}, {"int64Value": "0"})), TABLE.series, ""))
    assert (found.rose, found.fell) == (False, True)


def test_a_distribution_is_bounded_by_its_highest_bucket() -> None:
    value = {"distributionValue": {"count": "3", "bucketOptions": {"exponentialBuckets": {"numFiniteBuckets": 4, "growthFactor": 2, "scale": 100}}, "bucketCounts": ["1", "0", "2"]}}
    found = next(read_series(series(row("run.googleapis.com/request_latencies", value)), TABLE.series, ""))
    assert (found.at_least, found.value, found.statistic, found.unit) == (0.2, 0.4, "max", "seconds")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row("custom.googleapis.com/x", {"doubleValue": 1})],
        [row("run.googleapis.com/request_latencies")],
        [row("run.googleapis.com/request_latencies", {})],
        [row("run.googleapis.com/request_count", {"int64Value": "1"})],
        [row("run.googleapis.com/request_latencies", {"distributionValue": {"count": "1", "bucketCounts": ["0", "1"], "bucketOptions": {"explicitBuckets": {"bounds": [1]}}}})],
        ["x"],
    ],
)
def test_what_no_series_tells_is_said(rows: list[object]) -> None:
    with pytest.raises(Unfit):
        list(read_series(series(*rows), TABLE.series, ""))


def test_a_count_without_the_bad_ones_may_be_a_filter() -> None:
    good = row("run.googleapis.com/request_count", {"int64Value": "90"}, response_code_class="2xx")
    with pytest.raises(Unfit, match="only what has the response_code_class 2xx"):
        next(read_series(series(good), TABLE.series, ""))
    bad = row("run.googleapis.com/request_count", {"int64Value": "10"}, response_code_class="5xx")
    assert next(read_series(series(good, bad), TABLE.series, "")).value == 0.1


@pytest.mark.parametrize("data", [b"\n" * 20_000_000, b"[" * 20_000_000, b"<a>" * 5_000_000, b"1," * 10_000_000, b"hits " * 4_000_000])
@pytest.mark.parametrize("reader", [read_coverage, read_load_test, read_profile, read_soak])
def test_hostile_sizes_end_soon(reader: Callable[[Artefact], object], data: bytes) -> None:
    began = monotonic()
    with pytest.raises(Unfit):
        reader(artefact(data))
    assert monotonic() - began < 10


def test_a_soak_of_mprof() -> None:
    lines = [f"MEM {100 + at / 10:.4f} {1795420800 + at * 60}" for at in range(100)]
    found = read_soak(artefact("CMDLINE python app.py\n" + "\n".join(lines) + "\n"))
    assert (found.tool, found.samples, found.duration) == ("mprof", 100, 5940)
    assert found.growth == pytest.approx(5.7, abs=0.3)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "timestamp,memory_bytes\n", "timestamp,memory_bytes\n1,\n"])
def test_what_is_no_soak_is_said(text: str) -> None:
    with pytest.raises(Unfit):
        read_soak(artefact(text))
