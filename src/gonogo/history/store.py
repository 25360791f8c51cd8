"""The store of runs: one transaction records a run whole, or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, bindparam, delete, func, insert, select, update

from gonogo.history.canonical import compact, printable
from gonogo.history.database import Database, open_database
from gonogo.history.errors import HistoryError
from gonogo.history.run import Identity, Key, Level, Run, Snapshot, Standing, Surface
from gonogo.history.tables import BODIES, GAPS, RESOURCES, RUNS, SIGHTINGS, STANDINGS, SURFACES, TOLD
from gonogo.model.finding import Verdict
from gonogo.model.resource import Gap, Stage

_PATIENCE = timedelta(days=30)
"""How long runs are kept beyond `keep` for a target that cannot be reached."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a verdict of something was seen, over all runs of its series, forgotten ones included. Times are those runs started at."""

    first_seen: str
    last_seen: str
    times_seen: int


Sightings = Mapping[tuple[Key, Verdict], Sighting]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The number a run was given, and the one of its series that it follows, if any.

    Both are settled under the writers' lock: of two runs at once one follows the other, so a change is new to one of them only.
    """

    number: int
    previous: int | None


@dataclass(frozen=True, slots=True)
class Store:
    """The runs in a database. Every method raises `HistoryError`."""

    database: Database

    def record(self, run: Run, keep: int = 0) -> Recorded:
        """Keep a run, and of its series only the last `keep` runs where that is not 0."""
        with self.database.writing() as connection:
            number = (connection.execute(select(func.max(RUNS.c.number))).scalar() or 0) + 1
            series = printable(run.series)
            previous = connection.execute(select(func.max(RUNS.c.number)).where(RUNS.c.series == series)).scalar()
            _insert(connection, RUNS, [_run_row(run, number)])
            _insert(connection, STANDINGS, [_standing_row(s, number) for s in run.standings])
            _insert_resources(connection, run.snapshot, number)
            _insert(connection, SURFACES, [_surface_row(s, number, at) for at, s in enumerate(run.snapshot.surfaces)])
            _insert(connection, GAPS, [_gap_row(g, number, at) for at, g in enumerate(run.gaps)])
            _sight(connection, run, series)
            if keep:
                _forget(connection, series, keep, run.started)
        return Recorded(number, previous)

    def runs(self, series: str = "") -> tuple[Run, ...]:
        """Every run, or those of a series, the newest first, without what they saw."""
        with self.database.reading() as connection:
            wanted = select(RUNS).order_by(RUNS.c.number.desc())
            return tuple(_run(row) for row in connection.execute(wanted.where(RUNS.c.series == series) if series else wanted))

    def run(self, number: int) -> Run:
        """A run with all it saw."""
        with self.database.reading() as connection:
            row = connection.execute(select(RUNS).where(RUNS.c.number == number)).first()
            if row is None:
                raise HistoryError(f"holds no run {number}; `gonogo history` lists them")
            standings = connection.execute(select(STANDINGS).where(STANDINGS.c.run == number))
            gaps = connection.execute(select(GAPS).where(GAPS.c.run == number).order_by(GAPS.c.position))
            return replace(
                _run(row),
                standings=tuple(sorted((_standing(s) for s in standings), key=lambda s: s.key)),
                snapshot=_snapshot(connection, number),
                gaps=tuple(Gap(g.file, g.line, Stage(g.stage), g.reason, g.source, tuple(json.loads(g.kinds))) for g in gaps),
            )

    def sightings(self, series: str) -> Sightings:
        """When each verdict of a series was seen first, last and how often."""
        with self.database.reading() as connection:
            return _sightings(connection, series)

    def known(self, series: str, number: int) -> Mapping[Key, Verdict]:
        """The last verdict of everything that was not `unknown`, in the run or in one before it that is still kept."""
        kept = and_(RUNS.c.series == series, RUNS.c.number <= number, STANDINGS.c.verdict != Verdict.UNKNOWN.value)
        wanted = (
            select(STANDINGS.c.level, STANDINGS.c.id, STANDINGS.c.verdict)
            .join(RUNS, RUNS.c.number == STANDINGS.c.run).where(kept).order_by(RUNS.c.number)
        )  # fmt: skip
        with self.database.reading() as connection:
            return {Key(Level(row.level), row.id): Verdict(row.verdict) for row in connection.execute(wanted)}


@contextmanager
def open_store(location: str, *, create: bool = False) -> Iterator[Store]:
    """The store at a path or a PostgreSQL URL. Raises `HistoryError`."""
    with open_database(location, create=create) as database:
        yield Store(database)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), [{k: printable(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows])


def _insert_resources(connection: Connection, snapshot: Snapshot, number: int) -> None:
    """A body that many resources or runs have is kept once."""
    texts = {identity: compact(body) for identity, body in snapshot.resources.items()}
    digests = {text: hashlib.sha256(text.encode()).hexdigest() for text in texts.values()}
    there = set(connection.execute(select(BODIES.c.sha256)).scalars())
    _insert(connection, BODIES, [{"sha256": digest, "body": text} for text, digest in sorted(digests.items()) if digest not in there])
    rows = [
        {"run": number, "origin": i.origin, "kind": i.kind, "name": i.name, "environment": i.environment, "sha256": digests[text]}
        for i, text in texts.items()
    ]
    _insert(connection, RESOURCES, rows)


def _snapshot(connection: Connection, number: int) -> Snapshot:
    wanted = select(RESOURCES, BODIES.c.body).join(BODIES, BODIES.c.sha256 == RESOURCES.c.sha256).where(RESOURCES.c.run == number)
    resources = {Identity(r.origin, r.kind, r.name, r.environment): json.loads(r.body) for r in connection.execute(wanted)}
    surfaces = connection.execute(select(SURFACES).where(SURFACES.c.run == number).order_by(SURFACES.c.position))
    read = tuple(Surface(s.scope, s.name, tuple(json.loads(s.kinds)), bool(s.complete)) for s in surfaces)
    return Snapshot(dict(sorted(resources.items())), read)


def _sightings(connection: Connection, series: str) -> dict[tuple[Key, Verdict], Sighting]:
    rows = connection.execute(select(SIGHTINGS).where(SIGHTINGS.c.series == series))
    return {(Key(Level(r.level), r.id), Verdict(r.verdict)): Sighting(r.first_seen, r.last_seen, r.times_seen) for r in rows}


def _sight(connection: Connection, run: Run, series: str) -> None:
    before = _sightings(connection, series)
    new: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    for standing in run.standings:
        seen = before.get((standing.key, standing.verdict))
        row = {"level": standing.key.level.value, "id": standing.key.id, "verdict": standing.verdict.value}
        if seen is None:
            new.append({**row, "series": series, "first_seen": run.started, "last_seen": run.started, "times_seen": 1})
        else:
            # A clock that was set back does not make the last time earlier.
            again.append({**{f"of_{name}": value for name, value in row.items()}, "last": max(seen.last_seen, run.started)})
    _insert(connection, SIGHTINGS, new)
    if again:
        same = and_(SIGHTINGS.c.series == series, *(SIGHTINGS.c[name] == bindparam(f"of_{name}") for name in ("level", "id", "verdict")))
        changed = update(SIGHTINGS).where(same).values(last_seen=bindparam("last"), times_seen=SIGHTINGS.c.times_seen + 1)
        connection.execute(changed, again)


def _forget(connection: Connection, series: str, keep: int, started: str) -> None:
    """The sightings stay: when something was first seen is worth more than the run it was seen in.

    So does what somebody is still to be told about, who was tried to be told in the last `_PATIENCE`.
    """
    of_series = select(RUNS.c.number).where(RUNS.c.series == series).order_by(RUNS.c.number.desc())
    since = (datetime.fromisoformat(started) - _PATIENCE).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = connection.execute(select(func.min(TOLD.c.run)).where(TOLD.c.series == series, TOLD.c.tried >= since)).scalar()
    old = [number for number in connection.execute(of_series.offset(keep)).scalars() if told is None or number < told]
    for number in old:
        connection.execute(delete(RUNS).where(RUNS.c.number == number))
    if old:
        connection.execute(delete(BODIES).where(BODIES.c.sha256.not_in(select(RESOURCES.c.sha256))))


def _run_row(run: Run, number: int) -> dict[str, Any]:
    names = ("series", "started", "finished", "version", "decision")
    return {"number": number, "inputs": compact(run.inputs), **{name: getattr(run, name) for name in names}}


def _run(row: Row[Any]) -> Run:
    return Run(row.series, row.started, row.finished, row.version, row.decision, json.loads(row.inputs), number=row.number)


def _standing_row(standing: Standing, number: int) -> dict[str, Any]:
    return {
        "run": number, "level": standing.key.level.value, "id": standing.key.id, "verdict": standing.verdict.value, "title": standing.title,
        "severity": standing.severity, "kind": standing.kind, "subject": standing.subject,
        "paths": _texts(standing.paths), "findings": _texts(standing.findings), "files": _texts(standing.files),
    }  # fmt: skip


def _standing(row: Row[Any]) -> Standing:
    paths, findings, files = (tuple(json.loads(text)) for text in (row.paths, row.findings, row.files))
    return Standing(Key(Level(row.level), row.id), Verdict(row.verdict), row.title, row.severity, row.kind, row.subject, paths, findings, files)


def _surface_row(surface: Surface, number: int, position: int) -> dict[str, Any]:
    return {
        "run": number, "position": position, "scope": surface.scope, "name": surface.name,
        "kinds": _texts(surface.kinds), "complete": int(surface.complete),
    }  # fmt: skip


def _gap_row(gap: Gap, number: int, position: int) -> dict[str, Any]:
    return {
        "run": number, "position": position, "file": gap.file, "line": gap.line, "stage": gap.stage.value,
        "reason": gap.reason, "source": gap.source, "kinds": _texts(gap.kinds),
    }  # fmt: skip


def _texts(texts: Iterable[str]) -> str:
    return compact(list(texts))
