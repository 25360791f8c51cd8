"""When a scheduler is to start the audit, written so that every scheduler reads the same.

Names, Sunday as 7 and `5/15` are not known everywhere, and `0-6` or `0-0` are not `*` or `0` to all: what is written is `*`, `*/6` and
lists of numbers. A day of the month together with a day of the week is refused: crontab(5) takes either, systemd.time(7) wants both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gonogo.periodic.cron import Cron, CronError, read_cron
from gonogo.schedule.errors import ScheduleError

_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


@dataclass(frozen=True, slots=True)
class Times:
    """In UTC: `cron` as five fields, `calendar` as systemd writes it."""

    cron: str
    calendar: str
    shortest_gap: int
    """The least number of minutes between two starts within an hour or over its end; 60 where there is one start an hour."""


def read_times(text: str) -> Times:
    """Raises `ScheduleError`."""
    try:
        read = read_cron(text)
    except CronError as error:
        raise ScheduleError(str(error)) from None
    if len(read.days) < 31 and len(read.weekdays) < 7:
        raise ScheduleError(f"{text!r} has a day of the month and a day of the week, which schedulers read differently: give one of them")
    if read.days[0] > max(_LENGTHS[month - 1] for month in read.months):
        raise ScheduleError(f"{text!r} never comes: no such month has a day {read.days[0]}")
    every = ((read.minutes, 60), (read.hours, 24), (read.days, 31), (read.months, 12), (read.weekdays, 7))
    listed = [_listed(values, count) for values, count in every]
    cron = [field if re.fullmatch(r"\*/[0-9]+", field) and plain != "*" else plain for field, plain in zip(read.text.split(), listed, strict=True)]
    following = (*read.minutes[1:], read.minutes[0] + 60)
    return Times(" ".join(cron), _calendar(read, listed), min(b - a for a, b in zip(read.minutes, following, strict=True)))


def _calendar(read: Cron, listed: list[str]) -> str:
    minutes, hours, days, months, weekdays = listed
    week = "" if weekdays == "*" else ",".join(_WEEKDAYS[day] for day in read.weekdays) + " "
    return f"{week}*-{months}-{days} {hours}:{minutes}:00 UTC"


def _listed(values: tuple[int, ...], every: int) -> str:
    return "*" if len(values) == every else ",".join(map(str, values))
