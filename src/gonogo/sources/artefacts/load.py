"""Load tests: which tool wrote a report, and what it says, in seconds and requests per second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Load:
    """What a load test showed; None what the tool does not tell. `endpoints` are the 95th percentiles of what was asked, by name.

    `crossed` are the thresholds of its own that it did not keep, `checks_failed` the share of its checks on answers, from 0 to 1.
    """

    tool: str
    requests: int
    failed: int | None = None
    throughput: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    duration: float | None = None
    target: str = ""
    endpoints: tuple[tuple[str, float | None], ...] = ()
    produced: datetime | None = None
    crossed: tuple[str, ...] = ()
    checks_failed: float | None = None

    @property
    def failure_ratio(self) -> float | None:
        """From 0 to 1."""
        return None if self.failed is None or not self.requests else min(1.0, self.failed / self.requests)


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile of a sorted list, as JMeter's; None of nothing."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[min(len(ordered), max(1, int(rank))) - 1]
