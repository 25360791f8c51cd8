"""One audit of a series at a time, in both kinds of database, between processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gonogo.history.errors import Busy, HistoryError
from gonogo.history.lock import exclusive

ROOT = Path(__file__).parents[3]
_HOLDER = """
import sys, time
sys.path.insert(0, {src!r})
from gonogo.history.lock import exclusive
with exclusive({place!r}, {series!r}):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(place: str, series: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of a series."""
    program = _HOLDER.format(src=str(ROOT / "src"), place=place, series=series)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_second_is_told_who_holds_it(place: str) -> None:
    with holder(place, "audit shop") as process, pytest.raises(Busy) as caught, exclusive(place, "audit shop"):
        pytest.fail("two had the lock")
    assert "another audit of 'audit shop' is under way (" in str(caught.value)
    assert f"process {process.pid} on " in str(caught.value)
    assert "--wait SECONDS" in str(caught.value)


def test_series_do_not_wait_for_each_other(place: str) -> None:
    with holder(place, "audit shop"), exclusive(place, "audit other"), exclusive(place, "audit third"):
        pass


def test_kill_9_gives_it_back(place: str) -> None:
    with holder(place, "audit shop") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with exclusive(place, "audit shop", wait=5.0):
            pass


def test_it_is_given_back_whatever_happens_inside_and_the_error_is_left_as_it_is(place: str) -> None:
    for error in (ValueError("other"), HistoryError("holds no run"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, exclusive(place, "audit shop"):
            raise error
        assert caught.value is error
    with exclusive(place, "audit shop"):
        pass


def test_waiting_is_said_once_and_ends_when_the_other_does(place: str) -> None:
    said: list[str] = []
    with holder(place, "audit shop") as process:
        threading.Timer(1.2, process.kill).start()
        started = time.monotonic()
        with exclusive(place, "audit shop", 20.0, said.append):
            assert 1.0 < time.monotonic() - started < 10.0
    assert len(said) == 1
    assert said[0].startswith("waiting up to 20 s for another audit of 'audit shop' (")


def test_waiting_has_an_end(place: str) -> None:
    started = time.monotonic()
    with holder(place, "audit shop"), pytest.raises(Busy), exclusive(place, "audit shop", 0.7):
        pytest.fail("two had the lock")
    assert time.monotonic() - started >= 0.7


def test_a_lock_of_another_history_does_not_count(tmp_path: Path) -> None:
    with holder(str(tmp_path / "a.db"), "s"), exclusive(str(tmp_path / "b.db"), "s"):
        pass


def test_a_lock_that_cannot_be_made_is_no_lock(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot lock the history"), exclusive(str(tmp_path / "not" / "there.db"), "s"):
        pytest.fail("nothing was locked")


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    with exclusive(str(tmp_path / "history.db"), "s"):
        pass
    (lock,) = tmp_path.glob("history.db-*.lock")
    (tmp_path / "precious").write_text("precious")
    lock.unlink()
    lock.symlink_to(tmp_path / "precious")
    with pytest.raises(HistoryError, match="cannot lock"), exclusive(str(tmp_path / "history.db"), "s"):
        pytest.fail("it went through a link")
    assert (tmp_path / "precious").read_text() == "precious"


def test_what_stands_in_the_file_is_shown_and_not_believed(tmp_path: Path) -> None:
    """A history may come with a repository: its lock file holds nothing and nobody."""
    with exclusive(str(tmp_path / "history.db"), "s"):
        pass
    (lock,) = tmp_path.glob("history.db-*.lock")
    lock.write_bytes(b"process 1 on elsewhere\xff\x1b[2J" + b"x" * 10_000)
    with exclusive(str(tmp_path / "history.db"), "s"):
        assert lock.read_text().startswith(f"process {os.getpid()} on ")
        assert lock.stat().st_size < 200


def test_a_pipe_that_came_with_a_repository_hangs_nobody(tmp_path: Path) -> None:
    with exclusive(str(tmp_path / "history.db"), "s"):
        pass
    (lock,) = tmp_path.glob("history.db-*.lock")
    lock.unlink()
    os.mkfifo(lock)
    with (
        exclusive(str(tmp_path / "history.db"), "s"),
        pytest.raises(Busy, match="nobody says whose"),
        exclusive(str(tmp_path / "history.db"), "s"),
    ):
        pytest.fail("two had the lock")
