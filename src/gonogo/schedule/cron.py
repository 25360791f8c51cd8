"""A time in the five fields of cron, in the subset that every scheduler we write for reads alike, in UTC.

Left out is what they read differently: `@daily`, `L`, `#`, `?`, `5/15`, `0-0`, and a day of the month together with a day of the week, which
cron takes for *either* (https://man7.org/linux/man-pages/man5/crontab.5.html) and systemd for *both*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gonogo.schedule.errors import ScheduleError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """When: `text` is the five fields, without names and with Sunday as 0; each other field holds the values, sorted."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    @property
    def shortest_gap(self) -> int:
        """The least number of minutes between two starts that are less than an hour apart, else 60."""
        following = (*self.minutes[1:], self.minutes[0] + 60)
        return min(after - before for before, after in zip(self.minutes, following, strict=True))

    def calendar(self) -> str:
        """As systemd.time(7) writes it."""
        week = "" if len(self.weekdays) == 7 else ",".join(_WEEKDAYS[day].capitalize() for day in self.weekdays) + " "
        date = f"*-{_listed(self.months, 12)}-{_listed(self.days, 31)}"
        return f"{week}{date} {_listed(self.hours, 24)}:{_listed(self.minutes, 60)}:00 UTC"


def parse_cron(text: str) -> Cron:
    """Raises `ScheduleError`."""
    fields = text.split(" ")
    if len(fields) != len(_FIELDS):
        raise ScheduleError(f"{text!r} is no time: write five fields with one space between them, for example '17 */6 * * *'")
    minutes, hours, days, months, weekdays = (_values(field, written) for field, written in zip(_FIELDS, fields, strict=True))
    weekdays = tuple(sorted({day % 7 for day in weekdays}))
    if fields[2] != "*" and fields[4] != "*":
        raise ScheduleError(f"{text!r} has a day of the month and a day of the week, which schedulers read differently: give one of them")
    if days[0] > max(_LENGTHS[month - 1] for month in months):
        raise ScheduleError(f"{text!r} never comes: no such month has a day {days[0]}")
    normal = [*fields[:3], _plain(fields[3], months), _plain(fields[4], weekdays)]
    return Cron(" ".join(normal), minutes, hours, days, months, weekdays)


def _values(field: _Field, written: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in written.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ScheduleError(f"{written!r} is no {field.name}: write *, numbers, ranges like 1-5, steps like */6, or a list of them")
        if match["step"] is not None and match["first"] is not None and match["last"] is None:
            raise ScheduleError(f"{written!r} is read differently by schedulers: write {match['first']}-{field.high}/{match['step']}")
        first = _number(field, match["first"]) if match["first"] else field.low
        last = _number(field, match["last"]) if match["last"] else first if match["first"] else field.high
        step = int(match["step"] or 1)
        if match["last"] and first >= last or step == 0:  # croniter takes `0-0` for every day
            raise ScheduleError(f"{written!r} is no {field.name}: {part!r} goes nowhere")
        found.update(range(first, last + 1, step))
    return tuple(sorted(found))


def _number(field: _Field, written: str) -> int:
    if written.upper() in field.names:
        return field.names.index(written.upper()) + field.low
    if not written.isdigit() or len(written) > 2 or not field.low <= int(written) <= field.high:
        raise ScheduleError(f"{written!r} is no {field.name}: it goes from {field.low} to {field.high}")
    return int(written)


def _plain(written: str, values: tuple[int, ...]) -> str:
    """Not every scheduler knows names, nor 7 for Sunday (https://pkg.go.dev/github.com/robfig/cron/v3)."""
    return written if re.fullmatch(r"[0-6*/,-]+|\*/[0-9]+", written) else ",".join(map(str, values))


def _listed(values: tuple[int, ...], every: int) -> str:
    return "*" if len(values) == every else ",".join(map(str, values))
