"""A loop in a process of its own that runs something every 0.4 seconds, for tests that send it signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PROGRAM = """
import sys
from datetime import UTC, datetime, timedelta
from gonogo.periodic.child import Child
from gonogo.periodic.loop import repeat

class Often:
    text = "often"
    def trigger(self):
        from apscheduler.triggers.interval import IntervalTrigger
        return IntervalTrigger(seconds=0.4, timezone=UTC)
    def after(self, moment):
        return moment + timedelta(seconds=0.4)

def say(text):
    print(text, flush=True)

sys.exit(repeat(Often(), {once}, say, grace={grace}))
"""


def environment() -> dict[str, str]:
    paths = [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**{k: v for k, v in os.environ.items() if not k.startswith("GONOGO_")}, "PYTHONPATH": os.pathsep.join(paths)}


@dataclass(slots=True)
class Running:
    """A process and what it has said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def wait_for(self, pattern: str, count: int = 1, within: float = 20.0) -> None:
        """Until `count` lines match."""
        end = time.monotonic() + within
        while sum(bool(re.search(pattern, line)) for line in self.said) < count:
            assert time.monotonic() < end, f"{pattern!r} was not said {count} times: {self.said}"
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, within: float = 20.0) -> int:
        return self.process.wait(within)


@contextmanager
def started(command: Sequence[str], directory: Path, more: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A process whose output and errors are gathered line by line; killed at the end, if it still is there."""
    process = subprocess.Popen(
        command, cwd=directory, env={**environment(), **(more or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    running = Running(process)
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: running.said.extend(line.rstrip("\n") for line in process.stdout or ()), daemon=True)
    reader.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        reader.join(2)


def often(command: Sequence[str], grace: float = 8.0) -> list[str]:
    """The command line of a loop that runs `command` often."""
    return looping(f"Child({list(command)!r})", grace)


def looping(once: str, grace: float = 8.0) -> list[str]:
    """The command line of a loop; `once` is the expression for what is run."""
    return [sys.executable, "-c", _PROGRAM.format(once=once, grace=grace)]
