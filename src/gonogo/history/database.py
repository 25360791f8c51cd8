"""The database under a history: how it is opened, locked and how its errors read."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from gonogo.history.errors import HistoryError
from gonogo.history.migrations import STEPS, migrate, version_of

WAIT_SECONDS = 60
"""How long a run waits for another one to finish writing."""
LOCK = 0x676F6E6F  # "gono": the key of the advisory lock, any number that nobody else takes
_TELLING = LOCK + 1
_URL = re.compile(r"postgres(ql)?(\+\w+)?://")


def is_url(location: str) -> bool:
    """Whether `location` names a PostgreSQL database and not a file."""
    return _URL.match(location) is not None


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `place` is how messages call it, without a password."""

    engine: Engine
    place: str

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that no other writer is in, with the tables in their newest form. All of it is kept, or nothing."""
        with self.explained("write"), self.engine.connect().execution_options(gonogo_write=True) as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            migrate(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees a single state. Raises `HistoryError` where there is no history yet."""
        # Not for a writer: its picture would be of when it began to wait for the lock, without what the other one wrote.
        level = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
        with self.explained("read"), self.engine.connect().execution_options(**level) as connection, connection.begin():
            version = version_of(connection)
            if version == 0:
                raise HistoryError("holds no run yet: record one with `gonogo scan --store`")
            if version < len(STEPS):
                raise HistoryError("was written by an older gonogo: the next `gonogo scan --store` brings it up to date")
            yield connection

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Only one process tells anybody of this history at a time; others go on reading and writing it.

        The lock is one of a connection, so it goes with the process that holds it, however that ends.
        """
        with ExitStack() as held:
            with self.explained("lock"):
                if self.engine.dialect.name == "postgresql":
                    connection = held.enter_context(self.engine.connect())
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TELLING})")
                else:
                    file, settings = f"{self.engine.url.database}.telling", {"timeout": WAIT_SECONDS, "isolation_level": None}
                    connection = held.enter_context(create_engine(f"sqlite:///{file}", poolclass=NullPool, connect_args=settings).connect())
                    connection.exec_driver_sql("BEGIN EXCLUSIVE")
            yield

    @contextmanager
    def explained(self, action: str) -> Iterator[None]:
        try:
            yield
        except HistoryError as error:
            raise HistoryError(f"the history {self.place} {error}") from None
        except SQLAlchemyError as error:
            raise HistoryError(f"cannot {action} the history {self.place}: {_reason(error)}") from error


@contextmanager
def open_database(location: str, *, create: bool) -> Iterator[Database]:
    """The database of a history: a PostgreSQL URL or the path of an SQLite file. Raises `HistoryError`."""
    database = _postgres(location) if is_url(location) else _sqlite(Path(location), create=create)
    try:
        yield database
    finally:
        database.engine.dispose()


def _postgres(location: str) -> Database:
    try:
        url = make_url(_URL.sub("postgresql+psycopg://", location, count=1))
        place = url.render_as_string(hide_password=True).replace("+psycopg", "")
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    except (ArgumentError, ValueError):
        raise HistoryError("the --store URL is not valid: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE") from None
    except (NoSuchModuleError, ModuleNotFoundError):
        raise HistoryError("a history in PostgreSQL needs psycopg: pip install 'gonogo[postgres]'") from None
    return Database(engine, place)


def _sqlite(path: Path, *, create: bool) -> Database:
    if path.is_dir():
        raise HistoryError(f"{path} is a directory; give the file of the history, for instance {path / 'history.db'}")
    if not path.exists():
        if not create:
            raise HistoryError(f"there is no history at {path}: record a run with `gonogo scan --store`, or name another with --store")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HistoryError(f"cannot make {path.parent}: {error.strerror}; name another place with --store") from None
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": WAIT_SECONDS, "isolation_level": None})
    event.listen(engine, "connect", _settle)
    event.listen(engine, "begin", _begin)
    return Database(engine, str(path))


def _settle(connection: Any, _: object) -> None:
    """WAL: readers go on beside a writer, and a writer that is killed leaves its transaction out (https://www.sqlite.org/wal.html)."""
    # A history may come with a repository: nothing that its schema says is run (https://www.sqlite.org/security.html).
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """Two that make a history at once: changing the mode fails at once where the other has it locked, whatever the timeout
    (https://www.sqlite.org/c3ref/busy_handler.html: the handler is not called where waiting could end in a deadlock)."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    """The driver is told not to begin transactions (it would leave DDL out of them); a writer takes the lock at once, not half way."""
    writes = connection.get_execution_options().get("gonogo_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_REASONS = (
    (r"disk is full|disk I/O error|No space left", "the disk is full or fails; free space or name another place with --store. Nothing of this run was recorded, earlier runs are as they were"),
    (r"database is locked|lock timeout", f"another run is writing to it and did not finish within {WAIT_SECONDS} s; try again"),
    (r"not a database|malformed|database schema", "it is not a history of gonogo, or it is damaged; move it away or name another place with --store"),
    (r"readonly database|attempt to write a readonly", "it may not be written; name another place with --store"),
    (r"unable to open database file", "it cannot be opened; name another place with --store"),
)  # fmt: skip


def _reason(error: SQLAlchemyError) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    known = next((words for pattern, words in _REASONS if re.search(pattern, text)), None)
    return known or text.partition("\n")[0]
