"""What each target of notifications was told: up to which run, and which incidents are open there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, insert, select, update

from gonogo.history.canonical import printable
from gonogo.history.database import Database
from gonogo.history.run import Key, Level
from gonogo.history.tables import INCIDENTS, RUNS, TOLD


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that a target has an open incident about; `kind` is that of a finding's resource, else empty."""

    key: Key
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the targets of one series were told. Every method raises `HistoryError`."""

    database: Database
    series: str

    def expect(self, targets: Iterable[str], stamp: str, base: int | None = None) -> None:
        """From now on each target is to hear of every run after `base` (the last one where None); known targets are left as they are.

        An audit says so before it records its run, so that what it finds is never older than what a new target is told.
        """
        with self.database.writing() as connection:
            mine = printable(self.series)
            start = base if base is not None else connection.execute(select(func.max(RUNS.c.number)).where(RUNS.c.series == mine)).scalar() or 0
            known = set(connection.execute(select(TOLD.c.target).where(TOLD.c.series == mine)).scalars())
            for target in targets:
                if target in known:
                    connection.execute(update(TOLD).where(self._row(target)).values(tried=stamp))
                else:
                    connection.execute(insert(TOLD).values(series=mine, target=target, run=start, tried=stamp))

    def upto(self, target: str) -> int | None:
        """The run up to which a target was told everything; None for one that is new."""
        with self.database.reading() as connection:
            return connection.execute(select(TOLD.c.run).where(self._row(target))).scalar()

    def tell(self, target: str, run: int) -> None:
        """A target was told everything up to `run`."""
        with self.database.writing() as connection:
            connection.execute(update(TOLD).where(self._row(target)).values(run=run))

    def incidents(self, target: str) -> tuple[Incident, ...]:
        """What a target has an open incident about."""
        with self.database.reading() as connection:
            rows = connection.execute(select(INCIDENTS).where(INCIDENTS.c.series == printable(self.series), INCIDENTS.c.target == target))
            return tuple(sorted((Incident(Key(Level(r.level), r.id), r.kind) for r in rows), key=lambda i: i.key))

    def opened(self, target: str, incident: Incident) -> None:
        """A target took an incident; one that is open is left as it is."""
        with self.database.writing() as connection:
            connection.execute(delete(INCIDENTS).where(self._incident(target, incident)))
            row = {"series": printable(self.series), "target": target, "level": incident.key.level.value, "id": incident.key.id}
            connection.execute(insert(INCIDENTS).values(**row, kind=incident.kind))

    def resolved(self, target: str, incident: Incident) -> None:
        """A target closed an incident."""
        with self.database.writing() as connection:
            connection.execute(delete(INCIDENTS).where(self._incident(target, incident)))

    def _row(self, target: str):  # type: ignore[no-untyped-def]  # an expression of SQLAlchemy
        return and_(TOLD.c.series == printable(self.series), TOLD.c.target == target)

    def _incident(self, target: str, incident: Incident):  # type: ignore[no-untyped-def]
        mine = and_(INCIDENTS.c.series == printable(self.series), INCIDENTS.c.target == target)
        return and_(mine, INCIDENTS.c.level == incident.key.level.value, INCIDENTS.c.id == incident.key.id)
