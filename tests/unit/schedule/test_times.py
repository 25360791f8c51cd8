"""Times are written so that every scheduler reads the same; what none could is refused."""

from __future__ import annotations

import pytest

from gonogo.schedule.errors import ScheduleError
from gonogo.schedule.times import read_times


@pytest.mark.parametrize(
    ("written", "cron", "calendar"),
    [
        ("17 */6 * * *", "17 */6 * * *", "*-*-* 0,6,12,18:17:00 UTC"),
        ("0 3 * * MON-FRI", "0 3 * * 1,2,3,4,5", "Mon,Tue,Wed,Thu,Fri *-*-* 3:0:00 UTC"),
        ("5 4 * * 7", "5 4 * * 0", "Sun *-*-* 4:5:00 UTC"),
        ("5 4 * * 0-0", "5 4 * * 0", "Sun *-*-* 4:5:00 UTC"),
        ("5 4 1 * 0-6", "5 4 1 * *", "*-*-1 4:5:00 UTC"),
        ("5/20 1,13 1-7 jan,JUL *", "5,25,45 1,13 1,2,3,4,5,6,7 1,7 *", "*-1,7-1,2,3,4,5,6,7 1,13:5,25,45:00 UTC"),
        ("*/1 * * * *", "* * * * *", "*-*-* *:*:00 UTC"),
        ("0\t3 * *  *\n", "0 3 * * *", "*-*-* 3:0:00 UTC"),
    ],
)
def test_a_time_is_normalised(written: str, cron: str, calendar: str) -> None:
    times = read_times(written)
    assert (times.cron, times.calendar) == (cron, calendar)
    assert read_times(times.cron) == times


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("@daily", "five fields"),
        ("60 3 * * *", "no minute"),
        ("0 3 L * *", "no day of the month"),
        ("0 3 * * 1#2", "no day of the week"),
        ("0 3 1 * 1", "give one of them"),
        ("0 3 */2 * 1", "give one of them"),
        ("0 3 31 2,4 *", "never comes"),
        ("٣ * * * *", "no minute"),
    ],
)
def test_what_schedulers_read_differently_or_not_at_all_is_refused(written: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        read_times(written)


@pytest.mark.parametrize(("written", "gap"), [("* * * * *", 1), ("*/7 * * * *", 4), ("58,1 * * * *", 3), ("0,30 * * * *", 30), ("9 * * * *", 60)])
def test_the_shortest_gap_goes_over_the_hour(written: str, gap: int) -> None:
    assert read_times(written).shortest_gap == gap
