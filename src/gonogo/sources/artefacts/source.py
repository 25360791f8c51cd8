"""The source of run-time evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from gonogo.kinds.evidence import COVERAGE, DRILL, LOAD_TEST, MEASUREMENT, PLAN, PROFILE, SOAK, TEST_REPORT
from gonogo.model.evidence import EvidenceRequest
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Unknown, Value
from gonogo.sources.artefacts.junit import read_tests, suite_of
from gonogo.sources.artefacts.own_tests import OwnTests
from gonogo.sources.artefacts.places import SOURCE, Found, find
from gonogo.sources.artefacts.proof import Commit, prove
from gonogo.sources.artefacts.readers import read_artefact
from gonogo.sources.artefacts.reading import MAX_BYTES, Artefact, Foreign, Reading, Unfit
from gonogo.sources.artefacts.standing import Dated, Standing
from gonogo.sources.artefacts.suites import Report, suite_readings
from gonogo.sources.artefacts.table import Table, load_table
from gonogo.sources.artefacts.targets import OwnHosts
from gonogo.sources.tree import Tree, Unreadable

_TESTS = ("tests", "unit", "integration", "e2e", "smoke")
_KINDS = {"coverage": COVERAGE, "load": LOAD_TEST, "profile": PROFILE, "soak": SOAK, "measurement": MEASUREMENT, "drill": DRILL} | dict.fromkeys(_TESTS, TEST_REPORT)


class ArtefactSource:
    """Reads what tests, load tests, measurements and drills have left, in a tree or beside it."""

    name = SOURCE

    def __init__(self, request: EvidenceRequest) -> None:
        self._request = request

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """A resource for each thing that an artefact shows, and a gap for each that cannot be read."""
        table, commit = load_table(), Commit(tree.root, self._request)
        own = OwnTests(tree, table)
        dated: list[Dated] = []
        for row in self._readings(tree, table, commit, own):
            if isinstance(row, Gap):
                yield row
            else:
                dated.append(row)
        kinds = {row.reading.kind for row in dated}
        standing = Standing(
            dated,
            _suites(tree, table) if TEST_REPORT in kinds else frozenset(),
            commit.made() if MEASUREMENT in kinds else None,
            own,
        )
        for row in dated:
            yield _resource(row, standing)
        yield from _plans(tree, table)

    def _readings(self, tree: Tree, table: Table, commit: Commit, own: OwnTests) -> Iterator[Dated | Gap]:
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
        for report, name, reading in suite_readings(reports, table, own, OwnHosts(tree)):
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


def _resource(row: Dated, standing: Standing) -> Resource:
    reading, proof = row.reading, row.proof
    why = Unknown.because(proof.stale) if proof.stale else None
    measured: dict[str, Value] = {name: why if why is not None else value for name, value in reading.measured.items()}
    attributes: dict[str, Value] = {
        **reading.about,
        **measured,
        "fresh": why if why is not None else True,
        "stale": why is not None,
        "superseded": standing.superseded(row),
        "producedAt": proof.produced if isinstance(proof.produced, Unknown) else f"{proof.produced:%Y-%m-%dT%H:%M:%SZ}",
        "commit": reading.commit,
        **standing.beside(row),
    }
    return Resource(reading.kind, row.name, attributes, {(): Location(row.found.shown, reading.line, note=proof.note)}, source=SOURCE)


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
