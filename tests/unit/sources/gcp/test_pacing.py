from __future__ import annotations

import time

import pytest

from gonogo.sources.gcp.pacing import Bucket, Clock, Limits, pause, retry_after
from gonogo.sources.gcp.problems import Cause, Problem

SENT = "Mon, 23 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        (None, SENT, None),
        ("7", SENT, 7.0),
        ("-7", SENT, None),
        ("soon", SENT, None),
        ("²", SENT, None),
        ("Mon, 23 Nov 2026 09:01:00 GMT", SENT, 60.0),
        ("Mon, 23 Nov 2026 08:00:00 GMT", SENT, 0.0),
        ("Mon, 23 Nov 2026 09:01:00 GMT", None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_servers_clock(value: str | None, date: str | None, seconds: float | None) -> None:
    assert retry_after(value, date) == seconds


def test_waits_grow_with_full_jitter_up_to_the_longest() -> None:
    limits = Limits(backoff=1.0, longest_wait=5.0)
    assert [pause(attempt, limits, None, lambda: 1.0) for attempt in range(4)] == [1.0, 2.0, 4.0, 5.0]
    assert pause(3, limits, None, lambda: 0.0) == 0.0
    assert pause(0, limits, 30.0, lambda: 0.5) == 30.5, (
        "what the API asks for, and a little, so that eight workers do not come back at once"
    )


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    clock = Clock(60.0)
    bucket = Bucket(per_minute=1200, burst=3, clock=clock)
    started = time.monotonic()
    for _ in range(3):
        bucket.take()
    assert time.monotonic() - started < 0.04
    for _ in range(4):
        bucket.take()
    assert 0.15 <= time.monotonic() - started < 0.6


def test_a_bucket_that_is_held_gives_nothing() -> None:
    bucket = Bucket(per_minute=60_000, burst=100, clock=Clock(60.0))
    bucket.hold(0.2)
    started = time.monotonic()
    bucket.take()
    assert time.monotonic() - started >= 0.15


def test_nobody_waits_beyond_the_budget() -> None:
    bucket = Bucket(per_minute=1, burst=1, clock=Clock(1.0))
    bucket.take()
    started = time.monotonic()
    with pytest.raises(Problem, match="time budget") as caught:
        bucket.take()
    assert caught.value.cause is Cause.BUDGET
    assert time.monotonic() - started < 0.5, "it is known at once that the token comes too late"


def test_a_stopped_run_waits_for_nothing() -> None:
    clock = Clock(60.0)
    clock.stop()
    with pytest.raises(Problem, match="stopped"):
        clock.wait(5.0)
    assert clock.left() == 0.0
