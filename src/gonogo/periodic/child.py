"""One run as a process of its own: what it takes is given back, what it breaks is its own, and it can be ended at any moment."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence

_LAST = 5.0
"""Seconds after which a process that was asked to end is ended."""


class Child:
    """Runs a command, one at a time. `stop` ends it from another thread."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Run it to its end and give its exit code; that of a signal is 128 and its number, as a shell says it."""
        # A session of its own: Ctrl-C at the terminal is the loop's to hear, which lets the run end.
        with self._lock:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, start_new_session=True)
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def stop(self) -> None:
        with self._lock:
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_LAST)
        except subprocess.TimeoutExpired:
            process.kill()


def gonogo(arguments: Sequence[str]) -> Child:
    """This very gonogo, with other arguments."""
    return Child([sys.executable, "-m", "gonogo", *arguments])
