"""What the artefacts of a run say of one another: which stand for an older one, and what else of the same there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gonogo.kinds.evidence import COVERAGE, DRILL, LOAD_TEST, MEASUREMENT, PROFILE, SOAK, TEST_REPORT
from gonogo.model.value import Unknown, Value
from gonogo.sources.artefacts.own_tests import OwnTests
from gonogo.sources.artefacts.places import Found
from gonogo.sources.artefacts.proof import Proof
from gonogo.sources.artefacts.reading import Reading
from gonogo.sources.artefacts.suites import ALL

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

    @property
    def directory(self) -> str:
        return self.found.shown.rpartition("/")[0]


@dataclass(slots=True)
class _Same:
    """The fresh ones of one thing."""

    directories: set[str] = field(default_factory=set)
    named: bool = False
    newest: datetime | None = None


class Standing:
    """Everything that was read of a run. `suites` are those that the repository has tests of, `released` is when the commit was made."""

    def __init__(self, rows: Sequence[Dated], suites: frozenset[str], released: datetime | None, own: OwnTests) -> None:
        self._suites, self._released = suites, released
        self._fresh: dict[tuple[str, tuple[str, ...]], _Same] = {}
        for row in rows:
            if not row.proof.stale:
                _add(self._fresh.setdefault((row.reading.kind, row.reading.thing), _Same()), row)
        standing = [row for row in rows if not self.superseded(row)]
        self._of: defaultdict[str, list[Dated]] = defaultdict(list)
        for row in standing:
            if not row.proof.stale:
                self._of[row.reading.kind].append(row)
        self._reports = Counter(row.about("suite") for row in standing if row.reading.kind == TEST_REPORT)
        self._shown = Counter(row.about("suite") for row in self._of[TEST_REPORT])
        self._left_out = own.left_out(frozenset(file for row in self._of[TEST_REPORT] for file in row.reading.files))
        self._measured = Counter(file for row in self._of[COVERAGE] for file in row.reading.files)
        self._analysed = frozenset(drill.about("record") for drill in self._of[DRILL] if drill.about("type") == "profile" and not isinstance(drill.reading.measured["result"], Unknown))

    def superseded(self, row: Dated) -> bool:
        """Whether what is fresh stands for it: of a drill the last one, else what was found in the same place, or is named."""
        same = self._fresh.get((row.reading.kind, row.reading.thing))
        if same is None:
            return False
        if row.reading.kind == DRILL:
            mine = row.proof.produced
            return same.newest is not None and (isinstance(mine, Unknown) or same.newest > mine)
        return bool(row.proof.stale) and (same.named or row.reading.kind in _OF_THE_SYSTEM or row.directory in same.directories)

    def beside(self, row: Dated) -> Mapping[str, Value]:
        """The attributes of a resource that the others decide."""
        if row.reading.kind == TEST_REPORT:
            suite = row.about("suite")
            missing: list[Value] = [name for name in sorted(self._suites) if name not in self._shown and suite == ALL]
            return {"reports": self._reports[suite], "wholes": self._shown[ALL], "missing": missing, "leftOut": list(self._left_out)}
        left_out = row.reading.measured.get("omitted")
        if row.reading.kind == COVERAGE and isinstance(left_out, list) and not row.proof.stale:
            return {"omitted": [file for file in left_out if file not in self._measured]}
        if row.reading.kind == PROFILE:
            return {"analysed": row.found.shown in self._analysed}
        if row.reading.kind == MEASUREMENT:
            return {"underLoad": _under_load(self._of[LOAD_TEST], row), "sinceRelease": self._since(row)}
        return {}

    def _since(self, row: Dated) -> Value:
        if self._released is None:
            return Unknown.because("when the scanned commit was made is not known")
        return datetime.fromisoformat(str(row.about("windowEnd"))) > self._released


def _add(same: _Same, row: Dated) -> None:
    same.directories.add(row.directory)
    same.named |= row.found.named
    if not isinstance(row.proof.produced, Unknown):
        same.newest = row.proof.produced if same.newest is None else max(same.newest, row.proof.produced)


def _under_load(loads: Iterable[Dated], measurement: Dated) -> bool:
    """Whether a load test ran in the window of a measurement."""
    began, until = (datetime.fromisoformat(str(measurement.about(name))) for name in ("windowStart", "windowEnd"))
    for load in loads:
        took, ended = load.reading.measured.get("duration"), load.proof.produced
        if isinstance(ended, datetime) and isinstance(took, int | float) and ended >= began and ended - timedelta(seconds=min(took, 1e9)) <= until:
            return True
    return False
