"""Test reports as resources: the files of one run together, and what they say of each suite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.kinds.evidence import TEST_REPORT
from gonogo.model.value import Unknown, Value
from gonogo.sources.artefacts.junit import Case, Outcomes, named_suite
from gonogo.sources.artefacts.own_tests import OwnTests
from gonogo.sources.artefacts.places import Found
from gonogo.sources.artefacts.reading import Reading
from gonogo.sources.artefacts.table import Table
from gonogo.sources.artefacts.targets import OwnHosts, environment_of, origin_of

ALL = "all"
_WORST_FIRST = ("errors", "failures", "skipped", "expected", "passed")


@dataclass(frozen=True, slots=True)
class Report:
    """A report and where it was found."""

    found: Found
    tests: Outcomes

    def suite(self, table: Table) -> str:
        if self.found.told.kind != "tests":
            return self.found.told.kind
        return ALL if self.found.named else named_suite(self.found.shown, table.suites) or ALL


def suite_readings(files: Sequence[Report], table: Table, own: OwnTests, hosts: OwnHosts) -> Iterator[tuple[Report, str, Reading]]:
    """A reading, its name and the first of its files, for each run and for each suite within a run of all tests."""
    runs: defaultdict[tuple[str, str, bool], list[Report]] = defaultdict(list)
    for file in files:
        runs[file.found.group, file.suite(table), file.found.named].append(file)
    for (group, suite, _), members in sorted(runs.items()):
        shown = members[0].found.shown if len(members) == 1 else group
        whole = members[0].tests if len(members) == 1 else _joined([member.tests for member in members])
        yield members[0], shown, _reading(whole, whole.cases, suite, members[0], table, own, hosts)
        if suite == ALL:
            for inner in sorted({case.suite for case in whole.cases} - {""}):
                cases = [case for case in whole.cases if case.suite == inner]
                yield members[0], f"{shown} ({inner})", _reading(whole, cases, inner, members[0], table, own, hosts, part=True)


def _joined(parts: Sequence[Outcomes]) -> Outcomes:
    """Several files of one run: a test in two of them is one test, with its worst outcome."""
    outcomes: defaultdict[str, list[list[str]]] = defaultdict(list)
    suites: dict[str, str] = {}
    for part in parts:
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for case in part.cases:
            by_name[case.name].append(case.outcome)
            suites[case.name] = case.suite
        for name, found in by_name.items():
            outcomes[name].append(found)
    joined = Outcomes(parts[0].tool)
    for name, lists in outcomes.items():
        times = max(map(len, lists))
        worst = sorted((outcome for found in lists for outcome in found), key=_WORST_FIRST.index)[:times]
        joined.cases += [Case(name, outcome, suites[name]) for outcome in worst]
    for part in parts:
        joined.produced += part.produced
        joined.local |= part.local
        joined.properties = {**part.properties, **joined.properties}
        joined.beyond += part.beyond
        joined.short = joined.short or part.short
    if not all(part.produced for part in parts):
        joined.produced = []
    return joined


def _reading(tests: Outcomes, cases: Sequence[Case], suite: str, file: Report, table: Table, own: OwnTests, hosts: OwnHosts, *, part: bool = False) -> Reading:
    told = file.found.told
    target = origin_of(told.target or table.said(tests.properties, "target"))
    environment = environment_of(target, told.environment, table.said(tests.properties, "environment"))
    measured = _counts(tests, cases, part=part)
    named = own.among(cases)
    return Reading(
        TEST_REPORT,
        {name: Unknown.because(tests.short) for name in measured} if tests.short else measured,
        {"tool": tests.tool, "suite": suite, "part": part, "environment": environment, "target": target, "addressed": bool(told.target) or hosts.hold(target), "own": not own.files or not cases or bool(named) or own.titled(cases), "unlisted": list(own.unlisted(named, cases))},
        min(tests.produced, default=None),
        local=tests.local,
        commit=table.said(tests.properties, "commit"),
        thing=(suite,),
        files=named,
    )


def _counts(tests: Outcomes, cases: Sequence[Case], *, part: bool) -> Mapping[str, Value]:
    """What is counted and not listed belongs to no suite within the run, but errors while collecting may be of any."""
    counts = tests.counts(cases)
    counts["errors"] += tests.beyond["errors"]
    if not part:
        counts["failures"] += tests.beyond["failures"]
        counts["skipped"] += tests.beyond["skipped"]
    total = len(cases) + (tests.beyond["skipped"] if not part else 0)
    return {"tests": total, "expectedFailures": counts["expected"], **{name: counts[name] for name in ("passed", "failures", "errors", "skipped")}}
