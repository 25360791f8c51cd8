"""Times: what is refused, what is normalised, and that others read the same."""

from __future__ import annotations

import pytest

from gonogo.schedule.cron import parse_cron
from gonogo.schedule.errors import ScheduleError


@pytest.mark.parametrize(
    ("written", "text", "calendar"),
    [
        ("17 */6 * * *", "17 */6 * * *", "*-*-* 0,6,12,18:17:00 UTC"),
        ("0 3 * * MON-FRI", "0 3 * * 1,2,3,4,5", "Mon,Tue,Wed,Thu,Fri *-*-* 3:0:00 UTC"),
        ("5 4 * * 7", "5 4 * * 0", "Sun *-*-* 4:5:00 UTC"),
        ("5 4 * * 5-7", "5 4 * * 0,5,6", "Sun,Fri,Sat *-*-* 4:5:00 UTC"),
        ("0-59/20 1,13 1-7 jan,JUL *", "0-59/20 1,13 1-7 1,7 *", "*-1,7-1,2,3,4,5,6,7 1,13:0,20,40:00 UTC"),
        ("* * * * *", "* * * * *", "*-*-* *:*:00 UTC"),
    ],
)
def test_a_time_is_normalised(written: str, text: str, calendar: str) -> None:
    cron = parse_cron(written)
    assert (cron.text, cron.calendar()) == (text, calendar)
    assert parse_cron(cron.text) == cron


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "five fields"),
        ("@daily", "five fields"),
        ("0 3 * *", "five fields"),
        ("0  3 * * *", "five fields"),
        ("0 3 * * *\n", "is no day of the week"),
        ("0\n3 * * * *", "is no minute"),
        ("60 3 * * *", "from 0 to 59"),
        ("0 24 * * *", "from 0 to 23"),
        ("0 3 0 * *", "from 1 to 31"),
        ("0 3 * 13 *", "from 1 to 12"),
        ("0 3 * * 8", "from 0 to 7"),
        ("0 3 * * MOON", "from 0 to 7"),
        ("0 3 L * *", "from 1 to 31"),
        ("0 3 * * 1#2", "is no day of the week"),
        ("0 3 ? * *", "is no day of the month"),
        ("5/15 * * * *", "write 5-59/15"),
        ("*/0 * * * *", "goes nowhere"),
        ("30-10 * * * *", "goes nowhere"),
        ("0 3 * * 0-0", "goes nowhere"),
        ("1,,2 * * * *", "is no minute"),
        ("0 3 1 * 1", "give one of them"),
        ("0 3 1 * 0-6", "give one of them"),
        ("0 3 31 2,4 *", "never comes"),
        ("٣ * * * *", "is no minute"),
        ('0 3 * * *"; rm -rf /', "five fields"),
    ],
)
def test_what_schedulers_read_differently_or_not_at_all_is_refused(written: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        parse_cron(written)


@pytest.mark.parametrize(("written", "gap"), [("* * * * *", 1), ("*/7 * * * *", 4), ("58,1 * * * *", 3), ("0,30 * * * *", 30), ("9 * * * *", 60)])
def test_the_shortest_gap_goes_over_the_hour(written: str, gap: int) -> None:
    assert parse_cron(written).shortest_gap == gap
