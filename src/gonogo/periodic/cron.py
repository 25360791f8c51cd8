"""Cron expressions, read as cron reads them (crontab(5)), in UTC.

APScheduler's own reading of one is another: its week begins on Monday with 0, and of a day of the month and a day of the week it
wants both where cron takes either (https://github.com/agronholm/apscheduler/issues/286). It is given sets of numbers instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# name, least, greatest, names and the number of the first one; 7 is Sunday too.
_FIELDS = (
    ("minute", 0, 59, (), 0),
    ("hour", 0, 23, (), 0),
    ("day of the month", 1, 31, (), 0),
    ("month", 1, 12, _MONTHS, 1),
    ("day of the week", 0, 7, _DAYS, 0),
)
_LONGEST = 200
_PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/([0-9]{1,3}))?", re.ASCII)


class CronError(Exception):
    """A cron expression that cannot be used; the message is one sentence that says what to write."""


@dataclass(frozen=True, slots=True)
class Cron:
    """When something is to be run. A day fits if its month's or its week's does, where neither of them is `*`."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either_day: bool

    def trigger(self) -> BaseTrigger:
        """As APScheduler takes it."""
        from apscheduler.triggers.combining import OrTrigger
        from apscheduler.triggers.cron import CronTrigger

        def at(**days: str) -> CronTrigger:
            return CronTrigger(minute=_listed(self.minutes), hour=_listed(self.hours), month=_listed(self.months), timezone=UTC, **days)

        weekdays = ",".join(_DAYS[day] for day in self.weekdays)
        if self.either_day:
            return OrTrigger([at(day=_listed(self.days)), at(day_of_week=weekdays)])
        return at(day=_listed(self.days), day_of_week=weekdays)

    def after(self, moment: datetime) -> datetime | None:
        """The first time after a moment; None where it never comes."""
        found: datetime | None = self.trigger().get_next_fire_time(None, moment)
        return found


def read_cron(text: str) -> Cron:
    """`minute hour day-of-month month day-of-week`, with `*`, ranges, lists, steps and names. Raises `CronError`."""
    fields = text.split()
    if len(fields) != len(_FIELDS) or len(text) > _LONGEST:
        raise CronError(
            f"{text[:_LONGEST]!r} is no cron expression: write five fields, minute hour day month weekday, for example '0 */6 * * *'"
        )
    minutes, hours, days, months, weekdays = (_numbers(text, field, *about) for field, about in zip(fields, _FIELDS, strict=True))
    of_week = tuple(sorted({day % 7 for day in weekdays}))
    # cron calls a field restricted that does not begin with a star: `*/2` counts together with the other one.
    return Cron(" ".join(fields), minutes, hours, days, months, of_week, not (fields[2].startswith("*") or fields[4].startswith("*")))


def _numbers(text: str, field: str, name: str, least: int, greatest: int, names: tuple[str, ...], first: int) -> tuple[int, ...]:
    found: set[int] = set()

    def number(word: str) -> int:
        value = names.index(word.lower()) + first if word.lower() in names else int(word) if word.isdecimal() and len(word) < 4 else -1
        if not least <= value <= greatest:
            raise CronError(
                f"{text!r}: {word} is no {name}; it is {least} to {greatest}" + (f" or {names[0]} to {names[-1]}" if names else "")
            )
        return value

    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise CronError(f"{text!r}: {part!r} is no {name}; write *, a number, a range 1-5, a list 1,3 or a step */6")
        star, low, high, step = match.groups()
        start = least if star else number(low)
        # `5/15` goes on to the end, as `5-59/15` does; Sunday is not counted twice.
        end = number(high) if high else (6 if names is _DAYS else greatest) if star or step else start
        if end < start:
            raise CronError(f"{text!r}: the range {part} of the {name} ends before it begins")
        if step is not None and int(step) == 0:
            raise CronError(f"{text!r}: a step of 0 in the {name} leads nowhere")
        found.update(range(start, end + 1, int(step or 1)))
    return tuple(sorted(found))


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
