"""The source of run-time evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from gonogo.kinds.evidence import COVERAGE, DRILL, LOAD_TEST, MEASUREMENT, PLAN, PROFILE, SOAK, TEST_REPORT
from gonogo.model.evidence import EvidenceRequest
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Unknown, Value
from gonogo.sources.artefacts.junit import read_tests, suite_of
from gonogo.sources.artefacts.places import SOURCE, Found, find
from gonogo.sources.artefacts.proof import Commit, Proof, prove
from gonogo.sources.artefacts.readers import read_artefact
from gonogo.sources.artefacts.reading import MAX_BYTES, Artefact, Foreign, Reading, Unfit
from gonogo.sources.artefacts.suites import ALL, Report, suite_readings
from gonogo.sources.artefacts.table import Table, load_table
from gonogo.sources.tree import Tree, Unreadable

_TESTS = ("tests", "unit", "integration", "e2e", "smoke")
_KINDS = {"coverage": COVERAGE, "load": LOAD_TEST, "profile": PROFILE, "soak": SOAK, "measurement": MEASUREMENT, "drill": DRILL} | dict.fromkeys(_TESTS, TEST_REPORT)

_OF_THE_SYSTEM = frozenset({LOAD_TEST, MEASUREMENT, PROFILE, SOAK})
"""Of these the newest is meant wherever it lies; coverage and tests in two directories are of two parts of the code."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A reading, and whether it proves anything."""

    reading: Reading
    name: str
    found: Found
    proof: Proof

    def about(self, name: str) -> Value:
        return self.reading.about.get(name)


class ArtefactSource:
    """Reads what tests, load tests, measurements and drills have left, in a tree or beside it."""

    name = SOURCE

    def __init__(self, request: EvidenceRequest) -> None:
        self._request = request

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """A resource for each thing that an artefact shows, and a gap for each that cannot be read."""
        table, commit = load_table(), Commit(tree.root, self._request)
        dated: list[Dated] = []
        for row in self._readings(tree, table, commit):
            if isinstance(row, Gap):
                yield row
            else:
                dated.append(row)
        released = commit.made() if any(row.reading.kind == MEASUREMENT for row in dated) else None
        suites = _suites(tree, table) if any(row.reading.kind == TEST_REPORT for row in dated) else frozenset()
        standing = [row for row in dated if not _superseded(row, dated)]
        for row in dated:
            yield _resource(row, standing, suites, released)
        yield from _plans(tree, table)

    def _readings(self, tree: Tree, table: Table, commit: Commit) -> Iterator[Dated | Gap]:
        reports: list[Report] = []
        for found in find(tree.root, self._request, table):
            if isinstance(found, Gap):
                yield found
                continue
            try:
                artefact = _artefact(found)
                if found.told.kind in _TESTS:
                    reports.append(Report(found, read_tests(artefact, table.suites)))
                    continue
                for reading in read_artefact(artefact, found, tree, table):
                    name = f"{found.shown} ({reading.part})" if reading.part else found.shown
                    yield Dated(reading, name, found, prove(reading, found, self._request, commit, *_ages(reading, found)))
            except Unfit as error:
                if isinstance(error, Foreign) and not found.named:
                    continue
                yield Gap(found.shown, 0, Stage.PARSE, str(error), self.name, (_KINDS[found.told.kind],))
        for report, name, reading in suite_readings(reports, table):
            yield Dated(reading, name, report.found, prove(reading, report.found, self._request, commit, *_ages(reading, report.found)))


def _ages(reading: Reading, found: Found) -> Sequence[str]:
    own = [str(reading.about[name]) for name in ("type", "suite") if name in reading.about]
    return (*own, found.told.kind, *(["tests"] if reading.kind == TEST_REPORT else []))


def _artefact(found: Found) -> Artefact:
    try:
        size = found.path.stat().st_size
        if size > MAX_BYTES:
            raise Unfit(f"file of {size} bytes is over the limit of {MAX_BYTES}")
        if not size:
            raise Unfit("empty: nothing was written into it")
        return Artefact(found.path, found.shown, found.path.read_bytes())
    except OSError as error:
        raise Unfit(f"cannot be read: {error.strerror or error}") from None


