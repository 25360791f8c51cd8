from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


class Simulated(Clock):
    """A clock on which waiting costs nothing but the time that it shows."""

    def __init__(self, budget: float) -> None:
        self.time = 0.0
        super().__init__(budget, lambda: self.time)

    def wait(self, seconds: float) -> None:
        if seconds >= self.left():
            raise self.used_up()
        self.time += seconds


@given(
    per_minute=st.sampled_from([54.0, 600.0, 2400.0]),
    burst=st.integers(1, 60),
    idle=st.lists(st.floats(0, 30), max_size=40),
)
def test_no_minute_holds_more_than_a_burst_and_the_rate(per_minute: float, burst: int, idle: list[float]) -> None:
    clock = Simulated(1e9)
    bucket = Bucket(per_minute, burst, clock)
    taken: list[float] = []
    for pause_before in [*idle, *[0.0] * 100]:
        clock.time += pause_before
        bucket.take()
        taken.append(clock.time)
    for start in taken:
        assert sum(start <= moment < start + 60.0 for moment in taken) <= burst + per_minute


def test_a_burst_is_given_at_once_and_then_the_rate() -> None:
    clock = Simulated(60.0)
    bucket = Bucket(per_minute=60, burst=3, clock=clock)
    taken = []
    for _ in range(6):
        bucket.take()
        taken.append(clock.time)
    assert taken == [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]


def test_a_bucket_that_is_held_gives_nothing() -> None:
    clock = Simulated(60.0)
    bucket = Bucket(per_minute=60_000, burst=100, clock=clock)
    bucket.hold(20.0)
    bucket.take()
    assert clock.time == 20.0


def test_nobody_waits_beyond_the_budget() -> None:
    clock = Simulated(30.0)
    bucket = Bucket(per_minute=1, burst=1, clock=clock)
    bucket.take()
    with pytest.raises(Problem, match="time budget") as caught:
        bucket.take()
    assert (caught.value.cause, clock.time) == (Cause.BUDGET, 0.0), "it is known at once that the token comes too late"


def test_a_run_is_overdue_some_time_after_its_budget_and_soon_after_it_was_stopped() -> None:
    clock = Simulated(30.0)
    clock.time = 31.0
    assert (clock.left(), clock.overdue(10.0)) == (0.0, False)
    clock.time = 41.0
    assert clock.overdue(10.0)
    stopped = Simulated(1000.0)
    stopped.stop()
    assert not stopped.overdue(500.0)
    stopped.time = 6.0
    assert stopped.overdue(500.0)


def test_a_stopped_run_waits_for_nothing() -> None:
    clock = Clock(60.0)
    clock.stop()
    with pytest.raises(Problem, match="stopped"):
        clock.wait(5.0)
    assert clock.left() == 0.0
