"""Small runs for the tests of the history."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.history.run import Identity, Key, Level, Run, Snapshot, Standing, Surface
from gonogo.model.finding import Verdict
from gonogo.model.resource import Gap, Stage

KIND = "sqladmin.googleapis.com/Instance"
NAME = "//cloudsql.googleapis.com/projects/shop/instances/db"
CODE = Surface("", "code", ("*",), complete=True)


def control(identifier: str, verdict: Verdict, *findings: str) -> Standing:
    return Standing(Key(Level.CONTROL, identifier), verdict, f"{identifier} holds", "high", findings=findings)


def item(identifier: str, verdict: Verdict, *findings: str, text: str = "Backups", file: str = "CHECKLIST.md") -> Standing:
    return Standing(Key(Level.ITEM, identifier), verdict, text, findings=findings, files=(file,))


def finding(identifier: str, verdict: Verdict, path: str = "settings.backupConfiguration.enabled", *files: str) -> Standing:
    return Standing(Key(Level.FINDING, identifier), verdict, "a rule: what it found", "high", KIND, NAME, (path,), files=files)


def gap(*kinds: str) -> Gap:
    return Gap("", 0, Stage.READ, "projects/shop: the permission is missing", "gcp", kinds)


def live(enabled: bool = True, name: str = NAME, **more: object) -> dict[Identity, Mapping[str, object]]:
    return {Identity("live", KIND, name): {"name": "db", "settings": {"backupConfiguration": {"enabled": enabled}}, **more}}


def surface(complete: bool = True, scope: str = "shop") -> Surface:
    return Surface(scope, "sqlInstances", (KIND,), complete)


def run(
    *standings: Standing, snapshot: Snapshot | None = None, gaps: tuple[Gap, ...] = (), day: int = 1, series: str = "audit shop"
) -> Run:
    """A run of day `day` of November 2026."""
    stamp = f"2026-11-{day:02}T06:00:00Z"
    return Run(series, stamp, stamp, "0.1.0", "NO-GO", {"root": "shop"}, standings, snapshot or Snapshot(), gaps)
