from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gonogo.kinds.fields import Written
from gonogo.kinds.gcp import from_api
from gonogo.model.value import Unknown, Value

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUN = "sqladmin.googleapis.com/BackupRun"
NAME = "//cloudsql.googleapis.com/projects/shop/instances/orders/backupRuns/7"


def age(data: dict[str, Value], observed: datetime | None = NOON) -> Value:
    [run] = from_api(RUN, data, NAME, observed=observed)
    return run.attributes["ageHours"]


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        ("2026-11-23T10:30:00.000Z", 1.5),
        ("2026-11-23T10:30:00.123456789Z", 1.5),
        ("2026-11-23T19:30:00+09:00", 1.5),
        ("2026-11-23T12:10:00Z", -0.17),
        ("2025-01-01T00:00:00Z", 168.0),
    ],
)
def test_an_age_is_in_hours_by_the_clock_of_the_servers(moment: str, hours: float) -> None:
    assert age({"endTime": moment}) == hours


@pytest.mark.parametrize("moment", ["2026-11-24T12:00:00Z", "yesterday", "", "2026-11-23T10:30:00", 1763863200, None])
def test_an_age_that_nobody_can_tell_is_unknown(moment: Value) -> None:
    assert isinstance(age({"endTime": moment}), Unknown)


def test_an_age_is_unknown_where_nobody_tells_when_it_was_read() -> None:
    assert isinstance(age({"endTime": "2026-11-23T10:30:00Z"}, None), Unknown)


def test_a_run_is_as_old_as_its_end_or_else_as_its_beginning() -> None:
    times: dict[str, Value] = {"endTime": "2026-11-23T11:00:00Z", "startTime": "2026-11-23T10:00:00Z", "enqueuedTime": "2026-11-23T09:00:00Z"}
    ages = []
    while times:
        ages.append(age(times))
        del times[next(iter(times))]
    assert ages == [1.0, 2.0, 3.0]


def test_a_declaration_has_no_age() -> None:
    from gonogo.kinds.ages import age_hours

    assert age_hours(Written({"createTime": "2026-11-23T10:30:00Z"}), "2026-11-23T10:30:00Z") is None
