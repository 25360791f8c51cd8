"""Counts evaluations per second of the expression language, with the trace of what was read.

usage: expressions.py
"""

from __future__ import annotations

import sys
import time
from typing import Any

from gonogo.lang import Program

INSTANCE: dict[str, Any] = {"settings": {"backupConfiguration": {"enabled": True}}, "instanceType": "CLOUD_SQL_INSTANCE"}
WORKLOAD: dict[str, Any] = {"containers": [{"image": f"ghcr.io/acme/app{i}:1", "ready": True, "limits": {"cpu": "1"}} for i in range(4)]}
CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("a simple path", "self.settings.backupConfiguration.enabled", INSTANCE),
    ("two conditions", "self.instanceType == 'CLOUD_SQL_INSTANCE' && self.settings.backupConfiguration.enabled", INSTANCE),
    ("a macro over four members", "self.containers.all(c, has(c.limits.cpu) && c.ready)", WORKLOAD),
    ("a pattern on four members", "self.containers.exists(c, c.image.matches('(?i)(^|/)(redis|valkey|keydb)(:|@|$)'))", WORKLOAD),
)


def rate(program: Program, data: dict[str, Any], seconds: float = 0.3) -> float:
    """The best of five measurements, in evaluations per second."""
    best = 0.0
    for _ in range(5):
        count, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            for _ in range(200):
                program.evaluate({"self": data})
            count += 200
        best = max(best, count / elapsed)
    return best


def main() -> int:
    for name, source, data in CASES:
        sys.stdout.write(f"{name:<28} {rate(Program(source), data):>10,.0f} /s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
