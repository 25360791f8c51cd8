"""The loop as a process: signals, crashes, runs that take too long."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("apscheduler", reason="the schedule extra is not installed")

from periodically import looping, often, started


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_between_two_runs_stops_with_0(number: signal.Signals, tmp_path: Path) -> None:
    with started(often(python("pass")), tmp_path) as running:
        running.wait_for("ended with exit code 0", 2)
        running.wait_for("next audit at")
        time.sleep(0.2)
        running.signal(number)
        assert running.end() == 0
    assert running.said[-1] in (f"{number.name}: stopped", "stopped")


def test_a_run_that_is_under_way_is_let_end(tmp_path: Path) -> None:
    program = python("import time; time.sleep(1.5); open('whole', 'w').write('done')")
    with started(often(program), tmp_path) as running:
        running.wait_for("audit begins")
        running.signal(signal.SIGTERM)
        assert running.end() == 0
    assert (tmp_path / "whole").read_text() == "done"
    assert running.said[-1] == "stopped"
    assert sum("begins" in line for line in running.said) == 1, "none begins after the signal"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_does_not_end_in_time_is_cut_off(number: signal.Signals, code: int, tmp_path: Path) -> None:
    program = python("import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60); open('late', 'w')")
    with started(often(program, grace=0.5), tmp_path) as running:
        running.wait_for("audit begins")
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.02)
        running.signal(number)
        assert running.end() == code
    assert gone(int((tmp_path / "pid").read_text()))
    assert not (tmp_path / "late").exists()


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    begun = time.monotonic()
    with started(often(python("import time; time.sleep(60)"), grace=50.0), tmp_path) as running:
        running.wait_for("audit begins")
        running.signal(signal.SIGINT)
        running.wait_for("waiting up to 50 s")
        running.signal(signal.SIGINT)
        assert running.end() == 130
    assert time.monotonic() - begun < 15


def test_a_run_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    program = python("import signal, time; signal.signal(15, signal.SIG_IGN); open('deaf', 'w'); time.sleep(60)")
    with started(often(program, grace=0.2), tmp_path) as running:
        while not (tmp_path / "deaf").exists():
            time.sleep(0.02)
        running.signal(signal.SIGTERM)
        assert running.end() == 143


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("raise RuntimeError('broken')", "exit code 1"),
        ("import os; os._exit(70)", "exit code 70"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "exit code 137"),
        ("import os; os.abort()", "exit code 134"),
    ],
)
def test_a_run_that_crashes_ends_itself_only(program: str, words: str, tmp_path: Path) -> None:
    with started(often(python(program)), tmp_path) as running:
        running.wait_for(words, 3)
        running.signal(signal.SIGTERM)
        assert running.end() == 0


def test_what_cannot_be_run_at_all_ends_no_loop(tmp_path: Path) -> None:
    with started(often(["./not-there"]), tmp_path) as running:
        running.wait_for("audit failed: FileNotFoundError", 2)
        running.signal(signal.SIGTERM)
        assert running.end() == 0


def test_what_is_due_while_one_is_under_way_is_left_out_and_said(tmp_path: Path) -> None:
    with started(often(python("import time; time.sleep(2.5)")), tmp_path) as running:
        running.wait_for("is left out: the one before it is still under way")
        running.wait_for("ended with exit code 0", 2)
        running.signal(signal.SIGTERM)
        running.end()
    begun = [line for line in running.said if line in ("audit begins", "audit ended with exit code 0")]
    assert begun[:4] == ["audit begins", "audit ended with exit code 0"] * 2, "one at a time"
    assert not any("apscheduler" in line.lower() or "Traceback" in line for line in running.said)


def test_a_time_that_never_comes_is_no_loop(tmp_path: Path) -> None:
    program = python(
        "from gonogo.periodic.cron import read_cron\nfrom gonogo.periodic.loop import repeat\nrepeat(read_cron('0 0 31 2 *'), None, print)"
    )
    with started(program, tmp_path) as running:
        assert running.end() == 1
    assert running.said[-1].endswith("CronError: '0 0 31 2 *' never comes")


def test_a_callable_of_this_process_is_run_too(tmp_path: Path) -> None:
    once = "type('Once', (), {'run': lambda self: 1 / 0, 'stop': lambda self: None})()"
    with started(looping(once), tmp_path) as running:
        running.wait_for("audit failed: ZeroDivisionError", 2)
        running.signal(signal.SIGTERM)
        assert running.end() == 0
