"""Cron expressions mean what crontab(5) says, whatever APScheduler makes of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from gonogo.periodic.cron import Cron, CronError, read_cron

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def times(text: str, count: int = 3, moment: datetime = MONDAY) -> list[str]:
    pytest.importorskip("apscheduler", reason="the schedule extra is not installed")
    cron, found = read_cron(text), []
    for _ in range(count):
        following = cron.after(moment)
        assert following is not None
        found.append(f"{following:%a %Y-%m-%dT%H:%M}")
        moment = following + timedelta(seconds=1)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 */6 * * *", ["Mon 2026-11-23T12:00", "Mon 2026-11-23T18:00", "Tue 2026-11-24T00:00"]),
        ("0 0 * * 0", ["Sun 2026-11-29T00:00", "Sun 2026-12-06T00:00", "Sun 2026-12-13T00:00"]),
        ("0 0 * * 7", ["Sun 2026-11-29T00:00", "Sun 2026-12-06T00:00", "Sun 2026-12-13T00:00"]),
        ("0 0 * * 1", ["Mon 2026-11-30T00:00", "Mon 2026-12-07T00:00", "Mon 2026-12-14T00:00"]),
        ("0 0 * * FRI-sat", ["Fri 2026-11-27T00:00", "Sat 2026-11-28T00:00", "Fri 2026-12-04T00:00"]),
        ("0 0 * * 5-7", ["Fri 2026-11-27T00:00", "Sat 2026-11-28T00:00", "Sun 2026-11-29T00:00"]),
        ("5/20 13 * * *", ["Mon 2026-11-23T13:05", "Mon 2026-11-23T13:25", "Mon 2026-11-23T13:45"]),
        ("0 0 29 2 *", ["Tue 2028-02-29T00:00", "Sun 2032-02-29T00:00", "Fri 2036-02-29T00:00"]),
    ],
)
def test_the_next_times(text: str, expected: list[str]) -> None:
    assert times(text) == expected


def test_a_day_of_the_month_and_a_day_of_the_week_are_either_and_beside_a_star_both() -> None:
    assert times("0 0 13 * 5", 4) == ["Fri 2026-11-27T00:00", "Fri 2026-12-04T00:00", "Fri 2026-12-11T00:00", "Sun 2026-12-13T00:00"]
    assert all(day in ("Sun", "Fri") for day in (text[:3] for text in times("0 0 13 * */5", 5)))


def test_it_agrees_with_going_through_every_minute() -> None:
    """An oracle that knows nothing of APScheduler: each minute is asked by itself."""
    pytest.importorskip("apscheduler", reason="the schedule extra is not installed")
    draw = random.Random(7)
    for _ in range(60):
        text = " ".join(_field(draw, least, greatest) for least, greatest in ((0, 59), (0, 23), (1, 28), (1, 12), (0, 7)))
        cron = read_cron(text)
        moment = MONDAY + timedelta(minutes=draw.randrange(500_000))
        following = cron.after(moment)
        assert following is not None
        assert _fits(cron, following), text
        minutes = min(int((following - moment).total_seconds() // 60), 3000)
        assert not any(_fits(cron, following - timedelta(minutes=back)) for back in range(1, minutes)), text


def _field(draw: random.Random, least: int, greatest: int) -> str:
    low = draw.randrange(least, greatest)
    high = draw.randrange(low, greatest)
    return draw.choice(["*", f"*/{draw.randrange(1, 9)}", str(low), f"{low}-{high}", f"{low},{high}", f"{low}-{high}/2"])


def _fits(cron: Cron, moment: datetime) -> bool:
    of_month, of_week = moment.day in cron.days, moment.isoweekday() % 7 in cron.weekdays
    day = of_month or of_week if cron.either_day else of_month and of_week
    return moment.minute in cron.minutes and moment.hour in cron.hours and moment.month in cron.months and day


def test_what_never_comes_is_never() -> None:
    pytest.importorskip("apscheduler", reason="the schedule extra is not installed")
    assert read_cron("0 0 31 2 *").after(MONDAY) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write five fields"),
        ("* * * *", "write five fields"),
        ("* * * * * *", "write five fields"),
        ("@daily", "write five fields"),
        ("60 * * * *", "60 is no minute; it is 0 to 59"),
        ("* 24 * * *", "24 is no hour"),
        ("* * 0 * *", "0 is no day of the month; it is 1 to 31"),
        ("* * * 13 *", "13 is no month; it is 1 to 12 or jan to dec"),
        ("* * * * 8", "8 is no day of the week; it is 0 to 7 or sun to sat"),
        ("a * * * *", "a is no minute"),
        ("mon * * * *", "mon is no minute"),
        ("*/0 * * * *", "a step of 0"),
        ("5-1 * * * *", "ends before it begins"),
        ("1,,2 * * * *", "'' is no minute"),
        ("-1 * * * *", "'-1' is no minute"),
        ("1-2-3 * * * *", "is no minute"),
        ("*-5 * * * *", "is no minute"),
        ("* * L * *", "L is no day of the month"),
        ("99999999999999999999 * * * *", "is no minute"),
        ("٣ * * * *", "is no minute"),
        ("* * * * *\x1b[2J", r"\x1b"),
        ("0" * 10_000, "write five fields"),
    ],
)
def test_what_is_none_is_said_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(CronError) as caught:
        read_cron(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400
