"""Pace and patience: a token bucket per service, the time budget of a run, and how long to wait before another try."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gonogo.sources.gcp.problems import Cause, Problem

_AFTER_STOP = 5.0
"""Seconds that a stopped run waits for the answers that are under way."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait and how much to take, in seconds and bytes. One call is at most `tries` answers of `answer` seconds."""

    connect: float = 10.0
    read: float = 30.0
    """For the whole of an answer's headers, and between two pieces of its body."""
    answer: float = 120.0
    """For one whole answer, however steadily it drips."""
    body: int = 64 * 1024 * 1024
    tries: int = 4
    backoff: float = 1.0
    """The first wait is up to this long, each further one up to twice the one before (full jitter)."""
    longest_wait: float = 60.0
    budget: float = 3600.0
    """For the whole run."""


class Clock:
    """Time as a run sees it. `stop` ends every wait at once: a run that is told to end does not sleep on."""

    def __init__(self, budget: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + budget
        self._budget = budget
        self._stopped = threading.Event()
        self._stop_by = float("inf")

    def now(self) -> float:
        """Seconds on a clock that nobody sets."""
        return self._monotonic()

    def left(self) -> float:
        """Seconds of the budget that are left; 0 once the run was stopped."""
        return 0.0 if self._stopped.is_set() else max(0.0, self._end - self._monotonic())

    def wait(self, seconds: float) -> None:
        """Wait, or raise a `Problem` at once where the budget does not reach that far."""
        if seconds >= self.left():
            raise self.used_up()
        if seconds > 0 and self._stopped.wait(seconds):
            raise self.used_up()

    def used_up(self) -> Problem:
        if self._stopped.is_set():
            return Problem(Cause.BUDGET, "the audit was stopped before this was read")
        return Problem(Cause.BUDGET, f"the time budget of the audit ({self._budget:g} s) was used up before this was read")

    def overdue(self, grace: float) -> bool:
        """Whether the budget ended `grace` seconds ago, or the run was told to end a few seconds ago."""
        return self._monotonic() > min(self._end + grace, self._stop_by)

    def stop(self) -> None:
        self._stop_by = self._monotonic() + _AFTER_STOP
        self._stopped.set()


class Bucket:
    """A token bucket: `per_minute` calls on average, `burst` at once. Safe between threads."""

    def __init__(self, per_minute: float, burst: int, clock: Clock) -> None:
        self._interval = 60.0 / per_minute
        self._room = self._interval * (burst - 1)
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock.now() - self._room

    def take(self) -> None:
        """Wait for the next token. Raises a `Problem` where the run's budget ends before."""
        with self._lock:
            now = self._clock.now()
            turn = max(self._next, now - self._room)
            self._next = turn + self._interval
        self._clock.wait(max(0.0, turn - now))

    def hold(self, seconds: float) -> None:
        """Give out nothing for a while: the API said that it is too much."""
        with self._lock:
            self._next = max(self._next, self._clock.now() + seconds)


def pause(attempt: int, limits: Limits, retry_after: float | None, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the failed try number `attempt` (0 is the first): what the API asked for, with jitter on top, or full jitter."""
    ceiling = min(limits.longest_wait, limits.backoff * 2.0**attempt)
    if retry_after is not None:
        return retry_after + draw() * min(1.0, ceiling)
    return draw() * ceiling


def retry_after(value: str | None, date: str | None) -> float | None:
    """The seconds of a `Retry-After` header (RFC 9110 10.2.3); an HTTP date counts from the answer's own `Date`, not from our clock."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until, sent = http_date(text), http_date(date)
    return max(0.0, (until - sent).total_seconds()) if until and sent else None


def http_date(value: str | None) -> datetime | None:
    """The moment of an HTTP date, in UTC."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
