"""The steps by which the tables of a history came to be, oldest first. A step that was released is never edited.

Ours and not alembic's: the steps are few and only go forward, plain SQL that SQLite and PostgreSQL both take, in one
transaction with the version they lead to (both roll back DDL). Alembic would add a script directory to ship, its templates
and a second start-up cost for what is a loop over a tuple.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, inspect, select

from gonogo.history.errors import HistoryError
from gonogo.history.tables import SCHEMA

_OF_RUN = "run INTEGER NOT NULL REFERENCES gonogo_runs (number) ON DELETE CASCADE"

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE gonogo_runs (number INTEGER PRIMARY KEY, series TEXT NOT NULL, started TEXT NOT NULL, finished TEXT NOT NULL,
        version TEXT NOT NULL, decision TEXT NOT NULL, inputs TEXT NOT NULL)""",
        "CREATE INDEX gonogo_runs_series ON gonogo_runs (series, number)",
        f"""CREATE TABLE gonogo_standings ({_OF_RUN}, level TEXT NOT NULL, id TEXT NOT NULL, verdict TEXT NOT NULL, title TEXT NOT NULL,
        severity TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, paths TEXT NOT NULL, findings TEXT NOT NULL,
        PRIMARY KEY (run, level, id))""",
        """CREATE TABLE gonogo_sightings (series TEXT NOT NULL, level TEXT NOT NULL, id TEXT NOT NULL, verdict TEXT NOT NULL,
        first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, times_seen INTEGER NOT NULL, PRIMARY KEY (series, level, id, verdict))""",
        "CREATE TABLE gonogo_bodies (sha256 TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)",
        f"""CREATE TABLE gonogo_resources ({_OF_RUN}, origin TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
        environment TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (run, origin, kind, name, environment))""",
        f"""CREATE TABLE gonogo_surfaces ({_OF_RUN}, position INTEGER NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL,
        kinds TEXT NOT NULL, complete INTEGER NOT NULL, PRIMARY KEY (run, position))""",
        f"""CREATE TABLE gonogo_gaps ({_OF_RUN}, position INTEGER NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, stage TEXT NOT NULL,
        reason TEXT NOT NULL, source TEXT NOT NULL, kinds TEXT NOT NULL, PRIMARY KEY (run, position))""",
    ),
    (
        "ALTER TABLE gonogo_standings ADD COLUMN files TEXT NOT NULL DEFAULT '[]'",
        """CREATE TABLE gonogo_told (series TEXT NOT NULL, target TEXT NOT NULL, run INTEGER NOT NULL, tried TEXT NOT NULL,
        PRIMARY KEY (series, target))""",
        """CREATE TABLE gonogo_incidents (series TEXT NOT NULL, target TEXT NOT NULL, level TEXT NOT NULL, id TEXT NOT NULL,
        kind TEXT NOT NULL, PRIMARY KEY (series, target, level, id))""",
    ),
)


def version_of(connection: Connection) -> int:
    """The number of steps that were taken; 0 where there are no tables yet. Raises `HistoryError` for one of a newer gonogo."""
    if not inspect(connection).has_table(SCHEMA.name):
        return 0
    version = connection.execute(select(func.max(SCHEMA.c.version))).scalar() or 0
    if version > len(STEPS):
        raise HistoryError(f"was written by a newer gonogo (its tables are version {version}, this one knows {len(STEPS)}): update gonogo")
    return version


def migrate(connection: Connection) -> None:
    """Take the steps that are missing. The caller holds the writers' lock and commits."""
    done = version_of(connection)
    if done == len(STEPS):
        return
    if not inspect(connection).has_table(SCHEMA.name):
        SCHEMA.create(connection)
    for number, statements in enumerate(STEPS[done:], start=done + 1):
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.execute(insert(SCHEMA).values(version=number))
