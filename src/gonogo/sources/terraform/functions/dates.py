"""Date and time functions that need no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from gonogo.sources.terraform.functions.base import STRING, Function
from gonogo.sources.terraform.values import TfError

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|([+-])(\d\d):(\d\d))\Z")
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _parse(text: str) -> datetime:
    match = _RFC3339.match(text)
    if match is None:
        raise TfError(f"{text!r} is not a valid RFC 3339 timestamp")
    year, month, day, hour, minute, second = (int(g) for g in match.groups()[:6])
    offset = timedelta()
    if match[9]:
        offset = timedelta(hours=int(match[10]), minutes=int(match[11])) * (-1 if match[9] == "-" else 1)
    try:
        micro = int(float(match[7] or 0) * 1_000_000)
        return datetime(year, month, day, hour, minute, second, micro, timezone(offset))
    except ValueError as error:
        raise TfError(f"{text!r} is not a valid RFC 3339 timestamp: {error}") from error


def _show(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + _offset(moment, ":", zulu="Z")


def _offset(moment: datetime, separator: str, zulu: str) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    if not minutes and zulu:
        return zulu
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{separator}{abs(minutes) % 60:02d}"


def _time_add(timestamp: str, duration: str) -> str:
    text = duration.removeprefix("-").removeprefix("+")
    parts = _DURATION.findall(text)
    if text != "0" and ("".join(a + b for a, b in parts) != text or not parts):
        raise TfError(f"{duration!r} is not a duration")
    seconds = sum(float(a) * _SECONDS[b] for a, b in parts)
    try:
        return _show(_parse(timestamp) + timedelta(seconds=-seconds if duration.startswith("-") else seconds))
    except OverflowError as error:
        raise TfError("timeadd() out of range") from error


def _time_compare(left: str, right: str) -> int:
    a, b = _parse(left), _parse(right)
    return (a > b) - (a < b)


def _format_date(spec: str, timestamp: str) -> str:
    moment = _parse(timestamp)
    out: list[str] = []
    i = 0
    while i < len(spec):
        character = spec[i]
        if character == "'":
            i += 1
            while i < len(spec):
                if spec[i] == "'":
                    if spec[i + 1 : i + 2] != "'":
                        break
                    i += 1
                out.append(spec[i])
                i += 1
            else:
                raise TfError("formatdate(): a quote that is not closed")
            i += 1
            continue
        run = re.match(re.escape(character) + "+", spec[i:])
        token = run[0] if run else character
        out.append(_date_part(token, moment) if character.isalpha() and character.isascii() else token)
        i += len(token)
    return "".join(out)


def _date_part(token: str, moment: datetime) -> str:
    hour12 = moment.hour % 12 or 12
    known = {
        "YYYY": f"{moment.year:04d}", "YY": f"{moment.year % 100:02d}",
        "MMMM": _MONTHS[moment.month - 1], "MMM": _MONTHS[moment.month - 1][:3], "MM": f"{moment.month:02d}", "M": str(moment.month),
        "DD": f"{moment.day:02d}", "D": str(moment.day), "EEEE": _DAYS[moment.weekday()], "EEE": _DAYS[moment.weekday()][:3],
        "hh": f"{moment.hour:02d}", "h": str(moment.hour), "HH": f"{hour12:02d}", "H": str(hour12),
        "AA": "AM" if moment.hour < 12 else "PM", "aa": "am" if moment.hour < 12 else "pm",
        "mm": f"{moment.minute:02d}", "m": str(moment.minute), "ss": f"{moment.second:02d}", "s": str(moment.second),
        "ZZZZZ": _offset(moment, ":", ""),
        "ZZZZ": _offset(moment, "", ""), "ZZZ": _offset(moment, "", "UTC"), "Z": _offset(moment, ":", "Z"),
    }  # fmt: skip
    if token not in known:
        raise TfError(f"formatdate(): {token!r} is not a format")
    return known[token]


DATE_FUNCTIONS: Mapping[str, Function] = {
    "formatdate": Function(_format_date, (STRING, STRING)),
    "timeadd": Function(_time_add, (STRING, STRING)),
    "timecmp": Function(_time_compare, (STRING, STRING)),
}
