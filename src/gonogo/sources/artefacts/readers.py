"""Which reader an artefact is for, and what it says as readings."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.kinds.evidence import COVERAGE, DRILL, LOAD_TEST, MEASUREMENT, PROFILE, SOAK
from gonogo.model.value import Unknown, Value
from gonogo.sources.artefacts.coverage import directories, read_coverage
from gonogo.sources.artefacts.drills import RECORD, read_drills
from gonogo.sources.artefacts.hollow import hollow
from gonogo.sources.artefacts.load import Load
from gonogo.sources.artefacts.load_json import read_load_json
from gonogo.sources.artefacts.load_table import read_jmeter_xml, read_load_csv
from gonogo.sources.artefacts.load_text import read_load_text
from gonogo.sources.artefacts.measured_files import compare, of_tests
from gonogo.sources.artefacts.places import Found
from gonogo.sources.artefacts.profiles import read_profile
from gonogo.sources.artefacts.reading import Artefact, Reading, mapping
from gonogo.sources.artefacts.series import Series, read_series, read_soak
from gonogo.sources.artefacts.table import Table
from gonogo.sources.artefacts.targets import environment_of, origin_of
from gonogo.sources.artefacts.xml_reader import read_xml
from gonogo.sources.tree import Tree


def read_artefact(artefact: Artefact, found: Found, tree: Tree, table: Table) -> Iterator[Reading]:
    """The readings of an artefact that is no test report. Raises `Unfit`."""
    match found.told.kind:
        case "coverage":
            yield _coverage(artefact, tree, table)
        case "load":
            yield _load(read_load_test(artefact), found, table)
        case "profile":
            profile = read_profile(artefact)
            samples: Value = profile.samples if profile.samples is not None else Unknown.because(f"how many samples it has cannot be read of a profile of {profile.tool}")
            yield Reading(PROFILE, {"samples": samples, "seconds": profile.seconds}, {"tool": profile.tool, "measures": profile.measures}, profile.produced)
        case "soak":
            soak = read_soak(artefact)
            growth: Value = soak.growth if soak.growth is not None else Unknown.because("it has too few samples to tell how memory grew")
            yield Reading(SOAK, {"samples": soak.samples, "duration": soak.duration, "growth": growth}, {"tool": soak.tool}, soak.produced)
        case "measurement":
            for series in read_series(artefact, table.series, found.told.statistic):
                yield _measurement(series, found)
        case _:
            yield from _drills(artefact, table)


def _coverage(artefact: Artefact, tree: Tree, table: Table) -> Reading:
    report = read_coverage(artefact)
    empty = Unknown.because("it measures no line at all")
    tests = of_tests(tree, report.counts, table.sources)
    covered, lines = (sum(count[at] for name, count in report.counts.items() if name not in tests) for at in (0, 1))
    # One division of whole numbers: 881 of 1000 is the very number that 88.10 is read as.
    line_rate: Value = 100 * covered / lines if lines else empty
    with_tests: Value = 100 * report.covered / report.lines if report.lines else empty
    branch_rate: Value = 100 * (report.taken or 0) / report.branches if report.branches else None
    files = {f"{root.rstrip('/')}/{file}" for root in report.roots for file in report.files} | report.files
    seen, left_out = compare(tree, sorted(files), table.sources)
    measured: dict[str, Value] = {
        "lineRate": line_rate, "withTests": with_tests, "branchRate": branch_rate, "lines": lines, "covered": covered, "omitted": list(left_out)
    }  # fmt: skip
    if not seen:
        measured = dict.fromkeys(measured, Unknown.because("none of the files that it measures is one of this repository"))
    about: dict[str, Value] = {"tool": report.tool, "sources": list(directories(report.files))}
    return Reading(COVERAGE, measured, about, report.produced, local=report.local, files=seen)


def read_load_test(artefact: Artefact) -> Load:
    start = artefact.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        return read_jmeter_xml(read_xml(artefact.data))
    if start == b"{":
        return read_load_json(mapping(artefact.json()))
    header = artefact.text.lstrip().partition("\n")[0]
    return read_load_csv(artefact) if header.count(",") > 3 and "Summary" not in header and "[" not in header else read_load_text(artefact.text)


def _load(test: Load, found: Found, table: Table) -> Reading:
    target = origin_of(found.told.target or test.target)
    health = [p95 for name, p95 in test.endpoints if _path(name) in table.health]
    known = [p95 for p95 in health if p95 is not None]
    return Reading(
        LOAD_TEST,
        {
            "requests": test.requests,
            "failureRatio": test.failure_ratio,
            "throughput": test.throughput,
            "p50": test.p50,
            "p95": test.p95,
            "p99": test.p99,
            "duration": test.duration,
            "crossed": list(test.crossed),
            "failedChecks": test.checks_failed,
            "healthP95": max(known) if known and len(known) == len(health) else None,
        },
        {
            "tool": test.tool,
            "target": target,
            "environment": environment_of(target, found.told.environment),
            "scenarios": [name for name, _ in test.endpoints][:100],
        },
        test.produced,
    )


def _path(name: str) -> str:
    """The path of an endpoint's name: `GET /health`, `https://example.org/health?x=1`."""
    last = name.split(" ")[-1].partition("?")[0]
    path = last.partition("//")[2].partition("/")[2] if "//" in last else last.lstrip("/")
    return f"/{path.rstrip('/')}"


def _measurement(series: Series, found: Found) -> Reading:
    stamps = {"windowStart": f"{series.began:%Y-%m-%dT%H:%M:%SZ}", "windowEnd": f"{series.ended:%Y-%m-%dT%H:%M:%SZ}"}
    return Reading(
        MEASUREMENT,
        {"value": series.value, "atLeast": series.at_least, "rose": series.rose, "fell": series.fell},
        {
            "tool": "Cloud Monitoring",
            "metric": series.metric,
            "of": series.of,
            "statistic": series.statistic,
            "unit": series.unit,
            "window": (series.ended - series.began).total_seconds(),
            "environment": environment_of(origin_of(found.told.target), found.told.environment),
            **stamps,
        },
        series.ended,
        part=f"{series.of} {series.metric}".strip(),
        thing=(series.metric, series.of),
    )


def _drills(artefact: Artefact, table: Table) -> Iterator[Reading]:
    for number, drill in enumerate(read_drills(artefact), 1):
        fields = (("by", drill.by), ("subject", drill.subject)) if drill.tool == RECORD else ()
        open_ = [why for name, text in fields if (why := hollow(name, text, table.hollow))]
        yield Reading(
            DRILL,
            {"result": Unknown.because(*open_) if open_ and drill.result != "failed" else drill.result},
            {
                "tool": drill.tool,
                "type": drill.type,
                "on": f"{drill.on:%Y-%m-%d}" if drill.on is not None else "",
                "by": drill.by,
                "subject": drill.subject,
                "record": drill.record,
                "environment": environment_of("", drill.environment),
            },
            drill.on,
            local=True,
            commit=drill.commit,
            part="" if number == 1 else f"record {number}",
            thing=(drill.type, drill.subject, drill.environment),
            line=drill.line,
        )
