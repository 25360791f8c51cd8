"""What tests, load tests, measurements and drills have shown, by the artefacts that they left."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, DOUBLE, INT, STRING, ListOf, Shape, record

COVERAGE = "evidence/Coverage"
TEST_REPORT = "evidence/TestReport"
LOAD_TEST = "evidence/LoadTest"
PROFILE = "evidence/Profile"
MEASUREMENT = "evidence/Measurement"
SOAK = "evidence/Soak"
DRILL = "evidence/Drill"
PLAN = "evidence/Plan"

# fresh: true, or unknown for the reason why it proves nothing (too old, of another commit, not dated); what was measured is unknown then, too. stale: that is so.
# superseded: it proves nothing, and another of the same thing does. producedAt: `2026-11-23T10:00:00Z`. commit: `` where it names none.
_DATED: Mapping[str, Shape] = {"tool": STRING, "fresh": BOOL, "stale": BOOL, "superseded": BOOL, "producedAt": STRING, "commit": STRING}

KINDS = (
    # lineRate, branchRate: percent (of statements, for Go); branchRate is null where it is not told. lineRate, lines and covered are of what is no
    # test itself, withTests is the rate of all that the report measures. sources: the directories that were measured;
    # omitted: files of them, and of the packages of the repository, that were not.
    Kind(
        COVERAGE,
        "test coverage",
        record(**_DATED, lineRate=DOUBLE, withTests=DOUBLE, branchRate=DOUBLE, lines=INT, covered=INT, sources=ListOf(STRING), omitted=ListOf(STRING)),
    ),
    # suite: unit, integration, e2e, smoke, or all; part: it is what another report says of one suite. skipped: not run, whatever for; an
    # expected failure (pytest's xfail) is none. environment: staging, production, local (this machine), `` where nobody says; target: the
    # address of what was tested. reports: how many of the suite there are; wholes: how many of all tests. missing: suites of which the
    # repository has tests and no report has any, of a report of all tests. addressed: the target was told, or a file that deploys names it. own: it names tests of the repository, or none is known; leftOut:
    # files with tests beside those that a report names, which none does; unlisted: tests of the files that it names, which it does not list.
    Kind(
        TEST_REPORT,
        "test report",
        record(
            **_DATED, suite=STRING, part=BOOL, tests=INT, passed=INT, failures=INT, errors=INT, skipped=INT, expectedFailures=INT,
            environment=STRING, target=STRING, reports=INT, wholes=INT, missing=ListOf(STRING),
            addressed=BOOL, own=BOOL, leftOut=ListOf(STRING), unlisted=ListOf(STRING),
        ),
    ),
    # Seconds and requests per second; null what the tool does not tell. failureRatio: from 0 to 1. healthP95: of the requests of a health endpoint.
    # crossed: the thresholds of its own that it did not keep; failedChecks: the share of its checks on answers that failed, from 0 to 1.
    Kind(
        LOAD_TEST,
        "load test",
        record(
            **_DATED, requests=INT, failureRatio=DOUBLE, throughput=DOUBLE, p50=DOUBLE, p95=DOUBLE, p99=DOUBLE, duration=DOUBLE,
            environment=STRING, target=STRING, scenarios=ListOf(STRING), healthP95=DOUBLE, crossed=ListOf(STRING), failedChecks=DOUBLE,
        ),
    ),
    # measures: cpu, heap, wall, …; seconds: how long it was taken; analysed: a record says what it shows.
    Kind(PROFILE, "profile", record(**_DATED, measures=STRING, samples=INT, seconds=DOUBLE, analysed=BOOL)),
    # metric: cpu, memory, instances, latency, errors (a share), error-logs (a count); of: request or health, for a latency. value: the
    # worst of the window, atLeast: a bound below it where it is read from the buckets of a distribution. unit: percent, bytes, ratio, seconds,
    # count. sinceRelease: the window ends after the commit was made. rose, fell: of instances; underLoad: a load test ran in the window.
    Kind(
        MEASUREMENT,
        "measurement",
        record(
            **_DATED, metric=STRING, of=STRING, statistic=STRING, value=DOUBLE, atLeast=DOUBLE, unit=STRING, window=DOUBLE, windowStart=STRING,
            windowEnd=STRING, sinceRelease=BOOL, rose=BOOL, fell=BOOL, underLoad=BOOL, environment=STRING,
        ),
    ),
    # growth: percent of the mean level per hour, after the first fifth (warming up). duration: seconds.
    Kind(SOAK, "soak test", record(**_DATED, samples=INT, duration=DOUBLE, growth=DOUBLE)),
    # type: restore, rollback, chaos, failover, migration, scaling, memory-leak, profile; result: passed, failed, partial.
    Kind(DRILL, "drill", record(**_DATED, type=STRING, result=STRING, on=STRING, by=STRING, subject=STRING, record=STRING, environment=STRING)),
    # What could be run, and shows no result: a locustfile, a chaos experiment, a restore script.
    Kind(PLAN, "plan of a test", record(type=STRING, tool=STRING)),
)  # fmt: skip
