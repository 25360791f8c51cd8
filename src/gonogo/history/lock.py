"""One audit of a series at a time: a lock beside the SQLite file, an advisory lock in PostgreSQL. A process that dies gives it back.

The store's own lock makes each record whole; this one is held from the first question to the record, so that of two audits of the
same things neither follows the other half way. Sessions keep advisory locks, so that PgBouncer has to pool by session.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from gonogo.history.database import LOCK, is_url, open_database
from gonogo.history.errors import Busy, HistoryError

_LOOK_AGAIN = 0.5
"""Seconds between two tries."""
_LONGEST = 63
"""PostgreSQL cuts an application_name there."""
_FAR = 1 << 30
"""Windows lets nobody read what is locked: a byte that no text reaches is."""


@contextmanager
def exclusive(location: str, series: str, wait: float = 0.0, waiting: Callable[[str], object] = lambda _: None) -> Iterator[None]:
    """Hold the lock of a series in a history (an SQLite path or a PostgreSQL URL). Raises `Busy` after `wait` seconds, and `HistoryError`.

    `waiting` is told once who holds it.
    """
    take = _in_postgres if is_url(location) else _beside
    end = time.monotonic() + wait
    told = False
    while True:
        with take(location, series) as holder:
            if holder is None:
                yield
                return
        if time.monotonic() >= end:
            raise Busy(
                f"another audit of {series!r} is under way ({holder or 'nobody says whose'}); nothing was read. --wait SECONDS waits for it"
            )
        if not told:
            waiting(f"waiting up to {wait:g} s for another audit of {series!r} ({holder or 'nobody says whose'})")
            told = True
        time.sleep(min(_LOOK_AGAIN, max(0.0, end - time.monotonic())))


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()[:24]} since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _number(series: str) -> int:
    """A key of 32 bits, signed as PostgreSQL wants it. Two series that share one wait for each other, which harms neither."""
    return int.from_bytes(hashlib.sha256(series.encode("utf-8", "surrogatepass")).digest()[:4], "big", signed=True)


@contextmanager
def _beside(location: str, series: str) -> Iterator[str | None]:
    """None where the lock was had, else who has it."""
    path = Path(f"{location}-{_number(series) & 0xFFFFFFFF:08x}.lock")
    try:
        # Not through a link that came with a repository; nothing of the file is believed but for being shown.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as error:
        raise HistoryError(f"cannot lock the history {location}: {path}: {error.strerror}; name another place with --store") from None
    try:
        if not _locked(handle):
            yield _written(handle)
            return
        with suppress(OSError):  # a full disk: the lock is held, only its holder has no name
            os.ftruncate(handle, 0)
            os.write(handle, f"{_me()}\n".encode())
        yield None
    finally:
        os.close(handle)


def _written(handle: int) -> str:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        return os.read(handle, 200).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _in_postgres(location: str, series: str) -> Iterator[str | None]:
    """None where the lock was had, else who has it. The lock is the connection's, which stays open for as long."""
    keys = {"space": LOCK, "key": _number(series)}
    with open_database(location, create=False) as database, ExitStack() as stack:
        with database.explained("lock"):
            connection = stack.enter_context(database.engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
            held = _scalar(connection, "SELECT pg_try_advisory_lock(:space, :key)", keys)
            if held:
                _scalar(connection, "SELECT set_config('application_name', :me, false)", {"me": f"gonogo {_me()}"[:_LONGEST]})
            holder = None if held else str(_scalar(connection, _HOLDER, keys) or "")
        yield holder


def _scalar(connection: Connection, query: str, values: dict[str, Any]) -> Any:
    return connection.execute(text(query), values).scalar()


# A lock of two numbers has objsubid 2; its numbers are unsigned there (https://www.postgresql.org/docs/current/view-pg-locks.html).
_HOLDER = """SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND l.classid::bigint = :space AND l.objid::bigint = (:key)::bigint & 4294967295 LIMIT 1"""
