"""A PostgreSQL server of the tests' own, on a Unix socket in a directory of its own, where the server's programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The directory of `initdb` and `postgres`, on the PATH or where Debian has them."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "postgres").exists()), None)


def missing() -> str:
    """Why no server can be started; empty where one can."""
    if programs() is None:
        return "PostgreSQL is not installed"
    return "" if os.geteuid() or _other_user() else "PostgreSQL does not run as root, and there is no other user"


def _other_user() -> str | None:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that is stopped and removed afterwards."""
    where = programs()
    assert where is not None
    user = _other_user() if os.geteuid() == 0 else None
    directory = Path(tempfile.mkdtemp(prefix="gonogo-pg-"))
    try:
        if user is not None:
            shutil.chown(directory, user)
        data, log = directory / "data", directory / "log"
        _run(user, directory, where / "initdb", "-D", data, "-U", "gonogo", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {directory} -c listen_addresses='' -c fsync=off -c max_connections=20"
        _run(user, directory, where / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql://gonogo@/postgres?host={directory}"
        finally:
            _run(user, directory, where / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _run(user: str | None, directory: Path, *command: str | Path) -> None:
    """Not captured: the server would hold the pipe open."""
    subprocess.run(command, check=True, user=user, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