def _resource(row: Dated, standing: Sequence[Dated], suites: frozenset[str], released: datetime | None) -> Resource:
    reading, proof = row.reading, row.proof
    why = Unknown.because(proof.stale) if proof.stale else None
    measured: dict[str, Value] = {name: why if why is not None else value for name, value in reading.measured.items()}
    attributes: dict[str, Value] = {
        **reading.about,
        **measured,
        "fresh": why if why is not None else True,
        "stale": why is not None,
        "superseded": not any(other is row for other in standing),
        "producedAt": proof.produced if isinstance(proof.produced, Unknown) else f"{proof.produced:%Y-%m-%dT%H:%M:%SZ}",
        "commit": reading.commit,
        **_beside(row, standing, suites, released),
    }
    return Resource(reading.kind, row.name, attributes, {(): Location(row.found.shown, reading.line, note=proof.note)}, source=SOURCE)


def _superseded(row: Dated, every: Sequence[Dated]) -> bool:
    """Whether what is fresh stands for it: of a drill the last one, else what was found in the same place, or is named."""
    for other in every:
        if other is row or other.proof.stale or (other.reading.kind, other.reading.thing) != (row.reading.kind, row.reading.thing):
            continue
        if row.reading.kind == DRILL:
            if _later(other, row):
                return True
        elif row.proof.stale and (other.found.named or row.reading.kind in _OF_THE_SYSTEM or _directory(other) == _directory(row)):
            return True
    return False


def _later(other: Dated, row: Dated) -> bool:
    mine, its = row.proof.produced, other.proof.produced
    return not isinstance(its, Unknown) and (isinstance(mine, Unknown) or its > mine)


def _directory(row: Dated) -> str:
    return row.found.shown.rpartition("/")[0]


def _beside(row: Dated, standing: Sequence[Dated], suites: frozenset[str], released: datetime | None) -> dict[str, Value]:
    """What those that nothing has superseded say of one."""
    fresh = [other for other in standing if not other.proof.stale]
    match row.reading.kind:
        case "evidence/TestReport":
            others = [other for other in standing if other.reading.kind == TEST_REPORT]
            same = [other for other in others if other.about("suite") == row.about("suite")]
            wholes = [other for other in others if other.about("suite") == ALL and not other.proof.stale]
            shown = {other.about("suite") for other in others if not other.proof.stale}
            missing: list[Value] = [suite for suite in sorted(suites) if suite not in shown and row.about("suite") == ALL]
            return {"reports": len(same), "wholes": len(wholes), "missing": missing}
        case "evidence/Coverage" if isinstance(row.reading.measured["omitted"], list) and not row.proof.stale:
            elsewhere = {file for other in fresh for file in other.reading.files}
            return {"omitted": [file for file in row.reading.measured["omitted"] if file not in elsewhere]}
        case "evidence/Profile":
            names = {str(drill.about("record")) for drill in fresh if drill.about("type") == "profile"}
            return {"analysed": row.found.shown in names}
        case "evidence/Measurement":
            return {"underLoad": any(_overlaps(other, row) for other in fresh if other.reading.kind == LOAD_TEST), "sinceRelease": _since(row, released)}
    return {}


def _overlaps(load: Dated, measurement: Dated) -> bool:
    """Whether a load test ran in the window of a measurement."""
    took, ended = load.reading.measured.get("duration"), load.proof.produced
    began, until = (datetime.fromisoformat(str(measurement.about(name))) for name in ("windowStart", "windowEnd"))
    if isinstance(ended, Unknown) or not isinstance(took, int | float):
        return False
    return ended >= began and ended - timedelta(seconds=min(took, 1e9)) <= until


def _since(row: Dated, released: datetime | None) -> Value:
    if released is None:
        return Unknown.because("when the scanned commit was made is not known")
    return datetime.fromisoformat(str(row.about("windowEnd"))) > released


def _suites(tree: Tree, table: Table) -> frozenset[str]:
    """The suites that the repository has tests of, by the names of files and directories."""
    return frozenset(
        suite
        for path in tree.files
        if any(fnmatchcase(path.rpartition("/")[2], glob) for glob in table.sources["tests"])
        and not table.skipped.intersection(path.split("/")[:-1])
        and (suite := suite_of(re.split(r"[./]", path), table.suites))
    )


def _plans(tree: Tree, table: Table) -> Iterator[Resource]:
    """What could be run. A word in a file that is named so is enough for a hint, and for nothing else."""
    for path in sorted(tree.files):
        if table.skipped.intersection(path.split("/")[:-1]):
            continue
        for row in table.plans:
            if fnmatchcase(path.rpartition("/")[2], row["name"]) and _holds(tree, path, row.get("holds", "")):
                yield Resource(PLAN, path, {"type": row["type"], "tool": row["tool"]}, {(): Location(path, 1)}, source=SOURCE)
                break


def _holds(tree: Tree, path: str, word: str) -> bool:
    if not word:
        return True
    try:
        return word in tree.text(path)
    except Unreadable:
        return False
