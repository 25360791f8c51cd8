"""The loop in the foreground: APScheduler says when, one run at a time, and a signal ends it in good order."""

from __future__ import annotations

import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from gonogo.periodic.cron import CronError

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

GRACE = 8.0
"""Seconds that a run which is under way is given to end: `docker stop` kills after 10, Kubernetes after 30."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ENDED = 0
"""What stands in the queue of signals for the end of a run."""


class Timetable(Protocol):
    """When something is run: `Cron`, in UTC."""

    @property
    def text(self) -> str:
        """How a user wrote it."""
        ...

    def trigger(self) -> BaseTrigger:
        """As APScheduler takes it."""
        ...

    def after(self, moment: datetime) -> datetime | None:
        """The first time after a moment; None where it never comes."""
        ...


class Once(Protocol):
    """What is run again and again."""

    def run(self) -> int:
        """Run once; the exit code."""
        ...

    def stop(self) -> None:
        """Make a run that is under way end soon, with nothing of it recorded. Called from another thread."""
        ...


def repeat(times: Timetable, once: Once, say: Callable[[str], None], grace: float = GRACE) -> int:
    """Run `once` whenever `times` says, until SIGINT or SIGTERM. Call it in the main thread. Raises `CronError` where that never is.

    Returns 0 where no run was cut off, else 128 and the number of the signal. A run that is due while one is under way is left out; of
    several that were missed while the machine slept one is run. A run that fails or raises ends itself only.
    """
    if times.after(datetime.now(UTC)) is None:
        raise CronError(f"{times.text!r} never comes")
    with _signals() as events:
        turn = _Turn(once, say, lambda: events.put(_ENDED))
        with _scheduled(times, turn.take, say):
            while True:
                say(f"next audit at {_shown(times.after(datetime.now(UTC)))}")
                number = events.get()
                if number != _ENDED:
                    break
        return _end(number, turn, events, say, grace)


@dataclass(slots=True)
class _Turn:
    """The run that is under way, if one is; none begins once the loop is ending."""

    once: Once
    say: Callable[[str], None]
    ended: Callable[[], None]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: bool = False
    _ending: bool = False

    def take(self) -> None:
        with self._lock:
            if self._ending:
                return
            self._running = True
        try:
            self.say("audit begins")
            self.say(f"audit ended with exit code {self.once.run()}")
        except Exception as error:  # noqa: BLE001 - one run that breaks is no reason to miss the next
            self.say(f"audit failed: {type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._running = False
            self.ended()

    def close(self) -> bool:
        """Let none begin any more; whether one is under way."""
        with self._lock:
            self._ending = True
            return self._running


def _end(number: int, turn: _Turn, events: queue.SimpleQueue[int], say: Callable[[str], None], grace: float) -> int:
    """Wait for the run that is under way, for a while or until a second signal, and then end it."""
    name = signal.Signals(number).name
    if not turn.close():
        say(f"{name}: stopped")
        return 0
    say(f"{name}: waiting up to {grace:g} s for the audit that is under way; a second one abandons it")
    end = time.monotonic() + grace
    while (left := end - time.monotonic()) > 0:
        try:
            event = events.get(timeout=left)
        except queue.Empty:
            break
        if event == _ENDED:
            say("stopped")
            return 0
        number = event
        break
    turn.once.stop()
    say("stopped; the audit was cut off: it is recorded whole or not at all")
    return 128 + number


@contextmanager
def _signals() -> Iterator[queue.SimpleQueue[int]]:
    """The signals as they come in. `SimpleQueue.put` may be called in a handler, whatever the thread was doing; locks may not."""
    events: queue.SimpleQueue[int] = queue.SimpleQueue()
    before = {number: signal.signal(number, lambda caught, _: events.put(caught)) for number in _SIGNALS}
    try:
        yield events
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _scheduled(times: Timetable, job: Callable[[], None], say: Callable[[str], None]) -> Iterator[None]:
    from apscheduler.events import EVENT_JOB_MAX_INSTANCES
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    def left_out(event: Any) -> None:
        for due in event.scheduled_run_times:
            say(f"the audit of {_shown(due)} is left out: the one before it is still under way")

    # What it has to tell is told by the listener.
    silent = logging.Logger("silent")
    silent.addHandler(logging.NullHandler())
    scheduler = BackgroundScheduler(logger=silent, executors={"default": ThreadPoolExecutor(1)}, timezone=UTC)
    scheduler.add_listener(left_out, EVENT_JOB_MAX_INSTANCES)
    scheduler.add_job(job, times.trigger(), coalesce=True, max_instances=1, misfire_grace_time=None)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def _shown(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else "no time"
