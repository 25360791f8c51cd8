"""Where a command writes. Commands never print."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Streams:
    """Findings go to `stdout`, progress and errors to `stderr`."""

    stdout: TextIO
    stderr: TextIO

    @contextlib.contextmanager
    def redirected(self) -> Iterator[None]:
        """Send what click itself prints (help, version) to these streams too."""
        with contextlib.redirect_stdout(self.stdout), contextlib.redirect_stderr(self.stderr):
            yield
