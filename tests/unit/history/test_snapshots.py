from __future__ import annotations

import pytest

from gonogo.history.compare.fields import load_field_rules
from gonogo.history.compare.snapshots import compare_snapshots
from gonogo.history.run import Identity, Snapshot, Surface
from gonogo.model.drift import Difference, Status
from histories import CODE, KIND, NAME, live, surface

RULES = load_field_rules()
FIELD = "settings.backupConfiguration.enabled"
READ = (surface(),)


def test_a_changed_field_is_told_with_both_values() -> None:
    found = compare_snapshots(Snapshot(live(True), READ), Snapshot(live(False), READ), RULES)
    assert found == (Difference(Status.CHANGED, KIND, NAME, FIELD, "true", "false"),)


def test_what_came_and_went() -> None:
    nothing, something = Snapshot({}, READ), Snapshot(live(), READ)
    assert [d.status for d in compare_snapshots(nothing, something, RULES)] == [Status.ADDED]
    assert [d.status for d in compare_snapshots(something, nothing, RULES)] == [Status.REMOVED]


@pytest.mark.parametrize(
    ("then", "now", "reason"),
    [
        (READ, (surface(complete=False),), "sqlInstances was not read completely now"),
        ((surface(complete=False),), READ, "sqlInstances was not read completely then"),
        (READ, (), "it was not read now"),
        ((surface(scope="other"),), READ, "it was not read then"),
        (READ, (surface(), Surface("shop", "more", ("sqladmin*",), complete=False)), "more was not read completely now"),
    ],
)
def test_a_lost_permission_is_no_deletion(then: tuple[Surface, ...], now: tuple[Surface, ...], reason: str) -> None:
    found = compare_snapshots(Snapshot(live(), then), Snapshot({}, now), RULES)
    assert found == (Difference(Status.NOT_COMPARABLE, KIND, "shop", reason=reason),)


def test_one_project_that_fell_short_hides_no_other() -> None:
    other = NAME.replace("shop", "other")
    then = Snapshot({**live(), **live(name=other)}, (surface(), surface(scope="other")))
    now = Snapshot(live(False), (surface(), surface(complete=False, scope="other")))
    assert [(d.status, d.name) for d in compare_snapshots(then, now, RULES)] == [(Status.NOT_COMPARABLE, "other"), (Status.CHANGED, NAME)]


def test_what_comes_and_goes_by_itself_is_not_told() -> None:
    backup = Identity("live", "sqladmin.googleapis.com/BackupRun", f"{NAME}/backupRuns/1", "")
    with_backup = Snapshot({**live(), backup: {"status": "SUCCESSFUL"}}, READ)
    assert compare_snapshots(with_backup, Snapshot(live(), READ), RULES) == ()


def test_what_is_no_drift_is_not_told() -> None:
    then = live(True, etag="a", gceZone="a", state="RUNNABLE", userLabels={"goog-x": "1", "team": "a"}, timeout="300s")
    now = live(True, etag="b", gceZone="b", state="MAINTENANCE", userLabels={"goog-x": "2", "team": "a"}, timeout=300)
    assert compare_snapshots(Snapshot(then, READ), Snapshot(now, READ), RULES) == ()


def test_a_value_that_is_not_known_is_not_comparable() -> None:
    then, now = live(tier="a"), live(tier={"unknown": ["an enumeration's number"]})
    found = compare_snapshots(Snapshot(then, READ), Snapshot(now, READ), RULES)
    assert found == (Difference(Status.NOT_COMPARABLE, KIND, NAME, "tier", "a", "unknown", "an enumeration's number"),)


def test_secrets_are_not_shown() -> None:
    identity = Identity("declared", "docker/Dockerfile", "Dockerfile")
    then, now = ({identity: {"env": [{"name": "DB_PASSWORD", "value": value}]}} for value in ("one", "two"))
    (found,) = compare_snapshots(Snapshot(then, (CODE,)), Snapshot(now, (CODE,)), RULES)
    assert (found.field, found.expected, found.found) == ("env.DB_PASSWORD.value", "[redacted]", "[redacted]")
