from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.history.choice import chosen
from gonogo.history.errors import HistoryError
from histories import run

RUNS = tuple(replace(run(day=day), number=day) for day in (5, 3, 1))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("latest", 5),
        ("3", 3),
        ("003", 3),
        ("2026-11-04", 3),
        ("2026-11-03", 1),
        ("2026-11-03T06:00Z", 3),
        ("2026-11-03T06:59:00+01:00", 1),
        ("2030-01-01", 5),
    ],
)
def test_a_run_by_number_and_by_date(text: str, number: int) -> None:
    assert chosen(RUNS, text).number == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2", "there is no run 2"),
        ("2026-10-01", "no run had started by 2026-10-01T00:00:00Z; the first one that is kept is 1 of 2026-11-01T06:00:00Z"),
        ("yesterday", "neither the number of a run nor a date"),
        ("", "neither the number of a run nor a date"),
        ("-1", "neither the number of a run nor a date"),
    ],
)
def test_what_names_no_run_is_said(text: str, message: str) -> None:
    with pytest.raises(HistoryError) as error:
        chosen(RUNS, text)
    assert message in str(error.value)


def test_there_may_be_no_run() -> None:
    with pytest.raises(HistoryError, match="there is no run yet"):
        chosen((), "latest")
